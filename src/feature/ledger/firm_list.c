/* The ledger as a list: columns, search, counts, suggestions. */
#include "base/utf8.h"
#include "core/app.h"
#include "feature/ledger/firm_list.h"
#include "feature/ops.h"

#define COL(name_, type_, flags_, label_, codes_)                                                  \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "f." #name_                                                     \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER, SORT = LC_SORT, TEXT = LC_FILTER | LC_PART };

static const struct list_col firm_cols[] = {
    COL(id, INT, LC_ALWAYS | SORT, "编号", NULL),
    COL(version, INT, LC_ALWAYS, "版本", NULL),
    {.name = "name",
        .type = FT_STR,
        .flags = SHOW | SORT | TEXT,
        .label = "单位名称",
        .expr = "f.name",
        .sort = "f.py",
        .sort2 = "f.name"},
    COL(uscc, STR, SHOW | FILTER, "统一社会信用代码", NULL),
    COL(temp_code, STR, TEXT, "临时编号", NULL),
    COL(kind, CODE, SHOW | FILTER, "单位类别", "firm_kind"),
    COL(state, CODE, SHOW | FILTER, "审核状态", "firm_state"),
    COL(grade, CODE, SHOW | FILTER, "级别", "grade"),
    COL(provisional, BOOL, SHOW | FILTER, "暂定级别", NULL),
    {.name = "org_name",
        .type = FT_STR,
        .flags = SHOW,
        .label = "属地机构",
        .expr = PART_list_org_name},
    {.name = "town_name",
        .type = FT_STR,
        .flags = SHOW,
        .label = "乡镇（街道）",
        .expr = PART_list_town_name},
    COL(town, STR, FILTER, "乡镇（街道）代码", NULL),
    COL(entity_type, CODE, FILTER, "主体类型", "entity_type"),
    COL(legal_person, STR, SHOW | TEXT, "法定代表人/经营者", NULL),
    COL(reg_address, STR, TEXT, "注册地址", NULL),
    COL(site_address, STR, SHOW | TEXT, "生产（经营）地址", NULL),
    COL(sale_modes, CODES, FILTER, "销售方式", "sale_mode"),
    COL(staff, INT, FILTER, "从业人员（人）", NULL),
    {.name = "revenue",
        .type = FT_MONEY,
        .flags = FILTER | SORT,
        .label = "年营业收入（万元）",
        .expr = "f.revenue",
        .sort = "coalesce(f.revenue, -1)"},
    COL(wholesale_revenue, MONEY, FILTER, "其中：批发收入（万元）", NULL),
    COL(stat_size, CODE, FILTER, "统计规模", "size"),
    COL(order_size, CODE, FILTER, "令规模（计算）", "size"),
    COL(reg_size, CODE, FILTER, "令规模（填报）", "size"),
    COL(grade_basis, STR, 0, "定级依据", NULL),
    COL(sup_level, INT, FILTER, "监管层级", NULL),
    {.name = "sup_org_name", .type = FT_STR, .label = "监管部门", .expr = PART_list_sup_org_name},
    COL(director_required, CODE, FILTER, "应配质量安全总监", "director_need"),
    COL(supervisor, STR, SHOW | TEXT, "监管责任人", NULL),
    COL(supervisor_phone, STR, LC_MASKED, "监管责任人电话", NULL),
    COL(supervisor_since, DAY, FILTER, "监管责任人履职时间", NULL),
    COL(risk_level, CODE, FILTER, "风险等级", "risk_level"),
    COL(mode, CODE, FILTER, "监管方式", "mode"),
    COL(credit_class, CODE, FILTER, "信用风险类别", "credit_class"),
    COL(entry_reason, CODES, FILTER, "录入原因", "entry_reason"),
    COL(abnormal, CODE, SHOW | FILTER, "异常状态", "abnormal"),
    COL(rules_status, CODE, FILTER, "两个规定落实情况", "rules_status"),
    COL(applicability, CODES, FILTER, "适用情形", "applicability"),
    COL(reg_authority, STR, TEXT, "登记机关", NULL),
    COL(scope, STR, 0, "生产经营范围", NULL),
    COL(stores, INT, FILTER, "门店数", NULL),
    COL(platform_name, STR, 0, "网店/平台名称", NULL),
    COL(platform_url, STR, 0, "网店/平台链接", NULL),
    COL(host_name, STR, 0, "市场开办者/平台", NULL),
    COL(host_manager, STR, 0, "市场管理责任人", NULL),
    COL(host_stalls, INT, 0, "摊位数", NULL),
    COL(fill_org, STR, TEXT, "填报单位", NULL),
    COL(filler, STR, TEXT, "填报人", NULL),
    COL(fill_date, DAY, FILTER, "填报日期", NULL),
    COL(reviewer, STR, TEXT, "现场审核人", NULL),
    COL(review_date, DAY, FILTER, "审核日期", NULL),
    COL(review_opinion, STR, 0, "审核意见", NULL),
    COL(confirm_date, DAY, FILTER, "确认入库时间", NULL),
    COL(confirm_level, CODE, FILTER, "确认入库层级", "level"),
    COL(paper_match, BOOL, FILTER, "与纸质档案一致", NULL),
    COL(remark, STR, TEXT, "备注", NULL),
    COL(source, STR, TEXT, "来源", NULL),
    COL(duty_from, DAY, FILTER, "日管控起始日", NULL),
    COL(created, TIME, FILTER, "录入时间", NULL),
    COL(updated, TIME, SHOW | FILTER, "更新时间", NULL),
};

