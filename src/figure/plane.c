#include "figure/plane.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/scale.h"
#include "figure/axis.h"
#include "figure/order.h"
#include "spiral/rng.h"

/* Directions that are followed at once: all there are, when the data have no more features. */
enum { BLOCK = 12 };

/* Passes over the data at most, and the relative residual at which the components are good enough before. */
enum { ROUNDS = 30 };
static const double RESIDUAL = 1e-8;

/* Numbers of the data that a pass reads: of more, an even selection of the rows, but at least so many of these. */
enum { MOST_DOUBLES = 1 << 24, LEAST_ROWS = 256 };

enum { CHUNK_DOUBLES = 1 << 16 };

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the plane of a figure");
}

/* Its origin is at the means. */
static SpiralStatus create(const SpiralDataset *dataset, bool components, SpiralPlane **plane, SpiralError *error)
{
    size_t features = dataset->features;
    SpiralPlane *made = spiral_allocate(1, sizeof *made);
    double *deviations = spiral_allocate(features, sizeof *deviations);
    if (made != NULL) {
        made->features = features;
        made->origin = spiral_allocate(features, sizeof *made->origin);
        made->along = spiral_allocate(features, 2 * sizeof *made->along);
        made->loadings = components ? spiral_allocate(features, 2 * sizeof *made->loadings) : NULL;
    }
    *plane = NULL;
    if (made == NULL || deviations == NULL || made->origin == NULL || made->along == NULL ||
        (components && made->loadings == NULL)) {
        free(deviations);
        spiral_plane_free(made);
        return no_memory(error);
    }
    spiral_dataset_moments(dataset, made->origin, deviations);
    free(deviations);
    *plane = made;
    return SPIRAL_OK;
}

void spiral_plane_free(SpiralPlane *plane)
{
    if (plane == NULL)
        return;
    free(plane->origin);
    free(plane->along);
    free(plane->loadings);
    free(plane);
}

SpiralStatus spiral_plane_slice(const SpiralDataset *dataset, const size_t axes[2], SpiralPlane **plane,
                                SpiralError *error)
{
    SpiralStatus status = create(dataset, false, plane, error);
    for (size_t i = 0; status == SPIRAL_OK && i < 2; i++) {
        (*plane)->origin[axes[i]] = 0.0;
        (*plane)->along[i * dataset->features + axes[i]] = 1.0;
    }
    return status;
}

/* ---- the observations, standardised ------------------------------------------------------------------------------ */

typedef struct Rows {
    const SpiralDataset *dataset;
    const double *centre, *scale; /* (D); scale may be NULL: 1 */
    double factor;                /* by which all are multiplied, so that no square overflows */
    size_t count, step;           /* so many, each so many rows after the one before */
    size_t chunk_rows;
    double *chunk;   /* (chunk_rows, D) */
    double *product; /* (chunk_rows, BLOCK) */
} Rows;

static double standardised(const Rows *rows, const double *x, size_t feature)
{
    return (x[feature] - rows->centre[feature]) / (rows->scale != NULL ? rows->scale[feature] : 1.0);
}

/* The row in that place of the order. The product may have more than 32 bits. */
static size_t row_at(const Rows *rows, size_t place)
{
    return (size_t)((uint64_t)place * rows->step % rows->dataset->rows);
}

/* Fills the chunk with the rows from `first` of the order on, and returns how many there are. */
static size_t fill_chunk(const Rows *rows, size_t first)
{
    size_t left = rows->count - first, count = left < rows->chunk_rows ? left : rows->chunk_rows;
    size_t features = rows->dataset->features;
    for (size_t i = 0; i < count; i++) {
        const double *x = rows->dataset->X + row_at(rows, first + i) * features;
        for (size_t d = 0; d < features; d++)
            rows->chunk[i * features + d] = standardised(rows, x, d) * rows->factor;
    }
    return count;
}

