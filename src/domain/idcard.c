/* Checks and masks of personal numbers. */
#include "domain/idcard.h"

#include "base/civil.h"
#include "base/utf8.h"
#include "domain/fold.h"

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static int number(struct str s, size_t from, size_t n)
{
    int v = 0;
    for (size_t i = from; i < from + n; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

static struct civil birth(struct str id)
{
    return (struct civil){number(id, 6, 4), number(id, 10, 2), number(id, 12, 2)};
}

static char check_char(struct str id)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (id.p[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

void idcard_normalise(struct str s, struct buf *out)
{
    fold_code(s, out);
}

enum idcard_verdict idcard_check(struct str id)
{
    if (utf8_len(id) != IDCARD_LEN)
        return IDCARD_BAD_LENGTH;
    char last = id.p[id.n - 1];
    if (id.n != IDCARD_LEN || !all_digits(str_sub(id, 0, 17)) ||
        (last != 'X' && !all_digits(str_sub(id, 17, 1))))
        return IDCARD_BAD_CHAR;
    struct civil d = birth(id);
    if (d.year < 1900 || !civil_valid(d))
        return IDCARD_BAD_BIRTH;
    return check_char(id) == last ? IDCARD_VALID : IDCARD_BAD_CHECK;
}

int64_t idcard_birth(struct str id)
{
    return civil_day(birth(id));
}

const char *idcard_text(enum idcard_verdict v)
{
    static const char *const texts[] = {
        [IDCARD_VALID] = "",
        [IDCARD_BAD_LENGTH] = "身份证号应为18位，请对照证件补全",
        [IDCARD_BAD_CHAR] = "身份证号前17位应为数字，末位为数字或X，请对照证件改正",
        [IDCARD_BAD_BIRTH] = "身份证号中的出生日期不存在，请对照证件改正",
        [IDCARD_BAD_CHECK] = "身份证号的校验码不符，请对照证件核对",
    };
    return texts[v];
}

/* Appends s with code points [from, to) starred. */
static void star(struct str s, size_t from, size_t to, struct buf *out)
{
    size_t at = 0, i = 0;
    while (at < s.n) {
        size_t was = at;
        if (utf8_next(s, &at) < 0)
            return;
        if (i >= from && i < to)
            buf_addc(out, '*');
        else
            buf_add(out, str_sub(s, was, at - was));
        i++;
    }
}

void idcard_mask(struct str id, struct buf *out)
{
    size_t n = utf8_len(id);
    star(id, n < 8 ? 0 : 3, n < 8 ? n : n - 4, out);
}

void phone_normalise(struct str s, struct buf *out)
{
    size_t from = out->n;
    fold_code(s, out);
    struct str got = str_sub(buf_str(out), from, out->n - from);
    if (out->err || got.n == 0 || got.p[0] != '1')
        return;
    size_t n = 0;
    for (size_t i = 0; i < got.n; i++)
        if (got.p[i] != '-')
            out->p[from + n++] = got.p[i];
    out->n = from + n;
}

bool phone_mobile(struct str phone)
{
    return phone.n == 11 && all_digits(phone) && phone.p[0] == '1' && phone.p[1] >= '3';
}

/* The length of the area code: 010 and 02x have three digits, the others four; 0 = none. */
static size_t area_code(struct str phone)
{
    if (phone.n < 10 || phone.p[0] != '0' || phone.p[1] == '0')
        return 0;
    return phone.p[1] == '1' || phone.p[1] == '2' ? 3 : 4;
}

static struct str local_part(struct str phone, size_t area)
{
    size_t from = area + (phone.p[area] == '-');
    return str_sub(phone, from, phone.n - from);
}

bool phone_valid(struct str phone)
{
    if (phone_mobile(phone))
        return true;
    size_t area = area_code(phone);
    if (!area || !all_digits(str_sub(phone, 0, area)))
        return false;
    struct str local = local_part(phone, area);
    return (local.n == 7 || local.n == 8) && all_digits(local);
}

void phone_mask(struct str phone, struct buf *out)
{
    size_t n = utf8_len(phone);
    if (phone_mobile(phone)) {
        star(phone, 3, 7, out);
    } else if (phone_valid(phone)) {
        size_t local = local_part(phone, area_code(phone)).n;
        star(phone, n - local, n - 3, out);
    } else {
        star(phone, 0, n < 4 ? n : n - 2, out);
    }
}

void name_mask(struct str name, struct buf *out)
{
    star(name, 1, utf8_len(name), out);
}
