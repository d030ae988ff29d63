/* bench_writer [SECONDS [CLIENTS [DIR]]]: the raw ceiling of durable submissions, without HTTP.
 *
 * Every client has one submission under way: one record of about 200 bytes, one journal row with a
 * digest, and its part of a counter that is written once per batch, as the daily check does. Two
 * figures: clients that hand in the next job when told about the last (nothing but the group
 * commit), and clients that are threads and wait (writer_do). */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db/catalog.h"
#include "db/writer.h"

enum { B_RECORD, B_JOURNAL, B_TALLY, B_COUNT };

static const char *const p_record[] = {"id", "firm", "day", "org", "answers", "at", "jseq"};
static const char *const p_journal[] = {"id", "at", "actor", "op", "ref", "firm", "digest"};
static const char *const p_tally[] = {"level", "day", "path", "done"};

static const struct sql_stmt stmts[] = {
    [B_RECORD] = {"record_insert",
        "INSERT INTO record (id, firm, day, org, answers, at, jseq) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        7, p_record, true},
    [B_JOURNAL] = {"journal_insert",
        "INSERT INTO journal (id, at, actor, op, ref, firm, digest) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        7, p_journal, true},
    [B_TALLY] = {"tally_add",
        "INSERT INTO tally (level, day, path, done) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (level, day, path) DO UPDATE SET done = done + excluded.done",
        4, p_tally, true},
};

static const struct sql_migration migrations[] = {
    {"0001_bench", 1,
        "CREATE TABLE record (id @ID@, firm BIGINT NOT NULL, day BIGINT NOT NULL, "
        "org BIGINT NOT NULL, answers TEXT NOT NULL, at BIGINT NOT NULL, jseq BIGINT NOT NULL); "
        "CREATE UNIQUE INDEX record_day ON record (day, firm); "
        "CREATE TABLE journal (id @ID@, at BIGINT NOT NULL, actor BIGINT NOT NULL, "
        "op TEXT NOT NULL, ref BIGINT NOT NULL, firm BIGINT, digest @BLOB@); "
        "CREATE TABLE tally (level BIGINT NOT NULL, day BIGINT NOT NULL, path TEXT NOT NULL, "
        "done BIGINT NOT NULL, PRIMARY KEY (level, day, path)) @WITHOUT_ROWID@"},
};

static const struct sql_catalog catalog = {stmts, B_COUNT, migrations, 1};

enum { LEVELS = 4, FIRMS = 100000, CLIENTS_MAX = 4096, MICROS_MAX = 200000 };

struct client {
    struct write_job job;
    int64_t sent_us;
    bool stopped;
};

static struct writer *writer;
static struct client clients[CLIENTS_MAX];
static int nclients = 64;
static _Atomic bool stop;
static _Atomic int running;
static int64_t next_id; /* of the writer thread, as are the next two */
static int64_t in_batch, saved_in_batch;
static _Atomic int64_t acked, failed;
static _Atomic int latency[MICROS_MAX + 1];

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static enum err record_put(struct db_conn *c, int64_t id)
{
    static char answers[201];
    if (!answers[0])
        memset(answers, 'a', 200);
    struct q q;
    q_begin(&q, c, (enum sql_id)B_RECORD);
    q_int(&q, "id", id);
    q_int(&q, "firm", id * 7919 % FIRMS); /* firms come in no order */
    q_int(&q, "day", 20000 + id / FIRMS);
    q_int(&q, "org", 12);
    q_str(&q, "answers", (struct str){answers, 200});
    q_int(&q, "at", 1793000000000 + id);
    q_int(&q, "jseq", id);
    return q_exec(&q);
}

static enum err journal_put(struct db_conn *c, int64_t id)
{
    static const char digest[32] = "0123456789abcdef0123456789abcde";
    struct q q;
    q_begin(&q, c, (enum sql_id)B_JOURNAL);
    q_int(&q, "id", id);
    q_int(&q, "at", 1793000000000 + id);
    q_int(&q, "actor", id % 100000);
    q_str(&q, "op", S("daily_submit"));
    q_int(&q, "ref", id);
    q_int(&q, "firm", id * 7919 % FIRMS);
    q_blob(&q, "digest", (struct str){digest, sizeof digest});
    return q_exec(&q);
}

static enum err submit(struct db_conn *c, void *arg)
{
    (void)arg;
    int64_t id = ++next_id;
    enum err e = record_put(c, id);
    return e == OK ? journal_put(c, id) : e;
}

static enum err batch_begin(struct db_conn *c, void *arg)
{
    (void)c;
    (void)arg;
    in_batch = 0;
    return OK;
}

static enum err batch_end(struct db_conn *c, void *arg)
{
    (void)arg;
    enum err e = OK;
    for (int level = 0; e == OK && level < LEVELS; level++) {
        struct q q;
        q_begin(&q, c, (enum sql_id)B_TALLY);
        q_int(&q, "level", level);
        q_int(&q, "day", 20000 + next_id / FIRMS);
        q_str(&q, "path", S("0001.0004.0010.0003."));
        q_int(&q, "done", in_batch);
        e = q_exec(&q);
    }
    return e;
}

static void batch_saved(void *arg)
{
    (void)arg;
    saved_in_batch = in_batch++;
}

static void batch_undone(void *arg)
{
    (void)arg;
    in_batch = saved_in_batch;
}

static const struct writer_hooks hooks = {
    .begin = batch_begin, .end = batch_end, .saved = batch_saved, .undone = batch_undone};

static void note(enum err e, int64_t sent_us)
{
    int64_t took = now_us() - sent_us;
    atomic_fetch_add_explicit(
        &latency[took < MICROS_MAX ? took : MICROS_MAX], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(e == OK ? &acked : &failed, 1, memory_order_relaxed);
}

/* --- clients that hand in the next job at once ------------------------------------------------ */

static void again(enum err e, void *arg)
{
    struct client *k = arg;
    note(e, k->sent_us);
    k->sent_us = now_us();
    if (stop || writer_put(writer, &k->job) != OK)
        atomic_fetch_sub(&running, 1);
}

static void start_async(void)
{
    running = nclients;
    for (int i = 0; i < nclients; i++) {
        struct client *k = &clients[i];
        k->job = (struct write_job){.run = submit, .done = again, .arg = k};
        k->sent_us = now_us();
        if (writer_put(writer, &k->job) != OK)
            atomic_fetch_sub(&running, 1);
    }
}

/* --- clients that are threads ----------------------------------------------------------------- */

static void *waiting_client(void *arg)
{
    (void)arg;
    while (!stop) {
        int64_t sent = now_us();
        note(writer_do(writer, submit, NULL), sent);
    }
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static void start_threads(void)
{
    running = nclients;
    for (int i = 0; i < nclients; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, waiting_client, NULL) != 0)
            atomic_fetch_sub(&running, 1);
        else
            pthread_detach(t);
    }
}

/* --- a run ------------------------------------------------------------------------------------ */

static double quantile_ms(double p)
{
    int64_t total = 0;
    for (int i = 0; i <= MICROS_MAX; i++)
        total += latency[i];
    int64_t seen = 0;
    int i = 0;
    while (i < MICROS_MAX && (double)(seen += latency[i]) < p * (double)total)
        i++;
    return i / 1000.0;
}

static double log_mib(const char *path)
{
    char log[300];
    struct stat s;
    snprintf(log, sizeof log, "%s-wal", path);
    return stat(log, &s) == 0 ? (double)s.st_size / 1048576 : 0;
}

static void report(const char *name, int64_t took_us, const char *path)
{
    struct writer_stats s;
    writer_stats(writer, &s);
    printf("%s: %.0f acks/s, %lld failed, %.1f jobs per commit, p50 %.2f ms, p99 %.2f ms, "
           "max %.2f ms, log %.0f MiB\n",
        name, (double)acked * 1e6 / (double)took_us, (long long)failed,
        (double)s.jobs / (double)s.batches, quantile_ms(0.5), quantile_ms(0.99), quantile_ms(1),
        log_mib(path));
    fflush(stdout);
}

static enum err measure(const char *name, void (*start)(void), double seconds, const char *path)
{
    char target[300];
    snprintf(target, sizeof target, "sqlite:%s", path);
    struct db_options o = {.target = target, .create = true};
    struct db *db = NULL;
    enum err e = db_open(&o, &db);
    if (e == OK)
        e = writer_start(db, &hooks, 0, &writer);
    if (e != OK)
        return e;
    acked = failed = 0;
    next_id = 0;
    memset(latency, 0, sizeof latency);
    stop = false;
    int64_t from = now_us();
    start();
    usleep((useconds_t)(seconds * 1e6));
    stop = true;
    while (running > 0)
        usleep(1000);
    report(name, now_us() - from, path);
    writer_stop(writer);
    db_close(db);
    return OK;
}

static int run(const char *dir, double seconds)
{
    char path[200];
    char cmd[300];
    db_use_catalog(&catalog);
    snprintf(path, sizeof path, "%s/async.db", dir);
    enum err e = measure("group commit, async clients", start_async, seconds, path);
    snprintf(path, sizeof path, "%s/threads.db", dir);
    if (e == OK)
        e = measure("group commit, waiting threads", start_threads, seconds, path);
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    if (system(cmd) != 0 || e != OK)
        fprintf(stderr, "bench_writer: %s\n", err_name(e));
    return e == OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 5;
    nclients = argc > 2 ? atoi(argv[2]) : 64;
    if (seconds <= 0 || nclients < 1 || nclients > CLIENTS_MAX) {
        fprintf(stderr, "usage: bench_writer [SECONDS [CLIENTS [DIR]]]\n");
        return 2;
    }
    char dir[150];
    snprintf(dir, sizeof dir, "%s/zhian-bench-XXXXXX", argc > 3 ? argv[3] : "/var/tmp");
    if (!mkdtemp(dir)) {
        perror(dir);
        return 1;
    }
    return run(dir, seconds);
}
