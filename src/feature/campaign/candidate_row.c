#include "feature/campaign/candidate_row.h"

#include "base/utf8.h"
#include "core/codes.h"
#include "core/template.h"
#include "domain/uscc.h"
#include "feature/ops.h"

enum { NAME_MAX_CP = 120, LINE_MAX_ = 4000 };

const char *const verdict_names[VERDICTS] = {
    "created", "linked", "merged", "duplicate", "rejected"};

/* --- the heading -------------------------------------------------------------------------------
 */

/* A heading without blanks, brackets and what stands in them. */
static struct str plain(struct ctx *c, struct str s)
{
    static const char *const opens[] = {"(", "（"}, *const closes[] = {")", "）"};
    struct buf b;
    bool inside = false;
    buf_init(&b, LINE_MAX_);
    for (size_t at = 0, next = 0; at < s.n; at = next) {
        next = at;
        if (utf8_next(s, &next) < 0)
            break;
        struct str ch = str_sub(s, at, next - at);
        inside = inside || str_eqz(ch, opens[0]) || str_eqz(ch, opens[1]);
        if (!inside && !strchr(" \t\n*:", ch.p[0]) && !str_eqz(ch, "　") && !str_eqz(ch, "："))
            buf_add(&b, ch);
        if (str_eqz(ch, closes[0]) || str_eqz(ch, closes[1]))
            inside = false;
    }
    struct str r = keep(c, buf_str(&b));
    buf_free(&b);
    return r;
}

static bool listed(const struct jin *names, struct str heading)
{
    for (size_t i = 0; i < jin_len(names); i++)
        if (str_eq(jin_str(jin_at(names, i)), heading))
            return true;
    return false;
}

static int key_of(struct ctx *c, struct str heading)
{
    static const char *const keys[KEYS] = {
        "name", "uscc", "area", "county", "town", "address", "no", "kind", "reasons"};
    const struct jin *all = jin_get(template_body(c->app, "candidate_list", NULL), "columns");
    for (size_t i = 0; i < jin_len(all); i++) {
        const struct jin *one = jin_at(all, i);
        for (int k = 0; k < KEYS; k++)
            if (str_eqz(jin_str(jin_get(one, "key")), keys[k]) &&
                listed(jin_get(one, "names"), heading))
                return k;
    }
    return -1;
}

bool head_read(struct ctx *c, const struct sheet_row *row, struct list_head *ret)
{
    for (int k = 0; k < KEYS; k++)
        ret->cols[k] = -1;
    for (size_t i = 0; i < row->n; i++) {
        int k = row->cells[i].type == CELL_TEXT ? key_of(c, plain(c, row->cells[i].text)) : -1;
        if (k >= 0 && ret->cols[k] < 0)
            ret->cols[k] = row->cells[i].col;
    }
    ret->found = ret->cols[KEY_NAME] >= 0;
    return ret->found;
}

/* --- cells -------------------------------------------------------------------------------------
 */

static struct str text_at(const struct judge *j, const struct sheet_row *row, enum list_key key)
{
    for (size_t i = 0; j->head.cols[key] >= 0 && i < row->n; i++)
        if ((int64_t)row->cells[i].col == j->head.cols[key])
            return keep(j->c, str_trim(row->cells[i].text));
    return S("");
}

static struct str code_of_label(struct ctx *c, const char *list, struct str label)
{
    const struct jin *rows = jin_get(template_body(c->app, "codes", NULL), list);
    for (size_t i = 0; label.n && i < jin_len(rows); i++) {
        const struct jin *r = jin_at(rows, i), *aliases = jin_get(r, "aliases");
        bool hit = str_eq(jin_str(jin_get(r, "code")), label) ||
                   str_eq(jin_str(jin_get(r, "label")), label);
        for (size_t k = 0; !hit && k < jin_len(aliases); k++)
            hit = str_eq(jin_str(jin_at(aliases, k)), label);
        if (hit)
            return keep(c, jin_str(jin_get(r, "code")));
    }
    return STR_NULL;
}

