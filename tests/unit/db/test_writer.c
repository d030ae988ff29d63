/* Group commit: who is told what and when, failures inside a group, hooks, readers beside it. */
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

static struct store st;

static int setup(void **state)
{
    (void)state;
    store_make(&st);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_drop(&st);
    return 0;
}

/* A gate that holds the writer inside a job, so that the jobs queued meanwhile form one group. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool inside, open;
};

static struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

static enum err gate_run(struct db_conn *c, void *arg)
{
    (void)c;
    (void)arg;
    pthread_mutex_lock(&gate.lock);
    gate.inside = true;
    pthread_cond_broadcast(&gate.cond);
    while (!gate.open)
        pthread_cond_wait(&gate.cond, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    return OK;
}

static void gate_enter(struct writer *w, struct write_job *job)
{
    gate.inside = gate.open = false;
    assert_int_equal(writer_put(w, job), OK);
    pthread_mutex_lock(&gate.lock);
    while (!gate.inside)
        pthread_cond_wait(&gate.cond, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_open(void)
{
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.cond);
    pthread_mutex_unlock(&gate.lock);
}

/* One job: what it shall do, and what it was told. */
enum act { ACT_PUT, ACT_FAIL, ACT_DOUBLE, ACT_LEAK, ACT_ENDLESS };

struct task {
    struct write_job job;
    enum act act;
    int64_t id;
    enum err e;
    _Atomic bool told;
    struct db_conn *reader; /* done looks whether the row is there */
    bool seen;
    int64_t seen_count;
};

static enum err endless(struct db_conn *c)
{
    db_deadline(c, 1);
    struct q q;
    q_begin_text(&q, c,
        S("INSERT INTO note (id, up) WITH RECURSIVE n(i) AS "
          "(SELECT 1000000 UNION ALL SELECT i + 1 FROM n) SELECT i, i FROM n"));
    enum err e = q_exec(&q);
    db_deadline(c, 0);
    return e;
}

static enum err task_run(struct db_conn *c, void *arg)
{
    struct task *t = arg;
    enum err e = note_put(c, t->id, S("job"), t->id);
    struct q q;
    switch (t->act) {
    case ACT_PUT:
        return e;
    case ACT_FAIL:
        return ERR_INVALID; /* after having written */
    case ACT_DOUBLE:
        return note_put(c, t->id, S("again"), 0);
    case ACT_LEAK:
        q_begin(&q, c, (enum sql_id)T_COUNT);
        q_row(&q);
        return e;
    case ACT_ENDLESS:
        return endless(c);
    }
    return ERR_INTERNAL;
}

static void task_done(enum err e, void *arg)
{
    struct task *t = arg;
    t->e = e;
    if (t->reader) {
        t->seen = note_there(t->reader, t->id);
        t->seen_count = one_int(t->reader, T_COUNT);
    }
    t->told = true;
}

static void task_put(struct writer *w, struct task *t, enum act act, int64_t id)
{
    t->job = (struct write_job){.run = task_run, .done = task_done, .arg = t};
    t->act = act;
    t->id = id;
    assert_int_equal(writer_put(w, &t->job), OK);
}

static struct task blocker = {.act = ACT_PUT};

static void block(struct writer *w)
{
    blocker.job = (struct write_job){.run = gate_run, .done = task_done, .arg = &blocker};
    gate_enter(w, &blocker.job);
}

static void told_after_the_commit(void **state)
{
    (void)state;
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, NULL, 0, &w), OK);
    struct db_conn *r = store_connect(&st, false);
    struct task t[20] = {0};
    block(w);
    for (int i = 0; i < 20; i++) {
        t[i].reader = r;
        task_put(w, &t[i], ACT_PUT, i + 1);
    }
    assert_int_equal(one_int(r, T_COUNT), 0);
    gate_open();
    struct writer_stats s;
    while (!t[19].told)
        usleep(1000);
    writer_stats(w, &s);
    writer_stop(w);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(t[i].e, OK);
        assert_true(t[i].seen); /* another connection saw it when done was called */
        assert_int_equal(t[i].seen_count, 20);
    }
    assert_int_equal(s.jobs, 21);
    assert_int_equal(s.batches, 2);
    assert_int_equal(s.failed, 0);
    assert_int_equal(s.queue_peak, 20);
    db_disconnect(r);
}

