/* multipart/form-data (RFC 7578), incrementally: bytes in as they arrive, parts out by calls. Holds
 * no more than one part's head; never the content. Limits: boundary 70 bytes, head 4 KiB, 32 parts.
 */
#ifndef ZHIAN_HTTP_MULTIPART_H
#define ZHIAN_HTTP_MULTIPART_H

#include "base/err.h"
#include "base/str.h"

enum { MULTIPART_BOUNDARY = 70, MULTIPART_HEAD = 4096, MULTIPART_PARTS = 32 };

struct multipart_calls {
    /* a part begins; disposition is its Content-Disposition value, valid during the call */
    enum err (*part)(void *arg, struct str disposition);
    enum err (*data)(void *arg, struct str bytes);
    enum err (*end)(void *arg); /* the part is complete */
};

struct multipart {
    struct multipart_calls calls;
    void *arg;
    enum err err; /* sticky */
    int state;
    int parts;
    size_t matched; /* of the delimiter */
    size_t delim_n, head_n;
    char delim[MULTIPART_BOUNDARY + 4]; /* CR LF "--" boundary */
    char head[MULTIPART_HEAD];
};

/* multipart_init: ERR_BAD_REQUEST when the boundary is empty, too long or has odd characters. */
MUST_CHECK enum err multipart_init(
    struct multipart *m, struct str boundary, const struct multipart_calls *calls, void *arg);

/* multipart_feed takes the next bytes. ERR_BAD_REQUEST: not multipart, or over a limit; or the
 * error a call gave. Errors are sticky. */
MUST_CHECK enum err multipart_feed(struct multipart *m, struct str bytes);

/* multipart_finish: OK when the closing delimiter was seen. */
MUST_CHECK enum err multipart_finish(struct multipart *m);

#endif
