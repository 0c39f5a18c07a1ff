#include "cli/train/warnings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"

/* A look comes when a tenth more iterations have been made than at the one before: changes are looked for on the scale
 * of the training so far. And not before the updates since then have taken ten times the work of a look, of which each
 * takes that of some rows whatever it does. */
static const size_t ITERATIONS_PART = 10, WORK_PART = 10, ROWS_OF_AN_UPDATE = 16;

/* A loss this near to that of a guess by the classes' shares, for balanced classes ln K, has learnt nothing: for ln K
 * the difference, and in proportion for classes of other shares. */
static const double LEARNT_LEAST = 0.05;

/* Fewer updates than this are a try, not a training. */
enum { LEAST_UPDATES = 100 };

/* The notes: a validation loss that rises while the training loss falls is overfitting. At this multiple of its lowest
 * it is no longer noise. In the middle of a training, where it may fall again, it takes more, and so many looks in a
 * row. */
static const double OVERFITTED = 1.5, OVERFITTED_EARLY = 2.0;
enum { OVERFITTED_LOOKS = 6 };

/* A validation loss that has risen by less than this part of a guess's loss costs nothing worth a warning. */
static const double OVERFITTED_LEAST = 0.005;

/* A loss that ends above its lowest by this part of a guess's loss has come apart. */
static const double RISEN = 0.25;

const char *training_cause_name(TrainingCause cause)
{
#define TRAINING_CAUSE_NAME(code, name) [code] = (name),
    static const char *const names[] = {TRAINING_CAUSE_LIST(TRAINING_CAUSE_NAME)};
#undef TRAINING_CAUSE_NAME
    return names[cause];
}

void training_warning_print(const TrainingWarning *warning, char *text, size_t size)
{
    snprintf(text, size, "%s", warning->text);
    for (size_t i = 0; i < COUNT(warning->remedy) && warning->remedy[i][0] != '\0'; i++)
        cli_append(text, size, "%s%s", i == 0 ? ": try " : warning->together ? " and " : " or ", warning->remedy[i]);
}

/* The entropy of the classes' shares; NaN when out of memory. */
static double loss_by_chance(const SpiralDataset *dataset)
{
    size_t *count = cli_allocate(dataset->classes, sizeof *count);
    if (count == NULL)
        return NAN;
    double entropy = 0.0;
    for (size_t i = 0; i < dataset->rows; i++)
        count[dataset->y[i]]++;
    for (size_t k = 0; k < dataset->classes; k++) {
        double share = (double)count[k] / (double)dataset->rows;
        entropy -= share > 0.0 ? share * log(share) : 0.0;
    }
    free(count);
    return entropy;
}

SpiralStatus training_warnings_start(TrainingWarnings *warnings, const TrainSettings *settings,
                                     const SpiralNetwork *network, const TrainData *data, SpiralError *error)
{
    *warnings = (TrainingWarnings){.settings = settings,
                                   .network = network,
                                   .dataset = data->dataset,
                                   .validation_rows = data->validation != NULL ? data->validation->rows : 0,
                                   .chance = loss_by_chance(data->dataset),
                                   .best.loss = INFINITY,
                                   .lowest.loss = INFINITY};
    if (isnan(warnings->chance))
        return cli_no_memory(error);
    SpiralStatus status = spiral_layer_meter_create(network, data->dataset, &warnings->meter, error);
    if (status != SPIRAL_OK)
        return status;
    warnings->begin.loss = spiral_layer_meter_measure(warnings->meter);
    memcpy(warnings->first, spiral_layer_meter_layers(warnings->meter), network->layers * sizeof *warnings->first);
    return SPIRAL_OK;
}

void training_warnings_free(TrainingWarnings *warnings)
{
    spiral_layer_meter_free(warnings->meter);
    warnings->meter = NULL;
}

/* A new warning of that iteration, which counts once it is kept. There is room for one more than are kept. */
static TrainingWarning *begin_warning(TrainingWarnings *warnings, size_t iteration)
{
    TrainingWarning *warning = &warnings->given[warnings->count];
    *warning = (TrainingWarning){.iteration = iteration};
    return warning;
}

/* Keeps it, unless its cause has been named, or there are enough; returns it or NULL. */
static TrainingWarning *keep_warning(TrainingWarnings *warnings, TrainingWarning *warning)
{
    bool kept = warnings->count < MOST_WARNINGS;
    for (size_t i = 0; i < warnings->count; i++)
        kept = kept && warnings->given[i].cause != warning->cause;
    warnings->count += kept;
    return kept ? warning : NULL;
}

static bool is_overfitted(const TrainingWarnings *warnings, double validation_loss, double factor)
{
    double lowest = warnings->lowest.loss;
    return validation_loss >= factor * lowest && validation_loss - lowest >= OVERFITTED_LEAST * warnings->chance;
}

bool training_warnings_due(const TrainingWarnings *warnings, const SpiralTrainRecord *record)
{
    return record->iteration >= warnings->next;
}

