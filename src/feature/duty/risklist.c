/* The firm's risk control list (R-030…R-034): templates to start from, its own editions.
 *
 * The stored text of an edition is written here, members in one order, items starting with their
 * code. `{"code":"` therefore stands before every item and nowhere else (a quote inside a text is
 * escaped), which lets a submission find the codes without parsing the texts. */
#include "base/utf8.h"
#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "domain/listpick.h"
#include "feature/duty/duty_day.h"
#include "feature/ops.h"

enum {
    AREAS_MAX = 12,
    ITEMS_MAX = 60,
    TEXT_MAX = 200,
    NAME_MAX = 40,
    CODE_MAX = 20,
    DEPTH = 8,
    AREAS_BYTES = 256 << 10,
    TEMPLATES_MAX = 200,
};

#define DEFAULT_TITLE "工业产品质量安全风险管控清单"
#define ITEM_MARK "{\"code\":\""

/* --- reading stored lists -------------------------------------------------------------------- */

static size_t item_count(const struct jin *areas)
{
    size_t n = 0;
    for (size_t i = 0; i < jin_len(areas); i++)
        n += jin_len(jin_get(jin_at(areas, i), "items"));
    return n;
}

static void items_copy(struct ctx *c, const struct jin *areas, struct risk_item *to)
{
    for (size_t i = 0; i < jin_len(areas); i++) {
        const struct jin *items = jin_get(jin_at(areas, i), "items");
        struct str area = keep(c, jin_str(jin_get(jin_at(areas, i), "name")));
        for (size_t k = 0; k < jin_len(items); k++) {
            const struct jin *it = jin_at(items, k);
            *to++ = (struct risk_item){area, keep(c, jin_str(jin_get(it, "code"))),
                keep(c, jin_str(jin_get(it, "text"))), jin_bool(jin_get(it, "key"), false)};
        }
    }
}

enum err risk_items(struct ctx *c, struct str areas, struct risk_item **ret, size_t *ret_n)
{
    const struct jin *doc;
    enum err e = jin_parse(areas, DEPTH, &doc);
    if (e)
        return fail(c, e == ERR_NOMEM ? e : ERR_CORRUPT, NULL, NULL);
    *ret_n = item_count(doc);
    *ret = arena_new(c->a, struct risk_item, *ret_n + 1);
    if (*ret)
        items_copy(c, doc, *ret);
    jin_free(doc);
    return *ret ? OK : fail(c, ERR_NOMEM, NULL, NULL);
}

static enum err codes_parsed(struct ctx *c, struct str areas, struct str **ret, size_t *ret_n)
{
    struct risk_item *items;
    enum err e = risk_items(c, areas, &items, ret_n);
    struct str *codes = e ? NULL : arena_new(c->a, struct str, *ret_n + 1);
    if (!e && !codes)
        e = fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; !e && i < *ret_n; i++)
        codes[i] = items[i].code;
    *ret = codes;
    return e;
}

enum err risk_codes(
    struct ctx *c, struct str areas, int64_t expect, struct str **ret, size_t *ret_n)
{
    static const struct str mark = {ITEM_MARK, sizeof ITEM_MARK - 1};
    struct str *codes = arena_new(c->a, struct str, ITEMS_MAX + 1);
    const char *at = areas.p, *end = areas.p + areas.n;
    size_t n = 0;
    if (!codes)
        return fail(c, ERR_NOMEM, NULL, NULL);
    while (n <= ITEMS_MAX) {
        const char *hit = memmem(at, (size_t)(end - at), mark.p, mark.n);
        const char *quote = hit ? memchr(hit + mark.n, '"', (size_t)(end - hit) - mark.n) : NULL;
        if (!quote)
            break;
        at = hit + mark.n;
        codes[n++ % (ITEMS_MAX + 1)] = (struct str){at, (size_t)(quote - at)};
    }
    *ret = codes;
    *ret_n = n;
    return (int64_t)n == expect ? OK : codes_parsed(c, areas, ret, ret_n);
}

