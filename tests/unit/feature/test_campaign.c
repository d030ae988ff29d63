/* Survey campaigns: counters agree with a recount whatever happens; what was sent stays as it was;
 * closing while a submission is under way. */
#include "base/hash.h"
#include "core/job.h"
#include "feature/campaign/campaign.h"
#include "fixture.h"

enum { ROUNDS = 400, FIRMS = 40, MADE = 60 };

static struct fixture f;
static int64_t camp;

static int open_store(void **state)
{
    (void)state;
    fixture_open(&f);
    const struct reply *r = ASK(&f, .op = "campaign_open", .as = "sx",
        .body = "{\"title\": \"摸底\", \"kinds\": [\"producer\", \"seller\", \"both\"], \"forms\": "
                "[\"att2\", \"att3\"], \"due_day\": \"2026-12-01\"}");
    assert_status(r, 200);
    camp = reply_int(r, "id");
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* --- counters ----------------------------------------------------------------------------------
 */

static uint64_t seed = 20261102;

static int64_t below(int64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)n);
}

struct all {
    struct vec candidates, firms;
};

static enum err scan(struct ctx *c, void *arg)
{
    struct all *a = arg;
    struct q q;
    q_begin(&q, c->db, kind_candidate.scan);
    q_int(&q, "after", 0);
    q_int(&q, "limit", 100000);
    enum err e = q_all(&q, &candidate_row_desc, &a->candidates, &f.a);
    if (e)
        return e;
    q_begin(&q, c->db, kind_firm.scan);
    q_int(&q, "after", 0);
    q_int(&q, "limit", 100000);
    return q_all(&q, &firm_row_desc, &a->firms, &f.a);
}

static bool admitted(const struct all *a, int64_t firm)
{
    const struct firm_row *rows = a->firms.p;
    for (size_t i = 0; i < a->firms.n; i++)
        if (rows[i].id == firm)
            return str_eqz(rows[i].state, "admitted");
    return false;
}

static struct coverage_row expected(const struct all *a, struct str path)
{
    const struct candidate_row *rows = a->candidates.p;
    struct coverage_row n = {0};
    for (size_t i = 0; i < a->candidates.n; i++) {
        const struct candidate_row *k = &rows[i];
        bool pending = str_eqz(k->state, "pending"), in = str_eqz(k->state, "in");
        bool on_file = k->firm != NULL_INT && (pending || in);
        if (!str_starts(k->org_path, path))
            continue;
        n.total++;
        n.pending += pending;
        n.in_scope += in;
        n.out_scope += str_eqz(k->state, "out");
        n.not_found += str_eqz(k->state, "none");
        n.on_file += on_file;
        n.admitted += on_file && admitted(a, k->firm);
        n.prio += k->prio;
        n.prio_pending += k->prio && pending;
        n.prio_on_file += k->prio && on_file;
    }
    return n;
}

static void same_number(const struct reply *r, const char *name, int64_t want)
{
    char path[64];
    snprintf(path, sizeof path, "total.0.%s", name);
    assert_int_equal(reply_int(r, path), want);
}

struct at {
    const char *area;
    int64_t org;
    struct str path;
};

static enum err find_path(struct ctx *c, void *arg)
{
    struct at *x = arg;
    struct org_row row;
    enum err e = org_by_area(c, str_z(x->area), c->today, &row);
    x->org = row.id;
    x->path = arena_str(&f.a, row.path);
    return e;
}

static void agrees(const struct all *a, const char *area)
{
    struct at o = {.area = area};
    assert_int_equal(app_read(f.app, find_path, &o), OK);
    struct coverage_row n = expected(a, o.path);
    const struct reply *r = ASK(&f, .op = "campaign_board", .as = "sx",
        .path = {fixture_id(&f, camp)}, .query = {{S("org"), str_z(fixture_id(&f, o.org))}});
    assert_status(r, 200);
    same_number(r, "total", n.total);
    same_number(r, "pending", n.pending);
    same_number(r, "in_scope", n.in_scope);
    same_number(r, "out_scope", n.out_scope);
    same_number(r, "not_found", n.not_found);
    same_number(r, "on_file", n.on_file);
    same_number(r, "admitted", n.admitted);
    same_number(r, "prio", n.prio);
    same_number(r, "prio_pending", n.prio_pending);
    same_number(r, "prio_on_file", n.prio_on_file);
}

static void everywhere(void)
{
    static const char *const areas[] = {
        "140000", "141100", "141121", "141121100", "141121101", "141122"};
    struct all a = {{NULL, 0}, {NULL, 0}};
    assert_int_equal(app_read(f.app, scan, &a), OK);
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
        agrees(&a, areas[i]);
}

static int64_t candidates[MADE], made;

