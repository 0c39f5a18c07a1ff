/* Axes, plans, results and rankings of sweeps. Expected values are simple arithmetic, or NumPy's where it is named. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net_support.h"
#include "spiral/output.h"
#include "spiral/sweep.h"
#include "sweep/run.h"

static const SpiralSweepDomain positive = {.number = true, .above = true};
static const SpiralSweepDomain share = {.number = true, .maximum = 1.0};
static const SpiralSweepDomain count = {.number = true, .whole = true, .minimum = 1.0};
static const SpiralSweepDomain word = {0};

static SpiralSweepAxis parsed(const char *text, char separator, const SpiralSweepDomain *domain)
{
    SpiralSweepAxis axis;
    SpiralError error;
    if (spiral_sweep_axis_parse("option", text, separator, domain, &axis, &error) != SPIRAL_OK)
        fail_msg("%s: %s", text, error.reason);
    return axis;
}

static void assert_values(const char *text, const SpiralSweepDomain *domain, size_t expected_count,
                          const char *const *expected)
{
    SpiralSweepAxis axis = parsed(text, ',', domain);
    assert_int_equal(axis.count, expected_count);
    for (size_t i = 0; i < expected_count; i++)
        assert_string_equal(axis.values[i], expected[i]);
    spiral_sweep_axis_clear(&axis);
}

/* ---- axes -------------------------------------------------------------------------------------------------------- */

static void test_ranges_and_lists_give_values_that_can_be_typed(void **state)
{
    (void)state;
    assert_values("0.10,3e-1,1", &positive, 3, (const char *const[]){"0.10", "3e-1", "1"});
    assert_values("lin:0:1:5", &share, 5, (const char *const[]){"0", "0.25", "0.5", "0.75", "1"});
    /* numpy.geomspace(0.001, 10, 4): 0.001, 0.0215443469, 0.464158883, 10 */
    assert_values("log:1e-3:10:4", &positive, 4, (const char *const[]){"0.001", "0.0215443", "0.464159", "10"});
    assert_values("log:8:512:4", &count, 4, (const char *const[]){"8", "32", "128", "512"});
    assert_values("log:1e-300:1e300:3", &positive, 3, (const char *const[]){"1e-300", "1", "1e+300"});
    assert_values("sgd,adam", &word, 2, (const char *const[]){"sgd", "adam"});
}

static void test_lists_of_lists_have_another_separator(void **state)
{
    (void)state;
    assert_false(spiral_sweep_is_many("100,50", ';'));
    assert_true(spiral_sweep_is_many("100,50;20", ';'));
    SpiralSweepAxis axis = parsed("100,50;20", ';', &word);
    assert_int_equal(axis.count, 2);
    assert_string_equal(axis.values[0], "100,50");
    spiral_sweep_axis_clear(&axis);
}

static void test_bad_axes_are_usage_errors(void **state)
{
    (void)state;
    static const char *const bad[] = {"1,2\n",
                                      "1,,2",
                                      "1,2,",
                                      "1,nan",
                                      "-1,1",
                                      "log:0:1:3",
                                      "log:1:10:1",
                                      "log:1:10",
                                      "log:1:10:3:4",
                                      "lin:2:1:3",
                                      "lin:1:1:3",
                                      "lin:a:2:3",
                                      "log:1:2:10001",
                                      "1,1",
                                      "uniform:1:1",
                                      "loguniform:0:1",
                                      "uniform:1",
                                      "log:1:inf:3",
                                      "log:1:2:2.5",
                                      "log:1: 2:3",
                                      "log:1:2:3 ",
                                      "log: 1:2:3",
                                      "lin:1:2:2.0",
                                      "lin:1:2:1e1",
                                      "lin:+1:2:3",
                                      "lin:1:+2:3",
                                      "lin:1:2:+3",
                                      "uniform:1:+2",
                                      "uniform: 1:2",
                                      "uniform:1:2 ",
                                      "uniform:1:2:",
                                      "1,+2",
                                      "1, 2",
                                      "log:1e-400:1:3",
                                      "lin:1:2:18446744073709551619"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        SpiralSweepAxis axis;
        SpiralError error;
        if (spiral_sweep_axis_parse("option", bad[i], ',', &positive, &axis, &error) != SPIRAL_ERROR_USAGE)
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(error.reason, "option: "));
        assert_true(strstr(error.reason, "expected") != NULL);
        spiral_sweep_axis_clear(&axis);
    }
}

