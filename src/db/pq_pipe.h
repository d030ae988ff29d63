/* Commands sent without waiting, on a connection that writes. Only for db/postgres.c.
 *
 * Method. A round trip costs more than most statements. Within a write transaction, statements
 * whose answer nobody needs at once (q_send), savepoints among them, are put into libpq's pipeline.
 * The next command that must be waited for travels behind them and brings all answers along. After
 * a failure the server passes over everything up to the end of that pipeline; the failure is kept
 * (vconn.late) and told by what comes next on the connection, at the latest by the release of the
 * savepoint or the commit, until the transaction goes back behind it. */
#ifndef ZHIAN_DB_PQ_PIPE_H
#define ZHIAN_DB_PQ_PIPE_H

#include "db/pq_link.h"

/* pipe_can: within a write transaction, with a client library that knows pipelines (14 on). */
bool pipe_can(struct vconn *v);

/* pipe_open, then sending, then pipe_sent with what sending answered: put into the pipeline.
 * pipe_open may return what earlier commands met. */
MUST_CHECK enum err pipe_open(struct vconn *v);
MUST_CHECK enum err pipe_sent(struct vconn *v, bool good);
/* pipe_text: all three of a text without parameters. */
MUST_CHECK enum err pipe_text(struct vconn *v, const char *sql);

/* pipe_asked: instead of pipe_sent for a statement whose rows are wanted; takes the answers of
 * those before it. pipe_end follows its last row. */
MUST_CHECK enum err pipe_asked(struct vconn *v, bool good);
MUST_CHECK enum err pipe_end(struct vconn *v);

/* pipe_settle waits for every answer: the first failure since the last pipe_forget. Outside a
 * pipeline it only tells. */
MUST_CHECK enum err pipe_settle(struct vconn *v);
void pipe_forget(struct vconn *v);

#endif
