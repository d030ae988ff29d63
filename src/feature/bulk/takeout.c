/* Everything an authority may see of its ledger, in one ZIP: both printed forms, the people
 * (numbers masked), the hazards, the daily records month by month. A job: rows stream from the list
 * engine into a table and from there into the container, so memory does not grow with the ledger.
 */
#include <unistd.h>

#include "base/civil.h"
#include "core/app.h"
#include "core/crypto.h"
#include "core/masked.h"
#include "domain/dutyday.h"
#include "domain/idcard.h"
#include "feature/bulk/bulk.h"
#include "feature/ledger/ledger.h"
#include "feature/ops.h"
#include "render/table.h"
#include "render/zip_write.h"

enum { COLS = 40, PARTS = 5, TELL_ROWS = 500, MONTHS_MAX = 1200 };

enum err op_export_all(struct ctx *c, const struct none *in, struct none *ret)
{
    struct job_spec spec = {.kind = "export_all", .title = S("全部台账资料")};
    (void)in;
    (void)ret;
    enum err e = job_create(c, &spec, &c->reply.job);
    return e ? e : journal_event(c, 0, "导出全部资料", spec.title);
}

/* --- what goes out ---------------------------------------------------------------------------- */

#define COL(name_, type_, label_, codes_, expr_)                                                   \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = LC_DEFAULT, .label = (label_),                \
        .codes = (codes_), .expr = (expr_)                                                         \
    }

static const struct list_col people_cols[] = {
    COL(firm_name, STR, "单位名称", NULL, "f.name"),
    COL(uscc, STR, "统一社会信用代码", NULL, "f.uscc"),
    COL(org_name, STR, "属地机构", NULL, PART_list_org_name),
    COL(post, CODE, "岗位", "post", "r.post"),
    COL(name, STR, "姓名", NULL, "r.name"),
    {.name = "phone",
        .type = FT_STR,
        .flags = LC_DEFAULT | LC_MASKED,
        .label = "电话",
        .expr = "r.phone"},
    COL(from_day, DAY, "任职自", NULL, "r.from_day"),
    COL(to_day, DAY, "任职至", NULL, "r.to_day"),
    COL(doc_no, STR, "任命文件", NULL, "r.doc_no"),
};

static const struct list_col hazard_cols[] = {
    COL(firm_name, STR, "单位名称", NULL, "f.name"),
    COL(uscc, STR, "统一社会信用代码", NULL, "f.uscc"),
    COL(org_name, STR, "属地机构", NULL, PART_list_org_name),
    COL(found_day, DAY, "发现日期", NULL, "h.found_day"),
    COL(source, CODE, "来源", "hazard_source", "h.source"),
    COL(what, STR, "问题", NULL, "h.what"),
    COL(measure, STR, "防范措施", NULL, "h.measure"),
    COL(severity, CODE, "严重程度", "severity", "h.severity"),
    COL(state, CODE, "状态", "hazard_state", "h.state"),
    COL(fixer, STR, "谁来改", NULL, "h.fixer"),
    COL(due_day, DAY, "几号前改完", NULL, "h.due_day"),
    COL(fixed_day, DAY, "改完日期", NULL, "h.fixed_day"),
    COL(fix_note, STR, "整改情况", NULL, "h.fix_note"),
    COL(closed_day, DAY, "关闭日期", NULL, "h.closed_day"),
    COL(close_note, STR, "核实情况", NULL, "h.close_note"),
};

static const struct list_col daily_cols[] = {
    COL(firm_name, STR, "单位名称", NULL, "f.name"),
    COL(uscc, STR, "统一社会信用代码", NULL, "f.uscc"),
    COL(org_name, STR, "属地机构", NULL, PART_list_org_name),
    COL(day, DAY, "日期", NULL, "d.day"),
    COL(version, INT, "版本", NULL, "d.version"),
    COL(zero_risk, BOOL, "零风险报告", NULL, "d.zero_risk"),
    COL(problems, INT, "问题数", NULL, "d.problems"),
    COL(late, BOOL, "补录", NULL, "d.late"),
    COL(reason, STR, "理由", NULL, "d.reason"),
    COL(by_name, STR, "填报人", NULL, "d.by_name"),
    COL(at, TIME, "填报时间", NULL, "d.at"),
};

static struct str phone_masked(
    struct ctx *c, const struct list_col *col, int64_t id, struct str stored)
{
    struct crypto_place at = {"person", "phone", id};
    (void)col;
    return masked(c, &at, stored, phone_mask);
}

#define DEF(name_, cols_, from_, id_)                                                              \
    {                                                                                              \
        .name = (name_), .from = (from_), .id = (id_), .scope = "f.org_path",                      \
        .default_sort = "id", .cols = (cols_), .n = sizeof(cols_) / sizeof *(cols_),               \
        .mask = phone_masked                                                                       \
    }

static const struct list_def people_def = DEF("people", people_cols, PART_list_all_people, "r.id");
static const struct list_def hazard_def =
    DEF("hazards", hazard_cols, PART_list_all_hazards, "h.id");
static const struct list_def daily_def = DEF("daily", daily_cols, PART_list_all_daily, "d.id");

/* --- one file --------------------------------------------------------------------------------- */

