#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/npz.h"
#include "data/npz_writer.h"
#include "data_support.h"
#include "net_support.h"

static void weights_are_drawn_in_row_major_order_and_biases_are_zero(void **state)
{
    (void)state;
    size_t hidden = 2;
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(1, 1, &hidden, 2, &network, NULL), SPIRAL_OK);
    SpiralRng rng;
    spiral_rng_seed(&rng, 0);
    spiral_network_init(network, SPIRAL_INIT_GAUSSIAN, 0.01, &rng);
    /* numpy.random.RandomState(0).randn(6) */
    static const double randn[] = {1.764052345967664, 0.4001572083672233, 0.9787379841057392,
                                   2.240893199201458, 1.8675579901499675, -0.977277879876411};
    const double expected[] = {randn[0], randn[1], 0, 0, randn[2], randn[3], randn[4], randn[5], 0, 0};
    assert_int_equal(network->parameter_count, 10);
    for (size_t i = 0; i < 10; i++)
        assert_true(fabs(network->parameters[i] - 0.01 * expected[i]) < 1e-17);
    spiral_network_free(network);
}

static void parameters_are_named_as_in_the_notes(void **state)
{
    (void)state;
    size_t hidden[] = {2, 2};
    SpiralNetwork *linear = make_network(2, 0, NULL, 2, 1, 1), *deep = make_network(2, 2, hidden, 2, 1, 1);
    char name[24];
    spiral_network_parameter_name(linear, 'W', 0, name, sizeof name);
    assert_string_equal(name, "W");
    spiral_network_parameter_name(deep, 'b', 2, name, sizeof name);
    assert_string_equal(name, "b3");
    spiral_network_free(linear);
    spiral_network_free(deep);
}

