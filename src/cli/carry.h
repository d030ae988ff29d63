/* Rows of an open store into another database: core/move.h with its progress shown, and with what
 * each engine keeps in a way of its own (the search words) made anew. */
#ifndef ZHIAN_CLI_CARRY_H
#define ZHIAN_CLI_CARRY_H

#include "cli/term.h"
#include "core/app.h"
#include "core/move.h"

enum { CARRY_CACHE_KIB = 64 << 10 }; /* of the database that takes the rows */

struct carry {
    struct app *source;
    struct term *term;
    struct term_progress bar; /* of the phase under way; bar.t is NULL when there is none */
    const char *phase;
    int64_t done;
};

/* carry_options: for move_begin; c must outlive the move. carry_shown ends the last progress. */
struct move_options carry_options(struct carry *c, struct db *to);
void carry_shown(struct carry *c);

#endif
