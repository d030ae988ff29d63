/* Opening, migrating and copying stores; what is refused says so in Chinese. */
#include "store.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct store st;

static int setup(void **state)
{
    (void)state;
    store_make(&st);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_drop(&st);
    return 0;
}

static void reopen_with(const struct sql_catalog *cat, enum err want, const char *word)
{
    db_close(st.db);
    st.db = NULL;
    db_use_catalog(cat);
    assert_int_equal(store_try(&st, false, false), want);
    if (word)
        assert_non_null(strstr(st.why, word));
    else
        assert_string_equal(st.why, "");
    db_use_catalog(&test_catalog);
}

static void opens_again(void **state)
{
    (void)state;
    struct db_conn *c = store_connect(&st, true);
    assert_int_equal(note_put(c, 1, S("a"), 1), OK);
    db_disconnect(c);
    reopen_with(&test_catalog, OK, NULL);
    c = store_connect(&st, false);
    assert_true(note_there(c, 1));
    db_disconnect(c);
    struct stat s;
    assert_int_equal(stat(st.path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
}

static void settings(void **state)
{
    (void)state;
    struct db_conn *c = store_connect(&st, true);
    struct q q;
    int64_t v = 0;
    q_begin_text(&q, c, S("PRAGMA synchronous"));
    assert_int_equal(q_one_int(&q, &v), OK);
    assert_int_equal(v, 2);
    q_begin_text(&q, c, S("PRAGMA foreign_keys"));
    assert_int_equal(q_one_int(&q, &v), OK);
    assert_int_equal(v, 1);
    q_begin_text(&q, c, S("PRAGMA trusted_schema"));
    assert_int_equal(q_one_int(&q, &v), OK);
    assert_int_equal(v, 0);
    q_begin_text(&q, c, S("PRAGMA journal_mode"));
    assert_true(q_row(&q));
    assert_true(str_eq(q_get_str(&q, 0), S("wal")));
    assert_int_equal(q_end(&q), OK);
    q_begin_text(&q, c, S("SELECT * FROM note WHERE name = \"no string\""));
    assert_int_equal(q_exec(&q), ERR_DB); /* double quotes are names only */
    q_begin_text(&q, c, S("ATTACH '/tmp/other.db' AS other"));
    assert_int_not_equal(q_exec(&q), OK);
    db_disconnect(c);
}

static void no_store(void **state)
{
    (void)state;
    struct store other = {0};
    snprintf(other.target, sizeof other.target, "sqlite:%s/none.db", st.dir);
    assert_int_equal(store_try(&other, false, false), ERR_NOT_FOUND);
    assert_non_null(strstr(other.why, "没有找到数据库"));
    assert_int_equal(store_try(&other, true, true), ERR_NOT_FOUND);
    snprintf(other.target, sizeof other.target, "oracle:x");
    assert_int_equal(store_try(&other, false, false), ERR_UNSUPPORTED);
    assert_non_null(strstr(other.why, "sqlite:"));
    snprintf(other.target, sizeof other.target, "sqlite:%s/no/dir/t.db", st.dir);
    assert_int_equal(store_try(&other, true, false), ERR_IO);
    struct db_options small = {.target = "sqlite:/nowhere/t.db", .why = other.why, .why_size = 9};
    struct db *db = NULL;
    assert_int_equal(db_open(&small, &db), ERR_NOT_FOUND);
    assert_int_equal(strlen(other.why), 6); /* two whole characters */
}

static void put_file(const char *path, const char *bytes, size_t n)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void not_ours(void **state)
{
    (void)state;
    struct store other = st;
    other.db = NULL;
    snprintf(other.target, sizeof other.target, "sqlite:%s/x.db", st.dir);
    char path[100];
    snprintf(path, sizeof path, "%s/x.db", st.dir);
    char text[5000];
    memset(text, 'x', sizeof text);
    put_file(path, text, sizeof text);
    assert_int_equal(store_try(&other, true, false), ERR_CORRUPT);
    assert_non_null(strstr(other.why, "不是本程序的数据库"));
    unlink(path);

    /* a database of somebody else's: ours with the mark taken off */
    char cmd[256];
    snprintf(cmd, sizeof cmd, "cp '%s' '%s'", st.path, path);
    assert_int_equal(system(cmd), 0);
    int fd = open(path, O_RDWR);
    assert_int_equal(pwrite(fd, "\0\0\0\1", 4, 68), 4);
    close(fd);
    assert_int_equal(store_try(&other, true, false), ERR_STATE);
    assert_non_null(strstr(other.why, "不是本程序的数据库"));
}

static const struct sql_migration longer[] = {
    {"0001_note", 1,
        "CREATE TABLE note (id @ID@, name TEXT, data @BLOB@, up BIGINT); "
        "CREATE TABLE tally (key TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL) @WITHOUT_ROWID@;"},
    {"0002_link", 2,
        "CREATE TABLE link (id @ID@, note BIGINT NOT NULL REFERENCES note (id)); "
        "CREATE INDEX note_up ON note (up, id);"},
    {"0005_more", 5, "ALTER TABLE note ADD COLUMN more TEXT; CREATE TABLE five (id @ID@);"},
};

static void newer_schema_is_refused(void **state)
{
    (void)state;
    static const struct sql_catalog three = {test_stmts, T_LAST, longer, 3};
    static const struct sql_catalog one = {test_stmts, T_LAST, longer, 1};
    db_close(st.db);
    st.db = NULL;
    db_use_catalog(&three);
    assert_int_equal(store_try(&st, false, true), ERR_STATE); /* read only: not brought up */
    assert_non_null(strstr(st.why, "较旧"));
    reopen_with(&three, OK, NULL);
    reopen_with(&three, OK, NULL);
    reopen_with(&test_catalog, ERR_STATE, "结构版本 5，本程序为 2");
    reopen_with(&one, ERR_STATE, "结构版本 5，本程序为 1");
    reopen_with(&three, OK, NULL);
}

static void changed_migration_is_refused(void **state)
{
    (void)state;
    static struct sql_migration changed[3];
    static const struct sql_catalog cat = {test_stmts, T_LAST, changed, 3};
    memcpy(changed, longer, sizeof changed);
    changed[1].text = "CREATE TABLE link (id @ID@, note BIGINT NOT NULL)";
    reopen_with(&cat, ERR_STATE, "第 2 步（0002_link）与本程序的不一致");
    changed[1].text = longer[1].text;
    changed[0].number = 0; /* another history under the same number of steps */
    reopen_with(&cat, ERR_STATE, "第 1 步");
    changed[0].number = 1;
    reopen_with(&cat, OK, NULL);
}

static void failed_migration_leaves_no_trace(void **state)
{
    (void)state;
    static struct sql_migration bad[3];
    static const struct sql_catalog cat = {test_stmts, T_LAST, bad, 3};
    memcpy(bad, longer, sizeof bad);
    bad[2].text = "CREATE TABLE five (id @ID@); CREATE TABLE five (id @ID@);";
    reopen_with(&cat, ERR_DB, "第 5 步（0005_more）没有成功");
    bad[2].text = "CREATE TABLE five (id @NONE@)";
    reopen_with(&cat, ERR_INTERNAL, "第 5 步");
    bad[2].text = "CREATE TABLE five (id @ID@); INSERT INTO link (id, note) VALUES (1, 77);";
    reopen_with(&cat, ERR_STATE, "foreign key");
    bad[2].text = longer[2].text; /* five was not left behind */
    reopen_with(&cat, OK, NULL);
}

/* A process is killed in the middle of a long migration; the next one finds whole steps only. */
static void killed_migration_is_repeated(void **state)
{
    (void)state;
    static struct sql_migration slow[4];
    static const struct sql_catalog cat = {test_stmts, T_LAST, slow, 4};
    memcpy(slow, longer, sizeof longer);
    slow[3] = (struct sql_migration){"0006_slow", 6,
        "CREATE TABLE six (id @ID@, t TEXT); "
        "INSERT INTO six (t) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 400000) SELECT 'some text to fill pages ' || i FROM n; "
        "CREATE INDEX six_t ON six (t);"};
    db_close(st.db);
    st.db = NULL;
    db_use_catalog(&cat);
    int killed = 0;
    for (int i = 0; i < 5; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(store_try(&st, false, false) == OK ? 0 : 1);
        usleep((useconds_t)(15000 + 40000 * i));
        kill(pid, SIGKILL);
        int status = 0;
        waitpid(pid, &status, 0);
        killed += WIFSIGNALED(status);
    }
    assert_true(killed > 0);
    assert_int_equal(store_try(&st, false, false), OK);
    struct db_conn *c = store_connect(&st, false);
    struct q q;
    int64_t n = 0;
    q_begin_text(&q, c, S("SELECT count(*) FROM six"));
    assert_int_equal(q_one_int(&q, &n), OK);
    assert_int_equal(n, 400000);
    q_begin_text(&q, c, S("PRAGMA integrity_check"));
    assert_true(q_row(&q));
    assert_true(str_eq(q_get_str(&q, 0), S("ok")));
    assert_int_equal(q_end(&q), OK);
    db_disconnect(c);
}

static void *open_close(void *arg)
{
    struct store mine = *(struct store *)arg;
    mine.db = NULL;
    enum err e = store_try(&mine, true, false);
    db_close(mine.db);
    return (void *)(intptr_t)e;
}

static void opened_by_several_at_once(void **state)
{
    (void)state;
    struct store other = st;
    for (int round = 0; round < 5; round++) {
        snprintf(other.target, sizeof other.target, "sqlite:%s/r%d.db", st.dir, round);
        pthread_t t[4];
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&t[i], NULL, open_close, &other), 0);
        for (int i = 0; i < 4; i++) {
            void *failed = NULL;
            pthread_join(t[i], &failed);
            assert_null(failed);
        }
    }
}

