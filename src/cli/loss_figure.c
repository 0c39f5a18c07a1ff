#include "cli/loss_figure.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "spiral/loss_log.h"

/* The columns that are read; the first two must be there. From LAYERS on they are those of the layers, kind by kind. */
enum {
    ITERATION,
    LOSS, /* or --column */
    ACCURACY,
    VALIDATION_LOSS,
    VALIDATION_ACCURACY,
    LEARNING_RATE,
    EPOCH,
    SECONDS,
    UPDATE_RATIO,
    DEAD_UNITS,
    LAYERS,
    MOST_LAYERS = SPIRAL_HIDDEN_LIMIT + 1,
    LAYER_KINDS = 5,
    COLUMNS = LAYERS + LAYER_KINDS * MOST_LAYERS
};
_Static_assert((int)COLUMNS <= (int)SPIRAL_LOSS_LOG_COLUMNS, "all columns can be read at once");

static const char *const column_names[LAYERS] = {"iteration",           "loss",          "accuracy", "validation_loss",
                                                 "validation_accuracy", "learning_rate", "epoch",    "seconds",
                                                 "update_ratio",        "dead_units"};

/* In the order of LossFigureX. */
static const size_t x_columns[] = {ITERATION, EPOCH, SECONDS};

/* What a log has of each layer, the last four with --log-layers: a column's name without the layer's number, and its
 * panel. */
static const struct {
    const char *prefix, *label;
    double share;
    bool log_y;
} layer_kinds[LAYER_KINDS] = {{"update_ratio_W", "update ratio", 0.7, true},
                              {"deviation_", "deviation", 0.7, true},
                              {"dead_", "dead", 0.4, false},
                              {"saturated_", "saturated", 0.4, false},
                              {"grad_norm_W", "gradient", 0.7, true}};

enum { PANELS = 4 + LAYER_KINDS, CURVES = 2 * SPIRAL_FIGURE_LOGS_LIMIT, LAYER_BYTES = 24 };