static void test_what_an_option_does_not_take_is_named_with_what_it_takes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const SpiralSweepDomain *domain;
        const char *reason;
    } cases[] = {
        {"-1,1", &positive, "option: found \"-1\" in \"-1,1\", expected numbers above 0"},
        {"lin:0:2:3", &share, "option: found \"2\" in \"lin:0:2:3\", expected numbers of at least 0 and at most 1"},
        {"0.5,1.5", &share, "option: found \"1.5\" in \"0.5,1.5\", expected numbers of at least 0 and at most 1"},
        {"lin:0:4:5", &count, "option: found \"0\" in \"lin:0:4:5\", expected whole numbers of at least 1"},
        {"lin:1.5:4:3", &count, "option: found \"1.5\" in \"lin:1.5:4:3\", expected whole numbers of at least 1"},
        {"lin:1:3:5", &count,
         "option: \"lin:1:3:5\" asks for 5 values, and some of them are the same whole number; expected fewer"},
        {"lin:1:1.000001:5", &positive,
         "option: \"lin:1:1.000001:5\" asks for 5 values, and some of them are the same number of 6 digits; expected "
         "fewer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralSweepAxis axis;
        SpiralError error;
        assert_int_equal(spiral_sweep_axis_parse("option", cases[i].text, ',', cases[i].domain, &axis, &error),
                         SPIRAL_ERROR_USAGE);
        assert_string_equal(error.reason, cases[i].reason);
        spiral_sweep_axis_clear(&axis);
    }
}

/* Each value is compared with all others. */
static void test_a_list_has_no_more_values_than_a_range(void **state)
{
    (void)state;
    enum { MOST = SPIRAL_SWEEP_RANGE_LIMIT };
    char *text = malloc(8 * (MOST + 1));
    size_t used = 0;
    assert_non_null(text);
    for (int i = 1; i <= MOST; i++)
        used += (size_t)sprintf(text + used, "%s%d", i > 1 ? "," : "", i);
    SpiralSweepAxis axis = parsed(text, ',', &count);
    assert_int_equal(axis.count, MOST);
    spiral_sweep_axis_clear(&axis);
    sprintf(text + used, ",%d", MOST + 1);
    SpiralError error;
    assert_int_equal(spiral_sweep_axis_parse("option", text, ',', &count, &axis, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "option: a list of 10001 values, expected at most 10000"));
    spiral_sweep_axis_clear(&axis);
    free(text);
}

static void assert_border(const char *text, const SpiralSweepDomain *domain, const char *value, const char *next)
{
    SpiralSweepAxis axis = parsed(text, ',', domain);
    char found[256] = "none";
    bool low = false;
    bool border = spiral_sweep_axis_border(&axis, value, &low, found, sizeof found);
    assert_int_equal(border, next != NULL);
    if (next != NULL)
        assert_string_equal(found, next);
    spiral_sweep_axis_clear(&axis);
}

static void test_a_value_at_the_border_leads_to_the_range_about_it(void **state)
{
    (void)state;
    assert_border("log:1e-3:10:5", &positive, "10", "log:0.1:1000:5");
    assert_border("log:1e-3:10:5", &positive, "0.001", "log:1e-05:0.1:5");
    assert_border("log:1e-3:10:5", &positive, "0.1", NULL);
    assert_border("lin:1:3:3", &positive, "3", "lin:2:4:3");
    assert_border("0.1,0.3,1,10", &positive, "10", "log:1:100:4");
    assert_border("lin:0:0.5:6", &share, "0", NULL); /* the option goes no further */
    assert_border("lin:0.2:0.9:8", &share, "0.9", "lin:0.55:1:8");
    assert_border("loguniform:1:100", &positive, "95", "loguniform:9.5:950");
    assert_border("loguniform:1:100", &positive, "70", NULL);
    assert_border("sgd,adam", &word, "sgd", NULL);
    assert_border("log:4:64:5", &count, "64", "log:16:256:5");
    assert_border("log:1:16:5", &count, "1", NULL);
    /* a range of this width about 0.1 would reach below 0: factors are tried, sqrt(3) = 1.732, sqrt(10) = 3.162 */
    assert_border("0.1,0.3", &positive, "0.1", "log:0.0577:0.173:2");
    assert_border("lin:0.1:1:5", &positive, "0.1", "log:0.0316:0.316:5");
    assert_border("log:1e-300:1e300:3", &positive, "1e-300", NULL);
}

/* ---- plans ------------------------------------------------------------------------------------------------------- */

static void test_a_grids_last_axis_varies_fastest_and_seeds_faster_still(void **state)
{
    (void)state;
    SpiralSweepAxis axes[] = {parsed("1,2", ',', &positive), parsed("a,b,c", ',', &word)};
    SpiralSweepPlan *plan;
    const SpiralSweepPlanOptions options = {
        .axis_count = 2, .axes = axes, .seeds = 2, .seed = 7, .shard = 1, .shards = 1};
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_OK);
    assert_int_equal(plan->settings, 6);
    assert_int_equal(spiral_sweep_plan_runs(plan), 12);
    assert_string_equal(spiral_sweep_plan_value(plan, 4, 0), "2");
    assert_string_equal(spiral_sweep_plan_value(plan, 4, 1), "b");
    assert_int_equal(spiral_sweep_plan_seed(plan, 10), 7);
    assert_int_equal(spiral_sweep_plan_seed(plan, 11), 8);
    spiral_sweep_plan_free(plan);
    for (size_t i = 0; i < 2; i++)
        spiral_sweep_axis_clear(&axes[i]);
}

