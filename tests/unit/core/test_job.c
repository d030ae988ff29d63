/* Long work: cancelled before and while it runs, failed, waiting for a decision, seen by nobody but
 * the one who started it, and taken up again after the program ended in the middle. */
#include <semaphore.h>

#include "corestore.h"

static struct core_store store;
static sem_t running, go_on;
static _Atomic int runs, reached; /* jobs may run beside each other */
static int64_t told_done, told_total;

enum { STEPS = 5 };

static enum err walk(struct ctx *c, struct job *j)
{
    runs++;
    for (int i = 0; i < STEPS; i++) {
        reached = i;
        j->told = 0; /* ask at every step, not a few times a second */
        enum err e = job_step(c, j, i, STEPS);
        if (e)
            return e;
    }
    j->result = S("{\"rows\":5}");
    return job_step(c, j, STEPS, STEPS);
}

static enum err walk_slowly(struct ctx *c, struct job *j)
{
    sem_post(&running);
    sem_wait(&go_on);
    return walk(c, j);
}

static enum err stumble(struct ctx *c, struct job *j)
{
    (void)j;
    return failf(c, ERR_INVALID, NULL, "第 %d 行读不懂", 3);
}

static enum err ask(struct ctx *c, struct job *j)
{
    (void)c;
    if (str_eqz(j->row.input, "{}"))
        j->next_state = "waiting";
    else
        j->result = arena_str(c->a, j->row.input);
    return OK;
}

static const struct job_kind kinds[] = {
    {"walk", walk}, {"slow", walk_slowly}, {"stumble", stumble}, {"ask", ask}, {NULL, NULL}};

static int open_store(void **state)
{
    (void)state;
    sem_init(&running, 0, 0);
    sem_init(&go_on, 0, 0);
    runs = reached = 0;
    store.jobs = kinds;
    core_open(&store);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    core_close(&store);
    return 0;
}

/* --- asking -------------------------------------------------------------------------------------
 */

struct deed {
    const char *kind;
    struct str input;
    int64_t id, account;
    struct job_row row;
    char state[16], message[200], result[200];
};

static enum err make(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    struct job_spec spec = {.kind = d->kind, .title = S("试验")};
    return job_create(c, &spec, &d->id);
}

static enum err look(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    c->actor.account = d->account;
    enum err e = job_load(c, d->id, &d->row);
    if (e)
        return e;
    snprintf(d->state, sizeof d->state, "%.*s", STR_ARG(d->row.state));
    snprintf(d->message, sizeof d->message, "%.*s", STR_ARG(d->row.message));
    snprintf(d->result, sizeof d->result, "%.*s", STR_ARG(d->row.result));
    return OK;
}

static enum err cancel(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    struct q q;
    q_begin(&q, c->db, SQL_job_cancel);
    q_int(&q, "id", d->id);
    q_int(&q, "now", c->now);
    return q_exec(&q);
}

static enum err requeue(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    return job_requeue(c, d->id, d->input);
}

static enum err set_running(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    struct q q;
    q_begin(&q, c->db, SQL_job_state);
    q_int(&q, "id", d->id);
    q_str(&q, "state", S("running"));
    q_int(&q, "started", c->now);
    return q_exec(&q);
}

static struct deed start(const char *kind)
{
    struct deed d = {.kind = kind};
    assert_int_equal(core_write(&store, make, &d), OK);
    return d;
}

static const char *state_of(struct deed *d)
{
    assert_int_equal(app_read(store.app, look, d), OK);
    return d->state;
}

static void wait_for(struct deed *d, const char *want)
{
    for (int i = 0; i < 500 && strcmp(state_of(d), want) != 0; i++)
        usleep(10000);
    assert_string_equal(d->state, want);
}

static void tell(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    told_done = done;
    told_total = total;
}

/* --- tests --------------------------------------------------------------------------------------
 */

static void test_done(void **state)
{
    (void)state;
    struct deed d = start("walk");
    assert_string_equal(state_of(&d), "queued");
    assert_int_equal(job_run_here(store.app, d.id, tell, NULL), OK);
    assert_string_equal(state_of(&d), "done");
    assert_string_equal(d.result, "{\"rows\":5}");
    assert_true(d.row.done == STEPS && d.row.total == STEPS);
    assert_true(told_done == STEPS && told_total == STEPS);
    assert_true(d.row.started != NULL_INT && d.row.finished != NULL_INT);
    assert_int_equal(job_run_here(store.app, d.id, NULL, NULL), OK); /* done once is done */
    assert_int_equal(runs, 1);
}

static void test_failed(void **state)
{
    (void)state;
    struct deed d = start("stumble");
    assert_int_equal(job_run_here(store.app, d.id, NULL, NULL), ERR_INVALID);
    assert_string_equal(state_of(&d), "failed");
    assert_string_equal(d.message, "第 3 行读不懂");
    struct deed unknown = start("nonsense");
    assert_int_not_equal(job_run_here(store.app, unknown.id, NULL, NULL), OK);
    assert_string_equal(state_of(&unknown), "failed");
    assert_int_not_equal(job_run_here(store.app, 424242, NULL, NULL), OK);
}

