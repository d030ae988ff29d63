/* Inside of the import engine: the loaded dictionary and word lists, and the small readers of one
 * cell. Only files of this folder include it. */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_RULES_H
#define ZHIAN_FEATURE_IMPORT_IMP_RULES_H

#include "feature/import/imp.h"

/* How a column is read (member "type" of the dictionary). */
enum imp_type {
    IT_NONE, /* not in this ledger */
    IT_IGNORED,
    IT_TEXT,
    IT_USCC,
    IT_AREA,
    IT_CODE,
    IT_CODES,
    IT_BOOL,
    IT_INT,
    IT_MONEY,
    IT_PHONE,
    IT_DATE,
    IT_CERT,
};

struct code_word {
    struct str word;  /* folded: half width, upper case, no blanks */
    struct str value; /* canonical */
};

struct imp_field {
    enum imp_type type;
    struct str label; /* for people */
    bool required;
    bool own;          /* of this ledger only */
    bool name, person; /* B1, B3 */
    bool warn_missing; /* J1 */
    bool until, past;  /* E4: a validity's end; a day that cannot lie ahead */
    int64_t limit;     /* J2, code points; 0 = none */
    short from;        /* E4: key of the beginning of this validity, or -1 */
    size_t width;      /* digits of numeric codes */
    struct code_word *words;
    size_t nwords;
    struct str choices; /* canonical values joined by 、, for texts */
};

struct char_range {
    int32_t from, to;
};

struct word_list {
    struct str *p;
    size_t n;
};

struct code_text {
    struct str text, todo;
};

struct header_word {
    struct str word; /* normalised header */
    short key;
};

struct imp_rules {
    enum imp_kind kind;
    struct imp_field fields[IK_COUNT];
    struct header_word *headers; /* open addressing, mask slots - 1 */
    size_t slots;
    struct {
        int64_t first_rows, levels, min_fields, min_required;
        struct str strip;
        struct word_list brackets, persons;
    } header;
    struct word_list cell_errors, total, foot, example, above, no_code, no_code_types, no_end;
    int64_t suspect_revenue, suspect_per_head; /* hundredths of 万元 */
    int64_t serial_min, serial_max;
    struct char_range *suspect;
    size_t nsuspect;
    struct code_text codes[IMP_CODES];
};

/* list_has: whether the list holds exactly s. */
bool list_has(const struct word_list *l, struct str s);

/* --- clean.c: text ------------------------------------------------------------------------------
 */

enum {
    CLEAN_FOLD = 1,    /* half width, upper case (B2) */
    CLEAN_NOSPACE = 2, /* drop blanks */
    CLEAN_HAN = 4,     /* drop blanks between Chinese characters */
    CLEAN_PAREN = 8,   /* half-width brackets to full width */
};

/* clean_text normalises by rules B1/B2; returns s itself when nothing changes, else a copy in a. */
struct str clean_text(struct arena *a, struct str s, unsigned how);

/* header_text: a column name as it is compared (A1): blanks, brackets with content and the strip
 * characters dropped, half width, upper case. */
struct str header_text(const struct imp_rules *r, struct arena *a, struct str s);

/* header_key: the field of a normalised column name, HEADER_OTHER for one of the other ledger, or
 * -1. */
enum { HEADER_OTHER = -2 };
short header_key(const struct imp_rules *r, struct str word);

/* text_suspect: whether s holds a character of rule B3. */
bool text_suspect(const struct imp_rules *r, struct str s);

/* --- number.c -----------------------------------------------------------------------------------
 */

struct number {
    int64_t v;      /* persons, or hundredths of 万元 */
    bool converted; /* 元 or 亿 were given (D2) */
};

/* read_int / read_money: rules D1, D2; false = not a number. The cell is not empty. */
bool read_int(const struct cell *c, struct number *ret);
bool read_money(const struct cell *c, struct number *ret);

/* number_text: the digits of a number cell as a person would type them: no exponent, no binary
 * noise; up to 40 bytes, returns the length. */
size_t number_text(const struct cell *c, char out[40]);

/* number_long: a number cell with more than 15 significant digits, or text in scientific notation
 * (C5, J5). */
bool number_long(const struct cell *c);

/* --- date.c -------------------------------------------------------------------------------------
 */

enum date_found { DATE_OK, DATE_PARTIAL, DATE_NO_END, DATE_AMBIGUOUS, DATE_INVALID };

/* read_date: rules E1–E4. until: a validity's end, where a month means its last day and 长期 is
 * allowed. ret_day is set for OK, PARTIAL and NO_END. */
enum date_found read_date(
    const struct imp_rules *r, const struct cell *c, bool date1904, bool until, int64_t *ret_day);

/* --- codes.c ------------------------------------------------------------------------------------
 */

/* read_code / read_codes: rule F1; STR_NULL = not recognised. Several codes come joined by ',';
 * a text of separators only gives the empty string.
 * Strings live in a or in the rules. */
struct str read_code(const struct imp_field *f, struct arena *a, struct str text);
struct str read_codes(const struct imp_field *f, struct arena *a, struct str text);

/* --- areas.c ------------------------------------------------------------------------------------
 */

/* area_county: index of the county that the text names (full or short name, with or without the
 * areas above, or code), -1 = none known. */
int area_county(const struct imp_areas *a, struct str text);
bool area_county_in_scope(const struct imp_areas *a, int county);

struct area_hit {
    struct str town;    /* code, empty = not found */
    struct str suggest; /* town of the village named, or empty */
    bool in_scope;
};

/* area_town: rule G1 for a text; county as from area_county, -1 = any in scope. */
struct area_hit area_town(const struct imp_areas *a, int county, struct str text);

/* area_in_text: the only town of the scope whose full name stands in the text; empty when there is
 * none or more than one. ret_name may be NULL. */
struct str area_in_text(
    const struct imp_areas *a, int county, struct str text, struct str *ret_name);

#endif
