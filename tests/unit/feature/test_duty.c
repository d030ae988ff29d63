/* The firm's own duty: lists, days, submissions, corrections, stops, the board. */
#include "duty_fixture.h"

#include "base/mem.h"

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

static const char *firm_id(void)
{
    return fixture_id(&f, f.firm);
}

/* --- bodies ---------------------------------------------------------------------------------- */

/* Answers to the cement list, one letter per item: n normal, p problem, x not applicable, - none.
 */
static const char *answers(const char *letters)
{
    char text[2000];
    size_t n = 0;
    for (int i = 0; letters[i]; i++) {
        const char *result = letters[i] == 'n' ? "normal" : letters[i] == 'p' ? "problem" : "na";
        if (letters[i] == '-')
            continue;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"code\": \"%d\", \"result\": \"%s\"}",
            n ? ", " : "", (i / 4 + 1) * 100 + i % 4 + 1, result);
    }
    text[n] = 0;
    return arena_str(&f.a, (struct str){text, n}).p;
}

#define NORMAL "nnnnnnnnnnnn"

static const struct reply *submit_with(
    const char *as, int64_t off, const char *letters, const char *key, const char *more)
{
    return ASK(&f, .op = "daily_submit", .as = as, .path = {firm_id(), duty_day(&f, off)},
        .body = fixture_text(&f, "{\"risklist\": %lld, \"answers\": [%s], \"key\": \"%s\"%s}",
            (long long)list, answers(letters), key, more));
}

static const struct reply *submit(int64_t off, const char *letters, const char *key)
{
    return submit_with("officer", off, letters, key, "");
}

static const struct reply *today(void)
{
    return ASK(&f, .op = "today_get", .as = "officer", .path = {firm_id()});
}

static const struct reply *board(const char *as, int64_t off)
{
    return ASK(&f, .op = "board_get", .as = as, .query = {{S("day"), str_z(duty_day(&f, off))}});
}

static const struct reply *rows(const char *as, int64_t off, const char *status)
{
    return ASK(&f, .op = "board_firms", .as = as,
        .query = {{S("day"), str_z(duty_day(&f, off))}, {S("status"), str_z(status)},
            {S("total"), S("true")}});
}

#define assert_number(r, path, want) assert_int_equal(reply_int((r), (path)), (want))
#define assert_says(r, words)                                                                      \
    do {                                                                                           \
        const struct reply *s_ = (r);                                                              \
        if (str_find(s_->body, S(words)) < 0)                                                      \
            fail_msg("nothing of \"%s\" in %.*s", words, STR_ARG(s_->body));                       \
    } while (0)

static size_t len(const struct reply *r, const char *path)
{
    return jin_len(reply_at(r, path));
}

/* --- opening days ---------------------------------------------------------------------------- */

static void test_first_days(void **state)
{
    (void)state;
    const struct reply *r = today();
    assert_status(r, 200);
    assert_string(r, "today.0.state", "due");
    assert_string(r, "today.0.day", "2026-11-03");
    assert_number(r, "catch_up_days", 30);
    assert_number(r, "open_hazards", 0);
    assert_string(r, "receiver", "凤城镇执法中队");
    assert_int_equal(len(r, "earlier"), 0); /* nothing was owed before */
    assert_true(reply_null(r, "suspension"));
    r = board("ws", 0);
    assert_number(r, "total.0.due", 1);
    assert_number(r, "total.0.pending", 1);
    assert_number(r, "total.0.missing", 0);
    assert_number(board("ll", 0), "total.0.due", 2);
    assert_number(board("ws", -1), "total.0.due", 0);
    assert_status(board("ws", 1), 422);
}

static void test_days_without_traffic(void **state)
{
    (void)state;
    duty_days_pass(&f, 5);
    for (int64_t off = -5; off <= 0; off++)
        assert_number(board("ws", off), "total.0.due", 1);
    assert_number(board("ws", -3), "total.0.missing", 1);
    assert_number(board("ws", -2), "total.0.missing", 0);
    assert_number(board("ws", -2), "total.0.pending", 1);
    const struct reply *r = today();
    assert_int_equal(len(r, "earlier"), 5);
    assert_string(r, "earlier.0.state", "due");
    assert_string(r, "earlier.4.state", "missing");
    fixture_later(&f, -3 * 24 * f.hour); /* the clock set back opens nothing twice */
    duty_days_pass(&f, 0);
    fixture_later(&f, 3 * 24 * f.hour);
    duty_days_pass(&f, 0);
    assert_number(board("ws", -1), "total.0.due", 1);
}

