/* Loading the dictionary and the word lists, and the texts of findings. */
#include "feature/import/imp_rules.h"

#include <stdlib.h>

#include "base/jsonin.h"
#include "base/utf8.h"

enum { HEADER_SLOTS = 1024, JSON_DEPTH = 12 };

#define KEY_NAME(S, name, ...) #name,
static const char *const key_names[IK_COUNT] = {"seq", "prov", "city", "county",
    IMP_UNIT_FIELDS(KEY_NAME, none) IMP_PRODUCT_FIELDS(KEY_NAME, none)};

DESC(imp_unit, IMP_UNIT_FIELDS)
DESC(imp_product, IMP_PRODUCT_FIELDS)

static const char *const code_names[IMP_CODES] = {
#define ROW(id) #id,
#include "feature/import/imp_codes.def"
#undef ROW
};

const char *imp_key_name(enum imp_key k)
{
    return k >= 0 && k < IK_COUNT ? key_names[k] : "row";
}

enum imp_key imp_key_of(struct str name)
{
    for (int k = 0; k < IK_COUNT; k++)
        if (str_eqz(name, key_names[k]))
            return (enum imp_key)k;
    return str_eqz(name, "row") ? IK_ROW : IK_COUNT;
}

struct str imp_label(const struct imp_rules *r, enum imp_key k)
{
    if (k < 0 || k >= IK_COUNT)
        return S("这一行");
    return r->fields[k].label.p ? r->fields[k].label : str_z(key_names[k]);
}

const char *imp_code_name(enum imp_code c)
{
    return c < IMP_CODES ? code_names[c] : "";
}

const char *imp_verdict_name(enum imp_verdict v)
{
    static const char *const names[IMP_VERDICTS] = {
        "created", "created_with_warning", "product_added", "duplicate", "rejected", "ignored"};
    return v < IMP_VERDICTS ? names[v] : "";
}

const char *imp_verdict_label(enum imp_verdict v)
{
    static const char *const labels[IMP_VERDICTS] = {
        "新增", "新增（有警告）", "增加产品", "重复", "拒绝", "忽略"};
    return v < IMP_VERDICTS ? labels[v] : "";
}

const char *imp_why_name(enum imp_why w)
{
    static const char *const names[WHY_COUNT] = {"", "head", "colno", "header_again", "blank",
        "total", "foot", "example", "hidden", "no_header", "persons"};
    return w < WHY_COUNT ? names[w] : "";
}

const char *imp_why_label(enum imp_why w)
{
    static const char *const labels[WHY_COUNT] = {"", "标题或表头", "列号行", "重复出现的表头",
        "空行", "合计行", "填表人或说明行", "示例行", "隐藏的工作表", "没有台账表头",
        "责任人员表，请用人员导入"};
    return w < WHY_COUNT ? labels[w] : "";
}

bool list_has(const struct word_list *l, struct str s)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->p[i], s))
            return true;
    return false;
}

/* --- word lists ---------------------------------------------------------------------------------
 */

static struct word_list list_load(struct arena *a, const struct jin *arr)
{
    struct word_list l = {arena_new(a, struct str, jin_len(arr) + 1), 0};
    for (size_t i = 0; l.p && i < jin_len(arr); i++)
        l.p[l.n++] = arena_str(a, jin_str(jin_at(arr, i)));
    return l;
}

/* "3F" or "E000-F8FF". */
static struct char_range range_parse(struct str s)
{
    char z[32] = "";
    memcpy(z, s.p ? s.p : "", s.n < sizeof z - 1 ? s.n : sizeof z - 1);
    char *end;
    struct char_range r;
    r.from = r.to = (int32_t)strtol(z, &end, 16);
    if (*end == '-')
        r.to = (int32_t)strtol(end + 1, NULL, 16);
    return r;
}