static void add_one(void)
{
    static const char *const towns[] = {"141121100", "141121101"};
    static const char *const reasons[] = {"[]", "[\"04\"]", "[\"10\"]", "[\"08\", \"05\"]"};
    if (made == MADE)
        return;
    const struct reply *r = ASK(&f, .op = "candidate_create", .as = "ws",
        .path = {fixture_id(&f, camp)}, .idem = fixture_text(&f, "add-%lld", (long long)made),
        .body = fixture_text(&f,
            "{\"name\": \"候选%lld号\", \"town\": \"%s\", \"kind\": \"seller\", \"reasons\": %s}",
            (long long)made, towns[below(2)], reasons[below(4)]));
    assert_status(r, 200);
    candidates[made++] = reply_int(r, "id");
}

static void tick_one(void)
{
    static const char *const states[] = {"in", "out", "none"};
    if (made == 0)
        return;
    int64_t id = candidates[below(made)];
    const struct reply *r =
        ASK(&f, .op = "candidate_get", .as = "ws", .path = {fixture_id(&f, id)});
    r = ASK(&f, .op = "candidate_tick", .as = "ws", .path = {fixture_id(&f, id)},
        .if_match = fixture_id(&f, reply_int(r, "version")),
        .body = fixture_text(&f,
            "{\"state\": \"%s\", \"why\": \"moved\", \"note\": \"到现场看过\"}", states[below(3)]));
    assert_status(r, 200);
}

struct moving {
    int64_t firm;
    const char *state, *town;
};

static enum err move_firm(struct ctx *c, void *arg)
{
    const struct moving *m = arg;
    struct firm_row old, row;
    struct note n = {.label = "测试"};
    enum err e = rec_get(c, &kind_firm, m->firm, &old);
    row = old;
    row.state = str_z(m->state);
    row.town = str_z(m->town);
    if (!e)
        e = firm_place(c, &row, row.town);
    return e ? e : firm_change(c, &old, &row, &n);
}

static void change_firm(void)
{
    static const char *const states[] = {"draft", "submitted", "admitted", "returned"};
    static const char *const towns[] = {"141121100", "141121101", "141121102"};
    struct all a = {{NULL, 0}, {NULL, 0}};
    assert_int_equal(app_read(f.app, scan, &a), OK);
    const struct firm_row *rows = a.firms.p;
    struct moving m = {rows[below((int64_t)a.firms.n)].id, states[below(4)], towns[below(3)]};
    assert_int_equal(app_write(f.app, NULL, move_firm, &m), OK);
}

static enum err recount(struct ctx *c, void *arg)
{
    return campaign_recount(c, *(int64_t *)arg);
}

static void test_counters(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t what = below(10);
        if (what < 3)
            add_one();
        else if (what < 8)
            tick_one();
        else
            change_firm();
        if (i % 50 == 49)
            everywhere();
    }
    assert_int_equal(made, MADE);
    assert_int_equal(app_write(f.app, NULL, recount, &camp), OK);
    everywhere();
}

/* A firm linked by its code is told apart from one of another county with the same name. */
static void test_match(void **state)
{
    (void)state;
    const struct reply *r =
        ASK(&f, .op = "candidate_create", .as = "ws", .path = {fixture_id(&f, camp)}, .idem = "m1",
            .body = "{\"name\": \"文水砚睿水泥厂\", \"town\": \"141121100\"}");
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "record.firm"), f.firm);
    assert_string(r, "record.matched", "name");
    r = ASK(&f, .op = "candidate_create", .as = "ws", .path = {fixture_id(&f, camp)}, .idem = "m2",
        .body = "{\"name\": \"交城砚睿水泥厂\", \"town\": \"141121100\"}");
    assert_status(r, 200);
    assert_true(reply_null(r, "record.firm"));
}

/* --- submissions -------------------------------------------------------------------------------
 */

static int64_t submit(const char *as, const char *key)
{
    const struct reply *r = ASK(&f, .op = "campaign_submit", .as = as,
        .path = {fixture_id(&f, camp)}, .body = "{}", .idem = key);
    assert_status(r, 202);
    return reply_int(r, "job");
}

struct newest {
    int64_t org;
    struct campaign_submission_row row;
};

static enum err read_newest(struct ctx *c, void *arg)
{
    struct newest *n = arg;
    struct vec rows = {0};
    struct q q;
    q_begin(&q, c->db, SQL_submissions_of);
    q_int(&q, "campaign", camp);
    q_int(&q, "org", n->org);
    enum err e = q_all(&q, &campaign_submission_row_desc, &rows, &f.a);
    assert_true(rows.n > 0);
    n->row = *(struct campaign_submission_row *)rows.p;
    return e;
}

static struct campaign_submission_row newest(const char *area)
{
    struct newest n = {.org = fixture_org(&f, area)};
    assert_int_equal(app_read(f.app, read_newest, &n), OK);
    return n.row;
}

struct frozen {
    int64_t file;
    unsigned char recorded[SM3_LEN], now[SM3_LEN];
};

