/* The runner: see call.h for the order of things. */
#include "core/call.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/civil.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/decode.h"
#include "core/job.h"
#include "core/list.h"
#include "core/pool.h"
#include "core/session.h"

enum { CALL_MEMORY = 64 << 20, ANSWER_MAX = 32 << 20, JSON_DEPTH = 16, RID_LEN = 12, KEY_MAX = 80 };

struct call {
    struct arena a;
    struct ctx ctx;
    struct request req;
    const struct op *op;
    void *in, *out;
    bool acting; /* call_as was used */
    bool replayed;
    struct write_job write;
    struct task task;
    void (*done)(void *arg);
    void *done_arg;
    struct buf body;
    struct answer answer;
};

static _Atomic uint64_t rid_count;

static struct str new_rid(struct call *k)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    char text[RID_LEN];
    uint64_t v = (uint64_t)k->ctx.now << 16 ^ atomic_fetch_add(&rid_count, 1);
    for (int i = RID_LEN - 1; i >= 0; i--) {
        text[i] = digits[v & 31];
        v >>= 5;
    }
    return arena_str(&k->a, (struct str){text, RID_LEN});
}

static void copy_request(struct call *k, const struct request *r)
{
    k->req = *r;
    for (int i = 0; i < OP_PATH_MAX; i++)
        k->req.path_vals[i] = arena_str(&k->a, r->path_vals[i]);
    struct pair *query = arena_new(&k->a, struct pair, r->query_n + 1);
    for (size_t i = 0; query && i < r->query_n; i++) {
        query[i].name = arena_str(&k->a, r->query[i].name);
        query[i].value = arena_str(&k->a, r->query[i].value);
    }
    k->req.query = query;
    k->req.body = arena_str(&k->a, r->body);
    k->req.token = arena_str(&k->a, r->token);
    k->req.csrf = arena_str(&k->a, r->csrf);
    k->req.if_match = arena_str(&k->a, r->if_match);
    k->req.idem_key = arena_str(&k->a, r->idem_key);
    k->req.file.path = arena_str(&k->a, r->file.path);
    k->req.file.name = arena_str(&k->a, r->file.name);
    k->req.ip = arena_str(&k->a, r->ip);
    k->req.agent = arena_str(&k->a, r->agent);
    k->req.base = arena_str(&k->a, r->base);
}

static void start_ctx(struct call *k, struct app *app)
{
    struct ctx *c = &k->ctx;
    *c = (struct ctx){.app = app, .a = &k->a};
    c->now = app_now(app);
    c->today = civil_today(c->now);
    c->source = k->req.source;
    c->ip = k->req.ip;
    c->agent = k->req.agent;
    c->base = k->req.base;
    c->op = str_z(k->op->name);
    c->token = k->req.token;
    c->idem_key = k->req.idem_key;
    c->file = k->req.file;
    c->if_match = NULL_INT;
    c->reply.version = NULL_INT;
    c->rid = new_rid(k);
}

struct call *call_new(struct app *app, const struct request *req)
{
    struct call *k = mem_alloc(sizeof *k);
    if (!k)
        return NULL;
    arena_init(&k->a, CALL_MEMORY);
    buf_init(&k->body, ANSWER_MAX);
    k->op = req->op;
    copy_request(k, req);
    start_ctx(k, app);
    k->in = arena_alloc(&k->a, k->op->in->size);
    k->out = arena_alloc(&k->a, k->op->out->size);
    if (k->a.failed) {
        call_free(k);
        return NULL;
    }
    return k;
}

void call_as(struct call *k, const struct actor *who)
{
    k->ctx.actor = *who;
    k->acting = true;
}

const struct actor *call_actor(const struct call *k)
{
    return &k->ctx.actor;
}

/* --- who -------------------------------------------------------------------------------------- */

static enum err check_csrf(struct call *k, struct str want)
{
    if (!k->req.token_is_cookie || k->op->method == GET)
        return OK;
    bool good = k->req.csrf.n == want.n && hash_equal((const unsigned char *)k->req.csrf.p,
                                               (const unsigned char *)want.p, want.n);
    return good ? OK : fail(&k->ctx, ERR_CSRF, NULL, NULL);
}

