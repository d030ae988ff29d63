/* A long secret as an encrypted stream in a file, under a passphrase: in bounded memory, written
 * and read from front to back. The layout stands in docs/backup.md.
 *
 * Method. The passphrase and a salt of the file give a key (argon2id), and that one key for
 * enciphering and one for the MACs (HKDF-SM3). The clear bytes go in chunks of one size, the last
 * one shorter; each is SM4-CTR with its number as the start of the counter, and carries
 * HMAC-SM3 over its number, its length, whether it is the last, and what it is enciphered to. So a
 * chunk that was changed, moved, left out or taken from another file is refused, and so is an end
 * that came too early; nothing is given to the caller that was not checked. */
#ifndef ZHIAN_CORE_CRYPTO_STREAM_H
#define ZHIAN_CORE_CRYPTO_STREAM_H

#include "core/crypto.h"

struct crypto_stream;

/* crypto_stream_create begins a stream at the file position of fd (which stays the caller's).
 * ERR_TOO_LARGE, ERR_BUSY of crypto_passphrase_key; ERR_DISK_FULL, ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err crypto_stream_create(
    int fd, struct crypto_cost cost, struct str passphrase, struct crypto_stream **ret);
/* crypto_stream_put adds bytes; crypto_stream_end writes the last chunk. Errors latch. */
MUST_CHECK enum err crypto_stream_put(struct crypto_stream *s, struct str clear);
MUST_CHECK enum err crypto_stream_end(struct crypto_stream *s);

/* crypto_stream_open reads the head. ERR_UNSUPPORTED: no such stream, or of a version or algorithm
 * not known here; ERR_CORRUPT: the head is damaged; ERR_CREDENTIALS: another passphrase. */
MUST_CHECK enum err crypto_stream_open(int fd, struct str passphrase, struct crypto_stream **ret);
/* crypto_stream_get gives the next n bytes; fewer (ret_n) only at the end of the stream, which was
 * checked to be the true one. ERR_CORRUPT: the chunk crypto_stream_at is damaged, missing or not
 * the one that belongs there, or something follows the last one. */
MUST_CHECK enum err crypto_stream_get(struct crypto_stream *s, char *out, size_t n, size_t *ret_n);

/* crypto_stream_at: number of the chunk that is read next, or was the last to be looked at, from 1.
 */
int64_t crypto_stream_at(const struct crypto_stream *s);

void crypto_stream_close(struct crypto_stream *s);

#endif
