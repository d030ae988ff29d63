/* Memory refused at every point: the N-th allocation of a call is refused, for every N until the
 * call no longer comes that far. The answer is success or an error of the server, never a crash, a
 * leak (ASan build), a refusal that blames the user, or half a write; afterwards the store proves
 * whole. */
#include "base/mem.h"
#include "core/job.h"
#include "core/seal.h"

#include "fixture.h"

enum { POINTS = 3000 };

/* The thread whose allocation is refused: the one that calls, or the writer. */
enum where { CALLER, WRITER };

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

/* --- refusing -----------------------------------------------------------------------------------
 */

static enum err arm_writer(struct db_conn *db, void *arg)
{
    (void)db;
    (void)mem_fail_after(*(long *)arg);
    return OK;
}

static enum err disarm_writer(struct db_conn *db, void *arg)
{
    (void)db;
    *(long *)arg = mem_fail_after(-1);
    return OK;
}

static void arm(enum where w, long n)
{
    if (w == WRITER)
        assert_int_equal(writer_do(f.app->writer, arm_writer, &n), OK);
    else
        (void)mem_fail_after(n);
}

/* How many allocations were asked for since. */
static long disarm(enum where w)
{
    long made = 0;
    if (w == CALLER)
        return mem_fail_after(-1);
    assert_int_equal(writer_do(f.app->writer, disarm_writer, &made), OK);
    return made;
}

struct shot {
    enum where where;
    long n;
    int status;
    bool refused; /* the call came to its N-th allocation */
};

static void fire(struct shot *s, const struct ask *x)
{
    struct request req;
    struct fixture_who who = {x->as, &f.a, {0}};
    struct pool *slow = f.app->slow;
    struct str said = STR_NULL;
    fixture_request(&f, x, &req);
    assert_int_equal(app_read(f.app, fixture_actor, &who), OK);
    f.app->slow = NULL; /* slow operations too on the calling thread */
    arm(s->where, s->n);
    struct call *k = call_new(f.app, &req);
    s->status = 503;
    if (k) {
        call_as(k, &who.actor);
        call_run(k, f.db);
        s->status = call_answer(k)->status;
        said = call_answer(k)->body;
    }
    s->refused = disarm(s->where) > s->n;
    f.app->slow = slow;
    said = arena_str(&f.a, said);
    call_free(k);
    if (s->status != 200 && s->status < 500)
        fail_msg("%s: %d at allocation %ld of the %s: %.*s", x->op, s->status, s->n,
            s->where == WRITER ? "writer" : "caller", STR_ARG(said));
    if (!s->refused)
        assert_int_equal(s->status, 200);
}

static enum err prove(void)
{
    struct verify_result r;
    struct verify_options o = {.limit = 10};
    enum err e = seal_now(f.app);
    if (!e)
        e = verify_store(f.app, &o, &r);
    assert_int_equal(r.findings, 0);
    return e;
}

/* --- reading ------------------------------------------------------------------------------------
 */

static void read_until_it_works(const struct ask *x)
{
    long refused = 0;
    struct shot s = {CALLER, 0, 0, true};
    for (; s.refused; s.n++) {
        assert_true(s.n < POINTS);
        fire(&s, x);
        refused += s.status != 200;
    }
    assert_true(refused > 0);
}

#define READ(...) read_until_it_works(&(struct ask){__VA_ARGS__})

static void test_reading(void **state)
{
    (void)state;
    const char *firm = fixture_id(&f, f.firm);
    READ(.op = "firm_list", .as = "ws",
        .query = {{S("q"), S("水泥")}, {S("sort"), S("-name")}, {S("total"), S("true")}});
    READ(.op = "firm_get", .as = "ws", .path = {firm});
    READ(.op = "firm_history", .as = "ws", .path = {firm});
    READ(.op = "firm_suggest", .as = "ws", .query = {{S("q"), S("sn")}});
    READ(.op = "code_lists", .as = "ws");
    READ(.op = "board_get", .as = "sx");
    READ(.op = "template_get", .as = "sx", .path = {"settings"});
    READ(.op = "openapi_get", .as = "sx");
}

/* Who a token belongs to, read with memory refused: no stranger for that. */
static void test_signed_in(void **state)
{
    (void)state;
    struct str token = fixture_token(&f, "ws");
    struct request req;
    struct ask x = {.op = "firm_list", .token = token};
    bool refused = true;
    fixture_request(&f, &x, &req);
    for (long n = 0; refused; n++) {
        assert_true(n < POINTS);
        (void)mem_fail_after(n);
        struct call *k = call_new(f.app, &req);
        int status = 503;
        if (k) {
            call_run(k, f.db);
            status = call_answer(k)->status;
        }
        refused = mem_fail_after(-1) > n;
        call_free(k);
        assert_true(status == 200 || status >= 500);
    }
}

/* --- writing ------------------------------------------------------------------------------------
 */

static int64_t edited;

static void begin_edit(void)
{
    struct fixture_firm x = {"文水独一水泥厂", "141121100", "91141121TTTT90002N", 0};
    assert_int_equal(app_write(f.app, NULL, fixture_make_firm, &x), OK);
    edited = x.id;
}

static const struct reply *stored(void)
{
    const struct reply *r = ASK(&f, .op = "firm_get", .as = "ws", .path = {fixture_id(&f, edited)});
    assert_status(r, 200);
    return r;
}

