/* WebP (RFC 9649): a RIFF file of one lossy (VP8) or lossless (VP8L) picture, alone or behind a
 * VP8X header with profile, alpha and metadata chunks. The RIFF size is written again after
 * metadata are dropped. */
#include "render/image_impl.h"

enum {
    RIFF_HEAD = 12,
    CHUNK_HEAD = 8,
    X_LEN = 10,
    X_ANIMATION = 0x02,
    X_XMP = 0x04,
    X_EXIF = 0x08,
    VP8_HEAD = 10,
    VP8L_HEAD = 5,
    SIDE_BITS = 0x3FFF,
};

struct chunk {
    struct str name, data, whole;
};

struct walk {
    struct image_work *w;
    size_t at, end;
    size_t riff_at; /* of the output's RIFF header */
    bool extended, picture;
    uint32_t canvas_w, canvas_h;
};

static void put_le4(char *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(v >> 8 * i);
}

static enum err no_moving(struct walk *k)
{
    return image_fail(k->w, ERR_UNSUPPORTED, "不支持动图，请上传静态照片");
}

/* A chunk with its padding byte, which is zero. */
static void emit_chunk(struct image_work *w, const struct chunk *c)
{
    image_emit(w, c->whole);
    if (c->data.n & 1)
        image_emit(w, S("\0"));
}

static enum err take_extended(struct walk *k, const struct chunk *c)
{
    char head[CHUNK_HEAD + X_LEN];
    if (c->data.n < X_LEN)
        return image_broken(k->w);
    if (c->data.p[0] & X_ANIMATION)
        return no_moving(k);
    memcpy(head, c->whole.p, sizeof head);
    put_le4(head + 4, X_LEN);
    head[CHUNK_HEAD] &= (char)~(X_XMP | X_EXIF);
    if (k->w->info.orientation != 1)
        head[CHUNK_HEAD] |= X_EXIF;
    image_emit(k->w, (struct str){head, sizeof head});
    k->extended = true;
    k->canvas_w = image_le3(c->data, 4) + 1;
    k->canvas_h = image_le3(c->data, 7) + 1;
    return OK;
}

static enum err picture_size(struct walk *k, uint32_t width, uint32_t height)
{
    if (k->extended && (width != k->canvas_w || height != k->canvas_h))
        return image_broken(k->w);
    return image_size(k->w, width, height);
}

/* A key frame: tag with bit 0 clear, start code, two sides of 14 bits. */
static enum err lossy_size(struct walk *k, struct str d)
{
    if (d.n < VP8_HEAD || (image_byte(d, 0) & 1) || !str_eq(str_sub(d, 3, 3), S("\x9D\x01\x2A")))
        return image_broken(k->w);
    return picture_size(k, image_le2(d, 6) & SIDE_BITS, image_le2(d, 8) & SIDE_BITS);
}

/* Signature, then both sides less one in 14 bits each. */
static enum err lossless_size(struct walk *k, struct str d)
{
    if (d.n < VP8L_HEAD || image_byte(d, 0) != 0x2F)
        return image_broken(k->w);
    uint32_t bits = image_le4(d, 1);
    return picture_size(k, (bits & SIDE_BITS) + 1, (bits >> 14 & SIDE_BITS) + 1);
}

static enum err take_picture(struct walk *k, const struct chunk *c)
{
    if (k->picture)
        return image_broken(k->w);
    k->picture = true;
    emit_chunk(k->w, c);
    return str_eq(c->name, S("VP8L")) ? lossless_size(k, c->data) : lossy_size(k, c->data);
}

/* Chunks of the extended form beside the picture. */
static enum err take_other(struct walk *k, const struct chunk *c)
{
    if (str_eq(c->name, S("ANIM")) || str_eq(c->name, S("ANMF")))
        return no_moving(k);
    if (str_eq(c->name, S("ICCP")) || str_eq(c->name, S("ALPH")))
        emit_chunk(k->w, c);
    else if (str_eq(c->name, S("EXIF")) && !k->w->out)
        image_exif(str_starts(c->data, S("Exif\0\0")) ? str_sub(c->data, 6, c->data.n) : c->data,
            &k->w->info);
    return OK;
}

static enum err take_chunk(struct walk *k, const struct chunk *c, bool first)
{
    if (str_eq(c->name, S("VP8 ")) || str_eq(c->name, S("VP8L")))
        return take_picture(k, c);
    if (str_eq(c->name, S("VP8X")))
        return first ? take_extended(k, c) : image_broken(k->w);
    return k->extended ? take_other(k, c) : first ? image_broken(k->w) : OK;
}

static enum err read_chunk(struct walk *k, struct chunk *ret)
{
    struct str in = k->w->in;
    if (k->end - k->at < CHUNK_HEAD)
        return image_broken(k->w);
    size_t n = image_le4(in, k->at + 4);
    if (k->end - k->at - CHUNK_HEAD < n)
        return image_broken(k->w);
    ret->name = str_sub(in, k->at, 4);
    ret->data = str_sub(in, k->at + CHUNK_HEAD, n);
    ret->whole = str_sub(in, k->at, n + CHUNK_HEAD);
    k->at += n + CHUNK_HEAD;
    if ((n & 1) && k->at < k->end)
        k->at++;
    return OK;
}

static void emit_orientation(struct image_work *w)
{
    char chunk[CHUNK_HEAD + EXIF_SMALL] = "EXIF";
    if (w->info.orientation == 1)
        return;
    put_le4(chunk + 4, EXIF_SMALL);
    image_exif_small(w->info.orientation, chunk + CHUNK_HEAD);
    image_emit(w, (struct str){chunk, sizeof chunk});
}

static enum err finish(struct walk *k)
{
    struct buf *out = k->w->out;
    if (!k->picture)
        return image_broken(k->w);
    if (k->extended)
        emit_orientation(k->w);
    if (out && out->err == OK)
        put_le4(out->p + k->riff_at + 4, (uint32_t)(out->n - k->riff_at - 8));
    return OK;
}

enum err image_webp(struct image_work *w)
{
    size_t size = image_le4(w->in, 4);
    if (size < 4)
        return image_broken(w);
    if (w->in.n - 8 < size)
        return image_cut(w);
    struct walk k = {.w = w, .at = RIFF_HEAD, .end = size + 8, .riff_at = w->out ? w->out->n : 0};
    image_emit(w, str_sub(w->in, 0, RIFF_HEAD));
    for (bool first = true; k.at < k.end; first = false) {
        struct chunk c;
        enum err e = read_chunk(&k, &c);
        if (e == OK)
            e = take_chunk(&k, &c, first);
        if (e != OK)
            return e;
    }
    return finish(&k);
}
