/* The histories of firms: what the source's journal tells people is told again, with its own time
 * and person, before the records themselves are written; where it says an id, the target's stands.
 * What else the journal holds (digests, sign-ins, daily records) is proved by the old store. */
#include "base/jsonin.h"
#include "feature/merge/merge_impl.h"

enum { PAGE = 2000, NOTE_MAX = 256 << 10, JSON_DEPTH = 16 };

/* The record whose id a column of a kind holds; NULL: none. */
static const char *ref_of(const char *table, struct str column)
{
    for (const struct sql_rule *r = sql_rules; r->table; r++)
        if (r->is == SQL_IS_REF && !r->word && strcmp(r->table, table) == 0 &&
            str_eqz(column, r->column))
            return r->what;
    return NULL;
}

static void put_value(struct merging *x, const char *ref, const struct jin *v, struct jw *w)
{
    int64_t id = jin_int(v, NULL_INT), to = NULL_INT;
    if (ref && id > 0 && merge_ref(&x->m, ref, id, &to) == OK && to > 0)
        jw_int(w, to);
    else
        jw_raw(w, v ? jin_text(v) : S("null"));
}

/* {field, label, old, new} */
static void put_change(struct merging *x, const char *table, const struct jin *change, struct jw *w)
{
    const char *ref = ref_of(table, jin_str(jin_get(change, "field")));
    struct str key;
    const struct jin *v;
    jw_obj(w);
    for (size_t i = 0; jin_member(change, i, &key, &v); i++) {
        bool said = str_eqz(key, "old") || str_eqz(key, "new");
        jw_key_str(w, key);
        put_value(x, said ? ref : NULL, v, w);
    }
    jw_end_obj(w);
}

static void put_note(struct merging *x, const char *table, const struct jin *note, struct jw *w)
{
    struct str key;
    const struct jin *v;
    jw_obj(w);
    for (size_t i = 0; jin_member(note, i, &key, &v); i++) {
        jw_key_str(w, key);
        if (!str_eqz(key, "changes")) {
            put_value(x, NULL, v, w);
            continue;
        }
        jw_arr(w);
        for (size_t k = 0; k < jin_len(v); k++)
            put_change(x, table, jin_at(v, k), w);
        jw_end_arr(w);
    }
    jw_end_obj(w);
}

static enum err note_take(struct merging *x, struct journal_row *j)
{
    const struct record_kind *k = record_kind_find(x->c->app, (int)j->kind);
    const struct jin *doc;
    struct buf b;
    struct jw w;
    if (!k || str_find(j->note, S("\"changes\"")) < 0)
        return OK;
    enum err e = jin_parse(j->note, JSON_DEPTH, &doc);
    if (e)
        return e == ERR_NOMEM ? e : OK; /* told as it is */
    buf_init(&b, NOTE_MAX);
    jw_init(&w, &b);
    put_note(x, k->name, doc, &w);
    j->note = arena_str(&x->row, buf_str(&b));
    e = b.err;
    buf_free(&b);
    jin_free(doc);
    return e;
}

/* The record it tells of; of none when that one stays behind. */
static enum err ref_take(struct merging *x, struct journal_row *j)
{
    const struct record_kind *k = record_kind_find(x->c->app, (int)j->kind);
    int64_t ref = 0;
    enum err e = k ? merge_ref(&x->m, k->name, j->ref, &ref) : OK;
    j->kind = ref > 0 ? j->kind : 0;
    j->ref = ref > 0 ? ref : 0;
    return e;
}

static enum err row_take(struct merging *x, struct journal_row *j)
{
    int64_t told = j->id;
    if (merge_joined(x, j->firm))
        return OK;
    enum err e = merge_ref(&x->m, "firm", j->firm, &j->firm);
    if (e)
        return e;
    const int64_t *to = merge_map_find(&merge_table_of(&x->m, "account")->map, j->actor);
    j->actor = to ? *to : 0; /* of an administrator, or of nobody: the system */
    j->via = arena_fmt(
        &x->row, "%.*s%s原库存证 %lld", STR_ARG(j->via), j->via.n ? "；" : "", (long long)told);
    e = note_take(x, j);
    if (!e)
        e = ref_take(x, j);
    return e ? e : journal_retell(x->c, j);
}

static enum err page_take(struct merging *x, int64_t *after, int64_t *ret_n)
{
    struct q q;
    enum err e = OK;
    *ret_n = 0;
    q_begin(&q, x->m.from, SQL_merge_told);
    q_int(&q, "after", *after);
    q_int(&q, "limit", PAGE);
    while (!e && q_row(&q)) {
        struct journal_row j;
        arena_reset(&x->row);
        desc_clear(&journal_row_desc, &j);
        q_read(&q, &journal_row_desc, &j, &x->row);
        *after = j.id;
        ++*ret_n;
        e = q.err ? q.err : row_take(x, &j);
    }
    enum err end = q_end(&q);
    return e ? e : end;
}

enum err take_history(struct merging *x)
{
    int64_t after = 0, n = PAGE, all = 0;
    enum err e = OK;
    while (!e && n == PAGE) {
        e = page_take(x, &after, &n);
        all += n;
    }
    merge_count_set(x, "history", "单位履历", all);
    return e;
}
