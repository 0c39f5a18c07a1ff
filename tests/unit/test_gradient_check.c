#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/finite_difference.h"
#include "data_support.h"
#include "net_support.h"
#include "spiral/spiral.h"

/* ---- the notes' models, and one deeper --------------------------------------------------------------------------- */

typedef struct Case {
    SpiralDataset *dataset;
    SpiralNetwork *network;
    SpiralObjective objective;
    double *gradient; /* as backpropagation has it */
} Case;

/* Generated data, and a network that has been trained a little. */
static Case make_any_case(SpiralActivation activation, size_t hidden_count, const size_t *hidden, SpiralInit init,
                          double init_scale, size_t burn_in, uint32_t seed, SpiralObjective objective)
{
    Case made = {.objective = objective};
    SpiralGenerateOptions options = spiral_generate_defaults();
    SpiralTrainOptions training = spiral_train_defaults();
    SpiralTrainResult result;
    SpiralLoss loss;
    SpiralRng rng;
    SpiralError error;
    spiral_rng_seed(&rng, seed);
    assert_ok(spiral_dataset_generate(&options, &rng, &made.dataset, &error), error);
    assert_ok(spiral_network_create(2, hidden_count, hidden, 3, &made.network, &error), error);
    made.network->activation = activation;
    spiral_network_init(made.network, init, init_scale, &rng);
    training.iterations = burn_in;
    if (burn_in > 0)
        assert_ok(spiral_train(made.network, made.dataset, &training, NULL, &result, &error), error);
    made.gradient = malloc(made.network->parameter_count * sizeof *made.gradient);
    assert_non_null(made.gradient);
    assert_ok(spiral_gradient_compute(made.network, made.dataset, &objective, 1, &loss, made.gradient, &error), error);
    return made;
}

static Case make_case(size_t hidden_count, const size_t *hidden, double init_scale, size_t burn_in,
                      SpiralObjective objective)
{
    return make_any_case(SPIRAL_ACTIVATION_RELU, hidden_count, hidden, SPIRAL_INIT_GAUSSIAN, init_scale, burn_in, 0,
                         objective);
}

static void free_case(Case *made)
{
    free(made->gradient);
    spiral_network_free(made->network);
    spiral_dataset_free(made->dataset);
}

static SpiralGradientCheck run_check(const Case *made)
{
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    SpiralError error;
    assert_ok(spiral_gradient_check(made->network, made->dataset, &made->objective, &options, made->gradient, NULL,
                                    NULL, &check, &error),
              error);
    return check;
}

/* All groups pass below 1e-7, and every coordinate was compared. */
static void assert_passes(size_t hidden_count, const size_t *hidden, double init_scale, size_t burn_in,
                          SpiralObjective objective)
{
    Case made = make_case(hidden_count, hidden, init_scale, burn_in, objective);
    SpiralGradientCheck check = run_check(&made);
    size_t compared = 0;
    assert_int_equal(check.group_count, 2 * (hidden_count + 1));
    for (size_t g = 0; g < check.group_count; g++) {
        const SpiralGradientComparison *group = &check.groups[g].part[SPIRAL_GRADIENT_LOSS];
        if (!(group->worst < 1e-7))
            fail_msg("%s[%zu,%zu]: relative error %g, %.17g against %.17g", check.groups[g].name, group->worst_row,
                     group->worst_column, group->worst, group->analytic, group->numeric);
        compared += group->count + group->kinks_compared;
    }
    assert_true(check.passed);
    assert_int_equal(compared, made.network->parameter_count);
    spiral_gradient_check_free(&check);
    free_case(&made);
}

static const size_t notes_hidden[] = {100}, deep_hidden[] = {20, 10};
static const SpiralObjective notes_objective = {.reg = 1e-3, .reduction = SPIRAL_REDUCTION_MEAN};

static void the_linear_classifier_passes_at_the_start_and_after_100_iterations(void **state)
{
    (void)state;
    assert_passes(0, NULL, 0.01, 0, notes_objective);
    assert_passes(0, NULL, 0.01, 100, notes_objective);
}

static void the_two_layer_network_passes_at_the_start_and_after_100_iterations(void **state)
{
    (void)state;
    assert_passes(1, notes_hidden, 0.01, 0, notes_objective);
    assert_passes(1, notes_hidden, 0.01, 100, notes_objective);
}

static void a_deeper_network_passes_with_the_sum_and_with_the_mean(void **state)
{
    (void)state;
    assert_passes(2, deep_hidden, 0.3, 20, notes_objective);
    assert_passes(2, deep_hidden, 0.3, 20, (SpiralObjective){.reg = 0.1, .reduction = SPIRAL_REDUCTION_SUM});
}

/* With all weights zero every p is 1/3: dW = 1/3 sum_i x_i - sum of the class's x_i, and with 100 of each class db = 0.
 */
