/* The spool: memory first, then an unlinked file with a write buffer. */
#include "render/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int spool_temp(const char *dir)
{
    if (!dir)
        dir = getenv("TMPDIR");
    if (!dir || !*dir)
        dir = "/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    struct buf path;
    buf_init(&path, 4096);
    buf_fmt(&path, "%s/zhian-XXXXXX", dir);
    if (buf_z(&path)) {
        fd = mkostemp(path.p, O_CLOEXEC);
        if (fd >= 0)
            (void)unlink(path.p);
    }
    buf_free(&path);
    return fd;
}

void spool_init(struct spool *s, const char *dir)
{
    *s = (struct spool){.dir = dir, .fd = -1};
    buf_init(&s->mem, SPOOL_MEM + SPOOL_WRITE);
}

void spool_free(struct spool *s)
{
    buf_free(&s->mem);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

uint64_t spool_size(const struct spool *s)
{
    return s->written + s->mem.n;
}

static void spool_write(struct spool *s, struct str bytes)
{
    while (bytes.n && !s->err) {
        ssize_t n = pwrite(s->fd, bytes.p, bytes.n, (off_t)s->written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            s->err = n < 0 && errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
            return;
        }
        s->written += (uint64_t)n;
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
}

/* Moves what is in memory to the file. */
static void spool_flush(struct spool *s)
{
    if (s->fd < 0)
        s->fd = spool_temp(s->dir);
    if (s->fd < 0) {
        s->err = ERR_IO;
        return;
    }
    spool_write(s, buf_str(&s->mem));
    if (s->mem.size > 4 * SPOOL_WRITE)
        buf_free(&s->mem);
    buf_reset(&s->mem);
}

void spool_add(struct spool *s, struct str bytes)
{
    if (s->err || bytes.n == 0)
        return;
    size_t most = s->fd < 0 ? SPOOL_MEM : SPOOL_WRITE;
    if (s->mem.n + bytes.n > most)
        spool_flush(s);
    if (!s->err && bytes.n > SPOOL_WRITE && s->fd >= 0)
        spool_write(s, bytes);
    else if (!s->err)
        buf_add(&s->mem, bytes);
    if (!s->err)
        s->err = s->mem.err;
}

struct str spool_view(const struct spool *s, uint64_t off, size_t n)
{
    if (off < s->written || off - s->written > s->mem.n || n > s->mem.n - (off - s->written))
        return STR_NULL;
    return (struct str){s->mem.p + (off - s->written), n};
}

static size_t read_file(struct spool *s, uint64_t off, char *out, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(s->fd, out + got, n - got, (off_t)(off + got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        got += (size_t)r;
    }
    return got;
}

size_t spool_read(struct spool *s, uint64_t off, char *out, size_t n)
{
    size_t got = 0;
    if (off < s->written) {
        size_t part = n < s->written - off ? n : (size_t)(s->written - off);
        got = read_file(s, off, out, part);
        if (got < part)
            return got;
    }
    uint64_t at = off + got;
    if (got == n || at < s->written || at - s->written >= s->mem.n)
        return got;
    size_t rest = s->mem.n - (size_t)(at - s->written);
    if (rest > n - got)
        rest = n - got;
    memcpy(out + got, s->mem.p + (at - s->written), rest);
    return got + rest;
}
