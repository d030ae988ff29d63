/* Posts that stand empty: whatever happens to people and firms, the list and its counters say what
 * the persons say; and what counts of a firm's events. */
#include "feature/file/file.h"

#include "fixture.h"

static struct fixture f;

static int open_store(void **state)
{
    (void)state;
    fixture_open(&f);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* --- what the gaps should be, from the persons as they are shown --------------------------------
 */

enum { POSTS = 3 };
static const char *const posts[POSTS] = {"principal", "director", "officer"};

static const struct reply *people(void)
{
    return ASK(&f, .op = "person_list", .as = "ws", .path = {fixture_id(&f, f.firm)});
}

static const struct reply *firm(void)
{
    return ASK(&f, .op = "firm_get", .as = "ws", .path = {fixture_id(&f, f.firm)});
}

static bool is(const struct jin *row, const char *key, const char *value)
{
    return str_eqz(jin_str(jin_get(row, key)), value);
}

static int in_post(const char *post, struct str *name)
{
    const struct jin *items = reply_at(people(), "items");
    int n = 0;
    for (size_t i = 0; i < jin_len(items); i++) {
        const struct jin *p = jin_at(items, i);
        if (!is(p, "post", post) || jin_str(jin_get(p, "to_day")).n)
            continue;
        *name = jin_str(jin_get(p, "name"));
        n++;
    }
    return n;
}

static bool owes(void)
{
    const struct jin *r = reply_at(firm(), "record");
    const struct jin *app = jin_get(r, "applicability");
    return is(r, "abnormal", "00") && !str_eqz(jin_str(jin_at(app, 0)), "均不适用");
}

static bool wanted(const char *code)
{
    struct str director = STR_NULL, officer = STR_NULL;
    if (!owes())
        return false;
    if (strcmp(code, "same_person") == 0)
        return in_post("director", &director) > 0 && in_post("officer", &officer) == 1 &&
               str_eq(director, officer);
    if (strcmp(code, "director") == 0 && !is(reply_at(firm(), "record"), "director_required", "是"))
        return false;
    return in_post(code, &director) == 0;
}

static bool listed(const char *code)
{
    const struct reply *r = ASK(&f, .op = "post_gap_list", .as = "sx",
        .query = {{S("firm"), str_z(fixture_id(&f, f.firm))}, {S("code"), str_z(code)}});
    assert_status(r, 200);
    return jin_len(reply_at(r, "items")) == 1;
}

static int64_t counted(const char *as, const char *code)
{
    const struct reply *r = ASK(&f, .op = "post_gap_count", .as = as);
    return reply_int(r, fixture_text(&f, "total.0.%s", code));
}

static size_t all(const char *as, const char *code)
{
    const struct reply *r = ASK(&f, .op = "post_gap_list", .as = as,
        .query = {{S("code"), str_z(code)}, {S("limit"), S("200")}});
    return jin_len(reply_at(r, "items"));
}

static void check_all(void)
{
    static const char *const codes[] = {"principal", "director", "officer", "same_person"};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(listed(codes[i]), wanted(codes[i]));
        assert_int_equal(counted("sx", codes[i]), all("sx", codes[i]));
        assert_int_equal(counted("ws", codes[i]), all("ws", codes[i]));
        assert_int_equal(counted("jc", codes[i]), all("jc", codes[i]));
    }
}

/* --- acts ---------------------------------------------------------------------------------------
 */

static uint32_t seed;

static unsigned below(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static void appoint(void)
{
    static const char *const names[] = {"岑一", "禾二", "陆三"};
    (void)ASK(&f, .op = "person_create", .as = "ws", .path = {fixture_id(&f, f.firm)},
        .body = fixture_text(&f, "{\"post\":\"%s\",\"name\":\"%s\",\"from_day\":\"2026-10-0%u\"}",
            posts[below(POSTS)], names[below(3)], 1 + below(9)));
}

static void leave(void)
{
    const struct jin *items = reply_at(people(), "items");
    if (!jin_len(items))
        return;
    const struct jin *p = jin_at(items, below((unsigned)jin_len(items)));
    (void)ASK(&f, .op = "person_end", .as = "ws",
        .path = {fixture_id(&f, f.firm), fixture_id(&f, jin_int(jin_get(p, "id"), 0))},
        .body = "{\"to_day\":\"2026-10-20\",\"reason\":\"离职\"}");
}

static void change(void)
{
    static const char *const bodies[] = {"{\"abnormal\":\"11\"}", "{\"abnormal\":\"00\"}",
        "{\"applicability\":[\"均不适用\"]}", "{\"applicability\":[\"许可证\"]}",
        "{\"applicability\":[\"强制性国家标准\"],\"staff\":3,\"revenue\":1}",
        "{\"town\":\"141121101\"}", "{\"town\":\"141121100\"}"};
    (void)ASK(&f, .op = "firm_edit", .as = "ws", .path = {fixture_id(&f, f.firm)},
        .body = bodies[below(sizeof bodies / sizeof *bodies)],
        .if_match = fixture_text(&f, "\"%lld\"", (long long)reply_int(firm(), "version")));
}

static void test_gaps_follow(void **state)
{
    (void)state;
    static void (*const acts[])(void) = {appoint, appoint, leave, change};
    seed = 20261102;
    check_all();
    for (int i = 0; i < 80; i++) {
        acts[below(4)]();
        check_all();
    }
}

/* --- events -------------------------------------------------------------------------------------
 */

static void happen(const char *body)
{
    const struct reply *r =
        ASK(&f, .op = "event_create", .as = "ws", .path = {fixture_id(&f, f.firm)}, .body = body);
    assert_status(r, 200);
}

static enum err tally(struct ctx *c, void *arg)
{
    return event_tally(c, f.firm, c->today - 365, c->today, arg);
}

static void test_tally(void **state)
{
    (void)state;
    struct event_tally t;
    assert_int_equal(app_read(f.app, tally, &t), OK);
    assert_int_equal(t.all, 0);
    assert_true(t.last_day == NULL_INT);
    happen("{\"type\":\"sampling\",\"day\":\"2026-05-01\",\"result\":\"不合格\",\"severity\":"
           "\"重大\"}");
    happen("{\"type\":\"sampling\",\"day\":\"2026-05-02\",\"result\":\"合格\"}");
    happen("{\"type\":\"inspection\",\"day\":\"2026-06-02\",\"result\":\"责令改正\"}");
    happen(
        "{\"type\":\"complaint\",\"day\":\"2026-06-03\",\"result\":\"属实\",\"verified\":false}");
    happen("{\"type\":\"major_hazard\",\"day\":\"2026-07-01\",\"result\":\"属实\"}");
    happen(
        "{\"type\":\"accident\",\"day\":\"2026-07-02\",\"result\":\"属实\",\"severity\":\"较大\"}");
    happen(
        "{\"type\":\"accident\",\"day\":\"2020-07-02\",\"result\":\"属实\",\"severity\":\"重大\"}");
    assert_int_equal(app_read(f.app, tally, &t), OK);
    assert_int_equal(t.all, 3);
    assert_int_equal(t.major, 1);
    assert_int_equal(t.accidents_larger, 1);
    assert_int_equal(t.major_hazards, 1);
    int64_t day;
    assert_true(civil_parse_day(S("2026-07-02"), &day));
    assert_int_equal(t.last_day, day);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_gaps_follow), TEST(test_tally)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