/* --- search ----------------------------------------------------------------------------------- */

enum { MATCH_MAX = 8000, CODE_TAIL = 6 };

static bool ascii_only(struct str q)
{
    for (size_t i = 0; i < q.n; i++)
        if ((unsigned char)q.p[i] >= 0x80)
            return false;
    return true;
}

static bool has_digit(struct str q)
{
    for (size_t i = 0; i < q.n; i++)
        if (q.p[i] >= '0' && q.p[i] <= '9')
            return true;
    return false;
}

static void match_path(struct str path, struct buf *m)
{
    buf_addz(m, "\"o");
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] != '.')
            buf_addc(m, path.p[i]);
    buf_addc(m, '"');
}

/* The scope as a word, so that the search never leaves the actor's subtree. What comes into it and
 * still carries its old path is named too; the list's own bound hides what leaves it. */
static void match_scope(struct ctx *c, struct buf *m)
{
    size_t n;
    const struct move_seen *seen = moves_seen(&c->actor.moves, c->a, c->actor.org_path, &n);
    buf_addc(m, '(');
    match_path(c->actor.org_path, m);
    for (size_t i = 0; i < n; i++) {
        if (seen[i].hide)
            continue;
        buf_addz(m, " OR ");
        match_path(seen[i].from, m);
    }
    buf_addc(m, ')');
}

/* Letters: initials of the distinctive part or of the whole name. Returns what must be confirmed on
 * the row as well. */
static void match_letters(struct str folded, struct buf *m)
{
    buf_fmt(m, " AND \"p%.*s\"", (int)(folded.n > 4 ? 4 : folded.n), folded.p);
}

/* Part of a credit code: its head, or its last six characters. */
static void match_code(struct str folded, struct buf *m)
{
    size_t head = folded.n >= 18 ? 18 : folded.n >= 14 ? 14 : folded.n >= 10 ? 10 : 6;
    buf_fmt(m, " AND (\"u%.*s\"", (int)head, folded.p);
    if (folded.n == 6)
        buf_fmt(m, " OR \"v%.*s\"", 6, folded.p);
    buf_addc(m, ')');
}

static int match_grams(struct str f, struct buf *m)
{
    size_t at = 0, next = 0;
    int n = 0;
    while (at < f.n) {
        next = at;
        (void)utf8_next(f, &next);
        size_t end = next;
        if (utf8_next(f, &end) < 0)
            break;
        buf_fmt(m, " AND \"%.*s\"", (int)(end - at), f.p + at);
        at = next;
        n++;
    }
    return n;
}

static void confirm(struct list_sql *s, struct ctx *c, const char *col, struct str q)
{
    list_looks(s);
    list_where(s, col);
    list_str(s, arena_fmt(c->a, "%%%.*s%%", STR_ARG(q)));
}

static enum err firm_search(struct ctx *c, struct list_sql *s, struct str q)
{
    struct buf folded, m;
    buf_init(&folded, 1000);
    buf_init(&m, MATCH_MAX);
    gram_fold(q, &folded);
    struct str f = keep(c, buf_str(&folded));
    bool code = ascii_only(f) && f.n >= 6 && has_digit(f);
    bool letters = !code && ascii_only(f);
    enum err e = OK;
    match_scope(c, &m);
    if (f.n == 0)
        e = fail(c, ERR_INVALID, "q", "请输入单位名称、代码或拼音首字母");
    else if (code)
        match_code(f, &m);
    else if (letters)
        match_letters(f, &m);
    else if (match_grams(f, &m) == 0)
        e = fail(c, ERR_INVALID, "q", "请至少输入两个字");
    list_where(s, "@MATCH@");
    list_str(s, keep(c, buf_str(&m)));
    list_more(s, "@MATCH_END@");
    if (code && f.n > 6)
        confirm(s, c, "lower(f.uscc) LIKE ", f);
    if (letters && f.n > 4)
        confirm(s, c, "f.py LIKE ", f);
    buf_free(&m);
    buf_free(&folded);
    return e;
}

