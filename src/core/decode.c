/* Decoding and validation by descriptor. */
#include "core/decode.h"

#include "base/civil.h"
#include "base/utf8.h"
#include "core/codes.h"

enum { TEXT_MAX = 2000, LIST_MAX = 1000, CODES_MAX = 1 << 16 };
#define INT_MAX_JSON 9007199254740991LL

/* Where a field stands: inside a row of a list, or (up NULL) under the prefix given. The name is
 * put together for a complaint only. */
struct around {
    const struct around *up;
    struct str prefix;
    const char *list;
    size_t row;
};

struct place {
    struct ctx *c;
    const struct field *f;
    const struct around *in;
};

static struct str prefix_of(struct ctx *c, const struct around *in)
{
    if (!in->up)
        return in->prefix;
    struct str up = prefix_of(c, in->up);
    return arena_fmt(c->a, "%.*s%s.%zu.", STR_ARG(up), in->list, in->row);
}

static struct str name_in(struct ctx *c, const struct around *in, struct str name)
{
    struct str parts[2] = {prefix_of(c, in), name};
    return arena_cat(c->a, parts, 2);
}

static struct str name_of(const struct place *at)
{
    return name_in(at->c, at->in, str_z(at->f->name));
}

static bool wrong(const struct place *at, const char *code, const char *text)
{
    complain(at->c, name_of(at), code, "%s：%s", at->f->label, text);
    return false;
}

static bool check_chars(const struct place *at, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool line = ch == '\n' || ch == '\r' || ch == '\t';
        if (ch == 127 || (ch < 32 && !(line && at->f->flags & F_LINES)))
            return wrong(at, "control", "含有不能保存的控制字符，请删去后重试");
    }
    return true;
}

static bool check_len(const struct place *at, struct str s)
{
    int64_t max = at->f->max ? at->f->max : TEXT_MAX;
    if (at->f->type == FT_JSON && !at->f->max)
        max = 1 << 20;
    if ((int64_t)utf8_len(s) <= max)
        return true;
    complain(at->c, name_of(at), "too_long", "%s：最多 %lld 个字，现在有 %zu 个，请缩短",
        at->f->label, (long long)max, utf8_len(s));
    return false;
}

/* A list named none is checked by the operation itself (areas, for one). */
static bool closed_list(const struct field *f)
{
    return f->codes && strcmp(f->codes, "none") != 0;
}

static bool set_text(const struct place *at, struct str *to, struct str s)
{
    s = str_trim(s);
    if (!utf8_valid(s))
        return wrong(at, "utf8", "不是有效的文字编码（UTF-8）");
    if (!check_chars(at, s) || !check_len(at, s))
        return false;
    if (at->f->type == FT_CODE && s.n && closed_list(at->f) &&
        !code_known(at->c, at->f->codes, s)) {
        complain(at->c, name_of(at), "code", "%s：“%.*s”不在可选范围内，请从列表中选择",
            at->f->label, STR_ARG(utf8_prefix(s, 20)));
        return false;
    }
    *to = s.n ? arena_str(at->c->a, s) : STR_NULL;
    return true;
}

/* Each code as it is known, without the blanks around it. */
static bool add_codes(const struct place *at, struct buf *b, struct str joined)
{
    struct str rest = joined;
    while (rest.n) {
        struct str one = str_trim(str_cut(rest, ',', &rest));
        if (closed_list(at->f) && !code_known(at->c, at->f->codes, one)) {
            complain(at->c, name_of(at), "code", "%s：“%.*s”不在可选范围内，请从列表中选择",
                at->f->label, STR_ARG(utf8_prefix(one, 20)));
            return false;
        }
        if (b->n)
            buf_addc(b, ',');
        buf_add(b, one);
    }
    return true;
}

