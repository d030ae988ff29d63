/* The functions behind commands.def; each returns an enum term_exit. */
#ifndef ZHIAN_CLI_COMMANDS_H
#define ZHIAN_CLI_COMMANDS_H

#include "cli/cli.h"

#define ROW(name, run, usage, options, help) int run(struct cli *k);
#include "cli/commands.def"
#undef ROW

#endif
