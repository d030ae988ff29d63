/* What the server counts, in the Prometheus text format. Counting is lock-free. */
#ifndef ZHIAN_HTTP_METRICS_H
#define ZHIAN_HTTP_METRICS_H

#include "base/buf.h"
#include "core/op.h"

struct metrics;

/* Requests that are no operation. */
enum other { OTHER_STATIC, OTHER_HEALTH, OTHER_METRICS, OTHER_NONE, OTHERS };

/* metrics_new: NULL when out of memory. The table must outlive it. */
struct metrics *metrics_new(const struct op_table *ops);
void metrics_free(struct metrics *m);

/* metrics_count: one answered request; op NULL counts it as `other`. micros: from the head to the
 * answer. */
void metrics_count(
    struct metrics *m, const struct op *op, enum other other, int status, int64_t micros);

/* metrics_write: requests by operation and status, and latency histograms, only of rows that were
 * used. metric_one writes a single value with its help and type ("gauge", "counter"). */
void metrics_write(struct metrics *m, struct buf *b);
void metric_one(struct buf *b, const char *name, const char *type, const char *help, int64_t value);

/* process_memory: resident bytes of this process; 0 when unknown. */
int64_t process_memory(void);

#endif