static bool set_codes(const struct place *at, struct str *to, struct str joined)
{
    struct buf b;
    buf_init(&b, CODES_MAX);
    bool good = add_codes(at, &b, joined);
    if (good && b.err) {
        at->c->a->failed |= b.err == ERR_NOMEM;
        good = wrong(at, "too_long", "选项太多，请减少");
    }
    if (good)
        *to = b.n ? arena_str(at->c->a, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return good;
}

static bool set_int(const struct place *at, int64_t *to, int64_t v)
{
    int64_t max = at->f->max ? at->f->max : INT_MAX_JSON;
    if (v < 0 && !(at->f->flags & F_NEG))
        return wrong(at, "range", "不能是负数");
    if (v > max || v < -max)
        return wrong(at, "range", "数值太大，请核对单位");
    *to = v;
    return true;
}

bool money_parse(struct str text, int64_t *ret_v)
{
    struct str frac;
    struct str whole = str_cut(text, '.', &frac);
    int64_t w, f = 0;
    if (!str_int(whole, &w) || (frac.p && (frac.n == 0 || frac.n > 2 || frac.p[0] == '-')))
        return false;
    if (frac.p && !str_int(frac, &f))
        return false;
    if (frac.n == 1)
        f *= 10;
    if (whole.p[0] == '-')
        f = -f;
    if (__builtin_mul_overflow(w, 100, &w) || __builtin_add_overflow(w, f, &w))
        return false;
    *ret_v = w;
    return true;
}

static bool parse_bool(struct str t, int64_t *to)
{
    static const char *const yes[] = {"true", "1", "是"}, *const no[] = {"false", "0", "否"};
    for (size_t i = 0; i < 3; i++) {
        if (str_eqz(t, yes[i]))
            *to = 1;
        else if (str_eqz(t, no[i]))
            *to = 0;
        else
            continue;
        return true;
    }
    return false;
}

static bool set_scalar(const struct place *at, void *member, struct str t)
{
    int64_t v = 0;
    switch (at->f->type) {
    case FT_INT:
        return str_int(t, &v) ? set_int(at, member, v) : wrong(at, "type", "应填整数");
    case FT_MONEY:
        return money_parse(t, &v) ? set_int(at, member, v)
                                  : wrong(at, "type", "应填数字，最多两位小数（万元）");
    case FT_BOOL:
        if (!parse_bool(t, &v))
            return wrong(at, "type", "应填是或否");
        break;
    case FT_DAY:
        if (!civil_parse_day(t, &v))
            return wrong(at, "type", "应填日期，如 2026-11-02");
        break;
    default:
        if (!civil_parse_time(t, &v))
            return wrong(at, "type", "应填时间，如 2026-11-02T09:00:00+08:00");
    }
    *(int64_t *)member = v;
    return true;
}

static bool set_from_text(const struct place *at, void *member, struct str text)
{
    if (at->f->type == FT_CODES)
        return set_codes(at, member, text);
    if (field_is_text(at->f->type))
        return set_text(at, member, text);
    struct str t = str_trim(text);
    return t.n == 0 || set_scalar(at, member, t);
}

bool decode_text(struct ctx *c, const struct desc *d, void *s, size_t i, struct str text)
{
    struct around top = {.prefix = S("")};
    struct place at = {c, &d->fields[i], &top};
    return set_from_text(&at, (char *)s + d->fields[i].off, text);
}

static bool codes_from_json(const struct place *at, struct str *to, const struct jin *v)
{
    struct buf b;
    buf_init(&b, CODES_MAX);
    bool good = jin_type(v) == JIN_ARR;
    for (size_t i = 0; good && i < jin_len(v); i++) {
        struct str one = jin_str(jin_at(v, i));
        good = one.n && str_find(one, S(",")) < 0;
        if (i)
            buf_addc(&b, ',');
        buf_add(&b, one);
    }
    at->c->a->failed |= b.err == ERR_NOMEM;
    if (good && b.err)
        good = wrong(at, "too_long", "选项太多，请减少");
    else
        good = good ? set_codes(at, to, buf_str(&b)) : wrong(at, "type", "应是若干选项的列表");
    buf_free(&b);
    return good;
}

static void decode_object(
    struct ctx *c, const struct desc *d, void *s, const struct jin *obj, const struct around *in);

static bool list_from_json(const struct place *at, struct vec *to, const struct jin *v)
{
    size_t n = jin_len(v);
    size_t max = at->f->max ? (size_t)at->f->max : LIST_MAX;
    const struct desc *sub = at->f->sub;
    if (jin_type(v) != JIN_ARR)
        return wrong(at, "type", "应是列表");
    if (n > max)
        return wrong(at, "too_long", "条数太多，请分次提交");
    char *rows = arena_array(at->c->a, sub->size, n ? n : 1);
    if (!rows)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct around row = {.up = at->in, .list = at->f->name, .row = i};
        desc_clear(sub, rows + i * sub->size);
        decode_object(at->c, sub, rows + i * sub->size, jin_at(v, i), &row);
    }
    *to = (struct vec){rows, n};
    return true;
}

