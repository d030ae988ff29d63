/* The JSON report. */
#include "feature/import/imp_report.h"

#include "base/hash.h"
#include "base/utf8.h"

enum { FLUSH_AT = 64 << 10, OUT_MAX = 64 << 20 };

static enum err flush(struct imp_report *r)
{
    if (r->out.err)
        return r->out.err;
    if (r->out.n == 0)
        return OK;
    enum err e = r->write(r->arg, buf_str(&r->out));
    r->out.n = 0;
    return e;
}

static void key_str(struct jw *w, const char *key, struct str v)
{
    jw_key(w, key);
    jw_str(w, v);
}

enum err imp_report_begin(struct imp_report *r, const struct imp_report_head *head)
{
    buf_init(&r->out, OUT_MAX);
    buf_init(&r->sheets, OUT_MAX);
    jw_init(&r->w, &r->out);
    jw_init(&r->ws, &r->sheets);
    jw_arr(&r->ws);
    struct jw *w = &r->w;
    jw_obj(w);
    jw_key(w, "schema");
    jw_int(w, 1);
    key_str(w, "file", head->file);
    key_str(w, "ledger", head->kind == IMP_PRODUCTION ? S("production") : S("sales"));
    jw_key(w, "importer");
    jw_obj(w);
    key_str(w, "org", head->org);
    key_str(w, "area", head->area);
    jw_key(w, "as_of");
    jw_day(w, head->as_of);
    jw_end_obj(w);
    jw_key(w, "rows");
    jw_arr(w);
    return flush(r);
}

/* --- sheets -------------------------------------------------------------------------------------
 */

static void columns_json(struct jw *w, const struct imp_sheet *s)
{
    jw_key(w, "columns");
    jw_obj(w);
    for (size_t c = 0; c < s->ncols; c++) {
        char name[4];
        if (s->keys[c] < 0)
            continue;
        (void)sheet_col_name((uint32_t)c, name);
        jw_key(w, name);
        jw_strz(w, imp_key_name((enum imp_key)s->keys[c]));
    }
    jw_end_obj(w);
}

static void header_json(struct jw *w, const struct imp_sheet *s)
{
    jw_key(w, "header_rows");
    jw_arr(w);
    jw_int(w, s->header_first);
    jw_int(w, s->header_last);
    jw_end_arr(w);
    columns_json(w, s);
    if (s->nunknown == 0)
        return;
    jw_key(w, "unknown");
    jw_arr(w);
    for (size_t i = 0; i < s->nunknown; i++)
        jw_str(w, s->unknown[i]);
    jw_end_arr(w);
}

static void missing_json(struct jw *w, const struct imp_sheet *s)
{
    jw_key(w, "missing");
    jw_arr(w);
    for (size_t i = 0; i < s->nmissing; i++)
        jw_strz(w, imp_key_name(s->missing[i]));
    jw_end_arr(w);
}

