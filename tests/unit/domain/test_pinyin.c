/* Initials by the shipped table, and the table's own form. */
#include "fixture.h"

#include "domain/pinyin.h"

static struct arena arena;
static struct pinyin table;

static void initials(const struct pinyin *p, const char *in, const char *want)
{
    struct buf b;
    buf_init(&b, 400);
    pinyin_initials(p, str_z(in), &b);
    same(buf_str(&b), want);
    buf_free(&b);
}

static void test_names(void **state)
{
    (void)state;
    initials(&table, "文水县珏朗肥业有限公司", "wsxjlfyyxgs");
    initials(&table, "山西太钢不锈钢股份有限公司", "sxtgbxggfyxgs");
    initials(&table, "洪洞县曾记商行", "htxzjsh");
    initials(&table, "繁峙县", "fsx");
    initials(&table, "重庆路热轧钢筋销售部", "cqlrzgjxsb");
    initials(&table, "中国银行", "zgyh");
    initials(&table, "ＡＢＣ（集团）3号店 x", "abcjt3hdx");
    initials(&table, "〇𬭊✓、", "ld");
    initials(&table, "", "");
}

/* Every county's checked initials are what typing its name gives. */
static void test_counties_of_the_province(void **state)
{
    (void)state;
    struct str rest = data_read(&arena, "divisions_shanxi.csv");
    size_t checked = 0;
    while (!str_empty(rest)) {
        struct str line = str_cut(rest, '\n', &rest), col[9];
        for (size_t i = 0; i < 9; i++)
            col[i] = str_cut(line, ',', &line);
        if (col[8].n < 2 || str_eqz(col[8], "initials"))
            continue;
        struct buf b;
        buf_init(&b, 100);
        pinyin_initials(&table, col[2], &b);
        if (!str_starts(buf_str(&b), col[8]))
            fail_msg("%.*s: %.*s", STR_ARG(col[2]), STR_ARG(buf_str(&b)));
        buf_free(&b);
        checked++;
    }
    assert_true(checked > 120);
}

static void test_every_common_character_has_a_letter(void **state)
{
    (void)state;
    size_t missing = 0;
    for (int32_t cp = 0x4E00; cp <= 0x9FA5; cp++)
        missing += !pinyin_letter(&table, cp);
    assert_true(missing < 120); /* Japanese and Korean-made characters have no reading */
    assert_int_equal(pinyin_letter(&table, 'a'), 0);
    assert_int_equal(pinyin_letter(&table, 0x10FFFF), 0);
    assert_int_equal(pinyin_letter(&table, 0x4DAE), pinyin_letter(&table, 0x9F91)); /* 䶮 龑: yan */
}

static void test_letters_are_possible(void **state)
{
    (void)state;
    for (int32_t cp = 0x3400; cp <= 0x9FFF; cp++) {
        char ch = pinyin_letter(&table, cp);
        assert_true(ch == 0 || (ch >= 'a' && ch <= 'z' && ch != 'i' && ch != 'u' && ch != 'v'));
    }
}

static void refuse(const char *text, size_t at)
{
    struct pinyin p;
    size_t line = 0;
    assert_int_equal(pinyin_parse(str_z(text), &arena, &p, &line), ERR_INVALID);
    assert_int_equal(line, at);
}

static void test_bad_tables(void **state)
{
    (void)state;
    refuse("# ok\na:啊\nB:八\n", 3);
    refuse("a:啊\n\n洪洞=h\n", 3);
    refuse("洪洞=hT\n", 1);
    refuse("啊=a\n", 1);
    refuse("啊啊\n", 1);
    refuse("a:\xFF\n", 0);
    struct pinyin p;
    assert_int_equal(pinyin_parse(S("z:重长\nc:𠀋〇\n重长=cc"), &arena, &p, NULL), OK);
    initials(&p, "重重长𠀋〇长",
        "zcccc"
        "z");
    struct arena tiny;
    arena_init(&tiny, 4096);
    assert_int_equal(pinyin_parse(S("a:啊"), &tiny, &p, NULL), ERR_NOMEM);
    arena_free(&tiny);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 4 << 20);
    return (int)pinyin_parse(data_read(&arena, "pinyin_initials.txt"), &arena, &table, NULL);
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
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_counties_of_the_province),
        cmocka_unit_test(test_every_common_character_has_a_letter),
        cmocka_unit_test(test_letters_are_possible),
        cmocka_unit_test(test_bad_tables),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
