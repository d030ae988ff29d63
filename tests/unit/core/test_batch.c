/* What a group commit shares, under jobs that fail after they have counted, journalled and taken
 * ids: counters equal the recount of what stayed, journal numbers have no gap, every record points
 * at its own journal row, and a group that fails leaves nothing. */
#include <pthread.h>
#include <semaphore.h>

#include "corestore.h"

enum { DEEDS = 1500, KEYS = 2, COLS = 6, DAY = 20000, MEMORY = 1 << 20 };

static const struct counter_def counter = {
    SQL_duty_count_add, "day", {"due", "excused", "done", "late", "zero", "problem", NULL}};
static const struct counter_def broken = {SQL_duty_count_add, "day", {"nonsense", NULL}};

static const char *const paths[] = {"0001.", "0001.0004.", "0001.0004.0010.", "0001.0004.0011.",
    "0001.0004.0010.0003.", "0001.0005."};

struct deed {
    struct write_job job;
    struct core_store *s;
    int path, key, no;
    int64_t v[COLS];
    bool record, undone;
    const struct counter_def *d;
    int64_t id, jseq;
    enum err e;
};

static struct core_store store;
static struct deed deeds[DEEDS];
static sem_t over, gate;

static int open_store(void **state)
{
    (void)state;
    core_open(&store);
    sem_init(&over, 0, 0);
    sem_init(&gate, 0, 0);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    core_close(&store);
    return 0;
}

