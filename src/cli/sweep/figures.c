/* figures.c: a sweep's figures: by-OPTION.png for each swept option, heat-map.png of two, curves.png of all
 * runs, and boundaries.png of the kept settings. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"
#include "cli/sweep/sweep.h"

enum { CURVES_DRAWN = 500, NAMES_DRAWN = 40 };
static const double LARGEST_PLACE = 1e200;
static const double LARGEST_LOSS = 10.0; /* times the median: larger losses would squeeze all the others together */

typedef struct Drawing {
    Sweep *sweep;
    SpiralSweepScore *scores; /* (count) best first */
    size_t count;
    bool by_loss, validated;
    double loss_limit;
} Drawing;

/* ---- values on axes ---------------------------------------------------------------------------------------------- */

/* The position of a setting's value on its axis: the number itself, or its index in the list. */
static double place_of(const Sweep *sweep, size_t setting, size_t axis)
{
    const SpiralSweepAxis *values = &sweep->plan->options.axes[axis];
    const char *text = spiral_sweep_plan_value(sweep->plan, setting, axis);
    double number = 0.0;
    if (spiral_sweep_axis_is_number(values) && text_to_real(text, &number))
        return number;
    size_t place = 0;
    while (place + 1 < values->count && strcmp(values->values[place], text) != 0)
        place++;
    return (double)place;
}

static SpiralScale scale_of(const SpiralSweepAxis *axis)
{
    SpiralScale scale = {.label = axis->name, .logarithmic = spiral_sweep_axis_is_logarithmic(axis)};
    if (!spiral_sweep_axis_is_number(axis)) {
        scale.name_count = axis->count;
        scale.names = (const char *const *)axis->values;
    }
    return scale;
}

