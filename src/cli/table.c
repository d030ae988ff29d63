/* Display width and tables. Widths follow East Asian Width (Unicode UAX #11): wide and full-width
 * characters take two columns, combining marks none. */
#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/term.h"

struct range {
    int32_t from, to;
};

static const struct range wide[] = {{0x1100, 0x115F}, {0x231A, 0x231B}, {0x2329, 0x232A},
    {0x23E9, 0x23EC}, {0x25FD, 0x25FE}, {0x2614, 0x2615}, {0x2E80, 0x303E}, {0x3041, 0x33FF},
    {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF}, {0xFE10, 0xFE19}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
    {0x16FE0, 0x18AFF}, {0x1B000, 0x1B2FF}, {0x1F200, 0x1F2FF}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD}};
static const struct range none[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x200B, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};

static bool within(const struct range *r, size_t n, int32_t cp)
{
    for (size_t i = 0; i < n && r[i].from <= cp; i++)
        if (cp <= r[i].to)
            return true;
    return false;
}

static int cp_width(int32_t cp)
{
    if (cp < 0x300)
        return 1;
    if (within(none, sizeof none / sizeof *none, cp))
        return 0;
    return within(wide, sizeof wide / sizeof *wide, cp) ? 2 : 1;
}

int term_width(struct str s)
{
    int n = 0;
    size_t at = 0;
    for (int32_t cp = utf8_next(s, &at); cp >= 0; cp = utf8_next(s, &at))
        n += cp_width(cp);
    return n;
}

static void put_cp(struct buf *b, int32_t cp)
{
    char out[4];
    bool control = cp < 32 || (cp >= 127 && cp < 160);
    buf_add(b, (struct str){out, utf8_put(control ? '?' : cp, out)});
}

static void pad(struct buf *b, int n)
{
    for (int i = 0; i < n; i++)
        buf_addc(b, ' ');
}

void term_clip(struct buf *b, struct str text, int columns, bool right)
{
    int width = term_width(text), used = 0;
    bool cut = width > columns;
    int room = cut ? columns - 1 : columns;
    size_t at = 0;
    if (right && !cut)
        pad(b, columns - width);
    for (int32_t cp = utf8_next(text, &at); cp >= 0; cp = utf8_next(text, &at)) {
        if (used + cp_width(cp) > room)
            break;
        put_cp(b, cp);
        used += cp_width(cp);
    }
    if (cut && columns > 0) {
        buf_addz(b, "…");
        used++;
    }
    if (!right || cut)
        pad(b, columns - used);
}

/* --- tables
 * ------------------------------------------------------------------------------------------ */

enum { COLUMNS_MAX = 64, COLUMN_GAP = 2, COLUMN_MIN = 6, TABLE_MEMORY = 64 << 20 };

struct row {
    struct row *next;
    struct str cells[];
};

struct term_table {
    struct arena a;
    const struct term_column *columns;
    size_t n, rows;
    struct row *first, **end;
    int *width;
};

struct term_table *term_table_new(const struct term_column *columns, size_t n)
{
    struct term_table *b = mem_alloc(sizeof *b);
    if (!b)
        return NULL;
    arena_init(&b->a, TABLE_MEMORY);
    b->columns = columns;
    b->n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
    b->end = &b->first;
    b->width = arena_new(&b->a, int, b->n);
    for (size_t i = 0; b->width && i < b->n; i++)
        b->width[i] = term_width(str_z(columns[i].label));
    return b;
}

enum err term_table_add(struct term_table *b, const struct str *cells)
{
    struct row *r = arena_alloc(&b->a, sizeof *r + b->n * sizeof *cells);
    if (!r || !b->width)
        return ERR_NOMEM;
    for (size_t i = 0; i < b->n; i++) {
        r->cells[i] = arena_str(&b->a, cells[i]);
        int w = cells[i].p ? term_width(cells[i]) : 0;
        if (w > b->width[i])
            b->width[i] = w;
    }
    if (b->a.failed)
        return ERR_NOMEM;
    *b->end = r;
    b->end = &r->next;
    b->rows++;
    return OK;
}

static int total(const struct term_table *b, const int *width)
{
    int n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += width[i] + (i ? COLUMN_GAP : 0);
    return n;
}

/* Takes columns from the widest until the table fits or nothing can give any more. */
static void fit(const struct term_table *b, int *width, int columns)
{
    for (int over = total(b, width) - columns; over > 0; over--) {
        size_t widest = 0;
        for (size_t i = 1; i < b->n; i++)
            if (width[i] > width[widest])
                widest = i;
        if (width[widest] <= COLUMN_MIN)
            return;
        width[widest]--;
    }
}

static void one_cell(
    struct buf *line, const struct term_table *b, const int *width, size_t i, struct str text)
{
    bool last = i + 1 == b->n && !b->columns[i].number;
    if (i)
        pad(line, COLUMN_GAP);
    int w = last && term_width(text) < width[i] ? term_width(text) : width[i];
    term_clip(line, text, w, b->columns[i].number);
}

static void print_text(struct term *t, const struct term_table *b, int *width)
{
    struct buf head, line;
    buf_init(&line, 1 << 20);
    buf_init(&head, 1 << 16);
    for (size_t i = 0; i < b->n; i++)
        one_cell(&head, b, width, i, str_z(b->columns[i].label));
    term_paint(&line, t->colour_out, TERM_BOLD, buf_str(&head));
    buf_addc(&line, '\n');
    fwrite(line.p, 1, line.n, t->out);
    for (const struct row *r = b->first; r; r = r->next) {
        buf_reset(&line);
        for (size_t i = 0; i < b->n; i++)
            one_cell(&line, b, width, i, r->cells[i].p ? r->cells[i] : S(""));
        buf_addc(&line, '\n');
        fwrite(line.p, 1, line.n, t->out);
    }
    buf_free(&head);
    buf_free(&line);
}

static bool is_number(struct str s)
{
    size_t i = s.n && s.p[0] == '-', dots = 0;
    if (i == s.n || s.p[i] == '.' || s.p[s.n - 1] == '.')
        return false;
    if (s.p[i] == '0' && i + 1 < s.n && s.p[i + 1] != '.')
        return false;
    for (; i < s.n; i++) {
        dots += s.p[i] == '.';
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
    }
    return dots <= 1;
}

static void print_json(struct term *t, const struct term_table *b)
{
    struct buf line;
    buf_init(&line, 1 << 20);
    for (const struct row *r = b->first; r; r = r->next) {
        struct jw w;
        buf_reset(&line);
        jw_init(&w, &line);
        jw_obj(&w);
        for (size_t i = 0; i < b->n; i++) {
            jw_key(&w, b->columns[i].name);
            if (b->columns[i].number && is_number(r->cells[i]))
                jw_raw(&w, r->cells[i]);
            else
                jw_str(&w, r->cells[i]);
        }
        jw_end_obj(&w);
        buf_addc(&line, '\n');
        fwrite(line.p, 1, line.n, t->out);
    }
    buf_free(&line);
}

void term_table_print(struct term *t, const struct term_table *b)
{
    int width[COLUMNS_MAX];
    if (t->mode == TERM_JSON) {
        print_json(t, b);
    } else if (b->width) {
        memcpy(width, b->width, b->n * sizeof *width);
        if (t->fit)
            fit(b, width, t->columns);
        print_text(t, b, width);
    }
    fflush(t->out);
}

size_t term_table_rows(const struct term_table *b)
{
    return b->rows;
}

void term_table_free(struct term_table *b)
{
    if (!b)
        return;
    arena_free(&b->a);
    mem_free(b);
}