/* Codes are stored in capitals. more: added to the last letter, for the end of a range. */
static struct str upper(struct ctx *c, struct str s, int more)
{
    char *p = arena_alloc(c->a, s.n);
    if (!p)
        return STR_NULL;
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
    p[s.n - 1] = (char)(p[s.n - 1] + more);
    return (struct str){p, s.n};
}

/* The same search as conditions on a firm: part of the code, or every pair of neighbouring
 * characters in the name. Initials need the words of the search table. */
static bool firm_search_row(struct ctx *c, struct list_sql *s, struct str q)
{
    struct buf folded;
    buf_init(&folded, 1000);
    gram_fold(q, &folded);
    struct str f = keep(c, buf_str(&folded));
    buf_free(&folded);
    if (ascii_only(f) && (f.n < 6 || !has_digit(f)))
        return false;
    if (ascii_only(f)) {
        struct str code = upper(c, f, 0);
        list_where(s, "(@HOLD@f.uscc >= ");
        list_str(s, code);
        list_more(s, " AND @HOLD@f.uscc < ");
        list_str(s, upper(c, f, 1));
        if (f.n == CODE_TAIL) {
            list_more(s, " OR substr(f.uscc, 13) = ");
            list_str(s, code);
        }
        list_more(s, ")");
        return true;
    }
    for (size_t at = 0, next = 0; at < f.n; at = next) {
        next = at;
        (void)utf8_next(f, &next);
        size_t end = next;
        if (utf8_next(f, &end) < 0)
            break;
        confirm(s, c, "lower(f.name) LIKE ", str_sub(f, at, end - at));
    }
    return true;
}

/* --- maintained counts ------------------------------------------------------------------------ */

static const char *const count_cols[] = {"total", "draft", "submitted", "reviewed", "admitted",
    "returned", "abnormal", "producer", "seller", "grade_a", "grade_b", "grade_c", "grade_d",
    "provisional"};

/* What the counters say of one filter: a column less another; 0 (total) less 0 is nothing. */
struct known {
    const char *filter, *value;
    int col, less;
};

static const struct known known_filters[] = {{"state", "draft", 1, -1},
    {"state", "submitted", 2, -1}, {"state", "reviewed", 3, -1}, {"state", "admitted", 4, -1},
    {"state", "returned", 5, -1}, {"kind", "producer,both", 7, -1}, {"kind", "seller,both", 8, -1},
    {"kind", "producer", 0, 8}, {"kind", "seller", 0, 7}, {"grade", "A", 9, -1},
    {"grade", "B", 10, -1}, {"grade", "C", 11, -1}, {"grade", "D", 12, -1},
    {"provisional", "true", 13, -1}, {"abnormal", "00", 0, 6}};

static const struct known *known_of(const struct list_filter *f)
{
    for (size_t i = 0; i < sizeof known_filters / sizeof *known_filters; i++)
        if (str_eqz(f->name, known_filters[i].filter) && str_eqz(f->value, known_filters[i].value))
            return &known_filters[i];
    return NULL;
}

/* The maintained counters of a path, zero where there are none. */
static bool counters_of(struct ctx *c, struct str path, int64_t v[14])
{
    struct q q;
    q_begin(&q, c->db, SQL_firm_count_of);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    bool found = q_row(&q);
    for (int i = 0; i < 14; i++)
        v[i] = found ? q_get_int(&q, i) : 0;
    return q_end(&q) == OK;
}

static int64_t known_number(const struct known *k, const int64_t v[14])
{
    return v[k->col] - (k->less < 0 ? 0 : v[k->less]);
}

static int64_t firm_counted(struct ctx *c, struct str path, const struct list_query *lq)
{
    static const struct known all = {NULL, NULL, 0, -1};
    const struct list_filter *f = lq->filters.p;
    const struct known *k = lq->filters.n == 0 ? &all : lq->filters.n == 1 ? known_of(f) : NULL;
    int64_t v[14];
    return k && counters_of(c, path, v) ? known_number(k, v) : NULL_INT;
}

