/* The merge as a whole: what the two stores are to each other, the plan, and the one transaction
 * that writes. */
#include "feature/merge/merge.h"

#include <stdio.h>

#include "base/clock.h"
#include "core/crypto.h"
#include "core/kinds.h"
#include "core/meta.h"
#include "core/retire.h"
#include "core/seal.h"
#include "feature/merge/merge_impl.h"

#define MERGED "merged:" /* facts: the id of every store that was taken over */

enum {
    PLAN_MEMORY = 1 << 30,
    ROW_MEMORY = 64 << 20,
    REPORT_MEMORY = 256 << 20,
    TELL_ROWS = 500,
    ALIVE_MS = 6000, /* programs say every two seconds that they are alive */
};

const struct merge_line_info merge_line_infos[MERGE_LINE_KINDS] = {
#define ROW(name, label, forbids) {#name, label, forbids},
#include "feature/merge/lines.def"
#undef ROW
};

/* --- the report ------------------------------------------------------------------------------- */

void merge_report_init(struct merge_report *r)
{
    *r = (struct merge_report){.lines_end = &r->lines};
    arena_init(&r->a, REPORT_MEMORY);
}

void merge_report_free(struct merge_report *r)
{
    arena_free(&r->a);
}

bool merge_forbidden(const struct merge_report *r)
{
    for (int i = 0; i < MERGE_LINE_KINDS; i++)
        if (merge_line_infos[i].forbids && r->per[i])
            return true;
    return false;
}

void merge_line_add(struct merging *x, enum merge_line_kind kind, struct str from, struct str to)
{
    struct merge_report *r = x->r;
    struct merge_line *line = arena_new(&r->a, struct merge_line, 1);
    r->per[kind]++;
    if (!line)
        return; /* counted, and the arena has latched */
    *line = (struct merge_line){kind, arena_str(&r->a, from), arena_str(&r->a, to), NULL};
    *r->lines_end = line;
    r->lines_end = &line->next;
}

void merge_count_set(struct merging *x, const char *name, const char *label, int64_t n)
{
    struct merge_report *r = x->r;
    if (r->ncounts < sizeof r->counts / sizeof *r->counts)
        r->counts[r->ncounts++] = (struct merge_count){name, label, n};
}

void merge_step(struct merging *x, const char *what)
{
    x->done++;
    if (x->spec->progress && (x->done % TELL_ROWS == 0 || x->done == x->total))
        x->spec->progress(x->spec->arg, what, x->done, x->total);
}

/* --- what the two stores are to each other ---------------------------------------------------- */

static enum err refuse(struct merging *x, enum err e, const char *why)
{
    merge_explain(&x->m, "%s", why);
    return e;
}

static enum err heads_read(struct merging *x)
{
    struct seal_row seal;
    struct q q;
    desc_clear(&seal_row_desc, &seal);
    q_begin(&q, x->m.from, SQL_journal_last);
    enum err e = q_one_int(&q, &x->r->journal);
    if (e)
        return e;
    q_begin(&q, x->m.from, SQL_node_newest);
    e = q_one_int(&q, &x->seen);
    if (e)
        return e;
    q_begin(&q, x->m.from, SQL_seal_last);
    e = q_one(&q, &seal_row_desc, &seal, &x->a);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    int64_t key = 0;
    char pem[CRYPTO_PEM_MAX];
    x->r->seals = seal.id;
    if (seal.head.n == SM3_LEN)
        memcpy(x->r->head, seal.head.p, SM3_LEN);
    if (!str_int(seal.key_id, &key) ||
        crypto_public_pem(x->m.source->crypto, (uint32_t)key, pem) != OK)
        return refuse(
            x, ERR_CORRUPT, "来源的数据目录里不是这个库的密钥，请用 --data 指出原来的数据目录");
    return OK;
}

/* "SEALS HEAD JOURNAL": where the source stood when it was taken over. */
static struct str stand(struct merging *x)
{
    char hex[2 * SM3_LEN + 1] = "";
    hex_put(x->r->head, SM3_LEN, hex);
    return arena_fmt(
        &x->a, "%lld %.64s %lld", (long long)x->r->seals, hex, (long long)x->r->journal);
}

static enum err was_merged(struct merging *x)
{
    struct str value;
    const char *key = arena_fmt(&x->a, MERGED "%s", x->r->store).p;
    if (!key)
        return ERR_NOMEM;
    enum err e = meta_get(x->c, key, &value);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    if (!str_eq(value, stand(x)))
        return refuse(x, ERR_CONFLICT,
            "这个库以前并入过，之后来源又写入了新的内容；不能再并一次，没有改动目标");
    x->r->before = true;
    return OK;
}

