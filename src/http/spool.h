/* A received file on its way to disk: DIR/tmp/up-RANDOM, never in memory, removed with the request
 * unless the operation has moved it away. */
#ifndef ZHIAN_HTTP_SPOOL_H
#define ZHIAN_HTTP_SPOOL_H

#include "base/err.h"
#include "base/str.h"

struct spool {
    int fd; /* -1: none */
    int64_t size, max;
    char path[512];
};

/* spool_clean makes DIR/tmp and removes what an earlier process left there. shared: other programs
 * may be receiving files there; only what is too old to be under way goes. ERR_IO, ERR_DISK_FULL.
 */
MUST_CHECK enum err spool_clean(const char *dir, bool shared);

/* http_spool_open begins a file of at most max bytes. ERR_IO, ERR_DISK_FULL. */
MUST_CHECK enum err http_spool_open(struct spool *s, const char *dir, int64_t max);

/* http_spool_add appends. ERR_TOO_LARGE, ERR_DISK_FULL, ERR_IO. */
MUST_CHECK enum err http_spool_add(struct spool *s, struct str bytes);

/* http_spool_drop closes and removes; harmless without http_spool_open on a spool with fd -1. */
void http_spool_drop(struct spool *s);

#endif
