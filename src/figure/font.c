#include "figure/font.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stb/stb_truetype.h>

#include "base/memory.h"
#include "figure/stb.h"

extern const unsigned char spiral_font_bytes[];

/* Outlines, edges and scan line of the font's most complex glyph at the largest size take a small part of this. */
enum { GLYPH_MEMORY = 1 << 21, REPLACEMENT = 0xfffd };

static const char ELLIPSIS[] = "\xe2\x80\xa6";

struct SpiralFont {
    stbtt_fontinfo info;
    SpiralArena arena;
    double largest;
    size_t side;     /* of the square that any glyph fits in */
    uint8_t *bitmap; /* (side, side) coverage of one glyph */
};

/* ---- the font ---------------------------------------------------------------------------------------------------- */

SpiralStatus spiral_font_create(double largest, SpiralFont **font, SpiralError *error)
{
    *font = NULL;
    SpiralFont *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the font");
    made->largest = fmax(1.0, fmin(largest, 2000.0));
    made->info.userdata = &made->arena;
    if (!stbtt_InitFont(&made->info, spiral_font_bytes, stbtt_GetFontOffsetForIndex(spiral_font_bytes, 0))) {
        free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "the embedded font can't be read");
    }
    int x0, y0, x1, y1;
    stbtt_GetFontBoundingBox(&made->info, &x0, &y0, &x1, &y1);
    double scale = (double)stbtt_ScaleForMappingEmToPixels(&made->info, (float)made->largest);
    made->side = (size_t)(scale * fmax((double)(x1 - x0), (double)(y1 - y0))) + 4;
    made->bitmap = spiral_allocate(made->side, made->side);
    made->arena.bytes = spiral_allocate(GLYPH_MEMORY, 1);
    made->arena.size = GLYPH_MEMORY;
    if (made->bitmap == NULL || made->arena.bytes == NULL) {
        spiral_font_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the font");
    }
    *font = made;
    return SPIRAL_OK;
}

void spiral_font_free(SpiralFont *font)
{
    if (font == NULL)
        return;
    free(font->bitmap);
    free(font->arena.bytes);
    free(font);
}

static double scale_of(const SpiralFont *font, double size)
{
    return (double)stbtt_ScaleForMappingEmToPixels(&font->info, (float)fmin(size, font->largest));
}

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------- */

/* The character at *text, which moves on by at least one byte; 0 at the end. Overlong forms, surrogates and stray bytes
 * are U+FFFD. */
