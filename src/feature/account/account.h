/* Accounts, sessions, passwords. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_ACCOUNT_ACCOUNT_H
#define ZHIAN_FEATURE_ACCOUNT_ACCOUNT_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/account/fields.def"

STRUCT(account_row, ACCOUNT_ROW_FIELDS)
STRUCT(session_ask, SESSION_ASK_FIELDS)
STRUCT(session_view, SESSION_VIEW_FIELDS)
STRUCT(session_item, SESSION_ITEM_FIELDS)
STRUCT(session_list, SESSION_LIST_FIELDS)
STRUCT(session_ref, SESSION_REF_FIELDS)
STRUCT(password_change, PASSWORD_CHANGE_FIELDS)
STRUCT(account_new, ACCOUNT_NEW_FIELDS)
STRUCT(account_made, ACCOUNT_MADE_FIELDS)
STRUCT(account_ref, ACCOUNT_REF_FIELDS)
STRUCT(account_grant, ACCOUNT_GRANT_FIELDS)
STRUCT(account_state, ACCOUNT_STATE_FIELDS)
STRUCT(account_view, ACCOUNT_VIEW_FIELDS)
STRUCT(credential, CREDENTIAL_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_account;

/* --- for other features and for init -----------------------------------------------------------
 */

/* login_read writes the canonical form of a login (lower case) and complains on `field` when it is
 * no login: 2 to 40 characters of a-z 0-9 . _ -, the first a letter or digit. A login is never used
 * for a second person, so it also complains when any account, disabled ones included, has it. */
MUST_CHECK enum err login_read(struct ctx *c, const char *field, struct str typed, struct str *ret);

/* password_judge complains on `field` about everything a new password lacks (security.md §8,
 * profile dengbao3): length in code points, three kinds of characters, variety, and enough left
 * outside common words and the given own words (login, names of person, authority or firm).
 * words[0] is the login, which may not stand in the password at all. Ends with checked(). */
MUST_CHECK enum err password_judge(
    struct ctx *c, const char *field, struct str password, const struct str *words, size_t n);

/* account_hash: the argon2id string of a password, in the context's memory. 35 ms: never on the
 * writer. A test store uses the cheap cost. */
MUST_CHECK enum err account_hash(struct ctx *c, struct str password, struct str *ret_hash);

/* What account_add needs beside the row. */
struct account_secret {
    struct str hash;     /* of account_hash */
    struct str phone;    /* in clear, checked; STR_NULL: none */
    int64_t must_change; /* 1: a one-time password */
    int64_t expires;     /* ms UTC, of a one-time password; NULL_INT: none */
    const char *label;   /* of the journal: "建立账号" */
};

/* account_add stores an account with its credential (writer). The row needs login, name, role ("" =
 * none yet), org or NULL_INT, org_path, firm or NULL_INT, state; created_by NULL_INT becomes the
 * actor. ERR_CONFLICT when the login exists. Checks no permission and no policy. */
MUST_CHECK enum err account_add(
    struct ctx *c, struct account_row *row, const struct account_secret *s);

/* account_stop disables an account and ends its sessions at once (writer); nothing happens when it
 * is disabled already or id is not positive. */
MUST_CHECK enum err account_stop(struct ctx *c, int64_t id, struct str reason);

/* session_enter signs an account in (writer): ends the session that was presented, makes a new one,
 * counts what the rules count, writes the journal. ret_token: for session_tell, then the cookie. */
MUST_CHECK enum err session_enter(
    struct ctx *c, int64_t account, const char *label, struct str *ret_token);

/* session_tell fills the view of the session of a token that was just made and sets the cookie;
 * call it after the write is committed, on a reader. */
MUST_CHECK enum err session_tell(struct ctx *c, struct str token, struct session_view *ret);

/* Limits that survive a restart. A key is "<what>:<whom>"; whom must not be readable personal data.
 * throttle_wait: ms still to wait, 0 = go on. throttle_hit counts one (writer): the limit-th within
 * window_ms closes the key for window_ms; *ret_closed (may be NULL) tells whether it did now. */
struct throttle_rule {
    int64_t limit;
    int64_t window_ms;
};
MUST_CHECK enum err throttle_wait(struct ctx *c, struct str key, int64_t *ret_ms);
MUST_CHECK enum err throttle_hit(
    struct ctx *c, struct str key, struct throttle_rule rule, bool *ret_closed);
MUST_CHECK enum err throttle_forget(struct ctx *c, struct str key);

/* throttle_key: "<what>:" and 16 hex digits of SM3 of whom. */
struct str throttle_key(struct ctx *c, const char *what, struct str whom);

/* throttle_refuse fails with e (ERR_THROTTLED, ERR_LOCKED) and says when to come back. */
enum err throttle_refuse(struct ctx *c, enum err e, int64_t wait_ms);

#endif
