#include "cli/loss_figure.h"

#include <stdbool.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "spiral/loss_log.h"

/* The columns, in the same order as column_names. */
enum { ITERATION, LOSS, ACCURACY, VALIDATION_LOSS, VALIDATION_ACCURACY, LEARNING_RATE };

static const char *const column_names[] = {"iteration",           "loss",          "accuracy", "validation_loss",
                                           "validation_accuracy", "learning_rate", NULL};

enum { PANELS = 3, CURVES = 2 * SPIRAL_FIGURE_LOGS_LIMIT };

typedef struct LossFigure {
    size_t count;
    const char *const *paths;
    SpiralLossLog logs[SPIRAL_FIGURE_LOGS_LIMIT];
    size_t panel_count;
    SpiralPanel panels[PANELS];
    SpiralCurve curves[PANELS][CURVES];
} LossFigure;

/* ---- panels ------------------------------------------------------------------------------------------------------ */

static void add_curve(LossFigure *figure, size_t log, size_t column, const char *name, const char *dashed)
{
    SpiralPanel *panel = &figure->panels[figure->panel_count];
    const SpiralLossLog *from = &figure->logs[log];
    if (from->columns[column] == NULL)
        return;
    figure->curves[figure->panel_count][panel->count++] = (SpiralCurve){.name = name,
                                                                        .count = from->count,
                                                                        .x = from->columns[ITERATION],
                                                                        .y = from->columns[column],
                                                                        .dashed = dashed};
}

/* Adds a panel for a column and, unless it is 0, for the same column on the validation data. With one log, colours tell
 * the two apart. With several logs, colours tell the logs apart, and the validation curves are dashed. A panel without
 * curves is left out. */
static void add_panel(LossFigure *figure, const char *label, double share, bool log_y, size_t column, size_t validation)
{
    SpiralPanel *panel = &figure->panels[figure->panel_count];
    *panel = (SpiralPanel){label, log_y, share, 0, figure->curves[figure->panel_count]};
    for (size_t i = 0; i < figure->count; i++) {
        const char *name = figure->paths[i];
        if (figure->count == 1)
            name = validation != 0 ? "training" : NULL;
        add_curve(figure, i, column, name, NULL);
    }
    for (size_t i = 0; i < figure->count && validation != 0; i++) {
        if (figure->count == 1)
            add_curve(figure, i, validation, "validation", NULL);
        else
            add_curve(figure, i, validation, figure->paths[i], "validation");
    }
    if (panel->count > 0)
        figure->panel_count++;
}

/* ---- the learning rate ------------------------------------------------------------------------------------------- */

/* Does the learning rate vary in any log? *by_factors: would a logarithmic axis show it better? It would when the rate
 * changes by factors, never reaches 0, and is not near its maximum most of the time, as with a cosine or a warmup. */
static bool rate_varies(const LossFigure *figure, bool *by_factors)
{
    bool varies = false, positive = true;
    double low = 0, high = 0, sum = 0, count = 0;
    for (size_t i = 0; i < figure->count; i++) {
        const double *rate = figure->logs[i].columns[LEARNING_RATE];
        for (size_t j = 0; rate != NULL && j < figure->logs[i].count; j++) {
            varies = varies || rate[j] != rate[0];
            positive = positive && rate[j] > 0;
            low = low == 0 || rate[j] < low ? rate[j] : low;
            high = rate[j] > high ? rate[j] : high;
            sum += rate[j];
            count++;
        }
    }
    *by_factors = positive && high > 50 * low && sum < 0.4 * high * count;
    return varies;
}

/* ---- the figure -------------------------------------------------------------------------------------------------- */

static SpiralStatus load_log(const char *path, const char *const *names, size_t needed, SpiralLossLog *log,
                             SpiralError *error)
{
    SpiralStatus status = spiral_loss_log_load(path, names, needed, log, error);
    if (status == SPIRAL_OK && log->cut)
        cli_warn(path, "the last line is cut off (by a kill, or the training still runs): drawn without it");
    return status;
}

static SpiralStatus draw_all(LossFigure *figure, const SpiralFigureOptions *options, const char *output,
                             SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < figure->count; i++)
        status = load_log(figure->paths[i], column_names, LOSS + 1, &figure->logs[i], error);
    if (status != SPIRAL_OK)
        return status;
    bool by_factors;
    add_panel(figure, "loss", 1.0, options->log_y, LOSS, VALIDATION_LOSS);
    add_panel(figure, "accuracy", 0.7, false, ACCURACY, VALIDATION_ACCURACY);
    if (rate_varies(figure, &by_factors))
        add_panel(figure, "learning rate", 0.4, by_factors, LEARNING_RATE, 0);
    return spiral_figure_panels(figure->panel_count, figure->panels, "iteration", options, output, error);
}

static SpiralStatus draw_column(LossFigure *figure, const char *column, const SpiralFigureOptions *options,
                                const char *output, SpiralError *error)
{
    const char *const names[] = {"iteration", column, NULL};
    SpiralStatus status = SPIRAL_OK;
    SpiralCurve *curves = figure->curves[0];
    for (size_t i = 0; status == SPIRAL_OK && i < figure->count; i++) {
        status = load_log(figure->paths[i], names, 2, &figure->logs[i], error);
        curves[i] = (SpiralCurve){.name = figure->paths[i],
                                  .count = figure->logs[i].count,
                                  .x = figure->logs[i].columns[0],
                                  .y = figure->logs[i].columns[1]};
    }
    return status == SPIRAL_OK
               ? spiral_figure_curves(figure->count, curves, "iteration", column, options, output, error)
               : status;
}

SpiralStatus loss_figure_draw(size_t count, const char *const *paths, const char *column,
                              const SpiralFigureOptions *figure, const char *output, SpiralError *error)
{
    LossFigure *made = cli_allocate(1, sizeof *made);
    if (made == NULL)
        return cli_no_memory(error);
    made->count = count;
    made->paths = paths;
    SpiralStatus status =
        column != NULL ? draw_column(made, column, figure, output, error) : draw_all(made, figure, output, error);
    for (size_t i = 0; i < count; i++)
        spiral_loss_log_free(&made->logs[i]);
    free(made);
    return status;
}
