/* Looking at firms: all of them by id in a job, or those that changed since by the journal.
 *
 * What is known of a run of firms is read on a reader, judged, and compared with what stands in
 * quality_hit; only the differences are written. They are taken anew inside the write, where nobody
 * else writes, so quality_count always equals quality_hit. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/meta.h"
#include "core/template.h"
#include "feature/quality/judge.h"
#include "feature/quality/quality.h"

enum {
    RUN = 500,
    RUN_MEMORY = 32 << 20,
    TICK_FIRMS = 5000,      /* firms looked at again in one tick */
    TICK_ENTRIES = 1 << 18, /* entries of the journal read for them */
};

static const struct counter_def quality_counter = {SQL_quality_count_add, "rule", {"firms", NULL}};

/* A set of 64-bit keys, sorted. */
struct keys {
    uint64_t *p;
    size_t n, cap;
};

struct known {
    struct firm_row row;
    struct quality_facts facts;
    uint64_t had, judged; /* what stands in quality_hit, and what the rules say */
    struct str had_path;  /* the path its findings stand under */
};

struct checking {
    struct ctx *c;
    const struct jin *rules;
    struct keys phones, codes;
    bool whole;     /* phones and codes were read */
    uint64_t later; /* rules only a whole check can tell: they stay as they are */
    struct arena a;
    struct known *firms;
    size_t n;
};

/* --- keys ------------------------------------------------------------------------------------- */

static uint64_t key_of(struct str s)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool has_key(const struct keys *k, struct str s)
{
    uint64_t h = key_of(s);
    return k->n && bsearch(&h, k->p, k->n, sizeof h, by_value) != NULL;
}

static enum err keys_read(struct ctx *c, struct q *q, bool blob, struct keys *k)
{
    while (q_row(q)) {
        if (k->n == k->cap) {
            size_t cap = k->cap ? k->cap * 2 : 256;
            uint64_t *p = mem_grow(k->p, cap * sizeof *p);
            if (!p)
                q->err = ERR_NOMEM;
            if (!p)
                break;
            k->p = p;
            k->cap = cap;
        }
        k->p[k->n++] = key_of(blob ? q_get_blob(q, 0) : q_get_str(q, 0));
    }
    if (k->n)
        qsort(k->p, k->n, sizeof *k->p, by_value);
    return db_fail(c, q_end(q));
}

static enum err read_keys(struct checking *x)
{
    struct q q;
    q_begin(&q, x->c->db, SQL_quality_phones);
    q_int(&q, "today", x->c->today);
    q_int(&q, "limit", quality_limit(x->rules, "phone_shared", 5));
    enum err e = keys_read(x->c, &q, true, &x->phones);
    if (e)
        return e;
    q_begin(&q, x->c->db, SQL_quality_codes);
    x->whole = true;
    x->later = 0;
    return keys_read(x->c, &q, false, &x->codes);
}

/* --- what is known ---------------------------------------------------------------------------- */

static struct known *find(struct checking *x, int64_t firm)
{
    size_t lo = 0, hi = x->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (x->firms[mid].row.id < firm)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < x->n && x->firms[lo].row.id == firm ? &x->firms[lo] : NULL;
}

static void begin_range(struct checking *x, struct q *q, enum sql_id id)
{
    q_begin(q, x->c->db, id);
    q_int(q, "first", x->firms[0].row.id);
    q_int(q, "last", x->firms[x->n - 1].row.id);
}

static enum err read_people(struct checking *x)
{
    struct q q;
    begin_range(x, &q, SQL_quality_people);
    q_int(&q, "today", x->c->today);
    while (q_row(&q)) {
        struct known *k = find(x, q_get_int(&q, 0));
        struct str post = q_get_str(&q, 1);
        if (!k)
            continue;
        k->facts.principal |= str_eqz(post, "principal");
        k->facts.director |= str_eqz(post, "director");
        k->facts.officer |= str_eqz(post, "officer");
        struct str phone = q_get_blob(&q, 2);
        k->facts.phone_shared |= phone.n && has_key(&x->phones, phone);
    }
    return db_fail(x->c, q_end(&q));
}