enum { TINY = 500 }; /* firms of a scope that are read and sorted whatever is asked */

/* How many firms pass one filter; NULL_INT when the counters do not know. Any abnormal state is
 * among the abnormal ones. */
static int64_t passing(const struct list_filter *f, const int64_t v[14])
{
    const struct known *k = known_of(f);
    if (k)
        return known_number(k, v);
    bool abnormal = str_eqz(f->name, "abnormal") && str_find(f->value, S("00")) < 0;
    return abnormal ? v[6] : NULL_INT;
}

/* The filters taken as independent. Only those with an index (all that are known but kind) lead
 * to rows. */
static int64_t firm_guess(struct ctx *c, struct str path, const struct list_query *lq)
{
    const struct list_filter *f = lq->filters.p;
    int64_t v[14];
    bool led = false;
    if (!counters_of(c, path, v))
        return NULL_INT;
    if (v[0] <= TINY)
        return v[0];
    double share = 1;
    for (size_t i = 0; i < lq->filters.n; i++) {
        int64_t n = passing(&f[i], v);
        if (n == NULL_INT)
            continue;
        share *= (double)n / (double)v[0];
        led = led || !str_eqz(f[i].name, "kind");
    }
    return led ? (int64_t)(share * (double)v[0]) : NULL_INT;
}

/* A merged entry is found by its name, by its state and through the one it was merged into; plain
 * lists leave it out, as the counters do. Only a merged entry carries 51, so that the index of that
 * column decides nearly every row. */
static void without_merged(struct list_sql *s, const struct list_query *lq)
{
    if (lq->q.n || list_filter_get(lq, "state").p)
        return;
    list_where(s, list_filter_get(lq, "abnormal").p ? "(f.abnormal <> '51' OR f.state <> 'merged')"
                                                    : "f.state <> 'merged'");
}

static struct str firm_mask(
    struct ctx *c, const struct list_col *col, int64_t id, struct str stored)
{
    (void)col;
    return firm_phone_masked(c, id, stored);
}

const struct list_def firm_list_def = {.name = "firm",
    .from = "firm f",
    .row = "firm f",
    .id = "f.id",
    .scope = "f.org_path",
    .level2 = "f.p2",
    .level3 = "f.p3",
    .default_sort = "-id",
    .search_from = "firm_search s @CROSS@ JOIN firm f ON f.id = s.rowid",
    .search_words = "firm_search s",
    .search_id = "s.rowid",
    .cols = firm_cols,
    .n = sizeof firm_cols / sizeof *firm_cols,
    .search = firm_search,
    .search_row = firm_search_row,
    .always = without_merged,
    .count = firm_counted,
    .guess = firm_guess,
    .mask = firm_mask};

enum err ledger_scope(struct ctx *c, int64_t org, struct str *ret_path)
{
    struct q q;
    struct str path = c->actor.org_path;
    if (org != NULL_INT && org > 0) {
        path = STR_NULL;
        q_begin(&q, c->db, SQL_org_path_of);
        q_int(&q, "id", org);
        if (q_row(&q))
            path = keep(c, q_get_str(&q, 0));
        enum err e = q_end(&q);
        if (e)
            return db_fail(c, e);
        if (!path.p || !scope_has(c, path))
            return fail(c, ERR_NOT_FOUND, "org", NULL);
    }
    *ret_path = path;
    return OK;
}

/* --- data quality ----------------------------------------------------------------------------- */

enum { FEW_HITS = 5000 };

/* The findings of a rule lead, while they are few; many are met soon enough on any walk. */
static enum err quality_extra(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)c;
    list_part(s, PART_list_quality_firm, *(const int64_t *)arg);
    return OK;
}

static enum err quality_hits(struct ctx *c, struct str path, int64_t rule, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_quality_firms);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    q_int(&q, "rule", rule);
    enum err e = q_one_int(&q, ret);
    *ret = e == OK ? *ret : 0;
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

static enum err quality_hit_extra(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)c;
    list_part(s, PART_list_quality_rule, *(const int64_t *)arg);
    return OK;
}

