/* For tools/mksql.c: src/sql/merge.def, what tables and columns mean to another store (its grammar
 * stands on its top), checked against the schema and written as sql_takings and sql_rules. Every
 * table must be spoken for; so must every number, bytes and path of what goes over. */
#ifndef ZHIAN_TOOLS_SQLRULES_H
#define ZHIAN_TOOLS_SQLRULES_H

#include "sqltables.h"

enum { MAX_RULE = 2000, MAX_NUMBER = 400, MAX_WORDS = 24 };

struct rule {
    char table[NAME_SIZE], column[NAME_SIZE];
    const char *how; /* the enumerator's tail */
    char what[NAME_SIZE], by[NAME_SIZE], word[NAME_SIZE];
    int n, line;
};

struct number {
    char name[NAME_SIZE];
    bool used;
    int line;
};

struct taking {
    char table[NAME_SIZE], how[NAME_SIZE];
    int line;
};

static struct rule rules[MAX_RULE];
static int nrules;
static struct number numbers[MAX_NUMBER];
static int nnumbers;
static struct taking takings[MAX_TABLE];
static int ntakings;
static const char *rules_file; /* NULL: none was given, nothing is checked */

/* --- reading ---------------------------------------------------------------------------------- */

struct words {
    char w[MAX_WORDS][NAME_SIZE];
    int n, line;
};

static void words_split(const char *p, const char *end, struct words *ret)
{
    ret->n = 0;
    while (p < end && *p != '#') {
        const char *from = p;
        while (p < end && !space_char(*p) && *p != '#')
            p++;
        if (p > from) {
            if (ret->n == MAX_WORDS || p - from >= NAME_SIZE)
                die(rules_file, ret->line, "too many words, or one too long");
            memcpy(ret->w[ret->n], from, (size_t)(p - from));
            ret->w[ret->n++][p - from] = 0;
        }
        while (p < end && space_char(*p))
            p++;
    }
}

/* A rule of the column that the second word names, TABLE.COLUMN. */
static struct rule *rule_new(const struct words *w, const char *how)
{
    const char *dot = w->n > 1 ? strchr(w->w[1], '.') : NULL;
    if (!dot || nrules == MAX_RULE)
        die(rules_file, w->line, "TABLE.COLUMN expected behind %s", w->w[0]);
    struct rule *r = &rules[nrules++];
    memset(r, 0, sizeof *r);
    memcpy(r->table, w->w[1], (size_t)(dot - w->w[1]));
    memcpy(r->column, dot + 1, strlen(dot));
    r->how = how;
    r->line = w->line;
    return r;
}

/* "by COLUMN WORD=WHAT…": a rule for each word. */
static void rules_by(const struct words *w, const char *how)
{
    if (w->n < 5)
        die(rules_file, w->line, "by COLUMN WORD=NAME… expected");
    for (int i = 4; i < w->n; i++) {
        const char *eq = strchr(w->w[i], '=');
        if (!eq)
            die(rules_file, w->line, "%s: WORD=NAME expected", w->w[i]);
        struct rule *r = rule_new(w, how);
        memcpy(r->by, w->w[3], NAME_SIZE);
        memcpy(r->word, w->w[i], (size_t)(eq - w->w[i]));
        memcpy(r->what, eq + 1, strlen(eq));
    }
}

static void rule_named(const struct words *w, const char *how)
{
    if (w->n > 3 && strcmp(w->w[2], "by") == 0) {
        rules_by(w, how);
        return;
    }
    struct rule *r = rule_new(w, how);
    bool in = w->n == 4 && strcmp(w->w[2], "in") == 0 && strcmp(how, "VERSION") == 0;
    if (in)
        memcpy(r->by, w->w[3], NAME_SIZE);
    else if (w->n == 3)
        memcpy(r->what, w->w[2], NAME_SIZE);
    else
        die(rules_file, w->line, "%s.%s: of what?", r->table, r->column);
}

static void rule_path(const struct words *w)
{
    struct rule *r = rule_new(w, "PATH");
    r->n = w->n > 2 ? atoi(w->w[2]) : 0;
}

static void rule_index(const struct words *w)
{
    if (w->n != 4)
        die(rules_file, w->line, "index TABLE.COLUMN COLUMN NAME expected");
    struct rule *r = rule_new(w, "INDEX");
    memcpy(r->by, w->w[2], NAME_SIZE);
    memcpy(r->what, w->w[3], NAME_SIZE);
}

