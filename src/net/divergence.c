#include "net/divergence.h"

#include <math.h>
#include <stdio.h>

/* Features and weights up to this size are ordinary and do not count as a cause. */
static const double ORDINARY = 10.0;

/* If the largest validation feature is more than this many times the largest training feature, the scales differ. */
static const double FARTHER = 10.0;

double spiral_divergence_reach(const SpiralNetwork *network, size_t rows, const double *X)
{
    size_t D = network->sizes[0];
    double largest = 0.0;
    for (size_t i = 0; i < rows; i++)
        for (size_t d = 0; d < D; d++) {
            double x = X[i * D + d];
            largest = fmax(largest, fabs(network->mean != NULL ? (x - network->mean[d]) / network->scale[d] : x));
        }
    return largest;
}

/* An update changes the weights by about rate * x, and so changes a score by about rate * x^2. The step of a hidden
 * layer also grows with the weights of the layers after it, as its score does. The largest of these factors is taken as
 * the cause. Before the first update, the rate plays no part. Adam and its variants take steps of about the rate, but
 * the score still changes by rate * x, which a large x makes large. */
static SpiralCause find_cause(const SpiralTrainer *trainer, size_t updates, double features, double weights)
{
    const SpiralTrainOptions *options = &trainer->options;
    double reg = options->objective.reg, rate = updates > 0 ? options->learning_rate : 0.0;
    double of_data = features > ORDINARY ? 2.0 * log(features) : -INFINITY;
    double of_weights = weights > ORDINARY ? 2.0 * log(weights) : -INFINITY;
    bool shrinks = updates > 0 ? reg * rate <= 2.0 : reg <= 1.0; /* W -= rate reg W */
    if (!shrinks && reg > rate && log(reg) > fmax(of_data, of_weights))
        return SPIRAL_CAUSE_REG;
    if (fmax(of_data, of_weights) < log(rate))
        return SPIRAL_CAUSE_RATE;
    if (isinf(of_data) && isinf(of_weights))
        return updates > 0 ? SPIRAL_CAUSE_RATE : features >= weights ? SPIRAL_CAUSE_DATA : SPIRAL_CAUSE_WEIGHTS;
    return of_data >= of_weights ? SPIRAL_CAUSE_DATA : SPIRAL_CAUSE_WEIGHTS;
}

SpiralCause spiral_divergence_judge(const SpiralTrainer *trainer, size_t updates, char advice[SPIRAL_ADVICE])
{
    const SpiralNetwork *network = trainer->network;
    const SpiralTrainOptions *options = &trainer->options;
    double features = spiral_divergence_reach(network, trainer->dataset->rows, trainer->dataset->X);
    double weights = trainer->first_weights;
    SpiralCause cause = find_cause(trainer, updates, features, weights);
    switch (cause) {
    case SPIRAL_CAUSE_RATE:
        snprintf(advice, SPIRAL_ADVICE, "try a lower learning rate than %g", options->learning_rate);
        break;
    case SPIRAL_CAUSE_REG:
        snprintf(advice, SPIRAL_ADVICE,
                 "try a lower regularisation than %g: it times the learning rate should stay below 2",
                 options->objective.reg);
        break;
    case SPIRAL_CAUSE_DATA:
    case SPIRAL_CAUSE_VALIDATION:
        if (network->mean != NULL)
            snprintf(advice, SPIRAL_ADVICE,
                     "the features, though standardised, reach %.3g: look for outliers, or try a lower learning rate "
                     "than %g",
                     features, options->learning_rate);
        else
            snprintf(advice, SPIRAL_ADVICE, "the features reach %.3g: standardise them, or scale them to about 1",
                     features);
        break;
    case SPIRAL_CAUSE_WEIGHTS:
        snprintf(advice, SPIRAL_ADVICE, "the first weights reach %.3g: start with smaller ones", weights);
        break;
    }
    return cause;
}

SpiralCause spiral_divergence_judge_validation(SpiralTrainer *trainer, size_t updates, char advice[SPIRAL_ADVICE])
{
    const SpiralNetwork *network = trainer->network;
    const SpiralDataset *validation = trainer->validation;
    size_t D = network->sizes[0], row;
    const SpiralPassInput input = {.rows = validation->rows, .X = validation->X};
    if (spiral_pass_predict(trainer->pass, trainer->current, &input, NULL, NULL, NULL, &row))
        return spiral_divergence_judge(trainer, updates, advice);
    double reach = spiral_divergence_reach(network, 1, validation->X + row * D);
    if (reach <= FARTHER * spiral_divergence_reach(network, trainer->dataset->rows, trainer->dataset->X))
        return spiral_divergence_judge(trainer, updates, advice);
    snprintf(advice, SPIRAL_ADVICE,
             "the scores of the validation data's observation %zu overflow, whose features reach %.3g; expected "
             "features on the "
             "scale of the training data's",
             row, reach);
    return SPIRAL_CAUSE_VALIDATION;
}
