/* Writes that nobody waits for (q_send): they are undone with their job alone, told at the latest
 * by the job's end, and leave the group whole. */
#include "store.h"

#include <pthread.h>

enum { S_PUT, S_COUNT, S_SUM, S_LAST_ };

static const char *const s_put[] = {"id", "v"};
static const struct sql_stmt stmts[] = {
    [S_PUT] = {"put", "INSERT INTO thing (id, v) VALUES ($1, $2)", 2, s_put, true},
    [S_COUNT] = {"count", "SELECT count(*) FROM thing", 0, NULL, false},
    [S_SUM] = {"sum", "SELECT coalesce(sum(v), 0) FROM thing", 0, NULL, false},
};
static const struct sql_migration steps[] = {
    {"0001_thing", 1,
        "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT); "
        "CREATE TABLE thing (id @ID@, v BIGINT NOT NULL);"},
};
static const struct sql_catalog catalog = {stmts, S_LAST_, steps, 1};

static struct store st;
static int64_t next_id = 1; /* a database keeps its rows between the cases */

static enum err put(struct db_conn *c, int64_t id, int64_t v)
{
    struct q q;
    q_begin(&q, c, (enum sql_id)S_PUT);
    q_int(&q, "id", id);
    q_int(&q, "v", v);
    return q_send(&q);
}

static int64_t ask(struct db_conn *c, int what)
{
    struct q q;
    int64_t n = -1;
    q_begin(&q, c, (enum sql_id)what);
    return q_one_int(&q, &n) == OK ? n : -1;
}

struct plan {
    struct write_job job;
    int64_t id, twin; /* twin: an id that is there already, written too; 0: none */
    bool looks;       /* reads after writing */
    enum err own, told;
};

static enum err plan_run(struct db_conn *c, void *arg)
{
    struct plan *p = arg;
    p->own = put(c, p->id, 1);
    if (!p->own && p->twin)
        p->own = put(c, p->twin, 1);
    if (!p->own && p->looks)
        p->own = ask(c, S_COUNT) < 0 ? ERR_CONFLICT : OK;
    return p->own;
}

static void plan_done(enum err e, void *arg)
{
    ((struct plan *)arg)->told = e;
}

/* Runs the plans in one group: they are queued from the writer's own thread. */
struct group {
    struct writer *w;
    struct plan *plans;
    int n;
};

static enum err group_queue(struct db_conn *c, void *arg)
{
    struct group *g = arg;
    (void)c;
    for (int i = 0; i < g->n; i++) {
        g->plans[i].job =
            (struct write_job){.run = plan_run, .done = plan_done, .arg = &g->plans[i]};
        if (writer_put(g->w, &g->plans[i].job))
            return ERR_BUSY;
    }
    return OK;
}

static void a_failure_is_undone_alone(void **state)
{
    struct db_conn *r = store_connect(&st, false);
    (void)state;
    int64_t before = ask(r, S_COUNT), id = next_id;
    next_id += 10;
    struct plan plans[] = {{.id = id}, {.id = id + 1, .twin = id}, {.id = id + 2},
        {.id = id + 3, .twin = id, .looks = true}, {.id = id + 4, .looks = true}};
    struct group g = {.plans = plans, .n = 5};
    assert_int_equal(writer_start(st.db, NULL, 0, &g.w), OK);
    assert_int_equal(writer_do(g.w, group_queue, &g), OK);
    writer_stop(g.w);
    assert_int_equal(plans[0].told, OK);
    assert_int_equal(plans[1].told, ERR_CONFLICT);
    assert_int_equal(plans[2].told, OK);
    assert_int_equal(plans[3].told, ERR_CONFLICT);
    assert_int_equal(plans[4].told, OK);
    assert_int_equal(ask(r, S_COUNT), before + 3);
    db_disconnect(r);
}

static void a_commit_tells_what_was_not_waited_for(void **state)
{
    (void)state;
    struct db_conn *w = store_connect(&st, true);
    int64_t before = ask(w, S_COUNT), id = next_id;
    next_id += 10;
    assert_int_equal(tx_begin(w), OK);
    assert_int_equal(put(w, id, 1), OK);
    enum err late = put(w, id, 1);
    enum err end = tx_commit(w);
    assert_true(late == ERR_CONFLICT || end == ERR_CONFLICT);
    tx_rollback(w);
    assert_int_equal(ask(w, S_COUNT), late == ERR_CONFLICT && end == OK ? before + 1 : before);
    assert_int_equal(tx_begin(w), OK);
    assert_int_equal(put(w, id + 1, 1), OK);
    assert_int_equal(tx_commit(w), OK);
    db_disconnect(w);
}

static void many_are_one_after_the_other(void **state)
{
    (void)state;
    struct db_conn *w = store_connect(&st, true);
    int64_t before = ask(w, S_SUM), id = next_id;
    next_id += 3000;
    assert_int_equal(tx_begin(w), OK);
    for (int i = 0; i < 2500; i++)
        assert_int_equal(put(w, id + i, i), OK);
    assert_int_equal(ask(w, S_SUM), before + 2500 * 2499 / 2);
    assert_int_equal(tx_commit(w), OK);
    db_disconnect(w);
}

static int make(void **state)
{
    (void)state;
    st = (struct store){0};
    db_use_catalog(&catalog);
    store_paths(&st, "/tmp");
    enum err e = store_try(&st, true, false);
    if (e)
        fprintf(stderr, "%s\n", st.why);
    assert_int_equal(e, OK);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    store_drop(&st);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_undone_alone),
        cmocka_unit_test(a_commit_tells_what_was_not_waited_for),
        cmocka_unit_test(many_are_one_after_the_other),
    };
    return cmocka_run_group_tests_name("send", tests, make, drop);
}