static void a_title_names_the_layers_and_is_cut_where_it_has_to_be(void **state)
{
    (void)state;
    static const struct {
        size_t hidden[6], count;
        SpiralActivation activation;
        const char *title;
    } cases[] = {
        {{0}, 0, SPIRAL_ACTIVATION_RELU, "Linear classifier"},
        {{100}, 1, SPIRAL_ACTIVATION_RELU, "Two-layer network (100 ReLU)"},
        {{4, 3}, 2, SPIRAL_ACTIVATION_LEAKY_RELU, "Three-layer network (4, 3 leaky ReLU)"},
        {{4, 3, 2, 1}, 4, SPIRAL_ACTIVATION_TANH, "Five-layer network (4, 3, 2, 1 tanh)"},
        {{6, 5, 4, 3, 2}, 5, SPIRAL_ACTIVATION_SIGMOID, "6-layer network (6, 5, 4, 3, 2 sigmoid)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralNetwork *network = make_network(2, cases[i].count, cases[i].hidden, 3, 1.0, 1);
        network->activation = cases[i].activation;
        for (size_t size = 1; size < 50; size++) {
            char text[51], expected[51];
            memset(text, '#', sizeof text);
            spiral_network_title(network, text, size);
            snprintf(expected, size, "%s", cases[i].title);
            assert_string_equal(text, expected);
            assert_int_equal(text[size], '#');
        }
        spiral_network_free(network);
    }
}

static void sizes_that_cannot_be_are_refused(void **state)
{
    (void)state;
    SpiralNetwork *network;
    SpiralError error;
    size_t hidden = 0;
    assert_int_equal(spiral_network_create(2, 1, &hidden, 2, &network, &error), SPIRAL_ERROR_USAGE);
    assert_null(network);
    hidden = SIZE_MAX / 2;
    assert_int_equal(spiral_network_create(2, 1, &hidden, 2, &network, &error), SPIRAL_ERROR_LIMIT);
    assert_int_equal(spiral_network_create(((size_t)1 << 30) - 1, 0, NULL, 2, &network, &error), SPIRAL_ERROR_LIMIT);
    assert_reason(error, "more than 2147483647 parameters"); /* by one */
    size_t wide[] = {2000000000, 2000000000, 2000000000};
    assert_int_equal(spiral_network_create(2, 3, wide, 2, &network, &error), SPIRAL_ERROR_LIMIT);
}

static void a_saved_model_comes_back_the_same(void **state)
{
    char path[512];
    scratch_path(state, "model.npz", path);
    size_t hidden[] = {5, 4};
    SpiralNetwork *network = make_network(3, 2, hidden, 2, 1.0, 9), *loaded;
    static const double mean[] = {1, 2, 3}, scale[] = {4, 5, 6};
    static const char *const features[] = {"länge", "b", "c"}, *const classes[] = {"ja", "nein"};
    assert_int_equal(spiral_network_set_standardization(network, mean, scale, NULL), SPIRAL_OK);
    assert_int_equal(spiral_network_set_names(network, features, classes, NULL), SPIRAL_OK);
    SpiralError error;
    assert_ok(spiral_network_save(network, path, &error), error);
    assert_ok(spiral_network_load(path, &loaded, &error), error);
    assert_int_equal(loaded->layers, 3);
    assert_memory_equal(loaded->sizes, network->sizes, 4 * sizeof(size_t));
    assert_memory_equal(loaded->parameters, network->parameters, network->parameter_count * sizeof(double));
    assert_memory_equal(loaded->mean, mean, sizeof mean);
    assert_memory_equal(loaded->scale, scale, sizeof scale);
    assert_string_equal(loaded->feature_names[0], "länge");
    assert_string_equal(loaded->class_names[1], "nein");
    spiral_network_free(network);
    spiral_network_free(loaded);
}

/* Saves W1 (2, h1), b1, W2 (h2, 3), b2 with b1 (1, H) as the notes keep it, one value replaced, and loads it. */
static SpiralStatus load_made(void **state, size_t h1, size_t h2, double value, bool with_b2, SpiralError *error)
{
    char path[512];
    scratch_path(state, "model.npz", path);
    double values[64];
    for (size_t i = 0; i < 64; i++)
        values[i] = 0.5;
    values[5] = value;
    SpiralNpzWriter *writer;
    assert_int_equal(spiral_npz_writer_create(&writer, NULL), SPIRAL_OK);
    SpiralExtents W1 = {2, {2, h1}, 2 * h1}, b1 = {2, {1, h1}, h1}, W2 = {2, {h2, 3}, 3 * h2}, b2 = {1, {3}, 3};
    assert_int_equal(spiral_npz_add_doubles(writer, "W1", &W1, values, NULL), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "b1", &b1, values, NULL), SPIRAL_OK);
    assert_int_equal(spiral_npz_add_doubles(writer, "W2", &W2, values, NULL), SPIRAL_OK);
    if (with_b2)
        assert_int_equal(spiral_npz_add_doubles(writer, "b2", &b2, values, NULL), SPIRAL_OK);
    assert_int_equal(spiral_npz_save(writer, path, NULL), SPIRAL_OK);
    spiral_npz_writer_free(writer);
    SpiralNetwork *network;
    SpiralStatus status = spiral_network_load(path, &network, error);
    spiral_network_free(network);
    return status;
}

