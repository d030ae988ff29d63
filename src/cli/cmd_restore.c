/* zhian restore: a backup as a new store on either engine, or proved without restoring it
 * (--check).
 *
 * Method. The new data directory is made beside its name: an encrypted backup is unpacked into it,
 * a folder is copied. Every file is compared with the manifest before the database is put in place;
 * the directory gets its name last, so nothing half restored passes for a store. */
#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/commands.h"
#include "cli/copy.h"
#include "cli/outlet.h"
#include "cli/passphrase.h"
#include "cli/snapshot.h"
#include "cli/work.h"

enum { PATH_LEN = 4300 };

/* --- what there is ---------------------------------------------------------------------------- */

/* The kind of thing --from names; 0, or the exit code after saying why not. */
static int look(struct cli *k, bool *ret_sealed)
{
    struct stat st;
    if (!k->from)
        return cli_usage(k, "请用 --from 指定备份目录或加密备份文件");
    if (stat(k->from, &st) != 0)
        return cli_fail(k, ERR_NOT_FOUND, "没有找到这份备份，请检查 --from 的路径");
    *ret_sealed = S_ISREG(st.st_mode);
    if (S_ISDIR(st.st_mode) && work_unfinished(k->from))
        return cli_fail(k, ERR_STATE, "这是一份没有做完的备份，不能用；请换一份");
    if (*ret_sealed || S_ISDIR(st.st_mode))
        return 0;
    return cli_fail(k, ERR_UNSUPPORTED, "--from 应是备份目录或加密备份文件");
}

/* --- unpacking -------------------------------------------------------------------------------- */

struct unpacking {
    struct cli *k;
    const char *to;
    enum err e;
    bool opened;
    char why[240];
};

static void explain(struct unpacking *u, int64_t chunk)
{
    if (u->e == ERR_CREDENTIALS)
        snprintf(u->why, sizeof u->why, "口令不对，没有写入任何内容");
    else if (u->e == ERR_UNSUPPORTED)
        snprintf(u->why, sizeof u->why, "不是本程序的加密备份，或文件头已损坏，或由更新的版本所做");
    else if (u->e == ERR_CORRUPT && !u->opened)
        snprintf(u->why, sizeof u->why, "加密备份的文件头损坏");
    else if (u->e == ERR_CORRUPT)
        snprintf(u->why, sizeof u->why,
            "加密备份的第 %" PRId64 " 块（约第 %" PRId64 " MB）损坏、缺失或不在原位", chunk, chunk);
    else if (u->e == ERR_DISK_FULL)
        snprintf(u->why, sizeof u->why, "磁盘空间不足，解不开加密备份；需要与备份同样大的空间");
    else if (u->e)
        snprintf(u->why, sizeof u->why, "解开加密备份时出错：%s", err_text(u->e));
}

static void unpack_with(struct unpacking *u, int fd, struct str passphrase)
{
    struct crypto_stream *s = NULL;
    u->e = crypto_stream_open(fd, passphrase, &s);
    u->opened = !u->e;
    if (!u->e)
        u->e = outlet_unpack(s, u->to);
    explain(u, s ? crypto_stream_at(s) : 0);
    crypto_stream_close(s);
}

/* Puts the files of --from into u->to; what went wrong stands in u. */
static void unpack(struct unpacking *u, struct str passphrase)
{
    int fd = open(u->k->from, O_RDONLY | O_CLOEXEC);
    u->e = fd < 0 ? ERR_IO : OK;
    if (fd < 0) {
        explain(u, 0);
        return;
    }
    unpack_with(u, fd, passphrase);
    close(fd);
}

/* --- checking --------------------------------------------------------------------------------- */

static int check_dir(struct check *c, const char *temp)
{
    enum err e = check_files(c);
    if (!e)
        e = check_store(c, temp);
    return e ? cli_fail(c->k, e, e == ERR_DISK_FULL ? "磁盘空间不足，没有检查完" : NULL)
             : check_tell(c);
}

/* Damage of the encrypted file is a finding; a wrong passphrase or a full disk is not. */
static int check_sealed(
    struct check *c, const char *temp, const char *folder, struct str passphrase)
{
    struct unpacking u = {.k = c->k, .to = folder};
    unpack(&u, passphrase);
    if (!u.e)
        return check_dir(c, temp);
    if (u.e != ERR_CORRUPT && u.e != ERR_UNSUPPORTED)
        return cli_fail(c->k, u.e, u.why);
    check_found(c, "file", c->k->from, u.why);
    return check_tell(c);
}

/* passphrase: STR_NULL for a folder. */
static int check(struct cli *k, struct str passphrase)
{
    char folder[WORK_PATH + 16];
    struct work temp;
    struct check c = {.k = k, .dir = passphrase.p ? folder : k->from};
    enum err e = work_temp(&temp);
    if (!e)
        e = folder_make(temp.path, "backup");
    snprintf(folder, sizeof folder, "%s/backup", temp.path);
    int code = EXIT_DONE;
    if (e)
        code = cli_fail(k, e, "无法建立临时目录，请检查 TMPDIR 和磁盘空间");
    else if (passphrase.p)
        code = check_sealed(&c, temp.path, folder, passphrase);
    else
        code = check_dir(&c, temp.path);
    work_drop(&temp);
    return code;
}

/* --- restoring -------------------------------------------------------------------------------- */

