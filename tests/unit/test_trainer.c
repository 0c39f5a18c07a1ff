#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/divergence.h"
#include "net_support.h"
#include "spiral/trainer.h"

typedef struct Seen {
    size_t count;
    SpiralTrainRecord record[64];
    SpiralStatus answer_at_3;
    volatile sig_atomic_t *interrupt;
} Seen;

static SpiralStatus observe(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    Seen *seen = context;
    seen->record[seen->count++] = *record;
    if (seen->interrupt != NULL && seen->count == 3)
        *seen->interrupt = 1;
    if (seen->count == 3 && seen->answer_at_3 != SPIRAL_OK)
        return spiral_error_set(error, seen->answer_at_3, "log", 0, "full");
    return SPIRAL_OK;
}

/* 30 steps with the reference gradient. */
static void the_weights_follow_the_plain_gradient(void **state)
{
    (void)state;
    size_t hidden = 7;
    SpiralDataset data = make_data(50, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 1, &hidden, 3, 0.5, 2), *plain = make_network(2, 1, &hidden, 3, 0.5, 2);
    SpiralTrainOptions options = spiral_train_defaults();
    options.iterations = 30;
    options.learning_rate = 0.5;
    options.record_every = 7;
    Seen seen = {0};
    SpiralTrainResult result;
    assert_int_equal(
        spiral_train(network, &data, &options, &(SpiralTrainHooks){.record = observe, .context = &seen}, &result, NULL),
        SPIRAL_OK);
    size_t recorded = 0;
    double *gradient = malloc(plain->parameter_count * sizeof *gradient);
    for (size_t i = 0; i < 30; i++) {
        double loss = plain_gradient(plain, &data, 1e-3, 1.0 / 50.0, gradient);
        if (i % 7 == 0) {
            assert_int_equal(seen.record[recorded].iteration, i);
            assert_true(fabs(seen.record[recorded].loss - loss) < 1e-12);
            double squares = 0.0;
            for (size_t j = 0; j < plain->parameter_count; j++)
                squares += gradient[j] * gradient[j];
            assert_true(fabs(seen.record[recorded++].grad_norm - sqrt(squares)) < 1e-12);
        }
        for (size_t j = 0; j < plain->parameter_count; j++)
            plain->parameters[j] -= 0.5 * gradient[j];
    }
    for (size_t j = 0; j < plain->parameter_count; j++)
        assert_true(fabs(network->parameters[j] - plain->parameters[j]) < 1e-12);
    assert_int_equal(seen.count, recorded);
    assert_int_equal(result.iterations, 30);
    assert_int_equal(result.reason, SPIRAL_STOP_ITERATIONS);
    assert_true(fabs(result.loss.loss - plain_gradient(plain, &data, 1e-3, 1.0 / 50.0, NULL)) < 1e-12);
    free(gradient);
    spiral_network_free(network);
    spiral_network_free(plain);
    free_data(&data);
}

static void the_update_ratio_is_that_of_the_weights(void **state)
{
    (void)state;
    SpiralDataset data = make_data(20, 2, 2, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 0.5, 2);
    double before[6], squares = 0.0, moved = 0.0;
    memcpy(before, network->parameters, sizeof before);
    SpiralTrainOptions options = spiral_train_defaults();
    options.iterations = 1;
    Seen seen = {0};
    SpiralTrainResult result;
    assert_int_equal(
        spiral_train(network, &data, &options, &(SpiralTrainHooks){.record = observe, .context = &seen}, &result, NULL),
        SPIRAL_OK);
    for (size_t i = 0; i < 4; i++) { /* the four weights, not the two biases */
        squares += before[i] * before[i];
        moved += (network->parameters[i] - before[i]) * (network->parameters[i] - before[i]);
    }
    assert_true(fabs(seen.record[0].update_ratio - sqrt(moved / squares)) < 1e-12);
    spiral_network_free(network);
    free_data(&data);
}

