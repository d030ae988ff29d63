/* Folding, bigrams and the distinctive part of names. */
#include "fixture.h"

#include "domain/gram.h"

static struct arena arena;

static void folded(const char *in, const char *want)
{
    struct buf b;
    buf_init(&b, 1000);
    gram_fold(str_z(in), &b);
    same(buf_str(&b), want);
    buf_free(&b);
}

static void test_fold(void **state)
{
    (void)state;
    folded(" 文水县 ＡＢｃ（集团）有限公司１ ", "文水县abc集团有限公司1");
    folded("A-1·2/3\xE3\x80\x80\xE2\x80\x8B", "a123");
    folded("〇𠮷野々䶮", "〇𠮷野々䶮");
    folded("“双随机”，、。《》—…✓", "双随机");
    folded("Müller Ωж", "müllerΩж");
    folded("ok\xFFno", "ok"); /* bad bytes end the text */
}

static void test_keys(void **state)
{
    (void)state;
    int64_t k[16];
    assert_int_equal(gram_keys(S(""), k, 16), 0);
    assert_int_equal(gram_keys(S("水"), k, 16), 1);
    assert_int_equal(k[0], gram_key(0x6C34, 0));
    assert_int_equal(gram_keys(S("水泥水泥水"), k, 16), 2); /* 水泥 and 泥水, once each */
    assert_true(k[0] < k[1]);
    assert_int_equal(gram_keys(S("abcdef"), k, 3), 3);
    assert_int_equal(gram_keys(S("ab"), k, 0), 0);
    assert_int_equal(gram_keys(S("𠮷野"), k, 16), 1);
    assert_int_equal(k[0], gram_key(0x20BB7, 0x91CE));
    assert_true(gram_key(0x10FFFF, 0x10FFFF) < (int64_t)1 << 42);
}

/* Every pair of a part of a name is a pair of the name: no hit is lost. */
static void test_parts_are_found(void **state)
{
    (void)state;
    struct str name = S("文水县珏朗肥业有限公司文水分公司");
    int64_t all[64], some[64];
    size_t n = gram_keys(name, all, 64), len = utf8_len(name);
    uint64_t seed = 7;
    for (int i = 0; i < 500; i++) {
        size_t from = (size_t)random_in(&seed, 0, (int64_t)len - 2);
        size_t many = (size_t)random_in(&seed, 2, (int64_t)(len - from));
        struct str head = utf8_prefix(name, from);
        struct str part = utf8_prefix(str_sub(name, head.n, name.n), many);
        size_t m = gram_keys(part, some, 64), found = 0;
        for (size_t a = 0; a < m; a++)
            for (size_t b = 0; b < n; b++)
                found += some[a] == all[b];
        assert_int_equal(found, m);
    }
}

static void distinctive(const struct gram_areas *areas, const char *name, const char *want)
{
    same(gram_distinctive(str_z(name), areas), want);
}

static void test_distinctive(void **state)
{
    (void)state;
    const struct str full[] = {
        S("山西省"), S("吕梁市"), S("文水县"), S("凤城镇"), S("祁县"), S("坞城街道"), S("吕梁市")};
    struct gram_areas areas;
    assert_int_equal(gram_areas_make(full, COUNT(full), &arena, &areas), OK);
    distinctive(&areas, "文水县凤城镇砚睿家电门市部", "砚睿家电门市部");
    distinctive(&areas, "山西省吕梁市文水县砚睿家电", "砚睿家电");
    distinctive(&areas, "山西文水珏朗肥业", "珏朗肥业");
    distinctive(&areas, "吕梁筠途科技有限公司", "筠途科技有限公司");
    distinctive(&areas, "坞城街道晋通", "晋通");
    distinctive(&areas, "祁县玻璃厂", "玻璃厂");
    distinctive(&areas, "祁红茶庄", "祁红茶庄");
    distinctive(&areas, "北京山西文水", "北京山西文水");
    distinctive(&areas, "文水县", "文水县"); /* never nothing */
    distinctive(&areas, "山西文水", "文水");
    distinctive(&areas, "", "");
    struct gram_areas none = {0};
    distinctive(&none, "文水县砚睿", "文水县砚睿");
}

/* With all area names of the province: every county name is stripped from the front. */
static void test_distinctive_with_the_shipped_areas(void **state)
{
    (void)state;
    struct str rest = data_read(&arena, "divisions_shanxi.csv");
    struct str *names = arena_new(&arena, struct str, 2000);
    size_t n = 0;
    str_cut(rest, '\n', &rest);
    while (!str_empty(rest)) {
        struct str line = str_cut(rest, '\n', &rest);
        str_cut(line, ',', &line);
        str_cut(line, ',', &line);
        names[n++] = str_cut(line, ',', &line);
    }
    assert_true(n > 1400 && n < 2000);
    struct gram_areas areas;
    assert_int_equal(gram_areas_make(names, n, &arena, &areas), OK);
    for (size_t i = 0; i < n; i++) {
        struct str parts[] = {names[i], S("鑫鑫")};
        same(gram_distinctive(arena_cat(&arena, parts, 2), &areas), "鑫鑫");
    }
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 8 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_parts_are_found),
        cmocka_unit_test(test_distinctive),
        cmocka_unit_test(test_distinctive_with_the_shipped_areas),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