static int compare_losses(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* Can the figures show the setting? */
static bool has_place(const Drawing *drawing, size_t setting)
{
    bool can = true;
    for (size_t a = 0; a < drawing->sweep->plan->options.axis_count; a++)
        can = can && fabs(place_of(drawing->sweep, setting, a)) <= LARGEST_PLACE;
    return can;
}

static bool is_drawn(const Drawing *drawing, const SpiralSweepScore *score)
{
    return spiral_sweep_score_is_sound(score) && score->loss <= drawing->loss_limit &&
           has_place(drawing, score->setting);
}

static SpiralStatus find_limit(Drawing *drawing, SpiralError *error)
{
    double *losses = cli_allocate(drawing->count, sizeof *losses);
    size_t count = 0;
    if (losses == NULL)
        return cli_no_memory(error);
    for (size_t i = 0; i < drawing->count; i++)
        if (spiral_sweep_score_is_sound(&drawing->scores[i]) && isfinite(drawing->scores[i].loss))
            losses[count++] = drawing->scores[i].loss;
    qsort(losses, count, sizeof *losses, compare_losses);
    drawing->loss_limit = count > 0 ? fmax(1.0, LARGEST_LOSS * losses[count / 2]) : 0.0;
    free(losses);
    return SPIRAL_OK;
}

/* ---- one option -------------------------------------------------------------------------------------------------- */

/* Both panels of by-OPTION.png: all settings as points and, when values repeat or are a list, a line through the best
 * setting of each value with the spread over its seeds. */
typedef struct AxisFigure {
    size_t count;                                  /* number of settings drawn */
    double *x, *y[2];                              /* (count) position; accuracy and loss */
    size_t line_count;                             /* distinct positions */
    double *line_x, *line_y[2], *low[2], *high[2]; /* (line_count) */
    SpiralCurve *curves[2];                        /* (count + 1) */
} AxisFigure;

static bool allocate_axis_figure(AxisFigure *figure, size_t count)
{
    double **arrays[] = {&figure->x,         &figure->y[0],   &figure->y[1],   &figure->line_x,  &figure->line_y[0],
                         &figure->line_y[1], &figure->low[0], &figure->low[1], &figure->high[0], &figure->high[1]};
    bool made = true;
    for (size_t i = 0; i < COUNT(arrays); i++) {
        *arrays[i] = cli_allocate(count, sizeof(double));
        made = made && *arrays[i] != NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        figure->curves[i] = cli_allocate(count + 1, sizeof(SpiralCurve));
        made = made && figure->curves[i] != NULL;
    }
    return made;
}

static void free_axis_figure(AxisFigure *figure)
{
    free(figure->x);
    free(figure->line_x);
    for (size_t i = 0; i < 2; i++) {
        free(figure->y[i]);
        free(figure->line_y[i]);
        free(figure->low[i]);
        free(figure->high[i]);
        free(figure->curves[i]);
    }
}

/* Inserts the score into the line, which is sorted by position, unless a better score has the same position. */
static void add_to_line(AxisFigure *figure, const SpiralSweepScore *score, double x)
{
    size_t at = 0;
    while (at < figure->line_count && figure->line_x[at] < x)
        at++;
    if (at < figure->line_count && !(figure->line_x[at] > x))
        return;
    double *const arrays[] = {figure->line_x, figure->line_y[0], figure->line_y[1], figure->low[0],
                              figure->low[1], figure->high[0],   figure->high[1]};
    for (size_t i = 0; i < COUNT(arrays); i++)
        memmove(arrays[i] + at + 1, arrays[i] + at, (figure->line_count - at) * sizeof(double));
    figure->line_count++;
    figure->line_x[at] = x;
    figure->line_y[0][at] = score->accuracy;
    figure->line_y[1][at] = score->loss;
    figure->low[0][at] = fmax(0.0, score->accuracy - score->accuracy_deviation);
    figure->high[0][at] = fmin(1.0, score->accuracy + score->accuracy_deviation);
    figure->low[1][at] = fmax(score->loss / 10.0, score->loss - score->loss_deviation); /* above 0, for a log axis */
    figure->high[1][at] = score->loss + score->loss_deviation;
}

static void fill_axis_figure(const Drawing *drawing, size_t axis, AxisFigure *figure)
{
    for (size_t i = 0; i < drawing->count; i++) {
        const SpiralSweepScore *score = &drawing->scores[i];
        if (!is_drawn(drawing, score))
            continue;
        double x = place_of(drawing->sweep, score->setting, axis);
        add_to_line(figure, score, x);
        figure->x[figure->count] = x;
        figure->y[0][figure->count] = score->accuracy;
        figure->y[1][figure->count++] = score->loss;
    }
}

/* Random values of a continuous range are all different: a line through them would be noise. */
static bool has_line(const Drawing *drawing, size_t axis)
{
    return drawing->sweep->plan->options.axes[axis].count > 0 && drawing->sweep->plan->round == 0;
}

static size_t make_curves(const Drawing *drawing, size_t axis, AxisFigure *figure)
{
    bool line = has_line(drawing, axis), several = figure->count > figure->line_count,
         seeds = drawing->sweep->settings->seeds > 1;
    size_t made = 0;
    for (size_t i = figure->count; (several || !line) && i-- > 0; made++) /* the best comes last, on top */
        for (size_t p = 0; p < 2; p++)
            figure->curves[p][made] =
                (SpiralCurve){.name = !line && i == 0 ? "best" : NULL,
                              .count = 1,
                              .x = &figure->x[i],
                              .y = &figure->y[p][i],
                              .style = !line && i == 0 ? SPIRAL_CURVE_STRONG : SPIRAL_CURVE_PLAIN};
    if (!line)
        return made;
    for (size_t p = 0; p < 2; p++)
        figure->curves[p][made] = (SpiralCurve){.name = "best",
                                                .count = figure->line_count,
                                                .x = figure->line_x,
                                                .y = figure->line_y[p],
                                                .low = seeds ? figure->low[p] : NULL,
                                                .high = seeds ? figure->high[p] : NULL};
    return made + 1;
}

static void describe_figure(const Drawing *drawing, size_t axis, const AxisFigure *figure, char *title, size_t size)
{
    size_t seeds = drawing->sweep->settings->seeds, left_out = drawing->count - figure->count;
    bool several = figure->count > figure->line_count;
    snprintf(title, size, "Sweep of %s%s", drawing->sweep->plan->options.axes[axis].name,
             has_line(drawing, axis) && several ? ", the best setting with each value" : "");
    if (seeds > 1)
        cli_append(title, size, ", mean and deviation over %zu seeds", seeds);
    if (!has_line(drawing, axis))
        cli_append(title, size, ", the best in blue");
    if (left_out > 0)
        cli_append(title, size, "\n%zu setting%s diverged, failed or off the scale", left_out,
                   left_out == 1 ? "" : "s");
}

static SpiralStatus draw_panels(const Drawing *drawing, size_t axis, AxisFigure *figure, SpiralError *error)
{
    const SpiralSweepAxis *values = &drawing->sweep->plan->options.axes[axis];
    const char *where = drawing->validated ? "validation " : "training ";
    char title[256], name[128], accuracy_label[64], loss_label[64];
    size_t curves = make_curves(drawing, axis, figure);
    describe_figure(drawing, axis, figure, title, sizeof title);
    snprintf(name, sizeof name, "by-%s.png", values->name);
    snprintf(accuracy_label, sizeof accuracy_label, "%saccuracy", where);
    snprintf(loss_label, sizeof loss_label, "%sdata loss", where);
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < figure->count; i++) {
        least = fmin(least, figure->y[1][i]);
        most = fmax(most, figure->y[1][i]);
    }
    const SpiralPanel panels[] = {{accuracy_label, false, 1.0, curves, figure->curves[0]},
                                  {loss_label, least > 0.0 && most > 20.0 * least, 1.0, curves, figure->curves[1]}};
    SpiralScale scale = scale_of(values);
    SpiralFigureOptions options = spiral_figure_defaults();
    options.title = title;
    options.log_x = scale.logarithmic;
    options.x_name_count = scale.name_count;
    options.x_names = scale.names;
    char *path = cli_join(drawing->sweep->folder, name);
    SpiralStatus status = path == NULL
                              ? cli_no_memory(error)
                              : spiral_figure_panels(COUNT(panels), panels, values->name, &options, path, error);
    status = cli_figure_done(status, path, error);
    free(path);
    return status;
}

