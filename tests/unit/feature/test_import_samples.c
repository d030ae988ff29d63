/* Every sample ledger against its expected file: sheets, totals, and of each row the verdict, of,
 * errors and warnings as sets, suggest, diff, why and values. CSV files are their base file with
 * overrides; re-saved workbooks may have variants. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/jsonin.h"
#include "feature/import/imp_report.h"
#include "import_fixture.h"

#define SAMPLES "tests/samples"

static struct fixture fx;

static enum err keep(void *arg, struct str text)
{
    buf_add(arg, text);
    return ((struct buf *)arg)->err;
}

static enum err on_sheet(void *arg, const struct imp_sheet *s)
{
    return imp_report_sheet(arg, s);
}

static enum err on_row(void *arg, const struct imp_row *r)
{
    return imp_report_row(arg, r);
}

static enum sheet_err open_sample(const char *name, int *ret_fd, struct sheet_book **ret)
{
    char path[256];
    (void)snprintf(path, sizeof path, SAMPLES "/%s", name);
    *ret_fd = open(path, O_RDONLY);
    assert_true(*ret_fd >= 0);
    return sheet_open(*ret_fd, NULL, ret);
}

/* Imports a sample and returns its report, parsed. */
static const struct jin *report_of(const char *name, enum imp_kind kind)
{
    struct imp_job job = fixture_job(&fx, kind);
    struct imp_totals totals;
    struct buf out;
    int fd;
    buf_init(&out, 64 << 20);
    assert_int_equal(open_sample(name, &fd, &job.book), SHEET_OK);
    struct imp_report r = {.rules = job.rules, .book = job.book, .write = keep, .arg = &out};
    struct imp_report_head head = {.file = str_z(name), .as_of = job.as_of, .kind = kind};
    job.sink = (struct imp_sink){&r, on_sheet, on_row};
    assert_int_equal(imp_report_begin(&r, &head), OK);
    assert_int_equal(imp_run(&job, &totals), OK);
    assert_int_equal(imp_report_end(&r, &totals), OK);
    const struct jin *doc;
    assert_int_equal(jin_parse(buf_str(&out), 16, &doc), OK);
    buf_free(&out);
    sheet_close(job.book);
    close(fd);
    return doc;
}

static const struct jin *expected_of(const char *name)
{
    struct str text = file_read(&fx.mem, SAMPLES, name);
    const struct jin *doc;
    assert_int_equal(jin_parse(text, 16, &doc), OK);
    return doc;
}

/* --- comparing ----------------------------------------------------------------------------------
 */

static bool same(const struct jin *a, const struct jin *b);

static bool same_object(const struct jin *a, const struct jin *b)
{
    struct str key;
    const struct jin *v;
    if (jin_len(a) != jin_len(b))
        return false;
    for (size_t i = 0; jin_member(a, i, &key, &v); i++)
        if (!same(v, jin_get(b, key.p)))
            return false;
    return true;
}

static bool same(const struct jin *a, const struct jin *b)
{
    enum jin_type t = jin_type(a), u = jin_type(b);
    bool numbers = (t == JIN_INT || t == JIN_NUM) && (u == JIN_INT || u == JIN_NUM);
    if (numbers)
        return jin_num(a, -1) == jin_num(b, -2);
    if (t != u)
        return false;
    if (t == JIN_OBJ)
        return same_object(a, b);
    if (t == JIN_STR)
        return str_eq(jin_str(a), jin_str(b));
    if (t == JIN_BOOL)
        return jin_bool(a, false) == jin_bool(b, false);
    if (t != JIN_ARR)
        return true;
    bool ok = jin_len(a) == jin_len(b);
    for (size_t i = 0; ok && i < jin_len(a); i++)
        ok = same(jin_at(a, i), jin_at(b, i));
    return ok;
}

