/* Records and their history: what an insert and an update say, what personal data looks like there,
 * and that nothing is written when nothing changed. */
#include "base/hash.h"

#include "corestore.h"

/* The template table again, its reason held to be personal, its creator a secret. */
#define FILE_ROW_FIELDS(F, S)                                                                      \
    F(S, id, INT, F_OUT, 0, "编号", none)                                                          \
    F(S, name, STR, 0, 80, "名称", none)                                                           \
    F(S, version, INT, 0, 0, "版本", none)                                                         \
    F(S, title, STR, 0, 120, "标题", none)                                                         \
    F(S, issuer, STR, 0, 120, "单位", none)                                                        \
    F(S, state, STR, 0, 20, "状态", none)                                                          \
    F(S, effective_from, DAY, 0, 0, "生效日期", none)                                              \
    F(S, body, JSON, 0, 0, "内容", none)                                                           \
    F(S, reason, STR, F_PRIVATE, 500, "联系电话", none)                                            \
    F(S, created, TIME, 0, 0, "时间", none)                                                        \
    F(S, created_by, MONEY, 0, 0, "金额", none)                                                    \
    F(S, jseq, INT, F_OUT, 0, "存证序号", none)
STRUCT(file_row, FILE_ROW_FIELDS)
DESC(file_row, FILE_ROW_FIELDS)

static const struct record_kind kind_file = {
    77, "file", "档案", &file_row_desc, RECORD_SQL(template)};

static struct core_store store;

/* What a test does on the writer, and the journal row it left (copied). */
struct deed {
    enum err (*run)(struct ctx *c, struct file_row *row);
    struct file_row row;
    int64_t last;
    int64_t kind, ref, firm, actor;
    char note[2048], op[64], via[64];
    bool noted, digest_fits;
};

static int open_store(void **state)
{
    (void)state;
    store.rows[1] = &kind_file;
    core_open(&store);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    core_close(&store);
    return 0;
}

static struct file_row new_row(void)
{
    struct file_row row;
    desc_clear(&file_row_desc, &row);
    row.name = S("甲厂");
    row.version = 1;
    row.title = S("一");
    row.issuer = S("县局");
    row.state = S("open");
    row.effective_from = 20000;
    row.body = S("{}");
    row.reason = S("13812345678");
    row.created = 1000;
    row.created_by = 123456;
    return row;
}

static void copy_text(char *to, size_t size, struct str s)
{
    snprintf(to, size, "%.*s", STR_ARG(s));
}

static enum err read_journal(struct ctx *c, struct deed *d)
{
    struct q q;
    unsigned char digest[SM3_LEN];
    q_begin(&q, c->db, SQL_journal_last);
    enum err e = q_one_int(&q, &d->last);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_journal_at);
    q_int(&q, "id", d->last);
    if (q_row(&q)) {
        d->actor = q_get_int(&q, 2);
        copy_text(d->op, sizeof d->op, q_get_str(&q, 3));
        d->kind = q_get_int(&q, 4);
        d->ref = q_get_int(&q, 5);
        d->firm = q_get_int(&q, 6);
        d->noted = !q_get_null(&q, 8);
        copy_text(d->note, sizeof d->note, q_get_str(&q, 8));
        copy_text(d->via, sizeof d->via, q_get_str(&q, 9));
        e = record_digest(&kind_file, &d->row, digest);
        struct str was = q_get_blob(&q, 7);
        d->digest_fits = was.n == SM3_LEN && memcmp(was.p, digest, SM3_LEN) == 0;
    }
    enum err end = q_end(&q);
    return e ? e : end;
}

static enum err run_deed(struct ctx *c, void *arg)
{
    struct deed *d = arg;
    c->op = S("test_op");
    c->via = S("导入 12 行 7");
    c->actor.account = 42;
    enum err e = d->run(c, &d->row);
    return e;
}

static enum err read_deed(struct ctx *c, void *arg)
{
    return read_journal(c, arg);
}

static struct deed done(enum err (*run)(struct ctx *c, struct file_row *row), struct file_row row)
{
    struct deed d = {.run = run, .row = row};
    assert_int_equal(core_write(&store, run_deed, &d), OK);
    assert_int_equal(app_read(store.app, read_deed, &d), OK);
    return d;
}

