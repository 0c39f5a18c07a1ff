/* maths.h: the small part of TeX that the documents use, as plain text and as MathML.
 *
 * Letters, digits and signs; _ and ^ with a character or a group; \frac \sum \partial \log \exp \max \tanh \cdot \times
 * \odot \ne \le \lt \gt \to \ldots \approx \text{} \mathrm{} \mathbf{} \T (the sign of a transpose) and spaces
 * (\, \quad \qquad). Plain text keeps the spaces of the source. An index that is one digit without braces belongs to
 * the name: W_1 is "W1" in plain text, x_{1} is "x_1". */
#ifndef SPIRAL_CLI_MATHS_H
#define SPIRAL_CLI_MATHS_H

#include "cli/explain/document.h"

void maths_add_plain(DocumentText *text, const char *tex, size_t length);
void maths_add_latex(DocumentText *text, const char *tex, size_t length);
void maths_add_mathml(DocumentText *text, const char *tex, size_t length); /* the inside of <math> */

#endif
