/* Phase "check": the whole file is judged, nothing is written to the ledger. Every row goes to the
 * rows file (one JSON object a line, for the page) and to the report (for tools). Phase "once"
 * hands each row on to be written as well. */
#include <stdio.h>

#include "core/app.h"
#include "feature/import/imp_report.h"
#include "feature/import/import_run.h"
#include "feature/import/import_update.h"

enum { LINE_MAX = 1 << 20, RESULT_MAX = 4 << 20, COUNTS = 400 };

struct tally {
    enum imp_key key;
    enum imp_code code;
    int64_t n;
};

struct checking {
    struct import_pass pass;
    struct job *j;
    const struct import_also *also; /* NULL: only a check */
    FILE *rows, *report_file;
    struct imp_report report;
    struct buf line;
    struct jw w;
    struct buf sheets;
    struct jw ws;
    struct tally tallies[COUNTS];
    size_t ntallies;
    struct str sheet_name;
    struct arena sheet_arena;
    const short *keys;
    size_t ncols;
    int64_t told;
    struct import_update update;
    struct import_merge *merge; /* of the row in hand, NULL: its firm is not stored */
    struct arena merge_arena;
    int64_t merged[MERGE_RESULTS];
};

/* --- lines for the page
 * ---------------------------------------------------------------------------------- */

static int column_of(const struct checking *x, enum imp_key k)
{
    for (size_t i = 0; k >= 0 && i < x->ncols; i++)
        if (x->keys[i] == (short)k)
            return (int)i;
    return -1;
}

static void cell_name(int col, uint32_t row, struct buf *b)
{
    char letters[8];
    int n = 0;
    for (int v = col + 1; v > 0; v = (v - 1) / 26)
        letters[n++] = (char)('A' + (v - 1) % 26);
    while (n)
        buf_addc(b, letters[--n]);
    buf_int(b, row);
}

static void key_str(struct checking *x, const char *key, struct str s)
{
    jw_key(&x->w, key);
    jw_str(&x->w, s);
}

static void put_finding(struct checking *x, const struct imp_finding *f, uint32_t row)
{
    struct buf b;
    int col = column_of(x, f->key);
    buf_init(&b, 64 << 10);
    jw_obj(&x->w);
    key_str(x, "field", str_z(imp_key_name(f->key)));
    key_str(x, "label", imp_label(x->pass.job.rules, f->key));
    key_str(x, "code", str_z(imp_code_name(f->code)));
    if (col >= 0)
        cell_name(col, row, &b);
    key_str(x, "cell", buf_str(&b));
    key_str(x, "value", f->value);
    buf_reset(&b);
    imp_put_reason(x->pass.job.rules, f, &b);
    key_str(x, "message", buf_str(&b));
    buf_reset(&b);
    imp_put_todo(x->pass.job.rules, f, &b);
    key_str(x, "hint", buf_str(&b));
    jw_end_obj(&x->w);
    buf_free(&b);
}

static void put_findings(
    struct checking *x, const char *key, const struct imp_finding *f, size_t n, uint32_t row)
{
    jw_key(&x->w, key);
    jw_arr(&x->w);
    for (size_t i = 0; i < n; i++)
        put_finding(x, &f[i], row);
    jw_end_arr(&x->w);
}

static bool overridden(const struct checking *x, const struct imp_row *r)
{
    for (size_t i = 0; i < x->pass.job.noverrides; i++)
        if (x->pass.job.overrides[i].sheet == r->sheet && x->pass.job.overrides[i].row == r->row)
            return true;
    return false;
}

static void put_of(struct checking *x, const struct imp_row *r)
{
    if (r->of.row == 0 && r->of.firm == 0)
        return;
    jw_key(&x->w, "of");
    jw_obj(&x->w);
    if (r->of.firm) {
        jw_key(&x->w, "firm");
        jw_int(&x->w, r->of.firm);
    } else {
        jw_key(&x->w, "sheet");
        jw_str(&x->w, sheet_info(x->pass.job.book, r->of.sheet)->name);
        jw_key(&x->w, "row");
        jw_int(&x->w, r->of.row);
    }
    jw_end_obj(&x->w);
}

