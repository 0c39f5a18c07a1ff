/* What holds of the gradient for every network and data set: random ones are drawn. A failure names the seed and the
 * case; SPIRAL_PROPERTY_SEED draws others, SPIRAL_PROPERTY_CASES more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_support.h"
#include "spiral/gradient_check.h"

enum { MOST_SIZE = 12, MOST_HIDDEN = 3 };

static unsigned long property_seed = 1, property_cases = 60;

/* ---- drawing ------------------------------------------------------------------------------------------------------
 */

typedef struct Case {
    unsigned long number;
    SpiralRng rng;
    SpiralDataset data;
    SpiralNetwork *network;
    SpiralObjective objective;
    char text[160]; /* what it is, for a failure */
} Case;

/* From low to high. */
static size_t draw(SpiralRng *rng, size_t low, size_t high)
{
    return low + (size_t)(spiral_rng_uniform(rng) * (double)(high - low + 1));
}

static SpiralActivation draw_activation(SpiralRng *rng)
{
    static const SpiralActivation all[] = {SPIRAL_ACTIVATION_RELU, SPIRAL_ACTIVATION_LEAKY_RELU, SPIRAL_ACTIVATION_TANH,
                                           SPIRAL_ACTIVATION_SIGMOID};
    return all[draw(rng, 0, 3)];
}

static void standardize(Case *made)
{
    double mean[MOST_SIZE], scale[MOST_SIZE];
    for (size_t d = 0; d < made->data.features; d++) {
        mean[d] = 0.3 * spiral_rng_normal(&made->rng);
        scale[d] = 0.5 + spiral_rng_uniform(&made->rng);
    }
    assert_int_equal(spiral_network_set_standardization(made->network, mean, scale, NULL), SPIRAL_OK);
}

/* Random rows (at most most_rows), features, classes, hidden layers, weights, and what is minimised. */
static Case make_case(unsigned long number, size_t most_rows)
{
    Case made = {.number = number};
    spiral_rng_seed(&made.rng, (uint32_t)(property_seed + 7919 * number));
    SpiralRng *rng = &made.rng;
    size_t hidden[MOST_HIDDEN], layers = draw(rng, 0, MOST_HIDDEN);
    for (size_t l = 0; l < layers; l++)
        hidden[l] = draw(rng, 1, MOST_SIZE);
    size_t rows = draw(rng, 1, most_rows), features = draw(rng, 1, MOST_SIZE), classes = draw(rng, 2, MOST_SIZE);
    made.data = make_data(rows, features, classes, (uint32_t)draw(rng, 0, 1000000));
    made.network =
        make_network(features, layers, hidden, classes, 0.2 + 0.6 * spiral_rng_uniform(rng), (uint32_t)number);
    made.network->activation = draw_activation(rng);
    if (draw(rng, 0, 3) == 0)
        standardize(&made);
    made.objective.reduction = draw(rng, 0, 1) == 0 ? SPIRAL_REDUCTION_MEAN : SPIRAL_REDUCTION_SUM;
    made.objective.reg = draw(rng, 0, 2) == 0 ? 0.0 : 0.1 * spiral_rng_uniform(rng);
    made.objective.l1 = draw(rng, 0, 3) > 0 ? 0.0 : 0.01 * spiral_rng_uniform(rng);
    snprintf(made.text, sizeof made.text,
             "SPIRAL_PROPERTY_SEED=%lu, case %lu: N %zu D %zu K %zu, %zu hidden layers, %s, %s, reg %g, l1 %g",
             property_seed, number, rows, features, classes, layers, spiral_activation_name(made.network->activation),
             made.objective.reduction == SPIRAL_REDUCTION_MEAN ? "mean" : "sum", made.objective.reg, made.objective.l1);
    return made;
}

static void free_case(Case *made)
{
    spiral_network_free(made->network);
    free_data(&made->data);
}

/* A copy of the network with parameters of its own. */
static SpiralNetwork *copy_network(const SpiralNetwork *network)
{
    SpiralNetwork *copy;
    assert_int_equal(spiral_network_create(network->sizes[0], network->layers - 1, network->sizes + 1,
                                           network->sizes[network->layers], &copy, NULL),
                     SPIRAL_OK);
    copy->activation = network->activation;
    memcpy(copy->parameters, network->parameters, network->parameter_count * sizeof(double));
    if (network->mean != NULL)
        assert_int_equal(spiral_network_set_standardization(copy, network->mean, network->scale, NULL), SPIRAL_OK);
    return copy;
}

