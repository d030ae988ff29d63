/* From outside to a struct: every type with what is right and what is wrong for it, limits in code
 * points, members nobody may fill in, names of fields inside lists, and the sums of money. */
#include "corestore.h"

#define PART_FIELDS(F, S)                                                                          \
    F(S, title, STR, F_REQ, 4, "题目", none)                                                       \
    F(S, size, INT, 0, 10, "大小", none)
STRUCT(part, PART_FIELDS)
DESC(part, PART_FIELDS)

#define GROUP_FIELDS(F, S)                                                                         \
    F(S, name, STR, F_REQ, 4, "组", none)                                                          \
    F(S, parts, LIST, 0, 3, "部分", part)
STRUCT(group, GROUP_FIELDS)
DESC(group, GROUP_FIELDS)

#define FORM_FIELDS(F, S)                                                                          \
    F(S, id, INT, F_OUT, 0, "编号", none)                                                          \
    F(S, firm, INT, F_PATH, 0, "单位", none)                                                       \
    F(S, mode, STR, F_QUERY, 0, "方式", none)                                                      \
    F(S, name, STR, F_REQ, 4, "名称", none)                                                        \
    F(S, memo, STR, F_LINES, 20, "说明", none)                                                     \
    F(S, count, INT, 0, 0, "数量", none)                                                           \
    F(S, delta, INT, F_NEG, 0, "增减", none)                                                       \
    F(S, small, INT, 0, 9, "小数目", none)                                                         \
    F(S, sum, MONEY, F_NEG, 0, "金额", none)                                                       \
    F(S, yes, BOOL, 0, 0, "是否", none)                                                            \
    F(S, day, DAY, 0, 0, "日期", none)                                                             \
    F(S, at, TIME, 0, 0, "时间", none)                                                             \
    F(S, colour, CODE, 0, 0, "颜色", colour)                                                       \
    F(S, colours, CODES, 0, 0, "颜色们", colour)                                                   \
    F(S, extra, JSON, 0, 20, "其他", none)                                                         \
    F(S, print, BLOB, 0, 0, "摘要", none)                                                          \
    F(S, groups, LIST, 0, 0, "组们", group)
STRUCT(form, FORM_FIELDS)
DESC(form, FORM_FIELDS)

enum { MEMORY = 8 << 20 };

static struct core_store store;
static struct arena arena;
static struct ctx c;
static struct form form;

static int open_store(void **state)
{
    (void)state;
    core_open(&store);
    assert_int_equal(core_publish(&store, "codes",
                         "{\"colour\": [{\"code\": \"red\", \"label\": \"红\"},"
                         " {\"code\": \"blue\", \"label\": \"蓝\"}]}"),
        OK);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    core_close(&store);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, MEMORY);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void fresh(void)
{
    app_ctx(store.app, &c, &arena, NULL);
    desc_clear(&form_desc, &form);
}

/* Decodes a JSON text; the number of complaints. */
static int decode(const char *json)
{
    const struct jin *doc = NULL;
    fresh();
    assert_int_equal(jin_parse(str_z(json), 16, &doc), OK);
    decode_json(&c, &form_desc, &form, doc, S(""));
    jin_free(doc);
    return c.problem_count;
}

static bool told(const char *field, const char *code)
{
    for (const struct problem *p = c.problems; p; p = p->next)
        if (str_eqz(p->field, field) && str_eqz(p->code, code) && p->message.n)
            return true;
    return false;
}

/* The only complaint is this one. */
static void refuse(const char *json, const char *field, const char *code)
{
    int n = decode(json);
    if (n != 1 || !told(field, code))
        fail_msg("%s: %d complaints, first %.*s %.*s; wanted %s %s", json, n,
            STR_ARG(c.problems ? c.problems->field : S("-")),
            STR_ARG(c.problems ? c.problems->code : S("-")), field, code);
    assert_int_equal(checked(&c), ERR_INVALID);
}

static void accept(const char *json)
{
    if (decode(json))
        fail_msg("%s: %.*s %.*s", json, STR_ARG(c.problems->field), STR_ARG(c.problems->code));
    assert_int_equal(checked(&c), OK);
}

#define assert_text(s, want) assert_true(str_eqz((s), (want)))

/* --- types --------------------------------------------------------------------------------------
 */

