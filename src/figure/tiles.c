/* Many decision boundaries on one sheet. */
#include <math.h>
#include <stdio.h>

#include "figure/regions.h"
#include "figure/sampler.h"
#include "figure/scatter.h"
#include "figure/sheet.h"
#include "spiral/figure.h"

/* Distances, as multiples of the sheet's unit. */
static const double MARGIN = 12.0, GAP = 10.0, MARK = 4.0; /* MARK: the outline's width */

static const double RADIUS = 0.011; /* of an observation, beside the picture's shorter side */

static const double LINE_HEIGHT = 1.35; /* of the text's size */

/* Where the tiles are: pictures of one size, each below its caption. */
typedef struct Sheet {
    const SpiralSheet *sheet;
    const SpiralFigureOptions *options;
    SpiralRectangle area; /* what the title leaves */
    size_t columns, rows;
    double text_size;     /* of the captions */
    double caption;       /* their height, with the outline's width below */
    bool one_line;        /* no room for more */
    double width, height; /* of a tile with its caption and a gap */
} Sheet;

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static SpiralStatus set_scatter(SpiralScatter *scatter, const SpiralTile *tile, const SpiralFigureOptions *options,
                                SpiralError *error)
{
    const SpiralNetwork *network = tile->network;
    return spiral_scatter_set(scatter, tile->dataset, network->sizes[network->layers],
                              (const char *const *)network->class_names, options->axes, error);
}

static SpiralStatus check(size_t count, const SpiralTile *tiles, const SpiralFigureOptions *options, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK && (count == 0 || count > SPIRAL_TILES_LIMIT))
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu tiles; 1..%d are possible", count,
                                  SPIRAL_TILES_LIMIT);
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++) {
        SpiralScatter scatter;
        if (tiles[i].network == NULL)
            continue;
        status = spiral_sampler_check(tiles[i].network, tiles[i].dataset, error);
        if (status == SPIRAL_OK)
            status = set_scatter(&scatter, &tiles[i], options, error);
    }
    return status;
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* The most lines that a caption of that size takes. */
static size_t caption_lines(const Sheet *sheet, size_t count, const SpiralTile *tiles, double widest)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        SpiralLines lines;
        spiral_lines_break(&lines, sheet->sheet, sheet->text_size, tiles[i].caption, widest);
        most = lines.count > most ? lines.count : most;
    }
    return most;
}

