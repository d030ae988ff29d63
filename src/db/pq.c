/* Loading libpq, and what its errors are to us. */
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

/* SQLSTATE classes and codes; the first row that fits. */
static const struct {
    const char *state;
    enum err e;
} states[] = {
    {"23505", ERR_CONFLICT}, /* unique */
    {"23503", ERR_CONFLICT}, /* link */
    {"23", ERR_INTERNAL},    /* NOT NULL, CHECK: validation should have caught it */
    {"22", ERR_INTERNAL},
    {"42601", ERR_INTERNAL}, /* not one statement */
    {"25006", ERR_STATE},    /* read-only */
    {"53100", ERR_DISK_FULL},
    {"53200", ERR_NOMEM},
    {"53", ERR_BUSY},    /* too many connections */
    {"40", ERR_BUSY},    /* serialization, deadlock */
    {"55P03", ERR_BUSY}, /* lock not to be had */
    {"57P", ERR_BUSY},   /* shutting down, starting up */
    {"08", ERR_BUSY},
    {"54", ERR_TOO_LARGE},
    {"58", ERR_IO},
    {"XX001", ERR_CORRUPT},
    {"XX002", ERR_CORRUPT},
};

enum err pq_err(const char *state, bool late)
{
    if (strcmp(state, "57014") == 0)
        return late ? ERR_TIMEOUT : ERR_CANCELLED;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].e;
    return ERR_DB;
}
