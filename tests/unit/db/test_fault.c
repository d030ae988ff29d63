/* The store under fire: killed processes, a full disk, refused memory. Acknowledged writes are
 * there, the others are absent or whole. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"

static struct store st;

enum { PARTS = 3, ROUNDS = 8, SENDERS = 8, BIG_PART = 60000 };

static size_t part_size = 12; /* bytes of the first part */

/* One job writes PARTS rows, their total being 0, and the batch counts the jobs. */
static enum err parts_run(struct db_conn *c, void *arg)
{
    static char text[BIG_PART];
    int64_t id = *(int64_t *)arg;
    enum err e = note_put(c, id * PARTS, (struct str){text, part_size}, id);
    if (e == OK)
        e = note_put(c, id * PARTS + 1, S("zweiter Teil"), id);
    return e == OK ? note_put(c, id * PARTS + 2, S("dritter Teil"), -2 * id) : e;
}

static int64_t batch_jobs;

static enum err count_begin(struct db_conn *c, void *arg)
{
    (void)c;
    (void)arg;
    batch_jobs = 0;
    return OK;
}

static enum err count_end(struct db_conn *c, void *arg)
{
    (void)arg;
    struct q q;
    q_begin(&q, c, (enum sql_id)T_BUMP);
    q_str(&q, "key", S("jobs"));
    q_int(&q, "by", batch_jobs);
    return q_exec(&q);
}

static void count_saved(void *arg)
{
    (void)arg;
    batch_jobs++;
}

static void count_undone(void *arg)
{
    (void)arg;
    batch_jobs--;
}

static const struct writer_hooks counting = {
    .begin = count_begin, .end = count_end, .undone = count_undone, .saved = count_saved};

static void check_integrity(struct db_conn *c)
{
    struct q q;
    q_begin_text(&q, c, S("PRAGMA integrity_check"));
    assert_true(q_row(&q));
    assert_true(str_eq(q_get_str(&q, 0), S("ok")));
    assert_int_equal(q_end(&q), OK);
}

/* Whole jobs only, and the counter agrees with them. Returns the number of jobs in the store. */
static int64_t check_whole(struct db_conn *c)
{
    check_integrity(c);
    struct q q;
    int64_t broken = 0;
    int64_t jobs = 0;
    q_begin_text(&q, c,
        S("SELECT count(*) FROM (SELECT count(*) AS n, sum(up) AS s FROM note "
          "GROUP BY id / 3) WHERE n <> 3 OR s <> 0"));
    assert_int_equal(q_one_int(&q, &broken), OK);
    assert_int_equal(broken, 0);
    q_begin_text(&q, c, S("SELECT coalesce(sum(n), 0) FROM tally"));
    assert_int_equal(q_one_int(&q, &jobs), OK);
    assert_int_equal(jobs * PARTS, one_int(c, T_COUNT));
    return jobs;
}

/* --- kill -9 ---------------------------------------------------------------------------------- */

static int ack_pipe = -1;
static struct writer *child_writer;
static _Atomic int64_t next_id;

static void *sending(void *arg)
{
    (void)arg;
    for (;;) {
        int64_t id = atomic_fetch_add(&next_id, 1);
        if (writer_do(child_writer, parts_run, &id) != OK)
            _exit(3);
        if (write(ack_pipe, &id, sizeof id) != sizeof id) /* the acknowledgement */
            _exit(4);
    }
    return NULL;
}

static void child_main(int64_t first)
{
    next_id = first;
    if (store_try(&st, false, false) != OK)
        _exit(1);
    if (writer_start(st.db, &counting, 0, &child_writer) != OK)
        _exit(2);
    pthread_t t[SENDERS];
    for (int i = 0; i < SENDERS; i++)
        pthread_create(&t[i], NULL, sending, NULL);
    pthread_join(t[0], NULL);
    _exit(5);
}

static pid_t child_start(int64_t first, int *ret_acks)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        ack_pipe = fds[1];
        child_main(first);
    }
    close(fds[1]);
    *ret_acks = fds[0];
    return pid;
}

/* Kills the child a moment after its n-th acknowledgement. */
static void child_kill(pid_t pid, int acks, int64_t *ids, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(read(acks, &ids[i], sizeof *ids), sizeof *ids);
    usleep((useconds_t)(rand() % 8000));
    kill(pid, SIGKILL);
    int status = 0;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
}

enum { ACKS_MAX = 600 };

static int64_t round_of_killing(int64_t first, int n)
{
    int acks = -1;
    int64_t ids[ACKS_MAX];
    pid_t pid = child_start(first, &acks);
    child_kill(pid, acks, ids, n);
    assert_int_equal(store_try(&st, false, false), OK);
    struct db_conn *c = store_connect(&st, false);
    check_whole(c);
    int64_t id = 0;
    int64_t acked = 0;
    for (; acked < n; acked++)
        assert_true(note_there(c, ids[acked] * PARTS));
    for (; read(acks, &id, sizeof id) == sizeof id; acked++)
        assert_true(note_there(c, id * PARTS));
    close(acks);
    db_disconnect(c);
    db_close(st.db);
    st.db = NULL;
    return acked;
}

