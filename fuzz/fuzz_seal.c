/* Fuzz target of core/seal_file: a seal file comes from outside. Whatever the bytes: no read
 * outside them, a verdict with a message, and a bad line that exists. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/seal_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seal_verdict v;
    int64_t lines = 2;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    bool good = seal_file_check((struct str){(const char *)data, size}, NULL, &v);
    must(good == v.good && v.message[0] != 0);
    must(good ? v.line == 0 : v.line >= 1 && v.line <= lines);
    must(strnlen(v.message, SEAL_MESSAGE_MAX) < SEAL_MESSAGE_MAX);
    must(v.heads >= 0 && (v.heads == 0 || v.last == v.first + v.heads - 1));
    return 0;
}