struct wrong_case {
    const char *member, *field, *code;
};

static void test_wrong_types(void **state)
{
    (void)state;
    static const struct wrong_case cases[] = {
        {"\"name\": 1", "name", "type"},
        {"\"name\": true", "name", "type"},
        {"\"name\": []", "name", "type"},
        {"\"name\": {}", "name", "type"},
        {"\"count\": \"1\"", "count", "type"},
        {"\"count\": 1.0", "count", "type"},
        {"\"count\": 1e3", "count", "type"},
        {"\"count\": true", "count", "type"},
        {"\"count\": [1]", "count", "type"},
        {"\"count\": 9223372036854775808", "count", "type"},
        {"\"count\": 99999999999999999999999999", "count", "type"},
        {"\"sum\": \"1\"", "sum", "type"},
        {"\"sum\": 1.234", "sum", "type"},
        {"\"sum\": 1e2", "sum", "type"},
        {"\"sum\": {}", "sum", "type"},
        {"\"yes\": 1", "yes", "type"},
        {"\"yes\": \"true\"", "yes", "type"},
        {"\"day\": 20260101", "day", "type"},
        {"\"day\": \"2026-2-1\"", "day", "type"},
        {"\"day\": \"2026-02-30\"", "day", "type"},
        {"\"day\": \"2026-11-02T00:00:00Z\"", "day", "type"},
        {"\"at\": \"2026-11-02\"", "at", "type"},
        {"\"at\": \"2026-11-02T25:00:00Z\"", "at", "type"},
        {"\"at\": 0", "at", "type"},
        {"\"colour\": 1", "colour", "type"},
        {"\"colour\": \"green\"", "colour", "code"},
        {"\"colour\": \"Red\"", "colour", "code"},
        {"\"colours\": \"red\"", "colours", "type"},
        {"\"colours\": [1]", "colours", "type"},
        {"\"colours\": [\"red\", \"\"]", "colours", "type"},
        {"\"colours\": [\"red,blue\"]", "colours", "type"},
        {"\"colours\": [\"red\", \"green\"]", "colours", "code"},
        {"\"print\": \"00\"", "print", "unknown"},
        {"\"groups\": {}", "groups", "type"},
        {"\"groups\": \"x\"", "groups", "type"},
        {"\"groups\": [1]", "groups.0.", "type"},
        {"\"groups\": [null]", "groups.0.", "type"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *m = cases[i].member;
        bool named = strstr(m, "\"name\"") != NULL;
        struct str json = arena_fmt(&arena, "{%s%s}", named ? "" : "\"name\": \"甲\", ", m);
        refuse(json.p, cases[i].field, cases[i].code);
    }
}

static void test_right_types(void **state)
{
    (void)state;
    accept("{\"name\": \" 甲 \", \"memo\": \"一\\n二\\t三\", \"count\": 0, \"delta\": -5,"
           " \"small\": 9, \"sum\": -0.5, \"yes\": false, \"day\": \"2024-02-29\","
           " \"at\": \"1970-01-01T08:00:01+08:00\", \"colour\": \"red\","
           " \"colours\": [\"blue\", \"red\"], \"extra\": {\"a\": [1]}}");
    assert_text(form.name, "甲");
    assert_text(form.memo, "一\n二\t三");
    assert_int_equal(form.count, 0);
    assert_int_equal(form.delta, -5);
    assert_int_equal(form.small, 9);
    assert_int_equal(form.sum, -50);
    assert_int_equal(form.yes, 0);
    assert_int_equal(form.day, 19782);
    assert_int_equal(form.at, 1000);
    assert_text(form.colour, "red");
    assert_text(form.colours, "blue,red");
    assert_text(form.extra, "{\"a\":[1]}");
    assert_true(form.id == NULL_INT && form.firm == NULL_INT && !form.mode.p);
}

static void test_null_is_absent(void **state)
{
    (void)state;
    accept("{\"name\": \"甲\", \"memo\": null, \"count\": null, \"sum\": null, \"yes\": null,"
           " \"day\": null, \"colour\": null, \"colours\": null, \"groups\": null}");
    assert_true(!form.memo.p && form.count == NULL_INT && form.sum == NULL_INT);
    assert_true(form.yes == NULL_INT && form.day == NULL_INT && !form.colour.p);
    assert_true(!form.colours.p && form.groups.n == 0);
    accept(
        "{\"name\": \"甲\", \"memo\": \"  \", \"day\": \"\", \"colour\": \"\", \"colours\": []}");
    assert_true(!form.memo.p && form.day == NULL_INT && !form.colour.p && !form.colours.p);
}

static void test_only_an_object(void **state)
{
    (void)state;
    refuse("[]", "", "type");
    refuse("1", "", "type");
    refuse("\"x\"", "", "type");
}

/* --- limits -------------------------------------------------------------------------------------
 */

static void test_lengths_are_code_points(void **state)
{
    (void)state;
    accept("{\"name\": \"甲乙丙丁\"}");
    refuse("{\"name\": \"甲乙丙丁戊\"}", "name", "too_long");
    accept("{\"name\": \"𠮷𠮷𠮷𠮷\"}");
    assert_int_equal(form.name.n, 16);
    assert_text(form.name, "𠮷𠮷𠮷𠮷");
    refuse("{\"name\": \"𠮷𠮷𠮷𠮷𠮷\"}", "name", "too_long");
    accept("{\"name\": \"\\ud842\\udfb7\"}"); /* the same character, escaped */
    assert_text(form.name, "𠮷");
    accept("{\"name\": \"   abcd   \"}");
    refuse("{\"name\": \"甲\", \"extra\": \"aaaaaaaaaaaaaaaaaaaaaaaa\"}", "extra", "too_long");
}

static const char *row_of(int n)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < n; i++)
        buf_addz(&b, i ? ",{\"name\": \"甲\"}" : "{\"name\": \"甲\"}");
    const char *json = arena_fmt(&arena, "{\"name\": \"甲\", \"groups\": [%s]}", buf_z(&b)).p;
    buf_free(&b);
    return json;
}