/* Labels or codes divided by 、，,；; or blanks; what is no reason is left out. */
static struct str reasons_of(struct ctx *c, struct str text)
{
    struct str joined = STR_NULL;
    size_t from = 0;
    for (size_t at = 0, next = 0; at <= text.n; at = next) {
        next = at;
        int32_t cp = at < text.n ? utf8_next(text, &next) : ',';
        if (at == text.n)
            next = at + 1;
        bool cut = cp == ',' || cp == ';' || cp == ' ' || cp == '/' || cp == 0x3001 ||
                   cp == 0xFF0C || cp == 0xFF1B;
        if (cut) {
            struct str one = str_sub(text, from, at - from);
            joined = codes_join(c, joined, code_of_label(c, "entry_reason", one));
            from = next;
        }
        if (cp < 0)
            break;
    }
    return joined;
}

static struct str kind_of(struct ctx *c, struct str text)
{
    bool makes = str_find(text, S("生产")) >= 0, sells = str_find(text, S("销售")) >= 0;
    (void)c;
    return makes && sells ? S("both") : makes ? S("producer") : sells ? S("seller") : STR_NULL;
}

/* --- judging -----------------------------------------------------------------------------------
 */

static void reject(struct judged *r, const char *field, struct str message)
{
    r->verdict = V_REJECTED;
    r->field = field;
    r->message = message;
}

