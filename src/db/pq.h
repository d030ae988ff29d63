/* libpq, loaded when the first PostgreSQL store is opened: a program that only uses SQLite needs no
 * such library, and users of engines that speak PostgreSQL's protocol bring their maker's own
 * (ZHIAN_LIBPQ names the file). Only db/postgres.c and db/pq.c see the vendor's header. */
#ifndef ZHIAN_DB_PQ_H
#define ZHIAN_DB_PQ_H

#include <postgresql/libpq-fe.h>
#include <stdbool.h>

#include "base/err.h"

/* To add a call: a word here; it must be in PostgreSQL 12's libpq, or stand among those of 14. */
#define PQ_CALLS(X)                                                                                \
    X(PQcancel)                                                                                    \
    X(PQclear)                                                                                     \
    X(PQcmdTuples)                                                                                 \
    X(PQconnectdbParams)                                                                           \
    X(PQconninfoFree)                                                                              \
    X(PQconninfoParse)                                                                             \
    X(PQconsumeInput)                                                                              \
    X(PQdescribePrepared)                                                                          \
    X(PQerrorMessage)                                                                              \
    X(PQfinish)                                                                                    \
    X(PQfname)                                                                                     \
    X(PQfreeCancel)                                                                                \
    X(PQfreemem)                                                                                   \
    X(PQftype)                                                                                     \
    X(PQgetCancel)                                                                                 \
    X(PQgetResult)                                                                                 \
    X(PQgetisnull)                                                                                 \
    X(PQgetlength)                                                                                 \
    X(PQgetvalue)                                                                                  \
    X(PQhost)                                                                                      \
    X(PQisBusy)                                                                                    \
    X(PQnfields)                                                                                   \
    X(PQntuples)                                                                                   \
    X(PQnotifies)                                                                                  \
    X(PQparameterStatus)                                                                           \
    X(PQpingParams)                                                                                \
    X(PQport)                                                                                      \
    X(PQresultErrorField)                                                                          \
    X(PQresultErrorMessage)                                                                        \
    X(PQresultStatus)                                                                              \
    X(PQsendPrepare)                                                                               \
    X(PQsendQuery)                                                                                 \
    X(PQsendQueryParams)                                                                           \
    X(PQsendQueryPrepared)                                                                         \
    X(PQserverVersion)                                                                             \
    X(PQsetNoticeProcessor)                                                                        \
    X(PQsetSingleRowMode)                                                                          \
    X(PQsocket)                                                                                    \
    X(PQstatus)                                                                                    \
    X(PQtransactionStatus)

/* NULL, all of them, where the library is older. */
#define PQ_CALLS_14(X)                                                                             \
    X(PQenterPipelineMode)                                                                         \
    X(PQexitPipelineMode)                                                                          \
    X(PQpipelineSync)

#define PQ_MEMBER(name) __typeof__(name) *name;
struct pq {
    PQ_CALLS(PQ_MEMBER)
    PQ_CALLS_14(PQ_MEMBER)
};
#undef PQ_MEMBER

/* pq_load: the library's calls; NULL when it cannot be loaded (why gets the loader's text). */
const struct pq *pq_load(char *why, size_t size);

/* pq_err: the error of an SQLSTATE; late: the deadline of what was cancelled had passed. */
enum err pq_err(const char *state, bool late);

#endif
