/* The runner as the doors use it: who may come in and until when, forged requests, keys that make a
 * retry harmless, versions, and changes of rights that count at the very next request. */
#include "base/utf8.h"

#include "fixture.h"

#define MINUTES(n) ((int64_t)(n)*60 * 1000)

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

static const struct reply *whoami(struct str token)
{
    return ASK(&f, .op = "session_get", .token = token);
}

static const char *view_named(const char *name)
{
    return fixture_text(
        &f, "{\"list\": \"firms\", \"name\": \"%s\", \"spec\": {\"sort\": \"name\"}}", name);
}

static size_t views_of(const char *who)
{
    const struct reply *r =
        ASK(&f, .op = "view_list", .as = who, .query = {{S("list"), S("firms")}});
    assert_status(r, 200);
    return jin_len(reply_at(r, "items"));
}

/* --- who ----------------------------------------------------------------------------------------
 */

static const struct reply *by_cookie(struct str token, const char *csrf)
{
    return ASK(&f, .op = "view_create", .token = token, .cookie = true, .csrf = csrf,
        .body = view_named("甲"));
}

static void test_a_cookie_needs_its_word(void **state)
{
    (void)state;
    const struct reply *r = fixture_login(&f, "ws", FIXTURE_PASSWORD, NULL);
    struct str token = r->cookie;
    const char *word = arena_str(&f.a, reply_str(r, "csrf")).p;
    const char *other =
        arena_str(&f.a, reply_str(fixture_login(&f, "ll", FIXTURE_PASSWORD, NULL), "csrf")).p;
    const char *const wrong[] = {
        NULL, "", "x", other, fixture_text(&f, "%sx", word), fixture_text(&f, "%.5s", word)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        r = by_cookie(token, wrong[i]);
        assert_status(r, 403);
        assert_string(r, "type", "csrf");
    }
    assert_int_equal(views_of("ws"), 0);
    assert_status(ASK(&f, .op = "session_get", .token = token, .cookie = true), 200);
    assert_status(by_cookie(token, word), 200);
    /* What is not sent by browsers of themselves needs none. */
    assert_status(ASK(&f, .op = "view_create", .token = token, .body = view_named("乙")), 200);
    assert_int_equal(views_of("ws"), 2);
}

static void test_an_initial_password_opens_one_door(void **state)
{
    (void)state;
    const char *id = fixture_id(&f, fixture_account_id(&f, "ws"));
    const struct reply *r = ASK(&f, .op = "account_reset", .as = "sysadmin", .path = {id});
    assert_status(r, 200);
    struct str token = fixture_login(&f, "ws", reply_str(r, "password").p, NULL)->cookie;
    assert_status(whoami(token), 200);
    static const char *const shut[] = {"firm_list", "code_lists", "session_list", "area_list"};
    for (size_t i = 0; i < sizeof shut / sizeof *shut; i++) {
        r = ASK(&f, .op = shut[i], .token = token);
        assert_status(r, 403);
        assert_true(str_find(reply_str(r, "detail"), S("初始密码")) >= 0);
    }
    assert_status(ASK(&f, .op = "view_create", .token = token, .body = view_named("甲")), 403);
    assert_status(ASK(&f, .op = "site_get", .token = token), 200); /* open to anyone */
    assert_status(ASK(&f, .op = "session_delete", .token = token), 200);
}

/* The note that a session is in use is written beside; it has happened after another write. */
static void settle(void)
{
    (void)fixture_firm(&f, "时间流逝", "141121100");
}

static void test_idle_half_an_hour(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    for (int i = 0; i < 4; i++) {
        fixture_later(&f, MINUTES(20));
        assert_status(whoami(token), 200);
        settle();
    }
    fixture_later(&f, MINUTES(30) - 1);
    assert_status(whoami(token), 200);
    settle();
    fixture_later(&f, MINUTES(30));
    assert_status(whoami(token), 401);
    assert_status(whoami(token), 401);
}

/* Who only writes is in use too. */
static void test_writing_is_not_idle(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    for (int i = 0; i < 4; i++) {
        fixture_later(&f, MINUTES(20));
        const char *body = view_named(fixture_text(&f, "视图%d", i));
        assert_status(ASK(&f, .op = "view_create", .token = token, .body = body), 200);
        settle();
    }
}

