/* Tables in parts: the front; a back end that has none is passed over. */
#include "db/parts.h"

#include "db/backend.h"

bool db_has_parts(const struct db *db)
{
    return db->be->parts != NULL;
}

enum err db_part_there(struct db_conn *c, const struct db_part *p, bool *ret)
{
    *ret = true;
    return c->be->parts ? c->be->parts->there(c->v, p, ret) : OK;
}

enum err db_part_rest(struct db_conn *c, const struct db_part *p, int64_t *ret_key)
{
    *ret_key = NULL_INT;
    return c->be->parts ? c->be->parts->rest(c->v, p, ret_key) : OK;
}

enum err db_part_newest(
    struct db_conn *c, const struct db_part *p, char name[DB_PART_NAME], int64_t *ret_span)
{
    name[0] = 0;
    *ret_span = 0;
    return c->be->parts ? c->be->parts->newest(c->v, p, name, ret_span) : OK;
}

enum err db_part_make(struct db_conn *c, const struct db_part *p)
{
    return c->be->parts ? c->be->parts->make(c->v, p) : OK;
}

enum err db_part_turn(struct db_conn *c, const struct db_part *p)
{
    return c->be->parts ? c->be->parts->turn(c->v, p) : OK;
}

enum err db_part_drop(struct db_conn *c, const struct db_part *p)
{
    return c->be->parts ? c->be->parts->drop(c->v, p) : OK;
}
