/* Definitions at work: workflows read from a template (who may do what from where, which inputs and
 * fields are wanted when), versions of a template, settings. */
#include "core/workflow.h"

#include "corestore.h"

static const char flow[] =
    "{\"states\": [{\"code\": \"open\", \"editable\": true}, {\"code\": \"closed\"}],"
    " \"transitions\": ["
    "{\"code\": \"close\", \"label\": \"关闭\", \"from\": [\"open\", \"again\"], \"to\": "
    "\"closed\","
    " \"perm\": \"firm_write\", \"levels\": [\"县\"],"
    " \"levels_from\": {\"again\": [\"省\"]},"
    " \"needs\": [\"name\", \"grade\"],"
    " \"fields\": [{\"key\": \"opinion\", \"label\": \"意见\", \"required\": true},"
    "  {\"key\": \"note\", \"label\": \"说明\", \"required\": true,"
    "   \"when\": {\"key\": \"match\", \"is\": false}},"
    "  {\"key\": \"extra\", \"label\": \"其他\", \"required\": false}]},"
    "{\"code\": \"reopen\", \"label\": \"重开\", \"from\": [\"closed\"], \"to\": \"again\","
    " \"perm\": \"firm_admit\", \"roles\": [\"manager\"]},"
    "{\"code\": \"odd\", \"from\": [\"open\"], \"to\": \"closed\", \"perm\": \"no_such_perm\"}]}";

static struct core_store store;
static struct arena arena;
static struct ctx c;

static int open_store(void **state)
{
    (void)state;
    core_open(&store);
    assert_int_equal(core_publish(&store, "workflow_test", flow), OK);
    arena_init(&arena, 1 << 20);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    arena_free(&arena);
    core_close(&store);
    return 0;
}

static void as(const char *role, int64_t level)
{
    app_ctx(store.app, &c, &arena, NULL);
    c.actor = (struct actor){.role = str_z(role), .level = level};
    role_grants(role_find(str_z(role)), c.actor.perms);
}

static const struct jin *find(const char *action, const char *state)
{
    return wf_find(&c, "workflow_test", str_z(action), str_z(state));
}

static void test_where_a_step_starts(void **state)
{
    (void)state;
    as("manager", 3);
    const struct jin *t = find("close", "open");
    assert_non_null(t);
    assert_int_equal(c.err, OK);
    assert_true(str_eqz(wf_to(t), "closed"));
    assert_string_equal(wf_label(&c, t), "关闭");
    assert_null(find("close", "closed"));
    assert_int_equal(c.err, ERR_STATE);
    as("manager", 3);
    assert_null(find("burn", "open"));
    assert_int_equal(c.err, ERR_NOT_FOUND);
    as("manager", 3);
    assert_null(wf_find(&c, "workflow_absent", S("close"), S("open")));
    assert_int_equal(c.err, ERR_NOT_FOUND);
    as("manager", 3);
    assert_null(find("", ""));
}

static bool may(const char *role, int64_t level, const char *action, const char *state)
{
    as(role, level);
    return wf_may(&c, find(action, state), str_z(state));
}

static void test_who_may(void **state)
{
    (void)state;
    assert_true(may("manager", 3, "close", "open"));
    assert_false(may("manager", 2, "close", "open")); /* the level */
    assert_false(may("manager", 0, "close", "open")); /* firm users have none */
    assert_false(may("manager", 9, "close", "open"));
    assert_false(may("viewer", 3, "close", "open"));   /* the permission */
    assert_false(may("manager", 3, "close", "again")); /* this state asks for another level */
    assert_true(may("manager", 1, "close", "again"));
    assert_true(may("manager", 2, "reopen", "closed")); /* no levels named */
    assert_false(may("inspector", 3, "reopen", "closed"));
    assert_false(may("manager", 3, "odd", "open")); /* a permission nobody knows */
    char longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    as("manager", 3);
    assert_true(wf_may(&c, find("close", "open"), str_z(longer)));
}

static void count_action(void *arg, const struct jin *transition)
{
    (void)transition;
    ++*(int *)arg;
}

static int actions(const char *role, int64_t level, const char *state)
{
    int n = 0;
    as(role, level);
    wf_actions(&c, "workflow_test", str_z(state), count_action, &n);
    return n;
}

static void test_what_is_offered(void **state)
{
    (void)state;
    assert_int_equal(actions("manager", 3, "open"), 1);
    assert_int_equal(actions("manager", 3, "closed"), 1);
    assert_int_equal(actions("manager", 1, "again"), 1);
    assert_int_equal(actions("viewer", 3, "open"), 0);
    assert_int_equal(actions("manager", 3, "nowhere"), 0);
}

/* --- inputs -------------------------------------------------------------------------------------
 */

struct facts {
    const char *rows[4][2];
};

