#define _POSIX_C_SOURCE 200809L
#include "figure/svg.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"

/* Colours of cells are rounded to multiples of this, which nobody sees, so that neighbours become one area. */
enum { COLOUR_STEP = 3 };

struct SpiralSvg {
    SpiralBuffer text;
    size_t width, height, clips; /* clips: so many have been set */
    SpiralRectangle clip;        /* the canvas when there is none */
    bool clipped;
    const char *name;
};

/* ---- text -------------------------------------------------------------------------------------------------------- */

static void put(SpiralSvg *svg, const char *string)
{
    spiral_buffer_add(&svg->text, string, strlen(string));
}

/* Only whole numbers and strings: a locale may not have a point in its numbers. */
__attribute__((format(printf, 2, 3))) static void print(SpiralSvg *svg, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put(svg, line);
}

static long hundredths(double value)
{
    return lround(100.0 * fmax(-1e6, fmin(1e6, value)));
}

/* "1", "0.5", "-0.25" */
static void put_hundredths(SpiralSvg *svg, long value)
{
    long size = labs(value);
    print(svg, "%s%ld", value < 0 ? "-" : "", size / 100);
    if (size % 100 != 0)
        print(svg, size % 10 != 0 ? ".%02ld" : ".%ld", size % 10 != 0 ? size % 100 : size % 100 / 10);
}

static void put_number(SpiralSvg *svg, const char *attribute, double value)
{
    print(svg, " %s=\"", attribute);
    put_hundredths(svg, hundredths(value));
    put(svg, "\"");
}

static void put_colour(SpiralSvg *svg, const char *attribute, SpiralColour colour)
{
    print(svg, " %s=\"#%02x%02x%02x\"", attribute, colour.red, colour.green, colour.blue);
}

static void put_opacity(SpiralSvg *svg, const char *attribute, double opacity)
{
    if (opacity < 1.0)
        put_number(svg, attribute, opacity);
}

/* Somebody's text as it is shown, with what has a meaning in XML replaced. */
static void put_text(SpiralSvg *svg, const char *text)
{
    while (*text != '\0') {
        size_t used;
        SpiralShown shown = spiral_text_shown(text, strnlen(text, 4), &used);
        if (*text == '&')
            put(svg, "&amp;");
        else if (*text == '<')
            put(svg, "&lt;");
        else if (*text == '>')
            put(svg, "&gt;");
        else
            spiral_buffer_add(&svg->text, shown.bytes, shown.size);
        text += used;
    }
}

/* Ends the tag of a shape, with the name of what it stands for. */
static void end_shape(SpiralSvg *svg, const char *tag, const char *name)
{
    if (name == NULL || name[0] == '\0') {
        put(svg, "/>\n");
        return;
    }
    put(svg, "><title>");
    put_text(svg, name);
    print(svg, "</title></%s>\n", tag);
}

/* ---- the picture ------------------------------------------------------------------------------------------------- */

SpiralSvg *spiral_svg_create(size_t width, size_t height)
{
    SpiralSvg *svg = spiral_allocate(1, sizeof *svg);
    if (svg == NULL)
        return NULL;
    svg->width = width;
    svg->height = height;
    svg->clip = (SpiralRectangle){0.0, 0.0, (double)width, (double)height};
    put(svg, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"");
    print(svg, " width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\"", width, height, width, height);
    put(svg, " font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n<rect width=\"100%\" height=\"100%\""
             " fill=\"#ffffff\"/>\n");
    return svg;
}

void spiral_svg_free(SpiralSvg *svg)
{
    if (svg == NULL)
        return;
    free(svg->text.bytes);
    free(svg);
}

SpiralStatus spiral_svg_encode(const SpiralSvg *svg, unsigned char **bytes, size_t *size, SpiralError *error)
{
    static const char end[] = "</svg>\n";
    *bytes = NULL;
    *size = 0;
    SpiralBuffer whole = {.failed = svg->text.failed};
    if (!whole.failed) {
        spiral_buffer_add(&whole, svg->text.bytes, svg->text.size);
        spiral_buffer_add(&whole, end, sizeof end - 1);
    }
    if (whole.failed) {
        free(whole.bytes);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the text of an SVG");
    }
    *bytes = (unsigned char *)whole.bytes;
    *size = whole.size;
    return SPIRAL_OK;
}

void spiral_svg_name(SpiralSvg *svg, const char *name)
{
    svg->name = name;
}

/* An identifier with the numbers of the area: where several pictures stand in one page, the same identifier is the same
 * area. */
