/* Definitions: the same name and content is the target's; what the county published itself gets the
 * next numbers there, retired, so that the province's own stay in force. A name the province does
 * not have keeps its state. */
#include "core/kinds.h"
#include "core/template.h"
#include "feature/merge/merge_impl.h"

static const struct merge_template *found(const struct merging *x, struct str name, int64_t version)
{
    for (size_t i = 0; i < x->ntemplates; i++)
        if (x->templates[i].version == version && str_eq(x->templates[i].name, name))
            return &x->templates[i];
    return NULL;
}

int64_t merge_version(void *arg, struct str name, int64_t version)
{
    const struct merge_template *t = found(arg, name, version);
    return t ? t->to : NULL_INT;
}

static enum err same_there(
    struct merging *x, const struct template_row *row, int64_t *ret_id, int64_t *ret_version)
{
    struct q q;
    *ret_id = MERGE_NEW;
    q_begin(&q, x->c->db, SQL_merge_template_same);
    q_str(&q, "name", row->name);
    q_str(&q, "title", row->title);
    q_str(&q, "body", row->body);
    q_int(&q, "version", row->version);
    if (q_row(&q)) {
        *ret_id = q_get_int(&q, 0);
        *ret_version = q_get_int(&q, 1);
    }
    return q_end(&q);
}

/* The number behind the target's last, and behind those planned before it; fresh: the target does
 * not have the name. */
static enum err next_version(struct merging *x, struct str name, int64_t *ret, bool *ret_fresh)
{
    struct template_row row;
    struct q q;
    desc_clear(&template_row_desc, &row);
    q_begin(&q, x->c->db, SQL_template_newest);
    q_str(&q, "name", name);
    enum err e = q_one(&q, &template_row_desc, &row, &x->row);
    *ret = e == OK ? row.version + 1 : 1;
    *ret_fresh = e == ERR_NOT_FOUND;
    for (size_t i = 0; i < x->ntemplates; i++)
        if (str_eq(x->templates[i].name, name) && x->templates[i].to >= *ret)
            *ret = x->templates[i].to + 1;
    return e == ERR_NOT_FOUND ? OK : e;
}

static bool templates_room(struct merging *x)
{
    if (x->ntemplates < x->templates_room)
        return true;
    size_t room = x->templates_room ? x->templates_room * 2 : 64;
    struct merge_template *more = arena_new(&x->a, struct merge_template, room);
    if (more && x->ntemplates)
        memcpy(more, x->templates, x->ntemplates * sizeof *more);
    x->templates = more;
    x->templates_room = room;
    return more != NULL;
}

static void tell_number(struct merging *x, const struct template_row *row, int64_t to)
{
    struct arena *a = &x->r->a;
    merge_line_add(x, MERGE_LINE_template,
        arena_fmt(a, "%.*s 第 %lld 版", STR_ARG(row->name), (long long)row->version),
        arena_fmt(a, "第 %lld 版", (long long)to));
}

static enum err template_meet(void *arg, void *each)
{
    struct merging *x = arg;
    const struct template_row *row = each;
    int64_t id = MERGE_NEW, version = NULL_INT;
    bool fresh = false;
    arena_reset(&x->row);
    enum err e = same_there(x, row, &id, &version);
    if (!e && id == MERGE_NEW)
        e = next_version(x, row->name, &version, &fresh);
    if (e)
        return e;
    if (!templates_room(x))
        return ERR_NOMEM;
    x->templates[x->ntemplates++] = (struct merge_template){.name = arena_str(&x->a, row->name),
        .version = row->version,
        .to = version,
        .made = id == MERGE_NEW,
        .fresh = fresh};
    if (id == MERGE_NEW)
        tell_number(x, row, version);
    return merge_map_add(&merge_table_of(&x->m, "template")->map, row->id, id);
}

enum err plan_templates(struct merging *x)
{
    return merge_each(&x->m, &kind_template, template_meet, x);
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum err template_fix(struct merging *x, void *each, bool *skip)
{
    struct template_row *row = each;
    const struct merge_template *t = found(x, row->name, row->version);
    *skip = !t || !t->made;
    if (*skip)
        return OK;
    row->version = t->to;
    row->state = t->fresh ? row->state : S("retired");
    return OK;
}

enum err take_templates(struct merging *x)
{
    struct taking t = {.x = x, .kind = &kind_template, .fix = template_fix};
    enum err e = take_kind(&t);
    if (!e && t.n)
        batch_templates_changed(x->c);
    return e;
}
