/* Long work: import, export, verification. A job is a row that survives the connection, the page
 * and a restart; who started it watches it at /api/v1/jobs/:id and may cancel it. A job that was
 * running when the program ended is started again: its function must be able to go on from what it
 * finds.
 *
 *   queued -> running -> done | failed | cancelled
 *                     -> waiting (for the user's decision) -> queued -> …
 */
#ifndef ZHIAN_CORE_JOB_H
#define ZHIAN_CORE_JOB_H

#include "core/ctx.h"

#define JOB_ROW_FIELDS(F, S)                                                                       \
    F(S, id, INT, 0, 0, "编号", none)                                                              \
    F(S, kind, STR, 0, 0, "类别", none)                                                            \
    F(S, state, STR, 0, 0, "状态", none)                                                           \
    F(S, account, INT, 0, 0, "发起账号", none)                                                     \
    F(S, org_path, STR, F_SECRET, 0, "机构", none)                                                 \
    F(S, firm, INT, 0, 0, "单位", none)                                                            \
    F(S, title, STR, 0, 0, "名称", none)                                                           \
    F(S, input, JSON, 0, 0, "参数", none)                                                          \
    F(S, result, JSON, 0, 0, "结果", none)                                                         \
    F(S, message, STR, 0, 0, "说明", none)                                                         \
    F(S, done, INT, 0, 0, "已完成", none)                                                          \
    F(S, total, INT, 0, 0, "总数", none)                                                           \
    F(S, cancel, INT, 0, 0, "已要求取消", none)                                                    \
    F(S, created, TIME, 0, 0, "建立时间", none)                                                    \
    F(S, started, TIME, 0, 0, "开始时间", none)                                                    \
    F(S, finished, TIME, 0, 0, "结束时间", none)
STRUCT(job_row, JOB_ROW_FIELDS)

struct job;

/* What a kind of job does. Runs on the work pool with a context of the account that started it; it
 * writes through app_write. Returns OK (done), ERR_CANCELLED, or an error whose Chinese text in
 * the context becomes the message. */
struct job_kind {
    const char *name;
    enum err (*run)(struct ctx *c, struct job *j);
};

struct job {
    struct job_row row;
    struct str result;      /* JSON the job leaves, or STR_NULL */
    const char *next_state; /* NULL = done; "waiting" when the user must decide */
    int64_t told;           /* CLOCK_MONOTONIC ms of the last progress write */
    void (*progress)(void *arg, int64_t done, int64_t total); /* console display, or NULL */
    void *progress_arg;
};

/* job_create adds a queued job (writer) and returns its id; job_kick starts it after the commit
 * (call it from the operation; it waits for nobody). */
struct job_spec {
    const char *kind;
    struct str title;
    struct str input; /* JSON */
    int64_t firm;     /* 0 = none */
};
MUST_CHECK enum err job_create(struct ctx *c, const struct job_spec *spec, int64_t *ret_id);
void job_kick(struct app *app, int64_t id);

/* job_requeue gives a job that waits (or is still queued) new input and queues it again (writer).
 * ERR_STATE: it runs, is over or was cancelled. */
MUST_CHECK enum err job_requeue(struct ctx *c, int64_t id, struct str input);

/* job_step notes progress (written a few times a second) and answers ERR_CANCELLED when the user
 * asked to stop. */
MUST_CHECK enum err job_step(struct ctx *c, struct job *j, int64_t done, int64_t total);

/* job_run_here runs one queued job on the calling thread: the command line. */
MUST_CHECK enum err job_run_here(struct app *app, int64_t id,
    void (*progress)(void *arg, int64_t done, int64_t total), void *arg);

/* job_load reads a job the actor may see: his own, or (firm 0) none else. 404 otherwise. */
MUST_CHECK enum err job_load(struct ctx *c, int64_t id, struct job_row *ret);

/* job_held: OK while the job is this program's to run; ERR_CANCELLED once another has taken it
 * over. Whoever writes for a job asks in the same transaction. */
MUST_CHECK enum err job_held(struct ctx *c, int64_t id);

/* jobs_resume queues what was running when the program ended. On a shared store that may be another
 * program's work: there jobs_orphans (writer) queues the jobs of programs not seen since `since`
 * (ms of the real clock), and jobs_start runs what is queued. */
MUST_CHECK enum err jobs_resume(struct app *app);
MUST_CHECK enum err jobs_orphans(struct ctx *c, int64_t since);
MUST_CHECK enum err jobs_start(struct app *app);

/* job_file: the path of a file that belongs to a job: DIR/jobs/ID.suffix, NUL-terminated. */
struct str job_file(struct ctx *c, int64_t id, const char *suffix);

#endif
