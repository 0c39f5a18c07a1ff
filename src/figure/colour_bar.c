#include "figure/colour_bar.h"

#include <math.h>

#include "figure/colours.h"

enum { LABEL_BYTES = 512 };

static const char NO_RESULT[] = "no result";

/* Distances, as multiples of the sheet's unit. */
static const double GAP = 16.0, WIDTH = 18.0, TICK = 5.0, MARGIN = 12.0, KEY = 14.0;

static const double ROW = 1.6; /* of the text's size: the height of a row below the bar */

static const SpiralColour grey_ground = {0xd0, 0xd0, 0xd0}, white = {255, 255, 255};

SpiralColour spiral_colour_bar_colour(const SpiralColourBar *bar, double value)
{
    return bar->ramp(spiral_axis_place(&bar->axis, value));
}

static double widest_tick(const SpiralColourBar *bar, const SpiralSheet *sheet)
{
    double widest = 0.0;
    for (size_t i = 0; i < bar->axis.tick_count; i++)
        widest = fmax(widest, spiral_font_width(sheet->font, sheet->text_size, bar->axis.ticks[i].label));
    return widest;
}

double spiral_colour_bar_measure(SpiralColourBar *bar, const SpiralSheet *sheet, double height)
{
    double unit = sheet->unit, text = sheet->text_size;
    double bars = 0.0, keys = 0.0;
    if (!bar->blank) {
        spiral_axis_ticks(&bar->axis, (size_t)fmin(12.0, 2.0 + height / (55.0 * unit)));
        char label[LABEL_BYTES];
        spiral_axis_caption(&bar->axis, label, sizeof label);
        bars = (WIDTH + 2.0 * TICK) * unit + widest_tick(bar, sheet) + (label[0] != '\0' ? 1.6 * text : 0.0);
    }
    if (bar->failed)
        keys = (KEY + 6.0) * unit + spiral_font_width(sheet->font, text, NO_RESULT);
    else if (bar->best)
        keys = (KEY + 6.0) * unit + spiral_font_width(sheet->font, text, "best");
    return ceil((GAP + MARGIN) * unit + fmax(bars, keys));
}

/* ---- marks ------------------------------------------------------------------------------------------------------- */

void spiral_colour_bar_failed(const SpiralSheet *sheet, SpiralRectangle square)
{
    spiral_canvas_rectangle(sheet->canvas, square, grey_ground, 1.0);
    double side = fmin(square.right - square.left, square.bottom - square.top);
    if (side < 4.0)
        return;
    double x = (square.left + square.right) / 2.0, y = (square.top + square.bottom) / 2.0;
    double half = fmin(0.28 * side, 7.0 * sheet->unit);
    const double falling[] = {x - half, y - half, x + half, y + half};
    const double rising[] = {x - half, y + half, x + half, y - half};
    SpiralStroke stroke = {
        .width = fmin(fmax(1.0, 1.6 * sheet->unit), 0.15 * side), .colour = sheet->grey, .opacity = 1.0};
    spiral_canvas_polyline(sheet->canvas, 2, falling, &stroke);
    spiral_canvas_polyline(sheet->canvas, 2, rising, &stroke);
}