struct restoring {
    struct cli *k;
    struct work work; /* becomes the data directory */
    bool sealed;
    char from[PATH_LEN];   /* the database of the backup */
    char target[PATH_LEN]; /* where it goes */
    struct snapshot_put *put;
    const char *why;
    char data[WORK_PATH]; /* --data, without slashes at its end */
};

static const char not_free[] = "目标目录已存在且不是空的，没有改动它；恢复只写入新目录";

static enum err copy_one(void *arg, const char *name)
{
    struct restoring *r = arg;
    struct outlet to = {.kind = &outlet_folder, .root = r->work.path, .fd = -1};
    struct outlet_passed ignored;
    return outlet_pass(&to, r->k->from, name, &ignored);
}

static enum err make_rest(struct restoring *r)
{
    static const char *const names[] = {"files", "jobs", "tmp"};
    enum err e = OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && !e; i++)
        e = folder_make(r->work.path, names[i]);
    return e;
}

/* The files of a folder; those of an encrypted backup are in place already. */
static enum err place_files(struct restoring *r)
{
    static const char *const trees[] = {"keys", "files", "jobs"};
    char list[PATH_LEN], old[PATH_LEN];
    enum err e = OK;
    snprintf(r->from, sizeof r->from, "%s/" SNAPSHOT_NAME, r->k->from);
    for (size_t i = 0; i < sizeof trees / sizeof *trees && !e && !r->sealed; i++)
        e = folder_walk(r->k->from, trees[i], copy_one, r);
    if (e || !r->sealed)
        return e ? e : make_rest(r);
    snprintf(list, sizeof list, "%s/" MANIFEST_NAME, r->work.path);
    snprintf(old, sizeof old, "%s/" SNAPSHOT_NAME, r->work.path);
    snprintf(r->from, sizeof r->from, "%s/backup.db", r->work.path);
    unlink(list);
    return rename(old, r->from) == 0 ? make_rest(r) : io_error();
}

static enum err put_store(struct restoring *r)
{
    snprintf(r->target, sizeof r->target, "sqlite:%s/" SNAPSHOT_NAME, r->work.path);
    enum err e =
        snapshot_put(r->k, r->from, r->k->db ? r->k->db : r->target, r->work.path, &r->put);
    if (!e && r->sealed && unlink(r->from) != 0)
        e = io_error();
    if (!e)
        e = work_publish(&r->work, r->data);
    if (e == ERR_CONFLICT && !snapshot_why(r->put)[0])
        r->why = not_free;
    return e ? e : snapshot_done(r->put);
}

static int restore_from(struct restoring *r)
{
    struct check c = {.k = r->k, .dir = r->sealed ? r->work.path : r->k->from};
    struct cli *k = r->k;
    enum err e = check_files(&c);
    if (!e && c.findings)
        return cli_fail(k, ERR_CORRUPT,
            "备份有损坏（见上），没有恢复；请换一份备份，或按 docs/backup.md 所述取出还完好的部分");
    if (!e)
        e = place_files(r);
    if (!e)
        e = put_store(r);
    if (e) {
        const char *why = snapshot_why(r->put);
        return cli_fail(k, e, r->why ? r->why : why[0] ? why : "恢复没有完成，没有留下半成品");
    }
    term_say(&k->term, TERM_GREEN, "已恢复到 %s；建议随后运行 zhian verify", k->data);
    if (k->json)
        printf("{\"files\":%" PRId64 ",\"bytes\":%" PRId64 "}\n", c.files, c.bytes);
    return EXIT_DONE;
}

static int unpack_and_restore(struct restoring *r, struct str passphrase)
{
    struct unpacking u = {.k = r->k, .to = r->work.path};
    if (r->sealed)
        unpack(&u, passphrase);
    return u.e ? cli_fail(r->k, u.e == ERR_UNSUPPORTED ? ERR_CORRUPT : u.e, u.why)
               : restore_from(r);
}

static const char *why_no_folder(enum err e)
{
    return e == ERR_BUSY        ? "另一个恢复正在写这个目录，请等它结束"
           : e == ERR_NOT_FOUND ? "目标的上级目录不存在，请先建立"
                                : "无法建立目标目录，请检查路径、权限和磁盘空间";
}

static int restore(struct cli *k, struct str passphrase)
{
    struct restoring r = {.k = k, .sealed = passphrase.p != NULL};
    char part[WORK_PATH + 8];
    if (!path_plain(k->data, r.data, sizeof r.data - 8))
        return cli_usage(k, "路径太长");
    if (path_taken(r.data))
        return cli_fail(k, ERR_CONFLICT, not_free);
    snprintf(part, sizeof part, "%s.part", r.data);
    enum err e = work_folder(&r.work, part);
    int code = e ? cli_fail(k, e, why_no_folder(e)) : unpack_and_restore(&r, passphrase);
    snapshot_close(r.put);
    work_drop(&r.work);
    return code;
}

int cmd_restore(struct cli *k)
{
    bool sealed = false;
    struct passphrase pass = {.s = STR_NULL};
    if (!k->check && (!k->from || !k->data))
        return cli_usage(k, "请用 --from 指定备份、--data 指定新目录；只检查备份用 --check");
    int code = look(k, &sealed);
    if (!code && sealed)
        code = passphrase_get(k, false, &pass);
    if (!code)
        code = k->check ? check(k, pass.s) : restore(k, pass.s);
    passphrase_wipe(&pass);
    return code;
}
