/* boundaries.c: boundaries.png or .svg, the decision boundaries of a sweep's kept settings. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"

enum { TILES = 20, TILE_PIXELS = 260, CAPTION_PIXELS = 50, LEAST_PIXELS = 500, MOST_PIXELS = 5 * TILE_PIXELS };
static const double TILE_MARGIN = 0.4; /* around generated data */

struct SweepBoundaries {
    size_t count, features[2]; /* those of --axes */
    SpiralTile tiles[TILES];
    SpiralNetwork *networks[TILES];
    SweepData *data[TILES];
    SpiralSweepScore scores[TILES];
    char captions[TILES][256];
};
typedef struct SweepBoundaries Sheet;

/* The accuracy, and below it the values, whose option names are in the sheet's title; numbers with so many significant
 * digits, 0: as they are. */
static void describe_tile(const Sweep *sweep, const SpiralSweepScore *score, int digits, char *text, size_t size)
{
    char accuracy[SPIRAL_NUMBER_TEXT];
    double number;
    if (!spiral_sweep_score_is_sound(score))
        snprintf(text, size, "%s", score->failed > 0 ? "failed" : "diverged");
    else
        snprintf(text, size, "%s accuracy%s", spiral_accuracy_print(score->accuracy, 3, accuracy),
                 score->pruned > 0 ? ", pruned" : "");
    for (size_t a = 0; a < sweep->plan->options.axis_count; a++) {
        const char *value = spiral_sweep_plan_value(sweep->plan, score->setting, a);
        cli_append(text, size, "%s", a > 0 ? "; " : "\n");
        if (digits > 0 && text_to_real(value, &number))
            cli_append(text, size, "%.*g", digits, number);
        else
            cli_append(text, size, "%.*s", SPIRAL_TEXT_CUT(value, 63));
    }
}

/* With as few digits as tell the settings apart. */
static void describe_tiles(const Sweep *sweep, Sheet *sheet)
{
    static const int digits[] = {3, 4, 5, 6, 0};
    bool same = true;
    for (size_t d = 0; same && d < COUNT(digits); d++) {
        same = false;
        for (size_t i = 0; i < sheet->count; i++) {
            describe_tile(sweep, &sheet->scores[i], digits[d], sheet->captions[i], sizeof sheet->captions[i]);
            for (size_t j = 0; j < i; j++)
                same = same || strcmp(strchr(sheet->captions[i], '\n'), strchr(sheet->captions[j], '\n')) == 0;
        }
    }
}

/* Adds the tile of the setting's best run, if its model exists. */
static SpiralStatus add_tile(Sweep *sweep, const SpiralSweepScore *score, bool best, Sheet *sheet, SpiralError *error)
{
    size_t i = sheet->count;
    size_t number = spiral_sweep_best_run(sweep->results, sweep->settings->measure, score->setting);
    char *path = sweep_run_path(sweep, number, "model.npz");
    SweepRun *run = cli_allocate(1, sizeof *run);
    SpiralStatus status = path == NULL || run == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK && access(path, F_OK) == 0) {
        status = spiral_network_load(path, &sheet->networks[i], error);
        if (status == SPIRAL_OK)
            sheet->count++;
        if (status == SPIRAL_OK)
            status = sweep_run_make(sweep, number, run, error);
        if (status == SPIRAL_OK) /* before memory is taken for the data that sweep.json describes */
            status = train_check_model(&run->train, sheet->networks[i], path, error);
        if (status == SPIRAL_OK)
            status = sweep_take_data(sweep, &run->train, &sheet->data[i], error);
        if (status == SPIRAL_OK)
            status = train_match_model(sheet->data[i]->data.dataset, sheet->networks[i], path, error);
        if (status == SPIRAL_OK) {
            sheet->scores[i] = *score;
            sheet->tiles[i] = (SpiralTile){sheet->networks[i], sheet->data[i]->data.dataset, sheet->captions[i], best};
        }
    }
    free(path);
    free(run);
    return status;
}

static int by_setting(const void *first, const void *second)
{
    const SpiralSweepScore *a = first, *b = second;
    return (a->setting > b->setting) - (a->setting < b->setting);
}

static size_t within_sheet(size_t value)
{
    return value < LEAST_PIXELS ? LEAST_PIXELS : value > MOST_PIXELS ? MOST_PIXELS : value;
}

/* "Decision boundaries by learning-rate; hidden: the best 20 of 200", and below it which accuracy that is and whose
 * boundary. */
