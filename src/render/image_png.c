/* PNG (ISO/IEC 15948): signature and chunks, each with a CRC. Kept are the chunks that decide how
 * the picture looks; an unknown critical chunk means it cannot be shown faithfully. */
#include "render/image_impl.h"

enum { SIGNATURE = 8, FRAME = 12, IHDR_LEN = 13, CHUNK_MAX = 0x7FFFFFFF, ANCILLARY = 0x20 };

struct chunk {
    struct str name, data, whole;
};

struct walk {
    struct image_work *w;
    size_t at;
    bool palette, pixels, pixels_over, ended;
};

/* CRC-32 (ISO 3309), four bits at a time. */
static uint32_t crc(struct str s)
{
    static const uint32_t step[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190,
        0x6B6B51F4, 0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    uint32_t c = 0xFFFFFFFF;
    for (size_t i = 0; i < s.n; i++) {
        c ^= (unsigned char)s.p[i];
        c = c >> 4 ^ step[c & 15];
        c = c >> 4 ^ step[c & 15];
    }
    return ~c;
}

static void put_be4(char *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(v >> (24 - 8 * i));
}

static void emit_orientation(struct image_work *w)
{
    char chunk[FRAME + EXIF_SMALL] = "\0\0\0\0eXIf";
    if (w->info.orientation == 1)
        return;
    put_be4(chunk, EXIF_SMALL);
    image_exif_small(w->info.orientation, chunk + 8);
    put_be4(chunk + 8 + EXIF_SMALL, crc((struct str){chunk + 4, 4 + EXIF_SMALL}));
    image_emit(w, (struct str){chunk, sizeof chunk});
}

static bool depth_fits(uint32_t colour, uint32_t depth)
{
    switch (colour) {
    case 0:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
        return depth == 8 || depth == 16;
    default:
        return false;
    }
}

static enum err take_header(struct walk *k, const struct chunk *c)
{
    struct str d = c->data;
    if (!str_eq(c->name, S("IHDR")) || d.n != IHDR_LEN)
        return image_broken(k->w);
    if (!depth_fits(image_byte(d, 9), image_byte(d, 8)) || image_byte(d, 10) != 0 ||
        image_byte(d, 11) != 0 || image_byte(d, 12) > 1)
        return image_broken(k->w);
    image_emit(k->w, c->whole);
    emit_orientation(k->w);
    return image_size(k->w, image_be4(d, 0), image_be4(d, 4));
}

static bool is_kept(struct str name)
{
    static const char kept[][5] = {
        "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "cICP"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (str_eqz(name, kept[i]))
            return true;
    return false;
}

static enum err take_end(struct walk *k, const struct chunk *c)
{
    if (c->data.n != 0 || !k->pixels)
        return image_broken(k->w);
    k->ended = true;
    image_emit(k->w, c->whole);
    return OK;
}

/* Pixel data must be in one run of chunks. */
static enum err take_pixels(struct walk *k, const struct chunk *c)
{
    if (k->pixels_over)
        return image_broken(k->w);
    k->pixels = true;
    image_emit(k->w, c->whole);
    return OK;
}

static enum err take_palette(struct walk *k, const struct chunk *c)
{
    size_t n = c->data.n;
    if (k->palette || k->pixels || n == 0 || n % 3 != 0 || n > 3 * 256)
        return image_broken(k->w);
    k->palette = true;
    image_emit(k->w, c->whole);
    return OK;
}

static enum err take_other(struct walk *k, const struct chunk *c)
{
    if (is_kept(c->name))
        image_emit(k->w, c->whole);
    else if (str_eq(c->name, S("eXIf")) && !k->w->out)
        image_exif(c->data, &k->w->info);
    else if (!(image_byte(c->name, 0) & ANCILLARY))
        return image_fail(k->w, ERR_UNSUPPORTED,
            "这个 PNG 用了不常见的内容，请用看图软件另存为普通 PNG 后再上传");
    return OK;
}

static enum err take_chunk(struct walk *k, const struct chunk *c)
{
    if (str_eq(c->name, S("IDAT")))
        return take_pixels(k, c);
    k->pixels_over = k->pixels;
    if (str_eq(c->name, S("IEND")))
        return take_end(k, c);
    if (str_eq(c->name, S("PLTE")))
        return take_palette(k, c);
    if (str_eq(c->name, S("IHDR")))
        return image_broken(k->w);
    return take_other(k, c);
}

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char ch = (char)(name.p[i] | ANCILLARY);
        if (ch < 'a' || ch > 'z')
            return false;
    }
    return true;
}

static enum err read_chunk(struct walk *k, struct chunk *ret)
{
    struct str in = k->w->in;
    if (in.n - k->at < FRAME)
        return image_cut(k->w);
    size_t n = image_be4(in, k->at);
    if (n > CHUNK_MAX)
        return image_broken(k->w);
    if (in.n - k->at - FRAME < n)
        return image_cut(k->w);
    ret->name = str_sub(in, k->at + 4, 4);
    ret->data = str_sub(in, k->at + 8, n);
    ret->whole = str_sub(in, k->at, n + FRAME);
    if (!is_name(ret->name) || crc(str_sub(in, k->at + 4, n + 4)) != image_be4(in, k->at + 8 + n))
        return image_broken(k->w);
    k->at += n + FRAME;
    return OK;
}

enum err image_png(struct image_work *w)
{
    struct walk k = {.w = w, .at = SIGNATURE};
    struct chunk c;
    image_emit(w, str_sub(w->in, 0, SIGNATURE));
    enum err e = read_chunk(&k, &c);
    if (e == OK)
        e = take_header(&k, &c);
    while (e == OK && !k.ended) {
        e = read_chunk(&k, &c);
        if (e == OK)
            e = take_chunk(&k, &c);
    }
    return e;
}