static void test_axes_that_do_not_fit_the_plan_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *axis; /* NULL: there is none */
        size_t seeds, random, refine;
        const char *reason;
    } cases[] = {
        {NULL, 1, 0, 0, "nothing is swept: expected an axis, or several seeds"},
        {NULL, 2, 5, 0, "nothing is drawn at random: expected an axis that is a distribution"},
        {"uniform:0.1:1", 1, 0, 0,
         "option: found \"uniform:0.1:1\", a distribution, expected the number of settings to draw, or a list"},
        {"0.1,1", 1, 5, 0, "option: found \"0.1,1\", all values of a grid, expected a distribution to draw from"},
        {"choice:sgd,adam", 1, 5, 1, "there is nothing to refine: expected an axis of numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool words = cases[i].axis != NULL && strncmp(cases[i].axis, "choice", 6) == 0;
        SpiralSweepAxis axis = {0};
        if (cases[i].axis != NULL)
            axis = parsed(cases[i].axis, ',', words ? &word : &positive);
        const SpiralSweepPlanOptions options = {.axis_count = cases[i].axis != NULL,
                                                .axes = &axis,
                                                .seeds = cases[i].seeds,
                                                .random = cases[i].random,
                                                .refine = cases[i].refine,
                                                .shard = 1,
                                                .shards = 1};
        SpiralSweepPlan *plan;
        SpiralError error;
        assert_int_equal(spiral_sweep_plan_create(&options, &plan, &error), SPIRAL_ERROR_USAGE);
        assert_string_equal(error.reason, cases[i].reason);
        assert_null(plan);
        spiral_sweep_axis_clear(&axis);
    }
}

static void test_a_million_runs_are_the_most(void **state)
{
    (void)state;
    SpiralSweepAxis axes[] = {parsed("lin:1:1000:1000", ',', &count), parsed("lin:1:1000:1000", ',', &count)};
    SpiralSweepPlan *plan;
    SpiralSweepPlanOptions options = {.axis_count = 2, .axes = axes, .seeds = 2, .shard = 1, .shards = 1};
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_ERROR_LIMIT);
    assert_null(plan);
    options.axis_count = 1;
    options.seeds = (size_t)UINT32_MAX; /* more runs than fit into 32 bits */
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_ERROR_LIMIT);
    options.seeds = 2;
    options.seed = UINT32_MAX; /* the second would be 0 again */
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_ERROR_USAGE);
    for (size_t i = 0; i < 2; i++)
        spiral_sweep_axis_clear(&axes[i]);
}

static void test_every_setting_is_in_one_shard(void **state)
{
    (void)state;
    SpiralSweepAxis axis = parsed("lin:1:10:10", ',', &count);
    size_t times[10] = {0};
    for (size_t shard = 1; shard <= 3; shard++) {
        SpiralSweepPlan *plan;
        const SpiralSweepPlanOptions options = {
            .axis_count = 1, .axes = &axis, .seeds = 1, .shard = shard, .shards = 3};
        assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_OK);
        for (size_t s = 0; s < 10; s++)
            times[s] += spiral_sweep_plan_has(plan, s);
        spiral_sweep_plan_free(plan);
    }
    for (size_t s = 0; s < 10; s++)
        assert_int_equal(times[s], 1);
    spiral_sweep_axis_clear(&axis);
}

static void test_refined_values_stay_within_what_the_option_takes(void **state)
{
    (void)state;
    SpiralSweepAxis axes[] = {parsed("uniform:0:1", ',', &share), parsed("uniform:1:9", ',', &count),
                              parsed("loguniform:1e-3:1", ',', &positive)};
    SpiralSweepPlan *plan;
    const SpiralSweepPlanOptions options = {
        .axis_count = 3, .axes = axes, .random = 300, .seeds = 1, .refine = 3, .shard = 1, .shards = 1};
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_OK);
    for (size_t round = 1; round <= 3; round++) {
        assert_int_equal(spiral_sweep_plan_refine(plan, plan->first + 17, NULL), SPIRAL_OK);
        assert_int_equal(plan->settings, 300 * (round + 1));
        for (size_t s = plan->first; s < plan->settings; s++) {
            double part = atof(spiral_sweep_plan_value(plan, s, 0)), whole = atof(spiral_sweep_plan_value(plan, s, 1));
            assert_true(part >= 0.0 && part <= 1.0);
            assert_true(whole >= 1.0 && whole <= 11.0 && whole == floor(whole));
            assert_true(atof(spiral_sweep_plan_value(plan, s, 2)) > 0.0);
        }
    }
    spiral_sweep_plan_free(plan);
    for (size_t i = 0; i < 3; i++)
        spiral_sweep_axis_clear(&axes[i]);
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

typedef struct Fixture {
    SpiralSweepAxis axis;
    SpiralSweepPlan *plan;
    SpiralSweepResults *results;
} Fixture;

/* settings "1", "2", ... with two seeds each */
static void set_up(Fixture *fixture, const char *values)
{
    fixture->axis = parsed(values, ',', &positive);
    const SpiralSweepPlanOptions options = {
        .axis_count = 1, .axes = &fixture->axis, .seeds = 2, .shard = 1, .shards = 1};
    assert_int_equal(spiral_sweep_plan_create(&options, &fixture->plan, NULL), SPIRAL_OK);
    assert_int_equal(spiral_sweep_results_create(fixture->plan, &fixture->results, NULL), SPIRAL_OK);
}

