/* Making a submission: both ledgers of the whole subtree are read at one moment, on a connection
 * and a transaction of its own, written in the printed forms of the campaign's versions, digested
 * cell by cell, kept by content, and sent in one write. */
#include "feature/campaign/snapshot.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "feature/campaign/campaign_impl.h"

#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

enum { DEPTH = 4, TITLES = 2 };

struct form {
    const char *form, *label;
    int64_t version, firms, rows;
    struct str path;
    struct attachment_row file;
};

struct making {
    struct ctx *c; /* the job's */
    struct job *j;
    struct campaign_row camp;
    struct campaign_submission_row row;
    struct org_row org;
    struct form forms[2];
    size_t n;
    int64_t as_of, firms;
    struct sm3_ctx sm3;
    unsigned char digest[SM3_LEN];
};

enum err submission_drop(
    struct ctx *c, const struct campaign_submission_row *old, struct str reason)
{
    struct campaign_submission_row row = *old;
    struct note n = {.label = "没有送出", .text = reason};
    row.state = S("void");
    row.reason = reason;
    row.version = old->version + 1;
    return rec_update(c, &kind_campaign_submission, old, &row, &n);
}

/* --- what is to be made ------------------------------------------------------------------------
 */

static bool joined_has(struct str joined, const char *code)
{
    while (joined.n)
        if (str_eqz(str_cut(joined, ',', &joined), code))
            return true;
    return false;
}

static void plan(struct making *m)
{
    struct form all[2] = {
        {.form = "att2", .label = "工业产品生产单位台账（附件2）", .version = m->camp.att2_version},
        {.form = "att3",
            .label = "工业产品销售单位台账（附件3）",
            .version = m->camp.att3_version}};
    for (int i = 0; i < 2; i++)
        if (joined_has(m->camp.forms, all[i].form))
            m->forms[m->n++] = all[i];
    for (size_t i = 0; i < m->n; i++)
        m->forms[i].path = job_file(m->c, m->j->row.id, m->forms[i].form);
}

static enum err load(struct making *m)
{
    const struct jin *doc = NULL;
    if (jin_parse(m->j->row.input, DEPTH, &doc))
        return fail(m->c, ERR_INTERNAL, NULL, NULL);
    int64_t id = jin_int(jin_get(doc, "submission"), 0);
    jin_free(doc);
    enum err e = rec_get(m->c, &kind_campaign_submission, id, &m->row);
    if (!e && !str_eqz(m->row.state, "making"))
        e = fail(m->c, ERR_STATE, NULL, "这次报送已经办完或没有送出，请重新报送");
    if (!e)
        e = campaign_need_open(m->c, m->row.campaign, &m->camp);
    if (!e)
        e = org_get(m->c, m->row.org, &m->org);
    if (!e)
        plan(m);
    return e;
}

/* How many firms there are to write, for the progress. */
static enum err count_firms(struct ctx *c, struct making *m)
{
    struct q q;
    q_begin(&q, c->db, SQL_firm_count_of);
    q_int(&q, "level", path_level(m->org.path));
    q_str(&q, "path", m->org.path);
    if (q_row(&q))
        m->firms = joined_has(m->camp.forms, "att2") && joined_has(m->camp.forms, "att3")
                       ? q_get_int(&q, 7) + q_get_int(&q, 8)
                       : q_get_int(&q, joined_has(m->camp.forms, "att2") ? 7 : 8);
    return db_fail(c, q_end(&q));
}

/* The kinds of firm of the campaign that stand in this form. */
static struct str kinds_of(struct ctx *c, const struct making *m, const char *form)
{
    const char *own = strcmp(form, "att3") == 0 ? "seller" : "producer";
    struct str kinds = STR_NULL;
    if (joined_has(m->camp.kinds, own))
        kinds = codes_join(c, kinds, str_z(own));
    if (joined_has(m->camp.kinds, "both"))
        kinds = codes_join(c, kinds, S("both"));
    return kinds.n ? kinds : str_z(own);
}

/* --- one moment --------------------------------------------------------------------------------
 */

static enum err write_forms(struct ctx *c, struct making *m)
{
    int64_t done = 0;
    enum err e = count_firms(c, m);
    for (size_t i = 0; !e && i < m->n; i++) {
        struct form *f = &m->forms[i];
        struct ledger_form w = {.form = f->form,
            .version = f->version,
            .org = m->org.id,
            .kinds = kinds_of(c, m, f->form),
            .title = str_z(f->label),
            .path = f->path.p,
            .digest = &m->sm3,
            .jc = m->c,
            .j = m->j,
            .done = done,
            .total = m->firms + 1};
        sm3_add(&m->sm3, str_z(f->form));
        e = ledger_form_write(c, &w, &f->firms, &f->rows);
        done += f->firms;
    }
    m->firms = done;
    return e;
}

