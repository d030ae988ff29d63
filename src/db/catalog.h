/* The statements and migrations a store is opened with. The program uses what mksql made of
 * src/sql; tests and benches of this layer bring tables of their own. */
#ifndef ZHIAN_DB_CATALOG_H
#define ZHIAN_DB_CATALOG_H

#include "sql/sql.h"

struct sql_catalog {
    const struct sql_stmt *stmts;
    int nstmts;
    const struct sql_migration *migrations; /* rising numbers */
    int nmigrations;
};

/* db_use_catalog sets what the next db_open uses; NULL goes back to the generated one. c must
 * outlive the store. Not thread-safe. */
void db_use_catalog(const struct sql_catalog *c);

#endif