static void test_lists_have_a_limit(void **state)
{
    (void)state;
    accept(row_of(1000));
    assert_int_equal(form.groups.n, 1000);
    refuse(row_of(1001), "groups", "too_long");
}

static void test_control_characters(void **state)
{
    (void)state;
    static const char *const bad[] = {"\\u0000", "\\u0001", "\\u001b", "\\u007f"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        refuse(arena_fmt(&arena, "{\"name\": \"a%sb\"}", bad[i]).p, "name", "control");
        refuse(arena_fmt(&arena, "{\"name\": \"甲\", \"memo\": \"a%sb\"}", bad[i]).p, "memo",
            "control");
    }
    refuse("{\"name\": \"a\\nb\"}", "name", "control"); /* one line only */
    refuse("{\"name\": \"a\\tb\"}", "name", "control");
    accept("{\"name\": \"甲\", \"memo\": \"a\\r\\nb\"}");
}

static void test_number_bounds(void **state)
{
    (void)state;
    accept("{\"name\": \"甲\", \"count\": 9007199254740991}");
    assert_int_equal(form.count, 9007199254740991);
    refuse("{\"name\": \"甲\", \"count\": 9007199254740992}", "count", "range");
    refuse("{\"name\": \"甲\", \"count\": 9223372036854775807}", "count", "range");
    refuse("{\"name\": \"甲\", \"count\": -1}", "count", "range");
    accept("{\"name\": \"甲\", \"delta\": -9007199254740991}");
    refuse("{\"name\": \"甲\", \"delta\": -9007199254740992}", "delta", "range");
    refuse("{\"name\": \"甲\", \"delta\": -9223372036854775808}", "delta", "type");
    refuse("{\"name\": \"甲\", \"small\": 10}", "small", "range");
}

struct money_case {
    const char *text;
    bool good;
    int64_t want;
};

