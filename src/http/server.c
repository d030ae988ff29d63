/* The server on libmicrohttpd 0.9.75: one epoll daemon per core, each run by a thread of ours. The
 * only file that knows the library, and the place for what has to be known about it:
 *
 * - Its own thread pool sleeps on exactly 128 (256, …) ready events until another one comes: the
 * loop that drains epoll blocks again with the full batch in hand (MHD_epoll). With thousands of
 * quiet connections that is a stall of seconds. Run from outside with no time to wait it cannot
 * block, so the threads here poll its epoll descriptor and then run it.
 * - An answer queued on the first handler call closes the connection; so the first call returns
 *   MHD_YES and the answer comes on the last one (except to refuse a body).
 * - Suspended connections neither time out nor notice a hang-up; all must be resumed before the
 *   daemon stops, else the library panics.
 * - Its time-out sees silence only: see http/conns.h.
 * - It accepts what RFC 9112 lets a server refuse: bare LF, folded lines, blanks before the colon,
 *   NUL (where it cuts the value), several Content-Lengths: see http/head.h. */
#include "http/server.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/conns.h"
#include "http/head.h"
#include "http/listen.h"

/* Another version may lay a head out differently or behave better: run test_server against it, read
 * the notes above and http/head.h again, then change this line. */
_Static_assert(MHD_VERSION == 0x00097500, "checked against libmicrohttpd 0.9.75 only");

enum {
    MEMORY_PER_CONNECTION = 8192,
    HEAD_COST_MAX = 6000, /* leaves room for the answer's head in the same 8 KiB */
    HEADER_COST = 64,     /* the library's record of a header */
    DEFAULT_CONNECTIONS = 10000,
    WORKERS_MAX = 64,
};

static const char TLS_VERSIONS[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* A door thread. New connections come to it through a pipe; resumed ones are in the library's list,
 * and `bell` (an eventfd) wakes the thread to look, rung once however many there are. */
struct worker {
    struct server *s;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    int pipe[2];
    int bell;
    _Atomic bool rung;
    bool running;
};

struct arrival {
    int fd; /* -1: stop */
    socklen_t n;
    struct sockaddr_storage peer;
};

struct server {
    struct server_options o;
    struct conns conns;
    struct listener *listener;
    struct worker workers[WORKERS_MAX];
    int workers_n;
    unsigned next; /* worker of the next connection */
    char *cert, *key;
    _Atomic int64_t admitted; /* taken and not yet closed */
    _Atomic int64_t accepted, refused;
    _Atomic int waking;    /* threads inside server_wake */
    _Atomic bool draining; /* answers close their connections */
    _Atomic bool closing;  /* nothing new is begun */
};

enum stage { STAGE_NEW, STAGE_BODY, STAGE_WAITING, STAGE_WOKEN, STAGE_REPLIED };

struct live {
    struct exchange x; /* first: an exchange is its live */
    struct server *s;
    struct worker *worker;
    struct MHD_Connection *mhd;
    struct conn *conn;
    const char *target_at; /* where the library keeps the target */
    _Atomic int stage;
    bool discarding;
    char target[];
};

static struct live *live_of(struct exchange *x)
{
    return (struct live *)(void *)x;
}

int64_t server_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* --- the head ------------------------------------------------------------------------------ */

static struct conn *conn_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return i ? i->socket_context : NULL;
}

/* The request line was read; the library is about to cut the target to pieces: keep a copy. What is
 * returned becomes the exchange of the request. */
static void *begin(void *arg, const char *target, struct MHD_Connection *c)
{
    struct worker *w = arg;
    size_t n = target ? strlen(target) : 0;
    struct live *l = mem_alloc(sizeof *l + n + 1);
    if (!l)
        return NULL;
    l->s = w->s;
    l->worker = w;
    l->mhd = c;
    l->target_at = target;
    l->conn = conn_of(c);
    memcpy(l->target, target ? target : "", n);
    l->x.target = (struct str){l->target, n};
    return l;
}

static enum MHD_Result take_header(void *arg, enum MHD_ValueKind kind, const char *name,
    size_t name_n, const char *value, size_t value_n)
{
    (void)kind;
    struct exchange *x = arg;
    if (x->headers_n == HEADERS_MAX)
        return MHD_NO;
    x->headers[x->headers_n++] =
        (struct header){{name, name_n}, {value ? value : "", value ? value_n : 0}};
    return MHD_YES;
}

