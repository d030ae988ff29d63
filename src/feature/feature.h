/* The features as a whole, for the doors: tables and start-up. */
#ifndef ZHIAN_FEATURE_FEATURE_H
#define ZHIAN_FEATURE_FEATURE_H

#include "core/app.h"

/* feature_options fills what the features contribute to opening the program: operations, record
 * kinds, jobs, hooks. The caller sets the directory and the rest. */
void feature_options(struct app_options *o);

/* feature_init fills a store just created: definitions, areas, authorities. Then the reference
 * tables can be read and the program be opened normally. */
MUST_CHECK enum err feature_init(struct app *app);

/* feature_tick does what a minute asks for: opens a new day, lifts what has expired. Called by the
 * server about once a minute. */
void feature_tick(struct app *app);

#endif
