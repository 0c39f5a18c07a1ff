#include "mutate.h"

#include <float.h>
#include <math.h>

uint64_t random_next(Random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t random_below(Random *random, size_t bound)
{
    return (size_t)(random_next(random) % bound);
}

bool one_in(Random *random, size_t count)
{
    return random_below(random, count) == 0;
}

const char *random_number(Random *random)
{
    static const char *const numbers[] = {"0",
                                          "1",
                                          "2",
                                          "3",
                                          "-1",
                                          "-0",
                                          "0.5",
                                          "1e-3",
                                          "10",
                                          "100",
                                          "1e15",
                                          "1e16",
                                          "1e308",
                                          "-1e308",
                                          "1e999",
                                          "-1e999",
                                          "5e-324",
                                          "2.2250738585072011e-308",
                                          "1e-400",
                                          "9007199254740993",
                                          "2147483647",
                                          "2147483648",
                                          "4294967295",
                                          "4294967296",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "18446744073709551615",
                                          "18446744073709551616",
                                          "0.1",
                                          "0.30000000000000004",
                                          "1.7976931348623157e308",
                                          "1.7976931348623159e308",
                                          "65536",
                                          "1000001",
                                          "1.0",
                                          "00",
                                          "1e0",
                                          "123456789012345678901234567890"};
    return RANDOM_OF(random, numbers);
}

double random_real(Random *random)
{
    static const double reals[] = {0.0,     -0.0,   1.0,     -1.0,     0.5,      2.0,       3.0,    1e-3,
                                   DBL_MIN, 5e-324, DBL_MAX, -DBL_MAX, INFINITY, -INFINITY, NAN,    1e15,
                                   1e16,    0x1p53, 0x1p63,  0x1p64,   -0x1p63,  1e200,     1e-200, 1.5,
                                   1e154,   0x1p31, 0x1p32,  1e300,    -1e300,   0.1,       4.0,    100.0};
    return RANDOM_OF(random, reals);
}

int64_t random_integer(Random *random)
{
    static const int64_t integers[] = {0,     1,         2,        3,          4,         5,         -1,
                                       -2,    7,         624,      625,        INT64_MAX, INT64_MIN, INT32_MAX,
                                       65536, INT32_MIN, 1L << 32, 0xffffffff, 255,       256,       127,
                                       128,   32767,     32768,    1L << 53,   6,         10};
    return RANDOM_OF(random, integers);
}

size_t mutate_or_blind(Mutator *mutator, size_t kept, uint8_t *bytes, size_t size, size_t most, Random *random)
{
    enum { BLIND = 8, MOST_AT_ONCE = 3 };
    size_t changed = size;
    if (size <= kept || most <= kept || one_in(random, BLIND))
        return LLVMFuzzerMutate(bytes, size, most);
    for (size_t i = random_below(random, MOST_AT_ONCE) + 1; i > 0; i--) {
        size_t rest = mutator(bytes + kept, changed - kept, most - kept, random);
        if (rest == 0)
            return changed != size ? changed : LLVMFuzzerMutate(bytes, size, most);
        changed = kept + rest;
    }
    return changed;
}
