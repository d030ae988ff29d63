/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_CAMPAIGN_IMPL_H
#define ZHIAN_FEATURE_CAMPAIGN_IMPL_H

#include "base/civil.h"
#include "base/jsonin.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/workflow.h"
#include "feature/campaign/campaign.h"
#include "feature/org/org.h"

/* campaign_need reads a campaign whose scope touches the actor's subtree; 404 otherwise.
 * campaign_need_open also wants it open (409 with what to do). */
MUST_CHECK enum err campaign_need(struct ctx *c, int64_t id, struct campaign_row *ret);
MUST_CHECK enum err campaign_need_open(struct ctx *c, int64_t id, struct campaign_row *ret);
enum err campaign_closed(struct ctx *c);

/* campaign_covers: an authority at path has to do with the campaign (it, something above or
 * something below it is in its scope). campaign_holds: path lies wholly inside the scope. */
bool campaign_covers(const struct campaign_row *row, struct str path);
bool campaign_holds(const struct campaign_row *row, struct str path);

/* The dates an authority at path has to keep: those of the nearest one above it that set any, else
 * the campaign's (PL-86, PL-91, PL-94). */
struct asked {
    int64_t due, prio, set; /* prio NULL_INT: none; set: the day it was said */
};
MUST_CHECK enum err campaign_asked(
    struct ctx *c, const struct campaign_row *row, struct str path, struct asked *ret);

/* campaign_own_date: what the authority at path asks of those below it; ret->id NULL_INT: nothing
 * of its own. */
MUST_CHECK enum err campaign_own_date(
    struct ctx *c, int64_t campaign, struct str path, struct campaign_date_row *ret);

/* row_text: a record as JSON, without what only the program needs. */
struct str campaign_row_text(struct ctx *c, const struct desc *d, const void *row);

/* steps_of: the transitions of a workflow the actor may do from a state, as action_view. */
struct vec campaign_actions(struct ctx *c, const char *workflow, struct str state);

/* campaign_org_path: the path of an authority in the actor's scope (NULL_INT: his own). */
MUST_CHECK enum err campaign_org(struct ctx *c, int64_t org, struct org_row *ret);

/* submission_newest: the newest edition of an authority that was not dropped; ret->id NULL_INT:
 * none. One whose job is over without sending counts as dropped. */
MUST_CHECK enum err submission_newest(
    struct ctx *c, int64_t campaign, int64_t org, struct campaign_submission_row *ret);

/* candidate_change stores row over old with counters and derived columns. */
MUST_CHECK enum err candidate_change(struct ctx *c, const struct candidate_row *old,
    struct candidate_row *row, const struct note *n);

/* candidate_match finds the firm a candidate is: by its code, then by name and town; only inside
 * the actor's scope. Sets firm and matched, or leaves them. */
MUST_CHECK enum err candidate_match(struct ctx *c, struct candidate_row *row);

/* candidate_place sets org and paths from an area code; ERR_INVALID: nobody serves it. */
MUST_CHECK enum err candidate_place(struct ctx *c, struct candidate_row *row, struct str area);

/* candidate_need reads a candidate in the actor's scope (404), with its campaign. */
MUST_CHECK enum err candidate_need(
    struct ctx *c, int64_t id, struct candidate_row *ret, struct campaign_row *ret_campaign);

MUST_CHECK enum err candidate_view_fill(
    struct ctx *c, const struct candidate_row *row, struct candidate_view *ret);

/* codes_join adds codes to a joined list, each once. codes_prio: one of them is of the eight kinds.
 */
struct str codes_join(struct ctx *c, struct str joined, struct str more);
bool codes_prio(struct ctx *c, struct str joined);

/* candidate_follow: a candidate of an open campaign is this firm from now on and stands where it
 * does, unless that is outside the campaign's scope (writer). */
MUST_CHECK enum err candidate_follow(struct ctx *c, const struct candidate_row *old,
    const struct firm_row *firm, const struct note *n);

/* candidate_list_run prepares the list of a campaign's candidates from a query whose filter
 * `campaign` names it: taken out of lq, with a filter of one state. */
struct candidate_list {
    struct list_query lq;
    struct list_run run;
    struct str q;
    int64_t campaign, low, high;
};
MUST_CHECK enum err candidate_list_run(
    struct ctx *c, const struct list_query *in, struct candidate_list *ret);

#endif
