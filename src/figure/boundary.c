/* The decision boundary: the plot's pixels classified by the network, the observations over them. */
#include "spiral/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "figure/palette.h"
#include "figure/scatter.h"

/* Points that are classified in one call, when their features don't take more than the second number of doubles. */
enum { BATCH_POINTS = 16384, BATCH_DOUBLES = 1 << 20 };

/* A pixel near a border is judged by SIDE x SIDE points over a square of two pixels, its own centre in the middle: the
 * tints blend, and a line of even darkness follows the border wherever it lies between the pixels. */
enum { SIDE = 4, SAMPLES = SIDE * SIDE };

static const double LINE_STRENGTH = 0.55;

/* Asks the network for the classes of places on the plot; the features that are not drawn stay at the data's means. */
typedef struct Sampler {
    const SpiralNetwork *network;
    const SpiralScatter *scatter;
    const SpiralAxes *axes;
    size_t threads;
    size_t batch;
    double *X;       /* (batch, D) */
    int64_t *labels; /* (batch) */
} Sampler;

/* ---- classes of places ------------------------------------------------------------------------------------------- */

static size_t batch_size(size_t features)
{
    size_t points = BATCH_DOUBLES / features;
    return points < 16 * SAMPLES ? 16 * SAMPLES : points < BATCH_POINTS ? points : BATCH_POINTS;
}

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a decision boundary");
}

static SpiralStatus sampler_create(Sampler *sampler, SpiralError *error)
{
    const SpiralDataset *dataset = sampler->scatter->dataset;
    size_t features = dataset->features, count;
    sampler->batch = batch_size(features);
    sampler->X = spiral_multiply(sampler->batch, features, &count) ? spiral_allocate_doubles(count) : NULL;
    sampler->labels = spiral_allocate(sampler->batch, sizeof *sampler->labels);
    double *moments = spiral_allocate(features, 2 * sizeof *moments);
    if (sampler->X == NULL || sampler->labels == NULL || moments == NULL) {
        free(moments);
        return no_memory(error);
    }
    spiral_dataset_moments(dataset, moments, moments + features);
    for (size_t i = 0; i < sampler->batch; i++)
        memcpy(sampler->X + i * features, moments, features * sizeof *moments);
    free(moments);
    return SPIRAL_OK;
}

static void sampler_release(Sampler *sampler)
{
    free(sampler->X);
    free(sampler->labels);
}

/* Puts the values at a place of the canvas, in pixels, into row i of the batch. */
static void put_place(Sampler *sampler, size_t i, double x, double y)
{
    const SpiralAxes *axes = sampler->axes;
    const SpiralRectangle *plot = &axes->plot;
    double *row = sampler->X + i * sampler->scatter->dataset->features;
    double across = (x - plot->left) / (plot->right - plot->left);
    double up = (plot->bottom - y) / (plot->bottom - plot->top);
    row[sampler->scatter->across] = axes->x.low + across * (axes->x.high - axes->x.low);
    if (!sampler->scatter->strip)
        row[sampler->scatter->up] = axes->y.low + up * (axes->y.high - axes->y.low);
}

static SpiralStatus classify(Sampler *sampler, size_t count, SpiralError *error)
{
    return spiral_network_predict(sampler->network, count, sampler->X, sampler->threads, NULL, NULL, sampler->labels,
                                  error);
}

/* ---- regions ----------------------------------------------------------------------------------------------------- */

/* Rows of pixels with the class at the centre of each, and one pixel more on every side. */
typedef struct Band {
    long left, top;       /* the first pixel within the plot */
    size_t width, height; /* pixels within the plot */
    int64_t *labels;      /* (height + 2, width + 2) */
} Band;

static int64_t label_at(const Band *band, size_t x, size_t y) /* of pixel (left + x - 1, top + y - 1) */
{
    return band->labels[y * (band->width + 2) + x];
}

static SpiralStatus classify_band(Sampler *sampler, Band *band, SpiralError *error)
{
    size_t width = band->width + 2, total = width * (band->height + 2);
    for (size_t done = 0; done < total;) {
        size_t count = total - done < sampler->batch ? total - done : sampler->batch;
        for (size_t i = 0; i < count; i++)
            put_place(sampler, i, (double)band->left + (double)((done + i) % width) - 0.5,
                      (double)band->top + (double)((done + i) / width) - 0.5);
        SpiralStatus status = classify(sampler, count, error);
        if (status != SPIRAL_OK)
            return status;
        memcpy(band->labels + done, sampler->labels, count * sizeof *band->labels);
        done += count;
    }
    return SPIRAL_OK;
}