static enum err touch(struct ctx *c, void *arg)
{
    return session_touch(c, *(int64_t *)arg);
}

/* Without memory nothing that was found counts: not a complaint about a text that could not be
 * kept, nor that somebody is a stranger. */
static enum err starved(struct call *k)
{
    struct ctx *c = &k->ctx;
    k->a.failed |= mem_refused();
    if (!k->a.failed)
        return c->err;
    if (!c->err || err_status(c->err) < 500) {
        c->err = ERR_NOMEM;
        c->err_field = c->err_message = STR_NULL;
        c->problems = NULL;
        c->problems_end = NULL;
    }
    return c->err;
}

static enum err authenticate(struct call *k)
{
    struct ctx *c = &k->ctx;
    struct session_info s;
    if (k->acting)
        return OK;
    if (str_empty(k->req.token))
        return k->op->perm == PERM_NONE ? OK : fail(c, ERR_UNAUTHENTICATED, NULL, NULL);
    enum err e = session_load(c, k->req.token, &s);
    if (e && starved(k))
        return k->ctx.err;
    if (e)
        return k->op->perm == PERM_NONE ? OK : fail(c, e, NULL, NULL);
    e = check_csrf(k, s.csrf);
    if (e)
        return k->op->perm == PERM_NONE ? OK : e;
    c->actor = s.actor;
    if (session_stale(c, &s) && c->app->writer)
        app_later(c->app, touch, s.actor.session);
    return OK;
}

static enum err authorize(struct call *k)
{
    struct ctx *c = &k->ctx;
    if (k->op->perm == PERM_NONE)
        return OK;
    if (c->actor.must_change == 1 && !(k->op->flags & OP_PRECHANGE))
        return fail(c, ERR_FORBIDDEN, NULL, "请先修改初始密码，再做其他操作");
    return can(c, k->op->perm) ? OK : fail(c, ERR_FORBIDDEN, NULL, NULL);
}

/* --- what ------------------------------------------------------------------------------------- */

static void decode_path(struct call *k)
{
    struct str rest = str_z(k->op->path);
    int n = 0;
    while (rest.p) {
        struct str seg = str_cut(rest, '/', &rest);
        if (seg.n == 0 || seg.p[0] != ':')
            continue;
        int i = desc_find(k->op->in, str_sub(seg, 1, seg.n));
        if (i >= 0 && !decode_text(&k->ctx, k->op->in, k->in, (size_t)i, k->req.path_vals[n]))
            fail(&k->ctx, ERR_NOT_FOUND, NULL, NULL);
        n++;
    }
}

static void decode_query(struct call *k)
{
    struct ctx *c = &k->ctx;
    bool reads = k->op->method == GET;
    for (size_t i = 0; i < k->req.query_n; i++) {
        const struct pair *p = &k->req.query[i];
        int f = desc_find(k->op->in, p->name);
        unsigned flags = f < 0 ? 0 : k->op->in->fields[f].flags;
        bool open = f >= 0 && !(flags & (F_OUT | F_PATH)) && (reads || flags & F_QUERY);
        if (open)
            (void)decode_text(c, k->op->in, k->in, (size_t)f, p->value);
        else if (k->op->flags & OP_LIST && (f < 0 || flags & F_PATH))
            list_query_add(c, k->in, p->name, p->value);
        else
            complain(c, p->name, "unknown", "不认识的参数：%.*s", STR_ARG(p->name));
    }
}

static void decode_body(struct call *k)
{
    struct ctx *c = &k->ctx;
    const struct jin *root = NULL;
    if (k->op->method == GET || k->op->flags & OP_UPLOAD || k->op->in->n == 0)
        return;
    struct str text = k->req.body.n ? k->req.body : S("{}");
    enum err e = jin_parse(text, JSON_DEPTH, &root);
    if (e) {
        fail(c, e, NULL, "请求内容不是有效的 JSON");
        return;
    }
    decode_json(c, k->op->in, k->in, root, S(""));
    jin_free(root);
}