static void the_numeric_side_agrees_with_the_closed_form_at_zero_weights(void **state)
{
    (void)state;
    Case made = make_case(0, NULL, 0.0, 0, (SpiralObjective){.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM});
    memset(made.gradient, 0, 9 * sizeof *made.gradient);
    for (size_t i = 0; i < made.dataset->rows; i++)
        for (size_t d = 0; d < 2; d++)
            for (size_t k = 0; k < 3; k++)
                made.gradient[3 * d + k] +=
                    made.dataset->X[2 * i + d] * (1.0 / 3.0 - (made.dataset->y[i] == (int64_t)k ? 1.0 : 0.0));
    SpiralGradientCheck check = run_check(&made);
    assert_true(check.groups[0].part[SPIRAL_GRADIENT_LOSS].worst < 1e-10);
    assert_string_equal(check.groups[1].name, "b");
    assert_true(fabs(check.groups[1].part[SPIRAL_GRADIENT_LOSS].numeric) <
                1e-8); /* 0, but for rounding and the fourth order's rest */
    spiral_gradient_check_free(&check);
    free_case(&made);
}

/* There 100 rows add -2/3 to db_k and 200 rows 1/3, so that db is 0 but for rounding, of which nothing is known but its
 * size. */
static void what_cancels_is_judged_by_what_the_difference_resolves(void **state)
{
    (void)state;
    Case made = make_case(0, NULL, 0.0, 0, (SpiralObjective){.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM});
    SpiralGradientCheck check = run_check(&made);
    assert_true(check.passed);
    assert_int_equal(check.groups[1].part[SPIRAL_GRADIENT_LOSS].lost, 3);
    assert_int_equal(check.groups[1].part[SPIRAL_GRADIENT_LOSS].verdict, SPIRAL_GRADIENT_HARD);
    spiral_gradient_check_free(&check);
    made.gradient[spiral_network_biases_offset(made.network, 0) + 1] += 1e-8;
    check = run_check(&made);
    assert_false(check.passed);
    assert_int_equal(check.groups[1].part[SPIRAL_GRADIENT_LOSS].wrong, 1);
    assert_int_equal(check.groups[1].part[SPIRAL_GRADIENT_LOSS].worst_column, 1);
    spiral_gradient_check_free(&check);
    free_case(&made);
}

/* ---- what a difference resolves ---------------------------------------------------------------------------------- */

/* A network of the notes, or deeper, with any activation and seed. */
static Case make_trained_case(SpiralActivation activation, size_t hidden_count, const size_t *hidden, SpiralInit init,
                              size_t burn_in, uint32_t seed)
{
    return make_any_case(activation, hidden_count, hidden, init, init == SPIRAL_INIT_GAUSSIAN ? 0.01 : 1.0, burn_in,
                         seed, notes_objective);
}

/* Networks of the notes have parameters whose gradient is 1e-9 beside kinks that leave steps of 1e-6. At the start all
 * units are on their kink for the first point of each arm. */
static void a_hard_gradient_passes(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 20; seed++) {
        Case made = make_trained_case(SPIRAL_ACTIVATION_LEAKY_RELU, 1, notes_hidden, SPIRAL_INIT_GAUSSIAN,
                                      seed < 10 ? 100 : 0, seed % 10);
        SpiralGradientCheck check = run_check(&made);
        assert_true(check.passed);
        assert_int_equal(check.compared, made.network->parameter_count);
        spiral_gradient_check_free(&check);
        free_case(&made);
    }
    Case made = make_trained_case(SPIRAL_ACTIVATION_RELU, 1, notes_hidden, SPIRAL_INIT_GAUSSIAN, 10000, 0);
    SpiralGradientCheck check = run_check(&made);
    assert_true(check.passed);
    assert_true(check.total[SPIRAL_GRADIENT_LOSS].hard > 0);
    spiral_gradient_check_free(&check);
    free_case(&made);
}

/* The differences of all coordinates beside the gradient in 80 bits. Returns how many of those whose gradient is no
 * smaller than a thousandth of the largest are resolved to 1e-7. */
static double share_resolved(const Case *made)
{
    size_t count = made->network->parameter_count, large = 0, resolved = 0;
    double *exact = malloc(count * sizeof *exact), largest = 0.0;
    SpiralDifference *difference;
    SpiralError error;
    assert_non_null(exact);
    plain_gradient(made->network, made->dataset, 0.0, 1.0 / (double)made->dataset->rows, exact);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(exact[i]));
    assert_ok(spiral_difference_create(made->network, made->dataset, &made->objective, 1e-3, 1, &difference, &error),
              error);
    for (size_t g = 0; g < 2 * made->network->layers; g++) {
        SpiralCoordinate at = {.layer = g / 2, .bias = g % 2 == 1};
        size_t columns = made->network->sizes[at.layer + 1], rows = at.bias ? 1 : made->network->sizes[at.layer];
        for (at.row = 0; at.row < rows; at.row++)
            for (at.column = 0; at.column < columns; at.column++) {
                SpiralDerivative data, regularization;
                spiral_difference_compute(difference, &at, &data, &regularization);
                size_t index = spiral_coordinate_index(made->network, &at);
                if (data.kind == SPIRAL_DIFFERENCE_NONE)
                    continue;
                if (!(fabs(data.value - exact[index]) <= data.uncertainty))
                    fail_msg("%s, layer %zu [%zu,%zu]: off by %g, the uncertainty is %g",
                             spiral_activation_name(made->network->activation), at.layer, at.row, at.column,
                             data.value - exact[index], data.uncertainty);
                double w = made->network->parameters[index];
                assert_true(fabs(regularization.value - (at.bias ? 0.0 : made->objective.reg * w)) <=
                            regularization.uncertainty);
                large += fabs(exact[index]) >= 1e-3 * largest;
                resolved += fabs(exact[index]) >= 1e-3 * largest && 2.0 * data.uncertainty <= 1e-7 * fabs(exact[index]);
            }
    }
    spiral_difference_free(difference);
    free(exact);
    return (double)resolved / (double)large;
}

