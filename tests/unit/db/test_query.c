/* Statements: binding by name, by number and by descriptor, NULL, reading, nesting, errors. */
#include "store.h"

#include <pthread.h>

#define NOTE_FIELDS(F, S)                                                                          \
    F(S, id, INT, 0, 0, "编号", none)                                                              \
    F(S, name, STR, 0, 100, "名称", none)                                                          \
    F(S, data, BLOB, 0, 0, "内容", none)                                                           \
    F(S, up, INT, 0, 0, "上级", none)                                                              \
    F(S, extra, STR, 0, 0, "别的", none)
STRUCT(note, NOTE_FIELDS)
DESC(note, NOTE_FIELDS)

#define HIDDEN_FIELDS(F, S)                                                                        \
    F(S, up, INT, 0, 0, "上级", none)                                                              \
    F(S, name, STR, F_SECRET, 100, "名称", none)                                                   \
    F(S, id, INT, 0, 0, "编号", none)
STRUCT(hidden, HIDDEN_FIELDS)
DESC(hidden, HIDDEN_FIELDS)

static struct store st;
static struct db_conn *w;

static int setup(void **state)
{
    (void)state;
    store_make(&st);
    w = store_connect(&st, true);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_disconnect(w);
    store_drop(&st);
    return 0;
}

static void check_prepares_everything(void **state)
{
    (void)state;
    assert_int_equal(db_check(w), OK);
    static const struct sql_stmt bad[] = {{"bad", "SELECT missing FROM nowhere", 0, NULL, false}};
    static const struct sql_catalog wrong = {bad, 1, test_migrations, 2};
    db_use_catalog(&wrong);
    struct store again = st;
    assert_int_equal(store_try(&again, false, false), OK);
    struct db_conn *c = store_connect(&again, false);
    assert_int_equal(db_check(c), ERR_DB);
    assert_non_null(strstr(db_message(c), "nowhere"));
    db_disconnect(c);
    db_close(again.db);
    db_use_catalog(&test_catalog);
}

/* A server takes no NUL in text; the doors refuse it before. */
static struct str odd_text(void)
{
    return server() ? S("汾阳𠮷野家尾") : S("汾阳𠮷野家\0尾");
}

static void by_name(void **state)
{
    (void)state;
    struct q q;
    q_begin(&q, w, (enum sql_id)T_PUT);
    q_int(&q, "up", 7); /* any order */
    q_blob(&q, "data", (struct str){"\0\1\xff", 3});
    q_str(&q, "name", odd_text());
    q_int(&q, "id", 1);
    assert_int_equal(q_exec(&q), OK);
    assert_int_equal(q_changes(w), 1);

    q_begin(&q, w, (enum sql_id)T_GET);
    q_int(&q, "id", 1);
    assert_true(q_row(&q));
    assert_int_equal(q_cols(&q), 4);
    assert_string_equal(q_col_name(&q, 1), "name");
    assert_true(str_eq(q_get_str(&q, 1), odd_text()));
    assert_true(str_eq(q_get_blob(&q, 2), (struct str){"\0\1\xff", 3}));
    assert_int_equal(q_get_int(&q, 3), 7);
    assert_false(q_row(&q));
    assert_false(q_row(&q));
    assert_int_equal(q_end(&q), OK);
}

static void nulls_and_empties(void **state)
{
    (void)state;
    struct q q;
    q_begin(&q, w, (enum sql_id)T_PUT);
    q_int(&q, "id", 1);
    q_str(&q, "name", STR_NULL);
    q_blob(&q, "data", S(""));
    q_int(&q, "up", NULL_INT);
    assert_int_equal(q_exec(&q), OK);
    assert_int_equal(note_put(w, 2, S(""), INT64_MAX), OK);

    q_begin(&q, w, (enum sql_id)T_GET);
    q_int(&q, "id", 1);
    assert_true(q_row(&q));
    assert_true(q_get_null(&q, 1));
    assert_null(q_get_str(&q, 1).p);
    assert_non_null(q_get_blob(&q, 2).p);
    assert_int_equal(q_get_blob(&q, 2).n, 0);
    assert_true(q_get_int(&q, 3) == NULL_INT);
    assert_int_equal(q_end(&q), OK);

    q_begin(&q, w, (enum sql_id)T_GET);
    q_int(&q, "id", 2);
    assert_true(q_row(&q));
    assert_non_null(q_get_str(&q, 1).p);
    assert_int_equal(q_get_str(&q, 1).n, 0);
    assert_true(q_get_null(&q, 2)); /* not bound this time: not what the last use bound */
    assert_true(q_get_int(&q, 3) == INT64_MAX);
    assert_int_equal(q_end(&q), OK);
}

