/* The command line: commands and their options as tables (commands.def). */
#ifndef ZHIAN_CLI_CLI_H
#define ZHIAN_CLI_CLI_H

#include "cli/term.h"
#include "core/app.h"
#include "core/seal.h"

enum { CLI_WORDS = 64 };

/* Options after reading: every known option is one field; NULL or false when not given. */
struct cli {
    struct term term;
    const struct cli_command *command;
    const char *words[CLI_WORDS]; /* what is no option, after the command's name */
    int nwords;
#define TEXT(name, help) const char *name;
#define FLAG(name, help) bool name;
#include "cli/options.def"
#undef TEXT
#undef FLAG
    struct app *app; /* open while a command runs that asked for it */
};

struct cli_command {
    const char *name;
    int (*run)(struct cli *k); /* an enum term_exit */
    const char *usage;         /* words and options, as help shows them */
    const char *options;       /* names of its options, separated by spaces */
    const char *help;
};

extern const struct cli_command cli_commands[]; /* ends with a NULL name */

int cli_main(int argc, char **argv);

/* cli_open opens the store of --data (and --db) for one command; prints why it cannot and returns
 * the exit code, else 0. cli_close closes it. */
struct cli_open_how {
    bool read_only;
    bool serve;
};
int cli_open(struct cli *k, struct cli_open_how how);
void cli_close(struct cli *k);

/* cli_password makes a one-time password: letters of three kinds satisfy the policy, the rest is
 * random. */
void cli_password(char out[20]);

/* cli_fail prints an error with its Chinese text (message NULL: the default of e). */
int cli_fail(struct cli *k, enum err e, const char *message);
int cli_usage(struct cli *k, const char *message);

/* cli_verify proves the store of app, or one month of it (verify_store; 0: all); progress and
 * findings are printed. */
MUST_CHECK enum err cli_verify(
    struct cli *k, struct app *app, int64_t month, struct verify_result *ret);

/* cli_finding writes what a finding is about as people read it: 单位 12（firm）; without a row
 * 单位（firm）. */
enum { FINDING_NAME = 160 };
const char *cli_finding(const struct verify_finding *f, char out[FINDING_NAME]);

/* cli_call runs one operation as the console (or as --as LOGIN) and gives the answer's body, kept
 * in `out`. Returns an exit code; on failure the problem has been printed. org: act within the
 * authority of that area code, or NULL. */
struct cli_call {
    const char *op;
    const char *const *pairs; /* "name=value" words, ends with NULL */
    const char *body;         /* JSON, or NULL: made from the pairs */
    const char *file;         /* to upload */
    const char *org;
};
int cli_call(struct cli *k, const struct cli_call *call, struct buf *out);

#endif
