/* Responsible persons (R-011…R-020): one row per post and period, appointed and ended, never
 * overwritten. Numbers are stored encrypted, shown masked, and read in clear only as a logged act.
 */
#include "feature/people/people_impl.h"

#include "core/batch.h"
#include "core/codes.h"
#include "core/masked.h"
#include "domain/idcard.h"
#include "feature/ops.h"

enum { NUMBER_MAX = 200 };

/* --- numbers ------------------------------------------------------------------------------------
 */

static struct str normalised(
    struct ctx *c, struct str typed, void (*how)(struct str s, struct buf *out))
{
    struct buf b;
    if (!typed.n)
        return STR_NULL;
    buf_init(&b, NUMBER_MAX);
    how(typed, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s.n ? s : STR_NULL;
}

struct str phone_read(struct ctx *c, const char *field, struct str typed)
{
    struct str s = normalised(c, typed, phone_normalise);
    if (typed.n && !phone_valid(s))
        complain(c, str_z(field), "phone", "电话：应为 11 位手机号，或区号加 7 到 8 位号码");
    return s;
}

struct str id_no_read(struct ctx *c, const char *field, struct str typed)
{
    struct str s = normalised(c, typed, idcard_normalise);
    enum idcard_verdict v = typed.n ? idcard_check(s) : IDCARD_VALID;
    if (v != IDCARD_VALID)
        complain(c, str_z(field), "id_no", "证件号：%s", idcard_text(v));
    return s;
}

struct number {
    const char *column;
    struct str index; /* name of the blind index */
    struct str clear;
    struct str *blob, *idx;
};

static enum err number_store(struct ctx *c, int64_t person, const struct number *n)
{
    struct crypto_place at = {"person", n->column, person};
    unsigned char index[CRYPTO_INDEX_LEN];
    if (!n->clear.n)
        return OK;
    enum err e = crypto_encrypt(c->app->crypto, &at, n->clear, c->a, n->blob);
    if (!e)
        e = crypto_index(c->app->crypto, n->index, n->clear, index);
    if (e)
        return fail(c, e, NULL, NULL);
    *n->idx = keep(c, (struct str){(const char *)index, sizeof index});
    return OK;
}

static enum err number_clear(
    struct ctx *c, int64_t person, const char *column, struct str blob, struct str *ret)
{
    struct crypto_place at = {"person", column, person};
    *ret = STR_NULL;
    enum err e = blob.n ? crypto_decrypt(c->app->crypto, &at, blob, c->a, ret) : OK;
    return e ? fail(c, e, NULL, NULL) : OK;
}

/* A list stays readable when one number does not check: the cell says so. */
static struct str number_masked(struct ctx *c, int64_t person, const char *column, struct str blob)
{
    struct crypto_place at = {"person", column, person};
    return masked(c, &at, blob, strcmp(column, "phone") == 0 ? phone_mask : idcard_mask);
}

/* --- who is in post -----------------------------------------------------------------------------
 */

enum err person_posts(struct ctx *c, int64_t firm, struct str post, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_person_in_post);
    q_int(&q, "firm", firm);
    q_str(&q, "post", post);
    return db_fail(c, q_all(&q, &person_row_desc, ret, c->a));
}

/* A successor starts when the predecessor has left. */
static enum err check_gap(struct ctx *c, const struct post_claim *claim)
{
    struct q q;
    int64_t last = -1;
    if (claim->from == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_person_last_end);
    q_int(&q, "firm", claim->firm);
    q_str(&q, "post", claim->post);
    enum err e = q_one_int(&q, &last);
    if (!e && claim->from < last)
        complain(c, S("from_day"), "range", "任职起：不能早于前任的离任日期");
    return db_fail(c, e);
}

