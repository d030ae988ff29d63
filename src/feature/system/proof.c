/* Seals, verification, the audit log. */
#include "base/hash.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/job.h"
#include "core/meta.h"
#include "core/seal.h"
#include "core/seal_file.h"
#include "feature/ops.h"
#include "feature/system/system.h"

static struct str hex_of(struct ctx *c, struct str bytes)
{
    char *out = arena_alloc(c->a, bytes.n * 2 + 1);
    if (!out)
        return STR_NULL;
    hex_put((const unsigned char *)bytes.p, bytes.n, out);
    return (struct str){out, bytes.n * 2};
}

static enum err newest(struct ctx *c, struct seal_state *ret)
{
    struct q q;
    struct seal_view *items = arena_new(c->a, struct seal_view, 10);
    size_t n = 0;
    if (!items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_seal_newest);
    while (n < 10 && q_row(&q)) {
        struct str head = hex_of(c, q_get_blob(&q, 5));
        items[n++] = (struct seal_view){q_get_int(&q, 0), q_get_int(&q, 1), q_get_int(&q, 2),
            q_get_int(&q, 3), q_get_int(&q, 4), head};
    }
    ret->last = (struct vec){items, n};
    ret->seals = n ? items[0].id : 0;
    ret->unsealed = n ? items[0].last_seq : 0;
    return db_fail(c, q_end(&q));
}

enum err op_seal_state(struct ctx *c, const struct none *in, struct seal_state *ret)
{
    struct q q;
    (void)in;
    enum err e = newest(c, ret);
    if (!e)
        e = meta_get(c, "store_id", &ret->store_id);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_journal_last);
    e = q_one_int(&q, &ret->journal);
    ret->unsealed = ret->journal - ret->unsealed;
    return db_fail(c, e);
}

static struct digest digest_of(struct str s)
{
    struct digest d = {{0}};
    if (s.n == SM3_LEN)
        memcpy(d.b, s.p, SM3_LEN);
    return d;
}

static struct seal_signed signed_of(const struct seal_row *row)
{
    struct seal_signed s = {.head = {row->id, row->first_seq, row->last_seq, row->count, row->at,
                                digest_of(row->prev), digest_of(row->root)}};
    int64_t key = 0;
    (void)str_int(row->key_id, &key);
    s.sig.key = (uint32_t)key;
    s.sig.n = row->sig.n <= CRYPTO_SIG_MAX ? row->sig.n : 0;
    if (s.sig.n)
        memcpy(s.sig.b, row->sig.p, s.sig.n);
    return s;
}

/* All heads as the text of docs/seal-format.md. */
enum err seal_export_write(struct ctx *c, struct buf *out)
{
    struct seal_top top = {.made = c->now, .first = 1};
    struct digest last;
    struct q q;
    int64_t n = 0;
    enum err e = meta_get(c, "store_id", &top.store);
    if (e)
        return e;
    top.prev = last = seal_genesis(top.store);
    e = seal_file_begin(c->app->crypto, &top, out);
    if (e)
        return fail(c, e, NULL, NULL);
    q_begin(&q, c->db, SQL_seal_range);
    q_int(&q, "after", 0);
    q_int(&q, "limit", INT64_MAX);
    struct arena a;
    arena_init(&a, 1 << 20);
    while (q_row(&q)) {
        struct seal_row row;
        arena_reset(&a);
        desc_clear(&seal_row_desc, &row);
        q_read(&q, &seal_row_desc, &row, &a);
        struct seal_signed s = signed_of(&row);
        seal_file_head(&s, out);
        last = digest_of(row.head);
        n++;
    }
    arena_free(&a);
    e = q_end(&q);
    seal_file_end(n, &last, out);
    return db_fail(c, e ? e : out->err);
}

enum err op_seal_export(struct ctx *c, const struct none *in, struct none *ret)
{
    struct buf b;
    (void)in;
    (void)ret;
    buf_init(&b, 512 << 20);
    enum err e = seal_export_write(c, &b);
    c->reply.file_body = keep(c, buf_str(&b));
    c->reply.file_type = S("text/plain; charset=utf-8");
    c->reply.file_name = S("zhian-seal.txt");
    buf_free(&b);
    return e;
}

enum err op_seal_verify(struct ctx *c, const struct none *in, struct none *ret)
{
    struct job_spec spec = {.kind = "verify", .title = S("查验全库")};
    (void)in;
    (void)ret;
    return job_create(c, &spec, &c->reply.job);
}

/* --- the verification job --------------------------------------------------------------------- */

struct report {
    struct ctx *c;
    struct job *j;
    struct buf b;
    struct jw w;
};

static void on_found(void *arg, const struct verify_finding *f)
{
    struct report *r = arg;
    jw_obj(&r->w);
    jw_key(&r->w, "kind");
    jw_strz(&r->w, f->kind);
    jw_key(&r->w, "label");
    jw_strz(&r->w, f->label);
    jw_key(&r->w, "id");
    jw_int(&r->w, f->id);
    jw_key(&r->w, "what");
    jw_strz(&r->w, f->what);
    jw_end_obj(&r->w);
}

static void on_progress(void *arg, int64_t done, int64_t total)
{
    struct report *r = arg;
    if (job_step(r->c, r->j, done, total))
        r->j->next_state = NULL; /* a verification runs to its end; cancelling is told at the end */
}

enum err job_verify(struct ctx *c, struct job *j)
{
    struct report r = {.c = c, .j = j};
    struct verify_result v;
    struct verify_options o = {200, on_found, on_progress, &r, 0};
    buf_init(&r.b, 4 << 20);
    jw_init(&r.w, &r.b);
    jw_obj(&r.w);
    jw_key(&r.w, "found");
    jw_arr(&r.w);
    enum err e = seal_now(c->app);
    if (!e)
        e = verify_store(c->app, &o, &v);
    jw_end_arr(&r.w);
    jw_key(&r.w, "records");
    jw_int(&r.w, v.records);
    jw_key(&r.w, "journal");
    jw_int(&r.w, v.journal);
    jw_key(&r.w, "seals");
    jw_int(&r.w, v.seals);
    jw_key(&r.w, "findings");
    jw_int(&r.w, v.findings);
    jw_end_obj(&r.w);
    j->result = keep(c, buf_str(&r.b));
    buf_free(&r.b);
    return e ? fail(c, e, NULL, NULL) : OK;
}

/* --- audit ------------------------------------------------------------------------------------ */

enum err op_audit_list(struct ctx *c, const struct audit_ask *in, struct history *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_audit_page);
    q_int(&q, "before", in->before == NULL_INT ? INT64_MAX : in->before);
    q_int(&q, "limit", in->limit == NULL_INT || in->limit < 1 ? 50 : in->limit);
    q_int(&q, "actor", in->actor);
    q_str(&q, "op", in->op);
    enum err e = q_all(&q, &history_item_desc, &ret->items, c->a);
    struct history_item *it = ret->items.p;
    for (size_t i = 0; !e && i < ret->items.n; i++) {
        const struct record_kind *k = record_kind_find(c->app, (int)it[i].kind);
        it[i].kind_label = str_z(k ? k->label : "事件");
        it[i].note = STR_NULL; /* the audit log tells what was done, not business data */
    }
    return db_fail(c, e);
}
