/* 统一社会信用代码 (GB 32100-2015) and the 组织机构代码 inside it (GB 11714-1997).
 *
 * A code is text of 18 characters, never a number. A genuine early code may fail the check
 * character, so that verdict is a warning which asks for a reason before admission, never a
 * rejection (R-114, import rules C1…C6). */
#ifndef ZHIAN_DOMAIN_USCC_H
#define ZHIAN_DOMAIN_USCC_H

#include "base/buf.h"

enum { USCC_LEN = 18 };

enum uscc_verdict {
    USCC_VALID,
    USCC_BAD_LENGTH, /* not 18 characters */
    USCC_BAD_CHAR,   /* a character outside 0-9 A-Z without I O S V Z */
    USCC_BAD_CHECK,  /* the check character does not agree: store as it is, ask for a reason */
};

/* uscc_normalise appends s half width, in upper case, without blanks (import rule B2). */
void uscc_normalise(struct str s, struct buf *out);

/* uscc_check judges a normalised code. Length counts code points. */
enum uscc_verdict uscc_check(struct str code);

/* uscc_check_char: the check character of the first 17 characters, which must be of the alphabet;
 * 0 otherwise. */
char uscc_check_char(struct str first17);

/* uscc_suggest reads O as 0, I as 1, S as 5, Z as 2. When that changes the code and makes it
 * valid, writes the 18 characters and returns true. Never applied without a person (C2). */
bool uscc_suggest(struct str code, char ret_code[USCC_LEN]);

/* uscc_entity: the 主体类型 that the prefix means: 91 企业, 92 个体工商户, 93 农民专业合作社;
 * STR_NULL for any other (C6). */
struct str uscc_entity(struct str code);

/* uscc_org_valid: an 组织机构代码, nine characters, a hyphen before the last allowed; letters count
 * 10…35, all 26 of them. For the body inside a credit code this is advice only. */
bool uscc_org_valid(struct str code);

/* uscc_text: what is wrong and what to do, in Chinese; "" for USCC_VALID. */
const char *uscc_text(enum uscc_verdict v);

#endif
