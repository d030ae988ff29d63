/* Walking a folder, and a copy of one that can be cut off and run again. */
#include "cli/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LEN = 4096, BLOCK = 1 << 16 };

enum err io_error(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_DISK_FULL : ERR_IO;
}

static enum err pour(int in, int out)
{
    char block[BLOCK];
    ssize_t n;
    while ((n = read(in, block, sizeof block)) > 0)
        for (ssize_t at = 0; at < n;) {
            ssize_t put = write(out, block + at, (size_t)(n - at));
            if (put <= 0)
                return io_error();
            at += put;
        }
    return n < 0 || fsync(out) ? io_error() : OK;
}

static enum err copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return io_error();
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err e = out < 0 ? io_error() : pour(in, out);
    close(in);
    if (out >= 0 && close(out) && !e)
        e = io_error();
    return e;
}

/* dir/name; false when it is too long for a path. */
static bool join(char out[PATH_LEN], const char *dir, const char *name)
{
    int n = snprintf(out, PATH_LEN, "%s/%s", dir, name);
    return n > 0 && n < PATH_LEN;
}

bool path_plain(const char *path, char *out, size_t size)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n == 0 || n >= size)
        return false;
    memcpy(out, path, n);
    out[n] = 0;
    return true;
}

bool path_taken(const char *path)
{
    int entries = 0;
    DIR *dir = opendir(path);
    if (!dir)
        return errno != ENOENT;
    while (readdir(dir))
        entries++;
    closedir(dir);
    return entries > 2;
}

enum err folder_make(const char *dir, const char *name)
{
    char path[PATH_LEN];
    if (!join(path, dir, name))
        return ERR_IO;
    return mkdir(path, 0700) == 0 || errno == EEXIST ? OK : io_error();
}

/* --- walking ---------------------------------------------------------------------------------- */

static enum err walk_entry(const char *root, const char *name, folder_file *fn, void *arg)
{
    char path[PATH_LEN];
    struct stat st;
    if (!join(path, root, name))
        return ERR_IO;
    if (lstat(path, &st))
        return errno == ENOENT ? OK : io_error();
    if (S_ISDIR(st.st_mode))
        return folder_walk(root, name, fn, arg);
    return S_ISREG(st.st_mode) ? fn(arg, name) : OK;
}

enum err folder_walk(const char *root, const char *name, folder_file *fn, void *arg)
{
    char path[PATH_LEN], inner[PATH_LEN];
    if (!join(path, root, name))
        return ERR_IO;
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? OK : io_error();
    enum err e = OK;
    for (struct dirent *d = readdir(dir); d && !e; d = readdir(dir))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            e = join(inner, name, d->d_name) ? walk_entry(root, inner, fn, arg) : ERR_IO;
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
    enum err e = fd >= 0 && fsync(fd) == 0 ? OK : io_error();
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
        e = io_error();
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
        return errno == ENOENT ? OK : io_error(); /* gone meanwhile */
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
        return errno == ENOENT ? OK : io_error();
    enum err e = mkdir(b, 0700) && errno != EEXIST ? io_error() : OK;
    for (struct dirent *d = readdir(dir); d && !e; d = readdir(dir))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            e = join(inner, name, d->d_name) ? again_entry(k, inner, ret_n) : ERR_IO;
    closedir(dir);
    return e ? e : folder_sync(b);
}
