/* Keys and what is done with them: encrypted fields and blind indexes, row MACs, the seal's
 * signatures, passwords and one-time codes. Design: domain/security.md §3–4.
 *
 * Keys live in DATADIR/keys (mode 0700): `master` holds the key-encryption key of the soft back
 * end, `ring` the data, index and seal keys wrapped under it, each with an id. New writes use the
 * newest key of a kind; old keys stay, so old data stay readable. Whoever has both files can read
 * all. A certified module (SDF, PKCS#11) is another struct crypto_backend (core/crypto_key.h).
 *
 * A struct crypto may be used by many threads at once. */
#ifndef ZHIAN_CORE_CRYPTO_H
#define ZHIAN_CORE_CRYPTO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"

struct crypto;

enum crypto_kind {
    CRYPTO_DATA = 1,  /* field encryption and row MACs */
    CRYPTO_INDEX = 2, /* blind indexes and stored codes; never rotated: indexes must stay equal */
    CRYPTO_SEAL = 3,  /* SM2 pair that signs */
};

/* crypto_open reads the keys of a data directory; with `create` it makes them when there is no
 * keys/ folder yet. why (may be NULL, why_size bytes) gets a Chinese sentence on failure.
 * ERR_NOT_FOUND: no keys there and !create; ERR_STATE: readable by other users, or half a set;
 * ERR_CORRUPT: damaged, or ring and master do not belong together; ERR_IO, ERR_DISK_FULL,
 * ERR_NOMEM. */
struct crypto_options {
    const char *dir; /* the data directory */
    bool create;
    int64_t now; /* ms UTC, written beside new keys */
    char *why;
    size_t why_size;
};
MUST_CHECK enum err crypto_open(const struct crypto_options *o, struct crypto **ret);
void crypto_close(struct crypto *c);

/* crypto_rotate makes a new key of that kind and uses it from now on. ERR_INVALID for CRYPTO_INDEX.
 * crypto_key_id: id of the newest key, for "does this blob need re-encryption". */
MUST_CHECK enum err crypto_rotate(struct crypto *c, enum crypto_kind kind, int64_t now);
uint32_t crypto_key_id(struct crypto *c, enum crypto_kind kind);

/* crypto_key_ids: ids of the first `most` keys of a kind, oldest first; returns how many there are.
 */
size_t crypto_key_ids(struct crypto *c, enum crypto_kind kind, uint32_t *ret_ids, size_t most);

/* --- encrypted fields ---------------------------------------------------------------------- */

/* Where a value lives; a blob moved to another place is refused. */
struct crypto_place {
    const char *table, *column; /* at most 60 bytes each */
    int64_t row;
};

enum { CRYPTO_OVERHEAD = 54, CRYPTO_CLEAR_MAX = 1 << 20 };

/* crypto_encrypt: blob = ver(1) alg(1) key_id(4) IV(16) C T(32), so clear.n + CRYPTO_OVERHEAD
 * bytes, in the arena. STR_NULL stays STR_NULL. crypto_decrypt checks T in constant time before
 * decrypting: ERR_CORRUPT is an integrity alarm (changed, moved to another row, unknown key), never
 * "empty". */
MUST_CHECK enum err crypto_encrypt(struct crypto *c, const struct crypto_place *at,
    struct str clear, struct arena *a, struct str *ret_blob);
MUST_CHECK enum err crypto_decrypt(struct crypto *c, const struct crypto_place *at, struct str blob,
    struct arena *a, struct str *ret_clear);

/* crypto_blob_key: the key id a blob was made with; 0 when it is no blob. */
uint32_t crypto_blob_key(struct str blob);

/* crypto_index: blind index of a value for equality search, keyed per field ("table.column", or any
 * stable name shared by columns that must match each other; at most 120 bytes). The value is
 * normalised here as domain/fold.h folds codes: half width, upper case, no blanks.
 * ERR_TOO_LARGE above 1,024 bytes. */
enum { CRYPTO_INDEX_LEN = 16 };
MUST_CHECK enum err crypto_index(
    struct crypto *c, struct str field, struct str value, unsigned char out[CRYPTO_INDEX_LEN]);

/* crypto_row_mac: key_id(4) ‖ HMAC-SM3 over (table, row, version, canonical bytes of the columns),
 * for rows that grant power. crypto_row_check: false when anything differs. */
enum { CRYPTO_MAC_LEN = 36 };
struct crypto_row {
    const char *table;
    int64_t row, version;
    struct str canon;
};
MUST_CHECK enum err crypto_row_mac(
    struct crypto *c, const struct crypto_row *r, unsigned char out[CRYPTO_MAC_LEN]);
bool crypto_row_check(struct crypto *c, const struct crypto_row *r, struct str mac);

