/* The run: sheets in order; of each the first rows are kept until its header is found, then rows
 * are classified (A6), completed (merged cells A7, continuations A7b, 同上 A7c, accepted
 * suggestions), checked, matched and told, one at a time. */
#include "base/mem.h"
#include "base/utf8.h"
#include "feature/import/imp_row.h"

enum {
    HEAD_ARENA = 32 << 20,
    WORK_ARENA = 32 << 20,
    WORK_CHUNK = 256 << 10,
    KEPT_MAX = 8 << 20,
    GAP_TOLD = 1000, /* blank rows told between two rows */
};

/* A cell that stands for rows below it: a merged one, or the row before. */
struct kept_cell {
    struct cell cell;
    uint32_t until; /* last row of the merged range, 0 = none */
    struct buf text;
};

/* The fields of the data row before, texts in one of two buffers. */
struct kept_row {
    struct cell cell[IK_COUNT];
    struct buf text;
    bool any;
};

struct run {
    const struct imp_job *job;
    struct imp_totals *totals;
    struct imp_work work;
    struct imp_match match;
    struct arena head_mem; /* of the sheet in hand */
    struct imp_header head;
    bool headed;
    struct head_row *heads;
    size_t nheads;
    const struct sheet_merge *merges;
    size_t nmerges, next_merge;
    struct kept_cell merged[IK_COUNT];
    struct kept_row before;
    uint32_t sheet, last_row;
    uint32_t blanks; /* empty rows not told yet, ending at last_row */
    size_t next_override;
    bool merged_used, skip;
    enum err err;
};

/* --- telling ------------------------------------------------------------------------------------
 */

static bool tell(struct run *k, struct imp_row *r)
{
    k->totals->rows[r->verdict]++;
    r->sheet = k->sheet;
    if (k->job->sink.row && !k->err)
        k->err = k->job->sink.row(k->job->sink.arg, r);
    return k->err == OK;
}

static bool tell_ignored(
    struct run *k, uint32_t number, enum imp_why why, const struct sheet_row *cells)
{
    struct imp_row r = {.row = number, .verdict = IMP_IGNORED, .why = why, .cells = cells};
    return tell(k, &r);
}

/* Tells the blank rows held back, now that something stands below them. */
static bool tell_blanks(struct run *k, uint32_t up_to)
{
    uint32_t n = k->blanks < GAP_TOLD ? k->blanks : GAP_TOLD;
    k->blanks = 0;
    bool ok = true;
    for (uint32_t i = up_to - n; ok && i < up_to; i++)
        ok = tell_ignored(k, i, WHY_BLANK, NULL);
    return ok;
}

/* --- classification (A6) ------------------------------------------------------------------------
 */

static struct str bare(struct run *k, const struct cell *c, unsigned how)
{
    return clean_text(&k->work.mem, work_cell_text(&k->work, c), how);
}

static bool cell_blank(struct run *k, const struct cell *c)
{
    if (c->type == CELL_EMPTY)
        return true;
    return c->type == CELL_TEXT && bare(k, c, CLEAN_NOSPACE).n == 0;
}

static bool field_blank(struct run *k, enum imp_key key)
{
    return cell_blank(k, &k->work.cell[key]);
}

/* The first cell of the row that holds something; NULL in a blank row. */
static const struct cell *first_cell(struct run *k, const struct sheet_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (!cell_blank(k, &row->cells[i]))
            return &row->cells[i];
    return NULL;
}

/* Whether the text is a total word, maybe with something before or a mark behind (凤城镇小计：). */
static bool total_word(const struct run *k, struct str s, bool alone)
{
    static const char *const tails[] = {"：", ":", "）", ")"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        if (str_ends(s, str_z(tails[i])))
            s = str_sub(s, 0, s.n - strlen(tails[i]));
    for (size_t i = 0; i < k->work.rules->total.n; i++) {
        struct str word = k->work.rules->total.p[i];
        if (str_eq(s, word) || (!alone && (str_starts(s, word) || str_ends(s, word))))
            return true;
    }
    return false;
}

static bool is_total(struct run *k, const struct cell *first)
{
    if (first->type != CELL_TEXT)
        return false;
    struct str s = bare(k, first, CLEAN_NOSPACE);
    if (s.n > 120)
        return false;
    if (total_word(k, s, true))
        return true;
    if (!field_blank(k, IK_uscc))
        return false;
    struct str name = bare(k, &k->work.cell[IK_name], CLEAN_NOSPACE);
    if (name.n)
        return total_word(k, name, false);
    return total_word(k, s, false);
}

static bool starts_with_any(const struct word_list *l, struct str s)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_starts(s, l->p[i]))
            return true;
    return false;
}

