/* Who signed and who was told, by authority: from counters alone, equally fast at every level.
 *
 * A document sent to everybody covers a place wholly; one sent to chosen authorities covers those
 * and what lies below them, so that the numbers of a place above are the sums of its receivers. */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

static void numbers_add(struct tell_row *to, const struct tell_row *from)
{
    to->due += from->due;
    to->reached += from->reached;
    to->receipt += from->receipt;
    to->visit += from->visit;
    to->paper += from->paper;
    to->phone += from->phone;
    to->unreached = to->due > to->reached ? to->due - to->reached : 0;
}

static void numbers_clear(struct tell_row *r)
{
    r->due = r->reached = r->unreached = r->receipt = r->visit = r->paper = r->phone = 0;
}

/* --- one place ------------------------------------------------------------------------------- */

static enum err cover_of(
    struct ctx *c, const struct notice_row *n, struct str path, enum cover *ret)
{
    int64_t sent = 0;
    *ret = COVER_FULL;
    if (n->everyone == 1 && notice_above(n->org_path, path))
        return OK;
    enum err e = notice_count_of(c, SQL_notice_sent_to, n, path, &sent);
    if (!sent)
        *ret = n->everyone == 1 && !notice_above(path, n->org_path) ? COVER_NONE : COVER_PART;
    return e;
}

static enum err whole(
    struct ctx *c, const struct notice_row *n, struct str path, struct tell_row *r)
{
    struct tell_row got;
    struct q q;
    desc_clear(&tell_row_desc, &got);
    q_begin(&q, c->db, SQL_tell_own);
    q_int(&q, "notice", n->id);
    q_str(&q, "audience", n->audience);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    enum err e = q_one(&q, &tell_row_desc, &got, c->a);
    if (e == ERR_NOT_FOUND)
        return OK;
    if (!e)
        numbers_add(r, &got);
    return db_fail(c, e);
}

static enum err parts(struct ctx *c, const struct notice_row *n, struct str path, struct vec *ret)
{
    struct q q;
    struct vec all = {0};
    struct str last = STR_NULL;
    size_t kept = 0;
    q_begin(&q, c->db, SQL_tell_parts);
    q_int(&q, "notice", n->id);
    q_str(&q, "audience", n->audience);
    q_str(&q, "path", path);
    q_str(&q, "end", scope_end(c->a, path));
    enum err e = q_all(&q, &tell_row_desc, &all, c->a);
    struct tell_row *rows = all.p;
    for (size_t i = 0; !e && i < all.n; i++) {
        if (notice_above(last, rows[i].path))
            continue; /* below another receiver, counted there */
        last = rows[i].path;
        rows[kept++] = rows[i];
    }
    *ret = (struct vec){rows, kept};
    return db_fail(c, e);
}

/* Above the authority that issued it for all its firms, the numbers are that authority's. */
static enum err part_numbers(
    struct ctx *c, const struct notice_row *n, struct str path, struct tell_row *r)
{
    struct vec all = {0};
    if (n->everyone == 1)
        return whole(c, n, n->org_path, r);
    enum err e = parts(c, n, path, &all);
    for (size_t i = 0; !e && i < all.n; i++)
        numbers_add(r, (struct tell_row *)all.p + i);
    return e;
}

enum err tell_numbers(struct ctx *c, const struct notice_row *n, struct str path,
    struct tell_row *ret, enum cover *ret_cover)
{
    numbers_clear(ret);
    enum err e = cover_of(c, n, path, ret_cover);
    if (e || *ret_cover == COVER_NONE)
        return e;
    return *ret_cover == COVER_FULL ? whole(c, n, path, ret) : part_numbers(c, n, path, ret);
}

/* --- the board ------------------------------------------------------------------------------- */

struct board {
    struct ctx *c;
    const struct notice_row *n; /* the page's document */
    struct notice_row target;   /* what firms are told of; id NULL_INT: they are not */
    struct org_row at;
    enum cover cover;
};

static enum err children(struct board *b, struct vec *ret)
{
    struct ctx *c = b->c;
    struct q q;
    q_begin(&q, c->db, SQL_tell_children);
    q_int(&q, "root", b->n->root);
    q_int(&q, "notice", b->target.id);
    q_str(&q, "audience", b->target.audience);
    q_int(&q, "level", path_level(b->at.path) + 1);
    q_int(&q, "parent", b->at.id);
    q_int(&q, "day", c->today);
    enum err e = q_all(&q, &tell_row_desc, ret, c->a);
    struct tell_row *rows = ret->p;
    for (size_t i = 0; !e && i < ret->n; i++) {
        rows[i].unreached = rows[i].due > rows[i].reached ? rows[i].due - rows[i].reached : 0;
        if (b->cover != COVER_FULL)
            numbers_clear(&rows[i]);
    }
    return db_fail(c, e);
}

