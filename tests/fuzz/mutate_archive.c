/* mutate_archive.c: the entries of a .npz are removed, added, doubled, renamed and swapped, stored or deflated, and the
 * array in an entry is changed by mutate_npy. The archive is written anew, with the right sizes and checksums; now and
 * then one of them is not. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "mutate.h"

enum { MOST_ENTRIES = 24, NAME_BYTES = 32, LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22 };
enum { LOCAL_MAGIC = 0x04034b50, CENTRAL_MAGIC = 0x02014b50, END_MAGIC = 0x06054b50, STORED = 0, DEFLATED = 8 };

typedef struct Entry {
    char name[NAME_BYTES];
    size_t method;
    const uint8_t *bytes; /* (size) not compressed; in the archive's room */
    size_t size;
} Entry;

typedef struct Archive {
    size_t count;
    Entry entries[MOST_ENTRIES];
    uint32_t damage; /* xor to the checksum of the first entry */
    size_t used;     /* of room */
    uint8_t room[2 * MUTATE_MOST];
} Archive;

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static size_t get(const uint8_t *from, size_t bytes)
{
    size_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | from[i];
    return value;
}

/* Inflates an entry into the room. */
static bool inflate_entry(const uint8_t *packed, size_t packed_size, Archive *archive, Entry *entry)
{
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)packed,
                       .avail_in = (uInt)packed_size,
                       .next_out = archive->room + archive->used,
                       .avail_out = (uInt)entry->size};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == entry->size;
    inflateEnd(&stream);
    return whole;
}

/* Reads the entry that the central header at `header` describes. */
static bool read_entry(const uint8_t *data, size_t size, const uint8_t *header, Archive *archive)
{
    size_t packed = get(header + 20, 4), name = get(header + 28, 2), local = get(header + 42, 4);
    if (archive->count == MOST_ENTRIES || name >= NAME_BYTES || local + LOCAL_BYTES > size)
        return false;
    Entry *entry = &archive->entries[archive->count++];
    *entry =
        (Entry){.method = get(header + 10, 2), .bytes = archive->room + archive->used, .size = get(header + 24, 4)};
    memcpy(entry->name, header + CENTRAL_BYTES, name);
    size_t start = local + LOCAL_BYTES + get(data + local + 26, 2) + get(data + local + 28, 2);
    if (start > size || packed > size - start || entry->size > MUTATE_MOST - archive->used)
        return false;
    if (entry->method == STORED && entry->size == packed)
        memcpy(archive->room + archive->used, data + start, packed);
    else if (entry->method != DEFLATED || !inflate_entry(data + start, packed, archive, entry))
        return false;
    archive->used += entry->size;
    return true;
}

static bool read_archive(const uint8_t *data, size_t size, Archive *archive)
{
    archive->count = archive->used = archive->damage = 0;
    if (size < END_BYTES || get(data + size - END_BYTES, 4) != END_MAGIC) /* with a comment, too: changed blindly */
        return false;
    size_t entries = get(data + size - END_BYTES + 10, 2), at = get(data + size - END_BYTES + 16, 4);
    for (size_t i = 0; i < entries; i++) {
        if (at + CENTRAL_BYTES > size || get(data + at, 4) != CENTRAL_MAGIC)
            return false;
        size_t length = CENTRAL_BYTES + get(data + at + 28, 2) + get(data + at + 30, 2) + get(data + at + 32, 2);
        if (length > size - at || !read_entry(data, size, data + at, archive))
            return false;
        at += length;
    }
    return archive->count > 0;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static uint8_t *put(uint8_t *to, size_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *to++ = (uint8_t)(value >> (8 * i));
    return to;
}

/* Writes an entry's bytes, of at most `most`, and returns how many; SIZE_MAX when it has no room. */
static size_t pack(const Entry *entry, uint8_t *to, size_t most)
{
    if (entry->method == STORED) {
        if (entry->size > most)
            return SIZE_MAX;
        memcpy(to, entry->bytes, entry->size);
        return entry->size;
    }
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)entry->bytes,
                       .avail_in = (uInt)entry->size,
                       .next_out = to,
                       .avail_out = (uInt)most};
    if (deflateInit2(&stream, 1, Z_DEFLATED, -9, 1, Z_DEFAULT_STRATEGY) != Z_OK) /* with little memory */
        return SIZE_MAX;
    bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    deflateEnd(&stream);
    return whole ? stream.total_out : SIZE_MAX;
}

/* What a local and a central header share, from the version to the length of the extra field. */
static uint8_t *put_description(uint8_t *to, const Entry *entry, size_t packed, uint32_t damage)
{
    to = put(put(put(to, 20, 2), 0, 2), entry->method, 2); /* version, flags */
    to = put(to, 0x210000, 4);                             /* time and date */
    to = put(to, crc32(0, entry->bytes, (uInt)entry->size) ^ damage, 4);
    to = put(put(to, packed, 4), entry->size, 4);
    return put(put(to, strlen(entry->name), 2), 0, 2);
}

