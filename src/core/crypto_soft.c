/* The soft back end: secrets in memory, operations by OpenSSL 3.0's EVP, algorithms by name.
 *
 * Method. The master key-encryption key is 32 random bytes in keys/master. A symmetric key is 32
 * random bytes; at loading it is extracted once (HKDF-SM3, RFC 5869, salt "zhian"), and each use
 * expands it for its purpose: one HMAC, so nothing derived needs to be kept. A wrapped key is
 * IV(16) ‖ SM4-CTR(secret) ‖ HMAC-SM3(len-prefixed label, IV, C) under purposes of the master key.
 */

/* OpenSSL has a typedef with the name of one of our error codes. */
#define ERR_STATE OSSL_ERR_STATE
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#undef ERR_STATE

#include "base/mem.h"
#include "core/crypto_key.h"

enum { SECRET_LEN = 32, SM4_KEY = 16, SM4_IV = 16, PURPOSE_MAX = 160, PAIR_MAX = 512 };

#define MASTER_MARK "zhian-master 1\n"

struct soft_key {
    unsigned char prk[SM3_LEN]; /* symmetric: HKDF's extracted key */
    EVP_PKEY *pair;             /* CRYPTO_SEAL: SM2 */
};

static struct str view(const unsigned char *p, size_t n)
{
    return (struct str){(const char *)p, n};
}

static void extract(struct str secret, struct soft_key *k)
{
    hmac_sm3(S("zhian"), secret, k->prk);
}

/* HKDF-expand for up to 32 bytes: T(1) = HMAC(PRK, info ‖ 0x01). */
static void expand(const struct soft_key *k, struct str purpose, unsigned char out[SM3_LEN])
{
    const struct str parts[] = {purpose, S("\1")};
    hmac_sm3_parts(view(k->prk, SM3_LEN), parts, 2, out);
}

/* --- SM4-CTR and HMAC ---------------------------------------------------------------------- */

static EVP_CIPHER *sm4;
static pthread_once_t sm4_once = PTHREAD_ONCE_INIT;

static void sm4_fetch(void)
{
    sm4 = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
}

static enum err sm4_ctr(
    const unsigned char *key, const unsigned char *iv, struct str in, unsigned char *out)
{
    int done = 0;
    if (pthread_once(&sm4_once, sm4_fetch) != 0 || !sm4)
        return ERR_INTERNAL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx)
        return ERR_NOMEM;
    bool good = EVP_EncryptInit_ex2(ctx, sm4, key, iv, NULL) == 1 &&
                EVP_EncryptUpdate(ctx, out, &done, (const unsigned char *)in.p, (int)in.n) == 1 &&
                (size_t)done == in.n;
    EVP_CIPHER_CTX_free(ctx);
    return good ? OK : ERR_INTERNAL;
}

static enum err soft_cipher(
    void *key, struct str purpose, const unsigned char iv[SM4_IV], struct str in, char *out)
{
    unsigned char derived[SM3_LEN];
    expand(key, purpose, derived);
    enum err e = sm4_ctr(derived, iv, in, (unsigned char *)out);
    OPENSSL_cleanse(derived, sizeof derived);
    return e;
}

static enum err soft_mac(
    void *key, struct str purpose, const struct str *parts, size_t n, unsigned char out[SM3_LEN])
{
    unsigned char derived[SM3_LEN];
    expand(key, purpose, derived);
    hmac_sm3_parts(view(derived, sizeof derived), parts, n, out);
    OPENSSL_cleanse(derived, sizeof derived);
    return OK;
}

/* --- the master key ------------------------------------------------------------------------ */

static enum err master_make(const char *path)
{
    char text[sizeof MASTER_MARK + 2 * SECRET_LEN] = MASTER_MARK;
    unsigned char secret[SECRET_LEN];
    rand_bytes(secret, sizeof secret);
    hex_put(secret, sizeof secret, text + sizeof MASTER_MARK - 1);
    text[sizeof text - 1] = '\n';
    enum err e = key_file_write(path, (struct str){text, sizeof text});
    OPENSSL_cleanse(secret, sizeof secret);
    OPENSSL_cleanse(text, sizeof text);
    return e;
}

static enum err master_parse(struct str text, struct soft_key *k)
{
    unsigned char secret[SECRET_LEN];
    if (!str_starts(text, S(MASTER_MARK)))
        return ERR_CORRUPT;
    struct str hex = str_trim(str_sub(text, sizeof MASTER_MARK - 1, text.n));
    if (!hex_get(hex, secret, sizeof secret))
        return ERR_CORRUPT;
    extract(view(secret, sizeof secret), k);
    OPENSSL_cleanse(secret, sizeof secret);
    return OK;
}

static void soft_drop(void *key)
{
    struct soft_key *k = key;
    if (!k)
        return;
    EVP_PKEY_free(k->pair);
    OPENSSL_cleanse(k, sizeof *k);
    mem_free(k);
}

