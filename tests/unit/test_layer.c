/* The layer by fused kernels held against the layer by BLAS, alone and in whole networks, and both against the sums
 * written out in long double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "base/linalg.h"
#include "net/kernels.h"
#include "net/layer.h"
#include "net_support.h"
#include "spiral/generate.h"
#include "spiral/trainer.h"

static const SpiralKernels *kernels; /* the level that is tested */

/* In place of spiral_kernels: the library takes the level that is tested, too. */
const SpiralKernels *__wrap_spiral_kernels(void);
const SpiralKernels *__wrap_spiral_kernels(void)
{
    return kernels;
}

enum { CASES = 300, MOST_ROWS = 2000, MOST_UNITS = 130 };

/* From low to high. */
static size_t draw(SpiralRng *rng, size_t low, size_t high)
{
    return low + (size_t)(spiral_rng_uniform(rng) * (double)(high - low + 1));
}

/* ---- one layer --------------------------------------------------------------------------------------------------- */

typedef struct Case {
    size_t number, rows;
    SpiralLayer layer;
    bool first; /* no layer below */
    double *W, *b, *A, *mask, *dZ;
} Case;

typedef struct Results {
    double *Z, *dW, *db, *dA;
} Results;

/* count normal numbers, 64-byte aligned. */
static double *draw_normal(SpiralRng *rng, size_t count)
{
    double *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = spiral_rng_normal(rng);
    return values;
}

/* One side thin, the other 1 to 9 units or, in every fifth case, up to 130. */
static void draw_shape(SpiralRng *rng, size_t number, size_t *inputs, size_t *outputs)
{
    size_t thin = draw(rng, 1, SPIRAL_THIN), other = number % 5 == 0 ? draw(rng, 10, MOST_UNITS) : draw(rng, 1, 9);
    bool thin_inputs = draw(rng, 0, 1) == 0;
    *inputs = thin_inputs ? thin : other;
    *outputs = thin_inputs ? other : thin;
}

static Case make_case(SpiralRng *rng, size_t number)
{
    Case made = {
        .number = number, .rows = draw(rng, 1, number % 3 == 0 ? MOST_ROWS : 40), .first = draw(rng, 0, 2) == 0};
    size_t inputs, outputs, stride = (made.rows + SPIRAL_LANES - 1) / SPIRAL_LANES * SPIRAL_LANES;
    draw_shape(rng, number, &inputs, &outputs);
    SpiralActivation activation = (SpiralActivation)draw(rng, 0, 3);
    bool dropout = !made.first && draw(rng, 0, 2) == 0;
    double keep_probability = dropout ? 0.5 + 0.4 * spiral_rng_uniform(rng) : 1.0;
    made.W = draw_normal(rng, inputs * outputs);
    made.b = draw_normal(rng, outputs);
    made.A = draw_normal(rng, inputs * stride);
    made.dZ = draw_normal(rng, outputs * stride);
    made.mask = draw_normal(rng, inputs * stride);
    for (size_t i = 0; i < inputs * stride; i++) {
        made.mask[i] = made.mask[i] > -0.5 ? 1.0 / keep_probability : 0.0;
        if (!made.first) /* what an activation and dropout leave */
            made.A[i] = (double)plain_activation(activation, made.A[i]) * (dropout ? made.mask[i] : 1.0);
    }
    for (size_t u = 0; u < outputs; u++) /* as the softmax leaves the padding */
        for (size_t r = made.rows; r < stride; r++)
            made.dZ[u * stride + r] = 0.0;
    made.layer = (SpiralLayer){
        .kernels = kernels,
        .inputs = inputs,
        .outputs = outputs,
        .stride = stride,
        .W = made.W,
        .b = made.b,
        .A = made.A,
        .last = draw(rng, 0, 1) == 0,
        .activation = activation,
        .mask = dropout ? made.mask : NULL,
        .keep_probability = keep_probability,
    };
    return made;
}