static void test_eight_hours_at_most(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    for (int i = 0; i < 23; i++) {
        fixture_later(&f, MINUTES(20));
        assert_status(whoami(token), 200);
        settle();
    }
    fixture_later(&f, MINUTES(20) - 1);
    assert_status(whoami(token), 200);
    fixture_later(&f, 1);
    assert_status(whoami(token), 401);
}

static void test_disabled_counts_at_once(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws.clerk");
    const char *id = fixture_id(&f, fixture_account_id(&f, "ws.clerk"));
    assert_status(ASK(&f, .op = "firm_list", .token = token), 200);
    assert_status(ASK(&f, .op = "account_disable", .as = "secadmin", .path = {id},
                      .body = "{\"reason\": \"调离\"}"),
        200);
    assert_status(ASK(&f, .op = "firm_list", .token = token), 401);
    assert_status(ASK(&f, .op = "view_create", .token = token, .body = view_named("甲")), 401);
}

static const char *firm_path(void)
{
    return fixture_id(&f, f.firm);
}

static const struct reply *appoint(struct str token, const char *key, const char *name)
{
    const char *body =
        fixture_text(&f, "{\"post\": \"officer\", \"name\": \"%s\", \"doc_no\": \"1 号\"}", name);
    return ASK(&f, .op = "person_create", .token = token, .path = {firm_path()}, .body = body,
        .idem = key);
}

