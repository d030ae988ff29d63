/* Records and their journal rows. */
#include "core/record.h"

#include "base/hash.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/kinds.h"
#include "core/template.h"

DESC(journal_row, JOURNAL_ROW_FIELDS)

enum { CANON_USUAL = 2000, CANON_MAX = 8 << 20, NOTE_MAX = 256 << 10 };

const struct record_kind kind_template = {
    1, "template", "模板", &template_row_desc, RECORD_SQL(template)};

const struct record_kind *record_kind_find(const struct app *app, int code)
{
    for (size_t i = 0; i < app->kinds->n; i++)
        if (app->kinds->rows[i]->code == code)
            return app->kinds->rows[i];
    return NULL;
}

/* All columns but the last, which is jseq. */
static struct desc sealed_part(const struct record_kind *k)
{
    struct desc d = *k->desc;
    d.n--;
    return d;
}

enum err record_digest(const struct record_kind *k, const void *row, unsigned char out[32])
{
    struct buf b;
    struct desc d = sealed_part(k);
    buf_init(&b, CANON_MAX);
    (void)buf_reserve(&b, CANON_USUAL);
    desc_canon(&d, row, &b);
    enum err e = b.err;
    if (!e)
        sm3(buf_str(&b), out);
    buf_free(&b);
    return e;
}

static int64_t row_int(const struct record_kind *k, const void *row, const char *name)
{
    int i = desc_find(k->desc, str_z(name));
    return i < 0 ? NULL_INT : *(const int64_t *)((const char *)row + k->desc->fields[i].off);
}

static void set_int(const struct record_kind *k, void *row, const char *name, int64_t v)
{
    *field_int(k->desc, row, (size_t)desc_find(k->desc, str_z(name))) = v;
}

static enum err journal_send(struct ctx *c, struct journal_row *j)
{
    struct q q;
    j->id = journal_seq(c);
    q_begin(&q, c->db, SQL_journal_add);
    q_bind(&q, &journal_row_desc, j);
    q_blob(&q, "digest", j->digest);
    return db_fail(c, q_send(&q));
}

static enum err journal_put(struct ctx *c, struct journal_row *j)
{
    j->at = c->now;
    j->actor = c->actor.account;
    j->op = c->op;
    j->via = c->via;
    j->ip = c->ip;
    j->rid = c->rid;
    return journal_send(c, j);
}

/* A value as the history shows it: personal data and bytes only as "changed". */
static void shown(const struct field *f, const struct desc *d, const void *row, struct jw *w)
{
    size_t i = (size_t)(f - d->fields);
    if (f->type == FT_BLOB || f->flags & (F_PRIVATE | F_SECRET))
        jw_strz(w, "（已加密）");
    else
        field_json(d, row, i, w);
}

static bool same(const struct field *f, const void *a, const void *b)
{
    const char *x = (const char *)a + f->off, *y = (const char *)b + f->off;
    if (!field_is_text(f->type))
        return *(const int64_t *)x == *(const int64_t *)y;
    const struct str *s = (const struct str *)x, *t = (const struct str *)y;
    return (s->p == NULL) == (t->p == NULL) && str_eq(*s, *t);
}

bool rec_same(const struct record_kind *k, const void *a, const void *b)
{
    for (size_t i = 0; i + 1 < k->desc->n; i++)
        if (!same(&k->desc->fields[i], a, b))
            return false;
    return true;
}