/* 0, or the status of the refusal. */
static int read_head(struct live *l, const char *method, const char *version)
{
    struct exchange *x = &l->x;
    struct head_limits limits = {
        .target = l->s->o.target_max ? l->s->o.target_max : 4000,
        .cost = HEAD_COST_MAX,
        .header_cost = HEADER_COST,
    };
    if (MHD_get_connection_values_n(l->mhd, MHD_HEADER_KIND, NULL, NULL) > HEADERS_MAX)
        return 431;
    MHD_get_connection_values_n(l->mhd, MHD_HEADER_KIND, take_header, x);
    struct head_line line = {method, l->target_at, version};
    return head_check(x, &line, &limits);
}

static enum MHD_Result on_head(struct live *l, const char *method, const char *version)
{
    struct server *s = l->s;
    struct exchange *x = &l->x;
    x->began = server_now_us();
    x->method = str_z(method);
    x->ip = str_z(l->conn->ip);
    x->tls = s->cert != NULL;
    atomic_store(&l->stage, STAGE_BODY);
    int status = read_head(l, method, version);
    conn_phase_set(&s->conns, l->conn, CONN_READING, x->body_len > 0 ? x->body_len : 0);
    if (status)
        s->o.calls.malformed(s->o.arg, x, status);
    else
        s->o.calls.head(s->o.arg, x);
    return MHD_YES;
}

/* --- the calls of the library ---------------------------------------------------------------- */

/* Takes a piece of the body and keeps the deadline moving for bodies of unknown size: each piece
 * buys the time that the slowest acceptable client needs for it. */
static void on_body(struct live *l, const char *data, size_t *n)
{
    struct server *s = l->s;
    if (atomic_load(&l->stage) == STAGE_BODY)
        s->o.calls.body(s->o.arg, &l->x, (struct str){data, *n});
    if (l->x.body_len < 0 && !l->discarding && s->conns.o.slow_rate)
        atomic_fetch_add(&l->conn->deadline, (int64_t)*n * 1000 / s->conns.o.slow_rate);
    *n = 0;
}

/* The phase is set before `closing` is looked at and server_stop does it the other way round, so
 * that either this sees the end or server_stop sees this. */
static enum MHD_Result on_ready(struct live *l)
{
    struct server *s = l->s;
    conn_phase_set(&s->conns, l->conn, CONN_RUNNING, 0);
    if (atomic_load(&s->closing)) {
        conn_phase_set(&s->conns, l->conn, CONN_WAITING, 0);
        return MHD_NO;
    }
    s->o.calls.ready(s->o.arg, &l->x);
    return MHD_YES;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *data_n, void **con)
{
    (void)arg;
    (void)c;
    (void)url;
    struct live *l = *con;
    if (!l || !l->conn)
        return MHD_NO;
    int stage = atomic_load(&l->stage);
    if (stage == STAGE_NEW)
        return on_head(l, method, version);
    if (*data_n) {
        on_body(l, data, data_n);
        return MHD_YES;
    }
    if (stage == STAGE_BODY)
        return on_ready(l);
    if (stage == STAGE_WOKEN)
        l->s->o.calls.woken(l->s->o.arg, &l->x);
    return MHD_YES;
}

static void completed(
    void *arg, struct MHD_Connection *c, void **con, enum MHD_RequestTerminationCode why)
{
    (void)c;
    (void)why;
    struct server *s = arg;
    struct live *l = *con;
    if (!l)
        return;
    *con = NULL;
    if (atomic_load(&l->stage) != STAGE_NEW)
        s->o.calls.end(s->o.arg, &l->x);
    if (l->conn)
        conn_phase_set(&s->conns, l->conn, CONN_WAITING, 0);
    mem_free(l);
}

static void connection(void *arg, struct MHD_Connection *c, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
    struct server *s = arg;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *fd =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        int sock = fd->connect_fd;
        const union MHD_ConnectionInfo *peer =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        *socket_context = conns_add(&s->conns, sock, peer->client_addr);
        return;
    }
    if (*socket_context)
        conns_drop(&s->conns, *socket_context);
    *socket_context = NULL;
    atomic_fetch_sub(&s->admitted, 1);
}

static size_t keep_escapes(void *arg, struct MHD_Connection *c, char *text)
{
    (void)arg;
    (void)c;
    return strlen(text);
}

