/* Vacancies: walk the terms by their first day, keep the first day nobody has held yet. */
#include "domain/vacancy.h"

#include <stdlib.h>

static int by_from(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

size_t vacancies(struct term *terms, size_t n, struct term days, struct term *ret, size_t max)
{
    size_t found = 0;
    int64_t open = days.from; /* the first day not known to be held */
    if (n)
        qsort(terms, n, sizeof *terms, by_from);
    for (size_t i = 0; i < n && open <= days.to; i++) {
        int64_t to = terms[i].to == INT64_MIN ? days.to : terms[i].to;
        if (to < open)
            continue;
        if (terms[i].from > open && terms[i].from <= days.to && found < max)
            ret[found++] = (struct term){open, terms[i].from - 1};
        if (terms[i].from <= days.to)
            open = to + 1;
    }
    if (open <= days.to && found < max)
        ret[found++] = (struct term){open, INT64_MIN};
    return found;
}
