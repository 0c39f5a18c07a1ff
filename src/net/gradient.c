#include "spiral/gradient.h"

#include <math.h>

#include "net/divergence.h"
#include "net/dropout.h"
#include "net/gradient.h"
#include "spiral/ranks.h"

/* For a single pass of fewer multiply-adds than this, starting threads costs more than it gains. */
static const double ONE_PASS_WORK = 500e6;

SpiralObjective spiral_objective_defaults(void)
{
    return (SpiralObjective){.reg = 1e-3, .reduction = SPIRAL_REDUCTION_MEAN};
}

SpiralStatus spiral_objective_validate(const SpiralObjective *objective, SpiralError *error)
{
    const double values[] = {objective->reg, objective->l1};
    static const char *const names[] = {"reg", "l1"};
    for (size_t i = 0; i < 2; i++)
        if (!isfinite(values[i]) || values[i] < 0.0)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s is %g, a number of at least 0 is expected",
                                    names[i], values[i]);
    return SPIRAL_OK;
}

SpiralStatus spiral_objective_check_data(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralError *error)
{
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    if (dataset->y == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "the data has no labels, a class each row is needed");
    if (dataset->features != D)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the data has %zu features, the model expects %zu",
                                dataset->features, D);
    if (dataset->classes > K)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the data has %zu classes, the model knows %zu",
                                dataset->classes, K);
    return SPIRAL_OK;
}

SpiralPassInput spiral_objective_input(const SpiralDataset *dataset)
{
    return (SpiralPassInput){.rows = dataset->rows, .X = dataset->X, .y = dataset->y, .keep_probability = 1.0};
}

SpiralStatus spiral_objective_check_dropout(const SpiralObjective *objective, const SpiralNetwork *network, size_t rows,
                                            SpiralError *error)
{
    const SpiralDropout *dropout = objective->dropout;
    bool fits = dropout == NULL || (dropout->rows == rows && dropout->network->layers == network->layers);
    for (size_t l = 1; dropout != NULL && fits && l < network->layers; l++)
        fits = dropout->network->sizes[l] == network->sizes[l];
    if (fits)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "the dropout is of %zu observations or of another network, %zu observations are expected",
                            dropout->rows, rows);
}

/* Returns l1 * sum |W| of one layer. Unless dW is NULL, adds l1 * sign(W) to dW. */
static double add_l1(size_t count, const double *W, double l1, double *dW)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += fabs(W[i]);
        if (dW != NULL)
            dW[i] += W[i] > 0.0 ? l1 : W[i] < 0.0 ? -l1 : 0.0;
    }
    return l1 * sum;
}

/* Returns the part of the loss that depends on the weights alone. Adds its gradient to `gradient` unless that is NULL;
 * reg's part of it is left out when decoupled. weights is as in spiral_objective_evaluate. */
static double add_regularization(const SpiralNetwork *network, const double *parameters,
                                 const SpiralObjective *objective, bool decoupled, double *gradient,
                                 SpiralNorm *weights)
{
    SpiralNorm norm = {0};
    double absolutes = 0.0;
    for (size_t l = 0; l < network->layers; l++) {
        size_t offset = spiral_network_weights_offset(network, l);
        size_t count = network->sizes[l] * network->sizes[l + 1];
        const double *W = parameters + offset;
        double *dW = gradient != NULL ? gradient + offset : NULL;
        SpiralNorm of_layer = {0};
        if (objective->reg > 0.0 || weights != NULL)
            of_layer = spiral_norm(count, W);
        if (objective->reg > 0.0)
            norm = spiral_norm_add(norm, of_layer);
        if (weights != NULL)
            weights[l] = of_layer;
        if (dW != NULL && !decoupled && objective->reg > 0.0)
            spiral_kernels()->descend(count, dW, -objective->reg, W, dW);
        if (objective->l1 > 0.0)
            absolutes += add_l1(count, W, objective->l1, dW);
    }
    return spiral_norm_penalty(norm, objective->reg) + absolutes;
}

void spiral_objective_evaluate(SpiralPass *pass, const SpiralNetwork *network, const double *parameters,
                               const SpiralPassInput *input, const SpiralObjective *objective, bool decoupled,
                               SpiralLoss *loss, double *gradient, SpiralNorm *weights)
{
    bool mean = objective->reduction == SPIRAL_REDUCTION_MEAN;
    SpiralPassTotals totals;
    spiral_pass_gradient(pass, parameters, input, mean ? 1.0 / (double)input->rows : 1.0, gradient, &totals);
    loss->data_loss = mean ? totals.loss / (double)input->rows : totals.loss;
    loss->reg_loss = add_regularization(network, parameters, objective, decoupled, gradient, weights);
    loss->loss = loss->data_loss + loss->reg_loss;
    loss->correct = totals.correct;
}

SpiralStatus spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                     const SpiralObjective *objective, size_t threads, SpiralLoss *loss,
                                     double *gradient, SpiralError *error)
{
    SpiralStatus status = spiral_objective_validate(objective, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_dropout(objective, network, dataset->rows, error);
    SpiralPass *pass = NULL;
    SpiralPassKind kind = objective->dropout != NULL ? SPIRAL_PASS_DROPOUT
                          : gradient != NULL         ? SPIRAL_PASS_GRADIENT
                                                     : SPIRAL_PASS_FORWARD;
    if (status == SPIRAL_OK)
        status = spiral_pass_create(network, dataset->rows, threads, kind, &pass, error);
    status = spiral_ranks_agree(status, error);
    if (status == SPIRAL_OK) {
        SpiralPassInput input = spiral_objective_input(dataset);
        if (objective->dropout != NULL) {
            input.dropout_mask = (const uint8_t *const *)objective->dropout->mask;
            input.keep_probability = objective->dropout->keep_probability;
        }
        spiral_objective_evaluate(pass, network, network->parameters, &input, objective, false, loss, gradient, NULL);
    }
    spiral_pass_free(pass);
    return status;
}

SpiralStatus spiral_network_predict(const SpiralNetwork *network, size_t first, size_t rows, const double *X,
                                    size_t threads, double *scores, double *probs, int64_t *labels, SpiralError *error)
{
    SpiralPass *pass;
    if (threads == 0 && (double)rows * (double)network->parameter_count < ONE_PASS_WORK)
        threads = 1;
    SpiralStatus status = spiral_pass_create(network, rows, threads, SPIRAL_PASS_FORWARD, &pass, error);
    if (status != SPIRAL_OK)
        return status;
    size_t row;
    const SpiralPassInput input = {.rows = rows, .X = X};
    if (!spiral_pass_predict(pass, network->parameters, &input, scores, probs, labels, &row))
        status = spiral_error_set(
            error, SPIRAL_ERROR_INPUT, NULL, 0,
            "observation %zu (counted from 0) makes the model's scores overflow; its features reach %.3g, "
            "expected some on the scale of those that the model was trained on",
            first + row, spiral_divergence_reach(network, 1, X + row * network->sizes[0]));
    spiral_pass_free(pass);
    return status;
}