/* Calls fn for the stores that were taken over into a store. */
static enum err each_merged(struct merging *x, struct db_conn *db,
    enum err (*fn)(struct merging *x, struct str key, struct str value))
{
    struct q q;
    enum err e = OK;
    q_begin(&q, db, SQL_merge_facts);
    q_str(&q, "low", S(MERGED));
    q_str(&q, "high", S(MERGED "~"));
    while (!e && q_row(&q)) {
        struct str key = arena_str(&x->a, q_get_str(&q, 0));
        e = fn(x, key, arena_str(&x->a, q_get_str(&q, 1)));
    }
    enum err end = q_end(&q);
    return e ? e : end;
}

static enum err not_both(struct merging *x, struct str key, struct str value)
{
    struct str own, there;
    (void)value;
    enum err e = meta_get(x->c, "store_id", &own);
    if (e)
        return e;
    bool same = str_eq(str_sub(key, sizeof MERGED - 1, key.n), own);
    e = same ? OK : meta_get(x->c, key.p, &there);
    if (e == ERR_NOT_FOUND)
        return OK;
    return e ? e
             : refuse(
                   x, ERR_CONFLICT, "来源里并入过的一个库也在目标里，再并会有重复；没有改动目标");
}

static enum err relation(struct merging *x)
{
    struct str theirs, own;
    const struct app *from = x->m.source, *to = x->c->app;
    enum err e = meta_get(&x->src, "store_id", &theirs);
    if (!e)
        e = meta_get(x->c, "store_id", &own);
    if (e)
        return e;
    snprintf(x->r->store, sizeof x->r->store, "%.*s", STR_ARG(theirs));
    if (str_eq(theirs, own))
        return refuse(x, ERR_CONFLICT, "来源和目标是同一个库，或一个是另一个的副本；没有改动目标");
    if (from->demo != to->demo || from->test != to->test)
        return refuse(
            x, ERR_STATE, "来源和目标的性质不同（正式、测试、演示），不能并入；没有改动目标");
    e = heads_read(x);
    if (!e)
        e = was_merged(x);
    return e || x->r->before ? e : each_merged(x, x->m.from, not_both);
}

/* --- the plan --------------------------------------------------------------------------------- */

static enum err id_meet(void *arg, void *row)
{
    struct merge_table *t = arg;
    return merge_map_add(&t->map, *field_int(t->kind->desc, row, 0), MERGE_NEW);
}

static enum err id_stay(void *arg, void *row)
{
    struct merge_table *t = arg;
    return merge_map_add(&t->map, *field_int(t->kind->desc, row, 0), MERGE_LEFT);
}

enum err plan_ids(struct merging *x, const struct record_kind *k, int64_t to)
{
    return merge_each(
        &x->m, k, to == MERGE_LEFT ? id_stay : id_meet, merge_table_of(&x->m, k->name));
}

/* Days that lie ahead of the target's clock cannot be opened there. */
static enum err clocks(struct merging *x)
{
    struct q q;
    int64_t last = NULL_INT;
    q_begin(&q, x->m.from, SQL_duty_days);
    if (q_row(&q))
        last = q_get_int(&q, 1);
    enum err e = q_end(&q);
    if (e || last == NULL_INT || last <= x->c->today)
        return e;
    return refuse(x, ERR_CONFLICT, "来源里有目标的今天以后的日期，请检查两边的时钟；没有改动目标");
}

static enum err records_of_month(
    struct merging *x, const struct month_table *t, int64_t month, int64_t *ret_n)
{
    struct q q;
    q_begin(&q, x->m.from, t->records->count);
    q_int(&q, "from", month_key(t, month));
    q_int(&q, "to", month_key(t, month + 1));
    return q_one_int(&q, ret_n);
}

/* A month that the target gave up takes no records: verification would miss its number. */
static enum err months_given_up(struct merging *x)
{
    struct vec rows;
    struct q q;
    q_begin(&q, x->c->db, SQL_retired_all);
    enum err e = q_all(&q, &retired_row_desc, &rows, &x->a);
    const struct retired_row *r = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        int64_t n = 0;
        const struct month_table *t = month_table_of(x->c->app, r[i].kind);
        e = t ? records_of_month(x, t, retired_month(r[i].id), &n) : OK;
        if (e || !n)
            continue;
        merge_explain(&x->m,
            "目标已清退 %.*s 的记录，来源还有这个月的 %lld 条：请先在来源里清退到同一个月份；"
            "没有改动目标",
            STR_ARG(r[i].month), (long long)n);
        return ERR_CONFLICT;
    }
    return e;
}

