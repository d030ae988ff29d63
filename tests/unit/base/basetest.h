/* Shared by the tests of base/: cmocka and a comparison of strings that shows both sides. */
#ifndef ZHIAN_TEST_BASE_BASETEST_H
#define ZHIAN_TEST_BASE_BASETEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

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

#endif
