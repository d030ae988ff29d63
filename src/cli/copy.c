/* A small recursive copy, durable per file; and one that can be cut off and run again. */
#include "cli/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LEN = 4096, BLOCK = 1 << 16 };

static enum err io_err(void)
{
    return errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL : ERR_IO;
}

static enum err pour(int in, int out)
{
    char block[BLOCK];
    ssize_t n;
    while ((n = read(in, block, sizeof block)) > 0)
        for (ssize_t at = 0; at < n;) {
            ssize_t put = write(out, block + at, (size_t)(n - at));
            if (put <= 0)
                return io_err();
            at += put;
        }
    return n < 0 || fsync(out) ? io_err() : OK;
}

static enum err copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return io_err();
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err e = out < 0 ? io_err() : pour(in, out);
    close(in);
    if (out >= 0 && close(out) && !e)
        e = io_err();
    return e;
}

/* dir/name; false when it is too long for a path. */
static bool join(char out[PATH_LEN], const char *dir, const char *name)
{
    int n = snprintf(out, PATH_LEN, "%s/%s", dir, name);
    return n > 0 && n < PATH_LEN;
}

static enum err copy_entry(const char *from, const char *to, const char *name)
{
    char a[PATH_LEN], b[PATH_LEN];
    struct stat st;
    if (!join(a, from, name) || !join(b, to, name))
        return ERR_IO;
    if (lstat(a, &st))
        return io_err();
    if (S_ISDIR(st.st_mode))
        return copy_tree(from, to, name);
    return S_ISREG(st.st_mode) ? copy_file(a, b) : OK;
}

enum err copy_tree(const char *from, const char *to, const char *name)
{
    char a[PATH_LEN], b[PATH_LEN];
    if (!join(a, from, name) || !join(b, to, name))
        return ERR_IO;
    DIR *dir = opendir(a);
    if (!dir)
        return errno == ENOENT ? OK : io_err();
    enum err e = mkdir(b, 0700) && errno != EEXIST ? io_err() : OK;
    for (struct dirent *d = readdir(dir); d && !e; d = readdir(dir))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            e = copy_entry(a, b, d->d_name);
    closedir(dir);
    return e;
}

/* --- again ------------------------------------------------------------------------------------ */

static bool same_rest(int a, int b)
{
    static char x[BLOCK], y[BLOCK];
    ssize_t n;
    while ((n = read(a, x, sizeof x)) > 0)
        if (read(b, y, (size_t)n) != n || memcmp(x, y, (size_t)n) != 0)
            return false;
    return n == 0 && read(b, y, 1) == 0;
}

static bool same_content(const char *from, const char *to)
{
    int a = open(from, O_RDONLY | O_CLOEXEC), b = open(to, O_RDONLY | O_CLOEXEC);
    bool same = a >= 0 && b >= 0 && same_rest(a, b);
    if (a >= 0)
        close(a);
    if (b >= 0)
        close(b);
    return same;
}

static enum err folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err e = fd >= 0 && fsync(fd) == 0 ? OK : io_err();
    if (fd >= 0)
        close(fd);
    return e;
}

static enum err replace_file(const char *from, const char *to, bool keep)
{
    char part[PATH_LEN];
    if (access(to, F_OK) == 0) {
        if (same_content(from, to))
            return OK;
        if (keep)
            return ERR_CONFLICT;
    }
    int n = snprintf(part, sizeof part, "%s.part", to);
    if (n < 0 || n >= PATH_LEN)
        return ERR_IO;
    unlink(part);
    enum err e = copy_file(from, part);
    if (!e && rename(part, to))
        e = io_err();
    if (e)
        unlink(part);
    return e;
}

static enum err again_entry(const struct copy_again *k, const char *name, int64_t *ret_n)
{
    char a[PATH_LEN], b[PATH_LEN];
    struct stat st;
    if (!join(a, k->from, name) || !join(b, k->to, name))
        return ERR_IO;
    if (lstat(a, &st))
        return errno == ENOENT ? OK : io_err(); /* gone meanwhile */
    if (S_ISDIR(st.st_mode))
        return copy_again(k, name, ret_n);
    if (!S_ISREG(st.st_mode))
        return OK;
    ++*ret_n;
    return replace_file(a, b, k->keep);
}

enum err copy_again(const struct copy_again *k, const char *name, int64_t *ret_n)
{
    char a[PATH_LEN], b[PATH_LEN], inner[PATH_LEN];
    if (!join(a, k->from, name) || !join(b, k->to, name))
        return ERR_IO;
    DIR *dir = opendir(a);
    if (!dir)
        return errno == ENOENT ? OK : io_err();
    enum err e = mkdir(b, 0700) && errno != EEXIST ? io_err() : OK;
    for (struct dirent *d = readdir(dir); d && !e; d = readdir(dir))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            e = join(inner, name, d->d_name) ? again_entry(k, inner, ret_n) : ERR_IO;
    closedir(dir);
    return e ? e : folder_sync(b);
}
