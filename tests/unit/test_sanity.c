#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/moments.h"
#include "data_support.h"
#include "check/sanity.h"
#include "check/sanity_result.h"
#include "net_support.h"
#include "spiral/spiral.h"

#define assert_found(result, words)                                                                                    \
    do {                                                                                                               \
        if (strstr((result).found, (words)) == NULL)                                                                   \
            fail_msg("'%s' is not in: %s", (words), (result).found);                                                   \
    } while (0)

static SpiralSanity run(const SpiralNetwork *network, const SpiralDataset *dataset)
{
    SpiralSanityOptions options = spiral_sanity_defaults();
    options.training.learning_rate = 0.01;
    SpiralSanity sanity;
    SpiralError error;
    SpiralRng rng;
    spiral_rng_seed(&rng, 0);
    assert_ok(spiral_sanity_check(network, dataset, &options, &rng, &sanity, &error), error);
    return sanity;
}

static void an_outcome_is_the_worse_the_larger_the_value_and_worst_for_no_number(void **state)
{
    (void)state;
    assert_int_equal(spiral_sanity_judge(1.0, 1.0, 2.0), SPIRAL_SANITY_OK);
    assert_int_equal(spiral_sanity_judge(1.0 + DBL_EPSILON, 1.0, 2.0), SPIRAL_SANITY_WARNING);
    assert_int_equal(spiral_sanity_judge(2.0, 1.0, 2.0), SPIRAL_SANITY_WARNING);
    assert_int_equal(spiral_sanity_judge(2.0 + 2.0 * DBL_EPSILON, 1.0, 2.0), SPIRAL_SANITY_FAILED);
    assert_int_equal(spiral_sanity_judge(INFINITY, 1.0, 2.0), SPIRAL_SANITY_FAILED);
    assert_int_equal(spiral_sanity_judge(NAN, 1.0, 2.0), SPIRAL_SANITY_FAILED);
}

/* ---- the data ---------------------------------------------------------------------------------------------------- */

static SpiralSanityResult balance(size_t classes, const size_t *sizes)
{
    int64_t y[256];
    size_t rows = 0;
    for (size_t k = 0; k < classes; k++)
        for (size_t i = 0; i < sizes[k]; i++)
            y[rows++] = (int64_t)k;
    const SpiralDataset dataset = {.rows = rows, .features = 1, .classes = classes, .y = y};
    SpiralSanityResult result = {.advice = ""};
    SpiralError error;
    assert_ok(spiral_sanity_balance(&dataset, &result, &error), error);
    return result;
}

