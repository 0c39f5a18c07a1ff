/* definition.c: sweep.json, the definition of a sweep. With it, a sweep can be resumed unchanged, merged and drawn. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"

/* ---- making and writing ------------------------------------------------------------------------------------------ */

/* Adds the given options that affect the results. The axes come first, in their order, because it decides the runs'
 * numbers. */
static bool add_options(cJSON *root, const SweepSettings *settings, const OptionTable *table)
{
    cJSON *options = cJSON_AddObjectToObject(root, "options");
    bool added = options != NULL;
    for (size_t i = 0; added && i < settings->axis_count; i++)
        added = json_add_text(options, settings->axes[i].name, settings->axes[i].text);
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; added && i < table->groups[g].count; i++) {
            const Option *option = &table->groups[g].options[i];
            if (!options_given(table, option->name) || sweep_option_is_free(option->name) ||
                sweep_find_axis(settings, option->name) != NULL)
                continue;
            char *value = option_value(option, table->groups[g].settings);
            added = value != NULL && json_add_text(options, option->name, value);
            free(value);
        }
    return added;
}

static SpiralStatus add_input(cJSON *inputs, const char *path, SpiralError *error)
{
    char crc[16];
    uint32_t checksum;
    if (cJSON_GetObjectItemCaseSensitive(inputs, path) != NULL)
        return SPIRAL_OK;
    SpiralStatus status = spiral_file_checksum(path, &checksum, error);
    if (status != SPIRAL_OK)
        return status;
    snprintf(crc, sizeof crc, "%08lx", (unsigned long)checksum);
    return json_add_text(inputs, path, crc) ? SPIRAL_OK : cli_no_memory(error);
}

/* Adds one file, or two in the form X.npy,y.npy. */
static SpiralStatus add_data_input(cJSON *inputs, const char *path, SpiralError *error)
{
    size_t first = files_first_of_pair(path);
    if (first == 0)
        return add_input(inputs, path, error);
    char *copy = cli_copy_string(path);
    if (copy == NULL)
        return cli_no_memory(error);
    copy[first] = '\0';
    SpiralStatus status = add_input(inputs, copy, error);
    free(copy);
    return status == SPIRAL_OK ? add_input(inputs, path + first + 1, error) : status;
}

/* Adds the checksum of a file that the runs read. */
static SpiralStatus add_input_of(const char *option, const char *path, void *context, SpiralError *error)
{
    return strcmp(option, "--init-from") == 0 ? add_input(context, path, error) : add_data_input(context, path, error);
}

static SpiralStatus add_inputs(cJSON *root, const SweepSettings *settings, SpiralError *error)
{
    cJSON *inputs = cJSON_AddObjectToObject(root, "inputs_crc32");
    return inputs == NULL ? cli_no_memory(error) : sweep_visit_inputs(settings, add_input_of, inputs, error);
}

/* Adds the folder in which the paths of the options are to be looked up. */
static bool add_directory(cJSON *root)
{
    char *directory = realpath(".", NULL);
    bool added =
        directory == NULL || json_add_text(root, "directory", directory); /* left out: the folder was removed */
    free(directory);
    return added;
}

/* Refuses a definition that is too long to be read again. */
static SpiralStatus check_length(const cJSON *root, SpiralError *error)
{
    char *text = json_text(root);
    if (text == NULL)
        return cli_no_memory(error);
    size_t length = strlen(text);
    free(text);
    if (length > SPIRAL_SWEEP_FILE_LIMIT)
        return spiral_error_set(
            error, SPIRAL_ERROR_LIMIT, NULL, 0,
            "the options make a sweep.json of %zu bytes, expected at most %d: give shorter or fewer values", length,
            SPIRAL_SWEEP_FILE_LIMIT);
    return SPIRAL_OK;
}

SpiralStatus sweep_definition_make(const Sweep *sweep, cJSON **root, SpiralError *error)
{
    char shard[64];
    const SweepSettings *settings = sweep->settings;
    snprintf(shard, sizeof shard, "%zu/%zu", settings->shard_index, settings->shard_count);
    *root = cJSON_CreateObject();
    bool made = *root != NULL && build_add(*root) && json_add_text(*root, "shard", shard) && add_directory(*root) &&
                add_options(*root, settings, sweep->table);
    SpiralStatus status = made ? add_inputs(*root, settings, error) : cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = check_length(*root, error);
    if (status != SPIRAL_OK) {
        cJSON_Delete(*root);
        *root = NULL;
    }
    return status;
}

SpiralStatus sweep_definition_save(const Sweep *sweep, const cJSON *root, SpiralError *error)
{
    char *text = json_text(root), *path = cli_join(sweep->folder, "sweep.json");
    SpiralStatus status =
        text == NULL || path == NULL ? cli_no_memory(error) : spiral_output_save(path, text, strlen(text), error);
    free(text);
    free(path);
    return status;
}

