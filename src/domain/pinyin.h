/* First letters of the pinyin of a name, for search by typing initials. The table is data
 * (data/pinyin_initials.txt): a line per letter with its characters, then lines "词=zm" for words
 * whose characters read differently together (洪洞=ht). One reading per character. */
#ifndef ZHIAN_DOMAIN_PINYIN_H
#define ZHIAN_DOMAIN_PINYIN_H

#include "base/arena.h"
#include "base/buf.h"

struct pinyin_far {
    int32_t cp;
    char letter;
};

struct pinyin_word {
    struct str word;
    struct str letters;
};

struct pinyin {
    const char *near;             /* letters of U+3400…U+9FFF, 0 = unknown */
    const struct pinyin_far *far; /* the others, ascending */
    size_t nfar;
    const struct pinyin_word *words; /* in file order: longer words first where they share a head */
    size_t nwords;
};

/* pinyin_parse builds the table from the text; '#' starts a comment line. About 28 KB in a.
 * ERR_INVALID on a malformed line (ret_line, from 1, may be NULL), ERR_NOMEM. Words are views into
 * text, which must outlive the table. */
MUST_CHECK enum err pinyin_parse(
    struct str text, struct arena *a, struct pinyin *ret, size_t *ret_line);

/* pinyin_letter: the letter of one code point, 0 when it has none. */
char pinyin_letter(const struct pinyin *p, int32_t cp);

/* pinyin_initials appends the lower-case initials of s; Latin letters and digits are kept in lower
 * case (full width folded), everything else is skipped. */
void pinyin_initials(const struct pinyin *p, struct str s, struct buf *out);

#endif