enum err post_free(struct ctx *c, const struct post_claim *claim)
{
    struct vec have;
    bool single =
        str_eqz(claim->post, "principal") || (str_eqz(claim->post, "director") && !claim->second);
    enum err e = person_posts(c, claim->firm, claim->post, &have);
    if (e)
        return e;
    const struct person_row *rows = have.p;
    struct str label = code_label(c, "post", claim->post);
    for (size_t i = 0; i < have.n; i++)
        if (str_eq(rows[i].name, claim->name))
            complain(c, S("name"), "taken", "姓名：%.*s已经是%.*s", STR_ARG(claim->name),
                STR_ARG(label));
    if (single && have.n && c->problem_count == 0)
        complain(c, S("post"), "taken", "岗位：已有%.*s%.*s，请先办理离任", STR_ARG(label),
            STR_ARG(rows[0].name));
    return str_eqz(claim->post, "principal") ? check_gap(c, claim) : OK;
}

enum err person_add(
    struct ctx *c, struct person_row *row, const struct person_numbers *n, const char *label)
{
    row->id = id_next(c);
    row->version = 1;
    row->to_day = NULL_INT;
    struct number phone = {"phone", S("phone"), n->phone, &row->phone, &row->phone_idx};
    struct number id_no = {"id_no", S("id_no"), n->id_no, &row->id_no, &row->id_idx};
    enum err e = c->err ? c->err : number_store(c, row->id, &phone);
    if (!e)
        e = number_store(c, row->id, &id_no);
    struct str said = code_label(c, "post", row->post);
    struct note note = {
        .label = label, .text = arena_fmt(c->a, "%.*s %.*s", STR_ARG(said), STR_ARG(row->name))};
    if (!e)
        e = rec_insert(c, &kind_person, row, &note);
    if (!e)
        e = firm_posts_changed(c, row->firm);
    return e ? e : firm_paper_reopen(c, row->firm, "person");
}

/* --- views --------------------------------------------------------------------------------------
 */

static void show(struct ctx *c, const struct person_row *row, struct person_view *v)
{
    desc_clear(&person_view_desc, v);
    v->id = row->id;
    v->post = row->post;
    v->post_label = code_label(c, "post", row->post);
    v->name = row->name;
    v->phone = number_masked(c, row->id, "phone", row->phone);
    v->id_no = number_masked(c, row->id, "id_no", row->id_no);
    v->from_day = row->from_day;
    v->to_day = row->to_day;
    v->full_time = row->full_time;
    v->doc_no = row->doc_no;
    v->has_account = row->account != NULL_INT;
    v->other_duties = row->other_duties;
    v->is_legal = row->is_legal;
    v->appointment = row->appointment;
    v->checked = row->checked == NULL_INT ? 1 : row->checked;
    v->checked_by = row->checked_by;
    v->version = row->version;
}

/* Puts each open invitation beside the person it is for. */
static enum err mark_invites(struct ctx *c, int64_t firm, struct person_view *v, size_t n)
{
    struct q q;
    q_begin(&q, c->db, SQL_invite_open_of_firm);
    q_int(&q, "firm", firm);
    q_int(&q, "now", c->now);
    while (q_row(&q)) {
        for (size_t i = 0; i < n; i++)
            if (v[i].to_day == NULL_INT && str_eq(v[i].post, q_get_str(&q, 1)) &&
                str_eq(v[i].name, q_get_str(&q, 2)))
                v[i].invite = q_get_int(&q, 0);
    }
    return db_fail(c, q_end(&q));
}

static enum err show_one(struct ctx *c, const struct person_row *row, struct person_view *ret)
{
    show(c, row, ret);
    c->reply.version = row->version;
    return mark_invites(c, row->firm, ret, 1);
}

/* Firm users see their own firm's people, authorities those of firms they may read. */
static enum err firm_open(struct ctx *c, int64_t firm, struct firm_row *ret)
{
    if (!c->actor.firm && !can(c, PERM_FIRM_READ))
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    return firm_need(c, firm, ret);
}

enum err person_rows(struct ctx *c, int64_t firm, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_person_of_firm);
    q_int(&q, "firm", firm);
    return db_fail(c, q_all(&q, &person_row_desc, ret, c->a));
}