/* The job's own connection stays outside of the transaction: it must see that it is cancelled. */
static enum err at_one_moment(struct making *m)
{
    struct ctx own = *m->c;
    struct db_conn *db = NULL;
    enum err e = db_connect(m->c->app->db, DB_STREAM, &db);
    if (e)
        return fail(m->c, e, NULL, NULL);
    own.db = db;
    e = tx_begin(db);
    m->as_of = app_now(m->c->app);
    if (!e)
        e = sm3_begin(&m->sm3);
    if (!e) {
        e = write_forms(&own, m);
        sm3_end(&m->sm3, m->digest);
    }
    tx_rollback(db);
    db_disconnect(db);
    return e ? fail(m->c, e, NULL, own.err_message.p) : OK;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static enum err adopt(struct making *m)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < m->n; i++) {
        struct form *f = &m->forms[i];
        desc_clear(&attachment_row_desc, &f->file);
        f->file.firm = 0; /* of an authority, not of a firm */
        f->file.owner_kind = S("submission");
        f->file.owner = m->row.id;
        f->file.purpose = str_z(f->form);
        f->file.name = arena_fmt(m->c->a, "%.*s %s 第%lld版.xlsx", STR_ARG(m->org.short_name),
            f->label, (long long)m->row.edition);
        f->file.type = S(XLSX);
        e = attachment_adopt(m->c, f->path.p, &f->file);
    }
    return e;
}

static void fill(struct ctx *c, struct making *m, struct campaign_submission_row *row)
{
    row->state = S("sent");
    row->late = c->today > row->due_day;
    row->as_of = m->as_of;
    row->firms = m->firms;
    row->digest = (struct str){(const char *)m->digest, SM3_LEN};
    row->sent_at = c->now;
    row->version++;
    for (size_t i = 0; i < m->n; i++) {
        bool second = strcmp(m->forms[i].form, "att3") == 0;
        *(second ? &row->rows3 : &row->rows2) = m->forms[i].rows;
        *(second ? &row->file3 : &row->file2) = m->forms[i].file.id;
    }
}

/* In one write: the campaign is still open, the edition still wanted, the files are recorded. */
static enum err send(struct ctx *c, void *arg)
{
    struct making *m = arg;
    struct campaign_row camp;
    struct campaign_submission_row old, row;
    struct note n = {.label = "报送", .text = m->row.note};
    enum err e = job_held(c, m->j->row.id);
    if (!e)
        e = rec_get(c, &kind_campaign, m->row.campaign, &camp);
    if (!e && !str_eqz(camp.state, "open"))
        e = fail(c, ERR_STATE, "campaign",
            "报送生成期间摸底已经结束，这次没有送出；确需报送的，请联系发起机构恢复摸底后重新报送");
    if (!e)
        e = rec_get(c, &kind_campaign_submission, m->row.id, &old);
    if (!e && !str_eqz(old.state, "making"))
        e = fail(c, ERR_STATE, NULL, "这次报送已经办完或没有送出，请重新报送");
    for (size_t i = 0; !e && i < m->n; i++)
        e = attachment_put(c, &m->forms[i].file, "报送文件");
    if (e)
        return e;
    row = old;
    fill(c, m, &row);
    return rec_update(c, &kind_campaign_submission, &old, &row, &n);
}

/* --- the job -----------------------------------------------------------------------------------
 */

struct dropping {
    int64_t id;
    struct str why;
};

static enum err drop(struct ctx *c, void *arg)
{
    struct dropping *d = arg;
    struct campaign_submission_row old;
    enum err e = rec_get(c, &kind_campaign_submission, d->id, &old);
    return e || !str_eqz(old.state, "making") ? e : submission_drop(c, &old, d->why);
}

static void forget(struct making *m, enum err e)
{
    struct dropping d = {m->row.id, m->c->err_message.p ? m->c->err_message : str_z(err_text(e))};
    for (size_t i = 0; i < m->n; i++)
        (void)unlink(m->forms[i].path.p);
    if (job_held(m->c, m->j->row.id) == OK && app_write(m->c->app, NULL, drop, &d))
        fprintf(stderr, "submission %lld could not be dropped\n", (long long)d.id);
}

static struct str result_json(const struct making *m)
{
    long long rows = m->forms[0].rows + m->forms[1].rows; /* none where there is no second form */
    return arena_fmt(m->c->a, "{\"submission\":%lld,\"firms\":%lld,\"rows\":%lld}",
        (long long)m->row.id, (long long)m->firms, rows);
}

enum err job_submission(struct ctx *c, struct job *j)
{
    struct making *m = arena_new(c->a, struct making, 1);
    if (!m)
        return fail(c, ERR_NOMEM, NULL, NULL);
    m->c = c;
    m->j = j;
    enum err e = load(m);
    if (!e)
        e = at_one_moment(m);
    if (!e)
        e = adopt(m);
    if (!e)
        e = job_step(c, j, m->firms + 1, m->firms + 1); /* the last moment to cancel */
    if (!e)
        e = app_write(c->app, c, send, m);
    if (e && m->row.id > 0)
        forget(m, e);
    j->result = result_json(m);
    return e ? fail(c, e, NULL, NULL) : OK;
}
