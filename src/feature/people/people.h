/* Responsible persons of firms and their invitations. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_PEOPLE_PEOPLE_H
#define ZHIAN_FEATURE_PEOPLE_PEOPLE_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/account/account.h"
#include "feature/ledger/ledger.h"
#include "feature/people/fields.def"

STRUCT(person_row, PERSON_ROW_FIELDS)
STRUCT(invite_row, INVITE_ROW_FIELDS)
STRUCT(person_view, PERSON_VIEW_FIELDS)
STRUCT(vacancy_view, VACANCY_VIEW_FIELDS)
STRUCT(person_list, PERSON_LIST_FIELDS)
STRUCT(person_new, PERSON_NEW_FIELDS)
STRUCT(person_edit, PERSON_EDIT_FIELDS)
STRUCT(person_end, PERSON_END_FIELDS)
STRUCT(unmask, UNMASK_FIELDS)
STRUCT(unmasked, UNMASKED_FIELDS)
STRUCT(invite_new, INVITE_NEW_FIELDS)
STRUCT(invite_made, INVITE_MADE_FIELDS)
STRUCT(invite_ref, INVITE_REF_FIELDS)
STRUCT(invite_look, INVITE_LOOK_FIELDS)
STRUCT(invite_face, INVITE_FACE_FIELDS)
STRUCT(invite_redeem, INVITE_REDEEM_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_person;
extern const struct record_kind kind_invite;

/* --- for other features and for init -----------------------------------------------------------
 */

/* What a person's row holds only encrypted, in clear, normalised and judged; STR_NULL: none. */
struct person_numbers {
    struct str phone, id_no;
};

/* person_add stores a person in post (writer): row needs firm, post, name; the rest may be absent,
 * account included. Numbers are encrypted and indexed here. Checks neither scope nor who else holds
 * the post. label is what the firm's history says. */
MUST_CHECK enum err person_add(
    struct ctx *c, struct person_row *row, const struct person_numbers *n, const char *label);

/* person_vacancies: the times in which posts of the firm stood empty, oldest first; rows: every
 * struct person_row of the firm. A director's post counts where one is required. */
MUST_CHECK enum err person_vacancies(
    struct ctx *c, const struct firm_row *firm, const struct vec *rows, struct vec *ret);

/* person_rows: every row of a firm, those in post first. */
MUST_CHECK enum err person_rows(struct ctx *c, int64_t firm, struct vec *ret);

#endif