static SpiralStatus draw_axis(const Drawing *drawing, size_t axis, SpiralError *error)
{
    AxisFigure figure = {0};
    const SpiralSweepAxis *values = &drawing->sweep->plan->options.axes[axis];
    if (!spiral_sweep_axis_is_number(values) && values->count > NAMES_DRAWN)
        return SPIRAL_OK;
    SpiralStatus status = allocate_axis_figure(&figure, drawing->count) ? SPIRAL_OK : cli_no_memory(error);
    if (status == SPIRAL_OK)
        fill_axis_figure(drawing, axis, &figure);
    if (status == SPIRAL_OK && figure.count > 0)
        status = draw_panels(drawing, axis, &figure, error);
    free_axis_figure(&figure);
    return status;
}

/* ---- two options ------------------------------------------------------------------------------------------------- */

static SpiralStatus draw_heat_map(const Drawing *drawing, SpiralError *error)
{
    const Sweep *sweep = drawing->sweep;
    const SpiralSweepAxis *axes = sweep->plan->options.axes;
    double *points = cli_allocate(3 * drawing->count, sizeof *points);
    char *path = cli_join(sweep->folder, "heat-map.png"), title[256], label[64];
    SpiralHeatMap map = {.x = scale_of(&axes[0]), .y = scale_of(&axes[1]), .value_label = label, .best = SIZE_MAX};
    SpiralStatus status = points == NULL || path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < drawing->count; i++) {
        const SpiralSweepScore *score = &drawing->scores[i];
        bool shown = spiral_sweep_score_is_sound(score) && (!drawing->by_loss || score->loss <= drawing->loss_limit);
        if (!has_place(drawing, score->setting))
            continue;
        if (i == 0 && shown)
            map.best = 0;
        points[map.count] = place_of(sweep, score->setting, 0);
        points[drawing->count + map.count] = place_of(sweep, score->setting, 1);
        points[2 * drawing->count + map.count++] = !shown ? NAN : drawing->by_loss ? score->loss : score->accuracy;
    }
    if (status == SPIRAL_OK && map.count > 0) {
        map.xs = points;
        map.ys = points + drawing->count;
        map.values = points + 2 * drawing->count;
        snprintf(label, sizeof label, "%s%s", drawing->validated ? "validation " : "training ",
                 drawing->by_loss ? "data loss" : "accuracy");
        snprintf(title, sizeof title, "Sweep of %s and %s", axes[0].name, axes[1].name);
        SpiralFigureOptions options = spiral_figure_defaults();
        options.title = title;
        status = cli_figure_done(spiral_figure_heat_map(&map, &options, path, error), path, error);
    }
    free(points);
    free(path);
    return status;
}

