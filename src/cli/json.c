#define _POSIX_C_SOURCE 200809L
#include "cli/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/regular.h"
#include "base/text.h"
#include "cli/cli.h"

bool json_add_raw(cJSON *object, const char *key, const char *text)
{
    return cJSON_AddRawToObject(object, key, text) != NULL;
}

bool json_add_real(cJSON *object, const char *key, double value)
{
    char text[SPIRAL_NUMBER_TEXT] = "null";
    if (isfinite(value))
        spiral_number_print(value, text);
    return json_add_raw(object, key, text);
}

bool json_add_size(cJSON *object, const char *key, size_t value)
{
    char text[40];
    snprintf(text, sizeof text, "%zu", value);
    return json_add_raw(object, key, text);
}

bool json_add_text(cJSON *object, const char *key, const char *text)
{
    return text == NULL ? cJSON_AddNullToObject(object, key) != NULL
                        : cJSON_AddStringToObject(object, key, text) != NULL;
}

bool json_add_sizes(cJSON *object, const char *key, const size_t *values, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool added = array != NULL;
    for (size_t i = 0; added && i < count; i++) {
        char text[40];
        snprintf(text, sizeof text, "%zu", values[i]);
        added = cJSON_AddItemToArray(array, cJSON_CreateRaw(text));
    }
    return added;
}

bool json_add_names(cJSON *object, const char *key, const char *const *names, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool added = array != NULL;
    for (size_t i = 0; added && i < count; i++)
        added = cJSON_AddItemToArray(array, cJSON_CreateString(names[i]));
    return added;
}

/* cJSON doesn't say why parsing failed, and its hooks have no context argument. Only one text is parsed at a time. */
static bool refused;

static void *allocate(size_t size)
{
    void *block = malloc(size);
    refused |= block == NULL;
    return block;
}

/* The byte that the escape "\udc80".."\udcff" at text stands for, or 0 when there is no such escape. */
static unsigned char escaped_byte(const char *text)
{
    static const char digits[] = "0123456789abcdef";
    if (text[0] != '\\' || text[1] != 'u' || strncasecmp(text + 2, "dc", 2) != 0 || !isxdigit((unsigned char)text[4]) ||
        !isxdigit((unsigned char)text[5]))
        return 0;
    size_t high = (size_t)(strchr(digits, tolower((unsigned char)text[4])) - digits);
    size_t low = (size_t)(strchr(digits, tolower((unsigned char)text[5])) - digits);
    return high >= 8 ? (unsigned char)(16 * high + low) : 0;
}

/* Does text begin with the first escape of a surrogate pair? */
static bool begins_pair(const char *text)
{
    return text[0] == '\\' && text[1] == 'u' && (text[2] == 'd' || text[2] == 'D') && text[3] != '\0' &&
           strchr("89abAB", text[3]) != NULL;
}

/* Undoes json_text's escapes of bytes that are not UTF-8, in place. */
static void unescape_bytes(char *text)
{
    char *end = text;
    while (*text != '\0') {
        size_t length = strnlen(text, begins_pair(text) ? 12 : text[0] == '\\' ? 2 : 1);
        unsigned char byte = escaped_byte(text);
        if (byte != 0) {
            *end++ = (char)byte;
            text += 6;
            continue;
        }
        memmove(end, text, length);
        end += length;
        text += length;
    }
    *end = '\0';
}

cJSON *json_parse(char *text, bool *no_memory)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = free});
    unescape_bytes(text);
    refused = false;
    cJSON *root = cJSON_Parse(text);
    *no_memory = refused;
    return root;
}

/* Reads the rest of the file, terminated by 0, and its length; stops at most one step past the limit. NULL when out of
 * memory. */
static char *read_text(FILE *file, size_t limit, size_t *length)
{
    size_t capacity = 4096;
    char *text = NULL;
    *length = 0;
    for (;; capacity *= 2) {
        char *longer = realloc(text, capacity + 1);
        if (longer == NULL) {
            free(text);
            return NULL;
        }
        text = longer;
        *length += fread(text + *length, 1, capacity - *length, file);
        if (*length < capacity || *length > limit)
            break;
    }
    text[*length] = '\0';
    return text;
}

SpiralStatus json_read(const char *within, const char *path, size_t limit, cJSON **root, SpiralError *error)
{
    *root = NULL;
    FILE *file;
    SpiralStatus status = spiral_regular_read(within, path, &file, error);
    if (status != SPIRAL_OK)
        return status;
    size_t length;
    char *text = read_text(file, limit, &length);
    bool failed = ferror(file) != 0, no_memory = text == NULL;
    fclose(file);
    if (failed)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    else if (text != NULL && length > limit)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is longer than %zu bytes", limit);
    else if (text != NULL)
        *root = json_parse(text, &no_memory);
    free(text);
    return no_memory && status == SPIRAL_OK ? cli_no_memory(error) : status;
}

/* Writes the character at json as json_text escapes it, at most 12 bytes. *used is set to the number of bytes read from
 * json. cJSON has already escaped everything below U+0020. */
static size_t write_character(const char *json, size_t *used, char text[13])
{
    uint32_t code = spiral_text_decode(json, strnlen(json, 4), used);
    if (*used == 0) {
        *used = 1;
        return (size_t)snprintf(text, 13, "\\udc%02x", (unsigned)(unsigned char)json[0]);
    }
    if (code < 0x7f || !spiral_text_is_control(code)) {
        memcpy(text, json, *used);
        return *used;
    }
    if (code < 0x10000)
        return (size_t)snprintf(text, 13, "\\u%04x", (unsigned)code);
    code -= 0x10000;
    return (size_t)snprintf(text, 13, "\\u%04x\\u%04x", (unsigned)(0xd800 + (code >> 10)),
                            (unsigned)(0xdc00 + (code & 0x3ff)));
}

char *json_text(const cJSON *root)
{
    char *json = cJSON_Print(root), piece[13];
    if (json == NULL)
        return NULL;
    size_t length = 0, used;
    for (const char *next = json; *next != '\0'; next += used)
        length += write_character(next, &used, piece);
    char *text = cli_allocate(length + 2, 1), *end = text;
    for (const char *next = json; text != NULL && *next != '\0'; next += used) {
        size_t size = write_character(next, &used, piece);
        memcpy(end, piece, size);
        end += size;
    }
    if (text != NULL)
        *end = '\n';
    cJSON_free(json);
    return text;
}

SpiralStatus json_print(cJSON *root, bool added, SpiralError *error)
{
    char *text = added ? json_text(root) : NULL;
    cJSON_Delete(root);
    if (text == NULL)
        return cli_no_memory(error);
    fputs(text, stdout);
    free(text);
    return SPIRAL_OK;
}
