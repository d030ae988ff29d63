/* ZIP entries through minizip. Method: the directory is read once into a table (name, position,
 * sizes); minizip reads through our own buffered callbacks because it fetches fields byte by byte;
 * entries are found by folded name, and a name that occurs twice is refused when it is wanted,
 * since two readers could disagree about which one counts. */
#include "render/zip_read.h"

#include <minizip/unzip.h>

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

enum { IO_BUF = 64 << 10, ENTRY_ARENA = 8 << 20 };

struct zip_entry {
    struct str name; /* folded to lower case, '/' separators */
    unz64_file_pos pos;
    uint64_t packed, size;
    bool encrypted;
};

/* A buffered view of the descriptor. */
struct zip_io {
    int fd;
    uint64_t size, pos, from;
    size_t have;
    uint64_t consumed;
    char buf[IO_BUF];
};

struct zip_in {
    struct zip_io io;
    unzFile uf;
    struct arena mem;
    struct zip_entry *entries;
    size_t n;
    bool open;
    uint64_t total;
};

/* --- minizip's callbacks ------------------------------------------------------------------------
 */

static voidpf io_open(voidpf opaque, const void *name, int mode)
{
    (void)name;
    (void)mode;
    return opaque;
}

static bool io_fill(struct zip_io *io)
{
    ssize_t n;
    do
        n = pread(io->fd, io->buf, sizeof io->buf, (off_t)io->pos);
    while (n < 0 && errno == EINTR);
    io->from = io->pos;
    io->have = n > 0 ? (size_t)n : 0;
    io->consumed += io->have;
    return n > 0;
}

static uLong io_read(voidpf opaque, voidpf stream, void *out, uLong want)
{
    struct zip_io *io = opaque;
    (void)stream;
    uLong got = 0;
    while (got < want) {
        bool inside = io->pos >= io->from && io->pos < io->from + io->have;
        if (!inside && !io_fill(io))
            break;
        size_t at = (size_t)(io->pos - io->from);
        size_t part = io->have - at < want - got ? io->have - at : want - got;
        memcpy((char *)out + got, io->buf + at, part);
        got += part;
        io->pos += part;
    }
    return got;
}

static uLong io_write(voidpf opaque, voidpf stream, const void *buf, uLong n)
{
    (void)opaque;
    (void)stream;
    (void)buf;
    (void)n;
    return 0;
}

static ZPOS64_T io_tell(voidpf opaque, voidpf stream)
{
    (void)stream;
    return ((struct zip_io *)opaque)->pos;
}

static long io_seek(voidpf opaque, voidpf stream, ZPOS64_T off, int origin)
{
    struct zip_io *io = opaque;
    (void)stream;
    uint64_t base = origin == ZLIB_FILEFUNC_SEEK_SET   ? 0
                    : origin == ZLIB_FILEFUNC_SEEK_CUR ? io->pos
                                                       : io->size;
    uint64_t to = base + off;
    if (to > io->size)
        return -1;
    io->pos = to;
    return 0;
}

