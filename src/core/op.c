/* Routes: a linear walk over the rows, byte by byte until one differs, is fast enough for some
 * hundred operations and needs no table to keep in step. */
#include "core/op.h"

const char *method_name(enum method m)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return names[m];
}

const struct op *op_find(const struct op_table *t, struct str name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eqz(name, t->rows[i].name))
            return &t->rows[i];
    return NULL;
}

/* Matches one row's path; parameters (":name", a whole segment that is not empty) go to vals. */
static bool path_match(const char *pattern, struct str path, struct str vals[OP_PATH_MAX])
{
    const char *p = pattern, *at = path.p, *end = path.p + path.n;
    int n = 0;
    while (*p) {
        if (*p != ':') {
            if (at == end || *at++ != *p++)
                return false;
            continue;
        }
        const char *from = at;
        while (at < end && *at != '/')
            at++;
        if (at == from || n == OP_PATH_MAX)
            return false;
        vals[n++] = (struct str){from, (size_t)(at - from)};
        while (*p && *p != '/')
            p++;
    }
    return at == end;
}

static bool path_known(const struct op_table *t, struct str path)
{
    struct str ignored[OP_PATH_MAX];
    for (size_t i = 0; i < t->n; i++)
        if (path_match(t->rows[i].path, path, ignored))
            return true;
    return false;
}

enum err op_route(const struct op_table *t, enum method m, struct str path,
    const struct op **ret_op, struct str vals[OP_PATH_MAX])
{
    for (size_t i = 0; i < t->n; i++) {
        struct str found[OP_PATH_MAX] = {0};
        if (t->rows[i].method != m || !path_match(t->rows[i].path, path, found))
            continue;
        memcpy(vals, found, sizeof found);
        *ret_op = &t->rows[i];
        return OK;
    }
    return path_known(t, path) ? ERR_METHOD : ERR_NOT_FOUND;
}
