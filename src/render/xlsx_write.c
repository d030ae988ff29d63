/* xlsx through libxlsxwriter in constant-memory mode: rows go to a temporary file as soon as the
 * next one begins. In that mode a range can be merged only within the row in hand, so headings are
 * merged sideways; a label without subs stands on its row with an open cell below. */
#include "render/table_impl.h"

#include <stdio.h>
#include <errno.h>
#include <xlsxwriter.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { STYLES = 6, SHEET_NAME_MAX = 31, SERIAL_1970 = 25569, PAPER_A3 = 8, PAPER_A4 = 9 };

/* Number format of a cell. */
enum style { STYLE_GENERAL, STYLE_WRAP, STYLE_INT, STYLE_MONEY, STYLE_DAY, STYLE_TIME };

struct xlsx_out {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *formats[TONES][STYLES];
    lxw_format *title, *line;
    bool *wrap; /* by column of the sheet in hand */
    size_t nwrap;
    bool failed;
};

static lxw_format *format_make(struct xlsx_out *x, enum table_tone tone, enum style style)
{
    static const lxw_color_t colours[TONES] = {
        [TONE_GOOD] = 0xE2EFDA,
        [TONE_WARN] = 0xFFF2CC,
        [TONE_BAD] = 0xF8CBAD,
        [TONE_MUTED] = 0xEDEDED,
        [TONE_HEAD] = 0xD9E1F2,
    };
    static const char *const codes[STYLES] = {[STYLE_INT] = "0",
        [STYLE_MONEY] = "0.00",
        [STYLE_DAY] = "yyyy-mm-dd",
        [STYLE_TIME] = "yyyy-mm-dd hh:mm"};
    lxw_format *f = workbook_add_format(x->book);
    if (!f)
        return NULL;
    if (tone != TONE_NONE)
        format_set_bg_color(f, colours[tone]);
    if (codes[style])
        format_set_num_format(f, codes[style]);
    if (style == STYLE_WRAP || tone == TONE_HEAD)
        format_set_text_wrap(f);
    format_set_align(f, tone == TONE_HEAD ? LXW_ALIGN_VERTICAL_CENTER : LXW_ALIGN_VERTICAL_TOP);
    if (tone == TONE_HEAD) {
        format_set_bold(f);
        format_set_align(f, LXW_ALIGN_CENTER);
        format_set_border(f, LXW_BORDER_THIN);
    }
    return f;
}

static lxw_format *format_of(struct xlsx_out *x, enum table_tone tone, enum style style)
{
    lxw_format **f = &x->formats[tone][style];
    if (!*f && (tone != TONE_NONE || style != STYLE_GENERAL))
        *f = format_make(x, tone, style);
    return *f;
}

static enum err xlsx_open_out(struct table_out *t)
{
    struct xlsx_out *x = mem_alloc(sizeof *x);
    if (!x)
        return ERR_NOMEM;
    lxw_workbook_options o = {.constant_memory = LXW_TRUE, .use_zip64 = LXW_FALSE};
    x->book = workbook_new_opt(t->path.p, &o);
    if (!x->book) {
        mem_free(x);
        return ERR_NOMEM;
    }
    x->title = workbook_add_format(x->book);
    x->line = workbook_add_format(x->book);
    if (x->title && x->line) {
        format_set_bold(x->title);
        format_set_font_size(x->title, 16);
        format_set_align(x->title, LXW_ALIGN_CENTER);
    }
    t->impl = x;
    return OK;
}

/* --- texts --------------------------------------------------------------------------------------
 */

