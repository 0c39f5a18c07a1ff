/* A confusion matrix. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "figure/colours.h"
#include "figure/matrix.h"
#include "spiral/figure.h"

/* A share in percent; what is not all, or not nothing, does not look like it. */
static void write_share(double share, char *text, size_t size)
{
    if (share < 0.1)
        snprintf(text, size, "<0.1 %%");
    else if (share > 99.9 && share < 100.0)
        snprintf(text, size, ">99.9 %%");
    else
        snprintf(text, size, "%.*f %%", share < 0.5 || (share > 99.5 && share < 100.0) ? 1 : 0, share);
}

static void write_count(const SpiralMatrix *matrix, size_t row, size_t column, SpiralCellText *text)
{
    const SpiralConfusion *confusion = matrix->context;
    double share = spiral_matrix_value(matrix, row, column);
    snprintf(text->line[0], sizeof text->line[0], "%zu", confusion->counts[row * confusion->classes + column]);
    if (share > 0.0)
        write_share(share, text->line[1], sizeof text->line[1]);
}

/* The shares of each row in percent, NaN where a class has no observation; *right and *all are the counts on the
 * diagonal and of all. */
static void set_shares(const SpiralConfusion *confusion, double *shares, size_t *right, size_t *all)
{
    size_t classes = confusion->classes;
    *right = *all = 0;
    for (size_t i = 0; i < classes; i++) {
        const size_t *counts = confusion->counts + i * classes;
        size_t total = 0;
        for (size_t j = 0; j < classes; j++)
            total += counts[j];
        for (size_t j = 0; j < classes; j++)
            shares[i * classes + j] = total > 0 ? 100.0 * ((double)counts[j] / (double)total) : NAN;
        *right += counts[i];
        *all += total;
    }
}

/* Too large for the stack. */
typedef struct Picture {
    SpiralMatrix matrix;
    SpiralAxes axes;
} Picture;

static SpiralStatus draw(const SpiralConfusion *confusion, const double *shares, const char *title,
                         const SpiralSheet *sheet, SpiralError *error)
{
    size_t classes = confusion->classes;
    Picture *picture = spiral_allocate(1, sizeof *picture);
    if (picture == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a confusion matrix");
    SpiralMatrix *matrix = &picture->matrix;
    matrix->rows = (SpiralMatrixSide){classes, classes, "class of the data", confusion->names};
    matrix->columns = (SpiralMatrixSide){classes, 1, "predicted class", confusion->names};
    matrix->values = shares;
    matrix->bar.ramp = spiral_ramp_share;
    matrix->bar.axis.label = "share of the row (%)";
    matrix->bar.axis.high = 100.0;
    matrix->write = write_count;
    matrix->context = confusion;
    picture->axes.title = title;
    spiral_matrix_layout(matrix, sheet, spiral_sheet_area(sheet), &picture->axes);
    SpiralStatus status = spiral_matrix_draw(matrix, sheet, &picture->axes, error);
    free(picture);
    return status;
}

SpiralStatus spiral_figure_confusion(const SpiralConfusion *confusion, const SpiralFigureOptions *options,
                                     const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    size_t classes = confusion->classes, right = 0, all = 0;
    if (status == SPIRAL_OK && (classes == 0 || classes > SPIRAL_CONFUSION_LIMIT))
        status =
            spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                             "a confusion matrix of %zu classes; 1..%d are possible", classes, SPIRAL_CONFUSION_LIMIT);
    if (status != SPIRAL_OK)
        return status;
    SpiralSheet *sheet = NULL;
    double *shares = spiral_allocate_doubles(classes * classes);
    if (shares == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a confusion matrix");
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK) {
        char title[128], accuracy[SPIRAL_NUMBER_TEXT];
        set_shares(confusion, shares, &right, &all);
        snprintf(title, sizeof title, "Accuracy %s (%zu of %zu)",
                 all > 0 ? spiral_accuracy_print((double)right / (double)all, 2, accuracy) : "none", right, all);
        status = draw(confusion, shares, options->title != NULL ? options->title : title, sheet, error);
    }
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    free(shares);
    return status;
}
