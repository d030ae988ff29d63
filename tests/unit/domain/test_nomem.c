/* Every reader of data refuses cleanly when memory runs out at any point, and leaves its result
 * untouched. */
#include "fixture.h"

#include "base/mem.h"
#include "domain/director.h"
#include "domain/gram.h"
#include "domain/grade.h"
#include "domain/listpick.h"
#include "domain/pinyin.h"
#include "domain/workday.h"

enum { ROOM = 8 << 20 };

static struct arena arena;
static struct str sizes, holidays, letters;
static const struct jin *att1, *director, *daily;

static union {
    struct size_table size;
    struct workday_calendar calendar;
    struct pinyin pinyin;
    struct grade_params grade;
    struct director_table director;
    struct listpick_rule rule;
    struct gram_areas areas;
    unsigned char bytes[256];
} ret;

static enum err read_sizes(struct arena *a)
{
    return size_parse(sizes, a, &ret.size, NULL);
}

static enum err read_calendar(struct arena *a)
{
    return workday_parse(holidays, a, &ret.calendar, NULL);
}

static enum err read_pinyin(struct arena *a)
{
    return pinyin_parse(letters, a, &ret.pinyin, NULL);
}

static enum err read_grade(struct arena *a)
{
    return grade_params_read(data_body(att1), a, &ret.grade);
}

static enum err read_director(struct arena *a)
{
    return director_read(data_body(director), a, &ret.director);
}

static enum err read_rule(struct arena *a)
{
    return listpick_read(data_body(daily), S("daily_cement"), a, &ret.rule);
}

static enum err read_areas(struct arena *a)
{
    const struct str names[] = {S("山西省"), S("文水县")};
    return gram_areas_make(names, 2, a, &ret.areas);
}

static bool untouched(void)
{
    for (size_t i = 0; i < sizeof ret.bytes; i++)
        if (ret.bytes[i] != 0xEE)
            return false;
    return true;
}

/* Refuses the n-th chunk for n = 0, 1, … until the reader succeeds. */
static void torture(enum err (*read)(struct arena *a))
{
    enum err e = ERR_NOMEM;
    for (long n = 0; e != OK; n++) {
        struct arena a;
        arena_init(&a, ROOM);
        memset(&ret, 0xEE, sizeof ret);
        mem_fail_after(n);
        e = read(&a);
        mem_fail_after(-1);
        assert_true(e == OK || (e == ERR_NOMEM && untouched()));
        arena_free(&a);
        assert_true(n < 100);
    }
}

/* Caps the region at every size from nothing up to enough. */
static void squeeze(enum err (*read)(struct arena *a))
{
    struct arena a;
    arena_init(&a, ROOM);
    assert_int_equal(read(&a), OK);
    size_t enough = a.used, step = enough / 50 + 1;
    arena_free(&a);
    for (size_t cap = 0; cap < enough; cap += step) {
        arena_init(&a, cap);
        memset(&ret, 0xEE, sizeof ret);
        assert_int_equal(read(&a), ERR_NOMEM);
        assert_true(untouched());
        arena_free(&a);
    }
}

static void test_readers(void **state)
{
    (void)state;
    static enum err (*const readers[])(struct arena * a) = {
        read_sizes, read_calendar, read_pinyin, read_grade, read_director, read_rule, read_areas};
    for (size_t i = 0; i < COUNT(readers); i++) {
        torture(readers[i]);
        squeeze(readers[i]);
    }
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, ROOM);
    sizes = data_read(&arena, "size_standard_2017.csv");
    holidays = data_read(&arena, "holidays_cn.csv");
    letters = data_read(&arena, "pinyin_initials.txt");
    att1 = data_json(&arena, "templates/att1.json");
    director = data_json(&arena, "templates/director.json");
    daily = data_json(&arena, "templates/daily_lists/cement.json");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    jin_free(att1);
    jin_free(director);
    jin_free(daily);
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_readers)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
