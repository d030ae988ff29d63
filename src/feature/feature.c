/* Start-up and housekeeping of the features. */
#include "feature/feature.h"

#include <stdio.h>
#include <unistd.h>

#include "core/job.h"
#include "core/months.h"
#include "core/template.h"
#include "feature/duty/duty.h"
#include "feature/ledger/ledger.h"
#include "feature/ledger/refdata.h"
#include "feature/life/life.h"
#include "feature/ops.h"
#include "feature/quality/quality.h"
#include "feature/reorg/reorg.h"
#include "feature/setup/setup.h"

static enum err is_filled(struct ctx *c, void *arg)
{
    *(bool *)arg = template_body(c->app, "att1", NULL) != NULL;
    return OK;
}

static enum err after_open(struct app *app)
{
    bool filled = false;
    enum err e = app_read(app, is_filled, &filled);
    if (e || !filled)
        return e;
    e = setup_update(app);
    return e ? e : ref_open(app);
}

static enum err on_batch(struct ctx *c)
{
    return c->app->ref ? duty_on_batch(c) : OK;
}

void feature_options(struct app_options *o)
{
    o->ops = &feature_ops;
    o->kinds = &feature_kinds;
    o->jobs = feature_jobs;
    o->months = duty_months;
    o->after_open = after_open;
    o->before_close = ref_close;
    o->on_batch = on_batch;
}

enum err feature_init(struct app *app)
{
    enum err e = app_write(app, NULL, setup_templates, NULL);
    if (!e)
        e = app_write(app, NULL, setup_areas, NULL);
    if (!e)
        e = app_write(app, NULL, setup_orgs, NULL);
    return e ? e : ref_open(app);
}

/* --- housekeeping
 * --------------------------------------------------------------------------------- */

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, KEEP_IDEM_DAYS = 7 };

static enum err sweep_rows(struct ctx *c, enum sql_id id, const char *param, int64_t before)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, param, before);
    return db_fail(c, q_exec(&q));
}

/* Once an hour: kept answers after a week, ended sessions. */
static enum err sweep(struct ctx *c)
{
    static int64_t last;
    if (c->now - last < HOUR_MS)
        return OK;
    last = c->now;
    enum err e = sweep_rows(c, SQL_idem_sweep, "before", c->now - KEEP_IDEM_DAYS * (int64_t)DAY_MS);
    return e ? e : sweep_rows(c, SQL_session_sweep, "now", c->now);
}

static enum err tick(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = grade_expire(c);
    if (!e)
        e = transfer_remind(c);
    if (!e)
        e = reorg_tick(c);
    return e ? e : sweep(c);
}

/* Files of jobs that ended long ago (export_keep_days); their rows stay. */
static enum err drop_files(struct ctx *c, void *arg)
{
    static const char *const suffixes[] = {
        "xlsx", "csv", "zip", "part", "upload", "rows", "report.json"};
    int64_t *after = arg;
    struct q q;
    q_begin(&q, c->db, SQL_jobs_old);
    q_int(&q, "before", c->now - setting_int(c->app, "export_keep_days", 7) * DAY_MS);
    q_int(&q, "after", *after);
    while (q_row(&q)) {
        *after = q_get_int(&q, 0);
        for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
            struct str path = job_file(c, *after, suffixes[i]);
            if (path.p)
                (void)unlink(path.p);
        }
    }
    return q_end(&q);
}

static void keep_months(struct app *app)
{
    static bool told;
    enum err e = months_keep(app);
    if (e && e != ERR_BUSY && !told)
        fprintf(stderr, "the months ahead could not be made: %s\n", err_name(e));
    told = e != OK && e != ERR_BUSY;
}

void feature_tick(struct app *app)
{
    static int64_t
        swept; /* jobs up to here have no files left; only the server's one thread ticks */
    if (jobs_start(app)) /* queued by an earlier tick: changes whose day has come */
        return;
    app_later(app, tick, 0);
    keep_months(app);
    quality_tick(app);
    if (app_read(app, drop_files, &swept))
        swept = 0;
}
