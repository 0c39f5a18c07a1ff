/* figures.c: a sweep's figures: by-OPTION for each swept option, heat-map of two, curves of all runs. */
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
static const double LOG_RATIO = 20.0;  /* losses that reach as many times the least are shown by their logarithms */
static const double ROOM_ABOVE = 10.0; /* a run's curve is shown up to so many times the largest result */

typedef struct Drawing {
    Sweep *sweep;
    SpiralSweepScore *scores; /* (count) best first */
    size_t count;
    bool by_loss, validated;
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

/* Are the values better shown by their logarithms? A list may have a 0 among them. */
static bool is_logarithmic(const SpiralSweepAxis *axis)
{
    double least = INFINITY, most = 0.0, number;
    if (spiral_sweep_axis_is_logarithmic(axis))
        return true;
    if (axis->kind != SPIRAL_SWEEP_LIST && axis->kind != SPIRAL_SWEEP_CHOICE)
        return false;
    for (size_t i = 0; i < axis->count; i++) {
        if (text_to_real(axis->values[i], &number) && number > 0.0) {
            least = fmin(least, number);
            most = fmax(most, number);
        }
    }
    return most >= 10.0 * least;
}

static SpiralScale scale_of(const SpiralSweepAxis *axis)
{
    SpiralScale scale = {.label = axis->name};
    if (spiral_sweep_axis_is_number(axis)) {
        scale.logarithmic = is_logarithmic(axis);
    } else {
        scale.name_count = axis->count;
        scale.names = (const char *const *)axis->values;
    }
    return scale;
}

/* Has the setting a place on the axis? */
static bool has_place(const Drawing *drawing, size_t setting, size_t axis)
{
    return fabs(place_of(drawing->sweep, setting, axis)) <= LARGEST_PLACE;
}

/* Do the losses of the settings that trained differ so much that only logarithms can show them? */
static bool losses_need_logarithms(const Drawing *drawing)
{
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < drawing->count; i++) {
        const SpiralSweepScore *score = &drawing->scores[i];
        if (!spiral_sweep_score_is_sound(score) || !isfinite(score->loss))
            continue;
        least = score->loss > 0.0 ? fmin(least, score->loss) : least;
        most = fmax(most, score->loss);
    }
    return most > LOG_RATIO * least;
}

static void count_settings(char *title, size_t size, size_t count, const char *what, bool *first)
{
    if (count == 0)
        return;
    cli_append(title, size, "%s%zu setting%s %s", *first ? "\n" : ", ", count, count == 1 ? "" : "s", what);
    *first = false;
}

/* Adds a line on the settings without a result: "3 settings diverged, 1 setting failed". */
static void describe_losses(const Drawing *drawing, char *title, size_t size)
{
    size_t diverged = 0, failed = 0;
    bool first = true;
    for (size_t i = 0; i < drawing->count; i++) {
        const SpiralSweepScore *score = &drawing->scores[i];
        failed += score->failed > 0;
        diverged += score->failed == 0 && score->diverged > 0;
    }
    bool seeds = drawing->sweep->settings->seeds > 1;
    count_settings(title, size, diverged, seeds ? "diverged with one seed or more" : "diverged", &first);
    count_settings(title, size, failed, "failed", &first);
}

/* ---- one option -------------------------------------------------------------------------------------------------- */

/* Both panels of by-OPTION: all settings as points and, when values repeat or are a list, a line through the best
 * setting of each value with the spread over its seeds. */
