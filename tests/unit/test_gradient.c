#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_support.h"
#include "spiral/layer_statistics.h"

/* Every path through the layers: few and many inputs, few and many outputs, no, one and two hidden layers; rows that
 * fill no block, one block, several parts. */
static const struct Shape {
    size_t rows, features, hidden_count, hidden[3], classes;
} shapes[] = {
    {1, 1, 0, {0}, 2},       {7, 2, 0, {0}, 3},     {300, 2, 1, {100}, 3},  {513, 8, 1, {8}, 8},
    {600, 9, 1, {9}, 9},     {64, 20, 1, {5}, 12},  {33, 3, 2, {11, 4}, 5}, {1025, 4, 3, {10, 9, 12}, 10},
    {40, 30, 2, {3, 30}, 2}, {100, 12, 0, {0}, 11}, {2049, 1, 1, {1}, 2},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static double largest_difference(size_t count, const double *a, const double *b)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(a[i] - b[i]) / (1e-3 + fabs(b[i])));
    return largest;
}

static void compare_with_the_formulas(const struct Shape *shape, SpiralActivation activation, SpiralReduction reduction,
                                      bool standardized)
{
    SpiralDataset data = make_data(shape->rows, shape->features, shape->classes, 5);
    SpiralNetwork *network = make_network(shape->features, shape->hidden_count, shape->hidden, shape->classes, 0.5, 6);
    network->activation = activation;
    if (standardized) {
        double mean[32], scale[32];
        for (size_t d = 0; d < shape->features; d++) {
            mean[d] = 0.1 * (double)d;
            scale[d] = 1.5 + (double)d;
        }
        assert_int_equal(spiral_network_set_standardization(network, mean, scale, NULL), SPIRAL_OK);
    }
    SpiralObjective objective = {.reg = 0.01, .reduction = reduction};
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    double *expected = malloc(network->parameter_count * sizeof *expected);
    SpiralLoss loss;
    assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss, gradient, NULL), SPIRAL_OK);
    double weight = reduction == SPIRAL_REDUCTION_MEAN ? 1.0 / (double)data.rows : 1.0;
    double expected_loss = plain_gradient(network, &data, objective.reg, weight, expected);
    assert_true(fabs(loss.loss - expected_loss) <= 1e-13 * fabs(expected_loss));
    assert_true(fabs(loss.loss - (loss.data_loss + loss.reg_loss)) == 0.0);
    double scale = reduction == SPIRAL_REDUCTION_MEAN ? 1.0 : (double)data.rows;
    if (largest_difference(network->parameter_count, gradient, expected) > 1e-12 * scale)
        fail_msg("N %zu D %zu K %zu: the gradient is off by %g", shape->rows, shape->features, shape->classes,
                 largest_difference(network->parameter_count, gradient, expected));
    free(gradient);
    free(expected);
    spiral_network_free(network);
    free_data(&data);
}

static void the_gradient_is_that_of_the_formulas_for_every_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        compare_with_the_formulas(&shapes[i], SPIRAL_ACTIVATION_RELU, SPIRAL_REDUCTION_MEAN, false);
        compare_with_the_formulas(&shapes[i], SPIRAL_ACTIVATION_RELU, SPIRAL_REDUCTION_SUM, false);
        compare_with_the_formulas(&shapes[i], SPIRAL_ACTIVATION_RELU, SPIRAL_REDUCTION_MEAN, true);
    }
}

static void the_gradient_is_that_of_the_formulas_for_every_activation(void **state)
{
    (void)state;
    static const SpiralActivation activations[] = {SPIRAL_ACTIVATION_LEAKY_RELU, SPIRAL_ACTIVATION_TANH,
                                                   SPIRAL_ACTIVATION_SIGMOID};
    for (size_t i = 0; i < SHAPES; i++)
        for (size_t a = 0; a < 3; a++)
            compare_with_the_formulas(&shapes[i], activations[a], SPIRAL_REDUCTION_MEAN, false);
}