static uint32_t rnd(void)
{
    static uint32_t x = 20261102;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static enum err add_record(struct ctx *c, struct deed *d)
{
    struct template_row row;
    desc_clear(&template_row_desc, &row);
    row.name = arena_fmt(c->a, "t%d", d->no);
    row.version = 1;
    row.title = S("题目");
    row.issuer = S("测试");
    row.state = S("retired");
    row.effective_from = DAY;
    row.body = S("{}");
    row.created = c->now;
    row.created_by = 0;
    enum err e = rec_insert(c, &kind_template, &row, NULL);
    d->id = row.id;
    d->jseq = row.jseq;
    return e;
}

static enum err deed_run(struct db_conn *db, void *arg)
{
    struct deed *d = arg;
    struct arena a;
    struct ctx c;
    arena_init(&a, MEMORY);
    app_ctx(d->s->app, &c, &a, db);
    c.batch = d->s->app->batch;
    c.op = S("test");
    count_add(&c, d->d, DAY + d->key, str_z(paths[d->path]), d->v);
    enum err e = d->record ? add_record(&c, d) : OK;
    count_add(&c, d->d, DAY + d->key, str_z(paths[d->path]), d->v);
    arena_free(&a);
    if (d->undone)
        return ERR_STATE;
    return e ? e : c.err;
}

static void deed_done(enum err e, void *arg)
{
    struct deed *d = arg;
    d->e = e;
    sem_post(&over);
}

static enum err wait_at_gate(struct db_conn *db, void *arg)
{
    (void)db;
    (void)arg;
    sem_wait(&gate);
    return OK;
}

static void put(struct deed *d)
{
    d->s = &store;
    d->job = (struct write_job){.run = deed_run, .done = deed_done, .arg = d};
    assert_int_equal(writer_put(store.app->writer, &d->job), OK);
}

/* Puts deeds so that they share commits: a first job holds the writer until all are queued. */
static void together(struct deed *all, int n)
{
    struct deed first = {.e = OK};
    first.job = (struct write_job){.run = wait_at_gate, .done = deed_done, .arg = &first};
    assert_int_equal(writer_put(store.app->writer, &first.job), OK);
    for (int i = 0; i < n; i++)
        put(&all[i]);
    sem_post(&gate);
    for (int i = 0; i <= n; i++)
        sem_wait(&over);
}

static struct deed random_deed(int no)
{
    struct deed d = {.no = no,
        .path = (int)(rnd() % COUNT(paths)),
        .key = (int)(rnd() % KEYS),
        .record = rnd() % 2,
        .undone = rnd() % 3 == 0,
        .d = &counter};
    for (int i = 0; i < COLS; i++)
        d.v[i] = (int64_t)(rnd() % 7) - 2;
    return d;
}

/* --- reading back -------------------------------------------------------------------------------
 */

struct counted {
    int path, key;
    int64_t v[COLS];
};

static enum err read_counter(struct ctx *c, void *arg)
{
    struct counted *n = arg;
    struct str path = str_z(paths[n->path]);
    struct q q;
    q_begin(&q, c->db, SQL_board_own);
    q_int(&q, "level", path_level(path));
    q_int(&q, "day", DAY + n->key);
    q_str(&q, "path", path);
    if (q_row(&q))
        for (int i = 0; i < COLS; i++)
            n->v[i] = q_get_int(&q, i);
    return q_end(&q);
}

static void check_counters(const struct deed *all, int n)
{
    for (int path = 0; path < (int)COUNT(paths); path++)
        for (int key = 0; key < KEYS; key++) {
            struct counted is = {.path = path, .key = key};
            int64_t want[COLS] = {0};
            assert_int_equal(app_read(store.app, read_counter, &is), OK);
            for (int i = 0; i < n; i++)
                for (int k = 0; k < COLS; k++)
                    if (all[i].e == OK && all[i].key == key &&
                        str_starts(str_z(paths[all[i].path]), str_z(paths[path])))
                        want[k] += 2 * all[i].v[k];
            assert_memory_equal(is.v, want, sizeof want);
        }
}

static enum err check_record(struct ctx *c, void *arg)
{
    const struct deed *d = arg;
    struct template_row row;
    unsigned char digest[32];
    struct q q;
    enum err e = rec_get(c, &kind_template, d->id, &row);
    if (d->e != OK) { /* nothing of it stayed, though a later one may have taken its number */
        assert_true(e == ERR_NOT_FOUND || !str_eq(row.name, arena_fmt(c->a, "t%d", d->no)));
        return OK;
    }
    assert_int_equal(e, OK);
    assert_int_equal(row.jseq, d->jseq);
    assert_int_equal(record_digest(&kind_template, &row, digest), OK);
    q_begin(&q, c->db, SQL_journal_brief);
    q_int(&q, "id", row.jseq);
    assert_true(q_row(&q));
    assert_int_equal(q_get_int(&q, 0), kind_template.code);
    assert_int_equal(q_get_int(&q, 1), d->id);
    assert_memory_equal(q_get_blob(&q, 2).p, digest, sizeof digest);
    return q_end(&q);
}

static enum err last_number(struct ctx *c, void *arg)
{
    struct q q;
    q_begin(&q, c->db, SQL_journal_last);
    return q_one_int(&q, arg);
}

static int64_t journalled(void)
{
    int64_t n = -1;
    assert_int_equal(app_read(store.app, last_number, &n), OK);
    return n;
}

/* --- tests --------------------------------------------------------------------------------------
 */

static void test_undone_jobs_leave_nothing(void **state)
{
    (void)state;
    int64_t before = journalled(), kept = 0;
    for (int i = 0; i < DEEDS; i++)
        deeds[i] = random_deed(i);
    together(deeds, DEEDS);
    struct writer_stats st;
    writer_stats(store.app->writer, &st);
    assert_true(st.batches < DEEDS / 10); /* they did share commits */
    for (int i = 0; i < DEEDS; i++) {
        assert_int_equal(deeds[i].e, deeds[i].undone ? ERR_STATE : OK);
        kept += deeds[i].record && !deeds[i].undone;
        if (deeds[i].record)
            assert_int_equal(app_read(store.app, check_record, &deeds[i]), OK);
    }
    check_counters(deeds, DEEDS);
    assert_int_equal(journalled() - before, kept); /* no gap, none too many */
}

static void test_a_failed_group_leaves_nothing(void **state)
{
    (void)state;
    enum { N = 20 };
    int64_t before = journalled();
    for (int i = 0; i < 2 * N; i++) {
        deeds[i] = random_deed(i);
        deeds[i].undone = false;
        deeds[i].record = true;
    }
    deeds[N / 2].d = &broken; /* found out when the counters are written */
    deeds[N / 2].v[0] = 1;
    together(deeds, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(deeds[i].e, ERR_INTERNAL);
        assert_int_equal(app_read(store.app, check_record, &deeds[i]), OK);
    }
    assert_int_equal(journalled(), before);
    together(deeds + N, N); /* and the next group knows nothing of it */
    check_counters(deeds + N, N);
    for (int i = N; i < 2 * N; i++)
        assert_int_equal(app_read(store.app, check_record, &deeds[i]), OK);
    assert_int_equal(journalled() - before, N);
}

static enum err count_without_memory(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    char path[5 * 4 + 1] = "0001.0004.0010.0003.";
    mem_fail_after(0);
    for (int i = 0; i < 2000 && !c->err; i++) /* until the next chunk is asked for */
        count_add(c, &counter, DAY, str_z(path), d->v);
    mem_fail_after(-1);
    assert_int_equal(c->err, ERR_NOMEM);
    return OK; /* as an operation that looks at nothing */
}

/* What could not be counted is not kept. */
static void test_counting_without_memory(void **state)
{
    (void)state;
    struct deed d = {.v = {1, 1, 1, 1, 1, 1}, .e = ERR_NOMEM};
    assert_int_equal(core_write(&store, count_without_memory, &d), ERR_NOMEM);
    check_counters(&d, 1);
}

static enum err text_without_memory(struct ctx *c, void *arg)
{
    struct template_row row;
    struct note quiet = {.silent = true};
    (void)arg;
    desc_clear(&template_row_desc, &row);
    mem_fail_after(0);
    while (!c->a->failed)
        row.reason = keep(c, S("一个名称"));
    mem_fail_after(-1);
    row.name = row.title = row.issuer = S("名");
    row.version = 1;
    row.state = S("retired");
    row.body = S("{}");
    row.effective_from = row.created = row.created_by = 0;
    return rec_insert(c, &kind_template, &row, &quiet);
}

/* A text that could not be kept is not stored as absent. */
static void test_text_without_memory(void **state)
{
    (void)state;
    int64_t before = journalled();
    assert_int_equal(core_write(&store, text_without_memory, NULL), ERR_NOMEM);
    assert_int_equal(journalled(), before);
}

static enum err publish_and_fail(struct ctx *c, void *arg)
{
    struct core_template t = {"codes", "{\"colour\": []}"};
    enum err e = core_put_template(c, &t);
    assert_int_equal(e, OK);
    return *(enum err *)arg;
}

/* A definition counts when its commit stands, not before. */
static void test_a_publication_undone(void **state)
{
    (void)state;
    int64_t version = 0;
    enum err e = ERR_STATE;
    assert_int_equal(core_publish(&store, "codes", "{\"size\": []}"), OK);
    assert_int_equal(core_write(&store, publish_and_fail, &e), ERR_STATE);
    assert_non_null(jin_get(template_body(store.app, "codes", &version), "size"));
    assert_int_equal(version, 1);
    e = OK;
    assert_int_equal(core_write(&store, publish_and_fail, &e), OK);
    assert_non_null(jin_get(template_body(store.app, "codes", &version), "colour"));
    assert_int_equal(version, 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_undone_jobs_leave_nothing),
        T(test_a_failed_group_leaves_nothing),
        T(test_counting_without_memory),
        T(test_text_without_memory),
        T(test_a_publication_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
