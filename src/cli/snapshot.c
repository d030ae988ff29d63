/* Taking and putting back the database of a backup. */
#include "cli/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/carry.h"
#include "core/meta.h"
#include "feature/feature.h"

enum { PATH_LEN = 4200, TARGET_LEN = 4300 };

/* --- taking ----------------------------------------------------------------------------------- */

struct showing {
    struct term *t;
    const char *what;
    struct term_progress bar;
};

static bool pages(void *arg, int64_t done, int64_t total)
{
    struct showing *s = arg;
    if (!s->bar.t)
        term_progress_begin(&s->bar, s->t, s->what, "页", total);
    term_progress_at(&s->bar, done, total);
    return true;
}

static enum err rows_into(struct cli *k, struct app *app, struct db *to, char *why)
{
    struct move m;
    struct carry c = {.source = app, .term = &k->term};
    struct move_options o = carry_options(&c, to);
    o.live = true;
    enum err e = move_begin(&m, &o);
    if (!e)
        e = move_rows(&m);
    carry_shown(&c);
    if (!e)
        e = move_end(&m);
    if (e)
        snprintf(why, SNAPSHOT_WHY, "%s", m.why);
    move_close(&m);
    return e;
}

/* A database and the files beside it. */
static void file_drop(const char *folder, const char *name)
{
    static const char *const left[] = {"", "-wal", "-shm"};
    char file[TARGET_LEN];
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        snprintf(file, sizeof file, "%s/%s%s", folder, name, left[i]);
        unlink(file);
    }
}

/* Through a store of its own, as a copy of that is one file without a log. */
static enum err rows_take(
    struct cli *k, struct app *app, const char *folder, const char *path, char *why)
{
    char target[TARGET_LEN];
    struct db *to = NULL;
    snprintf(target, sizeof target, "sqlite:%s/rows.db", folder);
    struct db_options o = {.target = target,
        .create = true,
        .cache_kib = CARRY_CACHE_KIB,
        .why = why,
        .why_size = SNAPSHOT_WHY};
    enum err e = db_open(&o, &to);
    if (!e)
        e = rows_into(k, app, to, why);
    if (!e)
        e = db_backup(to, path, NULL, NULL);
    db_close(to);
    file_drop(folder, "rows.db");
    return e;
}

enum err snapshot_take(struct cli *k, struct app *app, const char *folder, char why[SNAPSHOT_WHY])
{
    char path[PATH_LEN];
    struct showing s = {.t = &k->term, .what = "备份"};
    why[0] = 0;
    snprintf(path, sizeof path, "%s/" SNAPSHOT_NAME, folder);
    enum err e = db_backup(app->db, path, pages, &s);
    return e == ERR_UNSUPPORTED ? rows_take(k, app, folder, path, why) : e;
}

enum err snapshot_open(const char *path, const char *dir, struct app **ret, char why[SNAPSHOT_WHY])
{
    char target[TARGET_LEN];
    snprintf(target, sizeof target, "sqlite:%s", path);
    struct app_options o = {
        .dir = dir, .db = target, .read_only = true, .why = why, .why_size = SNAPSHOT_WHY};
    feature_options(&o);
    return app_open(&o, ret);
}

static enum err open_older(
    const char *from, const char *dir, struct app **ret, char why[SNAPSHOT_WHY])
{
    char path[PATH_LEN], target[TARGET_LEN];
    struct db *db = NULL;
    snprintf(path, sizeof path, "%s/" SNAPSHOT_OLDER, dir);
    snprintf(target, sizeof target, "sqlite:%s", path);
    struct db_options o = {.target = target, .why = why, .why_size = SNAPSHOT_WHY};
    enum err e = db_restore(from, &o, NULL, NULL);
    if (!e)
        e = db_open(&o, &db);
    db_close(db);
    return e ? e : snapshot_open(path, dir, ret, why);
}

enum err snapshot_open_any(
    const char *path, const char *dir, struct app **ret, char why[SNAPSHOT_WHY])
{
    enum err e = snapshot_open(path, dir, ret, why);
    return e == ERR_STATE ? open_older(path, dir, ret, why) : e;
}

/* --- facts ------------------------------------------------------------------------------------ */

static enum err text_of(struct ctx *c, const char *key, char *out, size_t size)
{
    struct str v;
    enum err e = meta_get(c, key, &v);
    if (!e)
        snprintf(out, size, "%.*s", STR_ARG(v));
    return e;
}