static void numbers_add(const struct words *w)
{
    for (int i = 1; i < w->n; i++) {
        if (nnumbers == MAX_NUMBER)
            die(rules_file, w->line, "too many numbers");
        struct number *n = &numbers[nnumbers++];
        memcpy(n->name, w->w[i], NAME_SIZE);
        n->used = false;
        n->line = w->line;
    }
}

static void taking_add(const struct words *w)
{
    static const char *const hows[] = {"record", "with", "counted", "stays"};
    bool known = false;
    for (size_t i = 0; w->n == 3 && i < sizeof hows / sizeof *hows; i++)
        known = known || strcmp(w->w[2], hows[i]) == 0;
    if (!known || ntakings == MAX_TABLE)
        die(rules_file, w->line, "table NAME record, with, counted or stays expected");
    struct taking *t = &takings[ntakings++];
    memcpy(t->table, w->w[1], NAME_SIZE);
    memcpy(t->how, w->w[2], NAME_SIZE);
    t->line = w->line;
}

static void rule_read(const struct words *w)
{
    const char *verb = w->w[0];
    if (strcmp(verb, "table") == 0)
        taking_add(w);
    else if (strcmp(verb, "number") == 0)
        numbers_add(w);
    else if (strcmp(verb, "ref") == 0)
        rule_named(w, "REF");
    else if (strcmp(verb, "version") == 0)
        rule_named(w, "VERSION");
    else if (strcmp(verb, "path") == 0)
        rule_path(w);
    else if (strcmp(verb, "secret") == 0)
        rule_new(w, "SECRET");
    else if (strcmp(verb, "index") == 0)
        rule_index(w);
    else if (strcmp(verb, "left") == 0)
        rule_new(w, "LEFT");
    else if (strcmp(verb, "bytes") == 0)
        rule_new(w, "BYTES");
    else if (strcmp(verb, "json") == 0)
        rule_new(w, "JSON");
    else
        die(rules_file, w->line, "%s: no such word", verb);
}

static void read_rules(const char *path, const struct text *t)
{
    struct words w = {.line = 0};
    const char *p = text_z(t), *end = p + t->n;
    rules_file = path;
    while (p < end) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        eol = eol ? eol : end;
        w.line++;
        words_split(p, eol, &w);
        if (w.n)
            rule_read(&w);
        p = eol + (eol < end);
    }
}

/* --- checking --------------------------------------------------------------------------------- */

static const struct taking *taking_of(const char *table)
{
    for (int i = 0; i < ntakings; i++)
        if (strcmp(takings[i].table, table) == 0)
            return &takings[i];
    return NULL;
}

static const struct table *rule_table(const char *name, int line)
{
    for (int i = 0; i < ntables; i++)
        if (strcmp(tables[i]->name, name) == 0)
            return tables[i];
    die(rules_file, line, "%s: no such table", name);
}

static const struct column *rule_column(const struct table *t, const char *name, int line)
{
    for (int i = 0; i < t->ncols; i++)
        if (strcmp(t->cols[i].name, name) == 0)
            return &t->cols[i];
    die(rules_file, line, "%s.%s: no such column", t->name, name);
}

static void rule_check(const struct rule *r)
{
    static const struct {
        const char *how;
        char type;
    } types[] = {{"REF", 'i'}, {"VERSION", 'i'}, {"PATH", 't'}, {"SECRET", 'b'}, {"INDEX", 'b'},
        {"BYTES", 'b'}, {"JSON", 't'}};
    const struct table *t = rule_table(r->table, r->line);
    const struct column *c = rule_column(t, r->column, r->line);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].how, r->how) == 0 && types[i].type != c->type)
            die(rules_file, r->line, "%s.%s: not a column of that type", r->table, r->column);
    if (r->by[0])
        rule_column(t, r->by, r->line);
    if (strcmp(r->how, "REF") == 0 && !rule_table(r->what, r->line)->record)
        die(rules_file, r->line, "%s.%s: %s is no record", r->table, r->column, r->what);
}

static bool rule_there(const struct table *t, const struct column *c)
{
    for (int i = 0; i < nrules; i++)
        if (strcmp(rules[i].table, t->name) == 0 && strcmp(rules[i].column, c->name) == 0)
            return true;
    return false;
}

static bool number_plain(const struct table *t, const struct column *c)
{
    if (t->record && (strcmp(c->name, "id") == 0 || strcmp(c->name, "jseq") == 0))
        return true;
    for (int i = 0; i < nnumbers; i++)
        if (strcmp(numbers[i].name, c->name) == 0)
            return numbers[i].used = true;
    return strcmp(c->name, "version") == 0 || strcmp(c->name, "id") == 0;
}

