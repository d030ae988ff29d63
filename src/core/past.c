/* Undoing noted changes. */
#include "core/past.h"

#include "base/civil.h"
#include "base/hash.h"
#include "core/decode.h"

static enum err bad(struct ctx *c)
{
    return fail(c, ERR_CORRUPT, NULL, "变更史中有一条记录读不出来");
}

static struct str joined(struct ctx *c, const struct jin *codes)
{
    struct buf b;
    if (jin_type(codes) != JIN_ARR)
        return STR_NULL;
    buf_init(&b, 64 << 10);
    for (size_t i = 0; i < jin_len(codes); i++) {
        if (i)
            buf_addc(&b, ',');
        buf_add(&b, jin_str(jin_at(codes, i)));
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str text_of(struct ctx *c, const struct field *f, const struct jin *v)
{
    if (jin_type(v) == JIN_NONE || jin_type(v) == JIN_NULL)
        return STR_NULL;
    if (f->type == FT_CODES)
        return joined(c, v);
    return keep(c, f->type == FT_JSON ? jin_text(v) : jin_str(v));
}

static bool number_of(const struct field *f, const struct jin *v, int64_t *ret)
{
    *ret = NULL_INT;
    if (jin_type(v) == JIN_NONE || jin_type(v) == JIN_NULL)
        return true;
    if (f->type == FT_BOOL)
        *ret = jin_bool(v, false);
    else if (f->type == FT_INT)
        *ret = jin_int(v, NULL_INT);
    else if (f->type == FT_MONEY)
        return money_parse(jin_number_text(v), ret);
    else if (f->type == FT_DAY)
        return civil_parse_day(jin_str(v), ret);
    return f->type == FT_TIME || *ret != NULL_INT; /* instants stand in "was" */
}

static bool put_back(struct ctx *c, struct past *p, const struct jin *change)
{
    const struct desc *d = p->kind->desc;
    int i = desc_find(d, jin_str(jin_get(change, "field")));
    if (i < 0)
        return false;
    const struct field *f = &d->fields[i];
    const struct jin *old = jin_get(change, "old");
    if (f->type == FT_BLOB || f->flags & (F_PRIVATE | F_SECRET)) {
        p->lost = true;
        return true;
    }
    if (field_is_text(f->type)) {
        *field_str(d, p->row, (size_t)i) = text_of(c, f, old);
        return true;
    }
    return number_of(f, old, field_int(d, p->row, (size_t)i));
}

static bool put_was(struct ctx *c, struct past *p, struct str name, const struct jin *v)
{
    const struct desc *d = p->kind->desc;
    int i = desc_find(d, name);
    if (i < 0)
        return false;
    if (field_is_text(d->fields[i].type))
        *field_str(d, p->row, (size_t)i) = keep(c, jin_str(v));
    else
        *field_int(d, p->row, (size_t)i) = jin_int(v, NULL_INT);
    return true;
}

enum err past_undo(struct ctx *c, struct past *p, const struct jin *note)
{
    const struct jin *changes = jin_get(note, "changes"), *was = jin_get(note, "was"), *v = NULL;
    struct str name;
    p->undone++;
    if (jin_type(changes) != JIN_ARR) {
        p->made_later = true;
        return OK;
    }
    for (size_t i = 0; i < jin_len(changes); i++)
        if (!put_back(c, p, jin_at(changes, i)))
            return bad(c);
    for (size_t i = 0; jin_member(was, i, &name, &v); i++)
        if (!put_was(c, p, name, v))
            return bad(c);
    return c->a->failed ? fail(c, ERR_NOMEM, NULL, NULL) : OK;
}

bool past_proved(const struct past *p, struct str digest)
{
    unsigned char mine[SM3_LEN];
    return digest.n == SM3_LEN && !p->lost && record_digest(p->kind, p->row, mine) == OK &&
           memcmp(mine, digest.p, SM3_LEN) == 0;
}
