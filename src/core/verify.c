/* Verification of the whole store.
 *
 * Three passes, each on a thread with a connection of its own. The first two are streaming: rows
 * are read in stretches of one statement, which brings what proves them; within a stretch
 * everything is seen as of one moment, and between two of them the store's log may be started over.
 * Pass 1 walks every record table by id: the record's canonical digest must equal the digest in the
 * journal row its jseq names, and that row must be about this record. Pass 2 walks the journal
 * beside the seal batches: every batch's Merkle root is rebuilt from the rows, heads are chained
 * and their signatures checked; every journal row that is about a record must still have that
 * record, with a jseq not older. So a changed, added or removed row is named. Pass 3 compares
 * indexes with their tables, where the store is a file: who alters one hides a record from a list.
 * Each table is seen as of one moment.
 *
 * Records of a month that was retired are missing on purpose: the month's own record, proved like
 * any other, says how many there were, and as many journal rows must lack theirs. */
#include <pthread.h>
#include <stdio.h>

#include "base/mem.h"
#include "core/app.h"
#include "core/crypto.h"
#include "core/merkle.h"
#include "core/meta.h"
#include "core/kinds.h"
#include "core/record.h"
#include "core/retire.h"
#include "core/seal.h"

enum { PAGE = 20000, ROW_MEMORY = 32 << 20, CANON_MAX = 1 << 20, TELL = 20000 };

/* What the two passes share. */
struct telling {
    const struct verify_options *o;
    struct verify_result *r;
    pthread_mutex_t lock; /* the findings, done */
    int64_t done, total;
};

struct check {
    struct ctx *c;
    struct telling *t;
    struct verify_result r; /* of this pass, but for the findings */
    struct arena a;         /* one row */
    int64_t done;           /* not told yet */
};

static void finding(
    struct check *k, const char *kind, const char *label, int64_t id, const char *what)
{
    struct verify_finding f = {kind, label, id, what};
    struct telling *t = k->t;
    pthread_mutex_lock(&t->lock);
    if (t->r->findings++ < t->o->limit && t->o->found)
        t->o->found(t->o->arg, &f);
    pthread_mutex_unlock(&t->lock);
}

static void step(struct check *k)
{
    struct telling *t = k->t;
    if (++k->done < TELL)
        return;
    pthread_mutex_lock(&t->lock);
    t->done += k->done;
    if (t->o->progress)
        t->o->progress(t->o->arg, t->done, t->total);
    pthread_mutex_unlock(&t->lock);
    k->done = 0;
}

/* --- pass 1: records
 * ------------------------------------------------------------------------------ */

/* What is wrong with a record that does not agree. */
static enum err record_judge(struct check *k, const struct record_kind *kind, void *row)
{
    int64_t id = *field_int(kind->desc, row, 0);
    struct q q;
    q_begin(&q, k->c->db, SQL_journal_brief);
    q_int(&q, "id", *field_int(kind->desc, row, kind->desc->n - 1));
    bool about = q_row(&q) && q_get_int(&q, 0) == kind->code && q_get_int(&q, 1) == id;
    enum err e = q_end(&q);
    if (!e)
        finding(k, kind->name, kind->label, id,
            about ? "内容与存证不符，可能被改动" : "存证中没有这条记录的登记");
    return e;
}

/* said: the digest in the record's journal row. */
static enum err record_check(
    struct check *k, const struct record_kind *kind, void *row, struct str said)
{
    unsigned char own[SM3_LEN];
    enum err e = record_digest(kind, row, own);
    if (e)
        return e;
    k->r.records++;
    step(k);
    if (said.n == SM3_LEN && memcmp(own, said.p, SM3_LEN) == 0)
        return OK;
    return record_judge(k, kind, row);
}

/* A stretch of ids, the ends not among them. */
struct stretch {
    int64_t after, until;
};

