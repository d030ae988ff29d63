/* Responsible persons, their numbers, and the way from an invitation to a firm's account. */
#include <pthread.h>

#include "core/crypto.h"
#include "feature/people/people.h"

#include "fixture.h"

#define DAYS(n) ((n)*24 * f.hour)
#define PHONE "13835812345"
#define PASSWORD "Bamboo&Moon-7412"

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

/* --- asking -------------------------------------------------------------------------------------
 */

static const struct reply *people_of(const char *who, int64_t firm)
{
    return ASK(&f, .op = "person_list", .as = who, .path = {fixture_id(&f, firm)});
}

static const struct reply *appoint(const char *who, const char *body)
{
    return ASK(
        &f, .op = "person_create", .as = who, .path = {fixture_id(&f, f.firm)}, .body = body);
}

static const struct reply *leave(const char *who, int64_t person, const char *body)
{
    return ASK(&f, .op = "person_end", .as = who,
        .path = {fixture_id(&f, f.firm), fixture_id(&f, person)}, .body = body);
}

static const struct reply *invite(const char *who, const char *post, const char *person)
{
    const char *body = fixture_text(
        &f, "{\"post\": \"%s\", \"person\": \"%s\", \"phone\": \"" PHONE "\"}", post, person);
    return ASK(
        &f, .op = "invite_create", .as = who, .path = {fixture_id(&f, f.firm)}, .body = body);
}

static const char *code_of(const struct reply *r)
{
    assert_status(r, 200);
    return reply_str(r, "code").p;
}

static const struct reply *look(const char *code, const char *ip)
{
    return ASK(
        &f, .op = "invite_look", .ip = ip, .body = fixture_text(&f, "{\"code\": \"%s\"}", code));
}

static const struct reply *redeem(const char *code, const char *login, const char *password)
{
    return ASK(&f, .op = "invite_redeem",
        .body = fixture_text(&f, "{\"code\": \"%s\", \"login\": \"%s\", \"password\": \"%s\"}",
            code, login, password));
}

static size_t count(const struct reply *r)
{
    return jin_len(reply_at(r, "items"));
}

/* --- persons ------------------------------------------------------------------------------------
 */

static void test_appointing(void **state)
{
    (void)state;
    const struct reply *r = appoint("ws.clerk",
        "{\"post\": \"principal\", \"name\": \"岑参\", \"phone\": \"138 3581 2345\","
        " \"id_no\": \"11010519491231002x\", \"from_day\": \"2026-09-01\", \"doc_no\": "
        "\"〔2026〕1号\","
        " \"full_time\": true}");
    assert_status(r, 200);
    assert_string(r, "post_label", "主要负责人");
    assert_string(r, "phone", "138****2345");
    assert_string(r, "id_no", "110***********002X");
    assert_string(r, "from_day", "2026-09-01");
    assert_true(str_eqz(r->etag, "\"1\""));
    r = appoint("ws.clerk", "{\"post\": \"officer\", \"name\": \"禾苗\"}");
    assert_status(r, 200);
    assert_string(r, "from_day", FIXTURE_DAY);
    assert_true(reply_null(r, "phone"));
    assert_status(appoint("ws.clerk", "{\"post\": \"officer\", \"name\": \"禾穗\"}"), 200);
    r = people_of("ws.fengcheng", f.firm);
    assert_int_equal(count(r), 3);
    assert_string(r, "items.0.name", "岑参");
    assert_int_equal(fixture_journal(&f, PHONE), 0);
    assert_int_equal(fixture_journal(&f, "110105"), 0);
}

static void test_appointing_is_checked(void **state)
{
    (void)state;
    const struct reply *r =
        appoint("ws", "{\"post\": \"officer\", \"name\": \"禾苗\", \"phone\": \"12345\","
                      " \"id_no\": \"110105194912310021\", \"from_day\": \"2026-11-03\"}");
    assert_status(r, 422);
    assert_complaint(r, "phone", "phone");
    assert_complaint(r, "id_no", "id_no");
    assert_complaint(r, "from_day", "range");
    assert_complaint(appoint("ws", "{\"post\": \"boss\", \"name\": \"禾苗\"}"), "post", "code");
    assert_complaint(appoint("ws", "{\"post\": \"officer\"}"), "name", "required");
    assert_complaint(appoint("ws", "{\"post\": \"officer\", \"name\": \"禾苗\", \"account\": 1}"),
        "account", "unknown");
    assert_status(appoint("jc", "{\"post\": \"officer\", \"name\": \"禾苗\"}"), 404);
    assert_status(appoint("ws.kaizha", "{\"post\": \"officer\", \"name\": \"禾苗\"}"), 404);
    assert_status(appoint("sysadmin", "{\"post\": \"officer\", \"name\": \"禾苗\"}"), 403);
}

