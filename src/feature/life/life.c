/* What the parts of a firm's life have in common. */
#include "core/template.h"
#include "feature/ledger/refdata.h"
#include "feature/life/life_impl.h"

enum err life_step(
    struct ctx *c, const char *workflow, const char *action, struct str state, struct str *ret_to)
{
    const struct jin *t = wf_find(c, workflow, str_z(action), state);
    if (!t)
        return c->err;
    if (!wf_may(c, t, state))
        return fail(c, ERR_FORBIDDEN, NULL, "这一步不由您的层级或岗位办理");
    *ret_to = keep(c, wf_to(t));
    return OK;
}

enum err life_files(struct ctx *c, int64_t firm, struct str codes)
{
    struct attachment_row a;
    while (codes.n) {
        struct str one = str_cut(codes, ',', &codes);
        struct q q;
        int64_t id = 0;
        desc_clear(&attachment_row_desc, &a);
        if (str_int(one, &id) && id > 0) {
            q_begin(&q, c->db, kind_attachment.get);
            q_int(&q, "id", id);
            enum err e = q_one(&q, &attachment_row_desc, &a, c->a);
            if (e && e != ERR_NOT_FOUND)
                return db_fail(c, e);
        }
        if (a.firm != firm)
            complain(c, S("evidence"), "unknown", "证据：附件 %.*s 不是这家单位的，请重新上传",
                STR_ARG(one));
    }
    return OK;
}

enum err life_alive(struct ctx *c, const struct firm_row *firm)
{
    return firm_is_merged(firm) ? fail(c, ERR_STATE, "state", FIRM_MERGED_TEXT) : OK;
}

enum err life_count(struct ctx *c, enum sql_id id, int64_t firm, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", firm);
    return db_fail(c, q_one_int(&q, ret));
}

int64_t life_due(struct ctx *c, const char *setting, int64_t or_else)
{
    return workday_add(
        &ref_tables(c->app)->calendar, c->today, setting_int(c->app, setting, or_else), NULL);
}

struct str path_common(struct ctx *c, struct str a, struct str b)
{
    size_t n = 0;
    while (n + 5 <= a.n && n + 5 <= b.n && memcmp(a.p + n, b.p + n, 5) == 0)
        n += 5;
    return keep(c, str_sub(a, 0, n));
}

struct str path_org_name(struct ctx *c, struct str path)
{
    struct q q;
    struct str name = STR_NULL;
    q_begin(&q, c->db, SQL_org_at_path);
    q_str(&q, "path", path);
    if (q_row(&q))
        name = keep(c, q_get_str(&q, 2));
    return q_end(&q) ? STR_NULL : name;
}

struct str town_name(struct ctx *c, struct str code)
{
    struct q q;
    struct str name = STR_NULL;
    q_begin(&q, c->db, SQL_area_name_of);
    q_str(&q, "code", code);
    if (q_row(&q))
        name = keep(c, q_get_str(&q, 0));
    return q_end(&q) ? STR_NULL : name;
}
