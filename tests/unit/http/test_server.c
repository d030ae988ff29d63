/* The server against clients that do not behave: framing tricks, slow bytes, too many connections,
 * aborted bodies; and against its own promises: keep-alive, suspension, a graceful end. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "http/server.h"
#include "raw.h"

#define ASK(port, lit) raw_ask((port), "" lit, sizeof(lit) - 1, answer, sizeof answer)

static char answer[65536];

/* --- a program behind the server: echoes lengths, sleeps on /wait --------------------------------
 */

static struct {
    _Atomic int heads, ends, bodies, waiting;
    _Atomic long body_bytes;
    _Atomic int delay_ms;
} seen;

static const struct header plain[] = {{{"X-Test", 6}, {"yes", 3}}};

static void reply_text(struct exchange *x, int status, const char *text)
{
    server_reply(x, &(struct reply){status, plain, 1, str_z(text), -1, 0});
}

static void head(void *arg, struct exchange *x)
{
    (void)arg;
    seen.heads++;
    if (str_eq(x->target, S("/refuse")))
        reply_text(x, 413, "refused");
}

static void body(void *arg, struct exchange *x, struct str part)
{
    (void)arg;
    if (str_eq(x->target, S("/drop")))
        server_discard(x);
    seen.bodies++;
    seen.body_bytes += (long)part.n;
}

static void *later(void *x)
{
    struct timespec t = {seen.delay_ms / 1000, seen.delay_ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
    server_wake(x);
    return NULL;
}

static void ready(void *arg, struct exchange *x)
{
    (void)arg;
    pthread_t t;
    if (!str_starts(x->target, S("/wait"))) {
        reply_text(x, 200, "hello");
        return;
    }
    seen.waiting++;
    server_wait(x);
    if (pthread_create(&t, NULL, later, x) == 0)
        pthread_detach(t);
}

static void woken(void *arg, struct exchange *x)
{
    (void)arg;
    reply_text(x, 201, "committed");
}

static void end(void *arg, struct exchange *x)
{
    (void)arg;
    (void)x;
    seen.ends++;
}

static void malformed(void *arg, struct exchange *x, int status)
{
    (void)arg;
    reply_text(x, status, "malformed");
}

static struct server *start(struct server_options o)
{
    static char why[200];
    struct server *s = NULL;
    o.listen = o.listen ? o.listen : "127.0.0.1:0";
    o.calls = (struct server_calls){head, body, ready, woken, end, malformed};
    o.refusal = S("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n"
                  "Connection: close\r\n\r\nfull");
    o.fault_headers = plain;
    o.fault_headers_n = 1;
    o.fault_body = S("fault");
    o.why = why;
    o.why_size = sizeof why;
    memset(&seen, 0, sizeof seen);
    if (server_start(&o, &s))
        fail_msg("%s", why);
    return s;
}

/* --- tests ---------------------------------------------------------------------------------------
 */

static void test_keep_alive(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){0});
    int fd = raw_connect(server_port(s));
    for (int i = 0; i < 3; i++) {
        raw_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27);
        assert_false(raw_all(fd, answer, sizeof answer, 100)); /* stays open */
        assert_int_equal(raw_status(answer), 200);
        assert_non_null(strstr(answer, "X-Test: yes"));
    }
    /* two requests in one packet are answered in order */
    const char two[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
    raw_send(fd, two, sizeof two - 1);
    raw_all(fd, answer, sizeof answer, 200);
    assert_int_equal(raw_count(answer, "HTTP/1.1 "), 2);
    assert_true(strstr(answer, "hello") < strstr(answer, "committed"));
    close(fd);
    server_stop(s, 2000);
    assert_int_equal(seen.heads, 5);
    assert_int_equal(seen.ends, 5);
}

