/* JSON in: strict parsing through json-c. One document, UTF-8 checked, depth-limited, no trailing
 * text, no duplicate tricks: a later member of the same name wins, as everywhere. The tree is
 * read-only and lives until jin_free. */
#ifndef ZHIAN_BASE_JSONIN_H
#define ZHIAN_BASE_JSONIN_H

#include "base/err.h"
#include "base/str.h"

/* A value in a parsed document; NULL stands for "not there" and is accepted everywhere. JSON null
 * is NULL as well. */
struct json_object;
typedef struct json_object *jin;

enum jin_type { JIN_NULL, JIN_BOOL, JIN_INT, JIN_DOUBLE, JIN_STR, JIN_ARR, JIN_OBJ };

/* jin_parse parses text (at most depth levels). *ret is NULL for the document `null`. at_byte gets
 * the place of the error. ERR_BAD_REQUEST: not JSON, not UTF-8, NUL inside, too deep, rest behind;
 * ERR_NOMEM. */
MUST_CHECK enum err jin_parse(struct str text, int depth, jin *ret, size_t *at_byte);
void jin_free(jin root);

enum jin_type jin_type(jin v);
/* jin_get: the member of an object, or NULL. */
jin jin_get(jin obj, const char *key);
jin jin_get_str(jin obj, struct str key);
size_t jin_len(jin arr);           /* items of an array or members of an object, else 0 */
jin jin_at(jin arr, size_t i);     /* item, or NULL */
struct str jin_str(jin v);         /* text of a string, else STR_NULL; lives with the tree */
int64_t jin_int(jin v, int64_t or_else); /* an integer that fits, else or_else */
double jin_double(jin v, double or_else);
bool jin_bool(jin v, bool or_else);

/* jin_members calls fn for every member in order; stops when it returns false. */
void jin_members(jin obj, bool (*fn)(void *arg, struct str key, jin value), void *arg);

/* jin_text: the value serialised again, compact; lives until the next call on the same value. */
struct str jin_text(jin v);

/* jin_number_text: the decimal text of a number as it was written ("12.30"), else STR_NULL. */
struct str jin_number_text(jin v);

#endif