static void test_money(void **state)
{
    (void)state;
    static const struct money_case cases[] = {
        {"0", true, 0},
        {"12", true, 1200},
        {"12.3", true, 1230},
        {"12.30", true, 1230},
        {"0.01", true, 1},
        {"-0.01", true, -1},
        {"-0.5", true, -50},
        {"-12.34", true, -1234},
        {"92233720368547758.07", true, INT64_MAX},
        {"92233720368547758.08", false, 0},
        {"92233720368547758.99", false, 0},
        {"-92233720368547758.99", false, 0},
        {"92233720368547759", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {".", false, 0},
        {".5", false, 0},
        {"5.", false, 0},
        {"1.234", false, 0},
        {"1.-1", false, 0},
        {"+1", false, 0},
        {"1e2", false, 0},
        {"1,000", false, 0},
        {"1 ", false, 0},
        {"--1", false, 0},
        {"1.2.3", false, 0},
        {"NaN", false, 0},
        {"１", false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t v = 42;
        bool good = money_parse(str_z(cases[i].text), &v);
        if (good != cases[i].good || v != (good ? cases[i].want : 42))
            fail_msg("%s: %d, %lld", cases[i].text, good, (long long)v);
    }
    refuse("{\"name\": \"甲\", \"sum\": 92233720368547758.99}", "sum", "type");
    refuse("{\"name\": \"甲\", \"sum\": 90071992547409.92}", "sum", "range");
    accept("{\"name\": \"甲\", \"sum\": 90071992547409.91}");
}

/* --- members ------------------------------------------------------------------------------------
 */

static void test_members_nobody_may_fill(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "firm", "mode", "level", "org", "Name", "name "};
    for (size_t i = 0; i < COUNT(names); i++)
        refuse(
            arena_fmt(&arena, "{\"name\": \"甲\", \"%s\": null}", names[i]).p, names[i], "unknown");
    assert_true(form.id == NULL_INT && form.firm == NULL_INT);
    refuse("{\"name\": \"甲\", \"\": 1}", "", "unknown");
    refuse("{\"name\": \"甲\", \"groups\": [{\"name\": \"a\", \"org\": 1}]}", "groups.0.org",
        "unknown");
}

static void test_required(void **state)
{
    (void)state;
    refuse("{}", "name", "required");
    refuse("{\"name\": null}", "name", "required");
    refuse("{\"name\": \"\"}", "name", "required");
    refuse("{\"name\": \" \\n \"}", "name", "required");
    refuse("{\"name\": 5}", "name", "type"); /* told once, not as missing too */
    fresh();
    decode_required(&c, &form_desc, &form, S("items.7."));
    assert_int_equal(c.problem_count, 1);
    assert_true(told("items.7.name", "required"));
}

static void test_fields_inside_lists(void **state)
{
    (void)state;
    accept("{\"name\": \"甲\", \"groups\": [{\"name\": \"a\", \"parts\": [{\"title\": \"x\","
           " \"size\": 1}, {\"title\": \"y\"}]}, {\"name\": \"b\"}]}");
    assert_int_equal(form.groups.n, 2);
    const struct group *g = form.groups.p;
    assert_int_equal(g[0].parts.n, 2);
    assert_text(((const struct part *)g[0].parts.p)[1].title, "y");
    assert_true(((const struct part *)g[0].parts.p)[1].size == NULL_INT);
    assert_int_equal(g[1].parts.n, 0);

    int n =
        decode("{\"name\": \"甲\", \"groups\": [{\"name\": \"a\"}, {\"parts\": [{\"title\": \"x\"},"
               " {\"title\": 1}, {\"size\": 11, \"title\": \"abcde\"}]}]}");
    assert_int_equal(n, 4); /* all of them at once */
    assert_true(told("groups.1.name", "required"));
    assert_true(told("groups.1.parts.1.title", "type"));
    assert_true(told("groups.1.parts.2.size", "range"));
    assert_true(told("groups.1.parts.2.title", "too_long"));
    refuse("{\"name\": \"甲\", \"groups\": [{\"name\": \"a\", \"parts\": [{},{},{},{}]}]}",
        "groups.0.parts", "too_long");
}

/* What is kept is what was checked. */
static void test_codes_are_kept_as_known(void **state)
{
    (void)state;
    accept("{\"name\": \"甲\", \"colour\": \" red \", \"colours\": [\" red\", \"blue \"]}");
    assert_text(form.colour, "red");
    assert_text(form.colours, "red,blue");
}

static void test_many_codes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_addz(&b, "{\"name\": \"甲\", \"colours\": [\"red\"");
    for (int i = 0; i < 30000; i++)
        buf_addz(&b, ",\"red\"");
    buf_addz(&b, "]}");
    refuse(buf_z(&b), "colours", "too_long");
    assert_true(!form.colours.p);
    buf_free(&b);
}

