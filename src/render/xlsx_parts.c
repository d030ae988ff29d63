/* Relations, workbook and styles. Paths follow the package's own relations instead of fixed
 * names, since writers differ; a target that leaves the package is refused. */
#include "render/xlsx_parts.h"

#include <stdlib.h>

enum { REL_MAX = 1024, CUSTOM_MAX = 4096 };

struct rel {
    struct str id, type, target;
};

struct loader {
    struct xml_sink x;
    struct sheet_book *b;
    struct xlsx_parts *parts;
    struct rel *rels;
    size_t nrels;
    struct str base; /* folder of the part whose relations are read */
    bool in_cell_formats;
    unsigned char *custom; /* number format id -> 1 = date */
    struct str book;       /* path of the workbook part */
};

static struct loader *loader_of(struct xml_sink *x)
{
    return (struct loader *)x;
}

static void ignore_end(struct xml_sink *x, const char *name)
{
    (void)x;
    (void)name;
}

static void ignore_text(struct xml_sink *x, struct str s)
{
    (void)x;
    (void)s;
}

/* --- paths --------------------------------------------------------------------------------------
 */

static struct str folder_of(struct str path)
{
    size_t n = path.n;
    while (n && path.p[n - 1] != '/')
        n--;
    return (struct str){path.p, n};
}

/* Joins a relative target to a folder and resolves "." and ".."; STR_NULL when it escapes. */
static struct str path_join(struct arena *a, struct str folder, struct str target)
{
    bool rooted = target.n && target.p[0] == '/';
    struct str parts[2] = {rooted ? S("") : folder, target};
    struct str rest = arena_cat(a, parts, 2);
    char *out = arena_alloc(a, rest.n + 1);
    size_t n = 0;
    while (out && rest.p) {
        struct str part = str_cut(rest, '/', &rest);
        if (part.n == 0 || str_eqz(part, "."))
            continue;
        if (str_eqz(part, "..")) {
            if (n == 0)
                return STR_NULL;
            n = folder_of((struct str){out, n - 1}).n;
            continue;
        }
        memcpy(out + n, part.p, part.n);
        n += part.n;
        out[n++] = '/';
    }
    return n ? (struct str){out, n - 1} : STR_NULL;
}

/* --- relations ----------------------------------------------------------------------------------
 */

static void rel_start(struct xml_sink *x, const char *name, const char **atts)
{
    struct loader *l = loader_of(x);
    const char *mode = xml_att(atts, "TargetMode");
    if (strcmp(name, "Relationship") != 0 || (mode && strcmp(mode, "External") == 0))
        return;
    if (l->nrels == REL_MAX) {
        x->err = SHEET_ERR_TOO_MANY;
        return;
    }
    struct rel *r = &l->rels[l->nrels++];
    r->id = arena_str(&l->b->mem, str_z(xml_att(atts, "Id")));
    r->type = arena_str(&l->b->mem, str_z(xml_att(atts, "Type")));
    struct str target = str_z(xml_att(atts, "Target"));
    r->target = path_join(&l->b->mem, l->base, target);
}

static enum sheet_err rels_load(struct loader *l, struct zip_in *z, struct str part)
{
    l->nrels = 0;
    l->base = folder_of(part);
    struct str file = str_sub(part, l->base.n, part.n);
    struct str names[4] = {l->base, S("_rels/"), file, S(".rels")};
    struct str path = arena_cat(&l->b->mem, names, 4);
    l->x = (struct xml_sink){.start = rel_start, .end = ignore_end, .text = ignore_text};
    return zip_has(z, path) ? xml_read_part(z, path, &l->x) : SHEET_OK;
}

/* The last word of the relation type says what it is, in transitional and strict files alike. */
static const struct rel *rel_of_type(const struct loader *l, const char *type)
{
    for (size_t i = 0; i < l->nrels; i++)
        if (str_ends(l->rels[i].type, str_z(type)) && l->rels[i].target.p)
            return &l->rels[i];
    return NULL;
}

static const struct rel *rel_of_id(const struct loader *l, struct str id)
{
    for (size_t i = 0; i < l->nrels; i++)
        if (id.p && str_eq(l->rels[i].id, id))
            return &l->rels[i];
    return NULL;
}

/* --- workbook -----------------------------------------------------------------------------------
 */

static void sheet_add(struct loader *l, const char **atts)
{
    struct sheet_book *b = l->b;
    const struct rel *r = rel_of_id(l, str_z(xml_att(atts, "id")));
    if (!r || !str_ends(r->type, S("/worksheet")))
        return; /* a chart or dialog sheet */
    if (!r->target.p) {
        l->x.err = SHEET_ERR_UNSAFE;
        return;
    }
    if (b->nsheets == SHEET_COUNT_MAX) {
        l->x.err = SHEET_ERR_TOO_MANY;
        return;
    }
    const char *state = xml_att(atts, "state");
    struct sheet_info *s = &b->sheets[b->nsheets];
    s->name = arena_str(&b->mem, str_z(xml_att(atts, "name")));
    if (!s->name.p)
        s->name = S("");
    s->hidden = state && strcmp(state, "visible") != 0;
    l->parts->parts[b->nsheets++] = r->target;
}

static void book_start(struct xml_sink *x, const char *name, const char **atts)
{
    struct loader *l = loader_of(x);
    if (strcmp(name, "sheet") == 0)
        sheet_add(l, atts);
    else if (strcmp(name, "workbookPr") == 0 && xml_is_true(xml_att(atts, "date1904")))
        for (size_t i = 0; i < SHEET_COUNT_MAX; i++)
            l->b->sheets[i].date1904 = true;
}

