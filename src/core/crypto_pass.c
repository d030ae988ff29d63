/* Passwords by argon2id (libsodium) and one-time codes. */
#include "core/crypto.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

#include "base/utf8.h"
#include "domain/fold.h"

enum { CODE_KINDS = 31, CODE_GROUP = 4, CODE_FAIR = 256 / CODE_KINDS * CODE_KINDS };

static const char code_chars[CODE_KINDS + 1] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool ready;

static void start(void)
{
    ready = sodium_init() >= 0;
}

static bool sodium_ready(void)
{
    return pthread_once(&once, start) == 0 && ready;
}

static size_t bytes_of(struct crypto_cost cost)
{
    return (size_t)cost.kib * 1024;
}

enum err crypto_password_hash(
    struct crypto_cost cost, struct str password, char out[CRYPTO_HASH_MAX])
{
    _Static_assert(CRYPTO_HASH_MAX >= crypto_pwhash_STRBYTES, "room for libsodium's string");
    if (password.n > CRYPTO_PASSWORD_MAX)
        return ERR_TOO_LARGE;
    if (!sodium_ready())
        return ERR_INTERNAL;
    int failed = crypto_pwhash_str_alg(out, password.p ? password.p : "", password.n,
        (unsigned long long)cost.passes, bytes_of(cost), crypto_pwhash_ALG_ARGON2ID13);
    return failed ? ERR_BUSY : OK;
}

/* libsodium wants a NUL-terminated string. */
static bool stored_z(struct str stored, char out[CRYPTO_HASH_MAX])
{
    memset(out, 0, CRYPTO_HASH_MAX);
    if (stored.n == 0 || stored.n >= CRYPTO_HASH_MAX)
        return false;
    memcpy(out, stored.p, stored.n);
    return true;
}

bool crypto_password_check(struct crypto_cost cost, struct str stored, struct str password)
{
    char z[CRYPTO_HASH_MAX];
    if (password.n > CRYPTO_PASSWORD_MAX || !sodium_ready())
        return false;
    if (stored_z(stored, z))
        return crypto_pwhash_str_verify(z, password.p ? password.p : "", password.n) == 0;
    if (crypto_password_hash(cost, password, z) != OK)
        return false;
    return false;
}

bool crypto_password_old(struct crypto_cost cost, struct str stored)
{
    char z[CRYPTO_HASH_MAX];
    if (!stored_z(stored, z) || !sodium_ready())
        return true;
    return crypto_pwhash_str_needs_rehash(z, (unsigned long long)cost.passes, bytes_of(cost)) != 0;
}

enum err crypto_passphrase_key(struct crypto_cost cost, const unsigned char salt[CRYPTO_SALT_LEN],
    struct str passphrase, unsigned char out[CRYPTO_PASSKEY_LEN])
{
    _Static_assert(CRYPTO_SALT_LEN == crypto_pwhash_SALTBYTES, "libsodium's salt");
    if (passphrase.n > CRYPTO_PASSWORD_MAX)
        return ERR_TOO_LARGE;
    if (!sodium_ready())
        return ERR_INTERNAL;
    int failed =
        crypto_pwhash(out, CRYPTO_PASSKEY_LEN, passphrase.p ? passphrase.p : "", passphrase.n, salt,
            (unsigned long long)cost.passes, bytes_of(cost), crypto_pwhash_ALG_ARGON2ID13);
    return failed ? ERR_BUSY : OK;
}

/* --- one-time codes ------------------------------------------------------------------------ */

static int code_value(int32_t cp)
{
    const char *hit = cp > 0 && cp < 128 ? strchr(code_chars, (int)cp) : NULL;
    return hit ? (int)(hit - code_chars) : -1;
}

/* The check value makes Σ (i + 1) · value(i) ≡ 0 (mod 31) over the 12 characters. 31 is prime and
 * the weights differ, so a wrong character or two swapped ones change the sum. */
static int code_sum(const char *bare, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += (i + 1) * code_value(bare[i]);
    return sum % CODE_KINDS;
}

static char check_char(const char *bare)
{
    int sum = code_sum(bare, CRYPTO_CODE_BARE - 1);
    for (int v = 0; v < CODE_KINDS; v++)
        if ((sum + CRYPTO_CODE_BARE * v) % CODE_KINDS == 0)
            return code_chars[v];
    return 0; /* not reached: 12 has an inverse modulo 31 */
}

/* Bytes from CODE_FAIR up would favour some characters. */
static char random_char(void)
{
    unsigned char b;
    do
        rand_bytes(&b, 1);
    while (b >= CODE_FAIR);
    return code_chars[b % CODE_KINDS];
}

void crypto_code_make(char out[CRYPTO_CODE_LEN + 1])
{
    char bare[CRYPTO_CODE_BARE];
    for (int i = 0; i < CRYPTO_CODE_BARE - 1; i++)
        bare[i] = random_char();
    bare[CRYPTO_CODE_BARE - 1] = check_char(bare);
    char *at = out;
    for (int i = 0; i < CRYPTO_CODE_BARE; i++) {
        if (i && i % CODE_GROUP == 0)
            *at++ = '-';
        *at++ = bare[i];
    }
    *at = 0;
    crypto_secret_wipe(bare, sizeof bare);
}

static int32_t code_fold(int32_t cp)
{
    cp = fold_char(cp);
    return cp >= 'a' && cp <= 'z' ? cp - ('a' - 'A') : cp;
}

/* A blank or any of the dashes people type. */
static bool code_skip(int32_t cp)
{
    return fold_blank(cp) || cp == '-' || (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212;
}

bool crypto_code_read(struct str typed, char out[CRYPTO_CODE_BARE + 1])
{
    int n = 0;
    char bare[CRYPTO_CODE_BARE + 1] = {0};
    for (size_t at = 0; at < typed.n;) {
        int32_t cp = code_fold(utf8_next(typed, &at));
        if (code_skip(cp))
            continue;
        if (n == CRYPTO_CODE_BARE || code_value(cp) < 0)
            return false;
        bare[n++] = (char)cp;
    }
    if (n != CRYPTO_CODE_BARE || code_sum(bare, n) != 0)
        return false;
    memcpy(out, bare, sizeof bare);
    return true;
}
