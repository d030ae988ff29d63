/* One row: cells to normalised values and findings (rules A8, B1–H3, J1–J5). A field is read by
 * its type; the few rules that belong to a certain field or to several stand behind. */
#include <stdio.h>

#include "base/civil.h"
#include "base/utf8.h"
#include "domain/uscc.h"
#include "feature/import/imp_row.h"

static const enum imp_key sizes_need[] = {IK_staff, IK_revenue};

void work_find(
    struct imp_work *w, enum imp_key k, enum imp_code c, struct str value, struct str extra)
{
    struct imp_finding f = {k, c, value, extra};
    if (imp_code_is_error(c)) {
        if (k >= 0)
            w->bad[k] = true;
        if (w->nerrors < IMP_FINDINGS)
            w->errors[w->nerrors++] = f;
    } else if (w->nwarnings < IMP_FINDINGS) {
        w->warnings[w->nwarnings++] = f;
    }
}

static void suggest(struct imp_work *w, enum imp_key k, struct str value)
{
    if (w->nsuggests < IMP_SUGGESTS)
        w->suggests[w->nsuggests++] = (struct imp_suggest){k, value};
}

static struct str day_text(struct imp_work *w, int64_t day)
{
    char iso[16] = "";
    size_t n = civil_put_day(day, iso);
    return arena_str(&w->mem, (struct str){iso, n});
}

struct str work_cell_text(struct imp_work *w, const struct cell *c)
{
    char z[40] = "";
    int64_t day;
    bool shown_as_day = c->type == CELL_NUMBER && c->date;
    if (shown_as_day && read_date(w->rules, c, w->date1904, false, &day) == DATE_OK)
        return day_text(w, day);
    size_t n = c->type == CELL_NUMBER ? number_text(c, z) : 0;
    if (c->type == CELL_NUMBER)
        return arena_str(&w->mem, (struct str){z, n});
    if (c->type == CELL_BOOL)
        return c->num != 0 ? S("TRUE") : S("FALSE");
    return c->type == CELL_TEXT ? c->text : S("");
}

/* Where a field is stored: its descriptor and the struct. */
static struct str *str_at(struct imp_work *w, enum imp_key k)
{
    if (imp_key_product(k))
        return field_str(&imp_product_desc, &w->product, (size_t)(k - IK_applicability));
    return field_str(&imp_unit_desc, &w->unit, (size_t)(k - IK_name));
}

static int64_t *int_at(struct imp_work *w, enum imp_key k)
{
    if (imp_key_product(k))
        return field_int(&imp_product_desc, &w->product, (size_t)(k - IK_applicability));
    return field_int(&imp_unit_desc, &w->unit, (size_t)(k - IK_name));
}

static const struct imp_field *field(const struct imp_work *w, enum imp_key k)
{
    return &w->rules->fields[k];
}

static bool has_column(const struct imp_work *w, enum imp_key k)
{
    return w->head->col[k] >= 0;
}

/* --- by type ------------------------------------------------------------------------------------
 */

static void read_text(struct imp_work *w, enum imp_key k)
{
    const struct imp_field *f = field(w, k);
    unsigned how = f->name ? CLEAN_HAN | CLEAN_PAREN : f->person ? CLEAN_HAN : 0;
    struct str s = clean_text(&w->mem, work_cell_text(w, &w->cell[k]), how);
    if (s.n == 0)
        return;
    *str_at(w, k) = s;
    if ((f->name || f->person) && text_suspect(w->rules, s))
        work_find(w, k, W_CHAR_SUSPECT, s, STR_NULL);
    if (f->limit && s.n > (size_t)f->limit && utf8_len(s) > (size_t)f->limit)
        work_find(w, k, E_TOO_LONG, s, arena_fmt(&w->mem, "%zu", utf8_len(s)));
}

static void read_cert(struct imp_work *w, enum imp_key k)
{
    struct str s = work_cell_text(w, &w->cell[k]);
    if (number_long(&w->cell[k])) {
        w->warned_precision = true;
        work_find(w, k, W_CODE_PRECISION, s, STR_NULL);
        return;
    }
    s = clean_text(&w->mem, s, CLEAN_FOLD | CLEAN_NOSPACE);
    if (s.n)
        *str_at(w, k) = s;
}

