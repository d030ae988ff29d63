/* The annotated workbook, written as the rows are told. */
#include "feature/import/imp_workbook.h"

#include "base/mem.h"
#include "render/table.h"

enum { NOTES = 3, TEXT_MAX = 128 << 10, CELLS_MAX = SHEET_COL_MAX };

/* Day number of serial 0 of the two date systems. */
enum { ZERO_1900 = -25569, ZERO_1904 = -24107 };

struct imp_workbook {
    struct table_out *out;
    const struct imp_rules *rules;
    const struct sheet_book *book;
    short *keys; /* of the sheet in hand, by column */
    int col[IK_COUNT];
    size_t ncols;
    uint32_t header_last;
    struct table_cell *cells; /* ncols + NOTES */
    size_t size;
    struct buf reason, todo;
    bool date1904;
};

enum err imp_workbook_open(const char *path, const struct imp_rules *rules,
    const struct sheet_book *book, struct imp_workbook **ret)
{
    struct imp_workbook *b = mem_alloc(sizeof *b);
    if (!b)
        return ERR_NOMEM;
    enum err e = table_open(TABLE_XLSX, path, &b->out);
    if (e) {
        mem_free(b);
        return e;
    }
    b->rules = rules;
    b->book = book;
    buf_init(&b->reason, TEXT_MAX);
    buf_init(&b->todo, TEXT_MAX);
    *ret = b;
    return OK;
}

enum err imp_workbook_close(struct imp_workbook *b, enum err so_far)
{
    enum err e = table_close(b->out, so_far);
    buf_free(&b->reason);
    buf_free(&b->todo);
    mem_free(b->cells);
    mem_free(b->keys);
    mem_free(b);
    return e;
}

/* --- sheets -------------------------------------------------------------------------------------
 */

static bool keys_take(struct imp_workbook *b, const struct imp_sheet *s)
{
    size_t size = s->ncols + NOTES;
    short *keys = mem_grow(b->keys, size * sizeof *keys);
    if (keys)
        b->keys = keys;
    struct table_cell *cells = mem_grow(b->cells, size * sizeof *cells);
    if (cells)
        b->cells = cells;
    if (!keys || !cells)
        return false;
    b->ncols = s->ncols;
    b->size = size;
    b->header_last = s->header_last;
    b->date1904 = sheet_info(b->book, s->sheet)->date1904;
    for (int k = 0; k < IK_COUNT; k++)
        b->col[k] = -1;
    for (size_t c = 0; c < s->ncols; c++) {
        keys[c] = s->keys[c];
        if (keys[c] >= 0)
            b->col[keys[c]] = (int)c;
    }
    return true;
}

static enum err tell_why(struct imp_workbook *b, const struct imp_sheet *s)
{
    buf_reset(&b->reason);
    if (s->verdict == SHEET_REJECTED) {
        buf_addz(&b->reason, "本表没有导入：缺少必需的列");
        for (size_t i = 0; i < s->nmissing; i++) {
            buf_addz(&b->reason, i ? "、" : "“");
            buf_add(&b->reason, imp_label(b->rules, s->missing[i]));
        }
        buf_addz(&b->reason, "”。请补上这些列后再导入");
    } else {
        buf_fmt(&b->reason, "本表没有导入：%s", imp_why_label(s->why));
    }
    struct table_cell c = table_text(buf_str(&b->reason));
    c.tone = s->verdict == SHEET_REJECTED ? TONE_BAD : TONE_MUTED;
    return table_row(b->out, &c, 1);
}

enum err imp_workbook_sheet(struct imp_workbook *b, const struct imp_sheet *s)
{
    struct table_head head = {.sheet = s->name};
    enum err e = table_sheet(b->out, &head);
    if (e)
        return e;
    if (s->verdict != SHEET_IMPORTED)
        return tell_why(b, s);
    return keys_take(b, s) ? OK : ERR_NOMEM;
}

/* --- cells --------------------------------------------------------------------------------------
 */

static struct table_cell number_cell(const struct imp_workbook *b, const struct cell *c)
{
    if (!c->date)
        return table_num(TABLE_NUMBER, c->num);
    double day = c->num + (b->date1904 ? ZERO_1904 : ZERO_1900);
    bool whole = day > -1e9 && day < 1e9 && day == (double)(int64_t)day;
    return table_num(whole ? TABLE_DAY : TABLE_TIME, day);
}

static struct table_cell cell_copy(const struct imp_workbook *b, const struct cell *c)
{
    switch (c->type) {
    case CELL_TEXT:
    case CELL_ERROR:
        return table_text(c->text);
    case CELL_BOOL:
        return table_text(c->num != 0 ? S("TRUE") : S("FALSE"));
    case CELL_NUMBER:
        return number_cell(b, c);
    default:
        return (struct table_cell){0};
    }
}

