/* Questions of firms to their authority (PL-63), opinions and complaints of anyone to the top
 * authority (D13), and their answers. A question may be passed to the authority above; whoever
 * answers, the asker sees it. */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

static bool feedback(const struct question_row *q)
{
    return !str_eqz(q->kind, "question");
}

static bool answers(struct ctx *c, const struct question_row *q)
{
    return q->org == c->actor.org && can(c, feedback(q) ? PERM_FEEDBACK : PERM_ANSWER);
}

/* A question: its firm's people, and the authorities it lies under. An opinion or complaint: its
 * author, and who is to answer it; nobody else, not even within the author's firm or authority. */
static bool may_see(struct ctx *c, const struct question_row *q)
{
    if (q->asked_by == c->actor.account || answers(c, q))
        return true;
    if (feedback(q))
        return false;
    return c->actor.firm > 0 ? c->actor.firm == q->firm
                             : scope_has(c, q->first_path) && can(c, PERM_NOTICE_READ);
}

static enum err question_need(struct ctx *c, int64_t id, struct question_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_question, id, ret) : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e && !may_see(c, ret))
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    return e;
}

/* --- the page -------------------------------------------------------------------------------- */

struct may {
    struct ctx *c;
    const struct question_row *q;
    bool asker, above;
};

static void write_actions(struct jw *w, void *arg)
{
    const struct may *m = arg;
    bool open = str_eqz(m->q->state, "open"), closed = str_eqz(m->q->state, "closed");
    bool mine = answers(m->c, m->q);
    jw_arr(w);
    if (mine && !closed)
        jw_strz(w, "answer");
    if (mine && open && m->above && !feedback(m->q))
        jw_strz(w, "forward");
    if (m->asker && !closed)
        jw_strz(w, "ask");
    if (m->asker && str_eqz(m->q->state, "answered"))
        jw_strz(w, "close");
    jw_end_arr(w);
}

static bool is_asker(struct ctx *c, const struct question_row *q)
{
    return q->asked_by == c->actor.account ||
           (!feedback(q) && c->actor.firm > 0 && c->actor.firm == q->firm);
}

static enum err firm_name_of(struct ctx *c, int64_t firm, struct str *ret)
{
    struct firm_row row;
    enum err e = firm > 0 ? rec_get(c, &kind_firm, firm, &row) : ERR_NOT_FOUND;
    *ret = e ? STR_NULL : row.name;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err show(struct ctx *c, const struct question_row *row, struct question_view *ret)
{
    struct may m = {c, row, is_asker(c, row), path_level(c->actor.org_path) > 1};
    struct q q;
    desc_clear(&question_view_desc, ret);
    ret->id = row->id;
    ret->version = row->version;
    ret->kind = row->kind;
    ret->state = row->state;
    ret->title = row->title;
    ret->page = row->page;
    ret->firm = row->firm;
    ret->asker_name = row->asker_name;
    ret->asked_at = row->asked_at;
    ret->org_name = org_name(c, row->org);
    ret->mine = m.asker;
    ret->seen = row->seen;
    ret->actions = json_text(c, write_actions, &m);
    c->reply.version = row->version;
    enum err e = firm_name_of(c, row->firm, &ret->firm_name);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_question_posts);
    q_int(&q, "question", row->id);
    return db_fail(c, q_all(&q, &question_post_view_desc, &ret->posts, c->a));
}

enum err op_question_get(struct ctx *c, const struct question_ref *in, struct question_view *ret)
{
    struct question_row row;
    enum err e = question_need(c, in->question, &row);
    return e ? e : show(c, &row, ret);
}

/* --- asking ---------------------------------------------------------------------------------- */

static enum err post_add(struct ctx *c, const struct question_row *q, struct str kind,
    struct str text, struct str to_org)
{
    struct question_post_row p;
    struct note n = {.silent = true};
    bool speaks = !str_eqz(kind, "ask") && !str_eqz(kind, "close");
    desc_clear(&question_post_row_desc, &p);
    p.question = q->id;
    p.kind = kind;
    p.text = text.n ? text : S("");
    p.org = speaks ? c->actor.org : NULL_INT;
    p.org_name = speaks ? c->actor.org_name : STR_NULL;
    p.to_org_name = to_org;
    p.at = c->now;
    p.by_account = c->actor.account;
    p.by_name = c->actor.name;
    return rec_insert(c, &kind_question_post, &p, &n);
}

static enum err top_org(struct ctx *c, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_top);
    enum err e = q_one_int(&q, ret);
    return e == ERR_NOT_FOUND ? fail(c, ERR_STATE, NULL, "系统里还没有机关，暂时不能提交")
                              : db_fail(c, e);
}

/* To whom it goes: a question to the firm's own authority, anything else to the top one. */
static enum err address(struct ctx *c, struct question_row *row)
{
    struct firm_row firm;
    row->first_path = S("");
    if (feedback(row))
        return top_org(c, &row->org);
    if (c->actor.firm <= 0)
        return fail(c, ERR_INVALID, "kind", "提问由企业向属地机关提出；您可以提意见建议或投诉");
    enum err e = firm_need(c, c->actor.firm, &firm);
    row->firm = firm.id;
    row->org = firm.org;
    row->first_path = firm.org_path;
    return e;
}

