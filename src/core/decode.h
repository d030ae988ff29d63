/* From outside to a described struct: JSON bodies, query strings, path values, command-line words.
 * Everything is checked and every complaint collected: type, length in code points, range, code
 * list, unknown member. */
#ifndef ZHIAN_CORE_DECODE_H
#define ZHIAN_CORE_DECODE_H

#include "base/jsonin.h"
#include "core/ctx.h"

/* decode_json fills s from an object. Members that are F_OUT, F_PATH or unknown are complained
 * about; a missing F_REQ member too. Call desc_clear first. prefix is put before field names
 * ("items.3."). Text is copied into the context's arena. */
void decode_json(
    struct ctx *c, const struct desc *d, void *s, const struct jin *obj, struct str prefix);

/* decode_text sets field i from text as it stands in a path, a query string or a spreadsheet:
 * numbers, ISO dates, true/false/是/否, codes joined by commas. false after a complaint. */
bool decode_text(struct ctx *c, const struct desc *d, void *s, size_t i, struct str text);

/* decode_required complains about every F_REQ field that is absent. */
void decode_required(struct ctx *c, const struct desc *d, const void *s, struct str prefix);

/* money_parse reads a decimal with at most two places into hundredths. */
bool money_parse(struct str text, int64_t *ret_v);

#endif
