/* The generator of statements: the tool itself is compiled in, its main renamed. */
#include "store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define main mksql_main
int mksql_main(int argc, char **argv);
#include "../../../tools/mksql.c"
#undef main

static char dir[64];

static void forget(void)
{
    for (int i = 0; i < nstmts; i++) {
        free(stmts[i]->text.p);
        free(stmts[i]->doc.p);
        free(stmts[i]);
    }
    for (int i = 0; i < ntables; i++)
        free(tables[i]);
    for (int i = 0; i < nmigrations; i++)
        free(migrations[i].text.p);
    memset(migrations, 0, sizeof migrations);
    nstmts = ntables = nmigrations = nrules = nnumbers = ntakings = 0;
    rules_file = NULL;
}

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/zhian-mksql-XXXXXX");
    assert_non_null(mkdtemp(dir));
    char cmd[256];
    snprintf(cmd, sizeof cmd, "mkdir -p %s/schema %s/query %s/sql", dir, dir, dir);
    return system(cmd);
}

static int teardown(void **state)
{
    (void)state;
    forget();
    char cmd[128];
    snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static void put(const char *name, const char *content)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

/* Runs the tool on files of dir; names ends with NULL. */
static int make(const char *const *names)
{
    static char paths[10][200];
    char tool[] = "mksql";
    char *argv[12] = {tool, paths[0]};
    snprintf(paths[0], sizeof paths[0], "%s/sql", dir);
    int n = 1;
    for (; names[n - 1]; n++) {
        snprintf(paths[n], sizeof paths[n], "%s/%s", dir, names[n - 1]);
        argv[n + 1] = paths[n];
    }
    forget();
    return mksql_main(n + 1, argv);
}

static const struct stmt *find(const char *name)
{
    for (int i = 0; i < nstmts; i++)
        if (strcmp(stmts[i]->name, name) == 0)
            return stmts[i];
    return NULL;
}

static void expect(const char *name, const char *text, const char *params, bool write)
{
    const struct stmt *s = find(name);
    assert_non_null(s);
    assert_string_equal(s->text.p, text);
    char joined[500] = "";
    for (int i = 0; i < s->nparams; i++) {
        strcat(joined, i ? " " : "");
        strcat(joined, s->params[i]);
    }
    assert_string_equal(joined, params);
    assert_int_equal(s->write, write);
}

static void statements(void **state)
{
    (void)state;
    put("query/firm.sql",
        "-- What this file is for: -- name is not at the start here\n"
        "-- name: firm_by_uscc\n"
        "-- One firm.  By its */ code.\n"
        "SELECT id, ':no' AS \"q:no\", 'it''s :no' -- :no\n"
        "  FROM firm /* :no */ WHERE uscc = :uscc\n"
        "   AND (a = :a OR b = :uscc) AND c = CAST(x::text AS y);\n\n"
        "-- name: plain\nSELECT 1\n"
        "-- name: with_read\nWITH RECURSIVE t(i) AS (SELECT 1), u AS (SELECT 2) SELECT * FROM t;\n"
        "-- name: with_write\nWITH t AS (SELECT 1) INSERT INTO x SELECT * FROM t;\n"
        "-- name: replace_name\nUPDATE x SET v = replace(v, :a, :b) RETURNING id;\n"
        "-- name: read_replace\nSELECT replace(v, 'a', 'b') FROM x WHERE id IN (VALUES (1));\n"
        "-- name: chinese\nSELECT '汾阳' FROM x WHERE 名 = :名;\n");
    assert_int_equal(make((const char *const[]){"query/firm.sql", NULL}), 0);
    expect("firm_by_uscc",
        "SELECT id, ':no' AS \"q:no\", 'it''s :no' FROM firm WHERE uscc = $1 "
        "AND (a = $2 OR b = $1) AND c = CAST(x::text AS y)",
        "uscc a", false);
    expect("plain", "SELECT 1", "", false);
    expect("with_read", "WITH RECURSIVE t(i) AS (SELECT 1), u AS (SELECT 2) SELECT * FROM t", "",
        false);
    expect("with_write", "WITH t AS (SELECT 1) INSERT INTO x SELECT * FROM t", "", true);
    expect("replace_name", "UPDATE x SET v = replace(v, $1, $2) RETURNING id", "a b", true);
    expect(
        "read_replace", "SELECT replace(v, 'a', 'b') FROM x WHERE id IN (VALUES (1))", "", false);
    expect("chinese", "SELECT '汾阳' FROM x WHERE 名 = $1", "名", false);
    assert_string_equal(find("firm_by_uscc")->doc.p, "One firm.  By its / code.");
}

static void records(void **state)
{
    (void)state;
    put("schema/0001_a.sql",
        "-- @record\n-- A firm.\n"
        "CREATE TABLE IF NOT EXISTS firm (\n"
        "  id @ID@, -- the key, of course\n"
        "  name TEXT NOT NULL CHECK (name <> ',' AND length(name) IN (1, 2)),\n"
        "  \"order\" BIGINT DEFAULT (1 + 2), up TEXT GENERATED ALWAYS AS (upper(name)),\n"
        "  primary_site TEXT, unique_no TEXT,\n"
        "  UNIQUE (name, up), CHECK (id > 0), CONSTRAINT c FOREIGN KEY (id) REFERENCES x (id),\n"
        "  PRIMARY KEY (id)\n) @WITHOUT_ROWID@;\n"
        "-- @recording is something else\nCREATE TABLE other (id @ID@, x BIGINT);\n"
        "-- @record\nCREATE TABLE gone (id @ID@, x TEXT);\n"
        "-- @record\nCREATE TABLE part (id @ID@, old TEXT);\n"
        "-- @record\nCREATE TABLE kept (id @ID@, x TEXT, jseq BIGINT NOT NULL);\n"
        "CREATE TRIGGER t AFTER INSERT ON other BEGIN UPDATE other SET x = 1; DELETE FROM part; "
        "END;\n");
    put("schema/0002_b.sql",
        "ALTER TABLE firm ADD COLUMN extra @BLOB@;\n"
        "ALTER TABLE firm ADD grade TEXT DEFAULT 'A, B';\n"
        "ALTER TABLE firm RENAME COLUMN name TO title;\n"
        "ALTER TABLE firm DROP COLUMN unique_no;\n"
        "ALTER TABLE other ADD COLUMN y TEXT;\n"
        "ALTER TABLE kept ADD COLUMN late TEXT;\nALTER TABLE kept ADD COLUMN later BIGINT;\n"
        "DROP TABLE IF EXISTS gone;\n"
        "-- A table made anew.\n-- @record\nCREATE TABLE part_new (id @ID@, fresh TEXT);\n"
        "DROP TABLE part;\nALTER TABLE part_new RENAME TO part;");
    assert_int_equal(
        make((const char *const[]){"schema/0001_a.sql", "schema/0002_b.sql", NULL}), 0);
    assert_int_equal(nstmts, 14);
    /* The journal number stays the last column of a record (core/verify.c reads it there). */
    expect("kept_get", "SELECT id, x, late, later, jseq FROM kept WHERE id = $1", "id", false);
    expect("kept_proof",
        "SELECT id, x, late, later, jseq, (SELECT j.digest FROM journal j WHERE j.id = kept.jseq "
        "AND j.kind = $4 AND j.ref = kept.id) AS journal_digest FROM kept "
        "WHERE id > $1 AND id < coalesce($2, 9223372036854775807) ORDER BY id LIMIT $3",
        "after until limit kind", false);
    expect("kept_lost",
        "SELECT j.id, j.ref FROM journal j WHERE j.id > $1 AND j.id < $2 AND j.kind = $3 AND "
        "coalesce((SELECT r.jseq FROM kept r WHERE r.id = j.ref), 0) < j.id ORDER BY j.id",
        "after until kind", false);
    expect("firm_insert",
        "INSERT INTO firm (id, title, \"order\", primary_site, extra, grade) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        "id title order primary_site extra grade", true);
    expect("firm_update",
        "UPDATE firm SET title = $1, \"order\" = $2, primary_site = $3, extra = $4, grade = $5 "
        "WHERE id = $6",
        "title order primary_site extra grade id", true);
    expect("firm_get",
        "SELECT id, title, \"order\", up, primary_site, extra, grade FROM firm WHERE id = $1", "id",
        false);
    expect("firm_scan",
        "SELECT id, title, \"order\", up, primary_site, extra, grade FROM firm "
        "WHERE id > $1 AND id < coalesce($2, 9223372036854775807) ORDER BY id LIMIT $3",
        "after until limit", false);
    expect("part_insert", "INSERT INTO part (id, fresh) VALUES ($1, $2)", "id fresh", true);
    assert_int_equal(nmigrations, 2);
    assert_int_equal(migrations[1].number, 2);
    assert_string_equal(migrations[1].name, "0002_b");
}

static const struct table *table(const char *name)
{
    for (int i = 0; i < ntables; i++)
        if (strcmp(tables[i]->name, name) == 0)
            return tables[i];
    return NULL;
}

static void made(
    void (*make_text)(const struct table *t, struct text *out), const char *name, const char *text)
{
    struct text out = {0};
    make_text(table(name), &out);
    assert_string_equal(text_z(&out), text);
    free(out.p);
}

static void next_page(const struct table *t, struct text *out)
{
    table_page(t, true, out);
}

static void two_rows(const struct table *t, struct text *out)
{
    table_put(t, 2, out);
}

static void moved_tables(void **state)
{
    (void)state;
    put("schema/0001_a.sql",
        "CREATE TABLE pair (b TEXT NOT NULL, a BIGINT, old @BLOB@, \"key\" TEXT,\n"
        "  up TEXT GENERATED ALWAYS AS (upper(b)), PRIMARY KEY (a, b)) @WITHOUT_ROWID@;\n"
        "CREATE TABLE one (id @ID@, data @BLOB@);\n"
        "CREATE TABLE word (w TEXT NOT NULL PRIMARY KEY) @WITHOUT_ROWID@;\n");
    put("schema/0002_b.sql", "ALTER TABLE pair RENAME COLUMN b TO bee;\n"
                             "ALTER TABLE pair DROP COLUMN old;\n"
                             "ALTER TABLE pair ADD COLUMN extra BIGINT;\n");
    assert_int_equal(
        make((const char *const[]){"schema/0001_a.sql", "schema/0002_b.sql", NULL}), 0);
    made(next_page, "pair",
        "SELECT bee, a, \"key\", extra FROM pair WHERE (a, bee) > ($1, $2) ORDER BY a, bee "
        "LIMIT $3");
    made(table_last, "pair", "SELECT a, bee FROM pair ORDER BY a DESC, bee DESC LIMIT 1");
    made(two_rows, "pair",
        "INSERT INTO pair (bee, a, \"key\", extra) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)");
    made(two_rows, "one", "INSERT INTO one (id, data) VALUES ($1, $2), ($3, $4)");
    made(table_last, "word", "SELECT w FROM word ORDER BY w DESC LIMIT 1");
    assert_int_equal(table_key_at(table("pair"), "a"), 1);
    assert_int_equal(table_rows(table("pair")), MAX_BOUND / 4);
}

static void layout_does_not_change_a_migration(void **state)
{
    (void)state;
    static const char *const names[] = {"schema/0001_a.sql", NULL};
    put("schema/0001_a.sql", "CREATE TABLE x (id @ID@, t TEXT DEFAULT '--  no comment');");
    assert_int_equal(make(names), 0);
    char first[200];
    snprintf(first, sizeof first, "%s", migrations[0].text.p);
    put("schema/0001_a.sql", "-- said better\nCREATE TABLE x ( -- here too\n "
                             "   id @ID@, /* and */ t TEXT\n\tDEFAULT '--  no comment' ) ;\n\n");
    assert_int_equal(make(names), 0);
    assert_string_equal(migrations[0].text.p, first);
    assert_string_equal(first, "CREATE TABLE x (id @ID@, t TEXT DEFAULT '--  no comment');");
}

static long stamp(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/sql/%s", dir, name);
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    return s.st_mtim.tv_sec * 1000000000L + s.st_mtim.tv_nsec;
}

static void output_compiles_and_keeps_its_stamp(void **state)
{
    (void)state;
    assert_int_equal(make((const char *const[]){NULL}), 0); /* no file at all */
    char cmd[300];
    snprintf(cmd, sizeof cmd, "gcc -std=c17 -Wall -Wextra -Werror -I%s -c -o %s/o %s/sql/sql.c",
        dir, dir, dir);
    assert_int_equal(system(cmd), 0);
    static const char *const names[] = {"schema/0001_a.sql", "query/q.sql", NULL};
    put("schema/0001_a.sql", "-- @record\nCREATE TABLE x (id @ID@, t TEXT);");
    put("query/q.sql", "-- name: q\n-- doc\nSELECT 'a\\b\"c\nd' FROM x WHERE t = :t");
    assert_int_equal(make(names), 0);
    assert_int_equal(system(cmd), 0);
    long h = stamp("sql.h");
    long c = stamp("sql.c");
    usleep(20000);
    put("query/q.sql", "-- name: q\n-- doc\nSELECT t FROM x WHERE t = :t AND id = 1");
    assert_int_equal(make(names), 0);
    assert_true(stamp("sql.h") == h); /* the names are the same: nothing else is rebuilt */
    assert_true(stamp("sql.c") > c);
    put("query/q.sql", "-- name: q2\nSELECT t FROM x WHERE t = :t");
    assert_int_equal(make(names), 0);
    assert_true(stamp("sql.h") > h);
}

/* The tool must end with status 1 and name file and line. */
static void expect_refusal(const char *const *names, const char *file, const char *message)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 2);
        make(names);
        _exit(0);
    }
    close(fds[1]);
    char said[500] = "";
    FILE *f = fdopen(fds[0], "r");
    assert_non_null(f);
    size_t n = fread(said, 1, sizeof said - 1, f);
    fclose(f);
    int status = 0;
    waitpid(pid, &status, 0);
    assert_true(n > 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    if (!strstr(said, message))
        fail_msg("%s: %s", message, said);
    assert_non_null(strstr(said, file));
}