SpiralStatus sweep_definition_save_whole(const Sweep *sweep, cJSON *shard, SpiralError *error)
{
    cJSON *text = cJSON_GetObjectItemCaseSensitive(shard, "shard");
    if (cJSON_SetValuestring(text, "1/1") == NULL) /* replaces the text in place: no I/N is shorter */
        return cli_no_memory(error);
    return sweep_definition_save(sweep, shard, error);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool is_object_of_texts(const cJSON *object)
{
    const cJSON *member;
    bool texts = cJSON_IsObject(object);
    cJSON_ArrayForEach(member, object)
    {
        texts = texts && cJSON_IsString(member);
    }
    return texts;
}

SpiralStatus sweep_definition_read(const char *within, const char *path, cJSON **root, SpiralError *error)
{
    cJSON *made;
    *root = NULL;
    SpiralStatus status = json_read(within, path, SPIRAL_SWEEP_FILE_LIMIT, &made, error);
    if (status != SPIRAL_OK)
        return status;
    bool sound = is_object_of_texts(cJSON_GetObjectItemCaseSensitive(made, "options")) &&
                 is_object_of_texts(cJSON_GetObjectItemCaseSensitive(made, "inputs_crc32")) &&
                 cJSON_IsString(cJSON_GetObjectItemCaseSensitive(made, "version")) &&
                 cJSON_IsString(cJSON_GetObjectItemCaseSensitive(made, "shard")) &&
                 (!cJSON_HasObjectItem(made, "directory") ||
                  cJSON_IsString(cJSON_GetObjectItemCaseSensitive(made, "directory")));
    if (!sound) {
        cJSON_Delete(made);
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                "is not what spiral sweep writes: expected an object with "
                                "version, shard, options and inputs_crc32");
    }
    *root = made;
    return SPIRAL_OK;
}

/* Leaves out the common part of two long values. */
static SpiralStatus differs(const char *path, const char *name, const char *was, const char *is, SpiralError *error)
{
    size_t same = 0;
    while (was != NULL && is != NULL && was[same] == is[same] && is[same] != '\0')
        same++;
    bool is_long = same > 100;
    size_t from = is_long ? same - 40 : 0;
    was = was != NULL ? was + from : "not given";
    is = is != NULL ? is + from : "not given";
    const char *dots = is_long ? "..." : "";
    return spiral_error_set(
        error, SPIRAL_ERROR_INPUT, path, 0,
        "holds another sweep: %s was %s%.*s there and is %s%.*s here; expected the same options, or another "
        "--out",
        name, dots, SPIRAL_TEXT_CUT(was, 200), dots, SPIRAL_TEXT_CUT(is, 200));
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Options that name input files. */
static bool names_input(const char *option)
{
    return strcmp(option, "data") == 0 || strcmp(option, "validation") == 0 || strcmp(option, "init-from") == 0;
}

/* Has the file in the one definition the contents of that in the other? */
static bool same_file(const cJSON *was, const char *then, size_t then_length, const cJSON *is, const char *now,
                      size_t now_length)
{
    const char *before = sweep_input_checksum(was, then, then_length);
    const char *after = sweep_input_checksum(is, now, now_length);
    return before != NULL && after != NULL && strcmp(before, after) == 0;
}

/* Are the two files, or pairs X.npy,y.npy, the same but for their paths? The list of a swept option is neither: its
 * paths are values in the rows. */
static bool same_contents(const cJSON *was, const char *then, const cJSON *is, const char *now)
{
    size_t X_then = sweep_input_first_of_pair(was, then), X_now = sweep_input_first_of_pair(is, now);
    if (X_then == 0 || X_now == 0)
        return X_then == X_now && same_file(was, then, strlen(then), is, now, strlen(now));
    const char *y_then = then + X_then + 1, *y_now = now + X_now + 1;
    return same_file(was, then, X_then, is, now, X_now) &&
           same_file(was, y_then, strlen(y_then), is, y_now, strlen(y_now));
}

/* Compares the options, including their order. The path of an input file may have changed. */
static SpiralStatus compare_options(const char *path, const cJSON *was, const cJSON *is, SpiralError *error)
{
    const cJSON *then = cJSON_GetObjectItemCaseSensitive(was, "options");
    const cJSON *now = cJSON_GetObjectItemCaseSensitive(is, "options"), *member;
    cJSON_ArrayForEach(member, now)
    {
        const char *before = text_of(then, member->string), *after = cJSON_GetStringValue(member);
        bool same =
            before != NULL && after != NULL &&
            (strcmp(before, after) == 0 || (names_input(member->string) && same_contents(was, before, is, after)));
        if (!same)
            return differs(path, member->string, before, after, error);
    }
    cJSON_ArrayForEach(member, then)
    {
        if (cJSON_GetObjectItemCaseSensitive(now, member->string) == NULL)
            return differs(path, member->string, cJSON_GetStringValue(member), NULL, error);
    }
    for (const cJSON *a = then->child, *b = now->child; a != NULL && b != NULL; a = a->next, b = b->next)
        if (strcmp(a->string, b->string) != 0)
            return differs(path, "the first in another order", a->string, b->string, error);
    return SPIRAL_OK;
}

/* Compares the contents of the input files that both name. */
static SpiralStatus compare_inputs(const char *path, const cJSON *was, const cJSON *is, SpiralError *error)
{
    const cJSON *then = cJSON_GetObjectItemCaseSensitive(was, "inputs_crc32");
    const cJSON *now = cJSON_GetObjectItemCaseSensitive(is, "inputs_crc32"), *member;
    cJSON_ArrayForEach(member, now)
    {
        const char *before = text_of(then, member->string), *after = cJSON_GetStringValue(member);
        if (before != NULL && strcmp(before, after) != 0)
            return differs(path, member->string, before, after, error);
    }
    return SPIRAL_OK;
}

static void compare_builds(const char *path, const cJSON *was, const cJSON *is)
{
    BuildPart parts[BUILD_PARTS];
    build_parts(parts);
    for (size_t i = 0; i < BUILD_PARTS; i++)
        build_compare(path, parts[i].key, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(was, parts[i].key)),
                      cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(is, parts[i].key)));
}

