#include "figure/regions.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "figure/colours.h"
#include "figure/contours.h"
#include "figure/raster.h"

/* A pixel near a border is judged by SIDE x SIDE points over a square of two units, its own centre in the middle: the
 * tints blend, and a line of even darkness follows the border wherever it lies between the pixels. */
#define SIDE 4
#define SAMPLES (SIDE * SIDE)
_Static_assert(SPIRAL_SAMPLER_LEAST >= SAMPLES, "a batch has room for a pixel");

/* Pixels that are held at a time, about. */
enum { BAND_PIXELS = 16384 };

static const double LINE_STRENGTH = 0.55;

/* In an SVG the shades of a region are so many. */
enum { LEVELS = 16 };

/* Rows of pixels with the class at the centre of each, and `reach` pixels more on every side. */
typedef struct Band {
    double unit;          /* in pixels: what is drawn grows with the figure */
    size_t reach;         /* a pixel is near a border when one of another class is so many pixels away, or fewer */
    long left, top;       /* the first pixel within the plot */
    size_t width, height; /* pixels within the plot */
    size_t most;          /* the largest height */
    int64_t *labels;      /* (height + 2 reach, width + 2 reach) */
    double *strengths;    /* as many, when they are shaded, else NULL */
    bool *near;           /* (height, width) */
} Band;

static double unit_of(const SpiralCanvas *canvas)
{
    return fmax(1.0, fmin((double)canvas->width, (double)canvas->height) / 800.0);
}

static SpiralStatus classify_band(SpiralSampler *sampler, Band *band, SpiralError *error)
{
    size_t width = band->width + 2 * band->reach, total = width * (band->height + 2 * band->reach);
    double left = (double)band->left - (double)band->reach, top = (double)band->top - (double)band->reach;
    for (size_t done = 0; done < total;) {
        size_t count = total - done < sampler->batch ? total - done : sampler->batch;
        for (size_t i = 0; i < count; i++)
            spiral_sampler_put(sampler, i, left + (double)((done + i) % width) + 0.5,
                               top + (double)((done + i) / width) + 0.5);
        SpiralStatus status = spiral_sampler_classify(sampler, count, error);
        if (status != SPIRAL_OK)
            return status;
        memcpy(band->labels + done, sampler->labels, count * sizeof *band->labels);
        for (size_t i = 0; band->strengths != NULL && i < count; i++)
            band->strengths[done + i] = spiral_sampler_strength(sampler, i);
        done += count;
    }
    return SPIRAL_OK;
}

/* Marks the pixels around a corner of four pixels; (x, y) is the first of these, counted with those on every side. */
static void mark_near(const Band *band, size_t x, size_t y)
{
    size_t reach = band->reach, side = 2 * reach;
    for (size_t j = y + 1 < side ? 0 : y + 1 - side; j <= y && j < band->height; j++)
        for (size_t i = x + 1 < side ? 0 : x + 1 - side; i <= x && i < band->width; i++)
            band->near[j * band->width + i] = true;
}

static void find_borders(const Band *band)
{
    size_t width = band->width + 2 * band->reach, height = band->height + 2 * band->reach;
    memset(band->near, 0, band->width * band->height * sizeof *band->near);
    for (size_t y = 0; y + 1 < height; y++)
        for (size_t x = 0; x + 1 < width; x++) {
            const int64_t *first = band->labels + y * width + x, *below = first + width;
            if (first[0] != first[1] || first[0] != below[0] || first[0] != below[1])
                mark_near(band, x, y);
        }
}

/* The colour of a pixel from its samples, those of the sampler from the first on. */
static SpiralColour blended(const SpiralSampler *sampler, size_t first)
{
    const int64_t *labels = sampler->labels + first;
    double red = 0.0, green = 0.0, blue = 0.0;
    size_t alike = 0; /* pairs of samples, of SAMPLES^2, that have the same class */
    for (size_t i = 0; i < SAMPLES; i++) {
        SpiralColour tint = spiral_sampler_colour(labels[i], spiral_sampler_strength(sampler, first + i));
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
static SpiralStatus paint_borders(SpiralSampler *sampler, SpiralCanvas *canvas, double unit, size_t count,
                                  const long *places, SpiralError *error)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < SAMPLES; j++)
            spiral_sampler_put(sampler, i * SAMPLES + j,
                               (double)places[2 * i] + 0.5 + unit * (0.5 * (double)(j % SIDE) - 0.75),
                               (double)places[2 * i + 1] + 0.5 + unit * (0.5 * (double)(j / SIDE) - 0.75));
    SpiralStatus status = spiral_sampler_classify(sampler, count * SAMPLES, error);
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++)
        spiral_raster_blend(canvas->raster, places[2 * i], places[2 * i + 1], blended(sampler, i * SAMPLES), 1.0);
    return status;
}

