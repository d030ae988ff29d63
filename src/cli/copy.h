/* Copying the folders that belong to a store (attachments, keys). */
#ifndef ZHIAN_CLI_COPY_H
#define ZHIAN_CLI_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* copy_tree copies from/name to to/name with everything below; files get mode 0600, folders 0700.
 * A missing source folder is fine. ERR_IO, ERR_DISK_FULL. */
MUST_CHECK enum err copy_tree(const char *from, const char *to, const char *name);

/* copy_again makes to/name hold what from/name holds, and may be cut off and run again: a file gets
 * its name when it is whole. A file that is there with other content is replaced, or with `keep`
 * refused (ERR_CONFLICT). ret_n is raised by the number of files. Errors as copy_tree. */
struct copy_again {
    const char *from, *to;
    bool keep;
};
MUST_CHECK enum err copy_again(const struct copy_again *k, const char *name, int64_t *ret_n);

#endif
