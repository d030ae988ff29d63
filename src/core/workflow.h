/* Workflows are data: states and transitions of a template (workflow_*). A transition names where
 * it starts and ends, the permission, the levels or roles that may do it, the inputs it needs and
 * the record fields that must be filled. */
#ifndef ZHIAN_CORE_WORKFLOW_H
#define ZHIAN_CORE_WORKFLOW_H

#include "base/jsonin.h"
#include "core/ctx.h"

/* wf_find: the transition `action` from `state`, or NULL (fail is set: ERR_NOT_FOUND for an unknown
 * action, ERR_STATE when it does not start in this state). */
const struct jin *wf_find(struct ctx *c, const char *workflow, struct str action, struct str state);

/* wf_may: the actor holds the permission and stands at a level or in a role that may. */
bool wf_may(const struct ctx *c, const struct jin *transition, struct str state);

/* wf_actions calls fn for each transition the actor may do from this state. */
void wf_actions(struct ctx *c, const char *workflow, struct str state,
    void (*fn)(void *arg, const struct jin *transition), void *arg);

/* What a condition {"key","is"} or a field is compared with: the text of a key ("true"/"false" for
 * booleans, "" when absent). */
typedef struct str wf_fact(void *arg, const char *key);

/* wf_inputs complains about every required input of the transition that fact gives as absent. */
void wf_inputs(struct ctx *c, const struct jin *transition, wf_fact *fact, void *arg);

/* wf_needs calls fn with each record field the transition needs that is empty in fact. */
void wf_needs(const struct jin *transition, wf_fact *fact, void *arg,
    void (*fn)(void *fn_arg, struct str field), void *fn_arg);

/* wf_to, wf_label, wf_state_label: texts of the definition. */
struct str wf_to(const struct jin *transition);
const char *wf_label(struct ctx *c, const struct jin *transition);
bool wf_state_editable(struct ctx *c, const char *workflow, struct str state);

#endif
