/* What the cryptography under the journal and the seal costs on this machine. Each line is a JSON
 * object; the hash lines are ratios to the block rate of one long message in the same run, so what
 * is lost per message shows. 256 bytes are a journal row, 65 a Merkle node. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/merkle.h"
#include "core/seal_file.h"

enum { LONG = 1 << 20, BLOCK = 64, PADDING = 9 };

static const double span = 0.6; /* seconds per measure */
static char text[LONG];
static struct crypto *crypto;
static struct crypto_public seal_key;
static struct seal_signed head;
static struct arena mem;

static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Calls per second of fn, in groups. */
static double rate(void (*fn)(void), int group)
{
    double start = clock_now(), now = start;
    long calls = 0;
    while (now - start < span) {
        for (int i = 0; i < group; i++)
            fn();
        calls += group;
        now = clock_now();
    }
    return (double)calls / (now - start);
}

static void hash_of(size_t n)
{
    unsigned char out[SM3_LEN];
    sm3((struct str){text, n}, out);
    text[0] = (char)out[0];
}

static void hash_long(void)
{
    hash_of(LONG);
}

static void hash_row(void)
{
    hash_of(256);
}

static void hash_node(void)
{
    static struct digest d;
    d = merkle_node(&d, &d);
}

static void seal_row(void)
{
    static struct merkle m;
    struct digest leaf = merkle_leaf((struct str){text, 256});
    merkle_add(&m, &leaf);
}

static void sign(void)
{
    if (seal_sign(crypto, &head) != OK)
        abort();
}

static void check(void)
{
    struct digest d = seal_head_hash(&head.head);
    struct str sig = {(const char *)head.sig.b, head.sig.n};
    if (!crypto_sm2_check(&seal_key, (struct str){(const char *)d.b, SM3_LEN}, sig))
        abort();
}

static void field(void)
{
    static const struct crypto_place at = {"person", "phone", 42};
    struct str blob, clear;
    if (crypto_encrypt(crypto, &at, S("13800001234"), &mem, &blob) != OK ||
        crypto_decrypt(crypto, &at, blob, &mem, &clear) != OK)
        abort();
    arena_reset(&mem);
}

static void password(void)
{
    char hash[CRYPTO_HASH_MAX];
    if (crypto_password_hash(CRYPTO_COST_DEFAULT, S("a usual password"), hash) != OK)
        abort();
}

static void say(const char *name, double per_second)
{
    printf("{\"bench\":\"%s\",\"per_second\":%.0f}\n", name, per_second);
}

/* Blocks a message of n bytes takes, padding included. */
static double blocks(size_t n)
{
    return (double)((n + PADDING + BLOCK - 1) / BLOCK);
}

static void say_hash(const char *name, double per_second, double blocks_each, double ceiling)
{
    printf("{\"bench\":\"%s\",\"per_second\":%.0f,\"ceiling_blocks\":%.0f,\"ratio\":%.2f}\n", name,
        per_second, ceiling, per_second * blocks_each / ceiling);
}

static void remove_keys(const char *dir)
{
    static const char *const names[] = {"keys/master", "keys/ring", "keys", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        if (remove(path) != 0)
            perror(path);
    }
}

static void open_keys(const char *dir)
{
    char pem[CRYPTO_PEM_MAX];
    struct crypto_options o = {.dir = dir, .create = true};
    if (crypto_open(&o, &crypto) != OK || crypto_public_pem(crypto, 0, pem) != OK ||
        crypto_public_read(str_z(pem), &seal_key) != OK)
        abort();
}

int main(void)
{
    char dir[] = "/tmp/zhian-bench-XXXXXX";
    if (!mkdtemp(dir))
        return 1;
    arena_init(&mem, 1 << 20);
    open_keys(dir);
    double ceiling = rate(hash_long, 1) * blocks(LONG);
    say_hash("sm3_256", rate(hash_row, 1000), blocks(256), ceiling);
    say_hash("merkle_node", rate(hash_node, 1000), blocks(65), ceiling);
    say_hash("seal_row", rate(seal_row, 1000), blocks(257) + blocks(65), ceiling);
    say("sm2_sign", rate(sign, 10));
    say("sm2_check", rate(check, 10));
    say("field_encrypt_decrypt", rate(field, 100));
    say("argon2id_default", rate(password, 1));
    crypto_public_free(&seal_key);
    crypto_close(crypto);
    arena_free(&mem);
    remove_keys(dir);
    return 0;
}
