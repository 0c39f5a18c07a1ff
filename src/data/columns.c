#include "data/columns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"
#include "data/storage.h"

enum { SHOWN_BYTES = 60, LIST_BYTES = 300, NAME_BYTES = 32 };

static SpiralStatus no_memory(const SpiralTable *table, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, table->path, table->line, "no memory for %zu columns",
                            table->count);
}

void spiral_columns_free(SpiralColumns *columns)
{
    free(columns->feature);
    *columns = (SpiralColumns){0};
}

/* ---- columns that options name ----------------------------------------------------------------------------------- */

bool spiral_columns_read_index(const char *text, size_t length, int64_t *index)
{
    char *end;
    size_t sign = length > 0 && *text == '-';
    if (length == sign || strspn(text + sign, "0123456789") < length - sign)
        return false;
    errno = 0;
    *index = strtoll(text, &end, 10);
    return errno == 0;
}

size_t spiral_columns_at(size_t count, int64_t index)
{
    uint64_t distance = index < 0 ? -(uint64_t)index : (uint64_t)index + 1; /* counted from 1, from either end */
    if (distance > count)
        return SPIRAL_NO_COLUMN;
    return index < 0 ? count - (size_t)distance : (size_t)distance - 1;
}

static bool is_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && memcmp(name, text, length) == 0;
}

/* The column that has this name, NO_COLUMN when there is none. Sets *twice when there are several. */
static size_t find_name(const SpiralTable *table, const char *text, size_t length, bool *twice)
{
    size_t found = SPIRAL_NO_COLUMN;
    *twice = false;
    for (size_t c = 0; table->names != NULL && c < table->count; c++)
        if (is_name(table->names[c], text, length)) {
            *twice = found != SPIRAL_NO_COLUMN;
            found = c;
        }
    return found;
}

/* Is the text the number of one of the table's columns, from 0 or, negative, from the end? */
static bool find_number(const SpiralTable *table, const char *text, size_t length, size_t *column)
{
    int64_t index;
    *column =
        spiral_columns_read_index(text, length, &index) ? spiral_columns_at(table->count, index) : SPIRAL_NO_COLUMN;
    return *column != SPIRAL_NO_COLUMN;
}

/* Keeps the first number that is the name of another column, too. A column without a name has its number alone. */
static void doubt_number(const SpiralTable *table, const char *text, size_t length, size_t column,
                         SpiralNumberAndName *doubt)
{
    bool twice;
    size_t named = find_name(table, text, length, &twice);
    if (doubt->text[0] != '\0' || named == SPIRAL_NO_COLUMN || table->names[column][0] == '\0' ||
        is_name(table->names[column], text, length) || length >= sizeof doubt->text)
        return;
    memcpy(doubt->text, text, length);
    doubt->text[length] = '\0';
    doubt->column = column;
    doubt->named = named;
}

/* Finds the column by its number or else by its name: to be the label, or to be ignored. */
static SpiralStatus find_column(const SpiralTable *table, const char *text, size_t length, bool label, size_t *column,
                                SpiralNumberAndName *doubt, SpiralError *error)
{
    int64_t index;
    if (find_number(table, text, length, column)) {
        doubt_number(table, text, length, *column, doubt);
        return SPIRAL_OK;
    }
    bool twice;
    *column = find_name(table, text, length, &twice);
    if (*column == SPIRAL_NO_COLUMN && spiral_columns_read_index(text, length, &index))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "has %zu column%s, expected %s column %" PRId64 " (counted from 0)", table->count,
                                table->count == 1 ? "" : "s", label ? "a label" : "an ignored", index);
    int shown = spiral_text_cut(text, length, SHOWN_BYTES);
    if (twice)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "two columns are named '%.*s', expected one%s", shown, text,
                                label ? " label column" : ": a number says which is ignored");
    if (*column == SPIRAL_NO_COLUMN)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "no header with a column '%.*s', expected one to be %s", shown, text,
                                label ? "the label" : "ignored");
    return SPIRAL_OK;
}

