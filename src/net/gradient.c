#include "spiral/gradient.h"

#include <math.h>

#include "net/objective.h"

SpiralObjective spiral_objective_defaults(void)
{
    return (SpiralObjective){.reg = 1e-3, .reduction = SPIRAL_REDUCTION_MEAN};
}

SpiralStatus spiral_objective_validate(const SpiralObjective *objective, SpiralError *error)
{
    if (!isfinite(objective->reg) || objective->reg < 0.0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "reg is %g, a number of at least 0 is expected",
                                objective->reg);
    return SPIRAL_OK;
}

SpiralStatus spiral_objective_check_data(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralError *error)
{
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    if (dataset->y == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the data has no labels, a class each row is needed");
    if (dataset->features != D)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the data has %zu features, the model expects %zu",
                                dataset->features, D);
    if (dataset->classes > K)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the data has %zu classes, the model knows %zu",
                                dataset->classes, K);
    return SPIRAL_OK;
}

/* ||W||^2 over all weights; unless gradient is NULL, reg W is added to it. */
static double add_regularization(const SpiralNetwork *network, const double *parameters, double reg, double *gradient)
{
    double squares = 0.0;
    for (size_t l = 0; l < network->layers; l++) {
        size_t offset = spiral_network_weights_offset(network, l);
        size_t count = network->sizes[l] * network->sizes[l + 1];
        const double *W = parameters + offset;
        squares += spiral_kernel_dot(count, W, W);
        if (gradient != NULL && reg > 0.0)
            spiral_kernel_descend(count, gradient + offset, -reg, W, gradient + offset);
    }
    return squares;
}

void spiral_objective_evaluate(SpiralPass *pass, const SpiralNetwork *network, const double *parameters,
                               const SpiralDataset *dataset, const SpiralObjective *objective, SpiralLoss *loss,
                               double *gradient)
{
    double weight = objective->reduction == SPIRAL_REDUCTION_MEAN ? 1.0 / (double)dataset->rows : 1.0;
    SpiralPassInput input = {.rows = dataset->rows, .X = dataset->X, .y = dataset->y, .keep = 1.0};
    SpiralPassTotals totals;
    spiral_pass_gradient(pass, parameters, &input, weight, gradient, &totals);
    loss->data_loss = totals.loss;
    if (objective->reduction == SPIRAL_REDUCTION_MEAN)
        loss->data_loss /= (double)dataset->rows;
    loss->reg_loss = 0.5 * objective->reg * add_regularization(network, parameters, objective->reg, gradient);
    loss->loss = loss->data_loss + loss->reg_loss;
    loss->correct = totals.correct;
}

SpiralStatus spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                     const SpiralObjective *objective, size_t threads, SpiralLoss *loss, double *gradient,
                                     SpiralError *error)
{
    SpiralStatus status = spiral_objective_validate(objective, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    SpiralPass *pass = NULL;
    if (status == SPIRAL_OK)
        status = spiral_pass_create(network, dataset->rows, threads,
                                    gradient != NULL ? SPIRAL_PASS_GRADIENT : SPIRAL_PASS_FORWARD, &pass, error);
    if (status == SPIRAL_OK)
        spiral_objective_evaluate(pass, network, network->parameters, dataset, objective, loss, gradient);
    spiral_pass_free(pass);
    return status;
}

SpiralStatus spiral_network_predict(const SpiralNetwork *network, size_t rows, const double *X, size_t threads,
                                    double *scores, double *probs, int64_t *labels, SpiralError *error)
{
    SpiralPass *pass;
    SpiralStatus status = spiral_pass_create(network, rows, threads, SPIRAL_PASS_FORWARD, &pass, error);
    if (status != SPIRAL_OK)
        return status;
    spiral_pass_predict(pass, network->parameters, rows, X, scores, probs, labels);
    spiral_pass_free(pass);
    return SPIRAL_OK;
}
