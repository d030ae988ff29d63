/* The passphrase of an encrypted backup: from a file, or asked for on the terminal; never from the
 * command line, which others can see. */
#ifndef ZHIAN_CLI_PASSPHRASE_H
#define ZHIAN_CLI_PASSPHRASE_H

#include "cli/cli.h"
#include "core/crypto.h"

struct passphrase {
    char text[CRYPTO_PASSWORD_MAX + 2];
    struct str s;
};

/* passphrase_get reads the first line of --passphrase-file, or asks; with `fresh` it asks twice and
 * wants at least 12 characters. Returns 0, or prints why not and returns the exit code. */
int passphrase_get(struct cli *k, bool fresh, struct passphrase *ret);
void passphrase_wipe(struct passphrase *p);

#endif
