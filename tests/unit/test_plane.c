/* The plane of the first two principal components: against data whose components are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure/plane.h"
#include "figure/scatter.h"
#include "spiral/rng.h"

enum { MOST = 60 };

/* Points at +-sizes[k] along the k-th axis of a basis turned by a reflection, about a centre far from 0: the components
 * are the reflected axes, their shares the squares of the sizes. */
typedef struct Sample {
    double X[2 * MOST * MOST], axes[MOST * MOST], sizes[MOST], total;
    SpiralDataset dataset;
} Sample;

static Sample *make_sample(size_t features, double unit)
{
    Sample *sample = calloc(1, sizeof *sample);
    double normal[MOST], squared = 0.0;
    assert_non_null(sample);
    for (size_t d = 0; d < features; d++) {
        normal[d] = 1.0 + (double)d;
        squared += normal[d] * normal[d];
        sample->sizes[d] = d < 2 ? 9.0 - 4.0 * (double)d : 1.0 / (1.0 + (double)d); /* 9, 5, 1/3, 1/4 ... */
        sample->total += sample->sizes[d] * sample->sizes[d];
    }
    for (size_t k = 0; k < features; k++)
        for (size_t d = 0; d < features; d++)
            sample->axes[k * features + d] = (k == d ? 1.0 : 0.0) - 2.0 * normal[k] * normal[d] / squared;
    for (size_t i = 0; i < 2 * features; i++)
        for (size_t d = 0; d < features; d++)
            sample->X[i * features + d] =
                unit * (100.0 + (i % 2 == 0 ? 1.0 : -1.0) * sample->sizes[i / 2] * sample->axes[i / 2 * features + d]);
    sample->dataset = (SpiralDataset){.rows = 2 * features, .features = features, .X = sample->X};
    return sample;
}

static void check_components(size_t features, double unit)
{
    Sample *sample = make_sample(features, unit);
    SpiralPlane *plane = NULL;
    assert_int_equal(spiral_plane_create(&sample->dataset, NULL, &plane, NULL), SPIRAL_OK);
    for (size_t k = 0; k < 2; k++) {
        double along = 0.0, largest = 0.0;
        assert_true(fabs(plane->share[k] - sample->sizes[k] * sample->sizes[k] / sample->total) < 1e-9);
        for (size_t d = 0; d < features; d++) {
            double direction = plane->along[k * features + d];
            along += direction * sample->axes[k * features + d];
            largest = fabs(direction) > fabs(largest) ? direction : largest;
        }
        assert_true(fabs(fabs(along) - 1.0) < 1e-9);
        assert_true(largest > 0.0);
        double place[2];
        spiral_plane_project(plane, sample->X + 2 * k * features, place);
        assert_true(fabs(fabs(place[k]) - unit * sample->sizes[k]) < 1e-7 * unit);
        assert_true(fabs(place[1 - k]) < 1e-7 * unit);
    }
    spiral_plane_free(plane);
    free(sample);
}

static void few_features_are_solved_at_once_and_many_by_iteration(void **state)
{
    (void)state;
    check_components(3, 1.0);
    check_components(12, 1.0);
    check_components(13, 1.0);
    check_components(MOST, 1.0);
}

static void the_components_do_not_depend_on_the_unit(void **state)
{
    (void)state;
    check_components(5, 1e-200);
    check_components(MOST, 1e200);
}

static void data_without_variance_have_a_plane_without_a_share(void **state)
{
    (void)state;
    static const double X[3 * 15] = {0};
    SpiralDataset dataset = {.rows = 3, .features = 15, .X = X};
    SpiralPlane *plane = NULL;
    assert_int_equal(spiral_plane_create(&dataset, NULL, &plane, NULL), SPIRAL_OK);
    assert_true(isnan(plane->share[0]));
    for (size_t d = 0; d < 15; d++) {
        assert_true(plane->along[d] == (d == 0));
        assert_true(plane->along[15 + d] == (d == 1));
    }
    spiral_plane_free(plane);
}

/* 10 times 2^21 values, a quarter more than are read: feature 0 is 3 in the first tenth of the rows, feature 1 in the
 * last fifth, which the first of the rows lack. The covariance is 9 times (0.09, -0.02; -0.02, 0.16). */
static void of_many_values_an_even_selection_is_read(void **state)
{
    (void)state;
    const size_t tenth = (size_t)1 << 20, rows = 10 * tenth;
    double *X = calloc(2 * rows, sizeof *X);
    assert_non_null(X);
    for (size_t i = 0; i < tenth; i++)
        X[2 * i] = X[2 * (rows - 1 - i) + 1] = X[2 * (rows - 1 - tenth - i) + 1] = 3.0;
    SpiralDataset dataset = {.rows = rows, .features = 2, .X = X};
    SpiralPlane *plane = NULL;
    assert_int_equal(spiral_plane_create(&dataset, NULL, &plane, NULL), SPIRAL_OK);
    double apart = hypot(0.035, 0.02); /* the eigenvalues from their mean */
    assert_true(fabs(plane->share[0] - (0.125 + apart) / 0.25) < 1e-4);
    assert_true(fabs(plane->share[1] - (0.125 - apart) / 0.25) < 1e-4);
    spiral_plane_free(plane);
    free(X);
}

