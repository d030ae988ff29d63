/* Months: which there are, the parts of their tables, the rows of the journal in one. */
#include "core/months.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"
#include "core/app.h"
#include "core/template.h"
#include "db/parts.h"

enum {
    AHEAD = 3,
    REST_AT_ONCE = 60,      /* months taken out of a rest in one go */
    JOURNAL_ROWS = 4 << 20, /* of one part: as many are read while it is given its end */
    DAY_MS = 24 * 3600 * 1000,
    SHANGHAI_MS = 8 * 3600 * 1000,
};

static const struct db_part journal_part = {.table = "journal", .key = "id"};

/* --- months ----------------------------------------------------------------------------------- */

int64_t month_of(int64_t day)
{
    struct civil d = civil_of(day);
    return d.year * 12 + d.month - 1;
}

int64_t month_first_day(int64_t month)
{
    return civil_day((struct civil){(int)(month / 12), (int)(month % 12) + 1, 1});
}

/* The first ms of a month in Shanghai. */
static int64_t month_first_ms(int64_t month)
{
    return month_first_day(month) * DAY_MS - SHANGHAI_MS;
}

void month_text(int64_t month, char sign, char out[MONTH_TEXT])
{
    snprintf(out, MONTH_TEXT, "%04d%c%02d", (int)(month / 12), sign, (int)(month % 12) + 1);
}

bool month_read(struct str s, int64_t *ret)
{
    char text[16];
    int64_t day = 0;
    if (s.n != 7)
        return false;
    snprintf(text, sizeof text, "%.*s-01", STR_ARG(s));
    if (!civil_parse_day(str_z(text), &day))
        return false;
    *ret = month_of(day);
    return true;
}

int64_t month_key(const struct month_table *t, int64_t month)
{
    return (month_first_day(month) - t->base) * ((int64_t)1 << t->shift);
}

int64_t month_of_key(const struct month_table *t, int64_t key)
{
    return month_of((key >> t->shift) + t->base);
}

const struct month_table *month_table_of(const struct app *app, int64_t kind)
{
    for (const struct month_table *t = app->months; t && t->table && kind; t++)
        if (t->kind == kind)
            return t;
    return NULL;
}

/* --- parts of a month ------------------------------------------------------------------------- */

struct month_part {
    struct db_part p;
    char name[MONTH_TEXT];
};

static void part_of(const struct month_table *t, int64_t month, struct month_part *ret)
{
    month_text(month, '_', ret->name);
    ret->p = (struct db_part){.table = t->table,
        .key = t->key,
        .name = ret->name,
        .from = month_key(t, month),
        .to = month_key(t, month + 1)};
}

static enum err make_span(
    struct db_conn *db, const struct month_table *t, int64_t first, int64_t last)
{
    enum err e = OK;
    for (int64_t m = first; !e && m <= last; m++) {
        struct month_part part;
        part_of(t, m, &part);
        e = db_part_make(db, &part.p);
    }
    return e;
}

/* The months whose rows came before their part. */
static enum err make_rest(struct db_conn *db, const struct month_table *t)
{
    struct db_part p = {.table = t->table, .key = t->key};
    enum err e = OK;
    for (int i = 0; !e && i < REST_AT_ONCE; i++) {
        int64_t key = NULL_INT;
        e = db_part_rest(db, &p, &key);
        if (e || key == NULL_INT)
            return e;
        e = make_span(db, t, month_of_key(t, key), month_of_key(t, key));
    }
    return e;
}

static enum err span_missing(
    struct db_conn *db, const struct month_table *t, int64_t first, int64_t last, bool *ret)
{
    struct db_part p = {.table = t->table, .key = t->key};
    int64_t key = NULL_INT;
    enum err e = db_part_rest(db, &p, &key);
    *ret = key != NULL_INT;
    for (int64_t m = first; !e && !*ret && m <= last; m++) {
        struct month_part part;
        bool is = true;
        part_of(t, m, &part);
        e = db_part_there(db, &part.p, &is);
        *ret = !is;
    }
    return e;
}

/* --- the journal's turn ----------------------------------------------------------------------- */

