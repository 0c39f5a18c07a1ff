/* Many decision boundaries on one sheet. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "figure/multiples.h"
#include "figure/regions.h"
#include "figure/sampler.h"
#include "figure/scatter.h"
#include "figure/sheet.h"
#include "figure/shorten.h"
#include "spiral/figure.h"

/* Distances, as multiples of the sheet's unit. */
static const double MARGIN = 12.0, GAP = 10.0, MARK = 4.0; /* MARK: the outline's width */

static const double RADIUS = 0.011; /* of an observation, beside the picture's shorter side */

static const double SMALLEST = 0.75; /* of the usual size, for texts that are long */
static const double ROUNDING = 1e-6; /* of a text's width */

/* The lines of all captions, as given and as they fit. */
typedef struct Captions {
    char given[SPIRAL_LINES][SPIRAL_TILES_LIMIT][SPIRAL_NAME_BYTES];
    char fitting[SPIRAL_LINES][SPIRAL_TILES_LIMIT][SPIRAL_NAME_BYTES];
} Captions;

/* Where the tiles are: pictures of one size, each below its caption. */
typedef struct Sheet {
    const SpiralSheet *sheet;
    const SpiralFigureOptions *options;
    SpiralMultiples places; /* in what the title leaves; a caption has the outline's width below */
    double text_size;       /* of the captions */
    size_t lines;           /* of a caption: 2, 1, or none */
    Captions *captions;
    SpiralPlane *plane; /* of the last tile's data, if they have more than two features and no axes were chosen */
    const SpiralTile *last;
} Sheet;

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static SpiralStatus check(size_t count, const SpiralTile *tiles, const SpiralFigureOptions *options, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK && (count == 0 || count > SPIRAL_TILES_LIMIT))
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu tiles; 1..%d are possible", count,
                                  SPIRAL_TILES_LIMIT);
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++) {
        if (tiles[i].network != NULL)
            status = spiral_sampler_check(tiles[i].network, tiles[i].dataset, error);
    }
    return status;
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* The most lines that a caption has. */
static size_t caption_lines(size_t count, const SpiralTile *tiles)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        const char *caption = tiles[i].caption;
        size_t lines = caption == NULL || caption[0] == '\0' ? 0 : strchr(caption, '\n') == NULL ? 1 : SPIRAL_LINES;
        most = lines > most ? lines : most;
    }
    return most;
}

/* Sets sizes for that many columns, and returns the shorter side of a picture. */
static double try_columns(Sheet *sheet, size_t count, const SpiralTile *tiles, size_t columns)
{
    double unit = sheet->sheet->unit;
    SpiralMultiples *places = &sheet->places;
    spiral_multiples_divide(places, count, columns);
    double side = fmin(places->width, places->height);
    sheet->text_size = fmin(sheet->sheet->text_size, fmax(fmax(7.5, 8.5 * unit), 0.085 * side));
    size_t lines = caption_lines(count, tiles);
    size_t room = 0.4 * places->height > spiral_lines_height(2, sheet->text_size) + places->gap ? 2 : 1;
    sheet->lines = lines = lines < room ? lines : room;
    places->caption = ceil(spiral_lines_height(lines, sheet->text_size) + (lines > 0 ? MARK * unit : 0.0));
    return spiral_multiples_side(places);
}

/* As many columns as make the pictures' shorter side the longest. */
static void layout(Sheet *sheet, size_t count, const SpiralTile *tiles)
{
    size_t best = 1;
    double longest = -1.0;
    for (size_t columns = 1; columns <= count; columns++) {
        double side = try_columns(sheet, count, tiles, columns);
        if (side > longest + 0.5) {
            longest = side;
            best = columns;
        }
    }
    try_columns(sheet, count, tiles, best);
}

/* The size at which the lines of a text fit, but not below that part of the given one. */
static double fitting_size(const Sheet *sheet, double size, const char *text, double room)
{
    double widest = 0.0;
    while (text != NULL && text[0] != '\0') {
        char line[SPIRAL_LINE_BYTES];
        const char *feed = strchr(text, '\n');
        size_t length = feed != NULL ? (size_t)(feed - text) : strlen(text);
        snprintf(line, sizeof line, "%.*s", spiral_text_cut(text, length, sizeof line - 1), text);
        widest = fmax(widest, spiral_font_width(sheet->sheet->font, size, line));
        text = feed != NULL ? feed + 1 : NULL;
    }
    return size * fmax(SMALLEST, fmin(1.0, (1.0 - ROUNDING) * room / widest));
}