static void a_model_that_makes_no_sense_is_refused(void **state)
{
    SpiralError error = {0};
    assert_ok(load_made(state, 4, 4, 0.5, true, &error), error);
    assert_int_equal(load_made(state, 4, 5, 0.5, true, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "W2");
    assert_int_equal(load_made(state, 4, 4, NAN, true, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "not finite");
    assert_int_equal(load_made(state, 4, 4, 0.5, false, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "b2 is missing");
}

/* Rows 0 to 699 are cut into blocks and parts; whatever the threads, the first one of several is named, and all of them
 * have no class. */
static void a_row_whose_scores_overflow_is_named(void **state)
{
    (void)state;
    SpiralDataset data = make_data(700, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 5.0, 2);
    double *X = (double *)(uintptr_t)data.X;
    int64_t labels[700], expected[700];
    SpiralError error;
    assert_int_equal(spiral_network_predict(network, 0, 700, X, 1, NULL, NULL, expected, &error), SPIRAL_OK);
    X[2 * 650] = X[2 * 613 + 1] = X[2 * 614] = 1e308;
    expected[650] = expected[613] = expected[614] = SPIRAL_NO_CLASS;
    for (size_t threads = 1; threads <= 3; threads++) {
        assert_int_equal(spiral_network_predict(network, 0, 700, X, threads, NULL, NULL, labels, &error),
                         SPIRAL_ERROR_INPUT);
        assert_non_null(strstr(error.reason, "observation 613 (counted from 0)"));
        assert_non_null(strstr(error.reason, "reach 1e+308"));
        assert_memory_equal(labels, expected, sizeof labels);
    }
    spiral_network_free(network);
    free_data(&data);
}

/* NaN is no overflow, and no row has a class with it. */
static void a_parameter_that_is_no_number_gives_no_class(void **state)
{
    (void)state;
    SpiralDataset data = make_data(2, 2, 3, 1);
    SpiralNetwork *network = make_network(2, 0, NULL, 3, 0.5, 2);
    int64_t labels[2];
    SpiralError error;
    spiral_network_biases(network, 0)[1] = NAN;
    assert_int_equal(spiral_network_predict(network, 0, 2, data.X, 1, NULL, NULL, labels, &error), SPIRAL_ERROR_INPUT);
    assert_true(labels[0] == SPIRAL_NO_CLASS && labels[1] == SPIRAL_NO_CLASS);
    spiral_network_free(network);
    free_data(&data);
}

/* z = 10 x - 10 x overflows in its first term, and with fused multiply-adds stays infinite: the activation would make a
 * 1 of what is 0. A large feature whose sums are doubles is predicted, and so is a small one with large weights. */
static void a_row_whose_hidden_sums_overflow_is_named(void **state)
{
    (void)state;
    static const SpiralActivation activations[] = {SPIRAL_ACTIVATION_RELU, SPIRAL_ACTIVATION_LEAKY_RELU,
                                                   SPIRAL_ACTIVATION_TANH, SPIRAL_ACTIVATION_SIGMOID};
    const double X[] = {1.0, 2.0, 1e300, 1e300, 1.7e308, 1.7e308};
    const size_t hidden[] = {4, 20};
    for (size_t a = 0; a < 4; a++)
        for (size_t h = 0; h < 2; h++) {
            SpiralNetwork *network = make_network(2, 1, &hidden[h], 2, 0.5, 1);
            SpiralError error;
            int64_t labels[3];
            network->activation = activations[a];
            for (size_t u = 0; u < hidden[h]; u++) {
                spiral_network_weights(network, 0)[u] = 10.0;
                spiral_network_weights(network, 0)[hidden[h] + u] = -10.0;
            }
            assert_int_equal(spiral_network_predict(network, 0, 2, X, 1, NULL, NULL, labels, &error), SPIRAL_OK);
            assert_int_equal(spiral_network_predict(network, 0, 3, X, 1, NULL, NULL, labels, &error),
                             SPIRAL_ERROR_INPUT);
            assert_non_null(strstr(error.reason, "observation 2 (counted from 0)"));
            for (size_t i = 0; i < network->parameter_count; i++)
                network->parameters[i] *= 1e150;
            const double small[] = {1e-200, 2e-200};
            assert_int_equal(spiral_network_predict(network, 0, 1, small, 1, NULL, NULL, labels, &error), SPIRAL_OK);
            spiral_network_free(network);
        }
}

/* A large weight of one feature beside a large value of another: each product is small enough, and so are the sums. */
static void a_large_feature_may_stand_beside_a_large_weight(void **state)
{
    (void)state;
    const double X[] = {1e300, 0.0, 1e300, 1e299};
    const size_t hidden[] = {4, 20};
    for (size_t h = 0; h < 2; h++)
        for (size_t layers = 0; layers < 2; layers++) {
            SpiralNetwork *network = make_network(2, layers, &hidden[h], 2, 0.5, 1);
            SpiralError error;
            double scores[4];
            size_t units = network->sizes[1];
            for (size_t u = 0; u < units; u++) {
                spiral_network_weights(network, 0)[u] = 1e-5 * (double)(u + 1);
                spiral_network_weights(network, 0)[units + u] = 1e10;
            }
            assert_ok(spiral_network_predict(network, 0, 1, X, 1, scores, NULL, NULL, &error), error);
            if (layers == 0)
                assert_true(scores[0] == 1e-5 * 1e300 && scores[1] == 2e-5 * 1e300);
            assert_int_equal(spiral_network_predict(network, 0, 2, X, 1, scores, NULL, NULL, &error),
                             SPIRAL_ERROR_INPUT);
            assert_non_null(strstr(error.reason, "observation 1 (counted from 0)"));
            spiral_network_free(network);
        }
}

/* Saves W1, b1, ... of one unit each, but for the last layer's classes, and loads it. */
static SpiralStatus load_deep(void **state, size_t layers, size_t classes, SpiralError *error)
{
    char path[512], name[16];
    scratch_path(state, "model.npz", path);
    double *values = calloc(classes, sizeof *values);
    SpiralNpzWriter *writer;
    assert_non_null(values);
    assert_int_equal(spiral_npz_writer_create(&writer, NULL), SPIRAL_OK);
    for (size_t l = 1; l <= layers; l++) {
        size_t units = l < layers ? 1 : classes;
        SpiralExtents W = {2, {1, units}, units}, b = {1, {units}, units};
        snprintf(name, sizeof name, layers > 1 ? "W%zu" : "W", l);
        assert_int_equal(spiral_npz_add_doubles(writer, name, &W, values, NULL), SPIRAL_OK);
        name[0] = 'b';
        assert_int_equal(spiral_npz_add_doubles(writer, name, &b, values, NULL), SPIRAL_OK);
    }
    assert_int_equal(spiral_npz_save(writer, path, NULL), SPIRAL_OK);
    spiral_npz_writer_free(writer);
    free(values);
    SpiralNetwork *network;
    SpiralStatus status = spiral_network_load(path, &network, error);
    spiral_network_free(network);
    return status;
}

static void a_model_has_no_more_layers_and_classes_than_can_be_trained(void **state)
{
    SpiralError error = {0};
    assert_ok(load_deep(state, SPIRAL_HIDDEN_LIMIT + 1, 2, &error), error);
    assert_int_equal(load_deep(state, SPIRAL_HIDDEN_LIMIT + 2, 2, &error), SPIRAL_ERROR_LIMIT);
    assert_reason(error, "more than 32 hidden layers");
    assert_ok(load_deep(state, 1, SPIRAL_CLASSES_LIMIT, &error), error);
    assert_int_equal(load_deep(state, 1, SPIRAL_CLASSES_LIMIT + 1, &error), SPIRAL_ERROR_LIMIT);
    assert_reason(error, "65537 classes, expected at most 65536");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_whose_scores_overflow_is_named),
        cmocka_unit_test(a_parameter_that_is_no_number_gives_no_class),
        cmocka_unit_test(a_row_whose_hidden_sums_overflow_is_named),
        cmocka_unit_test(a_large_feature_may_stand_beside_a_large_weight),
        cmocka_unit_test(weights_are_drawn_in_row_major_order_and_biases_are_zero),
        cmocka_unit_test(parameters_are_named_as_in_the_notes),
        cmocka_unit_test(a_title_names_the_layers_and_is_cut_where_it_has_to_be),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
        cmocka_unit_test_setup_teardown(a_saved_model_comes_back_the_same, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(a_model_that_makes_no_sense_is_refused, make_scratch, remove_scratch),
        cmocka_unit_test_setup_teardown(a_model_has_no_more_layers_and_classes_than_can_be_trained, make_scratch,
                                        remove_scratch),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