/* Sets sizes for that many columns, and returns the shorter side of a picture. */
static double try_columns(Sheet *sheet, size_t count, const SpiralTile *tiles, size_t columns)
{
    double unit = sheet->sheet->unit, gap = GAP * unit;
    sheet->columns = columns;
    sheet->rows = (count + columns - 1) / columns;
    sheet->width = floor((sheet->area.right - sheet->area.left + gap) / (double)columns);
    sheet->height = floor((sheet->area.bottom - sheet->area.top + gap) / (double)sheet->rows);
    double side = fmin(sheet->width, sheet->height);
    sheet->text_size = fmin(sheet->sheet->text_size, fmax(fmax(7.5, 8.5 * unit), 0.085 * side));
    size_t lines = caption_lines(sheet, count, tiles, sheet->width - gap);
    size_t room = 0.4 * sheet->height > 2.0 * LINE_HEIGHT * sheet->text_size + gap ? 2 : 1;
    lines = lines < room ? lines : room;
    sheet->caption = ceil((double)lines * LINE_HEIGHT * sheet->text_size + (lines > 0 ? MARK * unit : 0.0));
    sheet->one_line = lines == 1;
    return fmin(sheet->width, sheet->height - sheet->caption) - gap;
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

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static SpiralStatus draw_picture(const Sheet *sheet, const SpiralTile *tile, SpiralRectangle area, SpiralError *error)
{
    SpiralScatter scatter;
    SpiralStatus status = set_scatter(&scatter, tile, sheet->options, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralAxes axes = {.area = area, .plot = area};
    if (spiral_scatter_limits(&scatter, sheet->options->margin, sheet->options->limits, &axes))
        spiral_axes_equalize(&axes);
    SpiralSampler sampler = {
        .network = tile->network, .scatter = &scatter, .axes = &axes, .threads = sheet->options->threads};
    status = spiral_sampler_create(&sampler, error);
    if (status == SPIRAL_OK)
        status = spiral_regions_draw(&sampler, sheet->sheet->canvas, error);
    spiral_sampler_release(&sampler);
    if (status == SPIRAL_OK)
        spiral_scatter_draw_points(&scatter, sheet->sheet, &axes, SPIRAL_TILE_POINTS_LIMIT, RADIUS);
    return status;
}

static void draw_frame(const Sheet *sheet, const SpiralTile *tile, SpiralRectangle area)
{
    const SpiralSheet *on = sheet->sheet;
    double width = tile->marked ? fmax(3.0, floor(MARK * on->unit + 0.5)) : fmax(1.0, floor(on->unit + 0.25));
    SpiralRectangle frame = {area.left - width, area.top - width, area.right + width, area.bottom + width};
    spiral_canvas_frame(on->canvas, frame, width, tile->marked ? on->ink : (SpiralColour){0x99, 0x99, 0x99});
}

static void draw_caption(const Sheet *sheet, const SpiralTile *tile, SpiralRectangle area)
{
    SpiralLines lines;
    double size = sheet->text_size, width = area.right - area.left;
    spiral_lines_break(&lines, sheet->sheet, size, tile->caption, width);
    if (sheet->one_line && lines.count > 1) {
        spiral_font_cut(sheet->sheet->font, size, tile->caption, width, lines.line[0], SPIRAL_LINE_BYTES);
        lines.count = 1;
    }
    spiral_lines_draw(&lines, sheet->sheet, size, area.left, area.right, (area.left + area.right) / 2.0,
                      area.top - 0.4 * size - MARK * sheet->sheet->unit);
}

static SpiralStatus draw_tile(const Sheet *sheet, const SpiralTile *tile, size_t place, SpiralError *error)
{
    double gap = ceil(GAP * sheet->sheet->unit);
    double left = floor(sheet->area.left + (double)(place % sheet->columns) * sheet->width);
    double top = floor(sheet->area.top + (double)(place / sheet->columns) * sheet->height);
    SpiralRectangle area = {left, top + sheet->caption, left + sheet->width - gap, top + sheet->height - gap};
    area.right = fmax(area.right, area.left + 1.0);
    area.bottom = fmax(area.bottom, area.top + 1.0);
    SpiralStatus status = SPIRAL_OK;
    if (tile->network != NULL)
        status = draw_picture(sheet, tile, area, error);
    else
        spiral_canvas_rectangle(sheet->sheet->canvas, area, (SpiralColour){0xf2, 0xf2, 0xf2}, 1.0);
    draw_frame(sheet, tile, area);
    draw_caption(sheet, tile, area);
    return status;
}

static SpiralStatus draw(Sheet *sheet, size_t count, const SpiralTile *tiles, SpiralError *error)
{
    const SpiralSheet *on = sheet->sheet;
    double margin = ceil(MARGIN * on->unit);
    char made[64];
    snprintf(made, sizeof made, "%zu decision %s", count, count == 1 ? "boundary" : "boundaries");
    SpiralLines title;
    sheet->area = spiral_sheet_area(on);
    sheet->area.left += margin;
    sheet->area.right -= margin;
    sheet->area.bottom -= margin;
    spiral_lines_break(&title, on, on->title_size, sheet->options->title != NULL ? sheet->options->title : made,
                       sheet->area.right - sheet->area.left);
    sheet->area.top += ceil(margin + (double)title.count * LINE_HEIGHT * on->title_size);
    spiral_lines_draw(&title, on, on->title_size, sheet->area.left, sheet->area.right,
                      (sheet->area.left + sheet->area.right) / 2.0, sheet->area.top - 0.55 * on->title_size);
    layout(sheet, count, tiles);
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
        Sheet tiled = {.sheet = sheet, .options = options};
        status = draw(&tiled, count, tiles, error);
    }
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    return status;
}
