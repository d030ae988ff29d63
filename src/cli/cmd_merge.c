/* zhian merge: a store taken over into another that is not empty. First both are only read and what
 * would happen is judged (--check ends here); then the source is verified, and all is written in
 * one transaction of the target, sealed and verified. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "core/seal.h"
#include "feature/feature.h"
#include "feature/merge/merge.h"

enum { ADDRESS = 4200, FOLDER = 4096, LINES_SHOWN = 200, PREFIX_MAX = 20 };

struct joining {
    struct cli *k;
    char from[ADDRESS], from_dir[FOLDER];
    char to[ADDRESS], to_dir[FOLDER];
    struct app *source, *target;
    struct merge_spec spec;
    struct merge_report r;
    struct verify_result proved;
    const char *side, *phase;
    struct term_progress bar;
    int64_t done;
};

/* --- what was asked for ----------------------------------------------------------------------- */

static bool put_path(char *out, size_t size, const char *text)
{
    int n = snprintf(out, size, "%s", text);
    return n > 0 && (size_t)n < size;
}

/* A store's address and its data directory: a file's folder, unless another is given. */
static bool resolve(const char *address, const char *dir, char *ret_address, char *ret_dir)
{
    if (!put_path(ret_address, ADDRESS, address))
        return false;
    if (!dir && db_folder(address, ret_dir, FOLDER))
        return true;
    return dir && put_path(ret_dir, FOLDER, dir);
}

static bool prefix_fits(const char *prefix)
{
    size_t n = strspn(prefix, "abcdefghijklmnopqrstuvwxyz0123456789._-");
    return n && n <= PREFIX_MAX && !prefix[n] && !strchr("._-", prefix[0]);
}

static int same_read(struct joining *w, const char *word)
{
    static const char *const words[] = {"refuse", "keep-target", "both"};
    for (int i = 0; word && i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            w->spec.same = (enum merge_same)i;
            return 0;
        }
    return word ? cli_usage(w->k, "--same-firm 应为 refuse、keep-target 或 both") : 0;
}

static int options_read(struct joining *w)
{
    struct cli *k = w->k;
    if (!k->from || !k->to)
        return cli_usage(k, "请用 --from 指定来源库、用 --to 指定目标库的地址");
    if (!resolve(k->from, k->data, w->from, w->from_dir))
        return cli_usage(k, "请用 --data 指定来源的数据目录（密钥和附件所在）");
    if (!resolve(k->to, k->to_data, w->to, w->to_dir))
        return cli_usage(k, "请用 --to-data 指定目标的数据目录（密钥和附件所在）");
    if (strcmp(w->from, w->to) == 0)
        return cli_usage(k, "来源和目标是同一个库");
    if (k->prefix && !prefix_fits(k->prefix))
        return cli_usage(k, "--prefix 只能用小写字母、数字和 . _ -，最多 20 个，如 141121");
    w->spec.prefix = k->prefix;
    return same_read(w, k->same_firm);
}

/* --- progress --------------------------------------------------------------------------------- */

static void phase_end(struct joining *w)
{
    if (w->phase)
        term_progress_end(&w->bar, w->done);
    w->phase = NULL;
}