/* "2026_11" or "2026_11_2"; another name leaves both as they are. */
static void part_read(struct str name, int64_t *ret_month, int64_t *ret_part)
{
    int64_t year = 0, no = 0;
    if (name.n < 7 || !str_int(str_sub(name, 0, 4), &year) || !str_int(str_sub(name, 5, 2), &no))
        return;
    *ret_month = year * 12 + no - 1;
    if (name.n > 8 && !str_int(str_sub(name, 8, name.n), ret_part))
        *ret_part = 1;
}

/* What the newest part of the journal should be called now: "2026_11", and "2026_11_2" for one that
 * follows within the month. False: it is. */
static bool turn_due(const char *open, int64_t span, int64_t month, char name[DB_PART_NAME])
{
    int64_t of = 0, part = 1;
    part_read(str_z(open), &of, &part);
    if (of >= month && span < JOURNAL_ROWS)
        return false;
    bool again = of >= month;
    char text[MONTH_TEXT];
    month_text(again ? of : month, '_', text);
    snprintf(name, DB_PART_NAME, again ? "%s_%lld" : "%s", text, (long long)part + 1);
    return true;
}

static enum err journal_due(
    struct db_conn *db, int64_t month, char name[DB_PART_NAME], bool *ret_due)
{
    char open[DB_PART_NAME];
    int64_t span = 0;
    *ret_due = false;
    enum err e = db_part_newest(db, &journal_part, open, &span);
    if (!e && open[0])
        *ret_due = turn_due(open, span, month, name);
    return e;
}

