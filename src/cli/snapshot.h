/* The database of a backup: a store as it is at one moment, as one file that is read like any store
 * of SQLite, whatever engine the store runs on; and the way back onto any engine. An engine that
 * copies itself does (db_backup, db_restore); of another the rows are carried over (cli/carry.h).
 */
#ifndef ZHIAN_CLI_SNAPSHOT_H
#define ZHIAN_CLI_SNAPSHOT_H

#include "cli/cli.h"
#include "cli/manifest.h"

#define SNAPSHOT_NAME "zhian.db"

/* What went wrong, in Chinese; may be empty. */
enum { SNAPSHOT_WHY = 512 };

/* snapshot_take makes folder/zhian.db from the store of app, which may be served meanwhile. Errors
 * of db_backup and of core/move.h. */
MUST_CHECK enum err snapshot_take(
    struct cli *k, struct app *app, const char *folder, char why[SNAPSHOT_WHY]);

/* snapshot_open opens the database at path, read only, with the keys of dir. An older schema is
 * ERR_STATE. */
MUST_CHECK enum err snapshot_open(
    const char *path, const char *dir, struct app **ret, char why[SNAPSHOT_WHY]);

/* snapshot_open_any: one of an older schema is brought up to date in a copy in the folder dir,
 * which stays there (SNAPSHOT_OLDER and its log). */
#define SNAPSHOT_OLDER "older.db"
MUST_CHECK enum err snapshot_open_any(
    const char *path, const char *dir, struct app **ret, char why[SNAPSHOT_WHY]);

/* snapshot_facts reads what the store says of itself; made and schema are the caller's. */
MUST_CHECK enum err snapshot_facts(struct app *app, struct manifest_facts *ret);

/* snapshot_put makes the database at path the store at address `to`, with the keys of dir, and
 * proves rows that were carried over. It is whole only after snapshot_done; snapshot_close in any
 * case. ERR_CONFLICT: the target holds something; ERR_CORRUPT: findings. */
struct snapshot_put;
MUST_CHECK enum err snapshot_put(
    struct cli *k, const char *path, const char *to, const char *dir, struct snapshot_put **ret);
MUST_CHECK enum err snapshot_done(struct snapshot_put *p);
const char *snapshot_why(const struct snapshot_put *p);
void snapshot_close(struct snapshot_put *p);

#endif
