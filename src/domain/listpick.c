/* Choosing a daily list by weights that keep the order of the criteria. */
#include "domain/listpick.h"

enum { W_WORD = 100000, W_CLASS = 10000, W_ENTITY = 1000 };

/* Whether pos lies inside an occurrence of one of the exclude words in text. */
static bool inside(struct str text, size_t pos, struct str exclude)
{
    struct str rest = exclude;
    while (rest.n) {
        struct str word = str_cut(rest, ',', &rest);
        size_t from = pos > word.n ? pos - word.n + 1 : 0;
        for (; word.n && from <= pos; from++)
            if (str_eq(str_sub(text, from, word.n), word))
                return true;
    }
    return false;
}

/* Whether word occurs in text outside every excluded word: 水泥 does not occur in 水泥管. */
static bool occurs(struct str text, struct str word, struct str exclude)
{
    size_t from = 0;
    while (word.n && from < text.n) {
        struct str tail = str_sub(text, from, text.n - from);
        ptrdiff_t at = str_find(tail, word);
        if (at < 0)
            return false;
        if (!inside(text, from + (size_t)at, exclude))
            return true;
        from += (size_t)at + word.n;
    }
    return false;
}

static int64_t count_words(const struct listpick_rule *r, struct str text)
{
    int64_t n = 0;
    struct str rest = r->words;
    while (rest.n)
        n += occurs(text, str_cut(rest, ',', &rest), r->exclude);
    return n;
}

static bool share(struct str a, struct str b)
{
    struct str rest = a;
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest), other = b;
        while (other.n)
            if (str_eq(str_cut(other, ',', &other), one))
                return true;
    }
    return false;
}

/* The weight of a rule for a firm; -1 when it is no candidate. */
static int64_t weigh(const struct listpick_rule *r, const struct listpick_firm *f)
{
    if (!str_eq(r->role, f->role) || (!str_empty(r->entity) && !str_eq(r->entity, f->entity)))
        return -1;
    int64_t words = count_words(r, f->products);
    if (!str_empty(r->words) && words == 0)
        return -1;
    return words * W_WORD + (share(r->classes, f->classes) ? W_CLASS : 0) +
           (str_empty(r->entity) ? 0 : W_ENTITY) + r->priority;
}

ptrdiff_t listpick_best(
    const struct listpick_rule *rules, size_t n, const struct listpick_firm *firm)
{
    ptrdiff_t best = -1;
    int64_t most = -1;
    for (size_t i = 0; i < n; i++) {
        int64_t w = weigh(&rules[i], firm);
        if (w <= most)
            continue;
        most = w;
        best = (ptrdiff_t)i;
    }
    return best;
}

static struct str joined(const struct jin *list, struct arena *a)
{
    struct str all = S("");
    for (size_t i = 0; i < jin_len(list); i++) {
        struct str parts[] = {all, i ? S(",") : S(""), jin_str(jin_at(list, i))};
        all = arena_cat(a, parts, 3);
    }
    return all;
}

enum err listpick_read(
    const struct jin *body, struct str name, struct arena *a, struct listpick_rule *ret)
{
    const struct jin *match = jin_get(body, "match");
    struct listpick_rule r = {.name = arena_str(a, name),
        .role = arena_str(a, jin_str(jin_get(body, "role"))),
        .entity = arena_str(a, jin_str(jin_get(match, "entity"))),
        .words = joined(jin_get(match, "words"), a),
        .exclude = joined(jin_get(match, "exclude"), a),
        .classes = joined(jin_get(match, "classes"), a),
        .priority = jin_int(jin_get(match, "priority"), 0)};
    if (a->failed)
        return ERR_NOMEM;
    if (str_empty(r.role) || r.priority < 0 || r.priority >= W_ENTITY)
        return ERR_INVALID;
    *ret = r;
    return OK;
}