/* ---- all runs ---------------------------------------------------------------------------------------------------- */

/* Takes the finite points up to the limit; the curve's x and y point into values (2, count). */
static void take_points(const SpiralSweepCurve *curve, double limit, double *values, SpiralCurve *made)
{
    size_t count = 0;
    for (size_t i = 0; i < curve->count; i++)
        if (curve->points[i][1] <= limit) {
            values[count] = curve->points[i][0];
            values[curve->count + count++] = curve->points[i][1];
        }
    *made = (SpiralCurve){.count = count, .x = values, .y = values + curve->count, .style = SPIRAL_CURVE_FAINT};
}

static SpiralStatus draw_curves(const Drawing *drawing, SpiralError *error)
{
    const Sweep *sweep = drawing->sweep;
    size_t runs = spiral_sweep_plan_runs(sweep->plan), stride = runs / CURVES_DRAWN + 1, count = 0, drawn = 0;
    size_t best = spiral_sweep_best_run(sweep->results, sweep->settings->measure, drawing->scores[0].setting);
    for (size_t run = 0; run < sweep->curves.count; run++)
        count += sweep->curves.curves[run].count;
    double *values = cli_allocate(2 * count, sizeof *values), *next = values;
    SpiralCurve *curves = cli_allocate(runs / stride + 2, sizeof *curves);
    char *path = cli_join(sweep->folder, "curves.png"), title[128];
    SpiralStatus status = values == NULL || curves == NULL || path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t run = 0; status == SPIRAL_OK && run < sweep->curves.count && run < runs; run++) {
        const SpiralSweepCurve *curve = &sweep->curves.curves[run];
        if (curve->count == 0 || (run % stride != 0 && run != best))
            continue;
        take_points(curve, fmax(2.0, drawing->loss_limit), next, &curves[drawn]);
        next += 2 * curve->count;
        if (run == best)
            curves[drawn].style = SPIRAL_CURVE_STRONG;
        curves[drawn].name = run == best ? "the best run" : NULL;
        drawn += curves[drawn].count > 0;
    }
    if (status == SPIRAL_OK && drawn > 0) {
        SpiralFigureOptions options = spiral_figure_defaults();
        snprintf(title, sizeof title, "Loss of %zu runs, and of the best of them", runs);
        options.title = title;
        options.log_y = true;
        status = spiral_figure_curves(drawn, curves, "iteration", "training loss", &options, path, error);
        status = cli_figure_done(status, path, error);
    }
    free(values);
    free(curves);
    free(path);
    return status;
}

/* ---- boundaries -------------------------------------------------------------------------------------------------- */

