/* Telling firms: by visit, signed paper or phone note, one by one or many at once, and the firm's
 * own receipt (PL-66, PL-84, PL-89). A firm may be told several times in several ways; it is
 * counted once, by the first record that stands. */
#include "core/app.h"
#include "core/codes.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

enum { MANY_MAX = 2000 };

/* --- counting -------------------------------------------------------------------------------- */

static enum err told_as(struct ctx *c, enum sql_id id, int64_t firm, int64_t notice,
    struct str *ret_way, int64_t *ret_day)
{
    struct q q;
    *ret_way = STR_NULL;
    *ret_day = NULL_INT;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", firm);
    q_int(&q, "notice", notice);
    if (q_row(&q)) {
        *ret_way = keep(c, q_get_str(&q, 0));
        *ret_day = q_get_int(&q, 1);
    }
    return db_fail(c, q_end(&q));
}

/* told_firm and the counters say what the first standing record says. */
static enum err told_settle(struct ctx *c, const struct notice_row *n, const struct firm_row *firm)
{
    struct str was, is;
    int64_t day_was, day;
    struct q q;
    enum err e = told_as(c, SQL_told_get, firm->id, n->id, &was, &day_was);
    if (!e)
        e = told_as(c, SQL_telling_first, firm->id, n->id, &is, &day);
    if (e || (was.n && str_eq(was, is) && day == day_was))
        return e;
    q_begin(&q, c->db, is.n ? SQL_told_put : SQL_told_drop);
    q_int(&q, "firm", firm->id);
    q_int(&q, "notice", n->id);
    if (is.n) {
        q_str(&q, "way", is);
        q_int(&q, "day", day);
    }
    e = q_exec(&q);
    if (e || !firm_is_told(c, firm, n->audience))
        return db_fail(c, e);
    if (was.n)
        tell_count(c, n->id, was, firm->org_path, -1);
    if (is.n)
        tell_count(c, n->id, is, firm->org_path, 1);
    return OK;
}

enum err telling_put(
    struct ctx *c, const struct notice_row *n, const struct firm_row *firm, struct telling_row *row)
{
    struct note note = {.label = "传达通知",
        .text = arena_fmt(c->a, "%.*s（%.*s）", STR_ARG(n->title),
            STR_ARG(code_label(c, "notice_way", row->way)))};
    row->notice = n->id;
    row->firm = firm->id;
    row->org_path = firm->org_path;
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = 1;
    enum err e = rec_insert(c, &kind_telling, row, &note);
    return e ? e : told_settle(c, n, firm);
}

/* --- judging --------------------------------------------------------------------------------- */

/* A visit that took place stays a fact when the document was withdrawn meanwhile: a phone may send
 * it later. */
static enum err told_of(struct ctx *c, int64_t id, struct notice_row *ret)
{
    struct notice_row page;
    enum err e = notice_read(c, id, &page);
    if (!e && str_eqz(page.state, "draft"))
        e = fail(c, ERR_STATE, "notice", "文件还没有发出，不能登记传达");
    return e ? e : notice_target(c, &page, ret);
}

static enum err firm_fits(struct ctx *c, const struct notice_row *n, const struct firm_row *firm)
{
    bool covered;
    enum err e = notice_covers_firm(c, n, firm, &covered);
    bool other = (str_eqz(n->audience, "producer") && str_eqz(firm->kind, "seller")) ||
                 (str_eqz(n->audience, "seller") && str_eqz(firm->kind, "producer"));
    if (e)
        return e;
    if (!covered)
        return fail(c, ERR_STATE, "firm", "这份文件没有下发到该单位所在的机关，不用登记");
    return other ? failf(c, ERR_STATE, "firm", "这份文件的传达对象是%.*s，该单位不是",
                       STR_ARG(code_label(c, "notice_audience", n->audience)))
                 : OK;
}

static void way_judge(struct ctx *c, const struct notice_row *n, struct str way, int64_t day)
{
    if (str_eqz(way, "receipt"))
        complain(c, S("way"), "range", "手机阅读由企业自己确认，这里请选上门、纸质签收或电话");
    if (day != NULL_INT && day > c->today)
        complain(c, S("day"), "range", "传达日期不能晚于今天，请核对");
    else if (day != NULL_INT && n->doc_day != NULL_INT && day < n->doc_day)
        complain(c, S("day"), "range", "传达日期早于文件的印发日期，请核对");
}

