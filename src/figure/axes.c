#include "figure/axes.h"

#include <math.h>
#include <string.h>

#include "figure/sheet.h"
#include "figure/shorten.h"

enum { LABEL_BYTES = 512 };

/* Distances, as multiples of the sheet's unit. */
static const double MARGIN = 12.0, TICK = 5.0, GAP = 5.0, EDGE = 4.0;

/* The least width and height of a plot, in pixels. */
static const double LEAST = 8.0;

enum { FREE_PASSES = 3 };

/* Names on an axis: the width, as a multiple of the text size, to which one may be shortened before all are rotated;
 * and the fraction of the figure that a rotated name may take. */
static const double SHORTEST_NAME = 5.0, LONGEST_NAME = 0.28;

/* ---- layout ------------------------------------------------------------------------------------------------------ */

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

/* Shortens the names at the ticks that are wider than that. */
static void shorten_names(SpiralAxis *axis, const SpiralSheet *sheet, double widest)
{
    const char *names[SPIRAL_TICKS];
    char shortened[SPIRAL_TICKS][SPIRAL_NAME_BYTES];
    for (size_t i = 0; i < axis->tick_count; i++)
        names[i] = axis->names[(size_t)axis->ticks[i].value];
    spiral_shorten_names(sheet, sheet->text_size, axis->tick_count, names, widest, SPIRAL_TICK_BYTES, shortened);
    for (size_t i = 0; i < axis->tick_count; i++)
        memcpy(axis->ticks[i].label, shortened[i], strlen(shortened[i]) + 1);
}

/* Puts names side by side if most of each fits, else rotates them; leaves some out if they would still touch. */
static void make_x_names(SpiralAxes *axes, const SpiralSheet *sheet)
{
    SpiralAxis *x = &axes->x;
    double text = sheet->text_size, width = axes->plot.right - axes->plot.left;
    double room = width / (x->high - x->low) - 0.8 * text;
    spiral_axis_ticks(x, SPIRAL_TICKS);
    axes->turned = x->name_count > SPIRAL_TICKS || fmin(widest_tick(x, sheet), SHORTEST_NAME * text) > room;
    if (axes->turned) {
        spiral_axis_ticks(x, (size_t)fmin(SPIRAL_TICKS, fmax(2.0, width / (1.25 * text))));
        room = LONGEST_NAME * (axes->area.bottom - axes->area.top);
    }
    shorten_names(x, sheet, room);
}

static void make_y_names(SpiralAxes *axes, const SpiralSheet *sheet)
{
    double height = axes->plot.bottom - axes->plot.top;
    spiral_axis_ticks(&axes->y, (size_t)fmin(SPIRAL_TICKS, fmax(2.0, height / (1.3 * sheet->text_size))));
    shorten_names(&axes->y, sheet, LONGEST_NAME * (axes->area.right - axes->area.left));
}

/* Removes the labels of marks, or behind a break, that would touch the one before. */
static void thin_marks(SpiralAxis *axis, const SpiralSheet *sheet, double length, bool across)
{
    double text = sheet->text_size, last = -INFINITY, last_half = 0.0;
    for (size_t i = 0; i < axis->tick_count; i++) {
        char *label = axis->ticks[i].label;
        if (label[0] == '\0')
            continue;
        double half = (across ? spiral_font_width(sheet->font, text, label) + 0.6 * text : 1.2 * text) / 2.0;
        double place = spiral_axis_place(axis, axis->ticks[i].value) * length;
        if (fabs(place - last) < half + last_half) {
            label[0] = '\0';
        } else {
            last = place;
            last_half = half;
        }
    }
}

