/* bench_ledger MODEL.csv OUT.xlsx ROWS: a production ledger of any length in the printed head of
 * 附件2. The heading and the texts of the rows come from the model (a ledger as CSV); every row is
 * a unit of its own with a code, name, address and licence number that follow from its number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/uscc.h"
#include "render/table.h"

enum {
    COLS = 80,
    MODELS = 8,
    HEAD_ROWS = 6,
    TEXT = 400,
    NAME = 1,
    CODE = 2,
    REG = 5,
    SITE = 6,
    LICENCE = 36
};

struct row {
    char *cell[COLS];
    size_t n;
};

static int stop(const char *what)
{
    fprintf(stderr, "bench_ledger: %s\n", what);
    exit(1);
}

/* Cuts one record of the CSV text in place; returns what follows it. */
static char *record(char *at, struct row *r)
{
    r->n = 0;
    for (;;) {
        char *to = at;
        bool quoted = *at == '"';
        if (r->n < COLS)
            r->cell[r->n++] = to;
        at += quoted;
        while (*at && (quoted || (*at != ',' && *at != '\n' && *at != '\r'))) {
            if (quoted && *at == '"' && at[1] != '"')
                quoted = false;
            else
                *to++ = *at;
            at += quoted && *at == '"' && at[1] == '"' ? 2 : 1;
        }
        char ended = *at;
        *to = 0;
        at += ended != 0;
        if (ended == '\r' && *at == '\n')
            at++;
        if (ended != ',')
            return at;
    }
}

static char *file_read(const char *path)
{
    static char text[4 << 20];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (n == 0)
        stop("cannot read the model");
    fclose(f);
    text[n] = 0;
    return text;
}

/* Filling an empty heading cell from its left neighbour makes the groups. */
static void head_make(const struct row head[3], struct table_col cols[COLS], size_t n)
{
    const char *group = "", *label = "";
    for (size_t i = 0; i < n; i++) {
        group = *head[0].cell[i] ? head[0].cell[i] : group;
        label = *head[1].cell[i] ? head[1].cell[i] : label;
        cols[i] = (struct table_col){str_z(group), str_z(label), str_z(head[2].cell[i]), 14, false};
    }
}

static void name_make(int64_t at, char out[TEXT])
{
    static const char *const syllables[] = {"岑", "禾", "翎", "煜", "砚", "檀", "铎", "昀", "璟",
        "楹", "蔺", "珏", "旻", "溯", "翊", "柘", "岚", "沅", "峤", "霁", "筠", "荻", "栾", "澍",
        "琤", "骁", "嵘", "泓"};
    enum { N = sizeof syllables / sizeof *syllables };
    snprintf(out, TEXT, "文水县%s%s%s%s有限公司", syllables[at % N], syllables[at / N % N],
        syllables[at / N / N % N], syllables[at / N / N / N % N]);
}

static void code_make(int64_t at, char out[USCC_LEN + 1])
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    memcpy(out, "91141121TTTT", 12);
    for (int i = 16; i >= 12; i--) {
        out[i] = digits[at % 31];
        at /= 31;
    }
    out[17] = uscc_check_char((struct str){out, 17});
    out[18] = 0;
}

static enum err row_put(struct table_out *t, const struct row *model, int64_t at)
{
    struct table_cell cells[COLS];
    char name[TEXT], code[USCC_LEN + 1], site[TEXT], licence[TEXT];
    for (size_t i = 0; i < model->n; i++)
        cells[i] = table_text(str_z(model->cell[i]));
    name_make(at, name);
    code_make(at, code);
    snprintf(site, sizeof site, "%s%lld号院", model->cell[SITE], (long long)at + 1);
    cells[0] = table_num(TABLE_INT, (double)at + 1);
    cells[NAME].text = str_z(name);
    cells[CODE].text = str_z(code);
    cells[REG] = cells[SITE] = table_text(str_z(site));
    if (cells[LICENCE].type == TABLE_TEXT) {
        snprintf(licence, sizeof licence, "(晋)XK%02d-%03d-%05d", (int)(at / 99990000 % 90 + 10),
            (int)(at / 99999 % 999 + 1), (int)(at % 99999 + 1));
        cells[LICENCE].text = str_z(licence);
    }
    return table_row(t, cells, model->n);
}

int main(int argc, char **argv)
{
    struct row head[HEAD_ROWS], models[MODELS], r;
    struct table_col cols[COLS];
    struct table_out *t = NULL;
    size_t n = 0;
    if (argc != 4)
        stop("usage: bench_ledger MODEL.csv OUT.xlsx ROWS");
    char *at = file_read(argv[1]);
    for (int i = 0; i < HEAD_ROWS; i++)
        at = record(at, &head[i]);
    while (*at && n < MODELS) {
        at = record(at, &r);
        if (r.n > LICENCE && *r.cell[NAME] && strlen(r.cell[CODE]) == USCC_LEN)
            models[n++] = r;
    }
    if (n == 0)
        stop("the model has no rows");
    head_make(head + 3, cols, models[0].n);
    struct str line = str_z(head[2].cell[0]);
    struct table_head h = {.sheet = S("生产单位台账"),
        .title = str_z(head[1].cell[0]),
        .lines = &line,
        .nlines = 1,
        .cols = cols,
        .ncols = models[0].n};
    enum err e = table_open(TABLE_XLSX, argv[2], &t);
    if (!e)
        e = table_sheet(t, &h);
    for (int64_t i = 0; !e && i < atoll(argv[3]); i++)
        e = row_put(t, &models[(size_t)i % n], i);
    if (t)
        e = table_close(t, e);
    return e ? stop("cannot write the ledger") : 0;
}
