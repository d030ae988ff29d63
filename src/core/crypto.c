/* Fields, indexes and row MACs over the key ring. The layouts are those of domain/security.md §4;
 * every part that is authenticated is preceded by its length, so no two inputs join to the same
 * bytes. */
#include "core/crypto.h"

#include "base/utf8.h"
#include "core/crypto_key.h"
#include "domain/fold.h"

enum {
    BLOB_VERSION = 1,
    ALG_SM4_CTR_HMAC_SM3 = 1,
    IV_LEN = 16,
    BLOB_HEAD = 6,
    NAME_LEN_MAX = 60,
    FIELD_MAX = 2 * NAME_LEN_MAX + 1,
    VALUE_MAX = 1024,
    USE_LEN = 3,
};

/* Short bytes put together on the stack: what precedes the long part of a MAC, or a purpose. */
struct bytes {
    size_t n;
    char b[256];
};

static struct str bytes_view(const struct bytes *s)
{
    return (struct str){s->b, s->n};
}

static void put_be(struct bytes *s, uint64_t v, size_t n)
{
    for (size_t i = n; i-- > 0;)
        s->b[s->n++] = (char)(v >> 8 * i);
}

static void put_raw(struct bytes *s, struct str part)
{
    memcpy(s->b + s->n, part.p, part.n);
    s->n += part.n;
}

static void put_part(struct bytes *s, struct str part)
{
    put_be(s, part.n, 4);
    put_raw(s, part);
}

static void put_int(struct bytes *s, uint64_t v, size_t n)
{
    put_be(s, n, 4);
    put_be(s, v, n);
}

