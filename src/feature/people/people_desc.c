/* Descriptors of the people structs. */
#include "feature/people/people.h"

DESC(person_row, PERSON_ROW_FIELDS)
DESC(invite_row, INVITE_ROW_FIELDS)
DESC(person_view, PERSON_VIEW_FIELDS)
DESC(vacancy_view, VACANCY_VIEW_FIELDS)
DESC(person_list, PERSON_LIST_FIELDS)
DESC(person_new, PERSON_NEW_FIELDS)
DESC(person_edit, PERSON_EDIT_FIELDS)
DESC(person_end, PERSON_END_FIELDS)
DESC(unmask, UNMASK_FIELDS)
DESC(unmasked, UNMASKED_FIELDS)
DESC(invite_new, INVITE_NEW_FIELDS)
DESC(invite_made, INVITE_MADE_FIELDS)
DESC(invite_ref, INVITE_REF_FIELDS)
DESC(invite_look, INVITE_LOOK_FIELDS)
DESC(invite_face, INVITE_FACE_FIELDS)
DESC(invite_redeem, INVITE_REDEEM_FIELDS)

const struct record_kind kind_person = {
    12, "person", "责任人员", &person_row_desc, RECORD_SQL(person)};
const struct record_kind kind_invite = {6, "invite", "邀请", &invite_row_desc, RECORD_SQL(invite)};