/* The length of the first item of a list with commas: up to the first comma behind which it is a column, because a name
 * may hold commas, or else up to the first comma. */
static size_t item_length(const SpiralTable *table, const char *list)
{
    size_t first = strcspn(list, ","), length = first;
    int64_t index;
    bool twice;
    if (spiral_columns_read_index(list, first, &index))
        return first;
    while (find_name(table, list, length, &twice) == SPIRAL_NO_COLUMN) {
        if (list[length] == '\0')
            return first;
        length += 1 + strcspn(list + length + 1, ",");
    }
    return length;
}

void spiral_columns_suggest(const SpiralLoadOptions *options, SpiralRemedyKind kind, const char *column,
                            SpiralRemedy *remedy)
{
    bool more = kind == SPIRAL_REMEDY_IGNORE && options->ignore != NULL;
    *remedy = (SpiralRemedy){.kind = kind};
    int length =
        snprintf(remedy->value, sizeof remedy->value, "%s%s%s", more ? options->ignore : "", more ? "," : "", column);
    if (length < 0 || (size_t)length >= sizeof remedy->value)
        *remedy = (SpiralRemedy){.kind = SPIRAL_REMEDY_NONE};
}

static SpiralStatus ignore_columns(const SpiralTable *table, const char *list, SpiralColumns *columns,
                                   SpiralError *error)
{
    while (list != NULL) {
        size_t length = item_length(table, list), column;
        SpiralStatus status = find_column(table, list, length, false, &column, &columns->ignored_by_number, error);
        if (status != SPIRAL_OK)
            return status;
        columns->feature[column] = SPIRAL_COLUMN_IGNORED;
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return SPIRAL_OK;
}

bool spiral_columns_are_unlabelled(const SpiralLoadOptions *options)
{
    return options->label != NULL && strcmp(options->label, "none") == 0;
}

/* The label that options name, if they do. */
static SpiralStatus choose_given_label(const SpiralTable *table, const SpiralLoadOptions *options,
                                       SpiralColumns *columns, SpiralError *error)
{
    const char *label = options->label;
    if (label == NULL || spiral_columns_are_unlabelled(options) || !table->has_label)
        return SPIRAL_OK;
    SpiralStatus status = find_column(table, label, strlen(label), true, &columns->label, &columns->by_number, error);
    if (status == SPIRAL_OK && columns->feature[columns->label] == SPIRAL_COLUMN_IGNORED)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "column %zu is the label and ignored, expected one of the two", columns->label);
    if (status == SPIRAL_OK)
        columns->feature[columns->label] = SPIRAL_COLUMN_LABEL;
    return status;
}

