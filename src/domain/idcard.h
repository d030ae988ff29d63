/* ID numbers and phone numbers of persons: checks and masks. Both are personal data: stored
 * encrypted, shown masked; unmasking is a logged act elsewhere. */
#ifndef ZHIAN_DOMAIN_IDCARD_H
#define ZHIAN_DOMAIN_IDCARD_H

#include "base/buf.h"

enum { IDCARD_LEN = 18 };

enum idcard_verdict {
    IDCARD_VALID,
    IDCARD_BAD_LENGTH,
    IDCARD_BAD_CHAR,  /* 17 digits, then a digit or X */
    IDCARD_BAD_BIRTH, /* the date inside does not exist */
    IDCARD_BAD_CHECK, /* GB 11643 check character (ISO 7064 MOD 11-2) */
};

/* idcard_normalise appends s half width, upper case, without blanks. */
void idcard_normalise(struct str s, struct buf *out);

/* idcard_check judges a normalised number. The area code is not checked: areas come and go. */
enum idcard_verdict idcard_check(struct str id);

/* idcard_birth: day number of the birth date of a valid number. */
int64_t idcard_birth(struct str id);

/* idcard_text: what is wrong and what to do, in Chinese; "" for IDCARD_VALID. */
const char *idcard_text(enum idcard_verdict v);

/* idcard_mask appends the number with all but the first three and last four characters starred;
 * anything shorter than eight characters is starred whole. */
void idcard_mask(struct str id, struct buf *out);

/* phone_normalise appends s half width, without blanks and (for mobiles) hyphens. */
void phone_normalise(struct str s, struct buf *out);

/* phone_valid: a mobile (1[3-9] and nine digits) or an area code with 7–8 digits, a hyphen between
 * allowed (import rule J3). Takes a normalised number. */
bool phone_valid(struct str phone);

/* phone_mobile: a valid mobile number. */
bool phone_mobile(struct str phone);

/* phone_mask appends the number with the middle starred: 138****1234, 0358-****567. */
void phone_mask(struct str phone, struct buf *out);

/* name_mask appends the family name and stars for the rest: 王**. Compound names keep one
 * character as well: what is hidden is the point. */
void name_mask(struct str name, struct buf *out);

#endif
