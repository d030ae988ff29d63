/* Encrypted streams: the head, chunks out, chunks in. The method stands in crypto_stream.h. */
#include "core/crypto_stream.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/crypto_key.h"

enum { MAGIC_LEN = 8, VERSION = 1, CHUNK = 1 << 20, CHUNK_MAX = 16 << 20, MARK_LEN = 4 };
enum { COST_KIB_MAX = 1 << 20, COST_PASSES_MAX = 64 };
enum { AT_IDS = 8, AT_PASSES = 12, AT_KIB = 16, AT_CHUNK = 20, AT_SALT = 24, AT_MAC = 40 };
enum { AT_SUM = AT_MAC + SM3_LEN, HEAD_LEN = AT_SUM + SM3_LEN };
enum { ALG_SM4_CTR_HMAC_SM3 = 1, KDF_ARGON2ID = 1 };

static const char magic[MAGIC_LEN + 1] = "ZHIANBK\n";
static const unsigned char ids[4] = {VERSION, ALG_SM4_CTR_HMAC_SM3, KDF_ARGON2ID, 0};
#define LAST_CHUNK 0x80000000u

struct crypto_stream {
    const struct crypto_backend *back;
    void *key;
    int fd;
    uint64_t no;       /* of the chunk under way, from 0 */
    uint32_t size;     /* clear bytes of a full chunk */
    uint32_t n, taken; /* bytes of clear; of them given out */
    bool last;         /* reading: clear is the last chunk */
    enum err err;
    unsigned char head[HEAD_LEN];
    char *clear;
    char *frame; /* mark ‖ C ‖ T */
};

static struct str bytes(const void *p, size_t n)
{
    return (struct str){p, n};
}

static void put32(void *out, uint32_t v)
{
    unsigned char *at = out;
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(v >> (24 - 8 * i));
}

static uint32_t get32(const void *in)
{
    const unsigned char *at = in;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* --- files ------------------------------------------------------------------------------------ */

static enum err write_full(int fd, struct str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_DISK_FULL : ERR_IO;
        s = str_sub(s, (size_t)n, s.n);
    }
    return OK;
}