/* Sets the factor, and *total to the sum of all squares. */
static SpiralStatus measure(Rows *rows, double *total, SpiralError *error)
{
    size_t features = rows->dataset->features;
    double largest = 0.0;
    rows->factor = 1.0;
    *total = 0.0;
    for (size_t first = 0; first < rows->count; first += rows->chunk_rows)
        for (size_t i = fill_chunk(rows, first) * features; i-- > 0;)
            if (!(fabs(rows->chunk[i]) <= largest))
                largest = fabs(rows->chunk[i]);
    if (!(largest <= SPIRAL_AXIS_LARGEST))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "the data reach %g from their means; values up to %g can be drawn", largest,
                                SPIRAL_AXIS_LARGEST);
    rows->factor = spiral_scale_for(largest);
    for (size_t first = 0; first < rows->count; first += rows->chunk_rows)
        for (size_t i = fill_chunk(rows, first) * features; i-- > 0;)
            *total += rows->chunk[i] * rows->chunk[i];
    return SPIRAL_OK;
}

/* Y (D, block) = ZᵀZ V, where Z (N, D) are the rows. */
static void multiply_by_covariance(const Rows *rows, size_t block, const double *V, double *Y)
{
    size_t features = rows->dataset->features;
    memset(Y, 0, features * block * sizeof *Y);
    for (size_t first = 0; first < rows->count; first += rows->chunk_rows) {
        size_t count = fill_chunk(rows, first);
        spiral_linalg_multiply(false, false, count, block, features, rows->chunk, features, V, block, 0.0,
                               rows->product, block);
        spiral_linalg_multiply(true, false, features, block, count, rows->chunk, features, rows->product, block, 1.0, Y,
                               block);
    }
}

/* ---- principal components ---------------------------------------------------------------------------------------- */

/* The buffers of the iteration. */
typedef struct Iteration {
    size_t features, block;
    double *V, *Y, *spare;   /* (D, block) */
    double T[BLOCK * BLOCK]; /* (block, block) VᵀY */
    double Q[BLOCK * BLOCK]; /* its eigenvectors as columns, the largest eigenvalue first */
    double values[BLOCK];    /* its eigenvalues */
    SpiralRng rng;
} Iteration;

static void rotate(size_t n, double *A, size_t p, size_t q, double cosine, double sine)
{
    for (size_t k = 0; k < n; k++) {
        double first = A[k * n + p], second = A[k * n + q];
        A[k * n + p] = cosine * first - sine * second;
        A[k * n + q] = sine * first + cosine * second;
    }
}

static void transpose(size_t n, double *A)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            double kept = A[i * n + j];
            A[i * n + j] = A[j * n + i];
            A[j * n + i] = kept;
        }
}

/* Jacobi's method: rotates pairs of rows and columns of T until it is diagonal, and Q's columns alongside. */
static void diagonalise(size_t n, double *T, double *Q)
{
    for (size_t i = 0; i < n * n; i++)
        Q[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    for (int sweep = 0; sweep < 60; sweep++) {
        double off = 0.0, all = 0.0;
        for (size_t i = 0; i < n * n; i++) {
            all += T[i] * T[i];
            off += i % (n + 1) == 0 ? 0.0 : T[i] * T[i];
        }
        if (off <= 1e-32 * all)
            return;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                double element = T[p * n + q];
                if (element == 0.0)
                    continue;
                double ratio = (T[q * n + q] - T[p * n + p]) / (2.0 * element);
                double tangent = copysign(1.0, ratio) / (fabs(ratio) + hypot(ratio, 1.0));
                double cosine = 1.0 / hypot(tangent, 1.0), sine = tangent * cosine;
                rotate(n, T, p, q, cosine, sine);
                transpose(n, T);
                rotate(n, T, p, q, cosine, sine);
                rotate(n, Q, p, q, cosine, sine);
            }
    }
}

/* Sets values and Q from T. */
static void solve(Iteration *it)
{
    size_t n = it->block;
    double unordered[BLOCK * BLOCK];
    bool taken[BLOCK] = {false};
    diagonalise(n, it->T, unordered);
    for (size_t j = 0; j < n; j++) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!taken[i] && (best == n || it->T[i * (n + 1)] > it->T[best * (n + 1)]))
                best = i;
        taken[best] = true;
        it->values[j] = it->T[best * (n + 1)];
        for (size_t i = 0; i < n; i++)
            it->Q[i * n + j] = unordered[i * n + best];
    }
}

static double dot(const Iteration *it, const double *A, size_t i, const double *B, size_t j)
{
    double sum = 0.0;
    for (size_t d = 0; d < it->features; d++)
        sum += A[d * it->block + i] * B[d * it->block + j];
    return sum;
}

