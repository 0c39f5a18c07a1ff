/* page_data.c: the numbers of the explanation for the part of its page that answers to the reader. */
#include <stdlib.h>

#include "cli/explain/explanation.h"
#include "cli/json.h"

/* The shown entries of a row of `values`, which has the length of the whole axis. */
static bool add_row(cJSON *array, const Axis *axis, const double *values)
{
    cJSON *row = cJSON_CreateArray();
    bool added = cJSON_AddItemToArray(array, row);
    for (size_t c = 0; added && c < axis->count; c++)
        added = cJSON_AddItemToArray(row, cJSON_CreateNumber(values[axis->index[c]]));
    return added;
}

/* values (rows, columns->total); of each row its shown entries. */
static bool add_observations(cJSON *object, const char *key, size_t rows, const Axis *columns, const double *values)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool added = array != NULL;
    for (size_t i = 0; added && i < rows; i++)
        added = add_row(array, columns, values + i * columns->total);
    return added;
}

/* The shown part of a matrix (rows->total, columns->total). */
static bool add_matrix(cJSON *object, const char *key, const Axis *rows, const Axis *columns, const double *values)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool added = array != NULL;
    for (size_t r = 0; added && r < rows->count; r++)
        added = add_row(array, columns, values + rows->index[r] * columns->total);
    return added;
}

static bool add_labels(cJSON *object, const char *key, const Axis *axis)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool added = array != NULL;
    for (size_t i = 0; added && i < axis->count; i++)
        added = cJSON_AddItemToArray(array, cJSON_CreateString(axis->label[i].text));
    return added;
}

static bool add_names(cJSON *object, const LayerView *look)
{
    cJSON *names = cJSON_AddObjectToObject(object, "names");
    return names != NULL && json_add_text(names, "X", look->X) && json_add_text(names, "W", look->W_name) &&
           json_add_text(names, "b", look->b_name) && json_add_text(names, "Z", look->Z) &&
           json_add_text(names, "dZ", look->dZ) && json_add_text(names, "dW", look->dW) &&
           json_add_text(names, "db", look->db);
}

static bool add_layer(cJSON *layers, const ExplanationView *view, size_t l)
{
    const LayerView look = view_layer(view, l);
    size_t rows = view->explanation->rows;
    cJSON *object = cJSON_CreateObject(), *b = NULL;
    bool added = cJSON_AddItemToArray(layers, object) && add_names(object, &look) &&
                 json_add_size(object, "total_inputs", look.inputs->total) &&
                 add_labels(object, "inputs", look.inputs) && add_labels(object, "outputs", look.outputs) &&
                 json_add_sizes(object, "output_indices", look.outputs->index, look.outputs->count) &&
                 add_observations(object, "A", rows, look.inputs, look.layer->A) &&
                 add_matrix(object, "W", look.inputs, look.outputs, look.W) &&
                 add_observations(object, "Z", rows, look.outputs, look.layer->Z) &&
                 add_observations(object, "dZ", rows, look.outputs, look.layer->dZ) &&
                 (b = cJSON_AddArrayToObject(object, "b")) != NULL;
    for (size_t k = 0; added && k < look.outputs->count; k++)
        added = cJSON_AddItemToArray(b, cJSON_CreateNumber(look.b[look.outputs->index[k]]));
    return added;
}

/* The loss of each observation, and the name of its class. */
static bool add_losses(cJSON *root, const ExplanationView *view)
{
    const SpiralExplanation *explanation = view->explanation;
    cJSON *losses = cJSON_AddArrayToObject(root, "losses"), *classes = cJSON_AddArrayToObject(root, "class_of");
    bool added = losses != NULL && classes != NULL;
    for (size_t i = 0; added && i < explanation->rows; i++)
        added = cJSON_AddItemToArray(losses, cJSON_CreateNumber(explanation->losses[i])) &&
                cJSON_AddItemToArray(classes, cJSON_CreateString(view->network->class_names[explanation->y[i]]));
    return added;
}

char *explanation_page_data(const ExplanationView *view)
{
    const SpiralExplanation *explanation = view->explanation;
    cJSON *root = cJSON_CreateObject(), *layers = NULL;
    bool added = root != NULL && json_add_size(root, "decimals", (size_t)view->decimals) &&
                 json_add_sizes(root, "observations", explanation->row, explanation->rows) &&
                 json_add_sizes(root, "y", explanation->y, explanation->rows) && add_losses(root, view) &&
                 (layers = cJSON_AddArrayToObject(root, "layers")) != NULL;
    for (size_t l = 0; added && l < explanation->layers; l++)
        added = add_layer(layers, view, l);
    char *text = added ? json_text(root) : NULL;
    cJSON_Delete(root);
    return text;
}