typedef struct AxisFigure {
    size_t count;                                  /* number of settings drawn */
    bool trained;                                  /* is there one that did not diverge? */
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

/* A setting that diverged has no result: the axes mark its place where the worst ends. One that failed was not trained.
 */
static void fill_axis_figure(const Drawing *drawing, size_t axis, AxisFigure *figure)
{
    for (size_t i = 0; i < drawing->count; i++) {
        SpiralSweepScore score = drawing->scores[i];
        if (score.failed > 0 || !has_place(drawing, score.setting, axis))
            continue;
        if (score.diverged > 0) {
            score.accuracy = -INFINITY;
            score.loss = INFINITY;
        }
        double x = place_of(drawing->sweep, score.setting, axis);
        add_to_line(figure, &score, x);
        figure->x[figure->count] = x;
        figure->y[0][figure->count] = score.accuracy;
        figure->y[1][figure->count++] = score.loss;
        figure->trained = figure->trained || score.diverged == 0;
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
    size_t seeds = drawing->sweep->settings->seeds;
    bool several = figure->count > figure->line_count;
    snprintf(title, size, "Sweep of %s%s", drawing->sweep->plan->options.axes[axis].name,
             has_line(drawing, axis) && several ? ", the best setting with each value" : "");
    if (seeds > 1)
        cli_append(title, size, ", mean and deviation over %zu seeds", seeds);
    if (!has_line(drawing, axis))
        cli_append(title, size, ", the best in blue");
    describe_losses(drawing, title, size);
}

static SpiralStatus draw_panels(const Drawing *drawing, size_t axis, AxisFigure *figure, SpiralError *error)
{
    const SpiralSweepAxis *values = &drawing->sweep->plan->options.axes[axis];
    const char *where = drawing->validated ? "validation " : "training ";
    char title[256], name[128], accuracy_label[64], loss_label[64];
    size_t curves = make_curves(drawing, axis, figure);
    describe_figure(drawing, axis, figure, title, sizeof title);
    snprintf(name, sizeof name, "by-%s", values->name);
    snprintf(accuracy_label, sizeof accuracy_label, "%saccuracy", where);
    snprintf(loss_label, sizeof loss_label, "%sdata loss", where);
    const SpiralPanel panels[] = {{accuracy_label, false, 1.0, curves, figure->curves[0]},
                                  {loss_label, losses_need_logarithms(drawing), 1.0, curves, figure->curves[1]}};
    SpiralScale scale = scale_of(values);
    SpiralFigureOptions options = sweep_figure_options(drawing->sweep->settings, title);
    options.log_x = scale.logarithmic;
    options.x_name_count = scale.name_count;
    options.x_names = scale.names;
    char *path = cli_join_figure(drawing->sweep->folder, name, drawing->sweep->settings->train.figure_format);
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
    if (status == SPIRAL_OK && figure.trained)
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
    char *path = cli_join_figure(sweep->folder, "heat-map", sweep->settings->train.figure_format), title[256],
         label[64];
    SpiralHeatMap map = {.x = scale_of(&axes[0]), .y = scale_of(&axes[1]), .value_label = label, .best = SIZE_MAX};
    SpiralStatus status = points == NULL || path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < drawing->count; i++) {
        const SpiralSweepScore *score = &drawing->scores[i];
        double value = drawing->by_loss ? score->loss : score->accuracy;
        bool shown = spiral_sweep_score_is_sound(score) && isfinite(value);
        if (!has_place(drawing, score->setting, 0) || !has_place(drawing, score->setting, 1))
            continue;
        if (i == 0 && shown)
            map.best = 0;
        points[map.count] = place_of(sweep, score->setting, 0);
        points[drawing->count + map.count] = place_of(sweep, score->setting, 1);
        points[2 * drawing->count + map.count++] = shown ? value : NAN;
    }
    if (status == SPIRAL_OK && map.count > 0) {
        map.xs = points;
        map.ys = points + drawing->count;
        map.values = points + 2 * drawing->count;
        snprintf(label, sizeof label, "%s%s", drawing->validated ? "validation " : "training ",
                 drawing->by_loss ? "data loss" : "accuracy");
        map.log_values = drawing->by_loss && losses_need_logarithms(drawing);
        snprintf(title, sizeof title, "Sweep of %s and %s", axes[0].name, axes[1].name);
        describe_losses(drawing, title, sizeof title);
        SpiralFigureOptions options = sweep_figure_options(sweep->settings, title);
        status = cli_figure_done(spiral_figure_heat_map(&map, &options, path, error), path, error);
    }
    free(points);
    free(path);
    return status;
}

/* ---- all runs ---------------------------------------------------------------------------------------------------- */

/* Takes the points; those above the limit are off the axis. The curve's x and y point into values (2, count). */
static void take_points(const SpiralSweepCurve *curve, double limit, double *values, SpiralCurve *made)
{
    for (size_t i = 0; i < curve->count; i++) {
        values[i] = curve->points[i][0];
        values[curve->count + i] = curve->points[i][1] <= limit ? curve->points[i][1] : INFINITY;
    }
    *made = (SpiralCurve){.count = curve->count, .x = values, .y = values + curve->count, .style = SPIRAL_CURVE_FAINT};
}

/* The losses of runs that diverge grow without bounds: they are followed as far as the results of the others and the
 * losses at the start reach, with some room. */
static double curve_limit(const Drawing *drawing)
{
    const SpiralSweepCurves *curves = &drawing->sweep->curves;
    double most = 0.0;
    for (size_t i = 0; i < drawing->count; i++)
        if (spiral_sweep_score_is_sound(&drawing->scores[i]) && isfinite(drawing->scores[i].loss))
            most = fmax(most, drawing->scores[i].loss);
    for (size_t run = 0; run < curves->count; run++)
        if (curves->curves[run].count > 0 && isfinite(curves->curves[run].points[0][1]))
            most = fmax(most, curves->curves[run].points[0][1]);
    return ROOM_ABOVE * most;
}

/* "The best, in blue: learning-rate 2.15443; hidden 100,100; seed 3" below the number of runs. */
static void describe_best(const Drawing *drawing, size_t best, size_t runs, char *title, size_t size)
{
    const SpiralSweepPlan *plan = drawing->sweep->plan;
    snprintf(title, size, "Loss of %zu runs\nThe best, in blue:", runs);
    for (size_t a = 0; a < plan->options.axis_count; a++)
        cli_append(title, size, " %s %.*s;", plan->options.axes[a].name,
                   SPIRAL_TEXT_CUT(spiral_sweep_plan_value(plan, best / plan->options.seeds, a), 100));
    cli_append(title, size, " seed %lu", (unsigned long)spiral_sweep_plan_seed(plan, best));
}

static SpiralStatus draw_curves(const Drawing *drawing, SpiralError *error)
{
    const Sweep *sweep = drawing->sweep;
    size_t runs = spiral_sweep_plan_runs(sweep->plan), stride = runs / CURVES_DRAWN + 1, count = 0, drawn = 0;
    size_t best = spiral_sweep_best_run(sweep->results, sweep->settings->measure, drawing->scores[0].setting);
    for (size_t run = 0; run < sweep->curves.count; run++)
        count += sweep->curves.curves[run].count;
    double *values = cli_allocate(2 * count, sizeof *values), *next = values, limit = curve_limit(drawing);
    SpiralCurve *curves = cli_allocate(runs / stride + 2, sizeof *curves);
    char *path = cli_join_figure(sweep->folder, "curves", sweep->settings->train.figure_format), title[512];
    SpiralStatus status = values == NULL || curves == NULL || path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t run = 0; status == SPIRAL_OK && run < sweep->curves.count && run < runs; run++) {
        const SpiralSweepCurve *curve = &sweep->curves.curves[run];
        if (curve->count == 0 || (run % stride != 0 && run != best))
            continue;
        take_points(curve, limit, next, &curves[drawn]);
        next += 2 * curve->count;
        if (run == best)
            curves[drawn].style = SPIRAL_CURVE_STRONG;
        curves[drawn].name = run == best ? "the best run" : NULL;
        drawn++;
    }
    if (status == SPIRAL_OK && drawn > 0) {
        describe_best(drawing, best, runs, title, sizeof title);
        SpiralFigureOptions options = sweep_figure_options(sweep->settings, title);
        options.log_y = true;
        status = spiral_figure_curves(drawn, curves, "iteration", "training loss", &options, path, error);
        status = cli_figure_done(status, path, error);
    }
    free(values);
    free(curves);
    free(path);
    return status;
}

