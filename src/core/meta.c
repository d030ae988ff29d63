/* Key and value pairs of the store. */
#include "core/meta.h"

enum err meta_get(struct ctx *c, const char *key, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_meta_get);
    q_str(&q, "key", str_z(key));
    bool found = q_row(&q);
    if (found)
        *ret = keep(c, q_get_str(&q, 0));
    enum err e = q_end(&q);
    return e ? db_fail(c, e) : found ? OK : ERR_NOT_FOUND;
}

enum err meta_put(struct ctx *c, const char *key, struct str value)
{
    struct q q;
    q_begin(&q, c->db, SQL_meta_put);
    q_str(&q, "key", str_z(key));
    q_str(&q, "value", value);
    return db_fail(c, q_exec(&q));
}
