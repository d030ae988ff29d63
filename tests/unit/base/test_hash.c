/* Known answers and edge cases of base/hash. SM3: GB/T 32905-2016 examples 1 and 2. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"

static void expect_hex(const unsigned char *got, const char *want)
{
    char hex[2 * SM3_LEN + 1] = {0};
    hex_put(got, SM3_LEN, hex);
    assert_string_equal(hex, want);
}

#define ABC_SM3 "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
#define ABCD16_SM3 "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
#define EMPTY_SM3 "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"
#define ALPHA "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define ABCD16 "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"

static void test_sm3_known(void **state)
{
    (void)state;
    unsigned char out[SM3_LEN];
    sm3(S("abc"), out);
    expect_hex(out, ABC_SM3);
    sm3(S(ABCD16), out);
    expect_hex(out, ABCD16_SM3);
    sm3(S(""), out);
    expect_hex(out, EMPTY_SM3);
    sm3(STR_NULL, out);
    expect_hex(out, EMPTY_SM3);
}

static void test_sm3_stream(void **state)
{
    (void)state;
    unsigned char out[SM3_LEN];
    struct str msg = S(ABCD16);
    for (size_t cut = 0; cut <= msg.n; cut++) {
        struct sm3_ctx h;
        assert_int_equal(sm3_begin(&h), OK);
        sm3_add(&h, str_sub(msg, 0, cut));
        sm3_add(&h, str_sub(msg, cut, msg.n));
        sm3_end(&h, out);
        expect_hex(out, ABCD16_SM3);
    }
}

/* sm3() inside an open stream must not disturb it. */
static void test_sm3_nested(void **state)
{
    (void)state;
    unsigned char out[SM3_LEN], other[SM3_LEN];
    struct sm3_ctx h;
    assert_int_equal(sm3_begin(&h), OK);
    sm3_add(&h, S("a"));
    sm3(S("zzz"), other);
    sm3_add(&h, S("bc"));
    sm3_end(&h, out);
    expect_hex(out, ABC_SM3);
}

/* HMAC-SM3 by its definition (RFC 2104) from plain SM3, for short, block-long and longer keys. */
static void hmac_by_definition(struct str key, struct str msg, unsigned char out[SM3_LEN])
{
    unsigned char k[64] = {0}, text[64 + 256];
    if (key.n > 64)
        sm3(key, k);
    else
        memcpy(k, key.p, key.n);
    for (int i = 0; i < 64; i++)
        text[i] = k[i] ^ 0x36;
    memcpy(text + 64, msg.p, msg.n);
    unsigned char inner[SM3_LEN];
    sm3((struct str){(char *)text, 64 + msg.n}, inner);
    for (int i = 0; i < 64; i++)
        text[i] = k[i] ^ 0x5c;
    memcpy(text + 64, inner, SM3_LEN);
    sm3((struct str){(char *)text, 64 + SM3_LEN}, out);
}

static void test_hmac_definition(void **state)
{
    (void)state;
    char key[100], msg[200];
    memset(key, 'k', sizeof key);
    memset(msg, 'm', sizeof msg);
    static const size_t sizes[] = {1, 32, 63, 64, 65, 100};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char got[SM3_LEN], want[SM3_LEN];
        struct str k = {key, sizes[i]}, m = {msg, 2 * sizes[i]};
        hmac_sm3(k, m, got);
        hmac_by_definition(k, m, want);
        assert_memory_equal(got, want, SM3_LEN);
        struct str parts[] = {str_sub(m, 0, 3), str_sub(m, 3, 0), str_sub(m, 3, m.n)};
        hmac_sm3_parts(k, parts, 3, got);
        assert_memory_equal(got, want, SM3_LEN);
    }
}

/* GM/T 0042-2015 appendix D.3. */
static void test_hmac_known(void **state)
{
    (void)state;
    char key[37], cd[50];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (char)(i + 1);
    memset(cd, 0xcd, sizeof cd);
    unsigned char out[SM3_LEN];
    hmac_sm3((struct str){key, 32}, S(ALPHA ALPHA), out);
    expect_hex(out, "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a");
    hmac_sm3((struct str){key, 37}, (struct str){cd, sizeof cd}, out);
    expect_hex(out, "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae");
}

static void test_hash_equal(void **state)
{
    (void)state;
    unsigned char a[SM3_LEN], b[SM3_LEN];
    sm3(S("abc"), a);
    for (size_t i = 0; i < SM3_LEN; i++) {
        memcpy(b, a, sizeof b);
        assert_true(hash_equal(a, b, sizeof a));
        b[i] ^= 1;
        assert_false(hash_equal(a, b, sizeof a));
    }
}

static void test_hex(void **state)
{
    (void)state;
    unsigned char all[256], back[256];
    char hex[512];
    for (int i = 0; i < 256; i++)
        all[i] = (unsigned char)i;
    hex_put(all, sizeof all, hex);
    assert_memory_equal(hex + 2 * 0xab, "ab", 2);
    assert_true(hex_get((struct str){hex, sizeof hex}, back, sizeof back));
    assert_memory_equal(all, back, sizeof all);
    assert_true(hex_get(S("aBFf"), back, 2));
    assert_int_equal(back[0], 0xab);
    assert_false(hex_get(S("ab"), back, 2));
    assert_false(hex_get(S("abc"), back, 1));
    assert_false(hex_get(S("ag"), back, 1));
    assert_false(hex_get(S("a "), back, 1));
}

static void test_random(void **state)
{
    (void)state;
    unsigned char a[64] = {0}, b[64] = {0};
    rand_bytes(a, sizeof a);
    rand_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    char token[4096];
    bool seen[256] = {false};
    rand_token(token, sizeof token);
    for (size_t i = 0; i < sizeof token; i++)
        seen[(unsigned char)token[i]] = true;
    int kinds = 0;
    for (int ch = 0; ch < 256; ch++) {
        bool safe = (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
                    (ch >= 'a' && ch <= 'z') || ch == '-' || ch == '_';
        assert_true(safe || !seen[ch]);
        kinds += seen[ch];
    }
    assert_int_equal(kinds, 64);
}

static void *hash_often(void *arg)
{
    unsigned char out[SM3_LEN];
    for (int i = 0; i < 5000; i++)
        sm3(S(ABCD16), out);
    memcpy(arg, out, sizeof out);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    pthread_t t[THREADS];
    unsigned char out[THREADS][SM3_LEN];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, hash_often, out[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
        expect_hex(out[i], ABCD16_SM3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sm3_known),
        cmocka_unit_test(test_sm3_stream),
        cmocka_unit_test(test_sm3_nested),
        cmocka_unit_test(test_hmac_definition),
        cmocka_unit_test(test_hmac_known),
        cmocka_unit_test(test_hash_equal),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
