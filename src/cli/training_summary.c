/* training_summary.c: the members of a training's summary.json, and what they may be. */
#include "cli/training_summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/options.h"
#include "cli/options/values.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

SpiralStatus summary_refuse(const char *path, const char *within, const char *name, const cJSON *value,
                            const char *expected, SpiralError *error)
{
    char *found = value != NULL ? cJSON_PrintUnformatted(value) : cli_copy_string("nothing");
    if (found == NULL)
        return cli_no_memory(error);
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "%s%.*s: found %.*s, expected %s",
                                           within, SPIRAL_TEXT_CUT(name, 60), SPIRAL_TEXT_CUT(found, 60), expected);
    free(found);
    return status;
}

SpiralStatus summary_compare(const char *path, const char *within, const cJSON *then, const cJSON *now,
                             SpiralError *error)
{
    char expected[128], *before = cJSON_PrintUnformatted(then), *text = cJSON_PrintUnformatted(now);
    SpiralStatus status = before == NULL || text == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK && strcmp(before, text) != 0) {
        snprintf(expected, sizeof expected, "%.*s as in the training", SPIRAL_TEXT_CUT(text, 60));
        status = summary_refuse(path, within, now->string, then, expected, error);
    }
    cJSON_free(before);
    cJSON_free(text);
    return status;
}

static const char *const kind_names[] = {[KIND_TEXT] = "a text",
                                         [KIND_NUMBER] = "a number",
                                         [KIND_FROM_0] = "a number from 0, or null",
                                         [KIND_FRACTION] = "a number from 0 to 1, or null",
                                         [KIND_FLAG] = "true or false",
                                         [KIND_TEXTS] = "a list of texts",
                                         [KIND_NUMBERS] = "a list of numbers",
                                         [KIND_OBJECT] = "an object",
                                         [KIND_OBJECTS] = "a list of objects"};

static bool are_all(const cJSON *list, cJSON_bool (*is_kind)(const cJSON *))
{
    bool all = cJSON_IsArray(list);
    for (const cJSON *item = all ? list->child : NULL; all && item != NULL; item = item->next)
        all = is_kind(item);
    return all;
}

bool summary_has_kind(const cJSON *value, MemberKind kind)
{
    switch (kind) {
    case KIND_TEXT:
        return cJSON_IsString(value);
    case KIND_NUMBER:
        return cJSON_IsNumber(value);
    case KIND_FROM_0:
        return cJSON_IsNull(value) || (cJSON_IsNumber(value) && value->valuedouble >= 0.0);
    case KIND_FRACTION:
        return summary_has_kind(value, KIND_FROM_0) && !(value->valuedouble > 1.0);
    case KIND_FLAG:
        return cJSON_IsBool(value);
    case KIND_TEXTS:
        return are_all(value, cJSON_IsString);
    case KIND_NUMBERS:
        return are_all(value, cJSON_IsNumber);
    case KIND_OBJECT:
        return cJSON_IsObject(value);
    case KIND_OBJECTS:
        break;
    }
    return are_all(value, cJSON_IsObject);
}

const char *summary_kind_name(MemberKind kind)
{
    return kind_names[kind];
}

/* What train writes. The page shows it, and relies on these kinds. */
typedef struct Member {
    const char *name;
    MemberKind kind;
    bool needed; /* by the page */
} Member;

static const Member summary_members[] = {
    {"stopped", KIND_TEXT, false},
    {"iterations", KIND_NUMBER, true},
    {"loss", KIND_FROM_0, false},
    {"data_loss", KIND_FROM_0, false},
    {"reg_loss", KIND_FROM_0, false},
    {"accuracy", KIND_FRACTION, false},
    {"validation_loss", KIND_FROM_0, false},
    {"validation_accuracy", KIND_FRACTION, false},
    {"validation_rows", KIND_NUMBER, false},
    {"warnings", KIND_OBJECTS, false},
    {"seconds", KIND_FROM_0, false},
    {"command", KIND_TEXT, true},
    {"settings", KIND_OBJECT, true},
    {"data", KIND_OBJECT, true},
    {"network", KIND_OBJECT, false},
    {"version", KIND_TEXT, false},
    {"commit", KIND_TEXT, false},
    {"compiler", KIND_TEXT, false},
    {"blas", KIND_TEXT, false},
    {"blas_core", KIND_TEXT, false},
    {"kernels", KIND_TEXT, false},
};

static const Member warning_members[] = {
    {"cause", KIND_TEXT, true}, {"iteration", KIND_NUMBER, true}, {"text", KIND_TEXT, true},
    {"try", KIND_TEXTS, true},  {"together", KIND_FLAG, true},
};

static const Member data_members[] = {
    {"source", KIND_TEXT, false},   {"rows", KIND_NUMBER, true},        {"features", KIND_NUMBER, true},
    {"classes", KIND_NUMBER, true}, {"class_names", KIND_TEXTS, false}, {"crc32", KIND_TEXT, true},
};

