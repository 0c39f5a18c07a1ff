#include "cli/options/figure_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/values.h"

/* The notes' figure has a margin of 1. A terminal has few cells. */
static const double GENERATED_MARGIN = 1.0, GENERATED_TERMINAL_MARGIN = 0.25;

FigureSettings figure_settings_defaults(void)
{
    return (FigureSettings){.margin = (double)NAN};
}

static void print_margin(char *text, size_t size)
{
    snprintf(text, size, "%g around generated data, in a terminal %g; a tenth of the range around a file's",
             GENERATED_MARGIN, GENERATED_TERMINAL_MARGIN);
}

static void print_size(char *text, size_t size)
{
    SpiralFigureOptions figure = spiral_figure_defaults();
    snprintf(text, size, "%zux%zu, or the terminal's", figure.width, figure.height);
}

static const Option figure_options[] = {
    {"axes", TEXT(FigureSettings, axes), "A,B",
     "The two features drawn, by their names or else by their numbers from 0; others are fixed at their means. [the "
     "first two; of "
     "more than two, the plane of the first two principal components]",
     .aside = true},
    {"margin", REAL(FigureSettings, margin), "M", "Space left around the data, in the units of the axes.",
     .print_default = print_margin, .aside = true},
    {"size", TEXT(FigureSettings, size), "WxH", "Width and height in pixels; in a terminal, columns and rows.",
     .print_default = print_size, .aside = true},
    {"title", TEXT(FigureSettings, title), "TEXT", "The title. [made from what is drawn]", .aside = true},
};

static const Option boundary_options[] = {
    {"shade", FLAG(FigureSettings, shade),
     "Shade the regions by the probability of their class: white where it is no more probable than the others.",
     .aside = true},
    {"errors", FLAG(FigureSettings, errors), "Draw a ring around each observation that is misclassified.",
     .aside = true},
};

static const char *const scale_names[] = {"linear", "log", NULL};

static const Option scale_options[] = {
    {"x-scale", CHOICE(FigureSettings, x_scale, scale_names), "The x axis of curves, linear or log.", .aside = true},
    {"y-scale", CHOICE(FigureSettings, y_scale, scale_names), "The axis of the loss, or of --column, linear or log.",
     .aside = true},
};

/* --size of a file. */
static const Option pixels_option = {"size", PIXELS(SpiralFigureOptions, width, height), NULL,
                                     .minimum = SPIRAL_FIGURE_LEAST_PIXELS, .maximum = SPIRAL_FIGURE_PIXELS_LIMIT};

OptionGroup options_group_figures(FigureSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Figures", figure_options, settings);
}

OptionGroup options_group_boundaries(FigureSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Figures of decision boundaries", boundary_options, settings);
}

OptionGroup options_group_scales(FigureSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Figures of curves", scale_options, settings);
}

static const char *const option_names[] = {"axes", "margin", "size", "title", "shade", "errors"};

bool figure_settings_have(const char *name)
{
    for (size_t i = 0; i < COUNT(option_names); i++)
        if (strcmp(option_names[i], name) == 0)
            return true;
    return false;
}

const char *figure_settings_first_given(const OptionTable *table)
{
    static const char *const scales[] = {"x-scale", "y-scale"};
    const char *name = options_first_given(table, option_names, COUNT(option_names));
    return name != NULL ? name : options_first_given(table, scales, COUNT(scales));
}

/* ---- axes -------------------------------------------------------------------------------------------------------- */

static SpiralStatus check_axes(const char *axes, SpiralError *error)
{
    if (axes == NULL || strchr(axes, ',') != NULL)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "--axes: found \"%.*s\", expected two features with a comma between, like 0,1",
                            SPIRAL_TEXT_CUT(axes, 200));
}

/* Finds the feature whose name is the first length characters of text, or else the feature with that number. */
static bool find_feature(size_t count, const char *const *names, const char *text, size_t length, size_t *feature)
{
    char digits[32];
    for (size_t d = 0; d < count; d++)
        if (strlen(names[d]) == length && strncmp(names[d], text, length) == 0) {
            *feature = d;
            return true;
        }
    if (length >= sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)length, text);
    return text_to_size(digits, feature) && *feature < count;
}

/* Warns when the text, of which the feature has been found, is its name and the number of another. */
static void warn_of_name(size_t count, const char *const *names, const char *text, size_t length, size_t feature)
{
    size_t number;
    const char *name = names[feature];
    bool by_name = strlen(name) == length && strncmp(name, text, length) == 0;
    if (by_name && text_to_size(name, &number) && number < count && number != feature)
        cli_warn(NULL, "--axes: %.*s is feature %zu, by its name; feature %zu, by its number, has the name '%.*s'",
                 SPIRAL_TEXT_CUT(name, 40), feature, number, SPIRAL_TEXT_CUT(names[number], 40));
}

/* A feature name may contain a comma, too. */
SpiralStatus figure_settings_find_axes(const FigureSettings *settings, size_t count, const char *const *names,
                                       size_t features[2], SpiralError *error)
{
    size_t found[2];
    const char *text = settings->axes;
    if (text == NULL)
        return SPIRAL_OK;
    for (const char *comma = text; (comma = strchr(comma, ',')) != NULL; comma++)
        if (find_feature(count, names, text, (size_t)(comma - text), &found[0]) &&
            find_feature(count, names, comma + 1, strlen(comma + 1), &found[1]) && found[0] != found[1]) {
            memcpy(features, found, sizeof found);
            warn_of_name(count, names, text, (size_t)(comma - text), found[0]);
            warn_of_name(count, names, comma + 1, strlen(comma + 1), found[1]);
            return SPIRAL_OK;
        }
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "--axes: found \"%.*s\", expected two different features of the data, numbers below %zu or "
                            "names, like %.40s,%.40s",
                            SPIRAL_TEXT_CUT(text, 100), count, names[0], names[count > 1]);
}

/* ---- the options of a figure ------------------------------------------------------------------------------------- */

SpiralFigureOptions figure_settings_options(const FigureSettings *settings, bool generated, const size_t features[2])
{
    SpiralFigureOptions options = spiral_figure_defaults();
    SpiralError refused; /* figure_settings_check has looked */
    if (settings->size != NULL)
        (void)value_set(&pixels_option, &options, settings->size, &refused);
    options.margin = isnan(settings->margin) && generated ? GENERATED_MARGIN : settings->margin;
    options.axes = settings->axes != NULL ? features : NULL;
    options.title = settings->title;
    options.shade = settings->shade;
    options.errors = settings->errors;
    options.log_x = settings->x_scale == FIGURE_LOG;
    options.log_y = settings->y_scale == FIGURE_LOG;
    return options;
}

void figure_settings_for_terminal(const FigureSettings *settings, bool generated, const size_t features[2],
                                  SpiralTerminalOptions *options)
{
    options->margin = isnan(settings->margin) && generated ? GENERATED_TERMINAL_MARGIN : settings->margin;
    options->axes = settings->axes != NULL ? features : NULL;
    options->title = settings->title;
    options->shade = settings->shade;
}

SpiralStatus figure_settings_check(const FigureSettings *settings, SpiralError *error)
{
    SpiralFigureOptions options = spiral_figure_defaults();
    SpiralStatus status = check_axes(settings->axes, error);
    if (status == SPIRAL_OK && settings->size != NULL)
        status = value_set(&pixels_option, &options, settings->size, error);
    options.margin = settings->margin;
    return status == SPIRAL_OK ? spiral_figure_validate(&options, error) : status;
}
