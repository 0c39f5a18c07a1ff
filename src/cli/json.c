#include "cli/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

bool json_add_raw(cJSON *object, const char *key, const char *text)
{
    return cJSON_AddRawToObject(object, key, text) != NULL;
}

bool json_add_real(cJSON *object, const char *key, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    return json_add_raw(object, key, isfinite(value) ? text : "null");
}

bool json_add_size(cJSON *object, const char *key, size_t value)
{
    char text[40];
    snprintf(text, sizeof text, "%zu", value);
    return json_add_raw(object, key, text);
}

bool json_add_text(cJSON *object, const char *key, const char *text)
{
    return text == NULL ? cJSON_AddNullToObject(object, key) != NULL : cJSON_AddStringToObject(object, key, text) != NULL;
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

/* cJSON doesn't say why it can't parse, and its hooks have no context. Nothing else parses at the same time. */
static bool refused;

static void *allocate(size_t size)
{
    void *block = malloc(size);
    refused |= block == NULL;
    return block;
}

cJSON *json_parse(const char *text, bool *no_memory)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = free});
    refused = false;
    cJSON *root = cJSON_Parse(text);
    *no_memory = refused;
    return root;
}

char *json_text(const cJSON *root)
{
    char *json = cJSON_Print(root);
    if (json == NULL)
        return NULL;
    size_t length = strlen(json);
    char *text = cli_allocate(length + 2, 1);
    if (text != NULL) {
        memcpy(text, json, length);
        text[length] = '\n';
    }
    cJSON_free(json);
    return text;
}
