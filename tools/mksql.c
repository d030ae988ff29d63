/* mksql OUTDIR file… : turns .sql files into OUTDIR/sql.h and OUTDIR/sql.c.
 *
 * A file in a folder named "query" (or any folder but "schema") holds named statements:
 *
 *     -- name: firm_by_uscc
 *     -- One live firm by its credit code.
 *     SELECT id, name FROM firm WHERE uscc = :uscc AND ended IS NULL;
 *
 * A block headed "-- part: x" is a fragment (a column, a join, a condition) for the list engine: it
 * becomes the macro PART_x, with ? for each parameter.
 *
 * Each becomes enum sql_id SQL_firm_by_uscc and a row of sql_stmts. Parameters :name are numbered
 * $1..$n by first appearance, the same name keeping its number; their names are kept in order.
 * Literals, quoted names, comments and :: are left alone.
 *
 * A file NNNN_name.sql in a folder named "schema" becomes a row of sql_migrations. A table whose
 * CREATE TABLE follows a comment line "-- @record" also gets statements over its columns in
 * schema order, as later migrations (ADD, DROP and RENAME COLUMN, RENAME TO, DROP TABLE) leave it:
 *
 *     T_insert  all columns                T_update  all but id, WHERE id = :id
 *     T_get     all columns, by :id
 *     T_scan    all columns, WHERE id > :after … LIMIT :limit; before :until when that is bound
 *     T_proof   as T_scan, and behind them the digest in the record's journal row; NULL: there is
 *               no such row, or it is not about this record of :kind
 *     T_lost    id and ref of the journal rows about :kind, WHERE id > :after AND id < :until,
 *               whose record is not there or older than they are
 *     (T_get, T_scan and T_proof give a column jseq last; T_proof and T_lost only where it is)
 *
 * Every table becomes a row of sql_tables, with the statements that move it (sqltables.h). A file
 * merge.def says what tables and columns mean to another store (sqlrules.h).
 *
 * Comments and layout are dropped from every text, so a migration's hash does not depend on them.
 * Dialect tokens (@BLOB@ …, src/db/dialect.def) stay; the back end replaces them.
 * sql.h keeps its time stamp when nothing in it changed. */
#include <errno.h>

#include "sqllex.h"
#include "sqlrules.h"
#include "sqltables.h"

enum { MAX_STMT = 4096, MAX_PARAM = 120, MAX_MIGRATION = 512 };
enum { MAX_TOKEN = 16384 };

/* --- what was found --------------------------------------------------------------------------- */

struct stmt {
    char name[NAME_SIZE];
    const char *file;
    int line;
    struct text text, doc;
    char params[MAX_PARAM][NAME_SIZE];
    int nparams;
    int depth;    /* open parentheses while reading */
    bool closed;  /* the ; was seen */
    bool decided; /* whether it writes is known */
    bool write;
    bool with;
    bool part; /* a "-- part:": a fragment for the list engine, parameters as ? */
};

struct migration {
    char name[NAME_SIZE];
    int number;
    struct text text;
};

static struct stmt *stmts[MAX_STMT];
static int nstmts;
enum { MAX_PART = 256 };
static struct stmt *parts[MAX_PART];
static int nparts;
static struct migration migrations[MAX_MIGRATION];
static int nmigrations;

static void copy_name(char *out, const char *p, size_t n, const struct lex *x)
{
    if (n == 0 || n >= NAME_SIZE)
        die(x->file, x->first, "name too long or missing");
    memcpy(out, p, n);
    out[n] = 0;
}

static bool plain_name(const char *z)
{
    if (!isalpha((unsigned char)*z) && *z != '_')
        return false;
    for (; *z; z++)
        if (!isalnum((unsigned char)*z) && *z != '_')
            return false;
    return true;
}

