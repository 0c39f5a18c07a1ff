/* Each value that the library names has the name that users type and read; a value that is none has a name too, so
 * that a caller's mistake prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spiral/spiral.h"

enum { NONE = 99 };

static void statuses(void **state)
{
    (void)state;
    assert_string_equal(spiral_status_sentence(SPIRAL_OK), "everything asked for was done");
    assert_string_equal(spiral_status_sentence(SPIRAL_ERROR_CHECK),
                        "a check failed: --require-accuracy, check, gradcheck");
    assert_string_equal(spiral_status_sentence(SPIRAL_ERROR_USAGE), "the command line is wrong");
    assert_string_equal(spiral_status_sentence(SPIRAL_ERROR_INPUT),
                        "an input file is missing, unreadable or malformed");
    assert_string_equal(spiral_status_sentence(SPIRAL_ERROR_OUTPUT), "an output could not be written");
    assert_string_equal(spiral_status_sentence(SPIRAL_ERROR_LIMIT), "out of memory, or over a limit of the program");
    assert_string_equal(spiral_status_sentence(SPIRAL_ERROR_DIVERGED), "the loss or a parameter is no longer finite");
    assert_string_equal(spiral_status_name((SpiralStatus)NONE), "unknown");
    assert_string_equal(spiral_status_sentence((SpiralStatus)NONE), "unknown status");
}

static void reasons_to_stop(void **state)
{
    (void)state;
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_ITERATIONS), "iterations");
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_INTERRUPTED), "interrupted");
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_PAUSED), "paused");
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_DIVERGED), "diverged");
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_PATIENCE), "patience");
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_TOLERANCE), "tolerance");
    assert_string_equal(spiral_stop_reason_name(SPIRAL_STOP_TARGET), "target-loss");
    assert_string_equal(spiral_stop_reason_name((SpiralStopReason)NONE), "unknown");
}

static void choices_of_options(void **state)
{
    (void)state;
    assert_string_equal(spiral_activation_name(SPIRAL_ACTIVATION_LEAKY_RELU), "leaky-relu");
    assert_string_equal(spiral_activation_name((SpiralActivation)NONE), "unknown");
    assert_string_equal(spiral_optimizer_name(SPIRAL_OPTIMIZER_ADAM), "adam");
    assert_string_equal(spiral_optimizer_name((SpiralOptimizerKind)NONE), "unknown");
    assert_string_equal(spiral_schedule_name((SpiralScheduleKind)NONE), "unknown");
    assert_string_equal(spiral_generate_shape_name(SPIRAL_SHAPE_SPIRAL), "spiral");
    assert_string_equal(spiral_generate_shape_name(SPIRAL_SHAPE_BLOBS), "blobs");
    assert_string_equal(spiral_generate_shape_name(SPIRAL_SHAPE_GAUSSIAN_QUANTILES), "gaussian-quantiles");
    assert_string_equal(spiral_generate_shape_name((SpiralGenerateShape)NONE), "unknown");
}

static void outcomes(void **state)
{
    (void)state;
    assert_string_equal(spiral_sweep_status_name(SPIRAL_SWEEP_NONE), "none");
    assert_string_equal(spiral_sweep_status_name(SPIRAL_SWEEP_PRUNED), "pruned");
    assert_string_equal(spiral_sweep_status_name((SpiralSweepStatus)NONE), "unknown");
    assert_string_equal(spiral_sanity_outcome_name(SPIRAL_SANITY_WARNING), "warning");
    assert_string_equal(spiral_sanity_outcome_name((SpiralSanityOutcome)NONE), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses),
        cmocka_unit_test(reasons_to_stop),
        cmocka_unit_test(choices_of_options),
        cmocka_unit_test(outcomes),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
