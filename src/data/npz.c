/* npz.c: reading .npz archives. */
#define _POSIX_C_SOURCE 200809L
#include "data/npz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/regular.h"
#include "base/text.h"
#include "data/file_kind.h"
#include "data/npz_layout.h"

/* Tests make it small, so that arrays are read in many pieces. */
#ifndef SPIRAL_NPZ_CHUNK_BYTES
#define SPIRAL_NPZ_CHUNK_BYTES (1 << 16)
#endif

enum {
    CHUNK_BYTES = SPIRAL_NPZ_CHUNK_BYTES,
    DEFLATE_RATIO = 1032 /* deflate cannot expand a byte to more than this */
};

typedef struct Entry {
    char *name; /* without .npy */
    zip_uint64_t index;
    bool opened;
    SpiralExtents shape; /* as it was when first opened */
} Entry;

struct SpiralNpz {
    zip_t *zip;
    char *path;
    size_t count;
    Entry *entries; /* (count) sorted by name */
};

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to read the archive");
}

static int compare_entries(const void *left, const void *right)
{
    return strcmp(((const Entry *)left)->name, ((const Entry *)right)->name);
}

/* Keeps the names of the arrays, sorted, without their .npy, which may be missing, as in numpy.load. What lies in a
 * folder, as what other programs add, is left alone. */
static SpiralStatus list_entries(SpiralNpz *npz, SpiralError *error)
{
    zip_int64_t total = zip_get_num_entries(npz->zip, 0);
    npz->entries = spiral_allocate((size_t)total, sizeof *npz->entries);
    if (npz->entries == NULL)
        return no_memory(npz->path, error);
    for (zip_int64_t i = 0; i < total; i++) {
        const char *name = zip_get_name(npz->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        if (name == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, npz->path, 0, "damaged archive: entry %lld has no name",
                                    (long long)i);
        if (strpbrk(name, "/\\") != NULL)
            continue;
        size_t length = strlen(name);
        if (spiral_text_ends_with(name, ".npy"))
            length -= strlen(".npy");
        Entry *entry = &npz->entries[npz->count];
        entry->name = spiral_copy_bytes(name, length);
        entry->index = (zip_uint64_t)i;
        if (entry->name == NULL)
            return no_memory(npz->path, error);
        npz->count++;
    }
    qsort(npz->entries, npz->count, sizeof *npz->entries, compare_entries);
    for (size_t i = 1; i < npz->count; i++)
        if (strcmp(npz->entries[i - 1].name, npz->entries[i].name) == 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, npz->path, 0,
                                    "two arrays are named '%s', expected one of a name", npz->entries[i].name);
    return SPIRAL_OK;
}

/* The archive takes ownership of the descriptor. */
static SpiralStatus open_zip(SpiralNpz *npz, int descriptor, SpiralError *error)
{
    int code = 0;
    npz->zip = zip_fdopen(descriptor, ZIP_RDONLY, &code);
    if (npz->zip != NULL)
        return SPIRAL_OK;
    char start[SPIRAL_FILE_KIND_BYTES];
    ssize_t got = pread(descriptor, start, sizeof start, 0);
    close(descriptor);
    if (got > 0) {
        SpiralStatus status = spiral_file_kind_refuse(start, (size_t)got, SPIRAL_FILE_NPZ, npz->path, error);
        if (status != SPIRAL_OK)
            return status;
    }
    if (code == ZIP_ER_MEMORY)
        return no_memory(npz->path, error);
    zip_error_t details;
    zip_error_init_with_code(&details, code);
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, npz->path, 0, "is not a whole .npz archive: %s",
                                           zip_error_strerror(&details));
    zip_error_fini(&details);
    return status;
}

/* Refuses entries whose bytes in the file overlap, so that many cannot claim the same part of it. What all of them hold
 * is then bounded by the file's size. */
