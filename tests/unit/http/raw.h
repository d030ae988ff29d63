/* Talking to a server byte by byte, for tests of what a proper client never sends. */
#ifndef ZHIAN_TESTS_RAW_H
#define ZHIAN_TESTS_RAW_H

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline int raw_connect(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
        .sin_port = htons((unsigned short)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a)) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline void raw_send(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k <= 0)
            return;
        p += k;
        n -= (size_t)k;
    }
}

/* One read within ms; 0 at the end of the stream or on a reset, -1 when nothing came. */
static inline int raw_read(int fd, char *out, size_t size, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, ms) <= 0)
        return -1;
    ssize_t n = recv(fd, out, size, 0);
    return n > 0 ? (int)n : 0;
}

/* Everything until the end or ms of silence, NUL-terminated. Returns whether the server closed. */
static inline int raw_all(int fd, char *out, size_t size, int ms)
{
    size_t n = 0;
    int k = 1;
    while (n + 1 < size && (k = raw_read(fd, out + n, size - n - 1, ms)) > 0)
        n += (size_t)k;
    out[n] = 0;
    return k == 0;
}

/* One request on a connection of its own. The answer is the caller's buffer. */
static inline int raw_ask(int port, const char *request, size_t n, char *out, size_t size)
{
    int fd = raw_connect(port);
    out[0] = 0;
    if (fd < 0)
        return 0;
    raw_send(fd, request, n);
    int closed = raw_all(fd, out, size, 300);
    close(fd);
    return closed;
}

static inline int raw_status(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static inline long long raw_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static inline int raw_count(const char *text, const char *needle)
{
    int n = 0;
    for (const char *p = strstr(text, needle); p; p = strstr(p + 1, needle))
        n++;
    return n;
}

#endif