static enum err read_products(struct checking *x)
{
    struct q q;
    begin_range(x, &q, SQL_quality_products);
    q_int(&q, "today", x->c->today);
    while (q_row(&q)) {
        struct known *k = find(x, q_get_int(&q, 0));
        if (k)
            k->facts.products = q_get_int(&q, 1);
        if (k)
            k->facts.expired = q_get_int(&q, 2);
    }
    return db_fail(x->c, q_end(&q));
}

static enum err read_told(struct checking *x)
{
    struct q q;
    begin_range(x, &q, SQL_quality_told);
    q_int(&q, "today", x->c->today);
    while (q_row(&q)) {
        struct known *k = find(x, q_get_int(&q, 0));
        if (k)
            k->facts.told = true;
    }
    return db_fail(x->c, q_end(&q));
}

static enum err read_hits(struct checking *x, struct ctx *c)
{
    struct q q;
    for (size_t i = 0; i < x->n; i++)
        x->firms[i].had = 0;
    q_begin(&q, c->db, SQL_quality_hits_of);
    q_int(&q, "first", x->firms[0].row.id);
    q_int(&q, "last", x->firms[x->n - 1].row.id);
    while (q_row(&q)) {
        struct known *k = find(x, q_get_int(&q, 0));
        if (!k)
            continue;
        k->had |= UINT64_C(1) << q_get_int(&q, 1);
        k->had_path = arena_str(&x->a, q_get_str(&q, 2));
    }
    return db_fail(c, q_end(&q));
}

static enum err read_twin(struct checking *x, struct known *k)
{
    struct q q;
    if (!k->row.uscc.n || (x->whole && !has_key(&x->codes, k->row.uscc)))
        return OK;
    q_begin(&q, x->c->db, SQL_firm_by_code);
    q_str(&q, "uscc", k->row.uscc);
    while (q_row(&q)) {
        bool other = q_get_int(&q, 0) != k->row.id;
        k->facts.twice |= other && str_eq(q_get_str(&q, 2), k->row.site_address);
    }
    return db_fail(x->c, q_end(&q));
}

/* The bit of the rule that only a whole check can tell. */
static uint64_t phone_bit(const struct jin *rules)
{
    for (size_t i = 0; i < jin_len(rules); i++)
        if (str_eqz(jin_str(jin_get(jin_at(rules, i), "check")), "phone_shared"))
            return UINT64_C(1) << jin_int(jin_get(jin_at(rules, i), "no"), 0);
    return 0;
}

static enum err judge_all(struct checking *x)
{
    enum err e = x->n ? read_people(x) : OK;
    if (!e && x->n)
        e = read_products(x);
    if (!e && x->n)
        e = read_told(x);
    if (!e && x->n)
        e = read_hits(x, x->c);
    for (size_t i = 0; !e && i < x->n; i++) {
        struct known *k = &x->firms[i];
        k->facts.firm = &k->row;
        k->facts.today = x->c->today;
        e = read_twin(x, k);
        k->judged = quality_judge(x->rules, &k->facts);
    }
    return e;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* What should stand in quality_hit. */
static uint64_t wanted(const struct checking *x, const struct known *k)
{
    return (k->judged & ~x->later) | (k->had & x->later);
}

static bool moved(const struct known *k)
{
    return k->had && !str_eq(k->had_path, k->row.org_path);
}

static enum err hit_change(struct ctx *c, const struct known *k, int64_t rule, bool add)
{
    struct q q;
    int64_t by[COUNTER_COLS] = {add ? 1 : -1};
    struct str path = add ? k->row.org_path : k->had_path;
    q_begin(&q, c->db, add ? SQL_quality_hit_add : SQL_quality_hit_drop);
    q_int(&q, "rule", rule);
    q_int(&q, "firm", k->row.id);
    if (add) {
        q_str(&q, "org_path", path);
        q_int(&q, "since", c->today);
    }
    count_add(c, &quality_counter, rule, path, by);
    return db_fail(c, q_send(&q));
}

static enum err firm_changes(struct ctx *c, const struct checking *x, const struct known *k)
{
    uint64_t now = wanted(x, k);
    enum err e = OK;
    for (int64_t no = 1; !e && no <= QUALITY_RULES; no++) {
        uint64_t bit = UINT64_C(1) << no;
        bool was = k->had & bit, is = now & bit;
        if (was && (!is || moved(k)))
            e = hit_change(c, k, no, false);
        if (!e && is && (!was || moved(k)))
            e = hit_change(c, k, no, true);
    }
    return e;
}

/* Another program may have written since they were read. */
static enum err write_changes(struct ctx *c, void *arg)
{
    struct checking *x = arg;
    enum err e = read_hits(x, c);
    for (size_t i = 0; !e && i < x->n; i++)
        e = firm_changes(c, x, &x->firms[i]);
    return e;
}

static bool any_change(const struct checking *x)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->firms[i].had != wanted(x, &x->firms[i]) || moved(&x->firms[i]))
            return true;
    return false;
}