enum err op_question_create(struct ctx *c, const struct question_new *in, struct question_view *ret)
{
    struct question_row row;
    struct note n = {.label = "提问", .text = in->title};
    desc_clear(&question_row_desc, &row);
    row.kind = in->kind;
    row.state = S("open");
    row.title = in->title;
    row.page = in->page;
    row.asked_by = c->actor.account;
    row.asker_name = c->actor.name;
    row.asked_at = c->now;
    row.seen = 1;
    row.version = 1;
    enum err e = address(c, &row);
    n.silent = feedback(&row);
    if (!e)
        e = rec_insert(c, &kind_question, &row, &n);
    if (!e)
        e = post_add(c, &row, S("ask"), in->text, STR_NULL);
    return e ? e : show(c, &row, ret);
}

/* --- steps ----------------------------------------------------------------------------------- */

struct step {
    struct ctx *c;
    const struct question_step *in;
    struct question_row old, row;
    struct str to_org; /* name, of a forward */
};

static enum err step_ask(struct step *s)
{
    if (!is_asker(s->c, &s->old))
        return fail(s->c, ERR_FORBIDDEN, NULL, "只有提出的人可以追问");
    s->row.state = S("open");
    s->row.seen = 1;
    return OK;
}

static enum err step_answer(struct step *s)
{
    if (!answers(s->c, &s->old))
        return fail(s->c, ERR_FORBIDDEN, NULL, "这件事现在由另一个机关答复");
    s->row.state = S("answered");
    s->row.answered_at = s->c->now;
    s->row.seen = 0;
    return OK;
}

static enum err step_forward(struct step *s)
{
    struct org_row own, up;
    if (!answers(s->c, &s->old) || feedback(&s->old))
        return fail(s->c, ERR_FORBIDDEN, NULL, "这件事不能由本机关转给上级");
    enum err e = org_get(s->c, s->c->actor.org, &own);
    if (!e && own.parent == NULL_INT)
        return fail(s->c, ERR_STATE, NULL, "本机关已是最上一级，请直接答复");
    if (!e)
        e = org_get(s->c, own.parent, &up);
    s->row.org = up.id;
    s->to_org = up.name;
    return e;
}

static enum err step_close(struct step *s)
{
    if (!is_asker(s->c, &s->old))
        return fail(s->c, ERR_FORBIDDEN, NULL, "由提出的人确认办结");
    if (!str_eqz(s->old.state, "answered"))
        return fail(s->c, ERR_STATE, NULL, "还没有答复，不能办结");
    s->row.state = S("closed");
    s->row.seen = 1;
    return OK;
}

static const struct {
    const char *action;
    enum err (*run)(struct step *s);
    bool text;         /* must say something */
    const char *label; /* in the firm's history */
} steps[] = {{"ask", step_ask, true, "追问"}, {"answer", step_answer, true, "答复提问"},
    {"forward", step_forward, true, "提问转上级"}, {"close", step_close, false, "提问办结"}};

static enum err step_run(struct step *s, size_t i)
{
    struct ctx *c = s->c;
    struct note n = {.label = steps[i].label, .text = s->in->text, .silent = feedback(&s->old)};
    if (str_eqz(s->old.state, "closed"))
        return fail(c, ERR_STATE, NULL, "这件事已经办结；还有问题请另提一件");
    enum err e = steps[i].run(s);
    if (e)
        return e;
    if (steps[i].text && !s->in->text.n) {
        complain(c, S("text"), "required", "请写明内容");
        return checked(c);
    }
    s->row.version++;
    e = rec_update(c, &kind_question, &s->old, &s->row, &n);
    return e ? e : post_add(c, &s->row, s->in->action, s->in->text, s->to_org);
}

enum err op_question_step(struct ctx *c, const struct question_step *in, struct question_view *ret)
{
    struct step s = {.c = c, .in = in};
    size_t i = 0;
    enum err e = question_need(c, in->question, &s.old);
    if (e)
        return e;
    while (i < sizeof steps / sizeof *steps && !str_eqz(in->action, steps[i].action))
        i++;
    if (i == sizeof steps / sizeof *steps)
        return fail(c, ERR_NOT_FOUND, "action", "没有这一步");
    if (c->if_match != s.old.version)
        return fail(c, ERR_STALE, NULL, NULL);
    s.row = s.old;
    e = step_run(&s, i);
    return e ? e : show(c, &s.row, ret);
}

enum err op_question_seen(struct ctx *c, const struct question_ref *in, struct question_view *ret)
{
    struct question_row old, row;
    struct note n = {.silent = true};
    enum err e = question_need(c, in->question, &old);
    if (e)
        return e;
    row = old;
    if (is_asker(c, &old) && old.seen != 1) {
        row.seen = 1;
        row.version++;
        e = rec_update(c, &kind_question, &old, &row, &n);
    }
    return e ? e : show(c, &row, ret);
}
