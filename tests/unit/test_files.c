#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "data_support.h"

static void a_folder_is_there_or_absent(void **state)
{
    char path[512], below[512];
    bool there = false;
    SpiralError error;
    write_file(scratch_path(state, "a.txt", path), "x", 1);
    scratch_path(state, "a.txt/b", below);
    assert_int_equal(cli_find_folder(*state, &there, &error), SPIRAL_OK);
    assert_true(there);
    assert_int_equal(cli_find_folder(path, &there, &error), SPIRAL_OK);
    assert_false(there);
    assert_int_equal(cli_find_folder(below, &there, &error), SPIRAL_OK);
    assert_false(there);
    assert_int_equal(files_remove(*state, "none", NULL, &error), SPIRAL_OK);
    assert_int_equal(files_remove_folder(*state, "none", &error), SPIRAL_OK);
}

/* A disk or a server that fails may have it. Here a link that leads back to itself fails. */
static void what_can_not_be_looked_for_is_neither_there_nor_absent(void **state)
{
    char path[512], loop[512];
    bool there = true;
    SpiralError error;
    assert_int_equal(symlink("loop", scratch_path(state, "loop", loop)), 0);
    assert_int_equal(cli_find_folder(scratch_path(state, "loop/a", path), &there, &error), SPIRAL_ERROR_OUTPUT);
    assert_false(there);
    assert_reason(error, "could not be looked for");
    assert_int_equal(files_remove(loop, "a.txt", NULL, &error), SPIRAL_ERROR_OUTPUT);
    assert_int_equal(files_remove_folder(loop, "a", &error), SPIRAL_ERROR_OUTPUT);
    assert_int_equal(files_in(*state), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_there_or_absent, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(what_can_not_be_looked_for_is_neither_there_nor_absent, make_scratch,
                                        remove_scratch),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
