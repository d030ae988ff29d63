/* Which posts of a firm stand empty, kept beside the firms so that lists and boards never look at
 * every firm: a firm that owes the daily check needs a principal, an officer and,
 * where the director table says 是, a director; a director who is the only officer is
 * warned of (P2 35). A gap begins the day after the last one left, or when the post became due. */
#include "feature/ledger/firm_gap.h"

#include "core/batch.h"
#include "domain/dutyday.h"

enum { PRINCIPAL, DIRECTOR, OFFICER, SAME_PERSON, GAPS };

static const char *const codes[GAPS] = {"principal", "director", "officer", "same_person"};

static const struct counter_def gap_counter = {
    SQL_post_gap_count_add, NULL, {"principal", "director", "officer", "same_person", NULL}};

struct gaps {
    int64_t since[GAPS]; /* NULL_INT: no gap */
};

static int post_no(struct str post)
{
    for (int i = PRINCIPAL; i <= OFFICER; i++)
        if (str_eqz(post, codes[i]))
            return i;
    return -1;
}

static void count_gaps(struct ctx *c, struct str path, const struct gaps *g, int64_t by)
{
    int64_t v[COUNTER_COLS] = {0};
    bool any = false;
    for (int i = 0; i < GAPS; i++) {
        v[i] = g->since[i] == NULL_INT ? 0 : by;
        any = any || v[i];
    }
    if (any)
        count_add(c, &gap_counter, 0, path, v);
}

static enum err stored(struct ctx *c, int64_t firm, struct gaps *ret)
{
    struct q q;
    for (int i = 0; i < GAPS; i++)
        ret->since[i] = NULL_INT;
    q_begin(&q, c->db, SQL_post_gap_of_firm);
    q_int(&q, "firm", firm);
    q_int(&q, "first", firm * GAPS);
    q_int(&q, "last", firm * GAPS + GAPS - 1);
    while (q_row(&q))
        ret->since[q_get_int(&q, 0) - firm * GAPS] = q_get_int(&q, 1);
    return db_fail(c, q_end(&q));
}

/* --- what should be --------------------------------------------------------------------------- */

struct holders {
    int n[3];
    struct str officer;       /* the first officer's name */
    bool director_is_officer; /* some director bears that name */
    int64_t left[3];          /* last day of the last one, or NULL_INT */
};

static enum err holders_read(struct ctx *c, int64_t firm, struct holders *h)
{
    struct q q;
    struct str directors[8];
    *h = (struct holders){.left = {NULL_INT, NULL_INT, NULL_INT}};
    q_begin(&q, c->db, SQL_post_holders);
    q_int(&q, "firm", firm);
    while (q_row(&q)) {
        int p = post_no(q_get_str(&q, 0));
        if (p == DIRECTOR && h->n[p] < 8)
            directors[h->n[p]] = keep(c, q_get_str(&q, 1));
        if (p == OFFICER && !h->n[p])
            h->officer = keep(c, q_get_str(&q, 1));
        if (p >= 0)
            h->n[p]++;
    }
    enum err e = q_end(&q);
    for (int i = 0; i < h->n[DIRECTOR] && i < 8; i++)
        h->director_is_officer |= h->n[OFFICER] == 1 && str_eq(directors[i], h->officer);
    if (e)
        return db_fail(c, e);
    q_begin(&q, c->db, SQL_post_last_ends);
    q_int(&q, "firm", firm);
    while (q_row(&q)) {
        int p = post_no(q_get_str(&q, 0));
        if (p >= 0)
            h->left[p] = q_get_int(&q, 1);
    }
    return db_fail(c, q_end(&q));
}

/* The first day the post was due: when the firm came into the ledger, not before the orders. */
static int64_t due_from(struct ctx *c, const struct firm_row *row)
{
    int64_t day = row->confirm_date != NULL_INT ? row->confirm_date
                  : row->duty_from != NULL_INT  ? row->duty_from
                                                : c->today;
    return day < DUTY_FIRST_DAY ? DUTY_FIRST_DAY : day > c->today ? c->today : day;
}

static bool newly_required(const struct firm_row *old, const struct firm_row *row)
{
    return old && str_eqz(row->director_required, "是") && !str_eqz(old->director_required, "是");
}

static enum err wanted(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row, struct gaps *g)
{
    struct holders h;
    for (int i = 0; i < GAPS; i++)
        g->since[i] = NULL_INT;
    if (firm_pattern(c, row) < 0)
        return OK;
    enum err e = holders_read(c, row->id, &h);
    for (int i = PRINCIPAL; !e && i <= OFFICER; i++) {
        bool due = i != DIRECTOR || str_eqz(row->director_required, "是");
        int64_t from = i == DIRECTOR && newly_required(old, row) ? c->today : due_from(c, row);
        if (due && !h.n[i])
            g->since[i] = h.left[i] != NULL_INT && h.left[i] >= from ? h.left[i] + 1 : from;
    }
    if (!e && h.director_is_officer)
        g->since[SAME_PERSON] = c->today;
    return e;
}

/* --- keeping ---------------------------------------------------------------------------------- */

static enum err gap_write(struct ctx *c, int64_t firm, int i, int64_t since)
{
    struct q q;
    bool put = since != NULL_INT;
    q_begin(&q, c->db, put ? SQL_post_gap_put : SQL_post_gap_drop);
    q_int(&q, "id", firm * GAPS + i);
    q_int(&q, "firm", firm);
    if (put) {
        q_str(&q, "code", str_z(codes[i]));
        q_int(&q, "since", since);
    }
    return db_fail(c, q_send(&q));
}

/* A gap that stays keeps the day it began. */
static enum err refresh(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct gaps had, now;
    enum err e = old ? stored(c, row->id, &had) : OK;
    for (int i = 0; !old && i < GAPS; i++)
        had.since[i] = NULL_INT;
    if (!e)
        e = wanted(c, old, row, &now);
    for (int i = 0; !e && i < GAPS; i++) {
        bool was = had.since[i] != NULL_INT, is = now.since[i] != NULL_INT;
        if (was != is)
            e = gap_write(c, row->id, i, now.since[i]);
    }
    if (e)
        return e;
    count_gaps(c, old ? old->org_path : row->org_path, &had, -1);
    count_gaps(c, row->org_path, &now, 1);
    return OK;
}

enum err firm_gap_follow(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    bool matters = !old ? firm_pattern(c, row) >= 0
                        : (firm_pattern(c, old) >= 0) != (firm_pattern(c, row) >= 0) ||
                              !str_eq(old->director_required, row->director_required) ||
                              !str_eq(old->org_path, row->org_path);
    return matters ? refresh(c, old, row) : OK;
}

enum err firm_posts_changed(struct ctx *c, int64_t firm)
{
    struct firm_row row;
    enum err e = rec_get(c, &kind_firm, firm, &row);
    return e ? e : refresh(c, &row, &row);
}
