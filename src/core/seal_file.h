/* Seal heads as a text file that anyone can check on another machine with nothing but the file:
 * docs/seal-format.md is its specification. Written line by line into a buffer the caller empties,
 * read line by line, so a chain of any length needs no memory. */
#ifndef ZHIAN_CORE_SEAL_FILE_H
#define ZHIAN_CORE_SEAL_FILE_H

#include "core/crypto.h"
#include "core/merkle.h"

enum { SEAL_STORE_MAX = 64, SEAL_KEYS_MAX = 64, SEAL_MESSAGE_MAX = 320 };

/* A head with its signature, as stored. */
struct seal_signed {
    struct seal_head head;
    struct crypto_sig sig; /* SM2 over the 32 bytes of seal_head_hash */
};

/* seal_sign: the signature of a head by the newest seal key. */
MUST_CHECK enum err seal_sign(struct crypto *c, struct seal_signed *s);

/* What the top of a file says. */
struct seal_top {
    struct str store;   /* store id: 1 to 64 of A-Z a-z 0-9 . _ - */
    int64_t made;       /* ms UTC */
    int64_t first;      /* number of the first head that follows */
    struct digest prev; /* the head before it (first = 1: the genesis) */
};

/* seal_file_begin writes the top with every public seal key; then one seal_file_head per head, in
 * order; then seal_file_end with their number and the hash of the last. Errors latch in b too. */
MUST_CHECK enum err seal_file_begin(struct crypto *c, const struct seal_top *t, struct buf *b);
void seal_file_head(const struct seal_signed *s, struct buf *b);
void seal_file_end(int64_t count, const struct digest *last, struct buf *b);

/* What a file is compared with; both members may be NULL. */
struct seal_against {
    /* known: the hash of head `no` in the store at hand; false: the store has no such head. */
    bool (*known)(void *arg, int64_t no, struct digest *ret);
    void *arg;
    const char *print; /* fingerprint the keys must have: proves who signed */
};

/* The outcome. A file without a trusted fingerprint proves only that it was not changed since it
 * was signed by the keys it names; compare prints with the printed one. */
struct seal_verdict {
    bool good;
    int64_t line; /* first bad line, from 1; 0 when good */
    int64_t heads, first, last;
    int64_t sealed_at;  /* of the last head */
    struct digest head; /* the last head */
    char store[SEAL_STORE_MAX + 1];
    char print[CRYPTO_PRINT_LEN + 1]; /* key of the last signature */
    char message[SEAL_MESSAGE_MAX];   /* Chinese: what is wrong and where, or what was found good */
};

/* A check under way: start, every line (without its line feed) until false, end. */
struct seal_check {
    struct seal_against against;
    struct seal_verdict v;
    int state;
    int64_t lines, next; /* next: number the next head must have */
    int64_t last_seq;
    size_t pem_n, keys_n;
    char pem[CRYPTO_PEM_MAX];
    char key_print[CRYPTO_PRINT_LEN + 1]; /* as the key line claims */
    uint32_t key_ids[SEAL_KEYS_MAX];
    struct crypto_public keys[SEAL_KEYS_MAX];
};

void seal_check_start(struct seal_check *k, const struct seal_against *against);
bool seal_check_line(struct seal_check *k, struct str line);
bool seal_check_end(struct seal_check *k, struct seal_verdict *ret);

/* seal_file_check does all of it for a text in memory. */
bool seal_file_check(struct str text, const struct seal_against *against, struct seal_verdict *ret);

#endif
