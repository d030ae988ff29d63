/* Pictures built byte by byte: kinds, sizes, what is kept and dropped, EXIF facts, and files that
 * are cut off, broken, foreign or too large. Files of real encoders are in fuzz/corpus/image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/field.h"
#include "base/mem.h"
#include "render/image.h"

static const struct image_limits limits = {1 << 20, 10000, 20000000};
static struct buf in, out;

static int setup(void **state)
{
    (void)state;
    buf_init(&in, 1 << 20);
    buf_init(&out, 2 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&in);
    buf_free(&out);
    return 0;
}

static void be(struct buf *b, uint32_t v, int n)
{
    while (n-- > 0)
        buf_addc(b, (char)(v >> 8 * n));
}

static void le(struct buf *b, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        buf_addc(b, (char)(v >> 8 * i));
}

/* --- checks -------------------------------------------------------------------------------- */

static struct image_info checked(void)
{
    struct image_info info = {.kind = IMAGE_NONE};
    const char *why = "";
    assert_int_equal(in.err, OK);
    assert_int_equal(image_check(buf_str(&in), &limits, &info, &why), OK);
    return info;
}

static void refused(enum err want, const char *word)
{
    struct image_info info = {.kind = IMAGE_PDF, .width = 7};
    const char *why = NULL;
    buf_reset(&out);
    assert_int_equal(image_check(buf_str(&in), &limits, &info, &why), want);
    assert_non_null(why);
    assert_non_null(strstr(why, word));
    assert_int_equal(info.width, 7);
    why = NULL;
    assert_int_equal(image_clean(buf_str(&in), &limits, &out, &info, &why), want);
    assert_non_null(why);
    assert_int_equal(out.n, 0);
}

static struct image_info cleaned(void)
{
    struct image_info info = {.kind = IMAGE_NONE}, again = info;
    const char *why = "";
    struct buf twice;
    buf_reset(&out);
    assert_int_equal(image_clean(buf_str(&in), &limits, &out, &info, &why), OK);
    assert_true(out.n <= in.n + 64);
    buf_init(&twice, 1 << 20);
    assert_int_equal(image_clean(buf_str(&out), &limits, &twice, &again, &why), OK);
    assert_true(str_eq(buf_str(&out), buf_str(&twice)));
    assert_int_equal(again.width, info.width);
    assert_int_equal(again.orientation, info.orientation);
    assert_true(again.taken == NULL_INT);
    buf_free(&twice);
    return info;
}

static bool out_has(struct str what)
{
    return str_find(buf_str(&out), what) >= 0;
}

/* --- EXIF ---------------------------------------------------------------------------------- */

struct exif {
    bool big;
    int orientation;
    const char *date, *zone;
};

static void u(struct buf *b, const struct exif *x, uint32_t v, int n)
{
    if (x->big)
        be(b, v, n);
    else
        le(b, v, n);
}

static void entry(struct buf *b, const struct exif *x, const uint32_t e[4])
{
    u(b, x, e[0], 2);
    u(b, x, e[1], 2);
    u(b, x, e[2], 4);
    u(b, x, e[3], e[1] == 3 ? 2 : 4);
    if (e[1] == 3)
        u(b, x, 0, 2);
}

/* IFD0 at 8 (orientation, pointer), the EXIF directory at 38 (date, zone), texts at 68 and 88. */
static void tiff(struct buf *b, const struct exif *x)
{
    buf_addz(b, x->big ? "MM" : "II");
    u(b, x, 42, 2);
    u(b, x, 8, 4);
    u(b, x, 2, 2);
    entry(b, x, (uint32_t[]){0x0112, 3, 1, (uint32_t)x->orientation});
    entry(b, x, (uint32_t[]){0x8769, 4, 1, 38});
    u(b, x, 0, 4);
    u(b, x, 2, 2);
    entry(b, x, (uint32_t[]){0x9003, 2, 20, 68});
    entry(b, x, (uint32_t[]){0x9011, 2, 7, 88});
    u(b, x, 0, 4);
    buf_add(b, (struct str){x->date, 20});
    buf_add(b, (struct str){x->zone, 7});
    buf_addz(b, "GPS 37.4361");
}

static const struct exif phone = {true, 6, "2026:11:02 08:59:58", "+08:00"};

/* --- JPEG ---------------------------------------------------------------------------------- */

