/* base/utf8: strictness and round trips. */
#include "basetest.h"

#include "base/utf8.h"

static void test_every_code_point_round_trips(void **state)
{
    (void)state;
    for (int32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        char bytes[4];
        struct str s = {bytes, utf8_put(cp, bytes)};
        size_t at = 0;
        if (utf8_next(s, &at) != cp || at != s.n || !utf8_valid(s) || utf8_len(s) != 1)
            fail_msg("U+%04X", (unsigned)cp);
    }
}

static void test_bad_sequences(void **state)
{
    (void)state;
    static const struct str bad[] = {{"\x80", 1}, {"\xBF", 1}, /* a continuation alone */
        {"\xC0\x80", 2}, {"\xC1\xBF", 2},                      /* overlong, two bytes */
        {"\xE0\x80\x80", 3}, {"\xE0\x9F\xBF", 3},              /* overlong, three */
        {"\xF0\x80\x80\x80", 4}, {"\xF0\x8F\xBF\xBF", 4},      /* overlong, four */
        {"\xED\xA0\x80", 3}, {"\xED\xBF\xBF", 3},              /* surrogates */
        {"\xF4\x90\x80\x80", 4}, {"\xF5\x80\x80\x80", 4}, {"\xFF", 1}, {"\xFE", 1}, {"\xE6\xB0", 2},
        {"\xF0\xA0\xAE", 3}, {"\xC3", 1},     /* cut short */
        {"\xE6\xB0\x41", 3}, {"\xC3\x28", 2}, /* wrong continuation */
        {"\xF8\x88\x80\x80\x80", 5}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        size_t at = 0;
        assert_false(utf8_valid(bad[i]));
        assert_int_equal(utf8_next(bad[i], &at), -1);
        assert_int_equal(at, 0); /* does not move past bad bytes */
    }
    assert_false(utf8_valid(S("好\x80")));
    assert_true(utf8_valid(S("")));
    assert_true(utf8_valid(STR_NULL));
    assert_true(utf8_valid(S("a\0b")));
}

static void test_lengths_and_prefixes(void **state)
{
    (void)state;
    struct str s = S("a水𠮷é");
    assert_int_equal(utf8_len(s), 4);
    same(utf8_prefix(s, 0), "");
    same(utf8_prefix(s, 1), "a");
    same(utf8_prefix(s, 3), "a水𠮷");
    same(utf8_prefix(s, 4), "a水𠮷é");
    same(utf8_prefix(s, 99), "a水𠮷é");
    assert_int_equal(utf8_len(STR_NULL), 0);
    size_t at = s.n;
    assert_int_equal(utf8_next(s, &at), -1);
    at = s.n + 5;
    assert_int_equal(utf8_next(s, &at), -1);
}

/* Valid or not is decided alike by the checker and by decoding to the end. */
static void test_checker_agrees_with_decoder(void **state)
{
    (void)state;
    uint64_t seed = 88;
    static const unsigned char likely[] = {0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xE6,
        0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xC1};
    for (int i = 0; i < 200000; i++) {
        char bytes[6];
        struct str s = {bytes, next_random(&seed) % 7};
        for (size_t k = 0; k < s.n; k++)
            bytes[k] = (char)likely[next_random(&seed) % sizeof likely];
        size_t at = 0;
        while (at < s.n && utf8_next(s, &at) >= 0)
            ;
        assert_int_equal(utf8_valid(s), at == s.n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point_round_trips),
        cmocka_unit_test(test_bad_sequences),
        cmocka_unit_test(test_lengths_and_prefixes),
        cmocka_unit_test(test_checker_agrees_with_decoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
