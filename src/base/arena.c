/* Chunked bump allocator. Chunks double up to 1 MiB; larger requests get a chunk of their own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum { CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20, ALIGN = 16 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    size_t used;
    _Alignas(16) char data[];
};

void arena_init(struct arena *a, size_t cap)
{
    *a = (struct arena){.cap = cap};
}

static struct arena_chunk *chunk_add(struct arena *a, size_t need)
{
    size_t size = a->head ? a->head->size * 2 : CHUNK_MIN;
    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    if (size < need)
        size = need;
    struct arena_chunk *c = mem_grow(NULL, sizeof *c + size); /* arena_alloc clears what it gives */
    if (!c)
        return NULL;
    c->used = 0;
    c->size = size;
    c->next = a->head;
    a->head = c;
    return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need < n || a->failed || need > a->cap - a->used) {
        a->failed = true;
        return NULL;
    }
    struct arena_chunk *c = a->head;
    if (!c || c->size - c->used < need)
        c = chunk_add(a, need);
    if (!c) {
        a->failed = true;
        return NULL;
    }
    void *p = c->data + c->used;
    c->used += need;
    a->used += need;
    memset(p, 0, need);
    return p;
}

void *arena_array(struct arena *a, size_t size, size_t n)
{
    size_t total;
    if (__builtin_mul_overflow(size, n, &total)) {
        a->failed = true;
        return NULL;
    }
    return arena_alloc(a, total);
}

struct str arena_str(struct arena *a, struct str s)
{
    return s.p ? arena_cat(a, &s, 1) : STR_NULL;
}

struct str arena_cat(struct arena *a, const struct str *parts, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += parts[i].n;
    char *p = arena_alloc(a, total + 1);
    if (!p)
        return STR_NULL;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n)
            memcpy(p + at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return (struct str){p, total};
}

struct str arena_fmt(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p ? (struct str){p, (size_t)n} : STR_NULL;
}

/* Keeps the newest chunk, the largest of the usual ones, so that a steady user allocates no more.
 */
void arena_reset(struct arena *a)
{
    struct arena_chunk *keep = a->head && a->head->size <= CHUNK_MAX ? a->head : NULL;
    struct arena_chunk *c = keep ? keep->next : a->head;
    while (c) {
        struct arena_chunk *next = c->next;
        mem_free(c);
        c = next;
    }
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
    }
    a->head = keep;
    a->used = 0;
    a->failed = false;
}

void arena_free(struct arena *a)
{
    while (a->head) {
        struct arena_chunk *next = a->head->next;
        mem_free(a->head);
        a->head = next;
    }
    a->used = 0;
}
