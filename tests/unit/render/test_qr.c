/* QR codes: the path is drawn back into modules and looked at as a scanner would at first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/qr.h"

enum { MOST = 200 };

static bool dark[MOST][MOST];
static int side;

/* Draws the black path "Mx yhNv1h-Nz…" into dark. */
static void read_back(struct buf *svg)
{
    const char *z = buf_z(svg);
    assert_non_null(z);
    memset(dark, 0, sizeof dark);
    const char *box = strstr(z, "viewBox=\"0 0 ");
    const char *at = strstr(z, "fill=\"#000\" d=\"");
    assert_true(box && at && sscanf(box, "viewBox=\"0 0 %d", &side) == 1 && side < MOST);
    at += strlen("fill=\"#000\" d=\"");
    while (*at == 'M') {
        int x = 0, y = 0, n = 0, back = 0, used = 0;
        assert_int_equal(sscanf(at, "M%d %dh%dv1h-%dz%n", &x, &y, &n, &back, &used), 4);
        assert_int_equal(n, back);
        assert_true(x >= 4 && y >= 4 && n > 0 && x + n <= side - 4 && y < side - 4);
        for (int i = 0; i < n; i++)
            dark[y][x + i] = true;
        at += used;
    }
    assert_string_equal(at, "\"/></svg>");
}

/* A 7 x 7 finder pattern: dark ring, light ring, dark 3 x 3. */
static void expect_finder(int x, int y)
{
    for (int i = 0; i < 7; i++) {
        for (int j = 0; j < 7; j++) {
            int ring = abs(i - 3) > abs(j - 3) ? abs(i - 3) : abs(j - 3);
            assert_int_equal(dark[y + j][x + i], ring != 2);
        }
    }
}

static void drawn(struct str text, struct buf *svg)
{
    buf_init(svg, 1 << 20);
    assert_int_equal(qr_svg(text, S("邀请码 \"<A&B>\""), svg), OK);
    read_back(svg);
}

static void test_form(void **state)
{
    (void)state;
    struct buf svg;
    drawn(S("https://zhian.example/m/#/invite?c=ABCD-EFGH-JKMN"), &svg);
    assert_int_equal((side - 8 - 17) % 4, 0);
    expect_finder(4, 4);
    expect_finder(side - 4 - 7, 4);
    expect_finder(4, side - 4 - 7);
    for (int i = 8; i < side - 8 - 8; i++) /* timing patterns */
        assert_int_equal(dark[4 + 6][4 + i], i % 2 == 0);
    assert_non_null(strstr(svg.p, "aria-label=\"邀请码 &quot;&lt;A&amp;B>&quot;\""));
    buf_free(&svg);
}

/* Format bits beside the first finder, unmasked with 101010000010010, begin with 00: level M. */
static void test_level(void **state)
{
    (void)state;
    struct buf svg;
    drawn(S("x"), &svg);
    assert_int_equal(side, 21 + 8);
    assert_int_equal(dark[12][4], 1);
    assert_int_equal(dark[12][5], 0);
    buf_free(&svg);
}

static void test_sizes(void **state)
{
    (void)state;
    static char text[QR_TEXT_MAX + 1];
    int before = 0;
    memset(text, 'a', sizeof text);
    for (size_t n = 1; n <= QR_TEXT_MAX; n = n * 2) {
        struct buf svg;
        drawn((struct str){text, n}, &svg);
        assert_true(side >= before);
        before = side;
        buf_free(&svg);
    }
    assert_true(before > 100);
}

static void test_refused(void **state)
{
    (void)state;
    static char text[QR_TEXT_MAX + 1];
    struct buf svg;
    memset(text, 'a', sizeof text);
    buf_init(&svg, 1 << 20);
    assert_int_equal(qr_svg(S(""), STR_NULL, &svg), ERR_INVALID);
    assert_int_equal(qr_svg(STR_NULL, STR_NULL, &svg), ERR_INVALID);
    assert_int_equal(qr_svg(S("a\0b"), STR_NULL, &svg), ERR_INVALID);
    assert_int_equal(qr_svg((struct str){text, sizeof text}, STR_NULL, &svg), ERR_TOO_LARGE);
    assert_int_equal(svg.n, 0);
    buf_free(&svg);
    buf_init(&svg, 500);
    assert_int_equal(qr_svg(S("x"), STR_NULL, &svg), ERR_TOO_LARGE);
    assert_int_equal(svg.n, 0);
    buf_free(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_level),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