/* Whether the cell says nothing about a firm: blank, or another 审核人：… of the same line. */
static bool foot_blank(struct run *k, enum imp_key key, const struct cell *first)
{
    const struct cell *c = &k->work.cell[key];
    bool itself = c->col == first->col;
    return cell_blank(k, c) ||
           (!itself && starts_with_any(&k->work.rules->foot, bare(k, c, CLEAN_NOSPACE)));
}

static bool is_foot(struct run *k, const struct cell *first)
{
    return first->type == CELL_TEXT &&
           starts_with_any(&k->work.rules->foot, bare(k, first, CLEAN_NOSPACE)) &&
           foot_blank(k, IK_uscc, first) && foot_blank(k, IK_name, first);
}

/* “例”, “（示例）”, “例如：…”. A firm may be called 例外…, so a lone 例 in front of a name must be
 * followed by something that is no letter of a name. */
static bool example_word(struct run *k, struct str s, bool in_name)
{
    static const char *const opens[] = {"（", "(", "【", "[", "〔"};
    bool bracket = false;
    for (size_t i = 0; i < sizeof opens / sizeof *opens && !bracket; i++)
        if (str_starts(s, str_z(opens[i]))) {
            s = str_sub(s, strlen(opens[i]), s.n);
            bracket = true;
        }
    const struct word_list *l = &k->work.rules->example;
    for (size_t i = 0; i < l->n; i++) {
        if (!str_starts(s, l->p[i]))
            continue;
        struct str rest = str_sub(s, l->p[i].n, s.n);
        size_t at = 0;
        int32_t cp = utf8_next(rest, &at);
        bool letter = (cp >= 0x4E00 && cp <= 0x9FFF) && !str_starts(rest, S("如"));
        if (!in_name || bracket || l->p[i].n > 3 || !letter)
            return true;
    }
    return false;
}

static bool is_example(struct run *k)
{
    const struct cell *seq = &k->work.cell[IK_seq], *name = &k->work.cell[IK_name];
    if (seq->type == CELL_TEXT && example_word(k, bare(k, seq, CLEAN_NOSPACE), false))
        return true;
    return name->type == CELL_TEXT && example_word(k, bare(k, name, CLEAN_NOSPACE), true);
}

static bool is_header_level(struct run *k, const struct sheet_row *row, const struct str *level)
{
    size_t hits = 0, seen = 0;
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        if (cell_blank(k, c))
            continue;
        seen++;
        if (c->type != CELL_TEXT || c->col >= k->head.ncols || c->text.n > 300)
            continue;
        struct str s = header_text(k->work.rules, &k->work.mem, c->text);
        hits += s.n && str_eq(s, level[c->col]);
    }
    return hits >= 2 && hits * 2 > seen;
}

static bool is_header_again(struct run *k, const struct sheet_row *row, const struct cell *first)
{
    if (first->type != CELL_TEXT || first->col >= k->head.ncols || first->text.n > 300)
        return false;
    struct str s = header_text(k->work.rules, &k->work.mem, first->text);
    for (size_t i = 0; i < k->head.nlevels; i++)
        if (s.n && str_eq(s, k->head.levels[i][first->col]) &&
            is_header_level(k, row, k->head.levels[i]))
            return true;
    return false;
}

/* The number a column-number cell shows: 3, （3）, 3., ③; -1 = none. */
static int colno_of(struct run *k, const struct cell *c)
{
    struct str s = bare(k, c, CLEAN_FOLD | CLEAN_NOSPACE);
    if (s.n == 0 || s.n > 12)
        return -1;
    size_t at = 0;
    int32_t cp = utf8_next(s, &at);
    if (cp >= 0x2460 && cp <= 0x2473 && at == s.n)
        return cp - 0x2460 + 1;
    size_t i = s.p[0] == '(' || s.p[0] == '[' ? 1 : 0, digits = 0;
    int v = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && digits < 4; i++, digits++)
        v = v * 10 + (s.p[i] - '0');
    bool closed = i == s.n || (i + 1 == s.n && strchr(")].", s.p[i]));
    return digits && closed ? v : -1;
}

