#include "check/sanity_result.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"

SpiralSanityOutcome spiral_sanity_judge(double value, double warning, double failed)
{
    if (!(value <= failed))
        return SPIRAL_SANITY_FAILED;
    return value <= warning ? SPIRAL_SANITY_OK : SPIRAL_SANITY_WARNING;
}

void spiral_sanity_copy_name(const char *const *names, size_t index, char *name)
{
    if (names != NULL)
        spiral_text_show(names[index], name, SPIRAL_SANITY_NAME + 1);
    else
        snprintf(name, SPIRAL_SANITY_NAME + 1, "%zu", index);
}

const char *spiral_sanity_number(double value, int digits, char text[SPIRAL_SANITY_NUMBER])
{
    if (!isfinite(value))
        return "not finite";
    snprintf(text, SPIRAL_SANITY_NUMBER, "%.*g", digits, value);
    return text;
}

void spiral_sanity_advise(SpiralSanityResult *result, const char *advice, SpiralSanityRemedy first,
                          SpiralSanityRemedy second)
{
    result->advice = advice;
    result->remedies[0] = first;
    result->remedies[1] = second;
}
