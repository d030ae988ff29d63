/* Writing and checking seal files. The check is a machine over lines: each state is a function that
 * takes one line and says what is wrong with it, or moves on. Format: docs/seal-format.md. */
#include "core/seal_file.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/civil.h"

#define MARK "zhian-seal 1"
#define PEM_BEGIN "-----BEGIN PUBLIC KEY-----"
#define PEM_END "-----END PUBLIC KEY-----"

enum state { AT_MARK, AT_STORE, AT_MADE, AT_KEY, AT_PEM, AT_HEAD, AT_AFTER, AT_BAD };

enum { HEAD_WORDS = 9 };

static struct str digest_view(const struct digest *d)
{
    return (struct str){(const char *)d->b, SM3_LEN};
}

/* --- writing ------------------------------------------------------------------------------- */

enum err seal_sign(struct crypto *c, struct seal_signed *s)
{
    struct digest d = seal_head_hash(&s->head);
    return crypto_sm2_sign(c, digest_view(&d), &s->sig);
}

static bool store_fits(struct str id)
{
    if (id.n == 0 || id.n > SEAL_STORE_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char ch = id.p[i];
        bool word =
            (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
        if (!word && ch != '.' && ch != '_' && ch != '-')
            return false;
    }
    return true;
}

static void put_hex(struct buf *b, const unsigned char *bytes, size_t n)
{
    char *at = buf_reserve(b, 2 * n);
    if (!at)
        return;
    hex_put(bytes, n, at);
    b->n += 2 * n;
}

static void put_time(struct buf *b, int64_t ms)
{
    char text[32];
    buf_add(b, (struct str){text, civil_put_time(ms, text)});
}

static enum err put_key(struct crypto *c, uint32_t id, struct buf *b)
{
    char pem[CRYPTO_PEM_MAX];
    struct crypto_public k;
    enum err e = crypto_public_pem(c, id, pem);
    if (e == OK)
        e = crypto_public_read(str_z(pem), &k);
    if (e != OK)
        return e;
    buf_fmt(b, "key %08x %s\n%s", id, k.print, pem);
    crypto_public_free(&k);
    return b->err;
}

enum err seal_file_begin(struct crypto *c, const struct seal_top *t, struct buf *b)
{
    uint32_t ids[SEAL_KEYS_MAX];
    size_t n = crypto_key_ids(c, CRYPTO_SEAL, ids, SEAL_KEYS_MAX);
    if (!store_fits(t->store) || n > SEAL_KEYS_MAX)
        return ERR_INVALID;
    buf_fmt(b, MARK "\nstore %.*s\nmade ", STR_ARG(t->store));
    put_time(b, t->made);
    buf_addc(b, '\n');
    for (size_t i = 0; i < n; i++) {
        enum err e = put_key(c, ids[i], b);
        if (e != OK)
            return e;
    }
    buf_fmt(b, "start %lld ", (long long)t->first);
    put_hex(b, t->prev.b, SM3_LEN);
    buf_addc(b, '\n');
    return b->err;
}

void seal_file_head(const struct seal_signed *s, struct buf *b)
{
    const struct seal_head *h = &s->head;
    struct digest d = seal_head_hash(h);
    buf_fmt(b, "%lld %lld %lld %lld ", (long long)h->no, (long long)h->first_seq,
        (long long)h->last_seq, (long long)h->count);
    put_time(b, h->sealed_at);
    buf_addc(b, ' ');
    put_hex(b, h->root.b, SM3_LEN);
    buf_addc(b, ' ');
    put_hex(b, d.b, SM3_LEN);
    buf_fmt(b, " %08x ", s->sig.key);
    put_hex(b, s->sig.b, s->sig.n);
    buf_addc(b, '\n');
}

void seal_file_end(int64_t count, const struct digest *last, struct buf *b)
{
    buf_fmt(b, "end %lld ", (long long)count);
    put_hex(b, last->b, SM3_LEN);
    buf_addc(b, '\n');
}

/* --- checking ------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static bool bad(struct seal_check *k, const char *fmt, ...)
{
    int n = snprintf(k->v.message, SEAL_MESSAGE_MAX, "第 %lld 行：", (long long)k->lines);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(k->v.message + n, SEAL_MESSAGE_MAX - (size_t)n, fmt, ap);
    va_end(ap);
    k->v.line = k->lines;
    k->state = AT_BAD;
    return false;
}

/* The words of a line after its name; false when the name differs or a word is missing or over. */
static bool words_of(struct str line, const char *name, struct str *ret, size_t n)
{
    struct str rest = line;
    if (name && !str_eqz(str_cut(rest, ' ', &rest), name))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!rest.p)
            return false;
        ret[i] = str_cut(rest, ' ', &rest);
    }
    return !rest.p;
}

static bool take_mark(struct seal_check *k, struct str line)
{
    if (!str_eqz(line, MARK))
        return bad(k, "不是存证文件，或版本不对：第一行应为 " MARK);
    k->state = AT_STORE;
    return true;
}

