/* Shared by the import tests: rules, areas, sizes and grading as shipped, files read whole. The
 * tests run from the root of the checkout. */
#ifndef TEST_IMPORT_FIXTURE_H
#define TEST_IMPORT_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/jsonin.h"
#include "base/mem.h"
#include "feature/import/imp.h"

struct fixture {
    struct arena mem;
    struct imp_rules *rules[2];
    struct imp_areas *areas;
    struct size_table sizes;
    struct grade_params grade;
};

static inline struct str file_read(struct arena *a, const char *dir, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return STR_NULL;
    char *p = arena_alloc(a, (size_t)st.st_size + 1);
    size_t n = 0;
    while (p && n < (size_t)st.st_size) {
        ssize_t r = read(fd, p + n, (size_t)st.st_size - n);
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    close(fd);
    return p ? (struct str){p, n} : STR_NULL;
}

static inline struct str next_line(struct str *rest)
{
    struct str line = str_cut(*rest, '\n', rest);
    return str_trim(line);
}

/* Reads code and name from a CSV; skip is the number of columns between them. */
static inline void areas_load(struct fixture *f, struct str csv, int skip, const char *county)
{
    struct str rest = csv;
    (void)next_line(&rest);
    while (rest.n) {
        struct str cols = next_line(&rest);
        struct str code = str_cut(cols, ',', &cols), name;
        for (int i = 0; i < skip; i++)
            (void)str_cut(cols, ',', &cols);
        name = str_cut(cols, ',', &cols);
        bool own = str_starts(code, str_z(county));
        if (code.n >= 9 && !own)
            continue;
        if (code.n && name.n && imp_areas_add(f->areas, code, name, own) != OK)
            abort();
    }
}

static inline void grade_load(struct fixture *f)
{
    const struct jin *doc;
    struct str text = file_read(&f->mem, "data", "templates/att1.json");
    if (jin_parse(text, 16, &doc) != OK ||
        grade_params_read(jin_get(doc, "body"), &f->mem, &f->grade) != OK)
        abort();
    jin_free(doc);
}

static inline void fixture_load(struct fixture *f)
{
    arena_init(&f->mem, 256 << 20);
    struct str fields = file_read(&f->mem, "data", "ledger_fields.json");
    struct str rules = file_read(&f->mem, "data", "import_rules.json");
    for (int k = 0; k < 2; k++)
        if (imp_rules_load(&f->mem, fields, rules, (enum imp_kind)k, &f->rules[k]) != OK)
            abort();
    if (imp_areas_new(&f->areas) != OK)
        abort();
    areas_load(f, file_read(&f->mem, "data", "divisions_shanxi.csv"), 1, "141121");
    areas_load(f, file_read(&f->mem, "data", "villages_shanxi.csv"), 0, "141121");
    struct str csv = file_read(&f->mem, "data", "size_standard_2017.csv");
    if (size_parse(csv, &f->mem, &f->sizes, NULL) != OK)
        abort();
    grade_load(f);
}

static inline void fixture_free(struct fixture *f)
{
    imp_areas_free(f->areas);
    arena_free(&f->mem);
}

static inline struct imp_job fixture_job(struct fixture *f, enum imp_kind kind)
{
    return (struct imp_job){.rules = f->rules[kind],
        .as_of = civil_day((struct civil){2026, 11, 2}),
        .areas = f->areas,
        .grade = &f->grade,
        .sizes = &f->sizes};
}

#endif
