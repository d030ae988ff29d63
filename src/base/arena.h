/* Region memory: allocate freely, release all at once. An arena has a cap; going over it, or a
 * refused chunk, returns NULL and latches `failed`, so a caller may check once at the end.
 * A region belongs to a process, a thread or a request. Not thread-safe. */
#ifndef ZHIAN_BASE_ARENA_H
#define ZHIAN_BASE_ARENA_H

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *head;
    size_t used;
    size_t cap;
    bool failed;
};

/* arena_init prepares an empty arena that may hand out at most cap bytes. Allocates nothing. */
void arena_init(struct arena *a, size_t cap);

/* arena_alloc returns n zeroed bytes aligned to 16, or NULL. */
void *arena_alloc(struct arena *a, size_t n);

/* arena_new(a, struct x, n): an array of n zeroed struct x, or NULL. */
#define arena_new(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))
void *arena_array(struct arena *a, size_t size, size_t n);

/* arena_str copies s (NUL-terminated behind the length); STR_NULL stays STR_NULL. On failure the
 * arena latches and STR_NULL is returned. */
struct str arena_str(struct arena *a, struct str s);

/* arena_fmt formats like printf into the arena. */
struct str arena_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* arena_cat joins n strings. */
struct str arena_cat(struct arena *a, const struct str *parts, size_t n);

/* arena_reset releases everything but the first chunk; arena_free releases all. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
