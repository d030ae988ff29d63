/* base/str: strings by value. */
#include "basetest.h"

static void test_equality(void **state)
{
    (void)state;
    assert_true(str_eq(S("水泥"), str_z("水泥")));
    assert_false(str_eq(S("水泥"), S("水泥厂")));
    assert_true(str_eq(S(""), STR_NULL)); /* both are empty; only the pointer tells them apart */
    assert_null(str_z(NULL).p);
    assert_non_null(str_z("").p);
    assert_true(str_eqz(S("a\0b"), "a") == false);
    assert_int_equal(S("a\0b").n, 3);
    assert_true(str_empty(STR_NULL) && str_empty(S("")) && !str_empty(S(" ")));
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(str_starts(S("文水县"), S("文水")));
    assert_false(str_starts(S("文"), S("文水")));
    assert_true(str_ends(S("文水县"), S("县")));
    assert_false(str_ends(S("县"), S("文水县")));
    assert_true(str_starts(S("x"), S("")) && str_ends(S("x"), S("")));
}

static void test_sub(void **state)
{
    (void)state;
    same(str_sub(S("abcdef"), 2, 3), "cde");
    same(str_sub(S("abcdef"), 4, 99), "ef");
    same(str_sub(S("abcdef"), 99, 1), "");
    same(str_sub(S("abcdef"), 6, SIZE_MAX), "");
    same(str_sub(S("abcdef"), SIZE_MAX, SIZE_MAX), "");
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(str_find(S("abcabc"), S("ca")), 2);
    assert_int_equal(str_find(S("abc"), S("")), 0);
    assert_int_equal(str_find(S("ab"), S("abc")), -1);
    assert_int_equal(str_find(S("abc"), S("x")), -1);
    assert_int_equal(str_find(S("a\0bc"), S("\0b")), 1);
    assert_int_equal(str_find(STR_NULL, S("x")), -1);
}

static void test_order(void **state)
{
    (void)state;
    assert_true(str_cmp(S("a"), S("b")) < 0);
    assert_true(str_cmp(S("ab"), S("a")) > 0);
    assert_true(str_cmp(S("一"), S("丁")) < 0);           /* U+4E00 < U+4E01 */
    assert_true(str_cmp(S("\xEF\xBD\x81"), S("𠮷")) < 0); /* U+FF41 < U+20BB7 */
    assert_int_equal(str_cmp(STR_NULL, S("")), 0);
    assert_true(str_cmp(STR_NULL, S("a")) < 0);
}

static void test_trim_and_cut(void **state)
{
    (void)state;
    same(str_trim(S(" \t\r\n a b \n")), "a b");
    same(str_trim(S(" \n ")), "");
    struct str rest, part = str_cut(S("a,b,,"), ',', &rest);
    same(part, "a");
    part = str_cut(rest, ',', &rest);
    same(part, "b");
    part = str_cut(rest, ',', &rest);
    same(part, "");
    assert_non_null(rest.p);
    part = str_cut(rest, ',', &rest);
    same(part, "");
    assert_null(rest.p);
    part = str_cut(STR_NULL, ',', &rest);
    assert_null(part.p);
    assert_null(rest.p);
}

static void test_int(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(str_int(S("0"), &v) && v == 0);
    assert_true(str_int(S("-0"), &v) && v == 0);
    assert_true(str_int(S("0042"), &v) && v == 42);
    assert_true(str_int(S("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(str_int(S("-9223372036854775808"), &v) && v == INT64_MIN);
    v = 7;
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "０",
        "9223372036854775808", "-9223372036854775809", "99999999999999999999"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(str_int(str_z(bad[i]), &v));
    assert_false(str_int(STR_NULL, &v));
    assert_int_equal(v, 7); /* untouched on failure */
}

static void test_int_round_trip(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    uint64_t seed = 3;
    for (int i = 0; i < 5000; i++) {
        int64_t want = (int64_t)next_random(&seed) >> (i % 60), got;
        buf_reset(&b);
        buf_int(&b, want);
        assert_true(str_int(buf_str(&b), &got));
        assert_int_equal(got, want);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_sub),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_trim_and_cut),
        cmocka_unit_test(test_int),
        cmocka_unit_test(test_int_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
