/* Whether a firm must have a 质量安全总监: a table of rules, data/templates/director.json.
 *
 * Required for licence products and CCC products at any size, and for products of a mandatory
 * national standard when the firm is 大型 or 中型 in the sense of the orders; other able firms are
 * guided to appoint one. The sales side rests on secondary sources, so its rows say 待核. */
#ifndef ZHIAN_DOMAIN_DIRECTOR_H
#define ZHIAN_DOMAIN_DIRECTOR_H

#include "base/jsonin.h"
#include "domain/size.h"

enum director_need { DIRECTOR_NO, DIRECTOR_GUIDE, DIRECTOR_YES, DIRECTOR_NEEDS };

enum { DIRECTOR_PRODUCER = 1, DIRECTOR_SELLER = 2 };
enum { DIRECTOR_LICENCE = 1, DIRECTOR_CCC = 2, DIRECTOR_STANDARD = 4 };

/* A row applies when every condition holds; 0 = no condition. */
struct director_rule {
    unsigned roles;   /* one of DIRECTOR_PRODUCER | DIRECTOR_SELLER */
    unsigned classes; /* one of DIRECTOR_LICENCE | … */
    unsigned sizes;   /* bit 1 << enum size, of order_size */
    bool chain_hq;    /* head office of a shop chain or supermarket */
    bool online_self; /* self-operated online trading platform */
    enum director_need need;
    bool verify;   /* 待核: the source of this row is not settled */
    struct str id; /* rule id, e.g. R-015a */
    struct str reason;
};

struct director_table {
    const struct director_rule *rules;
    size_t n;
};

struct director_input {
    unsigned roles;
    unsigned classes;
    enum size order_size;
    bool chain_hq;
    bool online_self;
};

/* rule is the row that decided: the strongest need, the earliest row among equals, a settled row
 * before one 待核; NULL when no row applies (need = DIRECTOR_NO). */
struct director_result {
    enum director_need need;
    bool verify;
    const struct director_rule *rule;
};

/* director_read takes the rules from the body of template director. ERR_INVALID on an unknown role,
 * class, size or answer; ERR_NOMEM. Strings are copied into a. */
MUST_CHECK enum err director_read(
    const struct jin *body, struct arena *a, struct director_table *ret);

struct director_result director_judge(
    const struct director_table *t, const struct director_input *in);

/* director_classes reads the codes of 适用情形 joined by ',' (许可证, CCC, 强制性国家标准). */
unsigned director_classes(struct str applicability);

/* director_code: the code of the list `director_need` and its label: 是 否 指导. */
const char *director_code(enum director_need n);

#endif
