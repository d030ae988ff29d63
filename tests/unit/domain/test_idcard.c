/* ID and phone numbers: checks and masks. All numbers are made up (area 141199 does not exist). */
#include "fixture.h"

#include "domain/idcard.h"

static void masked(void (*mask)(struct str, struct buf *), const char *in, const char *want)
{
    struct buf b;
    buf_init(&b, 200);
    mask(str_z(in), &b);
    same(buf_str(&b), want);
    buf_free(&b);
}

static void test_id_numbers(void **state)
{
    (void)state;
    assert_int_equal(idcard_check(S("11010519491231002X")), IDCARD_VALID); /* GB 11643's example */
    assert_int_equal(idcard_check(S("440524188001010014")), IDCARD_BAD_BIRTH);
    assert_int_equal(idcard_check(S("11010519491231002")), IDCARD_BAD_LENGTH);
    assert_int_equal(idcard_check(S("")), IDCARD_BAD_LENGTH);
    assert_int_equal(idcard_check(STR_NULL), IDCARD_BAD_LENGTH);
    assert_int_equal(idcard_check(S("1101051949123100AX")), IDCARD_BAD_CHAR);
    assert_int_equal(idcard_check(S("11010519491231002x")), IDCARD_BAD_CHAR);
    assert_int_equal(idcard_check(S("1101051949123100二X")), IDCARD_BAD_CHAR);
    assert_int_equal(idcard_check(S("110105194912310021")), IDCARD_BAD_CHECK);
    assert_int_equal(idcard_check(S("110105194913310029")), IDCARD_BAD_BIRTH);
    assert_int_equal(idcard_check(S("110105200102290024")), IDCARD_BAD_BIRTH);
    assert_int_equal(idcard_birth(S("11010519491231002X")), day_of("1949-12-31"));
    assert_true(strlen(idcard_text(IDCARD_BAD_CHECK)) > 0);
    assert_string_equal(idcard_text(IDCARD_VALID), "");
}

/* Every single wrong digit is noticed, and every swap of unlike neighbours. */
static void test_id_faults(void **state)
{
    (void)state;
    char id[] = "11010519491231002X";
    for (size_t i = 0; i < 17; i++) {
        char was = id[i];
        for (char ch = '0'; ch <= '9'; ch++) {
            id[i] = ch;
            if (ch != was)
                assert_int_not_equal(idcard_check(str_z(id)), IDCARD_VALID);
        }
        id[i] = was;
    }
    for (size_t i = 0; i < 16; i++) {
        char a = id[i], b = id[i + 1];
        id[i] = b;
        id[i + 1] = a;
        if (a != b)
            assert_int_not_equal(idcard_check(str_z(id)), IDCARD_VALID);
        id[i] = a;
        id[i + 1] = b;
    }
}

static void test_normalise(void **state)
{
    (void)state;
    masked(idcard_normalise, " １１０１０５ 19491231 002ｘ ", "11010519491231002X");
    masked(phone_normalise, "138-0000-3133", "13800003133");
    masked(phone_normalise, "１３８ 0000 3133", "13800003133");
    masked(phone_normalise, "0358-3022123", "0358-3022123");
    masked(phone_normalise, "", "");
}

static void test_phones(void **state)
{
    (void)state;
    static const char *const good[] = {"13800003133", "19900000000", "0358-3022123", "03583022123",
        "035830221234", "010-62345678", "02162345678", "021-6234567"};
    static const char *const bad[] = {"", "1380000313", "138000031333", "12800003133", "3022123",
        "0358-302212", "0358-302212345", "0358--3022123", "00583022123", "1380000313a",
        "0358-30221a3", "+8613800003133", "13800003133/13800003134", "０３５８３０２２１２３"};
    for (size_t i = 0; i < COUNT(good); i++)
        if (!phone_valid(str_z(good[i])))
            fail_msg("should be valid: %s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (phone_valid(str_z(bad[i])))
            fail_msg("should not be valid: %s", bad[i]);
    assert_true(phone_mobile(S("13800003133")));
    assert_false(phone_mobile(S("0358-3022123")));
}

static void test_masks(void **state)
{
    (void)state;
    masked(idcard_mask, "11010519491231002X", "110***********002X");
    masked(idcard_mask, "1234567", "*******");
    masked(idcard_mask, "", "");
    masked(phone_mask, "13800001234", "138****1234");
    masked(phone_mask, "0358-3022567", "0358-****567");
    masked(phone_mask, "03583022567", "0358****567");
    masked(phone_mask, "1380000123", "********23");
    masked(phone_mask, "110", "***");
    masked(name_mask, "王小明", "王**");
    masked(name_mask, "𠮷田", "𠮷*");
    masked(name_mask, "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_numbers),
        cmocka_unit_test(test_id_faults),
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
