/* Digests, MACs and random bytes through OpenSSL (default provider). */
#ifndef ZHIAN_BASE_HASH_H
#define ZHIAN_BASE_HASH_H

#include "base/err.h"
#include "base/str.h"

enum { SM3_LEN = 32 };

/* sm3 hashes one message into out[32]. Cannot fail; thread-safe. The first use in the process
 * aborts when the machine has no SM3. */
void sm3(struct str msg, unsigned char out[SM3_LEN]);

/* sm3_parts: the same over the n parts joined, without joining them. Parts may not overlap out. */
void sm3_parts(const struct str *parts, size_t n, unsigned char out[SM3_LEN]);

/* Streaming SM3. */
struct sm3_ctx {
    void *md;
};
MUST_CHECK enum err sm3_begin(struct sm3_ctx *h);
void sm3_add(struct sm3_ctx *h, struct str part);
void sm3_end(struct sm3_ctx *h, unsigned char out[SM3_LEN]); /* also releases */

enum { SHA256_LEN = 32 };

/* sha256 of one message, for comparing with files others made; records are sealed with SM3. */
void sha256(struct str msg, unsigned char out[SHA256_LEN]);

/* hmac_sm3 over one message. */
void hmac_sm3(struct str key, struct str msg, unsigned char out[SM3_LEN]);

/* hmac_sm3_parts: the same over the n parts joined, without joining them. out may not overlap. */
void hmac_sm3_parts(struct str key, const struct str *parts, size_t n, unsigned char out[SM3_LEN]);

/* hash_equal compares in constant time. */
bool hash_equal(const unsigned char *a, const unsigned char *b, size_t n);

/* hex writes 2*n lower-case digits (no NUL); unhex reads exactly n bytes, false on bad input. */
void hex_put(const unsigned char *bytes, size_t n, char *out);
bool hex_get(struct str hex, unsigned char *out, size_t n);

/* rand_bytes fills out from the system's CSPRNG; aborts the process if there is none. */
void rand_bytes(unsigned char *out, size_t n);

/* rand_token writes n URL-safe characters (6 bits each). */
void rand_token(char *out, size_t n);

#endif
