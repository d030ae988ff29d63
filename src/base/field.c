/* Generic walks over described structs. */
#include "base/field.h"

#include "base/civil.h"

const struct desc none_desc = {"none", sizeof(struct none), NULL, 0};

int desc_find(const struct desc *d, struct str name)
{
    for (size_t i = 0; i < d->n; i++)
        if (str_eqz(name, d->fields[i].name))
            return (int)i;
    return -1;
}

int64_t *field_int(const struct desc *d, void *s, size_t i)
{
    return (int64_t *)((char *)s + d->fields[i].off);
}

struct str *field_str(const struct desc *d, void *s, size_t i)
{
    return (struct str *)((char *)s + d->fields[i].off);
}

struct vec *field_vec(const struct desc *d, void *s, size_t i)
{
    return (struct vec *)((char *)s + d->fields[i].off);
}

bool field_is_text(enum ftype t)
{
    return t == FT_STR || t == FT_CODE || t == FT_CODES || t == FT_JSON || t == FT_BLOB;
}

void desc_clear(const struct desc *d, void *s)
{
    memset(s, 0, d->size);
    for (size_t i = 0; i < d->n; i++)
        if (!field_is_text(d->fields[i].type) && d->fields[i].type != FT_LIST)
            *field_int(d, s, i) = NULL_INT;
}

static void codes_json(struct str codes, struct jw *w)
{
    jw_arr(w);
    struct str rest = codes;
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        jw_str(w, one);
    }
    jw_end_arr(w);
}

static void list_json(const struct desc *sub, const struct vec *v, struct jw *w)
{
    jw_arr(w);
    for (size_t i = 0; i < v->n; i++)
        desc_json(sub, (const char *)v->p + i * sub->size, w);
    jw_end_arr(w);
}

void field_json(const struct desc *d, const void *s, size_t i, struct jw *w)
{
    const struct field *f = &d->fields[i];
    void *m = (char *)s + f->off;
    switch (f->type) {
    case FT_INT:
        jw_int(w, *(int64_t *)m);
        break;
    case FT_BOOL:
        if (*(int64_t *)m == NULL_INT)
            jw_null(w);
        else
            jw_bool(w, *(int64_t *)m != 0);
        break;
    case FT_MONEY:
        jw_money(w, *(int64_t *)m);
        break;
    case FT_DAY:
        jw_day(w, *(int64_t *)m);
        break;
    case FT_TIME:
        jw_time(w, *(int64_t *)m);
        break;
    case FT_STR:
    case FT_CODE:
        jw_str(w, *(struct str *)m);
        break;
    case FT_CODES:
        codes_json(*(struct str *)m, w);
        break;
    case FT_JSON:
        jw_raw(w, *(struct str *)m);
        break;
    case FT_LIST:
        list_json(f->sub, m, w);
        break;
    case FT_BLOB:
        jw_null(w);
        break;
    }
}

void desc_json(const struct desc *d, const void *s, struct jw *w)
{
    jw_obj(w);
    for (size_t i = 0; i < d->n; i++) {
        if (d->fields[i].flags & F_SECRET || d->fields[i].type == FT_BLOB)
            continue;
        jw_key(w, d->fields[i].name);
        field_json(d, s, i, w);
    }
    jw_end_obj(w);
}

void field_text(const struct desc *d, const void *s, size_t i, struct buf *b)
{
    const struct field *f = &d->fields[i];
    const void *m = (const char *)s + f->off;
    if (field_is_text(f->type)) {
        buf_add(b, *(const struct str *)m);
        return;
    }
    int64_t v = f->type == FT_LIST ? NULL_INT : *(const int64_t *)m;
    if (v == NULL_INT)
        return;
    char tmp[32];
    struct jw w;
    switch (f->type) {
    case FT_MONEY:
        jw_init(&w, b);
        jw_money(&w, v);
        break;
    case FT_DAY:
        buf_add(b, (struct str){tmp, civil_put_day(v, tmp)});
        break;
    case FT_TIME:
        buf_add(b, (struct str){tmp, civil_put_time(v, tmp)});
        break;
    case FT_BOOL:
        buf_addz(b, v ? "是" : "否");
        break;
    default:
        buf_int(b, v);
    }
}

static void put_be(char *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (char)(v >> (8 * (n - 1 - i)));
}

static void canon_int(int64_t v, struct buf *b)
{
    char out[9] = {0};
    if (v != NULL_INT) {
        out[0] = 1;
        put_be(out + 1, (uint64_t)v, 8);
    }
    buf_add(b, (struct str){out, v == NULL_INT ? 1 : 9});
}

static void canon_str(struct str s, struct buf *b)
{
    char out[5] = {0};
    if (s.p) {
        out[0] = 1;
        put_be(out + 1, s.n, 4);
    }
    buf_add(b, (struct str){out, s.p ? 5 : 1});
    if (s.p)
        buf_add(b, s);
}

static bool absent(const struct field *f, const void *member)
{
    if (field_is_text(f->type))
        return !((const struct str *)member)->p;
    return *(const int64_t *)member == NULL_INT;
}

void desc_canon(const struct desc *d, const void *s, struct buf *b)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct field *f = &d->fields[i];
        const void *m = (const char *)s + f->off;
        if (f->type == FT_LIST || (f->flags & F_LATE && absent(f, m)))
            continue;
        if (f->flags & F_LATE)
            canon_str(str_z(f->name), b);
        buf_addc(b, (char)f->type);
        if (field_is_text(f->type))
            canon_str(*(const struct str *)m, b);
        else
            canon_int(*(const int64_t *)m, b);
    }
}

void desc_merge(const struct desc *from, const void *in, const struct desc *to, void *row)
{
    for (size_t i = 0; i < from->n; i++) {
        const struct field *f = &from->fields[i];
        int j = desc_find(to, str_z(f->name));
        if (j < 0 || f->flags & F_PATH || to->fields[j].type != f->type)
            continue;
        const void *src = (const char *)in + f->off;
        void *dst = (char *)row + to->fields[j].off;
        if (field_is_text(f->type) && ((const struct str *)src)->p)
            *(struct str *)dst = *(const struct str *)src;
        else if (!field_is_text(f->type) && *(const int64_t *)src != NULL_INT)
            *(int64_t *)dst = *(const int64_t *)src;
    }
}
