/* Reporting upward: a frozen copy of the consolidated ledgers, returned with reasons, sent again as
 * a new edition (PL-68, PL-86, PL-91). The files are made by a job (snapshot.c). */
#include <string.h>

#include "base/hash.h"
#include "core/codes.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/campaign/snapshot.h"
#include "feature/ops.h"

#define WORKFLOW "workflow_submission"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

enum { JOB_STATE_COL = 27 };

/* --- reading -----------------------------------------------------------------------------------
 */

enum err submission_newest(
    struct ctx *c, int64_t campaign, int64_t org, struct campaign_submission_row *ret)
{
    struct q q;
    desc_clear(&campaign_submission_row_desc, ret);
    q_begin(&q, c->db, SQL_submission_newest);
    q_int(&q, "campaign", campaign);
    q_int(&q, "org", org);
    if (q_row(&q)) {
        struct str job = q_get_str(&q, JOB_STATE_COL);
        bool alive = str_eqz(job, "queued") || str_eqz(job, "running");
        q_read(&q, &campaign_submission_row_desc, ret, c->a);
        if (str_eqz(ret->state, "making") && !alive)
            ret->state = S("void");
    }
    return db_fail(c, q_end(&q));
}

static enum err submission_need(struct ctx *c, int64_t id, struct campaign_submission_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_campaign_submission, id, ret) : ERR_NOT_FOUND;
    if (!e && !scope_has(c, ret->org_path))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static struct str digest_text(struct ctx *c, struct str digest)
{
    char hex[2 * SM3_LEN];
    if (digest.n != SM3_LEN)
        return STR_NULL;
    hex_put((const unsigned char *)digest.p, SM3_LEN, hex);
    return keep(c, (struct str){hex, sizeof hex});
}

static void view_fill(
    struct ctx *c, const struct campaign_submission_row *row, struct submission_view *ret)
{
    desc_clear(&submission_view_desc, ret);
    ret->id = row->id;
    ret->version = row->version;
    ret->record = campaign_row_text(c, &campaign_submission_row_desc, row);
    ret->org_name = org_name(c, row->org);
    ret->state_label = code_label(c, "submission_state", row->state);
    ret->digest = digest_text(c, row->digest);
    if (row->file2 != NULL_INT)
        ret->files = row->file3 != NULL_INT ? S("att2,att3") : S("att2");
    else if (row->file3 != NULL_INT)
        ret->files = S("att3");
    if (c->actor.org == row->to_org)
        ret->actions = campaign_actions(c, WORKFLOW, row->state);
}

enum err op_submission_list(
    struct ctx *c, const struct campaign_org_ask *in, struct submission_list *ret)
{
    struct campaign_row camp;
    struct org_row org;
    struct q q;
    struct vec rows = {0};
    enum err e = campaign_need(c, in->campaign, &camp);
    if (!e)
        e = campaign_org(c, in->org, &org);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_submissions_of);
    q_int(&q, "campaign", camp.id);
    q_int(&q, "org", org.id);
    e = q_all(&q, &campaign_submission_row_desc, &rows, c->a);
    struct submission_view *items = arena_new(c->a, struct submission_view, rows.n + 1);
    if (e || !items)
        return db_fail(c, e ? e : ERR_NOMEM);
    for (size_t i = 0; i < rows.n; i++)
        view_fill(c, (const struct campaign_submission_row *)rows.p + i, &items[i]);
    ret->items = (struct vec){items, rows.n};
    return OK;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static enum err may_submit(
    struct ctx *c, const struct campaign_row *camp, const struct campaign_submission_row *last)
{
    if (c->actor.org == camp->org)
        return fail(c, ERR_STATE, NULL, "发起机构是最后一级，不用再往上报");
    if (last->id == NULL_INT || str_eqz(last->state, "returned") || str_eqz(last->state, "void"))
        return OK;
    if (str_eqz(last->state, "making"))
        return fail(
            c, ERR_STATE, NULL, "本机构的报送正在生成，请在后台任务里查看进度，或取消后再报");
    return fail(
        c, ERR_STATE, NULL, "本机构已经报送；要改正的，请上级先退回（写明理由），再重新报送");
}

/* An edition whose job ended without sending it, by cancelling in the queue say. */
static enum err drop_dead(struct ctx *c, const struct campaign_submission_row *last)
{
    struct campaign_submission_row old;
    if (last->id == NULL_INT || !str_eqz(last->state, "void"))
        return OK;
    enum err e = rec_get(c, &kind_campaign_submission, last->id, &old);
    return e ? e : submission_drop(c, &old, S("后台任务已取消或中断"));
}

static enum err new_edition(struct ctx *c, const struct campaign_row *camp,
    const struct submission_new *in, struct campaign_submission_row *row)
{
    struct asked asked;
    struct org_row org;
    struct q q;
    desc_clear(&campaign_submission_row_desc, row);
    enum err e = org_get(c, c->actor.org, &org);
    if (!e)
        e = campaign_asked(c, camp, org.path, &asked);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_submission_last_edition);
    q_int(&q, "campaign", camp->id);
    q_int(&q, "org", org.id);
    e = q_one_int(&q, &row->edition);
    row->id = id_next(c);
    row->campaign = camp->id;
    row->org = org.id;
    row->org_path = org.path;
    row->to_org = org.parent;
    row->edition++;
    row->state = S("making");
    row->due_day = asked.due;
    row->late = c->today > asked.due;
    row->note = in->note.n ? in->note : STR_NULL;
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = 1;
    return db_fail(c, e);
}