/* 甲 乙 丙 丁 stand before the numbers in statistical forms. */
static bool is_stem_letter(struct run *k, const struct cell *c)
{
    static const char *const stems[] = {"甲", "乙", "丙", "丁", "戊", "己"};
    struct str s = bare(k, c, CLEAN_NOSPACE);
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        if (str_eqz(s, stems[i]))
            return true;
    return false;
}

/* Counting up by one from column to column, or by what lies between them; only columns that the
 * header knows are looked at. */
static bool is_colno(struct run *k, const struct sheet_row *row)
{
    int last = -1;
    uint32_t last_col = 0;
    size_t seen = 0;
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        bool known = c->col < k->head.ncols && k->head.keys[c->col] >= 0;
        if (!known || cell_blank(k, c))
            continue;
        seen++;
        if (last < 0 && is_stem_letter(k, c))
            continue;
        int v = colno_of(k, c);
        bool begins = last < 0 && v >= 0 && v <= 4;
        bool goes_on = last >= 0 && (v == last + 1 || v == last + (int)(c->col - last_col));
        if (!begins && !goes_on)
            return false;
        last = v;
        last_col = c->col;
    }
    return seen >= 3;
}

/* Whether no field but the serial number holds anything. */
static bool is_fieldless(struct run *k)
{
    for (int i = IK_seq + 1; i < IK_COUNT; i++)
        if (!field_blank(k, (enum imp_key)i))
            return false;
    return true;
}

static enum imp_why classify(struct run *k, const struct sheet_row *row)
{
    const struct cell *first = first_cell(k, row);
    if (first && is_total(k, first))
        return WHY_TOTAL;
    if (first && is_foot(k, first))
        return WHY_FOOT;
    if (is_example(k))
        return WHY_EXAMPLE;
    if (first && is_header_again(k, row, first))
        return WHY_HEADER_AGAIN;
    if (first && is_colno(k, row))
        return WHY_COLNO;
    return is_fieldless(k) ? WHY_BLANK : WHY_NONE;
}

/* --- completing the row -------------------------------------------------------------------------
 */

static void keep_cell(struct kept_cell *m, const struct cell *c, uint32_t until)
{
    if (!m->text.max)
        buf_init(&m->text, KEPT_MAX);
    buf_reset(&m->text);
    buf_add(&m->text, c->text);
    m->cell = *c;
    m->cell.text = buf_str(&m->text);
    m->until = until;
}

/* Values go down, not to the right: of a block only the first column (A7). */
static void merge_begin(struct run *k, const struct sheet_merge *m)
{
    size_t last = m->each ? m->col2 : m->col1;
    for (size_t c = m->col1; c <= last && c < k->head.ncols && m->row2 > m->row1; c++) {
        short key = k->head.keys[c];
        if (key >= 0)
            keep_cell(&k->merged[key], &k->work.cell[key], m->row2);
    }
}

/* Merged ranges that begin above a row the file does not hold are empty; they are passed over. */
static void apply_merges(struct run *k, uint32_t number)
{
    for (int i = 0; i < IK_COUNT; i++) {
        struct kept_cell *m = &k->merged[i];
        if (m->until < number)
            continue;
        k->work.cell[i] = m->cell;
        k->merged_used = true;
    }
    while (k->next_merge < k->nmerges && k->merges[k->next_merge].row1 <= number) {
        const struct sheet_merge *m = &k->merges[k->next_merge++];
        if (m->row1 == number)
            merge_begin(k, m);
    }
}

static void apply_overrides(struct run *k, uint32_t number)
{
    const struct imp_job *j = k->job;
    for (; k->next_override < j->noverrides; k->next_override++) {
        const struct imp_override *o = &j->overrides[k->next_override];
        if (o->sheet > k->sheet || (o->sheet == k->sheet && o->row > number))
            return;
        if (o->sheet == k->sheet && o->row == number && o->key >= 0 && o->key < IK_COUNT)
            k->work.cell[o->key] =
                (struct cell){.type = o->value.n ? CELL_TEXT : CELL_EMPTY, .text = o->value};
    }
}

