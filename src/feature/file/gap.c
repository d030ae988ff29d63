/* Posts that stand empty, as a list and in numbers (R-011, R-014…R-016): kept beside the firms by
 * ledger/firm_gap.c, so neither looks at every firm. */
#include "core/app.h"
#include "feature/file/file_impl.h"
#include "feature/ops.h"

#define COL(name_, type_, flags_, label_, codes_)                                                  \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "g." #name_                                                     \
    }
#define OF_FIRM(name_, type_, flags_, label_, codes_)                                              \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "f." #name_                                                     \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER };

static const struct list_col cols[] = {
    COL(id, INT, LC_ALWAYS | LC_SORT, "编号", NULL),
    COL(firm, INT, LC_ALWAYS | FILTER, "单位", NULL),
    {.name = "firm_name", .type = FT_STR, .flags = SHOW, .label = "单位名称", .expr = "f.name"},
    COL(code, CODE, SHOW | FILTER, "缺口", "post_gap"),
    COL(since, DAY, SHOW | FILTER, "自", NULL),
    {.name = "firm_org",
        .type = FT_STR,
        .flags = SHOW,
        .label = "属地机构",
        .expr = PART_list_org_name},
    OF_FIRM(grade, CODE, SHOW | FILTER, "级别", "grade"),
    OF_FIRM(kind, CODE, FILTER, "单位类别", "firm_kind"),
    OF_FIRM(director_why, STR, SHOW, "配备依据", NULL),
    OF_FIRM(supervisor, STR, SHOW, "监管责任人", NULL),
    OF_FIRM(uscc, STR, 0, "统一社会信用代码", NULL),
};

static enum err counts_at(struct ctx *c, struct str path, struct gap_count_row *ret)
{
    struct q q;
    ret->principal = ret->director = ret->officer = ret->same_person = 0;
    q_begin(&q, c->db, SQL_post_gap_count_of);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    if (q_row(&q)) {
        ret->principal = q_get_int(&q, 0);
        ret->director = q_get_int(&q, 1);
        ret->officer = q_get_int(&q, 2);
        ret->same_person = q_get_int(&q, 3);
    }
    return db_fail(c, q_end(&q));
}

/* The counters know all gaps, and those of one kind. */
static int64_t gap_total(struct ctx *c, struct str path, const struct list_query *lq)
{
    struct gap_count_row n;
    const struct list_filter *f = lq->filters.p;
    if (lq->filters.n > 1 || (lq->filters.n && !str_eqz(f->name, "code")) || counts_at(c, path, &n))
        return NULL_INT;
    if (!lq->filters.n)
        return n.principal + n.director + n.officer + n.same_person;
    int i = desc_find(&gap_count_row_desc, f->value);
    return i < 0 ? NULL_INT : *field_int(&gap_count_row_desc, &n, (size_t)i);
}

#define DEF(from_)                                                                                 \
    {                                                                                              \
        .name = "post_gap", .from = (from_), .id = "g.id", .scope = "f.org_path",                  \
        .level2 = "f.p2", .level3 = "f.p3", .default_sort = "id", .cols = cols,                    \
        .n = sizeof cols / sizeof *cols, .count = gap_total                                        \
    }

static const struct list_def by_gap = DEF("post_gap g @CROSS@ JOIN firm f ON f.id = g.firm");
static const struct list_def by_firm =
    DEF("firm f @CROSS@ JOIN post_gap g ON g.id >= f.id * 4 AND g.id < f.id * 4 + 4");

enum err op_post_gap_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return firm_rows_page(c, &(struct firm_rows){&by_gap, &by_firm, "g.firm = "}, in, ret);
}

enum err op_post_gap_count(struct ctx *c, const struct gap_count_ask *in, struct gap_count *ret)
{
    struct str path;
    struct q q;
    struct gap_count_row *own = arena_new(c->a, struct gap_count_row, 1);
    enum err e = ledger_scope(c, in->org, &path);
    if (e || !own)
        return e ? e : fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_org_at_path);
    q_str(&q, "path", path);
    if (q_row(&q)) {
        own->org = q_get_int(&q, 0);
        own->level = q_get_int(&q, 1);
        own->org_name = keep(c, q_get_str(&q, 2));
    }
    e = q_end(&q);
    if (!e)
        e = counts_at(c, path, own);
    if (e)
        return db_fail(c, e);
    ret->total = (struct vec){own, 1};
    ret->as_of = c->now;
    q_begin(&q, c->db, SQL_post_gap_count_children);
    q_int(&q, "level", path_level(path) + 1);
    q_int(&q, "parent", own->org);
    return db_fail(c, q_all(&q, &gap_count_row_desc, &ret->items, c->a));
}
