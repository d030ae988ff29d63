/* The annotated workbook: it reads back, says the verdicts, and, imported again, judges every row
 * as the original did. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "feature/import/imp_workbook.h"
#include "import_fixture.h"

enum { ROWS = 200 };

static struct fixture fx;
static char path[] = "/tmp/zhian-annotated-test.xlsx";

/* The verdicts of one run, by row of the first sheet. */
struct verdicts {
    enum imp_verdict of[ROWS];
    struct imp_workbook *book;
    size_t told;
};

static enum err on_row(void *arg, const struct imp_row *r)
{
    struct verdicts *v = arg;
    if (r->sheet == 0 && r->row < ROWS) {
        v->of[r->row] = r->verdict;
        v->told++;
    }
    return v->book ? imp_workbook_row(v->book, r) : OK;
}

static enum err on_sheet(void *arg, const struct imp_sheet *s)
{
    struct verdicts *v = arg;
    return v->book ? imp_workbook_sheet(v->book, s) : OK;
}

static void import_file(const char *file, struct verdicts *v, bool annotate)
{
    struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
    struct imp_totals totals;
    int fd = open(file, O_RDONLY);
    assert_true(fd >= 0);
    memset(v, 0, sizeof *v);
    for (int i = 0; i < ROWS; i++)
        v->of[i] = IMP_IGNORED;
    assert_int_equal(sheet_open(fd, NULL, &job.book), SHEET_OK);
    if (annotate)
        assert_int_equal(imp_workbook_open(path, job.rules, job.book, &v->book), OK);
    job.sink = (struct imp_sink){v, on_sheet, on_row};
    enum err e = imp_run(&job, &totals);
    if (annotate)
        assert_int_equal(imp_workbook_close(v->book, e), OK);
    assert_int_equal(e, OK);
    sheet_close(job.book);
    close(fd);
}

/* --- what the file says -------------------------------------------------------------------------
 */

struct reading {
    char verdict[ROWS][64], reason[ROWS][256], todo[ROWS][256];
};

static void keep(char *out, size_t size, struct str s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    memcpy(out, s.p, n);
    out[n] = 0;
}

static bool on_cells(void *arg, const struct sheet_row *row)
{
    struct reading *r = arg;
    for (size_t i = 0; i < row->n && row->number < ROWS; i++) {
        const struct cell *c = &row->cells[i];
        if (c->col == 32) /* AG, behind the last of 32 columns */
            keep(r->verdict[row->number], sizeof r->verdict[0], c->text);
        else if (c->col == 33)
            keep(r->reason[row->number], sizeof r->reason[0], c->text);
        else if (c->col == 34)
            keep(r->todo[row->number], sizeof r->todo[0], c->text);
    }
    return true;
}

static void annotated_rows(void **state)
{
    (void)state;
    static struct verdicts first, again;
    static struct reading r;
    struct sheet_book *b;
    import_file("tests/samples/ledger_messy.xlsx", &first, true);
    int fd = open(path, O_RDONLY);
    assert_int_equal(sheet_open(fd, NULL, &b), SHEET_OK);
    assert_int_equal(sheet_count(b), 5);
    assert_int_equal(sheet_read(b, 0, on_cells, &r), SHEET_OK);
    sheet_close(b);
    close(fd);
    assert_string_equal(r.verdict[4], "判定");
    assert_string_equal(r.verdict[7], "新增");
    assert_string_equal(r.verdict[34], "拒绝");
    assert_non_null(strstr(r.reason[34], "“约50人”不是合法的数"));
    assert_non_null(strstr(r.todo[34], "整数"));
    assert_string_equal(r.verdict[22], "重复");
    assert_non_null(strstr(r.reason[22], "见第7行"));
    assert_non_null(strstr(r.reason[24], "从业人员"));
    assert_non_null(strstr(r.todo[11], "建议值：91141121TTTT30053G"));
    assert_string_equal(r.verdict[136], "忽略");
    import_file(path, &again, false);
    (void)unlink(path);
    size_t same = 0;
    for (int i = 1; i < 140; i++) {
        bool formula = i == 90; /* a formula without a result is an empty cell in the copy */
        bool hidden = i == 88;  /* hidden rows are shown */
        if (!formula && !hidden && first.of[i] != again.of[i])
            print_error("row %d: %s then %s\n", i, imp_verdict_name(first.of[i]),
                imp_verdict_name(again.of[i]));
        same += first.of[i] == again.of[i];
    }
    assert_true(same >= 137);
    assert_true(first.told > 130);
}

static void failures_leave_no_file(void **state)
{
    (void)state;
    struct imp_workbook *w;
    struct sheet_book *b;
    int fd = open("tests/samples/ledger_messy.xlsx", O_RDONLY);
    assert_int_equal(sheet_open(fd, NULL, &b), SHEET_OK);
    assert_int_equal(imp_workbook_open(path, fx.rules[0], b, &w), OK);
    assert_int_equal(imp_workbook_close(w, ERR_CANCELLED), ERR_CANCELLED);
    assert_int_equal(access(path, F_OK), -1);
    sheet_close(b);
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    fixture_load(&fx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_free(&fx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotated_rows),
        cmocka_unit_test(failures_leave_no_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
