/* Commands about the ledger: import, export, list, generate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/jsonin.h"
#include "cli/commands.h"
#include "cli/copy.h"
#include "core/job.h"
#include "domain/dutyday.h"
#include "feature/import/import.h"
#include "feature/org/org.h"
#include "feature/setup/setup.h"

enum { OUT_MAX = 64 << 20, WORD_MAX = 400 };

static void on_progress(void *arg, int64_t done, int64_t total)
{
    term_progress_at(arg, done, total);
}

/* Runs a job here and tells its end; *ret_row is valid while a lives. */
struct job_look {
    int64_t id;
    struct job_row row;
    struct arena a;
};

static enum err look(struct ctx *c, void *arg)
{
    struct job_look *l = arg;
    c->a = &l->a;
    return job_load(c, l->id, &l->row);
}

static int run_job(struct cli *k, struct job_look *l, const char *what, const char *unit)
{
    struct term_progress bar;
    arena_init(&l->a, OUT_MAX);
    term_progress_begin(&bar, &k->term, what, unit, 0);
    enum err e = job_run_here(k->app, l->id, on_progress, &bar);
    enum err seen = app_read(k->app, look, l);
    if (e || seen)
        return cli_fail(k, e ? e : seen, seen ? NULL : l->row.message.p);
    return 0;
}

static int64_t int_of(const struct jin *doc, const char *key)
{
    return jin_int(jin_get(doc, key), 0);
}

/* Parses the body an operation answered; NULL (told) when it is no JSON. */
static const struct jin *parsed(struct cli *k, struct str text)
{
    const struct jin *doc = NULL;
    if (jin_parse(text, 64, &doc))
        term_fail(&k->term, "读不懂程序的回答");
    return doc;
}

static int64_t id_in(struct cli *k, struct str text, const char *key)
{
    const struct jin *doc = parsed(k, text);
    int64_t id = int_of(doc, key);
    jin_free(doc);
    return id;
}

/* --- import
 * ------------------------------------------------------------------------------------------ */

static int copy_out(struct cli *k, const char *from, const char *to)
{
    char block[1 << 16];
    size_t n = 1;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    bool good = in && out;
    while (good && n > 0) {
        n = fread(block, 1, sizeof block, in);
        good = fwrite(block, 1, n, out) == n && !ferror(in);
    }
    if (in)
        fclose(in);
    good = out && fclose(out) == 0 && good;
    return good ? 0 : cli_fail(k, ERR_IO, "写不了输出文件");
}

static void tell_sheets(struct cli *k, const struct jin *doc)
{
    const struct jin *sheets = jin_get(doc, "sheets");
    for (size_t i = 0; i < jin_len(sheets); i++) {
        const struct jin *s = jin_at(sheets, i);
        struct str why = jin_str(jin_get(s, "why")), v = jin_str(jin_get(s, "verdict"));
        const char *word = str_eqz(v, "imported")  ? "导入"
                           : str_eqz(v, "ignored") ? "忽略"
                                                   : "不导入（缺少必需的列）";
        term_say(&k->term, TERM_NORMAL, "工作表“%.*s”：%s%s%.*s",
            STR_ARG(jin_str(jin_get(s, "name"))), word, why.n ? "，" : "", STR_ARG(why));
    }
}

static void tell_totals(struct cli *k, const struct jin *doc, bool check)
{
    const struct jin *t = jin_get(doc, "totals"), *a = jin_get(doc, "applied");
    term_say(&k->term, TERM_BOLD,
        "新增 %lld，新增(有警告) %lld，增加产品 %lld，重复 %lld，拒绝 %lld，忽略 %lld",
        (long long)int_of(t, "created"), (long long)int_of(t, "created_with_warning"),
        (long long)int_of(t, "product_added"), (long long)int_of(t, "duplicate"),
        (long long)int_of(t, "rejected"), (long long)int_of(t, "ignored"));
    if (check)
        term_say(&k->term, TERM_NORMAL, "只检查，没有写入。");
    else
        term_say(&k->term, TERM_GREEN, "已写入：单位 %lld 家，产品 %lld 条",
            (long long)int_of(a, "created"), (long long)int_of(a, "products"));
}

