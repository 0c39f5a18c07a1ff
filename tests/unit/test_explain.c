#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/linalg.h"
#include "check/trace.h"
#include "data_support.h"
#include "spiral/spiral.h"

enum { MOST = 64 };

static const SpiralObjective sum = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM};

/* ---- against NumPy ----------------------------------------------------------------------------------------------- */

/* The array called name with its layer's number (0: none) in fixtures/explain.txt, made by make_explain.py. */
static size_t read_array(const char *name, int number, double *values /* (MOST) */)
{
    char wanted[32], found[32];
    size_t count = 0;
    snprintf(wanted, sizeof wanted, number > 0 ? "%s%d" : "%s", name, number);
    FILE *file = fopen("fixtures/explain.txt", "r");
    assert_non_null(file);
    for (found[0] = '\0'; strcmp(found, wanted) != 0;) {
        assert_int_equal(fscanf(file, "%31s %zu", found, &count), 2);
        assert_in_range(count, 1, MOST);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
    }
    fclose(file);
    return count;
}

static void assert_array(const double *found, const char *name, int number, double tolerance)
{
    double expected[MOST];
    size_t count = read_array(name, number, expected);
    assert_non_null(found);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(found[i] - expected[i]) <= tolerance * fmax(1.0, fabs(expected[i]))))
            fail_msg("%s%d[%zu] is %.17g, expected %.17g", name, number, i, found[i], expected[i]);
}

static void assert_differences(const SpiralExplainDifference *found, const char *name, int number)
{
    double values[MOST], expected[MOST];
    size_t count = read_array(name, number, expected);
    for (size_t i = 0; i < count; i++)
        values[i] = found[i].value;
    assert_array(values, name, number, 1e-10);
}

/* The fixture's network; its parameters are written to it in the layout W1 b1 W2 b2 W3 b3. */
static SpiralNetwork *fixture_network(void)
{
    static const size_t hidden[] = {4, 3};
    double mean[MOST], scale[MOST];
    SpiralNetwork *network;
    SpiralError error;
    assert_ok(spiral_network_create(3, 2, hidden, 3, &network, &error), error);
    read_array("mean", 0, mean);
    read_array("scale", 0, scale);
    assert_ok(spiral_network_set_standardization(network, mean, scale, &error), error);
    double *next = network->parameters;
    for (int number = 1; number <= 3; number++) {
        double values[MOST];
        size_t count = read_array("W", number, values);
        memcpy(next, values, count * sizeof *values);
        next += count;
        count = read_array("b", number, values);
        memcpy(next, values, count * sizeof *values);
        next += count;
    }
    assert_int_equal(next - network->parameters, network->parameter_count);
    return network;
}

static void every_array_of_a_three_layer_network_agrees_with_numpy(void **state)
{
    (void)state;
    double X[MOST], labels[MOST];
    int64_t y[MOST];
    read_array("X", 0, X);
    size_t rows = read_array("y", 0, labels);
    for (size_t i = 0; i < rows; i++)
        y[i] = (int64_t)labels[i];
    const SpiralDataset dataset = {.rows = rows, .features = 3, .classes = 3, .X = X, .y = y};
    SpiralNetwork *network = fixture_network();
    SpiralExplanation explanation;
    SpiralError error;
    static const size_t picked[] = {5, 0, 3};
    assert_ok(spiral_explain(network, &dataset, &sum, 3, picked, &explanation, &error), error);
    assert_int_equal(explanation.rows, 3);
    assert_int_equal(explanation.layers, 3);
    assert_memory_equal(explanation.row, picked, sizeof picked);
    assert_array(explanation.probs, "probs", 0, 1e-14);
    assert_array(explanation.onehot, "onehot", 0, 0.0);
    assert_array(explanation.losses, "losses", 0, 1e-14);
    for (int number = 1; number <= 3; number++) {
        const SpiralExplainLayer *layer = &explanation.layer[number - 1];
        assert_array(layer->A, "A", number, 1e-14);
        assert_array(layer->Z, "Z", number, 1e-14);
        assert_array(layer->dZ, "dZ", number, 1e-14);
        assert_array(layer->outer, "outer", number, 1e-14);
        assert_array(layer->dW_sum, "dW", number, 1e-14);
        assert_array(layer->dW_blas, "dW", number, 1e-14);
        assert_differences(layer->dW_numeric, "dW", number);
        assert_array(layer->db_sum, "db", number, 1e-14);
        assert_differences(layer->db_numeric, "db", number);
        if (number < 3) {
            assert_array(layer->mask, "mask", number, 0.0);
            assert_array(layer->dA, "dA", number, 1e-14);
        }
    }
    assert_null(explanation.layer[2].mask);
    assert_null(explanation.layer[2].dA);
    spiral_explanation_free(&explanation);
    spiral_network_free(network);
}