static size_t digits_from(struct str s, size_t i)
{
    size_t n = 0;
    while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
        n++;
    return n;
}

/* A mobile number, or an area code and seven or eight digits with or without a hyphen (J3). */
static bool phone_valid(struct str s)
{
    size_t n = digits_from(s, 0);
    if (n == s.n && n == 11 && s.p[0] == '1')
        return s.p[1] >= '3';
    if (s.n < 10 || s.p[0] != '0')
        return false;
    if (n == s.n)
        return n >= 10 && n <= 12;
    size_t rest = digits_from(s, n + 1);
    return (n == 3 || n == 4) && s.p[n] == '-' && (rest == 7 || rest == 8) && n + 1 + rest == s.n;
}

static void read_phone(struct imp_work *w, enum imp_key k)
{
    struct str s = clean_text(&w->mem, work_cell_text(w, &w->cell[k]), CLEAN_FOLD);
    if (s.n == 0)
        return;
    *str_at(w, k) = s;
    if (!phone_valid(s))
        work_find(w, k, W_PHONE, s, STR_NULL);
}

static void read_day(struct imp_work *w, enum imp_key k)
{
    const struct imp_field *f = field(w, k);
    struct str text = work_cell_text(w, &w->cell[k]);
    struct str bare = clean_text(&w->mem, text, 0);
    struct cell c = w->cell[k];
    if (c.type == CELL_TEXT) {
        c.text = bare;
        if (bare.n == 0)
            return;
    }
    int64_t day;
    switch (read_date(w->rules, &c, w->date1904, f->until, &day)) {
    case DATE_AMBIGUOUS:
        work_find(w, k, E_DATE_AMBIGUOUS, bare, STR_NULL);
        return;
    case DATE_INVALID:
        work_find(w, k, E_DATE_INVALID, bare, STR_NULL);
        return;
    case DATE_PARTIAL:
        work_find(w, k, W_DATE_PARTIAL, bare, day_text(w, day));
        break;
    default:
        break;
    }
    *int_at(w, k) = day;
}

static void read_figure(struct imp_work *w, enum imp_key k)
{
    struct cell c = w->cell[k];
    bool money = field(w, k)->type == IT_MONEY;
    if (c.type == CELL_TEXT) {
        c.text = clean_text(&w->mem, c.text, 0);
        if (c.text.n == 0)
            return;
    }
    struct number n = {0};
    struct str shown = work_cell_text(w, &c);
    if (!(money ? read_money(&c, &n) : read_int(&c, &n))) {
        work_find(w, k, E_NUM, shown, STR_NULL);
        return;
    }
    *int_at(w, k) = n.v;
    if (!n.converted)
        return;
    struct buf b;
    buf_init(&b, 64);
    size_put_money(n.v, &b);
    work_find(w, k, W_UNIT_CONVERTED, shown, arena_str(&w->mem, buf_str(&b)));
    buf_free(&b);
}

static void read_listed(struct imp_work *w, enum imp_key k)
{
    const struct imp_field *f = field(w, k);
    struct str text = work_cell_text(w, &w->cell[k]);
    struct str bare = clean_text(&w->mem, text, 0);
    if (bare.n == 0)
        return;
    struct str v = f->type == IT_CODES ? read_codes(f, &w->mem, text) : read_code(f, &w->mem, bare);
    if (v.p && v.n == 0)
        return; /* nothing but separators */
    if (!v.p)
        work_find(w, k, E_CODE, bare, f->choices);
    else if (f->type == IT_BOOL)
        *int_at(w, k) = str_eqz(v, "true");
    else
        *str_at(w, k) = v;
}

static void read_field(struct imp_work *w, enum imp_key k)
{
    switch (field(w, k)->type) {
    case IT_TEXT:
        read_text(w, k);
        break;
    case IT_CERT:
        read_cert(w, k);
        break;
    case IT_PHONE:
        read_phone(w, k);
        break;
    case IT_DATE:
        read_day(w, k);
        break;
    case IT_INT:
    case IT_MONEY:
        read_figure(w, k);
        break;
    case IT_CODE:
    case IT_CODES:
    case IT_BOOL:
        read_listed(w, k);
        break;
    default:
        break;
    }
}