/* Subtracts from column j its parts along the columns before, and returns the length that is left. */
static double subtract_earlier(const Iteration *it, double *A, size_t j)
{
    for (int pass = 0; pass < 2; pass++) /* the second removes what rounding has left */
        for (size_t i = 0; i < j; i++) {
            double part = dot(it, A, i, A, j);
            for (size_t d = 0; d < it->features; d++)
                A[d * it->block + j] -= part * A[d * it->block + i];
        }
    return sqrt(dot(it, A, j, A, j));
}

/* Makes the columns of A orthonormal; one that depends on those before becomes a random one. */
static void orthonormalise(Iteration *it, double *A)
{
    for (size_t j = 0; j < it->block; j++) {
        double before = sqrt(dot(it, A, j, A, j)), length = subtract_earlier(it, A, j);
        while (!(length > 1e-10 * before)) {
            for (size_t d = 0; d < it->features; d++)
                A[d * it->block + j] = spiral_rng_normal(&it->rng);
            before = 1.0;
            length = subtract_earlier(it, A, j);
        }
        for (size_t d = 0; d < it->features; d++)
            A[d * it->block + j] /= length;
    }
}

/* A = A Q */
static void turn(Iteration *it, double **A)
{
    spiral_linalg_multiply(false, false, it->features, it->block, it->block, *A, it->block, it->Q, it->block, 0.0,
                           it->spare, it->block);
    double *turned = it->spare;
    it->spare = *A;
    *A = turned;
}

/* The length of Y - value V in one column. */
static double residual(const Iteration *it, size_t j)
{
    double sum = 0.0;
    for (size_t d = 0; d < it->features; d++) {
        double rest = it->Y[d * it->block + j] - it->values[j] * it->V[d * it->block + j];
        sum += rest * rest;
    }
    return sqrt(sum);
}

/* Subspace iteration: the columns of V turn towards the eigenvectors of ZᵀZ with the largest eigenvalues. When there
 * are as many columns as features, they span everything, and the first round is exact. */
static void iterate(Iteration *it, const Rows *rows)
{
    size_t features = it->features, block = it->block;
    for (size_t i = 0; i < features * block; i++)
        it->V[i] = features > block ? spiral_rng_normal(&it->rng) : i % (block + 1) == 0 ? 1.0 : 0.0;
    for (int round = 0;; round++) {
        orthonormalise(it, it->V);
        multiply_by_covariance(rows, block, it->V, it->Y);
        spiral_linalg_multiply(true, false, block, block, features, it->V, block, it->Y, block, 0.0, it->T, block);
        for (size_t i = 0; i < block; i++) /* symmetric, but for rounding */
            for (size_t j = 0; j < i; j++)
                it->T[i * block + j] = it->T[j * block + i];
        solve(it);
        turn(it, &it->V);
        turn(it, &it->Y);
        if (features <= block || round == ROUNDS || fmax(residual(it, 0), residual(it, 1)) <= RESIDUAL * it->values[0])
            return;
        memcpy(it->V, it->Y, features * block * sizeof *it->V);
    }
}

/* The component with the largest loading positive; of loadings that are as large but for rounding, the first. */
static double sign_of(const Iteration *it, size_t j)
{
    double largest = 0.0;
    for (size_t d = 0; d < it->features; d++)
        largest = fmax(largest, fabs(it->V[d * it->block + j]));
    for (size_t d = 0; d < it->features; d++)
        if (fabs(it->V[d * it->block + j]) >= (1.0 - 1e-6) * largest)
            return it->V[d * it->block + j] < 0.0 ? -1.0 : 1.0;
    return 1.0;
}

static void set_components(SpiralPlane *plane, const Iteration *it, const double *scale, double total)
{
    for (size_t j = 0; j < 2; j++) {
        double sign = sign_of(it, j);
        plane->share[j] = total > 0.0 ? fmax(0.0, fmin(1.0, it->values[j] / total)) : (double)NAN;
        for (size_t d = 0; d < it->features; d++) {
            double direction = sign * it->V[d * it->block + j], unit = scale != NULL ? scale[d] : 1.0;
            if (!(total > 0.0)) /* no direction is more than another */
                direction = d == j ? 1.0 : 0.0;
            plane->along[j * it->features + d] = direction * unit;
            plane->loadings[j * it->features + d] = direction / unit;
        }
    }
}