static struct stmt *stmt_new(const char *name, const char *file, int line)
{
    if (!plain_name(name))
        die(file, line, "\"%s\" is no name for a statement", name);
    for (int i = 0; i < nstmts; i++)
        if (strcmp(stmts[i]->name, name) == 0)
            die(file, line, "%s is defined already at %s:%d", name, stmts[i]->file, stmts[i]->line);
    if (nstmts == MAX_STMT)
        die(file, line, "more than %d statements", MAX_STMT);
    struct stmt *s = calloc(1, sizeof *s);
    if (!s)
        die(file, line, "out of memory");
    snprintf(s->name, sizeof s->name, "%s", name);
    s->file = file;
    s->line = line;
    stmts[nstmts++] = s;
    return s;
}

/* A part is read like a statement and then kept apart: it has no number. */
static struct stmt *part_new(const char *name, const char *file, int line)
{
    struct stmt *s = stmt_new(name, file, line);
    if (nparts == MAX_PART)
        die(file, line, "more than %d parts", MAX_PART);
    s->part = true;
    parts[nparts++] = s;
    nstmts--;
    return s;
}

static int stmt_param(struct stmt *s, const char *p, size_t n, const struct lex *x)
{
    char name[NAME_SIZE];
    copy_name(name, p, n, x);
    for (int i = 0; i < s->nparams; i++)
        if (strcmp(s->params[i], name) == 0)
            return i + 1;
    if (s->nparams == MAX_PARAM)
        die(x->file, x->first, "%s: more than %d parameters", s->name, MAX_PARAM);
    memcpy(s->params[s->nparams++], name, sizeof name);
    return s->nparams;
}

/* The first verb outside parentheses says whether a statement writes. */
static void stmt_verb(struct stmt *s, const struct lex *x)
{
    if (s->decided || s->depth > 0 || x->kind != T_WORD)
        return;
    if (!s->with && tok_is(x->p, x->n, "WITH")) {
        s->with = true;
        return;
    }
    bool read = tok_is(x->p, x->n, "SELECT") || tok_is(x->p, x->n, "VALUES");
    bool write = tok_is(x->p, x->n, "INSERT") || tok_is(x->p, x->n, "UPDATE") ||
                 tok_is(x->p, x->n, "DELETE") || tok_is(x->p, x->n, "REPLACE");
    s->decided = read || write || !s->with;
    s->write = !read;
}

static void text_trim(struct text *t)
{
    while (t->n && t->p[t->n - 1] == ' ')
        t->p[--t->n] = 0;
}

/* One space for any run of spaces and comments, none inside parentheses' edges or before , and ;
 * so that a text does not change with the way it is laid out. */
static void text_space(struct text *t)
{
    if (t->n && t->p[t->n - 1] != ' ' && t->p[t->n - 1] != '(')
        text_add(t, " ", 1);
}

static void text_token(struct text *t, const struct lex *x)
{
    if (x->n == 1 && strchr("),;", *x->p))
        text_trim(t);
    text_add(t, x->p, x->n);
}

static void stmt_token(struct stmt *s, const struct lex *x)
{
    if (x->kind == T_SPACE) {
        text_space(&s->text);
        return;
    }
    if (s->closed)
        die(x->file, x->first, "%s: one statement per name", s->name);
    if (x->n == 1 && *x->p == ';') {
        s->closed = true;
        return;
    }
    if (x->n == 1 && (*x->p == '(' || *x->p == ')'))
        s->depth += *x->p == '(' ? 1 : -1;
    stmt_verb(s, x);
    if (x->kind == T_PARAM && s->part)
        text_add(&s->text, "?", 1);
    else if (x->kind == T_PARAM)
        text_fmt(&s->text, "$%d", stmt_param(s, x->p + 1, x->n - 1, x));
    else
        text_token(&s->text, x);
}

static void stmt_finish(struct stmt *s)
{
    if (!s)
        return;
    text_trim(&s->text);
    if (s->text.n == 0)
        die(s->file, s->line, "%s has no text", s->name);
    if (s->depth != 0)
        die(s->file, s->line, "%s: parentheses do not match", s->name);
}

/* --- query files ------------------------------------------------------------------------------ */

