/* Times in which a post stood empty. */
#include "fixture.h"

#include "domain/vacancy.h"

#define OPEN INT64_MIN

static struct term found[8];

static size_t run(struct term *terms, size_t n, int64_t first, int64_t today)
{
    return vacancies(terms, n, (struct term){first, today}, found, 8);
}

static void expect(size_t i, int64_t from, int64_t to)
{
    assert_int_equal(found[i].from, from);
    assert_int_equal(found[i].to, to);
}

static void test_nobody_ever(void **state)
{
    (void)state;
    assert_int_equal(run(NULL, 0, 100, 120), 1);
    expect(0, 100, OPEN);
    assert_int_equal(run(NULL, 0, 121, 120), 0); /* not due yet */
}

static void test_between_and_after(void **state)
{
    (void)state;
    struct term t[] = {{130, 140}, {100, 109}, {141, 150}};
    assert_int_equal(run(t, 3, 95, 160), 3);
    expect(0, 95, 99);
    expect(1, 110, 129); /* the last day of a term is held; 141 follows 140 without a gap */
    expect(2, 151, OPEN);
}

static void test_overlaps_and_open_ends(void **state)
{
    (void)state;
    struct term t[] = {{OPEN, 105}, {103, OPEN}, {104, 104}};
    assert_int_equal(run(t, 3, 100, 200), 0);
    struct term nested[] = {{100, 150}, {110, 120}};
    assert_int_equal(run(nested, 2, 100, 150), 0);
    assert_int_equal(run(nested, 2, 100, 152), 1);
    expect(0, 151, OPEN);
}

static void test_a_term_that_has_not_begun(void **state)
{
    (void)state;
    struct term t[] = {{130, OPEN}};
    assert_int_equal(run(t, 1, 100, 120), 1);
    expect(0, 100, OPEN);
}

static void test_no_more_than_asked_for(void **state)
{
    (void)state;
    struct term t[20];
    for (int64_t i = 0; i < 20; i++)
        t[i] = (struct term){i * 10, i * 10};
    assert_int_equal(vacancies(t, 20, (struct term){0, 500}, found, 3), 3);
    expect(2, 21, 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_ever),
        cmocka_unit_test(test_between_and_after),
        cmocka_unit_test(test_overlaps_and_open_ends),
        cmocka_unit_test(test_a_term_that_has_not_begun),
        cmocka_unit_test(test_no_more_than_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
