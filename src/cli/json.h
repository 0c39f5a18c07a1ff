/* json.h: members of JSON objects, and their text.
 *
 * Paths are bytes, but JSON is UTF-8. A byte that is not UTF-8 is written as Python writes it, "\udcff" for 0xff, and
 * becomes that byte again when read. Characters that control a terminal are escaped, too. */
#ifndef SPIRAL_CLI_JSON_H
#define SPIRAL_CLI_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "spiral/status.h"

/* Each adds a member to object. False when out of memory. Numbers are formatted here, since cJSON rounds some of them
 * to 15 digits. */
bool json_add_raw(cJSON *object, const char *key, const char *text);
bool json_add_real(cJSON *object, const char *key, double value); /* null when not finite */
bool json_add_size(cJSON *object, const char *key, size_t value);
bool json_add_text(cJSON *object, const char *key, const char *text); /* NULL becomes null */
bool json_add_sizes(cJSON *object, const char *key, const size_t *values, size_t count);
bool json_add_names(cJSON *object, const char *key, const char *const *names, size_t count);

/* Parses the text (length, and a 0 behind it), which is modified; path is for messages. There must be one value, no key
 * twice in an object, and no NUL character in a text. *root is freed by cJSON_Delete. Errors: INPUT, LIMIT. */
SpiralStatus json_parse(const char *path, char *text, size_t length, cJSON **root, SpiralError *error);

/* The same of a regular file of at most limit bytes; within as in base/regular.h. */
SpiralStatus json_read(const char *within, const char *path, size_t limit, cJSON **root, SpiralError *error);

/* Prints the object on standard output, if all of it was added, and deletes it. A write error is detected at exit.
 * Errors: LIMIT (out of memory). */
SpiralStatus json_print(cJSON *root, bool added, SpiralError *error);

/* The text with a final newline, freed by free(). NULL when out of memory. */
char *json_text(const cJSON *root);

#endif
