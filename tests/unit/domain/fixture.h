/* Shared by the tests of domain/: cmocka, the shipped data, buffers that free themselves. Run from
 * the top of the tree, or with ZHIAN_DATA pointing at the data directory. */
#ifndef ZHIAN_TEST_DOMAIN_FIXTURE_H
#define ZHIAN_TEST_DOMAIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/field.h"
#include "base/jsonin.h"
#include "base/utf8.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static inline const char *data_dir(void)
{
    const char *dir = getenv("ZHIAN_DATA");
    return dir ? dir : "data";
}

/* data_read returns the whole file in a; fails the test when it is not there. */
static inline struct str data_read(struct arena *a, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", data_dir(), name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("no file %s", path);
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = arena_alloc(a, n + 1);
    assert_non_null(p);
    assert_int_equal(fread(p, 1, n, f), n);
    fclose(f);
    return (struct str){p, n};
}

static inline const struct jin *data_json(struct arena *a, const char *name)
{
    const struct jin *doc = NULL;
    if (jin_parse(data_read(a, name), 32, &doc) != OK || !doc)
        fail_msg("%s is not strict JSON", name);
    return doc;
}

/* data_body: the body of a template. */
static inline const struct jin *data_body(const struct jin *doc)
{
    const struct jin *body = jin_get(doc, "body");
    assert_non_null(body);
    return body;
}

static inline int64_t day_of(const char *iso)
{
    int64_t day;
    if (!civil_parse_day(str_z(iso), &day))
        fail_msg("not a day: %s", iso);
    return day;
}

static inline int64_t jin_day(const struct jin *obj, const char *key)
{
    int64_t day;
    assert_true(civil_parse_day(jin_str(jin_get(obj, key)), &day));
    return day;
}

/* same compares text and shows both sides when it differs. */
static inline void same_at(struct str got, const char *want, const char *file, int line)
{
    if (!str_eqz(got, want)) {
        print_error("%s:%d: got \"%.*s\", want \"%s\"\n", file, line, STR_ARG(got), want);
        fail();
    }
}
#define same(got, want) same_at((got), (want), __FILE__, __LINE__)

/* A small pseudo-random sequence: the same numbers on every run. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline int64_t random_in(uint64_t *state, int64_t least, int64_t most)
{
    return least + (int64_t)(next_random(state) % (uint64_t)(most - least + 1));
}

#endif