/* Checks one stretch of rows; at->after gets the last id, *ret_n how many. */
static enum err page_check(
    struct check *k, const struct record_kind *kind, struct stretch *at, int64_t *ret_n)
{
    struct q q;
    enum err e = OK;
    void *row = mem_alloc(kind->desc->size);
    if (!row)
        return ERR_NOMEM;
    *ret_n = 0;
    q_begin(&q, k->c->db, kind->proof);
    q_int(&q, "after", at->after);
    q_int(&q, "until", at->until);
    q_int(&q, "limit", PAGE);
    q_int(&q, "kind", kind->code);
    while (!e && q_row(&q)) {
        arena_reset(&k->a);
        desc_clear(kind->desc, row);
        q_read(&q, kind->desc, row, &k->a);
        e = q.err ? q.err : record_check(k, kind, row, q_get_blob(&q, q_cols(&q) - 1));
        at->after = *field_int(kind->desc, row, 0);
        ++*ret_n;
    }
    enum err end = q_end(&q);
    mem_free(row);
    return e ? e : end;
}

/* What of a kind is to be checked: all of it, or the month's; false: nothing. */
static bool kind_stretch(struct check *k, const struct record_kind *kind, struct stretch *ret)
{
    int64_t month = k->t->o->month;
    const struct month_table *t = month_table_of(k->c->app, kind->code);
    *ret = (struct stretch){-1, INT64_MAX};
    if (month && t)
        *ret = (struct stretch){month_key(t, month) - 1, month_key(t, month + 1)};
    return !month || t || kind == &kind_retired;
}

static enum err records_check(struct check *k)
{
    for (size_t i = 0; i < k->c->app->kinds->n; i++) {
        const struct record_kind *kind = k->c->app->kinds->rows[i];
        struct stretch at;
        int64_t n = kind_stretch(k, kind, &at) ? PAGE : 0;
        while (n == PAGE) {
            enum err e = page_check(k, kind, &at, &n);
            if (e)
                return e;
        }
    }
    return OK;
}

/* --- pass 2: journal and seals
 * --------------------------------------------------------------------- */

struct sealing {
    struct seal_row row; /* the batch being rebuilt; id NULL_INT when there is none left */
    struct merkle tree;
    struct digest prev;
    struct arena a;
    int64_t last_seq;
    int64_t from, to; /* rows that are looked at */
    int64_t stop;     /* rows are read up to here, to the end of their batch */
    struct gone *gone;
    size_t ngone;
    struct told *told; /* for each record kind, of the stretch being read */
};

/* The first and the last journal row about a record kind; 0: none. */
struct told {
    int64_t first, last;
};

/* A month that was retired: as noted, and the journal rows met that lack their record. */
struct gone {
    int64_t id, records, met;
};

static enum err next_batch(struct check *k, struct sealing *s)
{
    struct q q;
    int64_t after = s->row.id == NULL_INT ? 0 : s->row.id;
    arena_reset(&s->a);
    desc_clear(&seal_row_desc, &s->row);
    q_begin(&q, k->c->db, SQL_seal_range);
    q_int(&q, "after", after);
    q_int(&q, "limit", 1);
    enum err e = q_one(&q, &seal_row_desc, &s->row, &s->a);
    merkle_start(&s->tree);
    if (e == ERR_NOT_FOUND)
        return OK;
    if (!e && s->row.id != after + 1)
        finding(k, "seal", "批次", after + 1, "缺少这一批的封存记录");
    return e;
}

static struct digest digest_of(struct str s)
{
    struct digest d = {{0}};
    if (s.n == SM3_LEN)
        memcpy(d.b, s.p, SM3_LEN);
    return d;
}

static bool signature_good(struct check *k, const struct seal_row *row, const struct digest *head)
{
    char pem[CRYPTO_PEM_MAX];
    int64_t key = 0;
    struct crypto_public pub;
    if (!str_int(row->key_id, &key) || crypto_public_pem(k->c->app->crypto, (uint32_t)key, pem) ||
        crypto_public_read(str_z(pem), &pub))
        return false;
    bool good = crypto_sm2_check(&pub, (struct str){(const char *)head->b, SM3_LEN}, row->sig);
    crypto_public_free(&pub);
    return good;
}