static void refuse(const char *name, const char *content, const char *message)
{
    put(name, content);
    expect_refusal((const char *const[]){name, NULL}, name, message);
}

static void bad_input(void **state)
{
    (void)state;
    refuse("query/a.sql", "SELECT 1;", "a.sql:1: text before the first");
    refuse("query/a.sql", "-- name: a\n\n-- name: b\nSELECT 1", "a.sql:1: a has no text");
    refuse("query/a.sql", "-- name: a\nSELECT 1\n-- name: a\nSELECT 2", "a.sql:3: a is defined");
    refuse("query/a.sql", "-- name: a b\nSELECT 1", "no name for a statement");
    refuse("query/a.sql", "-- name: a\nSELECT 1;\nSELECT 2", "a.sql:3: a: one statement");
    refuse("query/a.sql", "-- name: a\nSELECT $1", "write parameters as :name");
    refuse("query/a.sql", "-- name: a\nSELECT ?", "write parameters as :name");
    refuse("query/a.sql", "-- name: a\nSELECT :1", "a parameter needs a name");
    refuse("query/a.sql", "-- name: a\nSELECT 'x", "a.sql:2: unfinished '");
    refuse("query/a.sql", "-- name: a\nSELECT /* x", "a.sql:2: unfinished comment");
    refuse("query/a.sql", "-- name: a\nSELECT (1", "parentheses");
    refuse("schema/a.sql", "SELECT 1", "NNNN_name.sql");
    refuse("schema/0001_a.sql", "-- @record\nCREATE TABLE x (a TEXT);", "primary key id");
    refuse("schema/0001_a.sql", "-- @record\nCREATE TABLE x (id @ID@);", "besides id");
    refuse("schema/0001_a.sql", "-- @record\nCREATE INDEX x ON y (z);", "before a CREATE TABLE");
    refuse("schema/0001_a.sql", "CREATE TABLE x (a TEXT);", "x: a table needs a primary key");
    refuse("schema/0001_a.sql", "CREATE TABLE x (id @ID@, r REAL);", "x.r: a column is");
    refuse("schema/0001_a.sql", "INSERT INTO x VALUES (:a)", "no parameters");
}

