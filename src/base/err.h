/* Error codes: one closed list, from errors.def, used by every layer. */
#ifndef ZHIAN_BASE_ERR_H
#define ZHIAN_BASE_ERR_H

enum err {
    OK = 0,
#define ROW(id, status, name, text) id,
#include "base/errors.def"
#undef ROW
    ERR_COUNT
};

/* A failing function returns enum err and the caller must read it. */
#define MUST_CHECK [[gnu::warn_unused_result]]
#if __STDC_VERSION__ < 202000L
#undef MUST_CHECK
#define MUST_CHECK __attribute__((warn_unused_result))
#endif

/* err_status returns the HTTP status of e (200 for OK). */
int err_status(enum err e);

/* err_name returns the stable wire name of e, e.g. "not_found". */
const char *err_name(enum err e);

/* err_text returns the default Chinese text of e; "" for OK. */
const char *err_text(enum err e);

#endif