static void batch_check(struct check *k, struct sealing *s)
{
    struct seal_head h = {s->row.id, s->row.first_seq, s->row.last_seq, s->tree.n, s->row.at,
        s->prev, merkle_root(&s->tree)};
    struct digest head = seal_head_hash(&h), stored = digest_of(s->row.head);
    struct digest root = digest_of(s->row.root), was = digest_of(s->row.prev);
    k->r.seals++;
    if (s->tree.n != s->row.count || !digest_eq(&root, &h.root))
        finding(k, "seal", "批次", s->row.id, "批次内的存证条目与封存时不同");
    else if (!digest_eq(&was, &s->prev) || !digest_eq(&head, &stored))
        finding(k, "seal", "批次", s->row.id, "批次头与上一批接不上");
    else if (!signature_good(k, &s->row, &head))
        finding(k, "seal", "批次", s->row.id, "批次头的签名不对");
    s->prev = stored;
}

/* The row's record went with its month. */
static bool record_retired(struct check *k, struct sealing *s, int64_t kind, int64_t ref)
{
    const struct month_table *t = month_table_of(k->c->app, kind);
    int64_t id = t ? retired_id(kind, month_of_key(t, ref)) : 0;
    for (size_t i = 0; t && i < s->ngone; i++) {
        if (s->gone[i].id != id)
            continue;
        s->gone[i].met++;
        k->r.retired++;
        return true;
    }
    return false;
}

static void lost(struct check *k, struct sealing *s, int64_t kind, int64_t id, int64_t ref)
{
    if (!record_retired(k, s, kind, ref))
        finding(k, "journal", "存证条目", id, "登记过的记录不见了或被换成旧版");
}

/* Whether the records of the stretch's journal rows are still there is asked once for each kind. */
static void told_note(struct check *k, struct sealing *s, const struct journal_row *j)
{
    const struct record_kinds *kinds = k->c->app->kinds;
    size_t i = 0;
    while (i < kinds->n && kinds->rows[i]->code != j->kind)
        i++;
    if (i == kinds->n) {
        lost(k, s, j->kind, j->id, j->ref);
        return;
    }
    if (!s->told[i].first)
        s->told[i].first = j->id;
    s->told[i].last = j->id;
}

static enum err told_check(struct check *k, struct sealing *s, size_t i)
{
    const struct record_kind *kind = k->c->app->kinds->rows[i];
    struct q q;
    q_begin(&q, k->c->db, kind->lost);
    q_int(&q, "after", s->told[i].first - 1);
    q_int(&q, "until", s->told[i].last + 1);
    q_int(&q, "kind", kind->code);
    while (q_row(&q))
        lost(k, s, kind->code, q_get_int(&q, 0), q_get_int(&q, 1));
    s->told[i] = (struct told){0, 0};
    return q_end(&q);
}

static enum err told_check_all(struct check *k, struct sealing *s)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < k->c->app->kinds->n; i++)
        if (s->told[i].first)
            e = told_check(k, s, i);
    return e;
}

static void row_check(struct check *k, struct sealing *s, const struct journal_row *j)
{
    k->r.journal++;
    if (s->row.id == NULL_INT)
        k->r.unsealed++;
    if (j->kind > 0)
        told_note(k, s, j);
    step(k);
}

static enum err journal_leaf(
    struct check *k, struct sealing *s, const struct journal_row *j, struct buf *b)
{
    while (s->row.id != NULL_INT && j->id > s->row.last_seq) {
        batch_check(k, s);
        enum err e = next_batch(k, s);
        if (e)
            return e;
    }
    if (s->row.id != NULL_INT) {
        buf_reset(b);
        desc_canon(&journal_row_desc, j, b);
        if (b->err)
            return b->err;
        struct digest leaf = merkle_leaf(buf_str(b));
        merkle_add(&s->tree, &leaf);
    }
    if (j->id >= s->from && j->id < s->to)
        row_check(k, s, j);
    s->last_seq = j->id;
    return b->err;
}

static enum err journal_page(struct check *k, struct sealing *s, struct buf *b, int64_t *ret_n)
{
    struct q q;
    enum err e = OK;
    int64_t left = s->stop - 1 - s->last_seq;
    *ret_n = 0;
    q_begin(&q, k->c->db, SQL_journal_range);
    q_int(&q, "after", s->last_seq);
    q_int(&q, "limit", left < PAGE ? left : PAGE);
    while (!e && q_row(&q)) {
        struct journal_row row;
        arena_reset(&k->a);
        desc_clear(&journal_row_desc, &row);
        q_read(&q, &journal_row_desc, &row, &k->a);
        e = q.err ? q.err : journal_leaf(k, s, &row, b);
        ++*ret_n;
    }
    enum err end = q_end(&q);
    e = e ? e : end;
    return e ? e : told_check_all(k, s);
}