static void free_case(Case *made)
{
    free(made->W);
    free(made->b);
    free(made->A);
    free(made->dZ);
    free(made->mask);
}

/* Both directions; dW and db are added to numbers that are there already. */
static Results run_layer(const Case *made, void (*forward)(const SpiralLayer *, double *),
                         void (*backward)(const SpiralLayer *, const double *, double *))
{
    SpiralLayer layer = made->layer;
    SpiralRng rng;
    spiral_rng_seed(&rng, 5);
    Results results = {draw_normal(&rng, layer.outputs * layer.stride), draw_normal(&rng, layer.inputs * layer.outputs),
                       draw_normal(&rng, layer.outputs), draw_normal(&rng, layer.inputs * layer.stride)};
    layer.dW = results.dW;
    layer.db = results.db;
    forward(&layer, results.Z);
    backward(&layer, made->dZ, made->first ? NULL : results.dA);
    return results;
}

static void free_results(Results *results)
{
    free(results->Z);
    free(results->dW);
    free(results->db);
    free(results->dA);
}

/* A sum as it should be: its value, how many terms it has, and the sum of their absolute values. */
typedef struct Sum {
    long double value, size;
    size_t terms;
} Sum;

static void add_term(Sum *sum, long double term)
{
    sum->value += term;
    sum->size += fabsl(term);
    sum->terms++;
}

static void add_start(Sum *sum, SpiralRng *rng)
{
    add_term(sum, spiral_rng_normal(rng));
}

/* A sum of n terms in any order has an error of at most (n - 1) u sum |t|, and each product in it one of u |t|. What
 * follows the sum (factor, at most 2 in size; activation, which is no steeper than 1) adds a few roundings of its
 * result. */
static void assert_sum(const Case *made, const char *what, size_t index, double fused, double blas, Sum sum,
                       long double expected, long double factor)
{
    const long double u = DBL_EPSILON / 2.0L;
    long double bound = (long double)(sum.terms + 1) * u * sum.size * factor + 8.0L * u * fabsl(expected);
    long double apart = fabsl((long double)fused - (long double)blas);
    if (!(fabsl((long double)fused - expected) <= bound) || !(fabsl((long double)blas - expected) <= bound) ||
        !(apart <= 2.0L * bound))
        fail_msg("case %zu, %zu -> %zu, %zu rows, %s%s: %s[%zu] is %.17g by the fused kernels, %.17g by BLAS, %.17Lg "
                 "expected",
                 made->number, made->layer.inputs, made->layer.outputs, made->rows,
                 spiral_activation_name(made->layer.activation), made->layer.mask != NULL ? ", dropout" : "", what,
                 index, fused, blas, expected);
}

static void check_forward(const Case *made, const Results *fused, const Results *blas)
{
    const SpiralLayer *layer = &made->layer;
    for (size_t u = 0; u < layer->outputs; u++)
        for (size_t r = 0; r < made->rows; r++) {
            Sum z = {0};
            add_term(&z, layer->b[u]);
            for (size_t i = 0; i < layer->inputs; i++)
                add_term(&z, (long double)layer->W[i * layer->outputs + u] * layer->A[i * layer->stride + r]);
            size_t index = u * layer->stride + r;
            long double expected = layer->last ? z.value : plain_activation(layer->activation, z.value);
            assert_sum(made, "Z", index, fused->Z[index], blas->Z[index], z, expected, 1.0L);
        }
}

