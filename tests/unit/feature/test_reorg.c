/* Authorities and areas change: every path of the schema has its place in paths.def; the changes of
 * the divisions of Shanxi replayed as they came; what stays readable; hand-overs. */
#include "base/shipped.h"
#include "core/job.h"
#include "feature/reorg/reorg.h"

#include "fixture.h"

/* --- every path of the schema ------------------------------------------------------------------
 */

static const struct {
    const char *table, *how;
} known[] = {
#define ROW(table, how) {#table, #how},
#include "feature/reorg/paths.def"
#undef ROW
};

enum { KNOWN = sizeof known / sizeof *known };

static bool holds_path(const char *select)
{
    struct str cols = str_z(select + strlen("SELECT "));
    ptrdiff_t end = str_find(cols, S(" FROM "));
    bool found = false;
    cols = str_sub(cols, 0, (size_t)end);
    while (cols.n) {
        struct str one = str_cut(cols, ',', &cols);
        while (one.n && *one.p == ' ')
            one = str_sub(one, 1, one.n);
        found |= str_find(one, S("path")) >= 0 || str_eqz(one, "p2") || str_eqz(one, "p3");
    }
    return found;
}

static void test_every_path_is_known(void **state)
{
    bool seen[KNOWN] = {false};
    (void)state;
    for (const struct sql_table *t = sql_tables; t->name; t++) {
        bool listed = false;
        for (size_t i = 0; i < KNOWN; i++)
            if (strcmp(known[i].table, t->name) == 0)
                listed = seen[i] = true;
        if (holds_path(t->first) != listed)
            fail_msg(
                "%s: its path must have a row in feature/reorg/paths.def, and only then", t->name);
    }
    for (size_t i = 0; i < KNOWN; i++)
        if (!seen[i])
            fail_msg("%s is in paths.def and not in the schema", known[i].table);
}

/* --- the divisions of Shanxi, replayed ----------------------------------------------------------
 */

enum { CHANGES_MAX = 500 };

struct division {
    char day[16], change[16], code[16], old_name[64], new_name[64];
    char successor[16];
    int64_t firm;
    bool done;
};

static struct division divisions[CHANGES_MAX];
static size_t ndivisions;

static void cut(struct str *line, char *out, size_t size)
{
    struct str one = str_cut(*line, ',', line);
    snprintf(out, size, "%.*s", STR_ARG(one));
}

static void read_divisions(void)
{
    char from[32], to[32];
    const struct shipped *file = shipped_find("divisions_shanxi_changes.csv");
    assert_non_null(file);
    struct str all = file->body;
    (void)str_cut(all, '\n', &all);
    ndivisions = 0;
    while (all.n) {
        struct division *d = &divisions[ndivisions];
        struct str rest = str_cut(all, '\n', &all);
        if (rest.n && rest.p[rest.n - 1] == '\r')
            rest.n--;
        if (!rest.n)
            continue;
        ndivisions++;
        *d = (struct division){.done = false};
        cut(&rest, from, sizeof from);
        cut(&rest, to, sizeof to);
        snprintf(d->day, sizeof d->day, "%.10s", to);
        cut(&rest, d->change, sizeof d->change);
        cut(&rest, d->code, sizeof d->code);
        cut(&rest, d->old_name, sizeof d->old_name);
        cut(&rest, d->new_name, sizeof d->new_name);
    }
    assert_true(ndivisions > 400);
}

static bool same_county(const struct division *a, const struct division *b)
{
    return strncmp(a->code, b->code, 6) == 0;
}

/* The published comparison names no successors: here it is who carries the name on, or whoever is
 * new in the county, or any other township of it. */
