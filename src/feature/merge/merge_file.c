/* The files of attachments, named by their content: looked at in the source, copied into the target
 * before any row names them there, so that a merge cut off leaves at most files nobody names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feature/merge/merge_impl.h"

enum { PATH_LEN = 4200, FILE_MAX = 512 << 20 };

/* DIR/files/ab/<hex sm3>, as ledger/attachment.c lays them down. */
static void file_path(const char *dir, struct str sm3_, char out[PATH_LEN])
{
    char hex[2 * SM3_LEN + 1] = "";
    hex_put((const unsigned char *)sm3_.p, SM3_LEN, hex);
    snprintf(out, PATH_LEN, "%s/files/%.2s/%s", dir, hex, hex);
}

static enum err file_read(const char *path, struct buf *b)
{
    char *at;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    while (n > 0 && (at = buf_reserve(b, 1 << 16))) {
        n = read(fd, at, 1 << 16);
        b->n += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return n < 0 ? ERR_IO : b->err;
}

static bool content_is(struct str body, struct str sm3_)
{
    unsigned char digest[SM3_LEN];
    sm3(body, digest);
    return sm3_.n == SM3_LEN && memcmp(digest, sm3_.p, SM3_LEN) == 0;
}

/* Whole under another name first; then it gets its own. */
static enum err file_write(const char *path, struct str body)
{
    char part[PATH_LEN + 8], dir[PATH_LEN];
    snprintf(part, sizeof part, "%s.part", path);
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = 0;
    if (mkdir(dir, 0700) && errno != EEXIST)
        return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
    bool good = true;
    while (good && body.n) {
        ssize_t n = write(fd, body.p, body.n);
        good = n > 0;
        body = good ? str_sub(body, (size_t)n, body.n) : body;
    }
    good = good && fsync(fd) == 0;
    int why = errno;
    good = close(fd) == 0 && good && rename(part, path) == 0;
    if (!good)
        unlink(part);
    return good ? OK : why == ENOSPC || why == EFBIG ? ERR_DISK_FULL : ERR_IO;
}

static enum err file_look(void *arg, void *each)
{
    struct merging *x = arg;
    const struct attachment_row *row = each;
    char path[PATH_LEN];
    struct buf b;
    bool own = row->firm > 0; /* others belong to what stays in the old store */
    enum err e = merge_map_add(
        &merge_table_of(&x->m, "attachment")->map, row->id, own ? MERGE_NEW : MERGE_LEFT);
    bool stays = false;
    if (!e)
        e = same_attachment_stays(x, row, &stays);
    if (e || stays || !x->look)
        return e;
    buf_init(&b, FILE_MAX);
    file_path(x->m.source->dir, row->sm3, path);
    e = row->sm3.n == SM3_LEN ? file_read(path, &b) : ERR_CORRUPT;
    if (e || !content_is(buf_str(&b), row->sm3))
        merge_line_add(x, MERGE_LINE_file, row->name, str_z(e ? err_text(e) : "内容与摘要不符"));
    buf_free(&b);
    return e == ERR_NOMEM ? e : OK;
}

enum err plan_files(struct merging *x)
{
    return merge_each(&x->m, &kind_attachment, file_look, x);
}

static enum err file_take(void *arg, void *each)
{
    struct merging *x = arg;
    const struct attachment_row *row = each;
    char from[PATH_LEN], to[PATH_LEN];
    struct buf b, there;
    bool stays = false;
    enum err e = same_attachment_stays(x, row, &stays);
    if (e || stays)
        return e;
    buf_init(&b, FILE_MAX);
    buf_init(&there, FILE_MAX);
    file_path(x->m.source->dir, row->sm3, from);
    file_path(x->c->app->dir, row->sm3, to);
    e = file_read(to, &there);
    bool have = !e && content_is(buf_str(&there), row->sm3);
    e = have ? OK : file_read(from, &b);
    if (!e && !have && !content_is(buf_str(&b), row->sm3))
        e = ERR_CORRUPT;
    if (e)
        merge_explain(&x->m, "来源的附件 %.*s 缺失或内容不符，没有改动目标", STR_ARG(row->name));
    if (!e && !have) {
        e = file_write(to, buf_str(&b));
        x->r->files++;
    }
    buf_free(&b);
    buf_free(&there);
    return e;
}

enum err take_files(struct merging *x)
{
    return merge_each(&x->m, &kind_attachment, file_take, x);
}
