/* Counting attempts in the database, so that a restart forgives nothing. One row per key: how many
 * since when, and until when the key is closed. A row that begins in the future was written before
 * the clock was set back and counts for nothing: nobody is shut out until that day comes again. */
#include "feature/account/account.h"

#include "base/hash.h"

enum { KEY_DIGEST = 8, SWEEP_AFTER_MS = 24 * 3600 * 1000 };

struct throttle {
    int64_t count, since, until;
};

static enum err throttle_load(struct ctx *c, struct str key, struct throttle *ret)
{
    struct q q;
    *ret = (struct throttle){0};
    q_begin(&q, c->db, SQL_throttle_get);
    q_str(&q, "key", key);
    if (q_row(&q))
        *ret = (struct throttle){q_get_int(&q, 0), q_get_int(&q, 1), q_get_int(&q, 2)};
    return db_fail(c, q_end(&q));
}

static enum err throttle_save(struct ctx *c, struct str key, const struct throttle *t)
{
    struct q q;
    q_begin(&q, c->db, SQL_throttle_put);
    q_str(&q, "key", key);
    q_int(&q, "count", t->count);
    q_int(&q, "since", t->since);
    q_int(&q, "until", t->until);
    return db_fail(c, q_exec(&q));
}

/* Rows nobody asks for any more go whenever a key closes: rare, and the table stays small. */
static enum err throttle_sweep(struct ctx *c)
{
    struct q q;
    q_begin(&q, c->db, SQL_throttle_sweep);
    q_int(&q, "before", c->now - SWEEP_AFTER_MS);
    return db_fail(c, q_exec(&q));
}

enum err throttle_wait(struct ctx *c, struct str key, int64_t *ret_ms)
{
    struct throttle t;
    enum err e = throttle_load(c, key, &t);
    bool closed = t.until > c->now && t.since <= c->now;
    if (!e)
        *ret_ms = closed ? t.until - c->now : 0;
    return e;
}

enum err throttle_hit(struct ctx *c, struct str key, struct throttle_rule rule, bool *ret_closed)
{
    struct throttle t;
    enum err e = throttle_load(c, key, &t);
    if (e)
        return e;
    bool ended = c->now - t.since >= rule.window_ms || (t.until > 0 && c->now >= t.until);
    bool over = t.count == 0 || t.since > c->now || ended;
    if (over)
        t = (struct throttle){.since = c->now};
    t.count++;
    bool closes = t.count >= rule.limit && t.until <= c->now;
    if (closes)
        t.until = c->now + rule.window_ms;
    if (ret_closed)
        *ret_closed = closes;
    e = throttle_save(c, key, &t);
    return e || !closes ? e : throttle_sweep(c);
}

enum err throttle_forget(struct ctx *c, struct str key)
{
    struct q q;
    q_begin(&q, c->db, SQL_throttle_clear);
    q_str(&q, "key", key);
    return db_fail(c, q_exec(&q));
}

struct str throttle_key(struct ctx *c, const char *what, struct str whom)
{
    unsigned char digest[SM3_LEN];
    char hex[KEY_DIGEST * 2];
    sm3(whom, digest);
    hex_put(digest, KEY_DIGEST, hex);
    return arena_fmt(c->a, "%s:%.*s", what, (int)sizeof hex, hex);
}

enum err throttle_refuse(struct ctx *c, enum err e, int64_t wait_ms)
{
    c->reply.retry_after = (wait_ms + 999) / 1000;
    return fail(c, e, NULL, NULL);
}