/* In odd rounds the rows are so large that the log is being copied when the process dies. */
static void killed_at_any_moment(void **state)
{
    (void)state;
    store_make(&st);
    db_close(st.db);
    st.db = NULL;
    int64_t acked = 0;
    srand(20261102);
    for (int i = 0; i < ROUNDS; i++) {
        part_size = i % 2 ? BIG_PART : 12;
        acked += round_of_killing(1 + i * 1000000, 260 + rand() % 300);
    }
    part_size = 12;
    print_message("%lld acknowledged writes, all present\n", (long long)acked);
    assert_int_equal(store_try(&st, false, false), OK);
    store_drop(&st);
}

/* --- a full disk ------------------------------------------------------------------------------ */

enum { FILL_MAX = 4000 };

struct piece {
    int64_t id;
    struct write_job job;
    enum err e;
};

static struct piece pieces[FILL_MAX];
static _Atomic int told;

static enum err big_parts_run(struct db_conn *c, void *arg)
{
    struct piece *p = arg;
    static char text[4000];
    memset(text, 'x', sizeof text);
    enum err e = parts_run(c, &p->id);
    struct q q;
    q_begin_text(&q, c, S("UPDATE note SET name = $1 WHERE id = $2"));
    q_str_at(&q, 1, (struct str){text, sizeof text});
    q_int_at(&q, 2, p->id * PARTS);
    enum err e2 = q_exec(&q);
    return e != OK ? e : e2;
}

static void piece_done(enum err e, void *arg)
{
    struct piece *p = arg;
    p->e = e;
    told++;
}

/* Writes pieces first…first+n-1 in groups of a few; returns how many were saved. Every failure
 * must be the full disk. */
static int fill(struct writer *w, int first, int n)
{
    told = 0;
    for (int i = first; i < first + n; i++) {
        pieces[i].id = i + 1;
        pieces[i].job =
            (struct write_job){.run = big_parts_run, .done = piece_done, .arg = &pieces[i]};
        assert_int_equal(writer_put(w, &pieces[i].job), OK);
    }
    while (told < n)
        usleep(1000);
    int saved = 0;
    for (int i = first; i < first + n; i++) {
        assert_true(pieces[i].e == OK || pieces[i].e == ERR_DISK_FULL);
        saved += pieces[i].e == OK;
    }
    return saved;
}

static void check_pieces(int n)
{
    struct db_conn *r = store_connect(&st, false);
    for (int i = 0; i < n; i++)
        assert_int_equal(note_there(r, pieces[i].id * PARTS), pieces[i].e == OK);
    check_whole(r);
    db_disconnect(r);
}

/* Fills the disk, makes room again, goes on. make_room frees at least a few megabytes. */
static void full_and_free_again(void (*make_room)(void))
{
    struct writer *w = NULL;
    assert_int_equal(writer_start(st.db, &counting, 16, &w), OK);
    int saved = fill(w, 0, 3000);
    assert_true(saved > 10 && saved < 3000);
    check_pieces(3000);
    assert_int_equal(fill(w, 3000, 20), 0); /* still full: told so again, at once */
    check_pieces(3020);
    make_room();
    assert_int_equal(fill(w, 3020, 200), 200); /* the same writer serves on */
    check_pieces(3220);
    writer_stop(w);
    db_close(st.db);
    assert_int_equal(store_try(&st, false, false), OK);
    check_pieces(3220);
}

static void remove_ballast(void)
{
    char path[120];
    snprintf(path, sizeof path, "%s/ballast", st.dir);
    assert_int_equal(unlink(path), 0);
}

static void put_ballast(void)
{
    char path[120];
    snprintf(path, sizeof path, "%s/ballast", st.dir);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(posix_fallocate(fd, 0, 8 << 20), 0);
    close(fd);
}

static char mountpoint[32];

static int unmount(void **state)
{
    (void)state;
    if (!mountpoint[0])
        return 0;
    umount2(mountpoint, MNT_DETACH);
    return rmdir(mountpoint);
}

static void full_disk(void **state)
{
    (void)state;
    snprintf(mountpoint, sizeof mountpoint, "/tmp/zhian-full-XXXXXX");
    assert_non_null(mkdtemp(mountpoint));
    if (mount("tmpfs", mountpoint, "tmpfs", 0, "size=12m") != 0) {
        print_message("no right to mount: the file size limit stands for the full disk\n");
        skip();
    }
    st = (struct store){0};
    db_use_catalog(&test_catalog);
    store_paths(&st, mountpoint);
    assert_int_equal(store_try(&st, true, false), OK);
    put_ballast();
    full_and_free_again(remove_ballast);
    store_drop(&st);
}

