/* zhian move: a whole store into another database, with its keys and files, proved at the end.
 *
 * A store is an address and a data directory. The directory of a store that is a file is the folder
 * the file lies in; a store on a server has the one of --data (the source) or --to-data (the
 * target), and without --to-data the target goes on with the source's, so that nothing is copied.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/carry.h"
#include "cli/commands.h"
#include "cli/copy.h"
#include "core/seal.h"
#include "feature/feature.h"

enum { ADDRESS = 4200, FOLDER = 4096 };

struct moving {
    struct cli *k;
    char from[ADDRESS], from_dir[FOLDER];
    char to[ADDRESS], to_dir[FOLDER];
    struct app *source; /* read only */
    struct db *db;      /* of the target */
    struct move m;
    struct verify_result proved[2];
    int64_t files;
    struct carry carry;
};

/* --- addresses -------------------------------------------------------------------------------- */

static bool put_path(char *out, size_t size, const char *text)
{
    int n = snprintf(out, size, "%s", text);
    return n > 0 && (size_t)n < size;
}

static bool resolve_from(struct moving *w)
{
    const struct cli *k = w->k;
    const char *given = k->from ? k->from : k->db;
    if (!given) {
        int n = snprintf(w->from, sizeof w->from, "sqlite:%s/zhian.db", k->data ? k->data : "data");
        return n < ADDRESS && put_path(w->from_dir, FOLDER, k->data ? k->data : "data");
    }
    if (!put_path(w->from, ADDRESS, given))
        return false;
    if (!k->data && db_folder(given, w->from_dir, FOLDER))
        return true;
    return put_path(w->from_dir, FOLDER, k->data ? k->data : "data");
}

static bool resolve_to(struct moving *w)
{
    const struct cli *k = w->k;
    if (!put_path(w->to, ADDRESS, k->to))
        return false;
    if (!k->to_data && db_folder(k->to, w->to_dir, FOLDER))
        return true;
    return put_path(w->to_dir, FOLDER, k->to_data ? k->to_data : w->from_dir);
}

/* --- folders ---------------------------------------------------------------------------------- */

static bool same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Keys are never replaced: other keys belong to another store. */
static enum err copy_keys(struct moving *w, char *why, size_t size)
{
    struct copy_again keys = {.from = w->from_dir, .to = w->to_dir, .keep = true};
    enum err e = copy_again(&keys, "keys", &w->files);
    if (e == ERR_CONFLICT)
        snprintf(why, size, "目标数据目录里有另一个库的密钥，没有改动它；请换一个目录");
    return e;
}

static enum err copy_files(struct moving *w, char *why, size_t size)
{
    static const char *const names[] = {"files", "jobs", "tmp"};
    struct copy_again files = {.from = w->from_dir, .to = w->to_dir};
    if (same_folder(w->from_dir, w->to_dir))
        return OK;
    enum err e = copy_keys(w, why, size);
    for (size_t i = 0; i < 3 && !e; i++)
        e = folder_make(w->to_dir, names[i]);
    for (size_t i = 0; i < 2 && !e; i++)
        e = copy_again(&files, names[i], &w->files);
    if (e && !why[0])
        snprintf(why, size, "附件和密钥没有复制完；排除原因后再运行同一命令，会接着复制");
    return e;
}

/* --- proof ------------------------------------------------------------------------------------ */

struct proving {
    struct moving *w;
    const char *side; /* "from" or "to" */
    struct term_progress bar;
};

static void found(void *arg, const struct verify_finding *f)
{
    struct proving *p = arg;
    bool source = strcmp(p->side, "from") == 0;
    char name[FINDING_NAME];
    if (p->w->k->json)
        printf("{\"side\":\"%s\",\"kind\":\"%s\",\"id\":%lld,\"what\":\"%s\"}\n", p->side, f->kind,
            (long long)f->id, f->what);
    else
        term_say(&p->w->k->term, TERM_RED, "%s：%s：%s", source ? "来源" : "目标",
            cli_finding(f, name), f->what);
}

static void verified(void *arg, int64_t done, int64_t total)
{
    struct proving *p = arg;
    term_progress_at(&p->bar, done, total);
}

static enum err prove(struct moving *w, struct app *app, bool source)
{
    struct proving p = {.w = w, .side = source ? "from" : "to"};
    struct verify_options o = {1000, found, verified, &p, 0};
    struct verify_result *v = &w->proved[!source];
    term_progress_begin(&p.bar, &w->k->term, source ? "查验来源" : "查验目标", "条", 0);
    enum err e = verify_store(app, &o, v);
    term_progress_end(&p.bar, v->records + v->journal);
    return e;
}

/* Opens the target as every command will, but for the mark. */
static enum err prove_target(struct moving *w, char *why, size_t size)
{
    struct app *app = NULL;
    struct app_options o = {.dir = w->to_dir,
        .db = w->to,
        .read_only = true,
        .moving = true,
        .why = why,
        .why_size = size};
    feature_options(&o);
    enum err e = app_open(&o, &app);
    if (!e)
        e = prove(w, app, false);
    app_close(app);
    return e;
}

static bool equal_proof(const struct verify_result *a, const struct verify_result *b)
{
    return a->records == b->records && a->journal == b->journal && a->seals == b->seals &&
           a->unsealed == b->unsealed;
}

