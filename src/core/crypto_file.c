/* Small secret files: read with a look at their mode, written so that a crash leaves the old one or
 * the new one whole. */
#include "core/crypto_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIVATE_MODE = 0600, OTHERS = 077 };

void key_fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static enum err io_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_FULL;
    case ENOMEM:
        return ERR_NOMEM;
    default:
        return ERR_IO;
    }
}

enum err key_path(char out[CRYPTO_PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, CRYPTO_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < CRYPTO_PATH_MAX - 8 ? OK : ERR_INVALID;
}

static enum err read_all(int fd, struct buf *ret)
{
    for (;;) {
        char *at = buf_reserve(ret, 1024);
        if (!at)
            return ret->err;
        ssize_t got = read(fd, at, 1024);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return io_error();
        if (got == 0)
            return OK;
        ret->n += (size_t)got;
    }
}

enum err key_file_read(const char *path, struct buf *ret)
{
    SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return io_error();
    struct stat st;
    if (fstat(fd, &st) != 0)
        return io_error();
    if (!S_ISREG(st.st_mode) || (st.st_mode & OTHERS))
        return ERR_STATE;
    if (st.st_size < 0 || (size_t)st.st_size + 1024 > ret->max)
        return ERR_CORRUPT;
    return read_all(fd, ret);
}

static enum err write_all(int fd, struct str text)
{
    while (text.n) {
        ssize_t put = write(fd, text.p, text.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return io_error();
        text = str_sub(text, (size_t)put, text.n);
    }
    return fsync(fd) == 0 ? OK : io_error();
}

static enum err sync_folder_of(const char *path)
{
    char dir[CRYPTO_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    memcpy(dir, n ? path : ".", n ? n : 1);
    dir[n ? n : 1] = 0;
    SCOPED_FD fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return io_error();
    return OK;
}

static enum err write_new(const char *path, struct str text)
{
    SCOPED_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, PRIVATE_MODE);
    if (fd < 0)
        return io_error();
    if (fchmod(fd, PRIVATE_MODE) != 0)
        return io_error();
    return write_all(fd, text);
}

enum err key_file_write(const char *path, struct str text)
{
    char temp[CRYPTO_PATH_MAX];
    int n = snprintf(temp, sizeof temp, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof temp)
        return ERR_INVALID;
    enum err e = write_new(temp, text);
    if (e == OK && rename(temp, path) != 0)
        e = io_error();
    if (e != OK) {
        unlink(temp);
        return e;
    }
    return sync_folder_of(path);
}
