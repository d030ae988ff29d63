/* What is wrong with a table of a SQLite store: PRAGMA integrity_check, told in Chinese.
 *
 * It looks every row up in every index of its table, counts the entries, and walks the pages: at
 * most a hundred lines a table. A row is named there by its place in the table, which is turned
 * into its id under the same snapshot, as the check is still open then. */
#include "db/sqlite_flaws.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_SIZE = 256, WHAT_SIZE = 512 };

/* SQLite's words before the name of an index, and ours behind it. */
static const struct {
    const char *said, *then;
} words[] = {
    {" missing from index ", "缺少对应的条目，靠它列出的名单会漏掉记录"},
    {" values differ from index ", "的内容与记录不符"},
    {"wrong # of entries in index ", "的条目数与记录数不符，有多出或缺少的条目"},
    {"non-unique entry in index ", "中有重复的条目"},
};

static void what_of(const char *said, char out[WHAT_SIZE])
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(said, words[i].said);
        if (!at)
            continue;
        snprintf(out, WHAT_SIZE, "索引 %s %s", at + strlen(words[i].said), words[i].then);
        return;
    }
    int n = snprintf(out, WHAT_SIZE, "存储结构有误：");
    for (; *said && n < WHAT_SIZE - 1; said++, n++)
        out[n] = (unsigned char)*said < ' ' || strchr("\"\\", *said) ? ' ' : *said;
    out[n] = 0;
}

/* The first number that text, with `at` for its parameter, gives; 0: none, or no such text. */
static int64_t number_of(sqlite3 *h, const char *text, int64_t at)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(h, text, -1, &s, NULL) != SQLITE_OK)
        return 0; /* a table without row numbers */
    sqlite3_bind_int64(s, 1, at);
    int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return n;
}

/* "row 12 …" is the twelfth. */
static int64_t row_of(sqlite3 *h, const char *table, const char *said)
{
    char text[TEXT_SIZE];
    int64_t place = strncmp(said, "row ", 4) == 0 ? strtoll(said + 4, NULL, 10) : 0;
    snprintf(text, sizeof text,
        "SELECT rowid FROM \"%s\" NOT INDEXED ORDER BY rowid LIMIT 1 OFFSET $1", table);
    return place > 0 ? number_of(h, text, place - 1) : 0;
}

static bool has_index(sqlite3 *h, const char *table)
{
    char text[TEXT_SIZE];
    snprintf(text, sizeof text, "SELECT count(*) FROM pragma_index_list('%s')", table);
    return number_of(h, text, 0) > 0;
}

int sqlite_flaws(sqlite3 *h, const char *table, db_flaw_fn *found, void *arg)
{
    char text[TEXT_SIZE], what[2][WHAT_SIZE] = {"", ""};
    int64_t n = 0;
    sqlite3_stmt *s = NULL;
    if (!has_index(h, table))
        return SQLITE_OK;
    snprintf(text, sizeof text, "PRAGMA integrity_check(\"%s\")", table);
    int rc = sqlite3_prepare_v2(h, text, -1, &s, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *said = (const char *)sqlite3_column_text(s, 0);
        rc = said ? SQLITE_OK : SQLITE_NOMEM;
        if (rc != SQLITE_OK || strcmp(said, "ok") == 0)
            continue;
        struct db_flaw f = {table, row_of(h, table, said), what[n & 1]};
        what_of(said, what[n & 1]);
        if (f.id || strcmp(what[0], what[1]) != 0) /* without a row once is enough */
            found(arg, &f);
        n++;
    }
    sqlite3_finalize(s);
    return rc;
}
