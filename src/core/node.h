/* One program among several on the same store. Each says every few seconds that it is alive, takes
 * over what a dead one was doing, and hears of what the others change. A store in a file has one
 * program that serves it, and needs none of this. */
#ifndef ZHIAN_CORE_NODE_H
#define ZHIAN_CORE_NODE_H

#include "core/ctx.h"

struct node;

/* node_start names this program (app.node) and, on a shared store, starts its thread. node_stop
 * says good-bye. ERR_NOMEM: no thread; ERR_BUSY and others of db.h: no connection. */
MUST_CHECK enum err node_start(struct app *app, struct node **ret);
void node_stop(struct node *n);

/* node_leads: whether this program has the duty of that name for the coming seconds (at once true
 * on a store that is not shared). Not from the writer thread. */
bool node_leads(struct app *app, const char *duty);

/* Topics of notices: what the other programs must read again. */
#define NOTICE_TEMPLATES "templates"

#endif
