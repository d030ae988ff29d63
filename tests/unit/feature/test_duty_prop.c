/* Property: whatever happens to firms and their days, the counters of every authority and day equal
 * a full recount from the records, and the firms listed behind each number are exactly those the
 * recount puts there. Random histories of submissions, corrections, late entries, stops, ends of
 * stops, admissions, firms that fall out of duty and come back or move to another authority, in
 * several working patterns; authorities that are merged, moved and split meanwhile, looked at in
 * the middle of it too. ZHIAN_SEED and ZHIAN_RUNS repeat or lengthen a run. */
/* The run lies across the October holidays and their make-up workdays. */
#define FIXTURE_DAY "2026-09-17"

#include "core/job.h"
#include "feature/reorg/reorg.h"

#include "duty_fixture.h"

enum { FIRMS = 40, DAYS = 26, STATUSES = 8, ACTS = 24 };

static const char *const towns[] = {"141121100", "141121101", "141122100", "140105001", "141121"};
static const char *const status_names[STATUSES] = {
    "due", "done", "zero", "problem", "late", "pending", "missing", "excused"};
enum { DUE, DONE, ZERO, PROBLEM, LATE, PENDING, MISSING, EXCUSED };

struct world {
    struct fixture f;
    uint64_t state;
    int64_t firms[FIRMS], lists[FIRMS];
    size_t n;
    int64_t first; /* day opened */
    int serial;
    int accepted[7], refused[7]; /* by kind of act */
    int64_t orgs[6];
    int looked, changes;
};