/* --- writing --------------------------------------------------------------------------------- */

static void put_text(struct jw *w, const struct jin *obj, const char *key)
{
    struct str s = str_trim(jin_str(jin_get(obj, key)));
    if (!s.n)
        return;
    jw_key(w, key);
    jw_str(w, s);
}

static void item_write(struct jw *w, const struct jin *it)
{
    static const char *const texts[] = {"category", "link", "measure", "frequency", "level"};
    jw_obj(w);
    put_text(w, it, "code");
    put_text(w, it, "text");
    jw_key(w, "key");
    jw_bool(w, jin_bool(jin_get(it, "key"), false));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_text(w, it, texts[i]);
    jw_end_obj(w);
}

static void areas_write(struct jw *w, const struct jin *areas)
{
    jw_arr(w);
    for (size_t i = 0; i < jin_len(areas); i++) {
        const struct jin *area = jin_at(areas, i), *items = jin_get(area, "items");
        jw_obj(w);
        put_text(w, area, "name");
        put_text(w, area, "code");
        jw_key(w, "items");
        jw_arr(w);
        for (size_t k = 0; k < jin_len(items); k++)
            item_write(w, jin_at(items, k));
        jw_end_arr(w);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static enum err areas_text(struct ctx *c, const struct jin *areas, struct str *ret)
{
    struct buf b;
    struct jw w;
    buf_init(&b, AREAS_BYTES);
    jw_init(&w, &b);
    areas_write(&w, areas);
    enum err e = b.err;
    *ret = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return e || !ret->p ? fail(c, e ? e : ERR_NOMEM, NULL, NULL) : OK;
}

/* --- judging a firm's own list --------------------------------------------------------------- */

struct judge {
    struct ctx *c;
    struct str codes[ITEMS_MAX];
    size_t n;
};

static void bad(struct judge *j, struct str at, const char *key, const char *code, const char *text)
{
    complain(j->c, arena_fmt(j->c->a, "%.*s.%s", STR_ARG(at), key), code, "%s", text);
}

/* Every member must be one of the known names (separated by blanks, blanks around). */
static void known_members(struct judge *j, const struct jin *obj, struct str at, const char *names)
{
    struct str key;
    const struct jin *v;
    for (size_t i = 0; jin_member(obj, i, &key, &v); i++) {
        struct str word = arena_fmt(j->c->a, " %.*s ", STR_ARG(key));
        if (str_find(key, S(" ")) >= 0 || str_find(str_z(names), word) < 0)
            complain(j->c, arena_fmt(j->c->a, "%.*s.%.*s", STR_ARG(at), STR_ARG(key)), "unknown",
                "不认识的内容：%.*s", STR_ARG(utf8_prefix(key, 30)));
    }
}

static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 32 || s.p[i] == 127)
            return false;
    return utf8_valid(s);
}

struct text_rule {
    const char *key, *label;
    size_t max;
    bool required;
    const char *codes; /* code list, or NULL */
};

static void judge_text(
    struct judge *j, const struct jin *obj, struct str at, const struct text_rule *r)
{
    const struct jin *v = jin_get(obj, r->key);
    struct str s = str_trim(jin_str(v)), name = arena_fmt(j->c->a, "%.*s.%s", STR_ARG(at), r->key);
    bool none = jin_type(v) == JIN_NONE || jin_type(v) == JIN_NULL;
    if (!none && jin_type(v) != JIN_STR)
        complain(j->c, name, "type", "%s：应是文字", r->label);
    else if (!s.n && r->required)
        complain(j->c, name, "required", "%s：必须填写", r->label);
    else if (!plain(s))
        complain(j->c, name, "control", "%s：含有不能保存的字符，请删去后重试", r->label);
    else if (utf8_len(s) > r->max)
        complain(j->c, name, "too_long", "%s：最多 %zu 个字，现在有 %zu 个，请缩短", r->label,
            r->max, utf8_len(s));
    else if (s.n && r->codes && !code_known(j->c, r->codes, s))
        complain(
            j->c, name, "code", "%s：“%.*s”不在可选范围内", r->label, STR_ARG(utf8_prefix(s, 20)));
}

