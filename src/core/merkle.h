/* SM3 Merkle trees and the chain of heads that seals the journal. Pure functions; the byte layouts
 * are for ever and are specified for outsiders in docs/seal-format.md. */
#ifndef ZHIAN_CORE_MERKLE_H
#define ZHIAN_CORE_MERKLE_H

#include "base/hash.h"

enum {
    MERKLE_DEPTH = 63, /* levels of the deepest tree: counts are positive int64 */
};

/* One 32-byte SM3 value. */
struct digest {
    unsigned char b[SM3_LEN];
};

/* merkle_leaf: SM3(0x00 ‖ data). merkle_node: SM3(0x01 ‖ left ‖ right). The prefixes keep a node
 * from being passed off as a leaf. */
struct digest merkle_leaf(struct str data);
struct digest merkle_node(const struct digest *left, const struct digest *right);

/* A tree being built, leaf after leaf, in the memory of one path. The shape is that of RFC 9162
 * §2.1: the left subtree of n leaves has the largest power of two below n. */
struct merkle {
    int64_t n;
    struct digest
        full[MERKLE_DEPTH]; /* roots of the complete subtrees, by height, where n has a bit */
};

void merkle_start(struct merkle *m);
void merkle_add(struct merkle *m, const struct digest *leaf);

/* merkle_root of what was added so far; adding may go on. No leaves: SM3 of nothing. */
struct digest merkle_root(const struct merkle *m);

/* A proof that one leaf is in a tree: sibling hashes from the leaf upwards. */
struct merkle_proof {
    int64_t index; /* 0-based */
    int64_t count; /* leaves of the tree */
    int n;
    struct digest path[MERKLE_DEPTH];
};

/* merkle_prove makes the proof for leaves[index] of count leaf hashes (0 <= index < count, else
 * ERR_INVALID). Costs one hash per leaf, no memory. */
MUST_CHECK enum err merkle_prove(
    const struct digest *leaves, int64_t count, int64_t index, struct merkle_proof *ret);

/* merkle_check: the proof leads from leaf to root. A proof of the wrong length is false. */
bool merkle_check(
    const struct merkle_proof *p, const struct digest *leaf, const struct digest *root);

/* One sealed batch of the journal. Numbers from 1; sealed_at in ms UTC. */
struct seal_head {
    int64_t no;
    int64_t first_seq, last_seq; /* journal rows of the batch, both included */
    int64_t count;               /* rows = leaves, at least 1 */
    int64_t sealed_at;
    struct digest prev; /* the head before; of batch 1: seal_genesis of the store */
    struct digest root;
};

/* seal_genesis: SM3(0x03 ‖ store id), what batch 1 is chained to; binds a chain to its store. */
struct digest seal_genesis(struct str store_id);

/* seal_head_hash: SM3(0x02 ‖ prev ‖ no ‖ first_seq ‖ last_seq ‖ count ‖ root ‖ sealed_at), numbers
 * as 8 bytes big-endian. This value is signed. */
struct digest seal_head_hash(const struct seal_head *h);

/* seal_head_sane: numbers in range: no ≥ 1, 1 ≤ first ≤ last, 1 ≤ count ≤ last − first + 1. */
bool seal_head_sane(const struct seal_head *h);

/* digest_eq compares in constant time. */
bool digest_eq(const struct digest *a, const struct digest *b);

#endif
