/* Durable daily submissions: the HTTP door against the bare group commit on the same store.
 *
 *   bench_daily prepare DIR COUNT FILE          accounts, sessions and risk lists for COUNT firms
 * that owe today's check (a store marked as test) bench_daily load ADDR:PORT[,…] FILE FROM COUNT
 * CODES 64 keep-alive connections, one firm and day each bench_daily raw DIR FILE FROM COUNT 64
 * jobs under way on the same tables, indexes and counters through the writer, nothing else
 *
 * load and raw print one JSON object. FILE has one line per firm. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/civil.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/record.h"
#include "core/session.h"
#include "core/template.h"
#include "feature/account/account.h"
#include "feature/duty/duty.h"
#include "feature/feature.h"
#include "feature/ops.h"
#include "feature/setup/setup.h"

enum { CLIENTS = 64, MICROS_MAX = 1000000, ANSWER_MAX = 16384, DAILY_EPOCH = 19358, A_WRITE = 200 };
#define TEMPLATE "daily_sales_small"

struct subject {
    long long firm, org, risklist, account;
    char path[32], token[48];
};

static struct subject *subjects;
static int64_t nsubjects;
static int latency[MICROS_MAX + 1];
static _Atomic int64_t acked, failed;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int stop(const char *what)
{
    fprintf(stderr, "bench_daily: %s\n", what);
    exit(1);
}

static void note(bool good, int64_t sent_us)
{
    int64_t took = now_us() - sent_us;
    latency[took < MICROS_MAX ? took : MICROS_MAX]++;
    atomic_fetch_add_explicit(good ? &acked : &failed, 1, memory_order_relaxed);
}

static double quantile_ms(double p)
{
    int64_t total = 0, seen = 0;
    int i = 0;
    for (int k = 0; k <= MICROS_MAX; k++)
        total += latency[k];
    while (i < MICROS_MAX && (double)(seen += latency[i]) < p * (double)total)
        i++;
    return i / 1000.0;
}

static void report(int64_t from_us)
{
    double took = (double)(now_us() - from_us) / 1e6;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    printf("{\"acked\":%lld,\"failed\":%lld,\"seconds\":%.3f,\"rate\":%.0f,\"p50_ms\":%.2f,"
           "\"p99_ms\":%.2f,\"cpu_s\":%.2f}\n",
        (long long)acked, (long long)failed, took, (double)acked / took, quantile_ms(0.5),
        quantile_ms(0.99), cpu);
}

static struct app *open_store(const char *dir)
{
    static char why[300];
    struct app_options o = {
        .dir = dir, .db = getenv("BENCH_DB_URI"), .why = why, .why_size = sizeof why};
    struct app *app = NULL;
    feature_options(&o);
    if (app_open(&o, &app))
        stop(why);
    if (!app->test)
        stop("only on a store made with --test");
    return app;
}

/* --- prepare
 * -------------------------------------------------------------------------------------- */

struct preparing {
    struct app *app;
    int64_t wanted, from;
    struct str hash;
};

static enum err choose(struct ctx *c, void *arg)
{
    struct preparing *p = arg;
    struct q q;
    q_begin_text(&q, c->db,
        S("SELECT f.id, f.org, f.org_path FROM firm f WHERE f.duty_from <= $1 AND f.state = "
          "'admitted' AND f.abnormal = '00' AND f.applicability <> '均不适用' AND NOT EXISTS "
          "(SELECT 1 FROM risklist r WHERE r.firm "
          "= f.id) "
          "AND NOT EXISTS (SELECT 1 FROM daily d WHERE d.id = (($1 - 19358) << 38) + (f.id << 4)) "
          "ORDER BY f.id % 1009, f.id LIMIT $2"));
    q_int_at(&q, 1, c->today);
    q_int_at(&q, 2, p->wanted);
    while (q_row(&q)) {
        struct subject *s = &subjects[nsubjects++];
        s->firm = q_get_int(&q, 0);
        s->org = q_get_int(&q, 1);
        snprintf(s->path, sizeof s->path, "%.*s", STR_ARG(q_get_str(&q, 2)));
    }
    return q_end(&q);
}

static enum err equip(struct ctx *c, struct preparing *p, struct subject *s)
{
    char login[40];
    snprintf(login, sizeof login, "bench.%lld", s->firm);
    struct setup_account a = {.login = login,
        .name = "压测安全员",
        .role = "officer",
        .area = S(""),
        .firm = s->firm,
        .hash = p->hash};
    struct risklist_save in;
    struct risklist_view list;
    struct str token = STR_NULL;
    desc_clear(&risklist_save_desc, &in);
    in.firm = s->firm;
    in.template = S(TEMPLATE);
    enum err e = setup_account(c, &a);
    if (!e)
        e = op_risklist_save(c, &in, &list);
    if (!e)
        e = session_create(c, a.id, &token);
    if (e)
        return e;
    s->account = a.id;
    s->risklist = list.id;
    snprintf(s->token, sizeof s->token, "%.*s", STR_ARG(token));
    return OK;
}