static void suspect_load(struct imp_rules *r, struct arena *a, const struct jin *arr)
{
    r->suspect = arena_new(a, struct char_range, jin_len(arr) + 1);
    for (size_t i = 0; r->suspect && i < jin_len(arr); i++)
        r->suspect[r->nsuspect++] = range_parse(jin_str(jin_at(arr, i)));
}

/* Runs over the keys named by an array of strings or the members of an object. */
static struct imp_field *field_named(struct imp_rules *r, struct str name)
{
    enum imp_key k = imp_key_of(name);
    return k >= 0 && k < IK_COUNT ? &r->fields[k] : NULL;
}

static enum err flags_load(struct imp_rules *r, const struct jin *arr, size_t off)
{
    for (size_t i = 0; i < jin_len(arr); i++) {
        struct imp_field *f = field_named(r, jin_str(jin_at(arr, i)));
        if (!f)
            return ERR_INVALID;
        *(bool *)((char *)f + off) = true;
    }
    return OK;
}

static enum err roles_load(struct imp_rules *r, const struct jin *doc)
{
    const struct jin *text = jin_get(doc, "text"), *date = jin_get(doc, "date");
    const struct {
        const struct jin *arr;
        size_t off;
    } lists[] = {
        {jin_get(text, "names"), offsetof(struct imp_field, name)},
        {jin_get(text, "persons"), offsetof(struct imp_field, person)},
        {jin_get(jin_get(doc, "missing"), "warn"), offsetof(struct imp_field, warn_missing)},
        {jin_get(date, "until"), offsetof(struct imp_field, until)},
        {jin_get(date, "past"), offsetof(struct imp_field, past)},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        enum err e = flags_load(r, lists[i].arr, lists[i].off);
        if (e)
            return e;
    }
    struct str key;
    const struct jin *v;
    for (size_t i = 0; jin_member(jin_get(date, "from"), i, &key, &v); i++) {
        struct imp_field *f = field_named(r, key);
        if (!f || !field_named(r, jin_str(v)))
            return ERR_INVALID;
        f->from = (short)imp_key_of(jin_str(v));
    }
    for (int k = 0; k < IK_COUNT; k++)
        r->fields[k].limit = jin_int(jin_get(jin_get(doc, "limits"), key_names[k]), 0);
    return OK;
}

static enum err texts_load(struct imp_rules *r, struct arena *a, const struct jin *codes)
{
    for (int c = 0; c < IMP_CODES; c++) {
        const struct jin *one = jin_get(codes, code_names[c]);
        r->codes[c].text = arena_str(a, jin_str(jin_get(one, "text")));
        r->codes[c].todo = arena_str(a, jin_str(jin_get(one, "todo")));
        if (!r->codes[c].text.p || !r->codes[c].todo.p)
            return ERR_INVALID;
    }
    return OK;
}

static enum err words_load(struct imp_rules *r, struct arena *a, const struct jin *doc)
{
    const struct jin *h = jin_get(doc, "header"), *rows = jin_get(doc, "rows");
    const struct jin *uscc = jin_get(doc, "uscc"), *number = jin_get(doc, "number");
    const struct jin *date = jin_get(doc, "date");
    r->header.first_rows = jin_int(jin_get(h, "first_rows"), 15);
    r->header.levels = jin_int(jin_get(h, "levels"), 4);
    r->header.min_fields = jin_int(jin_get(h, "min_fields"), 3);
    r->header.min_required = jin_int(jin_get(h, "min_required"), 2);
    r->header.strip = arena_str(a, jin_str(jin_get(h, "strip")));
    r->header.brackets = list_load(a, jin_get(h, "brackets"));
    r->header.persons = list_load(a, jin_get(h, "persons"));
    r->cell_errors = list_load(a, jin_get(rows, "cell_errors"));
    r->total = list_load(a, jin_get(rows, "total"));
    r->foot = list_load(a, jin_get(rows, "foot"));
    r->example = list_load(a, jin_get(rows, "example"));
    r->above = list_load(a, jin_get(rows, "above"));
    r->no_code = list_load(a, jin_get(uscc, "none"));
    r->no_code_types = list_load(a, jin_get(uscc, "none_types"));
    r->no_end = list_load(a, jin_get(date, "no_end"));
    r->suspect_revenue = jin_int(jin_get(number, "suspect_revenue"), 5000000) * 100;
    r->suspect_per_head = jin_int(jin_get(number, "suspect_per_head"), 10000) * 100;
    r->serial_min = jin_int(jin_get(date, "serial_min"), 20000);
    r->serial_max = jin_int(jin_get(date, "serial_max"), 60000);
    suspect_load(r, a, jin_get(jin_get(doc, "text"), "suspect"));
    enum err e = roles_load(r, doc);
    return e ? e : texts_load(r, a, jin_get(doc, "codes"));
}