static void on_progress(void *arg, const char *what, int64_t done, int64_t total)
{
    struct joining *w = arg;
    if (w->phase != what) {
        phase_end(w);
        term_progress_begin(&w->bar, &w->k->term, what, "条", total);
        w->phase = what;
    }
    w->done = done;
    term_progress_at(&w->bar, done, total);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int open_one(struct joining *w, bool source, bool read_only, struct app **ret)
{
    char why[512] = "", whole[600];
    struct app_options o = {.dir = source ? w->from_dir : w->to_dir,
        .db = source ? w->from : w->to,
        .read_only = read_only,
        .why = why,
        .why_size = sizeof why};
    feature_options(&o);
    enum err e = app_open(&o, ret);
    if (!e)
        return 0;
    snprintf(whole, sizeof whole, "%s：%s", source ? "来源" : "目标", why);
    return cli_fail(w->k, e, whole);
}

static void close_target(struct joining *w)
{
    app_close(w->target);
    w->target = NULL;
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell_lines(struct joining *w, enum merge_line_kind kind)
{
    struct term *t = &w->k->term;
    const struct merge_line_info *info = &merge_line_infos[kind];
    int64_t shown = 0, all = w->r.per[kind];
    if (!all)
        return;
    term_say(t, info->forbids ? TERM_RED : TERM_NORMAL, "%s（%lld）", info->label, (long long)all);
    for (const struct merge_line *l = w->r.lines; l && shown < LINES_SHOWN; l = l->next) {
        if (l->kind != kind)
            continue;
        term_say(
            t, TERM_NORMAL, "  %.*s%s%.*s", STR_ARG(l->from), l->to.n ? " → " : "", STR_ARG(l->to));
        shown++;
    }
    if (shown < all)
        term_say(t, TERM_NORMAL, "  ……另有 %lld 条，见 --json", (long long)(all - shown));
}

static void json_lines(const struct merge_report *r, enum merge_line_kind kind, struct jw *j)
{
    jw_key(j, merge_line_infos[kind].name);
    jw_arr(j);
    for (const struct merge_line *l = r->lines; l; l = l->next) {
        if (l->kind != kind)
            continue;
        jw_obj(j);
        jw_key(j, "from");
        jw_str(j, l->from);
        jw_key(j, "to");
        jw_str(j, l->to);
        jw_end_obj(j);
    }
    jw_end_arr(j);
}

static void json_report(struct joining *w, const char *what)
{
    enum { JSON_MAX = 256 << 20 };
    const struct merge_report *r = &w->r;
    struct buf b;
    struct jw j;
    buf_init(&b, JSON_MAX);
    jw_init(&j, &b);
    jw_obj(&j);
    jw_key(&j, "result");
    jw_strz(&j, what);
    jw_key(&j, "store");
    jw_strz(&j, r->store);
    jw_key(&j, "journal");
    jw_int(&j, r->journal);
    jw_key(&j, "seals");
    jw_int(&j, r->seals);
    jw_key(&j, "files");
    jw_int(&j, r->files);
    jw_key(&j, "counts");
    jw_obj(&j);
    for (size_t i = 0; i < r->ncounts; i++) {
        jw_key(&j, r->counts[i].name);
        jw_int(&j, r->counts[i].n);
    }
    jw_end_obj(&j);
    for (int i = 0; i < MERGE_LINE_KINDS; i++)
        json_lines(r, (enum merge_line_kind)i, &j);
    jw_end_obj(&j);
    printf("%.*s\n", STR_ARG(buf_str(&b)));
    buf_free(&b);
}

static void tell_counts(struct joining *w)
{
    for (size_t i = 0; i < w->r.ncounts; i++)
        if (w->r.counts[i].n)
            term_say(&w->k->term, TERM_NORMAL, "  %s %lld", w->r.counts[i].label,
                (long long)w->r.counts[i].n);
}

static void report(struct joining *w, const char *what)
{
    if (w->k->json) {
        json_report(w, what);
        return;
    }
    for (int i = 0; i < MERGE_LINE_KINDS; i++)
        tell_lines(w, (enum merge_line_kind)i);
}

/* Why it was not done; the lines say what is in the way. */
static int refused(struct joining *w, enum err e)
{
    if (merge_forbidden(&w->r)) {
        report(w, "refused");
        return cli_fail(w->k, e,
            "有以上冲突，没有并入，两边都没有改动；两边都有的单位可用 --same-firm 选择办法");
    }
    return cli_fail(w->k, e, w->r.why);
}

static int nothing_to_do(struct joining *w)
{
    term_say(&w->k->term, TERM_GREEN, "库 %s 已经并入过，来源没有变化，没有改动", w->r.store);
    if (w->k->json)
        json_report(w, "before");
    return EXIT_DONE;
}

/* --- proof ------------------------------------------------------------------------------------ */

static void found(void *arg, const struct verify_finding *f)
{
    struct joining *w = arg;
    char name[FINDING_NAME];
    term_fail(&w->k->term, "%s：%s：%s", w->side, cli_finding(f, name), f->what);
}

static void verified(void *arg, int64_t done, int64_t total)
{
    struct joining *w = arg;
    term_progress_at(&w->bar, done, total);
}

static int prove(struct joining *w, struct app *app, const char *side)
{
    char what[40];
    struct verify_options o = {1000, found, verified, w, 0};
    w->side = side;
    snprintf(what, sizeof what, "查验%s", side);
    term_progress_begin(&w->bar, &w->k->term, what, "条", 0);
    enum err e = verify_store(app, &o, &w->proved);
    term_progress_end(&w->bar, w->proved.records + w->proved.journal);
    if (e)
        return cli_fail(w->k, e, NULL);
    if (!w->proved.findings)
        return 0;
    term_fail(&w->k->term, "查验%s发现问题（见上），请先查明原因", side);
    return EXIT_VERIFY;
}

/* --- the command ------------------------------------------------------------------------------ */

static int judge(struct joining *w)
{
    int code = open_one(w, false, true, &w->target);
    if (code)
        return code;
    enum err e = merge_judge(w->target, &w->spec, &w->r);
    close_target(w);
    return e ? refused(w, e) : 0;
}

static int told_check(struct joining *w)
{
    report(w, "check");
    term_say(&w->k->term, TERM_GREEN, "可以并入（只检查，两边都没有改动）。将并入：");
    tell_counts(w);
    return EXIT_DONE;
}

static int write_all(struct joining *w)
{
    int code = open_one(w, false, false, &w->target);
    if (code)
        return code;
    merge_report_free(&w->r);
    merge_report_init(&w->r);
    enum err e = merge_store(w->target, &w->spec, &w->r);
    phase_end(w);
    if (e)
        return refused(w, e);
    e = seal_now(w->target);
    if (e)
        return cli_fail(w->k, e, "已经并入，但没有封存；请对目标运行一次 zhian serve 或本命令");
    code = prove(w, w->target, "目标");
    close_target(w);
    return code;
}

static int tell_done(struct joining *w)
{
    struct term *t = &w->k->term;
    report(w, "merged");
    term_say(t, TERM_GREEN, "已并入库 %s（原库末批次 %lld）：", w->r.store, (long long)w->r.seals);
    tell_counts(w);
    term_say(t, TERM_GREEN, "目标查验相符：%lld 条记录、%lld 条存证、%lld 个批次",
        (long long)w->proved.records, (long long)w->proved.journal, (long long)w->proved.seals);
    term_say(t, TERM_NORMAL,
        "留在原库：登录状态、三员账号、任务、历次存证和批次；来源没有改动，请停用并妥善保存（数据库"
        "和密钥）");
    return EXIT_DONE;
}

static int join(struct joining *w)
{
    int code = judge(w);
    if (code)
        return code;
    if (w->r.before)
        return nothing_to_do(w);
    code = prove(w, w->source, "来源");
    if (code || w->k->check)
        return code ? code : told_check(w);
    code = write_all(w);
    return code ? code : tell_done(w);
}

int cmd_merge(struct cli *k)
{
    static struct joining w; /* large */
    w = (struct joining){.k = k, .spec = {.progress = on_progress, .arg = &w}};
    int code = options_read(&w);
    if (code)
        return code;
    merge_report_init(&w.r);
    code = open_one(&w, true, true, &w.source);
    w.spec.source = w.source;
    if (!code)
        code = join(&w);
    close_target(&w);
    app_close(w.source);
    merge_report_free(&w.r);
    return code;
}