static void tear_down(Fixture *fixture)
{
    spiral_sweep_results_free(fixture->results);
    spiral_sweep_plan_free(fixture->plan);
    spiral_sweep_axis_clear(&fixture->axis);
}

static SpiralSweepRow row(SpiralSweepStatus status, size_t iterations, double accuracy, double loss)
{
    return (SpiralSweepRow){.status = status,
                            .iterations = iterations,
                            .loss = loss + 0.5,
                            .data_loss = loss,
                            .accuracy = accuracy,
                            .validation_loss = NAN,
                            .validation_accuracy = NAN,
                            .seconds = 0.25};
}

static void add(Fixture *fixture, size_t run, SpiralSweepRow added)
{
    spiral_sweep_results_add(fixture->results, run, &added);
}

static SpiralSweepRow failed_row(char *reason)
{
    SpiralSweepRow failed = row(SPIRAL_SWEEP_FAILED, 0, NAN, NAN);
    failed.reason = reason;
    return failed;
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    Fixture fixture, read;
    char path[] = "/tmp/spiral-sweep-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    set_up(&fixture, "1,2");
    set_up(&read, "1,2");
    fixture.plan->options.validated = read.plan->options.validated = true;
    SpiralSweepRow right = row(SPIRAL_SWEEP_OK, 10, 0.1 + 0.2, 1.0 / 3.0);
    right.validation_accuracy = 0.75;
    right.validation_loss = 2.0 / 3.0;
    add(&fixture, 0, right);
    assert_int_equal(spiral_sweep_results_open(fixture.results, path, NULL), SPIRAL_OK);
    SpiralSweepRow wild = row(SPIRAL_SWEEP_DIVERGED, 3, 0.5, INFINITY);
    wild.validation_accuracy = 0.25;
    wild.validation_loss = INFINITY;
    add(&fixture, 3, wild);
    add(&fixture, 2, failed_row("a \"reason\", with a comma"));
    assert_int_equal(spiral_sweep_results_flush(fixture.results, NULL), SPIRAL_OK);
    assert_int_equal(spiral_sweep_results_read(read.results, NULL, path, false, NULL), SPIRAL_OK);
    for (size_t run = 0; run < 4; run++) {
        const SpiralSweepRow *a = spiral_sweep_results_row(fixture.results, run);
        const SpiralSweepRow *b = spiral_sweep_results_row(read.results, run);
        assert_int_equal(a->status, b->status);
        assert_int_equal(a->iterations, b->iterations);
        assert_memory_equal(&a->data_loss, &b->data_loss, sizeof(double));
        assert_memory_equal(&a->accuracy, &b->accuracy, sizeof(double));
        assert_true(isnan(a->validation_loss) ? isnan(b->validation_loss) : a->validation_loss == b->validation_loss);
        assert_int_equal(a->reason != NULL, b->reason != NULL);
        if (a->reason != NULL)
            assert_string_equal(a->reason, b->reason);
    }
    tear_down(&fixture);
    tear_down(&read);
    unlink(path);
}

static void assert_order(Fixture *fixture, SpiralSweepMeasure measure, size_t expected_count, const size_t *expected)
{
    SpiralSweepScore *scores;
    size_t found;
    assert_int_equal(spiral_sweep_ranking(fixture->results, measure, &scores, &found, NULL), SPIRAL_OK);
    assert_int_equal(found, expected_count);
    for (size_t i = 0; i < found; i++)
        assert_int_equal(scores[i].setting, expected[i]);
    free(scores);
}

static void test_the_ranking_is_by_status_then_measure_then_the_other_measure(void **state)
{
    (void)state;
    Fixture fixture;
    set_up(&fixture, "1,2,3,4,5,6,7");
    const double accuracies[] = {0.8, 0.9, 0.9, 0.99, 0.95, 0.97}, losses[] = {0.1, 0.4, 0.3, 0.01, 0.2, 0.5};
    for (size_t s = 0; s < 6; s++)
        for (size_t k = 0; k < 2; k++)
            add(&fixture, 2 * s + k,
                row(s == 4 || s == 5 ? SPIRAL_SWEEP_PRUNED : SPIRAL_SWEEP_OK, s == 5 ? 30 : 10, accuracies[s],
                    losses[s]));
    add(&fixture, 7, row(SPIRAL_SWEEP_DIVERGED, 3, 0.99, 0.01)); /* one of setting 3 */
    assert_order(&fixture, SPIRAL_SWEEP_BY_ACCURACY, 6, (const size_t[]){2, 1, 0, 5, 4, 3});
    assert_order(&fixture, SPIRAL_SWEEP_BY_LOSS, 6, (const size_t[]){0, 2, 1, 5, 4, 3});
    assert_int_equal(spiral_sweep_best_run(fixture.results, SPIRAL_SWEEP_BY_ACCURACY, 3), 6);
    tear_down(&fixture);
}

