/* What one firm owes on which day, and the receipt number of a daily record. Shared by the
 * operations of this folder only. */
#ifndef ZHIAN_FEATURE_DUTY_DUTY_DAY_H
#define ZHIAN_FEATURE_DUTY_DUTY_DAY_H

#include "core/batch.h"
#include "domain/dutyday.h"
#include "feature/duty/duty.h"

enum {
    LATE_ENTRY_DAYS = 30,
};

/* daily_number: the receipt number people quote, from a daily id: "20261102-417-1". */
struct str daily_number(struct ctx *c, int64_t id);

/* The duty of one firm over time: its plan with the reported stops, the times without duty, and the
 * days the store has opened. */
struct duty_facts {
    struct duty_plan plan;
    const struct duty_pause *gaps;
    size_t ngaps;
    int64_t first_open, last_open; /* NULL_INT: no day was opened yet */
};
MUST_CHECK enum err duty_facts_load(
    struct ctx *c, const struct firm_row *firm, struct duty_facts *ret);

/* duty_facts_on: what is owed on a day, stops included; duty_facts_owed: whether the day would be
 * owed if no stop were reported. */
enum duty duty_facts_on(struct ctx *c, const struct duty_facts *f, int64_t day);
bool duty_facts_owed(struct ctx *c, const struct duty_facts *f, int64_t day);

/* duty_works: the firm works on that day by its week and the official calendar, from its first duty
 * day on. */
bool duty_works(struct ctx *c, const struct firm_row *firm, int64_t day);

/* The day as statements and lists test working patterns against it. */
struct day_terms {
    int64_t bit;  /* of the weekday in a week mask */
    int64_t rest; /* 1 make-up workday, 0 official day off, -1 neither */
};
struct day_terms duty_day_terms(struct ctx *c, int64_t day);

/* day_state_fill tells a firm's day from its newest record, if any. */
MUST_CHECK enum err day_state_fill(struct ctx *c, const struct firm_row *firm,
    const struct duty_facts *f, int64_t day, struct day_state *ret);

/* --- risk control lists ---------------------------------------------------------------------- */

struct risk_item {
    struct str area, code, text;
    bool key;
};

/* risk_items reads every item of an edition's areas in order. ERR_CORRUPT: not such a text. */
MUST_CHECK enum err risk_items(
    struct ctx *c, struct str areas, struct risk_item **ret, size_t *ret_n);

/* risk_codes reads the items' codes only, without parsing when the text is as written here; expect:
 * the number of items stored beside it. */
MUST_CHECK enum err risk_codes(
    struct ctx *c, struct str areas, int64_t expect, struct str **ret, size_t *ret_n);

/* risklist_view_of copies a stored edition into its view. */
void risklist_view_of(const struct risklist_row *row, struct risklist_view *ret);
MUST_CHECK enum err risklist_current(struct ctx *c, int64_t firm, struct risklist_row *ret);

/* --- suspensions ----------------------------------------------------------------------------- */

/* suspension_on gives the view of the stop that covers a day as JSON, STR_NULL without one. */
MUST_CHECK enum err suspension_on(struct ctx *c, int64_t firm, int64_t day, struct str *ret_json);

#endif
