/* A growing byte buffer born with a maximum. The first failure (too big, no memory) latches in
 * `err`; later calls do nothing, so straight-line writing code checks once. */
#ifndef ZHIAN_BASE_BUF_H
#define ZHIAN_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

struct buf {
    char *p;
    size_t n;
    size_t size;
    size_t max;
    enum err err;
};

/* buf_init prepares an empty buffer of at most max bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);

/* buf_reset empties the buffer, keeps its memory and clears the error. */
void buf_reset(struct buf *b);

/* buf_reserve makes room for n more bytes and returns where to write them, or NULL. The caller
 * adds what it wrote to b->n. */
char *buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addc(struct buf *b, char ch);
void buf_int(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* buf_str views the content; valid until the next write. */
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

/* buf_z NUL-terminates (the NUL is not counted) and returns the content, or NULL after an error. */
const char *buf_z(struct buf *b);

#endif
