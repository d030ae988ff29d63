/* The shipped schema and every shipped statement, on a fresh store. */
#include "store.h"

static struct store st;

static void shipped_statements_prepare(void **state)
{
    (void)state;
    st = (struct store){0};
    store_paths(&st, "/tmp");
    enum err e = store_try(&st, true, false);
    if (e != OK)
        fail_msg("%s", st.why);
    struct db_conn *c = store_connect(&st, true);
    e = db_check(c);
    if (e != OK)
        fail_msg("%s", db_message(c));
    db_disconnect(c);
    db_close(st.db);
    assert_int_equal(store_try(&st, false, false), OK); /* nothing is applied twice */
    store_drop(&st);
}

static const struct sql_table *moved(struct str name)
{
    for (const struct sql_table *t = sql_tables; t->name; t++)
        if (str_eqz(name, t->name))
            return t;
    return NULL;
}

/* Every column of the store is one that the generated statements carry over, in the same order. */
static void columns_are_moved(struct db_conn *c, const struct sql_table *t)
{
    struct q q, all;
    int n = 0;
    q_begin_text(&all, c, str_z(t->first));
    q_begin_text(&q, c, S("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid"));
    q_str_at(&q, 1, str_z(t->name));
    for (; q_row(&q); n++) {
        assert_true(n < t->ncols);
        assert_true(str_eqz(q_get_str(&q, 0), q_col_name(&all, n)));
        struct str type = q_get_str(&q, 1);
        char letter = str_eqz(type, "TEXT") ? 't' : str_eqz(type, "BLOB") ? 'b' : 'i';
        assert_int_equal(t->types[n], letter);
        int64_t pk = q_get_int(&q, 2);
        if (pk > 0)
            assert_int_equal(t->keys[pk - 1], n);
    }
    assert_int_equal(q_end(&q), OK);
    assert_int_equal(q_end(&all), OK);
    assert_int_equal(n, t->ncols);
}

static void statements_prepare(struct db_conn *c, const struct sql_table *t)
{
    const char *const texts[] = {t->first, t->next, t->last, t->count, t->put, t->puts, t->clear};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct q q;
        q_begin_text(&q, c, str_z(texts[i]));
        assert_int_equal(q_end(&q), OK);
    }
}

/* Whoever adds a table need not think of moving it; what is not moved stands here. */
static void no_table_is_forgotten(void **state)
{
    (void)state;
    st = (struct store){0};
    store_paths(&st, "/tmp");
    assert_int_equal(store_try(&st, true, false), OK);
    struct db_conn *c = store_connect(&st, true);
    struct q q;
    int n = 0;
    q_begin_text(&q, c, S("SELECT name FROM sqlite_schema WHERE type = 'table'"));
    while (q_row(&q)) {
        struct str name = q_get_str(&q, 0);
        if (str_eqz(name, "schema_migration") || str_starts(name, S("firm_search")))
            continue; /* made by the target itself */
        const struct sql_table *t = moved(name);
        if (!t)
            fail_msg("%.*s is not moved", STR_ARG(name));
        columns_are_moved(c, t);
        statements_prepare(c, t);
        n++;
    }
    assert_int_equal(q_end(&q), OK);
    for (const struct sql_table *t = sql_tables; t->name; t++)
        n--;
    assert_int_equal(n, 0);
    db_disconnect(c);
    store_drop(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_statements_prepare),
        cmocka_unit_test(no_table_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
