#include "spiral/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure/regions.h"
#include "figure/sampler.h"
#include "figure/scatter.h"

SpiralFigureOptions spiral_figure_defaults(void)
{
    return (SpiralFigureOptions){.width = 900, .height = 800, .margin = (double)NAN};
}

static SpiralStatus check_size(const char *what, size_t pixels, SpiralError *error)
{
    if (pixels >= SPIRAL_FIGURE_LEAST_PIXELS && pixels <= SPIRAL_FIGURE_PIXELS_LIMIT)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a figure's %s of %zu pixels; %d..%d are possible",
                            what, pixels, SPIRAL_FIGURE_LEAST_PIXELS, SPIRAL_FIGURE_PIXELS_LIMIT);
}

SpiralStatus spiral_figure_validate(const SpiralFigureOptions *options, SpiralError *error)
{
    SpiralStatus status = check_size("width", options->width, error);
    if (status == SPIRAL_OK)
        status = check_size("height", options->height, error);
    if (status == SPIRAL_OK && options->x_name_count > 0 && options->x_names == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu names on the x axis, but none is given",
                                  options->x_name_count);
    if (status != SPIRAL_OK)
        return status;
    return spiral_scatter_validate(options->margin, options->limits, options->axes, error);
}

/* ---- the data ---------------------------------------------------------------------------------------------------- */

static void draw_data(const SpiralScatter *scatter, const SpiralFigureOptions *options, SpiralSheet *sheet)
{
    const SpiralDataset *dataset = scatter->dataset;
    char made[128], title[SPIRAL_TITLE_BYTES];
    snprintf(made, sizeof made, "%zu observation%s", dataset->rows, dataset->rows == 1 ? "" : "s");
    size_t used = strlen(made);
    if (dataset->classes > 0)
        snprintf(made + used, sizeof made - used, " in %zu classes", dataset->classes);
    const char *heading = options->heading != NULL ? options->heading : made;
    spiral_scatter_title(scatter, heading, title);
    if (scatter->components) /* without regions, two of the features are no slice through the others */
        heading = title;
    SpiralAxes axes;
    spiral_scatter_layout(scatter, sheet, options, options->title != NULL ? options->title : heading, &axes);
    spiral_axes_draw_grid(&axes, sheet);
    spiral_scatter_draw(scatter, sheet, &axes);
}

SpiralStatus spiral_figure_data(const SpiralDataset *dataset, const SpiralFigureOptions *options, const char *path,
                                SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralScatter scatter;
    status = spiral_scatter_set(&scatter, dataset, NULL, options->axes, options->plane, error);
    SpiralSheet *sheet = NULL;
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK) {
        draw_data(&scatter, options, sheet);
        status = spiral_sheet_save(sheet, path, error);
    }
    spiral_sheet_free(sheet);
    spiral_scatter_release(&scatter);
    return status;
}

/* ---- the decision boundary --------------------------------------------------------------------------------------- */

/* Says what grey regions are, at the bottom of the plot. */
static void explain_grey(const SpiralSheet *sheet, const SpiralRectangle *plot)
{
    SpiralTextStyle style = {.size = sheet->text_size, .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    spiral_font_draw(sheet->font, sheet->canvas, (plot->left + plot->right) / 2.0, plot->bottom - sheet->text_size,
                     "grey: the scores overflow", &style);
}

/* Classifies the pixels of the plot by the network, and draws the observations over them. */
static SpiralStatus draw_boundary(const SpiralNetwork *network, const SpiralScatter *scatter,
                                  const SpiralFigureOptions *options, SpiralSheet *sheet, SpiralError *error)
{
    SpiralAxes axes;
    SpiralSampler sampler = {
        .network = network, .scatter = scatter, .axes = &axes, .threads = options->threads, .shade = options->shade};
    char title[SPIRAL_TITLE_BYTES];
    SpiralStatus status = spiral_sampler_create(&sampler, error);
    if (status == SPIRAL_OK && options->title == NULL)
        status = spiral_sampler_title(&sampler, options->heading, title, error);
    if (status == SPIRAL_OK) {
        spiral_scatter_layout(scatter, sheet, options, options->title != NULL ? options->title : title, &axes);
        status = spiral_regions_draw(&sampler, sheet->canvas, error);
    }
    spiral_sampler_release(&sampler);
    if (status == SPIRAL_OK)
        spiral_scatter_draw(scatter, sheet, &axes);
    if (status == SPIRAL_OK && sampler.overflows)
        explain_grey(sheet, &axes.plot);
    return status;
}

SpiralStatus spiral_figure_boundary(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK)
        status = spiral_sampler_check(network, dataset, error);
    SpiralScatter scatter = {0};
    if (status == SPIRAL_OK)
        status = spiral_scatter_set(&scatter, dataset, network, options->axes, options->plane, error);
    if (status == SPIRAL_OK && options->validation != NULL)
        status = spiral_sampler_check(network, options->validation, error);
    if (status == SPIRAL_OK && options->validation != NULL)
        status = spiral_scatter_add_validation(&scatter, options->validation, error);
    if (status == SPIRAL_OK && options->errors)
        status = spiral_scatter_find_errors(&scatter, network, options->threads, error);
    SpiralSheet *sheet = NULL;
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK)
        status = draw_boundary(network, &scatter, options, sheet, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    spiral_scatter_release(&scatter);
    return status;
}
