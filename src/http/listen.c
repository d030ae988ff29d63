/* Listening sockets and the accepting thread. A refused connection gets its 503 and is then kept
 * for a moment, half closed, until the client has read it: closing at once would reset the
 * connection and lose the answer. The ring of such connections is small; the oldest makes room. */
#include "http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { SOCKETS = 4, RING = 64, LINGER_MS = 1000, BACKLOG = 1024 };

struct lingering {
    int fd; /* -1: free */
    int64_t until;
};

struct listener {
    struct listen_options o;
    int fds[SOCKETS];
    int n;
    int stop;  /* eventfd */
    int spare; /* given up for a moment when descriptors run out */
    int port;
    char address[80];
    pthread_t thread;
    struct lingering ring[RING];
    size_t ring_at;
};

static void let_go(struct lingering *r)
{
    close(r->fd);
    r->fd = -1;
}

static void linger(struct listener *l, int fd)
{
    struct lingering *r = &l->ring[l->ring_at++ % RING];
    if (r->fd >= 0)
        let_go(r);
    *r = (struct lingering){fd, clock_steady_ms() + LINGER_MS};
}

/* Reads away what a refused client still sends; closes when it has closed or time is up. Returns
 * how many are left. */
static int drain(struct listener *l)
{
    char sink[4096];
    int left = 0;
    for (int i = 0; i < RING; i++) {
        struct lingering *r = &l->ring[i];
        if (r->fd < 0)
            continue;
        ssize_t n = recv(r->fd, sink, sizeof sink, MSG_DONTWAIT);
        bool over = n == 0 || (n < 0 && errno != EAGAIN) || clock_steady_ms() > r->until;
        if (over)
            let_go(r);
        else
            left++;
    }
    return left;
}

static void refuse(struct listener *l, int fd)
{
    bool told = l->o.refusal.n && send(fd, l->o.refusal.p, l->o.refusal.n,
                                      MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)l->o.refusal.n;
    if (!told) {
        close(fd);
        return;
    }
    shutdown(fd, SHUT_WR);
    linger(l, fd);
}

/* Out of descriptors: without this the connection would stay in the queue and wake us for ever. */
static void turn_away(struct listener *l, int sock)
{
    if (l->spare >= 0)
        close(l->spare);
    int fd = accept4(sock, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool accept_one(struct listener *l, int sock)
{
    struct sockaddr_storage peer;
    socklen_t n = sizeof peer;
    int fd = accept4(sock, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE)
            turn_away(l, sock);
        return errno == EINTR || errno == ECONNABORTED;
    }
    if (l->o.admit(l->o.arg))
        l->o.take(l->o.arg, fd, (struct sockaddr *)&peer, n);
    else
        refuse(l, fd);
    return true;
}

static void *accepting(void *arg)
{
    struct listener *l = arg;
    struct pollfd p[SOCKETS + 1] = {{.fd = l->stop, .events = POLLIN}};
    for (int i = 0; i < l->n; i++)
        p[i + 1] = (struct pollfd){.fd = l->fds[i], .events = POLLIN};
    for (;;) {
        int wait = drain(l) ? 50 : -1;
        if (poll(p, (nfds_t)l->n + 1, wait) < 0 && errno != EINTR)
            break;
        if (p[0].revents)
            break;
        for (int i = 0; i < l->n; i++)
            for (int k = 0; k < 64 && p[i + 1].revents && accept_one(l, l->fds[i]); k++)
                ;
    }
    return NULL;
}

static void set_port(struct sockaddr *a, int port)
{
    if (a->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)a)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)(void *)a)->sin_port = htons((uint16_t)port);
}

static int port_of(const struct sockaddr_storage *a)
{
    if (a->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)a)->sin6_port);
    return ntohs(((const struct sockaddr_in *)(const void *)a)->sin_port);
}

