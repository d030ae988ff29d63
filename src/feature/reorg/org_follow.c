/* Records that go along with an authority: whatever is still to be worked on there, and what it has
 * received and reported. Their paths are brought to where the tree now is, some hundred at a time;
 * where an authority was merged, open work goes to who took over. */
#include "core/app.h"
#include "feature/campaign/campaign.h"
#include "feature/life/life.h"
#include "feature/notice/notice.h"
#include "feature/reorg/reorg_impl.h"

/* One column of paths. */
struct path_noun {
    const struct record_kind *kind;
    enum sql_id some; /* the next of a range; who is rewritten leaves it */
    const char *path;
    const char *org;   /* the authority beside it; NULL: none, or it stays who it was */
    bool subtree_only; /* what a merged authority had stays with it */
};

static const struct path_noun nouns[] = {
    {&kind_twin, SQL_reorg_twin, "path", NULL, false},
    {&kind_transfer, SQL_reorg_transfer_from, "from_path", "from_org", false},
    {&kind_transfer, SQL_reorg_transfer_to, "to_path", "to_org", false},
    {&kind_delegation, SQL_reorg_delegation_from, "from_path", "from_org", false},
    {&kind_delegation, SQL_reorg_delegation_to, "to_path", "to_org", false},
    {&kind_candidate, SQL_reorg_candidate, "org_path", "org", false},
    {&kind_campaign, SQL_reorg_campaign, "org_path", "org", false},
    {&kind_campaign_date, SQL_reorg_campaign_date, "org_path", NULL, true},
    {&kind_campaign_submission, SQL_reorg_campaign_submission, "org_path", NULL, false},
    {&kind_notice, SQL_reorg_notice, "org_path", NULL, false},
    {&kind_notice_send, SQL_reorg_notice_send, "org_path", NULL, false},
    {&kind_question, SQL_reorg_question, "first_path", NULL, false},
    {&kind_question, SQL_reorg_question_org, NULL, "org", false},
};

enum { ROW_MAX = 2048 };

static struct str *text_of(const struct record_kind *k, void *row, const char *name)
{
    int i = name ? desc_find(k->desc, str_z(name)) : -1;
    return i < 0 ? NULL : field_str(k->desc, row, (size_t)i);
}

static int64_t *number_of(const struct record_kind *k, void *row, const char *name)
{
    int i = name ? desc_find(k->desc, str_z(name)) : -1;
    return i < 0 ? NULL : field_int(k->desc, row, (size_t)i);
}

/* The first levels of the path, where the record keeps them too. */
static void heads_set(const struct record_kind *k, void *row, struct str path)
{
    struct str *p2 = text_of(k, row, "p2"), *p3 = text_of(k, row, "p3");
    if (p2)
        *p2 = str_sub(path, 0, path.n < 10 ? path.n : 10);
    if (p3)
        *p3 = str_sub(path, 0, path.n < 15 ? path.n : 15);
}

static enum err one(struct ctx *c, const struct follow *f, const struct path_noun *p, void *old)
{
    _Alignas(max_align_t) unsigned char row[ROW_MAX];
    struct note n = {.label = "随机构调整", .silent = true};
    if (p->kind->desc->size > sizeof row)
        return fail(c, ERR_INTERNAL, NULL, NULL);
    memcpy(row, old, p->kind->desc->size);
    struct str *path = text_of(p->kind, row, p->path);
    int64_t *org = number_of(p->kind, row, p->org), *version = number_of(p->kind, row, "version");
    if (path) {
        *path = moves_path(&(struct path_moves){&f->move, 1}, c->a, *path);
        heads_set(p->kind, row, *path);
    }
    if (org && f->move.exact && *org == f->org)
        *org = f->target;
    if (version)
        ++*version;
    return rec_update(c, p->kind, old, row, &n);
}

size_t follow_kinds(void)
{
    return sizeof nouns / sizeof *nouns;
}

static bool concerns(const struct follow *f, const struct path_noun *p)
{
    if (!p->path)
        return f->move.exact;
    return !(p->subtree_only && f->move.exact);
}

enum err follow_some(struct ctx *c, const struct follow *f, size_t kind, int64_t *ret_n)
{
    const struct path_noun *p = &nouns[kind];
    struct vec rows = {0};
    struct q q;
    *ret_n = 0;
    if (!concerns(f, p))
        return OK;
    q_begin(&q, c->db, p->some);
    if (p->path) {
        q_str(&q, "path", f->move.from);
        q_str(&q, "end", f->end);
    } else {
        q_int(&q, "org", f->org);
    }
    q_int(&q, "limit", reorg_batch);
    enum err e = db_fail(c, q_all(&q, p->kind->desc, &rows, c->a));
    for (size_t i = 0; !e && i < rows.n; i++)
        e = one(c, f, p, (char *)rows.p + i * p->kind->desc->size);
    *ret_n = (int64_t)rows.n;
    return e;
}

/* --- the scope of surveys -----------------------------------------------------------------------
 */

static struct str scope_moved(struct ctx *c, const struct path_moves *m, struct str paths)
{
    struct buf b;
    struct arena *a = c->a;
    buf_init(&b, 1 << 20);
    while (paths.n) {
        struct str to = moves_path(m, a, str_cut(paths, ',', &paths)), rest = buf_str(&b);
        bool there = false;
        while (rest.n && !there)
            there = str_eq(str_cut(rest, ',', &rest), to);
        if (there)
            continue;
        if (b.n)
            buf_addc(&b, ',');
        buf_add(&b, to);
    }
    struct str out = b.err ? STR_NULL : arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err campaigns_follow(struct ctx *c, const struct path_moves *m)
{
    struct vec rows = {0};
    struct q q;
    struct note n = {.label = "随机构调整", .silent = true};
    q_begin(&q, c->db, SQL_reorg_campaigns);
    enum err e = db_fail(c, q_all(&q, &campaign_row_desc, &rows, c->a));
    const struct campaign_row *old = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct campaign_row row = old[i];
        row.paths = scope_moved(c, m, row.paths);
        if (!row.paths.p)
            return fail(c, ERR_NOMEM, NULL, NULL);
        if (str_eq(row.paths, old[i].paths))
            continue;
        row.version++;
        e = rec_update(c, &kind_campaign, &old[i], &row, &n);
    }
    return e;
}
