/* A store for the tests of features: a temporary directory, the province's authorities, one account
 * per level and administrator, two firms in different counties. Operations are called as the doors
 * call them, through the runner.
 *
 *   fixture_open(&f);
 *   r = ASK(&f, .op = "person_list", .as = "ws", .path = {fixture_id(f.firm)});
 *   assert_int_equal(r->status, 200);
 *   assert_string(r, "items.0.name", "王五");
 *   fixture_close(&f);
 */
#ifndef ZHIAN_TEST_FEATURE_FIXTURE_H
#define ZHIAN_TEST_FEATURE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ftw.h>

#include "base/civil.h"
#include "base/jsonin.h"
#include "core/app.h"
#include "core/call.h"
#include "core/session.h"
#include "feature/account/account.h"
#include "feature/feature.h"
#include "feature/ledger/ledger.h"
#include "feature/org/org.h"
#include "feature/setup/setup.h"

/* Last: its macro fail() is not the context's. A test includes further headers before this one. */
#include <cmocka.h>

#define FIXTURE_PASSWORD "Quiet-River-2026"
#ifndef FIXTURE_DAY
#define FIXTURE_DAY "2026-11-02" /* a Monday */
#endif

enum { FIXTURE_DOCS = 4000, FIXTURE_MEMORY = 256 << 20 };

struct fixture {
    struct app *app;
    struct db_conn *db;
    struct arena a; /* replies live here */
    char dir[64];
    int64_t firm, firm_elsewhere; /* in 凤城镇 of 文水; in 交城 */
    int64_t hour;                 /* ms */
    const struct jin *docs[FIXTURE_DOCS];
    size_t ndocs;
};

struct ask {
    const char *op;
    const char *as;   /* login to act as, without a session; NULL: nobody, or the token */
    struct str token; /* session token */
    const char *path[OP_PATH_MAX];
    struct pair query[8];
    const char *body; /* JSON */
    const char *if_match, *idem, *ip, *csrf;
    bool cookie; /* the token came in a cookie */
};

struct reply {
    int status;
    struct str body, cookie, etag;
    int64_t retry_after;
    const struct jin *json;
};

#define ASK(f, ...) fixture_ask((f), &(struct ask){__VA_ARGS__})

/* --- asking -------------------------------------------------------------------------------------
 */

struct fixture_who {
    const char *login;
    struct arena *a;
    struct actor actor;
};

static inline enum err fixture_actor(struct ctx *c, void *arg)
{
    struct fixture_who *w = arg;
    struct q q;
    int64_t id = 0;
    q_begin(&q, c->db, SQL_account_id_of);
    q_str(&q, "login", str_z(w->login));
    enum err e = q_one_int(&q, &id);
    c->a = w->a;
    return e ? e : actor_load(c, id, &w->actor);
}

static inline void fixture_request(
    const struct fixture *f, const struct ask *x, struct request *ret)
{
    *ret = (struct request){.op = op_find(&f->app->ops, str_z(x->op)),
        .body = str_z(x->body),
        .token = x->token,
        .token_is_cookie = x->cookie,
        .csrf = str_z(x->csrf),
        .if_match = str_z(x->if_match),
        .idem_key = str_z(x->idem),
        .ip = str_z(x->ip),
        .agent = S("测试"),
        .source = SRC_API,
        .query = x->query};
    if (!ret->op)
        fail_msg("no operation %s", x->op);
    for (int i = 0; i < OP_PATH_MAX; i++)
        ret->path_vals[i] = str_z(x->path[i]);
    while (ret->query_n < 8 && x->query[ret->query_n].name.p)
        ret->query_n++;
}

static inline const struct reply *fixture_reply(struct fixture *f, const struct answer *a)
{
    struct reply *r = arena_new(&f->a, struct reply, 1);
    *r = (struct reply){.status = a->status,
        .body = arena_str(&f->a, a->body),
        .cookie = arena_str(&f->a, a->cookie),
        .etag = arena_str(&f->a, a->etag),
        .retry_after = a->retry_after};
    if (r->body.n && jin_parse(r->body, 32, &r->json) == OK && f->ndocs < FIXTURE_DOCS)
        f->docs[f->ndocs++] = r->json;
    return r;
}

static inline const struct reply *fixture_ask(struct fixture *f, const struct ask *x)
{
    struct request req;
    struct fixture_who who = {x->as, &f->a, {0}};
    fixture_request(f, x, &req);
    if (x->as)
        assert_int_equal(app_read(f->app, fixture_actor, &who), OK);
    struct call *k = call_new(f->app, &req);
    assert_non_null(k);
    if (x->as)
        call_as(k, &who.actor);
    call_run(k, f->db);
    const struct reply *r = fixture_reply(f, call_answer(k));
    call_free(k);
    return r;
}

/* --- reading replies ----------------------------------------------------------------------------
 */

