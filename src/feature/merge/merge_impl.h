/* What the files of this folder share: the plan of a merge. */
#ifndef ZHIAN_FEATURE_MERGE_IMPL_H
#define ZHIAN_FEATURE_MERGE_IMPL_H

#include "core/batch.h"
#include "feature/account/account.h"
#include "feature/duty/duty.h"
#include "feature/file/file.h"
#include "feature/hazard/hazard.h"
#include "feature/ledger/ledger.h"
#include "feature/merge/merge.h"
#include "feature/org/org.h"
#include "feature/people/people.h"

/* An authority of the source and what it becomes. */
struct merge_org {
    struct org_row row;        /* the source's */
    int64_t to;                /* in the target; MERGE_NEW: is made */
    struct str path;           /* in the target; STR_NULL until it is made */
    int64_t day[COUNTER_COLS]; /* counts of the day in hand */
    bool counted;
};

struct merge_template {
    struct str name;
    int64_t version, to;
    bool made;  /* the target has no such content */
    bool fresh; /* nor the name */
};

/* A firm whose days are counted. */
struct merge_firm {
    int64_t from, to;
    struct merge_org *org;
    struct str path; /* in the target */
    int64_t duty_from, week_mask, holidays_off;
    struct duty_facts *facts;
    unsigned filed;  /* DUTY_FILED… of the day in hand */
    bool joined;     /* the target has it too: only its days and hazards go over (merge_same.c) */
    bool stays;      /* of a joined one: the record of the day `decided` stays behind */
    int64_t decided; /* 0: none yet */
    int64_t shift;   /* of its editions; 0: not known yet */
};

struct merging {
    struct merge m;
    const struct merge_spec *spec;
    struct merge_report *r;
    struct ctx *c;    /* the target */
    struct ctx src;   /* the source: its snapshot */
    struct arena a;   /* the plan */
    struct arena row; /* a row of the target while it is made */
    bool look;        /* at the files of attachments */
    struct merge_org *orgs;
    size_t norgs;
    struct merge_template *templates;
    size_t ntemplates, templates_room;
    struct merge_firm *firms;
    size_t nfirms, firms_room;
    int64_t *days;                 /* opened in either store */
    bool *fresh_day;               /* in the source alone */
    size_t ndays, day_at;          /* day_at: the first that is not counted yet */
    int64_t dailies, dailies_left; /* of the source; stayed behind */
    int64_t done, total;
    int64_t seen; /* the source's last heartbeat at the beginning */
};

/* line adds one line to the report. */
void merge_line_add(struct merging *x, enum merge_line_kind kind, struct str from, struct str to);

/* merge_step shows progress, one row further. */
void merge_step(struct merging *x, const char *what);

/* plan_*: what meets what, on readers; take_*: the writing, in the order of take_all. */
MUST_CHECK enum err plan_orgs(struct merging *x);
MUST_CHECK enum err plan_templates(struct merging *x);
MUST_CHECK enum err plan_firms(struct merging *x);
MUST_CHECK enum err plan_accounts(struct merging *x);
MUST_CHECK enum err plan_invites(struct merging *x);
MUST_CHECK enum err plan_files(struct merging *x);

MUST_CHECK enum err take_orgs(struct merging *x);
MUST_CHECK enum err take_templates(struct merging *x);
MUST_CHECK enum err take_accounts(struct merging *x);
MUST_CHECK enum err take_history(struct merging *x);
MUST_CHECK enum err open_days(
    struct merging *x); /* before the firms: counts what the target owes */
MUST_CHECK enum err take_firms(struct merging *x);
MUST_CHECK enum err take_records(struct merging *x);
MUST_CHECK enum err take_days(struct merging *x);
MUST_CHECK enum err take_files(struct merging *x);

/* plan_ids adds every id of a kind to its map as `to`. */
MUST_CHECK enum err plan_ids(struct merging *x, const struct record_kind *k, int64_t to);

/* take_kind writes every row of a kind again, silently; fix (may be NULL) looks at the row before
 * and may refuse it with *skip. */
struct taking {
    struct merging *x;
    const struct record_kind *kind;
    bool joins; /* also of firms that the target has already */
    enum err (*fix)(struct merging *x, void *row, bool *skip);
    int64_t n;
};
MUST_CHECK enum err take_kind(struct taking *t);

/* merge_count_set tells how many of a kind go over. */
void merge_count_set(struct merging *x, const char *name, const char *label, int64_t n);

/* Callbacks of core/merge.h; arg is a struct merging. */
struct str merge_path(void *arg, struct str path);
int64_t merge_version(void *arg, struct str name, int64_t version);
int64_t merge_computed(void *arg, const char *kind, int64_t id);

/* merge_firm_at: the firm of that id in the source, or NULL. merge_joined: it stands in the target
 * already and stays as it is there. */
struct merge_firm *merge_firm_at(struct merging *x, int64_t from);
bool merge_joined(struct merging *x, int64_t from);

/* same_*: what becomes of the records of joined firms. */
MUST_CHECK enum err same_daily_stays(
    struct merging *x, struct merge_firm *f, const struct daily_row *row, bool *ret);
MUST_CHECK enum err same_risklist_fix(struct merging *x, void *each, bool *skip);
MUST_CHECK enum err same_hazard_fix(struct merging *x, void *each, bool *skip);
MUST_CHECK enum err same_attachment_fix(struct merging *x, void *each, bool *skip);
MUST_CHECK enum err same_attachment_stays(
    struct merging *x, const struct attachment_row *row, bool *ret);
void same_day_count(struct merging *x, struct merge_firm *f, int64_t day);

/* merge_org_at: the authority of that id in the source, or NULL. */
struct merge_org *merge_org_at(struct merging *x, int64_t id);

#endif