/* ---- by hand ----------------------------------------------------------------------------------------------------- */

/* With W = 0 both probabilities are 1/2, so dF is -1/2 at the class and 1/2 beside it. */
static void one_observation_before_training_gives_half_its_features(void **state)
{
    (void)state;
    const double X[] = {1.0, 2.0};
    const int64_t y[] = {0};
    const SpiralDataset dataset = {.rows = 1, .features = 2, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network;
    SpiralExplanation explanation;
    SpiralError error;
    assert_ok(spiral_network_create(2, 0, NULL, 2, &network, &error), error);
    assert_ok(spiral_explain(network, &dataset, &sum, 1, &(size_t){0}, &explanation, &error), error);
    const double dF[] = {-0.5, 0.5}, dW[] = {-0.5, 0.5, -1.0, 1.0};
    assert_memory_equal(explanation.layer[0].dZ, dF, sizeof dF);
    assert_memory_equal(explanation.layer[0].dW_sum, dW, sizeof dW);
    assert_true(fabs(explanation.losses[0] - log(2.0)) < 1e-15);
    spiral_explanation_free(&explanation);
    spiral_network_free(network);
}

/* The same with the mean, reg 0.5 and l1 0.25, and weights 1, -2, 3, 0: all scores of x = (0, 0) are 0. */
static void the_objective_divides_and_adds_to_the_weights(void **state)
{
    (void)state;
    const double X[] = {0.0, 0.0, 0.0, 0.0}, W[] = {1.0, -2.0, 3.0, 0.0};
    const int64_t y[] = {0, 0};
    const SpiralDataset dataset = {.rows = 2, .features = 2, .classes = 2, .X = X, .y = y};
    const SpiralObjective objective = {.reg = 0.5, .l1 = 0.25, .reduction = SPIRAL_REDUCTION_MEAN};
    SpiralNetwork *network;
    SpiralExplanation explanation;
    SpiralError error;
    assert_ok(spiral_network_create(2, 0, NULL, 2, &network, &error), error);
    memcpy(spiral_network_weights(network, 0), W, sizeof W);
    assert_ok(spiral_explain(network, &dataset, &objective, 2, (const size_t[]){0, 1}, &explanation, &error), error);
    const SpiralExplainLayer *layer = &explanation.layer[0];
    const double dW[] = {0.75, -1.25, 1.75, 0.0}, db_sum[] = {-1.0, 1.0}, db[] = {-0.5, 0.5};
    assert_memory_equal(layer->dW, dW, sizeof dW);
    assert_memory_equal(layer->dW_trained, dW, sizeof dW);
    assert_memory_equal(layer->db_sum, db_sum, sizeof db_sum);
    assert_memory_equal(layer->db, db, sizeof db);
    assert_memory_equal(layer->db_trained, db, sizeof db);
    spiral_explanation_free(&explanation);
    assert_int_equal(
        spiral_explain(network, &dataset, &(SpiralObjective){.reg = -1.0}, 1, &(size_t){0}, &explanation, &error),
        SPIRAL_ERROR_USAGE);
    assert_null(explanation.layer);
    spiral_network_free(network);
}

/* A hidden ReLU unit whose pre-activation is 1e-5: a step of its bias that moves it by 1e-3 would cross the kink. With
 * w = (1, 0) to the scores, p of class 0 is 1 / (1 + exp(-1e-5)). */
static void a_difference_beside_a_kink_is_one_sided(void **state)
{
    (void)state;
    static const size_t hidden[] = {1};
    const double X[] = {1e-5};
    const int64_t y[] = {1};
    const SpiralDataset dataset = {.rows = 1, .features = 1, .classes = 2, .X = X, .y = y};
    const double parameters[] = {1.0, 0.0, 1.0, 0.0, 0.0, 0.0}; /* W1, b1, W2, b2 */
    SpiralNetwork *network;
    SpiralExplanation explanation;
    SpiralError error;
    assert_ok(spiral_network_create(1, 1, hidden, 2, &network, &error), error);
    memcpy(network->parameters, parameters, sizeof parameters);
    assert_ok(spiral_explain(network, &dataset, &sum, 1, &(size_t){0}, &explanation, &error), error);
    double p = 1.0 / (1.0 + exp(-1e-5));
    assert_true(explanation.layer[0].db_numeric[0].one_sided);
    assert_true(fabs(explanation.layer[0].db_numeric[0].value - p) < 1e-9);
    assert_false(explanation.layer[1].db_numeric[0].one_sided);
    assert_true(fabs(explanation.layer[1].db_numeric[0].value - p) < 1e-10);
    assert_true(fabs(explanation.layer[1].db_numeric[0].step - 1e-3) < 1e-18);
    spiral_explanation_free(&explanation);
    spiral_network_free(network);
}

/* ---- which observations ------------------------------------------------------------------------------------------ */

static void picks_come_from_the_middle_of_each_class(void **state)
{
    (void)state;
    SpiralGenerateOptions options = spiral_generate_defaults(); /* rows 0-99, 100-199 and 200-299 are a class each */
    SpiralRng rng;
    SpiralDataset *dataset;
    SpiralError error;
    size_t row[4];
    spiral_rng_seed(&rng, 0);
    assert_ok(spiral_dataset_generate(&options, &rng, &dataset, &error), error);
    assert_ok(spiral_explain_pick(dataset, 3, row, &error), error);
    const size_t three[] = {50, 150, 250}, four[] = {25, 75, 150, 250};
    assert_memory_equal(row, three, sizeof three);
    assert_ok(spiral_explain_pick(dataset, 4, row, &error), error);
    assert_memory_equal(row, four, sizeof four);
    spiral_dataset_free(dataset);
}

static void every_row_is_picked_once_when_all_are_asked_for(void **state)
{
    (void)state;
    const double X[7] = {0};
    const int64_t y[] = {2, 0, 0, 0, 2, 0, 0}; /* class 1 has none */
    const SpiralDataset dataset = {.rows = 7, .features = 1, .classes = 3, .X = X, .y = y};
    size_t row[8];
    SpiralError error;
    for (size_t count = 1; count <= 7; count++) {
        row[count] = 99;
        assert_ok(spiral_explain_pick(&dataset, count, row, &error), error);
        assert_int_equal(row[count], 99);
        for (size_t i = 0; i < count; i++)
            assert_in_range(row[i], i > 0 ? row[i - 1] + 1 : 0, 6);
    }
    assert_int_equal(spiral_explain_pick(&dataset, 8, row, &error), SPIRAL_ERROR_USAGE);
    assert_reason(error, "expected 1 to 7");
    assert_int_equal(spiral_explain_pick(&dataset, 0, row, &error), SPIRAL_ERROR_USAGE);
}

static void wrong_data_and_rows_are_refused(void **state)
{
    (void)state;
    const double X[] = {1.0, 2.0};
    const int64_t y[] = {0};
    SpiralDataset dataset = {.rows = 1, .features = 2, .classes = 2, .X = X, .y = y};
    SpiralNetwork *network;
    SpiralExplanation explanation;
    SpiralError error;
    assert_ok(spiral_network_create(2, 0, NULL, 2, &network, &error), error);
    assert_int_equal(spiral_explain(network, &dataset, &sum, 1, &(size_t){1}, &explanation, &error),
                     SPIRAL_ERROR_USAGE);
    assert_reason(error, "observation 1");
    assert_null(explanation.layer);
    dataset.features = 1;
    assert_int_equal(spiral_explain(network, &dataset, &sum, 1, &(size_t){0}, &explanation, &error),
                     SPIRAL_ERROR_INPUT);
    dataset.features = 2;
    dataset.y = NULL;
    assert_int_equal(spiral_explain(network, &dataset, &sum, 1, &(size_t){0}, &explanation, &error),
                     SPIRAL_ERROR_INPUT);
    assert_int_equal(spiral_explain_pick(&dataset, 1, &(size_t){0}, &error), SPIRAL_ERROR_INPUT);
    spiral_explanation_free(NULL);
    spiral_network_free(network);
}

/* A product's dimensions are BLAS's numbers. */
static void more_observations_than_blas_can_count_are_refused(void **state)
{
    (void)state;
    SpiralNetwork *network;
    SpiralTrace *trace;
    SpiralError error;
    const double X[] = {1.0, 2.0};
    assert_ok(spiral_network_create(2, 0, NULL, 2, &network, &error), error);
    assert_int_equal(spiral_trace_create(network, spiral_linalg_limit() + 1, X, NULL, &trace, &error),
                     SPIRAL_ERROR_LIMIT);
    assert_reason(error, "observations, expected at most");
    assert_null(trace);
    spiral_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_array_of_a_three_layer_network_agrees_with_numpy),
        cmocka_unit_test(one_observation_before_training_gives_half_its_features),
        cmocka_unit_test(the_objective_divides_and_adds_to_the_weights),
        cmocka_unit_test(a_difference_beside_a_kink_is_one_sided),
        cmocka_unit_test(picks_come_from_the_middle_of_each_class),
        cmocka_unit_test(every_row_is_picked_once_when_all_are_asked_for),
        cmocka_unit_test(wrong_data_and_rows_are_refused),
        cmocka_unit_test(more_observations_than_blas_can_count_are_refused),
    };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
