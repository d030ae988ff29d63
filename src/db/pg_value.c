/* The values of a row: numbers come as text, text and bytes as they are. */
#include "db/pg_impl.h"

#include <stdlib.h>

enum { BYTEA = 17 }; /* type number of bytes */

bool pg_get_null(struct vstmt *s, int col)
{
    return s->v->pq->PQgetisnull(s->row, 0, col) == 1;
}

/* Comparisons are booleans here: 't' and 'f'. */
int64_t pg_get_int(struct vstmt *s, int col)
{
    if (pg_get_null(s, col))
        return NULL_INT;
    const char *text = s->v->pq->PQgetvalue(s->row, 0, col);
    return *text == 't' ? 1 : *text == 'f' ? 0 : strtoll(text, NULL, 10);
}

struct str pg_get_str(struct vstmt *s, int col)
{
    if (pg_get_null(s, col))
        return STR_NULL;
    return (struct str){
        s->v->pq->PQgetvalue(s->row, 0, col), (size_t)s->v->pq->PQgetlength(s->row, 0, col)};
}

static int hex_value(char ch)
{
    return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : 0;
}

struct str pg_get_blob(struct vstmt *s, int col)
{
    struct str text = pg_get_str(s, col);
    if (!text.p || s->v->pq->PQftype(s->row, col) != BYTEA)
        return text;
    size_t n = text.n < 2 ? 0 : (text.n - 2) / 2; /* behind \x */
    char *p = arena_alloc(&s->bytes, n + 1);
    if (!p)
        return STR_NULL;
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(hex_value(text.p[2 + 2 * i]) << 4 | hex_value(text.p[3 + 2 * i]));
    return (struct str){p, n};
}
