/* The duty calendar. */
#include "domain/dutyday.h"

#include "base/civil.h"

/* Whether the firm works on that day of the week and year. A make-up workday replaces an ordinary
 * weekday, so a firm that rests on official holidays works it whatever its week says. */
static bool operates(const struct duty_plan *p, const struct workday_calendar *c, int64_t day)
{
    if (!(p->week & DUTY_EVERY_DAY))
        return false;
    if (p->holidays_off && c) {
        const struct holiday *h = workday_find(c, day);
        if (h)
            return h->type == HOLIDAY_WORK;
    }
    return p->week >> (civil_weekday(day) - 1) & 1;
}

static bool covers(const struct duty_pause *s, int64_t day)
{
    return s->from <= day && (s->to == INT64_MIN || day <= s->to);
}

enum duty duty_on(const struct duty_plan *p, const struct workday_calendar *c, int64_t day)
{
    if (p->from == INT64_MIN || day < p->from || day < DUTY_FIRST_DAY || day > p->until)
        return DUTY_NONE;
    if (!operates(p, c, day))
        return DUTY_NONE;
    for (size_t i = 0; i < p->npauses; i++)
        if (covers(&p->pauses[i], day))
            return DUTY_EXCUSED;
    return DUTY_DUE;
}

int64_t duty_count(
    const struct duty_plan *p, const struct workday_calendar *c, int64_t from, int64_t to)
{
    int64_t n = 0;
    for (int64_t day = from; day <= to; day++)
        n += duty_on(p, c, day) == DUTY_DUE;
    return n;
}

static bool overlap(const struct duty_pause *a, const struct duty_pause *b)
{
    return covers(a, b->from) || covers(b, a->from);
}

static bool pause_fits(const struct duty_pause *pauses, size_t i)
{
    if (pauses[i].to != INT64_MIN && pauses[i].to < pauses[i].from)
        return false;
    for (size_t k = 0; k < i; k++)
        if (overlap(&pauses[k], &pauses[i]))
            return false;
    return true;
}

bool duty_pauses_valid(const struct duty_pause *pauses, size_t n, size_t *ret_at)
{
    for (size_t i = 0; i < n; i++) {
        if (pause_fits(pauses, i))
            continue;
        if (ret_at)
            *ret_at = i;
        return false;
    }
    return true;
}

enum duty_status duty_status(
    enum duty duty, int64_t day, int64_t today, int64_t filed, int64_t missing_after)
{
    if (duty == DUTY_NONE)
        return DAY_NOT_OWED;
    if (duty == DUTY_EXCUSED)
        return DAY_EXCUSED;
    if (filed != INT64_MIN)
        return filed <= day ? DAY_ON_TIME : DAY_LATE;
    if (today < day)
        return DAY_NOT_YET;
    return today - day > missing_after ? DAY_MISSING : DAY_DUE;
}

static const struct {
    const char *code;
    const char *label;
} names[DAY_STATUSES] = {
    [DAY_NOT_OWED] = {"none", "无需记录"},
    [DAY_NOT_YET] = {"future", "未到日期"},
    [DAY_DUE] = {"due", "待记录"},
    [DAY_ON_TIME] = {"done", "当日完成"},
    [DAY_LATE] = {"late", "补录"},
    [DAY_MISSING] = {"missing", "没有记录"},
    [DAY_EXCUSED] = {"excused", "停产免记"},
};

const char *duty_status_code(enum duty_status s)
{
    return names[s].code;
}

const char *duty_status_label(enum duty_status s)
{
    return names[s].label;
}