static void test_failed_runs_come_last_and_are_in_no_mean(void **state)
{
    (void)state;
    Fixture fixture;
    set_up(&fixture, "1,2,3,4");
    add(&fixture, 0, failed_row("a"));
    add(&fixture, 1, row(SPIRAL_SWEEP_OK, 10, 0.9, 0.25));
    add(&fixture, 2, failed_row("b"));
    add(&fixture, 3, failed_row("c"));
    add(&fixture, 4, row(SPIRAL_SWEEP_DIVERGED, 10, 0.8, 0.5));
    add(&fixture, 5, row(SPIRAL_SWEEP_OK, 10, 0.8, 0.5));
    add(&fixture, 6, row(SPIRAL_SWEEP_OK, 10, 0.1, 2.0));
    add(&fixture, 7, row(SPIRAL_SWEEP_OK, 10, 0.1, 2.0));
    assert_order(&fixture, SPIRAL_SWEEP_BY_ACCURACY, 4, (const size_t[]){3, 2, 0, 1});
    assert_order(&fixture, SPIRAL_SWEEP_BY_LOSS, 4, (const size_t[]){3, 2, 0, 1});
    SpiralSweepScore half = spiral_sweep_score(fixture.results, 0), none = spiral_sweep_score(fixture.results, 1);
    assert_true(half.accuracy == 0.9 && half.loss == 0.25 && half.accuracy_deviation == 0.0);
    assert_int_equal(half.failed, 1);
    assert_true(none.accuracy == 0.0 && none.loss == INFINITY);
    assert_false(spiral_sweep_score_is_sound(&half));
    SpiralSweepScore sound = spiral_sweep_score(fixture.results, 3);
    assert_true(spiral_sweep_score_is_sound(&sound));
    assert_int_equal(spiral_sweep_best_run(fixture.results, SPIRAL_SWEEP_BY_LOSS, 0), 1);
    spiral_sweep_results_drop_failed(fixture.results);
    assert_int_equal(spiral_sweep_results_row(fixture.results, 1)->status, SPIRAL_SWEEP_OK);
    assert_int_equal(spiral_sweep_results_row(fixture.results, 2)->status, SPIRAL_SWEEP_NONE);
    assert_int_equal(spiral_sweep_results_row(fixture.results, 4)->status, SPIRAL_SWEEP_DIVERGED);
    tear_down(&fixture);
}

static void test_scores_are_means_and_sample_deviations(void **state)
{
    (void)state;
    Fixture fixture;
    set_up(&fixture, "1,2");
    add(&fixture, 0, row(SPIRAL_SWEEP_OK, 10, 0.5, 1.0));
    add(&fixture, 1, row(SPIRAL_SWEEP_OK, 10, 0.7, 2.0));
    SpiralSweepScore score = spiral_sweep_score(fixture.results, 0);
    assert_true(fabs(score.accuracy - 0.6) < 1e-15);
    assert_true(fabs(score.accuracy_deviation - sqrt(0.02)) < 1e-15);
    assert_true(fabs(score.loss - 1.5) < 1e-15);
    assert_true(fabs(score.loss_deviation - sqrt(0.5)) < 1e-15);
    assert_int_equal(spiral_sweep_score(fixture.results, 1).runs, 0);
    assert_int_equal(spiral_sweep_results_row(fixture.results, 3)->status, SPIRAL_SWEEP_NONE);
    /* a run that the plan has not */
    assert_int_equal(spiral_sweep_results_row(fixture.results, 4)->status, SPIRAL_SWEEP_NONE);
    tear_down(&fixture);
}

static void test_the_rungs_of_halving(void **state)
{
    (void)state;
    assert_int_equal(spiral_halving_rungs(2), 0);
    assert_int_equal(spiral_halving_rungs(3), 1);
    assert_int_equal(spiral_halving_rungs(80), 3);
    assert_int_equal(spiral_halving_rungs(81), 4);
    assert_int_equal(spiral_halving_iterations(2000, 4, 0), 24); /* 2000 / 81 */
    assert_int_equal(spiral_halving_iterations(2000, 4, 3), 666);
    assert_int_equal(spiral_halving_iterations(5, 4, 0), 1);
    assert_int_equal(spiral_halving_iterations(9, 2, 0), 1);
    assert_int_equal(spiral_halving_iterations(9, 2, 1), 3);
}

/* ---- halving ----------------------------------------------------------------------------------------------------- */

enum { CONTESTANTS = 9, RUNG = 10, WHOLE = 30 }; /* one rung, at a third of the iterations */

static SpiralTrainResult result(double accuracy, double loss)
{
    return (SpiralTrainResult){.loss = {.loss = loss, .data_loss = loss},
                               .accuracy = accuracy,
                               .validation_loss = NAN,
                               .validation_accuracy = NAN};
}

