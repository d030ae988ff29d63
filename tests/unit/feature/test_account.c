/* Signing in, locks, passwords, and what administrators may do with accounts. */
#include "base/mem.h"
#include "core/codes.h"

#include "fixture.h"

#define DAYS(n) ((n)*24 * f.hour)
#define IP "10.1.2.3"
#define OWN_PASSWORD "Bamboo&Moon-7412"

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

static const struct reply *signin(const char *login, const char *password)
{
    return fixture_login(&f, login, password, NULL);
}

static const struct reply *whoami(struct str token)
{
    return ASK(&f, .op = "session_get", .token = token);
}

static const char *of(const char *login)
{
    return fixture_id(&f, fixture_account_id(&f, login));
}

/* --- signing in ---------------------------------------------------------------------------------
 */

static bool has_perm(const struct reply *r, const char *name)
{
    const struct jin *perms = reply_at(r, "perms");
    for (size_t i = 0; i < jin_len(perms); i++)
        if (str_eqz(jin_str(jin_at(perms, i)), name))
            return true;
    return false;
}

static void test_signin(void **state)
{
    (void)state;
    const struct reply *r = fixture_login(&f, "WS.Clerk", FIXTURE_PASSWORD, IP);
    assert_status(r, 200);
    assert_int_equal(r->cookie.n, TOKEN_LEN);
    assert_string(r, "login", "ws.clerk");
    assert_string(r, "kind", "org");
    assert_string(r, "role_label", "业务人员");
    assert_string(r, "org_name", "文水县市场监督管理局");
    assert_string(r, "organ", "山西省市场监督管理局");
    assert_string(r, "area", "141121");
    assert_string(r, "today", FIXTURE_DAY);
    assert_int_equal(reply_int(r, "level"), 3);
    assert_true(has_perm(r, "firm_import"));
    assert_false(has_perm(r, "grade_decide"));
    assert_false(jin_bool(reply_at(r, "must_change"), true));
    assert_true(str_find(r->body, r->cookie) < 0);

    const struct reply *again = whoami(r->cookie);
    assert_status(again, 200);
    assert_true(reply_str(r, "csrf").n >= 20);
    assert_true(str_eq(reply_str(again, "csrf"), reply_str(r, "csrf")));
    assert_int_equal(fixture_journal(&f, "ws.clerk"), 1);

    r = signin("auditor", FIXTURE_PASSWORD);
    assert_string(r, "kind", "admin");
    assert_true(has_perm(r, "audit_read"));
    assert_false(has_perm(r, "firm_read"));
}

static void test_wrong_password_reads_like_no_account(void **state)
{
    (void)state;
    const struct reply *known = signin("ws", "nope"), *unknown = signin("nobody", "nope");
    assert_status(known, 401);
    assert_status(unknown, 401);
    assert_string(known, "type", "credentials");
    assert_true(str_eq(reply_str(known, "detail"), reply_str(unknown, "detail")));
    assert_false(known->cookie.p && known->cookie.n);
    assert_status(signin("ws'--", "x"), 401);
    assert_status(signin("", "x"), 422);
    /* What was typed may be a password: only names that exist are written down. */
    assert_int_equal(fixture_journal(&f, "nobody"), 0);
    assert_int_equal(fixture_journal(&f, "nope"), 0);
    assert_int_equal(fixture_journal(&f, "登录失败"), 3);
}

static void lock(const char *login)
{
    for (int i = 0; i < 5; i++)
        assert_status(signin(login, "wrong"), 401);
}