static enum err scan_judge(struct ctx *c, const struct telling_new *in)
{
    struct attachment_row a;
    struct ctx probe = *c;
    if (in->attachment == NULL_INT)
        return OK;
    enum err e =
        in->attachment > 0 ? rec_get(&probe, &kind_attachment, in->attachment, &a) : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND || (!e && a.firm != in->firm)) {
        complain(c, S("attachment"), "unknown", "扫描件没有找到，请重新上传");
        return OK;
    }
    return db_fail(c, e);
}

static enum err judge(struct ctx *c, const struct notice_row *n, const struct telling_new *in)
{
    bool paper = str_eqz(in->way, "paper");
    way_judge(c, n, in->way, in->day);
    if (!in->told.n)
        complain(c, S("told"), "required", "请写明告诉了谁（姓名、职务）");
    if (paper && in->attachment == NULL_INT && !in->note.n)
        complain(c, S("note"), "required", "没有扫描件时，请写明签收单存放在哪里");
    enum err e = scan_judge(c, in);
    return e ? e : checked(c);
}

/* --- one firm -------------------------------------------------------------------------------- */

static void view_of(const struct telling_row *r, struct telling_view *v)
{
    *v = (struct telling_view){.id = r->id,
        .notice = r->notice,
        .firm = r->firm,
        .way = r->way,
        .day = r->day,
        .told = r->told,
        .note = r->note,
        .attachment = r->attachment,
        .void_reason = r->void_reason,
        .void_by = r->void_by,
        .at = r->at,
        .by_name = r->by_name};
}

/* The same record sent again by a phone that lost the answer. */
static enum err sent_before(
    struct ctx *c, const struct telling_new *in, int64_t notice, int64_t *ret)
{
    struct q q;
    *ret = NULL_INT;
    if (!in->key.n)
        return OK;
    q_begin(&q, c->db, SQL_telling_by_key);
    q_int(&q, "firm", in->firm);
    q_int(&q, "notice", notice);
    q_str(&q, "key", in->key);
    enum err e = q_one_int(&q, ret);
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

enum err op_telling_create(struct ctx *c, const struct telling_new *in, struct telling_view *ret)
{
    struct notice_row n;
    struct firm_row firm;
    struct telling_row row;
    int64_t before = NULL_INT;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = told_of(c, in->notice, &n);
    if (!e)
        e = sent_before(c, in, n.id, &before);
    if (!e && before != NULL_INT) {
        e = rec_get(c, &kind_telling, before, &row);
        if (!e)
            view_of(&row, ret);
        return e;
    }
    if (!e)
        e = firm_fits(c, &n, &firm);
    if (!e)
        e = judge(c, &n, in);
    if (e)
        return e;
    desc_clear(&telling_row_desc, &row);
    row.way = in->way;
    row.day = in->day;
    row.told = in->told;
    row.note = in->note;
    row.attachment = in->attachment;
    row.key = in->key;
    row.device_at = in->device_at;
    e = telling_put(c, &n, &firm, &row);
    if (!e)
        view_of(&row, ret);
    return e;
}

enum err op_telling_list(struct ctx *c, const struct telling_ref *in, struct telling_list *ret)
{
    struct notice_row n;
    struct firm_row firm;
    struct q q;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = told_of(c, in->notice, &n);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_tellings_of);
    q_int(&q, "firm", in->firm);
    q_int(&q, "notice", n.id);
    return db_fail(c, q_all(&q, &telling_view_desc, &ret->items, c->a));
}

/* A record made by mistake: by who made it, or by who may issue in that authority or above. What
 * the firm confirmed itself stays. */
enum err op_telling_void(struct ctx *c, const struct telling_void *in, struct telling_view *ret)
{
    struct telling_row old, row;
    struct firm_row firm;
    struct notice_row n;
    struct note note = {.label = "作废传达记录", .text = in->reason};
    enum err e = in->telling > 0 ? rec_get(c, &kind_telling, in->telling, &old)
                                 : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e)
        e = firm_need(c, old.firm, &firm);
    if (!e)
        e = rec_get(c, &kind_notice, old.notice, &n);
    if (e)
        return e;
    if (str_eqz(old.way, "receipt"))
        return fail(c, ERR_STATE, NULL, "企业自己确认的阅读不能作废");
    if (old.void_reason.p)
        return fail(c, ERR_STATE, NULL, "这条记录已经作废");
    if (old.by_account != c->actor.account && !can(c, PERM_NOTICE_WRITE))
        return fail(c, ERR_FORBIDDEN, NULL, "只能作废自己登记的记录，其他人的请找本机关业务人员");
    row = old;
    row.void_reason = in->reason;
    row.void_by = c->actor.name;
    row.version++;
    e = rec_update(c, &kind_telling, &old, &row, &note);
    if (!e)
        e = told_settle(c, &n, &firm);
    if (!e)
        view_of(&row, ret);
    return e;
}