struct finish {
    struct cli *k;
    int64_t id;
    bool once; /* checked and written in one reading */
    struct import_spec spec;
    struct str workbook;
};

static enum err make_book(struct ctx *c, void *arg)
{
    struct finish *f = arg;
    struct job_row row;
    struct import_spec s;
    enum err e = job_load(c, f->id, &row);
    if (!e)
        e = import_spec_read(c, row.input, &s);
    return e ? e : import_book_write(c, f->id, &s, f->k->workbook);
}

static enum err queue_phase(struct ctx *c, struct finish *f, struct str phase)
{
    struct job_row row;
    struct import_spec s;
    enum err e = job_load(c, f->id, &row);
    if (!e)
        e = import_spec_read(c, row.input, &s);
    if (e)
        return e;
    s.phase = phase;
    return job_requeue(c, f->id, import_spec_json(c, &s));
}

static enum err queue_apply(struct ctx *c, void *arg)
{
    return queue_phase(c, arg, S("apply"));
}

static enum err queue_once(struct ctx *c, void *arg)
{
    return queue_phase(c, arg, S("once"));
}

static int report_out(struct cli *k, int64_t id)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/jobs/%lld.report.json", k->app->dir, (long long)id);
    return copy_out(k, path, k->report);
}

static bool may_apply(struct cli *k, const struct jin *doc)
{
    const struct jin *t = jin_get(doc, "totals");
    bool all = k->mode && strcmp(k->mode, "all") == 0;
    return !(all && int_of(t, "rejected") > 0);
}

static int import_finish(struct cli *k, struct finish *f, struct job_look *l)
{
    const struct jin *doc = parsed(k, l->row.result);
    int code = k->report ? report_out(k, f->id) : 0;
    bool may = may_apply(k, doc), apply = may && !f->once;
    if (!k->json)
        tell_sheets(k, doc);
    if (!code && k->workbook && app_read(k->app, make_book, f))
        code = cli_fail(k, ERR_IO, "写不了带批注的工作簿");
    if (!code && apply && app_write(k->app, NULL, queue_apply, f))
        code = cli_fail(k, ERR_DB, NULL);
    if (!code && apply)
        code = run_job(k, l, "写入", "字节");
    if (!code && apply) {
        jin_free(doc);
        doc = parsed(k, l->row.result);
    }
    if (!code && k->json)
        printf("%.*s\n", STR_ARG(l->row.result));
    else if (!code)
        tell_totals(k, doc, !may);
    if (!code && !may)
        code = cli_fail(k, ERR_INVALID, "有行被拒绝，按“全部无误才写入”没有写入");
    jin_free(doc);
    return code;
}

static int import_run(struct cli *k, const char *file)
{
    char kind[80], mode[40];
    const char *const pairs[] = {kind, mode, NULL};
    struct cli_call call = {.op = "import_create", .pairs = pairs, .file = file, .org = k->org};
    struct buf out;
    snprintf(kind, sizeof kind, "kind=%s", k->kind);
    snprintf(mode, sizeof mode, "mode=%s", k->mode ? k->mode : "good");
    buf_init(&out, OUT_MAX);
    int code = cli_call(k, &call, &out);
    /* Nothing to be looked at in between: check and write together. */
    struct finish f = {.k = k, .once = !k->workbook && strcmp(mode, "mode=good") == 0};
    struct job_look l = {.id = 0};
    if (!code)
        f.id = l.id = id_in(k, buf_str(&out), "id");
    buf_free(&out);
    if (!code && f.once && app_write(k->app, NULL, queue_once, &f))
        code = cli_fail(k, ERR_DB, NULL);
    if (!code)
        code = run_job(k, &l, f.once ? "导入" : "检查", "字节");
    if (!code)
        code = import_finish(k, &f, &l);
    arena_free(&l.a);
    return code;
}

/* --- import --check: the same pass on a store opened read-only; nothing is left behind
 * ------------- */

struct check_run {
    struct cli *k;
    const char *file;
    struct term_progress bar;
    struct buf result;
    struct str message;
    struct arena a;
};