static SpiralStatus check_entries(const SpiralNpz *npz, uint64_t file_bytes, SpiralError *error)
{
    uint64_t left = file_bytes;
    zip_int64_t total = zip_get_num_entries(npz->zip, 0);
    for (zip_int64_t i = 0; i < total; i++) {
        zip_stat_t claim;
        if (zip_stat_index(npz->zip, (zip_uint64_t)i, 0, &claim) != 0 || (claim.valid & ZIP_STAT_COMP_SIZE) == 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, npz->path, 0, "damaged archive: entry %lld has no size",
                                    (long long)i);
        if (claim.comp_size > left)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, npz->path, 0,
                                    "the archive's entries claim more bytes than its %llu, expected entries that do "
                                    "not overlap",
                                    (unsigned long long)file_bytes);
        left -= claim.comp_size;
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_npz_open(const char *path, SpiralNpz **npz, SpiralError *error)
{
    int descriptor;
    *npz = NULL;
    SpiralStatus status = spiral_regular_open(NULL, path, O_RDONLY, &descriptor, error);
    return status == SPIRAL_OK ? spiral_npz_take(descriptor, path, npz, error) : status;
}

SpiralStatus spiral_npz_take(int descriptor, const char *path, SpiralNpz **npz, SpiralError *error)
{
    *npz = NULL;
    struct stat file;
    SpiralStatus status;
    bool known = fstat(descriptor, &file) == 0;
    SpiralNpz *made = known ? spiral_allocate(1, sizeof *made) : NULL;
    if (made == NULL || (made->path = spiral_copy_string(path)) == NULL) {
        status = known ? no_memory(path, error)
                       : spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read: %s", strerror(errno));
        close(descriptor);
        free(made);
        return status;
    }
    SpiralError refused; /* of the layout, which what libzip and the entries say goes before */
    SpiralStatus layout = spiral_npz_check_layout(descriptor, (uint64_t)file.st_size, made->path, &refused);
    status = open_zip(made, descriptor, error);
    if (status == SPIRAL_OK)
        status = check_entries(made, (uint64_t)file.st_size, error);
    if (status == SPIRAL_OK)
        status = list_entries(made, error);
    if (status == SPIRAL_OK && layout != SPIRAL_OK) {
        status = layout;
        if (error != NULL)
            *error = refused;
    }
    if (status != SPIRAL_OK) {
        spiral_npz_close(made);
        return status;
    }
    *npz = made;
    return SPIRAL_OK;
}

void spiral_npz_close(SpiralNpz *npz)
{
    if (npz == NULL)
        return;
    if (npz->zip != NULL)
        zip_discard(npz->zip);
    for (size_t i = 0; i < npz->count; i++)
        free(npz->entries[i].name);
    free(npz->entries);
    free(npz->path);
    free(npz);
}

static Entry *find(const SpiralNpz *npz, const char *name)
{
    for (size_t low = 0, high = npz->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, npz->entries[middle].name);
        if (order == 0)
            return &npz->entries[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool spiral_npz_has(const SpiralNpz *npz, const char *name)
{
    return find(npz, name) != NULL;
}

const char *spiral_npz_name(const SpiralNpz *npz, size_t index)
{
    return index < npz->count ? npz->entries[index].name : NULL;
}

/* ---- one array, read in pieces ----------------------------------------------------------------------------------- */

typedef struct Stream {
    SpiralNpySource source;
    SpiralError *error;
    zip_file_t *file;
    SpiralNpyHeader header;
    unsigned char *buffer; /* (SPIRAL_NPY_HEADER_MOST), which is larger than CHUNK_BYTES */
    size_t held;           /* bytes of elements at the front of the buffer */
    size_t left;           /* bytes of elements still in the archive */
} Stream;

static SpiralStatus refuse_zip(Stream *stream, zip_error_t *details)
{
    if (zip_error_code_zip(details) == ZIP_ER_MEMORY)
        return no_memory(stream->source.path, stream->error);
    return spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source, "damaged archive: %s",
                            zip_error_strerror(details));
}

/* What the archive claims about the entry must be possible, so that a false claim costs no memory. */
static SpiralStatus check_claim(const SpiralNpz *npz, const Entry *entry, Stream *stream, zip_stat_t *claim)
{
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(npz->zip, entry->index, 0, claim) != 0)
        return refuse_zip(stream, zip_get_error(npz->zip));
    if ((claim->valid & needed) != needed || claim->encryption_method != ZIP_EM_NONE)
        return spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source,
                                "is encrypted or incomplete in the archive, expected a plain entry");
    if (claim->comp_method != ZIP_CM_STORE && claim->comp_method != ZIP_CM_DEFLATE)
        return spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source,
                                "compression method %u, expected stored or deflated", claim->comp_method);
    uint64_t ratio = claim->comp_method == ZIP_CM_STORE ? 1 : DEFLATE_RATIO;
    if (claim->size / ratio > claim->comp_size)
        return spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source,
                                "claims %llu bytes from %llu, which is impossible", (unsigned long long)claim->size,
                                (unsigned long long)claim->comp_size);
    return SPIRAL_OK;
}

/* Reads up to size bytes to target, fewer only at the entry's end. */
static SpiralStatus read_bytes(Stream *stream, unsigned char *target, size_t size, size_t *read)
{
    *read = 0;
    while (*read < size) {
        zip_int64_t got = zip_fread(stream->file, target + *read, size - *read);
        if (got < 0)
            return refuse_zip(stream, zip_file_get_error(stream->file));
        if (got == 0)
            break;
        *read += (size_t)got;
    }
    return SPIRAL_OK;
}

