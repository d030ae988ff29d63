/* How files belong together: branches and their head office, what was split from what, what was
 * merged into what. Nothing is deleted: a relation that no longer holds is voided with a reason. */
#include "core/batch.h"
#include "core/codes.h"
#include "feature/ledger/firm_follow.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

enum { ACCOUNTS_MAX = 500, PAIRS_MAX = 100 };

enum err link_add(struct ctx *c, struct firm_link_row *row, const char *label)
{
    struct note n = {.label = label, .text = row->reason};
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = 1;
    if (row->day == NULL_INT)
        row->day = c->today;
    return rec_insert(c, &kind_firm_link, row, &n);
}

/* --- listing ---------------------------------------------------------------------------------- */

static struct str label_of(struct ctx *c, struct str kind, bool mine)
{
    if (mine)
        return str_eqz(kind, "branch") ? S("总部") : code_label(c, "firm_link_kind", kind);
    if (str_eqz(kind, "branch"))
        return S("分支机构");
    return str_eqz(kind, "split") ? S("由本单位分立") : S("并入本档案");
}

enum err op_link_list(struct ctx *c, const struct firm_ref *in, struct link_list *ret)
{
    struct firm_row firm;
    struct q q;
    struct link_item *items = arena_new(c->a, struct link_item, 500);
    size_t n = 0;
    enum err e = items ? firm_need(c, in->firm, &firm) : fail(c, ERR_NOMEM, NULL, NULL);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_link_of_firm);
    q_int(&q, "firm", firm.id);
    while (n < 500 && q_row(&q)) {
        struct link_item *it = &items[n++];
        bool mine = q_get_int(&q, 2) == firm.id, inside = scope_has(c, q_get_str(&q, 7));
        desc_clear(&link_item_desc, it);
        it->id = q_get_int(&q, 0);
        it->kind = keep(c, q_get_str(&q, 1));
        it->label = label_of(c, it->kind, mine);
        it->inside = inside;
        it->firm = inside ? q_get_int(&q, mine ? 3 : 2) : NULL_INT;
        it->day = q_get_int(&q, 4);
        it->reason = keep(c, q_get_str(&q, 5));
        it->name = keep(c, q_get_str(&q, 6));
        it->org_name = keep(c, q_get_str(&q, 8));
    }
    ret->items = (struct vec){items, n};
    return db_fail(c, q_end(&q));
}

/* --- branch and split ------------------------------------------------------------------------- */

static enum err link_count(
    struct ctx *c, enum sql_id id, const struct firm_link_row *row, bool *ret)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", row->firm);
    q_str(&q, "kind", row->kind);
    q_int(&q, "other", row->other);
    enum err e = q_one_int(&q, &n);
    *ret = n > 0;
    return db_fail(c, e);
}

static enum err check_link(struct ctx *c, const struct firm_link_row *row)
{
    struct firm_link_row back = *row;
    bool same = false, circle = false;
    if (row->firm == row->other)
        complain(c, S("other"), "same", "对方单位：不能是自己");
    if (str_eqz(row->kind, "merged"))
        complain(c, S("kind"), "procedure", "并入请在“疑似重复”中合并");
    if (row->day != NULL_INT && row->day > c->today)
        complain(c, S("day"), "range", "日期不能晚于今天");
    enum err e = link_count(c, SQL_link_same, row, &same);
    back.firm = row->other;
    back.other = row->firm;
    if (!e)
        e = link_count(c, SQL_link_above, &back, &circle);
    if (same)
        complain(c, S("other"), "duplicate", "对方单位：这一关系已经登记过");
    if (circle)
        complain(c, S("other"), "circle", "对方单位：已经是本单位的下级，关系不能绕成一圈");
    return e ? e : checked(c);
}

enum err op_link_create(struct ctx *c, const struct link_new *in, struct life_done *ret)
{
    struct firm_row firm, other;
    struct firm_link_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = firm_need(c, in->other, &other);
    if (!e)
        e = life_alive(c, &firm);
    if (!e)
        e = life_alive(c, &other);
    if (e)
        return e;
    desc_clear(&firm_link_row_desc, &row);
    row.firm = firm.id;
    row.kind = in->kind;
    row.other = other.id;
    row.day = in->day;
    row.reason = in->reason;
    e = check_link(c, &row);
    bool branch = str_eqz(in->kind, "branch");
    if (!e)
        e = link_add(c, &row, branch ? "登记为分支机构" : "登记分立关系");
    if (!e)
        e = journal_event(c, other.id, branch ? "登记分支机构" : "登记由本单位分立", firm.name);
    *ret = (struct life_done){row.id, S("open"), STR_NULL};
    return e;
}

enum err op_link_void(struct ctx *c, const struct link_void *in, struct life_done *ret)
{
    struct firm_link_row old, row;
    struct firm_row firm;
    struct note n = {.label = "解除关系", .text = in->reason};
    enum err e = in->link > 0 ? rec_get(c, &kind_firm_link, in->link, &old)
                              : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e)
        e = firm_need(c, old.firm, &firm);
    if (!e && str_eqz(old.kind, "merged"))
        e = fail(c, ERR_STATE, NULL, "并入关系请在“疑似重复”中撤销合并");
    if (!e && old.void_reason.p)
        e = fail(c, ERR_STATE, NULL, "这一关系已经解除");
    if (e)
        return e;
    row = old;
    row.void_reason = in->reason;
    row.version++;
    e = rec_update(c, &kind_firm_link, &old, &row, &n);
    *ret = (struct life_done){row.id, S("void"), STR_NULL};
    return e;
}