/* --- many firms ------------------------------------------------------------------------------ */

struct many {
    struct ctx *c;
    const struct tell_many *in;
    struct notice_row n;
    struct tell_many_item *items;
    size_t count;
    int64_t recorded;
};

static enum err unreached_below(struct many *m, struct firm_pick **ret, size_t *ret_n)
{
    struct ctx *c = m->c;
    struct org_row at;
    struct q q;
    enum err e = org_load(c, m->in->org, &at);
    *ret = arena_new(c->a, struct firm_pick, MANY_MAX + 1);
    if (e || !*ret)
        return fail(c, e ? e : ERR_NOMEM, "org", NULL);
    q_begin(&q, c->db, SQL_tell_unreached);
    q_str(&q, "path", at.path);
    q_str(&q, "end", scope_end(c->a, at.path));
    q_int(&q, "notice", m->n.id);
    q_int(&q, "limit", MANY_MAX + 1);
    for (*ret_n = 0; *ret_n <= MANY_MAX && q_row(&q); ++*ret_n)
        (*ret)[*ret_n].firm = q_get_int(&q, 0);
    e = q_end(&q);
    if (!e && *ret_n > MANY_MAX)
        return failf(
            c, ERR_TOO_LARGE, "org", "一次最多登记 %d 家，请选下一级机关分批登记", MANY_MAX);
    return db_fail(c, e);
}

static struct tell_many_item *verdict(struct many *m, int64_t firm, const char *v, const char *text)
{
    struct tell_many_item *it = &m->items[m->count++];
    *it = (struct tell_many_item){.firm = firm, .verdict = str_z(v), .text = str_z(text)};
    return it;
}

static enum err put_one(struct many *m, const struct firm_row *firm)
{
    struct telling_row row;
    desc_clear(&telling_row_desc, &row);
    row.way = m->in->way;
    row.day = m->in->day;
    row.note = m->in->note;
    return telling_put(m->c, &m->n, firm, &row);
}

static enum err many_one(struct many *m, int64_t id)
{
    struct ctx probe = *m->c;
    struct firm_row firm;
    struct str way;
    int64_t day;
    enum err e = firm_need(&probe, id, &firm);
    if (e == ERR_NOT_FOUND)
        return verdict(m, id, "absent", "没有这家单位，或不在您的管辖范围内"), OK;
    if (!e)
        e = told_as(m->c, SQL_told_get, id, m->n.id, &way, &day);
    if (e)
        return fail(m->c, e, NULL, NULL);
    if (way.n)
        return verdict(m, id, "told", "已经传达过，不再登记")->name = firm.name, OK;
    e = firm_in_telling(m->c, &firm) ? firm_fits(&probe, &m->n, &firm) : ERR_STATE;
    if (e == ERR_STATE)
        return verdict(m, id, "other", "不是这份文件的传达对象")->name = firm.name, OK;
    if (!e && m->in->preview != 1)
        e = put_one(m, &firm);
    if (e)
        return fail(m->c, e, NULL, NULL);
    verdict(m, id, "record", m->in->preview == 1 ? "将登记" : "已登记")->name = firm.name;
    m->recorded++;
    return OK;
}

enum err op_telling_many(struct ctx *c, const struct tell_many *in, struct tell_many_done *ret)
{
    struct many m = {.c = c, .in = in};
    struct firm_pick *picks = in->firms.p;
    size_t n = in->firms.n;
    enum err e = told_of(c, in->notice, &m.n);
    if (e)
        return e;
    way_judge(c, &m.n, in->way, in->day);
    if ((n > 0) == (in->org != NULL_INT))
        complain(c, S("firms"), "required", "请选择单位，或选择一个机关（登记它还没传达的单位）");
    e = checked(c);
    if (!e && !n)
        e = unreached_below(&m, &picks, &n);
    if (e)
        return e;
    m.items = arena_new(c->a, struct tell_many_item, n + 1);
    if (!m.items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; !e && i < n; i++)
        e = many_one(&m, picks[i].firm);
    if (e)
        return e;
    ret->preview = in->preview == 1;
    ret->recorded = m.recorded;
    ret->skipped = (int64_t)m.count - m.recorded;
    ret->items = (struct vec){m.items, m.count};
    return OK;
}
