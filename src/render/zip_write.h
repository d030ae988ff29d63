/* Writing a ZIP container of files, with UTF-8 names. */
#ifndef ZHIAN_RENDER_ZIP_WRITE_H
#define ZHIAN_RENDER_ZIP_WRITE_H

#include "base/err.h"

struct zip_out;

/* zip_create makes the file at path. zip_put adds the file at `from` under a name, compressed;
 * memory does not grow with it. zip_finish writes the directory and releases z; given an error it
 * only releases and removes the file, and returns that error. ERR_IO, ERR_DISK_FULL, ERR_NOMEM. */
MUST_CHECK enum err zip_create(const char *path, struct zip_out **ret);
MUST_CHECK enum err zip_put(struct zip_out *z, const char *name, const char *from);
MUST_CHECK enum err zip_finish(struct zip_out *z, enum err so_far);

#endif
