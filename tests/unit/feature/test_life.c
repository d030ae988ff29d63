/* The yearly recalculation: it proposes and changes nothing; who may decide what; proposals that
 * went stale; grades of past days under past rules. Moves whose term has passed. */
#include "core/job.h"
#include "core/template.h"
#include "feature/file/file.h"
#include "feature/life/life.h"

#include "duty_fixture.h"

static struct fixture f;

/* --- the world -------------------------------------------------------------------------------- */

static enum err admit_firm(struct ctx *c, void *arg)
{
    struct firm_row old, row;
    struct note n = {.label = "准备"};
    enum err e = rec_get(c, &kind_firm, *(int64_t *)arg, &old);
    row = old;
    row.state = S("admitted");
    row.kind = S("producer");
    row.staff = 100;
    row.revenue = 100000;
    return e ? e : firm_change(c, &old, &row, &n);
}

struct found {
    int64_t firm;
    const char *severity, *source;
    int64_t back; /* days ago */
};

static enum err find_hazard(struct ctx *c, void *arg)
{
    const struct found *x = arg;
    struct hazard_row h;
    struct note n = {.label = "发现问题"};
    desc_clear(&hazard_row_desc, &h);
    h.firm = x->firm;
    h.org_path = S("0001.");
    h.state = S("found");
    h.source = str_z(x->source);
    h.found_day = c->today - x->back;
    h.what = S("超差");
    h.measure = S("停机");
    h.severity = str_z(x->severity);
    h.at = c->now;
    h.by_account = 0;
    h.by_name = S("检查员");
    h.version = 1;
    return rec_insert(c, &kind_hazard, &h, &n);
}

static void hazard(const char *severity, const char *source, int64_t back)
{
    struct found x = {f.firm, severity, source, back};
    assert_int_equal(app_write(f.app, NULL, find_hazard, &x), OK);
}

/* Small firms become B under the new edition of 附件1. */
static enum err publish(struct ctx *c, void *arg)
{
    struct template_row t;
    struct str body = keep(c, jin_text(template_body(c->app, "att1", NULL)));
    ptrdiff_t at = str_find(body, S("\"size\":\"小型\",\"grade\":\"C\""));
    size_t skip = strlen("\"size\":\"小型\",\"grade\":\"");
    (void)arg;
    assert_true(at >= 0);
    desc_clear(&template_row_desc, &t);
    t.name = S("att1");
    t.title = S("附件1");
    t.issuer = S("测试");
    t.effective_from = c->today;
    t.body = arena_fmt(c->a, "%.*sB%.*s", (int)((size_t)at + skip), body.p,
        (int)(body.n - (size_t)at - skip - 1), body.p + (size_t)at + skip + 1);
    t.reason = S("试验");
    return template_publish(c, &t);
}

static int64_t recalculate(const char *as)
{
    const struct reply *r = ASK(&f, .op = "regrade_start", .as = as, .body = "{}");
    assert_int_equal(r->status, 202);
    int64_t job = reply_int(r, "job");
    assert_int_equal(job_run_here(f.app, job, NULL, NULL), OK);
    r = ASK(&f, .op = "job_get", .as = as, .path = {fixture_id(&f, job)});
    assert_string(r, "state", "done");
    return reply_int(r, "result.proposals");
}

static const struct reply *proposals(const char *as, const char *kind)
{
    return ASK(&f, .op = "regrade_list", .as = as,
        .query = {{S("state"), S("open")}, {S("kind"), str_z(kind)}});
}

static const struct reply *decide(const char *as, int64_t id, const char *outcome)
{
    struct str body = arena_fmt(&f.a,
        "{\"ids\":[\"%lld\"],\"outcome\":\"%s\",\"opinion\":\"按规定\"}", (long long)id, outcome);
    const struct reply *r = ASK(&f, .op = "regrade_decide", .as = as, .body = body.p);
    assert_int_equal(r->status, 200);
    return r;
}

static const struct reply *firm_now(void)
{
    return ASK(&f, .op = "firm_get", .as = "sx", .path = {fixture_id(&f, f.firm)});
}

/* --- M4 --------------------------------------------------------------------------------------- */

