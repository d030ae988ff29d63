/* Commands about the store itself: init, serve, verify, seal. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/commands.h"
#include "core/months.h"
#include "core/seal.h"
#include "core/seal_file.h"
#include "feature/account/account.h"
#include "feature/feature.h"
#include "feature/setup/setup.h"
#include "feature/system/system.h"
#include "http/http.h"

/* --- init ------------------------------------------------------------------------------------- */

enum { DAY_MS = 86400000 };

struct first_account {
    const char *login, *name, *role;
    char password[20];
    struct str hash;
};

static enum err make_first(struct ctx *c, void *arg)
{
    struct first_account *f = arg;
    struct setup_account a = {.login = f->login,
        .name = f->name,
        .role = f->role,
        .must_change = true,
        .expires = c->now + 7 * (int64_t)DAY_MS};
    enum err e = account_hash(c, str_z(f->password), &a.hash);
    return e ? e : setup_account(c, &a);
}

static enum err first_accounts(struct cli *k)
{
    struct first_account all[] = {{.login = "sysadmin", .name = "系统管理员", .role = "sysadmin"},
        {.login = "secadmin", .name = "安全管理员", .role = "secadmin"},
        {.login = "auditor", .name = "审计管理员", .role = "auditor"}};
    for (size_t i = 0; i < 3; i++) {
        cli_password(all[i].password);
        enum err e = app_write(k->app, NULL, make_first, &all[i]);
        if (e)
            return e;
        term_say(&k->term, TERM_BOLD, "%s　账号 %s　一次性密码 %s", all[i].name, all[i].login,
            all[i].password);
    }
    term_say(&k->term, TERM_NORMAL, "以上密码只显示这一次，7 天内有效，首次登录须修改。");
    return OK;
}

static void print_demo(struct cli *k)
{
    term_say(&k->term, TERM_BOLD, "演示账号（密码都是 %s）：", demo_password);
    for (const struct demo_account *d = demo_accounts; d->login; d++)
        term_say(&k->term, TERM_NORMAL, "  %-14s %s", d->login, d->who);
}

static enum err fill(struct cli *k)
{
    enum err e = feature_init(k->app);
    if (e)
        return e;
    if (k->demo)
        return setup_demo(k->app);
    return k->test ? OK : first_accounts(k);
}

int cmd_init(struct cli *k)
{
    char why[512];
    int64_t no = 0;
    if (k->store_no && (!str_int(str_z(k->store_no), &no) || no < 0 || no > STORE_NO_MAX))
        return cli_usage(k, "库号应为 0 至 255 的整数");
    struct app_options o = {.dir = k->data ? k->data : "data",
        .store_no = no,
        .db = k->db,
        .create = true,
        .demo = k->demo,
        .test = k->test,
        .why = why,
        .why_size = sizeof why};
    feature_options(&o);
    enum err e = app_open(&o, &k->app);
    if (e)
        return cli_fail(k, e, why);
    e = fill(k);
    if (!e)
        e = seal_now(k->app);
    cli_close(k);
    if (e)
        return cli_fail(k, e, "初始化没有完成，请删除该目录（或清空该数据库）后重试");
    term_say(&k->term, TERM_GREEN, "已建立：%s", o.dir);
    if (k->demo)
        print_demo(k);
    return EXIT_DONE;
}

/* --- serve ------------------------------------------------------------------------------------ */

