/* Shared by the tests of duty and hazards: lists, days that pass, firm users. */
#ifndef ZHIAN_TEST_FEATURE_DUTY_FIXTURE_H
#define ZHIAN_TEST_FEATURE_DUTY_FIXTURE_H

#include "core/batch.h"
#include "feature/duty/duty_day.h"
#include "feature/hazard/hazard.h"
#include "feature/ops.h"

#include "fixture.h"

/* A firm user made without a password: asked for by name through the runner. */
static inline enum err duty_make_user(struct ctx *c, void *arg)
{
    return setup_account(c, arg);
}

static inline void duty_user(struct fixture *f, const char *login, const char *role, int64_t firm)
{
    struct setup_account a = {
        .login = login, .name = login, .role = role, .firm = firm, .hash = S("none")};
    assert_int_equal(app_write(f->app, NULL, duty_make_user, &a), OK);
}

static inline enum err duty_nothing(struct ctx *c, void *arg)
{
    (void)c;
    (void)arg;
    return OK;
}

/* Days pass, and the first write of each new day opens it. */
static inline void duty_days_pass(struct fixture *f, int64_t days)
{
    fixture_later(f, days * 24 * f->hour);
    assert_int_equal(app_write(f->app, NULL, duty_nothing, NULL), OK);
}

/* The store with duty in force: days open, two firms owe from tomorrow, users of the first. */
static inline void duty_open(struct fixture *f)
{
    fixture_open(f);
    duty_days_pass(f, 1);
    duty_user(f, "officer", "officer", f->firm);
    duty_user(f, "principal", "principal", f->firm);
    duty_user(f, "elsewhere", "officer", f->firm_elsewhere);
}

/* ISO text of the day `off` days from now. */
static inline const char *duty_day(struct fixture *f, int64_t off)
{
    char text[16];
    size_t n = civil_put_day(civil_today(f->app->fixed_now) + off, text);
    return arena_str(&f->a, (struct str){text, n}).p;
}

/* Chooses the cement template for a firm; the id of the edition. */
static inline int64_t duty_list(struct fixture *f, const char *as, int64_t firm)
{
    const struct reply *r = ASK(f, .op = "risklist_save", .as = as, .path = {fixture_id(f, firm)},
        .body = "{\"template\": \"daily_cement\"}");
    assert_status(r, 200);
    return reply_int(r, "id");
}

#endif