static void segment(uint32_t marker, struct str data)
{
    be(&in, 0xFF00 | marker, 2);
    be(&in, (uint32_t)data.n + 2, 2);
    buf_add(&in, data);
}

static void jpeg_start(void)
{
    buf_reset(&in);
    buf_add(&in, S("\xFF\xD8"));
}

static void jpeg_frame(uint32_t sof, uint32_t width, uint32_t height)
{
    char d[9] = {
        8, (char)(height >> 8), (char)height, (char)(width >> 8), (char)width, 1, 1, 0x11, 0};
    segment(sof, (struct str){d, sizeof d});
}

static void jpeg_scan(void)
{
    segment(0xDA, S("\1\1\0\0\x3F\0"));
    buf_add(&in, S("\x12\x34\xFF\x00\x56\xFF\xD0\x78"));
}

static void jpeg_rest(void)
{
    segment(0xDB, S("\0quantization table of sixty-four bytes, not looked at here........"));
    jpeg_frame(0xC0, 640, 480);
    segment(0xC4, S("\0huffman table"));
    jpeg_scan();
    buf_add(&in, S("\xFF\xD9"));
}

static void jpeg_exif(const struct exif *x)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_add(&b, S("Exif\0\0"));
    tiff(&b, x);
    segment(0xE1, buf_str(&b));
    buf_free(&b);
}

static void jpeg_full(void)
{
    jpeg_start();
    segment(0xE0, S("JFIF\0\1\1\0\0\1\0\1\1\1RGB"));
    segment(0xE0, S("JFXX\0thumbnail"));
    jpeg_exif(&phone);
    segment(0xE1, S("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"));
    segment(0xE2, S("ICC_PROFILE\0\1\1profile"));
    segment(0xE2, S("MPF\0more pictures"));
    segment(0xED, S("Photoshop 3.0\0IPTC author"));
    segment(0xEE, S("Adobe\0\144\0\0\0\0\1surplus"));
    segment(0xEF, S("maker"));
    segment(0xFE, S("a comment"));
    jpeg_rest();
}

static void test_jpeg_facts(void **state)
{
    (void)state;
    jpeg_full();
    struct image_info info = checked();
    assert_int_equal(info.kind, IMAGE_JPEG);
    assert_int_equal(info.width, 640);
    assert_int_equal(info.height, 480);
    assert_int_equal(info.orientation, 6);
    int64_t ms = 0;
    assert_true(civil_parse_time(S("2026-11-02T08:59:58+08:00"), &ms));
    assert_int_equal(info.taken, ms);
    jpeg_start();
    jpeg_rest();
    info = checked();
    assert_int_equal(info.orientation, 1);
    assert_true(info.taken == NULL_INT);
}

