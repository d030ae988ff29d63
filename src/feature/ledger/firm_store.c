/* Storing firms: derived columns, search words and counters stay in step with the record. */
#include "base/utf8.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/codes.h"
#include "core/crypto.h"
#include "core/masked.h"
#include "core/template.h"
#include "domain/dutyday.h"
#include "domain/idcard.h"
#include "domain/uscc.h"
#include "feature/ledger/firm_follow.h"
#include "feature/ledger/firm_duty.h"
#include "feature/ledger/firm_gap.h"
#include "feature/ledger/firm_judge.h"
#include "feature/ledger/firm_told.h"
#include "feature/ledger/firm_supervise.h"
#include "feature/ledger/refdata.h"

enum { WORDS_MAX = 32 << 10, INITIALS_MAX = 400 };

static const struct counter_def firm_counter = {SQL_firm_count_add, NULL,
    {"total", "draft", "submitted", "reviewed", "admitted", "returned", "abnormal", "producer",
        "seller", "grade_a", "grade_b", "grade_c", "grade_d", "provisional", NULL}};

/* --- derived columns -------------------------------------------------------------------------- */

static struct str initials(struct ctx *c, struct str name)
{
    struct buf b;
    buf_init(&b, INITIALS_MAX);
    pinyin_initials(&ref_tables(c->app)->pinyin, name, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static void set_paths(struct ctx *c, struct firm_row *row)
{
    row->p2 = keep(c, str_sub(row->org_path, 0, 10));
    row->p3 = keep(c, str_sub(row->org_path, 0, 15));
}

enum err firm_place(struct ctx *c, struct firm_row *row, struct str area)
{
    struct q q;
    bool found;
    q_begin(&q, c->db, SQL_org_for_area);
    q_str(&q, "area", area);
    q_int(&q, "day", c->today);
    found = q_row(&q);
    if (found) {
        row->org = q_get_int(&q, 0);
        row->org_path = keep(c, q_get_str(&q, 1));
    }
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    if (!found && area.n > 6)
        return firm_place(c, row, str_sub(area, 0, 6));
    if (!found)
        return fail(c, ERR_INVALID, "town", "没有机构管辖这个乡镇（街道），请先在组织机构中设置");
    set_paths(c, row);
    return OK;
}

bool firm_code_suspect(const struct firm_row *row)
{
    return row->uscc.n && !row->uscc_reason.n && uscc_check(row->uscc) == USCC_BAD_CHECK;
}

bool firm_is_merged(const struct firm_row *row)
{
    return str_eqz(row->state, "merged");
}

static bool outside_orders(const struct firm_row *row)
{
    return str_eqz(row->applicability, "均不适用");
}

int64_t firm_pattern(struct ctx *c, const struct firm_row *row)
{
    struct str duty = jin_str(jin_get(code_row(c, "abnormal", row->abnormal), "duty"));
    bool owes = str_eqz(row->state, "admitted") && row->duty_from != NULL_INT &&
                !outside_orders(row) && (!duty.p || str_eqz(duty, "due"));
    return owes ? row->week_mask * 2 + (row->holidays_off == 1) : -1;
}

/* An admitted firm in scope of the two orders owes daily checks from the next day on. The first day
 * stays for ever; times in which nothing was owed stand in duty_gap. */
static void set_duty(struct ctx *c, struct firm_row *row)
{
    if (!str_eqz(row->state, "admitted") || outside_orders(row) || row->duty_from != NULL_INT)
        return;
    row->duty_from = c->today + 1 > DUTY_FIRST_DAY ? c->today + 1 : DUTY_FIRST_DAY;
}

/* --- search words ----------------------------------------------------------------------------- */

static void add_grams(struct str name, struct buf *words)
{
    struct buf folded;
    size_t at = 0;
    buf_init(&folded, 4096);
    gram_fold(name, &folded);
    struct str f = buf_str(&folded);
    for (size_t next = 0; at < f.n; at = next) {
        next = at;
        (void)utf8_next(f, &next);
        size_t end = next;
        if (utf8_next(f, &end) < 0)
            break;
        buf_add(words, str_sub(f, at, end - at));
        buf_addc(words, ' ');
    }
    buf_free(&folded);
}

static void add_initials(struct ctx *c, struct str name, struct buf *words)
{
    struct str own = initials(c, gram_distinctive(name, &ref_tables(c->app)->areas));
    struct str all = initials(c, name);
    for (size_t n = 1; n <= 4; n++) {
        if (own.n >= n)
            buf_fmt(words, "p%.*s ", (int)n, own.p);
        if (all.n >= n)
            buf_fmt(words, "p%.*s ", (int)n, all.p);
    }
}

static void add_code(struct str uscc, struct buf *words)
{
    for (size_t n = 6; n <= uscc.n; n += 4)
        buf_fmt(words, "u%.*s ", (int)n, uscc.p);
    if (uscc.n == USCC_LEN)
        buf_fmt(words, "u%.*s v%.*s ", (int)uscc.n, uscc.p, 6, uscc.p + 12);
}

static void add_paths(struct str path, struct buf *words)
{
    for (size_t n = 5; n <= path.n; n += 5) {
        buf_addc(words, 'o');
        for (size_t i = 0; i < n; i++)
            if (path.p[i] != '.')
                buf_addc(words, path.p[i]);
        buf_addc(words, ' ');
    }
}

static enum err search_put(struct ctx *c, const struct firm_row *row)
{
    struct buf words;
    struct q q;
    buf_init(&words, WORDS_MAX);
    add_grams(row->name, &words);
    add_initials(c, row->name, &words);
    add_code(row->uscc, &words);
    add_paths(row->org_path, &words);
    enum err e = words.err;
    if (!e) {
        q_begin(&q, c->db, SQL_firm_search_put);
        q_int(&q, "id", row->id);
        q_str(&q, "words", buf_str(&words));
        e = q_send(&q);
    }
    buf_free(&words);
    return db_fail(c, e);
}

static enum err search_again(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct q q;
    if (str_eq(old->name, row->name) && str_eq(old->uscc, row->uscc) &&
        str_eq(old->org_path, row->org_path))
        return OK;
    q_begin(&q, c->db, SQL_firm_search_drop);
    q_int(&q, "id", row->id);
    enum err e = q_send(&q);
    return e ? db_fail(c, e) : search_put(c, row);
}

enum err firm_search_fill(struct ctx *c, int64_t limit, int64_t *ret_n)
{
    struct firm_row row;
    struct q q;
    int64_t after = -1, n = 0;
    q_begin(&q, c->db, SQL_firm_search_last);
    enum err e = q_one_int(&q, &after);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    q_begin(&q, c->db, kind_firm.scan);
    q_int(&q, "after", after);
    q_int(&q, "limit", limit);
    for (e = OK; !e && q_row(&q); n++) {
        desc_clear(&firm_row_desc, &row);
        q_read(&q, &firm_row_desc, &row, c->a);
        e = q.err ? q.err : search_put(c, &row);
    }
    enum err end = q_end(&q);
    *ret_n = n;
    return e ? e : db_fail(c, end);
}

enum err firm_search_drop_all(struct ctx *c)
{
    struct q q;
    q_begin(&q, c->db, SQL_firm_search_clear);
    return db_fail(c, q_exec(&q));
}

/* --- counters --------------------------------------------------------------------------------- */

static void count_firm(struct ctx *c, const struct firm_row *row, int64_t by)
{
    static const char *const states[] = {"draft", "submitted", "reviewed", "admitted", "returned"};
    int64_t v[COUNTER_COLS] = {by};
    if (firm_is_merged(row)) /* counted as the entry it was merged into */
        return;
    for (int i = 0; i < 5; i++)
        v[1 + i] = str_eqz(row->state, states[i]) ? by : 0;
    v[6] = str_eqz(row->abnormal, "00") ? 0 : by;
    v[7] = str_eqz(row->kind, "seller") ? 0 : by;
    v[8] = str_eqz(row->kind, "producer") ? 0 : by;
    for (int i = 0; i < 4; i++)
        v[9 + i] = row->grade.n && row->grade.p[0] == 'A' + i ? by : 0;
    v[13] = row->provisional == 1 ? by : 0;
    count_add(c, &firm_counter, 0, row->org_path, v);
}

/* --- storing ---------------------------------------------------------------------------------- */

static void defaults(struct ctx *c, struct firm_row *row)
{
    if (!row->abnormal.n)
        row->abnormal = S("00");
    if (row->week_mask == NULL_INT)
        row->week_mask = DUTY_EVERY_DAY;
    if (row->holidays_off == NULL_INT)
        row->holidays_off = 0;
    if (row->figures_suspect == NULL_INT)
        row->figures_suspect = 0;
    row->updated = c->now;
}

enum err firm_add(
    struct ctx *c, struct firm_row *row, const struct firm_products *p, const struct note *n)
{
    if (row->id == NULL_INT)
        row->id = id_next(c);
    if (!row->state.n)
        row->state = S("draft");
    row->created = c->now;
    row->created_by = c->actor.account;
    row->version = 1;
    defaults(c, row);
    set_paths(c, row);
    row->py = initials(c, row->name);
    set_duty(c, row);
    enum err e = firm_judge(c, row, p);
    if (!e)
        e = rec_insert(c, &kind_firm, row, n);
    if (!e)
        e = search_put(c, row);
    if (e)
        return e;
    count_firm(c, row, 1);
    e = firm_gap_follow(c, NULL, row);
    if (!e)
        e = firm_told_count(c, NULL, row);
    return e ? e : firm_duty_count(c, NULL, row);
}

struct str firm_temp_code(struct ctx *c, int64_t id)
{
    return arena_fmt(c->a, "LS%012lld", (long long)id);
}

enum err firm_take(struct ctx *c, struct firm_row *row, const struct note *n)
{
    if (row->temp_code.n)
        row->temp_code = firm_temp_code(c, row->id);
    enum err e = rec_insert(c, &kind_firm, row, n);
    if (!e)
        e = search_put(c, row);
    if (!e)
        e = firm_gap_follow(c, NULL, row);
    if (!e)
        e = firm_told_count(c, NULL, row);
    if (e)
        return e;
    count_firm(c, row, 1);
    firm_duty_take(c, row);
    return c->err;
}

static void responsible_on(const struct firm_route *r, struct firm_row *row)
{
    row->sup_org = r->org;
    for (int i = r->ups; i-- > 0;) {
        row->sup_org = r->up[i].org;
        if (r->up[i].level <= row->sup_level)
            return;
    }
}

enum err firm_relocate(
    struct ctx *c, const struct firm_row *old, const struct firm_route *route, const struct note *n)
{
    struct firm_row row = *old;
    row.org = route->org;
    row.org_path = route->path;
    row.version++;
    row.updated = c->now;
    set_paths(c, &row);
    responsible_on(route, &row);
    enum err e = rec_update(c, &kind_firm, old, &row, n);
    return e ? e : search_again(c, old, &row);
}

enum err firm_followed(struct ctx *c, firm_follower *const *table, const struct firm_row *old,
    const struct firm_row *row)
{
    enum err e = OK;
    for (size_t i = 0; !e && table[i]; i++)
        e = table[i](c, old, row);
    return e;
}

static enum err change_any(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n)
{
    struct firm_products p;
    enum err e = firm_products_load(c, row->id, &p);
    if (e)
        return e;
    row->version = old->version + 1;
    defaults(c, row);
    set_paths(c, row);
    row->py = str_eq(old->name, row->name) ? old->py : initials(c, row->name);
    set_duty(c, row);
    firm_supervisor_since(c, old, row);
    e = firm_judge(c, row, &p);
    if (!e)
        e = rec_update(c, &kind_firm, old, row, n);
    if (!e)
        e = search_again(c, old, row);
    if (e)
        return e;
    count_firm(c, old, -1);
    count_firm(c, row, 1);
    e = firm_gap_follow(c, old, row);
    if (!e)
        e = firm_told_count(c, old, row);
    if (!e)
        e = firm_duty_count(c, old, row);
    bool followed = !str_eq(old->state, row->state) || !str_eq(old->org_path, row->org_path);
    return e || !followed ? e : firm_followed(c, firm_followers, old, row);
}

enum err firm_change(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n)
{
    if (firm_is_merged(old))
        return fail(c, ERR_STATE, "state", FIRM_MERGED_TEXT);
    return change_any(c, old, row, n);
}

enum err firm_unmerge(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n)
{
    return change_any(c, old, row, n);
}

static void join_codes(struct buf *to, struct str codes)
{
    while (codes.n) {
        struct str one = str_cut(codes, ',', &codes), rest = buf_str(to);
        bool there = false;
        while (rest.n && !there)
            there = str_eq(str_cut(rest, ',', &rest), one);
        if (there)
            continue;
        if (to->n)
            buf_addc(to, ',');
        buf_add(to, one);
    }
}

enum err firm_products_load(struct ctx *c, int64_t firm, struct firm_products *ret)
{
    struct q q;
    struct buf names, classes;
    buf_init(&names, 64 << 10);
    buf_init(&classes, 1000);
    q_begin(&q, c->db, SQL_firm_products);
    q_int(&q, "firm", firm);
    while (q_row(&q)) {
        join_codes(&classes, q_get_str(&q, 3));
        for (int col = 4; col <= 6; col++) {
            buf_add(&names, q_get_str(&q, col));
            buf_addc(&names, ' ');
        }
    }
    enum err e = q_end(&q);
    ret->names = keep(c, buf_str(&names));
    ret->applicability = keep(c, buf_str(&classes));
    buf_free(&names);
    buf_free(&classes);
    return db_fail(c, e);
}

enum err firm_need(struct ctx *c, int64_t firm, struct firm_row *ret)
{
    enum err e = firm > 0 ? rec_get(c, &kind_firm, firm, ret) : ERR_NOT_FOUND;
    if (!e && !(c->actor.firm ? c->actor.firm == firm : scope_has(c, ret->org_path)))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

/* --- phones ----------------------------------------------------------------------------------- */

static struct crypto_place phone_place(int64_t firm)
{
    return (struct crypto_place){"firm", "supervisor_phone", firm};
}

enum err firm_phone_set(struct ctx *c, struct firm_row *row, struct str phone)
{
    struct crypto_place at = phone_place(row->id);
    enum err e = crypto_encrypt(
        c->app->crypto, &at, phone.n ? phone : STR_NULL, c->a, &row->supervisor_phone);
    return e ? fail(c, e, NULL, NULL) : OK;
}

struct str firm_phone_masked(struct ctx *c, int64_t firm, struct str blob)
{
    struct crypto_place at = phone_place(firm);
    return masked(c, &at, blob, phone_mask);
}

bool firm_phone_same(struct ctx *c, const struct firm_row *row, struct str phone)
{
    struct crypto_place at = phone_place(row->id);
    struct str clear;
    struct buf b;
    if (!row->supervisor_phone.n || !phone.n)
        return !row->supervisor_phone.n && !phone.n;
    if (crypto_decrypt(c->app->crypto, &at, row->supervisor_phone, c->a, &clear))
        return false;
    buf_init(&b, 200);
    phone_normalise(phone, &b);
    bool same = str_eq(clear, buf_str(&b));
    buf_free(&b);
    return same;
}
