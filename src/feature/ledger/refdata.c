/* Parsing the reference tables. */
#include "feature/ledger/refdata.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "base/shipped.h"
#include "core/app.h"
#include "core/template.h"

enum { REF_MEMORY = 32 << 20, AREAS_MAX = 2000 };

/* Tables of one pair of template versions; older ones stay for calls that still hold them. */
struct edition {
    struct arena a;
    int64_t att1, director;
    struct ref_tables t;
    struct edition *older;
};

struct refdata {
    pthread_mutex_t lock;
    _Atomic(struct edition *) now;
};

static struct str file(const char *path)
{
    const struct shipped *s = shipped_find(path);
    return s ? s->body : S("");
}

/* Names of areas in firm names: the third column of the area table. */
static enum err areas_read(struct edition *e)
{
    struct str *names = arena_new(&e->a, struct str, AREAS_MAX);
    struct str rest = file("divisions_shanxi.csv");
    size_t n = 0;
    (void)str_cut(rest, '\n', &rest);
    while (names && rest.n && n < AREAS_MAX) {
        struct str line = str_cut(rest, '\n', &rest), cols = line;
        (void)str_cut(cols, ',', &cols);
        (void)str_cut(cols, ',', &cols);
        struct str name = str_cut(cols, ',', &cols);
        if (name.n)
            names[n++] = name;
    }
    return names ? gram_areas_make(names, n, &e->a, &e->t.areas) : ERR_NOMEM;
}

static enum err tables_read(struct app *app, struct edition *e)
{
    enum err r = grade_params_read(template_body(app, "att1", &e->att1), &e->a, &e->t.grade);
    e->t.att1 = e->att1;
    if (!r)
        r = director_read(template_body(app, "director", &e->director), &e->a, &e->t.director);
    if (!r)
        r = size_parse(file("size_standard_2017.csv"), &e->a, &e->t.stat, NULL);
    if (!r)
        r = size_parse(file("size_order_2023.csv"), &e->a, &e->t.order, NULL);
    if (!r)
        r = pinyin_parse(file("pinyin_initials.txt"), &e->a, &e->t.pinyin, NULL);
    if (!r)
        r = workday_parse(file("holidays_cn.csv"), &e->a, &e->t.calendar, NULL);
    return r ? r : areas_read(e);
}

static enum err edition_add(struct app *app, struct refdata *to)
{
    struct edition *e = mem_alloc(sizeof *e);
    if (!e)
        return ERR_NOMEM;
    arena_init(&e->a, REF_MEMORY);
    enum err r = tables_read(app, e);
    if (r) {
        arena_free(&e->a);
        mem_free(e);
        return r == ERR_NOMEM ? r : ERR_CORRUPT;
    }
    e->older = atomic_load(&to->now);
    atomic_store(&to->now, e);
    return OK;
}

enum err ref_open(struct app *app)
{
    struct refdata *r = mem_alloc(sizeof *r);
    if (!r)
        return ERR_NOMEM;
    pthread_mutex_init(&r->lock, NULL);
    enum err e = edition_add(app, r);
    if (e) {
        pthread_mutex_destroy(&r->lock);
        mem_free(r);
        return e;
    }
    __atomic_store_n(&app->ref, r, __ATOMIC_RELEASE); /* the writer may look at any moment */
    return OK;
}

void ref_close(struct app *app)
{
    if (!app->ref)
        return;
    struct edition *e = atomic_load(&app->ref->now);
    while (e) {
        struct edition *older = e->older;
        arena_free(&e->a);
        mem_free(e);
        e = older;
    }
    pthread_mutex_destroy(&app->ref->lock);
    mem_free(app->ref);
    app->ref = NULL;
}

static bool current(struct app *app, const struct edition *e)
{
    int64_t att1 = 0, director = 0;
    (void)template_body(app, "att1", &att1);
    (void)template_body(app, "director", &director);
    return e->att1 == att1 && e->director == director;
}

/* When a published version cannot be read, the last good tables stay in force. */
const struct ref_tables *ref_tables(struct app *app)
{
    struct edition *e = atomic_load(&app->ref->now);
    if (current(app, e))
        return &e->t;
    pthread_mutex_lock(&app->ref->lock);
    if (!current(app, atomic_load(&app->ref->now)) && edition_add(app, app->ref) == OK)
        e = atomic_load(&app->ref->now);
    pthread_mutex_unlock(&app->ref->lock);
    return &atomic_load(&app->ref->now)->t;
}