/* The mean of a loss over so many rows. */
static double row_loss(const TrainingWarnings *warnings, double loss, size_t rows)
{
    bool sum = warnings->settings->run.training.objective.reduction == SPIRAL_REDUCTION_SUM;
    return sum ? loss / (double)rows : loss;
}

/* The iterations from one look to the next. */
static size_t wait_after(const TrainingWarnings *warnings, size_t iteration)
{
    size_t rows = warnings->dataset->rows, batch = warnings->settings->run.training.batch_size;
    size_t update = (batch > 0 && batch < rows ? batch : rows) + ROWS_OF_AN_UPDATE;
    size_t seen = rows < SPIRAL_LAYER_ROWS ? rows : SPIRAL_LAYER_ROWS;
    size_t least = WORK_PART * seen / update, part = iteration / ITERATIONS_PART;
    return 1 + (part > least ? part : least);
}

static void remember(TrainingWarnings *warnings, Look look)
{
    if (warnings->recent_count == RECENT_LOOKS)
        memmove(warnings->recent, warnings->recent + 1, (RECENT_LOOKS - 1) * sizeof look);
    else
        warnings->recent_count++;
    warnings->recent[warnings->recent_count - 1] = look;
    if (look.loss < warnings->best.loss)
        warnings->best = look;
}

/* Has a hidden layer of ReLUs none that is positive for some row? No gradient passes it, so that it cannot recover. */
static bool has_dead_layer(const TrainingWarnings *warnings)
{
    const SpiralNetwork *network = warnings->network;
    const SpiralLayerStatistics *layers = spiral_layer_meter_layers(warnings->meter);
    for (size_t l = 0; l + 1 < network->layers && network->activation == SPIRAL_ACTIVATION_RELU; l++)
        if (layers[l].dead == 1.0)
            return true;
    return false;
}

static double training_loss(const TrainingWarnings *warnings)
{
    return warnings->recent_count > 0 ? warnings->recent[warnings->recent_count - 1].loss : warnings->begin.loss;
}

const TrainingWarning *training_warnings_check(TrainingWarnings *warnings, const SpiralTrainRecord *record)
{
    bool due = training_warnings_due(warnings, record);
    double validation = row_loss(warnings, record->validation_loss, warnings->validation_rows);
    if (due)
        remember(warnings, (Look){record->iteration, spiral_layer_meter_measure(warnings->meter)});
    double loss = training_loss(warnings);
    if (validation < warnings->lowest.loss) {
        warnings->lowest = (Look){record->iteration, validation};
        warnings->lowest_training = loss;
    }
    if (!due)
        return NULL;
    warnings->next = record->iteration + wait_after(warnings, record->iteration);
    bool overfitted = is_overfitted(warnings, validation, OVERFITTED_EARLY) && loss < warnings->lowest_training;
    warnings->overfitted = overfitted ? warnings->overfitted + 1 : 0;
    TrainingWarning *warning = begin_warning(warnings, record->iteration);
    if (has_dead_layer(warnings)) {
        snprintf(warning->text, sizeof warning->text, "iteration %zu: ", record->iteration);
        training_diagnose(warnings, record->iteration, false, loss, warning);
    } else if (warnings->overfitted >= OVERFITTED_LOOKS && warnings->settings->run.training.patience == 0) {
        training_diagnose_overfitting(warnings, validation, warning);
    } else {
        return NULL;
    }
    warning = keep_warning(warnings, warning);
    warnings->early = warnings->count;
    return warning;
}

const TrainingWarning *training_warnings_end(TrainingWarnings *warnings, const SpiralTrainResult *result)
{
    double loss = row_loss(warnings, result->loss.data_loss, warnings->dataset->rows), chance = warnings->chance;
    double validation = row_loss(warnings, result->validation_loss, warnings->validation_rows);
    double nothing = chance * (1.0 - LEARNT_LEAST / log((double)warnings->dataset->classes));
    bool ended = result->reason != SPIRAL_STOP_INTERRUPTED && result->reason != SPIRAL_STOP_DIVERGED;
    TrainingWarning *warning = begin_warning(warnings, result->iterations);
    if (!ended || result->iterations < LEAST_UPDATES)
        return NULL;
    bool stuck = loss > nothing, risen = loss > warnings->best.loss + RISEN * chance;
    bool worse = is_overfitted(warnings, validation, OVERFITTED);
    if (stuck)
        snprintf(warning->text, sizeof warning->text,
                 "nothing learnt, the data loss ends at %.5g, where guessing by the classes' shares has %.5g: ", loss,
                 chance);
    else if (risen)
        snprintf(warning->text, sizeof warning->text,
                 "the data loss was %.3g at iteration %zu and ends at %.3g: ", warnings->best.loss,
                 warnings->best.iteration, loss);
    else if (!worse)
        return NULL;
    if (stuck || risen) {
        spiral_layer_meter_measure(warnings->meter);
        training_diagnose(warnings, result->iterations, true, loss, warning);
    } else {
        training_diagnose_overfitting(warnings, validation, warning);
    }
    return keep_warning(warnings, warning);
}

/* ---- in summary.json and in checkpoints -------------------------------------------------------------------------- */

