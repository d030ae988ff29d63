/* Lookups in the table of shipped files. */
#include "base/shipped.h"

size_t shipped_first(const char *prefix)
{
    size_t lo = 0, hi = shipped_files_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(shipped_files[mid].path, prefix) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct shipped *shipped_at(size_t i)
{
    return i < shipped_files_n ? &shipped_files[i] : NULL;
}

const struct shipped *shipped_find(const char *path)
{
    const struct shipped *f = shipped_at(shipped_first(path));
    return f && strcmp(f->path, path) == 0 ? f : NULL;
}
