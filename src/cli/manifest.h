/* The list of what a backup holds: `manifest`, the last file that is written. docs/backup.md has
 * its layout. */
#ifndef ZHIAN_CLI_MANIFEST_H
#define ZHIAN_CLI_MANIFEST_H

#include <stdio.h>

#include "base/hash.h"

#define MANIFEST_NAME "manifest"

/* What the store says of itself. */
struct manifest_facts {
    char store[64];
    char kind[16]; /* demo, test, production */
    int64_t made;  /* ms UTC */
    int64_t schema;
    int64_t journal, seal;
    char head[2 * SM3_LEN + 1]; /* of the last batch; "-" when there is none */
};

struct manifest {
    FILE *f;
    struct sm3_ctx sum;
    int64_t files, bytes;
    enum err err;
};

/* manifest_begin makes the file at path; manifest_file adds a line; manifest_end closes it. Errors
 * latch: ERR_IO, ERR_DISK_FULL, ERR_NOMEM. manifest_end must be called. */
void manifest_begin(struct manifest *m, const char *path, const struct manifest_facts *facts);
void manifest_file(
    struct manifest *m, const char *name, int64_t size, const unsigned char digest[SM3_LEN]);
MUST_CHECK enum err manifest_end(struct manifest *m);

struct manifest_entry {
    const char *name;
    int64_t size;
    unsigned char digest[SM3_LEN];
};

struct manifest_use {
    enum err (*facts)(void *arg, const struct manifest_facts *facts);
    enum err (*file)(void *arg, const struct manifest_entry *entry);
    void *arg;
};

/* manifest_read checks the file at path as a whole, then hands out its lines until one is refused.
 * ERR_NOT_FOUND: no such file; ERR_CORRUPT: changed, cut off, or no manifest; ERR_UNSUPPORTED: of a
 * newer version. */
MUST_CHECK enum err manifest_read(const char *path, const struct manifest_use *use);

#endif
