/* What a file lacks. */
#ifndef ZHIAN_FEATURE_FILE_COMPLETE_H
#define ZHIAN_FEATURE_FILE_COMPLETE_H

#include "feature/file/file_impl.h"

/* A firm's file as read: rows of product_row, person_row, firm_doc_row, supplier_row,
 * assessment_row, site_row. */
struct file_facts {
    const struct firm_row *firm;
    struct vec products, people, docs, suppliers, assessments, sites;
};

/* complete_judge fills asked, there and lacking; a firm user gets what he can supply himself. */
MUST_CHECK enum err complete_judge(
    struct ctx *c, const struct file_facts *f, struct firm_file *ret);

/* certs_judge fills certs: each product's licence and CCC certificate with its state today, and
 * what the catalogues in force today say of it. */
MUST_CHECK enum err certs_judge(struct ctx *c, const struct file_facts *f, struct firm_file *ret);

#endif
