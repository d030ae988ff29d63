/* One row of a candidate list, judged against the store without writing. */
#ifndef ZHIAN_FEATURE_CAMPAIGN_CANDIDATE_ROW_H
#define ZHIAN_FEATURE_CAMPAIGN_CANDIDATE_ROW_H

#include "feature/campaign/campaign_impl.h"
#include "feature/campaign/candidate_area.h"
#include "render/sheet.h"

enum list_key {
    KEY_NAME,
    KEY_USCC,
    KEY_AREA,
    KEY_COUNTY,
    KEY_TOWN,
    KEY_ADDRESS,
    KEY_NO,
    KEY_KIND,
    KEY_REASONS,
    KEYS
};

/* created: a new candidate · linked: a new one whose firm is on file · merged: one that is there,
 * with a further source or reason · duplicate: nothing new · rejected. */
enum verdict { V_CREATED, V_LINKED, V_MERGED, V_DUPLICATE, V_REJECTED, VERDICTS };
extern const char *const verdict_names[VERDICTS];

struct list_head {
    int64_t cols[KEYS]; /* column from 0, -1: not there */
    bool found;
};

struct judged {
    uint32_t number;
    enum verdict verdict;
    const char *field; /* of a rejection */
    struct str message;
    struct candidate_row row; /* as it would be stored */
    int64_t same;             /* the candidate that is there, of merged and duplicate */
};

struct judge {
    struct ctx *c;
    const struct campaign_row *camp;
    const struct candidate_spec *spec;
    struct places places;
    struct list_head head;
};

/* head_read takes the first row that names a 单位名称 column for the heading. */
bool head_read(struct ctx *c, const struct sheet_row *row, struct list_head *ret);

/* row_judge reads and judges one row; ret->number 0: no row of data. */
MUST_CHECK enum err row_judge(struct judge *j, const struct sheet_row *row, struct judged *ret);

/* row_put writes what row_judge found (writer): judged again, as others write too. */
MUST_CHECK enum err row_put(struct ctx *c, const struct judged *r, enum verdict *ret);

#endif
