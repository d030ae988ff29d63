/* Jobs, code lists, templates. */
#include <unistd.h>

#include "core/app.h"
#include "core/job.h"
#include "core/openapi.h"
#include "core/template.h"
#include "feature/ops.h"
#include "feature/system/system.h"

enum { BODY_DEPTH = 32 };

/* --- jobs ------------------------------------------------------------------------------------- */

static const char *const job_suffixes[] = {"xlsx", "csv", "json", "zip"};

/* The file a finished job left, or STR_NULL. */
static struct str job_output(struct ctx *c, const struct job_row *row)
{
    if (!str_eqz(row->state, "done") || !str_starts(row->kind, S("export")))
        return STR_NULL;
    for (size_t i = 0; i < sizeof job_suffixes / sizeof *job_suffixes; i++) {
        struct str path = job_file(c, row->id, job_suffixes[i]);
        if (path.p && access(path.p, R_OK) == 0)
            return path;
    }
    return STR_NULL;
}

static void job_fill(struct ctx *c, const struct job_row *row, struct job_view *ret)
{
    *ret = (struct job_view){.id = row->id,
        .kind = row->kind,
        .state = row->state,
        .title = row->title,
        .done = row->done,
        .total = row->total,
        .message = row->message,
        .result = row->result,
        .created = row->created,
        .finished = row->finished};
    ret->has_file = job_output(c, row).p != NULL;
}

enum err op_job_get(struct ctx *c, const struct job_ref *in, struct job_view *ret)
{
    struct job_row row;
    enum err e = job_load(c, in->job, &row);
    if (!e)
        job_fill(c, &row, ret);
    return e;
}

enum err op_job_list(struct ctx *c, const struct none *in, struct job_list *ret)
{
    struct q q;
    struct vec rows = {0};
    (void)in;
    q_begin(&q, c->db, SQL_job_mine);
    q_int(&q, "account", c->actor.account);
    q_int(&q, "before", INT64_MAX);
    q_int(&q, "limit", 50);
    enum err e = q_all(&q, &job_row_desc, &rows, c->a);
    struct job_view *items = arena_new(c->a, struct job_view, rows.n + 1);
    if (e || !items)
        return db_fail(c, e ? e : ERR_NOMEM);
    for (size_t i = 0; i < rows.n; i++)
        job_fill(c, (struct job_row *)rows.p + i, &items[i]);
    ret->items = (struct vec){items, rows.n};
    return OK;
}

enum err op_job_cancel(struct ctx *c, const struct job_ref *in, struct job_view *ret)
{
    struct job_row row;
    struct q q;
    enum err e = job_load(c, in->job, &row);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_job_cancel);
    q_int(&q, "id", in->job);
    q_int(&q, "now", c->now);
    e = q_exec(&q);
    if (!e)
        e = job_load(c, in->job, &row);
    if (!e)
        job_fill(c, &row, ret);
    return db_fail(c, e);
}

enum err op_job_download(struct ctx *c, const struct job_ref *in, struct none *ret)
{
    struct job_row row;
    (void)ret;
    enum err e = job_load(c, in->job, &row);
    if (e)
        return e;
    struct str path = job_output(c, &row);
    if (!path.p)
        return fail(c, ERR_NOT_FOUND, NULL, "这个任务没有可下载的文件，或文件已过保存期");
    bool csv = str_ends(path, S(".csv"));
    c->reply.file_path = path;
    bool zip = str_ends(path, S(".zip"));
    c->reply.file_type =
        csv   ? S("text/csv; charset=utf-8")
        : zip ? S("application/zip")
              : S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    c->reply.file_name = arena_fmt(c->a, "%.*s.%s", STR_ARG(row.title),
        csv   ? "csv"
        : zip ? "zip"
              : "xlsx");
    return OK;
}

/* --- code lists ------------------------------------------------------------------------------- */