static void check_parameters(const Case *made, const Results *fused, const Results *blas)
{
    const SpiralLayer *layer = &made->layer;
    SpiralRng rng; /* what dW and db were before, as run_layer draws it behind Z */
    spiral_rng_seed(&rng, 5);
    for (size_t i = 0; i < layer->outputs * layer->stride; i++)
        spiral_rng_normal(&rng);
    for (size_t i = 0; i < layer->inputs; i++)
        for (size_t u = 0; u < layer->outputs; u++) {
            Sum sum = {0};
            add_start(&sum, &rng);
            for (size_t r = 0; r < made->rows; r++)
                add_term(&sum, (long double)layer->A[i * layer->stride + r] * made->dZ[u * layer->stride + r]);
            size_t index = i * layer->outputs + u;
            assert_sum(made, "dW", index, fused->dW[index], blas->dW[index], sum, sum.value, 1.0L);
        }
    for (size_t u = 0; u < layer->outputs; u++) {
        Sum sum = {0};
        add_start(&sum, &rng);
        for (size_t r = 0; r < made->rows; r++)
            add_term(&sum, made->dZ[u * layer->stride + r]);
        assert_sum(made, "db", u, fused->db[u], blas->db[u], sum, sum.value, 1.0L);
    }
}

static void check_below(const Case *made, const Results *fused, const Results *blas)
{
    const SpiralLayer *layer = &made->layer;
    for (size_t i = 0; i < layer->inputs && !made->first; i++)
        for (size_t r = 0; r < layer->stride; r++) {
            size_t index = i * layer->stride + r;
            Sum sum = {0};
            for (size_t u = 0; u < layer->outputs; u++)
                add_term(&sum, (long double)layer->W[i * layer->outputs + u] * made->dZ[u * layer->stride + r]);
            long double factor = plain_slope(layer->activation, (long double)layer->A[index] * layer->keep_probability);
            if (layer->mask != NULL)
                factor *= layer->mask[index];
            /* 1 - tanh^2 comes from a rounded A: its error is of 1, not of itself. */
            assert_sum(made, "dA", index, fused->dA[index], blas->dA[index], sum, sum.value * factor, factor + 8.0L);
        }
}

/* A as rows: X (rows, inputs). */
static double *transposed(const Case *made)
{
    double *X = malloc(made->rows * made->layer.inputs * sizeof *X);
    assert_non_null(X);
    for (size_t r = 0; r < made->rows; r++)
        for (size_t i = 0; i < made->layer.inputs; i++)
            X[r * made->layer.inputs + i] = made->A[i * made->layer.stride + r];
    return X;
}

static void fused_kernels_and_blas_agree_on_random_layers(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 1);
    spiral_linalg_start();
    for (size_t number = 0; number < CASES; number++) {
        Case made = make_case(&rng, number);
        Results fused = run_layer(&made, kernels->layer_forward, kernels->layer_backward);
        Results blas = run_layer(&made, spiral_layer_blas_forward, spiral_layer_blas_backward);
        check_forward(&made, &fused, &blas);
        check_parameters(&made, &fused, &blas);
        check_below(&made, &fused, &blas);
        double *X = transposed(&made);
        made.layer.X = X;
        made.layer.rows = made.rows;
        Results by_rows = run_layer(&made, spiral_layer_blas_forward, spiral_layer_blas_backward);
        check_forward(&made, &fused, &by_rows);
        check_parameters(&made, &fused, &by_rows);
        free_results(&by_rows);
        free(X);
        free_results(&fused);
        free_results(&blas);
        free_case(&made);
    }
}

static void levels_with_fused_multiply_add_give_the_same_bits(void **state)
{
    (void)state;
    if (spiral_kernels_of(2) == NULL) {
        print_message("skipped: this machine has no two such levels\n");
        skip();
    }
    SpiralRng rng;
    spiral_rng_seed(&rng, 6);
    for (size_t number = 0; number < CASES; number++) {
        const SpiralKernels *avx2 = spiral_kernels_of(1), *avx512 = spiral_kernels_of(2);
        Case made = make_case(&rng, number);
        size_t inputs = made.layer.inputs, outputs = made.layer.outputs, stride = made.layer.stride;
        made.layer.kernels = avx2;
        Results a = run_layer(&made, avx2->layer_forward, avx2->layer_backward);
        made.layer.kernels = avx512;
        Results b = run_layer(&made, avx512->layer_forward, avx512->layer_backward);
        assert_memory_equal(a.Z, b.Z, outputs * stride * sizeof *a.Z);
        assert_memory_equal(a.dW, b.dW, inputs * outputs * sizeof *a.dW);
        assert_memory_equal(a.db, b.db, outputs * sizeof *a.db);
        assert_memory_equal(a.dA, b.dA, inputs * stride * sizeof *a.dA);
        free_results(&a);
        free_results(&b);
        free_case(&made);
    }
}

