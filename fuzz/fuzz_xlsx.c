/* The spreadsheet readers and the import rules behind them. An input is a whole file; or, when it
 * begins with one of the letters below and a line break, one part of a workbook whose other parts
 * are given, put into a stored archive, so that mutation reaches the XML behind the checksums.
 *
 *   S sheet   T shared strings   Y styles   W workbook   R relations of the workbook
 *
 * Checked beyond memory errors: rows and columns ascend, texts are UTF-8 and not too long, and the
 * import tells every row once. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../tests/unit/feature/import_fixture.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { FILE_MAX_BYTES = 4 << 20, PARTS = 6, ROWS_MAX = 5000 };

static const struct {
    char letter;
    const char *name, *text;
} parts[PARTS] = {
    {0, "_rels/.rels",
        "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" "
        "Target=\"xl/workbook.xml\"/></Relationships>"},
    {'W', "xl/workbook.xml",
        "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" r:id=\"s\"/></sheets></workbook>"},
    {'R', "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"s\" Type=\"x/worksheet\" Target=\"sheet.xml\"/>"
        "<Relationship Id=\"t\" Type=\"x/sharedStrings\" Target=\"strings.xml\"/>"
        "<Relationship Id=\"y\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>"},
    {'S', "xl/sheet.xml",
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\" s=\"1\"><v>0</v></c><c r=\"B1\" "
        "s=\"1\"><v>45078</v></c></row></sheetData></worksheet>"},
    {'T', "xl/strings.xml", "<sst><si><t>单位名称</t></si></sst>"},
    {'Y', "xl/styles.xml",
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
};

static struct fixture fx;
static bool loaded;

/* --- a stored archive ---------------------------------------------------------------------------
 */

static uint32_t crc_of(struct str s)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void put_le(struct buf *b, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_addc(b, (char)(v >> (8 * i)));
}

/* What the local and the central header of an entry share. */
static void put_common(struct buf *b, struct str name, struct str body)
{
    put_le(b, 20, 2);
    put_le(b, 0, 4); /* flags and method: stored */
    put_le(b, 0, 4); /* time */
    put_le(b, crc_of(body), 4);
    put_le(b, (uint32_t)body.n, 4);
    put_le(b, (uint32_t)body.n, 4);
    put_le(b, (uint32_t)name.n, 2);
    put_le(b, 0, 2);
}

static void archive_build(struct buf *out, char letter, struct str body)
{
    struct buf dir;
    buf_init(&dir, 1 << 20);
    for (int i = 0; i < PARTS; i++) {
        struct str name = str_z(parts[i].name);
        struct str text = parts[i].letter == letter ? body : str_z(parts[i].text);
        uint32_t at = (uint32_t)out->n;
        put_le(out, 0x04034B50, 4);
        put_common(out, name, text);
        buf_add(out, name);
        buf_add(out, text);
        put_le(&dir, 0x02014B50, 4);
        put_le(&dir, 20, 2);
        put_common(&dir, name, text);
        put_le(&dir, 0, 4); /* comment, disk */
        put_le(&dir, 0, 4); /* attributes */
        put_le(&dir, 0, 2);
        put_le(&dir, at, 4);
        buf_add(&dir, name);
    }
    uint32_t from = (uint32_t)out->n;
    buf_add(out, buf_str(&dir));
    put_le(out, 0x06054B50, 4);
    put_le(out, 0, 4);
    put_le(out, PARTS, 2);
    put_le(out, PARTS, 2);
    put_le(out, (uint32_t)dir.n, 4);
    put_le(out, from, 4);
    put_le(out, 0, 2);
    buf_free(&dir);
}

/* --- reading ------------------------------------------------------------------------------------
 */

struct seen {
    uint32_t last, rows;
};

static bool on_row(void *arg, const struct sheet_row *row)
{
    struct seen *s = arg;
    if (row->number <= s->last)
        abort();
    s->last = row->number;
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        if (i && c->col <= row->cells[i - 1].col)
            abort();
        if (!utf8_valid(c->text) || utf8_len(c->text) > SHEET_TEXT_MAX)
            abort();
    }
    return ++s->rows < ROWS_MAX;
}

static void read_all(int fd)
{
    struct sheet_book *b;
    if (sheet_open(fd, NULL, &b) != SHEET_OK)
        return;
    for (size_t i = 0; i < sheet_count(b); i++) {
        struct seen s = {0};
        const struct sheet_merge *m;
        size_t n;
        if (sheet_merges(b, i, &m, &n) != SHEET_OK || sheet_read(b, i, on_row, &s) != SHEET_OK)
            break;
    }
    sheet_close(b);
}

struct told {
    uint32_t sheet, row, rows;
};

static enum err on_told(void *arg, const struct imp_row *r)
{
    struct told *t = arg;
    bool again = t->rows && r->sheet == t->sheet && r->row <= t->row;
    if (again || r->verdict >= IMP_VERDICTS || (r->verdict == IMP_REJECTED) != (r->nerrors > 0))
        abort();
    t->sheet = r->sheet;
    t->row = r->row;
    return ++t->rows < ROWS_MAX ? OK : ERR_CANCELLED;
}

static void import_all(int fd, enum imp_kind kind)
{
    struct imp_job job = fixture_job(&fx, kind);
    struct imp_totals totals;
    struct told told = {0};
    if (sheet_open(fd, NULL, &job.book) != SHEET_OK)
        return;
    job.sink.arg = &told;
    job.sink.row = on_told;
    enum err e = imp_run(&job, &totals);
    bool known = e == OK || e == ERR_UNSUPPORTED || e == ERR_CANCELLED || e == ERR_TOO_LARGE ||
                 e == ERR_NOMEM || e == ERR_IO;
    if (!known || (e == ERR_UNSUPPORTED) != (totals.file > SHEET_OK && e == ERR_UNSUPPORTED))
        abort();
    sheet_close(job.book);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > FILE_MAX_BYTES)
        return 0;
    if (!loaded)
        fixture_load(&fx);
    loaded = true;
    struct str input = {(const char *)data, n};
    struct buf file;
    buf_init(&file, 2 * FILE_MAX_BYTES);
    bool part = n > 2 && input.p[1] == '\n' && memchr("STYWR", input.p[0], 5);
    if (part)
        archive_build(&file, input.p[0], str_sub(input, 2, n));
    else
        buf_add(&file, input);
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd >= 0 && !file.err && write(fd, buf_str(&file).p, file.n) == (ssize_t)file.n) {
        read_all(fd);
        import_all(fd, n & 1 ? IMP_SALES : IMP_PRODUCTION);
    }
    if (fd >= 0)
        close(fd);
    buf_free(&file);
    return 0;
}
