/* The open connections and their deadlines. The HTTP library times out silence only: a client that
 * sends one byte a second would hold a connection for ever. Here every connection has a deadline
 * for what it is doing now, and a sweeping thread shuts those that are past it:
 *
 *   waiting   no request yet: idle_ms; once a first byte came, header_ms for the whole head
 *   reading   the body: read_ms plus the declared size at slow_rate
 *   running   the operation works (suspended or not): never cut here, it has its own deadline
 *   sending   read_ms plus the size at slow_rate
 *
 * The first byte of a head is seen by the socket's byte counter (TCP_INFO), since the library tells
 * nothing before the head is complete. */
#ifndef ZHIAN_HTTP_CONNS_H
#define ZHIAN_HTTP_CONNS_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

struct conns_options {
    int64_t idle_ms;   /* keep-alive without a request */
    int64_t header_ms; /* from the first byte of a request to the end of its head */
    int64_t read_ms;   /* for a body, or for sending an answer, before the size counts */
    int64_t slow_rate; /* bytes per second that are still acceptable */
    int64_t tick_ms;   /* how often to look */
};

enum conn_phase { CONN_WAITING, CONN_READING, CONN_RUNNING, CONN_SENDING };

struct conn {
    struct conn *prev, *next;
    int fd;
    _Atomic int phase;
    _Atomic int64_t deadline; /* CLOCK_MONOTONIC ms; not used while running */
    _Atomic bool fresh;       /* waiting began since the last sweep */
    int64_t base;             /* bytes received when waiting began; the sweeper's */
    int64_t first;            /* when more came; 0 = not yet; the sweeper's */
    bool ended;               /* the client's end was seen at the last sweep; the sweeper's */
    char ip[64];
};

struct conns {
    struct conns_options o;
    pthread_mutex_t lock;
    struct conn head; /* ring */
    _Atomic int64_t live;
    _Atomic int64_t cut; /* shut for being late, since the start */
    _Atomic bool draining, over;
    pthread_t thread;
    int wake; /* eventfd */
};

int64_t conns_now(void); /* CLOCK_MONOTONIC ms */

/* conns_start starts the sweeper. ERR_IO: no thread. conns_stop joins it. */
MUST_CHECK enum err conns_start(struct conns *s, const struct conns_options *o);
void conns_stop(struct conns *s);

/* conns_add enters a new connection (waiting); NULL when out of memory. conns_drop forgets it,
 * before its descriptor is closed. */
struct conn *conns_add(struct conns *s, int fd, const struct sockaddr *peer);
void conns_drop(struct conns *s, struct conn *c);

/* conn_phase_set moves on; size: bytes to read or send (0 = unknown or none). */
void conn_phase_set(struct conns *s, struct conn *c, enum conn_phase phase, int64_t size);

/* conns_drain: from now on, connections without a request are shut. conns_busy: how many have
 * one; *running, when not NULL, how many of those the program still works on. */
void conns_drain(struct conns *s);
int64_t conns_busy(struct conns *s, int64_t *running);

/* conns_shut_all shuts every connection that is not running. */
void conns_shut_all(struct conns *s);

#endif
