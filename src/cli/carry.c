/* Carrying rows: what a move shows, and what it makes anew. */
#include "cli/carry.h"

#include "core/months.h"
#include "feature/ledger/ledger.h"

enum { WORDS_MEMORY = 64 << 20, WORDS_AT_ONCE = 1000 };

/* --- progress --------------------------------------------------------------------------------- */

void carry_shown(struct carry *c)
{
    if (c->bar.t)
        term_progress_end(&c->bar, c->done);
    c->bar.t = NULL;
    c->phase = NULL;
}

static void phase_at(
    struct carry *c, const char *phase, const char *unit, int64_t done, int64_t total)
{
    if (phase != c->phase) {
        carry_shown(c);
        term_progress_begin(&c->bar, c->term, phase, unit, total);
        c->phase = phase;
    }
    c->done = done;
    term_progress_at(&c->bar, done, total);
}

static void on_progress(void *arg, enum move_phase phase, int64_t done, int64_t total)
{
    static const char *const names[] = {[MOVE_COPY] = "搬迁", [MOVE_COMPARE] = "核对"};
    phase_at(arg, names[phase], "行", done, total);
}

/* --- what is made anew: the search words ------------------------------------------------------ */

static enum err in_tx(struct carry *k, struct db_conn *to,
    enum err (*fn)(struct ctx *c, int64_t *ret_n), int64_t *ret_n)
{
    struct arena a;
    struct ctx c;
    arena_init(&a, WORDS_MEMORY);
    app_ctx(k->source, &c, &a, to);
    enum err e = tx_begin(to);
    if (!e)
        e = fn(&c, ret_n);
    if (!e)
        e = a.failed ? ERR_NOMEM : tx_commit(to);
    if (e)
        tx_rollback(to);
    arena_free(&a);
    return e;
}

static enum err words_drop(struct ctx *c, int64_t *ret_n)
{
    *ret_n = 0;
    return firm_search_drop_all(c);
}

static enum err words_fill(struct ctx *c, int64_t *ret_n)
{
    return firm_search_fill(c, WORDS_AT_ONCE, ret_n);
}

static enum err forget(struct db_conn *to, void *arg)
{
    int64_t none;
    return in_tx(arg, to, words_drop, &none);
}

static enum err derive(struct db_conn *to, void *arg)
{
    int64_t n = WORDS_AT_ONCE, done = 0;
    enum err e = OK;
    while (!e && n == WORDS_AT_ONCE) {
        e = in_tx(arg, to, words_fill, &n);
        done += n;
        phase_at(arg, "检索词", "家", done, 0);
    }
    carry_shown(arg);
    return e;
}

/* --- room for the months of the source's rows ------------------------------------------------- */

static enum err lay(struct db_conn *from, struct db_conn *to, void *arg)
{
    const struct carry *c = arg;
    return months_lay(from, to, c->source->months);
}

struct move_options carry_options(struct carry *c, struct db *to)
{
    return (struct move_options){.from = c->source->db,
        .to = to,
        .forget = forget,
        .derive = derive,
        .progress = on_progress,
        .arg = c,
        .lay = lay};
}
