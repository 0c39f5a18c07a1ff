/* A mutator for .npz files: most of the time the content of one array is changed and the archive is written anew round
 * it, with the right sizes and CRC, since a blind change seldom gets past those. Otherwise the bytes are changed
 * blindly. */
#include <string.h>
#include <zip.h>
#include <zlib.h>

#include "memory_files.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size); /* libFuzzer's */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { MOST_ENTRIES = 24, MOST_BYTES = 1 << 16, NAME_BYTES = 32, LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22 };

typedef struct Entry {
    char name[NAME_BYTES];
    uint8_t *bytes;
    size_t size;
} Entry;

typedef struct Archive {
    size_t count;
    Entry entries[MOST_ENTRIES];
    size_t used; /* of room */
    uint8_t room[2 * MOST_BYTES];
} Archive;

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static int read_entry(zip_t *zip, zip_uint64_t index, Archive *archive)
{
    zip_stat_t about;
    zip_file_t *file = zip_fopen_index(zip, index, 0);
    if (file == NULL || archive->count == MOST_ENTRIES || zip_stat_index(zip, index, 0, &about) != 0 ||
        about.size > MOST_BYTES - archive->used || strlen(about.name) >= NAME_BYTES) {
        if (file != NULL)
            zip_fclose(file);
        return 0;
    }
    Entry *entry = &archive->entries[archive->count];
    strcpy(entry->name, about.name);
    entry->bytes = archive->room + archive->used;
    zip_int64_t got = zip_fread(file, entry->bytes, about.size);
    zip_fclose(file);
    if (got < 0)
        return 0;
    entry->size = (size_t)got;
    archive->used += entry->size;
    archive->count++;
    return 1;
}

static int read_archive(const uint8_t *data, size_t size, Archive *archive)
{
    archive->count = archive->used = 0;
    zip_source_t *source = zip_source_buffer_create(data, size, 0, NULL);
    zip_t *zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, NULL) : NULL;
    if (zip == NULL) {
        zip_source_free(source);
        return 0;
    }
    int whole = 1;
    for (zip_int64_t i = 0; whole && i < zip_get_num_entries(zip, 0); i++)
        whole = read_entry(zip, (zip_uint64_t)i, archive);
    zip_discard(zip);
    return whole && archive->count > 0;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static uint8_t *put(uint8_t *to, size_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *to++ = (uint8_t)(value >> (8 * i));
    return to;
}

/* What a local and a central header share, from the version to the length of the extra field. */
static uint8_t *put_description(uint8_t *to, const Entry *entry)
{
    to = put(to, 20, 2); /* version, flags, stored, time and date */
    to = put(to, 0, 6);
    to = put(to, 0x21, 2);
    to = put(to, crc32(0, entry->bytes, (uInt)entry->size), 4);
    to = put(to, entry->size, 4);
    to = put(to, entry->size, 4);
    to = put(to, strlen(entry->name), 2);
    return put(to, 0, 2);
}

/* Writes the archive to data, of at most max_size; 0 when it has no room. */
static size_t write_archive(const Archive *archive, uint8_t *data, size_t max_size)
{
    size_t offsets[MOST_ENTRIES], needed = END_BYTES;
    for (size_t i = 0; i < archive->count; i++)
        needed += LOCAL_BYTES + CENTRAL_BYTES + 2 * strlen(archive->entries[i].name) + archive->entries[i].size;
    if (needed > max_size)
        return 0;
    uint8_t *to = data;
    for (size_t i = 0; i < archive->count; i++) {
        const Entry *entry = &archive->entries[i];
        offsets[i] = (size_t)(to - data);
        to = put_description(put(to, 0x04034b50, 4), entry);
        memcpy(to, entry->name, strlen(entry->name));
        to += strlen(entry->name);
        memcpy(to, entry->bytes, entry->size);
        to += entry->size;
    }
    size_t directory = (size_t)(to - data);
    for (size_t i = 0; i < archive->count; i++) {
        const Entry *entry = &archive->entries[i];
        to = put_description(put(put(to, 0x02014b50, 4), 20, 2), entry);
        to = put(to, 0, 8); /* comment, disk, attributes */
        to = put(put(to, 0, 2), offsets[i], 4);
        memcpy(to, entry->name, strlen(entry->name));
        to += strlen(entry->name);
    }
    size_t directory_size = (size_t)(to - data) - directory;
    to = put(put(to, 0x06054b50, 4), 0, 4);
    to = put(put(to, archive->count, 2), archive->count, 2);
    to = put(put(put(to, directory_size, 4), directory, 4), 0, 2);
    return (size_t)(to - data);
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

static void rename_entry(Entry *entry, unsigned choice)
{
    static const char *const names[] = {
        "X",    "y",       "W",  "b",  "W1",    "b1",       "W2",         "b2",       "mean",  "scale",    "features",
        "best", "classes", "W3", "b3", "order", "settings", "activation", "counters", "slot1", "previous", "dropout"};
    snprintf(entry->name, sizeof entry->name, "%s.npy", names[choice % (sizeof names / sizeof *names)]);
}

static void change(Archive *archive, unsigned seed)
{
    unsigned kind = seed >> 2 & 15;
    size_t chosen = (seed >> 6) % archive->count;
    Entry *entry = &archive->entries[chosen];
    if (kind == 0)
        rename_entry(entry, seed >> 12);
    else if (kind == 1 && archive->count > 1)
        *entry = archive->entries[--archive->count];
    else if (kind == 2)
        entry->bytes = archive->entries[(seed >> 12) % archive->count].bytes; /* another's content, in its own length */
    else { /* behind the others, where there is room to grow */
        uint8_t *moved = memcpy(archive->room + MOST_BYTES, entry->bytes, entry->size);
        entry->bytes = moved;
        entry->size = LLVMFuzzerMutate(moved, entry->size, MOST_BYTES);
    }
    if (kind == 2 && entry->bytes + entry->size > archive->room + archive->used)
        entry->size = (size_t)(archive->room + archive->used - entry->bytes);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static Archive archive; /* large, and no execution needs two */
    if ((seed & 3) != 0 && read_archive(data, size, &archive)) {
        change(&archive, seed);
        size_t written = write_archive(&archive, data, max_size);
        if (written > 0)
            return written;
    }
    return LLVMFuzzerMutate(data, size, max_size);
}
