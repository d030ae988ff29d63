/* A state machine over bytes. The delimiter CR LF -- boundary can begin only with its CR, which
 * occurs nowhere else in it, so a failed match is given out as data and matching starts anew at the
 * current byte: no backing up. The text before the first delimiter is read as if a CR LF stood in
 * front of it, and thrown away. */
#include "http/multipart.h"

#include <strings.h>

enum { PREAMBLE, AFTER, AFTER_DASH, AFTER_CR, HEAD, DATA, EPILOGUE };

static bool boundary_char(char ch)
{
    static const char marks[] = "'()+_,-./:=? ";
    bool alnum = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z');
    return alnum || memchr(marks, ch, sizeof marks - 1);
}

enum err multipart_init(
    struct multipart *m, struct str boundary, const struct multipart_calls *calls, void *arg)
{
    if (boundary.n == 0 || boundary.n > MULTIPART_BOUNDARY)
        return ERR_BAD_REQUEST;
    for (size_t i = 0; i < boundary.n; i++)
        if (!boundary_char(boundary.p[i]))
            return ERR_BAD_REQUEST;
    *m = (struct multipart){.calls = *calls, .arg = arg, .state = PREAMBLE, .matched = 2};
    memcpy(m->delim, "\r\n--", 4);
    memcpy(m->delim + 4, boundary.p, boundary.n);
    m->delim_n = boundary.n + 4;
    return OK;
}

static enum err give(struct multipart *m, const char *p, size_t n)
{
    return m->state == DATA && n ? m->calls.data(m->arg, (struct str){p, n}) : OK;
}

static enum err delimiter(struct multipart *m)
{
    enum err e = m->state == DATA ? m->calls.end(m->arg) : OK;
    m->state = AFTER;
    m->matched = 0;
    return e;
}

/* Plain data up to the next CR (the only byte a delimiter can begin with). */
static enum err plain(struct multipart *m, struct str in, size_t *at)
{
    const char *from = in.p + *at;
    const char *cr = memchr(from, '\r', in.n - *at);
    size_t n = cr ? (size_t)(cr - from) : in.n - *at;
    *at += n;
    return give(m, from, n);
}

/* Data up to the next delimiter; *at moves on. */
static enum err scan(struct multipart *m, struct str in, size_t *at)
{
    enum err e = OK;
    while (*at < in.n && !e) {
        if (m->matched == 0)
            e = plain(m, in, at);
        if (e || *at == in.n)
            break;
        if (in.p[*at] != m->delim[m->matched]) {
            e = give(m, m->delim, m->matched);
            m->matched = 0;
            continue;
        }
        ++*at;
        if (++m->matched == m->delim_n)
            return delimiter(m);
    }
    return e;
}

/* The Content-Disposition line of a head of CR LF lines. */
static struct str disposition(struct str head)
{
    static const char name[] = "content-disposition:";
    while (head.n) {
        struct str line = str_cut(head, '\n', &head);
        if (line.n >= sizeof name - 1 && strncasecmp(line.p, name, sizeof name - 1) == 0)
            return str_trim(str_sub(line, sizeof name - 1, line.n));
    }
    return STR_NULL;
}

static enum err begin_part(struct multipart *m)
{
    struct str value = disposition((struct str){m->head, m->head_n});
    m->state = DATA;
    m->matched = 0;
    m->head_n = 0;
    if (!value.p || ++m->parts > MULTIPART_PARTS)
        return ERR_BAD_REQUEST;
    return m->calls.part(m->arg, value);
}

static enum err head_byte(struct multipart *m, char ch)
{
    if (m->head_n == sizeof m->head || ch == 0)
        return ERR_BAD_REQUEST;
    m->head[m->head_n++] = ch;
    struct str head = {m->head, m->head_n};
    return str_ends(head, S("\r\n\r\n")) || str_eq(head, S("\r\n")) ? begin_part(m) : OK;
}

/* What stands behind a delimiter: "--" (the last one), or blanks and CR LF (a head follows). */
static enum err after_byte(struct multipart *m, char ch)
{
    if (m->state == AFTER && (ch == ' ' || ch == '\t'))
        return OK;
    if (m->state == AFTER && ch == '-')
        m->state = AFTER_DASH;
    else if (m->state == AFTER_DASH && ch == '-')
        m->state = EPILOGUE;
    else if (m->state == AFTER && ch == '\r')
        m->state = AFTER_CR;
    else if (m->state == AFTER_CR && ch == '\n')
        m->state = HEAD;
    else
        return ERR_BAD_REQUEST;
    return OK;
}

enum err multipart_feed(struct multipart *m, struct str in)
{
    for (size_t at = 0; at < in.n && !m->err && m->state != EPILOGUE;) {
        if (m->state == PREAMBLE || m->state == DATA)
            m->err = scan(m, in, &at);
        else if (m->state == HEAD)
            m->err = head_byte(m, in.p[at++]);
        else
            m->err = after_byte(m, in.p[at++]);
    }
    return m->err;
}

enum err multipart_finish(struct multipart *m)
{
    if (!m->err && m->state != EPILOGUE)
        m->err = ERR_BAD_REQUEST;
    return m->err;
}
