/* The attachments of a document. They hang from no firm; who may open the document may open them.
 */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"

enum { FILES_MAX = 20 };

static enum err files_count(struct ctx *c, int64_t notice, size_t *ret)
{
    struct vec files = {0};
    struct q q;
    q_begin(&q, c->db, SQL_notice_files);
    q_int(&q, "notice", notice);
    enum err e = q_all(&q, &notice_file_desc, &files, c->a);
    *ret = files.n;
    return db_fail(c, e);
}

enum err op_notice_file_create(
    struct ctx *c, const struct notice_file_new *in, struct notice_file *ret)
{
    struct notice_row n;
    struct attachment_row row;
    size_t count = 0;
    enum err e = notice_own(c, in->notice, &n);
    if (!e && !str_eqz(n.state, "draft"))
        e = fail(c, ERR_STATE, "notice", "已发出的文件不能再加附件，请起草新版本");
    if (!e)
        e = files_count(c, n.id, &count);
    if (!e && count >= FILES_MAX)
        e = failf(c, ERR_TOO_LARGE, "file", "一份文件最多 %d 个附件", FILES_MAX);
    if (e)
        return e;
    desc_clear(&attachment_row_desc, &row);
    row.firm = 0;
    row.owner_kind = S("notice");
    row.owner = n.id;
    row.purpose = S("notice");
    e = attachment_save(c, &row);
    if (!e)
        *ret = (struct notice_file){row.id, row.name, row.type, row.size};
    return e;
}

static enum err file_load(
    struct ctx *c, int64_t id, struct attachment_row *ret, struct notice_row *ret_n)
{
    enum err e =
        id > 0 ? rec_get(c, &kind_attachment, id, ret) : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e && !(ret->firm == 0 && str_eqz(ret->owner_kind, "notice")))
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    return e ? e : notice_read(c, ret->owner, ret_n);
}

enum err op_notice_file_get(struct ctx *c, const struct notice_file_ref *in, struct none *ret)
{
    struct attachment_row row;
    struct notice_row n;
    (void)ret;
    enum err e = file_load(c, in->file, &row, &n);
    if (!e)
        attachment_answer(c, &row);
    return e;
}

enum err op_notice_file_drop(struct ctx *c, const struct notice_file_ref *in, struct none *ret)
{
    struct attachment_row old, row;
    struct notice_row n;
    struct note note = {.label = "拿掉附件"};
    (void)ret;
    enum err e = file_load(c, in->file, &old, &n);
    if (!e)
        e = notice_own(c, n.id, &n);
    if (!e && !str_eqz(n.state, "draft"))
        e = fail(c, ERR_STATE, "file", "已发出的文件不能拿掉附件");
    if (e)
        return e;
    row = old;
    row.owner_kind = S("notice_dropped");
    note.text = row.name;
    return rec_update(c, &kind_attachment, &old, &row, &note);
}