/* --- the journal's stretch -------------------------------------------------------------------- */

static enum err seal_after(struct check *k, int64_t id, struct arena *a, struct seal_row *ret)
{
    struct q q;
    desc_clear(&seal_row_desc, ret);
    q_begin(&q, k->c->db, SQL_seal_range);
    q_int(&q, "after", id);
    q_int(&q, "limit", 1);
    enum err e = q_one(&q, &seal_row_desc, ret, a);
    return e == ERR_NOT_FOUND ? OK : e;
}

/* The first batch that reaches row `seq`; its id is NULL_INT when the row is not sealed yet. */
static enum err seal_of(struct check *k, struct sealing *s, int64_t seq, struct seal_row *ret)
{
    struct q q;
    int64_t low = 0, high = 0;
    q_begin(&q, k->c->db, SQL_seal_last);
    if (q_row(&q))
        high = q_get_int(&q, 0);
    enum err e = q_end(&q);
    while (!e && low < high) {
        int64_t mid = low + (high - low) / 2;
        arena_reset(&s->a);
        e = seal_after(k, mid, &s->a, ret);
        if (ret->id == NULL_INT || ret->last_seq >= seq)
            high = mid;
        else
            low = ret->id;
    }
    return e ? e : seal_after(k, low, &s->a, ret);
}

/* Begins with the batch in which the month's first row lies, behind the head of the one before. */
static enum err month_begin(struct check *k, struct sealing *s)
{
    struct seal_row last, before;
    enum err e = months_journal(k->c->db, k->t->o->month, &s->from, &s->to);
    if (e || s->from == s->to)
        return e;
    e = seal_of(k, s, s->to - 1, &last);
    s->stop = last.id == NULL_INT ? s->to : last.last_seq + 1;
    if (!e)
        e = seal_of(k, s, s->from, &s->row);
    s->last_seq = s->row.id == NULL_INT ? s->from - 1 : s->row.first_seq - 1;
    if (e || s->row.id == NULL_INT || s->row.id == 1)
        return e;
    e = seal_after(k, s->row.id - 2, &s->a, &before);
    if (!e && before.id != s->row.id - 1)
        finding(k, "seal", "批次", s->row.id - 1, "缺少这一批的封存记录");
    s->prev = digest_of(before.head);
    return e;
}

static enum err gone_load(struct check *k, struct sealing *s)
{
    struct vec rows;
    struct q q;
    q_begin(&q, k->c->db, SQL_retired_all);
    enum err e = q_all(&q, &retired_row_desc, &rows, k->c->a);
    s->gone = e ? NULL : arena_new(k->c->a, struct gone, rows.n + 1);
    const struct retired_row *r = rows.p;
    for (size_t i = 0; s->gone && i < rows.n; i++)
        s->gone[s->ngone++] = (struct gone){r[i].id, r[i].records, 0};
    return e ? e : s->gone ? OK : ERR_NOMEM;
}

/* As many journal rows must lack their record as the month was said to hold; what is still there of
 * one that was cut off counts too. */
static enum err gone_check(struct check *k, const struct gone *g)
{
    struct q q;
    int64_t left = 0, month = retired_month(g->id);
    const struct month_table *t = month_table_of(k->c->app, retired_kind(g->id));
    if (!t)
        return OK;
    q_begin(&q, k->c->db, t->records->count);
    q_int(&q, "from", month_key(t, month));
    q_int(&q, "to", month_key(t, month + 1));
    enum err e = q_one_int(&q, &left);
    if (!e && g->met + left != g->records)
        finding(k, "retired", "清退", g->id, "清退登记的条数与存证不符，有记录不是随清退去掉的");
    return e;
}

