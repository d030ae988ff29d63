/* Who may not hold a post, and when posts stood empty. */
#include "base/civil.h"
#include "domain/dutyday.h"
#include "domain/vacancy.h"
#include "core/codes.h"
#include "feature/people/people_impl.h"

enum { TERMS_MAX = 500, VACANCIES_MAX = 50 };

/* --- barred ----------------------------------------------------------------------------------- */

static void barred(struct ctx *c, struct str result, int64_t day)
{
    char iso[16];
    if (!str_eqz(result, "不合格"))
        return;
    complain(c, S("name"), "barred",
        "姓名：监管部门 %.*s 的随机考核不合格，不得担任这个岗位，重新考核合格后再任命",
        (int)civil_put_day(day, iso), iso);
}

static enum err last_result(struct ctx *c, struct q *q)
{
    if (q_row(q))
        barred(c, keep(c, q_get_str(q, 0)), q_get_int(q, 1));
    return db_fail(c, q_end(q));
}

enum err bar_check(struct ctx *c, const struct person_row *row, struct str id_no)
{
    unsigned char index[CRYPTO_INDEX_LEN];
    struct q q;
    enum err e = id_no.n ? crypto_index(c->app->crypto, S("id_no"), id_no, index) : OK;
    if (e)
        return fail(c, e, NULL, NULL);
    if (id_no.n) {
        q_begin(&q, c->db, SQL_assessment_bar_by_id);
        q_blob(&q, "id_idx", (struct str){(const char *)index, sizeof index});
    } else {
        q_begin(&q, c->db, SQL_assessment_bar_by_name);
        q_int(&q, "firm", row->firm);
        q_str(&q, "name", row->name);
    }
    q_str(&q, "post", row->post);
    return last_result(c, &q);
}

/* Oldest first, so the last word stands. */
enum err bars_mark(struct ctx *c, int64_t firm, struct person_view *v, size_t n)
{
    struct q q;
    q_begin(&q, c->db, SQL_assessment_regulator_of_firm);
    q_int(&q, "firm", firm);
    while (q_row(&q)) {
        for (size_t i = 0; i < n; i++) {
            if (v[i].id != q_get_int(&q, 0) || v[i].to_day != NULL_INT)
                continue;
            bool failed = str_eqz(q_get_str(&q, 1), "不合格");
            v[i].warning = failed ? S("监管部门考核不合格，不得担任这个岗位") : STR_NULL;
        }
    }
    return db_fail(c, q_end(&q));
}

/* --- vacancies -------------------------------------------------------------------------------- */

static size_t terms_of(const struct vec *rows, const char *post, struct term *ret, int64_t *first)
{
    const struct person_row *p = rows->p;
    size_t n = 0;
    for (size_t i = 0; i < rows->n && n < TERMS_MAX; i++) {
        if (!str_eqz(p[i].post, post))
            continue;
        ret[n++] = (struct term){p[i].from_day, p[i].to_day};
        if (p[i].from_day != NULL_INT && p[i].from_day < *first)
            *first = p[i].from_day;
    }
    return n;
}

/* From the day the firm owed, or the first appointment where that was earlier. */
enum err person_vacancies(
    struct ctx *c, const struct firm_row *firm, const struct vec *rows, struct vec *ret)
{
    static const char *const posts[] = {"principal", "director", "officer"};
    struct term *terms = arena_new(c->a, struct term, TERMS_MAX), found[VACANCIES_MAX];
    struct vacancy_view *out = arena_new(c->a, struct vacancy_view, 3 * VACANCIES_MAX);
    size_t n = 0;
    *ret = (struct vec){0};
    if (!terms || !out)
        return fail(c, ERR_NOMEM, NULL, NULL);
    if (firm_pattern(c, firm) < 0)
        return OK;
    for (int i = 0; i < 3; i++) {
        bool due = i != 1 || str_eqz(firm->director_required, "是");
        int64_t first = firm->confirm_date != NULL_INT ? firm->confirm_date : firm->duty_from;
        size_t held = terms_of(rows, posts[i], terms, &first);
        if (first < DUTY_FIRST_DAY)
            first = DUTY_FIRST_DAY;
        size_t gaps =
            due ? vacancies(terms, held, (struct term){first, c->today}, found, VACANCIES_MAX) : 0;
        for (size_t k = 0; k < gaps; k++) {
            int64_t end = found[k].to == INT64_MIN ? c->today : found[k].to;
            out[n++] = (struct vacancy_view){str_z(posts[i]),
                code_label(c, "post", str_z(posts[i])), found[k].from,
                found[k].to == INT64_MIN ? NULL_INT : found[k].to, end - found[k].from + 1};
        }
    }
    *ret = (struct vec){out, n};
    return OK;
}
