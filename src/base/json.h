/* JSON out: append-only writing into a buf. Commas and quoting are handled; errors latch in the
 * buffer. Members are written in order, never buffered as a tree.
 *
 *   struct jw w; jw_init(&w, &buf);
 *   jw_obj(&w); jw_key(&w, "id"); jw_int(&w, 7); jw_end_obj(&w);
 */
#ifndef ZHIAN_BASE_JSON_H
#define ZHIAN_BASE_JSON_H

#include "base/buf.h"

struct jw {
    struct buf *b;
    bool comma; /* a comma is due before the next value or key */
};

void jw_init(struct jw *w, struct buf *b);
void jw_obj(struct jw *w);
void jw_end_obj(struct jw *w);
void jw_arr(struct jw *w);
void jw_end_arr(struct jw *w);
void jw_key(struct jw *w, const char *key);
void jw_key_str(struct jw *w, struct str key);
/* jw_str writes a string, escaped; STR_NULL gives null. */
void jw_str(struct jw *w, struct str s);
void jw_strz(struct jw *w, const char *z);
void jw_int(struct jw *w, int64_t v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
/* jw_raw writes text that is JSON already; STR_NULL or empty gives null. */
void jw_raw(struct jw *w, struct str json);
/* Typed values: NULL_INT gives null. Money is hundredths of 万元 and printed as a decimal. */
void jw_money(struct jw *w, int64_t hundredths);
void jw_day(struct jw *w, int64_t day);
void jw_time(struct jw *w, int64_t ms);

#endif
