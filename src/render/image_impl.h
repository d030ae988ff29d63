/* Inside render/image*: one file under examination. The walk over a format is written once: with
 * out NULL it only looks, else it copies what is kept, with the orientation found before. */
#ifndef ZHIAN_RENDER_IMAGE_IMPL_H
#define ZHIAN_RENDER_IMAGE_IMPL_H

#include "render/image.h"

struct image_work {
    struct str in;
    struct buf *out;
    const struct image_limits *limits;
    struct image_info info;
    const char *why;
};

/* The three walks. */
MUST_CHECK enum err image_jpeg(struct image_work *w);
MUST_CHECK enum err image_png(struct image_work *w);
MUST_CHECK enum err image_webp(struct image_work *w);

/* image_fail notes the reason and returns e. */
enum err image_fail(struct image_work *w, enum err e, const char *why);
enum err image_cut(struct image_work *w);    /* ends too early */
enum err image_broken(struct image_work *w); /* lengths or values that cannot be */

/* image_size notes width and height; ERR_INVALID for 0, ERR_TOO_LARGE above the limits. */
MUST_CHECK enum err image_size(struct image_work *w, uint32_t width, uint32_t height);

/* image_emit copies bytes to the output, when there is one. */
void image_emit(struct image_work *w, struct str bytes);

/* image_exif reads orientation and time of the TIFF block of EXIF into info; nonsense is ignored.
 */
void image_exif(struct str tiff, struct image_info *info);

/* image_exif_small: the smallest TIFF block that says only the orientation. */
enum { EXIF_SMALL = 26 };
void image_exif_small(int orientation, char out[EXIF_SMALL]);

static inline uint32_t image_byte(struct str s, size_t at)
{
    return (unsigned char)s.p[at];
}

static inline uint32_t image_be2(struct str s, size_t at)
{
    return image_byte(s, at) << 8 | image_byte(s, at + 1);
}

static inline uint32_t image_be4(struct str s, size_t at)
{
    return image_be2(s, at) << 16 | image_be2(s, at + 2);
}

static inline uint32_t image_le2(struct str s, size_t at)
{
    return image_byte(s, at) | image_byte(s, at + 1) << 8;
}

static inline uint32_t image_le3(struct str s, size_t at)
{
    return image_le2(s, at) | image_byte(s, at + 2) << 16;
}

static inline uint32_t image_le4(struct str s, size_t at)
{
    return image_le2(s, at) | image_le2(s, at + 2) << 16;
}

#endif
