/* A record as it was: the changes noted in the journal, undone from the newest backwards.
 *
 * Every update notes the old value of each column it changed: in "changes" as people read it, in
 * "was" as stored. Undoing them in order gives the earlier row exactly, which the digest of the
 * journal row of that time proves. Personal numbers are the exception: their earlier values are not
 * kept (least retention), so a row whose number changed since cannot be proved. */
#ifndef ZHIAN_CORE_PAST_H
#define ZHIAN_CORE_PAST_H

#include "base/jsonin.h"
#include "core/record.h"

/* A record on its way back. row starts as the stored row. */
struct past {
    const struct record_kind *kind;
    void *row;
    int undone;      /* notes taken back */
    bool made_later; /* it was entered after the time asked for */
    bool lost;       /* a number that is not kept changed since */
};

/* past_undo takes one journal note of the record (newest first) back out of it. A note without
 * changes is the record's entry. ERR_CORRUPT: the note is malformed or names an unknown column. */
MUST_CHECK enum err past_undo(struct ctx *c, struct past *p, const struct jin *note);

/* past_proved: the row's content has this digest (of the journal row that left it so). */
bool past_proved(const struct past *p, struct str digest);

#endif
