/* JPEG (ITU-T T.81): SOI, segments, scans, EOI. Of the application segments only the JFIF header
 * (without its thumbnail), the ICC profile and Adobe's colour transform are kept. */
#include "render/image_impl.h"

enum {
    M_SOF0 = 0xC0,
    M_SOF2 = 0xC2,
    M_DHT = 0xC4,
    M_JPG = 0xC8,
    M_DAC = 0xCC,
    M_SOF15 = 0xCF,
    M_RST0 = 0xD0,
    M_RST7 = 0xD7,
    M_SOI = 0xD8,
    M_EOI = 0xD9,
    M_SOS = 0xDA,
    M_DQT = 0xDB,
    M_DRI = 0xDD,
    M_APP0 = 0xE0,
    M_APP1 = 0xE1,
    M_APP2 = 0xE2,
    M_APP14 = 0xEE,
    M_APP15 = 0xEF,
    M_COM = 0xFE,
    JFIF_LEN = 14,
    ADOBE_LEN = 12,
    SOF_MIN = 9,
    SOS_MIN = 6,
};

/* A walk: where it is and what it has met. */
struct walk {
    struct image_work *w;
    size_t at;
    bool framed, scanned, ended;
};

struct segment {
    uint32_t marker;
    struct str whole; /* with marker and length */
    struct str data;
};

static void emit_segment(struct image_work *w, uint32_t marker, struct str data)
{
    size_t n = data.n + 2;
    const char head[4] = {(char)0xFF, (char)marker, (char)(n >> 8), (char)n};
    image_emit(w, (struct str){head, 4});
    image_emit(w, data);
}

static void emit_orientation(struct image_work *w)
{
    char data[6 + EXIF_SMALL] = "Exif\0";
    if (w->info.orientation == 1)
        return;
    image_exif_small(w->info.orientation, data + 6);
    emit_segment(w, M_APP1, (struct str){data, sizeof data});
}

/* JFIF's header ends with the size of a thumbnail: none. */
static void keep_jfif(struct image_work *w, struct str data)
{
    char head[JFIF_LEN];
    if (data.n < JFIF_LEN || !str_starts(data, S("JFIF\0")))
        return;
    memcpy(head, data.p, JFIF_LEN);
    head[12] = head[13] = 0;
    emit_segment(w, M_APP0, (struct str){head, JFIF_LEN});
}

static void keep_app(struct image_work *w, const struct segment *s)
{
    if (s->marker == M_APP0)
        keep_jfif(w, s->data);
    else if (s->marker == M_APP1 && str_starts(s->data, S("Exif\0\0")) && !w->out)
        image_exif(str_sub(s->data, 6, s->data.n), &w->info);
    else if (s->marker == M_APP2 && str_starts(s->data, S("ICC_PROFILE\0")))
        image_emit(w, s->whole);
    else if (s->marker == M_APP14 && s->data.n >= ADOBE_LEN && str_starts(s->data, S("Adobe")))
        emit_segment(w, M_APP14, str_sub(s->data, 0, ADOBE_LEN));
}

/* The frame header: precision, height, width, components. */
static enum err take_frame(struct walk *k, const struct segment *s)
{
    if (s->marker > M_SOF2)
        return image_fail(k->w, ERR_UNSUPPORTED,
            "这种 JPEG 编码方式浏览器打不开，请用看图软件另存为普通 JPEG 后再上传");
    if (k->framed || s->data.n < SOF_MIN)
        return image_broken(k->w);
    uint32_t parts = image_byte(s->data, 5);
    if (image_byte(s->data, 0) != 8 || (parts != 1 && parts != 3 && parts != 4) ||
        s->data.n != 6 + 3 * parts)
        return image_broken(k->w);
    k->framed = true;
    image_emit(k->w, s->whole);
    return image_size(k->w, image_be2(s->data, 3), image_be2(s->data, 1));
}

/* Entropy-coded data runs to the next marker that is neither a stuffed FF nor a restart. */
static enum err take_scan(struct walk *k, const struct segment *s)
{
    struct str in = k->w->in;
    if (!k->framed || s->data.n < SOS_MIN)
        return image_broken(k->w);
    image_emit(k->w, s->whole);
    size_t from = k->at;
    for (;;) {
        const char *hit = memchr(in.p + k->at, 0xFF, in.n - k->at);
        if (!hit || (size_t)(hit - in.p) + 1 >= in.n)
            return image_cut(k->w);
        k->at = (size_t)(hit - in.p);
        uint32_t next = image_byte(in, k->at + 1);
        if (next != 0 && (next < M_RST0 || next > M_RST7))
            break;
        k->at += 2;
    }
    if (k->at == from)
        return image_broken(k->w);
    image_emit(k->w, str_sub(in, from, k->at - from));
    k->scanned = true;
    return OK;
}

static enum err take_segment(struct walk *k, const struct segment *s)
{
    uint32_t m = s->marker;
    if (m == M_SOS)
        return take_scan(k, s);
    if (m >= M_SOF0 && m <= M_SOF15 && m != M_DHT && m != M_JPG && m != M_DAC)
        return take_frame(k, s);
    if (m == M_DHT || m == M_DQT || m == M_DRI)
        image_emit(k->w, s->whole);
    else if (m >= M_APP0 && m <= M_APP15)
        keep_app(k->w, s);
    else if (m != M_COM)
        return image_broken(k->w);
    return OK;
}

static enum err read_segment(struct walk *k, uint32_t marker, struct segment *ret)
{
    struct str in = k->w->in;
    size_t start = k->at - 2;
    if (in.n - k->at < 2)
        return image_cut(k->w);
    size_t n = image_be2(in, k->at);
    if (n < 2)
        return image_broken(k->w);
    if (in.n - k->at < n)
        return image_cut(k->w);
    ret->marker = marker;
    ret->whole = str_sub(in, start, n + 2);
    ret->data = str_sub(in, k->at + 2, n - 2);
    k->at += n;
    return OK;
}

static enum err take_end(struct walk *k)
{
    if (!k->scanned)
        return image_broken(k->w);
    image_emit(k->w, S("\xFF\xD9"));
    k->ended = true;
    return OK;
}

/* One marker (any number of fill bytes FF before it) and what belongs to it. */
static enum err step(struct walk *k)
{
    struct str in = k->w->in;
    struct segment s = {.marker = 0};
    if (k->at >= in.n)
        return image_cut(k->w);
    if (image_byte(in, k->at) != 0xFF)
        return image_broken(k->w);
    while (k->at < in.n && image_byte(in, k->at) == 0xFF)
        k->at++;
    if (k->at == in.n)
        return image_cut(k->w);
    uint32_t marker = image_byte(in, k->at++);
    if (marker == M_EOI)
        return take_end(k);
    enum err e = read_segment(k, marker, &s);
    return e == OK ? take_segment(k, &s) : e;
}

enum err image_jpeg(struct image_work *w)
{
    struct walk k = {.w = w, .at = 2};
    image_emit(w, S("\xFF\xD8"));
    emit_orientation(w);
    while (!k.ended) {
        enum err e = step(&k);
        if (e != OK)
            return e;
    }
    return OK;
}