static void choose_successors(struct fixture *f)
{
    for (size_t i = 0; i < ndivisions; i++) {
        struct division *d = &divisions[i], *best = NULL;
        if (strcmp(d->change, "removed") != 0 || strlen(d->code) < 9)
            continue;
        for (size_t k = 0; k < ndivisions; k++) {
            struct division *o = &divisions[k];
            if (strcmp(o->change, "added") != 0 || strcmp(o->day, d->day) != 0 ||
                !same_county(o, d))
                continue;
            if (!best || strncmp(o->new_name, d->old_name, 6) == 0)
                best = o;
        }
        if (best) {
            strcpy(d->successor, best->code);
            continue;
        }
        /* the one county among them that went away: its streets went back to the city's district */
        char county[8];
        snprintf(
            county, sizeof county, "%.6s", strncmp(d->code, "140471", 6) == 0 ? "140403" : d->code);
        const struct reply *r =
            ASK(f, .op = "area_list", .as = "sysadmin", .query = {{S("parent"), str_z(county)}});
        assert_status(r, 200);
        snprintf(d->successor, sizeof d->successor, "%.*s", STR_ARG(reply_str(r, "items.0.code")));
    }
}

/* The tree as it was before the first change: what came later is not there yet. */
static enum err go_back(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = OK;
    for (size_t i = ndivisions; !e && i-- > 0;) {
        struct division *d = &divisions[i];
        struct area_row a;
        struct q q;
        desc_clear(&area_row_desc, &a);
        if (strcmp(d->change, "added") == 0) {
            q_begin_text(&q, c->db, S("DELETE FROM area WHERE code = $1"));
            q_str_at(&q, 1, str_z(d->code));
            e = q_exec(&q);
            continue;
        }
        if (area_get(c, str_z(d->code), &a))
            desc_clear(&area_row_desc, &a);
        bool county = strlen(d->code) == 6;
        a.code = str_z(d->code);
        a.name = str_z(d->old_name);
        a.level = county ? 3 : 4;
        a.parent = county ? arena_fmt(c->a, "%.4s00", d->code) : str_sub(a.code, 0, 6);
        a.statutory = 1;
        e = area_put(c, &a);
    }
    return e;
}

/* The county that is no more had an authority, which is not set up today. */
static int64_t former_county(struct fixture *f)
{
    const char *body = fixture_text(f,
        "{\"parent\": %lld, \"level\": 3, \"name\": \"长治高新区市场监督管理局\", \"area\": "
        "\"140471\"}",
        (long long)fixture_org(f, "140400"));
    const struct reply *r = ASK(f, .op = "org_create", .as = "sysadmin", .body = body, .idem = "z");
    assert_status(r, 200);
    return reply_int(r, "id");
}

static void put_firms(struct fixture *f)
{
    for (size_t i = 0; i < ndivisions; i++) {
        struct division *d = &divisions[i];
        if (strcmp(d->change, "added") == 0 || strlen(d->code) < 9)
            continue;
        const char *name = fixture_text(f, "%s第%zu厂", d->old_name, i);
        d->firm = fixture_firm(f, name, d->code);
    }
}

static enum err job_of(struct ctx *c, void *arg)
{
    struct q q;
    q_begin_text(&q, c->db, S("SELECT coalesce(max(id), 0) FROM job WHERE state = 'queued'"));
    return q_one_int(&q, arg);
}

static void run_job(struct fixture *f)
{
    int64_t job = 0;
    assert_int_equal(app_read(f->app, job_of, &job), OK);
    if (job)
        assert_int_equal(job_run_here(f->app, job, NULL, NULL), OK);
}

static void file(struct fixture *f, struct division *d)
{
    static int serial;
    const char *kind = strcmp(d->change, "added") == 0     ? "add"
                       : strcmp(d->change, "renamed") == 0 ? "rename"
                                                           : "close";
    bool county = strlen(d->code) == 6;
    const char *parent = fixture_text(f, county ? "%.4s00" : "%.6s", d->code);
    const char *body = fixture_text(f,
        "{\"kind\": \"%s\", \"code\": \"%s\", \"name\": \"%s\", \"parent\": \"%s\", "
        "\"successor\": %s%s%s, \"day\": \"%s\", \"reason\": \"区划调整\"}",
        kind, d->code, d->new_name, parent, d->successor[0] ? "\"" : "",
        d->successor[0] ? d->successor : "null", d->successor[0] ? "\"" : "", d->day);
    const struct reply *r = ASK(f, .op = "area_change_create", .as = "sysadmin", .body = body,
        .idem = fixture_text(f, "d%d", serial++));
    if (r->status != 200)
        fail_msg("%s %s %s: %.*s", d->day, d->change, d->code, STR_ARG(r->body));
    run_job(f);
    d->done = true;
}

