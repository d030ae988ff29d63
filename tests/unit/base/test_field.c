/* base/field and base/err: walks over a described struct of every type. */
#include "basetest.h"

#include "base/field.h"

#define LINE_FIELDS(F, S)                                                                          \
    F(S, code, CODE, F_REQ, 0, "代码", answer)                                                     \
    F(S, n, INT, 0, 0, "数量", none)
STRUCT(line, LINE_FIELDS)
DESC(line, LINE_FIELDS)

#define ALL_FIELDS(F, S)                                                                           \
    F(S, id, INT, F_OUT, 0, "编号", none)                                                          \
    F(S, on, BOOL, 0, 0, "启用", none)                                                             \
    F(S, name, STR, F_REQ, 120, "名称", none)                                                      \
    F(S, revenue, MONEY, 0, 0, "营业收入", none)                                                   \
    F(S, since, DAY, 0, 0, "日期", none)                                                           \
    F(S, at, TIME, 0, 0, "时间", none)                                                             \
    F(S, grade, CODE, 0, 0, "级别", grade)                                                         \
    F(S, reasons, CODES, 0, 0, "原因", entry_reason)                                               \
    F(S, extra, JSON, 0, 0, "附加", none)                                                          \
    F(S, bytes, BLOB, 0, 0, "字节", none)                                                          \
    F(S, secret, STR, F_SECRET, 0, "密码", none)                                                   \
    F(S, lines, LIST, 0, 500, "明细", line)
STRUCT(all, ALL_FIELDS)
DESC(all, ALL_FIELDS)

static struct buf b;

static int fresh(void **state)
{
    (void)state;
    buf_init(&b, 1 << 16);
    return 0;
}

static int done(void **state)
{
    (void)state;
    buf_free(&b);
    return 0;
}

static struct all sample(struct line *lines)
{
    lines[0] = (struct line){S("ok"), 2};
    lines[1] = (struct line){STR_NULL, NULL_INT};
    return (struct all){.id = 7,
        .on = 1,
        .name = S("水泥\"厂"),
        .revenue = 12350,
        .since = 19482,
        .at = 0,
        .grade = S("B"),
        .reasons = S("01,04"),
        .extra = S("{\"x\":1}"),
        .bytes = S("\x01\x02"),
        .secret = S("hush"),
        .lines = {lines, 2}};
}

static void test_descriptor(void **state)
{
    (void)state;
    assert_int_equal(all_desc.n, 12);
    assert_int_equal(desc_find(&all_desc, S("grade")), 6);
    assert_int_equal(desc_find(&all_desc, S("Grade")), -1);
    assert_string_equal(all_desc.fields[6].codes, "grade");
    assert_string_equal(all_desc.fields[6].label, "级别");
    assert_ptr_equal(all_desc.fields[11].sub, &line_desc);
    assert_int_equal(all_desc.fields[2].flags, F_REQ);
    assert_int_equal(all_desc.fields[2].max, 120);
    assert_int_equal(none_desc.n, 0);
}

static void test_clear(void **state)
{
    (void)state;
    struct all a;
    memset(&a, 0x5A, sizeof a);
    desc_clear(&all_desc, &a);
    assert_true(a.id == NULL_INT && a.on == NULL_INT && a.revenue == NULL_INT);
    assert_true(a.since == NULL_INT && a.at == NULL_INT);
    assert_true(!a.name.p && !a.extra.p && !a.bytes.p && !a.lines.p && a.lines.n == 0);
    struct jw w;
    jw_init(&w, &b);
    desc_json(&all_desc, &a, &w);
    same(buf_str(&b), "{\"id\":null,\"on\":null,\"name\":null,\"revenue\":null,\"since\":null,"
                      "\"at\":null,\"grade\":null,\"reasons\":[],\"extra\":null,\"lines\":[]}");
}

static void test_json(void **state)
{
    (void)state;
    struct line lines[2];
    struct all a = sample(lines);
    struct jw w;
    jw_init(&w, &b);
    desc_json(&all_desc, &a, &w);
    same(buf_str(&b),
        "{\"id\":7,\"on\":true,\"name\":\"水泥\\\"厂\",\"revenue\":123.5,\"since\":\"2023-05-05\","
        "\"at\":\"1970-01-01T08:00:00.000+08:00\",\"grade\":\"B\",\"reasons\":[\"01\",\"04\"],"
        "\"extra\":{\"x\":1},\"lines\":[{\"code\":\"ok\",\"n\":2},{\"code\":null,\"n\":null}]}");
    assert_true(str_find(buf_str(&b), S("hush")) < 0); /* a secret never leaves */
}

static void test_text(void **state)
{
    (void)state;
    struct line lines[2];
    struct all a = sample(lines);
    static const char *const want[] = {"7", "是", "水泥\"厂", "123.5", "2023-05-05",
        "1970-01-01T08:00:00.000+08:00", "B", "01,04", "{\"x\":1}"};
    for (size_t i = 0; i < COUNT(want); i++) {
        buf_reset(&b);
        field_text(&all_desc, &a, i, &b);
        same(buf_str(&b), want[i]);
    }
    desc_clear(&all_desc, &a);
    for (size_t i = 0; i < all_desc.n; i++) {
        buf_reset(&b);
        field_text(&all_desc, &a, i, &b);
        same(buf_str(&b), "");
    }
}