static enum err soft_open(const char *keys, bool create, void **ret_self)
{
    char path[CRYPTO_PATH_MAX];
    enum err e = key_path(path, keys, "master");
    if (e == OK && create)
        e = master_make(path);
    if (e != OK)
        return e;
    struct soft_key *k = mem_alloc(sizeof *k);
    if (!k)
        return ERR_NOMEM;
    struct buf text;
    buf_init(&text, 4096);
    e = key_file_read(path, &text);
    if (e == OK)
        e = master_parse(buf_str(&text), k);
    buf_wipe(&text);
    if (e == OK)
        *ret_self = k;
    else
        soft_drop(k);
    return e;
}

/* --- wrapping ------------------------------------------------------------------------------ */

static enum err wrap_mac(void *self, struct str label, struct str iv_c, unsigned char out[SM3_LEN])
{
    unsigned char size[4] = {0, 0, 0, (unsigned char)label.n};
    const struct str parts[] = {view(size, 4), label, iv_c};
    if (label.n > 255)
        return ERR_INVALID;
    return soft_mac(self, S("macring"), parts, 3, out);
}

static enum err wrap(void *self, struct str label, struct str secret, struct buf *ret)
{
    char *at = buf_reserve(ret, SM4_IV + secret.n + SM3_LEN);
    if (!at)
        return ret->err;
    unsigned char *iv = (unsigned char *)at;
    rand_bytes(iv, SM4_IV);
    enum err e = soft_cipher(self, S("encring"), iv, secret, at + SM4_IV);
    if (e == OK)
        e = wrap_mac(self, label, (struct str){at, SM4_IV + secret.n}, iv + SM4_IV + secret.n);
    if (e == OK)
        ret->n += SM4_IV + secret.n + SM3_LEN;
    return e;
}

/* out has room for PAIR_MAX bytes. */
static enum err unwrap(void *self, struct str label, struct str wrapped, struct str *ret, char *out)
{
    if (wrapped.n <= SM4_IV + SM3_LEN || wrapped.n > SM4_IV + PAIR_MAX + SM3_LEN)
        return ERR_CORRUPT;
    struct str iv_c = str_sub(wrapped, 0, wrapped.n - SM3_LEN);
    unsigned char t[SM3_LEN];
    enum err e = wrap_mac(self, label, iv_c, t);
    if (e != OK)
        return e;
    if (!hash_equal(t, (const unsigned char *)iv_c.p + iv_c.n, SM3_LEN))
        return ERR_CORRUPT;
    struct str c = str_sub(iv_c, SM4_IV, iv_c.n);
    *ret = (struct str){out, c.n};
    return soft_cipher(self, S("encring"), (const unsigned char *)wrapped.p, c, out);
}

/* --- SM2 ----------------------------------------------------------------------------------- */

static EVP_PKEY *pair_make(void)
{
    EVP_PKEY *pair = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    if (!ctx)
        return NULL;
    if (EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_generate(ctx, &pair) != 1)
        pair = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pair;
}

/* PKCS#8 DER into out; 0 on failure. */
static size_t pair_put(EVP_PKEY *pair, unsigned char out[PAIR_MAX])
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
    if (!info)
        return 0;
    int n = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
    unsigned char *at = out;
    bool good = n > 0 && n <= PAIR_MAX && i2d_PKCS8_PRIV_KEY_INFO(info, &at) == n;
    PKCS8_PRIV_KEY_INFO_free(info);
    return good ? (size_t)n : 0;
}

static EVP_PKEY *pair_get(struct str der)
{
    const unsigned char *at = (const unsigned char *)der.p;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.n);
    if (!info)
        return NULL;
    EVP_PKEY *pair = EVP_PKCS82PKEY_ex(info, NULL, NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    if (pair && !EVP_PKEY_is_a(pair, "SM2")) {
        EVP_PKEY_free(pair);
        return NULL;
    }
    return pair;
}

static enum err pair_secret(unsigned char out[PAIR_MAX], size_t *ret_n)
{
    EVP_PKEY *pair = pair_make();
    *ret_n = pair ? pair_put(pair, out) : 0;
    EVP_PKEY_free(pair);
    return *ret_n ? OK : ERR_INTERNAL;
}

static enum err soft_make(
    void *self, enum crypto_kind kind, struct str label, struct buf *ret_wrapped)
{
    unsigned char secret[PAIR_MAX];
    size_t n = SECRET_LEN;
    enum err e = OK;
    if (kind == CRYPTO_SEAL)
        e = pair_secret(secret, &n);
    else
        rand_bytes(secret, SECRET_LEN);
    if (e == OK)
        e = wrap(self, label, view(secret, n), ret_wrapped);
    OPENSSL_cleanse(secret, sizeof secret);
    return e;
}

static enum err key_take(enum crypto_kind kind, struct str secret, struct soft_key *k)
{
    if (kind == CRYPTO_SEAL) {
        k->pair = pair_get(secret);
        return k->pair ? OK : ERR_CORRUPT;
    }
    if (secret.n != SECRET_LEN)
        return ERR_CORRUPT;
    extract(secret, k);
    return OK;
}