static void divergence_names_the_iteration_and_keeps_the_last_finite_model(void **state)
{
    (void)state;
    size_t hidden = 5;
    SpiralDataset data = make_data(40, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 1, &hidden, 3, 0.5, 2);
    SpiralTrainOptions options = spiral_train_defaults();
    options.learning_rate = 1e200;
    options.record_every = 1;
    Seen seen = {0};
    SpiralTrainResult result;
    SpiralError error = {0};
    assert_int_equal(spiral_train(network, &data, &options, &(SpiralTrainHooks){.record = observe, .context = &seen},
                                  &result, &error),
                     SPIRAL_ERROR_DIVERGED);
    assert_int_equal(result.reason, SPIRAL_STOP_DIVERGED);
    char expected[64];
    snprintf(expected, sizeof expected, "diverged at iteration %zu:", result.iterations + 1);
    if (strncmp(error.reason, expected, strlen(expected)) != 0)
        fail_msg("'%s' was expected, found: %s", expected, error.reason);
    assert_true(isfinite(result.loss.loss));
    assert_int_equal(seen.count, result.iterations + 1);
    for (size_t i = 0; i < network->parameter_count; i++)
        assert_true(isfinite(network->parameters[i]));
    spiral_network_free(network);
    free_data(&data);
}

static void a_nan_in_any_one_parameter_is_noticed(void **state)
{
    (void)state;
    size_t hidden = 3;
    SpiralDataset data = make_data(10, 2, 2, 1);
    SpiralNetwork *network = make_network(2, 1, &hidden, 2, 0.5, 2);
    for (size_t i = 0; i < network->parameter_count; i++) {
        double kept = network->parameters[i];
        network->parameters[i] = NAN;
        SpiralTrainOptions options = spiral_train_defaults();
        options.iterations = 3;
        SpiralTrainResult result;
        assert_int_equal(spiral_train(network, &data, &options, NULL, &result, NULL), SPIRAL_ERROR_DIVERGED);
        network->parameters[i] = kept;
    }
    spiral_network_free(network);
    free_data(&data);
}

static void an_interrupt_ends_the_run_between_two_iterations(void **state)
{
    (void)state;
    SpiralDataset data = make_data(10, 2, 2, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 0.5, 2);
    volatile sig_atomic_t interrupt = 0;
    Seen seen = {.interrupt = &interrupt};
    SpiralTrainOptions options = spiral_train_defaults();
    options.record_every = 1;
    SpiralTrainResult result;
    assert_int_equal(spiral_train(network, &data, &options,
                                  &(SpiralTrainHooks){.record = observe, .context = &seen, .interrupt = &interrupt},
                                  &result, NULL),
                     SPIRAL_OK);
    assert_int_equal(result.reason, SPIRAL_STOP_INTERRUPTED);
    assert_int_equal(result.iterations, 3);
    assert_int_equal(seen.count, 3);
    spiral_network_free(network);
    free_data(&data);
}

static void a_failing_observer_ends_the_run_with_its_status(void **state)
{
    (void)state;
    SpiralDataset data = make_data(10, 2, 2, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 0.5, 2);
    Seen seen = {.answer_at_3 = SPIRAL_ERROR_OUTPUT};
    SpiralTrainOptions options = spiral_train_defaults();
    options.record_every = 1;
    SpiralTrainResult result;
    SpiralError error;
    assert_int_equal(spiral_train(network, &data, &options, &(SpiralTrainHooks){.record = observe, .context = &seen},
                                  &result, &error),
                     SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.reason, "full");
    assert_int_equal(seen.count, 3);
    spiral_network_free(network);
    free_data(&data);
}

static void settings_out_of_range_are_refused(void **state)
{
    (void)state;
    static const double rates[] = {0.0, -1.0, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        SpiralTrainOptions options = spiral_train_defaults();
        options.learning_rate = rates[i];
        assert_int_equal(spiral_train_validate(&options, NULL), SPIRAL_ERROR_USAGE);
    }
    SpiralTrainOptions options = spiral_train_defaults();
    options.record_every = 0;
    assert_int_equal(spiral_train_validate(&options, NULL), SPIRAL_ERROR_USAGE);
    options.record_every = 1;
    assert_int_equal(spiral_train_validate(&options, NULL), SPIRAL_OK);
}

static SpiralStatus validate(SpiralTrainOptions options, SpiralError *error)
{
    return spiral_train_validate(&options, error);
}

