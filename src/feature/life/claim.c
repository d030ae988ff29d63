/* A firm claims its pre-loaded file (PL-92): code and exact name, who asks and how to reach him;
 * the station confirms, and the confirmation is an invitation. Open to anyone, therefore counted
 * per address; a receipt tells how it stands. */
#include "core/batch.h"
#include "core/codes.h"
#include "core/crypto.h"
#include "core/masked.h"
#include "core/template.h"
#include "base/hash.h"
#include "domain/idcard.h"
#include "domain/uscc.h"
#include "feature/account/account.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

enum { IP_LIMIT = 20, WINDOW_MS = 15 * 60000, OPEN_MAX = 5 };

struct claiming {
    const struct claim_new *in;
    struct str phone, receipt, ip_key;
    struct firm_row firm;
    struct claim_row row;
};

static enum err count_knock(struct ctx *c, void *arg)
{
    const struct claiming *k = arg;
    struct throttle_rule rule = {setting_int(c->app, "ip_failures", IP_LIMIT), WINDOW_MS};
    return k->ip_key.p ? throttle_hit(c, k->ip_key, rule, NULL) : OK;
}

static enum err knock(struct ctx *c, struct claiming *k)
{
    int64_t wait = 0;
    k->ip_key = c->ip.n ? throttle_key(c, "claim-ip", c->ip) : STR_NULL;
    enum err e = k->ip_key.p ? throttle_wait(c, k->ip_key, &wait) : OK;
    if (e)
        return e;
    return wait ? throttle_refuse(c, ERR_THROTTLED, wait) : app_write(c->app, c, count_knock, k);
}

static void read_phone(struct ctx *c, struct claiming *k)
{
    struct buf b;
    buf_init(&b, 200);
    phone_normalise(k->in->phone, &b);
    k->phone = keep(c, buf_str(&b));
    buf_free(&b);
    if (!phone_valid(k->phone))
        complain(c, S("phone"), "phone", "手机：应为手机号或“区号-号码”");
}

static enum err find_firm(struct ctx *c, struct claiming *k)
{
    struct q q;
    struct buf b;
    int64_t id = 0;
    buf_init(&b, 200);
    uscc_normalise(k->in->uscc, &b);
    struct str code = keep(c, buf_str(&b));
    buf_free(&b);
    q_begin(&q, c->db, SQL_firm_by_code);
    q_str(&q, "uscc", code);
    while (!id && q_row(&q))
        if (str_eq(q_get_str(&q, 1), k->in->name))
            id = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    if (!e && id)
        e = rec_get(c, &kind_firm, id, &k->firm);
    if (!e && (!id || firm_is_merged(&k->firm)))
        e = fail(c, ERR_INVALID, "uscc",
            "没有代码和名称都相符的档案：请按营业执照逐字核对；仍找不到的，请联系当地市场监管所");
    return e;
}

