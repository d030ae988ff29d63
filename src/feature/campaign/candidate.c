/* Candidates as they are stored: derived columns, counters, the firm they are. */
#include "base/utf8.h"
#include "core/codes.h"
#include "core/template.h"
#include "domain/uscc.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)

enum { NOTE_DEPTH = 32, BACK_MAX = 200, UNDO_DAYS = 15 };
enum { INITIALS_MAX = 400, JOINED_MAX = 1000, CITY_PATH = 10, COUNTY_PATH = 15, TOWN_CODE = 9 };

/* --- joined codes ------------------------------------------------------------------------------
 */

static bool joined_has(struct str joined, struct str code)
{
    while (joined.n)
        if (str_eq(str_cut(joined, ',', &joined), code))
            return true;
    return false;
}

struct str codes_join(struct ctx *c, struct str joined, struct str more)
{
    struct buf b;
    buf_init(&b, JOINED_MAX);
    buf_add(&b, joined);
    while (more.n) {
        struct str one = str_cut(more, ',', &more);
        if (!one.n || joined_has(buf_str(&b), one))
            continue;
        if (b.n)
            buf_addc(&b, ',');
        buf_add(&b, one);
    }
    struct str s = b.n ? keep(c, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return s;
}

bool codes_prio(struct ctx *c, struct str joined)
{
    while (joined.n) {
        const struct jin *row = code_row(c, "entry_reason", str_cut(joined, ',', &joined));
        if (jin_bool(jin_get(row, "priority"), false))
            return true;
    }
    return false;
}

/* --- counters ----------------------------------------------------------------------------------
 */

static const struct counter_def counter = {SQL_campaign_count_add, "campaign",
    {"total", "pending", "in_scope", "out_scope", "not_found", "on_file", "admitted", "prio",
        "prio_pending", "prio_on_file", NULL}};

static const char *const states[] = {"pending", "in", "out", "none"};

static void count(struct ctx *c, const struct candidate_row *row, bool admitted, int64_t by)
{
    int64_t v[COUNTER_COLS] = {by};
    bool pending = str_eqz(row->state, "pending"), in = str_eqz(row->state, "in");
    bool on_file = row->firm != NULL_INT && (pending || in);
    for (int i = 0; i < 4; i++)
        v[1 + i] = str_eqz(row->state, states[i]) ? by : 0;
    v[5] = on_file ? by : 0;
    v[6] = on_file && admitted ? by : 0;
    v[7] = row->prio == 1 ? by : 0;
    v[8] = row->prio == 1 && pending ? by : 0;
    v[9] = row->prio == 1 && on_file ? by : 0;
    count_add(c, &counter, row->campaign, row->org_path, v);
}

static enum err is_admitted(struct ctx *c, int64_t firm, bool *ret)
{
    struct q q;
    *ret = false;
    if (firm == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_candidate_firm_state);
    q_int(&q, "firm", firm);
    if (q_row(&q))
        *ret = str_eqz(q_get_str(&q, 0), "admitted");
    return db_fail(c, q_end(&q));
}

/* The firm a candidate was before a merger led it to another: noted in the change. */
static bool was_firm(const struct jin *note, int64_t firm)
{
    const struct jin *changes = jin_get(note, "changes");
    for (size_t i = 0; i < jin_len(changes); i++)
        if (str_eqz(jin_str(jin_get(jin_at(changes, i), "field")), "firm"))
            return jin_int(jin_get(jin_at(changes, i), "old"), NULL_INT) == firm;
    return false;
}

static enum err of_firm(struct ctx *c, int64_t firm, struct vec *ret)
{
    struct q q;
    *ret = (struct vec){0};
    q_begin(&q, c->db, SQL_candidates_of_firm);
    q_int(&q, "firm", firm);
    return db_fail(c, q_all(&q, &candidate_row_desc, ret, c->a));
}

/* A firm enters or leaves the admitted ones, or moves to another authority. */
enum err campaign_firm_changed(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct vec rows = {0};
    bool was = str_eqz(old->state, "admitted"), is = str_eqz(row->state, "admitted");
    bool moved = !str_eq(old->org_path, row->org_path);
    enum err e = was != is || moved ? of_firm(c, row->id, &rows) : OK;
    for (size_t i = 0; !e && i < rows.n; i++) {
        const struct candidate_row *k = (const struct candidate_row *)rows.p + i;
        count(c, k, was, -1);
        count(c, k, is, 1);
        if (moved)
            e = candidate_follow(c, k, row, &(struct note){.silent = true});
    }
    return e;
}

enum err campaign_firm_merged(
    struct ctx *c, const struct firm_row *gone, const struct firm_row *kept)
{
    struct vec rows;
    struct note n = {.label = "候选单位改为对应保留的档案", .text = gone->name};
    enum err e = of_firm(c, gone->id, &rows);
    for (size_t i = 0; !e && i < rows.n; i++)
        e = candidate_follow(c, (const struct candidate_row *)rows.p + i, kept, &n);
    return e;
}

/* Which candidates a merger within the days it may be taken back led from gone to kept. */
static enum err came_from(
    struct ctx *c, int64_t kept, int64_t gone, int64_t ids[BACK_MAX], size_t *ret_n)
{
    int64_t days = setting_int(c->app, "merge_undo_days", UNDO_DAYS);
    enum err e = OK;
    struct q q;
    *ret_n = 0;
    q_begin(&q, c->db, SQL_journal_firm_since);
    q_int(&q, "firm", kept);
    q_int(&q, "at", c->now - (days + 1) * DAY_MS);
    while (!e && *ret_n < BACK_MAX && q_row(&q)) {
        const struct jin *note = NULL;
        if (q_get_int(&q, 1) != kind_candidate.code)
            continue;
        e = jin_parse(q_get_str(&q, 3), NOTE_DEPTH, &note);
        if (!e && was_firm(note, gone))
            ids[(*ret_n)++] = q_get_int(&q, 2);
        jin_free(note);
    }
    enum err end = q_end(&q);
    return e ? e : db_fail(c, end);
}

enum err campaign_firm_unmerged(
    struct ctx *c, const struct firm_row *kept, const struct firm_row *gone)
{
    int64_t ids[BACK_MAX];
    size_t n = 0;
    struct note note = {.label = "候选单位改回原来的档案", .text = gone->name};
    enum err e = came_from(c, kept->id, gone->id, ids, &n);
    for (size_t i = 0; !e && i < n; i++) {
        struct candidate_row row;
        e = rec_get(c, &kind_candidate, ids[i], &row);
        if (!e && row.firm == kept->id)
            e = candidate_follow(c, &row, gone, &note);
    }
    return e;
}

enum err campaign_recount(struct ctx *c, int64_t campaign)
{
    struct q q;
    struct candidate_row row;
    q_begin(&q, c->db, SQL_campaign_count_clear);
    q_int(&q, "campaign", campaign);
    enum err e = q_exec(&q);
    if (e)
        return db_fail(c, e);
    q_begin(&q, c->db, SQL_candidates_counted);
    q_int(&q, "campaign", campaign);
    while (q_row(&q)) {
        desc_clear(&candidate_row_desc, &row);
        q_read(&q, &candidate_row_desc, &row, c->a);
        count(c, &row, str_eqz(q_get_str(&q, 0), "admitted"), 1);
    }
    return db_fail(c, q_end(&q));
}

/* --- storing -----------------------------------------------------------------------------------
 */

static void derive(struct ctx *c, struct candidate_row *row)
{
    static const int64_t orders[] = {3, 0, 1, 2}; /* in the order of states */
    row->p2 = keep(c, str_sub(row->org_path, 0, CITY_PATH));
    row->p3 = keep(c, str_sub(row->org_path, 0, COUNTY_PATH));
    row->prio = codes_prio(c, row->reasons);
    for (int i = 0; i < 4; i++)
        if (str_eqz(row->state, states[i]))
            row->rank = orders[i] * 2 + row->prio;
}

enum err candidate_add(struct ctx *c, struct candidate_row *row, const struct note *n)
{
    struct buf b;
    bool admitted = false;
    buf_init(&b, INITIALS_MAX);
    pinyin_initials(&ref_tables(c->app)->pinyin, row->name, &b);
    row->py = keep(c, buf_str(&b));
    buf_free(&b);
    if (!row->state.n)
        row->state = S("pending");
    derive(c, row);
    row->at = c->now;
    row->by_account = c->actor.account;
    row->version = 1;
    enum err e = rec_insert(c, &kind_candidate, row, n);
    if (!e)
        e = is_admitted(c, row->firm, &admitted);
    if (!e)
        count(c, row, admitted, 1);
    return e;
}

enum err candidate_change(
    struct ctx *c, const struct candidate_row *old, struct candidate_row *row, const struct note *n)
{
    bool was = false, is = false;
    derive(c, row);
    row->version = old->version + 1;
    enum err e = is_admitted(c, old->firm, &was);
    if (!e)
        e = is_admitted(c, row->firm, &is);
    if (!e)
        e = rec_update(c, &kind_candidate, old, row, n);
    if (e)
        return e;
    count(c, old, was, -1);
    count(c, row, is, 1);
    return OK;
}

enum err candidate_follow(struct ctx *c, const struct candidate_row *old,
    const struct firm_row *firm, const struct note *n)
{
    struct campaign_row camp;
    struct candidate_row row = *old;
    enum err e = rec_get(c, &kind_campaign, old->campaign, &camp);
    if (e || !str_eqz(camp.state, "open"))
        return e;
    row.firm = firm->id;
    if (campaign_holds(&camp, firm->org_path)) {
        row.org = firm->org;
        row.org_path = firm->org_path;
        row.town = firm->town;
    }
    return rec_same(&kind_candidate, old, &row) ? OK : candidate_change(c, old, &row, n);
}

/* --- place and firm ----------------------------------------------------------------------------
 */

enum err candidate_place(struct ctx *c, struct candidate_row *row, struct str area)
{
    struct firm_row place;
    desc_clear(&firm_row_desc, &place);
    enum err e = firm_place(c, &place, area);
    if (e)
        return e;
    row->town = area;
    row->org = place.org;
    row->org_path = place.org_path;
    return OK;
}

/* The firm in scope that a statement leads to; one of the same township before any other. */
static enum err look(struct ctx *c, struct q *q, struct candidate_row *row, const char *how)
{
    bool near = false;
    while (!near && q_row(q)) {
        if (c->actor.account && !scope_has(c, q_get_str(q, 1)))
            continue;
        near = str_eq(q_get_str(q, 2), row->town);
        if (row->firm == NULL_INT || near)
            row->firm = q_get_int(q, 0);
        row->matched = str_z(how);
    }
    return db_fail(c, q_end(q));
}

enum err candidate_match(struct ctx *c, struct candidate_row *row)
{
    struct q q;
    enum err e = OK;
    if (row->firm != NULL_INT)
        return OK;
    if (row->uscc.n) {
        q_begin(&q, c->db, SQL_candidate_firm_coded);
        q_str(&q, "uscc", row->uscc);
        e = look(c, &q, row, "code");
    }
    if (e || row->firm != NULL_INT || row->town.n < TOWN_CODE)
        return e;
    q_begin(&q, c->db, SQL_candidate_firm_named);
    q_str(&q, "name", row->name);
    q_str(&q, "town", row->town);
    return look(c, &q, row, "name");
}

/* --- reading -----------------------------------------------------------------------------------
 */

enum err candidate_need(
    struct ctx *c, int64_t id, struct candidate_row *ret, struct campaign_row *ret_campaign)
{
    enum err e = id > 0 ? rec_get(c, &kind_candidate, id, ret) : ERR_NOT_FOUND;
    if (!e && !scope_has(c, ret->org_path))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : campaign_need(c, ret->campaign, ret_campaign);
}

static enum err firm_of(struct ctx *c, const struct candidate_row *row, struct candidate_view *ret)
{
    struct q q;
    if (row->firm == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_candidate_firm_state);
    q_int(&q, "firm", row->firm);
    if (q_row(&q)) {
        ret->firm_state = code_label(c, "firm_state", q_get_str(&q, 0));
        ret->firm_name = keep(c, q_get_str(&q, 1));
    }
    return db_fail(c, q_end(&q));
}

enum err candidate_view_fill(
    struct ctx *c, const struct candidate_row *row, struct candidate_view *ret)
{
    struct q q;
    struct campaign_row camp;
    struct area_row area;
    desc_clear(&candidate_view_desc, ret);
    enum err e = campaign_need(c, row->campaign, &camp);
    if (!e)
        e = firm_of(c, row, ret);
    if (e)
        return e;
    ret->id = row->id;
    ret->version = row->version;
    ret->record = campaign_row_text(c, &candidate_row_desc, row);
    ret->state_label = code_label(c, "candidate_state", row->state);
    ret->org_name = org_name(c, row->org);
    ret->town_name = area_get(c, row->town, &area) == OK ? area.name : STR_NULL;
    ret->campaign_title = camp.title;
    ret->can_tick = str_eqz(camp.state, "open") && can(c, PERM_CANDIDATE_TICK);
    c->reply.version = row->version;
    q_begin(&q, c->db, SQL_attachment_of_owner);
    q_int(&q, "firm", 0);
    q_str(&q, "owner_kind", S("candidate"));
    q_int(&q, "owner", row->id);
    return db_fail(c, q_all(&q, &candidate_photo_desc, &ret->photos, c->a));
}

enum err op_candidate_get(struct ctx *c, const struct candidate_ref *in, struct candidate_view *ret)
{
    struct candidate_row row;
    struct campaign_row camp;
    enum err e = candidate_need(c, in->candidate, &row, &camp);
    return e ? e : candidate_view_fill(c, &row, ret);
}

/* --- one more, found on site -------------------------------------------------------------------
 */

static void check_code(struct ctx *c, struct candidate_row *row)
{
    struct buf b;
    if (!row->uscc.n)
        return;
    buf_init(&b, 200);
    uscc_normalise(row->uscc, &b);
    row->uscc = keep(c, buf_str(&b));
    buf_free(&b);
    enum uscc_verdict v = uscc_check(row->uscc);
    if (v != USCC_VALID && v != USCC_BAD_CHECK)
        complain(c, S("uscc"), "uscc", "统一社会信用代码：%s", uscc_text(v));
}

static enum err check_double(struct ctx *c, const struct candidate_row *row)
{
    struct q q;
    q_begin(&q, c->db, SQL_candidate_same);
    q_int(&q, "campaign", row->campaign);
    q_str(&q, "uscc", row->uscc.n ? row->uscc : STR_NULL);
    q_str(&q, "name", row->name);
    q_str(&q, "town", row->town);
    if (q_row(&q))
        complain(c, S("name"), "duplicate", "名单里已有这家单位：%.*s，请直接核对",
            STR_ARG(scope_has(c, q_get_str(&q, 2)) ? keep(c, q_get_str(&q, 1)) : S("在其他辖区")));
    return db_fail(c, q_end(&q));
}

enum err op_candidate_create(
    struct ctx *c, const struct candidate_new *in, struct candidate_view *ret)
{
    struct campaign_row camp;
    struct candidate_row row;
    struct note n = {.label = "补充候选单位", .text = in->name};
    enum err e = campaign_need_open(c, in->campaign, &camp);
    if (e)
        return e;
    desc_clear(&candidate_row_desc, &row);
    row.campaign = camp.id;
    row.name = in->name;
    row.uscc = in->uscc.n ? in->uscc : STR_NULL;
    row.address = in->address;
    row.kind = in->kind.n ? in->kind : STR_NULL;
    row.sources = S("found");
    row.reasons = in->reasons.n ? in->reasons : STR_NULL;
    check_code(c, &row);
    e = candidate_place(c, &row, in->town);
    if (!e && (!scope_has(c, row.org_path) || !campaign_holds(&camp, row.org_path)))
        complain(c, S("town"), "scope", "乡镇（街道）：不在您的管辖范围或这次摸底的范围内");
    if (!e)
        e = check_double(c, &row);
    if (!e)
        e = checked(c);
    if (!e)
        e = candidate_match(c, &row);
    if (!e)
        e = candidate_add(c, &row, &n);
    return e ? e : candidate_view_fill(c, &row, ret);
}