static void test_a_lesser_role_counts_at_once(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws.clerk");
    const char *id = fixture_id(&f, fixture_account_id(&f, "ws.clerk"));
    assert_status(appoint(token, NULL, "王五"), 200);
    assert_status(ASK(&f, .op = "account_grant", .as = "secadmin", .path = {id},
                      .body = "{\"role\": \"viewer\", \"reason\": \"转岗\"}"),
        200);
    assert_status(appoint(token, NULL, "赵六"), 401); /* its sessions are over */
    token = fixture_token(&f, "ws.clerk");
    assert_status(ASK(&f, .op = "firm_list", .token = token), 200);
    assert_status(appoint(token, NULL, "赵六"), 403);
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static const struct reply *keyed(const char *who, const char *key, const char *name)
{
    return ASK(&f, .op = "view_create", .as = who, .body = view_named(name), .idem = key);
}

static void test_a_retry_is_the_same_answer(void **state)
{
    (void)state;
    const struct reply *first = keyed("ws", "k-1", "甲");
    assert_status(first, 200);
    fixture_later(&f, MINUTES(5));
    const struct reply *again = keyed("ws", "k-1", "甲");
    assert_int_equal(again->status, first->status);
    assert_true(str_eq(again->body, first->body));
    fixture_restart(&f);
    assert_true(str_eq(keyed("ws", "k-1", "甲")->body, first->body));
    assert_int_equal(views_of("ws"), 1);
}

static void test_a_key_is_for_one_content(void **state)
{
    (void)state;
    assert_status(keyed("ws", "k-1", "甲"), 200);
    const struct reply *r = keyed("ws", "k-1", "乙");
    assert_status(r, 409);
    assert_string(r, "type", "conflict");
    assert_status(ASK(&f, .op = "person_create", .as = "ws", .path = {firm_path()}, .idem = "k-1",
                      .body = view_named("甲")),
        422);
    assert_status(ASK(&f, .op = "person_create", .as = "ws", .path = {firm_path()}, .idem = "k-1",
                      .body = "{\"post\": \"officer\", \"name\": \"王五\"}"),
        409); /* nor for another operation */
    assert_int_equal(views_of("ws"), 1);
    assert_status(keyed("ll", "k-1", "乙"), 200); /* another account has keys of its own */
    assert_status(keyed("ws", "k-2", "乙"), 200);
}

static void test_a_refusal_uses_no_key(void **state)
{
    (void)state;
    assert_status(ASK(&f, .op = "view_create", .as = "ws", .idem = "k-1", .body = "{}"), 422);
    assert_status(ASK(&f, .op = "person_create", .as = "ws", .idem = "k-1", .path = {"999999"},
                      .body = "{\"post\": \"officer\", \"name\": \"王五\"}"),
        404);
    assert_status(keyed("ws", "k-1", "甲"), 200);
    char longer[100];
    memset(longer, 'k', sizeof longer);
    longer[81] = 0;
    assert_complaint(keyed("ws", longer, "乙"), "Idempotency-Key", "too_long");
    longer[80] = 0;
    assert_status(keyed("ws", longer, "乙"), 200);
}

/* Two values of a path that run together to the same digits are two contents. */
static void test_values_do_not_run_together(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    const struct reply *r = appoint(token, NULL, "王五");
    assert_status(r, 200);
    const char *firm = firm_path(), *person = fixture_id(&f, reply_int(r, "id"));
    const char *body = "{\"to_day\": \"" FIXTURE_DAY "\", \"reason\": \"离职\"}";
    r = ASK(&f, .op = "person_end", .token = token, .path = {firm, person}, .body = body,
        .idem = "k-1");
    assert_status(r, 200);
    const char *other = fixture_text(&f, "%.*s", (int)strlen(firm) - 1, firm);
    const char *rest = fixture_text(&f, "%c%s", firm[strlen(firm) - 1], person);
    r = ASK(
        &f, .op = "person_end", .token = token, .path = {other, rest}, .body = body, .idem = "k-1");
    assert_status(r, 409);
}

/* --- versions -----------------------------------------------------------------------------------
 */

static int64_t edited; /* a firm whose code nobody else has */

static const struct reply *edit(const char *version, const char *body)
{
    return ASK(&f, .op = "firm_edit", .as = "ws", .path = {fixture_id(&f, edited)},
        .if_match = version, .body = body);
}

static const struct reply *begin_edit(void)
{
    struct fixture_firm x = {"文水独一水泥厂", "141121100", "91141121TTTT90002N", 0};
    assert_int_equal(app_write(f.app, NULL, fixture_make_firm, &x), OK);
    edited = x.id;
    return ASK(&f, .op = "firm_get", .as = "ws", .path = {fixture_id(&f, edited)});
}

static size_t complaints(const struct reply *r)
{
    return jin_len(reply_at(r, "errors"));
}

static void test_versions(void **state)
{
    (void)state;
    const char *body = "{\"staff\": 90, \"reason\": \"年报\"}";
    const struct reply *r = begin_edit();
    int64_t now = reply_int(r, "version");
    assert_true(str_eqz(r->etag, fixture_text(&f, "\"%lld\"", (long long)now)));

    r = edit(NULL, body);
    assert_status(r, 422);
    assert_complaint(r, "If-Match", "required");
    static const char *const garbage[] = {"x", "*", "1.0", "99999999999999999999", "W/1", "-"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        r = edit(garbage[i], body);
        assert_status(r, 422);
        assert_complaint(r, "If-Match", "type");
        assert_int_equal(complaints(r), 1);
    }
    const char *stale[] = {"0", "-1", fixture_id(&f, now + 1), fixture_id(&f, INT64_MAX)};
    for (size_t i = 0; i < sizeof stale / sizeof *stale; i++) {
        r = edit(stale[i], body);
        assert_status(r, 409);
        assert_string(r, "type", "stale");
        assert_int_equal(reply_int(r, "current.staff"), 86);
    }
    r = edit(fixture_id(&f, now), body);
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "record.staff"), 90);
    int64_t next = reply_int(r, "version");
    assert_true(next > now);
    r = edit(fixture_id(&f, now), "{\"staff\": 91, \"reason\": \"年报\"}");
    assert_status(r, 409); /* both values: the one sent and the one stored */
    assert_int_equal(reply_int(r, "current.staff"), 90);
    assert_int_equal(reply_int(r, "current.version"), next);
}

static int64_t journal_end(void)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, f.db, SQL_journal_last);
    assert_int_equal(q_one_int(&q, &n), OK);
    return n;
}

static void test_nothing_changed(void **state)
{
    (void)state;
    const struct reply *r = begin_edit();
    int64_t now = reply_int(r, "version"), last = journal_end();
    r = edit(fixture_id(&f, now), "{\"staff\": 86, \"reason\": \"年报\"}");
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "version"), now);
    assert_int_equal(journal_end(), last);
}

