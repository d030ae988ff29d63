/* mkassets: packs the files of a folder into the program.
 *
 *   mkassets web  OUT.c DIR    the built web UI: gzip and brotli beside the plain bytes
 *   mkassets data OUT.c DIR    the shipped definitions, plain
 *
 * Writes OUT.c (a table sorted by path) and OUT.bin (all bytes one after the other), which the
 * table's file includes with the assembler's .incbin: four megabytes compile in no time. A folder
 * that does not exist gives an empty table. The output is the same for the same files. */
#include <brotli/encode.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

struct bytes {
    unsigned char *p;
    size_t n;
};

struct file {
    char *path;         /* below the folder, with '/' */
    size_t at[3], n[3]; /* raw, gzip, brotli in OUT.bin; n = 0: not there */
    uint64_t hash;
};

struct list {
    struct file *p;
    size_t n, size;
};

static void die(const char *what, const char *name)
{
    fprintf(stderr, "mkassets: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

static void *grow(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p)
        die("out of memory", "");
    return p;
}

static char *join(const char *a, const char *b)
{
    size_t n = strlen(a) + strlen(b) + 2;
    char *out = grow(NULL, n);
    snprintf(out, n, "%s%s%s", a, *a ? "/" : "", b);
    return out;
}

static void add(struct list *l, char *path)
{
    if (l->n == l->size) {
        l->size = l->size ? 2 * l->size : 64;
        l->p = grow(l->p, l->size * sizeof *l->p);
    }
    l->p[l->n++] = (struct file){.path = path};
}

static void walk(struct list *l, const char *root, const char *below)
{
    char *dir = join(root, below);
    DIR *d = opendir(*below ? dir : root);
    if (!d && errno != ENOENT)
        die("cannot read", dir);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (e->d_name[0] == '.')
            continue;
        char *path = join(below, e->d_name);
        char *full = join(root, path);
        struct stat st;
        if (stat(full, &st))
            die("cannot stat", full);
        if (S_ISDIR(st.st_mode))
            walk(l, root, path);
        else if (S_ISREG(st.st_mode))
            add(l, path);
        free(full);
    }
    if (d)
        closedir(d);
    free(dir);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static struct bytes load(const char *root, const char *path)
{
    char *full = join(root, path);
    FILE *f = fopen(full, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st))
        die("cannot open", full);
    struct bytes b = {grow(NULL, (size_t)st.st_size), (size_t)st.st_size};
    if (fread(b.p, 1, b.n, f) != b.n)
        die("cannot read", full);
    fclose(f);
    free(full);
    return b;
}

static uint64_t fnv(struct bytes b)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < b.n; i++)
        h = (h ^ b.p[i]) * 1099511628211u;
    return h;
}

static struct bytes gzip(struct bytes in)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        die("zlib", "");
    struct bytes out = {NULL, deflateBound(&z, in.n) + 64};
    out.p = grow(NULL, out.n);
    z.next_in = in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = out.p;
    z.avail_out = (uInt)out.n;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        die("zlib", "");
    out.n = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct bytes brotli(struct bytes in)
{
    struct bytes out = {NULL, BrotliEncoderMaxCompressedSize(in.n) + 64};
    out.p = grow(NULL, out.n);
    if (!BrotliEncoderCompress(11, 22, BROTLI_MODE_GENERIC, in.n, in.p, &out.n, out.p))
        die("brotli", "");
    return out;
}

struct sink {
    FILE *bin;
    size_t at;
};

static void put(struct sink *s, struct file *f, int kind, struct bytes b)
{
    f->at[kind] = s->at;
    f->n[kind] = b.n;
    /* a NUL behind every body, so that a text file can be read as a C string */
    if (fwrite(b.p, 1, b.n, s->bin) != b.n || fputc(0, s->bin) == EOF)
        die("cannot write", "the bytes");
    s->at += b.n + 1;
}

/* A compressed form is kept only when it saves a tenth. */
static void put_smaller(struct sink *s, struct file *f, int kind, struct bytes b, size_t raw)
{
    if (b.n + raw / 10 < raw)
        put(s, f, kind, b);
    free(b.p);
}

static void pack(struct sink *s, struct file *f, const char *root, bool web)
{
    struct bytes raw = load(root, f->path);
    f->hash = fnv(raw);
    put(s, f, 0, raw);
    if (web && raw.n > 200) {
        put_smaller(s, f, 1, gzip(raw), raw.n);
        put_smaller(s, f, 2, brotli(raw), raw.n);
    }
    free(raw.p);
}

static const char *const types[][2] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* name-HASH.ext below an assets/ folder never changes its bytes. */
static bool immutable(const char *path)
{
    const char *name = strrchr(path, '/');
    const char *dash = strrchr(path, '-');
    const char *dot = strrchr(path, '.');
    return strstr(path, "assets/") && name && dash && dot && dash > name && dot - dash >= 9;
}

static void write_web(FILE *c, const struct list *l)
{
    fprintf(c, "#include \"http/assets.h\"\n\nconst struct asset assets[] = {\n");
    for (size_t i = 0; i < l->n; i++) {
        const struct file *f = &l->p[i];
        fprintf(c, "    {\"/%s\", \"%s\", \"%016llx\", %d, {", f->path, type_of(f->path),
            (unsigned long long)f->hash, immutable(f->path));
        for (int k = 0; k < 3; k++) {
            if (k == 0 || f->n[k])
                fprintf(c, "{bin + %zu, %zu}, ", f->at[k], f->n[k]);
            else
                fprintf(c, "{0, 0}, ");
        }
        fprintf(c, "}},\n");
    }
    fprintf(c, "    {0, 0, 0, 0, {{0, 0}}},\n};\nconst size_t assets_n = %zu;\n", l->n);
}

static void write_data(FILE *c, const struct list *l)
{
    fprintf(c, "#include \"base/shipped.h\"\n\nconst struct shipped shipped_files[] = {\n");
    for (size_t i = 0; i < l->n; i++)
        fprintf(c, "    {\"%s\", {bin + %zu, %zu}},\n", l->p[i].path, l->p[i].at[0], l->p[i].n[0]);
    fprintf(c, "    {0, {0, 0}},\n};\nconst size_t shipped_files_n = %zu;\n", l->n);
}

int main(int argc, char **argv)
{
    if (argc != 4 || (strcmp(argv[1], "web") && strcmp(argv[1], "data"))) {
        fprintf(stderr, "usage: mkassets web|data OUT.c DIR\n");
        return 2;
    }
    bool web = strcmp(argv[1], "web") == 0;
    char bin[4096];
    snprintf(bin, sizeof bin, "%s.bin", argv[2]);
    struct list l = {0};
    walk(&l, argv[3], "");
    if (l.n)
        qsort(l.p, l.n, sizeof *l.p, by_path);
    struct sink s = {fopen(bin, "wb"), 0};
    FILE *c = fopen(argv[2], "w");
    if (!s.bin || !c)
        die("cannot write", argv[2]);
    for (size_t i = 0; i < l.n; i++)
        pack(&s, &l.p[i], argv[3], web);
    fprintf(c,
        "/* Made by mkassets from %s. */\n"
        "__asm__(\".pushsection .rodata\\n.balign 16\\n%s_bin:\\n.incbin \\\"%s\\\"\\n"
        ".byte 0\\n.popsection\");\nextern const char bin[] __asm__(\"%s_bin\");\n",
        argv[3], argv[1], bin, argv[1]);
    if (web)
        write_web(c, &l);
    else
        write_data(c, &l);
    if (fclose(c) || fclose(s.bin))
        die("cannot write", argv[2]);
    return 0;
}
