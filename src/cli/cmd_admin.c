/* Commands about operations and people: call, user, invite, openapi, completion, help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/jsonin.h"
#include "cli/commands.h"
#include "core/openapi.h"
#include "feature/account/account.h"
#include "feature/ops.h"
#include "feature/setup/setup.h"

enum { OUT_MAX = 64 << 20, BODY_MAX = 4 << 20 };

const struct cli_command cli_commands[] = {
#define ROW(name, run, usage, options, help) {name, run, usage, options, help},
#include "cli/commands.def"
#undef ROW
    {NULL, NULL, NULL, NULL, NULL},
};

/* --- call ------------------------------------------------------------------------------------- */

static char *read_stdin(void)
{
    struct buf b;
    buf_init(&b, BODY_MAX);
    int ch;
    while ((ch = getchar()) != EOF)
        buf_addc(&b, (char)ch);
    return buf_z(&b) ? b.p : NULL;
}

int cmd_call(struct cli *k)
{
    struct buf out;
    if (k->nwords < 1)
        return cli_usage(k, "请写操作名，运行 zhian help ops 查看全部操作");
    k->words[k->nwords] = NULL;
    int code = cli_open(k, (struct cli_open_how){0});
    if (code)
        return code;
    const char *body = k->body && strcmp(k->body, "-") == 0 ? read_stdin() : k->body;
    struct cli_call call = {
        .op = k->words[0], .pairs = &k->words[1], .body = body, .file = k->file, .org = k->org};
    buf_init(&out, OUT_MAX);
    code = cli_call(k, &call, &out);
    if (!code)
        printf("%.*s\n", (int)out.n, out.p ? out.p : "");
    buf_free(&out);
    cli_close(k);
    return code;
}

/* --- user ------------------------------------------------------------------------------------- */

struct adding {
    struct cli *k;
    struct setup_account a;
    char password[20];
    struct str login;
    struct arena arena;
};

static enum err hash(struct ctx *c, void *arg)
{
    struct adding *x = arg;
    c->a = &x->arena;
    enum err e = login_read(c, "login", str_z(x->k->words[1]), &x->login);
    if (!e)
        e = checked(c);
    return e ? e : account_hash(c, str_z(x->password), &x->a.hash);
}

static int user_add(struct cli *k)
{
    struct adding x = {.k = k};
    enum { WEEK_MS = 7 * 86400000 };
    if (k->nwords < 2 || !k->role || !k->name)
        return cli_usage(k, "请写账号，并用 --name 和 --role 指定姓名和角色");
    if (!role_find(str_z(k->role)))
        return cli_fail(k, ERR_INVALID, "没有这个角色");
    arena_init(&x.arena, 1 << 20);
    cli_password(x.password);
    enum err e = app_read(k->app, hash, &x);
    x.a.login = x.login.p ? x.login.p : k->words[1];
    x.a.name = k->name;
    x.a.role = k->role;
    x.a.area = k->org ? str_z(k->org) : S("");
    x.a.must_change = true;
    x.a.expires = app_now(k->app) + WEEK_MS;
    if (!e)
        e = app_write(k->app, NULL, setup_account, &x.a);
    arena_free(&x.arena);
    if (e)
        return cli_fail(k, e, e == ERR_CONFLICT ? "账号已存在" : NULL);
    term_say(&k->term, TERM_GREEN, "账号 %s，一次性密码 %s（7 天内有效，首次登录须修改）",
        k->words[1], x.password);
    return EXIT_DONE;
}

int cmd_user(struct cli *k)
{
    const char *what = k->nwords ? k->words[0] : "";
    int code = cli_open(k, (struct cli_open_how){0});
    if (code)
        return code;
    if (strcmp(what, "add") == 0)
        code = user_add(k);
    else
        code = cli_usage(k, "user 后面要写 add；列出账号用 zhian list accounts");
    cli_close(k);
    return code;
}

/* --- invite ----------------------------------------------------------------------------------- */

int cmd_invite(struct cli *k)
{
    char person[200], post[40], firm[40];
    const char *const pairs[] = {person, post, firm, NULL};
    struct cli_call call = {.op = "invite_create", .pairs = pairs};
    const struct jin *doc = NULL;
    struct buf out;
    if (k->nwords < 1 || !k->firm || !k->post)
        return cli_usage(k, "请写姓名，并用 --firm 和 --post 指定单位和岗位");
    snprintf(person, sizeof person, "person=%s", k->words[0]);
    snprintf(post, sizeof post, "post=%s", k->post);
    snprintf(firm, sizeof firm, "firm=%s", k->firm);
    int code = cli_open(k, (struct cli_open_how){0});
    if (code)
        return code;
    buf_init(&out, OUT_MAX);
    code = cli_call(k, &call, &out);
    if (!code && k->json)
        printf("%.*s\n", (int)out.n, out.p);
    else if (!code && jin_parse(buf_str(&out), 16, &doc) == OK)
        term_say(&k->term, TERM_BOLD, "%.*s　%.*s　邀请码 %.*s（只显示这一次）",
            STR_ARG(jin_str(jin_get(doc, "firm_name"))),
            STR_ARG(jin_str(jin_get(doc, "post_label"))), STR_ARG(jin_str(jin_get(doc, "code"))));
    jin_free(doc);
    buf_free(&out);
    cli_close(k);
    return code;
}