static void note_address(struct listener *l, int fd)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;
    char host[64] = "?";
    if (getsockname(fd, (struct sockaddr *)&a, &n) == 0)
        getnameinfo((struct sockaddr *)&a, n, host, sizeof host, NULL, 0, NI_NUMERICHOST);
    l->port = port_of(&a);
    bool six = a.ss_family == AF_INET6;
    snprintf(
        l->address, sizeof l->address, "%s%s%s:%d", six ? "[" : "", host, six ? "]" : "", l->port);
}

static bool bind_one(struct listener *l, const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int one = 1, zero = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (l->n)
        set_port(a->ai_addr, l->port);
    if (bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, BACKLOG)) {
        int why = errno;
        close(fd);
        errno = why;
        return false;
    }
    if (!l->n)
        note_address(l, fd);
    l->fds[l->n++] = fd;
    return true;
}

static enum err why(const struct listen_options *o, enum err e, const char *text, const char *more)
{
    if (o->why && o->why_size)
        snprintf(o->why, o->why_size, "监听地址 %s %s%s", o->address, text, more);
    return e;
}

/* "host:port" or "[host]:port" into host and port. */
static bool split(const char *address, char host[64], char port[8])
{
    const char *colon = strrchr(address, ':');
    if (!colon)
        return false;
    struct str h = {address, (size_t)(colon - address)};
    if (h.n > 1 && h.p[0] == '[' && h.p[h.n - 1] == ']')
        h = str_sub(h, 1, h.n - 2);
    else if (str_find(h, S(":")) >= 0)
        return false;
    int64_t v;
    if (h.n == 0 || h.n > 63 || !str_int(str_z(colon + 1), &v) || v < 0 || v > 65535)
        return false;
    memcpy(host, h.p, h.n);
    host[h.n] = 0;
    snprintf(port, 8, "%d", (int)v);
    return true;
}

static enum err bind_all(struct listener *l)
{
    char host[64], port[8];
    if (!split(l->o.address, host, port))
        return why(&l->o, ERR_INVALID, "写法不对，应为 地址:端口，例如 127.0.0.1:8080", "");
    struct addrinfo hint = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *all = NULL;
    if (getaddrinfo(host, port, &hint, &all))
        return why(&l->o, ERR_INVALID, "不是本机可用的地址", "");
    int last = 0;
    for (struct addrinfo *a = all; a && l->n < SOCKETS; a = a->ai_next)
        if (!bind_one(l, a))
            last = errno;
    freeaddrinfo(all);
    if (l->n)
        return OK;
    return last == EADDRINUSE ? why(&l->o, ERR_IO, "已被占用，请换一个端口", "")
                              : why(&l->o, ERR_IO, "无法监听：", strerror(last));
}

static void release(struct listener *l)
{
    for (int i = 0; i < l->n; i++)
        close(l->fds[i]);
    for (int i = 0; i < RING; i++)
        if (l->ring[i].fd >= 0)
            close(l->ring[i].fd);
    if (l->stop >= 0)
        close(l->stop);
    if (l->spare >= 0)
        close(l->spare);
    mem_free(l);
}

enum err listen_start(const struct listen_options *o, struct listener **ret)
{
    struct listener *l = mem_alloc(sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->o = *o;
    for (int i = 0; i < RING; i++)
        l->ring[i].fd = -1;
    l->stop = eventfd(0, EFD_CLOEXEC);
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    enum err e = bind_all(l);
    if (!e && (l->stop < 0 || pthread_create(&l->thread, NULL, accepting, l)))
        e = why(o, ERR_IO, "无法启动接收线程", "");
    if (e) {
        release(l);
        return e;
    }
    *ret = l;
    return OK;
}

const char *listen_address(const struct listener *l)
{
    return l->address;
}

int listen_port(const struct listener *l)
{
    return l->port;
}

void listen_stop(struct listener *l)
{
    uint64_t one = 1;
    ssize_t n = write(l->stop, &one, sizeof one);
    (void)n;
    pthread_join(l->thread, NULL);
    release(l);
}