/* Is the label, or a column to be ignored, one of the table's names? */
static bool names_a_column(const SpiralTable *table, const SpiralLoadOptions *options)
{
    size_t column;
    bool twice;
    const char *label = options->label;
    if (label != NULL && !spiral_columns_are_unlabelled(options) &&
        !find_number(table, label, strlen(label), &column) &&
        find_name(table, label, strlen(label), &twice) != SPIRAL_NO_COLUMN)
        return true;
    for (const char *list = options->ignore; list != NULL;) {
        size_t length = item_length(table, list);
        if (!find_number(table, list, length, &column) && find_name(table, list, length, &twice) != SPIRAL_NO_COLUMN)
            return true;
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return false;
}

SpiralStatus spiral_columns_are_named(const SpiralTable *table, const SpiralLoadOptions *options, bool *named,
                                      SpiralError *error)
{
    *named = names_a_column(table, options);
    if (*named || options->feature_names == NULL)
        return SPIRAL_OK;
    size_t *where = spiral_allocate(options->features, sizeof *where);
    bool matched = where != NULL &&
                   spiral_names_match(options->feature_names, options->features, table->names, table->count, where);
    *named = matched;
    for (size_t d = 0; *named && d < options->features; d++)
        *named = where[d] != SPIRAL_NAME_MISSING;
    free(where);
    return matched ? SPIRAL_OK : no_memory(table, error);
}

/* ---- columns that are matched with expected features ------------------------------------------------------------- */

/* The columns that may be features: those that are neither ignored nor the label. */
typedef struct Candidates {
    size_t count;
    size_t *column;
    const char **names;
    size_t *where; /* (features) the candidate of each expected feature, as spiral_names_match says */
} Candidates;

static void free_candidates(Candidates *candidates)
{
    free(candidates->column);
    free(candidates->names);
    free(candidates->where);
}

static bool find_candidates(const SpiralTable *table, const SpiralLoadOptions *options, const SpiralColumns *columns,
                            Candidates *candidates)
{
    candidates->column = spiral_allocate(table->count, sizeof *candidates->column);
    candidates->names = spiral_allocate(table->count, sizeof *candidates->names);
    candidates->where = spiral_allocate(options->features, sizeof *candidates->where);
    if (candidates->column == NULL || candidates->names == NULL || candidates->where == NULL)
        return false;
    for (size_t c = 0; c < table->count; c++)
        if (columns->feature[c] == SPIRAL_COLUMN_UNUSED) {
            candidates->column[candidates->count] = c;
            candidates->names[candidates->count++] = table->names[c];
        }
    return spiral_names_match(options->feature_names, options->features, candidates->names, candidates->count,
                              candidates->where);
}

static size_t count_named(const char *const *names, size_t count, const char *name)
{
    size_t named = 0;
    for (size_t i = 0; i < count; i++)
        named += strcmp(names[i], name) == 0;
    return named;
}

/* Refuses the table for a feature of the model that is not among its columns, or not as often. */
static SpiralStatus refuse_feature(const SpiralTable *table, const SpiralLoadOptions *options,
                                   const SpiralColumns *columns, const Candidates *candidates, SpiralError *error)
{
    size_t d = 0, missing = 0;
    bool twice;
    for (size_t i = options->features; i-- > 0;)
        if (candidates->where[i] >= SPIRAL_NAME_TWICE) {
            d = i;
            missing++;
        }
    const char *name = options->feature_names[d];
    int shown = spiral_text_cut(name, strlen(name), SHOWN_BYTES);
    size_t columns_named = count_named(candidates->names, candidates->count, name);
    size_t features_named = count_named(options->feature_names, options->features, name);
    if (columns_named > 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "%zu column%s named '%.*s', and %zu feature%s of the model: expected as many",
                                columns_named, columns_named == 1 ? " is" : "s are", shown, name, features_named,
                                features_named == 1 ? "" : "s");
    size_t column = find_name(table, name, strlen(name), &twice);
    if (column != SPIRAL_NO_COLUMN)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "column '%.*s' is %s here, and a feature of the model", shown, name,
                                columns->feature[column] == SPIRAL_COLUMN_LABEL ? "the label" : "ignored");
    char expected[LIST_BYTES], found[LIST_BYTES], more[32] = "";
    spiral_names_list(options->feature_names, options->features, expected, sizeof expected);
    spiral_names_list(table->names, table->count, found, sizeof found);
    if (missing > 1)
        snprintf(more, sizeof more, " and %zu more", missing - 1);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                            "no column '%.*s'%s, expected the model's features %s; the columns are %s", shown, name,
                            more, expected, found);
}

static void take_label(SpiralColumns *columns, size_t column)
{
    columns->label = column;
    columns->feature[column] = SPIRAL_COLUMN_LABEL;
}

/* The features are known: the label is the column of its name or, where that is not known, the last column. */
static void choose_named_label(const SpiralTable *table, const SpiralLoadOptions *options, SpiralColumns *columns)
{
    bool twice = false;
    size_t column = table->count - 1;
    if (options->label != NULL || !table->has_label)
        return;
    if (options->label_name != NULL)
        column = find_name(table, options->label_name, strlen(options->label_name), &twice);
    if (column != SPIRAL_NO_COLUMN && !twice && columns->feature[column] == SPIRAL_COLUMN_UNUSED)
        take_label(columns, column);
}

