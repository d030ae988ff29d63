/* Questions as lists, and the inbox: what waits for the reader. */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"

#define COL(name_, type_, flags_, label_, codes_)                                                  \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "q." #name_                                                     \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER };

static const struct list_col cols[] = {COL(id, INT, LC_ALWAYS, "编号", NULL),
    COL(version, INT, LC_ALWAYS, "版本", NULL),
    COL(kind, CODE, SHOW | FILTER, "类别", "question_kind"), COL(title, STR, SHOW, "标题", NULL),
    COL(state, CODE, SHOW | FILTER, "状态", "question_state"),
    {.name = "firm_name",
        .type = FT_STR,
        .flags = SHOW,
        .label = "单位名称",
        .expr = PART_notice_q_firm_name},
    COL(asker_name, STR, SHOW, "提出人", NULL), COL(asked_at, TIME, SHOW, "提出时间", NULL),
    {.name = "org_name",
        .type = FT_STR,
        .flags = SHOW,
        .label = "答复机关",
        .expr = PART_notice_q_org_name},
    COL(answered_at, TIME, SHOW, "答复时间", NULL), COL(seen, BOOL, 0, "已看答复", NULL)};

static const struct list_def def = {.name = "question",
    .from = "question q",
    .id = "q.id",
    .scope = "q.first_path",
    .default_sort = "-id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};

static enum err of_me(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, "q.asked_by = ");
    list_int(s, c->actor.account);
    return OK;
}

static enum err of_firm(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, "q.kind = 'question' AND q.firm = ");
    list_int(s, c->actor.firm > 0 ? c->actor.firm : -1);
    return OK;
}

/* kind: what the actor may answer. */
static enum err at_org(struct ctx *c, struct list_sql *s, const char *kinds)
{
    list_where(s, kinds);
    list_where(s, "q.org = ");
    list_int(s, c->actor.org ? c->actor.org : -1);
    return OK;
}

static enum err to_answer(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, can(c, PERM_ANSWER) ? "q.state = 'open'" : "1 = 0");
    return at_org(c, s, "q.kind = 'question'");
}

static enum err all_feedback(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    if (!can(c, PERM_FEEDBACK))
        list_where(s, "1 = 0");
    return at_org(c, s, "q.kind <> 'question'");
}

static enum err in_scope(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, can(c, PERM_NOTICE_READ) ? "q.kind = 'question'" : "1 = 0");
    return OK;
}

static const struct {
    const char *name;
    enum err (*where)(struct ctx *c, struct list_sql *s, void *arg);
    bool scope;
} boxes[] = {{"own", of_me, false}, {"firm", of_firm, false}, {"todo", to_answer, false},
    {"feedback", all_feedback, false}, {"scope", in_scope, true}};

enum err op_question_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_query lq = notice_filters(c, in, "box", "box");
    struct str box = list_filter_get(in, "box");
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        struct list_run r = {.c = c,
            .def = &def,
            .lq = &lq,
            .no_scope = !boxes[i].scope || !c->actor.org_path.n,
            .extra = boxes[i].scope && !c->actor.org_path.n ? of_me : boxes[i].where};
        if (str_eqz(box.n ? box : S("own"), boxes[i].name))
            return list_page(&r, ret);
    }
    return fail(c, ERR_INVALID, "box", "请选择 own、firm、todo、scope 或 feedback");
}

/* --- inbox ----------------------------------------------------------------------------------- */

struct box {
    struct inbox_item *items;
    size_t n;
};

static enum err take(struct ctx *c, struct q *q, struct box *b)
{
    struct vec rows = {0};
    enum err e = q_all(q, &inbox_item_desc, &rows, c->a);
    struct inbox_item *all = arena_new(c->a, struct inbox_item, b->n + rows.n + 1);
    if (e || !all)
        return db_fail(c, e ? e : ERR_NOMEM);
    if (b->n)
        memcpy(all, b->items, b->n * sizeof *all);
    if (rows.n)
        memcpy(all + b->n, rows.p, rows.n * sizeof *all);
    *b = (struct box){all, b->n + rows.n};
    return OK;
}

static enum err unread(struct ctx *c, struct box *b)
{
    struct none none = {0};
    struct own_notices own = {0};
    enum err e = op_own_notice_list(c, &none, &own);
    const struct own_notice *n = own.items.p;
    struct inbox_item *all = e ? NULL : arena_new(c->a, struct inbox_item, b->n + own.items.n + 1);
    if (!all)
        return fail(c, e ? e : ERR_NOMEM, NULL, NULL);
    if (b->n)
        memcpy(all, b->items, b->n * sizeof *all);
    for (size_t i = 0; i < own.items.n; i++)
        if (n[i].read_at == NULL_INT)
            all[b->n++] =
                (struct inbox_item){S("read"), n[i].id, n[i].title, n[i].org_name, n[i].issued_at};
    b->items = all;
    return OK;
}

static enum err of_org(struct ctx *c, struct box *b)
{
    struct q q;
    enum err e = OK;
    if (can(c, PERM_NOTICE_WRITE)) {
        q_begin(&q, c->db, SQL_inbox_sign);
        q_int(&q, "org", c->actor.org);
        e = take(c, &q, b);
    }
    if (e || !(can(c, PERM_ANSWER) || can(c, PERM_FEEDBACK)))
        return e;
    q_begin(&q, c->db, SQL_inbox_answer);
    q_int(&q, "org", c->actor.org);
    q_int(&q, "answer", can(c, PERM_ANSWER));
    q_int(&q, "feedback", can(c, PERM_FEEDBACK));
    return take(c, &q, b);
}

enum err op_inbox_get(struct ctx *c, const struct none *in, struct inbox *ret)
{
    struct box b = {NULL, 0};
    struct q q;
    (void)in;
    enum err e = OK;
    if (c->actor.firm > 0)
        e = unread(c, &b);
    else if (c->actor.org_path.n)
        e = of_org(c, &b);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_inbox_reply);
    q_int(&q, "account", c->actor.account);
    e = take(c, &q, &b);
    ret->items = (struct vec){b.items, b.n};
    ret->count = (int64_t)b.n;
    return e;
}