static uint8_t *put_name(uint8_t *to, const Entry *entry)
{
    memcpy(to, entry->name, strlen(entry->name));
    return to + strlen(entry->name);
}

/* Writes the archive; 0 when it has no room. */
static size_t write_archive(const Archive *archive, uint8_t *data, size_t most)
{
    size_t offsets[MOST_ENTRIES], packed[MOST_ENTRIES], directory_size = END_BYTES;
    uint8_t *to = data;
    for (size_t i = 0; i < archive->count; i++) {
        const Entry *entry = &archive->entries[i];
        size_t head = LOCAL_BYTES + strlen(entry->name);
        offsets[i] = (size_t)(to - data);
        directory_size += CENTRAL_BYTES + strlen(entry->name);
        if (offsets[i] + head + directory_size > most)
            return 0;
        packed[i] = pack(entry, to + head, most - offsets[i] - head - directory_size);
        if (packed[i] == SIZE_MAX)
            return 0;
        to = put_description(put(to, LOCAL_MAGIC, 4), entry, packed[i], i == 0 ? archive->damage : 0);
        to = put_name(to, entry) + packed[i];
    }
    size_t directory = (size_t)(to - data);
    for (size_t i = 0; i < archive->count; i++) {
        const Entry *entry = &archive->entries[i];
        to = put_description(put(put(to, CENTRAL_MAGIC, 4), 20, 2), entry, packed[i], i == 0 ? archive->damage : 0);
        to = put(put(put(to, 0, 8), 0, 2), offsets[i], 4); /* comment, disk, attributes */
        to = put_name(to, entry);
    }
    to = put(put(to, END_MAGIC, 4), 0, 4);
    to = put(put(to, archive->count, 2), archive->count, 2);
    return (size_t)(put(put(put(to, directory_size - END_BYTES, 4), directory, 4), 0, 2) - data);
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

static void rename_entry(Entry *entry, Random *random)
{
    static const char *const names[] = {"X.npy",
                                        "y.npy",
                                        "W.npy",
                                        "b.npy",
                                        "W1.npy",
                                        "b1.npy",
                                        "W2.npy",
                                        "b2.npy",
                                        "W3.npy",
                                        "b3.npy",
                                        "W01.npy",
                                        "mean.npy",
                                        "scale.npy",
                                        "features.npy",
                                        "classes.npy",
                                        "label.npy",
                                        "features_after_label.npy",
                                        "activation.npy",
                                        "counters.npy",
                                        "parameters.npy",
                                        "previous.npy",
                                        "slot1.npy",
                                        "slot2.npy",
                                        "best.npy",
                                        "losses.npy",
                                        "order.npy",
                                        "order_normal.npy",
                                        "dropout.npy",
                                        "dropout_normal.npy",
                                        "settings.npy",
                                        "notes.npy",
                                        "x.npy",
                                        "arr_0.npy",
                                        "data.npy",
                                        "target.npy",
                                        "X",
                                        "../X.npy",
                                        "a/X.npy",
                                        ""};
    strcpy(entry->name, RANDOM_OF(random, names));
}

/* The array in an entry; it is put behind the others, where it has room to grow. */
static void change_array(Archive *archive, Entry *entry, Random *random)
{
    uint8_t *moved = archive->room + archive->used;
    memcpy(moved, entry->bytes, entry->size);
    size_t size = mutate_npy(moved, entry->size, MUTATE_MOST, random);
    entry->size = size > 0 ? size : LLVMFuzzerMutate(moved, entry->size, MUTATE_MOST);
    entry->bytes = moved;
}

static void change(Archive *archive, Random *random)
{
    Entry *entry = &archive->entries[random_below(random, archive->count)];
    Entry *other = &archive->entries[random_below(random, archive->count)], kept = *entry;
    size_t kind = random_below(random, 24);
    if (kind == 0) {
        rename_entry(entry, random);
    } else if (kind == 1 && archive->count > 1) {
        *entry = archive->entries[--archive->count];
    } else if (kind == 2 && archive->count < MOST_ENTRIES) { /* doubled, perhaps under another name */
        archive->entries[archive->count] = kept;
        if (!one_in(random, 4))
            rename_entry(&archive->entries[archive->count], random);
        archive->count++;
    } else if (kind == 3) { /* other places, the same names */
        *entry = *other;
        *other = kept;
    } else if (kind == 4) { /* other contents */
        entry->bytes = other->bytes;
        entry->size = other->size;
    } else if (kind == 5) {
        entry->method = entry->method == STORED ? DEFLATED : STORED;
    } else if (kind == 6 && one_in(random, 4)) {
        archive->damage = 1;
    } else {
        change_array(archive, entry, random);
    }
}

size_t mutate_archive(uint8_t *bytes, size_t size, size_t most, Random *random)
{
    static Archive archive; /* both are large, and no execution needs two */
    static uint8_t made[MUTATE_MOST];
    if (!read_archive(bytes, size, &archive))
        return 0;
    change(&archive, random);
    size_t written = write_archive(&archive, made, most < sizeof made ? most : sizeof made);
    if (written > 0)
        memcpy(bytes, made, written);
    return written;
}