static void test_cancelled_before_it_ran(void **state)
{
    (void)state;
    struct deed d = start("walk");
    assert_int_equal(core_write(&store, cancel, &d), OK);
    assert_string_equal(state_of(&d), "cancelled");
    assert_int_equal(job_run_here(store.app, d.id, NULL, NULL), OK);
    assert_int_equal(runs, 0);
    assert_string_equal(state_of(&d), "cancelled");
}

static void test_cancelled_while_running(void **state)
{
    (void)state;
    struct deed d = start("slow");
    job_kick(store.app, d.id);
    sem_wait(&running);
    assert_string_equal(state_of(&d), "running");
    assert_int_equal(core_write(&store, cancel, &d), OK);
    assert_string_equal(state_of(&d), "running"); /* asked, not yet obeyed */
    sem_post(&go_on);
    wait_for(&d, "cancelled");
    assert_int_equal(reached, 0); /* at the first step */
    assert_true(d.row.finished != NULL_INT && d.message[0]);
}

static void test_nobody_elses(void **state)
{
    (void)state;
    struct deed d = start("walk");
    d.account = 42;
    assert_int_equal(app_read(store.app, look, &d), ERR_NOT_FOUND);
    struct deed absent = {.id = 424242, .account = 42};
    assert_int_equal(app_read(store.app, look, &absent), ERR_NOT_FOUND);
}

static void test_waiting_for_a_decision(void **state)
{
    (void)state;
    struct deed d = start("ask");
    assert_int_equal(job_run_here(store.app, d.id, NULL, NULL), OK);
    assert_string_equal(state_of(&d), "waiting");
    assert_true(d.row.finished == NULL_INT);
    d.input = S("{\"apply\":true}");
    assert_int_equal(core_write(&store, requeue, &d), OK);
    assert_int_equal(job_run_here(store.app, d.id, NULL, NULL), OK);
    assert_string_equal(state_of(&d), "done");
    assert_string_equal(d.result, "{\"apply\":true}");
}

/* Kicked twice, decided twice: it runs once at a time. */
static void test_never_twice_at_once(void **state)
{
    (void)state;
    struct deed d = start("slow");
    job_kick(store.app, d.id);
    job_kick(store.app, d.id);
    sem_wait(&running);
    d.input = S("{\"again\":true}");
    assert_int_equal(core_write(&store, requeue, &d), ERR_STATE);
    job_kick(store.app, d.id);
    usleep(50000);
    int second = sem_trywait(&running);
    sem_post(&go_on);
    if (second == 0)
        sem_post(&go_on);
    wait_for(&d, "done");
    assert_int_equal(second, -1);
    assert_int_equal(runs, 1);
}

/* A decision that comes after the job was given up does not bring it back. */
static void test_decided_too_late(void **state)
{
    (void)state;
    struct deed d = start("ask");
    assert_int_equal(job_run_here(store.app, d.id, NULL, NULL), OK);
    assert_int_equal(core_write(&store, cancel, &d), OK);
    assert_string_equal(state_of(&d), "cancelled");
    d.input = S("{\"apply\":true}");
    assert_int_equal(core_write(&store, requeue, &d), ERR_STATE);
    assert_string_equal(state_of(&d), "cancelled");
}

static void restart(void)
{
    app_close(store.app);
    store.serve = true;
    core_start(&store, false);
}

/* The program ended in the middle: what ran starts again, what was queued starts, the rest rests.
 */
static void test_resumed_after_a_restart(void **state)
{
    (void)state;
    struct deed broken = start("walk"), queued = start("walk"), over = start("walk");
    struct deed waiting = start("ask"), gone = start("walk"), stopped = start("walk");
    assert_int_equal(job_run_here(store.app, over.id, NULL, NULL), OK);
    assert_int_equal(job_run_here(store.app, waiting.id, NULL, NULL), OK);
    assert_int_equal(core_write(&store, cancel, &gone), OK);
    assert_int_equal(core_write(&store, set_running, &broken), OK);
    assert_int_equal(core_write(&store, set_running, &stopped), OK);
    assert_int_equal(core_write(&store, cancel, &stopped), OK);
    restart();
    wait_for(&broken, "done");
    wait_for(&queued, "done");
    wait_for(&stopped, "cancelled"); /* asked for before the end */
    assert_string_equal(state_of(&over), "done");
    assert_string_equal(state_of(&waiting), "waiting");
    assert_string_equal(state_of(&gone), "cancelled");
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_done),
        T(test_failed),
        T(test_cancelled_before_it_ran),
        T(test_cancelled_while_running),
        T(test_nobody_elses),
        T(test_waiting_for_a_decision),
        T(test_never_twice_at_once),
        T(test_decided_too_late),
        T(test_resumed_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
