/* Documents as lists: an authority's own, those it received, those issued below it; and the
 * receivers of one. */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"

#define COL(table, name_, type_, flags_, label_, codes_)                                           \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = table "." #name_                                                \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER };

#define NOTICE_COLS                                                                                \
    COL("n", id, INT, LC_ALWAYS, "编号", NULL), COL("n", version, INT, LC_ALWAYS, "版本", NULL),   \
        COL("n", title, STR, SHOW, "标题", NULL), COL("n", doc_no, STR, SHOW, "文号", NULL),       \
        COL("n", doc_day, DAY, SHOW | FILTER, "印发日期", NULL),                                   \
        {.name = "org_name",                                                                       \
            .type = FT_STR,                                                                        \
            .flags = SHOW,                                                                         \
            .label = "印发机关",                                                                   \
            .expr = PART_notice_org_name},                                                         \
        COL("n", openness, CODE, SHOW | FILTER, "公开属性", "notice_openness"),                    \
        COL("n", state, CODE, SHOW | FILTER, "状态", "notice_state"),                              \
        COL("n", to_firms, BOOL, SHOW | FILTER, "传达到企业", NULL),                               \
        COL("n", cited_no, STR, 0, "引用的文号", NULL),                                            \
        {.name = "source_no", .type = FT_STR, .label = "来文文号", .expr = PART_notice_source_no}, \
        COL("n", issued_at, TIME, 0, "发出时间", NULL), COL("n", drafter, STR, 0, "起草人", NULL)

static const struct list_col own_cols[] = {NOTICE_COLS};
static const struct list_col got_cols[] = {NOTICE_COLS,
    COL("r", sent_at, TIME, SHOW, "收到时间", NULL),
    COL("r", signed_at, TIME, SHOW, "签收时间", NULL),
    COL("r", signer_name, STR, 0, "签收人", NULL),
    {.name = "signed",
        .type = FT_BOOL,
        .flags = FILTER,
        .label = "已签收",
        .expr = "(r.signed_at IS NOT NULL)"},
    COL("r", forwarded, INT, SHOW, "转发的文件", NULL)};

static const struct list_def own_def = {.name = "notice_own",
    .from = "notice n",
    .id = "n.id",
    .scope = "n.org_path",
    .default_sort = "-id",
    .cols = own_cols,
    .n = sizeof own_cols / sizeof *own_cols};
static const struct list_def got_def = {.name = "notice_got",
    .from = "notice_send r @CROSS@ JOIN notice n ON n.id = r.notice",
    .id = "r.id",
    .scope = "r.org_path",
    .default_sort = "-id",
    .cols = got_cols,
    .n = sizeof got_cols / sizeof *got_cols};

static const struct list_col to_cols[] = {COL("r", id, INT, LC_ALWAYS, "编号", NULL),
    COL("r", org, INT, LC_ALWAYS, "机构", NULL),
    {.name = "org_name", .type = FT_STR, .flags = SHOW, .label = "收文机关", .expr = "o.name"},
    COL("o", level, INT, 0, "层级", NULL), COL("r", sent_at, TIME, SHOW, "下发时间", NULL),
    COL("r", sender_name, STR, 0, "下发人", NULL),
    COL("r", signed_at, TIME, SHOW, "签收时间", NULL),
    COL("r", signer_name, STR, SHOW, "签收人", NULL),
    COL("r", sign_note, STR, SHOW, "签收说明", NULL),
    {.name = "signed",
        .type = FT_BOOL,
        .flags = FILTER,
        .label = "已签收",
        .expr = "(r.signed_at IS NOT NULL)"},
    COL("r", forwarded, INT, SHOW, "转发的文件", NULL)};
static const struct list_def to_def = {.name = "notice_receiver",
    .from = "notice_send r @CROSS@ JOIN org o ON o.id = r.org",
    .id = "r.id",
    .scope = "r.org_path",
    .default_sort = "id",
    .cols = to_cols,
    .n = sizeof to_cols / sizeof *to_cols};

static enum err own_where(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, "n.org = ");
    list_int(s, c->actor.org);
    return OK;
}

static enum err got_where(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, "r.org = ");
    list_int(s, c->actor.org);
    return OK;
}

static enum err below_where(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_where(s, "n.state <> 'draft' AND n.openness <> 'closed' AND n.org <> ");
    list_int(s, c->actor.org);
    return OK;
}

static enum err to_where(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)c;
    list_where(s, "r.notice = ");
    list_int(s, *(int64_t *)arg);
    return OK;
}

/* Takes the members that are the operation's own out of the filters. */
struct list_query notice_filters(
    struct ctx *c, const struct list_query *in, const char *a, const char *b)
{
    const struct list_filter *f = in->filters.p;
    struct list_query out = *in;
    struct list_filter *kept = arena_new(c->a, struct list_filter, in->filters.n + 1);
    size_t n = 0;
    for (size_t i = 0; kept && i < in->filters.n; i++)
        if (!str_eqz(f[i].name, a) && !str_eqz(f[i].name, b))
            kept[n++] = f[i];
    out.filters = (struct vec){kept, kept ? n : 0};
    return out;
}

enum err op_notice_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    static const struct {
        const char *box;
        const struct list_def *def;
        enum err (*where)(struct ctx *c, struct list_sql *s, void *arg);
        bool all; /* rows are restricted by the authority itself */
    } boxes[] = {{"mine", &own_def, own_where, true}, {"received", &got_def, got_where, true},
        {"below", &own_def, below_where, false}};
    struct list_query lq = notice_filters(c, in, "box", "box");
    struct str box = list_filter_get(in, "box");
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        struct list_run r = {.c = c,
            .def = boxes[i].def,
            .lq = &lq,
            .no_scope = boxes[i].all,
            .extra = boxes[i].where};
        if (str_eqz(box.n ? box : S("mine"), boxes[i].box))
            return list_page(&r, ret);
    }
    return fail(c, ERR_INVALID, "box", "请选择 mine、received 或 below");
}

enum err op_notice_receivers(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct notice_row n;
    struct list_query lq = notice_filters(c, in, "notice", "notice");
    int64_t id = NULL_INT;
    if (!str_int(list_filter_get(in, "notice"), &id))
        return fail(c, ERR_INVALID, "notice", "请说明是哪一份通知");
    struct list_run r = {.c = c, .def = &to_def, .lq = &lq, .extra = to_where, .arg = &id};
    enum err e = notice_read(c, id, &n);
    return e ? e : list_page(&r, ret);
}
