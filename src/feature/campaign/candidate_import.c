/* Candidate lists as a job: upload → check (row report, nothing written) → the user's word → write
 * in groups. A restart meets what is written as duplicates. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/decode.h"
#include "core/template.h"
#include "feature/campaign/candidate_row.h"
#include "feature/import/import.h"
#include "feature/ops.h"

enum {
    GROUP = 400,
    GROUP_MEMORY = 64 << 20,
    LINE_MAX_ = 64 << 10,
    PAGE_BYTES = 4 << 20,
    DEPTH = 16,
    COUNTY_CODE = 6,
    HEAD_ROWS = 15
};

/* --- the pass ----------------------------------------------------------------------------------
 */

struct pass {
    struct ctx own; /* as the job's, with memory of its own for the rows in hand */
    struct ctx *c;
    struct job *j;
    struct campaign_row camp;
    struct candidate_spec spec;
    struct judge judge;
    struct arena a;
    struct judged *group;
    size_t n;
    FILE *rows; /* report of the check */
    struct sheet_book *book;
    int64_t size, totals[VERDICTS], seen;
    uint64_t *keys; /* rows of this file that the check accepted */
    size_t nkeys, room;
    enum err e;
};

static uint64_t key_of(const struct candidate_row *r)
{
    const struct str parts[] = {r->uscc.n ? r->uscc : r->name, r->uscc.n ? S("") : r->town};
    uint64_t h = 1469598103934665603u;
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < parts[p].n; i++)
            h = (h ^ (unsigned char)parts[p].p[i]) * 1099511628211u;
    return h | 1;
}

static enum err keys_grow(struct pass *p)
{
    size_t room = p->room ? p->room * 2 : 1 << 12;
    uint64_t *was = p->keys, *keys = mem_alloc(room * sizeof *keys);
    if (!keys)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->room; i++)
        for (size_t at = was[i] % room; was[i]; at = (at + 1) % room)
            if (!keys[at]) {
                keys[at] = was[i];
                break;
            }
    mem_free(was);
    p->keys = keys;
    p->room = room;
    return OK;
}

/* Whether an earlier row of this file is the same firm. */
static enum err seen_before(struct pass *p, uint64_t key, bool *ret)
{
    *ret = false;
    if (2 * (p->nkeys + 1) > p->room && keys_grow(p))
        return ERR_NOMEM;
    size_t at = key % p->room;
    while (p->keys[at] && p->keys[at] != key)
        at = (at + 1) % p->room;
    *ret = p->keys[at] == key;
    p->nkeys += !*ret;
    p->keys[at] = key;
    return OK;
}

static void report_row(struct pass *p, const struct judged *r)
{
    struct buf b;
    struct jw w;
    buf_init(&b, LINE_MAX_);
    jw_init(&w, &b);
    jw_obj(&w);
    jw_key(&w, "row");
    jw_int(&w, r->number);
    jw_key(&w, "verdict");
    jw_strz(&w, verdict_names[r->verdict]);
    jw_key(&w, "name");
    jw_str(&w, r->row.name);
    jw_key(&w, "field");
    jw_strz(&w, r->field);
    jw_key(&w, "message");
    jw_str(&w, r->message);
    jw_end_obj(&w);
    buf_addc(&b, '\n');
    if (!b.err)
        (void)fwrite(b.p, 1, b.n, p->rows);
    buf_free(&b);
}

static enum err group_put(struct ctx *c, void *arg)
{
    struct pass *p = arg;
    enum err e = job_held(c, p->j->row.id);
    struct campaign_row now;
    if (!e)
        e = campaign_need_open(c, p->camp.id, &now);
    for (size_t i = 0; !e && i < p->n; i++) {
        enum verdict v = p->group[i].verdict;
        c->via = arena_fmt(c->a, "名单 %.*s 第%u行", STR_ARG(p->spec.file), p->group[i].number);
        e = row_put(c, &p->group[i], &v);
        p->totals[v] += !e;
    }
    return e;
}