void spiral_svg_clip(SpiralSvg *svg, const SpiralRectangle *area)
{
    if (svg->clipped)
        put(svg, "</g>\n");
    svg->clipped = area != NULL;
    svg->clip = (SpiralRectangle){0.0, 0.0, (double)svg->width, (double)svg->height};
    if (area == NULL)
        return;
    svg->clip = (SpiralRectangle){fmax(0.0, floor(area->left + 0.5)), fmax(0.0, floor(area->top + 0.5)),
                                  fmin(svg->clip.right, floor(area->right + 0.5)),
                                  fmin(svg->clip.bottom, floor(area->bottom + 0.5))};
    long x = (long)svg->clip.left, y = (long)svg->clip.top;
    long width = (long)fmax(0.0, svg->clip.right - svg->clip.left);
    long height = (long)fmax(0.0, svg->clip.bottom - svg->clip.top);
    char id[128];
    snprintf(id, sizeof id, "clip-%zu-%ld-%ld-%ld-%ld", ++svg->clips, x, y, width, height);
    print(svg, "<clipPath id=\"%s\"><rect x=\"%ld\" y=\"%ld\" width=\"%ld\" height=\"%ld\"/></clipPath>\n", id, x, y,
          width, height);
    print(svg, "<g clip-path=\"url(#%s)\">\n", id);
}

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

static void put_rectangle(SpiralSvg *svg, SpiralRectangle area)
{
    put(svg, "<rect");
    put_number(svg, "x", area.left);
    put_number(svg, "y", area.top);
    put_number(svg, "width", fmax(0.0, area.right - area.left));
    put_number(svg, "height", fmax(0.0, area.bottom - area.top));
}

void spiral_svg_rectangle(SpiralSvg *svg, SpiralRectangle area, SpiralColour colour, double opacity)
{
    put_rectangle(svg, area);
    put_colour(svg, "fill", colour);
    put_opacity(svg, "fill-opacity", opacity);
    end_shape(svg, "rect", svg->name);
}

void spiral_svg_frame(SpiralSvg *svg, SpiralRectangle area, double width, SpiralColour colour)
{
    double half = width / 2.0;
    put_rectangle(svg, (SpiralRectangle){area.left + half, area.top + half, area.right - half, area.bottom - half});
    put_colour(svg, "stroke", colour);
    put_number(svg, "stroke-width", width);
    put(svg, " fill=\"none\"");
    end_shape(svg, "rect", svg->name);
}

/* The place in a path, in hundredths, from which the next point is counted. */
typedef struct Pen {
    long x, y;
} Pen;

static void move_to(SpiralSvg *svg, Pen *pen, double x, double y)
{
    *pen = (Pen){hundredths(x), hundredths(y)};
    put(svg, "M");
    put_hundredths(svg, pen->x);
    put(svg, " ");
    put_hundredths(svg, pen->y);
}

/* Each point starts at the rounded one before, so that roundings don't add up. */
static void line_to(SpiralSvg *svg, Pen *pen, double x, double y)
{
    long to_x = hundredths(x), to_y = hundredths(y);
    put(svg, "l");
    put_hundredths(svg, to_x - pen->x);
    put(svg, to_y < pen->y ? "" : " ");
    put_hundredths(svg, to_y - pen->y);
    *pen = (Pen){to_x, to_y};
}

