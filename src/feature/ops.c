/* The tables that the doors and the engines work from. */
#include "feature/ops.h"

#include "core/kinds.h"
#include "core/list.h"
#include "feature/account/account.h"
#include "feature/campaign/campaign.h"
#include "feature/bulk/bulk.h"
#include "feature/duty/duty.h"
#include "feature/file/file.h"
#include "feature/hazard/hazard.h"
#include "feature/import/import.h"
#include "feature/ledger/ledger.h"
#include "feature/notice/notice.h"
#include "feature/life/life.h"
#include "feature/org/org.h"
#include "feature/people/people.h"
#include "feature/quality/quality.h"
#include "feature/reorg/reorg.h"
#include "feature/setup/setup.h"
#include "feature/system/system.h"

/* One thunk per row keeps the table's function type uniform and each operation's own type checked.
 */
#define OP(name, method, path, perm, flags, in, out, help)                                         \
    static enum err run_##name(struct ctx *c, const void *in_, void *ret)                          \
    {                                                                                              \
        return op_##name(c, in_, ret);                                                             \
    }
#include "feature/ops_all.def"
#undef OP

static const struct op rows[] = {
#define OP(name, method, path, perm, flags, in, out, help)                                         \
    {#name, method, path, perm, flags, &in##_desc, &out##_desc, run_##name, help},
#include "feature/ops_all.def"
#undef OP
};

const struct op_table feature_ops = {rows, sizeof rows / sizeof *rows};

static const struct record_kind *const kinds[] = {
#define ROW(code, name) &kind_##name,
#include "feature/kinds.def"
#undef ROW
};

const struct record_kinds feature_kinds = {kinds, sizeof kinds / sizeof *kinds};

const struct job_kind feature_jobs[] = {
    {"export", job_export},
    {"import", job_import},
    {"verify", job_verify},
    {"candidates", job_candidates},
    {"submission", job_submission},
    {"twins", job_twins},
    {"regrade", job_regrade},
    {"bulk", job_bulk},
    {"export_all", job_export_all},
    {"export_list", job_export_list},
    {"quality", job_quality},
    {"org_change", job_org_change},
    {"area_change", job_area_change},
    {NULL, NULL},
};