static void put_suggest(struct checking *x, const struct imp_row *r)
{
    jw_key(&x->w, "suggest");
    jw_obj(&x->w);
    for (size_t i = 0; i < r->nsuggests; i++) {
        jw_key(&x->w, imp_key_name(r->suggests[i].key));
        jw_str(&x->w, r->suggests[i].value);
    }
    jw_end_obj(&x->w);
}

/* Old and new side by side, for people. */
static void put_diffs(struct checking *x)
{
    jw_key(&x->w, "diffs");
    jw_arr(&x->w);
    for (size_t i = 0; i < x->merge->n; i++) {
        const struct merge_diff *d = &x->merge->diffs[i];
        jw_obj(&x->w);
        key_str(x, "field", str_z(d->field));
        key_str(x, "label", str_z(d->label));
        key_str(x, "stored", d->stored);
        key_str(x, "file", d->file);
        jw_key(&x->w, "take");
        jw_bool(&x->w, d->take);
        jw_key(&x->w, "open");
        jw_bool(&x->w, d->open);
        jw_end_obj(&x->w);
    }
    jw_end_arr(&x->w);
}

/* Of a row that only repeats a stored firm, what becomes of the firm is the verdict. */
static void put_verdict(struct checking *x, const struct imp_row *r)
{
    bool merges = x->merge && r->verdict == IMP_DUPLICATE;
    key_str(
        x, "verdict", str_z(merges ? merge_name(x->merge->result) : imp_verdict_name(r->verdict)));
    key_str(x, "verdict_label",
        str_z(merges ? merge_label(x->merge->result) : imp_verdict_label(r->verdict)));
    if (!x->merge)
        return;
    if (x->merge->why.n)
        key_str(x, "refusal", x->merge->why);
    put_diffs(x);
}

static void put_row(struct checking *x, const struct imp_row *r)
{
    jw_init(&x->w, &x->line);
    jw_obj(&x->w);
    key_str(x, "sheet", x->sheet_name);
    jw_key(&x->w, "sheet_no");
    jw_int(&x->w, r->sheet);
    jw_key(&x->w, "row");
    jw_int(&x->w, r->row);
    put_verdict(x, r);
    if (r->why != WHY_NONE)
        key_str(x, "why", str_z(imp_why_label(r->why)));
    if (r->unit)
        key_str(x, "name", r->unit->name);
    put_of(x, r);
    put_findings(x, "errors", r->errors, r->nerrors, r->row);
    put_findings(x, "warnings", r->warnings, r->nwarnings, r->row);
    put_suggest(x, r);
    jw_key(&x->w, "override");
    jw_bool(&x->w, overridden(x, r));
    if (r->verdict <= IMP_PRODUCT_ADDED) {
        jw_key(&x->w, "values");
        imp_values_json(r->verdict == IMP_PRODUCT_ADDED ? NULL : r->unit, r->product, true, &x->w);
    }
    jw_end_obj(&x->w);
}

/* --- counting
 * ------------------------------------------------------------------------------------------- */

static void count(struct checking *x, const struct imp_finding *f)
{
    for (size_t i = 0; i < x->ntallies; i++)
        if (x->tallies[i].key == f->key && x->tallies[i].code == f->code) {
            x->tallies[i].n++;
            return;
        }
    if (x->ntallies < COUNTS)
        x->tallies[x->ntallies++] = (struct tally){f->key, f->code, 1};
}

/* --- sinks
 * ------------------------------------------------------------------------------------------------
 */

