/* SM3 Merkle trees in the shape of RFC 9162 §2.1, and the heads of the seal chain.
 * Method: a tree of n leaves is, from left to right, one complete subtree for each 1-bit of n,
 * highest first. Adding a leaf is adding 1 to a binary counter whose carries are node hashes; the
 * root folds the complete subtrees from the right. */
#include "core/merkle.h"

#include <assert.h>

enum { TAG_LEAF = 0, TAG_NODE = 1, TAG_HEAD = 2, TAG_GENESIS = 3 };

static struct digest tagged(unsigned char tag, struct str data)
{
    struct digest d = {{0}};
    const struct str parts[] = {{(const char *)&tag, 1}, data};
    sm3_parts(parts, 2, d.b);
    return d;
}

struct digest merkle_leaf(struct str data)
{
    return tagged(TAG_LEAF, data);
}

struct digest merkle_node(const struct digest *left, const struct digest *right)
{
    unsigned char both[1 + 2 * SM3_LEN] = {TAG_NODE};
    memcpy(both + 1, left->b, SM3_LEN);
    memcpy(both + 1 + SM3_LEN, right->b, SM3_LEN);
    struct digest d = {{0}};
    sm3((struct str){(const char *)both, sizeof both}, d.b);
    return d;
}

void merkle_start(struct merkle *m)
{
    m->n = 0;
}

void merkle_add(struct merkle *m, const struct digest *leaf)
{
    assert(m->n < INT64_MAX);
    struct digest carry = *leaf;
    int level = 0;
    for (; m->n >> level & 1; level++)
        carry = merkle_node(&m->full[level], &carry);
    m->full[level] = carry;
    m->n++;
}

struct digest merkle_root(const struct merkle *m)
{
    struct digest root = {{0}};
    if (m->n == 0) {
        sm3(S(""), root.b);
        return root;
    }
    int level = __builtin_ctzll((unsigned long long)m->n);
    root = m->full[level];
    for (level++; level < MERKLE_DEPTH; level++)
        if (m->n >> level & 1)
            root = merkle_node(&m->full[level], &root);
    return root;
}

static struct digest root_of(const struct digest *leaves, int64_t n)
{
    struct merkle m;
    merkle_start(&m);
    for (int64_t i = 0; i < n; i++)
        merkle_add(&m, &leaves[i]);
    return merkle_root(&m);
}

/* The largest power of two below n (n >= 2). */
static int64_t split_of(int64_t n)
{
    return (int64_t)1 << (63 - __builtin_clzll((unsigned long long)(n - 1)));
}

enum err merkle_prove(
    const struct digest *leaves, int64_t count, int64_t index, struct merkle_proof *ret)
{
    if (index < 0 || index >= count)
        return ERR_INVALID;
    struct merkle_proof p = {.index = index, .count = count};
    struct digest down[MERKLE_DEPTH] = {{{0}}};
    int64_t from = 0;
    for (int64_t n = count; n > 1;) {
        int64_t left = split_of(n);
        bool right = index - from >= left;
        down[p.n++] =
            right ? root_of(leaves + from, left) : root_of(leaves + from + left, n - left);
        from += right ? left : 0;
        n = right ? n - left : left;
    }
    for (int i = 0; i < p.n; i++)
        p.path[i] = down[p.n - 1 - i];
    *ret = p;
    return OK;
}

/* RFC 9162 §2.1.3.2: fn and sn walk the indexes of the leaf and of the last leaf up the tree. */
bool merkle_check(
    const struct merkle_proof *p, const struct digest *leaf, const struct digest *root)
{
    if (p->index < 0 || p->index >= p->count || p->n < 0 || p->n > MERKLE_DEPTH)
        return false;
    int64_t fn = p->index, sn = p->count - 1;
    struct digest at = *leaf;
    for (int i = 0; i < p->n; i++) {
        if (sn == 0)
            return false;
        bool right = (fn & 1) || fn == sn;
        at = right ? merkle_node(&p->path[i], &at) : merkle_node(&at, &p->path[i]);
        int up = right && !(fn & 1) ? __builtin_ctzll((unsigned long long)fn) + 1 : 1;
        fn >>= up;
        sn >>= up;
    }
    return sn == 0 && digest_eq(&at, root);
}

struct digest seal_genesis(struct str store_id)
{
    return tagged(TAG_GENESIS, store_id);
}

static unsigned char *put_int(unsigned char *at, int64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = (unsigned char)((uint64_t)v >> shift);
    return at;
}

static unsigned char *put_digest(unsigned char *at, const struct digest *d)
{
    memcpy(at, d->b, SM3_LEN);
    return at + SM3_LEN;
}

struct digest seal_head_hash(const struct seal_head *h)
{
    unsigned char bytes[1 + 2 * SM3_LEN + 5 * 8] = {TAG_HEAD};
    unsigned char *at = put_digest(bytes + 1, &h->prev);
    at = put_int(at, h->no);
    at = put_int(at, h->first_seq);
    at = put_int(at, h->last_seq);
    at = put_int(at, h->count);
    at = put_digest(at, &h->root);
    at = put_int(at, h->sealed_at);
    assert(at == bytes + sizeof bytes);
    struct digest d = {{0}};
    sm3((struct str){(const char *)bytes, sizeof bytes}, d.b);
    return d;
}

bool seal_head_sane(const struct seal_head *h)
{
    return h->no >= 1 && h->first_seq >= 1 && h->last_seq >= h->first_seq && h->count >= 1 &&
           h->count - 1 <= h->last_seq - h->first_seq;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return hash_equal(a->b, b->b, SM3_LEN);
}
