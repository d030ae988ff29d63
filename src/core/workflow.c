/* Reading workflow definitions. */
#include "core/workflow.h"

#include "core/app.h"
#include "core/template.h"

static const struct jin *transitions(struct ctx *c, const char *workflow)
{
    return jin_get(template_body(c->app, workflow, NULL), "transitions");
}

static bool has(const struct jin *arr, struct str s)
{
    for (size_t i = 0; i < jin_len(arr); i++)
        if (str_eq(jin_str(jin_at(arr, i)), s))
            return true;
    return false;
}

const struct jin *wf_find(struct ctx *c, const char *workflow, struct str action, struct str state)
{
    const struct jin *all = transitions(c, workflow);
    bool known = false;
    for (size_t i = 0; i < jin_len(all); i++) {
        const struct jin *t = jin_at(all, i);
        if (!str_eq(jin_str(jin_get(t, "code")), action))
            continue;
        known = true;
        if (has(jin_get(t, "from"), state))
            return t;
    }
    if (known)
        fail(c, ERR_STATE, "action", "现在的状态不能做这一步，请刷新后查看最新状态");
    else
        fail(c, ERR_NOT_FOUND, NULL, NULL);
    return NULL;
}

static struct str level_text(int64_t level)
{
    static const char *const names[] = {"", "省", "市", "县", "所"};
    return str_z(level >= 1 && level <= 4 ? names[level] : "");
}

bool wf_may(const struct ctx *c, const struct jin *t, struct str state)
{
    enum perm p = perm_find(jin_str(jin_get(t, "perm")));
    if (p == PERM_COUNT || !can(c, p))
        return false;
    const struct jin *levels = jin_get(t, "levels"), *roles = jin_get(t, "roles");
    char key[64];
    if (state.n < sizeof key) {
        memcpy(key, state.p, state.n);
        key[state.n] = 0;
        const struct jin *own = jin_get(jin_get(t, "levels_from"), key);
        levels = own ? own : levels;
    }
    if (levels && !has(levels, level_text(c->actor.level)))
        return false;
    return !roles || has(roles, c->actor.role);
}

void wf_actions(struct ctx *c, const char *workflow, struct str state,
    void (*fn)(void *arg, const struct jin *transition), void *arg)
{
    const struct jin *all = transitions(c, workflow);
    for (size_t i = 0; i < jin_len(all); i++) {
        const struct jin *t = jin_at(all, i);
        if (has(jin_get(t, "from"), state) && wf_may(c, t, state))
            fn(arg, t);
    }
}

/* "when": {"key": k, "is": v} holds. */
static bool applies(const struct jin *when, wf_fact *fact, void *arg)
{
    if (jin_type(when) != JIN_OBJ)
        return true;
    const struct jin *is = jin_get(when, "is");
    struct str key = jin_str(jin_get(when, "key"));
    struct str want =
        jin_type(is) == JIN_BOOL ? str_z(jin_bool(is, false) ? "true" : "false") : jin_str(is);
    return key.p && str_eq(fact(arg, key.p), want);
}

void wf_inputs(struct ctx *c, const struct jin *t, wf_fact *fact, void *arg)
{
    const struct jin *fields = jin_get(t, "fields");
    for (size_t i = 0; i < jin_len(fields); i++) {
        const struct jin *f = jin_at(fields, i);
        struct str key = jin_str(jin_get(f, "key"));
        if (!key.p || !jin_bool(jin_get(f, "required"), false) ||
            !applies(jin_get(f, "when"), fact, arg) || fact(arg, key.p).n)
            continue;
        complain(c, key, "required", "%.*s：必须填写", STR_ARG(jin_str(jin_get(f, "label"))));
    }
}

void wf_needs(const struct jin *t, wf_fact *fact, void *arg,
    void (*fn)(void *fn_arg, struct str field), void *fn_arg)
{
    const struct jin *needs = jin_get(t, "needs");
    for (size_t i = 0; i < jin_len(needs); i++) {
        struct str key = jin_str(jin_at(needs, i));
        if (key.p && !fact(arg, key.p).n)
            fn(fn_arg, key);
    }
}

struct str wf_to(const struct jin *t)
{
    return jin_str(jin_get(t, "to"));
}

const char *wf_label(struct ctx *c, const struct jin *t)
{
    return keep(c, jin_str(jin_get(t, "label"))).p;
}

bool wf_state_editable(struct ctx *c, const char *workflow, struct str state)
{
    const struct jin *states = jin_get(template_body(c->app, workflow, NULL), "states");
    for (size_t i = 0; i < jin_len(states); i++)
        if (str_eq(jin_str(jin_get(jin_at(states, i), "code")), state))
            return jin_bool(jin_get(jin_at(states, i), "editable"), false);
    return false;
}
