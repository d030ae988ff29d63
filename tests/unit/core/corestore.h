/* A store with nothing but the engines: a temporary directory, a fixed clock, the record kinds, job
 * kinds and operations a test brings itself. Features stand in tests/unit/feature.
 *
 *   core_open(&s);
 *   assert_int_equal(core_write(&s, add_one, &arg), OK);
 *   core_close(&s);
 */
#ifndef ZHIAN_TEST_CORE_STORE_H
#define ZHIAN_TEST_CORE_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ftw.h>
#include <time.h>

#include "base/jsonin.h"
#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/call.h"
#include "core/decode.h"
#include "core/job.h"
#include "core/kinds.h"
#include "core/record.h"
#include "core/template.h"

/* Last: its macro fail() is not the context's. */
#include <cmocka.h>

#define CORE_NOW "2026-11-02T09:00:00+08:00"
#define COUNT(a) (sizeof(a) / sizeof *(a))

struct core_store {
    struct app *app;
    char dir[64];
    const struct job_kind *jobs;
    struct op_table ops;
    struct record_kinds kinds;
    const struct record_kind *rows[4];
    bool serve;
};

static inline void core_start(struct core_store *s, bool create)
{
    static char why[400];
    struct app_options o = {.dir = s->dir,
        .create = create,
        .test = create,
        .serve = s->serve,
        .ops = &s->ops,
        .kinds = &s->kinds,
        .jobs = s->jobs,
        .why = why,
        .why_size = sizeof why};
    if (app_open(&o, &s->app) != OK)
        fail_msg("%s", why);
}

/* jobs, ops and further kinds are set before. */
static inline void core_open(struct core_store *s)
{
    strcpy(s->dir, "/tmp/zhian-core-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    setenv("ZHIAN_NOW", CORE_NOW, 1);
    s->rows[0] = &kind_template;
    s->kinds.rows = s->rows;
    s->kinds.n = s->rows[1] ? 2 : 1;
    core_start(s, true);
}

static inline int core_remove(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

static inline void core_close(struct core_store *s)
{
    app_close(s->app);
    nftw(s->dir, core_remove, 16, FTW_DEPTH | FTW_PHYS);
    *s = (struct core_store){0};
}

static inline enum err core_write(
    struct core_store *s, enum err (*fn)(struct ctx *c, void *arg), void *arg)
{
    return app_write(s->app, NULL, fn, arg);
}

struct core_template {
    const char *name, *body;
};

static inline enum err core_put_template(struct ctx *c, void *arg)
{
    const struct core_template *t = arg;
    struct template_row row;
    desc_clear(&template_row_desc, &row);
    row.name = str_z(t->name);
    row.title = str_z(t->name);
    row.issuer = S("测试");
    row.body = str_z(t->body);
    row.reason = S("测试");
    return template_publish(c, &row);
}

static inline enum err core_publish(struct core_store *s, const char *name, const char *body)
{
    struct core_template t = {name, body};
    return core_write(s, core_put_template, &t);
}

#endif
