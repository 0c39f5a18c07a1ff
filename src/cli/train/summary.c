#include "cli/train/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/build.h"
#include "cli/cli.h"
#include "cli/json.h"

static bool add_value(cJSON *object, const char *key, const Option *option, const void *settings, bool given)
{
    const void *value = (const char *)settings + option->offset;
    if (option->kind == OPTION_SIZES)
        return json_add_sizes(object, key, ((const OptionSizes *)value)->values, ((const OptionSizes *)value)->count);
    if (option->kind == OPTION_TEXT)
        return json_add_text(object, key, *(const char *const *)value);
    char *text = option_value(option, settings);
    bool number = option->kind == OPTION_REAL || option->kind == OPTION_FLAG || option->kind == OPTION_SIZE ||
                  option->kind == OPTION_SEED;
    bool left_out = option->kind == OPTION_REAL && option->no_default && !given;
    bool added = text != NULL &&
                 (number ? json_add_raw(object, key, left_out ? "null" : text) : json_add_text(object, key, text));
    free(text);
    return added;
}

static bool add_option(cJSON *object, const Option *option, const void *settings, bool given)
{
    char key[64];
    snprintf(key, sizeof key, "%s", option->name);
    for (char *c = key; *c != '\0'; c++) /* jq reads .learning_rate, and .learning-rate as a difference */
        if (*c == '-')
            *c = '_';
    return add_value(object, key, option, settings, given);
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
    return object != NULL &&
           json_add_text(object, "source", summary->data_path != NULL ? summary->data_path : "generated") &&
           json_add_size(object, "rows", dataset->rows) && json_add_size(object, "features", dataset->features) &&
           json_add_size(object, "classes", dataset->classes) &&
           json_add_names(object, "class_names", dataset->class_names, dataset->classes) &&
           json_add_text(object, "crc32", crc);
}

/* Which implementation computed each layer's products: "fused" or "blas". */
static bool add_products(cJSON *object, const SpiralNetwork *network)
{
    cJSON *array = cJSON_AddArrayToObject(object, "products");
    bool added = array != NULL;
    for (size_t l = 0; added && l < network->layers; l++)
        added = cJSON_AddItemToArray(
            array, cJSON_CreateStringReference(spiral_network_layer_is_fused(network, l) ? "fused" : "blas"));
    return added;
}

static bool add_network(cJSON *root, const SpiralNetwork *network)
{
    cJSON *object = cJSON_AddObjectToObject(root, "network");
    return object != NULL && json_add_sizes(object, "sizes", network->sizes, network->layers + 1) &&
           json_add_text(object, "activation", spiral_activation_name(network->activation)) &&
           json_add_size(object, "parameters", network->parameter_count) && add_products(object, network);
}

static bool add_result(cJSON *root, const RunSummary *summary)
{
    const SpiralTrainResult *result = summary->result;
    const char *reason = summary->out_of_time ? "time-limit" : spiral_stop_reason_name(result->reason);
    bool added =
        json_add_text(root, "stopped", reason) && json_add_size(root, "iterations", result->iterations) &&
        json_add_real(root, "loss", result->loss.loss) && json_add_real(root, "data_loss", result->loss.data_loss) &&
        json_add_real(root, "reg_loss", result->loss.reg_loss) && json_add_real(root, "accuracy", result->accuracy);
    if (added && summary->validation != NULL)
        added = json_add_real(root, "validation_loss", result->validation_loss) &&
                json_add_real(root, "validation_accuracy", result->validation_accuracy) &&
                json_add_size(root, "validation_rows", summary->validation->rows);
    return added && json_add_real(root, "seconds", summary->seconds);
}

char *summary_make(const RunSummary *summary)
{
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && add_result(root, summary) && add_settings(root, summary->table) &&
                 add_data(root, summary) && add_network(root, summary->network) && build_add(root);
    char *text = added ? json_text(root) : NULL;
    cJSON_Delete(root);
    return text;
}
