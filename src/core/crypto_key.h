/* Inside core/crypto*: what a key store back end is, and the ring of keys. Others use
 * core/crypto.h.
 *
 * A back end holds the key-encryption key and does every operation with a secret in it; a key is a
 * handle of its own. crypto_soft.c (OpenSSL) keeps secrets in memory. A certified module behind
 * GM/T 0018 (SDF) or PKCS#11 is a second file with another struct crypto_backend; nothing else
 * changes. */
#ifndef ZHIAN_CORE_CRYPTO_KEY_H
#define ZHIAN_CORE_CRYPTO_KEY_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/crypto.h"

struct crypto_backend {
    const char *name;

    /* open: the master key kept in the folder keys; made first with `create`. */
    enum err (*open)(const char *keys, bool create, void **ret_self);
    void (*close)(void *self);

    /* make: a new key, wrapped for the ring and bound to its label; load: the reverse. ERR_CORRUPT:
     * wrapped under another master key, for another label, or changed. */
    enum err (*make)(void *self, enum crypto_kind kind, struct str label, struct buf *ret_wrapped);
    enum err (*load)(
        void *self, enum crypto_kind kind, struct str label, struct str wrapped, void **ret_key);
    /* take: a key from a secret that came from elsewhere (a passphrase); dropped like any other. */
    enum err (*take)(struct str secret, void **ret_key);
    void (*drop)(void *key);

    /* cipher: SM4-CTR, both ways, under the key derived for purpose; out has in.n bytes. */
    enum err (*cipher)(
        void *key, struct str purpose, const unsigned char iv[16], struct str in, char *out);
    /* mac: HMAC-SM3 over the joined parts under the key derived for purpose. */
    enum err (*mac)(void *key, struct str purpose, const struct str *parts, size_t n,
        unsigned char out[SM3_LEN]);
    /* sign and public_pem: keys of kind CRYPTO_SEAL only. */
    enum err (*sign)(void *key, struct str msg, struct crypto_sig *ret);
    enum err (*public_pem)(void *key, char out[CRYPTO_PEM_MAX]);
};

extern const struct crypto_backend crypto_soft;

/* The ring: keys are only ever added, so readers need no lock. */
enum { CRYPTO_RING_MAX = 256, CRYPTO_PATH_MAX = 4096 };

struct ring_key {
    uint32_t id;
    enum crypto_kind kind;
    void *key;
};

struct crypto {
    const struct crypto_backend *back;
    void *self;
    char keys[CRYPTO_PATH_MAX]; /* the folder */
    pthread_mutex_t lock;       /* of adding */
    atomic_size_t n;
    struct ring_key ring[CRYPTO_RING_MAX];
};

/* ring_load adds the keys of the ring file that are not known yet. ring_add makes a key, writes the
 * file and adds it. Both take the lock. */
MUST_CHECK enum err ring_load(struct crypto *c);
MUST_CHECK enum err ring_add(struct crypto *c, enum crypto_kind kind, int64_t now);

/* ring_newest: the key in use for a kind, NULL when there is none. ring_find: by id; an unknown id
 * is looked for in the file again (another process may have rotated). */
const struct ring_key *ring_newest(struct crypto *c, enum crypto_kind kind);
const struct ring_key *ring_find(struct crypto *c, uint32_t id, enum crypto_kind kind);

/* Small secret files. Reading refuses files that group or others can read (ERR_STATE) or above
 * max bytes (ERR_CORRUPT); writing goes to PATH.new, is synced and renamed over PATH (mode 0600).
 */
MUST_CHECK enum err key_file_read(const char *path, struct buf *ret);
MUST_CHECK enum err key_file_write(const char *path, struct str text);
MUST_CHECK enum err key_path(char out[CRYPTO_PATH_MAX], const char *dir, const char *name);

/* A descriptor that is closed when it goes out of scope. */
void key_fd_close(int *fd);
#define SCOPED_FD __attribute__((cleanup(key_fd_close))) int

/* buf_wipe clears and frees a buffer that held a secret. */
void buf_wipe(struct buf *b);

#endif
