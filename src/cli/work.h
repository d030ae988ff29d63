/* What is being made, and must not be taken for whole before it is: a folder or a file under a name
 * of its own, locked against a second maker, cleared of what an interrupted one left, and removed
 * at the end, on a failure and on Ctrl-C, unless it was published. kill -9 leaves it behind under
 * that name; the next run clears it. */
#ifndef ZHIAN_CLI_WORK_H
#define ZHIAN_CLI_WORK_H

#include <stdbool.h>

#include "base/err.h"

enum { WORK_PATH = 4096 };
#define WORK_UNFINISHED "unfinished"

struct work {
    char path[WORK_PATH]; /* "" when there is none */
    int fd;               /* the file, or the folder; holds the lock */
};

/* work_folder makes an empty folder (mode 0700), work_file an empty file (mode 0600), at path.
 * work_temp makes a folder of its own below TMPDIR (else /tmp). ERR_BUSY: somebody is making it
 * now; ERR_INVALID: the path is too long; ERR_NOT_FOUND: the folder above is missing; ERR_IO,
 * ERR_DISK_FULL. The first use makes Ctrl-C and SIGTERM end the program with exit 130 after
 * clearing up; do it before threads are started. */
MUST_CHECK enum err work_folder(struct work *w, const char *path);
MUST_CHECK enum err work_file(struct work *w, const char *path);
MUST_CHECK enum err work_temp(struct work *w);

/* A folder holds an empty file of this name until it is published. work_unfinished: the folder is
 * one that was never published, whatever its name is now. */
bool work_unfinished(const char *folder);

/* work_publish makes everything durable and gives it its name. ERR_CONFLICT: there is something of
 * that name already (an empty folder may be). */
MUST_CHECK enum err work_publish(struct work *w, const char *name);

/* work_drop removes what was not published. */
void work_drop(struct work *w);

#endif
