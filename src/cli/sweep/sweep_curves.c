/* sweep_curves.c: curves.csv, the losses of all runs on the way, for the figure of all of them. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/regular.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"

static SpiralStatus make_room(SweepCurves *curves, size_t run, SpiralError *error)
{
    if (run < curves->count)
        return SPIRAL_OK;
    size_t count = run + 1 > 2 * curves->count ? run + 1 : 2 * curves->count;
    SweepCurve *grown = realloc(curves->curves, count * sizeof *grown);
    if (grown == NULL)
        return cli_no_memory(error);
    memset(grown + curves->count, 0, (count - curves->count) * sizeof *grown);
    curves->curves = grown;
    curves->count = count;
    return SPIRAL_OK;
}

/* In place of what the run had. */
static SpiralStatus set_curve(SweepCurves *curves, size_t run, size_t count, const double (*points)[3],
                              SpiralError *error)
{
    SpiralStatus status = make_room(curves, run, error);
    if (status != SPIRAL_OK)
        return status;
    double(*copy)[3] = cli_allocate(count, sizeof *copy);
    if (copy == NULL)
        return cli_no_memory(error);
    memcpy(copy, points, count * sizeof *copy);
    free(curves->curves[run].points);
    curves->curves[run] = (SweepCurve){count, copy};
    return SPIRAL_OK;
}

void sweep_curves_clear(SweepCurves *curves)
{
    spiral_output_discard(curves->output);
    for (size_t i = 0; i < curves->count; i++)
        free(curves->curves[i].points);
    free(curves->curves);
    *curves = (SweepCurves){0};
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static SpiralStatus write_curve(const SweepCurves *curves, size_t run, SpiralOutput *output, SpiralError *error)
{
    const SweepCurve *curve = &curves->curves[run];
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < curve->count; i++) {
        const double *point = curve->points[i];
        if (!isfinite(point[1])) /* a run that diverged at once has no finite loss */
            continue;
        char validation[40] = "";
        if (isfinite(point[2]))
            snprintf(validation, sizeof validation, "%.17g", point[2]);
        status = spiral_output_print(output, error, "%zu,%.0f,%.17g,%s\n", run, point[0], point[1], validation);
    }
    return status;
}

SpiralStatus sweep_curves_save(SweepCurves *curves, const char *path, SpiralError *error)
{
    SpiralOutput *output = curves->output;
    curves->output = NULL;
    SpiralStatus status = output != NULL ? spiral_output_commit(output, error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_output_print(output, error, "run,iteration,loss,validation_loss\n");
    for (size_t run = 0; status == SPIRAL_OK && run < curves->count; run++)
        status = write_curve(curves, run, output, error);
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

SpiralStatus sweep_curves_open(SweepCurves *curves, const char *path, SpiralError *error)
{
    SpiralStatus status = sweep_curves_save(curves, path, error);
    struct stat file;
    if (status == SPIRAL_OK && stat(path, &file) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "could not be written: %s", strerror(errno));
    return status == SPIRAL_OK ? spiral_output_create_log(path, (uint64_t)file.st_size, &curves->output, error)
                               : status;
}

SpiralStatus sweep_curves_add(SweepCurves *curves, size_t run, size_t count, const double (*points)[3],
                              SpiralError *error)
{
    SpiralStatus status = set_curve(curves, run, count, points, error);
    if (status == SPIRAL_OK)
        status = write_curve(curves, run, curves->output, error);
    return status == SPIRAL_OK ? spiral_output_flush(curves->output, error) : status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* RUN,ITERATION,LOSS,VALIDATION_LOSS; cuts the line. */
static bool read_point(char *line, size_t *run, double point[3])
{
    char *fields[4] = {line, NULL, NULL, NULL};
    for (size_t i = 1; i < 4; i++) {
        char *comma = strchr(fields[i - 1], ',');
        if (comma == NULL)
            return false;
        *comma = '\0';
        fields[i] = comma + 1;
    }
    point[2] = NAN;
    return text_to_size(fields[0], run) && text_to_real(fields[1], &point[0]) && text_to_real(fields[2], &point[1]) &&
           (fields[3][0] == '\0' || text_to_real(fields[3], &point[2]));
}

typedef struct CurveReader {
    SweepCurves *curves;
    const SpiralSweepResults *results;
    size_t run, count;
    double points[SWEEP_CURVE_POINTS][3];
} CurveReader;

/* A run without a row was killed before it had one, and will write its curve again. */
static SpiralStatus end_curve(CurveReader *reader, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    if (reader->count > 0 && spiral_sweep_results_row(reader->results, reader->run)->status != SPIRAL_SWEEP_NONE)
        status = set_curve(reader->curves, reader->run, reader->count, (const double(*)[3])reader->points, error);
    reader->count = 0;
    return status;
}

static SpiralStatus take_line(CurveReader *reader, char *line, const char *path, size_t number, SpiralError *error)
{
    size_t run;
    double point[3];
    char found[100];
    snprintf(found, sizeof found, "%s", line); /* which is cut when it is read */
    if (!read_point(line, &run, point))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, number,
                                "found \"%s\", expected run,iteration,loss,"
                                "validation_loss as spiral sweep writes them",
                                found);
    bool begins = reader->count > 0 && (run != reader->run || point[0] <= reader->points[reader->count - 1][0]);
    SpiralStatus status = begins || reader->count == SWEEP_CURVE_POINTS ? end_curve(reader, error) : SPIRAL_OK;
    reader->run = run;
    memcpy(reader->points[reader->count++], point, sizeof point);
    return status;
}

SpiralStatus sweep_curves_read(SweepCurves *curves, const SpiralSweepResults *results, const char *within,
                               const char *path, SpiralError *error)
{
    FILE *file;
    SpiralStatus status = spiral_regular_read(within, path, &file, error);
    if (status != SPIRAL_OK)
        return errno == ENOENT ? SPIRAL_OK : status;
    CurveReader reader = {.curves = curves, .results = results};
    char *line = NULL;
    size_t capacity = 0, number = 0;
    ssize_t length;
    while (status == SPIRAL_OK && (length = getline(&line, &capacity, file)) > 0) {
        if (line[length - 1] != '\n') /* a piece, left by a kill */
            break;
        line[length - 1] = '\0';
        if (++number > 1)
            status = take_line(&reader, line, path, number, error);
    }
    if (status == SPIRAL_OK)
        status = end_curve(&reader, error);
    if (status == SPIRAL_OK && ferror(file))
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    free(line);
    fclose(file);
    return status;
}