static uint64_t next(struct world *w)
{
    uint64_t z = w->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static int64_t below(struct world *w, int64_t n)
{
    return (int64_t)(next(w) % (uint64_t)n);
}

/* --- what happens ---------------------------------------------------------------------------- */

static enum err admit(struct world *w, struct ctx *c)
{
    static const int64_t weeks[] = {0x7F, 0x7F, 0x1F, 0x3F, 0x60};
    struct firm_row row;
    struct risklist_view view;
    struct firm_products p = {S("通用硅酸盐水泥"), S("许可证")};
    struct note n = {.label = "录入"};
    if (w->n == FIRMS)
        return ERR_STATE;
    desc_clear(&firm_row_desc, &row);
    row.state = S("admitted");
    row.kind = S("producer");
    row.town = str_z(towns[below(w, 5)]);
    row.name = arena_fmt(c->a, "文水%d水泥厂", w->serial++);
    row.abnormal = below(w, 8) ? S("00") : S("12");
    row.applicability = S("许可证");
    row.week_mask = weeks[below(w, 5)];
    row.holidays_off = below(w, 2);
    enum err e = firm_place(c, &row, row.town);
    if (!e)
        e = firm_add(c, &row, &p, &n);
    struct risklist_save s = {.firm = row.id, .template = S("daily_cement")};
    s.from_edition = NULL_INT;
    if (!e)
        e = op_risklist_save(c, &s, &view);
    if (e)
        return e;
    w->firms[w->n] = row.id;
    w->lists[w->n++] = view.id;
    return OK;
}

static void fill_answers(struct ctx *c, struct daily_draft *d, bool problem)
{
    struct daily_answer *a = arena_new(c->a, struct daily_answer, 12);
    for (int i = 0; i < 12; i++) {
        a[i].code = arena_fmt(c->a, "%d", (i / 4 + 1) * 100 + i % 4 + 1);
        a[i].result = problem && i == 5 ? S("problem") : S("normal");
    }
    d->answers = (struct vec){a, 12};
    if (!problem)
        return;
    struct daily_problem *p = arena_new(c->a, struct daily_problem, 1);
    desc_clear(&daily_problem_desc, p);
    p->code = a[5].code;
    p->what = S("超差");
    p->measure = S("停机");
    d->problems = (struct vec){p, 1};
}

static enum err submit(struct world *w, struct ctx *c, size_t i, int64_t back)
{
    struct daily_draft d;
    struct daily_receipt r;
    desc_clear(&daily_draft_desc, &d);
    d.firm = w->firms[i];
    d.day = c->today - back;
    d.risklist = w->lists[i];
    d.correct = below(w, 4) == 0;
    d.reason = back || d.correct ? S("理由") : STR_NULL;
    d.key = arena_fmt(c->a, "k%d", w->serial++);
    fill_answers(c, &d, below(w, 3) == 0);
    return op_daily_submit(c, &d, &r);
}

static enum err stop(struct world *w, struct ctx *c, size_t i)
{
    struct suspension_new s;
    struct suspension_view v;
    desc_clear(&suspension_new_desc, &s);
    s.firm = w->firms[i];
    s.from_day = c->today - 4 + below(w, 8);
    if (below(w, 3))
        s.to_day = s.from_day + below(w, 6);
    return op_suspension_create(c, &s, &v);
}

static enum err resume(struct world *w, struct ctx *c, size_t i)
{
    struct suspension_list all;
    struct suspension_view v;
    struct firm_ref ref = {w->firms[i]};
    enum err e = op_suspension_list(c, &ref, &all);
    if (e || !all.items.n)
        return ERR_STATE;
    const struct suspension_view *s = all.items.p;
    struct suspension_end end = {
        w->firms[i], s[below(w, (int64_t)all.items.n)].id, c->today - 4 + below(w, 7)};
    return op_suspension_end(c, &end, &v);
}

/* Out of duty (歇业 in the ledger), or back. */
static enum err toggle(struct world *w, struct ctx *c, size_t i)
{
    struct firm_row old, row;
    struct note n = {.label = "修改"};
    enum err e = rec_get(c, &kind_firm, w->firms[i], &old);
    row = old;
    row.abnormal = str_eqz(old.abnormal, "00") ? S("12") : S("00");
    return e ? e : firm_change(c, &old, &row, &n);
}

static enum err move(struct world *w, struct ctx *c, size_t i)
{
    struct firm_row old, row;
    struct note n = {.label = "修改"};
    enum err e = rec_get(c, &kind_firm, w->firms[i], &old);
    row = old;
    row.town = str_z(towns[below(w, 5)]);
    if (!e)
        e = firm_place(c, &row, row.town);
    return e ? e : firm_change(c, &old, &row, &n);
}

static int act_kind(struct world *w)
{
    static const char kinds[] = "aaaaaaaalllllsssrrtxm";
    switch (kinds[below(w, sizeof kinds - 1)]) {
    case 'a':
        return 0;
    case 'l':
        return 1;
    case 's':
        return 2;
    case 'r':
        return 3;
    case 't':
        return 4;
    case 'm':
        return 6;
    default:
        return 5;
    }
}

static enum err act(struct world *w, struct ctx *c, int kind)
{
    size_t i = w->n ? (size_t)below(w, (int64_t)w->n) : 0;
    switch (w->n ? kind : 5) {
    case 0:
        return submit(w, c, i, 0);
    case 1:
        return submit(w, c, i, 1 + below(w, 6));
    case 2:
        return stop(w, c, i);
    case 3:
        return resume(w, c, i);
    case 4:
        return toggle(w, c, i);
    case 6:
        return move(w, c, i);
    default:
        return admit(w, c);
    }
}

/* One act as the runner would do it: refused ones write nothing. */
static enum err one_act(struct ctx *c, void *arg)
{
    struct world *w = arg;
    for (int i = 0; i < ACTS; i++) {
        struct ctx own = *c;
        int kind = act_kind(w);
        enum err e = act(w, &own, kind);
        if (e == ERR_INTERNAL || e == ERR_DB || e == ERR_NOMEM || e == ERR_CORRUPT)
            return e;
        (*(e ? &w->refused[kind] : &w->accepted[kind]))++;
    }
    return OK;
}

/* --- recounting ------------------------------------------------------------------------------ */

struct seen {
    int64_t id;
    char path[32];
    bool in[STATUSES], counted;
    int64_t pattern;
};

static void classify(struct ctx *c, const struct firm_row *row, int64_t day, struct seen *s)
{
    struct duty_facts facts;
    struct q q;
    bool late = false, zero = false;
    assert_int_equal(duty_facts_load(c, row, &facts), OK);
    q_begin(&q, c->db, SQL_daily_newest);
    q_int(&q, "first", daily_id(day, row->id, 1));
    q_int(&q, "last", daily_id(day, row->id, DAILY_VERSIONS));
    bool filed = q_row(&q);
    if (filed) {
        late = q_get_int(&q, 2) == 1;
        zero = q_get_int(&q, 3) == 1;
    }
    assert_int_equal(q_end(&q), OK);
    enum duty duty = duty_facts_on(c, &facts, day);
    bool over = c->today - day > 2, open = duty == DUTY_DUE && !filed;
    if (duty == DUTY_NONE)
        return;
    s->in[DUE] = filed || duty == DUTY_DUE;
    s->in[DONE] = filed && !late;
    s->in[LATE] = filed && late;
    s->in[ZERO] = filed && zero;
    s->in[PROBLEM] = filed && !zero;
    s->in[PENDING] = open && !over;
    s->in[MISSING] = open && over;
    s->in[EXCUSED] = duty == DUTY_EXCUSED && !filed;
}

static size_t recount(struct ctx *c, int64_t day, struct seen *all)
{
    struct q q;
    struct vec rows;
    q_begin(&q, c->db, SQL_firm_scan);
    q_int(&q, "after", 0);
    q_int(&q, "limit", FIRMS + 2);
    assert_int_equal(q_all(&q, &firm_row_desc, &rows, c->a), OK);
    const struct firm_row *firms = rows.p;
    for (size_t i = 0; i < rows.n; i++) {
        all[i] = (struct seen){.id = firms[i].id};
        struct str path = moves_path(&c->actor.moves, c->a, firms[i].org_path);
        snprintf(all[i].path, sizeof all[i].path, "%.*s", STR_ARG(path));
        all[i].counted = str_eqz(firms[i].state, "admitted");
        all[i].pattern = firm_pattern(c, &firms[i]);
        classify(c, &firms[i], day, &all[i]);
    }
    return rows.n;
}

static int64_t expected(const struct seen *all, size_t n, const char *path, int status)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += all[i].in[status] && strncmp(all[i].path, path, strlen(path)) == 0;
    return sum;
}

