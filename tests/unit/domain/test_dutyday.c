/* The duty calendar: single days, the status of a period, and properties of both. */
#include "fixture.h"

#include "domain/dutyday.h"

enum { WEEKDAYS = 0x1F, SIX_DAYS = 0x3F };

static struct arena arena;
static struct workday_calendar cal;

static struct duty_plan plan(const char *from)
{
    return (struct duty_plan){.from = day_of(from), .until = INT64_MAX, .week = DUTY_EVERY_DAY};
}

static void test_no_duty_before_the_orders(void **state)
{
    (void)state;
    struct duty_plan p = plan("2020-01-01");
    assert_int_equal(duty_on(&p, &cal, day_of("2023-05-04")), DUTY_NONE);
    assert_int_equal(duty_on(&p, &cal, day_of("2023-05-05")), DUTY_DUE);
    assert_int_equal(DUTY_FIRST_DAY, day_of("2023-05-05"));
}

static void test_bounds_of_the_plan(void **state)
{
    (void)state;
    struct duty_plan p = plan("2026-11-02");
    p.until = day_of("2026-11-10");
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-01")), DUTY_NONE);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-02")), DUTY_DUE);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-10")), DUTY_DUE);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-11")), DUTY_NONE);
    p.from = INT64_MIN;
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-05")), DUTY_NONE);
}

static void test_week_and_holidays(void **state)
{
    (void)state;
    struct duty_plan p = plan("2024-01-01");
    p.week = WEEKDAYS;
    assert_int_equal(duty_on(&p, NULL, day_of("2026-11-07")), DUTY_NONE); /* Saturday */
    assert_int_equal(duty_on(&p, NULL, day_of("2026-10-01")), DUTY_DUE);  /* works on holidays */
    p.holidays_off = true;
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-01")), DUTY_NONE);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-10")), DUTY_DUE); /* make-up Saturday */
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-17")), DUTY_NONE);
    p.week = SIX_DAYS;
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-17")), DUTY_DUE);
    p.week = 0;
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-12")), DUTY_NONE);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-10")), DUTY_NONE);
}

static void test_pauses_excuse_only_owed_days(void **state)
{
    (void)state;
    struct duty_pause pauses[] = {
        {day_of("2026-11-02"), day_of("2026-11-08")}, {day_of("2026-11-20"), INT64_MIN}};
    struct duty_plan p = plan("2026-01-01");
    p.week = WEEKDAYS;
    p.pauses = pauses;
    p.npauses = COUNT(pauses);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-10-30")), DUTY_DUE);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-02")), DUTY_EXCUSED);
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-07")), DUTY_NONE); /* a rest day anyway */
    assert_int_equal(duty_on(&p, &cal, day_of("2026-11-09")), DUTY_DUE);
    assert_int_equal(duty_on(&p, &cal, day_of("2030-11-20")), DUTY_EXCUSED); /* still open */
    assert_int_equal(duty_count(&p, &cal, day_of("2026-11-01"), day_of("2026-11-30")), 9);
}

static void test_pauses_must_not_overlap(void **state)
{
    (void)state;
    size_t at = 99;
    struct duty_pause apart[] = {{30, 40}, {10, 20}, {21, 29}, {41, INT64_MIN}};
    assert_true(duty_pauses_valid(apart, COUNT(apart), &at));
    assert_true(duty_pauses_valid(NULL, 0, &at));
    struct duty_pause touching[] = {{10, 20}, {20, 30}};
    assert_false(duty_pauses_valid(touching, 2, &at));
    assert_int_equal(at, 1);
    struct duty_pause inside[] = {{10, 20}, {12, 13}};
    assert_false(duty_pauses_valid(inside, 2, NULL));
    struct duty_pause behind_open[] = {{10, INT64_MIN}, {50, 60}};
    assert_false(duty_pauses_valid(behind_open, 2, NULL));
    struct duty_pause two_open[] = {{10, INT64_MIN}, {5, INT64_MIN}};
    assert_false(duty_pauses_valid(two_open, 2, NULL));
    struct duty_pause backwards[] = {{10, 9}};
    assert_false(duty_pauses_valid(backwards, 1, &at));
    assert_int_equal(at, 0);
}