static bool near_border(const Band *band, size_t x, size_t y)
{
    int64_t own = label_at(band, x + 1, y + 1);
    for (size_t j = 0; j < 3; j++)
        for (size_t i = 0; i < 3; i++)
            if (label_at(band, x + i, y + j) != own)
                return true;
    return false;
}

/* The colour of a pixel from the classes of its samples. */
static SpiralColour blended(const int64_t *labels)
{
    double red = 0.0, green = 0.0, blue = 0.0;
    size_t alike = 0; /* pairs of samples, of SAMPLES^2, that have the same class */
    for (size_t i = 0; i < SAMPLES; i++) {
        SpiralColour tint = spiral_palette_tint((size_t)labels[i]);
        red += tint.red;
        green += tint.green;
        blue += tint.blue;
        for (size_t j = 0; j < SAMPLES; j++)
            alike += labels[i] == labels[j];
    }
    SpiralColour mean = {(uint8_t)(red / SAMPLES + 0.5), (uint8_t)(green / SAMPLES + 0.5),
                         (uint8_t)(blue / SAMPLES + 0.5)};
    double mixed = 2.0 * (1.0 - (double)alike / (SAMPLES * SAMPLES)); /* 1 where two classes share the pixel */
    return spiral_colour_mix(mean, (SpiralColour){0x33, 0x33, 0x33}, LINE_STRENGTH * fmin(1.0, mixed));
}

/* Classifies and paints the border pixels waiting in places (count, 2). */
static SpiralStatus paint_borders(Sampler *sampler, SpiralCanvas *canvas, size_t count, const long *places,
                                  SpiralError *error)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < SAMPLES; j++)
            put_place(sampler, i * SAMPLES + j, (double)places[2 * i] + 0.5 * (double)(j % SIDE) - 0.25,
                      (double)places[2 * i + 1] + 0.5 * (double)(j / SIDE) - 0.25);
    SpiralStatus status = classify(sampler, count * SAMPLES, error);
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++)
        spiral_canvas_blend(canvas, places[2 * i], places[2 * i + 1], blended(sampler->labels + i * SAMPLES), 1.0);
    return status;
}

static SpiralStatus paint_band(Sampler *sampler, SpiralCanvas *canvas, Band *band, long *places, SpiralError *error)
{
    SpiralStatus status = classify_band(sampler, band, error);
    size_t waiting = 0, most = sampler->batch / SAMPLES;
    for (size_t y = 0; status == SPIRAL_OK && y < band->height; y++)
        for (size_t x = 0; status == SPIRAL_OK && x < band->width; x++) {
            long to_x = band->left + (long)x, to_y = band->top + (long)y;
            if (near_border(band, x, y)) {
                places[2 * waiting] = to_x;
                places[2 * waiting + 1] = to_y;
                waiting++;
            } else {
                spiral_canvas_blend(canvas, to_x, to_y, spiral_palette_tint((size_t)label_at(band, x + 1, y + 1)), 1.0);
            }
            if (waiting == most) {
                status = paint_borders(sampler, canvas, waiting, places, error);
                waiting = 0;
            }
        }
    return status == SPIRAL_OK && waiting > 0 ? paint_borders(sampler, canvas, waiting, places, error) : status;
}

static SpiralStatus draw_regions(Sampler *sampler, SpiralCanvas *canvas, SpiralError *error)
{
    const SpiralRectangle *plot = &sampler->axes->plot;
    size_t width = (size_t)(plot->right - plot->left), height = (size_t)(plot->bottom - plot->top);
    size_t step = BATCH_POINTS / width < 8 ? 8 : BATCH_POINTS / width;
    Band band = {.left = (long)plot->left, .width = width};
    band.labels = spiral_allocate((width + 2) * (step + 2), sizeof *band.labels);
    long *places = spiral_allocate(sampler->batch / SAMPLES, 2 * sizeof *places);
    SpiralStatus status = band.labels != NULL && places != NULL ? SPIRAL_OK : no_memory(error);
    for (size_t y = 0; status == SPIRAL_OK && y < height; y += step) {
        band.top = (long)plot->top + (long)y;
        band.height = height - y < step ? height - y : step;
        status = paint_band(sampler, canvas, &band, places, error);
    }
    free(band.labels);
    free(places);
    return status;
}

/* ---- the title --------------------------------------------------------------------------------------------------- */