static enum err facts(struct ctx *c, void *arg)
{
    struct manifest_facts *f = arg;
    struct q q;
    struct seal_row row;
    enum err e = text_of(c, "store_id", f->store, sizeof f->store);
    if (!e)
        e = text_of(c, "kind", f->kind, sizeof f->kind);
    q_begin(&q, c->db, SQL_journal_last);
    enum err last = q_one_int(&q, &f->journal);
    desc_clear(&seal_row_desc, &row);
    q_begin(&q, c->db, SQL_seal_last);
    enum err seal = q_one(&q, &seal_row_desc, &row, c->a);
    f->seal = seal ? 0 : row.id;
    snprintf(f->head, sizeof f->head, "-");
    if (!seal && row.head.n == SM3_LEN) {
        hex_put((const unsigned char *)row.head.p, SM3_LEN, f->head);
        f->head[2 * SM3_LEN] = 0;
    }
    return e ? e : last ? last : seal == ERR_NOT_FOUND ? OK : seal;
}

enum err snapshot_facts(struct app *app, struct manifest_facts *ret)
{
    return app_read(app, facts, ret);
}

/* --- putting back ----------------------------------------------------------------------------- */

struct snapshot_put {
    struct cli *k;
    const char *to, *dir;
    struct app *source; /* NULL: the engine copied a file */
    struct db *db;
    struct carry carry;
    struct move m;
    char why[SNAPSHOT_WHY];
};

static enum err put_file(struct snapshot_put *p, const char *path)
{
    struct showing s = {.t = &p->k->term, .what = "恢复"};
    struct db_options o = {
        .target = p->to, .create = true, .why = p->why, .why_size = SNAPSHOT_WHY};
    return db_restore(path, &o, pages, &s);
}

static enum err carry_rows(struct snapshot_put *p)
{
    p->carry = (struct carry){.source = p->source, .term = &p->k->term};
    struct move_options o = carry_options(&p->carry, p->db);
    o.live = true; /* nobody writes to a backup */
    enum err e = move_begin(&p->m, &o);
    if (!e && p->m.whole) {
        snprintf(p->why, SNAPSHOT_WHY, "目标库里已经是这个库，没有改动它；恢复只写入空的数据库");
        return ERR_CONFLICT;
    }
    if (!e)
        e = move_rows(&p->m);
    carry_shown(&p->carry);
    if (e && !p->why[0])
        snprintf(p->why, SNAPSHOT_WHY, "%s", p->m.why);
    return e;
}

static enum err put_rows(struct snapshot_put *p, const char *path)
{
    struct db_options o = {.target = p->to,
        .create = true,
        .cache_kib = CARRY_CACHE_KIB,
        .why = p->why,
        .why_size = SNAPSHOT_WHY};
    enum err e = snapshot_open_any(path, p->dir, &p->source, p->why);
    if (!e)
        e = db_open(&o, &p->db);
    return e ? e : carry_rows(p);
}

/* Opens the target as every command will, but for the mark. */
static enum err prove(struct snapshot_put *p)
{
    struct app *app = NULL;
    struct verify_result v = {0};
    struct app_options o = {.dir = p->dir,
        .db = p->to,
        .read_only = true,
        .moving = true,
        .why = p->why,
        .why_size = SNAPSHOT_WHY};
    feature_options(&o);
    enum err e = app_open(&o, &app);
    if (!e)
        e = cli_verify(p->k, app, 0, &v);
    app_close(app);
    if (e || !v.findings)
        return e;
    snprintf(p->why, SNAPSHOT_WHY, "恢复以后查验发现问题（见上），没有完成恢复");
    return ERR_CORRUPT;
}

enum err snapshot_put(
    struct cli *k, const char *path, const char *to, const char *dir, struct snapshot_put **ret)
{
    struct snapshot_put *p = mem_alloc(sizeof *p);
    if (!p)
        return ERR_NOMEM;
    p->k = k;
    p->to = to;
    p->dir = dir;
    *ret = p;
    enum err e = put_file(p, path);
    if (e != ERR_UNSUPPORTED)
        return e;
    p->why[0] = 0;
    e = put_rows(p, path);
    file_drop(dir, SNAPSHOT_OLDER);
    return e ? e : prove(p);
}

enum err snapshot_done(struct snapshot_put *p)
{
    enum err e = p->source ? move_end(&p->m) : OK;
    if (e && !p->why[0])
        snprintf(p->why, SNAPSHOT_WHY, "%s", p->m.why);
    return e;
}

const char *snapshot_why(const struct snapshot_put *p)
{
    return p ? p->why : "";
}

void snapshot_close(struct snapshot_put *p)
{
    if (!p)
        return;
    if (p->db)
        move_close(&p->m);
    db_close(p->db);
    app_close(p->source);
    mem_free(p);
}