static SpiralColour colour_at(const Band *band, size_t x, size_t y) /* of pixel (left + x, top + y) */
{
    size_t place = (y + band->reach) * (band->width + 2 * band->reach) + x + band->reach;
    return spiral_sampler_colour(band->labels[place], band->strengths != NULL ? band->strengths[place] : 1.0);
}

/* Has the pixel another colour than the one to its left? */
static bool is_new(const Band *band, size_t x, size_t y)
{
    const int64_t *label = band->labels + (y + band->reach) * (band->width + 2 * band->reach) + x + band->reach;
    return band->strengths != NULL || label[0] != label[-1];
}

static SpiralStatus paint_band(SpiralSampler *sampler, SpiralCanvas *canvas, Band *band, long *places,
                               SpiralError *error)
{
    SpiralStatus status = classify_band(sampler, band, error);
    if (status == SPIRAL_OK)
        find_borders(band);
    size_t waiting = 0, most = sampler->batch / SAMPLES;
    SpiralColour colour = colour_at(band, 0, 0);
    for (size_t y = 0; status == SPIRAL_OK && y < band->height; y++)
        for (size_t x = 0; status == SPIRAL_OK && x < band->width; x++) {
            if (x == 0 || is_new(band, x, y))
                colour = colour_at(band, x, y);
            long to_x = band->left + (long)x, to_y = band->top + (long)y;
            if (band->near[y * band->width + x]) {
                places[2 * waiting] = to_x;
                places[2 * waiting + 1] = to_y;
                waiting++;
            } else {
                spiral_raster_blend(canvas->raster, to_x, to_y, colour, 1.0);
            }
            if (waiting == most) {
                status = paint_borders(sampler, canvas, band->unit, waiting, places, error);
                waiting = 0;
            }
        }
    return status == SPIRAL_OK && waiting > 0 ? paint_borders(sampler, canvas, band->unit, waiting, places, error)
                                              : status;
}

/* The region of a class in an SVG. */
static SpiralArea describe(const void *context, int32_t label)
{
    const SpiralSampler *sampler = context;
    return (SpiralArea){spiral_sampler_colour(label, 1.0),
                        label == SPIRAL_NO_CLASS ? NULL : sampler->scatter->names[label]};
}

/* A part of it, in which the network is about as sure: its label is class * LEVELS + level. */
static SpiralArea describe_level(const void *context, int32_t label)
{
    if (label == SPIRAL_NO_CLASS)
        return describe(context, label);
    SpiralArea area = describe(context, label / LEVELS);
    area.colour = spiral_sampler_colour(label / LEVELS, ((double)(label % LEVELS) + 0.5) / LEVELS);
    return area;
}

/* As dark as the line between pixels. */
static SpiralStatus trace(SpiralSampler *sampler, const SpiralCanvas *canvas, SpiralError *error)
{
    double unit = unit_of(canvas);
    const SpiralStroke border = {.width = 4.0 / 3.0 * unit, .colour = {0x33, 0x33, 0x33}, .opacity = LINE_STRENGTH};
    if (!sampler->shade)
        return spiral_contours_draw(sampler, canvas->svg, unit, 1, describe, &border, error);
    SpiralStatus status = spiral_contours_draw(sampler, canvas->svg, unit, LEVELS, describe_level, NULL, error);
    return status == SPIRAL_OK ? spiral_contours_draw(sampler, canvas->svg, unit, 1, NULL, &border, error) : status;
}