/* Each receiver's numbers go to the child it stands in. */
static enum err children_parts(struct board *b, struct vec *rows)
{
    struct vec all = {0};
    struct tell_row *kids = rows->p;
    if (b->cover != COVER_PART)
        return OK;
    enum err e = OK;
    if (b->target.everyone == 1) {
        struct tell_row *one = arena_new(b->c->a, struct tell_row, 1);
        if (!one)
            return fail(b->c, ERR_NOMEM, NULL, NULL);
        numbers_clear(one);
        one->path = b->target.org_path;
        e = whole(b->c, &b->target, b->target.org_path, one);
        all = (struct vec){one, 1};
    } else {
        e = parts(b->c, &b->target, b->at.path, &all);
    }
    struct tell_row *part = all.p;
    for (size_t i = 0; !e && i < all.n; i++)
        for (size_t k = 0; k < rows->n; k++)
            if (notice_above(kids[k].path, part[i].path))
                numbers_add(&kids[k], &part[i]);
    return e;
}

static enum err own_row(struct board *b, struct tell_row *ret)
{
    struct ctx *c = b->c;
    struct q q;
    desc_clear(&tell_row_desc, ret);
    q_begin(&q, c->db, SQL_tell_sent_to);
    q_int(&q, "root", b->n->root);
    q_int(&q, "org", b->at.id);
    enum err e = q_one(&q, &tell_row_desc, ret, c->a);
    ret->org = b->at.id;
    ret->org_name = b->at.name;
    ret->level = b->at.level;
    numbers_clear(ret);
    if (e || b->target.id == NULL_INT)
        return db_fail(c, e);
    return tell_numbers(c, &b->target, b->at.path, ret, &b->cover);
}

static enum err parents_load(struct board *b, struct vec *ret)
{
    struct ctx *c = b->c;
    struct tell_parent *all = arena_new(c->a, struct tell_parent, NOTICE_LEVELS);
    size_t n = 0;
    if (!all)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t len = c->actor.org_path.n; len && len <= b->at.path.n && n < NOTICE_LEVELS;
         len += NOTICE_SEGMENT) {
        struct q q;
        q_begin(&q, c->db, SQL_board_org_at);
        q_str(&q, "path", keep(c, str_sub(b->at.path, 0, len)));
        if (q_row(&q))
            all[n++] = (struct tell_parent){q_get_int(&q, 0), keep(c, q_get_str(&q, 3))};
        enum err e = q_end(&q);
        if (e)
            return db_fail(c, e);
    }
    *ret = (struct vec){all, n};
    return OK;
}

static enum err board_open(
    struct ctx *c, int64_t notice, int64_t org, struct notice_row *n, struct board *b)
{
    enum err e = notice_read(c, notice, n);
    if (!e)
        e = org_load(c, org == NULL_INT ? c->actor.org : org, &b->at);
    b->c = c;
    b->n = n;
    b->cover = COVER_NONE;
    b->target.id = NULL_INT;
    b->target.audience = S("all");
    if (!e && n->tell != NULL_INT)
        e = notice_target(c, n, &b->target);
    return e;
}

enum err op_notice_board(struct ctx *c, const struct tell_board_ask *in, struct tell_board *ret)
{
    struct notice_row n;
    struct board b;
    struct tell_row *own = arena_new(c->a, struct tell_row, 1);
    enum err e = own ? board_open(c, in->notice, in->org, &n, &b) : fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = own_row(&b, own);
    if (!e)
        e = children(&b, &ret->items);
    if (!e)
        e = children_parts(&b, &ret->items);
    if (!e)
        e = parents_load(&b, &ret->parents);
    if (e)
        return e;
    ret->notice = b.target.id;
    ret->org = b.at.id;
    ret->org_name = b.at.name;
    ret->total = (struct vec){own, 1};
    ret->as_of = c->now;
    ret->basis =
        S("应传达：已入库、没有注销吊销迁出等终止情形、属于传达对象的单位，之后新入库的也算在内。"
          "已传达：有一次以上传达记录的单位，每家只算一次，按第一次的方式分列。"
          "单位迁到别的辖区，数字随它走。合计包含直接归本级的单位。");
    return OK;
}

/* --- the documents to pass on ---------------------------------------------------------------- */

enum err op_notice_work(struct ctx *c, const struct none *in, struct tell_work *ret)
{
    struct q q;
    struct vec all = {0};
    size_t kept = 0;
    (void)in;
    q_begin(&q, c->db, SQL_notice_work_of);
    bind_prefixes(c, &q, c->actor.org_path);
    enum err e = q_all(&q, &tell_work_item_desc, &all, c->a);
    struct tell_work_item *items = all.p;
    for (size_t i = 0; !e && i < all.n; i++) {
        struct notice_row n;
        struct tell_row r;
        enum cover cover;
        e = rec_get(c, &kind_notice, items[i].id, &n);
        if (!e)
            e = tell_numbers(c, &n, c->actor.org_path, &r, &cover);
        if (e || cover == COVER_NONE)
            continue;
        struct tell_work_item *it = &items[kept++];
        *it = items[i];
        it->due = r.due;
        it->reached = r.reached;
        it->unreached = r.unreached;
        it->receipt = r.receipt;
        it->visit = r.visit;
        it->paper = r.paper;
        it->phone = r.phone;
    }
    ret->items = (struct vec){items, kept};
    ret->as_of = c->now;
    return db_fail(c, e);
}