static void test_five_failures_lock(void **state)
{
    (void)state;
    lock("ws");
    lock("nobody");
    const struct reply *known = signin("ws", FIXTURE_PASSWORD);
    const struct reply *unknown = signin("nobody", FIXTURE_PASSWORD);
    assert_status(known, 429);
    assert_status(unknown, 429);
    assert_string(known, "type", "locked");
    assert_true(str_eq(reply_str(known, "detail"), reply_str(unknown, "detail")));
    assert_int_equal(known->retry_after, 15 * 60);
    assert_status(signin("ll", FIXTURE_PASSWORD), 200);
    assert_int_equal(fixture_journal(&f, "账号锁定"), 1); /* the one that exists */

    const struct reply *view = ASK(&f, .op = "account_get", .as = "secadmin", .path = {of("ws")});
    assert_string(view, "locked_until", "2026-11-02T09:15:00.000+08:00");

    fixture_restart(&f);
    assert_status(signin("ws", FIXTURE_PASSWORD), 429);
    fixture_later(&f, f.hour / 4 - 1000);
    known = signin("ws", FIXTURE_PASSWORD);
    assert_status(known, 429);
    assert_int_equal(known->retry_after, 1);
    fixture_later(&f, 1000);
    assert_status(signin("ws", FIXTURE_PASSWORD), 200);
    view = ASK(&f, .op = "account_get", .as = "secadmin", .path = {of("ws")});
    assert_true(reply_null(view, "locked_until"));
}

static void test_clock_set_back(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ll");
    lock("ws");
    fixture_later(&f, -DAYS(30));
    assert_status(whoami(token), 200);
    lock("ws");
    assert_status(signin("ws", FIXTURE_PASSWORD), 429);
    fixture_later(&f, f.hour);
    assert_status(signin("ws", FIXTURE_PASSWORD), 200);
}

static void test_success_forgives(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            assert_status(signin("ws", "wrong"), 401);
        assert_status(signin("ws", FIXTURE_PASSWORD), 200);
    }
}

static void test_unlock(void **state)
{
    (void)state;
    lock("ws");
    const char *body = "{\"reason\": \"本人来电核实\"}";
    assert_status(
        ASK(&f, .op = "account_unlock", .as = "sysadmin", .path = {of("ws")}, .body = body), 403);
    assert_status(
        ASK(&f, .op = "account_unlock", .as = "secadmin", .path = {of("ws")}, .body = body), 200);
    assert_status(signin("ws", FIXTURE_PASSWORD), 200);
    assert_int_equal(fixture_journal(&f, "本人来电核实"), 1);
}

static void test_one_address_is_throttled(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        const char *login = fixture_text(&f, "guess%d", i);
        assert_status(fixture_login(&f, login, "Spring-2026-abc", IP), 401);
    }
    const struct reply *r = fixture_login(&f, "ws", FIXTURE_PASSWORD, IP);
    assert_status(r, 429);
    assert_string(r, "type", "throttled");
    assert_true(r->retry_after > 0);
    assert_status(fixture_login(&f, "ws", FIXTURE_PASSWORD, "10.9.9.9"), 200);
    fixture_restart(&f);
    assert_status(fixture_login(&f, "ws", FIXTURE_PASSWORD, IP), 429);
    fixture_later(&f, f.hour);
    assert_status(fixture_login(&f, "ws", FIXTURE_PASSWORD, IP), 200);
}

/* --- sessions -----------------------------------------------------------------------------------
 */

static void test_session_rotates(void **state)
{
    (void)state;
    struct str old = fixture_token(&f, "ws");
    const struct reply *r = ASK(&f, .op = "session_create", .token = old,
        .body = "{\"login\": \"ws\", \"password\": \"" FIXTURE_PASSWORD "\"}");
    assert_status(r, 200);
    assert_false(str_eq(r->cookie, old));
    assert_status(whoami(old), 401);
    assert_status(whoami(r->cookie), 200);
}

static void test_expiry(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    fixture_later(&f, f.hour / 2 + 1000);
    assert_status(whoami(token), 401);
    assert_status(whoami(S("0123456789012345678901234567890123456789012")), 401);
    assert_status(whoami(S("short")), 401);
    assert_status(ASK(&f, .op = "session_get"), 401);
}

