/* figure_settings.h: the options of figures that several commands share. */
#ifndef SPIRAL_CLI_FIGURE_SETTINGS_H
#define SPIRAL_CLI_FIGURE_SETTINGS_H

#include "cli/options/options.h"
#include "spiral/figure.h"

typedef enum FigureScale { FIGURE_LINEAR, FIGURE_LOG } FigureScale;

typedef struct FigureSettings {
    const char *axes;  /* two features by name or number, "a,b"; or NULL */
    const char *size;  /* as given, or NULL */
    const char *title; /* or NULL */
    double margin;     /* NaN: 1 around generated data, a tenth of the range around a file's */
    bool shade, errors;
    FigureScale x_scale, y_scale; /* of curves */
} FigureSettings;

FigureSettings figure_settings_defaults(void);

OptionGroup options_group_figures(FigureSettings *settings);
OptionGroup options_group_boundaries(FigureSettings *settings); /* --shade --errors */
OptionGroup options_group_scales(FigureSettings *settings);     /* --x-scale --y-scale */

/* Is it one of these options? */
bool figure_settings_have(const char *name);

/* The first of these options that was given, or NULL. */
const char *figure_settings_first_given(const OptionTable *table);

/* Checks what can be checked without the data, --size as that of a file. Errors: USAGE. */
SpiralStatus figure_settings_check(const FigureSettings *settings, SpiralError *error);

/* Sets features to the two that --axes names, if it is given. Errors: USAGE. */
SpiralStatus figure_settings_find_axes(const FigureSettings *settings, size_t count, const char *const *names,
                                       size_t features[2], SpiralError *error);

/* The options of a file; features as found above, and borrowed. */
SpiralFigureOptions figure_settings_options(const FigureSettings *settings, bool generated, const size_t features[2]);

/* Sets axes, margin, title and shading of a picture in the terminal. */
void figure_settings_for_terminal(const FigureSettings *settings, bool generated, const size_t features[2],
                                  SpiralTerminalOptions *options);

#endif