static void put_stroke(SpiralSvg *svg, const SpiralStroke *stroke)
{
    put(svg, " fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    put_colour(svg, "stroke", stroke->colour);
    put_number(svg, "stroke-width", stroke->width);
    put_opacity(svg, "stroke-opacity", stroke->opacity);
    if (stroke->dash > 0.0) { /* round ends lengthen each dash by the line's width */
        double drawn = fmax(0.0, stroke->dash - stroke->width);
        put(svg, " stroke-dasharray=\"");
        put_hundredths(svg, hundredths(drawn));
        put(svg, " ");
        put_hundredths(svg, hundredths(stroke->dash + stroke->gap - drawn));
        put(svg, "\"");
    }
}

/* Does anything of a shape that reaches so far from its centre lie within the clip? */
static bool is_shown(const SpiralSvg *svg, double x, double y, double reach)
{
    return x + reach >= svg->clip.left && x - reach <= svg->clip.right && y + reach >= svg->clip.top &&
           y - reach <= svg->clip.bottom;
}

static void put_circle(SpiralSvg *svg, double x, double y, double radius)
{
    put(svg, "<circle");
    put_number(svg, "cx", x);
    put_number(svg, "cy", y);
    put_number(svg, "r", radius);
}

void spiral_svg_polyline(SpiralSvg *svg, size_t count, const double *points, const SpiralStroke *stroke)
{
    if (count == 0)
        return;
    Pen pen;
    put(svg, "<path d=\"");
    move_to(svg, &pen, points[0], points[1]);
    if (count == 1)
        put(svg, "h0");
    for (size_t i = 1; i < count; i++)
        line_to(svg, &pen, points[2 * i], points[2 * i + 1]);
    put(svg, "\"");
    put_stroke(svg, stroke);
    end_shape(svg, "path", svg->name);
}

void spiral_svg_ring(SpiralSvg *svg, double x, double y, double radius, const SpiralStroke *stroke)
{
    if (!is_shown(svg, x, y, radius + stroke->width))
        return;
    put_circle(svg, x, y, radius);
    put_stroke(svg, stroke);
    end_shape(svg, "circle", svg->name);
}

void spiral_svg_band(SpiralSvg *svg, size_t count, const double *points, SpiralColour colour, double opacity)
{
    if (count < 2)
        return;
    Pen pen;
    put(svg, "<path d=\"");
    move_to(svg, &pen, points[0], points[1]);
    for (size_t i = 1; i < count; i++)
        line_to(svg, &pen, points[3 * i], points[3 * i + 1]);
    for (size_t i = count; i-- > 0;)
        line_to(svg, &pen, points[3 * i], points[3 * i + 2]);
    put(svg, "z\"");
    put_colour(svg, "fill", colour);
    put_opacity(svg, "fill-opacity", opacity);
    end_shape(svg, "path", svg->name);
}

/* ---- markers ----------------------------------------------------------------------------------------------------- */

enum { MOST_CORNERS = 12 };

/* The corners of a marker of radius 1 whose edge is moved inwards; none for a disc. */
static size_t marker_corners(SpiralMarker marker, double inwards, double corners[2 * MOST_CORNERS])
{
    static const double square[] = {-1, -1, 1, -1, 1, 1, -1, 1}, diamond[] = {0, -1, 1, 0, 0, 1, -1, 0};
    static const double root2 = 1.4142135623730951, root3 = 1.7320508075688772;
    double side = SPIRAL_SQUARE_SIDE - inwards, inner = SPIRAL_TRIANGLE_INNER - inwards;
    double arm = SPIRAL_PLUS_ARM - inwards, half = SPIRAL_PLUS_HALF - inwards;
    double up = marker == SPIRAL_MARKER_TRIANGLE ? 1.0 : -1.0;
    const double triangle[] = {0, -2 * up, root3, up, -root3, up};
    const double plus[] = {-half, -arm, half,  -arm, half,  -half, arm,  -half, arm,  half,  half,  half,
                           half,  arm,  -half, arm,  -half, half,  -arm, half,  -arm, -half, -half, -half};
    const double *from = NULL;
    double scale = 1.0;
    size_t count = 0;
    switch (marker) {
    case SPIRAL_MARKER_SQUARE:
        from = square, scale = side, count = 4;
        break;
    case SPIRAL_MARKER_DIAMOND:
        from = diamond, scale = root2 * side, count = 4;
        break;
    case SPIRAL_MARKER_TRIANGLE:
    case SPIRAL_MARKER_TRIANGLE_DOWN:
        from = triangle, scale = inner, count = 3;
        break;
    case SPIRAL_MARKER_PLUS:
    case SPIRAL_MARKER_CROSS:
        from = plus, count = 12;
        break;
    case SPIRAL_MARKER_DISC:
    case SPIRAL_MARKER_COUNT:
        break;
    }
    for (size_t i = 0; i < 2 * count; i++)
        corners[i] = scale * from[i];
    for (size_t i = 0; marker == SPIRAL_MARKER_CROSS && i < count; i++) {
        double across = corners[2 * i], down = corners[2 * i + 1];
        corners[2 * i] = (across - down) / root2;
        corners[2 * i + 1] = (across + down) / root2;
    }
    return count;
}

/* The line of an outline runs in its middle. */
void spiral_svg_marker(SpiralSvg *svg, SpiralMarker marker, double x, double y, double radius, double outline,
                       SpiralColour edge, SpiralColour fill)
{
    if (!is_shown(svg, x, y, 2.0 * radius))
        return;
    double corners[2 * MOST_CORNERS];
    size_t count = marker_corners(marker, outline / 2.0 / radius, corners);
    Pen pen;
    if (count == 0) {
        put_circle(svg, x, y, radius - outline / 2.0);
    } else {
        put(svg, "<path d=\"");
        move_to(svg, &pen, x + radius * corners[0], y + radius * corners[1]);
        for (size_t i = 1; i < count; i++)
            line_to(svg, &pen, x + radius * corners[2 * i], y + radius * corners[2 * i + 1]);
        put(svg, "z\"");
    }
    put_colour(svg, "fill", fill);
    if (outline > 0.0) {
        put_colour(svg, "stroke", edge);
        put_number(svg, "stroke-width", outline);
    }
    end_shape(svg, count == 0 ? "circle" : "path", svg->name);
}

/* ---- areas ------------------------------------------------------------------------------------------------------- */

static void put_loop(SpiralSvg *svg, const SpiralOutlines *outlines, size_t count)
{
    Pen pen;
    for (size_t i = 0; i < count; i++) {
        const float *corner = outlines->corners + 2 * outlines->path[i];
        if (i == 0)
            move_to(svg, &pen, (double)corner[0], (double)corner[1]);
        else
            line_to(svg, &pen, (double)corner[0], (double)corner[1]);
    }
}

void spiral_svg_areas(SpiralSvg *svg, SpiralOutlines *outlines,
                      SpiralArea (*describe)(const void *context, int32_t label), const void *context, double seam)
{
    const SpiralOutlineList *loops = &outlines->loops;
    for (size_t i = 0; i < loops->count;) {
        int32_t label = loops->items[i].label;
        SpiralArea area = describe(context, label);
        put(svg, "<path d=\"");
        for (; i < loops->count && loops->items[i].label == label; i++) {
            put_loop(svg, outlines, spiral_outlines_loop(outlines, &loops->items[i]));
            put(svg, "z");
        }
        put(svg, "\"");
        put_colour(svg, "fill", area.colour);
        if (seam > 0.0) {
            put_colour(svg, "stroke", area.colour);
            put_number(svg, "stroke-width", seam);
        }
        end_shape(svg, "path", area.name);
    }
}

void spiral_svg_borders(SpiralSvg *svg, SpiralOutlines *outlines, const SpiralStroke *stroke)
{
    bool any = false;
    for (size_t i = 0; i < outlines->chains.count; i++) {
        const SpiralOutline *chain = &outlines->chains.items[i];
        if (!chain->inner)
            continue;
        if (!any)
            put(svg, "<path d=\"");
        any = true;
        put_loop(svg, outlines, spiral_outlines_chain(outlines, chain));
    }
    if (!any)
        return;
    put(svg, "\"");
    put_stroke(svg, stroke);
    end_shape(svg, "path", NULL);
}

static SpiralArea area_of_colour(const void *context, int32_t label)
{
    (void)context;
    return (SpiralArea){{(uint8_t)(label >> 16), (uint8_t)(label >> 8 & 0xff), (uint8_t)(label & 0xff)}, NULL};
}

static int32_t rounded(uint8_t channel)
{
    return (channel + COLOUR_STEP / 2) / COLOUR_STEP * COLOUR_STEP;
}

void spiral_svg_cells(SpiralSvg *svg, SpiralRectangle area, size_t columns, size_t rows, const SpiralColour *colours)
{
    SpiralOutlines outlines;
    bool made = spiral_outlines_create(&outlines, columns, rows);
    for (size_t i = 0; made && i < columns * rows; i++)
        outlines.labels[i] = rounded(colours[i].red) << 16 | rounded(colours[i].green) << 8 | rounded(colours[i].blue);
    for (size_t i = 0; made && i < (columns + 1) * (rows + 1); i++) {
        outlines.corners[2 * i] = (float)spiral_cell_edge(area.left, area.right, columns, i % (columns + 1));
        outlines.corners[2 * i + 1] = (float)spiral_cell_edge(area.top, area.bottom, rows, i / (columns + 1));
    }
    if (made && spiral_outlines_trace(&outlines, 0.0)) {
        spiral_svg_areas(svg, &outlines, area_of_colour, NULL, SPIRAL_SEAM); /* what shows where two cells touch, */
        spiral_svg_areas(svg, &outlines, area_of_colour, NULL, 0.0);         /* and the cells, with sharp edges */
    } else {
        svg->text.failed = true;
    }
    spiral_outlines_release(&outlines);
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

void spiral_svg_text(SpiralSvg *svg, double x, double y, const char *text, const SpiralTextStyle *style)
{
    static const char *const anchors[] = {[SPIRAL_ALIGN_LEFT] = "",
                                          [SPIRAL_ALIGN_CENTRE] = " text-anchor=\"middle\"",
                                          [SPIRAL_ALIGN_RIGHT] = " text-anchor=\"end\""};
    if (text[0] == '\0')
        return;
    put(svg, "<text");
    if (style->upwards) {
        put(svg, " transform=\"translate(");
        put_hundredths(svg, hundredths(x));
        put(svg, " ");
        put_hundredths(svg, hundredths(y));
        put(svg, ") rotate(-90)\"");
    } else {
        put_number(svg, "x", x);
        put_number(svg, "y", y);
    }
    put_number(svg, "font-size", style->size);
    put_colour(svg, "fill", style->colour);
    put(svg, anchors[style->align]);
    if (text[0] == ' ' || text[strlen(text) - 1] == ' ' || strstr(text, "  ") != NULL)
        put(svg, " xml:space=\"preserve\"");
    put(svg, ">");
    put_text(svg, text);
    put(svg, "</text>\n");
}