static bool code_shape(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        bool good = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
                    (ch >= 'A' && ch <= 'Z') || ch == '-' || ch == '_' || ch == '.';
        if (!good)
            return false;
    }
    return true;
}

static void judge_code(struct judge *j, struct str code, struct str at)
{
    if (!code_shape(code))
        bad(j, at, "code", "type", "项目编号：只能用字母、数字、横线、下划线和点");
    size_t seen = j->n < ITEMS_MAX ? j->n : ITEMS_MAX;
    for (size_t i = 0; code.n && i < seen; i++)
        if (str_eq(j->codes[i], code)) {
            complain(j->c, arena_fmt(j->c->a, "%.*s.code", STR_ARG(at)), "duplicate",
                "项目编号“%.*s”用了两次，请改成不同的编号", STR_ARG(utf8_prefix(code, CODE_MAX)));
            return;
        }
    if (j->n < ITEMS_MAX)
        j->codes[j->n] = code;
}

static void judge_item(struct judge *j, const struct jin *it, struct str at)
{
    static const struct text_rule rules[] = {{"code", "项目编号", CODE_MAX, true, NULL},
        {"text", "检查内容", TEXT_MAX, true, NULL},
        {"category", "风险类别", CODE_MAX, false, "risk_category"},
        {"link", "控制环节", TEXT_MAX, false, NULL}, {"measure", "管控措施", TEXT_MAX, false, NULL},
        {"frequency", "检查频次", CODE_MAX, false, "frequency"},
        {"level", "风险等级", CODE_MAX, false, "risk_size"}};
    const struct jin *key = jin_get(it, "key");
    if (jin_type(it) != JIN_OBJ) {
        complain(j->c, at, "type", "应是一个检查项目");
        return;
    }
    known_members(j, it, at, " code text key category link measure frequency level ");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        judge_text(j, it, at, &rules[i]);
    if (jin_type(key) != JIN_BOOL && jin_type(key) != JIN_NONE && jin_type(key) != JIN_NULL)
        bad(j, at, "key", "type", "关键项目：应填是或否");
    judge_code(j, str_trim(jin_str(jin_get(it, "code"))), at);
    j->n++;
}

static void judge_area(struct judge *j, const struct jin *area, struct str at)
{
    static const struct text_rule name = {"name", "区域名称", NAME_MAX, true, NULL},
                                  code = {"code", "区域编号", CODE_MAX, false, NULL};
    const struct jin *items = jin_get(area, "items");
    if (jin_type(area) != JIN_OBJ) {
        complain(j->c, at, "type", "应是一个区域");
        return;
    }
    known_members(j, area, at, " name code items ");
    judge_text(j, area, at, &name);
    judge_text(j, area, at, &code);
    if (jin_type(items) != JIN_ARR || jin_len(items) == 0)
        bad(j, at, "items", "required", "每个区域至少要有一个检查项目");
    for (size_t i = 0; i < jin_len(items) && i <= ITEMS_MAX; i++)
        judge_item(j, jin_at(items, i), arena_fmt(j->c->a, "%.*s.items.%zu", STR_ARG(at), i));
}

static enum err judge_areas(struct ctx *c, const struct jin *areas)
{
    struct judge j = {.c = c};
    size_t n = jin_len(areas);
    if (jin_type(areas) != JIN_ARR || n < 1 || n > AREAS_MAX)
        complain(c, S("areas"), "range", "清单应有 1 到 %d 个区域", AREAS_MAX);
    for (size_t i = 0; i < n && i < AREAS_MAX; i++)
        judge_area(&j, jin_at(areas, i), arena_fmt(c->a, "areas.%zu", i));
    if (item_count(areas) > ITEMS_MAX)
        complain(c, S("areas"), "range", "清单最多 %d 个项目，现在有 %zu 个", ITEMS_MAX,
            item_count(areas));
    return checked(c);
}

