#include "spiral/generate.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/parallel.h"
#include "data/save.h"
#include "data/storage.h"

enum { CHUNK_NUMBERS = 1 << 16 }; /* numbers of X drawn before they are written */

static const double PI = 3.14159265358979323846;

/* ---- options ----------------------------------------------------------------------------------------------------- */

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
                                   .turns = 0.63661977236758134, /* 2/pi: times 2 pi it is exactly 4 */
                                   .arm_offset = 4.0,
                                   .radius = 1.0,
                                   .dimensions = 2};
}

/* The number of rows before class j. */
static size_t rows_before(const SpiralGenerateOptions *options, size_t class)
{
    if (options->balance_count == 0)
        return options->points_per_class * class;
    size_t before = 0, all = 0;
    for (size_t j = 0; j < options->balance_count; j++) {
        before += j < class ? options->balance[j] : 0;
        all += options->balance[j];
    }
    return options->classes * options->points_per_class * before / all;
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
        if (rows_before(options, j) == rows_before(options, j + 1))
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "class %zu is left without a row by its balance, %zu of %zu, of %zu rows", j,
                                    options->balance[j], all, rows);
    return SPIRAL_OK;
}

/* Numbers up to this limit give finite coordinates, whatever is drawn. */
static const double REAL_LIMIT = 1e100;

