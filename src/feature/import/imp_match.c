/* Identity of rows. One open-addressing table holds four kinds of keys, told apart by a salt:
 *
 *   firm   code, or name and town        -> firms[] (name and code hash, first row)
 *   site   firm and address              -> sites[] (first row, unit values in the spool)
 *   product  site and product key        -> packed row
 *   name   name                          -> firms[] of the first firm of that name
 *
 * A row is packed as sheet << 21 | row, for rows go to 2^20 and sheets to 255. */
#include "feature/import/imp_match.h"

#include "base/mem.h"
#include "feature/import/imp_row.h"

enum salt { SALT_FIRM = 1, SALT_SITE, SALT_PRODUCT, SALT_NAME };

enum { TEXT_KEPT = 512, UNIT_MAX = 64 << 10, ROW_BITS = 21 };

void match_init(struct imp_match *m, const char *tmp)
{
    *m = (struct imp_match){0};
    spool_init(&m->units, tmp);
    buf_init(&m->scratch, UNIT_MAX);
}

void match_free(struct imp_match *m)
{
    mem_free(m->slots);
    mem_free(m->firms);
    mem_free(m->sites);
    spool_free(&m->units);
    buf_free(&m->scratch);
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    return h;
}

static uint64_t add_text(uint64_t h, struct str s)
{
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t word;
        memcpy(&word, s.p + i, 8);
        h = mix((h ^ word) * 0x9E3779B97F4A7C15u);
    }
    uint64_t word = 0;
    if (i < s.n)
        memcpy(&word, s.p + i, s.n - i);
    return mix((h ^ word ^ (uint64_t)s.n << 56) * 0x9E3779B97F4A7C15u);
}

static uint64_t text_key(uint64_t seed, struct str s)
{
    uint64_t h = add_text(mix(seed + 0x51ED270B), s);
    return h ? h : 1;
}

static uint32_t pack(uint32_t sheet, uint32_t row)
{
    return sheet << ROW_BITS | row;
}

static struct imp_ref unpack(uint32_t v)
{
    return (struct imp_ref){v >> ROW_BITS, v & ((1u << ROW_BITS) - 1), 0};
}

/* --- the table ----------------------------------------------------------------------------------
 */

static struct match_slot *slot_of(const struct imp_match *m, uint64_t key)
{
    size_t at = (size_t)mix(key) & (m->size - 1);
    while (m->slots[at].key && m->slots[at].key != key)
        at = (at + 1) & (m->size - 1);
    return &m->slots[at];
}

static bool table_grow(struct imp_match *m)
{
    struct imp_match bigger = *m;
    bigger.size = m->size ? m->size * 2 : 1024;
    bigger.slots = mem_alloc(bigger.size * sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < m->size; i++)
        if (m->slots[i].key)
            *slot_of(&bigger, m->slots[i].key) = m->slots[i];
    mem_free(m->slots);
    m->slots = bigger.slots;
    m->size = bigger.size;
    return true;
}

/* 0 = not there. */
static uint32_t table_get(const struct imp_match *m, uint64_t key)
{
    return m->size ? slot_of(m, key)->value : 0;
}

static void table_put(struct imp_match *m, uint64_t key, uint32_t value)
{
    if (m->used * 8 >= m->size * 7 && !table_grow(m)) {
        m->err = ERR_NOMEM;
        return;
    }
    struct match_slot *s = slot_of(m, key);
    if (s->key)
        return; /* the first row stands */
    *s = (struct match_slot){key, value};
    m->used++;
}

/* Makes room for one more element of an array; false without memory. */
static bool room(void **p, size_t n, size_t *size, size_t each)
{
    if (n < *size)
        return true;
    size_t more = *size ? *size * 2 : 256;
    void *q = mem_grow(*p, more * each);
    if (!q)
        return false;
    *p = q;
    *size = more;
    return true;
}

/* --- unit values of a site, for diffs -----------------------------------------------------------
 */

static void put_text(struct buf *b, struct str s)
{
    uint64_t h = text_key(0, s);
    buf_add(b, str_sub(s, 0, TEXT_KEPT));
    if (s.n > TEXT_KEPT) /* the beginning to show, a hash to compare */
        buf_add(b, (struct str){(const char *)&h, sizeof h});
}

/* Each field as 2 length bytes and its bytes; numbers in decimal. */
static void unit_put(const struct imp_unit *u, struct buf *b)
{
    struct buf one;
    buf_init(&one, TEXT_KEPT + 64);
    for (size_t i = 0; i < imp_unit_desc.n; i++) {
        const struct field *f = &imp_unit_desc.fields[i];
        const void *at = (const char *)u + f->off;
        buf_reset(&one);
        if (field_is_text(f->type))
            put_text(&one, *(const struct str *)at);
        else if (*(const int64_t *)at != NULL_INT)
            buf_int(&one, *(const int64_t *)at);
        buf_addc(b, (char)one.n);
        buf_addc(b, (char)(one.n >> 8));
        buf_add(b, buf_str(&one));
    }
    buf_free(&one);
}

