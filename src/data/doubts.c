#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv_value.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/columns.h"
#include "spiral/dataset.h"

enum {
    SHOWN_BYTES = 60,
    MOST_ONE_HOT = 256,
    FEW_ROWS = 10,      /* fewer count, or add to 1, by chance */
    MOST_ROWS = 1 << 16 /* that are compared with one another */
};

typedef struct Doubts {
    const SpiralDataset *dataset;
    const SpiralLoadOptions *options;
    SpiralDoubt *doubts; /* (SPIRAL_DOUBTS_LIMIT) */
    size_t count;
} Doubts;

static SpiralDoubt *add(Doubts *doubts, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for one more must be left. */
static SpiralDoubt *add(Doubts *doubts, const char *format, ...)
{
    SpiralDoubt *doubt = &doubts->doubts[doubts->count++];
    *doubt = (SpiralDoubt){.regression = false};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(doubt->text, sizeof doubt->text, format, arguments);
    va_end(arguments);
    return doubt;
}

/* Names a column as an option takes it: by its name where that is one, else by its number. */
static void suggest(const Doubts *doubts, SpiralDoubt *doubt, SpiralRemedyKind kind, const char *name, bool named,
                    size_t column)
{
    char number[32];
    snprintf(number, sizeof number, "%zu", column);
    size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    bool usable = named && name[plain] == '\0' && strspn(name, "0123456789") < plain && strcmp(name, "none") != 0;
    usable = usable && plain < sizeof doubt->remedy.value;
    spiral_columns_suggest(doubts->options, kind, usable ? name : number, &doubt->remedy);
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof *(names))

/* ---- labels ------------------------------------------------------------------------------------------------------ */

static const char *const label_names[] = {"label", "class", "target", "y", "species", "diagnosis", "outcome"};

/* How many classes are named by numbers, and how many of these have fractions. */
static size_t count_numbers(const SpiralDataset *dataset, size_t *fractions)
{
    size_t numbers = 0;
    *fractions = 0;
    for (size_t k = 0; k < dataset->classes; k++) {
        double value;
        const char *name = dataset->class_names[k];
        if (!spiral_number_read(name, strlen(name), &value))
            continue;
        numbers++;
        *fractions += value != floor(value);
    }
    return numbers;
}

/* Measurements in the label's column: fractions, or more classes than half of the rows. */
static void doubt_measurements(Doubts *doubts)
{
    const SpiralDataset *dataset = doubts->dataset;
    size_t fractions, numbers = count_numbers(dataset, &fractions);
    bool many = 2 * dataset->classes > dataset->rows && dataset->rows >= SPIRAL_DOUBT_ROWS;
    bool continuous = fractions > 0 && numbers == dataset->classes;
    if (!many && !continuous)
        return;
    SpiralDoubt *doubt =
        many ? add(doubts, "the labels make %zu classes of %zu rows: they look like %s, not like classes",
                   dataset->classes, dataset->rows, numbers == dataset->classes ? "measurements" : "names of the rows")
             : add(doubts, "the labels are numbers with fractions: they look like measurements, not like classes");
    if (dataset->form.delimiter == '\0')
        return;
    doubt->regression = dataset->rows >= SPIRAL_DOUBT_ROWS;
    doubt->remedy = (SpiralRemedy){.kind = SPIRAL_REMEDY_LABEL, .value = "COLUMN"};
}

/* The label is the last column, because nothing was asked for, and another column has a label's name. */
static void doubt_other_label(Doubts *doubts)
{
    const SpiralDataset *dataset = doubts->dataset;
    if (doubts->options->label != NULL || dataset->form.header_line == 0 ||
        (dataset->label_name != NULL && IS_ONE_OF(dataset->label_name, label_names)))
        return;
    for (size_t d = 0; d < dataset->features; d++)
        if (IS_ONE_OF(dataset->feature_names[d], label_names)) {
            const char *name = dataset->feature_names[d];
            SpiralDoubt *doubt =
                add(doubts, "column %zu is called '%.*s', and is a feature: the label is column %zu",
                    dataset->feature_columns[d], SPIRAL_TEXT_CUT(name, SHOWN_BYTES), dataset->label_column);
            suggest(doubts, doubt, SPIRAL_REMEDY_LABEL, name, true, dataset->feature_columns[d]);
            return;
        }
}

/* A feature has the name of the label's column: in other data for the model it does not say which of them is which. */
static void doubt_label_twice(Doubts *doubts)
{
    const SpiralDataset *dataset = doubts->dataset;
    for (size_t d = 0; d < dataset->features && dataset->label_name != NULL; d++)
        if (strcmp(dataset->feature_names[d], dataset->label_name) == 0) {
            size_t column = dataset->feature_columns[d];
            SpiralDoubt *doubt = add(doubts,
                                     "column %zu is called '%.*s' like the label, column %zu, and is a feature: in "
                                     "other data for the model, the label's number has to be given",
                                     column, SPIRAL_TEXT_CUT(dataset->label_name, SHOWN_BYTES), dataset->label_column);
            suggest(doubts, doubt, SPIRAL_REMEDY_IGNORE, dataset->label_name, false, column);
            return;
        }
}

/* The value of the label as one of the one-hot columns: its class's name is 0 or 1. */
static double label_value(const SpiralDataset *dataset, size_t row)
{
    return strcmp(dataset->class_names[dataset->y[row]], "1") == 0 ? 1.0 : 0.0;
}

/* Are the last columns 0 and 1, with a single 1 in each row, the label among them? Returns how many, 0 if none. */
static size_t count_one_hot(const SpiralDataset *dataset)
{
    size_t D = dataset->features, most = D < MOST_ONE_HOT ? D : MOST_ONE_HOT;
    bool fits[MOST_ONE_HOT + 1]; /* [n]: the last n features and the label */
    if (dataset->classes != 2 || strcmp(dataset->class_names[0], "0") != 0 ||
        strcmp(dataset->class_names[1], "1") != 0 || dataset->features_after_label > 0)
        return 0;
    memset(fits, true, sizeof fits);
    size_t left = most;
    for (size_t i = 0; i < dataset->rows && left > 0; i++) {
        double sum = label_value(dataset, i);
        left = 0;
        for (size_t n = 1; n <= most; n++) {
            double value = dataset->X[(i + 1) * D - n];
            if (value != 0.0 && value != 1.0)
                memset(fits + n, false, most + 1 - n);
            sum += value;
            fits[n] = fits[n] && sum == 1.0;
            left += fits[n];
        }
    }
    for (size_t n = most; n > 0 && dataset->rows >= FEW_ROWS; n--)
        if (fits[n])
            return n + 1;
    return 0;
}

static void doubt_one_hot(Doubts *doubts)
{
    size_t columns = count_one_hot(doubts->dataset);
    if (columns > 1)
        (void)add(doubts,
                  "the last %zu columns are 0 or 1 and add to 1 in every row: a one-hot label, of which the last is "
                  "the label here and the others are features (make one column of them)",
                  columns);
}

static bool is_number(const char *name)
{
    SpiralCsvKind kind = spiral_csv_kind(name, strlen(name));
    return kind == SPIRAL_CSV_WHOLE || kind == SPIRAL_CSV_DECIMAL;
}

/* Is the class of the first row the only number among words, or the only word among numbers? */
static bool is_alone_of_its_kind(const SpiralDataset *dataset)
{
    bool number = is_number(dataset->class_names[dataset->y[0]]);
    for (size_t k = 0; k < dataset->classes; k++)
        if ((int64_t)k != dataset->y[0] && is_number(dataset->class_names[k]) == number)
            return false;
    return true;
}

/* A class that is in the first row alone, where no header was found, may be the label's name. */
static void doubt_first_class(Doubts *doubts)
{
    const SpiralDataset *dataset = doubts->dataset;
    bool few = dataset->rows < SPIRAL_DOUBT_ROWS || 2 * dataset->classes > dataset->rows;
    if (dataset->form.header_line > 0 || doubts->options->header != SPIRAL_HEADER_AUTO || dataset->y[0] < 0)
        return;
    if (few && !is_alone_of_its_kind(dataset) && !IS_ONE_OF(dataset->class_names[dataset->y[0]], label_names))
        return;
    for (size_t i = 1; i < dataset->rows; i++)
        if (dataset->y[i] == dataset->y[0])
            return;
    SpiralDoubt *doubt = add(doubts, "class '%.*s' is in the first line alone: that line may be a header",
                             SPIRAL_TEXT_CUT(dataset->class_names[dataset->y[0]], SHOWN_BYTES));
    doubt->remedy = (SpiralRemedy){.kind = SPIRAL_REMEDY_HEADER, .value = "yes"};
}

static void doubt_classes(Doubts *doubts)
{
    const char *reason = doubts->dataset->form.unused_classes;
    if (reason != NULL)
        (void)add(doubts, "array 'classes' %s: it is not used, the classes are called as in y", reason);
}

/* Numbers were taken for the columns' names, and the label's name says no more than they do. */
static void doubt_number_header(Doubts *doubts)
{
    const SpiralDataset *dataset = doubts->dataset;
    if (!dataset->form.number_header || (dataset->label_name != NULL && IS_ONE_OF(dataset->label_name, label_names)))
        return;
    SpiralDoubt *doubt = add(doubts, "the numbers in line %zu are taken for the columns' names: that line may be a row",
                             dataset->form.header_line);
    doubt->remedy = (SpiralRemedy){.kind = SPIRAL_REMEDY_HEADER, .value = "no"};
}

/* What was taken for the rows' names may be a column, and the header may lack a name. */
static void doubt_row_names(Doubts *doubts)
{
    if (doubts->dataset->form.measured_names)
        (void)add(doubts, "the first field of each row, a number with a fraction, is taken for the row's name and left "
                          "out, because the header has a name fewer than the rows have fields");
}

/* ---- features ---------------------------------------------------------------------------------------------------- */

typedef enum Identity {
    IDENTITY_NONE,
    IDENTITY_ROWS,     /* 1, 2, 3 ... or 0, 1, 2 ... */
    IDENTITY_DIFFERENT /* whole numbers, all different */
} Identity;

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Are the first rows of the column different whole numbers? */
static bool are_different(const SpiralDataset *dataset, size_t d, size_t rows, double *scratch /* (rows) */)
{
    for (size_t i = 0; i < rows; i++) {
        scratch[i] = dataset->X[i * dataset->features + d];
        if (scratch[i] != floor(scratch[i]))
            return false;
    }
    qsort(scratch, rows, sizeof *scratch, by_value);
    for (size_t i = 1; i < rows; i++)
        if (scratch[i] == scratch[i - 1])
            return false;
    return true;
}

/* Looks at few rows first, which are enough for most columns, and at no more than fit scratch. */
static Identity identify(const SpiralDataset *dataset, size_t d, double *scratch /* (MOST_ROWS) */)
{
    size_t N = dataset->rows, most = N < MOST_ROWS ? N : MOST_ROWS;
    for (size_t rows = SPIRAL_DOUBT_ROWS; rows < most; rows *= SPIRAL_DOUBT_ROWS)
        if (!are_different(dataset, d, rows, scratch))
            return IDENTITY_NONE;
    double first = dataset->X[d];
    bool counts = N >= FEW_ROWS && (first == 0.0 || first == 1.0);
    for (size_t i = 0; i < N && counts; i++)
        counts = dataset->X[i * dataset->features + d] == first + (double)i;
    if (counts)
        return IDENTITY_ROWS;
    return N >= SPIRAL_DOUBT_ROWS && are_different(dataset, d, most, scratch) ? IDENTITY_DIFFERENT : IDENTITY_NONE;
}

static void doubt_features(Doubts *doubts, double *scratch)
{
    static const char *const names[] = {"id", "index", "rownames", "row_names", "row.names", "Unnamed: 0"};
    const SpiralDataset *dataset = doubts->dataset;
    for (size_t d = 0; d < dataset->features && doubts->count < SPIRAL_DOUBTS_LIMIT; d++) {
        bool named = dataset->form.header_line > 0;
        const char *name = dataset->feature_names[d];
        size_t column = dataset->feature_columns[d];
        Identity identity = identify(dataset, d, scratch);
        bool called = named && IS_ONE_OF(name, names);
        if (identity == IDENTITY_NONE && !called)
            continue;
        const char *what = identity == IDENTITY_ROWS        ? "counts the rows"
                           : identity == IDENTITY_DIFFERENT ? "is another whole number in every row"
                                                            : "has the name of an identifier";
        SpiralDoubt *doubt =
            add(doubts, "feature %.*s, column %zu, %s: it is most likely no property of what is classified",
                SPIRAL_TEXT_CUT(name, SHOWN_BYTES), column, what);
        suggest(doubts, doubt, SPIRAL_REMEDY_IGNORE, name, named, column);
    }
}

SpiralStatus spiral_dataset_doubt(const SpiralDataset *dataset, const SpiralLoadOptions *options,
                                  SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT], size_t *count, SpiralError *error)
{
    Doubts all = {.dataset = dataset, .options = options, .doubts = doubts};
    *count = 0;
    bool csv = dataset->form.delimiter != '\0';
    if (dataset->y != NULL) {
        doubt_classes(&all);
        doubt_measurements(&all);
        doubt_other_label(&all);
        doubt_label_twice(&all);
    }
    if (dataset->y != NULL && csv) {
        doubt_one_hot(&all);
        doubt_first_class(&all);
    }
    if (csv) {
        doubt_number_header(&all);
        doubt_row_names(&all);
        double *scratch = spiral_allocate_doubles(MOST_ROWS);
        if (scratch == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to look at %zu rows", dataset->rows);
        doubt_features(&all, scratch);
        free(scratch);
    }
    *count = all.count;
    return SPIRAL_OK;
}
