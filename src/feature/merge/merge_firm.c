/* Firms, and every record that hangs on them. A firm that stands in both stores by its credit code
 * is never doubled silently: the merge is refused, or the choice made beforehand counts. */
#include "core/kinds.h"
#include "feature/merge/merge_impl.h"

/* --- the same firm ---------------------------------------------------------------------------- */

/* The sites of a code in a store: how many, and the last of them. */
struct sites {
    int64_t n, id;
    struct str name;
};

static enum err sites_of(struct merging *x, struct db_conn *db, struct str uscc, struct sites *ret)
{
    struct q q;
    *ret = (struct sites){0};
    if (!uscc.n)
        return OK;
    q_begin(&q, db, SQL_firm_by_code);
    q_str(&q, "uscc", uscc);
    while (q_row(&q)) {
        ret->n++;
        ret->id = q_get_int(&q, 0);
        ret->name = arena_str(&x->r->a, q_get_str(&q, 1));
    }
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

static enum err firm_plan(
    struct merging *x, const struct firm_row *row, int64_t from, struct merge_firm **ret)
{
    if (!firms_room(x))
        return ERR_NOMEM;
    *ret = &x->firms[x->nfirms++];
    **ret = (struct merge_firm){.from = from,
        .org = merge_org_at(x, row->org),
        .duty_from = row->duty_from,
        .week_mask = row->week_mask,
        .holidays_off = row->holidays_off};
    return OK;
}

/* Its duties are those that the target's firm has. */
static enum err firm_join(struct merging *x, int64_t from, const struct sites *there)
{
    struct firm_row own;
    struct merge_firm *f;
    struct q q;
    desc_clear(&firm_row_desc, &own);
    q_begin(&q, x->c->db, SQL_firm_get);
    q_int(&q, "id", there->id);
    enum err e = q_one(&q, &firm_row_desc, &own, &x->a);
    if (!e)
        e = firm_plan(x, &own, from, &f);
    if (e)
        return e;
    f->to = own.id;
    f->org = NULL;
    f->path = own.org_path;
    f->joined = true;
    return merge_map_add(&merge_table_of(&x->m, "firm")->map, from, own.id);
}

static enum merge_line_kind line_for(const struct merging *x, bool alone)
{
    if (x->spec->same == MERGE_SAME_BOTH)
        return MERGE_LINE_two_sites;
    if (x->spec->same == MERGE_SAME_REFUSE)
        return MERGE_LINE_same_firm;
    return alone ? MERGE_LINE_joined_firm : MERGE_LINE_many_sites;
}

static enum err firm_meet(void *arg, void *each)
{
    struct merging *x = arg;
    const struct firm_row *row = each;
    struct sites here, there;
    struct merge_firm *f;
    enum err e = sites_of(x, x->c->db, row->uscc, &there);
    if (!e)
        e = there.n ? sites_of(x, x->m.from, row->uscc, &here) : OK;
    if (e)
        return e;
    bool alone = there.n == 1 && here.n == 1;
    if (there.n)
        merge_line_add(x, line_for(x, alone),
            arena_fmt(&x->r->a, "%.*s（%.*s）", STR_ARG(row->name), STR_ARG(row->uscc)),
            there.name);
    if (alone && x->spec->same == MERGE_SAME_KEEP)
        return firm_join(x, row->id, &there);
    e = firm_plan(x, row, row->id, &f);
    return e ? e : merge_map_add(&merge_table_of(&x->m, "firm")->map, row->id, MERGE_NEW);
}

enum err plan_firms(struct merging *x)
{
    return merge_each(&x->m, &kind_firm, firm_meet, x);
}

struct merge_firm *merge_firm_at(struct merging *x, int64_t from)
{
    size_t low = 0, high = x->nfirms;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (x->firms[mid].from < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low < x->nfirms && x->firms[low].from == from ? &x->firms[low] : NULL;
}

bool merge_joined(struct merging *x, int64_t from)
{
    const struct merge_firm *f = merge_firm_at(x, from);
    return f && f->joined;
}

/* --- firms ------------------------------------------------------------------------------------ */

static enum err firm_joined(struct merging *x, const struct merge_firm *f)
{
    struct str text = arena_fmt(&x->row,
        "由库 %s 并入同一单位的日管控记录和问题（原库编号 %lld）；单位资料以本库为准", x->r->store,
        (long long)f->from);
    return journal_event(x->c, f->to, "并入", text);
}

static enum err firm_take_row(void *arg, void *each)
{
    struct taking *t = arg;
    struct merging *x = t->x;
    struct firm_row *row = each;
    struct merge_firm *f = merge_firm_at(x, row->id);
    struct str code = row->temp_code;
    char hex[17] = "";
    int64_t jseq = row->jseq;
    bool left = false;
    arena_reset(&x->row);
    if (f->joined)
        return firm_joined(x, f);
    enum err e = merge_row(&x->m, &kind_firm, row, &left);
    if (e || left)
        return e;
    hex_put(x->r->head, 8, hex);
    struct note n = {.label = "并入",
        .text = arena_fmt(&x->row, "由库 %s 并入：原库存证 %lld，原库末批次 %lld，批次头 %s…%s%.*s",
            x->r->store, (long long)jseq, (long long)x->r->seals, hex,
            code.n ? "；原临时编号 " : "", STR_ARG(code))};
    e = firm_take(x->c, row, &n);
    if (code.n)
        merge_line_add(x, MERGE_LINE_temp_code, code, row->temp_code);
    f->to = row->id;
    f->path = arena_str(&x->a, row->org_path);
    t->n++;
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
    if (!merge_joined(x, row->firm) && str_eqz(row->state, "open"))
        merge_line_add(x, MERGE_LINE_invite, row->person, STR_NULL);
    return merge_map_add(&merge_table_of(&x->m, "invite")->map, row->id, MERGE_NEW);
}

enum err plan_invites(struct merging *x)
{
    return merge_each(&x->m, &kind_invite, invite_meet, x);
}

static enum err invite_fix(struct merging *x, void *each, bool *skip)
{
    struct invite_row *row = each;
    (void)x;
    *skip = false;
    if (str_eqz(row->state, "open"))
        row->state = S("withdrawn");
    return OK;
}

static enum err view_fix(struct merging *x, void *each, bool *skip)
{
    const struct view_row *row = each;
    int64_t account = 0;
    enum err e = merge_ref(&x->m, "account", row->account, &account);
    *skip = account == 0;
    return e;
}

/* The bar of an assessment follows the person, who has been written before. */
static enum err assessment_fix(struct merging *x, void *each, bool *skip)
{
    struct assessment_row *row = each;
    struct person_row who;
    int64_t person = 0;
    *skip = false;
    enum err e = merge_ref(&x->m, "person", row->person, &person);
    if (!e)
        e = rec_get(x->c, &kind_person, person, &who);
    if (!e)
        row->id_idx = who.id_idx;
    return e;
}

static enum err posts_count(struct merging *x)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < x->nfirms; i++) {
        arena_reset(&x->row);
        e = x->firms[i].joined ? OK : firm_posts_changed(x->c, x->firms[i].to);
    }
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
        if (e || merge_joined(x, q_get_int(&q, 0)))
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
        {.x = x, .kind = &kind_product},
        {.x = x, .kind = &kind_person},
        {.x = x, .kind = &kind_invite, .fix = invite_fix},
        {.x = x, .kind = &kind_paper_check},
        {.x = x, .kind = &kind_grade_change},
        {.x = x, .kind = &kind_view, .fix = view_fix},
        {.x = x, .kind = &kind_suspension},
        {.x = x, .kind = &kind_risklist, .joins = true, .fix = same_risklist_fix},
        {.x = x, .kind = &kind_event, .joins = true},
        {.x = x, .kind = &kind_site},
        {.x = x, .kind = &kind_firm_doc},
        {.x = x, .kind = &kind_supplier},
        {.x = x, .kind = &kind_assessment, .fix = assessment_fix},
        {.x = x, .kind = &kind_hazard, .joins = true, .fix = same_hazard_fix},
        {.x = x, .kind = &kind_attachment, .joins = true, .fix = same_attachment_fix},
    };
    enum err e = OK;
    for (size_t i = 0; !e && i < sizeof kinds / sizeof *kinds; i++)
        e = take_kind(&kinds[i]);
    if (!e)
        e = posts_count(x);
    return e ? e : gaps_take(x);
}
