/* Seal files: written, read back, and damaged in every way that matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/seal_file.h"

enum { HEADS = 5 };

static const int64_t now = 1793581200000;
static char dir[64];
static struct crypto *crypto;
static struct seal_signed heads[HEADS];
static struct buf text;

static void make_head(int i)
{
    struct seal_signed *s = &heads[i];
    struct digest prev = seal_genesis(S("14-0001"));
    s->head = (struct seal_head){
        .no = i + 1, .first_seq = 10 * i + 1, .last_seq = 10 * i + 10, .count = 10};
    s->head.sealed_at = now + i;
    s->head.prev = i ? seal_head_hash(&heads[i - 1].head) : prev;
    s->head.root = merkle_leaf((struct str){(const char *)&i, sizeof i});
    assert_int_equal(seal_sign(crypto, s), OK);
}

static void write_file(int from)
{
    struct seal_top top = {S("14-0001"), now, from + 1, heads[from].head.prev};
    struct digest last = seal_head_hash(&heads[HEADS - 1].head);
    buf_reset(&text);
    assert_int_equal(seal_file_begin(crypto, &top, &text), OK);
    for (int i = from; i < HEADS; i++)
        seal_file_head(&heads[i], &text);
    seal_file_end(HEADS - from, &last, &text);
    assert_int_equal(text.err, OK);
}

/* Three heads by one key, two by the next. */
static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/zhian-seal-XXXXXX");
    struct crypto_options o = {.dir = mkdtemp(dir), .create = true, .now = now};
    if (!o.dir || crypto_open(&o, &crypto) != OK)
        return -1;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < HEADS; i++) {
        if (i == 3)
            assert_int_equal(crypto_rotate(crypto, CRYPTO_SEAL, now), OK);
        make_head(i);
    }
    write_file(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char path[128];
    static const char *const names[] = {"keys/master", "keys/ring"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/keys", dir);
    rmdir(path);
    crypto_close(crypto);
    buf_free(&text);
    return rmdir(dir);
}

static void test_round(void **state)
{
    (void)state;
    struct seal_verdict v;
    struct digest last = seal_head_hash(&heads[HEADS - 1].head);
    assert_true(seal_file_check(buf_str(&text), NULL, &v));
    assert_int_equal(v.heads, HEADS);
    assert_int_equal(v.first, 1);
    assert_int_equal(v.last, HEADS);
    assert_int_equal(v.line, 0);
    assert_int_equal(v.sealed_at, now + HEADS - 1);
    assert_string_equal(v.store, "14-0001");
    assert_true(digest_eq(&v.head, &last));
    assert_non_null(strstr(v.message, "共 5 条"));
}

static void test_round_later_part(void **state)
{
    (void)state;
    struct seal_verdict v;
    write_file(2);
    assert_true(seal_file_check(buf_str(&text), NULL, &v));
    assert_int_equal(v.first, 3);
    assert_int_equal(v.heads, 3);
}

static void test_round_no_heads(void **state)
{
    (void)state;
    struct seal_verdict v;
    struct digest genesis = seal_genesis(S("14-0001"));
    struct seal_top top = {S("14-0001"), now, 1, genesis};
    buf_reset(&text);
    assert_int_equal(seal_file_begin(crypto, &top, &text), OK);
    seal_file_end(0, &genesis, &text);
    assert_true(seal_file_check(buf_str(&text), NULL, &v));
    assert_int_equal(v.heads, 0);
}

/* Carried through a system that writes CR LF. */
static void test_round_crlf(void **state)
{
    (void)state;
    struct seal_verdict v;
    struct buf dos;
    buf_init(&dos, 1 << 20);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n')
            buf_addc(&dos, '\r');
        buf_addc(&dos, text.p[i]);
    }
    assert_true(seal_file_check(buf_str(&dos), NULL, &v));
    buf_free(&dos);
}

static int64_t line_of(size_t at)
{
    int64_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text.p[i] == '\n';
    return line;
}

