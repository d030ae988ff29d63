/* Grade A–D of a firm and the tier that answers for it: 附件1 《工业产品分层分级责任清单》
 * (PL-12…16, R-100, forms P1, import rules H1…H3).
 *
 * The criteria are parameters (data/templates/att1.json): size -> grade, grade -> tier, how a
 * seller's row is chosen, and the modifiers. Modifiers that need events or people
 * do not move the grade: M3 and M4 give a proposal (grade_signals), M7 and M8 are decisions kept
 * elsewhere. The rest is computed here: M1 (both roles), M2 (figures missing), M5 (floor per
 * product category, off by default), M6 (a head office on the figures of its branches too, off by
 * default).
 */
#ifndef ZHIAN_DOMAIN_GRADE_H
#define ZHIAN_DOMAIN_GRADE_H

#include "base/jsonin.h"
#include "domain/level.h"
#include "domain/size.h"

/* M5: a firm whose product text holds `word` is not graded below `grade`. */
struct grade_floor {
    struct str word;
    char grade;
};

struct grade_params {
    char of_size[SIZE_COUNT]; /* 'A'…'D'; [SIZE_UNKNOWN] unused */
    enum level level[4];      /* of A, B, C, D */
    int64_t wholesale_share;  /* percent of revenue from which a mixed seller is 批发 */
    bool both_higher;         /* M1 */
    bool provisional;         /* M2 */
    char certified;           /* M2: producers with 许可证 or CCC */
    char other;               /* M2: all others */
    bool floors_on;           /* M5 */
    const struct grade_floor *floors;
    size_t nfloors;
    bool group_on;          /* M6 */
    bool accident_on;       /* M3 */
    bool hazards_on;        /* M4 */
    int64_t hazards_count;  /* M4: so many … */
    int64_t hazards_months; /* … in so many months */
};

/* M6: the branches of a head office, summed up; an absent figure of one makes the sum absent. */
struct grade_group {
    int64_t branches; /* 0: no head office */
    int64_t staff, revenue;
};

struct grade_input {
    bool producer, seller;
    struct str sale_modes; /* codes joined by ',', as stored */
    struct size_figures figures;
    int64_t wholesale_revenue; /* hundredths of 万元, NULL_INT = not stated */
    bool certified;            /* production licence or CCC held */
    bool suspect;              /* figures look like 元 entered as 万元 (D3): size undecided */
    struct str products;       /* product and category names, for M5 */
    struct grade_group group;  /* for M6 */
};

/* What verified events say (M3, M4; PL-16, R-102): a proposal to go one level up or to list the
 * firm for supervision, which the upper level decides; never a grade by itself. */
struct grade_facts {
    int64_t accidents;     /* verified accidents 较大 or graver in the window */
    int64_t major_hazards; /* verified 重大 hazards in the window */
};

enum { GRADE_SIGNAL_M3 = 1, GRADE_SIGNAL_M4 = 2 };

enum { GRADE_PRODUCER, GRADE_SELLER, GRADE_SIDES };
enum { GRADE_RULES = 10 };

struct grade_side {
    bool on;
    struct size_result size;
    char grade; /* 0 when undecided and M2 is off */
};

struct grade_result {
    char grade; /* 'A'…'D', 0 when there is none */
    bool provisional;
    enum level level;
    enum size stat_size; /* of the side that decided */
    int decided;         /* GRADE_PRODUCER or GRADE_SELLER */
    struct grade_side side[GRADE_SIDES];
    const char *rules[GRADE_RULES]; /* ids, in order of use */
    size_t nrules;
};

/* grade_params_read takes the parameters from the body of template att1. ERR_INVALID when a size
 * has no grade, a grade no tier, or a value makes no sense; ERR_NOMEM. Strings are copied into a.
 */
MUST_CHECK enum err grade_params_read(
    const struct jin *body, struct arena *a, struct grade_params *ret);

/* grade_seller_group: the row of the size table for a seller: "wholesale" when 批发 is the only
 * mode or wholesale revenue is at least the share of all revenue, else "retail" (H2). */
struct str grade_seller_group(const struct grade_params *p, const struct grade_input *in);

/* grade_firm proposes the grade. A firm that is neither producer nor seller has none. */
struct grade_result grade_firm(
    const struct grade_params *p, const struct size_table *t, const struct grade_input *in);

/* grade_signals: which of M3, M4 apply (GRADE_SIGNAL_…). grade_signal_text: the reason in Chinese.
 */
unsigned grade_signals(const struct grade_params *p, const struct grade_facts *f);
void grade_signal_text(
    const struct grade_params *p, const struct grade_facts *f, unsigned signal, struct buf *out);

/* grade_up: the grade one level higher; A stays A, 0 for no grade. */
char grade_up(char grade);

/* grade_level: the tier of a grade by the parameters; LEVEL_NONE for no grade. */
enum level grade_level(const struct grade_params *p, char grade);

/* grade_put_label appends the full name, never a bare letter: 省管(A级). */
void grade_put_label(enum level level, char grade, struct buf *out);

/* grade_put_basis appends the 定级依据 in Chinese: figures, bounds, size, grade, rule ids. */
void grade_put_basis(const struct grade_params *p, const struct grade_result *r, struct buf *out);

/* grade_json writes the same as an object: grade, level, provisional, rules[], sides[] with
 * role, group, size, grade and marks[]. */
void grade_json(const struct grade_result *r, struct jw *w);

#endif
