/* The table of all operations, and the declaration of each one's function. */
#ifndef ZHIAN_FEATURE_OPS_H
#define ZHIAN_FEATURE_OPS_H

#include "core/op.h"
#include "core/record.h"
#include "core/job.h"

#define OP(name, method, path, perm, flags, in, out, help)                                         \
    struct in;                                                                                     \
    struct out;                                                                                    \
    enum err op_##name(struct ctx *c, const struct in *in_, struct out *ret);
#include "feature/ops_all.def"
#undef OP

extern const struct op_table feature_ops;
extern const struct record_kinds feature_kinds;
extern const struct job_kind feature_jobs[]; /* ends with a NULL name */

#endif