static void a_difference_is_off_by_no_more_than_its_uncertainty_which_is_small(void **state)
{
    (void)state;
    for (int a = 0; a < 4; a++)
        for (size_t burn_in = 0; burn_in <= 1000; burn_in = burn_in == 0 ? 100 : 10 * burn_in) {
            Case made =
                make_trained_case((SpiralActivation)a, 1, notes_hidden, SPIRAL_INIT_GAUSSIAN, burn_in, (uint32_t)a);
            assert_true(share_resolved(&made) > 0.9);
            free_case(&made);
            made = make_trained_case((SpiralActivation)a, 2, deep_hidden, SPIRAL_INIT_HE, burn_in, (uint32_t)a);
            assert_true(share_resolved(&made) > 0.9);
            free_case(&made);
        }
}

/* Rows that are the same are rounded alike: their mean is no more certain than one of them. */
static void copies_of_a_row_make_a_difference_no_more_certain(void **state)
{
    (void)state;
    double X[128], uncertainty[2];
    int64_t y[64];
    for (size_t i = 0; i < 64; i++) {
        X[2 * i] = 0.7;
        X[2 * i + 1] = -0.4;
        y[i] = 1;
    }
    SpiralNetwork *network = make_network(2, 1, (const size_t[]){20}, 3, 0.5, 1);
    network->activation = SPIRAL_ACTIVATION_TANH;
    const SpiralObjective objective = {.reduction = SPIRAL_REDUCTION_MEAN};
    const SpiralCoordinate at = {.layer = 0, .row = 0, .column = 3};
    for (int i = 0; i < 2; i++) {
        const SpiralDataset dataset = {.rows = i == 0 ? 1 : 64, .features = 2, .classes = 3, .X = X, .y = y};
        SpiralDerivative data, regularization;
        SpiralDifference *difference;
        SpiralError error;
        assert_ok(spiral_difference_create(network, &dataset, &objective, 1e-3, 1, &difference, &error), error);
        spiral_difference_compute(difference, &at, &data, &regularization);
        uncertainty[i] = data.uncertainty;
        spiral_difference_free(difference);
    }
    assert_true(uncertainty[0] > 0.0 && fabs(uncertainty[1] / uncertainty[0] - 1.0) < 0.1);
    spiral_network_free(network);
}

/* ---- wrong gradients --------------------------------------------------------------------------------------------- */

/* The case with a gradient that has been spoilt must fail in this group, and in no other. */
static void assert_caught(Case *made, size_t group)
{
    SpiralGradientCheck check = run_check(made);
    assert_false(check.passed);
    for (size_t g = 0; g < check.group_count; g++)
        if ((check.groups[g].part[SPIRAL_GRADIENT_LOSS].worst > 1e-7) != (g == group))
            fail_msg("%s: %g", check.groups[g].name, check.groups[g].part[SPIRAL_GRADIENT_LOSS].worst);
    spiral_gradient_check_free(&check);
}

static Case make_small_case(void)
{
    static const size_t hidden[] = {3};
    return make_case(1, hidden, 0.5, 10, (SpiralObjective){.reg = 0.01, .reduction = SPIRAL_REDUCTION_MEAN});
}

static void a_changed_sign_is_caught(void **state)
{
    (void)state;
    Case made = make_small_case();
    size_t b1 = spiral_network_biases_offset(made.network, 0);
    for (size_t j = 0; j < 3; j++)
        made.gradient[b1 + j] = -made.gradient[b1 + j];
    assert_caught(&made, 1);
    free_case(&made);
}

static void a_transposed_product_is_caught(void **state)
{
    (void)state;
    Case made = make_small_case();
    double *dW = made.gradient + spiral_network_weights_offset(made.network, 1); /* (3, 3) */
    for (size_t j = 0; j < 3; j++)
        for (size_t k = 0; k < j; k++) {
            double kept = dW[3 * j + k];
            dW[3 * j + k] = dW[3 * k + j];
            dW[3 * k + j] = kept;
        }
    assert_caught(&made, 2);
    free_case(&made);
}

static void a_forgotten_regularization_is_caught(void **state)
{
    (void)state;
    Case made = make_small_case();
    size_t W1 = spiral_network_weights_offset(made.network, 0);
    for (size_t j = 0; j < 6; j++)
        made.gradient[W1 + j] -= made.objective.reg * made.network->parameters[W1 + j];
    assert_caught(&made, 0);
    free_case(&made);
}