static void row_copy(struct imp_workbook *b, const struct imp_row *r)
{
    memset(b->cells, 0, b->size * sizeof *b->cells);
    for (size_t i = 0; r->cells && i < r->cells->n; i++)
        if (r->cells->cells[i].col < b->ncols)
            b->cells[r->cells->cells[i].col] = cell_copy(b, &r->cells->cells[i]);
    for (size_t c = 0; r->fields && c < b->ncols; c++)
        if (b->keys[c] >= 0)
            b->cells[c] = cell_copy(b, &r->fields[b->keys[c]]);
}

static void row_colour(
    struct imp_workbook *b, const struct imp_finding *f, size_t n, enum table_tone tone)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].key >= 0 && b->col[f[i].key] >= 0)
            b->cells[b->col[f[i].key]].tone = tone;
}

/* --- notes --------------------------------------------------------------------------------------
 */

static void put_findings(struct imp_workbook *b, const struct imp_finding *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_addz(&b->reason, b->reason.n ? "；" : "");
        buf_add(&b->reason, imp_label(b->rules, f[i].key));
        buf_addz(&b->reason, "：");
        imp_put_reason(b->rules, &f[i], &b->reason);
        buf_addz(&b->todo, b->todo.n ? "；" : "");
        imp_put_todo(b->rules, &f[i], &b->todo);
    }
}

static void put_of(struct imp_workbook *b, const struct imp_row *r)
{
    if (!r->of.row && !r->of.firm)
        return;
    buf_addz(&b->reason, b->reason.n ? "；" : "");
    if (!r->of.row)
        buf_addz(&b->reason, "台账里已有");
    else if (r->of.sheet != r->sheet)
        buf_fmt(&b->reason, "见“%.*s”第%u行", STR_ARG(sheet_info(b->book, r->of.sheet)->name),
            r->of.row);
    else
        buf_fmt(&b->reason, "见第%u行", r->of.row);
}

static void put_diffs(struct imp_workbook *b, const struct imp_row *r)
{
    for (size_t i = 0; i < r->ndiffs; i++) {
        buf_addz(&b->reason, i ? "、" : "；与已有的不同而没有改动：");
        buf_add(&b->reason, imp_label(b->rules, r->diffs[i].key));
    }
}

static void put_suggests(struct imp_workbook *b, const struct imp_row *r)
{
    for (size_t i = 0; i < r->nsuggests; i++) {
        buf_addz(&b->todo, "；建议值：");
        buf_add(&b->todo, r->suggests[i].value);
    }
}

static enum table_tone verdict_tone(const struct imp_row *r)
{
    switch (r->verdict) {
    case IMP_REJECTED:
        return TONE_BAD;
    case IMP_DUPLICATE:
    case IMP_IGNORED:
        return TONE_MUTED;
    default:
        return r->nwarnings ? TONE_WARN : TONE_GOOD;
    }
}

static void row_notes(struct imp_workbook *b, const struct imp_row *r)
{
    struct table_cell *notes = b->cells + b->ncols;
    if (r->row == b->header_last) {
        static const char *const heads[NOTES] = {"判定", "原因", "怎么办"};
        for (int i = 0; i < NOTES; i++)
            notes[i] = table_text(str_z(heads[i]));
        for (int i = 0; i < NOTES; i++)
            notes[i].tone = TONE_HEAD;
        return;
    }
    if (r->row < b->header_last)
        return;
    buf_reset(&b->reason);
    buf_reset(&b->todo);
    put_findings(b, r->errors, r->nerrors);
    put_findings(b, r->warnings, r->nwarnings);
    put_of(b, r);
    put_diffs(b, r);
    put_suggests(b, r);
    if (r->why)
        buf_addz(&b->reason, imp_why_label(r->why));
    notes[0] = table_text(str_z(imp_verdict_label(r->verdict)));
    notes[1] = table_text(buf_str(&b->reason));
    notes[2] = table_text(buf_str(&b->todo));
    notes[0].tone = verdict_tone(r);
}

enum err imp_workbook_row(struct imp_workbook *b, const struct imp_row *r)
{
    uint32_t next = table_row_number(b->out);
    if (r->row < next)
        return OK;
    enum err e = table_skip(b->out, r->row - next);
    if (e)
        return e;
    row_copy(b, r);
    row_colour(b, r->warnings, r->nwarnings, TONE_WARN);
    row_colour(b, r->errors, r->nerrors, TONE_BAD);
    row_notes(b, r);
    return table_row(b->out, b->cells, b->size);
}
