/* The notes' distributions of activations and gradients, at the start and after the first updates of the training
 * itself: the checks before this one look at the data and the first weights alone, and learn with settings of their
 * own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check/sanity.h"
#include "check/sanity_result.h"
#include "data/moments.h"

/* What is seen of the network, before and after. */
typedef struct Trial {
    const SpiralNetwork *network; /* as it is after the updates */
    const SpiralTrainOptions *options;
    const SpiralLayerStatistics *before, *after; /* (layers) */
    size_t hidden, updates;
    double rows, features, size; /* of the features: see measure_features */
    double first_loss, loss;
} Trial;

/* ---- what is wrong ----------------------------------------------------------------------------------------------- */

static bool is_rectified(const Trial *trial)
{
    SpiralActivation activation = trial->network->activation;
    return activation == SPIRAL_ACTIVATION_RELU || activation == SPIRAL_ACTIVATION_LEAKY_RELU;
}

/* Updates that go too far do so in proportion to the features. */
static void advise_lower_rate(const Trial *trial, const char *advice, SpiralSanityResult *result)
{
    spiral_sanity_advise(result, advice, SPIRAL_SANITY_REMEDY_LOWER_RATE,
                         trial->size > SPIRAL_SANITY_LARGE_FEATURES ? SPIRAL_SANITY_REMEDY_STANDARDIZE
                                                                    : SPIRAL_SANITY_REMEDY_NONE);
}

static SpiralSanityRemedy better_init(const Trial *trial)
{
    return is_rectified(trial) ? SPIRAL_SANITY_REMEDY_HE : SPIRAL_SANITY_REMEDY_XAVIER;
}

/* The hidden layer (1, 2, ...) with the most dead units, or the most flat activations; 0: none has `least` of them. */
static size_t worst_layer(const Trial *trial, bool dead, double least)
{
    size_t worst = 0;
    for (size_t l = 0; l < trial->hidden; l++) {
        double share = dead ? trial->after[l].dead : trial->after[l].saturated;
        if (share >= least) {
            worst = l + 1;
            least = share;
        }
    }
    return worst;
}

/* The largest relative change of a layer's weights by the data's gradient in all updates, if it stays as it is. */
static double reach(const Trial *trial, const SpiralLayerStatistics *layers)
{
    const SpiralTrainOptions *options = trial->options;
    double rate = options->learning_rate * (double)options->iterations, most = 0.0;
    if (options->optimizer.kind == SPIRAL_OPTIMIZER_MOMENTUM || options->optimizer.kind == SPIRAL_OPTIMIZER_NESTEROV)
        rate /= fmax(1.0 - options->optimizer.momentum, 1e-3);
    if (options->objective.reduction == SPIRAL_REDUCTION_SUM)
        rate *= trial->rows;
    for (size_t l = 0; l < trial->network->layers; l++)
        if (layers[l].weights > 0.0)
            most = fmax(most, rate * layers[l].gradient / layers[l].weights);
    return most;
}

/* Does the rule follow the size of the gradient? The others divide by it. */
static bool follows_gradient(const SpiralTrainOptions *options)
{
    return options->optimizer.kind == SPIRAL_OPTIMIZER_SGD || options->optimizer.kind == SPIRAL_OPTIMIZER_MOMENTUM ||
           options->optimizer.kind == SPIRAL_OPTIMIZER_NESTEROV;
}

/* Do the penalties outweigh the data's gradient in every layer before the last, at both times? Then all of these
 * shrink, and with them the gradient, which has the other layers' weights as factors. */
static bool shrinks(const Trial *trial)
{
    const SpiralObjective *objective = &trial->options->objective;
    double rows = objective->reduction == SPIRAL_REDUCTION_SUM ? trial->rows : 1.0;
    for (size_t l = 0; l < trial->hidden; l++) {
        double count = (double)trial->network->sizes[l] * (double)trial->network->sizes[l + 1];
        const SpiralLayerStatistics *both[] = {&trial->before[l], &trial->after[l]};
        for (size_t i = 0; i < 2; i++)
            if (0.5 * (objective->reg * both[i]->weights + objective->l1 * sqrt(count)) <= rows * both[i]->gradient)
                return false;
    }
    return trial->hidden > 0;
}

/* ---- the outcome ------------------------------------------------------------------------------------------------- */

