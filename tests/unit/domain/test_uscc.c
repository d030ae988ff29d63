/* Credit codes against data/uscc_vectors.json and hand-made cases. */
#include "fixture.h"

#include "domain/uscc.h"

static struct arena arena;
static const struct jin *vectors;

static void each_code(const char *list, void (*check)(struct str code, const struct jin *row))
{
    const struct jin *rows = jin_get(vectors, list);
    assert_true(jin_len(rows) > 0);
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *row = jin_at(rows, i);
        check(jin_str(jin_get(row, "code")), row);
    }
}

static void is_valid(struct str code, const struct jin *row)
{
    (void)row;
    assert_int_equal(uscc_check(code), USCC_VALID);
}

static void is_synthetic(struct str code, const struct jin *row)
{
    is_valid(code, row);
    assert_true(str_eq(uscc_entity(code), jin_str(jin_get(row, "kind"))));
    assert_true(uscc_org_valid(jin_str(jin_get(row, "org"))));
    assert_true(uscc_org_valid(str_sub(code, 8, 9)));
}

static void is_invalid(struct str code, const struct jin *row)
{
    (void)row;
    assert_int_not_equal(uscc_check(code), USCC_VALID);
    assert_true(strlen(uscc_text(uscc_check(code))) > 0);
}

static void fails_only_check(struct str code, const struct jin *row)
{
    assert_int_equal(uscc_check(code), USCC_BAD_CHECK);
    assert_int_equal(uscc_check_char(code), jin_str(jin_get(row, "calc")).p[0]);
    assert_true(uscc_org_valid(str_sub(code, 8, 9)));
}

static void test_vectors(void **state)
{
    (void)state;
    each_code("real", is_valid);
    each_code("synthetic", is_synthetic);
    each_code("invalid", is_invalid);
    each_code("nonconforming_synthetic", fails_only_check);
}

static void test_verdicts(void **state)
{
    (void)state;
    assert_int_equal(uscc_check(S("91440300192203821")), USCC_BAD_LENGTH);
    assert_int_equal(uscc_check(S("")), USCC_BAD_LENGTH);
    assert_int_equal(uscc_check(STR_NULL), USCC_BAD_LENGTH);
    assert_int_equal(uscc_check(S("91440300192203B21O")), USCC_BAD_CHAR);
    assert_int_equal(uscc_check(S("91440300192203821六")), USCC_BAD_CHAR); /* 18 code points */
    assert_int_equal(uscc_check(S("9144030019220382六")), USCC_BAD_LENGTH);
    assert_int_equal(uscc_check(S("914403001922038217")), USCC_BAD_CHECK);
    assert_int_equal(uscc_check((struct str){"91440300192203821\0", 18}), USCC_BAD_CHAR);
    assert_string_equal(uscc_text(USCC_VALID), "");
    assert_int_equal(uscc_check_char(S("9144030019220382")), 0);
    assert_int_equal(uscc_check_char(S("I1440300192203821")), 0);
}

/* Every single wrong character and every swap of unlike neighbours is noticed. */
static void test_single_faults_are_noticed(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    char code[] = "91141121TTTT000148";
    for (size_t i = 0; i < 18; i++) {
        char was = code[i];
        for (size_t k = 0; k < 31; k++) {
            code[i] = alphabet[k];
            enum uscc_verdict want = alphabet[k] == was ? USCC_VALID : USCC_BAD_CHECK;
            assert_int_equal(uscc_check(str_z(code)), want);
        }
        code[i] = was;
    }
}

static void test_normalise(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 200);
    uscc_normalise(S(" ９１１４１１２１ｔｔｔｔ０００１４８\xE2\x80\x8B\xE3\x80\x80"), &b);
    same(buf_str(&b), "91141121TTTT000148");
    buf_reset(&b);
    uscc_normalise(S("9114 1121\ttttt\xC2\xA0"
                     "0001\n48"),
        &b);
    same(buf_str(&b), "91141121TTTT000148");
    buf_free(&b);
}

static void test_suggest(void **state)
{
    (void)state;
    char code[USCC_LEN + 1] = "";
    assert_true(uscc_suggest(S("91141121TTTTOOO148"), code));
    same(str_sub(str_z(code), 0, USCC_LEN), "91141121TTTT000148");
    assert_true(uscc_suggest(S("9I1411Z1TTTT000148"), code));
    same(str_sub(str_z(code), 0, USCC_LEN), "91141121TTTT000148");
    assert_false(uscc_suggest(S("91141121TTTT000148"), code)); /* nothing to change */
    assert_false(uscc_suggest(S("91141121TTTTOOO149"), code)); /* would not become valid */
    assert_false(uscc_suggest(S("91141121TTTTOOO14"), code));
    assert_false(uscc_suggest(S("9114112VTTTT000148"), code)); /* V has no likeness */
}

static void test_entity(void **state)
{
    (void)state;
    same(uscc_entity(S("91141121TTTT000148")), "企业");
    same(uscc_entity(S("92141121TTTT00030T")), "个体工商户");
    same(uscc_entity(S("93141121TTTT00049L")), "农民专业合作社");
    assert_null(uscc_entity(S("11140000000000000X")).p);
    assert_null(uscc_entity(S("9")).p);
}

static void test_org_code(void **state)
{
    (void)state;
    assert_true(uscc_org_valid(S("TTTT0009X")));
    assert_true(uscc_org_valid(S("TTTT0003-0")));
    assert_false(uscc_org_valid(S("TTTT0003-1")));
    assert_false(uscc_org_valid(S("TTTT00030-")));
    assert_false(uscc_org_valid(S("tttt00030")));
    assert_false(uscc_org_valid(S("")));
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    vectors = data_json(&arena, "uscc_vectors.json");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    jin_free(vectors);
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_single_faults_are_noticed),
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_suggest),
        cmocka_unit_test(test_entity),
        cmocka_unit_test(test_org_code),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