/* Dark outside and white inside, so that it shows on every colour. */
void spiral_colour_bar_outline(const SpiralSheet *sheet, SpiralRectangle area)
{
    double width = fmax(2.0, floor(2.5 * sheet->unit + 0.5)), inner = fmax(1.0, floor(1.5 * sheet->unit + 0.5));
    SpiralRectangle inside = {area.left + width, area.top + width, area.right - width, area.bottom - width};
    if (inside.right - inside.left > 4.0 * inner && inside.bottom - inside.top > 4.0 * inner)
        spiral_canvas_frame(sheet->canvas, inside, inner, white);
    spiral_canvas_frame(sheet->canvas, area, width, sheet->ink);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void draw_keys(const SpiralColourBar *bar, const SpiralSheet *sheet, double left, double bottom)
{
    double side = floor(KEY * sheet->unit), text = sheet->text_size;
    SpiralTextStyle style = {.size = text, .colour = sheet->ink};
    for (int key = 0; key < 2; key++) {
        if (!(key == 0 ? bar->failed : bar->best))
            continue;
        SpiralRectangle square = {floor(left), floor(bottom - side), floor(left) + side, floor(bottom)};
        if (key == 0)
            spiral_colour_bar_failed(sheet, square);
        else
            spiral_colour_bar_outline(sheet, square);
        spiral_font_draw(sheet->font, sheet->canvas, square.right + 6.0 * sheet->unit,
                         bottom - side / 2.0 + spiral_font_height(text) / 2.0, key == 0 ? NO_RESULT : "best", &style);
        bottom -= ROW * text;
    }
}

static void draw_ticks(const SpiralColourBar *bar, const SpiralSheet *sheet, const SpiralRectangle *area)
{
    double unit = sheet->unit, width = spiral_sheet_line_width(sheet), left = area->right + width,
           text = sheet->text_size;
    SpiralTextStyle style = {.size = text, .colour = sheet->ink};
    for (size_t i = 0; i < bar->axis.tick_count; i++) {
        const SpiralTick *tick = &bar->axis.ticks[i];
        double place = area->bottom - spiral_axis_place(&bar->axis, tick->value) * (area->bottom - area->top);
        double top = floor(place - width / 2.0 + 0.5);
        spiral_canvas_rectangle(sheet->canvas, (SpiralRectangle){left, top, left + floor(TICK * unit), top + width},
                                sheet->ink, 1.0);
        spiral_font_draw(sheet->font, sheet->canvas, left + 2.0 * TICK * unit, place + spiral_font_height(text) / 2.0,
                         tick->label, &style);
    }
    char label[LABEL_BYTES], cut[LABEL_BYTES];
    spiral_axis_caption(&bar->axis, label, sizeof label);
    spiral_font_cut(sheet->font, text, label, area->bottom - area->top, cut, sizeof cut);
    style.align = SPIRAL_ALIGN_CENTRE;
    style.upwards = true;
    spiral_font_draw(sheet->font, sheet->canvas, left + 2.0 * TICK * unit + widest_tick(bar, sheet) + 1.3 * text,
                     (area->top + area->bottom) / 2.0, cut, &style);
}

/* A colour for each row of pixels, some of them at a time. */
static void draw_ramp(const SpiralColourBar *bar, const SpiralSheet *sheet, const SpiralRectangle *area)
{
    enum { ROWS = 256 };
    SpiralColour rows[ROWS];
    for (SpiralRectangle part = *area; part.top < area->bottom; part.top = part.bottom) {
        part.bottom = fmin(part.top + ROWS, area->bottom);
        size_t count = (size_t)(part.bottom - part.top);
        for (size_t i = 0; i < count; i++)
            rows[i] = bar->ramp((area->bottom - part.top - (double)i - 0.5) / (area->bottom - area->top));
        spiral_canvas_cells(sheet->canvas, part, 1, count, rows);
    }
}

void spiral_colour_bar_draw(const SpiralColourBar *bar, const SpiralSheet *sheet, const SpiralRectangle *plot)
{
    double unit = sheet->unit, width = spiral_sheet_line_width(sheet), left = ceil(plot->right + GAP * unit);
    double rows = (bar->failed ? 1.0 : 0.0) + (bar->best ? 1.0 : 0.0);
    draw_keys(bar, sheet, left, plot->bottom);
    if (bar->blank)
        return;
    SpiralRectangle area = {left, plot->top, left + floor(WIDTH * unit),
                            floor(plot->bottom - rows * ROW * sheet->text_size)};
    draw_ramp(bar, sheet, &area);
    SpiralRectangle frame = {area.left - width, area.top - width, area.right + width, area.bottom + width};
    spiral_canvas_frame(sheet->canvas, frame, width, sheet->ink);
    draw_ticks(bar, sheet, &area);
}
