/* Open load: daily submissions at a constant rate of arrival, whatever the server does. A request's
 * latency counts from the instant it was meant to start, so that a stall of the server is felt by
 * all who would have come meanwhile.
 *
 *   bench_open ADDR[,ADDR…] FILE FROM COUNT CODES RATE
 *
 * FILE is bench_daily's; one firm's line is one request. As many connections as needed, up to
 * LINKS_MAX; who finds none waits in line, and the wait counts. Several addresses take turns.
 * Prints one JSON object. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/civil.h"

enum {
    LINKS_MAX = 512,
    ADDRESSES_MAX = 16,
    ANSWER_MAX = 16384,
    MICROS_MAX = 20000000,
    TICK_MS = 1,
    PATIENCE_S = 30,
};

struct subject {
    long long firm, risklist;
    char token[48];
};

struct link {
    int fd;
    bool busy;
    char out[8192];
    size_t nout, sent;
    char in[ANSWER_MAX];
    size_t nin;
    int64_t meant_us;
};

static struct subject *subjects;
static int64_t nsubjects, next_subject, acked, failed;
static int64_t wait_max; /* most requests that were due and not sent */
static struct link links[LINKS_MAX];
static int nlinks, nbusy, ep;
static struct sockaddr_in servers[ADDRESSES_MAX];
static int nservers;
static int *latency; /* by microsecond */
static char answers[4096], day_text[16];

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int stop(const char *what)
{
    fprintf(stderr, "bench_open: %s\n", what);
    exit(1);
}

static void subjects_read(const char *file, int64_t from, int64_t count)
{
    FILE *f = fopen(file, "r");
    char line[300];
    subjects = calloc((size_t)count + 1, sizeof *subjects);
    if (!f || !subjects)
        stop("cannot read the file");
    while (nsubjects < count && fgets(line, sizeof line, f)) {
        struct subject *s = &subjects[nsubjects];
        if (from-- > 0)
            continue;
        if (sscanf(line, "%lld %*d %lld %*d %*s %47s", &s->firm, &s->risklist, s->token) != 3)
            stop("a bad line");
        nsubjects++;
    }
    fclose(f);
    if (nsubjects < count)
        stop("too few firms in the file");
}

/* "normal" for every item of the list. */
static void answers_make(const char *codes)
{
    size_t n = 0;
    while (*codes) {
        size_t len = strcspn(codes, ",");
        n += (size_t)snprintf(answers + n, sizeof answers - n,
            "%s{\"code\":\"%.*s\",\"result\":\"normal\"}", n ? "," : "", (int)len, codes);
        codes += len + (codes[len] == ',');
    }
}

static void request_make(struct link *l, const struct subject *s)
{
    char body[6000];
    int n =
        snprintf(body, sizeof body, "{\"risklist\":%lld,\"answers\":[%s],\"key\":\"open-%lld\"}",
            s->risklist, answers, s->firm);
    l->nout = (size_t)snprintf(l->out, sizeof l->out,
        "POST /api/v1/firms/%lld/daily/%s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        s->firm, day_text, s->token, n, body);
}

static void push(struct link *l)
{
    while (l->sent < l->nout) {
        ssize_t n = send(l->fd, l->out + l->sent, l->nout - l->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            stop("the server closed a connection");
        l->sent += (size_t)n;
    }
}

static struct link *link_open(void)
{
    int one = 1;
    struct link *l = &links[nlinks];
    const struct sockaddr_in *to = &servers[nlinks++ % nservers];
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || connect(l->fd, (const struct sockaddr *)to, sizeof *to))
        stop("cannot connect");
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = l};
    epoll_ctl(ep, EPOLL_CTL_ADD, l->fd, &ev);
    return l;
}

/* An idle connection, the longest known first, so that few serve when few are enough. */
static struct link *link_idle(void)
{
    for (int i = 0; i < nlinks; i++)
        if (!links[i].busy)
            return &links[i];
    return nlinks < LINKS_MAX ? link_open() : NULL;
}

/* Bytes of the whole answer, 0 while the head is not complete. */
static size_t answer_size(const struct link *l)
{
    const char *end = memmem(l->in, l->nin, "\r\n\r\n", 4);
    const char *len = end ? memmem(l->in, l->nin, "Content-Length: ", 16) : NULL;
    if (!end)
        return 0;
    if (!len)
        stop("an answer without Content-Length");
    return (size_t)(end - l->in) + 4 + (size_t)strtoul(len + 16, NULL, 10);
}