static void decode_version(struct call *k)
{
    struct ctx *c = &k->ctx;
    if (k->req.if_match.n && !str_int(k->req.if_match, &c->if_match))
        complain(c, S("If-Match"), "type", "版本号不对，请刷新后重试");
    else if (k->op->flags & OP_VERSION && c->if_match == NULL_INT)
        complain(c, S("If-Match"), "required", "缺少版本号，请刷新后重试");
    if (k->req.idem_key.n > KEY_MAX)
        complain(c, S("Idempotency-Key"), "too_long", "提交编号太长");
}

static enum err decode(struct call *k)
{
    struct ctx *c = &k->ctx;
    desc_clear(k->op->in, k->in);
    desc_clear(k->op->out, k->out);
    decode_path(k);
    if (c->err)
        return c->err;
    c->problem_count = 0;
    decode_query(k);
    decode_body(k);
    if (k->op->method == GET || k->op->flags & OP_UPLOAD)
        decode_required(c, k->op->in, k->in, S(""));
    decode_version(k);
    if (k->op->flags & OP_UPLOAD && !k->req.file.path.p)
        complain(c, S("file"), "required", "请选择要上传的文件");
    return checked(c);
}

enum lane call_prepare(struct call *k, struct db_conn *reader)
{
    (void)mem_refused();
    k->ctx.db = reader;
    enum err e = authenticate(k);
    if (!e)
        e = authorize(k);
    if (!e)
        e = decode(k);
    if (starved(k) || e)
        return LANE_DONE;
    if (k->op->flags & OP_SLOW)
        return LANE_SLOW;
    return k->op->flags & OP_WRITE ? LANE_WRITE : LANE_READ;
}

/* --- doing it --------------------------------------------------------------------------------- */

static void finish(struct call *k, enum err e)
{
    if (e && !k->ctx.err)
        fail(&k->ctx, e, NULL, NULL);
    (void)starved(k);
    bool again = k->ctx.err == ERR_BUSY || k->ctx.err == ERR_UNSURE;
    if (again && k->ctx.reply.retry_after == 0)
        k->ctx.reply.retry_after = 1;
}

void call_read(struct call *k, struct db_conn *reader)
{
    (void)mem_refused();
    k->ctx.db = reader;
    db_deadline(reader, k->req.deadline);
    finish(k, k->op->run(&k->ctx, k->in, k->out));
    db_deadline(reader, 0);
}

/* Keyed creates: the same key gives the same answer; the same key with other content is refused. */
static bool keyed(const struct call *k)
{
    return k->req.idem_key.n && k->op->flags & OP_WRITE && !(k->op->flags & OP_NATURAL) &&
           k->ctx.actor.account;
}

/* With its length, so that neighbours cannot run together. */
static void digest_add(struct sm3_ctx *h, struct str s)
{
    uint64_t n = s.n;
    sm3_add(h, (struct str){(const char *)&n, sizeof n});
    sm3_add(h, s);
}

static void request_digest(struct call *k, unsigned char out[SM3_LEN])
{
    struct sm3_ctx h;
    if (sm3_begin(&h)) {
        memset(out, 0, SM3_LEN);
        return;
    }
    digest_add(&h, str_z(k->op->name));
    for (int i = 0; i < OP_PATH_MAX; i++)
        digest_add(&h, k->req.path_vals[i]);
    for (size_t i = 0; i < k->req.query_n; i++) {
        digest_add(&h, k->req.query[i].name);
        digest_add(&h, k->req.query[i].value);
    }
    digest_add(&h, k->req.body);
    sm3_end(&h, out);
}