static void wait_for_signal(struct app *app)
{
    sigset_t set;
    struct timespec minute = {60, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    for (;;) {
        int sig = sigtimedwait(&set, NULL, &minute);
        if (sig > 0)
            return;
        if (errno == EAGAIN)
            feature_tick(app);
    }
}

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int cmd_serve(struct cli *k)
{
    char why[512] = "";
    struct http *http = NULL;
    block_signals();
    int code = cli_open(k, (struct cli_open_how){.serve = true});
    if (code)
        return code;
    struct http_options o = {.app = k->app,
        .listen = k->listen ? k->listen : "127.0.0.1:8080",
        .tls_cert = k->tls_cert,
        .tls_key = k->tls_key,
        .proxy = k->proxy,
        .frame_ancestors = k->frame_ancestors,
        .why = why,
        .why_size = sizeof why};
    enum err e = http_start(&o, &http);
    if (e) {
        cli_close(k);
        return cli_fail(k, e, why);
    }
    feature_tick(k->app);
    term_say(&k->term, TERM_GREEN, "质安已启动：%s", http_url(http));
    if (k->app->demo)
        print_demo(k);
    fflush(stdout);
    wait_for_signal(k->app);
    term_say(&k->term, TERM_NORMAL, "正在停止…");
    http_stop(http);
    cli_close(k);
    return EXIT_DONE;
}

/* --- verify ----------------------------------------------------------------------------------- */

struct verifying {
    struct cli *k;
    struct term_progress bar;
};

const char *cli_finding(const struct verify_finding *f, char out[FINDING_NAME])
{
    char id[24] = "";
    if (f->id)
        snprintf(id, sizeof id, " %lld", (long long)f->id);
    snprintf(out, FINDING_NAME, "%s%s（%s）", f->label, id, f->kind);
    return out;
}

static void verify_found(void *arg, const struct verify_finding *f)
{
    struct cli *k = ((struct verifying *)arg)->k;
    char name[FINDING_NAME];
    if (k->json)
        printf(
            "{\"kind\":\"%s\",\"id\":%lld,\"what\":\"%s\"}\n", f->kind, (long long)f->id, f->what);
    else
        term_say(&k->term, TERM_RED, "%s：%s", cli_finding(f, name), f->what);
}

static void verify_progress(void *arg, int64_t done, int64_t total)
{
    struct verifying *v = arg;
    term_progress_at(&v->bar, done, total);
}

static void verify_tell(struct cli *k, const struct verify_result *v)
{
    if (k->json) {
        printf("{\"records\":%lld,\"journal\":%lld,\"seals\":%lld,\"unsealed\":%lld,"
               "\"retired\":%lld,\"findings\":%lld}\n",
            (long long)v->records, (long long)v->journal, (long long)v->seals,
            (long long)v->unsealed, (long long)v->retired, (long long)v->findings);
        return;
    }
    if (v->retired)
        term_say(&k->term, TERM_NORMAL, "其中 %lld 条存证的记录已按保存期限清退（见清退登记）",
            (long long)v->retired);
    term_say(&k->term, v->findings ? TERM_RED : TERM_GREEN,
        "查验了 %lld 条记录、%lld 条存证、%lld 个批次（未封存 %lld 条）：%s", (long long)v->records,
        (long long)v->journal, (long long)v->seals, (long long)v->unsealed,
        v->findings ? "发现问题，见上" : "全部相符");
}

enum err cli_verify(struct cli *k, struct app *app, int64_t month, struct verify_result *ret)
{
    struct verifying v = {.k = k};
    struct verify_options o = {1000, verify_found, verify_progress, &v, month};
    term_progress_begin(&v.bar, &k->term, "查验", "条", 0);
    return verify_store(app, &o, ret);
}

int cmd_verify(struct cli *k)
{
    struct verify_result v;
    int64_t month = 0;
    if (k->month && !month_read(str_z(k->month), &month))
        return cli_usage(k, "月份应写成 2026-11 这样");
    int code = cli_open(k, (struct cli_open_how){.read_only = true});
    if (code)
        return code;
    enum err e = cli_verify(k, k->app, month, &v);
    cli_close(k);
    if (e)
        return cli_fail(k, e, NULL);
    verify_tell(k, &v);
    return v.findings ? EXIT_VERIFY : EXIT_DONE;
}

/* --- seal heads ------------------------------------------------------------------------------- */

static enum err heads_text(struct ctx *c, void *arg)
{
    return seal_export_write(c, arg);
}

static int seal_export(struct cli *k)
{
    struct buf b;
    if (!k->out)
        return cli_usage(k, "请用 --out 指定输出文件");
    int code = cli_open(k, (struct cli_open_how){.read_only = true});
    if (code)
        return code;
    buf_init(&b, 512 << 20);
    enum err e = app_read(k->app, heads_text, &b);
    cli_close(k);
    FILE *f = e ? NULL : fopen(k->out, "w");
    bool good = f && fwrite(b.p, 1, b.n, f) == b.n;
    if (f)
        good = fclose(f) == 0 && good;
    buf_free(&b);
    if (!good)
        return cli_fail(k, e ? e : ERR_IO, NULL);
    term_say(
        &k->term, TERM_GREEN, "批次头已写到 %s，可在任何机器上用 zhian seal check 核验", k->out);
    return EXIT_DONE;
}

static struct seal_check checking;

struct head_wanted {
    int64_t no;
    struct digest *ret;
    bool found;
};

static enum err head_of(struct ctx *c, void *arg)
{
    struct head_wanted *w = arg;
    struct seal_row row;
    struct q q;
    desc_clear(&seal_row_desc, &row);
    q_begin(&q, c->db, SQL_seal_range);
    q_int(&q, "after", w->no - 1);
    q_int(&q, "limit", 1);
    enum err e = q_one(&q, &seal_row_desc, &row, c->a);
    w->found = !e && row.id == w->no && row.head.n == SM3_LEN;
    if (w->found)
        memcpy(w->ret->b, row.head.p, SM3_LEN);
    return e;
}

/* The head of that number in the store of --data: a store put back to an older state lacks it. */
static bool head_known(void *arg, int64_t no, struct digest *ret)
{
    struct head_wanted w = {no, ret, false};
    struct cli *k = arg;
    return app_read(k->app, head_of, &w) == OK && w.found;
}

static bool check_lines(FILE *f, const struct seal_against *against, struct seal_verdict *ret)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    seal_check_start(&checking, against);
    while ((n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] == '\n')
            n--;
        if (!seal_check_line(&checking, (struct str){line, (size_t)n}))
            break;
    }
    free(line);
    return seal_check_end(&checking, ret);
}

static int seal_check_file(struct cli *k)
{
    struct seal_verdict v;
    struct seal_against against = {.print = k->print};
    FILE *f = k->nwords > 1 ? fopen(k->words[1], "r") : NULL;
    if (!f)
        return cli_fail(k, ERR_NOT_FOUND, "打不开批次头文件");
    int code = k->data ? cli_open(k, (struct cli_open_how){.read_only = true}) : 0;
    if (k->data && !code) {
        against.known = head_known;
        against.arg = k;
    }
    bool good = !code && check_lines(f, &against, &v);
    fclose(f);
    if (k->app)
        cli_close(k);
    if (code)
        return code;
    term_say(&k->term, good ? TERM_GREEN : TERM_RED, "%s", v.message);
    if (good)
        term_say(&k->term, TERM_NORMAL, "库 %s，第 %lld 至 %lld 批，签名密钥指纹 %s%s", v.store,
            (long long)v.first, (long long)v.last, v.print,
            k->print ? "（与给出的指纹相符）" : "；请与公布的指纹核对");
    return good ? EXIT_DONE : EXIT_VERIFY;
}

int cmd_seal(struct cli *k)
{
    if (k->nwords && strcmp(k->words[0], "export") == 0)
        return seal_export(k);
    if (k->nwords && strcmp(k->words[0], "check") == 0)
        return seal_check_file(k);
    return cli_usage(k, "seal 后面要写 export 或 check");
}