static enum err equip_some(struct ctx *c, void *arg)
{
    struct preparing *p = arg;
    enum err e = OK;
    for (int64_t i = p->from; !e && i < p->from + A_WRITE && i < nsubjects; i++)
        e = equip(c, p, &subjects[i]);
    return e;
}

static enum err hash_once(struct ctx *c, void *arg)
{
    struct preparing *p = arg;
    struct str h;
    enum err e = account_hash(c, S("Zhian-bench-2026"), &h);
    static char kept[200];
    snprintf(kept, sizeof kept, "%.*s", STR_ARG(h));
    p->hash = str_z(kept);
    return e;
}

static int prepare(const char *dir, int64_t count, const char *file)
{
    struct preparing p = {.app = open_store(dir), .wanted = count};
    subjects = calloc((size_t)count + 1, sizeof *subjects);
    FILE *f = fopen(file, "w");
    if (!subjects || !f || app_read(p.app, choose, &p) || app_read(p.app, hash_once, &p))
        stop("cannot prepare");
    for (; p.from < nsubjects; p.from += A_WRITE)
        if (app_write(p.app, NULL, equip_some, &p))
            stop("cannot make accounts and lists");
    app_close(p.app);
    for (int64_t i = 0; i < nsubjects; i++)
        fprintf(f, "%lld %lld %lld %lld %s %s\n", subjects[i].firm, subjects[i].org,
            subjects[i].risklist, subjects[i].account, subjects[i].path, subjects[i].token);
    if (fclose(f))
        stop("cannot write the file");
    printf("{\"prepared\":%lld}\n", (long long)nsubjects);
    return 0;
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
        if (sscanf(line, "%lld %lld %lld %lld %31s %47s", &s->firm, &s->org, &s->risklist,
                &s->account, s->path, s->token) != 6)
            stop("a bad line");
        nsubjects++;
    }
    fclose(f);
    if (nsubjects == 0)
        stop("no firms left in the file");
}

/* --- load: the HTTP side
 * ---------------------------------------------------------------------------- */

struct link {
    int fd;
    char out[8192];
    size_t nout, sent;
    char in[ANSWER_MAX];
    size_t nin;
    int64_t sent_us;
};

static struct link links[CLIENTS];
static struct sockaddr_in servers[16];
static int nservers;
static int64_t next_subject;
static int busy_links;
static char answers[4096], day_text[16];

/* "normal" for every item of the list; codes is the comma-joined codes of its items. */
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
        snprintf(body, sizeof body, "{\"risklist\":%lld,\"answers\":[%s],\"key\":\"bench-%lld\"}",
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

static void ask_next(struct link *l)
{
    if (next_subject == nsubjects) {
        busy_links--;
        return;
    }
    request_make(l, &subjects[next_subject++]);
    l->sent = l->nin = 0;
    l->sent_us = now_us();
    push(l);
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
    if (!size || l->nin < size)
        return;
    bool good = strncmp(l->in, "HTTP/1.1 200", 12) == 0;
    if (!good && failed == 0)
        fprintf(stderr, "%s\n", l->in);
    note(good, l->sent_us);
    ask_next(l);
}

static void addresses_read(const char *text)
{
    for (const char *colon = strchr(text, ':'); colon && nservers < 16;
         colon = strchr(colon + 1, ':')) {
        struct sockaddr_in *s = &servers[nservers++];
        *s = (struct sockaddr_in){.sin_family = AF_INET};
        s->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        s->sin_port = htons((uint16_t)atoi(colon + 1));
    }
    if (!nservers)
        stop("an address is 127.0.0.1:PORT");
}

static void link_open(struct link *l, int ep)
{
    int one = 1;
    const struct sockaddr_in *server = &servers[(l - links) % nservers];
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || connect(l->fd, (const struct sockaddr *)server, sizeof *server))
        stop("cannot connect");
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = l};
    epoll_ctl(ep, EPOLL_CTL_ADD, l->fd, &ev);
}

static int load(const char *address, const char *codes)
{
    struct timespec t;
    addresses_read(address);
    clock_gettime(CLOCK_REALTIME, &t);
    civil_put_day(civil_today((int64_t)t.tv_sec * 1000), day_text);
    answers_make(codes);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < CLIENTS; i++)
        link_open(&links[i], ep);
    int64_t from = now_us();
    busy_links = CLIENTS;
    for (int i = 0; i < CLIENTS; i++)
        ask_next(&links[i]);
    while (busy_links > 0) {
        struct epoll_event ev[CLIENTS];
        int n = epoll_wait(ep, ev, CLIENTS, 10000);
        if (n <= 0)
            stop("no answer for ten seconds");
        for (int i = 0; i < n; i++)
            pull(ev[i].data.ptr);
    }
    report(from);
    return failed ? 1 : 0;
}

