/* zhian retire: giving up daily records whose time is over, month by month. */
#include <stdio.h>

#include "cli/commands.h"
#include "core/retire.h"
#include "core/seal.h"

enum { LOOK_MEMORY = 4 << 20, KIB = 1024 };

struct retiring {
    struct cli *k;
    const struct month_table *t;
    int64_t before, floor;
    struct arena a;
    struct vec months; /* of struct retire_month */
    int64_t done, records;
};

/* The one table whose records may go. */
static const struct month_table *table_of(const struct app *app)
{
    const struct month_table *t = app->months;
    while (t && t->table && !t->records)
        t++;
    return t && t->table ? t : NULL;
}

static enum err look(struct ctx *c, void *arg)
{
    struct retiring *r = arg;
    c->a = &r->a;
    r->floor = retire_floor(c);
    return r->before > r->floor ? OK : retire_look(c, r->t, r->before, &r->months);
}

static void tell_month(struct retiring *r, const struct retire_month *m, bool gone)
{
    char month[MONTH_TEXT];
    month_text(m->month, '-', month);
    if (r->k->json)
        printf("{\"month\":\"%s\",\"records\":%lld,\"chars\":%lld,\"retired\":%s}\n", month,
            (long long)m->records, (long long)m->chars, gone ? "true" : "false");
    else
        term_say(&r->k->term, TERM_NORMAL, "%s　%lld 条　文字 %lld KB%s", month,
            (long long)m->records, (long long)(m->chars + KIB - 1) / KIB, gone ? "　已清退" : "");
}

static int tell_end(struct retiring *r)
{
    struct cli *k = r->k;
    if (k->json) {
        printf("{\"months\":%lld,\"records\":%lld,\"checked\":%s}\n", (long long)r->done,
            (long long)r->records, k->check ? "true" : "false");
        return EXIT_DONE;
    }
    if (!r->done)
        term_say(&k->term, TERM_NORMAL, "这个月份之前没有日管控记录，不用清退");
    else if (k->check)
        term_say(&k->term, TERM_BOLD, "将清退 %lld 个月 %lld 条；这次只查看，没有改动",
            (long long)r->done, (long long)r->records);
    else
        term_say(&k->term, TERM_GREEN,
            "已清退 %lld 个月 %lld 条；存证和计数都留着，请运行 zhian verify 查验",
            (long long)r->done, (long long)r->records);
    return EXIT_DONE;
}

static int too_young(struct retiring *r)
{
    char text[256], before[MONTH_TEXT], floor[MONTH_TEXT];
    month_text(r->before, '-', before);
    month_text(r->floor, '-', floor);
    snprintf(text, sizeof text,
        "%s 之前的记录还没有都满保存期限，不能清退；最多可用 --before "
        "%s（保存年限见参数“记录最短保存年限”，不少于 5 年）",
        before, floor);
    return cli_fail(r->k, ERR_STATE, text);
}

static int retire_all(struct retiring *r)
{
    const struct retire_month *m = r->months.p;
    struct cli *k = r->k;
    for (size_t i = 0; i < r->months.n; i++) {
        enum err e = k->check ? OK : retire_month(k->app, r->t, &m[i], str_z(k->name));
        if (e == ERR_BUSY)
            return cli_fail(
                k, e, "有程序正在长时间读取记录，这个月没有动；请稍后再运行同一命令，会接着清退");
        if (e)
            return cli_fail(k, e, "清退没有完成；请再运行同一命令，会接着清退");
        r->done++;
        r->records += m[i].records;
        tell_month(r, &m[i], !k->check);
    }
    if (r->done && !k->check && seal_now(k->app) != OK)
        term_say(&k->term, TERM_NORMAL, "清退登记还没有封存，服务运行时会自动封存");
    return tell_end(r);
}

static int run(struct retiring *r)
{
    r->t = table_of(r->k->app);
    enum err e = r->t ? app_read(r->k->app, look, r) : ERR_UNSUPPORTED;
    if (e)
        return cli_fail(r->k, e, NULL);
    return r->before > r->floor ? too_young(r) : retire_all(r);
}

int cmd_retire(struct cli *k)
{
    struct retiring r = {.k = k};
    if (!k->before || !month_read(str_z(k->before), &r.before))
        return cli_usage(k, "请用 --before 指定月份，如 --before 2021-11：清退早于它的记录");
    if (!k->check && (!k->name || !*k->name))
        return cli_usage(k, "请用 --name 写明经办人（记入存证）；只想看看请用 --check");
    int code = cli_open(k, (struct cli_open_how){.read_only = k->check});
    if (code)
        return code;
    arena_init(&r.a, LOOK_MEMORY);
    code = run(&r);
    arena_free(&r.a);
    cli_close(k);
    return code;
}
