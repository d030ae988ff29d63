/* Both size rules: the 33 cases of the standard, the table it was copied from, the orders' lines,
 * and properties over random figures. */
#include "fixture.h"

#include "domain/size.h"

static struct arena arena;
static struct size_table stat_table, order_table;

/* A figure of a test case: persons as they are, 万元 in hundredths. */
static int64_t figure(const struct jin *row, const char *key, int64_t scale)
{
    const struct jin *v = jin_get(row, key);
    enum jin_type t = jin_type(v);
    if (t != JIN_INT && t != JIN_NUM)
        return NULL_INT;
    double scaled = jin_num(v, 0) * (double)scale;
    return t == JIN_INT ? jin_int(v, 0) * scale : (int64_t)(scaled + 0.5);
}

static void test_cases_of_the_standard(void **state)
{
    (void)state;
    const struct jin *doc = data_json(&arena, "size_standard_2017.json");
    const struct jin *cases = jin_get(doc, "test_cases");
    assert_int_equal(jin_len(cases), 33);
    for (size_t i = 0; i < jin_len(cases); i++) {
        const struct jin *row = jin_at(cases, i);
        struct size_figures f = {figure(row, "X", 1), figure(row, "Y", 100), figure(row, "Z", 100)};
        struct size_result r = size_stat(&stat_table, jin_str(jin_get(row, "group")), &f);
        if (!str_eqz(jin_str(jin_get(row, "expect")), size_code(r.size)))
            fail_msg("case %zu: %s", i, size_code(r.size));
    }
    jin_free(doc);
}

static const struct size_row *row_of(struct str group, char indicator)
{
    for (size_t i = 0; i < stat_table.n; i++)
        if (str_eq(stat_table.rows[i].group, group) && stat_table.rows[i].indicator == indicator)
            return &stat_table.rows[i];
    fail_msg("no row %.*s %c", STR_ARG(group), indicator);
    return NULL;
}

/* The flat table and the annotated one agree: 16 groups, every bound. */
static void test_tables_agree(void **state)
{
    (void)state;
    const struct jin *doc = data_json(&arena, "size_standard_2017.json");
    const struct jin *rows = jin_get(doc, "rows");
    assert_int_equal(jin_len(rows), 16);
    size_t lines = 0;
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *list = jin_get(jin_at(rows, i), "indicators");
        for (size_t k = 0; k < jin_len(list); k++, lines++) {
            const struct jin *one = jin_at(list, k);
            char x = jin_str(jin_get(one, "indicator")).p[0];
            int64_t scale = x == 'X' ? 1 : 100;
            const struct size_row *row = row_of(jin_str(jin_get(jin_at(rows, i), "group")), x);
            assert_int_equal(row->bound[SIZE_LARGE], figure(one, "large_min", scale));
            assert_int_equal(row->bound[SIZE_MEDIUM], figure(one, "medium_min", scale));
            assert_int_equal(row->bound[SIZE_SMALL], figure(one, "small_min", scale));
        }
    }
    assert_int_equal(lines, stat_table.n);
    jin_free(doc);
}

static enum size order(const char *group, int64_t staff, int64_t revenue)
{
    struct size_figures f = {staff, revenue, NULL_INT};
    enum size stat = size_stat(&stat_table, str_z(group), &f).size;
    return size_order(&order_table, str_z(group), &f, stat).size;
}

static void test_order_rule(void **state)
{
    (void)state;
    assert_int_equal(order("industry", 1000, 3999999), SIZE_LARGE);
    assert_int_equal(order("industry", 1200, 1000000), SIZE_LARGE); /* R-016's own example */
    assert_int_equal(order("industry", 5, 4260000), SIZE_LARGE);
    assert_int_equal(order("industry", 299, 200000), SIZE_MEDIUM);
    assert_int_equal(order("industry", 300, 199999), SIZE_MEDIUM);
    assert_int_equal(order("industry", 299, 199999), SIZE_SMALL);
    assert_int_equal(order("industry", 19, 199999), SIZE_MICRO);
    assert_int_equal(order("wholesale", 4, 900000), SIZE_MEDIUM);
    assert_int_equal(order("wholesale", 199, 4000000), SIZE_LARGE);
    assert_int_equal(order("retail", 49, 2000000), SIZE_LARGE);
    assert_int_equal(order("retail", 9, 10000), SIZE_MICRO);
}

