/* labels.h: maps label texts to classes 0..K-1. Labels are numbered in the order in which they first appear, in one
 * pass; once all are known they are sorted and renumbered. */
#ifndef SPIRAL_DATA_LABELS_H
#define SPIRAL_DATA_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "spiral/dataset.h"

enum { SPIRAL_LABEL_GUESSES = 64 };

typedef struct SpiralLabel {
    char *text;
    uint64_t hash;
    size_t place; /* the line or row where it was first seen, for messages */
    bool is_number;
    bool is_code;         /* a number with a leading zero or an exponent, 007 or 1E2: then all labels are text */
    bool is_negative;     /* of a number that is no code */
    const char *whole;    /* its digits before the point, in text */
    const char *fraction; /* and behind it */
    size_t whole_digits, fraction_digits; /* without leading and trailing zeros */
} SpiralLabel;

/* Zeroed, it is empty. */
typedef struct SpiralLabels {
    bool decimal_comma; /* do numbers have a comma for their decimal point? */
    SpiralLabel *labels;
    size_t count, capacity;
    size_t *slots; /* (slot_count) 0 or 1 + index of a label, which is sought from slot hash mod slot_count on */
    size_t slot_count;
    SpiralHashKey key;                  /* drawn with the first label */
    size_t guess[SPIRAL_LABEL_GUESSES]; /* as slots: the last label seen of some ends and length, which saves most
                                           hashes */
} SpiralLabels;

void spiral_labels_free(SpiralLabels *labels); /* what it holds */

/* *id becomes the label's number, a new one when it is new (a copy of the text is kept). Errors: LIMIT. */
SpiralStatus spiral_labels_add(SpiralLabels *labels, const char *text, size_t length, size_t place, const char *path,
                               size_t *id, SpiralError *error);

/* The label's number, or the count if it is unknown. */
size_t spiral_labels_find(const SpiralLabels *labels, const char *text, size_t length);

/* Sets the dataset's classes and storage->class_names: the distinct labels in sorted order, or options' class names
 * when there are some. "1" and "1.0" are one number, named "1", unless a label is a code; numbers of any length are
 * compared digit by digit. storage->y (rows), which holds the labels' numbers, gets the classes. places_are_lines says
 * what the labels' places are: lines of a file or rows of an array. Errors: INPUT (fewer than two classes, a label that
 * is not among options' names), LIMIT. */
SpiralStatus spiral_labels_finish(SpiralLabels *labels, const SpiralLoadOptions *options, bool places_are_lines,
                                  const char *path, SpiralDataset *dataset, SpiralError *error);

#endif
