/* Finding a hazard: opened by the record that found it, in that record's own write. */
#include "base/civil.h"
#include "core/app.h"
#include "core/template.h"
#include "feature/hazard/hazard.h"

enum { FOUND_MAX = 200, PHOTOS_MAX = 12 };

/* How long a hazard may take when nobody said: by severity, from the settings. */
static int64_t default_due(struct ctx *c, struct str severity, int64_t day)
{
    static const struct {
        const char *severity, *key;
        int64_t days;
    } rows[] = {{"一般", "hazard_due_days_minor", 7}, {"较大", "hazard_due_days_larger", 3},
        {"重大", "hazard_due_days_major", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_eqz(severity, rows[i].severity))
            return day + setting_int(c->app, rows[i].key, rows[i].days);
    return NULL_INT;
}

static enum err photo_refused(struct ctx *c, struct str field, const char *text)
{
    return fail(c, ERR_INVALID, arena_fmt(c->a, "%.*s.photos", STR_ARG(field)).p, text);
}

/* A photo that was sent up for the firm becomes the hazard's. */
static enum err photo_take(struct ctx *c, const struct hazard_new *h, int64_t hazard, struct str id)
{
    struct attachment_row old, row;
    struct q q;
    int64_t n;
    if (!str_int(id, &n) || n <= 0)
        return photo_refused(c, h->field, "照片编号不对，请重新上传照片");
    desc_clear(&attachment_row_desc, &old);
    q_begin(&q, c->db, kind_attachment.get);
    q_int(&q, "id", n);
    enum err e = q_one(&q, &attachment_row_desc, &old, c->a);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    if (e || old.firm != h->firm->id)
        return photo_refused(c, h->field, "照片没有找到，请重新上传照片");
    bool mine = str_eqz(old.owner_kind, "hazard");
    if (mine && old.owner == hazard)
        return OK;
    if (mine || str_eqz(old.owner_kind, "paper_check"))
        return photo_refused(c, h->field, "照片已用在别的记录里，请重新拍照上传");
    row = old;
    row.owner_kind = S("hazard");
    row.owner = hazard;
    struct note note = {.label = "问题照片"};
    return rec_update(c, &kind_attachment, &old, &row, &note);
}

static enum err photos_take(struct ctx *c, const struct hazard_new *h, int64_t hazard)
{
    struct str rest = h->photos;
    enum err e = OK;
    for (int i = 0; !e && rest.n; i++) {
        struct str one = str_cut(rest, ',', &rest);
        e = i < PHOTOS_MAX ? photo_take(c, h, hazard, one)
                           : photo_refused(c, h->field, "一个问题最多 12 张照片");
    }
    return e;
}

static void row_fill(struct ctx *c, const struct hazard_new *h, struct hazard_row *row)
{
    desc_clear(&hazard_row_desc, row);
    row->firm = h->firm->id;
    row->org_path = h->firm->org_path;
    row->state = jin_str(jin_get(template_body(c->app, "workflow_hazard", NULL), "initial"));
    row->source = str_z(h->source);
    row->source_ref = h->source_ref;
    row->found_day = h->found_day;
    row->area = h->area;
    row->item = h->item;
    row->item_text = h->item_text;
    row->what = h->what;
    row->measure = h->measure;
    row->severity = h->severity;
    row->fixer = h->fixer;
    row->due_day = h->due_day != NULL_INT ? h->due_day : default_due(c, h->severity, h->found_day);
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = 1;
}

enum err hazard_open(struct ctx *c, const struct hazard_new *h, int64_t *ret_id)
{
    struct hazard_row row;
    struct note n = {.label = "发现问题", .text = h->what};
    row_fill(c, h, &row);
    enum err e = rec_insert(c, &kind_hazard, &row, &n);
    if (!e)
        e = photos_take(c, h, row.id);
    if (!e)
        *ret_id = row.id;
    return e;
}

enum err hazard_amend(struct ctx *c, int64_t id, const struct hazard_new *h)
{
    struct hazard_row old, row;
    struct note n = {.label = "随检查记录更正"};
    enum err e = rec_get(c, &kind_hazard, id, &old);
    if (e || str_eqz(old.state, "closed"))
        return e;
    row = old;
    row.what = h->what;
    row.measure = h->measure;
    if (h->severity.n)
        row.severity = h->severity;
    if (h->fixer.n)
        row.fixer = h->fixer;
    if (h->due_day != NULL_INT)
        row.due_day = h->due_day;
    e = rec_update(c, &kind_hazard, &old, &row, &n);
    return e ? e : photos_take(c, h, id);
}

/* --- what a record found --------------------------------------------------------------------- */

static struct hazard_brief brief_of(struct ctx *c, struct q *q)
{
    return (struct hazard_brief){.id = q_get_int(q, 0),
        .item = keep(c, q_get_str(q, 1)),
        .what = keep(c, q_get_str(q, 2)),
        .measure = keep(c, q_get_str(q, 3)),
        .severity = keep(c, q_get_str(q, 4)),
        .state = keep(c, q_get_str(q, 5)),
        .source_ref = q_get_int(q, 6)};
}

enum err hazard_found(
    struct ctx *c, int64_t firm, const char *source, int64_t first, int64_t last, struct vec *ret)
{
    struct q q;
    size_t n = 0;
    struct hazard_brief *rows = arena_new(c->a, struct hazard_brief, FOUND_MAX);
    if (!rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_hazard_of_source);
    q_int(&q, "firm", firm);
    q_str(&q, "source", str_z(source));
    q_int(&q, "first", first);
    q_int(&q, "last", last);
    while (n < FOUND_MAX && q_row(&q))
        rows[n++] = brief_of(c, &q);
    *ret = (struct vec){rows, n};
    return db_fail(c, q_end(&q));
}

enum err hazard_open_count(struct ctx *c, int64_t firm, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_hazard_open_count);
    q_int(&q, "firm", firm);
    return db_fail(c, q_one_int(&q, ret));
}