/* A group that fails after opening the day leaves it to the next one. */
static enum err refused(struct ctx *c, void *arg)
{
    (void)c;
    (void)arg;
    return ERR_STATE;
}

static void test_failed_write_keeps_day(void **state)
{
    (void)state;
    fixture_later(&f, 24 * f.hour);
    assert_int_equal(app_write(f.app, NULL, refused, NULL), ERR_STATE);
    duty_days_pass(&f, 0);
    duty_days_pass(&f, 0);
    assert_number(board("ws", 0), "total.0.due", 1);
}

/* --- lists ----------------------------------------------------------------------------------- */

static void test_templates(void **state)
{
    (void)state;
    const struct reply *r =
        ASK(&f, .op = "risklist_templates", .as = "officer", .path = {firm_id()});
    assert_status(r, 200);
    assert_int_equal(len(r, "items"), 13);
    assert_string(r, "items.0.name", "daily_cement");
    assert_true(jin_bool(reply_at(r, "items.0.suggested"), false));
    assert_false(jin_bool(reply_at(r, "items.1.suggested"), true));
    assert_number(r, "items.0.items", 12);
    assert_string(r, "items.0.areas.0.items.0.code", "101");
    r = ASK(&f, .op = "risklist_get", .as = "ws", .path = {firm_id()});
    assert_number(r, "edition", 1);
    assert_number(r, "items", 12);
    assert_string(r, "template", "daily_cement");
    assert_string(r, "title", "工业产品质量安全风险管控清单");
    assert_status(ASK(&f, .op = "risklist_get", .as = "elsewhere",
                      .path = {fixture_id(&f, f.firm_elsewhere)}),
        404);
    assert_int_equal(fixture_journal(&f, "编制风险管控清单"), 1);
}

static const struct reply *save(const char *body)
{
    return ASK(&f, .op = "risklist_save", .as = "officer", .path = {firm_id()}, .body = body);
}

#define OWN(areas) "{\"template\": \"daily_cement\", \"areas\": " areas "}"
#define ITEM(code, text) "{\"code\": \"" code "\", \"text\": \"" text "\", \"key\": true}"

static void test_own_list(void **state)
{
    (void)state;
    const struct reply *r =
        save(OWN("[{\"name\": \"店\\\"面\", \"code\": \"A1\", \"items\": [" ITEM(
            "a-1", "灯 {\\\"code\\\":\\\"x\\\"} 亮") "]}]"));
    assert_status(r, 200);
    assert_number(r, "edition", 2);
    assert_number(r, "items", 1);
    list = reply_int(r, "id");
    /* A text that looks like an item is not one. */
    r = ASK(&f, .op = "daily_submit", .as = "officer", .path = {firm_id(), duty_day(&f, 0)},
        .body = fixture_text(&f,
            "{\"risklist\": %lld, \"answers\": [{\"code\": \"a-1\", \"result\": \"na\"}], "
            "\"key\": \"k\"}",
            (long long)list));
    assert_status(r, 200);
    r = ASK(&f, .op = "daily_get", .as = "officer", .path = {firm_id(), duty_day(&f, 0)});
    assert_string(r, "versions.0.items.0.text", "灯 {\"code\":\"x\"} 亮");
    assert_string(r, "versions.0.items.0.result", "na");
    assert_number(r, "versions.0.edition", 2);

    assert_complaint(save(OWN("[]")), "areas", "range");
    assert_complaint(save(OWN("{}")), "areas", "range");
    assert_complaint(save(OWN("[3]")), "areas.0", "type");
    assert_complaint(save(OWN("[{\"name\": \"a\", \"items\": []}]")), "areas.0.items", "required");
    assert_complaint(save(OWN("[{\"items\": [" ITEM("1", "t") "]}]")), "areas.0.name", "required");
    assert_complaint(
        save(OWN("[{\"name\": \"a\", \"items\": [" ITEM("1", "t") "," ITEM("1", "u") "]}]")),
        "areas.0.items.1.code", "duplicate");
    assert_complaint(save(OWN("[{\"name\": \"a\", \"items\": [" ITEM("甲", "t") "]}]")),
        "areas.0.items.0.code", "type");
    assert_complaint(save(OWN("[{\"name\": \"a\", \"items\": [" ITEM("1", "") "]}]")),
        "areas.0.items.0.text", "required");
    assert_complaint(
        save(OWN("[{\"name\": \"a\", \"x y\": 1, \"items\": [{\"code\": \"1\", \"text\": \"t\", "
                 "\"level\": \"高\", \"sql\": 1}]}]")),
        "areas.0.items.0.sql", "unknown");
    assert_complaint(save("{\"template\": \"codes\"}"), "template", "invalid");
    assert_complaint(save("{\"template\": \"daily_none\"}"), "template", "invalid");
    r = save("{\"template\": \"daily_cement\", \"from_edition\": 1}");
    assert_status(r, 409);
    assert_number(r, "current.edition", 2);
    assert_number(save("{\"template\": \"daily_cement\", \"from_edition\": 2}"), "edition", 3);
}

