/* sanity_result.h: what the checks of sanity.h fill their results in with. */
#ifndef SPIRAL_CHECK_SANITY_RESULT_H
#define SPIRAL_CHECK_SANITY_RESULT_H

#include "spiral/sanity.h"

/* The outcome of a value that is the worse the larger it is, and worst as no number. */
SpiralSanityOutcome spiral_sanity_judge(double value, double warning, double failed);

/* At most this many bytes of a name, and the final NUL. */
enum { SPIRAL_SANITY_NAME = 32 };

/* The name at index as it is shown, shortened; the index itself when names is NULL. */
void spiral_sanity_copy_name(const char *const *names, size_t index, char *name /* (SPIRAL_SANITY_NAME + 1) */);

/* The number as a result shows it, "not finite" when it is none. */
enum { SPIRAL_SANITY_NUMBER = 32 };
const char *spiral_sanity_number(double value, int digits, char text[SPIRAL_SANITY_NUMBER]);

/* Says what to do; a second remedy of NONE: there is one. */
void spiral_sanity_advise(SpiralSanityResult *result, const char *advice, SpiralSanityRemedy first,
                          SpiralSanityRemedy second);

#endif
