/* A firm and the notices it is told of.
 *
 * Every firm on file is to be told of a notice that says so: one admitted later owes it too, one
 * that ended or fell out of scope no longer does (PL-66). tell_stock counts the firms of an org
 * that are to be told, tell_count those of them that were. Both follow the firm when it moves, so
 * that a number always equals the firms that can be listed behind it; what was done stays on
 * record whatever becomes of the firm. */
#include "feature/ledger/firm_told.h"

#include "core/app.h"
#include "core/batch.h"
#include "core/codes.h"

static const struct counter_def stock_counter = {
    SQL_tell_stock_add, NULL, {"total", "producer", "seller", NULL}};
const struct counter_def tell_counter = {
    SQL_tell_count_add, "notice", {"reached", "receipt", "visit", "paper", "phone", NULL}};

static const char *const ways[] = {"receipt", "visit", "paper", "phone"};

bool firm_in_telling(struct ctx *c, const struct firm_row *row)
{
    struct str duty = jin_str(jin_get(code_row(c, "abnormal", row->abnormal), "duty"));
    return str_eqz(row->state, "admitted") && !str_eqz(duty, "ended") && !str_eqz(duty, "out");
}

bool firm_is_told(struct ctx *c, const struct firm_row *row, struct str audience)
{
    bool other = (str_eqz(audience, "producer") && str_eqz(row->kind, "seller")) ||
                 (str_eqz(audience, "seller") && str_eqz(row->kind, "producer"));
    return !other && firm_in_telling(c, row);
}

void tell_count(struct ctx *c, int64_t notice, struct str way, struct str path, int64_t by)
{
    int64_t v[COUNTER_COLS] = {by};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        v[1 + i] = str_eqz(way, ways[i]) ? by : 0;
    count_add(c, &tell_counter, notice, path, v);
}

static void stock(struct ctx *c, const struct firm_row *row, int64_t by)
{
    int64_t v[COUNTER_COLS] = {by};
    v[1] = str_eqz(row->kind, "seller") ? 0 : by;
    v[2] = str_eqz(row->kind, "producer") ? 0 : by;
    count_add(c, &stock_counter, 0, row->org_path, v);
}

/* The notices the firm was told of leave the numbers of its old place and enter the new one's. */
static enum err told_move(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct q q;
    q_begin(&q, c->db, SQL_told_of_firm);
    q_int(&q, "firm", row->id);
    while (q_row(&q)) {
        int64_t notice = q_get_int(&q, 0);
        struct str way = keep(c, q_get_str(&q, 1)), audience = keep(c, q_get_str(&q, 2));
        if (firm_is_told(c, old, audience))
            tell_count(c, notice, way, old->org_path, -1);
        if (firm_is_told(c, row, audience))
            tell_count(c, notice, way, row->org_path, 1);
    }
    return db_fail(c, q_end(&q));
}

enum err firm_told_count(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    bool was = old && firm_in_telling(c, old), is = firm_in_telling(c, row);
    bool same = old && str_eq(old->org_path, row->org_path) && str_eq(old->kind, row->kind);
    if (was == is && (same || !is))
        return OK;
    if (was)
        stock(c, old, -1);
    if (is)
        stock(c, row, 1);
    return old ? told_move(c, old, row) : OK;
}

/* --- making anew ----------------------------------------------------------------------------- */

enum { FIRMS_A_WRITE = 5000 };

static enum err run(struct ctx *c, enum sql_id id)
{
    struct q q;
    q_begin(&q, c->db, id);
    return db_fail(c, q_exec(&q));
}

static enum err clear(struct ctx *c, void *unused)
{
    (void)unused;
    enum err e = run(c, SQL_tell_stock_clear);
    if (!e)
        e = run(c, SQL_tell_count_clear);
    if (!e)
        e = run(c, SQL_told_clear);
    return e ? e : run(c, SQL_told_fill);
}

/* One stretch of firms: last is the id it ended at, 0 when there were none left. */
static enum err count_again(struct ctx *c, void *arg)
{
    int64_t *last = arg;
    struct vec firms = {0};
    struct q q;
    q_begin(&q, c->db, kind_firm.scan);
    q_int(&q, "after", *last);
    q_int(&q, "limit", FIRMS_A_WRITE);
    enum err e = q_all(&q, &firm_row_desc, &firms, c->a);
    const struct firm_row *rows = firms.p;
    *last = 0;
    for (size_t i = 0; !e && i < firms.n; i++) {
        *last = rows[i].id;
        if (!firm_in_telling(c, &rows[i]))
            continue;
        struct firm_row nowhere = rows[i];
        nowhere.state = S("");
        stock(c, &rows[i], 1);
        e = told_move(c, &nowhere, &rows[i]);
    }
    return db_fail(c, e);
}

enum err firm_told_rebuild(struct app *app)
{
    int64_t last = -1;
    enum err e = app_write(app, NULL, clear, NULL);
    while (!e && last)
        e = app_write(app, NULL, count_again, &last);
    return e;
}