static uint32_t get_be4(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static bool name_fits(const char *z)
{
    size_t n = strnlen(z, NAME_LEN_MAX + 1);
    return n > 0 && n <= NAME_LEN_MAX;
}

static bool place_fits(const struct crypto_place *at)
{
    return name_fits(at->table) && name_fits(at->column);
}

/* The HKDF info of a key: three letters of use, then table.column. */
static struct bytes purpose_of(const char *use, const struct crypto_place *at)
{
    struct bytes p = {.n = 0};
    put_raw(&p, str_z(use));
    put_raw(&p, str_z(at->table));
    put_raw(&p, S("."));
    put_raw(&p, str_z(at->column));
    return p;
}

static struct bytes purpose_for(const char *use, struct str name)
{
    struct bytes p = {.n = 0};
    put_raw(&p, str_z(use));
    put_raw(&p, name);
    return p;
}

/* --- encrypted fields ---------------------------------------------------------------------- */

/* Where one blob is being made or read. */
struct field_key {
    const struct crypto_backend *back;
    void *key;
    const struct crypto_place *at;
};

/* T over ver ‖ alg ‖ key_id ‖ IV ‖ C at the start of a blob, bound to its place. */
static enum err blob_mac(const struct field_key *f, struct str front, unsigned char out[SM3_LEN])
{
    struct bytes purpose = purpose_of("mac", f->at), head = {.n = 0};
    struct str c = str_sub(front, BLOB_HEAD + IV_LEN, front.n);
    put_part(&head, str_z(f->at->table));
    put_part(&head, str_z(f->at->column));
    put_int(&head, (uint64_t)f->at->row, 8);
    put_part(&head, str_sub(front, 0, 1));
    put_part(&head, str_sub(front, 1, 1));
    put_part(&head, str_sub(front, 2, 4));
    put_part(&head, str_sub(front, BLOB_HEAD, IV_LEN));
    put_be(&head, c.n, 4);
    const struct str parts[] = {bytes_view(&head), c};
    return f->back->mac(f->key, bytes_view(&purpose), parts, 2, out);
}

static enum err blob_fill(const struct field_key *f, uint32_t id, struct str clear, char *blob)
{
    struct bytes head = {.n = 0};
    put_be(&head, BLOB_VERSION, 1);
    put_be(&head, ALG_SM4_CTR_HMAC_SM3, 1);
    put_be(&head, id, 4);
    memcpy(blob, head.b, BLOB_HEAD);
    unsigned char *iv = (unsigned char *)blob + BLOB_HEAD;
    rand_bytes(iv, IV_LEN);
    struct bytes purpose = purpose_of("enc", f->at);
    size_t front = BLOB_HEAD + IV_LEN + clear.n;
    enum err e =
        f->back->cipher(f->key, bytes_view(&purpose), iv, clear, blob + BLOB_HEAD + IV_LEN);
    if (e != OK)
        return e;
    return blob_mac(f, (struct str){blob, front}, (unsigned char *)blob + front);
}

enum err crypto_encrypt(struct crypto *c, const struct crypto_place *at, struct str clear,
    struct arena *a, struct str *ret_blob)
{
    const struct ring_key *k = ring_newest(c, CRYPTO_DATA);
    if (!clear.p) {
        *ret_blob = STR_NULL;
        return OK;
    }
    if (clear.n > CRYPTO_CLEAR_MAX)
        return ERR_TOO_LARGE;
    if (!k || !place_fits(at))
        return ERR_INVALID;
    char *blob = arena_alloc(a, clear.n + CRYPTO_OVERHEAD);
    if (!blob)
        return ERR_NOMEM;
    struct field_key f = {c->back, k->key, at};
    enum err e = blob_fill(&f, k->id, clear, blob);
    if (e == OK)
        *ret_blob = (struct str){blob, clear.n + CRYPTO_OVERHEAD};
    return e;
}

uint32_t crypto_blob_key(struct str blob)
{
    bool is =
        blob.n >= CRYPTO_OVERHEAD && blob.p[0] == BLOB_VERSION && blob.p[1] == ALG_SM4_CTR_HMAC_SM3;
    return is ? get_be4(blob.p + 2) : 0;
}

static enum err blob_verify(const struct field_key *f, struct str blob)
{
    unsigned char t[SM3_LEN];
    struct str front = str_sub(blob, 0, blob.n - SM3_LEN);
    enum err e = blob_mac(f, front, t);
    if (e != OK)
        return e;
    return hash_equal(t, (const unsigned char *)blob.p + front.n, SM3_LEN) ? OK : ERR_CORRUPT;
}

static enum err blob_open(
    const struct field_key *f, struct str blob, struct arena *a, struct str *ret_clear)
{
    enum err e = blob_verify(f, blob);
    if (e != OK)
        return e;
    struct str in = str_sub(blob, BLOB_HEAD + IV_LEN, blob.n - CRYPTO_OVERHEAD);
    char *clear = arena_alloc(a, in.n + 1);
    if (!clear)
        return ERR_NOMEM;
    struct bytes purpose = purpose_of("enc", f->at);
    const unsigned char *iv = (const unsigned char *)blob.p + BLOB_HEAD;
    e = f->back->cipher(f->key, bytes_view(&purpose), iv, in, clear);
    if (e == OK)
        *ret_clear = (struct str){clear, in.n};
    return e;
}

enum err crypto_decrypt(struct crypto *c, const struct crypto_place *at, struct str blob,
    struct arena *a, struct str *ret_clear)
{
    if (!blob.p) {
        *ret_clear = STR_NULL;
        return OK;
    }
    if (!place_fits(at))
        return ERR_INVALID;
    const struct ring_key *k = ring_find(c, crypto_blob_key(blob), CRYPTO_DATA);
    if (!k || blob.n > CRYPTO_CLEAR_MAX + CRYPTO_OVERHEAD)
        return ERR_CORRUPT;
    struct field_key f = {c->back, k->key, at};
    return blob_open(&f, blob, a, ret_clear);
}

/* --- blind indexes and codes --------------------------------------------------------------- */

/* Folds as domain/fold.h stores codes, on the stack: half width, upper case, no blanks. */
static size_t fold_into(char *out, struct str value)
{
    size_t n = 0;
    for (size_t at = 0; at < value.n;) {
        int32_t cp = utf8_next(value, &at);
        if (cp < 0)
            break;
        cp = fold_char(cp);
        if (fold_blank(cp))
            continue;
        if (cp >= 'a' && cp <= 'z')
            cp -= 'a' - 'A';
        n += utf8_put(cp, out + n);
    }
    return n;
}

static enum err index_mac(
    struct crypto *c, const struct bytes *purpose, struct str value, unsigned char out[SM3_LEN])
{
    const struct ring_key *k = ring_newest(c, CRYPTO_INDEX);
    if (!k)
        return ERR_INTERNAL;
    return c->back->mac(k->key, bytes_view(purpose), &value, 1, out);
}

enum err crypto_index(
    struct crypto *c, struct str field, struct str value, unsigned char out[CRYPTO_INDEX_LEN])
{
    char folded[VALUE_MAX + 4];
    unsigned char mac[SM3_LEN];
    if (value.n > VALUE_MAX)
        return ERR_TOO_LARGE;
    if (field.n == 0 || field.n > FIELD_MAX)
        return ERR_INVALID;
    struct bytes purpose = purpose_for("idx", field);
    size_t n = fold_into(folded, value);
    enum err e = index_mac(c, &purpose, (struct str){folded, n}, mac);
    crypto_secret_wipe(folded, n);
    if (e == OK)
        memcpy(out, mac, CRYPTO_INDEX_LEN);
    return e;
}

enum err crypto_code_hash(
    struct crypto *c, const char *use, struct str typed, unsigned char out[SM3_LEN])
{
    char bare[CRYPTO_CODE_BARE + 1];
    if (!name_fits(use) || !crypto_code_read(typed, bare))
        return ERR_INVALID;
    struct bytes purpose = purpose_for("cod", str_z(use));
    enum err e = index_mac(c, &purpose, (struct str){bare, CRYPTO_CODE_BARE}, out);
    crypto_secret_wipe(bare, sizeof bare);
    return e;
}

/* --- rows ---------------------------------------------------------------------------------- */

static enum err row_mac(
    struct crypto *c, const struct ring_key *k, const struct crypto_row *r, unsigned char *out)
{
    struct bytes purpose = purpose_for("row", str_z(r->table)), head = {.n = 0};
    put_part(&head, str_z(r->table));
    put_int(&head, (uint64_t)r->row, 8);
    put_int(&head, (uint64_t)r->version, 8);
    put_be(&head, r->canon.n, 4);
    const struct str parts[] = {bytes_view(&head), r->canon};
    return c->back->mac(k->key, bytes_view(&purpose), parts, 2, out);
}

enum err crypto_row_mac(
    struct crypto *c, const struct crypto_row *r, unsigned char out[CRYPTO_MAC_LEN])
{
    struct bytes id = {.n = 0};
    const struct ring_key *k = ring_newest(c, CRYPTO_DATA);
    if (!k || !name_fits(r->table) || r->canon.n > UINT32_MAX)
        return ERR_INVALID;
    put_be(&id, k->id, 4);
    memcpy(out, id.b, 4);
    return row_mac(c, k, r, out + 4);
}

bool crypto_row_check(struct crypto *c, const struct crypto_row *r, struct str mac)
{
    unsigned char want[SM3_LEN];
    if (mac.n != CRYPTO_MAC_LEN || !name_fits(r->table) || r->canon.n > UINT32_MAX)
        return false;
    const struct ring_key *k = ring_find(c, get_be4(mac.p), CRYPTO_DATA);
    return k && row_mac(c, k, r, want) == OK &&
           hash_equal(want, (const unsigned char *)mac.p + 4, SM3_LEN);
}

/* --- signatures ---------------------------------------------------------------------------- */

enum err crypto_sm2_sign(struct crypto *c, struct str msg, struct crypto_sig *ret)
{
    const struct ring_key *k = ring_newest(c, CRYPTO_SEAL);
    struct crypto_sig sig = {.n = 0};
    if (!k)
        return ERR_INTERNAL;
    sig.key = k->id;
    enum err e = c->back->sign(k->key, msg, &sig);
    if (e == OK)
        *ret = sig;
    return e;
}

enum err crypto_public_pem(struct crypto *c, uint32_t id, char out[CRYPTO_PEM_MAX])
{
    const struct ring_key *k = id ? ring_find(c, id, CRYPTO_SEAL) : ring_newest(c, CRYPTO_SEAL);
    return k ? c->back->public_pem(k->key, out) : ERR_NOT_FOUND;
}
