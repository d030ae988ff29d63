/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_ACCOUNT_IMPL_H
#define ZHIAN_FEATURE_ACCOUNT_IMPL_H

#include "core/app.h"
#include "core/crypto.h"
#include "feature/account/account.h"

enum { ACCOUNT_MINUTE = 60000, ACCOUNT_DAY = 24 * 60 * ACCOUNT_MINUTE };

/* credential_load reads an account's secrets; a missing row gives an empty hash. */
MUST_CHECK enum err credential_load(struct ctx *c, int64_t account, struct credential *ret);
MUST_CHECK enum err credential_save(struct ctx *c, const struct credential *k);

/* credential_set puts a new password in place of the old one, which goes into the history, and
 * lifts any lock. Nothing is stored. */
void credential_set(struct ctx *c, struct credential *k, struct str hash);

/* credential_matches: password is the current one; credential_used: or one of the history. */
bool credential_matches(struct ctx *c, const struct credential *k, struct str password);
bool credential_used(struct ctx *c, const struct credential *k, struct str password);

/* Wrong passwords: the keys of a login and of the caller's address. */
struct lock_keys {
    struct str name;      /* the login itself */
    struct str login, ip; /* ip STR_NULL: no address (console) */
};
struct lock_keys lock_keys_of(struct ctx *c, struct str login);

/* lock_check refuses while either is closed. lock_count counts one failure (writer); account 0 when
 * the login does not exist. */
MUST_CHECK enum err lock_check(struct ctx *c, const struct lock_keys *keys);
MUST_CHECK enum err lock_count(struct ctx *c, const struct lock_keys *keys, int64_t account);

/* account_seen reads an account the actor may see: administrators and the console all, org users
 * those under their path. 404 otherwise. */
MUST_CHECK enum err account_seen(struct ctx *c, int64_t id, struct account_row *ret);
bool account_sees_all(const struct ctx *c);

/* account_show fills the view and the version of the answer. */
MUST_CHECK enum err account_show(struct ctx *c, int64_t id, struct account_view *ret);

/* sessions_end ends every session of an account but `keep` (0 = all). */
MUST_CHECK enum err sessions_end(struct ctx *c, int64_t account, int64_t keep);

/* session_fill fills the view of the actor of c. */
MUST_CHECK enum err session_fill(struct ctx *c, struct str csrf, struct session_view *ret);

/* password_once makes a one-time password: four groups of four, no look-alikes, 90 bits. */
struct str password_once(struct ctx *c);

/* How long a one-time password may be used. */
int64_t password_once_until(struct ctx *c);

#endif
