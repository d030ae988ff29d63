/* The pure parts of the door: targets, header values, names of files, forms of assets, multipart
 * cut anywhere; and each of them when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/assets.h"
#include "http/receive.h"
#include "http/request.h"
#include "http/response.h"

#include <cmocka.h> /* last: its fail() is a macro, the core's a function */

#define assert_str(got, want)                                                                      \
    do {                                                                                           \
        struct str got_ = (got);                                                                   \
        assert_int_equal(got_.n, strlen(want));                                                    \
        assert_memory_equal(got_.p ? got_.p : "", want, got_.n);                                   \
    } while (0)

static struct arena a;

static int setup(void **state)
{
    (void)state;
    arena_init(&a, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&a);
    return 0;
}

static void test_target(void **state)
{
    (void)state;
    struct target t;
    assert_int_equal(target_parse(&a, S("/a/%E4%B8%AD?x=1+2&&y=%26%3D&z"), &t), OK);
    assert_str(t.path, "/a/中");
    assert_int_equal(t.query_n, 3);
    assert_str(t.query[0].value, "1 2");
    assert_str(t.query[1].value, "&=");
    assert_str(t.query[2].name, "z");
    assert_str(t.query[2].value, "");
    assert_int_equal(target_parse(&a, S("/+?"), &t), OK);
    assert_str(t.path, "/+"); /* a blank only in the query */
    assert_int_equal(t.query_n, 0);
    assert_int_equal(target_parse(&a, S("/..."), &t), OK); /* three dots are a name */
    assert_int_equal(target_parse(&a, S(""), &t), ERR_BAD_REQUEST);
    assert_int_equal(target_parse(&a, S("/%4"), &t), ERR_BAD_REQUEST);
    assert_int_equal(target_parse(&a, S("/a%"), &t), ERR_BAD_REQUEST);
    assert_int_equal(target_parse(&a, S("/a/.."), &t), ERR_BAD_REQUEST);
    assert_int_equal(target_parse(&a, S("/a?b=%g0"), &t), ERR_BAD_REQUEST);
}

static void test_header_values(void **state)
{
    (void)state;
    assert_str(cookie_get(S("a=1;  b=2 ;c=3=4"), "b"), "2");
    assert_str(cookie_get(S("a=1; b=2; c=3=4"), "c"), "3=4");
    assert_null(cookie_get(S("ab=1; b"), "b").p);
    assert_null(cookie_get(STR_NULL, "b").p);
    assert_true(media_is(S("Application/JSON ; charset=utf-8"), "application/json"));
    assert_false(media_is(S("application/jsonx"), "application/json"));
    assert_false(media_is(STR_NULL, "application/json"));
    struct str form = S("form-data; name=\"a;b\"; filename=\"x\\\";y=1.xlsx\"; size=3");
    assert_str(media_param(form, "name"), "a;b");
    assert_str(media_param(form, "size"), "3");
    assert_str(media_param(form, "FILENAME"), "x\\\";y=1.xlsx");
    assert_null(media_param(form, "y").p);
    assert_null(media_param(S("form-data"), "name").p);
}

static void test_file_names(void **state)
{
    (void)state;
    assert_str(file_name_clean(&a, S("C:\\台账\\文水.xlsx")), "文水.xlsx");
    assert_str(file_name_clean(&a, S("../../etc/passwd")), "passwd");
    static const char *const none[] = {"", "/", "..", "a/..", "a\nb", "\xff", "a/ "};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(file_name_clean(&a, str_z(none[i])).p);
    struct str both = S("attachment; filename=\"x.xlsx\"; filename*=UTF-8''%E5%8F%B0.xlsx");
    assert_str(disposition_name(&a, both), "台.xlsx");
    assert_null(disposition_name(&a, S("attachment; filename*=UTF-8''%zz")).p);
    assert_string_equal(attachment_make(&a, S("a\r\nb\"c.csv")),
        "attachment; filename=\"a__b_c.csv\"; filename*=UTF-8''a%0D%0Ab%22c.csv");
}