/* The value at a path like "items.0.name". */
static inline const struct jin *reply_at(const struct reply *r, const char *path)
{
    struct str rest = str_z(path);
    const struct jin *v = r->json;
    char key[64];
    int64_t i;
    while (rest.p && rest.n) {
        struct str one = str_cut(rest, '.', &rest);
        snprintf(key, sizeof key, "%.*s", STR_ARG(one));
        v = jin_type(v) == JIN_ARR && str_int(one, &i) ? jin_at(v, (size_t)i) : jin_get(v, key);
    }
    return v;
}

static inline struct str reply_str(const struct reply *r, const char *path)
{
    return jin_str(reply_at(r, path));
}

static inline int64_t reply_int(const struct reply *r, const char *path)
{
    return jin_int(reply_at(r, path), NULL_INT);
}

static inline bool reply_null(const struct reply *r, const char *path)
{
    return jin_type(reply_at(r, path)) <= JIN_NULL;
}

/* The reply complains about this field with this code. */
static inline bool reply_complains(const struct reply *r, const char *field, const char *code)
{
    const struct jin *errors = jin_get(r->json, "errors");
    for (size_t i = 0; i < jin_len(errors); i++) {
        const struct jin *e = jin_at(errors, i);
        if (str_eqz(jin_str(jin_get(e, "field")), field) &&
            str_eqz(jin_str(jin_get(e, "code")), code))
            return true;
    }
    return false;
}

#define assert_status(r, want)                                                                     \
    do {                                                                                           \
        const struct reply *r_ = (r);                                                              \
        if (r_->status != (want))                                                                  \
            fail_msg("status %d, not %d: %.*s", r_->status, (want), STR_ARG(r_->body));            \
    } while (0)
#define assert_string(r, path, want)                                                               \
    do {                                                                                           \
        struct str s_ = reply_str((r), (path));                                                    \
        if (!s_.p || !str_eqz(s_, (want)))                                                         \
            fail_msg("%s is \"%.*s\", not \"%s\"", (path), STR_ARG(s_), (want));                   \
    } while (0)
#define assert_complaint(r, field, code)                                                           \
    do {                                                                                           \
        const struct reply *r_ = (r);                                                              \
        if (!reply_complains(r_, (field), (code)))                                                 \
            fail_msg("no complaint %s on %s: %.*s", (code), (field), STR_ARG(r_->body));           \
    } while (0)

static inline const char *fixture_id(struct fixture *f, int64_t id)
{
    return arena_fmt(&f->a, "%lld", (long long)id).p;
}

