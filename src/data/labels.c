#include "data/labels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/number.h"
#include "data/storage.h"
#include "base/text.h"

enum { FIRST_CAPACITY = 16, SHOWN_BYTES = 60 };

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the class names");
}

void spiral_labels_free(SpiralLabels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        free(labels->labels[i].text);
    free(labels->labels);
    free(labels->slots);
    *labels = (SpiralLabels){0};
}

static bool is_text(const SpiralLabel *label, const char *text, size_t length)
{
    return strncmp(label->text, text, length) == 0 && label->text[length] == '\0';
}

/* The slot where the text is, or where it would go. */
static size_t find_slot(const SpiralLabels *labels, const char *text, size_t length, uint64_t hash)
{
    size_t slot = (size_t)hash & (labels->slot_count - 1);
    for (; labels->slots[slot] != 0; slot = (slot + 1) & (labels->slot_count - 1)) {
        const SpiralLabel *label = &labels->labels[labels->slots[slot] - 1];
        if (label->hash == hash && is_text(label, text, length))
            break;
    }
    return slot;
}

size_t spiral_labels_find(const SpiralLabels *labels, const char *text, size_t length)
{
    if (labels->count == 0)
        return 0;
    size_t found = labels->slots[find_slot(labels, text, length, spiral_hash(&labels->key, text, length))];
    return found != 0 ? found - 1 : labels->count;
}

static bool grow(SpiralLabels *labels)
{
    size_t capacity = labels->capacity > 0 ? 2 * labels->capacity : FIRST_CAPACITY;
    SpiralLabel *grown = spiral_reallocate(labels->labels, capacity, sizeof *grown);
    if (grown == NULL)
        return false;
    labels->labels = grown;
    size_t *slots = spiral_allocate(2 * capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    free(labels->slots);
    labels->slots = slots;
    labels->slot_count = 2 * capacity;
    labels->capacity = capacity;
    for (size_t i = 0; i < labels->count; i++) {
        const SpiralLabel *label = &labels->labels[i];
        slots[find_slot(labels, label->text, strlen(label->text), label->hash)] = i + 1;
    }
    return true;
}

/* Determines whether the label is a number, [+-] digits [. digits] between blanks, and its digits without zeros that
 * say nothing. They are compared as they stand: numbers that a double cannot tell apart remain two classes. */
static void read_number(SpiralLabel *label, bool decimal_comma)
{
    static const char digits[] = "0123456789", blanks[] = " \t";
    const char *text = label->text + strspn(label->text, blanks), *end = text + strlen(text);
    char point = decimal_comma ? ',' : '.';
    double value;
    const char *stop = spiral_number_parse_point(text, end, point, &value);
    label->is_number = stop != NULL && stop + strspn(stop, blanks) == end;
    if (!label->is_number)
        return;
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, digits), zeros = strspn(text, "0");
    const char *fraction = text + whole + (text[whole] == point);
    size_t decimals = strspn(fraction, digits);
    label->is_code = (whole > 1 && *text == '0') || fraction + decimals < stop;
    while (decimals > 0 && fraction[decimals - 1] == '0')
        decimals--;
    zeros = zeros < whole ? zeros : whole;
    label->whole = text + zeros;
    label->whole_digits = whole - zeros;
    label->fraction = fraction;
    label->fraction_digits = decimals;
    label->is_negative = negative && label->whole_digits + decimals > 0;
}

SpiralStatus spiral_labels_add(SpiralLabels *labels, const char *text, size_t length, size_t place, const char *path,
                               size_t *id, SpiralError *error)
{
    unsigned ends = length > 0 ? (unsigned char)text[0] + 5u * (unsigned char)text[length - 1] : 0;
    size_t *guess = &labels->guess[(ends + length) % SPIRAL_LABEL_GUESSES];
    if (*guess != 0 && is_text(&labels->labels[*guess - 1], text, length)) {
        *id = *guess - 1;
        return SPIRAL_OK;
    }
    if (labels->capacity == 0 && !spiral_hash_draw_key(&labels->key))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no random numbers from the system: %s",
                                strerror(errno));
    uint64_t hash = spiral_hash(&labels->key, text, length);
    size_t slot = labels->slot_count > 0 ? find_slot(labels, text, length, hash) : 0;
    if (labels->slot_count > 0 && labels->slots[slot] != 0) {
        *id = labels->slots[slot] - 1;
        *guess = *id + 1;
        return SPIRAL_OK;
    }
    if (labels->count == SPIRAL_CLASSES_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0,
                                "more than %d different labels, expected classes (is another column the label?)",
                                SPIRAL_CLASSES_LIMIT);
    if (labels->count == labels->capacity) {
        if (!grow(labels))
            return no_memory(path, error);
        slot = find_slot(labels, text, length, hash);
    }
    SpiralLabel *label = &labels->labels[labels->count];
    *label = (SpiralLabel){.text = spiral_copy_bytes(text, length), .hash = hash, .place = place};
    if (label->text == NULL)
        return no_memory(path, error);
    read_number(label, labels->decimal_comma);
    *id = labels->count++;
    labels->slots[slot] = *guess = labels->count;
    return SPIRAL_OK;
}

