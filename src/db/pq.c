/* Loading libpq. */
#include "db/pq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pq calls;
static bool loaded;
static char failure[256];

static void *symbol(void *lib, const char *name)
{
    void *p = dlsym(lib, name);
    if (!p && !failure[0])
        snprintf(failure, sizeof failure, "%s is missing in libpq", name);
    return p;
}

static void load(void)
{
    const char *path = getenv("ZHIAN_LIBPQ");
    void *lib = dlopen(path && *path ? path : "libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!lib) {
        const char *said = dlerror();
        snprintf(failure, sizeof failure, "%s", said ? said : "libpq");
        return;
    }
#define LOAD(name)                                                                                 \
    do {                                                                                           \
        void *p = symbol(lib, #name);                                                              \
        memcpy(&calls.name, &p, sizeof p);                                                         \
    } while (0);
    PQ_CALLS(LOAD)
#undef LOAD
#define LOAD(name)                                                                                 \
    do {                                                                                           \
        void *p = dlsym(lib, #name);                                                               \
        memcpy(&calls.name, &p, sizeof p);                                                         \
    } while (0);
    PQ_CALLS_14(LOAD)
#undef LOAD
    loaded = !failure[0];
}

const struct pq *pq_load(char *why, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (loaded)
        return &calls;
    snprintf(why, size, "%s", failure);
    return NULL;
}