static void name_sheet(const Sweep *sweep, const Sheet *sheet, char *title, size_t size)
{
    size_t settings = sweep->plan->settings, seeds = sweep->plan->options.seeds;
    bool components = sheet->data[0]->data.dataset->features > 2 && sweep->settings->train.figures.axes == NULL;
    snprintf(title, size, "Decision boundaries%s", components ? " on two principal components" : "");
    for (size_t a = 0; a < sweep->plan->options.axis_count; a++)
        cli_append(title, size, "%s%s", a > 0 ? "; " : " by ", sweep->plan->options.axes[a].name);
    if (sheet->count < settings)
        cli_append(title, size, ": the best %zu of %zu", sheet->count, settings);
    bool validated = sweep->settings->train.validation != NULL;
    if (validated || seeds > 1)
        cli_append(title, size, "\nAccuracy on the %s data", validated ? "validation" : "training");
    if (seeds > 1)
        cli_append(title, size, ", mean over %zu seeds; drawn is the best seed", seeds);
}

static SpiralStatus draw_sheet(const Sweep *sweep, const Sheet *sheet, SpiralError *error)
{
    char *path = cli_join_figure(sweep->folder, "boundaries", sweep->settings->train.figure_format), title[256];
    size_t columns = (size_t)ceil(sqrt((double)sheet->count)), rows = (sheet->count + columns - 1) / columns;
    name_sheet(sweep, sheet, title, sizeof title);
    SpiralFigureOptions options = sweep_figure_options(sweep->settings, title);
    const FigureSettings *figures = &sweep->settings->train.figures;
    if (figures->size == NULL) {
        options.width = within_sheet(columns * TILE_PIXELS);
        options.height = within_sheet(rows * (TILE_PIXELS + CAPTION_PIXELS) + CAPTION_PIXELS);
    }
    options.margin = figures->margin;
    if (isnan(options.margin) && sweep->settings->train.run.data.path == NULL)
        options.margin = TILE_MARGIN;
    options.axes = figures->axes != NULL ? sheet->features : NULL;
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : spiral_figure_tiles(sheet->count, sheet->tiles, &options, path, error);
    status = cli_figure_done(status, path, error);
    free(path);
    return status;
}

/* Warns that the data are not found. */
static SpiralStatus leave_out(const Sweep *sweep, SpiralStatus status, SpiralError *error)
{
    char *path = cli_join_figure(sweep->folder, "boundaries", sweep->settings->train.figure_format);
    status = path == NULL ? cli_no_memory(error) : cli_figure_done(status, path, error);
    free(path);
    return status;
}

SpiralStatus sweep_boundaries_read(Sweep *sweep, const SpiralSweepScore *scores, size_t count, SweepBoundaries **made,
                                   SpiralError *error)
{
    SpiralSweepScore shown[TILES];
    *made = NULL;
    SpiralStatus status = sweep_find_inputs(sweep, error);
    if (status != SPIRAL_OK)
        return leave_out(sweep, status, error);
    Sheet *sheet = cli_allocate(1, sizeof *sheet);
    if (sheet == NULL)
        return cli_no_memory(error);
    size_t best = spiral_sweep_score_is_sound(&scores[0]) ? scores[0].setting : SIZE_MAX;
    if (count > TILES)
        count = TILES;
    memcpy(shown, scores, count * sizeof *shown);
    qsort(shown, count, sizeof *shown, by_setting); /* the best settings, in the order of the sweep */
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++)
        status = add_tile(sweep, &shown[i], shown[i].setting == best, sheet, error);
    if (status == SPIRAL_OK && sheet->count > 0)
        status = sweep_find_axes(sweep->settings, sheet->data[0]->data.dataset, sheet->features, error);
    if (status != SPIRAL_OK) {
        sweep_boundaries_free(sheet);
        return status;
    }
    describe_tiles(sweep, sheet);
    *made = sheet;
    return SPIRAL_OK;
}

SpiralStatus sweep_boundaries_draw(const Sweep *sweep, const SweepBoundaries *boundaries, SpiralError *error)
{
    return boundaries != NULL && boundaries->count > 0 ? draw_sheet(sweep, boundaries, error) : SPIRAL_OK;
}

void sweep_boundaries_free(SweepBoundaries *boundaries)
{
    for (size_t i = 0; boundaries != NULL && i < boundaries->count; i++) {
        spiral_network_free(boundaries->networks[i]);
        sweep_give_back(boundaries->data[i]);
    }
    free(boundaries);
}
