#include <math.h>

#include "base/memory.h"
#include "data/storage.h"

SpiralGenerateOptions spiral_generate_defaults(void)
{
    return (SpiralGenerateOptions){.classes = 3, .points_per_class = 100, .noise = 0.2};
}

SpiralStatus spiral_generate_validate(const SpiralGenerateOptions *options, SpiralError *error)
{
    if (options->classes < 2 || options->classes > SPIRAL_CLASSES_MAX)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu classes, expected 2 to %d", options->classes,
                                SPIRAL_CLASSES_MAX);
    if (options->points_per_class < 1)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "0 points per class, expected at least 1");
    if (!(options->noise >= 0.0) || !isfinite(options->noise))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "noise of %g, expected a finite number of at least 0", options->noise);
    return SPIRAL_OK;
}

/* numpy.linspace(start, stop, count)[i], rounding for rounding. */
static double linspace(double start, double stop, size_t count, size_t i)
{
    if (count == 1)
        return start;
    if (i == count - 1)
        return stop;
    double step = (stop - start) / (double)(count - 1);
    return (double)i * step + start;
}

static void draw_class(const SpiralGenerateOptions *options, size_t class, SpiralRng *rng, double *X, int64_t *y)
{
    size_t points = options->points_per_class;
    double turn = 4.0 * (double)class, next_turn = 4.0 * (double)(class + 1);
    for (size_t i = 0; i < points; i++) {
        double r = linspace(0.0, 1.0, points, i);
        double t = linspace(turn, next_turn, points, i) + spiral_rng_normal(rng) * options->noise;
        X[2 * i] = r * sin(t);
        X[2 * i + 1] = r * cos(t);
        y[i] = (int64_t) class;
    }
}

SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error)
{
    *dataset = NULL;
    SpiralStatus status = spiral_generate_validate(options, error);
    if (status != SPIRAL_OK)
        return status;
    size_t points = options->points_per_class, rows, numbers;
    if (!spiral_multiply(options->classes, points, &rows) || !spiral_multiply(rows, 2, &numbers))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu classes of %zu points are too many",
                                options->classes, points);
    SpiralDataset *made = spiral_dataset_create();
    if (made != NULL) {
        made->rows = rows;
        made->features = 2;
        made->storage->X = spiral_allocate_doubles(numbers);
        made->storage->y = spiral_allocate(rows, sizeof *made->storage->y);
        made->storage->class_names = spiral_names_create("", options->classes);
        made->classes = made->storage->class_names != NULL ? options->classes : 0;
    }
    if (made == NULL || made->storage->X == NULL || made->storage->y == NULL || made->classes == 0) {
        spiral_dataset_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu points", rows);
    }
    status = spiral_dataset_publish(made, NULL, error);
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    for (size_t class = 0; class < options->classes; class ++)
        draw_class(options, class, rng, made->storage->X + 2 * points * class, made->storage->y + points * class);
    *dataset = made;
    return SPIRAL_OK;
}