/* --- templates ------------------------------------------------------------------------------- */

struct pick {
    struct ctx *c;
    struct risklist_template *items;
    struct listpick_rule *rules;
    size_t n;
    enum err err;
};

static void add_template(void *arg, const struct template_row *row, const struct jin *body)
{
    struct pick *p = arg;
    const struct jin *areas = jin_get(body, "areas");
    if (p->err || p->n == TEMPLATES_MAX)
        return;
    struct risklist_template *t = &p->items[p->n];
    desc_clear(&risklist_template_desc, t);
    t->name = keep(p->c, row->name);
    t->version = row->version;
    t->title = keep(p->c, row->title);
    t->product_class = keep(p->c, jin_str(jin_get(body, "product_class")));
    t->suggested = 0;
    t->items = (int64_t)item_count(areas);
    p->err = areas_text(p->c, areas, &t->areas);
    if (!p->err && listpick_read(body, t->name, p->c->a, &p->rules[p->n]))
        p->err = fail(p->c, ERR_CORRUPT, NULL, NULL);
    p->n++;
}

static enum err templates_load(struct ctx *c, struct pick *p)
{
    *p = (struct pick){.c = c,
        .items = arena_new(c->a, struct risklist_template, TEMPLATES_MAX),
        .rules = arena_new(c->a, struct listpick_rule, TEMPLATES_MAX)};
    if (!p->items || !p->rules)
        return fail(c, ERR_NOMEM, NULL, NULL);
    template_each(c->app, "daily_", add_template, p);
    return p->err;
}

/* The best list of each role the firm has. */
static void suggest(struct pick *p, const struct firm_row *firm, const struct firm_products *known)
{
    static const struct {
        const char *role, *not_kind;
    } roles[] = {{"生产", "seller"}, {"销售", "producer"}};
    for (size_t i = 0; i < 2; i++) {
        /* Before any product is known, the firm's name says what it makes. */
        struct listpick_firm f = {str_z(roles[i].role), firm->entity_type,
            known->names.n ? known->names : firm->name, known->applicability};
        ptrdiff_t best = listpick_best(p->rules, p->n, &f);
        if (best >= 0 && !str_eqz(firm->kind, roles[i].not_kind))
            p->items[best].suggested = 1;
    }
}

/* Suggested ones first; the rest in the order of their names. */
static void suggested_first(struct risklist_template *items, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        struct risklist_template t = items[i];
        if (t.suggested != 1)
            continue;
        memmove(&items[at + 1], &items[at], (i - at) * sizeof *items);
        items[at++] = t;
    }
}

enum err op_risklist_templates(
    struct ctx *c, const struct firm_ref *in, struct risklist_templates *ret)
{
    struct firm_row firm;
    struct firm_products known;
    struct pick p;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = firm_products_load(c, firm.id, &known);
    if (!e)
        e = templates_load(c, &p);
    if (e)
        return e;
    suggest(&p, &firm, &known);
    suggested_first(p.items, p.n);
    ret->items = (struct vec){p.items, p.n};
    return OK;
}

/* --- the edition in use ---------------------------------------------------------------------- */

void risklist_view_of(const struct risklist_row *row, struct risklist_view *ret)
{
    desc_clear(&risklist_view_desc, ret);
    ret->id = row->id;
    ret->edition = row->edition;
    ret->title = row->title;
    ret->template = row->template;
    ret->template_version = row->template_version;
    ret->from_day = row->from_day;
    ret->items = row->items;
    ret->areas = row->areas;
    ret->at = row->at;
    ret->by_name = row->by_name;
}

enum err risklist_current(struct ctx *c, int64_t firm, struct risklist_row *ret)
{
    struct q q;
    desc_clear(&risklist_row_desc, ret);
    q_begin(&q, c->db, SQL_risklist_current);
    q_int(&q, "firm", firm);
    return q_one(&q, &risklist_row_desc, ret, c->a);
}

