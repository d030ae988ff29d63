/* For tools/mksql.c: growing text, literals of C, and the tokens of SQL text (literals, quoted
 * names, comments, words, :parameters). An error ends the tool with FILE:LINE: what is wrong. */
#ifndef ZHIAN_TOOLS_SQLLEX_H
#define ZHIAN_TOOLS_SQLLEX_H

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- growing text ----------------------------------------------------------------------------- */

struct text {
    char *p;
    size_t n, size;
};

static void die(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

static void die(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static void text_add(struct text *t, const char *p, size_t n)
{
    if (t->n + n + 1 > t->size) {
        t->size = (t->n + n + 1) * 2;
        t->p = realloc(t->p, t->size);
        if (!t->p)
            die("mksql", 0, "out of memory");
    }
    memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = 0;
}

static void text_addz(struct text *t, const char *z)
{
    text_add(t, z, strlen(z));
}

static void text_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void text_fmt(struct text *t, const char *fmt, ...)
{
    char tmp[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(tmp, sizeof tmp, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof tmp)
        die("mksql", 0, "text too long");
    text_add(t, tmp, (size_t)n);
}

static const char *text_z(const struct text *t)
{
    return t->p ? t->p : "";
}

static bool read_file(const char *path, struct text *ret)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char tmp[65536];
    size_t n = 0;
    text_add(ret, "", 0);
    while ((n = fread(tmp, 1, sizeof tmp, f)) > 0)
        text_add(ret, tmp, n);
    bool good = !ferror(f);
    fclose(f);
    return good;
}

enum { COL_WIDTH = 96 };

/* A C string literal, broken between words so that generated lines stay readable. */
static void put_literal(struct text *out, const struct text *s)
{
    size_t width = 0;
    text_addz(out, "\n        \"");
    for (size_t i = 0; i < s->n; i++) {
        char ch = s->p[i];
        if (ch == '\n') {
            text_addz(out, "\\n");
        } else {
            if (ch == '"' || ch == '\\')
                text_addz(out, "\\");
            text_add(out, &ch, 1);
        }
        if (++width < COL_WIDTH || ch != ' ')
            continue;
        text_addz(out, "\"\n        \"");
        width = 0;
    }
    text_addz(out, "\"");
}

/* --- tokens ----------------------------------------------------------------------------------- */

enum kind { T_END, T_SPACE, T_COMMENT, T_STRING, T_QUOTED, T_WORD, T_PARAM, T_OTHER };

struct lex {
    const char *file;
    const char *at, *end;
    int line;
    enum kind kind; /* the current token: kind, text, first line */
    const char *p;
    size_t n;
    int first;
};

static bool word_char(char ch)
{
    return isalnum((unsigned char)ch) || ch == '_' || (unsigned char)ch >= 0x80;
}

static void lex_quoted(struct lex *x, char quote, enum kind kind)
{
    const char *q = x->at + 1;
    while (q < x->end && !(*q == quote && (q + 1 == x->end || q[1] != quote)))
        q += *q == quote ? 2 : 1;
    if (q >= x->end)
        die(x->file, x->line, "unfinished %c", quote);
    x->at = q + 1;
    x->kind = kind;
}

static void lex_block_comment(struct lex *x)
{
    const char *stop = memmem(x->at + 2, (size_t)(x->end - x->at) - 2, "*/", 2);
    if (!stop)
        die(x->file, x->line, "unfinished comment");
    x->at = stop + 2;
    x->kind = T_COMMENT;
}

static void lex_run(struct lex *x, enum kind kind, bool (*in)(char))
{
    while (x->at < x->end && in(*x->at))
        x->at++;
    x->kind = kind;
}

static bool space_char(char ch)
{
    return isspace((unsigned char)ch) != 0;
}

static bool not_newline(char ch)
{
    return ch != '\n';
}

static void lex_param(struct lex *x)
{
    x->at++;
    if (x->at < x->end && *x->at == ':') {
        x->at++;
        x->kind = T_OTHER;
        return;
    }
    if (x->at == x->end || !word_char(*x->at) || isdigit((unsigned char)*x->at))
        die(x->file, x->line, "a parameter needs a name");
    lex_run(x, T_PARAM, word_char);
}

static void lex_step(struct lex *x)
{
    char ch = *x->at;
    char next = 0;
    if (x->at + 1 < x->end)
        next = x->at[1];
    if (space_char(ch))
        lex_run(x, T_SPACE, space_char);
    else if (ch == '-' && next == '-')
        lex_run(x, T_COMMENT, not_newline);
    else if (ch == '/' && next == '*')
        lex_block_comment(x);
    else if (ch == '\'')
        lex_quoted(x, ch, T_STRING);
    else if (ch == '"')
        lex_quoted(x, ch, T_QUOTED);
    else if (ch == ':')
        lex_param(x);
    else if (word_char(ch))
        lex_run(x, T_WORD, word_char);
    else {
        if (ch == '$' || ch == '?')
            die(x->file, x->line, "write parameters as :name, not %c", ch);
        x->at++;
        x->kind = T_OTHER;
    }
}

static bool lex_next(struct lex *x)
{
    x->p = x->at;
    x->first = x->line;
    x->n = 0;
    x->kind = T_END;
    if (x->at == x->end)
        return false;
    lex_step(x);
    x->n = (size_t)(x->at - x->p);
    for (const char *q = x->p; q < x->at; q++)
        x->line += *q == '\n';
    return true;
}

static bool tok_is(const char *p, size_t n, const char *word)
{
    return n == strlen(word) && strncasecmp(p, word, n) == 0;
}

#endif
