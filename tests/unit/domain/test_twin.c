/* Comparing entries: what makes two of them one unit, and what does not. */
#include "domain/twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct pair {
    const char *what;
    struct twin_facts a, b;
    bool suspect;
};

#define FACTS(code, name, address, person)                                                         \
    {                                                                                              \
        S(code), S(name), S(address), S(person), S("0001.0004.0010.")                              \
    }
#define C1 "91141121TTTT500018" /* check character as it comes: validity is judged by itself */

static struct gram_areas areas_of(struct arena *a)
{
    static const struct str names[] = {
        {"山西省", 9}, {"吕梁市", 9}, {"文水县", 9}, {"凤城镇", 9}, {"交城县", 9}};
    struct gram_areas areas;
    assert_int_equal(gram_areas_make(names, 5, a, &areas), OK);
    return areas;
}

static struct twin_score score(const struct gram_areas *areas, const struct pair *p)
{
    struct twin_face a, b;
    twin_face_make(&p->a, areas, &a);
    twin_face_make(&p->b, areas, &b);
    struct twin_score s = twin_compare(&a, &b), t = twin_compare(&b, &a);
    assert_int_equal(s.score, t.score); /* symmetric */
    assert_int_equal(s.why, t.why);
    return s;
}

static const struct pair pairs[] = {
    {"one code", FACTS(C1, "岑禾水泥有限公司", "东街1号", "王一"),
        FACTS(C1, "禾岑建材厂", "西街9号", "李二"), true},
    {"one name and place, one without a code",
        FACTS(C1, "文水县岑禾水泥有限公司", "文水县凤城镇东街1号", "王一"),
        FACTS("", "岑禾水泥有限公司", "凤城镇东街1号", "李二"), true},
    {"one name and person", FACTS("", "岑禾水泥有限公司", "", "王一"),
        FACTS("", "文水岑禾水泥有限公司", "", "王一"), true},
    {"another character in the name, same place and person",
        FACTS("", "岑禾水泥制品有限公司", "东街1号", "王一"),
        FACTS("", "岑和水泥制品有限公司", "东街1号", "王一"), true},
    {"two codes, one name", FACTS("91140000MA0TTTT01X", "岑禾水泥有限公司", "", ""),
        FACTS("", "岑禾水泥有限公司", "", ""), false},
    {"another number in the street", FACTS("", "岑禾水泥厂", "东街12号", "王一"),
        FACTS("", "翎煜化工厂", "东街21号", "王一"), false},
    {"same place, nothing else", FACTS("", "岑禾水泥厂", "东街12号", "王一"),
        FACTS("", "翎煜五金店", "东街12号", "李二"), false},
    {"nothing known", FACTS("", "岑禾", "", ""), FACTS("", "翎煜", "", ""), false},
};

static void test_pairs(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct gram_areas areas = areas_of(&a);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct twin_score s = score(&areas, &pairs[i]);
        if ((s.score >= TWIN_SUSPECT) != pairs[i].suspect)
            fail_msg("%s: %d", pairs[i].what, s.score);
    }
    arena_free(&a);
}

/* Whoever is suspected meets in at least one block. */
static void test_blocks(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct gram_areas areas = areas_of(&a);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct twin_face x, y;
        uint64_t k[TWIN_BLOCKS], l[TWIN_BLOCKS];
        bool met = false;
        twin_face_make(&pairs[i].a, &areas, &x);
        twin_face_make(&pairs[i].b, &areas, &y);
        twin_blocks(&x, pairs[i].a.county, k);
        twin_blocks(&y, pairs[i].b.county, l);
        for (int n = 0; n < TWIN_BLOCKS; n++)
            met |= k[n] && k[n] == l[n];
        if (pairs[i].suspect && !met)
            fail_msg("%s: never compared", pairs[i].what);
    }
    arena_free(&a);
}

static void test_reasons(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 400);
    twin_put_why(TWIN_CODE | TWIN_ADDRESS, &b);
    assert_string_equal(buf_z(&b), "代码相同、地址相近");
    buf_reset(&b);
    twin_put_codes(TWIN_NAME | TWIN_PERSON, &b);
    assert_string_equal(buf_z(&b), "name,person");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_reasons)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