/* Errors of the cell itself (A8), in a CSV written out; true when the field cannot be read. */
static bool cell_broken(struct imp_work *w, enum imp_key k)
{
    const struct cell *c = &w->cell[k];
    bool written = c->type == CELL_TEXT && c->text.n <= 32 && memchr(c->text.p, '#', c->text.n) &&
                   list_has(&w->rules->cell_errors, str_trim(c->text));
    if (c->type == CELL_ERROR || written)
        work_find(w, k, E_CELL_ERROR, c->text, STR_NULL);
    else if (c->type == CELL_NO_VALUE)
        work_find(w, k, E_FORMULA_NO_VALUE, STR_NULL, STR_NULL);
    return w->bad[k];
}

/* --- the credit code (C1–C6) --------------------------------------------------------------------
 */

static void no_code(struct imp_work *w)
{
    if (w->bad[IK_entity_type])
        return;
    if (list_has(&w->rules->no_code_types, w->unit.entity_type))
        work_find(w, IK_uscc, W_USCC_MISSING, STR_NULL, STR_NULL);
    else
        work_find(w, IK_uscc, E_REQUIRED, STR_NULL, STR_NULL);
}

static void bad_charset(struct imp_work *w, struct str code)
{
    char fixed[USCC_LEN];
    work_find(w, IK_uscc, E_USCC_CHARSET, code, STR_NULL);
    if (uscc_suggest(code, fixed))
        suggest(w, IK_uscc, arena_str(&w->mem, (struct str){fixed, USCC_LEN}));
}

static void check_entity(struct imp_work *w)
{
    struct str meant = uscc_entity(w->unit.uscc);
    if (!meant.p || w->bad[IK_entity_type])
        return;
    if (!w->unit.entity_type.n)
        w->unit.entity_type = meant;
    else if (!str_eq(meant, w->unit.entity_type))
        work_find(w, IK_entity_type, W_TYPE_CODE, w->unit.entity_type, meant);
}

static void read_uscc(struct imp_work *w)
{
    struct str shown = work_cell_text(w, &w->cell[IK_uscc]);
    struct str code = clean_text(&w->mem, shown, CLEAN_FOLD | CLEAN_NOSPACE);
    if (code.n == 0 || list_has(&w->rules->no_code, code)) {
        no_code(w);
        return;
    }
    if (number_long(&w->cell[IK_uscc])) {
        work_find(w, IK_uscc, E_USCC_PRECISION, shown, STR_NULL);
        return;
    }
    switch (uscc_check(code)) {
    case USCC_BAD_LENGTH:
        work_find(w, IK_uscc, E_USCC_LEN, code, arena_fmt(&w->mem, "%zu", utf8_len(code)));
        return;
    case USCC_BAD_CHAR:
        bad_charset(w, code);
        return;
    case USCC_BAD_CHECK:
        work_find(w, IK_uscc, W_USCC_CHECK, code, STR_NULL);
        break;
    default:
        break;
    }
    w->unit.uscc = code;
    check_entity(w);
}

/* --- area (G1, G2) ------------------------------------------------------------------------------
 */

static struct str area_cell(struct imp_work *w, enum imp_key k)
{
    return clean_text(&w->mem, work_cell_text(w, &w->cell[k]), CLEAN_FOLD | CLEAN_NOSPACE);
}

static bool memo_holds(const struct area_memo *m, struct str text)
{
    return m->n && str_eq((struct str){m->text, m->n}, text);
}

static void memo_keep(struct area_memo *m, struct str text)
{
    m->n = text.n <= sizeof m->text ? text.n : 0;
    memcpy(m->text, text.p, m->n);
}

static int county_of(struct imp_work *w, struct str text)
{
    struct area_memo *m = &w->county_memo;
    if (!memo_holds(m, text)) {
        m->county = area_county(w->job->areas, text);
        memo_keep(m, text);
    }
    return m->county;
}

static struct area_hit town_of(struct imp_work *w, struct str text)
{
    struct area_memo *m = &w->town_memo;
    if (!memo_holds(m, text) || m->county != w->county) {
        m->hit = area_town(w->job->areas, w->county, text);
        m->county = w->county;
        memo_keep(m, text);
    }
    return m->hit;
}

