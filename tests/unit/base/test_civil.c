/* base/civil: the calendar from 1600 to 2400 and the ISO forms. */
#include "basetest.h"

#include <time.h>

#include "base/civil.h"

static int64_t day_of(int y, int m, int d)
{
    return civil_day((struct civil){y, m, d});
}

static void test_round_trip(void **state)
{
    (void)state;
    int64_t day = day_of(1600, 1, 1), last = day_of(2400, 12, 31);
    int weekday = civil_weekday(day);
    assert_int_equal(weekday, 6); /* 1600-01-01 was a Saturday */
    struct civil was = {1599, 12, 31};
    for (; day <= last; day++) {
        struct civil d = civil_of(day);
        assert_true(civil_valid(d));
        assert_int_equal(civil_day(d), day);
        bool next_day = d.year == was.year && d.month == was.month && d.day == was.day + 1;
        bool next_month = d.day == 1 && was.day == civil_month_days(was.year, was.month) &&
                          (d.month == was.month + 1 || (d.month == 1 && was.month == 12));
        assert_true(next_day || next_month);
        assert_int_equal(civil_weekday(day), weekday);
        weekday = weekday % 7 + 1;
        was = d;
    }
    assert_int_equal(last - day_of(1600, 1, 1), 801 * 365 + 195 - 1); /* leap years 1600…2400 */
}

/* The C library agrees, day by day. */
static void test_against_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -135140; day < 157000; day += 13) {
        time_t t = (time_t)day * 86400;
        struct tm tm;
        assert_non_null(gmtime_r(&t, &tm));
        struct civil d = civil_of(day);
        assert_int_equal(d.year, tm.tm_year + 1900);
        assert_int_equal(d.month, tm.tm_mon + 1);
        assert_int_equal(d.day, tm.tm_mday);
        assert_int_equal(civil_weekday(day) % 7, tm.tm_wday);
    }
}

static void test_validity(void **state)
{
    (void)state;
    static const struct civil bad[] = {{2023, 2, 29}, {1900, 2, 29}, {2023, 4, 31}, {2023, 13, 1},
        {2023, 0, 1}, {2023, 1, 0}, {2023, 1, 32}, {0, 1, 1}, {10000, 1, 1}, {2023, -1, 1}};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(civil_valid(bad[i]));
    assert_true(civil_valid((struct civil){2000, 2, 29}));
    assert_true(civil_valid((struct civil){2024, 2, 29}));
    assert_true(civil_valid((struct civil){9999, 12, 31}));
    assert_int_equal(day_of(1970, 1, 1), 0);
    assert_int_equal(day_of(2023, 5, 5), 19482);
}

static void test_parse_day(void **state)
{
    (void)state;
    int64_t day = 5;
    assert_true(civil_parse_day(S("2026-11-02"), &day));
    assert_int_equal(day, day_of(2026, 11, 2));
    static const char *const bad[] = {"", "2026-11-2", "2026/11/02", "2026-11-02 ", "2026-02-29",
        "20261102", "２０２６-11-02", "2026-1a-02", "-026-11-02", "0000-01-01"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(civil_parse_day(str_z(bad[i]), &day));
    assert_false(civil_parse_day(STR_NULL, &day));
    assert_int_equal(day, day_of(2026, 11, 2));
}

static void test_parse_time(void **state)
{
    (void)state;
    int64_t ms;
    assert_true(civil_parse_time(S("1970-01-01T00:00:00Z"), &ms) && ms == 0);
    assert_true(civil_parse_time(S("1970-01-01T08:00:00+08:00"), &ms) && ms == 0);
    assert_true(civil_parse_time(S("1970-01-01T00:00:00.001Z"), &ms) && ms == 1);
    assert_true(civil_parse_time(S("1969-12-31T19:30:00-04:30"), &ms) && ms == 0);
    assert_true(civil_parse_time(S("2026-11-02T09:00:00+08:00"), &ms));
    assert_int_equal(civil_today(ms), day_of(2026, 11, 2));
    static const char *const bad[] = {"2026-11-02T09:00:00", "2026-11-02T24:00:00Z",
        "2026-11-02T09:60:00Z", "2026-11-02T09:00:60Z", "2026-11-02 09:00:00Z",
        "2026-11-02T09:00:00.1Z", "2026-11-02T09:00:00+8:00", "2026-11-02T09:00:00+15:00",
        "2026-11-02T09:00:00Zx", "2026-02-30T09:00:00Z", "2026-11-02T09:00Z", "", "2026-11-02"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(civil_parse_time(str_z(bad[i]), &ms));
}

static void test_put(void **state)
{
    (void)state;
    char out[32];
    struct str s = {out, civil_put_day(day_of(2026, 2, 3), out)};
    same(s, "2026-02-03");
    s = (struct str){out, civil_put_day(day_of(1, 1, 1), out)};
    same(s, "0001-01-01");
    s = (struct str){out, civil_put_time(0, out)};
    same(s, "1970-01-01T08:00:00.000+08:00");
    s = (struct str){out, civil_put_time(-1, out)};
    same(s, "1970-01-01T07:59:59.999+08:00");
}

static void test_time_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int i = 0; i < 50000; i++) {
        int64_t ms = (int64_t)(next_random(&seed) % 20000000000000ULL) - 5000000000000LL, back;
        char out[32];
        struct str s = {out, civil_put_time(ms, out)};
        assert_true(civil_parse_time(s, &back));
        assert_int_equal(back, ms);
        char day[16];
        struct str d = {day, civil_put_day(civil_today(ms), day)};
        assert_true(str_starts(s, d)); /* the Shanghai day is the day of the Shanghai time */
    }
    int64_t eve;
    assert_true(civil_parse_time(S("2026-11-01T15:59:59.999Z"), &eve));
    assert_int_equal(civil_today(eve), day_of(2026, 11, 1));
    assert_int_equal(civil_today(eve + 1), day_of(2026, 11, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_against_the_c_library),
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_parse_day),
        cmocka_unit_test(test_parse_time),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_time_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