static enum err check_only(struct ctx *c, void *arg)
{
    struct check_run *r = arg;
    const char *slash = strrchr(r->file, '/');
    struct job j = {.progress = on_progress, .progress_arg = &r->bar};
    struct import_files files = {r->file, "/dev/null", r->k->report ? r->k->report : "/dev/null"};
    struct import_spec s;
    struct org_row org;
    desc_clear(&import_spec_desc, &s);
    s.file = str_z(slash ? slash + 1 : r->file);
    s.kind = str_z(r->k->kind);
    s.mode = S("good");
    s.as_of = c->today;
    s.phase = S("check");
    enum err e = org_by_area(c, str_z(r->k->org), c->today, &org);
    if (!e)
        e = import_county(c, org.id, &s);
    if (!e)
        e = import_check_pass(c, &j, &s, &files);
    r->message = arena_str(&r->a, c->err_message);
    buf_add(&r->result, j.result);
    return e;
}

static int import_check(struct cli *k, const char *file)
{
    struct check_run r = {.k = k, .file = file};
    arena_init(&r.a, 1 << 20);
    buf_init(&r.result, OUT_MAX);
    term_progress_begin(&r.bar, &k->term, "检查", "字节", 0);
    enum err e = app_read(k->app, check_only, &r);
    int code = e ? cli_fail(k, e, r.message.p) : 0;
    const struct jin *doc = code ? NULL : parsed(k, buf_str(&r.result));
    if (!code && k->json)
        printf("%.*s\n", (int)r.result.n, r.result.p);
    else if (!code) {
        tell_sheets(k, doc);
        tell_totals(k, doc, true);
    }
    jin_free(doc);
    buf_free(&r.result);
    arena_free(&r.a);
    return code;
}

int cmd_import(struct cli *k)
{
    if (k->nwords < 2 || strcmp(k->words[0], "ledger") != 0)
        return cli_usage(k, "请写：zhian import ledger 文件");
    if (!k->kind || !k->org)
        return cli_usage(k, "请用 --kind 指定台账、--org 指定县的区划代码");
    if (strcmp(k->kind, "production") != 0 && strcmp(k->kind, "sales") != 0)
        return cli_usage(k, "--kind 应为 production（生产）或 sales（销售）");
    if (access(k->words[1], R_OK) != 0)
        return cli_fail(k, ERR_NOT_FOUND, "找不到这个文件，或没有权限读取，请检查文件名");
    int code = cli_open(k, (struct cli_open_how){.read_only = k->check});
    if (code)
        return code;
    code = k->check ? import_check(k, k->words[1]) : import_run(k, k->words[1]);
    cli_close(k);
    return code;
}

/* --- export
 * ------------------------------------------------------------------------------------------- */

static int export_run(struct cli *k)
{
    char form[40], format[40], q[WORD_MAX], columns[1100], sort[80];
    const char *pairs[8] = {form, format};
    int n = 2;
    struct buf out;
    bool csv = k->format ? strcmp(k->format, "csv") == 0
                         : strlen(k->out) > 4 && strcmp(k->out + strlen(k->out) - 4, ".csv") == 0;
    snprintf(form, sizeof form, "form=%s", k->form ? k->form : "att2");
    snprintf(format, sizeof format, "format=%s", csv ? "csv" : "xlsx");
    if (k->q)
        pairs[n++] = q, snprintf(q, sizeof q, "q=%s", k->q);
    if (k->columns)
        pairs[n++] = columns, snprintf(columns, sizeof columns, "columns=%s", k->columns);
    if (k->sort)
        pairs[n++] = sort, snprintf(sort, sizeof sort, "sort=%s", k->sort);
    struct cli_call call = {.op = "firm_export", .pairs = pairs, .org = k->org};
    buf_init(&out, OUT_MAX);
    int code = cli_call(k, &call, &out);
    struct job_look l = {.id = code ? 0 : id_in(k, buf_str(&out), "job")};
    buf_free(&out);
    if (!code)
        code = run_job(k, &l, "导出", "行");
    if (!code) {
        char path[4300];
        snprintf(path, sizeof path, "%s/jobs/%lld.%s", k->app->dir, (long long)l.id,
            csv ? "csv" : "xlsx");
        code = copy_out(k, path, k->out);
        remove(path);
    }
    if (!code && k->json)
        printf("%.*s\n", STR_ARG(l.row.result));
    else if (!code)
        term_say(&k->term, TERM_GREEN, "已导出到 %s（%lld 行）", k->out,
            (long long)id_in(k, l.row.result, "rows"));
    arena_free(&l.a);
    return code;
}