static void test_leaving(void **state)
{
    (void)state;
    struct str a = fixture_token(&f, "ws"), b = fixture_token(&f, "ws");
    const struct reply *r = ASK(&f, .op = "session_list", .token = a);
    assert_int_equal(jin_len(reply_at(r, "items")), 2);
    bool first = jin_bool(reply_at(r, "items.0.current"), false);
    const char *mine = fixture_id(&f, reply_int(r, first ? "items.0.id" : "items.1.id"));
    const char *other = fixture_id(&f, reply_int(r, first ? "items.1.id" : "items.0.id"));

    struct str stranger = fixture_token(&f, "ll");
    assert_status(ASK(&f, .op = "session_end", .token = stranger, .path = {mine}), 404);
    assert_status(ASK(&f, .op = "session_end", .token = a, .path = {other}), 200);
    assert_status(whoami(b), 401);
    r = ASK(&f, .op = "session_delete", .token = a);
    assert_status(r, 200);
    assert_true(r->cookie.p && r->cookie.n == 0);
    assert_status(whoami(a), 401);
    assert_status(whoami(stranger), 200);
}

static void test_csrf(void **state)
{
    (void)state;
    const struct reply *r = signin("ws", FIXTURE_PASSWORD);
    struct str token = r->cookie;
    const char *csrf = arena_str(&f.a, reply_str(r, "csrf")).p;
    r = ASK(&f, .op = "session_delete", .token = token, .cookie = true);
    assert_status(r, 403);
    assert_string(r, "type", "csrf");
    r = ASK(&f, .op = "session_delete", .token = token, .cookie = true, .csrf = "wrong");
    assert_status(r, 403);
    r = ASK(&f, .op = "session_delete", .token = token, .cookie = true, .csrf = csrf);
    assert_status(r, 200);
}

static void test_sessions_are_few(void **state)
{
    (void)state;
    struct str first = fixture_token(&f, "ws");
    for (int i = 0; i < 10; i++) {
        fixture_later(&f, 1000);
        (void)fixture_token(&f, "ws");
    }
    assert_status(whoami(first), 401);
}

/* --- making accounts ----------------------------------------------------------------------------
 */

static const struct reply *request(const char *body)
{
    return ASK(&f, .op = "account_create", .as = "sysadmin", .body = body);
}

static const struct reply *grant(const char *who, const char *login, const char *role)
{
    const char *body = fixture_text(&f, "{\"role\": \"%s\", \"reason\": \"上岗\"}", role);
    return ASK(&f, .op = "account_grant", .as = who, .path = {of(login)}, .body = body);
}

static const struct reply *change(struct str token, const char *old, const char *fresh)
{
    const char *body =
        fixture_text(&f, "{\"old_password\": \"%s\", \"new_password\": \"%s\"}", old, fresh);
    return ASK(&f, .op = "password_change", .token = token, .body = body);
}

static const char *new_clerk(const char *login)
{
    const char *body = fixture_text(&f,
        "{\"login\": \"%s\", \"name\": \"温如玉\", \"org\": %lld, \"phone\": \"13835812345\"}",
        login, (long long)fixture_org(&f, "141121"));
    const struct reply *r = request(body);
    assert_status(r, 200);
    return arena_str(&f.a, reply_str(r, "password")).p;
}

/* account_get needs an active account for of(): pending ones go by their id. */
static const struct reply *grant_id(const char *who, int64_t id, const char *role)
{
    const char *body = fixture_text(&f, "{\"role\": \"%s\"}", role);
    return ASK(&f, .op = "account_grant", .as = who, .path = {fixture_id(&f, id)}, .body = body);
}

