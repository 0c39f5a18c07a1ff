/* The decision boundary: the plot's pixels classified by the network, the observations over them. */
#include "figure/regions.h"
#include "figure/sampler.h"
#include "figure/scatter.h"
#include "spiral/figure.h"

static SpiralStatus draw(const SpiralNetwork *network, const SpiralScatter *scatter, const SpiralFigureOptions *options,
                         SpiralSheet *sheet, SpiralError *error)
{
    SpiralAxes axes;
    SpiralSampler sampler = {.network = network, .scatter = scatter, .axes = &axes, .threads = options->threads};
    char title[SPIRAL_TITLE_BYTES];
    SpiralStatus status = spiral_sampler_create(&sampler, error);
    if (status == SPIRAL_OK && options->title == NULL)
        status = spiral_sampler_title(&sampler, title, error);
    if (status == SPIRAL_OK) {
        spiral_scatter_layout(scatter, sheet, options, options->title != NULL ? options->title : title, &axes);
        status = spiral_regions_draw(&sampler, sheet->canvas, error);
    }
    spiral_sampler_release(&sampler);
    if (status == SPIRAL_OK)
        spiral_scatter_draw(scatter, sheet, &axes);
    return status;
}

SpiralStatus spiral_figure_boundary(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK)
        status = spiral_sampler_check(network, dataset, error);
    SpiralScatter scatter;
    if (status == SPIRAL_OK)
        status = spiral_scatter_set(&scatter, dataset, network->sizes[network->layers],
                                    (const char *const *)network->class_names, options->axes, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralSheet *sheet;
    status = spiral_sheet_create(options, &sheet, error);
    if (status != SPIRAL_OK)
        return status;
    status = draw(network, &scatter, options, sheet, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    return status;
}
