/* Property of the list engine over the ledger: whatever the place in the tree, the order, the
 * filter and the page size, walking the pages shows exactly the firms of the subtree that the
 * filter means, each once and in order, and the total agrees. Compared with a walk over the table
 * in C. */
#include "core/list.h"
#include "feature/ledger/firm_list.h"
#include "fixture.h"

enum { FIRMS = 700, PAGES = 400 };

static struct fixture f;
static struct firm_row *all;
static size_t nall;

static enum err scan(struct ctx *c, void *arg)
{
    struct vec rows = {0};
    struct q q;
    (void)arg;
    q_begin(&q, c->db, kind_firm.scan);
    q_int(&q, "after", 0);
    q_int(&q, "limit", 100000);
    enum err e = q_all(&q, &firm_row_desc, &rows, &f.a);
    all = rows.p;
    nall = rows.n;
    return e;
}

struct filter {
    const char *name, *value;
    bool (*holds)(const struct firm_row *r);
};

static bool any(const struct firm_row *r)
{
    (void)r;
    return true;
}

static bool is_c(const struct firm_row *r)
{
    return str_eqz(r->grade, "C");
}

static bool is_a_or_b(const struct firm_row *r)
{
    return str_eqz(r->grade, "A") || str_eqz(r->grade, "B");
}

static bool is_admitted(const struct firm_row *r)
{
    return str_eqz(r->state, "admitted");
}

static bool is_producer(const struct firm_row *r)
{
    return !str_eqz(r->kind, "seller");
}

static bool is_provisional(const struct firm_row *r)
{
    return r->provisional == 1;
}

static bool is_licensed(const struct firm_row *r)
{
    return str_find(r->applicability, S("许可证")) >= 0;
}

static bool has_staff(const struct firm_row *r)
{
    return r->staff >= 20 && r->staff <= 300;
}

static bool no_revenue(const struct firm_row *r)
{
    return r->revenue == NULL_INT;
}

static const struct filter filters[] = {{NULL, NULL, any}, {"grade", "C", is_c},
    {"grade", "A,B", is_a_or_b}, {"state", "admitted", is_admitted},
    {"kind", "producer,both", is_producer}, {"provisional", "true", is_provisional},
    {"applicability", "许可证", is_licensed}, {"staff", "20..300", has_staff},
    {"revenue", "null", no_revenue}};

struct walk {
    struct str path;
    const struct filter *filter;
    const char *sort;
    int64_t limit;
};

static int64_t sort_key(const struct firm_row *r)
{
    return r->revenue == NULL_INT ? -1 : r->revenue;
}

static int by_name(const struct firm_row *a, const struct firm_row *b)
{
    int d = str_cmp(a->py, b->py);
    return d ? d : str_cmp(a->name, b->name);
}

static int compare(const char *sort, const struct firm_row *a, const struct firm_row *b)
{
    const char *by = sort[0] == '-' ? sort + 1 : sort;
    int d = 0;
    if (strcmp(by, "name") == 0)
        d = by_name(a, b);
    else if (strcmp(by, "revenue") == 0)
        d = (sort_key(a) > sort_key(b)) - (sort_key(a) < sort_key(b));
    if (d == 0)
        d = (a->id > b->id) - (a->id < b->id);
    return sort[0] == '-' ? -d : d;
}

static const struct firm_row *by_id(int64_t id)
{
    for (size_t i = 0; i < nall; i++)
        if (all[i].id == id)
            return &all[i];
    return NULL;
}

static bool belongs(const struct walk *w, const struct firm_row *r)
{
    return str_starts(r->org_path, w->path) && w->filter->holds(r);
}

static size_t expected(const struct walk *w)
{
    size_t n = 0;
    for (size_t i = 0; i < nall; i++)
        n += belongs(w, &all[i]);
    return n;
}

