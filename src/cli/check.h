/* Proving a backup without restoring it. */
#ifndef ZHIAN_CLI_CHECK_H
#define ZHIAN_CLI_CHECK_H

#include "cli/cli.h"
#include "cli/manifest.h"

struct check {
    struct cli *k;
    const char *dir; /* the backup, unpacked */
    struct manifest_facts facts;
    bool listed; /* it has a sound manifest */
    int64_t files, bytes, findings;
    struct verify_result verified;
};

/* check_found prints a finding and counts it. */
void check_found(struct check *c, const char *kind, const char *name, const char *what);

/* check_files compares every file with the manifest, or, where there is none, attachments with
 * their names. check_store opens the database with a copy of the keys in the folder temp, and
 * proves it. Findings are counted; an error is one of the checking itself. */
MUST_CHECK enum err check_files(struct check *c);
MUST_CHECK enum err check_store(struct check *c, const char *temp);

/* check_tell prints the outcome; returns the exit code. */
int check_tell(struct check *c);

#endif
