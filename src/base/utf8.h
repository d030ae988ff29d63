/* UTF-8: strict checking, code points, lengths. Supplementary planes everywhere; overlong forms,
 * surrogates and values above U+10FFFF are invalid. */
#ifndef ZHIAN_BASE_UTF8_H
#define ZHIAN_BASE_UTF8_H

#include "base/str.h"

/* utf8_valid: s is well-formed UTF-8 (NUL allowed here; the door refuses it separately). */
bool utf8_valid(struct str s);

/* utf8_next decodes the code point at *at and advances *at; -1 at the end or on a bad byte. */
int32_t utf8_next(struct str s, size_t *at);

/* utf8_len counts code points of valid UTF-8. */
size_t utf8_len(struct str s);

/* utf8_put encodes cp (<= U+10FFFF) into out[4] and returns its length. */
size_t utf8_put(int32_t cp, char out[4]);

/* utf8_prefix returns the first n code points of s. */
struct str utf8_prefix(struct str s, size_t n);

#endif
