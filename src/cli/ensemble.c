#include "cli/ensemble.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "cli/cli.h"

static const char *const *feature_names(const SpiralNetwork *network)
{
    return (const char *const *)network->feature_names;
}

static size_t classes_of(const SpiralNetwork *network)
{
    return network->sizes[network->layers];
}

static bool are_same(const char *const *names, const char *const *others, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], others[i]) != 0)
            return false;
    return true;
}

/* How much a model says about its columns. */
typedef enum Description { WEIGHTS_ALONE, WITHOUT_NAMES, WITH_NAMES } Description;

static Description describe(const SpiralNetwork *network)
{
    if (network->weights_only)
        return WEIGHTS_ALONE;
    return spiral_names_are_default(feature_names(network), network->sizes[0], "x") ? WITHOUT_NAMES : WITH_NAMES;
}

/* The first of the models that say most becomes the first of all. */
static void choose_first(Ensemble *ensemble)
{
    size_t best = 0;
    for (size_t i = 1; i < ensemble->count; i++)
        if (describe(ensemble->models[i]) > describe(ensemble->models[best]))
            best = i;
    SpiralNetwork *model = ensemble->models[best];
    const char *path = ensemble->paths[best];
    ensemble->models[best] = ensemble->models[0];
    ensemble->paths[best] = ensemble->paths[0];
    ensemble->models[0] = model;
    ensemble->paths[0] = path;
}

/* Do names say which of the first model's features are the other's? */
static SpiralStatus share_names(const SpiralNetwork *first, const SpiralNetwork *other, bool *shared,
                                SpiralError *error)
{
    *shared = describe(other) == WITH_NAMES;
    if (describe(other) != WITHOUT_NAMES || first->weights_only)
        return SPIRAL_OK;
    size_t *where = cli_allocate(first->sizes[0], sizeof *where);
    bool matched = where != NULL && spiral_names_match(feature_names(first), first->sizes[0], feature_names(other),
                                                       other->sizes[0], where);
    for (size_t d = 0; matched && d < first->sizes[0]; d++)
        *shared = *shared || where[d] < SPIRAL_NAME_TWICE;
    free(where);
    return matched ? SPIRAL_OK : cli_no_memory(error);
}

/* Puts the inputs and outputs of model i into the order of the first one's, if their names say which is which. */
static SpiralStatus make_alike(Ensemble *ensemble, size_t i, bool quiet, SpiralError *error)
{
    const SpiralNetwork *first = ensemble->models[0];
    SpiralNetwork *other = ensemble->models[i];
    bool shared, reordered;
    SpiralStatus status = share_names(first, other, &shared, error);
    if (status != SPIRAL_OK)
        return status;
    ensemble->nameless[i] = !shared;
    if (!shared)
        return SPIRAL_OK;
    ensemble->moved[i] =
        other->sizes[0] == first->sizes[0] && !are_same(feature_names(other), feature_names(first), first->sizes[0]);
    status = spiral_network_arrange(other, first->sizes[0], feature_names(first), NULL, classes_of(first),
                                    (const char *const *)first->class_names, &reordered, error);
    if (status != SPIRAL_OK)
        return cli_error_in(error, ensemble->paths[i]);
    if (reordered && !quiet)
        cli_note(ensemble->paths[i], "features or classes are in another order than in %s, and were matched by name",
                 ensemble->paths[0]);
    return SPIRAL_OK;
}

SpiralStatus ensemble_load(const FileList *files, bool quiet, Ensemble *ensemble, SpiralError *error)
{
    *ensemble = (Ensemble){0};
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < files->count; i++) {
        ensemble->paths[i] = files->paths[i];
        status = spiral_network_load(files->paths[i], &ensemble->models[i], error);
        ensemble->count += status == SPIRAL_OK;
    }
    if (status != SPIRAL_OK)
        return status;
    choose_first(ensemble);
    for (size_t i = 1; status == SPIRAL_OK && i < ensemble->count; i++)
        status = make_alike(ensemble, i, quiet, error);
    return status;
}

void ensemble_free(Ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->count; i++)
        spiral_network_free(ensemble->models[i]);
    ensemble->count = 0;
}

/* ---- the data ---------------------------------------------------------------------------------------------------- */

/* The features of model i are all columns of the file but the label, in the file's order. */
static SpiralStatus match_nameless(const Ensemble *ensemble, size_t i, const DataSettings *settings,
                                   const SpiralDataset *data, SpiralError *error)
{
    SpiralNetwork *model = ensemble->models[i];
    const SpiralNetwork *first = ensemble->models[0];
    if (data->unused > 0) {
        char names[256];
        spiral_names_list(data->unused_names, data->unused, names, sizeof names);
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->path, 0,
                                "%s finds its features by name and does not use %s, but %s has no names and takes all "
                                "columns as they stand: expected --ignore for those",
                                ensemble->paths[0], names, ensemble->paths[i]);
    }
    bool reordered;
    SpiralStatus status =
        spiral_network_arrange(model, data->features, feature_names(first), data->feature_columns, classes_of(first),
                               (const char *const *)first->class_names, &reordered, error);
    return status == SPIRAL_OK ? SPIRAL_OK : cli_error_in(error, ensemble->paths[i]);
}

/* The columns of the file count, because it has no names that the first model knows. All models must count alike. */
static SpiralStatus check_positions(const Ensemble *ensemble, size_t i, const DataSettings *settings,
                                    const SpiralDataset *data, SpiralError *error)
{
    const SpiralNetwork *first = ensemble->models[0], *model = ensemble->models[i];
    if (ensemble->moved[i])
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->path, 0,
                                "has no names for its columns, and %s has its features in another order than %s: "
                                "expected a header",
                                ensemble->paths[i], ensemble->paths[0]);
    bool place_counts = data->y != NULL && data->label_column != SIZE_MAX && settings->load.label == NULL;
    if (!place_counts || model->weights_only || model->features_after_label == first->features_after_label)
        return SPIRAL_OK;
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->path, 0,
                                           "has no names for its columns, and %s had its label in another place than "
                                           "%s: expected to be told where it is",
                                           ensemble->paths[i], ensemble->paths[0]);
    return spiral_error_suggest(error, status, SPIRAL_REMEDY_LABEL, "COLUMN");
}

/* Were the columns counted that the network's features are in? */
static bool goes_by_position(const SpiralNetwork *network, const SpiralDataset *data)
{
    if (network->weights_only || !are_same(feature_names(network), data->feature_names, data->features))
        return true;
    return data->label_name == NULL && spiral_names_are_numbers(data->feature_names, data->features, "x");
}

SpiralStatus ensemble_match(Ensemble *ensemble, const DataSettings *settings, const SpiralDataset *data,
                            SpiralError *error)
{
    bool by_position = goes_by_position(ensemble->models[0], data);
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 1; status == SPIRAL_OK && i < ensemble->count; i++) {
        if (by_position)
            status = check_positions(ensemble, i, settings, data, error);
        if (status == SPIRAL_OK && ensemble->nameless[i])
            status = match_nameless(ensemble, i, settings, data, error);
    }
    return status;
}
