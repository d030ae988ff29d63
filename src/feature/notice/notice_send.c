/* Sending a document down the tree, signing for it, and the list of its receivers (PL-1, PL-83,
 * PL-88). */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

/* The authority's copy of a document; ERR_NOT_FOUND without fail being set. */
static enum err copy_of(struct ctx *c, int64_t notice, int64_t org, struct notice_send_row *ret)
{
    struct q q;
    desc_clear(&notice_send_row_desc, ret);
    q_begin(&q, c->db, SQL_notice_send_of);
    q_int(&q, "notice", notice);
    q_int(&q, "org", org);
    enum err e = q_one(&q, &notice_send_row_desc, ret, c->a);
    return e == ERR_NOT_FOUND ? e : db_fail(c, e);
}

static enum err receiver_load(
    struct ctx *c, const struct notice_row *n, int64_t org, struct str field, struct org_row *ret)
{
    struct ctx probe = *c;
    enum err e = org > 0 ? org_get(&probe, org, ret) : ERR_NOT_FOUND;
    if (e && e != ERR_NOT_FOUND)
        return fail(c, e, NULL, NULL);
    if (e || !notice_above(n->org_path, ret->path) || org == n->org)
        complain(c, field, "range", "只能下发给本机关的下级机关，请重新选择");
    else if (ret->valid_to != NULL_INT && ret->valid_to < c->today)
        complain(c, field, "range", "%.*s已停用，请选择接替它的机关", STR_ARG(ret->name));
    else
        return OK;
    return ERR_INVALID;
}

enum err notice_send_to(struct ctx *c, const struct notice_row *n, int64_t org, struct str field)
{
    struct org_row to;
    struct notice_send_row s;
    struct note note = {.label = "下发通知"};
    enum err e = receiver_load(c, n, org, field, &to);
    if (e)
        return e == ERR_INVALID ? OK : e; /* all complaints are told together */
    e = copy_of(c, n->id, org, &s);
    if (e != ERR_NOT_FOUND)
        return e;
    desc_clear(&notice_send_row_desc, &s);
    s.notice = n->id;
    s.root = n->root;
    s.org = org;
    s.org_path = to.path;
    s.sent_at = c->now;
    s.sent_by = c->actor.account;
    s.sender_name = c->actor.name;
    s.version = 1;
    note.text = to.name;
    return rec_insert(c, &kind_notice_send, &s, &note);
}

enum err op_notice_sign(struct ctx *c, const struct notice_sign *in, struct notice_view *ret)
{
    struct notice_row n;
    struct notice_send_row old, s;
    struct note note = {.label = "签收来文", .text = in->note};
    enum err e = notice_read(c, in->notice, &n);
    if (!e)
        e = copy_of(c, n.id, c->actor.org, &old);
    if (e == ERR_NOT_FOUND)
        return fail(c, c->err ? e : ERR_STATE, "notice", "这份文件没有下发给本机关，不用签收");
    if (e)
        return e;
    if (old.signed_at != NULL_INT)
        return failf(c, ERR_STATE, "notice", "本机关已由%.*s签收", STR_ARG(old.signer_name));
    s = old;
    s.signed_at = c->now;
    s.signed_by = c->actor.account;
    s.signer_name = c->actor.name;
    s.sign_note = in->note;
    s.version++;
    e = rec_update(c, &kind_notice_send, &old, &s, &note);
    return e ? e : notice_show(c, &n, ret);
}