static void test_two_people_make_an_account(void **state)
{
    (void)state;
    const char *body = fixture_text(&f,
        "{\"login\": \"Wen.RuYu\", \"name\": \"温如玉\", \"org\": %lld, \"phone\": \"138 3581 "
        "2345\"}",
        (long long)fixture_org(&f, "141121"));
    const struct reply *made = request(body);
    assert_status(made, 200);
    assert_string(made, "login", "wen.ruyu");
    const char *once = reply_str(made, "password").p;
    int64_t id = reply_int(made, "account");

    assert_status(signin("wen.ruyu", "wrong"), 401);
    assert_status(signin("wen.ruyu", once), 403);
    assert_status(grant_id("sysadmin", id, "clerk"), 403);
    const struct reply *r = grant_id("secadmin", id, "clerk");
    assert_status(r, 200);
    assert_string(r, "state", "active");
    assert_string(r, "role_label", "业务人员");
    assert_string(r, "phone", "138****2345");
    assert_true(str_eqz(r->etag, "\"2\""));

    r = signin("wen.ruyu", once);
    assert_status(r, 200);
    assert_true(jin_bool(reply_at(r, "must_change"), false));
    struct str token = r->cookie;
    assert_status(whoami(token), 200);
    assert_status(ASK(&f, .op = "org_list", .token = token), 403);
    struct str other = signin("wen.ruyu", once)->cookie;
    assert_status(change(token, once, OWN_PASSWORD), 200);
    assert_status(whoami(other), 401);
    r = whoami(token);
    assert_false(jin_bool(reply_at(r, "must_change"), true));
    assert_status(ASK(&f, .op = "org_list", .token = token), 200);
    assert_status(signin("wen.ruyu", once), 401);
    assert_status(signin("wen.ruyu", OWN_PASSWORD), 200);
    /* Nothing secret is written down. */
    assert_int_equal(fixture_journal(&f, once), 0);
    assert_int_equal(fixture_journal(&f, OWN_PASSWORD), 0);
    assert_int_equal(fixture_journal(&f, "13835812345"), 0);
}

static void test_one_time_password_expires(void **state)
{
    (void)state;
    const char *once = new_clerk("wen");
    int64_t id =
        reply_int(ASK(&f, .op = "account_list", .as = "secadmin", .query = {{S("q"), S("wen")}}),
            "items.0.id");
    assert_status(grant_id("secadmin", id, "clerk"), 200);
    fixture_later(&f, DAYS(7) - 1000);
    assert_status(signin("wen", once), 200);
    fixture_later(&f, 1000);
    assert_status(signin("wen", once), 403);
    const struct reply *r = ASK(&f, .op = "account_reset", .as = "sysadmin", .path = {of("wen")});
    assert_status(r, 200);
    assert_status(signin("wen", once), 401);
    assert_status(signin("wen", reply_str(r, "password").p), 200);
}

static void test_requests_are_checked(void **state)
{
    (void)state;
    long long org = fixture_org(&f, "141121");
    const struct reply *r = request("{\"login\": \"a b\", \"name\": \"x\", \"phone\": \"123\"}");
    assert_status(r, 422);
    assert_complaint(r, "login", "login");
    assert_complaint(r, "phone", "phone");
    r = request("{\"login\": \"ws\", \"name\": \"重名\"}");
    assert_complaint(r, "login", "taken");
    r = request("{\"login\": \"system\", \"name\": \"系统\"}");
    assert_complaint(r, "login", "taken");
    r = request(
        fixture_text(&f, "{\"login\": \"new1\", \"name\": \"甲\", \"org\": %lld}", org + 999));
    assert_status(r, 404);
    r = request(
        "{\"login\": \"new1\", \"name\": \"甲\", \"role\": \"sysadmin\", \"state\": \"active\"}");
    assert_status(r, 422);
    assert_complaint(r, "role", "unknown");
    assert_complaint(r, "state", "unknown");
    r = ASK(&f, .op = "account_create", .as = "secadmin",
        .body = "{\"login\": \"new1\", \"name\": \"甲\"}");
    assert_status(r, 403);
    /* A login stays taken when its account is stopped. */
    assert_status(ASK(&f, .op = "account_disable", .as = "secadmin", .path = {of("jc")},
                      .body = "{\"reason\": \"调离\"}"),
        200);
    r = request("{\"login\": \"JC\", \"name\": \"甲\"}");
    assert_complaint(r, "login", "taken");
}

/* --- granting -----------------------------------------------------------------------------------
 */

