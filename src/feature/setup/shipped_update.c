/* Shipped definitions into a store that an older program made. At its first start on such a store a
 * program adds the definitions the store lacks, replaces those that still are the shipped ones by a
 * new version, and gives code lists and settings an authority has published itself the rows they
 * lack; everything else an authority published stays as it is. Each is a version like any other,
 * in the journal, in force from today: what is past is judged by what was in force then.
 *
 * Which definitions a store has seen stands in its meta ("edition digest"). An older program leaves
 * alone what a newer one brought: raise EDITION with each release that changes data/templates. */
#include <stdio.h>

#include "base/hash.h"
#include "base/jsonin.h"
#include "base/shipped.h"
#include "core/kinds.h"
#include "core/meta.h"
#include "core/template.h"
#include "feature/setup/setup_impl.h"

enum { EDITION = 2, JSON_DEPTH = 32, BODY_MAX = 16 << 20, MARK_MAX = 80 };

static const char seen_key[] = "shipped_templates";

/* The members that name a row of the lists in it; of other definitions lists are not joined. */
static const struct {
    const char *name, *key;
} joined[] = {{"codes", "code"}, {"settings", "key"}};

static const char *key_of(struct str name)
{
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++)
        if (str_eqz(name, joined[i].name))
            return joined[i].key;
    return NULL;
}

/* --- what the store has seen ------------------------------------------------------------------ */

static enum err mark_of(char mark[MARK_MAX])
{
    unsigned char digest[SM3_LEN];
    char text[2 * SM3_LEN + 1] = "";
    struct sm3_ctx h;
    enum err e = sm3_begin(&h);
    if (e)
        return e;
    for (size_t i = shipped_first("templates/"); setup_is_template(i); i++)
        sm3_add(&h, shipped_at(i)->body);
    sm3_end(&h, digest);
    hex_put(digest, SM3_LEN, text);
    snprintf(mark, MARK_MAX, "%d %s", EDITION, text);
    return OK;
}

enum err setup_seen(struct ctx *c)
{
    char mark[MARK_MAX];
    enum err e = mark_of(mark);
    return e ? fail(c, e, NULL, NULL) : meta_put(c, seen_key, str_z(mark));
}

/* Whether the store is to be brought up to this program. */
static enum err is_behind(struct ctx *c, bool *ret)
{
    char mark[MARK_MAX];
    struct str seen = STR_NULL, edition;
    int64_t n = 0;
    enum err e = mark_of(mark);
    if (!e)
        e = meta_get(c, seen_key, &seen);
    if (e && e != ERR_NOT_FOUND)
        return e;
    edition = str_cut(seen, ' ', &seen);
    (void)str_int(edition, &n);
    *ret = e == ERR_NOT_FOUND || n < EDITION || (n == EDITION && !str_ends(str_z(mark), seen));
    return OK;
}

/* --- joining lists ---------------------------------------------------------------------------- */

static bool has_row(const struct jin *list, const char *key, struct str value)
{
    for (size_t i = 0; i < jin_len(list); i++)
        if (str_eq(jin_str(jin_get(jin_at(list, i), key)), value))
            return true;
    return false;
}

static int64_t list_join(
    struct jw *w, const struct jin *own, const struct jin *shipped, const char *key)
{
    int64_t added = 0;
    jw_arr(w);
    for (size_t i = 0; i < jin_len(own); i++)
        jw_raw(w, jin_text(jin_at(own, i)));
    for (size_t i = 0; i < jin_len(shipped); i++) {
        struct str value = jin_str(jin_get(jin_at(shipped, i), key));
        if (!value.n || has_row(own, key, value))
            continue;
        jw_raw(w, jin_text(jin_at(shipped, i)));
        added++;
    }
    jw_end_arr(w);
    return added;
}

static const struct jin *member_of(const struct jin *obj, struct str key)
{
    struct str k;
    const struct jin *v;
    for (size_t i = 0; jin_member(obj, i, &k, &v); i++)
        if (str_eq(k, key))
            return v;
    return NULL;
}

