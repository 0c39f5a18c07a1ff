#define _POSIX_C_SOURCE 200809L
#include "cli/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
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

/* ---- what cJSON lets pass ---------------------------------------------------------------------------------------- */

static const char BLANKS[] = " \t\r\n";

static size_t line_of(const char *text, const char *at)
{
    size_t line = 1;
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    return line;
}

static SpiralStatus refuse_rest(const char *path, const char *text, const char *rest, const char *expected,
                                SpiralError *error)
{
    rest += strspn(rest, BLANKS);
    size_t line = line_of(text, rest), length = strcspn(rest, "\r\n");
    if (*rest == '\0')
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, line, "found the end of the text, expected %s",
                                expected);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, line, "found \"%.*s\", expected %s",
                            spiral_text_cut(rest, length, 60), rest, expected);
}

/* The first NUL character of the text, as a byte or as an escape, which would end a string within it; NULL when there
 * is none. */
static const char *find_nul(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || strncmp(text + i, "\\u0000", 6) == 0)
            return text + i;
        i += text[i] == '\\' && text[i + 1] != '\0';
    }
    return NULL;
}

/* Refuses a key that an object has twice: which of the two is meant? */
static SpiralStatus check_keys(const char *path, const cJSON *object, SpiralError *error)
{
    size_t count = 0, twice;
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        count++;
    }
    const char **keys = cli_allocate(count, sizeof *keys);
    if (keys == NULL)
        return cli_no_memory(error);
    count = 0;
    cJSON_ArrayForEach(item, object)
    {
        keys[count++] = item->string;
    }
    SpiralStatus status = SPIRAL_OK;
    if (!spiral_names_find_twice(keys, count, &twice))
        status = cli_no_memory(error);
    else if (twice != SPIRAL_NAME_MISSING)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                  "found the key \"%.*s\" twice in an object, expected it once",
                                  SPIRAL_TEXT_CUT(keys[twice], 100));
    free(keys);
    return status;
}

/* What spiral writes is three levels deep. Both cJSON and check_value call themselves for each level, and there may be
 * little room for that (ulimit -s). */
enum { MOST_LEVELS = 64 };

/* The bracket that opens one level too many, or NULL. */
static const char *find_too_deep(const char *text)
{
    size_t levels = 0;
    bool quoted = false;
    for (; *text != '\0'; text++) {
        if (quoted && *text == '\\' && text[1] != '\0')
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && (*text == ']' || *text == '}') && levels > 0)
            levels--;
        else if (!quoted && (*text == '[' || *text == '{') && ++levels > MOST_LEVELS)
            return text;
    }
    return NULL;
}

/* Looks at the value and at all within it. */
static SpiralStatus check_value(const char *path, const cJSON *value, SpiralError *error)
{
    if (cJSON_IsNumber(value) && !isfinite(value->valuedouble))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                "found a number that is too large for a double, expected one of at most 1.8e308");
    SpiralStatus status = cJSON_IsObject(value) ? check_keys(path, value, error) : SPIRAL_OK;
    for (const cJSON *item = value->child; status == SPIRAL_OK && item != NULL; item = item->next)
        status = check_value(path, item, error);
    return status;
}

SpiralStatus json_parse(const char *path, char *text, size_t length, cJSON **root, SpiralError *error)
{
    const char *end = find_nul(text, length);
    *root = NULL;
    if (end != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, line_of(text, end),
                                "found a NUL character, expected text without one");
    const char *deep = find_too_deep(text);
    if (deep != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, line_of(text, deep),
                                "found JSON with more than %d levels of brackets, expected at most %d", MOST_LEVELS,
                                MOST_LEVELS);
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = free});
    unescape_bytes(text);
    refused = false;
    cJSON *parsed = cJSON_ParseWithOpts(text, &end, false);
    if (refused)
        return cli_no_memory(error);
    if (parsed == NULL)
        return refuse_rest(path, text, end, "JSON", error);
    SpiralStatus status = check_value(path, parsed, error);
    if (status == SPIRAL_OK && end[strspn(end, BLANKS)] != '\0')
        status = refuse_rest(path, text, end, "nothing after the JSON", error);
    if (status == SPIRAL_OK)
        *root = parsed;
    else
        cJSON_Delete(parsed);
    return status;
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
    bool failed = ferror(file) != 0;
    fclose(file);
    if (text == NULL)
        return cli_no_memory(error);
    if (failed)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    else if (length > limit)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is longer than %zu bytes", limit);
    else
        status = json_parse(path, text, length, root, error);
    free(text);
    return status;
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