/* Which of nine settings of one seed go on, as a text of 1 and 0; results of runs that have no row. */
static void assert_go_on(const SpiralSweepRow *rows, const SpiralTrainResult *results, SpiralSweepMeasure measure,
                         const char *expected)
{
    const SpiralSweepDomain domain = {.number = true};
    SpiralSweepAxis axis = parsed("1,2,3,4,5,6,7,8,9", ',', &domain);
    const SpiralSweepPlanOptions options = {.axis_count = 1, .axes = &axis, .seeds = 1, .shard = 1, .shards = 1};
    SpiralSweepPlan *plan;
    SpiralSweepEntry entries[CONTESTANTS] = {0};
    SpiralSweepRound round = {.measure = measure, .count = CONTESTANTS, .entries = entries};
    bool out[CONTESTANTS] = {false};
    char found[CONTESTANTS + 1] = "";
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_OK);
    assert_int_equal(spiral_sweep_results_create(plan, &round.results, NULL), SPIRAL_OK);
    for (size_t s = 0; s < CONTESTANTS; s++) {
        entries[s].iterations = WHOLE;
        entries[s].result = results[s];
        if (rows[s].status != SPIRAL_SWEEP_NONE)
            spiral_sweep_results_add(round.results, s, &rows[s]);
    }
    assert_int_equal(spiral_halving_decide(&round, 1, 0, out, NULL), SPIRAL_OK);
    for (size_t s = 0; s < CONTESTANTS; s++)
        found[s] = out[s] ? '0' : '1';
    assert_string_equal(found, expected);
    spiral_sweep_results_free(round.results);
    spiral_sweep_plan_free(plan);
    spiral_sweep_axis_clear(&axis);
}

static void test_a_third_goes_on_by_the_measure_then_the_other_then_the_number(void **state)
{
    (void)state;
    const SpiralSweepRow none[CONTESTANTS] = {{0}};
    const SpiralTrainResult all[CONTESTANTS] = {result(0.5, 0.9),      result(0.9, 0.5), result(0.9, 0.4),
                                                result(0.1, 0.1),      result(0.9, 0.5), result(0.8, 0.2),
                                                result(0.2, INFINITY), result(0.3, NAN), result(0.4, 0.5)};
    assert_go_on(none, all, SPIRAL_SWEEP_BY_ACCURACY, "011010000"); /* 2, then 1 before 4, which are equal */
    assert_go_on(none, all, SPIRAL_SWEEP_BY_LOSS, "001101000");
    SpiralTrainResult equal[CONTESTANTS];
    for (size_t s = 0; s < CONTESTANTS; s++)
        equal[s] = result(0.5, 0.5);
    assert_go_on(none, equal, SPIRAL_SWEEP_BY_ACCURACY, "111000000");
    equal[7].accuracy = 0.6;
    assert_go_on(none, equal, SPIRAL_SWEEP_BY_LOSS, "110000010");
}

/* Rows are there of a sweep that was stopped: what they tell of the rung is not decided again. */
static void test_what_rows_tell_is_not_decided_again(void **state)
{
    (void)state;
    const SpiralTrainResult good = result(0.9, 0.1), better = result(0.95, 0.05), bad = result(0.1, 2.0);
    const SpiralTrainResult results[CONTESTANTS] = {bad, bad, bad, bad, bad, good, better, bad, bad};
    const SpiralSweepRow rows[CONTESTANTS] = {
        row(SPIRAL_SWEEP_PRUNED, RUNG, 0.99, 0.01),     /* ended here, however good it is */
        row(SPIRAL_SWEEP_PRUNED, RUNG + 5, 0.2, 1.0),   /* went on, to a later rung: takes a place */
        row(SPIRAL_SWEEP_OK, WHOLE, 0.2, 1.0),          /* and so does one that made them all */
        row(SPIRAL_SWEEP_DIVERGED, RUNG - 1, 0.9, 0.1), /* never came here */
        row(SPIRAL_SWEEP_PRUNED, RUNG - 1, 0.9, 0.1),   /* nor did this one, which is left as it is */
    };
    /* Seven came here; of the places for a third of them, two, none is left. */
    assert_go_on(rows, results, SPIRAL_SWEEP_BY_ACCURACY, "011010000");
    SpiralSweepRow later[CONTESTANTS] = {rows[0], [3] = row(SPIRAL_SWEEP_DIVERGED, RUNG + 1, 0.9, 0.1)};
    /* Of nine three places, one taken by what diverged beyond the rung; the two best of the others go on. */
    assert_go_on(later, results, SPIRAL_SWEEP_BY_ACCURACY, "000101100");
}

/* ---- more rounds, and runs that fail ----------------------------------------------------------------------------- */

static void test_rounds_add_up_to_the_most_runs_too(void **state)
{
    (void)state;
    SpiralSweepAxis axis = parsed("loguniform:1:10", ',', &positive);
    const SpiralSweepPlanOptions options = {.axis_count = 1,
                                            .axes = &axis,
                                            .random = SPIRAL_SWEEP_LIMIT / 2 + 1,
                                            .seeds = 1,
                                            .refine = 1,
                                            .shard = 1,
                                            .shards = 1};
    SpiralSweepPlan *plan;
    SpiralError error;
    assert_int_equal(spiral_sweep_plan_create(&options, &plan, NULL), SPIRAL_OK);
    assert_int_equal(spiral_sweep_plan_refine(plan, 0, &error), SPIRAL_ERROR_LIMIT);
    assert_non_null(strstr(error.reason, "expected fewer"));
    assert_int_equal(spiral_sweep_plan_runs(plan), SPIRAL_SWEEP_LIMIT / 2 + 1);
    spiral_sweep_plan_free(plan);
    spiral_sweep_axis_clear(&axis);
}

