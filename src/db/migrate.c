/* Forward-only migrations. Each runs in a transaction of its own together with the row that says
 * it was applied, so a store is always at a whole step. The row keeps SM3 of the text (comments
 * and spacing aside), so a store never meets a program whose history of the schema is another. */
#include "db/backend.h"

#include "base/hash.h"

enum { HEX_LEN = 2 * SM3_LEN };

static const struct str own_table = S("CREATE TABLE IF NOT EXISTS schema_migration ("
                                      "number @ID@, name TEXT NOT NULL, hash TEXT NOT NULL)");
static const struct str own_scan =
    S("SELECT number, name, hash FROM schema_migration ORDER BY number");
static const struct str own_last = S("SELECT max(number) FROM schema_migration");
static const struct str own_insert =
    S("INSERT INTO schema_migration (number, name, hash) VALUES ($1, $2, $3)");

static void text_hash(const char *text, char out[HEX_LEN])
{
    unsigned char digest[SM3_LEN];
    sm3(str_z(text), digest);
    hex_put(digest, SM3_LEN, out);
}

static int last_number(const struct sql_catalog *cat)
{
    return cat->nmigrations ? cat->migrations[cat->nmigrations - 1].number : 0;
}

/* Compares one applied step with the program's step of the same rank. */
static enum err step_compare(struct q *q, const struct sql_catalog *cat, int rank, struct buf *why)
{
    int number = (int)q_get_int(q, 0);
    char hash[HEX_LEN] = {0};
    if (rank < cat->nmigrations)
        text_hash(cat->migrations[rank].text, hash);
    bool same = rank < cat->nmigrations && cat->migrations[rank].number == number &&
                str_eq(q_get_str(q, 2), (struct str){hash, HEX_LEN});
    if (same)
        return OK;
    struct str name = q_get_str(q, 1);
    buf_fmt(why, "数据库结构的第 %d 步（%.*s）与本程序的不一致，不能打开；请改用建立该库的程序版本",
        number, STR_ARG(name));
    return ERR_STATE;
}

/* Every applied step must be the program's of the same rank. */
static enum err applied_scan(struct db_conn *c, int *ret_n, struct buf *why)
{
    struct q q;
    q_begin_text(&q, c, own_scan);
    enum err bad = OK;
    int n = 0;
    while (bad == OK && q_row(&q))
        bad = step_compare(&q, &c->db->cat, n++, why);
    enum err e = q_end(&q);
    if (bad != OK || e != OK)
        return bad != OK ? bad : e;
    *ret_n = n;
    return OK;
}

/* A newer store is told apart from one with another history: it has a number we do not know yet. */
static enum err newest_check(struct db_conn *c, struct buf *why)
{
    struct q q;
    q_begin_text(&q, c, own_last);
    int64_t number = NULL_INT;
    enum err e = q_one_int(&q, &number);
    if (e != OK || number == NULL_INT || number <= last_number(&c->db->cat))
        return e;
    buf_fmt(why, "数据库由更新版本的程序建立（结构版本 %d，本程序为 %d），请升级程序后再打开",
        (int)number, last_number(&c->db->cat));
    return ERR_STATE;
}

static enum err step_note(struct db_conn *c, const struct sql_migration *m)
{
    char hash[HEX_LEN];
    text_hash(m->text, hash);
    struct q q;
    q_begin_text(&q, c, own_insert);
    q_int_at(&q, 1, m->number);
    q_str_at(&q, 2, str_z(m->name));
    q_str_at(&q, 3, (struct str){hash, HEX_LEN});
    return q_exec(&q);
}

/* Inside the transaction. Another process may have been faster: then there is nothing to do. */
static enum err step_run(struct db_conn *c, const struct sql_migration *m)
{
    struct q q;
    q_begin_text(&q, c, own_last);
    int64_t number = NULL_INT;
    enum err e = q_one_int(&q, &number);
    if (e != OK || (number != NULL_INT && number >= m->number))
        return e;
    struct buf text;
    buf_init(&text, 1 << 24);
    e = dialect_expand(str_z(m->text), c->be->dialect, &text);
    const char *script = buf_z(&text);
    if (e == OK)
        e = script ? c->be->run(c->v, script) : ERR_NOMEM;
    buf_free(&text);
    if (e == OK)
        e = c->be->check_links(c->v);
    return e == OK ? step_note(c, m) : e;
}

static enum err step_apply(struct db_conn *c, const struct sql_migration *m, struct buf *why)
{
    enum err e = tx_begin(c);
    if (e == OK)
        e = step_run(c, m);
    if (e == OK)
        e = tx_commit(c);
    if (e == OK)
        return OK;
    buf_fmt(why, "升级数据库结构的第 %d 步（%s）没有成功，数据库保持原样：%s（%s）", m->number,
        m->name, err_text(e), db_message(c));
    tx_rollback(c);
    return e;
}

static enum err pending_apply(struct db_conn *c, int from, struct buf *why)
{
    enum err e = OK;
    for (int i = from; e == OK && i < c->db->cat.nmigrations; i++)
        e = step_apply(c, &c->db->cat.migrations[i], why);
    return e;
}

enum err migrate_run(struct db_conn *c, enum migrate how, struct buf *why)
{
    struct q q;
    enum err e = OK;
    if (how == MIGRATE_APPLY) {
        q_begin_text(&q, c, own_table);
        e = q_exec(&q);
    }
    int n = 0;
    if (e == OK)
        e = newest_check(c, why);
    if (e == OK)
        e = applied_scan(c, &n, why);
    if (e != OK)
        return e;
    if (how == MIGRATE_APPLY)
        return pending_apply(c, n, why);
    if (n == c->db->cat.nmigrations || how == MIGRATE_ALLOW_OLDER)
        return OK;
    buf_fmt(why, "数据库结构版本较旧，请先用本程序以可写方式打开一次，完成升级");
    return ERR_STATE;
}