/* Arrays of {field, code} as sets; an absent one is empty. */
static bool same_findings(const struct jin *a, const struct jin *b)
{
    if (jin_len(a) != jin_len(b))
        return false;
    for (size_t i = 0; i < jin_len(a); i++) {
        bool found = false;
        for (size_t k = 0; k < jin_len(b) && !found; k++)
            found = same(jin_at(a, i), jin_at(b, k));
        if (!found)
            return false;
    }
    return true;
}

static bool verdict_fits(const struct jin *want, const struct jin *got)
{
    struct str v = jin_str(jin_get(got, "verdict"));
    if (str_eq(v, jin_str(jin_get(want, "verdict"))))
        return true;
    const struct jin *also = jin_get(want, "accept_also");
    for (size_t i = 0; i < jin_len(also); i++)
        if (str_eq(v, jin_str(jin_at(also, i))))
            return true;
    return false;
}

/* A CSV has one sheet without a name, whatever the base file calls it. */
static bool same_of(const struct jin *want, const struct jin *got, bool csv)
{
    const struct jin *a = jin_get(want, "of"), *b = jin_get(got, "of");
    if (!csv || !a || !b)
        return same(a, b);
    return jin_int(jin_get(a, "row"), 0) == jin_int(jin_get(b, "row"), -1);
}

static bool row_fits(const struct jin *want, const struct jin *got, bool csv)
{
    const char *wrong = NULL;
    if (!got)
        wrong = "row not told";
    else if (!verdict_fits(want, got))
        wrong = "verdict";
    else if (!same_findings(jin_get(want, "errors"), jin_get(got, "errors")))
        wrong = "errors";
    else if (!same_findings(jin_get(want, "warnings"), jin_get(got, "warnings")))
        wrong = "warnings";
    else if (!same_of(want, got, csv))
        wrong = "of";
    else if (!same(jin_get(want, "suggest"), jin_get(got, "suggest")))
        wrong = "suggest";
    else if (!same(jin_get(want, "diff"), jin_get(got, "diff")))
        wrong = "diff";
    else if (jin_get(want, "why") && !same(jin_get(want, "why"), jin_get(got, "why")))
        wrong = "why";
    else if (!same(jin_get(want, "values"), jin_get(got, "values")))
        wrong = "values";
    if (wrong)
        print_error("row %d (%.*s): %s\n", (int)jin_int(jin_get(want, "row"), 0),
            STR_ARG(jin_str(jin_get(want, "case"))), wrong);
    return !wrong;
}

static const struct jin *row_find(const struct jin *rows, struct str sheet, int64_t row)
{
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *r = jin_at(rows, i);
        bool here = !sheet.p || str_eq(jin_str(jin_get(r, "sheet")), sheet);
        if (here && jin_int(jin_get(r, "row"), -1) == row)
            return r;
    }
    return NULL;
}

/* Compares all rows; overrides stand in for rows of the base. */
static void compare_rows(
    const struct jin *want, const struct jin *overrides, const struct jin *got, bool csv)
{
    const struct jin *rows = jin_get(want, "rows"), *told = jin_get(got, "rows");
    size_t bad = 0, data = 0;
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *r = jin_at(rows, i);
        struct str sheet = csv ? STR_NULL : jin_str(jin_get(r, "sheet"));
        int64_t number = jin_int(jin_get(r, "row"), 0);
        const struct jin *o = row_find(overrides, STR_NULL, number);
        const struct jin *g = row_find(told, sheet, number);
        bad += !row_fits(o ? o : r, g, csv);
        data++;
    }
    for (size_t i = 0; i < jin_len(told); i++) {
        const struct jin *g = jin_at(told, i);
        struct str sheet = csv ? STR_NULL : jin_str(jin_get(g, "sheet"));
        if (row_find(rows, sheet, jin_int(jin_get(g, "row"), 0)))
            continue;
        print_error("row %d told but not expected\n", (int)jin_int(jin_get(g, "row"), 0));
        bad++;
    }
    assert_true(data > 100);
    assert_int_equal(bad, 0);
}

