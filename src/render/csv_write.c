/* CSV: UTF-8 with a byte order mark, CRLF, quoted where needed. */
#include "render/table_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/mem.h"

enum { FLUSH_AT = 64 << 10, OUT_MAX = 8 << 20 };

struct csv_out {
    int fd;
    struct buf out;
    bool begun;
};

static enum err csv_open_out(struct table_out *t)
{
    struct csv_out *c = mem_alloc(sizeof *c);
    if (!c)
        return ERR_NOMEM;
    c->fd = open(t->path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (c->fd < 0) {
        mem_free(c);
        return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
    }
    buf_init(&c->out, OUT_MAX);
    buf_addz(&c->out, "\xEF\xBB\xBF");
    t->impl = c;
    return OK;
}

static enum err csv_flush(struct csv_out *c)
{
    struct str s = buf_str(&c->out);
    if (c->out.err)
        return c->out.err;
    while (s.n) {
        ssize_t n = write(c->fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
        s = str_sub(s, (size_t)n, s.n);
    }
    buf_reset(&c->out);
    return OK;
}

/* A text that a spreadsheet would run as a formula. */
static bool is_formula(struct str s)
{
    return s.n && strchr("=+-@\t\r", s.p[0]);
}

static void put_quoted(struct buf *b, struct str s)
{
    bool formula = is_formula(s), quote = false;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = strchr(",\"\r\n", s.p[i]) && s.p[i];
    if (quote)
        buf_addc(b, '"');
    if (formula)
        buf_addc(b, '\'');
    struct str rest = s;
    while (rest.p) {
        buf_add(b, str_cut(rest, '"', &rest));
        if (rest.p)
            buf_addz(b, "\"\"");
    }
    if (quote)
        buf_addc(b, '"');
}

static void put_day(struct buf *b, int64_t day)
{
    char iso[16];
    buf_add(b, (struct str){iso, civil_put_day(day, iso)});
}

static void put_time(struct buf *b, double days)
{
    int64_t minutes = (int64_t)(days * 1440 + 0.5);
    put_day(b, minutes / 1440);
    buf_fmt(b, " %02d:%02d", (int)(minutes % 1440 / 60), (int)(minutes % 60));
}

static void put_cell(struct buf *b, const struct table_cell *c)
{
    switch (c->type) {
    case TABLE_TEXT:
        put_quoted(b, c->text);
        break;
    case TABLE_NUMBER:
        buf_fmt(b, "%.15g", c->num);
        break;
    case TABLE_INT:
        buf_int(b, (int64_t)c->num);
        break;
    case TABLE_MONEY:
        buf_fmt(b, "%.2f", c->num / 100);
        break;
    case TABLE_DAY:
        put_day(b, (int64_t)c->num);
        break;
    case TABLE_TIME:
        put_time(b, c->num);
        break;
    default:
        break;
    }
}

static enum err csv_row(struct table_out *t, const struct table_cell *cells, size_t n)
{
    struct csv_out *c = t->impl;
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_addc(&c->out, ',');
        put_cell(&c->out, &cells[i]);
    }
    buf_addz(&c->out, "\r\n");
    return c->out.n >= FLUSH_AT ? csv_flush(c) : c->out.err;
}

static enum err text_row(struct table_out *t, struct str s)
{
    struct table_cell c = table_text(s);
    return table_row(t, &c, 1);
}

static enum err heading_row(struct table_out *t, const struct table_head *h, size_t level)
{
    struct csv_out *c = t->impl;
    for (size_t i = 0; i < h->ncols; i++) {
        struct str s = table_level_text(h, i, level);
        bool again = i > 0 && level + 1 < table_levels(h) &&
                     str_eq(s, table_level_text(h, i - 1, level)) &&
                     (level == 0 || h->cols[i].sub.n);
        if (i)
            buf_addc(&c->out, ',');
        if (!again)
            put_quoted(&c->out, s);
    }
    buf_addz(&c->out, "\r\n");
    t->next++;
    return c->out.err;
}

static enum err csv_sheet(struct table_out *t, const struct table_head *h)
{
    struct csv_out *c = t->impl;
    if (c->begun)
        return ERR_STATE;
    c->begun = true;
    enum err e = h->title.n ? text_row(t, h->title) : OK;
    for (size_t i = 0; i < h->nlines && !e; i++)
        e = text_row(t, h->lines[i]);
    for (size_t l = 0; l < table_levels(h) && !e; l++)
        e = heading_row(t, h, l);
    for (size_t i = 0; h->numbers && i < h->ncols; i++)
        buf_fmt(&c->out, i ? ",%zu" : "%zu", i + 1);
    if (h->numbers && h->ncols) {
        buf_addz(&c->out, "\r\n");
        t->next++;
    }
    return e;
}

static enum err csv_close_out(struct table_out *t, enum err so_far)
{
    struct csv_out *c = t->impl;
    enum err e = so_far ? so_far : csv_flush(c);
    if (close(c->fd) != 0 && !e)
        e = errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
    buf_free(&c->out);
    mem_free(c);
    return e;
}

const struct table_ops table_csv_ops = {
    .open = csv_open_out, .sheet = csv_sheet, .row = csv_row, .close = csv_close_out};