static void no_log(void *arg, const char *fmt, va_list ap)
{
    (void)arg;
    (void)fmt;
    (void)ap;
}

/* --- answers -----------------------------------------------------------------------------------
 */

/* Answers the library makes by itself; see the function below. */
static struct {
    const struct header *headers;
    size_t n;
    struct str body;
} fault;

static struct MHD_Response *from_bytes(size_t n, const char *p)
{
    return MHD_create_response_from_buffer_with_free_callback(n, (void *)(uintptr_t)p, NULL);
}

/* The library builds its own error answers (a head it cannot read, one that is too long) with this
 * public function of its own; the dynamic linker prefers the program's definition, and so even they
 * carry the security headers and a body of ours. Should a library not call it, its plain answers go
 * out as they are.
 */
struct MHD_Response *MHD_create_response_from_buffer(
    size_t size, void *buffer, enum MHD_ResponseMemoryMode mode)
{
    if (mode != MHD_RESPMEM_PERSISTENT)
        return NULL;
    struct MHD_Response *r =
        fault.body.p ? from_bytes(fault.body.n, fault.body.p) : from_bytes(size, buffer);
    for (size_t i = 0; r && i < fault.n; i++)
        MHD_add_response_header(r, fault.headers[i].name.p, fault.headers[i].value.p);
    return r;
}

static struct MHD_Response *make(const struct reply *r)
{
    struct MHD_Response *m = r->fd >= 0 ? MHD_create_response_from_fd64((uint64_t)r->fd_size, r->fd)
                                        : from_bytes(r->body.n, r->body.p ? r->body.p : "");
    for (size_t i = 0; m && i < r->headers_n; i++)
        MHD_add_response_header(m, r->headers[i].name.p, r->headers[i].value.p);
    return m;
}

static void queue(struct exchange *x, int status, struct MHD_Response *m, int64_t size)
{
    struct live *l = live_of(x);
    if (atomic_exchange(&l->stage, STAGE_REPLIED) == STAGE_REPLIED)
        return;
    conn_phase_set(&l->s->conns, l->conn, CONN_SENDING, size);
    if (MHD_queue_response(l->mhd, (unsigned)status, m) == MHD_NO)
        server_cut(x);
}

void server_reply(struct exchange *x, const struct reply *r)
{
    struct MHD_Response *m = make(r);
    if (!m) {
        if (r->fd >= 0)
            close(r->fd);
        server_cut(x);
        return;
    }
    if (atomic_load(&live_of(x)->s->draining))
        MHD_add_response_header(m, "Connection", "close");
    queue(x, r->status, m, r->fd >= 0 ? r->fd_size : (int64_t)r->body.n);
    MHD_destroy_response(m);
}

struct canned {
    int status;
    int64_t size;
    struct MHD_Response *m;
};

struct canned *canned_make(const struct reply *r)
{
    struct canned *c = mem_alloc(sizeof *c);
    if (!c)
        return NULL;
    *c = (struct canned){r->status, (int64_t)r->body.n, make(r)};
    if (c->m)
        return c;
    mem_free(c);
    return NULL;
}

void canned_free(struct canned *c)
{
    if (!c)
        return;
    MHD_destroy_response(c->m);
    mem_free(c);
}

void server_reply_canned(struct exchange *x, const struct canned *c)
{
    queue(x, c->status, c->m, c->size);
}

void server_discard(struct exchange *x)
{
    struct live *l = live_of(x);
    if (l->discarding)
        return;
    l->discarding = true;
    atomic_store(&l->conn->deadline, conns_now() + l->s->conns.o.read_ms);
}

void server_cut(struct exchange *x)
{
    shutdown(live_of(x)->conn->fd, SHUT_RDWR);
}

void server_wait(struct exchange *x)
{
    struct live *l = live_of(x);
    atomic_store(&l->stage, STAGE_WAITING);
    MHD_suspend_connection(l->mhd);
}

/* Nothing of the exchange may be touched once its connection is resumed: the door thread may be
 * done with it already. */
void server_wake(struct exchange *x)
{
    struct live *l = live_of(x);
    struct worker *w = l->worker;
    struct server *s = l->s;
    uint64_t one = 1;
    atomic_fetch_add(&s->waking, 1);
    atomic_store(&l->stage, STAGE_WOKEN);
    MHD_resume_connection(l->mhd);
    if (!atomic_exchange(&w->rung, true) && write(w->bell, &one, sizeof one) < 0)
        atomic_store(&w->rung, false);
    atomic_fetch_sub(&s->waking, 1);
}

