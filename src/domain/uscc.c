/* Credit code arithmetic: weighted sum modulo 31 over a 31-character alphabet (GB 32100), modulo 11
 * over all 36 characters for the organisation code inside (GB 11714). */
#include "domain/uscc.h"

#include "base/utf8.h"
#include "domain/fold.h"

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int value_of(char ch)
{
    const char *hit = ch ? strchr(alphabet, ch) : NULL;
    return hit ? (int)(hit - alphabet) : -1;
}

void uscc_normalise(struct str s, struct buf *out)
{
    fold_code(s, out);
}

char uscc_check_char(struct str first17)
{
    static const int weights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    if (first17.n < 17)
        return 0;
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        int v = value_of(first17.p[i]);
        if (v < 0)
            return 0;
        sum += v * weights[i];
    }
    return alphabet[(31 - sum % 31) % 31];
}

enum uscc_verdict uscc_check(struct str code)
{
    if (utf8_len(code) != USCC_LEN)
        return USCC_BAD_LENGTH;
    for (size_t i = 0; i < code.n; i++)
        if (value_of(code.p[i]) < 0)
            return USCC_BAD_CHAR;
    return uscc_check_char(code) == code.p[17] ? USCC_VALID : USCC_BAD_CHECK;
}

static char likely(char ch)
{
    switch (ch) {
    case 'O':
        return '0';
    case 'I':
        return '1';
    case 'S':
        return '5';
    case 'Z':
        return '2';
    default:
        return ch;
    }
}

bool uscc_suggest(struct str code, char ret_code[USCC_LEN])
{
    char fixed[USCC_LEN];
    if (code.n != USCC_LEN)
        return false;
    for (size_t i = 0; i < USCC_LEN; i++)
        fixed[i] = likely(code.p[i]);
    struct str guess = {fixed, USCC_LEN};
    if (str_eq(guess, code) || uscc_check(guess) != USCC_VALID)
        return false;
    memcpy(ret_code, fixed, USCC_LEN);
    return true;
}

struct str uscc_entity(struct str code)
{
    static const struct {
        const char *prefix;
        const char *entity;
    } rows[] = {{"91", "企业"}, {"92", "个体工商户"}, {"93", "农民专业合作社"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_starts(code, str_z(rows[i].prefix)))
            return str_z(rows[i].entity);
    return STR_NULL;
}

static int org_value(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    return ch >= 'A' && ch <= 'Z' ? ch - 'A' + 10 : -1;
}

bool uscc_org_valid(struct str code)
{
    static const int weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    bool hyphen = code.n == 10 && code.p[8] == '-';
    if (code.n != 9 && !hyphen)
        return false;
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        int v = org_value(code.p[i]);
        if (v < 0)
            return false;
        sum += v * weights[i];
    }
    int check = 11 - sum % 11;
    char want = check == 10 ? 'X' : check == 11 ? '0' : (char)('0' + check);
    return code.p[code.n - 1] == want;
}

const char *uscc_text(enum uscc_verdict v)
{
    static const char *const texts[] = {
        [USCC_VALID] = "",
        [USCC_BAD_LENGTH] = "统一社会信用代码应为18位，请对照营业执照补全",
        [USCC_BAD_CHAR] =
            "统一社会信用代码含有不允许的字符（不用字母 I、O、S、V、Z），请对照营业执照改正",
        [USCC_BAD_CHECK] = "统一社会信用代码的校验码不符，请对照营业执照核对；确实无误的，确认入库"
                           "前请填写放行理由",
    };
    return texts[v];
}
