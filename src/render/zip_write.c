/* A ZIP container through minizip. */
#include "render/zip_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <minizip/zip.h>

#include "base/mem.h"

enum { BLOCK = 64 << 10, UTF8_NAMES = 1 << 11, LEVEL = 6, MEMORY = 8, PATH_BYTES = 4096 };

struct zip_out {
    zipFile file;
    char path[PATH_BYTES];
    char block[BLOCK];
};

enum err zip_create(const char *path, struct zip_out **ret)
{
    struct zip_out *z = mem_alloc(sizeof *z);
    if (!z)
        return ERR_NOMEM;
    snprintf(z->path, sizeof z->path, "%s", path);
    z->file = zipOpen64(path, APPEND_STATUS_CREATE);
    if (!z->file) {
        mem_free(z);
        return ERR_IO;
    }
    *ret = z;
    return OK;
}

static enum err copy(struct zip_out *z, FILE *f)
{
    size_t n;
    while ((n = fread(z->block, 1, sizeof z->block, f)) > 0)
        if (zipWriteInFileInZip(z->file, z->block, (unsigned)n) != ZIP_OK)
            return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
    return ferror(f) ? ERR_IO : OK;
}

enum err zip_put(struct zip_out *z, const char *name, const char *from)
{
    zip_fileinfo info;
    memset(&info, 0, sizeof info);
    FILE *f = fopen(from, "rb");
    if (!f)
        return ERR_IO;
    int bad = zipOpenNewFileInZip4_64(z->file, name, &info, NULL, 0, NULL, 0, NULL, Z_DEFLATED,
        LEVEL, 0, -MAX_WBITS, MEMORY, Z_DEFAULT_STRATEGY, NULL, 0, 0, UTF8_NAMES, 1);
    enum err e = bad != ZIP_OK ? ERR_IO : copy(z, f);
    if (bad == ZIP_OK && zipCloseFileInZip(z->file) != ZIP_OK && !e)
        e = ERR_IO;
    fclose(f);
    return e;
}

enum err zip_finish(struct zip_out *z, enum err so_far)
{
    enum err e = so_far;
    if (zipClose(z->file, NULL) != ZIP_OK && !e)
        e = ERR_IO;
    if (e)
        (void)unlink(z->path);
    mem_free(z);
    return e;
}