static void test_list_too_long(void **state)
{
    (void)state;
    char text[8000], big[1000];
    size_t n = (size_t)snprintf(text, sizeof text, "[{\"name\": \"a\", \"items\": [");
    for (int i = 0; i < 61; i++)
        n += (size_t)snprintf(
            text + n, sizeof text - n, "%s{\"code\": \"%d\", \"text\": \"t\"}", i ? "," : "", i);
    snprintf(text + n, sizeof text - n, "]}]");
    assert_complaint(
        save(fixture_text(&f, "{\"template\": \"daily_cement\", \"areas\": %s}", text)), "areas",
        "range");
    memset(big, 0, sizeof big);
    for (int i = 0; i < 201; i++)
        strcat(big, "𠮷");
    assert_complaint(save(fixture_text(&f,
                         "{\"template\": \"daily_cement\", \"areas\": [{\"name\": \"a\", "
                         "\"items\": [{\"code\": \"1\", \"text\": \"%s\"}]}]}",
                         big)),
        "areas.0.items.0.text", "too_long");
}

/* --- submitting ------------------------------------------------------------------------------ */

static void test_zero_risk(void **state)
{
    (void)state;
    const struct reply *r = submit(0, NORMAL, "key-1");
    assert_status(r, 200);
    assert_true(jin_bool(reply_at(r, "zero_risk"), false));
    assert_false(jin_bool(reply_at(r, "late"), true));
    assert_number(r, "version", 1);
    assert_string(r, "receiver", "凤城镇执法中队");
    assert_true(str_starts(reply_str(r, "number"), S("20261103-")));
    assert_string(today(), "today.0.state", "done");

    const struct reply *again = submit(0, "nnnnnnnnnnnx", "key-1");
    assert_true(str_eq(again->body, r->body));
    const struct reply *other = submit(0, NORMAL, "key-2");
    assert_status(other, 409);
    assert_number(other, "current.id", reply_int(r, "id"));
    assert_status(submit_with("principal", 0, NORMAL, "key-3", ""), 409);

    const struct reply *b = board("ws", 0);
    assert_number(b, "total.0.done", 1);
    assert_number(b, "total.0.zero", 1);
    assert_number(b, "total.0.pending", 0);
    assert_int_equal(fixture_journal(&f, "日管控"), 0); /* a plain day is no history */
}