enum err op_risklist_get(struct ctx *c, const struct firm_ref *in, struct risklist_view *ret)
{
    struct firm_row firm;
    struct risklist_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    e = risklist_current(c, firm.id, &row);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, NULL, "还没有风险管控清单，请先选一个范本");
    if (e)
        return db_fail(c, e);
    risklist_view_of(&row, ret);
    c->reply.version = row.edition;
    return OK;
}

/* --- a new edition --------------------------------------------------------------------------- */

/* The list as sent, or as the template has it; *ret_doc is to be freed. */
static enum err areas_given(struct ctx *c, const struct risklist_save *in,
    const struct jin *template, const struct jin **ret_doc, const struct jin **ret)
{
    *ret_doc = NULL;
    *ret = jin_get(template, "areas");
    if (!in->areas.n)
        return OK;
    enum err e = jin_parse(in->areas, DEPTH, ret_doc);
    *ret = *ret_doc;
    if (e)
        return fail(c, ERR_INVALID, "areas", "清单内容的写法不对，请刷新后重试");
    return judge_areas(c, *ret);
}

/* Someone else has made a newer edition than the one this was made from. */
static enum err edition_stale(struct ctx *c, const struct risklist_row *now)
{
    struct risklist_view view;
    struct buf b;
    struct jw w;
    risklist_view_of(now, &view);
    buf_init(&b, AREAS_BYTES);
    jw_init(&w, &b);
    desc_json(&risklist_view_desc, &view, &w);
    c->reply.current = keep(c, buf_str(&b));
    buf_free(&b);
    return fail(c, ERR_STALE, "from_edition", "清单已有更新的版次，请看过新版再修改");
}

static void row_fill(struct ctx *c, const struct risklist_save *in, const struct jin *areas,
    int64_t edition, struct risklist_row *row)
{
    desc_clear(&risklist_row_desc, row);
    row->firm = in->firm;
    row->edition = edition;
    row->template = in->template;
    (void)template_body(c->app, in->template.p, &row->template_version);
    row->title = in->title.n ? in->title : S(DEFAULT_TITLE);
    row->items = (int64_t)item_count(areas);
    row->from_day = c->today;
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
}

static enum err edition_add(struct ctx *c, const struct risklist_save *in, const struct jin *areas,
    int64_t edition, struct risklist_row *row)
{
    row_fill(c, in, areas, edition, row);
    enum err e = areas_text(c, areas, &row->areas);
    if (e)
        return e;
    struct note n = {.label = "编制风险管控清单",
        .text =
            arena_fmt(c->a, "第 %lld 版，共 %lld 项", (long long)edition, (long long)row->items)};
    return rec_insert(c, &kind_risklist, row, &n);
}

static enum err next_edition(struct ctx *c, const struct risklist_save *in, int64_t *ret)
{
    struct risklist_row now;
    enum err e = risklist_current(c, in->firm, &now);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    int64_t edition = e ? 0 : now.edition;
    *ret = edition + 1;
    if (in->from_edition == NULL_INT || in->from_edition == edition)
        return OK;
    return edition ? edition_stale(c, &now) : fail(c, ERR_STATE, "from_edition", NULL);
}

enum err op_risklist_save(struct ctx *c, const struct risklist_save *in, struct risklist_view *ret)
{
    struct firm_row firm;
    struct risklist_row row;
    const struct jin *doc, *areas, *template = NULL;
    int64_t edition = 0;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    if (str_starts(in->template, S("daily_")))
        template = template_body(c->app, in->template.p, NULL);
    if (!template)
        return fail(c, ERR_INVALID, "template", "没有这个范本，请从列表中选择");
    e = next_edition(c, in, &edition);
    if (e)
        return e;
    e = areas_given(c, in, template, &doc, &areas);
    if (!e)
        e = edition_add(c, in, areas, edition, &row);
    jin_free(doc);
    if (e)
        return e;
    risklist_view_of(&row, ret);
    c->reply.version = row.edition;
    return OK;
}
