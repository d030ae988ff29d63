/* A document from draft to withdrawal. What is issued does not change: another text is a new
 * version that replaces it, and only the office's contact may be set anew (PL-3, PL-82). */
#include "core/app.h"
#include "core/batch.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

static enum err check_version(struct ctx *c, const struct notice_row *n)
{
    struct notice_view now;
    if (c->if_match == n->version)
        return OK;
    struct ctx probe = *c;
    if (notice_show(&probe, n, &now) == OK) {
        struct buf b;
        struct jw w;
        buf_init(&b, NOTICE_BYTES);
        jw_init(&w, &b);
        desc_json(&notice_view_desc, &now, &w);
        c->reply.current = b.err ? STR_NULL : keep(c, buf_str(&b));
        buf_free(&b);
    }
    return fail(c, ERR_STALE, NULL, NULL);
}

static enum err own_in_state(
    struct ctx *c, int64_t id, const char *state, bool version, struct notice_row *ret)
{
    enum err e = notice_own(c, id, ret);
    if (!e && version)
        e = check_version(c, ret);
    if (!e && !str_eqz(ret->state, state))
        e = fail(c, ERR_STATE, "state",
            strcmp(state, "draft") == 0 ? "已发出的文件不能再改；要改内容请起草新版本代替它"
                                        : "只有已发出的文件才能这样办");
    return e;
}

/* --- the text -------------------------------------------------------------------------------- */

struct paras {
    const struct notice_para *p;
    size_t n;
};