static enum err soft_load(
    void *self, enum crypto_kind kind, struct str label, struct str wrapped, void **ret_key)
{
    char clear[PAIR_MAX];
    struct str secret = STR_NULL;
    struct soft_key *k = mem_alloc(sizeof *k);
    if (!k)
        return ERR_NOMEM;
    enum err e = unwrap(self, label, wrapped, &secret, clear);
    if (e == OK)
        e = key_take(kind, secret, k);
    OPENSSL_cleanse(clear, sizeof clear);
    if (e == OK)
        *ret_key = k;
    else
        soft_drop(k);
    return e;
}

static enum err soft_take(struct str secret, void **ret_key)
{
    struct soft_key *k = mem_alloc(sizeof *k);
    if (!k)
        return ERR_NOMEM;
    enum err e = key_take(CRYPTO_DATA, secret, k);
    if (e == OK)
        *ret_key = k;
    else
        soft_drop(k);
    return e;
}

/* --- signatures ---------------------------------------------------------------------------- */

static char dist_id[] = "1234567812345678";

static void sm2_params(OSSL_PARAM out[2])
{
    out[0] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, dist_id, sizeof dist_id - 1);
    out[1] = OSSL_PARAM_construct_end();
}

static enum err soft_sign(void *key, struct str msg, struct crypto_sig *ret)
{
    const struct soft_key *k = key;
    OSSL_PARAM params[2];
    sm2_params(params);
    size_t n = sizeof ret->b;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md)
        return ERR_NOMEM;
    bool good = EVP_DigestSignInit_ex(md, NULL, "SM3", NULL, NULL, k->pair, params) == 1 &&
                EVP_DigestSign(md, ret->b, &n, (const unsigned char *)msg.p, msg.n) == 1;
    EVP_MD_CTX_free(md);
    if (!good)
        return ERR_INTERNAL;
    ret->n = n;
    return OK;
}

static enum err soft_public_pem(void *key, char out[CRYPTO_PEM_MAX])
{
    const struct soft_key *k = key;
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio)
        return ERR_NOMEM;
    int n = PEM_write_bio_PUBKEY(bio, k->pair) == 1 ? BIO_read(bio, out, CRYPTO_PEM_MAX - 1) : 0;
    BIO_free(bio);
    if (n <= 0 || n >= CRYPTO_PEM_MAX - 1)
        return ERR_INTERNAL;
    out[n] = 0;
    return OK;
}

/* Trailing text after the key is refused: what is checked must be what is shown. */
static EVP_PKEY *public_parse(struct str pem)
{
    if (pem.n == 0 || pem.n >= CRYPTO_PEM_MAX)
        return NULL;
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    if (!bio)
        return NULL;
    EVP_PKEY *key = PEM_read_bio_PUBKEY_ex(bio, NULL, NULL, NULL, NULL, NULL);
    bool whole = BIO_eof(bio);
    BIO_free(bio);
    if (key && whole && EVP_PKEY_is_a(key, "SM2"))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static bool print_of(EVP_PKEY *key, char out[CRYPTO_PRINT_LEN + 1])
{
    unsigned char *der = NULL, digest[SM3_LEN];
    int n = i2d_PUBKEY(key, &der);
    if (n <= 0)
        return false;
    sm3(view(der, (size_t)n), digest);
    OPENSSL_free(der);
    hex_put(digest, sizeof digest, out);
    out[CRYPTO_PRINT_LEN] = 0;
    return true;
}

enum err crypto_public_read(struct str pem, struct crypto_public *ret)
{
    struct crypto_public k = {.key = public_parse(pem)};
    if (!k.key)
        return ERR_INVALID;
    if (!print_of(k.key, k.print)) {
        crypto_public_free(&k);
        return ERR_NOMEM;
    }
    *ret = k;
    return OK;
}

void crypto_public_free(struct crypto_public *k)
{
    EVP_PKEY_free(k->key);
    k->key = NULL;
}

bool crypto_sm2_check(const struct crypto_public *k, struct str msg, struct str sig)
{
    OSSL_PARAM params[2];
    sm2_params(params);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md)
        return false;
    bool good = EVP_DigestVerifyInit_ex(md, NULL, "SM3", NULL, NULL, k->key, params) == 1 &&
                EVP_DigestVerify(md, (const unsigned char *)sig.p, sig.n,
                    (const unsigned char *)msg.p, msg.n) == 1;
    EVP_MD_CTX_free(md);
    return good;
}

void crypto_secret_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}

void buf_wipe(struct buf *b)
{
    if (b->p)
        OPENSSL_cleanse(b->p, b->size);
    buf_free(b);
}

const struct crypto_backend crypto_soft = {
    .name = "openssl",
    .open = soft_open,
    .close = soft_drop,
    .make = soft_make,
    .load = soft_load,
    .take = soft_take,
    .drop = soft_drop,
    .cipher = soft_cipher,
    .mac = soft_mac,
    .sign = soft_sign,
    .public_pem = soft_public_pem,
};
