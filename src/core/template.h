/* Versioned definitions (ledger columns, workflows, checklists, code lists, settings). The shipped
 * ones are loaded at init; an authority with the right publishes new versions; a record keeps the
 * version it was made with. Active bodies stay parsed in memory; publishing replaces them for every
 * later call. */
#ifndef ZHIAN_CORE_TEMPLATE_H
#define ZHIAN_CORE_TEMPLATE_H

#include "base/jsonin.h"
#include "core/record.h"

#define TEMPLATE_ROW_FIELDS(F, S)                                                                  \
    F(S, id, INT, F_OUT, 0, "编号", none)                                                          \
    F(S, name, STR, 0, 80, "模板", none)                                                           \
    F(S, version, INT, 0, 0, "版本", none)                                                         \
    F(S, title, STR, 0, 120, "标题", none)                                                         \
    F(S, issuer, STR, 0, 120, "发布单位", none)                                                    \
    F(S, state, STR, 0, 20, "状态", none)                                                          \
    F(S, effective_from, DAY, 0, 0, "生效日期", none)                                              \
    F(S, body, JSON, 0, 0, "内容", none)                                                           \
    F(S, reason, STR, 0, 500, "修改理由", none)                                                    \
    F(S, created, TIME, 0, 0, "发布时间", none)                                                    \
    F(S, created_by, INT, 0, 0, "发布人", none)                                                    \
    F(S, jseq, INT, F_OUT, 0, "存证序号", none)
STRUCT(template_row, TEMPLATE_ROW_FIELDS)

struct templates;

/* templates_open reads the active versions; templates_reload reads them again after a change. */
MUST_CHECK enum err templates_open(struct app *app, struct db_conn *db);
MUST_CHECK enum err templates_reload(struct app *app, struct db_conn *db);
void templates_close(struct app *app);

/* template_body: the body of the active version, NULL when there is no such template; version may
 * be NULL. Valid as long as the program runs. */
const struct jin *template_body(struct app *app, const char *name, int64_t *version);

/* template_at: the body of one version, parsed into the context (freed with it), or NULL. */
struct str template_text(struct ctx *c, struct str name, int64_t version);

/* template_each calls fn for every active template whose name starts with prefix. */
void template_each(struct app *app, const char *prefix,
    void (*fn)(void *arg, const struct template_row *row, const struct jin *body), void *arg);

/* template_publish adds a version (writer only): the next number, active from today. The body must
 * parse; the caller has checked its meaning. */
MUST_CHECK enum err template_publish(struct ctx *c, struct template_row *row);

/* setting_int: a number of template "settings" by key; or_else when it is not set. */
int64_t setting_int(struct app *app, const char *key, int64_t or_else);

#endif
