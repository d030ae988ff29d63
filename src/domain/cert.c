/* Certificates and catalogues. */
#include "domain/cert.h"

#include "base/civil.h"

/* The same day so many months earlier; the month's last day where it has no such day. */
static int64_t months_before(int64_t day, int64_t months)
{
    struct civil d = civil_of(day);
    int64_t at = (int64_t)d.year * 12 + d.month - 1 - months;
    d.year = (int)(at / 12);
    d.month = (int)(at % 12) + 1;
    int last = civil_month_days(d.year, d.month);
    d.day = d.day > last ? last : d.day;
    return civil_day(d);
}

enum cert_state cert_judge(int64_t to, int64_t today, const struct cert_terms *t)
{
    if (to == INT64_MIN)
        return CERT_NONE;
    if (today > to)
        return CERT_EXPIRED;
    if (to - today <= t->soon_days)
        return CERT_SOON;
    return today >= months_before(to, t->renew_months) ? CERT_RENEW : CERT_VALID;
}

const char *cert_code(enum cert_state s)
{
    static const char *const codes[] = {"none", "forever", "valid", "renew", "soon", "expired"};
    return codes[s];
}

const char *cert_text(enum cert_state s)
{
    static const char *const texts[] = {
        "没有填写有效期", "长期有效", "有效", "应申请换证", "临近到期", "已过期"};
    return texts[s];
}

/* --- catalogues ------------------------------------------------------------------------------- */

static bool in_force(const struct jin *row, int64_t day)
{
    int64_t from, to;
    if (civil_parse_day(jin_str(jin_get(row, "from")), &from) && day < from)
        return false;
    return !civil_parse_day(jin_str(jin_get(row, "to")), &to) || day <= to;
}

static bool named_in(struct str name, const struct catalogue_query *q)
{
    for (size_t i = 0; name.n && i < sizeof q->texts / sizeof *q->texts; i++)
        if (q->texts[i].n && str_find(q->texts[i], name) >= 0)
            return true;
    return false;
}

static bool names(const struct jin *row, const struct catalogue_query *q)
{
    const struct jin *aliases = jin_get(row, "aliases");
    if (named_in(jin_str(jin_get(row, "name")), q))
        return true;
    for (size_t i = 0; i < jin_len(aliases); i++)
        if (named_in(jin_str(jin_at(aliases, i)), q))
            return true;
    return false;
}

const struct jin *catalogue_find(const struct jin *rows, const struct catalogue_query *q)
{
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *row = jin_at(rows, i);
        if (str_eqz(jin_str(jin_get(row, "part")), q->part) && in_force(row, q->day) &&
            names(row, q))
            return row;
    }
    return NULL;
}
