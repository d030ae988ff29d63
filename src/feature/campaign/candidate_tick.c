/* Ticking candidates off: 在范围 makes or links the firm's draft, 不在范围 says why, 查无 gives the
 * evidence (PL-26, PL-31). One or many; a change of an earlier result says why. */
#include <unistd.h>

#include "core/codes.h"
#include "domain/uscc.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ops.h"

#define SURVEY_REASON "10" /* 全覆盖摸底 */

enum { IDS_MAX = 500, TOWN_CODE = 9 };

/* What is said of a candidate, of one or of many alike. */
struct tick {
    struct str state, why, note, kind;
};

struct refusal {
    const char *field, *text;
};

static bool settled(const struct candidate_row *row)
{
    return !str_eqz(row->state, "pending");
}

/* Why a result cannot stand; text NULL when it can. The candidate may be matched already. */
static struct refusal refuse(const struct tick *t, const struct candidate_row *row)
{
    if (str_eqz(t->state, "pending"))
        return (struct refusal){"state", "核对结果：请选在范围、不在范围或查无"};
    if (str_eqz(t->state, "out") && !t->why.n)
        return (struct refusal){"why", "不在范围的原因：必须选择"};
    if (str_eqz(t->state, "out") && str_eqz(t->why, "other") && !t->note.n)
        return (struct refusal){"note", "说明：选了其他原因，请写明"};
    if (str_eqz(t->state, "none") && !t->note.n)
        return (struct refusal){"note", "证据：查无要写明怎样查找的（到过哪里、问过谁、登记情况）"};
    if (settled(row) && !str_eq(row->state, t->state) && !t->note.n)
        return (struct refusal){"note", "说明：改变原来的核对结果，请写明原因"};
    if (str_eqz(t->state, "in") && row->firm == NULL_INT && !row->kind.n && !t->kind.n)
        return (struct refusal){"kind", "单位类别：名单没有写明，请选生产或销售"};
    return (struct refusal){NULL, NULL};
}

/* --- the firm's draft --------------------------------------------------------------------------
 */

static enum err make_draft(struct ctx *c, struct candidate_row *row)
{
    struct firm_row firm;
    struct firm_products none = {S(""), S("")};
    struct note n = {.label = "摸底建档"};
    desc_clear(&firm_row_desc, &firm);
    firm.kind = row->kind;
    firm.org = row->org;
    firm.org_path = row->org_path;
    firm.town = row->town.n >= TOWN_CODE ? row->town : STR_NULL;
    firm.name = row->name;
    firm.uscc = row->uscc;
    firm.entity_type = row->uscc.n ? uscc_entity(row->uscc) : STR_NULL;
    firm.site_address = row->address;
    firm.entry_reason = codes_join(c, row->reasons, S(SURVEY_REASON));
    firm.source = S("摸底");
    enum err e = firm_add(c, &firm, &none, &n);
    row->firm = firm.id;
    row->matched = S("made");
    return e;
}

/* The reasons a linked firm does not have yet are added, never removed (PL-31). */
static enum err add_reasons(struct ctx *c, const struct candidate_row *row)
{
    struct firm_row old, firm;
    struct note n = {.label = "摸底增加录入原因"};
    enum err e = rec_get(c, &kind_firm, row->firm, &old);
    if (e)
        return e;
    firm = old;
    firm.entry_reason =
        codes_join(c, codes_join(c, old.entry_reason, row->reasons), S(SURVEY_REASON));
    return str_eq(firm.entry_reason, old.entry_reason) ? OK : firm_change(c, &old, &firm, &n);
}

static enum err settle_firm(struct ctx *c, const struct tick *t, struct candidate_row *row)
{
    if (!str_eqz(t->state, "in"))
        return OK;
    if (t->kind.n && !row->kind.n)
        row->kind = t->kind;
    return row->firm == NULL_INT ? make_draft(c, row) : add_reasons(c, row);
}

/* --- one ---------------------------------------------------------------------------------------
 */

static enum err put(
    struct ctx *c, const struct tick *t, const struct candidate_row *old, struct candidate_row *row)
{
    struct note n = {
        .label = keep(c, code_label(c, "candidate_state", t->state)).p, .text = t->note};
    row->state = t->state;
    row->why = str_eqz(t->state, "out") ? t->why : STR_NULL;
    row->note = t->note.n ? t->note : STR_NULL;
    row->ticked_at = c->now;
    row->ticked_by = c->actor.account;
    row->ticked_name = c->actor.name;
    enum err e = settle_firm(c, t, row);
    return e ? e : candidate_change(c, old, row, &n);
}

/* Two people ticked the same one: both see what is stored. */
static enum err stale(struct ctx *c, const struct candidate_row *row)
{
    c->reply.current = campaign_row_text(c, &candidate_row_desc, row);
    return failf(c, ERR_STALE, "state", "%.*s 已由%.*s核为“%.*s”，请核对后再保存",
        STR_ARG(row->name), STR_ARG(row->ticked_name.n ? row->ticked_name : S("他人")),
        STR_ARG(code_label(c, "candidate_state", row->state)));
}

