/* npz_writer.c: writing .npz archives. The archive is built in memory and written to the disk as one whole file. */
#include "data/npz_writer.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/memory.h"
#include "base/text.h"
#include "spiral/output.h"

enum { COPY_BYTES = 1 << 12, DOS_1980_01_01 = 1 << 5 | 1 };

typedef struct Entry {
    char *name; /* with .npy */
    unsigned char *bytes;
    size_t size;
} Entry;

struct SpiralNpzWriter {
    Entry *entries;
    size_t count;
};

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to make the archive");
}

SpiralStatus spiral_npz_writer_create(SpiralNpzWriter **writer, SpiralError *error)
{
    *writer = spiral_allocate(1, sizeof **writer);
    return *writer != NULL ? SPIRAL_OK : no_memory(NULL, error);
}

void spiral_npz_writer_free(SpiralNpzWriter *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; i < writer->count; i++) {
        free(writer->entries[i].name);
        free(writer->entries[i].bytes);
    }
    free(writer->entries);
    free(writer);
}

/* Adds an entry and writes its header. *elements is set to where its elements go. */
static SpiralStatus add_entry(SpiralNpzWriter *writer, const char *name, char kind, size_t item_bytes,
                              const SpiralExtents *shape, SpiralExtents *counted, unsigned char **elements,
                              SpiralError *error)
{
    unsigned char header[SPIRAL_NPY_HEADER_WRITTEN];
    *counted = *shape;
    size_t bytes, header_bytes = spiral_npy_encode_header(kind, item_bytes, shape, header);
    if (!spiral_extents_count(counted) || !spiral_multiply(counted->count, item_bytes, &bytes) ||
        bytes > SIZE_MAX - header_bytes)
        return no_memory(NULL, error);
    Entry *entries = spiral_reallocate(writer->entries, writer->count + 1, sizeof *entries);
    if (entries == NULL)
        return no_memory(NULL, error);
    writer->entries = entries;
    size_t name_length = strlen(name);
    Entry entry = {.name = spiral_allocate(name_length + sizeof ".npy", 1),
                   .bytes = spiral_allocate(header_bytes + bytes, 1),
                   .size = header_bytes + bytes};
    if (entry.name == NULL || entry.bytes == NULL) {
        free(entry.name);
        free(entry.bytes);
        return no_memory(NULL, error);
    }
    memcpy(entry.name, name, name_length);
    memcpy(entry.name + name_length, ".npy", sizeof ".npy");
    memcpy(entry.bytes, header, header_bytes);
    *elements = entry.bytes + header_bytes;
    writer->entries[writer->count++] = entry;
    return SPIRAL_OK;
}

SpiralStatus spiral_npz_add_doubles(SpiralNpzWriter *writer, const char *name, const SpiralExtents *shape,
                                    const double *values, SpiralError *error)
{
    unsigned char *elements = NULL;
    SpiralExtents counted;
    SpiralStatus status = add_entry(writer, name, 'f', sizeof *values, shape, &counted, &elements, error);
    if (status == SPIRAL_OK)
        spiral_npy_encode_values(values, counted.count, elements);
    return status;
}

SpiralStatus spiral_npz_add_integers(SpiralNpzWriter *writer, const char *name, const SpiralExtents *shape,
                                     const int64_t *values, SpiralError *error)
{
    unsigned char *elements = NULL;
    SpiralExtents counted;
    SpiralStatus status = add_entry(writer, name, 'i', sizeof *values, shape, &counted, &elements, error);
    if (status == SPIRAL_OK)
        spiral_npy_encode_values(values, counted.count, elements);
    return status;
}

/* Counts the characters of UTF-8 text and, unless units is NULL, writes them as 4-byte code points. Returns false when
 * the text is not UTF-8. */