/* Looks for an earlier answer; *ret_found tells whether k->body holds it now. */
static enum err replay(struct call *k, const unsigned char digest[SM3_LEN], bool *ret_found)
{
    struct ctx *c = &k->ctx;
    struct q q;
    bool same = true;
    *ret_found = false;
    q_begin(&q, c->db, SQL_idem_get);
    q_int(&q, "account", c->actor.account);
    q_str(&q, "key", k->req.idem_key);
    if (q_row(&q)) {
        struct str was = q_get_blob(&q, 1);
        same = was.n == SM3_LEN && memcmp(was.p, digest, SM3_LEN) == 0;
        *ret_found = true;
        k->answer.status = (int)q_get_int(&q, 2);
        buf_add(&k->body, q_get_str(&q, 3));
    }
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    return same ? OK
                : fail(c, ERR_CONFLICT, NULL, "这个提交编号已用于另一份内容，请刷新页面后重新提交");
}

static void encode(struct call *k);

static enum err remember(struct call *k, const unsigned char digest[SM3_LEN])
{
    struct ctx *c = &k->ctx;
    struct q q;
    encode(k);
    if (k->body.err)
        return fail(c, k->body.err, NULL, NULL); /* half an answer is never repeated */
    q_begin(&q, c->db, SQL_idem_put);
    q_int(&q, "account", c->actor.account);
    q_str(&q, "key", k->req.idem_key);
    q_str(&q, "op", c->op);
    q_blob(&q, "digest", (struct str){(const char *)digest, SM3_LEN});
    q_int(&q, "status", k->answer.status);
    q_str(&q, "body", buf_str(&k->body));
    q_int(&q, "at", c->now);
    return db_fail(c, q_send(&q));
}

static enum err write_keyed(struct call *k)
{
    unsigned char digest[SM3_LEN];
    request_digest(k, digest);
    enum err e = replay(k, digest, &k->replayed);
    if (e || k->replayed)
        return e;
    e = k->op->run(&k->ctx, k->in, k->out);
    return e ? e : remember(k, digest);
}

static enum err write_run(struct db_conn *db, void *arg)
{
    struct call *k = arg;
    (void)mem_refused();
    k->ctx.db = db;
    k->ctx.batch = k->ctx.app->batch;
    enum err e = keyed(k) ? write_keyed(k) : k->op->run(&k->ctx, k->in, k->out);
    finish(k, e);
    return k->ctx.err;
}

static void write_done(enum err e, void *arg)
{
    struct call *k = arg;
    k->ctx.batch = NULL;
    k->ctx.db = NULL;
    finish(k, e);
    if (!k->ctx.err && k->ctx.reply.job && k->ctx.app->serving)
        job_kick(k->ctx.app, k->ctx.reply.job);
    k->done(k->done_arg);
}

static void slow_run(struct db_conn *reader, void *arg)
{
    struct call *k = arg;
    if (reader)
        call_read(k, reader);
    else
        fail(&k->ctx, ERR_DB, NULL, NULL);
    k->done(k->done_arg);
}

void call_start(struct call *k, void (*done)(void *arg), void *arg)
{
    struct app *app = k->ctx.app;
    k->done = done;
    k->done_arg = arg;
    enum err e;
    if (k->op->flags & OP_SLOW) {
        k->task = (struct task){.run = slow_run, .arg = k};
        e = pool_put(app->slow, &k->task);
    } else {
        k->write = (struct write_job){.run = write_run, .done = write_done, .arg = k};
        e = app->writer ? writer_put(app->writer, &k->write) : ERR_STATE;
    }
    if (!e)
        return;
    k->ctx.reply.retry_after = 1;
    fail(&k->ctx, e, NULL, NULL);
    done(arg);
}

struct wait {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool over;
};

