/* Merkle trees against the recursive definition of RFC 9162, proofs of every leaf of many trees,
 * forged proofs, and the canonical bytes of a head. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/merkle.h"

enum { MOST = 130 };

static struct digest leaves[MOST];

static int make_leaves(void **state)
{
    (void)state;
    for (int i = 0; i < MOST; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "row %d", i);
        leaves[i] = merkle_leaf((struct str){text, (size_t)n});
    }
    return 0;
}

/* MTH of the RFC, written as it is defined there. */
static struct digest by_definition(const struct digest *d, int n)
{
    if (n == 1)
        return d[0];
    int k = 1;
    while (2 * k < n)
        k *= 2;
    struct digest left = by_definition(d, k), right = by_definition(d + k, n - k);
    return merkle_node(&left, &right);
}

static struct digest streamed(int n)
{
    struct merkle m;
    merkle_start(&m);
    for (int i = 0; i < n; i++)
        merkle_add(&m, &leaves[i]);
    return merkle_root(&m);
}

static void test_root(void **state)
{
    (void)state;
    for (int n = 1; n <= MOST; n++) {
        struct digest want = by_definition(leaves, n), got = streamed(n);
        assert_true(digest_eq(&want, &got));
    }
}

static void test_root_while_adding(void **state)
{
    (void)state;
    struct merkle m;
    merkle_start(&m);
    for (int n = 1; n <= MOST; n++) {
        merkle_add(&m, &leaves[n - 1]);
        struct digest want = by_definition(leaves, n), got = merkle_root(&m);
        assert_true(digest_eq(&want, &got));
    }
}

static void test_prefixes(void **state)
{
    (void)state;
    unsigned char want[SM3_LEN], msg[65] = {1};
    sm3(S("\0abc"), want);
    struct digest got = merkle_leaf(S("abc"));
    assert_memory_equal(got.b, want, SM3_LEN);
    memcpy(msg + 1, leaves[0].b, 32);
    memcpy(msg + 33, leaves[1].b, 32);
    sm3((struct str){(char *)msg, sizeof msg}, want);
    got = merkle_node(&leaves[0], &leaves[1]);
    assert_memory_equal(got.b, want, SM3_LEN);
    struct merkle m;
    merkle_start(&m);
    got = merkle_root(&m);
    sm3(S(""), want);
    assert_memory_equal(got.b, want, SM3_LEN);
}

static void test_proofs(void **state)
{
    (void)state;
    for (int n = 1; n <= MOST; n++) {
        struct digest root = streamed(n);
        for (int i = 0; i < n; i++) {
            struct merkle_proof p;
            assert_int_equal(merkle_prove(leaves, n, i, &p), OK);
            assert_true(merkle_check(&p, &leaves[i], &root));
            assert_false(merkle_check(&p, &leaves[(i + 1) % MOST], &root));
        }
    }
}

/* Any change of a proof breaks it. */
static void refuse_changed(const struct merkle_proof *good, const struct digest *root)
{
    const struct digest *leaf = &leaves[good->index];
    struct merkle_proof p;
    for (int i = 0; i < good->n; i++) {
        p = *good;
        p.path[i].b[i % SM3_LEN] ^= 0x10;
        assert_false(merkle_check(&p, leaf, root));
    }
    p = *good;
    p.n--;
    assert_false(merkle_check(&p, leaf, root));
    p = *good;
    p.path[p.n++] = leaves[0];
    assert_false(merkle_check(&p, leaf, root));
    p = *good;
    p.index = good->count;
    assert_false(merkle_check(&p, leaf, root));
    p.index = -1;
    assert_false(merkle_check(&p, leaf, root));
}

static void test_proofs_forged(void **state)
{
    (void)state;
    for (int n = 2; n < 40; n++) {
        struct digest root = streamed(n);
        for (int i = 0; i < n; i++) {
            struct merkle_proof p;
            assert_int_equal(merkle_prove(leaves, n, i, &p), OK);
            refuse_changed(&p, &root);
            struct merkle_proof moved = p;
            moved.index = (i + 1) % n;
            assert_false(merkle_check(&moved, &leaves[i], &root));
        }
    }
}

/* An inner node may not be passed off as a leaf of a smaller tree. */
static void test_node_is_no_leaf(void **state)
{
    (void)state;
    struct digest root = streamed(4);
    struct digest left = merkle_node(&leaves[0], &leaves[1]);
    struct digest right = merkle_node(&leaves[2], &leaves[3]);
    char both[64];
    memcpy(both, left.b, 32);
    memcpy(both + 32, right.b, 32);
    struct digest posing = merkle_leaf((struct str){both, 64});
    assert_false(digest_eq(&posing, &root));
}

