/* The definitions shipped inside the program: every file of data/, packed by tools/mkassets and
 * read by init (templates, code lists, areas, holidays). Nothing else of them is read at run time.
 */
#ifndef ZHIAN_BASE_SHIPPED_H
#define ZHIAN_BASE_SHIPPED_H

#include "base/str.h"

struct shipped {
    const char *path; /* below data/, e.g. "templates/att2.json" */
    struct str body;  /* a NUL stands behind it */
};

/* Generated, sorted by path; use the functions. */
extern const struct shipped shipped_files[];
extern const size_t shipped_files_n;

/* shipped_find: the file of that path, or NULL. */
const struct shipped *shipped_find(const char *path);

/* shipped_at: the i-th file in the order of paths; NULL past the end. To read a folder, start at
 * shipped_first(prefix) and go on while the path starts with the prefix. */
const struct shipped *shipped_at(size_t i);

/* shipped_first: index of the first file whose path is not before prefix. */
size_t shipped_first(const char *prefix);

#endif
