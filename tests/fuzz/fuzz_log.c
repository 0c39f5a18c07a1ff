/* The loss logs that `spiral plot --log` reads, CSV or JSON lines, and the figure of their curves. */
#include <math.h>
#include <string.h>

#include "cli/loss_figure.h"
#include "figure_check.h"
#include "memory_files.h"
#include "mutate.h"
#include "spiral/loss_log.h"

static const char path[] = MEMORY_FOLDER "loss.csv", other[] = MEMORY_FOLDER "other.csv";

/* What `spiral plot` draws of the log, alone or beside another; the log's bytes say which. */
static void draw(size_t way)
{
    enum { DRAWN = 64 }; /* one in so many is drawn */
    static const char plain[] = "iteration,loss\n0,1\n10,0.5\n";
    static const char *const paths[] = {path, other}, *const columns[] = {NULL, "accuracy", NULL, "validation_loss"};
    const LossCurves curves = {.count = 1 + way % 2,
                               .paths = paths,
                               .column = columns[way / 2 % 4],
                               .x = (LossFigureX)(way / 8 % 3),
                               .layers = way / 2 % 4 == 2,
                               .grows = true};
    SpiralFigureOptions options = spiral_figure_defaults();
    SpiralError error = {.status = SPIRAL_OK};
    options.log_y = way / 16 % 2 == 1;
    memory_file_set(other, (const uint8_t *)plain, sizeof plain - 1);
    figures_are_drawn(way % DRAWN == 0);
    SpiralStatus status = loss_figure_draw(&curves, &options, MEMORY_FOLDER "loss.svg", &error);
    MUST(status == SPIRAL_OK || (status == SPIRAL_ERROR_INPUT && error.reason[0] != '\0'));
    memory_outputs_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"iteration", "loss", "accuracy", "validation_loss", NULL};
    SpiralLossLog log = {0};
    SpiralError error = {.status = SPIRAL_OK};
    memory_file_set(path, data, size);
    SpiralStatus status = spiral_loss_log_load(path, names, 2, &log, &error);
    if (status == SPIRAL_OK) {
        MUST(log.count >= 1);
        MUST(log.columns[0] != NULL && log.columns[1] != NULL);
        for (size_t t = 0; t < log.count; t++)
            MUST(isfinite(log.columns[0][t]));
        spiral_loss_log_free(&log);
        draw(size + 7 * data[size - 2]);
    } else {
        MUST(status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT);
        MUST(error.status == status && error.line > 0 && error.reason[0] != '\0');
    }
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    Mutator *mutator = size > 0 && data[0] == '{' ? mutate_json : mutate_csv;
    return mutate_or_blind(mutator, 0, data, size, max_size, &(Random){seed});
}
