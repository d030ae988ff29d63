/* Folding of typed text, shared by the rules that read codes, numbers and names: full-width forms
 * to ASCII, blanks and invisible characters recognised (import rules B1, B2). */
#ifndef ZHIAN_DOMAIN_FOLD_H
#define ZHIAN_DOMAIN_FOLD_H

#include "base/buf.h"

/* fold_char: U+FF01…FF5E to ASCII, U+3000 to a blank; every other code point as it is. */
int32_t fold_char(int32_t cp);

/* fold_blank: white space of any kind, control, zero-width and direction characters, BOM. */
bool fold_blank(int32_t cp);

/* fold_code appends s as a code is stored: half width, letters in upper case, blanks dropped.
 * Bytes that are not UTF-8 end the text. */
void fold_code(struct str s, struct buf *out);

#endif