/* --- the dictionary -----------------------------------------------------------------------------
 */

static uint64_t word_hash(struct str s)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

static void header_add(struct imp_rules *r, struct str word, short key)
{
    if (word.n == 0)
        return;
    size_t at = word_hash(word) & (r->slots - 1);
    for (size_t i = 0; i < r->slots; i++, at = (at + 1) & (r->slots - 1)) {
        if (str_eq(r->headers[at].word, word) && r->headers[at].word.n)
            return; /* the first of the dictionary stands */
        if (r->headers[at].word.n)
            continue;
        r->headers[at] = (struct header_word){word, key};
        return;
    }
}

short header_key(const struct imp_rules *r, struct str word)
{
    size_t at = word_hash(word) & (r->slots - 1);
    for (size_t i = 0; word.n && i < r->slots; i++, at = (at + 1) & (r->slots - 1)) {
        if (r->headers[at].word.n == 0)
            return -1;
        if (str_eq(r->headers[at].word, word))
            return r->headers[at].key;
    }
    return -1;
}

static enum imp_type type_of(struct str s)
{
    static const char *const names[] = {[IT_IGNORED] = "ignored",
        [IT_TEXT] = "text",
        [IT_USCC] = "uscc",
        [IT_AREA] = "area",
        [IT_CODE] = "code",
        [IT_CODES] = "codes",
        [IT_BOOL] = "bool",
        [IT_INT] = "int",
        [IT_MONEY] = "money",
        [IT_PHONE] = "phone",
        [IT_DATE] = "date",
        [IT_CERT] = "cert"};
    for (int t = IT_IGNORED; t <= IT_CERT; t++)
        if (str_eqz(s, names[t]))
            return (enum imp_type)t;
    return IT_NONE;
}

static size_t count_words(const struct jin *codes)
{
    size_t n = jin_len(codes);
    struct str key;
    const struct jin *v;
    for (size_t i = 0; jin_member(codes, i, &key, &v); i++)
        n += jin_len(v);
    return n;
}

