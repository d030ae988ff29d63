/* Start-up and housekeeping of the features. */
#include "feature/feature.h"

#include "core/template.h"
#include "feature/duty/duty.h"
#include "feature/ledger/ledger.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"
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
    return e || !filled ? e : ref_open(app);
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

static enum err tick(struct ctx *c, void *arg)
{
    (void)arg;
    return grade_expire(c);
}

void feature_tick(struct app *app)
{
    app_later(app, tick, 0);
}
