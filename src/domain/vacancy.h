/* Times in which a post stood empty (R-020: a gap of more than 0 days is a finding). */
#ifndef ZHIAN_DOMAIN_VACANCY_H
#define ZHIAN_DOMAIN_VACANCY_H

#include <stddef.h>
#include <stdint.h>

/* A period of days, both ends in it. As a term: from INT64_MIN = since ever, to INT64_MIN = still.
 */
struct term {
    int64_t from, to;
};

/* vacancies writes the days from first to today that no term covers, as periods in order, at most
 * max of them; to INT64_MIN = still empty today. Returns how many. The last day of a term counts as
 * held. terms is sorted in place. */
size_t vacancies(struct term *terms, size_t n, struct term days, struct term *ret, size_t max);

#endif