static void options_out_of_their_range_are_named(void **state)
{
    (void)state;
    SpiralError error;
    SpiralTrainOptions options = spiral_train_defaults();
    assert_int_equal(validate(options, &error), SPIRAL_OK);
    options.dropout = 1.0;
    assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "dropout"));
    options = spiral_train_defaults();
    options.max_grad_norm = -1.0;
    assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "max_grad_norm"));
    options = spiral_train_defaults();
    options.target_loss = INFINITY;
    assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "target_loss"));
    const double dropouts[] = {-0.1, NAN};
    for (size_t i = 0; i < 2; i++) {
        options = spiral_train_defaults();
        options.dropout = dropouts[i];
        assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
        assert_non_null(strstr(error.reason, "a number from 0 and below 1 is expected"));
    }
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    SpiralDropout *mask;
    assert_int_equal(spiral_dropout_create(network, 1, 0.5, NULL, &mask, &error), SPIRAL_OK);
    options = spiral_train_defaults();
    options.objective.dropout = mask;
    assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "objective.dropout is given, NULL is expected"));
    spiral_dropout_free(mask);
    const double probabilities[] = {-0.1, 1.0, NAN};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(spiral_dropout_create(network, 1, probabilities[i], NULL, &mask, &error), SPIRAL_ERROR_USAGE);
        assert_null(mask);
    }
    spiral_network_free(network);
    options = spiral_train_defaults();
    options.optimizer.momentum = 1.5;
    options.optimizer.kind = SPIRAL_OPTIMIZER_MOMENTUM;
    assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "momentum"));
    options = spiral_train_defaults();
    options.objective.reg = -1.0;
    assert_int_equal(validate(options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "reg"));
}

static void patience_needs_validation_data_which_may_be_larger(void **state)
{
    (void)state;
    SpiralDataset data = make_data(20, 2, 3, 1), more = make_data(700, 2, 3, 2);
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    SpiralTrainOptions options = spiral_train_defaults();
    SpiralTrainer *trainer;
    SpiralError error;
    options.patience = 2;
    assert_int_equal(spiral_trainer_create(network, &data, NULL, &options, &trainer, &error), SPIRAL_ERROR_USAGE);
    assert_null(trainer);
    assert_int_equal(spiral_trainer_create(network, &data, &more, &options, &trainer, &error), SPIRAL_OK);
    spiral_trainer_free(trainer);
    spiral_network_free(network);
    free_data(&data);
    free_data(&more);
}