static void close_stream(Stream *stream)
{
    if (stream->file != NULL)
        zip_fclose(stream->file);
    free(stream->buffer);
}

static bool same_shape(const SpiralExtents *a, const SpiralExtents *b)
{
    return a->dimensions == b->dimensions && memcmp(a->extent, b->extent, a->dimensions * sizeof *a->extent) == 0;
}

/* A caller that has seen an array's shape relies on it, but another process may have changed the file since. */
static SpiralStatus keep_shape(Entry *entry, const Stream *stream)
{
    if (entry->opened && !same_shape(&entry->shape, &stream->header.shape))
        return spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source, "has changed while it was read");
    entry->opened = true;
    entry->shape = stream->header.shape;
    return SPIRAL_OK;
}

/* Opens the array and parses its header. close_stream must be called even after a failure. */
static SpiralStatus open_stream(SpiralNpz *npz, const char *name, Stream *stream, SpiralError *error)
{
    *stream = (Stream){.source = {.path = npz->path, .array = name}, .error = error};
    Entry *entry = find(npz, name);
    if (entry == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, npz->path, 0, "has no array '%s'", name);
    zip_stat_t claim;
    SpiralStatus status = check_claim(npz, entry, stream, &claim);
    if (status != SPIRAL_OK)
        return status;
    stream->buffer = spiral_allocate(SPIRAL_NPY_HEADER_MOST, 1);
    if (stream->buffer == NULL)
        return no_memory(npz->path, error);
    stream->file = zip_fopen_index(npz->zip, entry->index, 0);
    if (stream->file == NULL)
        return refuse_zip(stream, zip_get_error(npz->zip));
    size_t read;
    status = read_bytes(stream, stream->buffer, SPIRAL_NPY_HEADER_MOST, &read);
    if (status == SPIRAL_OK)
        status = spiral_npy_parse(stream->buffer, read, claim.size, &stream->source, &stream->header, error);
    if (status == SPIRAL_OK)
        status = keep_shape(entry, stream);
    if (status != SPIRAL_OK)
        return status;
    /* An archive may hold more than it claims. finish_stream finds anything past the elements. */
    size_t behind = read - stream->header.data_offset;
    stream->held = behind < stream->header.data_bytes ? behind : stream->header.data_bytes;
    stream->left = stream->header.data_bytes - stream->held;
    memmove(stream->buffer, stream->buffer + stream->header.data_offset, stream->held);
    return SPIRAL_OK;
}

/* Moves whole elements to the front of the buffer, *count of them; 0 when there are no more. */
static SpiralStatus next_elements(Stream *stream, size_t *count)
{
    size_t item = stream->header.item_bytes, room = CHUNK_BYTES - stream->held % item;
    if (stream->held < item && stream->left > 0) {
        size_t wanted = stream->left < room ? stream->left : room, read;
        SpiralStatus status = read_bytes(stream, stream->buffer + stream->held, wanted, &read);
        if (status != SPIRAL_OK)
            return status;
        if (read < wanted)
            return spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source,
                                    "ends %zu bytes before the end of its elements (is the file cut off?)",
                                    stream->left - read);
        stream->held += read;
        stream->left -= read;
    }
    *count = stream->held / item;
    return SPIRAL_OK;
}

static void drop_elements(Stream *stream, size_t count)
{
    size_t bytes = count * stream->header.item_bytes;
    stream->held -= bytes;
    memmove(stream->buffer, stream->buffer + bytes, stream->held);
}

/* libzip compares the CRC only when reading past the end. */
static SpiralStatus finish_stream(Stream *stream)
{
    unsigned char more;
    size_t read;
    SpiralStatus status = read_bytes(stream, &more, 1, &read);
    if (status == SPIRAL_OK && read > 0)
        status = spiral_npy_error(stream->error, SPIRAL_ERROR_INPUT, &stream->source,
                                  "holds more than its header says, expected %zu bytes of elements",
                                  stream->header.data_bytes);
    return status;
}

typedef enum Wanted { DOUBLES, INTEGERS } Wanted;

/* values: shape.count items of 8 bytes each. */
static SpiralStatus decode_stream(Stream *stream, Wanted wanted, void *values)
{
    for (size_t first = 0, count = 0; first < stream->header.shape.count; first += count) {
        SpiralStatus status = next_elements(stream, &count);
        if (status == SPIRAL_OK && wanted == INTEGERS)
            status = spiral_npy_decode_integers(&stream->header, stream->buffer, first, count, &stream->source, values,
                                                stream->error);
        if (status != SPIRAL_OK)
            return status;
        if (wanted == DOUBLES)
            spiral_npy_decode_doubles(&stream->header, stream->buffer, first, count, values);
        drop_elements(stream, count);
    }
    return finish_stream(stream);
}

