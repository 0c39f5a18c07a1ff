/* test_npz_failures.c: each call of libzip fails in its turn, by the linker's --wrap: what is then said, what stays. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zip.h>

#include "base/names.h"
#include "data/npz.h"
#include "data/npz_writer.h"
#include "data_support.h"

/* ---- the calls that fail ----------------------------------------------------------------------------------------- */

typedef enum Call {
    NONE,
    BUFFER_CREATE,
    OPEN_FROM_SOURCE,
    BUFFER,
    FILE_ADD,
    COMPRESSION,
    DOSTIME,
    CLOSE,
    SOURCE_OPEN,
    SOURCE_READ,
    FDOPEN,
    NAME,
    STAT,
    STAT_WITHOUT_SIZE,
    STAT_ENCRYPTED,
    FOPEN,
    READ,
    READ_NOTHING,
    READ_MORE /* a byte after the end */
} Call;

static struct {
    Call call;
    size_t nth; /* from 1 */
    size_t made;
} plan;

static void fail_at(Call call, size_t nth)
{
    plan.call = call;
    plan.nth = nth;
    plan.made = 0;
}

static bool fails(Call call)
{
    return call == plan.call && ++plan.made == plan.nth;
}

static bool fails_in(Call call, zip_t *zip)
{
    bool failed = fails(call);
    if (failed)
        zip_error_set(zip_get_error(zip), ZIP_ER_MEMORY, 0);
    return failed;
}

zip_source_t *__real_zip_source_buffer_create(const void *bytes, zip_uint64_t size, int freed, zip_error_t *error);
zip_source_t *__wrap_zip_source_buffer_create(const void *bytes, zip_uint64_t size, int freed, zip_error_t *error);
zip_source_t *__wrap_zip_source_buffer_create(const void *bytes, zip_uint64_t size, int freed, zip_error_t *error)
{
    if (!fails(BUFFER_CREATE))
        return __real_zip_source_buffer_create(bytes, size, freed, error);
    zip_error_set(error, ZIP_ER_MEMORY, 0);
    return NULL;
}

zip_t *__real_zip_open_from_source(zip_source_t *source, int flags, zip_error_t *error);
zip_t *__wrap_zip_open_from_source(zip_source_t *source, int flags, zip_error_t *error);
zip_t *__wrap_zip_open_from_source(zip_source_t *source, int flags, zip_error_t *error)
{
    if (!fails(OPEN_FROM_SOURCE))
        return __real_zip_open_from_source(source, flags, error);
    zip_error_set(error, ZIP_ER_MEMORY, 0);
    return NULL;
}

zip_source_t *__real_zip_source_buffer(zip_t *zip, const void *bytes, zip_uint64_t size, int freed);
zip_source_t *__wrap_zip_source_buffer(zip_t *zip, const void *bytes, zip_uint64_t size, int freed);
zip_source_t *__wrap_zip_source_buffer(zip_t *zip, const void *bytes, zip_uint64_t size, int freed)
{
    return fails_in(BUFFER, zip) ? NULL : __real_zip_source_buffer(zip, bytes, size, freed);
}

zip_int64_t __real_zip_file_add(zip_t *zip, const char *name, zip_source_t *source, zip_flags_t flags);
zip_int64_t __wrap_zip_file_add(zip_t *zip, const char *name, zip_source_t *source, zip_flags_t flags);
zip_int64_t __wrap_zip_file_add(zip_t *zip, const char *name, zip_source_t *source, zip_flags_t flags)
{
    return fails_in(FILE_ADD, zip) ? -1 : __real_zip_file_add(zip, name, source, flags);
}

int __real_zip_set_file_compression(zip_t *zip, zip_uint64_t index, zip_int32_t method, zip_uint32_t flags);
int __wrap_zip_set_file_compression(zip_t *zip, zip_uint64_t index, zip_int32_t method, zip_uint32_t flags);
int __wrap_zip_set_file_compression(zip_t *zip, zip_uint64_t index, zip_int32_t method, zip_uint32_t flags)
{
    return fails_in(COMPRESSION, zip) ? -1 : __real_zip_set_file_compression(zip, index, method, flags);
}

