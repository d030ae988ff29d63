/* The tree of authorities, and who answers for an area. */
#include "fixture.h"

static struct fixture f;

static int open_store(void **state)
{
    (void)state;
    fixture_open(&f);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* --- the tree -----------------------------------------------------------------------------------
 */

static const struct reply *below(const char *who, int64_t parent)
{
    return ASK(
        &f, .op = "org_list", .as = who, .query = {{S("parent"), str_z(fixture_id(&f, parent))}});
}

static const struct reply *search(const char *who, const char *q)
{
    return ASK(&f, .op = "org_list", .as = who, .query = {{S("q"), str_z(q)}});
}

static size_t count(const struct reply *r)
{
    return jin_len(reply_at(r, "items"));
}

static void test_tree(void **state)
{
    (void)state;
    const struct reply *r = ASK(&f, .op = "org_list", .as = "ws");
    assert_status(r, 200);
    assert_int_equal(count(r), 13); /* the county and its twelve townships */
    assert_string(r, "items.0.name", "文水县市场监督管理局");
    assert_int_equal(reply_int(r, "items.0.children"), 12);
    assert_int_equal(reply_int(r, "items.0.firms"), 1);
    assert_string(r, "items.1.name", "凤城镇执法中队");
    assert_string(r, "items.1.area_names", "凤城镇");
    assert_int_equal(reply_int(r, "items.2.firms"), 0);

    r = ASK(&f, .op = "org_list", .as = "sysadmin");
    assert_string(r, "items.0.name", "山西省市场监督管理局");
    assert_int_equal(count(r), 13);              /* eleven cities, and the 示范区 beside them */
    assert_true(reply_null(r, "items.0.firms")); /* administrators see no business data */
    assert_string(r, "items.12.name", "山西转型综合改革示范区市场监督管理局");
    assert_string(r, "items.12.area", "140171");

    r = ASK(&f, .op = "org_list", .as = "ws.fengcheng");
    assert_int_equal(count(r), 1);
    assert_status(ASK(&f, .op = "org_list", .as = "auditor"), 403);
}

static void test_tree_keeps_to_scope(void **state)
{
    (void)state;
    int64_t ws = fixture_org(&f, "141121"), jc = fixture_org(&f, "141122");
    int64_t city = fixture_org(&f, "141100"), station = fixture_org(&f, "141121100");
    assert_int_equal(count(below("ws", ws)), 12);
    assert_status(below("ws", jc), 404);
    assert_status(below("ws", city), 404);
    assert_status(below("ws", 999999999), 404);
    assert_status(below("ll", jc), 200);
    assert_int_equal(count(below("ws", station)), 0);
    assert_int_equal(count(search("ws", "凤城")), 1);
    assert_int_equal(count(search("ws", "交城")), 0);
    assert_true(count(search("sx", "凤城")) > 1);
    assert_int_equal(count(search("ll", "141121")), 13);
    assert_int_equal(count(search("ws", "ws")), 1); /* initials of 文水 */
    assert_int_equal(count(search("ws", "fc")), 1);
    assert_int_equal(count(search("sx", "%")), 0);
    assert_int_equal(count(search("sx", "_")), 0);
}

/* --- who answers --------------------------------------------------------------------------------
 */

struct answers {
    const char *area;
    int64_t day;
    struct org_row row;
    enum err e;
};

static enum err read_answer(struct ctx *c, void *arg)
{
    struct answers *x = arg;
    struct org_row row;
    x->e = org_by_area(c, str_z(x->area), x->day, &row);
    if (!x->e) {
        x->row = row;
        x->row.name = arena_str(&f.a, row.name);
    }
    return OK;
}

static const char *answers_on(const char *area, int64_t day)
{
    struct answers x = {.area = area, .day = day};
    assert_int_equal(app_read(f.app, read_answer, &x), OK);
    return x.e ? "" : x.row.name.p;
}

static int64_t today(void)
{
    return civil_today(f.app->fixed_now);
}

static const char *answers(const char *area)
{
    return answers_on(area, today());
}

static void test_who_answers(void **state)
{
    (void)state;
    assert_string_equal(answers("141121100"), "凤城镇执法中队");
    assert_string_equal(answers("141121"), "文水县市场监督管理局");
    assert_string_equal(answers("140171"), "山西转型综合改革示范区市场监督管理局");
    assert_string_equal(answers("140000"), "山西省市场监督管理局");
    assert_string_equal(answers("141121100016"), "凤城镇执法中队"); /* a village */
    assert_string_equal(answers("999999"), "");
    assert_string_equal(answers(""), "");
}

/* --- creating -----------------------------------------------------------------------------------
 */

static const struct reply *create(const char *body)
{
    return ASK(&f, .op = "org_create", .as = "sysadmin", .body = body);
}

static const char *new_org(
    long long parent, int level, const char *name, const char *area, const char *more)
{
    return fixture_text(&f,
        "{\"parent\": %lld, \"level\": %d, \"name\": \"%s\", \"area\": \"%s\"%s}", parent, level,
        name, area, more);
}

static const struct reply *edit(const char *who, int64_t org, const char *version, const char *body)
{
    return ASK(&f, .op = "org_edit", .as = who, .path = {fixture_id(&f, org)}, .if_match = version,
        .body = body);
}

static void test_create_checks(void **state)
{
    (void)state;
    long long ws = fixture_org(&f, "141121"), station = fixture_org(&f, "141121100");
    const struct reply *r = create(new_org(ws, 3, "二局", "141121", ""));
    assert_complaint(r, "level", "level");
    r = create(new_org(station, 4, "下所", "141121100", ""));
    assert_complaint(r, "level", "level");
    r = create(new_org(ws, 5, "小组", "141121100", ""));
    assert_complaint(r, "level", "range");
    r = create(new_org(ws, 4, "凤城镇执法中队", "141121100", ""));
    assert_complaint(r, "name", "taken");
    assert_complaint(r, "areas", "served");
    r = create(new_org(ws, 4, "交城所", "141122100", ""));
    assert_complaint(r, "area", "outside");
    r = create(new_org(ws, 4, "无名所", "141121999", ""));
    assert_complaint(r, "area", "area");
    r = create(new_org(ws, 4, "城区所", "141121", ""));
    assert_complaint(r, "areas", "required");
    r = create(new_org(ws, 4, "城区所", "141121", ", \"path\": \"0001.\""));
    assert_complaint(r, "path", "unknown");
    r = create(new_org(999999999LL, 4, "城区所", "141121", ""));
    assert_status(r, 404);
    r = ASK(&f, .op = "org_create", .as = "sx", .body = new_org(ws, 4, "城区所", "141121", ""));
    assert_status(r, 403);
}

/* One station takes over two townships: they end at their stations yesterday and begin at the new
 * one today. */
static void test_one_station_for_several_townships(void **state)
{
    (void)state;
    long long ws = fixture_org(&f, "141121");
    int64_t old1 = fixture_org(&f, "141121102"), old2 = fixture_org(&f, "141121103");
    const char *body = fixture_text(&f,
        "{\"parent\": %lld, \"level\": 4, \"name\": \"南片市场监督管理所\", \"area\": \"141121\","
        " \"areas\": [\"141121102\", \"141121103\", \"141121102\"]}",
        ws);
    const struct reply *r = create(body);
    assert_complaint(r, "areas", "served");
    fixture_later(&f, 48 * f.hour);
    assert_status(edit("sysadmin", old1, "1", "{\"valid_to\": \"2026-11-03\"}"), 200);
    assert_status(edit("sysadmin", old2, "1", "{\"valid_to\": \"2026-11-03\"}"), 200);
    r = create(body);
    assert_status(r, 200);
    assert_string(r, "areas", "141121102,141121103");
    assert_string(r, "area_names", "南庄镇、南安镇");
    assert_string(r, "short_name", "南片市场监督管理所");
    assert_string(r, "path", "0001.0011.0002.0013.");
    assert_string_equal(answers("141121102"), "南片市场监督管理所");
    assert_string_equal(answers_on("141121102", today() - 1), "南庄镇执法中队");
    assert_string_equal(answers("141121"), "文水县市场监督管理局");
}

static void test_zone_below_the_province(void **state)
{
    (void)state;
    long long province = fixture_org(&f, "140000");
    const struct reply *r = create(fixture_text(&f,
        "{\"parent\": %lld, \"level\": 3, \"name\": \"试验区局\", \"area\": \"140105\","
        " \"areas\": [\"140105001\"]}",
        province));
    assert_complaint(r, "areas", "served"); /* the township's station has to give it up first */
    r = create(fixture_text(&f,
        "{\"parent\": %lld, \"level\": 3, \"name\": \"试验区局\", \"area\": \"141121\","
        " \"areas\": [\"141121\"]}",
        province));
    assert_complaint(r, "areas", "served");
    /* Directly under the province, two levels down, beside the cities. */
    int64_t station = fixture_org(&f, "140105001");
    fixture_later(&f, 24 * f.hour);
    assert_status(edit("sysadmin", station, "1", "{\"valid_to\": \"2026-11-02\"}"), 200);
    r = create(fixture_text(&f,
        "{\"parent\": %lld, \"level\": 3, \"name\": \"试验区局\", \"area\": \"140105001\"}",
        province));
    assert_status(r, 200);
    assert_string(r, "path", "0001.0013.");
    assert_int_equal(reply_int(r, "level"), 3);
    assert_string_equal(answers("140105001"), "试验区局");
}

/* --- editing ------------------------------------------------------------------------------------
 */

static void test_edit(void **state)
{
    (void)state;
    int64_t id = fixture_org(&f, "141121100");
    const char *body = "{\"name\": \"凤城市场监督管理所\"}";
    assert_status(edit("sysadmin", id, NULL, body), 422);
    assert_status(edit("sx", id, "1", body), 403);
    const struct reply *r = edit("sysadmin", id, "1", body);
    assert_status(r, 200);
    assert_string(r, "name", "凤城市场监督管理所");
    assert_true(str_eqz(r->etag, "\"2\""));
    r = edit("sysadmin", id, "1", "{\"name\": \"另一个名字\"}");
    assert_status(r, 409);
    assert_string(r, "type", "stale");
    assert_string(r, "current.name", "凤城市场监督管理所");
    assert_int_equal(reply_int(r, "current.version"), 2);
    r = edit("sysadmin", id, "2", "{\"name\": \"开栅镇执法中队\"}");
    assert_complaint(r, "name", "taken");
    assert_int_equal(fixture_journal(&f, "凤城市场监督管理所"), 1);
}

static void test_edit_areas(void **state)
{
    (void)state;
    int64_t a = fixture_org(&f, "141121102");
    const struct reply *r = edit("sysadmin", a, "1", "{\"areas\": [\"141121102\", \"141121103\"]}");
    assert_complaint(r, "areas", "served");
    r = edit("sysadmin", a, "1", "{\"areas\": [\"141122100\"]}");
    assert_complaint(r, "areas", "outside");
    int64_t b = fixture_org(&f, "141121103");
    fixture_later(&f, 24 * f.hour);
    assert_status(edit("sysadmin", b, "1", "{\"valid_to\": \"2026-11-02\"}"), 200);
    r = edit("sysadmin", a, "1", "{\"areas\": [\"141121103\"]}");
    assert_status(r, 200);
    assert_string(r, "areas", "141121103");
    assert_string_equal(answers("141121103"), "南庄镇执法中队");
    assert_string_equal(answers_on("141121102", today() - 1), "南庄镇执法中队");
}

static void test_closing(void **state)
{
    (void)state;
    int64_t ws = fixture_org(&f, "141121"), root = fixture_org(&f, "140000");
    int64_t with_firm = fixture_org(&f, "141121100"), empty = fixture_org(&f, "141121101");
    const char *body = "{\"valid_to\": \"2026-11-30\"}";
    assert_complaint(edit("sysadmin", ws, "1", body), "valid_to", "children");
    assert_complaint(edit("sysadmin", with_firm, "1", body), "valid_to", "firms");
    assert_complaint(edit("sysadmin", root, "1", body), "valid_to", "root");
    assert_complaint(
        edit("sysadmin", empty, "1", "{\"valid_to\": \"2026-10-01\"}"), "valid_to", "range");
    const struct reply *r = edit("sysadmin", empty, "1", body);
    assert_status(r, 200);
    assert_string(r, "valid_to", "2026-11-30");
    assert_string_equal(
        answers_on("141121101", civil_day((struct civil){2026, 11, 30})), "开栅镇执法中队");
    assert_string_equal(
        answers_on("141121101", civil_day((struct civil){2026, 12, 1})), "文水县市场监督管理局");
}

/* --- areas --------------------------------------------------------------------------------------
 */

static const struct reply *areas(const char *name, const char *value, const char *q)
{
    if (q)
        return ASK(&f, .op = "area_list", .as = "ws",
            .query = {{str_z(name), str_z(value)}, {S("q"), str_z(q)}});
    return ASK(&f, .op = "area_list", .as = "ws", .query = {{str_z(name), str_z(value)}});
}

static void test_areas(void **state)
{
    (void)state;
    const struct reply *r = ASK(&f, .op = "area_list", .as = "auditor");
    assert_status(r, 200);
    assert_string(r, "items.0.code", "140000");
    assert_int_equal(count(areas("parent", "140000", NULL)), 11);
    r = areas("parent", "141121", NULL);
    assert_int_equal(count(r), 12);
    assert_string(r, "items.0.name", "凤城镇");
    r = areas("q", "文水", NULL);
    assert_string(r, "items.0.code", "141121");
    r = areas("q", "ws", NULL);
    assert_string(r, "items.0.name", "文水县");
    r = areas("parent", "141121", "fc"); /* townships too */
    assert_string(r, "items.0.name", "凤城镇");
    r = areas("parent", "141121", "凤城");
    assert_string(r, "items.0.code", "141121100");
    r = areas("parent", "141100", "凤城");
    assert_string(r, "items.0.code", "141121100");
    assert_int_equal(count(areas("parent", "141122", "凤城")), 0);
    assert_int_equal(count(areas("q", "\\", NULL)), 0);
    assert_status(ASK(&f, .op = "area_list"), 401);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_tree),
        T(test_tree_keeps_to_scope),
        T(test_who_answers),
        T(test_create_checks),
        T(test_one_station_for_several_townships),
        T(test_zone_below_the_province),
        T(test_edit),
        T(test_edit_areas),
        T(test_closing),
        T(test_areas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