/* The bytes a seal signs: written out by hand once, they may never change. */
static void test_canonical_bytes(void **state)
{
    (void)state;
    struct line l = {S("ab"), 258};
    desc_canon(&line_desc, &l, &b);
    const char want[] = "\x06\x01\x00\x00\x00\x02"
                        "ab"
                        "\x00\x01\x00\x00\x00\x00\x00\x00\x01\x02";
    assert_int_equal(b.n, sizeof want - 1);
    assert_memory_equal(b.p, want, b.n);
    buf_reset(&b);
    l = (struct line){STR_NULL, NULL_INT};
    desc_canon(&line_desc, &l, &b);
    assert_int_equal(b.n, 4);
    assert_memory_equal(b.p, "\x06\x00\x00\x00", 4);
    buf_reset(&b);
    l = (struct line){S(""), -1};
    desc_canon(&line_desc, &l, &b);
    assert_memory_equal(
        b.p, "\x06\x01\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff", 16);
}

#define LATE_FIELDS(F, S)                                                                          \
    F(S, n, INT, 0, 0, "数", none)                                                                 \
    F(S, first, INT, F_LATE, 0, "后加一", none)                                                    \
    F(S, second, INT, F_LATE, 0, "后加二", none)
STRUCT(late, LATE_FIELDS)
DESC(late, LATE_FIELDS)

/* A column that came later changes nothing while it is absent; which one is present is told. */
static void test_canonical_bytes_of_later_columns(void **state)
{
    (void)state;
    struct late l = {1, NULL_INT, NULL_INT};
    char first[64];
    desc_canon(&late_desc, &l, &b);
    assert_int_equal(b.n, 10); /* as before the two came */
    buf_reset(&b);
    l.first = 5;
    desc_canon(&late_desc, &l, &b);
    size_t n = b.n;
    assert_in_range(n, 11, sizeof first);
    memcpy(first, b.p, n);
    buf_reset(&b);
    l = (struct late){1, NULL_INT, 5};
    desc_canon(&late_desc, &l, &b);
    assert_true(b.n != n || memcmp(first, b.p, n) != 0);
}

static size_t canon_of(const struct all *a, char *out)
{
    buf_reset(&b);
    desc_canon(&all_desc, a, &b);
    memcpy(out, b.p, b.n);
    return b.n;
}

/* Any change of any member changes the bytes; lists are not part of a record. */
static void test_canonical_bytes_tell_changes(void **state)
{
    (void)state;
    struct line lines[2];
    struct all a = sample(lines);
    char first[512], other[512];
    size_t n = canon_of(&a, first);
    for (size_t i = 0; i < all_desc.n; i++) {
        struct all c = a;
        if (all_desc.fields[i].type == FT_LIST)
            c.lines.n = 0;
        else if (field_is_text(all_desc.fields[i].type))
            *field_str(&all_desc, &c, i) = S("changed");
        else
            *field_int(&all_desc, &c, i) += 1;
        size_t m = canon_of(&c, other);
        bool equal = n == m && memcmp(first, other, n) == 0;
        assert_int_equal(equal, all_desc.fields[i].type == FT_LIST);
    }
    /* text cannot slide from one member into the next */
    struct all x = a, y = a;
    x.grade = S("AB");
    x.reasons = S("C");
    y.grade = S("A");
    y.reasons = S("BC");
    n = canon_of(&x, first);
    assert_true(canon_of(&y, other) != n || memcmp(first, other, n) != 0);
}

static void test_errors(void **state)
{
    (void)state;
    assert_int_equal(err_status(OK), 200);
    assert_string_equal(err_text(OK), "");
    for (int e = OK + 1; e < ERR_COUNT; e++) {
        int status = err_status((enum err)e);
        assert_true(status >= 400 && status < 600);
        assert_true(strlen(err_name((enum err)e)) > 0);
        assert_true((unsigned char)err_text((enum err)e)[0] >= 0xE0); /* Chinese */
        for (int k = OK; k < e; k++)
            assert_string_not_equal(err_name((enum err)e), err_name((enum err)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_descriptor, fresh, done),
        cmocka_unit_test_setup_teardown(test_clear, fresh, done),
        cmocka_unit_test_setup_teardown(test_json, fresh, done),
        cmocka_unit_test_setup_teardown(test_text, fresh, done),
        cmocka_unit_test_setup_teardown(test_canonical_bytes, fresh, done),
        cmocka_unit_test_setup_teardown(test_canonical_bytes_of_later_columns, fresh, done),
        cmocka_unit_test_setup_teardown(test_canonical_bytes_tell_changes, fresh, done),
        cmocka_unit_test_setup_teardown(test_errors, fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