static bool says(const struct deed *d, const char *text)
{
    return strstr(d->note, text) != NULL;
}

/* --- inserting ----------------------------------------------------------------------------------
 */

static enum err insert(struct ctx *c, struct file_row *row)
{
    struct note n = {.label = "建档", .text = S("理由\"甲\"")};
    return rec_insert(c, &kind_file, row, &n);
}

static enum err insert_quietly(struct ctx *c, struct file_row *row)
{
    struct note n = {.label = "日常", .silent = true};
    return rec_insert(c, &kind_file, row, &n);
}

static void test_insert(void **state)
{
    (void)state;
    struct deed d = done(insert, new_row());
    assert_true(d.row.id > 0);
    assert_int_equal(d.row.jseq, d.last);
    assert_int_equal(d.kind, 77);
    assert_int_equal(d.ref, d.row.id);
    assert_int_equal(d.actor, 42);
    assert_string_equal(d.op, "test_op");
    assert_string_equal(d.via, "导入 12 行 7");
    assert_string_equal(d.note, "{\"label\":\"建档\",\"text\":\"理由\\\"甲\\\"\"}");
    assert_true(d.digest_fits);
}

static void test_silent_insert_is_proved_too(void **state)
{
    (void)state;
    struct deed d = done(insert_quietly, new_row());
    assert_false(d.noted);
    assert_true(d.digest_fits);
    assert_int_equal(d.row.jseq, d.last);
}

static void test_a_given_id_stays(void **state)
{
    (void)state;
    struct file_row row = new_row();
    row.id = 5;
    struct deed d = done(insert, row);
    assert_int_equal(d.row.id, 5);
    struct deed again = {.run = insert, .row = row};
    assert_int_equal(core_write(&store, run_deed, &again), ERR_CONFLICT);
    assert_int_equal(app_read(store.app, read_deed, &again), OK);
    assert_int_equal(again.last, d.last); /* its journal row went with it */
}

/* --- updating -----------------------------------------------------------------------------------
 */

static struct file_row stored;

static enum err update(struct ctx *c, struct file_row *row)
{
    struct note n = {.label = "修改"};
    return rec_update(c, &kind_file, &stored, row, &n);
}

static void begin(void)
{
    stored = done(insert, new_row()).row;
}

static void test_update_tells_old_and_new(void **state)
{
    (void)state;
    begin();
    struct file_row row = stored;
    row.title = S("二");
    row.effective_from = 20001;
    row.created_by = 100;
    struct deed d = done(update, row);
    assert_true(d.row.jseq == d.last && d.last == stored.jseq + 1);
    assert_true(d.digest_fits);
    assert_string_equal(d.note,
        "{\"label\":\"修改\",\"changes\":["
        "{\"field\":\"title\",\"label\":\"标题\",\"old\":\"一\",\"new\":\"二\"},"
        "{\"field\":\"effective_from\",\"label\":\"生效日期\",\"old\":\"2024-10-04\",\"new\":"
        "\"2024-10-05\"},"
        "{\"field\":\"created_by\",\"label\":\"金额\",\"old\":1234.56,\"new\":1}]}");
}

static void test_personal_data_is_not_told(void **state)
{
    (void)state;
    begin();
    struct file_row row = stored;
    row.reason = S("13887654321");
    struct deed d = done(update, row);
    assert_true(says(&d, "联系电话") && says(&d, "（已加密）"));
    assert_false(says(&d, "138"));
    assert_true(d.digest_fits);
}

static void test_absent_and_empty_differ(void **state)
{
    (void)state;
    begin();
    struct file_row row = stored;
    row.reason = STR_NULL;
    struct deed d = done(update, row);
    assert_true(says(&d, "联系电话"));
    assert_false(says(&d, "138"));
}

static void test_nothing_changed_nothing_written(void **state)
{
    (void)state;
    begin();
    struct file_row row = stored;
    char copy[] = "甲厂"; /* equal, not the same bytes */
    row.name = str_z(copy);
    struct deed d = done(update, row);
    assert_int_equal(d.last, stored.jseq);
    assert_int_equal(d.row.jseq, stored.jseq);
}

