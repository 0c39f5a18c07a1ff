/* mutate.h: mutators that know a format. Each makes one change within the structure of an input and writes it anew
 * around the change, with the right sizes, checksums and quotes, because a blind change seldom gets past those. */
#ifndef SPIRAL_TESTS_FUZZ_MUTATE_H
#define SPIRAL_TESTS_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's blind change; in the other builds that of replay.c. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* A target's own mutator, which libFuzzer calls. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { MUTATE_MOST = 1 << 16 }; /* the bytes of the longest input that the mutators take */

/* Each changes the input of `size` bytes in place, within a block of `most` bytes, and returns its new size. 0: the
 * input is not of the format, or the change has no room; then nothing was changed. */
typedef struct Random Random;
size_t mutate_npy(uint8_t *bytes, size_t size, size_t most, Random *random);
size_t mutate_archive(uint8_t *bytes, size_t size, size_t most, Random *random);
size_t mutate_json(uint8_t *bytes, size_t size, size_t most, Random *random); /* also JSON lines */
size_t mutate_csv(uint8_t *bytes, size_t size, size_t most, Random *random);

/* One change by the mutator, or a blind one: now and then, and when the mutator refuses. The first `kept` bytes stay.
 */
typedef size_t Mutator(uint8_t *bytes, size_t size, size_t most, Random *random);
size_t mutate_or_blind(Mutator *mutator, size_t kept, uint8_t *bytes, size_t size, size_t most, Random *random);

/* ---- chance ------------------------------------------------------------------------------------------------------ */

/* SplitMix64 */
struct Random {
    uint64_t state;
};

uint64_t random_next(Random *random);
size_t random_below(Random *random, size_t bound); /* bound at least 1 */
bool one_in(Random *random, size_t count);

/* Numbers at the borders of types and limits: as text, as a double, as an integer. */
const char *random_number(Random *random);
double random_real(Random *random);
int64_t random_integer(Random *random);

#define RANDOM_OF(random, list) ((list)[random_below(random, sizeof(list) / sizeof *(list))])

#endif