static void test_jpeg_clean(void **state)
{
    (void)state;
    jpeg_full();
    buf_addz(&in, "trailing motion picture");
    struct image_info info = cleaned();
    assert_int_equal(info.orientation, 6);
    static const char *const gone[] = {"GPS", "xmpmeta", "MPF", "Photoshop", "maker", "comment",
        "surplus", "trailing", "RGB", "JFXX", "2026"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        assert_false(out_has(str_z(gone[i])));
    assert_true(out_has(S("ICC_PROFILE\0\1\1profile")));
    assert_true(out_has(S("JFIF\0\1\1\0\0\1\0\1\0\0\xFF")));
    assert_true(out_has(S("\xFF\xEE\0\16Adobe\0\144\0\0\0\0\1\xFF")));
    assert_true(out_has(S("\x12\x34\xFF\x00\x56\xFF\xD0\x78\xFF\xD9")));
    assert_true(str_ends(buf_str(&out), S("\xFF\xD9")));
}

/* A cleaned plain picture is byte for byte itself. */
static void test_jpeg_same(void **state)
{
    (void)state;
    jpeg_start();
    jpeg_rest();
    cleaned();
    assert_true(str_eq(buf_str(&in), buf_str(&out)));
    assert_false(out_has(S("Exif")));
}

static void test_jpeg_progressive(void **state)
{
    (void)state;
    jpeg_start();
    jpeg_frame(0xC2, 4000, 3000);
    for (int i = 0; i < 3; i++) {
        segment(0xC4, S("\0huffman table"));
        jpeg_scan();
    }
    buf_add(&in, S("\xFF\xFF\xFF\xD9")); /* fill bytes */
    assert_int_equal(checked().width, 4000);
    cleaned();
}

static void test_jpeg_cut_anywhere(void **state)
{
    (void)state;
    jpeg_full();
    size_t n = in.n;
    for (in.n = 3; in.n < n; in.n++)
        refused(ERR_INVALID, "请");
    in.n = n;
    checked();
}

static void test_jpeg_broken(void **state)
{
    (void)state;
    jpeg_start(); /* no frame before the scan */
    jpeg_scan();
    refused(ERR_INVALID, "不是完好的图片");
    jpeg_start(); /* two frames */
    jpeg_frame(0xC0, 64, 64);
    jpeg_rest();
    refused(ERR_INVALID, "不是完好的图片");
    jpeg_start(); /* no scan */
    jpeg_frame(0xC0, 64, 64);
    buf_add(&in, S("\xFF\xD9"));
    refused(ERR_INVALID, "不是完好的图片");
    jpeg_start(); /* no height */
    jpeg_frame(0xC0, 64, 0);
    jpeg_scan();
    refused(ERR_INVALID, "不是完好的图片");
    jpeg_start(); /* a segment shorter than its length field */
    buf_add(&in, S("\xFF\xE1\0\1"));
    refused(ERR_INVALID, "不是完好的图片");
    jpeg_start(); /* text after the magic */
    buf_addz(&in, "\xFF<script>");
    refused(ERR_INVALID, "");
    jpeg_start(); /* scan without data */
    jpeg_frame(0xC0, 64, 64);
    segment(0xDA, S("\1\1\0\0\x3F\0"));
    buf_add(&in, S("\xFF\xD9"));
    refused(ERR_INVALID, "不是完好的图片");
}

static void test_jpeg_unsupported(void **state)
{
    (void)state;
    static const uint32_t sofs[] = {0xC3, 0xC5, 0xC9, 0xCA, 0xCB, 0xCF};
    for (size_t i = 0; i < sizeof sofs / sizeof sofs[0]; i++) {
        jpeg_start();
        jpeg_frame(sofs[i], 64, 64);
        jpeg_scan();
        buf_add(&in, S("\xFF\xD9"));
        refused(ERR_UNSUPPORTED, "编码方式");
    }
}

static void test_too_large(void **state)
{
    (void)state;
    jpeg_start();
    jpeg_frame(0xC0, 10001, 10);
    refused(ERR_TOO_LARGE, "像素");
    jpeg_start();
    jpeg_frame(0xC0, 5000, 4001);
    refused(ERR_TOO_LARGE, "像素");
    buf_free(&in);
    buf_init(&in, 3 << 20);
    buf_add(&in, S("\xFF\xD8\xFF"));
    assert_non_null(buf_reserve(&in, 1 << 20));
    memset(in.p + in.n, 0, 1 << 20);
    in.n += 1 << 20;
    refused(ERR_TOO_LARGE, "文件太大");
}

/* --- EXIF facts ---------------------------------------------------------------------------- */

static struct image_info with_exif(const struct exif *x)
{
    jpeg_start();
    jpeg_exif(x);
    jpeg_rest();
    return checked();
}

static void expect_time(const char *date, const char *zone, const char *want)
{
    int64_t ms = NULL_INT;
    struct exif x = {false, 1, date, zone};
    if (want)
        assert_true(civil_parse_time(str_z(want), &ms));
    assert_true(with_exif(&x).taken == ms);
}

static void test_exif_times(void **state)
{
    (void)state;
    expect_time("2026:11:02 08:59:58", "+08:00", "2026-11-02T08:59:58+08:00");
    expect_time("2026:11:02 08:59:58", "+00:00", "2026-11-02T08:59:58Z");
    expect_time("2026:11:02 08:59:58", "      ", "2026-11-02T08:59:58+08:00");
    expect_time("2026:11:02 08:59:58", "+99:99", "2026-11-02T08:59:58+08:00");
    expect_time("0000:00:00 00:00:00", "+08:00", NULL);
    expect_time("2026:02:30 08:00:00", "+08:00", NULL);
    expect_time("    :  :     :  :  ", "+08:00", NULL);
    expect_time("1970:01:01 00:00:00", "+08:00", NULL);
    expect_time("2026:11:02 25:00:00", "+08:00", NULL);
}

static void test_exif_orientations(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        for (int o = 0; o < 10; o++) {
            struct exif x = {big != 0, o, phone.date, phone.zone};
            int want = o >= 1 && o <= 8 ? o : 1;
            assert_int_equal(with_exif(&x).orientation, want);
            assert_int_equal(cleaned().orientation, want);
        }
    }
}