static bool is_continuation(struct run *k)
{
    static const enum imp_key empty[] = {
        IK_name, IK_uscc, IK_legal_person, IK_site_address, IK_staff, IK_revenue};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        if (!field_blank(k, empty[i]))
            return false;
    return k->before.any && !field_blank(k, IK_product);
}

static void take_before(struct run *k, enum imp_key key)
{
    k->work.cell[key] = k->before.cell[key];
}

static void apply_above(struct run *k)
{
    for (int i = IK_prov; k->before.any && i < IK_COUNT; i++) {
        const struct cell *c = &k->work.cell[i];
        if (c->type == CELL_TEXT && c->text.n <= 24 &&
            list_has(&k->work.rules->above, bare(k, c, CLEAN_NOSPACE)))
            take_before(k, (enum imp_key)i);
    }
}

/* Keeps the row for the next one. The texts may lie in the old buffer, so a new one is filled and
 * the two are exchanged. */
static bool keep_before(struct run *k, struct buf *spare)
{
    size_t total = 0;
    for (int i = 0; i < IK_COUNT; i++)
        total += k->work.cell[i].text.n;
    buf_reset(spare);
    if (!buf_reserve(spare, total + 1)) {
        k->err = spare->err == ERR_NOMEM ? ERR_NOMEM : ERR_TOO_LARGE;
        return false;
    }
    for (int i = 0; i < IK_COUNT; i++) {
        struct cell c = k->work.cell[i];
        char *at = spare->p + spare->n;
        buf_add(spare, c.text);
        c.text.p = at;
        k->before.cell[i] = c;
    }
    struct buf old = k->before.text;
    k->before.text = *spare;
    *spare = old;
    k->before.any = true;
    return true;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static void map_cells(struct run *k, const struct sheet_row *row)
{
    memset(k->work.cell, 0, sizeof k->work.cell);
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        if (c->col < k->head.ncols && k->head.keys[c->col] >= 0)
            k->work.cell[k->head.keys[c->col]] = *c;
    }
}

static bool judge(struct run *k, const struct sheet_row *row, bool continued)
{
    struct imp_work *w = &k->work;
    imp_check_row(w);
    if (continued)
        work_find(w, IK_ROW, W_CONTINUED, STR_NULL, STR_NULL);
    if (row->hidden)
        work_find(w, IK_ROW, W_HIDDEN_ROW, STR_NULL, STR_NULL);
    struct imp_row r = {.row = row->number,
        .verdict = IMP_REJECTED,
        .continued = continued,
        .hidden = row->hidden,
        .merged = k->merged_used,
        .fields = w->cell,
        .cells = row};
    if (w->mem.failed)
        k->err = ERR_TOO_LARGE;
    else if (!w->nerrors)
        k->err = match_row(&k->match, w, k->sheet, row->number, &r.verdict, &r.of);
    if (k->err)
        return false;
    r.errors = w->errors;
    r.nerrors = w->nerrors;
    r.warnings = w->warnings;
    r.nwarnings = w->nwarnings;
    r.suggests = w->suggests;
    r.nsuggests = w->nsuggests;
    r.diffs = w->diffs;
    r.ndiffs = w->ndiffs;
    r.unit = &w->unit;
    r.product = &w->product;
    r.grade = w->nerrors ? NULL : &w->grade;
    return tell(k, &r);
}

static bool data_row(struct run *k, const struct sheet_row *row, struct buf *spare)
{
    bool continued = is_continuation(k);
    for (int i = IK_prov; continued && i < IK_applicability; i++)
        take_before(k, (enum imp_key)i);
    apply_above(k);
    return judge(k, row, continued) && keep_before(k, spare);
}

/* Blank rows wait until something follows; those that hold a mark are told at once. */
static bool blank_row(struct run *k, const struct sheet_row *row)
{
    if (row->n == 0) {
        k->blanks++;
        k->last_row = row->number;
        return true;
    }
    bool ok = tell_blanks(k, row->number) && tell_ignored(k, row->number, WHY_BLANK, row);
    k->last_row = row->number;
    return ok;
}

