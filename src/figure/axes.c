#include "figure/axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TITLE_BYTES = 1024, LABEL_BYTES = 512 };

/* Distances, as multiples of the sheet's unit. */
static const double MARGIN = 12.0, TICK = 5.0, GAP = 5.0;

/* ---- title ------------------------------------------------------------------------------------------------------- */

typedef struct Title {
    size_t lines;
    char line[2][TITLE_BYTES];
} Title;

/* Where a text that is too wide is broken: after the last space before which all fits; 0 when there is none. */
static size_t break_at(const SpiralSheet *sheet, const char *text, double widest)
{
    char head[TITLE_BYTES];
    size_t best = 0;
    for (size_t i = 1; text[i] != '\0' && i < TITLE_BYTES; i++) {
        if (text[i] != ' ')
            continue;
        memcpy(head, text, i);
        head[i] = '\0';
        if (spiral_font_width(sheet->font, sheet->title_size, head) > widest)
            break;
        best = i;
    }
    return best;
}

static void set_title(Title *title, const SpiralSheet *sheet, const char *text, double widest)
{
    title->lines = 0;
    if (text == NULL || text[0] == '\0')
        return;
    char first[TITLE_BYTES];
    snprintf(first, sizeof first, "%s", text);
    const char *second = NULL;
    const char *feed = strchr(text, '\n');
    size_t end = feed != NULL ? (size_t)(feed - text) : 0;
    if (end == 0 && spiral_font_width(sheet->font, sheet->title_size, text) > widest)
        end = break_at(sheet, text, widest);
    if (end > 0 && end < sizeof first) {
        static const char dash[] = " \xe2\x80\x94"; /* that would be left hanging at the end of the line */
        size_t tail = sizeof dash - 1;
        bool hanging = end > tail && memcmp(text + end - tail, dash, tail) == 0;
        first[hanging ? end - tail : end] = '\0';
        second = text + end + 1;
    }
    spiral_font_cut(sheet->font, sheet->title_size, first, widest, title->line[title->lines++], TITLE_BYTES);
    if (second != NULL)
        spiral_font_cut(sheet->font, sheet->title_size, second, widest, title->line[title->lines++], TITLE_BYTES);
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* The axis label, with the power of ten that its numbers leave out. */
static void label_text(const SpiralAxis *axis, char *text, size_t size)
{
    char power[64] = "";
    if (axis->exponent != 0)
        spiral_axis_power(axis->exponent, power, sizeof power);
    const char *label = axis->label != NULL ? axis->label : "";
    if (power[0] == '\0')
        snprintf(text, size, "%s", label);
    else
        snprintf(text, size, "%.400s%s(\xc3\x97%s)", label, label[0] != '\0' ? " " : "", power);
}

static bool has_label(const SpiralAxis *axis)
{
    return (axis->label != NULL && axis->label[0] != '\0') || axis->exponent != 0;
}

static double widest_tick(const SpiralAxis *axis, const SpiralSheet *sheet)
{
    double widest = 0.0;
    for (size_t i = 0; i < axis->tick_count; i++)
        widest = fmax(widest, spiral_font_width(sheet->font, sheet->text_size, axis->ticks[i].label));
    return widest;
}

/* Ticks about as far apart as the eye likes, on the x axis as many as have room for their labels. */
static void make_ticks(SpiralAxes *axes, const SpiralSheet *sheet)
{
    double width = axes->plot.right - axes->plot.left, height = axes->plot.bottom - axes->plot.top;
    spiral_axis_ticks(&axes->y, (size_t)fmin(12.0, 2.0 + height / (55.0 * sheet->unit)));
    for (size_t most = (size_t)fmin(12.0, fmax(2.0, width / (60.0 * sheet->unit))); most >= 2; most--) {
        spiral_axis_ticks(&axes->x, most);
        double apart = width;
        double last = -1.0;
        for (size_t i = 0; i < axes->x.tick_count; i++) {
            if (axes->x.ticks[i].label[0] == '\0')
                continue;
            double place = spiral_axis_place(&axes->x, axes->x.ticks[i].value) * width;
            if (last >= 0.0)
                apart = fmin(apart, place - last);
            last = place;
        }
        if (apart >= widest_tick(&axes->x, sheet) + 0.8 * sheet->text_size)
            break;
    }
}

static void widen(SpiralAxis *axis, double factor)
{
    double middle = axis->low / 2.0 + axis->high / 2.0, half = (axis->high - axis->low) / 2.0 * factor;
    axis->low = middle - half;
    axis->high = middle + half;
}

void spiral_axes_equalize(SpiralAxes *axes)
{
    double width = axes->plot.right - axes->plot.left, height = axes->plot.bottom - axes->plot.top;
    double x = (axes->x.high - axes->x.low) / width, y = (axes->y.high - axes->y.low) / height;
    if (x < y)
        widen(&axes->x, y / x);
    else
        widen(&axes->y, x / y);
}

/* The height of ticks and labels under the plot. */
static double below_plot(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    if (axes->above)
        return (TICK + GAP) * sheet->unit;
    double x_label = has_label(&axes->x) ? 1.4 * sheet->text_size : 0.0;
    if (axes->x.bare)
        return MARGIN * sheet->unit + x_label;
    return (MARGIN + TICK + GAP) * sheet->unit + sheet->text_size + x_label;
}

void spiral_axes_layout(SpiralAxes *axes, const SpiralSheet *sheet, SpiralRectangle area, bool equal)
{
    double unit = sheet->unit, text = sheet->text_size;
    Title title;
    set_title(&title, sheet, axes->title, area.right - area.left - 2.0 * MARGIN * unit);
    SpiralAxis x = axes->x, y = axes->y;
    SpiralRectangle *plot = &axes->plot;
    axes->area = area;
    plot->top = ceil(area.top + MARGIN * unit + (double)title.lines * 1.35 * sheet->title_size);
    plot->bottom = floor(area.bottom - MARGIN * unit - 1.3 * text);
    plot->left = ceil(area.left + MARGIN * unit + 3.0 * text);
    plot->right = floor(area.right - fmax(axes->beside, 2.0 * MARGIN * unit));
    for (int pass = 0; pass < 3; pass++) { /* the labels' width depends on the ticks, which depend on the room */
        axes->x = x;
        axes->y = y;
        if (equal)
            spiral_axes_equalize(axes);
        make_ticks(axes, sheet);
        double left = MARGIN + (axes->y.bare ? 0.0 : TICK + GAP);
        double y_label = has_label(&axes->y) ? 1.5 * text : 0.0;
        plot->left = ceil(area.left + fmax(axes->indent, left * unit + widest_tick(&axes->y, sheet) + y_label));
        plot->bottom = floor(area.bottom - below_plot(axes, sheet));
        plot->left = fmin(plot->left, plot->right - 8.0);
        plot->bottom = fmax(plot->bottom, plot->top + 8.0);
    }
    axes->x = x;
    axes->y = y;
    if (equal)
        spiral_axes_equalize(axes);
    make_ticks(axes, sheet);
}

double spiral_axes_x(const SpiralAxes *axes, double value)
{
    return axes->plot.left + spiral_axis_place(&axes->x, value) * (axes->plot.right - axes->plot.left);
}

double spiral_axes_y(const SpiralAxes *axes, double value)
{
    return axes->plot.bottom - spiral_axis_place(&axes->y, value) * (axes->plot.bottom - axes->plot.top);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

/* The width of the frame's lines: whole pixels, so that they are crisp. */
static double line_width(const SpiralSheet *sheet)
{
    return fmax(1.0, floor(sheet->unit + 0.25));
}

/* A line of whole pixels across the axis at a tick's place. */
static SpiralRectangle tick_line(double place, double from, double to, double width, bool vertical)
{
    double start = floor(place - width / 2.0 + 0.5);
    if (vertical)
        return (SpiralRectangle){start, from, start + width, to};
    return (SpiralRectangle){from, start, to, start + width};
}

void spiral_axes_draw_grid(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    const SpiralRectangle *plot = &axes->plot;
    double width = line_width(sheet);
    for (size_t i = 0; i < axes->x.tick_count; i++)
        if (axes->x.ticks[i].label[0] != '\0')
            spiral_canvas_rectangle(
                sheet->canvas,
                tick_line(spiral_axes_x(axes, axes->x.ticks[i].value), plot->top, plot->bottom, width, true),
                sheet->pale, 1.0);
    for (size_t i = 0; i < axes->y.tick_count; i++)
        if (axes->y.ticks[i].label[0] != '\0')
            spiral_canvas_rectangle(
                sheet->canvas,
                tick_line(spiral_axes_y(axes, axes->y.ticks[i].value), plot->left, plot->right, width, false),
                sheet->pale, 1.0);
}

static void draw_x_ticks(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double unit = sheet->unit, width = line_width(sheet), bottom = axes->plot.bottom + width;
    SpiralTextStyle style = {.size = sheet->text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    double right = axes->area.right - 4.0 * unit;
    for (size_t i = 0; i < axes->x.tick_count; i++) {
        const SpiralTick *tick = &axes->x.ticks[i];
        double place = spiral_axes_x(axes, tick->value), length = (tick->label[0] != '\0' ? TICK : 0.6 * TICK) * unit;
        spiral_canvas_rectangle(sheet->canvas, tick_line(place, bottom, bottom + floor(length), width, true),
                                sheet->ink, 1.0);
        if (axes->above)
            continue;
        double half = spiral_font_width(sheet->font, style.size, tick->label) / 2.0;
        spiral_font_draw(sheet->font, sheet->canvas, fmin(place, right - half),
                         bottom + (TICK + GAP) * unit + spiral_font_height(style.size), tick->label, &style);
    }
}

static void draw_y_ticks(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double unit = sheet->unit, width = line_width(sheet), left = axes->plot.left - width;
    SpiralTextStyle style = {.size = sheet->text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_RIGHT};
    for (size_t i = 0; i < axes->y.tick_count; i++) {
        const SpiralTick *tick = &axes->y.ticks[i];
        double place = spiral_axes_y(axes, tick->value), length = (tick->label[0] != '\0' ? TICK : 0.6 * TICK) * unit;
        spiral_canvas_rectangle(sheet->canvas, tick_line(place, left - floor(length), left, width, false), sheet->ink,
                                1.0);
        spiral_font_draw(sheet->font, sheet->canvas, left - (TICK + GAP) * unit,
                         place + spiral_font_height(style.size) / 2.0, tick->label, &style);
    }
}

static void draw_labels(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    const SpiralRectangle *plot = &axes->plot;
    SpiralTextStyle style = {.size = sheet->text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    char text[LABEL_BYTES], cut[LABEL_BYTES];
    if (!axes->above) {
        label_text(&axes->x, text, sizeof text);
        spiral_font_cut(sheet->font, style.size, text, plot->right - plot->left, cut, sizeof cut);
        double below = axes->x.bare ? 0.0 : (TICK + GAP) * sheet->unit + 1.35 * style.size;
        spiral_font_draw(sheet->font, sheet->canvas, (plot->left + plot->right) / 2.0,
                         plot->bottom + below + 0.9 * style.size, cut, &style);
    }
    label_text(&axes->y, text, sizeof text);
    spiral_font_cut(sheet->font, style.size, text, plot->bottom - plot->top, cut, sizeof cut);
    double left = axes->y.bare ? 0.0 : (TICK + GAP) * sheet->unit + widest_tick(&axes->y, sheet);
    left =
        fmax(left, plot->left - axes->area.left - MARGIN * sheet->unit - 1.5 * style.size); /* in line, if indented */
    style.upwards = true;
    spiral_font_draw(sheet->font, sheet->canvas, plot->left - left - 0.65 * style.size,
                     (plot->top + plot->bottom) / 2.0, cut, &style);
}

static void draw_title(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double left = axes->area.left + MARGIN * sheet->unit, right = axes->area.right - MARGIN * sheet->unit;
    Title title;
    set_title(&title, sheet, axes->title, right - left);
    SpiralTextStyle style = {.size = sheet->title_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    for (size_t i = 0; i < title.lines; i++) {
        double half = spiral_font_width(sheet->font, style.size, title.line[i]) / 2.0;
        double centre = (axes->plot.left + axes->plot.right) / 2.0;
        centre = fmin(fmax(centre, left + half), right - half);
        spiral_font_draw(sheet->font, sheet->canvas, centre,
                         axes->plot.top - 0.55 * style.size - (double)(title.lines - 1 - i) * 1.35 * style.size,
                         title.line[i], &style);
    }
}

void spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double width = line_width(sheet);
    SpiralRectangle frame = axes->plot;
    frame.left -= width;
    frame.top -= width;
    frame.right += width;
    frame.bottom += width;
    spiral_canvas_frame(sheet->canvas, frame, width, sheet->ink);
    draw_x_ticks(axes, sheet);
    draw_y_ticks(axes, sheet);
    draw_labels(axes, sheet);
    draw_title(axes, sheet);
}