/* "-- name: x": the name, or 0. */
static size_t comment_value(const struct lex *x, const char *key, const char **ret_p)
{
    const char *p = x->p + 2;
    const char *end = x->p + x->n;
    while (p < end && space_char(*p))
        p++;
    size_t k = strlen(key);
    if ((size_t)(end - p) < k || memcmp(p, key, k) != 0)
        return 0;
    p += k;
    while (p < end && space_char(*p))
        p++;
    while (end > p && space_char(end[-1]))
        end--;
    *ret_p = p;
    return (size_t)(end - p);
}

static void stmt_doc(struct stmt *s, const struct lex *x)
{
    const char *p = NULL;
    size_t n = comment_value(x, "", &p);
    if (s->text.n || n == 0)
        return;
    if (s->doc.n)
        text_add(&s->doc, " ", 1);
    for (size_t i = 0; i < n; i++)
        if (!(p[i] == '*' && i + 1 < n && p[i + 1] == '/'))
            text_add(&s->doc, p + i, 1);
}

static struct stmt *query_comment(struct stmt *s, const struct lex *x)
{
    const char *p = NULL;
    size_t n = comment_value(x, "name:", &p);
    bool part = n == 0;
    if (part)
        n = comment_value(x, "part:", &p);
    if (n == 0) {
        if (s)
            stmt_doc(s, x);
        return s;
    }
    stmt_finish(s);
    char name[NAME_SIZE];
    copy_name(name, p, n, x);
    return part ? part_new(name, x->file, x->first) : stmt_new(name, x->file, x->first);
}

static void read_query(struct lex *x)
{
    struct stmt *s = NULL;
    while (lex_next(x)) {
        if (x->kind == T_COMMENT) {
            s = query_comment(s, x);
            continue;
        }
        if (!s && x->kind != T_SPACE)
            die(x->file, x->first, "text before the first \"-- name:\"");
        if (s)
            stmt_token(s, x);
    }
    stmt_finish(s);
}

/* --- schema files ----------------------------------------------------------------------------- */

struct token {
    const char *p;
    size_t n;
    enum kind kind;
};

/* One statement of a schema file, without spaces and comments. */
struct ddl {
    struct token t[MAX_TOKEN];
    size_t n;
    bool record;
    const char *file;
    int line;
};

static bool ddl_is(const struct ddl *d, size_t at, const char *word)
{
    return at < d->n && tok_is(d->t[at].p, d->t[at].n, word);
}

static bool ddl_punct(const struct ddl *d, size_t at, char ch)
{
    return at < d->n && d->t[at].n == 1 && *d->t[at].p == ch;
}

static void ddl_name(const struct ddl *d, size_t at, char *out)
{
    if (at >= d->n || (d->t[at].kind != T_WORD && d->t[at].kind != T_QUOTED))
        die(d->file, d->line, "a name is missing");
    const char *p = d->t[at].p;
    size_t n = d->t[at].n;
    if (d->t[at].kind == T_QUOTED) {
        p++;
        n -= 2;
    }
    if (n == 0 || n >= NAME_SIZE)
        die(d->file, d->line, "name too long or missing");
    memcpy(out, p, n);
    out[n] = 0;
}

static struct table *table_find(const char *name)
{
    for (int i = 0; i < ntables; i++)
        if (strcasecmp(tables[i]->name, name) == 0)
            return tables[i];
    return NULL;
}

static int column_find(const struct table *t, const char *name)
{
    for (int i = 0; i < t->ncols; i++)
        if (strcasecmp(t->cols[i].name, name) == 0)
            return i;
    return -1;
}

static void column_set(const struct ddl *d, size_t at, struct column *c)
{
    ddl_name(d, at, c->name);
    if (!plain_name(c->name))
        die(d->file, d->line, "\"%s\" is no name for a column of a record", c->name);
    snprintf(c->sql, sizeof c->sql, "%.*s", (int)d->t[at].n, d->t[at].p);
}

static bool ddl_computed(const struct ddl *d, size_t from, size_t to)
{
    int depth = 0;
    for (size_t i = from; i < to; i++) {
        depth += ddl_punct(d, i, '(') - ddl_punct(d, i, ')');
        if (depth == 0 && (ddl_is(d, i, "GENERATED") || ddl_is(d, i, "AS")))
            return true;
    }
    return false;
}