static int io_close(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

/* --- the directory ------------------------------------------------------------------------------
 */

static char fold(char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        return (char)(ch + 'a' - 'A');
    return ch == '\\' ? '/' : ch;
}

static bool name_safe(struct str name)
{
    if (name.n == 0 || name.n >= ZIP_NAME_MAX || name.p[0] == '/')
        return false;
    if (memchr(name.p, 0, name.n) || memchr(name.p, ':', name.n))
        return false;
    struct str rest = name;
    while (rest.p) {
        struct str part = str_cut(rest, '/', &rest);
        if (str_eqz(part, ".."))
            return false;
    }
    return true;
}

static enum sheet_err entry_load(struct zip_in *z, struct zip_entry *e)
{
    char name[ZIP_NAME_MAX + 1];
    unz_file_info64 info;
    if (unzGetCurrentFileInfo64(z->uf, &info, name, sizeof name, NULL, 0, NULL, 0) != UNZ_OK)
        return SHEET_ERR_ZIP;
    if (info.size_filename >= ZIP_NAME_MAX)
        return SHEET_ERR_UNSAFE;
    size_t n = info.size_filename;
    for (size_t i = 0; i < n; i++)
        name[i] = fold(name[i]);
    if (!name_safe((struct str){name, n}))
        return SHEET_ERR_UNSAFE;
    e->name = arena_str(&z->mem, (struct str){name, n});
    e->packed = info.compressed_size;
    e->size = info.uncompressed_size;
    e->encrypted = info.flag & 1;
    if (unzGetFilePos64(z->uf, &e->pos) != UNZ_OK || e->packed > z->io.size)
        return SHEET_ERR_ZIP;
    return e->name.p ? SHEET_OK : SHEET_ERR_NOMEM;
}

static enum sheet_err directory_load(struct zip_in *z)
{
    unz_global_info64 g;
    if (unzGetGlobalInfo64(z->uf, &g) != UNZ_OK)
        return SHEET_ERR_ZIP;
    if (g.number_entry > ZIP_ENTRY_MAX)
        return SHEET_ERR_BOMB;
    z->entries = arena_new(&z->mem, struct zip_entry, g.number_entry + 1);
    if (!z->entries)
        return SHEET_ERR_NOMEM;
    int r = unzGoToFirstFile(z->uf);
    while (r == UNZ_OK && z->n < g.number_entry) {
        enum sheet_err e = entry_load(z, &z->entries[z->n]);
        if (e)
            return e;
        z->n++;
        r = unzGoToNextFile(z->uf);
    }
    return r == UNZ_OK || r == UNZ_END_OF_LIST_OF_FILE ? SHEET_OK : SHEET_ERR_ZIP;
}

enum sheet_err zip_open(int fd, uint64_t size, struct zip_in **ret)
{
    struct zip_in *z = mem_alloc(sizeof *z);
    if (!z)
        return SHEET_ERR_NOMEM;
    arena_init(&z->mem, ENTRY_ARENA);
    z->io.fd = fd;
    z->io.size = size;
    zlib_filefunc64_def f = {.zopen64_file = io_open,
        .zread_file = io_read,
        .zwrite_file = io_write,
        .ztell64_file = io_tell,
        .zseek64_file = io_seek,
        .zclose_file = io_close,
        .zerror_file = io_close,
        .opaque = &z->io};
    z->uf = unzOpen2_64("", &f);
    enum sheet_err e = z->uf ? directory_load(z) : SHEET_ERR_ZIP;
    if (e) {
        zip_close(z);
        return e;
    }
    *ret = z;
    return SHEET_OK;
}

void zip_close(struct zip_in *z)
{
    if (!z)
        return;
    if (z->uf) {
        (void)unzCloseCurrentFile(z->uf);
        (void)unzClose(z->uf);
    }
    arena_free(&z->mem);
    mem_free(z);
}

/* The entry of that name; ret_many tells that there is more than one. */
static const struct zip_entry *entry_find(const struct zip_in *z, struct str name, bool *ret_many)
{
    const struct zip_entry *hit = NULL;
    *ret_many = false;
    for (size_t i = 0; i < z->n; i++) {
        const struct zip_entry *e = &z->entries[i];
        bool same = e->name.n == name.n;
        for (size_t k = 0; same && k < name.n; k++)
            same = e->name.p[k] == fold(name.p[k]);
        if (!same)
            continue;
        *ret_many = hit != NULL;
        hit = e;
    }
    return hit;
}

bool zip_has(const struct zip_in *z, struct str name)
{
    bool many;
    return entry_find(z, name, &many) != NULL;
}

static enum sheet_err entry_allowed(const struct zip_entry *e)
{
    if (e->encrypted)
        return SHEET_ERR_ENCRYPTED;
    if (e->size > ZIP_PART_MAX)
        return SHEET_ERR_BOMB;
    if (e->size > ZIP_RATIO_FROM && e->size / ZIP_RATIO_MAX > e->packed)
        return SHEET_ERR_BOMB;
    return SHEET_OK;
}

enum sheet_err zip_start(struct zip_in *z, struct str name)
{
    if (z->open)
        (void)unzCloseCurrentFile(z->uf);
    z->open = false;
    bool many;
    const struct zip_entry *e = entry_find(z, name, &many);
    if (!e)
        return SHEET_ERR_BROKEN;
    if (many)
        return SHEET_ERR_UNSAFE;
    enum sheet_err err = entry_allowed(e);
    if (err)
        return err;
    if (unzGoToFilePos64(z->uf, &e->pos) != UNZ_OK || unzOpenCurrentFile(z->uf) != UNZ_OK)
        return SHEET_ERR_ZIP;
    z->open = true;
    return SHEET_OK;
}

enum sheet_err zip_next(struct zip_in *z, char *out, size_t n, size_t *ret_n)
{
    int got = unzReadCurrentFile(z->uf, out, (unsigned)n);
    if (got < 0)
        return SHEET_ERR_ZIP;
    z->total += (uint64_t)got;
    if (z->total >> 20 > ZIP_TOTAL_MAX_MIB)
        return SHEET_ERR_BOMB;
    if (got == 0) {
        z->open = false;
        if (unzCloseCurrentFile(z->uf) != UNZ_OK)
            return SHEET_ERR_ZIP;
    }
    *ret_n = (size_t)got;
    return SHEET_OK;
}

uint64_t zip_consumed(const struct zip_in *z)
{
    return z->io.consumed;
}