static void test_roles_keep_their_kind(void **state)
{
    (void)state;
    const struct reply *r = grant("secadmin", "ws.clerk", "auditor");
    assert_status(r, 422);
    assert_complaint(r, "role", "role");
    assert_status(grant("secadmin", "ws.clerk", "officer"), 422);
    assert_status(grant("secadmin", "ws.clerk", "emperor"), 422);
    assert_status(grant("secadmin", "auditor", "clerk"), 422);
    assert_status(grant("secadmin", "auditor", "secadmin"), 422);
    assert_status(grant("secadmin", "sysadmin", "secadmin"), 422);
    assert_status(grant("secadmin", "ws.clerk", "manager"), 200);
    r = request("{\"login\": \"audit2\", \"name\": \"审计乙\"}");
    int64_t id = reply_int(r, "account");
    assert_status(grant_id("secadmin", id, "manager"), 422);
    assert_status(grant_id("secadmin", id, "auditor"), 200);
}

static enum err check_role_labels(struct ctx *c, void *arg)
{
    const struct role *r;
    (void)arg;
    for (size_t i = 0; (r = role_at(i)) != NULL; i++)
        if (!str_eqz(code_label(c, "role", str_z(r->name)), r->label))
            fail_msg("list role and roles.def differ at %s", r->name);
    return OK;
}

/* What people choose from is what the program knows. */
static void test_role_list(void **state)
{
    (void)state;
    assert_int_equal(app_read(f.app, check_role_labels, NULL), OK);
}

static void test_nobody_grants_himself(void **state)
{
    (void)state;
    assert_status(grant("secadmin", "secadmin", "secadmin"), 403);
    assert_status(ASK(&f, .op = "account_disable", .as = "secadmin", .path = {of("secadmin")},
                      .body = "{\"reason\": \"x\"}"),
        403);
    assert_status(grant("ws", "ws.clerk", "manager"), 403);
    assert_status(grant("auditor", "ws.clerk", "manager"), 403);
}

static void test_a_new_role_ends_sessions(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws.clerk");
    assert_status(grant("secadmin", "ws.clerk", "clerk"), 200);
    assert_status(whoami(token), 200);
    assert_status(grant("secadmin", "ws.clerk", "viewer"), 200);
    assert_status(whoami(token), 401);
}

static void test_disable(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws.clerk");
    const char *id = of("ws.clerk");
    const struct reply *r = ASK(&f, .op = "account_disable", .as = "secadmin", .path = {id},
        .body = "{\"reason\": \"调离岗位\"}");
    assert_status(r, 200);
    assert_string(r, "state", "disabled");
    assert_status(whoami(token), 401);
    assert_status(signin("ws.clerk", FIXTURE_PASSWORD), 403);
    assert_status(signin("ws.clerk", "wrong"), 401);
    r = ASK(&f, .op = "account_reset", .as = "sysadmin", .path = {id});
    assert_status(r, 409);
    assert_int_equal(fixture_journal(&f, "调离岗位"), 1);
    assert_status(grant_id("secadmin", fixture_org(&f, "141121"), "clerk"), 404);
    r = ASK(
        &f, .op = "account_grant", .as = "secadmin", .path = {id}, .body = "{\"role\": \"clerk\"}");
    assert_status(r, 200);
    assert_status(signin("ws.clerk", FIXTURE_PASSWORD), 200);
}

static const struct reply *reset(const char *login)
{
    return ASK(&f, .op = "account_reset", .as = "sysadmin", .path = {of(login)});
}

static void test_reset(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    const struct reply *r = reset("ws");
    assert_status(r, 200);
    assert_status(whoami(token), 401);
    assert_status(signin("ws", FIXTURE_PASSWORD), 401);
    r = signin("ws", reply_str(r, "password").p);
    assert_true(jin_bool(reply_at(r, "must_change"), false));
    assert_status(reset("sysadmin"), 403);
}

/* The system administrator hands out passwords, so he could enter as another administrator: the
 * account waits until a security administrator has granted it again. */
