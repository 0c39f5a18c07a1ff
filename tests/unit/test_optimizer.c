#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "learning_support.h"
#include "net/optimizer.h"

/* ---- the rules --------------------------------------------------------------------------------------------------- */

enum { COUNT = 13, UPDATES = 200 };
static const SpiralOptimizerKind kinds[] = {
    SPIRAL_OPTIMIZER_SGD,     SPIRAL_OPTIMIZER_MOMENTUM, SPIRAL_OPTIMIZER_NESTEROV, SPIRAL_OPTIMIZER_ADAGRAD,
    SPIRAL_OPTIMIZER_RMSPROP, SPIRAL_OPTIMIZER_ADAM,     SPIRAL_OPTIMIZER_ADAMW};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void every_rule_follows_numpy_over_200_updates(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        SpiralOptimizer optimizer = {
            .kind = kinds[k], .momentum = 0.85, .beta1 = 0.8, .beta2 = 0.95, .decay_rate = 0.9, .epsilon = 1e-6};
        double x[COUNT], dx[COUNT], next[COUNT], slots[2][COUNT] = {{0.0}};
        for (size_t i = 0; i < COUNT; i++)
            x[i] = 1.0 - (double)i / 5.0;
        for (size_t t = 0; t < UPDATES; t++) {
            for (size_t i = 0; i < COUNT; i++)
                dx[i] = (double)(i + 1) / 16.0 * x[i] + ((double)((7 * t + 3 * i) % 11) - 5.0) / 8.0;
            SpiralUpdate update = {.count = COUNT,
                                   .number = t + 1,
                                   .rate = 0.125 / (1.0 + (double)t / 64.0),
                                   .x = x,
                                   .dx = dx,
                                   .next = next,
                                   .slot = {slots[0], slots[1]}};
            spiral_optimizer_update(&optimizer, &update);
            memcpy(x, next, sizeof x);
            if (t + 1 == 1 || t + 1 == 2 || t + 1 == 10 || t + 1 == UPDATES) {
                char name[64];
                snprintf(name, sizeof name, "%s_%zu", spiral_optimizer_name(kinds[k]), t + 1);
                assert_learning(name, COUNT, x, 1e-12);
            }
        }
        static const double zero[COUNT] = {0.0}; /* the slots that the rule keeps are used, and no others */
        for (size_t s = 0; s < 2; s++)
            assert_int_equal(memcmp(slots[s], zero, sizeof zero) != 0, s < spiral_optimizer_slots(kinds[k]));
    }
}

static void an_optimizer_s_settings_out_of_range_are_refused_by_name(void **state)
{
    (void)state;
    SpiralOptimizer optimizer = spiral_optimizer_defaults();
    SpiralError error;
    assert_int_equal(spiral_optimizer_validate(&optimizer, &error), SPIRAL_OK);
    struct {
        double *value;
        const char *name;
    } fractions[] = {{&optimizer.momentum, "momentum"},
                     {&optimizer.beta1, "beta1"},
                     {&optimizer.beta2, "beta2"},
                     {&optimizer.decay_rate, "decay_rate"}};
    static const double wrong[] = {-0.1, 1.0, 1.5, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++)
        for (size_t w = 0; w < 5; w++) {
            double kept = *fractions[i].value;
            *fractions[i].value = wrong[w];
            assert_int_equal(spiral_optimizer_validate(&optimizer, &error), SPIRAL_ERROR_USAGE);
            assert_non_null(strstr(error.reason, fractions[i].name));
            *fractions[i].value = 0.0;
            assert_int_equal(spiral_optimizer_validate(&optimizer, &error), SPIRAL_OK);
            *fractions[i].value = kept;
        }
    static const double wrong_epsilon[] = {0.0, -1e-8, NAN, INFINITY};
    for (size_t w = 0; w < 4; w++) {
        optimizer.epsilon = wrong_epsilon[w];
        assert_int_equal(spiral_optimizer_validate(&optimizer, &error), SPIRAL_ERROR_USAGE);
        assert_non_null(strstr(error.reason, "epsilon"));
    }
}

/* ---- the schedules ----------------------------------------------------------------------------------------------- */

static const SpiralScheduleKind schedules[] = {SPIRAL_SCHEDULE_CONSTANT, SPIRAL_SCHEDULE_STEP,
                                               SPIRAL_SCHEDULE_EXPONENTIAL, SPIRAL_SCHEDULE_INVERSE,
                                               SPIRAL_SCHEDULE_COSINE};
enum { SCHEDULES = sizeof schedules / sizeof schedules[0] };

