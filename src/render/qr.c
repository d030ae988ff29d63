/* QR codes by libqrencode, drawn as one SVG path: a run of dark modules in a row is one rectangle.
 */
#include "render/qr.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4, DARK = 1 };

static void add_attribute(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_addz(out, "&amp;");
            break;
        case '<':
            buf_addz(out, "&lt;");
            break;
        case '"':
            buf_addz(out, "&quot;");
            break;
        default:
            buf_addc(out, s.p[i]);
        }
    }
}

static void add_row(struct buf *out, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width;) {
        int from = x;
        while (x < width && (row[x] & DARK))
            x++;
        if (x > from)
            buf_fmt(out, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from, x - from);
        else
            x++;
    }
}

static void draw(struct buf *out, const QRcode *code, struct str label)
{
    int side = code->width + 2 * QUIET;
    buf_fmt(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\"",
        side, side);
    if (label.n) {
        buf_addz(out, " aria-label=\"");
        add_attribute(out, label);
        buf_addc(out, '"');
    }
    buf_fmt(out,
        " shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
        "<path fill=\"#000\" d=\"",
        side, side);
    for (int y = 0; y < code->width; y++)
        add_row(out, code->data + (size_t)y * (size_t)code->width, code->width, y);
    buf_addz(out, "\"/></svg>");
}

enum err qr_svg(struct str text, struct str label, struct buf *out)
{
    if (text.n == 0 || memchr(text.p, 0, text.n))
        return ERR_INVALID;
    if (text.n > QR_TEXT_MAX)
        return ERR_TOO_LARGE;
    QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
    if (!code)
        return errno == ENOMEM ? ERR_NOMEM : ERR_INVALID;
    size_t before = out->n;
    draw(out, code, label);
    QRcode_free(code);
    if (out->err)
        out->n = before;
    return out->err;
}
