/* The gradient check and the explanation for every activation and with l1. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "net_support.h"
#include "spiral/spiral.h"

enum { CASES = 60, ACTIVATIONS = SPIRAL_ACTIVATION_SIGMOID + 1 };
static const uint32_t SEED = 20240; /* of the random cases */

/* ---- the gradient check ------------------------------------------------------------------------------------------ */

static size_t between(SpiralRng *rng, size_t least, size_t most)
{
    return least + (size_t)spiral_rng_interval(rng, most - least);
}

typedef struct Case {
    size_t rows, features, classes, hidden_count, hidden[2];
    SpiralActivation activation;
    SpiralObjective objective;
} Case;

static Case draw_case(SpiralRng *rng, size_t number)
{
    Case made = {.rows = between(rng, 4, 40),
                 .features = between(rng, 1, 5),
                 .classes = between(rng, 2, 5),
                 .hidden_count = number % 3, /* depths 1 to 3 */
                 .hidden = {between(rng, 1, 12), between(rng, 1, 8)},
                 .activation = (SpiralActivation)(number % ACTIVATIONS)};
    made.objective.reg = number % 5 == 0 ? 0.0 : 0.02 * spiral_rng_uniform(rng);
    made.objective.l1 = number % 7 == 0 ? 0.0 : 0.01 + 0.02 * spiral_rng_uniform(rng);
    made.objective.reduction = between(rng, 0, 1) == 0 ? SPIRAL_REDUCTION_MEAN : SPIRAL_REDUCTION_SUM;
    return made;
}

static SpiralGradientCheck check_gradient(const SpiralNetwork *network, const SpiralDataset *data,
                                          const SpiralObjective *objective)
{
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    SpiralLoss loss;
    SpiralError error;
    options.threads = 1;
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    assert_non_null(gradient);
    assert_ok(spiral_gradient_compute(network, data, objective, 1, &loss, gradient, &error), error);
    assert_ok(spiral_gradient_check(network, data, objective, &options, gradient, NULL, NULL, &check, &error), error);
    free(gradient);
    return check;
}

static void random_networks_pass_below_1e_7(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, SEED);
    print_message("%d random networks of seed %u\n", CASES, (unsigned)SEED);
    size_t compared = 0, parameters = 0;
    for (size_t number = 0; number < CASES; number++) {
        Case drawn = draw_case(&rng, number);
        SpiralDataset data = make_data(drawn.rows, drawn.features, drawn.classes, SEED + (uint32_t)number);
        SpiralNetwork *network = make_network(drawn.features, drawn.hidden_count, drawn.hidden, drawn.classes, 0.6,
                                              2 * SEED + (uint32_t)number);
        network->activation = drawn.activation;
        SpiralGradientCheck check = check_gradient(network, &data, &drawn.objective);
        for (size_t g = 0; g < check.group_count; g++) {
            const char *name = check.groups[g].name;
            const SpiralGradientComparison *group = &check.groups[g].part[SPIRAL_GRADIENT_LOSS];
            if (!(group->worst < 1e-7))
                fail_msg("case %zu, %s, %s[%zu,%zu]: relative error %g, %.17g against %.17g", number,
                         spiral_activation_name(drawn.activation), name, group->worst_row, group->worst_column,
                         group->worst, group->analytic, group->numeric);
            compared += group->count + group->kinks_compared;
            bool kinked =
                drawn.activation == SPIRAL_ACTIVATION_RELU || drawn.activation == SPIRAL_ACTIVATION_LEAKY_RELU;
            if (!kinked && (drawn.objective.l1 == 0.0 || g % 2 == 1))
                assert_int_equal(group->kinks, 0);
        }
        assert_true(check.passed);
        parameters += network->parameter_count;
        spiral_gradient_check_free(&check);
        spiral_network_free(network);
        free_data(&data);
    }
    if (compared * 100 < parameters * 99)
        fail_msg("%zu of %zu parameters were compared", compared, parameters);
}

