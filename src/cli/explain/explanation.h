/* explanation.h: writes a SpiralExplanation as a document: first the derivation in words and formulas, then the
 * numbers. */
#ifndef SPIRAL_CLI_EXPLANATION_H
#define SPIRAL_CLI_EXPLANATION_H

#include "cli/explain/document.h"
#include "spiral/spiral.h"

typedef struct ExplanationView {
    const SpiralExplanation *explanation;
    const SpiralNetwork *network;
    size_t units; /* hidden units shown per layer, 1..GRID_COLUMNS */
    Grid *grids;  /* (2) scratch space, too large for the stack */
} ExplanationView;

/* The two halves of the document, in this order. *section is the number of the next heading, from 1. */
void explanation_write_derivation(Document *document, const ExplanationView *view, int *section);
void explanation_write_example(Document *document, const ExplanationView *view, int *section);

/* ---- the activation ---------------------------------------------------------------------------------------------- */

bool activation_is_mask(SpiralActivation activation);                     /* is its slope 0 or 1? */
Label activation_of(SpiralActivation activation, Label z);                /* "max(0, Z1)" */
Label activation_slope_of(SpiralActivation activation, Label z, Label a); /* "1(Z1_ij > 0)", "(1 - A1_ij^2)" */
const char *activation_slope_reason(SpiralActivation activation);         /* a paragraph */

/* Explains what it means that a unit is active (Z > 0); NULL when it makes no difference. */
const char *activation_slope_effect(SpiralActivation activation);

/* ---- names, for layer 0..L-1 ------------------------------------------------------------------------------------- */

/* "X", "A1": the layer's input; "F", "Z1": its output; "W", "W2", "b2": its parameters. The prefix is "d" for
 * gradients. */
Label name_input(const char *prefix, size_t layer);
Label name_output(const SpiralNetwork *network, const char *prefix, size_t layer);
Label name_parameter(const SpiralNetwork *network, const char *prefix, char kind, size_t layer);

#endif
