/* The small parts of a workbook: which sheets there are, and which cell formats show dates. */
#ifndef ZHIAN_RENDER_XLSX_PARTS_H
#define ZHIAN_RENDER_XLSX_PARTS_H

#include "render/sheet_impl.h"
#include "render/xml_read.h"

enum { XLSX_FORMAT_MAX = 65536 };

struct xlsx_parts {
    struct str *parts;          /* path of each sheet of b->sheets */
    struct str strings, styles; /* paths; STR_NULL when there is none */
    unsigned char *date;        /* by cell format: 1 = shows a date or time */
    size_t ndate;
};

/* xlsx_parts_load reads the relations, the workbook and the styles; fills b->sheets. */
MUST_CHECK enum sheet_err xlsx_parts_load(
    struct sheet_book *b, struct zip_in *z, struct xlsx_parts *ret);

/* xlsx_format_is_date judges a number format: built-in ids 14–22, 27–36, 45–47, 50–58, or a code
 * with y, m, d or h outside quotes, brackets and escapes. */
bool xlsx_format_is_date(long id, struct str code);

#endif