SpiralStatus sweep_definitions_compare(const char *path, const cJSON *was, const cJSON *is, SpiralError *error)
{
    const char *before = text_of(was, "version"), *now = text_of(is, "version");
    SpiralStatus status = strcmp(before, now) != 0 ? differs(path, "spiral's version", before, now, error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = compare_options(path, was, is, error);
    if (status == SPIRAL_OK)
        status = compare_inputs(path, was, is, error);
    if (status == SPIRAL_OK)
        compare_builds(path, was, is);
    return status;
}

const char *sweep_definition_shard(const cJSON *root)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "shard"));
}

SpiralStatus sweep_definition_compare(const Sweep *sweep, const cJSON *is, cJSON **was, SpiralError *error)
{
    *was = NULL;
    char *path = cli_join(sweep->folder, "sweep.json");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : sweep_definition_read(NULL, path, was, error);
    if (status == SPIRAL_OK)
        status = sweep_definitions_compare(path, *was, is, error);
    if (status == SPIRAL_OK && strcmp(sweep_definition_shard(*was), sweep_definition_shard(is)) != 0)
        status = differs(path, "the shard", sweep_definition_shard(*was), sweep_definition_shard(is), error);
    if (status != SPIRAL_OK) {
        cJSON_Delete(*was);
        *was = NULL;
    }
    free(path);
    return status;
}

SpiralStatus sweep_definition_move(const Sweep *sweep, cJSON *was, const cJSON *is, SpiralError *error)
{
    static const char *const names[] = {"directory", "options", "inputs_crc32"};
    bool moved = false;
    for (size_t i = 0; i < COUNT(names); i++) {
        cJSON *now = cJSON_GetObjectItemCaseSensitive(is, names[i]);
        if (cJSON_Compare(cJSON_GetObjectItemCaseSensitive(was, names[i]), now, true))
            continue;
        moved = true;
        cJSON_Delete(cJSON_DetachItemFromObjectCaseSensitive(was, names[i]));
        cJSON *copy = cJSON_Duplicate(now, true);
        if (now != NULL && !cJSON_AddItemToObject(was, names[i], copy)) {
            cJSON_Delete(copy);
            return cli_no_memory(error);
        }
    }
    return moved ? sweep_definition_save(sweep, was, error) : SPIRAL_OK;
}

SpiralStatus sweep_definition_take_shard(const cJSON *root, const char *path, SweepSettings *settings,
                                         SpiralError *error)
{
    const char *text = sweep_definition_shard(root);
    if (sweep_read_shard(text, &settings->shard_index, &settings->shard_count))
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "found shard \"%.*s\", expected I/N with I from 1 to N",
                            SPIRAL_TEXT_CUT(text, 60));
}

/* Refuses options that the file must not set, such as where to write. */
static SpiralStatus take_option(const cJSON *member, OptionTable *table, SpiralError *error)
{
    if (sweep_option_is_free(member->string))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "expected one of those that say what a sweep is");
    if (options_given(table, member->string))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "found twice, expected once");
    return options_set(table, member->string, member->valuestring, error);
}

SpiralStatus sweep_definition_take(const cJSON *root, const char *path, SweepSettings *settings, OptionTable *table,
                                   SpiralError *error)
{
    const cJSON *member, *options = cJSON_GetObjectItemCaseSensitive(root, "options");
    SpiralError refused;
    cJSON_ArrayForEach(member, options)
    {
        SpiralStatus status = take_option(member, table, &refused);
        if (status != SPIRAL_OK)
            return spiral_error_set(error, status == SPIRAL_ERROR_LIMIT ? status : SPIRAL_ERROR_INPUT, path, 0,
                                    "option %.*s: %.*s", SPIRAL_TEXT_CUT(member->string, 100),
                                    SPIRAL_TEXT_CUT(refused.reason, 500));
    }
    if (sweep_settings_check(settings, table, &refused) != SPIRAL_OK)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "%s", refused.reason);
    return SPIRAL_OK;
}