/* False when the row is of another county and the town need not be looked at. */
static bool read_county(struct imp_work *w)
{
    w->county = -1;
    if (w->bad[IK_county])
        return false;
    struct str text = area_cell(w, IK_county);
    if (text.n == 0)
        return true;
    w->county = county_of(w, text);
    if (area_county_in_scope(w->job->areas, w->county))
        return true;
    work_find(w, IK_county, E_SCOPE, text, STR_NULL);
    return false;
}

static void guess_town(struct imp_work *w)
{
    struct str name = S("");
    struct str from = w->bad[IK_site_address] ? S("") : w->unit.site_address;
    struct str town = area_in_text(w->job->areas, w->county, from, &name);
    if (town.n) {
        w->unit.town = town;
        work_find(w, IK_town, W_AREA_GUESSED, from, name);
    } else {
        work_find(w, IK_town, E_REQUIRED, STR_NULL, STR_NULL);
    }
}

static void read_town(struct imp_work *w)
{
    if (!read_county(w) || w->bad[IK_town])
        return;
    struct str text = area_cell(w, IK_town);
    if (text.n == 0 && w->head->town.n)
        w->unit.town = w->head->town;
    else if (text.n == 0)
        guess_town(w);
    if (text.n == 0)
        return;
    struct area_hit hit = town_of(w, text);
    if (!hit.town.n) {
        work_find(w, IK_town, E_AREA, text, STR_NULL);
        if (!hit.suggest.n) /* a place within a town: 凤城镇土堂社区 */
            hit.suggest = area_in_text(w->job->areas, w->county, text, NULL);
        if (hit.suggest.n)
            suggest(w, IK_town, hit.suggest);
    } else if (!hit.in_scope) {
        work_find(w, IK_town, E_SCOPE, text, STR_NULL);
    } else {
        w->unit.town = hit.town;
    }
}

/* --- what must and should be there (J1, D4, F1) -------------------------------------------------
 */

static bool is_absent(struct imp_work *w, enum imp_key k)
{
    switch (field(w, k)->type) {
    case IT_INT:
    case IT_MONEY:
    case IT_DATE:
    case IT_BOOL:
        return *int_at(w, k) == NULL_INT;
    default:
        return str_at(w, k)->n == 0;
    }
}

static void check_presence(struct imp_work *w)
{
    for (int i = IK_name; i < IK_COUNT; i++) {
        enum imp_key k = (enum imp_key)i;
        const struct imp_field *f = field(w, k);
        bool own_rule = k == IK_uscc || k == IK_town;
        if ((!f->required && !f->warn_missing) || own_rule || w->bad[k] || !is_absent(w, k))
            continue;
        if (f->required)
            work_find(w, k, E_REQUIRED, STR_NULL, STR_NULL);
        else if (has_column(w, k))
            work_find(w, k, W_MISSING, STR_NULL, STR_NULL);
    }
    for (size_t i = 0; i < sizeof sizes_need / sizeof *sizes_need; i++)
        if (!w->bad[sizes_need[i]] && *int_at(w, sizes_need[i]) == NULL_INT)
            work_find(w, sizes_need[i], W_SIZE_MISSING, STR_NULL, STR_NULL);
    if (!w->unit.abnormal.n && !w->bad[IK_abnormal])
        w->unit.abnormal = S("00");
}

/* --- dates against each other (E4) --------------------------------------------------------------
 */

static void check_until(struct imp_work *w, enum imp_key k, int64_t day)
{
    short from = field(w, k)->from;
    if (from >= 0 && *int_at(w, (enum imp_key)from) != NULL_INT &&
        day < *int_at(w, (enum imp_key)from))
        work_find(w, k, W_DATE_ORDER, day_text(w, day), STR_NULL);
    if (day < w->job->as_of)
        work_find(w, k, W_CERT_EXPIRED, day_text(w, day), STR_NULL);
}