/* --- start and stop ------------------------------------------------------------------------------
 */

static int limit_of(const struct server *s)
{
    return s->o.max_connections ? s->o.max_connections : DEFAULT_CONNECTIONS;
}

static bool admit(void *arg)
{
    struct server *s = arg;
    atomic_fetch_add(&s->accepted, 1);
    if (atomic_load(&s->admitted) < limit_of(s))
        return true;
    atomic_fetch_add(&s->refused, 1);
    return false;
}

static void take(void *arg, int fd, const struct sockaddr *peer, socklen_t n)
{
    struct server *s = arg;
    struct worker *w = &s->workers[s->next++ % (unsigned)s->workers_n];
    struct arrival a = {.fd = fd, .n = n};
    memcpy(&a.peer, peer, n);
    atomic_fetch_add(&s->admitted, 1);
    if (write(w->pipe[1], &a, sizeof a) == sizeof a)
        return;
    atomic_fetch_sub(&s->admitted, 1);
    close(fd);
}

/* --- door threads
 * ---------------------------------------------------------------------------------- */

/* Takes what waits in the pipe; false when the end was sent. */
static bool arrivals(struct worker *w)
{
    struct arrival a;
    while (read(w->pipe[0], &a, sizeof a) == sizeof a) {
        if (a.fd < 0)
            return false;
        if (MHD_add_connection(w->daemon, a.fd, (struct sockaddr *)&a.peer, a.n) == MHD_NO)
            atomic_fetch_sub(&w->s->admitted, 1);
    }
    return true;
}

static void hear(struct worker *w)
{
    uint64_t n;
    if (read(w->bell, &n, sizeof n) > 0)
        atomic_store(&w->rung, false);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    const union MHD_DaemonInfo *i = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd p[] = {{.fd = i->epoll_fd, .events = POLLIN}, {.fd = w->bell, .events = POLLIN},
        {.fd = w->pipe[0], .events = POLLIN}};
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
    for (;;) {
        MHD_UNSIGNED_LONG_LONG ms = 0;
        int wait = MHD_get_timeout(w->daemon, &ms) == MHD_YES ? (int)(ms < 1000 ? ms : 1000) : -1;
        p[1].revents = p[2].revents = 0;
        (void)poll(p, 3, wait);
        if (p[1].revents)
            hear(w);
        if (p[2].revents && !arrivals(w))
            return NULL;
        MHD_run(w->daemon);
    }
}

static enum err why(const struct server_options *o, enum err e, const char *text, const char *more)
{
    if (o->why && o->why_size)
        snprintf(o->why, o->why_size, "%s%s", text, more);
    return e;
}

static char *load(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = f ? mem_alloc(65537) : NULL;
    size_t n = text ? fread(text, 1, 65536, f) : 0;
    if (f)
        fclose(f);
    if (n)
        return text;
    mem_free(text);
    return NULL;
}

static enum err load_tls(struct server *s)
{
    const struct server_options *o = &s->o;
    if (!o->tls_cert && !o->tls_key)
        return OK;
    if (!o->tls_cert || !o->tls_key)
        return why(o, ERR_INVALID, "--tls-cert 和 --tls-key 要一起给出", "");
    s->cert = load(o->tls_cert);
    if (!s->cert)
        return why(o, ERR_INVALID, "读不到证书文件：", o->tls_cert);
    s->key = load(o->tls_key);
    return s->key ? OK : why(o, ERR_INVALID, "读不到证书私钥文件：", o->tls_key);
}

/* Every connection is a descriptor; ask for enough of them. */
static void raise_files(int need)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= (rlim_t)need)
        return;
    r.rlim_cur = r.rlim_max < (rlim_t)need ? r.rlim_max : (rlim_t)need;
    setrlimit(RLIMIT_NOFILE, &r);
}

static struct MHD_Daemon *make_daemon(struct server *s, struct worker *w)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
                     MHD_USE_ITC | MHD_USE_TURBO | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, s->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_VERSIONS},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(flags | (s->cert ? MHD_USE_TLS : 0), 0, NULL, NULL, handle, s,
        MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)limit_of(s) + 64, MHD_OPTION_NOTIFY_CONNECTION,
        connection, s, MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_URI_LOG_CALLBACK,
        begin, w, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_ARRAY,
        s->cert ? tls : plain, MHD_OPTION_END);
}

