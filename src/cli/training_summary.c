/* training_summary.c: the members of a training's summary.json, and what they may be. */
#include "cli/training_summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/options.h"

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