/* As they came: year by year; what is new first, then what goes, the lower before the higher. */
static void replay(struct fixture *f)
{
    static const char *const order[] = {"added", "renamed", "removed", "removed"};
    for (size_t i = 0; i < ndivisions; i++) {
        if (divisions[i].done)
            continue;
        const char *day = divisions[i].day;
        for (int pass = 0; pass < 4; pass++)
            for (size_t k = 0; k < ndivisions; k++) {
                struct division *d = &divisions[k];
                bool high = strlen(d->code) == 6;
                if (!d->done && strcmp(d->day, day) == 0 && strcmp(d->change, order[pass]) == 0 &&
                    (pass != 2 || !high))
                    file(f, d);
            }
    }
}

static enum err count_one(struct ctx *c, void *arg)
{
    struct q q;
    int64_t *n = arg;
    q_begin_text(&q, c->db,
        S("SELECT count(*) FROM firm f JOIN area a ON a.code = f.town JOIN org o ON o.id = f.org "
          "WHERE a.valid_to IS NULL AND o.valid_to IS NULL AND o.path = f.org_path"));
    enum err e = q_one_int(&q, &n[0]);
    q_begin_text(&q, c->db, S("SELECT total FROM firm_count WHERE level = 1"));
    if (!e)
        e = q_one_int(&q, &n[1]);
    q_begin_text(&q, c->db,
        S("SELECT count(*) FROM firm_count n WHERE n.total <> (SELECT count(*) FROM firm f WHERE "
          "f.org_path >= n.path AND f.org_path < n.path || '~')"));
    return e ? e : q_one_int(&q, &n[2]);
}

static void check_division(struct fixture *f, const struct division *d)
{
    const struct reply *r = ASK(f, .op = "area_history", .as = "ws", .path = {d->code});
    assert_status(r, 200);
    if (strcmp(d->change, "added") == 0)
        return;
    bool gone = false; /* in the end: some were renamed first */
    for (size_t i = 0; i < ndivisions; i++)
        gone |=
            strcmp(divisions[i].code, d->code) == 0 && strcmp(divisions[i].change, "removed") == 0;
    if (gone == reply_null(r, "valid_to"))
        fail_msg("%s %s: %.*s", d->change, d->code, STR_ARG(r->body));
    assert_true(jin_len(reply_at(r, "items")) > 0);
    if (!d->firm)
        return;
    r = ASK(f, .op = "firm_get", .as = "sx", .path = {fixture_id(f, d->firm)});
    assert_status(r, 200);
    r = ASK(f, .op = "firm_history", .as = "sx", .path = {fixture_id(f, d->firm)});
    if (gone && str_find(r->body, S("区划变更")) < 0)
        fail_msg("%s: the firm's history does not tell: %.*s", d->code, STR_ARG(r->body));
}

static void test_divisions_replayed(void **state)
{
    struct fixture f;
    int64_t before[3] = {0}, after[3] = {0};
    (void)state;
    read_divisions();
    fixture_open(&f);
    assert_int_equal(app_write(f.app, NULL, go_back, NULL), OK);
    choose_successors(&f);
    long long former = former_county(&f);
    put_firms(&f);
    assert_int_equal(app_read(f.app, count_one, before), OK);
    assert_int_equal(before[0], before[1]);
    replay(&f);
    const struct reply *r = ASK(&f, .op = "org_change_create", .as = "sysadmin", .idem = "y",
        .body = fixture_text(
            &f, "{\"kind\": \"close\", \"org\": %lld, \"reason\": \"园区撤销\"}", former));
    assert_status(r, 200); /* nothing hangs from it any more */
    run_job(&f);
    assert_int_equal(app_read(f.app, count_one, after), OK);
    assert_int_equal(after[0], before[0]); /* no firm is lost: each in an open area and authority */
    assert_int_equal(after[1], before[1]);
    assert_int_equal(after[2], 0); /* counters equal the firms at every level */
    for (size_t i = 0; i < ndivisions; i++)
        check_division(&f, &divisions[i]);
    fixture_close(&f);
}

