/* Spooled uploads. */
#include "http/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

static enum err io_error(void)
{
    return errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL : ERR_IO;
}

/* No upload lasts that long: slow senders are cut off before. */
enum { LEFT_S = 3600 };

static bool is_left(int dir, const char *name, bool shared)
{
    struct stat st;
    if (strncmp(name, "up-", 3) != 0)
        return false;
    return !shared || (fstatat(dir, name, &st, 0) == 0 && time(NULL) - st.st_mtime > LEFT_S);
}

enum err spool_clean(const char *dir, bool shared)
{
    char tmp[400];
    if ((size_t)snprintf(tmp, sizeof tmp, "%s/tmp", dir) >= sizeof tmp)
        return ERR_IO;
    if (mkdir(tmp, 0700) && errno != EEXIST)
        return io_error();
    DIR *d = opendir(tmp);
    if (!d)
        return ERR_IO;
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        if (is_left(dirfd(d), e->d_name, shared))
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    return OK;
}

enum err http_spool_open(struct spool *s, const char *dir, int64_t max)
{
    char name[25] = {0};
    rand_token(name, sizeof name - 1);
    s->fd = -1;
    if ((size_t)snprintf(s->path, sizeof s->path, "%s/tmp/up-%s", dir, name) >= sizeof s->path)
        return ERR_IO;
    s->size = 0;
    s->max = max;
    s->fd = open(s->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return s->fd < 0 ? io_error() : OK;
}

enum err http_spool_add(struct spool *s, struct str bytes)
{
    if (bytes.n > (uint64_t)(s->max - s->size))
        return ERR_TOO_LARGE;
    while (bytes.n) {
        ssize_t n = write(s->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_error();
        s->size += n;
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return OK;
}

void http_spool_drop(struct spool *s)
{
    if (s->fd < 0)
        return;
    close(s->fd);
    unlink(s->path);
    s->fd = -1;
}
