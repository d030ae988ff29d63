/* The four tiers that supervise: 省 市 县 所 (PL-13, R-100). A tier is not an area and not a grade:
 * grade, territory and responsible level are three separate facts. */
#ifndef ZHIAN_DOMAIN_LEVEL_H
#define ZHIAN_DOMAIN_LEVEL_H

#include "base/str.h"

enum level { LEVEL_NONE, LEVEL_PROVINCE, LEVEL_CITY, LEVEL_COUNTY, LEVEL_STATION, LEVEL_COUNT };

/* level_code: the code of the list `level`, which is also its label: 省 市 县 所; "" for none. */
const char *level_code(enum level l);

/* level_of reads a code back; LEVEL_NONE for anything else. */
enum level level_of(struct str code);

#endif
