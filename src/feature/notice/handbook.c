/* The handbook (附件8), the filling rules (附件7), and the documents to start from: templates that
 * an authority with the right may publish anew. */
#include "core/app.h"
#include "core/batch.h"
#include "core/template.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

#include "base/civil.h"

struct found {
    struct ctx *c;
    const char *name;
    const struct jin *body;
    struct template_row row;
};

static void look(void *arg, const struct template_row *row, const struct jin *body)
{
    struct found *f = arg;
    if (!str_eqz(row->name, f->name))
        return;
    f->row = *row;
    f->row.title = keep(f->c, row->title);
    f->row.issuer = keep(f->c, row->issuer);
    f->body = body;
}

static enum err template_need(struct ctx *c, const char *name, struct found *f)
{
    *f = (struct found){.c = c, .name = name};
    template_each(c->app, name, look, f);
    return f->body ? OK : fail(c, ERR_NOT_FOUND, NULL, "系统里还没有这份资料，请联系省局发布");
}

static struct str part(struct ctx *c, const struct found *f, const char *key)
{
    return keep(c, jin_text(jin_get(f->body, key)));
}

enum err op_handbook_get(struct ctx *c, const struct none *in, struct handbook *ret)
{
    struct found f;
    (void)in;
    enum err e = template_need(c, "handbook", &f);
    if (e)
        return e;
    ret->title = f.row.title;
    ret->issuer = f.row.issuer;
    ret->version = f.row.version;
    ret->note = keep(c, jin_str(jin_get(f.body, "note")));
    ret->chapters = part(c, &f, "chapters");
    ret->samples = part(c, &f, "samples");
    return OK;
}

enum err op_filling_rules(struct ctx *c, const struct none *in, struct filling_rules *ret)
{
    struct found f;
    (void)in;
    enum err e = template_need(c, "att7", &f);
    if (e)
        return e;
    ret->title = f.row.title;
    ret->version = f.row.version;
    ret->rules = part(c, &f, "rules");
    ret->fields = part(c, &f, "fields");
    return OK;
}

enum err op_notice_starts(struct ctx *c, const struct none *in, struct notice_start *ret)
{
    struct found f;
    (void)in;
    enum err e = template_need(c, "notices", &f);
    if (!e)
        ret->items = part(c, &f, "items");
    return e;
}

/* --- the demonstration ----------------------------------------------------------------------- */

static void start_row(
    struct ctx *c, const struct jin *t, const struct org_row *top, struct notice_row *row)
{
    struct str day = jin_str(jin_get(t, "doc_day"));
    desc_clear(&notice_row_desc, row);
    row->id = id_next(c);
    row->org = top->id;
    row->org_path = top->path;
    row->state = S("issued");
    row->doc_no = keep(c, jin_str(jin_get(t, "doc_no")));
    if (!day.n || !civil_parse_day(day, &row->doc_day))
        row->doc_day = NULL_INT;
    row->title = keep(c, jin_str(jin_get(t, "title")));
    row->openness = keep(c, jin_str(jin_get(t, "openness")));
    row->cc = keep(c, jin_str(jin_get(t, "cc")));
    row->body = keep(c, jin_text(jin_get(t, "body")));
    row->to_firms = row->everyone = 1;
    row->audience = keep(c, jin_str(jin_get(t, "audience")));
    row->root = row->tell = row->id;
    row->contact_office = keep(c, jin_str(jin_get(t, "contact_office")));
    row->issued_at = row->created = c->now;
    row->issued_by = row->created_by = c->actor.account;
    row->issuer_name = row->drafter = S("演示数据");
    row->version = 1;
}

static enum err start_one(struct ctx *c, const struct jin *t, const struct org_row *top)
{
    struct notice_row row;
    struct vec kids = {0};
    struct note n = {.label = "发出通知"};
    start_row(c, t, top, &row);
    n.text = row.title;
    enum err e = rec_insert(c, &kind_notice, &row, &n);
    if (!e)
        e = org_children(c, top->id, &kids);
    const struct org_view *k = kids.p;
    for (size_t i = 0; !e && i < kids.n; i++)
        e = notice_send_to(c, &row, k[i].id, S("orgs"));
    return e;
}

enum err notice_start_issue(struct ctx *c, void *unused)
{
    struct found f;
    struct org_row top;
    struct q q;
    int64_t id = NULL_INT;
    (void)unused;
    enum err e = template_need(c, "notices", &f);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_org_top);
    e = db_fail(c, q_one_int(&q, &id));
    if (!e)
        e = org_get(c, id, &top);
    const struct jin *items = e ? NULL : jin_get(f.body, "items");
    for (size_t i = 0; !e && i < jin_len(items); i++)
        e = start_one(c, jin_at(items, i), &top);
    return e;
}