static enum err start_worker(struct server *s)
{
    struct worker *w = &s->workers[s->workers_n];
    w->s = s;
    w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->bell < 0 || pipe2(w->pipe, O_CLOEXEC)) {
        close(w->bell);
        return why(&s->o, ERR_IO, "无法启动网络服务", "");
    }
    s->workers_n++;
    fcntl(w->pipe[0], F_SETFL, O_NONBLOCK);
    w->daemon = make_daemon(s, w);
    if (!w->daemon && s->cert)
        return why(&s->o, ERR_INVALID, "证书或私钥不能使用，请检查是否为 PEM 格式且配对", "");
    w->running = w->daemon && pthread_create(&w->thread, NULL, work, w) == 0;
    return w->running ? OK : why(&s->o, ERR_IO, "无法启动网络服务", "");
}

static enum err start_workers(struct server *s)
{
    int n = s->o.threads ? s->o.threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
    enum err e = OK;
    for (int i = 0; !e && i < WORKERS_MAX && (i < n || i < 2); i++)
        e = start_worker(s);
    return e;
}

static void stop_workers(struct server *s)
{
    struct arrival end = {.fd = -1};
    for (int i = 0; i < s->workers_n; i++) {
        struct worker *w = &s->workers[i];
        if (w->running && write(w->pipe[1], &end, sizeof end) == sizeof end)
            pthread_join(w->thread, NULL);
        if (w->daemon)
            MHD_stop_daemon(w->daemon);
        close(w->pipe[0]);
        close(w->pipe[1]);
        close(w->bell);
    }
}

static int64_t or_default(int64_t v, int64_t d)
{
    return v ? v : d;
}

static enum err start_conns(struct server *s)
{
    struct conns_options o = {
        .idle_ms = or_default(s->o.idle_ms, 75000),
        .header_ms = or_default(s->o.header_ms, 10000),
        .read_ms = or_default(s->o.read_ms, 30000),
        .slow_rate = or_default(s->o.slow_rate, 16384),
        .tick_ms = or_default(s->o.tick_ms, 1000),
    };
    return conns_start(&s->conns, &o) ? why(&s->o, ERR_IO, "无法启动网络服务", "") : OK;
}

static enum err start_listening(struct server *s)
{
    struct listen_options l = {
        s->o.listen, admit, take, s, s->cert ? STR_NULL : s->o.refusal, s->o.why, s->o.why_size};
    return listen_start(&l, &s->listener);
}

static void release(struct server *s)
{
    mem_free(s->cert);
    mem_free(s->key);
    mem_free(s);
}

enum err server_start(const struct server_options *o, struct server **ret)
{
    struct server *s = mem_alloc(sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->o = *o;
    fault.headers = o->fault_headers;
    fault.n = o->fault_headers_n;
    fault.body = o->fault_body;
    raise_files(limit_of(s) + 256);
    enum err e = load_tls(s);
    if (!e)
        e = start_conns(s);
    if (e) {
        release(s);
        return e;
    }
    e = start_workers(s);
    if (!e)
        e = start_listening(s);
    if (!e) {
        *ret = s;
        return OK;
    }
    stop_workers(s);
    conns_stop(&s->conns);
    release(s);
    return e;
}

const char *server_address(const struct server *s)
{
    return listen_address(s->listener);
}

int server_port(const struct server *s)
{
    return listen_port(s->listener);
}

void server_stats(struct server *s, struct server_stats *ret)
{
    *ret = (struct server_stats){atomic_load(&s->conns.live), atomic_load(&s->accepted),
        atomic_load(&s->refused), atomic_load(&s->conns.cut)};
}

static void nap(void)
{
    nanosleep(&(struct timespec){0, 10 * 1000000}, NULL);
}

void server_stop(struct server *s, int64_t grace_ms)
{
    listen_stop(s->listener);
    atomic_store(&s->draining, true);
    conns_drain(&s->conns);
    int64_t until = conns_now() + grace_ms, running = 0;
    while (atomic_load(&s->conns.live) && conns_now() < until)
        nap();
    atomic_store(&s->closing, true);
    conns_shut_all(&s->conns);
    while ((conns_busy(&s->conns, &running) && running) || atomic_load(&s->waking))
        nap();
    stop_workers(s);
    conns_stop(&s->conns);
    release(s);
}
