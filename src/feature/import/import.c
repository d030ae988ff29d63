/* The operations of an import. */
#include "feature/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/app.h"
#include "core/batch.h"
#include "feature/import/imp_workbook.h"
#include "feature/import/import_run.h"
#include "feature/ops.h"
#include "feature/org/org.h"

enum { LINE_MAX = 1 << 20, PAGE_MAX = 200, PAGE_BYTES = 16 << 20 };

enum err job_import(struct ctx *c, struct job *j)
{
    struct import_spec s;
    enum err e = import_spec_read(c, j->row.input, &s);
    if (e)
        return e;
    struct import_files files = {import_upload_path(c, j->row.id).p,
        import_rows_path(c, j->row.id).p, import_report_path(c, j->row.id).p};
    if (str_eqz(s.phase, "once")) {
        files.rows = "/dev/null"; /* nobody looks at rows in between */
        return import_once_pass(c, j, &s, &files);
    }
    return str_eqz(s.phase, "apply") ? import_apply_pass(c, j, &s)
                                     : import_check_pass(c, j, &s, &files);
}

/* --- showing
 * -------------------------------------------------------------------------------------------- */

static bool rejected_rows(const struct jin *totals)
{
    return jin_int(jin_get(totals, "rejected"), 0) > 0;
}

static bool accepted_rows(const struct jin *totals)
{
    return jin_int(jin_get(totals, "created"), 0) +
               jin_int(jin_get(totals, "created_with_warning"), 0) +
               jin_int(jin_get(totals, "product_added"), 0) +
               jin_int(jin_get(totals, "updated"), 0) >
           0;
}

static struct str part(struct ctx *c, const struct jin *doc, const char *key)
{
    const struct jin *v = jin_get(doc, key);
    return jin_type(v) == JIN_NONE ? STR_NULL : keep(c, jin_text(v));
}

static void result_fill(struct ctx *c, const struct job_row *row, struct import_view *ret)
{
    const struct jin *doc = NULL;
    if (!row->result.n || jin_parse(row->result, 32, &doc))
        return;
    const struct jin *totals = jin_get(doc, "totals");
    ret->sheets = part(c, doc, "sheets");
    ret->totals = part(c, doc, "totals");
    ret->findings = part(c, doc, "findings");
    ret->applied = part(c, doc, "applied");
    bool blocked = str_eqz(ret->mode, "all") && rejected_rows(totals);
    ret->can_apply = str_eqz(row->state, "waiting") && accepted_rows(totals) && !blocked;
    jin_free(doc);
}

static enum err view_fill(struct ctx *c, const struct job_row *row, struct import_view *ret)
{
    struct import_spec s;
    enum err e = import_spec_read(c, row->input, &s);
    if (e)
        return e;
    ret->id = row->id;
    ret->state = row->state;
    ret->phase = str_eqz(row->state, "waiting") ? S("ready")
                 : str_eqz(row->state, "done")  ? S("done")
                                                : s.phase;
    ret->file = s.file;
    ret->kind = s.kind;
    ret->mode = s.mode;
    ret->rule = s.rule.n ? s.rule : S("skip");
    ret->org_name = s.org_name;
    ret->done = row->done;
    ret->total = row->total;
    ret->message = row->message;
    ret->overrides = (int64_t)s.overrides.n;
    result_fill(c, row, ret);
    return OK;
}

static enum err import_load(struct ctx *c, int64_t id, struct job_row *ret)
{
    enum err e = job_load(c, id, ret);
    if (!e && !str_eqz(ret->kind, "import"))
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    return e;
}

enum err op_import_get(struct ctx *c, const struct import_ref *in, struct import_view *ret)
{
    struct job_row row;
    enum err e = import_load(c, in->import, &row);
    return e ? e : view_fill(c, &row, ret);
}