/* Matches by names, if both sides have names. *matched is false when position is to decide. */
static SpiralStatus match_names(const SpiralTable *table, const SpiralLoadOptions *options, SpiralColumns *columns,
                                bool *matched, SpiralError *error)
{
    Candidates candidates = {0};
    *matched = false;
    if (table->names == NULL || options->feature_names == NULL)
        return SPIRAL_OK;
    if (!find_candidates(table, options, columns, &candidates)) {
        free_candidates(&candidates);
        return no_memory(table, error);
    }
    size_t D = options->features, known = 0;
    for (size_t d = 0; d < D; d++)
        known += candidates.where[d] < SPIRAL_NAME_TWICE;
    SpiralStatus status = SPIRAL_OK;
    bool expected_named = !spiral_names_are_default(options->feature_names, D, "x");
    /* In an array of features alone, x0, x1 ... are no names: another number of them is other data. */
    bool unnamed =
        !expected_named && !table->has_label && spiral_names_are_default(candidates.names, candidates.count, "x");
    *matched = known == D && !unnamed;
    for (size_t d = 0, last = 0; *matched && d < D; d++) {
        size_t column = candidates.column[candidates.where[d]];
        columns->feature[column] = d;
        columns->reordered = columns->reordered || column < last;
        last = column;
    }
    bool found_named = candidates.count < D || !spiral_names_are_default(candidates.names, D, "x");
    bool numbers = spiral_names_are_numbers(options->feature_names, D, "x") &&
                   spiral_names_are_numbers(candidates.names, candidates.count < D ? candidates.count : D, "x");
    if (*matched)
        choose_named_label(table, options, columns);
    else if (!unnamed && (known > 0 || numbers || (expected_named && found_named)))
        status = refuse_feature(table, options, columns, &candidates, error);
    free_candidates(&candidates);
    return status;
}

/* ---- columns by position ----------------------------------------------------------------------------------------- */

/* The place, among the columns that are left, of the label that options do not name; NO_COLUMN when there is none. */
static size_t place_label(const SpiralTable *table, const SpiralLoadOptions *options, const SpiralColumns *columns,
                          size_t left)
{
    bool unlabelled = options->features > 0 && left != options->features + 1;
    if (left == 0 || unlabelled || !table->has_label || columns->label != SPIRAL_NO_COLUMN ||
        (options->label != NULL && options->features == 0))
        return SPIRAL_NO_COLUMN;
    size_t after = options->features_after_label;
    return left - 1 - (after < left ? after : 0);
}

static void number_columns(const SpiralTable *table, const SpiralLoadOptions *options, SpiralColumns *columns)
{
    size_t left = 0, place = 0, d = 0;
    bool twice = true;
    for (size_t c = 0; c < table->count; c++)
        left += columns->feature[c] == SPIRAL_COLUMN_UNUSED;
    size_t label = place_label(table, options, columns, left), named = SPIRAL_NO_COLUMN;
    if (options->label_name != NULL)
        named = find_name(table, options->label_name, strlen(options->label_name), &twice);
    bool by_name = label != SPIRAL_NO_COLUMN && named != SPIRAL_NO_COLUMN && !twice;
    for (size_t c = 0; c < table->count; c++) {
        if (columns->feature[c] != SPIRAL_COLUMN_UNUSED)
            continue;
        bool is_label = by_name ? c == named : place == label;
        place++;
        if (!is_label)
            columns->feature[c] = d++;
        else if (!spiral_columns_are_unlabelled(options))
            take_label(columns, c);
    }
}