/* What cannot learn; false when none of it is seen. */
static bool judge_failures(const Trial *trial, bool faded, SpiralSanityResult *result)
{
    size_t dead = trial->network->activation == SPIRAL_ACTIVATION_RELU ? worst_layer(trial, true, 1.0) : 0;
    bool follows = follows_gradient(trial->options);
    double change = fmax(reach(trial, trial->before), reach(trial, trial->after));
    if (dead > 0) {
        result->outcome = SPIRAL_SANITY_FAILED;
        snprintf(result->found, sizeof result->found, "after %zu updates all units of hidden layer %zu are dead",
                 trial->updates, dead);
        static const char advice[] = "They pass no gradient, and what is before them does not learn.";
        if (trial->before[dead - 1].dead >= 1.0)
            spiral_sanity_advise(result, advice, better_init(trial), SPIRAL_SANITY_REMEDY_NONE);
        else
            advise_lower_rate(trial, advice, result);
    } else if (faded && follows && shrinks(trial)) {
        result->outcome = SPIRAL_SANITY_FAILED;
        snprintf(result->found, sizeof result->found,
                 "at first hidden layer %zu deviates by %.2g, the features by %.2g; the penalties pull harder than the "
                 "data",
                 trial->hidden, trial->before[trial->hidden - 1].deviation, trial->features);
        spiral_sanity_advise(result, "The signal fades from layer to layer, and all weights shrink to 0.",
                             better_init(trial), SPIRAL_SANITY_REMEDY_NONE);
    } else if (follows && change < SPIRAL_SANITY_CHANGE_WARNING) {
        bool hopeless = trial->hidden > 0 && (faded || change < SPIRAL_SANITY_CHANGE_FAILED);
        result->outcome = hopeless ? SPIRAL_SANITY_FAILED : SPIRAL_SANITY_WARNING;
        snprintf(result->found, sizeof result->found,
                 "in all %zu updates this gradient changes the weights by %.2g of their size",
                 trial->options->iterations, change);
        spiral_sanity_advise(result, "The weights hardly leave where they began.",
                             faded ? better_init(trial) : SPIRAL_SANITY_REMEDY_HIGHER_RATE,
                             trial->hidden > 0 ? SPIRAL_SANITY_REMEDY_NONE : SPIRAL_SANITY_REMEDY_HIDDEN);
    }
    return result->outcome != SPIRAL_SANITY_OK;
}

static void judge_warnings(const Trial *trial, bool faded, SpiralSanityResult *result)
{
    size_t flat = is_rectified(trial) ? 0 : worst_layer(trial, false, SPIRAL_SANITY_SATURATED_WARNING);
    double chance = log((double)trial->network->sizes[trial->network->layers]);
    if (trial->loss > fmax(trial->first_loss, chance) * (1.0 + SPIRAL_SANITY_RISEN_WARNING)) {
        result->outcome = SPIRAL_SANITY_WARNING;
        advise_lower_rate(trial, "The first updates go too far.", result);
    } else if (flat > 0) {
        result->outcome = SPIRAL_SANITY_WARNING;
        snprintf(result->found, sizeof result->found, "%.0f %% of the activations of hidden layer %zu are saturated",
                 100.0 * trial->after[flat - 1].saturated, flat);
        bool born = trial->before[flat - 1].saturated >= SPIRAL_SANITY_SATURATED_WARNING;
        spiral_sanity_advise(result, "Where an activation is flat, next to no gradient passes.",
                             born ? SPIRAL_SANITY_REMEDY_LOWER_SCALE : SPIRAL_SANITY_REMEDY_LOWER_RATE,
                             SPIRAL_SANITY_REMEDY_NONE);
    } else if (faded) {
        result->outcome = SPIRAL_SANITY_WARNING;
        snprintf(result->found, sizeof result->found,
                 "at first hidden layer %zu deviates by %.2g, the features by %.2g", trial->hidden,
                 trial->before[trial->hidden - 1].deviation, trial->features);
        spiral_sanity_advise(result, "The signal fades from layer to layer, and learning begins late.",
                             better_init(trial), SPIRAL_SANITY_REMEDY_NONE);
    }
}

static void judge(const Trial *trial, SpiralSanityResult *result)
{
    bool faded =
        trial->hidden > 1 && trial->before[trial->hidden - 1].deviation < SPIRAL_SANITY_FADED_WARNING * trial->features;
    snprintf(result->found, sizeof result->found, "%zu updates took the data loss from %.4g to %.4g", trial->updates,
             trial->first_loss, trial->loss);
    if (!judge_failures(trial, faded, result))
        judge_warnings(trial, faded, result);
}

/* ---- the updates ------------------------------------------------------------------------------------------------- */