enum err op_import_list(struct ctx *c, const struct none *in, struct import_list *ret)
{
    struct q q;
    struct vec rows = {0};
    (void)in;
    q_begin(&q, c->db, SQL_import_mine);
    q_int(&q, "account", c->actor.account);
    enum err e = q_all(&q, &job_row_desc, &rows, c->a);
    struct import_view *items = arena_new(c->a, struct import_view, rows.n + 1);
    if (e || !items)
        return db_fail(c, e ? e : ERR_NOMEM);
    for (size_t i = 0; !e && i < rows.n; i++) {
        desc_clear(&import_view_desc, &items[i]);
        e = view_fill(c, (struct job_row *)rows.p + i, &items[i]);
    }
    ret->items = (struct vec){items, rows.n};
    return e;
}

/* --- starting
 * ------------------------------------------------------------------------------------------- */

enum err import_county(struct ctx *c, int64_t id, struct import_spec *s)
{
    struct org_row org;
    enum err e = org_load(c, id, &org);
    if (e)
        return e;
    if (org.area.n != 6 || str_ends(org.area, S("00")))
        return fail(c, ERR_INVALID, "org", "台账按县（市、区）导入，请选择县级机构");
    s->org = org.id;
    s->org_name = org.name;
    s->org_path = org.path;
    s->county = org.area;
    return OK;
}

struct starting {
    struct import_spec spec;
    int64_t job;
};

static enum err start(struct ctx *c, void *arg)
{
    struct starting *s = arg;
    struct job_spec spec = {.kind = "import",
        .title = arena_fmt(c->a, "导入 %.*s", STR_ARG(s->spec.file)),
        .input = import_spec_json(c, &s->spec)};
    return job_create(c, &spec, &s->job);
}