static void key_add(struct table *t, const struct ddl *d, size_t at)
{
    if (t->nkeys == MAX_KEY)
        die(d->file, d->line, "%s: more than %d columns in the key", t->name, MAX_KEY);
    ddl_name(d, at, t->keys[t->nkeys++]);
}

/* @ID@ and @BLOB@ are three tokens each. */
static char ddl_type(const struct ddl *d, size_t at)
{
    if (ddl_is(d, at, "BIGINT") || ddl_is(d, at, "INTEGER"))
        return 'i';
    if (ddl_is(d, at, "TEXT"))
        return 't';
    if (!ddl_punct(d, at, '@'))
        return 0;
    return ddl_is(d, at + 1, "ID") ? 'i' : ddl_is(d, at + 1, "BLOB") ? 'b' : 0;
}

static bool ddl_is_key(const struct ddl *d, size_t from, size_t to)
{
    bool key = ddl_punct(d, from + 1, '@') && ddl_is(d, from + 2, "ID");
    for (size_t i = from; i + 1 < to; i++)
        key = key || (ddl_is(d, i, "PRIMARY") && ddl_is(d, i + 1, "KEY"));
    return key;
}

static void column_add(struct table *t, const struct ddl *d, size_t from, size_t to)
{
    if (t->ncols == MAX_COL)
        die(d->file, d->line, "%s: more than %d columns", t->name, MAX_COL);
    struct column *c = &t->cols[t->ncols++];
    column_set(d, from, c);
    c->type = ddl_type(d, from + 1);
    c->computed = ddl_computed(d, from, to);
    if (ddl_is_key(d, from, to))
        key_add(t, d, from);
}

/* PRIMARY KEY (a, b) as a part of its own. */
static void table_key(struct table *t, const struct ddl *d, size_t from, size_t to)
{
    if (!ddl_is(d, from, "PRIMARY") || t->nkeys)
        return;
    for (size_t i = from + 3; i < to; i++)
        if (!ddl_punct(d, i, ',') && !ddl_punct(d, i, ')'))
            key_add(t, d, i);
}