static enum err quality_run(struct ctx *c, struct str rule, struct list_run *r)
{
    int64_t *no = arena_new(c->a, int64_t, 1), hits = 0;
    if (!no)
        return fail(c, ERR_NOMEM, NULL, NULL);
    if (!str_int(rule, no)) {
        complain(c, S("quality"), "type", "数据质量：没有这条规则");
        return checked(c);
    }
    enum err e = quality_hits(c, r->scope, *no, &hits);
    r->arg = no;
    r->extra = quality_extra;
    if (e || hits > FEW_HITS || r->lq->q.n)
        return e;
    struct list_def *d = arena_new(c->a, struct list_def, 1);
    if (!d)
        return fail(c, ERR_NOMEM, NULL, NULL);
    *d = firm_list_def;
    d->from = PART_list_quality_from;
    d->row = d->level2 = d->level3 = NULL;
    d->scope = "h.org_path";
    d->driven = true;
    r->def = d;
    r->extra = quality_hit_extra;
    return OK;
}

enum err firm_run(struct ctx *c, const struct list_query *lq, struct list_run *ret)
{
    struct list_query *own = arena_new(c->a, struct list_query, 1);
    if (!own)
        return fail(c, ERR_NOMEM, NULL, NULL);
    *own = *lq;
    struct str rule = list_filter_take(c, own, "quality");
    *ret = (struct list_run){.c = c, .def = &firm_list_def, .lq = own};
    enum err e = ledger_scope(c, lq->org, &ret->scope);
    return e || !rule.p ? e : quality_run(c, rule, ret);
}

enum err op_firm_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r;
    enum err e = firm_run(c, in, &r);
    return e ? e : list_page(&r, ret);
}

/* --- suggestions ------------------------------------------------------------------------------ */

struct picked {
    struct ctx *c;
    struct suggest_item *items;
    size_t n, max;
};

static bool pick(void *arg, const struct list_cell *cells, size_t n)
{
    struct picked *p = arg;
    struct suggest_item *it = &p->items[p->n];
    for (size_t i = 0; i < n; i++) {
        if (strcmp(cells[i].col->name, "id") == 0)
            it->id = cells[i].num;
        else if (strcmp(cells[i].col->name, "name") == 0)
            it->name = keep(p->c, cells[i].text);
        else if (strcmp(cells[i].col->name, "uscc") == 0)
            it->uscc = keep(p->c, cells[i].text);
        else if (strcmp(cells[i].col->name, "org_name") == 0)
            it->org_name = keep(p->c, cells[i].text);
    }
    return ++p->n < p->max;
}

enum err op_firm_suggest(struct ctx *c, const struct suggest_ask *in, struct suggest *ret)
{
    struct list_query lq;
    desc_clear(&list_query_desc, &lq);
    lq.q = in->q;
    lq.limit = 8;
    lq.columns = S("id,name,uscc,org_name");
    struct list_run r = {.c = c, .def = &firm_list_def, .lq = &lq};
    struct picked p = {c, arena_new(c->a, struct suggest_item, 8), 0, 8};
    if (!p.items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    enum err e = list_each(&r, false, pick, &p);
    ret->items = (struct vec){p.items, p.n};
    return e;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static enum err count_own(struct ctx *c, struct str path, struct ledger_count_row *row)
{
    struct q q;
    desc_clear(&ledger_count_row_desc, row);
    for (size_t i = 0; i < sizeof count_cols / sizeof *count_cols; i++)
        *field_int(&ledger_count_row_desc, row,
            (size_t)desc_find(&ledger_count_row_desc, str_z(count_cols[i]))) = 0;
    q_begin(&q, c->db, SQL_firm_count_of);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    if (q_row(&q))
        q_read(&q, &ledger_count_row_desc, row, c->a);
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    q_begin(&q, c->db, SQL_org_at_path);
    q_str(&q, "path", path);
    if (q_row(&q)) {
        row->org = q_get_int(&q, 0);
        row->level = q_get_int(&q, 1);
        row->org_name = keep(c, q_get_str(&q, 2));
    }
    return db_fail(c, q_end(&q));
}

enum err op_firm_count(struct ctx *c, const struct ledger_count_ask *in, struct ledger_count *ret)
{
    struct str path;
    struct q q;
    struct ledger_count_row *own = arena_new(c->a, struct ledger_count_row, 1);
    enum err e = ledger_scope(c, in->org, &path);
    if (e || !own)
        return e ? e : fail(c, ERR_NOMEM, NULL, NULL);
    e = count_own(c, path, own);
    if (e)
        return e;
    ret->total = (struct vec){own, 1};
    ret->as_of = c->now;
    q_begin(&q, c->db, SQL_firm_count_children);
    q_int(&q, "level", path_level(path) + 1);
    q_int(&q, "parent", own->org);
    return db_fail(c, q_all(&q, &ledger_count_row_desc, &ret->items, c->a));
}