static void compare_sheets(const struct jin *want, const struct jin *got)
{
    static const char *const members[] = {
        "name", "verdict", "why", "header_rows", "columns", "missing"};
    const struct jin *a = jin_get(want, "sheets"), *b = jin_get(got, "sheets");
    assert_int_equal(jin_len(a), jin_len(b));
    for (size_t i = 0; i < jin_len(a); i++)
        for (size_t m = 0; m < sizeof members / sizeof *members; m++)
            assert_true(same(jin_get(jin_at(a, i), members[m]), jin_get(jin_at(b, i), members[m])));
}

/* --- the files ----------------------------------------------------------------------------------
 */

static void check_whole(const char *file, const char *expected, enum imp_kind kind)
{
    const struct jin *want = expected_of(expected), *got = report_of(file, kind);
    compare_rows(want, NULL, got, false);
    compare_sheets(want, got);
    assert_true(same(jin_get(want, "totals"), jin_get(got, "totals")));
    jin_free(got);
    jin_free(want);
}

static void check_csv(const char *file, const char *base, const char *expected, enum imp_kind kind)
{
    const struct jin *all = expected_of(base), *want = expected_of(expected);
    const struct jin *got = report_of(file, kind);
    compare_rows(all, jin_get(want, "overrides"), got, true);
    assert_true(same(jin_get(want, "totals"), jin_get(got, "totals")));
    jin_free(got);
    jin_free(want);
    jin_free(all);
}

static void messy(void **state)
{
    (void)state;
    check_whole("ledger_messy.xlsx", "ledger_messy.expected.json", IMP_PRODUCTION);
}

static void messy_other_writer(void **state)
{
    (void)state;
    const struct jin *want = expected_of("ledger_messy.expected.json");
    const struct jin *got = report_of("ledger_messy_lo.xlsx", IMP_PRODUCTION);
    const struct jin *variant = jin_at(jin_get(want, "variants"), 0);
    assert_string_equal(jin_str(jin_get(variant, "file")).p, "ledger_messy_lo.xlsx");
    compare_rows(want, jin_get(variant, "overrides"), got, false);
    compare_sheets(want, got);
    jin_free(got);
    jin_free(want);
}

static void production(void **state)
{
    (void)state;
    check_whole("ledger_production_wenshui.xlsx", "ledger_production_wenshui.expected.json",
        IMP_PRODUCTION);
    check_whole("ledger_production_wenshui_lo.xlsx", "ledger_production_wenshui.expected.json",
        IMP_PRODUCTION);
}

static void production_csv(void **state)
{
    (void)state;
    check_csv("ledger_production_wenshui_utf8bom.csv", "ledger_production_wenshui.expected.json",
        "ledger_production_wenshui_utf8bom.expected.json", IMP_PRODUCTION);
}

static void sales(void **state)
{
    (void)state;
    check_whole("ledger_sales_wenshui.xlsx", "ledger_sales_wenshui.expected.json", IMP_SALES);
}

static void sales_gbk(void **state)
{
    (void)state;
    check_csv("ledger_sales_wenshui_gbk.csv", "ledger_sales_wenshui.expected.json",
        "ledger_sales_wenshui_gbk.expected.json", IMP_SALES);
}

static void legacy_xls_is_refused(void **state)
{
    (void)state;
    struct sheet_book *b;
    int fd;
    enum sheet_err e = open_sample("ledger_sales_wenshui.xls", &fd, &b);
    assert_int_equal(e, SHEET_ERR_XLS);
    assert_non_null(strstr(sheet_err_text(e), "另存为"));
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
        cmocka_unit_test(messy),
        cmocka_unit_test(messy_other_writer),
        cmocka_unit_test(production),
        cmocka_unit_test(production_csv),
        cmocka_unit_test(sales),
        cmocka_unit_test(sales_gbk),
        cmocka_unit_test(legacy_xls_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