static enum err dailies(struct merging *x)
{
    for (const struct sql_table *t = sql_tables; t->name; t++) {
        struct q q;
        if (strcmp(t->name, "daily") != 0)
            continue;
        q_begin_text(&q, x->m.from, str_z(t->count));
        return q_one_int(&q, &x->dailies);
    }
    return ERR_INTERNAL;
}

/* Firms come first: what hangs on one that stays behind is judged by it. */
static enum err plan_all(struct merging *x)
{
    static const struct record_kind *const plain[] = {&kind_product, &kind_person,
        &kind_paper_check, &kind_grade_change, &kind_view, &kind_risklist, &kind_suspension,
        &kind_hazard, &kind_event, &kind_site, &kind_firm_doc, &kind_supplier, &kind_assessment};
    enum err e = clocks(x);
    if (!e)
        e = months_given_up(x);
    if (!e)
        e = dailies(x);
    if (!e)
        e = plan_orgs(x);
    if (!e)
        e = plan_templates(x);
    if (!e)
        e = plan_firms(x);
    if (!e)
        e = plan_accounts(x);
    for (size_t i = 0; !e && i < sizeof plain / sizeof *plain; i++)
        e = plan_ids(x, plain[i], MERGE_NEW);
    if (!e)
        e = plan_invites(x);
    return e ? e : plan_files(x);
}

static int64_t to_come(const struct merge_map *map)
{
    int64_t n = 0;
    for (size_t i = 0; i < map->n; i++)
        n += map->to[i] == MERGE_NEW;
    return n;
}

/* How much there is; what hangs on firms that stay behind is still among it. */
static void plan_tell(struct merging *x)
{
    for (size_t i = 0; i < x->m.ntables; i++) {
        const struct merge_table *t = &x->m.tables[i];
        bool daily = t->kind == &kind_daily;
        merge_count_set(x, t->kind->name, t->kind->label, daily ? x->dailies : to_come(&t->map));
    }
}

struct job_of {
    const struct merge_spec *s;
    struct merge_report *r;
    bool look; /* at the files of attachments, which takes long */
};

static enum err begin(struct merging *x, struct ctx *c, const struct job_of *j)
{
    const struct merge_spec *s = j->s;
    struct merge_report *r = j->r;
    *x = (struct merging){.spec = s, .r = r, .c = c, .look = j->look};
    arena_init(&x->a, PLAN_MEMORY);
    arena_init(&x->row, ROW_MEMORY);
    enum err e = merge_begin(&x->m, s->source);
    app_ctx(s->source, &x->src, &x->a, x->m.from);
    x->m.c = c;
    x->m.path = merge_path;
    x->m.version = merge_version;
    x->m.computed = merge_computed;
    x->m.arg = x;
    if (!e)
        e = relation(x);
    if (!e && !r->before)
        e = plan_all(x);
    if (!e && merge_forbidden(r))
        e = ERR_CONFLICT;
    return e;
}

static enum err finish(struct merging *x, enum err e)
{
    if (x->a.failed || x->row.failed || x->r->a.failed)
        e = e ? e : ERR_NOMEM;
    snprintf(x->r->why, sizeof x->r->why, "%s", x->m.why);
    if (e && !x->r->why[0] && x->c->err_message.p)
        snprintf(x->r->why, sizeof x->r->why, "%.*s", STR_ARG(x->c->err_message));
    merge_end(&x->m);
    arena_free(&x->row);
    arena_free(&x->a);
    return e;
}

static enum err judge(struct ctx *c, void *arg)
{
    static struct merging x; /* large */
    const struct job_of *j = arg;
    enum err e = begin(&x, c, j);
    if (!e && !j->r->before)
        plan_tell(&x);
    return finish(&x, e);
}

enum err merge_judge(struct app *target, const struct merge_spec *s, struct merge_report *r)
{
    struct job_of j = {s, r, true};
    return app_read(target, judge, &j);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* A record of a firm that the target has already, of a kind that does not join it. */
static bool stays(const struct taking *t, void *row)
{
    int firm = desc_find(t->kind->desc, S("firm"));
    return !t->joins && firm >= 0 &&
           merge_joined(t->x, *field_int(t->kind->desc, row, (size_t)firm));
}

static enum err take_row(void *arg, void *row)
{
    struct taking *t = arg;
    struct merging *x = t->x;
    struct note quiet = {.silent = true};
    bool skip = stays(t, row), left = false;
    arena_reset(&x->row);
    enum err e = t->fix && !skip ? t->fix(x, row, &skip) : OK;
    if (!e && !skip)
        e = merge_row(&x->m, t->kind, row, &left);
    if (e || skip || left)
        return e;
    t->n++;
    return rec_insert(x->c, t->kind, row, &quiet);
}

enum err take_kind(struct taking *t)
{
    enum err e = merge_each(&t->x->m, t->kind, take_row, t);
    merge_count_set(t->x, t->kind->name, t->kind->label, t->n);
    return e;
}

static enum err number_all(struct merging *x)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < x->m.ntables; i++)
        if (x->m.tables[i].kind != &kind_org)
            e = merge_number(x->c, &x->m.tables[i]);
    return e;
}

