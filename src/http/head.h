/* Is this head one that every reader reads the same way? The HTTP library accepts more than RFC
 * 9112 asks it to: bare LF, folded lines, blanks before the colon, NUL (where it cuts the value),
 * several Content-Lengths. It parses the head in place and overwrites every line end by NULs, so
 * that a well-formed head is one chain of views without gaps; walking it finds any other.
 * tests/unit/http/test_server.c proves each case. */
#ifndef ZHIAN_HTTP_HEAD_H
#define ZHIAN_HTTP_HEAD_H

#include "http/server.h"

/* Where the parts of the request line stand in the library's memory, each NUL-terminated. */
struct head_line {
    const char *method, *target, *version;
};

struct head_limits {
    size_t target;      /* bytes of the target */
    size_t cost;        /* bytes of the whole head, with … */
    size_t header_cost; /* … this much for each header on top of its text */
};

/* head_check: 0, or the status to refuse with: 400 for what can be read in two ways, 414, 431. The
 * headers of x must be all of them, in order; sets x->body_len (security check 26). */
int head_check(struct exchange *x, const struct head_line *line, const struct head_limits *limits);

#endif