/* --- the command ------------------------------------------------------------------------------ */

static void tell(const struct moving *w)
{
    const struct move *m = &w->m;
    const struct verify_result *v = &w->proved[1];
    struct term *t = &w->k->term;
    char head[2 * SM3_LEN + 1] = "";
    hex_put(m->heads.head, SM3_LEN, head);
    if (w->k->json) {
        printf("{\"tables\":%d,\"rows\":%lld,\"added\":%lld,\"again\":%d,\"files\":%lld,"
               "\"records\":%lld,\"journal\":%lld,\"seals\":%lld,\"unsealed\":%lld,"
               "\"head\":\"%.64s\",\"findings\":0}\n",
            m->tables, (long long)m->total, (long long)m->added, m->again, (long long)w->files,
            (long long)v->records, (long long)v->journal, (long long)v->seals,
            (long long)v->unsealed, head);
        return;
    }
    term_say(t, TERM_GREEN, "搬迁完成：%d 张表 %lld 行（本次写入 %lld 行），文件 %lld 个，逐行相符",
        m->tables, (long long)m->total, (long long)m->added, (long long)w->files);
    term_say(t, TERM_GREEN, "两边查验相符：%lld 条记录、%lld 条存证、%lld 个批次，批次头 %.16s…",
        (long long)v->records, (long long)v->journal, (long long)v->seals, head);
    term_say(t, TERM_NORMAL,
        "今后请用 --data %s 和目标库地址启动服务；来源没有改动，请停用并妥善保存", w->to_dir);
}

static int unequal(struct moving *w, const char *message)
{
    term_fail(&w->k->term, "%s", message);
    return EXIT_VERIFY;
}

/* A source that is still written to has grown while it was verified: that is said first. */
static int settle(struct moving *w)
{
    char why[512] = "";
    struct cli *k = w->k;
    enum err e = move_still(&w->m);
    if (!e)
        e = prove(w, w->source, true);
    if (!e)
        e = prove_target(w, why, sizeof why);
    if (!e)
        e = move_still(&w->m);
    if (e)
        return cli_fail(k, e, why[0] ? why : w->m.why);
    if (w->proved[0].findings || w->proved[1].findings)
        return unequal(w, "查验发现问题（见上），没有完成搬迁；请先查明原因");
    if (!equal_proof(&w->proved[0], &w->proved[1]))
        return unequal(w, "两边查验的条数不同，没有完成搬迁");
    e = move_end(&w->m);
    if (e)
        return e == ERR_CORRUPT ? unequal(w, w->m.why) : cli_fail(k, e, w->m.why);
    tell(w);
    return EXIT_DONE;
}

static int carry(struct moving *w)
{
    char why[512] = "";
    struct cli *k = w->k;
    w->carry = (struct carry){.source = w->source, .term = &k->term};
    struct move_options o = carry_options(&w->carry, w->db);
    enum err e = move_begin(&w->m, &o);
    if (e)
        return cli_fail(k, e, w->m.why);
    if (w->m.whole) {
        term_say(&k->term, TERM_GREEN, "目标已经是这个库，两边批次头相同，没有改动");
        if (k->json)
            printf("{\"whole\":true}\n");
        return EXIT_DONE;
    }
    if (w->m.resumed)
        term_say(&k->term, TERM_NORMAL, "目标里有上次没有搬完的部分，接着搬");
    e = copy_files(w, why, sizeof why);
    if (e)
        return cli_fail(k, e, why);
    e = move_rows(&w->m);
    carry_shown(&w->carry);
    if (e == ERR_CORRUPT && w->m.why[0])
        return unequal(w, w->m.why);
    return e ? cli_fail(k, e, w->m.why) : settle(w);
}

static int open_source(struct moving *w)
{
    char why[512] = "";
    struct app_options o = {
        .dir = w->from_dir, .db = w->from, .read_only = true, .why = why, .why_size = sizeof why};
    feature_options(&o);
    enum err e = app_open(&o, &w->source);
    return e ? cli_fail(w->k, e, why) : 0;
}

static int open_target(struct moving *w)
{
    char why[512] = "";
    struct db_options o = {.target = w->to,
        .create = true,
        .cache_kib = CARRY_CACHE_KIB,
        .why = why,
        .why_size = sizeof why};
    if (mkdir(w->to_dir, 0700) && errno != EEXIST)
        return cli_fail(w->k, ERR_IO, "无法建立目标数据目录，请检查路径和权限");
    enum err e = db_open(&o, &w->db);
    return e ? cli_fail(w->k, e, why) : 0;
}

int cmd_move(struct cli *k)
{
    static struct moving w; /* large */
    w = (struct moving){.k = k};
    if (!k->to)
        return cli_usage(k, "请用 --to 指定目标库的地址");
    if (!resolve_from(&w) || !resolve_to(&w))
        return cli_usage(k, "地址或路径太长");
    if (strcmp(w.from, w.to) == 0)
        return cli_usage(k, "来源和目标是同一个库");
    int code = open_source(&w);
    if (!code)
        code = open_target(&w);
    if (!code)
        code = carry(&w);
    move_close(&w.m);
    db_close(w.db);
    app_close(w.source);
    return code;
}
