/* Judging one firm by the quality rules: pure, given what is known of it. */
#ifndef ZHIAN_FEATURE_QUALITY_JUDGE_H
#define ZHIAN_FEATURE_QUALITY_JUDGE_H

#include "base/jsonin.h"
#include "feature/ledger/ledger.h"

/* What is known of a firm beside its record. */
struct quality_facts {
    const struct firm_row *firm;
    int64_t today;
    int64_t products, expired; /* products; those whose licence is over */
    bool principal, director, officer;
    bool phone_shared; /* a phone of its people stands at more firms than the limit */
    bool twice;        /* another firm has its code and address */
    bool told;         /* it told something its authority has not looked at yet */
};

enum { QUALITY_RULES = 62 }; /* rule numbers are 1 … QUALITY_RULES, a bit each */

/* quality_judge: a bit (1 << no) for every rule of the template's list that is on and broken. */
uint64_t quality_judge(const struct jin *rules, const struct quality_facts *x);

/* quality_limit: the limit of the rule with this check, or or_else. */
int64_t quality_limit(const struct jin *rules, const char *check, int64_t or_else);

#endif
