/* Folding, bigrams, area prefixes. */
#include "domain/gram.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "domain/fold.h"

enum { CP_BITS = 21 };

/* Letters, digits, ideographs: what a person types to find a name. Signs and blanks are dropped. */
static bool searchable(int32_t cp)
{
    if (cp < 0x80)
        return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z');
    if (fold_blank(cp) || (cp >= 0x2000 && cp <= 0x2BFF))
        return false;
    return cp >= 0xC0 && !(cp >= 0x3000 && cp <= 0x3004) && !(cp >= 0x3008 && cp <= 0x3020) &&
           !(cp >= 0xFE10 && cp <= 0xFE6F) && !(cp >= 0xFF00 && cp <= 0xFFEF);
}

void gram_fold(struct str s, struct buf *out)
{
    size_t at = 0;
    int32_t cp = utf8_next(s, &at);
    for (; cp >= 0; cp = utf8_next(s, &at)) {
        cp = fold_char(cp);
        if (cp >= 'A' && cp <= 'Z')
            cp += 'a' - 'A';
        if (!searchable(cp))
            continue;
        char bytes[4];
        buf_add(out, (struct str){bytes, utf8_put(cp, bytes)});
    }
}

int64_t gram_key(int32_t first, int32_t second)
{
    return (int64_t)first << CP_BITS | second;
}

/* Inserts key into the ascending list of n, unless it is there; returns the new n. */
static size_t insert(int64_t *list, size_t n, int64_t key)
{
    size_t at = n;
    while (at > 0 && list[at - 1] > key)
        at--;
    if (at > 0 && list[at - 1] == key)
        return n;
    memmove(list + at + 1, list + at, (n - at) * sizeof *list);
    list[at] = key;
    return n + 1;
}

size_t gram_keys(struct str folded, int64_t *out, size_t max)
{
    size_t at = 0, n = 0;
    int32_t before = utf8_next(folded, &at);
    if (before < 0 || max == 0)
        return 0;
    int32_t cp = utf8_next(folded, &at);
    if (cp < 0) {
        out[0] = gram_key(before, 0);
        return 1;
    }
    while (cp >= 0 && n < max) {
        n = insert(out, n, gram_key(before, cp));
        before = cp;
        cp = utf8_next(folded, &at);
    }
    return n;
}

/* --- area prefixes -----------------------------------------------------------------------------
 */

static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

#define HASH_START 0xCBF29CE484222325u

/* 山西省 → 山西, 凤城镇 → 凤城, 坞城街道 → 坞城; what would leave one character stays whole. */
static struct str short_form(struct str full)
{
    static const char *const tails[] = {
        "街道办事处", "街道", "自治县", "地区", "省", "市", "县", "区", "镇", "乡"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        struct str tail = str_z(tails[i]);
        struct str head = str_sub(full, 0, full.n - tail.n);
        if (full.n > tail.n && str_ends(full, tail))
            return utf8_len(head) >= 2 ? head : full;
    }
    return full;
}

static uint64_t hash_byte(uint64_t h, char ch)
{
    return (h ^ (unsigned char)ch) * 0x100000001B3u;
}

static size_t slot_of(uint64_t h, size_t nslots)
{
    return (size_t)(h ^ h >> 29) & (nslots - 1);
}

static enum err slots_fill(struct arena *a, struct gram_areas *ret)
{
    size_t n = 16;
    while (n < ret->n * 4)
        n *= 2;
    uint16_t *slots = arena_new(a, uint16_t, n);
    if (!slots || ret->n >= UINT16_MAX)
        return ERR_NOMEM;
    for (size_t i = 0; i < ret->n; i++) {
        uint64_t h = HASH_START;
        for (size_t k = 0; k < ret->names[i].n; k++)
            h = hash_byte(h, ret->names[i].p[k]);
        size_t at = slot_of(h, n);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = (uint16_t)(i + 1);
    }
    ret->slots = slots;
    ret->nslots = n;
    return OK;
}

static bool is_area(const struct gram_areas *areas, uint64_t h, struct str head)
{
    for (size_t at = slot_of(h, areas->nslots); areas->slots[at];
         at = (at + 1) & (areas->nslots - 1))
        if (str_eq(areas->names[areas->slots[at] - 1], head))
            return true;
    return false;
}

enum err gram_areas_make(const struct str *full, size_t n, struct arena *a, struct gram_areas *ret)
{
    struct str *names = arena_new(a, struct str, n * 2 + 1);
    if (!names)
        return ERR_NOMEM;
    size_t k = 0, kept = 0, longest = 0;
    for (size_t i = 0; i < n; i++) {
        names[k++] = full[i];
        names[k++] = short_form(full[i]);
    }
    qsort(names, k, sizeof *names, by_bytes);
    for (size_t i = 0; i < k; i++) {
        if (names[i].n == 0 || (kept && str_eq(names[kept - 1], names[i])))
            continue;
        names[kept++] = names[i];
        longest = names[i].n > longest ? names[i].n : longest;
    }
    struct gram_areas made = {names, kept, longest, NULL, 0};
    enum err e = slots_fill(a, &made);
    if (!e)
        *ret = made;
    return e;
}

/* The length in bytes of the longest area name that name begins with; 0 for none. */
static size_t area_prefix(struct str name, const struct gram_areas *areas)
{
    size_t at = 0, best = 0;
    uint64_t h = HASH_START;
    while (at < name.n && at <= areas->longest) {
        size_t from = at;
        if (utf8_next(name, &at) < 0)
            break;
        for (; from < at; from++)
            h = hash_byte(h, name.p[from]);
        if (is_area(areas, h, str_sub(name, 0, at)))
            best = at;
    }
    return best;
}

struct str gram_distinctive(struct str name, const struct gram_areas *areas)
{
    struct str rest = name;
    while (areas->n) {
        size_t cut = area_prefix(rest, areas);
        struct str next = str_sub(rest, cut, rest.n - cut);
        if (cut == 0 || utf8_len(next) < 2)
            break;
        rest = next;
    }
    return rest;
}