static bool add_warning(cJSON *array, const TrainingWarning *warning)
{
    const char *remedies[COUNT(warning->remedy)];
    size_t count = 0;
    while (count < COUNT(remedies) && warning->remedy[count][0] != '\0') {
        remedies[count] = warning->remedy[count];
        count++;
    }
    cJSON *object = cJSON_CreateObject();
    return object != NULL && cJSON_AddItemToArray(array, object) &&
           json_add_text(object, "cause", training_cause_name(warning->cause)) &&
           json_add_size(object, "iteration", warning->iteration) && json_add_text(object, "text", warning->text) &&
           json_add_names(object, "try", remedies, count) &&
           json_add_raw(object, "together", warning->together ? "true" : "false");
}

static bool add_warnings(cJSON *root, const TrainingWarnings *warnings, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(root, "warnings");
    bool added = array != NULL;
    for (size_t i = 0; added && i < count; i++)
        added = add_warning(array, &warnings->given[i]);
    return added;
}

bool training_warnings_add(cJSON *root, const TrainingWarnings *warnings)
{
    return add_warnings(root, warnings, warnings->count);
}

static bool add_look(cJSON *array, const Look *look)
{
    cJSON *object = cJSON_CreateObject();
    return object != NULL && cJSON_AddItemToArray(array, object) &&
           json_add_size(object, "iteration", look->iteration) && json_add_real(object, "loss", look->loss);
}

static bool add_state(cJSON *root, const TrainingWarnings *warnings)
{
    bool added = json_add_size(root, "next", warnings->next) &&
                 json_add_size(root, "overfitted", warnings->overfitted) &&
                 json_add_real(root, "lowest_training", warnings->lowest_training);
    cJSON *looks = added ? cJSON_AddArrayToObject(root, "looks") : NULL;
    added = looks != NULL && add_look(looks, &warnings->best) && add_look(looks, &warnings->lowest);
    for (size_t i = 0; added && i < warnings->recent_count; i++)
        added = add_look(looks, &warnings->recent[i]);
    return added && add_warnings(root, warnings, warnings->early);
}

char *training_warnings_save(const TrainingWarnings *warnings)
{
    cJSON *root = cJSON_CreateObject();
    char *text = root != NULL && add_state(root, warnings) ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    return text;
}

/* A number of at least 0; otherwise, where it was not finite, the other one. */
static double read_real(const cJSON *object, const char *key, double otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) && item->valuedouble >= 0.0 ? item->valuedouble : otherwise;
}

static size_t read_size(const cJSON *object, const char *key)
{
    return (size_t)fmin(read_real(object, key, 0.0), 1e15);
}

static void read_text(const cJSON *item, char *text, size_t size)
{
    const char *value = cJSON_GetStringValue(item);
    snprintf(text, size, "%s", value != NULL ? value : "");
}

static Look read_look(const cJSON *item)
{
    return (Look){read_size(item, "iteration"), read_real(item, "loss", INFINITY)};
}

static void read_warning(const cJSON *item, TrainingWarning *warning)
{
    const cJSON *remedies = cJSON_GetObjectItemCaseSensitive(item, "try");
    char cause[32];
    *warning = (TrainingWarning){.iteration = read_size(item, "iteration"), .cause = CAUSE_STUCK};
    read_text(cJSON_GetObjectItemCaseSensitive(item, "cause"), cause, sizeof cause);
    for (TrainingCause i = 0; i <= CAUSE_OVERFITTING; i++)
        if (strcmp(cause, training_cause_name(i)) == 0)
            warning->cause = i;
    read_text(cJSON_GetObjectItemCaseSensitive(item, "text"), warning->text, sizeof warning->text);
    for (int i = 0; i < (int)COUNT(warning->remedy); i++)
        read_text(cJSON_GetArrayItem(remedies, i), warning->remedy[i], sizeof warning->remedy[i]);
    warning->together = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "together"));
}

SpiralStatus training_warnings_restore(TrainingWarnings *warnings, const char *path, char *text, SpiralError *error)
{
    cJSON *root;
    SpiralStatus status = json_parse(path, text, strlen(text), &root, error);
    if (status != SPIRAL_OK)
        return status;
    const cJSON *looks = cJSON_GetObjectItemCaseSensitive(root, "looks");
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(root, "warnings");
    warnings->next = read_size(root, "next");
    warnings->overfitted = read_size(root, "overfitted");
    warnings->lowest_training = read_real(root, "lowest_training", INFINITY);
    warnings->best = read_look(cJSON_GetArrayItem(looks, 0));
    warnings->lowest = read_look(cJSON_GetArrayItem(looks, 1));
    for (int i = 0; i < RECENT_LOOKS && i + 2 < cJSON_GetArraySize(looks); i++)
        warnings->recent[warnings->recent_count++] = read_look(cJSON_GetArrayItem(looks, i + 2));
    for (int i = 0; i < MOST_WARNINGS && i < cJSON_GetArraySize(given); i++)
        read_warning(cJSON_GetArrayItem(given, i), &warnings->given[warnings->count++]);
    warnings->early = warnings->count;
    cJSON_Delete(root);
    return SPIRAL_OK;
}