static struct str unit_next(struct str all, size_t *at)
{
    if (*at + 2 > all.n)
        return S("");
    size_t n = (size_t)(unsigned char)all.p[*at] | (size_t)(unsigned char)all.p[*at + 1] << 8;
    struct str s = str_sub(all, *at + 2, n);
    *at += 2 + n;
    return s;
}

/* Size and grade follow from the figures, and names that differ more than in blanks never come
 * this far: these are not compared. */
static bool is_compared(enum imp_key k)
{
    return k != IK_name && k != IK_stat_size && k != IK_grade;
}

static void diff_add(struct imp_work *w, size_t i, const struct imp_unit *stored, struct str kept)
{
    enum imp_key k = (enum imp_key)(IK_name + (int)i);
    if (w->ndiffs == IMP_DIFFS || !is_compared(k))
        return;
    struct buf b;
    buf_init(&b, 4096);
    imp_put_value(&w->unit, &w->product, k, &b);
    struct str given = arena_str(&w->mem, utf8_cut(buf_str(&b)));
    buf_reset(&b);
    if (stored)
        imp_put_value(stored, NULL, k, &b);
    else
        imp_put_kept(k, str_sub(kept, 0, TEXT_KEPT), &b);
    struct str was = arena_str(&w->mem, utf8_cut(buf_str(&b)));
    buf_free(&b);
    w->diffs[w->ndiffs++] = (struct imp_diff){k, was, given};
}

static void diff_units(struct imp_work *w, struct str old, struct str new, const struct imp_unit *s)
{
    size_t a = 0, b = 0;
    for (size_t i = 0; i < imp_unit_desc.n; i++) {
        struct str was = unit_next(old, &a), now = unit_next(new, &b);
        if (!str_eq(was, now))
            diff_add(w, i, s, was);
    }
}

static void diff_site(struct imp_match *m, struct imp_work *w, const struct match_site *site)
{
    buf_reset(&m->scratch);
    unit_put(&w->unit, &m->scratch);
    size_t n = m->scratch.n;
    char *old = buf_reserve(&m->scratch, UNIT_MAX / 2);
    if (!old || n > UNIT_MAX / 2)
        return;
    size_t got = spool_read(&m->units, site->off, old, UNIT_MAX / 2);
    diff_units(w, (struct str){old, got}, (struct str){m->scratch.p, n}, NULL);
}

static void diff_stored(struct imp_match *m, struct imp_work *w, const struct imp_unit *stored)
{
    if (!stored)
        return;
    buf_reset(&m->scratch);
    unit_put(stored, &m->scratch);
    size_t n = m->scratch.n;
    unit_put(&w->unit, &m->scratch);
    struct str all = buf_str(&m->scratch);
    diff_units(w, str_sub(all, 0, n), str_sub(all, n, all.n), stored);
}

/* --- matching -----------------------------------------------------------------------------------
 */

struct keys {
    uint64_t firm, site, product, name, name_hash;
    uint32_t code; /* 0 = none */
};

/* Names are compared without any blanks (C7); brackets are full width already. */
static struct str bare_name(struct imp_work *w, struct str name)
{
    return clean_text(&w->mem, name, CLEAN_NOSPACE | CLEAN_PAREN);
}

static struct keys keys_of(struct imp_work *w)
{
    const struct imp_unit *u = &w->unit;
    const struct imp_product *p = &w->product;
    struct keys k;
    uint64_t code = u->uscc.n ? text_key(SALT_FIRM, u->uscc) : 0;
    k.code = code ? (uint32_t)(code >> 32) | 1 : 0;
    struct str name = bare_name(w, u->name);
    k.name_hash = text_key(0, name);
    k.name = text_key(SALT_NAME, name);
    k.firm = code ? code : text_key(text_key(SALT_FIRM, name), u->town);
    k.site = text_key(k.firm + SALT_SITE, u->site_address);
    k.product = text_key(k.site + SALT_PRODUCT, p->product);
    bool producer = w->rules->kind == IMP_PRODUCTION;
    struct str more[3] = {
        producer ? p->model : p->brand, producer ? p->lic_no : S(""), producer ? p->ccc_no : S("")};
    for (int i = 0; i < 3; i++)
        k.product = text_key(k.product, more[i]);
    return k;
}

static enum err ask_store(struct imp_work *w, struct imp_stored *ret)
{
    const struct imp_unit *u = &w->unit;
    const struct imp_product *p = &w->product;
    *ret = (struct imp_stored){0};
    if (!w->job->stored)
        return OK;
    bool producer = w->rules->kind == IMP_PRODUCTION;
    struct imp_key_set keys = {.uscc = u->uscc,
        .name = u->name,
        .town = u->town,
        .site_address = u->site_address,
        .product = p->product,
        .model = producer ? p->model : STR_NULL,
        .brand = producer ? STR_NULL : p->brand,
        .lic_no = producer ? p->lic_no : STR_NULL,
        .ccc_no = producer ? p->ccc_no : STR_NULL};
    return w->job->stored(w->job->stored_arg, &keys, ret);
}

