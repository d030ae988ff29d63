/* Reading a ZIP container as untrusted input: minizip over a file descriptor, behind guards on the
 * number of entries, names, declared sizes, compression ratio and the total ever inflated. Nothing
 * is written to disk. Used by the xlsx reader only. */
#ifndef ZHIAN_RENDER_ZIP_READ_H
#define ZHIAN_RENDER_ZIP_READ_H

#include "base/arena.h"
#include "render/sheet.h"

enum {
    ZIP_ENTRY_MAX = 10000,
    ZIP_NAME_MAX = 512,
    ZIP_RATIO_MAX = 500,        /* inflated : deflated … */
    ZIP_RATIO_FROM = 32 << 20,  /* … of entries that declare more than this */
    ZIP_TOTAL_MAX_MIB = 6 << 10 /* all reads of one book together */
};
#define ZIP_PART_MAX ((uint64_t)2 << 30)

struct zip_in;

/* zip_open reads the directory. SHEET_ERR_ZIP: not a ZIP or damaged; _BOMB: too many entries;
 * _UNSAFE: a name that leaves the container; _NOMEM. */
MUST_CHECK enum sheet_err zip_open(int fd, uint64_t size, struct zip_in **ret);
void zip_close(struct zip_in *z);

/* zip_has: whether an entry of that name exists (ASCII letters in either case, '/' separators). */
bool zip_has(const struct zip_in *z, struct str name);

/* zip_start opens an entry for reading, closing the one before. SHEET_ERR_BROKEN: no such entry;
 * _UNSAFE: two of that name; _ENCRYPTED; _BOMB: declared size or ratio over the limits. */
MUST_CHECK enum sheet_err zip_start(struct zip_in *z, struct str name);

/* zip_next inflates up to n bytes; 0 at the end, where the checksum has been verified. */
MUST_CHECK enum sheet_err zip_next(struct zip_in *z, char *out, size_t n, size_t *ret_n);

/* zip_consumed: bytes of the file read so far. */
uint64_t zip_consumed(const struct zip_in *z);

#endif
