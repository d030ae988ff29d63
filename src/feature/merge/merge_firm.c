/* Firms, and every record that hangs on them. A firm that stands in both stores by its credit code
 * is never doubled silently: the merge is refused, or the choice made beforehand counts. */
#include "core/kinds.h"
#include "feature/merge/merge_impl.h"

/* --- the same firm ---------------------------------------------------------------------------- */

static enum err same_firm(struct merging *x, const struct firm_row *row, struct str *ret)
{
    struct q q;
    *ret = STR_NULL;
    if (!row->uscc.n)
        return OK;
    q_begin(&q, x->c->db, SQL_firm_by_code);
    q_str(&q, "uscc", row->uscc);
    if (q_row(&q))
        *ret = arena_str(&x->r->a, q_get_str(&q, 1));
    return q_end(&q);
}

static bool firms_room(struct merging *x)
{
    if (x->nfirms < x->firms_room)
        return true;
    size_t room = x->firms_room ? x->firms_room * 2 : 1024;
    struct merge_firm *more = arena_new(&x->a, struct merge_firm, room);
    if (more && x->nfirms)
        memcpy(more, x->firms, x->nfirms * sizeof *more);
    x->firms = more;
    x->firms_room = room;
    return more != NULL;
}

static enum err firm_meet(void *arg, void *each)
{
    static const enum merge_line_kind told[] = {
        MERGE_LINE_same_firm, MERGE_LINE_left_firm, MERGE_LINE_two_sites};
    struct merging *x = arg;
    const struct firm_row *row = each;
    struct str other;
    enum err e = same_firm(x, row, &other);
    if (e)
        return e;
    if (other.p)
        merge_line_add(x, told[x->spec->same],
            arena_fmt(&x->r->a, "%.*s（%.*s）", STR_ARG(row->name), STR_ARG(row->uscc)), other);
    bool left = other.p && x->spec->same == MERGE_SAME_KEEP;
    struct merge_map *map = &merge_table_of(&x->m, "firm")->map;
    e = merge_map_add(map, row->id, left ? MERGE_LEFT : MERGE_NEW);
    if (e || left)
        return e;
    if (!firms_room(x))
        return ERR_NOMEM;
    x->firms[x->nfirms++] = (struct merge_firm){.from = row->id,
        .org = merge_org_at(x, row->org),
        .duty_from = row->duty_from,
        .week_mask = row->week_mask,
        .holidays_off = row->holidays_off};
    return OK;
}

enum err plan_firms(struct merging *x)
{
    return merge_each(&x->m, &kind_firm, firm_meet, x);
}

/* --- firms ------------------------------------------------------------------------------------ */

static enum err firm_take_row(void *arg, void *each)
{
    struct taking *t = arg;
    struct merging *x = t->x;
    struct firm_row *row = each;
    const unsigned char *head = x->r->head;
    char hex[17] = "";
    int64_t jseq = row->jseq;
    bool left = false;
    arena_reset(&x->row);
    enum err e = merge_row(&x->m, &kind_firm, row, &left);
    if (e || left)
        return e;
    hex_put(head, 8, hex);
    struct note n = {.label = "并入",
        .text = arena_fmt(&x->row, "由库 %s 并入：原库存证 %lld，原库末批次 %lld，批次头 %s…",
            x->r->store, (long long)jseq, (long long)x->r->seals, hex)};
    e = firm_take(x->c, row, &n);
    x->firms[t->n].to = row->id;
    x->firms[t->n++].path = arena_str(&x->a, row->org_path);
    merge_step(x, "单位");
    return e;
}

enum err take_firms(struct merging *x)
{
    struct taking t = {.x = x, .kind = &kind_firm};
    x->done = 0;
    x->total = (int64_t)x->nfirms;
    enum err e = merge_each(&x->m, &kind_firm, firm_take_row, &t);
    merge_count_set(x, kind_firm.name, kind_firm.label, t.n);
    return e;
}

/* --- what hangs on them ----------------------------------------------------------------------- */

/* The codes of invitations are hashed with a key of the old store: whoever still holds an open one
 * must be invited again. */
static enum err invite_meet(void *arg, void *each)
{
    struct merging *x = arg;
    const struct invite_row *row = each;
    int64_t firm = 0;
    enum err e = merge_ref(&x->m, "firm", row->firm, &firm);
    if (!e && firm != MERGE_LEFT && str_eqz(row->state, "open"))
        merge_line_add(x, MERGE_LINE_invite, row->person, STR_NULL);
    return e ? e : merge_map_add(&merge_table_of(&x->m, "invite")->map, row->id, MERGE_NEW);
}

enum err plan_invites(struct merging *x)
{
    return merge_each(&x->m, &kind_invite, invite_meet, x);
}

static enum err invite_fix(struct merging *x, void *each, bool *skip)
{
    struct invite_row *row = each;
    int64_t firm = 0;
    enum err e = merge_ref(&x->m, "firm", row->firm, &firm);
    *skip = firm == MERGE_LEFT;
    if (!e && !*skip && str_eqz(row->state, "open"))
        row->state = S("withdrawn");
    return e;
}

static enum err view_fix(struct merging *x, void *each, bool *skip)
{
    const struct view_row *row = each;
    int64_t account = 0;
    enum err e = merge_ref(&x->m, "account", row->account, &account);
    *skip = account == 0;
    return e;
}

static enum err gaps_take(struct merging *x)
{
    struct q q, put;
    enum err e = OK;
    q_begin(&q, x->m.from, SQL_merge_gaps);
    while (!e && q_row(&q)) {
        int64_t firm = 0;
        e = merge_ref(&x->m, "firm", q_get_int(&q, 0), &firm);
        if (e || firm == MERGE_LEFT)
            continue;
        q_begin(&put, x->c->db, SQL_merge_gap_put);
        q_int(&put, "firm", firm);
        q_int(&put, "from_day", q_get_int(&q, 1));
        q_int(&put, "to_day", q_get_int(&q, 2));
        e = q_send(&put);
    }
    enum err end = q_end(&q);
    return e ? e : end;
}

enum err take_records(struct merging *x)
{
    struct taking kinds[] = {
        {x, &kind_product, NULL, 0},
        {x, &kind_person, NULL, 0},
        {x, &kind_invite, invite_fix, 0},
        {x, &kind_paper_check, NULL, 0},
        {x, &kind_grade_change, NULL, 0},
        {x, &kind_view, view_fix, 0},
        {x, &kind_risklist, NULL, 0},
        {x, &kind_suspension, NULL, 0},
        {x, &kind_hazard, NULL, 0},
        {x, &kind_attachment, NULL, 0},
    };
    enum err e = OK;
    for (size_t i = 0; !e && i < sizeof kinds / sizeof *kinds; i++)
        e = take_kind(&kinds[i]);
    return e ? e : gaps_take(x);
}
