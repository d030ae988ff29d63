/* bench_staff DIR AREA...: an account and a session of an authority's manager for each area code,
 * in a store marked as test; prints one JSON object a line: area, level, org, token, firms, day. */
#include <stdio.h>
#include <stdlib.h>

#include "core/app.h"
#include "core/session.h"
#include "feature/account/account.h"
#include "feature/feature.h"
#include "feature/setup/setup.h"

static int stop(const char *what)
{
    fprintf(stderr, "bench_staff: %s\n", what);
    exit(1);
}

static enum err hash_once(struct ctx *c, void *arg)
{
    static char kept[200];
    struct str h;
    enum err e = account_hash(c, S("Zhian-bench-2026"), &h);
    snprintf(kept, sizeof kept, "%.*s", STR_ARG(h));
    *(struct str *)arg = str_z(kept);
    return e;
}

struct staff {
    const char *area;
    struct str hash;
};

static enum err make(struct ctx *c, void *arg)
{
    static int64_t n;
    const struct staff *s = arg;
    struct actor who;
    struct str token;
    char login[40];
    snprintf(login, sizeof login, "bench.%lld.%lld", (long long)(c->now / 1000), (long long)n++);
    struct setup_account a = {.login = login,
        .name = "压测人员",
        .role = "manager",
        .area = str_z(s->area),
        .hash = s->hash};
    enum err e = setup_account(c, &a);
    if (!e)
        e = session_create(c, a.id, &token);
    if (!e)
        e = actor_load(c, a.id, &who);
    if (!e)
        printf("{\"area\":\"%s\",\"level\":%lld,\"org\":%lld,\"token\":\"%.*s\"}\n", s->area,
            (long long)who.level, (long long)who.org, STR_ARG(token));
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
    struct staff s = {0};
    feature_options(&o);
    if (argc < 3)
        stop("usage: bench_staff DIR AREA...");
    if (app_open(&o, &app))
        stop(why);
    if (!app->test || app_read(app, hash_once, &s.hash))
        stop("only on a store made with --test");
    for (int i = 2; i < argc; i++) {
        s.area = argv[i];
        if (app_write(app, NULL, make, &s))
            stop(argv[i]);
    }
    app_close(app);
    return 0;
}
