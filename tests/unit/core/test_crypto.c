/* The key store, encrypted fields, indexes, row MACs, signatures, passwords and codes. HKDF is
 * checked against OpenSSL's own; files are damaged on purpose; allocations are refused one by one.
 */
#define ERR_STATE OSSL_ERR_STATE
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#undef ERR_STATE

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/crypto_key.h"

enum { NOW = 1793581200 };

static char dir[64];
static struct arena mem;

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/zhian-crypto-XXXXXX");
    arena_init(&mem, 64 << 20);
    return mkdtemp(dir) ? 0 : -1;
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int drop_dir(void **state)
{
    (void)state;
    static const char *const names[] = {"keys/master", "keys/ring", "keys/ring.new",
        "keys/master.new", "keys.new/master", "keys.new/ring", "keys.new/ring.new",
        "keys.new/master.new"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(names[i]));
    rmdir(path_of("keys"));
    rmdir(path_of("keys.new"));
    arena_free(&mem);
    return rmdir(dir);
}

static enum err try_open(bool create, struct crypto **ret)
{
    char why[256] = "";
    struct crypto_options o = {dir, create, (int64_t)NOW * 1000, why, sizeof why};
    enum err e = crypto_open(&o, ret);
    assert_int_equal(e != OK, why[0] != 0);
    return e;
}

static struct crypto *opened(void)
{
    struct crypto *c = NULL;
    assert_int_equal(try_open(true, &c), OK);
    return c;
}

static const struct crypto_place here = {"person", "phone", 42};

static struct str sealed(struct crypto *c, struct str clear)
{
    struct str blob = STR_NULL;
    assert_int_equal(crypto_encrypt(c, &here, clear, &mem, &blob), OK);
    return blob;
}

static void expect_clear(struct crypto *c, struct str blob, struct str want)
{
    struct str clear = STR_NULL;
    assert_int_equal(crypto_decrypt(c, &here, blob, &mem, &clear), OK);
    assert_non_null(clear.p);
    assert_true(str_eq(clear, want));
}

/* --- the key store ------------------------------------------------------------------------- */

