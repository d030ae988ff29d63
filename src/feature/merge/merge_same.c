/* --same-firm keep-target: a firm that stands in both stores stays as the target has it. The
 * source's daily records of days on which the target has none, its hazards and risk lists, and the
 * files of these, are attached to the target's firm; its own particulars, people, papers and users
 * stay behind in the old store.
 *
 * Risk lists come below the editions that are there (0, -1, …), so that the list in use stays in
 * use; daily records keep naming the edition they were made with. A hazard whose daily record stays
 * behind names none. */
#include "domain/dutyday.h"
#include "feature/merge/merge_impl.h"

static enum err filed_there(struct merging *x, int64_t firm, int64_t day, bool *ret)
{
    struct q q;
    q_begin(&q, x->c->db, SQL_daily_newest);
    q_int(&q, "first", daily_id(day, firm, 1));
    q_int(&q, "last", daily_id(day, firm, DAILY_VERSIONS));
    *ret = q_row(&q);
    return q_end(&q);
}

/* Decided at the first version of a day; the others follow it. */
enum err same_daily_stays(
    struct merging *x, struct merge_firm *f, const struct daily_row *row, bool *ret)
{
    enum err e = OK;
    if (f->decided != row->day) {
        f->decided = row->day;
        e = filed_there(x, f->to, row->day, &f->stays);
    }
    *ret = f->stays;
    x->dailies_left += f->stays;
    return e;
}

/* The ends of a firm's editions; NULL_INT without any. */
static enum err editions(struct db_conn *db, int64_t firm, int64_t *ret_low, int64_t *ret_high)
{
    struct q q;
    *ret_low = *ret_high = NULL_INT;
    q_begin(&q, db, SQL_merge_editions);
    q_int(&q, "firm", firm);
    if (q_row(&q)) {
        *ret_low = q_get_int(&q, 0);
        *ret_high = q_get_int(&q, 1);
    }
    return q_end(&q);
}

enum err same_risklist_fix(struct merging *x, void *each, bool *skip)
{
    struct risklist_row *row = each;
    struct merge_firm *f = merge_firm_at(x, row->firm);
    int64_t low = 0, high = 0, none = 0;
    enum err e = OK;
    *skip = false;
    if (!f || !f->joined)
        return OK;
    if (!f->shift) {
        e = editions(x->m.from, f->from, &none, &high);
        if (!e)
            e = editions(x->c->db, f->to, &low, &none);
        f->shift = high + 1 - (low == NULL_INT || low > 1 ? 1 : low);
    }
    row->edition -= f->shift;
    return e;
}

/* The daily records of hazards are written after them: what the target has now it had before. */
enum err same_hazard_fix(struct merging *x, void *each, bool *skip)
{
    struct hazard_row *row = each;
    struct merge_firm *f = merge_firm_at(x, row->firm);
    bool stays = false;
    enum err e = OK;
    *skip = false;
    if (!f || !f->joined || !str_eqz(row->source, "daily") || row->source_ref == NULL_INT)
        return OK;
    e = filed_there(x, f->to, (row->source_ref >> 38) + DAILY_EPOCH, &stays);
    if (stays)
        row->source_ref = NULL_INT;
    return e;
}

/* Files of the firm itself and of what stays behind stay behind. */
enum err same_attachment_stays(struct merging *x, const struct attachment_row *row, bool *ret)
{
    const struct merge_firm *f = merge_firm_at(x, row->firm);
    *ret = row->firm <= 0; /* it belongs to what stays in the old store */
    if (!f || !f->joined || str_eqz(row->owner_kind, "hazard"))
        return OK;
    *ret = true;
    if (!str_eqz(row->owner_kind, "daily"))
        return OK;
    return filed_there(x, f->to, (row->owner >> 38) + DAILY_EPOCH, ret);
}

enum err same_attachment_fix(struct merging *x, void *each, bool *skip)
{
    return same_attachment_stays(x, each, skip);
}

/* What a day of the target's firm gains by a record that was attached to it. */
void same_day_count(struct merging *x, struct merge_firm *f, int64_t day)
{
    int64_t before[COUNTER_COLS], after[COUNTER_COLS];
    if (!f->filed)
        return;
    duty_taken_on(x->c, f->facts, day, 0, before);
    duty_taken_on(x->c, f->facts, day, f->filed, after);
    f->filed = 0;
    for (int i = 0; i < COUNTER_COLS; i++)
        after[i] -= before[i];
    count_add(x->c, &duty_day_counter, day, f->path, after);
}
