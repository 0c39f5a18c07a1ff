#include <math.h>

#include "base/memory.h"
#include "data/storage.h"
#include "data/writer.h"

enum { CHUNK_POINTS = 4096 };

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

/* Points first .. first + count - 1 of all: the classes in order. */
static void draw_points(const SpiralGenerateOptions *options, size_t first, size_t count, SpiralRng *rng, double *X,
                        int64_t *y)
{
    size_t points = options->points_per_class, class = first / points, i = first % points;
    for (size_t row = 0; row < count; row++) {
        double r = linspace(0.0, 1.0, points, i);
        double t = linspace(4.0 * (double)class, 4.0 * (double)(class + 1), points, i) +
                   spiral_rng_normal(rng) * options->noise;
        X[2 * row] = r * sin(t);
        X[2 * row + 1] = r * cos(t);
        y[row] = (int64_t) class;
        if (++i == points) {
            i = 0;
            class ++;
        }
    }
}

/* A data set that has its sizes and names, and no points yet. */
static SpiralStatus describe(const SpiralGenerateOptions *options, SpiralDataset **dataset, SpiralError *error)
{
    *dataset = NULL;
    SpiralStatus status = spiral_generate_validate(options, error);
    if (status != SPIRAL_OK)
        return status;
    size_t points = options->points_per_class, rows, bytes;
    if (!spiral_multiply(options->classes, points, &rows) || !spiral_multiply(rows, 2 * sizeof(double), &bytes))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu classes of %zu points are too many",
                                options->classes, points);
    SpiralDataset *made = spiral_dataset_create();
    if (made != NULL) {
        made->rows = rows;
        made->features = 2;
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

SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error)
{
    *dataset = NULL;
    SpiralDataset *made;
    SpiralStatus status = describe(options, &made, error);
    if (status != SPIRAL_OK)
        return status;
    size_t rows = made->rows;
    double *X = made->storage->X = spiral_allocate_doubles(2 * rows);
    int64_t *y = made->storage->y = spiral_allocate(rows, sizeof *y);
    if (X == NULL || y == NULL) {
        spiral_dataset_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu points", rows);
    }
    draw_points(options, 0, rows, rng, X, y);
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
    double X[2 * CHUNK_POINTS];
    int64_t y[CHUNK_POINTS];
    SpiralStatus status = SPIRAL_OK;
    for (size_t first = 0; first < rows && status == SPIRAL_OK; first += CHUNK_POINTS) {
        size_t count = rows - first < CHUNK_POINTS ? rows - first : CHUNK_POINTS;
        draw_points(options, first, count, rng, X, y);
        status = spiral_writer_add(writer, count, X, y, error);
    }
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