static enum err journal_begin(struct check *k, struct sealing *s)
{
    struct str store;
    enum err e = meta_get(k->c, "store_id", &store);
    if (!e)
        e = gone_load(k, s);
    if (e)
        return e;
    s->prev = seal_genesis(store);
    s->row.id = NULL_INT;
    merkle_start(&s->tree);
    s->from = 1;
    s->to = s->stop = INT64_MAX;
    s->told = arena_new(k->c->a, struct told, k->c->app->kinds->n + 1);
    if (!s->told)
        return ERR_NOMEM;
    return k->t->o->month ? month_begin(k, s) : next_batch(k, s);
}

static enum err journal_walk(struct check *k, struct sealing *s, struct buf *b)
{
    int64_t n = s->from < s->to ? PAGE : 0;
    enum err e = OK;
    while (!e && n == PAGE)
        e = journal_page(k, s, b, &n);
    while (!e && s->row.id != NULL_INT && s->row.first_seq < s->stop) {
        batch_check(k, s);
        e = next_batch(k, s);
    }
    for (size_t i = 0; !e && !k->t->o->month && i < s->ngone; i++)
        e = gone_check(k, &s->gone[i]);
    return e;
}

static enum err journal_check(struct check *k)
{
    struct sealing s = {.last_seq = 0};
    struct buf b;
    arena_init(&s.a, 1 << 20);
    buf_init(&b, CANON_MAX);
    enum err e = journal_begin(k, &s);
    if (!e)
        e = journal_walk(k, &s, &b);
    buf_free(&b);
    arena_free(&s.a);
    return e;
}

static enum err count_work(struct ctx *c, void *arg)
{
    struct telling *t = arg;
    struct q q;
    q_begin(&q, c->db, SQL_journal_last);
    enum err e = q_one_int(&q, &t->total);
    t->total *= 2;
    return e;
}

/* --- pass 3: indexes
 * ------------------------------------------------------------------------------ */

static void on_flaw(void *arg, const struct db_flaw *f)
{
    struct check *k = arg;
    const struct record_kinds *kinds = k->c->app->kinds;
    size_t i = 0;
    while (i < kinds->n && strcmp(kinds->rows[i]->name, f->table) != 0)
        i++;
    finding(k, f->table, i < kinds->n ? kinds->rows[i]->label : "数据表", f->id, f->what);
}

static enum err indexes_check(struct check *k)
{
    enum err e = OK;
    for (const struct sql_table *t = sql_tables; !k->t->o->month && t->name && !e; t++)
        e = db_flaws(k->c->db, t->name, on_flaw, k);
    return e;
}

/* One pass, in its thread. */
struct pass {
    struct app *app;
    struct telling *t;
    enum err (*check)(struct check *k);
    struct verify_result r;
    enum err e;
    pthread_t thread;
    bool beside;
};

static enum err pass_read(struct ctx *c, void *arg)
{
    struct pass *p = arg;
    struct check k = {.c = c, .t = p->t};
    arena_init(&k.a, ROW_MEMORY);
    enum err e = p->check(&k);
    arena_free(&k.a);
    p->r = k.r;
    return e;
}

static void *pass_run(void *arg)
{
    struct pass *p = arg;
    p->e = app_read(p->app, pass_read, p);
    return NULL;
}

static enum err pass_end(struct pass *p, struct verify_result *ret)
{
    if (p->beside)
        pthread_join(p->thread, NULL);
    else
        pass_run(p);
    ret->records += p->r.records;
    ret->journal += p->r.journal;
    ret->seals += p->r.seals;
    ret->unsealed += p->r.unsealed;
    ret->retired += p->r.retired;
    return p->e;
}

enum err verify_store(struct app *app, const struct verify_options *o, struct verify_result *ret)
{
    *ret = (struct verify_result){0};
    struct telling t = {.o = o, .r = ret, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct pass passes[] = {
        {.check = records_check},
        {.check = journal_check},
        {.check = indexes_check},
    };
    enum { PASSES = sizeof passes / sizeof *passes };
    enum err e = app_read(app, count_work, &t);
    if (e)
        return e;
    for (size_t i = 0; i < PASSES; i++) {
        struct pass *p = &passes[i];
        p->app = app;
        p->t = &t;
        p->beside = i > 0 && pthread_create(&p->thread, NULL, pass_run, p) == 0;
    }
    for (size_t i = 0; i < PASSES; i++) {
        enum err ended = pass_end(&passes[i], ret);
        e = e ? e : ended;
    }
    return e;
}