static void test_reset_of_an_administrator(void **state)
{
    (void)state;
    int64_t second = fixture_account_id(&f, "secadmin2");
    const struct reply *r = reset("secadmin2");
    assert_status(r, 200);
    const char *once = reply_str(r, "password").p;
    assert_status(signin("secadmin2", once), 403);
    assert_status(reset("secadmin"), 409);
    assert_status(grant_id("secadmin", second, "secadmin"), 200);
    assert_status(signin("secadmin2", once), 200);
}

/* --- passwords ----------------------------------------------------------------------------------
 */

struct policy_case {
    const char *password;
    const char *code; /* NULL: good */
};

static void test_policy(void **state)
{
    (void)state;
    static const struct policy_case cases[] = {
        {"Ab1-5678901", "too_short"},
        {"alllowercaseletters", "kinds"},
        {"lowercase123456789012", "kinds"},
        {"Aa1aaaaaaaaaaaaa", "repeated"},
        {"Password2026!", "common"},
        {"P@ssw0rd-2026", "common"},
        {"Qwerty123456!", "common"},
        {"Wenshui@2026", "common"},
        {"Zhian2026zhian!", "common"},
        {"文水县市场监督管理局Aa1", "common"},
        {"县局录入员Aa1!2345678", NULL},
        {"My-ws.clerk-Key-1", "login_inside"},
        {"WS.CLERK-river-9", "login_inside"},
        {OWN_PASSWORD, NULL},
        {"correct horse Battery staple 7", NULL},
        {"长城内外是故乡Aa1长亭外", NULL},
        {"𠮷野家的牛丼饭很好吃Aa1", NULL},
    };
    struct str token = fixture_token(&f, "ws.clerk");
    const char *old = FIXTURE_PASSWORD;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct reply *r = change(token, old, cases[i].password);
        if (r->status != (cases[i].code ? 422 : 200))
            fail_msg("%s: %.*s", cases[i].password, STR_ARG(r->body));
        if (cases[i].code) {
            assert_complaint(r, "new_password", cases[i].code);
        } else {
            old = cases[i].password;
        }
    }
    assert_status(signin("ws.clerk", old), 200);
}

static void test_long_passwords(void **state)
{
    (void)state;
    char text[203];
    struct str token = fixture_token(&f, "ws");
    for (size_t i = 0; i < 201; i++)
        text[i] = "Aq7-xW9_kZ2+"[i % 12];
    text[201] = 0;
    assert_complaint(change(token, FIXTURE_PASSWORD, text), "new_password", "too_long");
    text[200] = 0;
    assert_status(change(token, FIXTURE_PASSWORD, text), 200);
    assert_status(signin("ws", text), 200);
    text[199] = 'x'; /* the last character counts */
    assert_status(signin("ws", text), 401);
}

static void test_history(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    const char *used[7] = {FIXTURE_PASSWORD};
    for (int i = 1; i <= 6; i++) {
        assert_complaint(change(token, used[i - 1], used[i - 1]), "new_password", "used");
        used[i] = fixture_text(&f, "River-Stone-%d%d-Kx", i, i + 3);
        assert_status(change(token, used[i - 1], used[i]), 200);
    }
    for (int i = 6; i >= 2; i--) /* the current one and the five before it … */
        assert_complaint(change(token, used[6], used[i]), "new_password", "used");
    assert_complaint(change(token, used[6], used[1]), "new_password", "used");
    assert_status(change(token, used[6], used[0]), 200); /* … but not the seventh */
}

static void test_wrong_old_password_counts(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    for (int i = 0; i < 5; i++)
        assert_complaint(change(token, "wrong", OWN_PASSWORD), "old_password", "invalid");
    assert_status(change(token, FIXTURE_PASSWORD, OWN_PASSWORD), 429);
    assert_status(signin("ws", FIXTURE_PASSWORD), 429);
}