static void every_schedule_follows_numpy_with_its_warm_up(void **state)
{
    (void)state;
    for (size_t k = 0; k < SCHEDULES; k++) {
        SpiralSchedule schedule = {.kind = schedules[k], .every = 30, .factor = 0.6, .decay = 0.02, .warmup = 7};
        double rates[200];
        char name[64];
        for (size_t t = 0; t < 200; t++)
            rates[t] = spiral_schedule_rate(&schedule, 0.7, t, 200);
        snprintf(name, sizeof name, "rate_%s", spiral_schedule_name(schedules[k]));
        assert_learning(name, 200, rates, 1e-14);
    }
}

static double rate_at(SpiralScheduleKind kind, size_t t)
{
    SpiralSchedule schedule = {.kind = kind, .every = 10, .factor = 0.5, .decay = 0.25};
    return spiral_schedule_rate(&schedule, 3.0, t, 80);
}

static void schedules_have_their_closed_forms_at_places_known_by_heart(void **state)
{
    (void)state;
    for (size_t k = 0; k < SCHEDULES; k++)
        assert_true(rate_at(schedules[k], 0) == 3.0);
    assert_true(rate_at(SPIRAL_SCHEDULE_CONSTANT, 79) == 3.0);
    assert_true(rate_at(SPIRAL_SCHEDULE_STEP, 9) == 3.0);
    assert_true(rate_at(SPIRAL_SCHEDULE_STEP, 10) == 1.5);
    assert_true(rate_at(SPIRAL_SCHEDULE_STEP, 29) == 0.75);
    assert_true(rate_at(SPIRAL_SCHEDULE_STEP, 30) == 0.375);
    assert_true(fabs(rate_at(SPIRAL_SCHEDULE_EXPONENTIAL, 4) - 3.0 / 2.718281828459045) < 1e-15);
    assert_true(rate_at(SPIRAL_SCHEDULE_INVERSE, 4) == 1.5);
    assert_true(rate_at(SPIRAL_SCHEDULE_INVERSE, 12) == 0.75);
    assert_true(fabs(rate_at(SPIRAL_SCHEDULE_COSINE, 20) - 1.5 * (1.0 + 0.7071067811865476)) < 1e-15);
    assert_true(fabs(rate_at(SPIRAL_SCHEDULE_COSINE, 40) - 1.5) < 1e-15);
    assert_true(fabs(rate_at(SPIRAL_SCHEDULE_COSINE, 80)) < 1e-15);
}

static void a_warm_up_rises_in_equal_steps_to_the_whole_rate(void **state)
{
    (void)state;
    SpiralSchedule schedule = spiral_schedule_defaults();
    assert_true(spiral_schedule_rate(&schedule, 2.0, 0, 10) == 2.0); /* no warm-up */
    schedule.warmup = 4;
    static const double expected[] = {0.5, 1.0, 1.5, 2.0, 2.0};
    for (size_t t = 0; t < 5; t++)
        assert_true(spiral_schedule_rate(&schedule, 2.0, t, 10) == expected[t]);
}

static void a_schedule_s_settings_out_of_range_are_refused_by_name(void **state)
{
    (void)state;
    SpiralError error;
    struct {
        SpiralSchedule schedule;
        const char *name;
    } wrong[] = {{{.every = 0, .factor = 0.5}, "every"},
                 {{.every = 1, .factor = 0.0}, "factor"},
                 {{.every = 1, .factor = 1.1}, "factor"},
                 {{.every = 1, .factor = NAN}, "factor"},
                 {{.every = 1, .factor = 1, .decay = -1}, "decay"},
                 {{.every = 1, .factor = 1, .decay = NAN}, "decay"},
                 {{.every = 1, .factor = 1, .decay = INFINITY}, "decay"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(spiral_schedule_validate(&wrong[i].schedule, &error), SPIRAL_ERROR_USAGE);
        assert_non_null(strstr(error.reason, wrong[i].name));
    }
    SpiralSchedule good = spiral_schedule_defaults();
    assert_int_equal(spiral_schedule_validate(&good, &error), SPIRAL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_follows_numpy_over_200_updates),
        cmocka_unit_test(an_optimizer_s_settings_out_of_range_are_refused_by_name),
        cmocka_unit_test(every_schedule_follows_numpy_with_its_warm_up),
        cmocka_unit_test(schedules_have_their_closed_forms_at_places_known_by_heart),
        cmocka_unit_test(a_warm_up_rises_in_equal_steps_to_the_whole_rate),
        cmocka_unit_test(a_schedule_s_settings_out_of_range_are_refused_by_name),
    };
    return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}