static enum err journal_turn(struct db_conn *db, int64_t month)
{
    struct db_part p = journal_part;
    char name[DB_PART_NAME];
    bool due = false;
    enum err e = journal_due(db, month, name, &due);
    p.name = name;
    return e || !due ? e : db_part_turn(db, &p);
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* What one transaction does. */
struct keeping {
    struct db_conn *db;
    const struct month_table *tables;
    int64_t first, last;
};

static enum err keep_tables(const struct keeping *k)
{
    enum err e = OK;
    for (const struct month_table *t = k->tables; !e && t && t->table; t++) {
        e = make_span(k->db, t, k->first, k->last);
        if (!e)
            e = make_rest(k->db, t);
    }
    return e;
}

static enum err keep_journal(const struct keeping *k)
{
    return journal_turn(k->db, k->first);
}

static enum err keep_in_tx(const struct keeping *k, enum err (*fn)(const struct keeping *k))
{
    enum err e = tx_begin(k->db);
    if (!e)
        e = fn(k);
    if (!e)
        e = tx_commit(k->db);
    if (e)
        tx_rollback(k->db);
    return e;
}

static enum err keep_all(const struct keeping *k)
{
    char name[DB_PART_NAME];
    bool missing = false, due = false;
    enum err e = OK;
    for (const struct month_table *t = k->tables; !e && !missing && t && t->table; t++)
        e = span_missing(k->db, t, k->first, k->last, &missing);
    if (!e)
        e = journal_due(k->db, k->first, name, &due);
    enum err made = !e && missing ? keep_in_tx(k, keep_tables) : OK;
    enum err turned = !e && due ? keep_in_tx(k, keep_journal) : OK;
    return e ? e : made ? made : turned;
}

static enum err with_upkeep(
    struct app *app, struct keeping *k, enum err (*fn)(const struct keeping *k))
{
    if (!db_has_parts(app->db))
        return OK;
    enum err e = db_connect(app->db, DB_UPKEEP, &k->db);
    if (e)
        return e;
    k->tables = app->months;
    e = fn(k);
    db_disconnect(k->db);
    return e;
}

enum err months_keep(struct app *app)
{
    struct keeping k = {.first = month_of(civil_today(app_now(app)))};
    k.last = k.first + (app->templates ? setting_int(app, "months_ahead", AHEAD) : AHEAD);
    return with_upkeep(app, &k, keep_all);
}

static enum err make_in_tx(const struct keeping *k)
{
    return keep_in_tx(k, keep_tables);
}

enum err months_make(struct app *app, int64_t from, int64_t to)
{
    struct keeping k = {.first = month_of(from), .last = month_of(to)};
    return with_upkeep(app, &k, make_in_tx);
}

/* --- the journal by months -------------------------------------------------------------------- */

/* The first row from that number on; *ret_id NULL_INT when there is none. */
static enum err row_from(struct db_conn *db, int64_t id, int64_t *ret_id, int64_t *ret_at)
{
    struct q q;
    *ret_id = NULL_INT;
    q_begin(&q, db, SQL_journal_time);
    q_int(&q, "id", id);
    if (q_row(&q)) {
        *ret_id = q_get_int(&q, 0);
        *ret_at = q_get_int(&q, 1);
    }
    return q_end(&q);
}

/* The first number in [low, high] whose row was written at `ms` or later. Rows are written in the
 * order of time but for seconds; any cut among those will do, as long as it is one cut. */
static enum err first_from(struct db_conn *db, int64_t ms, int64_t low, int64_t high, int64_t *ret)
{
    while (low < high) {
        int64_t mid = low + (high - low) / 2, id = 0, at = 0;
        enum err e = row_from(db, mid, &id, &at);
        if (e)
            return e;
        if (id == NULL_INT || at >= ms)
            high = mid;
        else
            low = id + 1;
    }
    *ret = low;
    return OK;
}

static enum err journal_end(struct db_conn *db, int64_t *ret)
{
    struct q q;
    q_begin(&q, db, SQL_journal_last);
    enum err e = q_one_int(&q, ret);
    ++*ret;
    return e;
}

enum err months_journal(struct db_conn *db, int64_t month, int64_t *ret_from, int64_t *ret_to)
{
    int64_t end = 0, from = 0;
    enum err e = journal_end(db, &end);
    if (!e)
        e = first_from(db, month_first_ms(month), 1, end, &from);
    if (!e)
        e = first_from(db, month_first_ms(month + 1), from, end, ret_to);
    if (!e)
        *ret_from = from;
    return e;
}

/* --- laying out another store ----------------------------------------------------------------- */

static enum err lay_table(struct db_conn *from, struct db_conn *to, const struct month_table *t)
{
    int64_t low = NULL_INT, high = NULL_INT;
    struct q q;
    q_begin(&q, from, t->ends);
    if (q_row(&q)) {
        low = q_get_int(&q, 0);
        high = q_get_int(&q, 1);
    }
    enum err e = q_end(&q);
    if (e || low == NULL_INT)
        return e;
    return make_span(to, t, month_of_key(t, low), month_of_key(t, high));
}

/* The part of one month, unless no row was written in it. */
static enum err lay_month(struct db_conn *to, int64_t month, int64_t from, int64_t next)
{
    char name[DB_PART_NAME], open[DB_PART_NAME];
    struct db_part p = journal_part;
    int64_t span = 0;
    enum err e = from < next ? db_part_newest(to, &p, open, &span) : OK;
    if (e || from >= next || !open[0] || !turn_due(open, 0, month, name))
        return e;
    p.name = name;
    p.from = from > 1 ? from : 0;
    return db_part_turn(to, &p);
}

static enum err lay_journal(struct db_conn *from, struct db_conn *to)
{
    int64_t end = 0, id = NULL_INT, at = 0, last_at = 0, cut = 1;
    enum err e = journal_end(from, &end);
    if (!e)
        e = row_from(from, 1, &id, &at);
    if (!e && id != NULL_INT)
        e = row_from(from, end - 1, &id, &last_at);
    if (e || id == NULL_INT)
        return e;
    int64_t month = month_of(civil_today(at)), last = month_of(civil_today(last_at));
    for (; !e && month <= last; month++) {
        int64_t next = end;
        e = first_from(from, month_first_ms(month + 1), cut, end, &next);
        if (!e)
            e = lay_month(to, month, cut, next);
        cut = next;
    }
    return e;
}

enum err months_lay(struct db_conn *from, struct db_conn *to, const struct month_table *tables)
{
    enum err e = tx_begin(to);
    for (const struct month_table *t = tables; !e && t && t->table; t++)
        e = lay_table(from, to, t);
    if (!e)
        e = lay_journal(from, to);
    if (!e)
        e = tx_commit(to);
    if (e)
        tx_rollback(to);
    return e;
}
