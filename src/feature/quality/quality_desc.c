/* Descriptors of the quality structs. */
#include "feature/quality/quality.h"

DESC(quality_ask, QUALITY_ASK_FIELDS)
DESC(quality_rule, QUALITY_RULE_FIELDS)
DESC(quality_org, QUALITY_ORG_FIELDS)
DESC(quality_board, QUALITY_BOARD_FIELDS)
