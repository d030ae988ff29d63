/* The listening side of the server: sockets and one accepting thread. Accepting is not left to the
 * HTTP library, so that a connection past the limit hears 503 instead of waiting in a queue. */
#ifndef ZHIAN_HTTP_LISTEN_H
#define ZHIAN_HTTP_LISTEN_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

struct listener;

struct listen_options {
    const char *address; /* "127.0.0.1:8080", "[::1]:8080", "localhost:0" (0 = a free port) */
    /* admit: may one more connection come in? take: the connection is the receiver's now. Both are
     * called on the accepting thread. */
    bool (*admit)(void *arg);
    void (*take)(void *arg, int fd, const struct sockaddr *peer, socklen_t n);
    void *arg;
    struct str
        refusal; /* bytes for a connection that is not admitted; STR_NULL: just close (TLS) */
    char *why;   /* a Chinese sentence on failure */
    size_t why_size;
};

/* listen_start binds and listens on every address the name stands for and starts accepting.
 * ERR_INVALID: the address cannot be read; ERR_IO: cannot bind. */
MUST_CHECK enum err listen_start(const struct listen_options *o, struct listener **ret);

/* listen_address: "127.0.0.1:8080", the first bound address with its real port. */
const char *listen_address(const struct listener *l);
int listen_port(const struct listener *l);

/* listen_stop closes the listening sockets and joins the thread; nothing is taken afterwards. */
void listen_stop(struct listener *l);

#endif
