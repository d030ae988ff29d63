/* Grades by the shipped parameters and by changed ones. */
#include "fixture.h"

#include "domain/grade.h"

static struct arena arena;
static struct size_table sizes;
static struct grade_params params;

static struct grade_input producer(int64_t staff, int64_t revenue)
{
    return (struct grade_input){
        .producer = true, .figures = {staff, revenue, NULL_INT}, .wholesale_revenue = NULL_INT};
}

static struct grade_input seller(const char *modes, int64_t staff, int64_t revenue)
{
    struct grade_input in = producer(staff, revenue);
    in.producer = false;
    in.seller = true;
    in.sale_modes = str_z(modes);
    return in;
}

static struct grade_result judge(struct grade_input in)
{
    return grade_firm(&params, &sizes, &in);
}

static bool cites(const struct grade_result *r, const char *rule)
{
    for (size_t i = 0; i < r->nrules; i++)
        if (strcmp(r->rules[i], rule) == 0)
            return true;
    return false;
}

static void test_producers(void **state)
{
    (void)state;
    static const struct {
        int64_t staff, revenue;
        char grade;
        enum level level;
    } cases[] = {{1000, 4000000, 'A', LEVEL_PROVINCE}, {1200, 3000000, 'B', LEVEL_CITY},
        {999, 4000000, 'B', LEVEL_CITY}, {299, 200000, 'C', LEVEL_COUNTY},
        {20, 30000, 'C', LEVEL_COUNTY}, {19, 30000, 'D', LEVEL_STATION},
        {0, 0, 'D', LEVEL_STATION}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct grade_result r = judge(producer(cases[i].staff, cases[i].revenue));
        assert_int_equal(r.grade, cases[i].grade);
        assert_int_equal(r.level, cases[i].level);
        assert_false(r.provisional);
        assert_true(cites(&r, "R-100"));
        assert_false(cites(&r, "M2"));
    }
}

static void test_seller_row(void **state)
{
    (void)state;
    struct grade_input in = seller("批发,零售", 200, 4000000);
    in.wholesale_revenue = 2000000;
    same(grade_seller_group(&params, &in), "wholesale"); /* exactly half */
    assert_int_equal(judge(in).grade, 'A');
    in.wholesale_revenue = 1999999;
    same(grade_seller_group(&params, &in), "retail");
    assert_int_equal(judge(in).grade, 'B');
    in.wholesale_revenue = NULL_INT;
    same(grade_seller_group(&params, &in), "retail");
    in = seller("批发", 199, 4000000);
    same(grade_seller_group(&params, &in), "wholesale");
    in = seller("零售,网络销售", 49, 2000000);
    in.wholesale_revenue = 2000000; /* without the mode, revenue alone does not make a wholesaler */
    same(grade_seller_group(&params, &in), "retail");
    in = seller("", 4, 900000);
    same(grade_seller_group(&params, &in), "retail");
    in = seller("批发,零售", 0, 0);
    in.wholesale_revenue = 0;
    same(grade_seller_group(&params, &in), "retail");
}

static void test_missing_figures_are_provisional(void **state)
{
    (void)state;
    struct grade_input in = producer(NULL_INT, 4000000);
    struct grade_result r = judge(in);
    assert_int_equal(r.grade, 'D');
    assert_true(r.provisional);
    assert_int_equal(r.stat_size, SIZE_UNKNOWN);
    assert_true(cites(&r, "M2"));
    in.certified = true;
    r = judge(in);
    assert_int_equal(r.grade, 'C');
    in = seller("零售", 5, NULL_INT);
    in.certified = true; /* the seller's own products carry the supplier's certificates */
    assert_int_equal(judge(in).grade, 'D');
}

static void test_suspect_figures(void **state)
{
    (void)state;
    struct grade_input in = producer(1000, 600000000000);
    in.suspect = true;
    struct grade_result r = judge(in);
    assert_true(r.provisional);
    assert_int_equal(r.stat_size, SIZE_UNKNOWN);
    assert_int_equal(r.grade, 'D');
    assert_true(cites(&r, "D3"));
}

