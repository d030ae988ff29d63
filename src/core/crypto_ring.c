/* The ring of keys: a text file of one line per key, each wrapped by the back end.
 *
 *   zhian-ring 1
 *   ID KIND MADE HEX        id 8 hex digits · kind number · ISO instant · wrapped key
 *   end N
 *
 * Keys are added at the end and never removed; the last of a kind is the one in use. "ID KIND MADE"
 * is the label a key is wrapped with, so lines cannot be relabelled. In memory keys are appended
 * under a lock and published by the atomic count: readers need no lock. Another process may add
 * keys: an unknown id makes the file be read again. */
#include "core/crypto_key.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

#include "base/civil.h"

#define RING_MARK "zhian-ring 1"

enum { RING_BYTES = 1 << 20, WRAPPED_MAX = 1024, LABEL_MAX = 64 };

struct ring_line {
    uint32_t id;
    enum crypto_kind kind;
    struct str label, hex;
};

const struct ring_key *ring_newest(struct crypto *c, enum crypto_kind kind)
{
    for (size_t i = atomic_load(&c->n); i-- > 0;)
        if (c->ring[i].kind == kind)
            return &c->ring[i];
    return NULL;
}

static const struct ring_key *known(struct crypto *c, uint32_t id)
{
    for (size_t i = atomic_load(&c->n); i-- > 0;)
        if (c->ring[i].id == id)
            return &c->ring[i];
    return NULL;
}

const struct ring_key *ring_find(struct crypto *c, uint32_t id, enum crypto_kind kind)
{
    const struct ring_key *k = known(c, id);
    if (!k && id && ring_load(c) == OK)
        k = known(c, id);
    return k && k->kind == kind ? k : NULL;
}

/* --- reading ------------------------------------------------------------------------------- */

static bool line_parse(struct str line, struct ring_line *ret)
{
    struct str rest, id_hex = str_cut(line, ' ', &rest), kind_text = str_cut(rest, ' ', &rest);
    struct str made = str_cut(rest, ' ', &rest);
    unsigned char id[4];
    int64_t kind = 0, ms = 0;
    if (!hex_get(id_hex, id, 4) || !str_int(kind_text, &kind) || !civil_parse_time(made, &ms))
        return false;
    if (kind < CRYPTO_DATA || kind > CRYPTO_SEAL || rest.n == 0 || rest.n > (size_t)2 * WRAPPED_MAX)
        return false;
    ret->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    ret->kind = (enum crypto_kind)kind;
    ret->label = str_sub(line, 0, line.n - rest.n - 1);
    ret->hex = rest;
    return true;
}

static enum err ring_take(struct crypto *c, const struct ring_line *line)
{
    unsigned char wrapped[WRAPPED_MAX];
    size_t n = line->hex.n / 2, at = atomic_load(&c->n);
    if (known(c, line->id))
        return OK;
    if (at == CRYPTO_RING_MAX || !hex_get(line->hex, wrapped, n))
        return ERR_CORRUPT;
    struct ring_key k = {.id = line->id, .kind = line->kind};
    struct str blob = {(const char *)wrapped, n};
    enum err e = c->back->load(c->self, line->kind, line->label, blob, &k.key);
    if (e != OK)
        return e;
    c->ring[at] = k;
    atomic_store(&c->n, at + 1);
    return OK;
}

static enum err ring_end(struct str line, struct str rest, int64_t lines)
{
    struct str count;
    int64_t n = 0;
    str_cut(line, ' ', &count);
    return str_int(count, &n) && n == lines && rest.n == 0 ? OK : ERR_CORRUPT;
}

static enum err ring_parse(struct crypto *c, struct str text)
{
    struct str rest, line = str_cut(text, '\n', &rest);
    if (!str_eq(line, S(RING_MARK)))
        return ERR_CORRUPT;
    for (int64_t lines = 0; rest.n; lines++) {
        struct ring_line k;
        line = str_cut(rest, '\n', &rest);
        if (str_starts(line, S("end ")))
            return ring_end(line, rest, lines);
        if (!line_parse(line, &k))
            return ERR_CORRUPT;
        enum err e = ring_take(c, &k);
        if (e != OK)
            return e;
    }
    return ERR_CORRUPT;
}