static enum err mark_again(struct merging *x, struct str key, struct str value)
{
    return meta_put(x->c, key.p, value);
}

/* The first entry: whose records follow, and where that store's own proof ends. */
static enum err mark(struct merging *x)
{
    const char *key = arena_fmt(&x->a, MERGED "%s", x->r->store).p;
    char hex[2 * SM3_LEN + 1] = "";
    hex_put(x->r->head, SM3_LEN, hex);
    if (!key)
        return ERR_NOMEM;
    enum err e = meta_put(x->c, key, stand(x));
    if (!e)
        e = each_merged(x, x->m.from, mark_again);
    struct str text = arena_fmt(&x->a,
        "库 %s：存证 %lld 条，末批次 %lld，批次头 %.64s；单位 %lld 家，日管控记录 %lld 条",
        x->r->store, (long long)x->r->journal, (long long)x->r->seals, hex, (long long)x->nfirms,
        (long long)x->dailies);
    return e ? e : journal_event(x->c, 0, "并入另一个库", text);
}

/* Somebody wrote to the source, or serves it, since the snapshot. */
static enum err source_still(struct merging *x)
{
    struct db_conn *db = NULL;
    int64_t journal = 0, seen = 0;
    struct q q;
    enum err e = db_connect(x->m.source->db, DB_READ, &db);
    if (e)
        return e;
    q_begin(&q, db, SQL_journal_last);
    e = q_one_int(&q, &journal);
    if (!e) {
        q_begin(&q, db, SQL_node_newest);
        e = q_one_int(&q, &seen);
    }
    db_disconnect(db);
    if (e || (journal == x->r->journal && seen <= x->seen))
        return e;
    return refuse(x, ERR_BUSY,
        "并入期间来源又写入了内容或还在提供服务；没有改动目标，"
        "请停止来源的服务后再运行同一命令");
}

static enum err target_alone(struct merging *x)
{
    struct q q;
    int64_t n = 0;
    if (!db_is_shared(x->c->app->db))
        return OK;
    q_begin(&q, x->c->db, SQL_merge_nodes);
    q_str(&q, "id", str_z(x->c->app->node));
    q_int(&q, "since", clock_real_ms() - ALIVE_MS);
    enum err e = q_one_int(&q, &n);
    if (e || !n)
        return e;
    return refuse(
        x, ERR_BUSY, "目标还在提供服务；没有改动它，请停止目标的服务，几秒后再运行同一命令");
}

static enum err take_all(struct merging *x)
{
    static enum err (*const steps[])(struct merging * x) = {number_all, mark, take_history,
        take_orgs, take_templates, take_accounts, open_days, take_firms, take_records, take_days,
        source_still};
    struct arena *was = x->c->a;
    enum err e = OK;
    x->c->a = &x->row;
    x->c->op = S("merge");
    count_at_once(x->c);
    for (size_t i = 0; !e && i < sizeof steps / sizeof *steps; i++)
        e = steps[i](x);
    if (!e)
        e = x->c->err;
    x->c->a = was;
    return e;
}

static enum err store(struct ctx *c, void *arg)
{
    static struct merging x; /* large */
    const struct job_of *j = arg;
    enum err e = begin(&x, c, j);
    if (!e && !j->r->before)
        e = target_alone(&x);
    if (!e && !j->r->before)
        e = take_all(&x);
    return finish(&x, e);
}

/* Before any row names them: a merge that is cut off leaves at most files nobody names. */
static enum err copy(struct ctx *c, void *arg)
{
    static struct merging x; /* large */
    const struct job_of *j = arg;
    enum err e = begin(&x, c, j);
    if (!e && !j->r->before)
        e = target_alone(&x);
    if (!e && !j->r->before)
        e = take_files(&x);
    return finish(&x, e);
}

enum err merge_store(struct app *target, const struct merge_spec *s, struct merge_report *r)
{
    struct merge_report files;
    struct job_of first = {s, &files, false}, j = {s, r, false};
    merge_report_init(&files);
    enum err e = app_read(target, copy, &first);
    snprintf(r->why, sizeof r->why, "%s", files.why);
    r->files = files.files;
    merge_report_free(&files);
    return e ? e : app_write(target, NULL, store, &j);
}