int __real_zip_file_set_dostime(zip_t *zip, zip_uint64_t index, zip_uint16_t time, zip_uint16_t date,
                                zip_flags_t flags);
int __wrap_zip_file_set_dostime(zip_t *zip, zip_uint64_t index, zip_uint16_t time, zip_uint16_t date,
                                zip_flags_t flags);
int __wrap_zip_file_set_dostime(zip_t *zip, zip_uint64_t index, zip_uint16_t time, zip_uint16_t date, zip_flags_t flags)
{
    return fails_in(DOSTIME, zip) ? -1 : __real_zip_file_set_dostime(zip, index, time, date, flags);
}

int __real_zip_close(zip_t *zip);
int __wrap_zip_close(zip_t *zip);
int __wrap_zip_close(zip_t *zip)
{
    return fails_in(CLOSE, zip) ? -1 : __real_zip_close(zip);
}

int __real_zip_source_open(zip_source_t *source);
int __wrap_zip_source_open(zip_source_t *source);
int __wrap_zip_source_open(zip_source_t *source)
{
    return fails(SOURCE_OPEN) ? -1 : __real_zip_source_open(source);
}

zip_int64_t __real_zip_source_read(zip_source_t *source, void *bytes, zip_uint64_t size);
zip_int64_t __wrap_zip_source_read(zip_source_t *source, void *bytes, zip_uint64_t size);
zip_int64_t __wrap_zip_source_read(zip_source_t *source, void *bytes, zip_uint64_t size)
{
    return fails(SOURCE_READ) ? -1 : __real_zip_source_read(source, bytes, size);
}

zip_t *__real_zip_fdopen(int descriptor, int flags, int *code);
zip_t *__wrap_zip_fdopen(int descriptor, int flags, int *code);
zip_t *__wrap_zip_fdopen(int descriptor, int flags, int *code)
{
    if (!fails(FDOPEN))
        return __real_zip_fdopen(descriptor, flags, code);
    *code = ZIP_ER_MEMORY;
    return NULL;
}

const char *__real_zip_get_name(zip_t *zip, zip_uint64_t index, zip_flags_t flags);
const char *__wrap_zip_get_name(zip_t *zip, zip_uint64_t index, zip_flags_t flags);
const char *__wrap_zip_get_name(zip_t *zip, zip_uint64_t index, zip_flags_t flags)
{
    return fails_in(NAME, zip) ? NULL : __real_zip_get_name(zip, index, flags);
}

int __real_zip_stat_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags, zip_stat_t *claim);
int __wrap_zip_stat_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags, zip_stat_t *claim);
int __wrap_zip_stat_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags, zip_stat_t *claim)
{
    if (fails_in(STAT, zip))
        return -1;
    int result = __real_zip_stat_index(zip, index, flags, claim);
    if (fails(STAT_WITHOUT_SIZE))
        claim->valid &= ~(zip_uint64_t)ZIP_STAT_COMP_SIZE;
    if (fails(STAT_ENCRYPTED))
        claim->encryption_method = ZIP_EM_AES_256;
    return result;
}

zip_file_t *__real_zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags);
zip_file_t *__wrap_zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags);
zip_file_t *__wrap_zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags)
{
    return fails_in(FOPEN, zip) ? NULL : __real_zip_fopen_index(zip, index, flags);
}

