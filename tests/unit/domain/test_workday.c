/* Working days against data/workday_vectors.json, and properties over eight years. */
#include "fixture.h"

#include "domain/workday.h"

static struct arena arena;
static struct workday_calendar cal;

static void test_vectors(void **state)
{
    (void)state;
    const struct jin *doc = data_json(&arena, "workday_vectors.json");
    const struct jin *rows = jin_get(doc, "vectors");
    assert_int_equal(jin_len(rows), 25);
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *row = jin_at(rows, i);
        int64_t start = jin_day(row, "start"), due = jin_day(row, "due");
        bool provisional = true;
        int64_t n = jin_int(jin_get(row, "workdays"), 0);
        assert_int_equal(workday_add(&cal, start, n, &provisional), due);
        assert_false(provisional);
        assert_int_equal(
            workday_is(&cal, start), jin_bool(jin_get(row, "start_is_workday"), false));
        assert_int_equal(workday_between(&cal, start, due), n);
    }
    jin_free(doc);
}

static void test_provisional_past_the_last_notice(void **state)
{
    (void)state;
    bool provisional;
    assert_int_equal(cal.last_official, day_of("2026-12-31"));
    assert_int_equal(
        workday_add(&cal, day_of("2026-12-28"), 3, &provisional), day_of("2026-12-31"));
    assert_false(provisional);
    workday_add(&cal, day_of("2026-12-28"), 4, &provisional);
    assert_true(provisional);
    assert_false(workday_is(&cal, day_of("2027-01-01"))); /* expected, though not yet published */
    workday_add(&cal, day_of("2030-06-03"), 5, NULL);
}

static void test_zero_and_negative(void **state)
{
    (void)state;
    int64_t sat = day_of("2026-11-21");
    assert_int_equal(workday_add(&cal, sat, 0, NULL), sat);
    assert_int_equal(workday_add(&cal, sat, -3, NULL), sat);
    assert_int_equal(workday_between(&cal, sat, sat), 0);
    assert_int_equal(workday_between(&cal, sat, sat - 9), 0);
}

/* The n-th working day is a working day, n of them lie between, and it grows with n. */
static void test_properties(void **state)
{
    (void)state;
    uint64_t seed = 104;
    int64_t least = day_of("2018-01-01"), most = day_of("2026-11-30");
    for (int i = 0; i < 3000; i++) {
        int64_t start = random_in(&seed, least, most), n = random_in(&seed, 1, 30);
        int64_t due = workday_add(&cal, start, n, NULL);
        assert_true(workday_is(&cal, due));
        assert_int_equal(workday_between(&cal, start, due), n);
        assert_true(workday_add(&cal, start, n + 1, NULL) > due);
        assert_true(due - start >= n && due - start <= n * 2 + 16);
    }
}

static void test_a_year_has_its_working_days(void **state)
{
    (void)state;
    /* 2025: 365 days, 28 days off and 5 make-up days published, 52 weekends. */
    assert_int_equal(workday_between(&cal, day_of("2024-12-31"), day_of("2025-12-31")), 248);
}

static void refuse(const char *csv, size_t at)
{
    struct workday_calendar c;
    size_t line = 99;
    assert_int_equal(workday_parse(str_z(csv), &arena, &c, &line), ERR_INVALID);
    assert_int_equal(line, at);
}

static void test_bad_tables(void **state)
{
    (void)state;
    refuse("h\n2026-02-30,off,x,official\n", 2);
    refuse("h\n2026-01-01,rest,x,official\n", 2);
    refuse("h\n2026-01-01,off,x,maybe\n", 2);
    refuse("h\n2026-01-01,off,x,official,more\n", 2);
    refuse("h\n2026-01-01,off,x,official\n2026-01-01,work,x,official\n", 0);
    struct workday_calendar c;
    assert_int_equal(workday_parse(S("h\n2026-02-01,off,b,provisional\r\n\n2026-01-01,off,a,"
                                     "provisional"),
                         &arena, &c, NULL),
        OK);
    assert_int_equal(c.n, 2);
    same(c.rows[0].name, "a");
    assert_true(c.last_official == INT64_MIN);
    struct workday_calendar none = {.last_official = INT64_MIN};
    assert_true(workday_is(&none, day_of("2026-10-01")));
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return (int)workday_parse(data_read(&arena, "holidays_cn.csv"), &arena, &cal, NULL);
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
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_provisional_past_the_last_notice),
        cmocka_unit_test(test_zero_and_negative),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_a_year_has_its_working_days),
        cmocka_unit_test(test_bad_tables),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
