/* Errors, complaints and scope of a context. */
#include "core/ctx.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

static struct str format(struct ctx *c, const char *fmt, va_list ap)
{
    char text[1024];
    int n = vsnprintf(text, sizeof text, fmt, ap);
    if (n < 0)
        return STR_NULL;
    bool cut = (size_t)n >= sizeof text;
    struct str s = {text, cut ? sizeof text - 1 : (size_t)n};
    while (cut && s.n && !utf8_valid(s))
        s.n--; /* between characters */
    return arena_str(c->a, s);
}

enum err fail(struct ctx *c, enum err e, const char *field, const char *message)
{
    if (c->err)
        return e;
    c->err = e;
    c->err_field = str_z(field);
    c->err_message = message ? arena_str(c->a, str_z(message)) : STR_NULL;
    return e;
}

enum err failf(struct ctx *c, enum err e, const char *field, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = format(c, fmt, ap);
    va_end(ap);
    return fail(c, e, field, text.p);
}

void complain(struct ctx *c, struct str field, const char *code, const char *fmt, ...)
{
    if (c->problem_count++ >= PROBLEMS_MAX)
        return;
    struct problem *p = arena_new(c->a, struct problem, 1);
    if (!p)
        return;
    va_list ap;
    va_start(ap, fmt);
    p->message = format(c, fmt, ap);
    va_end(ap);
    p->field = arena_str(c->a, field);
    p->code = str_z(code);
    if (!c->problems_end)
        c->problems_end = &c->problems;
    *c->problems_end = p;
    c->problems_end = &p->next;
}

enum err checked(struct ctx *c)
{
    if (c->err)
        return c->err;
    return c->problem_count ? fail(c, ERR_INVALID, NULL, NULL) : OK;
}

enum err db_fail(struct ctx *c, enum err e)
{
    return e ? fail(c, e, NULL, NULL) : OK;
}

bool can(const struct ctx *c, enum perm p)
{
    return c->actor.perms[p / 64] >> (p % 64) & 1;
}

bool scope_has(const struct ctx *c, struct str path)
{
    return moves_within(&c->actor.moves, path, c->actor.org_path);
}

struct str scope_end(struct arena *a, struct str path)
{
    struct str end = arena_str(a, path);
    if (!end.p)
        return STR_NULL;
    if (end.n == 0)
        return S("~");
    ((char *)(uintptr_t)end.p)[end.n - 1]++; /* '.' becomes '/' : past every descendant */
    return end;
}

int path_level(struct str path)
{
    return (int)(path.n / 5);
}