static void classes_are_compared_by_their_rows(void **state)
{
    (void)state;
    const struct {
        size_t classes, sizes[3];
        SpiralSanityOutcome outcome;
    } cases[] = {{2, {2, 2}, SPIRAL_SANITY_OK},        {3, {9, 6, 3}, SPIRAL_SANITY_OK},
                 {2, {3, 10}, SPIRAL_SANITY_WARNING},  {2, {40, 2}, SPIRAL_SANITY_WARNING},
                 {2, {41, 2}, SPIRAL_SANITY_FAILED},   {3, {2, 1, 2}, SPIRAL_SANITY_FAILED},
                 {3, {2, 0, 2}, SPIRAL_SANITY_FAILED}, {1, {8}, SPIRAL_SANITY_FAILED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralSanityResult result = balance(cases[i].classes, cases[i].sizes);
        if (result.outcome != cases[i].outcome)
            fail_msg("case %zu: %s", i, result.found);
        assert_true((result.advice[0] != '\0') == (result.outcome != SPIRAL_SANITY_OK));
    }
    assert_found(balance(3, (const size_t[]){9, 6, 3}), "2, has 3 rows, the largest, 0, has 9: a ratio of 3");
    assert_found(balance(1, (const size_t[]){8}), "one class alone, 0");
}

static void moments_are_right_from_the_smallest_to_the_largest_numbers(void **state)
{
    (void)state;
    double mean, deviation;
    const double units[] = {DBL_TRUE_MIN * 1024, 1e-200, 1.0, 1e200, DBL_MAX / 8};
    for (size_t u = 0; u < sizeof units / sizeof *units;
         u++) { /* 1, 3, 5, 7: mean 4, deviation sqrt(5); every second value */
        double column[8];
        for (size_t i = 0; i < 4; i++) {
            column[2 * i] = units[u] * (double)(2 * i + 1);
            column[2 * i + 1] = -1.0;
        }
        spiral_moments(4, 1, 2, column, &mean, &deviation);
        assert_true(fabs(mean / units[u] - 4.0) < 1e-3 && fabs(deviation / units[u] - sqrt(5.0)) < 1e-3);
    }
    spiral_moments(2, 1, 1, (const double[]){DBL_MAX, -DBL_MAX}, &mean, &deviation);
    assert_true(mean == 0.0 && deviation == DBL_MAX);
    spiral_moments(3, 1, 1, (const double[]){0.1, 0.1, 0.1}, &mean, &deviation);
    assert_true(mean == 0.1 && deviation == 0.0);
    spiral_moments(1, 1, 1, (const double[]){7.0}, &mean, &deviation);
    assert_true(mean == 7.0 && deviation == 0.0);
}

/* Columns (0, 2), (5, 25), (3, 3): deviations 1, 10 and 0, means 1, 1.5 and infinitely many of them from 0. */
static void features_are_judged_as_the_network_gets_them(void **state)
{
    (void)state;
    const double X[] = {0.0, 5.0, 3.0, 2.0, 25.0, 3.0};
    const SpiralDataset dataset = {.rows = 2, .features = 3, .classes = 2, .X = X};
    SpiralNetwork *network;
    SpiralError error;
    SpiralSanityResult constants = {.advice = ""}, scales = {.advice = ""}, means = {.advice = ""};
    assert_ok(spiral_network_create(3, 0, NULL, 2, &network, &error), error);
    spiral_sanity_features(network, &dataset, &constants, &scales, &means);
    assert_int_equal(constants.outcome, SPIRAL_SANITY_FAILED);
    assert_string_equal(constants.found, "1 of the 3 features: 2 is 3 in every row");
    assert_string_equal(scales.found, "deviations 1 (0) to 10 (1), a ratio of 10");
    assert_int_equal(scales.outcome, SPIRAL_SANITY_OK);
    assert_string_equal(means.found, "at most 1.5 deviations from 0 (1)");
    const double mean[] = {11.0, 15.0, 3.0}, scale[] = {1.0, 1.0 / 128.0, 1.0};
    assert_ok(spiral_network_set_standardization(network, mean, scale, &error), error);
    spiral_sanity_features(network, &dataset, &constants, &scales, &means);
    assert_string_equal(scales.found, "deviations 1 (0) to 1.28e+03 (1), a ratio of 1.28e+03");
    assert_int_equal(scales.outcome, SPIRAL_SANITY_FAILED);
    assert_string_equal(means.found, "at most 10 deviations from 0 (0)");
    assert_int_equal(means.outcome, SPIRAL_SANITY_WARNING);
    spiral_network_free(network);
}

static void same_rows_are_counted_by_label_and_zeros_of_both_signs_are_one(void **state)
{
    (void)state;
    /* (0, 1) stands there with labels 0, 0, 1; (2, 2) with 1, 1, 1; (1, 0) alone. */
    const double X[] = {0.0, 1.0, 2.0, 2.0, -0.0, 1.0, 2.0, 2.0, 1.0, -0.0, 0.0, 1.0, 2.0, 2.0};
    const int64_t y[] = {0, 1, 1, 1, 0, 0, 1};
    const SpiralDataset dataset = {.rows = 7, .features = 2, .classes = 2, .X = X, .y = y};
    SpiralSanityResult duplicates = {.advice = ""}, contradictions = {.advice = ""};
    SpiralError error;
    char words[200];
    assert_ok(spiral_sanity_rows(&dataset, &duplicates, &contradictions, &error), error);
    assert_found(duplicates, "3 of 7 rows (43 %) repeat an earlier");
    assert_int_equal(duplicates.outcome, SPIRAL_SANITY_WARNING);
    snprintf(words, sizeof words,
             "3 of 7 rows (43 %%) equal a row of another class, so that no accuracy can be above %.3f, no "
             "mean data loss below %.3g",
             6.0 / 7.0, (2.0 * log(1.5) + log(3.0)) / 7.0);
    assert_string_equal(contradictions.found, words);
    assert_int_equal(contradictions.outcome, SPIRAL_SANITY_FAILED);
}

static void many_rows_that_are_all_alike_are_counted_in_no_time(void **state)
{
    (void)state;
    enum { ROWS = 200000 };
    double *X = calloc(ROWS, sizeof *X);
    int64_t *y = calloc(ROWS, sizeof *y);
    assert_true(X != NULL && y != NULL);
    const SpiralDataset dataset = {.rows = ROWS, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralSanityResult duplicates = {.advice = ""}, contradictions = {.advice = ""};
    SpiralError error;
    assert_ok(spiral_sanity_rows(&dataset, &duplicates, &contradictions, &error), error);
    assert_found(duplicates, "199999 of 200000 rows");
    assert_int_equal(contradictions.outcome, SPIRAL_SANITY_OK);
    free(X);
    free(y);
}

/* ---- the network ------------------------------------------------------------------------------------------------- */

static void ten_classes_have_the_loss_that_the_notes_expect(void **state)
{
    (void)state;
    SpiralDataset data = make_data(40, 5, 10, 1);
    SpiralNetwork *network;
    SpiralError error;
    SpiralObjective objective = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_MEAN};
    SpiralLoss loss;
    SpiralSanityResult result = {.advice = ""};
    assert_ok(spiral_network_create(5, 0, NULL, 10, &network, &error), error);
    assert_ok(spiral_gradient_compute(network, &data, &objective, 1, &loss, NULL, &error), error);
    spiral_sanity_loss(&data, network, &objective, &loss, &result);
    assert_string_equal(result.found, "the data loss is 2.30259, ln 10 is 2.30259");
    assert_int_equal(result.outcome, SPIRAL_SANITY_OK);
    const struct {
        double loss;
        SpiralSanityOutcome outcome;
    } cases[] = {{2.53, SPIRAL_SANITY_OK},     {2.54, SPIRAL_SANITY_WARNING}, {2.0, SPIRAL_SANITY_WARNING},
                 {4.6, SPIRAL_SANITY_WARNING}, {4.61, SPIRAL_SANITY_FAILED},  {INFINITY, SPIRAL_SANITY_FAILED},
                 {NAN, SPIRAL_SANITY_FAILED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int sum = 0; sum < 2; sum++) {
            objective.reduction = sum ? SPIRAL_REDUCTION_SUM : SPIRAL_REDUCTION_MEAN;
            loss.data_loss = cases[i].loss * (sum ? 40.0 : 1.0);
            result = (SpiralSanityResult){.advice = ""};
            spiral_sanity_loss(&data, network, &objective, &loss, &result);
            assert_int_equal(result.outcome, cases[i].outcome);
        }
    assert_found(result, "40 ln 10 is 92.1034");
    spiral_network_free(network);
    free_data(&data);
}

/* 1/2 reg sum W^2 with W of one weight 2: reg 1 adds 2. */
static void the_loss_rises_by_what_the_notes_formula_says(void **state)
{
    (void)state;
    const double X[] = {0.0, 0.0};
    const int64_t y[] = {0, 1};
    const SpiralDataset data = {.rows = 2, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network;
    SpiralError error;
    SpiralSanityOptions options = spiral_sanity_defaults();
    SpiralSanityResult result = {.advice = ""};
    SpiralLoss loss;
    options.training.objective.reg = 0.0;
    assert_ok(spiral_network_create(1, 0, NULL, 2, &network, &error), error);
    assert_ok(spiral_gradient_compute(network, &data, &options.training.objective, 1, &loss, NULL, &error), error);
    assert_ok(spiral_sanity_regularization(network, &data, &options, &loss, &result, &error), error);
    assert_int_equal(result.outcome, SPIRAL_SANITY_WARNING); /* all weights are 0 */
    network->parameters[1] = 2.0;
    result = (SpiralSanityResult){.advice = ""};
    assert_ok(spiral_sanity_regularization(network, &data, &options, &loss, &result, &error), error);
    assert_string_equal(result.found, "reg 0 to 1 takes the loss from 0.693147 to 2.69315");
    assert_int_equal(result.outcome, SPIRAL_SANITY_OK);
    loss.loss = 2.7;
    assert_ok(spiral_sanity_regularization(network, &data, &options, &loss, &result, &error), error);
    assert_int_equal(result.outcome, SPIRAL_SANITY_FAILED);
    spiral_network_free(network);
}

static SpiralSanityResult check_spoilt(size_t group, double factor, size_t samples)
{
    SpiralDataset data = make_data(20, 3, 4, 2);
    SpiralNetwork *network = make_network(3, 1, (const size_t[]){6}, 4, 0.3, 3);
    SpiralSanityOptions options = spiral_sanity_defaults();
    SpiralSanityResult result = {.advice = ""};
    SpiralError error;
    SpiralLoss loss;
    SpiralRng rng;
    double gradient[64];
    options.samples = samples;
    spiral_rng_seed(&rng, 0);
    assert_true(network->parameter_count <= 64);
    assert_ok(spiral_gradient_compute(network, &data, &options.training.objective, 1, &loss, gradient, &error), error);
    gradient[group == 0 ? spiral_network_weights_offset(network, 0) + 7 : spiral_network_biases_offset(network, 1)] *=
        factor;
    assert_ok(spiral_sanity_gradient(network, &data, &options, gradient, &rng, &result, &error), error);
    spiral_network_free(network);
    free_data(&data);
    return result;
}

static void a_wrong_gradient_is_caught_and_its_group_named(void **state)
{
    (void)state;
    assert_int_equal(check_spoilt(0, 1.0, 0).outcome, SPIRAL_SANITY_OK);
    assert_int_equal(check_spoilt(0, 1.0 + 1e-5, 0).outcome, SPIRAL_SANITY_WARNING);
    for (size_t group = 0; group < 2; group++)
        for (int i = 0; i < 3; i++) {
            SpiralSanityResult result = check_spoilt(group, (const double[]){1.001, -1.0, NAN}[i], 0);
            assert_int_equal(result.outcome, SPIRAL_SANITY_FAILED);
            assert_found(result, group == 0 ? "in W1, of 52 parameters" : "in b2, of 52 parameters");
        }
    assert_found(check_spoilt(0, 1.0, 3), "of 12 parameters");
}

/* The first row of a class, which is not among the thousand, has scores that drown every difference. */
static void many_rows_are_compared_by_a_thousand_of_them(void **state)
{
    (void)state;
    SpiralDataset data = make_data(3000, 3, 3, 4);
    ((double *)(uintptr_t)data.X)[0] = 1e20;
    SpiralNetwork *network = make_network(3, 0, NULL, 3, 0.01, 5);
    SpiralSanityOptions options = spiral_sanity_defaults();
    options.training.objective.reduction = SPIRAL_REDUCTION_SUM;
    SpiralSanity sanity;
    SpiralError error;
    assert_ok(spiral_sanity_check(network, &data, &options, NULL, &sanity, &error), error);
    assert_found(sanity.results[SPIRAL_SANITY_GRADIENT], "of 12 parameters");
    assert_int_equal(sanity.results[SPIRAL_SANITY_GRADIENT].outcome, SPIRAL_SANITY_OK);
    spiral_network_free(network);
    free_data(&data);
}

static SpiralSanityResult learn(const SpiralNetwork *network, const SpiralDataset *data)
{
    SpiralSanityResult result = {.advice = ""};
    SpiralError error;
    assert_ok(spiral_sanity_learning(network, data, &result, &error), error);
    return result;
}

/* Of XOR the best a linear classifier can do is a half for each class: ln 2. */
static void xor_is_learnt_by_a_network_and_not_by_a_line(void **state)
{
    (void)state;
    const double X[] = {0, 0, 0, 1e9, 1e-9, 0, 1e-9, 1e9};
    const int64_t y[] = {0, 1, 1, 0};
    const SpiralDataset data = {.rows = 4, .features = 2, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network = make_network(2, 1, (const size_t[]){16}, 2, 0.01, 1);
    SpiralSanityResult result = learn(network, &data);
    assert_found(result, "4 of 4 right");
    assert_int_equal(result.outcome, SPIRAL_SANITY_OK);
    spiral_network_free(network);
    network = make_network(2, 0, NULL, 2, 0.01, 1);
    result = learn(network, &data);
    assert_found(result, "mean loss 0.693");
    assert_int_equal(result.outcome, SPIRAL_SANITY_WARNING);
    spiral_network_free(network);
}

/* Twenty of a class each stand where twenty of the other do: ln 2 is left, whatever the network. */
static void points_of_two_classes_in_one_place_cannot_be_learnt(void **state)
{
    (void)state;
    double X[20];
    int64_t y[20];
    for (size_t i = 0; i < 20; i++) {
        X[i] = (double)(i / 2);
        y[i] = (int64_t)(i % 2);
    }
    const SpiralDataset data = {.rows = 20, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network = make_network(1, 1, (const size_t[]){50}, 2, 0.01, 1);
    SpiralSanityResult result = learn(network, &data);
    assert_found(result, "mean loss 0.693");
    assert_found(result, "10 of 20 right");
    assert_int_equal(result.outcome, SPIRAL_SANITY_FAILED);
    network->parameters[0] = 1e308; /* a loss that is infinite at the start */
    network->parameters[1] = -1e308;
    assert_int_equal(learn(network, &data).outcome, SPIRAL_SANITY_FAILED);
    spiral_network_free(network);
}

/* Nothing but the last biases can move: six points of each of three classes are left at ln 3. */
static void a_network_of_zeros_learns_nothing(void **state)
{
    (void)state;
    SpiralDataset data = make_data(18, 2, 3, 1);
    SpiralNetwork *network;
    SpiralError error;
    assert_ok(spiral_network_create(2, 1, (const size_t[]){10}, 3, &network, &error), error);
    SpiralSanityResult result = learn(network, &data);
    assert_found(result, "mean loss 1.1 ");
    assert_found(result, "6 of 18 right");
    assert_int_equal(result.outcome, SPIRAL_SANITY_FAILED);
    spiral_network_free(network);
    free_data(&data);
}

/* One pair of twenty points: 2 ln 2 / 20 = 0.0693 is left. */
static void one_pair_that_cannot_be_learnt_is_a_warning(void **state)
{
    (void)state;
    double X[20];
    int64_t y[20];
    for (size_t i = 0; i < 20; i++) {
        X[i] = (double)(i < 19 ? i : 9);
        y[i] = i < 10 ? 0 : 1;
    }
    const SpiralDataset data = {.rows = 20, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network = make_network(1, 1, (const size_t[]){50}, 2, 0.01, 1);
    SpiralSanityResult result = learn(network, &data);
    assert_found(result, "mean loss 0.0693");
    assert_found(result, "19 of 20 right");
    assert_int_equal(result.outcome, SPIRAL_SANITY_WARNING);
    spiral_network_free(network);
}

static void a_check_counts_its_outcomes_and_leaves_the_network_as_it_was(void **state)
{
    (void)state;
    SpiralDataset data = make_data(60, 3, 3, 4);
    double *X = (double *)(uintptr_t)data.X;
    for (size_t i = 0; i < 60; i++) {
        X[3 * i] = 2.5;       /* constant: failed */
        X[3 * i + 1] *= 50.0; /* wide: a warning */
    }
    SpiralNetwork *network = make_network(3, 1, (const size_t[]){30}, 3, 0.001, 5);
    for (size_t u = 0; u < 30; u++)
        spiral_network_biases(network, 0)[u] = 0.01;
    memset(spiral_network_biases(network, 1), 0, 3 * sizeof(double));
    double *before = malloc(network->parameter_count * sizeof *before);
    memcpy(before, network->parameters, network->parameter_count * sizeof *before);
    SpiralSanity sanity = run(network, &data), again = run(network, &data);
    assert_int_equal(sanity.failures, 1);
    assert_int_equal(sanity.warnings, 2); /* the classes, which are drawn at random, overlap */
    assert_int_equal(sanity.results[SPIRAL_SANITY_CONSTANTS].outcome, SPIRAL_SANITY_FAILED);
    assert_int_equal(sanity.results[SPIRAL_SANITY_SCALES].outcome, SPIRAL_SANITY_WARNING);
    assert_string_equal(sanity.results[SPIRAL_SANITY_LEARNING].name, "twenty points");
    for (size_t i = 0; i < SPIRAL_SANITY_COUNT; i++)
        assert_string_equal(sanity.results[i].found, again.results[i].found);
    assert_memory_equal(before, network->parameters, network->parameter_count * sizeof *before);
    assert_null(network->mean);
    free(before);
    spiral_network_free(network);
    free_data(&data);
}

/* The result has room for SPIRAL_SANITY_LAYERS layers; the check looks at all of them. */
static void the_layers_of_a_very_deep_network_are_all_looked_at(void **state)
{
    (void)state;
    enum { HIDDEN = 45, DEAD = 41 };
    SpiralDataset data = make_data(30, 2, 3, 1);
    SpiralNetwork *network;
    SpiralError error;
    size_t units[HIDDEN];
    for (size_t l = 0; l < HIDDEN; l++)
        units[l] = 3;
    assert_ok(spiral_network_create(2, HIDDEN, units, 3, &network, &error), error);
    for (size_t l = 0; l <= HIDDEN; l++)
        for (size_t u = 0; u < 3; u++) {
            spiral_network_weights(network, l)[u] = 0.1;
            spiral_network_biases(network, l)[u] = l + 1 == DEAD ? -10.0 : 1.0;
        }
    SpiralSanity sanity = run(network, &data);
    assert_found(sanity.results[SPIRAL_SANITY_LAYERS_CHECK], "all units of hidden layer 41 are dead");
    assert_int_equal(sanity.layers, SPIRAL_SANITY_LAYERS);
    assert_true(sanity.before[0].deviation > 0.0);
    spiral_network_free(network);
    free_data(&data);
}

static void data_without_labels_or_for_another_network_is_refused(void **state)
{
    (void)state;
    SpiralDataset data = make_data(6, 2, 2, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 0.1, 1), *other = make_network(3, 0, NULL, 2, 0.1, 1);
    SpiralSanityOptions options = spiral_sanity_defaults();
    SpiralSanity sanity;
    SpiralError error;
    SpiralRng rng;
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_sanity_check(other, &data, &options, &rng, &sanity, &error), SPIRAL_ERROR_INPUT);
    options.training.objective.reg = -1.0;
    assert_int_equal(spiral_sanity_check(network, &data, &options, &rng, &sanity, &error), SPIRAL_ERROR_USAGE);
    options = spiral_sanity_defaults();
    SpiralDataset unlabelled = data;
    unlabelled.y = NULL;
    assert_int_equal(spiral_sanity_check(network, &unlabelled, &options, &rng, &sanity, &error), SPIRAL_ERROR_INPUT);
    spiral_network_free(network);
    spiral_network_free(other);
    free_data(&data);
}

/* ---- what is left out -------------------------------------------------------------------------------------------- */

static void features_that_do_not_vary_have_no_scale(void **state)
{
    (void)state;
    double X[8] = {1, 2, 1, 2, 1, 2, 1, 2};
    int64_t y[4] = {0, 1, 0, 1};
    const SpiralDataset dataset = {.rows = 4, .features = 2, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 0.01, 1);
    SpiralSanityResult constants = {0}, scales = {0}, means = {0};
    spiral_sanity_features(network, &dataset, &constants, &scales, &means);
    assert_found(scales, "no feature varies");
    assert_found(means, "no feature varies");
    assert_int_equal(scales.outcome, SPIRAL_SANITY_OK);
    spiral_network_free(network);
}

static void a_long_name_is_cut_between_characters(void **state)
{
    (void)state;
    char long_name[SPIRAL_SANITY_NAME + 8] = "", name[SPIRAL_SANITY_NAME + 1];
    const char *const names[] = {long_name};
    memset(long_name, 'x', SPIRAL_SANITY_NAME - 1);
    strcpy(long_name + SPIRAL_SANITY_NAME - 1, "\xe2\x82\xac"); /* the last byte that fits is the first of three */
    spiral_sanity_copy_name(names, 0, name);
    assert_int_equal(strlen(name), SPIRAL_SANITY_NAME - 1);
    assert_int_equal(strspn(name, "x"), SPIRAL_SANITY_NAME - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outcome_is_the_worse_the_larger_the_value_and_worst_for_no_number),
        cmocka_unit_test(classes_are_compared_by_their_rows),
        cmocka_unit_test(moments_are_right_from_the_smallest_to_the_largest_numbers),
        cmocka_unit_test(features_are_judged_as_the_network_gets_them),
        cmocka_unit_test(same_rows_are_counted_by_label_and_zeros_of_both_signs_are_one),
        cmocka_unit_test(many_rows_that_are_all_alike_are_counted_in_no_time),
        cmocka_unit_test(ten_classes_have_the_loss_that_the_notes_expect),
        cmocka_unit_test(the_loss_rises_by_what_the_notes_formula_says),
        cmocka_unit_test(a_wrong_gradient_is_caught_and_its_group_named),
        cmocka_unit_test(many_rows_are_compared_by_a_thousand_of_them),
        cmocka_unit_test(xor_is_learnt_by_a_network_and_not_by_a_line),
        cmocka_unit_test(points_of_two_classes_in_one_place_cannot_be_learnt),
        cmocka_unit_test(a_network_of_zeros_learns_nothing),
        cmocka_unit_test(one_pair_that_cannot_be_learnt_is_a_warning),
        cmocka_unit_test(a_check_counts_its_outcomes_and_leaves_the_network_as_it_was),
        cmocka_unit_test(the_layers_of_a_very_deep_network_are_all_looked_at),
        cmocka_unit_test(data_without_labels_or_for_another_network_is_refused),
        cmocka_unit_test(features_that_do_not_vary_have_no_scale),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
    };
    return cmocka_run_group_tests_name("sanity", tests, NULL, NULL);
}