/* JSON text made with printf, for bodies. */
static inline const char *fixture_text(struct fixture *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static inline const char *fixture_text(struct fixture *f, const char *fmt, ...)
{
    char text[8192];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return arena_str(&f->a, str_z(text)).p;
}

/* --- signing in ---------------------------------------------------------------------------------
 */

static inline const struct reply *fixture_login(
    struct fixture *f, const char *login, const char *password, const char *ip)
{
    const char *body =
        fixture_text(f, "{\"login\": \"%s\", \"password\": \"%s\"}", login, password);
    return ASK(f, .op = "session_create", .body = body, .ip = ip);
}

/* The token of a new session of a fixture account. */
static inline struct str fixture_token(struct fixture *f, const char *login)
{
    const struct reply *r = fixture_login(f, login, FIXTURE_PASSWORD, NULL);
    assert_status(r, 200);
    return r->cookie;
}

/* Id of an account. */
static inline int64_t fixture_account_id(struct fixture *f, const char *login)
{
    struct fixture_who who = {login, &f->a, {0}};
    assert_int_equal(app_read(f->app, fixture_actor, &who), OK);
    return who.actor.account;
}

/* How many journal notes hold a text. */
static inline int fixture_journal(struct fixture *f, const char *text)
{
    struct q q;
    int n = 0;
    q_begin(&q, f->db, SQL_journal_range);
    q_int(&q, "after", 0);
    q_int(&q, "limit", 1000000);
    while (q_row(&q))
        n += str_find(q_get_str(&q, 8), str_z(text)) >= 0;
    assert_int_equal(q_end(&q), OK);
    return n;
}

/* The clock of the store, moved forward. */
static inline void fixture_later(struct fixture *f, int64_t ms)
{
    f->app->fixed_now += ms;
}

/* --- making -------------------------------------------------------------------------------------
 */

struct fixture_account {
    const char *login, *name, *role, *area;
};

static const struct fixture_account fixture_accounts[] = {
    {"sx", "省局负责人", "manager", "140000"},
    {"ll", "市局负责人", "manager", "141100"},
    {"ws", "县局负责人", "manager", "141121"},
    {"ws.clerk", "县局录入员", "clerk", "141121"},
    {"ws.fengcheng", "凤城监管员", "inspector", "141121100"},
    {"ws.kaizha", "开栅监管员", "inspector", "141121101"},
    {"jc", "交城录入员", "clerk", "141122"},
    {"sysadmin", "系统管理员", "sysadmin", ""},
    {"sysadmin2", "系统管理员乙", "sysadmin", ""},
    {"secadmin", "安全管理员", "secadmin", ""},
    {"secadmin2", "安全管理员乙", "secadmin", ""},
    {"auditor", "审计管理员", "auditor", ""},
};

static inline enum err fixture_make_accounts(struct ctx *c, void *arg)
{
    struct str hash;
    (void)arg;
    enum err e = account_hash(c, S(FIXTURE_PASSWORD), &hash);
    for (size_t i = 0; !e && i < sizeof fixture_accounts / sizeof *fixture_accounts; i++) {
        const struct fixture_account *x = &fixture_accounts[i];
        struct setup_account a = {.login = x->login,
            .name = x->name,
            .role = x->role,
            .area = str_z(x->area),
            .hash = hash};
        e = setup_account(c, &a);
    }
    return e;
}

struct fixture_firm {
    const char *name, *town, *uscc;
    int64_t id;
};

/* An admitted producer. */
static inline enum err fixture_make_firm(struct ctx *c, void *arg)
{
    struct fixture_firm *x = arg;
    struct firm_row row;
    struct firm_products p = {S("通用硅酸盐水泥"), S("许可证")};
    struct note n = {.label = "录入"};
    desc_clear(&firm_row_desc, &row);
    row.state = S("admitted");
    row.kind = S("producer");
    row.town = str_z(x->town);
    row.name = str_z(x->name);
    row.uscc = str_z(x->uscc);
    row.abnormal = S("00");
    row.staff = 86;
    row.revenue = 321000;
    row.applicability = S("许可证");
    row.source = S("测试");
    enum err e = firm_place(c, &row, row.town);
    if (!e)
        e = firm_add(c, &row, &p, &n);
    x->id = row.id;
    return e;
}

static inline int64_t fixture_firm(struct fixture *f, const char *name, const char *town)
{
    struct fixture_firm x = {name, town, "91141121TTTT900016", 0};
    assert_int_equal(app_write(f->app, NULL, fixture_make_firm, &x), OK);
    return x.id;
}

struct fixture_org {
    const char *area;
    struct org_row row;
    char path[48];
};

static inline enum err fixture_find_org(struct ctx *c, void *arg)
{
    struct fixture_org *x = arg;
    enum err e = org_by_area(c, str_z(x->area), c->today, &x->row);
    snprintf(x->path, sizeof x->path, "%.*s", STR_ARG(x->row.path));
    return e;
}

/* Id of the authority that answers for an area. */
static inline int64_t fixture_org(struct fixture *f, const char *area)
{
    struct fixture_org x = {.area = area};
    assert_int_equal(app_read(f->app, fixture_find_org, &x), OK);
    return x.row.id;
}

/* Its path, in the fixture's memory. */
static inline const char *fixture_path(struct fixture *f, const char *area)
{
    struct fixture_org x = {.area = area};
    assert_int_equal(app_read(f->app, fixture_find_org, &x), OK);
    return fixture_text(f, "%s", x.path);
}

static inline void fixture_start(struct fixture *f, bool create)
{
    static char why[400];
    struct app_options o = {
        .dir = f->dir, .create = create, .test = true, .why = why, .why_size = sizeof why};
    feature_options(&o);
    if (app_open(&o, &f->app) != OK)
        fail_msg("%s", why);
    assert_int_equal(db_connect(f->app->db, DB_READ, &f->db), OK);
}

/* The program ends and starts again; the clock stays where it was. */
static inline void fixture_restart(struct fixture *f)
{
    int64_t now = f->app->fixed_now;
    db_disconnect(f->db);
    app_close(f->app);
    fixture_start(f, false);
    f->app->fixed_now = now;
}

static inline void fixture_open(struct fixture *f)
{
    *f = (struct fixture){.hour = 3600 * 1000};
    strcpy(f->dir, "/tmp/zhian-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    setenv("ZHIAN_NOW", FIXTURE_DAY "T09:00:00+08:00", 1);
    arena_init(&f->a, FIXTURE_MEMORY);
    fixture_start(f, true);
    assert_int_equal(feature_init(f->app), OK);
    assert_int_equal(app_write(f->app, NULL, fixture_make_accounts, NULL), OK);
    f->firm = fixture_firm(f, "文水砚睿水泥厂", "141121100");
    f->firm_elsewhere = fixture_firm(f, "交城砚睿水泥厂", "141122100");
}

static inline int fixture_remove(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

static inline void fixture_close(struct fixture *f)
{
    for (size_t i = 0; i < f->ndocs; i++)
        jin_free(f->docs[i]);
    db_disconnect(f->db);
    app_close(f->app);
    arena_free(&f->a);
    nftw(f->dir, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