/* --- what columns mean to another store ------------------------------------------------------ */

#define RULED                                                                                      \
    "-- @record\nCREATE TABLE firm (id @ID@, at BIGINT, jseq BIGINT);"                             \
    "-- @record\nCREATE TABLE note (id @ID@, firm BIGINT, kind TEXT, owner BIGINT, org_path "      \
    "TEXT, "                                                                                       \
    "phone @BLOB@, idx @BLOB@, jseq BIGINT);"                                                      \
    "CREATE TABLE firm_count (level BIGINT PRIMARY KEY, n BIGINT);"

#define RULES                                                                                      \
    "table firm record\ntable note record # both\ntable firm_count counted\n\nnumber at\n"         \
    "ref note.firm firm\npath note.org_path 10\nsecret note.phone\nindex note.idx phone tel\n"

static void rules_made(void **state)
{
    (void)state;
    put("schema/0001_a.sql", RULED);
    put("merge.def", RULES "ref note.owner by kind firm=firm other=note\n");
    assert_int_equal(make((const char *const[]){"schema/0001_a.sql", "merge.def", NULL}), 0);
    assert_int_equal(ntakings, 3);
    assert_int_equal(nrules, 6);
    assert_string_equal(rules[0].table, "note");
    assert_string_equal(rules[0].column, "firm");
    assert_string_equal(rules[0].how, "REF");
    assert_string_equal(rules[0].what, "firm");
    assert_int_equal(rules[1].n, 10);
    assert_string_equal(rules[3].by, "phone");
    assert_string_equal(rules[3].what, "tel");
    assert_string_equal(rules[4].by, "kind");
    assert_string_equal(rules[5].word, "other");
    assert_string_equal(rules[5].what, "note");
}