/* The stored body with the rows and lists it lacks; how many are new. */
static int64_t body_join(
    struct jw *w, const struct jin *own, const struct jin *shipped, const char *key)
{
    int64_t added = 0;
    struct str k;
    const struct jin *v;
    jw_obj(w);
    for (size_t i = 0; jin_member(own, i, &k, &v); i++) {
        const struct jin *theirs = member_of(shipped, k);
        jw_key_str(w, k);
        if (jin_type(v) == JIN_ARR && jin_type(theirs) == JIN_ARR)
            added += list_join(w, v, theirs, key);
        else
            jw_raw(w, jin_text(v));
    }
    for (size_t i = 0; jin_member(shipped, i, &k, &v); i++) {
        if (member_of(own, k))
            continue;
        jw_key_str(w, k);
        jw_raw(w, jin_text(v));
        added++;
    }
    jw_end_obj(w);
    return added;
}

/* --- one definition --------------------------------------------------------------------------- */

/* A published list gains the shipped rows it lacks. */
static enum err add_rows(struct ctx *c, const struct template_row *old,
    const struct template_row *shipped, const char *key)
{
    const struct jin *own = NULL, *theirs = NULL;
    struct template_row row = *old;
    struct buf b;
    struct jw w;
    buf_init(&b, BODY_MAX);
    jw_init(&w, &b);
    enum err e = jin_parse(old->body, JSON_DEPTH, &own);
    if (!e)
        e = jin_parse(shipped->body, JSON_DEPTH, &theirs);
    int64_t added = e ? 0 : body_join(&w, own, theirs, key);
    jin_free(own);
    jin_free(theirs);
    e = e ? e : b.err;
    row.body = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    if (e)
        return fail(c, e, NULL, NULL);
    if (!added)
        return OK;
    row.id = row.jseq = row.effective_from = NULL_INT;
    row.reason = arena_fmt(c->a, "随程序更新：增加%lld项，原有内容不变", (long long)added);
    return template_publish(c, &row);
}

static bool is_shipped(const struct template_row *row)
{
    return row->created_by == 0 && str_eqz(row->reason, SETUP_SHIPPED);
}

static enum err bring(struct ctx *c, const struct shipped *file)
{
    struct template_row row, old;
    struct q q;
    enum err e = setup_shipped_row(c, file, &row);
    if (e)
        return e;
    desc_clear(&template_row_desc, &old);
    q_begin(&q, c->db, SQL_template_newest);
    q_str(&q, "name", row.name);
    e = q_one(&q, &template_row_desc, &old, c->a);
    if (e == ERR_NOT_FOUND)
        return template_publish(c, &row);
    if (e)
        return db_fail(c, e);
    const char *key = key_of(row.name);
    if (!is_shipped(&old))
        return key ? add_rows(c, &old, &row, key) : OK;
    if (str_eq(old.body, row.body) && str_eq(old.title, row.title))
        return OK;
    row.effective_from = NULL_INT;
    return template_publish(c, &row);
}

static enum err bring_all(struct ctx *c, void *unused)
{
    bool behind;
    (void)unused;
    enum err e = is_behind(c, &behind); /* another program may have been first */
    if (e || !behind)
        return e;
    for (size_t i = shipped_first("templates/"); !e && setup_is_template(i); i++)
        if (str_ends(str_z(shipped_at(i)->path), S(".json")))
            e = bring(c, shipped_at(i));
    return e ? e : setup_seen(c);
}

static enum err look(struct ctx *c, void *ret)
{
    return is_behind(c, ret);
}

enum err setup_update(struct app *app)
{
    bool behind = false;
    enum err e = app->writer ? app_read(app, look, &behind) : OK;
    if (e || !behind)
        return e;
    e = app_write(app, NULL, bring_all, NULL);
    if (e && app_read(app, look, &behind) == OK && !behind)
        return OK; /* another program did it meanwhile */
    return e;
}