static bool number_from_json(const struct place *at, void *member, const struct jin *v)
{
    if (at->f->type == FT_BOOL) {
        if (jin_type(v) != JIN_BOOL)
            return wrong(at, "type", "应是 true 或 false");
        *(int64_t *)member = jin_bool(v, false);
        return true;
    }
    if (at->f->type == FT_INT) {
        int64_t n = jin_int(v, NULL_INT);
        return n == NULL_INT ? wrong(at, "type", "应填整数") : set_int(at, member, n);
    }
    if (at->f->type == FT_MONEY) {
        struct str t = jin_number_text(v);
        return t.p ? set_scalar(at, member, t)
                   : wrong(at, "type", "应填数字，最多两位小数（万元）");
    }
    struct str t = jin_str(v);
    return t.p ? set_from_text(at, member, t) : wrong(at, "type", "应填日期，如 2026-11-02");
}

static bool member_from_json(const struct place *at, void *member, const struct jin *v)
{
    switch (at->f->type) {
    case FT_STR:
    case FT_CODE:
        if (jin_type(v) != JIN_STR)
            return wrong(at, "type", "应是文字");
        return set_text(at, member, jin_str(v));
    case FT_CODES:
        return codes_from_json(at, member, v);
    case FT_JSON: {
        struct str text = jin_text(v);
        *(struct str *)member = arena_str(at->c->a, text);
        return check_len(at, text);
    }
    case FT_LIST:
        return list_from_json(at, member, v);
    case FT_BLOB:
        return wrong(at, "unknown", "不能由外部填写");
    default:
        return number_from_json(at, member, v);
    }
}

struct decode {
    struct ctx *c;
    const struct desc *d;
    char *s;
    const struct around *in;
};

static void one_member(struct decode *x, struct str key, const struct jin *v)
{
    int i = desc_find(x->d, key);
    if (i < 0 || x->d->fields[i].flags & (F_OUT | F_PATH | F_QUERY)) {
        struct str name = name_in(x->c, x->in, key);
        complain(
            x->c, name, "unknown", "不认识或不能填写的内容：%.*s", STR_ARG(utf8_prefix(name, 60)));
        return;
    }
    struct place at = {x->c, &x->d->fields[i], x->in};
    if (jin_type(v) != JIN_NONE && jin_type(v) != JIN_NULL)
        (void)member_from_json(&at, x->s + x->d->fields[i].off, v);
}

static void require(struct ctx *c, const struct desc *d, const void *s, const struct around *in);

static void decode_object(
    struct ctx *c, const struct desc *d, void *s, const struct jin *obj, const struct around *in)
{
    if (jin_type(obj) != JIN_OBJ) {
        complain(c, prefix_of(c, in), "type", "应是一组“名称：值”");
        return;
    }
    struct decode x = {c, d, s, in};
    struct str key;
    const struct jin *v;
    for (size_t i = 0; c->problem_count <= PROBLEMS_MAX && jin_member(obj, i, &key, &v); i++)
        one_member(&x, key, v);
    require(c, d, s, in);
}

void decode_json(
    struct ctx *c, const struct desc *d, void *s, const struct jin *obj, struct str prefix)
{
    struct around top = {.prefix = prefix};
    decode_object(c, d, s, obj, &top);
}

static bool absent(const struct field *f, const void *member)
{
    if (f->type == FT_LIST)
        return ((const struct vec *)member)->n == 0;
    if (field_is_text(f->type))
        return ((const struct str *)member)->n == 0;
    return *(const int64_t *)member == NULL_INT;
}

static bool told(struct ctx *c, struct str name)
{
    for (const struct problem *p = c->problems; p; p = p->next)
        if (str_eq(p->field, name))
            return true;
    return false;
}

static void require(struct ctx *c, const struct desc *d, const void *s, const struct around *in)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct field *f = &d->fields[i];
        if (!(f->flags & F_REQ) || !absent(f, (const char *)s + f->off))
            continue;
        struct place at = {c, f, in};
        if (!told(c, name_of(&at)))
            (void)wrong(&at, "required", "必须填写");
    }
}

void decode_required(struct ctx *c, const struct desc *d, const void *s, struct str prefix)
{
    struct around top = {.prefix = prefix};
    require(c, d, s, &top);
}