static void by_descriptor(void **state)
{
    (void)state;
    struct note in = {.id = 5, .name = S("甲"), .data = {"\0x", 2}, .up = NULL_INT};
    struct hidden no = {.up = 3, .name = S("不写"), .id = 6};
    struct q q;
    for (int i = 0; i < 3; i++) { /* the second and third time from the remembered pairs */
        in.id = 5 + 10 * i;
        q_begin(&q, w, (enum sql_id)T_PUT);
        q_bind(&q, &note_desc, &in);
        assert_int_equal(q_exec(&q), OK);
        no.id = 6 + 10 * i;
        q_begin(&q, w, (enum sql_id)T_PUT);
        q_bind(&q, &hidden_desc, &no);
        assert_int_equal(q_exec(&q), OK);
    }
    struct arena a;
    arena_init(&a, 1 << 20);
    struct note out = {.extra = S("留下")};
    q_begin(&q, w, (enum sql_id)T_GET);
    q_int(&q, "id", 25);
    assert_int_equal(q_one(&q, &note_desc, &out, &a), OK);
    assert_int_equal(out.id, 25);
    assert_true(str_eq(out.name, S("甲")));
    assert_true(str_eq(out.data, (struct str){"\0x", 2}));
    assert_true(out.up == NULL_INT);
    assert_true(str_eq(out.extra, S("留下")));

    q_begin(&q, w, (enum sql_id)T_GET);
    q_int(&q, "id", 26);
    assert_int_equal(q_one(&q, &note_desc, &out, &a), OK);
    assert_int_equal(out.up, 3);
    assert_null(out.name.p); /* a secret is never bound */

    q_begin(&q, w, (enum sql_id)T_GET);
    q_int(&q, "id", 99);
    assert_int_equal(q_one(&q, &note_desc, &out, &a), ERR_NOT_FOUND);
    assert_int_equal(out.id, 26);
    arena_free(&a);
}

static void all_rows(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 100; i++)
        assert_int_equal(note_put(w, i, S("行"), i * i), OK);
    struct arena a;
    arena_init(&a, 1 << 20);
    struct vec v = {0};
    struct q q;
    q_begin_text(&q, w, S("SELECT up, name, id FROM note WHERE id <= $2 AND id > $1 ORDER BY id"));
    q_int_at(&q, 1, 10);
    q_int_at(&q, 2, 90);
    assert_int_equal(q_all(&q, &note_desc, &v, &a), OK);
    assert_int_equal(v.n, 80);
    const struct note *n = v.p;
    assert_int_equal(n[0].id, 11);
    assert_int_equal(n[79].up, 8100);
    assert_true(str_eq(n[40].name, S("行")));
    assert_null(n[40].extra.p);
    arena_free(&a);

    arena_init(&a, 600); /* too small for all: an error, and the result untouched */
    struct vec none = {0};
    q_begin_text(&q, w, S("SELECT id, name FROM note"));
    assert_int_equal(q_all(&q, &note_desc, &none, &a), ERR_NOMEM);
    assert_null(none.p);
    arena_free(&a);
}

