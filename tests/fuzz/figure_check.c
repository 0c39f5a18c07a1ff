#include "figure_check.h"

#include <math.h>

#include "memory_files.h"
#include "spiral/figure.h"

static bool drawn;

void figures_are_drawn(bool are_drawn)
{
    drawn = are_drawn;
}

/* An x that is not finite, as of a column seconds with inf, is the figure's to refuse. */
static bool have_finite_x(size_t count, const SpiralCurve *curves)
{
    for (size_t i = 0; i < count; i++)
        for (size_t t = 0; t < curves[i].count; t++)
            if (!isfinite(curves[i].x[t]))
                return false;
    return true;
}

static void check_curves(size_t count, const SpiralCurve *curves)
{
    for (size_t i = 0; i < count; i++) {
        MUST(curves[i].count >= 1 && curves[i].x != NULL && curves[i].y != NULL);
        MUST((curves[i].low == NULL) == (curves[i].high == NULL));
        for (size_t t = 0; curves[i].low != NULL && t < curves[i].count; t++)
            MUST(!isfinite(curves[i].y[t]) || curves[i].low[t] <= curves[i].high[t]);
    }
}

__typeof__(spiral_figure_panels) __real_spiral_figure_panels, __wrap_spiral_figure_panels;
SpiralStatus __wrap_spiral_figure_panels(size_t count, const SpiralPanel *panels, const char *x_label,
                                         const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    MUST(count >= 1 && spiral_figure_validate(options, NULL) == SPIRAL_OK);
    bool finite = true;
    for (size_t i = 0; i < count; i++) {
        MUST(panels[i].count >= 1 && panels[i].share > 0.0);
        check_curves(panels[i].count, panels[i].curves);
        finite = finite && have_finite_x(panels[i].count, panels[i].curves);
    }
    if (!drawn)
        return SPIRAL_OK;
    SpiralStatus status = __real_spiral_figure_panels(count, panels, x_label, options, path, error);
    MUST(finite || status == SPIRAL_ERROR_INPUT);
    return status;
}

__typeof__(spiral_figure_curves) __real_spiral_figure_curves, __wrap_spiral_figure_curves;
SpiralStatus __wrap_spiral_figure_curves(size_t count, const SpiralCurve *curves, const char *x_label,
                                         const char *y_label, const SpiralFigureOptions *options, const char *path,
                                         SpiralError *error)
{
    MUST(count >= 1 && spiral_figure_validate(options, NULL) == SPIRAL_OK);
    check_curves(count, curves);
    return drawn ? __real_spiral_figure_curves(count, curves, x_label, y_label, options, path, error) : SPIRAL_OK;
}

__typeof__(spiral_figure_heat_map) __real_spiral_figure_heat_map, __wrap_spiral_figure_heat_map;
SpiralStatus __wrap_spiral_figure_heat_map(const SpiralHeatMap *map, const SpiralFigureOptions *options,
                                           const char *path, SpiralError *error)
{
    MUST(map->count >= 1 && (map->best == SIZE_MAX || map->best < map->count));
    for (size_t i = 0; i < map->count; i++)
        MUST(isfinite(map->xs[i]) && isfinite(map->ys[i]) && !isinf(map->values[i]));
    return drawn ? __real_spiral_figure_heat_map(map, options, path, error) : SPIRAL_OK;
}
