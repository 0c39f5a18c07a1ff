#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

/* Python's hash of bytes is SipHash-1-3 since 3.11, with a key of zeros when it is told so:
 * PYTHONHASHSEED=0 python3 -c 'print(hex(hash(b"spiral") & (1 << 64) - 1))' */
static void the_hashes_are_those_of_python(void **state)
{
    (void)state;
    static const SpiralHashKey zeros;
    unsigned char bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    assert_true(spiral_hash(&zeros, "a", 1) == UINT64_C(0x407448d2b89b1813));
    assert_true(spiral_hash(&zeros, "spiral", 6) == UINT64_C(0xa70866d5e0158cdc));
    assert_true(spiral_hash(&zeros, "12345678", 8) == UINT64_C(0x3489982430560a87));
    assert_true(spiral_hash(&zeros, "setosa versicolor", 17) == UINT64_C(0x1a07e997d36185cc));
    assert_true(spiral_hash(&zeros, bytes, 64) == UINT64_C(0x75e05fd5bbc870c6));
}

static void another_key_gives_other_hashes(void **state)
{
    (void)state;
    SpiralHashKey key, other;
    assert_true(spiral_hash_draw_key(&key));
    assert_true(spiral_hash_draw_key(&other));
    assert_true(key.words[0] != other.words[0]);
    assert_true(spiral_hash(&key, "spiral", 6) != spiral_hash(&other, "spiral", 6));
    assert_true(spiral_hash(&key, "spiral", 6) == spiral_hash(&key, "spiral", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hashes_are_those_of_python),
        cmocka_unit_test(another_key_gives_other_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
