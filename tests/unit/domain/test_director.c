/* The director duty by the shipped table. */
#include "fixture.h"

#include "domain/director.h"

static struct arena arena;
static struct director_table table;

static struct director_result judge(unsigned roles, const char *classes, enum size order_size)
{
    struct director_input in = {roles, director_classes(str_z(classes)), order_size, false, false};
    return director_judge(&table, &in);
}

static void expect(struct director_result r, enum director_need need, bool verify, const char *id)
{
    assert_int_equal(r.need, need);
    assert_int_equal(r.verify, verify);
    if (!id) {
        assert_null(r.rule);
        return;
    }
    same(r.rule->id, id);
    assert_true(utf8_len(r.rule->reason) > 5);
}

static void test_producers(void **state)
{
    (void)state;
    expect(judge(DIRECTOR_PRODUCER, "许可证", SIZE_MICRO), DIRECTOR_YES, false, "R-015a");
    expect(judge(DIRECTOR_PRODUCER, "许可证", SIZE_UNKNOWN), DIRECTOR_YES, false, "R-015a");
    expect(judge(DIRECTOR_PRODUCER, "CCC", SIZE_SMALL), DIRECTOR_YES, false, "R-015b");
    expect(judge(DIRECTOR_PRODUCER, "强制性国家标准", SIZE_MEDIUM), DIRECTOR_YES, false, "R-015c");
    expect(judge(DIRECTOR_PRODUCER, "强制性国家标准", SIZE_LARGE), DIRECTOR_YES, false, "R-015c");
    expect(judge(DIRECTOR_PRODUCER, "强制性国家标准", SIZE_SMALL), DIRECTOR_GUIDE, false, "R-015d");
    expect(
        judge(DIRECTOR_PRODUCER, "强制性国家标准", SIZE_UNKNOWN), DIRECTOR_GUIDE, true, "R-015e");
    expect(judge(DIRECTOR_PRODUCER, "均不适用", SIZE_LARGE), DIRECTOR_NO, false, NULL);
    expect(judge(DIRECTOR_PRODUCER, "", SIZE_LARGE), DIRECTOR_NO, false, NULL);
}

static void test_sellers_are_marked_unsettled(void **state)
{
    (void)state;
    expect(judge(DIRECTOR_SELLER, "CCC,强制性国家标准", SIZE_MICRO), DIRECTOR_YES, true, "R-015g");
    expect(judge(DIRECTOR_SELLER, "强制性国家标准", SIZE_MEDIUM), DIRECTOR_YES, true, "R-015h");
    expect(judge(DIRECTOR_SELLER, "强制性国家标准", SIZE_MICRO), DIRECTOR_GUIDE, true, "R-015k");
    expect(judge(DIRECTOR_SELLER, "均不适用", SIZE_LARGE), DIRECTOR_NO, false, NULL);
}

static void test_head_offices_and_platforms(void **state)
{
    (void)state;
    struct director_input in = {DIRECTOR_SELLER, DIRECTOR_STANDARD, SIZE_SMALL, true, false};
    expect(director_judge(&table, &in), DIRECTOR_YES, true, "R-015i");
    in.chain_hq = false;
    in.online_self = true;
    expect(director_judge(&table, &in), DIRECTOR_YES, true, "R-015j");
    in.classes = 0;
    expect(director_judge(&table, &in), DIRECTOR_NO, false, NULL);
    in = (struct director_input){DIRECTOR_PRODUCER, DIRECTOR_STANDARD, SIZE_SMALL, true, true};
    expect(director_judge(&table, &in), DIRECTOR_GUIDE, false, "R-015d");
}

static void test_settled_rows_win(void **state)
{
    (void)state;
    unsigned both = DIRECTOR_PRODUCER | DIRECTOR_SELLER;
    expect(judge(both, "许可证", SIZE_SMALL), DIRECTOR_YES, false, "R-015a");
    const struct director_rule rows[] = {
        {.need = DIRECTOR_YES, .verify = true, .id = S("unsettled"), .reason = S("x")},
        {.need = DIRECTOR_YES, .id = S("settled"), .reason = S("x")},
        {.need = DIRECTOR_GUIDE, .id = S("weak"), .reason = S("x")}};
    struct director_table t = {rows, COUNT(rows)};
    struct director_input in = {DIRECTOR_SELLER, 0, SIZE_UNKNOWN, false, false};
    same(director_judge(&t, &in).rule->id, "settled");
}

static void read_text(const char *text, enum err want)
{
    const struct jin *doc = NULL;
    struct director_table t;
    assert_int_equal(jin_parse(str_z(text), 16, &doc), OK);
    assert_int_equal(director_read(doc, &arena, &t), want);
    jin_free(doc);
}

#define ROW_END "\"id\":\"r\",\"reason\":\"x\"}]}"

static void test_bad_tables(void **state)
{
    (void)state;
    read_text("{\"rules\":[{\"need\":\"是\"," ROW_END, OK);
    read_text("{\"rules\":[]}", ERR_INVALID);
    read_text("{\"rules\":[{\"need\":\"也许\"," ROW_END, ERR_INVALID);
    read_text("{\"rules\":[{\"need\":\"是\",\"roles\":[\"运输\"]," ROW_END, ERR_INVALID);
    read_text("{\"rules\":[{\"need\":\"是\",\"classes\":[\"\"]," ROW_END, ERR_INVALID);
    read_text("{\"rules\":[{\"need\":\"是\",\"sizes\":[\"巨型\"]," ROW_END, ERR_INVALID);
    read_text("{\"rules\":[{\"need\":\"是\",\"id\":\"r\"}]}", ERR_INVALID);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    const struct jin *doc = data_json(&arena, "templates/director.json");
    enum err e = director_read(data_body(doc), &arena, &table);
    jin_free(doc);
    return (int)e;
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
        cmocka_unit_test(test_producers),
        cmocka_unit_test(test_sellers_are_marked_unsettled),
        cmocka_unit_test(test_head_offices_and_platforms),
        cmocka_unit_test(test_settled_rows_win),
        cmocka_unit_test(test_bad_tables),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
