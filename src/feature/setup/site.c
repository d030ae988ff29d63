/* What the sign-in page may know: whose platform it is, and in a demonstration the public accounts,
 * so that every page can say what it is. */
#include "core/app.h"
#include "feature/ops.h"
#include "feature/setup/setup.h"

DESC(site_account, SITE_ACCOUNT_FIELDS)
DESC(site_view, SITE_VIEW_FIELDS)

static enum err organ(struct ctx *c, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_root_name);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

static enum err accounts(struct ctx *c, struct vec *ret)
{
    size_t n = 0;
    while (demo_accounts[n].login)
        n++;
    struct site_account *rows = arena_new(c->a, struct site_account, n);
    if (!rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct demo_account *d = &demo_accounts[i];
        rows[i] = (struct site_account){
            str_z(d->login), str_z(d->name), str_z(d->who), str_z(d->role), str_z(demo_password)};
    }
    *ret = (struct vec){rows, n};
    return OK;
}

enum err op_site_get(struct ctx *c, const struct none *in, struct site_view *ret)
{
    (void)in;
    ret->demo = c->app->demo;
    ret->today = c->today;
    enum err e = organ(c, &ret->organ);
    return e || !c->app->demo ? e : accounts(c, &ret->accounts);
}
