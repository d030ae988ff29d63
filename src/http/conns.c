/* Deadlines of connections, swept once a tick under one lock; a connection takes that lock only
 * when it opens and closes. Shutting (not closing) a socket from here is safe: the library sees the
 * end of the stream and closes it itself, and conns_drop comes before the close. */
#include "http/conns.h"

#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    DRAIN_HEADER_MS = 1000,
    TCP_CLOSE_WAIT = 8 /* netinet/tcp.h cannot be had beside linux/tcp.h */
};

int64_t conns_now(void)
{
    return clock_steady_ms();
}

struct look {
    int64_t bytes; /* received since the connection opened; -1 when the kernel does not tell */
    bool ended;    /* the client has closed its side and nothing is left to read */
};

static struct look look_at(int fd)
{
    struct tcp_info i = {0};
    socklen_t n = sizeof i;
    int unread = 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &n) ||
        n < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof i.tcpi_bytes_received)
        return (struct look){-1, false};
    bool closed = i.tcpi_state == TCP_CLOSE_WAIT;
    return (struct look){
        (int64_t)i.tcpi_bytes_received, closed && ioctl(fd, FIONREAD, &unread) == 0 && unread == 0};
}

/* The library, reading short, can miss an end of stream that came together with the data. Seen at
 * two sweeps running, with a request still incomplete, it will not get any further. */
static bool abandoned(struct conn *c, struct look l)
{
    bool again = c->ended && l.ended;
    c->ended = l.ended;
    return again;
}

static bool late_waiting(const struct conns *s, struct conn *c, struct look l, int64_t now)
{
    int64_t limit = s->o.header_ms;
    if (!c->first && l.bytes > c->base)
        c->first = now;
    if (atomic_load(&s->draining) && limit > DRAIN_HEADER_MS)
        limit = DRAIN_HEADER_MS;
    if (c->first)
        return now - c->first > limit;
    return atomic_load(&s->draining) || now > atomic_load(&c->deadline);
}

/* `fresh` is taken before the socket is looked at: a request that is answered in between marks the
 * connection fresh again, and its bytes are not mistaken for the beginning of another. */
static bool late(const struct conns *s, struct conn *c, int64_t now)
{
    int phase = atomic_load(&c->phase);
    if (phase == CONN_RUNNING)
        return false;
    if (phase == CONN_SENDING)
        return now > atomic_load(&c->deadline);
    bool fresh = atomic_exchange(&c->fresh, false);
    struct look l = look_at(c->fd);
    if (fresh) {
        c->base = l.bytes;
        c->first = 0;
        c->ended = false;
    }
    if (abandoned(c, l))
        return true;
    return phase == CONN_WAITING ? late_waiting(s, c, l, now) : now > atomic_load(&c->deadline);
}

static void sweep(struct conns *s)
{
    int64_t now = conns_now();
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->head.next; c != &s->head; c = c->next) {
        if (!late(s, c, now))
            continue;
        if (!atomic_load(&s->draining))
            atomic_fetch_add(&s->cut, 1);
        shutdown(c->fd, SHUT_RDWR);
        atomic_store(&c->deadline, now + s->o.idle_ms);
        c->first = 0;
        c->base = INT64_MAX;
    }
    pthread_mutex_unlock(&s->lock);
}

static void *sweeping(void *arg)
{
    struct conns *s = arg;
    struct pollfd p = {.fd = s->wake, .events = POLLIN};
    while (!atomic_load(&s->over)) {
        int64_t ms = atomic_load(&s->draining) ? 20 : s->o.tick_ms;
        uint64_t n;
        if (poll(&p, 1, (int)ms) > 0 && read(s->wake, &n, sizeof n) < 0)
            break;
        sweep(s);
    }
    return NULL;
}

static void wake(struct conns *s)
{
    uint64_t one = 1;
    ssize_t n = write(s->wake, &one, sizeof one);
    (void)n;
}

enum err conns_start(struct conns *s, const struct conns_options *o)
{
    s->o = *o;
    s->head.next = s->head.prev = &s->head;
    s->wake = eventfd(0, EFD_CLOEXEC);
    if (s->wake < 0)
        return ERR_IO;
    pthread_mutex_init(&s->lock, NULL);
    if (pthread_create(&s->thread, NULL, sweeping, s) == 0)
        return OK;
    close(s->wake);
    return ERR_IO;
}

void conns_stop(struct conns *s)
{
    atomic_store(&s->over, true);
    wake(s);
    pthread_join(s->thread, NULL);
    close(s->wake);
    pthread_mutex_destroy(&s->lock);
}

struct conn *conns_add(struct conns *s, int fd, const struct sockaddr *peer)
{
    struct conn *c = mem_alloc(sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    socklen_t n =
        peer->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (getnameinfo(peer, n, c->ip, sizeof c->ip, NULL, 0, NI_NUMERICHOST))
        c->ip[0] = 0;
    if (strncmp(c->ip, "::ffff:", 7) == 0)
        memmove(c->ip, c->ip + 7, strlen(c->ip + 7) + 1);
    conn_phase_set(s, c, CONN_WAITING, 0);
    atomic_store(&c->fresh, false); /* nothing was received before: base = 0 */
    pthread_mutex_lock(&s->lock);
    c->next = s->head.next;
    c->prev = &s->head;
    c->next->prev = c;
    s->head.next = c;
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->live, 1);
    return c;
}

void conns_drop(struct conns *s, struct conn *c)
{
    pthread_mutex_lock(&s->lock);
    c->next->prev = c->prev;
    c->prev->next = c->next;
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_sub(&s->live, 1);
    mem_free(c);
}

void conn_phase_set(struct conns *s, struct conn *c, enum conn_phase phase, int64_t size)
{
    int64_t ms = s->o.idle_ms;
    if (phase != CONN_WAITING)
        ms = s->o.read_ms + (s->o.slow_rate ? size * 1000 / s->o.slow_rate : 0);
    atomic_store(&c->deadline, conns_now() + ms);
    if (phase == CONN_WAITING)
        atomic_store(&c->fresh, true);
    atomic_store(&c->phase, (int)phase);
}

void conns_drain(struct conns *s)
{
    atomic_store(&s->draining, true);
    wake(s);
}

int64_t conns_busy(struct conns *s, int64_t *running)
{
    int64_t busy = 0, run = 0;
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->head.next; c != &s->head; c = c->next) {
        int phase = atomic_load(&c->phase);
        busy += phase != CONN_WAITING;
        run += phase == CONN_RUNNING;
    }
    pthread_mutex_unlock(&s->lock);
    if (running)
        *running = run;
    return busy;
}

void conns_shut_all(struct conns *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->head.next; c != &s->head; c = c->next)
        if (atomic_load(&c->phase) != CONN_RUNNING)
            shutdown(c->fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
}
