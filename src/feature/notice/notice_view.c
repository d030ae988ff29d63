/* The page of a document: its text, the chain it came by, the covers that passed it on, and what
 * the reader can do with it. */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

/* --- the chain ------------------------------------------------------------------------------- */

static enum err link_of(struct ctx *c, int64_t id, struct notice_link *ret)
{
    struct q q;
    desc_clear(&notice_link_desc, ret);
    q_begin(&q, c->db, SQL_notice_link_of);
    q_int(&q, "id", id);
    return db_fail(c, q_one(&q, &notice_link_desc, ret, c->a));
}

/* A link may be shown to whoever reads a document of the chain: number, date and title stand in the
 * letter itself. Its text opens by its own 公开属性. */
static enum err link_opens(struct ctx *c, struct notice_link *l)
{
    struct notice_row n;
    struct ctx probe = *c; /* a refusal here is an answer, not a failure */
    enum err e = notice_read(&probe, l->id, &n);
    l->opens = e == OK;
    return e == OK || e == ERR_NOT_FOUND ? OK : fail(c, e, NULL, NULL);
}

/* From the original down to what n forwards. */
static enum err chain_load(struct ctx *c, const struct notice_row *n, struct vec *ret)
{
    struct notice_link *links = arena_new(c->a, struct notice_link, NOTICE_CHAIN_MAX);
    size_t at = NOTICE_CHAIN_MAX;
    enum err e = links ? OK : fail(c, ERR_NOMEM, NULL, NULL);
    for (int64_t id = n->source; !e && id != NULL_INT && at > 0; id = links[at].source) {
        e = link_of(c, id, &links[--at]);
        if (!e)
            e = link_opens(c, &links[at]);
        if (e)
            break;
    }
    *ret = (struct vec){links + at, NOTICE_CHAIN_MAX - at};
    return e;
}

static enum err covers_load(struct ctx *c, const struct notice_row *n, struct vec *ret)
{
    struct q q;
    struct firm_row firm;
    if (c->actor.firm > 0) {
        enum err e = firm_need(c, c->actor.firm, &firm);
        if (e)
            return e;
        q_begin(&q, c->db, SQL_notice_covers_above);
        bind_prefixes(c, &q, firm.org_path);
    } else {
        q_begin(&q, c->db, SQL_notice_covers);
        q_str(&q, "path", c->actor.org_path);
        q_str(&q, "end", scope_end(c->a, c->actor.org_path));
    }
    q_int(&q, "root", n->root);
    enum err e = q_all(&q, &notice_link_desc, ret, c->a);
    struct notice_link *links = ret->p;
    for (size_t i = 0; !e && i < ret->n; i++)
        e = link_opens(c, &links[i]);
    return db_fail(c, e);
}

/* --- what the reader can do ------------------------------------------------------------------ */

struct may {
    struct ctx *c;
    const struct notice_row *n;
    bool receiver, signed_for;
};

static void say(struct jw *w, bool may, const char *action)
{
    if (may)
        jw_strz(w, action);
}

static void write_actions(struct jw *w, void *arg)
{
    const struct may *m = arg;
    const struct notice_row *n = m->n;
    bool own = n->org == m->c->actor.org && can(m->c, PERM_NOTICE_WRITE);
    bool draft = str_eqz(n->state, "draft"), issued = str_eqz(n->state, "issued");
    bool writes = can(m->c, PERM_NOTICE_WRITE);
    jw_arr(w);
    say(w, own && draft, "edit");
    say(w, own && draft, "issue");
    say(w, own && issued, "dispatch");
    say(w, own && issued, "withdraw");
    say(w, own && issued, "revise");
    say(w, own && !draft, "contact");
    say(w, writes && m->receiver && !m->signed_for, "sign");
    say(w, writes && m->receiver && m->signed_for && issued, "forward");
    say(w, can(m->c, PERM_TELL) && issued && n->tell != NULL_INT, "tell");
    jw_end_arr(w);
}