static enum err make_receipt(struct ctx *c, struct claiming *k)
{
    char code[CRYPTO_CODE_LEN + 1];
    unsigned char hash[SM3_LEN];
    crypto_code_make(code);
    k->receipt = keep(c, (struct str){code, CRYPTO_CODE_LEN});
    enum err e = crypto_code_hash(c->app->crypto, "claim", k->receipt, hash);
    k->row.code_hash = keep(c, (struct str){(const char *)hash, sizeof hash});
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err write_claim(struct ctx *c, void *arg)
{
    struct claiming *k = arg;
    struct note n = {.label = "企业申请认领档案", .text = k->in->person};
    int64_t open = 0;
    enum err e = life_count(c, SQL_claim_open, k->firm.id, &open);
    if (!e && open >= OPEN_MAX)
        e = fail(c, ERR_CONFLICT, NULL, "这家单位已有多份待确认的申请，请等市场监管所办理");
    k->row.id = id_next(c);
    struct crypto_place at = {"claim", "phone", k->row.id};
    if (!e)
        e = c->err;
    if (!e && crypto_encrypt(c->app->crypto, &at, k->phone, c->a, &k->row.phone))
        e = fail(c, ERR_INTERNAL, NULL, NULL);
    return e ? e : rec_insert(c, &kind_claim, &k->row, &n);
}

enum err op_claim_ask(struct ctx *c, const struct claim_new *in, struct claim_made *ret)
{
    struct claiming k = {.in = in};
    enum err e = knock(c, &k);
    if (e)
        return e;
    read_phone(c, &k);
    e = checked(c);
    if (!e)
        e = find_firm(c, &k);
    if (e)
        return e;
    desc_clear(&claim_row_desc, &k.row);
    k.row.firm = k.firm.id;
    k.row.state = S("asked");
    k.row.post = in->post;
    k.row.person = in->person;
    k.row.at = c->now;
    k.row.version = 1;
    e = make_receipt(c, &k);
    if (!e)
        e = app_write(c->app, c, write_claim, &k);
    ret->receipt = k.receipt;
    ret->organ = path_org_name(c, k.firm.org_path);
    ret->text = S("申请已送属地市场监管部门确认；请记下回执号，用它查询办理结果");
    return e;
}

static enum err find_claim(struct ctx *c, struct str typed, struct claim_row *ret)
{
    char bare[CRYPTO_CODE_BARE + 1];
    unsigned char hash[SM3_LEN];
    struct q q;
    if (!crypto_code_read(typed, bare))
        return fail(c, ERR_INVALID, "receipt", "回执号：有字抄错了，请逐字核对");
    if (crypto_code_hash(c->app->crypto, "claim", (struct str){bare, CRYPTO_CODE_BARE}, hash))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    desc_clear(&claim_row_desc, ret);
    q_begin(&q, c->db, SQL_claim_by_code);
    q_blob(&q, "code_hash", (struct str){(const char *)hash, sizeof hash});
    enum err e = q_one(&q, &claim_row_desc, ret, c->a);
    return e == ERR_NOT_FOUND ? fail(c, ERR_INVALID, "receipt", "回执号：没有这份申请")
                              : db_fail(c, e);
}

enum err op_claim_look(struct ctx *c, const struct claim_look *in, struct claim_face *ret)
{
    struct claiming k = {0};
    struct claim_row row;
    enum err e = knock(c, &k);
    if (!e)
        e = find_claim(c, in->receipt, &row);
    if (!e)
        e = rec_get(c, &kind_firm, row.firm, &k.firm);
    if (e)
        return e;
    ret->state = row.state;
    ret->firm_name = k.firm.name;
    ret->organ = path_org_name(c, k.firm.org_path);
    if (str_eqz(row.state, "asked"))
        ret->text = S("等待属地市场监管部门确认");
    else if (str_eqz(row.state, "approved"))
        ret->text = S("已同意：请向属地市场监管部门领取邀请单，凭邀请码设置账号");
    else
        ret->text = arena_fmt(c->a, "未同意：%.*s", STR_ARG(row.opinion));
    return OK;
}

struct str claim_phone_masked(
    struct ctx *c, const struct list_col *col, int64_t id, struct str stored)
{
    struct crypto_place at = {"claim", "phone", id};
    (void)col;
    return masked(c, &at, stored, phone_mask);
}

/* --- the station's side ----------------------------------------------------------------------- */

static enum err invite(struct ctx *c, const struct claim_row *row, struct claim_done *ret)
{
    struct crypto_place at = {"claim", "phone", row->id};
    struct invite_new in = {.firm = row->firm, .post = row->post, .person = row->person};
    struct invite_made *made = arena_new(c->a, struct invite_made, 1);
    if (!made)
        return fail(c, ERR_NOMEM, NULL, NULL);
    desc_clear(&invite_made_desc, made);
    if (row->phone.n && crypto_decrypt(c->app->crypto, &at, row->phone, c->a, &in.phone))
        return fail(c, ERR_CORRUPT, NULL, NULL);
    enum err e = op_invite_create(c, &in, made);
    ret->slip = (struct vec){made, 1};
    return e;
}

enum err op_claim_decide(struct ctx *c, const struct claim_decide *in, struct claim_done *ret)
{
    struct claim_row old, row;
    struct firm_row firm;
    bool yes = in->approve == 1;
    enum err e = in->claim > 0 ? rec_get(c, &kind_claim, in->claim, &old)
                               : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e)
        e = firm_need(c, old.firm, &firm);
    if (!e && !str_eqz(old.state, "asked"))
        e = fail(c, ERR_STATE, NULL, "这份申请已经办理过了");
    if (!e)
        e = life_alive(c, &firm);
    if (!e && !yes && !in->opinion.n) {
        complain(c, S("opinion"), "required", "意见：不同意时请写明理由，申请人凭回执号能看到");
        e = checked(c);
    }
    if (!e && yes)
        e = invite(c, &old, ret);
    if (e)
        return e;
    struct note n = {.label = yes ? "同意认领档案" : "不同意认领档案", .text = in->opinion};
    row = old;
    row.state = yes ? S("approved") : S("refused");
    row.invite = yes ? ((struct invite_made *)ret->slip.p)->id : NULL_INT;
    row.decided_by = c->actor.account;
    row.decided_name = c->actor.name;
    row.decided_at = c->now;
    row.opinion = in->opinion;
    row.version++;
    ret->id = row.id;
    ret->state = row.state;
    return rec_update(c, &kind_claim, &old, &row, &n);
}