static void test_answers(void **state)
{
    (void)state;
    const struct reply *r = submit(0, "-nnnnnnnnnnn", "k");
    assert_complaint(r, "answers", "missing");
    assert_says(r, "还没有回答：");
    r = submit(0, "pnnnnnnnnnnn", "k");
    assert_complaint(r, "problems", "missing");
    r = ASK(&f, .op = "daily_submit", .as = "officer", .path = {firm_id(), duty_day(&f, 0)},
        .body = fixture_text(&f,
            "{\"risklist\": %lld, \"answers\": [%s, {\"code\": \"101\", \"result\": \"normal\"}, "
            "{\"code\": \"999\", \"result\": \"normal\"}], \"key\": \"k\"}",
            (long long)list, answers(NORMAL)));
    assert_complaint(r, "answers.12.code", "duplicate");
    assert_complaint(r, "answers.13.code", "unknown");
    r = submit_with("officer", 0, NORMAL, "k",
        ", \"problems\": [{\"code\": \"101\", \"what\": \"潮\", \"measure\": \"停用\"}, "
        "{\"code\": \"7\", \"what\": \"潮\", \"measure\": \"停用\"}, {\"code\": \"102\"}]");
    assert_complaint(r, "problems.2.what", "required");
    assert_complaint(r, "problems.2.measure", "required");
    r = submit_with("officer", 0, NORMAL, "k",
        ", \"problems\": [{\"code\": \"101\", \"what\": \"潮\", \"measure\": \"停用\"}, "
        "{\"code\": \"7\", \"what\": \"潮\", \"measure\": \"停用\"}]");
    assert_complaint(r, "problems.0.code", "mismatch");
    assert_complaint(r, "problems.1.code", "unknown");
    int64_t mine = list;
    list = duty_list(&f, "elsewhere", f.firm_elsewhere);
    assert_complaint(submit(0, NORMAL, "k"), "risklist", "unknown");
    list = mine;
    assert_status(submit(0, NORMAL, "k"), 200);
}

/* Answers may come in any order, and an older edition of the list may be the one that was checked.
 */
static void test_order_and_edition(void **state)
{
    (void)state;
    (void)duty_list(&f, "officer", f.firm);
    const struct reply *r = ASK(&f, .op = "daily_submit", .as = "officer",
        .path = {firm_id(), duty_day(&f, 0)},
        .body = fixture_text(&f,
            "{\"risklist\": %lld, \"key\": \"k\", \"answers\": [{\"code\": \"304\", \"result\": "
            "\"na\"}, %s]}",
            (long long)list, answers("nnnnnnnnnnn-")));
    assert_status(r, 200);
    r = ASK(&f, .op = "daily_get", .as = "ws.fengcheng", .path = {firm_id(), duty_day(&f, 0)});
    assert_string(r, "versions.0.items.11.result", "na");
    assert_string(r, "versions.0.items.0.result", "normal");
    assert_number(r, "versions.0.edition", 1);
    assert_string(r, "title", "每日工业产品质量安全检查记录");
}

#define PROBLEM                                                                                    \
    ", \"problems\": [{\"code\": \"101\", \"what\": \"熟料受潮\", \"measure\": \"停用\", "   \
    "\"severity\": \"较大\"}, {\"what\": \"路面结冰\", \"measure\": \"撒盐\"}]"

static void test_problems(void **state)
{
    (void)state;
    const struct reply *r = submit_with("officer", 0, "pnnnnnnnnnnn", "k", PROBLEM);
    assert_status(r, 200);
    assert_false(jin_bool(reply_at(r, "zero_risk"), true));
    assert_number(r, "problems", 2);
    assert_int_equal(len(r, "hazards"), 2);
    assert_true(str_eq(submit(0, NORMAL, "k")->body, r->body));
    assert_number(today(), "open_hazards", 2);
    assert_number(board("ws", 0), "total.0.problem", 1);
    assert_number(board("ws", 0), "total.0.zero", 0);

    const struct reply *h = ASK(&f, .op = "hazard_get", .as = "officer",
        .path = {fixture_id(&f, reply_int(r, "hazards.0"))});
    assert_string(h, "record.what", "熟料受潮");
    assert_string(h, "record.state", "found");
    assert_string(h, "record.due_day", duty_day(&f, 3)); /* by the settings, from the severity */
    assert_string(h, "labels.source", "日管控");
    assert_string(h, "steps.0.note.label", "发现问题");

    /* A correction that tells the same problem again amends its hazard. */
    const struct reply *c = submit_with("officer", 0, "pnnnnnnnnnnn", "k2",
        ", \"correct\": true, \"reason\": \"写漏了\", \"problems\": [{\"code\": \"101\", \"what\": "
        "\"熟料受潮两垛\", \"measure\": \"停用并退货\"}]");
    assert_status(c, 200);
    assert_number(c, "version", 2);
    assert_int_equal(len(c, "hazards"), 2);
    h = ASK(&f, .op = "hazard_get", .as = "officer",
        .path = {fixture_id(&f, reply_int(r, "hazards.0"))});
    assert_string(h, "record.what", "熟料受潮两垛");
    assert_number(today(), "open_hazards", 2);
    const struct reply *d =
        ASK(&f, .op = "daily_get", .as = "ws", .path = {firm_id(), duty_day(&f, 0)});
    assert_int_equal(len(d, "versions"), 2);
    assert_number(d, "versions.0.version", 2);
    assert_string(d, "versions.0.reason", "写漏了");
    assert_int_equal(len(d, "versions.1.hazards"), 2);
}