/* --- raw: the bare group commit
 * --------------------------------------------------------------------- */

struct runner {
    struct write_job job;
    int64_t sent_us;
    const struct subject *s;
};

static struct runner runners[CLIENTS];
static struct app *raw_app;
static _Atomic int running;
static int64_t raw_now, raw_day;
static const struct counter_def day_counter = {
    SQL_duty_count_add, "day", {"due", "excused", "done", "late", "zero", "problem", NULL}};
static const char digest[] = "0123456789abcdef0123456789abcdef";

static enum err journal_put(struct ctx *c, const struct subject *s, int64_t id, int64_t *ret_seq)
{
    struct journal_row j;
    struct q q;
    desc_clear(&journal_row_desc, &j);
    *ret_seq = j.id = journal_seq(c);
    j.at = raw_now;
    j.actor = s->account;
    j.op = S("daily_submit");
    j.kind = kind_daily.code;
    j.ref = id;
    j.firm = s->firm;
    j.digest = (struct str){digest, 32};
    j.ip = S("127.0.0.1");
    j.rid = S("0123456789ab");
    q_begin(&q, c->db, SQL_journal_add);
    q_bind(&q, &journal_row_desc, &j);
    q_blob(&q, "digest", j.digest);
    return q_exec(&q);
}

static enum err daily_put(struct ctx *c, const struct subject *s, int64_t id, int64_t seq)
{
    struct daily_row d;
    struct q q;
    desc_clear(&daily_row_desc, &d);
    d.id = id;
    d.firm = s->firm;
    d.day = raw_day;
    d.version = 1;
    d.org = s->org;
    d.risklist = s->risklist;
    d.answers = S("111111111111");
    d.problems = d.late = 0;
    d.zero_risk = 1;
    d.key = S("bench-1234567");
    d.at = raw_now;
    d.by_account = s->account;
    d.by_name = S("压测安全员");
    d.jseq = seq;
    q_begin(&q, c->db, SQL_daily_insert);
    q_bind(&q, &daily_row_desc, &d);
    return q_exec(&q);
}

static enum err raw_run(struct db_conn *db, void *arg)
{
    const struct runner *r = arg;
    struct ctx c = {.app = raw_app, .db = db, .batch = raw_app->batch};
    int64_t id = (raw_day - DAILY_EPOCH) << 38 | r->s->firm << 4, seq = 0;
    int64_t v[COUNTER_COLS] = {0, 0, 1, 0, 1, 0};
    enum err e = journal_put(&c, r->s, id, &seq);
    if (!e)
        e = daily_put(&c, r->s, id, seq);
    count_add(&c, &day_counter, raw_day, str_z(r->s->path), v);
    return e;
}

static bool raw_next(struct runner *r)
{
    if (next_subject == nsubjects)
        return false;
    r->s = &subjects[next_subject++];
    r->sent_us = now_us();
    return writer_put(raw_app->writer, &r->job) == OK;
}

static void raw_done(enum err e, void *arg)
{
    struct runner *r = arg;
    note(e == OK, r->sent_us);
    if (!raw_next(r))
        atomic_fetch_sub(&running, 1);
}

/* All jobs are put before the first is told, so only the writer thread touches next_subject. */
static enum err raw_start(struct db_conn *db, void *arg)
{
    (void)db;
    (void)arg;
    running = CLIENTS;
    for (int i = 0; i < CLIENTS; i++) {
        runners[i].job = (struct write_job){.run = raw_run, .done = raw_done, .arg = &runners[i]};
        if (!raw_next(&runners[i]))
            atomic_fetch_sub(&running, 1);
    }
    return OK;
}

static int raw(const char *dir)
{
    raw_app = open_store(dir);
    raw_now = app_now(raw_app);
    raw_day = civil_today(raw_now);
    int64_t from = now_us();
    if (writer_do(raw_app->writer, raw_start, NULL))
        stop("cannot start");
    while (running > 0)
        usleep(500);
    report(from);
    app_close(raw_app);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "prepare") == 0)
        return prepare(argv[2], atoll(argv[3]), argv[4]);
    if (argc == 7 && strcmp(argv[1], "load") == 0) {
        subjects_read(argv[3], atoll(argv[4]), atoll(argv[5]));
        return load(argv[2], argv[6]);
    }
    if (argc == 6 && strcmp(argv[1], "raw") == 0) {
        subjects_read(argv[3], atoll(argv[4]), atoll(argv[5]));
        return raw(argv[2]);
    }
    fprintf(stderr,
        "usage: bench_daily prepare DIR COUNT FILE | load ADDR FILE FROM COUNT CODES | raw DIR "
        "FILE FROM COUNT\n");
    return 2;
}