/* The library's gradient with one slope's worth of error must not pass: here the ReLU's for the leaky ReLU's, and the
 * same the other way. */
static void the_gradient_of_another_activation_is_caught(void **state)
{
    (void)state;
    size_t hidden = 6;
    SpiralDataset data = make_data(20, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 1, &hidden, 3, 0.6, 2);
    SpiralObjective objective = spiral_objective_defaults();
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    for (int a = 0; a < ACTIVATIONS; a++) {
        SpiralGradientCheck check;
        SpiralLoss loss;
        network->activation = (SpiralActivation)a;
        assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss, gradient, NULL), SPIRAL_OK);
        network->activation = (SpiralActivation)((a + 1) % ACTIVATIONS);
        assert_int_equal(
            spiral_gradient_check(network, &data, &objective, &options, gradient, NULL, NULL, &check, NULL), SPIRAL_OK);
        assert_false(check.passed);
        assert_true(check.groups[0].part[SPIRAL_GRADIENT_LOSS].worst > 1e-7);
        spiral_gradient_check_free(&check);
    }
    free(gradient);
    spiral_network_free(network);
    free_data(&data);
}

/* 1 - 1 - 1 - 2 units, x = 1: the first unit is at z = -1, and through its slope of 0.01 the first weight still moves
 * the second unit, which is 1e-9 from its kink. */
static void a_kink_behind_the_small_slope_of_a_leaky_unit_is_seen(void **state)
{
    (void)state;
    const double X[] = {1.0}, parameters[] = {-1.0, 0.0, 1.0, 0.01 + 1e-9, 2.0, -1.0, 0.0, 0.5};
    const int64_t y[] = {0};
    const size_t hidden[] = {1, 1};
    const SpiralDataset data = {.rows = 1, .features = 1, .classes = 2, .X = X, .y = y};
    const SpiralObjective objective = {.reduction = SPIRAL_REDUCTION_MEAN};
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(1, 2, hidden, 2, &network, NULL), SPIRAL_OK);
    network->activation = SPIRAL_ACTIVATION_LEAKY_RELU;
    memcpy(network->parameters, parameters, sizeof parameters);
    SpiralGradientCheck check = check_gradient(network, &data, &objective);
    assert_true(check.passed);
    assert_int_equal(check.groups[0].part[SPIRAL_GRADIENT_LOSS].kinks, 1);
    assert_int_equal(check.groups[0].part[SPIRAL_GRADIENT_LOSS].kinks_compared, 1);
    spiral_gradient_check_free(&check);
    spiral_network_free(network);
}

/* ---- l1 ---------------------------------------------------------------------------------------------------------- */

/* x = 0 leaves nothing but the regularisation to W = (w, 0.5). The group of W, and its first coordinate's numeric side.
 */
static SpiralGradientComparison check_absolute(double w, double claimed)
{
    const double X[] = {0.0};
    const int64_t y[] = {0};
    const SpiralDataset data = {.rows = 1, .features = 1, .classes = 2, .X = X, .y = y};
    const SpiralObjective objective = {.l1 = 0.25, .reduction = SPIRAL_REDUCTION_MEAN};
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    options.step = 1e-6; /* 1e-3 of the weight: its input counts as 1e-3 */
    SpiralGradientCheck check;
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(1, 0, NULL, 2, &network, NULL), SPIRAL_OK);
    network->parameters[0] = w;
    network->parameters[1] = 0.5;
    const double gradient[] = {claimed, 0.25, -0.5, 0.5}; /* W b: p = 1/2 */
    assert_int_equal(spiral_gradient_check(network, &data, &objective, &options, gradient, NULL, NULL, &check, NULL),
                     SPIRAL_OK);
    SpiralGradientComparison group = check.groups[0].part[SPIRAL_GRADIENT_LOSS];
    assert_int_equal(check.groups[1].part[SPIRAL_GRADIENT_LOSS].kinks, 0);
    spiral_gradient_check_free(&check);
    spiral_network_free(network);
    return group;
}

