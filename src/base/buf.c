/* Growing buffer with a maximum and a sticky error. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    mem_free(b->p);
    b->p = NULL;
    b->n = b->size = 0;
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->err = OK;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->err)
        return NULL;
    if (n > b->max || b->n > b->max - n) {
        b->err = ERR_TOO_LARGE;
        return NULL;
    }
    size_t need = b->n + n + 1;
    if (need > b->size) {
        size_t size = b->size ? b->size : 256;
        while (size < need)
            size *= 2;
        char *p = mem_grow(b->p, size);
        if (!p) {
            b->err = ERR_NOMEM;
            return NULL;
        }
        b->p = p;
        b->size = size;
    }
    return b->p + b->n;
}

void buf_add(struct buf *b, struct str s)
{
    char *at = buf_reserve(b, s.n);
    if (!at || s.n == 0)
        return;
    memcpy(at, s.p, s.n);
    b->n += s.n;
}

void buf_addz(struct buf *b, const char *z)
{
    buf_add(b, str_z(z));
}

void buf_addc(struct buf *b, char ch)
{
    buf_add(b, (struct str){&ch, 1});
}

void buf_int(struct buf *b, int64_t v)
{
    char tmp[24];
    size_t i = sizeof tmp;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        tmp[--i] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (v < 0)
        tmp[--i] = '-';
    buf_add(b, (struct str){tmp + i, sizeof tmp - i});
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *at = n < 0 ? NULL : buf_reserve(b, (size_t)n);
    if (at) {
        vsnprintf(at, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

const char *buf_z(struct buf *b)
{
    char *at = buf_reserve(b, 0);
    if (!at)
        return NULL;
    *at = 0;
    return b->p;
}