typedef struct LossFigure {
    const LossCurves *asked;
    size_t count;
    const char *const *paths;
    char *names[SPIRAL_FIGURE_LOGS_LIMIT];
    char columns[LAYER_KINDS * MOST_LAYERS][LAYER_BYTES]; /* the names of the layers' columns */
    char layers[MOST_LAYERS][LAYER_BYTES];                /* W1, W2, ... */
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

/* The bytes that all paths end with, from a slash on, but no path is: each has something before them. */
static size_t common_ending(const LossFigure *figure)
{
    const char *first = figure->paths[0];
    size_t length = strlen(first), common = 0;
    for (size_t back = 1; back < length; back++) {
        char last = first[length - back];
        for (size_t i = 1; i < figure->count; i++) {
            size_t size = strlen(figure->paths[i]);
            if (back >= size || figure->paths[i][size - back] != last)
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
    size_t x = x_columns[figure->asked->x];
    figure->curves[figure->panel_count][panel->count++] =
        (SpiralCurve){.name = name,
                      .count = from->count,
                      .x = from->columns[from->columns[x] != NULL ? x : ITERATION],
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

/* One kind of the only log's columns of layers: a curve for each layer. False when it has none. */
static bool add_layers(LossFigure *figure, size_t kind)
{
    SpiralPanel *panel = &figure->panels[figure->panel_count];
    *panel = (SpiralPanel){layer_kinds[kind].label, layer_kinds[kind].log_y, layer_kinds[kind].share, 0,
                           figure->curves[figure->panel_count]};
    for (size_t layer = 0; layer < MOST_LAYERS; layer++)
        add_curve(figure, 0, LAYERS + kind * MOST_LAYERS + layer, figure->layers[layer], NULL);
    if (panel->count == 0)
        return false;
    figure->panel_count++;
    return true;
}

/* The update ratios, and below them the dead units: of one log, what it has of each layer. */
static void add_all_layers(LossFigure *figure)
{
    bool one = figure->count == 1;
    if (!one || !add_layers(figure, 0))
        add_panel(figure, "update ratio", 0.7, true, UPDATE_RATIO, 0);
    if (!one || figure->logs[0].columns[LAYERS + MOST_LAYERS] == NULL) /* no --log-layers */
        add_panel(figure, "dead units", 0.4, false, DEAD_UNITS, 0);
    for (size_t kind = 1; one && kind < LAYER_KINDS; kind++)
        add_layers(figure, kind);
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

/* Reads the columns of a log, of which some are NULL, as those that the figure does not need. */
static SpiralStatus load_log(LossFigure *figure, size_t log, const char *const wanted[COLUMNS], SpiralError *error)
{
    const char *names[COLUMNS + 1], *path = figure->paths[log];
    size_t places[COLUMNS], count = 0; /* the columns of the names */
    SpiralLossLog read;
    for (size_t column = 0; column < COLUMNS; column++)
        if (wanted[column] != NULL) {
            places[count] = column;
            names[count++] = wanted[column];
        }
    names[count] = NULL;
    SpiralStatus status = spiral_loss_log_load(path, names, 2, &read, error);
    if (status != SPIRAL_OK)
        return status;
    figure->logs[log] = (SpiralLossLog){.count = read.count};
    for (size_t i = 0; i < count; i++)
        figure->logs[log].columns[places[i]] = read.columns[i];
    if (read.cut)
        cli_warn(path, "the last line is cut off (by a kill, or the training still runs): drawn without it");
    if (figure->asked->x == LOSS_FIGURE_SECONDS && figure->logs[log].columns[SECONDS] == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 1,
                                "found no column seconds, expected one for --x seconds");
    if (figure->asked->layers && figure->logs[log].columns[UPDATE_RATIO] == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 1,
                                "found no column update_ratio, expected one for --layers");
    return SPIRAL_OK;
}

static SpiralStatus load_logs(LossFigure *figure, SpiralError *error)
{
    const char *wanted[COLUMNS] = {NULL};
    wanted[ITERATION] = column_names[ITERATION];
    wanted[LOSS] = figure->asked->column != NULL ? figure->asked->column : column_names[LOSS];
    wanted[x_columns[figure->asked->x]] = column_names[x_columns[figure->asked->x]];
    for (size_t column = ACCURACY; figure->asked->column == NULL && column <= LEARNING_RATE; column++)
        wanted[column] = column_names[column];
    for (size_t column = UPDATE_RATIO; figure->asked->layers && column < COLUMNS; column++)
        wanted[column] = column < LAYERS ? column_names[column] : figure->columns[column - LAYERS];
    for (size_t layer = 0; layer < MOST_LAYERS; layer++) {
        snprintf(figure->layers[layer], LAYER_BYTES, "W%zu", layer + 1);
        for (size_t kind = 0; kind < LAYER_KINDS; kind++)
            snprintf(figure->columns[kind * MOST_LAYERS + layer], LAYER_BYTES, "%s%zu", layer_kinds[kind].prefix,
                     layer + 1);
    }
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < figure->count; i++)
        status = load_log(figure, i, wanted, error);
    return status;
}

static void add_panels(LossFigure *figure, bool log_y)
{
    bool by_factors;
    if (figure->asked->column != NULL) {
        figure->panels[0] = (SpiralPanel){figure->asked->column, log_y, 1.0, 0, figure->curves[0]};
        for (size_t i = 0; i < figure->count; i++)
            add_curve(figure, i, LOSS, figure->names[i], NULL);
        figure->panel_count = 1;
        return;
    }
    add_panel(figure, "loss", 1.0, log_y, LOSS, VALIDATION_LOSS);
    add_panel(figure, "accuracy", 0.7, false, ACCURACY, VALIDATION_ACCURACY);
    if (rate_varies(figure, &by_factors))
        add_panel(figure, "learning rate", 0.4, by_factors, LEARNING_RATE, 0);
    if (figure->asked->layers)
        add_all_layers(figure);
}

/* The labels of four panels have room in the least height, and each other panel brings its own. */
static size_t height_of(const LossFigure *figure)
{
    enum { LEAST_HEIGHT = 1200, LEAST_PANELS = 4, PANEL_HEIGHT = 200 };
    size_t more = figure->panel_count > LEAST_PANELS ? figure->panel_count - LEAST_PANELS : 0;
    return LEAST_HEIGHT + more * PANEL_HEIGHT;
}

SpiralStatus loss_figure_draw(const LossCurves *curves, const SpiralFigureOptions *figure, const char *output,
                              SpiralError *error)
{
    LossFigure *made = cli_allocate(1, sizeof *made);
    if (made == NULL)
        return cli_no_memory(error);
    made->asked = curves;
    made->count = curves->count;
    made->paths = curves->paths;
    SpiralStatus status =
        curves->names != NULL ? name_as_given(made, curves->names, error) : name_by_paths(made, error);
    if (status == SPIRAL_OK)
        status = load_logs(made, error);
    if (status == SPIRAL_OK) {
        SpiralFigureOptions sized = *figure;
        add_panels(made, figure->log_y);
        if (curves->grows)
            sized.height = height_of(made);
        status = spiral_figure_panels(made->panel_count, made->panels, column_names[x_columns[curves->x]], &sized,
                                      output, error);
    }
    for (size_t i = 0; i < curves->count; i++) {
        spiral_loss_log_free(&made->logs[i]);
        free(made->names[i]);
    }
    free(made);
    return status;
}