static void test_rotation_and_idleness(void **state)
{
    (void)state;
    fixture_later(&f, DAYS(60));
    assert_false(jin_bool(reply_at(signin("ws", FIXTURE_PASSWORD), "must_change"), true));
    fixture_later(&f, DAYS(30));
    const struct reply *r = signin("ws", FIXTURE_PASSWORD);
    assert_true(jin_bool(reply_at(r, "must_change"), false));
    assert_status(change(r->cookie, FIXTURE_PASSWORD, OWN_PASSWORD), 200);
    assert_false(jin_bool(reply_at(whoami(r->cookie), "must_change"), true));

    /* ll was not used for 90 days. */
    int64_t id = fixture_account_id(&f, "ll");
    assert_status(signin("ll", FIXTURE_PASSWORD), 403);
    r = ASK(&f, .op = "account_get", .as = "secadmin", .path = {fixture_id(&f, id)});
    assert_string(r, "state", "disabled");
    assert_status(grant_id("secadmin", id, "manager"), 200);
    assert_status(signin("ll", FIXTURE_PASSWORD), 200);
}

/* --- lists --------------------------------------------------------------------------------------
 */

static void test_list(void **state)
{
    (void)state;
    assert_status(ASK(&f, .op = "account_list", .as = "ws"), 403);
    const struct reply *r =
        ASK(&f, .op = "account_list", .as = "sysadmin", .query = {{S("total"), S("true")}});
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "total"), 12);
    assert_true(str_find(r->body, S("hash")) < 0);
    const char *county = fixture_id(&f, fixture_org(&f, "141121"));
    r = ASK(&f, .op = "account_list", .as = "secadmin", .query = {{S("org"), str_z(county)}});
    assert_int_equal(jin_len(reply_at(r, "items")), 4); /* the county and its stations */
    assert_true(reply_null(r, "items.0.locked_until"));
    r = ASK(&f, .op = "account_list", .as = "secadmin", .query = {{S("q"), S("录入员")}});
    assert_int_equal(jin_len(reply_at(r, "items")), 2);
    r = ASK(&f, .op = "account_list", .as = "secadmin",
        .query = {{S("role"), S("auditor,secadmin")}, {S("sort"), S("-login")}});
    assert_int_equal(jin_len(reply_at(r, "items")), 3);
    assert_string(r, "items.0.login", "secadmin2");
    r = ASK(&f, .op = "account_list", .as = "secadmin", .query = {{S("q"), S("%")}});
    assert_status(r, 200);
    r = ASK(&f, .op = "account_list", .as = "secadmin", .query = {{S("hash"), S("1")}});
    assert_status(r, 422);
}

/* --- faults -------------------------------------------------------------------------------------
 */

static void test_refused_memory(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "sysadmin");
    int good = 0;
    for (long n = 0; n < 60; n++) {
        mem_fail_after(n);
        struct request req = {.op = op_find(&f.app->ops, S("account_list")), .token = token};
        struct call *k = call_new(f.app, &req);
        if (k) {
            call_run(k, f.db);
            int status = call_answer(k)->status;
            good += status == 200;
            assert_true(status == 200 || status >= 500);
            call_free(k);
        }
        mem_fail_after(-1);
    }
    assert_true(good > 0);
    assert_status(whoami(token), 200);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_signin),
        T(test_wrong_password_reads_like_no_account),
        T(test_five_failures_lock),
        T(test_clock_set_back),
        T(test_success_forgives),
        T(test_unlock),
        T(test_one_address_is_throttled),
        T(test_session_rotates),
        T(test_expiry),
        T(test_leaving),
        T(test_csrf),
        T(test_sessions_are_few),
        T(test_two_people_make_an_account),
        T(test_one_time_password_expires),
        T(test_requests_are_checked),
        T(test_roles_keep_their_kind),
        T(test_role_list),
        T(test_nobody_grants_himself),
        T(test_a_new_role_ends_sessions),
        T(test_disable),
        T(test_reset),
        T(test_reset_of_an_administrator),
        T(test_policy),
        T(test_long_passwords),
        T(test_history),
        T(test_wrong_old_password_counts),
        T(test_rotation_and_idleness),
        T(test_list),
        T(test_refused_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
