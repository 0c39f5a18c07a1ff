/* json.h: members of JSON objects, and their text.
 *
 * Paths are bytes, and JSON is UTF-8: a byte that is not UTF-8 is written as Python writes it, "\udcff" for 0xff, and
 * is that byte again when it is read. Characters that control a terminal are escaped, too. */
#ifndef SPIRAL_CLI_JSON_H
#define SPIRAL_CLI_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Each adds a member to object; false when there is no memory. Numbers are written here, since cJSON rounds some to
 * 15 digits. */
bool json_add_raw(cJSON *object, const char *key, const char *text);
bool json_add_real(cJSON *object, const char *key, double value); /* null when it is not finite */
bool json_add_size(cJSON *object, const char *key, size_t value);
bool json_add_text(cJSON *object, const char *key, const char *text); /* NULL: null */
bool json_add_sizes(cJSON *object, const char *key, const size_t *values, size_t count);
bool json_add_names(cJSON *object, const char *key, const char *const *names, size_t count);

/* Freed by cJSON_Delete; NULL when the text, which is changed, is no JSON, or when there is no memory. */
cJSON *json_parse(char *text, bool *no_memory);

/* The text with its final newline, freed by free(); NULL when there is no memory. */
char *json_text(const cJSON *root);

#endif
