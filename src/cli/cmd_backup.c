/* zhian backup: a store that may be served meanwhile, as a folder or as one encrypted file.
 *
 * Method. First the database, as it is at one moment; then the files of the data directory, each
 * with its digest in the manifest. An attachment is on the disk before the database names it and is
 * never removed, so all that the snapshot names are there; those that came later do no harm.
 * Everything is made under a name that no restore takes, and gets its own when it is whole. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/copy.h"
#include "cli/outlet.h"
#include "cli/passphrase.h"
#include "cli/snapshot.h"
#include "cli/work.h"
#include "feature/ledger/ledger.h"

enum { PATH_LEN = 4200, HEX = 2 * SM3_LEN };

#define SUFFIX ".zhb"

struct backing {
    struct cli *k;
    char name[WORK_PATH]; /* of the backup when it is whole */
    struct work work;     /* the folder or file that becomes it */
    struct work stage;    /* encrypted: where the database is made, in the data directory */
    const char *folder;   /* where the database and the manifest are made */
    struct outlet out;    /* of files; a folder has what is made in it already */
    struct crypto_stream *s;
    struct app *snap;
    struct manifest_facts facts;
    struct manifest list;
    struct check check; /* counts and prints what is wrong with the source's files */
    struct term_progress bar;
    char why[SNAPSHOT_WHY];
};

/* --- where it goes ---------------------------------------------------------------------------- */

static bool name_it(struct backing *b)
{
    if (!path_plain(b->k->out, b->name, sizeof b->name - 16))
        return false;
    if (b->k->encrypt && !str_ends(str_z(b->name), S(SUFFIX)))
        memcpy(b->name + strlen(b->name), SUFFIX, sizeof SUFFIX);
    return true;
}

static enum err begin_folder(struct backing *b, const char *part)
{
    enum err e = work_folder(&b->work, part);
    b->folder = b->work.path;
    b->out = (struct outlet){.kind = &outlet_folder, .root = b->work.path, .fd = -1};
    return e;
}

/* What is clear stays in the data directory, where it is clear already. */
static enum err begin_sealed(struct backing *b, const char *part, struct str passphrase)
{
    char stage[PATH_LEN];
    snprintf(stage, sizeof stage, "%s/tmp/backup", b->k->app->dir);
    enum err e = work_file(&b->work, part);
    if (!e)
        e = crypto_stream_create(b->work.fd, CRYPTO_COST_BACKUP, passphrase, &b->s);
    if (!e)
        e = folder_make(b->k->app->dir, "tmp");
    if (!e)
        e = work_folder(&b->stage, stage);
    b->folder = b->stage.path;
    b->out = (struct outlet){.kind = &outlet_sealed, .s = b->s};
    return e;
}

static enum err begin(struct backing *b, struct str passphrase)
{
    char part[WORK_PATH];
    if (path_taken(b->name))
        return ERR_CONFLICT;
    snprintf(part, sizeof part, "%.*s.part", WORK_PATH - 8, b->name);
    return passphrase.p ? begin_sealed(b, part, passphrase) : begin_folder(b, part);
}

/* --- what goes in ----------------------------------------------------------------------------- */

/* What is made in the folder that becomes the backup is there already and only read. */
static enum err send_made(struct backing *b, const char *name, struct outlet_passed *ret)
{
    return outlet_pass(b->s ? &b->out : NULL, b->folder, name, ret);
}

/* A file that is being written has a name of its own until it is whole; network file systems keep
 * removed ones under hidden names. */
static bool unfinished(const char *name)
{
    struct str s = str_z(name);
    bool attachment = str_starts(s, S("files/"));
    return str_ends(s, S(".new")) || strstr(name, "/.") ||
           (attachment && strlen(strrchr(name, '/') + 1) != HEX);
}

static void name_holds(struct backing *b, const char *name, const unsigned char digest[SM3_LEN])
{
    char hex[HEX + 1] = "";
    hex_put(digest, SM3_LEN, hex);
    if (str_starts(str_z(name), S("files/")) && strcmp(strrchr(name, '/') + 1, hex) != 0)
        check_found(&b->check, "file", name, "附件的内容与文件名（SM3）不符：原件已损坏");
}

static enum err send_file(void *arg, const char *name)
{
    struct backing *b = arg;
    struct outlet_passed got;
    if (unfinished(name))
        return OK;
    enum err e = outlet_pass(&b->out, b->k->app->dir, name, &got);
    if (e == ERR_NOT_FOUND)
        return OK; /* the result of a job, removed meanwhile */
    if (e)
        return e;
    name_holds(b, name, got.digest);
    manifest_file(&b->list, name, got.size, got.digest);
    term_progress_at(&b->bar, b->list.files, 0);
    return b->list.err;
}

static enum err send_files(struct backing *b)
{
    static const char *const trees[] = {"keys", "files", "jobs"};
    struct outlet_passed got;
    enum err e = send_made(b, SNAPSHOT_NAME, &got);
    if (!e)
        manifest_file(&b->list, SNAPSHOT_NAME, got.size, got.digest);
    term_progress_begin(&b->bar, &b->k->term, "复制文件", "个", 0);
    for (size_t i = 0; i < sizeof trees / sizeof *trees && !e; i++)
        e = folder_walk(b->k->app->dir, trees[i], send_file, b);
    term_progress_end(&b->bar, b->list.files);
    return e;
}