static SpiralStatus measure_accuracy(Sampler *sampler, double *accuracy, SpiralError *error)
{
    const SpiralDataset *dataset = sampler->scatter->dataset;
    size_t right = 0;
    for (size_t done = 0; done < dataset->rows;) {
        size_t count = dataset->rows - done < sampler->batch ? dataset->rows - done : sampler->batch;
        SpiralStatus status = spiral_network_predict(sampler->network, count, dataset->X + done * dataset->features,
                                                     sampler->threads, NULL, NULL, sampler->labels, error);
        if (status != SPIRAL_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            right += sampler->labels[i] == dataset->y[done + i];
        done += count;
    }
    *accuracy = (double)right / (double)dataset->rows;
    return SPIRAL_OK;
}

enum { TITLE_BYTES = 512 };

static void describe_network(const SpiralNetwork *network, char *title)
{
    if (network->layers == 1) {
        snprintf(title, TITLE_BYTES, "Linear classifier");
        return;
    }
    static const char *const numbers[] = {"Two", "Three", "Four", "Five"};
    size_t used;
    if (network->layers <= 5)
        used = (size_t)snprintf(title, TITLE_BYTES, "%s-layer network, ", numbers[network->layers - 2]);
    else
        used = (size_t)snprintf(title, TITLE_BYTES, "Network of %zu layers, ", network->layers);
    for (size_t i = 1; i < network->layers && used < TITLE_BYTES / 2; i++)
        used += (size_t)snprintf(title + used, TITLE_BYTES - used, "%s%zu", i > 1 ? "+" : "", network->sizes[i]);
    snprintf(title + used, TITLE_BYTES - used, " hidden unit%s",
             network->layers == 2 && network->sizes[1] == 1 ? "" : "s");
}

static SpiralStatus make_title(Sampler *sampler, char *title, SpiralError *error)
{
    const SpiralDataset *dataset = sampler->scatter->dataset;
    describe_network(sampler->network, title);
    if (dataset->y != NULL) {
        double accuracy;
        SpiralStatus status = measure_accuracy(sampler, &accuracy, error);
        if (status != SPIRAL_OK)
            return status;
        size_t used = strlen(title);
        snprintf(title + used, TITLE_BYTES - used, " \xe2\x80\x94 accuracy\xc2\xa0%.1f\xc2\xa0%%", 100.0 * accuracy);
    }
    if (dataset->features > 2) {
        size_t used = strlen(title), others = dataset->features - 2;
        snprintf(title + used, TITLE_BYTES - used, "\nslice through the mean%s of the other %s", others == 1 ? "" : "s",
                 others == 1 ? "feature" : "features");
    }
    return SPIRAL_OK;
}

/* ---- the figure -------------------------------------------------------------------------------------------------- */

static SpiralStatus check_match(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralError *error)
{
    size_t features = network->sizes[0], classes = network->sizes[network->layers];
    if (dataset->features != features)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "the data have %zu feature%s, the model expects %zu", dataset->features,
                                dataset->features == 1 ? "" : "s", features);
    for (size_t i = 0; dataset->y != NULL && i < dataset->rows; i++)
        if (dataset->y[i] < 0 || (size_t)dataset->y[i] >= classes)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "observation %zu has the class %lld, the model has the classes 0..%zu", i,
                                    (long long)dataset->y[i], classes - 1);
    return SPIRAL_OK;
}

static SpiralStatus draw(const SpiralNetwork *network, const SpiralScatter *scatter, const SpiralFigureOptions *options,
                         SpiralSheet *sheet, SpiralError *error)
{
    SpiralAxes axes;
    Sampler sampler = {.network = network, .scatter = scatter, .axes = &axes, .threads = options->threads};
    char title[TITLE_BYTES];
    SpiralStatus status = sampler_create(&sampler, error);
    if (status == SPIRAL_OK && options->title == NULL)
        status = make_title(&sampler, title, error);
    if (status == SPIRAL_OK) {
        spiral_scatter_layout(scatter, sheet, options->margin, options->title != NULL ? options->title : title, &axes);
        status = draw_regions(&sampler, sheet->canvas, error);
    }
    sampler_release(&sampler);
    if (status == SPIRAL_OK)
        spiral_scatter_draw(scatter, sheet, &axes);
    return status;
}

SpiralStatus spiral_figure_boundary(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK)
        status = check_match(network, dataset, error);
    SpiralScatter scatter;
    if (status == SPIRAL_OK)
        status = spiral_scatter_set(&scatter, dataset, network->sizes[network->layers],
                                    (const char *const *)network->class_names, options, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralSheet *sheet;
    status = spiral_sheet_create(options, &sheet, error);
    if (status != SPIRAL_OK)
        return status;
    status = draw(network, &scatter, options, sheet, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    return status;
}