/* Nonsense in EXIF is dropped with it, never an error and never a read outside. */
static void test_exif_nonsense(void **state)
{
    (void)state;
    struct buf b;
    jpeg_start();
    segment(0xE1, S("Exif\0\0"));
    segment(0xE1, S("Exif\0\0MM\0*\xFF\xFF\xFF\xFF"));
    segment(0xE1, S("Exif\0\0MM\0*\0\0\0\10\xFF\xFF"));
    jpeg_rest();
    assert_int_equal(checked().orientation, 1);
    buf_init(&b, 4096);
    tiff(&b, &phone);
    for (size_t n = 0; n <= b.n; n++) {
        struct buf cut;
        buf_init(&cut, 4096);
        buf_add(&cut, S("Exif\0\0"));
        buf_add(&cut, str_sub(buf_str(&b), 0, n));
        jpeg_start();
        segment(0xE1, buf_str(&cut));
        jpeg_rest();
        assert_int_equal(checked().taken != NULL_INT, n >= 68 + 19); /* the date is whole */
        buf_free(&cut);
    }
    buf_free(&b);
}

/* --- PNG ----------------------------------------------------------------------------------- */

static uint32_t crc_by_bits(struct str s)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < s.n; i++) {
        c ^= (unsigned char)s.p[i];
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
    }
    return ~c;
}

static void chunk(const char *name, struct str data)
{
    be(&in, (uint32_t)data.n, 4);
    size_t from = in.n;
    buf_addz(&in, name);
    buf_add(&in, data);
    be(&in, crc_by_bits(str_sub(buf_str(&in), from, in.n)), 4);
}

static void png_start(uint32_t width, uint32_t height)
{
    char d[13] = {(char)(width >> 24), (char)(width >> 16), (char)(width >> 8), (char)width,
        (char)(height >> 24), (char)(height >> 16), (char)(height >> 8), (char)height, 8, 2, 0, 0,
        0};
    buf_reset(&in);
    buf_add(&in, S("\x89PNG\r\n\x1A\n"));
    chunk("IHDR", (struct str){d, sizeof d});
}

static void png_end(void)
{
    chunk("IDAT", S("compressed"));
    chunk("IDAT", S("pixels"));
    chunk("IEND", S(""));
}

