/* The readers: cells of every kind, what is refused and how, hostile containers, encodings. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mem.h"
#include "zip_fixture.h"

/* What was read, as text: "1:A=T:abc,B=N:12d;" — row, column, type letter, value, d for dates, f
 * for formulas, H for hidden rows. */
static char seen[1 << 16];

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *fmt, ...)
{
    size_t n = strlen(seen);
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(seen + n, sizeof seen - n, fmt, ap);
    va_end(ap);
}

static bool on_row(void *arg, const struct sheet_row *row)
{
    static const char letters[] = "-TNBEV";
    (void)arg;
    note("%u%s:", row->number, row->hidden ? "H" : "");
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        char name[4];
        (void)sheet_col_name(c->col, name);
        note("%s%s=%c", i ? "," : "", name, letters[c->type]);
        if (c->type == CELL_NUMBER || c->type == CELL_BOOL)
            note(":%.17g", c->num);
        else if (c->text.n)
            note(":%.*s", STR_ARG(c->text));
        note("%s%s", c->date ? "d" : "", c->formula ? "f" : "");
    }
    note(";");
    return true;
}

/* Reads all sheets of the file into `seen`. */
static enum sheet_err read_fd(int fd)
{
    struct sheet_book *b;
    seen[0] = 0;
    enum sheet_err e = sheet_open(fd, NULL, &b);
    if (!e) {
        for (size_t i = 0; i < sheet_count(b) && !e; i++) {
            const struct sheet_merge *m;
            size_t n;
            e = sheet_merges(b, i, &m, &n);
            for (size_t k = 0; !e && k < n; k++)
                note("[%u-%u,%u-%u%s]", m[k].row1, m[k].row2, m[k].col1, m[k].col2,
                    m[k].each ? "e" : "");
            if (!e)
                e = sheet_read(b, i, on_row, NULL);
        }
        sheet_close(b);
    }
    close(fd);
    return e;
}

static enum sheet_err read_bytes(const char *text)
{
    return read_fd(bytes_fd(text, strlen(text)));
}

static enum sheet_err read_sheet(const char *strings, const char *data)
{
    return read_fd(zip_workbook("", strings, data));
}

/* --- xlsx ---------------------------------------------------------------------------------------
 */

static void cells_of_every_kind(void **state)
{
    (void)state;
    assert_int_equal(
        read_sheet(XML_HEAD
            "<sst " NS "><si><t>甲</t></si><si><r><t>乙</t></r><r><t "
            "xml:space=\"preserve\"> 丙</t></r><rPh sb=\"0\" "
            "eb=\"1\"><t>yi</t></rPh></si><si><t>a_x000a_b_x005F_x0041_</t></si></sst>",
            "<sheetData><row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" "
            "t=\"s\"><v>1</v></c>"
            "<c r=\"C2\" t=\"s\"><v>2</v></c><c r=\"E2\" t=\"inlineStr\"><is><t>x</t><rPh><t>no</t>"
            "</rPh><r><t>y</t></r></is></c></row><row r=\"3\" hidden=\"1\"><c "
            "r=\"A3\"><v>12.5</v></c>"
            "<c r=\"B3\" s=\"1\"><v>45078</v></c><c r=\"C3\" s=\"2\"><v>1</v></c><c r=\"D3\" "
            "s=\"3\">"
            "<v>1</v></c><c r=\"E3\" s=\"4\"><v>1</v></c><c r=\"F3\" t=\"b\"><v>1</v></c><c "
            "r=\"G3\" "
            "t=\"e\"><v>#N/A</v></c></row><row><c><f>1+1</f><v>2</v></c><c><f>x</f></c><c "
            "t=\"str\">"
            "<f>y</f><v></v></c><c t=\"str\"><f>z</f></c><c t=\"str\"><f>w</f><v>ok</v></c></row>"
            "</sheetData>"),
        SHEET_OK);
    assert_string_equal(seen, "2:A=T:甲,B=T:乙 丙,C=T:a\nb_x0041_,E=T:xy;"
                              "3H:A=N:12.5,B=N:45078d,C=N:1d,D=N:1,E=N:1,F=B:1,G=E:#N/A;"
                              "4:A=N:2f,B=Vf,D=Vf,E=T:okf;");
}

