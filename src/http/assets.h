/* The web UI inside the program: files packed by tools/mkassets, found by path. Choosing among the
 * compressed forms is here too; sending them is the door's. */
#ifndef ZHIAN_HTTP_ASSETS_H
#define ZHIAN_HTTP_ASSETS_H

#include "base/str.h"

enum coding { CODING_RAW, CODING_GZIP, CODING_BROTLI, CODINGS };

struct asset {
    const char *path;         /* with the leading '/' */
    const char *type;         /* media type */
    const char *hash;         /* of the plain bytes, 16 hex digits */
    int immutable;            /* the name carries a hash: cache for a year */
    struct str body[CODINGS]; /* p NULL: not kept in that form */
};

/* Generated, sorted by path; ends with a NULL path. */
extern const struct asset assets[];
extern const size_t assets_n;

/* asset_find: the asset of that path; NULL when there is none. "/" and "/m/" give their
 * index.html. */
const struct asset *asset_find(struct str path);

/* asset_page: the page a client-side route belongs to (the desk's, or the phone's below /m/); NULL
 * when the UI is not in this build. */
const struct asset *asset_page(struct str path);

/* asset_coding picks the smallest form the Accept-Encoding value allows (RFC 9110 §12.5.3, q=0
 * refuses); STR_NULL = plain. */
enum coding asset_coding(const struct asset *a, struct str accept);

/* coding_name: "gzip", "br"; NULL for plain. */
const char *coding_name(enum coding c);

/* asset_etag writes the strong entity tag of a form, with quotes, and returns its length. */
size_t asset_etag(const struct asset *a, enum coding c, char out[32]);

/* etag_matches: an If-None-Match value ("*" or a list, weak marks ignored) names the tag. */
bool etag_matches(struct str if_none_match, struct str tag);

#endif
