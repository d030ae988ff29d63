/* Routes: a linear walk over the rows with a first-byte check per segment is fast enough for some
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

/* Matches one row's path; parameters go to vals. */
static bool path_match(const char *pattern, struct str path, struct str vals[OP_PATH_MAX])
{
    struct str pat = str_z(pattern), rest = path;
    int n = 0;
    while (pat.p && rest.p) {
        struct str want = str_cut(pat, '/', &pat);
        struct str have = str_cut(rest, '/', &rest);
        if (want.n && want.p[0] == ':') {
            if (have.n == 0 || n == OP_PATH_MAX)
                return false;
            vals[n++] = have;
        } else if (!str_eq(want, have)) {
            return false;
        }
    }
    return !pat.p && !rest.p;
}

enum err op_route(const struct op_table *t, enum method m, struct str path,
    const struct op **ret_op, struct str vals[OP_PATH_MAX])
{
    bool known = false;
    for (size_t i = 0; i < t->n; i++) {
        struct str found[OP_PATH_MAX] = {0};
        if (!path_match(t->rows[i].path, path, found))
            continue;
        known = true;
        if (t->rows[i].method != m)
            continue;
        memcpy(vals, found, sizeof found);
        *ret_op = &t->rows[i];
        return OK;
    }
    return known ? ERR_METHOD : ERR_NOT_FOUND;
}
