/* A made-up province: firms, products and days of daily checks, reproducible by a seed. Codes carry
 * TTTT in the body and names are drawn from syllables, so none is a real unit's. */
#include <stdio.h>

#include "base/civil.h"
#include "base/mem.h"
#include "core/batch.h"
#include "core/months.h"
#include "core/seal.h"
#include "domain/dutyday.h"
#include "domain/uscc.h"
#include "feature/duty/duty.h"
#include "feature/ledger/ledger.h"
#include "feature/ledger/refdata.h"
#include "feature/setup/setup.h"

enum {
    STATIONS_MAX = 2000,
    FIRMS_A_WRITE = 1500,
    FIRM_DAYS_A_WRITE = 45000,
    DAYS_A_WRITE = 16000,
    WAVES = 5,   /* times the whole tree is gone through */
    NEARBY = 12, /* stations a stretch of firms is spread over: about a county */
    FIRM_MEMORY = 8 << 20,
};

struct station {
    int64_t org;
    char path[32], area[16], town[64], county[64];
};

struct made {
    int64_t firm, org;
    char path[32];
};

struct gen {
    const struct generate_spec *spec;
    uint64_t state;
    struct station *stations;
    size_t nstations;
    struct made *made; /* firms that owe checks */
    size_t nmade;
    int64_t serial, upto;   /* firms written; where this write ends */
    int64_t day, from_made; /* of the write in hand */
    struct arena a;         /* of the record in hand */
};

/* splitmix64: the whole province follows from the seed. */
static uint64_t next(struct gen *g)
{
    uint64_t z = g->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static int64_t below(struct gen *g, int64_t n)
{
    return (int64_t)(next(g) % (uint64_t)n);
}

static struct str pick(struct gen *g, const char *const *words, size_t n)
{
    return str_z(words[below(g, (int64_t)n)]);
}
#define PICK(g, words) pick((g), (words), sizeof(words) / sizeof *(words))

static const char *const syllables[] = {"岑", "禾", "翎", "煜", "砚", "檀", "铎", "昀", "璟", "楹",
    "蔺", "珏", "旻", "溯", "翊", "柘", "岚", "沅", "峤", "霁", "筠", "荻", "栾", "澍", "琤", "骁",
    "嵘", "泓"};
static const char *const families[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "郭", "马", "武", "任", "康", "薛", "闫", "韩", "梁"};

struct line {
    const char *trade, *product, *model, *standard, *applicability;
};
static const struct line makers[] = {
    {"水泥", "通用硅酸盐水泥", "P·O 42.5", "GB 175-2023", "许可证"},
    {"电缆", "聚氯乙烯绝缘电线", "BV 2.5mm²", "GB/T 5023.3-2008", "许可证,CCC"},
    {"化肥", "复混肥料", "N-P-K 15-15-15", "GB/T 15063-2020", "许可证"},
    {"包装", "食品包装用复合膜袋", "三边封袋", "GB 4806.7-2023", "许可证,强制性国家标准"},
    {"钢铁", "钢筋混凝土用热轧带肋钢筋", "HRB400E", "GB/T 1499.2-2024", "许可证"},
    {"铸造", "灰铸铁件", "HT250", "GB/T 9439-2023", "均不适用"},
    {"化工", "工业用合成盐酸", "31%", "GB 320-2006", "许可证"},
};
static const struct line sellers[] = {
    {"五金建材", "电线电缆", "", "GB/T 5023.3-2008", "许可证,CCC"},
    {"电动车行", "电动自行车", "", "GB 17761-2024", "CCC,强制性国家标准"},
    {"农资", "复混肥料", "", "GB/T 15063-2020", "许可证"},
    {"家电门市部", "家用电器", "", "GB 4706.1-2005", "CCC"},
    {"超市", "充电宝", "", "GB 31241-2022", "CCC"},
};

static struct str code_of(struct ctx *c, struct gen *g, struct str area, bool small)
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    char out[USCC_LEN];
    int64_t v = g->serial;
    memcpy(out, small ? "92" : "91", 2);
    memcpy(out + 2, area.p, 6);
    memcpy(out + 8, "TTTT", 4);
    for (int i = 16; i >= 12; i--) {
        out[i] = digits[v % 31];
        v /= 31;
    }
    out[17] = uscc_check_char((struct str){out, 17});
    return keep(c, (struct str){out, USCC_LEN});
}

/* Sizes spread over the thresholds: most firms small, a few large. */
static void figures(struct gen *g, struct firm_row *row)
{
    int64_t scale = below(g, 1000);
    int64_t staff = scale < 600   ? 1 + below(g, 12)
                    : scale < 930 ? 15 + below(g, 200)
                    : scale < 993 ? 300 + below(g, 600)
                                  : 1000 + below(g, 4000);
    row->staff = staff;
    row->revenue = staff * (500 + below(g, 9000)) + below(g, 100);
    if (below(g, 50) == 0)
        row->revenue = NULL_INT;
}

