/* malloc behind one seam, with a per-thread fault counter for torture tests. */
#include "base/mem.h"

#include <stdlib.h>

static _Thread_local long fail_after = -1;
static _Thread_local long made;
static _Thread_local bool refusal;

static int refused(void)
{
    made++;
    if (fail_after < 0)
        return 0;
    return fail_after-- == 0;
}

static void *noted(void *p)
{
    refusal |= p == NULL;
    return p;
}

void *mem_alloc(size_t n)
{
    return noted(refused() ? NULL : calloc(1, n ? n : 1));
}

void *mem_grow(void *p, size_t n)
{
    return noted(refused() ? NULL : realloc(p, n ? n : 1));
}

bool mem_refused(void)
{
    bool was = refusal;
    refusal = false;
    return was;
}

void mem_free(void *p)
{
    free(p);
}

long mem_fail_after(long n)
{
    long was = made;
    made = 0;
    fail_after = n;
    return was;
}