static void wake(void *arg)
{
    struct wait *w = arg;
    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

void call_run(struct call *k, struct db_conn *reader)
{
    enum lane lane = call_prepare(k, reader);
    if (lane == LANE_READ || (lane == LANE_SLOW && !k->ctx.app->slow))
        call_read(k, reader);
    if (lane == LANE_DONE || lane == LANE_READ || (lane == LANE_SLOW && !k->ctx.app->slow))
        return;
    struct wait w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    call_start(k, wake, &w);
    pthread_mutex_lock(&w.lock);
    while (!w.over)
        pthread_cond_wait(&w.cond, &w.lock);
    pthread_mutex_unlock(&w.lock);
}

/* --- answering -------------------------------------------------------------------------------- */

static void problem_head(struct jw *w, enum err e, struct str message)
{
    jw_obj(w);
    jw_key(w, "type");
    jw_strz(w, err_name(e));
    jw_key(w, "title");
    jw_strz(w, err_text(e));
    jw_key(w, "status");
    jw_int(w, err_status(e));
    jw_key(w, "detail");
    jw_str(w, message.p ? message : str_z(err_text(e)));
}

static void one_problem(struct jw *w, struct str field, struct str code, struct str message)
{
    jw_obj(w);
    jw_key(w, "field");
    jw_str(w, field);
    jw_key(w, "code");
    jw_str(w, code);
    jw_key(w, "message");
    jw_str(w, message);
    jw_end_obj(w);
}

static void encode_problem(struct call *k, struct jw *w)
{
    struct ctx *c = &k->ctx;
    problem_head(w, c->err, c->err_message);
    jw_key(w, "errors");
    jw_arr(w);
    if (c->err_field.p)
        one_problem(w, c->err_field, str_z(err_name(c->err)),
            c->err_message.p ? c->err_message : str_z(err_text(c->err)));
    for (const struct problem *p = c->problems; p; p = p->next)
        one_problem(w, p->field, p->code, p->message);
    jw_end_arr(w);
    if (c->reply.current.p) {
        jw_key(w, "current");
        jw_raw(w, c->reply.current);
    }
    jw_key(w, "instance");
    jw_str(w, c->rid);
    jw_end_obj(w);
}

static void encode_job(struct call *k, struct jw *w)
{
    jw_obj(w);
    jw_key(w, "job");
    jw_int(w, k->ctx.reply.job);
    jw_end_obj(w);
    k->answer.status = 202;
    k->answer.location = arena_fmt(&k->a, "/api/v1/jobs/%lld", (long long)k->ctx.reply.job);
}

static void encode(struct call *k)
{
    struct jw w;
    buf_reset(&k->body);
    jw_init(&w, &k->body);
    k->answer.status = k->ctx.err ? err_status(k->ctx.err) : 200;
    if (k->ctx.err)
        encode_problem(k, &w);
    else if (k->op->flags & OP_JOB && k->ctx.reply.job)
        encode_job(k, &w);
    else
        desc_json(k->op->out, k->out, &w);
}

static void answer_file(struct call *k)
{
    struct reply_extra *r = &k->ctx.reply;
    k->answer.status = 200;
    k->answer.type = r->file_type.p ? r->file_type.p : "application/octet-stream";
    k->answer.body = r->file_body;
    k->answer.file_path = r->file_path;
    k->answer.file_name = r->file_name;
    k->answer.file_delete = r->file_delete;
}

const struct answer *call_answer(struct call *k)
{
    struct ctx *c = &k->ctx;
    struct answer *r = &k->answer;
    r->op_name = k->op->name;
    r->err = c->err;
    r->rid = c->rid;
    r->retry_after = c->reply.retry_after;
    r->cookie = c->reply.cookie;
    r->type = c->err ? "application/problem+json" : "application/json";
    if (c->reply.version != NULL_INT && !c->err)
        r->etag = arena_fmt(&k->a, "\"%lld\"", (long long)c->reply.version);
    if (!c->err && (c->reply.file_path.p || c->reply.file_body.p)) {
        answer_file(k);
        return r;
    }
    if (!k->replayed || c->err)
        encode(k);
    if (k->body.err)
        r->status = call_error(k->body.err, NULL, c->rid, &k->body);
    r->body = buf_str(&k->body);
    return r;
}

int call_error(enum err e, const char *message, struct str rid, struct buf *b)
{
    struct jw w;
    buf_reset(b);
    jw_init(&w, b);
    problem_head(&w, e, str_z(message));
    jw_key(&w, "errors");
    jw_arr(&w);
    jw_end_arr(&w);
    jw_key(&w, "instance");
    jw_str(&w, rid);
    jw_end_obj(&w);
    return err_status(e);
}

void call_free(struct call *k)
{
    if (!k)
        return;
    buf_free(&k->body);
    arena_free(&k->a);
    mem_free(k);
}
