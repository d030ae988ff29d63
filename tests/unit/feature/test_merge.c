/* The rules by which a store is taken over into another (src/sql/merge.def) against the kinds of
 * records: every record goes over, and no column that may hold an id is without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "core/merge.h"
#include "feature/ops.h"

#include <cmocka.h>

static const struct sql_rule *rule_of(const char *table, const char *column)
{
    for (const struct sql_rule *r = sql_rules; r->table; r++)
        if (strcmp(r->table, table) == 0 && strcmp(r->column, column) == 0)
            return r;
    return NULL;
}

static const char *how(const char *table)
{
    for (const struct sql_taking *t = sql_takings; t->table; t++)
        if (strcmp(t->table, table) == 0)
            return t->how;
    return "";
}

static const struct record_kind *kind_of(const char *name)
{
    for (size_t i = 0; i < feature_kinds.n; i++)
        if (strcmp(feature_kinds.rows[i]->name, name) == 0)
            return feature_kinds.rows[i];
    return NULL;
}

static void every_record_goes_over(void **state)
{
    (void)state;
    size_t records = 0;
    for (const struct sql_taking *t = sql_takings; t->table; t++) {
        bool record = strcmp(t->how, "record") == 0;
        records += record || kind_of(t->table);
        if (record && !kind_of(t->table))
            fail_msg("%s is said to be a record and is no kind", t->table);
    }
    assert_int_equal(records, feature_kinds.n);
    assert_true(feature_kinds.n <= MERGE_KINDS);
}

/* Text that the schema cannot tell from JSON: the fields of the kinds can. */
static void json_is_spoken_for(void **state)
{
    (void)state;
    int n = 0;
    for (size_t i = 0; i < feature_kinds.n; i++) {
        const struct record_kind *k = feature_kinds.rows[i];
        for (size_t f = 0; f < k->desc->n; f++) {
            if (k->desc->fields[f].type != FT_JSON || strcmp(how(k->name), "record") != 0)
                continue;
            const struct sql_rule *r = rule_of(k->name, k->desc->fields[f].name);
            if (!r || r->is != SQL_IS_JSON)
                fail_msg(
                    "%s.%s: JSON that nobody says holds no id", k->name, k->desc->fields[f].name);
            n++;
        }
    }
    assert_true(n >= 5);
}

/* What is told to be personal is encrypted, and its rule says so. */
static void secrets_are_made_again(void **state)
{
    (void)state;
    int secrets = 0, indexes = 0;
    for (const struct sql_rule *r = sql_rules; r->table; r++) {
        const struct record_kind *k = kind_of(r->table);
        int f = k ? desc_find(k->desc, str_z(r->column)) : -1;
        if (k && f < 0)
            fail_msg("%s.%s: no such field", r->table, r->column);
        if (r->is != SQL_IS_SECRET && r->is != SQL_IS_INDEX)
            continue;
        assert_true(k->desc->fields[f].type == FT_BLOB);
        assert_true(k->desc->fields[f].flags & F_PRIVATE);
        secrets += r->is == SQL_IS_SECRET;
        indexes += r->is == SQL_IS_INDEX;
        if (r->is == SQL_IS_INDEX) {
            const struct sql_rule *of = rule_of(r->table, r->by);
            assert_true(of && of->is == SQL_IS_SECRET);
        }
    }
    assert_true(secrets >= 5 && indexes >= 3);
    assert_string_equal(how("session"), "stays");
    assert_string_equal(how("duty_count"), "counted");
}

static void maps(void **state)
{
    (void)state;
    struct merge_map map = {0};
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(merge_map_add(&map, 10 + i * 3, i), OK);
    for (int64_t i = 0; i < 1000; i++) {
        assert_int_equal(*merge_map_find(&map, 10 + i * 3), i);
        assert_null(merge_map_find(&map, 11 + i * 3));
    }
    assert_null(merge_map_find(&map, 0));
    assert_null(merge_map_find(&map, INT64_MAX));
    *merge_map_find(&map, 10) = MERGE_LEFT;
    assert_int_equal(*merge_map_find(&map, 10), MERGE_LEFT);
    struct merge m = {.ntables = 0};
    m.tables[m.ntables++] = (struct merge_table){.kind = kind_of("firm"), .map = map};
    int64_t to = 0;
    assert_int_equal(merge_ref(&m, "firm", 13, &to), OK);
    assert_int_equal(to, 1);
    assert_int_equal(merge_ref(&m, "firm", 0, &to), OK);
    assert_int_equal(to, 0);
    assert_int_equal(merge_ref(&m, "firm", NULL_INT, &to), OK);
    assert_true(to == NULL_INT);
    assert_int_equal(merge_ref(&m, "firm", 14, &to), ERR_CORRUPT);
    assert_true(strstr(m.why, "firm 14") != NULL);
    arena_init(&m.rows, 1000);
    merge_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_goes_over),
        cmocka_unit_test(json_is_spoken_for),
        cmocka_unit_test(secrets_are_made_again),
        cmocka_unit_test(maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
