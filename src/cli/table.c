#include "cli/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shorten.h"
#include "cli/cli.h"
#include "cli/options/values.h"

enum { NAME_COLUMNS = 40, CLASSES_SHOWN = 6 };

/* "4 features (length ... width)" */
static void append_features(char *text, size_t size, const SpiralDataset *dataset)
{
    const char *const ends[] = {dataset->feature_names[0], dataset->feature_names[dataset->features - 1]};
    char fitting[2][SPIRAL_NAME_BYTES];
    spiral_shorten_to_columns(2, ends, NAME_COLUMNS, fitting);
    cli_append(text, size, "%zu feature%s (%s", dataset->features, dataset->features == 1 ? "" : "s", fitting[0]);
    if (dataset->features > 1)
        cli_append(text, size, "%s%s", dataset->features > 2 ? " ... " : ", ", fitting[1]);
    cli_append(text, size, ")");
}

/* "3 classes (a: 50, b: 50, c: 50)" */
static bool append_classes(char *text, size_t size, const SpiralDataset *dataset)
{
    size_t *counts = cli_allocate(dataset->classes, sizeof *counts);
    if (counts == NULL)
        return false;
    for (size_t i = 0; i < dataset->rows; i++)
        counts[dataset->y[i]]++;
    char fitting[CLASSES_SHOWN][SPIRAL_NAME_BYTES];
    size_t shown = dataset->classes < CLASSES_SHOWN ? dataset->classes : CLASSES_SHOWN;
    spiral_shorten_to_columns(shown, (const char *const *)dataset->class_names, NAME_COLUMNS, fitting);
    cli_append(text, size, "%zu classes (", dataset->classes);
    for (size_t k = 0; k < shown; k++)
        cli_append(text, size, "%s%s: %zu", k > 0 ? ", " : "", fitting[k], counts[k]);
    cli_append(text, size, dataset->classes > CLASSES_SHOWN ? " ...)" : ")");
    free(counts);
    return true;
}

/* "label: column 4 'species' (the last)" */
static void append_label(char *text, size_t size, const DataSettings *settings, const SpiralDataset *dataset)
{
    if (dataset->label_column == SIZE_MAX || dataset->y == NULL)
        return;
    cli_append(text, size, ", label: column %zu", dataset->label_column);
    if (dataset->label_name != NULL) {
        const char *const names[] = {dataset->label_name};
        char fitting[1][SPIRAL_NAME_BYTES];
        spiral_shorten_to_columns(1, names, NAME_COLUMNS, fitting);
        cli_append(text, size, " '%s'", fitting[0]);
    }
    cli_append(text, size, settings->load.label != NULL ? " (--label)" : " (the last)");
}

/* What is not as in every file: the delimiter, the header's line, what was left out. */
static void append_form(char *text, size_t size, const SpiralDataset *dataset)
{
    const SpiralTableForm *form = &dataset->form;
    if (form->X_array != NULL)
        cli_append(text, size, "; arrays %s and %s", form->X_array, form->y_array);
    if (form->delimiter == '\0')
        return;
    if (form->delimiter != ',') {
        char delimiter[4] = {'\'', form->delimiter, '\'', '\0'};
        const char *name = form->delimiter == ' ' ? "blanks" : form->delimiter == '\t' ? "tabs" : delimiter;
        cli_append(text, size, "; delimiter: %s", name);
    }
    if (form->header_line > 0)
        cli_append(text, size, "; header: line %zu", form->header_line);
    else
        cli_append(text, size, "; no header");
    if (form->row_names)
        cli_append(text, size, "; the rows' names were left out");
    if (form->empty_last)
        cli_append(text, size, "; the empty last column was left out");
    if (dataset->dropped > 0)
        cli_append(text, size, "; %zu row%s without all values left out", dataset->dropped,
                   dataset->dropped == 1 ? "" : "s");
}

/* The option that settles the doubt, as it is typed: "; try --ignore id". */
static void append_remedy(char *text, size_t size, const SpiralRemedy *remedy)
{
    const char *name = cli_remedy_option(remedy->kind);
    char *option = name != NULL ? shell_option(name, remedy->value) : NULL;
    if (option != NULL)
        cli_append(text, size, "; try %s", option);
    free(option);
}

static SpiralStatus print_line(const DataSettings *settings, const SpiralDataset *dataset, SpiralError *error)
{
    char text[1024] = "";
    cli_append(text, sizeof text, "%zu row%s, ", dataset->rows, dataset->rows == 1 ? "" : "s");
    append_features(text, sizeof text, dataset);
    if (dataset->y != NULL) {
        cli_append(text, sizeof text, ", ");
        if (!append_classes(text, sizeof text, dataset))
            return cli_no_memory(error);
    }
    append_label(text, sizeof text, settings, dataset);
    append_form(text, sizeof text, dataset);
    if (cli_is_first_rank())
        fprintf(stderr, "%s\n", text);
    return SPIRAL_OK;
}

static void warn_of_number(const char *path, const char *option, const SpiralNumberAndName *number)
{
    if (number->text[0] != '\0')
        cli_warn(path, "--%s %s is column %zu, by its number; column %zu, which is named '%s', would be --%s %zu",
                 option, number->text, number->column, number->named, number->text, option, number->named);
}

void table_warn_of_numbers(const char *path, const SpiralDataset *dataset)
{
    warn_of_number(path, cli_remedy_option(SPIRAL_REMEDY_LABEL), &dataset->form.label);
    warn_of_number(path, cli_remedy_option(SPIRAL_REMEDY_IGNORE), &dataset->form.ignored);
}

SpiralStatus table_report(const DataSettings *settings, const SpiralDataset *dataset, TableUse use, bool quiet,
                          SpiralError *error)
{
    SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT];
    size_t count;
    if (use == TABLE_AGAIN)
        return SPIRAL_OK;
    table_warn_of_numbers(settings->path, dataset);
    SpiralStatus status = spiral_dataset_doubt(dataset, &settings->load, doubts, &count, error);
    if (status == SPIRAL_OK && !quiet)
        status = print_line(settings, dataset, error);
    for (size_t i = 0; i < count && status == SPIRAL_OK; i++) {
        if (doubts[i].regression && use == TABLE_TO_TRAIN_ON && settings->load.label == NULL) {
            status = spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->path, 0, "%s", doubts[i].text);
            status = spiral_error_suggest(error, status, doubts[i].remedy.kind, doubts[i].remedy.value);
            break;
        }
        char text[sizeof doubts->text + 256] = "";
        cli_append(text, sizeof text, "%s", doubts[i].text);
        append_remedy(text, sizeof text, &doubts[i].remedy);
        cli_warn(settings->path, "%s", text);
    }
    return status;
}
