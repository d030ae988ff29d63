/* Which daily list a firm starts from: the shipped lists carry a match rule (words in the product
 * names, licence class, kind of firm); the best match wins (PL-21, R-030, R-032, R-033).
 *
 * A rule is a candidate when the role agrees, its entity (if any) is the firm's and, if it has
 * words, at least one of them occurs outside its `exclude` words. Among candidates: more words
 * found, then a class in common, then an entity named, then the priority, then the earlier one. */
#ifndef ZHIAN_DOMAIN_LISTPICK_H
#define ZHIAN_DOMAIN_LISTPICK_H

#include "base/arena.h"
#include "base/jsonin.h"

struct listpick_rule {
    struct str name;    /* template name, e.g. daily_cement */
    struct str role;    /* 生产 or 销售 */
    struct str entity;  /* 主体类型, or STR_NULL */
    struct str words;   /* joined by ',' */
    struct str exclude; /* longer words that do not count, joined by ',' */
    struct str classes; /* 适用情形 joined by ',' */
    int64_t priority;
};

struct listpick_firm {
    struct str role;
    struct str entity;
    struct str products; /* names and categories of all products, any separator */
    struct str classes;  /* 适用情形 joined by ',' */
};

/* listpick_read takes the rule from the body of a daily list. ERR_INVALID without a role,
 * ERR_NOMEM. Strings are copied into a. */
MUST_CHECK enum err listpick_read(
    const struct jin *body, struct str name, struct arena *a, struct listpick_rule *ret);

/* listpick_best: the index of the best rule, or -1 when none is a candidate. */
ptrdiff_t listpick_best(
    const struct listpick_rule *rules, size_t n, const struct listpick_firm *firm);

#endif
