/* Writing the description of the interface. */
#include "core/openapi.h"

enum { DESCS_MAX = 400 };

struct doc {
    struct jw w;
    const struct desc *seen[DESCS_MAX];
    size_t n;
};

static void pair(struct jw *w, const char *key, const char *value)
{
    jw_key(w, key);
    jw_strz(w, value);
}

static void see(struct doc *d, const struct desc *desc)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->seen[i] == desc)
            return;
    if (d->n < DESCS_MAX)
        d->seen[d->n++] = desc;
    for (size_t i = 0; i < desc->n; i++)
        if (desc->fields[i].type == FT_LIST && desc->fields[i].sub->n)
            see(d, desc->fields[i].sub);
}

static void ref(struct jw *w, const char *name)
{
    char text[120] = "#/components/schemas/";
    strncat(text, name, sizeof text - strlen(text) - 1);
    jw_obj(w);
    pair(w, "$ref", text);
    jw_end_obj(w);
}

static void type_of(struct jw *w, const struct field *f)
{
    static const char *const json[] = {"integer", "boolean", "string", "number", "string", "string",
        "string", "array", NULL, "string", "array"};
    if (json[f->type])
        pair(w, "type", json[f->type]);
    if (f->type == FT_DAY)
        pair(w, "format", "date");
    if (f->type == FT_TIME)
        pair(w, "format", "date-time");
    if (f->type == FT_CODES) {
        jw_key(w, "items");
        jw_obj(w);
        pair(w, "type", "string");
        jw_end_obj(w);
    }
    if (f->type == FT_LIST) {
        jw_key(w, "items");
        if (f->sub->n)
            ref(w, f->sub->name);
        else {
            jw_obj(w);
            jw_end_obj(w);
        }
    }
}

static void field_schema(struct jw *w, const struct field *f)
{
    jw_obj(w);
    type_of(w, f);
    pair(w, "x-label", f->label);
    if (f->codes)
        pair(w, "x-codes", f->codes);
    if (f->max) {
        jw_key(w, "x-max");
        jw_int(w, f->max);
    }
    if (f->flags & F_LINES) {
        jw_key(w, "x-lines");
        jw_bool(w, true);
    }
    if (f->flags & F_PRIVATE) {
        jw_key(w, "x-private");
        jw_bool(w, true);
    }
    jw_end_obj(w);
}

static bool shown(const struct field *f)
{
    return f->type != FT_BLOB;
}

static void schema(struct jw *w, const struct desc *d, bool input)
{
    jw_obj(w);
    pair(w, "type", "object");
    jw_key(w, "properties");
    jw_obj(w);
    for (size_t i = 0; i < d->n; i++) {
        const struct field *f = &d->fields[i];
        if (!shown(f) || (input && f->flags & (F_PATH | F_QUERY | F_OUT)))
            continue;
        if (!input && f->flags & F_SECRET && !(f->flags & F_REQ))
            continue;
        jw_key(w, f->name);
        field_schema(w, f);
    }
    jw_end_obj(w);
    jw_key(w, "required");
    jw_arr(w);
    for (size_t i = 0; i < d->n; i++)
        if (d->fields[i].flags & F_REQ && !(d->fields[i].flags & (F_PATH | F_QUERY)))
            jw_strz(w, d->fields[i].name);
    jw_end_arr(w);
    jw_end_obj(w);
}

static void parameter(struct jw *w, const struct field *f, const char *where)
{
    jw_obj(w);
    pair(w, "name", f->name);
    pair(w, "in", where);
    jw_key(w, "required");
    jw_bool(w, strcmp(where, "path") == 0 || f->flags & F_REQ);
    pair(w, "description", f->label);
    jw_key(w, "schema");
    field_schema(w, f);
    jw_end_obj(w);
}

static bool in_path(const struct op *op, const struct field *f)
{
    char seg[80] = "/:";
    strncat(seg, f->name, sizeof seg - 3);
    const char *hit = strstr(op->path, seg);
    size_t n = strlen(seg);
    return hit && (hit[n] == '/' || hit[n] == 0);
}

static void parameters(struct jw *w, const struct op *op)
{
    jw_key(w, "parameters");
    jw_arr(w);
    for (size_t i = 0; i < op->in->n; i++) {
        const struct field *f = &op->in->fields[i];
        bool reads = op->method == GET && !(f->flags & (F_PATH | F_OUT));
        if (in_path(op, f))
            parameter(w, f, "path");
        else if (f->flags & F_QUERY || reads)
            parameter(w, f, "query");
    }
    jw_end_arr(w);
}

static void body(struct jw *w, const struct op *op)
{
    bool has = false;
    for (size_t i = 0; i < op->in->n; i++)
        has = has || !(op->in->fields[i].flags & (F_PATH | F_QUERY | F_OUT));
    if (op->method == GET || (!has && !(op->flags & OP_UPLOAD)))
        return;
    jw_key(w, "requestBody");
    jw_obj(w);
    jw_key(w, "content");
    jw_obj(w);
    jw_key(w, op->flags & OP_UPLOAD ? "multipart/form-data" : "application/json");
    jw_obj(w);
    jw_key(w, "schema");
    if (op->flags & OP_UPLOAD)
        jw_raw(w, S("{\"type\":\"object\",\"properties\":{\"file\":{\"type\":\"string\",\"format\":"
                    "\"binary\"}},\"required\":[\"file\"]}"));
    else
        schema(w, op->in, true);
    jw_end_obj(w);
    jw_end_obj(w);
    jw_end_obj(w);
}

