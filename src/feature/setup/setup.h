/* What a new store starts with: shipped definitions, areas, authorities, first accounts. */
#ifndef ZHIAN_FEATURE_SETUP_SETUP_H
#define ZHIAN_FEATURE_SETUP_SETUP_H

#include "core/app.h"
#include "feature/setup/fields.def"

STRUCT(site_account, SITE_ACCOUNT_FIELDS)
STRUCT(site_view, SITE_VIEW_FIELDS)

/* setup_templates, setup_areas, setup_orgs fill an empty store (writer; each is one write).
 * Authorities: the province, its cities and the 示范区 beside them, counties, and a station for
 * every township; all may be renamed, merged and added to later. */
MUST_CHECK enum err setup_templates(struct ctx *c, void *unused);
MUST_CHECK enum err setup_areas(struct ctx *c, void *unused);
MUST_CHECK enum err setup_orgs(struct ctx *c, void *unused);

/* setup_update brings a store made by an older program up to this one's definitions; nothing to do
 * on a store that has them, or that is only read. */
MUST_CHECK enum err setup_update(struct app *app);

/* An account made by the console. */
struct setup_account {
    const char *login, *name, *role;
    struct str area; /* of the org; "" for administrators */
    int64_t firm;    /* of firm users */
    struct str hash; /* of account_hash */
    bool must_change;
    int64_t expires; /* of a one-time password, ms UTC; 0 = none */
    int64_t id;      /* set */
};
MUST_CHECK enum err setup_account(struct ctx *c, void *account);

/* The demonstration: accounts every page names as such, and a small living province. */
struct demo_account {
    const char *login, *name, *role, *area, *who;
};
extern const struct demo_account demo_accounts[]; /* ends with a NULL login */
extern const char demo_password[];
MUST_CHECK enum err setup_demo(struct app *app);

/* setup_owe adds a firm that owes since a day in the past to the counters of the days since then.
 */
struct firm_row;
void setup_owe(struct ctx *c, const struct firm_row *row, int64_t from);

/* The made-up province for benches and demonstrations; reproducible by its seed. */
struct generate_spec {
    int64_t firms, days;
    uint64_t seed;
    const char *area; /* only below this area code, or NULL */
    void (*progress)(void *arg, const char *what, int64_t done, int64_t total);
    void *arg;
};
MUST_CHECK enum err setup_generate(struct app *app, const struct generate_spec *g);

#endif
