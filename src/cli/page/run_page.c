#include "cli/page/run_page.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/regular.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/page/page.h"

enum {
    MOST_ROWS = 2000,
    MOST_VALUES = 200000,     /* of the data */
    MOST_PRODUCTS = 40000000, /* of rows and parameters: the page computes with them at every step of its slider */
    MOST_LINES = 1000         /* of the log */
};

/* ---- the network and the data ------------------------------------------------------------------------------------ */

static bool add_network(cJSON *root, const SpiralNetwork *network)
{
    cJSON *object = cJSON_AddObjectToObject(root, "network");
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    char title[128];
    spiral_network_title(network, title, sizeof title);
    bool added = object != NULL && json_add_text(object, "title", title) &&
                 json_add_sizes(object, "sizes", network->sizes, network->layers + 1) &&
                 json_add_text(object, "activation", spiral_activation_name(network->activation)) &&
                 json_add_real(object, "leaky_slope", SPIRAL_LEAKY_SLOPE) &&
                 json_add_names(object, "features", (const char *const *)network->feature_names, D) &&
                 json_add_names(object, "classes", (const char *const *)network->class_names, K);
    if (added && network->mean != NULL)
        added =
            page_add_doubles(object, "mean", network->mean, D) && page_add_doubles(object, "scale", network->scale, D);
    return added;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The page has the rows 0, step, 2 step ... */
static size_t row_step(const SpiralDataset *dataset, const SpiralNetwork *network)
{
    size_t most = smaller(MOST_VALUES / dataset->features, MOST_PRODUCTS / network->parameter_count);
    most = smaller(most, MOST_ROWS);
    most = most > 0 ? most : 1;
    return (dataset->rows + most - 1) / most;
}

static bool add_data(cJSON *root, const SpiralDataset *dataset, const SpiralNetwork *network)
{
    cJSON *object = cJSON_AddObjectToObject(root, "data");
    size_t D = dataset->features, step = row_step(dataset, network), rows = (dataset->rows + step - 1) / step;
    double *X = cli_allocate(rows, D * sizeof *X);
    size_t *y = cli_allocate(rows, sizeof *y);
    bool added = object != NULL && X != NULL && y != NULL;
    for (size_t i = 0; added && i < rows; i++) {
        memcpy(X + i * D, dataset->X + i * step * D, D * sizeof *X);
        y[i] = (size_t)dataset->y[i * step];
    }
    added = added && json_add_size(object, "all_rows", dataset->rows) && json_add_size(object, "step", step) &&
            page_add_doubles(object, "X", X, rows * D) && json_add_sizes(object, "y", y, rows);
    free(X);
    free(y);
    return added;
}

static bool add_moments(cJSON *root, const Moments *moments)
{
    return json_add_sizes(root, "iterations", moments->iterations, moments->count) &&
           page_add_floats(root, "weights", moments->weights, moments->count * moments->parameter_count);
}

/* What the page needs to know to compute loss, gradient and update itself. */
static bool add_training(cJSON *root, const SpiralTrainOptions *training)
{
    cJSON *object = cJSON_AddObjectToObject(root, "training");
    bool decoupled = training->optimizer.kind == SPIRAL_OPTIMIZER_ADAMW; /* reg is in the update, not in the gradient */
    return object != NULL && cJSON_AddBoolToObject(object, "decoupled", decoupled) != NULL &&
           json_add_real(object, "reg", training->objective.reg) &&
           json_add_real(object, "l1", training->objective.l1) &&
           cJSON_AddBoolToObject(object, "mean", training->objective.reduction == SPIRAL_REDUCTION_MEAN) != NULL &&
           cJSON_AddBoolToObject(object, "plain_descent", training->optimizer.kind == SPIRAL_OPTIMIZER_SGD) != NULL &&
           json_add_real(object, "max_grad_norm", training->max_grad_norm) &&
           json_add_size(object, "batch_size", training->batch_size) &&
           json_add_real(object, "dropout", training->dropout);
}

/* ---- the log ----------------------------------------------------------------------------------------------------- */

/* Lines of the log, evenly spaced: every step-th row. */
typedef struct Lines {
    size_t count, step;
    char *kept[MOST_LINES];
    char header[SPIRAL_LOG_LINE_LIMIT]; /* of a CSV; "" for JSON lines */
} Lines;

static void free_lines(Lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->kept[i]);
    lines->count = 0;
}

