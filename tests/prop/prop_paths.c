/* Properties of org paths over a few hundred thousand random pairs: being in scope is being below
 * (a prefix), is the range [path, scope_end), and orders paths as a tree does. */
#include "core/ctx.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 300000, DEPTH_MAX = 5, PATH_MAX_LEN = 5 * DEPTH_MAX };

struct path {
    char text[PATH_MAX_LEN + 1];
    int depth;
};

static uint64_t seed = 20261102;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Few different segments, so that related paths are common; 9999 and 0999 are the edges. */
static struct path random_path(void)
{
    static const int numbers[] = {1, 2, 10, 100, 999, 1000, 9999};
    struct path p = {.depth = 1 + (int)(next_random() % DEPTH_MAX)};
    for (int i = 0; i < p.depth; i++)
        snprintf(p.text + 5 * i, 6, "%04d.", numbers[next_random() % 7]);
    return p;
}

static bool is_below(const struct path *p, const struct path *top)
{
    return p->depth >= top->depth && !memcmp(p->text, top->text, (size_t)top->depth * 5);
}

static bool in_scope(const struct path *p, const struct path *top)
{
    struct ctx c = {.actor = {.org = 1, .org_path = str_z(top->text)}};
    return scope_has(&c, str_z(p->text));
}

static void test_scope_is_the_subtree(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct path a = random_path(), b = random_path();
        if (in_scope(&b, &a) != is_below(&b, &a))
            fail_msg("%s in the scope of %s", b.text, a.text);
        assert_true(in_scope(&a, &a));
    }
}

static void test_scope_is_one_range(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 4096);
    for (int i = 0; i < ROUNDS; i++) {
        struct path a = random_path(), b = random_path();
        struct str end = scope_end(&arena, str_z(a.text));
        bool ranged = strcmp(b.text, a.text) >= 0 && str_cmp(str_z(b.text), end) < 0;
        if (ranged != is_below(&b, &a))
            fail_msg("%s in the range of %s", b.text, a.text);
        arena_reset(&arena);
    }
    arena_free(&arena);
}

/* Reflexive, antisymmetric, transitive; two scopes are nested or have nothing in common. */
static void test_scopes_form_a_tree(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct path a = random_path(), b = random_path(), c = random_path();
        if (in_scope(&a, &b) && in_scope(&b, &a))
            assert_string_equal(a.text, b.text);
        if (in_scope(&c, &b) && in_scope(&b, &a))
            assert_true(in_scope(&c, &a));
        if (in_scope(&c, &a) && in_scope(&c, &b))
            assert_true(in_scope(&a, &b) || in_scope(&b, &a));
    }
}

static void test_level_is_the_depth(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct path a = random_path();
        assert_int_equal(path_level(str_z(a.text)), a.depth);
    }
}

static void test_who_has_no_path_has_no_scope(void **state)
{
    struct ctx c = {.actor = {.org_path = str_z("")}};
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct path a = random_path();
        assert_false(scope_has(&c, str_z(a.text)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_is_the_subtree),
        cmocka_unit_test(test_scope_is_one_range),
        cmocka_unit_test(test_scopes_form_a_tree),
        cmocka_unit_test(test_level_is_the_depth),
        cmocka_unit_test(test_who_has_no_path_has_no_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
