#define _POSIX_C_SOURCE 200809L
#include "figure/font.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stb/stb_truetype.h>

#include "base/memory.h"
#include "base/text.h"
#include "figure/raster.h"
#include "figure/stb.h"
#include "figure/svg.h"

extern const unsigned char spiral_font_bytes[];

/* Outlines, edges and scan line of the font's most complex glyph at the largest size take a small part of this. */
enum { GLYPH_MEMORY = 1 << 21 };

static const char ELLIPSIS[] = "\xe2\x80\xa6";

struct SpiralFont {
    stbtt_fontinfo info;
    bool spells; /* what it lacks; else that is measured only, for the reader's fonts */
    SpiralArena arena;
    double largest;
    size_t side;     /* of the square that any glyph fits in */
    uint8_t *bitmap; /* (side, side) coverage of one glyph */
};

/* ---- the font ---------------------------------------------------------------------------------------------------- */

SpiralStatus spiral_font_create(double largest, bool spells, SpiralFont **font, SpiralError *error)
{
    *font = NULL;
    SpiralFont *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the font");
    made->spells = spells;
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

/* ---- lines of text ----------------------------------------------------------------------------------------------- */

/* The next glyph of a text, and the pen's place before it, in font units. */
typedef struct Pen {
    const char *next;
    SpiralShown shown; /* the character before next */
    size_t drawn;      /* bytes of shown */
    bool spelled;      /* shown is the number of a character that the font lacks */
    int glyph, advance, place;
} Pen;

static bool has_drawn_character(const Pen *pen)
{
    return pen->drawn == pen->shown.size;
}

static int em_of(const SpiralFont *font)
{
    return (int)lround(1.0 / (double)stbtt_ScaleForMappingEmToPixels(&font->info, 1.0f));
}

/* A character that the font lacks is spelled, "U+4E2D". */
static void take_character(const SpiralFont *font, Pen *pen)
{
    if (pen->spelled)
        pen->place += em_of(font) / 4; /* apart from what follows, which may be digits */
    size_t size, whole;
    pen->shown = spiral_text_shown(pen->next, strnlen(pen->next, 4), &size);
    pen->next += size;
    pen->drawn = 0;
    uint32_t code = spiral_text_decode(pen->shown.bytes, pen->shown.size, &whole);
    pen->spelled = font->spells && whole == pen->shown.size && stbtt_FindGlyphIndex(&font->info, (int)code) == 0;
    if (pen->spelled)
        pen->shown.size = (size_t)snprintf(pen->shown.bytes, sizeof pen->shown.bytes, "U+%04X", (unsigned)code);
}

/* About what a character that the font lacks is wide in another font. */
static int foreign_advance(const SpiralFont *font, const SpiralShown *shown)
{
    return shown->columns == 1 ? 6 * em_of(font) / 10 : shown->columns == 2 ? em_of(font) : 0;
}

static bool move_pen(SpiralFont *font, Pen *pen)
{
    size_t size;
    if (has_drawn_character(pen) && *pen->next == '\0')
        return false;
    if (has_drawn_character(pen))
        take_character(font, pen);
    uint32_t code = spiral_text_decode(pen->shown.bytes + pen->drawn, pen->shown.size - pen->drawn, &size);
    pen->drawn += size;
    int glyph = stbtt_FindGlyphIndex(&font->info, (int)code);
    if (pen->glyph >= 0)
        pen->place += pen->advance + stbtt_GetGlyphKernAdvance(&font->info, pen->glyph, glyph);
    int bearing;
    stbtt_GetGlyphHMetrics(&font->info, glyph, &pen->advance, &bearing);
    if (glyph == 0)
        pen->advance = foreign_advance(font, &pen->shown);
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

/* Draws one glyph with its origin at (x, y). For rotated text the glyph is rendered upright, with its origin rotated,
 * and its bitmap is read by columns. */
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
                spiral_raster_blend(canvas->raster, to_y, -to_x - 1, style->colour, coverage);
            else
                spiral_raster_blend(canvas->raster, to_x, to_y, style->colour, coverage);
        }
}

void spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                      const SpiralTextStyle *style)
{
    if (canvas->svg != NULL) {
        spiral_svg_text(canvas->svg, x, y, text, style);
        return;
    }
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
        if (has_drawn_character(&pen) && (double)(pen.place + pen.advance) * scale <= room &&
            bytes + sizeof ELLIPSIS <= size)
            kept = bytes;
    }
    size_t whole = (size_t)(pen.next - text);
    bool fits = (double)(pen.place + pen.advance) * scale <= widest && whole < size;
    memcpy(cut, text, fits ? whole : kept);
    while (!fits && kept > 0 && cut[kept - 1] == ' ')
        kept--;
    memcpy(cut + (fits ? whole : kept), fits ? "" : ELLIPSIS, fits ? 1 : sizeof ELLIPSIS);
}
