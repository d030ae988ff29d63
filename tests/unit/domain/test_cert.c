/* Certificates: states by day, and dated catalogues. */
#include "fixture.h"

#include "base/civil.h"
#include "domain/cert.h"

static const struct cert_terms terms = {6, 30};

static enum cert_state at(const char *to, const char *today)
{
    int64_t a, b;
    assert_true(civil_parse_day(str_z(to), &a) && civil_parse_day(str_z(today), &b));
    return cert_judge(a, b, &terms);
}

static void test_states(void **state)
{
    (void)state;
    assert_int_equal(at("2026-08-31", "2026-02-27"), CERT_VALID);
    assert_int_equal(at("2026-08-31", "2026-02-28"), CERT_RENEW); /* February has no 31st */
    assert_int_equal(at("2026-08-31", "2026-07-31"), CERT_RENEW);
    assert_int_equal(at("2026-08-31", "2026-08-01"), CERT_SOON);
    assert_int_equal(at("2026-08-31", "2026-08-31"), CERT_SOON); /* good to the end of its day */
    assert_int_equal(at("2026-08-31", "2026-09-01"), CERT_EXPIRED);
    assert_int_equal(at("2026-03-15", "2025-09-15"), CERT_RENEW); /* over the turn of the year */
    assert_int_equal(at("2026-03-15", "2025-09-14"), CERT_VALID);
    assert_int_equal(cert_judge(INT64_MIN, 20000, &terms), CERT_NONE);
    for (int s = CERT_NONE; s <= CERT_EXPIRED; s++)
        assert_true(
            strlen(cert_code((enum cert_state)s)) > 3 && strlen(cert_text((enum cert_state)s)) > 3);
}

static const struct jin *find(
    const struct jin *rows, const char *part, const char *product, const char *day)
{
    struct catalogue_query q = {part, {str_z(product), STR_NULL, STR_NULL}, 0};
    assert_true(civil_parse_day(str_z(day), &q.day));
    return catalogue_find(rows, &q);
}

/* The shipped catalogue: new kinds count from the day they were added, not before. */
static void test_catalogue_by_day(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4 << 20);
    const struct jin *doc = data_json(&arena, "templates/catalogue.json");
    const struct jin *rows = jin_get(data_body(doc), "rows");
    assert_true(jin_len(rows) > 100);
    assert_non_null(find(rows, "许可证", "通用硅酸盐水泥", "2023-06-01"));
    assert_null(find(rows, "CCC", "通用硅酸盐水泥", "2023-06-01"));
    assert_null(find(rows, "许可证", "钢丝绳", "2024-09-24"));
    same(jin_str(jin_get(find(rows, "许可证", "输送机用钢丝绳", "2024-09-25"), "name")), "钢丝绳");
    same(jin_str(jin_get(find(rows, "许可证", "低压电缆", "2024-09-25"), "name")), "电线电缆");
    assert_null(find(rows, "CCC", "商用燃气燃烧器具", "2025-06-30"));
    assert_non_null(find(rows, "CCC", "商用燃气燃烧器具", "2025-07-01"));
    assert_null(find(rows, "许可证", "木凳", "2026-01-01"));
    assert_null(catalogue_find(NULL, &(struct catalogue_query){"许可证", {S("水泥")}, 20000}));
    jin_free(doc);
    arena_free(&arena);
}

static void test_catalogue_row_that_ended(void **state)
{
    (void)state;
    const struct jin *doc;
    assert_int_equal(jin_parse(S("[{\"part\":\"CCC\",\"name\":\"电子琴\",\"to\":\"2023-08-09\"},{"
                                 "\"part\":\"CCC\",\"name\":\"\"}]"),
                         8, &doc),
        OK);
    assert_non_null(find(doc, "CCC", "电子琴", "2023-08-09"));
    assert_null(find(doc, "CCC", "电子琴", "2023-08-10"));
    jin_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_catalogue_by_day),
        cmocka_unit_test(test_catalogue_row_that_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
