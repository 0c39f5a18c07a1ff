#define _POSIX_C_SOURCE 200809L
#include "figure/sheet.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "spiral/output.h"

/* Of a sheet of 800 pixels, 150 an inch: any larger one is printed at the same size, more finely. */
static const double PER_METRE = 150.0 / 0.0254;

static SpiralCanvasKind kind_of(SpiralFigureFormat format, const char *path)
{
    const char *ending = strrchr(path, '.');
    bool svg = format == SPIRAL_FIGURE_BY_ENDING ? ending != NULL && strcasecmp(ending, ".svg") == 0
                                                 : format == SPIRAL_FIGURE_SVG;
    return svg ? SPIRAL_CANVAS_SVG : SPIRAL_CANVAS_PIXELS;
}

SpiralStatus spiral_sheet_create(const SpiralFigureOptions *options, const char *path, SpiralSheet **sheet,
                                 SpiralError *error)
{
    *sheet = NULL;
    SpiralSheet *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a figure");
    made->unit = fmax(0.6, fmin((double)options->width, (double)options->height) / 800.0);
    made->text_size = 16.0 * made->unit;
    made->title_size = 19.0 * made->unit;
    made->ink = (SpiralColour){0x22, 0x22, 0x22};
    made->grey = (SpiralColour){0x66, 0x66, 0x66};
    made->pale = (SpiralColour){0xe4, 0xe4, 0xe4};
    SpiralCanvasKind kind = kind_of(options->format, path);
    SpiralStatus status = spiral_canvas_create(kind, options->width, options->height, &made->canvas, error);
    if (status == SPIRAL_OK)
        status = spiral_font_create(made->title_size, kind == SPIRAL_CANVAS_PIXELS, &made->font, error);
    if (status != SPIRAL_OK) {
        spiral_sheet_free(made);
        return status;
    }
    *sheet = made;
    return SPIRAL_OK;
}

void spiral_sheet_free(SpiralSheet *sheet)
{
    if (sheet == NULL)
        return;
    spiral_canvas_free(sheet->canvas);
    spiral_font_free(sheet->font);
    free(sheet);
}

SpiralRectangle spiral_sheet_area(const SpiralSheet *sheet)
{
    return (SpiralRectangle){0.0, 0.0, (double)sheet->canvas->width, (double)sheet->canvas->height};
}

SpiralStatus spiral_sheet_save(const SpiralSheet *sheet, const char *path, SpiralError *error)
{
    unsigned char *bytes;
    size_t size;
    SpiralStatus status =
        spiral_canvas_encode(sheet->canvas, (unsigned)lround(sheet->unit * PER_METRE), &bytes, &size, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_output_save(path, bytes, size, error);
    free(bytes);
    return status;
}

double spiral_sheet_line_width(const SpiralSheet *sheet)
{
    return fmax(1.0, floor(sheet->unit + 0.25));
}

/* ---- titles ------------------------------------------------------------------------------------------------------ */

static const double LINE_HEIGHT = 1.35; /* of the text's size */

/* Where a text that is too wide is broken: after the last space before which all fits; 0 when there is none. */
static size_t break_at(const SpiralSheet *sheet, double text_size, const char *text, double widest)
{
    char head[SPIRAL_LINE_BYTES];
    size_t best = 0;
    for (size_t i = 1; text[i] != '\0' && i < SPIRAL_LINE_BYTES; i++) {
        if (text[i] != ' ')
            continue;
        memcpy(head, text, i);
        head[i] = '\0';
        if (spiral_font_width(sheet->font, text_size, head) > widest)
            break;
        best = i;
    }
    return best;
}

void spiral_lines_break(SpiralLines *lines, const SpiralSheet *sheet, double text_size, const char *text, double widest)
{
    lines->count = 0;
    if (text == NULL || text[0] == '\0')
        return;
    char first[SPIRAL_LINE_BYTES];
    snprintf(first, sizeof first, "%s", text);
    const char *second = NULL;
    const char *feed = strchr(text, '\n');
    size_t end = feed != NULL ? (size_t)(feed - text) : 0;
    if (end == 0 && spiral_font_width(sheet->font, text_size, text) > widest)
        end = break_at(sheet, text_size, text, widest);
    if (end > 0 && end < sizeof first) {
        static const char dash[] = " \xe2\x80\x94"; /* that would be left hanging at the end of the line */
        size_t tail = sizeof dash - 1;
        bool hanging = end > tail && memcmp(text + end - tail, dash, tail) == 0;
        first[hanging ? end - tail : end] = '\0';
        second = text + end + 1;
    }
    spiral_font_cut(sheet->font, text_size, first, widest, lines->line[lines->count++], SPIRAL_LINE_BYTES);
    if (second != NULL)
        spiral_font_cut(sheet->font, text_size, second, widest, lines->line[lines->count++], SPIRAL_LINE_BYTES);
}

double spiral_lines_height(size_t count, double text_size)
{
    return (double)count * LINE_HEIGHT * text_size;
}

void spiral_lines_draw(const SpiralLines *lines, const SpiralSheet *sheet, double text_size, double left, double right,
                       double centre, double baseline)
{
    SpiralTextStyle style = {.size = text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    for (size_t i = 0; i < lines->count; i++) {
        double half = spiral_font_width(sheet->font, text_size, lines->line[i]) / 2.0;
        double place = fmin(fmax(centre, left + half), right - half);
        spiral_font_draw(sheet->font, sheet->canvas, place,
                         baseline - spiral_lines_height(lines->count - 1 - i, text_size), lines->line[i], &style);
    }
}