static void merges_come_first_and_ordered(void **state)
{
    (void)state;
    assert_int_equal(
        read_sheet(NULL, "<sheetData><row r=\"1\"/></sheetData><mergeCells><mergeCell "
                         "ref=\"C80:C90\"/><mergeCell ref='A70:B70'/><mergeCell ref=\"A1:B2\"/>"
                         "<mergeCell ref=\"B2:A1\"/><mergeCell ref=\"nonsense\"/></mergeCells>"),
        SHEET_OK);
    assert_string_equal(seen, "[1-2,0-1][80-90,2-2]1:;");
}

/* Forty columns merged over the same rows, one column after the other: one record each firm. */
static void merges_side_by_side_are_folded(void **state)
{
    (void)state;
    assert_int_equal(
        read_sheet(NULL, "<sheetData/><mergeCells><mergeCell ref=\"C2:C4\"/><mergeCell "
                         "ref=\"A2:A4\"/><mergeCell ref=\"B2:B4\"/><mergeCell ref=\"E2:F4\"/>"
                         "<mergeCell ref=\"D2:D3\"/></mergeCells>"),
        SHEET_OK);
    assert_string_equal(seen, "[2-3,3-3][2-4,0-2e][2-4,4-5]");
    struct buf b;
    buf_init(&b, 32 << 20);
    buf_addz(&b, "<sheetData/><mergeCells>");
    for (int col = 0; col < 20; col++)
        for (int row = 0; row < 10000; row++)
            buf_fmt(&b, "<mergeCell ref=\"%c%d:%c%d\"/>", 'A' + col, 100 + 3 * row, 'A' + col,
                101 + 3 * row);
    buf_addz(&b, "</mergeCells>");
    int fd = zip_workbook("", NULL, buf_z(&b));
    struct sheet_book *book;
    const struct sheet_merge *m;
    size_t n;
    assert_int_equal(sheet_open(fd, NULL, &book), SHEET_OK);
    assert_int_equal(sheet_merges(book, 0, &m, &n), SHEET_OK);
    assert_int_equal(n, 10000);
    for (size_t i = 0; i < n; i++)
        assert_true(m[i].each && m[i].col1 == 0 && m[i].col2 == 19 && m[i].row1 == 100 + 3 * i);
    sheet_close(book);
    close(fd);
    buf_free(&b);
}

static void numbers_keep_their_value(void **state)
{
    (void)state;
    assert_int_equal(
        read_sheet(NULL, "<sheetData><row r=\"1\"><c r=\"A1\"><v>0.1</v></c><c r=\"B1\">"
                         "<v>801.6900000000001</v></c><c r=\"C1\"><v>9.114112100012345e+18</v></c>"
                         "<c r=\"D1\"><v>-3</v></c><c r=\"E1\"><v> 7 </v></c><c r=\"F1\">"
                         "<v>x1</v></c><c r=\"G1\"><v>nan</v></c></row></sheetData>"),
        SHEET_OK);
    assert_string_equal(seen,
        "1:A=N:0.10000000000000001,B=N:801.69000000000005,C=N:9.1141121000123453e+18,D=N:-3,E=N:7,"
        "F=T:x1,G=T:nan;");
}

static void date_system_1904(void **state)
{
    (void)state;
    struct sheet_book *b;
    int fd = zip_workbook("date1904=\"1\"", NULL, "<sheetData/>");
    assert_int_equal(sheet_open(fd, NULL, &b), SHEET_OK);
    assert_true(sheet_info(b, 0)->date1904);
    sheet_close(b);
    close(fd);
}