/* A body of nothing but unknown members costs no more than its complaints. */
static void test_unknown_members_are_cheap(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 2 << 20);
    buf_addz(&b, "{\"name\": \"甲\"");
    for (int i = 0; i < 60000; i++)
        buf_fmt(&b, ",\"k%d\":1", i);
    buf_addz(&b, "}");
    clock_t from = clock();
    int n = decode(buf_z(&b));
    assert_true(n > 200);
    assert_true((double)(clock() - from) / CLOCKS_PER_SEC < 1.0);
    buf_free(&b);
}

/* --- text of paths and query strings ------------------------------------------------------------
 */

struct text_case {
    const char *field, *text, *code; /* code NULL: accepted */
};

static void test_texts(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"count", "12", NULL},
        {"count", " 12 ", NULL},
        {"count", "", NULL},
        {"count", "0x10", "type"},
        {"count", "1.5", "type"},
        {"count", "９", "type"},
        {"count", "-1", "range"},
        {"count", "9007199254740992", "range"},
        {"count", "99999999999999999999", "type"},
        {"sum", "1.25", NULL},
        {"sum", "1.255", "type"},
        {"yes", "true", NULL},
        {"yes", "否", NULL},
        {"yes", "1", NULL},
        {"yes", "yes", "type"},
        {"day", "2026-11-02", NULL},
        {"day", "2026-13-02", "type"},
        {"day", "'; DROP TABLE firm; --", "type"},
        {"colour", "red", NULL},
        {"colour", "green", "code"},
        {"colours", "red,blue", NULL},
        {"colours", "red,green", "code"},
        {"colours", "red,,blue", "code"},
        {"name", "甲乙丙丁", NULL},
        {"name", "甲乙丙丁戊", "too_long"},
        {"name", "\xff\xfe", "utf8"},
        {"name", "\xc0\x80", "utf8"},
        {"name", "\xed\xa0\x80", "utf8"},
        {"name", "a\x01", "control"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        fresh();
        int at = desc_find(&form_desc, str_z(cases[i].field));
        bool good = decode_text(&c, &form_desc, &form, (size_t)at, str_z(cases[i].text));
        bool right = cases[i].code
                         ? !good && c.problem_count == 1 && told(cases[i].field, cases[i].code)
                         : good && c.problem_count == 0;
        if (!right)
            fail_msg("%s=%s", cases[i].field, cases[i].text);
    }
    fresh();
    size_t at = (size_t)desc_find(&form_desc, S("colours"));
    assert_true(decode_text(&c, &form_desc, &form, at, S("blue, red ")));
    assert_text(form.colours, "blue,red");
}

/* --- memory -------------------------------------------------------------------------------------
 */

/* A refused allocation never looks like a shorter list or an absent text: the region says so. */
static void test_refused_memory(void **state)
{
    (void)state;
    static const char json[] = "{\"name\": \"甲\", \"memo\": \"说明\", \"colours\": [\"red\"],"
                               " \"groups\": [{\"name\": \"a\", \"parts\": [{\"title\": \"x\"}]}]}";
    bool whole = false;
    for (long n = 0; !whole && n < 100; n++) {
        const struct jin *doc = NULL;
        struct arena small;
        assert_int_equal(jin_parse(str_z(json), 16, &doc), OK);
        arena_init(&small, MEMORY);
        app_ctx(store.app, &c, &small, NULL);
        desc_clear(&form_desc, &form);
        mem_fail_after(n);
        decode_json(&c, &form_desc, &form, doc, S(""));
        mem_fail_after(-1);
        whole = form.name.p && form.memo.p && form.colours.p && form.groups.n == 1;
        assert_true(whole || small.failed || c.problem_count > 0);
        arena_free(&small);
        jin_free(doc);
    }
    assert_true(whole);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_wrong_types),
        T(test_right_types),
        T(test_null_is_absent),
        T(test_only_an_object),
        T(test_lengths_are_code_points),
        T(test_lists_have_a_limit),
        T(test_control_characters),
        T(test_number_bounds),
        T(test_money),
        T(test_members_nobody_may_fill),
        T(test_required),
        T(test_fields_inside_lists),
        T(test_codes_are_kept_as_known),
        T(test_many_codes),
        T(test_unknown_members_are_cheap),
        T(test_texts),
        T(test_refused_memory),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
