/* Photos, scans and PDFs: checked by structure, cleaned of place and device, stored by content. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/template.h"
#include "feature/ledger/ledger.h"
#include "feature/ops.h"
#include "render/image.h"

enum { PATH_MAX_LEN = 4200, FILE_NAME_LEN = 80 };

static int64_t limit_bytes(struct ctx *c)
{
    return setting_int(c->app, "attachment_max_mb", 10) << 20;
}

static enum err read_file(struct ctx *c, const char *path, int64_t size, struct buf *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *at = buf_reserve(ret, (size_t)size);
    if (fd < 0 || !at) {
        if (fd >= 0)
            close(fd);
        return fail(c, at ? ERR_IO : ERR_TOO_LARGE, "file", NULL);
    }
    while (ret->n < (size_t)size) {
        ssize_t n = read(fd, ret->p + ret->n, (size_t)size - ret->n);
        if (n <= 0)
            break;
        ret->n += (size_t)n;
    }
    close(fd);
    return ret->n == (size_t)size ? OK : fail(c, ERR_IO, "file", NULL);
}

/* files/ab/<hex sm3>: the same picture is stored once. */
static void file_name(const unsigned char sm3_[SM3_LEN], char out[FILE_NAME_LEN])
{
    char hex[2 * SM3_LEN + 1] = "";
    hex_put(sm3_, SM3_LEN, hex);
    snprintf(out, FILE_NAME_LEN, "files/%.2s/%s", hex, hex);
}

static void file_path(const struct app *app, const unsigned char sm3_[SM3_LEN], char *out)
{
    char name[FILE_NAME_LEN];
    file_name(sm3_, name);
    snprintf(out, PATH_MAX_LEN, "%s/%s", app->dir, name);
}

enum err attachment_each(
    struct ctx *c, enum err (*fn)(void *arg, int64_t id, const char *name), void *arg)
{
    char name[FILE_NAME_LEN];
    struct q q;
    enum err e = OK;
    q_begin(&q, c->db, SQL_attachment_sums);
    while (!e && q_row(&q)) {
        struct str sum = q_get_blob(&q, 1);
        if (sum.n == SM3_LEN)
            file_name((const unsigned char *)sum.p, name);
        e = sum.n == SM3_LEN ? fn(arg, q_get_int(&q, 0), name) : ERR_CORRUPT;
    }
    enum err end = q_end(&q);
    return e ? e : end;
}

static bool write_all(int fd, struct str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n <= 0)
            return false;
        s = str_sub(s, (size_t)n, s.n);
    }
    return true;
}

/* Written under a temporary name, made durable, then renamed: half a file never has the real name.
 */
