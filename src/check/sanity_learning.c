#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/moments.h"
#include "net/kernels.h"
#include "net/pass.h"
#include "check/sanity.h"
#include "check/sanity_result.h"
#include "net/optimizer.h"
#include "spiral/explain.h"
#include "spiral/gradient_check.h"

/* ---- the initial loss -------------------------------------------------------------------------------------------- */

void spiral_sanity_loss(const SpiralDataset *dataset, const SpiralNetwork *network, const SpiralObjective *objective,
                        const SpiralLoss *loss, SpiralSanityResult *result)
{
    size_t K = network->sizes[network->layers];
    bool mean = objective->reduction == SPIRAL_REDUCTION_MEAN;
    double rows = mean ? 1.0 : (double)dataset->rows;
    double expected = rows * log((double)K), distance = fabs(loss->data_loss - expected);
    result->outcome =
        spiral_sanity_judge(distance, SPIRAL_SANITY_LOSS_WARNING * expected, SPIRAL_SANITY_LOSS_FAILED * expected);
    char count[32] = "";
    if (!mean)
        snprintf(count, sizeof count, "%zu ", dataset->rows);
    char number[SPIRAL_SANITY_NUMBER];
    snprintf(result->found, sizeof result->found, "the data loss is %s, %sln %zu is %.6g",
             spiral_sanity_number(loss->data_loss, 6, number), count, K, expected);
    if (result->outcome != SPIRAL_SANITY_OK && network->mean != NULL)
        spiral_sanity_advise(
            result,
            "Small first weights take all classes to be equally likely; those of xavier, he and lecun are larger. Make "
            "them smaller.",
            SPIRAL_SANITY_REMEDY_LOWER_SCALE, SPIRAL_SANITY_REMEDY_NONE);
    else if (result->outcome != SPIRAL_SANITY_OK)
        spiral_sanity_advise(
            result,
            "Small first weights take all classes to be equally likely; those of xavier, he and lecun are larger. Make "
            "them smaller, or standardise the features when these are large.",
            SPIRAL_SANITY_REMEDY_LOWER_SCALE, SPIRAL_SANITY_REMEDY_STANDARDIZE);
}

static bool is_zero(const SpiralNetwork *network)
{
    for (size_t l = 0; l < network->layers; l++) {
        const double *W = spiral_network_weights(network, l);
        if (spiral_kernels()->dot(network->sizes[l] * network->sizes[l + 1], W, W) > 0.0)
            return false;
    }
    return true;
}

SpiralStatus spiral_sanity_regularization(const SpiralNetwork *network, const SpiralDataset *dataset,
                                          const SpiralSanityOptions *options, const SpiralLoss *loss,
                                          SpiralSanityResult *result, SpiralError *error)
{
    SpiralObjective raised = options->training.objective;
    raised.reg = fmax(1.0, 10.0 * raised.reg);
    SpiralLoss after;
    SpiralStatus status =
        spiral_gradient_compute(network, dataset, &raised, options->training.threads, &after, NULL, error);
    if (status != SPIRAL_OK)
        return status;
    bool finite = isfinite(loss->loss) && isfinite(after.loss);
    if (finite)
        snprintf(result->found, sizeof result->found, "reg %g to %g takes the loss from %.6g to %.6g",
                 options->training.objective.reg, raised.reg, loss->loss, after.loss);
    else
        snprintf(result->found, sizeof result->found, "with reg %g the loss is not finite",
                 isfinite(loss->loss) ? raised.reg : options->training.objective.reg);
    if (after.loss > loss->loss && finite)
        return SPIRAL_OK;
    result->outcome = SPIRAL_SANITY_FAILED;
    spiral_sanity_advise(
        result,
        "The data loss is so large that 1/2 reg sum W^2 is lost beside it: see what is said of the initial loss.",
        SPIRAL_SANITY_REMEDY_NONE, SPIRAL_SANITY_REMEDY_NONE);
    if (is_zero(network)) { /* a fair start for a linear classifier, but not for a network */
        result->outcome = network->layers == 1 ? SPIRAL_SANITY_WARNING : SPIRAL_SANITY_FAILED;
        spiral_sanity_advise(
            result,
            "All first weights are (all but) 0. A linear classifier can start there; in a network all units then stay "
            "alike: make them larger.",
            SPIRAL_SANITY_REMEDY_HIGHER_SCALE, SPIRAL_SANITY_REMEDY_NONE);
    }
    return SPIRAL_OK;
}

/* ---- the gradient ------------------------------------------------------------------------------------------------ */

