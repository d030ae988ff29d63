/* QR codes (ISO/IEC 18004) as SVG: for invitation slips and documents. */
#ifndef ZHIAN_RENDER_QR_H
#define ZHIAN_RENDER_QR_H

#include "base/buf.h"

enum { QR_TEXT_MAX = 1024 };

/* qr_svg appends one <svg> element of text (UTF-8, 1 to QR_TEXT_MAX bytes): error correction M (15
 * %), a quiet zone of four modules on white, one path, a viewBox in modules and no fixed size, so
 * CSS or the page decides. label is what screen readers say (may be STR_NULL). ERR_INVALID: text
 * empty or with a NUL; ERR_TOO_LARGE; ERR_NOMEM. */
MUST_CHECK enum err qr_svg(struct str text, struct str label, struct buf *out);

#endif
