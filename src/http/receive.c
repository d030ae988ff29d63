/* Uploads. */
#include "http/receive.h"

#include "base/utf8.h"

static enum err bad(struct receiver *r, const char *message)
{
    r->message = message;
    return ERR_BAD_REQUEST;
}

static struct str field_name(struct receiver *r, struct str disposition)
{
    struct str name = media_param(disposition, "name");
    return name.p && utf8_valid(name) ? arena_str(r->a, name) : STR_NULL;
}

static enum err part(void *arg, struct str disposition)
{
    struct receiver *r = arg;
    if (!media_is(disposition, "form-data"))
        return bad(r, "上传的表单格式不对，请刷新页面后重试");
    r->field = field_name(r, disposition);
    r->in_file = str_eq(r->field, S("file"));
    bool named = media_param(disposition, "filename").p || media_param(disposition, "filename*").p;
    if (!r->field.p || (named && !r->in_file))
        return bad(r, "上传的表单格式不对，文件应放在名为 file 的一项里");
    if (!r->in_file)
        return r->pairs_n < QUERY_MAX ? OK : bad(r, "上传的表单项太多");
    if (r->spool.fd >= 0)
        return bad(r, "一次只能上传一个文件");
    r->name = disposition_name(r->a, disposition);
    return http_spool_open(&r->spool, r->dir, r->max);
}

static enum err data(void *arg, struct str bytes)
{
    struct receiver *r = arg;
    if (r->in_file)
        return http_spool_add(&r->spool, bytes);
    r->field_bytes += bytes.n;
    if (r->field_bytes > FIELD_MAX)
        return bad(r, "上传的表单内容太长");
    buf_add(&r->value, bytes);
    return r->value.err;
}

static enum err end(void *arg)
{
    struct receiver *r = arg;
    if (r->in_file)
        return OK;
    struct str v = buf_str(&r->value);
    if (!utf8_valid(v) || memchr(v.p, 0, v.n))
        return bad(r, "上传的表单内容不是有效的 UTF-8 文本");
    struct pair *p = &r->pairs[r->pairs_n++];
    *p = (struct pair){r->field, arena_str(r->a, v)};
    buf_reset(&r->value);
    return p->value.p ? OK : ERR_NOMEM;
}

enum err receive_begin(
    struct receiver *r, const struct exchange *x, struct arena *a, const char *dir, int64_t max)
{
    static const struct multipart_calls calls = {part, data, end};
    *r = (struct receiver){.a = a, .dir = dir, .max = max, .spool = {.fd = -1}};
    buf_init(&r->value, FIELD_MAX);
    struct str type = header_get(x, "Content-Type");
    if (!media_is(type, "multipart/form-data")) {
        r->name = disposition_name(a, header_get(x, "Content-Disposition"));
        return OK;
    }
    r->mp = arena_new(a, struct multipart, 1);
    r->pairs = arena_new(a, struct pair, QUERY_MAX);
    if (!r->mp || !r->pairs)
        return ERR_NOMEM;
    if (multipart_init(r->mp, media_param(type, "boundary"), &calls, r))
        return bad(r, "上传的表单格式不对，请刷新页面后重试");
    return OK;
}

enum err receive_add(struct receiver *r, struct str bytes)
{
    if (r->mp)
        return multipart_feed(r->mp, bytes);
    if (r->spool.fd < 0) {
        enum err e = http_spool_open(&r->spool, r->dir, r->max);
        if (e)
            return e;
    }
    return http_spool_add(&r->spool, bytes);
}

enum err receive_end(struct receiver *r, struct upload *ret_file)
{
    if (r->mp && multipart_finish(r->mp))
        return r->message ? r->mp->err : bad(r, "上传的内容不完整，请重新上传");
    struct upload u = {STR_NULL, r->name, 0};
    if (r->spool.fd >= 0) {
        u.path = str_z(r->spool.path);
        u.size = r->spool.size;
    }
    *ret_file = u;
    return OK;
}

void receive_drop(struct receiver *r)
{
    http_spool_drop(&r->spool);
    buf_free(&r->value);
}
