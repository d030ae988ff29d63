/* Opening, making and closing the key store of a data directory. New keys are made in keys.new and
 * renamed into place, so a crash in the middle leaves no half set. */
#include "core/crypto_key.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FOLDER_MODE = 0700, OTHERS = 077 };

static struct crypto *crypto_new(void)
{
    struct crypto *c = mem_alloc(sizeof *c);
    if (!c)
        return NULL;
    c->back = &crypto_soft;
    if (pthread_mutex_init(&c->lock, NULL) == 0)
        return c;
    mem_free(c);
    return NULL;
}

void crypto_close(struct crypto *c)
{
    if (!c)
        return;
    for (size_t i = atomic_load(&c->n); i-- > 0;)
        c->back->drop(c->ring[i].key);
    if (c->self)
        c->back->close(c->self);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

/* A folder left by a crash while making keys; nothing was ever encrypted with them. */
static void clear_unfinished(const char *folder)
{
    static const char *const names[] = {"master", "master.new", "ring", "ring.new"};
    char path[CRYPTO_PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (key_path(path, folder, names[i]) == OK)
            unlink(path);
    rmdir(folder);
}

static enum err make_set(struct crypto *c, int64_t now)
{
    enum err e = c->back->open(c->keys, true, &c->self);
    for (int kind = CRYPTO_DATA; e == OK && kind <= CRYPTO_SEAL; kind++)
        e = ring_add(c, (enum crypto_kind)kind, now);
    return e;
}

static enum err folder_error(void)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return ERR_DISK_FULL;
    return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

static enum err make_keys(struct crypto *c, const struct crypto_options *o)
{
    char final[CRYPTO_PATH_MAX];
    memcpy(final, c->keys, sizeof final);
    enum err e = key_path(c->keys, o->dir, "keys.new");
    if (e != OK)
        return e;
    clear_unfinished(c->keys);
    if (mkdir(c->keys, FOLDER_MODE) != 0)
        return folder_error();
    e = make_set(c, o->now);
    if (e == OK && rename(c->keys, final) != 0)
        e = folder_error();
    if (e != OK)
        clear_unfinished(c->keys);
    memcpy(c->keys, final, sizeof final);
    return e;
}

static bool folder_open_to_others(const char *folder)
{
    struct stat st;
    return stat(folder, &st) == 0 && (st.st_mode & OTHERS);
}

static enum err read_keys(struct crypto *c)
{
    if (folder_open_to_others(c->keys))
        return ERR_STATE;
    enum err e = c->back->open(c->keys, false, &c->self);
    if (e == OK)
        e = ring_load(c);
    if (e == ERR_NOT_FOUND)
        return ERR_STATE;
    for (int kind = CRYPTO_DATA; e == OK && kind <= CRYPTO_SEAL; kind++)
        if (!ring_newest(c, (enum crypto_kind)kind))
            e = ERR_CORRUPT;
    return e;
}

static enum err open_or_make(struct crypto *c, const struct crypto_options *o)
{
    struct stat st;
    enum err e = key_path(c->keys, o->dir, "keys");
    if (e != OK)
        return e;
    if (stat(c->keys, &st) == 0)
        return read_keys(c);
    if (errno != ENOENT)
        return ERR_IO;
    return o->create ? make_keys(c, o) : ERR_NOT_FOUND;
}

static const char *why_of(enum err e)
{
    switch (e) {
    case ERR_NOT_FOUND:
        return "没有找到密钥：请确认数据目录正确，新建数据目录请先运行 zhian init";
    case ERR_STATE:
        return "密钥文件不完整，或可被其他用户读取：请检查数据目录下的 keys "
               "文件夹，权限应为仅本人可读写";
    case ERR_CORRUPT:
        return "密钥文件损坏或不是同一套：请从备份恢复数据目录下的 keys 文件夹";
    case ERR_DISK_FULL:
        return "磁盘空间不足，密钥没有写入";
    case ERR_NOMEM:
        return "内存不足，密钥没有载入";
    default:
        return "读写密钥文件出错：请检查数据目录下的 keys 文件夹";
    }
}

enum err crypto_open(const struct crypto_options *o, struct crypto **ret)
{
    struct crypto *c = crypto_new();
    enum err e = c ? open_or_make(c, o) : ERR_NOMEM;
    if (e == OK) {
        *ret = c;
        return OK;
    }
    crypto_close(c);
    if (o->why)
        snprintf(o->why, o->why_size, "%s", why_of(e));
    return e;
}

enum err crypto_rotate(struct crypto *c, enum crypto_kind kind, int64_t now)
{
    if (kind != CRYPTO_DATA && kind != CRYPTO_SEAL)
        return ERR_INVALID;
    return ring_add(c, kind, now);
}

uint32_t crypto_key_id(struct crypto *c, enum crypto_kind kind)
{
    const struct ring_key *k = ring_newest(c, kind);
    return k ? k->id : 0;
}

size_t crypto_key_ids(struct crypto *c, enum crypto_kind kind, uint32_t *ret_ids, size_t most)
{
    size_t n = 0, all = atomic_load(&c->n);
    for (size_t i = 0; i < all; i++) {
        if (c->ring[i].kind != kind)
            continue;
        if (n < most)
            ret_ids[n] = c->ring[i].id;
        n++;
    }
    return n;
}
