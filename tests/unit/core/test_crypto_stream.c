/* Encrypted streams: any length comes back; the bytes are those of docs/backup.md; whatever is
 * flipped, cut off, swapped, repeated, added or brought from another file is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
/* OpenSSL has a typedef with the name of one of our error codes. */
#define ERR_STATE OSSL_ERR_STATE
#include <openssl/evp.h>
#undef ERR_STATE
#include <sodium.h>

#include "base/mem.h"
#include "core/crypto_stream.h"

enum { CHUNK = 1 << 20, HEAD = 104, FRAME = 4 + CHUNK + 32, BIG = 2 * CHUNK + 77 };
enum { FILE_LEN = HEAD + 2 * FRAME + 4 + 77 + 32 };

#define PASS "一句很长的备份口令 2026"
static const struct str pass = {PASS, sizeof PASS - 1};
static unsigned char clear[BIG + CHUNK], back[BIG + CHUNK], file[FILE_LEN + 64];

static int setup(void **state)
{
    (void)state;
    rand_bytes(clear, sizeof clear);
    return sodium_init() < 0;
}

static int temp(void)
{
    char path[] = "/tmp/zhian-stream-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static int written(size_t n, size_t at_once)
{
    int fd = temp();
    struct crypto_stream *s = NULL;
    assert_int_equal(crypto_stream_create(fd, CRYPTO_COST_TEST, pass, &s), OK);
    for (size_t at = 0; at < n; at += at_once) {
        size_t part = n - at < at_once ? n - at : at_once;
        assert_int_equal(crypto_stream_put(s, (struct str){(char *)clear + at, part}), OK);
    }
    assert_int_equal(crypto_stream_end(s), OK);
    crypto_stream_close(s);
    return fd;
}

/* Reads everything; how much came before an error. */
static enum err read_back(int fd, struct str with, size_t *ret_n)
{
    struct crypto_stream *s = NULL;
    size_t n = 1;
    lseek(fd, 0, SEEK_SET);
    *ret_n = 0;
    enum err e = crypto_stream_open(fd, with, &s);
    while (!e && n) {
        e = crypto_stream_get(s, (char *)back + *ret_n, 70001, &n);
        *ret_n += n;
        n = n == 70001;
    }
    crypto_stream_close(s);
    return e;
}

static void any_length_comes_back(void **state)
{
    (void)state;
    static const size_t lengths[] = {
        0, 1, 31, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77};
    static const size_t steps[] = {1 << 16, 99991, CHUNK, 3 * CHUNK};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = 0;
        int fd = written(lengths[i], steps[i % 4]);
        memset(back, 0, sizeof back);
        assert_int_equal(read_back(fd, pass, &n), OK);
        assert_int_equal(n, lengths[i]);
        assert_memory_equal(back, clear, n);
        close(fd);
    }
}

/* Deciphers the second chunk by hand, from the page of the format. */
static void the_bytes_are_those_described(void **state)
{
    (void)state;
    unsigned char secret[32], prk[32], key[32], mac[32], own[32], iv[16] = {0}, out[CHUNK];
    int fd = written(BIG, CHUNK), done = 0;
    assert_int_equal(pread(fd, file, sizeof file, 0), FILE_LEN);
    close(fd);
    assert_memory_equal(file, "ZHIANBK\n\1\1\1\0\0\0\0\1\0\0\0\100\0\20\0\0", 24);
    assert_int_equal(
        crypto_pwhash(secret, 32, pass.p, pass.n, file + 24, 1, 64 * 1024, 2 /* argon2id */), 0);
    hmac_sm3(S("zhian"), (struct str){(char *)secret, 32}, prk);
    struct str root = {(char *)prk, 32};
    hmac_sm3(root, S("machead\1"), key);
    hmac_sm3((struct str){(char *)key, 32}, (struct str){(char *)file, 40}, own);
    assert_memory_equal(own, file + 40, 32);
    hmac_sm3(root, S("encchunk\1"), key);
    hmac_sm3(root, S("macchunk\1"), mac);
    unsigned char *frame = file + HEAD + FRAME;
    iv[7] = 1;
    const struct str parts[] = {{(char *)iv, 8}, {(char *)frame, 4 + CHUNK}};
    hmac_sm3_parts((struct str){(char *)mac, 32}, parts, 2, own);
    assert_memory_equal(own, frame + 4 + CHUNK, 32);
    EVP_CIPHER *sm4 = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_DecryptInit_ex2(ctx, sm4, key, iv, NULL), 1);
    assert_int_equal(EVP_DecryptUpdate(ctx, out, &done, frame + 4, CHUNK), 1);
    assert_memory_equal(out, clear + CHUNK, CHUNK);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(sm4);
}

