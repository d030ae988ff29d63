/* Names of the four tiers. */
#include "domain/level.h"

static const char *const codes[LEVEL_COUNT] = {
    [LEVEL_NONE] = "",
    [LEVEL_PROVINCE] = "省",
    [LEVEL_CITY] = "市",
    [LEVEL_COUNTY] = "县",
    [LEVEL_STATION] = "所",
};

const char *level_code(enum level l)
{
    return codes[l];
}

enum level level_of(struct str code)
{
    for (int l = LEVEL_PROVINCE; l < LEVEL_COUNT; l++)
        if (str_eqz(code, codes[l]))
            return (enum level)l;
    return LEVEL_NONE;
}
