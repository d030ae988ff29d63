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

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_account;

#endif