static enum err settle(struct checking *x)
{
    enum err e = judge_all(x);
    return e || !x->n || !any_change(x) ? e : app_write(x->c->app, NULL, write_changes, x);
}

/* --- runs of firms ---------------------------------------------------------------------------- */

static enum err run_clear(struct checking *x)
{
    arena_reset(&x->a);
    x->n = 0;
    x->firms = arena_new(&x->a, struct known, RUN);
    return x->firms ? OK : fail(x->c, ERR_NOMEM, NULL, NULL);
}

static void run_add(struct checking *x, struct q *q)
{
    struct known *k = &x->firms[x->n++];
    desc_clear(&firm_row_desc, &k->row);
    q_read(q, &firm_row_desc, &k->row, &x->a);
}

static enum err checking_begin(struct checking *x, struct ctx *c)
{
    *x = (struct checking){.c = c};
    x->rules = jin_get(template_body(c->app, "quality_rules", NULL), "rules");
    x->later = phone_bit(x->rules);
    arena_init(&x->a, RUN_MEMORY);
    return x->rules ? OK : fail(c, ERR_STATE, NULL, "没有数据质量规则");
}

static void checking_end(struct checking *x)
{
    mem_free(x->phones.p);
    mem_free(x->codes.p);
    arena_free(&x->a);
}

static enum err put_meta(struct ctx *c, const char *key, int64_t v)
{
    return meta_put(c, key, arena_fmt(c->a, "%lld", (long long)v));
}

struct mark {
    int64_t seq, at;
};

static enum err mark_whole(struct ctx *c, void *arg)
{
    const struct mark *m = arg;
    enum err e = put_meta(c, "quality_at", m->at);
    return e ? e : put_meta(c, "quality_seq", m->seq);
}

static enum err journal_end(struct ctx *c, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_journal_last);
    return db_fail(c, q_one_int(&q, ret));
}

static enum err check_all(struct checking *x, struct job *j)
{
    struct q q;
    int64_t after = -1, done = 0, total = 0;
    q_begin(&q, x->c->db, SQL_quality_firm_total);
    enum err e = db_fail(x->c, q_one_int(&q, &total));
    do {
        if (!e)
            e = run_clear(x);
        if (e)
            break;
        q_begin(&q, x->c->db, kind_firm.scan);
        q_int(&q, "after", after);
        q_int(&q, "limit", RUN);
        while (q_row(&q))
            run_add(x, &q);
        e = db_fail(x->c, q_end(&q));
        if (!e && x->n) {
            after = x->firms[x->n - 1].row.id;
            done += (int64_t)x->n;
            e = settle(x);
        }
        if (!e)
            e = job_step(x->c, j, done, total > done ? total : done);
    } while (!e && x->n);
    return e;
}