static void a_weight_far_from_zero_has_the_slope_of_its_sign(void **state)
{
    (void)state;
    SpiralGradientComparison positive = check_absolute(0.3, 0.25), negative = check_absolute(-0.3, -0.25);
    assert_true(positive.worst < 1e-9 && negative.worst < 1e-9);
    assert_int_equal(positive.kinks + negative.kinks, 0);
    assert_true(check_absolute(-0.3, 0.25).worst > 1.0);
}

/* A step of 1e-3 across 0 would find almost none of the slope; shortened, all of it is there. */
static void a_step_that_would_cross_zero_is_shortened(void **state)
{
    (void)state;
    const double w[] = {2e-4, -1e-9, 1e-300};
    for (size_t i = 0; i < 3; i++) {
        SpiralGradientComparison shortened = check_absolute(w[i], copysign(0.25, w[i]));
        assert_true(shortened.worst < 1e-9);
        assert_int_equal(shortened.kinks, 0);
        assert_true(check_absolute(w[i], 0.0).worst > 0.5);
    }
}

static void at_zero_the_slope_is_the_middle_one_and_counts_as_a_kink(void **state)
{
    (void)state;
    SpiralGradientComparison zero = check_absolute(0.0, 0.0);
    assert_true(zero.worst < 1e-9);
    assert_int_equal(zero.kinks, 1);
    assert_int_equal(zero.kinks_compared, 1);
    assert_true(check_absolute(0.0, 0.25).worst > 0.5);
}

/* ---- explain ----------------------------------------------------------------------------------------------------- */

static void an_explanation_adds_up_to_the_gradient_for_every_activation(void **state)
{
    (void)state;
    static const size_t hidden[] = {4, 3}, rows[] = {0, 1, 2, 3, 4};
    static const SpiralObjective sum = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM};
    SpiralDataset data = make_data(5, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 2, hidden, 3, 0.7, 2);
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    for (int a = 0; a < ACTIVATIONS; a++) {
        SpiralExplanation explanation;
        SpiralError error;
        network->activation = (SpiralActivation)a;
        plain_gradient(network, &data, 0.0, 1.0, gradient);
        assert_ok(spiral_explain(network, &data, &sum, 5, rows, &explanation, &error), error);
        for (size_t l = 0; l < 3; l++) {
            const SpiralExplainLayer *layer = &explanation.layer[l];
            const double *dW = gradient + spiral_network_weights_offset(network, l);
            for (size_t j = 0; j < layer->inputs * layer->outputs; j++) {
                assert_true(fabs(layer->dW_sum[j] - dW[j]) < 1e-13);
                assert_true(fabs(layer->dW_blas[j] - dW[j]) < 1e-13);
                assert_true(fabs(layer->dW_numeric[j].value - dW[j]) < 1e-9);
            }
            for (size_t j = 0; l < 2 && j < 5 * layer->outputs; j++) { /* the mask is act'(Z), A what follows from Z */
                long double value = plain_activation(network->activation, layer->Z[j]);
                assert_true(fabsl(explanation.layer[l + 1].A[j] - value) < 1e-15L);
                assert_true(fabsl(layer->mask[j] - plain_slope(network->activation, value)) < 1e-15L);
            }
        }
        spiral_explanation_free(&explanation);
    }
    free(gradient);
    spiral_network_free(network);
    free_data(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_networks_pass_below_1e_7),
        cmocka_unit_test(the_gradient_of_another_activation_is_caught),
        cmocka_unit_test(a_kink_behind_the_small_slope_of_a_leaky_unit_is_seen),
        cmocka_unit_test(a_weight_far_from_zero_has_the_slope_of_its_sign),
        cmocka_unit_test(a_step_that_would_cross_zero_is_shortened),
        cmocka_unit_test(at_zero_the_slope_is_the_middle_one_and_counts_as_a_kink),
        cmocka_unit_test(an_explanation_adds_up_to_the_gradient_for_every_activation),
    };
    return cmocka_run_group_tests_name("activations", tests, NULL, NULL);
}