/* Takes the columns of the data set that options say the table is like, which may have its labels elsewhere. */
static bool take_alike(const SpiralTable *table, const SpiralLoadOptions *options, SpiralColumns *columns)
{
    const SpiralDataset *alike = options->alike;
    if (alike == NULL || alike->columns == 0 || table->names != NULL)
        return false;
    bool labelled = alike->label_column != SPIRAL_NO_COLUMN;
    size_t others = alike->columns - labelled, label = labelled ? alike->label_column : others;
    if (table->count != others + table->has_label)
        return false;
    for (size_t c = 0; c < table->count; c++)
        columns->feature[c] = SPIRAL_COLUMN_IGNORED;
    for (size_t d = 0; d < alike->features; d++) {
        size_t number = alike->feature_columns[d] - (labelled && alike->feature_columns[d] > label);
        columns->feature[number + (table->has_label && number >= label)] = d;
    }
    if (table->has_label)
        take_label(columns, label);
    return true;
}

/* The name of a column that has none: its number, the label's not counted. */
static void write_number(size_t number, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "x%zu", number);
}

/* Are the expected names the numbers of the columns? */
static bool have_numbers(const SpiralColumns *columns, const char *const *names)
{
    size_t number = 0;
    for (size_t c = 0; c < columns->count; c++) {
        char name[NAME_BYTES];
        if (columns->feature[c] == SPIRAL_COLUMN_LABEL)
            continue;
        write_number(number++, name);
        if (columns->feature[c] < SPIRAL_COLUMN_UNUSED && strcmp(names[columns->feature[c]], name) != 0)
            return false;
    }
    return true;
}

/* The features are x1, x3 ..., numbers of columns among which others were ignored. Columns without names that are left
 * when others are ignored have to be these. As many columns as the numbers count, without a label, are all of them, or
 * the features and a label. */
static SpiralStatus check_numbers(const SpiralTable *table, const SpiralLoadOptions *options,
                                  const SpiralColumns *columns, SpiralError *error)
{
    size_t D = options->features, ignored = 0;
    const char *const *names = options->feature_names;
    bool named = options->label_name != NULL; /* the training data had names: these are not numbers of columns */
    if (named || table->names != NULL || names == NULL || columns->features != D ||
        spiral_names_are_default(names, D, "x") || !spiral_names_are_numbers(names, D, "x") ||
        have_numbers(columns, names))
        return SPIRAL_OK;
    char last[NAME_BYTES], list[LIST_BYTES];
    for (size_t c = 0; c < table->count; c++)
        ignored += columns->feature[c] == SPIRAL_COLUMN_IGNORED;
    spiral_names_list(names, D, list, sizeof list);
    if (ignored > 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                                "columns without names are called x0, x1 ...: those that are not ignored are not the "
                                "features %s, expected these",
                                list);
    bool given = options->label != NULL && !spiral_columns_are_unlabelled(options);
    write_number(table->count - 1, last);
    if (given || table->count != D + 1 || strcmp(names[D - 1], last) != 0)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, table->path, table->line,
                            "%zu columns without names are the features %s and a label, or x0 to %s: expected the "
                            "label to be given, or columns to be ignored",
                            table->count, list, last);
}

SpiralStatus spiral_columns_suggest_ignored(size_t count, const SpiralLoadOptions *options, SpiralError *error,
                                            SpiralStatus status)
{
    size_t D = options->features, d = 0, ignored = 0, used = 0;
    const char *const *names = options->feature_names;
    char list[sizeof error->remedy.value] = "", name[NAME_BYTES];
    if (names == NULL || options->ignore != NULL ||
        (options->label != NULL && !spiral_columns_are_unlabelled(options)) || options->alike != NULL ||
        options->features_after_label > 0 || !spiral_names_are_numbers(names, D, "x"))
        return status;
    for (size_t number = 0; number < count && d < D; number++) {
        write_number(number, name);
        if (strcmp(names[d], name) == 0) {
            d++;
            continue;
        }
        int length = snprintf(list + used, sizeof list - used, "%s%zu", ignored++ > 0 ? "," : "", number);
        if (length < 0 || (size_t)length >= sizeof list - used)
            return status;
        used += (size_t)length;
    }
    bool fits = d == D && ignored > 0 && (count - ignored == D || count - ignored == D + 1);
    return fits ? spiral_error_suggest(error, status, SPIRAL_REMEDY_IGNORE, list) : status;
}

