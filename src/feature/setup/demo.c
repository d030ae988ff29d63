/* The demonstration province: accounts named on every page, firms, and two living ones in 文水. */
#include "core/app.h"
#include "feature/account/account.h"
#include "feature/ledger/ledger.h"
#include "feature/notice/notice.h"
#include "feature/setup/setup.h"

const char demo_password[] = "Zhian-demo-2026";

const struct demo_account demo_accounts[] = {
    {"sx", "省局演示员", "manager", "140000", "山西省市场监督管理局 业务负责人"},
    {"ll", "市局演示员", "manager", "141100", "吕梁市市场监督管理局 业务负责人"},
    {"ws", "县局演示员", "manager", "141121", "文水县市场监督管理局 业务负责人"},
    {"ws.clerk", "县局录入员", "clerk", "141121", "文水县市场监督管理局 业务人员"},
    {"ws.fengcheng", "凤城中队员", "inspector", "141121100", "凤城镇执法中队 监管人员"},
    {"ws.kaizha", "开栅中队员", "inspector", "141121101", "开栅镇执法中队 监管人员"},
    {"jc", "交城演示员", "clerk", "141122", "交城县市场监督管理局 业务人员"},
    {"sysadmin", "系统管理员", "sysadmin", "", "系统管理员（三员）"},
    {"secadmin", "安全管理员", "secadmin", "", "安全管理员（三员）"},
    {"auditor", "审计管理员", "auditor", "", "审计管理员（三员）"},
    {"wsq.principal", "岑演示", "principal", "", "文水演示水泥厂 主要负责人（手机 /m/）"},
    {"wsq.officer", "禾演示", "officer", "", "文水演示水泥厂 质量安全员（手机 /m/）"},
    {NULL, NULL, NULL, NULL, NULL},
};

enum { DEMO_FIRMS = 1200, DEMO_DAYS = 10 };

/* --- the firm with accounts ------------------------------------------------------------------- */

static void living(struct ctx *c, struct firm_row *row)
{
    desc_clear(&firm_row_desc, row);
    row->state = S("admitted");
    row->kind = S("producer");
    row->town = S("141121100");
    row->name = S("文水演示水泥厂");
    row->uscc = S("91141121TTTT90001K");
    row->entity_type = S("企业");
    row->legal_person = S("岑演示");
    row->reg_address = row->site_address = S("山西省吕梁市文水县凤城镇演示路1号");
    row->staff = 86;
    row->revenue = 321000;
    row->entry_reason = S("04,10");
    row->applicability = S("许可证");
    row->risk_level = S("1");
    row->mode = S("双随机/触发式监管");
    row->supervisor = S("凤城中队员");
    row->supervisor_since = c->today - 200;
    row->confirm_date = c->today - 60;
    row->confirm_level = S("县");
    row->duty_from = c->today - DEMO_DAYS + 1;
    row->source = S("演示数据");
}

static enum err living_product(struct ctx *c, int64_t firm)
{
    struct product_row p;
    struct note n = {.label = "增加产品"};
    desc_clear(&product_row_desc, &p);
    p.firm = firm;
    p.kind = S("producer");
    p.applicability = S("许可证");
    p.product = S("通用硅酸盐水泥");
    p.model = S("P·O 42.5");
    p.standard = S("GB 175-2023 通用硅酸盐水泥");
    p.is_mandatory_std = 1;
    p.lic_no = S("(晋)XK08-001-90001");
    p.lic_date = c->today - 700;
    p.lic_to = c->today + 1100;
    p.version = 1;
    return rec_insert(c, &kind_product, &p, &n);
}

static enum err make_living(struct ctx *c, void *ret_id)
{
    struct firm_row row;
    struct firm_products p = {S("通用硅酸盐水泥"), S("许可证")};
    struct note n = {.label = "录入"};
    living(c, &row);
    enum err e = firm_place(c, &row, row.town);
    if (!e)
        e = firm_add(c, &row, &p, &n);
    *(int64_t *)ret_id = row.id;
    if (!e)
        setup_owe(c, &row, c->today - DEMO_DAYS + 1);
    return e ? e : living_product(c, row.id);
}

/* --- accounts --------------------------------------------------------------------------------- */

struct making {
    struct str hash;
    int64_t firm;
};

static enum err make_accounts(struct ctx *c, void *arg)
{
    struct making *m = arg;
    enum err e = account_hash(c, str_z(demo_password), &m->hash);
    for (const struct demo_account *d = demo_accounts; !e && d->login; d++) {
        struct setup_account a = {.login = d->login,
            .name = d->name,
            .role = d->role,
            .area = str_z(d->area),
            .hash = m->hash};
        bool of_firm = strcmp(d->role, "principal") == 0 || strcmp(d->role, "officer") == 0;
        a.firm = of_firm ? m->firm : 0;
        e = setup_account(c, &a);
    }
    return e;
}

enum err setup_demo(struct app *app)
{
    struct making m = {0};
    enum err e = app_write(app, NULL, make_living, &m.firm);
    if (!e)
        e = app_write(app, NULL, make_accounts, &m);
    if (!e)
        e = app_write(app, NULL, notice_start_issue, NULL);
    struct generate_spec g = {.firms = DEMO_FIRMS, .days = DEMO_DAYS, .seed = 2026};
    return e ? e : setup_generate(app, &g);
}