static void one_coordinate_off_by_a_millionth_is_caught_and_named(void **state)
{
    (void)state;
    Case made = make_small_case();
    made.gradient[spiral_network_weights_offset(made.network, 1) + 2 * 3 + 1] *= 1.0 + 1e-6;
    SpiralGradientCheck check = run_check(&made);
    assert_false(check.passed);
    assert_string_equal(check.groups[2].name, "W2");
    assert_int_equal(check.groups[2].part[SPIRAL_GRADIENT_LOSS].worst_row, 2);
    assert_int_equal(check.groups[2].part[SPIRAL_GRADIENT_LOSS].worst_column, 1);
    assert_true(fabs(check.groups[2].part[SPIRAL_GRADIENT_LOSS].worst - 1e-6) < 1e-8);
    spiral_gradient_check_free(&check);
    assert_caught(&made, 2);
    free_case(&made);
}

/* Puts an error into as many coordinates of the gradient, each between just above what its difference resolves (and the
 * tolerance) and a thousand times that. */
static void put_errors_in(Case *made, size_t errors, SpiralRng *rng)
{
    size_t count = made->network->parameter_count, put = 0;
    size_t *order = malloc(count * sizeof *order);
    SpiralDifference *difference;
    SpiralError error;
    assert_non_null(order);
    spiral_rng_permutation(rng, count, order);
    assert_ok(spiral_difference_create(made->network, made->dataset, &made->objective, 1e-3, 1, &difference, &error),
              error);
    for (size_t i = 0; i < count && put < errors; i++) {
        SpiralCoordinate at = {.layer = 0};
        while (order[i] >= spiral_network_biases_offset(made->network, at.layer) + made->network->sizes[at.layer + 1])
            at.layer++;
        size_t first = spiral_network_weights_offset(made->network, at.layer);
        size_t columns = made->network->sizes[at.layer + 1];
        at.row = (order[i] - first) / columns;
        at.column = (order[i] - first) % columns;
        at.bias = at.row == made->network->sizes[at.layer];
        at.row = at.bias ? 0 : at.row;
        assert_int_equal(spiral_coordinate_index(made->network, &at), order[i]);
        SpiralDerivative data, regularization;
        spiral_difference_compute(difference, &at, &data, &regularization);
        if (data.kind == SPIRAL_DIFFERENCE_NONE)
            continue;
        double uncertainty = data.uncertainty + regularization.uncertainty, *fa = &made->gradient[order[i]];
        double least = fmax(2.0 * uncertainty, 1.01e-7 * fabs(*fa) + uncertainty);
        double put_in = 1.001 * least * pow(10.0, 3.0 * spiral_rng_uniform(rng));
        *fa += spiral_rng_uniform(rng) < 0.5 ? -put_in : put_in;
        put++;
    }
    assert_int_equal(put, errors);
    spiral_difference_free(difference);
    free(order);
}

static void of_two_hundred_random_errors_none_passes(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 7);
    for (size_t i = 0; i < 10; i++) { /* every activation at the start and trained, flat and deep */
        Case made = make_trained_case(
            (SpiralActivation)(i % 4), i % 3 == 2 ? 2 : 1, i % 3 == 2 ? deep_hidden : notes_hidden,
            i % 3 == 0 ? SPIRAL_INIT_GAUSSIAN : SPIRAL_INIT_HE, (const size_t[]){0, 100, 1000}[i / 4], (uint32_t)i);
        put_errors_in(&made, 20, &rng);
        SpiralGradientCheck check = run_check(&made);
        assert_false(check.passed);
        if (check.total[SPIRAL_GRADIENT_LOSS].wrong != 20)
            fail_msg("network %zu: %zu of 20 errors were found", i, check.total[SPIRAL_GRADIENT_LOSS].wrong);
        spiral_gradient_check_free(&check);
        free_case(&made);
    }
}

static void a_gradient_that_is_no_number_is_caught(void **state)
{
    (void)state;
    Case made = make_small_case();
    made.gradient[spiral_network_biases_offset(made.network, 1)] = NAN;
    assert_caught(&made, 3);
    free_case(&made);
}

/* ---- kinks ------------------------------------------------------------------------------------------------------- */

/* One observation x = 1 of class 0; F = (v max(0, w x + b), 0) with v = 2, so that dL/da = 2 (p_0 - 1). */
static SpiralGradientCheck check_one_unit(double w, double analytic)
{
    const double X[] = {1.0};
    const int64_t y[] = {0};
    const SpiralDataset dataset = {.rows = 1, .features = 1, .classes = 2, .X = X, .y = y};
    const SpiralObjective objective = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM};
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    SpiralNetwork *network;
    SpiralError error;
    const size_t hidden[] = {1};
    assert_ok(spiral_network_create(1, 1, hidden, 2, &network, &error), error);
    network->parameters[0] = w;
    network->parameters[2] = 2.0;
    double a = fmax(0.0, w), p = 1.0 / (1.0 + exp(-2.0 * a));
    const double gradient[] = {analytic, analytic, a * (p - 1.0), a * (1.0 - p), p - 1.0, 1.0 - p}; /* W1 b1 W2 b2 */
    assert_ok(spiral_gradient_check(network, &dataset, &objective, &options, gradient, NULL, NULL, &check, &error),
              error);
    spiral_network_free(network);
    return check;
}