static void test_one_principal(void **state)
{
    (void)state;
    const struct reply *r = appoint(
        "ws", "{\"post\": \"principal\", \"name\": \"岑参\", \"from_day\": \"2026-09-01\"}");
    int64_t first = reply_int(r, "id");
    r = appoint("ws", "{\"post\": \"principal\", \"name\": \"高适\"}");
    assert_complaint(r, "post", "taken");
    assert_status(invite("ws", "principal", "高适"), 422);
    r = appoint("ws", "{\"post\": \"principal\", \"name\": \"岑参\"}");
    assert_complaint(r, "name", "taken");

    const char *end = "{\"to_day\": \"2026-10-31\", \"reason\": \"调离\"}";
    assert_complaint(leave("ws", first, "{\"to_day\": \"2026-08-31\", \"reason\": \"调离\"}"),
        "to_day", "range");
    assert_complaint(leave("ws", first, "{\"to_day\": \"2026-11-03\", \"reason\": \"调离\"}"),
        "to_day", "range");
    assert_complaint(leave("ws", first, "{\"to_day\": \"2026-10-31\"}"), "reason", "required");
    assert_status(leave("jc", first, end), 404);
    assert_status(leave("ws", first, end), 200);
    assert_status(leave("ws", first, end), 409);
    r = appoint(
        "ws", "{\"post\": \"principal\", \"name\": \"高适\", \"from_day\": \"2026-10-30\"}");
    assert_complaint(r, "from_day", "range");
    r = appoint(
        "ws", "{\"post\": \"principal\", \"name\": \"高适\", \"from_day\": \"2026-11-01\"}");
    assert_status(r, 200);
    r = people_of("ws", f.firm);
    assert_int_equal(count(r), 2); /* the former one stays in the list */
    assert_string(r, "items.0.name", "高适");
    assert_string(r, "items.1.to_day", "2026-10-31");
}

static void test_second_director_must_be_meant(void **state)
{
    (void)state;
    assert_status(appoint("ws", "{\"post\": \"director\", \"name\": \"王维\"}"), 200);
    assert_complaint(
        appoint("ws", "{\"post\": \"director\", \"name\": \"孟浩然\"}"), "post", "taken");
    assert_status(
        appoint("ws", "{\"post\": \"director\", \"name\": \"孟浩然\", \"second\": true}"), 200);
}

static void test_scope(void **state)
{
    (void)state;
    int64_t id = reply_int(appoint("ws", "{\"post\": \"officer\", \"name\": \"禾苗\"}"), "id");
    assert_int_equal(count(people_of("ws", f.firm)), 1);
    assert_int_equal(count(people_of("sx", f.firm)), 1);
    assert_status(people_of("jc", f.firm), 404);
    assert_status(people_of("ws", f.firm_elsewhere), 404);
    assert_status(people_of("ws.kaizha", f.firm), 404);
    assert_status(people_of("sysadmin", f.firm), 404);
    assert_status(people_of("ws", 999999999), 404);
    /* The person of another firm does not answer under one's own. */
    const struct reply *r = ASK(&f, .op = "person_end", .as = "sx",
        .path = {fixture_id(&f, f.firm_elsewhere), fixture_id(&f, id)},
        .body = "{\"to_day\": \"2026-11-02\", \"reason\": \"x\"}");
    assert_status(r, 404);
}

static const struct reply *unmask(const char *who, int64_t person, const char *purpose)
{
    return ASK(&f, .op = "person_unmask", .as = who,
        .path = {fixture_id(&f, f.firm), fixture_id(&f, person)},
        .body = fixture_text(&f, "{\"purpose\": \"%s\"}", purpose));
}