/* --- merging ---------------------------------------------------------------------------------- */

static enum err merged_refuse(struct ctx *c, const struct firm_row *firm)
{
    struct q q;
    struct str into = S("另一份档案");
    q_begin(&q, c->db, SQL_link_merged_into);
    q_int(&q, "firm", firm->id);
    if (q_row(&q))
        into = keep(c, q_get_str(&q, 1));
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    return failf(c, ERR_STATE, NULL, "“%.*s”已经并入“%.*s”，不能再合并；请改为与后者比较",
        STR_ARG(firm->name), STR_ARG(into));
}

static enum err check_merge(struct ctx *c, const struct firm_row *gone, const struct firm_row *kept)
{
    int64_t open = 0;
    if (firm_is_merged(gone))
        return merged_refuse(c, gone);
    if (firm_is_merged(kept))
        return merged_refuse(c, kept);
    enum err e = life_count(c, SQL_transfer_open, gone->id, &open);
    if (!e && open)
        e = failf(c, ERR_STATE, NULL, "“%.*s”正在办理迁移，请先办结再合并", STR_ARG(gone->name));
    return e;
}

static enum err accounts_stop(struct ctx *c, const struct firm_row *gone, struct str reason)
{
    int64_t ids[ACCOUNTS_MAX];
    size_t n = 0;
    struct q q;
    q_begin(&q, c->db, SQL_accounts_of_firm);
    q_int(&q, "firm", gone->id);
    while (n < ACCOUNTS_MAX && q_row(&q))
        ids[n++] = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    for (size_t i = 0; !e && i < n; i++)
        e = account_stop(c, ids[i], reason);
    return e;
}

/* Other suspicions about the entry that is gone now concern the one that stays. */
static enum err pair_follows(struct ctx *c, const struct twin_row *old, int64_t gone, int64_t kept)
{
    struct twin_row t = *old;
    struct firm_row a, b;
    struct note n = {.silent = true};
    int64_t third = old->a == gone ? old->b : old->a;
    if (!str_eqz(old->state, "open") || third == kept)
        return OK;
    t.state = S("merged");
    t.opinion = S("其中一方已并入别的档案，改为与后者比较");
    t.version++;
    enum err e = rec_update(c, &kind_twin, old, &t, &n);
    if (!e)
        e = rec_get(c, &kind_firm, third, &a);
    if (!e)
        e = rec_get(c, &kind_firm, kept, &b);
    if (e || firm_is_merged(&a))
        return e;
    struct twin_pair p = {
        third, kept, path_common(c, a.org_path, b.org_path), {(int)old->score, 0}};
    return twin_keep(c, &p, NULL);
}

static enum err pairs_follow(struct ctx *c, enum sql_id id, int64_t gone, int64_t kept)
{
    struct q q;
    struct vec rows;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", gone);
    enum err e = db_fail(c, q_all(&q, &twin_row_desc, &rows, c->a));
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct twin_row full;
        e = rec_get(c, &kind_twin, ((struct twin_row *)rows.p)[i].id, &full);
        if (!e)
            e = pair_follows(c, &full, gone, kept);
    }
    return e;
}

static enum err grade_ends(struct ctx *c, struct firm_row *row)
{
    struct grade_change_row old, g;
    struct note n = {.label = "档案并入，人工调整结束"};
    if (row->grade_override == NULL_INT)
        return OK;
    enum err e = rec_get(c, &kind_grade_change, row->grade_override, &old);
    g = old;
    g.state = S("expired");
    g.version++;
    row->grade_override = NULL_INT;
    return e ? e : rec_update(c, &kind_grade_change, &old, &g, &n);
}

enum err firm_merge(struct ctx *c, int64_t gone, int64_t kept, struct str reason)
{
    struct firm_row old, row, into;
    struct firm_link_row link;
    enum err e = rec_get(c, &kind_firm, gone, &old);
    if (!e)
        e = rec_get(c, &kind_firm, kept, &into);
    if (!e)
        e = check_merge(c, &old, &into);
    if (e)
        return e;
    struct note n = {.label = LIFE_MERGED_LABEL,
        .text = arena_fmt(c->a, "并入“%.*s”（编号%lld）：%.*s", STR_ARG(into.name), (long long)kept,
            STR_ARG(reason))};
    row = old;
    row.state = S("merged");
    row.abnormal = S("51");
    e = grade_ends(c, &row);
    if (!e)
        e = firm_change(c, &old, &row, &n);
    desc_clear(&firm_link_row_desc, &link);
    link.firm = gone;
    link.kind = S("merged");
    link.other = kept;
    link.reason = reason;
    if (!e)
        e = link_add(c, &link, "登记并入");
    if (!e)
        e = journal_event(c, kept, "并入档案",
            arena_fmt(c->a, "“%.*s”（编号%lld）并入本档案：%.*s", STR_ARG(old.name),
                (long long)gone, STR_ARG(reason)));
    if (!e)
        e = firm_followed(c, firm_merge_followers, &row, &into);
    if (!e)
        e = accounts_stop(c, &old, S("档案已合并，请按保留的档案重新邀请"));
    if (!e)
        e = pairs_follow(c, SQL_twin_of_firm_a, gone, kept);
    return e ? e : pairs_follow(c, SQL_twin_of_firm_b, gone, kept);
}
