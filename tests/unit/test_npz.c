#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include <cmocka.h>

#include "base/names.h"
#include "data/npz.h"
#include "data/npz_layout.h"
#include "data/npz_writer.h"
#include "data_support.h"

static const double F[6] = {0.5, -0.25, 1e-3, 3.0, -7.0, 1e3};

static SpiralNpz *open_npz(const char *path)
{
    SpiralNpz *npz;
    SpiralError error;
    SpiralStatus status = spiral_npz_open(path, &npz, &error);
    assert_ok(status, error);
    return npz;
}

static void check_F(const char *path, bool single)
{
    SpiralNpz *npz = open_npz(path);
    SpiralExtents shape;
    SpiralError error;
    double *values;
    SpiralStatus status = spiral_npz_read_doubles(npz, "X", &shape, &values, &error);
    assert_ok(status, error);
    assert_int_equal(shape.dimensions, 2);
    assert_int_equal(shape.extent[0], 3);
    assert_int_equal(shape.extent[1], 2);
    assert_int_equal(shape.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(values[i] == (single ? (double)(float)F[i] : F[i]));
    free(values);
    spiral_npz_close(npz);
}

static void stored_and_deflated_arrays_are_read(void **state)
{
    (void)state;
    check_F("fixtures/numpy/stored.npz", false);
    check_F("fixtures/numpy/deflated.npz", true);
}

static void a_large_array_is_read_through_many_chunks(void **state)
{
    (void)state;
    SpiralNpz *npz = open_npz("fixtures/numpy/big.npz");
    SpiralExtents shape;
    double *X;
    int64_t *y;
    assert_int_equal(spiral_npz_read_doubles(npz, "X", &shape, &X, NULL), SPIRAL_OK);
    assert_int_equal(shape.count, 60000);
    for (size_t i = 0; i < 60000; i++)
        assert_true(X[i] == (double)(i % 97));
    assert_int_equal(spiral_npz_read_integers(npz, "y", &shape, &y, NULL), SPIRAL_OK);
    for (size_t i = 0; i < 20000; i++)
        assert_int_equal(y[i], i % 3);
    free(X);
    free(y);
    spiral_npz_close(npz);
}

static void arrays_are_found_by_name_and_kind(void **state)
{
    (void)state;
    SpiralNpz *npz = open_npz("fixtures/numpy/named.npz");
    SpiralError error;
    SpiralExtents shape;
    char kind;
    assert_true(spiral_npz_has(npz, "X"));
    assert_false(spiral_npz_has(npz, "x"));
    assert_false(spiral_npz_has(npz, "X.npy"));
    assert_int_equal(spiral_npz_look(npz, "X", &shape, &kind, NULL), SPIRAL_OK);
    assert_int_equal(kind, 'f');
    assert_int_equal(shape.dimensions, 2);
    assert_int_equal(shape.extent[0], 3);
    assert_int_equal(spiral_npz_look(npz, "classes", &shape, &kind, NULL), SPIRAL_OK);
    assert_int_equal(kind, 'U');
    double *values;
    assert_int_equal(spiral_npz_read_doubles(npz, "W", &shape, &values, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "no array 'W'");
    assert_null(values);
    spiral_npz_close(npz);
}

static void the_wrong_kind_is_refused_by_name(void **state)
{
    (void)state;
    SpiralNpz *npz = open_npz("fixtures/numpy/named.npz");
    SpiralError error;
    SpiralExtents shape;
    double *values;
    int64_t *integers;
    char **strings;
    assert_int_equal(spiral_npz_read_doubles(npz, "classes", &shape, &values, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "array 'classes': holds text, expected numbers");
    assert_int_equal(spiral_npz_read_integers(npz, "X", &shape, &integers, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "array 'X': holds floating-point numbers, expected integers");
    assert_int_equal(spiral_npz_read_strings(npz, "y", &shape, &strings, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "array 'y': holds integers, expected text");
    spiral_npz_close(npz);
    npz = open_npz("fixtures/numpy/object.npz");
    assert_int_equal(spiral_npz_read_strings(npz, "y", &shape, &strings, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "never unpickled");
    spiral_npz_close(npz);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

/* Opens the archive and reads X; returns the first failure. */
static SpiralStatus try_X(const char *path, SpiralError *error)
{
    SpiralNpz *npz;
    SpiralExtents shape;
    double *values;
    SpiralStatus status = spiral_npz_open(path, &npz, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_npz_read_doubles(npz, "X", &shape, &values, error);
    free(values);
    spiral_npz_close(npz);
    return status;
}

/* The place of the first `count` bytes of pattern in bytes. */
static size_t find_bytes(const unsigned char *bytes, size_t size, const char *pattern, size_t count, size_t from)
{
    for (size_t i = from; i + count <= size; i++)
        if (memcmp(bytes + i, pattern, count) == 0)
            return i;
    fail_msg("pattern not found");
    return 0;
}

static void a_changed_byte_fails_the_checksum(void **state)
{
    char path[512];
    size_t size;
    SpiralError error;
    unsigned char *bytes = read_file("fixtures/numpy/stored.npz", &size);
    const unsigned char *data = bytes + find_bytes(bytes, size, "\x93NUMPY", 6, 0);
    bytes[data - bytes + 128 + 3] ^= 1; /* in the first element */
    write_file(scratch_path(state, "a.npz", path), bytes, size);
    assert_int_equal(try_X(path, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "array 'X': damaged archive");
    assert_reason(error, "CRC");
    free(bytes);
}

/* The checksum is compared at the end of what is read in pieces, too. */
static void a_changed_byte_of_a_large_array_fails_the_checksum(void **state)
{
    enum { COUNT = 30000 };
    char path[512];
    size_t size;
    SpiralError error;
    SpiralNpzWriter *writer;
    const SpiralExtents shape = {.dimensions = 1, .extent = {COUNT}};
    double *values = calloc(COUNT, sizeof *values);
    assert_non_null(values);
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "X", &shape, values, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_save(writer, scratch_path(state, "a.npz", path), &error), SPIRAL_OK);
    assert_int_equal(try_X(path, &error), SPIRAL_OK);
    unsigned char *bytes = read_file(path, &size);
    for (size_t place = 200; place < size - 200; place += 50000) {
        bytes[place] ^= 1;
        write_file(path, bytes, size);
        bytes[place] ^= 1;
        assert_int_equal(try_X(path, &error), SPIRAL_ERROR_INPUT);
        assert_reason(error, "CRC");
    }
    free(bytes);
    free(values);
    spiral_npz_writer_free(writer);
}

/* The directory says another size than the array has. */
static void a_wrong_size_in_the_directory_is_refused(void **state)
{
    static const struct {
        unsigned char size;
        const char *words;
    } cases[] = {
        {20, "ends within the .npy header"}, {130, "2 bytes of elements, expected 24"}, {153, "25 bytes of elements"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[512];
        size_t size;
        SpiralError error;
        unsigned char *bytes = read_file("fixtures/numpy/deflated.npz", &size);
        size_t entry = find_bytes(bytes, size, "PK\x01\x02", 4, 0);
        assert_int_equal(bytes[entry + 24], 128 + 24);
        bytes[entry + 24] = cases[i].size;
        write_file(scratch_path(state, "a.npz", path), bytes, size);
        assert_int_equal(try_X(path, &error), SPIRAL_ERROR_INPUT);
        assert_reason(error, cases[i].words);
        free(bytes);
    }
}

/* What lies in a folder is no array: X is there all the same. */
static void a_repeated_name_is_refused_and_a_folder_is_none(void **state)
{
    static const struct {
        const char *name, *words;
    } cases[] = {{"X.npy", "two arrays are named 'X'"}, {"/.npy", NULL}, {"\\.npy", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[512];
        size_t size;
        SpiralError error;
        unsigned char *bytes = read_file("fixtures/numpy/stored.npz", &size);
        for (size_t from = 0, n = 0; n < 2; n++) { /* in the local header and in the directory */
            size_t place = find_bytes(bytes, size, "y.npy", 5, from);
            memcpy(bytes + place, cases[i].name, 5);
            from = place + 5;
        }
        write_file(scratch_path(state, "a.npz", path), bytes, size);
        assert_int_equal(try_X(path, &error), cases[i].words != NULL ? SPIRAL_ERROR_INPUT : SPIRAL_OK);
        if (cases[i].words != NULL)
            assert_reason(error, cases[i].words);
        free(bytes);
    }
}

static void every_cut_of_an_archive_is_refused(void **state)
{
    size_t size;
    unsigned char *bytes = read_file("fixtures/numpy/stored.npz", &size);
    for (size_t kept = 0; kept < size; kept += 7) {
        char path[512];
        SpiralError error;
        write_file(scratch_path(state, "cut.npz", path), bytes, kept);
        assert_int_equal(try_X(path, &error), SPIRAL_ERROR_INPUT);
        assert_string_equal(error.path, path);
    }
    free(bytes);
}

/* Whatever byte is changed: the same numbers or an error, never a crash. */
static void any_changed_byte_gives_the_same_numbers_or_an_error(void **state)
{
    static const char *const fixtures[] = {"fixtures/numpy/stored.npz", "fixtures/numpy/deflated.npz"};
    for (size_t f = 0; f < 2; f++) {
        size_t size;
        unsigned char *bytes = read_file(fixtures[f], &size);
        for (size_t place = 0; place < size; place++) {
            char path[512];
            SpiralError error;
            SpiralNpz *npz;
            SpiralExtents shape;
            double *values = NULL;
            bytes[place] ^= 0x41;
            write_file(scratch_path(state, "a.npz", path), bytes, size);
            bytes[place] ^= 0x41;
            if (spiral_npz_open(path, &npz, &error) != SPIRAL_OK)
                continue;
            if (spiral_npz_read_doubles(npz, "X", &shape, &values, &error) == SPIRAL_OK)
                for (size_t i = 0; i < 6; i++)
                    assert_true(values[i] == (f == 1 ? (double)(float)F[i] : F[i]));
            free(values);
            spiral_npz_close(npz);
        }
        free(bytes);
    }
}

static void an_impossible_size_is_refused_before_it_costs_memory(void **state)
{
    char path[512];
    size_t size;
    SpiralError error;
    unsigned char *bytes = read_file("fixtures/numpy/deflated.npz", &size);
    /* The directory's entry of X: the uncompressed size is 24 bytes behind its signature. */
    size_t entry = find_bytes(bytes, size, "PK\x01\x02", 4, 0);
    memcpy(bytes + entry + 24, "\xff\xff\xff\x7f", 4);
    write_file(scratch_path(state, "bomb.npz", path), bytes, size);
    assert_int_equal(try_X(path, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "claims 2147483647 bytes");
    free(bytes);
}

/* An archive of one array "A" of zeros, with its entry in the directory several times, each under another name: all of
 * them claim the same bytes of the file. */
static void save_overlapping(const char *path, size_t zeros, size_t entries)
{
    enum { NAME_AT = 46, NAMES = 26 };
    const SpiralExtents shape = {.dimensions = 1, .extent = {zeros}};
    double *values = calloc(zeros, sizeof *values);
    SpiralNpzWriter *writer;
    SpiralError error;
    assert_non_null(values);
    assert_true(entries <= NAMES);
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "A", &shape, values, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_save(writer, path, &error), SPIRAL_OK);
    spiral_npz_writer_free(writer);
    free(values);
    size_t size;
    unsigned char *bytes = read_file(path, &size);
    size_t entry = find_bytes(bytes, size, "PK\x01\x02", 4, 0), end = find_bytes(bytes, size, "PK\x05\x06", 4, entry);
    size_t entry_bytes = end - entry, all = entries * entry_bytes;
    unsigned char *made = malloc(size + all);
    assert_non_null(made);
    memcpy(made, bytes, entry);
    for (size_t i = 0; i < entries; i++) {
        memcpy(made + entry + i * entry_bytes, bytes + entry, entry_bytes);
        made[entry + i * entry_bytes + NAME_AT] = (unsigned char)('A' + i);
    }
    unsigned char *tail = made + entry + all;
    memcpy(tail, bytes + end, size - end);
    tail[8] = tail[10] = (unsigned char)entries;
    for (size_t b = 0; b < 4; b++)
        tail[12 + b] = (unsigned char)(all >> (8 * b));
    write_file(path, made, entry + all + size - end);
    free(made);
    free(bytes);
}

static void entries_that_share_bytes_of_the_file_are_refused(void **state)
{
    char path[512];
    SpiralError error;
    SpiralNpz *npz;
    save_overlapping(scratch_path(state, "a.npz", path), 1000, 1);
    npz = open_npz(path);
    spiral_npz_close(npz);
    save_overlapping(path, 1000, 2);
    assert_int_equal(spiral_npz_open(path, &npz, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "entries claim more bytes than its");
    assert_reason(error, "do not overlap");
    assert_null(npz);
}

/* Its shape was looked at and relied on. The array is larger than what a library may hold of the file. */
static void an_array_that_gets_another_shape_while_it_is_read_is_refused(void **state)
{
    enum { ROWS = 10000 };
    const SpiralExtents saved = {.dimensions = 2, .extent = {ROWS, 2}};
    char path[512], kind;
    size_t size;
    SpiralError error;
    SpiralExtents shape;
    SpiralNpzWriter *writer;
    double *values = calloc(2 * ROWS, sizeof *values), *read;
    assert_non_null(values);
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "X", &saved, values, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_save(writer, scratch_path(state, "a.npz", path), &error), SPIRAL_OK);
    SpiralNpz *npz = open_npz(path);
    assert_int_equal(spiral_npz_look(npz, "X", &shape, &kind, &error), SPIRAL_OK);
    unsigned char *bytes = read_file(path, &size);
    memcpy(bytes + find_bytes(bytes, size, "(10000, 2)", 10, 0), "(2, 10000)", 10);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(spiral_npz_read_doubles(npz, "X", &shape, &read, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "array 'X': has changed while it was read");
    assert_null(read);
    spiral_npz_close(npz);
    spiral_npz_writer_free(writer);
    free(values);
    free(bytes);
}

/* Before the last record stands the one that leads to that of large archives, which is not there. */
static void a_large_archive_without_its_last_record_is_refused(void **state)
{
    enum { LOCATOR = 20, END = 22 };
    char path[512];
    size_t size;
    SpiralError error;
    unsigned char *bytes = read_file("fixtures/numpy/stored.npz", &size), more[1 << 12] = {0};
    assert_in_range(size, END, sizeof more - LOCATOR);
    memcpy(more, bytes, size - END);
    memcpy(more + size - END, "PK\6\7", 4);
    memcpy(more + size - END + LOCATOR, bytes + size - END, END);
    write_file(scratch_path(state, "a.npz", path), more, size + LOCATOR);
    assert_int_equal(try_X(path, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "archive");
    free(bytes);
}

/* Another program has cut it since its size was asked for. */
static void a_file_shorter_than_it_was_is_refused(void **state)
{
    (void)state;
    struct stat file;
    SpiralError error;
    int descriptor = open("fixtures/numpy/stored.npz", O_RDONLY);
    assert_true(descriptor >= 0 && fstat(descriptor, &file) == 0);
    uint64_t size = (uint64_t)file.st_size;
    assert_int_equal(spiral_npz_check_layout(descriptor, size, "a.npz", &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_check_layout(descriptor, size + 1, "a.npz", &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "is more than an archive, or damaged");
    close(descriptor);
}

static void a_file_that_is_no_archive_is_refused(void **state)
{
    (void)state;
    SpiralError error;
    SpiralNpz *npz;
    assert_int_equal(spiral_npz_open("fixtures/numpy/fractions.npy", &npz, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "is a .npy array, expected an .npz archive");
    assert_null(npz);
    assert_int_equal(spiral_npz_open("fixtures/missing.npz", &npz, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "No such file");
    assert_int_equal(spiral_npz_open("fixtures", &npz, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "regular file");
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Nothing is waited for: neither for who writes to a pipe nor for who listens at a socket. */
static void what_is_no_regular_file_is_refused(void **state)
{
    char path[512];
    SpiralNpz *npz;
    SpiralError error;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    scratch_path(state, "a.npz", path);
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(spiral_npz_open(path, &npz, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(error.reason, "is a socket, expected a regular file");
    close(listener);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0666), 0);
    assert_int_equal(spiral_npz_open(path, &npz, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(error.reason, "is a pipe, expected a regular file");
    assert_int_equal(spiral_npz_open("/dev/null", &npz, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(error.reason, "is a device, expected a regular file");
}

static void save_some(const char *path)
{
    static const int64_t integers[3] = {INT64_MIN, 0, INT64_MAX};
    static const char *const names[2] = {"", "ja\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e"};
    const SpiralExtents matrix = {.dimensions = 2, .extent = {3, 2}}, three = {.dimensions = 1, .extent = {3}},
                        two = {.dimensions = 1, .extent = {2}}, scalar = {.dimensions = 0};
    SpiralNpzWriter *writer;
    SpiralError error;
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "W1", &matrix, F, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_integers(writer, "n", &three, integers, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_strings(writer, "names", &two, names, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "reg", &scalar, &F[2], &error), SPIRAL_OK);
    SpiralStatus status = spiral_npz_save(writer, path, &error);
    assert_ok(status, error);
    spiral_npz_writer_free(writer);
}

static void what_is_written_is_read_back(void **state)
{
    char path[512];
    SpiralExtents shape;
    double *doubles;
    int64_t *integers;
    char **names;
    save_some(scratch_path(state, "a.npz", path));
    SpiralNpz *npz = open_npz(path);
    assert_int_equal(spiral_npz_read_doubles(npz, "W1", &shape, &doubles, NULL), SPIRAL_OK);
    assert_memory_equal(doubles, F, sizeof F);
    free(doubles);
    assert_int_equal(spiral_npz_read_integers(npz, "n", &shape, &integers, NULL), SPIRAL_OK);
    assert_true(integers[0] == INT64_MIN && integers[1] == 0 && integers[2] == INT64_MAX);
    free(integers);
    assert_int_equal(spiral_npz_read_strings(npz, "names", &shape, &names, NULL), SPIRAL_OK);
    assert_int_equal(shape.count, 2);
    assert_string_equal(names[0], "");
    assert_string_equal(names[1], "ja\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e");
    spiral_names_free(names, 2);
    assert_int_equal(spiral_npz_read_doubles(npz, "reg", &shape, &doubles, NULL), SPIRAL_OK);
    assert_int_equal(shape.dimensions, 0);
    assert_true(doubles[0] == 1e-3);
    free(doubles);
    spiral_npz_close(npz);
}

static void the_same_arrays_give_the_same_bytes_in_every_time_zone(void **state)
{
    char first_path[512], second_path[512];
    size_t first_size, second_size;
    setenv("TZ", "UTC", 1);
    tzset();
    save_some(scratch_path(state, "a.npz", first_path));
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    save_some(scratch_path(state, "b.npz", second_path));
    unsetenv("TZ");
    tzset();
    unsigned char *first = read_file(first_path, &first_size), *second = read_file(second_path, &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    /* Stored (method 0), at midnight of 1980-01-01. */
    assert_memory_equal(first + 8, "\0\0\0\0\x21\0", 6);
    free(first);
    free(second);
}

static void text_that_is_not_utf8_is_not_written(void **state)
{
    (void)state;
    SpiralNpzWriter *writer;
    SpiralError error;
    static const char *const bad[] = {"caf\xe9", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"};
    const SpiralExtents one = {.dimensions = 1, .extent = {1}};
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(spiral_npz_add_strings(writer, "names", &one, &bad[i], &error), SPIRAL_ERROR_INPUT);
    spiral_npz_writer_free(writer);
}

static void a_folder_that_is_not_there_is_an_output_error(void **state)
{
    (void)state;
    SpiralNpzWriter *writer;
    SpiralError error;
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_save(writer, "fixtures/missing/a.npz", &error), SPIRAL_ERROR_OUTPUT);
    spiral_npz_writer_free(writer);
}

static void a_large_archive_on_a_full_disk_is_an_output_error(void **state)
{
    (void)state;
    static double values[20000]; /* more than is kept in memory until the end */
    const SpiralExtents shape = {.dimensions = 1, .extent = {20000}};
    SpiralNpzWriter *writer;
    SpiralError error;
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "x", &shape, values, &error), SPIRAL_OK);
    assert_int_equal(spiral_npz_save(writer, "/dev/full", &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "could not be written: No space left on device");
    spiral_npz_writer_free(writer);
}

static void shapes_that_no_memory_has_are_refused(void **state)
{
    (void)state;
    static const SpiralExtents shapes[] = {
        {.dimensions = 2, .extent = {SIZE_MAX / 2, 3}},  /* more elements than there are addresses */
        {.dimensions = 1, .extent = {SIZE_MAX / 4}},     /* more bytes */
        {.dimensions = 1, .extent = {SIZE_MAX / 8 - 1}}, /* more bytes with the header */
    };
    static const double value = 1.0;
    static const char *const string = "a";
    SpiralNpzWriter *writer;
    SpiralError error;
    assert_int_equal(spiral_npz_writer_create(&writer, &error), SPIRAL_OK);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        assert_int_equal(spiral_npz_add_doubles(writer, "X", &shapes[i], &value, &error), SPIRAL_ERROR_LIMIT);
        assert_reason(error, "no memory to make the archive");
    }
    assert_int_equal(spiral_npz_add_strings(writer, "names", &shapes[0], &string, &error), SPIRAL_ERROR_LIMIT);
    spiral_npz_writer_free(writer);
}

static void close_accepts_null(void **state)
{
    (void)state;
    spiral_npz_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_and_deflated_arrays_are_read),
        cmocka_unit_test(a_large_array_is_read_through_many_chunks),
        cmocka_unit_test(arrays_are_found_by_name_and_kind),
        cmocka_unit_test(the_wrong_kind_is_refused_by_name),
        cmocka_unit_test_setup_teardown(a_changed_byte_fails_the_checksum, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(a_changed_byte_of_a_large_array_fails_the_checksum, make_scratch,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(a_wrong_size_in_the_directory_is_refused, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(a_repeated_name_is_refused_and_a_folder_is_none, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(every_cut_of_an_archive_is_refused, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(any_changed_byte_gives_the_same_numbers_or_an_error, make_scratch,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(an_impossible_size_is_refused_before_it_costs_memory, make_scratch,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(entries_that_share_bytes_of_the_file_are_refused, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(an_array_that_gets_another_shape_while_it_is_read_is_refused, make_scratch,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(a_large_archive_without_its_last_record_is_refused, make_scratch,
                                        remove_scratch),
        cmocka_unit_test(a_file_shorter_than_it_was_is_refused),
        cmocka_unit_test(a_file_that_is_no_archive_is_refused),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(the_same_arrays_give_the_same_bytes_in_every_time_zone, make_scratch,
                                        remove_scratch),
        cmocka_unit_test(text_that_is_not_utf8_is_not_written),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_output_error),
        cmocka_unit_test(a_large_archive_on_a_full_disk_is_an_output_error),
        cmocka_unit_test(shapes_that_no_memory_has_are_refused),
        cmocka_unit_test(close_accepts_null),
    };
    return cmocka_run_group_tests_name("npz", tests, NULL, NULL);
}
