#include "base/memory.h"
#include "data/shape.h"
#include "data/storage.h"

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
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a balance of %zu classes, expected %zu, at most %d",
                                options->balance_count, options->classes, SPIRAL_BALANCE_LIMIT);
    size_t all = 0, rows, product;
    for (size_t j = 0; j < options->classes; j++) {
        if (options->balance[j] < 1 || options->balance[j] > SIZE_MAX - all)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a balance of %zu, expected at least 1 and less",
                                    options->balance[j]);
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
    if (options->classes < 2 || options->classes > SPIRAL_CLASSES_MAX)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu classes, expected 2 to %d", options->classes,
                                SPIRAL_CLASSES_MAX);
    if (options->points_per_class < 1)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "0 points per class, expected at least 1");
    if (options->dimensions < 2)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu dimensions, expected at least 2",
                                options->dimensions);
    if (!(options->radius > 0.0 && options->radius <= REAL_LIMIT))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a radius of %g, expected a number above 0, at most %g",
                                options->radius, REAL_LIMIT);
    SpiralStatus status = validate_real("noise", options->noise, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("turns", options->turns, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("label noise", options->label_noise, 1.0, error);
    return status == SPIRAL_OK ? validate_balance(options, error) : status;
}

/* Arrays and names for what is to be drawn; NULL when there is no memory. */
static SpiralDataset *make_room(const SpiralGenerateOptions *options, size_t rows)
{
    SpiralDataset *made = spiral_dataset_create();
    if (made == NULL)
        return NULL;
    made->rows = rows;
    made->features = options->dimensions;
    made->storage->X = spiral_allocate_doubles(rows * options->dimensions);
    made->storage->y = spiral_allocate(rows, sizeof *made->storage->y);
    made->storage->class_names = spiral_names_create("", options->classes);
    made->classes = made->storage->class_names != NULL ? options->classes : 0;
    if (made->storage->X == NULL || made->storage->y == NULL || made->classes == 0) {
        spiral_dataset_free(made);
        return NULL;
    }
    return made;
}

SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error)
{
    *dataset = NULL;
    size_t rows;
    SpiralStatus status = spiral_observations_count(options, &rows, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDataset *made = make_room(options, rows);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu points", rows);
    status = spiral_dataset_publish(made, NULL, error);
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    SpiralObservations observations;
    spiral_observations_begin(&observations, options, rng);
    for (size_t i = 0; i < rows; i++)
        made->storage->y[i] = spiral_observations_next(&observations, made->storage->X + i * options->dimensions);
    *dataset = made;
    return SPIRAL_OK;
}