static void test_unmasking_is_logged(void **state)
{
    (void)state;
    const struct reply *r =
        appoint("ws", "{\"post\": \"officer\", \"name\": \"禾苗\", \"phone\": \"" PHONE
                      "\", \"id_no\": \"11010519491231002X\"}");
    int64_t id = reply_int(r, "id");
    assert_complaint(unmask("ws", id, ""), "purpose", "required");
    r = unmask("ws", id, "contact");
    assert_status(r, 200);
    assert_string(r, "phone", PHONE);
    assert_string(r, "id_no", "11010519491231002X");
    assert_int_equal(fixture_journal(&f, "禾苗：联系企业"), 1);
    assert_status(unmask("ws", id, "通知换证"), 200);
    assert_int_equal(fixture_journal(&f, "禾苗：通知换证"), 1);
    assert_status(unmask("ws.fengcheng", id, "contact"), 403);
    assert_status(unmask("jc", id, "contact"), 404);
    assert_int_equal(fixture_journal(&f, "查看完整号码"), 2);
    assert_int_equal(fixture_journal(&f, PHONE), 0);
}

/* --- invitations --------------------------------------------------------------------------------
 */

static void test_invitation(void **state)
{
    (void)state;
    const struct reply *r = invite("ws.fengcheng", "officer", "禾苗");
    const char *code = code_of(r);
    assert_int_equal(strlen(code), 14);
    assert_string(r, "firm_name", "文水砚睿水泥厂");
    assert_string(r, "post_label", "质量安全员");
    assert_string(r, "organ", "凤城镇执法中队");
    assert_string(r, "expires", "2026-11-09T09:00:00.000+08:00");
    assert_true(
        str_ends(reply_str(r, "url"), str_z(fixture_text(&f, "/m/#/invite?code=%s", code))));
    assert_true(str_starts(reply_str(r, "qr"), S("<svg")));
    int64_t id = reply_int(r, "id");

    r = people_of("ws", f.firm);
    assert_int_equal(count(r), 1);
    assert_string(r, "items.0.name", "禾苗");
    assert_string(r, "items.0.phone", "138****2345");
    assert_int_equal(reply_int(r, "items.0.invite"), id);
    assert_false(jin_bool(reply_at(r, "items.0.has_account"), true));

    r = look(code, "10.0.0.1");
    assert_status(r, 200);
    assert_string(r, "firm_name", "文水砚睿水泥厂");
    assert_string(r, "person", "禾苗");
    assert_string(r, "organ", "凤城镇执法中队");
    assert_int_equal(fixture_journal(&f, code), 0);
    assert_int_equal(fixture_journal(&f, PHONE), 0);
}

static void test_redeeming(void **state)
{
    (void)state;
    const char *code = code_of(invite("ws", "officer", "禾苗"));
    const struct reply *r = redeem(code, "HeMiao", PASSWORD);
    assert_status(r, 200);
    assert_string(r, "login", "hemiao");
    assert_string(r, "kind", "firm");
    assert_string(r, "role", "officer");
    assert_string(r, "firm_name", "文水砚睿水泥厂");
    assert_int_equal(reply_int(r, "firm"), f.firm);
    assert_true(reply_null(r, "org"));
    struct str token = r->cookie;
    assert_int_equal(token.n, TOKEN_LEN);
    assert_status(ASK(&f, .op = "session_get", .token = token), 200);

    r = ASK(&f, .op = "person_list", .token = token, .path = {fixture_id(&f, f.firm)});
    assert_int_equal(count(r), 1);
    assert_true(jin_bool(reply_at(r, "items.0.has_account"), false));
    assert_true(reply_null(r, "items.0.invite"));
    r = ASK(&f, .op = "person_list", .token = token, .path = {fixture_id(&f, f.firm_elsewhere)});
    assert_status(r, 404);
    r = ASK(&f, .op = "person_unmask", .token = token,
        .path = {fixture_id(&f, f.firm), fixture_id(&f, 1)}, .body = "{\"purpose\": \"x\"}");
    assert_status(r, 403);
    assert_status(ASK(&f, .op = "org_list", .token = token), 403);
    assert_status(redeem(code, "hemiao2", PASSWORD), 422);
    assert_status(fixture_login(&f, "hemiao", PASSWORD, NULL), 200);
    assert_int_equal(fixture_journal(&f, PASSWORD), 0);
}

