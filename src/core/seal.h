/* The sealer: closes journal rows into Merkle batches every few seconds, each head chained to the
 * last and signed (SM2). Verification reads the whole store and names what does not agree. */
#ifndef ZHIAN_CORE_SEAL_H
#define ZHIAN_CORE_SEAL_H

#include "core/ctx.h"

struct sealer;

MUST_CHECK enum err sealer_start(struct app *app, struct sealer **ret);
/* sealer_stop seals what is left and joins. NULL is fine. */
void sealer_stop(struct sealer *s);

/* seal_now seals everything journalled so far (nothing to do is OK). Not on the writer thread. */
MUST_CHECK enum err seal_now(struct app *app);

#define SEAL_ROW_FIELDS(F, S)                                                                      \
    F(S, id, INT, 0, 0, "批次", none)                                                              \
    F(S, first_seq, INT, 0, 0, "起始序号", none)                                                   \
    F(S, last_seq, INT, 0, 0, "末尾序号", none)                                                    \
    F(S, count, INT, 0, 0, "条数", none)                                                           \
    F(S, at, TIME, 0, 0, "时间", none)                                                             \
    F(S, root, BLOB, 0, 0, "树根", none)                                                           \
    F(S, prev, BLOB, 0, 0, "上一批", none)                                                         \
    F(S, head, BLOB, 0, 0, "批次头", none)                                                         \
    F(S, key_id, STR, 0, 0, "密钥", none)                                                          \
    F(S, sig, BLOB, 0, 0, "签名", none)
STRUCT(seal_row, SEAL_ROW_FIELDS)

/* One finding of a verification: which record or batch, and what is wrong, in Chinese. */
struct verify_finding {
    const char *kind; /* record kind name, "journal", "seal" or the name of a table */
    const char *label;
    int64_t id; /* 0: of no row */
    const char *what;
};

struct verify_options {
    int64_t limit; /* findings to collect at most */
    void (*found)(void *arg, const struct verify_finding *f);
    void (*progress)(void *arg, int64_t done, int64_t total);
    void *arg;
    int64_t month; /* only this one (core/months.h); 0: the whole store */
};

/* retired: journal rows whose record was given up on purpose (core/retire.h). */
struct verify_result {
    int64_t records, journal, seals, findings, unsealed, retired;
};

/* verify_store checks every record against its journal row, every journal row against its seal
 * batch, the chain of heads with its signatures, and every index against its table (db_flaws).
 * Needs only the store and the public key. OK even when findings were made; errors are of reading.
 *
 * Of one month it checks the records of that month in the tables that grow by the day, the journal
 * rows written in it, the batches these lie in and how the batches are chained, and every retired
 * month's own record; no index. It reads the month's rows, what they point at, and nothing else. */
MUST_CHECK enum err verify_store(
    struct app *app, const struct verify_options *o, struct verify_result *ret);

#endif
