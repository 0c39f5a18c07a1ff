/* Do the mutators keep to their formats? Many mutants of an input of each are read by somebody else's reader (cJSON,
 * libzip) or by a few lines here. Some mutants are damaged on purpose; most must be sound. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "memory_files.h"
#include "mutate.h"

enum { SEEDS = 500, CHANGES = 3, MOST = 1 << 14, HEADER = 512, WIDE = 300 };

static Random blind = {.state = 1};

/* A byte is changed, put in or taken out. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    size_t kind = random_below(&blind, 3), at = size > 0 ? random_below(&blind, size) : 0;
    if (size == 0 || (kind == 1 && size < max_size)) {
        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)random_next(&blind);
        return size + 1;
    }
    if (kind == 2 && size > 1) {
        memmove(data + at, data + at + 1, size - at - 1);
        return size - 1;
    }
    data[at] = (uint8_t)random_next(&blind);
    return size;
}

/* What the mutants of one input came to. */
typedef struct Count {
    size_t sound, changed, longer, shorter;
} Count;

typedef bool Sound(const uint8_t *bytes, size_t size);

static Count count(Mutator *mutator, Sound *sound, const uint8_t *input, size_t size)
{
    Count counted = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Random random = {seed};
        uint8_t *bytes = malloc(MOST); /* so that AddressSanitizer sees its end */
        MUST(bytes != NULL);
        memcpy(bytes, input, size);
        size_t made = size;
        for (size_t i = 0; i < CHANGES; i++) {
            size_t next = mutator(bytes, made, MOST, &random);
            made = next > 0 ? next : made;
        }
        MUST(made <= MOST);
        counted.sound += sound(bytes, made);
        counted.changed += made != size || memcmp(bytes, input, size) != 0;
        counted.longer += made > size;
        counted.shorter += made < size;
        free(bytes);
    }
    return counted;
}

static void check(const char *name, Mutator *mutator, Sound *sound, const uint8_t *input, size_t size, size_t percent)
{
    MUST(sound(input, size));
    Count counted = count(mutator, sound, input, size);
    fprintf(stderr, "%s: of %d mutants %zu are sound, %zu changed, %zu longer, %zu shorter\n", name, SEEDS,
            counted.sound, counted.changed, counted.longer, counted.shorter);
    MUST(100 * counted.sound >= percent * SEEDS);
    MUST(10 * counted.changed >= 9 * SEEDS);
    MUST(20 * counted.longer >= SEEDS && 20 * counted.shorter >= SEEDS);
    uint8_t none[1];
    MUST(mutator(memcpy(none, "?", 1), 1, 1, &(Random){0}) <= 1);
}

/* Without room, nothing is written behind the end, and a mutant that is too long is refused. */
static void check_room(Mutator *mutator, const uint8_t *input, size_t size)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint8_t *bytes = malloc(size);
        MUST(bytes != NULL);
        memcpy(bytes, input, size);
        MUST(mutator(bytes, size, size, &(Random){seed}) <= size);
        free(bytes);
    }
}

/* ---- formats ----------------------------------------------------------------------------------------------------- */

