/* Certificates: where one stands on a day, and whether a product stands in a dated catalogue. */
#ifndef ZHIAN_DOMAIN_CERT_H
#define ZHIAN_DOMAIN_CERT_H

#include "base/jsonin.h"

/* From the least to the most pressing. Renewal is applied for half a year before the end.
 */
enum cert_state { CERT_NONE, CERT_FOREVER, CERT_VALID, CERT_RENEW, CERT_SOON, CERT_EXPIRED };

struct cert_terms {
    int64_t renew_months; /* before the end: time to apply */
    int64_t soon_days;    /* before the end: pressing */
};

/* cert_judge: the state on day `today` of a certificate that is good up to and including day `to`
 * (INT64_MIN: no such date, CERT_NONE). */
enum cert_state cert_judge(int64_t to, int64_t today, const struct cert_terms *t);

/* cert_code: none, forever, valid, renew, soon, expired; cert_text: the same in Chinese. */
const char *cert_code(enum cert_state s);
const char *cert_text(enum cert_state s);

/* catalogue_find: the first row of the catalogue (template catalogue, member rows) that is in force
 * on `day`, of that part (许可证, CCC, 强制性国家标准) and whose name, or one of its aliases,
 * stands in one of the texts; NULL when there is none. A name is evidence, not proof: people decide
 * (R-002, R-003). */
struct catalogue_query {
    const char *part;
    struct str texts[3]; /* product, class, smaller class; STR_NULL where absent */
    int64_t day;
};
const struct jin *catalogue_find(const struct jin *rows, const struct catalogue_query *q);

#endif