/* Whole or not at all: the row, its version and its history agree. An answer that could not be made
 * after the commit is an error of a write that stands. */
static void edit_until_it_works(enum where where)
{
    struct shot s = {where, 0, 0, true};
    long refused = 0;
    for (; s.refused; s.n++) {
        const struct reply *was = stored();
        int64_t staff = 10000 * (where + 1) + s.n;
        struct ask x = {.op = "firm_edit",
            .as = "ws",
            .path = {fixture_id(&f, edited)},
            .if_match = fixture_id(&f, reply_int(was, "version")),
            .idem = fixture_text(&f, "e%d-%ld", where, s.n),
            .body = fixture_text(&f, "{\"staff\": %lld, \"reason\": \"年报\"}", (long long)staff)};
        assert_true(s.n < POINTS);
        fire(&s, &x);
        const struct reply *is = stored();
        bool changed = reply_int(is, "record.staff") == staff;
        refused += s.status != 200;
        assert_int_equal(reply_int(is, "version"), reply_int(was, "version") + changed);

        if (s.status == 200)
            assert_true(changed);
        else if (!changed)
            assert_true(reply_int(is, "record.staff") == reply_int(was, "record.staff"));
        else
            assert_int_equal(where, CALLER);
        if (changed) /* the retry of what stands is that answer, not a second write */
            assert_status(fixture_ask(&f, &x), 200);
    }
    assert_true(refused > 0);
}

static void test_editing(void **state)
{
    (void)state;
    begin_edit();
    edit_until_it_works(CALLER);
    edit_until_it_works(WRITER);
    assert_int_equal(prove(), OK);
}

static int64_t total(void)
{
    return reply_int(
        ASK(&f, .op = "firm_list", .as = "ws", .query = {{S("total"), S("true")}}), "total");
}

static int64_t counted(void)
{
    const struct reply *r = ASK(&f, .op = "firm_count", .as = "ws");
    assert_status(r, 200);
    assert_true(reply_int(r, "total.0.total") >= 0);
    return reply_int(r, "total.0.total");
}

/* A new firm is a row, its history, its search words and its counters, or none of them. */
static void create_until_it_works(enum where where)
{
    struct shot s = {where, 0, 0, true};
    for (; s.refused; s.n++) {
        int64_t before = total(), count = counted();
        struct ask x = {.op = "firm_create",
            .as = "ws.clerk",
            .body = fixture_text(&f,
                "{\"name\": \"新厂%d-%ld\", \"kind\": \"producer\","
                " \"town\": \"141121100\"}",
                where, s.n)};
        assert_true(s.n < POINTS);
        fire(&s, &x);
        int64_t made = total() - before;
        assert_true(made == 1 || (made == 0 && s.status != 200));
        assert_int_equal(counted() - count, made);
    }
}

static void test_creating(void **state)
{
    (void)state;
    create_until_it_works(CALLER);
    create_until_it_works(WRITER);
    assert_int_equal(prove(), OK);
}

/* --- importing ----------------------------------------------------------------------------------
 */

static const char sample[] = "tests/samples/ledger_production_wenshui_utf8bom.csv";

static int64_t upload(void)
{
    struct request req;
    struct ask x = {.op = "import_create",
        .as = "ws.clerk",
        .query = {{S("kind"), S("production")}, {S("mode"), S("good")}}};
    struct fixture_who who = {x.as, &f.a, {0}};
    fixture_request(&f, &x, &req);
    req.source = SRC_CLI;
    req.file = (struct upload){str_z(sample), S("台账.csv"), 1};
    assert_int_equal(app_read(f.app, fixture_actor, &who), OK);
    struct call *k = call_new(f.app, &req);
    call_as(k, &who.actor);
    call_run(k, f.db);
    const struct reply *r = fixture_reply(&f, call_answer(k));
    call_free(k);
    assert_status(r, 200);
    return reply_int(r, "id");
}

/* Each point at first, then fewer and fewer of them. */
static void test_import_check(void **state)
{
    (void)state;
    bool refused = true;
    int64_t before = total();
    int failed = 0;
    for (long n = 0; refused; n += 1 + n / 25) {
        int64_t id = upload();
        assert_true(n < 1000000);
        (void)mem_fail_after(n);
        enum err e = job_run_here(f.app, id, NULL, NULL);
        refused = mem_fail_after(-1) > n;
        const struct reply *r =
            ASK(&f, .op = "job_get", .as = "ws.clerk", .path = {fixture_id(&f, id)});
        assert_status(r, 200);
        bool waits = str_eqz(reply_str(r, "state"), "waiting");
        bool over = str_eqz(reply_str(r, "state"), "failed");
        bool untouched = str_eqz(reply_str(r, "state"), "queued");
        if (e ? !(over || untouched) : !waits)
            fail_msg("%ld: %d %.*s", n, (int)e, STR_ARG(r->body));
        if (e && err_status(e) < 500)
            fail_msg("%ld: %d %.*s", n, (int)e, STR_ARG(r->body));
        failed += e != OK;
    }
    assert_true(failed > 0);
    assert_int_equal(total(), before);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reading),
        T(test_signed_in),
        T(test_editing),
        T(test_creating),
        T(test_import_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