enum err op_code_lists(struct ctx *c, const struct none *in, struct codes_view *ret)
{
    (void)in;
    const struct jin *body = template_body(c->app, "codes", &ret->version);
    ret->lists = body ? keep(c, jin_text(body)) : S("{}");
    return OK;
}

/* --- templates -------------------------------------------------------------------------------- */

enum err op_template_list(struct ctx *c, const struct template_ask *in, struct template_list *ret)
{
    struct q q;
    if (in->name.n) {
        q_begin(&q, c->db, SQL_template_versions);
        q_str(&q, "name", in->name);
    } else {
        q_begin(&q, c->db, SQL_template_heads);
    }
    return db_fail(c, q_all(&q, &template_view_desc, &ret->items, c->a));
}

static enum err template_load(
    struct ctx *c, struct str name, int64_t version, struct template_view *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_template_view_of);
    q_str(&q, "name", name);
    q_int(&q, "version", version);
    return db_fail(c, q_one(&q, &template_view_desc, ret, c->a));
}

enum err op_template_get(struct ctx *c, const struct template_ref *in, struct template_view *ret)
{
    return template_load(c, in->template, in->version, ret);
}

/* Every table of the old definition (list or object) is there in the new one: what reads it would
 * otherwise find nothing, everywhere at once. */
static bool has_shape(const struct jin *old, const struct jin *body)
{
    struct str key;
    const struct jin *v;
    if (jin_type(body) != jin_type(old))
        return false;
    for (size_t i = 0; jin_member(old, i, &key, &v); i++) {
        bool table = jin_type(v) == JIN_ARR || jin_type(v) == JIN_OBJ;
        if (table && jin_type(jin_get(body, key.p)) != jin_type(v))
            return false;
    }
    return true;
}

static enum err check_shape(struct ctx *c, struct str old, struct str body)
{
    const struct jin *was = NULL, *is = NULL;
    enum err e = jin_parse(old, BODY_DEPTH, &was);
    if (!e)
        e = jin_parse(body, BODY_DEPTH, &is);
    if (!e && !has_shape(was, is))
        complain(c, S("body"), "shape", "内容：缺少原有的部分，或写法与原来不同，请在原内容上修改");
    jin_free(was);
    jin_free(is);
    return e ? fail(c, e, NULL, NULL) : checked(c);
}

/* Shipped definitions belong to the province: a lower level may not change what all fill in
 * (PL-73, 力戒形式主义). */
enum err op_template_publish(
    struct ctx *c, const struct template_new *in, struct template_view *ret)
{
    struct template_view old;
    struct template_row row;
    desc_clear(&template_view_desc, &old);
    enum err e = template_load(c, in->template, NULL_INT, &old);
    if (e)
        return e;
    if (c->actor.level != 1)
        return fail(c, ERR_FORBIDDEN, NULL, "全省统一的模板由省局发布新版本");
    if (in->from_version != old.version) {
        c->reply.current = old.body;
        return fail(c, ERR_STALE, "from_version", "别人已发布了更新的版本，请核对后再发布");
    }
    e = check_shape(c, old.body, in->body);
    if (e)
        return e;
    desc_clear(&template_row_desc, &row);
    row.name = in->template;
    row.title = in->title.n ? in->title : old.title;
    row.issuer = c->actor.org_name;
    row.body = in->body;
    row.reason = in->reason;
    e = template_publish(c, &row);
    return e ? e : template_load(c, in->template, NULL_INT, ret);
}

enum err op_openapi_get(struct ctx *c, const struct none *in, struct none *ret)
{
    struct buf b;
    (void)in;
    (void)ret;
    buf_init(&b, 8 << 20);
    openapi_write(&c->app->ops, c->app->kinds, &b);
    enum err e = b.err;
    c->reply.file_body = keep(c, buf_str(&b));
    c->reply.file_type = S("application/json");
    buf_free(&b);
    return e ? fail(c, e, NULL, NULL) : OK;
}