/* ---- pairs of layers --------------------------------------------------------------------------------------------- */

/* What a pass through two layers leaves: A and Z on the way forward, the gradients on the way back. */
typedef struct PairResults {
    double *A, *Z, *lower_dW, *lower_db, *upper_dW, *upper_db, *dA, *dX;
} PairResults;

typedef struct PairCase {
    size_t inputs, units, outputs, stride;
    bool blas, first, last; /* blas: the lower layer is by BLAS */
    double *W1, *b1, *W2, *b2, *X, *dZ;
} PairCase;

static PairCase make_pair_case(SpiralRng *rng, size_t number)
{
    size_t inputs = number % (SPIRAL_PAIR_INPUTS + 1); /* 0: any, by BLAS */
    PairCase made = {
        .inputs = inputs > 0 ? inputs : draw(rng, 1, 20),
        .outputs = 1 + number / (SPIRAL_PAIR_INPUTS + 1) % SPIRAL_THIN,
        .units = draw(rng, SPIRAL_THIN + 1, number % 7 == 0 ? 300 : 60),
        .stride = SPIRAL_LANES * draw(rng, 1, 40),
        .blas = inputs == 0,
        .first = draw(rng, 0, 1) == 0,
        .last = draw(rng, 0, 1) == 0,
    };
    made.W1 = draw_normal(rng, made.inputs * made.units);
    made.b1 = draw_normal(rng, made.units);
    made.W2 = draw_normal(rng, made.units * made.outputs);
    made.b2 = draw_normal(rng, made.outputs);
    made.X = draw_normal(rng, made.inputs * made.stride);
    made.dZ = draw_normal(rng, made.outputs * made.stride);
    return made;
}

