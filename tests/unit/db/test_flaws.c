/* An index that was altered from outside is found, and the row it hides named. On a server there is
 * nothing to find: it is asked all the same. */
#include "store.h"

static struct store st;

static const int64_t HIDDEN = 0x5a17c3e5b7;
static const char BYTES[] = "\x5a\x17\xc3\xe5\xb7"; /* as the file holds that number */

struct seen {
    int n, rows;
    int64_t id;
    char table[32], what[512];
};

static void on_flaw(void *arg, const struct db_flaw *f)
{
    struct seen *s = arg;
    s->n++;
    if (!f->id)
        return;
    s->rows++;
    s->id = f->id;
    snprintf(s->table, sizeof s->table, "%s", f->table);
    snprintf(s->what, sizeof s->what, "%s", f->what);
}

static struct seen look(const char *table)
{
    struct seen s = {0};
    struct db_conn *c = store_connect(&st, false);
    assert_int_equal(db_flaws(c, table, on_flaw, &s), OK);
    db_disconnect(c);
    return s;
}

/* A thousand notes; the number of the one with HIDDEN is no other than its place times ten. */
static void fill(void)
{
    struct db_conn *c = store_connect(&st, true);
    assert_int_equal(tx_begin(c), OK);
    for (int64_t i = 1; i <= 1000; i++)
        assert_int_equal(note_put(c, i * 10, S("一"), i == 700 ? HIDDEN : i), OK);
    assert_int_equal(tx_commit(c), OK);
    db_disconnect(c);
    db_close(st.db);
    st.db = NULL;
}

/* The places where HIDDEN stands in the file: in its row, and in the index. */
static int places(long ret[8])
{
    static char file[1 << 20];
    FILE *f = fopen(st.path, "rb");
    int found = 0;
    assert_non_null(f);
    size_t n = fread(file, 1, sizeof file, f);
    fclose(f);
    for (size_t i = 0; i + sizeof BYTES <= n && found < 8; i++)
        if (memcmp(file + i, BYTES, sizeof BYTES - 1) == 0)
            ret[found++] = (long)(i + sizeof BYTES - 2);
    return found;
}

/* Flips the last bit of a byte of the file. */
static void flip(long at)
{
    FILE *f = fopen(st.path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    int ch = fgetc(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fputc(ch ^ 1, f), ch ^ 1);
    assert_int_equal(fclose(f), 0);
}

/* Row and index differ, whichever was altered. */
static void check_altered(long at)
{
    flip(at);
    assert_int_equal(store_try(&st, false, false), OK);
    struct seen s = look("note");
    assert_int_equal(s.rows, 1);
    assert_int_equal(s.id, 7000);
    assert_string_equal(s.table, "note");
    assert_non_null(strstr(s.what, "note_up"));
    db_close(st.db);
    st.db = NULL;
    flip(at);
}

static void the_row_is_named(void **state)
{
    (void)state;
    long at[8];
    store_make(&st);
    fill();
    int n = server() ? 0 : places(at);
    assert_true(server() || n == 2);
    for (int i = 0; i < n; i++)
        check_altered(at[i]);
    assert_int_equal(store_try(&st, false, false), OK);
    assert_int_equal(look("note").n, 0);
    assert_int_equal(look("tally").n, 0);
    assert_int_equal(look("link").n, 0);
    store_drop(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_row_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
