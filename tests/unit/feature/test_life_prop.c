/* Property: whatever happens to files — entries, edits, products, status changes, moves asked,
 * given back and accepted, merges, relations, new grading rules — the ledger's counters equal a
 * recount after every step, and the file of every past day, put back from the journal, is the one
 * that was stored that day, column by column, and has the digest that the journal kept of it.
 * ZHIAN_SEED and ZHIAN_RUNS repeat or lengthen a run. */
#define FIXTURE_DAY "2026-09-17"

#include "feature/life/life_impl.h"
#include "feature/life/past.h"
#include "core/template.h"

#include "duty_fixture.h"

enum { FIRMS = 40, DAYS = 12, ACTS = 22, KINDS = 12 };

static const char *const towns[] = {"141121100", "141121101", "141122100", "140105001"};

struct snapshot {
    struct firm_row row;
    int64_t products;
};

struct day {
    int64_t day;
    size_t n;
    struct snapshot at[FIRMS];
};

struct world {
    struct fixture f;
    uint64_t state;
    int64_t firms[FIRMS];
    size_t n;
    int serial;
    int64_t merged; /* pair of the newest merger */
    int accepted[KINDS], refused[KINDS];
    struct arena kept;
    struct day days[DAYS];
    int past_proved, past_lost, past_absent;
};

