/* Submitting a day's check (R-040…R-046, PL-44…48).
 *
 * The common case, nothing found on the day itself, is the busiest write of the platform: one read
 * that gathers the firm, its stop, its list and what the day holds already; one record; counters in
 * memory. Everything else (late entry, correction, problems) may cost more.
 *
 * Rules of the day. A day to come is refused. Today is on time. An earlier day is a late entry,
 * with reason, at most late_entry_days back, and only when it was owed. A day that a reported stop
 * covers is refused until the stop is ended; one filed before the stop was reported stands. Today
 * may be recorded although it is not owed (admitted today, a rest day): kept, but in nobody's
 * numbers. */
#include "base/utf8.h"
#include "core/app.h"
#include "core/template.h"
#include "feature/duty/duty_day.h"
#include "feature/hazard/hazard.h"
#include "feature/ops.h"

enum { RECEIPT_BYTES = 4096, CONFLICT_BYTES = 8192 };

struct submit {
    struct ctx *c;
    const struct daily_draft *in;
    struct daily_receipt *ret;
    struct firm_row firm; /* only what duty_firm reads */
    struct str receiver;
    int64_t newest; /* id of the newest version of the day, NULL_INT = none */
    bool stopped;   /* a reported stop covers the day */
    bool gap;       /* nothing was owed at the time */
    bool owed;      /* stands in the day's numbers */
    int64_t list_edition, list_items;
    struct str areas;
    struct str *codes; /* of the list, in order */
    size_t n;
    char *answers;           /* one letter per item, as stored; 0 = none yet */
    struct daily_row before; /* the newest version, when there is one */
    struct daily_row row;
};

/* --- reading --------------------------------------------------------------------------------- */

static bool sees(const struct ctx *c, const struct firm_row *firm)
{
    return c->actor.firm ? c->actor.firm == firm->id : scope_has(c, firm->org_path);
}

static void firm_read(struct submit *s, struct q *q)
{
    struct ctx *c = s->c;
    struct firm_row *f = &s->firm;
    desc_clear(&firm_row_desc, f);
    f->id = s->in->firm;
    f->org = q_get_int(q, 0);
    f->org_path = keep(c, q_get_str(q, 1));
    f->state = keep(c, q_get_str(q, 2));
    f->abnormal = keep(c, q_get_str(q, 3));
    f->applicability = keep(c, q_get_str(q, 4));
    f->duty_from = q_get_int(q, 5);
    f->week_mask = q_get_int(q, 6);
    f->holidays_off = q_get_int(q, 7);
    s->receiver = keep(c, q_get_str(q, 8));
    s->newest = q_get_int(q, 9);
    s->stopped = q_get_int(q, 10) > 0;
    s->gap = q_get_int(q, 11) > 0;
    s->list_edition = q_get_int(q, 12);
    s->list_items = q_get_int(q, 13);
    s->areas = keep(c, q_get_str(q, 14));
}

static enum err load(struct submit *s)
{
    const struct daily_draft *in = s->in;
    struct q q;
    if (in->day < DAILY_EPOCH || in->firm <= 0)
        return fail(s->c, ERR_NOT_FOUND, NULL, NULL);
    q_begin(&q, s->c->db, SQL_duty_firm);
    q_int(&q, "first", daily_id(in->day, in->firm, 1));
    q_int(&q, "last", daily_id(in->day, in->firm, DAILY_VERSIONS));
    q_int(&q, "firm", in->firm);
    q_int(&q, "day", in->day);
    q_int(&q, "risklist", in->risklist);
    bool found = q_row(&q);
    if (found)
        firm_read(s, &q);
    enum err e = q_end(&q);
    if (e || s->c->a->failed)
        return db_fail(s->c, e ? e : ERR_NOMEM);
    return found && sees(s->c, &s->firm) ? OK : fail(s->c, ERR_NOT_FOUND, NULL, NULL);
}

/* --- receipts -------------------------------------------------------------------------------- */

