/* Reading arguments, opening stores, calling operations. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/call.h"
#include "core/session.h"
#include "feature/feature.h"
#include "feature/org/org.h"

struct option {
    const char *name;
    bool takes;
    size_t off;
    const char *help;
};

static const struct option options[] = {
#define TEXT(name, help) {#name, true, offsetof(struct cli, name), help},
#define FLAG(name, help) {#name, false, offsetof(struct cli, name), help},
#include "cli/options.def"
#undef TEXT
#undef FLAG
};

enum { OPTIONS = sizeof options / sizeof *options };

/* "--tls-cert" and "tls_cert" are the same option. */
static bool same_name(const char *word, size_t n, const char *name)
{
    if (strlen(name) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((word[i] == '-' ? '_' : word[i]) != name[i])
            return false;
    return true;
}

static const struct option *option_find(const char *word, size_t n)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (same_name(word, n, options[i].name))
            return &options[i];
    return NULL;
}

static const struct cli_command *command_find(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* Reads argv[*at] as an option; false (told) when it is unknown or lacks its value. */
static bool option_read(struct cli *k, int argc, char **argv, int *at)
{
    const char *word = argv[*at] + 2, *eq = strchr(word, '=');
    size_t n = eq ? (size_t)(eq - word) : strlen(word);
    const struct option *o = option_find(word, n);
    if (!o) {
        term_fail(&k->term, "没有选项 --%.*s，运行 zhian help 查看用法", (int)n, word);
        return false;
    }
    void *field = (char *)k + o->off;
    if (!o->takes) {
        *(bool *)field = true;
        return true;
    }
    const char *value = eq ? eq + 1 : *at + 1 < argc ? argv[++*at] : NULL;
    if (!value) {
        term_fail(&k->term, "选项 --%.*s 后面要有值：%s", (int)n, word, o->help);
        return false;
    }
    *(const char **)field = value;
    return true;
}

static bool read_args(struct cli *k, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
            if (!option_read(k, argc, argv, &i))
                return false;
        } else if (k->nwords < CLI_WORDS - 1) {
            k->words[k->nwords++] = argv[i];
        }
    }
    return true;
}

int cli_main(int argc, char **argv)
{
    struct cli k = {.nwords = 0};
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    term_init(&k.term, stdout, stderr, false);
    k.command = command_find(name);
    if (!k.command) {
        term_fail(&k.term, "没有命令 %s，运行 zhian help 查看全部命令", name);
        return EXIT_USAGE;
    }
    if (!read_args(&k, argc, argv))
        return EXIT_USAGE;
    term_init(&k.term, stdout, stderr, k.json);
    if (k.help) {
        k.words[0] = k.command->name;
        k.nwords = 1;
        k.command = command_find("help");
    }
    int code = k.command->run(&k);
    fflush(stdout);
    return ferror(stdout) ? EXIT_FAILED : code;
}

int cli_fail(struct cli *k, enum err e, const char *message)
{
    term_fail(&k->term, "%s", message && *message ? message : err_text(e));
    return term_exit_of(e);
}

void cli_password(char out[20])
{
    char token[15];
    rand_token(token, sizeof token);
    snprintf(out, 20, "Zh%.15s7!", token);
}

int cli_usage(struct cli *k, const char *message)
{
    term_fail(&k->term, "%s\n用法：zhian %s %s", message, k->command->name, k->command->usage);
    return EXIT_USAGE;
}

int cli_open(struct cli *k, struct cli_open_how how)
{
    char why[512];
    struct app_options o = {.dir = k->data ? k->data : "data",
        .db = k->db,
        .standby = how.serve ? k->standby : NULL,
        .read_only = how.read_only,
        .serve = how.serve,
        .why = why,
        .why_size = sizeof why};
    feature_options(&o);
    enum err e = app_open(&o, &k->app);
    return e ? cli_fail(k, e, why) : 0;
}

void cli_close(struct cli *k)
{
    app_close(k->app);
    k->app = NULL;
}

/* --- calling operations ----------------------------------------------------------------------- */

struct who {
    struct cli *k;
    const struct cli_call *call;
    struct actor actor;
    struct arena a; /* keeps the actor's texts */
    enum err e;
};

static enum err by_login(struct ctx *c, const char *login, struct actor *ret)
{
    struct q q;
    int64_t id = 0;
    q_begin(&q, c->db, SQL_account_id_of);
    q_str(&q, "login", str_z(login));
    enum err e = q_one_int(&q, &id);
    return e ? e : actor_load(c, id, ret);
}

/* The console inside one authority: its subtree and nothing else. */
static enum err within(struct ctx *c, const char *area, struct actor *ret)
{
    struct org_row org;
    enum err e = org_by_area(c, str_z(area), c->today, &org);
    if (e)
        return e;
    ret->org = org.id;
    ret->org_path = org.path;
    ret->org_name = org.name;
    ret->level = org.level;
    return OK;
}

static enum err find_who(struct ctx *c, void *arg)
{
    struct who *w = arg;
    c->a = &w->a;
    w->actor = actor_system(&w->a);
    enum err e = OK;
    if (w->k->as)
        e = by_login(c, w->k->as, &w->actor);
    else if (w->call->org)
        e = within(c, w->call->org, &w->actor);
    return e;
}