static double *gradient_of(const SpiralNetwork *network, const SpiralDataset *data, const SpiralObjective *objective,
                           size_t threads, SpiralLoss *loss)
{
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    assert_non_null(gradient);
    assert_int_equal(spiral_gradient_compute(network, data, objective, threads, loss, gradient, NULL), SPIRAL_OK);
    return gradient;
}

/* Sums in another order differ by rounding: of as many terms as there are rows, each of about 1. */
static double rounding(const Case *made)
{
    return made->objective.reduction == SPIRAL_REDUCTION_SUM ? 1e-13 * (double)(100 + made->data.rows) : 1e-11;
}

/* ---- the gradient is the loss's slope -----------------------------------------------------------------------------
 */

static void check_slope(const Case *made)
{
    SpiralLoss loss;
    SpiralGradientCheckOptions options = spiral_gradient_check_defaults();
    SpiralGradientCheck check;
    double *gradient = gradient_of(made->network, &made->data, &made->objective, 1, &loss);
    options.threads = 1;
    assert_int_equal(spiral_gradient_check(made->network, &made->data, &made->objective, &options, gradient, NULL, NULL,
                                           &check, NULL),
                     SPIRAL_OK);
    const SpiralGradientComparison *loss_total = &check.total[SPIRAL_GRADIENT_LOSS];
    size_t compared = loss_total->count + loss_total->kinks_compared;
    if (!check.passed && loss_total->wrong > 0)
        fail_msg("%s: %s[%zu,%zu] is %.17g, the differences say %.17g", made->text,
                 check.groups[check.worst_group[SPIRAL_GRADIENT_LOSS]].name, loss_total->worst_row,
                 loss_total->worst_column, loss_total->analytic, loss_total->numeric);
    if (2 * compared < made->network->parameter_count)
        fail_msg("%s: only %zu of %zu coordinates were compared", made->text, compared, made->network->parameter_count);
    spiral_gradient_check_free(&check);
    free(gradient);
}

static void the_gradient_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    for (unsigned long i = 0; i < property_cases; i++) {
        Case made = make_case(i, 40);
        check_slope(&made);
        free_case(&made);
    }
}

/* ---- it is a sum over the rows ------------------------------------------------------------------------------------
 */

static void check_sum(Case *made)
{
    made->objective = (SpiralObjective){.reduction = SPIRAL_REDUCTION_SUM}; /* the regularisation is no sum over rows */
    size_t cut = draw(&made->rng, 1, made->data.rows - 1), D = made->data.features;
    SpiralDataset first = made->data, second = made->data;
    first.rows = cut;
    second.rows -= cut;
    second.X += cut * D;
    second.y += cut;
    SpiralLoss losses[3];
    double *both = gradient_of(made->network, &made->data, &made->objective, 1, &losses[0]);
    double *one = gradient_of(made->network, &first, &made->objective, 1, &losses[1]);
    double *other = gradient_of(made->network, &second, &made->objective, 1, &losses[2]);
    for (size_t i = 0; i < made->network->parameter_count; i++)
        if (!(fabs(both[i] - (one[i] + other[i])) <= rounding(made)))
            fail_msg("%s: cut at %zu, parameter %zu: %.17g and %.17g make %.17g", made->text, cut, i, one[i], other[i],
                     both[i]);
    if (!(fabs(losses[0].loss - (losses[1].loss + losses[2].loss)) <= rounding(made)))
        fail_msg("%s: cut at %zu: the losses %.17g and %.17g make %.17g", made->text, cut, losses[1].loss,
                 losses[2].loss, losses[0].loss);
    assert_int_equal(losses[0].correct, losses[1].correct + losses[2].correct);
    free(both);
    free(one);
    free(other);
}

static void the_gradient_of_a_concatenation_is_the_sum_of_the_gradients(void **state)
{
    (void)state;
    for (unsigned long i = 0; i < property_cases; i++) {
        Case made = make_case(i, 3000);
        if (made.data.rows > 1)
            check_sum(&made);
        free_case(&made);
    }
}

/* ---- no class and no feature is special ---------------------------------------------------------------------------
 */

static void draw_order(SpiralRng *rng, size_t count, size_t order[MOST_SIZE])
{
    for (size_t i = 0; i < count; i++) {
        size_t j = draw(rng, 0, i);
        order[i] = order[j];
        order[j] = i;
    }
}

/* Matrix (rows, columns) with row i at row_order[i] and column j at column_order[j]; NULL: where it was. */
static void permute(const double *from, size_t rows, size_t columns, const size_t *row_order,
                    const size_t *column_order, double *to)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            to[(row_order != NULL ? row_order[i] : i) * columns + (column_order != NULL ? column_order[j] : j)] =
                from[i * columns + j];
}