/* The loss is finite before the step, and the step is too large for a double. */
static void weights_that_overflow_are_a_divergence(void **state)
{
    (void)state;
    SpiralDataset data = make_data(50, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    SpiralTrainOptions options = spiral_train_defaults();
    options.objective.reduction = SPIRAL_REDUCTION_SUM;
    options.learning_rate = 1.7e308;
    SpiralTrainResult result;
    SpiralError error;
    assert_int_equal(spiral_train(network, &data, &options, NULL, &result, &error), SPIRAL_ERROR_DIVERGED);
    assert_non_null(strstr(error.reason, "diverged at iteration 0: a parameter is not finite"));
    for (size_t j = 0; j < network->parameter_count; j++)
        assert_true(isfinite(network->parameters[j]));
    spiral_network_free(network);
    free_data(&data);
}

/* One class's second feature is far out in one row of the validation data alone. */
static void a_validation_loss_that_is_not_finite_is_a_divergence(void **state)
{
    (void)state;
    size_t hidden = 5;
    SpiralDataset data = make_data(40, 2, 3, 1), validation = make_data(10, 2, 3, 2);
    ((double *)(uintptr_t)validation.X)[2 * 7] = -1.7e308;
    ((double *)(uintptr_t)validation.X)[2 * 7 + 1] = 1.7e308;
    SpiralNetwork *network = make_network(2, 1, &hidden, 3, 5.0, 2);
    SpiralTrainOptions options = spiral_train_defaults();
    Seen seen = {0};
    SpiralTrainResult result;
    SpiralError error;
    SpiralTrainer *trainer;
    assert_int_equal(spiral_trainer_create(network, &data, &validation, &options, &trainer, &error), SPIRAL_OK);
    assert_int_equal(
        spiral_trainer_run(trainer, &(SpiralTrainHooks){.record = observe, .context = &seen}, &result, &error),
        SPIRAL_ERROR_DIVERGED);
    assert_int_equal(result.reason, SPIRAL_STOP_DIVERGED);
    assert_int_equal(result.cause, SPIRAL_CAUSE_VALIDATION);
    assert_non_null(strstr(error.reason, "the validation loss is"));
    assert_non_null(strstr(error.reason, "observation 7 "));
    assert_int_equal(seen.count, 0);
    assert_true(isfinite(result.loss.loss));
    spiral_trainer_free(trainer);
    spiral_network_free(network);
    free_data(&data);
    free_data(&validation);
}

/* Scores of w (x1 + x2), -w (x1 + x2) and 0. */
static SpiralNetwork *opposite_scores(double w)
{
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    for (size_t j = 0; j < network->parameter_count; j++)
        network->parameters[j] = 0.0;
    for (size_t d = 0; d < 2; d++) {
        spiral_network_weights(network, 0)[3 * d] = w;
        spiral_network_weights(network, 0)[3 * d + 1] = -w;
    }
    return network;
}

static void set_features(SpiralDataset *data, size_t first, size_t rows, double x)
{
    for (size_t j = 2 * first; j < 2 * (first + rows); j++)
        ((double *)(uintptr_t)data->X)[j] = x;
}

/* Features eight times as large as the training's are on its scale: what is too large are the weights, whether they
 * make a score overflow, 2 * 8 * 2e307, or the difference of two that do not, 1.6e308. */
static void validation_data_on_the_scale_of_the_training_data_is_not_to_blame(void **state)
{
    (void)state;
    static const double weights[] = {2e307, 1e307};
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
        SpiralDataset data = make_data(3, 2, 3, 1), validation = make_data(3, 2, 3, 2);
        set_features(&data, 0, 3, 1.0);
        set_features(&validation, 0, 3, 8.0);
        SpiralNetwork *network = opposite_scores(weights[i]);
        SpiralTrainOptions options = spiral_train_defaults();
        options.objective.reg = 0.0;
        SpiralTrainResult result;
        SpiralError error;
        SpiralTrainer *trainer;
        assert_int_equal(spiral_trainer_create(network, &data, &validation, &options, &trainer, &error), SPIRAL_OK);
        assert_int_equal(spiral_trainer_run(trainer, &(SpiralTrainHooks){0}, &result, &error), SPIRAL_ERROR_DIVERGED);
        assert_int_equal(result.cause, SPIRAL_CAUSE_WEIGHTS);
        assert_non_null(strstr(error.reason, "diverged at iteration 0: the validation loss is"));
        assert_non_null(strstr(error.reason, "start with smaller ones"));
        spiral_trainer_free(trainer);
        spiral_network_free(network);
        free_data(&data);
        free_data(&validation);
    }
}

/* With a target the loss over all rows is looked at, also over those that the batch does not hold. Row `far` has the
 * lowest score in its class; the row after the last is none. */
static void a_row_outside_the_batch_whose_loss_is_infinite_is_a_divergence(void **state)
{
    (void)state;
    enum { ROWS = 12 };
    SpiralTrainOptions options = spiral_train_defaults();
    options.objective.reg = 0.0;
    options.batch_size = 2; /* of four such rows at least two are not in the first batch */
    options.target_loss = 0.1;
    options.iterations = 1;
    for (size_t far = 1; far <= ROWS + 1; far += 3) {
        SpiralDataset data = make_data(ROWS, 2, 3, 1);
        set_features(&data, 0, ROWS, 1.0);
        if (far < ROWS)
            set_features(&data, far, 1, 8.0);
        SpiralNetwork *network = opposite_scores(6e306);
        Seen seen = {0};
        SpiralTrainResult result;
        SpiralError error = {0};
        assert_int_equal(spiral_train(network, &data, &options,
                                      &(SpiralTrainHooks){.record = observe, .context = &seen}, &result, &error),
                         far < ROWS ? SPIRAL_ERROR_DIVERGED : SPIRAL_OK);
        assert_int_equal(seen.count, far < ROWS ? 0 : 1);
        if (far < ROWS)
            assert_non_null(strstr(error.reason, "diverged at iteration 0: the loss is infinite"));
        spiral_network_free(network);
        free_data(&data);
    }
}