static void judge_gradient(const SpiralGradientCheck *check, SpiralSanityResult *result)
{
    const SpiralGradientComparison *worst = &check->total[SPIRAL_GRADIENT_LOSS];
    char number[SPIRAL_SANITY_NUMBER];
    snprintf(result->found, sizeof result->found, "worst relative error %s, in %s, of %zu parameters",
             spiral_sanity_number(worst->worst, 2, number),
             check->groups[check->worst_group[SPIRAL_GRADIENT_LOSS]].name, check->compared);
    if (worst->largest <= SPIRAL_GRADIENT_SMALL && worst->wrong == 0) {
        result->outcome = SPIRAL_SANITY_WARNING;
        spiral_sanity_advise(
            result,
            "This gradient is 0 but for rounding, so the error says nothing. Draw other first weights, or larger ones.",
            SPIRAL_SANITY_REMEDY_SEED, SPIRAL_SANITY_REMEDY_HIGHER_SCALE);
    } else if (!check->passed) {
        result->outcome = worst->wrong == 0 ? SPIRAL_SANITY_FAILED
                                            : spiral_sanity_judge(worst->worst, SPIRAL_SANITY_GRADIENT_WARNING,
                                                                  SPIRAL_SANITY_GRADIENT_FAILED);
        spiral_sanity_advise(
            result,
            "Where scores are huge, rounding drowns the differences and the updates alike: see what is said of the "
            "initial loss.",
            SPIRAL_SANITY_REMEDY_GROUPS, SPIRAL_SANITY_REMEDY_NONE);
    }
    if (worst->wrong == 0 && !check->passed)
        snprintf(result->found, sizeof result->found, "%zu of %zu parameters are lost in rounding", worst->lost,
                 check->compared);
}

SpiralStatus spiral_sanity_gradient(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralSanityOptions *options, const double *analytic, SpiralRng *rng,
                                    SpiralSanityResult *result, SpiralError *error)
{
    SpiralGradientCheckOptions check_options = spiral_gradient_check_defaults();
    check_options.tolerance = SPIRAL_SANITY_GRADIENT_WARNING;
    check_options.samples = options->samples;
    check_options.threads = options->training.threads;
    SpiralGradientCheck check;
    SpiralStatus status = spiral_gradient_check(network, dataset, &options->training.objective, &check_options,
                                                analytic, NULL, rng, &check, error);
    if (status == SPIRAL_OK)
        judge_gradient(&check, result);
    spiral_gradient_check_free(&check);
    return status;
}

/* ---- overfitting twenty points ----------------------------------------------------------------------------------- */

/* Full-batch Adam with reg 0 that finds its own learning rate. The rate grows with every new lowest loss. Where the
 * loss has doubled or has not fallen for long, the descent returns to the lowest and restarts there with half the rate.
 * So the check cannot fail because of the learning rate, nor because of the scale of the features, which are
 * standardised by these points when the network does not do it. */
typedef struct Descent {
    SpiralNetwork *network; /* a copy; it holds the best parameters */
    SpiralPass *pass;
    SpiralPassInput input;
    size_t row[SPIRAL_SANITY_POINTS];
    double *current, *next, *gradient, *slot[SPIRAL_OPTIMIZER_SLOTS]; /* (parameter_count) each */
    SpiralPassTotals best;
    size_t updates;
} Descent;

static const double FIRST_RATE = 0.01, GROWTH = 1.02, SMALLEST_RATE = 1e-12;
enum { PATIENCE = 50 };

