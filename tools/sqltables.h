/* For tools/mksql.c: the tables of the schema with their columns and keys, and the statements by
 * which a whole store is moved (core/move.c), so that a new table is moved without anybody thinking
 * of it. Rows are walked in the order of the primary key; generated columns are left to the target.
 *
 *     first  columns, ORDER BY key LIMIT $1       next   … WHERE key > ($1 …) … LIMIT $n
 *     last   the highest key                      count  how many rows
 *     put    INSERT of one row                    puts   INSERT of `rows` rows
 *     clear  DELETE of all rows
 *
 * A table without a primary key, or with a column that is no number, text or bytes, is refused. */
#ifndef ZHIAN_TOOLS_SQLTABLES_H
#define ZHIAN_TOOLS_SQLTABLES_H

#include "sqllex.h"

enum { NAME_SIZE = 96, MAX_COL = 120, MAX_TABLE = 512, MAX_KEY = 4, MAX_BOUND = 200 };

struct column {
    char sql[NAME_SIZE];  /* as written, quotes and all */
    char name[NAME_SIZE]; /* bare */
    char type;            /* 'i' number, 't' text, 'b' bytes, 0 something else */
    bool computed;
};

struct table {
    char name[NAME_SIZE];
    struct column cols[MAX_COL];
    int ncols;
    char keys[MAX_KEY][NAME_SIZE]; /* names of the primary key's columns, in its order */
    int nkeys;
    bool record;
    const char *file;
    int line;
};

static struct table *tables[MAX_TABLE];
static int ntables;

/* --- one table -------------------------------------------------------------------------------- */

static int table_moved_cols(const struct table *t)
{
    int n = 0;
    for (int i = 0; i < t->ncols; i++)
        n += !t->cols[i].computed;
    return n;
}

/* The place of a key's column among those that are moved. */
static int table_key_at(const struct table *t, const char *name)
{
    int at = 0;
    for (int i = 0; i < t->ncols; i++) {
        if (strcasecmp(t->cols[i].name, name) == 0 && !t->cols[i].computed)
            return at;
        at += !t->cols[i].computed;
    }
    die(t->file, t->line, "%s: the key's column %s is not there", t->name, name);
}

static void table_check(const struct table *t)
{
    if (t->nkeys == 0)
        die(t->file, t->line, "%s: a table needs a primary key, or it cannot be moved", t->name);
    for (int i = 0; i < t->ncols; i++)
        if (!t->cols[i].type && !t->cols[i].computed)
            die(t->file, t->line, "%s.%s: a column is BIGINT, TEXT or @BLOB@", t->name,
                t->cols[i].name);
}

static void table_cols(const struct table *t, struct text *out)
{
    bool some = false;
    for (int i = 0; i < t->ncols; i++) {
        if (t->cols[i].computed)
            continue;
        text_fmt(out, "%s%s", some ? ", " : "", t->cols[i].sql);
        some = true;
    }
}

static const char *table_key_sql(const struct table *t, int k)
{
    for (int i = 0; i < t->ncols; i++)
        if (strcasecmp(t->cols[i].name, t->keys[k]) == 0)
            return t->cols[i].sql;
    return t->keys[k];
}

static void table_keys(const struct table *t, const char *behind, struct text *out)
{
    for (int k = 0; k < t->nkeys; k++)
        text_fmt(out, "%s%s%s", k ? ", " : "", table_key_sql(t, k), behind);
}

/* --- its statements --------------------------------------------------------------------------- */

static void table_page(const struct table *t, bool next, struct text *out)
{
    text_addz(out, "SELECT ");
    table_cols(t, out);
    text_fmt(out, " FROM %s", t->name);
    if (next) {
        text_addz(out, " WHERE (");
        table_keys(t, "", out);
        text_addz(out, ") > (");
        for (int k = 0; k < t->nkeys; k++)
            text_fmt(out, "%s$%d", k ? ", " : "", k + 1);
        text_addz(out, ")");
    }
    text_addz(out, " ORDER BY ");
    table_keys(t, "", out);
    text_fmt(out, " LIMIT $%d", next ? t->nkeys + 1 : 1);
}

static void table_last(const struct table *t, struct text *out)
{
    text_addz(out, "SELECT ");
    table_keys(t, "", out);
    text_fmt(out, " FROM %s ORDER BY ", t->name);
    table_keys(t, " DESC", out);
    text_addz(out, " LIMIT 1");
}

static void table_put(const struct table *t, int rows, struct text *out)
{
    int n = table_moved_cols(t);
    text_fmt(out, "INSERT INTO %s (", t->name);
    table_cols(t, out);
    text_addz(out, ") VALUES ");
    for (int r = 0; r < rows; r++) {
        text_addz(out, r ? ", (" : "(");
        for (int i = 0; i < n; i++)
            text_fmt(out, "%s$%d", i ? ", " : "", r * n + i + 1);
        text_addz(out, ")");
    }
}

/* How many rows one statement takes at once. */
static int table_rows(const struct table *t)
{
    int rows = MAX_BOUND / table_moved_cols(t);
    return rows > 0 ? rows : 1;
}

/* --- output ----------------------------------------------------------------------------------- */

static void put_text(struct text *out, struct text *one)
{
    put_literal(out, one);
    text_addz(out, ",");
    free(one->p);
}

static void put_table(struct text *out, const struct table *t)
{
    struct text all[7] = {{0}};
    text_fmt(out, "    {\"%s\", \"", t->name);
    for (int i = 0; i < t->ncols; i++)
        if (!t->cols[i].computed)
            text_add(out, &t->cols[i].type, 1);
    text_fmt(out, "\", %d, %d, %d, {", table_moved_cols(t), t->nkeys, table_rows(t));
    for (int k = 0; k < t->nkeys; k++)
        text_fmt(out, "%s%d", k ? ", " : "", table_key_at(t, t->keys[k]));
    text_addz(out, "},");
    table_page(t, false, &all[0]);
    table_page(t, true, &all[1]);
    table_last(t, &all[2]);
    text_fmt(&all[3], "SELECT count(*) FROM %s", t->name);
    table_put(t, 1, &all[4]);
    table_put(t, table_rows(t), &all[5]);
    text_fmt(&all[6], "DELETE FROM %s", t->name);
    for (int i = 0; i < 7; i++)
        put_text(out, &all[i]);
    text_addz(out, "},\n");
}

static void put_tables(struct text *out)
{
    text_addz(out, "\nconst struct sql_table sql_tables[] = {\n");
    for (int i = 0; i < ntables; i++) {
        table_check(tables[i]);
        put_table(out, tables[i]);
    }
    text_addz(out, "    {0, 0, 0, 0, 0, {0}, 0, 0, 0, 0, 0, 0, 0},\n};\n");
}

#endif
