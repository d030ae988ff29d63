/* A small private schema for the tests of the db layer, and stores in a temporary folder. */
#ifndef ZHIAN_TEST_STORE_H
#define ZHIAN_TEST_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/catalog.h"
#include "db/db.h"
#include "db/writer.h"

enum {
    T_PUT,
    T_GET,
    T_COUNT,
    T_SUM,
    T_BIG,
    T_SET,
    T_CHILDREN,
    T_BUMP,
    T_LINK,
    T_RETURNING,
    T_LAST
};

static const char *const p_put[] = {"id", "name", "data", "up"};
static const char *const p_id[] = {"id"};
static const char *const p_set[] = {"name", "id"};
static const char *const p_bump[] = {"key", "by"};
static const char *const p_link[] = {"id", "note"};

static const struct sql_stmt test_stmts[] = {
    [T_PUT] = {"note_put", "INSERT INTO note (id, name, data, up) VALUES ($1, $2, $3, $4)", 4,
        p_put, true},
    [T_GET] = {"note_get", "SELECT id, name, data, up FROM note WHERE id = $1", 1, p_id, false},
    [T_COUNT] = {"note_count", "SELECT count(*) FROM note", 0, NULL, false},
    [T_SUM] = {"note_sum", "SELECT sum(up) FROM note", 0, NULL, false},
    [T_BIG] = {"note_big",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", 0,
        NULL, false},
    [T_SET] = {"note_set", "UPDATE note SET name = $1 WHERE id = $2", 2, p_set, true},
    [T_CHILDREN] = {"note_children", "SELECT id FROM note WHERE up = $1 ORDER BY id", 1, p_id,
        false},
    [T_BUMP] = {"tally_bump",
        "INSERT INTO tally (key, n) VALUES ($1, $2) "
        "ON CONFLICT (key) DO UPDATE SET n = tally.n + excluded.n",
        2, p_bump, true},
    [T_LINK] = {"link_put", "INSERT INTO link (id, note) VALUES ($1, $2)", 2, p_link, true},
    [T_RETURNING] = {"note_rename", "UPDATE note SET name = $1 WHERE up = $2 RETURNING id", 2,
        p_set, true},
};

static const struct sql_migration test_migrations[] = {
    {"0001_note", 1,
        "CREATE TABLE note (id @ID@, name TEXT, data @BLOB@, up BIGINT); "
        "CREATE TABLE tally (key TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL) @WITHOUT_ROWID@;"},
    {"0002_link", 2,
        "CREATE TABLE link (id @ID@, note BIGINT NOT NULL REFERENCES note (id)); "
        "CREATE INDEX note_up ON note (up, id);"},
};

static const struct sql_catalog test_catalog = {test_stmts, T_LAST, test_migrations, 2};

struct store {
    char dir[64];
    char path[96];
    char target[256];
    char schema[16];
    char why[512];
    struct db *db;
};

/* ZHIAN_TEST_DB: a database whose server these tests run on instead, each store in a schema of its
 * own (tests/unit_pg.mjs). */
static inline const char *server(void)
{
    return getenv("ZHIAN_TEST_DB");
}

static inline void on_server(const char *sql, const char *schema)
{
    char cmd[512];
    snprintf(cmd, sizeof cmd, "psql -d '%s' -v ON_ERROR_STOP=1 -qc '%s %s' 2>/dev/null", server(),
        sql, schema);
    assert_int_equal(system(cmd), 0);
}

static inline void store_paths(struct store *s, const char *parent)
{
    snprintf(s->dir, sizeof s->dir, "%s/zhian-db-XXXXXX", parent);
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->path, sizeof s->path, "%s/t.db", s->dir);
    snprintf(s->target, sizeof s->target, "sqlite:%s", s->path);
    if (!server())
        return;
    snprintf(s->schema, sizeof s->schema, "t%s", strrchr(s->dir, '-') + 1);
    for (char *p = s->schema; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    on_server("CREATE SCHEMA", s->schema);
    snprintf(s->target, sizeof s->target, "%s?options=-csearch_path%%3D%s", server(), s->schema);
}

static inline enum err store_try(struct store *s, bool create, bool read_only)
{
    struct db_options o = {.target = s->target,
        .create = create,
        .read_only = read_only,
        .why = s->why,
        .why_size = sizeof s->why};
    s->why[0] = 0;
    return db_open(&o, &s->db);
}

static inline void store_make(struct store *s)
{
    *s = (struct store){0};
    db_use_catalog(&test_catalog);
    store_paths(s, "/tmp");
    assert_int_equal(store_try(s, true, false), OK);
}

static inline void store_drop(struct store *s)
{
    db_close(s->db);
    s->db = NULL;
    db_use_catalog(NULL);
    char cmd[128];
    if (server()) {
        snprintf(cmd, sizeof cmd, "%s CASCADE", s->schema);
        on_server("DROP SCHEMA", cmd);
    }
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", s->dir);
    assert_int_equal(system(cmd), 0);
}

static inline struct db_conn *store_connect(struct store *s, bool write)
{
    struct db_conn *c = NULL;
    assert_int_equal(db_connect(s->db, write ? DB_WRITE : DB_READ, &c), OK);
    return c;
}

static inline enum err note_put(struct db_conn *c, int64_t id, struct str name, int64_t up)
{
    struct q q;
    q_begin(&q, c, (enum sql_id)T_PUT);
    q_int(&q, "id", id);
    q_str(&q, "name", name);
    q_int(&q, "up", up);
    return q_exec(&q);
}

static inline int64_t one_int(struct db_conn *c, int id)
{
    struct q q;
    int64_t v = -1;
    q_begin(&q, c, (enum sql_id)id);
    assert_int_equal(q_one_int(&q, &v), OK);
    return v;
}

static inline bool note_there(struct db_conn *c, int64_t id)
{
    struct q q;
    q_begin(&q, c, (enum sql_id)T_GET);
    q_int(&q, "id", id);
    bool found = q_row(&q);
    assert_int_equal(q_end(&q), OK);
    return found;
}

#endif