static void test_redeeming_is_checked(void **state)
{
    (void)state;
    const char *code = code_of(invite("ws", "officer", "禾苗"));
    const struct reply *r = redeem(code, "ws", "short");
    assert_status(r, 422);
    assert_complaint(r, "login", "taken");
    assert_complaint(r, "password", "too_short");
    assert_complaint(redeem(code, "he miao", PASSWORD), "login", "login");
    assert_complaint(redeem(code, "hemiao", "hemiao-Bridge-77"), "password", "login_inside");
    assert_complaint(redeem(code, "hemiao", "文水砚睿水泥厂Aa1禾苗"), "password", "common");
    r = ASK(&f, .op = "invite_redeem",
        .body = fixture_text(&f,
            "{\"code\": \"%s\", \"login\": \"hemiao\", \"password\": \"" PASSWORD
            "\", \"role\": \"principal\", \"firm\": %lld}",
            code, (long long)f.firm_elsewhere));
    assert_complaint(r, "role", "unknown");
    assert_complaint(r, "firm", "unknown");
    /* None of this used it up. */
    assert_status(redeem(code, "hemiao", PASSWORD), 200);
}

static void test_codes_are_read_kindly(void **state)
{
    (void)state;
    const char *code = code_of(invite("ws", "officer", "禾苗"));
    char text[20];
    strcpy(text, code);
    for (char *p = text; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p == '-' ? ' ' : *p);
    assert_status(look(text, NULL), 200);
    text[0] = text[0] == '2' ? '3' : '2'; /* one slip: told at once, counted never */
    for (int i = 0; i < 40; i++)
        assert_complaint(look(text, "10.0.0.1"), "code", "invalid");
    assert_status(look(code, "10.0.0.1"), 200);
    assert_complaint(look("", NULL), "code", "required");
}

static void test_an_invitation_ends(void **state)
{
    (void)state;
    const struct reply *first = invite("ws", "officer", "禾苗");
    const char *old = code_of(first);
    const char *fresh = code_of(invite("ws", "officer", "禾苗")); /* takes the place of the first */
    assert_status(look(old, NULL), 422);
    assert_status(look(fresh, NULL), 200);
    assert_int_equal(count(people_of("ws", f.firm)), 1);

    fixture_later(&f, DAYS(7));
    assert_status(look(fresh, NULL), 422);
    assert_status(redeem(fresh, "hemiao", PASSWORD), 422);

    const struct reply *r = invite("ws", "officer", "禾苗");
    const char *third = code_of(r);
    const char *firm = fixture_id(&f, f.firm), *id = fixture_id(&f, reply_int(r, "id"));
    const char *elsewhere = fixture_id(&f, f.firm_elsewhere);
    assert_status(ASK(&f, .op = "invite_withdraw", .as = "jc", .path = {firm, id}), 404);
    assert_status(ASK(&f, .op = "invite_withdraw", .as = "sx", .path = {elsewhere, id}), 404);
    assert_status(ASK(&f, .op = "invite_withdraw", .as = "ws", .path = {firm, id}), 200);
    assert_status(ASK(&f, .op = "invite_withdraw", .as = "ws", .path = {firm, id}), 200);
    assert_status(look(third, NULL), 422);
    r = invite("ws", "officer", "禾苗");
    assert_status(redeem(code_of(r), "hemiao", PASSWORD), 200);
    id = fixture_id(&f, reply_int(r, "id"));
    assert_status(ASK(&f, .op = "invite_withdraw", .as = "ws", .path = {firm, id}), 409);
}

static void test_who_may_invite(void **state)
{
    (void)state;
    assert_status(invite("jc", "officer", "禾苗"), 404);
    assert_status(invite("secadmin", "officer", "禾苗"), 403);
    assert_status(invite("ws.kaizha", "officer", "禾苗"), 404);
    const struct reply *r = redeem(code_of(invite("ws", "principal", "岑参")), "cencan", PASSWORD);
    r = ASK(&f, .op = "invite_create", .token = r->cookie, .path = {fixture_id(&f, f.firm)},
        .body = "{\"post\": \"officer\", \"person\": \"禾苗\"}");
    assert_status(r, 403);
    assert_complaint(
        ASK(&f, .op = "invite_create", .as = "ws", .path = {fixture_id(&f, f.firm)},
            .body = "{\"post\": \"officer\", \"person\": \"禾苗\", \"phone\": \"110\"}"),
        "phone", "phone");
}

