/* SM3, HMAC-SM3 and random bytes through OpenSSL's EVP, algorithms fetched by name.
 * Method: the fetched EVP_MD lives as long as the process; every thread keeps one EVP_MD_CTX that
 * is re-initialised for each message, because making a context costs more than hashing 256 bytes.
 * A machine without SM3 or without a random source cannot run this program: it aborts. */

/* OpenSSL has a typedef with the name of one of our error codes. */
#define ERR_STATE OSSL_ERR_STATE
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#undef ERR_STATE

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

enum { SM3_BLOCK = 64, RAND_MOST = 1 << 20 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;
static EVP_MD *sm3_md;
static _Thread_local EVP_MD_CTX *thread_md;

static void release_thread(void *md)
{
    EVP_MD_CTX_free(md);
}

static void fetch(void)
{
    sm3_md = EVP_MD_fetch(NULL, "SM3", NULL);
    if (!sm3_md || pthread_key_create(&thread_key, release_thread) != 0)
        abort();
}

static EVP_MD *md_fetched(void)
{
    if (pthread_once(&once, fetch) != 0)
        abort();
    return sm3_md;
}

static EVP_MD_CTX *md_make(void)
{
    EVP_MD *md = md_fetched();
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (!c || !EVP_DigestInit_ex(c, md, NULL))
        abort();
    return c;
}

/* The thread's own context, ready for a message. */
static EVP_MD_CTX *md_ready(void)
{
    if (thread_md) {
        if (!EVP_DigestInit_ex(thread_md, NULL, NULL))
            abort();
        return thread_md;
    }
    thread_md = md_make();
    if (pthread_setspecific(thread_key, thread_md) != 0)
        abort();
    return thread_md;
}

static void md_add(EVP_MD_CTX *md, struct str part)
{
    if (part.n && !EVP_DigestUpdate(md, part.p, part.n))
        abort();
}

static void md_end(EVP_MD_CTX *md, unsigned char out[SM3_LEN])
{
    if (!EVP_DigestFinal_ex(md, out, NULL))
        abort();
}

void sm3_parts(const struct str *parts, size_t n, unsigned char out[SM3_LEN])
{
    EVP_MD_CTX *md = md_ready();
    for (size_t i = 0; i < n; i++)
        md_add(md, parts[i]);
    md_end(md, out);
}

void sm3(struct str msg, unsigned char out[SM3_LEN])
{
    sm3_parts(&msg, 1, out);
}

enum err sm3_begin(struct sm3_ctx *h)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md)
        return ERR_NOMEM;
    if (!EVP_DigestInit_ex(md, md_fetched(), NULL)) {
        EVP_MD_CTX_free(md);
        return ERR_NOMEM;
    }
    h->md = md;
    return OK;
}

void sm3_add(struct sm3_ctx *h, struct str part)
{
    md_add(h->md, part);
}

void sm3_end(struct sm3_ctx *h, unsigned char out[SM3_LEN])
{
    md_end(h->md, out);
    EVP_MD_CTX_free(h->md);
    h->md = NULL;
}

static void key_block(struct str key, unsigned char block[SM3_BLOCK])
{
    memset(block, 0, SM3_BLOCK);
    if (key.n > SM3_BLOCK)
        sm3(key, block);
    else if (key.n)
        memcpy(block, key.p, key.n);
}

static void flip(unsigned char block[SM3_BLOCK], unsigned char with)
{
    for (size_t i = 0; i < SM3_BLOCK; i++)
        block[i] ^= with;
}

void hmac_sm3_parts(struct str key, const struct str *parts, size_t n, unsigned char out[SM3_LEN])
{
    unsigned char block[SM3_BLOCK];
    struct str pad = {(const char *)block, SM3_BLOCK};
    key_block(key, block);
    flip(block, 0x36);
    EVP_MD_CTX *md = md_ready();
    md_add(md, pad);
    for (size_t i = 0; i < n; i++)
        md_add(md, parts[i]);
    md_end(md, out);
    flip(block, 0x36 ^ 0x5c);
    md = md_ready();
    md_add(md, pad);
    md_add(md, (struct str){(const char *)out, SM3_LEN});
    md_end(md, out);
    OPENSSL_cleanse(block, sizeof block);
}

void hmac_sm3(struct str key, struct str msg, unsigned char out[SM3_LEN])
{
    hmac_sm3_parts(key, &msg, 1, out);
}

bool hash_equal(const unsigned char *a, const unsigned char *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

void hex_put(const unsigned char *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

static int hex_value(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F')
        return ch - 'A' + 10;
    return -1;
}

bool hex_get(struct str hex, unsigned char *out, size_t n)
{
    if (hex.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_value(hex.p[2 * i]);
        int low = hex_value(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

void rand_bytes(unsigned char *out, size_t n)
{
    while (n) {
        size_t now = n < RAND_MOST ? n : RAND_MOST;
        if (RAND_bytes(out, (int)now) != 1)
            abort();
        out += now;
        n -= now;
    }
}

void rand_token(char *out, size_t n)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    rand_bytes((unsigned char *)out, n);
    for (size_t i = 0; i < n; i++)
        out[i] = safe[(unsigned char)out[i] & 63];
}

void sha256(struct str msg, unsigned char out[SHA256_LEN])
{
    if (!EVP_Digest(msg.p ? msg.p : "", msg.n, out, NULL, EVP_sha256(), NULL))
        abort();
}