/* --- openapi, completion, help ---------------------------------------------------------------- */

int cmd_openapi(struct cli *k)
{
    struct buf b;
    buf_init(&b, OUT_MAX);
    openapi_write(&feature_ops, &feature_kinds, &b);
    FILE *f = k->out ? fopen(k->out, "w") : stdout;
    bool good = f && !b.err && fwrite(b.p, 1, b.n, f) == b.n;
    if (f && k->out)
        good = fclose(f) == 0 && good;
    buf_free(&b);
    return good ? EXIT_DONE : cli_fail(k, ERR_IO, NULL);
}

int cmd_completion(struct cli *k)
{
    (void)k;
    printf("# 用法：source <(zhian completion bash)\n_zhian() {\n  local "
           "cur=${COMP_WORDS[COMP_CWORD]}\n"
           "  if [ \"$COMP_CWORD\" = 1 ]; then\n    COMPREPLY=($(compgen -W \"");
    for (const struct cli_command *c = cli_commands; c->name; c++)
        printf("%s ", c->name);
    printf("\" -- \"$cur\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n");
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        char words[400];
        snprintf(words, sizeof words, "%s", c->options);
        printf("    %s) COMPREPLY=($(compgen -f -W \"", c->name);
        for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
            for (char *p = w; *p; p++)
                *p = *p == '_' ? '-' : *p;
            printf("--%s ", w);
        }
        printf("--help\" -- \"$cur\")) ;;\n");
    }
    printf("  esac\n}\ncomplete -o default -F _zhian zhian\n");
    return EXIT_DONE;
}

static const char *option_help(const char *name)
{
    static const char *const rows[][2] = {
#define TEXT(name, help) {#name, help},
#define FLAG(name, help) {#name, help},
#include "cli/options.def"
#undef TEXT
#undef FLAG
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], name) == 0)
            return rows[i][1];
    return "";
}

static int help_command(const struct cli_command *c)
{
    char words[400];
    snprintf(words, sizeof words, "%s", c->options);
    printf("zhian %s %s\n  %s\n", c->name, c->usage, c->help);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
        const char *text = option_help(w);
        for (char *p = w; *p; p++)
            *p = *p == '_' ? '-' : *p;
        printf("    --%-16s %s\n", w, text);
    }
    return EXIT_DONE;
}

static int help_ops(struct cli *k)
{
    static const struct term_column cols[] = {{"op", "操作", false}, {"method", "方法", false},
        {"path", "路径", false}, {"help", "说明", false}};
    struct term_table *t = term_table_new(cols, 4);
    enum err e = t ? OK : ERR_NOMEM;
    for (size_t i = 0; !e && i < feature_ops.n; i++) {
        const struct op *o = &feature_ops.rows[i];
        struct str cells[] = {
            str_z(o->name), str_z(method_name(o->method)), str_z(o->path), str_z(o->help)};
        e = term_table_add(t, cells);
    }
    if (!e)
        term_table_print(&k->term, t);
    term_table_free(t);
    return e ? cli_fail(k, e, NULL) : EXIT_DONE;
}

static int help_exits(void)
{
    const char *text;
    int code;
    for (size_t i = 0; term_exit_at(i, &code, &text); i++)
        printf("%4d  %s\n", code, text);
    return EXIT_DONE;
}

int cmd_help(struct cli *k)
{
    const char *what = k->nwords ? k->words[0] : NULL;
    if (what && strcmp(what, "ops") == 0)
        return help_ops(k);
    if (what && strcmp(what, "exit") == 0)
        return help_exits();
    for (const struct cli_command *c = cli_commands; what && c->name; c++)
        if (strcmp(c->name, what) == 0)
            return help_command(c);
    printf("质安 zhian：工业产品质量安全主体责任信息平台\n\n");
    for (const struct cli_command *c = cli_commands; c->name; c++)
        printf("  %-11s %s\n", c->name, c->help);
    printf(
        "\nzhian help 命令 查看用法；zhian help ops 查看全部操作；zhian help exit 查看退出码。\n");
    return what ? EXIT_USAGE : EXIT_DONE;
}
