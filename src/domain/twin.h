/* Whether two entries are the same unit (P8.2 code 51): a score of 0 to 100 and the reasons, from
 * credit code, name, address and responsible person.
 *
 * Method. A face is what is compared: the folded name without its area, the folded address with its
 * numbers apart (路12号 is not 路21号), the code, the legal person. Two valid codes that differ
 * speak against; one that differs in one character, or is absent, does not. blocks gives the keys
 * under which alike faces meet: whoever shares none of them is not compared. */
#ifndef ZHIAN_DOMAIN_TWIN_H
#define ZHIAN_DOMAIN_TWIN_H

#include "base/arena.h"
#include "domain/gram.h"

enum { TWIN_CODE = 1, TWIN_NAME = 2, TWIN_ADDRESS = 4, TWIN_PERSON = 8, TWIN_NEAR_CODE = 16 };
enum { TWIN_SUSPECT = 60 }; /* from this score on a pair is shown */
enum { TWIN_GRAMS = 16, TWIN_BLOCKS = 5 };

/* Hashes are of folded text, 0 = absent. */
struct twin_face {
    uint64_t code, name, address, person, numbers;
    char uscc[18];
    bool valid_code;
    uint8_t ngrams, nplace;
    uint32_t grams[TWIN_GRAMS]; /* of the distinctive name: the lowest hashes, ascending */
    uint32_t place[TWIN_GRAMS]; /* of the address, ascending */
};

/* The facts as stored; absent ones STR_NULL. county: the path that neighbours share. */
struct twin_facts {
    struct str uscc, name, address, person, county;
};

struct twin_score {
    int score;
    unsigned why; /* TWIN_… */
};

/* twin_face_make compares nothing yet. Allocates nothing. */
void twin_face_make(
    const struct twin_facts *f, const struct gram_areas *areas, struct twin_face *ret);

/* twin_compare: symmetric. */
struct twin_score twin_compare(const struct twin_face *a, const struct twin_face *b);

/* twin_blocks writes the keys of a face (0 = none): same code; same person in the county; same
 * address in the county; same name and person anywhere; same name and address anywhere. */
void twin_blocks(const struct twin_face *f, struct str county, uint64_t ret_keys[TWIN_BLOCKS]);

/* twin_put_why appends the reasons in Chinese, joined by 、. twin_put_codes: their codes by ','. */
void twin_put_why(unsigned why, struct buf *out);
void twin_put_codes(unsigned why, struct buf *out);

#endif
