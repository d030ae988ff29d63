/* Records: rows that carry proof. Every insert and update of a record appends a journal row with
 * the SM3 of its canonical content (desc_canon of the row, without jseq) in the same transaction,
 * and stores the journal row's number in the record.
 *
 * A record's row struct describes every column of its table, in column order, has `id` first and
 * `jseq` last; mksql generates its statements: RECORD_SQL(table). To add a kind: the table
 * (marked @record), the row struct, a row in feature/kinds.def. Numbers are never reused. */
#ifndef ZHIAN_CORE_RECORD_H
#define ZHIAN_CORE_RECORD_H

#include "core/ctx.h"

struct record_kind {
    int code; /* stable for ever: it is sealed; 0 = event without a record */
    const char *name;
    const char *label;
    const struct desc *desc;
    enum sql_id insert, update, get, scan, proof, lost; /* as tools/mksql.c says */
};

#define RECORD_SQL(table)                                                                          \
    SQL_##table##_insert, SQL_##table##_update, SQL_##table##_get, SQL_##table##_scan,             \
        SQL_##table##_proof, SQL_##table##_lost

struct record_kinds {
    const struct record_kind *const *rows;
    size_t n;
};

const struct record_kind *record_kind_find(const struct app *app, int code);

/* What people read in the history beside the changed fields. */
struct note {
    const char
        *label; /* what was done, Chinese: "现场审核"; NULL: the operation speaks for itself */
    struct str text; /* opinion or reason; may be STR_NULL */
    bool silent;     /* no history row (mass records such as daily checks) */
};

/* A record as it was and as it shall be. */
struct record_pair {
    const void *old;
    void *row;
};

/* rec_insert stores a new row: sets id (unless it is already positive) and jseq. */
MUST_CHECK enum err rec_insert(
    struct ctx *c, const struct record_kind *k, void *row, const struct note *n);

/* rec_update stores row over old (both complete rows of the same id), notes the differences, and
 * beside them what is needed to put the old row back (core/past.h). When
 * nothing differs nothing is written. Sets row's jseq. */
MUST_CHECK enum err rec_update(
    struct ctx *c, const struct record_kind *k, const void *old, void *row, const struct note *n);

/* note_shown: a note as people read it, without what only core/past.h needs. */
struct str note_shown(struct ctx *c, struct str note);
/* rec_update_by does the same with a statement of its own, which sets every column that may differ
 * (the caller vouches for that) and jseq: for tables with many indexes. */
MUST_CHECK enum err rec_update_by(struct ctx *c, const struct record_kind *k, enum sql_id how,
    const struct record_pair *rows, const struct note *n);

/* rec_same: the two rows say the same in every column but jseq. */
bool rec_same(const struct record_kind *k, const void *a, const void *b);

/* rec_get reads one row by id. ERR_NOT_FOUND (fail is set). */
MUST_CHECK enum err rec_get(struct ctx *c, const struct record_kind *k, int64_t id, void *ret_row);

/* journal_event appends an event without a record (sign-in, export, unmasking …). firm 0 = none. */
MUST_CHECK enum err journal_event(struct ctx *c, int64_t firm, const char *label, struct str text);

/* journal_row describes the journal's columns; its canonical bytes are the leaves of the seal. */
#define JOURNAL_ROW_FIELDS(F, S)                                                                   \
    F(S, id, INT, 0, 0, "序号", none)                                                              \
    F(S, at, TIME, 0, 0, "时间", none)                                                             \
    F(S, actor, INT, 0, 0, "账号", none)                                                           \
    F(S, op, STR, 0, 0, "操作", none)                                                              \
    F(S, kind, INT, 0, 0, "类别", none)                                                            \
    F(S, ref, INT, 0, 0, "记录", none)                                                             \
    F(S, firm, INT, 0, 0, "单位", none)                                                            \
    F(S, digest, BLOB, 0, 0, "摘要", none)                                                         \
    F(S, note, STR, 0, 0, "内容", none)                                                            \
    F(S, via, STR, 0, 0, "来源", none)                                                             \
    F(S, ip, STR, 0, 0, "地址", none)                                                              \
    F(S, rid, STR, 0, 0, "请求", none)
STRUCT(journal_row, JOURNAL_ROW_FIELDS)

/* journal_retell appends what another store's journal told of a record (kind and ref as they are
 * here; 0: of none), before that record is written here: its time, actor, operation, firm, note and
 * via stay, its digest does not, as it proves nothing here. Sets id. */
MUST_CHECK enum err journal_retell(struct ctx *c, struct journal_row *told);

/* record_digest: SM3 of the canonical content of a row (jseq left out). */
MUST_CHECK enum err record_digest(
    const struct record_kind *k, const void *row, unsigned char out[32]);

#endif