/* The file's text, and its keys taken over. The lock is held. */
static enum err ring_read(struct crypto *c, struct buf *text)
{
    char path[CRYPTO_PATH_MAX];
    enum err e = key_path(path, c->keys, "ring");
    if (e == OK)
        e = key_file_read(path, text);
    return e == OK ? ring_parse(c, buf_str(text)) : e;
}

enum err ring_load(struct crypto *c)
{
    struct buf text;
    buf_init(&text, RING_BYTES);
    pthread_mutex_lock(&c->lock);
    enum err e = ring_read(c, &text);
    pthread_mutex_unlock(&c->lock);
    buf_free(&text);
    return e;
}

/* --- adding -------------------------------------------------------------------------------- */

static uint32_t fresh_id(struct crypto *c)
{
    uint32_t id = 0;
    while (id == 0 || known(c, id))
        rand_bytes((unsigned char *)&id, sizeof id);
    return id;
}

static enum err line_make(struct crypto *c, enum crypto_kind kind, int64_t now, struct buf *text)
{
    char made[32], label[LABEL_MAX], hex[2 * WRAPPED_MAX];
    size_t n = civil_put_time(now, made);
    int size = snprintf(label, sizeof label, "%08x %d %.*s", fresh_id(c), (int)kind, (int)n, made);
    struct buf wrapped;
    buf_init(&wrapped, WRAPPED_MAX);
    struct str name = {label, (size_t)size};
    enum err e = c->back->make(c->self, kind, name, &wrapped);
    if (e == OK) {
        hex_put((const unsigned char *)wrapped.p, wrapped.n, hex);
        buf_add(text, name);
        buf_addc(text, ' ');
        buf_add(text, (struct str){hex, 2 * wrapped.n});
        buf_addc(text, '\n');
        e = text->err;
    }
    buf_free(&wrapped);
    return e;
}

/* Old lines (without their end), the new line, the new end. */
static enum err ring_extend(struct crypto *c, enum crypto_kind kind, int64_t now, struct buf *text)
{
    ptrdiff_t end = str_find(buf_str(text), S("\nend "));
    if (text->n)
        text->n = (size_t)end + 1;
    else
        buf_addz(text, RING_MARK "\n");
    size_t lines = atomic_load(&c->n) + 1;
    if (lines > CRYPTO_RING_MAX)
        return ERR_STATE;
    enum err e = line_make(c, kind, now, text);
    buf_fmt(text, "end %zu\n", lines);
    return e == OK ? text->err : e;
}

static enum err ring_write(struct crypto *c, enum crypto_kind kind, int64_t now, struct buf *text)
{
    char path[CRYPTO_PATH_MAX];
    enum err e = ring_read(c, text);
    if (e == ERR_NOT_FOUND && atomic_load(&c->n) == 0)
        e = OK;
    if (e == OK)
        e = ring_extend(c, kind, now, text);
    if (e == OK)
        e = key_path(path, c->keys, "ring");
    if (e == OK)
        e = key_file_write(path, buf_str(text));
    return e == OK ? ring_parse(c, buf_str(text)) : e;
}

/* One process at a time, by a lock on the folder. */
static enum err ring_add_alone(struct crypto *c, enum crypto_kind kind, int64_t now)
{
    SCOPED_FD fd = open(c->keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        return ERR_IO;
    struct buf text;
    buf_init(&text, RING_BYTES);
    enum err e = ring_write(c, kind, now, &text);
    buf_free(&text);
    return e;
}

enum err ring_add(struct crypto *c, enum crypto_kind kind, int64_t now)
{
    pthread_mutex_lock(&c->lock);
    enum err e = ring_add_alone(c, kind, now);
    pthread_mutex_unlock(&c->lock);
    return e;
}