/* Compares the two without their signs. */
static int compare_digits(const SpiralLabel *a, const SpiralLabel *b)
{
    if (a->whole_digits != b->whole_digits)
        return a->whole_digits < b->whole_digits ? -1 : 1;
    int order = memcmp(a->whole, b->whole, a->whole_digits);
    size_t both = a->fraction_digits < b->fraction_digits ? a->fraction_digits : b->fraction_digits;
    if (order == 0)
        order = memcmp(a->fraction, b->fraction, both);
    return order != 0 ? order : (a->fraction_digits > both) - (b->fraction_digits > both);
}

static int compare_numbers(const SpiralLabel *a, const SpiralLabel *b)
{
    if (a->is_negative != b->is_negative)
        return a->is_negative ? -1 : 1;
    return a->is_negative ? compare_digits(b, a) : compare_digits(a, b);
}

static int by_number(const void *left, const void *right)
{
    return compare_numbers(*(const SpiralLabel *const *)left, *(const SpiralLabel *const *)right);
}

/* Of equal numbers, the one seen first comes first. */
static int by_number_and_place(const void *left, const void *right)
{
    const SpiralLabel *a = *(const SpiralLabel *const *)left, *b = *(const SpiralLabel *const *)right;
    int order = compare_numbers(a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp((*(const SpiralLabel *const *)left)->text, (*(const SpiralLabel *const *)right)->text);
}

/* A copy of the label's own text, or of its number without zeros that say nothing; NULL when out of memory. */
static char *make_name(const SpiralLabel *label, bool as_number)
{
    if (!as_number)
        return spiral_copy_string(label->text);
    size_t whole = label->whole_digits, decimals = label->fraction_digits;
    char *name = spiral_allocate(whole + decimals + sizeof "-0.", sizeof *name), *next = name;
    if (name == NULL)
        return NULL;
    if (label->is_negative)
        *next++ = '-';
    memcpy(next, whole > 0 ? label->whole : "0", whole > 0 ? whole : 1);
    next += whole > 0 ? whole : 1;
    if (decimals > 0)
        *next++ = '.';
    memcpy(next, label->fraction, decimals);
    next[decimals] = '\0';
    return name;
}

/* Numbers the labels in sorted order: class_of (labels->count), and the names of the classes. */
static bool sort_classes(const SpiralLabels *labels, int64_t *class_of, SpiralDataset *dataset)
{
    const SpiralLabel **sorted = spiral_allocate(labels->count, sizeof(const SpiralLabel *));
    char **names = spiral_allocate(labels->count, sizeof *names);
    bool numbers = true;
    for (size_t i = 0; i < labels->count && sorted != NULL; i++) {
        sorted[i] = &labels->labels[i];
        numbers = numbers && sorted[i]->is_number && !sorted[i]->is_code;
    }
    dataset->storage->class_names = names;
    if (sorted == NULL || names == NULL) {
        free(sorted);
        return false;
    }
    qsort(sorted, labels->count, sizeof(const SpiralLabel *), numbers ? by_number : by_bytes);
    for (size_t i = 0; i < labels->count; i++) {
        if (i == 0 || !numbers || compare_numbers(sorted[i - 1], sorted[i]) != 0) {
            char *name = make_name(sorted[i], numbers);
            if (name == NULL) {
                free(sorted);
                return false;
            }
            names[dataset->classes++] = name;
        }
        class_of[sorted[i] - labels->labels] = (int64_t)dataset->classes - 1;
    }
    free(sorted);
    return true;
}

static SpiralStatus refuse_label(const SpiralLabel *label, const SpiralLoadOptions *options, bool places_are_lines,
                                 const char *path, SpiralError *error)
{
    char known[200], row[48] = "";
    spiral_names_list(options->class_names, options->class_count, known, sizeof known);
    if (!places_are_lines)
        snprintf(row, sizeof row, " of row %zu (from 1)", label->place);
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, places_are_lines ? label->place : 0,
                                           "label '%.*s'%s is no class of the model, expected one of %s",
                                           SPIRAL_TEXT_CUT(label->text, SHOWN_BYTES), row, known);
    bool needed = options->labelling == SPIRAL_LABELS_ALL;
    return needed ? status : spiral_error_suggest(error, status, SPIRAL_REMEDY_LABEL, "none");
}

