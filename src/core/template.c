/* The template cache: the active set is read into an immutable table that calls look up without
 * locks; a reload swaps the table and keeps the old one until the program ends (templates change
 * a few times a year). */
#include "core/template.h"

#include <stdatomic.h>

#include "core/app.h"
#include "core/batch.h"
#include "core/codes.h"
#include "core/kinds.h"
#include "base/mem.h"

DESC(template_row, TEMPLATE_ROW_FIELDS)

enum { TABLE_MAX = 64 << 20, JSON_DEPTH = 32 };

struct loaded {
    struct template_row row;
    const struct jin *body;
};

struct table {
    struct arena a;
    struct loaded *rows;
    size_t n;
    struct table *older;
};

struct templates {
    _Atomic(struct table *) now;
};

static enum err table_parse(struct table *t, struct vec rows)
{
    t->rows = arena_new(&t->a, struct loaded, rows.n + 1);
    if (!t->rows)
        return ERR_NOMEM;
    for (size_t i = 0; i < rows.n; i++) {
        struct loaded *l = &t->rows[t->n++];
        l->row = ((struct template_row *)rows.p)[i];
        enum err e = jin_parse(l->row.body, JSON_DEPTH, &l->body);
        if (e)
            return e;
    }
    return OK;
}

static enum err table_load(struct table *t, struct db_conn *db)
{
    struct q q;
    struct vec rows;
    q_begin(&q, db, SQL_template_active);
    enum err e = q_all(&q, &template_row_desc, &rows, &t->a);
    return e ? e : table_parse(t, rows);
}

static void table_free(struct table *t)
{
    for (size_t i = 0; i < t->n; i++)
        jin_free(t->rows[i].body);
    arena_free(&t->a);
    mem_free(t);
}

enum err templates_reload(struct app *app, struct db_conn *db)
{
    struct table *t = mem_alloc(sizeof *t);
    if (!t)
        return ERR_NOMEM;
    arena_init(&t->a, TABLE_MAX);
    enum err e = table_load(t, db);
    if (e) {
        table_free(t);
        return e;
    }
    t->older = atomic_load(&app->templates->now);
    atomic_store(&app->templates->now, t);
    return OK;
}

enum err templates_open(struct app *app, struct db_conn *db)
{
    app->templates = mem_alloc(sizeof *app->templates);
    return app->templates ? templates_reload(app, db) : ERR_NOMEM;
}

void templates_close(struct app *app)
{
    if (!app->templates)
        return;
    struct table *t = atomic_load(&app->templates->now);
    while (t) {
        struct table *older = t->older;
        table_free(t);
        t = older;
    }
    mem_free(app->templates);
    app->templates = NULL;
}

static const struct loaded *find(struct app *app, struct str name)
{
    const struct table *t = app->templates ? atomic_load(&app->templates->now) : NULL;
    for (size_t i = 0; t && i < t->n; i++)
        if (str_eq(t->rows[i].row.name, name))
            return &t->rows[i];
    return NULL;
}

const struct jin *template_body(struct app *app, const char *name, int64_t *version)
{
    const struct loaded *l = find(app, str_z(name));
    if (l && version)
        *version = l->row.version;
    return l ? l->body : NULL;
}

struct str template_text(struct ctx *c, struct str name, int64_t version)
{
    struct template_row row;
    struct q q;
    desc_clear(&template_row_desc, &row);
    q_begin(&q, c->db, SQL_template_version);
    q_str(&q, "name", name);
    q_int(&q, "version", version);
    return q_one(&q, &template_row_desc, &row, c->a) ? STR_NULL : row.body;
}

void template_each(struct app *app, const char *prefix,
    void (*fn)(void *arg, const struct template_row *row, const struct jin *body), void *arg)
{
    const struct table *t = app->templates ? atomic_load(&app->templates->now) : NULL;
    for (size_t i = 0; t && i < t->n; i++)
        if (str_starts(t->rows[i].row.name, str_z(prefix)))
            fn(arg, &t->rows[i].row, t->rows[i].body);
}

/* Retires the version that was active. */
static enum err retire(struct ctx *c, const struct template_row *old)
{
    if (old->id == NULL_INT || !str_eqz(old->state, "active"))
        return OK;
    struct template_row row = *old;
    row.state = S("retired");
    struct note n = {.label = "停用旧版本"};
    return rec_update(c, &kind_template, old, &row, &n);
}

enum err template_publish(struct ctx *c, struct template_row *row)
{
    struct template_row old;
    struct q q;
    desc_clear(&template_row_desc, &old);
    q_begin(&q, c->db, SQL_template_newest);
    q_str(&q, "name", row->name);
    enum err e = q_one(&q, &template_row_desc, &old, c->a);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    e = retire(c, &old);
    if (e)
        return e;
    row->version = e == OK && old.version != NULL_INT ? old.version + 1 : 1;
    row->state = S("active");
    row->created = c->now;
    row->created_by = c->actor.account;
    if (row->effective_from == NULL_INT)
        row->effective_from = c->today;
    struct note n = {.label = "发布模板", .text = row->title};
    batch_templates_changed(c);
    return rec_insert(c, &kind_template, row, &n);
}

int64_t setting_int(struct app *app, const char *key, int64_t or_else)
{
    const struct jin *settings = jin_get(template_body(app, "settings", NULL), "settings");
    for (size_t i = 0; i < jin_len(settings); i++) {
        const struct jin *row = jin_at(settings, i);
        if (str_eqz(jin_str(jin_get(row, "key")), key))
            return jin_int(jin_get(row, "value"), or_else);
    }
    return or_else;
}

const struct jin *code_row(struct ctx *c, const char *list, struct str code)
{
    const struct jin *rows = jin_get(template_body(c->app, "codes", NULL), list);
    for (size_t i = 0; i < jin_len(rows); i++)
        if (str_eq(jin_str(jin_get(jin_at(rows, i), "code")), code))
            return jin_at(rows, i);
    return NULL;
}

bool code_known(struct ctx *c, const char *list, struct str code)
{
    return code_row(c, list, code) != NULL;
}

struct str code_label(struct ctx *c, const char *list, struct str code)
{
    struct str label = jin_str(jin_get(code_row(c, list, code), "label"));
    return label.p ? label : code;
}