static void composed_text(void **state)
{
    (void)state;
    assert_int_equal(note_put(w, 1, S("a"), 2), OK);
    struct q q;
    /* $2 stands first: numbers, not places, count */
    q_begin_text(&q, w, S("SELECT $2 || '-' || $1 || '-' || $2"));
    q_str_at(&q, 1, S("one"));
    q_str_at(&q, 2, S("two"));
    assert_true(q_row(&q));
    assert_true(str_eq(q_get_str(&q, 0), S("two-one-two")));
    assert_int_equal(q_end(&q), OK);

    q_begin_text(&q, w, S("SELECT $1"));
    q_int_at(&q, 2, 1);
    assert_int_equal(q_exec(&q), ERR_INTERNAL);
    q_begin_text(&q, w, S("SELECT 1; SELECT 2"));
    assert_int_equal(q_exec(&q), ERR_INTERNAL);
    q_begin_text(&q, w, S("SELECT ?"));
    assert_int_equal(q_exec(&q), ERR_INTERNAL);
    q_begin_text(&q, w, S("SELECT @NO_SUCH_TOKEN@"));
    assert_int_equal(q_exec(&q), ERR_INTERNAL);
    q_begin_text(&q, w, S(""));
    assert_int_equal(q_exec(&q), ERR_INTERNAL);
    q_begin_text(&q, w, S("SELECT 'a@b', CAST('x' AS @BLOB@)"));
    assert_true(q_row(&q));
    assert_true(str_eq(q_get_str(&q, 0), S("a@b")));
    assert_true(str_eq(q_get_blob(&q, 1), S("x")));
    assert_int_equal(q_end(&q), OK);

    for (int round = 0; round < 2; round++) { /* far more texts than the cache holds */
        for (int i = 0; i < 200; i++) {
            char text[64];
            int n = snprintf(text, sizeof text, "SELECT %d + $1", i);
            q_begin_text(&q, w, (struct str){text, (size_t)n});
            q_int_at(&q, 1, 1000);
            int64_t v = 0;
            assert_int_equal(q_one_int(&q, &v), OK);
            assert_int_equal(v, 1000 + i);
        }
    }
}

static void many_open_texts(void **state)
{
    (void)state;
    struct q open[100];
    for (int i = 0; i < 100; i++) {
        q_begin_text(&open[i], w, S("SELECT 1 UNION SELECT 2"));
        assert_true(q_row(&open[i]));
    }
    for (int i = 0; i < 100; i++) {
        assert_true(q_row(&open[i]));
        assert_false(q_row(&open[i]));
        assert_int_equal(q_end(&open[i]), OK);
    }
}

static int64_t count_below(int64_t id)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, w, (enum sql_id)T_CHILDREN);
    q_int(&q, "id", id);
    while (q_row(&q))
        n += 1 + count_below(q_get_int(&q, 0));
    assert_int_equal(q_end(&q), OK);
    return n;
}

static void the_same_statement_nests(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 63; i++) /* a binary tree */
        assert_int_equal(note_put(w, i, S("n"), i / 2), OK);
    assert_int_equal(count_below(1), 62);
}

static void errors_latch(void **state)
{
    (void)state;
    struct q q;
    q_begin(&q, w, (enum sql_id)T_PUT);
    q_int(&q, "no_such", 1);
    q_int(&q, "id", 1);
    assert_false(q_row(&q));
    assert_int_equal(q_end(&q), ERR_INTERNAL);
    q_begin(&q, w, (enum sql_id)T_LAST);
    assert_false(q_row(&q));
    assert_int_equal(q_cols(&q), 0);
    assert_int_equal(q_end(&q), ERR_INTERNAL);

    assert_int_equal(note_put(w, 1, S("a"), 1), OK);
    assert_int_equal(note_put(w, 1, S("b"), 1), ERR_CONFLICT);
    assert_int_equal(note_put(w, 2, S("b"), 1), OK); /* the statement is fit for use again */
    q_begin(&q, w, (enum sql_id)T_LINK);
    q_int(&q, "id", 1);
    q_int(&q, "note", 12345);
    assert_int_equal(q_exec(&q), ERR_CONFLICT); /* points at nothing */
    int64_t v = 77;
    q_begin_text(&q, w, S("SELECT id FROM note WHERE id < 0"));
    assert_int_equal(q_one_int(&q, &v), ERR_NOT_FOUND);
    assert_int_equal(v, 77);
    q_begin_text(&q, w, S("SELECT max(id) FROM note WHERE id < 0"));
    assert_int_equal(q_one_int(&q, &v), OK);
    assert_true(v == NULL_INT);
}