static bool path_like(const struct column *c)
{
    size_t n = strlen(c->name);
    bool part = n == 2 && c->name[0] == 'p' && isdigit((unsigned char)c->name[1]);
    return part || (n >= 4 && strcmp(c->name + n - 4, "path") == 0);
}

static void column_check(const struct table *t, const struct column *c)
{
    bool there = rule_there(t, c);
    if (c->computed || there)
        return;
    if (c->type == 'i' && !number_plain(t, c))
        die(t->file, t->line, "%s.%s: an id or a number? Say so in %s", t->name, c->name,
            rules_file);
    if (c->type == 'b')
        die(t->file, t->line, "%s.%s: what are these bytes to another store? Say so in %s", t->name,
            c->name, rules_file);
    if (c->type == 't' && path_like(c))
        die(t->file, t->line, "%s.%s: a path? Say so in %s", t->name, c->name, rules_file);
}

/* Bytes and paths of the journal are not taken over as they are. */
static void table_rules_check(const struct table *t)
{
    const struct taking *k = taking_of(t->name);
    if (!k)
        die(t->file, t->line, "%s: how is it taken over into another store? Say so in %s", t->name,
            rules_file);
    bool stays = strcmp(k->how, "stays") == 0;
    if (!stays && t->record != (strcmp(k->how, "record") == 0))
        die(rules_file, k->line, "%s: records, and only they, go over as records", t->name);
    bool over = !stays && (t->record || strcmp(k->how, "with") == 0);
    for (int i = 0; over && i < t->ncols; i++)
        if (t->record || t->cols[i].type == 'i')
            column_check(t, &t->cols[i]);
}

static void rules_check(void)
{
    if (!rules_file)
        return;
    for (int i = 0; i < ntakings; i++)
        rule_table(takings[i].table, takings[i].line);
    for (int i = 0; i < nrules; i++)
        rule_check(&rules[i]);
    for (int i = 0; i < ntables; i++)
        table_rules_check(tables[i]);
    for (int i = 0; i < nnumbers; i++)
        if (!numbers[i].used)
            die(rules_file, numbers[i].line, "%s: no column has this name any more",
                numbers[i].name);
}

/* --- output ----------------------------------------------------------------------------------- */

static void put_word(struct text *out, const char *z)
{
    if (*z)
        text_fmt(out, ", \"%s\"", z);
    else
        text_addz(out, ", 0");
}

static void put_rules(struct text *out)
{
    text_addz(out, "\nconst struct sql_taking sql_takings[] = {\n");
    for (int i = 0; i < ntakings; i++)
        text_fmt(out, "    {\"%s\", \"%s\"},\n", takings[i].table, takings[i].how);
    text_addz(out, "    {0, 0},\n};\n\nconst struct sql_rule sql_rules[] = {\n");
    for (int i = 0; i < nrules; i++) {
        const struct rule *r = &rules[i];
        text_fmt(out, "    {\"%s\", \"%s\", SQL_IS_%s", r->table, r->column, r->how);
        put_word(out, r->what);
        put_word(out, r->by);
        put_word(out, r->word);
        text_fmt(out, ", %d},\n", r->n);
    }
    text_addz(out, "    {0, 0, SQL_IS_REF, 0, 0, 0, 0},\n};\n");
}

static void put_rules_header(struct text *out)
{
    text_addz(out,
        "\n/* What a column means to another store (src/sql/merge.def): what is a record's, a\n"
        " * template's or an index's name; by is another column, which must say word when there\n"
        " * is one, or else names what itself; n is a path's length, 0 for all of it. */\n"
        "enum sql_is {\n    SQL_IS_REF,\n    SQL_IS_VERSION,\n    SQL_IS_PATH,\n"
        "    SQL_IS_SECRET,\n    SQL_IS_INDEX,\n    SQL_IS_BYTES,\n    SQL_IS_JSON,\n    "
        "SQL_IS_LEFT\n};\n"
        "struct sql_rule {\n    const char *table, *column;\n    enum sql_is is;\n"
        "    const char *what, *by, *word;\n    int n;\n};\n"
        "extern const struct sql_rule sql_rules[];\n\n"
        "/* How a table is taken over: record, with, counted, stays. */\n"
        "struct sql_taking {\n    const char *table, *how;\n};\n"
        "extern const struct sql_taking sql_takings[];\n");
}

#endif
