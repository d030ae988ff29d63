/* base/buf: growth, the maximum, the sticky error. */
#include "basetest.h"

#include "base/mem.h"

static void test_writes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    same(buf_str(&b), "");
    buf_add(&b, S("水"));
    buf_addz(&b, "泥");
    buf_addc(&b, '-');
    buf_int(&b, INT64_MIN);
    buf_fmt(&b, " %s %03d", "x", 7);
    buf_add(&b, STR_NULL);
    same(buf_str(&b), "水泥--9223372036854775808 x 007");
    assert_string_equal(buf_z(&b), "水泥--9223372036854775808 x 007");
    assert_int_equal(b.err, OK);
    buf_reset(&b);
    same(buf_str(&b), "");
    buf_int(&b, 0);
    same(buf_str(&b), "0");
    buf_free(&b);
    buf_free(&b);
}

static void test_maximum_is_exact_and_sticky(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_add(&b, S("abcd"));
    assert_int_equal(b.err, OK);
    assert_string_equal(buf_z(&b), "abcd");
    buf_addc(&b, 'e');
    assert_int_equal(b.err, ERR_TOO_LARGE);
    same(buf_str(&b), "abcd");
    assert_null(buf_z(&b));
    assert_null(buf_reserve(&b, 0));
    buf_reset(&b);
    buf_fmt(&b, "%s", "12345");
    assert_int_equal(b.err, ERR_TOO_LARGE);
    assert_int_equal(b.n, 0);
    buf_add(&b, S("x")); /* would fit; the error stands */
    assert_int_equal(b.n, 0);
    buf_free(&b);
    buf_init(&b, 0);
    buf_add(&b, S(""));
    assert_int_equal(b.err, OK);
    buf_addc(&b, 'x');
    assert_int_equal(b.err, ERR_TOO_LARGE);
    buf_free(&b);
}

static void test_big_and_overflowing(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_addc(&b, (char)('a' + i % 26));
    assert_int_equal(b.n, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_int_equal(b.err, ERR_TOO_LARGE);
    buf_free(&b);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, S("keep"));
    mem_fail_after(0);
    for (int i = 0; i < 1000; i++)
        buf_addc(&b, 'x');
    mem_fail_after(-1);
    assert_int_equal(b.err, ERR_NOMEM);
    assert_true(str_starts(buf_str(&b), S("keep")));
    buf_reset(&b);
    buf_add(&b, S("again"));
    same(buf_str(&b), "again");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_maximum_is_exact_and_sticky),
        cmocka_unit_test(test_big_and_overflowing),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