/* What is to blame, and what the advice then speaks of. */
static void divergence_names_the_cause_that_fits(void **state)
{
    (void)state;
    static const struct {
        double features, weights, rate, reg;
        SpiralCause cause;
        const char *advice;
    } cases[] = {
        {1.0, 0.5, 1e200, 0.0, SPIRAL_CAUSE_RATE, "try a lower learning rate than 1e+200"},
        {1e160, 0.5, 1.0, 0.0, SPIRAL_CAUSE_DATA, "standardise"},
        {1e30, 0.5, 1e-3, 0.0, SPIRAL_CAUSE_DATA, "standardise"},
        {1.0, 1e200, 1.0, 0.0, SPIRAL_CAUSE_WEIGHTS, "start with smaller ones"},
        {1.0, 1e60, 1.0, 0.0, SPIRAL_CAUSE_WEIGHTS, "start with smaller ones"},
        {1.0, 0.5, 1.0, 1e5, SPIRAL_CAUSE_REG, "try a lower regularisation than 100000"},
        {1.0, 0.5, 1.0, 1e308, SPIRAL_CAUSE_REG, "try a lower regularisation than 1e+308"},
    };
    size_t hidden[] = {8, 8, 8};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SpiralDataset data = make_data(40, 2, 3, 1);
        for (size_t j = 0; j < 80; j++)
            ((double *)(uintptr_t)data.X)[j] *= cases[i].features;
        SpiralNetwork *network = make_network(2, 3, hidden, 3, cases[i].weights, 2);
        network->activation = SPIRAL_ACTIVATION_LEAKY_RELU; /* no unit dies, which would end it */
        SpiralTrainOptions options = spiral_train_defaults();
        options.learning_rate = cases[i].rate;
        options.objective.reg = cases[i].reg;
        SpiralTrainResult result;
        SpiralError error = {0};
        if (spiral_train(network, &data, &options, NULL, &result, &error) != SPIRAL_ERROR_DIVERGED)
            fail_msg("case %zu has not diverged", i);
        if (result.cause != cases[i].cause || strstr(error.reason, cases[i].advice) == NULL)
            fail_msg("case %zu: cause %d, %s", i, (int)result.cause, error.reason);
        spiral_network_free(network);
        free_data(&data);
    }
}

/* As they are 9, standardised (-6 - 1) / 2; the first row alone (5 - 1) / 2. The third is not given. */
static void the_reach_is_the_largest_feature_of_the_given_rows(void **state)
{
    (void)state;
    static const double mean[] = {1.0, 3.0}, scale[] = {2.0, 4.0}, X[] = {5.0, 4.0, -6.0, -9.0, 100.0, 100.0};
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    assert_true(spiral_divergence_reach(network, 2, X) == 9.0);
    assert_int_equal(spiral_network_set_standardization(network, mean, scale, NULL), SPIRAL_OK);
    assert_true(spiral_divergence_reach(network, 1, X) == 2.0);
    assert_true(spiral_divergence_reach(network, 2, X) == 3.5);
    spiral_network_free(network);
}

/* Features that are standardised already are not to be standardised: one of them is an outlier. */
static void divergence_by_standardised_features_names_the_outlier(void **state)
{
    (void)state;
    static const double mean[] = {0.0, 0.0}, scale[] = {1.0, 1e-170};
    SpiralDataset data = make_data(40, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    SpiralTrainOptions options = spiral_train_defaults();
    SpiralTrainResult result;
    SpiralError error;
    assert_int_equal(spiral_network_set_standardization(network, mean, scale, &error), SPIRAL_OK);
    options.learning_rate = 0.25;
    assert_int_equal(spiral_train(network, &data, &options, NULL, &result, &error), SPIRAL_ERROR_DIVERGED);
    assert_int_equal(result.cause, SPIRAL_CAUSE_DATA);
    assert_non_null(strstr(error.reason, "the features, though standardised, reach "));
    assert_non_null(strstr(error.reason, "look for outliers, or try a lower learning rate than 0.25"));
    spiral_network_free(network);
    free_data(&data);
}

/* dx^2 overflows long before dx does; the update would become 0 and stay so. */
static void squares_of_gradients_that_overflow_are_a_divergence(void **state)
{
    (void)state;
    static const SpiralOptimizerKind kinds[] = {SPIRAL_OPTIMIZER_ADAGRAD, SPIRAL_OPTIMIZER_RMSPROP,
                                                SPIRAL_OPTIMIZER_ADAM, SPIRAL_OPTIMIZER_ADAMW};
    SpiralDataset data = make_data(40, 2, 3, 1);
    for (size_t j = 0; j < 80; j++)
        ((double *)(uintptr_t)data.X)[j] *= 1e170;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
        SpiralTrainOptions options = spiral_train_defaults();
        options.optimizer.kind = kinds[k];
        options.learning_rate = 1e-3;
        SpiralTrainResult result;
        SpiralError error = {0};
        assert_int_equal(spiral_train(network, &data, &options, NULL, &result, &error), SPIRAL_ERROR_DIVERGED);
        assert_non_null(strstr(error.reason, "what the optimizer keeps of the gradients is not finite"));
        assert_int_equal(result.cause, SPIRAL_CAUSE_DATA);
        spiral_network_free(network);
    }
    free_data(&data);
}