/* Without room for two lines, both become one. What does not fit is written smaller before it is shortened. */
static void make_captions(Sheet *sheet, size_t count, const SpiralTile *tiles)
{
    Captions *captions = sheet->captions;
    for (size_t i = 0; i < count; i++) {
        const char *caption = tiles[i].caption != NULL ? tiles[i].caption : "", *rest = strchr(caption, '\n');
        size_t first = sheet->lines == SPIRAL_LINES && rest != NULL ? (size_t)(rest - caption) : strlen(caption);
        first = (size_t)spiral_text_cut(caption, first, SPIRAL_NAME_BYTES - 1);
        memcpy(captions->given[0][i], caption, first);
        for (size_t c = 0; c < first; c++)
            if (captions->given[0][i][c] == '\n')
                captions->given[0][i][c] = ' ';
        snprintf(captions->given[1][i], SPIRAL_NAME_BYTES, "%.*s",
                 SPIRAL_TEXT_CUT(rest != NULL ? rest + 1 : "", SPIRAL_NAME_BYTES - 1));
    }
    double room = sheet->places.width - sheet->places.gap, size = sheet->text_size;
    for (size_t i = 0; i < count; i++)
        for (size_t l = 0; l < sheet->lines; l++)
            sheet->text_size = fmin(sheet->text_size, fitting_size(sheet, size, captions->given[l][i], room));
    for (size_t l = 0; l < sheet->lines; l++) {
        const char *names[SPIRAL_TILES_LIMIT];
        for (size_t i = 0; i < count; i++)
            names[i] = captions->given[l][i];
        spiral_shorten_names(sheet->sheet, sheet->text_size, count, names, room, SPIRAL_NAME_BYTES,
                             captions->fitting[l]);
    }
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static bool same_scale(const SpiralNetwork *a, const SpiralNetwork *b)
{
    if (a->scale == NULL || b->scale == NULL)
        return a->scale == b->scale;
    return a->sizes[0] == b->sizes[0] && memcmp(a->scale, b->scale, a->sizes[0] * sizeof *a->scale) == 0;
}

/* Makes the plane of the tile's data, unless it is that of the tile before. */
static SpiralStatus set_plane(Sheet *sheet, const SpiralTile *tile, SpiralError *error)
{
    const SpiralTile *last = sheet->last;
    sheet->last = tile;
    if (sheet->options->axes != NULL || tile->dataset->features <= 2)
        return SPIRAL_OK;
    if (last != NULL && last->dataset == tile->dataset && same_scale(last->network, tile->network))
        return SPIRAL_OK;
    spiral_plane_free(sheet->plane);
    return spiral_plane_create(tile->dataset, tile->network, &sheet->plane, error);
}

static SpiralStatus draw_picture(Sheet *sheet, const SpiralTile *tile, SpiralRectangle area, SpiralError *error)
{
    SpiralScatter scatter = {0};
    SpiralStatus status = set_plane(sheet, tile, error);
    if (status == SPIRAL_OK)
        status = spiral_scatter_set(&scatter, tile->dataset, tile->network, sheet->options->axes, sheet->plane, error);
    if (status == SPIRAL_OK && sheet->options->errors)
        status = spiral_scatter_find_errors(&scatter, tile->network, sheet->options->threads, error);
    SpiralAxes axes = {.area = area, .plot = area};
    SpiralSampler sampler = {.network = tile->network,
                             .scatter = &scatter,
                             .axes = &axes,
                             .threads = sheet->options->threads,
                             .shade = sheet->options->shade};
    if (status == SPIRAL_OK && spiral_scatter_limits(&scatter, sheet->options->margin, sheet->options->limits, &axes))
        spiral_axes_equalize(&axes);
    if (status == SPIRAL_OK)
        status = spiral_sampler_create(&sampler, error);
    if (status == SPIRAL_OK)
        status = spiral_regions_draw(&sampler, sheet->sheet->canvas, error);
    spiral_sampler_release(&sampler);
    if (status == SPIRAL_OK)
        spiral_scatter_draw_points(&scatter, sheet->sheet, &axes, SPIRAL_TILE_POINTS_LIMIT, RADIUS);
    spiral_scatter_release(&scatter);
    return status;
}

static void draw_frame(const Sheet *sheet, const SpiralTile *tile, SpiralRectangle area)
{
    const SpiralSheet *on = sheet->sheet;
    double width = tile->marked ? fmax(3.0, floor(MARK * on->unit + 0.5)) : spiral_sheet_line_width(on);
    SpiralRectangle frame = {area.left - width, area.top - width, area.right + width, area.bottom + width};
    spiral_canvas_frame(on->canvas, frame, width, tile->marked ? on->ink : (SpiralColour){0x99, 0x99, 0x99});
}

static void draw_caption(const Sheet *sheet, size_t place, SpiralRectangle area)
{
    SpiralLines lines = {.count = sheet->lines};
    double size = sheet->text_size;
    for (size_t l = 0; l < sheet->lines; l++)
        snprintf(lines.line[l], SPIRAL_LINE_BYTES, "%s", sheet->captions->fitting[l][place]);
    spiral_lines_draw(&lines, sheet->sheet, size, area.left, area.right, (area.left + area.right) / 2.0,
                      area.top - 0.4 * size - MARK * sheet->sheet->unit);
}

static SpiralStatus draw_tile(Sheet *sheet, const SpiralTile *tile, size_t place, SpiralError *error)
{
    SpiralRectangle area = spiral_multiples_picture(&sheet->places, place);
    SpiralStatus status = SPIRAL_OK;
    if (tile->network != NULL)
        status = draw_picture(sheet, tile, area, error);
    else
        spiral_canvas_rectangle(sheet->sheet->canvas, area, (SpiralColour){0xf2, 0xf2, 0xf2}, 1.0);
    draw_frame(sheet, tile, area);
    draw_caption(sheet, place, area);
    return status;
}

/* A title of two lines can't be broken again: it is written smaller. */
static void draw_title(Sheet *sheet, size_t count)
{
    const SpiralSheet *on = sheet->sheet;
    char made[64];
    snprintf(made, sizeof made, "%zu decision %s", count, count == 1 ? "boundary" : "boundaries");
    const char *title = sheet->options->title != NULL ? sheet->options->title : made;
    SpiralRectangle *area = &sheet->places.area;
    double room = area->right - area->left, size = on->title_size;
    if (strchr(title, '\n') != NULL)
        size = fitting_size(sheet, size, title, room);
    SpiralLines lines;
    spiral_lines_break(&lines, on, size, title, room);
    area->top += ceil(MARGIN * on->unit + spiral_lines_height(lines.count, size));
    spiral_lines_draw(&lines, on, size, area->left, area->right, (area->left + area->right) / 2.0,
                      area->top - 0.55 * size);
}

static SpiralStatus draw(Sheet *sheet, size_t count, const SpiralTile *tiles, SpiralError *error)
{
    double margin = ceil(MARGIN * sheet->sheet->unit);
    SpiralRectangle area = spiral_sheet_area(sheet->sheet);
    area.left += margin;
    area.right -= margin;
    area.bottom -= margin;
    sheet->places = (SpiralMultiples){.area = area, .gap = GAP * sheet->sheet->unit};
    draw_title(sheet, count);
    layout(sheet, count, tiles);
    make_captions(sheet, count, tiles);
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++)
        status = draw_tile(sheet, &tiles[i], i, error);
    return status;
}

SpiralStatus spiral_figure_tiles(size_t count, const SpiralTile *tiles, const SpiralFigureOptions *options,
                                 const char *path, SpiralError *error)
{
    SpiralSheet *sheet = NULL;
    SpiralStatus status = check(count, tiles, options, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK) {
        Sheet tiled = {.sheet = sheet, .options = options, .captions = spiral_allocate(1, sizeof *tiled.captions)};
        status = tiled.captions != NULL
                     ? draw(&tiled, count, tiles, error)
                     : spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the captions of a figure");
        free(tiled.captions);
        spiral_plane_free(tiled.plane);
    }
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    return status;
}