static SpiralStatus read_numbers(SpiralNpz *npz, const char *name, Wanted wanted, SpiralExtents *shape, void **values,
                                 SpiralError *error)
{
    Stream stream;
    void *made = NULL;
    SpiralStatus status = open_stream(npz, name, &stream, error);
    if (status == SPIRAL_OK)
        status = wanted == DOUBLES ? spiral_npy_expect_numbers(&stream.header, &stream.source, error)
                                   : spiral_npy_expect_integers(&stream.header, &stream.source, error);
    if (status == SPIRAL_OK) {
        made = spiral_allocate_doubles(stream.header.shape.count); /* int64_t has the size of a double */
        status = made != NULL ? decode_stream(&stream, wanted, made)
                              : spiral_npy_error(error, SPIRAL_ERROR_LIMIT, &stream.source, "no memory for %zu numbers",
                                                 stream.header.shape.count);
    }
    close_stream(&stream);
    if (status != SPIRAL_OK) {
        free(made);
        return status;
    }
    *shape = stream.header.shape;
    *values = made;
    return SPIRAL_OK;
}

SpiralStatus spiral_npz_read_doubles(SpiralNpz *npz, const char *name, SpiralExtents *shape, double **values,
                                     SpiralError *error)
{
    void *made = NULL;
    *values = NULL;
    SpiralStatus status = read_numbers(npz, name, DOUBLES, shape, &made, error);
    *values = made;
    return status;
}

SpiralStatus spiral_npz_read_integers(SpiralNpz *npz, const char *name, SpiralExtents *shape, int64_t **values,
                                      SpiralError *error)
{
    void *made = NULL;
    *values = NULL;
    SpiralStatus status = read_numbers(npz, name, INTEGERS, shape, &made, error);
    *values = made;
    return status;
}

SpiralStatus spiral_npz_read_strings(SpiralNpz *npz, const char *name, SpiralExtents *shape, char ***strings,
                                     SpiralError *error)
{
    *strings = NULL;
    Stream stream;
    unsigned char *raw = NULL;
    SpiralStatus status = open_stream(npz, name, &stream, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_expect_text(&stream.header, &stream.source, error);
    if (status == SPIRAL_OK) {
        size_t read;
        raw = spiral_allocate(stream.header.data_bytes, 1);
        if (raw == NULL) {
            status = no_memory(npz->path, error);
        } else {
            memcpy(raw, stream.buffer, stream.held);
            status = read_bytes(&stream, raw + stream.held, stream.left, &read);
            if (status == SPIRAL_OK && read < stream.left)
                status =
                    spiral_npy_error(error, SPIRAL_ERROR_INPUT, &stream.source, "ends before the end of its elements");
        }
    }
    if (status == SPIRAL_OK)
        status = finish_stream(&stream);
    if (status == SPIRAL_OK)
        status = spiral_npy_decode_strings(&stream.header, raw, 0, &stream.source, strings, error);
    if (status == SPIRAL_OK)
        *shape = stream.header.shape;
    close_stream(&stream);
    free(raw);
    return status;
}

SpiralStatus spiral_npz_look(SpiralNpz *npz, const char *name, SpiralExtents *shape, char *kind, SpiralError *error)
{
    Stream stream;
    SpiralStatus status = open_stream(npz, name, &stream, error);
    if (status == SPIRAL_OK) {
        *shape = stream.header.shape;
        *kind = stream.header.kind;
    }
    close_stream(&stream);
    return status;
}

void spiral_npz_describe(SpiralNpz *npz, char *text, size_t size)
{
    enum { MOST = 8, SHOWN_BYTES = 40 };
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < npz->count && used < size; i++) {
        SpiralExtents extents;
        SpiralError error;
        char kind, shape[96] = "";
        if (i == MOST) {
            snprintf(text + used, size - used, " and %zu more", npz->count - MOST);
            return;
        }
        if (spiral_npz_look(npz, npz->entries[i].name, &extents, &kind, &error) == SPIRAL_OK)
            spiral_extents_format(&extents, shape, sizeof shape);
        used +=
            (size_t)snprintf(text + used, size - used, "%s%.*s%s%s", i > 0 ? ", " : "",
                             SPIRAL_TEXT_CUT(npz->entries[i].name, SHOWN_BYTES), shape[0] != '\0' ? " " : "", shape);
    }
}
