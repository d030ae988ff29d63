/* Hazards: found by a day's check, worked on step by step, listed in scope. */
#include "duty_fixture.h"

static struct fixture f;
static int64_t list;

static int open_store(void **state)
{
    (void)state;
    duty_open(&f);
    list = duty_list(&f, "officer", f.firm);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* --- finding --------------------------------------------------------------------------------- */

/* A check with one problem at the first item; more: further members of the problem. */
static const struct reply *find(const char *key, const char *more)
{
    char text[1000];
    size_t n = 0;
    for (int i = 0; i < 12; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"code\": \"%d\", \"result\": \"%s\"}",
            i ? ", " : "", (i / 4 + 1) * 100 + i % 4 + 1, i ? "normal" : "problem");
    return ASK(&f, .op = "daily_submit", .as = "officer",
        .path = {fixture_id(&f, f.firm), duty_day(&f, 0)},
        .body = fixture_text(&f,
            "{\"risklist\": %lld, \"answers\": [%s], \"key\": \"%s\", \"problems\": [{\"code\": "
            "\"101\", \"what\": \"没有合格证\", \"measure\": \"停用\"%s}]}",
            (long long)list, text, key, more));
}

static int64_t found(const char *more)
{
    const struct reply *r = find("k", more);
    assert_status(r, 200);
    return reply_int(r, "hazards.0");
}

static const struct reply *get(const char *as, int64_t id)
{
    return ASK(&f, .op = "hazard_get", .as = as, .path = {fixture_id(&f, id)});
}

static const struct reply *step(
    const char *as, int64_t id, const char *action, const char *version, const char *body)
{
    return ASK(&f, .op = "hazard_step", .as = as, .path = {fixture_id(&f, id), action},
        .if_match = version, .body = body);
}

static bool offers(const struct reply *r, const char *action)
{
    const struct jin *all = reply_at(r, "actions");
    for (size_t i = 0; i < jin_len(all); i++)
        if (str_eqz(jin_str(jin_get(jin_at(all, i), "action")), action))
            return true;
    return false;
}

/* --- photos ---------------------------------------------------------------------------------- */

struct photo {
    int64_t firm, id;
};

static enum err put_photo(struct ctx *c, void *arg)
{
    struct photo *p = arg;
    struct attachment_row row;
    struct note n = {.silent = true};
    desc_clear(&attachment_row_desc, &row);
    row.firm = p->firm;
    row.owner_kind = S("firm");
    row.owner = p->firm;
    row.purpose = S("hazard");
    row.name = S("现场.jpg");
    row.type = S("image/jpeg");
    row.size = 9;
    row.sm3 = S("12345678901234567890123456789012");
    row.at = c->now;
    row.by_account = 0;
    row.by_name = S("officer");
    enum err e = rec_insert(c, &kind_attachment, &row, &n);
    p->id = row.id;
    return e;
}

static long long photo_of(int64_t firm)
{
    struct photo p = {firm, 0};
    assert_int_equal(app_write(f.app, NULL, put_photo, &p), OK);
    return p.id;
}

static void test_photos(void **state)
{
    (void)state;
    long long mine = photo_of(f.firm), other = photo_of(f.firm_elsewhere);
    const char *bad = fixture_text(&f, ", \"photos\": [\"%lld\", \"%lld\"]", mine, other);
    assert_complaint(find("k", bad), "problems.0.photos", "invalid");
    assert_complaint(find("k", ", \"photos\": [\"x\"]"), "problems.0.photos", "invalid");
    assert_complaint(find("k", ", \"photos\": [\"77777\"]"), "problems.0.photos", "invalid");
    /* Nothing of a refused submission stays. */
    const struct reply *r = ASK(&f, .op = "hazard_list", .as = "officer");
    assert_int_equal(jin_len(reply_at(r, "items")), 0);
    int64_t id = found(fixture_text(&f, ", \"photos\": [\"%lld\"]", mine));
    r = get("ws", id);
    assert_int_equal(reply_int(r, "photos.0.id"), mine);
    assert_string(r, "photos.0.name", "现场.jpg");
}

/* --- steps ----------------------------------------------------------------------------------- */

static void test_minor(void **state)
{
    (void)state;
    int64_t id = found(", \"severity\": \"一般\"");
    const struct reply *r = get("officer", id);
    assert_string(r, "record.due_day", duty_day(&f, 7));
    assert_true(offers(r, "report"));
    assert_true(offers(r, "assign"));
    assert_true(offers(r, "fix"));
    assert_false(offers(r, "close"));
    assert_string(r, "actions.1.needs.0", "fixer");
    assert_true(reply_null(r, "record.org_path"));
    assert_int_equal(jin_len(reply_at(get("ws", id), "actions")), 0);

    assert_complaint(step("officer", id, "assign", "1", "{}"), "fixer", "required");
    assert_complaint(step("officer", id, "fix", "1", "{\"text\": \"换了\", \"fixer\": \"甲\"}"),
        "fixer", "unknown");
    assert_complaint(
        step("officer", id, "assign", "1", "{\"fixer\": \"甲\", \"due_day\": \"2026-11-01\"}"),
        "due_day", "range");
    assert_complaint(
        step("officer", id, "fix", NULL, "{\"text\": \"换了\"}"), "If-Match", "required");
    assert_status(step("officer", id, "close", "1", "{\"text\": \"好了\"}"), 409);
    assert_status(step("officer", id, "vanish", "1", "{}"), 404);
    assert_status(step("ws", id, "fix", "1", "{\"text\": \"换了\"}"), 403);
    assert_status(step("elsewhere", id, "fix", "1", "{\"text\": \"换了\"}"), 404);

    r = step("officer", id, "assign", "1", "{\"fixer\": \"王五\", \"due_day\": \"2026-11-09\"}");
    assert_status(r, 200);
    assert_string(r, "record.state", "fixing");
    assert_string(r, "record.due_day", "2026-11-09");
    r = step("officer", id, "fix", "1", "{\"text\": \"换了\"}");
    assert_status(r, 409);
    assert_string(r, "current.state", "fixing");
    r = step("officer", id, "fix", "2", "{\"text\": \"换了\"}");
    assert_string(r, "record.fixed_day", duty_day(&f, 0));
    assert_string(r, "record.fix_note", "换了");
    r = step("officer", id, "reopen", "3", "{\"text\": \"还缺\", \"due_day\": \"2026-11-10\"}");
    assert_string(r, "record.state", "fixing");
    assert_true(reply_null(r, "record.fix_note"));
    r = step("officer", id, "fix", "4", "{\"text\": \"补齐\"}");
    r = step("officer", id, "close", "5", "{\"text\": \"看过\"}");
    assert_status(r, 200);
    assert_string(r, "record.state", "closed");
    assert_string(r, "record.closed_day", duty_day(&f, 0));
    assert_int_equal(jin_len(reply_at(r, "actions")), 0);
    assert_int_equal(jin_len(reply_at(r, "steps")), 6);
    assert_string(r, "steps.5.note.label", "核实关闭");
    assert_string(r, "steps.5.actor_name", "officer");
}

/* what is larger is confirmed by someone else than who fixed it. */
static void test_other_person(void **state)
{
    (void)state;
    int64_t id = found(", \"severity\": \"重大\"");
    assert_string(get("officer", id), "record.due_day", duty_day(&f, 1));
    assert_status(step("officer", id, "fix", "1", "{\"text\": \"换了\"}"), 200);
    assert_false(offers(get("officer", id), "close"));
    assert_true(offers(get("principal", id), "close"));
    const struct reply *r = step("officer", id, "close", "2", "{\"text\": \"好了\"}");
    assert_status(r, 409);
    assert_true(str_find(r->body, S("另一个人")) >= 0);
    assert_status(step("principal", id, "close", "2", "{\"text\": \"好了\"}"), 200);
}

/* --- lists ----------------------------------------------------------------------------------- */

static const struct reply *listed(const char *as, const char *name, const char *value)
{
    return ASK(&f, .op = "hazard_list", .as = as,
        .query = {{S("total"), S("true")}, {str_z(name), str_z(value)}});
}

static void test_list(void **state)
{
    (void)state;
    int64_t id = found(", \"severity\": \"一般\", \"fixer\": \"王五\"");
    const struct reply *r = listed("ws", NULL, NULL);
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "total"), 1);
    assert_int_equal(reply_int(r, "items.0.id"), id);
    assert_string(r, "items.0.firm_name", "文水砚睿水泥厂");
    assert_false(jin_bool(reply_at(r, "items.0.overdue"), true));
    assert_int_equal(reply_int(listed("officer", NULL, NULL), "total"), 1);
    assert_int_equal(reply_int(listed("elsewhere", NULL, NULL), "total"), 0);
    assert_int_equal(reply_int(listed("jc", NULL, NULL), "total"), 0);
    assert_int_equal(reply_int(listed("ws.kaizha", NULL, NULL), "total"), 0);
    assert_int_equal(reply_int(listed("sx", NULL, NULL), "total"), 1);
    assert_int_equal(reply_int(listed("ws", "state", "found,fixing"), "total"), 1);
    assert_int_equal(reply_int(listed("ws", "state", "closed"), "total"), 0);
    assert_int_equal(reply_int(listed("ws", "severity", "重大"), "total"), 0);
    assert_int_equal(reply_int(listed("ws", "source", "daily"), "total"), 1);
    assert_int_equal(reply_int(listed("ws", "found_day", "2026-11-03..2026-11-03"), "total"), 1);
    assert_int_equal(reply_int(listed("ws", "overdue", "true"), "total"), 0);
    assert_int_equal(reply_int(listed("ws", "firm", fixture_id(&f, f.firm)), "total"), 1);
    assert_int_equal(reply_int(listed("ws", "firm", fixture_id(&f, f.firm_elsewhere)), "total"), 0);
    assert_complaint(listed("ws", "what", "x"), "what", "unknown");
    assert_status(listed("ws", "org", fixture_id(&f, fixture_org(&f, "141100"))), 404);
    duty_days_pass(&f, 8);
    r = listed("ws", "overdue", "true");
    assert_int_equal(reply_int(r, "total"), 1);
    assert_true(jin_bool(reply_at(r, "items.0.overdue"), false));
    assert_true(jin_bool(reply_at(get("ws", id), "overdue"), false));
}

static void test_scope(void **state)
{
    (void)state;
    int64_t id = found("");
    assert_true(reply_null(get("ws", id), "record.due_day"));
    assert_status(get("ws.fengcheng", id), 200);
    assert_status(get("jc", id), 404);
    assert_status(get("elsewhere", id), 404);
    assert_status(get("ws", id + 1), 404);
    assert_status(get("sysadmin", id), 403);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_photos), TEST(test_minor), TEST(test_other_person),
        TEST(test_list), TEST(test_scope)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