static int64_t number(const struct board_row *r, int status)
{
    const int64_t v[] = {
        r->due, r->done, r->zero, r->problem, r->late, r->pending, r->missing, r->excused};
    return v[status];
}

static void check_rows(struct ctx *c, int64_t org, int64_t day, int status, const struct seen *all,
    size_t n, const char *path)
{
    char iso[16];
    struct list_filter filters[2] = {
        {S("day"), {iso, civil_put_day(day, iso)}}, {S("status"), str_z(status_names[status])}};
    struct list_query in;
    struct list_page page;
    int64_t rows = 0;
    desc_clear(&list_query_desc, &in);
    in.org = org;
    in.limit = 3;
    in.filters = (struct vec){filters, 2};
    do {
        const struct jin *doc;
        desc_clear(&list_page_desc, &page);
        assert_int_equal(op_board_firms(c, &in, &page), OK);
        assert_int_equal(jin_parse(page.items, 8, &doc), OK);
        for (size_t k = 0; k < jin_len(doc); k++) {
            int64_t id = jin_int(jin_get(jin_at(doc, k), "id"), 0);
            bool right = false;
            for (size_t i = 0; i < n; i++)
                right |= all[i].id == id && all[i].in[status] &&
                         strncmp(all[i].path, path, strlen(path)) == 0;
            if (!right)
                fail_msg("firm %lld is not %s on %.10s", (long long)id, status_names[status], iso);
            rows++;
        }
        jin_free(doc);
        in.cursor = page.next;
    } while (page.next.n);
    if (rows != expected(all, n, path, status))
        fail_msg("%lld firms are %s on %.10s, listed %lld",
            (long long)expected(all, n, path, status), status_names[status], iso, (long long)rows);
}

static void check_org(
    struct ctx *c, const char *path, int64_t day, const struct seen *all, size_t n)
{
    struct q q;
    int64_t org = 0;
    struct board b;
    q_begin(&q, c->db, SQL_board_org_at);
    q_str(&q, "path", str_z(path));
    assert_int_equal(q_one_int(&q, &org), OK);
    struct board_ask in = {org, day};
    desc_clear(&board_desc, &b);
    assert_int_equal(op_board_get(c, &in, &b), OK);
    for (int s = 0; s < STATUSES; s++) {
        if (number(b.total.p, s) != expected(all, n, path, s))
            fail_msg("%s of %s %lld days ago: counted %lld, recounted %lld", status_names[s], path,
                (long long)(c->today - day), (long long)number(b.total.p, s),
                (long long)expected(all, n, path, s));
        check_rows(c, org, day, s, all, n, path);
    }
}

