/* The only place that calls malloc. Tests can make the N-th allocation fail. */
#ifndef ZHIAN_BASE_MEM_H
#define ZHIAN_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* mem_alloc returns n zeroed bytes, or NULL. */
void *mem_alloc(size_t n);

/* mem_grow resizes like realloc; the added bytes are not cleared. NULL leaves p valid. */
void *mem_grow(void *p, size_t n);

/* mem_free releases; NULL is fine. */
void mem_free(void *p);

/* mem_refused: whether an allocation was refused in this thread since the last time it was asked.
 * What was found out in between may rest on something left out. */
bool mem_refused(void);

/* mem_fail_after makes the allocation after the next n fail, once, in this thread; n < 0 switches
 * the fault off. Test hook. Returns how many allocations were made since the last call. */
long mem_fail_after(long n);

#endif
