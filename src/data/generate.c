#include <stdlib.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/shape.h"
#include "data/storage.h"
#include "data/writer.h"

enum { CHUNK_NUMBERS = 8192 }; /* of X, drawn before they are written */

const char *spiral_generate_shape_name(SpiralGenerateShape shape)
{
    switch (shape) {
#define SPIRAL_SHAPE_CASE(code, name)                                                                                  \
    case code:                                                                                                         \
        return name;
        SPIRAL_SHAPE_LIST(SPIRAL_SHAPE_CASE)
#undef SPIRAL_SHAPE_CASE
    }
    return "unknown";
}

SpiralGenerateOptions spiral_generate_defaults(void)
{
    return spiral_generate_defaults_of(SPIRAL_SHAPE_SPIRAL);
}

static bool has_two_classes(SpiralGenerateShape shape)
{
    return shape == SPIRAL_SHAPE_MOONS || shape == SPIRAL_SHAPE_XOR;
}

SpiralGenerateOptions spiral_generate_defaults_of(SpiralGenerateShape shape)
{
    static const double noise[] = {
        [SPIRAL_SHAPE_SPIRAL] = 0.2, [SPIRAL_SHAPE_CIRCLES] = 0.05, [SPIRAL_SHAPE_MOONS] = 0.1,
        [SPIRAL_SHAPE_BLOBS] = 0.1,  [SPIRAL_SHAPE_XOR] = 0.0,      [SPIRAL_SHAPE_GAUSSIAN_QUANTILES] = 0.0,
    };
    return (SpiralGenerateOptions){.shape = shape,
                                   .classes = has_two_classes(shape) ? 2 : 3,
                                   .points_per_class = 100,
                                   .noise = noise[shape],
                                   .turns = 0.63661977236758134, /* 2/pi: times 2 pi it is 4, to the bit */
                                   .radius = 1.0,
                                   .dimensions = 2};
}

static SpiralStatus validate_balance(const SpiralGenerateOptions *options, SpiralError *error)
{
    if (options->balance_count == 0)
        return SPIRAL_OK;
    if (options->balance_count != options->classes || options->balance_count > SPIRAL_BALANCE_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "a balance of %zu classes, expected %zu, at most %d", options->balance_count,
                                options->classes, SPIRAL_BALANCE_LIMIT);
    size_t all = 0, rows, product;
    for (size_t j = 0; j < options->classes; j++) {
        if (options->balance[j] < 1 || options->balance[j] > SIZE_MAX - all)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "a balance of %zu, expected at least 1, and a sum of at most %zu",
                                    options->balance[j], SIZE_MAX);
        all += options->balance[j];
    }
    if (!spiral_multiply(options->classes, options->points_per_class, &rows) || !spiral_multiply(rows, all, &product))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                "%zu classes of %zu points are too many for a balance that adds up to %zu",
                                options->classes, options->points_per_class, all);
    for (size_t j = 0; j < options->classes; j++)
        if (spiral_shape_rows_before(options, j) == spiral_shape_rows_before(options, j + 1))
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "class %zu is left without a row by its balance, %zu of %zu, of %zu rows", j,
                                    options->balance[j], all, rows);
    return SPIRAL_OK;
}

/* So large a number still gives finite coordinates, whatever is drawn. */
static const double REAL_LIMIT = 1e100;

static SpiralStatus validate_real(const char *name, double value, double limit, SpiralError *error)
{
    if (value >= 0.0 && value <= limit) /* and no NaN */
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s of %g, expected a number from 0 to %g", name, value,
                            limit);
}

