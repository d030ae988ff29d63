/* Who may open which document. 公开属性 belongs to each document, not to the chain (H12). */
#include "core/app.h"
#include "feature/notice/notice_impl.h"

bool notice_above(struct str up, struct str path)
{
    return up.n && str_starts(path, up);
}

void bind_prefixes(struct ctx *c, struct q *q, struct str path)
{
    static const char *const names[NOTICE_LEVELS] = {"p1", "p2", "p3", "p4", "p5", "p6"};
    for (size_t i = 0; i < NOTICE_LEVELS; i++)
        q_str(q, names[i], keep(c, str_sub(path, 0, (i + 1) * NOTICE_SEGMENT)));
}

static void bind_one(struct q *q, struct str path)
{
    static const char *const names[NOTICE_LEVELS] = {"p1", "p2", "p3", "p4", "p5", "p6"};
    for (size_t i = 0; i < NOTICE_LEVELS; i++)
        q_str(q, names[i], path);
}

enum err notice_count_of(
    struct ctx *c, enum sql_id id, const struct notice_row *n, struct str path, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "notice", n->id);
    bind_prefixes(c, &q, path);
    return db_fail(c, q_one_int(&q, ret));
}

/* Whether the authority was sent the document or one that passes it on; below: or stands below one
 * that was. */
static enum err received(struct ctx *c, const struct notice_row *n, bool below, bool *ret)
{
    struct q q;
    int64_t count = 0;
    q_begin(&q, c->db, SQL_notice_reaches);
    q_int(&q, "root", n->root);
    q_int(&q, "id", n->id);
    if (below)
        bind_prefixes(c, &q, c->actor.org_path);
    else
        bind_one(&q, c->actor.org_path);
    enum err e = q_one_int(&q, &count);
    *ret = count > 0;
    return db_fail(c, e);
}

static enum err org_may(struct ctx *c, const struct notice_row *n, bool *ret)
{
    bool closed = str_eqz(n->openness, "closed");
    if (str_eqz(n->state, "draft")) {
        *ret = n->org == c->actor.org;
        return OK;
    }
    *ret = n->org == c->actor.org || str_eqz(n->openness, "open") ||
           (!closed && scope_has(c, n->org_path));
    return *ret ? OK : received(c, n, !closed, ret);
}

enum err notice_covers_firm(
    struct ctx *c, const struct notice_row *n, const struct firm_row *firm, bool *ret)
{
    int64_t sent = 0;
    *ret = false;
    if (n->to_firms != 1 || !notice_above(n->org_path, firm->org_path))
        return OK;
    *ret = n->everyone == 1;
    enum err e = *ret ? OK : notice_count_of(c, SQL_notice_sent_to, n, firm->org_path, &sent);
    *ret = *ret || sent > 0;
    return e;
}

/* Of what is not open to everyone, a firm sees what it is to be told of, and the covers with which
 * the authorities above it passed that on. */
static enum err firm_may(struct ctx *c, const struct notice_row *n, bool *ret)
{
    struct firm_row firm;
    *ret = str_eqz(n->openness, "open") && !str_eqz(n->state, "draft");
    if (*ret || !str_eqz(n->openness, "on_request") || str_eqz(n->state, "draft"))
        return OK;
    enum err e = firm_need(c, c->actor.firm, &firm);
    if (e)
        return e;
    *ret = n->to_firms != 1 && n->tell != NULL_INT && notice_above(n->org_path, firm.org_path);
    if (n->to_firms != 1)
        return OK;
    bool other = (str_eqz(n->audience, "producer") && str_eqz(firm.kind, "seller")) ||
                 (str_eqz(n->audience, "seller") && str_eqz(firm.kind, "producer"));
    return other ? OK : notice_covers_firm(c, n, &firm, ret);
}

enum err notice_read(struct ctx *c, int64_t id, struct notice_row *ret)
{
    bool may = false;
    enum err e = id > 0 ? rec_get(c, &kind_notice, id, ret) : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (e)
        return e;
    if (c->actor.firm > 0)
        e = firm_may(c, ret, &may);
    else if (c->actor.org_path.n)
        e = org_may(c, ret, &may);
    if (e)
        return e;
    return may ? OK : fail(c, ERR_NOT_FOUND, NULL, NULL);
}

enum err notice_own(struct ctx *c, int64_t id, struct notice_row *ret)
{
    enum err e = notice_read(c, id, ret);
    if (e)
        return e;
    return ret->org == c->actor.org
               ? OK
               : fail(c, ERR_FORBIDDEN, NULL, "这份文件是其他机关的，只能由印发机关办理");
}

enum err notice_target(struct ctx *c, const struct notice_row *n, struct notice_row *ret)
{
    if (n->tell == NULL_INT)
        return fail(c, ERR_STATE, "notice", "这份文件没有要求传达到企业");
    if (n->tell == n->id) {
        *ret = *n;
        return OK;
    }
    return rec_get(c, &kind_notice, n->tell, ret);
}

struct str json_text(struct ctx *c, json_fn *fn, void *arg)
{
    struct buf b;
    struct jw w;
    buf_init(&b, NOTICE_BYTES);
    jw_init(&w, &b);
    fn(&w, arg);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}