static bool take_store(struct seal_check *k, struct str line)
{
    struct str id;
    if (!words_of(line, "store", &id, 1) || !store_fits(id))
        return bad(k, "应为 store 和数据库编号");
    memcpy(k->v.store, id.p, id.n);
    k->state = AT_MADE;
    return true;
}

static bool take_made(struct seal_check *k, struct str line)
{
    struct str text;
    int64_t ms;
    if (!words_of(line, "made", &text, 1) || !civil_parse_time(text, &ms))
        return bad(k, "应为 made 和导出时间");
    k->state = AT_KEY;
    return true;
}

static bool id_get(struct str hex, uint32_t *ret)
{
    unsigned char b[4];
    if (!hex_get(hex, b, 4))
        return false;
    *ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return true;
}

static const struct crypto_public *key_of(const struct seal_check *k, uint32_t id)
{
    for (size_t i = 0; i < k->keys_n; i++)
        if (k->key_ids[i] == id)
            return &k->keys[i];
    return NULL;
}

static bool take_start(struct seal_check *k, const struct str word[2])
{
    struct digest prev;
    int64_t no = 0;
    if (!str_int(word[0], &no) || no < 1 || !hex_get(word[1], prev.b, SM3_LEN))
        return bad(k, "应为 start、起始编号和上一条存证值");
    if (k->keys_n == 0)
        return bad(k, "文件里没有公钥");
    struct digest genesis = seal_genesis(str_z(k->v.store));
    if (no == 1 && !digest_eq(&prev, &genesis))
        return bad(k, "起始值与数据库编号 %s 不符", k->v.store);
    k->v.head = prev;
    k->v.first = k->next = no;
    k->state = AT_HEAD;
    return true;
}

static bool take_key(struct seal_check *k, struct str line)
{
    struct str word[2];
    uint32_t id;
    if (words_of(line, "start", word, 2))
        return take_start(k, word);
    if (!words_of(line, "key", word, 2) || !id_get(word[0], &id) || word[1].n != CRYPTO_PRINT_LEN)
        return bad(k, "应为 key、公钥编号和指纹，或 start 一行");
    if (k->keys_n == SEAL_KEYS_MAX || key_of(k, id))
        return bad(k, "公钥 %08x 重复，或公钥太多", id);
    memcpy(k->key_print, word[1].p, CRYPTO_PRINT_LEN);
    k->key_ids[k->keys_n] = id;
    k->pem_n = 0;
    k->state = AT_PEM;
    return true;
}

static bool key_done(struct seal_check *k)
{
    struct crypto_public *key = &k->keys[k->keys_n];
    if (crypto_public_read((struct str){k->pem, k->pem_n}, key) != OK)
        return bad(k, "公钥读不出来，或不是国密 SM2 公钥");
    k->keys_n++;
    if (!str_eqz(str_z(key->print), k->key_print))
        return bad(k, "公钥与它的指纹不符");
    if (k->against.print && !str_eqz(str_z(key->print), k->against.print))
        return bad(k, "公钥指纹与给定的不符，签名可能是他人所做");
    k->state = AT_KEY;
    return true;
}

static bool take_pem(struct seal_check *k, struct str line)
{
    if (k->pem_n + line.n + 1 >= sizeof k->pem)
        return bad(k, "公钥太长");
    if (k->pem_n == 0 && !str_eqz(line, PEM_BEGIN))
        return bad(k, "应为公钥的首行 " PEM_BEGIN);
    memcpy(k->pem + k->pem_n, line.p, line.n);
    k->pem_n += line.n;
    k->pem[k->pem_n++] = '\n';
    return str_eqz(line, PEM_END) ? key_done(k) : true;
}

struct head_line {
    struct seal_head head;
    struct digest hash;
    uint32_t key;
    size_t sig_n;
    unsigned char sig[CRYPTO_SIG_MAX];
};

static bool head_parse(struct str line, struct head_line *h)
{
    struct str w[HEAD_WORDS];
    if (!words_of(line, NULL, w, HEAD_WORDS) || w[8].n > (size_t)2 * CRYPTO_SIG_MAX)
        return false;
    h->sig_n = w[8].n / 2;
    return str_int(w[0], &h->head.no) && str_int(w[1], &h->head.first_seq) &&
           str_int(w[2], &h->head.last_seq) && str_int(w[3], &h->head.count) &&
           civil_parse_time(w[4], &h->head.sealed_at) && hex_get(w[5], h->head.root.b, SM3_LEN) &&
           hex_get(w[6], h->hash.b, SM3_LEN) && id_get(w[7], &h->key) && h->sig_n > 0 &&
           hex_get(w[8], h->sig, h->sig_n);
}

