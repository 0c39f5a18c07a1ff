/* What a sweep reads: the values of an option, sweep.json, results.csv and curves.csv. The first byte says which. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sweep/internal.h"
#include "memory_files.h"
#include "mutate.h"
#include "range.h"

static const SpiralSweepDomain domains[] = {
    {0},
    {.number = true},
    {.number = true, .above = true},
    {.number = true, .maximum = 1.0},
    {.number = true, .whole = true, .minimum = 1.0},
    {.number = true, .whole = true, .maximum = 1000.0},
};

static bool in_domain(const SpiralSweepDomain *domain, const char *text)
{
    double value = atof(text);
    bool enough = domain->above ? value > domain->minimum : value >= domain->minimum;
    return !domain->number || (enough && (domain->maximum <= 0.0 || value <= domain->maximum) &&
                               (!domain->whole || value == floor(value)));
}

/* Every value of every round is one that the option takes. */
static void check_plan(const SpiralSweepAxis *axis, size_t random)
{
    const SpiralSweepPlanOptions options = {.axis_count = 1,
                                            .axes = axis,
                                            .random = random,
                                            .seeds = 1,
                                            .shard = 1,
                                            .shards = 1,
                                            .refine = axis->domain.number ? 2 : 0};
    SpiralSweepPlan *plan;
    if (spiral_sweep_plan_create(&options, &plan, NULL) != SPIRAL_OK)
        return;
    for (size_t round = 0; round < options.refine; round++)
        MUST(spiral_sweep_plan_refine(plan, plan->settings - 1, NULL) == SPIRAL_OK);
    for (size_t s = 0; s < plan->settings; s++)
        MUST(in_domain(&axis->domain, spiral_sweep_plan_value(plan, s, 0)));
    spiral_sweep_plan_free(plan);
}

/* What is told to be tried next can be tried. */
static void check_border(const SpiralSweepAxis *axis, const char *value)
{
    char next[256];
    bool low;
    if (!spiral_sweep_axis_border(axis, value, &low, next, sizeof next))
        return;
    SpiralSweepAxis tried;
    SpiralError error = {.status = SPIRAL_OK};
    SpiralStatus status = spiral_sweep_axis_parse("option", next, axis->separator, &axis->domain, &tried, &error);
    if (status != SPIRAL_OK)
        fprintf(stderr, "%s: %s: %s\n", axis->text, next, error.reason);
    MUST(status == SPIRAL_OK || strstr(error.reason, "expected fewer") != NULL);
    spiral_sweep_axis_clear(&tried);
}

static void fuzz_axis(char way, const char *text)
{
    const SpiralSweepDomain *domain = &domains[(unsigned char)way % (sizeof domains / sizeof domains[0])];
    char separator = way & 64 ? ';' : ',';
    SpiralSweepAxis axis;
    SpiralError error = {.status = SPIRAL_OK};
    if (range_is_long(text))
        return;
    SpiralStatus status = spiral_sweep_axis_parse("option", text, separator, domain, &axis, &error);
    if (status == SPIRAL_OK) {
        for (size_t i = 0; i < axis.count; i++)
            MUST(in_domain(domain, axis.values[i]));
        check_plan(&axis, spiral_sweep_axis_is_random(&axis) ? 20 : 0);
        if (axis.count > 0) {
            check_border(&axis, axis.values[0]);
            check_border(&axis, axis.values[axis.count - 1]);
        }
    } else {
        MUST(status == SPIRAL_ERROR_USAGE && error.reason[0] != '\0');
    }
    spiral_sweep_axis_clear(&axis);
}

static bool holds_long_range(const cJSON *item)
{
    if (cJSON_IsString(item) && range_is_long(item->valuestring))
        return true;
    for (const cJSON *child = item->child; child != NULL; child = child->next)
        if (holds_long_range(child))
            return true;
    return false;
}