static void test_body(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){0});
    int port = server_port(s);
    ASK(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345");
    assert_int_equal(raw_status(answer), 200);
    assert_int_equal(seen.body_bytes, 5);
    ASK(port, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assert_int_equal(raw_status(answer), 200);
    assert_int_equal(seen.body_bytes, 10);
    /* refused at the head: answered and closed without reading the body */
    assert_true(ASK(port, "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"));
    assert_int_equal(raw_status(answer), 413);
    assert_int_equal(seen.body_bytes, 10);
    server_stop(s, 2000);
}

#define G "GET / HTTP/1.1\r\nHost: a\r\n"
#define P "POST / HTTP/1.1\r\nHost: a\r\n"

/* Every head here can be read in two ways, or should not be read at all. */
static const struct {
    const char *what;
    const char *text;
    size_t n;
    int status;
} bad[] = {
#define BAD(what, status, lit)                                                                     \
    {                                                                                              \
        what, "" lit, sizeof(lit) - 1, status                                                      \
    }
    BAD("two lengths", 400, P "Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345"),
    BAD("two different lengths", 400, P "Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345"),
    BAD("length and coding", 400,
        P "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("two codings", 400,
        P "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("other coding", 400, P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    BAD("coding in 1.0", 400,
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("signed length", 400, P "Content-Length: +5\r\n\r\n12345"),
    BAD("length list", 400, P "Content-Length: 5, 5\r\n\r\n12345"),
    BAD("empty length", 400, P "Content-Length: \r\n\r\n"),
    BAD("blank before the colon", 400, P "Content-Length : 5\r\n\r\n12345"),
    BAD("bare LF in the head", 400, G "X-A: 1\nX-B: 2\r\n\r\n"),
    BAD("bare LF after the request line", 400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    BAD("bare LF before the end", 400, P "Content-Length: 5\n\r\n12345"),
    BAD("bare LF as the end", 400, P "Content-Length: 5\r\n\n12345"),
    BAD("bare LFs as the end", 400, P "Content-Length: 5\n\n12345"),
    BAD("folded line", 400, G "X-A: 1\r\n 2\r\nX-B: 3\r\n\r\n"),
    BAD("folded last line", 400, G "X-A: 1\r\n\t2\r\n\r\n"),
    BAD("folded first line", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    BAD("NUL in a value", 400, G "X-A: 1\0002\r\nX-B: 3\r\n\r\n"),
    BAD("NUL in the last value", 400, G "X-A: 1\0002\r\n\r\n"),
    BAD("NUL in a name", 400, G "X\0A: 1\r\n\r\n"),
    BAD("NUL in the target", 400, "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"),
    BAD("control character in a value", 400, G "X-A: \001\r\n\r\n"),
    BAD("CR in a value", 400, G "X-A: 1\r2\r\n\r\n"),
    BAD("no name", 400, G ": 1\r\n\r\n"),
    BAD("no colon", 400, G "X-A\r\n\r\n"),
    BAD("no host", 400, "GET / HTTP/1.1\r\n\r\n"),
    BAD("two hosts", 400, G "Host: b\r\n\r\n"),
    BAD("blank in the target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    BAD("two blanks", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    BAD("odd method", 400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    BAD("version 0.9", 400, "GET /\r\n\r\n"),
    BAD("version 2", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    BAD("not HTTP", 400, "\026\003\001\002\r\n\r\n"),
};

static void test_framing(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){0});
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int closed = raw_ask(server_port(s), bad[i].text, bad[i].n, answer, sizeof answer);
        if (raw_status(answer) != bad[i].status && answer[0])
            fail_msg("%s: %.40s", bad[i].what, answer);
        if (!answer[0] && !closed)
            fail_msg("%s: left open without an answer", bad[i].what);
        if (answer[0] && !strstr(answer, "X-Test: yes"))
            fail_msg("%s: without the headers every answer carries", bad[i].what);
        if (!closed && bad[i].text[0] == 'P')
            fail_msg("%s: a connection that cannot be trusted stays open", bad[i].what);
        /* for a length it cannot read the library writes the head of its answer twice; it closes
         * the connection then, so nobody can be misled */
        if (raw_count(answer, "HTTP/1.1 ") > (strstr(bad[i].what, "length") ? 2 : 1))
            fail_msg("%s: answered twice: %s", bad[i].what, answer);
    }
    assert_int_equal(seen.heads, 0); /* none of them reached the program */
    ASK(server_port(s), G "\r\n");
    assert_int_equal(raw_status(answer), 200);
    server_stop(s, 2000);
}

static void test_good_heads(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){0});
    int port = server_port(s);
    ASK(port, "GET / HTTP/1.0\r\n\r\n");
    assert_int_equal(raw_status(answer), 200);
    ASK(port, G "X-Empty:\r\nX-Tab:\t\tv\r\nX-Trail: v  \r\nX-Utf: \344\270\255\r\n\r\n");
    assert_int_equal(raw_status(answer), 200);
    ASK(port, G "Cookie: a=1; b=2\r\nAccept: */*\r\nCookie: c=3\r\n\r\n");
    assert_int_equal(raw_status(answer), 200);
    ASK(port, "GET /?a=%41&b=&c HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(raw_status(answer), 200);
    /* a head in single bytes is the same head */
    int fd = raw_connect(port);
    const char text[] = G "X-A: 1\r\nX-B: 2\r\n\r\n";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        raw_send(fd, text + i, 1);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    raw_all(fd, answer, sizeof answer, 100);
    assert_int_equal(raw_status(answer), 200);
    close(fd);
    server_stop(s, 2000);
}

static void test_sizes(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){0});
    static char big[100000];
    int port = server_port(s);
    for (size_t n = 1000; n <= 64000; n *= 2) {
        int k =
            snprintf(big, sizeof big, "GET / HTTP/1.1\r\nHost: a\r\nX-A: %0*d\r\n\r\n", (int)n, 1);
        raw_ask(port, big, (size_t)k, answer, sizeof answer);
        if (answer[0])
            assert_int_equal(raw_status(answer), n <= 4000 ? 200 : 431);
        else
            assert_true(n > 4000);
        k = snprintf(big, sizeof big, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n", (int)n, 1);
        raw_ask(port, big, (size_t)k, answer, sizeof answer);
        if (answer[0])
            assert_int_equal(raw_status(answer), n < 4000 ? 200 : 414);
        else
            assert_true(n >= 4000);
    }
    int at = snprintf(big, sizeof big, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 60; i++)
        at += snprintf(big + at, sizeof big - (size_t)at, "X-%d: 1\r\n", i);
    at += snprintf(big + at, sizeof big - (size_t)at, "\r\n");
    raw_ask(port, big, (size_t)at, answer, sizeof answer);
    assert_int_equal(raw_status(answer), 431);
    server_stop(s, 2000);
}

/* One byte now and then must not hold a connection. */
static long long drip(int port, const char *first, int step_ms)
{
    int fd = raw_connect(port);
    long long from = raw_now();
    raw_send(fd, first, strlen(first));
    char sink[1000];
    while (raw_now() - from < 6000) {
        int n = raw_read(fd, sink, sizeof sink, step_ms);
        if (n == 0)
            break;
        raw_send(fd, "x", 1);
    }
    close(fd);
    return raw_now() - from;
}

/* Sends a chunked body for ever. */
static long long flood(int port, const char *target)
{
    char text[300];
    int fd = raw_connect(port);
    long long from = raw_now();
    int n = snprintf(text, sizeof text,
        "POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", target);
    raw_send(fd, text, (size_t)n);
    while (raw_now() - from < 4000 && raw_read(fd, text, sizeof text, 5) != 0)
        raw_send(
            fd, "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n", 70);
    close(fd);
    return raw_now() - from;
}

static void test_discard(void **state)
{
    (void)state;
    struct server *s = start(
        (struct server_options){.read_ms = 600, .slow_rate = 100, .idle_ms = 1500, .tick_ms = 50});
    /* a body that comes faster than slow_rate goes on; one that is not wanted ends after read_ms */
    assert_true(flood(server_port(s), "/") >= 4000);
    assert_in_range(flood(server_port(s), "/drop"), 500, 1800);
    server_stop(s, 2000);
}

static void test_slow(void **state)
{
    (void)state;
    struct server *s = start(
        (struct server_options){.header_ms = 500, .read_ms = 700, .idle_ms = 1500, .tick_ms = 50});
    int port = server_port(s);
    assert_in_range(drip(port, "GET / HTTP/1.1\r\nX-A: ", 50), 300, 1500);
    assert_in_range(drip(port, P "Content-Length: 900\r\n\r\n", 50), 500, 1700);
    assert_in_range(drip(port, "", 5000), 1200, 2600); /* silence */
    /* the same after an answered request: the clock starts at the first byte of the next */
    int fd = raw_connect(port);
    raw_send(fd, G "\r\n", sizeof G + 1);
    assert_true(raw_read(fd, answer, sizeof answer, 500) > 0);
    long long from = raw_now();
    while (raw_now() - from < 5000 && raw_read(fd, answer, sizeof answer, 50) != 0)
        raw_send(fd, "G", 1);
    assert_in_range(raw_now() - from, 300, 1500);
    close(fd);
    struct server_stats st;
    server_stats(s, &st);
    assert_int_equal(st.cut, 4);
    /* a request that waits for its commit is not cut, however long it takes */
    seen.delay_ms = 1200;
    fd = raw_connect(port);
    raw_send(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", 31);
    assert_true(raw_read(fd, answer, sizeof answer, 3000) > 0);
    assert_int_equal(raw_status(answer), 201);
    close(fd);
    server_stop(s, 2000);
}

static void test_half_body(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){0});
    int fd = raw_connect(server_port(s));
    raw_send(fd, P "Content-Length: 100\r\n\r\nabc", sizeof P + 26);
    nanosleep(&(struct timespec){0, 100000000}, NULL);
    close(fd);
    for (int i = 0; i < 100 && seen.ends == 0; i++)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    assert_int_equal(seen.heads, 1);
    assert_int_equal(seen.ends, 1); /* released though it never became a whole request */
    server_stop(s, 2000);
}

