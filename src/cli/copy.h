/* Files and folders that belong to a store (attachments, keys). */
#ifndef ZHIAN_CLI_COPY_H
#define ZHIAN_CLI_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* io_error: what errno says. ERR_DISK_FULL, else ERR_IO. */
enum err io_error(void);

/* path_plain: path without slashes at its end; false when it has more than size - 1 bytes.
 * path_taken: something is there, other than an empty folder. */
bool path_plain(const char *path, char *out, size_t size);
bool path_taken(const char *path);

/* folder_make makes dir/name (mode 0700) unless it is there. ERR_IO, ERR_DISK_FULL. */
MUST_CHECK enum err folder_make(const char *dir, const char *name);

/* folder_walk calls fn with the path below root of every file in root/name and deeper, until it
 * fails. A folder that is not there, or goes away meanwhile, has no files. ERR_IO, those of fn. */
typedef enum err folder_file(void *arg, const char *name);
MUST_CHECK enum err folder_walk(const char *root, const char *name, folder_file *fn, void *arg);

/* copy_again makes to/name hold what from/name holds, and may be cut off and run again: a file gets
 * its name when it is whole. A file that is there with other content is replaced, or with `keep`
 * refused (ERR_CONFLICT). ret_n is raised by the number of files; files get mode 0600, folders
 * 0700. A missing source folder is fine. ERR_IO, ERR_DISK_FULL. */
struct copy_again {
    const char *from, *to;
    bool keep;
};
MUST_CHECK enum err copy_again(const struct copy_again *k, const char *name, int64_t *ret_n);

#endif