static void what_fails_is_undone_alone(void **state)
{
    (void)state;
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, NULL, 0, &w), OK);
    struct task t[6] = {0};
    block(w);
    static const enum act acts[] = {ACT_PUT, ACT_FAIL, ACT_PUT, ACT_DOUBLE, ACT_LEAK, ACT_PUT};
    for (int i = 0; i < 6; i++)
        task_put(w, &t[i], acts[i], i + 1);
    gate_open();
    writer_stop(w);
    static const enum err want[] = {OK, ERR_INVALID, OK, ERR_CONFLICT, ERR_INTERNAL, OK};
    struct db_conn *r = store_connect(&st, false);
    for (int i = 0; i < 6; i++) {
        assert_true(t[i].told);
        assert_int_equal(t[i].e, want[i]);
        assert_int_equal(note_there(r, i + 1), want[i] == OK);
    }
    db_disconnect(r);
}

static void one_that_fails_alone_leaves_nothing(void **state)
{
    (void)state;
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, NULL, 0, &w), OK);
    struct task t[4] = {0};
    static const enum act acts[] = {ACT_PUT, ACT_FAIL, ACT_LEAK, ACT_PUT};
    static const enum err want[] = {OK, ERR_INVALID, ERR_INTERNAL, OK};
    for (int i = 0; i < 4; i++) { /* each a group of its own */
        task_put(w, &t[i], acts[i], i + 1);
        while (!t[i].told)
            usleep(1000);
    }
    struct writer_stats s;
    writer_stats(w, &s);
    writer_stop(w);
    assert_int_equal(s.batches, 4);
    struct db_conn *r = store_connect(&st, false);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(t[i].e, want[i]);
        assert_int_equal(note_there(r, i + 1), want[i] == OK);
    }
    db_disconnect(r);
}

static void a_lost_transaction_fails_its_group_only(void **state)
{
    (void)state;
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, NULL, 0, &w), OK);
    struct task t[4] = {0};
    block(w);
    task_put(w, &t[0], ACT_PUT, 1);
    task_put(w, &t[1], ACT_ENDLESS, 2); /* interrupted: SQLite rolls all back */
    task_put(w, &t[2], ACT_PUT, 3);
    gate_open();
    while (!t[2].told)
        usleep(1000);
    task_put(w, &t[3], ACT_PUT, 4);
    writer_stop(w);
    struct db_conn *r = store_connect(&st, false);
    assert_int_equal(t[1].e, ERR_TIMEOUT);
    for (int i = 0; i < 3; i++) {
        bool lost = i == 1 || !server(); /* a server undoes the one job only */
        assert_int_equal(t[i].e, lost ? ERR_TIMEOUT : OK);
        assert_int_equal(note_there(r, i + 1), !lost);
    }
    assert_int_equal(t[3].e, OK);
    assert_true(note_there(r, 4));
    db_disconnect(r);
}

/* --- hooks ------------------------------------------------------------------------------------ */

struct batch {
    int begun, ended, closed, saved, undone, jobs;
    enum err end_with, outcome;
};

static enum err batch_begin(struct db_conn *c, void *arg)
{
    (void)c;
    struct batch *b = arg;
    b->begun++;
    b->jobs = 0;
    return OK;
}

static enum err batch_end(struct db_conn *c, void *arg)
{
    struct batch *b = arg;
    b->ended++;
    if (b->end_with != OK)
        return b->end_with;
    struct q q;
    q_begin(&q, c, (enum sql_id)T_BUMP);
    q_str(&q, "key", S("jobs"));
    q_int(&q, "by", b->jobs);
    return q_exec(&q);
}

static void batch_closed(enum err e, void *arg)
{
    struct batch *b = arg;
    b->closed++;
    b->outcome = e;
}

static void batch_saved(void *arg)
{
    struct batch *b = arg;
    b->saved++;
    b->jobs++;
}

static void batch_undone(void *arg)
{
    struct batch *b = arg;
    b->undone++;
    b->jobs--;
}

static int64_t tally(void)
{
    struct db_conn *r = store_connect(&st, false);
    struct q q;
    int64_t n = 0;
    q_begin_text(&q, r, S("SELECT sum(n) FROM tally"));
    assert_int_equal(q_one_int(&q, &n), OK);
    db_disconnect(r);
    return n;
}

