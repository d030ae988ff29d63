/* What follows from a firm's facts: sizes, grade, responsible level, director duty. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_JUDGE_H
#define ZHIAN_FEATURE_LEDGER_FIRM_JUDGE_H

#include "domain/level.h"
#include "feature/ledger/ledger.h"

/* firm_judge fills stat_size, order_size, grade, grade_basis, grade_rules, provisional, sup_level,
 * sup_org, director_required and director_why of row. A manual grade in force (grade_override)
 * keeps grade and level; the computed basis is stored beside it. Source,
 * forms P1; PL-12…16. */
MUST_CHECK enum err firm_judge(struct ctx *c, struct firm_row *row, const struct firm_products *p);

struct grade_params;

/* firm_verdict: the grade that the given rules (of any version) give for the given facts. */
struct firm_verdict {
    char grade; /* 0: none */
    bool provisional;
    enum level level;
    struct str basis, rules; /* 定级依据; the same as JSON */
};
MUST_CHECK enum err firm_verdict(struct ctx *c, const struct grade_params *rules,
    const struct firm_row *row, const struct firm_products *p, struct firm_verdict *ret);

/* firm_set_grade puts a grade in force and derives the level that answers for it. */
MUST_CHECK enum err firm_set_grade(struct ctx *c, struct firm_row *row, char grade);

#endif