static void test_both_roles_take_the_higher(void **state)
{
    (void)state;
    struct grade_input in = producer(60, 60000); /* industry: small */
    in.seller = true;
    in.sale_modes = S("零售"); /* retail: medium */
    struct grade_result r = judge(in);
    assert_int_equal(r.grade, 'B');
    assert_int_equal(r.decided, GRADE_SELLER);
    assert_int_equal(r.stat_size, SIZE_MEDIUM);
    assert_true(cites(&r, "M1"));
    struct grade_params off = params;
    off.both_higher = false;
    assert_int_equal(grade_firm(&off, &sizes, &in).grade, 'C');
}

static void test_floor_is_off_until_switched_on(void **state)
{
    (void)state;
    struct grade_input in = producer(5, 10000);
    in.products = S("水泥 普通硅酸盐水泥");
    assert_int_equal(judge(in).grade, 'D');
    struct grade_params on = params;
    on.floors_on = true;
    assert_true(on.nfloors > 0);
    struct grade_result r = grade_firm(&on, &sizes, &in);
    assert_int_equal(r.grade, 'C');
    assert_int_equal(r.level, LEVEL_COUNTY);
    assert_true(cites(&r, "M5"));
    in = producer(1000, 4000000);
    in.products = S("水泥");
    assert_int_equal(grade_firm(&on, &sizes, &in).grade, 'A');
}

static void test_no_role_no_grade(void **state)
{
    (void)state;
    struct grade_input in = {.figures = {1, 1, 1}};
    struct grade_result r = judge(in);
    assert_int_equal(r.grade, 0);
    assert_int_equal(r.level, LEVEL_NONE);
    struct grade_params none = params;
    none.provisional = false;
    in = producer(NULL_INT, NULL_INT);
    assert_int_equal(grade_firm(&none, &sizes, &in).grade, 0);
}

static void test_words(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4000);
    struct grade_result r = judge(producer(1000, 3999999));
    grade_put_basis(&params, &r, &b);
    same(buf_str(&b),
        "生产按工业标准：从业人员1000人（大型≥1000），营业收入39999.99万元（中型≥2000，"
        "未达大型40000），统计规模中型，对应市管(B级)；定为市管(B级)。依据：R-100、P1.1");
    buf_reset(&b);
    struct jw w;
    jw_init(&w, &b);
    grade_json(&r, &w);
    same(buf_str(&b),
        "{\"grade\":\"B\",\"level\":\"市\",\"provisional\":false,\"rules\":[\"R-100\",\"P1.1\"],"
        "\"sides\":[{\"role\":\"生产\",\"group\":\"industry\",\"size\":\"中型\",\"grade\":\"B\","
        "\"marks\":[{\"indicator\":\"X\",\"value\":1000,\"alone\":\"大型\",\"bound\":1000},"
        "{\"indicator\":\"Y\",\"value\":39999.99,\"alone\":\"中型\",\"bound\":2000}]}]}");
    buf_reset(&b);
    r = judge(seller("零售", NULL_INT, NULL_INT));
    grade_put_basis(&params, &r, &b);
    same(buf_str(&b),
        "销售按零售业标准：从业人员未填，营业收入未填，统计规模无法判定，暂定所管(D级)；"
        "规模数据待补，暂定所管(D级)。依据：R-100、P1.1、H2、M2");
    buf_reset(&b);
    grade_put_label(LEVEL_NONE, 0, &b);
    same(buf_str(&b), "未定级");
    buf_free(&b);
}

/* Figures as real counties sent them, with the grade they must get. */
static void test_borders_of_the_seller_rows(void **state)
{
    (void)state;
    assert_int_equal(judge(seller("批发", 26, 499558)).grade, 'C');
    assert_int_equal(judge(seller("批发", 26, 90473)).grade, 'D');
    assert_int_equal(judge(seller("零售", 36, 51404)).grade, 'C');
    assert_int_equal(judge(seller("零售", 299, 2000000)).grade, 'B');
    assert_int_equal(judge(seller("批发", 19, 500000)).grade, 'C');
    assert_int_equal(judge(seller("零售", 300, 2000000)).grade, 'A');
}

static void read_text(const char *text, enum err want)
{
    const struct jin *doc = NULL;
    struct grade_params p;
    assert_int_equal(jin_parse(str_z(text), 16, &doc), OK);
    assert_int_equal(grade_params_read(doc, &arena, &p), want);
    jin_free(doc);
}