static void answers(struct jw *w, const struct op *op)
{
    jw_key(w, "responses");
    jw_obj(w);
    jw_key(w, op->flags & OP_JOB ? "202" : "200");
    jw_obj(w);
    pair(w, "description", op->help);
    jw_key(w, "content");
    jw_obj(w);
    jw_key(w, op->flags & OP_FILE ? "application/octet-stream" : "application/json");
    jw_obj(w);
    jw_key(w, "schema");
    if (op->flags & OP_FILE)
        jw_raw(w, S("{\"type\":\"string\",\"format\":\"binary\"}"));
    else if (op->flags & OP_JOB)
        ref(w, "job_made");
    else
        ref(w, op->out->name);
    jw_end_obj(w);
    jw_end_obj(w);
    jw_end_obj(w);
    jw_key(w, "default");
    jw_raw(w, S("{\"description\":\"错误\",\"content\":{\"application/problem+json\":{\"schema\":{"
                "\"$ref\":\"#/components/schemas/problem\"}}}}"));
    jw_end_obj(w);
}

static void flag(struct jw *w, const struct op *op, unsigned bit, const char *name)
{
    if (op->flags & bit)
        jw_strz(w, name);
}

static void operation(struct jw *w, const struct op *op)
{
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
    jw_key(w, methods[op->method]);
    jw_obj(w);
    pair(w, "operationId", op->name);
    pair(w, "summary", op->help);
    pair(w, "x-perm", perm_name(op->perm));
    jw_key(w, "x-flags");
    jw_arr(w);
    flag(w, op, OP_LIST, "list");
    flag(w, op, OP_UPLOAD, "upload");
    flag(w, op, OP_FILE, "file");
    flag(w, op, OP_JOB, "job");
    flag(w, op, OP_VERSION, "version");
    flag(w, op, OP_NATURAL, "natural");
    jw_end_arr(w);
    parameters(w, op);
    body(w, op);
    answers(w, op);
    jw_end_obj(w);
}

/* "/a/:x/b" as "/a/{x}/b". */
static void path_key(struct jw *w, const char *path)
{
    struct buf b;
    buf_init(&b, 400);
    struct str rest = str_z(path);
    (void)str_cut(rest, '/', &rest);
    while (rest.p) {
        struct str seg = str_cut(rest, '/', &rest);
        if (seg.n && seg.p[0] == ':')
            buf_fmt(&b, "/{%.*s}", (int)seg.n - 1, seg.p + 1);
        else
            buf_fmt(&b, "/%.*s", STR_ARG(seg));
    }
    jw_key_str(w, buf_str(&b));
    buf_free(&b);
}

static bool first_of_path(const struct op_table *t, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(t->rows[j].path, t->rows[i].path) == 0)
            return false;
    return true;
}

static void paths(struct doc *d, const struct op_table *t)
{
    jw_key(&d->w, "paths");
    jw_obj(&d->w);
    for (size_t i = 0; i < t->n; i++) {
        if (!first_of_path(t, i))
            continue;
        path_key(&d->w, t->rows[i].path);
        jw_obj(&d->w);
        for (size_t j = i; j < t->n; j++)
            if (strcmp(t->rows[j].path, t->rows[i].path) == 0)
                operation(&d->w, &t->rows[j]);
        jw_end_obj(&d->w);
    }
    jw_end_obj(&d->w);
}

static void schemas(struct doc *d)
{
    jw_key(&d->w, "components");
    jw_obj(&d->w);
    jw_key(&d->w, "schemas");
    jw_obj(&d->w);
    jw_key(&d->w, "problem");
    jw_raw(&d->w,
        S("{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":"
          "\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
          "\"errors\":"
          "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":"
          "\"string\"},\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}},"
          "\"current\":{},\"instance\":{\"type\":\"string\"}}}"));
    jw_key(&d->w, "job_made");
    jw_raw(&d->w, S("{\"type\":\"object\",\"properties\":{\"job\":{\"type\":\"integer\"}},"
                    "\"required\":[\"job\"]}"));
    for (size_t i = 0; i < d->n; i++) {
        jw_key(&d->w, d->seen[i]->name);
        schema(&d->w, d->seen[i], false);
    }
    jw_end_obj(&d->w);
    jw_end_obj(&d->w);
}

void openapi_write(const struct op_table *ops, const struct record_kinds *kinds, struct buf *out)
{
    struct doc d = {.n = 0};
    jw_init(&d.w, out);
    for (size_t i = 0; i < ops->n; i++) {
        see(&d, ops->rows[i].out);
        see(&d, ops->rows[i].in);
    }
    for (size_t i = 0; kinds && i < kinds->n; i++)
        if (kinds->rows[i]->desc)
            see(&d, kinds->rows[i]->desc);
    jw_obj(&d.w);
    pair(&d.w, "openapi", "3.1.0");
    jw_key(&d.w, "info");
    jw_raw(&d.w, S("{\"title\":\"质安 zhian\",\"version\":\"1\"}"));
    paths(&d, ops);
    schemas(&d);
    jw_end_obj(&d.w);
}
