/* Fuzz target of render/image: whatever the bytes, no read outside them; and what is accepted comes
 * out as a file of the same kind and size that cleaning leaves alone and that tells no time. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/field.h"
#include "render/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct image_limits limits = {1 << 20, 30000, 120000000};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_again(const struct buf *cleaned, const struct image_info *first)
{
    struct buf twice;
    struct image_info info;
    const char *why = NULL;
    buf_init(&twice, 2 << 20);
    must(image_clean(buf_str(cleaned), &limits, &twice, &info, &why) == OK);
    must(info.kind == first->kind && info.orientation == first->orientation);
    must(info.width == first->width && info.height == first->height);
    must(info.taken == NULL_INT);
    must(str_eq(buf_str(cleaned), buf_str(&twice)));
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    struct image_info info;
    const char *why = NULL;
    if (size > limits.bytes - 64)
        return 0;
    buf_init(&out, 2 << 20);
    enum err e = image_clean((struct str){(const char *)data, size}, &limits, &out, &info, &why);
    if (e == OK) {
        must(out.n <= size + 64);
        check_again(&out, &info);
    } else {
        must(why != NULL && out.n == 0);
    }
    buf_free(&out);
    return 0;
}
