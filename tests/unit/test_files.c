#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "data_support.h"

/* What lstat() fails with while it is set, by the linker's --wrap. */
static int failure;

int __real_lstat(const char *path, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status)
{
    if (failure == 0)
        return __real_lstat(path, status);
    errno = failure;
    return -1;
}

/* Only what is not there is taken as absent: a disk or a server that fails may have it. */
static void what_can_not_be_looked_for_is_neither_there_nor_absent(void **state)
{
    static const int failures[] = {ENOENT, EIO, ESTALE};
    char path[512], below[512];
    bool there = true;
    SpiralError error;
    write_file(scratch_path(state, "a.txt", path), "x", 1);
    scratch_path(state, "a.txt/b", below);
    assert_int_equal(cli_find_folder(*state, &there, &error), SPIRAL_OK);
    assert_true(there);
    assert_int_equal(cli_find_folder(path, &there, &error), SPIRAL_OK);
    assert_false(there);
    assert_int_equal(cli_find_folder(below, &there, &error), SPIRAL_OK);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        SpiralStatus expected = failures[i] == ENOENT ? SPIRAL_OK : SPIRAL_ERROR_OUTPUT;
        failure = failures[i];
        SpiralStatus found = cli_find_folder(*state, &there, &error);
        SpiralStatus file = files_remove(*state, "a.txt", NULL, &error);
        SpiralStatus folder = files_remove_folder(*state, NULL, &error);
        failure = 0;
        assert_int_equal(found, expected);
        assert_false(there);
        assert_int_equal(file, expected);
        assert_int_equal(folder, expected);
        assert_int_equal(files_in(*state), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_can_not_be_looked_for_is_neither_there_nor_absent, make_scratch,
                                        remove_scratch),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