/* A part of CREATE TABLE's list is a table constraint, not a column, when it opens so. */
static bool ddl_constraint(const struct ddl *d, size_t at)
{
    static const char *const words[] = {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (d->t[at].kind == T_WORD && ddl_is(d, at, words[i]))
            return true;
    return false;
}

static void table_columns(struct table *t, const struct ddl *d, size_t open)
{
    int depth = 1;
    size_t from = open + 1;
    for (size_t i = from; i < d->n && depth > 0; i++) {
        depth += ddl_punct(d, i, '(') - ddl_punct(d, i, ')');
        bool part_ends = depth == 0 || (depth == 1 && ddl_punct(d, i, ','));
        if (!part_ends)
            continue;
        if (i > from && !ddl_constraint(d, from))
            column_add(t, d, from, i);
        else if (i > from)
            table_key(t, d, from, i);
        from = i + 1;
    }
}

static void ddl_create(const struct ddl *d)
{
    size_t at = 2;
    if (ddl_is(d, at, "IF"))
        at += 3;
    struct table *t = calloc(1, sizeof *t);
    if (!t || ntables == MAX_TABLE)
        die(d->file, d->line, "too many tables");
    ddl_name(d, at, t->name);
    t->record = d->record;
    t->file = d->file;
    t->line = d->line;
    if (!ddl_punct(d, at + 1, '('))
        die(d->file, d->line, "%s: ( expected", t->name);
    table_columns(t, d, at + 1);
    tables[ntables++] = t;
}

static void alter_drop(struct table *t, const struct ddl *d, size_t at)
{
    char name[NAME_SIZE];
    ddl_name(d, at, name);
    int i = column_find(t, name);
    if (i < 0)
        return;
    t->ncols--;
    memmove(&t->cols[i], &t->cols[i + 1], (size_t)(t->ncols - i) * sizeof *t->cols);
}

static void alter_rename(struct table *t, const struct ddl *d, size_t at)
{
    char name[NAME_SIZE];
    if (ddl_is(d, at, "TO")) {
        ddl_name(d, at + 1, t->name);
        return;
    }
    if (ddl_is(d, at, "COLUMN"))
        at++;
    ddl_name(d, at, name);
    int i = column_find(t, name);
    if (i >= 0)
        column_set(d, at + 2, &t->cols[i]);
    for (int k = 0; i >= 0 && k < t->nkeys; k++)
        if (strcasecmp(t->keys[k], name) == 0)
            ddl_name(d, at + 2, t->keys[k]);
}

static void ddl_alter(const struct ddl *d)
{
    char name[NAME_SIZE];
    ddl_name(d, 2, name);
    struct table *t = table_find(name);
    if (!t)
        return;
    size_t col = ddl_is(d, 4, "COLUMN") ? 5 : 4;
    if (ddl_is(d, 3, "ADD"))
        column_add(t, d, col, d->n);
    else if (ddl_is(d, 3, "DROP"))
        alter_drop(t, d, col);
    else if (ddl_is(d, 3, "RENAME"))
        alter_rename(t, d, 4);
}

static void ddl_drop(const struct ddl *d)
{
    char name[NAME_SIZE];
    ddl_name(d, ddl_is(d, 2, "IF") ? 4 : 2, name);
    for (int i = 0; i < ntables; i++) {
        if (strcasecmp(tables[i]->name, name) != 0)
            continue;
        free(tables[i]);
        ntables--;
        memmove(&tables[i], &tables[i + 1], (size_t)(ntables - i) * sizeof *tables);
        return;
    }
}

static void ddl_finish(struct ddl *d)
{
    if (d->n > 2 && ddl_is(d, 1, "TABLE")) {
        if (ddl_is(d, 0, "CREATE"))
            ddl_create(d);
        else if (ddl_is(d, 0, "ALTER"))
            ddl_alter(d);
        else if (ddl_is(d, 0, "DROP"))
            ddl_drop(d);
    } else if (d->record && d->n > 0) {
        die(d->file, d->line, "\"-- @record\" stands before a CREATE TABLE only");
    }
    d->n = 0;
    d->record = false;
}

static void ddl_token(struct ddl *d, const struct lex *x)
{
    const char *p = NULL;
    if (x->kind == T_COMMENT && *x->p == '-' && comment_value(x, "", &p) >= 7 &&
        strncmp(p, "@record", 7) == 0 && !word_char(p[7]))
        d->record = true;
    if (x->kind == T_COMMENT || x->kind == T_SPACE)
        return;
    if (x->n == 1 && *x->p == ';') {
        ddl_finish(d);
        return;
    }
    if (d->n == MAX_TOKEN)
        die(x->file, x->first, "statement too long");
    if (d->n == 0)
        d->line = x->first;
    d->t[d->n++] = (struct token){x->p, x->n, x->kind};
}

static struct migration *migration_new(const char *file, const char *base)
{
    struct migration *m = &migrations[nmigrations];
    char *end = NULL;
    long number = strtol(base, &end, 10);
    const char *dot = strrchr(base, '.');
    if (end - base != 4 || *end != '_' || !dot || dot <= end + 1)
        die(file, 1, "a schema file is called NNNN_name.sql");
    if (nmigrations == MAX_MIGRATION)
        die(file, 1, "too many migrations");
    if (nmigrations > 0 && migrations[nmigrations - 1].number >= number)
        die(file, 1, "migrations must come in rising order");
    if (dot - base >= NAME_SIZE)
        die(file, 1, "name too long");
    m->number = (int)number;
    memcpy(m->name, base, (size_t)(dot - base));
    nmigrations++;
    return m;
}

static void read_schema(struct lex *x, const char *base)
{
    static struct ddl d;
    struct migration *m = migration_new(x->file, base);
    d = (struct ddl){.file = x->file, .line = 1};
    while (lex_next(x)) {
        if (x->kind == T_PARAM)
            die(x->file, x->first, "a migration takes no parameters");
        ddl_token(&d, x);
        if (x->kind == T_SPACE || x->kind == T_COMMENT)
            text_space(&m->text);
        else
            text_token(&m->text, x);
    }
    text_trim(&m->text);
    ddl_finish(&d);
}

/* --- statements of records -------------------------------------------------------------------- */

static struct stmt *record_stmt(const struct table *t, const char *what)
{
    char name[NAME_SIZE * 2];
    snprintf(name, sizeof name, "%s_%s", t->name, what);
    if (strlen(name) >= NAME_SIZE)
        die(t->file, t->line, "%s: name too long", name);
    return stmt_new(name, t->file, t->line);
}

static void record_param(struct stmt *s, const char *name)
{
    if (s->nparams == MAX_PARAM)
        die(s->file, s->line, "%s: too many columns", s->name);
    snprintf(s->params[s->nparams++], NAME_SIZE, "%s", name);
}

/* The columns of a read; the number of a record's journal row (jseq) stays the last of them,
 * whatever joined the table later. */
static void record_list(const struct table *t, struct text *out)
{
    int last = column_find(t, "jseq");
    const char *comma = "";
    for (int i = 0; i < t->ncols; i++) {
        if (i == last)
            continue;
        text_fmt(out, "%s%s", comma, t->cols[i].sql);
        comma = ", ";
    }
    if (last >= 0)
        text_fmt(out, "%s%s", comma, t->cols[last].sql);
}

static void record_insert(const struct table *t)
{
    struct stmt *s = record_stmt(t, "insert");
    struct text values = {0};
    text_fmt(&s->text, "INSERT INTO %s (", t->name);
    for (int i = 0; i < t->ncols; i++) {
        if (t->cols[i].computed)
            continue;
        record_param(s, t->cols[i].name);
        const char *comma = s->nparams > 1 ? ", " : "";
        text_fmt(&s->text, "%s%s", comma, t->cols[i].sql);
        text_fmt(&values, "%s$%d", comma, s->nparams);
    }
    text_fmt(&s->text, ") VALUES (");
    text_addz(&s->text, text_z(&values));
    text_addz(&s->text, ")");
    free(values.p);
    s->write = true;
}

static void record_update(const struct table *t)
{
    struct stmt *s = record_stmt(t, "update");
    text_fmt(&s->text, "UPDATE %s SET ", t->name);
    for (int i = 0; i < t->ncols; i++) {
        if (t->cols[i].computed || strcmp(t->cols[i].name, "id") == 0)
            continue;
        record_param(s, t->cols[i].name);
        text_fmt(&s->text, "%s%s = $%d", s->nparams > 1 ? ", " : "", t->cols[i].sql, s->nparams);
    }
    if (s->nparams == 0)
        die(t->file, t->line, "%s: a record needs a column besides id", t->name);
    record_param(s, "id");
    text_fmt(&s->text, " WHERE id = $%d", s->nparams);
    s->write = true;
}

static void record_get(const struct table *t)
{
    struct stmt *s = record_stmt(t, "get");
    text_fmt(&s->text, "SELECT ");
    record_list(t, &s->text);
    text_fmt(&s->text, " FROM %s WHERE id = $1", t->name);
    record_param(s, "id");
}

static void record_stretch(const struct table *t, struct stmt *s)
{
    text_fmt(&s->text,
        " FROM %s WHERE id > $1 AND id < coalesce($2, 9223372036854775807) ORDER BY id LIMIT $3",
        t->name);
    record_param(s, "after");
    record_param(s, "until");
    record_param(s, "limit");
}

static void record_scan(const struct table *t)
{
    struct stmt *s = record_stmt(t, "scan");
    text_fmt(&s->text, "SELECT ");
    record_list(t, &s->text);
    record_stretch(t, s);
}

/* What is looked up row by row stands in a subquery, as a join would leave the server the choice to
 * read the whole of the other table for a stretch of this one. */
static void record_proof(const struct table *t)
{
    struct stmt *s = record_stmt(t, "proof");
    text_fmt(&s->text, "SELECT ");
    record_list(t, &s->text);
    text_fmt(&s->text,
        ", (SELECT j.digest FROM journal j WHERE j.id = %s.jseq AND j.kind = $4 AND j.ref = %s.id)"
        " AS journal_digest",
        t->name, t->name);
    record_stretch(t, s);
    record_param(s, "kind");
}

static void record_lost(const struct table *t)
{
    struct stmt *s = record_stmt(t, "lost");
    text_fmt(&s->text,
        "SELECT j.id, j.ref FROM journal j WHERE j.id > $1 AND j.id < $2 AND j.kind = $3 AND "
        "coalesce((SELECT r.jseq FROM %s r WHERE r.id = j.ref), 0) < j.id ORDER BY j.id",
        t->name);
    record_param(s, "after");
    record_param(s, "until");
    record_param(s, "kind");
}

static void record_statements(const struct table *t)
{
    if (column_find(t, "id") < 0)
        die(t->file, t->line, "%s: a record needs the primary key id", t->name);
    if (!plain_name(t->name))
        die(t->file, t->line, "\"%s\" is no name for a record", t->name);
    record_insert(t);
    record_update(t);
    record_get(t);
    record_scan(t);
    if (column_find(t, "jseq") < 0)
        return;
    record_proof(t);
    record_lost(t);
}

/* --- output ----------------------------------------------------------------------------------- */

/* Fragments as string literals, so that tables of list columns can name them. */
static void put_parts(struct text *out)
{
    if (nparts)
        text_addz(out, "\n/* Parts of statements for the list engine; ? stands for a value. */\n");
    for (int i = 0; i < nparts; i++) {
        struct text flat = {0};
        put_literal(&flat, &parts[i]->text);
        text_fmt(out, "#define PART_%s", parts[i]->name);
        for (const char *p = text_z(&flat); *p; p++)
            text_add(out, *p == '\n' ? " \\\n" : p, *p == '\n' ? 3 : 1);
        text_addz(out, "\n");
        free(flat.p);
    }
}

static void put_header(struct text *out)
{
    text_addz(out, "/* Made by tools/mksql from src/sql. Do not edit. */\n"
                   "#ifndef ZHIAN_SQL_H\n#define ZHIAN_SQL_H\n\n#include <stdbool.h>\n\n"
                   "enum sql_id {\n");
    for (int i = 0; i < nstmts; i++) {
        text_fmt(out, "    SQL_%s,", stmts[i]->name);
        if (stmts[i]->doc.n) {
            text_addz(out, " /* ");
            text_addz(out, text_z(&stmts[i]->doc));
            text_addz(out, " */");
        }
        text_addz(out, "\n");
    }
    text_addz(out,
        "    SQL_COUNT\n};\n\n"
        "/* A named statement; params[i] is the name of $(i+1). */\n"
        "struct sql_stmt {\n    const char *name;\n    const char *text;\n"
        "    int nparams;\n    const char *const *params;\n    bool write;\n};\n\n"
        "/* One step of the schema: NNNN_name and its text, comments left out. */\n"
        "struct sql_migration {\n    const char *name;\n    int number;\n"
        "    const char *text;\n};\n\n"
        "/* A table and the statements that move its rows (tools/sqltables.h): types has a\n"
        " * letter per column, i number, t text, b bytes; keys are places of columns. */\n"
        "struct sql_table {\n    const char *name, *types;\n    int ncols, nkeys, rows;\n"
        "    int keys[4];\n"
        "    const char *first, *next, *last, *count, *put, *puts, *clear;\n};\n\n"
        "/* All end with a row of zeros. */\n"
        "extern const struct sql_stmt sql_stmts[SQL_COUNT + 1];\n"
        "extern const struct sql_migration sql_migrations[];\n"
        "extern const int sql_nmigrations;\n"
        "extern const struct sql_table sql_tables[];\n");
    put_rules_header(out);
    put_parts(out);
    text_addz(out, "\n#endif\n");
}

static void put_params(struct text *out)
{
    for (int i = 0; i < nstmts; i++) {
        if (stmts[i]->nparams == 0)
            continue;
        text_fmt(out, "static const char *const params_%d[] = {", i);
        for (int k = 0; k < stmts[i]->nparams; k++)
            text_fmt(out, "%s\"%s\"", k ? ", " : "", stmts[i]->params[k]);
        text_addz(out, "};\n");
    }
}

static void put_stmts(struct text *out)
{
    text_addz(out, "\nconst struct sql_stmt sql_stmts[SQL_COUNT + 1] = {\n");
    for (int i = 0; i < nstmts; i++) {
        text_fmt(out, "    {\"%s\",", stmts[i]->name);
        put_literal(out, &stmts[i]->text);
        text_fmt(out, ",\n        %d, ", stmts[i]->nparams);
        if (stmts[i]->nparams)
            text_fmt(out, "params_%d", i);
        else
            text_addz(out, "0");
        text_fmt(out, ", %s},\n", stmts[i]->write ? "true" : "false");
    }
    text_addz(out, "    {0, 0, 0, 0, false},\n};\n");
}

static void put_migrations(struct text *out)
{
    text_addz(out, "\nconst struct sql_migration sql_migrations[] = {\n");
    for (int i = 0; i < nmigrations; i++) {
        text_fmt(out, "    {\"%s\", %d,", migrations[i].name, migrations[i].number);
        put_literal(out, &migrations[i].text);
        text_addz(out, "},\n");
    }
    text_fmt(out, "    {0, 0, 0},\n};\nconst int sql_nmigrations = %d;\n", nmigrations);
}

static void write_file(const char *path, const struct text *t)
{
    char tmp[4096];
    if (snprintf(tmp, sizeof tmp, "%s.new", path) >= (int)sizeof tmp)
        die(path, 0, "path too long");
    FILE *f = fopen(tmp, "wb");
    if (!f)
        die(tmp, 0, "%s", strerror(errno));
    bool good = fwrite(t->p, 1, t->n, f) == t->n;
    if (fclose(f) != 0 || !good || rename(tmp, path) != 0)
        die(path, 0, "%s", strerror(errno));
}

static void write_changed(const char *path, const struct text *t)
{
    struct text old = {0};
    bool same = read_file(path, &old) && old.n == t->n && memcmp(old.p, t->p, t->n) == 0;
    free(old.p);
    if (!same)
        write_file(path, t);
}

static void write_all(const char *dir)
{
    char path[4000];
    struct text h = {0};
    struct text c = {0};
    put_header(&h);
    text_addz(
        &c, "/* Made by tools/mksql from src/sql. Do not edit. */\n#include \"sql/sql.h\"\n\n");
    put_params(&c);
    put_stmts(&c);
    put_migrations(&c);
    put_tables(&c);
    put_rules(&c);
    if (snprintf(path, sizeof path, "%s/sql.h", dir) >= (int)sizeof path)
        die(dir, 0, "path too long");
    write_changed(path, &h);
    snprintf(path, sizeof path, "%s/sql.c", dir);
    write_file(path, &c);
    free(h.p);
    free(c.p);
}

/* --- files ------------------------------------------------------------------------------------ */

static bool in_schema_folder(const char *path, const char *base)
{
    const char *tail = "schema/";
    size_t n = strlen(tail);
    return (size_t)(base - path) >= n && memcmp(base - n, tail, n) == 0;
}

static void read_sql(const char *path)
{
    struct text t = {0};
    if (!read_file(path, &t))
        die(path, 0, "%s", strerror(errno));
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    struct lex x = {.file = path, .at = t.p, .end = t.p + t.n, .line = 1};
    if (strcmp(base, "merge.def") == 0)
        read_rules(path, &t);
    else if (in_schema_folder(path, base))
        read_schema(&x, base);
    else
        read_query(&x);
    free(t.p);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: mksql OUTDIR file...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        read_sql(argv[i]);
    for (int i = 0; i < ntables; i++)
        if (tables[i]->record)
            record_statements(tables[i]);
    rules_check();
    write_all(argv[1]);
    return 0;
}