static enum err flush(struct pass *p)
{
    enum err e = p->n ? app_write(p->c->app, p->c, group_put, p) : OK;
    p->n = 0;
    arena_reset(&p->a);
    p->group = arena_new(&p->a, struct judged, GROUP);
    return e ? e : p->group ? OK : ERR_NOMEM;
}

/* --- rows --------------------------------------------------------------------------------------
 */

static enum err take_row(struct pass *p, struct judged *r)
{
    bool again = false;
    if (r->verdict < V_DUPLICATE) {
        enum err e = seen_before(p, key_of(&r->row), &again);
        if (e)
            return e;
    }
    if (again && r->verdict != V_MERGED)
        r->verdict = V_DUPLICATE;
    if (p->rows) {
        p->totals[r->verdict]++;
        if (r->verdict == V_REJECTED || r->verdict == V_DUPLICATE)
            report_row(p, r);
        arena_reset(&p->a); /* nothing of the row is kept */
        return OK;
    }
    if (r->verdict >= V_DUPLICATE) {
        p->totals[r->verdict]++;
        return OK;
    }
    p->group[p->n++] = *r;
    return p->n == GROUP ? flush(p) : OK;
}

static bool on_row(void *arg, const struct sheet_row *row)
{
    struct pass *p = arg;
    struct judged r;
    if (!p->judge.head.found) {
        if (row->number <= HEAD_ROWS)
            (void)head_read(&p->own, row, &p->judge.head);
        return true;
    }
    p->e = row_judge(&p->judge, row, &r);
    if (!p->e && r.number && ++p->seen > setting_int(p->c->app, "import_max_rows", 300000))
        p->e = fail(p->c, ERR_TOO_LARGE, "file", "行数太多，请分成几个文件导入");
    if (!p->e && r.number)
        p->e = take_row(p, &r);
    if (!p->e)
        p->e = job_step(p->c, p->j, (int64_t)sheet_done(p->book), p->size);
    return p->e == OK;
}

static enum err read_sheets(struct pass *p)
{
    bool any = false;
    for (size_t i = 0; !p->e && i < sheet_count(p->book); i++) {
        p->judge.head.found = false;
        enum sheet_err s = sheet_read(p->book, i, on_row, p);
        if (s && !p->e)
            p->e = fail(p->c, ERR_UNSUPPORTED, "file", sheet_err_text(s));
        any = any || p->judge.head.found;
    }
    if (!p->e && !any)
        p->e = fail(p->c, ERR_INVALID, "file",
            "没有找到表头：前 15 "
            "行里要有“单位名称”一列（另可有统一社会信用代码、乡镇、地址、证号）");
    return p->e;
}

/* --- opening -----------------------------------------------------------------------------------
 */

/* The county of who imports, where it is one county's list. */
static enum err own_county(struct ctx *c, struct str *ret)
{
    struct org_row org;
    *ret = STR_NULL;
    enum err e = org_get(c, c->actor.org, &org);
    if (!e && org.area.n >= COUNTY_CODE && !str_ends(str_sub(org.area, 0, COUNTY_CODE), S("00")))
        *ret = keep(c, str_sub(org.area, 0, COUNTY_CODE));
    return e;
}

static enum err book_open(struct pass *p, int *fd)
{
    struct stat st;
    *fd = open(job_file(p->c, p->j->row.id, "upload").p, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st))
        return fail(p->c, ERR_NOT_FOUND, "file", "找不到要导入的文件，请重新上传");
    p->size = st.st_size;
    enum sheet_err s = sheet_open(*fd, NULL, &p->book);
    return s ? fail(p->c, ERR_UNSUPPORTED, "file", sheet_err_text(s)) : OK;
}