/* On a plane of principal components and on a slice, with features that the network standardises. */
static void the_network_on_the_plane_computes_what_the_network_computes_there(void **state)
{
    (void)state;
    enum { D = 5 };
    Sample *sample = make_sample(D, 1.0);
    SpiralNetwork *network = NULL, *reduced = NULL;
    static const size_t hidden[] = {7, 4}, axes[] = {3, 1};
    double mean[D], scale[D];
    SpiralRng rng;
    spiral_rng_seed(&rng, 1);
    assert_int_equal(spiral_network_create(D, 2, hidden, 3, &network, NULL), SPIRAL_OK);
    spiral_network_init(network, SPIRAL_INIT_XAVIER, 1.0, &rng);
    network->activation = SPIRAL_ACTIVATION_TANH;
    for (size_t d = 0; d < D; d++) {
        mean[d] = 99.0 + (double)d;
        scale[d] = 0.5 + (double)d;
    }
    assert_int_equal(spiral_network_set_standardization(network, mean, scale, NULL), SPIRAL_OK);
    for (size_t kind = 0; kind < 2; kind++) {
        SpiralPlane *plane = NULL;
        if (kind == 0)
            assert_int_equal(spiral_plane_create(&sample->dataset, network, &plane, NULL), SPIRAL_OK);
        else
            assert_int_equal(spiral_plane_slice(&sample->dataset, axes, &plane, NULL), SPIRAL_OK);
        assert_int_equal(spiral_plane_network(plane, network, &reduced, NULL), SPIRAL_OK);
        for (size_t i = 0; i < 20; i++) {
            double place[2] = {spiral_rng_normal(&rng) * 3.0, spiral_rng_normal(&rng) * 3.0}, x[D], there[3], here[3];
            for (size_t d = 0; d < D; d++)
                x[d] = plane->origin[d] + place[0] * plane->along[d] + place[1] * plane->along[D + d];
            assert_int_equal(spiral_network_predict(network, 0, 1, x, 1, there, NULL, NULL, NULL), SPIRAL_OK);
            assert_int_equal(spiral_network_predict(reduced, 0, 1, place, 1, here, NULL, NULL, NULL), SPIRAL_OK);
            for (size_t k = 0; k < 3; k++)
                assert_true(fabs(there[k] - here[k]) < 1e-9 * (1.0 + fabs(there[k])));
            if (kind == 0) { /* and the observation of that place is there */
                double back[2];
                spiral_plane_project(plane, x, back);
                assert_true(fabs(back[0] - place[0]) < 1e-9 && fabs(back[1] - place[1]) < 1e-9);
            }
        }
        spiral_network_free(reduced);
        spiral_plane_free(plane);
    }
    spiral_network_free(network);
    free(sample);
}

/* ---- the margin -------------------------------------------------------------------------------------------------- */

static void the_margin_is_a_tenth_of_each_range_unless_it_is_given(void **state)
{
    (void)state;
    static const double units[] = {1e-3, 1.0, 1e5};
    for (size_t i = 0; i < 3; i++) {
        double unit = units[i];
        const double X[] = {unit, 3.0 * unit, 2.0 * unit, 5.0 * unit};
        SpiralDataset dataset = {.rows = 2, .features = 2, .X = X};
        SpiralScatter scatter;
        SpiralAxes axes = {0};
        assert_int_equal(spiral_scatter_set(&scatter, &dataset, NULL, NULL, NULL, NULL), SPIRAL_OK);
        spiral_scatter_limits(&scatter, spiral_figure_defaults().margin, NULL, &axes);
        assert_true(fabs(axes.x.low - 0.9 * unit) < 1e-12 * unit && fabs(axes.x.high - 2.1 * unit) < 1e-12 * unit);
        assert_true(fabs(axes.y.low - 2.8 * unit) < 1e-12 * unit && fabs(axes.y.high - 5.2 * unit) < 1e-12 * unit);
        spiral_scatter_limits(&scatter, 1.0, NULL, &axes);
        assert_true(axes.x.low == unit - 1.0 && axes.y.high == 5.0 * unit + 1.0);
        spiral_scatter_release(&scatter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_features_are_solved_at_once_and_many_by_iteration),
        cmocka_unit_test(the_components_do_not_depend_on_the_unit),
        cmocka_unit_test(data_without_variance_have_a_plane_without_a_share),
        cmocka_unit_test(of_many_values_an_even_selection_is_read),
        cmocka_unit_test(the_network_on_the_plane_computes_what_the_network_computes_there),
        cmocka_unit_test(the_margin_is_a_tenth_of_each_range_unless_it_is_given),
    };
    return cmocka_run_group_tests_name("plane", tests, NULL, NULL);
}
