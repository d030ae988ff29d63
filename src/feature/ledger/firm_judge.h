/* What follows from a firm's facts: sizes, grade, responsible level, director duty. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_JUDGE_H
#define ZHIAN_FEATURE_LEDGER_FIRM_JUDGE_H

#include "feature/ledger/ledger.h"

/* firm_judge fills stat_size, order_size, grade, grade_basis, grade_rules, provisional, sup_level,
 * sup_org, director_required and director_why of row. A manual grade in force (grade_override)
 * keeps grade and level; the computed basis is stored beside it. Source,
 * forms P1; PL-12…16. */
MUST_CHECK enum err firm_judge(struct ctx *c, struct firm_row *row, const struct firm_products *p);

/* firm_set_grade puts a grade in force and derives the level that answers for it. */
MUST_CHECK enum err firm_set_grade(struct ctx *c, struct firm_row *row, char grade);

#endif
