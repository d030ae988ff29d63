/* The report of an import as JSON, streamed: rows as they are told, then sheets and totals. Its
 * shape is that of samples/…expected.json: rows[] with sheet, row, verdict, why, of, errors,
 * warnings (field and code), suggest, diff, values; sheets[]; totals. A row with findings also has
 * "messages", the sentences for people. */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_REPORT_H
#define ZHIAN_FEATURE_IMPORT_IMP_REPORT_H

#include "feature/import/imp.h"

struct imp_report {
    const struct imp_rules *rules;
    const struct sheet_book *book;
    /* Takes finished text; a result other than OK ends the report. */
    enum err (*write)(void *arg, struct str text);
    void *arg;
    struct buf out;
    struct jw w;
    struct buf sheets;
    struct jw ws;
    const short *keys; /* of the sheet in hand: columns for the messages */
    int col[IK_COUNT];
    uint64_t rows;
};

struct imp_report_head {
    struct str file;
    struct str org, area; /* of the importer */
    int64_t as_of;
    enum imp_kind kind;
};

/* imp_report_begin writes the head. imp_report_sheet and _row are made to be called from an
 * imp_sink. imp_report_end writes sheets and totals and releases; call it also after an error. */
MUST_CHECK enum err imp_report_begin(struct imp_report *r, const struct imp_report_head *head);
MUST_CHECK enum err imp_report_sheet(struct imp_report *r, const struct imp_sheet *s);
MUST_CHECK enum err imp_report_row(struct imp_report *r, const struct imp_row *row);
MUST_CHECK enum err imp_report_end(struct imp_report *r, const struct imp_totals *totals);

/* imp_values_json writes what would be stored as an object: unit and product, absent members left
 * out, no end as 长期. unit may be NULL (a product that is added). Texts over IMP_LONG_TEXT code
 * points are given as length and SHA-256 of their UTF-8 when brief. */
enum { IMP_LONG_TEXT = 1000 };
void imp_values_json(
    const struct imp_unit *unit, const struct imp_product *product, bool brief, struct jw *w);

#endif