/* The date of export proves nothing and is not covered; the last sextet of a key has unused bits.
 */
static bool is_free(size_t at)
{
    return line_of(at) == 3 || (at + 2 < text.n && text.p[at + 1] == '=' && text.p[at + 2] == '=');
}

static void test_every_byte(void **state)
{
    (void)state;
    struct seal_verdict v;
    for (size_t i = 0; i < text.n; i++) {
        if (is_free(i))
            continue;
        text.p[i] ^= 1;
        assert_false(seal_file_check(buf_str(&text), NULL, &v));
        assert_in_range(v.line, 1, (uintmax_t)line_of(text.n));
        assert_true(str_starts(str_z(v.message), S("第 ")));
        text.p[i] ^= 1;
    }
    assert_true(seal_file_check(buf_str(&text), NULL, &v));
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    struct seal_verdict v;
    for (size_t n = 0; n + 1 < text.n; n += 7)
        assert_false(seal_file_check(str_sub(buf_str(&text), 0, n), NULL, &v));
}

/* The n-th line as a view into text. */
static struct str line_at(int64_t n)
{
    struct str rest = buf_str(&text), line = STR_NULL;
    while (n-- > 0)
        line = str_cut(rest, '\n', &rest);
    return line;
}

static int64_t head_line(int64_t no)
{
    int64_t n = 1;
    char start[8];
    snprintf(start, sizeof start, "%lld ", (long long)no);
    while (!str_starts(line_at(n), str_z(start)))
        n++;
    return n;
}

/* text without its line n, or with line n twice. */
static void expect_bad_lines(int64_t drop, int64_t twice, int64_t want_line)
{
    struct buf b;
    struct seal_verdict v;
    int64_t lines = line_of(text.n) - 1;
    buf_init(&b, 1 << 20);
    for (int64_t n = 1; n <= lines; n++) {
        int times = n == drop ? 0 : n == twice ? 2 : 1;
        while (times--) {
            buf_add(&b, line_at(n));
            buf_addc(&b, '\n');
        }
    }
    assert_false(seal_file_check(buf_str(&b), NULL, &v));
    assert_int_equal(v.line, want_line);
    buf_free(&b);
}

static void test_lines_lost_or_doubled(void **state)
{
    (void)state;
    int64_t three = head_line(3);
    expect_bad_lines(three, 0, three);
    expect_bad_lines(0, three, three + 1);
    expect_bad_lines(head_line(5), 0, head_line(5));
    expect_bad_lines(1, 0, 1);
    expect_bad_lines(head_line(1) - 1, 0, head_line(1) - 1);
    expect_bad_lines(head_line(5) + 1, 0, head_line(5) + 1);
}

/* A head rewritten together with its hash still lacks a signature. */
static void test_rewritten(void **state)
{
    (void)state;
    struct seal_verdict v;
    heads[2].head.root = merkle_leaf(S("other"));
    write_file(0);
    assert_false(seal_file_check(buf_str(&text), NULL, &v));
    assert_int_equal(v.line, head_line(3));
    assert_non_null(strstr(v.message, "第 3 号存证的签名不对"));
}

/* Rightly chained and signed, but against the rules of a chain. */
static void expect_bad_chain(const char *word)
{
    struct seal_verdict v;
    assert_int_equal(seal_sign(crypto, &heads[4]), OK);
    write_file(0);
    assert_false(seal_file_check(buf_str(&text), NULL, &v));
    assert_int_equal(v.heads, 4);
    assert_non_null(strstr(v.message, word));
}

static void test_signed_against_rules(void **state)
{
    (void)state;
    const struct seal_head good = heads[4].head;
    heads[4].head.no = 6;
    expect_bad_chain("应为 5，实为 6");
    heads[4].head = good;
    heads[4].head.first_seq = heads[3].head.last_seq;
    expect_bad_chain("序号范围");
    heads[4].head = good;
    heads[4].head.count = 11;
    expect_bad_chain("序号范围");
}

