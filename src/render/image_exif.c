/* The two facts kept from EXIF: which way is up, and when the picture was taken. A TIFF block is a
 * byte order, then directories of 12-byte entries with offsets into the block; only three
 * directories' worth of entries are ever looked at, so loops in the file go nowhere. */
#include "base/civil.h"
#include "base/field.h"
#include "render/image_impl.h"

enum {
    TAG_ORIENTATION = 0x0112,
    TAG_EXIF = 0x8769,
    TAG_ORIGINAL = 0x9003,
    TAG_ORIGINAL_ZONE = 0x9011,
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TIFF_HEAD = 8,
    ENTRY = 12,
    DATE_LEN = 19,
    ZONE_LEN = 6,
    FIRST_YEAR = 1990,
    LAST_YEAR = 2199,
};

struct tiff {
    struct str s;
    bool big;
};

struct entry {
    uint32_t tag, type, count;
    size_t value_at; /* of the 4-byte value or offset */
};

static uint32_t two(const struct tiff *t, size_t at)
{
    return t->big ? image_be2(t->s, at) : image_le2(t->s, at);
}

static uint32_t four(const struct tiff *t, size_t at)
{
    return t->big ? image_be4(t->s, at) : image_le4(t->s, at);
}

/* The entry of that tag in the directory at dir. */
static bool find(const struct tiff *t, size_t dir, uint32_t tag, struct entry *ret)
{
    if (dir < TIFF_HEAD || dir > t->s.n || t->s.n - dir < 2)
        return false;
    size_t n = two(t, dir);
    for (size_t i = 0, at = dir + 2; i < n && t->s.n - at >= ENTRY; i++, at += ENTRY) {
        if (two(t, at) != tag)
            continue;
        *ret = (struct entry){tag, two(t, at + 2), four(t, at + 4), at + 8};
        return true;
    }
    return false;
}

/* The first n characters of a text entry longer than its 4 bytes of value. */
static struct str ascii(const struct tiff *t, size_t dir, uint32_t tag, size_t n)
{
    struct entry e;
    if (!find(t, dir, tag, &e) || e.type != TYPE_ASCII || e.count < n)
        return STR_NULL;
    size_t at = four(t, e.value_at);
    if (at > t->s.n || t->s.n - at < n)
        return STR_NULL;
    return str_sub(t->s, at, n);
}

/* "2026:11:02 09:00:00" and "+08:00" (or nothing) to ms UTC. */
static int64_t when(struct str date, struct str zone)
{
    char iso[DATE_LEN + ZONE_LEN];
    int64_t ms;
    if (!date.p)
        return NULL_INT;
    memcpy(iso, date.p, DATE_LEN);
    memcpy(iso + DATE_LEN, "+08:00", ZONE_LEN);
    iso[4] = iso[7] = '-';
    iso[10] = 'T';
    struct str text = {iso, sizeof iso};
    if (zone.p && (zone.p[0] == '+' || zone.p[0] == '-')) {
        char with[sizeof iso];
        memcpy(with, iso, DATE_LEN);
        memcpy(with + DATE_LEN, zone.p, ZONE_LEN);
        if (civil_parse_time((struct str){with, sizeof with}, &ms))
            memcpy(iso, with, sizeof iso);
    }
    if (!civil_parse_time(text, &ms))
        return NULL_INT;
    int year = civil_of(civil_today(ms)).year;
    return year >= FIRST_YEAR && year <= LAST_YEAR ? ms : NULL_INT;
}

static void read_orientation(const struct tiff *t, size_t dir, struct image_info *info)
{
    struct entry e;
    if (!find(t, dir, TAG_ORIENTATION, &e) || e.type != TYPE_SHORT || e.count != 1)
        return;
    uint32_t v = two(t, e.value_at);
    if (v >= 1 && v <= 8)
        info->orientation = (int)v;
}

static void read_time(const struct tiff *t, size_t dir, struct image_info *info)
{
    struct entry e;
    if (!find(t, dir, TAG_EXIF, &e) || e.type != TYPE_LONG || e.count != 1)
        return;
    size_t sub = four(t, e.value_at);
    info->taken =
        when(ascii(t, sub, TAG_ORIGINAL, DATE_LEN), ascii(t, sub, TAG_ORIGINAL_ZONE, ZONE_LEN));
}

void image_exif(struct str tiff, struct image_info *info)
{
    if (tiff.n < TIFF_HEAD)
        return;
    struct tiff t = {tiff, tiff.p[0] == 'M'};
    if (!str_starts(tiff, t.big ? S("MM\0*") : S("II*\0")))
        return;
    size_t dir = four(&t, 4);
    read_orientation(&t, dir, info);
    read_time(&t, dir, info);
}

void image_exif_small(int orientation, char out[EXIF_SMALL])
{
    static const char block[EXIF_SMALL] = "MM\0*\0\0\0\10" /* big-endian, directory at 8 */
                                          "\0\1"           /* one entry */
                                          "\1\22\0\3\0\0\0\1\0\0\0\0" /* orientation, one short */
                                          "\0\0\0";                   /* no further directory */
    memcpy(out, block, EXIF_SMALL);
    out[19] = (char)orientation;
}
