/* Sessions: opaque random tokens stored hashed; idle and absolute expiry by role kind; ended by
 * logout, password change, disabling. */
#ifndef ZHIAN_CORE_SESSION_H
#define ZHIAN_CORE_SESSION_H

#include "core/ctx.h"

enum { TOKEN_LEN = 43 }; /* 258 bits */

struct session_info {
    struct actor actor;
    struct str csrf;
    int64_t seen;
    int64_t expires;
};

/* session_load finds who a token belongs to. ERR_UNAUTHENTICATED: unknown, expired, idle too long,
 * account not active. Reads account, org and role afresh, so a change counts at the next request.
 */
MUST_CHECK enum err session_load(struct ctx *c, struct str token, struct session_info *ret);

/* actor_load fills an actor from its account id; ERR_NOT_FOUND, ERR_FORBIDDEN when not active. */
MUST_CHECK enum err actor_load(struct ctx *c, int64_t account, struct actor *ret);

/* actor_system: the program itself: every permission, the whole tree. */
struct actor actor_system(struct arena *a);

/* session_create makes a session for an account (writer) and returns its token; session_touch
 * notes use, at most once a minute. */
MUST_CHECK enum err session_create(struct ctx *c, int64_t account, struct str *ret_token);
bool session_stale(struct ctx *c, const struct session_info *s);
MUST_CHECK enum err session_touch(struct ctx *c, int64_t session);

#endif
