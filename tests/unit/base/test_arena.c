/* base/arena and base/mem: caps, latching, faults. */
#include "basetest.h"

#include "base/arena.h"
#include "base/mem.h"

static void test_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t n = 0; n < 5000; n += 37) {
        unsigned char *p = arena_alloc(&a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAA, n);
    }
    arena_free(&a);
}

static void test_regions_do_not_overlap(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 8 << 20);
    unsigned char *p[200];
    for (size_t i = 0; i < COUNT(p); i++) {
        p[i] = arena_alloc(&a, i * 97 + 1);
        memset(p[i], (int)(i & 0xFF), i * 97 + 1);
    }
    for (size_t i = 0; i < COUNT(p); i++) {
        assert_int_equal(p[i][0], i & 0xFF);
        assert_int_equal(p[i][i * 97], i & 0xFF);
    }
    arena_free(&a);
}

static void test_cap_latches(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100);
    assert_non_null(arena_alloc(&a, 96));
    assert_null(arena_alloc(&a, 16));
    assert_true(a.failed);
    assert_null(arena_alloc(&a, 1)); /* would fit, but the failure latched */
    assert_null(arena_str(&a, S("x")).p);
    assert_null(arena_fmt(&a, "%d", 1).p);
    arena_reset(&a);
    assert_false(a.failed);
    assert_non_null(arena_alloc(&a, 96));
    arena_free(&a);
}

static void test_huge_requests(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, SIZE_MAX / 2);
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_reset(&a);
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_true(a.failed);
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 3 << 20)); /* a chunk of its own */
    assert_non_null(arena_alloc(&a, 10));
    arena_free(&a);
}

static void test_refused_memory_latches(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    mem_fail_after(0);
    assert_null(arena_alloc(&a, 8));
    assert_true(a.failed);
    mem_fail_after(-1);
    assert_null(arena_alloc(&a, 8));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 8));
    arena_free(&a);
}

static void test_strings(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 16);
    char text[] = "水泥";
    struct str copy = arena_str(&a, str_z(text));
    text[0] = 'x';
    same(copy, "水泥");
    assert_int_equal(copy.p[copy.n], 0);
    assert_null(arena_str(&a, STR_NULL).p);
    assert_non_null(arena_str(&a, S("")).p);
    const struct str parts[] = {S("a"), STR_NULL, S("bc"), S("")};
    same(arena_cat(&a, parts, 4), "abc");
    same(arena_cat(&a, NULL, 0), "");
    same(arena_fmt(&a, "%s-%05d", "x", 42), "x-00042");
    char big[3000];
    memset(big, 'q', sizeof big);
    assert_int_equal(arena_fmt(&a, "%.*s", 3000, big).n, 3000);
    assert_false(a.failed);
    arena_free(&a);
}

static void test_reset_reuses(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 4000);
    arena_alloc(&a, 100);
    mem_fail_after(-1);
    for (int i = 0; i < 1000; i++) {
        arena_reset(&a);
        unsigned char *p = arena_alloc(&a, 3000);
        assert_non_null(p);
        assert_int_equal(p[0] | p[2999], 0);
        memset(p, 1, 3000);
    }
    assert_int_equal(mem_fail_after(-1), 0); /* no further chunk was asked for */
    arena_free(&a);
    arena_free(&a);
}

static void test_mem_faults_count(void **state)
{
    (void)state;
    mem_fail_after(2);
    void *p = mem_alloc(0), *q = mem_alloc(5);
    assert_non_null(p);
    assert_non_null(q);
    assert_null(mem_alloc(5));
    void *r = mem_alloc(5); /* the fault strikes once */
    assert_non_null(r);
    assert_int_equal(mem_fail_after(0), 4);
    assert_null(mem_grow(q, 50));
    q = mem_grow(q, 50);
    assert_non_null(q);
    assert_int_equal(mem_fail_after(-1), 2);
    mem_free(p);
    mem_free(q);
    mem_free(r);
    mem_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_and_aligned),
        cmocka_unit_test(test_regions_do_not_overlap),
        cmocka_unit_test(test_cap_latches),
        cmocka_unit_test(test_huge_requests),
        cmocka_unit_test(test_refused_memory_latches),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_reset_reuses),
        cmocka_unit_test(test_mem_faults_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