static enum err referenced(void *arg, int64_t id, const char *name)
{
    struct backing *b = arg;
    char path[PATH_LEN], what[96];
    snprintf(path, sizeof path, "%s/%s", b->s ? b->k->app->dir : b->folder, name);
    if (access(path, F_OK) == 0)
        return OK;
    snprintf(what, sizeof what, "附件 %" PRId64 " 的文件不在数据目录里：原件已丢失", id);
    check_found(&b->check, "attachment", name, what);
    return OK;
}

static enum err attachments(struct ctx *c, void *arg)
{
    return attachment_each(c, referenced, arg);
}

static enum err take_database(struct backing *b)
{
    char path[PATH_LEN];
    b->facts.made = clock_real_ms();
    b->facts.schema = sql_nmigrations;
    enum err e = snapshot_take(b->k, b->k->app, b->folder, b->why);
    if (e)
        return e;
    snprintf(path, sizeof path, "%s/" SNAPSHOT_NAME, b->folder);
    e = snapshot_open(path, b->k->app->dir, &b->snap, b->why);
    return e ? e : snapshot_facts(b->snap, &b->facts);
}

static enum err list_and_send(struct backing *b)
{
    char path[PATH_LEN];
    struct outlet_passed ignored;
    snprintf(path, sizeof path, "%s/" MANIFEST_NAME, b->folder);
    manifest_begin(&b->list, path, &b->facts);
    enum err e = b->list.err ? b->list.err : send_files(b);
    enum err end = manifest_end(&b->list);
    if (!e)
        e = end;
    if (!e)
        e = app_read(b->snap, attachments, b);
    if (!e)
        e = send_made(b, MANIFEST_NAME, &ignored);
    return e ? e : b->out.kind->finish(&b->out);
}

/* --- the command ------------------------------------------------------------------------------ */

static const char *why_not(const struct backing *b, enum err e)
{
    switch (e) {
    case ERR_CONFLICT:
        return "备份目录（文件）已存在，没有改动它；请换一个名字";
    case ERR_BUSY:
        return b->why[0] ? b->why : "另一个备份正在进行，请等它结束";
    case ERR_NOT_FOUND:
        return "备份的上级目录不存在，请先建立";
    case ERR_DISK_FULL:
        return "磁盘空间不足，备份没有完成，没有留下半成品";
    default:
        return b->why[0] ? b->why : "备份没有完成，没有留下半成品；请检查路径、权限和磁盘后重试";
    }
}

static void tell(struct backing *b)
{
    struct term *t = &b->k->term;
    const struct manifest_facts *f = &b->facts;
    if (b->k->json)
        printf("{\"store\":\"%s\",\"files\":%" PRId64 ",\"bytes\":%" PRId64 ",\"journal\":%" PRId64
               ",\"seal\":%" PRId64 ",\"head\":\"%s\",\"encrypted\":%s,\"findings\":%" PRId64 "}\n",
            f->store, b->list.files, b->list.bytes, f->journal, f->seal, f->head,
            b->s ? "true" : "false", b->check.findings);
    term_say(t, TERM_GREEN, "已备份到 %s（数据库、附件、密钥，%" PRId64 " 个文件，%" PRId64 " MB）",
        b->name, b->list.files, b->list.bytes >> 20);
    if (!b->s)
        term_say(t, TERM_YELLOW,
            "注意：备份没有加密，其中的密钥是明文，拿到它就能读出全部数据；要离开本机请用 "
            "--encrypt");
    if (b->check.findings)
        term_say(t, TERM_RED,
            "备份已写好，但原库有 %" PRId64 " 个附件有问题（见上），请从旧备份找回",
            b->check.findings);
}

static void close_all(struct backing *b)
{
    app_close(b->snap);
    crypto_stream_close(b->s);
    work_drop(&b->stage);
    work_drop(&b->work);
    cli_close(b->k);
}

static int back_up(struct backing *b, struct str passphrase)
{
    enum err e = begin(b, passphrase);
    if (!e)
        e = take_database(b);
    if (!e)
        e = list_and_send(b);
    if (!e)
        e = work_publish(&b->work, b->name);
    if (!e)
        tell(b);
    close_all(b);
    if (e)
        return cli_fail(b->k, e, why_not(b, e));
    return b->check.findings ? EXIT_VERIFY : EXIT_DONE;
}

int cmd_backup(struct cli *k)
{
    static struct backing b; /* large */
    struct passphrase pass = {.s = STR_NULL};
    b = (struct backing){.k = k, .check = {.k = k}};
    if (!k->out)
        return cli_usage(k, "请用 --out 指定备份目录");
    if (k->passphrase_file && !k->encrypt)
        return cli_usage(k, "给了口令文件，没有说要加密：加密备份请加 --encrypt");
    if (!name_it(&b))
        return cli_usage(k, "路径太长");
    int code = k->encrypt ? passphrase_get(k, true, &pass) : 0;
    if (!code)
        code = cli_open(k, (struct cli_open_how){.read_only = true});
    if (!code)
        code = back_up(&b, pass.s);
    passphrase_wipe(&pass);
    return code;
}