#define SIZES                                                                                         \
    "\"grade_of_size\":[{\"size\":\"大型\",\"grade\":\"A\"},{\"size\":\"中型\",\"grade\":\"B\"}," \
    "{\"size\":\"小型\",\"grade\":\"C\"},{\"size\":\"微型\",\"grade\":\"D\"}]"
#define LEVELS                                                                                     \
    "\"levels\":[{\"grade\":\"A\",\"level\":\"省\"},{\"grade\":\"B\",\"level\":\"市\"},"         \
    "{\"grade\":\"C\",\"level\":\"县\"},{\"grade\":\"D\",\"level\":\"所\"}]"

static void test_bad_parameters(void **state)
{
    (void)state;
    read_text("{" SIZES "," LEVELS "}", OK);
    read_text("{" SIZES "}", ERR_INVALID);
    read_text("{" LEVELS "}", ERR_INVALID);
    read_text("{" SIZES "," LEVELS ",\"wholesale_share\":101}", ERR_INVALID);
    read_text("{" SIZES "," LEVELS ",\"modifiers\":[{\"no\":\"M2\",\"on\":true}]}", ERR_INVALID);
    read_text("{" SIZES "," LEVELS
              ",\"modifiers\":[{\"no\":\"M5\",\"floors\":[{\"word\":\"\",\"grade\":\"C\"}]}]}",
        ERR_INVALID);
    read_text("[]", ERR_INVALID);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    const struct jin *doc = data_json(&arena, "templates/att1.json");
    enum err e = grade_params_read(data_body(doc), &arena, &params);
    jin_free(doc);
    return e || size_parse(data_read(&arena, "size_standard_2017.csv"), &arena, &sizes, NULL);
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* M3, M4: what verified events propose, and nothing below the count. */
static void test_signals(void **state)
{
    (void)state;
    static const struct {
        struct grade_facts facts;
        unsigned signals;
    } cases[] = {{{0, 0}, 0}, {{1, 0}, GRADE_SIGNAL_M3}, {{0, 1}, 0}, {{0, 2}, GRADE_SIGNAL_M4},
        {{2, 3}, GRADE_SIGNAL_M3 | GRADE_SIGNAL_M4}};
    struct grade_params off = params;
    struct buf b;
    off.accident_on = off.hazards_on = false;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(grade_signals(&params, &cases[i].facts), cases[i].signals);
        assert_int_equal(grade_signals(&off, &cases[i].facts), 0);
    }
    assert_int_equal(params.hazards_count, 2);
    assert_int_equal(params.hazards_months, 12);
    buf_init(&b, 1000);
    grade_signal_text(&params, &cases[3].facts, GRADE_SIGNAL_M4, &b);
    assert_non_null(strstr(buf_z(&b), "M4：近12个月"));
    assert_non_null(strstr(buf_z(&b), "由上级决定"));
    buf_free(&b);
    assert_int_equal(grade_up('D'), 'C');
    assert_int_equal(grade_up('A'), 'A');
    assert_int_equal(grade_up(0), 0);
}

/* M6: a head office on its own figures and its branches'; a branch on its own; a gap undecided. */
static void test_group(void **state)
{
    (void)state;
    struct grade_params on = params;
    struct grade_input in = producer(900, 3900000);
    on.group_on = true;
    in.group = (struct grade_group){2, 100, 200000};
    struct grade_result r = grade_firm(&on, &sizes, &in);
    assert_int_equal(r.grade, 'A');
    assert_true(cites(&r, "M6"));
    assert_int_equal(grade_firm(&params, &sizes, &in).grade, 'B'); /* off by default */
    in.group.revenue = NULL_INT;
    assert_true(grade_firm(&on, &sizes, &in).provisional);
    in.group = (struct grade_group){0, 0, 0};
    r = grade_firm(&on, &sizes, &in);
    assert_int_equal(r.grade, 'B');
    assert_false(cites(&r, "M6"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_producers),
        cmocka_unit_test(test_seller_row),
        cmocka_unit_test(test_missing_figures_are_provisional),
        cmocka_unit_test(test_suspect_figures),
        cmocka_unit_test(test_both_roles_take_the_higher),
        cmocka_unit_test(test_floor_is_off_until_switched_on),
        cmocka_unit_test(test_no_role_no_grade),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_borders_of_the_seller_rows),
        cmocka_unit_test(test_bad_parameters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