enum { TILE_PIXELS = 220, CAPTION_PIXELS = 40, LEAST_PIXELS = 500, MOST_PIXELS = 1760, WORD_LENGTH = 8 };
static const double TILE_MARGIN = 0.4;

typedef struct Sheet {
    size_t count;
    SpiralTile tiles[SPIRAL_TILES_LIMIT];
    SpiralNetwork *networks[SPIRAL_TILES_LIMIT];
    SweepData *data[SPIRAL_TILES_LIMIT];
    char captions[SPIRAL_TILES_LIMIT][256];
} Sheet;

/* The values, whose option names are in the sheet's title, and below them the score. */
static void describe_tile(const Sweep *sweep, const SpiralSweepScore *score, char *text, size_t size)
{
    char accuracy[SPIRAL_NUMBER_TEXT];
    text[0] = '\0';
    for (size_t a = 0; a < sweep->plan->options.axis_count; a++) {
        const char *value = spiral_sweep_plan_value(sweep->plan, score->setting, a);
        char shorter[32];
        double number;
        bool few = sweep->plan->options.axis_count == 1 || strlen(value) <= WORD_LENGTH; /* the tiles are small */
        if (text_to_real(value, &number))
            snprintf(shorter, sizeof shorter, "%.3g", number);
        else
            snprintf(shorter, sizeof shorter, few ? "%.*s" : "%.*s\u2026", SPIRAL_TEXT_CUT(value, few ? 31 : 7));
        cli_append(text, size, "%s%s", a > 0 ? "; " : "", shorter);
    }
    if (!spiral_sweep_score_is_sound(score))
        cli_append(text, size, "\n%s", score->failed > 0 ? "failed" : "diverged");
    else
        cli_append(text, size, "\naccuracy %s%s", spiral_accuracy_print(score->accuracy, 3, accuracy),
                   score->pruned > 0 ? ", pruned" : "");
}