static void broken_sheets_are_refused(void **state)
{
    (void)state;
    assert_int_equal(read_sheet(NULL, "<sheetData><row r=\"1\">"), SHEET_ERR_BROKEN);
    assert_int_equal(
        read_sheet(NULL, "<sheetData><row r=\"5\"/><row r=\"4\"/></sheetData>"), SHEET_ERR_BROKEN);
    assert_int_equal(
        read_sheet(NULL, "<sheetData><row r=\"1048577\"/></sheetData>"), SHEET_ERR_TOO_MANY);
    assert_int_equal(
        read_sheet(NULL, "<sheetData><row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row></sheetData>"),
        SHEET_ERR_BROKEN);
    assert_int_equal(read_sheet(NULL, "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c>"
                                      "</row></sheetData>"),
        SHEET_ERR_BROKEN);
}

static void cell_length_is_limited(void **state)
{
    (void)state;
    size_t n = SHEET_TEXT_MAX * 3;
    char *data = malloc(n + 256);
    strcpy(data, "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>");
    char *at = data + strlen(data);
    for (int i = 0; i < SHEET_TEXT_MAX; i++, at += 3)
        memcpy(at, "字", 3);
    strcpy(at, "</t></is></c></row></sheetData>");
    assert_int_equal(read_sheet(NULL, data), SHEET_OK);
    strcpy(at, "字</t></is></c></row></sheetData>");
    assert_int_equal(read_sheet(NULL, data), SHEET_ERR_TOO_LONG);
    free(data);
}

/* --- hostile containers -------------------------------------------------------------------------
 */

static void document_types_are_refused(void **state)
{
    (void)state;
    struct zipper z;
    zip_begin(&z);
    zip_frame(&z, "", NULL);
    zip_text(&z, "xl/worksheets/sheet1.xml",
        "<?xml version=\"1.0\"?><!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&b;</t></is></c>"
        "</row></sheetData></worksheet>");
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_UNSAFE);
    zip_begin(&z);
    zip_text(&z, "_rels/.rels", "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><Relationships/>");
    zip_text(&z, "xl/workbook.xml", "<workbook/>");
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_UNSAFE);
}

static void names_that_leave_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "../../etc/passwd", "/etc/passwd", "xl/..\\..\\x.xml", "c:\\x.xml", "a/../../b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zipper z;
        zip_begin(&z);
        zip_frame(&z, "", NULL);
        zip_text(&z, names[i], "x");
        assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_UNSAFE);
    }
}

static void a_target_outside_is_refused(void **state)
{
    (void)state;
    struct zipper z;
    zip_begin(&z);
    zip_text(&z, "xl/workbook.xml",
        "<workbook " RNS "><sheets><sheet name=\"a\" r:id=\"s\"/></sheets></workbook>");
    zip_text(&z, "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"s\" Type=\"" REL
        "/worksheet\" Target=\"../../../secret.xml\"/></Relationships>");
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_UNSAFE);
}

static void a_part_twice_is_refused(void **state)
{
    (void)state;
    struct zipper z;
    zip_begin(&z);
    zip_frame(&z, "", NULL);
    zip_text(&z, "xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>");
    zip_text(&z, "xl/worksheets/SHEET1.xml", "<worksheet><sheetData/></worksheet>");
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_UNSAFE);
}

static void bombs_are_refused(void **state)
{
    (void)state;
    size_t n = 64 << 20;
    char *blank = malloc(n);
    memset(blank, ' ', n);
    memcpy(blank, "<worksheet>", 11);
    struct zipper z;
    zip_begin(&z);
    zip_frame(&z, "", NULL);
    zip_put(&z, "xl/worksheets/sheet1.xml", blank, n);
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_BOMB);
    free(blank);
}

static void too_many_entries_are_refused(void **state)
{
    (void)state;
    struct zipper z;
    zip_begin(&z);
    zip_frame(&z, "", NULL);
    for (int i = 0; i < 100000; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "x/%d", i);
        zip_put(&z, name, "", 0);
    }
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_BOMB);
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    char *data = malloc(200000);
    size_t n = 0;
    for (int i = 0; i < 20000; i++)
        n += (size_t)sprintf(data + n, "<a>");
    data[n] = 0;
    assert_int_equal(read_sheet(NULL, data), SHEET_ERR_BROKEN);
    free(data);
}