/* ---- all figures ------------------------------------------------------------------------------------------------- */

SpiralStatus sweep_draw(Sweep *sweep, SpiralError *error)
{
    SweepBoundaries *boundaries = NULL;
    Drawing drawing = {.sweep = sweep, .by_loss = sweep->settings->measure == SPIRAL_SWEEP_BY_LOSS};
    for (size_t run = 0; run < spiral_sweep_plan_runs(sweep->plan); run++) {
        const SpiralSweepRow *row = spiral_sweep_results_row(sweep->results, run);
        drawing.validated |= row->status != SPIRAL_SWEEP_NONE && !isnan(row->validation_accuracy);
    }
    SpiralStatus status =
        spiral_sweep_ranking(sweep->results, sweep->settings->measure, &drawing.scores, &drawing.count, error);
    if (status == SPIRAL_OK && drawing.count > 0) {
        /* a bad model is found before the first figure is written */
        status = sweep_boundaries_read(sweep, drawing.scores, drawing.count, &boundaries, error);
        for (size_t axis = 0; status == SPIRAL_OK && axis < sweep->plan->options.axis_count; axis++)
            status = draw_axis(&drawing, axis, error);
        if (status == SPIRAL_OK && sweep->plan->options.axis_count == 2)
            status = draw_heat_map(&drawing, error);
        if (status == SPIRAL_OK)
            status = draw_curves(&drawing, error);
        if (status == SPIRAL_OK)
            status = sweep_boundaries_draw(sweep, boundaries, error);
    }
    sweep_boundaries_free(boundaries);
    free(drawing.scores);
    return status;
}

SpiralStatus sweep_draw_again(const char *folder, FigureFormat format, const FigureSettings *figures,
                              SpiralError *error)
{
    SweepOpened *opened = cli_allocate(1, sizeof *opened);
    char *path = cli_join(folder, "sweep.json");
    SpiralStatus status =
        opened == NULL || path == NULL ? cli_no_memory(error) : sweep_open(NULL, path, folder, opened, error);
    if (status == SPIRAL_OK) {
        opened->settings.train.figure_format = format;
        opened->settings.train.figures = *figures;
        status = sweep_check_files(&opened->sweep, "--sweep", true, error);
    }
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