static void write_body(struct jw *w, void *arg)
{
    const struct paras *all = arg;
    jw_arr(w);
    for (size_t i = 0; i < all->n; i++) {
        jw_obj(w);
        jw_key(w, "heading");
        jw_bool(w, all->p[i].heading == 1);
        jw_key(w, "text");
        jw_str(w, all->p[i].text);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

/* The members that a draft and an edit of it share. */
struct text {
    struct str title, doc_no, openness, cc, basis, audience, cited_no;
    struct str contact_office, contact_person, contact_phone;
    int64_t doc_day, to_firms;
    struct vec body;
};

#define TEXT_OF(in)                                                                                \
    {                                                                                              \
        (in)->title, (in)->doc_no, (in)->openness, (in)->cc, (in)->basis, (in)->audience,          \
            (in)->cited_no, (in)->contact_office, (in)->contact_person, (in)->contact_phone,       \
            (in)->doc_day, (in)->to_firms, (in)->body                                              \
    }

static void text_put(struct ctx *c, const struct text *t, struct notice_row *row)
{
    struct paras all = {t->body.p, t->body.n};
    row->title = t->title;
    row->doc_no = t->doc_no.n ? t->doc_no : STR_NULL;
    row->doc_day = t->doc_day;
    row->openness = t->openness;
    row->cc = t->cc;
    row->body = json_text(c, write_body, &all);
    row->basis = t->basis;
    row->to_firms = t->to_firms == 1;
    row->audience = row->to_firms == 1 ? (t->audience.n ? t->audience : S("all")) : STR_NULL;
    row->cited_no = t->cited_no.n ? t->cited_no : STR_NULL;
    row->contact_office = t->contact_office;
    row->contact_person = t->contact_person;
    row->contact_phone = t->contact_phone;
}

/* The rest of the chain is derived from the source. source may be NULL. */
static enum err text_judge(struct ctx *c, const struct notice_row *source, struct notice_row *row)
{
    bool firms = row->to_firms == 1;
    if (firms && str_eqz(row->openness, "closed"))
        complain(
            c, S("openness"), "range", "不予公开的文件不能传达到企业，请改公开属性或不勾选传达");
    if (firms && source && source->tell != NULL_INT)
        complain(c, S("to_firms"), "range",
            "所转发的文件已要求传达到每一个企业，按原文件登记即可，不要再设一次");
    if (row->cited_no.n && !source)
        complain(c, S("cited_no"), "range", "没有转发文件，不用填引用的文号");
    if (row->doc_day != NULL_INT && row->doc_day > c->today)
        complain(c, S("doc_day"), "range", "印发日期不能晚于今天，请核对年份");
    if (!row->body.p)
        complain(c, S("body"), "too_long", "正文太长，请把长的内容放进附件");
    row->root = source ? source->root : row->id;
    row->tell = firms ? row->id : (source ? source->tell : NULL_INT);
    return checked(c);
}

/* --- drafting -------------------------------------------------------------------------------- */

/* Only what was received and signed for is passed on, or an own document's chain. */
static enum err source_load(struct ctx *c, int64_t id, struct notice_row *ret)
{
    struct notice_send_row s;
    struct q q;
    desc_clear(&notice_send_row_desc, &s);
    enum err e = notice_read(c, id, ret);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_notice_send_of);
    q_int(&q, "notice", id);
    q_int(&q, "org", c->actor.org);
    e = q_one(&q, &notice_send_row_desc, &s, c->a);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    if (e)
        return fail(c, ERR_STATE, "source", "这份文件没有下发给本机关，不能转发");
    if (s.signed_at == NULL_INT)
        return fail(c, ERR_STATE, "source", "请先签收这份文件，再转发");
    return str_eqz(ret->state, "issued")
               ? OK
               : fail(c, ERR_STATE, "source", "这份文件已撤回或已有新版，请转发现行的那一份");
}

static enum err replaced_load(struct ctx *c, int64_t id, struct notice_row *ret)
{
    enum err e = notice_own(c, id, ret);
    if (e)
        return e;
    return str_eqz(ret->state, "issued")
               ? OK
               : fail(c, ERR_STATE, "replaces", "只能给已发出的现行文件起草新版本");
}

enum err op_notice_create(struct ctx *c, const struct notice_new *in, struct notice_view *ret)
{
    struct notice_row row, source, old;
    struct text t = TEXT_OF(in);
    struct note n = {.label = "起草通知", .text = in->title};
    bool forwards = in->source != NULL_INT;
    enum err e = forwards ? source_load(c, in->source, &source) : OK;
    if (!e && in->replaces != NULL_INT)
        e = replaced_load(c, in->replaces, &old);
    if (e)
        return e;
    desc_clear(&notice_row_desc, &row);
    row.id = id_next(c);
    row.org = c->actor.org;
    row.org_path = c->actor.org_path;
    row.state = S("draft");
    row.source = in->source;
    row.replaces = in->replaces;
    row.everyone = 0;
    row.created = c->now;
    row.created_by = c->actor.account;
    row.drafter = c->actor.name;
    row.version = 1;
    text_put(c, &t, &row);
    e = text_judge(c, forwards ? &source : NULL, &row);
    if (!e)
        e = rec_insert(c, &kind_notice, &row, &n);
    return e ? e : notice_show(c, &row, ret);
}

enum err op_notice_edit(struct ctx *c, const struct notice_edit *in, struct notice_view *ret)
{
    struct notice_row old, row, source;
    struct text t = TEXT_OF(in);
    struct note n = {.label = "修改草稿"};
    enum err e = own_in_state(c, in->notice, "draft", true, &old);
    if (!e && old.source != NULL_INT)
        e = rec_get(c, &kind_notice, old.source, &source);
    if (e)
        return e;
    row = old;
    row.version++;
    text_put(c, &t, &row);
    e = text_judge(c, old.source != NULL_INT ? &source : NULL, &row);
    if (!e)
        e = rec_update(c, &kind_notice, &old, &row, &n);
    return e ? e : notice_show(c, &row, ret);
}

/* --- issuing --------------------------------------------------------------------------------- */

static enum err number_judge(struct ctx *c, const struct notice_row *row)
{
    struct q q;
    int64_t taken = 0;
    if (!row->doc_no.n)
        complain(c, S("doc_no"), "required", "请填写文号，写法与印发的文件一致");
    if (row->doc_day == NULL_INT)
        complain(c, S("doc_day"), "required", "请填写印发日期");
    if (row->source != NULL_INT && !row->cited_no.n)
        complain(c, S("cited_no"), "required", "请填写本文件引用来文时写的文号");
    enum err e = checked(c);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_notice_no_taken);
    q_int(&q, "org", row->org);
    q_str(&q, "doc_no", row->doc_no);
    q_int(&q, "id", row->id);
    q_int(&q, "replaces", row->replaces == NULL_INT ? -1 : row->replaces);
    e = q_one_int(&q, &taken);
    if (e)
        return db_fail(c, e);
    return taken ? fail(c, ERR_CONFLICT, "doc_no", "这个文号已用在本机关另一份现行文件上，请核对")
                 : OK;
}