static void assert_kinks(SpiralGradientCheck check, size_t kinks, bool passed)
{
    assert_int_equal(check.groups[0].part[SPIRAL_GRADIENT_LOSS].kinks, kinks);
    assert_int_equal(check.groups[0].part[SPIRAL_GRADIENT_LOSS].kinks_compared, kinks);
    assert_int_equal(check.groups[0].part[SPIRAL_GRADIENT_LOSS].count, 1 - kinks);
    assert_int_equal(
        check.groups[2].part[SPIRAL_GRADIENT_LOSS].kinks + check.groups[3].part[SPIRAL_GRADIENT_LOSS].kinks, 0);
    assert_int_equal(check.passed, passed);
    spiral_gradient_check_free(&check);
}

/* At w = 0 the ReLU is off: the slope that counts is 0, the one on the side of the falling w; across the kink, a
 * centred difference would find half of -1. */
static void a_coordinate_on_a_kink_is_counted_apart_and_compared_on_its_own_side(void **state)
{
    (void)state;
    assert_kinks(check_one_unit(0.0, 0.0), 1, true);
    assert_kinks(check_one_unit(0.0, -1.0), 1, false);
    assert_kinks(check_one_unit(0.0, -0.5), 1, false);
}

static void just_beside_a_kink_the_slope_of_that_side_counts(void **state)
{
    (void)state;
    double w = 1e-9, p = 1.0 / (1.0 + exp(-2.0 * w));
    assert_kinks(check_one_unit(w, 2.0 * (p - 1.0)), 1, true);
    assert_kinks(check_one_unit(w, 0.0), 1, false);
    assert_kinks(check_one_unit(-w, 0.0), 1, true);
}

static void far_from_a_kink_the_difference_is_centred(void **state)
{
    (void)state;
    double w = 0.5, p = 1.0 / (1.0 + exp(-2.0 * w));
    assert_kinks(check_one_unit(w, 2.0 * (p - 1.0)), 0, true);
}

/* The first unit is active at a = 1; of the second layer's, one has z = a - 1 and one z = 1 - a: a kink on either side.
 */
static void a_coordinate_between_two_kinks_is_left_out_and_counted(void **state)
{
    (void)state;
    const double X[] = {1.0};
    const int64_t y[] = {0};
    const SpiralDataset dataset = {.rows = 1, .features = 1, .classes = 2, .X = X, .y = y};
    const SpiralObjective objective = spiral_objective_defaults();
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    SpiralNetwork *network;
    SpiralLoss loss;
    SpiralError error;
    const size_t hidden[] = {1, 2};
    assert_ok(spiral_network_create(1, 2, hidden, 2, &network, &error), error);
    const double parameters[] = {1.0, 0.0, 1.0, -1.0, -1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 0.0, 0.0};
    double gradient[12];
    memcpy(network->parameters, parameters, sizeof parameters);
    assert_ok(spiral_gradient_compute(network, &dataset, &objective, 1, &loss, gradient, &error), error);
    assert_ok(spiral_gradient_check(network, &dataset, &objective, &options, gradient, NULL, NULL, &check, &error),
              error);
    for (size_t g = 0; g < 2; g++) { /* W1 and b1 */
        assert_int_equal(check.groups[g].part[SPIRAL_GRADIENT_LOSS].kinks, 1);
        assert_int_equal(check.groups[g].part[SPIRAL_GRADIENT_LOSS].kinks_compared +
                             check.groups[g].part[SPIRAL_GRADIENT_LOSS].count,
                         0);
    }
    assert_int_equal(check.groups[2].part[SPIRAL_GRADIENT_LOSS].kinks_compared,
                     2); /* of W2 each weight moves one of the two units */
    assert_true(check.passed);
    spiral_gradient_check_free(&check);
    spiral_network_free(network);
}

/* ---- parts of the loss ------------------------------------------------------------------------------------------- */

static SpiralGradientCheck check_parts(const Case *made, const double *data)
{
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    SpiralError error;
    assert_ok(spiral_gradient_check(made->network, made->dataset, &made->objective, &options, made->gradient, data,
                                    NULL, &check, &error),
              error);
    return check;
}

static void assert_wrong(SpiralGradientCheck check, size_t loss, size_t data, size_t regularization)
{
    assert_int_equal(check.total[SPIRAL_GRADIENT_LOSS].wrong, loss);
    assert_int_equal(check.total[SPIRAL_GRADIENT_DATA].wrong, data);
    assert_int_equal(check.total[SPIRAL_GRADIENT_REGULARIZATION].wrong, regularization);
    assert_int_equal(check.passed, loss + data + regularization == 0);
    spiral_gradient_check_free(&check);
}

