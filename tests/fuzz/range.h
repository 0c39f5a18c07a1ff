/* Ranges of many values (lin:0:1:9999) only take time, several of them together over a second. More than a range may
 * have is refused at once, and is tried. */
#ifndef SPIRAL_TESTS_FUZZ_RANGE_H
#define SPIRAL_TESTS_FUZZ_RANGE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "spiral/limits.h"

static inline bool range_is_long(const char *text)
{
    bool counted = strstr(text, "lin:") != NULL || strstr(text, "log:") != NULL;
    double count = counted ? strtod(strrchr(text, ':') + 1, NULL) : 0.0;
    return count > 200.0 && count <= SPIRAL_SWEEP_RANGE_LIMIT;
}

#endif
