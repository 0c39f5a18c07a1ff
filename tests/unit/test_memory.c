/* Sizes that no memory has are refused before anything is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

static void products_that_overflow_give_no_memory(void **state)
{
    (void)state;
    size_t product = 7;
    assert_false(spiral_multiply(SIZE_MAX, 2, &product));
    assert_true(spiral_multiply(SIZE_MAX / 2, 2, &product));
    assert_int_equal(product, SIZE_MAX - 1);
    assert_null(spiral_allocate(SIZE_MAX / 8, 16));
    assert_null(spiral_allocate_doubles(SIZE_MAX / 4));
    assert_null(spiral_copy_bytes("x", SIZE_MAX));
}

static void what_can_not_grow_stays(void **state)
{
    (void)state;
    int *block = spiral_allocate(1, sizeof *block);
    assert_non_null(block);
    *block = 5;
    assert_null(spiral_reallocate(block, SIZE_MAX / 2, sizeof *block));
    assert_int_equal(*block, 5);
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_overflow_give_no_memory),
        cmocka_unit_test(what_can_not_grow_stays),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
