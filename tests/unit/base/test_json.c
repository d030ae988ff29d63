/* base/json: the writer, checked by text and by reading it back. */
#include "basetest.h"

#include "base/field.h"
#include "base/json.h"
#include "base/jsonin.h"

static struct buf b;
static struct jw w;

static int fresh(void **state)
{
    (void)state;
    buf_init(&b, 1 << 20);
    jw_init(&w, &b);
    return 0;
}

static int done(void **state)
{
    (void)state;
    buf_free(&b);
    return 0;
}

static void test_shapes(void **state)
{
    (void)state;
    jw_obj(&w);
    jw_key(&w, "a");
    jw_int(&w, -7);
    jw_key(&w, "b");
    jw_arr(&w);
    jw_bool(&w, true);
    jw_null(&w);
    jw_obj(&w);
    jw_end_obj(&w);
    jw_arr(&w);
    jw_end_arr(&w);
    jw_strz(&w, "x");
    jw_end_arr(&w);
    jw_key_str(&w, S("键\""));
    jw_str(&w, STR_NULL);
    jw_key(&w, "r");
    jw_raw(&w, S("[1,2]"));
    jw_key(&w, "e");
    jw_raw(&w, S(""));
    jw_end_obj(&w);
    same(buf_str(&b),
        "{\"a\":-7,\"b\":[true,null,{},[],\"x\"],\"键\\\"\":null,\"r\":[1,2],\"e\":null}");
}

static void test_escapes(void **state)
{
    (void)state;
    jw_str(&w, S("\"\\/\b\f\n\r\t\x01\x1f\x7f"));
    same(buf_str(&b), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"");
    buf_reset(&b);
    jw_init(&w, &b);
    jw_str(&w, (struct str){"a\0b", 3});
    same(buf_str(&b), "\"a\\u0000b\"");
    buf_reset(&b);
    jw_init(&w, &b);
    jw_str(&w, S("水泥𠮷 </script>"));
    same(buf_str(&b), "\"水泥𠮷 </script>\"");
}

static void test_typed_values(void **state)
{
    (void)state;
    static const struct {
        int64_t v;
        const char *want;
    } money[] = {{0, "0"}, {5, "0.05"}, {50, "0.5"}, {100, "1"}, {12345, "123.45"}, {-5, "-0.05"},
        {-50, "-0.5"}, {-100, "-1"}, {-12340, "-123.4"}, {NULL_INT, "null"},
        {INT64_MAX, "92233720368547758.07"}};
    for (size_t i = 0; i < COUNT(money); i++) {
        buf_reset(&b);
        jw_init(&w, &b);
        jw_money(&w, money[i].v);
        same(buf_str(&b), money[i].want);
    }
    buf_reset(&b);
    jw_init(&w, &b);
    jw_arr(&w);
    jw_day(&w, 19482);
    jw_day(&w, NULL_INT);
    jw_time(&w, 0);
    jw_time(&w, NULL_INT);
    jw_int(&w, NULL_INT);
    jw_int(&w, INT64_MAX);
    jw_end_arr(&w);
    same(buf_str(&b), "[\"2023-05-05\",null,\"1970-01-01T08:00:00.000+08:00\",null,null,"
                      "9223372036854775807]");
}

static void test_errors_latch(void **state)
{
    (void)state;
    struct buf small;
    buf_init(&small, 8);
    jw_init(&w, &small);
    jw_arr(&w);
    jw_strz(&w, "longer than eight");
    jw_end_arr(&w);
    assert_int_equal(small.err, ERR_TOO_LARGE);
    buf_free(&small);
}

/* Whatever bytes of valid text go in, a strict reader gets them back. */
static void test_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 3000; i++) {
        char text[40];
        size_t n = 0;
        while (n < 30)
            text[n++] = (char)(1 + next_random(&seed) % 127);
        memcpy(text + n, "𠮷", 4);
        struct str want = {text, n + 4};
        buf_reset(&b);
        jw_init(&w, &b);
        jw_arr(&w);
        jw_str(&w, want);
        jw_end_arr(&w);
        const struct jin *doc = NULL;
        assert_int_equal(jin_parse(buf_str(&b), 4, &doc), OK);
        assert_true(str_eq(jin_str(jin_at(doc, 0)), want));
        jin_free(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shapes, fresh, done),
        cmocka_unit_test_setup_teardown(test_escapes, fresh, done),
        cmocka_unit_test_setup_teardown(test_typed_values, fresh, done),
        cmocka_unit_test_setup_teardown(test_errors_latch, fresh, done),
        cmocka_unit_test_setup_teardown(test_reads_back, fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