static int64_t open_now(struct server *s)
{
    struct server_stats st;
    server_stats(s, &st);
    return st.open;
}

/* A client that ends its side in the middle of a request is let go, whatever the library saw. */
static void test_half_closed(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "GET / HT", "\r\n", "GET / HTTP/1.1\r\nHost:", P "Content-Length: 9\r\n\r\nabc"};
    enum { EACH = 40, ALL = EACH * (int)(sizeof parts / sizeof *parts) };
    struct server *s = start((struct server_options){.tick_ms = 50});
    int fds[ALL];
    for (int i = 0; i < ALL; i++) {
        fds[i] = raw_connect(server_port(s));
        /* corked, the bytes and the end leave in one segment */
        setsockopt(fds[i], IPPROTO_TCP, TCP_CORK, &(int){1}, sizeof(int));
        raw_send(fds[i], parts[i / EACH], strlen(parts[i / EACH]));
        shutdown(fds[i], SHUT_WR);
    }
    for (int i = 0; i < 300 && open_now(s); i++)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    assert_int_equal(open_now(s), 0);
    for (int i = 0; i < ALL; i++)
        close(fds[i]);
    /* after a whole request it is a proper end, and the answer still comes */
    seen.delay_ms = 400;
    int fd = raw_connect(server_port(s));
    raw_send(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", 31);
    shutdown(fd, SHUT_WR);
    raw_all(fd, answer, sizeof answer, 2000);
    assert_int_equal(raw_status(answer), 201);
    close(fd);
    server_stop(s, 2000);
}