static bool head_signed(struct seal_check *k, const struct head_line *h)
{
    const struct crypto_public *key = key_of(k, h->key);
    if (!key)
        return bad(k, "签名所用的公钥 %08x 不在文件里", h->key);
    if (!crypto_sm2_check(key, digest_view(&h->hash), (struct str){(const char *)h->sig, h->sig_n}))
        return bad(k, "第 %lld 号存证的签名不对", (long long)h->head.no);
    memcpy(k->v.print, key->print, sizeof k->v.print);
    return true;
}

static bool head_known(struct seal_check *k, const struct head_line *h)
{
    struct digest ours;
    if (!k->against.known)
        return true;
    if (!k->against.known(k->against.arg, h->head.no, &ours))
        return bad(k, "数据库里没有第 %lld 号存证：数据库可能被换成了旧的", (long long)h->head.no);
    if (!digest_eq(&ours, &h->hash))
        return bad(k, "第 %lld 号存证与数据库里的不同", (long long)h->head.no);
    return true;
}

static bool take_end(struct seal_check *k, const struct str word[2])
{
    struct digest last;
    int64_t n = 0;
    if (!str_int(word[0], &n) || !hex_get(word[1], last.b, SM3_LEN))
        return bad(k, "应为 end、条数和最后一条存证值");
    if (n != k->v.heads || !digest_eq(&last, &k->v.head))
        return bad(k, "结尾写明 %lld 条，实有 %lld 条，或最后一条存证值不符", (long long)n,
            (long long)k->v.heads);
    k->state = AT_AFTER;
    return true;
}

static bool head_chained(struct seal_check *k, struct head_line *h)
{
    h->head.prev = k->v.head;
    if (h->head.no != k->next)
        return bad(
            k, "存证编号不连续：应为 %lld，实为 %lld", (long long)k->next, (long long)h->head.no);
    if (!seal_head_sane(&h->head) || h->head.first_seq <= k->last_seq)
        return bad(k, "第 %lld 号存证的序号范围或条数不对", (long long)h->head.no);
    struct digest want = seal_head_hash(&h->head);
    if (!digest_eq(&want, &h->hash))
        return bad(
            k, "第 %lld 号存证的内容与存证值不符，或前面缺少、改动了存证", (long long)h->head.no);
    return true;
}

static bool take_head(struct seal_check *k, struct str line)
{
    struct head_line h = {.sig_n = 0};
    struct str word[2];
    if (words_of(line, "end", word, 2))
        return take_end(k, word);
    if (!head_parse(line, &h))
        return bad(
            k, "存证行读不出来，应为编号、起止序号、条数、时间、根值、存证值、公钥编号、签名");
    if (!head_chained(k, &h) || !head_signed(k, &h) || !head_known(k, &h))
        return false;
    k->v.head = h.hash;
    k->v.last = h.head.no;
    k->v.sealed_at = h.head.sealed_at;
    k->v.heads++;
    k->last_seq = h.head.last_seq;
    k->next++;
    return true;
}

static bool take_after(struct seal_check *k, struct str line)
{
    return line.n == 0 ? true : bad(k, "end 一行之后还有内容");
}

static bool take_nothing(struct seal_check *k, struct str line)
{
    (void)k;
    (void)line;
    return false;
}

void seal_check_start(struct seal_check *k, const struct seal_against *against)
{
    memset(k, 0, sizeof *k);
    if (against)
        k->against = *against;
}

bool seal_check_line(struct seal_check *k, struct str line)
{
    static bool (*const take[])(struct seal_check *, struct str) = {
        take_mark, take_store, take_made, take_key, take_pem, take_head, take_after, take_nothing};
    if (k->state == AT_BAD)
        return false;
    k->lines++;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return take[k->state](k, line);
}

static void praise(struct seal_check *k)
{
    char when[32];
    size_t n = civil_put_time(k->v.sealed_at, when);
    k->v.good = true;
    if (k->v.heads == 0)
        snprintf(k->v.message, SEAL_MESSAGE_MAX, "文件完整，其中没有存证");
    else
        snprintf(k->v.message, SEAL_MESSAGE_MAX,
            "第 %lld 至 %lld 号共 %lld 条存证连续、签名正确，截至 %.*s", (long long)k->v.first,
            (long long)k->v.last, (long long)k->v.heads, (int)n, when);
}

bool seal_check_end(struct seal_check *k, struct seal_verdict *ret)
{
    if (k->state == AT_AFTER) {
        praise(k);
    } else if (k->state != AT_BAD) {
        k->lines++;
        bad(k, "文件不完整，没有 end 一行：请重新导出或重新复制");
    }
    for (size_t i = 0; i < k->keys_n; i++)
        crypto_public_free(&k->keys[i]);
    *ret = k->v;
    return ret->good;
}

bool seal_file_check(struct str text, const struct seal_against *against, struct seal_verdict *ret)
{
    struct seal_check k;
    struct str rest = text;
    seal_check_start(&k, against);
    while (rest.p && rest.n && seal_check_line(&k, str_cut(rest, '\n', &rest)))
        ;
    return seal_check_end(&k, ret);
}