/* A program in the middle of a write does not keep another from opening the store. */
static void opens_beside_a_writer(void **state)
{
    (void)state;
    struct db_conn *w = store_connect(&st, true);
    assert_int_equal(tx_begin(w), OK);
    assert_int_equal(note_put(w, 1, S("offen"), 1), OK);
    struct store other = st;
    assert_int_equal(store_try(&other, false, false), OK);
    struct db_conn *r = store_connect(&other, false);
    assert_int_equal(one_int(r, T_COUNT), 0);
    assert_int_equal(tx_commit(w), OK);
    assert_int_equal(one_int(r, T_COUNT), 1);
    db_disconnect(r);
    db_close(other.db);
    db_disconnect(w);
}

static void read_only_store(void **state)
{
    (void)state;
    db_close(st.db);
    assert_int_equal(store_try(&st, false, true), OK);
    struct db_conn *c = NULL;
    assert_int_equal(db_connect(st.db, DB_WRITE, &c), ERR_STATE);
    c = store_connect(&st, false);
    assert_int_equal(one_int(c, T_COUNT), 0);
    struct q q;
    q_begin_text(&q, c, S("PRAGMA query_only=0"));
    assert_int_equal(q_exec(&q), OK);
    q_begin_text(&q, c, S("DELETE FROM note"));
    assert_int_equal(q_exec(&q), ERR_STATE);
    db_disconnect(c);
}