/* All of it signed again by whoever holds the keys from head 3 on: only the store at hand tells. */
static bool known(void *arg, int64_t no, struct digest *ret)
{
    const struct digest *list = arg;
    if (no > HEADS - 1)
        return false;
    *ret = list[no - 1];
    return true;
}

static void test_against_store(void **state)
{
    (void)state;
    struct digest list[HEADS];
    struct seal_verdict v;
    struct seal_against against = {.known = known, .arg = list};
    for (int i = 0; i < HEADS; i++)
        list[i] = seal_head_hash(&heads[i].head);
    assert_false(seal_file_check(buf_str(&text), &against, &v));
    assert_int_equal(v.line, head_line(5));
    assert_non_null(strstr(v.message, "数据库里没有第 5 号存证"));
    list[1].b[0] ^= 1;
    assert_false(seal_file_check(buf_str(&text), &against, &v));
    assert_int_equal(v.line, head_line(2));
    assert_non_null(strstr(v.message, "第 2 号存证与数据库里的不同"));
}

static void test_against_print(void **state)
{
    (void)state;
    char pem[CRYPTO_PEM_MAX];
    struct crypto_public k;
    struct seal_verdict v;
    assert_int_equal(crypto_public_pem(crypto, heads[0].sig.key, pem), OK);
    assert_int_equal(crypto_public_read(str_z(pem), &k), OK);
    struct seal_against against = {.print = k.print};
    assert_false(seal_file_check(buf_str(&text), &against, &v)); /* two keys, one trusted */
    assert_non_null(strstr(v.message, "公钥指纹与给定的不符"));
    crypto_public_free(&k);
}

static void test_other_store(void **state)
{
    (void)state;
    struct seal_verdict v;
    struct seal_top top = {S("14-0002"), now, 1, heads[0].head.prev};
    buf_reset(&text);
    assert_int_equal(seal_file_begin(crypto, &top, &text), OK);
    assert_false(seal_file_check(buf_str(&text), NULL, &v));
    assert_non_null(strstr(v.message, "起始值与数据库编号 14-0002 不符"));
    top.store = S("a b");
    assert_int_equal(seal_file_begin(crypto, &top, &text), ERR_INVALID);
    top.store = S("");
    assert_int_equal(seal_file_begin(crypto, &top, &text), ERR_INVALID);
}

static void test_nonsense(void **state)
{
    (void)state;
    struct seal_verdict v;
    static const char *const bad[] = {"", "\n", "zhian-seal 2\n", "zhian-seal 1",
        "zhian-seal 1\nstore\n", "zhian-seal 1\nstore a\nmade x\n",
        "zhian-seal 1\nstore a\nmade 2026-11-02T09:00:00+08:00\nstart 1 00\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(seal_file_check(str_z(bad[i]), NULL, &v));
        assert_true(v.line >= 1);
    }
    assert_false(seal_file_check(STR_NULL, NULL, &v));
}

static void test_torture(void **state)
{
    (void)state;
    struct digest last = seal_head_hash(&heads[0].head);
    struct seal_top top = {S("14-0001"), now, 1, heads[0].head.prev};
    for (size_t most = 0; most < 800; most += 50) {
        struct buf b;
        buf_init(&b, most);
        enum err e = seal_file_begin(crypto, &top, &b);
        seal_file_head(&heads[0], &b);
        seal_file_end(1, &last, &b);
        assert_int_equal(b.err, ERR_TOO_LARGE);
        assert_true(e == OK || e == ERR_TOO_LARGE);
        buf_free(&b);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_round), T(test_round_later_part),
        T(test_round_no_heads), T(test_round_crlf), T(test_every_byte), T(test_cut_anywhere),
        T(test_lines_lost_or_doubled), T(test_rewritten), T(test_signed_against_rules),
        T(test_against_store), T(test_against_print), T(test_other_store), T(test_nonsense),
        T(test_torture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