static void lift_limit(void)
{
    struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &l);
    l.rlim_cur = l.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void file_size_limit(void **state)
{
    (void)state;
    store_make(&st);
    struct rlimit l;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
    l.rlim_cur = 3 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
    full_and_free_again(lift_limit);
    store_drop(&st);
}

static void full_disk_refuses_new_stores_and_copies(void **state)
{
    (void)state;
    store_make(&st);
    struct db_conn *w = store_connect(&st, true);
    assert_int_equal(tx_begin(w), OK);
    static char text[4000];
    memset(text, 'x', sizeof text);
    for (int i = 1; i < 500; i++)
        assert_int_equal(note_put(w, i, (struct str){text, sizeof text}, 1), OK);
    assert_int_equal(tx_commit(w), OK);
    db_disconnect(w);
    char path[120];
    snprintf(path, sizeof path, "%s/copy.db", st.dir);
    struct rlimit l;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
    l.rlim_cur = 100000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
    assert_int_equal(db_backup(st.db, path, NULL, NULL), ERR_DISK_FULL);
    assert_int_equal(access(path, F_OK), -1);
    l.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
    struct store other = st;
    snprintf(other.target, sizeof other.target, "sqlite:%s/other.db", st.dir);
    assert_int_equal(store_try(&other, true, false), ERR_DISK_FULL);
    assert_non_null(strstr(other.why, "磁盘"));
    lift_limit();
    assert_int_equal(store_try(&other, true, false), OK); /* the half-made file is taken up */
    db_close(other.db);
    store_drop(&st);
}

/* --- refused memory --------------------------------------------------------------------------- */

#define PIECE_FIELDS(F, S)                                                                         \
    F(S, id, INT, 0, 0, "编号", none)                                                              \
    F(S, name, STR, 0, 100, "名称", none)                                                          \
    F(S, up, INT, 0, 0, "上级", none)
STRUCT(row, PIECE_FIELDS)
DESC(row, PIECE_FIELDS)

static enum err work_through(struct db_conn *c, struct arena *a)
{
    struct row in = {.id = 1, .name = S("a"), .up = 2};
    struct vec v;
    struct q q;
    q_begin(&q, c, (enum sql_id)T_PUT);
    q_bind(&q, &row_desc, &in);
    enum err e = q_exec(&q);
    if (e != OK)
        return e;
    q_begin_text(&q, c, S("SELECT id, name, up FROM note"));
    return q_all(&q, &row_desc, &v, a);
}

static enum err everything(struct arena *a)
{
    struct store mine = st;
    struct db_conn *c = NULL;
    enum err e = store_try(&mine, true, false);
    if (e != OK)
        return e;
    e = db_connect(mine.db, DB_WRITE, &c);
    if (e == OK)
        e = tx_begin(c);
    if (e == OK)
        e = work_through(c, a);
    if (c)
        tx_rollback(c);
    db_disconnect(c);
    db_close(mine.db);
    return e;
}

/* A backup and its restore with the allocation after n refused; leaves no file behind. */
static enum err copy_and_back(long n)
{
    char backup[120];
    char target[160];
    snprintf(backup, sizeof backup, "%s/backup.db", st.dir);
    snprintf(target, sizeof target, "sqlite:%s/restored.db", st.dir);
    struct db_options to = {.target = target, .why = st.why, .why_size = sizeof st.why};
    mem_fail_after(n);
    enum err e = db_backup(st.db, backup, NULL, NULL);
    if (e == OK)
        e = db_restore(backup, &to, NULL, NULL);
    mem_fail_after(-1);
    unlink(backup);
    unlink(target + strlen("sqlite:"));
    return e;
}

static void every_allocation_refused(void **state)
{
    (void)state;
    store_make(&st);
    int failed = 0;
    enum err e = ERR_NOMEM;
    for (long n = 0; e != OK && n < 1000; n++) {
        struct arena a;
        arena_init(&a, 1 << 20);
        mem_fail_after(n);
        e = everything(&a);
        mem_fail_after(-1);
        arena_free(&a);
        assert_true(e == OK || e == ERR_NOMEM);
        failed += e != OK;
    }
    assert_int_equal(e, OK);
    assert_true(failed > 10);
    e = ERR_NOMEM;
    for (long n = 0; e != OK && n < 100; n++) {
        e = copy_and_back(n);
        assert_true(e == OK || e == ERR_NOMEM);
    }
    assert_int_equal(e, OK);
    struct writer *w = NULL;
    for (long n = 0; !w && n < 100; n++) {
        mem_fail_after(n);
        e = writer_start(st.db, NULL, 0, &w);
        mem_fail_after(-1);
        assert_true(e == OK || e == ERR_NOMEM);
    }
    assert_non_null(w);
    writer_stop(w);
    store_drop(&st);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN); /* writing past the limit is an error, not the end */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test_teardown(full_disk, unmount),
        cmocka_unit_test(file_size_limit),
        cmocka_unit_test(full_disk_refuses_new_stores_and_copies),
        cmocka_unit_test(every_allocation_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