static uint64_t next(struct world *w)
{
    uint64_t z = w->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static int64_t below(struct world *w, int64_t n)
{
    return (int64_t)(next(w) % (uint64_t)n);
}

static int64_t any(struct world *w)
{
    return w->firms[below(w, (int64_t)w->n)];
}

/* Somebody of the province; another person for what needs two. */
static void as_person(struct ctx *c, int64_t account)
{
    c->actor.account = account;
    c->actor.name = account == 1 ? S("甲") : S("乙");
    c->actor.org_path = S("0001.");
    c->actor.level = 1;
    memset(c->actor.perms, 0xFF, sizeof c->actor.perms);
}

/* --- what happens ---------------------------------------------------------------------------- */

static enum err enter(struct world *w, struct ctx *c)
{
    static const char *const kinds[] = {"producer", "seller", "both"};
    struct firm_row row;
    struct firm_products p = {S(""), S("")};
    struct note n = {.label = "录入"};
    if (w->n == FIRMS)
        return ERR_STATE;
    desc_clear(&firm_row_desc, &row);
    row.id = id_next(c);
    row.state = below(w, 4) ? S("admitted") : S("draft");
    row.kind = str_z(kinds[below(w, 3)]);
    row.town = str_z(towns[below(w, 4)]);
    row.name = arena_fmt(c->a, "单位%d号", w->serial++);
    row.staff = below(w, 3) ? below(w, 2000) : NULL_INT;
    row.revenue = below(w, 10000000);
    enum err e = firm_place(c, &row, row.town);
    if (!e)
        e = firm_phone_set(c, &row, S("13800001111"));
    if (!e)
        e = firm_add(c, &row, &p, &n);
    if (!e)
        w->firms[w->n++] = row.id;
    return e;
}

static enum err edit(struct world *w, struct ctx *c)
{
    struct firm_row old, row;
    struct note n = {.label = "修改", .text = S("含“引号”和\n换行")};
    enum err e = rec_get(c, &kind_firm, any(w), &old);
    row = old;
    row.staff = below(w, 4) ? below(w, 2000) : NULL_INT;
    row.revenue = below(w, 4) ? below(w, 10000000) : NULL_INT;
    row.remark = below(w, 2) ? arena_fmt(c->a, "第%d次𠮷", w->serial++) : STR_NULL;
    row.entry_reason = below(w, 2) ? S("04,10") : S("10");
    row.paper_at = below(w, 2) ? c->now + 7 : NULL_INT;
    row.paper_match = below(w, 3) - 1 < 0 ? NULL_INT : below(w, 2);
    row.fill_date = below(w, 2) ? c->today : NULL_INT;
    row.warnings = below(w, 2) ? S("[{\"was\": 1}]") : STR_NULL;
    if (!e && below(w, 4) == 0)
        e = firm_phone_set(c, &row, S("13800002222"));
    return e ? e : firm_change(c, &old, &row, &n);
}

static enum err product(struct world *w, struct ctx *c)
{
    struct product_new in;
    struct product_view v;
    desc_clear(&product_new_desc, &in);
    in.firm = any(w);
    in.product = S("通用硅酸盐水泥");
    in.applicability = below(w, 2) ? S("许可证") : S("均不适用");
    return op_product_create(c, &in, &v);
}

static enum err photo(struct ctx *c, int64_t firm, struct str *ret)
{
    struct attachment_row a;
    struct note n = {.label = "上传附件"};
    desc_clear(&attachment_row_desc, &a);
    a.firm = firm;
    a.owner_kind = S("firm");
    a.owner = 0;
    a.purpose = S("status");
    a.name = S("a.png");
    a.type = S("image/png");
    a.size = 1;
    a.sm3 = S("0123456789abcdef0123456789abcdef");
    a.at = c->now;
    a.by_account = 1;
    a.by_name = S("甲");
    enum err e = rec_insert(c, &kind_attachment, &a, &n);
    *ret = arena_fmt(c->a, "%lld", (long long)a.id);
    return e;
}

static enum err status(struct world *w, struct ctx *c)
{
    static const char *const codes[] = {"00", "11", "12", "21", "42", "51"};
    struct status_new in = {.firm = any(w), .to_code = str_z(codes[below(w, 6)])};
    struct life_done d;
    in.since = c->today - below(w, 5);
    in.reason = S("核实");
    enum err e = photo(c, in.firm, &in.evidence);
    if (!e)
        e = op_status_propose(c, &in, &d);
    struct status_decide yes = {d.id, below(w, 4) != 0, S("意见")};
    if (!e)
        as_person(c, below(w, 6) ? 2 : 1); /* sometimes the same person: refused */
    return e ? e : op_status_decide(c, &yes, &d);
}

static enum err move(struct world *w, struct ctx *c)
{
    struct transfer_new in = {.firm = any(w), .town = str_z(towns[below(w, 4)])};
    struct life_done d;
    in.reason = S("搬迁");
    in.site_address = below(w, 2) ? S("新址1号") : STR_NULL;
    enum err e = op_transfer_ask(c, &in, &d);
    struct transfer_decide yes = {d.id, below(w, 3) != 0, S("意见")};
    struct transfer_withdraw no = {d.id, S("不搬了")};
    if (!e && below(w, 5) == 0)
        return op_transfer_withdraw(c, &no, &d);
    as_person(c, 2);
    return e || below(w, 6) == 0 ? e : op_transfer_decide(c, &yes, &d); /* some stay open */
}

static enum err merge(struct world *w, struct ctx *c)
{
    struct twin_pair p = {.a = any(w), .b = any(w), .path = S("0001."), .s = {70, TWIN_NAME}};
    struct firm_ref ref = {p.a};
    struct twin_list list;
    struct life_done d;
    if (p.a == p.b)
        return ERR_STATE;
    enum err e = twin_keep(c, &p, NULL);
    desc_clear(&twin_list_desc, &list);
    if (!e)
        e = op_twin_of_firm(c, &ref, &list);
    if (e || !list.items.n)
        return e ? e : ERR_STATE;
    const struct twin_item *it = list.items.p;
    struct twin_decide in = {it[list.items.n - 1].twin, S("merge"), p.a, S("同一家")};
    e = op_twin_decide(c, &in, &d);
    if (!e)
        w->merged = in.twin;
    return e;
}

/* The newest merger is taken back; refused when its entry that stayed was merged itself. */
static enum err unmerge(struct world *w, struct ctx *c)
{
    struct twin_undo in = {w->merged, S("是两家")};
    struct life_done d;
    w->merged = 0;
    return in.twin ? op_twin_undo(c, &in, &d) : ERR_STATE;
}

static enum err merge_merged(struct world *w, struct ctx *c)
{
    for (size_t i = 0; i < w->n; i++) {
        struct firm_row row;
        enum err e = rec_get(c, &kind_firm, w->firms[i], &row);
        if (e || !firm_is_merged(&row))
            continue;
        assert_int_equal(firm_merge(c, row.id, w->firms[(i + 1) % w->n], S("x")), ERR_STATE);
        return OK;
    }
    return ERR_STATE;
}

static enum err relate(struct world *w, struct ctx *c)
{
    struct link_new in = {
        any(w), below(w, 2) ? S("branch") : S("split"), any(w), NULL_INT, S("说明")};
    struct life_done d;
    return op_link_create(c, &in, &d);
}

/* A grade by hand, then its end with a move or a merge. */
static enum err by_hand(struct world *w, struct ctx *c)
{
    struct grade_propose in = {.firm = any(w), .to_grade = S("B"), .reason_code = S("local")};
    struct firm_view v;
    struct q q;
    int64_t id = 0;
    in.reason = S("结合地方实际");
    in.expires = c->today + 100;
    desc_clear(&firm_view_desc, &v);
    enum err e = op_grade_propose(c, &in, &v);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_firm_grade_changes);
    q_int(&q, "firm", in.firm);
    e = q_one_int(&q, &id);
    struct grade_decide yes = {id, 1, S("同意")};
    as_person(c, 2);
    return e ? e : op_grade_decide(c, &yes, &v);
}