/* What is wrong with those in post: a director who is the only officer, a failed assessment. */
static enum err mark_warnings(struct ctx *c, int64_t firm, struct person_view *v, size_t n)
{
    size_t officers = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        if (v[i].to_day == NULL_INT && str_eqz(v[i].post, "officer")) {
            officers++;
            at = i;
        }
    for (size_t i = 0; i < n && officers == 1; i++)
        if (v[i].to_day == NULL_INT && str_eqz(v[i].post, "director") &&
            str_eq(v[i].name, v[at].name))
            v[i].warning = v[at].warning = S("总监同时是唯一的质量安全员");
    return bars_mark(c, firm, v, n);
}

enum err op_person_list(struct ctx *c, const struct firm_ref *in, struct person_list *ret)
{
    struct firm_row firm;
    struct vec rows;
    enum err e = firm_open(c, in->firm, &firm);
    if (!e)
        e = person_rows(c, in->firm, &rows);
    if (e)
        return e;
    struct person_view *views = arena_new(c->a, struct person_view, rows.n + 1);
    if (!views)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < rows.n; i++)
        show(c, (const struct person_row *)rows.p + i, &views[i]);
    ret->items = (struct vec){views, rows.n};
    e = mark_warnings(c, in->firm, views, rows.n);
    if (!e)
        e = person_vacancies(c, &firm, &rows, &ret->vacancies);
    return e ? e : mark_invites(c, in->firm, views, rows.n);
}

/* --- appointing and leaving ---------------------------------------------------------------------
 */

/* Who answers for the firm as a whole is told by its authority, not by the firm itself. */
static void check_own(struct ctx *c, struct str post)
{
    if (c->actor.firm > 0 && str_eqz(post, "principal"))
        complain(c, S("post"), "range", "岗位：主要负责人的变更请联系属地监管所办理");
}

enum err op_person_create(struct ctx *c, const struct person_new *in, struct person_view *ret)
{
    struct firm_row firm;
    struct person_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&person_row_desc, &row);
    row.firm = firm.id;
    row.post = in->post;
    row.name = in->name;
    row.from_day = in->from_day == NULL_INT ? c->today : in->from_day;
    row.doc_no = in->doc_no;
    row.full_time = in->full_time;
    row.other_duties = in->other_duties;
    row.is_legal = in->is_legal;
    row.appointment = in->appointment;
    row.checked = c->actor.firm > 0 ? 0 : NULL_INT;
    struct person_numbers n = {
        phone_read(c, "phone", in->phone), id_no_read(c, "id_no", in->id_no)};
    check_own(c, row.post);
    if (row.from_day > c->today)
        complain(c, S("from_day"), "range", "任职起：不能晚于今天");
    struct post_claim claim = {firm.id, row.post, row.name, row.from_day, in->second == 1};
    e = post_free(c, &claim);
    if (!e)
        e = bar_check(c, &row, n.id_no);
    if (!e)
        e = checked(c);
    if (!e)
        e = person_add(c, &row, &n, "登记责任人员");
    if (!e)
        e = attachment_assign(
            c, &(struct attachment_owner){firm.id, "person", row.id}, row.appointment);
    return e ? e : show_one(c, &row, ret);
}

