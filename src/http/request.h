/* Reading what a request says: its target, cookies, origin and address. Pure functions on text;
 * nothing here trusts the client. */
#ifndef ZHIAN_HTTP_REQUEST_H
#define ZHIAN_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/err.h"
#include "core/call.h"
#include "http/server.h"

enum { QUERY_MAX = 64 };

struct target {
    struct str path; /* decoded */
    struct pair *query;
    size_t query_n;
};

/* target_parse splits and decodes a request target. Refused (ERR_BAD_REQUEST): not starting with
 * '/', a broken %-escape, NUL and other control characters, an encoded slash, a backslash, "." or
 * ".." as a segment, invalid UTF-8 in path or query, more than QUERY_MAX pairs. In the query '+' is
 * a blank and a pair without '=' has an empty value. ERR_NOMEM: arena full. */
MUST_CHECK enum err target_parse(struct arena *a, struct str raw, struct target *ret);

/* pair_decode: one name=value of application/x-www-form-urlencoded text. */
MUST_CHECK enum err pair_decode(struct arena *a, struct str raw, struct pair *ret);

/* method_parse: the method of that name; HEAD counts as GET. False: one we do not speak. */
bool method_parse(struct str name, enum method *ret);

/* cookie_get: the value of the cookie in a Cookie header, or STR_NULL. */
struct str cookie_get(struct str header, const char *name);

/* token_get: the session token of "Authorization: Bearer" or of the cookie; *ret_cookie tells
 * which. */
struct str token_get(const struct exchange *x, const char *cookie, bool *ret_cookie);

/* origin_good: a state-changing request does not come from another site: Sec-Fetch-Site is
 * same-origin or none, and Origin, when sent, is the host asked (security check 24). */
bool origin_good(const struct exchange *x);

/* client_ip: the peer, or when the peer is the configured proxy (may be NULL) the last address of
 * X-Forwarded-For: the one the proxy itself wrote. */
struct str client_ip(const struct exchange *x, const char *proxy);

/* media_is: a Content-Type value names that type, parameters aside. media_param gives one of its
 * parameters, unquoted, or STR_NULL; quoted pairs are left as they are. */
bool media_is(struct str content_type, const char *type);
struct str media_param(struct str content_type, const char *name);

/* file_name_clean: the last part of a client's file name without control characters, at most 120
 * code points; STR_NULL when it is not UTF-8 or nothing is left. */
struct str file_name_clean(struct arena *a, struct str name);

/* disposition_name: filename* (UTF-8) or filename of a Content-Disposition value, cleaned. */
struct str disposition_name(struct arena *a, struct str value);

/* percent_decode decodes %-escapes (and '+' as a blank when plus). STR_NULL: a broken escape or no
 * memory. */
struct str percent_decode(struct arena *a, struct str s, bool plus);

#endif