/* Floors on or off: files judged before and after follow different versions. */
static enum err new_rules(struct world *w, struct ctx *c)
{
    struct template_row t;
    const char *was =
        below(w, 2) ? "\"on\":true,\"kind\":\"floor\"" : "\"on\":false,\"kind\":\"floor\"";
    struct str body = keep(c, jin_text(template_body(c->app, "att1", NULL)));
    ptrdiff_t at = str_find(body, S("\"on\":false,\"kind\":\"floor\""));
    size_t len = strlen("\"on\":false,\"kind\":\"floor\"");
    if (at < 0) {
        at = str_find(body, S("\"on\":true,\"kind\":\"floor\""));
        len--;
    }
    if (at < 0 || below(w, 3))
        return ERR_STATE;
    desc_clear(&template_row_desc, &t);
    t.name = S("att1");
    t.title = S("附件1");
    t.issuer = S("测试");
    t.effective_from = c->today;
    t.body = arena_fmt(c->a, "%.*s%s%.*s", (int)at, body.p, was, (int)(body.n - (size_t)at - len),
        body.p + at + len);
    t.reason = S("试验");
    return template_publish(c, &t);
}

typedef enum err act_fn(struct world *w, struct ctx *c);
static act_fn *const acts[KINDS] = {enter, edit, product, status, move, merge, unmerge,
    merge_merged, relate, by_hand, new_rules, edit};

static enum err one_act(struct ctx *c, void *arg)
{
    struct world *w = arg;
    struct ctx own = *c;
    int kind = w->n < 6 ? 0 : (int)below(w, KINDS);
    as_person(&own, 1);
    enum err e = acts[kind](w, &own);
    (*(e ? &w->refused[kind] : &w->accepted[kind]))++;
    if (e == ERR_INTERNAL || e == ERR_DB || e == ERR_CORRUPT)
        fail_msg("act %d: %d %.*s", kind, e, STR_ARG(own.err_message));
    return e ? ERR_CANCELLED : OK; /* refused: undone as the runner would */
}

/* --- recounting ------------------------------------------------------------------------------ */

enum { COLS = 14 };

static void add_firm(const struct firm_row *r, int64_t v[COLS])
{
    static const char *const states[] = {"draft", "submitted", "reviewed", "admitted", "returned"};
    if (str_eqz(r->state, "merged"))
        return;
    v[0]++;
    for (int i = 0; i < 5; i++)
        v[1 + i] += str_eqz(r->state, states[i]);
    v[6] += !str_eqz(r->abnormal, "00");
    v[7] += !str_eqz(r->kind, "seller");
    v[8] += !str_eqz(r->kind, "producer");
    for (int i = 0; i < 4; i++)
        v[9 + i] += r->grade.n && r->grade.p[0] == 'A' + i;
    v[13] += r->provisional == 1;
}

static void check_path(struct ctx *c, struct str path, const struct vec *rows)
{
    int64_t want[COLS] = {0}, have[COLS] = {0};
    const struct firm_row *r = rows->p;
    struct q q;
    for (size_t i = 0; i < rows->n; i++)
        if (str_starts(r[i].org_path, path))
            add_firm(&r[i], want);
    q_begin(&q, c->db, SQL_firm_count_of);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    if (q_row(&q))
        for (int i = 0; i < COLS; i++)
            have[i] = q_get_int(&q, i);
    assert_int_equal(q_end(&q), OK);
    for (int i = 0; i < COLS; i++)
        if (want[i] != have[i])
            fail_msg("%.*s column %d: counted %lld, recounted %lld", STR_ARG(path), i,
                (long long)have[i], (long long)want[i]);
}

static enum err check_counts(struct ctx *c, void *arg)
{
    struct q q;
    struct vec rows;
    (void)arg;
    q_begin(&q, c->db, SQL_firm_scan);
    q_int(&q, "after", 0);
    q_int(&q, "limit", FIRMS + 2);
    assert_int_equal(q_all(&q, &firm_row_desc, &rows, c->a), OK);
    const struct firm_row *r = rows.p;
    for (size_t i = 0; i < rows.n; i++)
        for (size_t n = 5; n <= r[i].org_path.n; n += 5)
            check_path(c, str_sub(r[i].org_path, 0, n), &rows);
    return OK;
}

