/* Inviting a firm's people: a one-time code on a slip with a QR code. The code is shown once, only
 * its keyed digest is stored; a new invitation of the same person and post takes the place of the
 * earlier one, so repeating the request is harmless. */
#include "feature/people/people_impl.h"

#include "core/batch.h"
#include "core/codes.h"
#include "core/template.h"
#include "feature/org/org.h"
#include "feature/ops.h"
#include "render/qr.h"

enum { INVITE_DAYS = 7, QR_MAX = 64 << 10 };
#define DAY_MS (24 * 3600 * (int64_t)1000)

/* --- ending -------------------------------------------------------------------------------------
 */

static enum err withdraw_one(struct ctx *c, const struct invite_row *old)
{
    struct invite_row row = *old;
    struct note n = {.label = "撤回邀请", .text = old->person};
    row.state = S("withdrawn");
    return rec_update(c, &kind_invite, old, &row, &n);
}

enum err invites_withdraw(struct ctx *c, int64_t firm, struct str post, struct str person)
{
    struct q q;
    struct vec open;
    q_begin(&q, c->db, SQL_invite_open_of);
    q_int(&q, "firm", firm);
    q_str(&q, "post", post);
    q_str(&q, "person", person);
    enum err e = db_fail(c, q_all(&q, &invite_row_desc, &open, c->a));
    for (size_t i = 0; !e && i < open.n; i++)
        e = withdraw_one(c, (const struct invite_row *)open.p + i);
    return e;
}

enum err op_invite_withdraw(struct ctx *c, const struct invite_ref *in, struct none *ret)
{
    struct firm_row firm;
    struct invite_row row;
    (void)ret;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = in->invite > 0 ? rec_get(c, &kind_invite, in->invite, &row) : ERR_NOT_FOUND;
    if (!e && row.firm != firm.id)
        e = ERR_NOT_FOUND;
    if (e)
        return fail(c, e, NULL, NULL);
    if (str_eqz(row.state, "used"))
        return fail(c, ERR_STATE, NULL, "邀请码已经用过，如需停用请办理该人员离任");
    return str_eqz(row.state, "open") ? withdraw_one(c, &row) : OK;
}

/* --- making -------------------------------------------------------------------------------------
 */

/* The person the invitation is for: who holds the post under that name, else a new row. */
static enum err person_for(
    struct ctx *c, const struct invite_new *in, const struct person_numbers *n)
{
    struct vec have;
    struct person_row row;
    struct post_claim claim = {in->firm, in->post, in->person, NULL_INT, false};
    enum err e = person_posts(c, in->firm, in->post, &have);
    const struct person_row *rows = have.p;
    for (size_t i = 0; !e && i < have.n; i++)
        if (str_eq(rows[i].name, in->person))
            return OK;
    if (!e)
        e = post_free(c, &claim);
    if (!e)
        e = checked(c);
    if (e)
        return e;
    desc_clear(&person_row_desc, &row);
    row.firm = in->firm;
    row.post = in->post;
    row.name = in->person;
    return person_add(c, &row, n, "登记责任人员");
}

static enum err invite_phone(struct ctx *c, struct invite_row *row, struct str phone)
{
    struct crypto_place at = {"invite", "phone", row->id};
    enum err e = phone.n ? crypto_encrypt(c->app->crypto, &at, phone, c->a, &row->phone) : OK;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err invite_code(struct ctx *c, struct invite_row *row, struct str *ret_code)
{
    char code[CRYPTO_CODE_LEN + 1];
    unsigned char hash[SM3_LEN];
    crypto_code_make(code);
    *ret_code = keep(c, (struct str){code, CRYPTO_CODE_LEN});
    enum err e = crypto_code_hash(c->app->crypto, "invite", *ret_code, hash);
    row->code_hash = keep(c, (struct str){(const char *)hash, sizeof hash});
    crypto_secret_wipe(code, sizeof code);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err invite_store(struct ctx *c, const struct firm_row *firm,
    const struct invite_new *in, struct str phone, struct invite_row *row, struct str *ret_code)
{
    desc_clear(&invite_row_desc, row);
    row->id = id_next(c);
    row->firm = firm->id;
    row->org_path = firm->org_path;
    row->post = in->post;
    row->person = in->person;
    row->state = S("open");
    row->created = c->now;
    row->created_by = c->actor.account;
    row->expires = c->now + setting_int(c->app, "invite_days", INVITE_DAYS) * DAY_MS;
    enum err e = c->err ? c->err : invite_phone(c, row, phone);
    if (!e)
        e = invite_code(c, row, ret_code);
    struct note n = {.label = "邀请企业人员", .text = in->person};
    return e ? e : rec_insert(c, &kind_invite, row, &n);
}

/* The address that phones reach this platform at: what the settings say, else what the inviting
 * page was opened at; "" leaves the link relative. */
static struct str public_url(struct ctx *c)
{
    const struct jin *rows = jin_get(template_body(c->app, "settings", NULL), "texts");
    struct str url = c->base.p ? c->base : S("");
    for (size_t i = 0; i < jin_len(rows); i++) {
        struct str value = jin_str(jin_get(jin_at(rows, i), "value"));
        if (value.n && str_eqz(jin_str(jin_get(jin_at(rows, i), "key")), "public_url"))
            url = value;
    }
    return str_ends(url, S("/")) ? str_sub(url, 0, url.n - 1) : url;
}

static enum err draw_qr(struct ctx *c, struct invite_made *ret)
{
    struct buf b;
    buf_init(&b, QR_MAX);
    enum err e = qr_svg(ret->url, S("邀请二维码"), &b);
    ret->qr = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err op_invite_create(struct ctx *c, const struct invite_new *in, struct invite_made *ret)
{
    struct firm_row firm;
    struct invite_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    struct person_numbers n = {phone_read(c, "phone", in->phone), STR_NULL};
    e = checked(c);
    if (!e)
        e = person_for(c, in, &n);
    if (!e)
        e = invites_withdraw(c, firm.id, in->post, in->person);
    if (!e)
        e = invite_store(c, &firm, in, n.phone, &row, &ret->code);
    if (e)
        return e;
    ret->id = row.id;
    ret->url =
        arena_fmt(c->a, "%.*s/m/#/invite?code=%.*s", STR_ARG(public_url(c)), STR_ARG(ret->code));
    ret->firm_name = firm.name;
    ret->post_label = code_label(c, "post", row.post);
    ret->person = row.person;
    ret->expires = row.expires;
    ret->organ = c->actor.org ? c->actor.org_name : org_root_name(c);
    return draw_qr(c, ret);
}
