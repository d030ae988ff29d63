/* Giving up months. */
#include "core/retire.h"

#include "core/app.h"
#include "core/kinds.h"
#include "core/template.h"
#include "db/parts.h"

DESC(retired_row, RETIRED_ROW_FIELDS)

enum { YEARS_LEAST = 5, KIND_SHARE = 100000, ROWS_A_COMMIT = 5000, MONTHS_MAX = 1200 };

const struct record_kind kind_retired = {
    24, "retired", "清退", &retired_row_desc, RECORD_SQL(retired)};

int64_t retired_id(int64_t kind, int64_t month)
{
    return kind * KIND_SHARE + month;
}

int64_t retired_month(int64_t id)
{
    return id % KIND_SHARE;
}

int64_t retired_kind(int64_t id)
{
    return id / KIND_SHARE;
}

int64_t retire_floor(struct ctx *c)
{
    int64_t years = setting_int(c->app, "retention_years", YEARS_LEAST);
    return month_of(c->today) - 12 * (years < YEARS_LEAST ? YEARS_LEAST : years);
}

/* --- looking ---------------------------------------------------------------------------------- */

static enum err span_step(
    struct db_conn *db, const struct month_table *t, int64_t span[2], int64_t limit, int64_t *ret)
{
    struct q q;
    q_begin(&q, db, t->records->step);
    q_int(&q, "from", span[0]);
    q_int(&q, "to", span[1]);
    q_int(&q, "limit", limit);
    return q_one_int(&q, ret);
}

static enum err span_count(struct ctx *c, const struct month_table *t, struct retire_month *m)
{
    struct q q;
    q_begin(&q, c->db, SQL_journal_last);
    enum err e = q_one_int(&q, &m->seen);
    if (e)
        return e;
    q_begin(&q, c->db, t->records->count);
    q_int(&q, "from", month_key(t, m->month));
    q_int(&q, "to", month_key(t, m->month + 1));
    if (q_row(&q)) {
        m->records = q_get_int(&q, 0);
        m->chars = q_get_int(&q, 1);
    }
    return q_end(&q);
}

enum err retire_look(struct ctx *c, const struct month_table *t, int64_t before, struct vec *ret)
{
    struct retire_month *m = arena_new(c->a, struct retire_month, MONTHS_MAX);
    int64_t span[2] = {0, month_key(t, before)};
    size_t n = 0;
    enum err e = m ? OK : ERR_NOMEM;
    while (!e && n < MONTHS_MAX) {
        int64_t key = NULL_INT;
        e = span_step(c->db, t, span, 1, &key);
        if (e || key == NULL_INT)
            break;
        m[n] = (struct retire_month){.month = month_of_key(t, key)};
        span[0] = month_key(t, m[n].month + 1);
        e = span_count(c, t, &m[n++]);
    }
    *ret = (struct vec){m, n};
    return db_fail(c, e);
}

/* --- the act ---------------------------------------------------------------------------------- */

struct retiring {
    const struct month_table *t;
    const struct retire_month *m;
    struct str who;
    int64_t span[2];
    bool left; /* rows that are to go one by one */
};

/* Whether the month was noted before and then cut off. */
static enum err noted(struct ctx *c, int64_t id, bool *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_retired_get);
    q_int(&q, "id", id);
    *ret = q_row(&q);
    return q_end(&q);
}

/* Records that came after they were counted are in the journal behind `seen`. */
static enum err late_comers(struct ctx *c, const struct retiring *r, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_journal_about_since);
    q_int(&q, "seen", r->m->seen);
    q_int(&q, "kind", r->t->kind);
    q_int(&q, "from", r->span[0]);
    q_int(&q, "to", r->span[1]);
    return q_one_int(&q, ret);
}

static enum err note_month(struct ctx *c, const struct retiring *r)
{
    char month[MONTH_TEXT];
    struct retired_row row;
    int64_t late = 0;
    const struct record_kind *kind = record_kind_find(c->app, r->t->kind);
    enum err e = late_comers(c, r, &late);
    if (e)
        return db_fail(c, e);
    month_text(r->m->month, '-', month);
    desc_clear(&retired_row_desc, &row);
    row.id = retired_id(r->t->kind, r->m->month);
    row.kind = r->t->kind;
    row.month = str_z(month);
    row.records = r->m->records + late;
    row.at = c->now;
    row.by_account = c->actor.account;
    row.by_name = r->who;
    struct note n = {.label = "按保存期限清退"};
    n.text = arena_fmt(c->a, "%s %s %lld 条，经办人：%.*s", kind ? kind->label : r->t->table, month,
        (long long)row.records, STR_ARG(r->who));
    return rec_insert(c, &kind_retired, &row, &n);
}

static enum err drop_part(struct ctx *c, const struct retiring *r)
{
    char name[MONTH_TEXT];
    month_text(r->m->month, '_', name);
    struct db_part p = {.table = r->t->table, .key = r->t->key, .name = name};
    return db_fail(c, db_part_drop(c->db, &p));
}

static enum err act(struct ctx *c, void *arg)
{
    const struct retiring *r = arg;
    bool before = false;
    if (r->m->month >= retire_floor(c))
        return fail(c, ERR_STATE, NULL, NULL);
    enum err e = noted(c, retired_id(r->t->kind, r->m->month), &before);
    if (!e && !before)
        e = note_month(c, r);
    return e ? db_fail(c, e) : drop_part(c, r);
}

/* One commit's share of the rows that lie in no part. */
static enum err sweep(struct ctx *c, void *arg)
{
    struct retiring *r = arg;
    struct q q;
    int64_t last = NULL_INT;
    enum err e = span_step(c->db, r->t, r->span, ROWS_A_COMMIT, &last);
    r->left = !e && last != NULL_INT;
    if (!r->left)
        return db_fail(c, e);
    q_begin(&q, c->db, r->t->records->sweep);
    q_int(&q, "from", r->span[0]);
    q_int(&q, "to", last + 1);
    return db_fail(c, q_exec(&q));
}

enum err retire_month(
    struct app *app, const struct month_table *t, const struct retire_month *m, struct str who)
{
    struct retiring r = {t, m, who, {month_key(t, m->month), month_key(t, m->month + 1)}, true};
    enum err e = app_write(app, NULL, act, &r);
    while (!e && r.left)
        e = app_write(app, NULL, sweep, &r);
    return e;
}

/* --- what is gone ----------------------------------------------------------------------------- */

enum err retire_judge(struct ctx *c, int64_t kind, int64_t day)
{
    bool gone = false;
    int64_t month = month_of(day);
    if (month >= retire_floor(c))
        return OK;
    enum err e = noted(c, retired_id(kind, month), &gone);
    if (!e && gone)
        return fail(c, ERR_NOT_FOUND, NULL,
            "这个月的记录已满保存期限并按规定清退；每天的计数仍可在“今日运行”中查看");
    return db_fail(c, e);
}