static enum err read_file(struct ctx *c, void *arg)
{
    struct frozen *x = arg;
    struct attachment_row row;
    int64_t size;
    enum err e = rec_get(c, &kind_attachment, x->file, &row);
    if (e)
        return e;
    memcpy(x->recorded, row.sm3.p, SM3_LEN);
    assert_string_equal(keep(c, row.owner_kind).p, "submission");
    return attachment_digest(attachment_path(c, row.sm3).p, x->now, &size);
}

/* The digest on record, and that of the bytes as they lie there now. */
static struct frozen frozen_of(int64_t file)
{
    struct frozen x = {.file = file};
    assert_int_equal(app_read(f.app, read_file, &x), OK);
    assert_memory_equal(x.recorded, x.now, SM3_LEN);
    return x;
}

static int steps_seen;

static void count_steps(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    assert_true(done <= total);
    steps_seen++;
}

/* One more person works at the firm. */
static enum err one_more(struct ctx *c, void *arg)
{
    struct firm_row old, row;
    struct note n = {.label = "测试"};
    enum err e = rec_get(c, &kind_firm, *(int64_t *)arg, &old);
    row = old;
    row.staff++;
    return e ? e : firm_change(c, &old, &row, &n);
}

static void test_frozen(void **state)
{
    (void)state;
    steps_seen = 0;
    assert_int_equal(job_run_here(f.app, submit("ws", "f1"), count_steps, NULL), OK);
    assert_true(steps_seen > 0);
    struct campaign_submission_row first = newest("141121");
    assert_true(str_eqz(first.state, "sent"));
    assert_int_equal(first.edition, 1);
    assert_int_equal(first.digest.n, SM3_LEN);
    struct frozen before = frozen_of(first.file2);
    assert_int_equal(app_write(f.app, NULL, one_more, &f.firm), OK);
    const struct reply *r =
        ASK(&f, .op = "submission_step", .as = "ll", .path = {fixture_id(&f, first.id), "return"},
            .if_match = fixture_id(&f, first.version), .body = "{\"reason\": \"有更正\"}");
    assert_status(r, 200);
    assert_int_equal(job_run_here(f.app, submit("ws", "f2"), NULL, NULL), OK);
    struct campaign_submission_row second = newest("141121");
    assert_int_equal(second.edition, 2);
    assert_memory_not_equal(first.digest.p, second.digest.p, SM3_LEN);
    struct frozen after = frozen_of(first.file2);
    assert_memory_equal(before.now, after.now, SM3_LEN);
}

static const struct reply *step(const char *action, const char *version, const char *more)
{
    return ASK(&f, .op = "campaign_step", .as = "sx", .path = {fixture_id(&f, camp), action},
        .if_match = version, .body = fixture_text(&f, "{\"reason\": \"到此为止\"%s}", more));
}

static const char *closing_version;

static void close_meanwhile(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    if (!closing_version)
        return;
    assert_status(step("close", closing_version, ""), 409); /* told who is sending */
    assert_status(step("close", closing_version, ", \"anyway\": true"), 200);
    closing_version = NULL;
}

static void test_closed_meanwhile(void **state)
{
    (void)state;
    int64_t job = submit("ws", "c1");
    closing_version = "1";
    assert_int_not_equal(job_run_here(f.app, job, close_meanwhile, NULL), OK);
    assert_null(closing_version);
    struct campaign_submission_row row = newest("141121");
    assert_true(str_eqz(row.state, "void"));
    assert_true(str_find(row.reason, S("恢复摸底")) >= 0);
    const struct reply *r =
        ASK(&f, .op = "campaign_submit", .as = "ws", .path = {fixture_id(&f, camp)}, .body = "{}");
    assert_status(r, 409);
    assert_status(step("reopen", "2", ""), 200);
    assert_int_equal(job_run_here(f.app, submit("ws", "c2"), NULL, NULL), OK);
    row = newest("141121");
    assert_true(str_eqz(row.state, "sent"));
    assert_int_equal(row.edition, 2);
}

/* Cancelled in the queue, nothing runs any more: the next submission does not wait for it. */
static void test_cancelled(void **state)
{
    (void)state;
    int64_t job = submit("ws", "q1");
    const struct reply *r = ASK(&f, .op = "campaign_submit", .as = "ws",
        .path = {fixture_id(&f, camp)}, .body = "{}", .idem = "q2");
    assert_status(r, 409);
    assert_status(ASK(&f, .op = "job_cancel", .as = "ws", .path = {fixture_id(&f, job)}), 200);
    assert_int_equal(job_run_here(f.app, submit("ws", "q3"), NULL, NULL), OK);
    assert_true(str_eqz(newest("141121").state, "sent"));
    assert_int_equal(newest("141121").edition, 2);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_counters),
        CASE(test_match),
        CASE(test_frozen),
        CASE(test_closed_meanwhile),
        CASE(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