/* The last shape has so many parameters that the threads share the sum of the parts, too. */
static void the_bits_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    static const struct {
        size_t rows, features, hidden, classes;
    } cases[] = {{1, 2, 12, 3},    {299, 2, 12, 3},   {4097, 2, 12, 3},    {100001, 2, 12, 3}, {1, 10, 40, 9},
                 {299, 10, 40, 9}, {4097, 10, 40, 9}, {100001, 10, 40, 9}, {4097, 30, 400, 10}};
    static const size_t threads[] = {2, 3, 7, 16};
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        SpiralDataset data = make_data(cases[n].rows, cases[n].features, cases[n].classes, 7);
        SpiralNetwork *network = make_network(cases[n].features, 1, &cases[n].hidden, cases[n].classes, 0.5, 8);
        SpiralObjective objective = spiral_objective_defaults();
        size_t bytes = network->parameter_count * sizeof(double);
        double *one = malloc(bytes), *more = malloc(bytes);
        SpiralLoss loss_one, loss_more;
        assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss_one, one, NULL), SPIRAL_OK);
        for (size_t t = 0; t < 4; t++) {
            memset(more, 0xff, bytes);
            assert_int_equal(spiral_gradient_compute(network, &data, &objective, threads[t], &loss_more, more, NULL),
                             SPIRAL_OK);
            assert_memory_equal(one, more, bytes);
            assert_memory_equal(&loss_one.loss, &loss_more.loss, sizeof loss_one.loss);
            assert_int_equal(loss_one.correct, loss_more.correct);
        }
        free(one);
        free(more);
        spiral_network_free(network);
        free_data(&data);
    }
}

/* Against a sum with Neumaier's compensation, row by row. */
static void the_gradient_of_ten_million_rows_loses_no_digits(void **state)
{
    (void)state;
    SpiralDataset data = make_data(10000000, 1, 2, 9);
    SpiralNetwork *network = make_network(1, 0, NULL, 2, 0.5, 10);
    SpiralObjective objective = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM};
    const double *W = spiral_network_weights(network, 0), *b = spiral_network_biases(network, 0);
    double gradient[4], sum[4] = {0}, lost[4] = {0};
    SpiralLoss loss;
    assert_int_equal(spiral_gradient_compute(network, &data, &objective, 2, &loss, gradient, NULL), SPIRAL_OK);
    for (size_t i = 0; i < data.rows; i++) {
        double x = data.X[i], p = 1.0 / (1.0 + exp((x * W[0] + b[0]) - (x * W[1] + b[1]))); /* of class 1 */
        double dF = p - (data.y[i] == 1 ? 1.0 : 0.0);
        const double terms[4] = {-x * dF, x * dF, -dF, dF};
        for (size_t j = 0; j < 4; j++) {
            double next = sum[j] + terms[j];
            lost[j] += fabs(sum[j]) >= fabs(terms[j]) ? (sum[j] - next) + terms[j] : (terms[j] - next) + sum[j];
            sum[j] = next;
        }
    }
    for (size_t j = 0; j < 4; j++) { /* beside what was added up, 10^7 terms of about 1/2 */
        double error = fabs(gradient[j] - (sum[j] + lost[j])) / (0.5 * (double)data.rows);
        if (error > 1e-12)
            fail_msg("component %zu is %.17g, expected %.17g: off by %g of its terms", j, gradient[j], sum[j] + lost[j],
                     error);
    }
    spiral_network_free(network);
    free_data(&data);
}

static void scores_of_ten_thousand_give_a_finite_loss(void **state)
{
    (void)state;
    double X[] = {1.0, -1.0};
    int64_t y[] = {0, 0};
    SpiralDataset data = {.rows = 2, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(1, 0, NULL, 2, &network, NULL), SPIRAL_OK);
    network->parameters[0] = 1e4;
    network->parameters[1] = -1e4;
    SpiralObjective objective = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM};
    SpiralLoss loss;
    double gradient[4];
    assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss, gradient, NULL), SPIRAL_OK);
    assert_true(loss.data_loss == 2e4); /* 0 for the first, 1e4 - -1e4 for the second */
    assert_int_equal(loss.correct, 1);
    assert_true(gradient[0] == 1.0 && gradient[1] == -1.0);
    spiral_network_free(network);
}