static SpiralStatus standardize(Descent *descent, const SpiralDataset *dataset, SpiralError *error)
{
    size_t D = dataset->features, points = descent->input.rows;
    double column[SPIRAL_SANITY_POINTS];
    double *mean = spiral_allocate_doubles(D), *scale = spiral_allocate_doubles(D);
    SpiralStatus status = SPIRAL_OK;
    if (mean == NULL || scale == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to standardise %zu features", D);
    for (size_t d = 0; d < D && status == SPIRAL_OK; d++) {
        for (size_t i = 0; i < points; i++)
            column[i] = dataset->X[descent->row[i] * D + d];
        spiral_moments(points, 1, 1, column, &mean[d], &scale[d]);
        scale[d] = scale[d] > 0.0 ? scale[d] : 1.0;
    }
    if (status == SPIRAL_OK)
        status = spiral_network_set_standardization(descent->network, mean, scale, error);
    free(mean);
    free(scale);
    return status;
}

SpiralStatus spiral_sanity_copy(const SpiralNetwork *network, SpiralNetwork **copy, SpiralError *error)
{
    size_t L = network->layers;
    SpiralStatus status =
        spiral_network_create(network->sizes[0], L - 1, network->sizes + 1, network->sizes[L], copy, error);
    if (status != SPIRAL_OK)
        return status;
    (*copy)->activation = network->activation;
    (*copy)->products = network->products;
    memcpy((*copy)->parameters, network->parameters, network->parameter_count * sizeof *network->parameters);
    return SPIRAL_OK;
}

static SpiralStatus start(Descent *descent, const SpiralNetwork *network, const SpiralDataset *dataset,
                          SpiralError *error)
{
    size_t points = dataset->rows < SPIRAL_SANITY_POINTS ? dataset->rows : SPIRAL_SANITY_POINTS;
    size_t count = network->parameter_count;
    SpiralStatus status = spiral_sanity_copy(network, &descent->network, error);
    if (status == SPIRAL_OK)
        status = spiral_explain_pick(dataset, points, descent->row, error);
    if (status != SPIRAL_OK)
        return status;
    descent->input = (SpiralPassInput){
        .rows = points, .X = dataset->X, .y = dataset->y, .order = descent->row, .keep_probability = 1.0};
    status = network->mean != NULL
                 ? spiral_network_set_standardization(descent->network, network->mean, network->scale, error)
                 : standardize(descent, dataset, error);
    double **arrays[] = {&descent->current, &descent->next, &descent->gradient, &descent->slot[0], &descent->slot[1]};
    bool allocated = true;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        allocated = (*arrays[i] = spiral_allocate_doubles(count)) != NULL && allocated;
    if (status == SPIRAL_OK && !allocated)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to train %zu parameters", count);
    if (status == SPIRAL_OK)
        status = spiral_pass_create(descent->network, points, 1, SPIRAL_PASS_GRADIENT, &descent->pass, error);
    return status;
}

static void end(Descent *descent)
{
    spiral_pass_free(descent->pass);
    spiral_network_free(descent->network);
    free(descent->current);
    free(descent->next);
    free(descent->gradient);
    free(descent->slot[0]);
    free(descent->slot[1]);
}

static double mean_loss(const Descent *descent)
{
    return descent->best.loss / (double)descent->input.rows;
}

/* Restarts from the best parameters, without momentum. */
static void restart(Descent *descent)
{
    size_t count = descent->network->parameter_count;
    memcpy(descent->current, descent->network->parameters, count * sizeof *descent->current);
    for (size_t s = 0; s < SPIRAL_OPTIMIZER_SLOTS; s++)
        memset(descent->slot[s], 0, count * sizeof *descent->slot[s]);
}

static void take_step(Descent *descent, const SpiralOptimizer *adam, size_t number, double rate)
{
    const SpiralUpdate update = {.count = descent->network->parameter_count,
                                 .number = number,
                                 .rate = rate,
                                 .x = descent->current,
                                 .dx = descent->gradient,
                                 .next = descent->next,
                                 .slot = {descent->slot[0], descent->slot[1]}};
    spiral_optimizer_update(adam, &update);
    double *swapped = descent->current;
    descent->current = descent->next;
    descent->next = swapped;
}

static void descend(Descent *descent)
{
    SpiralNetwork *network = descent->network;
    SpiralOptimizer adam = spiral_optimizer_defaults();
    adam.kind = SPIRAL_OPTIMIZER_ADAM;
    double rate = FIRST_RATE, weight = 1.0 / (double)descent->input.rows;
    size_t number = 0, since = 0; /* updates since the start or the last restart, and since the lowest loss */
    descent->best = (SpiralPassTotals){.loss = INFINITY};
    restart(descent);
    while (descent->updates < SPIRAL_SANITY_POINTS_UPDATES && rate > SMALLEST_RATE) {
        SpiralPassTotals totals;
        spiral_pass_gradient(descent->pass, descent->current, &descent->input, weight, descent->gradient, &totals);
        since++;
        if (totals.loss < descent->best.loss) {
            descent->best = totals;
            memcpy(network->parameters, descent->current, network->parameter_count * sizeof *network->parameters);
            if (mean_loss(descent) <= SPIRAL_SANITY_POINTS_LOSS)
                return;
            rate *= GROWTH;
            since = 0;
        } else if (!(totals.loss <= 2.0 * descent->best.loss) || since > PATIENCE) {
            restart(descent);
            rate *= 0.5;
            number = since = 0;
            continue;
        }
        take_step(descent, &adam, ++number, rate);
        descent->updates++;
    }
}

static void judge_learning(const Descent *descent, SpiralSanityResult *result)
{
    double loss = mean_loss(descent);
    size_t points = descent->input.rows, correct = descent->best.correct;
    char number[SPIRAL_SANITY_NUMBER];
    snprintf(result->found, sizeof result->found, "mean loss %s after %zu updates, %zu of %zu right",
             spiral_sanity_number(loss, 3, number), descent->updates, correct, points);
    result->outcome = spiral_sanity_judge(loss, SPIRAL_SANITY_POINTS_LOSS, SPIRAL_SANITY_POINTS_FAILED);
    if (result->outcome == SPIRAL_SANITY_OK)
        return;
    if (descent->network->layers == 1) {
        result->outcome = SPIRAL_SANITY_WARNING;
        spiral_sanity_advise(result,
                             "A linear classifier fits only what straight lines separate: a hidden layer shows whether "
                             "the model or the data is the reason.",
                             SPIRAL_SANITY_REMEDY_HIDDEN, SPIRAL_SANITY_REMEDY_NONE);
    } else {
        spiral_sanity_advise(
            result,
            "What cannot fit these will not fit the rest. Check the contradictions, the initial loss, and whether rows "
            "of two classes almost coincide; then use more hidden units.",
            SPIRAL_SANITY_REMEDY_NONE, SPIRAL_SANITY_REMEDY_NONE);
    }
}

SpiralStatus spiral_sanity_learning(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    SpiralSanityResult *result, SpiralError *error)
{
    Descent descent = {0};
    SpiralStatus status = start(&descent, network, dataset, error);
    if (status == SPIRAL_OK) {
        descend(&descent);
        judge_learning(&descent, result);
    }
    end(&descent);
    return status;
}