/* Every byte of a small workbook damaged in turn: an answer, never a crash. */
static void damage_anywhere_is_survived(void **state)
{
    (void)state;
    int fd = zip_workbook("", XML_HEAD "<sst><si><t>甲</t></si></sst>",
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData>");
    off_t n = lseek(fd, 0, SEEK_END);
    char *bytes = malloc((size_t)n);
    assert_int_equal(pread(fd, bytes, (size_t)n, 0), n);
    close(fd);
    size_t refused = 0;
    for (off_t i = 0; i < n; i++) {
        bytes[i] = (char)(bytes[i] ^ 0x55);
        refused += read_fd(bytes_fd(bytes, (size_t)n)) != SHEET_OK;
        bytes[i] = (char)(bytes[i] ^ 0x55);
    }
    for (off_t i = 0; i < n; i += 7)
        assert_int_not_equal(read_fd(bytes_fd(bytes, (size_t)i)), SHEET_OK);
    assert_true(refused > (size_t)n / 4);
    free(bytes);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    enum sheet_err e = SHEET_ERR_NOMEM;
    for (long i = 0; i < 400 && e; i++) {
        int fd = zip_workbook("", XML_HEAD "<sst><si><t>甲</t></si></sst>",
            "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData>"
            "<mergeCells><mergeCell ref=\"A1:A2\"/></mergeCells>");
        (void)mem_fail_after(i);
        e = read_fd(fd);
        (void)mem_fail_after(-1);
        assert_true(e == SHEET_OK || e == SHEET_ERR_NOMEM);
    }
    assert_int_equal(e, SHEET_OK);
}

/* --- what a file is -----------------------------------------------------------------------------
 */

static void other_files_are_named(void **state)
{
    (void)state;
    static const char ole[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    char locked[2048];
    memset(locked, 1, sizeof locked);
    memcpy(locked, ole, 8);
    assert_int_equal(read_fd(bytes_fd(locked, sizeof locked)), SHEET_ERR_XLS);
    for (int i = 0; i < 16; i++)
        memcpy(locked + 1000 + 2 * i, (char[]){"EncryptedPackage"[i], 0}, 2);
    assert_int_equal(read_fd(bytes_fd(locked, sizeof locked)), SHEET_ERR_ENCRYPTED);
    assert_int_equal(read_bytes(""), SHEET_ERR_EMPTY);
    assert_int_equal(read_bytes("%PDF-1.7\n…"), SHEET_ERR_PDF);
    assert_int_equal(read_bytes("\n <HTML><table><tr><td>1</td></tr></table>"), SHEET_ERR_HTML);
    assert_int_equal(read_bytes("<?xml version=\"1.0\"?><Workbook/>"), SHEET_ERR_XML);
    assert_int_equal(read_bytes("{\\rtf1 x}"), SHEET_ERR_WORD);
    assert_int_equal(read_fd(bytes_fd("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)), SHEET_ERR_UNKNOWN);
    assert_int_equal(read_fd(bytes_fd("PK\x03\x04 nonsense", 13)), SHEET_ERR_ZIP);
    struct zipper z;
    zip_begin(&z);
    zip_text(&z, "word/document.xml", "<w/>");
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_WORD);
    zip_begin(&z);
    zip_text(&z, "mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    zip_text(&z, "content.xml", "<x/>");
    assert_int_equal(read_fd(zip_end(&z)), SHEET_ERR_ODS);
    for (int e = SHEET_OK + 1; e < SHEET_ERR_COUNT; e++)
        assert_true(strlen(sheet_err_text((enum sheet_err)e)) > 20);
}

/* --- CSV ----------------------------------------------------------------------------------------
 */

static void csv_records(void **state)
{
    (void)state;
    assert_int_equal(read_bytes("a,b,,\"c\"\"d\"\r\n\r\n\"x\r\ny\",\" z \"\n,"), SHEET_OK);
    assert_string_equal(seen, "1:A=T:a,B=T:b,D=T:c\"d;2:;3:A=T:x\ny,B=T: z ;4:;");
    assert_int_equal(read_bytes("\xEF\xBB\xBF名;值\n甲;1,5\n"), SHEET_OK);
    assert_string_equal(seen, "1:A=T:名,B=T:值;2:A=T:甲,B=T:1,5;");
    assert_int_equal(read_bytes("a\tb\nc\td"), SHEET_OK);
    assert_string_equal(seen, "1:A=T:a,B=T:b;2:A=T:c,B=T:d;");
    assert_int_equal(read_bytes("a,b\rc,d\r"), SHEET_OK);
    assert_string_equal(seen, "1:A=T:a,B=T:b;2:A=T:c,B=T:d;");
    assert_int_equal(read_bytes("sep=|\na|b\n"), SHEET_OK);
    assert_string_equal(seen, "1:A=T:sep=;2:A=T:a,B=T:b;");
    assert_int_equal(read_bytes("sep=\x89\xB1"), SHEET_OK);
    assert_int_equal(read_bytes("a,\"b\nc,d\n"), SHEET_ERR_QUOTE);
}

static void csv_encodings(void **state)
{
    (void)state;
    assert_int_equal(
        read_bytes("\xC3\xFB\xB3\xC6,1\n\xC8\xBC\x95\x32\xA6\x32\x2C\x32\n"), SHEET_OK);
    assert_string_equal(seen, "1:A=T:名称,B=T:1;2:A=T:燃\xF0\xA0\x85\xA4,B=T:2;");
    assert_int_equal(read_fd(bytes_fd("\xFF\xFE\x0D\x54,\0\x31\0\n\0", 10)), SHEET_OK);
    assert_string_equal(seen, "1:A=T:名,B=T:1;");
    assert_int_equal(read_bytes("\xC3\xFB\xB3\xC6,\xFF\xFF\n"), SHEET_ERR_ENCODING);
    assert_int_equal(read_bytes("名称,\xC3\n"), SHEET_ERR_ENCODING);
    assert_int_equal(read_fd(bytes_fd("a,b\0c\n", 6)), SHEET_ERR_UNKNOWN);
}

/* Characters across the edges of every buffer. */
static void csv_long(void **state)
{
    (void)state;
    struct sheet_book *b;
    size_t n = 0;
    char *text = malloc(3 << 20);
    for (int i = 0; i < 50000; i++)
        n += (size_t)sprintf(text + n, "第%d行,文水县\xF0\xA0\x85\xA4公司\n", i);
    int fd = bytes_fd(text, n);
    assert_int_equal(sheet_open(fd, NULL, &b), SHEET_OK);
    assert_string_equal(sheet_encoding(b), "UTF-8");
    sheet_close(b);
    close(fd);
    free(text);
}

static void format_codes(void **state)
{
    (void)state;
    char name[4];
    uint32_t col;
    assert_int_equal(sheet_col_name(0, name), 1);
    assert_int_equal(sheet_col_name(SHEET_COL_MAX - 1, name), 3);
    assert_string_equal(name, "XFD");
    assert_int_equal(sheet_col_parse(str_z("AA7"), &col), 2);
    assert_int_equal(col, 26);
    assert_int_equal(sheet_col_parse(str_z("7"), &col), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_every_kind),
        cmocka_unit_test(merges_come_first_and_ordered),
        cmocka_unit_test(merges_side_by_side_are_folded),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(date_system_1904),
        cmocka_unit_test(broken_sheets_are_refused),
        cmocka_unit_test(cell_length_is_limited),
        cmocka_unit_test(document_types_are_refused),
        cmocka_unit_test(names_that_leave_are_refused),
        cmocka_unit_test(a_target_outside_is_refused),
        cmocka_unit_test(a_part_twice_is_refused),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(too_many_entries_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(damage_anywhere_is_survived),
        cmocka_unit_test(memory_may_fail_anywhere),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(csv_records),
        cmocka_unit_test(csv_encodings),
        cmocka_unit_test(csv_long),
        cmocka_unit_test(format_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