/* There is no doubt about a number when the column that has it as its name is ignored. */
static void settle_number(const SpiralColumns *columns, SpiralNumberAndName *doubt)
{
    if (doubt->text[0] != '\0' && columns->feature[doubt->named] == SPIRAL_COLUMN_IGNORED)
        *doubt = (SpiralNumberAndName){.text = ""};
}

SpiralStatus spiral_columns_choose(const SpiralTable *table, const SpiralLoadOptions *options, SpiralColumns *columns,
                                   SpiralError *error)
{
    spiral_columns_free(columns);
    columns->count = table->count;
    columns->label = SPIRAL_NO_COLUMN;
    columns->feature = spiral_allocate(table->count, sizeof *columns->feature);
    if (columns->feature == NULL)
        return no_memory(table, error);
    for (size_t c = 0; c < table->count; c++)
        columns->feature[c] = SPIRAL_COLUMN_UNUSED;
    bool matched = false;
    SpiralStatus status = ignore_columns(table, options->ignore, columns, error);
    if (status == SPIRAL_OK)
        status = choose_given_label(table, options, columns, error);
    if (status == SPIRAL_OK)
        status = match_names(table, options, columns, &matched, error);
    if (status != SPIRAL_OK)
        return status;
    bool alike = !matched && take_alike(table, options, columns);
    if (!matched && !alike)
        number_columns(table, options, columns);
    for (size_t c = 0; c < table->count; c++) {
        bool is_feature = columns->feature[c] < SPIRAL_COLUMN_UNUSED;
        columns->features += is_feature;
        columns->features_after_label += is_feature && columns->label < c;
        columns->unused += columns->feature[c] == SPIRAL_COLUMN_UNUSED;
    }
    settle_number(columns, &columns->by_number);
    settle_number(columns, &columns->ignored_by_number);
    return alike ? SPIRAL_OK : check_numbers(table, options, columns, error);
}

/* ---- what the dataset says about them ---------------------------------------------------------------------------- */

SpiralStatus spiral_columns_describe(const SpiralColumns *columns, const SpiralTable *table, SpiralDataset *dataset,
                                     SpiralError *error)
{
    struct SpiralStorage *storage = dataset->storage;
    dataset->features = columns->features;
    dataset->columns = columns->count;
    dataset->reordered = columns->reordered;
    dataset->features_after_label = columns->features_after_label;
    dataset->label_column = columns->label;
    dataset->form.label = columns->by_number;
    dataset->form.ignored = columns->ignored_by_number;
    storage->feature_columns = spiral_allocate(columns->features, sizeof *storage->feature_columns);
    if (storage->feature_columns == NULL)
        return no_memory(table, error);
    for (size_t c = 0; c < columns->count; c++)
        if (columns->feature[c] < SPIRAL_COLUMN_UNUSED)
            storage->feature_columns[columns->feature[c]] = c;
    storage->feature_names = spiral_allocate(columns->features, sizeof(char *));
    storage->unused_names = spiral_allocate(columns->unused, sizeof(char *));
    if (storage->feature_names == NULL || storage->unused_names == NULL)
        return no_memory(table, error);
    size_t number = 0;
    for (size_t c = 0; c < columns->count; c++) {
        char **name, numbered[NAME_BYTES];
        bool is_label = columns->feature[c] == SPIRAL_COLUMN_LABEL;
        write_number(number, numbered);
        number += !is_label;
        bool is_feature = columns->feature[c] < SPIRAL_COLUMN_UNUSED;
        if (columns->feature[c] == SPIRAL_COLUMN_IGNORED || (table->names == NULL && !is_feature))
            continue;
        if (is_label)
            name = &storage->label_name;
        else if (columns->feature[c] == SPIRAL_COLUMN_UNUSED)
            name = &storage->unused_names[dataset->unused++];
        else
            name = &storage->feature_names[columns->feature[c]];
        *name = spiral_copy_string(table->names != NULL ? table->names[c] : numbered);
        if (*name == NULL)
            return no_memory(table, error);
    }
    return SPIRAL_OK;
}