static void a_tie_goes_to_the_lower_class(void **state)
{
    (void)state;
    SpiralNetwork *network;
    double X[18] = {0};
    int64_t labels[9];
    assert_int_equal(spiral_network_create(2, 0, NULL, 3, &network, NULL), SPIRAL_OK);
    spiral_network_biases(network, 0)[1] = 1.0;
    spiral_network_biases(network, 0)[2] = 1.0;
    assert_int_equal(spiral_network_predict(network, 0, 9, X, 1, NULL, NULL, labels, NULL), SPIRAL_OK);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(labels[i], 1);
    spiral_network_free(network);
}

static void prediction_gives_the_scores_and_their_softmax(void **state)
{
    (void)state;
    enum { N = 700, D = 3, K = 4 };
    size_t hidden = 6;
    SpiralDataset data = make_data(N, D, K, 11);
    SpiralNetwork *network = make_network(D, 1, &hidden, K, 1.0, 12);
    double *scores = malloc(N * K * sizeof *scores), *probs = malloc(N * K * sizeof *probs);
    int64_t *labels = malloc(N * sizeof *labels);
    assert_int_equal(spiral_network_predict(network, 0, N, data.X, 2, scores, probs, labels, NULL), SPIRAL_OK);
    for (size_t i = 0; i < N; i++) {
        double sum = 0.0, top = scores[i * K];
        for (size_t k = 0; k < K; k++) {
            double s = spiral_network_biases(network, 1)[k];
            for (size_t u = 0; u < hidden; u++) {
                double z = spiral_network_biases(network, 0)[u];
                for (size_t d = 0; d < D; d++)
                    z += data.X[i * D + d] * spiral_network_weights(network, 0)[d * hidden + u];
                s += fmax(z, 0.0) * spiral_network_weights(network, 1)[u * K + k];
            }
            assert_true(fabs(s - scores[i * K + k]) < 1e-13);
            sum += exp(s);
            top = fmax(top, scores[i * K + k]);
        }
        for (size_t k = 0; k < K; k++)
            assert_true(fabs(probs[i * K + k] - exp(scores[i * K + k]) / sum) < 1e-13);
        assert_true(scores[i * K + (size_t)labels[i]] == top);
    }
    free(scores);
    free(probs);
    free(labels);
    spiral_network_free(network);
    free_data(&data);
}

static void data_that_does_not_fit_the_network_is_refused(void **state)
{
    (void)state;
    SpiralDataset data = make_data(10, 2, 3, 1);
    SpiralNetwork *network = make_network(3, 0, NULL, 3, 0.1, 1), *fewer = make_network(2, 0, NULL, 2, 0.1, 1);
    SpiralObjective objective = spiral_objective_defaults();
    SpiralLoss loss;
    SpiralError error;
    assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss, NULL, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(error.reason, "the data has 2 features, the model expects 3");
    assert_int_equal(spiral_gradient_compute(fewer, &data, &objective, 1, &loss, NULL, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(error.reason, "the data has 3 classes, the model knows 2");
    SpiralLayerMeter *meter;
    assert_int_equal(spiral_layer_meter_create(fewer, &data, &meter, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(error.reason, "the data has 3 classes, the model knows 2");
    assert_null(meter);
    objective.reg = -1.0;
    assert_int_equal(spiral_gradient_compute(network, &data, &objective, 1, &loss, NULL, &error), SPIRAL_ERROR_USAGE);
    spiral_network_free(network);
    spiral_network_free(fewer);
    free_data(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_the_formulas_for_every_shape),
        cmocka_unit_test(the_gradient_is_that_of_the_formulas_for_every_activation),
        cmocka_unit_test(the_bits_do_not_depend_on_the_threads),
        cmocka_unit_test(the_gradient_of_ten_million_rows_loses_no_digits),
        cmocka_unit_test(scores_of_ten_thousand_give_a_finite_loss),
        cmocka_unit_test(a_tie_goes_to_the_lower_class),
        cmocka_unit_test(prediction_gives_the_scores_and_their_softmax),
        cmocka_unit_test(data_that_does_not_fit_the_network_is_refused),
    };
    return cmocka_run_group_tests_name("gradient", tests, NULL, NULL);
}