static void test_corrections(void **state)
{
    (void)state;
    assert_status(
        submit_with("officer", 0, NORMAL, "k0", ", \"correct\": true, \"reason\": \"先改\""), 409);
    assert_status(submit(0, NORMAL, "k1"), 200);
    assert_complaint(
        submit_with("officer", 0, NORMAL, "k2", ", \"correct\": true"), "reason", "required");
    char key[20];
    for (int v = 2; v <= 16; v++) {
        snprintf(key, sizeof key, "c%d", v);
        const char *problem = v % 2 ? "" : PROBLEM;
        const char *more =
            fixture_text(&f, ", \"correct\": true, \"reason\": \"第%d次\"%s", v, problem);
        const struct reply *r =
            submit_with("officer", 0, v % 2 ? NORMAL : "pnnnnnnnnnnn", key, more);
        assert_status(r, 200);
        assert_number(r, "version", v);
        const struct reply *b = board("ws", 0);
        assert_number(b, "total.0.done", 1);
        assert_number(b, "total.0.zero", v % 2);
        assert_number(b, "total.0.problem", !(v % 2));
    }
    assert_status(
        submit_with("officer", 0, NORMAL, "c17", ", \"correct\": true, \"reason\": \"再改\""), 409);
    const struct reply *d =
        ASK(&f, .op = "daily_get", .as = "officer", .path = {firm_id(), duty_day(&f, 0)});
    assert_int_equal(len(d, "versions"), 16);
    assert_number(today(), "open_hazards", 2); /* told eight times, opened once */
}

static void test_late(void **state)
{
    (void)state;
    assert_status(submit(1, NORMAL, "k"), 409);
    assert_status(submit(-1, NORMAL, "k"), 409); /* before the first day owed */
    duty_days_pass(&f, 3);
    assert_number(board("ws", -3), "total.0.missing", 1);
    assert_complaint(submit(-3, NORMAL, "k"), "reason", "required");
    const struct reply *r = submit_with("officer", -3, NORMAL, "k", ", \"reason\": \"手机坏了\"");
    assert_status(r, 200);
    assert_true(jin_bool(reply_at(r, "late"), false));
    r = board("ws", -3);
    assert_number(r, "total.0.missing", 0);
    assert_number(r, "total.0.late", 1);
    assert_number(r, "total.0.done", 0);
    assert_string(today(), "earlier.2.state", "late");
    assert_int_equal(fixture_journal(&f, "补录日管控记录"), 1);
    duty_days_pass(&f, 30);
    r = submit_with("officer", -31, NORMAL, "k9", ", \"reason\": \"太久\"");
    assert_status(r, 409);
    assert_says(r, "最近 30 天");
    assert_status(submit_with("officer", -30, NORMAL, "k8", ", \"reason\": \"还来得及\""), 200);
}

/* Today may be recorded before the first day owed; it is kept and counted nowhere. */
static void test_early_bird(void **state)
{
    (void)state;
    int64_t third = fixture_firm(&f, "文水新立水泥厂", "141121100");
    duty_user(&f, "newcomer", "officer", third);
    list = duty_list(&f, "newcomer", third);
    const struct reply *r = ASK(&f, .op = "daily_submit", .as = "newcomer",
        .path = {fixture_id(&f, third), duty_day(&f, 0)},
        .body = fixture_text(&f, "{\"risklist\": %lld, \"answers\": [%s], \"key\": \"k\"}",
            (long long)list, answers(NORMAL)));
    assert_status(r, 200);
    assert_number(board("ws", 0), "total.0.done", 0);
    assert_int_equal(len(rows("ws", 0, "done"), "items"), 0);
    r = ASK(&f, .op = "today_get", .as = "newcomer", .path = {fixture_id(&f, third)});
    assert_string(r, "today.0.state", "done");
}

