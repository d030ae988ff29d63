/* Comparing two entries. */
#include "domain/twin.h"

#include "domain/uscc.h"

enum { KEYS = 64, FOLD_MAX = 4096 };
enum {
    FOR_CODE = 60,
    FOR_NEAR = 20,
    FOR_NAME = 45,
    FOR_ADDRESS = 30,
    FOR_PERSON = 20,
    AGAINST = 45
};

static uint64_t hash_more(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001B3u;
    return h;
}

static uint64_t hash_of(struct str s)
{
    return s.n ? hash_more(0xCBF29CE484222325u, s) | 1 : 0;
}

static uint64_t mixed(uint64_t a, uint64_t b, uint64_t salt)
{
    if (!a || !b)
        return 0;
    uint64_t z = a * 0x9E3779B97F4A7C15u + b + salt * 0xD1B54A32D192ED03u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    return (z ^ z >> 27) | 1;
}

static void sort32(uint32_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t x = v[i];
        size_t at = i;
        for (; at && v[at - 1] > x; at--)
            v[at] = v[at - 1];
        v[at] = x;
    }
}

/* Of a long text the lowest hashes stand for all: the same ones in both of two alike texts. */
static uint8_t grams_of(struct str folded, uint32_t *out)
{
    int64_t keys[KEYS];
    uint32_t all[KEYS];
    size_t n = folded.n ? gram_keys(folded, keys, KEYS) : 0;
    for (size_t i = 0; i < n; i++)
        all[i] = (uint32_t)((uint64_t)keys[i] * 0x9E3779B97F4A7C15u >> 32);
    sort32(all, n);
    n = n > TWIN_GRAMS ? TWIN_GRAMS : n;
    memcpy(out, all, n * sizeof *out);
    return (uint8_t)n;
}

/* The numbers of an address, in their order. */
static uint64_t numbers_of(struct str folded)
{
    uint64_t h = 0;
    bool inside = false;
    for (size_t i = 0; i < folded.n; i++) {
        bool digit = folded.p[i] >= '0' && folded.p[i] <= '9';
        if (digit)
            h = ((inside ? h : h * 31 + 7) ^ (unsigned char)folded.p[i]) * 0x100000001B3u;
        inside = digit;
    }
    return h;
}

static struct str folded(struct str s, struct buf *b)
{
    buf_reset(b);
    gram_fold(s, b);
    return b->err ? S("") : buf_str(b);
}

static bool codes_near(const char *a, const char *b)
{
    int off = 0;
    for (int i = 0; i < USCC_LEN; i++)
        off += a[i] != b[i];
    return off == 1;
}

void twin_face_make(
    const struct twin_facts *f, const struct gram_areas *areas, struct twin_face *ret)
{
    struct buf b;
    struct str s;
    *ret = (struct twin_face){0};
    buf_init(&b, FOLD_MAX);
    s = folded(gram_distinctive(f->name, areas), &b);
    ret->name = hash_of(s);
    ret->ngrams = grams_of(s, ret->grams);
    s = folded(gram_distinctive(f->address, areas), &b);
    ret->address = hash_of(s);
    ret->nplace = grams_of(s, ret->place);
    ret->numbers = numbers_of(s);
    ret->person = hash_of(folded(f->person, &b));
    ret->code = hash_of(f->uscc);
    if (f->uscc.n == USCC_LEN) {
        memcpy(ret->uscc, f->uscc.p, USCC_LEN);
        ret->valid_code = uscc_check(f->uscc) == USCC_VALID;
    }
    buf_free(&b);
}

/* Twice the shared pairs over all pairs, in percent. */
static int alike(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t i = 0, j = 0, both = 0;
    if (n + m == 0)
        return 0;
    while (i < n && j < m) {
        uint32_t x = a[i], y = b[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    return (int)(200 * both / (n + m));
}

static void by_code(const struct twin_face *a, const struct twin_face *b, struct twin_score *s)
{
    if (!a->code || !b->code)
        return;
    if (a->code == b->code) {
        s->score += FOR_CODE;
        s->why |= TWIN_CODE;
    } else if (codes_near(a->uscc, b->uscc) && !(a->valid_code && b->valid_code)) {
        s->score += FOR_NEAR;
        s->why |= TWIN_NEAR_CODE;
    } else if (a->valid_code && b->valid_code) {
        s->score -= AGAINST;
    }
}

static void by_address(const struct twin_face *a, const struct twin_face *b, struct twin_score *s)
{
    if (!a->address || !b->address || a->numbers != b->numbers)
        return;
    int near = a->address == b->address ? 100 : alike(a->place, a->nplace, b->place, b->nplace);
    if (near < 60)
        return;
    s->score += FOR_ADDRESS * near / 100;
    s->why |= TWIN_ADDRESS;
}

struct twin_score twin_compare(const struct twin_face *a, const struct twin_face *b)
{
    struct twin_score s = {0};
    int name =
        a->name && a->name == b->name ? 100 : alike(a->grams, a->ngrams, b->grams, b->ngrams);
    by_code(a, b, &s);
    if (name >= 60) {
        s.score += FOR_NAME * name / 100;
        s.why |= TWIN_NAME;
    }
    by_address(a, b, &s);
    if (a->person && a->person == b->person) {
        s.score += FOR_PERSON;
        s.why |= TWIN_PERSON;
    }
    s.score = s.score < 0 ? 0 : s.score > 100 ? 100 : s.score;
    return s;
}

void twin_blocks(const struct twin_face *f, struct str county, uint64_t ret_keys[TWIN_BLOCKS])
{
    uint64_t at = hash_of(county);
    ret_keys[0] = f->code;
    ret_keys[1] = mixed(f->person, at, 1);
    ret_keys[2] = mixed(f->address, at, 2);
    ret_keys[3] = mixed(f->name, f->person, 3);
    ret_keys[4] = mixed(f->name, f->address, 4);
}

static const struct {
    unsigned bit;
    const char *code, *text;
} reasons[] = {{TWIN_CODE, "code", "代码相同"}, {TWIN_NEAR_CODE, "near_code", "代码只差一位"},
    {TWIN_NAME, "name", "名称相近"}, {TWIN_ADDRESS, "address", "地址相近"},
    {TWIN_PERSON, "person", "法定代表人相同"}};

void twin_put_why(unsigned why, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (!(why & reasons[i].bit))
            continue;
        buf_addz(out, first ? "" : "、");
        buf_addz(out, reasons[i].text);
        first = false;
    }
}

void twin_put_codes(unsigned why, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (!(why & reasons[i].bit))
            continue;
        buf_addz(out, first ? "" : ",");
        buf_addz(out, reasons[i].code);
        first = false;
    }
}