static void names(struct ctx *c, struct gen *g, const struct station *s, const struct line *l,
    struct firm_row *row)
{
    bool small = str_eqz(row->entity_type, "个体工商户");
    struct str a = PICK(g, syllables), b = PICK(g, syllables);
    row->name = arena_fmt(c->a, "%s%.*s%.*s%s%s", s->county, STR_ARG(a), STR_ARG(b), l->trade,
        small ? "经营部" : "有限公司");
    row->legal_person =
        arena_fmt(c->a, "%.*s%.*s", STR_ARG(PICK(g, families)), STR_ARG(PICK(g, syllables)));
    row->site_address = arena_fmt(
        c->a, "山西省%s%s%.*s路%lld号", s->county, s->town, STR_ARG(a), (long long)g->serial);
    row->reg_address = row->site_address;
}

static void state(struct ctx *c, struct gen *g, struct firm_row *row)
{
    static const char *const early[] = {"draft", "submitted", "reviewed", "returned"};
    if (below(g, 100) < 8) {
        row->state = PICK(g, early);
        return;
    }
    row->state = S("admitted");
    row->confirm_date = c->today - 40 - below(g, 300);
    row->confirm_level = S("县");
    row->duty_from = c->today - g->spec->days + 1;
    if (below(g, 100) == 0)
        row->abnormal = S("11");
}

static enum err product_put(struct ctx *c, const struct firm_row *row, const struct line *l)
{
    struct product_row p;
    struct note quiet = {.silent = true};
    desc_clear(&product_row_desc, &p);
    p.firm = row->id;
    p.kind = str_eqz(row->kind, "seller") ? S("seller") : S("producer");
    p.applicability = str_z(l->applicability);
    p.product = str_z(l->product);
    p.model = str_z(l->model);
    p.standard = str_z(l->standard);
    p.version = 1;
    return rec_insert(c, &kind_product, &p, &quiet);
}

void setup_owe(struct ctx *c, const struct firm_row *row, int64_t from)
{
    int64_t due[COUNTER_COLS] = {1};
    for (int64_t day = from; day <= c->today; day++)
        count_add(c, &duty_day_counter, day, row->org_path, due);
}

static void owe(struct ctx *c, struct gen *g, const struct firm_row *row)
{
    if (firm_pattern(c, row) < 0)
        return;
    setup_owe(c, row, row->duty_from);
    struct made *m = &g->made[g->nmade++];
    m->firm = row->id;
    m->org = row->org;
    snprintf(m->path, sizeof m->path, "%.*s", STR_ARG(row->org_path));
}

/* Firms come county by county, as ledgers do, in several waves: neighbours in the store are
 * neighbours on the map, but no county is one stretch of ids. */
static const struct station *place(struct gen *g)
{
    int64_t wave = g->spec->firms / WAVES + 1, n = (int64_t)g->nstations;
    int64_t at = g->serial % wave * n / wave;
    return &g->stations[(at + below(g, n < NEARBY ? n : NEARBY)) % n];
}

static enum err firm_put(struct ctx *c, struct gen *g)
{
    struct firm_row row;
    struct note quiet = {.silent = true};
    const struct station *s = place(g);
    bool maker = below(g, 100) < 20;
    const struct line *l = maker ? &makers[below(g, sizeof makers / sizeof *makers)]
                                 : &sellers[below(g, sizeof sellers / sizeof *sellers)];
    desc_clear(&firm_row_desc, &row);
    row.kind = maker ? S("producer") : S("seller");
    row.entity_type = !maker && below(g, 100) < 75 ? S("个体工商户") : S("企业");
    row.sale_modes = maker ? STR_NULL : below(g, 5) ? S("零售") : S("批发");
    row.town = str_z(s->area);
    row.org = s->org;
    row.org_path = str_z(s->path);
    names(c, g, s, l, &row);
    row.uscc = code_of(c, g, row.town, str_eqz(row.entity_type, "个体工商户"));
    figures(g, &row);
    row.entry_reason = below(g, 3) ? S("10") : S("04,10");
    row.applicability = str_z(l->applicability);
    row.risk_level = below(g, 20) ? S("1") : S("2");
    row.mode = S("双随机/触发式监管");
    row.source = S("生成数据");
    state(c, g, &row);
    struct firm_products p = {str_z(l->product), str_z(l->applicability)};
    enum err e = firm_add(c, &row, &p, &quiet);
    if (!e)
        e = product_put(c, &row, l);
    if (!e)
        owe(c, g, &row);
    g->serial++;
    return e;
}