/* --- the authority that was ----------------------------------------------------------------------
 */

static const struct reply *change(struct fixture *f, const char *as, const char *body)
{
    static int serial;
    return ASK(f, .op = "org_change_create", .as = as, .body = body,
        .idem = fixture_text(f, "o%d", serial++));
}

static const char *merge_body(struct fixture *f, const char *from, const char *to)
{
    return fixture_text(f,
        "{\"kind\": \"merge\", \"org\": %lld, \"target\": %lld, \"reason\": \"撤并\"}",
        (long long)fixture_org(f, from), (long long)fixture_org(f, to));
}

static void test_former_authority(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    int64_t jc = fixture_org(&f, "141122"), ws = fixture_org(&f, "141121");
    struct str token = fixture_token(&f, "jc");
    const struct reply *r = change(&f, "ll", merge_body(&f, "141122", "141121"));
    assert_status(r, 200);
    run_job(&f);
    /* a session that was open sees the new scope at its next request */
    r = ASK(&f, .op = "firm_list", .token = token, .query = {{S("total"), S("true")}});
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "total"), 2);
    /* past days are asked of the old authority and answered by the one that stands for it */
    r = ASK(&f, .op = "board_get", .as = "ws", .query = {{S("org"), str_z(fixture_id(&f, jc))}});
    assert_status(r, 200);
    assert_int_equal(reply_int(r, "total.0.org"), ws);
    r = ASK(&f, .op = "org_history", .as = "ws", .path = {fixture_id(&f, jc)});
    assert_status(r, 200);
    assert_string(r, "name", "交城县市场监督管理局");
    assert_string(r, "successor_name", "文水县市场监督管理局");
    assert_string(r, "valid_to", "2026-11-01");
    r = ASK(&f, .op = "org_history", .as = "ws", .path = {fixture_id(&f, ws)});
    assert_int_equal(jin_len(reply_at(r, "items")), 1);
    /* merged once is merged */
    r = change(&f, "ll",
        fixture_text(&f,
            "{\"kind\": \"merge\", \"org\": %lld, \"target\": %lld, \"reason\": \"再\"}",
            (long long)jc, (long long)ws));
    assert_status(r, 422);
    assert_complaint(r, "org", "hurdle");
    fixture_close(&f);
}

static void test_refused(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    long long ws = fixture_org(&f, "141121"), ty = fixture_org(&f, "140100");
    const struct reply *r = change(
        &f, "ll", fixture_text(&f, "{\"kind\": \"close\", \"org\": %lld, \"reason\": \"撤\"}", ws));
    assert_status(r, 422);
    assert_complaint(r, "target", "hurdle");
    assert_true(str_find(r->body, S("没有去处")) >= 0);
    r = change(&f, "ws",
        fixture_text(&f, "{\"kind\": \"move\", \"org\": %lld, \"target\": %lld, \"reason\": \"r\"}",
            ws, ty));
    assert_status(r, 404); /* the other city is out of sight */
    r = change(&f, "ws", merge_body(&f, "141121", "141121100"));
    assert_status(r, 422);
    assert_complaint(r, "org", "hurdle"); /* his own */
    r = change(&f, "ws.clerk", merge_body(&f, "141121100", "141121101"));
    assert_status(r, 403);
    fixture_close(&f);
}

static enum err tick(struct ctx *c, void *arg)
{
    (void)arg;
    return reorg_tick(c);
}