static enum err run(struct pass *p)
{
    struct str county;
    int fd = -1;
    enum err e = campaign_need_open(p->c, p->spec.campaign, &p->camp);
    if (!e)
        e = own_county(p->c, &county);
    if (!e)
        e = places_load(p->c, county, &p->judge.places);
    if (!e)
        e = book_open(p, &fd);
    p->own = *p->c;
    p->own.a = &p->a;
    p->judge.c = &p->own;
    p->judge.camp = &p->camp;
    p->judge.spec = &p->spec;
    if (!e)
        e = flush(p);
    if (!e)
        e = read_sheets(p);
    if (!e && p->own.err)
        e = fail(p->c, p->own.err, NULL, p->own.err_message.p);
    if (!e)
        e = flush(p);
    if (p->book)
        sheet_close(p->book);
    if (fd >= 0)
        close(fd);
    return e;
}

static struct str totals_json(struct pass *p)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 1000);
    jw_init(&w, &b);
    jw_obj(&w);
    for (int i = 0; i < VERDICTS; i++) {
        jw_key(&w, verdict_names[i]);
        jw_int(&w, p->totals[i]);
    }
    jw_end_obj(&w);
    struct str s = keep(p->c, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err spec_read(struct ctx *c, struct str json, struct candidate_spec *ret)
{
    const struct jin *doc = NULL;
    desc_clear(&candidate_spec_desc, ret);
    if (jin_parse(json, DEPTH, &doc))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    decode_json(c, &candidate_spec_desc, ret, doc, S(""));
    jin_free(doc);
    return checked(c);
}

enum err job_candidates(struct ctx *c, struct job *j)
{
    struct pass *p = arena_new(c->a, struct pass, 1);
    if (!p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    p->c = c;
    p->j = j;
    enum err e = spec_read(c, j->row.input, &p->spec);
    if (e)
        return e;
    bool check = str_eqz(p->spec.phase, "check");
    arena_init(&p->a, GROUP_MEMORY);
    if (check) {
        p->rows = fopen(job_file(c, j->row.id, "rows").p, "we");
        e = p->rows ? OK : fail(c, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
    }
    if (!e)
        e = run(p);
    if (p->rows && fclose(p->rows) && !e)
        e = fail(c, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "file", NULL);
    j->result = totals_json(p);
    j->next_state = check && !e ? "waiting" : NULL;
    mem_free(p->keys);
    arena_free(&p->a);
    return e ? fail(c, e, NULL, NULL) : OK;
}

/* --- the operations ----------------------------------------------------------------------------
 */

static struct str spec_text(struct ctx *c, const struct candidate_spec *s)
{
    return campaign_row_text(c, &candidate_spec_desc, s);
}

static enum err view_fill(
    struct ctx *c, const struct job_row *row, struct candidate_import_view *ret)
{
    struct candidate_spec s;
    const struct jin *doc = NULL;
    enum err e = spec_read(c, row->input, &s);
    if (e)
        return e;
    bool waiting = str_eqz(row->state, "waiting");
    ret->id = row->id;
    ret->campaign = s.campaign;
    ret->state = row->state;
    ret->phase = waiting ? S("ready") : str_eqz(row->state, "done") ? S("done") : s.phase;
    ret->file = s.file;
    ret->source = s.source;
    ret->done = row->done;
    ret->total = row->total;
    ret->message = row->message;
    ret->totals = row->result.n ? row->result : STR_NULL;
    if (row->result.n && jin_parse(row->result, DEPTH, &doc) == OK) {
        int64_t good = 0;
        for (int i = 0; i < V_DUPLICATE; i++)
            good += jin_int(jin_get(doc, verdict_names[i]), 0);
        ret->can_apply = waiting && good > 0;
        jin_free(doc);
    }
    return OK;
}

static enum err import_load(struct ctx *c, int64_t id, struct job_row *ret)
{
    enum err e = job_load(c, id, ret);
    return e || str_eqz(ret->kind, "candidates") ? e : fail(c, ERR_NOT_FOUND, NULL, NULL);
}

struct starting {
    struct candidate_spec spec;
    int64_t job;
};

static enum err start(struct ctx *c, void *arg)
{
    struct starting *s = arg;
    struct job_spec spec = {.kind = "candidates",
        .title = arena_fmt(c->a, "导入候选名单 %.*s", STR_ARG(s->spec.file)),
        .input = spec_text(c, &s->spec)};
    return job_create(c, &spec, &s->job);
}

enum err op_candidate_import(
    struct ctx *c, const struct candidate_import_new *in, struct candidate_import_view *ret)
{
    struct campaign_row camp;
    struct job_row row;
    struct starting s = {.job = 0};
    enum err e = campaign_need_open(c, in->campaign, &camp);
    if (!e && !c->file.path.p)
        e = fail(c, ERR_INVALID, "file", "请选择要导入的文件");
    desc_clear(&candidate_spec_desc, &s.spec);
    s.spec.campaign = in->campaign;
    s.spec.file = c->file.name.n ? c->file.name : S("名单");
    s.spec.source = in->source;
    s.spec.kind = in->kind;
    s.spec.phase = S("check");
    if (!e)
        e = app_write(c->app, c, start, &s);
    if (!e)
        e = import_take_file(c, job_file(c, s.job, "upload").p);
    if (e)
        return e;
    if (c->app->serving)
        job_kick(c->app, s.job);
    e = import_load(c, s.job, &row);
    return e ? e : view_fill(c, &row, ret);
}

enum err op_candidate_import_get(
    struct ctx *c, const struct candidate_import_ref *in, struct candidate_import_view *ret)
{
    struct job_row row;
    enum err e = import_load(c, in->import, &row);
    return e ? e : view_fill(c, &row, ret);
}

static enum err requeue(struct ctx *c, void *arg)
{
    struct starting *s = arg;
    enum err e = job_requeue(c, s->job, spec_text(c, &s->spec));
    return e ? e : journal_event(c, 0, "确认写入候选名单", s->spec.file);
}

enum err op_candidate_import_apply(
    struct ctx *c, const struct candidate_import_ref *in, struct candidate_import_view *ret)
{
    struct job_row row;
    struct campaign_row camp;
    struct starting s = {.job = in->import};
    enum err e = import_load(c, in->import, &row);
    if (!e)
        e = view_fill(c, &row, ret);
    if (!e && ret->can_apply != 1)
        e = fail(c, ERR_STATE, NULL, "没有可以写入的行，或这次导入不在等待确认的状态，请刷新查看");
    if (!e)
        e = spec_read(c, row.input, &s.spec);
    if (!e)
        e = campaign_need_open(c, s.spec.campaign, &camp);
    s.spec.phase = S("apply");
    if (!e)
        e = app_write(c->app, c, requeue, &s);
    if (e)
        return e;
    if (c->app->serving)
        job_kick(c->app, s.job);
    desc_clear(&candidate_import_view_desc, ret);
    e = import_load(c, s.job, &row);
    return e ? e : view_fill(c, &row, ret);
}

static bool wanted(struct ctx *c, struct str line, struct str verdict)
{
    struct str want = arena_fmt(c->a, "\"verdict\":\"%.*s\"", STR_ARG(verdict));
    return !verdict.n || str_find(line, want) >= 0;
}

enum err op_candidate_import_rows(
    struct ctx *c, const struct candidate_rows_ask *in, struct candidate_rows *ret)
{
    struct job_row row;
    struct buf line, items;
    enum err e = import_load(c, in->import, &row);
    if (e)
        return e;
    FILE *f = fopen(job_file(c, in->import, "rows").p, "re");
    int64_t limit = in->limit != NULL_INT && in->limit > 0 ? in->limit : 50, n = 0, at = 0;
    buf_init(&line, LINE_MAX_);
    buf_init(&items, PAGE_BYTES);
    buf_addc(&items, '[');
    while (f && n <= limit && import_next_line(f, &line)) {
        at++;
        if ((in->after != NULL_INT && at <= in->after) || !wanted(c, buf_str(&line), in->verdict))
            continue;
        if (n++ == limit) {
            ret->next = at - 1;
            break;
        }
        if (n > 1)
            buf_addc(&items, ',');
        buf_add(&items, buf_str(&line));
    }
    buf_addc(&items, ']');
    if (f)
        fclose(f);
    ret->items = keep(c, buf_str(&items));
    buf_free(&items);
    buf_free(&line);
    return OK;
}