struct taking {
    struct ctx *c;
    struct job *j;
    struct zip_out *zip;
    struct table_out *out;
    struct str part; /* path of the file in the making */
    int64_t step, rows, all;
    int64_t first, last; /* ids of a month */
    enum err e;
};

static bool row_out(void *arg, const struct list_cell *cells, size_t n)
{
    struct taking *x = arg;
    struct table_cell out[COLS];
    for (size_t i = 0; i < n; i++)
        out[i] = export_cell(&cells[i]);
    x->e = table_row(x->out, out, n);
    if (!x->e && ++x->rows % TELL_ROWS == 0)
        x->e = job_step(x->c, x->j, x->step, PARTS);
    return x->e == OK;
}

static enum err of_month(struct ctx *c, struct list_sql *s, void *arg)
{
    const struct taking *x = arg;
    (void)c;
    list_where(s, "d.id >= ");
    list_int(s, x->first);
    list_where(s, "d.id <= ");
    list_int(s, x->last);
    return OK;
}

static enum err table_out(struct taking *x, const struct list_def *d, bool month)
{
    struct table_col cols[COLS];
    struct list_query lq;
    desc_clear(&list_query_desc, &lq);
    struct list_run r = {.c = x->c, .def = d, .lq = &lq, .arg = x};
    r.extra = month ? of_month : NULL;
    for (size_t i = 0; i < d->n; i++)
        cols[i] = (struct table_col){.label = str_z(d->cols[i].label)};
    x->rows = 0;
    enum err e = table_open(TABLE_CSV, x->part.p, &x->out);
    if (e)
        return e;
    e = table_sheet(x->out, &(struct table_head){.sheet = S("1"), .cols = cols, .ncols = d->n});
    if (!e)
        e = list_each(&r, true, row_out, x);
    x->all += x->rows;
    return table_close(x->out, e ? e : x->e);
}

static enum err put(struct taking *x, const char *name, enum err so_far)
{
    enum err e = so_far ? so_far : zip_put(x->zip, name, x->part.p);
    (void)unlink(x->part.p);
    x->step++;
    if (!e)
        e = job_step(x->c, x->j, x->step < PARTS ? x->step : PARTS, PARTS);
    return e;
}

/* --- months ----------------------------------------------------------------------------------- */

static struct civil month_after(struct civil m)
{
    return m.month == 12 ? (struct civil){m.year + 1, 1, 1}
                         : (struct civil){m.year, m.month + 1, 1};
}

static enum err days(struct ctx *c, int64_t *ret_first, int64_t *ret_last)
{
    struct q q;
    *ret_first = *ret_last = NULL_INT;
    q_begin(&q, c->db, SQL_duty_days);
    if (q_row(&q)) {
        *ret_first = q_get_int(&q, 0);
        *ret_last = q_get_int(&q, 1);
    }
    return db_fail(c, q_end(&q));
}

static enum err months_out(struct taking *x)
{
    int64_t first, last;
    enum err e = days(x->c, &first, &last);
    if (e || last == NULL_INT)
        return e;
    struct civil m = civil_of(first);
    m.day = 1;
    for (int n = 0; !e && civil_day(m) <= last && n < MONTHS_MAX; n++, m = month_after(m)) {
        x->first = daily_id(civil_day(m), 0, 1);
        x->last = daily_id(civil_day(month_after(m)), 0, 1) - 1;
        struct str name = arena_fmt(x->c->a, "日管控记录/%04d-%02d.csv", m.year, m.month);
        e = table_out(x, &daily_def, true);
        if (!e && x->rows == 0)
            (void)unlink(x->part.p);
        else
            e = put(x, name.p, e);
    }
    return e;
}

static enum err form_out(struct taking *x, const char *form, struct str title, const char *name)
{
    int64_t firms, rows;
    struct ledger_form f = {.form = form,
        .version = NULL_INT,
        .org = x->c->actor.org ? x->c->actor.org : NULL_INT,
        .title = title,
        .path = x->part.p,
        .jc = x->c,
        .j = x->j,
        .total = NULL_INT};
    return put(x, name, ledger_form_write(x->c, &f, &firms, &rows));
}

static enum err everything(struct taking *x)
{
    enum err e =
        form_out(x, "att2", S("工业产品生产单位台账"), "工业产品生产单位台账（附件2）.xlsx");
    if (!e)
        e = form_out(x, "att3", S("工业产品销售单位台账"), "工业产品销售单位台账（附件3）.xlsx");
    if (!e)
        e = put(x, "责任人员（号码已隐去部分）.csv", table_out(x, &people_def, false));
    if (!e)
        e = put(x, "问题隐患.csv", table_out(x, &hazard_def, false));
    return e ? e : months_out(x);
}

enum err job_export_all(struct ctx *c, struct job *j)
{
    struct taking x = {.c = c, .j = j, .part = job_file(c, j->row.id, "part")};
    enum err e = zip_create(job_file(c, j->row.id, "zip").p, &x.zip);
    if (!e)
        e = zip_finish(x.zip, everything(&x));
    (void)unlink(x.part.p);
    j->result = arena_fmt(c->a, "{\"rows\":%lld}", (long long)x.all);
    return e ? fail(c, e, NULL, NULL) : OK;
}