/* What becomes of the stored firm that a row is about. */
static enum err merge_row(struct checking *x, const struct imp_row *r)
{
    struct ctx c = *x->pass.c;
    x->merge = NULL;
    if (!x->update.rule.n || r->verdict == IMP_REJECTED || !r->of.firm)
        return OK;
    arena_reset(&x->merge_arena);
    c.a = &x->merge_arena;
    x->merge = arena_new(c.a, struct import_merge, 1);
    if (!x->merge)
        return ERR_NOMEM;
    struct merge_row at = {r->sheet, r->row, r->unit};
    enum err e = import_merge(&c, &x->update, &at, r->of.firm, x->merge);
    x->merged[x->merge->result] += !e && r->verdict == IMP_DUPLICATE;
    return e;
}

static enum err on_row(void *arg, const struct imp_row *r)
{
    struct checking *x = arg;
    enum err e = imp_report_row(&x->report, r);
    if (e)
        return e;
    for (size_t i = 0; i < r->nerrors; i++)
        count(x, &r->errors[i]);
    for (size_t i = 0; i < r->nwarnings; i++)
        count(x, &r->warnings[i]);
    e = merge_row(x, r);
    if (e)
        return e;
    buf_reset(&x->line);
    put_row(x, r);
    buf_addc(&x->line, '\n');
    if (x->line.err || fwrite(x->line.p, 1, x->line.n, x->rows) != x->line.n)
        return x->line.err ? x->line.err : ERR_DISK_FULL;
    x->told++;
    if (x->also)
        return x->also->row(x->also->arg, r);
    return job_step(x->pass.c, x->j, (int64_t)sheet_done(x->pass.job.book), x->pass.size);
}