/* The labels that are numbers, sorted, *count of them; NULL when out of memory. */
static const SpiralLabel **sort_numbers(const SpiralLabels *labels, size_t *count)
{
    const SpiralLabel **sorted = spiral_allocate(labels->count, sizeof(const SpiralLabel *));
    *count = 0;
    for (size_t i = 0; i < labels->count && sorted != NULL; i++)
        if (labels->labels[i].is_number)
            sorted[(*count)++] = &labels->labels[i];
    if (sorted != NULL)
        qsort(sorted, *count, sizeof(const SpiralLabel *), by_number_and_place);
    return sorted;
}

/* The first of sorted (count) that is the same number; NULL if there is none. */
static const SpiralLabel *find_number(const SpiralLabel *const *sorted, size_t count, const SpiralLabel *number)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_numbers(sorted[middle], number) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && compare_numbers(sorted[low], number) == 0 ? sorted[low] : NULL;
}

static bool has_code(const SpiralLabels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        if (labels->labels[i].is_code)
            return true;
    return false;
}

/* Numbers the labels by the names in options: the same text, or else the same number. */
static SpiralStatus match_classes(const SpiralLabels *labels, const SpiralLoadOptions *options, bool places_are_lines,
                                  const char *path, int64_t *class_of, SpiralDataset *dataset, SpiralError *error)
{
    size_t count = options->class_count;
    dataset->storage->class_names = spiral_allocate(count, sizeof *dataset->storage->class_names);
    if (dataset->storage->class_names == NULL)
        return no_memory(path, error);
    for (size_t k = 0; k < count; k++, dataset->classes++) {
        dataset->storage->class_names[k] = spiral_copy_string(options->class_names[k]);
        if (dataset->storage->class_names[k] == NULL)
            return no_memory(path, error);
    }
    SpiralLabels known = {0};
    SpiralStatus status = SPIRAL_OK;
    size_t id;
    for (size_t k = 0; k < count && status == SPIRAL_OK; k++)
        status = spiral_labels_add(&known, options->class_names[k], strlen(options->class_names[k]), k + 1, path, &id,
                                   error);
    size_t number_count = 0;
    const SpiralLabel **numbers = NULL;
    if (status == SPIRAL_OK && (numbers = sort_numbers(&known, &number_count)) == NULL)
        status = no_memory(path, error);
    bool codes = has_code(&known) || has_code(labels);
    for (size_t i = 0; i < labels->count && status == SPIRAL_OK; i++) {
        const SpiralLabel *label = &labels->labels[i], *found = NULL;
        size_t same_text = spiral_labels_find(&known, label->text, strlen(label->text));
        if (same_text < known.count)
            found = &known.labels[same_text];
        else if (label->is_number && !codes)
            found = find_number(numbers, number_count, label);
        if (found != NULL)
            class_of[i] = (int64_t)found->place - 1;
        else
            status = refuse_label(label, options, places_are_lines, path, error);
    }
    free(numbers);
    spiral_labels_free(&known);
    return status;
}

SpiralStatus spiral_labels_finish(SpiralLabels *labels, const SpiralLoadOptions *options, bool places_are_lines,
                                  const char *path, SpiralDataset *dataset, SpiralError *error)
{
    int64_t *class_of = spiral_allocate(labels->count, sizeof *class_of);
    if (class_of == NULL)
        return no_memory(path, error);
    SpiralStatus status = SPIRAL_OK;
    if (options->class_count > 0)
        status = match_classes(labels, options, places_are_lines, path, class_of, dataset, error);
    else if (!sort_classes(labels, class_of, dataset))
        status = no_memory(path, error);
    if (status == SPIRAL_OK && options->class_count == 0 && dataset->classes < 2)
        status =
            spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "all labels are '%.*s', expected at least two classes",
                             SPIRAL_TEXT_CUT(dataset->storage->class_names[0], SHOWN_BYTES));
    for (size_t i = 0; i < dataset->rows && status == SPIRAL_OK; i++)
        if (dataset->storage->y[i] >= 0)
            dataset->storage->y[i] = class_of[dataset->storage->y[i]];
    free(class_of);
    return status;
}
