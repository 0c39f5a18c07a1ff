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
    assert_null(spiral_allocate_matrix(SIZE_MAX / 8, 16));
    assert_null(spiral_allocate_doubles(SIZE_MAX / sizeof(double))); /* no room is left for the alignment */
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

/* NULL says that there is no memory: nothing is a block, too. */
static void no_items_are_a_block(void **state)
{
    (void)state;
    void *blocks[] = {spiral_allocate(0, 8), spiral_allocate_doubles(0), spiral_allocate_matrix(0, 3),
                      spiral_reallocate(NULL, 0, 8)};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        assert_non_null(blocks[i]);
        free(blocks[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_overflow_give_no_memory),
        cmocka_unit_test(what_can_not_grow_stays),
        cmocka_unit_test(no_items_are_a_block),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
