/* Shared by the files of this feature. */
#ifndef ZHIAN_FEATURE_NOTICE_NOTICE_IMPL_H
#define ZHIAN_FEATURE_NOTICE_NOTICE_IMPL_H

#include "feature/notice/notice.h"

enum { NOTICE_SEGMENT = 5, NOTICE_LEVELS = 6, NOTICE_CHAIN_MAX = 12, NOTICE_BYTES = 1 << 20 };

/* The six ends of a path bound as p1 … p6: its prefixes, the last repeated. */
void bind_prefixes(struct ctx *c, struct q *q, struct str path);

/* notice_prefix: the authority at `up` is the one at path or stands above it. */
bool notice_above(struct str up, struct str path);

/* notice_read reads a document the actor may open, by its own 公开属性 (PL-3, H12): a draft its own
 * authority; 不予公开 the authority and those it was sent to; 依申请公开 also the authorities above
 * and below those, and the firms that are to be told; 主动公开 everyone. 404 otherwise. */
MUST_CHECK enum err notice_read(struct ctx *c, int64_t id, struct notice_row *ret);

/* notice_own reads a document of the actor's own authority, and checks If-Match. */
MUST_CHECK enum err notice_own(struct ctx *c, int64_t id, struct notice_row *ret);

/* notice_show fills the page of a document for the actor. */
MUST_CHECK enum err notice_show(struct ctx *c, const struct notice_row *n, struct notice_view *ret);

/* notice_count_of: one number of a statement by notice and the prefixes of path. */
MUST_CHECK enum err notice_count_of(
    struct ctx *c, enum sql_id id, const struct notice_row *n, struct str path, int64_t *ret);

/* notice_covers_firm: the firm belongs to those who are to be told of n. */
MUST_CHECK enum err notice_covers_firm(
    struct ctx *c, const struct notice_row *n, const struct firm_row *firm, bool *ret);

/* notice_target: the document of n's chain that firms are told of. ERR_STATE when there is none. */
MUST_CHECK enum err notice_target(
    struct ctx *c, const struct notice_row *n, struct notice_row *ret);

/* notice_send_to sends n to an authority below its own (writer). An authority that has it is left
 * as it is. Complains under field. */
MUST_CHECK enum err notice_send_to(
    struct ctx *c, const struct notice_row *n, int64_t org, struct str field);

/* telling_put stores one record and counts the firm when it is its first (writer). */
MUST_CHECK enum err telling_put(struct ctx *c, const struct notice_row *n,
    const struct firm_row *firm, struct telling_row *row);

/* notice_filters: the list query without the two members that are the operation's own. */
struct list_query notice_filters(
    struct ctx *c, const struct list_query *in, const char *a, const char *b);

/* How much of a place a document covers: all of it, some receivers in it, nothing. */
enum cover { COVER_NONE, COVER_PART, COVER_FULL };

/* tell_numbers: the numbers of n at a place. */
MUST_CHECK enum err tell_numbers(struct ctx *c, const struct notice_row *n, struct str path,
    struct tell_row *ret, enum cover *ret_cover);

/* json_text: what fn writes, in the operation's memory; STR_NULL when it is too long. */
typedef void json_fn(struct jw *w, void *arg);
struct str json_text(struct ctx *c, json_fn *fn, void *arg);

#endif