static bool one_row(struct run *k, const struct sheet_row *row, struct buf *spare)
{
    arena_reset(&k->work.mem);
    k->merged_used = false;
    if (k->last_row && row->number > k->last_row + 1)
        k->blanks += row->number - k->last_row - 1;
    if (row->number <= k->head.last) {
        bool told = row->n == 0 || tell_ignored(k, row->number, WHY_HEAD, row);
        k->blanks = 0;
        k->last_row = row->number;
        return told;
    }
    map_cells(k, row);
    apply_merges(k, row->number);
    apply_overrides(k, row->number);
    enum imp_why why = classify(k, row);
    if (why == WHY_BLANK)
        return blank_row(k, row);
    bool ok = tell_blanks(k, row->number);
    k->last_row = row->number;
    if (ok && why != WHY_NONE)
        return tell_ignored(k, row->number, why, row);
    return ok && data_row(k, row, spare);
}

/* --- sheets -------------------------------------------------------------------------------------
 */

struct sheet_arg {
    struct run *k;
    struct buf spare;
    struct imp_sheet told;
    bool told_done;
};

static struct cell *copy_cells(struct arena *a, const struct sheet_row *row)
{
    struct cell *cells = arena_new(a, struct cell, row->n + 1);
    for (size_t i = 0; cells && i < row->n; i++) {
        cells[i] = row->cells[i];
        cells[i].text = arena_str(a, row->cells[i].text);
    }
    return cells;
}

/* A3: a town named once in the sheet's name or the rows above the header. */
static struct str town_of_title(struct run *k, struct str name)
{
    struct buf all;
    buf_init(&all, 1 << 20);
    buf_add(&all, name);
    for (size_t i = 0; i < k->nheads && k->heads[i].number < k->head.first; i++)
        for (size_t c = 0; c < k->heads[i].n; c++) {
            buf_addc(&all, '\n');
            buf_add(&all, k->heads[i].cells[c].text);
        }
    struct str town = area_in_text(k->job->areas, -1, buf_str(&all), NULL);
    buf_free(&all);
    return town;
}

static void find_missing(struct run *k, struct imp_sheet *s)
{
    if (k->head.col[IK_town] < 0)
        k->head.town = s->town = town_of_title(k, s->name);
    for (int i = 0; i < IK_COUNT; i++) {
        bool absent = k->work.rules->fields[i].required && k->head.col[i] < 0;
        bool titled = i == IK_town && s->town.n;
        if (absent && !titled && s->nmissing < sizeof s->missing / sizeof *s->missing)
            s->missing[s->nmissing++] = (enum imp_key)i;
    }
}

/* What the first rows say about the sheet. */
static void judge_sheet(struct run *k, struct imp_sheet *s)
{
    const struct imp_rules *r = k->work.rules;
    struct head_input in = {k->heads, k->nheads, k->merges, k->nmerges};
    s->verdict = SHEET_IGNORED;
    if (!imp_header_find(r, &k->head_mem, &in, &k->head)) {
        s->why = WHY_NO_HEADER;
        return;
    }
    if (k->head.persons) {
        s->why = WHY_PERSONS;
        return;
    }
    find_missing(k, s);
    s->verdict = s->nmissing ? SHEET_REJECTED : SHEET_IMPORTED;
    s->header_first = k->head.first;
    s->header_last = k->head.last;
    s->keys = k->head.keys;
    s->ncols = k->head.ncols;
    s->unknown = k->head.unknown;
    s->nunknown = k->head.nunknown;
    s->other_ledger = k->head.nother >= 3 && k->head.nother > k->head.nown;
}

static bool tell_sheet(struct run *k, struct sheet_arg *a)
{
    a->told_done = true;
    if (k->job->sink.sheet && !k->err)
        k->err = k->job->sink.sheet(k->job->sink.arg, &a->told);
    return k->err == OK;
}

