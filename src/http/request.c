/* Targets, cookies, origins, addresses. */
#include "http/request.h"

#include <strings.h>

#include "base/utf8.h"

static bool same(struct str a, const char *b)
{
    return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

static int digit(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    ch = (char)(ch | 32);
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

struct str percent_decode(struct arena *a, struct str s, bool plus)
{
    char *out = arena_alloc(a, s.n + 1);
    if (!out)
        return STR_NULL;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char ch = plus && s.p[i] == '+' ? ' ' : s.p[i];
        if (ch == '%') {
            int hi = i + 2 < s.n ? digit(s.p[i + 1]) : -1;
            int lo = i + 2 < s.n ? digit(s.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return STR_NULL;
            ch = (char)(hi * 16 + lo);
            i += 2;
        }
        out[n++] = ch;
    }
    return (struct str){out, n};
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 32 || s.p[i] == 127)
            return true;
    return false;
}

/* An escape that decodes to '/' or '\' would make a path mean two things. */
static bool hides_slash(struct str raw)
{
    for (size_t i = 0; i + 2 < raw.n; i++) {
        int v = raw.p[i] == '%' ? digit(raw.p[i + 1]) * 16 + digit(raw.p[i + 2]) : 0;
        if (v == '/' || v == '\\')
            return true;
    }
    return str_find(raw, S("\\")) >= 0;
}

static bool dotted(struct str path)
{
    while (path.p) {
        struct str seg = str_cut(path, '/', &path);
        if (str_eq(seg, S(".")) || str_eq(seg, S("..")))
            return true;
    }
    return false;
}

static enum err parse_path(struct arena *a, struct str raw, struct str *ret)
{
    if (raw.n == 0 || raw.p[0] != '/' || hides_slash(raw))
        return ERR_BAD_REQUEST;
    struct str path = percent_decode(a, raw, false);
    if (!path.p)
        return a->failed ? ERR_NOMEM : ERR_BAD_REQUEST;
    if (has_control(path) || dotted(path) || !utf8_valid(path))
        return ERR_BAD_REQUEST;
    *ret = path;
    return OK;
}

enum err pair_decode(struct arena *a, struct str raw, struct pair *ret)
{
    struct str value, name = str_cut(raw, '=', &value);
    ret->name = percent_decode(a, name, true);
    ret->value = percent_decode(a, value.p ? value : S(""), true);
    if (!ret->name.p || !ret->value.p)
        return a->failed ? ERR_NOMEM : ERR_BAD_REQUEST;
    bool nul = memchr(ret->value.p, 0, ret->value.n) != NULL;
    if (nul || has_control(ret->name) || !utf8_valid(ret->name) || !utf8_valid(ret->value))
        return ERR_BAD_REQUEST;
    return OK;
}

static enum err parse_query(struct arena *a, struct str raw, struct target *t)
{
    t->query = arena_new(a, struct pair, QUERY_MAX);
    if (!t->query)
        return ERR_NOMEM;
    while (raw.n) {
        struct str one = str_cut(raw, '&', &raw);
        if (one.n == 0)
            continue;
        if (t->query_n == QUERY_MAX)
            return ERR_BAD_REQUEST;
        enum err e = pair_decode(a, one, &t->query[t->query_n++]);
        if (e)
            return e;
    }
    return OK;
}

enum err target_parse(struct arena *a, struct str raw, struct target *ret)
{
    struct target t = {0};
    struct str query;
    enum err e = parse_path(a, str_cut(raw, '?', &query), &t.path);
    if (!e && query.n)
        e = parse_query(a, query, &t);
    if (!e)
        *ret = t;
    return e;
}

bool method_parse(struct str name, enum method *ret)
{
    if (str_eq(name, S("HEAD"))) {
        *ret = GET;
        return true;
    }
    for (int m = GET; m <= DELETE; m++)
        if (str_eqz(name, method_name((enum method)m))) {
            *ret = (enum method)m;
            return true;
        }
    return false;
}

struct str cookie_get(struct str header, const char *name)
{
    while (header.n) {
        struct str value, one = str_trim(str_cut(header, ';', &header));
        struct str key = str_cut(one, '=', &value);
        if (value.p && str_eqz(key, name))
            return value;
    }
    return STR_NULL;
}

struct str token_get(const struct exchange *x, const char *cookie, bool *ret_cookie)
{
    struct str auth = header_get(x, "Authorization");
    *ret_cookie = false;
    if (auth.n > 7 && strncasecmp(auth.p, "Bearer ", 7) == 0)
        return str_trim(str_sub(auth, 7, auth.n));
    *ret_cookie = true;
    return cookie_get(header_get(x, "Cookie"), cookie);
}

static bool same_host(struct str origin, struct str host)
{
    ptrdiff_t at = str_find(origin, S("://"));
    struct str where = str_sub(origin, at < 0 ? origin.n : (size_t)at + 3, origin.n);
    return at > 0 && where.n && where.n == host.n && strncasecmp(where.p, host.p, host.n) == 0;
}

bool origin_good(const struct exchange *x)
{
    struct str site = header_get(x, "Sec-Fetch-Site"), origin = header_get(x, "Origin");
    if (site.p && !same(site, "same-origin") && !same(site, "none"))
        return false;
    return !origin.p || same_host(origin, header_get(x, "Host"));
}

static bool behind(const struct exchange *x, const char *proxy)
{
    return proxy && str_eqz(x->ip, proxy);
}

static bool is_address(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (digit(s.p[i]) < 0 && s.p[i] != '.' && s.p[i] != ':')
            return false;
    return s.n >= 2 && s.n <= 45;
}

struct str client_ip(const struct exchange *x, const char *proxy)
{
    struct str list = behind(x, proxy) ? header_get(x, "X-Forwarded-For") : STR_NULL;
    struct str last = STR_NULL;
    while (list.n)
        last = str_trim(str_cut(list, ',', &list));
    return is_address(last) ? last : x->ip;
}

bool media_is(struct str content_type, const char *type)
{
    struct str rest;
    return same(str_trim(str_cut(content_type, ';', &rest)), type);
}

/* Cuts one parameter off, minding quotes. */
static struct str cut_param(struct str *rest)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < rest->n && (quoted || rest->p[i] != ';'); i++) {
        if (rest->p[i] == '\\' && quoted)
            i++;
        else if (rest->p[i] == '"')
            quoted = !quoted;
    }
    struct str one = str_sub(*rest, 0, i);
    *rest = i < rest->n ? str_sub(*rest, i + 1, rest->n) : STR_NULL;
    return str_trim(one);
}

struct str media_param(struct str content_type, const char *name)
{
    (void)cut_param(&content_type);
    while (content_type.n) {
        struct str value, one = cut_param(&content_type);
        struct str key = str_trim(str_cut(one, '=', &value));
        value = str_trim(value);
        if (!value.p || !same(key, name))
            continue;
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            return str_sub(value, 1, value.n - 2);
        return value;
    }
    return STR_NULL;
}

struct str file_name_clean(struct arena *a, struct str name)
{
    if (!name.p || !utf8_valid(name))
        return STR_NULL;
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') {
            name = str_sub(name, i, name.n);
            break;
        }
    name = str_trim(utf8_prefix(name, 120));
    if (name.n == 0 || has_control(name) || str_eq(name, S(".")) || str_eq(name, S("..")))
        return STR_NULL;
    return arena_str(a, name);
}

struct str disposition_name(struct arena *a, struct str value)
{
    struct str ext = media_param(value, "filename*");
    if (ext.n > 7 && strncasecmp(ext.p, "UTF-8''", 7) == 0)
        return file_name_clean(a, percent_decode(a, str_sub(ext, 7, ext.n), false));
    struct str plain = media_param(value, "filename");
    return plain.p ? file_name_clean(a, plain) : STR_NULL;
}