static void test_hazards_propose(void **state)
{
    (void)state;
    duty_open(&f);
    assert_int_equal(app_write(f.app, NULL, admit_firm, &f.firm), OK);
    assert_string(firm_now(), "record.grade", "C");
    hazard("重大", "inspection", 30);
    hazard("重大", "daily", 20); /* reported by the firm itself: does not count against it */
    hazard("较大", "inspection", 10);
    hazard("重大", "inspection", 400); /* too long ago */
    assert_int_equal(recalculate("sx"), 0);
    hazard("重大", "spotcheck", 5);
    assert_int_equal(recalculate("sx"), 1);
    assert_int_equal(recalculate("sx"), 0); /* once a year */
    const struct reply *r = proposals("ws", "m4");
    int64_t id = reply_int(r, "items.0.id");
    assert_string(r, "items.0.from_grade", "C");
    assert_string(r, "items.0.to_grade", "B");
    assert_string(firm_now(), "record.grade", "C"); /* nothing changed */
    r = decide("ws", id, "up");
    assert_int_equal(reply_int(r, "done"), 0);
    assert_string(r, "kept.0.why", "由现在负责层级的上一级决定（PL-16）");
    r = decide("ll", id, "regrade");
    assert_int_equal(reply_int(r, "done"), 0);
    r = decide("ll", id, "up");
    assert_int_equal(reply_int(r, "done"), 1);
    r = firm_now();
    assert_string(r, "record.grade", "B");
    assert_string(r, "grade_changes.0.reason_code", "hazards");
    assert_int_equal(reply_int(decide("ll", id, "refuse"), "done"), 0); /* decided once */
    fixture_close(&f);
}

/* M3: an accident entered as a verified event; the city lists the firm for supervision instead. */
static enum err enter_accident(struct ctx *c, void *arg)
{
    struct event_row e;
    struct note n = {.label = "登记事件"};
    (void)arg;
    desc_clear(&event_row_desc, &e);
    e.firm = f.firm;
    e.type = S("accident");
    e.day = c->today - 3;
    e.severity = S("较大");
    e.result = S("属实");
    e.text = S("窑炉爆燃");
    return event_add(c, &e, &n);
}

static void test_accident_proposes(void **state)
{
    (void)state;
    duty_open(&f);
    assert_int_equal(app_write(f.app, NULL, admit_firm, &f.firm), OK);
    assert_int_equal(recalculate("sx"), 0);
    assert_int_equal(app_write(f.app, NULL, enter_accident, NULL), OK);
    assert_int_equal(recalculate("sx"), 1);
    int64_t id = reply_int(proposals("ws", "m3"), "items.0.id");
    assert_int_equal(reply_int(decide("ll", id, "listing"), "done"), 1);
    assert_string(firm_now(), "record.grade", "C"); /* listed, not raised */
    const struct reply *r =
        ASK(&f, .op = "regrade_list", .as = "ws", .query = {{S("state"), S("accepted")}});
    assert_string(r, "items.0.outcome", "listing");
    fixture_close(&f);
}

/* --- rules ------------------------------------------------------------------------------------ */

static const struct reply *grade_on(int64_t back)
{
    return ASK(&f, .op = "grade_at", .as = "sx", .path = {fixture_id(&f, f.firm)},
        .query = {{S("day"), str_z(duty_day(&f, -back))}});
}

static void test_rules_propose(void **state)
{
    (void)state;
    duty_open(&f);
    assert_int_equal(app_write(f.app, NULL, admit_firm, &f.firm), OK);
    assert_int_equal(app_write(f.app, NULL, admit_firm, &f.firm_elsewhere), OK);
    duty_days_pass(&f, 1);
    assert_int_equal(app_write(f.app, NULL, publish, NULL), OK);
    assert_string(firm_now(), "record.grade", "C");
    assert_int_equal(recalculate("ws"), 1); /* of its own range only */
    int64_t id = reply_int(proposals("ws", "rules"), "items.0.id");
    const struct reply *r = decide("ws", id, "regrade");
    assert_string(r, "kept.0.why", "由两个级别中较高的一级决定");
    assert_int_equal(reply_int(decide("ll", id, "regrade"), "done"), 1);
    assert_string(firm_now(), "record.grade", "B");
    /* yesterday's file, yesterday's rules */
    r = grade_on(1);
    assert_string(r, "grade", "C");
    assert_string(r, "computed", "C");
    assert_int_equal(reply_int(r, "att1"), 1);
    assert_int_equal(reply_int(r, "used"), 1);
    r = grade_on(0);
    assert_string(r, "grade", "B");
    assert_string(r, "computed", "B");
    assert_int_equal(reply_int(r, "att1"), 2);
    assert_int_equal(reply_int(r, "used"), 2);
    /* figures that changed since make a proposal stale */
    assert_int_equal(recalculate("sx"), 1);
    id = reply_int(proposals("sx", "rules"), "items.0.id");
    assert_int_equal(app_write(f.app, NULL, admit_firm, &f.firm_elsewhere), OK);
    r = ASK(&f, .op = "firm_get", .as = "sx", .path = {fixture_id(&f, f.firm_elsewhere)});
    r = decide("sx", id, "regrade");
    assert_int_equal(reply_int(r, "done") + reply_int(r, "stale"), 1);
    fixture_close(&f);
}

