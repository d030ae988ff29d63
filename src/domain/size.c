/* Size of a firm. Both rules compare one indicator at a time and differ only in how the verdicts
 * are joined: the lowest for the statistical rule, the highest for the orders. */
#include "domain/size.h"

static const char *const codes[SIZE_COUNT] = {
    [SIZE_UNKNOWN] = "无法判定",
    [SIZE_MICRO] = "微型",
    [SIZE_SMALL] = "小型",
    [SIZE_MEDIUM] = "中型",
    [SIZE_LARGE] = "大型",
};

const char *size_code(enum size s)
{
    return codes[s];
}

enum size size_of(struct str code)
{
    for (int s = SIZE_UNKNOWN; s < SIZE_COUNT; s++)
        if (str_eqz(code, codes[s]))
            return (enum size)s;
    return SIZE_UNKNOWN;
}

static int64_t figure(const struct size_figures *f, char indicator)
{
    switch (indicator) {
    case 'X':
        return f->staff;
    case 'Y':
        return f->revenue;
    default:
        return f->assets;
    }
}

static struct size_mark mark(const struct size_row *row, int64_t value)
{
    struct size_mark m = {
        .indicator = row->indicator, .value = value, .bound = NULL_INT, .next = NULL_INT};
    if (value == NULL_INT)
        return m;
    m.alone = SIZE_MICRO;
    for (int s = SIZE_LARGE; s > SIZE_MICRO; s--) {
        int64_t bound = row->bound[s];
        if (bound == NULL_INT)
            continue;
        if (value >= bound) {
            m.alone = (enum size)s;
            m.bound = bound;
            return m;
        }
        m.next = bound;
        m.missed = (enum size)s;
    }
    return m;
}

static struct size_result marks(
    const struct size_table *t, struct str group, const struct size_figures *f)
{
    struct size_result r = {.group = group};
    for (size_t i = 0; i < t->n && r.n < SIZE_MARKS; i++) {
        const struct size_row *row = &t->rows[i];
        if (!str_eq(row->group, group))
            continue;
        r.name = row->name;
        r.marks[r.n++] = mark(row, figure(f, row->indicator));
    }
    return r;
}

struct size_result size_stat(
    const struct size_table *t, struct str group, const struct size_figures *f)
{
    struct size_result r = marks(t, group, f);
    enum size least = r.n ? SIZE_LARGE : SIZE_UNKNOWN;
    for (size_t i = 0; i < r.n; i++)
        if (r.marks[i].alone < least)
            least = r.marks[i].alone; /* SIZE_UNKNOWN is the lowest: it wins */
    r.size = least;
    return r;
}

struct size_result size_order(
    const struct size_table *t, struct str group, const struct size_figures *f, enum size stat)
{
    struct size_result r = marks(t, group, f);
    bool missing = r.n == 0;
    enum size most = SIZE_UNKNOWN;
    for (size_t i = 0; i < r.n; i++) {
        missing = missing || r.marks[i].alone == SIZE_UNKNOWN;
        if (r.marks[i].alone > most)
            most = r.marks[i].alone;
    }
    if (most >= SIZE_MEDIUM) {
        r.size = most;
        r.partial = missing && most < SIZE_LARGE;
    } else {
        r.size = missing ? SIZE_UNKNOWN : stat;
    }
    return r;
}

/* --- the table as CSV --------------------------------------------------------------------------
 */

static bool parse_bound(struct str text, char indicator, int64_t *ret)
{
    int64_t v;
    if (str_empty(text)) {
        *ret = NULL_INT;
        return true;
    }
    if (!str_int(text, &v) || v < 0 || v > INT64_MAX / 100)
        return false;
    *ret = indicator == 'X' ? v : v * 100;
    return true;
}

static bool parse_row(struct str line, struct arena *a, struct size_row *row)
{
    struct str part[6], rest = line;
    for (int i = 0; i < 6; i++)
        part[i] = str_trim(str_cut(rest, ',', &rest));
    if (rest.p || str_empty(part[0]) || part[2].n != 1 || !memchr("XYZ", part[2].p[0], 3))
        return false;
    row->group = arena_str(a, part[0]);
    if (str_ends(part[1], S("*"))) /* the standard's mark for combined groups */
        part[1].n--;
    row->name = arena_str(a, part[1]);
    row->indicator = part[2].p[0];
    return parse_bound(part[3], row->indicator, &row->bound[SIZE_LARGE]) &&
           parse_bound(part[4], row->indicator, &row->bound[SIZE_MEDIUM]) &&
           parse_bound(part[5], row->indicator, &row->bound[SIZE_SMALL]);
}

static size_t count_lines(struct str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

enum err size_parse(struct str csv, struct arena *a, struct size_table *ret, size_t *ret_line)
{
    struct size_row *rows = arena_new(a, struct size_row, count_lines(csv));
    size_t n = 0, line_no = 0;
    struct str rest = csv;
    while (rows && rest.p) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));
        line_no++;
        if (line_no == 1 || str_empty(line))
            continue;
        if (!parse_row(line, a, &rows[n++])) {
            if (ret_line)
                *ret_line = line_no;
            return a->failed ? ERR_NOMEM : ERR_INVALID;
        }
    }
    if (a->failed)
        return ERR_NOMEM;
    *ret = (struct size_table){rows, n};
    return OK;
}

/* --- display -----------------------------------------------------------------------------------
 */

void size_put_money(int64_t hundredths, struct buf *out)
{
    struct jw w;
    jw_init(&w, out);
    jw_money(&w, hundredths);
}

static void put_figure(char indicator, int64_t v, struct buf *out)
{
    if (indicator == 'X')
        buf_int(out, v);
    else
        size_put_money(v, out);
}

static void put_mark(const struct size_mark *m, struct buf *out)
{
    buf_addz(out, m->indicator == 'X' ? "从业人员" : m->indicator == 'Y' ? "营业收入" : "资产总额");
    if (m->value == NULL_INT) {
        buf_addz(out, "未填");
        return;
    }
    put_figure(m->indicator, m->value, out);
    buf_addz(out, m->indicator == 'X' ? "人（" : "万元（");
    if (m->bound != NULL_INT) {
        buf_addz(out, size_code(m->alone));
        buf_addz(out, "≥");
        put_figure(m->indicator, m->bound, out);
    }
    if (m->next != NULL_INT) {
        buf_addz(out, m->bound != NULL_INT ? "，" : "");
        buf_addz(out, "未达");
        buf_addz(out, size_code(m->missed));
        put_figure(m->indicator, m->next, out);
    }
    buf_addz(out, "）");
}

void size_put_marks(const struct size_result *r, struct buf *out)
{
    for (size_t i = 0; i < r->n; i++) {
        if (i)
            buf_addz(out, "，");
        put_mark(&r->marks[i], out);
    }
}
