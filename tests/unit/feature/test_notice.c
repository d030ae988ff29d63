/* Property: whatever happens to firms, documents and their records, the numbers of every authority
 * equal a full recount, and the firms listed behind each number are exactly those the recount puts
 * there. Random histories of admissions, closures, returns, moves, changes of kind, visits, phone
 * notes, the firm's own receipts, records made void, documents to everybody, to producers only and
 * to chosen authorities. ZHIAN_SEED repeats a run. */
#include "duty_fixture.h"
#include "feature/notice/notice.h"

enum { FIRMS = 30, NOTICES = 4, ACTS = 400, PLACES = 64 };

static const char *const towns[] = {"141121100", "141121101", "141122100", "140105001", "141121"};

struct world {
    struct fixture f;
    uint64_t state;
    int64_t firms[FIRMS], notices[NOTICES];
    size_t n;
    int done[8];
};

static struct world w;

static uint64_t next(void)
{
    uint64_t z = w.state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static int64_t below(int64_t n)
{
    return (int64_t)(next() % (uint64_t)n);
}

/* --- what happens ---------------------------------------------------------------------------- */

static enum err enter(struct ctx *c, void *arg)
{
    static const char *const kinds[] = {"producer", "seller", "both"};
    struct firm_row row;
    struct firm_products p = {S("水泥"), S("许可证")};
    struct note n = {.label = "录入"};
    (void)arg;
    desc_clear(&firm_row_desc, &row);
    row.state = below(3) ? S("admitted") : S("draft");
    row.kind = str_z(kinds[below(3)]);
    row.town = str_z(towns[below(5)]);
    row.name = arena_fmt(c->a, "文水%d厂", (int)w.n);
    row.applicability = S("许可证");
    enum err e = firm_place(c, &row, row.town);
    if (!e)
        e = firm_add(c, &row, &p, &n);
    if (!e)
        w.firms[w.n++] = row.id;
    return e;
}

/* Another state, kind, end or place. */
static enum err change(struct ctx *c, void *arg)
{
    static const char *const states[] = {"admitted", "admitted", "returned", "draft"};
    static const char *const ends[] = {"00", "00", "11", "42", "32", "51"};
    static const char *const kinds[] = {"producer", "seller", "both"};
    struct firm_row old, row;
    struct note n = {.label = "修改"};
    enum err e = rec_get(c, &kind_firm, *(int64_t *)arg, &old);
    row = old;
    switch (below(4)) {
    case 0:
        row.state = str_z(states[below(4)]);
        break;
    case 1:
        row.abnormal = str_z(ends[below(6)]);
        break;
    case 2:
        row.kind = str_z(kinds[below(3)]);
        break;
    default:
        row.town = str_z(towns[below(5)]);
        if (!e)
            e = firm_place(c, &row, row.town);
    }
    return e ? e : firm_change(c, &old, &row, &n);
}

static const struct reply *post(
    const char *op, const char *as, const char *a, const char *b, const char *body)
{
    return ASK(&w.f, .op = op, .as = as, .path = {a, b}, .body = body, .if_match = "1");
}

static void tell(int64_t firm, int64_t notice)
{
    static const char *const ways[] = {"visit", "phone", "paper"};
    const struct reply *r =
        post("telling_create", "sx", fixture_id(&w.f, notice), fixture_id(&w.f, firm),
            fixture_text(&w.f,
                "{\"way\": \"%s\", \"day\": \"%s\", \"told\": \"某人\", \"note\": \"存档\"}",
                ways[below(3)], duty_day(&w.f, 0)));
    assert_true(r->status == 200 || r->status == 409);
    w.done[r->status == 200]++;
}

static void undo(int64_t firm, int64_t notice)
{
    const struct reply *r = ASK(&w.f, .op = "telling_list", .as = "sx",
        .path = {fixture_id(&w.f, notice), fixture_id(&w.f, firm)});
    int64_t n = (int64_t)jin_len(reply_at(r, "items"));
    if (!n)
        return;
    char path[40];
    snprintf(path, sizeof path, "items.%d.id", (int)below(n));
    r = post(
        "telling_void", "sx", fixture_id(&w.f, reply_int(r, path)), NULL, "{\"reason\": \"记错\"}");
    assert_true(r->status == 200 || r->status == 409);
    w.done[2 + (r->status == 200)]++;
}

static void act(void)
{
    int64_t firm = w.firms[below((int64_t)w.n)], notice = w.notices[below(NOTICES)];
    switch (below(8)) {
    case 0:
        if (w.n < FIRMS)
            assert_int_equal(app_write(w.f.app, NULL, enter, NULL), OK);
        break;
    case 1:
    case 2:
    case 3:
        assert_int_equal(app_write(w.f.app, NULL, change, &firm), OK);
        break;
    case 4:
        undo(firm, notice);
        break;
    default:
        tell(firm, notice);
    }
}

/* --- recounting ------------------------------------------------------------------------------ */

static bool owes(struct str state, struct str abnormal, struct str kind, struct str audience)
{
    static const char *const ended[] = {"31", "32", "41", "42", "43", "51", "52"};
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
        if (str_eqz(abnormal, ended[i]))
            return false;
    return str_eqz(state, "admitted") &&
           (str_eqz(audience, "all") || str_eqz(kind, "both") || str_eq(kind, audience));
}

/* Due and reached of one document below a path, from the firms and the records themselves. */
static void recount(int64_t notice, struct str path, int64_t *due, int64_t *reached)
{
    struct notice_row n;
    struct q q;
    struct arena a;
    *due = *reached = 0;
    arena_init(&a, 4 << 20);
    desc_clear(&notice_row_desc, &n);
    q_begin(&q, w.f.db, SQL_notice_get);
    q_int(&q, "id", notice);
    assert_int_equal(q_one(&q, &notice_row_desc, &n, &a), OK);
    for (size_t i = 0; i < w.n; i++) {
        struct firm_row f;
        int64_t sent = 0;
        desc_clear(&firm_row_desc, &f);
        q_begin(&q, w.f.db, SQL_firm_get);
        q_int(&q, "id", w.firms[i]);
        assert_int_equal(q_one(&q, &firm_row_desc, &f, &a), OK);
        if (!str_starts(f.org_path, path) || !owes(f.state, f.abnormal, f.kind, n.audience))
            continue;
        q_begin(&q, w.f.db, SQL_notice_sent_to);
        q_int(&q, "notice", notice);
        for (int p = 1; p <= 6; p++) {
            char name[4] = {'p', (char)('0' + p), 0};
            q_str(&q, name, str_sub(f.org_path, 0, (size_t)p * 5));
        }
        assert_int_equal(q_one_int(&q, &sent), OK);
        if (n.everyone ? !str_starts(f.org_path, n.org_path) : !sent)
            continue;
        ++*due;
        q_begin(&q, w.f.db, SQL_telling_first);
        q_int(&q, "firm", f.id);
        q_int(&q, "notice", notice);
        *reached += q_row(&q);
        assert_int_equal(q_end(&q), OK);
    }
    arena_free(&a);
}

static int64_t listed(int64_t notice, int64_t org, const char *status)
{
    const struct reply *r = ASK(&w.f, .op = "notice_firms", .as = "sx",
        .query = {{S("notice"), str_z(fixture_id(&w.f, notice))},
            {S("org"), str_z(fixture_id(&w.f, org))}, {S("status"), str_z(status)},
            {S("limit"), S("200")}, {S("total"), S("true")}});
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "total"), (int64_t)jin_len(reply_at(r, "items")));
    return reply_int(r, "total");
}