/* A made-up code with a right check character, tried again and again. */
static void test_guessing_is_throttled(void **state)
{
    (void)state;
    const char *code = code_of(invite("ws", "officer", "禾苗"));
    int refused = 0;
    for (int i = 0; i < 40; i++) {
        char guess[CRYPTO_CODE_LEN + 1];
        crypto_code_make(guess);
        const struct reply *r = look(guess, "10.6.6.6");
        refused += r->status == 429;
        assert_true(r->status == 422 || r->status == 429);
    }
    assert_int_equal(refused, 20);
    assert_status(look(code, "10.6.6.6"), 429);
    assert_status(look(code, "10.7.7.7"), 200);
    fixture_restart(&f);
    assert_true(look(code, "10.6.6.6")->retry_after > 0);
    fixture_later(&f, f.hour);
    assert_status(look(code, "10.6.6.6"), 200);
}

static void test_leaving_ends_the_account(void **state)
{
    (void)state;
    const struct reply *r = redeem(code_of(invite("ws", "officer", "禾苗")), "hemiao", PASSWORD);
    struct str token = r->cookie;
    const char *open = code_of(invite("ws", "officer", "禾苗"));
    int64_t person = reply_int(people_of("ws", f.firm), "items.0.id");
    assert_status(leave("ws", person, "{\"to_day\": \"2026-11-02\", \"reason\": \"离职\"}"), 200);
    assert_status(ASK(&f, .op = "session_get", .token = token), 401);
    assert_status(fixture_login(&f, "hemiao", PASSWORD, NULL), 403);
    assert_status(look(open, NULL), 422);
}

static const struct reply *restore(int64_t account)
{
    return ASK(&f, .op = "account_grant", .as = "secadmin", .path = {fixture_id(&f, account)},
        .body = "{\"role\": \"officer\"}");
}

/* A stopped account of a firm comes back for who is in post, and for nobody else. */
static void test_restoring(void **state)
{
    (void)state;
    const struct reply *r = redeem(code_of(invite("ws", "officer", "禾苗")), "hemiao", PASSWORD);
    int64_t id = reply_int(r, "account");
    const char *reason = "{\"reason\": \"手机丢失\"}";
    assert_status(ASK(&f, .op = "account_disable", .as = "secadmin", .path = {fixture_id(&f, id)},
                      .body = reason),
        200);
    assert_status(restore(id), 200);
    assert_status(fixture_login(&f, "hemiao", PASSWORD, NULL), 200);
    int64_t person = reply_int(people_of("ws", f.firm), "items.0.id");
    assert_status(leave("ws", person, "{\"to_day\": \"2026-11-02\", \"reason\": \"离职\"}"), 200);
    assert_status(restore(id), 409);
}

/* Who lost his password is invited again: the new account takes the old one's place. */
static void test_invited_again(void **state)
{
    (void)state;
    struct str old = redeem(code_of(invite("ws", "officer", "禾苗")), "hemiao", PASSWORD)->cookie;
    struct str fresh =
        redeem(code_of(invite("ws", "officer", "禾苗")), "hemiao2", PASSWORD)->cookie;
    assert_status(ASK(&f, .op = "session_get", .token = old), 401);
    assert_status(ASK(&f, .op = "session_get", .token = fresh), 200);
    assert_int_equal(count(people_of("ws", f.firm)), 1);
    assert_complaint(
        redeem(code_of(invite("ws", "officer", "禾穗")), "hemiao", PASSWORD), "login", "taken");
}