/* Of a sum that is right the parts may be wrong: by the same, with another sign. */
static void the_data_loss_and_the_regularisation_are_checked_alone(void **state)
{
    (void)state;
    Case made = make_case(1, (const size_t[]){3}, 0.5, 10,
                          (SpiralObjective){.reg = 0.01, .l1 = 1e-3, .reduction = SPIRAL_REDUCTION_MEAN});
    SpiralLoss loss;
    SpiralError error;
    SpiralObjective alone = {.reduction = SPIRAL_REDUCTION_MEAN};
    double data[21];
    assert_int_equal(made.network->parameter_count, 21);
    assert_ok(spiral_gradient_compute(made.network, made.dataset, &alone, 1, &loss, data, &error), error);
    SpiralGradientCheck check = check_parts(&made, data);
    assert_int_equal(check.groups[1].part[SPIRAL_GRADIENT_REGULARIZATION].count, 0); /* biases are not regularised */
    assert_int_equal(check.total[SPIRAL_GRADIENT_REGULARIZATION].count, 15);
    assert_wrong(check, 0, 0, 0);
    data[4] += 1e-5;
    assert_wrong(check_parts(&made, data), 0, 1, 1);
    made.gradient[4] += 1e-5;
    assert_wrong(check_parts(&made, data), 1, 1, 0);
    data[4] -= 1e-5;
    assert_wrong(check_parts(&made, data), 1, 0, 1);
    free_case(&made);
}

/* ---- sizes and grades -------------------------------------------------------------------------------------------- */

/* Weights of 1e-11 make gradients of about 1e-13, which agree, but say little. */
static void gradients_that_are_too_small_are_counted(void **state)
{
    (void)state;
    Case made = make_case(1, notes_hidden, 1e-11, 0, (SpiralObjective){.reduction = SPIRAL_REDUCTION_MEAN});
    size_t zero = 0, small = 0;
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < made.network->parameter_count; i++) {
        double size = fabs(made.gradient[i]);
        zero += size == 0.0;
        small += size > 0.0 && size <= 1e-10;
        least = size > 0.0 ? fmin(least, size) : least;
        most = fmax(most, size);
    }
    SpiralGradientCheck check = run_check(&made);
    const SpiralGradientComparison *total = &check.total[SPIRAL_GRADIENT_LOSS];
    assert_true(check.passed);
    assert_true(small > 200);
    assert_int_equal(total->zero, zero);
    assert_int_equal(total->small, small);
    assert_true(total->smallest >= least &&
                total->smallest < 1e-10); /* db2 is rounding, and its difference is larger */
    assert_true(fabs(total->largest / most - 1.0) < 1e-7);
    spiral_gradient_check_free(&check);
    free_case(&made);
}

static void the_grades_are_those_of_the_notes(void **state)
{
    (void)state;
    assert_string_equal(spiral_gradient_grade(1e-7, false), "happy");
    assert_string_equal(spiral_gradient_grade(1e-5, true), "okay");
    assert_string_equal(spiral_gradient_grade(1e-5, false), "too high");
    assert_string_equal(spiral_gradient_grade(1e-3, true), "uncomfortable");
    assert_string_equal(spiral_gradient_grade(0.1, true), "probably wrong");
    assert_string_equal(spiral_gradient_grade(INFINITY, false), "probably wrong");
}

/* ---- dropout ----------------------------------------------------------------------------------------------------- */

static SpiralGradientCheck check_dropout(SpiralActivation activation, const SpiralDataset *dataset, uint32_t seed,
                                         double kept_as)
{
    SpiralNetwork *network = make_network(2, 2, (const size_t[]){8, 5}, 3, 0.6, 3);
    SpiralObjective objective = {.reg = 1e-3, .reduction = SPIRAL_REDUCTION_MEAN};
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralDropout *masks[2];
    SpiralGradientCheck check;
    SpiralLoss loss;
    SpiralError error;
    SpiralRng rng;
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    network->activation = activation;
    for (int i = 0; i < 2; i++) {
        spiral_rng_seed(&rng, i == 0 ? seed : 1);
        assert_ok(spiral_dropout_create(network, dataset->rows, 0.4, &rng, &masks[i], &error), error);
    }
    objective.dropout = masks[0];
    assert_ok(spiral_gradient_compute(network, dataset, &objective, 1, &loss, gradient, &error), error);
    gradient[0] *= kept_as;
    objective.dropout = masks[1];
    assert_ok(spiral_gradient_check(network, dataset, &objective, &options, gradient, NULL, NULL, &check, &error),
              error);
    free(gradient);
    for (int i = 0; i < 2; i++)
        spiral_dropout_free(masks[i]);
    spiral_network_free(network);
    return check;
}

static void dropout_is_checked_with_a_mask_that_stays(void **state)
{
    (void)state;
    SpiralDataset data = make_data(12, 2, 3, 4);
    for (int a = 0; a < 4; a++) {
        SpiralGradientCheck same = check_dropout((SpiralActivation)a, &data, 1, 1.0);
        assert_true(same.passed);
        assert_true(same.total[SPIRAL_GRADIENT_LOSS].worst < 1e-8);
        spiral_gradient_check_free(&same);
        SpiralGradientCheck other = check_dropout((SpiralActivation)a, &data, 2, 1.0);
        assert_true(other.total[SPIRAL_GRADIENT_LOSS].wrong > 20);
        spiral_gradient_check_free(&other);
        SpiralGradientCheck scaled = check_dropout((SpiralActivation)a, &data, 1, 0.6);
        assert_int_equal(scaled.total[SPIRAL_GRADIENT_LOSS].wrong, 1);
        spiral_gradient_check_free(&scaled);
    }
    free_data(&data);
}

