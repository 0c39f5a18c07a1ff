#include "cli/train/warnings.h"

#include <math.h>
#include <stdio.h>

/* How many consecutive records it takes for a warning. */
enum { RISING_RECORDS = 50, RATIO_RECORDS = 50 };

/* The course notes recommend about 1e-3; a factor of 100 in either direction is far off. */
static const double LOW_RATIO = 1e-5, HIGH_RATIO = 1e-1;

TrainingWarnings training_warnings_start(const SpiralNetwork *network, bool quiet)
{
    return (TrainingWarnings){.quiet = quiet, .network = network, .last_loss = INFINITY};
}

static bool check_loss(TrainingWarnings *warnings, const SpiralTrainRecord *record, char *text, size_t size)
{
    if (record->loss > warnings->last_loss) {
        warnings->rising++;
    } else {
        warnings->rising = 0;
        warnings->rising_since = record->iteration;
    }
    warnings->last_loss = record->loss;
    if (warnings->rising_reported || warnings->rising < RISING_RECORDS)
        return false;
    warnings->rising_reported = true;
    snprintf(text, size,
             "the loss has been rising since iteration %zu: the learning rate (%g) is likely too high, try a third of "
             "it, or a --schedule that lowers it",
             warnings->rising_since, record->learning_rate);
    return true;
}

static bool check_ratio(TrainingWarnings *warnings, const SpiralTrainRecord *record, char *text, size_t size)
{
    warnings->low = record->update_ratio < LOW_RATIO ? warnings->low + 1 : 0;
    warnings->high = record->update_ratio > HIGH_RATIO ? warnings->high + 1 : 0;
    if (warnings->ratio_reported || (warnings->low < RATIO_RECORDS && warnings->high < RATIO_RECORDS))
        return false;
    warnings->ratio_reported = true;
    snprintf(text, size, "iteration %zu: updates are %.0e of the weights, about 1e-03 is healthy: %s",
             record->iteration, record->update_ratio,
             warnings->low > 0 ? "the training has settled, or the learning rate is too low"
                               : "the learning rate may be too high");
    return true;
}

static bool check_dead_units(TrainingWarnings *warnings, const SpiralTrainRecord *record, char *text, size_t size)
{
    for (size_t l = 0; !warnings->dead_reported && l + 1 < record->layer_count; l++) {
        size_t units = warnings->network->sizes[l + 1];
        if (2 * record->layers[l].dead <= units)
            continue;
        warnings->dead_reported = true;
        snprintf(text, size,
                 "iteration %zu: %zu of %zu units of hidden layer %zu are dead, positive for no row: try a lower "
                 "learning rate, or --activation leaky-relu",
                 record->iteration, record->layers[l].dead, units, l + 1);
        return true;
    }
    return false;
}

bool training_warnings_check(TrainingWarnings *warnings, const SpiralTrainRecord *record, char *text, size_t size)
{
    if (warnings->quiet)
        return false;
    return check_loss(warnings, record, text, size) || check_ratio(warnings, record, text, size) ||
           check_dead_units(warnings, record, text, size);
}
