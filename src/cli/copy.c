/* A small recursive copy, durable per file. */
#include "cli/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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