/* Up to n bytes; fewer at the end of the file only. */
static enum err read_full(int fd, char *out, size_t n, size_t *ret_n)
{
    *ret_n = 0;
    while (*ret_n < n) {
        ssize_t got = read(fd, out + *ret_n, n - *ret_n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            return OK;
        *ret_n += (size_t)got;
    }
    return OK;
}

/* --- the head --------------------------------------------------------------------------------- */

static enum err stream_new(int fd, struct crypto_stream **ret)
{
    struct crypto_stream *s = mem_alloc(sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->fd = fd;
    s->back = &crypto_soft;
    *ret = s;
    return OK;
}

static enum err room(struct crypto_stream *s, uint32_t size)
{
    s->size = size;
    s->clear = mem_alloc(size);
    s->frame = mem_alloc(MARK_LEN + size + SM3_LEN);
    return s->clear && s->frame ? OK : ERR_NOMEM;
}

/* The key from the passphrase, at the cost and with the salt of the head. */
static enum err unlock(struct crypto_stream *s, struct str passphrase)
{
    unsigned char secret[CRYPTO_PASSKEY_LEN];
    struct crypto_cost cost = {(int)get32(s->head + AT_PASSES), (int)get32(s->head + AT_KIB)};
    enum err e = crypto_passphrase_key(cost, s->head + AT_SALT, passphrase, secret);
    if (!e)
        e = s->back->take(bytes(secret, sizeof secret), &s->key);
    crypto_secret_wipe(secret, sizeof secret);
    return e;
}

static enum err head_mac(struct crypto_stream *s, unsigned char out[SM3_LEN])
{
    struct str part = bytes(s->head, AT_MAC);
    return s->back->mac(s->key, S("machead"), &part, 1, out);
}

static enum err head_write(struct crypto_stream *s, struct crypto_cost cost, struct str passphrase)
{
    memcpy(s->head, magic, MAGIC_LEN);
    memcpy(s->head + AT_IDS, ids, sizeof ids);
    put32(s->head + AT_PASSES, (uint32_t)cost.passes);
    put32(s->head + AT_KIB, (uint32_t)cost.kib);
    put32(s->head + AT_CHUNK, CHUNK);
    rand_bytes(s->head + AT_SALT, CRYPTO_SALT_LEN);
    enum err e = unlock(s, passphrase);
    if (!e)
        e = head_mac(s, s->head + AT_MAC);
    if (e)
        return e;
    sm3(bytes(s->head, AT_SUM), s->head + AT_SUM);
    return write_full(s->fd, bytes(s->head, HEAD_LEN));
}

/* The plain sum tells a damaged head from another passphrase. */
static enum err head_sound(const struct crypto_stream *s, size_t n)
{
    unsigned char sum[SM3_LEN];
    if (n < MAGIC_LEN || memcmp(s->head, magic, MAGIC_LEN) != 0)
        return ERR_UNSUPPORTED;
    sm3(bytes(s->head, AT_SUM), sum);
    if (n < HEAD_LEN || !hash_equal(sum, s->head + AT_SUM, SM3_LEN))
        return ERR_CORRUPT;
    if (memcmp(s->head + AT_IDS, ids, sizeof ids) != 0)
        return ERR_UNSUPPORTED;
    uint32_t passes = get32(s->head + AT_PASSES), kib = get32(s->head + AT_KIB);
    uint32_t chunk = get32(s->head + AT_CHUNK);
    bool fits = passes && passes <= COST_PASSES_MAX && kib >= 8 && kib <= COST_KIB_MAX && chunk &&
                chunk <= CHUNK_MAX;
    return fits ? OK : ERR_CORRUPT;
}

static enum err head_read(struct crypto_stream *s, struct str passphrase)
{
    unsigned char own[SM3_LEN];
    size_t n = 0;
    enum err e = read_full(s->fd, (char *)s->head, HEAD_LEN, &n);
    if (!e)
        e = head_sound(s, n);
    if (!e)
        e = unlock(s, passphrase);
    if (!e)
        e = head_mac(s, own);
    if (e)
        return e;
    return hash_equal(own, s->head + AT_MAC, SM3_LEN) ? OK : ERR_CREDENTIALS;
}

/* --- chunks ----------------------------------------------------------------------------------- */

/* The number begins the counter block; the blocks of a chunk fit its other half. */
static void chunk_iv(const struct crypto_stream *s, unsigned char iv[16])
{
    memset(iv, 0, 16);
    put32(iv, (uint32_t)(s->no >> 32));
    put32(iv + 4, (uint32_t)s->no);
}

static enum err chunk_mac(const struct crypto_stream *s, uint32_t n, unsigned char out[SM3_LEN])
{
    unsigned char iv[16];
    chunk_iv(s, iv);
    const struct str parts[] = {bytes(iv, 8), bytes(s->frame, MARK_LEN + n)};
    return s->back->mac(s->key, S("macchunk"), parts, 2, out);
}

static enum err chunk_write(struct crypto_stream *s, bool last)
{
    unsigned char iv[16];
    chunk_iv(s, iv);
    put32(s->frame, s->n | (last ? LAST_CHUNK : 0));
    enum err e =
        s->back->cipher(s->key, S("encchunk"), iv, bytes(s->clear, s->n), s->frame + MARK_LEN);
    if (!e)
        e = chunk_mac(s, s->n, (unsigned char *)s->frame + MARK_LEN + s->n);
    if (!e)
        e = write_full(s->fd, bytes(s->frame, MARK_LEN + s->n + SM3_LEN));
    s->no++;
    s->n = 0;
    return e;
}

/* Reads mark, C and T of the next chunk; a full one unless it is the last. */
static enum err frame_read(struct crypto_stream *s, uint32_t *ret_n)
{
    size_t got = 0;
    enum err e = read_full(s->fd, s->frame, MARK_LEN, &got);
    if (e)
        return e;
    if (got < MARK_LEN)
        return ERR_CORRUPT;
    uint32_t mark = get32(s->frame), n = mark & ~LAST_CHUNK;
    s->last = mark & LAST_CHUNK;
    if (n > s->size || (!s->last && n != s->size))
        return ERR_CORRUPT;
    e = read_full(s->fd, s->frame + MARK_LEN, n + SM3_LEN, &got);
    *ret_n = n;
    return e ? e : got == n + SM3_LEN ? OK : ERR_CORRUPT;
}

static enum err end_sound(const struct crypto_stream *s)
{
    char more;
    size_t n = 0;
    enum err e = read_full(s->fd, &more, 1, &n);
    return e ? e : n ? ERR_CORRUPT : OK;
}

static enum err chunk_read(struct crypto_stream *s)
{
    unsigned char iv[16], own[SM3_LEN];
    uint32_t n = 0;
    enum err e = frame_read(s, &n);
    if (!e)
        e = chunk_mac(s, n, own);
    if (e)
        return e;
    if (!hash_equal(own, (unsigned char *)s->frame + MARK_LEN + n, SM3_LEN))
        return ERR_CORRUPT;
    chunk_iv(s, iv);
    e = s->back->cipher(s->key, S("encchunk"), iv, bytes(s->frame + MARK_LEN, n), s->clear);
    s->no++;
    s->n = n;
    s->taken = 0;
    return !e && s->last ? end_sound(s) : e;
}

/* --- the stream ------------------------------------------------------------------------------- */

enum err crypto_stream_create(
    int fd, struct crypto_cost cost, struct str passphrase, struct crypto_stream **ret)
{
    struct crypto_stream *s = NULL;
    enum err e = stream_new(fd, &s);
    if (!e)
        e = head_write(s, cost, passphrase);
    if (!e)
        e = room(s, CHUNK);
    if (e)
        crypto_stream_close(s);
    else
        *ret = s;
    return e;
}

enum err crypto_stream_put(struct crypto_stream *s, struct str clear)
{
    while (clear.n && !s->err) {
        size_t n = s->size - s->n < clear.n ? s->size - s->n : clear.n;
        memcpy(s->clear + s->n, clear.p, n);
        s->n += (uint32_t)n;
        clear = str_sub(clear, n, clear.n);
        if (clear.n) /* a full chunk that is surely not the last */
            s->err = chunk_write(s, false);
    }
    return s->err;
}

enum err crypto_stream_end(struct crypto_stream *s)
{
    if (!s->err)
        s->err = chunk_write(s, true);
    return s->err;
}

enum err crypto_stream_open(int fd, struct str passphrase, struct crypto_stream **ret)
{
    struct crypto_stream *s = NULL;
    enum err e = stream_new(fd, &s);
    if (!e)
        e = head_read(s, passphrase);
    if (!e)
        e = room(s, get32(s->head + AT_CHUNK));
    if (e)
        crypto_stream_close(s);
    else
        *ret = s;
    return e;
}

enum err crypto_stream_get(struct crypto_stream *s, char *out, size_t n, size_t *ret_n)
{
    *ret_n = 0;
    while (*ret_n < n && !s->err) {
        if (s->taken == s->n && s->last)
            return OK;
        if (s->taken == s->n) {
            s->err = chunk_read(s);
            continue;
        }
        size_t part = s->n - s->taken < n - *ret_n ? s->n - s->taken : n - *ret_n;
        memcpy(out + *ret_n, s->clear + s->taken, part);
        s->taken += (uint32_t)part;
        *ret_n += part;
    }
    return s->err;
}

int64_t crypto_stream_at(const struct crypto_stream *s)
{
    return (int64_t)s->no + 1;
}

void crypto_stream_close(struct crypto_stream *s)
{
    if (!s)
        return;
    if (s->clear)
        crypto_secret_wipe(s->clear, s->size);
    mem_free(s->clear);
    mem_free(s->frame);
    s->back->drop(s->key);
    mem_free(s);
}
