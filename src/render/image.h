/* Received pictures and scans: what a file really is, whether it is whole, and a copy without
 * anything that tells where, by whom or with what it was made. Pure byte parsing: nothing is
 * decoded, so a small file cannot blow up; every length is checked against the file.
 *
 * Kept: pixels, colour profile, transparency, orientation. Dropped: EXIF with GPS, XMP, IPTC,
 * comments, thumbnails, maker notes, texts, times, whatever follows the picture (plan: photos and
 * scans as attachments; security 5.4, ASVS 5.2.1-5.4.2, 14.2.8). */
#ifndef ZHIAN_RENDER_IMAGE_H
#define ZHIAN_RENDER_IMAGE_H

#include "base/buf.h"

enum image_kind { IMAGE_NONE, IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP, IMAGE_PDF };

struct image_limits {
    size_t bytes;
    uint32_t side;   /* longest side, pixels */
    uint64_t pixels; /* width × height */
};
#define IMAGE_LIMITS_DEFAULT ((struct image_limits){20u << 20, 30000, 120000000})

struct image_info {
    enum image_kind kind;
    uint32_t width, height; /* as stored, before orientation; 0 for a PDF */
    int orientation;        /* EXIF 1…8; 1 when the file says nothing */
    int64_t taken;          /* EXIF DateTimeOriginal, ms UTC (Shanghai time unless the file gives
                               an offset); NULL_INT when absent or senseless */
};

/* image_check says what the file is. On failure *ret_why is a Chinese sentence: what is wrong, what
 * to do. ERR_UNSUPPORTED: another kind of file, or one with active or foreign content;
 * ERR_INVALID: damaged or cut off; ERR_TOO_LARGE: above the limits. */
MUST_CHECK enum err image_check(struct str file, const struct image_limits *limits,
    struct image_info *ret, const char **ret_why);

/* image_clean checks and appends the cleaned copy to out (a PDF as it is). Never longer than file +
 * 64 bytes. Cleaning a cleaned file changes nothing. Also ERR_NOMEM, and ERR_TOO_LARGE from out. */
MUST_CHECK enum err image_clean(struct str file, const struct image_limits *limits, struct buf *out,
    struct image_info *ret, const char **ret_why);

/* image_type: the media type, image_ext: the extension without dot. */
const char *image_type(enum image_kind kind);
const char *image_ext(enum image_kind kind);

/* image_name_fits: the extension of a file name is one of the kind's (any case). */
bool image_name_fits(enum image_kind kind, struct str name);

#endif
