#include "cli/loss_figure.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
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
    char *names[SPIRAL_FIGURE_LOGS_LIMIT];
    SpiralLossLog logs[SPIRAL_FIGURE_LOGS_LIMIT];
    size_t panel_count;
    SpiralPanel panels[PANELS];
    SpiralCurve curves[PANELS][CURVES];
} LossFigure;

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* The bytes that all paths begin with, up to a slash. */
static size_t common_beginning(const LossFigure *figure)
{
    const char *first = figure->paths[0];
    size_t common = 0;
    for (size_t end = 0; first[end] != '\0'; end++) {
        for (size_t i = 1; i < figure->count; i++)
            if (figure->paths[i][end] != first[end])
                return common;
        common = first[end] == '/' ? end + 1 : common;
    }
    return common;
}

/* The bytes that all paths end with, from a slash on. */
static size_t common_ending(const LossFigure *figure)
{
    const char *first = figure->paths[0];
    size_t length = strlen(first), common = 0;
    for (size_t back = 1; back <= length; back++) {
        char last = first[length - back];
        for (size_t i = 1; i < figure->count; i++) {
            size_t size = strlen(figure->paths[i]);
            if (back > size || figure->paths[i][size - back] != last)
                return common;
        }
        common = last == '/' ? back : common;
    }
    return common;
}

/* Names several logs by what their paths differ in: "a" and "b" for runs/a/loss.csv and runs/b/loss.csv. */
static SpiralStatus name_by_paths(LossFigure *figure, SpiralError *error)
{
    size_t begin = figure->count > 1 ? common_beginning(figure) : 0;
    size_t end = figure->count > 1 ? common_ending(figure) : 0;
    for (size_t i = 0; i < figure->count; i++)
        begin = begin + end < strlen(figure->paths[i]) ? begin : 0;
    for (size_t i = 0; i < figure->count; i++)
        end = end < strlen(figure->paths[i]) ? end : 0;
    for (size_t i = 0; i < figure->count; i++) {
        figure->names[i] = cli_copy_string(figure->paths[i] + begin);
        if (figure->names[i] == NULL)
            return cli_no_memory(error);
        figure->names[i][strlen(figure->paths[i]) - begin - end] = '\0';
    }
    return SPIRAL_OK;
}

static SpiralStatus name_as_given(LossFigure *figure, const char *given, SpiralError *error)
{
    size_t count = 1;
    for (const char *c = given; *c != '\0'; c++)
        count += *c == ',';
    if (count != figure->count)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--names: found %zu name%s, expected %zu, one for each log", count,
                                count == 1 ? "" : "s", figure->count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(given, ",");
        figure->names[i] = cli_copy_string(given);
        if (figure->names[i] == NULL)
            return cli_no_memory(error);
        figure->names[i][length] = '\0';
        given += length + (i + 1 < count);
        bool twice = false;
        for (size_t j = 0; j < i; j++)
            twice = twice || strcmp(figure->names[i], figure->names[j]) == 0;
        if (twice || length == 0)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "--names: found \"%.*s\"%s, expected a name of its own for each log",
                                    SPIRAL_TEXT_CUT(figure->names[i], 100), twice ? " twice" : "");
    }
    return SPIRAL_OK;
}

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
        const char *name = figure->names[i];
        if (figure->count == 1)
            name = validation != 0 ? "training" : NULL;
        add_curve(figure, i, column, name, NULL);
    }
    for (size_t i = 0; i < figure->count && validation != 0; i++) {
        if (figure->count == 1)
            add_curve(figure, i, validation, "validation", NULL);
        else
            add_curve(figure, i, validation, figure->names[i], "validation");
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
        curves[i] = (SpiralCurve){.name = figure->names[i],
                                  .count = figure->logs[i].count,
                                  .x = figure->logs[i].columns[0],
                                  .y = figure->logs[i].columns[1]};
    }
    return status == SPIRAL_OK
               ? spiral_figure_curves(figure->count, curves, "iteration", column, options, output, error)
               : status;
}

SpiralStatus loss_figure_draw(const LossCurves *curves, const SpiralFigureOptions *figure, const char *output,
                              SpiralError *error)
{
    LossFigure *made = cli_allocate(1, sizeof *made);
    if (made == NULL)
        return cli_no_memory(error);
    made->count = curves->count;
    made->paths = curves->paths;
    SpiralStatus status =
        curves->names != NULL ? name_as_given(made, curves->names, error) : name_by_paths(made, error);
    if (status == SPIRAL_OK)
        status = curves->column != NULL ? draw_column(made, curves->column, figure, output, error)
                                        : draw_all(made, figure, output, error);
    for (size_t i = 0; i < curves->count; i++) {
        spiral_loss_log_free(&made->logs[i]);
        free(made->names[i]);
    }
    free(made);
    return status;
}
