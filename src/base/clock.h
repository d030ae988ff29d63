/* The machine's clocks in ms. What is recorded takes its time from the context instead (ctx.now,
 * app_now), which may be set from outside: these are for waiting, and for telling programs apart.
 */
#ifndef ZHIAN_BASE_CLOCK_H
#define ZHIAN_BASE_CLOCK_H

#include <stdint.h>

/* clock_steady_ms never goes back (CLOCK_MONOTONIC): deadlines, pauses. clock_real_ms: ms UTC. */
int64_t clock_steady_ms(void);
int64_t clock_real_ms(void);

#endif
