/* A standby of the store that answers what may be a few seconds old (boards, lists, counts), so
 * that the primary has its hands free for writing. It is asked only while it follows closely: the
 * newest sign of life of any program (core/node.h) that it knows must be fresh. */
#ifndef ZHIAN_CORE_STANDBY_H
#define ZHIAN_CORE_STANDBY_H

#include "core/ctx.h"

/* What a standby may lag behind and still be asked; the door keeps who has just written away from
 * it for longer than that. */
enum { STANDBY_LAG_MS = 6000, STANDBY_AWAY_S = 15 };

struct standby;

/* standby_new notes where the standby is (uri; NULL: there is none, *ret = NULL). It is opened, and
 * looked at, by standby_watch: by the node thread, about once a second. */
MUST_CHECK enum err standby_new(struct app *app, const char *uri, struct standby **ret);
void standby_watch(struct standby *s);
void standby_close(struct standby *s);

/* standby_store: the standby's store while it may be asked, else NULL; once given it stays open
 * until the program ends. standby_failed: an answer did not come; it is not asked until it has
 * been looked at again. */
struct db *standby_store(struct standby *s);
void standby_failed(struct standby *s);

#endif