int cmd_export(struct cli *k)
{
    if (k->nwords < 1 || strcmp(k->words[0], "ledger") != 0 || !k->out)
        return cli_usage(k, "请写：zhian export ledger --out 文件");
    int code = cli_open(k, (struct cli_open_how){0});
    if (code)
        return code;
    code = export_run(k);
    cli_close(k);
    return code;
}

/* --- list
 * --------------------------------------------------------------------------------------------- */

enum { TABLE_COLS = 40 };

static struct str cell_text(const struct jin *v, struct buf *b)
{
    switch (jin_type(v)) {
    case JIN_NONE:
    case JIN_NULL:
        return STR_NULL;
    case JIN_STR:
        return jin_str(v);
    case JIN_BOOL:
        return jin_bool(v, false) ? S("是") : S("否");
    default:
        buf_reset(b);
        buf_add(b, jin_text(v));
        return buf_str(b);
    }
}

/* The label of a column in the answer's description, else its name. */
static const char *label_of(const struct jin *columns, const char *name)
{
    for (size_t i = 0; i < jin_len(columns); i++)
        if (str_eqz(jin_str(jin_get(jin_at(columns, i), "name")), name))
            return jin_str(jin_get(jin_at(columns, i), "label")).p;
    return name;
}

static int print_table(struct cli *k, const struct jin *doc)
{
    const struct jin *items = jin_get(doc, "items"), *v;
    struct term_column cols[TABLE_COLS];
    struct buf bufs[TABLE_COLS];
    struct str key, cells[TABLE_COLS];
    size_t n = 0;
    for (; n < TABLE_COLS && jin_member(jin_at(items, 0), n, &key, &v); n++) {
        cols[n] = (struct term_column){key.p, label_of(jin_get(doc, "columns"), key.p),
            jin_type(v) == JIN_INT || jin_type(v) == JIN_NUM};
        buf_init(&bufs[n], 64 << 10);
    }
    struct term_table *t = term_table_new(cols, n);
    enum err e = t ? OK : ERR_NOMEM;
    for (size_t i = 0; !e && i < jin_len(items); i++) {
        for (size_t j = 0; j < n; j++)
            cells[j] = cell_text(jin_get(jin_at(items, i), cols[j].name), &bufs[j]);
        e = term_table_add(t, cells);
    }
    if (!e && n)
        term_table_print(&k->term, t);
    if (!n)
        term_say(&k->term, TERM_DIM, "没有记录");
    term_table_free(t);
    for (size_t j = 0; j < n; j++)
        buf_free(&bufs[j]);
    return e ? cli_fail(k, e, NULL) : 0;
}

static void print_json(const struct jin *doc)
{
    const struct jin *items = jin_get(doc, "items");
    for (size_t i = 0; i < jin_len(items); i++)
        printf("%s\n", jin_text(jin_at(items, i)).p);
}

static const char *list_op(const char *noun)
{
    static const char *const ops[][2] = {{"firms", "firm_list"}, {"hazards", "hazard_list"},
        {"accounts", "account_list"}, {"grade-changes", "grade_change_list"},
        {"board", "board_get"}, {"orgs", "org_list"}, {"templates", "template_list"}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i][0], noun) == 0)
            return ops[i][1];
    return NULL;
}

/* A positive number as typed; *ret_n keeps its value when text is NULL. */
static bool number_of(const char *text, int64_t *ret_n)
{
    return !text || (str_int(str_z(text), ret_n) && *ret_n > 0);
}