static void test_png(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    tiff(&b, &phone);
    png_start(300, 200);
    chunk("pHYs", S("\0\0\1\0\0\0\1\0\1"));
    chunk("tEXt", S("Author\0somebody"));
    chunk("zTXt", S("x\0\0compressed text"));
    chunk("iTXt", S("XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>"));
    chunk("tIME", S("\7\352\13\2\10\73\72"));
    chunk("eXIf", buf_str(&b));
    chunk("prVt", S("private"));
    png_end();
    buf_addz(&in, "trailing");
    struct image_info info = cleaned();
    assert_int_equal(info.kind, IMAGE_PNG);
    assert_int_equal(info.width, 300);
    assert_int_equal(info.height, 200);
    assert_int_equal(info.orientation, 6);
    assert_true(info.taken != NULL_INT);
    static const char *const gone[] = {
        "tEXt", "zTXt", "iTXt", "tIME", "prVt", "GPS", "trailing", "2026"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        assert_false(out_has(str_z(gone[i])));
    assert_true(out_has(S("pHYs")) && out_has(S("compressed")) && out_has(S("pixels")));
    buf_free(&b);
}

static void test_png_same(void **state)
{
    (void)state;
    png_start(1, 1);
    png_end();
    cleaned();
    assert_true(str_eq(buf_str(&in), buf_str(&out)));
}

static void test_png_cut_or_changed(void **state)
{
    (void)state;
    png_start(300, 200);
    png_end();
    size_t n = in.n;
    for (in.n = 8; in.n < n; in.n++)
        refused(ERR_INVALID, "请");
    in.n = n;
    for (size_t i = 8; i < n; i++) {
        struct image_info info;
        const char *why;
        in.p[i] ^= 1;
        assert_int_not_equal(image_check(buf_str(&in), &limits, &info, &why), OK);
        in.p[i] ^= 1;
    }
    checked();
}

static void test_png_broken(void **state)
{
    (void)state;
    png_start(0, 200);
    png_end();
    refused(ERR_INVALID, "不是完好的图片");
    png_start(1, 1); /* no pixels */
    chunk("IEND", S(""));
    refused(ERR_INVALID, "不是完好的图片");
    png_start(1, 1); /* pixels in two runs */
    chunk("IDAT", S("a"));
    chunk("tEXt", S("a"));
    png_end();
    refused(ERR_INVALID, "不是完好的图片");
    png_start(1, 1); /* a second header */
    chunk("IHDR", S("0123456789abc"));
    refused(ERR_INVALID, "不是完好的图片");
    png_start(1, 1);
    chunk("PLTE", S("not a multiple of 3."));
    refused(ERR_INVALID, "不是完好的图片");
    png_start(1, 1); /* unknown but critical */
    chunk("QRST", S("x"));
    refused(ERR_UNSUPPORTED, "另存为普通 PNG");
    png_start(20000, 20000);
    refused(ERR_TOO_LARGE, "像素");
    png_start(0xFFFFFFFF, 0xFFFFFFFF);
    refused(ERR_TOO_LARGE, "像素");
}

/* --- WebP ---------------------------------------------------------------------------------- */

static void webp_start(void)
{
    buf_reset(&in);
    buf_add(&in, S("RIFF\0\0\0\0WEBP"));
}

static void riff(const char *name, struct str data)
{
    buf_addz(&in, name);
    le(&in, (uint32_t)data.n, 4);
    buf_add(&in, data);
    if (data.n & 1)
        buf_addc(&in, 0);
}

static void webp_end(void)
{
    uint32_t n = (uint32_t)in.n - 8;
    for (int i = 0; i < 4; i++)
        in.p[4 + i] = (char)(n >> 8 * i);
}

#define LOSSY_64X48 S("\x10\0\0\x9D\x01\x2A\x40\0\x30\0pixels1")
#define LOSSLESS_64X48 S("\x2F\x3F\xC0\x0B\0pixels")

static void webp_extended(char flags)
{
    char x[10] = {flags, 0, 0, 0, 63, 0, 0, 47, 0, 0};
    webp_start();
    riff("VP8X", (struct str){x, sizeof x});
}

static void test_webp(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    tiff(&b, &phone);
    webp_extended(0x20 | 0x10 | 0x08 | 0x04);
    riff("ICCP", S("profile"));
    riff("ALPH", S("alpha"));
    riff("VP8 ", LOSSY_64X48);
    riff("EXIF", buf_str(&b));
    riff("XMP ", S("<x:xmpmeta/>"));
    riff("priv", S("private"));
    webp_end();
    struct image_info info = cleaned();
    assert_int_equal(info.kind, IMAGE_WEBP);
    assert_int_equal(info.width, 64);
    assert_int_equal(info.height, 48);
    assert_int_equal(info.orientation, 6);
    assert_true(info.taken != NULL_INT);
    assert_false(out_has(S("xmp")) || out_has(S("priv")) || out_has(S("GPS")));
    assert_true(out_has(S("profile")) && out_has(S("alpha")) && out_has(S("pixels1")));
    assert_int_equal(out.p[20], 0x20 | 0x10 | 0x08);
    buf_free(&b);
}

static void test_webp_flags(void **state)
{
    (void)state;
    webp_extended(0x08 | 0x04);
    riff("VP8 ", LOSSY_64X48);
    riff("EXIF", S("nonsense"));
    webp_end();
    cleaned();
    assert_int_equal(out.p[20], 0);
    assert_false(out_has(S("EXIF")));
    assert_int_equal((unsigned char)out.p[4], out.n - 8);
}

/* EXIF at the very end of the file, its texts cut off: in memory of exactly that size, so that a
 * read behind it is seen. */
static void test_exif_at_the_end(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    tiff(&b, &phone);
    for (size_t n = 2; n <= b.n; n += 2) {
        struct image_info info;
        const char *why;
        webp_extended(0x08);
        riff("VP8 ", LOSSY_64X48);
        riff("EXIF", str_sub(buf_str(&b), 0, n));
        webp_end();
        char *exact = mem_alloc(in.n);
        assert_non_null(exact);
        memcpy(exact, in.p, in.n);
        assert_int_equal(image_check((struct str){exact, in.n}, &limits, &info, &why), OK);
        assert_int_equal(info.taken != NULL_INT, n >= 68 + 19);
        mem_free(exact);
    }
    buf_free(&b);
}

static void test_webp_plain(void **state)
{
    (void)state;
    webp_start();
    riff("VP8 ", LOSSY_64X48);
    webp_end();
    assert_int_equal(cleaned().height, 48);
    assert_true(str_eq(buf_str(&in), buf_str(&out)));
    webp_start();
    riff("VP8L", LOSSLESS_64X48);
    webp_end();
    assert_int_equal(cleaned().height, 48);
    assert_int_equal(checked().width, 64);
    size_t n = in.n;
    for (in.n = 12; in.n < n; in.n++)
        refused(ERR_INVALID, "不完整");
}

static void test_webp_broken(void **state)
{
    (void)state;
    webp_extended(0x02);
    webp_end();
    refused(ERR_UNSUPPORTED, "动图");
    webp_extended(0);
    riff("ANMF", S("frame"));
    webp_end();
    refused(ERR_UNSUPPORTED, "动图");
    webp_extended(0); /* no picture */
    riff("ICCP", S("profile"));
    webp_end();
    refused(ERR_INVALID, "不是完好的图片");
    webp_extended(0); /* canvas and picture differ */
    riff("VP8 ", S("\x10\0\0\x9D\x01\x2A\x41\0\x30\0pixels1"));
    webp_end();
    refused(ERR_INVALID, "不是完好的图片");
    webp_start(); /* two pictures */
    riff("VP8 ", LOSSY_64X48);
    riff("VP8 ", LOSSY_64X48);
    webp_end();
    refused(ERR_INVALID, "不是完好的图片");
    webp_start(); /* no start code */
    riff("VP8 ", S("\x10\0\0\x9D\x01\x2B\x40\0\x30\0pixels1"));
    webp_end();
    refused(ERR_INVALID, "不是完好的图片");
    webp_start(); /* chunk longer than the file */
    buf_add(&in, S("VP8 \xFF\xFF\xFF\xFFpixels and more pixels"));
    webp_end();
    refused(ERR_INVALID, "不是完好的图片");
}

/* --- PDF and others ------------------------------------------------------------------------ */

static void pdf(const char *middle)
{
    buf_reset(&in);
    buf_addz(&in, "%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n");
    buf_addz(&in, middle);
    buf_addz(&in, "\nxref\n0 3\ntrailer <</Root 1 0 R>>\nstartxref\n60\n%%EOF\n");
}

static void test_pdf(void **state)
{
    (void)state;
    pdf("");
    assert_int_equal(checked().kind, IMAGE_PDF);
    cleaned();
    assert_true(str_eq(buf_str(&in), buf_str(&out)));
    pdf("3 0 obj <</S /JavaScript /JS (app.alert(1))>> endobj");
    refused(ERR_UNSUPPORTED, "脚本");
    pdf("3 0 obj <</S /Launch /F (cmd.exe)>> endobj");
    refused(ERR_UNSUPPORTED, "可执行");
    pdf("trailer <</Encrypt 5 0 R>>");
    refused(ERR_UNSUPPORTED, "密码");
    pdf("");
    buf_addz(&in, "<html>");
    refused(ERR_INVALID, "结尾");
    pdf("");
    in.n -= 8;
    refused(ERR_INVALID, "结尾");
    buf_reset(&in);
    buf_addz(&in, "%PDF-");
    refused(ERR_INVALID, "不是完好");
}

static void test_foreign(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        const char *word;
    } files[] = {
        {S("GIF89a\1\0\1\0"), "GIF"},
        {S("BM\0\0\0\0"), "BMP"},
        {S("II*\0\10\0\0\0"), "TIFF"},
        {S("\0\0\0\x18"
           "ftypheic"),
            "HEIC"},
        {S("PK\3\4\24\0"), "压缩包"},
        {S("\xD0\xCF\x11\xE0"), "Office"},
        {S("<svg onload=alert(1)>"), "认不出"},
        {S("MZ\x90"), "认不出"},
        {S("WEBPWEBPWEBP"), "认不出"},
        {S("\xFF\xD8"), "认不出"},
        {S("x"), "认不出"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        buf_reset(&in);
        buf_add(&in, files[i].bytes);
        refused(ERR_UNSUPPORTED, files[i].word);
    }
    buf_reset(&in);
    refused(ERR_INVALID, "空的");
}

/* An archive behind a whole picture, found by its closing record. */
static void test_hidden_zip(void **state)
{
    (void)state;
    jpeg_start();
    jpeg_rest();
    buf_add(&in, S("PK\3\4...PK\1\2...PK\5\6\0\0\0\0\1\0\1\0\56\0\0\0\50\0\0\0\4\0note"));
    refused(ERR_UNSUPPORTED, "夹带了压缩包");
    in.n--; /* the comment's length no longer fits: no reader would take it */
    checked();
    jpeg_start();
    segment(0xFE, S("PK\5\6 in a comment"));
    jpeg_rest();
    checked();
}

/* A closing record in the pixels that becomes the last one when the rest is dropped. */
static void test_hidden_zip_by_cleaning(void **state)
{
    (void)state;
    struct image_info info;
    const char *why = NULL;
    jpeg_start();
    jpeg_frame(0xC0, 64, 64);
    segment(0xDA, S("\1\1\0\0\x3F\0"));
    buf_add(&in, S("pixelsPK\5\6\0\0\0\0\1\0\1\0\56\0\0\0\50\0\0\0\2\0\xFF\xD9"));
    refused(ERR_UNSUPPORTED, "夹带了压缩包");
    buf_addz(&in, "surplus");
    checked();
    assert_int_equal(image_clean(buf_str(&in), &limits, &out, &info, &why), ERR_UNSUPPORTED);
    assert_int_equal(out.n, 0);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(image_name_fits(IMAGE_JPEG, S("现场照片.JPG")));
    assert_true(image_name_fits(IMAGE_JPEG, S("a.b.jpeg")));
    assert_true(image_name_fits(IMAGE_PDF, S(".pdf")));
    assert_false(image_name_fits(IMAGE_JPEG, S("a.png")));
    assert_false(image_name_fits(IMAGE_JPEG, S("jpg")));
    assert_false(image_name_fits(IMAGE_JPEG, S("a.")));
    assert_false(image_name_fits(IMAGE_JPEG, S("a.jp")));
    assert_false(image_name_fits(IMAGE_JPEG, S("a.jpg ")));
    assert_false(image_name_fits(IMAGE_JPEG, S("a.jpg jpeg")));
    assert_false(image_name_fits(IMAGE_NONE, S("a.exe")));
    assert_false(image_name_fits(IMAGE_PNG, STR_NULL));
    assert_string_equal(image_type(IMAGE_WEBP), "image/webp");
    assert_string_equal(image_ext(IMAGE_JPEG), "jpg");
}

/* --- torture ------------------------------------------------------------------------------- */

static void test_out_refused(void **state)
{
    (void)state;
    struct image_info info;
    const char *why = NULL;
    jpeg_full();
    for (long n = 0;; n++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        mem_fail_after(n);
        enum err e = image_clean(buf_str(&in), &limits, &b, &info, &why);
        mem_fail_after(-1);
        assert_true(e == OK || (e == ERR_NOMEM && b.n == 0 && why));
        buf_free(&b);
        if (e == OK)
            break;
    }
    for (size_t most = 0; most < 200; most += 9) {
        struct buf b;
        buf_init(&b, most);
        assert_int_equal(image_clean(buf_str(&in), &limits, &b, &info, &why), ERR_TOO_LARGE);
        assert_int_equal(b.n, 0);
        buf_free(&b);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_jpeg_facts), T(test_jpeg_clean), T(test_jpeg_same),
        T(test_jpeg_progressive), T(test_jpeg_cut_anywhere), T(test_jpeg_broken),
        T(test_jpeg_unsupported), T(test_too_large), T(test_exif_times), T(test_exif_orientations),
        T(test_exif_nonsense), T(test_png), T(test_png_same), T(test_png_cut_or_changed),
        T(test_png_broken), T(test_webp), T(test_webp_flags), T(test_exif_at_the_end),
        T(test_webp_plain), T(test_webp_broken), T(test_pdf), T(test_foreign), T(test_hidden_zip),
        T(test_hidden_zip_by_cleaning), T(test_names), T(test_out_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
