/* Copying the folders that belong to a store (attachments, keys). */
#ifndef ZHIAN_CLI_COPY_H
#define ZHIAN_CLI_COPY_H

#include "base/err.h"

/* copy_tree copies from/name to to/name with everything below; files get mode 0600, folders 0700.
 * A missing source folder is fine. ERR_IO, ERR_DISK_FULL. */
MUST_CHECK enum err copy_tree(const char *from, const char *to, const char *name);

#endif