SpiralStatus spiral_generate_validate(const SpiralGenerateOptions *options, SpiralError *error)
{
    if (has_two_classes(options->shape) && options->classes != 2)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu classes, and the shape %s has 2",
                                options->classes, spiral_generate_shape_name(options->shape));
    if (options->classes < 2 || options->classes > SPIRAL_CLASSES_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu classes, expected 2 to %d", options->classes,
                                SPIRAL_CLASSES_LIMIT);
    if (options->points_per_class < 1)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "0 points per class, expected at least 1");
    if (options->dimensions < 2)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu dimensions, expected at least 2",
                                options->dimensions);
    if (!(options->radius > 0.0 && options->radius <= REAL_LIMIT))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "a radius of %g, expected a number above 0, at most %g", options->radius, REAL_LIMIT);
    SpiralStatus status = validate_real("noise", options->noise, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("turns", options->turns, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("label noise", options->label_noise, 1.0, error);
    return status == SPIRAL_OK ? validate_balance(options, error) : status;
}

/* A data set that has its sizes and names, and no points yet. */
static SpiralStatus describe(const SpiralGenerateOptions *options, SpiralDataset **dataset, SpiralError *error)
{
    *dataset = NULL;
    size_t rows;
    SpiralStatus status = spiral_observations_count(options, &rows, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDataset *made = spiral_dataset_create();
    if (made != NULL) {
        made->rows = rows;
        made->features = options->dimensions;
        made->storage->class_names = spiral_names_create("", options->classes);
        made->classes = made->storage->class_names != NULL ? options->classes : 0;
    }
    if (made == NULL || made->classes == 0)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu classes", options->classes);
    else
        status = spiral_dataset_publish(made, NULL, error);
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    *dataset = made;
    return SPIRAL_OK;
}

/* The next observations. */
static void draw(SpiralObservations *observations, size_t dimensions, size_t count, double *X, int64_t *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] = spiral_observations_next(observations, X + i * dimensions);
}

SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error)
{
    *dataset = NULL;
    SpiralDataset *made;
    SpiralStatus status = describe(options, &made, error);
    if (status != SPIRAL_OK)
        return status;
    size_t rows = made->rows;
    double *X = made->storage->X = spiral_allocate_doubles(rows * options->dimensions);
    int64_t *y = made->storage->y = spiral_allocate(rows, sizeof *y);
    if (X == NULL || y == NULL) {
        spiral_dataset_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu points", rows);
    }
    SpiralObservations observations;
    spiral_observations_begin(&observations, options, rng);
    draw(&observations, options->dimensions, rows, X, y);
    made->X = X;
    made->y = y;
    *dataset = made;
    return SPIRAL_OK;
}

static SpiralStatus generate_and_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                      SpiralError *error)
{
    SpiralDataset *dataset;
    SpiralStatus status = spiral_dataset_generate(options, rng, &dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_dataset_save(dataset, path, error);
    spiral_dataset_free(dataset);
    return status;
}

static SpiralStatus draw_and_add(const SpiralGenerateOptions *options, size_t rows, SpiralRng *rng,
                                 SpiralWriter *writer, SpiralError *error)
{
    size_t dimensions = options->dimensions, chunk = dimensions < CHUNK_NUMBERS ? CHUNK_NUMBERS / dimensions : 1;
    double *X = spiral_allocate_doubles(chunk * dimensions);
    int64_t *y = spiral_allocate(chunk, sizeof *y);
    SpiralStatus status = SPIRAL_OK;
    if (X == NULL || y == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu dimensions", dimensions);
    SpiralObservations observations;
    if (status == SPIRAL_OK)
        spiral_observations_begin(&observations, options, rng);
    for (size_t first = 0; first < rows && status == SPIRAL_OK; first += chunk) {
        size_t count = rows - first < chunk ? rows - first : chunk;
        draw(&observations, dimensions, count, X, y);
        status = spiral_writer_add(writer, count, X, y, error);
    }
    free(X);
    free(y);
    return status;
}

SpiralStatus spiral_generate_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                  SpiralError *error)
{
    if (spiral_writer_is_archive(path))
        return generate_and_save(options, rng, path, error);
    SpiralDataset *dataset;
    SpiralStatus status = describe(options, &dataset, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralWriter *writer;
    status = spiral_writer_open(dataset, path, &writer, error);
    if (status == SPIRAL_OK)
        status = draw_and_add(options, dataset->rows, rng, writer, error);
    if (status == SPIRAL_OK)
        status = spiral_writer_commit(writer, error);
    else
        spiral_writer_discard(writer);
    spiral_dataset_free(dataset);
    return status;
}
