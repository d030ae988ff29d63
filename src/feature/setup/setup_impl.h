/* Shared inside setup: definitions shipped with the program as rows of the store. */
#ifndef ZHIAN_FEATURE_SETUP_SETUP_IMPL_H
#define ZHIAN_FEATURE_SETUP_SETUP_IMPL_H

#include "base/shipped.h"
#include "core/template.h"
#include "feature/setup/setup.h"

/* The reason of versions that came with the program. */
#define SETUP_SHIPPED "随程序提供"

/* setup_is_template: the i-th shipped file stands in the folder of definitions. */
bool setup_is_template(size_t i);

/* setup_shipped_row: a shipped file as the row to publish. ERR_CORRUPT: unreadable. */
MUST_CHECK enum err setup_shipped_row(
    struct ctx *c, const struct shipped *file, struct template_row *ret);

/* setup_seen notes that the store has this program's definitions (writer). */
MUST_CHECK enum err setup_seen(struct ctx *c);

#endif
