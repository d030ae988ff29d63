/* Descriptors of the account structs. */
#include "feature/account/account.h"

DESC(account_row, ACCOUNT_ROW_FIELDS)
DESC(session_ask, SESSION_ASK_FIELDS)
DESC(session_view, SESSION_VIEW_FIELDS)
DESC(session_item, SESSION_ITEM_FIELDS)
DESC(session_list, SESSION_LIST_FIELDS)
DESC(session_ref, SESSION_REF_FIELDS)
DESC(password_change, PASSWORD_CHANGE_FIELDS)
DESC(account_new, ACCOUNT_NEW_FIELDS)
DESC(account_made, ACCOUNT_MADE_FIELDS)
DESC(account_ref, ACCOUNT_REF_FIELDS)
DESC(account_grant, ACCOUNT_GRANT_FIELDS)
DESC(account_state, ACCOUNT_STATE_FIELDS)
DESC(account_view, ACCOUNT_VIEW_FIELDS)
DESC(credential, CREDENTIAL_FIELDS)

const struct record_kind kind_account = {
    3, "account", "账号", &account_row_desc, RECORD_SQL(account)};