/* The outcome of reading these n bytes; nothing false is ever given out. */
static enum err outcome(const unsigned char *p, size_t n, struct str with)
{
    int fd = temp();
    size_t got = 0;
    assert_int_equal(pwrite(fd, p, n, 0), n);
    enum err e = read_back(fd, with, &got);
    assert_true(got <= BIG);
    assert_memory_equal(back, clear, got);
    close(fd);
    return e;
}

static void load(void)
{
    int fd = written(BIG, CHUNK);
    assert_int_equal(pread(fd, file, sizeof file, 0), FILE_LEN);
    close(fd);
}

static void a_flipped_bit_anywhere_is_refused(void **state)
{
    (void)state;
    load();
    assert_int_equal(outcome(file, FILE_LEN, pass), OK);
    for (size_t at = 0; at < FILE_LEN; at += at < HEAD + 40 || at > FILE_LEN - 120 ? 1 : 39119) {
        file[at] ^= (unsigned char)(1 << at % 8);
        enum err e = outcome(file, FILE_LEN, pass);
        assert_int_equal(e, at < 8 ? ERR_UNSUPPORTED : ERR_CORRUPT);
        file[at] ^= (unsigned char)(1 << at % 8);
    }
}

static void another_end_is_refused(void **state)
{
    (void)state;
    static const size_t cuts[] = {HEAD, HEAD + 3, HEAD + 4, HEAD + FRAME - 1, HEAD + FRAME,
        HEAD + 2 * FRAME, HEAD + 2 * FRAME + 10, FILE_LEN - 1, FILE_LEN + 1, 50, 103, 9};
    load();
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        assert_int_equal(outcome(file, cuts[i], pass), ERR_CORRUPT);
    assert_int_equal(outcome(file, 3, pass), ERR_UNSUPPORTED);
    assert_int_equal(outcome(file, 0, pass), ERR_UNSUPPORTED);
    memmove(file + HEAD, file + HEAD + 2 * FRAME, 4 + 77 + 32); /* the last chunk alone */
    assert_int_equal(outcome(file, HEAD + 4 + 77 + 32, pass), ERR_CORRUPT);
}

static void chunks_stay_where_they_are(void **state)
{
    (void)state;
    static unsigned char other[FILE_LEN + 64];
    load();
    memcpy(other, file, sizeof file);
    load(); /* the same bytes under another salt */
    memcpy(file + HEAD, other + HEAD, FRAME);
    assert_int_equal(outcome(file, FILE_LEN, pass), ERR_CORRUPT);
    memcpy(file, other, sizeof file);
    memcpy(file + HEAD, other + HEAD + FRAME, FRAME);
    memcpy(file + HEAD + FRAME, other + HEAD, FRAME);
    assert_int_equal(outcome(file, FILE_LEN, pass), ERR_CORRUPT);
    memcpy(file, other, sizeof file);
    memcpy(file + HEAD + FRAME, other + HEAD, FRAME);
    assert_int_equal(outcome(file, FILE_LEN, pass), ERR_CORRUPT);
    memmove(file + HEAD + FRAME, other + HEAD + 2 * FRAME, 4 + 77 + 32);
    assert_int_equal(outcome(file, FILE_LEN - FRAME, pass), ERR_CORRUPT);
}

static void another_passphrase_is_told_apart(void **state)
{
    (void)state;
    load();
    assert_int_equal(outcome(file, FILE_LEN, S("不是这个口令")), ERR_CREDENTIALS);
    assert_int_equal(outcome(file, FILE_LEN, S("")), ERR_CREDENTIALS);
    static char longer[CRYPTO_PASSWORD_MAX + 1];
    assert_int_equal(outcome(file, FILE_LEN, (struct str){longer, sizeof longer}), ERR_TOO_LARGE);
}

/* The n-th allocation refused: told, nothing lost, nothing leaked (under ASan). */
static void refused_memory_is_told(void **state)
{
    (void)state;
    int refusals = 0;
    load();
    for (long n = 0; n < 8; n++) {
        struct crypto_stream *s = NULL;
        int fd = temp();
        assert_int_equal(pwrite(fd, file, FILE_LEN, 0), FILE_LEN);
        mem_fail_after(n);
        enum err e = crypto_stream_open(fd, pass, &s);
        mem_fail_after(-1);
        assert_true(e == OK || e == ERR_NOMEM);
        assert_true((e == OK) == (s != NULL));
        refusals += e != OK;
        crypto_stream_close(s);
        close(fd);
    }
    assert_true(refusals >= 4 && refusals < 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_comes_back),
        cmocka_unit_test(the_bytes_are_those_described),
        cmocka_unit_test(a_flipped_bit_anywhere_is_refused),
        cmocka_unit_test(another_end_is_refused),
        cmocka_unit_test(chunks_stay_where_they_are),
        cmocka_unit_test(another_passphrase_is_told_apart),
        cmocka_unit_test(refused_memory_is_told),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
