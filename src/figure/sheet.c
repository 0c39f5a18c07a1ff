#include "figure/sheet.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "figure/png.h"
#include "spiral/output.h"

SpiralStatus spiral_sheet_create(const SpiralFigureOptions *options, SpiralSheet **sheet, SpiralError *error)
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
    SpiralStatus status = spiral_canvas_create(options->width, options->height, &made->canvas, error);
    if (status == SPIRAL_OK)
        status = spiral_font_create(made->title_size, &made->font, error);
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
        spiral_png_encode(sheet->canvas->width, sheet->canvas->height, sheet->canvas->pixels, &bytes, &size, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_output_save(path, bytes, size, error);
    free(bytes);
    return status;
}
