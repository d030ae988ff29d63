/* Partitions of PostgreSQL.
 *
 * Method. A part is made as a table of its own and then attached: that takes SHARE UPDATE EXCLUSIVE
 * on the table, which readers and writers do not meet; only the rest is closed for the moment in
 * which it is looked through, and it is empty unless a clock was wrong. Turning the open part means
 * detaching and attaching it with its end, under ACCESS EXCLUSIVE; its rows are read once as proof,
 * so whoever turns must not let it grow without measure. Writers are kept out by the lock of the
 * store, which every write transaction holds; readers by lock_timeout, which gives up on a table
 * that somebody reads for long. */
#include "db/pq_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "db/pq_pipe.h"

enum { TEXT = 1600 };

/* Long enough for a page to be read to its end, short enough for those who wait behind. */
#define PATIENCE "SET LOCAL lock_timeout = 200; "
#define PATIENCE_END "; SET LOCAL lock_timeout = 20000"

/* Nothing else may be on its way. */
static enum err begin_asking(struct vconn *v)
{
    enum err e = v->tx ? OK : link_ready(v);
    return e ? e : pipe_settle(v);
}

/* Runs a script whose text fits. */
static enum err run(struct vconn *v, char *text, int n)
{
    return n < 0 || n >= TEXT ? ERR_INTERNAL : link_run(v, text);
}

/* The columns of the first row as text; false in *ret_row when there is none. */
static enum err ask(struct vconn *v, const char *text, char out[][DB_PART_NAME], int n)
{
    PGresult *r = link_ask(v, text);
    enum err e = link_err(v, r);
    bool found = e == OK && v->pq->PQntuples(r) > 0;
    for (int i = 0; i < n; i++)
        snprintf(out[i], DB_PART_NAME, "%s", found ? v->pq->PQgetvalue(r, 0, i) : "");
    v->pq->PQclear(r);
    return e;
}

static enum err there(struct vconn *v, const struct db_part *p, bool *ret)
{
    char text[TEXT], said[1][DB_PART_NAME];
    enum err e = begin_asking(v);
    snprintf(text, sizeof text,
        "SELECT count(*) FROM pg_inherits WHERE inhparent = '%s'::regclass "
        "AND inhrelid = to_regclass('%s_%s')",
        p->table, p->table, p->name);
    if (e == OK)
        e = ask(v, text, said, 1);
    *ret = said[0][0] == '1';
    return e;
}

/* --- parts with both ends --------------------------------------------------------------------- */

static enum err attach(struct vconn *v, const struct db_part *p)
{
    char text[TEXT];
    long long from = p->from, to = p->to;
    int n = snprintf(text, sizeof text,
        PATIENCE
        "CREATE TABLE %s_%s (LIKE %s); "
        "WITH gone AS (DELETE FROM %s_rest WHERE %s >= %lld AND %s < %lld RETURNING *) "
        "INSERT INTO %s_%s SELECT * FROM gone; "
        "ALTER TABLE %s ATTACH PARTITION %s_%s FOR VALUES FROM (%lld) TO (%lld)" PATIENCE_END,
        p->table, p->name, p->table, p->table, p->key, from, p->key, to, p->table, p->name,
        p->table, p->table, p->name, from, to);
    return run(v, text, n);
}

static enum err make(struct vconn *v, const struct db_part *p)
{
    bool is = false;
    enum err e = there(v, p, &is);
    return e || is ? e : attach(v, p);
}

static enum err rest(struct vconn *v, const struct db_part *p, int64_t *ret_key)
{
    char text[TEXT], said[1][DB_PART_NAME];
    enum err e = begin_asking(v);
    snprintf(text, sizeof text, "SELECT min(%s) FROM %s_rest", p->key, p->table);
    if (e == OK)
        e = ask(v, text, said, 1);
    if (e == OK)
        *ret_key = said[0][0] ? strtoll(said[0], NULL, 10) : NULL_INT;
    return e;
}

static enum err drop(struct vconn *v, const struct db_part *p)
{
    char text[TEXT];
    bool is = false;
    enum err e = there(v, p, &is);
    if (e || !is)
        return e;
    int n = snprintf(text, sizeof text,
        PATIENCE "ALTER TABLE %s DETACH PARTITION %s_%s; DROP TABLE %s_%s" PATIENCE_END, p->table,
        p->table, p->name, p->table, p->name);
    return run(v, text, n);
}

/* --- open parts ------------------------------------------------------------------------------- */

/* The open part: its table, where it begins (as the server writes it), where the next one may. */
struct open {
    char name[DB_PART_NAME], low[DB_PART_NAME], next[DB_PART_NAME];
};

static enum err open_find(struct vconn *v, const struct db_part *p, struct open *ret)
{
    char text[TEXT], said[2][DB_PART_NAME];
    snprintf(text, sizeof text,
        "SELECT c.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM .([^)]*)') "
        "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = '%s'::regclass "
        "AND pg_get_expr(c.relpartbound, c.oid) LIKE '%%TO (MAXVALUE)'",
        p->table);
    enum err e = ask(v, text, said, 2);
    if (e || !said[0][0])
        return e ? e : ERR_CORRUPT;
    memcpy(ret->name, said[0], DB_PART_NAME);
    memcpy(ret->low, said[1], DB_PART_NAME);
    snprintf(text, sizeof text, "SELECT coalesce(max(%s) + 1, 0) FROM %s", p->key, ret->name);
    e = ask(v, text, said, 1);
    memcpy(ret->next, said[0], DB_PART_NAME);
    return e;
}

static int64_t number(const char *text)
{
    return strtoll(*text == '\'' ? text + 1 : text, NULL, 10); /* MINVALUE: 0 */
}

static enum err newest(
    struct vconn *v, const struct db_part *p, char name[DB_PART_NAME], int64_t *ret_span)
{
    struct open o = {"", "", ""};
    enum err e = begin_asking(v);
    if (e == OK)
        e = open_find(v, p, &o);
    if (e)
        return e;
    int64_t span = number(o.next) - number(o.low);
    snprintf(name, DB_PART_NAME, "%s", o.name + strlen(p->table) + 1);
    *ret_span = span > 0 ? span : 0;
    return OK;
}

static enum err close_open(struct vconn *v, const struct db_part *p, const struct open *o)
{
    char text[TEXT];
    long long end = number(o->next) > p->from ? number(o->next) : p->from;
    const char *t = p->table;
    int n = snprintf(text, sizeof text,
        PATIENCE
        "CREATE TABLE %s_%s (LIKE %s); ALTER TABLE %s DETACH PARTITION %s; "
        "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%lld); "
        "ALTER TABLE %s ATTACH PARTITION %s_%s FOR VALUES FROM (%lld) TO (MAXVALUE)" PATIENCE_END,
        t, p->name, t, t, o->name, t, o->name, o->low, end, t, t, p->name, end);
    return run(v, text, n);
}

static enum err turn(struct vconn *v, const struct db_part *p)
{
    struct open o = {"", "", ""};
    char text[TEXT];
    enum err e = open_find(v, p, &o);
    if (e)
        return e;
    bool empty = number(o.next) == 0 && p->from <= number(o.low);
    if (!empty)
        return close_open(v, p, &o);
    int n = snprintf(text, sizeof text, PATIENCE "ALTER TABLE %s RENAME TO %s_%s" PATIENCE_END,
        o.name, p->table, p->name);
    return run(v, text, n);
}

const struct db_parts pq_parts = {there, rest, newest, make, turn, drop};