static void free_pair_case(PairCase *made)
{
    double *const all[] = {made->W1, made->b1, made->W2, made->b2, made->X, made->dZ};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void free_pair_results(PairResults *results)
{
    double *const all[] = {results->A,        results->Z,        results->lower_dW, results->lower_db,
                           results->upper_dW, results->upper_db, results->dA,       results->dX};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

/* dW and db are added to numbers that are there already. */
static PairResults run_pair(const PairCase *made, const SpiralKernels *level, bool as_pair)
{
    size_t stride = made->stride;
    SpiralRng rng;
    spiral_rng_seed(&rng, 7);
    PairResults results = {
        .A = draw_normal(&rng, made->units * stride),
        .Z = draw_normal(&rng, made->outputs * stride),
        .lower_dW = draw_normal(&rng, made->inputs * made->units),
        .lower_db = draw_normal(&rng, made->units),
        .upper_dW = draw_normal(&rng, made->units * made->outputs),
        .upper_db = draw_normal(&rng, made->outputs),
        .dA = draw_normal(&rng, made->units * stride),
        .dX = draw_normal(&rng, made->inputs * stride),
    };
    SpiralLayer lower = {.kernels = level,
                         .inputs = made->inputs,
                         .outputs = made->units,
                         .stride = stride,
                         .W = made->W1,
                         .b = made->b1,
                         .dW = results.lower_dW,
                         .db = results.lower_db,
                         .A = made->X,
                         .fused = !made->blas,
                         .activation = SPIRAL_ACTIVATION_RELU,
                         .keep_probability = 1.0};
    SpiralLayer upper = {.kernels = level,
                         .inputs = made->units,
                         .outputs = made->outputs,
                         .stride = stride,
                         .W = made->W2,
                         .b = made->b2,
                         .dW = results.upper_dW,
                         .db = results.upper_db,
                         .A = results.A,
                         .last = made->last,
                         .activation = SPIRAL_ACTIVATION_RELU,
                         .keep_probability = 1.0};
    double *dX = made->first ? NULL : results.dX;
    if (as_pair) {
        if (made->blas)
            spiral_layer_blas_multiply(&lower, results.A);
        level->pair_forward(&lower, &upper, results.A, results.Z);
        level->pair_backward(&lower, &upper, made->dZ, results.dA, dX);
        if (made->blas)
            spiral_layer_blas_multiply_back(&lower, results.dA, dX);
    } else {
        (made->blas ? spiral_layer_blas_forward : level->layer_forward)(&lower, results.A);
        level->layer_forward(&upper, results.Z);
        level->layer_backward(&upper, made->dZ, results.dA);
        (made->blas ? spiral_layer_blas_backward : level->layer_backward)(&lower, results.dA, dX);
    }
    return results;
}

static void assert_same_bits(const PairCase *made, const PairResults *a, const PairResults *b)
{
    assert_memory_equal(a->A, b->A, made->units * made->stride * sizeof *a->A);
    assert_memory_equal(a->Z, b->Z, made->outputs * made->stride * sizeof *a->Z);
    assert_memory_equal(a->lower_dW, b->lower_dW, made->inputs * made->units * sizeof *a->lower_dW);
    assert_memory_equal(a->lower_db, b->lower_db, made->units * sizeof *a->lower_db);
    assert_memory_equal(a->upper_dW, b->upper_dW, made->units * made->outputs * sizeof *a->upper_dW);
    assert_memory_equal(a->upper_db, b->upper_db, made->outputs * sizeof *a->upper_db);
    assert_memory_equal(a->dX, b->dX, made->inputs * made->stride * sizeof *a->dX);
}

/* The layers alone are held against BLAS and the sums in long double above. */
static void a_pair_of_layers_gives_the_bits_of_one_layer_after_the_other(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 8);
    for (size_t number = 0; number < 6 * (SPIRAL_PAIR_INPUTS + 1) * SPIRAL_THIN; number++) {
        PairCase made = make_pair_case(&rng, number);
        PairResults pair = run_pair(&made, kernels, true), layers = run_pair(&made, kernels, false);
        assert_same_bits(&made, &pair, &layers);
        free_pair_results(&pair);
        free_pair_results(&layers);
        free_pair_case(&made);
    }
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

static void layers_with_few_units_on_one_side_are_fused_unless_blas_is_asked_for(void **state)
{
    (void)state;
    static const size_t hidden[] = {9, 8, 9, 9};
    static const bool fused[] = {false, true, true, false, true};
    SpiralNetwork *network = make_network(9, 4, hidden, 3, 0.1, 1);
    for (size_t l = 0; l < 5; l++)
        assert_int_equal(spiral_network_layer_is_fused(network, l), fused[l]);
    network->products = SPIRAL_PRODUCTS_BLAS;
    for (size_t l = 0; l < 5; l++)
        assert_false(spiral_network_layer_is_fused(network, l));
    spiral_network_free(network);
}

/* A random network and data for it; the rows may make up several blocks and parts, or just one whole block. */
static SpiralNetwork *draw_network(SpiralRng *rng, size_t number, SpiralDataset *data)
{
    static const size_t whole[] = {256, 512, 1024};
    size_t hidden[3], layers = draw(rng, 0, 3), features = draw(rng, 1, 9), classes = draw(rng, 2, 9);
    for (size_t l = 0; l < layers; l++)
        hidden[l] = draw(rng, 1, draw(rng, 0, 2) == 0 ? 40 : 9);
    size_t rows = number % 4 == 0 ? whole[number / 4 % 3] : draw(rng, classes, MOST_ROWS);
    *data = make_data(rows, features, classes, (uint32_t)draw(rng, 0, 1000000));
    SpiralNetwork *network = make_network(features, layers, hidden, classes, 0.5, (uint32_t)draw(rng, 0, 1000000));
    network->activation = (SpiralActivation)draw(rng, 0, 3);
    return network;
}

static double largest_difference(size_t count, const double *a, const double *b)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

static double *gradient_by(SpiralProducts products, SpiralNetwork *network, const SpiralDataset *data, size_t threads)
{
    SpiralObjective objective = spiral_objective_defaults();
    SpiralLoss loss;
    double *gradient = malloc(network->parameter_count * sizeof *gradient);
    network->products = products;
    assert_int_equal(spiral_gradient_compute(network, data, &objective, threads, &loss, gradient, NULL), SPIRAL_OK);
    return gradient;
}

static void gradients_of_random_networks_agree_with_the_formulas_both_ways(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 2);
    for (size_t number = 0; number < 48; number++) {
        SpiralDataset data;
        SpiralNetwork *network = draw_network(&rng, number, &data);
        double *plain = malloc(network->parameter_count * sizeof *plain);
        plain_gradient(network, &data, spiral_objective_defaults().reg, 1.0 / (double)data.rows, plain);
        for (int products = SPIRAL_PRODUCTS_AUTO; products <= SPIRAL_PRODUCTS_BLAS; products++) {
            double *gradient = gradient_by((SpiralProducts)products, network, &data, 1);
            double difference = largest_difference(network->parameter_count, gradient, plain);
            if (!(difference < 1e-13))
                fail_msg("network %zu, products %d: the gradient is off by %g", number, products, difference);
            free(gradient);
        }
        free(plain);
        free_data(&data);
        spiral_network_free(network);
    }
}

static void the_bits_do_not_depend_on_the_threads_either_way(void **state)
{
    (void)state;
    static const size_t threads[] = {2, 3, 7, 16};
    /* The last has blocks of fewer rows. */
    static const struct {
        size_t layers, hidden[2];
    } shapes[] = {{0, {0}}, {1, {100}}, {2, {100, 3}}, {1, {700}}};
    SpiralDataset data = make_data(9000, 2, 3, 7);
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        SpiralNetwork *network = make_network(2, shapes[s].layers, shapes[s].hidden, 3, 0.5, 3);
        for (int products = SPIRAL_PRODUCTS_AUTO; products <= SPIRAL_PRODUCTS_BLAS; products++) {
            double *one = gradient_by((SpiralProducts)products, network, &data, 1);
            for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
                double *more = gradient_by((SpiralProducts)products, network, &data, threads[t]);
                assert_memory_equal(one, more, network->parameter_count * sizeof *one);
                free(more);
            }
            free(one);
        }
        spiral_network_free(network);
    }
    free_data(&data);
}