/* --- what is said back --------------------------------------------------------------------------
 */

static void test_long_names_are_answered_in_whole_characters(void **state)
{
    (void)state;
    char name[3 * 700 + 8];
    for (int shift = 0; shift < 3; shift++) {
        size_t n = 0;
        for (int i = 0; i < shift; i++)
            name[n++] = 'a';
        for (int i = 0; i < 700; i++, n += 3)
            memcpy(name + n, "长", 3);
        struct str s = {name, n};
        const struct reply *r = ASK(&f, .op = "session_list", .as = "ws", .query = {{s, S("1")}});
        assert_status(r, 422);
        assert_true(utf8_valid(r->body));
        assert_non_null(r->json);
        assert_true(str_find(r->body, S("\xef\xbf\xbd")) < 0);
    }
}

static void test_bodies_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"{", "[", "{\"a\":1}x", "nul", "{a:1}", "\xff\xfe",
        "{\"a\":\"\xed\xa0\x80\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct reply *r = ASK(&f, .op = "view_create", .as = "ws", .body = bad[i]);
        assert_status(r, 400);
        assert_string(r, "type", "bad_request");
    }
    static const char *const odd[] = {"null", "1", "\"x\"", "[]", "true"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_status(ASK(&f, .op = "view_create", .as = "ws", .body = odd[i]), 422);
    assert_int_equal(views_of("ws"), 0);
}

/* --- templates ----------------------------------------------------------------------------------
 */

static const struct reply *publish(const char *who, int64_t from, const char *body)
{
    const char *text = fixture_text(
        &f, "{\"from_version\": %lld, \"reason\": \"试行\", \"body\": %s}", (long long)from, body);
    return ASK(&f, .op = "template_publish", .as = who, .path = {"settings"}, .body = text);
}

static void test_publishing_over_another(void **state)
{
    (void)state;
    const struct reply *r = ASK(&f, .op = "template_get", .as = "sx", .path = {"settings"});
    assert_status(r, 200);
    int64_t from = reply_int(r, "version");
    const char *body =
        "{\"settings\": [{\"key\": \"session_idle_minutes\", \"value\": 10}], \"texts\": []}";
    assert_status(publish("ws", from, body), 403);
    assert_status(publish("sx", from + 1, body), 409);
    r = publish("sx", from, body);
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "version"), from + 1);
    r = publish("sx", from, body);
    assert_status(r, 409);
    assert_string(r, "type", "stale");
    assert_complaint(r, "from_version", "stale");
    assert_int_equal(reply_int(r, "current.settings.0.value"), 10);
    /* It counts at the next request. */
    struct str token = fixture_token(&f, "ws");
    fixture_later(&f, MINUTES(10));
    assert_status(whoami(token), 401);
}

static void test_definitions_keep_their_shape(void **state)
{
    (void)state;
    int64_t from =
        reply_int(ASK(&f, .op = "template_get", .as = "sx", .path = {"settings"}), "version");
    static const char *const bad[] = {"1", "[]", "{}", "\"x\"", "{\"settings\": []}",
        "{\"settings\": 1, \"texts\": []}", "{\"settings\": {}}", "{\"other\": []}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct reply *r = publish("sx", from, bad[i]);
        assert_status(r, 422);
        assert_complaint(r, "body", "shape");
    }
    assert_status(publish("sx", from, "{\"settings\": [], \"texts\": [], \"more\": 1}"), 200);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_cookie_needs_its_word),
        T(test_an_initial_password_opens_one_door),
        T(test_idle_half_an_hour),
        T(test_writing_is_not_idle),
        T(test_eight_hours_at_most),
        T(test_disabled_counts_at_once),
        T(test_a_lesser_role_counts_at_once),
        T(test_a_retry_is_the_same_answer),
        T(test_a_key_is_for_one_content),
        T(test_a_refusal_uses_no_key),
        T(test_values_do_not_run_together),
        T(test_versions),
        T(test_nothing_changed),
        T(test_long_names_are_answered_in_whole_characters),
        T(test_bodies_that_are_none),
        T(test_publishing_over_another),
        T(test_definitions_keep_their_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