enum err op_campaign_submit(struct ctx *c, const struct submission_new *in, struct none *ret)
{
    struct campaign_row camp;
    struct campaign_submission_row last, row;
    struct job_spec spec = {.kind = "submission"};
    (void)ret;
    enum err e = campaign_need_open(c, in->campaign, &camp);
    if (!e)
        e = submission_newest(c, camp.id, c->actor.org, &last);
    if (!e)
        e = may_submit(c, &camp, &last);
    if (!e)
        e = drop_dead(c, &last);
    if (!e)
        e = new_edition(c, &camp, in, &row);
    if (e)
        return e;
    spec.title = arena_fmt(c->a, "报送 %.*s 第%lld版", STR_ARG(camp.title), (long long)row.edition);
    spec.input = arena_fmt(c->a, "{\"submission\":%lld}", (long long)row.id);
    e = job_create(c, &spec, &c->reply.job);
    row.job = c->reply.job;
    struct note n = {.label = "开始报送", .text = spec.title};
    return e ? e : rec_insert(c, &kind_campaign_submission, &row, &n);
}

/* --- the level above ---------------------------------------------------------------------------
 */

static struct str step_fact(void *arg, const char *key)
{
    const struct submission_step *in = arg;
    return strcmp(key, "reason") == 0 ? in->reason : S("");
}

static enum err step_judge(struct ctx *c, const struct submission_step *in,
    const struct campaign_submission_row *old, const struct jin **ret_t)
{
    struct campaign_row camp;
    enum err e = campaign_need(c, old->campaign, &camp);
    if (e)
        return e;
    if (c->actor.org != old->to_org)
        return fail(c, ERR_FORBIDDEN, NULL, "由报送机构的上一级接收或退回");
    if (c->if_match != old->version) {
        c->reply.current = campaign_row_text(c, &campaign_submission_row_desc, old);
        return fail(c, ERR_STALE, NULL, NULL);
    }
    *ret_t = wf_find(c, WORKFLOW, in->action, old->state);
    if (!*ret_t)
        return c->err;
    if (jin_str(jin_get(*ret_t, "by")).p)
        return fail(c, ERR_STATE, "action", "这一步由后台任务办理");
    if (!wf_may(c, *ret_t, old->state))
        return fail(c, ERR_FORBIDDEN, NULL, NULL);
    wf_inputs(c, *ret_t, step_fact, (void *)(uintptr_t)in);
    e = checked(c);
    bool back = str_eqz(wf_to(*ret_t), "returned");
    if (!e && back && !str_eqz(camp.state, "open"))
        e = fail(c, ERR_STATE, NULL,
            "摸底已经结束，退回后下级没有办法再报；请发起机构先恢复摸底，再退回");
    return e;
}

enum err op_submission_step(
    struct ctx *c, const struct submission_step *in, struct submission_view *ret)
{
    struct campaign_submission_row old, row;
    const struct jin *t = NULL;
    enum err e = submission_need(c, in->submission, &old);
    if (!e)
        e = step_judge(c, in, &old, &t);
    if (e)
        return e;
    row = old;
    row.state = keep(c, wf_to(t));
    row.reason = str_eqz(row.state, "returned") ? in->reason : old.reason;
    row.decided_at = c->now;
    row.decided_name = c->actor.name;
    row.version = old.version + 1;
    struct note n = {.label = wf_label(c, t), .text = in->reason};
    e = rec_update(c, &kind_campaign_submission, &old, &row, &n);
    if (e)
        return e;
    view_fill(c, &row, ret);
    c->reply.version = row.version;
    return OK;
}

/* --- the files ---------------------------------------------------------------------------------
 */

/* As it was sent: the bytes are checked against the sealed digest before they leave. */
enum err op_submission_file(struct ctx *c, const struct submission_file *in, struct none *ret)
{
    struct campaign_submission_row row;
    struct attachment_row file;
    unsigned char digest[SM3_LEN];
    int64_t size;
    (void)ret;
    enum err e = submission_need(c, in->submission, &row);
    int64_t id = str_eqz(in->form, "att2") ? row.file2 : str_eqz(in->form, "att3") ? row.file3 : 0;
    if (!e && (id == NULL_INT || id <= 0))
        e = fail(c, ERR_NOT_FOUND, NULL, "这次报送没有这个文件");
    if (!e)
        e = rec_get(c, &kind_attachment, id, &file);
    if (e)
        return e;
    c->reply.file_path = attachment_path(c, file.sm3);
    if (attachment_digest(c->reply.file_path.p, digest, &size))
        return fail(c, ERR_IO, NULL, "报送的文件读不出来，请联系管理员");
    if (memcmp(digest, file.sm3.p, SM3_LEN) != 0)
        return fail(c, ERR_CORRUPT, NULL, "报送的文件与存证的摘要不符，请联系管理员查验");
    c->reply.file_type = S(XLSX);
    c->reply.file_name = file.name;
    return OK;
}
