/* Where the files of a backup go: into a folder, or into one encrypted file; and out of that file
 * into a folder again. The layout of the file stands in docs/backup.md. */
#ifndef ZHIAN_CLI_OUTLET_H
#define ZHIAN_CLI_OUTLET_H

#include "base/hash.h"
#include "core/crypto_stream.h"

struct outlet;

/* One file after another: begin, add …, end; finish when there are no more. */
struct outlet_kind {
    enum err (*begin)(struct outlet *o, const char *name);
    enum err (*add)(struct outlet *o, struct str bytes);
    enum err (*end)(struct outlet *o);
    enum err (*finish)(struct outlet *o);
};
extern const struct outlet_kind outlet_folder, outlet_sealed;

struct outlet {
    const struct outlet_kind *kind;
    const char *root;        /* outlet_folder */
    int fd;                  /* outlet_folder: the file that is open, -1 none */
    struct crypto_stream *s; /* outlet_sealed: the caller's */
};

/* A file as it went. */
struct outlet_passed {
    int64_t size;
    unsigned char digest[SM3_LEN];
};

/* outlet_pass sends the file root/name. With o NULL it is only read, for its size and digest.
 * ERR_NOT_FOUND: it is not there. ERR_IO, ERR_DISK_FULL. */
MUST_CHECK enum err outlet_pass(
    struct outlet *o, const char *root, const char *name, struct outlet_passed *ret);

/* outlet_unpack puts the files of an encrypted file's stream into a folder. Errors of
 * crypto_stream_get; ERR_CORRUPT also for names that no backup has. */
MUST_CHECK enum err outlet_unpack(struct crypto_stream *s, const char *root);

#endif