static void hooks_of_a_batch(void **state)
{
    (void)state;
    struct batch b = {0};
    struct writer_hooks h = {batch_begin, batch_end, batch_closed, batch_undone, batch_saved, &b};
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, &h, 10, &w), OK);
    struct task t[30] = {0};
    block(w);
    for (int i = 0; i < 30; i++)
        task_put(w, &t[i], i % 3 == 2 ? ACT_FAIL : ACT_PUT, i + 1);
    gate_open();
    writer_stop(w);
    assert_int_equal(b.begun, 4); /* the gate alone, then 10 + 10 + 10 */
    assert_int_equal(b.ended, 4);
    assert_int_equal(b.closed, 4);
    assert_int_equal(b.saved, 31);
    assert_int_equal(b.undone, 10);
    assert_int_equal(b.outcome, OK);
    assert_int_equal(tally(), 21);
}

static void a_failing_end_fails_the_batch(void **state)
{
    (void)state;
    struct batch b = {.end_with = ERR_CORRUPT};
    struct writer_hooks h = {batch_begin, batch_end, batch_closed, batch_undone, batch_saved, &b};
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, &h, 0, &w), OK);
    struct task t[2] = {0};
    block(w);
    task_put(w, &t[0], ACT_PUT, 1);
    task_put(w, &t[1], ACT_FAIL, 2);
    gate_open();
    writer_stop(w);
    assert_int_equal(t[0].e, ERR_CORRUPT);
    assert_int_equal(t[1].e, ERR_INVALID);
    assert_int_equal(b.outcome, ERR_CORRUPT);
    struct db_conn *r = store_connect(&st, false);
    assert_int_equal(one_int(r, T_COUNT), 0);
    db_disconnect(r);
}

/* --- stopping --------------------------------------------------------------------------------- */

static void *stop_main(void *arg)
{
    writer_stop(arg);
    return NULL;
}

static void stop_finishes_what_is_queued(void **state)
{
    (void)state;
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, NULL, 7, &w), OK);
    static struct task t[100];
    memset(t, 0, sizeof t);
    block(w);
    for (int i = 0; i < 99; i++)
        task_put(w, &t[i], ACT_PUT, i + 1);
    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_main, w), 0);
    usleep(50000); /* the writer is held, so stop has been asked for by now */
    t[99].job = (struct write_job){.run = task_run, .done = task_done, .arg = &t[99]};
    assert_int_equal(writer_put(w, &t[99].job), ERR_BUSY);
    gate_open();
    pthread_join(stopper, NULL);
    for (int i = 0; i < 99; i++)
        assert_true(t[i].told && t[i].e == OK);
    assert_false(t[99].told);
    char log[128];
    struct stat s;
    snprintf(log, sizeof log, "%s-wal", st.path);
    assert_true(server() || stat(log, &s) != 0 || s.st_size == 0); /* everything is in the store */
}

/* --- many at once ----------------------------------------------------------------------------- */

enum { WRITERS = 8, READERS = 3, EACH = 150 };

struct crowd {
    struct writer *w;
    _Atomic int running;
    _Atomic int64_t next, acked;
    _Atomic int wrong;
};

/* Two rows that add up to nothing: a reader must never see one without the other. */
static enum err pair_run(struct db_conn *c, void *arg)
{
    int64_t id = *(int64_t *)arg;
    enum err e = note_put(c, 2 * id, S("+"), id);
    return e == OK ? note_put(c, 2 * id + 1, S("-"), -id) : e;
}

static void *writing(void *arg)
{
    struct crowd *k = arg;
    for (int i = 0; i < EACH; i++) {
        int64_t id = atomic_fetch_add(&k->next, 1) + 1;
        if (writer_do(k->w, pair_run, &id) == OK)
            atomic_fetch_add(&k->acked, 1);
    }
    atomic_fetch_sub(&k->running, 1);
    return NULL;
}

static void *reading(void *arg)
{
    struct crowd *k = arg;
    struct db_conn *r = NULL;
    if (db_connect(st.db, DB_READ, &r) != OK) {
        k->wrong++;
        return NULL;
    }
    int64_t last = 0;
    while (atomic_load(&k->running) > 0) {
        struct q q;
        int64_t n = 0;
        int64_t sum = 0;
        q_begin_text(&q, r, S("SELECT count(*), coalesce(sum(up), 0) FROM note"));
        if (q_row(&q)) {
            n = q_get_int(&q, 0);
            sum = q_get_int(&q, 1);
        }
        if (q_end(&q) != OK || sum != 0 || n % 2 != 0 || n < last)
            k->wrong++;
        last = n;
    }
    db_disconnect(r);
    return NULL;
}

