/* The JSON writer. */
#include "base/json.h"

#include "base/civil.h"
#include "base/field.h"

void jw_init(struct jw *w, struct buf *b)
{
    *w = (struct jw){.b = b};
}

static void before_value(struct jw *w)
{
    if (w->comma)
        buf_addc(w->b, ',');
    w->comma = true;
}

static void open(struct jw *w, char ch)
{
    before_value(w);
    buf_addc(w->b, ch);
    w->comma = false;
}

static void shut(struct jw *w, char ch)
{
    buf_addc(w->b, ch);
    w->comma = true;
}

void jw_obj(struct jw *w)
{
    open(w, '{');
}

void jw_end_obj(struct jw *w)
{
    shut(w, '}');
}

void jw_arr(struct jw *w)
{
    open(w, '[');
}

void jw_end_arr(struct jw *w)
{
    shut(w, ']');
}

static void escaped(struct buf *b, unsigned char ch)
{
    static const char hex[] = "0123456789abcdef";
    static const char shortcut[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    buf_addc(b, '\\');
    if (ch == '"' || ch == '\\') {
        buf_addc(b, (char)ch);
    } else if (ch < 32 && shortcut[ch]) {
        buf_addc(b, shortcut[ch]);
    } else {
        buf_addz(b, "u00");
        buf_addc(b, hex[ch >> 4]);
        buf_addc(b, hex[ch & 15]);
    }
}

static void quoted(struct buf *b, struct str s)
{
    buf_addc(b, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        if (ch >= 32 && ch != '"' && ch != '\\' && ch != 127)
            continue;
        buf_add(b, str_sub(s, from, i - from));
        escaped(b, ch);
        from = i + 1;
    }
    buf_add(b, str_sub(s, from, s.n - from));
    buf_addc(b, '"');
}

void jw_key_str(struct jw *w, struct str key)
{
    before_value(w);
    quoted(w->b, key);
    buf_addc(w->b, ':');
    w->comma = false;
}

void jw_key(struct jw *w, const char *key)
{
    jw_key_str(w, str_z(key));
}

void jw_str(struct jw *w, struct str s)
{
    if (!s.p) {
        jw_null(w);
        return;
    }
    before_value(w);
    quoted(w->b, s);
}

void jw_strz(struct jw *w, const char *z)
{
    jw_str(w, str_z(z));
}

void jw_int(struct jw *w, int64_t v)
{
    if (v == NULL_INT) {
        jw_null(w);
        return;
    }
    before_value(w);
    buf_int(w->b, v);
}

void jw_bool(struct jw *w, bool v)
{
    before_value(w);
    buf_addz(w->b, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
    before_value(w);
    buf_addz(w->b, "null");
}

void jw_raw(struct jw *w, struct str json)
{
    if (str_empty(json)) {
        jw_null(w);
        return;
    }
    before_value(w);
    buf_add(w->b, json);
}

void jw_money(struct jw *w, int64_t v)
{
    if (v == NULL_INT) {
        jw_null(w);
        return;
    }
    before_value(w);
    int64_t frac = v % 100 < 0 ? -(v % 100) : v % 100;
    if (v < 0 && v > -100)
        buf_addc(w->b, '-');
    buf_int(w->b, v / 100);
    if (frac == 0)
        return;
    buf_addc(w->b, '.');
    buf_addc(w->b, (char)('0' + frac / 10));
    if (frac % 10)
        buf_addc(w->b, (char)('0' + frac % 10));
}

void jw_day(struct jw *w, int64_t day)
{
    char tmp[16];
    if (day == NULL_INT)
        jw_null(w);
    else
        jw_str(w, (struct str){tmp, civil_put_day(day, tmp)});
}

void jw_time(struct jw *w, int64_t ms)
{
    char tmp[32];
    if (ms == NULL_INT)
        jw_null(w);
    else
        jw_str(w, (struct str){tmp, civil_put_time(ms, tmp)});
}
