/* Reference tables in parsed form: grading, sizes, director duty, pinyin, working days. Built once
 * at start, and again when a template they come from gets a new version. */
#ifndef ZHIAN_FEATURE_LEDGER_REFDATA_H
#define ZHIAN_FEATURE_LEDGER_REFDATA_H

#include "domain/director.h"
#include "domain/gram.h"
#include "domain/grade.h"
#include "domain/pinyin.h"
#include "domain/workday.h"

struct app;

struct ref_tables {
    struct grade_params grade;
    int64_t att1; /* version of the template they come from */
    struct size_table stat, order;
    struct director_table director;
    struct pinyin pinyin;
    struct gram_areas areas;
    struct workday_calendar calendar;
};

/* ref_open builds the tables; ref_close frees them. ERR_CORRUPT: a shipped table is malformed. */
MUST_CHECK enum err ref_open(struct app *app);
void ref_close(struct app *app);

/* ref_tables: the tables in force; valid as long as the program runs. */
const struct ref_tables *ref_tables(struct app *app);

#endif