static enum err person_of(struct ctx *c, int64_t firm, int64_t id, struct person_row *ret)
{
    struct firm_row row;
    enum err e = firm_need(c, firm, &row);
    if (!e)
        e = id > 0 ? rec_get(c, &kind_person, id, ret) : ERR_NOT_FOUND;
    if (!e && ret->firm != firm)
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err check_end(struct ctx *c, const struct person_end *in, const struct person_row *row)
{
    if (row->to_day != NULL_INT)
        return fail(c, ERR_STATE, NULL, "已经办理过离任");
    check_own(c, row->post);
    if (in->to_day > c->today)
        complain(c, S("to_day"), "range", "离任日期：不能晚于今天");
    if (row->from_day != NULL_INT && in->to_day < row->from_day)
        complain(c, S("to_day"), "range", "离任日期：不能早于任职日期");
    return checked(c);
}

/* The account goes with the last post it served. */
static enum err stop_account(struct ctx *c, const struct person_row *row, struct str reason)
{
    struct q q;
    int64_t others = 0;
    if (row->account == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_person_other_posts);
    q_int(&q, "firm", row->firm);
    q_int(&q, "account", row->account);
    q_int(&q, "id", row->id);
    enum err e = db_fail(c, q_one_int(&q, &others));
    return e || others ? e : account_stop(c, row->account, reason);
}

enum err op_person_end(struct ctx *c, const struct person_end *in, struct person_view *ret)
{
    struct person_row old, row;
    enum err e = person_of(c, in->firm, in->person, &old);
    if (!e)
        e = check_end(c, in, &old);
    if (e)
        return e;
    row = old;
    row.to_day = in->to_day;
    row.version++;
    struct note n = {.label = "责任人员离任", .text = in->reason};
    e = rec_update(c, &kind_person, &old, &row, &n);
    if (!e)
        e = stop_account(c, &row, in->reason);
    if (!e)
        e = invites_withdraw(c, row.firm, row.post, row.name);
    if (!e)
        e = firm_posts_changed(c, row.firm);
    if (!e)
        e = firm_paper_reopen(c, row.firm, "person");
    return e ? e : show_one(c, &row, ret);
}

/* --- completing an appointment ------------------------------------------------------------------
 */

static enum err edit_numbers(struct ctx *c, const struct person_edit *in, struct person_row *row)
{
    struct person_numbers n = {
        phone_read(c, "phone", in->phone), id_no_read(c, "id_no", in->id_no)};
    struct number phone = {"phone", S("phone"), n.phone, &row->phone, &row->phone_idx};
    struct number id_no = {"id_no", S("id_no"), n.id_no, &row->id_no, &row->id_idx};
    enum err e = n.id_no.n && row->to_day == NULL_INT ? bar_check(c, row, n.id_no) : OK;
    if (!e)
        e = checked(c);
    if (!e)
        e = number_store(c, row->id, &phone);
    return e ? e : number_store(c, row->id, &id_no);
}

static struct str person_json(struct ctx *c, const struct person_view *v)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 8 << 10);
    jw_init(&w, &b);
    desc_json(&person_view_desc, v, &w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err op_person_edit(struct ctx *c, const struct person_edit *in, struct person_view *ret)
{
    struct person_row old, row;
    struct note n = {.label = "补充责任人员"};
    enum err e = person_of(c, in->firm, in->person, &old);
    if (e)
        return e;
    if (c->if_match != old.version) {
        (void)!show_one(c, &old, ret);
        c->reply.current = person_json(c, ret);
        return fail(c, ERR_STALE, NULL, NULL);
    }
    row = old;
    if (in->doc_no.p)
        row.doc_no = in->doc_no;
    if (in->other_duties.p)
        row.other_duties = in->other_duties;
    if (in->full_time != NULL_INT)
        row.full_time = in->full_time;
    if (in->is_legal != NULL_INT)
        row.is_legal = in->is_legal;
    e = edit_numbers(c, in, &row);
    if (!e && in->appointment != NULL_INT) {
        row.appointment = in->appointment;
        e = attachment_assign(
            c, &(struct attachment_owner){row.firm, "person", row.id}, in->appointment);
    }
    row.checked = c->actor.firm > 0 ? 0 : 1;
    row.checked_by = c->actor.firm > 0 ? STR_NULL : c->actor.name;
    row.checked_at = c->actor.firm > 0 ? NULL_INT : c->now;
    row.version++;
    if (!e)
        e = rec_update(c, &kind_person, &old, &row, &n);
    if (!e)
        e = firm_paper_reopen(c, row.firm, "person");
    return e ? e : show_one(c, &row, ret);
}

/* --- the full number ----------------------------------------------------------------------------
 */

enum err op_person_unmask(struct ctx *c, const struct unmask *in, struct unmasked *ret)
{
    struct person_row row;
    enum err e = person_of(c, in->firm, in->person, &row);
    if (!e)
        e = number_clear(c, row.id, "phone", row.phone, &ret->phone);
    if (!e)
        e = number_clear(c, row.id, "id_no", row.id_no, &ret->id_no);
    if (e)
        return e;
    struct str why = code_label(c, "unmask_purpose", in->purpose);
    struct str text = arena_fmt(c->a, "%.*s：%.*s", STR_ARG(row.name), STR_ARG(why));
    return journal_event(c, in->firm, "查看完整号码", text);
}
