#include "cli/summary.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* Adds a member to object; false when there is no memory. Numbers are written here: cJSON rounds some to 15 digits. */
static bool add_raw(cJSON *object, const char *key, const char *text)
{
    return cJSON_AddRawToObject(object, key, text) != NULL;
}

static bool add_real(cJSON *object, const char *key, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    return add_raw(object, key, isfinite(value) ? text : "null");
}

static bool add_size(cJSON *object, const char *key, size_t value)
{
    char text[40];
    snprintf(text, sizeof text, "%zu", value);
    return add_raw(object, key, text);
}

static bool add_text(cJSON *object, const char *key, const char *text)
{
    return text == NULL ? cJSON_AddNullToObject(object, key) != NULL : cJSON_AddStringToObject(object, key, text) != NULL;
}

static bool add_sizes(cJSON *object, const char *key, const size_t *values, size_t count)
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

static bool add_names(cJSON *object, const char *key, const char *const *names, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool added = array != NULL;
    for (size_t i = 0; added && i < count; i++)
        added = cJSON_AddItemToArray(array, cJSON_CreateString(names[i]));
    return added;
}

static bool add_option(cJSON *object, const Option *option, const void *settings, bool given)
{
    const void *value = (const char *)settings + option->offset;
    const size_t *sizes = value;
    char key[64], text[256];
    snprintf(key, sizeof key, "%s", option->name);
    for (char *c = key; *c != '\0'; c++) /* jq reads .learning_rate, and .learning-rate as a difference */
        if (*c == '-')
            *c = '_';
    option_print_value(option, settings, text, sizeof text);
    switch (option->kind) {
    case OPTION_REAL:
        return add_raw(object, key, option->no_default && !given ? "null" : text);
    case OPTION_FLAG:
    case OPTION_SIZE:
    case OPTION_SEED:
        return add_raw(object, key, text);
    case OPTION_SIZES:
        return add_sizes(object, key, ((const OptionSizes *)value)->values, ((const OptionSizes *)value)->count);
    case OPTION_PIXELS:
    case OPTION_PAIR:
        return add_sizes(object, key, sizes, 2);
    case OPTION_TEXT:
        return add_text(object, key, *(const char *const *)value);
    case OPTION_CHOICE:
    case OPTION_CHARACTER:
        return add_text(object, key, text);
    }
    return false;
}

static bool add_settings(cJSON *root, const OptionTable *table)
{
    cJSON *object = cJSON_AddObjectToObject(root, "settings");
    bool added = object != NULL;
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; added && i < table->groups[g].count; i++)
            added = add_option(object, &table->groups[g].options[i], table->groups[g].settings,
                               options_given(table, table->groups[g].options[i].name));
    return added;
}

static bool add_data(cJSON *root, const RunSummary *summary)
{
    const SpiralDataset *dataset = summary->dataset;
    char crc[16];
    snprintf(crc, sizeof crc, "%08lx", (unsigned long)spiral_dataset_checksum(dataset));
    cJSON *object = cJSON_AddObjectToObject(root, "data");
    return object != NULL && add_text(object, "source", summary->data_path != NULL ? summary->data_path : "generated") &&
           add_size(object, "rows", dataset->rows) && add_size(object, "features", dataset->features) &&
           add_size(object, "classes", dataset->classes) &&
           add_names(object, "class_names", dataset->class_names, dataset->classes) && add_text(object, "crc32", crc);
}

static bool add_network(cJSON *root, const SpiralNetwork *network)
{
    cJSON *object = cJSON_AddObjectToObject(root, "network");
    return object != NULL && add_sizes(object, "sizes", network->sizes, network->layers + 1) &&
           add_text(object, "activation", spiral_activation_name(network->activation)) &&
           add_size(object, "parameters", network->parameter_count);
}

static bool add_result(cJSON *root, const RunSummary *summary)
{
    const SpiralTrainResult *result = summary->result;
    const char *reason = summary->out_of_time ? "time-limit" : spiral_stop_reason_name(result->reason);
    bool added = add_text(root, "stopped", reason) && add_size(root, "iterations", result->iterations) &&
                 add_real(root, "loss", result->loss.loss) && add_real(root, "data_loss", result->loss.data_loss) &&
                 add_real(root, "reg_loss", result->loss.reg_loss) && add_real(root, "accuracy", result->accuracy);
    if (added && summary->validation != NULL)
        added = add_real(root, "validation_loss", result->validation_loss) &&
                add_real(root, "validation_accuracy", result->validation_accuracy) &&
                add_size(root, "validation_rows", summary->validation->rows);
    return added && add_real(root, "seconds", summary->seconds);
}

static bool add_version(cJSON *root)
{
    char blas[128];
    spiral_blas_version(blas, sizeof blas);
    return add_text(root, "version", spiral_version()) && add_text(root, "blas", blas) &&
           add_text(root, "blas_core", spiral_blas_core());
}

char *summary_make(const RunSummary *summary)
{
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && add_result(root, summary) &&
                 add_settings(root, summary->table) && add_data(root, summary) && add_network(root, summary->network) &&
                 add_version(root);
    char *json = added ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
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
