/* Counters per operation × status and a latency histogram per operation, as relaxed atomics: a
 * scrape may see a request in one and not yet in the other, never a torn number. */
#include "http/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

/* Upper bounds in microseconds; the last bucket is +Inf. */
static const int64_t bounds[] = {
    250, 1000, 2500, 5000, 10000, 20000, 50000, 100000, 250000, 1000000, 5000000};
/* Statuses told apart; anything else counts as the last. */
static const int statuses[] = {200, 201, 202, 204, 304, 308, 400, 401, 403, 404, 405, 409, 412, 413,
    414, 415, 422, 429, 431, 500, 503, 507, 0};
static const char *const others[OTHERS] = {"static", "healthz", "metrics", "none"};

enum {
    BUCKETS = sizeof bounds / sizeof *bounds + 1,
    STATUSES = sizeof statuses / sizeof *statuses,
};

struct row {
    _Atomic int64_t by_status[STATUSES];
    _Atomic int64_t bucket[BUCKETS];
    _Atomic int64_t micros;
};

struct metrics {
    const struct op_table *ops;
    struct row rows[];
};

struct metrics *metrics_new(const struct op_table *ops)
{
    struct metrics *m = mem_alloc(sizeof *m + (ops->n + OTHERS) * sizeof *m->rows);
    if (m)
        m->ops = ops;
    return m;
}

void metrics_free(struct metrics *m)
{
    mem_free(m);
}

static void add(_Atomic int64_t *v, int64_t n)
{
    atomic_fetch_add_explicit(v, n, memory_order_relaxed);
}

static int64_t get(_Atomic int64_t *v)
{
    return atomic_load_explicit(v, memory_order_relaxed);
}

void metrics_count(
    struct metrics *m, const struct op *op, enum other other, int status, int64_t micros)
{
    struct row *r = &m->rows[op ? OTHERS + (size_t)(op - m->ops->rows) : (size_t)other];
    size_t s = 0, k = 0;
    while (s < STATUSES - 1 && statuses[s] != status)
        s++;
    while (k < BUCKETS - 1 && micros > bounds[k])
        k++;
    add(&r->by_status[s], 1);
    add(&r->bucket[k], 1);
    add(&r->micros, micros);
}

static const char *name_of(const struct metrics *m, size_t i)
{
    return i < OTHERS ? others[i] : m->ops->rows[i - OTHERS].name;
}

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_requests(struct metrics *m, size_t i, struct buf *b)
{
    for (size_t s = 0; s < STATUSES; s++) {
        int64_t n = get(&m->rows[i].by_status[s]);
        if (!n)
            continue;
        buf_fmt(b, "zhian_requests_total{op=\"%s\",status=\"", name_of(m, i));
        buf_fmt(b, statuses[s] ? "%d" : "other", statuses[s]);
        buf_fmt(b, "\"} %lld\n", (long long)n);
    }
}

static void write_histogram(struct metrics *m, size_t i, struct buf *b)
{
    const char *op = name_of(m, i);
    int64_t sum = 0;
    for (size_t k = 0; k < BUCKETS; k++)
        sum += get(&m->rows[i].bucket[k]);
    if (!sum)
        return;
    sum = 0;
    for (size_t k = 0; k < BUCKETS; k++) {
        sum += get(&m->rows[i].bucket[k]);
        buf_fmt(b, "zhian_request_seconds_bucket{op=\"%s\",le=\"", op);
        if (k < BUCKETS - 1)
            buf_fmt(b, "%g", (double)bounds[k] / 1e6);
        else
            buf_addz(b, "+Inf");
        buf_fmt(b, "\"} %lld\n", (long long)sum);
    }
    buf_fmt(b, "zhian_request_seconds_sum{op=\"%s\"} %.6f\n", op,
        (double)get(&m->rows[i].micros) / 1e6);
    buf_fmt(b, "zhian_request_seconds_count{op=\"%s\"} %lld\n", op, (long long)sum);
}

void metrics_write(struct metrics *m, struct buf *b)
{
    size_t n = OTHERS + m->ops->n;
    head(b, "zhian_requests_total", "counter", "Answered requests by operation and status.");
    for (size_t i = 0; i < n; i++)
        write_requests(m, i, b);
    head(b, "zhian_request_seconds", "histogram", "Time from the head of a request to its answer.");
    for (size_t i = 0; i < n; i++)
        write_histogram(m, i, b);
}

void metric_one(struct buf *b, const char *name, const char *type, const char *help, int64_t value)
{
    head(b, name, type, help);
    buf_fmt(b, "%s %lld\n", name, (long long)value);
}

int64_t process_memory(void)
{
    char text[200] = "";
    struct str rest;
    int64_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    bool got = fgets(text, sizeof text, f) != NULL;
    fclose(f);
    (void)str_cut(str_z(text), ' ', &rest); /* total, then resident pages */
    struct str resident = str_cut(rest, ' ', &rest);
    return got && str_int(resident, &pages) ? pages * sysconf(_SC_PAGESIZE) : 0;
}