static void readers_do_not_write(void **state)
{
    (void)state;
    struct db_conn *r = store_connect(&st, false);
    assert_int_equal(note_put(r, 1, S("a"), 1), ERR_STATE);
    struct q q;
    q_begin_text(&q, r, S("DELETE FROM note"));
    assert_int_equal(q_exec(&q), ERR_STATE);
    db_disconnect(r);
}

static void returning_runs_to_the_end(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 5; i++)
        assert_int_equal(note_put(w, i, S("alt"), 9), OK);
    struct q q;
    int64_t id = 0;
    q_begin(&q, w, (enum sql_id)T_RETURNING);
    q_str(&q, "name", S("neu"));
    q_int(&q, "id", 9);
    assert_int_equal(q_one_int(&q, &id), OK); /* reads one row of five */
    q_begin_text(&q, w, S("SELECT count(*) FROM note WHERE name = 'neu'"));
    assert_int_equal(q_one_int(&q, &id), OK);
    assert_int_equal(id, 5);
}

static void snapshot_and_savepoints(void **state)
{
    (void)state;
    struct db_conn *r = store_connect(&st, false);
    assert_int_equal(tx_begin(r), OK);
    assert_int_equal(one_int(r, T_COUNT), 0);
    assert_int_equal(tx_begin(w), OK);
    assert_int_equal(note_put(w, 1, S("bleibt"), 1), OK);
    assert_int_equal(tx_save(w), OK);
    assert_int_equal(note_put(w, 2, S("weg"), 1), OK);
    assert_int_equal(tx_save(w), OK);
    assert_int_equal(note_put(w, 3, S("weg"), 1), OK);
    assert_int_equal(tx_release(w), OK);
    tx_undo(w);
    assert_int_equal(tx_commit(w), OK);
    assert_int_equal(one_int(r, T_COUNT), 0); /* the reader's snapshot stands still */
    assert_int_equal(tx_commit(r), OK);
    assert_int_equal(one_int(r, T_COUNT), 1);
    assert_true(note_there(r, 1));
    assert_int_equal(tx_begin(w), OK);
    assert_int_equal(note_put(w, 4, S("weg"), 1), OK);
    tx_rollback(w);
    tx_rollback(w); /* harmless without a transaction */
    assert_int_equal(one_int(r, T_COUNT), 1);
    db_disconnect(r);
}

static void *interrupt_later(void *arg)
{
    usleep(50000);
    db_interrupt(arg);
    return NULL;
}

static void deadline_and_interrupt(void **state)
{
    (void)state;
    struct q q;
    int64_t v = 0;
    db_deadline(w, 1); /* long past */
    q_begin(&q, w, (enum sql_id)T_BIG);
    assert_int_equal(q_one_int(&q, &v), ERR_TIMEOUT);
    db_deadline(w, 0);
    assert_int_equal(note_put(w, 1, S("a"), 1), OK);
    assert_int_equal(one_int(w, T_COUNT), 1);

    pthread_t t;
    struct db_conn *r = store_connect(&st, false);
    assert_int_equal(pthread_create(&t, NULL, interrupt_later, r), 0);
    q_begin(&q, r, (enum sql_id)T_BIG);
    assert_int_equal(q_one_int(&q, &v), ERR_CANCELLED);
    pthread_join(t, NULL);
    assert_int_equal(one_int(r, T_COUNT), 1);
    db_disconnect(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(check_prepares_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(nulls_and_empties, setup, teardown),
        cmocka_unit_test_setup_teardown(by_descriptor, setup, teardown),
        cmocka_unit_test_setup_teardown(all_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(composed_text, setup, teardown),
        cmocka_unit_test_setup_teardown(many_open_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_statement_nests, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_latch, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_do_not_write, setup, teardown),
        cmocka_unit_test_setup_teardown(returning_runs_to_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(snapshot_and_savepoints, setup, teardown),
        cmocka_unit_test_setup_teardown(deadline_and_interrupt, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