static void test_order_with_a_figure_missing(void **state)
{
    (void)state;
    struct size_figures f = {300, NULL_INT, NULL_INT};
    struct size_result r = size_order(&order_table, S("industry"), &f, SIZE_UNKNOWN);
    assert_int_equal(r.size, SIZE_MEDIUM);
    assert_true(r.partial);
    f.staff = 1000;
    r = size_order(&order_table, S("industry"), &f, SIZE_UNKNOWN);
    assert_int_equal(r.size, SIZE_LARGE);
    assert_false(r.partial); /* nothing is above */
    f.staff = 10;
    r = size_order(&order_table, S("industry"), &f, SIZE_UNKNOWN);
    assert_int_equal(r.size, SIZE_UNKNOWN);
}

static void test_missing_and_unknown(void **state)
{
    (void)state;
    struct size_figures none = {NULL_INT, NULL_INT, NULL_INT}, zero = {0, 0, 0};
    assert_int_equal(size_stat(&stat_table, S("industry"), &none).size, SIZE_UNKNOWN);
    assert_int_equal(size_stat(&stat_table, S("industry"), &zero).size, SIZE_MICRO);
    assert_int_equal(size_stat(&stat_table, S("no such"), &zero).size, SIZE_UNKNOWN);
    assert_int_equal(size_order(&order_table, S("other"), &zero, SIZE_MICRO).size, SIZE_UNKNOWN);
    for (int s = SIZE_UNKNOWN; s < SIZE_COUNT; s++)
        assert_int_equal(size_of(str_z(size_code((enum size)s))), s);
}

/* More of anything never makes a firm smaller; the orders never see it smaller than the statistic.
 */
static void test_monotone(void **state)
{
    (void)state;
    static const char *const groups[] = {"industry", "wholesale", "retail"};
    uint64_t seed = 2017;
    for (int i = 0; i < 20000; i++) {
        struct str g = str_z(groups[i % 3]);
        struct size_figures f = {random_in(&seed, 0, 1500), random_in(&seed, 0, 5000000), NULL_INT};
        struct size_figures more = f;
        if (i % 2)
            more.staff += random_in(&seed, 0, 500);
        else
            more.revenue += random_in(&seed, 0, 1000000);
        enum size a = size_stat(&stat_table, g, &f).size;
        enum size b = size_stat(&stat_table, g, &more).size;
        assert_true(b >= a && a > SIZE_UNKNOWN);
        assert_true(size_order(&order_table, g, &f, a).size >= a);
    }
}

static void test_display(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    struct size_figures f = {1000, 3999999, NULL_INT};
    struct size_result r = size_stat(&stat_table, S("industry"), &f);
    size_put_marks(&r, &b);
    same(buf_str(&b),
        "从业人员1000人（大型≥1000），营业收入39999.99万元（中型≥2000，未达大型40000）");
    buf_reset(&b);
    f = (struct size_figures){19, NULL_INT, NULL_INT};
    r = size_stat(&stat_table, S("industry"), &f);
    size_put_marks(&r, &b);
    same(buf_str(&b), "从业人员19人（未达小型20），营业收入未填");
    buf_reset(&b);
    f = (struct size_figures){10, 5, NULL_INT};
    r = size_order(&order_table, S("retail"), &f, SIZE_MICRO);
    size_put_marks(&r, &b);
    same(buf_str(&b), "从业人员10人（未达中型50），营业收入0.05万元（未达中型500）");
    buf_free(&b);
}

static void test_bad_tables(void **state)
{
    (void)state;
    static const char *const bad[] = {"h\n\n,工业,X,1,1,1\n", "h\nindustry,工业,Q,1000,300,20\n",
        "h\nindustry,工业,X,1e3,300,20\n", "h\nindustry,工业,X,-1,300,20\n",
        "h\nindustry,工业,X,1,2,3,4\n", "h\nindustry,工业,Y,9223372036854775807,2,3\n"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct size_table t;
        size_t line = 0;
        assert_int_equal(size_parse(str_z(bad[i]), &arena, &t, &line), ERR_INVALID);
        assert_true(line >= 2);
    }
    struct arena tiny;
    struct size_table t;
    arena_init(&tiny, 64);
    assert_int_equal(size_parse(S("h\na,b,X,1,1,1\n"), &tiny, &t, NULL), ERR_NOMEM);
    arena_free(&tiny);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    size_t line;
    if (size_parse(data_read(&arena, "size_standard_2017.csv"), &arena, &stat_table, &line) ||
        size_parse(data_read(&arena, "size_order_2023.csv"), &arena, &order_table, &line))
        return -1;
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
        cmocka_unit_test(test_cases_of_the_standard),
        cmocka_unit_test(test_tables_agree),
        cmocka_unit_test(test_order_rule),
        cmocka_unit_test(test_order_with_a_figure_missing),
        cmocka_unit_test(test_missing_and_unknown),
        cmocka_unit_test(test_monotone),
        cmocka_unit_test(test_display),
        cmocka_unit_test(test_bad_tables),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
