/* Helpers for searching names: folding, bigrams, and the part of a firm's name that tells it from
 * its neighbours.
 *
 * Method. A name is folded (half width, lower case, letters, digits and ideographs only) and cut
 * into its distinct pairs of neighbouring code points. A search string is treated alike; a name
 * that holds every pair of it is a candidate, to be confirmed by looking for the string itself.
 * A pair is one integer, so the index is a plain integer index. */
#ifndef ZHIAN_DOMAIN_GRAM_H
#define ZHIAN_DOMAIN_GRAM_H

#include "base/arena.h"
#include "base/buf.h"

/* gram_fold appends s as it is searched. Supplementary planes are kept. */
void gram_fold(struct str s, struct buf *out);

/* gram_key packs two code points: first << 21 | second; positive, below 2^42. */
int64_t gram_key(int32_t first, int32_t second);

/* gram_keys writes the distinct bigram keys of folded text, ascending, at most max of them, and
 * returns how many. Text of one code point gives the single key (cp, 0). */
size_t gram_keys(struct str folded, int64_t *out, size_t max);

/* Names of areas to strip from the front of firm names, in full and short form, sorted. */
struct gram_areas {
    const struct str *names;
    size_t n;
    size_t longest;        /* bytes */
    const uint16_t *slots; /* index + 1 into names by hash; a power of two of them */
    size_t nslots;
};

/* gram_areas_make takes full names of areas (山西省, 文水县, 凤城镇 …) and adds the short form of
 * those of three or more characters (山西, 文水, 凤城). Duplicates are dropped. Names are views
 * into the given strings. ERR_NOMEM. */
MUST_CHECK enum err gram_areas_make(
    const struct str *full, size_t n, struct arena *a, struct gram_areas *ret);

/* gram_distinctive returns the view of name behind its leading area names: of
 * 山西省吕梁市文水县砚睿家电门市部 → 砚睿家电门市部. At least two characters always remain. */
struct str gram_distinctive(struct str name, const struct gram_areas *areas);

#endif