static SpiralStatus find_components(SpiralPlane *plane, Rows *rows, SpiralError *error)
{
    size_t features = plane->features;
    Iteration *it = spiral_allocate(1, sizeof *it);
    double *buffers = spiral_allocate_matrix(features, 3 * BLOCK);
    rows->chunk_rows = CHUNK_DOUBLES / features > 0 ? CHUNK_DOUBLES / features : 1;
    rows->chunk = spiral_allocate(rows->chunk_rows, features * sizeof *rows->chunk);
    rows->product = spiral_allocate(rows->chunk_rows, BLOCK * sizeof *rows->product);
    SpiralStatus status = SPIRAL_OK;
    double total = 0.0;
    if (it == NULL || buffers == NULL || rows->chunk == NULL || rows->product == NULL)
        status = no_memory(error);
    if (status == SPIRAL_OK)
        status = measure(rows, &total, error);
    if (status == SPIRAL_OK) {
        it->features = features;
        it->block = features < BLOCK ? features : BLOCK;
        it->V = buffers;
        it->Y = buffers + features * BLOCK;
        it->spare = buffers + 2 * features * BLOCK;
        spiral_rng_seed(&it->rng, 0);
        spiral_linalg_start();
        iterate(it, rows);
        set_components(plane, it, rows->scale, total);
    }
    free(it);
    free(buffers);
    free(rows->chunk);
    free(rows->product);
    return status;
}

SpiralStatus spiral_plane_create(const SpiralDataset *dataset, const SpiralNetwork *network, SpiralPlane **plane,
                                 SpiralError *error)
{
    *plane = NULL;
    if (dataset->features < 2)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a plane of %zu feature; at least 2 are needed",
                                dataset->features);
    SpiralPlane *made;
    SpiralStatus status = create(dataset, true, &made, error);
    if (status != SPIRAL_OK)
        return status;
    size_t most = MOST_DOUBLES / dataset->features > LEAST_ROWS ? MOST_DOUBLES / dataset->features : LEAST_ROWS;
    bool all = dataset->rows <= most;
    Rows rows = {.dataset = dataset,
                 .centre = made->origin,
                 .scale = network != NULL ? network->scale : NULL,
                 .count = all ? dataset->rows : most,
                 .step = all ? 1 : spiral_order_step(dataset->rows)};
    status = find_components(made, &rows, error);
    if (status == SPIRAL_OK)
        *plane = made;
    else
        spiral_plane_free(made);
    return status;
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

void spiral_plane_project(const SpiralPlane *plane, const double *x, double place[2])
{
    for (size_t i = 0; i < 2; i++) {
        place[i] = 0.0;
        for (size_t d = 0; d < plane->features; d++)
            place[i] += plane->loadings[i * plane->features + d] * (x[d] - plane->origin[d]);
    }
}

/* Along the plane the first layer is an affine function of a and b: their weights are its products with the two
 * directions, and the bias is its value at the origin. */
SpiralStatus spiral_plane_network(const SpiralPlane *plane, const SpiralNetwork *network, SpiralNetwork **reduced,
                                  SpiralError *error)
{
    size_t layers = network->layers, units = network->sizes[1], features = plane->features;
    SpiralNetwork *made;
    SpiralStatus status =
        spiral_network_create(2, layers - 1, network->sizes + 1, network->sizes[layers], &made, error);
    if (status != SPIRAL_OK)
        return status;
    made->activation = network->activation;
    made->products = network->products;
    size_t rest = spiral_network_biases_offset(network, 0);
    memcpy(spiral_network_biases(made, 0), network->parameters + rest,
           (network->parameter_count - rest) * sizeof *network->parameters);
    const double *W = spiral_network_weights(network, 0);
    double *weights = spiral_network_weights(made, 0), *biases = spiral_network_biases(made, 0);
    for (size_t d = 0; d < features; d++) {
        double mean = network->mean != NULL ? network->mean[d] : 0.0;
        double scale = network->mean != NULL ? network->scale[d] : 1.0;
        double origin = (plane->origin[d] - mean) / scale;
        double a = plane->along[d] / scale, b = plane->along[features + d] / scale;
        for (size_t unit = 0; unit < units; unit++) {
            weights[unit] += a * W[d * units + unit];
            weights[units + unit] += b * W[d * units + unit];
            biases[unit] += origin * W[d * units + unit];
        }
    }
    *reduced = made;
    return SPIRAL_OK;
}