/* Features of 1e170, weights that the rate moves by their own size: the norms' squares are all beyond a double. */
static void records_hold_numbers_where_squares_would_overflow(void **state)
{
    (void)state;
    SpiralDataset data = make_data(40, 2, 3, 1);
    for (size_t j = 0; j < 80; j++)
        ((double *)(uintptr_t)data.X)[j] *= 1e170;
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 1e-171, 2);
    for (size_t k = 0; k < 3; k++)
        spiral_network_biases(network, 0)[k] = 0.0;
    SpiralTrainOptions options = spiral_train_defaults();
    options.learning_rate = 1e-320;
    options.iterations = 3;
    options.record_every = 1;
    options.max_grad_norm = 1e150;
    Seen seen = {0};
    SpiralTrainResult result;
    assert_int_equal(
        spiral_train(network, &data, &options, &(SpiralTrainHooks){.record = observe, .context = &seen}, &result, NULL),
        SPIRAL_OK);
    double *gradient = malloc(network->parameter_count * sizeof *gradient), largest = 0.0;
    SpiralNetwork *plain = make_network(2, 0, NULL, 3, 1e-171, 2);
    for (size_t k = 0; k < 3; k++)
        spiral_network_biases(plain, 0)[k] = 0.0;
    plain_gradient(plain, &data, 1e-3, 1.0 / 40.0, gradient);
    for (size_t j = 0; j < plain->parameter_count; j++)
        largest = fmax(largest, fabs(gradient[j]));
    double squares = 0.0;
    for (size_t j = 0; j < plain->parameter_count; j++)
        squares += gradient[j] / largest * (gradient[j] / largest);
    assert_true(fabs(seen.record[0].grad_norm - largest * sqrt(squares)) <= 1e-12 * seen.record[0].grad_norm);
    /* the update is rate * 1e150 in norm */
    double weights = 0.0;
    for (size_t j = 0; j < 6; j++)
        weights += plain->parameters[j] / 1e-171 * (plain->parameters[j] / 1e-171);
    double expected = 1e-320 * 1e150 / (1e-171 * sqrt(weights));
    assert_true(fabs(seen.record[0].update_ratio - expected) <= 1e-3 * expected); /* 1e-320 has few digits */
    free(gradient);
    spiral_network_free(plain);
    spiral_network_free(network);
    free_data(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validation_data_on_the_scale_of_the_training_data_is_not_to_blame),
        cmocka_unit_test(a_row_outside_the_batch_whose_loss_is_infinite_is_a_divergence),
        cmocka_unit_test(the_weights_follow_the_plain_gradient),
        cmocka_unit_test(the_update_ratio_is_that_of_the_weights),
        cmocka_unit_test(divergence_names_the_iteration_and_keeps_the_last_finite_model),
        cmocka_unit_test(a_nan_in_any_one_parameter_is_noticed),
        cmocka_unit_test(an_interrupt_ends_the_run_between_two_iterations),
        cmocka_unit_test(a_failing_observer_ends_the_run_with_its_status),
        cmocka_unit_test(settings_out_of_range_are_refused),
        cmocka_unit_test(options_out_of_their_range_are_named),
        cmocka_unit_test(patience_needs_validation_data_which_may_be_larger),
        cmocka_unit_test(weights_that_overflow_are_a_divergence),
        cmocka_unit_test(a_validation_loss_that_is_not_finite_is_a_divergence),
        cmocka_unit_test(divergence_names_the_cause_that_fits),
        cmocka_unit_test(the_reach_is_the_largest_feature_of_the_given_rows),
        cmocka_unit_test(divergence_by_standardised_features_names_the_outlier),
        cmocka_unit_test(squares_of_gradients_that_overflow_are_a_divergence),
        cmocka_unit_test(records_hold_numbers_where_squares_would_overflow),
    };
    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}