/* As refuse, of a schema and its rules. */
static void refuse_rules(const char *sql, const char *def, const char *why)
{
    put("schema/0001_a.sql", sql);
    put("merge.def", def);
    expect_refusal((const char *const[]){"schema/0001_a.sql", "merge.def", NULL}, "merge.def", why);
}

static void rules_refused(void **state)
{
    (void)state;
#define OWNER "number owner\n"
    refuse_rules(RULED, RULES, "note.owner: an id or a number?");
    refuse_rules(RULED "CREATE TABLE more (id BIGINT PRIMARY KEY);", RULES OWNER,
        "more: how is it taken over");
    refuse_rules(RULED "ALTER TABLE note ADD COLUMN seen_by BIGINT;", RULES OWNER,
        "note.seen_by: an id or a number?");
    refuse_rules(
        RULED "ALTER TABLE note ADD COLUMN b @BLOB@;", RULES OWNER, "note.b: what are these bytes");
    refuse_rules(RULED "ALTER TABLE note ADD COLUMN p3 TEXT;", RULES OWNER, "note.p3: a path?");
    refuse_rules(RULED, RULES OWNER "number gone\n", "merge.def:11: gone: no column");
    refuse_rules(RULED, RULES OWNER "table gone stays\n", "gone: no such table");
    refuse_rules(RULED, RULES OWNER "json note.gone\n", "note.gone: no such column");
    refuse_rules(RULED, RULES "ref note.owner firm_count\n", "firm_count is no record");
    refuse_rules(RULED, RULES "ref note.kind firm\n", "note.kind: not a column of that type");
    refuse_rules(RULED, RULES "ref note.owner by kind firm\n", "WORD=NAME expected");
    refuse_rules(RULED, RULES "ref owner firm\n", "TABLE.COLUMN expected");
    refuse_rules(RULED, RULES "refer note.owner firm\n", "refer: no such word");
    refuse_rules(RULED, RULES "table note sometimes\n", "record, with, counted or stays");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(statements, setup, teardown),
        cmocka_unit_test_setup_teardown(records, setup, teardown),
        cmocka_unit_test_setup_teardown(moved_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(layout_does_not_change_a_migration, setup, teardown),
        cmocka_unit_test_setup_teardown(output_compiles_and_keeps_its_stamp, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_input, setup, teardown),
        cmocka_unit_test_setup_teardown(rules_made, setup, teardown),
        cmocka_unit_test_setup_teardown(rules_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