/* --- memory refused ----------------------------------------------------------------------------
 */

struct torture {
    long after;
    enum err err;
};

static void draft_of(struct ctx *c, struct daily_draft *d)
{
    struct daily_answer *a = arena_new(c->a, struct daily_answer, 12);
    struct daily_problem *p = arena_new(c->a, struct daily_problem, 1);
    desc_clear(&daily_draft_desc, d);
    desc_clear(&daily_problem_desc, p);
    for (int i = 0; i < 12; i++) {
        a[i].code = arena_fmt(c->a, "%d", (i / 4 + 1) * 100 + i % 4 + 1);
        a[i].result = i ? S("normal") : S("problem");
    }
    p->code = S("101");
    p->what = S("受潮");
    p->measure = S("停用");
    d->firm = f.firm;
    d->day = c->today;
    d->risklist = list;
    d->key = S("k");
    d->answers = (struct vec){a, 12};
    d->problems = (struct vec){p, 1};
}

/* A submission whose N-th allocation is refused, in an arena that has nothing to spare. */
static enum err submit_starved(struct ctx *c, void *arg)
{
    struct torture *t = arg;
    struct daily_draft d;
    struct daily_receipt r;
    struct ctx own = *c;
    struct arena a;
    draft_of(c, &d);
    arena_init(&a, 1 << 20);
    own.a = &a;
    own.actor.account = 1;
    desc_clear(&daily_receipt_desc, &r);
    (void)mem_fail_after(t->after);
    t->err = op_daily_submit(&own, &d, &r);
    (void)mem_fail_after(-1);
    if (!t->err && a.failed)
        t->err = ERR_NOMEM; /* as the runner does */
    arena_free(&a);
    return t->err;
}

static void test_memory_refused(void **state)
{
    (void)state;
    int refused = 0;
    for (long n = 0; n < 200; n++) {
        struct torture t = {n, OK};
        enum err e = app_write(f.app, NULL, submit_starved, &t);
        assert_true(e == t.err || e == ERR_NOMEM); /* overlooked by it, undone all the same */
        if (!e)
            break;
        assert_int_equal(e, ERR_NOMEM);
        refused++;
        assert_number(board("ws", 0), "total.0.done", 0);
        assert_number(today(), "open_hazards", 0);
    }
    assert_true(refused > 0 && refused < 200);
    assert_number(board("ws", 0), "total.0.done", 1);
    assert_number(board("ws", 0), "total.0.problem", 1);
    assert_number(today(), "open_hazards", 1);
}

/* --- stops ----------------------------------------------------------------------------------- */

static const struct reply *stop(const char *body)
{
    return ASK(&f, .op = "suspension_create", .as = "officer", .path = {firm_id()}, .body = body);
}

static const struct reply *resume(int64_t id, int64_t off)
{
    return ASK(&f, .op = "suspension_end", .as = "officer", .path = {firm_id(), fixture_id(&f, id)},
        .body = fixture_text(&f, "{\"resumed_on\": \"%s\"}", duty_day(&f, off)));
}

static void test_stop(void **state)
{
    (void)state;
    duty_days_pass(&f, 2);
    assert_status(submit_with("officer", -1, NORMAL, "k", ", \"reason\": \"漏记\""), 200);
    const struct reply *r = stop(fixture_text(&f, "{\"from_day\": \"%s\"}", duty_day(&f, -2)));
    assert_status(r, 200);
    assert_string(r, "code", "11");
    assert_string(r, "code_label", "停产（停业）");
    int64_t id = reply_int(r, "id");
    for (int64_t off = -2; off <= 0; off++) {
        r = board("ws", off);
        assert_number(r, "total.0.due", off == -1 ? 1 : 0); /* the filed day stands */
        assert_number(r, "total.0.excused", off == -1 ? 0 : 1);
    }
    r = today();
    assert_string(r, "today.0.state", "excused");
    assert_string(r, "earlier.0.state", "late");
    assert_number(r, "suspension.id", id);
    r = submit(0, NORMAL, "k5");
    assert_status(r, 409);
    assert_says(r, "复产");
    duty_days_pass(&f, 2);
    assert_number(board("ws", 0), "total.0.excused", 1);
    assert_number(board("ws", 0), "total.0.due", 0);
    assert_complaint(resume(id, -9), "resumed_on", "range");
    r = resume(id, -1);
    assert_status(r, 200);
    assert_string(r, "resumed_on", duty_day(&f, -1));
    assert_string(r, "to_day", duty_day(&f, -2));
    assert_status(resume(id, 0), 409);
    assert_number(board("ws", 0), "total.0.due", 1);
    assert_number(board("ws", -1), "total.0.due", 1);
    assert_number(board("ws", -2), "total.0.excused", 1);
    assert_string(today(), "today.0.state", "due");
    assert_int_equal(fixture_journal(&f, "报备停产停业"), 1);
    assert_int_equal(fixture_journal(&f, "复产复业"), 1);
}