/* --- backup ----------------------------------------------------------------------------------- */

struct watch {
    struct db_conn *w;
    int64_t calls, last, total, next_id;
    bool cancel;
};

static bool on_progress(void *arg, int64_t done, int64_t total)
{
    struct watch *k = arg;
    assert_true(done >= k->last && done <= total);
    k->last = done;
    k->total = total;
    k->calls++;
    assert_int_equal(note_put(k->w, k->next_id++, S("während"), 1), OK); /* the store lives on */
    return !k->cancel;
}

static void fill(struct db_conn *c, int64_t n)
{
    char text[200];
    memset(text, 'a', sizeof text);
    assert_int_equal(tx_begin(c), OK);
    for (int64_t i = 1; i <= n; i++)
        assert_int_equal(note_put(c, i, (struct str){text, sizeof text}, i), OK);
    assert_int_equal(tx_commit(c), OK);
}

static void check_writable(struct db *db)
{
    struct db_conn *c = NULL;
    assert_int_equal(db_connect(db, DB_WRITE, &c), OK);
    assert_int_equal(note_put(c, 7000000, S("neu"), 1), OK);
    db_disconnect(c);
}

static void backup_of_a_living_store(void **state)
{
    (void)state;
    struct watch k = {.w = store_connect(&st, true), .next_id = 1000000};
    fill(k.w, 50000);
    char path[120];
    snprintf(path, sizeof path, "%s/copy.db", st.dir);
    assert_int_equal(db_backup(st.db, path, on_progress, &k), OK);
    assert_true(k.calls > 3);
    assert_int_equal(k.last, k.total);
    assert_int_equal(db_backup(st.db, path, NULL, NULL), ERR_CONFLICT);

    struct store copy = {0};
    snprintf(copy.target, sizeof copy.target, "sqlite:%s", path);
    assert_int_equal(store_try(&copy, false, true), OK);
    struct db_conn *ro = store_connect(&copy, false);
    assert_int_equal(one_int(ro, T_COUNT), 50000);
    char log[140];
    snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(access(log, F_OK), -1); /* one file, nothing beside it */
    db_disconnect(ro);
    db_close(copy.db);
    assert_int_equal(store_try(&copy, false, false), OK);
    struct db_conn *c = store_connect(&copy, false);
    assert_int_equal(one_int(c, T_COUNT), 50000); /* as it was when the copy began */
    struct q q;
    q_begin_text(&q, c, S("PRAGMA journal_mode")); /* a store like any other again */
    assert_true(q_row(&q));
    assert_true(str_eq(q_get_str(&q, 0), S("wal")));
    assert_int_equal(q_end(&q), OK);
    check_writable(copy.db);
    db_disconnect(c);
    db_close(copy.db);
    db_disconnect(k.w);
}

static void cancelled_backup_leaves_nothing(void **state)
{
    (void)state;
    struct watch k = {.w = store_connect(&st, true), .next_id = 1000000, .cancel = true};
    fill(k.w, 50000);
    char path[120];
    snprintf(path, sizeof path, "%s/copy.db", st.dir);
    assert_int_equal(db_backup(st.db, path, on_progress, &k), ERR_CANCELLED);
    assert_int_equal(access(path, F_OK), -1);
    strcat(path, ".part");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(db_backup(st.db, "/nowhere/at/all.db", NULL, NULL), ERR_IO);
    db_disconnect(k.w);
}