/* Pages are fetched until the wanted number of rows is there. */
static int list_pages(struct cli *k, const char *op)
{
    static char words[5][1200];
    const char *pairs[CLI_WORDS + 6];
    int64_t wanted = k->json ? INT64_MAX : 50;
    char cursor[500] = "";
    bool paged =
        strstr(op, "_list") && strcmp(op, "org_list") != 0 && strcmp(op, "template_list") != 0;
    int code = 0;
    if (k->limit && !number_of(k->limit, &wanted))
        return cli_usage(k, "--limit 应为正整数");
    do {
        struct buf out;
        int n = 0;
        if (paged)
            snprintf(
                words[0], sizeof words[0], "limit=%lld", (long long)(wanted < 200 ? wanted : 200)),
                pairs[n++] = words[0];
        if (k->q)
            snprintf(words[1], sizeof words[1], "q=%s", k->q), pairs[n++] = words[1];
        if (k->columns)
            snprintf(words[2], sizeof words[2], "columns=%s", k->columns), pairs[n++] = words[2];
        if (k->sort)
            snprintf(words[3], sizeof words[3], "sort=%s", k->sort), pairs[n++] = words[3];
        if (cursor[0])
            snprintf(words[4], sizeof words[4], "cursor=%s", cursor), pairs[n++] = words[4];
        for (int i = 1; i < k->nwords; i++)
            pairs[n++] = k->words[i];
        pairs[n] = NULL;
        cursor[0] = 0;
        struct cli_call call = {.op = op, .pairs = pairs, .org = k->org};
        buf_init(&out, OUT_MAX);
        code = cli_call(k, &call, &out);
        const struct jin *doc = code ? NULL : parsed(k, buf_str(&out));
        if (!code && k->json)
            print_json(doc);
        else if (!code)
            code = print_table(k, doc);
        wanted -= (int64_t)jin_len(jin_get(doc, "items"));
        struct str next = jin_str(jin_get(doc, "next"));
        snprintf(cursor, sizeof cursor, "%.*s", STR_ARG(next.p ? next : S("")));
        jin_free(doc);
        buf_free(&out);
    } while (!code && cursor[0] && wanted > 0);
    return code;
}

int cmd_list(struct cli *k)
{
    const char *op = k->nwords ? list_op(k->words[0]) : NULL;
    if (!op)
        return cli_usage(
            k, "请写要列出的内容：firms、hazards、accounts、grade-changes、orgs、templates、board");
    int code = cli_open(k, (struct cli_open_how){.read_only = true});
    if (code)
        return code;
    code = list_pages(k, op);
    cli_close(k);
    return code;
}

/* --- generate
 * --------------------------------------------------------------------------------------------- */

static void gen_progress(void *arg, const char *what, int64_t done, int64_t total)
{
    struct term_progress *bar = arg;
    if (bar->what != what) {
        struct term *t = bar->t;
        term_progress_begin(bar, t, what, what, total);
    }
    term_progress_at(bar, done, total);
}

int cmd_generate(struct cli *k)
{
    struct term_progress bar = {.t = &k->term, .what = ""};
    int64_t firms = 0, days = 1, seed = 1;
    if (!k->firms)
        return cli_usage(k, "请用 --firms 指定单位数");
    if (!number_of(k->firms, &firms) || !number_of(k->days, &days) || !number_of(k->seed, &seed))
        return cli_usage(k, "--firms、--days、--seed 应为正整数");
    int code = cli_open(k, (struct cli_open_how){0});
    if (code)
        return code;
    int64_t most = civil_today(app_now(k->app)) - DUTY_FIRST_DAY + 1;
    if (days > most) {
        cli_close(k);
        return cli_usage(k, "--days 太大：记录从 2023-05-05 开始，到今天还没有这么多天");
    }
    bool real = !k->app->demo && !k->app->test;
    struct generate_spec g = {.firms = firms,
        .days = days,
        .seed = (uint64_t)seed,
        .area = k->org,
        .progress = gen_progress,
        .arg = &bar};
    enum err e = real ? ERR_FORBIDDEN : setup_generate(k->app, &g);
    cli_close(k);
    if (real)
        return cli_fail(k, e, "只能在演示库或测试库里生成编造的数据");
    if (e)
        return cli_fail(k, e, NULL);
    term_say(&k->term, TERM_GREEN, "已生成 %lld 家单位、%lld 天记录", (long long)g.firms,
        (long long)g.days);
    return EXIT_DONE;
}