/* --- days ------------------------------------------------------------------------------------ */

static enum err keep_day(struct ctx *c, void *arg)
{
    struct world *w = arg;
    struct day *d = NULL;
    for (int i = 0; i < DAYS && !d; i++)
        if (!w->days[i].day)
            d = &w->days[i];
    d->day = c->today;
    d->n = w->n;
    for (size_t i = 0; i < w->n; i++) {
        struct q q;
        desc_clear(&firm_row_desc, &d->at[i].row);
        q_begin(&q, c->db, kind_firm.get);
        q_int(&q, "id", w->firms[i]);
        assert_int_equal(q_one(&q, &firm_row_desc, &d->at[i].row, &w->kept), OK);
        struct firm_products p;
        assert_int_equal(firm_products_load(c, w->firms[i], &p), OK);
        struct vec rows;
        q_begin(&q, c->db, SQL_firm_products);
        q_int(&q, "firm", w->firms[i]);
        assert_int_equal(q_all(&q, &product_row_desc, &rows, c->a), OK);
        d->at[i].products = (int64_t)rows.n;
    }
    return OK;
}

static void same_row(const struct firm_row *was, const struct firm_row *now, int64_t day)
{
    for (size_t i = 0; i + 1 < firm_row_desc.n; i++) {
        const struct field *f = &firm_row_desc.fields[i];
        const char *x = (const char *)was + f->off, *y = (const char *)now + f->off;
        bool same = true;
        if (f->type == FT_BLOB)
            continue;
        if (field_is_text(f->type)) {
            const struct str *s = (const struct str *)x, *t = (const struct str *)y;
            same = (s->p == NULL) == (t->p == NULL) && str_eq(*s, *t);
        } else {
            same = *(const int64_t *)x == *(const int64_t *)y;
        }
        if (!same)
            fail_msg(
                "firm %lld on day %lld: %s differs", (long long)was->id, (long long)day, f->name);
    }
}

static void check_file(struct world *w, struct ctx *c, const struct day *d, size_t i)
{
    struct past_file f;
    assert_int_equal(past_load(c, w->firms[i], d->day, &f), OK);
    if (i >= d->n) {
        assert_false(f.exists);
        w->past_absent++;
        return;
    }
    assert_true(f.exists);
    same_row(&d->at[i].row, &f.firm, d->day);
    assert_int_equal(f.products.n, d->at[i].products);
    if (f.lost)
        w->past_lost++;
    else if (!f.proved)
        fail_msg("firm %lld on day %lld is not proved", (long long)w->firms[i], (long long)d->day);
    else
        w->past_proved++;
}

static enum err check_past(struct ctx *c, void *arg)
{
    struct world *w = arg;
    struct arena *was = c->a, own;
    arena_init(&own, 1 << 28);
    c->a = &own;
    as_person(c, 1);
    for (int k = 0; k < DAYS; k++)
        for (size_t i = 0; i < w->n; i++) {
            arena_reset(&own);
            check_file(w, c, &w->days[k], i);
        }
    arena_free(&own);
    c->a = was;
    return OK;
}

static void run(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    print_message("seed %llu\n", (unsigned long long)seed);
    w->state = seed;
    arena_init(&w->kept, 1 << 28);
    duty_open(&w->f);
    for (int day = 0; day < DAYS; day++) {
        for (int i = 0; i < ACTS; i++) {
            (void)!app_write(w->f.app, NULL, one_act, w);
            assert_int_equal(app_read(w->f.app, check_counts, w), OK);
        }
        assert_int_equal(app_read(w->f.app, keep_day, w), OK);
        duty_days_pass(&w->f, 1);
    }
    assert_int_equal(app_read(w->f.app, check_past, w), OK);
    for (int kind = 0; kind < KINDS; kind++)
        if (w->accepted[kind] == 0)
            fail_msg("act %d never went through (%d refused)", kind, w->refused[kind]);
    print_message("%d files proved, %d with a lost number, %d not yet there\n", w->past_proved,
        w->past_lost, w->past_absent);
    assert_true(w->past_proved > 0 && w->past_absent > 0 && w->past_lost > 0);
    fixture_close(&w->f);
    arena_free(&w->kept);
    free(w);
}

static void test_life(void **state)
{
    (void)state;
    const char *seed = getenv("ZHIAN_SEED"), *runs = getenv("ZHIAN_RUNS");
    uint64_t first = seed ? strtoull(seed, NULL, 10) : 1;
    long n = runs ? atol(runs) : 2;
    for (long i = 0; i < n; i++)
        run(first + (uint64_t)i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_life)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