static void test_asset_forms(void **state)
{
    (void)state;
    struct asset all = {"/a", "t", "0123456789abcdef", 0, {S("aaaa"), S("bb"), S("c")}};
    struct asset one = {"/a", "t", "0123456789abcdef", 0, {S("aaaa"), STR_NULL, STR_NULL}};
    assert_int_equal(asset_coding(&all, STR_NULL), CODING_RAW);
    assert_int_equal(asset_coding(&all, S("gzip, deflate, br")), CODING_BROTLI);
    assert_int_equal(asset_coding(&all, S("gzip;q=1.0, br;q=0.000")), CODING_GZIP);
    assert_int_equal(asset_coding(&all, S("BR")), CODING_BROTLI);
    assert_int_equal(asset_coding(&all, S("*")), CODING_BROTLI);
    assert_int_equal(asset_coding(&all, S("br;q=0, *;q=0.5")), CODING_GZIP);
    assert_int_equal(asset_coding(&all, S("xbr, gzipped")), CODING_RAW);
    assert_int_equal(asset_coding(&one, S("br")), CODING_RAW);
    char tag[32];
    struct str t = {tag, asset_etag(&all, CODING_GZIP, tag)};
    assert_str(t, "\"0123456789abcdef-gz\"");
    assert_true(etag_matches(S("\"x\", W/\"0123456789abcdef-gz\""), t));
    assert_true(etag_matches(S("*"), t));
    assert_false(etag_matches(S("\"0123456789abcdef\""), t));
    assert_false(etag_matches(STR_NULL, t));
}

/* Values that would break a header or another's cookie never become one. */
static void test_security_options(void **state)
{
    (void)state;
    struct security s;
    char many[1000];
    memset(many, 'a', sizeof many - 1);
    many[sizeof many - 1] = 0;
    assert_int_equal(security_init(&s, true, "https://a.gov.cn https://b.gov.cn"), OK);
    assert_int_equal(security_init(&s, true, "https://a;script-src *"), ERR_INVALID);
    assert_int_equal(security_init(&s, true, "a\r\nX: 1"), ERR_INVALID);
    assert_int_equal(security_init(&s, true, many), ERR_INVALID);
    struct outgoing o;
    assert_int_equal(security_init(&s, true, NULL), OK);
    out_init(&o, &s, OUT_PAGE);
    bool hsts = false;
    for (size_t i = 0; i < o.n; i++)
        hsts = hsts || str_eq(o.h[i].value, S("max-age=31536000"));
    assert_true(hsts);
}

/* --- multipart
 * --------------------------------------------------------------------------------------- */

struct heard {
    char text[500];
    size_t n;
};

static void hear(struct heard *h, struct str s)
{
    assert_true(h->n + s.n < sizeof h->text);
    memcpy(h->text + h->n, s.p, s.n);
    h->n += s.n;
    h->text[h->n] = 0;
}

static enum err part(void *arg, struct str disposition)
{
    hear(arg, S("<"));
    hear(arg, media_param(disposition, "name"));
    hear(arg, S(">"));
    return OK;
}

static enum err data(void *arg, struct str bytes)
{
    hear(arg, bytes);
    return OK;
}

static enum err end(void *arg)
{
    hear(arg, S("</>"));
    return OK;
}

#define FORM                                                                                       \
    "preamble\r\n--B\r\nContent-Type: a/b\r\ncontent-disposition: form-data; name=a\r\n\r\n"       \
    "one\r\n--\r\n-B\r\r\n--C\r\n--B \t\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n"     \
    "\r\n--B--\r\nepilogue\r\n--B\r\n"

static void test_multipart_cut_anywhere(void **state)
{
    (void)state;
    static const struct multipart_calls calls = {part, data, end};
    struct str form = S(FORM);
    for (size_t first = 0; first <= form.n; first++) {
        struct multipart m;
        struct heard h = {.n = 0};
        assert_int_equal(multipart_init(&m, S("B"), &calls, &h), OK);
        assert_int_equal(multipart_feed(&m, str_sub(form, 0, first)), OK);
        assert_int_equal(multipart_feed(&m, str_sub(form, first, form.n)), OK);
        assert_int_equal(multipart_finish(&m), OK);
        assert_string_equal(h.text, "<a>one\r\n--\r\n-B\r\r\n--C</><b></>");
    }
    /* half of it is never whole */
    size_t whole = (size_t)str_find(form, S("--B--")) + 5;
    for (size_t n = 0; n < whole; n++) {
        struct multipart m;
        struct heard h = {.n = 0};
        assert_int_equal(multipart_init(&m, S("B"), &calls, &h), OK);
        assert_int_equal(multipart_feed(&m, str_sub(form, 0, n)), OK);
        assert_int_equal(multipart_finish(&m), ERR_BAD_REQUEST);
    }
}