static void test_status(void **state)
{
    (void)state;
    int64_t none = INT64_MIN, day = day_of("2026-11-02"), n = DUTY_MISSING_AFTER;
    assert_int_equal(duty_status(DUTY_DUE, day, day - 1, none, n), DAY_NOT_YET);
    assert_int_equal(duty_status(DUTY_DUE, day, day, none, n), DAY_DUE);
    assert_int_equal(duty_status(DUTY_DUE, day, day + 2, none, n), DAY_DUE);
    assert_int_equal(duty_status(DUTY_DUE, day, day + 3, none, n), DAY_MISSING);
    assert_int_equal(duty_status(DUTY_DUE, day, day + 1, none, 0), DAY_MISSING);
    assert_int_equal(duty_status(DUTY_DUE, day, day, day, n), DAY_ON_TIME);
    assert_int_equal(duty_status(DUTY_DUE, day, day + 9, day, n), DAY_ON_TIME);
    assert_int_equal(duty_status(DUTY_DUE, day, day + 9, day + 1, n), DAY_LATE);
    assert_int_equal(duty_status(DUTY_DUE, day, day + 9, day + 9, n), DAY_LATE);
    assert_int_equal(duty_status(DUTY_EXCUSED, day, day + 9, none, n), DAY_EXCUSED);
    assert_int_equal(duty_status(DUTY_NONE, day, day + 9, none, n), DAY_NOT_OWED);
    for (int s = 0; s < DAY_STATUSES; s++) {
        assert_true(strlen(duty_status_code((enum duty_status)s)) > 0);
        assert_true(strlen(duty_status_label((enum duty_status)s)) > 0);
    }
}

/* For any plan: pausing never adds a due day, an excused day was due without pauses, widening the
 * week never removes one (holidays aside), nothing is owed outside [from, until]. */
static void test_plan_properties(void **state)
{
    (void)state;
    uint64_t seed = 40;
    int64_t least = day_of("2023-01-01"), most = day_of("2026-12-31");
    for (int i = 0; i < 20000; i++) {
        int64_t day = random_in(&seed, least, most);
        struct duty_pause pause = {day - random_in(&seed, 0, 5), day + random_in(&seed, -5, 5)};
        struct duty_plan p = {.from = random_in(&seed, least, most),
            .until = random_in(&seed, least, most),
            .week = (unsigned)random_in(&seed, 0, DUTY_EVERY_DAY),
            .holidays_off = i % 2};
        enum duty bare = duty_on(&p, &cal, day);
        p.pauses = &pause;
        p.npauses = 1;
        enum duty paused = duty_on(&p, &cal, day);
        assert_true(bare != DUTY_EXCUSED);
        assert_true(paused == bare || (bare == DUTY_DUE && paused == DUTY_EXCUSED));
        if (day < p.from || day > p.until)
            assert_int_equal(paused, DUTY_NONE);
        p.week |= (unsigned)random_in(&seed, 0, DUTY_EVERY_DAY);
        p.npauses = 0;
        if (bare == DUTY_DUE)
            assert_int_equal(duty_on(&p, &cal, day), DUTY_DUE);
    }
}

/* Time only moves a day forward: not yet -> due -> missing; a filed day keeps its status for ever.
 */
static void test_status_properties(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 5000; i++) {
        int64_t day = random_in(&seed, 19500, 21000), n = random_in(&seed, 0, 5);
        enum duty_status was = DAY_NOT_YET;
        for (int64_t today = day - 2; today <= day + 10; today++) {
            enum duty_status now = duty_status(DUTY_DUE, day, today, INT64_MIN, n);
            assert_true(now == was || (was == DAY_NOT_YET && now == DAY_DUE) ||
                        (was == DAY_DUE && now == DAY_MISSING));
            was = now;
        }
        assert_int_equal(was, DAY_MISSING);
        int64_t filed = day + random_in(&seed, 0, 9);
        enum duty_status first = duty_status(DUTY_DUE, day, filed, filed, n);
        assert_int_equal(first, filed == day ? DAY_ON_TIME : DAY_LATE);
        assert_int_equal(duty_status(DUTY_DUE, day, filed + 400, filed, n), first);
    }
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
        cmocka_unit_test(test_no_duty_before_the_orders),
        cmocka_unit_test(test_bounds_of_the_plan),
        cmocka_unit_test(test_week_and_holidays),
        cmocka_unit_test(test_pauses_excuse_only_owed_days),
        cmocka_unit_test(test_pauses_must_not_overlap),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_plan_properties),
        cmocka_unit_test(test_status_properties),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