static int next_character(const char **text)
{
    const unsigned char *c = (const unsigned char *)*text;
    if (c[0] == 0)
        return 0;
    (*text)++;
    if (c[0] < 0x80)
        return c[0] < 0x20 || c[0] == 0x7f ? ' ' : c[0];
    int more = c[0] >= 0xf0 ? 3 : c[0] >= 0xe0 ? 2 : 1;
    static const int smallest[] = {0, 0x80, 0x800, 0x10000};
    if (c[0] < 0xc2 || c[0] > 0xf4)
        return REPLACEMENT;
    int code = c[0] & (0x3f >> more);
    for (int i = 1; i <= more; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return REPLACEMENT;
        code = code << 6 | (c[i] & 0x3f);
    }
    if (code < smallest[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return REPLACEMENT;
    *text += more;
    return code;
}

/* ---- lines of text ----------------------------------------------------------------------------------------------- */

/* The next glyph of a text, and the pen's place before it, in font units. */
typedef struct Pen {
    const char *next;
    int glyph, advance, place;
} Pen;

static bool move_pen(SpiralFont *font, Pen *pen)
{
    int code = next_character(&pen->next);
    if (code == 0)
        return false;
    int glyph = stbtt_FindGlyphIndex(&font->info, code);
    if (pen->glyph >= 0)
        pen->place += pen->advance + stbtt_GetGlyphKernAdvance(&font->info, pen->glyph, glyph);
    int bearing;
    stbtt_GetGlyphHMetrics(&font->info, glyph, &pen->advance, &bearing);
    pen->glyph = glyph;
    return true;
}

double spiral_font_width(SpiralFont *font, double size, const char *text)
{
    Pen pen = {.next = text, .glyph = -1};
    while (move_pen(font, &pen))
        continue;
    return (double)(pen.place + pen.advance) * scale_of(font, size);
}

double spiral_font_height(double size)
{
    return 0.73 * size;
}

/* Draws one glyph with its origin at (x, y). A glyph of a turned text is laid out unturned, with its origin where the
 * turn takes it, and its bitmap is read by columns. */
static void draw_glyph(SpiralFont *font, SpiralCanvas *canvas, int glyph, double scale, double x, double y,
                       const SpiralTextStyle *style)
{
    double along = style->upwards ? -y : x, across = style->upwards ? x : y;
    double column = floor(along), row = floor(across);
    float shift_x = (float)(along - column), shift_y = (float)(across - row);
    int x0, y0, x1, y1;
    stbtt_GetGlyphBitmapBoxSubpixel(&font->info, glyph, (float)scale, (float)scale, shift_x, shift_y, &x0, &y0, &x1,
                                    &y1);
    int width = x1 - x0, height = y1 - y0, side = (int)font->side;
    if (width <= 0 || height <= 0 || width > side || height > side || fabs(column) > 1e6 || fabs(row) > 1e6)
        return;
    font->arena.used = 0;
    memset(font->bitmap, 0, (size_t)width * (size_t)height);
    stbtt_MakeGlyphBitmapSubpixel(&font->info, font->bitmap, width, height, width, (float)scale, (float)scale, shift_x,
                                  shift_y, glyph);
    for (int j = 0; j < height; j++)
        for (int i = 0; i < width; i++) {
            long to_x = (long)column + x0 + i, to_y = (long)row + y0 + j;
            double coverage = (double)font->bitmap[j * width + i] / 255.0;
            if (style->upwards)
                spiral_canvas_blend(canvas, to_y, -to_x - 1, style->colour, coverage);
            else
                spiral_canvas_blend(canvas, to_x, to_y, style->colour, coverage);
        }
}

void spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                      const SpiralTextStyle *style)
{
    double width = style->align == SPIRAL_ALIGN_LEFT ? 0.0 : spiral_font_width(font, style->size, text);
    double start = style->align == SPIRAL_ALIGN_CENTRE ? -width / 2.0 : -width;
    double scale = scale_of(font, style->size);
    Pen pen = {.next = text, .glyph = -1};
    while (move_pen(font, &pen)) {
        double along = start + (double)pen.place * scale;
        draw_glyph(font, canvas, pen.glyph, scale, style->upwards ? x : x + along, style->upwards ? y - along : y,
                   style);
    }
}

void spiral_font_cut(SpiralFont *font, double text_size, const char *text, double widest, char *cut, size_t size)
{
    double scale = scale_of(font, text_size);
    double room = widest - spiral_font_width(font, text_size, ELLIPSIS);
    size_t kept = 0; /* bytes that leave room for the ellipsis */
    Pen pen = {.next = text, .glyph = -1};
    while (move_pen(font, &pen)) {
        size_t bytes = (size_t)(pen.next - text);
        if ((double)(pen.place + pen.advance) * scale <= room && bytes + sizeof ELLIPSIS <= size)
            kept = bytes;
    }
    size_t whole = (size_t)(pen.next - text);
    bool fits = (double)(pen.place + pen.advance) * scale <= widest && whole < size;
    memcpy(cut, text, fits ? whole : kept);
    while (!fits && kept > 0 && cut[kept - 1] == ' ')
        kept--;
    memcpy(cut + (fits ? whole : kept), fits ? "" : ELLIPSIS, fits ? 1 : sizeof ELLIPSIS);
}