/* More quiet connections than one batch of events: nobody may wait for somebody else to speak. */
static void test_crowd(void **state)
{
    (void)state;
    enum { N = 512 };
    struct server *s = start((struct server_options){.threads = 2});
    static int fds[N];
    for (int i = 0; i < N; i++)
        fds[i] = raw_connect(server_port(s));
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < N; i++)
            raw_send(fds[i], G "\r\n", sizeof G + 1);
        for (int i = 0; i < N; i++)
            assert_true(raw_read(fds[i], answer, sizeof answer, 2000) > 0);
    }
    for (int i = 0; i < N; i++)
        close(fds[i]);
    server_stop(s, 2000);
}

static void test_too_many(void **state)
{
    (void)state;
    enum { LIMIT = 20 };
    struct server *s = start((struct server_options){.max_connections = LIMIT});
    int fds[LIMIT];
    for (int i = 0; i < LIMIT; i++) {
        fds[i] = raw_connect(server_port(s));
        raw_send(fds[i], G "\r\n", sizeof G + 1);
        assert_true(raw_read(fds[i], answer, sizeof answer, 2000) > 0);
    }
    for (int i = 0; i < 100; i++) {
        assert_true(ASK(server_port(s), G "\r\n"));
        assert_int_equal(raw_status(answer), 503);
        assert_non_null(strstr(answer, "\r\n\r\nfull"));
    }
    /* those inside are served as before, and a place that becomes free is given away */
    raw_send(fds[3], G "\r\n", sizeof G + 1);
    assert_true(raw_read(fds[3], answer, sizeof answer, 2000) > 0);
    assert_int_equal(raw_status(answer), 200);
    close(fds[0]);
    int status = 503;
    for (int i = 0; i < 100 && status == 503; i++) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        ASK(server_port(s), G "\r\n");
        status = raw_status(answer);
    }
    assert_int_equal(status, 200);
    for (int i = 1; i < LIMIT; i++)
        close(fds[i]);
    server_stop(s, 2000);
}