/* Trains the network by the options for the first updates. *diverged is set instead of an error. */
static SpiralStatus train(SpiralNetwork *network, const SpiralDataset *dataset, const SpiralTrainOptions *options,
                          size_t *updates, bool *diverged, SpiralError *error)
{
    SpiralTrainOptions burn_in = *options;
    burn_in.record_every = options->iterations; /* no records, no rules that stop */
    burn_in.checkpoint_every = burn_in.patience = 0;
    burn_in.tolerance = burn_in.target_loss = 0.0;
    burn_in.judge_every = 0;
    const SpiralTrainHooks hooks = {.pause = SPIRAL_SANITY_UPDATES};
    SpiralTrainResult result;
    SpiralTrainer *trainer;
    SpiralStatus status = spiral_trainer_create(network, dataset, NULL, &burn_in, &trainer, error);
    if (status == SPIRAL_OK)
        status = spiral_trainer_run(trainer, &hooks, &result, error);
    spiral_trainer_free(trainer);
    *diverged = status == SPIRAL_ERROR_DIVERGED;
    if (*diverged)
        status = SPIRAL_OK;
    *updates = status == SPIRAL_OK ? result.iterations : 0;
    return status;
}

/* The features as the network gets them: the root mean square over the features of their deviations, and of all
 * values. */
static void measure_features(const SpiralNetwork *network, const SpiralDataset *dataset, double *deviation,
                             double *size)
{
    double deviations = 0.0, means = 0.0, features = (double)dataset->features;
    *deviation = *size = 1.0;
    if (network->mean != NULL)
        return;
    for (size_t d = 0; d < dataset->features; d++) {
        double mean, one;
        spiral_moments(dataset->rows, 1, dataset->features, dataset->X + d, &mean, &one);
        deviations += one * one;
        means += mean * mean;
    }
    *deviation = sqrt(deviations / features);
    *size = sqrt((deviations + means) / features);
}

/* Of a deeper network than the sanity has room for, the first layers. */
static void keep(const Trial *trial, SpiralSanity *sanity)
{
    size_t layers = trial->network->layers;
    sanity->layers = layers < SPIRAL_SANITY_LAYERS ? layers : SPIRAL_SANITY_LAYERS;
    sanity->updates = trial->updates;
    memcpy(sanity->before, trial->before, sanity->layers * sizeof *trial->before);
    memcpy(sanity->after, trial->after, sanity->layers * sizeof *trial->after);
}

/* before (layers) is room for what is measured first. */
static SpiralStatus try_updates(SpiralNetwork *network, const SpiralDataset *dataset,
                                const SpiralSanityOptions *options, SpiralLayerMeter *meter,
                                SpiralLayerStatistics *before, SpiralSanity *sanity, SpiralError *error)
{
    SpiralSanityResult *result = &sanity->results[SPIRAL_SANITY_LAYERS_CHECK];
    bool diverged;
    Trial trial = {.network = network,
                   .options = &options->training,
                   .before = before,
                   .after = spiral_layer_meter_layers(meter),
                   .hidden = network->layers - 1,
                   .rows = (double)dataset->rows};
    measure_features(network, dataset, &trial.features, &trial.size);
    trial.first_loss = spiral_layer_meter_measure(meter);
    memcpy(before, trial.after, network->layers * sizeof *before);
    SpiralStatus status = train(network, dataset, &options->training, &trial.updates, &diverged, error);
    if (status != SPIRAL_OK)
        return status;
    trial.loss = spiral_layer_meter_measure(meter);
    keep(&trial, sanity);
    if (diverged) {
        result->outcome = SPIRAL_SANITY_FAILED;
        snprintf(result->found, sizeof result->found, "the training diverges after %zu updates", trial.updates);
        advise_lower_rate(&trial, "The updates go too far.", result);
    } else {
        judge(&trial, result);
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_sanity_layers(const SpiralNetwork *network, const SpiralDataset *dataset,
                                  const SpiralSanityOptions *options, SpiralSanity *sanity, SpiralError *error)
{
    SpiralNetwork *copy = NULL;
    SpiralLayerMeter *meter = NULL;
    SpiralLayerStatistics *before = spiral_allocate(network->layers, sizeof *before);
    SpiralStatus status = before == NULL ? spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                                            "no memory for what %zu layers do", network->layers)
                                         : spiral_sanity_copy(network, &copy, error);
    if (status == SPIRAL_OK && network->mean != NULL)
        status = spiral_network_set_standardization(copy, network->mean, network->scale, error);
    if (status == SPIRAL_OK)
        status = spiral_layer_meter_create(copy, dataset, &meter, error);
    if (status == SPIRAL_OK)
        status = try_updates(copy, dataset, options, meter, before, sanity, error);
    spiral_layer_meter_free(meter);
    free(before);
    spiral_network_free(copy);
    return status;
}
