/* Dialect tokens, for both back ends. */
#include "store.h"

#include "base/mem.h"
#include "db/dialect.h"

static void expand(const char *sql, enum dialect d, enum err want, const char *text)
{
    struct buf b;
    buf_init(&b, 200);
    assert_int_equal(dialect_expand(str_z(sql), d, &b), want);
    if (want == OK)
        assert_string_equal(buf_z(&b), text);
    buf_free(&b);
}

static void tokens(void **state)
{
    (void)state;
    const char *sql = "CREATE TABLE a (id @ID@, b @BLOB@) @WITHOUT_ROWID@";
    expand(
        sql, DIALECT_SQLITE, OK, "CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB) WITHOUT ROWID");
    expand(sql, DIALECT_POSTGRES, OK, "CREATE TABLE a (id BIGINT PRIMARY KEY, b BYTEA) ");
    expand("", DIALECT_SQLITE, OK, "");
    expand("no token", DIALECT_SQLITE, OK, "no token");
    expand("'a@b.cn', '@', '@@', '@ID', '@id@' @", DIALECT_SQLITE, OK,
        "'a@b.cn', '@', '@@', '@ID', '@id@' @");
    expand("@BLOB@@BLOB@", DIALECT_SQLITE, OK, "BLOBBLOB");
    expand("x @NO_SUCH@ y", DIALECT_SQLITE, ERR_INTERNAL, NULL);
}

static void limits(void **state)
{
    (void)state;
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    expand(longer, DIALECT_SQLITE, ERR_TOO_LARGE, NULL);
    mem_fail_after(0);
    expand("@ID@", DIALECT_SQLITE, ERR_NOMEM, NULL);
    mem_fail_after(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