static bool in_path(const struct op *op, struct str name)
{
    struct str rest = str_z(op->path);
    while (rest.p) {
        struct str seg = str_cut(rest, '/', &rest);
        if (seg.n > 1 && seg.p[0] == ':' && str_eq(str_sub(seg, 1, seg.n), name))
            return true;
    }
    return false;
}

/* A word as JSON: numbers, booleans and lists by the field's type, else text. */
static void word_json(const struct field *f, struct str v, struct jw *w)
{
    switch (f->type) {
    case FT_INT:
    case FT_MONEY:
    case FT_JSON:
    case FT_LIST:
        jw_raw(w, v);
        return;
    case FT_BOOL:
        jw_bool(w, str_eqz(v, "true") || str_eqz(v, "1") || str_eqz(v, "是"));
        return;
    case FT_CODES:
        jw_arr(w);
        while (v.n)
            jw_str(w, str_cut(v, ',', &v));
        jw_end_arr(w);
        return;
    default:
        jw_str(w, v);
    }
}

struct words {
    struct request req;
    struct pair query[CLI_WORDS];
    struct buf body;
};

static void path_vals(const struct op *op, const char *const *pairs, struct request *req)
{
    struct str rest = str_z(op->path);
    int n = 0;
    while (rest.p) {
        struct str seg = str_cut(rest, '/', &rest);
        if (seg.n < 2 || seg.p[0] != ':')
            continue;
        for (const char *const *p = pairs; p && *p; p++) {
            struct str value, name = str_cut(str_z(*p), '=', &value);
            if (str_eq(name, str_sub(seg, 1, seg.n)))
                req->path_vals[n] = value;
        }
        n++;
    }
}

static void words_read(const struct op *op, const char *const *pairs, struct words *w)
{
    struct jw j;
    buf_init(&w->body, 1 << 20);
    jw_init(&j, &w->body);
    jw_obj(&j);
    for (const char *const *p = pairs; p && *p; p++) {
        struct str value, name = str_cut(str_z(*p), '=', &value);
        int i = desc_find(op->in, name);
        bool query = op->method == GET || i < 0 || op->in->fields[i].flags & F_QUERY;
        if (in_path(op, name))
            continue;
        if (query && w->req.query_n < CLI_WORDS) {
            w->query[w->req.query_n++] = (struct pair){name, value};
        } else if (i >= 0) {
            jw_key_str(&j, name);
            word_json(&op->in->fields[i], value, &j);
        }
    }
    jw_end_obj(&j);
    w->req.query = w->query;
    path_vals(op, pairs, &w->req);
}

static void set_file(struct words *w, const char *path)
{
    const char *slash = strrchr(path, '/');
    FILE *f = fopen(path, "rb");
    w->req.file.path = str_z(path);
    w->req.file.name = str_z(slash ? slash + 1 : path);
    if (!f)
        return;
    fseek(f, 0, SEEK_END);
    w->req.file.size = ftell(f);
    fclose(f);
}

static int answer(struct cli *k, struct call *call, struct buf *out)
{
    const struct answer *r = call_answer(call);
    buf_reset(out);
    if (r->file_path.p)
        buf_add(out, r->file_path);
    else
        buf_add(out, r->body);
    if (!r->err)
        return out->err ? cli_fail(k, out->err, NULL) : 0;
    if (k->json)
        fprintf(stderr, "%.*s\n", STR_ARG(r->body));
    else
        term_fail(&k->term, "%.*s", STR_ARG(r->body));
    return term_exit_of(r->err);
}

static int run_call(
    struct cli *k, const struct op *op, struct words *w, const struct who *who, struct buf *out)
{
    struct db_conn *db;
    w->req.op = op;
    w->req.source = SRC_CLI;
    enum err e = db_connect(k->app->db, DB_READ, &db);
    if (e)
        return cli_fail(k, e, NULL);
    struct call *call = call_new(k->app, &w->req);
    if (!call) {
        db_disconnect(db);
        return cli_fail(k, ERR_NOMEM, NULL);
    }
    call_as(call, &who->actor);
    call_run(call, db);
    int code = answer(k, call, out);
    call_free(call);
    db_disconnect(db);
    return code;
}

int cli_call(struct cli *k, const struct cli_call *call, struct buf *out)
{
    const struct op *op = op_find(&k->app->ops, str_z(call->op));
    struct who who = {.k = k, .call = call};
    struct words w = {.req = {.query_n = 0}};
    if (!op)
        return cli_fail(k, ERR_NOT_FOUND, "没有这个操作，运行 zhian help ops 查看全部操作");
    arena_init(&who.a, 1 << 20);
    enum err e = app_read(k->app, find_who, &who);
    if (e) {
        arena_free(&who.a);
        return cli_fail(k, e, k->as ? "没有这个账号，或账号没有启用" : "这个区划没有机构");
    }
    words_read(op, call->pairs, &w);
    w.req.body = call->body ? str_z(call->body) : buf_str(&w.body);
    if (call->file)
        set_file(&w, call->file);
    int code = run_call(k, op, &w, &who, out);
    buf_free(&w.body);
    arena_free(&who.a);
    return code;
}
