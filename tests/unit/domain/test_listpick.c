/* The daily list of a firm, chosen among the shipped ones. */
#include "fixture.h"

#include <dirent.h>

#include "domain/listpick.h"

static struct arena arena;
static struct listpick_rule rules[40];
static size_t nrules;

static void load(const char *file)
{
    char path[300];
    snprintf(path, sizeof path, "templates/daily_lists/%s", file);
    const struct jin *doc = data_json(&arena, path);
    struct str name = jin_str(jin_get(doc, "template"));
    assert_true(nrules < COUNT(rules));
    assert_int_equal(listpick_read(data_body(doc), name, &arena, &rules[nrules++]), OK);
    jin_free(doc);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 4 << 20);
    char path[300];
    snprintf(path, sizeof path, "%s/templates/daily_lists", data_dir());
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    for (struct dirent *d = readdir(dir); d; d = readdir(dir))
        if (str_ends(str_z(d->d_name), S(".json")))
            load(d->d_name);
    closedir(dir);
    return nrules < 8;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void expect(const char *role, const char *entity, const char *products, const char *want)
{
    struct listpick_firm f = {
        str_z(role), str_z(entity), str_z(products), S("许可证,强制性国家标准")};
    ptrdiff_t at = listpick_best(rules, nrules, &f);
    assert_true(at >= 0);
    same(rules[at].name, want);
}

static void test_producers(void **state)
{
    (void)state;
    expect("生产", "企业", "水泥 普通硅酸盐水泥", "daily_cement");
    expect("生产", "企业", "水泥制品 水泥管", "daily_production_general");
    expect("生产", "企业", "电线电缆 额定电压0.6/1kV电力电缆", "daily_cable");
    expect("生产", "企业", "直接接触食品的材料等相关产品 食品包装用复合膜袋", "daily_food_plastic");
    expect("生产", "企业", "化肥 复肥 复合肥料", "daily_fertiliser");
    expect(
        "生产", "企业", "工业生产资料 车用尿素 尿素水溶液（AUS 32）", "daily_production_general");
    expect("生产", "企业", "危险化学品 溶解乙炔", "daily_hazchem");
    expect("生产", "企业", "危险化学品包装物、容器 危险品包装用塑料桶", "daily_hazchem");
    expect("生产", "企业", "建筑用钢筋 热轧带肋钢筋", "daily_rebar");
    expect("生产", "企业", "铸件 灰铸铁件", "daily_foundry");
    expect("生产", "企业", "木家具", "daily_production_general");
    expect("生产", "个体工商户", "", "daily_production_general");
}

static void test_sellers(void **state)
{
    (void)state;
    expect("销售", "企业", "水泥 建筑用钢筋", "daily_sales_building");
    expect("销售", "个体工商户", "电动自行车 电动自行车乘员头盔", "daily_sales_ebike_appliance");
    expect("销售", "个体工商户", "移动电源（充电宝）", "daily_sales_ebike_appliance");
    expect("销售", "企业", "化肥 复混肥料 农用地膜", "daily_sales_farm");
    expect("销售", "个体工商户", "学生文具 玩具", "daily_sales_small");
    expect("销售", "企业", "学生文具 玩具", "daily_sales_general");
}

static void test_order_of_the_criteria(void **state)
{
    (void)state;
    const struct listpick_rule r[] = {{.name = S("general"), .role = S("生产"), .priority = 999},
        {.name = S("class"), .role = S("生产"), .classes = S("CCC,许可证")},
        {.name = S("one"), .role = S("生产"), .words = S("甲,乙")},
        {.name = S("cut"), .role = S("生产"), .words = S("丙"), .exclude = S("丙丁,戊丙")},
        {.name = S("late"), .role = S("生产"), .classes = S("许可证")},
        {.name = S("entity"), .role = S("销售"), .entity = S("企业"), .words = S("甲")}};
    struct listpick_firm f = {S("生产"), S("企业"), S(""), S("")};
    assert_int_equal(listpick_best(r, COUNT(r), &f), 0);
    f.classes = S("许可证");
    assert_int_equal(listpick_best(r, COUNT(r), &f), 1);
    f.products = S("乙");
    assert_int_equal(listpick_best(r, COUNT(r), &f), 2);
    f.products = S("丙丁 戊丙");
    assert_int_equal(listpick_best(r, COUNT(r), &f), 1);
    f.products = S("丙丁 戊丙 丙");
    assert_int_equal(listpick_best(r, COUNT(r), &f), 3);
    f.role = S("销售");
    assert_int_equal(listpick_best(r, COUNT(r), &f), -1);
    assert_int_equal(listpick_best(r, 0, &f), -1);
}

static void test_bad_bodies(void **state)
{
    (void)state;
    const struct jin *doc = NULL;
    struct listpick_rule r;
    assert_int_equal(jin_parse(S("{\"match\":{}}"), 8, &doc), OK);
    assert_int_equal(listpick_read(doc, S("x"), &arena, &r), ERR_INVALID);
    jin_free(doc);
    assert_int_equal(
        jin_parse(S("{\"role\":\"生产\",\"match\":{\"priority\":5000}}"), 8, &doc), OK);
    assert_int_equal(listpick_read(doc, S("x"), &arena, &r), ERR_INVALID);
    jin_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_producers),
        cmocka_unit_test(test_sellers),
        cmocka_unit_test(test_order_of_the_criteria),
        cmocka_unit_test(test_bad_bodies),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