static void fuzz_definition(const uint8_t *data, size_t size)
{
    cJSON *root;
    SpiralError error = {.status = SPIRAL_OK};
    memory_file_set(MEMORY_FOLDER "sweep.json", data, size);
    SpiralStatus status = sweep_definition_read(NULL, MEMORY_FOLDER "sweep.json", &root, &error);
    if (status == SPIRAL_OK) {
        static SweepSettings settings;
        OptionGroup groups[SWEEP_GROUPS];
        OptionTable table = {.command = "sweep"};
        sweep_settings_defaults(&settings);
        sweep_table(&settings, groups, &table);
        if (!holds_long_range(root))
            status = sweep_definition_take(root, MEMORY_FOLDER "sweep.json", &settings, &table, &error);
        MUST(sweep_definitions_compare("same", root, root, &error) != SPIRAL_ERROR_LIMIT);
        sweep_settings_clear(&settings);
        cJSON_Delete(root);
    }
    MUST(status == SPIRAL_OK || status == SPIRAL_ERROR_INPUT);
}

/* A plan of two settings with two seeds each; results.csv, or curves.csv after it. */
static void fuzz_tables(bool curves, const uint8_t *data, size_t size)
{
    SpiralSweepAxis axis;
    SpiralSweepPlan *plan;
    SpiralSweepResults *results;
    MUST(spiral_sweep_axis_parse("learning-rate", "0.1,1", ',', &domains[2], &axis, NULL) == SPIRAL_OK);
    const SpiralSweepPlanOptions options = {
        .axis_count = 1, .axes = &axis, .seeds = 2, .validated = size % 2 == 1, .shard = 1, .shards = 1};
    MUST(spiral_sweep_plan_create(&options, &plan, NULL) == SPIRAL_OK);
    MUST(spiral_sweep_results_create(plan, &results, NULL) == SPIRAL_OK);
    SpiralError error = {.status = SPIRAL_OK};
    SpiralStatus status;
    if (curves) {
        SpiralSweepCurves read = {0};
        const SpiralSweepRow row = {.status = SPIRAL_SWEEP_OK};
        for (size_t run = 0; run < 4; run++)
            spiral_sweep_results_add(results, run, &row);
        memory_file_set(MEMORY_FOLDER "curves.csv", data, size);
        status = spiral_sweep_curves_read(&read, results, NULL, MEMORY_FOLDER "curves.csv", &error);
        for (size_t run = 0; run < read.count; run++)
            MUST(read.curves[run].count <= SPIRAL_SWEEP_CURVE_POINTS);
        spiral_sweep_curves_clear(&read);
    } else {
        memory_file_set(MEMORY_FOLDER "results.csv", data, size);
        status = spiral_sweep_results_read(results, NULL, MEMORY_FOLDER "results.csv", false, &error);
        MUST(isfinite(spiral_sweep_score(results, 0).accuracy_deviation));
        MUST(spiral_sweep_best_run(results, SPIRAL_SWEEP_BY_LOSS, 1) >= 2);
    }
    MUST(status == SPIRAL_OK || (status == SPIRAL_ERROR_INPUT && error.reason[0] != '\0'));
    spiral_sweep_results_free(results);
    spiral_sweep_plan_free(plan);
    spiral_sweep_axis_clear(&axis);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] == 'd' || data[0] == 'r' || data[0] == 'c') {
        if (data[0] == 'd')
            fuzz_definition(data + 1, size - 1);
        else
            fuzz_tables(data[0] == 'c', data + 1, size - 1);
        return 0;
    }
    char *text = malloc(size);
    MUST(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    fuzz_axis((char)data[0], text);
    free(text);
    return 0;
}

/* The values of an option are a list of cells. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    Mutator *mutator = size > 0 && data[0] == 'd' ? mutate_json : mutate_csv;
    return mutate_or_blind(mutator, 1, data, size, max_size, &(Random){seed});
}