/* A copy when the upload lies elsewhere (the command line): the original stays where it is. */
enum err import_take_file(struct ctx *c, const char *to)
{
    char block[1 << 16];
    size_t n = 1;
    if (c->source == SRC_WEB || c->source == SRC_API)
        return rename(c->file.path.p, to) ? fail(c, ERR_IO, "file", NULL) : OK;
    FILE *in = fopen(c->file.path.p, "rb"), *out = fopen(to, "wb");
    bool good = in && out;
    while (good && n > 0) {
        n = fread(block, 1, sizeof block, in);
        good = fwrite(block, 1, n, out) == n && !ferror(in);
    }
    if (in)
        fclose(in);
    good = out && fclose(out) == 0 && good;
    return good ? OK : fail(c, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
}

/* The job row is committed before the file has its name: the job is started only after both. */
enum err op_import_create(struct ctx *c, const struct import_new *in, struct import_view *ret)
{
    struct starting s = {.job = 0};
    struct job_row row;
    desc_clear(&import_spec_desc, &s.spec);
    s.spec.file = c->file.name.n ? c->file.name : S("台账");
    s.spec.kind = in->kind;
    s.spec.mode = in->mode;
    s.spec.rule = str_eqz(in->rule, "skip") ? STR_NULL : in->rule;
    s.spec.as_of = c->today;
    s.spec.phase = S("check");
    /* the county whose ledger it is: the one named, or the actor's own */
    enum err e = import_county(c, in->org != NULL_INT ? in->org : c->actor.org, &s.spec);
    if (!e)
        e = app_write(c->app, c, start, &s);
    if (!e)
        e = import_take_file(c, import_upload_path(c, s.job).p);
    if (e)
        return e;
    if (c->app->serving)
        job_kick(c->app, s.job);
    e = import_load(c, s.job, &row);
    return e ? e : view_fill(c, &row, ret);
}

/* --- the user's word
 * ---------------------------------------------------------------------------------------- */

struct again {
    int64_t job;
    struct import_spec spec;
    const char *event;
};

static enum err requeue(struct ctx *c, void *arg)
{
    struct again *a = arg;
    enum err e = job_requeue(c, a->job, import_spec_json(c, &a->spec));
    return e ? e : journal_event(c, 0, a->event, a->spec.file);
}

static enum err waiting(struct ctx *c, int64_t id, struct job_row *row, struct import_spec *s)
{
    enum err e = import_load(c, id, row);
    if (!e && !str_eqz(row->state, "waiting"))
        e = fail(c, ERR_STATE, NULL, "这次导入不在等待确认的状态，请刷新查看");
    return e ? e : import_spec_read(c, row->input, s);
}

static enum err go_on(struct ctx *c, struct again *a, struct import_view *ret)
{
    struct job_row row;
    enum err e = app_write(c->app, c, requeue, a);
    if (e)
        return e;
    if (c->app->serving)
        job_kick(c->app, a->job);
    e = import_load(c, a->job, &row);
    return e ? e : view_fill(c, &row, ret);
}

enum err op_import_apply(struct ctx *c, const struct import_apply *in, struct import_view *ret)
{
    struct job_row row;
    struct import_view now;
    struct again a = {.job = in->import, .event = "确认写入台账"};
    enum err e = waiting(c, in->import, &row, &a.spec);
    if (e)
        return e;
    if (in->mode.n)
        a.spec.mode = in->mode;
    desc_clear(&import_view_desc, &now);
    now.mode = a.spec.mode;
    result_fill(c, &row, &now);
    if (now.can_apply != 1)
        return fail(c, ERR_STATE, NULL,
            str_eqz(a.spec.mode, "all")
                ? "有行被拒绝，按“全部无误才导入”不能写入：请改好文件重新上传，或改为只导入好行"
                : "没有可以写入的行");
    a.spec.phase = S("apply");
    return go_on(c, &a, ret);
}

bool import_next_line(FILE *f, struct buf *line)
{
    int ch;
    buf_reset(line);
    while ((ch = getc_unlocked(f)) != EOF && ch != '\n')
        buf_addc(line, (char)ch);
    return line->n > 0 || ch == '\n';
}

static bool wanted_row(const struct jin *row, const struct import_suggest *in)
{
    if (in->row == NULL_INT)
        return true;
    bool same_sheet = !in->sheet.p || str_eq(jin_str(jin_get(row, "sheet")), in->sheet);
    return same_sheet && jin_int(jin_get(row, "row"), -1) == in->row;
}

static void add_override(struct ctx *c, struct import_spec *s, const struct import_override *o)
{
    struct import_override *to = arena_new(c->a, struct import_override, s->overrides.n + 1);
    if (!to)
        return;
    size_t n = 0;
    const struct import_override *from = s->overrides.p;
    for (size_t i = 0; i < s->overrides.n; i++)
        if (from[i].sheet != o->sheet || from[i].row != o->row || !str_eq(from[i].field, o->field))
            to[n++] = from[i];
    size_t at = n;
    while (at && (to[at - 1].sheet > o->sheet ||
                     (to[at - 1].sheet == o->sheet && to[at - 1].row > o->row))) {
        to[at] = to[at - 1];
        at--;
    }
    to[at] = *o;
    s->overrides = (struct vec){to, n + 1};
}

/* The suggestions of one row of the rows file, or the value the user typed instead. */
static int adopt(
    struct ctx *c, const struct jin *row, const struct import_suggest *in, struct import_spec *s)
{
    const struct jin *all = jin_get(row, "suggest"), *v;
    struct str key;
    int n = 0;
    struct import_override o = {
        .sheet = jin_int(jin_get(row, "sheet_no"), 0), .row = jin_int(jin_get(row, "row"), 0)};
    if (in->value.n && in->field.n) {
        o.field = in->field;
        o.value = in->value;
        add_override(c, s, &o);
        return 1;
    }
    for (size_t i = 0; jin_member(all, i, &key, &v); i++) {
        if (in->field.n && !str_eq(in->field, key))
            continue;
        o.field = keep(c, key);
        o.value = keep(c, jin_str(v));
        add_override(c, s, &o);
        n++;
    }
    return n;
}

static enum err adopt_all(
    struct ctx *c, const struct import_suggest *in, struct import_spec *s, int *ret_n)
{
    FILE *f = fopen(import_rows_path(c, in->import).p, "r");
    struct buf line;
    if (!f)
        return fail(c, ERR_NOT_FOUND, NULL, "找不到这次检查的逐行结果，请重新上传");
    buf_init(&line, LINE_MAX);
    while (import_next_line(f, &line)) {
        const struct jin *row = NULL;
        if (str_find(buf_str(&line), S("\"suggest\":{\"")) < 0 && in->row == NULL_INT)
            continue;
        if (jin_parse(buf_str(&line), 16, &row))
            continue;
        if (wanted_row(row, in))
            *ret_n += adopt(c, row, in, s);
        jin_free(row);
    }
    buf_free(&line);
    fclose(f);
    return OK;
}

enum err op_import_suggest(struct ctx *c, const struct import_suggest *in, struct import_view *ret)
{
    struct job_row row;
    struct again a = {.job = in->import, .event = "采纳导入建议"};
    int n = 0;
    enum err e = waiting(c, in->import, &row, &a.spec);
    if (!e)
        e = adopt_all(c, in, &a.spec, &n);
    if (e)
        return e;
    if (n == 0)
        return fail(c, ERR_INVALID, "row", "这一行没有可采纳的建议");
    a.spec.phase = S("check");
    return go_on(c, &a, ret);
}

/* --- conflicts of an update ------------------------------------------------------------------- */

enum { CHOICES_MAX = 20000 }; /* as import_spec holds */

/* A later word on the same field, or on the row, takes the earlier one's place. to has room. */
static void choose(struct vec *all, const struct import_override *o)
{
    struct import_override *to = all->p;
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        bool same = to[i].sheet == o->sheet && to[i].row == o->row;
        if (!same || !(str_eqz(o->field, "*") || str_eq(to[i].field, o->field)))
            to[n++] = to[i];
    }
    to[n++] = *o;
    all->n = n;
}