static void test_open(void **state)
{
    (void)state;
    struct crypto *c = NULL;
    assert_int_equal(try_open(false, &c), ERR_NOT_FOUND);
    c = opened();
    struct str blob = sealed(c, S("13800001234"));
    crypto_close(c);
    assert_int_equal(try_open(false, &c), OK);
    expect_clear(c, blob, S("13800001234"));
    crypto_close(c);
    struct stat st;
    assert_int_equal(stat(path_of("keys"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(path_of("keys/master"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(path_of("keys/ring"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_not_equal(access(path_of("keys.new"), F_OK), 0);
}

static void test_open_twice_keeps(void **state)
{
    (void)state;
    struct crypto *c = opened();
    uint32_t id = crypto_key_id(c, CRYPTO_DATA);
    crypto_close(c);
    c = opened();
    assert_int_equal(crypto_key_id(c, CRYPTO_DATA), id);
    crypto_close(c);
}

static void test_open_to_others(void **state)
{
    (void)state;
    crypto_close(opened());
    struct crypto *c = NULL;
    assert_int_equal(chmod(path_of("keys/master"), 0640), 0);
    assert_int_equal(try_open(false, &c), ERR_STATE);
    assert_int_equal(chmod(path_of("keys/master"), 0600), 0);
    assert_int_equal(chmod(path_of("keys"), 0755), 0);
    assert_int_equal(try_open(false, &c), ERR_STATE);
    assert_int_equal(chmod(path_of("keys"), 0700), 0);
    assert_int_equal(try_open(false, &c), OK);
    crypto_close(c);
}

static void test_open_half_set(void **state)
{
    (void)state;
    crypto_close(opened());
    struct crypto *c = NULL;
    assert_int_equal(unlink(path_of("keys/ring")), 0);
    assert_int_equal(try_open(true, &c), ERR_STATE);
}

/* A crash while making keys: the unfinished folder is replaced. */
static void test_open_unfinished(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("keys.new"), 0700), 0);
    FILE *f = fopen(path_of("keys.new/master"), "w");
    assert_non_null(f);
    fputs("half", f);
    fclose(f);
    crypto_close(opened());
    assert_int_not_equal(access(path_of("keys.new"), F_OK), 0);
}

static size_t slurp(const char *name, char *out, size_t size)
{
    FILE *f = fopen(path_of(name), "r");
    assert_non_null(f);
    size_t n = fread(out, 1, size, f);
    fclose(f);
    return n;
}

static void spit(const char *name, const char *text, size_t n)
{
    FILE *f = fopen(path_of(name), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

/* Any changed character of either file, and any truncation of the ring, is noticed. */
static void test_open_damaged(void **state)
{
    (void)state;
    crypto_close(opened());
    static const char *const names[] = {"keys/master", "keys/ring"};
    static char text[8192], bad[8192];
    for (int which = 0; which < 2; which++) {
        size_t n = slurp(names[which], text, sizeof text);
        for (size_t i = 0; i < n - 1; i += 1 + i / 64) {
            struct crypto *c = NULL;
            memcpy(bad, text, n);
            bad[i] = bad[i] == '0' ? '1' : '0';
            spit(names[which], bad, n);
            assert_int_equal(try_open(false, &c), ERR_CORRUPT);
        }
        spit(names[which], text, n);
    }
    size_t n = slurp("keys/ring", text, sizeof text);
    for (size_t cut = 0; cut < n - 1; cut += 37) {
        struct crypto *c = NULL;
        spit("keys/ring", text, cut);
        assert_int_equal(try_open(false, &c), ERR_CORRUPT);
    }
}

/* The last line tells how many keys there are and is the last. */
static void test_open_ring_end(void **state)
{
    (void)state;
    crypto_close(opened());
    static const char *const ends[] = {"end 2\n", "end 4\n", "end\n", "end 3\nmore\n", "end x\n"};
    static char text[8192], bad[8192 + 16];
    size_t n = slurp("keys/ring", text, sizeof text);
    assert_true(str_ends((struct str){text, n}, S("end 3\n")));
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct crypto *c = NULL;
        int size = snprintf(bad, sizeof bad, "%.*s%s", (int)n - 6, text, ends[i]);
        spit("keys/ring", bad, (size_t)size);
        assert_int_equal(try_open(false, &c), ERR_CORRUPT);
    }
}

/* No secret of the ring stands in it in clear: two stores share nothing but the frame. */
static void test_secrets_differ(void **state)
{
    (void)state;
    struct crypto *c = opened();
    static char one[8192], two[8192];
    size_t n = slurp("keys/ring", one, sizeof one);
    unsigned char a[CRYPTO_INDEX_LEN], b[CRYPTO_INDEX_LEN];
    assert_int_equal(crypto_index(c, S("person.phone"), S("13800001234"), a), OK);
    crypto_close(c);
    unlink(path_of("keys/master"));
    unlink(path_of("keys/ring"));
    rmdir(path_of("keys"));
    c = opened();
    size_t m = slurp("keys/ring", two, sizeof two);
    assert_int_equal(crypto_index(c, S("person.phone"), S("13800001234"), b), OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(n != m || memcmp(one, two, n) != 0);
    crypto_close(c);
}

static void test_rotate(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct str old = sealed(c, S("旧"));
    uint32_t before = crypto_key_id(c, CRYPTO_DATA);
    assert_int_equal(crypto_rotate(c, CRYPTO_DATA, (int64_t)NOW * 1000), OK);
    uint32_t after = crypto_key_id(c, CRYPTO_DATA);
    assert_int_not_equal(before, after);
    struct str fresh = sealed(c, S("新"));
    assert_int_equal(crypto_blob_key(old), before);
    assert_int_equal(crypto_blob_key(fresh), after);
    expect_clear(c, old, S("旧"));
    expect_clear(c, fresh, S("新"));
    crypto_close(c);
    assert_int_equal(try_open(false, &c), OK);
    expect_clear(c, old, S("旧"));
    expect_clear(c, fresh, S("新"));
    assert_int_equal(crypto_key_id(c, CRYPTO_DATA), after);
    assert_int_equal(crypto_rotate(c, CRYPTO_INDEX, 0), ERR_INVALID);
    crypto_close(c);
}

/* A key made by another process is found when its first blob is read. */
static void test_rotate_elsewhere(void **state)
{
    (void)state;
    struct crypto *server = opened(), *cli = NULL;
    assert_int_equal(try_open(false, &cli), OK);
    assert_int_equal(crypto_rotate(cli, CRYPTO_DATA, (int64_t)NOW * 1000), OK);
    struct str blob = sealed(cli, S("13800001234"));
    expect_clear(server, blob, S("13800001234"));
    assert_int_equal(crypto_key_id(server, CRYPTO_DATA), crypto_key_id(cli, CRYPTO_DATA));
    crypto_close(server);
    crypto_close(cli);
}

/* --- fields -------------------------------------------------------------------------------- */

static void test_field_round(void **state)
{
    (void)state;
    struct crypto *c = opened();
    static char text[5000];
    for (size_t n = 0; n < sizeof text; n += n < 70 ? 1 : 977) {
        memset(text, (int)('a' + n % 26), n);
        struct str clear = {text, n}, blob = sealed(c, clear);
        assert_int_equal(blob.n, n + CRYPTO_OVERHEAD);
        assert_true(n < 8 || str_find(blob, clear) < 0);
        expect_clear(c, blob, clear);
    }
    struct str blob = S("x"), clear = S("x");
    assert_int_equal(crypto_encrypt(c, &here, STR_NULL, &mem, &blob), OK);
    assert_null(blob.p);
    assert_int_equal(crypto_decrypt(c, &here, STR_NULL, &mem, &clear), OK);
    assert_null(clear.p);
    struct str again = sealed(c, S("same")), other = sealed(c, S("same"));
    assert_false(str_eq(again, other));
    crypto_close(c);
}

/* Every bit counts, and every byte less. */
static void test_field_changed(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct str blob = sealed(c, S("13800001234")), clear = S("untouched");
    char *bytes = (char *)(uintptr_t)blob.p;
    for (size_t i = 0; i < blob.n * 8; i++) {
        bytes[i / 8] ^= (char)(1 << i % 8);
        assert_int_equal(crypto_decrypt(c, &here, blob, &mem, &clear), ERR_CORRUPT);
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
    for (size_t n = 0; n < blob.n; n++) {
        struct str cut = str_sub(blob, 0, n);
        assert_int_equal(crypto_decrypt(c, &here, cut, &mem, &clear), ERR_CORRUPT);
    }
    assert_true(str_eq(clear, S("untouched")));
    expect_clear(c, blob, S("13800001234"));
    crypto_close(c);
}

static void test_field_moved(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct str blob = sealed(c, S("13800001234")), clear;
    static const struct crypto_place elsewhere[] = {{"person", "phone", 43},
        {"person", "id_no", 42}, {"account", "phone", 42}, {"perso", "nphone", 42},
        {"person", "phon", 42}};
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        assert_int_equal(crypto_decrypt(c, &elsewhere[i], blob, &mem, &clear), ERR_CORRUPT);
    crypto_close(c);
}

static void test_field_bad_place(void **state)
{
    (void)state;
    struct crypto *c = opened();
    char name[62];
    memset(name, 'a', 61);
    name[61] = 0;
    struct crypto_place at = {name, "phone", 1};
    struct str blob;
    assert_int_equal(crypto_encrypt(c, &at, S("x"), &mem, &blob), ERR_INVALID);
    at = (struct crypto_place){"person", "", 1};
    assert_int_equal(crypto_encrypt(c, &at, S("x"), &mem, &blob), ERR_INVALID);
    crypto_close(c);
}

/* HKDF-SM3 of OpenSSL, for the layout of the blob to be checked from outside. */
static void hkdf(struct str secret, struct str info, unsigned char out[32])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){"SM3"}, 0),
        OSSL_PARAM_construct_octet_string(
            OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret.p, secret.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (char[]){"zhian"}, 5),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.p, info.n),
        OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_KDF_derive(ctx, out, 32, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void sm4_by_openssl(const unsigned char *key, const char *iv, struct str in, char *out)
{
    int n = 0;
    EVP_CIPHER *sm4 = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const unsigned char *u = (const unsigned char *)in.p;
    assert_int_equal(EVP_DecryptInit_ex2(ctx, sm4, key, (const unsigned char *)iv, NULL), 1);
    assert_int_equal(EVP_DecryptUpdate(ctx, (unsigned char *)out, &n, u, (int)in.n), 1);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(sm4);
}

/* One wrapped ring line opened by the specification alone: master -> HKDF -> SM4-CTR. */
static void unwrap_by_spec(struct str master, struct str ring, char kind, char out[32])
{
    char mark[] = {' ', kind, ' ', 0};
    unsigned char wrapped[80], key[32];
    struct str rest = str_sub(ring, (size_t)str_find(ring, str_z(mark)) + 3, ring.n);
    str_cut(rest, ' ', &rest);
    assert_true(hex_get(str_cut(rest, '\n', &rest), wrapped, sizeof wrapped));
    hkdf(master, S("encring"), key);
    sm4_by_openssl(key, (char *)wrapped, (struct str){(char *)wrapped + 16, 32}, out);
}

static void test_layout(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct str blob = sealed(c, S("13800001234"));
    crypto_close(c);
    static char text[8192];
    char master[32], secret[32], clear[11];
    size_t n = slurp("keys/master", text, sizeof text);
    assert_true(
        hex_get(str_trim(str_sub((struct str){text, n}, 15, n)), (unsigned char *)master, 32));
    n = slurp("keys/ring", text, sizeof text);
    unwrap_by_spec((struct str){master, 32}, (struct str){text, n}, '1', secret);
    unsigned char key[32], mac[32];
    hkdf((struct str){secret, 32}, S("encperson.phone"), key);
    assert_int_equal(blob.p[0], 1);
    assert_int_equal(blob.p[1], 1);
    sm4_by_openssl(key, blob.p + 6, str_sub(blob, 22, 11), clear);
    assert_memory_equal(clear, "13800001234", 11);
    char t[256];
    int at = 0;
    static const char head[] =
        "\0\0\0\6person\0\0\0\5phone\0\0\0\10\0\0\0\0\0\0\0\52\0\0\0\1\1\0\0\0\1"
        "\1\0\0\0\4";
    memcpy(t, head, sizeof head - 1);
    at += (int)sizeof head - 1;
    memcpy(t + at, blob.p + 2, 4);
    memcpy(t + at + 4, "\0\0\0\20", 4);
    memcpy(t + at + 8, blob.p + 6, 16);
    memcpy(t + at + 24, "\0\0\0\13", 4);
    memcpy(t + at + 28, blob.p + 22, 11);
    hkdf((struct str){secret, 32}, S("macperson.phone"), key);
    hmac_sm3((struct str){(char *)key, 32}, (struct str){t, (size_t)at + 39}, mac);
    assert_memory_equal(mac, blob.p + 33, 32);
}

static void *use_often(void *arg)
{
    struct crypto *c = arg;
    struct arena a;
    arena_init(&a, 1 << 20);
    for (int i = 0; i < 300; i++) {
        struct str blob = STR_NULL, clear = STR_NULL;
        assert_int_equal(crypto_encrypt(c, &here, S("13800001234"), &a, &blob), OK);
        assert_int_equal(crypto_decrypt(c, &here, blob, &a, &clear), OK);
        assert_true(str_eq(clear, S("13800001234")));
        arena_reset(&a);
    }
    arena_free(&a);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct crypto *c = opened();
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, use_often, c), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(crypto_rotate(c, CRYPTO_DATA, (int64_t)NOW * 1000), OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    crypto_close(c);
}

/* --- indexes, rows ------------------------------------------------------------------------- */

static void test_index(void **state)
{
    (void)state;
    struct crypto *c = opened();
    unsigned char a[CRYPTO_INDEX_LEN], b[CRYPTO_INDEX_LEN];
    assert_int_equal(crypto_index(c, S("person.id_no"), S("14010219800101123X"), a), OK);
    static const char *const same[] = {" 14010219800101123x ",
        "１４０１０２１９８００１０１１２３Ｘ", "140102 19800101 123x", "　14010219800101123X"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_int_equal(crypto_index(c, S("person.id_no"), str_z(same[i]), b), OK);
        assert_memory_equal(a, b, sizeof a);
    }
    assert_int_equal(crypto_index(c, S("person.id_no"), S("140102198001011231"), b), OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(crypto_index(c, S("account.id_no"), S("14010219800101123X"), b), OK);
    assert_memory_not_equal(a, b, sizeof a);
    static char large[1025];
    assert_int_equal(crypto_index(c, S("f"), (struct str){large, 1025}, b), ERR_TOO_LARGE);
    assert_int_equal(crypto_index(c, S(""), S("x"), b), ERR_INVALID);
    crypto_close(c);
}

static void test_row_mac(void **state)
{
    (void)state;
    struct crypto *c = opened();
    unsigned char mac[CRYPTO_MAC_LEN];
    struct str text = {(char *)mac, sizeof mac};
    struct crypto_row r = {"grant", 7, 3, S("role=county")}, x;
    assert_int_equal(crypto_row_mac(c, &r, mac), OK);
    assert_int_equal(crypto_rotate(c, CRYPTO_DATA, (int64_t)NOW * 1000), OK);
    assert_true(crypto_row_check(c, &r, text));
    x = (struct crypto_row){"grant", 8, 3, r.canon};
    assert_false(crypto_row_check(c, &x, text));
    x = (struct crypto_row){"grant", 7, 2, r.canon};
    assert_false(crypto_row_check(c, &x, text));
    x = (struct crypto_row){"grants", 7, 3, r.canon};
    assert_false(crypto_row_check(c, &x, text));
    x = (struct crypto_row){"grant", 7, 3, S("role=city")};
    assert_false(crypto_row_check(c, &x, text));
    for (size_t i = 0; i < sizeof mac; i++) {
        mac[i] ^= 1;
        assert_false(crypto_row_check(c, &r, text));
        mac[i] ^= 1;
    }
    assert_false(crypto_row_check(c, &r, str_sub(text, 0, 35)));
    assert_false(crypto_row_check(c, &r, STR_NULL));
    crypto_close(c);
}

/* --- signatures ---------------------------------------------------------------------------- */

static struct crypto_public public_of(struct crypto *c, uint32_t id)
{
    char pem[CRYPTO_PEM_MAX];
    struct crypto_public k;
    assert_int_equal(crypto_public_pem(c, id, pem), OK);
    assert_int_equal(crypto_public_read(str_z(pem), &k), OK);
    return k;
}

static void test_sign(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct crypto_sig sig;
    assert_int_equal(crypto_sm2_sign(c, S("head"), &sig), OK);
    struct crypto_public k = public_of(c, sig.key);
    struct str s = {(char *)sig.b, sig.n};
    assert_true(crypto_sm2_check(&k, S("head"), s));
    assert_false(crypto_sm2_check(&k, S("heaD"), s));
    assert_false(crypto_sm2_check(&k, S("head"), str_sub(s, 0, s.n - 1)));
    assert_false(crypto_sm2_check(&k, S("head"), STR_NULL));
    for (size_t i = 0; i < sig.n; i++) {
        sig.b[i] ^= 1;
        assert_false(crypto_sm2_check(&k, S("head"), s));
        sig.b[i] ^= 1;
    }
    crypto_public_free(&k);
    crypto_close(c);
}

static void test_sign_rotated(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct crypto_sig one, two;
    assert_int_equal(crypto_sm2_sign(c, S("head"), &one), OK);
    assert_int_equal(crypto_rotate(c, CRYPTO_SEAL, (int64_t)NOW * 1000), OK);
    assert_int_equal(crypto_sm2_sign(c, S("head"), &two), OK);
    assert_int_not_equal(one.key, two.key);
    struct crypto_public first = public_of(c, one.key), newest = public_of(c, 0);
    assert_true(crypto_sm2_check(&first, S("head"), (struct str){(char *)one.b, one.n}));
    assert_true(crypto_sm2_check(&newest, S("head"), (struct str){(char *)two.b, two.n}));
    assert_false(crypto_sm2_check(&newest, S("head"), (struct str){(char *)one.b, one.n}));
    assert_string_not_equal(first.print, newest.print);
    char pem[CRYPTO_PEM_MAX];
    assert_int_equal(crypto_public_pem(c, 12345, pem), ERR_NOT_FOUND);
    assert_int_equal(crypto_public_pem(c, crypto_key_id(c, CRYPTO_DATA), pem), ERR_NOT_FOUND);
    crypto_public_free(&first);
    crypto_public_free(&newest);
    crypto_close(c);
}

/* Signature of `openssl pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:1234567812345678`. */
static void test_sign_foreign(void **state)
{
    (void)state;
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEYjoEY8NV7qdvQzxiLnJczp9pkv8P\n"
                              "w57Cg+eTqybtylDSLYin3quRkhvQu8ZC+tyCrMYK7nHZZSo7z2K2t3+d5Q==\n"
                              "-----END PUBLIC KEY-----\n";
    unsigned char sig[71];
    struct crypto_public k;
    assert_true(hex_get(S("3045022027ecdd2a9e06f26836beea53aebc2228d1d1da747c83e8d025c21f188e129413"
                          "022100f70b9cd4faeb5a8e3ee2121dc393272a6232202ee73d4d262f8dd4f24c7220d8"),
        sig, sizeof sig));
    assert_int_equal(crypto_public_read(str_z(pem), &k), OK);
    assert_true(
        crypto_sm2_check(&k, S("zhian seal test\n"), (struct str){(char *)sig, sizeof sig}));
    crypto_public_free(&k);
}

static void test_public_refused(void **state)
{
    (void)state;
    struct crypto_public k;
    static const char p256[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcRFcYLr3PZbnt2wpuUIs3X3p1BNh\n"
                               "GtgvC5ZQcooZiH0n+2e/5BdZLwJckCiW27N7HHj8MLCw1CfaqaE/TgP/Lg==\n"
                               "-----END PUBLIC KEY-----\n";
    char twice[2 * sizeof p256 + CRYPTO_PEM_MAX];
    assert_int_equal(crypto_public_read(str_z(p256), &k), ERR_INVALID);
    assert_int_equal(crypto_public_read(S(""), &k), ERR_INVALID);
    assert_int_equal(crypto_public_read(S("-----BEGIN PUBLIC KEY-----\n"), &k), ERR_INVALID);
    struct crypto *c = opened();
    assert_int_equal(crypto_public_pem(c, 0, twice), OK);
    strcat(twice, "x\n");
    assert_int_equal(crypto_public_read(str_z(twice), &k), ERR_INVALID);
    crypto_close(c);
}

/* --- passwords, codes ---------------------------------------------------------------------- */

static void test_password(void **state)
{
    (void)state;
    struct crypto_cost cheap = CRYPTO_COST_TEST;
    char one[CRYPTO_HASH_MAX], two[CRYPTO_HASH_MAX];
    assert_int_equal(crypto_password_hash(cheap, S("correct 马 battery"), one), OK);
    assert_int_equal(crypto_password_hash(cheap, S("correct 马 battery"), two), OK);
    assert_string_not_equal(one, two);
    assert_true(str_starts(str_z(one), S("$argon2id$v=19$m=64,t=1,p=1$")));
    assert_true(crypto_password_check(cheap, str_z(one), S("correct 马 battery")));
    assert_false(crypto_password_check(cheap, str_z(one), S("correct 马 batterY")));
    assert_false(crypto_password_check(cheap, str_z(one), S("")));
    assert_false(crypto_password_check(cheap, str_z(one), STR_NULL));
    assert_false(crypto_password_check(cheap, STR_NULL, S("correct 马 battery")));
    assert_false(crypto_password_check(cheap, S("$argon2id$nonsense"), S("x")));
    assert_false(crypto_password_old(cheap, str_z(one)));
    assert_true(crypto_password_old((struct crypto_cost){2, 64}, str_z(one)));
    assert_true(crypto_password_old((struct crypto_cost){1, 128}, str_z(one)));
    assert_true(crypto_password_old(cheap, S("plain")));
    static char large[CRYPTO_PASSWORD_MAX + 1];
    struct str big = {large, sizeof large};
    assert_int_equal(crypto_password_hash(cheap, big, one), ERR_TOO_LARGE);
    assert_false(crypto_password_check(cheap, str_z(two), big));
}

/* Nothing is cut off: a difference in the last byte of a long password counts. */
static void test_password_long(void **state)
{
    (void)state;
    char text[CRYPTO_PASSWORD_MAX], hash[CRYPTO_HASH_MAX];
    memset(text, 'a', sizeof text);
    struct str pw = {text, sizeof text};
    assert_int_equal(crypto_password_hash(CRYPTO_COST_TEST, pw, hash), OK);
    assert_true(crypto_password_check(CRYPTO_COST_TEST, str_z(hash), pw));
    text[sizeof text - 1] = 'b';
    assert_false(crypto_password_check(CRYPTO_COST_TEST, str_z(hash), pw));
}

static void test_code_form(void **state)
{
    (void)state;
    char code[CRYPTO_CODE_LEN + 1], other[CRYPTO_CODE_LEN + 1], bare[CRYPTO_CODE_BARE + 1];
    for (int i = 0; i < 200; i++) {
        crypto_code_make(code);
        assert_int_equal(strlen(code), CRYPTO_CODE_LEN);
        assert_true(code[4] == '-' && code[9] == '-');
        assert_null(strpbrk(code, "01ILO"));
        assert_true(crypto_code_read(str_z(code), bare));
        assert_memory_equal(bare, code, 4);
        assert_memory_equal(bare + 8, code + 10, 5);
    }
    crypto_code_make(other);
    assert_string_not_equal(code, other);
}

static void test_code_slips(void **state)
{
    (void)state;
    char code[CRYPTO_CODE_LEN + 1], bare[CRYPTO_CODE_BARE + 1], x[CRYPTO_CODE_BARE + 1];
    crypto_code_make(code);
    assert_true(crypto_code_read(str_z(code), bare));
    static const char all[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    for (int i = 0; i < CRYPTO_CODE_BARE; i++) {
        for (const char *p = all; *p; p++) {
            char wrong[CRYPTO_CODE_BARE + 1];
            memcpy(wrong, bare, sizeof wrong);
            wrong[i] = *p;
            assert_int_equal(crypto_code_read(str_z(wrong), x), *p == bare[i]);
        }
    }
    for (int i = 0; i + 1 < CRYPTO_CODE_BARE; i++) {
        char swapped[CRYPTO_CODE_BARE + 1];
        memcpy(swapped, bare, sizeof swapped);
        swapped[i] = bare[i + 1];
        swapped[i + 1] = bare[i];
        assert_int_equal(crypto_code_read(str_z(swapped), x), bare[i] == bare[i + 1]);
    }
    assert_false(crypto_code_read(str_sub(str_z(bare), 0, 11), x));
    assert_false(crypto_code_read(S(""), x));
    assert_false(crypto_code_read(S("\xff\xff"), x));
}

/* Every character equally likely: 256 is no multiple of 31, so taking bytes as they come would
 * favour the first eight, 28.1 % instead of 25.8 %. The bounds are five standard deviations. */
static void test_code_fair(void **state)
{
    (void)state;
    enum { CODES = 5000, CHARS = CODES * (CRYPTO_CODE_BARE - 1) };
    char code[CRYPTO_CODE_LEN + 1];
    int first_eight = 0;
    for (int i = 0; i < CODES; i++) {
        crypto_code_make(code);
        for (int k = 0; k < CRYPTO_CODE_LEN - 1; k++)
            first_eight += code[k] >= '2' && code[k] <= '9';
    }
    assert_in_range(first_eight, (uintmax_t)(CHARS * 0.2487), (uintmax_t)(CHARS * 0.2675));
}

static void test_code_typed(void **state)
{
    (void)state;
    struct crypto *c = opened();
    char code[CRYPTO_CODE_LEN + 1], typed[64];
    unsigned char a[SM3_LEN], b[SM3_LEN];
    crypto_code_make(code);
    assert_int_equal(crypto_code_hash(c, "invite", str_z(code), a), OK);
    int n = 0;
    for (const char *p = code; *p; p++) {
        typed[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
        typed[n++] = ' ';
    }
    assert_int_equal(crypto_code_hash(c, "invite", (struct str){typed, (size_t)n}, b), OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(crypto_code_hash(c, "reset", str_z(code), b), OK);
    assert_memory_not_equal(a, b, sizeof a);
    code[0] = code[0] == 'A' ? 'B' : 'A';
    assert_int_equal(crypto_code_hash(c, "invite", str_z(code), b), ERR_INVALID);
    crypto_close(c);
}

/* --- torture ------------------------------------------------------------------------------- */

/* Opening with the n-th allocation refused: an error or success, no leak, and the keys survive. */
static void test_torture_open(void **state)
{
    (void)state;
    crypto_close(opened());
    for (long n = 0;; n++) {
        struct crypto *c = NULL;
        mem_fail_after(n);
        enum err e = try_open(false, &c);
        mem_fail_after(-1);
        if (e == OK) {
            crypto_close(c);
            assert_true(n > 3);
            break;
        }
        assert_int_equal(e, ERR_NOMEM);
    }
}

static void test_torture_make(void **state)
{
    (void)state;
    for (long n = 0;; n++) {
        struct crypto *c = NULL;
        mem_fail_after(n);
        enum err e = try_open(true, &c);
        mem_fail_after(-1);
        if (e == OK) {
            crypto_close(c);
            assert_true(n > 5);
            break;
        }
        assert_int_equal(e, ERR_NOMEM);
        assert_int_not_equal(access(path_of("keys"), F_OK), 0);
        assert_int_not_equal(access(path_of("keys.new"), F_OK), 0);
    }
}

static void test_torture_rotate(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct str blob = sealed(c, S("13800001234"));
    enum err e = ERR_NOMEM;
    for (long n = 0; e != OK; n++) {
        mem_fail_after(n);
        e = crypto_rotate(c, CRYPTO_DATA, (int64_t)NOW * 1000);
        mem_fail_after(-1);
        assert_true(e == OK || e == ERR_NOMEM);
        expect_clear(c, blob, S("13800001234"));
        expect_clear(c, sealed(c, S("next")), S("next"));
    }
    crypto_close(c);
    assert_int_equal(try_open(false, &c), OK);
    crypto_close(c);
}

/* A disk that takes ten bytes (files may not grow beyond): nothing half written stays. */
static enum err on_full_disk(enum err (*fn)(struct crypto **c), struct crypto **c)
{
    struct rlimit was, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){10, was.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum err e = fn(c);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    return e;
}

static enum err make(struct crypto **c)
{
    return try_open(true, c);
}

static enum err rotate(struct crypto **c)
{
    return crypto_rotate(*c, CRYPTO_DATA, (int64_t)NOW * 1000);
}

static void test_disk_full(void **state)
{
    (void)state;
    struct crypto *c = NULL;
    assert_int_equal(on_full_disk(make, &c), ERR_IO);
    assert_int_not_equal(access(path_of("keys.new"), F_OK), 0);
    c = opened();
    uint32_t id = crypto_key_id(c, CRYPTO_DATA);
    assert_int_equal(on_full_disk(rotate, &c), ERR_IO);
    assert_int_equal(crypto_key_id(c, CRYPTO_DATA), id);
    assert_int_not_equal(access(path_of("keys/ring.new"), F_OK), 0);
    assert_int_equal(rotate(&c), OK);
    crypto_close(c);
    assert_int_equal(try_open(false, &c), OK);
    crypto_close(c);
}

static void test_torture_field(void **state)
{
    (void)state;
    struct crypto *c = opened();
    struct arena a;
    struct str blob;
    arena_init(&a, 20);
    assert_int_equal(crypto_encrypt(c, &here, S("x"), &a, &blob), ERR_NOMEM);
    blob = sealed(c, S("13800001234"));
    struct str clear = STR_NULL;
    arena_free(&a);
    arena_init(&a, 4);
    assert_int_equal(crypto_decrypt(c, &here, blob, &a, &clear), ERR_NOMEM);
    arena_free(&a);
    crypto_close(c);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_open), T(test_open_twice_keeps),
        T(test_open_to_others), T(test_open_half_set), T(test_open_unfinished),
        T(test_open_damaged), T(test_open_ring_end), T(test_secrets_differ), T(test_rotate),
        T(test_rotate_elsewhere), T(test_field_round), T(test_field_changed), T(test_field_moved),
        T(test_field_bad_place), T(test_layout), T(test_threads), T(test_index), T(test_row_mac),
        T(test_sign), T(test_sign_rotated), T(test_sign_foreign), T(test_public_refused),
        T(test_password), T(test_password_long), T(test_code_form), T(test_code_slips),
        T(test_code_fair), T(test_code_typed), T(test_torture_open), T(test_torture_make),
        T(test_torture_rotate), T(test_disk_full), T(test_torture_field)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
