/* Shared by the tests of duty and hazards: their operations over the features' store, firm users.
 */
#ifndef ZHIAN_TEST_FEATURE_DUTY_FIXTURE_H
#define ZHIAN_TEST_FEATURE_DUTY_FIXTURE_H

#define FIXTURE_OWN_OPS

#include "core/batch.h"
#include "core/list.h"
#include "core/op.h"
#include "core/record.h"
#include "core/kinds.h"
#include "feature/account/account.h"
#include "feature/duty/duty_day.h"
#include "feature/hazard/hazard.h"
#include "feature/import/import.h"
#include "feature/org/org.h"
#include "feature/people/people.h"
#include "feature/ops.h"

#define OP(name, method, path, perm, flags, in, out, help)                                         \
    static enum err run_##name(struct ctx *c, const void *in_, void *ret)                          \
    {                                                                                              \
        return op_##name(c, in_, ret);                                                             \
    }
#include "feature/duty/ops.def"
#include "feature/hazard/ops.def"
#undef OP

static const struct op own_rows[] = {
#define OP(name, method, path, perm, flags, in, out, help)                                         \
    {#name, method, path, perm, flags, &in##_desc, &out##_desc, run_##name, help},
#include "feature/duty/ops.def"
#include "feature/hazard/ops.def"
#undef OP
};
static const struct op_table fixture_ops = {own_rows, sizeof own_rows / sizeof *own_rows};

static const struct record_kind *const own_kinds[] = {
#define ROW(code, name) &kind_##name,
#include "feature/kinds.def"
#undef ROW
};
static const struct record_kinds fixture_kinds = {own_kinds, sizeof own_kinds / sizeof *own_kinds};

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
    f->app->on_batch = duty_on_batch;
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
