#include "cli/train/warnings.h"

#include <math.h>
#include <stdio.h>

/* How many records in a row are "for long". */
enum { RISING_RECORDS = 50, RATIO_RECORDS = 50 };

/* The notes want about 1e-3; a hundred times less or more is far from it. */
static const double LOW_RATIO = 1e-5, HIGH_RATIO = 1e-1;

Babysitter babysit_start(const SpiralNetwork *network, bool quiet)
{
    return (Babysitter){.quiet = quiet, .network = network, .last_loss = INFINITY};
}

static bool watch_loss(Babysitter *sitter, const SpiralTrainRecord *record, char *text, size_t size)
{
    if (record->loss > sitter->last_loss) {
        sitter->rising++;
    } else {
        sitter->rising = 0;
        sitter->rising_since = record->iteration;
    }
    sitter->last_loss = record->loss;
    if (sitter->said_rising || sitter->rising < RISING_RECORDS)
        return false;
    sitter->said_rising = true;
    snprintf(text, size,
             "the loss has been rising since iteration %zu: the learning rate (%g) is likely too high, try a third of "
             "it, or a --schedule that lowers it",
             sitter->rising_since, record->learning_rate);
    return true;
}

static bool watch_ratio(Babysitter *sitter, const SpiralTrainRecord *record, char *text, size_t size)
{
    sitter->low = record->update_ratio < LOW_RATIO ? sitter->low + 1 : 0;
    sitter->high = record->update_ratio > HIGH_RATIO ? sitter->high + 1 : 0;
    if (sitter->said_ratio || (sitter->low < RATIO_RECORDS && sitter->high < RATIO_RECORDS))
        return false;
    sitter->said_ratio = true;
    snprintf(text, size, "iteration %zu: updates are %.0e of the weights, about 1e-03 is healthy: %s",
             record->iteration, record->update_ratio,
             sitter->low > 0 ? "the training has settled, or the learning rate is too low"
                             : "the learning rate may be too high");
    return true;
}

static bool watch_dead(Babysitter *sitter, const SpiralTrainRecord *record, char *text, size_t size)
{
    for (size_t l = 0; !sitter->said_dead && l + 1 < record->layer_count; l++) {
        size_t units = sitter->network->sizes[l + 1];
        if (2 * record->layers[l].dead <= units)
            continue;
        sitter->said_dead = true;
        snprintf(text, size,
                 "iteration %zu: %zu of %zu units of hidden layer %zu are dead, positive for no row: try a lower "
                 "learning rate, or --activation leaky-relu",
                 record->iteration, record->layers[l].dead, units, l + 1);
        return true;
    }
    return false;
}

bool babysit_watch(Babysitter *sitter, const SpiralTrainRecord *record, char *text, size_t size)
{
    if (sitter->quiet)
        return false;
    return watch_loss(sitter, record, text, size) || watch_ratio(sitter, record, text, size) ||
           watch_dead(sitter, record, text, size);
}
