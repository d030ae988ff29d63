/* bench_campaign DIR N: opens a campaign as the province in a store marked as test, and makes a
 * candidate of each of the first N firms, seven of ten ticked off; prints its id and the rate. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "core/app.h"
#include "feature/campaign/campaign.h"
#include "feature/feature.h"

enum { TOGETHER = 2000 };

static int stop(const char *what)
{
    fprintf(stderr, "bench_campaign: %s\n", what);
    exit(1);
}

static enum err open_campaign(struct ctx *c, void *arg)
{
    struct campaign_row row;
    struct note n = {.label = "发起摸底"};
    struct q q;
    desc_clear(&campaign_row_desc, &row);
    q_begin(&q, c->db, SQL_org_at_path);
    q_str(&q, "path", S("0001."));
    enum err e = q_one_int(&q, &row.org);
    row.org_path = row.paths = S("0001.");
    row.title = S("压测摸底");
    row.kinds = S("producer,seller,both");
    row.forms = S("att2,att3");
    row.att2_version = row.att3_version = 1;
    row.from_day = c->today;
    row.due_day = c->today + 30;
    row.state = S("open");
    row.at = c->now;
    row.by_account = 0;
    row.by_name = S("压测");
    row.version = 1;
    if (!e)
        e = rec_insert(c, &kind_campaign, &row, &n);
    *(int64_t *)arg = row.id;
    return e;
}

struct filling {
    int64_t campaign, after, made, most;
};

static enum err one(struct ctx *c, const struct filling *f, const struct firm_row *firm)
{
    static const char *const states[] = {"in", "in", "in", "in", "in", "out", "none"};
    struct candidate_row k;
    struct note quiet = {.silent = true};
    int64_t turn = firm->id % 10;
    desc_clear(&candidate_row_desc, &k);
    k.campaign = f->campaign;
    k.org = firm->org;
    k.org_path = firm->org_path;
    k.town = firm->town;
    k.name = firm->name;
    k.uscc = firm->uscc;
    k.sources = S("registry");
    k.reasons = firm->entry_reason;
    k.firm = turn < 5 ? firm->id : NULL_INT;
    k.state = turn < 7 ? str_z(states[turn]) : S("pending");
    return candidate_add(c, &k, &quiet);
}

static enum err fill(struct ctx *c, void *arg)
{
    struct filling *f = arg;
    struct vec rows = {0};
    struct q q;
    q_begin(&q, c->db, kind_firm.scan);
    q_int(&q, "after", f->after);
    q_int(&q, "limit", TOGETHER);
    enum err e = q_all(&q, &firm_row_desc, &rows, c->a);
    const struct firm_row *firms = rows.p;
    f->most = (int64_t)rows.n;
    for (size_t i = 0; !e && i < rows.n; i++) {
        e = one(c, f, &firms[i]);
        f->after = firms[i].id;
        f->made++;
    }
    return e;
}

int main(int argc, char **argv)
{
    static char why[300];
    struct app_options o = {.dir = argc > 2 ? argv[1] : "",
        .db = getenv("BENCH_DB_URI"),
        .why = why,
        .why_size = sizeof why};
    struct app *app = NULL;
    struct filling f = {.most = 1};
    feature_options(&o);
    if (argc < 3)
        stop("usage: bench_campaign DIR N");
    if (app_open(&o, &app))
        stop(why);
    if (!app->test || app_write(app, NULL, open_campaign, &f.campaign))
        stop("only on a store made with --test");
    int64_t from = clock_steady_ms(), n = atoll(argv[2]);
    while (f.made < n && f.most > 0)
        if (app_write(app, NULL, fill, &f))
            stop("a candidate was refused");
    printf("{\"campaign\":%lld,\"made\":%lld,\"ms\":%lld}\n", (long long)f.campaign,
        (long long)f.made, (long long)(clock_steady_ms() - from));
    app_close(app);
    return 0;
}