/* The linear classifier behind a layer of units that are all kept, or of which all but those of one row are dropped. */
static void a_dropped_unit_gives_no_gradient_and_a_kept_one_more(void **state)
{
    (void)state;
    const double X[] = {1.0};
    const int64_t y[] = {0};
    const SpiralDataset dataset = {.rows = 1, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network;
    SpiralDropout *dropout;
    SpiralLoss loss;
    SpiralError error;
    SpiralRng rng;
    assert_ok(spiral_network_create(1, 1, (const size_t[]){1}, 2, &network, &error), error);
    network->parameters[0] = 0.5; /* W1 b1 W2 (1, 2) b2 (2) */
    network->parameters[2] = 2.0;
    size_t kept = 0;
    for (uint32_t seed = 0; seed < 40; seed++) {
        double gradient[6];
        spiral_rng_seed(&rng, seed);
        SpiralRng copy = rng;
        bool keep = spiral_rng_uniform(&copy) < 0.25;
        assert_ok(spiral_dropout_create(network, 1, 0.75, &rng, &dropout, &error), error);
        SpiralObjective objective = {.reduction = SPIRAL_REDUCTION_SUM, .dropout = dropout};
        assert_ok(spiral_gradient_compute(network, &dataset, &objective, 1, &loss, gradient, &error), error);
        double f = keep ? 4.0 * 0.5 * 2.0 : 0.0, p = 1.0 / (1.0 + exp(-f)); /* a / 0.25, times 2 */
        assert_true(fabs(loss.loss + log(p)) < 1e-14);
        assert_true(fabs(gradient[0] - (keep ? (p - 1.0) * 2.0 * 4.0 : 0.0)) < 1e-14);
        kept += keep;
        spiral_dropout_free(dropout);
    }
    assert_true(kept > 4 && kept < 20);
    spiral_network_free(network);
}

static void dropout_of_other_rows_and_in_a_training_is_refused(void **state)
{
    (void)state;
    SpiralDataset data = make_data(6, 2, 3, 4);
    SpiralNetwork *network = make_network(2, 1, (const size_t[]){4}, 3, 0.6, 3);
    SpiralObjective objective = spiral_objective_defaults();
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralTrainOptions training = spiral_train_defaults();
    SpiralTrainResult result;
    SpiralGradientCheck check;
    SpiralDropout *dropout;
    SpiralLoss loss;
    SpiralError error;
    SpiralRng rng;
    double gradient[27];
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_dropout_create(network, 6, 1.0, &rng, &dropout, &error), SPIRAL_ERROR_USAGE);
    assert_reason(error, "dropout is 1");
    assert_ok(spiral_dropout_create(network, 5, 0.5, &rng, &dropout, &error), error);
    objective.dropout = training.objective.dropout = dropout;
    assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss, gradient, &error),
                     SPIRAL_ERROR_USAGE);
    assert_reason(error, "the dropout is of 5 observations");
    assert_int_equal(spiral_gradient_check(network, &data, &objective, &options, gradient, NULL, NULL, &check, &error),
                     SPIRAL_ERROR_USAGE);
    assert_int_equal(spiral_train(network, &data, &training, NULL, &result, &error), SPIRAL_ERROR_USAGE);
    assert_reason(error, "objective.dropout");
    spiral_dropout_free(dropout);
    spiral_network_free(network);
    free_data(&data);
}

/* ---- options and data -------------------------------------------------------------------------------------------- */

static void samples_of_each_group_are_drawn_from_the_stream(void **state)
{
    (void)state;
    Case made = make_case(1, notes_hidden, 0.01, 0, notes_objective);
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    options.samples = 7;
    SpiralGradientCheck check;
    SpiralError error;
    SpiralRng rng, copy;
    size_t order[200];
    spiral_rng_seed(&rng, 5);
    copy = rng;
    spiral_rng_permutation(&copy, 200, order);
    size_t spoilt = order[6]; /* the last of the seven that W1 gets */
    made.gradient[spoilt] *= 2.0;
    assert_ok(spiral_gradient_check(made.network, made.dataset, &made.objective, &options, made.gradient, NULL, &rng,
                                    &check, &error),
              error);
    for (size_t g = 0; g < 4; g++)
        assert_int_equal(check.groups[g].part[SPIRAL_GRADIENT_LOSS].count +
                             check.groups[g].part[SPIRAL_GRADIENT_LOSS].kinks,
                         g < 3 ? 7 : 3);
    assert_int_equal(check.groups[0].part[SPIRAL_GRADIENT_LOSS].worst_row * 100 +
                         check.groups[0].part[SPIRAL_GRADIENT_LOSS].worst_column,
                     spoilt);
    spiral_gradient_check_free(&check);
    free_case(&made);
}