static void compare(int64_t notice, int64_t org, struct str path)
{
    int64_t due, reached;
    const struct reply *r = ASK(&w.f, .op = "notice_board", .as = "sx",
        .path = {fixture_id(&w.f, notice)}, .query = {{S("org"), str_z(fixture_id(&w.f, org))}});
    assert_status(r, 200);
    recount(notice, path, &due, &reached);
    if (reply_int(r, "total.0.due") != due || reply_int(r, "total.0.reached") != reached)
        fail_msg("%.*s: due %lld, recounted %lld; reached %lld, recounted %lld", STR_ARG(path),
            (long long)reply_int(r, "total.0.due"), (long long)due,
            (long long)reply_int(r, "total.0.reached"), (long long)reached);
    int64_t ways = reply_int(r, "total.0.receipt") + reply_int(r, "total.0.visit") +
                   reply_int(r, "total.0.paper") + reply_int(r, "total.0.phone");
    assert_int_equal(ways, reached);
    assert_int_equal(listed(notice, org, "reached"), reached);
    assert_int_equal(listed(notice, org, "unreached"), due - reached);
}

static void compare_all(void)
{
    static const char *const areas[] = {
        "140000", "141100", "141121", "141121100", "140105", "141122100"};
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        struct fixture_org o = {.area = areas[i]};
        assert_int_equal(app_read(w.f.app, fixture_find_org, &o), OK);
        struct str path = arena_str(&w.f.a, str_z(o.path));
        for (int k = 0; k < NOTICES; k++)
            compare(w.notices[k], o.row.id, path);
    }
}