static void test_prove_range(void **state)
{
    (void)state;
    struct merkle_proof p;
    assert_int_equal(merkle_prove(leaves, 3, 3, &p), ERR_INVALID);
    assert_int_equal(merkle_prove(leaves, 3, -1, &p), ERR_INVALID);
    assert_int_equal(merkle_prove(leaves, 0, 0, &p), ERR_INVALID);
}

static struct seal_head head(void)
{
    return (struct seal_head){.no = 2,
        .first_seq = 0x0102030405060708,
        .last_seq = 0x0102030405060709,
        .count = 2,
        .sealed_at = 1793581200000,
        .prev = seal_genesis(S("14-0001")),
        .root = leaves[0]};
}

/* The layout of docs/seal-format.md, byte by byte. */
static void test_head_bytes(void **state)
{
    (void)state;
    struct seal_head h = head();
    unsigned char bytes[105] = {2}, want[SM3_LEN];
    unsigned char *at = bytes + 1;
    memcpy(at, h.prev.b, 32);
    memcpy(at + 32, "\0\0\0\0\0\0\0\2", 8);
    memcpy(at + 40, "\1\2\3\4\5\6\7\10", 8);
    memcpy(at + 48, "\1\2\3\4\5\6\7\11", 8);
    memcpy(at + 56, "\0\0\0\0\0\0\0\2", 8);
    memcpy(at + 64, h.root.b, 32);
    memcpy(at + 96, "\x00\x00\x01\xa1\x99\xc5\x32\x80", 8);
    sm3((struct str){(char *)bytes, sizeof bytes}, want);
    struct digest got = seal_head_hash(&h);
    assert_memory_equal(got.b, want, SM3_LEN);
    sm3(S("\3"
          "14-0001"),
        want);
    got = seal_genesis(S("14-0001"));
    assert_memory_equal(got.b, want, SM3_LEN);
}

static void expect_hex(struct digest d, const char *want)
{
    char hex[2 * SM3_LEN + 1] = {0};
    hex_put(d.b, SM3_LEN, hex);
    assert_string_equal(hex, want);
}

/* docs/seal-format.md §5; computed there by other software. */
static void test_vectors(void **state)
{
    (void)state;
    struct merkle m;
    merkle_start(&m);
    for (const char *p = "abc"; *p; p++) {
        struct digest leaf = merkle_leaf((struct str){p, 1});
        merkle_add(&m, &leaf);
    }
    struct seal_head h = {.no = 1, .first_seq = 1, .last_seq = 3, .count = 3};
    h.sealed_at = 1793581200000;
    h.root = merkle_root(&m);
    h.prev = seal_genesis(S("14-0001"));
    expect_hex(h.root, "2706e4e4d41c1ed9c3fe7f7822bf360a67abcc052cc2c00022c1313ec3ded965");
    expect_hex(h.prev, "421f13aa4f005d46a7b6d4237d6dc86234a2a33f0dd2ddf435a3630ed27be509");
    expect_hex(
        seal_head_hash(&h), "d89a3ae248776bc7db69c5f364f0af5c83b62c4cc066385833d16a702a4f4381");
}

static void test_head_every_field(void **state)
{
    (void)state;
    struct seal_head h = head(), changed[7];
    for (int i = 0; i < 7; i++)
        changed[i] = h;
    changed[0].no++;
    changed[1].first_seq--;
    changed[2].last_seq++;
    changed[3].count--;
    changed[4].sealed_at++;
    changed[5].prev.b[31] ^= 1;
    changed[6].root.b[0] ^= 1;
    struct digest d = seal_head_hash(&h);
    for (int i = 0; i < 7; i++) {
        struct digest other = seal_head_hash(&changed[i]);
        assert_false(digest_eq(&d, &other));
    }
}

static void test_head_sane(void **state)
{
    (void)state;
    struct seal_head h = {.no = 1, .first_seq = 1, .last_seq = 3, .count = 3};
    assert_true(seal_head_sane(&h));
    h.count = 4;
    assert_false(seal_head_sane(&h));
    h.count = 0;
    assert_false(seal_head_sane(&h));
    h = (struct seal_head){.no = 0, .first_seq = 1, .last_seq = 1, .count = 1};
    assert_false(seal_head_sane(&h));
    h = (struct seal_head){.no = 1, .first_seq = 2, .last_seq = 1, .count = 1};
    assert_false(seal_head_sane(&h));
    h = (struct seal_head){.no = 1, .first_seq = 1, .last_seq = INT64_MAX, .count = INT64_MAX};
    assert_true(seal_head_sane(&h));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root),
        cmocka_unit_test(test_root_while_adding),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_proofs),
        cmocka_unit_test(test_proofs_forged),
        cmocka_unit_test(test_node_is_no_leaf),
        cmocka_unit_test(test_prove_range),
        cmocka_unit_test(test_head_bytes),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_head_every_field),
        cmocka_unit_test(test_head_sane),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
