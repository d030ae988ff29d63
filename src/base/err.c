/* Error rows as lookups; see errors.def for the meaning of the columns. */
#include "base/err.h"

static const struct {
    int status;
    const char *name;
    const char *text;
} rows[ERR_COUNT] = {
    [OK] = {200, "ok", ""},
#define ROW(id, status, name, text) [id] = {status, name, text},
#include "base/errors.def"
#undef ROW
};

int err_status(enum err e)
{
    return rows[e].status;
}

const char *err_name(enum err e)
{
    return rows[e].name;
}

const char *err_text(enum err e)
{
    return rows[e].text;
}