/* A count of edits is proved and can be put back, but is no news. */
static void test_housekeeping_is_no_news(void **state)
{
    (void)state;
    begin();
    struct file_row row = stored;
    row.version = 2;
    struct deed d = done(update, row);
    assert_int_equal(d.last, stored.jseq + 1);
    assert_string_equal(d.note, "{\"label\":\"修改\",\"changes\":[],\"was\":{\"version\":1}}");
    assert_true(d.digest_fits);
}

/* --- digests ------------------------------------------------------------------------------------
 */

static void digest_of(const struct file_row *row, unsigned char out[SM3_LEN])
{
    assert_int_equal(record_digest(&kind_file, row, out), OK);
}

/* Every column but jseq counts; moving bytes from one to the next does not go unseen. */
static void test_digest_covers_every_column(void **state)
{
    (void)state;
    unsigned char was[SM3_LEN], now[SM3_LEN];
    struct file_row row = new_row();
    row.id = 1;
    row.jseq = 1;
    digest_of(&row, was);
    for (size_t i = 0; i + 1 < file_row_desc.n; i++) {
        struct file_row other = row;
        if (field_is_text(file_row_desc.fields[i].type))
            *field_str(&file_row_desc, &other, i) = S("别的");
        else
            *field_int(&file_row_desc, &other, i) += 1;
        digest_of(&other, now);
        assert_memory_not_equal(was, now, SM3_LEN);
    }
    row.jseq = 99;
    digest_of(&row, now);
    assert_memory_equal(was, now, SM3_LEN);
    row.name = S("甲");
    row.title = S("厂一");
    digest_of(&row, now);
    assert_memory_not_equal(was, now, SM3_LEN);
    row = new_row();
    row.id = 1;
    row.reason = STR_NULL;
    digest_of(&row, was);
    row.reason = S("");
    digest_of(&row, now);
    assert_memory_not_equal(was, now, SM3_LEN);
}

static enum err missing(struct ctx *c, void *arg)
{
    struct file_row row;
    (void)arg;
    enum err e = rec_get(c, &kind_file, 999999, &row);
    assert_int_equal(c->err, ERR_NOT_FOUND);
    return e;
}

static void test_get(void **state)
{
    (void)state;
    assert_int_equal(app_read(store.app, missing, NULL), ERR_NOT_FOUND);
}

static enum err event(struct ctx *c, struct file_row *row)
{
    (void)row;
    return journal_event(c, 7, "导出台账", S("文水县"));
}

static void test_event(void **state)
{
    (void)state;
    struct deed d = done(event, new_row());
    assert_int_equal(d.kind, 0);
    assert_int_equal(d.ref, 0);
    assert_int_equal(d.firm, 7);
    assert_string_equal(d.note, "{\"label\":\"导出台账\",\"text\":\"文水县\"}");
}

static enum err long_event(struct ctx *c, struct file_row *row)
{
    (void)row;
    char *text = arena_alloc(c->a, 300 << 10);
    memset(text, 'x', 300 << 10);
    return journal_event(c, 7, "导出台账", (struct str){text, 300 << 10});
}

/* A history too long to keep refuses the change instead of cutting it. */
static enum err insert_long(struct ctx *c, struct file_row *row)
{
    struct note n = {.label = "建档"};
    char *text = arena_alloc(c->a, 300 << 10);
    memset(text, 'x', 300 << 10);
    n.text = (struct str){text, 300 << 10};
    return rec_insert(c, &kind_file, row, &n);
}

static void test_an_endless_note(void **state)
{
    (void)state;
    struct deed before = done(event, new_row());
    struct deed d = {.run = insert_long, .row = new_row()};
    assert_int_equal(core_write(&store, run_deed, &d), ERR_TOO_LARGE);
    d.run = long_event;
    assert_int_equal(core_write(&store, run_deed, &d), ERR_TOO_LARGE);
    assert_int_equal(app_read(store.app, read_deed, &d), OK);
    assert_int_equal(d.last, before.last);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_insert),
        T(test_silent_insert_is_proved_too),
        T(test_a_given_id_stays),
        T(test_update_tells_old_and_new),
        T(test_personal_data_is_not_told),
        T(test_absent_and_empty_differ),
        T(test_nothing_changed_nothing_written),
        T(test_housekeeping_is_no_news),
        T(test_digest_covers_every_column),
        T(test_get),
        T(test_event),
        T(test_an_endless_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