static enum err write_file(struct ctx *c, const char *path, struct str body)
{
    char tmp[PATH_MAX_LEN + 40], dir[PATH_MAX_LEN];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = 0;
    snprintf(tmp, sizeof tmp, "%s.%s", path, c->rid.p ? c->rid.p : "new");
    if (mkdir(dir, 0700) && errno != EEXIST)
        return fail(c, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(c, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
    bool good = write_all(fd, body) && fsync(fd) == 0;
    int why = errno;
    good = close(fd) == 0 && good && rename(tmp, path) == 0;
    if (good)
        return OK;
    unlink(tmp);
    return fail(c, why == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
}

static enum err clean(struct ctx *c, struct buf *out, struct image_info *info)
{
    struct buf in;
    const char *why = NULL;
    struct image_limits limits = IMAGE_LIMITS_DEFAULT;
    limits.pixels = (uint64_t)setting_int(c->app, "image_max_megapixels", 50) * 1000000;
    if (c->file.size > limit_bytes(c))
        return failf(c, ERR_TOO_LARGE, "file", "文件太大，最多 %lld MB，请压缩后再传",
            (long long)(limit_bytes(c) >> 20));
    buf_init(&in, (size_t)limit_bytes(c) + 1);
    enum err e = read_file(c, c->file.path.p, c->file.size, &in);
    if (!e)
        e = image_clean(buf_str(&in), &limits, out, info, &why);
    buf_free(&in);
    if (e)
        return fail(c, e, "file", why);
    if (!image_name_fits(info->kind, c->file.name))
        return fail(c, ERR_UNSUPPORTED, "file", "文件名的后缀与内容不符，请检查后再传");
    return OK;
}

static enum err owner_check(struct ctx *c, const struct attachment_new *in)
{
    if (!in->owner_kind.n || str_eqz(in->owner_kind, "firm"))
        return OK;
    bool known = str_eqz(in->owner_kind, "hazard") || str_eqz(in->owner_kind, "daily") ||
                 str_eqz(in->owner_kind, "paper_check") || str_eqz(in->owner_kind, "suspension");
    return known
               ? OK
               : fail(c, ERR_INVALID, "owner_kind", "附件只能挂在单位、检查记录、问题或停产报备上");
}

static enum err same_before(struct ctx *c, const struct attachment_row *row, int64_t *ret_id)
{
    struct q q;
    *ret_id = NULL_INT;
    q_begin(&q, c->db, SQL_attachment_same);
    q_int(&q, "firm", row->firm);
    q_str(&q, "owner_kind", row->owner_kind);
    q_int(&q, "owner", row->owner);
    q_str(&q, "purpose", row->purpose);
    q_blob(&q, "sm3", row->sm3);
    q_int(&q, "by_account", row->by_account);
    if (q_row(&q))
        *ret_id = q_get_int(&q, 0);
    return db_fail(c, q_end(&q));
}

/* A phone that lost the answer sends its photo again: the same bytes for the same thing from the
 * same person are the attachment that is there already. */
enum err attachment_put(struct ctx *c, struct attachment_row *row, const char *label)
{
    struct note n = {.label = label, .text = row->name};
    int64_t id;
    enum err e = same_before(c, row, &id);
    if (e)
        return e;
    return id == NULL_INT ? rec_insert(c, &kind_attachment, row, &n)
                          : rec_get(c, &kind_attachment, id, row);
}

static enum err store(struct ctx *c, void *arg)
{
    return attachment_put(c, arg, "上传附件");
}

static bool may_attach(const struct ctx *c)
{
    return can(c, PERM_FIRM_WRITE) || can(c, PERM_FIRM_REVIEW) || can(c, PERM_DAILY_WRITE);
}

static void set_owner(const struct attachment_new *in, struct attachment_row *row)
{
    desc_clear(&attachment_row_desc, row);
    row->firm = in->firm;
    row->owner_kind = in->owner_kind.n ? in->owner_kind : S("firm");
    row->owner = in->owner != NULL_INT ? in->owner : in->firm;
    row->purpose = in->purpose.n ? in->purpose : S("photo");
}

static void set_origin(struct ctx *c, struct attachment_row *row)
{
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
}

static void fill_file(struct ctx *c, const struct image_info *info, struct attachment_row *row)
{
    row->name = c->file.name.n ? c->file.name : S("附件");
    row->type = str_z(image_type(info->kind));
    row->width = info->width;
    row->height = info->height;
    row->taken_at = info->taken;
    set_origin(c, row);
}

struct str attachment_path(struct ctx *c, struct str sm3_)
{
    char path[PATH_MAX_LEN];
    file_path(c->app, (const unsigned char *)sm3_.p, path);
    return arena_fmt(c->a, "%s", path);
}

enum err attachment_take(struct ctx *c, struct attachment_row *row)
{
    struct image_info info;
    struct buf out;
    unsigned char digest[SM3_LEN];
    char path[PATH_MAX_LEN];
    buf_init(&out, (size_t)limit_bytes(c) + 4096);
    enum err e = clean(c, &out, &info);
    if (!e) {
        fill_file(c, &info, row);
        sm3(buf_str(&out), digest);
        row->size = (int64_t)out.n;
        row->sm3 = keep(c, (struct str){(const char *)digest, SM3_LEN});
        file_path(c->app, digest, path);
        e = write_file(c, path, buf_str(&out));
    }
    buf_free(&out);
    return e;
}

enum err attachment_digest(const char *path, unsigned char out[SM3_LEN], int64_t *ret_size)
{
    char block[1 << 16];
    struct sm3_ctx h;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum err e = sm3_begin(&h);
    for (*ret_size = 0; !e && (n = read(fd, block, sizeof block)) > 0; *ret_size += n)
        sm3_add(&h, (struct str){block, (size_t)n});
    if (!e)
        sm3_end(&h, out);
    close(fd);
    return e || n == 0 ? e : ERR_IO;
}

static enum err make_durable(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return good ? OK : why == ENOSPC ? ERR_DISK_FULL : ERR_IO;
}

enum err attachment_adopt(struct ctx *c, const char *from, struct attachment_row *row)
{
    unsigned char digest[SM3_LEN];
    char path[PATH_MAX_LEN], dir[PATH_MAX_LEN];
    enum err e = attachment_digest(from, digest, &row->size);
    if (!e)
        e = make_durable(from);
    if (e)
        return fail(c, e, "file", NULL);
    row->sm3 = keep(c, (struct str){(const char *)digest, SM3_LEN});
    file_path(c->app, digest, path);
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = 0;
    if ((mkdir(dir, 0700) && errno != EEXIST) || chmod(from, 0600) || rename(from, path))
        return fail(c, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
    set_origin(c, row);
    return OK;
}

void attachment_view_of(const struct attachment_row *r, struct attachment_view *v)
{
    *v = (struct attachment_view){.id = r->id,
        .name = r->name,
        .type = r->type,
        .size = r->size,
        .owner_kind = r->owner_kind,
        .owner = r->owner,
        .purpose = r->purpose,
        .taken_at = r->taken_at,
        .at = r->at,
        .by_name = r->by_name,
        .width = r->width,
        .height = r->height};
}

enum err attachment_save(struct ctx *c, struct attachment_row *row)
{
    enum err e = attachment_take(c, row);
    return e ? e : app_write(c->app, c, store, row);
}

enum err op_attachment_create(
    struct ctx *c, const struct attachment_new *in, struct attachment_view *ret)
{
    struct firm_row firm;
    struct attachment_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e && !may_attach(c))
        e = fail(c, ERR_FORBIDDEN, NULL, NULL);
    if (!e)
        e = owner_check(c, in);
    if (e)
        return e;
    set_owner(in, &row);
    e = attachment_save(c, &row);
    if (!e)
        attachment_view_of(&row, ret);
    return e;
}

enum err op_attachment_list(struct ctx *c, const struct firm_ref *in, struct attachment_list *ret)
{
    struct firm_row firm;
    struct q q;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_attachment_of_firm);
    q_int(&q, "firm", in->firm);
    return db_fail(c, q_all(&q, &attachment_view_desc, &ret->items, c->a));
}

void attachment_answer(struct ctx *c, const struct attachment_row *row)
{
    c->reply.file_path = attachment_path(c, row->sm3);
    c->reply.file_type = row->type;
    c->reply.file_name = row->name;
}

enum err op_attachment_get(struct ctx *c, const struct attachment_ref *in, struct none *ret)
{
    struct attachment_row row;
    struct firm_row firm;
    (void)ret;
    enum err e = rec_get(c, &kind_attachment, in->attachment, &row);
    if (!e)
        e = firm_need(c, row.firm, &firm);
    if (!e)
        attachment_answer(c, &row);
    return e;
}

enum err attachment_assign(struct ctx *c, const struct attachment_owner *owner, int64_t id)
{
    struct attachment_row old, row;
    struct q q;
    if (id == NULL_INT)
        return OK;
    desc_clear(&attachment_row_desc, &old);
    q_begin(&q, c->db, kind_attachment.get);
    q_int(&q, "id", id);
    enum err e = q_one(&q, &attachment_row_desc, &old, c->a);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    if (e || old.firm != owner->firm)
        return fail(c, ERR_INVALID, "attachment", "文件没有找到，请重新上传");
    if (!str_eqz(old.owner_kind, "firm"))
        return fail(c, ERR_INVALID, "attachment", "文件已用在别的记录里，请重新上传");
    row = old;
    row.owner_kind = str_z(owner->kind);
    row.owner = owner->id;
    struct note quiet = {.silent = true};
    return rec_update(c, &kind_attachment, &old, &row, &quiet);
}