static void test_words_and_single_numbers_have_no_border(void **state)
{
    (void)state;
    bool low;
    char next[64];
    SpiralSweepAxis words = parsed("sgd,adam", ',', &word), one = parsed("choice:3", ',', &positive);
    assert_false(spiral_sweep_axis_border(&words, "sgd", &low, next, sizeof next));
    assert_false(spiral_sweep_axis_border(&one, "3", &low, next, sizeof next));
    spiral_sweep_axis_clear(&words);
    spiral_sweep_axis_clear(&one);
}

/* Two runs at a time, which would never end by themselves: the first fails as soon as the second has begun. */
typedef struct Failing {
    SpiralNetwork *networks[4]; /* a run each */
    SpiralDataset data;
    atomic_bool begun;
    size_t finished;
} Failing;

static SpiralStatus prepare(SpiralSweepJob *job, void *context, SpiralError *error)
{
    (void)error;
    Failing *failing = context;
    job->network = failing->networks[job->run];
    job->dataset = &failing->data;
    job->options = spiral_train_defaults();
    job->options.iterations = 1000000000;
    job->options.learning_rate = 1e-9;
    job->options.record_every = 1;
    return SPIRAL_OK;
}

static SpiralStatus record(SpiralSweepJob *job, const SpiralTrainRecord *seen, void *context, SpiralError *error)
{
    (void)seen;
    Failing *failing = context;
    if (job->run == 1)
        atomic_store(&failing->begun, true);
    if (job->run == 0 && atomic_load(&failing->begun))
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, "log", 0, "full");
    return SPIRAL_OK;
}

static SpiralStatus finish(SpiralSweepJob *job, const SpiralSweepRow *row, void *context, SpiralError *error)
{
    (void)job;
    (void)row;
    (void)error;
    ((Failing *)context)->finished++;
    return SPIRAL_OK;
}

static void released(SpiralSweepJob *job, void *context)
{
    (void)job;
    (void)context;
}

static double no_time(void *context)
{
    (void)context;
    return 0.0;
}

static void set_up_failing(Fixture *fixture, Failing *failing)
{
    set_up(fixture, "1,2");
    *failing = (Failing){.data = make_data(20, 2, 3, 1)};
    for (size_t i = 0; i < 4; i++)
        failing->networks[i] = make_network(2, 0, NULL, 3, 0.5, 2);
}

static void tear_down_failing(Fixture *fixture, Failing *failing)
{
    for (size_t i = 0; i < 4; i++)
        spiral_network_free(failing->networks[i]);
    free_data(&failing->data);
    tear_down(fixture);
}

static void test_a_run_that_fails_ends_the_others_and_is_what_is_told(void **state)
{
    (void)state;
    Fixture fixture;
    Failing failing;
    set_up_failing(&fixture, &failing);
    const SpiralSweepHooks hooks = {.prepare = prepare,
                                    .record = record,
                                    .finish = finish,
                                    .release = released,
                                    .clock = no_time,
                                    .context = &failing};
    SpiralError error;
    assert_int_equal(spiral_sweep_run(fixture.results, &(SpiralSweepRunOptions){.jobs = 2}, &hooks, &error),
                     SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.reason, "full");
    assert_int_equal(failing.finished, 0);
    tear_down_failing(&fixture, &failing);
}

/* Without memory run 0 can't be prepared, run 1 not be recorded, and run 2 not be saved. */
static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, "place", 7, "no memory");
}

static SpiralStatus prepare_short(SpiralSweepJob *job, void *context, SpiralError *error)
{
    if (job->run == 0)
        return no_memory(error);
    SpiralStatus status = prepare(job, context, error);
    job->options.iterations = 20;
    return status;
}

static SpiralStatus record_short(SpiralSweepJob *job, const SpiralTrainRecord *seen, void *context, SpiralError *error)
{
    (void)context;
    return job->run == 1 && seen->iteration == 10 ? no_memory(error) : SPIRAL_OK;
}

static SpiralStatus finish_short(SpiralSweepJob *job, const SpiralSweepRow *row, void *context, SpiralError *error)
{
    ((Failing *)context)->finished++;
    return job->run == 2 && row->status != SPIRAL_SWEEP_FAILED ? no_memory(error) : SPIRAL_OK;
}

static SpiralSweepHooks short_hooks(Failing *failing)
{
    return (SpiralSweepHooks){.prepare = prepare_short,
                              .record = record_short,
                              .finish = finish_short,
                              .release = released,
                              .clock = no_time,
                              .context = failing};
}