static void test_stop_bad(void **state)
{
    (void)state;
    assert_complaint(
        stop(fixture_text(&f, "{\"to_day\": \"%s\"}", duty_day(&f, -1))), "to_day", "range");
    assert_complaint(
        stop(fixture_text(&f, "{\"from_day\": \"%s\"}", duty_day(&f, -31))), "from_day", "range");
    assert_complaint(stop("{\"code\": \"21\"}"), "code", "code");
    assert_status(stop(fixture_text(&f, "{\"from_day\": \"%s\", \"to_day\": \"%s\"}",
                      duty_day(&f, 5), duty_day(&f, 9))),
        200);
    assert_status(stop("{}"), 409); /* open end reaches into it */
    assert_status(stop(fixture_text(&f, "{\"to_day\": \"%s\"}", duty_day(&f, 5))), 409);
    assert_status(stop(fixture_text(&f, "{\"to_day\": \"%s\"}", duty_day(&f, 4))), 200);
    const struct reply *r = ASK(&f, .op = "suspension_list", .as = "ws", .path = {firm_id()});
    assert_int_equal(len(r, "items"), 2);
    int64_t first = reply_int(r, "items.1.id");
    assert_status(ASK(&f, .op = "suspension_end", .as = "elsewhere",
                      .path = {fixture_id(&f, f.firm_elsewhere), fixture_id(&f, first)},
                      .body = "{\"resumed_on\": \"2026-11-03\"}"),
        404);
    /* Resumed on its own first day: withdrawn, and the day is owed again. */
    assert_status(resume(first, 0), 200);
    assert_number(board("ws", 0), "total.0.due", 1);
    assert_number(board("ws", 0), "total.0.excused", 0);
    r = ASK(&f, .op = "suspension_list", .as = "ws", .path = {firm_id()});
    assert_int_equal(len(r, "items"), 1);
    assert_status(stop(fixture_text(&f, "{\"to_day\": \"%s\"}", duty_day(&f, 4))), 200);
}

/* --- scope ----------------------------------------------------------------------------------- */

static void test_scope(void **state)
{
    (void)state;
    static const char *const reads[] = {
        "today_get", "risklist_templates", "risklist_get", "suspension_list", "daily_month"};
    const char *absent = ASK(&f, .op = "today_get", .as = "ws", .path = {"999999999"})->body.p;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        assert_status(ASK(&f, .op = reads[i], .as = "elsewhere", .path = {firm_id()}), 404);
        assert_status(ASK(&f, .op = reads[i], .as = "jc", .path = {firm_id()}), 404);
        assert_status(ASK(&f, .op = reads[i], .as = "ws.kaizha", .path = {firm_id()}), 404);
        assert_status(ASK(&f, .op = reads[i], .as = "ws", .path = {firm_id()}), 200);
        assert_status(ASK(&f, .op = reads[i], .as = "sysadmin", .path = {firm_id()}), 403);
    }
    const struct reply *r = ASK(&f, .op = "today_get", .as = "jc", .path = {firm_id()});
    struct str a = r->body, b = str_z(absent);
    size_t same = (size_t)str_find(a, S("\"instance\""));
    assert_true(str_eq(str_sub(a, 0, same), str_sub(b, 0, same)));
    assert_status(submit_with("elsewhere", 0, NORMAL, "k", ""), 404);
    assert_status(submit_with("ws", 0, NORMAL, "k", ""), 403);
    assert_status(
        ASK(&f, .op = "suspension_create", .as = "jc", .path = {firm_id()}, .body = "{}"), 404);
    assert_status(
        ASK(&f, .op = "daily_get", .as = "jc", .path = {firm_id(), duty_day(&f, 0)}), 404);
    const char *city = fixture_id(&f, fixture_org(&f, "141100"));
    assert_status(ASK(&f, .op = "board_get", .as = "ws", .query = {{S("org"), str_z(city)}}), 404);
    assert_status(ASK(&f, .op = "board_firms", .as = "ws",
                      .query = {{S("org"), str_z(city)}, {S("status"), S("due")}}),
        404);
    assert_status(ASK(&f, .op = "board_get", .as = "officer"), 403);
}