enum err op_candidate_tick(
    struct ctx *c, const struct candidate_tick *in, struct candidate_view *ret)
{
    struct campaign_row camp;
    struct candidate_row old, row;
    struct tick t = {in->state, in->why, in->note, in->kind};
    enum err e = candidate_need(c, in->candidate, &old, &camp);
    if (!e && !str_eqz(camp.state, "open"))
        e = campaign_closed(c);
    if (!e && c->if_match != old.version)
        e = stale(c, &old);
    if (e)
        return e;
    row = old;
    e = candidate_match(c, &row);
    struct refusal no = refuse(&t, &row);
    if (no.text)
        complain(c, str_z(no.field), "required", "%s", no.text);
    if (!e)
        e = checked(c);
    if (!e)
        e = put(c, &t, &old, &row);
    return e ? e : candidate_view_fill(c, &row, ret);
}

/* --- many --------------------------------------------------------------------------------------
 */

struct many {
    struct ctx *c;
    const struct candidate_ticks *in;
    struct campaign_row camp;
    struct ticks_view *out;
    struct tick_problem *skipped;
};

static void skip(struct many *m, int64_t id, struct str name, const char *text)
{
    m->skipped[m->out->skipped.n++] = (struct tick_problem){id, name, str_z(text)};
}

static enum err one_of_many(struct many *m, int64_t id)
{
    struct ctx *c = m->c;
    struct candidate_row old, row;
    struct tick t = {m->in->state, m->in->why, m->in->note, m->in->kind};
    struct q q;
    desc_clear(&candidate_row_desc, &old);
    q_begin(&q, c->db, SQL_candidate_get);
    q_int(&q, "id", id);
    enum err e = q_one(&q, &candidate_row_desc, &old, c->a);
    if (e == ERR_NOT_FOUND || (!e && (old.campaign != m->camp.id || !scope_has(c, old.org_path)))) {
        skip(m, id, STR_NULL, "没有找到，或不在您的管辖范围内");
        return OK;
    }
    row = old;
    if (!e)
        e = candidate_match(c, &row);
    if (e)
        return db_fail(c, e);
    struct refusal no = refuse(&t, &row);
    if (no.text) {
        skip(m, id, old.name, no.text);
        return OK;
    }
    m->out->ticked++;
    m->out->changed += settled(&old) && !str_eq(old.state, t.state);
    if (str_eqz(t.state, "in"))
        *(row.firm == NULL_INT ? &m->out->made : &m->out->linked) += 1;
    return m->in->preview == 1 ? OK : put(c, &t, &old, &row);
}

enum err op_candidate_ticks(struct ctx *c, const struct candidate_ticks *in, struct ticks_view *ret)
{
    struct many m = {.c = c, .in = in, .out = ret};
    struct str rest = in->ids;
    enum err e = campaign_need_open(c, in->campaign, &m.camp);
    m.skipped = arena_new(c->a, struct tick_problem, IDS_MAX);
    if (e || !m.skipped)
        return e ? e : fail(c, ERR_NOMEM, NULL, NULL);
    *ret = (struct ticks_view){.skipped = {m.skipped, 0}};
    while (rest.n && !e) {
        int64_t id = 0;
        struct str one = str_cut(rest, ',', &rest);
        if (!str_int(one, &id))
            return fail(c, ERR_INVALID, "ids", "候选单位的编号不对，请刷新后重选");
        if (++ret->asked > IDS_MAX)
            return fail(c, ERR_INVALID, "ids", "一次最多核对 500 家，请分批");
        e = one_of_many(&m, id);
    }
    return e;
}

/* --- photos ------------------------------------------------------------------------------------
 */

static enum err photo_store(struct ctx *c, void *arg)
{
    return attachment_put(c, arg, "上传核对照片");
}

enum err op_candidate_photo_add(
    struct ctx *c, const struct candidate_file_new *in, struct candidate_photo *ret)
{
    struct candidate_row cand;
    struct campaign_row camp;
    struct attachment_row row;
    enum err e = candidate_need(c, in->candidate, &cand, &camp);
    if (!e && !str_eqz(camp.state, "open"))
        e = campaign_closed(c);
    if (e)
        return e;
    desc_clear(&attachment_row_desc, &row);
    row.firm = 0; /* hangs on a candidate, which may be no firm at all */
    row.owner_kind = S("candidate");
    row.owner = cand.id;
    row.purpose = S("photo");
    e = attachment_take(c, &row);
    if (!e)
        e = app_write(c->app, c, photo_store, &row);
    if (!e)
        *ret = (struct candidate_photo){row.id, row.name, row.type, row.size, row.at, row.by_name};
    return e;
}

enum err op_candidate_photo_get(struct ctx *c, const struct candidate_file *in, struct none *ret)
{
    struct candidate_row cand;
    struct campaign_row camp;
    struct attachment_row row;
    (void)ret;
    enum err e = candidate_need(c, in->candidate, &cand, &camp);
    if (!e)
        e = rec_get(c, &kind_attachment, in->photo, &row);
    if (!e && (!str_eqz(row.owner_kind, "candidate") || row.owner != cand.id))
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (e)
        return e;
    c->reply.file_path = attachment_path(c, row.sm3);
    c->reply.file_type = row.type;
    c->reply.file_name = row.name;
    return OK;
}