static void put_sheet(struct checking *x, const struct imp_sheet *s)
{
    static const char *const verdicts[] = {"imported", "ignored", "rejected"};
    struct jw *w = &x->ws;
    jw_obj(w);
    jw_key(w, "name");
    jw_str(w, s->name);
    jw_key(w, "verdict");
    jw_strz(w, verdicts[s->verdict]);
    jw_key(w, "why");
    jw_strz(w, s->why == WHY_NONE ? NULL : imp_why_label(s->why));
    jw_key(w, "missing");
    jw_arr(w);
    for (size_t i = 0; i < s->nmissing; i++)
        jw_str(w, imp_label(x->pass.job.rules, s->missing[i]));
    jw_end_arr(w);
    jw_key(w, "unknown");
    jw_arr(w);
    for (size_t i = 0; i < s->nunknown; i++)
        jw_str(w, s->unknown[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

static enum err on_sheet(void *arg, const struct imp_sheet *s)
{
    struct checking *x = arg;
    arena_reset(&x->sheet_arena);
    x->sheet_name = arena_str(&x->sheet_arena, s->name);
    short *keys = arena_new(&x->sheet_arena, short, s->ncols + 1);
    if (!keys)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->ncols; i++)
        keys[i] = s->keys[i];
    x->keys = keys;
    x->ncols = s->ncols;
    import_update_sheet(&x->update, s);
    put_sheet(x, s);
    return imp_report_sheet(&x->report, s);
}

static enum err report_write(void *arg, struct str text)
{
    return fwrite(text.p, 1, text.n, arg) == text.n ? OK : ERR_DISK_FULL;
}

/* --- the summary
 * ------------------------------------------------------------------------------------------- */

static void put_totals(const struct checking *x, const struct imp_totals *t, struct jw *w)
{
    jw_key(w, "totals");
    jw_obj(w);
    for (int v = 0; v < IMP_VERDICTS; v++) {
        int64_t merged = 0;
        for (int m = 0; v == IMP_DUPLICATE && m < MERGE_RESULTS; m++)
            merged += x->merged[m];
        jw_key(w, imp_verdict_name((enum imp_verdict)v));
        jw_int(w, (int64_t)t->rows[v] - merged);
    }
    for (int m = 0; x->update.rule.n && m < MERGE_RESULTS; m++) {
        jw_key(w, merge_name((enum merge_result)m));
        jw_int(w, x->merged[m]);
    }
    jw_end_obj(w);
}

static void put_tallies(struct checking *x, struct jw *w)
{
    jw_key(w, "findings");
    jw_arr(w);
    for (size_t i = 0; i < x->ntallies; i++) {
        jw_obj(w);
        jw_key(w, "code");
        jw_strz(w, imp_code_name(x->tallies[i].code));
        jw_key(w, "field");
        jw_strz(w, imp_key_name(x->tallies[i].key));
        jw_key(w, "label");
        jw_str(w, imp_label(x->pass.job.rules, x->tallies[i].key));
        jw_key(w, "error");
        jw_bool(w, imp_code_is_error(x->tallies[i].code));
        jw_key(w, "count");
        jw_int(w, x->tallies[i].n);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static struct str summary(struct ctx *c, struct checking *x)
{
    struct buf b;
    struct jw w;
    buf_init(&b, RESULT_MAX);
    jw_init(&w, &b);
    jw_end_arr(&x->ws);
    jw_obj(&w);
    jw_key(&w, "sheets");
    jw_raw(&w, buf_str(&x->sheets));
    put_totals(x, &x->pass.totals, &w);
    put_tallies(x, &w);
    jw_key(&w, "rows");
    jw_int(&w, x->told);
    jw_end_obj(&w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err run(struct ctx *c, struct checking *x, const struct import_spec *s)
{
    struct imp_report_head head = {.file = s->file,
        .org = s->org_name,
        .area = s->county,
        .as_of = s->as_of,
        .kind = str_eqz(s->kind, "sales") ? IMP_SALES : IMP_PRODUCTION};
    struct imp_sink sink = {x, on_sheet, on_row};
    x->report = (struct imp_report){.rules = x->pass.job.rules,
        .book = x->pass.job.book,
        .write = report_write,
        .arg = x->report_file};
    jw_init(&x->ws, &x->sheets);
    jw_arr(&x->ws);
    enum err e = imp_report_begin(&x->report, &head);
    if (!e && x->also)
        x->also->begin(x->also->arg, &x->pass);
    if (!e)
        e = import_go(&x->pass, &sink);
    if (!e && x->also)
        e = x->also->end(x->also->arg);
    enum err closed = imp_report_end(&x->report, &x->pass.totals);
    return e ? e : closed ? fail(c, closed, NULL, NULL) : OK;
}

static enum err close_files(struct checking *x, enum err e)
{
    bool good = !x->rows || fclose(x->rows) == 0;
    good = (!x->report_file || fclose(x->report_file) == 0) && good;
    return e ? e : good ? OK : fail(x->pass.c, ERR_DISK_FULL, NULL, NULL);
}

enum err import_check_also(struct ctx *c, struct job *j, const struct import_spec *s,
    const struct import_files *files, const struct import_also *also)
{
    struct checking *x = arena_new(c->a, struct checking, 1);
    if (!x)
        return fail(c, ERR_NOMEM, NULL, NULL);
    x->j = j;
    x->also = also;
    buf_init(&x->line, LINE_MAX);
    buf_init(&x->sheets, RESULT_MAX);
    arena_init(&x->sheet_arena, 4 << 20);
    arena_init(&x->merge_arena, 16 << 20);
    import_update_begin(&x->update, s);
    enum err e = import_open(c, s, files->from, &x->pass);
    x->rows = e ? NULL : fopen(files->rows, "w");
    x->report_file = e ? NULL : fopen(files->report, "w");
    if (!e && (!x->rows || !x->report_file))
        e = fail(c, ERR_IO, NULL, NULL);
    if (!e)
        e = run(c, x, s);
    e = close_files(x, e);
    if (!e) {
        j->result = summary(c, x);
        j->next_state = also ? NULL : "waiting";
    }
    import_close(&x->pass);
    buf_free(&x->line);
    buf_free(&x->sheets);
    arena_free(&x->sheet_arena);
    arena_free(&x->merge_arena);
    return e;
}

enum err import_check_pass(
    struct ctx *c, struct job *j, const struct import_spec *s, const struct import_files *files)
{
    return import_check_also(c, j, s, files, NULL);
}
