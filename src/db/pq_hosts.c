/* Several servers in one address: which are left when one of them fell silent. */
#include "db/pq_hosts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { WHERE_MAX = 300, SILENT_MS = 5000, NOBODY_MS = 3000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char silent_where[WHERE_MAX];
static _Atomic int64_t silent_until, nobody_until;

static void where_is(const struct pq *pq, PGconn *h, char out[WHERE_MAX])
{
    const char *host = pq->PQhost(h), *port = pq->PQport(h);
    snprintf(out, WHERE_MAX, "%s %s", host ? host : "", port ? port : "");
}

void pq_silent_set(const struct pq *pq, PGconn *h)
{
    pthread_mutex_lock(&lock);
    where_is(pq, h, silent_where);
    pthread_mutex_unlock(&lock);
    atomic_store(&silent_until, clock_steady_ms() + SILENT_MS);
}

bool pq_silent(const struct pq *pq, PGconn *h)
{
    char where[WHERE_MAX];
    int64_t until = atomic_load_explicit(&silent_until, memory_order_relaxed);
    if (!until || clock_steady_ms() >= until)
        return false;
    where_is(pq, h, where);
    pthread_mutex_lock(&lock);
    bool same = strcmp(where, silent_where) == 0;
    pthread_mutex_unlock(&lock);
    return same;
}

void pq_nobody_set(void)
{
    atomic_store(&nobody_until, clock_steady_ms() + NOBODY_MS);
}

bool pq_nobody(void)
{
    int64_t until = atomic_load_explicit(&nobody_until, memory_order_relaxed);
    return until && clock_steady_ms() < until;
}

static const char *option(const PQconninfoOption *o, const char *keyword)
{
    for (; o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val && *o->val ? o->val : NULL;
    return NULL;
}

static void add(char *list, size_t size, bool first, struct str word)
{
    size_t n = strlen(list);
    snprintf(list + n, size - n, "%s%.*s", first ? "" : ",", STR_ARG(word));
}

/* The pairs of hosts and ports but for the one that h was connected to. */
static bool leave_out(
    const struct pq *pq, PGconn *h, const PQconninfoOption *o, struct pq_hosts *ret)
{
    const char *host = option(o, "host"), *port = option(o, "port");
    if (!host || option(o, "hostaddr"))
        return false;
    struct str hosts = str_z(host), ports = str_z(port ? port : "5432");
    bool one_port = str_find(ports, S(",")) < 0, first = true;
    while (hosts.p) {
        struct str p = ports, name = str_cut(hosts, ',', &hosts);
        if (!one_port)
            p = str_cut(ports, ',', &ports);
        if (str_eqz(name, pq->PQhost(h)) && str_eqz(p, pq->PQport(h)))
            continue;
        add(ret->hosts, sizeof ret->hosts, first, name);
        add(ret->ports, sizeof ret->ports, first, p);
        first = false;
    }
    return !first;
}

bool pq_others(const struct pq *pq, PGconn *h, const char *uri, struct pq_hosts *ret)
{
    *ret = (struct pq_hosts){.hosts = ""};
    PQconninfoOption *o = pq->PQconninfoParse(uri, NULL);
    bool some = o && pq->PQhost(h) && pq->PQport(h) && leave_out(pq, h, o, ret);
    if (o)
        pq->PQconninfoFree(o);
    return some;
}