/* --- the board ------------------------------------------------------------------------------- */

static void test_board(void **state)
{
    (void)state;
    assert_status(submit(0, NORMAL, "k"), 200);
    const struct reply *r = board("sx", 0);
    assert_number(r, "total.0.due", 2);
    assert_number(r, "total.0.done", 1);
    assert_number(r, "total.0.pending", 1);
    assert_int_equal(len(r, "parents"), 1);
    assert_says(r, "示范区");
    assert_says(r, "应查：");
    int64_t due = 0;
    for (size_t i = 0; i < len(r, "items"); i++)
        due += reply_int(r, fixture_text(&f, "items.%zu.due", i));
    assert_int_equal(due, 2);
    const char *county = fixture_id(&f, fixture_org(&f, "141121"));
    r = ASK(&f, .op = "board_get", .as = "sx", .query = {{S("org"), str_z(county)}});
    assert_int_equal(len(r, "parents"), 3);
    assert_string(r, "day", duty_day(&f, 0));
    assert_number(r, "total.0.due", 1);
    r = rows("sx", 0, "done");
    assert_int_equal(len(r, "items"), 1);
    assert_number(r, "items.0.id", f.firm);
    assert_string(r, "items.0.by_name", "officer");
    assert_number(r, "total", 1);
    r = rows("ll", 0, "pending");
    assert_number(r, "items.0.id", f.firm_elsewhere);
    assert_int_equal(len(rows("sx", 0, "missing"), "items"), 0);
    assert_status(rows("sx", 0, "late"), 200);
    assert_complaint(rows("sx", 0, "all"), "status", "code");
    r = ASK(&f, .op = "board_firms", .as = "sx",
        .query = {{S("status"), S("due")}, {S("kind"), S("seller")}, {S("total"), S("true")}});
    assert_status(r, 200);
    assert_number(r, "total", 0);
    r = ASK(&f, .op = "board_firms", .as = "sx",
        .query = {{S("status"), S("due")}, {S("nothing"), S("1")}});
    assert_complaint(r, "nothing", "unknown");
}

static void test_month(void **state)
{
    (void)state;
    assert_status(submit(0, NORMAL, "k"), 200);
    duty_days_pass(&f, 4);
    const struct reply *r = ASK(&f, .op = "daily_month", .as = "officer", .path = {firm_id()});
    assert_string(r, "month", "2026-11");
    assert_int_equal(len(r, "days"), 30);
    assert_string(r, "days.0.state", "none");
    assert_string(r, "days.2.state", "done");
    assert_string(r, "days.3.state", "missing");
    assert_string(r, "days.5.state", "due");
    assert_string(r, "days.6.state", "due");
    assert_string(r, "days.7.state", "future");
    r = ASK(&f, .op = "daily_month", .as = "officer", .path = {firm_id()},
        .query = {{S("month"), S("2024-02")}});
    assert_int_equal(len(r, "days"), 29);
    r = ASK(&f, .op = "daily_month", .as = "officer", .path = {firm_id()},
        .query = {{S("month"), S("2024-13")}});
    assert_status(r, 422);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_first_days), TEST(test_days_without_traffic),
        TEST(test_failed_write_keeps_day), TEST(test_templates), TEST(test_own_list),
        TEST(test_list_too_long), TEST(test_zero_risk), TEST(test_answers),
        TEST(test_order_and_edition), TEST(test_problems), TEST(test_corrections), TEST(test_late),
        TEST(test_early_bird), TEST(test_memory_refused), TEST(test_stop), TEST(test_stop_bad),
        TEST(test_scope), TEST(test_board), TEST(test_month)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