static void remember(
    struct imp_match *m, const struct imp_work *w, const struct keys *k, uint32_t row)
{
    if (!table_get(m, k->firm)) {
        if (!room((void **)&m->firms, m->nfirms, &m->sizefirms, sizeof *m->firms)) {
            m->err = ERR_NOMEM;
            return;
        }
        m->firms[m->nfirms++] = (struct match_firm){k->name_hash, k->code, row};
        table_put(m, k->firm, (uint32_t)m->nfirms);
        table_put(m, k->name, (uint32_t)m->nfirms);
    }
    if (!table_get(m, k->site)) {
        if (!room((void **)&m->sites, m->nsites, &m->sizesites, sizeof *m->sites)) {
            m->err = ERR_NOMEM;
            return;
        }
        m->sites[m->nsites++] = (struct match_site){spool_size(&m->units), row};
        table_put(m, k->site, (uint32_t)m->nsites);
        buf_reset(&m->scratch);
        unit_put(&w->unit, &m->scratch);
        spool_add(&m->units, buf_str(&m->scratch));
    }
    table_put(m, k->product, row);
    if (m->units.err)
        m->err = m->units.err;
}

/* Of a row that only adds a product, the firm's values count for nothing: findings about them
 * would be about what is not stored (I2). */
static void keep_product_warnings(struct imp_work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nwarnings; i++)
        if (w->warnings[i].key == IK_ROW || imp_key_product(w->warnings[i].key))
            w->warnings[n++] = w->warnings[i];
    w->nwarnings = n;
}

/* The row opens a site: is its firm known at another address, its name under another code? */
static void warn_new_site(const struct imp_match *m, struct imp_work *w, const struct keys *k,
    const struct imp_stored *st)
{
    bool known = table_get(m, k->firm) || st->name.n;
    if (known)
        work_find(w, IK_site_address, W_OTHER_SITE, w->unit.site_address, STR_NULL);
    uint32_t named = table_get(m, k->name);
    bool other = named && m->firms[named - 1].code != k->code;
    if (other || st->other_with_name)
        work_find(w, IK_name, W_NAME_DUP, w->unit.name, STR_NULL);
}

/* The firm of that code under another name: in the file, or in the store (C7). */
static bool conflicts(const struct imp_match *m, struct imp_work *w, const struct keys *k,
    const struct imp_stored *st, struct imp_ref *ret_of)
{
    if (!k->code)
        return false;
    uint32_t firm = table_get(m, k->firm);
    if (firm && m->firms[firm - 1].name != k->name_hash) {
        *ret_of = unpack(m->firms[firm - 1].row);
        struct str where = arena_fmt(&w->mem, "第%u行的单位", ret_of->row);
        work_find(w, IK_uscc, E_CONFLICT, w->unit.uscc, where);
        return true;
    }
    if (firm || !st->name.n || str_eq(bare_name(w, st->name), bare_name(w, w->unit.name)))
        return false;
    *ret_of = (struct imp_ref){.firm = st->firm};
    work_find(w, IK_uscc, E_CONFLICT, w->unit.uscc, st->name);
    return true;
}

enum err match_row(struct imp_match *m, struct imp_work *w, uint32_t sheet, uint32_t row,
    enum imp_verdict *ret_verdict, struct imp_ref *ret_of)
{
    struct keys k = keys_of(w);
    struct imp_stored st;
    enum err e = ask_store(w, &st);
    if (e)
        return e;
    if (conflicts(m, w, &k, &st, ret_of)) {
        *ret_verdict = IMP_REJECTED;
        return OK;
    }
    uint32_t product = table_get(m, k.product), site = table_get(m, k.site);
    if (product || st.product) {
        *ret_verdict = IMP_DUPLICATE;
        *ret_of = product ? unpack(product) : (struct imp_ref){.firm = st.firm};
        if (site)
            diff_site(m, w, &m->sites[site - 1]);
        else
            diff_stored(m, w, st.unit);
        w->nwarnings = 0;
        return OK;
    }
    if (site || st.site) {
        *ret_verdict = IMP_PRODUCT_ADDED;
        *ret_of = site ? unpack(m->sites[site - 1].row) : (struct imp_ref){.firm = st.firm};
        keep_product_warnings(w);
    } else {
        warn_new_site(m, w, &k, &st);
        *ret_verdict = w->nwarnings ? IMP_CREATED_WITH_WARNING : IMP_CREATED;
    }
    remember(m, w, &k, pack(sheet, row));
    return m->err;
}
