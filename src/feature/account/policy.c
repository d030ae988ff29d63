/* What a login and a password may be (security.md §8, profile dengbao3).
 *
 * Method for guessable passwords: common words (data/passwords_common.txt) and the person's own
 * names are struck out of the lower-cased password wherever they stand, also in the spelling that
 * writes letters as digits; what remains must still be REST_MIN characters. So "Password2026!" and
 * "Wenshui-2026" fall, and a sentence that happens to hold a common word does not. */
#include "feature/account/account_impl.h"

#include "base/shipped.h"
#include "base/utf8.h"
#include "core/template.h"

enum { REST_MIN = 6, KINDS_MIN = 3, VARIETY_MIN = 6, WORD_MIN = 4, PASSWORD_MAX = 800 };

/* --- logins -------------------------------------------------------------------------------------
 */

static bool login_char(char ch, bool first)
{
    bool plain = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
    return plain || (!first && (ch == '.' || ch == '_' || ch == '-'));
}

static char lower(char ch)
{
    return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
}

static bool login_fold(struct ctx *c, struct str typed, struct str *ret)
{
    char text[40];
    if (typed.n < 2 || typed.n > sizeof text)
        return false;
    for (size_t i = 0; i < typed.n; i++) {
        text[i] = lower(typed.p[i]);
        if (!login_char(text[i], i == 0))
            return false;
    }
    *ret = keep(c, (struct str){text, typed.n});
    return ret->p != NULL;
}

static enum err login_taken(struct ctx *c, struct str login, bool *ret)
{
    struct q q;
    int64_t id;
    q_begin(&q, c->db, SQL_account_id_of);
    q_str(&q, "login", login);
    enum err e = q_one_int(&q, &id);
    *ret = e == OK || str_eqz(login, "system");
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

enum err login_read(struct ctx *c, const char *field, struct str typed, struct str *ret)
{
    bool taken = false;
    if (!login_fold(c, typed, ret)) {
        complain(c, str_z(field), "login",
            "账号：用 2 到 40 个小写字母、数字或 . _ - ，以字母或数字开头");
        return OK;
    }
    enum err e = login_taken(c, *ret, &taken);
    if (!e && taken)
        complain(c, str_z(field), "taken", "账号：已经有人用过，请换一个（停用的账号也不再分配）");
    return e;
}

/* --- passwords ----------------------------------------------------------------------------------
 */

struct folded {
    char plain[PASSWORD_MAX]; /* lower case */
    char leet[PASSWORD_MAX];  /* and digits and signs read as the letters they stand for */
    bool struck[PASSWORD_MAX];
    size_t n;
};

static char letter_for(char ch)
{
    static const char signs[] = "@401!|35$7", letters[] = "aaoiiiesst";
    const char *at = ch ? strchr(signs, ch) : NULL;
    return at ? letters[at - signs] : ch;
}

static void fold(struct str s, struct folded *f)
{
    f->n = s.n < PASSWORD_MAX ? s.n : PASSWORD_MAX;
    for (size_t i = 0; i < f->n; i++) {
        f->plain[i] = lower(s.p[i]);
        f->leet[i] = letter_for(f->plain[i]);
        f->struck[i] = false;
    }
}

static void strike(struct folded *f, struct str word)
{
    for (size_t at = 0; word.n && at + word.n <= f->n; at++)
        if (memcmp(f->plain + at, word.p, word.n) == 0 || memcmp(f->leet + at, word.p, word.n) == 0)
            memset(f->struck + at, true, word.n);
}

static void strike_own(struct folded *f, struct str name)
{
    struct folded own;
    fold(name, &own);
    struct str word = {own.plain, own.n};
    if (utf8_len(name) >= 2)
        strike(f, word);
}

static void strike_common(struct folded *f)
{
    const struct shipped *list = shipped_find("passwords_common.txt");
    struct str rest = list ? list->body : S("");
    while (rest.n) {
        struct str word = str_cut(rest, '\n', &rest);
        if (word.n >= WORD_MIN && word.p[0] != '#')
            strike(f, word);
    }
}

/* Code points that no word covers. */
static size_t rest_of(const struct folded *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        if (!f->struck[i] && ((unsigned char)f->plain[i] & 0xC0) != 0x80)
            n++;
    return n;
}

static int kinds_of(struct str s)
{
    bool small = false, big = false, digit = false, other = false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        small = small || (ch >= 'a' && ch <= 'z');
        big = big || (ch >= 'A' && ch <= 'Z');
        digit = digit || (ch >= '0' && ch <= '9');
        other = other ||
                !((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9'));
    }
    return small + big + digit + other;
}

static int variety_of(struct str s)
{
    bool seen[256] = {false};
    int n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += !seen[(unsigned char)s.p[i]];
        seen[(unsigned char)s.p[i]] = true;
    }
    return n;
}

static bool holds_login(struct str password, struct str login)
{
    struct folded f, own;
    fold(password, &f);
    fold(login, &own);
    return own.n >= 3 && str_find((struct str){f.plain, f.n}, (struct str){own.plain, own.n}) >= 0;
}

static void judge_words(
    struct ctx *c, struct str field, struct str password, const struct str *words, size_t n)
{
    struct folded f;
    fold(password, &f);
    strike_common(&f);
    for (size_t i = 0; i < n; i++)
        strike_own(&f, words[i]);
    if (n && holds_login(password, words[0]))
        complain(c, field, "login_inside", "密码：不能包含账号");
    else if (rest_of(&f) < REST_MIN)
        complain(
            c, field, "common", "密码：除去常见词、姓名和单位名称后太短，容易被猜到，请换一个");
}

enum err password_judge(
    struct ctx *c, const char *field, struct str password, const struct str *words, size_t n)
{
    struct str at = str_z(field);
    int64_t min = setting_int(c->app, "password_min_chars", 12);
    size_t len = utf8_len(password);
    if ((int64_t)len < min)
        complain(c, at, "too_short", "密码：至少 %lld 个字，现在有 %zu 个", (long long)min, len);
    if (kinds_of(password) < KINDS_MIN)
        complain(c, at, "kinds", "密码：大写字母、小写字母、数字、符号四类中至少用三类");
    if ((int64_t)len >= min && variety_of(password) < VARIETY_MIN)
        complain(c, at, "repeated", "密码：重复的字太多，请换一个");
    else if ((int64_t)len >= min)
        judge_words(c, at, password, words, n);
    return checked(c);
}

/* --- one-time passwords -------------------------------------------------------------------------
 */

static char once_char(void)
{
    static const char alphabet[] = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
    enum { N = sizeof alphabet - 1, LIMIT = 256 - 256 % N };
    unsigned char byte;
    do
        rand_bytes(&byte, 1);
    while (byte >= LIMIT);
    return alphabet[byte % N];
}

struct str password_once(struct ctx *c)
{
    char text[19];
    struct str s = {text, sizeof text};
    do {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = i % 5 == 4 ? '-' : once_char();
    } while (kinds_of(s) < 4);
    return keep(c, s);
}