static void readers_beside_writers(void **state)
{
    (void)state;
    struct crowd k = {.running = WRITERS};
    assert_int_equal(writer_start(st.db, NULL, 0, &k.w), OK);
    pthread_t t[WRITERS + READERS];
    for (int i = 0; i < WRITERS + READERS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, i < WRITERS ? writing : reading, &k), 0);
    for (int i = 0; i < WRITERS + READERS; i++)
        pthread_join(t[i], NULL);
    struct writer_stats s;
    writer_stats(k.w, &s);
    writer_stop(k.w);
    assert_int_equal(k.wrong, 0);
    assert_int_equal(k.acked, WRITERS * EACH);
    assert_int_equal(s.jobs, WRITERS * EACH);
    assert_true(s.batches <= s.jobs);
    struct db_conn *r = store_connect(&st, false);
    assert_int_equal(one_int(r, T_COUNT), 2 * WRITERS * EACH);
    db_disconnect(r);
}

/* --- the log ---------------------------------------------------------------------------------- */

static enum err bulk_run(struct db_conn *c, void *arg)
{
    int64_t *id = arg;
    static char text[3000];
    memset(text, 'x', sizeof text);
    enum err e = OK;
    for (int i = 0; e == OK && i < 500; i++)
        e = note_put(c, ++*id, (struct str){text, sizeof text}, 1);
    return e;
}

static void the_log_is_copied_beside_the_commits(void **state)
{
    (void)state;
    if (server())
        skip();
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, NULL, 0, &w), OK);
    int64_t id = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(writer_do(w, bulk_run, &id), OK);
    struct stat s;
    int waited = 0;
    do { /* an idle second later the rows stand in the store itself */
        usleep(20000);
        assert_int_equal(stat(st.path, &s), 0);
    } while (s.st_size < 2000 * 3000 && waited++ < 250);
    assert_true(s.st_size >= 2000 * 3000);
    writer_stop(w);
}

/* A reader that looks at the store again and again, the first time through many commits: the log
 * cannot be copied past it meanwhile. */
enum { BULKS = 120, FIRST_LOOK = 10, LOOK_US = 5000, LOG_MOST = 150 << 20 };

static void *looking(void *arg)
{
    struct crowd *k = arg;
    struct db_conn *r = NULL;
    if (db_connect(st.db, DB_READ, &r) != OK) {
        k->wrong++;
        return NULL;
    }
    while (atomic_load(&k->running) > 0) {
        struct q q;
        int64_t n = 0;
        if (tx_begin(r) != OK)
            k->wrong++;
        q_begin(&q, r, (enum sql_id)T_COUNT);
        if (q_one_int(&q, &n) != OK)
            k->wrong++;
        atomic_fetch_add(&k->next, 1);
        do
            usleep(LOOK_US);
        while (atomic_load(&k->acked) < FIRST_LOOK);
        tx_rollback(r);
    }
    db_disconnect(r);
    return NULL;
}

static void the_log_starts_over_between_readers(void **state)
{
    (void)state;
    if (server())
        skip();
    struct crowd k = {.running = 1};
    assert_int_equal(writer_start(st.db, NULL, 0, &k.w), OK);
    pthread_t reader;
    assert_int_equal(pthread_create(&reader, NULL, looking, &k), 0);
    while (!atomic_load(&k.next))
        usleep(1000);
    int64_t id = 0;
    for (int i = 0; i < BULKS; i++) {
        assert_int_equal(writer_do(k.w, bulk_run, &id), OK);
        atomic_fetch_add(&k.acked, 1);
        usleep(LOOK_US);
    }
    char log[128];
    struct stat s;
    snprintf(log, sizeof log, "%s-wal", st.path);
    assert_int_equal(stat(log, &s), 0);
    atomic_store(&k.running, 0);
    pthread_join(reader, NULL);
    writer_stop(k.w);
    assert_int_equal(k.wrong, 0);
    assert_true(s.st_size < LOG_MOST); /* 250 MB were written */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(told_after_the_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(what_fails_is_undone_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_fails_alone_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_transaction_fails_its_group_only, setup, teardown),
        cmocka_unit_test_setup_teardown(hooks_of_a_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failing_end_fails_the_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(stop_finishes_what_is_queued, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_beside_writers, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_is_copied_beside_the_commits, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_starts_over_between_readers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