/* In a process of its own: more connections than the server has descriptors for. Returns 0 when
 * some were served, the rest were closed at once, and afterwards all is as before. */
static int crowd_out(int port)
{
    enum { N = 60 };
    int fds[N], served = 0, closed = 0;
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){1024, 1024});
    for (int i = 0; i < N; i++) {
        fds[i] = raw_connect(port);
        raw_send(fds[i], G "\r\n", sizeof G + 1);
    }
    for (int i = 0; i < N; i++) {
        int n = raw_read(fds[i], answer, sizeof answer, 2000);
        served += n > 0;
        closed += n == 0;
        close(fds[i]);
    }
    int status = 0;
    for (int i = 0; i < 100 && status != 200; i++) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
        ASK(port, G "\r\n");
        status = raw_status(answer);
    }
    if (served < 5 || closed < 5 || served + closed != N)
        return 1;
    return status == 200 ? 0 : 2;
}

static void test_no_descriptors(void **state)
{
    (void)state;
    struct rlimit was;
    struct server *s = start((struct server_options){0});
    int next = dup(0);
    close(next);
    getrlimit(RLIMIT_NOFILE, &was);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){(rlim_t)next + 20, was.rlim_max});
    pid_t child = fork();
    if (child == 0)
        _exit(crowd_out(server_port(s)));
    int status = -1;
    waitpid(child, &status, 0);
    setrlimit(RLIMIT_NOFILE, &was);
    assert_int_equal(status, 0);
    server_stop(s, 2000);
}

struct client {
    int port, fd, asked, answered;
    _Atomic int stop;
};

static void *keep_asking(void *arg)
{
    struct client *c = arg;
    char out[2000];
    while (!c->stop) {
        static const char post[] = "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
        raw_send(c->fd, post, sizeof post - 1);
        c->asked++;
        int n = raw_read(c->fd, out, sizeof out - 1, 5000);
        if (n <= 0)
            break;
        out[n] = 0;
        c->answered += raw_status(out) == 201;
    }
    return NULL;
}

/* Stopping under load: whatever was begun is answered. */
static void test_graceful(void **state)
{
    (void)state;
    enum { CLIENTS = 16 };
    struct server *s = start((struct server_options){0});
    static struct client c[CLIENTS];
    pthread_t t[CLIENTS];
    seen.delay_ms = 30;
    for (int i = 0; i < CLIENTS; i++) {
        c[i] = (struct client){.port = server_port(s), .fd = raw_connect(server_port(s))};
        pthread_create(&t[i], NULL, keep_asking, &c[i]);
    }
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    server_stop(s, 3000);
    int answered = 0;
    for (int i = 0; i < CLIENTS; i++) {
        c[i].stop = 1;
        pthread_join(t[i], NULL);
        close(c[i].fd);
        answered += c[i].answered;
    }
    assert_true(answered > CLIENTS);
    assert_int_equal(seen.waiting, answered); /* every one that began was answered */
    assert_int_equal(seen.heads, seen.ends);
    assert_int_equal(raw_connect(c[0].port), -1);
}