static struct str ids_json(struct ctx *c, const struct vec *found)
{
    const struct hazard_brief *rows = found->p;
    struct buf b;
    struct jw w;
    buf_init(&b, RECEIPT_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < found->n; i++)
        jw_int(&w, rows[i].id);
    jw_end_arr(&w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* The same for the same stored row, whenever it is asked for. */
static enum err receipt_fill(struct submit *s, const struct daily_row *row)
{
    struct daily_receipt *ret = s->ret;
    struct vec found = {NULL, 0};
    enum err e = OK;
    ret->id = row->id;
    ret->number = daily_number(s->c, row->id);
    ret->day = row->day;
    ret->version = row->version;
    ret->zero_risk = row->zero_risk;
    ret->problems = row->problems;
    ret->late = row->late;
    ret->at = row->at;
    ret->by_name = row->by_name;
    ret->receiver = s->receiver;
    if (row->problems > 0 || row->version > 1)
        e = hazard_found(
            s->c, row->firm, "daily", daily_id(row->day, row->firm, 1), row->id, &found);
    ret->hazards = found.n ? ids_json(s->c, &found) : S("[]");
    return e;
}

static struct str receipt_json(struct submit *s)
{
    struct buf b;
    struct jw w;
    buf_init(&b, CONFLICT_BYTES);
    jw_init(&w, &b);
    desc_json(&daily_receipt_desc, s->ret, &w);
    struct str text = b.err ? STR_NULL : keep(s->c, buf_str(&b));
    buf_free(&b);
    return text;
}

/* --- a day that has a record already --------------------------------------------------------- */

/* The version of the day that was sent under the same key, or NULL_INT. */
static enum err by_key(struct submit *s, int64_t *ret)
{
    struct q q;
    *ret = NULL_INT;
    q_begin(&q, s->c->db, SQL_daily_by_key);
    q_int(&q, "first", daily_id(s->in->day, s->in->firm, 1));
    q_int(&q, "last", daily_id(s->in->day, s->in->firm, DAILY_VERSIONS));
    q_str(&q, "key", s->in->key);
    if (q_row(&q))
        *ret = q_get_int(&q, 0);
    return db_fail(s->c, q_end(&q));
}

static enum err filed_already(struct submit *s)
{
    enum err e = receipt_fill(s, &s->before);
    if (e)
        return e;
    s->c->reply.current = receipt_json(s);
    return fail(s->c, ERR_CONFLICT, NULL,
        "这一天已经提交过记录；如要改动，请打开那份记录，选“更正”并写明理由");
}

/* *ret_repeat: the answer is ready, nothing is to be written. */
static enum err judge_earlier(struct submit *s, bool *ret_repeat)
{
    int64_t same = NULL_INT;
    *ret_repeat = false;
    if (s->newest == NULL_INT)
        return s->in->correct == 1
                   ? fail(s->c, ERR_STATE, "correct", "这一天还没有记录，不用更正，请直接提交")
                   : OK;
    enum err e = by_key(s, &same);
    if (!e)
        e = rec_get(s->c, &kind_daily, same != NULL_INT ? same : s->newest, &s->before);
    if (e)
        return e;
    if (same != NULL_INT) {
        *ret_repeat = true;
        return receipt_fill(s, &s->before);
    }
    if (s->in->correct != 1)
        return filed_already(s);
    if (s->before.version >= DAILY_VERSIONS)
        return fail(
            s->c, ERR_STATE, NULL, "这一天的记录已经更正多次，不能再更正，请联系市场监管所");
    return OK;
}

/* --- the day --------------------------------------------------------------------------------- */

static void need_reason(struct submit *s, const char *text)
{
    if (!s->in->reason.n)
        complain(s->c, S("reason"), "required", "%s", text);
}

static enum err day_opened(struct submit *s, bool *ret)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, s->c->db, SQL_duty_day_is);
    q_int(&q, "day", s->in->day);
    enum err e = q_one_int(&q, &n);
    *ret = n > 0;
    return db_fail(s->c, e);
}

static enum err judge_late(struct submit *s)
{
    int64_t back = setting_int(s->c->app, "late_entry_days", LATE_ENTRY_DAYS);
    bool opened;
    enum err e = day_opened(s, &opened);
    if (e)
        return e;
    if (s->in->day < s->c->today - back)
        return failf(
            s->c, ERR_STATE, "day", "只能补记最近 %lld 天的记录，这一天已经过了", (long long)back);
    if (!s->owed || !opened)
        return fail(s->c, ERR_STATE, "day", "这一天不用记录，不需要补记");
    need_reason(s, "补记要写明理由");
    return OK;
}

static enum err judge_correction(struct submit *s)
{
    need_reason(s, "更正要写明理由");
    bool opened = true;
    enum err e = s->in->day < s->c->today ? day_opened(s, &opened) : OK;
    s->owed = s->owed && opened;
    return e;
}

static enum err judge_day(struct submit *s)
{
    struct ctx *c = s->c;
    int64_t day = s->in->day;
    if (!str_eqz(s->firm.state, "admitted"))
        return fail(c, ERR_STATE, NULL, "本单位还没有确认入库，暂时不用每天记录");
    if (day > c->today)
        return fail(c, ERR_STATE, "day", "还没到这一天，不能提前记录");
    s->owed = !s->gap && duty_works(c, &s->firm, day);
    if (s->newest != NULL_INT)
        return judge_correction(s);
    if (s->stopped)
        return fail(c, ERR_STATE, "day",
            "这一天已报备停产停业，不用记录；如果实际开工了，请先在“停产停业”里办理复产");
    return day < c->today ? judge_late(s) : OK;
}

/* --- answers --------------------------------------------------------------------------------- */