static SpiralStatus paint(SpiralSampler *sampler, SpiralCanvas *canvas, SpiralError *error)
{
    const SpiralRectangle *plot = &sampler->axes->plot;
    size_t width = (size_t)(plot->right - plot->left), height = (size_t)(plot->bottom - plot->top);
    Band band = {.left = (long)plot->left, .width = width};
    band.unit = unit_of(canvas);
    band.reach = (size_t)ceil(band.unit);
    band.most = (size_t)fmax((double)(BAND_PIXELS / width), 8.0 * (double)band.reach);
    band.labels = spiral_allocate((width + 2 * band.reach) * (band.most + 2 * band.reach), sizeof *band.labels);
    band.near = spiral_allocate(width * band.most, sizeof *band.near);
    if (sampler->shade)
        band.strengths = spiral_allocate((width + 2 * band.reach) * (band.most + 2 * band.reach), sizeof(double));
    long *places = spiral_allocate(sampler->batch / SAMPLES, 2 * sizeof *places);
    SpiralStatus status = SPIRAL_OK;
    if (band.labels == NULL || band.near == NULL || places == NULL || (sampler->shade && band.strengths == NULL))
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a decision boundary");
    for (size_t y = 0; status == SPIRAL_OK && y < height; y += band.most) {
        band.top = (long)plot->top + (long)y;
        band.height = height - y < band.most ? height - y : band.most;
        status = paint_band(sampler, canvas, &band, places, error);
    }
    free(band.labels);
    free(band.near);
    free(band.strengths);
    free(places);
    return status;
}

/* ---- marks ------------------------------------------------------------------------------------------------------- */

/* Of a region's marks, in units: from one to the next, and the radius. A mark needs as much room around it again. */
static const double MARKS_APART = 34.0, MARK_RADIUS = 3.5;

/* The class at a place and, so that a whole mark has room, as far as twice its radius away. */
enum { PROBES = 5 };

static void draw_mark(SpiralCanvas *canvas, const int64_t *labels, double x, double y, double radius)
{
    for (size_t i = 0; i < PROBES; i++)
        if (labels[i] != labels[0] || labels[i] < SPIRAL_PALETTE_COUNT)
            return;
    size_t class = (size_t)labels[0];
    SpiralColour colour = spiral_colour_mix(spiral_palette_tint(class), spiral_palette_edge(class), 0.5);
    spiral_marker_draw(canvas, spiral_palette_marker(class), x, y, radius, 0.0, colour, colour);
}

/* Draws the markers of the classes whose tints others have had before into their regions. */
static SpiralStatus draw_marks(SpiralSampler *sampler, SpiralCanvas *canvas, SpiralError *error)
{
    static const double across[PROBES] = {0, -1, 1, 0, 0}, down[PROBES] = {0, 0, 0, -1, 1};
    const SpiralRectangle *plot = &sampler->axes->plot;
    double unit = unit_of(canvas), apart = MARKS_APART * unit, radius = MARK_RADIUS * unit;
    if (sampler->scatter->classes <= SPIRAL_PALETTE_COUNT)
        return SPIRAL_OK;
    spiral_canvas_clip(canvas, plot);
    SpiralStatus status = SPIRAL_OK;
    size_t columns = (size_t)((plot->right - plot->left) / apart) + 1;
    for (double y = plot->top + 0.5 * apart; status == SPIRAL_OK && y < plot->bottom; y += apart) {
        for (size_t first = 0; status == SPIRAL_OK && first < columns; first += SPIRAL_SAMPLER_LEAST / PROBES) {
            size_t count = columns - first;
            count = count < SPIRAL_SAMPLER_LEAST / PROBES ? count : SPIRAL_SAMPLER_LEAST / PROBES;
            for (size_t i = 0; i < count * PROBES; i++)
                spiral_sampler_put(sampler, i,
                                   plot->left + ((double)(first + i / PROBES) + 0.5) * apart +
                                       2.0 * radius * across[i % PROBES],
                                   y + 2.0 * radius * down[i % PROBES]);
            status = spiral_sampler_classify(sampler, count * PROBES, error);
            for (size_t i = 0; status == SPIRAL_OK && i < count; i++)
                draw_mark(canvas, sampler->labels + i * PROBES, plot->left + ((double)(first + i) + 0.5) * apart, y,
                          radius);
        }
    }
    spiral_canvas_clip(canvas, NULL);
    return status;
}

SpiralStatus spiral_regions_draw(SpiralSampler *sampler, SpiralCanvas *canvas, SpiralError *error)
{
    SpiralStatus status = canvas->svg != NULL ? trace(sampler, canvas, error) : paint(sampler, canvas, error);
    return status == SPIRAL_OK ? draw_marks(sampler, canvas, error) : status;
}
