/* JSON in: strict parsing through json-c, which no other file includes. A document is read-only
 * and lives until jin_free; every accessor accepts NULL and a value of another type, so a path of
 * lookups is checked once at its end.
 *
 *   const struct jin *doc;
 *   e = jin_parse(text, 16, &doc);
 *   name = jin_str(jin_get(jin_at(jin_get(doc, "fields"), 0), "label"));
 *   jin_free(doc);
 */
#ifndef ZHIAN_BASE_JSONIN_H
#define ZHIAN_BASE_JSONIN_H

#include "base/err.h"
#include "base/str.h"

struct jin; /* one value of a parsed document */

enum jin_type { JIN_NONE, JIN_NULL, JIN_BOOL, JIN_INT, JIN_NUM, JIN_STR, JIN_ARR, JIN_OBJ };

/* jin_parse reads one whole JSON text of valid UTF-8, nested at most depth deep; white space around
 * it is fine, other bytes after it are not; of members with one name the last stands.
 * ERR_BAD_REQUEST: not such a text; ERR_NOMEM. */
MUST_CHECK enum err jin_parse(struct str text, int depth, const struct jin **ret);
void jin_free(const struct jin *doc);

/* jin_type: JIN_NONE for NULL. An integer outside int64 is JIN_NUM. JSON null at the top is NULL.
 */
enum jin_type jin_type(const struct jin *v);

/* jin_len: items of an array, members of an object, else 0. */
size_t jin_len(const struct jin *v);
const struct jin *jin_at(const struct jin *arr, size_t i);
const struct jin *jin_get(const struct jin *obj, const char *key);

/* jin_member: the i-th member of an object in document order; false past the end. */
bool jin_member(const struct jin *obj, size_t i, struct str *ret_key, const struct jin **ret_v);

/* Values; the fallback (STR_NULL, dflt) for any other type. */
struct str jin_str(const struct jin *v);
int64_t jin_int(const struct jin *v, int64_t dflt);
double jin_num(const struct jin *v, double dflt);
bool jin_bool(const struct jin *v, bool dflt);

/* jin_text: the value serialised, compact; jin_number_text: a number as it was written ("12.30"),
 * else STR_NULL. Both live until the next such call on the same value, or jin_free. */
struct str jin_text(const struct jin *v);
struct str jin_number_text(const struct jin *v);

#endif
