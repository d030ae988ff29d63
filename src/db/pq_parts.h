/* PostgreSQL's partitions behind db/parts.h. */
#ifndef ZHIAN_DB_PQ_PARTS_H
#define ZHIAN_DB_PQ_PARTS_H

#include "db/backend.h"

extern const struct db_parts pq_parts;

#endif
