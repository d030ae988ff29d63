/* Heads of answers. */
#include "http/response.h"

#include <stdio.h>

#include "base/buf.h"
#include "core/standby.h"

#define PAGE_POLICY                                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "        \
    "font-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "          \
    "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors %s"
#define FILE_POLICY "default-src 'none'; sandbox; frame-ancestors 'none'"

enum { COOKIE_SECONDS = 30 * 24 * 3600 };

enum err security_init(struct security *s, bool tls, const char *frame_ancestors)
{
    const char *who = frame_ancestors ? frame_ancestors : "'none'";
    for (const char *p = who; *p; p++)
        if (*p <= 31 || *p >= 127 || *p == ';' || *p == ',')
            return ERR_INVALID;
    *s = (struct security){.tls = tls, .framed = frame_ancestors != NULL};
    int n = snprintf(s->page, sizeof s->page, PAGE_POLICY, who);
    snprintf(s->file, sizeof s->file, FILE_POLICY);
    return n < (int)sizeof s->page ? OK : ERR_INVALID;
}

void out_add(struct outgoing *o, const char *name, const char *value)
{
    if (value && o->n < REPLY_HEADERS_MAX)
        o->h[o->n++] = (struct header){str_z(name), str_z(value)};
}

void out_init(struct outgoing *o, const struct security *s, enum out_kind kind)
{
    o->n = 0;
    out_add(o, "Content-Security-Policy", kind == OUT_FILE ? s->file : s->page);
    out_add(o, "X-Content-Type-Options", "nosniff");
    out_add(o, "Referrer-Policy", "same-origin");
    out_add(o, "Cross-Origin-Opener-Policy", "same-origin");
    out_add(o, "Cross-Origin-Resource-Policy", "same-origin");
    out_add(o, "Permissions-Policy", "camera=(self), geolocation=(self), microphone=()");
    if (!s->framed)
        out_add(o, "X-Frame-Options", "DENY");
    if (s->tls)
        out_add(o, "Strict-Transport-Security", "max-age=31536000");
}

const char *cookie_make(struct arena *a, const char *name, struct str token, bool secure)
{
    int seconds = token.n ? COOKIE_SECONDS : 0;
    return arena_fmt(a, "%s=%.*s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", name,
        STR_ARG(token), seconds, secure ? "; Secure" : "")
        .p;
}

const char *wrote_make(struct arena *a, bool secure)
{
    return arena_fmt(a, WROTE_COOKIE "=1; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s",
        STANDBY_AWAY_S, secure ? "; Secure" : "")
        .p;
}

static bool plain(unsigned char ch)
{
    bool alnum = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z');
    return alnum || (ch && strchr("-._~!#$&+^`|", ch));
}

const char *attachment_make(struct arena *a, struct str name)
{
    static const char hex[] = "0123456789ABCDEF";
    char *ascii = arena_alloc(a, name.n + 1), *coded = arena_alloc(a, 3 * name.n + 1);
    if (!ascii || !coded)
        return NULL;
    size_t n = 0, k = 0;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char ch = (unsigned char)name.p[i];
        if (plain(ch) || ch == ' ')
            ascii[n++] = (char)ch;
        else if ((ch & 0xc0) != 0x80)
            ascii[n++] = '_';
        if (plain(ch)) {
            coded[k++] = (char)ch;
            continue;
        }
        coded[k++] = '%';
        coded[k++] = hex[ch >> 4];
        coded[k++] = hex[ch & 15];
    }
    return arena_fmt(a, "attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, coded).p;
}
