/* Findings and values as people read them. */
#include "base/civil.h"
#include "base/utf8.h"
#include "domain/size.h"
#include "feature/import/imp_row.h"

enum { SHOWN_MAX = 60 }; /* code points of a cell quoted in a sentence */

static void put_shown(struct str s, struct buf *out)
{
    struct str head = utf8_prefix(s, SHOWN_MAX);
    buf_add(out, head);
    if (head.n < s.n)
        buf_addz(out, "…");
}

/* Appends a text with {label}, {value} and {extra} filled in. */
static void put_template(
    const struct imp_rules *r, const struct imp_finding *f, struct str text, struct buf *out)
{
    struct str rest = text;
    while (rest.n) {
        ptrdiff_t open = str_find(rest, S("{"));
        if (open < 0)
            break;
        buf_add(out, str_sub(rest, 0, (size_t)open));
        rest = str_sub(rest, (size_t)open, rest.n);
        if (str_starts(rest, S("{label}")))
            buf_add(out, imp_label(r, f->key));
        else if (str_starts(rest, S("{value}")))
            put_shown(f->value, out);
        else if (str_starts(rest, S("{extra}")))
            buf_add(out, f->extra);
        ptrdiff_t close = str_find(rest, S("}"));
        rest = str_sub(rest, close < 0 ? rest.n : (size_t)close + 1, rest.n);
    }
    buf_add(out, rest);
}

void imp_put_todo(const struct imp_rules *r, const struct imp_finding *f, struct buf *out)
{
    put_template(r, f, r->codes[f->code].todo, out);
}

void imp_put_reason(const struct imp_rules *r, const struct imp_finding *f, struct buf *out)
{
    put_template(r, f, r->codes[f->code].text, out);
}

void imp_put_finding(
    const struct imp_rules *r, const struct imp_finding *f, int col, uint32_t row, struct buf *out)
{
    char name[4];
    if (col >= 0 && f->key >= 0) {
        buf_add(out, (struct str){name, sheet_col_name((uint32_t)col, name)});
        buf_fmt(out, "%u ", row);
    } else {
        buf_fmt(out, "第%u行 ", row);
    }
    buf_add(out, imp_label(r, f->key));
    buf_addz(out, "：");
    imp_put_reason(r, f, out);
    buf_addz(out, "。");
    imp_put_todo(r, f, out);
}

/* --- values -------------------------------------------------------------------------------------
 */

static void put_day(int64_t day, struct buf *out)
{
    char iso[16];
    if (day == IMP_NO_END)
        buf_addz(out, "长期");
    else
        buf_add(out, (struct str){iso, civil_put_day(day, iso)});
}

static void put_number(enum ftype type, int64_t v, struct buf *out)
{
    switch (type) {
    case FT_MONEY:
        size_put_money(v, out);
        break;
    case FT_DAY:
        put_day(v, out);
        break;
    case FT_BOOL:
        buf_addz(out, v ? "是" : "否");
        break;
    default:
        buf_int(out, v);
    }
}

static void put_codes(struct str codes, struct buf *out)
{
    struct str rest = codes;
    bool first = true;
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        buf_addz(out, first ? "" : "、");
        buf_add(out, one);
        first = false;
    }
}

static void put_text_of(enum ftype type, struct str s, struct buf *out)
{
    if (type == FT_CODES)
        put_codes(s, out);
    else
        buf_add(out, s);
}

void imp_put_value(
    const struct imp_unit *u, const struct imp_product *p, enum imp_key k, struct buf *out)
{
    bool product = imp_key_product(k);
    const struct desc *d = product ? &imp_product_desc : &imp_unit_desc;
    const char *base = product ? (const char *)p : (const char *)u;
    if (k < IK_name || k >= IK_COUNT || !base)
        return;
    const struct field *f = &d->fields[product ? k - IK_applicability : k - IK_name];
    const void *at = base + f->off;
    if (field_is_text(f->type))
        put_text_of(f->type, *(const struct str *)at, out);
    else if (*(const int64_t *)at != NULL_INT)
        put_number(f->type, *(const int64_t *)at, out);
}

void imp_put_kept(enum imp_key k, struct str kept, struct buf *out)
{
    const struct field *f = &imp_unit_desc.fields[k - IK_name];
    int64_t v;
    if (field_is_text(f->type))
        put_text_of(f->type, kept, out);
    else if (str_int(kept, &v))
        put_number(f->type, v, out);
}

struct str utf8_cut(struct str s)
{
    size_t n = s.n;
    while (n > 0 && s.n - n < 4 && !utf8_valid(str_sub(s, 0, n)))
        n--;
    return str_sub(s, 0, n);
}