static void leave_out_every_second(Lines *lines)
{
    size_t kept = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (i % 2 == 0)
            lines->kept[kept++] = lines->kept[i];
        else
            free(lines->kept[i]);
    lines->count = kept;
    lines->step *= 2;
}

/* False when out of memory. */
static bool keep_line(Lines *lines, size_t row, const char *line)
{
    if (lines->count == MOST_LINES)
        leave_out_every_second(lines);
    if (row % lines->step != 0)
        return true;
    char *copy = cli_copy_string(line);
    if (copy != NULL)
        lines->kept[lines->count++] = copy;
    return copy != NULL;
}

static SpiralStatus read_lines(const char *path, FILE *file, bool csv, Lines *lines, SpiralError *error)
{
    char line[SPIRAL_LOG_LINE_LIMIT];
    for (size_t number = 0; fgets(line, sizeof line, file) != NULL; number++) {
        if (strchr(line, '\n') == NULL) /* a killed training may leave a piece of a line */
            break;
        line[strcspn(line, "\n")] = '\0';
        if (csv && number == 0)
            memcpy(lines->header, line, sizeof line);
        else if (!keep_line(lines, number - csv, line))
            return cli_no_memory(error);
    }
    if (ferror(file) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    return SPIRAL_OK;
}

static bool add_lines(cJSON *root, const char *name, bool csv, const Lines *lines)
{
    cJSON *object = cJSON_AddObjectToObject(root, "log");
    return object != NULL && json_add_text(object, "name", name) &&
           json_add_text(object, "format", csv ? "csv" : "jsonl") && json_add_text(object, "header", lines->header) &&
           json_add_size(object, "step", lines->step) &&
           json_add_names(object, "lines", (const char *const *)lines->kept, lines->count);
}

static SpiralStatus add_log(cJSON *root, const RunPage *page, SpiralError *error)
{
    bool csv = page->settings->log_format == SPIRAL_LOSS_LOG_CSV;
    const char *name = train_log_name(page->settings);
    char *path = cli_join(page->folder, name);
    Lines *lines = cli_allocate(1, sizeof *lines);
    FILE *file;
    SpiralStatus status = path == NULL || lines == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = spiral_regular_read(NULL, path, &file, error);
    if (status == SPIRAL_OK) {
        lines->step = 1;
        status = read_lines(path, file, csv, lines, error);
        fclose(file);
        if (status == SPIRAL_OK && !add_lines(root, name, csv, lines))
            status = cli_no_memory(error);
        free_lines(lines);
    }
    free(lines);
    free(path);
    return status;
}

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static SpiralStatus add_summary(cJSON *root, const RunPage *page, SpiralError *error)
{
    char *path = cli_join(page->folder, "summary.json");
    cJSON *summary = NULL;
    SpiralStatus status = path == NULL ? cli_no_memory(error) : json_read(NULL, path, SIZE_MAX, &summary, error);
    free(path);
    if (status == SPIRAL_OK && !cJSON_AddItemToObject(root, "summary", summary)) {
        cJSON_Delete(summary);
        status = cli_no_memory(error);
    }
    return status;
}

SpiralStatus run_page_save(const RunPage *page, SpiralOutput *output, SpiralError *error)
{
    char title[128], *json = NULL;
    spiral_network_title(page->network, title, sizeof title);
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && add_network(root, page->network) && add_data(root, page->dataset, page->network) &&
                 add_training(root, &page->settings->run.training) && add_moments(root, page->moments);
    SpiralStatus status = added ? add_summary(root, page, error) : cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = add_log(root, page, error);
    if (status == SPIRAL_OK && (json = json_text(root)) == NULL)
        status = cli_no_memory(error);
    if (status == SPIRAL_OK) {
        page_begin(PAGE_RUN, title, output);
        page_end(PAGE_RUN, json, output);
        status = spiral_output_commit(output, error);
    } else {
        spiral_output_discard(output);
    }
    free(json);
    cJSON_Delete(root);
    return status;
}