/* The first layer's rows by the features' order, the last layer's columns and biases by the classes'. */
static void permute_parameters(const SpiralNetwork *network, const size_t *features, const size_t *classes,
                               const double *from, double *to)
{
    size_t last = network->layers - 1;
    memcpy(to, from, network->parameter_count * sizeof *to);
    for (size_t l = 0; l <= last; l += last > 0 ? last : 1) {
        size_t W = spiral_network_weights_offset(network, l), inputs = network->sizes[l],
               outputs = network->sizes[l + 1];
        permute(from + W, inputs, outputs, l == 0 ? features : NULL, l == last ? classes : NULL, to + W);
    }
    size_t b = spiral_network_biases_offset(network, last);
    permute(from + b, 1, network->sizes[last + 1], NULL, classes, to + b);
}

static void check_permutation(Case *made)
{
    const SpiralNetwork *network = made->network;
    size_t N = made->data.rows, D = made->data.features, features[MOST_SIZE], classes[MOST_SIZE];
    draw_order(&made->rng, D, features);
    draw_order(&made->rng, made->data.classes, classes);
    SpiralNetwork *permuted = copy_network(network);
    permute_parameters(network, features, classes, network->parameters, permuted->parameters);
    if (network->mean != NULL) {
        permute(network->mean, 1, D, NULL, features, permuted->mean);
        permute(network->scale, 1, D, NULL, features, permuted->scale);
    }
    SpiralDataset data = make_data(N, D, made->data.classes, 0);
    double *X = (double *)(uintptr_t)data.X;
    int64_t *y = (int64_t *)(uintptr_t)data.y;
    permute(made->data.X, N, D, NULL, features, X);
    for (size_t i = 0; i < N; i++)
        y[i] = (int64_t)classes[made->data.y[i]];
    SpiralLoss loss, permuted_loss;
    double *gradient = gradient_of(network, &made->data, &made->objective, 1, &loss);
    double *found = gradient_of(permuted, &data, &made->objective, 1, &permuted_loss);
    double *expected = malloc(network->parameter_count * sizeof *expected);
    permute_parameters(network, features, classes, gradient, expected);
    for (size_t i = 0; i < network->parameter_count; i++)
        if (!(fabs(found[i] - expected[i]) <= rounding(made)))
            fail_msg("%s: parameter %zu is %.17g, expected %.17g as before the permutation", made->text, i, found[i],
                     expected[i]);
    if (!(fabs(loss.loss - permuted_loss.loss) <= rounding(made)))
        fail_msg("%s: the loss is %.17g, and was %.17g before the permutation", made->text, permuted_loss.loss,
                 loss.loss);
    free(gradient);
    free(found);
    free(expected);
    spiral_network_free(permuted);
    free_data(&data);
}

static void permuting_classes_and_features_permutes_the_gradient(void **state)
{
    (void)state;
    for (unsigned long i = 0; i < property_cases; i++) {
        Case made = make_case(i, 700);
        check_permutation(&made);
        free_case(&made);
    }
}

/* ---- threads ------------------------------------------------------------------------------------------------------
 */

static void check_threads(const Case *made)
{
    SpiralLoss loss, more_loss;
    size_t bytes = made->network->parameter_count * sizeof(double);
    double *gradient = gradient_of(made->network, &made->data, &made->objective, 1, &loss);
    for (size_t threads = 2; threads <= 16; threads++) {
        double *more = gradient_of(made->network, &made->data, &made->objective, threads, &more_loss);
        if (memcmp(gradient, more, bytes) != 0 || memcmp(&loss.loss, &more_loss.loss, sizeof loss.loss) != 0 ||
            loss.correct != more_loss.correct)
            fail_msg("%s: %zu threads give other bits than 1", made->text, threads);
        free(more);
    }
    free(gradient);
}

static void the_bits_are_the_same_for_1_to_16_threads(void **state)
{
    (void)state;
    for (unsigned long i = 0; i < property_cases; i++) {
        Case made = make_case(i, 10000);
        check_threads(&made);
        free_case(&made);
    }
}

static void read_number(const char *name, unsigned long *value)
{
    const char *text = getenv(name);
    if (text != NULL)
        *value = strtoul(text, NULL, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(the_gradient_of_a_concatenation_is_the_sum_of_the_gradients),
        cmocka_unit_test(permuting_classes_and_features_permutes_the_gradient),
        cmocka_unit_test(the_bits_are_the_same_for_1_to_16_threads),
    };
    read_number("SPIRAL_PROPERTY_SEED", &property_seed);
    read_number("SPIRAL_PROPERTY_CASES", &property_cases);
    printf("%lu cases a property, from SPIRAL_PROPERTY_SEED=%lu\n", property_cases, property_seed);
    return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