/* Runs fn in memory of its own, so that a long write does not grow. */
static enum err frugally(struct ctx *c, struct gen *g, enum err (*fn)(struct ctx *c, struct gen *g))
{
    struct ctx own = *c;
    own.a = &g->a;
    arena_reset(&g->a);
    enum err e = fn(&own, g);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err firms_put(struct ctx *c, void *arg)
{
    struct gen *g = arg;
    enum err e = OK;
    while (!e && g->serial < g->upto)
        e = frugally(c, g, firm_put);
    return e;
}

/* --- days
 * -------------------------------------------------------------------------------------------- */

static enum err daily_put(struct ctx *c, struct gen *g)
{
    const struct made *m = &g->made[g->from_made];
    struct daily_row d;
    struct note quiet = {.silent = true};
    int64_t luck = below(g, 1000);
    int64_t v[COUNTER_COLS] = {0};
    if (luck >= 940)
        return OK; /* no record that day */
    bool late = luck >= 910 && g->day < c->today;
    desc_clear(&daily_row_desc, &d);
    d.id = daily_id(g->day, m->firm, 1);
    d.firm = m->firm;
    d.day = g->day;
    d.version = 1;
    d.org = m->org;
    d.risklist = 0;
    d.problems = luck % 25 == 0;
    d.answers = d.problems ? S("111112111111") : S("111111111111");
    d.zero_risk = !d.problems;
    d.late = late;
    d.reason = late ? S("当天漏记") : STR_NULL;
    d.at = (g->day * 24 + 9) * 3600000 + below(g, 3600000);
    d.by_account = 0;
    d.by_name = S("演示安全员");
    enum err e = rec_insert(c, &kind_daily, &d, &quiet);
    v[2] = !late;
    v[3] = late;
    v[4] = d.zero_risk;
    v[5] = d.problems;
    count_add(c, &duty_day_counter, g->day, str_z(m->path), v);
    return e;
}

static enum err days_put(struct ctx *c, void *arg)
{
    struct gen *g = arg;
    enum err e = OK;
    int64_t end = g->from_made + DAYS_A_WRITE;
    for (; !e && g->from_made < end && g->from_made < (int64_t)g->nmade; g->from_made++)
        e = frugally(c, g, daily_put);
    return e;
}

/* --- the run
 * ------------------------------------------------------------------------------------------ */

static enum err stations_load(struct ctx *c, void *arg)
{
    struct gen *g = arg;
    struct q q;
    struct str area = g->spec->area ? str_z(g->spec->area) : S("14");
    q_begin(&q, c->db, SQL_setup_orgs_under);
    q_str(&q, "low", area);
    q_str(&q, "high", arena_fmt(c->a, "%.*s~", STR_ARG(area)));
    while (g->nstations < STATIONS_MAX && q_row(&q)) {
        struct station *s = &g->stations[g->nstations++];
        s->org = q_get_int(&q, 0);
        snprintf(s->path, sizeof s->path, "%.*s", STR_ARG(q_get_str(&q, 1)));
        snprintf(s->area, sizeof s->area, "%.*s", STR_ARG(q_get_str(&q, 2)));
        snprintf(s->town, sizeof s->town, "%.*s", STR_ARG(q_get_str(&q, 4)));
        snprintf(s->county, sizeof s->county, "%.*s", STR_ARG(q_get_str(&q, 5)));
    }
    enum err e = q_end(&q);
    return e ? e : g->nstations ? OK : fail(c, ERR_NOT_FOUND, "org", "这个区划下没有所、队");
}

static void tell(struct gen *g, const char *what, int64_t done, int64_t total)
{
    if (g->spec->progress)
        g->spec->progress(g->spec->arg, what, done, total);
}

/* The days of the history count as opened: what was due on them is counted firm by firm. */
static enum err mark_days(struct ctx *c, void *arg)
{
    const struct gen *g = arg;
    return duty_days_mark(c, c->today - g->spec->days + 1, c->today);
}

static enum err run(struct app *app, struct gen *g)
{
    enum err e = app_read(app, stations_load, g);
    int64_t today = civil_today(app_now(app));
    if (!e)
        e = months_make(app, today - g->spec->days + 1, today);
    if (!e)
        e = app_write(app, NULL, mark_days, g);
    int64_t a_write = FIRM_DAYS_A_WRITE / g->spec->days; /* each day of each firm is counted */
    a_write = a_write < 1 ? 1 : a_write > FIRMS_A_WRITE ? FIRMS_A_WRITE : a_write;
    while (!e && g->serial < g->spec->firms) {
        g->upto = g->serial + a_write;
        g->upto = g->upto < g->spec->firms ? g->upto : g->spec->firms;
        e = app_write(app, NULL, firms_put, g);
        tell(g, "单位", g->serial, g->spec->firms);
    }
    for (g->day = today - g->spec->days + 1; !e && g->day < today; g->day++) {
        for (g->from_made = 0; !e && g->from_made < (int64_t)g->nmade;)
            e = app_write(app, NULL, days_put, g);
        tell(g, "天数", g->day - today + g->spec->days, g->spec->days);
    }
    return e;
}

enum err setup_generate(struct app *app, const struct generate_spec *spec)
{
    struct gen g = {.spec = spec, .state = spec->seed};
    arena_init(&g.a, FIRM_MEMORY);
    g.stations = mem_alloc(STATIONS_MAX * sizeof *g.stations);
    g.made = mem_alloc((size_t)(spec->firms + 1) * sizeof *g.made);
    enum err e = g.stations && g.made ? run(app, &g) : ERR_NOMEM;
    if (!e)
        e = seal_now(app);
    arena_free(&g.a);
    mem_free(g.made);
    mem_free(g.stations);
    return e;
}