static size_t code_at(const struct submit *s, size_t hint, struct str code)
{
    if (hint < s->n && str_eq(s->codes[hint], code))
        return hint;
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->codes[i], code))
            return i;
    return s->n;
}

static char letter(struct str result)
{
    return str_eqz(result, "normal") ? '1' : str_eqz(result, "problem") ? '2' : '0';
}

static struct str shown(struct str code)
{
    return utf8_prefix(code, 20);
}

static void take_answers(struct submit *s)
{
    const struct daily_answer *a = s->in->answers.p;
    for (size_t i = 0; i < s->in->answers.n; i++) {
        size_t at = code_at(s, i, a[i].code);
        struct str field =
            at == s->n || s->answers[at] ? arena_fmt(s->c->a, "answers.%zu.code", i) : STR_NULL;
        if (at == s->n)
            complain(s->c, field, "unknown", "清单里没有编号为“%.*s”的项目，请刷新后重新检查",
                STR_ARG(shown(a[i].code)));
        else if (s->answers[at])
            complain(s->c, field, "duplicate", "编号为“%.*s”的项目回答了两次",
                STR_ARG(shown(a[i].code)));
        else
            s->answers[at] = letter(a[i].result);
    }
}

/* Names every item without an answer by its text. */
static enum err tell_missing(struct submit *s)
{
    struct risk_item *items;
    size_t n;
    enum err e = risk_items(s->c, s->areas, &items, &n);
    for (size_t i = 0; !e && i < n && i < s->n; i++)
        if (!s->answers[i])
            complain(s->c, S("answers"), "missing", "还没有回答：%.*s（%.*s）",
                STR_ARG(items[i].text), STR_ARG(items[i].area));
    return e;
}

static enum err judge_answers(struct submit *s)
{
    struct ctx *c = s->c;
    if (s->list_edition == NULL_INT) {
        complain(c, S("risklist"), "unknown", "没有找到这一版风险管控清单，请刷新后重新检查");
        return checked(c);
    }
    enum err e = risk_codes(c, s->areas, s->list_items, &s->codes, &s->n);
    if (e)
        return e;
    s->answers = arena_alloc(c->a, s->n + 1);
    if (!s->answers)
        return fail(c, ERR_NOMEM, NULL, NULL);
    take_answers(s);
    return memchr(s->answers, 0, s->n) ? tell_missing(s) : OK;
}

/* --- problems -------------------------------------------------------------------------------- */

static void bad_problem(
    struct submit *s, size_t i, const char *key, const char *code, const char *text)
{
    complain(s->c, arena_fmt(s->c->a, "problems.%zu.%s", i, key), code, "%s", text);
}

/* Marks each item that has its problem told; an item answered 有问题 needs exactly one. */
static void match_problem(struct submit *s, size_t i, char *told)
{
    const struct daily_problem *p = (const struct daily_problem *)s->in->problems.p + i;
    if (p->due_day != NULL_INT && p->due_day < s->in->day)
        bad_problem(s, i, "due_day", "range", "改完的日期不能早于检查日期");
    if (!p->code.n)
        return;
    size_t at = code_at(s, s->n, p->code);
    if (at == s->n)
        bad_problem(s, i, "code", "unknown", "清单里没有这个项目；不在清单里的问题请不要选项目");
    else if (s->answers[at] != '2')
        bad_problem(s, i, "code", "mismatch", "这个项目没有选“有问题”，请改成“有问题”或删去这条");
    else if (told[at]++)
        bad_problem(s, i, "code", "duplicate", "一个项目只写一条问题，请把内容写在一起");
}

static enum err tell_untold(struct submit *s, const char *told)
{
    struct risk_item *items;
    size_t n;
    bool all = true;
    for (size_t i = 0; i < s->n && all; i++)
        all = s->answers[i] != '2' || told[i];
    if (all)
        return OK;
    enum err e = risk_items(s->c, s->areas, &items, &n);
    for (size_t i = 0; !e && i < n && i < s->n; i++)
        if (s->answers[i] == '2' && !told[i])
            complain(s->c, S("problems"), "missing", "请写明问题和防范措施：%.*s（%.*s）",
                STR_ARG(items[i].text), STR_ARG(items[i].area));
    return e;
}

static enum err judge_problems(struct submit *s)
{
    if (!s->answers)
        return OK;
    char *told = arena_alloc(s->c->a, s->n + 1);
    if (!told)
        return fail(s->c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < s->in->problems.n; i++)
        match_problem(s, i, told);
    return tell_untold(s, told);
}

/* --- storing --------------------------------------------------------------------------------- */

