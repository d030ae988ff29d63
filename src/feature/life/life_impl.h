/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_LIFE_IMPL_H
#define ZHIAN_FEATURE_LIFE_IMPL_H

#include "core/app.h"
#include "core/workflow.h"
#include "domain/twin.h"
#include "feature/ledger/firm_view.h"
#include "feature/life/life.h"

/* life_step finds the transition and asks whether the actor may do it: ERR_STATE, ERR_FORBIDDEN,
 * ERR_NOT_FOUND (fail is set). */
MUST_CHECK enum err life_step(
    struct ctx *c, const char *workflow, const char *action, struct str state, struct str *ret_to);

/* life_files checks that every id of `codes` is an attachment of the firm; complains on evidence.
 */
MUST_CHECK enum err life_files(struct ctx *c, int64_t firm, struct str codes);

/* life_alive: ERR_STATE with a clear text when the entry was merged into another. */
MUST_CHECK enum err life_alive(struct ctx *c, const struct firm_row *firm);

/* life_count runs a counting statement with the parameter :firm. */
MUST_CHECK enum err life_count(struct ctx *c, enum sql_id id, int64_t firm, int64_t *ret);

/* claim_phone_masked: the mask of the claim list's phone column. */
struct list_col;
struct str claim_phone_masked(
    struct ctx *c, const struct list_col *col, int64_t id, struct str stored);

/* life_due: so many working days of the setting from today. */
int64_t life_due(struct ctx *c, const char *setting, int64_t or_else);

/* link_add stores a relation (writer); firm_merge makes gone an entry merged into kept. Checks
 * neither scope nor permission; firm_merge does check both entries' state. */
MUST_CHECK enum err link_add(struct ctx *c, struct firm_link_row *row, const char *label);
MUST_CHECK enum err firm_merge(struct ctx *c, int64_t gone, int64_t kept, struct str reason);

/* twin_need reads a pair the actor may see. unmerge_until: until when its merger may be taken back,
 * NULL_INT when it was not merged. */
MUST_CHECK enum err twin_need(struct ctx *c, int64_t id, struct twin_row *ret);
int64_t unmerge_until(struct ctx *c, const struct twin_row *t);

/* What the merged entry's history calls its merger; taking back looks for it. */
#define LIFE_MERGED_LABEL "并入另一份档案"

/* town_name: the name of an area code, STR_NULL when there is none. */
struct str town_name(struct ctx *c, struct str code);

/* path_common: the lowest path above both. path_org_name: the authority there. */
struct str path_common(struct ctx *c, struct str a, struct str b);
struct str path_org_name(struct ctx *c, struct str path);

/* What a pair of entries is compared by, and a candidate with its score. */
struct twin_near {
    int64_t id;
    struct str name, uscc, site, person, path;
    struct twin_score s;
};

/* twin_nearest: the entries that look like the given one, best first, at most max of them, wherever
 * they lie; merged ones left out. row: id (0 = not stored), name, uscc, site_address, legal_person,
 * p3. */
enum { TWIN_NEAREST = 10 };
MUST_CHECK enum err twin_nearest(
    struct ctx *c, const struct firm_row *row, struct twin_near *ret, size_t *ret_n);

/* twin_keep stores a pair unless it is known (writer). ret_new may be NULL. */
struct twin_pair {
    int64_t a, b;
    struct str path;
    struct twin_score s;
};
MUST_CHECK enum err twin_keep(struct ctx *c, const struct twin_pair *p, bool *ret_new);

#endif