static bool to_code_points(const char *text, unsigned char *units, size_t *count)
{
    size_t length = strlen(text);
    *count = 0;
    for (size_t i = 0, size; i < length; i += size, ++*count) {
        uint32_t code = spiral_text_decode(text + i, length - i, &size);
        if (size == 0)
            return false;
        for (size_t b = 0; units != NULL && b < 4; b++)
            units[4 * *count + b] = (unsigned char)(code >> (8 * b));
    }
    return true;
}

SpiralStatus spiral_npz_add_strings(SpiralNpzWriter *writer, const char *name, const SpiralExtents *shape,
                                    const char *const *strings, SpiralError *error)
{
    SpiralExtents counted = *shape;
    size_t longest = 1, characters;
    if (!spiral_extents_count(&counted))
        return no_memory(NULL, error);
    for (size_t i = 0; i < counted.count; i++) {
        if (!to_code_points(strings[i], NULL, &characters))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "'%s' is not UTF-8, which .npz names need to be", strings[i]);
        if (characters > longest)
            longest = characters;
    }
    unsigned char *elements = NULL;
    SpiralStatus status = add_entry(writer, name, 'U', 4 * longest, shape, &counted, &elements, error);
    for (size_t i = 0; status == SPIRAL_OK && i < counted.count; i++)
        to_code_points(strings[i], elements + 4 * longest * i, &characters);
    return status;
}

/* Adds the entries to the open archive, uncompressed, dated 1980-01-01 (the earliest date in zip). */
static bool fill_zip(const SpiralNpzWriter *writer, zip_t *zip)
{
    for (size_t i = 0; i < writer->count; i++) {
        const Entry *entry = &writer->entries[i];
        zip_source_t *source = zip_source_buffer(zip, entry->bytes, entry->size, 0);
        if (source == NULL)
            return false;
        zip_int64_t index = zip_file_add(zip, entry->name, source, ZIP_FL_ENC_UTF_8);
        if (index < 0) {
            zip_source_free(source);
            return false;
        }
        if (zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) != 0 ||
            zip_file_set_dostime(zip, (zip_uint64_t)index, 0, DOS_1980_01_01, 0) != 0)
            return false;
    }
    return true;
}

/* Builds the archive in target, which the caller still owns. */
static bool make_zip(const SpiralNpzWriter *writer, zip_source_t *target, zip_error_t *details)
{
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, details);
    if (zip == NULL)
        return false;
    zip_source_keep(target); /* closing the archive releases it once */
    if (fill_zip(writer, zip) && zip_close(zip) == 0)
        return true;
    zip_error_set(details, zip_error_code_zip(zip_get_error(zip)), zip_error_code_system(zip_get_error(zip)));
    zip_discard(zip);
    return false;
}

static SpiralStatus copy_out(zip_source_t *made, SpiralOutput *output, SpiralError *error)
{
    if (zip_source_open(made) != 0)
        return no_memory(NULL, error);
    char bytes[COPY_BYTES];
    zip_int64_t read = 0;
    SpiralStatus status = SPIRAL_OK;
    while (status == SPIRAL_OK && (read = zip_source_read(made, bytes, sizeof bytes)) > 0)
        status = spiral_output_write(output, bytes, (size_t)read, error);
    zip_source_close(made);
    return status == SPIRAL_OK && read < 0 ? no_memory(NULL, error) : status;
}

SpiralStatus spiral_npz_write(SpiralNpzWriter *writer, SpiralOutput *output, SpiralError *error)
{
    zip_error_t details;
    zip_error_init(&details);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &details);
    SpiralStatus status = SPIRAL_OK;
    if (target == NULL || !make_zip(writer, target, &details))
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "the archive could not be made: %s",
                                  zip_error_strerror(&details));
    if (status == SPIRAL_OK)
        status = copy_out(target, output, error);
    if (target != NULL)
        zip_source_free(target);
    zip_error_fini(&details);
    return status;
}

SpiralStatus spiral_npz_save(SpiralNpzWriter *writer, const char *path, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_npz_write(writer, output, error);
    if (status == SPIRAL_OK)
        return spiral_output_commit(output, error);
    spiral_output_discard(output);
    return status;
}