/* --- styles -------------------------------------------------------------------------------------
 */

/* Skips a quoted, bracketed or escaped piece at i; returns the index behind it, or i. */
static size_t skip_literal(struct str code, size_t i)
{
    char close = code.p[i] == '"' ? '"' : code.p[i] == '[' ? ']' : 0;
    if (close) {
        const char *end = memchr(code.p + i + 1, close, code.n - i - 1);
        return end ? (size_t)(end - code.p) + 1 : code.n;
    }
    bool escape = code.p[i] == '\\' || code.p[i] == '_' || code.p[i] == '*';
    return escape ? i + 2 : i;
}

bool xlsx_format_is_date(long id, struct str code)
{
    if (code.n == 0)
        return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
               (id >= 50 && id <= 58);
    if (str_eqz(code, "General") || str_starts(code, S("General;")))
        return false;
    size_t i = 0;
    while (i < code.n) {
        size_t next = skip_literal(code, i);
        if (next == i) {
            if (memchr("ymdhYMDH", code.p[i], 8))
                return true;
            next++;
        }
        i = next;
    }
    return false;
}

static long att_number(const char **atts, const char *name, long dflt)
{
    const char *v = xml_att(atts, name);
    return v ? strtol(v, NULL, 10) : dflt;
}

static void format_add(struct loader *l, const char **atts)
{
    long id = att_number(atts, "numFmtId", -1);
    struct str code = str_z(xml_att(atts, "formatCode"));
    if (id >= 0 && id < CUSTOM_MAX && code.n)
        l->custom[id] = xlsx_format_is_date(id, code) ? 2 : 1;
}

static void cell_format_add(struct loader *l, const char **atts)
{
    struct xlsx_parts *p = l->parts;
    if (p->ndate == XLSX_FORMAT_MAX) {
        l->x.err = SHEET_ERR_TOO_MANY;
        return;
    }
    long id = att_number(atts, "numFmtId", 0);
    bool custom = id >= 0 && id < CUSTOM_MAX && l->custom[id];
    p->date[p->ndate++] = custom ? l->custom[id] == 2 : xlsx_format_is_date(id, STR_NULL);
}

static void style_start(struct xml_sink *x, const char *name, const char **atts)
{
    struct loader *l = loader_of(x);
    if (strcmp(name, "numFmt") == 0)
        format_add(l, atts);
    else if (strcmp(name, "cellXfs") == 0)
        l->in_cell_formats = true;
    else if (l->in_cell_formats && strcmp(name, "xf") == 0)
        cell_format_add(l, atts);
}

static void style_end(struct xml_sink *x, const char *name)
{
    if (strcmp(name, "cellXfs") == 0)
        loader_of(x)->in_cell_formats = false;
}

/* --- all together -------------------------------------------------------------------------------
 */

/* What the package holds when it is not a workbook we read. */
static enum sheet_err other_package(struct zip_in *z)
{
    if (zip_has(z, S("xl/workbook.bin")))
        return SHEET_ERR_XLSB;
    if (zip_has(z, S("word/document.xml")) || zip_has(z, S("ppt/presentation.xml")))
        return SHEET_ERR_WORD;
    if (zip_has(z, S("content.xml")) && zip_has(z, S("mimetype")))
        return SHEET_ERR_ODS;
    return SHEET_ERR_UNKNOWN;
}

static enum sheet_err book_find(struct loader *l, struct zip_in *z)
{
    enum sheet_err e = rels_load(l, z, S(""));
    if (e)
        return e;
    const struct rel *r = rel_of_type(l, "/officeDocument");
    l->book = r ? r->target : S("xl/workbook.xml");
    return zip_has(z, l->book) && !str_ends(l->book, S(".bin")) && !str_starts(l->book, S("word/"))
               ? SHEET_OK
               : other_package(z);
}

static enum sheet_err book_load(struct loader *l, struct zip_in *z)
{
    enum sheet_err e = book_find(l, z);
    if (!e)
        e = rels_load(l, z, l->book);
    if (e)
        return e;
    const struct rel *strings = rel_of_type(l, "/sharedStrings");
    const struct rel *styles = rel_of_type(l, "/styles");
    l->parts->strings = strings ? strings->target : STR_NULL;
    l->parts->styles = styles ? styles->target : STR_NULL;
    l->x = (struct xml_sink){.start = book_start, .end = ignore_end, .text = ignore_text};
    e = xml_read_part(z, l->book, &l->x);
    return e || l->b->nsheets ? e : SHEET_ERR_NO_SHEET;
}

enum sheet_err xlsx_parts_load(struct sheet_book *b, struct zip_in *z, struct xlsx_parts *ret)
{
    struct loader l = {.b = b, .parts = ret};
    l.rels = arena_new(&b->mem, struct rel, REL_MAX);
    l.custom = arena_new(&b->mem, unsigned char, CUSTOM_MAX);
    b->sheets = arena_new(&b->mem, struct sheet_info, SHEET_COUNT_MAX);
    ret->parts = arena_new(&b->mem, struct str, SHEET_COUNT_MAX);
    ret->date = arena_new(&b->mem, unsigned char, XLSX_FORMAT_MAX);
    if (b->mem.failed)
        return SHEET_ERR_NOMEM;
    enum sheet_err e = book_load(&l, z);
    if (e || !ret->styles.p || !zip_has(z, ret->styles))
        return e;
    l.x = (struct xml_sink){.start = style_start, .end = style_end, .text = ignore_text};
    e = xml_read_part(z, ret->styles, &l.x);
    return e || !b->mem.failed ? e : SHEET_ERR_NOMEM;
}