static const Member network_members[] = {
    {"sizes", KIND_NUMBERS, false},
    {"activation", KIND_TEXT, false},
    {"parameters", KIND_NUMBER, false},
    {"products", KIND_TEXTS, false},
};

/* Refuses the object when it lacks a member, or has one of another kind or another name. within: "", "data." ... */
static SpiralStatus check_members(const char *path, const char *within, const cJSON *object, const Member *members,
                                  size_t count, SpiralError *error)
{
    for (size_t m = 0; m < count; m++) {
        const cJSON *value = member(object, members[m].name);
        if (value != NULL ? !summary_has_kind(value, members[m].kind) : members[m].needed)
            return summary_refuse(path, within, members[m].name, value, kind_names[members[m].kind], error);
    }
    for (const cJSON *value = object->child; value != NULL; value = value->next) {
        size_t m = 0;
        while (m < count && strcmp(members[m].name, value->string) != 0)
            m++;
        if (m == count)
            return summary_refuse(path, within, value->string, value, "no member of that name", error);
    }
    return SPIRAL_OK;
}

SpiralStatus summary_check(const char *path, const cJSON *summary, SpiralError *error)
{
    const cJSON *network = member(summary, "network");
    SpiralStatus status = check_members(path, "", summary, summary_members, COUNT(summary_members), error);
    if (status == SPIRAL_OK)
        status = check_members(path, "data.", member(summary, "data"), data_members, COUNT(data_members), error);
    if (status == SPIRAL_OK && network != NULL)
        status = check_members(path, "network.", network, network_members, COUNT(network_members), error);
    const cJSON *warning = status == SPIRAL_OK ? member(summary, "warnings") : NULL;
    warning = warning != NULL ? warning->child : NULL;
    for (; warning != NULL && status == SPIRAL_OK; warning = warning->next)
        status = check_members(path, "warnings: ", warning, warning_members, COUNT(warning_members), error);
    return status;
}

/* ---- the sizes that the settings give ---------------------------------------------------------------------------- */

static SpiralStatus check_size(const char *path, const char *within, const char *name, const cJSON *value,
                               double expected, double slack, SpiralError *error)
{
    char words[64];
    if (fabs(value->valuedouble - expected) <= slack)
        return SPIRAL_OK;
    snprintf(words, sizeof words, "%s%.0f as in its settings", slack > 0.0 ? "about " : "", expected);
    return summary_refuse(path, within, name, value, words, error);
}

/* Data that is generated has the rows, features and classes of its options. How many rows of a class are held out for
 * validation differs by at most one from the fraction's share of them. */
static SpiralStatus check_generated(const char *path, const cJSON *summary, const TrainSettings *settings,
                                    SpiralError *error)
{
    const SpiralGenerateOptions *generate = &settings->run.data.generate;
    const cJSON *data = member(summary, "data"), *rows = member(data, "rows"),
                *held = member(summary, "validation_rows");
    double classes = (double)generate->classes, all = classes * (double)generate->points_per_class, fraction = 0.0;
    bool split = settings->validation != NULL && text_to_real(settings->validation, &fraction);
    SpiralStatus status =
        check_size(path, "data.", "features", member(data, "features"), (double)generate->dimensions, 0.0, error);
    if (status == SPIRAL_OK)
        status = check_size(path, "data.", "classes", member(data, "classes"), classes, 0.0, error);
    if (status == SPIRAL_OK)
        status =
            check_size(path, "data.", "rows", rows, split ? all * (1.0 - fraction) : all, split ? classes : 0.0, error);
    if (status == SPIRAL_OK && split && held != NULL)
        status = check_size(path, "", "validation_rows", held, all - rows->valuedouble, 0.0, error);
    return status;
}

static SpiralStatus check_network(const char *path, const cJSON *summary, const OptionSizes *hidden, SpiralError *error)
{
    const cJSON *data = member(summary, "data"), *sizes = member(member(summary, "network"), "sizes");
    double expected[OPTION_LIST_LIMIT + 2];
    size_t count = 0;
    expected[count++] = member(data, "features")->valuedouble;
    for (size_t l = 0; l < hidden->count; l++)
        expected[count++] = (double)hidden->values[l];
    expected[count++] = member(data, "classes")->valuedouble;
    cJSON *made = cJSON_CreateObject(), *list = cJSON_CreateDoubleArray(expected, (int)count);
    SpiralStatus status = SPIRAL_OK;
    if (!cJSON_AddItemToObject(made, "sizes", list)) {
        cJSON_Delete(list);
        status = cli_no_memory(error);
    } else if (sizes != NULL) {
        status = summary_compare(path, "network.", sizes, list, error);
    }
    cJSON_Delete(made);
    return status;
}

SpiralStatus summary_check_sizes(const char *path, const cJSON *summary, const TrainSettings *settings,
                                 SpiralError *error)
{
    SpiralStatus status = settings->run.data.path == NULL ? check_generated(path, summary, settings, error) : SPIRAL_OK;
    return status == SPIRAL_OK ? check_network(path, summary, &settings->run.model.hidden, error) : status;
}