/* The header is decided: tell the sheet and go through the rows kept so far. */
static bool head_done(struct run *k, struct sheet_arg *a)
{
    k->headed = true;
    judge_sheet(k, &a->told);
    if (k->head_mem.failed)
        k->err = ERR_TOO_LARGE;
    if (!tell_sheet(k, a) || a->told.verdict != SHEET_IMPORTED)
        return false;
    k->work.head = &k->head;
    bool ok = true;
    for (size_t i = 0; ok && i < k->nheads; i++) {
        const struct head_row *h = &k->heads[i];
        struct sheet_row row = {h->number, h->hidden, h->cells, h->n};
        ok = one_row(k, &row, &a->spare);
    }
    return ok;
}

static bool on_row(void *arg, const struct sheet_row *row)
{
    struct sheet_arg *a = arg;
    struct run *k = a->k;
    const struct imp_rules *r = k->work.rules;
    if (k->headed)
        return one_row(k, row, &a->spare);
    bool early = row->number < (uint32_t)(r->header.first_rows + r->header.levels);
    if (early && k->nheads < HEAD_ROWS_MAX) {
        struct cell *cells = copy_cells(&k->head_mem, row);
        if (!cells) {
            k->err = ERR_TOO_LARGE;
            return false;
        }
        k->heads[k->nheads++] = (struct head_row){row->number, row->hidden, cells, row->n};
        return true;
    }
    return head_done(k, a) && one_row(k, row, &a->spare);
}

static void sheet_reset(struct run *k)
{
    arena_reset(&k->head_mem);
    k->heads = arena_new(&k->head_mem, struct head_row, HEAD_ROWS_MAX);
    k->nheads = 0;
    k->headed = false;
    k->next_merge = 0;
    k->last_row = k->blanks = 0;
    k->before.any = false;
    for (int i = 0; i < IK_COUNT; i++)
        k->merged[i].until = 0;
}

static enum sheet_err sheet_walk(struct run *k, struct sheet_arg *a)
{
    const struct sheet_info *info = sheet_info(k->job->book, k->sheet);
    k->work.date1904 = info->date1904;
    a->told = (struct imp_sheet){.sheet = k->sheet, .name = info->name};
    if (info->hidden) {
        a->told.verdict = SHEET_IGNORED;
        a->told.why = WHY_HIDDEN;
        (void)tell_sheet(k, a);
        return SHEET_OK;
    }
    enum sheet_err e = sheet_merges(k->job->book, k->sheet, &k->merges, &k->nmerges);
    if (!e)
        e = sheet_read(k->job->book, k->sheet, on_row, a);
    if (!e && !k->err && !k->headed)
        (void)head_done(k, a);
    return e;
}

static void run_sheet(struct run *k)
{
    struct sheet_arg a = {.k = k};
    buf_init(&a.spare, KEPT_MAX);
    sheet_reset(k);
    enum sheet_err e = k->heads ? sheet_walk(k, &a) : SHEET_ERR_NOMEM;
    if (e && !k->err) {
        k->totals->file = e;
        k->totals->file_sheet = k->sheet;
        k->totals->file_row = sheet_where(k->job->book);
        k->err = e == SHEET_ERR_NOMEM ? ERR_NOMEM : e == SHEET_ERR_IO ? ERR_IO : ERR_UNSUPPORTED;
    }
    buf_free(&a.spare);
}

static void run_free(struct run *k)
{
    match_free(&k->match);
    arena_free(&k->work.mem);
    arena_free(&k->head_mem);
    buf_free(&k->before.text);
    for (int i = 0; i < IK_COUNT; i++)
        buf_free(&k->merged[i].text);
    mem_free(k);
}

enum err imp_run(const struct imp_job *job, struct imp_totals *ret)
{
    struct run *k = mem_alloc(sizeof *k);
    if (!k)
        return ERR_NOMEM;
    *ret = (struct imp_totals){0};
    k->job = k->work.job = job;
    k->work.rules = job->rules;
    k->totals = ret;
    arena_init(&k->work.mem, WORK_ARENA);
    arena_init(&k->head_mem, HEAD_ARENA);
    buf_init(&k->before.text, KEPT_MAX);
    match_init(&k->match, job->tmp);
    if (!arena_alloc(&k->work.mem, WORK_CHUNK)) /* the chunk that resets keep */
        k->err = ERR_NOMEM;
    for (; k->sheet < sheet_count(job->book) && !k->err; k->sheet++)
        run_sheet(k);
    enum err e = k->err;
    run_free(k);
    return e;
}
