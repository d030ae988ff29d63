/* Folding of typed text. */
#include "domain/fold.h"

#include "base/utf8.h"

int32_t fold_char(int32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        return cp - 0xFEE0;
    return cp == 0x3000 ? ' ' : cp;
}

bool fold_blank(int32_t cp)
{
    static const int32_t ranges[][2] = {{0, 0x20}, {0x7F, 0xA0}, {0xAD, 0xAD}, {0x1680, 0x1680},
        {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return false;
}

void fold_code(struct str s, struct buf *out)
{
    size_t at = 0;
    int32_t cp = utf8_next(s, &at);
    for (; cp >= 0; cp = utf8_next(s, &at)) {
        cp = fold_char(cp);
        if (fold_blank(cp))
            continue;
        if (cp >= 'a' && cp <= 'z')
            cp -= 'a' - 'A';
        char bytes[4];
        buf_add(out, (struct str){bytes, utf8_put(cp, bytes)});
    }
}
