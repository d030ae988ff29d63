/* Field descriptors: the fields of a struct are described once, by rows
 *
 *   #define FIRM_EDIT_FIELDS(F, S)                                     \
 *       F(S, firm, INT, F_PATH, 0, "单位", none)                       \
 *       F(S, name, STR, F_REQ, 120, "单位名称", none)                  \
 *       F(S, entry_reason, CODES, F_REQ, 0, "录入原因", entry_reason)  \
 *       F(S, items, LIST, 0, 500, "检查结果", daily_answer)
 *   STRUCT(firm_edit, FIRM_EDIT_FIELDS)      in the header: the struct and its descriptor's name
 *   DESC(firm_edit, FIRM_EDIT_FIELDS)        in one .c file: the descriptor
 *
 * columns of a row: the struct (always S) · name · type · flags · max (code points for text, items
 * for lists, largest value for INT; 0 = the type's default) · Chinese label · ref (the code list of
 * CODE/CODES, the struct of a LIST, else none).
 *
 * JSON decoding and encoding, SQL binding and reading, validation, OpenAPI, CLI help and list
 * columns follow from a descriptor. Descriptors copy between a struct, JSON and one row, and
 * nothing more. */
#ifndef ZHIAN_BASE_FIELD_H
#define ZHIAN_BASE_FIELD_H

#include "base/arena.h"
#include "base/json.h"

/* Absent number, day, instant or boolean. Absent text is STR_NULL. */
#define NULL_INT INT64_MIN

enum ftype {
    FT_INT,   /* int64_t */
    FT_BOOL,  /* int64_t 0, 1 or NULL_INT */
    FT_STR,   /* struct str, one line of text or many */
    FT_MONEY, /* int64_t hundredths of 万元; a decimal number in JSON */
    FT_DAY,   /* int64_t day number; ISO date in JSON */
    FT_TIME,  /* int64_t ms UTC; RFC 3339 in JSON */
    FT_CODE,  /* struct str, one code of the list named by ref */
    FT_CODES, /* struct str, codes joined by ','; array of strings in JSON */
    FT_JSON,  /* struct str holding JSON text, passed through */
    FT_BLOB,  /* struct str of bytes; never in JSON (hex when it must be) */
    FT_LIST,  /* struct vec of structs described by sub */
};

enum {
    F_REQ = 1,      /* must be present and not empty */
    F_PATH = 2,     /* comes from the path of the operation */
    F_QUERY = 4,    /* comes from the query string */
    F_OUT = 8,      /* set by the server: an input naming it is refused */
    F_SECRET = 16,  /* never logged, never echoed */
    F_PRIVATE = 32, /* personal data: masked in answers */
    F_LINES = 64,   /* text that may hold line breaks */
    F_NEG = 128,    /* INT or MONEY that may be negative */
    F_LATE = 256,   /* a column younger than its table; see desc_canon */
};

struct vec {
    void *p;
    size_t n;
};

struct desc;

struct field {
    const char *name;
    enum ftype type;
    unsigned flags;
    int64_t max;
    const char *label;
    size_t off;
    const char *codes;      /* code list of FT_CODE / FT_CODES, or NULL */
    const struct desc *sub; /* item of FT_LIST, or NULL */
};

struct desc {
    const char *name;
    size_t size;
    const struct field *fields;
    size_t n;
};

#define FC_INT int64_t
#define FC_BOOL int64_t
#define FC_STR struct str
#define FC_MONEY int64_t
#define FC_DAY int64_t
#define FC_TIME int64_t
#define FC_CODE struct str
#define FC_CODES struct str
#define FC_JSON struct str
#define FC_BLOB struct str
#define FC_LIST struct vec

#define FREF_INT(ref)
#define FREF_BOOL(ref)
#define FREF_STR(ref)
#define FREF_MONEY(ref)
#define FREF_DAY(ref)
#define FREF_TIME(ref)
#define FREF_CODE(ref) .codes = #ref,
#define FREF_CODES(ref) .codes = #ref,
#define FREF_JSON(ref)
#define FREF_BLOB(ref)
#define FREF_LIST(ref) .sub = &ref##_desc,

#define F_MEMBER(S, name, type, flags, max, label, ref) FC_##type name;
#define STRUCT(sname, FIELDS)                                                                      \
    struct sname {                                                                                 \
        FIELDS(F_MEMBER, sname)                                                                    \
    };                                                                                             \
    extern const struct desc sname##_desc;

#define F_ROW(S, fname, ftype_, fflags, fmax, flabel, fref)                                        \
    {.name = #fname,                                                                               \
        .type = FT_##ftype_,                                                                       \
        .flags = (fflags),                                                                         \
        .max = (fmax),                                                                             \
        .label = (flabel),                                                                         \
        .off = offsetof(struct S, fname),                                                          \
        FREF_##ftype_(fref)},
#define DESC(sname, FIELDS)                                                                        \
    static const struct field sname##_fields[] = {FIELDS(F_ROW, sname)};                           \
    const struct desc sname##_desc = {#sname, sizeof(struct sname), sname##_fields,                \
        sizeof sname##_fields / sizeof(struct field)};

/* The struct without members, for operations that take or return nothing. */
struct none {
    char unused;
};
extern const struct desc none_desc;

/* desc_find: the index of the field of that name, or -1. */
int desc_find(const struct desc *d, struct str name);

/* Member access by index. */
int64_t *field_int(const struct desc *d, void *s, size_t i);
struct str *field_str(const struct desc *d, void *s, size_t i);
struct vec *field_vec(const struct desc *d, void *s, size_t i);
bool field_is_text(enum ftype t);

/* desc_clear sets every member to its absent value. */
void desc_clear(const struct desc *d, void *s);

/* desc_merge copies the members of `in` that are given (and not of the path) over those of row with
 * the same name and type: an edit over what is stored. */
void desc_merge(const struct desc *from, const void *in, const struct desc *to, void *row);

/* desc_json writes the struct as a JSON object. Null members are written as null; F_SECRET members
 * and blobs are left out. */
void desc_json(const struct desc *d, const void *s, struct jw *w);
void field_json(const struct desc *d, const void *s, size_t i, struct jw *w);

/* field_text writes one value as people and files see it (ISO dates, decimals, codes as they are).
 */
void field_text(const struct desc *d, const void *s, size_t i, struct buf *b);

/* desc_canon appends the canonical bytes of the struct for hashing: for every field a type byte,
 * then 0 for absent, or 1, a 4-byte big-endian length and the bytes (integers: 8 bytes big-endian).
 * Lists are not part of a record and are skipped. An F_LATE field is skipped while absent, so that
 * records older than their column keep their bytes; present, its name goes before it (as text).
 * Stable for ever: it is what the seal signs. */
void desc_canon(const struct desc *d, const void *s, struct buf *b);

#endif