static int64_t stored(struct ctx *c, const char *text, const char *path)
{
    struct q q;
    int64_t n = 0;
    q_begin_text(&q, c->db, str_z(text));
    q_int_at(&q, 1, (int64_t)strlen(path) / 5);
    q_str_at(&q, 2, str_z(path));
    assert_int_equal(q_one_int(&q, &n), OK);
    return n;
}

/* The counters that know no day: how many firms, how many of them owe. */
static void check_stock(struct ctx *c, const char *path, const struct seen *all, size_t n)
{
    int64_t firms = 0, admitted = 0, owing = 0;
    for (size_t i = 0; i < n; i++) {
        bool here = strncmp(all[i].path, path, strlen(path)) == 0;
        firms += here;
        admitted += here && all[i].counted;
        owing += here && all[i].pattern >= 0;
    }
    const char *total =
        "SELECT coalesce(sum(total), 0) FROM firm_count WHERE level = $1 AND path = $2";
    const char *in =
        "SELECT coalesce(sum(admitted), 0) FROM firm_count WHERE level = $1 AND path = $2";
    const char *due =
        "SELECT coalesce(sum(firms), 0) FROM duty_stock WHERE level = $1 AND path = $2";
    assert_int_equal(stored(c, total, path), firms);
    assert_int_equal(stored(c, in, path), admitted);
    assert_int_equal(stored(c, due, path), owing);
}

/* Counters under paths that no authority has: a sum that was left behind. */
static void check_left_behind(struct ctx *c)
{
    static const char *const texts[] = {
        "SELECT count(*) FROM firm_count n WHERE total <> 0 AND NOT EXISTS "
        "(SELECT 1 FROM org o WHERE o.path = n.path) AND level = $1 AND path >= $2",
        "SELECT count(*) FROM duty_stock n WHERE firms <> 0 AND NOT EXISTS "
        "(SELECT 1 FROM org o WHERE o.path = n.path) AND level = $1 AND path >= $2",
        "SELECT count(*) FROM duty_count n WHERE (due <> 0 OR done <> 0 OR excused <> 0) AND NOT "
        "EXISTS (SELECT 1 FROM org o WHERE o.path = n.path) AND level = $1 AND path >= $2"};
    for (size_t i = 0; i < 3; i++)
        for (const char *deep = "000100010001000100010001"; strlen(deep) >= 4; deep += 4) {
            char path[40] = "";
            memset(path, '0', strlen(deep) / 4 * 5);
            assert_int_equal(stored(c, texts[i], path), 0);
        }
}

/* Every level above every firm, for every opened day. */
static enum err check(struct ctx *c, void *arg)
{
    const struct world *w = arg;
    struct seen all[FIRMS + 2];
    struct arena *kept = c->a, own;
    arena_init(&own, 1 << 30);
    c->a = &own;
    check_left_behind(c);
    for (int64_t day = w->first; day <= c->today; day++) {
        arena_reset(&own);
        assert_int_equal(moves_load(c->db, c->a, &c->actor.moves), OK);
        size_t n = recount(c, day, all);
        for (size_t i = 0; i < n; i += 3)
            for (size_t len = 5; len <= strlen(all[i].path); len += 5) {
                char path[32];
                snprintf(path, sizeof path, "%.*s", (int)len, all[i].path);
                check_org(c, path, day, all, n);
                check_stock(c, path, all, n);
            }
    }
    arena_free(&own);
    c->a = kept;
    return OK;
}

/* --- authorities change ----------------------------------------------------------------------- */

/* In the middle of a change, some firms moved and some not: firms' days go on, and every number is
 * right as after it. */
static void in_between(void *arg, int64_t done, int64_t total)
{
    struct world *w = arg;
    (void)total;
    if (done == 0 || w->looked++)
        return;
    assert_int_equal(app_write(w->f.app, NULL, one_act, w), OK);
    assert_int_equal(app_read(w->f.app, check, w), OK);
}

static enum err last_job(struct ctx *c, void *arg)
{
    struct q q;
    q_begin_text(&q, c->db, S("SELECT max(id) FROM job"));
    return q_one_int(&q, arg);
}

