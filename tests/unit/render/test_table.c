/* The writers: what goes out comes back through the readers, as text what was text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/civil.h"
#include "render/sheet.h"
#include "render/table.h"

static char path[] = "/tmp/zhian-table-test";
static struct buf seen;

static bool on_row(void *arg, const struct sheet_row *row)
{
    (void)arg;
    buf_fmt(&seen, "%u:", row->number);
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        char name[4];
        (void)sheet_col_name(c->col, name);
        buf_fmt(&seen, "%s%s=%.*s%s", i ? "|" : "", name, STR_ARG(c->text), c->date ? "(d)" : "");
        assert_false(c->formula);
    }
    buf_addz(&seen, ";");
    return true;
}

static const char *read_back(void)
{
    struct sheet_book *b;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    buf_reset(&seen);
    assert_int_equal(sheet_open(fd, NULL, &b), SHEET_OK);
    for (size_t i = 0; i < sheet_count(b); i++) {
        buf_fmt(&seen, "<%.*s>", STR_ARG(sheet_info(b, i)->name));
        assert_int_equal(sheet_read(b, i, on_row, NULL), SHEET_OK);
    }
    sheet_close(b);
    close(fd);
    (void)unlink(path);
    return buf_z(&seen);
}

static const struct table_col cols[] = {
    {{0}, {"序号", 6}, {0}, 6, false},
    {{"登记", 6}, {"单位名称", 12}, {0}, 30, true},
    {{"登记", 6}, {"区划", 6}, {"县", 3}, 0, false},
    {{"登记", 6}, {"区划", 6}, {"乡镇", 6}, 0, false},
    {{"监管", 6}, {"日期", 6}, {0}, 0, false},
    {{"监管", 6}, {"金额", 6}, {0}, 0, false},
};

static enum err write_ledger(enum table_kind kind)
{
    static const struct str lines[] = {{"填报单位：文水县", 24}};
    struct table_head head = {.sheet = S("台账[1]"),
        .title = S("附件2"),
        .lines = lines,
        .nlines = 1,
        .cols = cols,
        .ncols = 6,
        .numbers = true};
    double day = (double)civil_day((struct civil){2026, 11, 2});
    struct table_cell row[6] = {table_num(TABLE_INT, 1), table_text(S("=1+1")),
        table_text(S("文水县")), table_text(S("-凤城_x0041_\n镇,\"")), table_num(TABLE_DAY, day),
        table_num(TABLE_MONEY, 135715)};
    struct table_out *t;
    enum err e = table_open(kind, path, &t);
    if (e)
        return e;
    e = table_sheet(t, &head);
    if (!e)
        e = table_row(t, row, 6);
    row[1].tone = TONE_BAD;
    row[2] = (struct table_cell){.tone = TONE_WARN};
    if (!e)
        e = table_skip(t, 2);
    assert_int_equal(table_row_number(t), 10);
    if (!e)
        e = table_row(t, row, 2);
    return table_close(t, e);
}

static void xlsx_comes_back(void **state)
{
    (void)state;
    assert_int_equal(write_ledger(TABLE_XLSX), OK);
    assert_string_equal(read_back(), "<台账_1_>1:A=附件2;2:A=填报单位：文水县;3:B=登记|E=监管;"
                                     "4:A=序号|B=单位名称|C=区划|E=日期|F=金额;5:C=县|D=乡镇;"
                                     "6:A=1|B=2|C=3|D=4|E=5|F=6;7:A=1|B==1+1|C=文水县|D=-凤城_"
                                     "x0041_\n镇,\"|E=46328(d)|F=1357.15;"
                                     "10:A=1|B==1+1;");
}

static void csv_comes_back_harmless(void **state)
{
    (void)state;
    assert_int_equal(write_ledger(TABLE_CSV), OK);
    assert_string_equal(read_back(),
        "<>1:A=附件2;2:A=填报单位：文水县;3:B=登记|E=监管;4:A=序号|B=单位名称|C=区划|E=日期|F=金额;"
        "5:C=县|D=乡镇;6:A=1|B=2|C=3|D=4|E=5|F=6;"
        "7:A=1|B='=1+1|C=文水县|D='-凤城_x0041_\n镇,\"|E=2026-11-02|F=1357.15;8:;9:;10:A=1|B='=1+"
        "1;");
}

static void formulas_are_neutralised(void **state)
{
    (void)state;
    static const char *const evil[] = {"=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"};
    struct table_out *t;
    struct table_head head = {.sheet = S("a")};
    assert_int_equal(table_open(TABLE_CSV, path, &t), OK);
    enum err e = table_sheet(t, &head);
    for (size_t i = 0; i < 6 && !e; i++) {
        struct table_cell c[2] = {table_text(str_z(evil[i])), table_text(S("x"))};
        e = table_row(t, c, 2);
    }
    assert_int_equal(table_close(t, e), OK);
    const char *back = read_back();
    for (size_t i = 0; i < 6; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "A='%s|B=x;", i == 5 ? "\n=1" : evil[i]);
        assert_non_null(strstr(back, want));
    }
}

static void rare_characters_survive(void **state)
{
    (void)state;
    struct table_out *t;
    struct table_head head = {.sheet = S("𠅤*?")};
    assert_int_equal(table_open(TABLE_XLSX, path, &t), OK);
    enum err e = table_sheet(t, &head);
    struct table_cell c[2] = {
        table_text(S("张𬭎 <&>")), table_text(S(" 首尾 \x01\xEF\xBF\xBE"))};
    e = e ? e : table_row(t, c, 2);
    assert_int_equal(table_close(t, e), OK);
    assert_string_equal(read_back(), "<𠅤__>1:A=张𬭎 <&>|B= 首尾 \x01;");
}

static void limits_and_failures(void **state)
{
    (void)state;
    struct table_out *t;
    struct table_head head = {.sheet = S("a")};
    assert_int_equal(table_open(TABLE_CSV, "/nonexistent/dir/x.csv", &t), ERR_IO);
    assert_int_equal(table_open(TABLE_XLSX, path, &t), OK);
    assert_int_equal(table_sheet(t, &head), OK);
    char *long_text = malloc(40000);
    memset(long_text, 'x', 40000);
    struct table_cell c = table_text((struct str){long_text, 32768});
    assert_int_equal(table_row(t, &c, 1), ERR_TOO_LARGE);
    assert_int_equal(table_close(t, ERR_TOO_LARGE), ERR_TOO_LARGE);
    assert_int_equal(access(path, F_OK), -1);
    free(long_text);
    assert_int_equal(table_open(TABLE_CSV, path, &t), OK);
    assert_int_equal(table_sheet(t, &head), OK);
    assert_int_equal(table_sheet(t, &head), ERR_STATE);
    assert_int_equal(table_close(t, OK), OK);
    (void)unlink(path);
}

/* The device is reached by a link, for a failed file is removed. */
static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct table_out *t;
    struct table_head head = {.sheet = S("a")};
    (void)unlink(path);
    if (access("/dev/full", W_OK) != 0 || symlink("/dev/full", path) != 0)
        skip();
    assert_int_equal(table_open(TABLE_CSV, path, &t), OK);
    enum err e = table_sheet(t, &head);
    struct table_cell c = table_text(S("甲"));
    for (int i = 0; i < 20000 && !e; i++)
        e = table_row(t, &c, 1);
    assert_int_equal(e, ERR_DISK_FULL);
    assert_int_equal(table_close(t, e), ERR_DISK_FULL);
    assert_int_equal(access(path, F_OK), -1);
}

static int setup(void **state)
{
    (void)state;
    buf_init(&seen, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&seen);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xlsx_comes_back),
        cmocka_unit_test(csv_comes_back_harmless),
        cmocka_unit_test(formulas_are_neutralised),
        cmocka_unit_test(rare_characters_survive),
        cmocka_unit_test(limits_and_failures),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