/* A plan of next week waits for its day; meanwhile nobody files another for the same authority. */
static void test_planned(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    const char *body = fixture_text(&f,
        "{\"kind\": \"merge\", \"org\": %lld, \"target\": %lld, \"day\": \"2026-11-09\", "
        "\"reason\": \"撤并\"}",
        (long long)fixture_org(&f, "141121101"), (long long)fixture_org(&f, "141121100"));
    const struct reply *r = change(&f, "ws", body);
    assert_status(r, 200);
    assert_string(r, "state", "planned");
    const char *id = fixture_id(&f, reply_int(r, "id"));
    assert_status(change(&f, "ws", body), 422);
    assert_int_equal(app_write(f.app, NULL, tick, NULL), OK);
    run_job(&f);
    r = ASK(&f, .op = "org_change_get", .as = "ws", .path = {id});
    assert_string(r, "state", "planned");
    fixture_later(&f, 7 * 24 * f.hour);
    assert_int_equal(app_write(f.app, NULL, tick, NULL), OK);
    run_job(&f);
    r = ASK(&f, .op = "org_change_get", .as = "ws", .path = {id});
    assert_string(r, "state", "done");
    r = ASK(&f, .op = "org_change_cancel", .as = "ws", .path = {id});
    assert_status(r, 409);
    fixture_close(&f);
}

/* --- what follows -------------------------------------------------------------------------------
 */

static int64_t survey(struct fixture *f)
{
    const struct reply *r = ASK(f, .op = "campaign_open", .as = "sx",
        .body = "{\"title\": \"摸底\", \"kinds\": [\"producer\", \"seller\", \"both\"], \"forms\": "
                "[\"att2\", \"att3\"], \"areas\": [\"141122\"], \"due_day\": \"2026-12-01\"}");
    assert_status(r, 200);
    int64_t id = reply_int(r, "id");
    for (int i = 0; i < 5; i++) {
        r = ASK(f, .op = "candidate_create", .as = "jc", .path = {fixture_id(f, id)},
            .idem = fixture_text(f, "c%d", i),
            .body = fixture_text(f,
                "{\"name\": \"候选%d号\", \"town\": \"141122100\", \"kind\": \"seller\", "
                "\"reasons\": "
                "[%s]}",
                i, i % 2 ? "\"04\"" : ""));
        assert_status(r, 200);
    }
    return id;
}

struct strays {
    const char *old_path, *new_path;
    int64_t candidates, pending, prio, scopes;
};

static enum err count_strays(struct ctx *c, void *arg)
{
    struct strays *n = arg;
    struct q q;
    q_begin_text(&q, c->db,
        arena_fmt(c->a,
            "SELECT count(*) FROM candidate d JOIN org o ON o.id = d.org WHERE o.path <> "
            "d.org_path OR "
            "d.org_path LIKE '%s%%' OR d.p3 <> substr(d.org_path, 1, 15)",
            n->old_path));
    enum err e = q_one_int(&q, &n->candidates);
    q_begin_text(&q, c->db,
        arena_fmt(c->a,
            "SELECT (SELECT pending FROM campaign_count WHERE path = '%s'), (SELECT prio FROM "
            "campaign_count WHERE path = '%s')",
            n->new_path, n->new_path));
    if (!e && q_row(&q)) {
        n->pending = q_get_int(&q, 0);
        n->prio = q_get_int(&q, 1);
    }
    e = e ? e : q_end(&q);
    q_begin_text(&q, c->db,
        arena_fmt(c->a, "SELECT count(*) FROM campaign WHERE paths = '%s'", n->new_path));
    return e ? e : q_one_int(&q, &n->scopes);
}

/* The open work of an authority goes to who took it over: candidates, counters, scope of surveys.
 */
static void test_work_follows(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    survey(&f);
    struct strays n = {
        .old_path = fixture_path(&f, "141122"), .new_path = fixture_path(&f, "141121")};
    const struct reply *r = change(&f, "ll", merge_body(&f, "141122", "141121"));
    assert_status(r, 200);
    run_job(&f);
    r = ASK(&f, .op = "org_change_get", .as = "ll", .path = {fixture_id(&f, reply_int(r, "id"))});
    assert_string(r, "state", "done");
    assert_int_equal(app_read(f.app, count_strays, &n), OK);
    assert_int_equal(n.candidates, 0);
    assert_int_equal(n.pending, 5);
    assert_int_equal(n.prio, 2);
    assert_int_equal(n.scopes, 1);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_path_is_known),
        cmocka_unit_test(test_divisions_replayed),
        cmocka_unit_test(test_former_authority),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_planned),
        cmocka_unit_test(test_work_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
