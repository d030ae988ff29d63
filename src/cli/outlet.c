/* The two outlets of a backup, and the way out of an encrypted file. */
#include "cli/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/copy.h"

enum { BLOCK = 1 << 16, PATH_LEN = 4096, NAME_LEN = 1024, DEPTH = 4 };
enum { TAG_FILE = 'F', TAG_END = 'E' };

/* --- a folder --------------------------------------------------------------------------------- */

/* Makes the folders that name lies in. */
static enum err folders_make(const char *root, const char *name)
{
    char part[NAME_LEN];
    enum err e = OK;
    for (const char *slash = strchr(name, '/'); slash && !e; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
        e = folder_make(root, part);
    }
    return e;
}

static enum err folder_begin(struct outlet *o, const char *name)
{
    char path[PATH_LEN];
    int n = snprintf(path, sizeof path, "%s/%s", o->root, name);
    if (n < 0 || n >= PATH_LEN || strlen(name) >= NAME_LEN)
        return ERR_IO;
    enum err e = folders_make(o->root, name);
    if (e)
        return e;
    o->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return o->fd < 0 ? io_error() : OK;
}

static enum err folder_add(struct outlet *o, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = write(o->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return io_error();
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return OK;
}

static enum err folder_end(struct outlet *o)
{
    int fd = o->fd;
    o->fd = -1;
    return fd >= 0 && close(fd) != 0 ? io_error() : OK;
}

static enum err folder_finish(struct outlet *o)
{
    (void)o;
    return OK;
}

const struct outlet_kind outlet_folder = {folder_begin, folder_add, folder_end, folder_finish};

/* --- one encrypted file ----------------------------------------------------------------------- */

/* Numbers in the stream: n bytes, big-endian. */
static enum err sealed_number(struct outlet *o, uint32_t v, int n)
{
    char text[4];
    for (int i = 0; i < n; i++)
        text[i] = (char)(unsigned char)(v >> (8 * (n - 1 - i)));
    return crypto_stream_put(o->s, (struct str){text, (size_t)n});
}

static enum err sealed_begin(struct outlet *o, const char *name)
{
    struct str s = str_z(name);
    enum err e = s.n < NAME_LEN ? sealed_number(o, TAG_FILE, 1) : ERR_IO;
    if (!e)
        e = sealed_number(o, (uint32_t)s.n, 2);
    return e ? e : crypto_stream_put(o->s, s);
}

static enum err sealed_add(struct outlet *o, struct str bytes)
{
    enum err e = bytes.n ? sealed_number(o, (uint32_t)bytes.n, 4) : OK;
    return e ? e : crypto_stream_put(o->s, bytes);
}

static enum err sealed_end(struct outlet *o)
{
    return sealed_number(o, 0, 4);
}

static enum err sealed_finish(struct outlet *o)
{
    enum err e = sealed_number(o, TAG_END, 1);
    return e ? e : crypto_stream_end(o->s);
}

const struct outlet_kind outlet_sealed = {sealed_begin, sealed_add, sealed_end, sealed_finish};

/* --- passing a file --------------------------------------------------------------------------- */

static enum err pour(int in, struct outlet *o, struct sm3_ctx *sum, int64_t *ret_size)
{
    char block[BLOCK];
    enum err e = OK;
    *ret_size = 0;
    while (!e) {
        ssize_t n = read(in, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? ERR_IO : OK;
        struct str bytes = {block, (size_t)n};
        sm3_add(sum, bytes);
        *ret_size += n;
        e = o ? o->kind->add(o, bytes) : OK;
    }
    return e;
}

static enum err pass_open(int in, struct outlet *o, const char *name, struct outlet_passed *ret)
{
    struct sm3_ctx sum;
    enum err e = sm3_begin(&sum);
    if (e)
        return e;
    e = o ? o->kind->begin(o, name) : OK;
    if (!e)
        e = pour(in, o, &sum, &ret->size);
    sm3_end(&sum, ret->digest);
    enum err end = o ? o->kind->end(o) : OK;
    return e ? e : end;
}

enum err outlet_pass(
    struct outlet *o, const char *root, const char *name, struct outlet_passed *ret)
{
    char path[PATH_LEN];
    int n = snprintf(path, sizeof path, "%s/%s", root, name);
    if (n < 0 || n >= PATH_LEN)
        return ERR_IO;
    int in = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : io_error();
    enum err e = pass_open(in, o, name, ret);
    close(in);
    return e;
}

/* --- out of an encrypted file ----------------------------------------------------------------- */

static enum err get_full(struct crypto_stream *s, char *out, size_t n)
{
    size_t got = 0;
    enum err e = crypto_stream_get(s, out, n, &got);
    return e ? e : got == n ? OK : ERR_CORRUPT;
}

static enum err get_number(struct crypto_stream *s, int n, uint32_t *ret)
{
    char text[4];
    enum err e = get_full(s, text, (size_t)n);
    *ret = 0;
    for (int i = 0; i < n && !e; i++)
        *ret = *ret << 8 | (unsigned char)text[i];
    return e;
}

/* A path that stays below the folder it is put in. */
static bool name_fits(const char *name)
{
    struct str rest = str_z(name);
    int depth = 0;
    while (rest.p) {
        struct str part = str_cut(rest, '/', &rest);
        if (part.n == 0 || part.p[0] == '.' || ++depth > DEPTH)
            return false;
    }
    return true;
}

static enum err get_name(struct crypto_stream *s, char out[NAME_LEN])
{
    uint32_t n = 0;
    enum err e = get_number(s, 2, &n);
    if (!e && n >= NAME_LEN)
        e = ERR_CORRUPT;
    if (!e)
        e = get_full(s, out, n);
    if (e)
        return e;
    out[n] = 0;
    return strlen(out) == n && name_fits(out) ? OK : ERR_CORRUPT;
}

static enum err get_content(struct crypto_stream *s, struct outlet *to)
{
    char block[BLOCK];
    uint32_t n = 0;
    enum err e = get_number(s, 4, &n);
    while (!e && n) {
        if (n > BLOCK)
            return ERR_CORRUPT;
        e = get_full(s, block, n);
        if (!e)
            e = to->kind->add(to, (struct str){block, n});
        if (!e)
            e = get_number(s, 4, &n);
    }
    return e;
}

static enum err unpack_file(struct crypto_stream *s, struct outlet *to)
{
    char name[NAME_LEN];
    enum err e = get_name(s, name);
    if (!e)
        e = to->kind->begin(to, name);
    if (e)
        return e;
    e = get_content(s, to);
    enum err end = to->kind->end(to);
    return e ? e : end;
}

enum err outlet_unpack(struct crypto_stream *s, const char *root)
{
    struct outlet to = {.kind = &outlet_folder, .root = root, .fd = -1};
    uint32_t tag = 0;
    size_t more = 0;
    char after;
    enum err e = get_number(s, 1, &tag);
    while (!e && tag == TAG_FILE) {
        e = unpack_file(s, &to);
        if (!e)
            e = get_number(s, 1, &tag);
    }
    if (!e)
        e = crypto_stream_get(s, &after, 1, &more);
    return e ? e : tag == TAG_END && more == 0 ? OK : ERR_CORRUPT;
}