/* Columns that change with every edit and tell nobody anything. */
static bool housekeeping(const char *name)
{
    static const char *const names[] = {
        "version", "updated", "jseq", "py", "p2", "p3", "org_path", "grade_rules", "warnings"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static int write_changes(
    const struct record_kind *k, const void *old, const void *row, struct jw *w)
{
    int n = 0;
    for (size_t i = 0; i + 1 < k->desc->n; i++) {
        const struct field *f = &k->desc->fields[i];
        if (same(f, old, row))
            continue;
        n++;
        if (housekeeping(f->name))
            continue;
        jw_obj(w);
        jw_key(w, "field");
        jw_strz(w, f->name);
        jw_key(w, "label");
        jw_strz(w, f->label);
        jw_key(w, "old");
        shown(f, k->desc, old, w);
        jw_key(w, "new");
        shown(f, k->desc, row, w);
        jw_end_obj(w);
    }
    return n;
}

/* Types that people read in another form than they are stored in. */
static bool was_field(const struct field *f, const void *old, const void *row)
{
    bool rounded = f->type == FT_TIME || f->type == FT_CODES || f->type == FT_JSON;
    bool hidden = f->type == FT_BLOB || f->flags & (F_PRIVATE | F_SECRET);
    return (housekeeping(f->name) || rounded) && !hidden && !same(f, old, row);
}

/* "was": the old values of what the changes leave out or round, as stored; with it a record can be
 * put back exactly (core/past.h). The note's last member, where there is any. */
static void write_was(const struct record_kind *k, const void *old, const void *row, struct jw *w)
{
    bool any = false;
    for (size_t i = 0; i + 1 < k->desc->n; i++) {
        const struct field *f = &k->desc->fields[i];
        const void *at = (const char *)old + f->off;
        if (!was_field(f, old, row))
            continue;
        if (!any) {
            jw_key(w, "was");
            jw_obj(w);
        }
        any = true;
        jw_key(w, f->name);
        if (field_is_text(f->type))
            jw_str(w, *(const struct str *)at);
        else if (*(const int64_t *)at == NULL_INT)
            jw_null(w);
        else
            jw_int(w, *(const int64_t *)at);
    }
    if (any)
        jw_end_obj(w);
}

/* A record before (NULL for an insert) and after. */
struct change {
    const struct record_kind *kind;
    const void *old, *row;
};

/* The history text: {"label","text","changes":[…],"was":{…}}; old NULL for an insert. *ret_n gets
 * the number of columns that differ. */
static enum err note_text(
    struct ctx *c, const struct change *x, const struct note *n, struct str *ret, int *ret_n)
{
    struct buf b;
    struct jw w;
    buf_init(&b, NOTE_MAX);
    jw_init(&w, &b);
    jw_obj(&w);
    jw_key(&w, "label");
    jw_strz(&w, n && n->label ? n->label : x->kind->label);
    if (n && n->text.p) {
        jw_key(&w, "text");
        jw_str(&w, n->text);
    }
    *ret_n = 1;
    if (x->old) {
        jw_key(&w, "changes");
        jw_arr(&w);
        *ret_n = write_changes(x->kind, x->old, x->row, &w);
        jw_end_arr(&w);
        write_was(x->kind, x->old, x->row, &w);
    }
    jw_end_obj(&w);
    enum err e = b.err;
    *ret = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return e || !ret->p ? fail(c, e ? e : ERR_NOMEM, NULL, NULL) : OK;
}

struct str note_shown(struct ctx *c, struct str note)
{
    static const struct str mark = {",\"was\":{", 8};
    for (size_t at = note.n; at > mark.n; at--)
        if (note.p[at - 1] == '{' && str_ends((struct str){note.p, at}, mark))
            return arena_fmt(c->a, "%.*s}", (int)(at - mark.n), note.p);
    return note;
}

static int64_t firm_of(const struct record_kind *k, const void *row)
{
    if (strcmp(k->name, "firm") == 0)
        return row_int(k, row, "id");
    return row_int(k, row, "firm");
}

static enum err store(
    struct ctx *c, const struct record_kind *k, enum sql_id how, void *row, struct str note)
{
    unsigned char digest[SM3_LEN];
    struct journal_row j;
    desc_clear(&journal_row_desc, &j);
    j.kind = k->code;
    j.ref = row_int(k, row, "id");
    j.firm = firm_of(k, row);
    j.note = note;
    enum err e = record_digest(k, row, digest);
    if (e)
        return fail(c, e, NULL, NULL);
    j.digest = (struct str){(const char *)digest, SM3_LEN};
    e = journal_put(c, &j);
    if (e)
        return e;
    set_int(k, row, "jseq", j.id);
    struct q q;
    q_begin(&q, c->db, how);
    q_bind(&q, k->desc, row);
    return db_fail(c, q_send(&q));
}

enum err rec_insert(struct ctx *c, const struct record_kind *k, void *row, const struct note *n)
{
    struct str text = STR_NULL;
    int changed;
    if (row_int(k, row, "id") == NULL_INT || row_int(k, row, "id") <= 0)
        set_int(k, row, "id", id_next(c));
    if (c->err)
        return c->err;
    if (!n || !n->silent) {
        enum err e = note_text(c, &(struct change){k, NULL, row}, n, &text, &changed);
        if (e)
            return e;
    }
    return store(c, k, k->insert, row, text);
}

enum err rec_update_by(struct ctx *c, const struct record_kind *k, enum sql_id how,
    const struct record_pair *rows, const struct note *n)
{
    struct str text = STR_NULL;
    int changed = 0;
    enum err e = note_text(c, &(struct change){k, rows->old, rows->row}, n, &text, &changed);
    if (e || changed == 0)
        return e;
    return store(c, k, how, rows->row, n && n->silent ? STR_NULL : text);
}

enum err rec_update(
    struct ctx *c, const struct record_kind *k, const void *old, void *row, const struct note *n)
{
    return rec_update_by(c, k, k->update, &(struct record_pair){old, row}, n);
}

enum err rec_get(struct ctx *c, const struct record_kind *k, int64_t id, void *ret_row)
{
    struct q q;
    desc_clear(k->desc, ret_row);
    q_begin(&q, c->db, k->get);
    q_int(&q, "id", id);
    return db_fail(c, q_one(&q, k->desc, ret_row, c->a));
}

enum err journal_event(struct ctx *c, int64_t firm, const char *label, struct str text)
{
    struct buf b;
    struct jw w;
    struct journal_row j;
    desc_clear(&journal_row_desc, &j);
    buf_init(&b, NOTE_MAX);
    jw_init(&w, &b);
    jw_obj(&w);
    jw_key(&w, "label");
    jw_strz(&w, label);
    jw_key(&w, "text");
    jw_str(&w, text);
    jw_end_obj(&w);
    j.kind = 0;
    j.ref = 0;
    j.firm = firm > 0 ? firm : NULL_INT;
    enum err e = b.err;
    j.note = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return j.note.p ? journal_put(c, &j) : fail(c, e ? e : ERR_NOMEM, NULL, NULL);
}

enum err journal_retell(struct ctx *c, struct journal_row *told)
{
    told->digest = STR_NULL;
    return journal_send(c, told);
}