static void answered(struct link *l)
{
    int64_t took = now_us() - l->meant_us;
    bool good = strncmp(l->in, "HTTP/1.1 200", 12) == 0;
    if (!good && failed == 0)
        fprintf(stderr, "%s\n", l->in);
    latency[took < MICROS_MAX ? took : MICROS_MAX]++;
    *(good ? &acked : &failed) += 1;
    l->busy = false;
    nbusy--;
}

static void pull(struct link *l)
{
    ssize_t n = recv(l->fd, l->in + l->nin, sizeof l->in - 1 - l->nin, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        stop("the server closed a connection");
    l->nin += (size_t)n;
    l->in[l->nin] = 0;
    size_t size = answer_size(l);
    if (size && l->nin >= size)
        answered(l);
}

/* Sends what is due by now, as far as there are connections. */
static void send_due(int64_t from, double rate)
{
    int64_t due = (int64_t)((double)(now_us() - from) * rate / 1e6) + 1;
    due = due < nsubjects ? due : nsubjects;
    wait_max = due - next_subject > wait_max ? due - next_subject : wait_max;
    while (next_subject < due) {
        struct link *l = link_idle();
        if (!l)
            return;
        l->meant_us = from + (int64_t)((double)next_subject * 1e6 / rate);
        request_make(l, &subjects[next_subject++]);
        l->sent = l->nin = 0;
        l->busy = true;
        nbusy++;
        push(l);
    }
}

static double quantile_ms(double p)
{
    int64_t seen = 0;
    int i = 0;
    while (i < MICROS_MAX && (double)(seen += latency[i]) < p * (double)(acked + failed))
        i++;
    return i / 1000.0;
}

static void report(int64_t from, double rate)
{
    double took = (double)(now_us() - from) / 1e6;
    printf("{\"asked\":%lld,\"acked\":%lld,\"failed\":%lld,\"rate\":%.0f,\"seconds\":%.2f,"
           "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"p999_ms\":%.2f,\"max_ms\":%.2f,\"connections\":%d,"
           "\"most_waiting\":%lld}\n",
        (long long)nsubjects, (long long)acked, (long long)failed, rate, took, quantile_ms(0.5),
        quantile_ms(0.99), quantile_ms(0.999), quantile_ms(1), nlinks, (long long)wait_max);
}

static void serve_events(void)
{
    struct epoll_event ev[64];
    int n = epoll_wait(ep, ev, 64, TICK_MS);
    for (int i = 0; i < n; i++)
        pull(ev[i].data.ptr);
}

static void run(double rate)
{
    int64_t from = now_us(), end = from + (int64_t)((double)nsubjects * 1e6 / rate);
    while (next_subject < nsubjects || nbusy) {
        send_due(from, rate);
        serve_events();
        if (now_us() > end + (int64_t)PATIENCE_S * 1000000)
            stop("answers are missing");
    }
    report(from, rate);
}

static void addresses_read(char *text)
{
    for (char *a = strtok(text, ","); a && nservers < ADDRESSES_MAX; a = strtok(NULL, ",")) {
        const char *colon = strrchr(a, ':');
        struct sockaddr_in *s = &servers[nservers++];
        *s = (struct sockaddr_in){.sin_family = AF_INET};
        s->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        s->sin_port = htons((uint16_t)atoi(colon ? colon + 1 : a));
    }
}

int main(int argc, char **argv)
{
    struct timespec t;
    if (argc != 7)
        stop("usage: bench_open ADDR[,ADDR…] FILE FROM COUNT CODES RATE");
    addresses_read(argv[1]);
    subjects_read(argv[2], atoll(argv[3]), atoll(argv[4]));
    answers_make(argv[5]);
    latency = calloc(MICROS_MAX + 1, sizeof *latency);
    ep = epoll_create1(EPOLL_CLOEXEC);
    if (!latency || ep < 0 || !nservers)
        stop("cannot start");
    clock_gettime(CLOCK_REALTIME, &t);
    civil_put_day(civil_today((int64_t)t.tv_sec * 1000), day_text);
    run(atof(argv[6]));
    return failed ? 1 : 0;
}