static void test_bad_options(void **state)
{
    (void)state;
    static const char *const addresses[] = {"", "8080", "127.0.0.1",
        "127.0.0.1:", "127.0.0.1:99999", "::1:80", "no such host:80", "127.0.0.1:8x",
        "300.0.0.1:0"};
    char why[200];
    struct server *s = NULL;
    struct server_options o = {
        .calls = {head, body, ready, woken, end, malformed}, .why = why, .why_size = sizeof why};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        o.listen = addresses[i];
        why[0] = 0;
        assert_int_equal(server_start(&o, &s), ERR_INVALID);
        assert_true(strlen(why) > 10);
    }
    o.listen = "127.0.0.1:0";
    o.tls_cert = "/nonexistent/cert.pem";
    assert_int_equal(server_start(&o, &s), ERR_INVALID);
    o.tls_key = "/nonexistent/key.pem";
    assert_int_equal(server_start(&o, &s), ERR_INVALID);
    assert_non_null(strstr(why, "/nonexistent/cert.pem"));
    o.tls_cert = o.tls_key = NULL;
    assert_int_equal(server_start(&o, &s), OK);
    char taken[40];
    snprintf(taken, sizeof taken, "127.0.0.1:%d", server_port(s));
    o.listen = taken;
    struct server *t = NULL;
    assert_int_equal(server_start(&o, &t), ERR_IO);
    assert_non_null(strstr(why, "占用"));
    server_stop(s, 100);
}

/* What a TLS client of those versions says, by the openssl program. */
static int tls_ask(int port, const char *options)
{
    char cmd[500];
    snprintf(cmd, sizeof cmd,
        "printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' |"
        " timeout 5 openssl s_client -quiet -connect 127.0.0.1:%d %s 2>/dev/null",
        port, options);
    FILE *f = popen(cmd, "r");
    size_t n = fread(answer, 1, sizeof answer - 1, f);
    answer[n] = 0;
    pclose(f);
    return raw_status(answer);
}

static void test_tls(void **state)
{
    (void)state;
    char dir[] = "/tmp/zhian-tls-XXXXXX", cert[60], key[60], cmd[400];
    assert_non_null(mkdtemp(dir));
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(key, sizeof key, "%s/key.pem", dir);
    snprintf(cmd, sizeof cmd,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=a"
        " -keyout %s -out %s 2>/dev/null",
        key, cert);
    assert_int_equal(system(cmd), 0);
    struct server *s = start((struct server_options){.tls_cert = cert, .tls_key = key});
    assert_int_equal(tls_ask(server_port(s), "-tls1_3"), 200);
    assert_int_equal(tls_ask(server_port(s), "-tls1_2"), 200);
    assert_int_equal(tls_ask(server_port(s), "-tls1_1 -cipher DEFAULT@SECLEVEL=0"), 0);
    ASK(server_port(s), G "\r\n"); /* plain text at the TLS port gets no answer */
    assert_int_equal(raw_status(answer), 0);
    server_stop(s, 2000);
    /* a key that does not belong to the certificate */
    char why[200];
    struct server_options o = {.listen = "127.0.0.1:0",
        .tls_cert = cert,
        .tls_key = cert,
        .calls = {head, body, ready, woken, end, malformed},
        .why = why,
        .why_size = sizeof why};
    assert_int_equal(server_start(&o, &s), ERR_INVALID);
    assert_non_null(strstr(why, "私钥"));
    unlink(cert);
    unlink(key);
    rmdir(dir);
}

static void test_ipv6(void **state)
{
    (void)state;
    struct server *s = start((struct server_options){.listen = "[::]:0"});
    assert_int_equal(strncmp(server_address(s), "[::]:", 5), 0);
    ASK(server_port(s), G "\r\n"); /* over IPv4 to the same socket */
    assert_int_equal(raw_status(answer), 200);
    server_stop(s, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_good_heads),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_discard),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_half_body),
        cmocka_unit_test(test_half_closed),
        cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_no_descriptors),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_graceful),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