/* --- signatures ---------------------------------------------------------------------------- */

enum { CRYPTO_SIG_MAX = 72, CRYPTO_PEM_MAX = 512, CRYPTO_PRINT_LEN = 64 };

/* SM2 with SM3, distinguishing id 1234567812345678, DER. About 0.5 ms to make, 0.3 ms to check. */
struct crypto_sig {
    uint32_t key; /* key id of the signing pair */
    size_t n;
    unsigned char b[CRYPTO_SIG_MAX];
};

/* A public key to check with, on its own: no secret, no data directory. */
struct crypto_public {
    void *key;
    char print[CRYPTO_PRINT_LEN + 1]; /* fingerprint: hex SM3 of the DER SubjectPublicKeyInfo */
};

MUST_CHECK enum err crypto_sm2_sign(struct crypto *c, struct str msg, struct crypto_sig *ret);

/* crypto_public_pem: the PEM text of a seal key (id 0: the newest) into out, NUL-terminated.
 * ERR_NOT_FOUND: no such key. */
MUST_CHECK enum err crypto_public_pem(struct crypto *c, uint32_t id, char out[CRYPTO_PEM_MAX]);

/* crypto_public_read: ERR_INVALID unless it is the PEM of one SM2 public key. */
MUST_CHECK enum err crypto_public_read(struct str pem, struct crypto_public *ret);
void crypto_public_free(struct crypto_public *k);

/* crypto_sm2_check: sig (DER) is that key's signature of msg. */
bool crypto_sm2_check(const struct crypto_public *k, struct str msg, struct str sig);

/* --- passwords and codes ------------------------------------------------------------------- */

/* Cost of argon2id: passes and KiB. About 35 ms at the default; run at most one per core at once.
 */
struct crypto_cost {
    int passes;
    int kib;
};
#define CRYPTO_COST_DEFAULT ((struct crypto_cost){2, 19 * 1024})
#define CRYPTO_COST_BACKUP ((struct crypto_cost){3, 64 * 1024}) /* guessed at without limit */
#define CRYPTO_COST_TEST ((struct crypto_cost){1, 64})

enum { CRYPTO_PASSWORD_MAX = 1024, CRYPTO_HASH_MAX = 128 };

/* crypto_password_hash writes the argon2id string (parameters and salt inside), NUL-terminated.
 * ERR_TOO_LARGE: password above CRYPTO_PASSWORD_MAX bytes; ERR_BUSY: no memory for it. */
MUST_CHECK enum err crypto_password_hash(
    struct crypto_cost cost, struct str password, char out[CRYPTO_HASH_MAX]);

/* crypto_password_check: password matches stored. An empty stored hash does the same work and
 * answers false, so that unknown users take as long as known ones. */
bool crypto_password_check(struct crypto_cost cost, struct str stored, struct str password);

/* crypto_password_old: stored was made at another cost: hash again at this log-in. */
bool crypto_password_old(struct crypto_cost cost, struct str stored);

/* crypto_passphrase_key: argon2id (version 1.3, one lane) of a passphrase as the secret of a key.
 * ERR_TOO_LARGE: passphrase above CRYPTO_PASSWORD_MAX bytes; ERR_BUSY: no memory for it. */
enum { CRYPTO_SALT_LEN = 16, CRYPTO_PASSKEY_LEN = 32 };
MUST_CHECK enum err crypto_passphrase_key(struct crypto_cost cost,
    const unsigned char salt[CRYPTO_SALT_LEN], struct str passphrase,
    unsigned char out[CRYPTO_PASSKEY_LEN]);

/* crypto_secret_wipe clears a secret in a way the compiler keeps. */
void crypto_secret_wipe(void *p, size_t n);

/* One-time codes: XXXX-XXXX-XXXX of 23456789A-Z without I, L, O; eleven random characters
 * (54 bits) and a check character that finds every single slip and every swap of neighbours. */
enum { CRYPTO_CODE_LEN = 14, CRYPTO_CODE_BARE = 12 };
void crypto_code_make(char out[CRYPTO_CODE_LEN + 1]);

/* crypto_code_read: a typed code (any case, full-width, spaces and hyphens ignored) to its 12 bare
 * characters; false: mistyped (say so, it costs no attempt). */
bool crypto_code_read(struct str typed, char out[CRYPTO_CODE_BARE + 1]);

/* crypto_code_hash: what is stored of a code, keyed so that a copied table cannot be tried out.
 * `use` separates kinds of codes ("invite"). ERR_INVALID: not a code. */
MUST_CHECK enum err crypto_code_hash(
    struct crypto *c, const char *use, struct str typed, unsigned char out[SM3_LEN]);

#endif