static void read_facts(struct judge *j, const struct sheet_row *row, struct judged *r)
{
    struct ctx *c = j->c;
    const struct jin *source = code_row(c, "candidate_source", j->spec->source);
    struct buf b;
    r->row.campaign = j->camp->id;
    r->row.name = text_at(j, row, KEY_NAME);
    r->row.address = text_at(j, row, KEY_ADDRESS);
    r->row.source_no = text_at(j, row, KEY_NO);
    r->row.sources = j->spec->source;
    r->row.kind = kind_of(c, text_at(j, row, KEY_KIND));
    if (!r->row.kind.n)
        r->row.kind = j->spec->kind.n ? j->spec->kind : keep(c, jin_str(jin_get(source, "kind")));
    r->row.kind = r->row.kind.n ? r->row.kind : STR_NULL;
    r->row.reasons = codes_join(c, reasons_of(c, text_at(j, row, KEY_REASONS)),
        keep(c, jin_str(jin_get(source, "reason"))));
    buf_init(&b, 400);
    uscc_normalise(text_at(j, row, KEY_USCC), &b);
    r->row.uscc = b.n ? keep(c, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    r->row.address = r->row.address.n ? r->row.address : STR_NULL;
    r->row.source_no = r->row.source_no.n ? r->row.source_no : STR_NULL;
}

static void check_facts(struct judge *j, struct judged *r)
{
    enum uscc_verdict v = r->row.uscc.n ? uscc_check(r->row.uscc) : USCC_VALID;
    if (!r->row.name.n)
        reject(r, "name", S("单位名称：没有填写"));
    else if (utf8_len(r->row.name) > NAME_MAX_CP)
        reject(r, "name", S("单位名称：超过 120 个字，请核对是否错列"));
    else if (v != USCC_VALID && v != USCC_BAD_CHECK)
        reject(r, "uscc", arena_fmt(j->c->a, "统一社会信用代码：%s", uscc_text(v)));
}

/* Outside the reader's own area, or outside the campaign's: refused, whoever the firm is. */
static enum err check_place(struct judge *j, const struct sheet_row *row, struct judged *r)
{
    struct ctx *c = j->c;
    const struct place *at = NULL;
    struct place_words w = {text_at(j, row, KEY_AREA), text_at(j, row, KEY_COUNTY),
        text_at(j, row, KEY_TOWN), r->row.address.n ? r->row.address : S("")};
    enum err e = places_find(&j->places, &w, &at);
    if (e)
        return e;
    if (!at || !at->org) {
        reject(r, "town", S("属地：从区划代码、县、乡镇和地址都判断不出，请填写乡镇（街道）"));
    } else if (!scope_has(c, at->path)) {
        reject(r, "town",
            arena_fmt(
                c->a, "属地：%.*s 不在您的管辖范围内，请由当地或上级导入", STR_ARG(at->name)));
    } else if (!campaign_holds(j->camp, at->path)) {
        reject(r, "town", arena_fmt(c->a, "属地：%.*s 不在这次摸底的范围内", STR_ARG(at->name)));
    } else {
        r->row.town = at->code;
        r->row.org = at->org;
        r->row.org_path = at->path;
    }
    return OK;
}

static enum err find_same(struct ctx *c, const struct candidate_row *row, int64_t *ret)
{
    struct q q;
    *ret = NULL_INT;
    q_begin(&q, c->db, SQL_candidate_same);
    q_int(&q, "campaign", row->campaign);
    q_str(&q, "uscc", row->uscc.n ? row->uscc : STR_NULL);
    q_str(&q, "name", row->name);
    q_str(&q, "town", row->town);
    if (q_row(&q))
        *ret = q_get_int(&q, 0);
    return db_fail(c, q_end(&q));
}

/* What the list adds to the candidate that is there; false: nothing. */
static bool add_to(struct ctx *c, const struct candidate_row *more, struct candidate_row *row)
{
    struct candidate_row was = *row;
    row->sources = codes_join(c, row->sources, more->sources);
    row->reasons = codes_join(c, row->reasons, more->reasons);
    row->uscc = row->uscc.n ? row->uscc : more->uscc;
    row->kind = row->kind.n ? row->kind : more->kind;
    row->source_no = row->source_no.n ? row->source_no : more->source_no;
    return !rec_same(&kind_candidate, &was, row);
}

static enum err against_store(struct ctx *c, struct judged *r)
{
    struct candidate_row there;
    enum err e = find_same(c, &r->row, &r->same);
    if (e)
        return e;
    if (r->same != NULL_INT) {
        e = rec_get(c, &kind_candidate, r->same, &there);
        r->verdict = !e && add_to(c, &r->row, &there) ? V_MERGED : V_DUPLICATE;
        return e;
    }
    e = candidate_match(c, &r->row);
    r->verdict = r->row.firm == NULL_INT ? V_CREATED : V_LINKED;
    return e;
}

enum err row_judge(struct judge *j, const struct sheet_row *row, struct judged *ret)
{
    *ret = (struct judged){.verdict = V_CREATED, .message = STR_NULL, .same = NULL_INT};
    desc_clear(&candidate_row_desc, &ret->row);
    if (row->n == 0)
        return OK;
    read_facts(j, row, ret);
    if (!ret->row.name.n && !ret->row.uscc.n && !ret->row.address.n)
        return OK; /* an empty row, or a foot */
    ret->number = row->number;
    check_facts(j, ret);
    enum err e = ret->verdict == V_REJECTED ? OK : check_place(j, row, ret);
    return e || ret->verdict == V_REJECTED ? e : against_store(j->c, ret);
}

/* --- writing -----------------------------------------------------------------------------------
 */

enum err row_put(struct ctx *c, const struct judged *r, enum verdict *ret)
{
    struct judged now = *r;
    struct candidate_row old, row;
    struct note n = {.label = "列入摸底名单"}, more = {.label = "名单补充"};
    now.row.firm = NULL_INT;
    now.row.matched = STR_NULL;
    enum err e = against_store(c, &now);
    *ret = now.verdict;
    if (e || now.verdict == V_DUPLICATE)
        return e;
    if (now.verdict != V_MERGED) {
        n.silent = now.row.firm == NULL_INT; /* a firm's history tells that it stood on a list */
        return candidate_add(c, &now.row, &n);
    }
    e = rec_get(c, &kind_candidate, now.same, &old);
    row = old;
    (void)add_to(c, &r->row, &row);
    return e ? e : candidate_change(c, &old, &row, &more);
}