/* --- the term of a move ----------------------------------------------------------------------- */

static enum err remind(struct ctx *c, void *arg)
{
    (void)arg;
    return transfer_remind(c);
}

static void test_move_is_reminded(void **state)
{
    (void)state;
    duty_open(&f);
    const struct reply *r = ASK(&f, .op = "transfer_ask", .as = "ws",
        .path = {fixture_id(&f, f.firm)}, .body = "{\"town\":\"141122100\",\"reason\":\"搬迁\"}");
    assert_int_equal(r->status, 200);
    assert_int_equal(app_write(f.app, NULL, remind, NULL), OK);
    r = ASK(
        &f, .op = "transfer_in_list", .as = "sx", .query = {{S("columns"), S("late,reminded")}});
    assert_false(reply_int(r, "items.0.late") == 1);
    assert_true(reply_null(r, "items.0.reminded"));
    duty_days_pass(&f, 14);
    assert_int_equal(app_write(f.app, NULL, remind, NULL), OK);
    assert_int_equal(app_write(f.app, NULL, remind, NULL), OK); /* once */
    r = ASK(
        &f, .op = "transfer_in_list", .as = "sx", .query = {{S("columns"), S("late,reminded")}});
    assert_string(r, "items.0.reminded", duty_day(&f, 0));
    r = ASK(&f, .op = "transfer_in_list", .as = "sx", .query = {{S("late"), S("true")}});
    assert_false(reply_null(r, "items.0.id"));
    r = ASK(&f, .op = "firm_history", .as = "ws", .path = {fixture_id(&f, f.firm)});
    assert_string(r, "items.0.note.label", "迁移超过办理期限，提醒双方");
    assert_false(reply_null(r, "items.1.id"));
    fixture_close(&f);
}

/* --- a merger taken back -----------------------------------------------------------------------
 */

static int64_t merged_pair(const char *name, const char *idem)
{
    int64_t kept = fixture_firm(&f, name, "141121100"), gone = fixture_firm(&f, name, "141121100");
    const struct reply *r =
        ASK(&f, .op = "twin_check", .as = "ws", .path = {fixture_id(&f, gone)}, .body = "{}");
    assert_status(r, 200);
    int64_t pair = reply_int(r, "items.0.twin");
    r = ASK(&f, .op = "twin_decide", .as = "ws", .path = {fixture_id(&f, pair)}, .idem = idem,
        .body = fixture_text(&f,
            "{\"outcome\": \"merge\", \"keep\": %lld, \"opinion\": \"同一家\"}", (long long)kept));
    assert_status(r, 200);
    return pair;
}

static void test_merger_is_taken_back_in_time(void **state)
{
    (void)state;
    duty_open(&f);
    int64_t pair = merged_pair("文水砚撤水泥厂", "u1"), late = merged_pair("文水岑迟化肥厂", "u2");
    f.app->fixed_now += 15 * 24 * f.hour;
    const struct reply *r = ASK(&f, .op = "twin_undo", .as = "ws", .path = {fixture_id(&f, pair)},
        .idem = "u3", .body = "{\"reason\": \"是两家\"}");
    assert_status(r, 200);
    f.app->fixed_now += 1;
    r = ASK(&f, .op = "twin_undo", .as = "ws", .path = {fixture_id(&f, late)}, .idem = "u4",
        .body = "{\"reason\": \"是两家\"}");
    assert_status(r, 409);
    r = ASK(&f, .op = "twin_get", .as = "ws", .path = {fixture_id(&f, late)});
    assert_false(jin_bool(reply_at(r, "can_undo"), true));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hazards_propose),
        cmocka_unit_test(test_accident_proposes), cmocka_unit_test(test_rules_propose),
        cmocka_unit_test(test_move_is_reminded),
        cmocka_unit_test(test_merger_is_taken_back_in_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
