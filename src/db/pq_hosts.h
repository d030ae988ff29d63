/* Several servers in one address: which are left when one of them fell silent. For db/pq_link.c. */
#ifndef ZHIAN_DB_PQ_HOSTS_H
#define ZHIAN_DB_PQ_HOSTS_H

#include "base/str.h"
#include "db/pq.h"

struct pq_hosts {
    char hosts[2048], ports[256]; /* comma-separated, as libpq takes them */
};

/* pq_others: the servers of uri but for the one that h was connected to; false when none is left.
 */
bool pq_others(const struct pq *pq, PGconn *h, const char *uri, struct pq_hosts *ret);

/* A server that gave no sign of life to one connection is not waited for by the next: pq_silent_set
 * tells all connections of the program, pq_silent asks, for some seconds. */
void pq_silent_set(const struct pq *pq, PGconn *h);
bool pq_silent(const struct pq *pq, PGconn *h);

/* The same when no server of any role could be reached: the next reader does not try at once. */
void pq_nobody_set(void);
bool pq_nobody(void);

#endif