static enum err choose_all(
    struct ctx *c, const struct import_choose *in, struct import_spec *s, int *ret_n)
{
    struct import_suggest at = {.sheet = in->sheet, .row = in->row};
    FILE *f = fopen(import_rows_path(c, in->import).p, "r");
    struct buf line;
    struct import_override *to = arena_new(c->a, struct import_override, CHOICES_MAX + 1);
    struct vec all = {to, in->row == NULL_INT && !in->field.n ? 0 : s->choices.n};
    if (!f)
        return fail(c, ERR_NOT_FOUND, NULL, "找不到这次检查的逐行结果，请重新上传");
    if (!to) {
        fclose(f);
        return fail(c, ERR_NOMEM, NULL, NULL);
    }
    if (all.n)
        memcpy(to, s->choices.p, all.n * sizeof *to);
    buf_init(&line, LINE_MAX);
    while (import_next_line(f, &line)) {
        const struct jin *row = NULL;
        bool diffs = str_find(buf_str(&line), S("\"diffs\":[{")) >= 0;
        if (!diffs || jin_parse(buf_str(&line), 16, &row))
            continue;
        struct import_override o = {.sheet = jin_int(jin_get(row, "sheet_no"), 0),
            .row = jin_int(jin_get(row, "row"), 0),
            .field = in->field.n ? in->field : S("*"),
            .value = in->take};
        bool wanted = wanted_row(row, &at);
        jin_free(row);
        if (!wanted)
            continue;
        ++*ret_n;
        if (all.n == CHOICES_MAX)
            break;
        if (in->row == NULL_INT && !in->field.n)
            to[all.n++] = o;
        else
            choose(&all, &o);
    }
    s->choices = all;
    buf_free(&line);
    fclose(f);
    if (all.n == CHOICES_MAX)
        return fail(c, ERR_TOO_LARGE, NULL,
            "冲突太多，不能逐条确认：请改用空白不覆盖、以文件为准或以系统为准");
    return OK;
}

enum err op_import_choose(struct ctx *c, const struct import_choose *in, struct import_view *ret)
{
    struct job_row row;
    struct again a = {.job = in->import, .event = "确认导入冲突"};
    int n = 0;
    enum err e = waiting(c, in->import, &row, &a.spec);
    if (!e && !str_eqz(a.spec.rule, "ask"))
        e = fail(c, ERR_STATE, NULL, "这次导入没有选择逐条确认");
    if (!e)
        e = choose_all(c, in, &a.spec, &n);
    if (e)
        return e;
    if (n == 0)
        return fail(c, ERR_INVALID, "row", "这一行没有需要确认的项目");
    a.spec.phase = S("check");
    return go_on(c, &a, ret);
}