static enum err receipt_load(struct ctx *c, const struct notice_row *n, struct notice_view *ret)
{
    struct notice_send_row s;
    struct may m = {c, n, false, false};
    struct q q;
    desc_clear(&notice_send_row_desc, &s);
    q_begin(&q, c->db, SQL_notice_send_of);
    q_int(&q, "notice", n->id);
    q_int(&q, "org", c->actor.org ? c->actor.org : -1);
    enum err e = q_one(&q, &notice_send_row_desc, &s, c->a);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    m.receiver = e == OK;
    m.signed_for = s.signed_at != NULL_INT;
    ret->sent_at = s.sent_at;
    ret->signed_at = s.signed_at;
    ret->signer_name = s.signer_name;
    ret->actions = json_text(c, write_actions, &m);
    return OK;
}

/* What the firm of the reader has of it. */
static enum err told_load(struct ctx *c, const struct notice_row *n, struct notice_view *ret)
{
    struct q q;
    if (c->actor.firm <= 0)
        return OK;
    q_begin(&q, c->db, SQL_told_get);
    q_int(&q, "firm", c->actor.firm);
    q_int(&q, "notice", n->id);
    if (q_row(&q))
        ret->told_day = q_get_int(&q, 1);
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    q_begin(&q, c->db, SQL_telling_receipt);
    q_int(&q, "firm", c->actor.firm);
    q_int(&q, "notice", n->id);
    return db_fail(c, q_one_int(&q, &ret->read_at));
}

/* --- the page -------------------------------------------------------------------------------- */

/* Of an issued document the files it was issued with, and no other. */
static bool issued_with(const struct notice_row *n, int64_t file)
{
    struct str rest = n->files;
    int64_t id;
    while (rest.n)
        if (str_int(str_cut(rest, ',', &rest), &id) && id == file)
            return true;
    return false;
}

static enum err files_load(struct ctx *c, const struct notice_row *n, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_notice_files);
    q_int(&q, "notice", n->id);
    enum err e = q_all(&q, &notice_file_desc, ret, c->a);
    struct notice_file *files = ret->p;
    size_t kept = 0;
    for (size_t i = 0; !e && i < ret->n; i++)
        if (str_eqz(n->state, "draft") || issued_with(n, files[i].id))
            files[kept++] = files[i];
    ret->n = kept;
    return db_fail(c, e);
}

static void copy_text(const struct notice_row *n, struct notice_view *ret)
{
    ret->id = n->id;
    ret->version = n->version;
    ret->org = n->org;
    ret->state = n->state;
    ret->title = n->title;
    ret->doc_no = n->doc_no;
    ret->doc_day = n->doc_day;
    ret->openness = n->openness;
    ret->cc = n->cc;
    ret->body = n->body;
    ret->basis = n->basis;
    ret->to_firms = n->to_firms;
    ret->audience = n->audience;
    ret->everyone = n->everyone;
    ret->source = n->source;
    ret->cited_no = n->cited_no;
    ret->tell = n->tell;
    ret->replaces = n->replaces;
    ret->contact_office = n->contact_office;
    ret->contact_person = n->contact_person;
    ret->contact_phone = n->contact_phone;
    ret->end_reason = n->end_reason;
    ret->issued_at = n->issued_at;
    ret->issuer_name = n->issuer_name;
    ret->drafter = n->drafter;
}

static enum err newer(struct ctx *c, const struct notice_row *n, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_notice_newer);
    q_int(&q, "org", n->org);
    q_int(&q, "id", n->id);
    enum err e = q_one_int(&q, ret);
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

enum err notice_show(struct ctx *c, const struct notice_row *n, struct notice_view *ret)
{
    desc_clear(&notice_view_desc, ret);
    copy_text(n, ret);
    ret->org_name = org_name(c, n->org);
    enum err e = files_load(c, n, &ret->files);
    if (!e)
        e = chain_load(c, n, &ret->chain);
    if (!e)
        e = covers_load(c, n, &ret->covers);
    if (!e)
        e = newer(c, n, &ret->replaced_by);
    if (!e)
        e = receipt_load(c, n, ret);
    if (!e)
        e = told_load(c, n, ret);
    c->reply.version = n->version;
    return e;
}

enum err op_notice_get(struct ctx *c, const struct notice_ref *in, struct notice_view *ret)
{
    struct notice_row n;
    enum err e = notice_read(c, in->notice, &n);
    return e ? e : notice_show(c, &n, ret);
}

enum err op_own_notice_get(struct ctx *c, const struct notice_ref *in, struct notice_view *ret)
{
    return op_notice_get(c, in, ret);
}
