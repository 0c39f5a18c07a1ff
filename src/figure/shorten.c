#include "figure/shorten.h"

typedef struct Face {
    const SpiralSheet *sheet;
    double text_size;
} Face;

static double width_of(const void *context, const char *text)
{
    const Face *face = context;
    return spiral_font_width(face->sheet->font, face->text_size, text);
}

void spiral_shorten_names(const SpiralSheet *sheet, double text_size, size_t count, const char *const *names,
                          double widest, size_t bytes, char (*shortened)[SPIRAL_NAME_BYTES])
{
    const Face face = {sheet, text_size};
    const SpiralShortening how = {.width = width_of,
                                  .context = &face,
                                  .ellipsis = "\xe2\x80\xa6",
                                  .share = 0.5,
                                  .gap = text_size / 4.0,
                                  .widest = widest,
                                  .bytes = bytes};
    spiral_shorten(&how, count, names, shortened);
}