/* --- restore ---------------------------------------------------------------------------------- */

static enum err restore(struct store *to, const char *from)
{
    struct db_options o = {.target = to->target, .why = to->why, .why_size = sizeof to->why};
    to->why[0] = 0;
    return db_restore(from, &o, NULL, NULL);
}

static void restored_store_lives(void **state)
{
    (void)state;
    char backup[120];
    char log[140];
    struct db_conn *c = store_connect(&st, true);
    fill(c, 1000);
    snprintf(backup, sizeof backup, "%s/b.db", st.dir);
    assert_int_equal(db_backup(st.db, backup, NULL, NULL), OK);
    assert_int_equal(note_put(c, 5000, S("nach der Sicherung"), 1), OK);
    assert_int_equal(restore(&st, backup), ERR_CONFLICT); /* never over a store */
    assert_non_null(strstr(st.why, "已经有一个数据库"));
    assert_true(note_there(c, 5000));

    /* The store is lost, but its log stayed behind: it must not get into the restored one. */
    snprintf(log, sizeof log, "%s-wal", st.path);
    char cmd[400];
    snprintf(cmd, sizeof cmd, "cp '%s' '%s/keep' && test -s '%s/keep'", log, st.dir, st.dir);
    assert_int_equal(system(cmd), 0);
    db_disconnect(c);
    db_close(st.db);
    st.db = NULL;
    assert_int_equal(unlink(st.path), 0);
    snprintf(cmd, sizeof cmd, "mv '%s/keep' '%s'", st.dir, log);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(restore(&st, backup), OK);
    assert_int_equal(store_try(&st, false, false), OK);
    c = store_connect(&st, true);
    assert_int_equal(db_intact(c), OK);
    assert_int_equal(one_int(c, T_COUNT), 1000);
    assert_false(note_there(c, 5000));
    assert_int_equal(note_put(c, 5001, S("weiter"), 1), OK);
    db_disconnect(c);
}

static void bad_backups_are_refused(void **state)
{
    (void)state;
    static const struct sql_catalog one = {test_stmts, T_LAST, longer, 1};
    static const struct sql_catalog three = {test_stmts, T_LAST, longer, 3};
    char backup[120];
    snprintf(backup, sizeof backup, "%s/b.db", st.dir);
    struct db_conn *c = store_connect(&st, true);
    fill(c, 5000);
    db_disconnect(c);
    assert_int_equal(db_backup(st.db, backup, NULL, NULL), OK);
    struct store to = st;
    snprintf(to.target, sizeof to.target, "sqlite:%s/to.db", st.dir);
    assert_int_equal(restore(&to, "/nowhere/b.db"), ERR_NOT_FOUND);
    assert_non_null(strstr(to.why, "没有找到"));
    db_use_catalog(&one);
    assert_int_equal(restore(&to, backup), ERR_STATE);
    assert_non_null(strstr(to.why, "请升级程序"));
    db_use_catalog(&three); /* an older one is taken, and brought up when it is opened */
    assert_int_equal(restore(&to, backup), OK);
    assert_int_equal(store_try(&to, false, false), OK);
    db_close(to.db);
    db_use_catalog(&test_catalog);

    snprintf(to.target, sizeof to.target, "sqlite:%s/to2.db", st.dir);
    int fd = open(backup, O_RDWR);
    char noise[4096];
    memset(noise, 0x5a, sizeof noise);
    for (off_t at = 40960; at < 122880; at += 8192) /* damaged pages */
        assert_int_equal(pwrite(fd, noise, sizeof noise, at), sizeof noise);
    close(fd);
    assert_int_equal(restore(&to, backup), ERR_CORRUPT);
    assert_non_null(strstr(to.why, "已损坏"));
    put_file(backup, noise, sizeof noise);
    assert_int_equal(restore(&to, backup), ERR_CORRUPT);
    char path[160];
    snprintf(path, sizeof path, "%s/to2.db", st.dir);
    assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_again, setup, teardown),
        cmocka_unit_test_setup_teardown(settings, setup, teardown),
        cmocka_unit_test_setup_teardown(no_store, setup, teardown),
        cmocka_unit_test_setup_teardown(not_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_schema_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(changed_migration_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(failed_migration_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_migration_is_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(opened_by_several_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(opens_beside_a_writer, setup, teardown),
        cmocka_unit_test_setup_teardown(read_only_store, setup, teardown),
        cmocka_unit_test_setup_teardown(backup_of_a_living_store, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelled_backup_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(restored_store_lives, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_backups_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
