/* Receiving an upload: the raw body, or the field "file" of multipart/form-data, goes to a spool
 * file; other fields become name=value pairs. */
#ifndef ZHIAN_HTTP_RECEIVE_H
#define ZHIAN_HTTP_RECEIVE_H

#include "base/buf.h"
#include "http/multipart.h"
#include "http/request.h"
#include "http/spool.h"

enum { FIELD_MAX = 64 * 1024 };

struct receiver {
    struct arena *a;
    const char *dir;
    int64_t max;
    struct spool spool;
    struct multipart *mp; /* NULL: the body is the file */
    bool in_file;
    struct str field; /* name of the field being read */
    struct buf value;
    size_t field_bytes; /* of all fields together */
    struct pair *pairs; /* QUERY_MAX at most */
    size_t pairs_n;
    struct str name;     /* the client's file name; STR_NULL = none given */
    const char *message; /* Chinese, with an error */
};

/* receive_begin looks at the head; nothing is opened before the first byte of a file. Errors:
 * ERR_BAD_REQUEST (a multipart type without a good boundary), ERR_NOMEM. */
MUST_CHECK enum err receive_begin(
    struct receiver *r, const struct exchange *x, struct arena *a, const char *dir, int64_t max);

/* receive_add takes the next bytes: ERR_TOO_LARGE, ERR_BAD_REQUEST, ERR_DISK_FULL, ERR_IO … */
MUST_CHECK enum err receive_add(struct receiver *r, struct str bytes);

/* receive_end: the body is complete. ret_file has path STR_NULL when no file was sent. */
MUST_CHECK enum err receive_end(struct receiver *r, struct upload *ret_file);

/* receive_drop removes the spooled file and frees what was held. */
void receive_drop(struct receiver *r);

#endif