enum err imp_report_sheet(struct imp_report *r, const struct imp_sheet *s)
{
    static const char *const verdicts[] = {
        [SHEET_IMPORTED] = "imported", [SHEET_IGNORED] = "ignored", [SHEET_REJECTED] = "rejected"};
    struct jw *w = &r->ws;
    for (int k = 0; k < IK_COUNT; k++)
        r->col[k] = -1;
    for (size_t c = 0; c < s->ncols; c++)
        if (s->keys[c] >= 0)
            r->col[s->keys[c]] = (int)c;
    jw_obj(w);
    key_str(w, "name", s->name);
    jw_key(w, "verdict");
    jw_strz(w, verdicts[s->verdict]);
    if (s->why) {
        jw_key(w, "why");
        jw_strz(w, imp_why_name(s->why));
    }
    if (s->verdict == SHEET_IMPORTED)
        header_json(w, s);
    if (s->nmissing)
        missing_json(w, s);
    if (s->other_ledger) {
        jw_key(w, "other_ledger");
        jw_bool(w, true);
    }
    jw_end_obj(w);
    return r->sheets.err;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static void findings_json(struct jw *w, const char *key, const struct imp_finding *f, size_t n)
{
    if (n == 0)
        return;
    jw_key(w, key);
    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        jw_obj(w);
        jw_key(w, "field");
        jw_strz(w, imp_key_name(f[i].key));
        jw_key(w, "code");
        jw_strz(w, imp_code_name(f[i].code));
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void message_json(
    struct imp_report *r, const struct imp_row *row, const struct imp_finding *f)
{
    struct buf b;
    buf_init(&b, 4096);
    imp_put_finding(r->rules, f, f->key >= 0 ? r->col[f->key] : -1, row->row, &b);
    jw_str(&r->w, buf_str(&b));
    buf_free(&b);
}

static void messages_json(struct imp_report *r, const struct imp_row *row)
{
    if (row->nerrors + row->nwarnings == 0)
        return;
    jw_key(&r->w, "messages");
    jw_arr(&r->w);
    for (size_t i = 0; i < row->nerrors; i++)
        message_json(r, row, &row->errors[i]);
    for (size_t i = 0; i < row->nwarnings; i++)
        message_json(r, row, &row->warnings[i]);
    jw_end_arr(&r->w);
}

static void of_json(struct imp_report *r, const struct imp_row *row)
{
    if (!row->of.row && !row->of.firm)
        return;
    jw_key(&r->w, "of");
    jw_obj(&r->w);
    if (row->of.row) {
        key_str(&r->w, "sheet", sheet_info(r->book, row->of.sheet)->name);
        jw_key(&r->w, "row");
        jw_int(&r->w, row->of.row);
    } else {
        jw_key(&r->w, "firm");
        jw_int(&r->w, row->of.firm);
    }
    jw_end_obj(&r->w);
}

static void extras_json(struct jw *w, const struct imp_row *row)
{
    if (row->nsuggests) {
        jw_key(w, "suggest");
        jw_obj(w);
        for (size_t i = 0; i < row->nsuggests; i++)
            key_str(w, imp_key_name(row->suggests[i].key), row->suggests[i].value);
        jw_end_obj(w);
    }
    if (row->ndiffs) {
        jw_key(w, "diff");
        jw_arr(w);
        for (size_t i = 0; i < row->ndiffs; i++)
            jw_strz(w, imp_key_name(row->diffs[i].key));
        jw_end_arr(w);
    }
}

static void notes_json(struct jw *w, const struct imp_row *row)
{
    if (!row->continued && !row->hidden && !row->merged)
        return;
    jw_key(w, "notes");
    jw_arr(w);
    if (row->continued)
        jw_strz(w, "按上一行的续行处理");
    if (row->hidden)
        jw_strz(w, "来自隐藏行");
    if (row->merged)
        jw_strz(w, "部分内容来自合并单元格");
    jw_end_arr(w);
}

enum err imp_report_row(struct imp_report *r, const struct imp_row *row)
{
    struct jw *w = &r->w;
    jw_obj(w);
    key_str(w, "sheet", sheet_info(r->book, row->sheet)->name);
    jw_key(w, "row");
    jw_int(w, row->row);
    jw_key(w, "verdict");
    jw_strz(w, imp_verdict_name(row->verdict));
    if (row->why) {
        jw_key(w, "why");
        jw_strz(w, imp_why_name(row->why));
    }
    of_json(r, row);
    findings_json(w, "errors", row->errors, row->nerrors);
    findings_json(w, "warnings", row->warnings, row->nwarnings);
    messages_json(r, row);
    extras_json(w, row);
    notes_json(w, row);
    if (row->verdict <= IMP_PRODUCT_ADDED) {
        jw_key(w, "values");
        imp_values_json(
            row->verdict == IMP_PRODUCT_ADDED ? NULL : row->unit, row->product, true, w);
    }
    jw_end_obj(w);
    r->rows++;
    return r->out.n >= FLUSH_AT ? flush(r) : r->out.err;
}

enum err imp_report_end(struct imp_report *r, const struct imp_totals *totals)
{
    struct jw *w = &r->w;
    jw_end_arr(w);
    jw_end_arr(&r->ws);
    jw_key(w, "sheets");
    jw_raw(w, buf_str(&r->sheets));
    jw_key(w, "totals");
    jw_obj(w);
    for (int v = 0; v < IMP_VERDICTS; v++) {
        if (!totals->rows[v])
            continue;
        jw_key(w, imp_verdict_name((enum imp_verdict)v));
        jw_int(w, (int64_t)totals->rows[v]);
    }
    jw_end_obj(w);
    if (totals->file) {
        jw_key(w, "file_error");
        jw_strz(w, sheet_err_text(totals->file));
    }
    jw_end_obj(w);
    buf_addc(&r->out, '\n');
    enum err e = flush(r);
    if (!e)
        e = r->sheets.err;
    buf_free(&r->out);
    buf_free(&r->sheets);
    return e;
}

/* --- values -------------------------------------------------------------------------------------
 */

static void long_json(struct str s, size_t n, struct jw *w)
{
    unsigned char digest[SHA256_LEN];
    char hex[2 * SHA256_LEN];
    sha256(s, digest);
    hex_put(digest, sizeof digest, hex);
    jw_obj(w);
    jw_key(w, "length");
    jw_int(w, (int64_t)n);
    key_str(w, "sha256_utf8", (struct str){hex, sizeof hex});
    jw_end_obj(w);
}

static bool value_absent(const struct field *f, const void *at)
{
    return field_is_text(f->type) ? ((const struct str *)at)->n == 0
                                  : *(const int64_t *)at == NULL_INT;
}

static void value_json(const struct desc *d, const void *s, size_t i, bool brief, struct jw *w)
{
    const struct field *f = &d->fields[i];
    const void *at = (const char *)s + f->off;
    if (value_absent(f, at))
        return;
    jw_key(w, f->name);
    const struct str *text = at;
    size_t n = f->type == FT_STR && text->n > IMP_LONG_TEXT ? utf8_len(*text) : 0;
    if (brief && n > IMP_LONG_TEXT)
        long_json(*text, n, w);
    else if (f->type == FT_DAY && *(const int64_t *)at == IMP_NO_END)
        jw_strz(w, "长期");
    else
        field_json(d, s, i, w);
}

void imp_values_json(
    const struct imp_unit *unit, const struct imp_product *product, bool brief, struct jw *w)
{
    jw_obj(w);
    for (size_t i = 0; unit && i < imp_unit_desc.n; i++)
        value_json(&imp_unit_desc, unit, i, brief, w);
    for (size_t i = 0; product && i < imp_product_desc.n; i++)
        value_json(&imp_product_desc, product, i, brief, w);
    jw_end_obj(w);
}
