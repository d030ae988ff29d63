/* Writing and reading a manifest. */
#include "cli/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/civil.h"
#include "cli/copy.h"

#define MARK "zhian-backup 1\n"
enum { LINE = 4400, HEX = 2 * SM3_LEN };

/* --- writing ---------------------------------------------------------------------------------- */

static void put(struct manifest *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct manifest *m, const char *fmt, ...)
{
    char line[LINE];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (m->err)
        return;
    if (n < 0 || n >= LINE)
        m->err = ERR_TOO_LARGE;
    else if (fwrite(line, 1, (size_t)n, m->f) != (size_t)n)
        m->err = io_error();
    else
        sm3_add(&m->sum, (struct str){line, (size_t)n});
}

void manifest_begin(struct manifest *m, const char *path, const struct manifest_facts *facts)
{
    char made[32];
    *m = (struct manifest){.files = 0};
    m->err = sm3_begin(&m->sum);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    m->f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!m->err && !m->f)
        m->err = io_error();
    int n = (int)civil_put_time(facts->made, made);
    put(m, MARK "store %s\nkind %s\nmade %.*s\nschema %" PRId64 "\n", facts->store, facts->kind, n,
        made, facts->schema);
    put(m, "journal %" PRId64 "\nseal %" PRId64 " %s\n", facts->journal, facts->seal, facts->head);
}

void manifest_file(
    struct manifest *m, const char *name, int64_t size, const unsigned char digest[SM3_LEN])
{
    char hex[HEX + 1] = "";
    hex_put(digest, SM3_LEN, hex);
    m->files++;
    m->bytes += size;
    put(m, "file %" PRId64 " %s %s\n", size, hex, name);
}

enum err manifest_end(struct manifest *m)
{
    unsigned char digest[SM3_LEN];
    char hex[HEX + 1] = "";
    if (m->sum.md)
        sm3_end(&m->sum, digest);
    hex_put(digest, SM3_LEN, hex);
    if (!m->err && fprintf(m->f, "end %" PRId64 " %s\n", m->files, hex) < 0)
        m->err = io_error();
    if (m->f && fclose(m->f) != 0 && !m->err)
        m->err = io_error();
    return m->err;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Calls fn with every line, without its end, until it fails. */
static enum err each_line(FILE *f, enum err (*fn)(void *arg, struct str line), void *arg)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    enum err e = OK;
    rewind(f);
    while (!e && (n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] != '\n' || memchr(line, 0, (size_t)n))
            e = ERR_CORRUPT;
        else
            line[n - 1] = 0;
        if (!e)
            e = fn(arg, (struct str){line, (size_t)n - 1});
    }
    free(line);
    return !e && ferror(f) ? ERR_IO : e;
}

struct summing {
    struct sm3_ctx sum;
    int64_t files;
    bool ended;
};

/* "end N HEX": nothing may follow. */
static enum err end_line(struct summing *k, struct str line)
{
    unsigned char said[SM3_LEN], own[SM3_LEN];
    struct str hex;
    int64_t n = 0;
    struct str count = str_cut(str_sub(line, 4, line.n), ' ', &hex);
    sm3_end(&k->sum, own);
    k->ended = true;
    bool good = str_int(count, &n) && n == k->files && hex_get(hex, said, SM3_LEN) &&
                hash_equal(said, own, SM3_LEN);
    return good ? OK : ERR_CORRUPT;
}

static enum err sum_line(void *arg, struct str line)
{
    struct summing *k = arg;
    if (k->ended)
        return ERR_CORRUPT;
    if (str_starts(line, S("end ")))
        return end_line(k, line);
    k->files += str_starts(line, S("file "));
    sm3_add(&k->sum, line);
    sm3_add(&k->sum, S("\n"));
    return OK;
}

static enum err whole(FILE *f)
{
    struct summing k = {.files = 0};
    unsigned char ignored[SM3_LEN];
    enum err e = sm3_begin(&k.sum);
    if (e)
        return e;
    e = each_line(f, sum_line, &k);
    if (!k.ended) {
        sm3_end(&k.sum, ignored);
        e = e ? e : ERR_CORRUPT;
    }
    return e;
}

struct reading {
    const struct manifest_use *use;
    struct manifest_facts facts;
    bool marked, told;
};

static bool text_fact(struct str v, char *out, size_t size)
{
    return v.n < size && snprintf(out, size, "%.*s", STR_ARG(v)) > 0;
}

static bool store_fact(struct manifest_facts *f, struct str v)
{
    return text_fact(v, f->store, sizeof f->store);
}

static bool kind_fact(struct manifest_facts *f, struct str v)
{
    return text_fact(v, f->kind, sizeof f->kind);
}

static bool made_fact(struct manifest_facts *f, struct str v)
{
    return civil_parse_time(v, &f->made);
}

static bool schema_fact(struct manifest_facts *f, struct str v)
{
    return str_int(v, &f->schema);
}

static bool journal_fact(struct manifest_facts *f, struct str v)
{
    return str_int(v, &f->journal);
}

static bool seal_fact(struct manifest_facts *f, struct str v)
{
    struct str head, no = str_cut(v, ' ', &head);
    return str_int(no, &f->seal) && text_fact(head, f->head, sizeof f->head);
}

/* A fact that is not known is passed over. */
static bool fact(struct manifest_facts *f, struct str line)
{
    static const struct {
        const char *name;
        bool (*read)(struct manifest_facts *f, struct str v);
    } rows[] = {{"store", store_fact}, {"kind", kind_fact}, {"made", made_fact},
        {"schema", schema_fact}, {"journal", journal_fact}, {"seal", seal_fact}};
    struct str v, name = str_cut(line, ' ', &v);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_eqz(name, rows[i].name))
            return rows[i].read(f, v);
    return true;
}

static enum err entry(struct reading *k, struct str line)
{
    struct manifest_entry one = {0};
    struct str hex, name, size = str_cut(str_sub(line, 5, line.n), ' ', &hex);
    hex = str_cut(hex, ' ', &name);
    if (!str_int(size, &one.size) || !hex_get(hex, one.digest, SM3_LEN) || str_empty(name))
        return ERR_CORRUPT;
    one.name = name.p; /* to the end of the line, which ends with a NUL */
    return k->use->file(k->use->arg, &one);
}

static enum err facts_told(struct reading *k)
{
    bool before = k->told;
    k->told = true;
    return before ? OK : k->use->facts(k->use->arg, &k->facts);
}

static enum err use_line(void *arg, struct str line)
{
    struct reading *k = arg;
    if (!k->marked) {
        k->marked = true;
        return str_eq(line, str_sub(S(MARK), 0, sizeof MARK - 2)) ? OK : ERR_UNSUPPORTED;
    }
    bool file = str_starts(line, S("file "));
    if (!file && !str_starts(line, S("end ")))
        return fact(&k->facts, line) ? OK : ERR_CORRUPT;
    enum err e = facts_told(k);
    return e || !file ? e : entry(k, line);
}

enum err manifest_read(const char *path, const struct manifest_use *use)
{
    struct reading k = {.use = use};
    FILE *f = fopen(path, "re");
    if (!f)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    enum err e = whole(f);
    if (!e)
        e = each_line(f, use_line, &k);
    fclose(f);
    return e;
}
