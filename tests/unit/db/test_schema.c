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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_statements_prepare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