/* Whether the text at p reads like an escape _xHHHH_, which Excel would resolve. */
static bool looks_escaped(const char *p, size_t n)
{
    if (n < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
        return false;
    for (int i = 2; i < 6; i++)
        if (!strchr("0123456789abcdefABCDEF", p[i]))
            return false;
    return true;
}

/* NUL-terminates into the scratch buffer; U+FFFE and U+FFFF, which XML cannot hold, are left out,
 * and what looks like an escape is escaped itself. */
static const char *text_z(struct table_out *t, struct str s)
{
    buf_reset(&t->text);
    for (size_t i = 0; i < s.n; i++) {
        bool not_xml =
            i + 2 < s.n && memcmp(s.p + i, "\xEF\xBF", 2) == 0 && (unsigned char)s.p[i + 2] >= 0xBE;
        if (not_xml)
            i += 2;
        else if (s.p[i] == '_' && looks_escaped(s.p + i, s.n - i))
            buf_addz(&t->text, "_x005F_");
        else
            buf_addc(&t->text, s.p[i]);
    }
    return buf_z(&t->text);
}

static const char *plain_z(struct table_out *t, struct str s)
{
    if (s.n && (memchr(s.p, '_', s.n) || memmem(s.p, s.n, "\xEF\xBF", 2)))
        return text_z(t, s);
    buf_reset(&t->text);
    buf_add(&t->text, s);
    return buf_z(&t->text);
}

/* --- cells --------------------------------------------------------------------------------------
 */

static enum style style_of(const struct xlsx_out *x, const struct table_cell *c, size_t col)
{
    switch (c->type) {
    case TABLE_INT:
        return STYLE_INT;
    case TABLE_MONEY:
        return STYLE_MONEY;
    case TABLE_DAY:
        return STYLE_DAY;
    case TABLE_TIME:
        return STYLE_TIME;
    default:
        return col < x->nwrap && x->wrap[col] ? STYLE_WRAP : STYLE_GENERAL;
    }
}

static double serial_of(const struct table_cell *c)
{
    if (c->type == TABLE_MONEY)
        return c->num / 100;
    return c->type == TABLE_DAY || c->type == TABLE_TIME ? c->num + SERIAL_1970 : c->num;
}

static enum err put_cell(struct table_out *t, const struct table_cell *c, size_t col)
{
    struct xlsx_out *x = t->impl;
    lxw_format *f = format_of(x, c->tone, style_of(x, c, col));
    lxw_error e = LXW_NO_ERROR;
    if (c->type == TABLE_TEXT) {
        if (c->text.n > TABLE_TEXT_MAX && utf8_len(c->text) > TABLE_TEXT_MAX)
            return ERR_TOO_LARGE;
        const char *z = plain_z(t, c->text);
        if (!z)
            return t->text.err;
        e = worksheet_write_string(x->sheet, t->next, (lxw_col_t)col, z, f);
    } else if (c->type != TABLE_EMPTY) {
        e = worksheet_write_number(x->sheet, t->next, (lxw_col_t)col, serial_of(c), f);
    } else if (c->tone != TONE_NONE) {
        e = worksheet_write_blank(x->sheet, t->next, (lxw_col_t)col, f);
    }
    if (e == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return ERR_NOMEM;
    return e == LXW_NO_ERROR ? OK : ERR_TOO_LARGE;
}

static enum err xlsx_row(struct table_out *t, const struct table_cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum err e = put_cell(t, &cells[i], i);
        if (e)
            return e;
    }
    return OK;
}

/* --- sheets -------------------------------------------------------------------------------------
 */

/* A sheet name without what Excel forbids, cut to its length. */
static const char *sheet_name(struct table_out *t, struct str s)
{
    buf_reset(&t->text);
    s = utf8_prefix(s, SHEET_NAME_MAX);
    for (size_t i = 0; i < s.n; i++)
        buf_addc(&t->text, strchr("[]:*?/\\'", s.p[i]) ? '_' : s.p[i]);
    return t->text.n ? buf_z(&t->text) : NULL;
}

static void columns_set(struct xlsx_out *x, const struct table_head *h)
{
    for (size_t i = 0; i < h->ncols; i++)
        if (h->cols[i].width > 0)
            (void)worksheet_set_column(
                x->sheet, (lxw_col_t)i, (lxw_col_t)i, h->cols[i].width, NULL);
}

static enum err wrap_set(struct xlsx_out *x, const struct table_head *h)
{
    bool *wrap = mem_grow(x->wrap, h->ncols + 1);
    if (!wrap)
        return ERR_NOMEM;
    x->wrap = wrap;
    x->nwrap = h->ncols;
    for (size_t i = 0; i < h->ncols; i++)
        wrap[i] = h->cols[i].wrap;
    return OK;
}

/* One text over the whole width. */
static enum err put_line(struct table_out *t, struct str s, size_t ncols, lxw_format *f)
{
    struct xlsx_out *x = t->impl;
    const char *z = plain_z(t, s);
    if (!z)
        return t->text.err;
    lxw_error e = ncols > 1 ? worksheet_merge_range(
                                  x->sheet, t->next, 0, t->next, (lxw_col_t)(ncols - 1), z, f)
                            : worksheet_write_string(x->sheet, t->next, 0, z, f);
    t->next++;
    return e == LXW_NO_ERROR ? OK : ERR_TOO_LARGE;
}

/* How many columns from i on share the heading of level l. */
static size_t span_of(const struct table_head *h, size_t i, size_t l)
{
    size_t n = 1;
    bool group = l == 0 && h->cols[i].group.n;
    if (!group && !h->cols[i].sub.n)
        return 1;
    for (; i + n < h->ncols; n++) {
        const struct table_col *a = &h->cols[i], *b = &h->cols[i + n];
        bool same = str_eq(a->group, b->group);
        if (!group)
            same = same && str_eq(a->label, b->label) && b->sub.n;
        if (!same)
            break;
    }
    return n;
}

static enum err put_heading(struct table_out *t, const struct table_head *h, size_t l)
{
    struct xlsx_out *x = t->impl;
    lxw_format *f = format_of(x, TONE_HEAD, STYLE_GENERAL);
    bool lowest = l + 1 == table_levels(h);
    for (size_t i = 0; i < h->ncols;) {
        size_t n = lowest ? 1 : span_of(h, i, l);
        const char *z = plain_z(t, table_level_text(h, i, l));
        lxw_col_t first = (lxw_col_t)i, last = (lxw_col_t)(i + n - 1);
        if (!z)
            return t->text.err;
        lxw_error e = n > 1 ? worksheet_merge_range(x->sheet, t->next, first, t->next, last, z, f)
                      : *z  ? worksheet_write_string(x->sheet, t->next, first, z, f)
                            : worksheet_write_blank(x->sheet, t->next, first, f);
        if (e != LXW_NO_ERROR)
            return ERR_TOO_LARGE;
        i += n;
    }
    t->next++;
    return OK;
}

static enum err put_numbers(struct table_out *t, const struct table_head *h)
{
    struct xlsx_out *x = t->impl;
    lxw_format *f = format_of(x, TONE_HEAD, STYLE_GENERAL);
    for (size_t i = 0; i < h->ncols; i++)
        (void)worksheet_write_number(x->sheet, t->next, (lxw_col_t)i, (double)(i + 1), f);
    t->next++;
    return OK;
}

static void page_set(struct xlsx_out *x, const struct table_head *h, uint32_t first, uint32_t end)
{
    worksheet_freeze_panes(x->sheet, end, h->ncols > 8 ? 2 : 0);
    (void)worksheet_repeat_rows(x->sheet, first, end - 1);
    worksheet_set_landscape(x->sheet);
    worksheet_set_paper(x->sheet, h->ncols > 20 ? PAPER_A3 : PAPER_A4);
    worksheet_fit_to_pages(x->sheet, 1, 0);
}

static enum err xlsx_sheet(struct table_out *t, const struct table_head *h)
{
    struct xlsx_out *x = t->impl;
    x->sheet = workbook_add_worksheet(x->book, sheet_name(t, h->sheet));
    if (!x->sheet) /* a name used twice, say: take the default */
        x->sheet = workbook_add_worksheet(x->book, NULL);
    enum err e = x->sheet ? wrap_set(x, h) : ERR_NOMEM;
    t->next = 0;
    if (e || h->ncols == 0)
        return e;
    columns_set(x, h);
    if (h->title.n)
        e = put_line(t, h->title, h->ncols, x->title);
    for (size_t i = 0; i < h->nlines && !e; i++)
        e = put_line(t, h->lines[i], h->ncols, x->line);
    uint32_t first = t->next;
    for (size_t l = 0; l < table_levels(h) && !e; l++)
        e = put_heading(t, h, l);
    if (!e && h->numbers)
        e = put_numbers(t, h);
    if (!e)
        page_set(x, h, first, t->next);
    return e;
}

static enum err xlsx_choices(
    struct table_out *t, size_t col, uint32_t first, uint32_t last, const char *formula)
{
    struct xlsx_out *x = t->impl;
    char copy[100];
    snprintf(copy, sizeof copy, "%s", formula);
    lxw_data_validation v = {.validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
        .value_formula = copy,
        .error_type = LXW_VALIDATION_ERROR_TYPE_WARNING};
    lxw_error e = worksheet_data_validation_range(
        x->sheet, first - 1, (lxw_col_t)col, last - 1, (lxw_col_t)col, &v);
    return e ? ERR_INTERNAL : OK;
}

static enum err xlsx_close_out(struct table_out *t, enum err so_far)
{
    struct xlsx_out *x = t->impl;
    if (!x->sheet)
        (void)workbook_add_worksheet(x->book, NULL);
    errno = 0;
    lxw_error done = workbook_close(x->book);
    enum err e = so_far;
    if (!e && done != LXW_NO_ERROR)
        e = errno == ENOSPC                          ? ERR_DISK_FULL
            : done == LXW_ERROR_MEMORY_MALLOC_FAILED ? ERR_NOMEM
                                                     : ERR_IO;
    mem_free(x->wrap);
    mem_free(x);
    return e;
}

const struct table_ops table_xlsx_ops = {.open = xlsx_open_out,
    .sheet = xlsx_sheet,
    .row = xlsx_row,
    .close = xlsx_close_out,
    .choices = xlsx_choices};