static void word_add(struct imp_field *f, struct arena *a, struct str text, struct str value)
{
    struct str word = clean_text(a, arena_str(a, text), CLEAN_FOLD | CLEAN_NOSPACE);
    f->words[f->nwords++] = (struct code_word){word, value};
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static void codes_load(struct imp_field *f, struct arena *a, const struct jin *codes)
{
    struct buf choices;
    buf_init(&choices, 4096);
    f->words = arena_new(a, struct code_word, count_words(codes) + 1);
    struct str key;
    const struct jin *v;
    for (size_t i = 0; f->words && jin_member(codes, i, &key, &v); i++) {
        struct str value = arena_str(a, key);
        word_add(f, a, key, value);
        for (size_t k = 0; k < jin_len(v); k++)
            word_add(f, a, jin_str(jin_at(v, k)), value);
        if (all_digits(key) && key.n > f->width)
            f->width = key.n;
        struct str first = jin_str(jin_at(v, 0));
        buf_addz(&choices, i ? "、" : "");
        buf_add(&choices, (all_digits(key) || f->type == IT_BOOL) && first.n ? first : key);
    }
    f->choices = arena_str(a, buf_str(&choices));
    buf_free(&choices);
}

static void names_load(struct imp_rules *r, struct arena *a, const struct jin *one, short key)
{
    struct str label = jin_str(jin_get(one, "label")), sub = jin_str(jin_get(one, "sub"));
    struct str parts[3] = {label, sub.n ? S("-") : S(""), sub.n ? sub : S("")};
    r->fields[key].label = arena_cat(a, parts, 3);
    header_add(r, header_text(r, a, r->fields[key].label), key);
    const struct jin *aliases = jin_get(one, "aliases");
    for (size_t i = 0; i < jin_len(aliases); i++)
        header_add(r, header_text(r, a, arena_str(a, jin_str(jin_at(aliases, i)))), key);
}

/* Column names of the other ledger count as unknown here, but tell when the wrong one came. */
static void others_load(struct imp_rules *r, struct arena *a, const struct jin *one)
{
    struct str label = jin_str(jin_get(one, "label")), sub = jin_str(jin_get(one, "sub"));
    struct str parts[2] = {label, sub.n ? sub : S("")};
    header_add(r, header_text(r, a, arena_cat(a, parts, 2)), HEADER_OTHER);
}

static bool in_ledger(const struct jin *one, enum imp_kind kind)
{
    const struct jin *ledgers = jin_get(one, "ledgers");
    const char *want = kind == IMP_PRODUCTION ? "production" : "sales";
    for (size_t i = 0; i < jin_len(ledgers); i++)
        if (str_eqz(jin_str(jin_at(ledgers, i)), want))
            return true;
    return false;
}

static enum err field_load(struct imp_rules *r, struct arena *a, const struct jin *one)
{
    enum imp_key key = imp_key_of(jin_str(jin_get(one, "key")));
    enum imp_type type = type_of(jin_str(jin_get(one, "type")));
    if (key < 0 || key >= IK_COUNT || type == IT_NONE)
        return ERR_INVALID;
    if (!in_ledger(one, r->kind)) {
        others_load(r, a, one);
        return OK;
    }
    struct imp_field *f = &r->fields[key];
    f->own = jin_len(jin_get(one, "ledgers")) == 1;
    f->type = type;
    f->required = jin_bool(jin_get(one, "required"), false);
    names_load(r, a, one, (short)key);
    if (type == IT_CODE || type == IT_CODES || type == IT_BOOL)
        codes_load(f, a, jin_get(one, "codes"));
    return OK;
}

static enum err fields_load(struct imp_rules *r, struct arena *a, const struct jin *doc)
{
    const struct jin *fields = jin_get(doc, "fields");
    if (jin_len(fields) == 0)
        return ERR_INVALID;
    for (size_t i = 0; i < jin_len(fields); i++) {
        enum err e = field_load(r, a, jin_at(fields, i));
        if (e)
            return e;
    }
    return OK;
}

enum err imp_rules_load(struct arena *a, struct str dictionary, struct str rules,
    enum imp_kind kind, struct imp_rules **ret)
{
    struct imp_rules *r = arena_new(a, struct imp_rules, 1);
    if (!r)
        return ERR_NOMEM;
    r->kind = kind;
    r->slots = HEADER_SLOTS;
    r->headers = arena_new(a, struct header_word, HEADER_SLOTS);
    for (int k = 0; k < IK_COUNT; k++)
        r->fields[k].from = -1;
    const struct jin *doc;
    enum err e = jin_parse(rules, JSON_DEPTH, &doc);
    if (e)
        return e;
    e = words_load(r, a, doc);
    jin_free(doc);
    if (!e)
        e = jin_parse(dictionary, JSON_DEPTH, &doc);
    if (e)
        return e;
    e = fields_load(r, a, doc);
    jin_free(doc);
    if (!e && a->failed)
        return ERR_NOMEM;
    *ret = r;
    return e;
}