static void check_page(
    const struct walk *w, struct str items, const struct firm_row **last, size_t *n)
{
    const struct jin *doc = NULL;
    assert_int_equal(jin_parse(items, 8, &doc), OK);
    for (size_t i = 0; i < jin_len(doc); i++) {
        const struct firm_row *r = by_id(jin_int(jin_get(jin_at(doc, i), "id"), 0));
        assert_non_null(r);
        assert_true(belongs(w, r));
        if (*last)
            assert_true(compare(w->sort, *last, r) < 0);
        *last = r;
        ++*n;
    }
    jin_free(doc);
}

static enum err walk_pages(struct ctx *c, void *arg)
{
    const struct walk *w = arg;
    struct list_query lq;
    struct list_page page;
    const struct firm_row *last = NULL;
    size_t n = 0;
    c->actor.org_path = w->path;
    desc_clear(&list_query_desc, &lq);
    lq.limit = w->limit;
    lq.sort = str_z(w->sort);
    lq.columns = S("name");
    lq.total = 1;
    if (w->filter->name)
        list_query_add(c, &lq, str_z(w->filter->name), str_z(w->filter->value));
    for (int i = 0; i < PAGES; i++) {
        struct list_run r = {.c = c, .def = &firm_list_def, .lq = &lq};
        desc_clear(&list_page_desc, &page);
        enum err e = list_page(&r, &page);
        if (e)
            return e;
        check_page(w, page.items, &last, &n);
        if (i == 0 && page.total_is_least != 1)
            assert_int_equal(page.total, expected(w));
        if (!page.next.n)
            break;
        lq.cursor = page.next;
    }
    assert_int_equal(n, expected(w));
    return OK;
}

static void every_order_and_filter(struct str path)
{
    static const char *const sorts[] = {"-id", "id", "name", "-name", "revenue", "-revenue"};
    for (size_t s = 0; s < sizeof sorts / sizeof *sorts; s++)
        for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
            struct walk w = {path, &filters[i], sorts[s], s % 2 ? 7 : 60};
            assert_int_equal(app_read(f.app, walk_pages, &w), OK);
        }
}

static void test_every_place_sees_its_subtree(void **state)
{
    (void)state;
    every_order_and_filter(S("0001."));
    for (size_t i = 0; i < nall; i += nall / 6)
        for (size_t n = 10; n <= all[i].org_path.n; n += 5)
            every_order_and_filter(str_sub(all[i].org_path, 0, n));
}

static void test_no_path_sees_nothing(void **state)
{
    struct walk w = {S("9999."), &filters[0], "-id", 20};
    (void)state;
    assert_int_equal(app_read(f.app, walk_pages, &w), OK);
    assert_int_equal(expected(&w), 0);
}

static enum err search_all(struct ctx *c, void *arg)
{
    struct list_query lq;
    struct list_page page;
    struct firm_row *r = arg;
    struct list_run run = {.c = c, .def = &firm_list_def, .lq = &lq};
    desc_clear(&list_query_desc, &lq);
    desc_clear(&list_page_desc, &page);
    c->actor.org_path = str_sub(r->org_path, 0, 15);
    lq.q = r->name;
    enum err e = list_page(&run, &page);
    if (e)
        return e;
    struct str id = arena_fmt(c->a, "\"id\":%lld,", (long long)r->id);
    assert_true(str_find(page.items, id) >= 0);
    lq.q = r->uscc;
    e = list_page(&run, &page);
    assert_true(str_find(page.items, id) >= 0);
    return e;
}

static void test_every_firm_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < nall; i += 13)
        if (all[i].uscc.n)
            assert_int_equal(app_read(f.app, search_all, &all[i]), OK);
}

static int open_store(void **state)
{
    struct generate_spec g = {.firms = FIRMS, .days = 1, .seed = 7};
    (void)state;
    fixture_open(&f);
    assert_int_equal(setup_generate(f.app, &g), OK);
    assert_int_equal(app_read(f.app, scan, NULL), OK);
    assert_true(nall > FIRMS);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_place_sees_its_subtree),
        cmocka_unit_test(test_no_path_sees_nothing),
        cmocka_unit_test(test_every_firm_is_found),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