static void change(struct world *w, const char *body)
{
    int64_t job = 0;
    const struct reply *r = ASK(&w->f, .op = "org_change_create", .as = "sysadmin", .body = body,
        .idem = fixture_text(&w->f, "c%d", w->serial++));
    assert_status(r, 200);
    assert_int_equal(app_read(w->f.app, last_job, &job), OK);
    w->looked = 0;
    enum err ran = job_run_here(w->f.app, job, in_between, w);
    r = ASK(&w->f, .op = "org_change_get", .as = "sysadmin",
        .path = {fixture_id(&w->f, reply_int(r, "id"))});
    if (ran)
        fail_msg("job %lld: %d on %s: %.*s", (long long)job, ran, body, STR_ARG(r->body));
    r = ASK(&w->f, .op = "org_change_get", .as = "sysadmin",
        .path = {fixture_id(&w->f, reply_int(r, "id"))});
    assert_string(r, "state", "done");
    assert_int_equal(app_read(w->f.app, check, w), OK);
    w->changes++;
}

static void reorganise(struct world *w, int day)
{
    struct fixture *f = &w->f;
    int64_t ws = w->orgs[0], jc = w->orgs[1], fc = w->orgs[2], kz = w->orgs[3], ty = w->orgs[4];
    const char *body = NULL;
    if (day == 4) /* a county goes to another city */
        body = fixture_text(f, "{\"kind\":\"move\",\"org\":%lld,\"target\":%lld,\"reason\":\"r\"}",
            (long long)ws, (long long)ty);
    else if (day == 8) /* a station into its neighbour */
        body = fixture_text(f, "{\"kind\":\"merge\",\"org\":%lld,\"target\":%lld,\"reason\":\"r\"}",
            (long long)kz, (long long)fc);
    else if (day == 11) /* a county into another one, of another city by now */
        body = fixture_text(f, "{\"kind\":\"close\",\"org\":%lld,\"target\":%lld,\"reason\":\"r\"}",
            (long long)jc, (long long)ws);
    else if (day == 15) /* the merged township gets a station of its own again */
        body = fixture_text(f,
            "{\"kind\":\"split\",\"org\":%lld,\"name\":\"新所\",\"areas\":[\"141121101\"],"
            "\"reason\":\"r\"}",
            (long long)fc);
    else if (day == 19) /* a station becomes a county's bureau of its own */
        body = fixture_text(f,
            "{\"kind\":\"split\",\"org\":%lld,\"name\":\"新县局\",\"parts\":[{\"id\":%lld}],"
            "\"reason\":\"r\"}",
            (long long)ws, (long long)fc);
    else if (day == 22) /* all of a city into its neighbour */
        body = fixture_text(f, "{\"kind\":\"merge\",\"org\":%lld,\"target\":%lld,\"reason\":\"r\"}",
            (long long)ty, (long long)w->orgs[5]);
    if (body)
        change(w, body);
}

static void run(uint64_t seed)
{
    struct world w = {.state = seed};
    print_message("seed %llu\n", (unsigned long long)seed);
    duty_open(&w.f);
    w.first = civil_today(w.f.app->fixed_now);
    static const char *const areas[] = {
        "141121", "141122", "141121100", "141121101", "140100", "141100"};
    for (int i = 0; i < 6; i++)
        w.orgs[i] = fixture_org(&w.f, areas[i]);
    reorg_batch = 3;
    for (int day = 0; day < DAYS; day++) {
        assert_int_equal(app_write(w.f.app, NULL, one_act, &w), OK);
        reorganise(&w, day);
        if (day % 6 == 5 || day == DAYS - 1)
            assert_int_equal(app_read(w.f.app, check, &w), OK);
        duty_days_pass(&w.f, below(&w, 5) ? 1 : 2);
    }
    assert_int_equal(w.changes, 6);
    for (int kind = 0; kind < 7; kind++)
        assert_true(w.accepted[kind] > 0); /* the run did something of everything */
    fixture_close(&w.f);
}

static void test_counters_equal_records(void **state)
{
    (void)state;
    const char *seed = getenv("ZHIAN_SEED"), *runs = getenv("ZHIAN_RUNS");
    uint64_t first = seed ? strtoull(seed, NULL, 10) : 1;
    long n = runs ? atol(runs) : 2;
    for (long i = 0; i < n; i++)
        run(first + (uint64_t)i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counters_equal_records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