static void training_with_dropout_and_mini_batches_agrees_both_ways(void **state)
{
    (void)state;
    static const size_t hidden[] = {30, 5, 12};
    SpiralDataset data = make_data(512, 3, 4, 8);
    for (int activation = SPIRAL_ACTIVATION_RELU; activation <= SPIRAL_ACTIVATION_SIGMOID; activation++) {
        SpiralNetwork *networks[2];
        for (int products = SPIRAL_PRODUCTS_AUTO; products <= SPIRAL_PRODUCTS_BLAS; products++) {
            SpiralTrainOptions options = spiral_train_defaults();
            SpiralTrainResult result;
            options.iterations = 20;
            options.batch_size = 256;
            options.dropout = 0.3;
            options.learning_rate = 0.1;
            networks[products] = make_network(3, 3, hidden, 4, 0.5, 4);
            networks[products]->activation = (SpiralActivation)activation;
            networks[products]->products = (SpiralProducts)products;
            assert_int_equal(spiral_train(networks[products], &data, &options, NULL, &result, NULL), SPIRAL_OK);
        }
        assert_true(largest_difference(networks[0]->parameter_count, networks[0]->parameters, networks[1]->parameters) <
                    1e-13);
        spiral_network_free(networks[0]);
        spiral_network_free(networks[1]);
    }
    free_data(&data);
}