zip_int64_t __real_zip_fread(zip_file_t *file, void *bytes, zip_uint64_t size);
zip_int64_t __wrap_zip_fread(zip_file_t *file, void *bytes, zip_uint64_t size);
zip_int64_t __wrap_zip_fread(zip_file_t *file, void *bytes, zip_uint64_t size)
{
    if (fails(READ_NOTHING))
        return 0;
    if (!fails(READ)) {
        zip_int64_t got = __real_zip_fread(file, bytes, size);
        return got == 0 && fails(READ_MORE) ? 1 : got;
    }
    zip_error_set(zip_file_get_error(file), ZIP_ER_MEMORY, 0);
    return -1;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

enum { NUMBERS = 40000, TEXTS = 3, LETTERS = 20000 }; /* more than the first piece that is read of each */

static double numbers[NUMBERS];
static char texts[TEXTS][LETTERS + 1];

/* The second entry of a large archive; the first holds one number. */
static SpiralStatus save(const char *path, SpiralError *error)
{
    SpiralNpzWriter *writer;
    const double one = 1.0;
    const char *const strings[TEXTS] = {texts[0], texts[1], texts[2]};
    const SpiralExtents single = {.dimensions = 1, .extent = {1}}, many = {.dimensions = 1, .extent = {NUMBERS}},
                        few = {.dimensions = 1, .extent = {TEXTS}};
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = (double)i;
    for (size_t i = 0; i < TEXTS; i++)
        memset(texts[i], 'a' + (int)i, LETTERS);
    assert_int_equal(spiral_npz_writer_create(&writer, error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "one", &single, &one, error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "X", &many, numbers, error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_strings(writer, "names", &few, strings, error), SPIRAL_OK);
    SpiralStatus status = spiral_npz_save(writer, path, error);
    spiral_npz_writer_free(writer);
    return status;
}

static void an_archive_that_can_not_be_made_leaves_the_old_one(void **state)
{
    static const struct {
        Call call;
        size_t nth;
        const char *reason;
    } cases[] = {
        {BUFFER_CREATE, 1, "the archive could not be made: Malloc failure"},
        {OPEN_FROM_SOURCE, 1, "the archive could not be made: Malloc failure"},
        {BUFFER, 1, "the archive could not be made: Malloc failure"},
        {BUFFER, 2, "the archive could not be made: Malloc failure"},
        {FILE_ADD, 1, "the archive could not be made: Malloc failure"},
        {FILE_ADD, 3, "the archive could not be made: Malloc failure"},
        {COMPRESSION, 2, "the archive could not be made: Malloc failure"},
        {DOSTIME, 1, "the archive could not be made: Malloc failure"},
        {CLOSE, 1, "the archive could not be made: Malloc failure"},
        {SOURCE_OPEN, 1, "no memory to make the archive"},
        {SOURCE_READ, 1, "no memory to make the archive"},
        {SOURCE_READ, 2, "no memory to make the archive"},
    };
    char path[512];
    scratch_path(state, "a.npz", path);
    write_file(path, "old", 3);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SpiralError error;
        fail_at(cases[i].call, cases[i].nth);
        assert_int_equal(save(path, &error), SPIRAL_ERROR_LIMIT);
        assert_string_equal(error.reason, cases[i].reason);
        assert_true(plan.made >= plan.nth);
        size_t size;
        unsigned char *bytes = read_file(path, &size);
        assert_string_equal((char *)bytes, "old");
        free(bytes);
        assert_int_equal(files_in(*state), 1);
    }
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static SpiralStatus read_numbers(SpiralNpz *npz, SpiralError *error)
{
    SpiralExtents shape;
    double *values = numbers;
    SpiralStatus status = spiral_npz_read_doubles(npz, "X", &shape, &values, error);
    if (status != SPIRAL_OK) {
        assert_null(values);
        return status;
    }
    assert_int_equal(shape.count, NUMBERS);
    assert_memory_equal(values, numbers, sizeof numbers);
    free(values);
    return SPIRAL_OK;
}

static SpiralStatus read_strings(SpiralNpz *npz, SpiralError *error)
{
    SpiralExtents shape;
    char *none, **strings = &none;
    SpiralStatus status = spiral_npz_read_strings(npz, "names", &shape, &strings, error);
    if (status != SPIRAL_OK) {
        assert_null(strings);
        return status;
    }
    assert_int_equal(shape.count, TEXTS);
    for (size_t i = 0; i < TEXTS; i++)
        assert_string_equal(strings[i], texts[i]);
    spiral_names_free(strings, shape.count);
    return SPIRAL_OK;
}

static SpiralStatus read_archive(const char *path, SpiralStatus (*read)(SpiralNpz *, SpiralError *), SpiralError *error)
{
    SpiralNpz *npz;
    SpiralStatus status = spiral_npz_open(path, &npz, error);
    if (status != SPIRAL_OK) {
        assert_null(npz);
        return status;
    }
    status = read(npz, error);
    spiral_npz_close(npz);
    return status;
}

static void an_archive_that_can_not_be_read_is_refused(void **state)
{
    static const struct {
        SpiralStatus (*read)(SpiralNpz *, SpiralError *);
        Call call;
        size_t nth;
        SpiralStatus status;
        const char *reason;
    } cases[] = {
        {read_numbers, NONE, 0, SPIRAL_OK, ""},
        {read_strings, NONE, 0, SPIRAL_OK, ""},
        {read_numbers, FDOPEN, 1, SPIRAL_ERROR_LIMIT, "no memory to read the archive"},
        {read_numbers, STAT, 1, SPIRAL_ERROR_INPUT, "damaged archive: entry 0 has no size"},
        {read_numbers, STAT_WITHOUT_SIZE, 3, SPIRAL_ERROR_INPUT, "damaged archive: entry 2 has no size"},
        {read_numbers, NAME, 2, SPIRAL_ERROR_INPUT, "damaged archive: entry 1 has no name"},
        {read_numbers, STAT, 4, SPIRAL_ERROR_LIMIT,
         "no memory to read the archive"}, /* the three entries have been looked at */
        {read_numbers, STAT_WITHOUT_SIZE, 4, SPIRAL_ERROR_INPUT, "is encrypted or incomplete in the archive"},
        {read_numbers, STAT_ENCRYPTED, 4, SPIRAL_ERROR_INPUT, "is encrypted or incomplete in the archive"},
        {read_numbers, FOPEN, 1, SPIRAL_ERROR_LIMIT, "no memory to read the archive"},
        {read_numbers, READ, 1, SPIRAL_ERROR_LIMIT, "no memory to read the archive"},
        {read_numbers, READ, 2, SPIRAL_ERROR_LIMIT, "no memory to read the archive"},
        {read_strings, READ, 2, SPIRAL_ERROR_LIMIT, "no memory to read the archive"},
        {read_numbers, READ_NOTHING, 1, SPIRAL_ERROR_INPUT, "expected a .npy array"},
        {read_numbers, READ_NOTHING, 2, SPIRAL_ERROR_INPUT, "before the end of its elements (is the file cut off?)"},
        {read_numbers, READ_MORE, 1, SPIRAL_ERROR_INPUT, "holds more than its header says, expected 320000 bytes"},
        {read_strings, READ_NOTHING, 2, SPIRAL_ERROR_INPUT, "ends before the end of its elements"},
    };
    char path[512];
    SpiralError error;
    scratch_path(state, "a.npz", path);
    fail_at(NONE, 0);
    SpiralStatus status = save(path, &error);
    assert_ok(status, error);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        error = (SpiralError){0};
        fail_at(cases[i].call, cases[i].nth);
        assert_int_equal(read_archive(path, cases[i].read, &error), cases[i].status);
        assert_reason(error, cases[i].reason);
        assert_true(cases[i].status == SPIRAL_OK || strcmp(error.path, path) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_archive_that_can_not_be_made_leaves_the_old_one, make_scratch,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(an_archive_that_can_not_be_read_is_refused, make_scratch, remove_scratch),
    };
    return cmocka_run_group_tests_name("npz_failures", tests, NULL, NULL);
}