/* The data of a sweep may have changed since the model was saved. */
static SpiralStatus match_model(SpiralNetwork *network, const SpiralDataset *dataset, const char *path,
                                SpiralError *error)
{
    bool reordered;
    SpiralStatus status = spiral_network_arrange(network, dataset->features, dataset->feature_names, dataset->classes,
                                                 dataset->class_names, &reordered, error);
    return status == SPIRAL_OK ? SPIRAL_OK : cli_error_in(error, path);
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
        if (status == SPIRAL_OK)
            status = sweep_take_data(sweep, &run->train, &sheet->data[i], error);
        if (status == SPIRAL_OK)
            status = match_model(sheet->networks[i], sheet->data[i]->data.dataset, path, error);
        if (status == SPIRAL_OK) {
            describe_tile(sweep, score, sheet->captions[i], sizeof sheet->captions[i]);
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

/* "Decision boundaries by learning-rate; hidden: the 64 best of 200 settings" */
static void name_sheet(const Sweep *sweep, const Sheet *sheet, char *title, size_t size)
{
    size_t settings = sweep->plan->settings;
    snprintf(title, size, "Decision boundaries");
    for (size_t a = 0; a < sweep->plan->options.axis_count; a++)
        cli_append(title, size, "%s%s", a > 0 ? "; " : " by ", sweep->plan->options.axes[a].name);
    if (sheet->count < settings)
        cli_append(title, size, ": the %zu best of %zu settings", sheet->count, settings);
    if (sweep->settings->train.validation != NULL)
        cli_append(title, size, ", accuracy on validation data");
}

static SpiralStatus draw_sheet(const Sweep *sweep, const Sheet *sheet, SpiralError *error)
{
    char *path = cli_join(sweep->folder, "boundaries.png"), title[256];
    size_t columns = (size_t)ceil(sqrt((double)sheet->count)), rows = (sheet->count + columns - 1) / columns;
    SpiralFigureOptions options = spiral_figure_defaults();
    options.width = within_sheet(columns * TILE_PIXELS);
    options.height = within_sheet(rows * (TILE_PIXELS + CAPTION_PIXELS) + CAPTION_PIXELS);
    name_sheet(sweep, sheet, title, sizeof title);
    options.margin = TILE_MARGIN;
    options.title = title;
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : spiral_figure_tiles(sheet->count, sheet->tiles, &options, path, error);
    status = cli_figure_done(status, path, error);
    free(path);
    return status;
}

static SpiralStatus draw_boundaries(Sweep *sweep, SpiralSweepScore *scores, size_t count, SpiralError *error)
{
    SpiralStatus status = sweep_find_inputs(sweep, error);
    if (status != SPIRAL_OK) {
        char *path = cli_join(sweep->folder, "boundaries.png");
        status = path == NULL ? cli_no_memory(error) : cli_figure_done(status, path, error);
        free(path);
        return status;
    }
    Sheet *sheet = cli_allocate(1, sizeof *sheet);
    if (sheet == NULL)
        return cli_no_memory(error);
    size_t best = spiral_sweep_score_is_sound(&scores[0]) ? scores[0].setting : SIZE_MAX;
    if (count > SPIRAL_TILES_LIMIT)
        count = SPIRAL_TILES_LIMIT;
    qsort(scores, count, sizeof *scores, by_setting); /* the best settings, in the order of the sweep */
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++)
        status = add_tile(sweep, &scores[i], scores[i].setting == best, sheet, error);
    if (status == SPIRAL_OK && sheet->count > 0)
        status = draw_sheet(sweep, sheet, error);
    for (size_t i = 0; i < sheet->count; i++) {
        spiral_network_free(sheet->networks[i]);
        sweep_give_back(sheet->data[i]);
    }
    free(sheet);
    return status;
}

/* ---- all figures ------------------------------------------------------------------------------------------------- */

SpiralStatus sweep_draw(Sweep *sweep, SpiralError *error)
{
    Drawing drawing = {.sweep = sweep, .by_loss = sweep->settings->measure == SPIRAL_SWEEP_BY_LOSS};
    for (size_t run = 0; run < spiral_sweep_plan_runs(sweep->plan); run++) {
        const SpiralSweepRow *row = spiral_sweep_results_row(sweep->results, run);
        drawing.validated |= row->status != SPIRAL_SWEEP_NONE && !isnan(row->validation_accuracy);
    }
    SpiralStatus status =
        spiral_sweep_ranking(sweep->results, sweep->settings->measure, &drawing.scores, &drawing.count, error);
    if (status == SPIRAL_OK && drawing.count > 0) {
        status = find_limit(&drawing, error);
        for (size_t axis = 0; status == SPIRAL_OK && axis < sweep->plan->options.axis_count; axis++)
            status = draw_axis(&drawing, axis, error);
        if (status == SPIRAL_OK && sweep->plan->options.axis_count == 2)
            status = draw_heat_map(&drawing, error);
        if (status == SPIRAL_OK)
            status = draw_curves(&drawing, error);
        if (status == SPIRAL_OK)
            status = draw_boundaries(sweep, drawing.scores, drawing.count, error);
    }
    free(drawing.scores);
    return status;
}

SpiralStatus sweep_draw_again(const char *folder, SpiralError *error)
{
    SweepOpened *opened = cli_allocate(1, sizeof *opened);
    char *path = cli_join(folder, "sweep.json");
    SpiralStatus status =
        opened == NULL || path == NULL ? cli_no_memory(error) : sweep_open(NULL, path, folder, opened, error);
    if (status == SPIRAL_OK)
        status = sweep_check_files(&opened->sweep, "--sweep", true, error);
    if (status == SPIRAL_OK)
        status = sweep_read_all(&opened->sweep, error);
    if (status == SPIRAL_OK) {
        opened->sweep.reported = true;
        status = sweep_draw(&opened->sweep, error);
    }
    if (opened != NULL)
        sweep_opened_release(opened);
    free(opened);
    free(path);
    return status;
}