static struct str fact(void *arg, const char *key)
{
    const struct facts *f = arg;
    for (int i = 0; i < 4 && f->rows[i][0]; i++)
        if (strcmp(f->rows[i][0], key) == 0)
            return str_z(f->rows[i][1]);
    return S("");
}

static int missing(struct facts f)
{
    as("manager", 3);
    wf_inputs(&c, find("close", "open"), fact, &f);
    return c.problem_count;
}

static void test_inputs(void **state)
{
    (void)state;
    assert_int_equal(missing((struct facts){{{"opinion", "同意"}}}), 0);
    assert_int_equal(missing((struct facts){{{"extra", "x"}}}), 1);
    assert_true(str_eqz(c.problems->field, "opinion"));
    assert_true(str_eqz(c.problems->code, "required"));
    assert_int_equal(missing((struct facts){{{"opinion", "同意"}, {"match", "true"}}}), 0);
    assert_int_equal(missing((struct facts){{{"opinion", "同意"}, {"match", "false"}}}), 1);
    assert_true(str_eqz(c.problems->field, "note"));
    assert_int_equal(missing((struct facts){{{"match", "false"}}}), 2);
    assert_int_equal(
        missing((struct facts){{{"opinion", "同意"}, {"match", "false"}, {"note", "缺页"}}}), 0);
}

static void note_field(void *arg, struct str field)
{
    char *to = arg;
    strncat(to, field.p, field.n);
    strcat(to, " ");
}

static void test_needs(void **state)
{
    (void)state;
    char text[100] = "";
    struct facts f = {{{"grade", "A"}}};
    as("manager", 3);
    wf_needs(find("close", "open"), fact, &f, note_field, text);
    assert_string_equal(text, "name ");
    text[0] = 0;
    wf_needs(find("reopen", "closed"), fact, &f, note_field, text);
    assert_string_equal(text, "");
}

static void test_editable(void **state)
{
    (void)state;
    as("manager", 3);
    assert_true(wf_state_editable(&c, "workflow_test", S("open")));
    assert_false(wf_state_editable(&c, "workflow_test", S("closed")));
    assert_false(wf_state_editable(&c, "workflow_test", S("nowhere")));
    assert_false(wf_state_editable(&c, "workflow_absent", S("open")));
}

/* --- templates ----------------------------------------------------------------------------------
 */

struct version {
    int64_t no;
    char text[200];
};

static enum err read_version(struct ctx *own, void *arg)
{
    struct version *v = arg;
    struct str s = template_text(own, S("settings"), v->no);
    snprintf(v->text, sizeof v->text, "%.*s", STR_ARG(s));
    return s.p ? OK : ERR_NOT_FOUND;
}

static void test_versions(void **state)
{
    (void)state;
    int64_t now = 0;
    assert_null(template_body(store.app, "settings", &now));
    assert_int_equal(setting_int(store.app, "days", 7), 7);
    const char *first = "{\"settings\": [{\"key\": \"days\", \"value\": 30}]}";
    const char *second = "{\"settings\": [{\"key\": \"days\", \"value\": \"x\"}]}";
    assert_int_equal(core_publish(&store, "settings", first), OK);
    const struct jin *held = template_body(store.app, "settings", &now);
    assert_int_equal(now, 1);
    assert_int_equal(setting_int(store.app, "days", 7), 30);
    assert_int_equal(setting_int(store.app, "weeks", 7), 7);
    assert_int_equal(core_publish(&store, "settings", second), OK);
    (void)template_body(store.app, "settings", &now);
    assert_int_equal(now, 2);
    assert_int_equal(setting_int(store.app, "days", 7), 7);  /* no number: the default */
    assert_int_equal(jin_len(jin_get(held, "settings")), 1); /* who holds the old one may go on */
    struct version v = {.no = 1};
    assert_int_equal(app_read(store.app, read_version, &v), OK);
    assert_string_equal(v.text, first); /* a record finds the version it was made with */
    v.no = 3;
    assert_int_equal(app_read(store.app, read_version, &v), ERR_NOT_FOUND);
    app_close(store.app);
    core_start(&store, false);
    (void)template_body(store.app, "settings", &now);
    assert_int_equal(now, 2);
}

static void count_template(void *arg, const struct template_row *row, const struct jin *body)
{
    assert_true(str_eqz(row->state, "active") && body);
    ++*(int *)arg;
}

static void test_each(void **state)
{
    (void)state;
    int n = 0;
    assert_int_equal(core_publish(&store, "daily_a", "{}"), OK);
    assert_int_equal(core_publish(&store, "daily_b", "{}"), OK);
    assert_int_equal(core_publish(&store, "daily_b", "{\"x\": 1}"), OK);
    template_each(store.app, "daily_", count_template, &n);
    assert_int_equal(n, 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_where_a_step_starts),
        T(test_who_may),
        T(test_what_is_offered),
        T(test_inputs),
        T(test_needs),
        T(test_editable),
        T(test_versions),
        T(test_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