static void row_fill(struct submit *s)
{
    const struct daily_draft *in = s->in;
    struct ctx *c = s->c;
    struct daily_row *row = &s->row;
    bool again = s->newest != NULL_INT;
    row->firm = in->firm;
    row->day = in->day;
    row->version = again ? s->before.version + 1 : 1;
    row->id = daily_id(in->day, in->firm, row->version);
    row->org = again ? s->before.org : s->firm.org;
    row->risklist = in->risklist;
    row->answers = (struct str){s->answers, s->n};
    row->problems = (int64_t)in->problems.n;
    row->zero_risk = in->problems.n == 0;
    row->late = again ? s->before.late : in->day < c->today;
    row->reason = in->reason;
    row->note = in->note;
    row->key = in->key;
    row->device_at = in->device_at;
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->jseq = NULL_INT;
}

static enum err store(struct submit *s)
{
    bool again = s->newest != NULL_INT;
    struct note n = {.silent = !again && s->row.late != 1};
    n.label = again ? "更正日管控记录" : "补录日管控记录";
    if (!n.silent)
        n.text = arena_fmt(
            s->c->a, "%.*s：%.*s", STR_ARG(daily_number(s->c, s->row.id)), STR_ARG(s->row.reason));
    return rec_insert(s->c, &kind_daily, &s->row, &n);
}

static enum err count(struct submit *s)
{
    const struct daily_row *row = &s->row;
    int64_t v[COUNTER_COLS] = {0};
    if (!s->owed)
        return OK;
    if (s->newest == NULL_INT) {
        v[row->late ? DAY_LATE_N : DAY_DONE_N] = 1;
        v[row->zero_risk ? DAY_ZERO_N : DAY_PROBLEM_N] = 1;
    } else {
        v[DAY_ZERO_N] = row->zero_risk - s->before.zero_risk;
        v[DAY_PROBLEM_N] = -v[DAY_ZERO_N];
    }
    count_add(s->c, &duty_day_counter, row->day, s->firm.org_path, v);
    return s->c->err;
}

/* --- hazards --------------------------------------------------------------------------------- */

struct finding {
    struct submit *s;
    struct risk_item *items;
    size_t n;
    struct vec earlier; /* what earlier versions of the day opened */
};

/* The hazard an earlier version opened for the same item, or in the same words; 0 = none. */
static int64_t told_before(const struct finding *f, const struct daily_problem *p)
{
    const struct hazard_brief *rows = f->earlier.p;
    for (size_t i = 0; i < f->earlier.n; i++) {
        bool same = p->code.n ? str_eq(rows[i].item, p->code)
                              : !rows[i].item.n && str_eq(rows[i].what, p->what);
        if (same)
            return rows[i].id;
    }
    return 0;
}

static enum err find_one(struct finding *f, size_t i)
{
    struct submit *s = f->s;
    const struct daily_problem *p = (const struct daily_problem *)s->in->problems.p + i;
    size_t at = p->code.n ? code_at(s, s->n, p->code) : f->n;
    struct hazard_new h = {.firm = &s->firm,
        .source = "daily",
        .source_ref = s->row.id,
        .found_day = s->in->day,
        .what = p->what,
        .measure = p->measure,
        .severity = p->severity,
        .fixer = p->fixer,
        .due_day = p->due_day,
        .photos = p->photos,
        .field = arena_fmt(s->c->a, "problems.%zu", i)};
    if (at < f->n) {
        h.area = f->items[at].area;
        h.item = f->items[at].code;
        h.item_text = f->items[at].text;
    }
    int64_t id = told_before(f, p);
    return id ? hazard_amend(s->c, id, &h) : hazard_open(s->c, &h, &id);
}

static enum err find_all(struct submit *s)
{
    struct finding f = {.s = s};
    if (!s->in->problems.n)
        return OK;
    enum err e = risk_items(s->c, s->areas, &f.items, &f.n);
    if (!e && s->newest != NULL_INT)
        e = hazard_found(s->c, s->in->firm, "daily", daily_id(s->in->day, s->in->firm, 1),
            s->newest, &f.earlier);
    for (size_t i = 0; !e && i < s->in->problems.n; i++)
        e = find_one(&f, i);
    return e;
}

/* --- the operation --------------------------------------------------------------------------- */

static enum err judge(struct submit *s)
{
    enum err e = judge_day(s);
    if (!e)
        e = judge_answers(s);
    if (!e)
        e = judge_problems(s);
    return e ? e : checked(s->c);
}

enum err op_daily_submit(struct ctx *c, const struct daily_draft *in, struct daily_receipt *ret)
{
    struct submit s = {.c = c, .in = in, .ret = ret};
    bool repeat = false;
    enum err e = load(&s);
    if (!e)
        e = judge_earlier(&s, &repeat);
    if (e || repeat)
        return e;
    e = judge(&s);
    if (e)
        return e;
    row_fill(&s);
    e = store(&s);
    if (!e)
        e = find_all(&s);
    if (!e)
        e = count(&s);
    return e ? e : receipt_fill(&s, &s.row);
}