/* One value after the other. */
static bool is_json(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    MUST(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    const char *next = text;
    bool sound = true;
    while (sound && *(next += strspn(next, " \t\r\n")) != '\0') {
        cJSON *value = cJSON_ParseWithOpts(next, &next, false);
        sound = value != NULL;
        cJSON_Delete(value);
    }
    free(text);
    return sound;
}

/* All rows have as many cells. The inputs have no quotes; of mutants the cells in quotes have none within. */
static bool is_table(const uint8_t *bytes, size_t size)
{
    size_t width = 0, cells = 1;
    bool within = false;
    for (size_t i = 0; i < size; i++) {
        within = within != (bytes[i] == '"');
        bool end = !within && (bytes[i] == '\n' || bytes[i] == '\r');
        cells += !within && memchr(",;\t |", bytes[i], 5) != NULL;
        if (!end)
            continue;
        if (width > 0 && width != cells)
            return false;
        width = cells;
        cells = 1;
        while (i + 1 < size && (bytes[i + 1] == '\n' || bytes[i + 1] == '\r'))
            i++;
    }
    return !within && width > 0;
}

/* Copies the header's text and returns where it ends in the file: where it says, in a line end at a multiple of 64
 * bytes. 0 when it does not. */
static size_t read_header(const uint8_t *bytes, size_t size, char header[HEADER])
{
    if (size < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return 0;
    size_t start = bytes[6] == 1 ? 10 : 12, end = start + bytes[8] + 256u * bytes[9];
    if (end > size || end - start >= HEADER || end % 64 != 0 || bytes[end - 1] != '\n')
        return 0;
    memcpy(header, bytes + start, end - start);
    header[end - start] = '\0';
    return end;
}

static bool is_array(const uint8_t *bytes, size_t size)
{
    char header[HEADER];
    return read_header(bytes, size, header) > 0 && strstr(header, "'descr': '") != NULL &&
           strstr(header, "'fortran_order': ") != NULL && strstr(header, "'shape': (") != NULL;
}

/* Are there as many bytes as the type and the shape, of at most two dimensions, ask for? */
static bool is_whole_array(const uint8_t *bytes, size_t size)
{
    char header[HEADER];
    size_t end = read_header(bytes, size, header), rows, columns = 1;
    if (end == 0 || !is_array(bytes, size))
        return false;
    const char *type = strstr(header, "descr': '") + 9, *shape = strstr(header, "shape': (") + 9;
    if (sscanf(shape, "%zu, %zu", &rows, &columns) < 1)
        return false;
    return size - end == rows * columns * strtoul(type + 2, NULL, 10) * (type[1] == 'U' ? 4 : 1);
}

static bool is_archive(const uint8_t *bytes, size_t size)
{
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, NULL);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, NULL);
    if (zip == NULL) {
        zip_source_free(source);
        return false;
    }
    bool sound = true;
    for (zip_int64_t i = 0; sound && i < zip_get_num_entries(zip, 0); i++) {
        char content[MOST];
        zip_stat_t about;
        zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)i, 0);
        sound = file != NULL && zip_stat_index(zip, (zip_uint64_t)i, 0, &about) == 0 &&
                zip_fread(file, content, sizeof content) == (zip_int64_t)about.size && zip_fread(file, content, 1) == 0;
        if (file != NULL) /* reading to the end has compared the checksum */
            sound = zip_fclose(file) == 0 && sound;
    }
    zip_discard(zip);
    return sound;
}

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

static size_t read_file(const char *folder, const char *name, uint8_t bytes[MOST])
{
    char path[1024];
    MUST(snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path);
    FILE *file = fopen(path, "rb");
    MUST(file != NULL);
    size_t size = fread(bytes, 1, MOST, file);
    fclose(file);
    MUST(size > 0 && size < MOST);
    return size;
}

int main(int argc, char **argv)
{
    static const char json[] =
        "{\"shard\": \"1/1\", \"options\": {\"seeds\": \"2\\n\"}, \"list\": [1, 2.5e-3, null, [], {}]}\n",
                      lines[] = "{\"iteration\":0,\"loss\":1.5}\n{\"iteration\":1,\"loss\":null}\n",
                      table[] = "x0,x1,label\n0.5,-1,0\n1e-3,2,1\n7,8,1\n";
    static uint8_t bytes[MOST];
    MUST(argc == 2); /* the folder of the corpora */
    check("JSON", mutate_json, is_json, (const uint8_t *)json, sizeof json - 1, 99);
    check("JSON lines", mutate_json, is_json, (const uint8_t *)lines, sizeof lines - 1, 99);
    check_room(mutate_json, (const uint8_t *)json, sizeof json - 1);
    check("CSV", mutate_csv, is_table, (const uint8_t *)table, sizeof table - 1, 75);
    check_room(mutate_csv, (const uint8_t *)table, sizeof table - 1);

    memset(bytes, ',', WIDE); /* more cells than fit where rows are moved */
    memcpy(bytes + WIDE, "\n1,2\n", 5);
    check_room(mutate_csv, bytes, WIDE + 5);

    size_t size = read_file(argv[1], "fuzz_npy/seed-six_numbers", bytes);
    check("header of a .npy", mutate_npy, is_array, bytes + 1, size - 1, 99);
    check("whole .npy", mutate_npy, is_whole_array, bytes + 1, size - 1, 65);
    check_room(mutate_npy, bytes + 1, size - 1);
    size = read_file(argv[1], "fuzz_npz/seed-data", bytes);
    check("stored .npz", mutate_archive, is_archive, bytes, size, 90);
    check_room(mutate_archive, bytes, size);
    size = read_file(argv[1], "fuzz_npz/seed-data_texts", bytes);
    check("deflated .npz", mutate_archive, is_archive, bytes, size, 90);
    return 0;
}