static SpiralStatus validate_real(const char *name, double value, double limit, SpiralError *error)
{
    if (value >= 0.0 && value <= limit) /* refuses NaN, too */
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
    if (options->dimensions > SPIRAL_UNITS_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu dimensions, at most %d are possible",
                                options->dimensions, SPIRAL_UNITS_LIMIT);
    if (!(options->radius > 0.0 && options->radius <= REAL_LIMIT))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "a radius of %g, expected a number above 0, at most %g", options->radius, REAL_LIMIT);
    SpiralStatus status = validate_real("noise", options->noise, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("turns", options->turns, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("an arm offset", options->arm_offset, REAL_LIMIT, error);
    if (status == SPIRAL_OK)
        status = validate_real("label noise", options->label_noise, 1.0, error);
    return status == SPIRAL_OK ? validate_balance(options, error) : status;
}

/* ---- the shapes, without the noise of coordinates ---------------------------------------------------------------- */

/* numpy.linspace(start, stop, count), with the same rounding. */
typedef struct Linspace {
    double start, stop, step;
    size_t count;
} Linspace;

static Linspace linspace(double start, double stop, size_t count)
{
    return (Linspace){start, stop, count > 1 ? (stop - start) / (double)(count - 1) : 0.0, count};
}

static double linspace_at(const Linspace *line, size_t i)
{
    if (i == line->count - 1 && i > 0)
        return line->stop;
    return (double)i * line->step + line->start;
}

/* The plane of a shape. The formulas are in spiral/generate.h. */
typedef struct Plane {
    const SpiralGenerateOptions *options;
    SpiralRng *rng;
    SpiralRng centres; /* blobs: the stream that the next class's centre is drawn from */
    double centre[2];
    size_t class, rows, i; /* the class, its number of rows n_j, the next of them */
    Linspace r, t;         /* spiral: the class's radii and angles; moons: t */
} Plane;

/* The share of the rows that belong in this class and those after it. */
static double share_from(const SpiralGenerateOptions *options, size_t class)
{
    if (options->balance_count == 0)
        return (double)(options->classes - class) / (double)options->classes;
    size_t from = 0, all = 0;
    for (size_t j = 0; j < options->balance_count; j++) {
        from += j >= class ? options->balance[j] : 0;
        all += options->balance[j];
    }
    return (double)from / (double)all;
}

/* In polar coordinates, until place makes a point of them. */
static void spiral_point(const Plane *plane, double x[2])
{
    x[0] = linspace_at(&plane->r, plane->i);
    x[1] = linspace_at(&plane->t, plane->i) + spiral_rng_normal(plane->rng) * plane->options->noise;
}

static void circles_point(const Plane *plane, double x[2])
{
    const SpiralGenerateOptions *options = plane->options;
    double r = options->radius * (double)(options->classes - plane->class) / (double)options->classes;
    double t = (double)plane->i * (2.0 * PI / (double)plane->rows);
    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

static void moons_point(const Plane *plane, double x[2])
{
    double r = plane->options->radius;
    double t = linspace_at(&plane->t, plane->i);
    x[0] = plane->class == 0 ? r * cos(t) : r * (1.0 - cos(t));
    x[1] = plane->class == 0 ? r * sin(t) : r * (1.0 - sin(t) - 0.5);
}

static void xor_point(const Plane *plane, double x[2])
{
    double r = plane->options->radius;
    x[0] = r * (2.0 * spiral_rng_uniform(plane->rng) - 1.0);
    double height = r * spiral_rng_uniform(plane->rng);
    x[1] = (x[0] < 0.0) == (plane->class == 0) ? -height : height;
}

/* log(0) cannot occur: less than all of b_j is subtracted from it. */
static void quantiles_point(const Plane *plane, double x[2])
{
    double from = share_from(plane->options, plane->class), after = share_from(plane->options, plane->class + 1);
    double q = after + (from - after) * (1.0 - spiral_rng_uniform(plane->rng));
    double r = plane->options->radius * sqrt(-2.0 * log(q));
    double t = 2.0 * PI * spiral_rng_uniform(plane->rng);
    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

/* ---- the plane --------------------------------------------------------------------------------------------------- */

/* RandomState.uniform(-radius, radius). */
static double draw_in_box(const SpiralGenerateOptions *options, SpiralRng *rng)
{
    return -options->radius + 2.0 * options->radius * spiral_rng_uniform(rng);
}

static void enter_lines(Plane *plane)
{
    const SpiralGenerateOptions *options = plane->options;
    double start = options->arm_offset * (double)plane->class;
    plane->r = linspace(0.0, options->radius, plane->rows);
    plane->t = options->shape == SPIRAL_SHAPE_SPIRAL ? linspace(start, start + 2.0 * PI * options->turns, plane->rows)
                                                     : linspace(0.0, PI, plane->rows);
}

static void enter_class(Plane *plane, size_t class)
{
    plane->class = class;
    plane->rows = rows_before(plane->options, class + 1) - rows_before(plane->options, class);
    plane->i = 0;
    enter_lines(plane);
    if (plane->options->shape != SPIRAL_SHAPE_BLOBS)
        return;
    plane->centre[0] = draw_in_box(plane->options, &plane->centres);
    plane->centre[1] = draw_in_box(plane->options, &plane->centres);
}

/* options and rng must outlive the plane. */
static void plane_begin(Plane *plane, const SpiralGenerateOptions *options, SpiralRng *rng)
{
    *plane = (Plane){.options = options, .rng = rng};
    if (options->shape == SPIRAL_SHAPE_BLOBS) { /* all centres come first; each is drawn again for its class */
        plane->centres = *rng;
        for (size_t i = 0; i < 2 * options->classes; i++)
            spiral_rng_uniform(rng);
    }
    enter_class(plane, 0);
}

/* Sets x to the next row's coordinates and returns its class. */
static size_t plane_next(Plane *plane, double x[2])
{
    if (plane->i == plane->rows)
        enter_class(plane, plane->class + 1);
    switch (plane->options->shape) {
    case SPIRAL_SHAPE_SPIRAL:
        spiral_point(plane, x);
        break;
    case SPIRAL_SHAPE_CIRCLES:
        circles_point(plane, x);
        break;
    case SPIRAL_SHAPE_MOONS:
        moons_point(plane, x);
        break;
    case SPIRAL_SHAPE_BLOBS:
        x[0] = plane->centre[0];
        x[1] = plane->centre[1];
        break;
    case SPIRAL_SHAPE_XOR:
        xor_point(plane, x);
        break;
    case SPIRAL_SHAPE_GAUSSIAN_QUANTILES:
        quantiles_point(plane, x);
        break;
    }
    if (plane->options->shape != SPIRAL_SHAPE_SPIRAL) { /* the spiral's noise is in the angle */
        x[0] += plane->options->noise * spiral_rng_normal(plane->rng);
        x[1] += plane->options->noise * spiral_rng_normal(plane->rng);
    }
    plane->i++;
    return plane->class;
}

/* ---- observations: plane, further features, labels --------------------------------------------------------------- */

/* Plane, further features, labels. It points into itself and must not be copied. */
typedef struct Observations {
    Plane plane;
    SpiralRng kept_plane, kept_features;
    SpiralRng *features, *labels;
} Observations;

/* In the stream, plane, features and labels follow one another, but an observation needs all three. The start of a part
 * is found by drawing everything before it. The last part draws from rng itself. options and rng must live as long as
 * observations are taken. When all are taken, rng is past every draw. */
static void observations_begin(Observations *observations, const SpiralGenerateOptions *options, SpiralRng *rng)
{
    size_t rows = options->classes * options->points_per_class;
    bool more_features = options->dimensions > 2, noisy_labels = options->label_noise > 0.0;
    SpiralRng *plane_rng = rng;
    observations->features = observations->labels = rng;
    if (more_features || noisy_labels) {
        observations->kept_plane = *rng;
        plane_rng = &observations->kept_plane;
        plane_begin(&observations->plane, options, rng);
        double x[2];
        for (size_t i = 0; i < rows; i++)
            plane_next(&observations->plane, x);
    }
    if (more_features && noisy_labels) {
        observations->kept_features = *rng;
        observations->features = &observations->kept_features;
        for (size_t i = 0; i < rows * (options->dimensions - 2); i++)
            spiral_rng_normal(rng);
    }
    plane_begin(&observations->plane, options, plane_rng);
}

/* Sets x to the next row's features and returns its class. Call it once per row. */
static int64_t observations_next(Observations *observations, double *x)
{
    const SpiralGenerateOptions *options = observations->plane.options;
    size_t label = plane_next(&observations->plane, x);
    for (size_t d = 2; d < options->dimensions; d++)
        x[d] = spiral_rng_normal(observations->features);
    if (options->label_noise > 0.0) {
        double chance = spiral_rng_uniform(observations->labels), other = spiral_rng_uniform(observations->labels);
        if (chance < options->label_noise)
            label = (label + 1 + (size_t)(other * (double)(options->classes - 1))) % options->classes;
    }
    return (int64_t)label;
}

/* ---- data sets --------------------------------------------------------------------------------------------------- */

/* The number of rows to generate. Errors: USAGE as in spiral_generate_validate; LIMIT when that many rows of that many
 * dimensions exceed the address space. */
static SpiralStatus observations_count(const SpiralGenerateOptions *options, size_t *rows, SpiralError *error)
{
    SpiralStatus status = spiral_generate_validate(options, error);
    if (status != SPIRAL_OK)
        return status;
    size_t count, numbers, bytes;
    if (!spiral_multiply(options->classes, options->points_per_class, &count) ||
        !spiral_multiply(count, 2 * sizeof(double), &bytes))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu classes of %zu points are too many",
                                options->classes, options->points_per_class);
    if (!spiral_multiply(count, options->dimensions, &numbers) || !spiral_multiply(numbers, sizeof(double), &bytes))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu dimensions are too many for %zu points",
                                options->dimensions, count);
    *rows = count;
    return SPIRAL_OK;
}

/* A data set with its sizes and the classes' names, but no points yet. */
static SpiralStatus describe(const SpiralGenerateOptions *options, SpiralDataset **dataset, SpiralError *error)
{
    *dataset = NULL;
    size_t rows = 0;
    SpiralStatus status = observations_count(options, &rows, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDataset *made = spiral_dataset_create();
    if (made != NULL) {
        made->rows = rows;
        made->features = options->dimensions;
        made->storage->class_names = spiral_names_create("", options->classes);
        made->classes = made->storage->class_names != NULL ? options->classes : 0;
    }
    if (made == NULL || made->classes == 0) {
        spiral_dataset_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu classes", options->classes);
    }
    *dataset = made;
    return SPIRAL_OK;
}

/* Draws the next count observations; place completes them. */
static void draw(Observations *observations, size_t dimensions, size_t count, double *X, int64_t *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] = observations_next(observations, X + i * dimensions);
}

/* Sine and cosine take as long as all draws of a spiral. They don't need the stream, so each observation can be placed
 * on its own. */
static void place(const SpiralGenerateOptions *options, size_t count, double *X)
{
    if (options->shape != SPIRAL_SHAPE_SPIRAL)
        return;
    for (size_t i = 0; i < count; i++) {
        double *x = X + i * options->dimensions, r = x[0], t = x[1];
        x[0] = r * sin(t);
        x[1] = r * cos(t);
    }
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
    if (X == NULL || y == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu points", rows);
    else
        status = spiral_dataset_publish(made, NULL, error); /* a name takes more memory than a point's value */
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    Observations observations;
    observations_begin(&observations, options, rng);
    draw(&observations, options->dimensions, rows, X, y);
    place(options, rows, X);
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

/* ---- a data set drawn and written at the same time --------------------------------------------------------------- */

typedef struct Chunk {
    size_t rows;
    double *X;  /* (rows, D) */
    int64_t *y; /* (rows) */
} Chunk;

/* While one thread writes a chunk, another draws the next. A chunk is placed by the one that has less to do: text takes
 * longer to write than the numbers to draw. */
typedef struct Stream {
    const SpiralGenerateOptions *options;
    Observations observations;
    size_t threads, chunk_rows, left; /* rows that are not drawn yet */
    Chunk drawn, written;
    SpiralWriter *writer;
    SpiralStatus status;
    SpiralError *error;
} Stream;

static void draw_chunk(Stream *stream)
{
    Chunk *chunk = &stream->drawn;
    chunk->rows = stream->left < stream->chunk_rows ? stream->left : stream->chunk_rows;
    stream->left -= chunk->rows;
    draw(&stream->observations, stream->options->dimensions, chunk->rows, chunk->X, chunk->y);
    if (spiral_writer_is_text(stream->writer))
        place(stream->options, chunk->rows, chunk->X);
}

static SpiralStatus write_chunk(const Stream *stream)
{
    const Chunk *chunk = &stream->written;
    if (!spiral_writer_is_text(stream->writer))
        place(stream->options, chunk->rows, chunk->X);
    return spiral_writer_add(stream->writer, chunk->rows, chunk->X, chunk->y, stream->error);
}

/* The caller's thread writes, since a signal of a write (SIGPIPE, SIGXFSZ) goes to the thread that wrote. */
static void step(size_t thread, void *context)
{
    Stream *stream = context;
    if (thread == 0)
        stream->status = write_chunk(stream);
    if (thread == stream->threads - 1)
        draw_chunk(stream);
}

static SpiralStatus run_stream(Stream *stream, SpiralError *error)
{
    SpiralPool *pool;
    SpiralStatus status = spiral_pool_create(stream->threads, &pool, error);
    if (status != SPIRAL_OK)
        return status;
    for (draw_chunk(stream); stream->drawn.rows > 0 && stream->status == SPIRAL_OK;) {
        const Chunk next = stream->drawn;
        stream->drawn = stream->written;
        stream->written = next;
        spiral_pool_run(pool, step, stream);
    }
    spiral_pool_free(pool);
    return stream->status;
}

static bool allocate_chunk(const Stream *stream, Chunk *chunk)
{
    chunk->X = spiral_allocate_doubles(stream->chunk_rows * stream->options->dimensions);
    chunk->y = spiral_allocate(stream->chunk_rows, sizeof *chunk->y);
    return chunk->X != NULL && chunk->y != NULL;
}

static void free_chunk(Chunk *chunk)
{
    free(chunk->X);
    free(chunk->y);
}

static SpiralStatus draw_and_add(const SpiralGenerateOptions *options, size_t rows, SpiralRng *rng,
                                 SpiralWriter *writer, SpiralError *error)
{
    size_t dimensions = options->dimensions;
    Stream stream = {.options = options,
                     .chunk_rows = dimensions < CHUNK_NUMBERS ? CHUNK_NUMBERS / dimensions : 1,
                     .left = rows,
                     .writer = writer,
                     .error = error};
    stream.threads = rows > stream.chunk_rows && spiral_parallel_cores() > 1 ? 2 : 1;
    SpiralStatus status;
    if (allocate_chunk(&stream, &stream.drawn) && allocate_chunk(&stream, &stream.written)) {
        observations_begin(&stream.observations, options, rng);
        status = run_stream(&stream, error);
    } else {
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu dimensions", dimensions);
    }
    free_chunk(&stream.drawn);
    free_chunk(&stream.written);
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
    SpiralWriter *writer = NULL;
    status = spiral_dataset_publish(dataset, NULL, error);
    if (status == SPIRAL_OK)
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
