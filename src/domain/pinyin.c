/* The pinyin table: a byte per character of the two main blocks, a sorted list for the rest. */
#include "domain/pinyin.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "domain/fold.h"

enum { NEAR_FROM = 0x3400, NEAR_TO = 0x9FFF };

struct build {
    char *near;
    struct pinyin_far *far;
    size_t nfar;
    struct pinyin_word *words;
    size_t nwords;
};

static int by_cp(const void *x, const void *y)
{
    const struct pinyin_far *a = x, *b = y;
    return (a->cp > b->cp) - (a->cp < b->cp);
}

static bool is_letter(char ch)
{
    return ch >= 'a' && ch <= 'z';
}

/* "b:八巴…" */
static bool add_letter(struct build *t, char letter, struct str chars)
{
    size_t at = 0;
    while (at < chars.n) {
        int32_t cp = utf8_next(chars, &at);
        if (cp < 0)
            return false;
        if (cp >= NEAR_FROM && cp <= NEAR_TO)
            t->near[cp - NEAR_FROM] = letter;
        else
            t->far[t->nfar++] = (struct pinyin_far){cp, letter};
    }
    return true;
}

/* "洪洞=ht": as many letters as characters. */
static bool add_word(struct build *t, struct str line)
{
    struct str letters, word = str_cut(line, '=', &letters);
    if (!letters.p || letters.n < 2 || utf8_len(word) != letters.n)
        return false;
    for (size_t i = 0; i < letters.n; i++)
        if (!is_letter(letters.p[i]))
            return false;
    t->words[t->nwords++] = (struct pinyin_word){word, letters};
    return true;
}

static bool add_line(struct build *t, struct str line)
{
    if (str_empty(line) || line.p[0] == '#')
        return true;
    if (line.n >= 2 && is_letter(line.p[0]) && line.p[1] == ':')
        return add_letter(t, line.p[0], str_sub(line, 2, line.n - 2));
    return add_word(t, line);
}

/* Upper bounds for the two lists: characters outside the near range, and '=' signs. */
static void measure(struct str text, size_t *ret_far, size_t *ret_words)
{
    size_t at = 0, far = 0, words = 0;
    int32_t cp = utf8_next(text, &at);
    for (; cp >= 0; cp = utf8_next(text, &at)) {
        words += cp == '=';
        far += cp > 0x7F && (cp < NEAR_FROM || cp > NEAR_TO);
    }
    *ret_far = far;
    *ret_words = words;
}

enum err pinyin_parse(struct str text, struct arena *a, struct pinyin *ret, size_t *ret_line)
{
    if (!utf8_valid(text))
        return ERR_INVALID;
    size_t nfar, nwords, line_no = 0;
    measure(text, &nfar, &nwords);
    struct build t = {.near = arena_alloc(a, NEAR_TO - NEAR_FROM + 1),
        .far = arena_new(a, struct pinyin_far, nfar + 1),
        .words = arena_new(a, struct pinyin_word, nwords + 1)};
    if (a->failed)
        return ERR_NOMEM;
    struct str rest = text;
    while (rest.p) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));
        line_no++;
        if (add_line(&t, line))
            continue;
        if (ret_line)
            *ret_line = line_no;
        return ERR_INVALID;
    }
    qsort(t.far, t.nfar, sizeof *t.far, by_cp);
    *ret = (struct pinyin){t.near, t.far, t.nfar, t.words, t.nwords};
    return OK;
}

char pinyin_letter(const struct pinyin *p, int32_t cp)
{
    if (cp >= NEAR_FROM && cp <= NEAR_TO)
        return p->near[cp - NEAR_FROM];
    struct pinyin_far key = {.cp = cp};
    const struct pinyin_far *hit =
        p->nfar ? bsearch(&key, p->far, p->nfar, sizeof key, by_cp) : NULL;
    return hit ? hit->letter : 0;
}

static const struct pinyin_word *word_at(const struct pinyin *p, struct str s)
{
    for (size_t i = 0; i < p->nwords; i++)
        if (str_starts(s, p->words[i].word))
            return &p->words[i];
    return NULL;
}

static char initial(const struct pinyin *p, int32_t cp)
{
    cp = fold_char(cp);
    if (cp >= 'A' && cp <= 'Z')
        return (char)(cp + 'a' - 'A');
    if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9'))
        return (char)cp;
    return pinyin_letter(p, cp);
}

void pinyin_initials(const struct pinyin *p, struct str s, struct buf *out)
{
    size_t at = 0;
    while (at < s.n) {
        const struct pinyin_word *w = word_at(p, str_sub(s, at, s.n - at));
        if (w) {
            buf_add(out, w->letters);
            at += w->word.n;
            continue;
        }
        int32_t cp = utf8_next(s, &at);
        if (cp < 0)
            return;
        char letter = initial(p, cp);
        if (letter)
            buf_addc(out, letter);
    }
}
