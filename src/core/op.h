/* An operation: everything the platform can do is one of these rows. A feature writes
 *
 *   OP(daily_submit, POST, "/api/v1/firms/:firm/daily/:day", PERM_DAILY_WRITE,
 *      OP_WRITE | OP_NATURAL, daily_draft, daily_receipt, "提交当天检查记录")
 *
 * in feature/<f>/ops.def and the function
 *
 *   enum err op_daily_submit(struct ctx *c, const struct daily_draft *in, struct daily_receipt
 * *ret);
 *
 * The route, decoding, validation, permission, transaction, journal entry, encoding, CLI command,
 * OpenAPI path and typed client follow. A row without a permission does not compile. */
#ifndef ZHIAN_CORE_OP_H
#define ZHIAN_CORE_OP_H

#include "core/ctx.h"

enum method { GET, POST, PUT, PATCH, DELETE };

enum {
    OP_READ = 0,
    OP_WRITE = 1,     /* runs on the writer, in a savepoint of the group commit */
    OP_LIST = 2,      /* answers a list page; the query string is a list query */
    OP_UPLOAD = 4,    /* the body is one file (multipart field "file", or the raw body) */
    OP_FILE = 8,      /* answers bytes, not JSON (ctx.reply.file_*) */
    OP_JOB = 16,      /* answers 202 with the job it made (ctx.reply.job) */
    OP_NATURAL = 32,  /* idempotent by its own key: no Idempotency-Key is kept */
    OP_SLOW = 64,     /* hashes a password or reads files: runs on the slow pool; when it writes it
                         queues its own write (app_write) */
    OP_VERSION = 128, /* edits a version: If-Match is required (409 with the stored value) */
    OP_PRECHANGE = 256, /* allowed while the password must be changed */
    OP_LAG = 512,       /* what it reads may be seconds old: a standby may answer */
};

struct op {
    const char *name;
    enum method method;
    const char *path; /* segments; ":x" is a path field of the input */
    enum perm perm;
    unsigned flags;
    const struct desc *in;
    const struct desc *out;
    enum err (*run)(struct ctx *c, const void *in, void *out);
    const char *help; /* Chinese, one sentence */
};

struct op_table {
    const struct op *rows;
    size_t n;
};

const char *method_name(enum method m);

/* op_find: by name; NULL when there is none. */
const struct op *op_find(const struct op_table *t, struct str name);

/* op_route finds the row of a method and a decoded path without query. Path fields are stored as
 * views in vals (in the order they stand in the path, at most OP_PATH_MAX). ERR_NOT_FOUND: no such
 * path; ERR_METHOD: the path exists under another method. */
enum { OP_PATH_MAX = 4 };
MUST_CHECK enum err op_route(const struct op_table *t, enum method m, struct str path,
    const struct op **ret_op, struct str vals[OP_PATH_MAX]);

#endif
