/* A store that an older program made, opened by this one: what it lacks arrives, what an authority
 * published stays. */
#include "fixture.h"

#include "core/template.h"

static struct fixture f;

static int open_store(void **state)
{
    (void)state;
    fixture_open(&f);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static enum err run_sql(struct ctx *c, void *text)
{
    struct q q;
    q_begin_text(&q, c->db, str_z(text));
    return q_exec(&q);
}

static void sql(const char *text)
{
    assert_int_equal(app_write(f.app, NULL, run_sql, (void *)(uintptr_t)text), OK);
}

static int64_t number(const char *text)
{
    struct q q;
    int64_t n = -1;
    q_begin_text(&q, f.db, str_z(text));
    assert_int_equal(q_one_int(&q, &n), OK);
    return n;
}

#define ACTIVE "SELECT version FROM template WHERE state = 'active' AND name = "

/* As an older program left it: one definition not yet there, one with another body, code lists and
 * settings with rows missing. */
static void make_old(const char *mark)
{
    char text[200];
    sql("DELETE FROM template WHERE name = 'workflow_transfer'");
    sql("UPDATE template SET body = '{\"rules\":[]}' WHERE name = 'quality_rules'");
    sql("UPDATE template SET body = '{\"grade\":[{\"code\":\"A\",\"label\":\"老甲级\"}],"
        "\"own_list\":[{\"code\":\"1\",\"label\":\"本省自有\"}]}' WHERE name = 'codes'");
    snprintf(text, sizeof text, "%s '%s' WHERE key = 'shipped_templates'",
        "UPDATE meta SET value =", mark);
    sql(text);
}

static void published(const char *name)
{
    char text[200];
    snprintf(text, sizeof text,
        "UPDATE template SET created_by = 77, reason = '本省调整' WHERE name = '%s'", name);
    sql(text);
}

static const char *label_of(const char *list, const char *code)
{
    const struct jin *rows = jin_get(template_body(f.app, "codes", NULL), list);
    for (size_t i = 0; i < jin_len(rows); i++)
        if (str_eqz(jin_str(jin_get(jin_at(rows, i), "code")), code))
            return jin_str(jin_get(jin_at(rows, i), "label")).p;
    return "";
}

static void test_fresh_store_has_all(void **state)
{
    (void)state;
    int64_t rows = number("SELECT count(*) FROM template");
    int64_t journal = number("SELECT max(id) FROM journal");
    fixture_restart(&f);
    assert_int_equal(number("SELECT count(*) FROM template"), rows);
    assert_int_equal(number("SELECT max(id) FROM journal"), journal);
}

static void test_lacking_definitions_arrive(void **state)
{
    (void)state;
    make_old("1 00");
    fixture_restart(&f);
    assert_int_equal(number(ACTIVE "'workflow_transfer'"), 1);
    assert_int_equal(number(ACTIVE "'quality_rules'"), 2);
    assert_int_equal(number(ACTIVE "'codes'"), 2);
    assert_int_equal(number(ACTIVE "'att1'"), 1);
    assert_int_equal(
        number("SELECT count(*) FROM template WHERE name = 'codes' AND state = 'retired'"), 1);
    assert_true(jin_len(jin_get(template_body(f.app, "quality_rules", NULL), "rules")) > 0);
    assert_string_equal(label_of("grade", "A"), "省管(A级)");
    assert_string_equal(label_of("own_list", "1"), ""); /* it was the shipped one */
    assert_int_equal(number("SELECT count(*) FROM journal j JOIN template t ON t.jseq = j.id "
                            "WHERE t.name IN ('workflow_transfer', 'quality_rules')"),
        3);
}

static void test_published_stay(void **state)
{
    (void)state;
    make_old("1 00");
    published("codes");
    published("quality_rules");
    fixture_restart(&f);
    assert_int_equal(number(ACTIVE "'quality_rules'"), 1);
    assert_int_equal(jin_len(jin_get(template_body(f.app, "quality_rules", NULL), "rules")), 0);
    assert_int_equal(number(ACTIVE "'codes'"), 2);
    assert_string_equal(label_of("grade", "A"), "老甲级");
    assert_string_equal(label_of("own_list", "1"), "本省自有");
    assert_string_not_equal(label_of("grade", "B"), "");
    assert_string_not_equal(label_of("twin_state", "merged"), "");

    make_old("1 00"); /* the rows are gone again, from a version this program joined */
    fixture_restart(&f);
    assert_string_equal(label_of("grade", "A"), "老甲级");
    assert_string_not_equal(label_of("grade", "B"), "");
}

static void test_newer_store_is_left_alone(void **state)
{
    (void)state;
    make_old("9999 00");
    fixture_restart(&f);
    assert_int_equal(number("SELECT count(*) FROM template WHERE name = 'workflow_transfer'"), 0);
    assert_int_equal(number(ACTIVE "'quality_rules'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fresh_store_has_all, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_lacking_definitions_arrive, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_published_stay, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_newer_store_is_left_alone, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