static void test_a_run_without_memory_is_a_row(void **state)
{
    (void)state;
    for (int prune = 0; prune < 2; prune++) {
        Fixture fixture;
        Failing failing;
        set_up_failing(&fixture, &failing);
        const SpiralSweepHooks hooks = short_hooks(&failing);
        const SpiralSweepRunOptions options = {.jobs = 2, .prune = prune == 1};
        assert_int_equal(spiral_sweep_run(fixture.results, &options, &hooks, NULL), SPIRAL_OK);
        assert_int_equal(failing.finished, 5); /* run 2 twice */
        for (size_t run = 0; run < 3; run++) {
            const SpiralSweepRow *found = spiral_sweep_results_row(fixture.results, run);
            assert_int_equal(found->status, SPIRAL_SWEEP_FAILED);
            assert_string_equal(found->reason, "place:7: no memory");
        }
        assert_int_equal(spiral_sweep_results_row(fixture.results, 3)->status, SPIRAL_SWEEP_OK);
        tear_down_failing(&fixture, &failing);
    }
}

/* More than is kept in memory until the end, so that the disk is full before all is written. */
static void test_tables_that_do_not_fit_the_disk_are_output_errors(void **state)
{
    (void)state;
    enum { REASON = 70000, RUNS = 60 };
    Fixture fixture;
    SpiralError error;
    char *reason = calloc(REASON + 1, 1);
    assert_non_null(reason);
    memset(reason, 'x', REASON);
    set_up(&fixture, "1,2");
    add(&fixture, 0, failed_row(reason));
    assert_int_equal(spiral_sweep_results_save(fixture.results, "/dev/full", &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.reason, "could not be written: No space left on device");
    tear_down(&fixture);
    free(reason);

    char path[] = "/tmp/spiral-sweep-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    double points[SPIRAL_SWEEP_CURVE_POINTS][3];
    for (size_t i = 0; i < SPIRAL_SWEEP_CURVE_POINTS; i++) {
        points[i][0] = (double)i;
        points[i][1] = points[i][2] = 1.0 / 3.0;
    }
    SpiralSweepCurves curves = {0};
    assert_int_equal(spiral_sweep_curves_open(&curves, path, &error), SPIRAL_OK);
    for (size_t run = 0; run < RUNS; run++)
        assert_int_equal(
            spiral_sweep_curves_add(&curves, run, SPIRAL_SWEEP_CURVE_POINTS, (const double(*)[3])points, &error),
            SPIRAL_OK);
    assert_int_equal(spiral_sweep_curves_save(&curves, "/dev/full", &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.reason, "could not be written: No space left on device");
    spiral_sweep_curves_clear(&curves);
    unlink(path);
}

/* A resumed sweep with pruning prepares the runs that have a row, too: for their iterations. */
static void test_a_row_that_is_there_is_not_replaced_by_a_failed_one(void **state)
{
    (void)state;
    Fixture fixture;
    Failing failing;
    set_up_failing(&fixture, &failing);
    add(&fixture, 0, row(SPIRAL_SWEEP_OK, 20, 0.5, 1.0));
    const SpiralSweepHooks hooks = short_hooks(&failing);
    SpiralError error;
    assert_int_equal(
        spiral_sweep_run(fixture.results, &(SpiralSweepRunOptions){.jobs = 2, .prune = true}, &hooks, &error),
        SPIRAL_ERROR_LIMIT);
    assert_string_equal(error.reason, "no memory");
    assert_int_equal(failing.finished, 0);
    assert_int_equal(spiral_sweep_results_row(fixture.results, 0)->status, SPIRAL_SWEEP_OK);
    tear_down_failing(&fixture, &failing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_and_lists_give_values_that_can_be_typed),
        cmocka_unit_test(test_lists_of_lists_have_another_separator),
        cmocka_unit_test(test_bad_axes_are_usage_errors),
        cmocka_unit_test(test_what_an_option_does_not_take_is_named_with_what_it_takes),
        cmocka_unit_test(test_a_list_has_no_more_values_than_a_range),
        cmocka_unit_test(test_a_value_at_the_border_leads_to_the_range_about_it),
        cmocka_unit_test(test_a_grids_last_axis_varies_fastest_and_seeds_faster_still),
        cmocka_unit_test(test_axes_that_do_not_fit_the_plan_are_refused),
        cmocka_unit_test(test_a_million_runs_are_the_most),
        cmocka_unit_test(test_every_setting_is_in_one_shard),
        cmocka_unit_test(test_refined_values_stay_within_what_the_option_takes),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_tables_that_do_not_fit_the_disk_are_output_errors),
        cmocka_unit_test(test_the_ranking_is_by_status_then_measure_then_the_other_measure),
        cmocka_unit_test(test_scores_are_means_and_sample_deviations),
        cmocka_unit_test(test_the_rungs_of_halving),
        cmocka_unit_test(test_a_third_goes_on_by_the_measure_then_the_other_then_the_number),
        cmocka_unit_test(test_what_rows_tell_is_not_decided_again),
        cmocka_unit_test(test_rounds_add_up_to_the_most_runs_too),
        cmocka_unit_test(test_words_and_single_numbers_have_no_border),
        cmocka_unit_test(test_failed_runs_come_last_and_are_in_no_mean),
        cmocka_unit_test(test_a_run_without_memory_is_a_row),
        cmocka_unit_test(test_a_row_that_is_there_is_not_replaced_by_a_failed_one),
        cmocka_unit_test(test_a_run_that_fails_ends_the_others_and_is_what_is_told),
    };
    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