enum err op_import_cancel(struct ctx *c, const struct import_ref *in, struct none *ret)
{
    struct job_row row;
    struct q q;
    (void)ret;
    enum err e = import_load(c, in->import, &row);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_job_cancel);
    q_int(&q, "id", in->import);
    q_int(&q, "now", c->now);
    return db_fail(c, q_exec(&q));
}

/* --- rows and the annotated workbook
 * ---------------------------------------------------------------------------- */

static bool line_wanted(struct ctx *c, struct str line, const struct import_rows_ask *in)
{
    struct str rest = in->verdict;
    bool verdict = !rest.n;
    while (rest.n && !verdict) {
        struct str one = str_cut(rest, ',', &rest);
        verdict = str_find(line, arena_fmt(c->a, "\"verdict\":\"%.*s\"", STR_ARG(one))) >= 0;
    }
    if (!verdict || !in->code.n)
        return verdict;
    return str_find(line, arena_fmt(c->a, "\"code\":\"%.*s\"", STR_ARG(in->code))) >= 0;
}

enum err op_import_rows(struct ctx *c, const struct import_rows_ask *in, struct import_rows *ret)
{
    struct job_row row;
    struct buf line, items;
    enum err e = import_load(c, in->import, &row);
    if (e)
        return e;
    FILE *f = fopen(import_rows_path(c, in->import).p, "r");
    int64_t limit = in->limit != NULL_INT && in->limit > 0 ? in->limit : 50, n = 0, at = 0;
    buf_init(&line, LINE_MAX);
    buf_init(&items, PAGE_BYTES);
    buf_addc(&items, '[');
    while (f && n <= limit && import_next_line(f, &line)) {
        at++;
        if ((in->after != NULL_INT && at <= in->after) || !line_wanted(c, buf_str(&line), in))
            continue;
        if (n++ == limit) {
            ret->next = at - 1;
            break;
        }
        if (n > 1)
            buf_addc(&items, ',');
        buf_add(&items, buf_str(&line));
    }
    buf_addc(&items, ']');
    if (f)
        fclose(f);
    ret->items = keep(c, buf_str(&items));
    buf_free(&items);
    buf_free(&line);
    return OK;
}

static enum err book_sheet(void *arg, const struct imp_sheet *s)
{
    return imp_workbook_sheet(arg, s);
}

static enum err book_row(void *arg, const struct imp_row *r)
{
    return imp_workbook_row(arg, r);
}

enum err import_book_write(struct ctx *c, int64_t job, const struct import_spec *s, const char *to)
{
    struct import_pass p;
    struct imp_workbook *b = NULL;
    enum err e = import_open(c, s, import_upload_path(c, job).p, &p);
    if (!str_eqz(s->phase, "check"))
        p.job.stored = NULL; /* written already: judged by itself, not as a duplicate of itself */
    if (!e)
        e = imp_workbook_open(to, p.job.rules, p.job.book, &b);
    if (!e) {
        struct imp_sink sink = {b, book_sheet, book_row};
        e = imp_workbook_close(b, import_go(&p, &sink));
    }
    import_close(&p);
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err op_import_workbook(struct ctx *c, const struct import_ref *in, struct none *ret)
{
    struct job_row row;
    struct import_spec s;
    (void)ret;
    enum err e = import_load(c, in->import, &row);
    if (!e)
        e = import_spec_read(c, row.input, &s);
    struct str path = job_file(c, in->import, c->rid.p ? c->rid.p : "book");
    if (!e)
        e = import_book_write(c, in->import, &s, path.p);
    if (e)
        return e;
    c->reply.file_path = path;
    c->reply.file_delete = true;
    c->reply.file_type = S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    c->reply.file_name = arena_fmt(c->a, "批注_%.*s.xlsx", STR_ARG(s.file));
    return OK;
}
