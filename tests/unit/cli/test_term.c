/* Widths, tables, progress and exit codes, written to files and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/term.h"

static char text[20000];

static const char *read_back(FILE *f)
{
    fflush(f);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(term_width(S("")), 0);
    assert_int_equal(term_width(S("abc")), 3);
    assert_int_equal(term_width(S("山西汾酒")), 8);
    assert_int_equal(term_width(S("Ａ，（")), 6);    /* full-width forms */
    assert_int_equal(term_width(S("𠮷野")), 4);      /* second plane */
    assert_int_equal(term_width(S("e\xcc\x81")), 1); /* combining mark */
    assert_int_equal(term_width(S("ｱ·é")), 3);       /* half-width kana, Latin */
}

static void clips(const char *in, int columns, bool right, const char *want)
{
    struct buf b;
    buf_init(&b, 1000);
    term_clip(&b, str_z(in), columns, right);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_clip(void **state)
{
    (void)state;
    clips("ab", 4, false, "ab  ");
    clips("ab", 4, true, "  ab");
    clips("文水县局", 8, false, "文水县局");
    clips("文水县局", 7, false, "文水县…");
    clips("文水县局", 6, false, "文水… "); /* a wide character does not fit into one column */
    clips("文水", 1, false, "…");
    clips("a\tb\033[0m", 8, false, "a?b?[0m ");
}

static const struct term_column columns[] = {
    {"name", "单位", false}, {"count", "数量", true}, {"note", "备注", false}};

static struct term_table *sample(void)
{
    struct term_table *b = term_table_new(columns, 3);
    const struct str one[] = {S("山西某某食品有限公司"), S("12"), S("正常")};
    const struct str two[] = {S("甲"), S("3"), STR_NULL};
    const struct str odd[] = {S("a\"b"), S("007"), S("x\ny")};
    assert_int_equal(term_table_add(b, one), OK);
    assert_int_equal(term_table_add(b, two), OK);
    assert_int_equal(term_table_add(b, odd), OK);
    assert_int_equal(term_table_rows(b), 3);
    return b;
}

static void test_table(void **state)
{
    (void)state;
    struct term t;
    FILE *out = tmpfile();
    term_init(&t, out, out, false);
    assert_int_equal(t.mode, TERM_PLAIN);
    struct term_table *b = sample();
    term_table_print(&t, b);
    assert_string_equal(read_back(out), "单位                  数量  备注\n"
                                        "山西某某食品有限公司    12  正常\n"
                                        "甲                       3  \n"
                                        "a\"b                    007  x?y\n");
    /* a narrow terminal takes from the widest column and never breaks the alignment */
    out = tmpfile();
    t.out = out;
    t.fit = true;
    t.columns = 24;
    term_table_print(&t, b);
    assert_string_equal(read_back(out), "单位          数量  备注\n"
                                        "山西某某食…     12  正常\n"
                                        "甲               3  \n"
                                        "a\"b            007  x?y\n");
    out = tmpfile();
    term_init(&t, out, out, true);
    term_table_print(&t, b);
    assert_string_equal(read_back(out),
        "{\"name\":\"山西某某食品有限公司\",\"count\":12,\"note\":\"正常\"}\n"
        "{\"name\":\"甲\",\"count\":3,\"note\":null}\n"
        "{\"name\":\"a\\\"b\",\"count\":\"007\",\"note\":\"x\\ny\"}\n");
    term_table_free(b);
}

static int64_t fake_ms;

static int64_t fake_clock(void)
{
    return fake_ms;
}

static struct term_progress begin(struct term *t, int64_t total)
{
    struct term_progress p;
    term_progress_begin(&p, t, "读取", "行", total);
    p.clock = fake_clock;
    p.began = fake_ms = 0;
    return p;
}

static void test_progress_in_a_pipe(void **state)
{
    (void)state;
    struct term t;
    FILE *err = tmpfile();
    term_init(&t, err, err, false);
    struct term_progress p = begin(&t, 1000);
    for (int64_t i = 0; i <= 1000; i++) {
        fake_ms = i * 10;
        term_progress_at(&p, i, 1000);
    }
    term_progress_end(&p, 1000);
    const char *got = read_back(err);
    int lines = 0;
    for (const char *c = got; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 10); /* nine tenths and the end */
    assert_non_null(strstr(got, "读取：500/1000 行  每秒 100  还需 5 秒\n"));
    assert_non_null(strstr(got, "读取：1000 行，用时 10 秒\n"));
    assert_null(strchr(got, '\r'));
    assert_null(strchr(got, '\033'));
}

static void test_progress_on_a_terminal(void **state)
{
    (void)state;
    struct term t;
    FILE *err = tmpfile();
    term_init(&t, err, err, false);
    t.mode = TERM_TTY;
    t.columns = 70;
    struct term_progress p = begin(&t, 200);
    for (int64_t i = 0; i <= 200; i++) {
        fake_ms = i * 10;
        term_progress_at(&p, i, 200);
    }
    term_progress_end(&p, 200);
    const char *got = read_back(err);
    int draws = 0;
    for (const char *c = got; *c; c++)
        draws += *c == '\r';
    assert_in_range(draws, 20, 24); /* two seconds, ten times a second, and the clearing */
    assert_non_null(strstr(got, "[############............]  50%  100/200 行"));
    /* every drawing overwrites the one before exactly */
    int full = 0;
    for (char *c = strtok(text, "\r"); c; c = strtok(NULL, "\r"))
        full += term_width(str_z(c)) == 69;
    assert_in_range(full, 20, 24);
    /* a total that is not known yet */
    err = tmpfile();
    t.err = err;
    p = begin(&t, 0);
    fake_ms = 2000;
    term_progress_at(&p, 50, 0);
    term_progress_end(&p, 50);
    got = read_back(err);
    assert_non_null(strstr(got, "读取 50 行  每秒 25"));
    assert_null(strchr(got, '['));
}

static void test_progress_as_json(void **state)
{
    (void)state;
    struct term t;
    FILE *err = tmpfile();
    term_init(&t, err, err, true);
    struct term_progress p = begin(&t, 10);
    fake_ms = 1000;
    term_progress_at(&p, 5, 10);
    term_progress_end(&p, 10);
    assert_string_equal(read_back(err),
        "{\"progress\":\"读取\",\"done\":5,\"total\":10,\"ms\":1000,\"over\":false}\n"
        "{\"progress\":\"读取\",\"done\":10,\"total\":10,\"ms\":1000,\"over\":true}\n");
}

static void test_say_and_fail(void **state)
{
    (void)state;
    struct term t;
    FILE *out = tmpfile(), *err = tmpfile();
    term_init(&t, out, err, false);
    term_say(&t, TERM_GREEN, "完成 %d", 3);
    term_fail(&t, "没有 %s", "文件");
    assert_string_equal(read_back(out), "完成 3\n"); /* no colour outside a terminal */
    assert_string_equal(read_back(err), "没有 文件\n");
    out = tmpfile(), err = tmpfile();
    term_init(&t, out, err, true);
    term_say(&t, TERM_GREEN, "完成");
    term_fail(&t, "没有\"文件\"");
    assert_string_equal(read_back(out), "");
    assert_string_equal(read_back(err), "{\"error\":\"没有\\\"文件\\\"\"}\n");
    struct buf b;
    buf_init(&b, 100);
    term_paint(&b, true, TERM_RED, S("x"));
    assert_string_equal(buf_z(&b), "\033[31mx\033[0m");
    buf_free(&b);
}

static void test_exits(void **state)
{
    (void)state;
    assert_int_equal(term_exit_of(OK), 0);
    assert_int_equal(term_exit_of(ERR_INTERNAL), 1);
    assert_int_equal(term_exit_of(ERR_NOT_FOUND), 3);
    assert_int_equal(term_exit_of(ERR_CONFLICT), 4);
    assert_int_equal(term_exit_of(ERR_STALE), 4);
    assert_int_equal(term_exit_of(ERR_CORRUPT), 5);
    assert_int_equal(term_exit_of(ERR_INVALID), 6);
    assert_int_equal(term_exit_of(ERR_FORBIDDEN), 7);
    assert_int_equal(term_exit_of(ERR_BUSY), 8);
    for (int e = OK; e < ERR_COUNT; e++) {
        int code = term_exit_of((enum err)e);
        assert_non_null(term_exit_text(code)); /* every error ends with a code that is explained */
        assert_true((code == 0) == (e == OK));
    }
    int code;
    const char *meaning;
    assert_true(term_exit_at(0, &code, &meaning));
    assert_false(term_exit_at(99, &code, &meaning));
    assert_null(term_exit_text(99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_clip),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_progress_in_a_pipe),
        cmocka_unit_test(test_progress_on_a_terminal),
        cmocka_unit_test(test_progress_as_json),
        cmocka_unit_test(test_say_and_fail),
        cmocka_unit_test(test_exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