static void check_dates(struct imp_work *w)
{
    for (int i = IK_name; i < IK_COUNT; i++) {
        enum imp_key k = (enum imp_key)i;
        if (field(w, k)->type != IT_DATE)
            continue;
        int64_t day = *int_at(w, k);
        if (day == NULL_INT)
            continue;
        if (field(w, k)->until)
            check_until(w, k, day);
        else if (field(w, k)->past && day > w->job->as_of)
            work_find(w, k, W_DATE_FUTURE, day_text(w, day), STR_NULL);
    }
}

/* --- size and grade (D3, H1–H3) -----------------------------------------------------------------
 */

/* Whether the revenue looks like 元 entered as 万元. */
static bool revenue_suspect(const struct imp_work *w)
{
    int64_t revenue = w->unit.revenue, staff = w->unit.staff;
    if (revenue == NULL_INT)
        return false;
    if (revenue >= w->rules->suspect_revenue)
        return true;
    return staff != NULL_INT && revenue / (staff > 1 ? staff : 1) >= w->rules->suspect_per_head;
}

static bool code_held(struct str codes, struct str code)
{
    struct str rest = codes;
    while (rest.p) {
        struct str one = str_cut(rest, ',', &rest);
        if (str_eq(one, code))
            return true;
    }
    return false;
}

static struct grade_input grade_input_of(struct imp_work *w)
{
    const struct imp_unit *u = &w->unit;
    const struct imp_product *p = &w->product;
    bool producer = w->rules->kind == IMP_PRODUCTION;
    struct str names[3] = {p->cat1, p->cat2, p->product};
    bool stated = code_held(p->applicability, S("许可证")) || code_held(p->applicability, S("CCC"));
    return (struct grade_input){
        .producer = producer,
        .seller = !producer,
        .sale_modes = u->sale_modes,
        .figures = {u->staff, u->revenue, NULL_INT},
        .wholesale_revenue = u->wholesale_revenue,
        .certified = p->lic_no.n || p->ccc_no.n || w->warned_precision || stated,
        .suspect = revenue_suspect(w),
        .products = arena_cat(&w->mem, names, 3),
    };
}

static void check_size(struct imp_work *w)
{
    if (w->bad[IK_staff] || w->bad[IK_revenue] || w->bad[IK_sale_modes])
        return;
    struct grade_input in = grade_input_of(w);
    if (in.suspect) {
        struct buf b;
        buf_init(&b, 64);
        size_put_money(w->unit.revenue, &b);
        work_find(w, IK_revenue, W_UNIT_SUSPECT, arena_str(&w->mem, buf_str(&b)), STR_NULL);
        buf_free(&b);
    }
    w->grade = grade_firm(w->job->grade, w->job->sizes, &in);
    struct str size = str_z(size_code(w->grade.stat_size)), given = w->unit.stat_size;
    if (given.n && !str_eq(given, size))
        work_find(w, IK_stat_size, W_SIZE_MISMATCH, given, size);
    if (!w->bad[IK_stat_size])
        w->unit.stat_size = size;
    struct str grade =
        w->grade.grade ? arena_str(&w->mem, (struct str){&w->grade.grade, 1}) : STR_NULL;
    given = w->unit.grade;
    if (given.n && !str_eq(given, grade))
        work_find(w, IK_grade, W_GRADE_MISMATCH, given, grade);
    if (!w->bad[IK_grade])
        w->unit.grade = grade;
}

/* --- all together -------------------------------------------------------------------------------
 */

static bool is_used(const struct imp_work *w, enum imp_key k)
{
    return w->cell[k].type != CELL_EMPTY && k != IK_seq && k != IK_prov && k != IK_city;
}

void imp_check_row(struct imp_work *w)
{
    memset(w->bad, 0, sizeof w->bad);
    w->nerrors = w->nwarnings = w->nsuggests = w->ndiffs = 0;
    w->warned_precision = false;
    w->grade = (struct grade_result){0};
    desc_clear(&imp_unit_desc, &w->unit);
    desc_clear(&imp_product_desc, &w->product);
    for (int i = 0; i < IK_COUNT; i++) {
        enum imp_key k = (enum imp_key)i;
        if (is_used(w, k) && !cell_broken(w, k))
            read_field(w, k);
    }
    if (!w->bad[IK_uscc])
        read_uscc(w);
    read_town(w);
    check_presence(w);
    check_dates(w);
    check_size(w);
}