/* --- memory runs out
 * ----------------------------------------------------------------------------------- */

static char spool_dir[] = "/tmp/zhian-request-XXXXXX";

/* One upload by the book; returns how it ended. */
static enum err receive_one(struct arena *mem, struct upload *file, struct receiver *r)
{
    struct exchange x = {
        .headers = {{S("Content-Type"), S("multipart/form-data; boundary=B")}}, .headers_n = 1};
    static const char form[] =
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
        "12345\r\n--B\r\nContent-Disposition: form-data; name=\"org\"\r\n\r\n14\r\n--B--";
    enum err e = receive_begin(r, &x, mem, spool_dir, 100);
    if (!e)
        e = receive_add(r, str_z(form));
    return e ? e : receive_end(r, file);
}

/* Another program's upload under way stays; an old one that nobody receives any more goes. */
static void test_leftovers(void **state)
{
    (void)state;
    char dir[] = "/tmp/zhian-left-XXXXXX", new_file[64], old_file[64];
    assert_non_null(mkdtemp(dir));
    assert_int_equal(spool_clean(dir, true), OK);
    snprintf(new_file, sizeof new_file, "%s/tmp/up-new", dir);
    snprintf(old_file, sizeof old_file, "%s/tmp/up-old", dir);
    close(open(new_file, O_CREAT | O_WRONLY, 0600));
    close(open(old_file, O_CREAT | O_WRONLY, 0600));
    struct timespec hours[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};
    assert_int_equal(utimensat(AT_FDCWD, old_file, hours, 0), 0);
    assert_int_equal(spool_clean(dir, true), OK);
    assert_int_equal(access(new_file, F_OK), 0);
    assert_int_equal(access(old_file, F_OK), -1);
    assert_int_equal(spool_clean(dir, false), OK);
    assert_int_equal(access(new_file, F_OK), -1);
    snprintf(new_file, sizeof new_file, "%s/tmp", dir);
    assert_int_equal(rmdir(new_file), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void test_refused_memory(void **state)
{
    (void)state;
    enum err e = ERR_NOMEM;
    assert_int_equal(spool_clean("/tmp/zhian-request-none/none", false), ERR_IO);
    assert_non_null(mkdtemp(spool_dir));
    assert_int_equal(spool_clean(spool_dir, false), OK);
    assert_int_equal(spool_clean(spool_dir, true), OK);
    for (long n = 0; e && n < 50; n++) {
        struct arena mem;
        struct upload file = {0};
        struct receiver r;
        arena_init(&mem, 1 << 20);
        mem_fail_after(n);
        e = receive_one(&mem, &file, &r);
        mem_fail_after(-1);
        if (!e) {
            assert_int_equal(file.size, 5);
            assert_str(r.pairs[0].value, "14");
            assert_int_equal(access(file.path.p, R_OK), 0);
        } else {
            assert_int_equal(e, ERR_NOMEM);
        }
        receive_drop(&r);
        arena_free(&mem);
    }
    assert_int_equal(e, OK); /* and in the end there was enough */
    char tmp[64];
    snprintf(tmp, sizeof tmp, "%s/tmp", spool_dir);
    assert_int_equal(rmdir(tmp), 0); /* nothing was left */
    rmdir(spool_dir);
    struct arena small;
    struct target t;
    for (size_t cap = 0; cap < 6000; cap += 64) {
        arena_init(&small, cap);
        enum err got = target_parse(&small, S("/a/b?c=d"), &t);
        assert_true(got == OK || got == ERR_NOMEM);
        arena_free(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_target, setup, teardown),
        cmocka_unit_test_setup_teardown(test_header_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_asset_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_security_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_multipart_cut_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_memory, setup, teardown),
        cmocka_unit_test(test_leftovers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
