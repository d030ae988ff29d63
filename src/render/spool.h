/* A spool: bytes appended once and read back by offset. The first SPOOL_MEM bytes stay in memory,
 * which is all that an ordinary file needs; beyond that everything goes to one unlinked temporary
 * file, so memory stays bounded whatever is put in. */
#ifndef ZHIAN_RENDER_SPOOL_H
#define ZHIAN_RENDER_SPOOL_H

#include "base/buf.h"

enum { SPOOL_MEM = 4 << 20, SPOOL_WRITE = 256 << 10 };

struct spool {
    const char *dir;
    int fd;           /* -1 while all is in memory */
    struct buf mem;   /* everything, or the tail not yet written */
    uint64_t written; /* bytes in the file */
    enum err err;
};

/* spool_init prepares an empty spool; dir is where the file would be made. Allocates nothing. */
void spool_init(struct spool *s, const char *dir);
void spool_free(struct spool *s);

/* spool_size: bytes appended so far = offset of the next append. */
uint64_t spool_size(const struct spool *s);

/* spool_add appends; errors latch in s->err (ERR_NOMEM, ERR_IO, ERR_DISK_FULL). */
void spool_add(struct spool *s, struct str bytes);

/* spool_view: the bytes at off without copying when they are in memory, else STR_NULL. */
struct str spool_view(const struct spool *s, uint64_t off, size_t n);

/* spool_read copies up to n bytes at off into out and returns how many (short at the end). */
size_t spool_read(struct spool *s, uint64_t off, char *out, size_t n);

/* spool_temp makes an unlinked temporary file in dir (NULL = $TMPDIR or /tmp); -1 on failure. */
int spool_temp(const char *dir);

#endif