/* The answer of an invitation holds its code: it is not kept for replays. */
static void test_codes_are_not_kept(void **state)
{
    (void)state;
    struct q q;
    struct str token = fixture_token(&f, "ws");
    const char *body = "{\"post\": \"officer\", \"person\": \"禾苗\"}";
    const char *firm = fixture_id(&f, f.firm);
    const struct reply *one = ASK(&f, .op = "invite_create", .token = token, .path = {firm},
        .body = body, .idem = "same-key");
    const struct reply *two = ASK(&f, .op = "invite_create", .token = token, .path = {firm},
        .body = body, .idem = "same-key");
    const char *old = code_of(one), *fresh = code_of(two);
    assert_string_not_equal(old, fresh);
    assert_status(look(old, NULL), 422);
    assert_status(look(fresh, NULL), 200);
    assert_int_equal(count(people_of("ws", f.firm)), 1);
    q_begin(&q, f.db, SQL_idem_get);
    q_int(&q, "account", fixture_account_id(&f, "ws"));
    q_str(&q, "key", S("same-key"));
    assert_false(q_row(&q));
    assert_int_equal(q_end(&q), OK);
}

/* --- at the same time ---------------------------------------------------------------------------
 */

enum { RACERS = 8 };

struct racer {
    pthread_t thread;
    const char *body;
    int status;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct db_conn *db;
    struct request req = {.op = op_find(&f.app->ops, S("invite_redeem")), .body = str_z(r->body)};
    if (db_connect(f.app->db, DB_READ, &db))
        return NULL;
    struct call *k = call_new(f.app, &req);
    if (k) {
        call_run(k, db);
        r->status = call_answer(k)->status;
        call_free(k);
    }
    db_disconnect(db);
    return NULL;
}

/* One code, many phones: one account. */
static void test_one_code_gives_one_account(void **state)
{
    (void)state;
    struct racer racers[RACERS];
    const char *code = code_of(invite("ws", "officer", "禾苗"));
    int good = 0;
    for (int i = 0; i < RACERS; i++) {
        const char *body = fixture_text(&f,
            "{\"code\": \"%s\", \"login\": \"racer%d\", \"password\": \"" PASSWORD "\"}", code, i);
        racers[i] = (struct racer){.body = body};
    }
    for (int i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (int i = 0; i < RACERS; i++) {
        pthread_join(racers[i].thread, NULL);
        good += racers[i].status == 200;
        assert_true(racers[i].status == 200 || racers[i].status == 409 || racers[i].status == 422);
    }
    assert_int_equal(good, 1);
    const struct reply *r =
        ASK(&f, .op = "account_list", .as = "secadmin", .query = {{S("q"), S("racer")}});
    assert_int_equal(count(r), 1);
}

/* --- tampering ----------------------------------------------------------------------------------
 */

struct swap {
    int64_t from, to;
};

/* Moves one person's encrypted phone to another row. */
static enum err swap_phone(struct ctx *c, void *arg)
{
    const struct swap *x = arg;
    struct person_row a, b;
    struct q q;
    enum err e = rec_get(c, &kind_person, x->from, &a);
    if (!e)
        e = rec_get(c, &kind_person, x->to, &b);
    if (e)
        return e;
    b.phone = a.phone;
    q_begin(&q, c->db, SQL_person_update);
    q_bind(&q, &person_row_desc, &b);
    return q_exec(&q);
}

static void test_a_moved_number_is_an_alarm(void **state)
{
    (void)state;
    struct swap x = {
        reply_int(
            appoint("ws", "{\"post\": \"officer\", \"name\": \"甲\", \"phone\": \"" PHONE "\"}"),
            "id"),
        reply_int(
            appoint("ws", "{\"post\": \"officer\", \"name\": \"乙\", \"phone\": \"13900000000\"}"),
            "id")};
    assert_int_equal(app_write(f.app, NULL, swap_phone, &x), OK);
    const struct reply *r = people_of("ws", f.firm);
    assert_status(r, 200);
    assert_string(r, "items.0.phone", "138****2345");
    assert_string(r, "items.1.phone", "（校验不符）");
    assert_status(unmask("ws", x.to, "contact"), 500);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_appointing),
        T(test_appointing_is_checked),
        T(test_one_principal),
        T(test_second_director_must_be_meant),
        T(test_scope),
        T(test_unmasking_is_logged),
        T(test_invitation),
        T(test_redeeming),
        T(test_redeeming_is_checked),
        T(test_codes_are_read_kindly),
        T(test_an_invitation_ends),
        T(test_who_may_invite),
        T(test_guessing_is_throttled),
        T(test_leaving_ends_the_account),
        T(test_restoring),
        T(test_invited_again),
        T(test_codes_are_not_kept),
        T(test_one_code_gives_one_account),
        T(test_a_moved_number_is_an_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
