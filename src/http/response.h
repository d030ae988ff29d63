/* The heads of answers: security headers on every one of them (security check 25, ux §3), cookies,
 * file names. */
#ifndef ZHIAN_HTTP_RESPONSE_H
#define ZHIAN_HTTP_RESPONSE_H

#include "base/arena.h"
#include "http/server.h"

/* What every answer of one server carries. */
struct security {
    char page[700]; /* Content-Security-Policy of pages and data */
    char file[300]; /* … of files people uploaded or exported: sandboxed */
    bool tls;
    bool framed; /* some other site may frame us */
};

/* security_init: frame_ancestors is a list of origins, or NULL for 'none'. ERR_INVALID: too long,
 * or with characters that would break the header. */
MUST_CHECK enum err security_init(struct security *s, bool tls, const char *frame_ancestors);

/* A head under construction. Texts are NUL-terminated and outlive the answer. */
struct outgoing {
    struct header h[REPLY_HEADERS_MAX];
    size_t n;
};

enum out_kind { OUT_PAGE, OUT_FILE };

/* out_init starts with the security headers; out_add appends one. */
void out_init(struct outgoing *o, const struct security *s, enum out_kind kind);
void out_add(struct outgoing *o, const char *name, const char *value);

/* cookie_make: the Set-Cookie value of a session; an empty token clears it. NULL: no memory. The
 * browser keeps it 30 days at most; how long a session lasts is the server's decision. */
const char *cookie_make(struct arena *a, const char *name, struct str token, bool secure);

/* wrote_make: the Set-Cookie value that keeps who has just written away from the standby. */
#define WROTE_COOKIE "zhian-wrote"
const char *wrote_make(struct arena *a, bool secure);

/* attachment_make: the Content-Disposition value for a suggested file name (RFC 6266, RFC 8187). */
const char *attachment_make(struct arena *a, struct str name);

#endif