/* As many ticks as have room for their labels, at a comfortable distance. */
static void make_x_ticks(SpiralAxes *axes, const SpiralSheet *sheet)
{
    double width = axes->plot.right - axes->plot.left;
    spiral_axis_ticks(&axes->x, 2);
    if (axes->x.mark_count > 0 && axes->x.tick_count == axes->x.mark_count) {
        thin_marks(&axes->x, sheet, width, true);
        return;
    }
    for (size_t most = (size_t)fmin(12.0, fmax(2.0, width / (60.0 * sheet->unit))); most >= 2; most--) {
        spiral_axis_ticks(&axes->x, most);
        double apart = width;
        double last = -1.0;
        for (size_t i = axes->x.broken > 0.0 ? 1 : 0; i < axes->x.tick_count; i++) { /* the break keeps the 0 apart */
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
    if (axes->x.broken > 0.0)
        thin_marks(&axes->x, sheet, width, true);
}

static void make_ticks(SpiralAxes *axes, const SpiralSheet *sheet)
{
    double height = axes->plot.bottom - axes->plot.top;
    if (axes->y.name_count > 0)
        make_y_names(axes, sheet);
    else
        spiral_axis_ticks(&axes->y, (size_t)fmin(12.0, 2.0 + height / (55.0 * sheet->unit)));
    if ((axes->y.mark_count > 0 && axes->y.tick_count == axes->y.mark_count) || axes->y.broken > 0.0)
        thin_marks(&axes->y, sheet, height, false);
    if (axes->x.name_count > 0)
        make_x_names(axes, sheet);
    else
        make_x_ticks(axes, sheet);
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

/* The height of ticks and labels below the plot. */
static double below_plot(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    if (axes->above)
        return (TICK + GAP) * sheet->unit;
    double x_label = has_label(&axes->x) ? 1.4 * sheet->text_size : 0.0;
    if (axes->x.bare)
        return MARGIN * sheet->unit + x_label;
    double names = axes->turned ? widest_tick(&axes->x, sheet) : sheet->text_size;
    return (MARGIN + TICK + GAP) * sheet->unit + names + x_label;
}

/* The width of ticks and labels to the left of the plot. Where no y labels are in the way, the first x label may reach
 * beyond the plot. */
static double left_of_plot(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double y_label = has_label(&axes->y) ? 1.5 * sheet->text_size : 0.0, reach = 0.0;
    double left = MARGIN + (axes->y.bare ? 0.0 : TICK + GAP);
    for (size_t i = 0; !axes->turned && !axes->above && i < axes->x.tick_count; i++) {
        double half = spiral_font_width(sheet->font, sheet->text_size, axes->x.ticks[i].label) / 2.0;
        double place = spiral_axis_place(&axes->x, axes->x.ticks[i].value) * (axes->plot.right - axes->plot.left);
        reach = fmax(reach, half - place + EDGE * sheet->unit);
    }
    return fmax(fmax(axes->indent, reach), left * sheet->unit + widest_tick(&axes->y, sheet) + y_label);
}

/* Makes the limits, low and high of x and of y, fit the plot, and the ticks for it. */
static void fill_plot(SpiralAxes *axes, const SpiralSheet *sheet, const double limits[4], bool equal)
{
    axes->x.low = limits[0];
    axes->x.high = limits[1];
    axes->y.low = limits[2];
    axes->y.high = limits[3];
    if (equal)
        spiral_axes_equalize(axes);
    make_ticks(axes, sheet);
}

/* The labels' size depends on the ticks, which depend on the room that the labels leave. After a few free passes the
 * room only shrinks, since two sets of ticks might ask for each other for ever. */
void spiral_axes_layout(SpiralAxes *axes, const SpiralSheet *sheet, SpiralRectangle area, bool equal)
{
    double unit = sheet->unit, text = sheet->text_size;
    SpiralLines title;
    spiral_lines_break(&title, sheet, sheet->title_size, axes->title, area.right - area.left - 2.0 * MARGIN * unit);
    const double limits[4] = {axes->x.low, axes->x.high, axes->y.low, axes->y.high};
    SpiralRectangle *plot = &axes->plot;
    axes->area = area;
    plot->top = ceil(area.top + MARGIN * unit + spiral_lines_height(title.count, sheet->title_size));
    plot->bottom = floor(area.bottom - MARGIN * unit - 1.3 * text);
    plot->left = ceil(area.left + MARGIN * unit + 3.0 * text);
    plot->right = floor(area.right - fmax(axes->beside, 2.0 * MARGIN * unit));
    for (int pass = 0;; pass++) {
        fill_plot(axes, sheet, limits, equal);
        double left = ceil(area.left + left_of_plot(axes, sheet));
        double bottom = floor(area.bottom - below_plot(axes, sheet));
        if (pass >= FREE_PASSES) {
            left = fmax(left, plot->left);
            bottom = fmin(bottom, plot->bottom);
        }
        left = fmin(left, plot->right - LEAST);
        bottom = fmax(bottom, plot->top + LEAST);
        if (left == plot->left && bottom == plot->bottom)
            return;
        plot->left = left;
        plot->bottom = bottom;
    }
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

/* A line of whole pixels across the axis at a tick. */
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
    double width = spiral_sheet_line_width(sheet);
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
    double unit = sheet->unit, width = spiral_sheet_line_width(sheet), bottom = axes->plot.bottom + width;
    SpiralTextStyle style = {.size = sheet->text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    double right = axes->area.right - EDGE * unit, free = -INFINITY;
    for (size_t i = 0; i < axes->x.tick_count; i++) {
        const SpiralTick *tick = &axes->x.ticks[i];
        double place = spiral_axes_x(axes, tick->value), length = (tick->label[0] != '\0' ? TICK : 0.6 * TICK) * unit;
        spiral_canvas_rectangle(sheet->canvas, tick_line(place, bottom, bottom + floor(length), width, true),
                                sheet->ink, 1.0);
        if (axes->above)
            continue;
        if (axes->turned) {
            SpiralTextStyle turned = style;
            turned.upwards = true;
            turned.align = SPIRAL_ALIGN_RIGHT;
            spiral_font_draw(sheet->font, sheet->canvas, place + spiral_font_height(style.size) / 2.0,
                             bottom + (TICK + GAP) * unit, tick->label, &turned);
            continue;
        }
        double half = spiral_font_width(sheet->font, style.size, tick->label) / 2.0;
        double middle = fmin(place, right - half);
        if (tick->label[0] == '\0' || middle - half < free) /* no room for both, as far as the edge is */
            continue;
        free = middle + half + 0.2 * style.size;
        spiral_font_draw(sheet->font, sheet->canvas, middle,
                         bottom + (TICK + GAP) * unit + spiral_font_height(style.size), tick->label, &style);
    }
}

static void draw_y_ticks(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double unit = sheet->unit, width = spiral_sheet_line_width(sheet), left = axes->plot.left - width;
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

/* Shortens each caption to the side that it stands at, or if they became the same both to the shorter side. */
static void shorten_captions(const SpiralAxes *axes, const SpiralSheet *sheet, char captions[2][SPIRAL_NAME_BYTES])
{
    const double sides[2] = {axes->plot.right - axes->plot.left, axes->plot.bottom - axes->plot.top};
    char texts[2][LABEL_BYTES];
    const char *const names[2] = {texts[0], texts[1]};
    spiral_axis_caption(&axes->x, texts[0], sizeof texts[0]);
    spiral_axis_caption(&axes->y, texts[1], sizeof texts[1]);
    for (size_t i = 0; i < 2; i++)
        spiral_shorten_names(sheet, sheet->text_size, 1, names + i, sides[i], SPIRAL_NAME_BYTES, captions + i);
    if (strcmp(captions[0], captions[1]) == 0)
        spiral_shorten_names(sheet, sheet->text_size, 2, names, fmin(sides[0], sides[1]), SPIRAL_NAME_BYTES, captions);
}

static void draw_labels(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    const SpiralRectangle *plot = &axes->plot;
    SpiralTextStyle style = {.size = sheet->text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    char captions[2][SPIRAL_NAME_BYTES];
    shorten_captions(axes, sheet, captions);
    if (!axes->above) {
        double below = axes->x.bare ? 0.0 : (TICK + GAP) * sheet->unit + 1.35 * style.size;
        if (axes->turned)
            below += widest_tick(&axes->x, sheet) - style.size;
        spiral_font_draw(sheet->font, sheet->canvas, (plot->left + plot->right) / 2.0,
                         plot->bottom + below + 0.9 * style.size, captions[0], &style);
    }
    double left = axes->y.bare ? 0.0 : (TICK + GAP) * sheet->unit + widest_tick(&axes->y, sheet);
    left =
        fmax(left, plot->left - axes->area.left - MARGIN * sheet->unit - 1.5 * style.size); /* in line, if indented */
    style.upwards = true;
    spiral_font_draw(sheet->font, sheet->canvas, plot->left - left - 0.65 * style.size,
                     (plot->top + plot->bottom) / 2.0, captions[1], &style);
}

static void draw_title(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double left = axes->area.left + MARGIN * sheet->unit, right = axes->area.right - MARGIN * sheet->unit;
    SpiralLines title;
    spiral_lines_break(&title, sheet, sheet->title_size, axes->title, right - left);
    spiral_lines_draw(&title, sheet, sheet->title_size, left, right, (axes->plot.left + axes->plot.right) / 2.0,
                      axes->plot.top - 0.55 * sheet->title_size);
}

/* Two slashes through the frame where an axis is broken. */
static void draw_break(const SpiralAxes *axes, const SpiralSheet *sheet, bool upright)
{
    const SpiralAxis *axis = upright ? &axes->y : &axes->x;
    if (!(axis->broken > 0.0))
        return;
    double unit = sheet->unit, half = spiral_sheet_line_width(sheet) / 2.0;
    double along = upright ? spiral_axes_y(axes, axis->broken) : spiral_axes_x(axes, axis->broken);
    double across = upright ? axes->plot.left - half : axes->plot.bottom + half;
    SpiralRectangle gap = {along - 2.5 * unit, across - half, along + 2.5 * unit, across + half};
    if (upright)
        gap = (SpiralRectangle){across - half, along - 2.5 * unit, across + half, along + 2.5 * unit};
    spiral_canvas_rectangle(sheet->canvas, gap, (SpiralColour){255, 255, 255}, 1.0);
    for (double place = along - 2.5 * unit; place < along + 3.0 * unit; place += 5.0 * unit) {
        double x = upright ? across : place, y = upright ? place : across;
        double right = upright ? 6.0 * unit : 2.5 * unit, up = upright ? 2.5 * unit : 6.0 * unit;
        const double slash[] = {x - right, y + up, x + right, y - up};
        SpiralStroke stroke = {.width = 1.2 * unit, .colour = sheet->ink, .opacity = 1.0};
        spiral_canvas_polyline(sheet->canvas, 2, slash, &stroke);
    }
}

void spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    double width = spiral_sheet_line_width(sheet);
    SpiralRectangle frame = axes->plot;
    frame.left -= width;
    frame.top -= width;
    frame.right += width;
    frame.bottom += width;
    spiral_canvas_frame(sheet->canvas, frame, width, sheet->ink);
    draw_x_ticks(axes, sheet);
    draw_y_ticks(axes, sheet);
    if (!axes->above)
        draw_break(axes, sheet, false);
    draw_break(axes, sheet, true);
    draw_labels(axes, sheet);
    draw_title(axes, sheet);
}