static enum err files_fix(struct ctx *c, struct notice_row *row)
{
    struct vec files = {0};
    struct buf b;
    struct q q;
    q_begin(&q, c->db, SQL_notice_files);
    q_int(&q, "notice", row->id);
    enum err e = q_all(&q, &notice_file_desc, &files, c->a);
    if (e)
        return db_fail(c, e);
    buf_init(&b, 4000);
    for (size_t i = 0; i < files.n; i++)
        buf_fmt(&b, i ? ",%lld" : "%lld", (long long)((struct notice_file *)files.p)[i].id);
    row->files = files.n ? keep(c, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return OK;
}

static enum err replace_old(struct ctx *c, const struct notice_row *by, struct str reason)
{
    struct notice_row old, row;
    struct note n = {.label = "由新版代替", .text = reason};
    if (by->replaces == NULL_INT)
        return OK;
    if (!reason.n) {
        complain(c, S("reason"), "required", "请写明为什么要用新版代替旧版");
        return checked(c);
    }
    enum err e = replaced_load(c, by->replaces, &old);
    if (e)
        return e;
    row = old;
    row.state = S("replaced");
    row.end_reason = reason;
    row.version++;
    return rec_update(c, &kind_notice, &old, &row, &n);
}

/* The receiver's copy of the source remembers with what it was passed on. */
static enum err mark_forwarded(struct ctx *c, const struct notice_row *row)
{
    struct notice_send_row old, s;
    struct note n = {.label = "转发来文", .text = row->title};
    struct q q;
    if (row->source == NULL_INT)
        return OK;
    desc_clear(&notice_send_row_desc, &old);
    q_begin(&q, c->db, SQL_notice_send_of);
    q_int(&q, "notice", row->source);
    q_int(&q, "org", row->org);
    enum err e = q_one(&q, &notice_send_row_desc, &old, c->a);
    if (e)
        return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
    s = old;
    s.forwarded = row->id;
    s.version++;
    return rec_update(c, &kind_notice_send, &old, &s, &n);
}

static enum err send_all(struct ctx *c, const struct notice_row *n, const struct vec *orgs)
{
    const struct org_pick *picks = orgs->p;
    enum err e = OK;
    for (size_t i = 0; !e && i < orgs->n; i++)
        e = notice_send_to(c, n, picks[i].org, arena_fmt(c->a, "orgs.%lld.org", (long long)i));
    return e ? e : checked(c);
}

enum err op_notice_issue(struct ctx *c, const struct notice_issue *in, struct notice_view *ret)
{
    struct notice_row old, row;
    struct note n = {.label = "发出通知"};
    enum err e = own_in_state(c, in->notice, "draft", true, &old);
    if (!e)
        e = number_judge(c, &old);
    if (e)
        return e;
    row = old;
    row.state = S("issued");
    row.everyone = in->everyone == 1 && row.to_firms == 1;
    row.issued_at = c->now;
    row.issued_by = c->actor.account;
    row.issuer_name = c->actor.name;
    row.version++;
    n.text = row.title;
    if (!in->orgs.n && !(row.everyone == 1))
        return fail(c, ERR_INVALID, "orgs", "请选择下发给哪些机关");
    e = replace_old(c, &row, in->reason);
    if (!e)
        e = files_fix(c, &row);
    if (!e)
        e = rec_update(c, &kind_notice, &old, &row, &n);
    if (!e)
        e = send_all(c, &row, &in->orgs);
    if (!e)
        e = mark_forwarded(c, &row);
    return e ? e : notice_show(c, &row, ret);
}

enum err op_notice_dispatch(
    struct ctx *c, const struct notice_dispatch *in, struct notice_view *ret)
{
    struct notice_row n;
    enum err e = own_in_state(c, in->notice, "issued", false, &n);
    if (!e)
        e = send_all(c, &n, &in->orgs);
    return e ? e : notice_show(c, &n, ret);
}

/* --- after issuing --------------------------------------------------------------------------- */

enum err op_notice_withdraw(
    struct ctx *c, const struct notice_withdraw *in, struct notice_view *ret)
{
    struct notice_row old, row;
    struct note n = {.label = "撤回通知", .text = in->reason};
    enum err e = own_in_state(c, in->notice, "issued", true, &old);
    if (e)
        return e;
    row = old;
    row.state = S("withdrawn");
    row.end_reason = in->reason;
    row.version++;
    e = rec_update(c, &kind_notice, &old, &row, &n);
    return e ? e : notice_show(c, &row, ret);
}

enum err op_notice_contact(struct ctx *c, const struct notice_contact *in, struct notice_view *ret)
{
    struct notice_row old, row;
    struct note n = {.label = "更改联系方式"};
    enum err e = notice_own(c, in->notice, &old);
    if (!e)
        e = check_version(c, &old);
    if (e)
        return e;
    row = old;
    row.contact_office = in->contact_office;
    row.contact_person = in->contact_person;
    row.contact_phone = in->contact_phone;
    row.version++;
    e = rec_update(c, &kind_notice, &old, &row, &n);
    return e ? e : notice_show(c, &row, ret);
}