/* ---- the published table -------------------------------------------------------------------------------------------
 */

typedef struct Table {
    const char *model;
    size_t count; /* losses compared */
} Table;

/* The printed loss of the model at an iteration, as in data/published-table.csv. */
static void read_published(const char *model, size_t iteration, char printed[16])
{
    char line[256], wanted[64];
    snprintf(wanted, sizeof wanted, "%s,%zu,", model, iteration);
    FILE *file = fopen("../data/published-table.csv", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL && strncmp(line, wanted, strlen(wanted)) != 0)
        ;
    fclose(file);
    assert_int_equal(sscanf(line + strlen(wanted), "%15s", printed), 1);
}

/* The last three of the network are moved by rounding: tests/reference/test_table.py. */
static SpiralStatus compare_with_table(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    (void)error;
    Table *table = context;
    char published[16], found[16];
    read_published(table->model, record->iteration, published);
    snprintf(found, sizeof found, "%.6f", record->loss);
    if (record->iteration >= 7000)
        assert_true(fabs(record->loss - atof(published)) < 3.5e-6);
    else
        assert_string_equal(found, published);
    table->count++;
    return SPIRAL_OK;
}

static void train_as_published(const char *model, size_t skip_draws, size_t layers, size_t iterations, size_t every)
{
    static const size_t hidden[] = {100};
    SpiralGenerateOptions generate = spiral_generate_defaults();
    SpiralTrainOptions options = spiral_train_defaults();
    SpiralTrainResult result;
    SpiralDataset *data;
    SpiralNetwork *network;
    SpiralRng rng;
    Table table = {.model = model};
    SpiralTrainHooks hooks = {.record = compare_with_table, .context = &table};
    options.iterations = iterations;
    options.record_every = every;
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_dataset_generate(&generate, &rng, &data, NULL), SPIRAL_OK);
    for (size_t i = 0; i < skip_draws; i++)
        spiral_rng_normal(&rng);
    assert_int_equal(spiral_network_create(2, layers, hidden, 3, &network, NULL), SPIRAL_OK);
    spiral_network_init(network, SPIRAL_INIT_GAUSSIAN, 0.01, &rng);
    assert_int_equal(spiral_train(network, data, &options, &hooks, &result, NULL), SPIRAL_OK);
    assert_in_range(table.count, iterations / every, iterations / every + 1);
    spiral_network_free(network);
    spiral_dataset_free(data);
}

static void the_published_table_comes_out(void **state)
{
    (void)state;
    train_as_published("linear", 18, 0, 200, 10);
    train_as_published("mlp", 24, 1, 10000, 1000);
}

int main(void)
{
    const struct CMUnitTest levels[] = {cmocka_unit_test(levels_with_fused_multiply_add_give_the_same_bits)};
    const struct CMUnitTest each_level[] = {
        cmocka_unit_test(fused_kernels_and_blas_agree_on_random_layers),
        cmocka_unit_test(a_pair_of_layers_gives_the_bits_of_one_layer_after_the_other),
        cmocka_unit_test(layers_with_few_units_on_one_side_are_fused_unless_blas_is_asked_for),
        cmocka_unit_test(gradients_of_random_networks_agree_with_the_formulas_both_ways),
        cmocka_unit_test(the_bits_do_not_depend_on_the_threads_either_way),
        cmocka_unit_test(training_with_dropout_and_mini_batches_agrees_both_ways),
        cmocka_unit_test(the_published_table_comes_out),
    };
    kernels = spiral_kernels_of(0);
    int failed = cmocka_run_group_tests_name("levels", levels, NULL, NULL);
    for (size_t level = 0; (kernels = spiral_kernels_of(level)) != NULL; level++)
        failed += cmocka_run_group_tests_name(kernels->level, each_level, NULL, NULL);
    return failed;
}