enum err job_quality(struct ctx *c, struct job *j)
{
    struct checking x;
    struct mark m = {.at = c->now};
    enum err e = checking_begin(&x, c);
    if (!e)
        e = journal_end(c, &m.seq);
    if (!e)
        e = read_keys(&x);
    if (!e)
        e = check_all(&x, j);
    if (!e)
        e = app_write(c->app, NULL, mark_whole, &m);
    checking_end(&x);
    return e;
}

/* --- what changed since ----------------------------------------------------------------------- */

static int64_t meta_int(struct ctx *c, const char *key)
{
    struct str s;
    int64_t v;
    return meta_get(c, key, &s) == OK && str_int(s, &v) ? v : -1;
}

static enum err look_again(struct checking *x, const int64_t *ids, size_t n)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < n; i++) {
        struct q q;
        if (i && ids[i] == ids[i - 1])
            continue;
        e = run_clear(x);
        if (e)
            break;
        q_begin(&q, x->c->db, kind_firm.get);
        q_int(&q, "id", ids[i]);
        if (q_row(&q))
            run_add(x, &q);
        e = db_fail(x->c, q_end(&q));
        if (!e)
            e = settle(x);
    }
    return e;
}

static enum err mark_seq(struct ctx *c, void *arg)
{
    return put_meta(c, "quality_seq", *(const int64_t *)arg);
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The firms whose facts changed after seq, at most TICK_FIRMS entries, ascending. *last: the last
 * entry looked at. */
static enum err changed_since(struct ctx *c, int64_t seq, int64_t *last, int64_t *ids, size_t *n)
{
    struct q q;
    enum err e = journal_end(c, last);
    if (e || *last <= seq)
        return e;
    if (*last > seq + TICK_ENTRIES)
        *last = seq + TICK_ENTRIES;
    q_begin(&q, c->db, SQL_quality_changed);
    q_int(&q, "after", seq);
    q_int(&q, "last", *last);
    q_int(&q, "limit", TICK_FIRMS);
    while (*n < TICK_FIRMS && q_row(&q)) {
        seq = q_get_int(&q, 0);
        ids[(*n)++] = q_get_int(&q, 1);
    }
    if (*n == TICK_FIRMS)
        *last = seq;
    qsort(ids, *n, sizeof *ids, by_id);
    return db_fail(c, q_end(&q));
}

/* The journal names every firm that was written to. */
static enum err catch_up(struct ctx *c, void *arg)
{
    struct checking x;
    int64_t ids[TICK_FIRMS], seq = meta_int(c, "quality_seq"), last = 0;
    size_t n = 0;
    (void)arg;
    enum err e = seq < 0 ? OK : changed_since(c, seq, &last, ids, &n);
    if (e || seq < 0 || last <= seq)
        return e;
    e = checking_begin(&x, c);
    if (!e)
        e = look_again(&x, ids, n);
    if (!e)
        e = app_write(c->app, NULL, mark_seq, &last);
    checking_end(&x);
    return e;
}

/* Once a day everything, as rules ask how old things are. *arg: the job, 0 when another was first.
 */
static enum err start_daily(struct ctx *c, void *arg)
{
    struct job_spec spec = {.kind = "quality", .title = S("核对数据质量")};
    if (meta_int(c, "quality_day") == c->today)
        return OK;
    enum err e = put_meta(c, "quality_day", c->today);
    return e ? e : job_create(c, &spec, arg);
}

static enum err is_due(struct ctx *c, void *arg)
{
    *(bool *)arg = meta_int(c, "quality_day") != c->today;
    return OK;
}

void quality_tick(struct app *app)
{
    bool due = false;
    int64_t job = 0;
    if (app_read(app, is_due, &due) == OK && due && app_write(app, NULL, start_daily, &job) == OK &&
        job)
        job_kick(app, job);
    (void)!app_read(app, catch_up, NULL);
}