/* Features a million times as large need steps a million times as short, and get them. */
static void the_step_suits_features_of_any_size(void **state)
{
    (void)state;
    for (double size = 1e-6; size < 1e7; size *= 1e12) {
        double X[8];
        for (size_t i = 0; i < 8; i++)
            X[i] = size * sin(1.0 + (double)i);
        const int64_t y[] = {0, 1, 1, 0};
        const SpiralDataset dataset = {.rows = 4, .features = 2, .classes = 2, .X = X, .y = y};
        const SpiralObjective objective = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_MEAN};
        SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
        SpiralNetwork *network;
        SpiralLoss loss;
        SpiralError error;
        SpiralGradientCheck check;
        double gradient[6];
        assert_ok(spiral_network_create(2, 0, NULL, 2, &network, &error), error);
        for (size_t j = 0; j < 4; j++)
            network->parameters[j] = cos((double)j) / size;
        assert_ok(spiral_gradient_compute(network, &dataset, &objective, 1, &loss, gradient, &error), error);
        assert_ok(spiral_gradient_check(network, &dataset, &objective, &options, gradient, NULL, NULL, &check, &error),
                  error);
        assert_true(check.passed);
        spiral_gradient_check_free(&check);
        spiral_network_free(network);
    }
}

static void wrong_options_and_data_are_refused(void **state)
{
    (void)state;
    Case made = make_case(0, NULL, 0.01, 0, notes_objective);
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    SpiralError error;
    const double wrong[] = {0.0, -1e-3, 2.0, NAN};
    for (size_t i = 0; i < 4; i++) {
        options.step = wrong[i];
        assert_int_equal(spiral_gradient_check(made.network, made.dataset, &made.objective, &options, made.gradient,
                                               NULL, NULL, &check, &error),
                         SPIRAL_ERROR_USAGE);
        assert_reason(error, "the step is");
        assert_null(check.groups);
    }
    options = spiral_gradient_check_defaults();
    static const double tolerances[] = {-1.0, INFINITY, NAN};
    for (size_t i = 0; i < sizeof tolerances / sizeof *tolerances; i++) {
        options.tolerance = tolerances[i];
        assert_int_equal(spiral_gradient_check_validate(&options, &error), SPIRAL_ERROR_USAGE);
        assert_reason(error, "the tolerance is");
    }
    options = spiral_gradient_check_defaults();
    SpiralDataset unlabelled = *made.dataset;
    unlabelled.y = NULL;
    assert_int_equal(spiral_gradient_check(made.network, &unlabelled, &made.objective, &options, made.gradient, NULL,
                                           NULL, &check, &error),
                     SPIRAL_ERROR_INPUT);
    spiral_gradient_check_free(NULL);
    free_case(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_linear_classifier_passes_at_the_start_and_after_100_iterations),
        cmocka_unit_test(the_two_layer_network_passes_at_the_start_and_after_100_iterations),
        cmocka_unit_test(a_deeper_network_passes_with_the_sum_and_with_the_mean),
        cmocka_unit_test(the_numeric_side_agrees_with_the_closed_form_at_zero_weights),
        cmocka_unit_test(what_cancels_is_judged_by_what_the_difference_resolves),
        cmocka_unit_test(a_hard_gradient_passes),
        cmocka_unit_test(a_difference_is_off_by_no_more_than_its_uncertainty_which_is_small),
        cmocka_unit_test(copies_of_a_row_make_a_difference_no_more_certain),
        cmocka_unit_test(a_changed_sign_is_caught),
        cmocka_unit_test(a_transposed_product_is_caught),
        cmocka_unit_test(a_forgotten_regularization_is_caught),
        cmocka_unit_test(one_coordinate_off_by_a_millionth_is_caught_and_named),
        cmocka_unit_test(of_two_hundred_random_errors_none_passes),
        cmocka_unit_test(a_gradient_that_is_no_number_is_caught),
        cmocka_unit_test(a_coordinate_on_a_kink_is_counted_apart_and_compared_on_its_own_side),
        cmocka_unit_test(just_beside_a_kink_the_slope_of_that_side_counts),
        cmocka_unit_test(far_from_a_kink_the_difference_is_centred),
        cmocka_unit_test(a_coordinate_between_two_kinks_is_left_out_and_counted),
        cmocka_unit_test(the_data_loss_and_the_regularisation_are_checked_alone),
        cmocka_unit_test(gradients_that_are_too_small_are_counted),
        cmocka_unit_test(the_grades_are_those_of_the_notes),
        cmocka_unit_test(dropout_is_checked_with_a_mask_that_stays),
        cmocka_unit_test(a_dropped_unit_gives_no_gradient_and_a_kept_one_more),
        cmocka_unit_test(dropout_of_other_rows_and_in_a_training_is_refused),
        cmocka_unit_test(samples_of_each_group_are_drawn_from_the_stream),
        cmocka_unit_test(the_step_suits_features_of_any_size),
        cmocka_unit_test(wrong_options_and_data_are_refused),
    };
    return cmocka_run_group_tests_name("gradient_check", tests, NULL, NULL);
}
