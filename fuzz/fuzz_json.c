/* The JSON reader. Checked beyond memory errors: what it accepts is UTF-8, and its own text of the
 * document is accepted again and stays the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/jsonin.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { DEPTH = 16 };

/* Touches every value in every way. */
static void walk(const struct jin *v, int depth)
{
    struct str key;
    const struct jin *member;
    if (depth > DEPTH + 1)
        abort();
    (void)jin_str(v);
    (void)jin_int(v, 0);
    (void)jin_num(v, 0);
    (void)jin_bool(v, false);
    (void)jin_number_text(v);
    for (size_t i = 0; jin_type(v) == JIN_ARR && i < jin_len(v); i++)
        walk(jin_at(v, i), depth + 1);
    for (size_t i = 0; jin_member(v, i, &key, &member); i++) {
        if (!utf8_valid(key))
            abort();
        walk(member, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct jin *doc = NULL, *again = NULL;
    struct arena a;
    if (jin_parse((struct str){(const char *)data, n}, DEPTH, &doc))
        return 0;
    arena_init(&a, 16 << 20);
    walk(doc, 0);
    struct str text = arena_str(&a, jin_text(doc));
    if (!utf8_valid((struct str){(const char *)data, n}))
        abort();
    if (doc && jin_parse(text, DEPTH, &again))
        abort();
    if (doc && !str_eq(text, jin_text(again)))
        abort();
    jin_free(again);
    jin_free(doc);
    arena_free(&a);
    return 0;
}
