#define _POSIX_C_SOURCE 200809L
#include "data/npz_layout.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* The fixed parts of an archive's records, in bytes (APPNOTE.TXT, section 4.3), and the most that a comment or a name
 * has. END64 is found by its LOCATOR, which lies before END. */
enum { LOCAL = 30, ENTRY = 46, END = 22, LOCATOR = 20, END64 = 56, MOST = UINT16_MAX };

typedef struct Layout {
    int descriptor;
    uint64_t size; /* of the file */
    const char *path;
    SpiralError *error;
    uint64_t directory, directory_bytes; /* where it is, and how long */
} Layout;

static uint64_t number(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

static bool begins(const unsigned char *record, const char *kind)
{
    return record[0] == 'P' && record[1] == 'K' && memcmp(record + 2, kind, 2) == 0;
}

/* Reads count bytes; false when the file does not have them. */
static bool read_at(const Layout *layout, uint64_t at, unsigned char *bytes, size_t count)
{
    size_t done = 0;
    if (at > layout->size || count > layout->size - at)
        return false;
    while (done < count) {
        ssize_t got = pread(layout->descriptor, bytes + done, count - done, (off_t)(at + done));
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static SpiralStatus refuse(const Layout *layout)
{
    return spiral_error_set(layout->error, SPIRAL_ERROR_INPUT, layout->path, 0,
                            "is more than an archive, or damaged: expected one .npz archive from the file's first byte "
                            "to its last");
}

static SpiralStatus no_memory(const Layout *layout)
{
    return spiral_error_set(layout->error, SPIRAL_ERROR_LIMIT, layout->path, 0, "no memory to read the archive");
}

/* Takes the directory's place from the record that large archives have, and some small ones. */
static void find_large(Layout *layout, uint64_t end, uint64_t *directory_end)
{
    unsigned char locator[LOCATOR], record[END64];
    if (end < LOCATOR || !read_at(layout, end - LOCATOR, locator, LOCATOR) || !begins(locator, "\6\7"))
        return;
    uint64_t at = number(locator + 8, 8);
    if (!read_at(layout, at, record, END64) || !begins(record, "\6\6"))
        return;
    *directory_end = at;
    layout->directory_bytes = number(record + 40, 8);
    layout->directory = number(record + 48, 8);
}

/* Finds the directory by the last record in the file, which has to end with it. tail: room for a comment and END. */
static bool find_directory(Layout *layout, unsigned char *tail)
{
    size_t length = layout->size < MOST + END ? (size_t)layout->size : MOST + END;
    unsigned char first[4];
    if (length < END || !read_at(layout, 0, first, sizeof first) ||
        !read_at(layout, layout->size - length, tail, length))
        return false;
    if (!begins(first, "\3\4") && !begins(first, "\5\6"))
        return false;
    size_t at = length - END;
    for (; at > 0 && !begins(tail + at, "\5\6"); at--)
        ;
    const unsigned char *record = tail + at;
    if (!begins(record, "\5\6") || number(record + 20, 2) != length - END - at)
        return false;
    uint64_t end = layout->size - length + at, directory_end = end;
    layout->directory_bytes = number(record + 12, 4);
    layout->directory = number(record + 16, 4);
    find_large(layout, end, &directory_end);
    return layout->directory <= directory_end && layout->directory_bytes == directory_end - layout->directory;
}

/* Is the name of the entry also the one where its bytes are? An offset of more than 4 bytes is not looked at. */
static bool agrees(const Layout *layout, const unsigned char *entry, size_t length, unsigned char *local)
{
    uint64_t at = number(entry + 42, 4);
    return at == UINT32_MAX || (read_at(layout, at, local, LOCAL + length) && begins(local, "\3\4") &&
                                number(local + 26, 2) == length && memcmp(local + LOCAL, entry + ENTRY, length) == 0);
}

static SpiralStatus check_names(const Layout *layout, const unsigned char *directory, unsigned char *local)
{
    size_t left = (size_t)layout->directory_bytes;
    for (size_t used; left > 0; directory += used, left -= used) {
        if (left < ENTRY || !begins(directory, "\1\2"))
            return refuse(layout);
        size_t length = (size_t)number(directory + 28, 2);
        used = ENTRY + length + (size_t)number(directory + 30, 2) + (size_t)number(directory + 32, 2);
        if (used > left)
            return refuse(layout);
        const char *name = (const char *)directory + ENTRY;
        if (!agrees(layout, directory, length, local))
            return spiral_error_set(layout->error, SPIRAL_ERROR_INPUT, layout->path, 0,
                                    "damaged archive: the entry '%.*s' has another name where its bytes are",
                                    spiral_text_cut(name, length, 100), name);
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_npz_check_layout(int descriptor, uint64_t size, const char *path, SpiralError *error)
{
    Layout layout = {.descriptor = descriptor, .size = size, .path = path, .error = error};
    unsigned char *room = spiral_allocate(MOST + ENTRY, 1), *directory = NULL;
    if (room == NULL)
        return no_memory(&layout);
    SpiralStatus status = find_directory(&layout, room) ? SPIRAL_OK : refuse(&layout);
    if (status == SPIRAL_OK && (directory = spiral_allocate((size_t)layout.directory_bytes + 1, 1)) == NULL)
        status = no_memory(&layout);
    if (status == SPIRAL_OK && !read_at(&layout, layout.directory, directory, (size_t)layout.directory_bytes))
        status = refuse(&layout);
    if (status == SPIRAL_OK)
        status = check_names(&layout, directory, room);
    free(directory);
    free(room);
    return status;
}
