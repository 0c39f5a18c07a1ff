#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/spiral.h"

/* ---- the notes' models, and one deeper --------------------------------------------------------------------------- */

typedef struct Case {
    SpiralDataset *dataset;
    SpiralNetwork *network;
    SpiralObjective objective;
    double *gradient; /* as backpropagation has it */
} Case;

static Case make_case(size_t hidden_count, const size_t *hidden, double init_scale, size_t burn_in,
                      SpiralObjective objective)
{
    Case made = {.objective = objective};
    SpiralGenerateOptions options = spiral_generate_defaults();
    SpiralTrainOptions training = spiral_train_defaults();
    SpiralTrainResult result;
    SpiralLoss loss;
    SpiralRng rng;
    SpiralError error;
    spiral_rng_seed(&rng, 0);
    assert_ok(spiral_dataset_generate(&options, &rng, &made.dataset, &error), error);
    assert_ok(spiral_network_create(2, hidden_count, hidden, 3, &made.network, &error), error);
    spiral_network_init(made.network, SPIRAL_INIT_GAUSSIAN, init_scale, &rng);
    training.iterations = burn_in;
    if (burn_in > 0)
        assert_ok(spiral_train(made.network, made.dataset, &training, NULL, &result, &error), error);
    made.gradient = malloc(made.network->parameter_count * sizeof *made.gradient);
    assert_non_null(made.gradient);
    assert_ok(spiral_gradient_compute(made.network, made.dataset, &objective, 1, &loss, made.gradient, &error), error);
    return made;
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
                                    &check, &error),
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
        const SpiralGradientCheckGroup *group = &check.groups[g];
        if (!(group->worst < 1e-7))
            fail_msg("%s[%zu,%zu]: relative error %g, %.17g against %.17g", group->name, group->worst_row,
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
    assert_true(check.groups[0].worst < 1e-10);
    assert_string_equal(check.groups[1].name, "b");
    assert_true(fabs(check.groups[1].numeric) < 1e-8); /* 0, but for rounding and the fourth order's rest */
    spiral_gradient_check_free(&check);
    free_case(&made);
}

/* There 100 rows add -2/3 to db_k and 200 rows 1/3, 400/3 in absolute values, and the formula (4 D(h) - D(2h)) / 3
 * has 5/3 of that. An error of a ten-thousandth of its millionth is one of 1e-4; and rounding is none. */
static void what_cancels_is_compared_with_the_size_of_its_terms(void **state)
{
    (void)state;
    Case made = make_case(0, NULL, 0.0, 0, (SpiralObjective){.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM});
    SpiralGradientCheck check = run_check(&made);
    assert_true(check.passed);
    spiral_gradient_check_free(&check);
    made.gradient[spiral_network_biases_offset(made.network, 0) + 1] += 1e-10 * 5.0 / 3.0 * 400.0 / 3.0;
    check = run_check(&made);
    assert_false(check.passed);
    assert_int_equal(check.groups[1].worst_column, 1);
    assert_true(fabs(check.groups[1].worst - 1e-4) < 1e-6);
    spiral_gradient_check_free(&check);
    free_case(&made);
}

/* ---- wrong gradients --------------------------------------------------------------------------------------------- */

/* The case with a gradient that has been spoilt must fail in this group, and in no other. */
static void assert_caught(Case *made, size_t group)
{
    SpiralGradientCheck check = run_check(made);
    assert_false(check.passed);
    for (size_t g = 0; g < check.group_count; g++)
        if ((check.groups[g].worst > 1e-7) != (g == group))
            fail_msg("%s: %g", check.groups[g].name, check.groups[g].worst);
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
    assert_int_equal(check.groups[2].worst_row, 2);
    assert_int_equal(check.groups[2].worst_column, 1);
    assert_true(fabs(check.groups[2].worst - 1e-6) < 1e-8);
    spiral_gradient_check_free(&check);
    assert_caught(&made, 2);
    free_case(&made);
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
    assert_ok(spiral_gradient_check(network, &dataset, &objective, &options, gradient, NULL, &check, &error), error);
    spiral_network_free(network);
    return check;
}

static void assert_kinks(SpiralGradientCheck check, size_t kinks, bool passed)
{
    assert_int_equal(check.groups[0].kinks, kinks);
    assert_int_equal(check.groups[0].kinks_compared, kinks);
    assert_int_equal(check.groups[0].count, 1 - kinks);
    assert_int_equal(check.groups[2].kinks + check.groups[3].kinks, 0);
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
    assert_ok(spiral_gradient_check(network, &dataset, &objective, &options, gradient, NULL, &check, &error), error);
    for (size_t g = 0; g < 2; g++) { /* W1 and b1 */
        assert_int_equal(check.groups[g].kinks, 1);
        assert_int_equal(check.groups[g].kinks_compared + check.groups[g].count, 0);
    }
    assert_int_equal(check.groups[2].kinks_compared, 2); /* of W2 each weight moves one of the two units */
    assert_true(check.passed);
    spiral_gradient_check_free(&check);
    spiral_network_free(network);
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
    assert_ok(spiral_gradient_check(made.network, made.dataset, &made.objective, &options, made.gradient, &rng, &check,
                                    &error),
              error);
    for (size_t g = 0; g < 4; g++)
        assert_int_equal(check.groups[g].count + check.groups[g].kinks, g < 3 ? 7 : 3);
    assert_int_equal(check.groups[0].worst_row * 100 + check.groups[0].worst_column, spoilt);
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
        assert_ok(spiral_gradient_check(network, &dataset, &objective, &options, gradient, NULL, &check, &error),
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
                                               NULL, &check, &error),
                         SPIRAL_ERROR_USAGE);
        assert_reason(error, "the step is");
        assert_null(check.groups);
    }
    options = spiral_gradient_check_defaults();
    options.tolerance = -1.0;
    assert_int_equal(spiral_gradient_check_validate(&options, &error), SPIRAL_ERROR_USAGE);
    assert_reason(error, "the tolerance is");
    options = spiral_gradient_check_defaults();
    SpiralDataset unlabelled = *made.dataset;
    unlabelled.y = NULL;
    assert_int_equal(spiral_gradient_check(made.network, &unlabelled, &made.objective, &options, made.gradient, NULL,
                                           &check, &error),
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
        cmocka_unit_test(what_cancels_is_compared_with_the_size_of_its_terms),
        cmocka_unit_test(a_changed_sign_is_caught),
        cmocka_unit_test(a_transposed_product_is_caught),
        cmocka_unit_test(a_forgotten_regularization_is_caught),
        cmocka_unit_test(one_coordinate_off_by_a_millionth_is_caught_and_named),
        cmocka_unit_test(a_gradient_that_is_no_number_is_caught),
        cmocka_unit_test(a_coordinate_on_a_kink_is_counted_apart_and_compared_on_its_own_side),
        cmocka_unit_test(just_beside_a_kink_the_slope_of_that_side_counts),
        cmocka_unit_test(far_from_a_kink_the_difference_is_centred),
        cmocka_unit_test(a_coordinate_between_two_kinks_is_left_out_and_counted),
        cmocka_unit_test(samples_of_each_group_are_drawn_from_the_stream),
        cmocka_unit_test(the_step_suits_features_of_any_size),
        cmocka_unit_test(wrong_options_and_data_are_refused),
    };
    return cmocka_run_group_tests_name("gradient_check", tests, NULL, NULL);
}