/* --- the run --------------------------------------------------------------------------------- */

static int64_t issue(
    const char *as, const char *no, const char *audience, bool everyone, const char *to)
{
    const struct reply *r = ASK(&w.f, .op = "notice_create", .as = as,
        .body = fixture_text(&w.f,
            "{\"title\": \"%s\", \"doc_no\": \"%s\", \"doc_day\": \"2026-01-01\", \"openness\": "
            "\"open\", "
            "\"to_firms\": true, \"audience\": \"%s\"}",
            no, no, audience));
    assert_status(r, 200);
    int64_t id = reply_int(r, "id");
    r = post("notice_issue", as, fixture_id(&w.f, id), NULL,
        fixture_text(&w.f, "{\"everyone\": %s, \"orgs\": [%s]}", everyone ? "true" : "false", to));
    assert_status(r, 200);
    return id;
}

static const char *pick(const char *area)
{
    return fixture_text(&w.f, "{\"org\": %lld}", (long long)fixture_org(&w.f, area));
}

static void counters_equal_a_recount(void **state)
{
    (void)state;
    const char *seed = getenv("ZHIAN_SEED");
    w.state = seed ? strtoull(seed, NULL, 10) : 20261102;
    w.firms[w.n++] = w.f.firm;
    w.firms[w.n++] = w.f.firm_elsewhere;
    w.notices[0] = issue("sx", "测1", "all", true, pick("141100"));
    w.notices[1] = issue("sx", "测2", "producer", true, pick("141100"));
    /* A county and a station below it, and another city: no firm counts twice. */
    w.notices[2] = issue("sx", "测3", "all", false,
        fixture_text(&w.f, "%s, %s, %s", pick("141121"), pick("141121100"), pick("140100")));
    w.notices[3] = issue("ll", "测4", "seller", true, pick("141121"));
    for (int i = 0; i < ACTS; i++) {
        act();
        if (i % 40 == 0)
            compare_all();
    }
    compare_all();
    assert_true(w.done[1] > 20 && w.done[3] > 5 && w.n > 10);
}

static void a_moved_firm_takes_its_word_along(void **state)
{
    (void)state;
    int64_t due, reached;
    int64_t n = w.notices[0];
    tell(w.f.firm, n);
    struct fixture_org o = {.area = "141121100"};
    assert_int_equal(app_read(w.f.app, fixture_find_org, &o), OK);
    compare(n, o.row.id, arena_str(&w.f.a, str_z(o.path)));
    recount(n, S("0001."), &due, &reached);
    assert_true(due >= reached && reached > 0);
}

static enum err wrong(struct ctx *c, void *arg)
{
    (void)arg;
    tell_count(c, w.notices[0], S("visit"), S("0001.0001."), 7);
    return OK;
}

static void derived_numbers_can_be_made_anew(void **state)
{
    (void)state;
    assert_int_equal(app_write(w.f.app, NULL, wrong, NULL), OK);
    const struct reply *r =
        ASK(&w.f, .op = "notice_board", .as = "sx", .path = {fixture_id(&w.f, w.notices[0])});
    int64_t before = reply_int(r, "total.0.reached");
    assert_int_equal(firm_told_rebuild(w.f.app), OK);
    r = ASK(&w.f, .op = "notice_board", .as = "sx", .path = {fixture_id(&w.f, w.notices[0])});
    assert_int_equal(reply_int(r, "total.0.reached"), before - 7);
    compare_all();
}

static int open_store(void **state)
{
    (void)state;
    fixture_open(&w.f);
    duty_days_pass(&w.f, 1);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&w.f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_equal_a_recount),
        cmocka_unit_test(a_moved_firm_takes_its_word_along),
        cmocka_unit_test(derived_numbers_can_be_made_anew),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
