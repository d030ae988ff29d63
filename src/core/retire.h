/* Giving up records after the time they must be kept: by the month, never by itself, and
 * never the journal. Each month leaves a record of kind `retired`, sealed like any other; what the
 * journal knows of the records stays, so a copy kept elsewhere can still be proved against it. */
#ifndef ZHIAN_CORE_RETIRE_H
#define ZHIAN_CORE_RETIRE_H

#include "core/months.h"

#define RETIRED_ROW_FIELDS(F, S)                                                                   \
    F(S, id, INT, 0, 0, "编号", none)                                                              \
    F(S, kind, INT, 0, 0, "类别", none)                                                            \
    F(S, month, STR, 0, 0, "月份", none)                                                           \
    F(S, records, INT, 0, 0, "条数", none)                                                         \
    F(S, at, TIME, 0, 0, "清退时间", none)                                                         \
    F(S, by_account, INT, 0, 0, "账号", none)                                                      \
    F(S, by_name, STR, 0, 0, "经办人", none)                                                       \
    F(S, jseq, INT, 0, 0, "存证序号", none)
STRUCT(retired_row, RETIRED_ROW_FIELDS)

/* retired_id: the id of a month's row; retired_month, retired_kind: what it is of. */
int64_t retired_id(int64_t kind, int64_t month);
int64_t retired_month(int64_t id);
int64_t retired_kind(int64_t id);

/* retire_floor: the first month that must be kept: of the last retention_years (setting; never less
 * than 5) as seen from today, both ends whole. */
int64_t retire_floor(struct ctx *c);

/* A month that holds records: how many, and the characters of their texts. */
struct retire_month {
    int64_t month, records, chars;
    int64_t seen; /* the journal's end when they were counted */
};

/* retire_look finds the months before `before` that hold records of a table, oldest first. */
MUST_CHECK enum err retire_look(
    struct ctx *c, const struct month_table *t, int64_t before, struct vec *ret);

/* retire_month gives up one month, which retire_look found: notes and seals it, and takes the
 * records away: a part as a whole in the same transaction; rows of a table that is kept whole in
 * commits of a few thousand after it (cut off in between, call it again). who: the person who
 * answers for it. ERR_STATE: the month must be kept. ERR_BUSY: somebody reads the table for long,
 * nothing was done. Not on the writer thread. */
MUST_CHECK enum err retire_month(
    struct app *app, const struct month_table *t, const struct retire_month *m, struct str who);

/* retire_judge fails (ERR_NOT_FOUND, with the reason) when the records of a day were given up. */
MUST_CHECK enum err retire_judge(struct ctx *c, int64_t kind, int64_t day);

#endif
