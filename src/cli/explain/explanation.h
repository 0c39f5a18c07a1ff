/* explanation.h: writes a SpiralExplanation as a document in eight sections. view.c has what they share: the shown part
 * of each layer, the names of the matrices, and tables of them. */
#ifndef SPIRAL_CLI_EXPLANATION_H
#define SPIRAL_CLI_EXPLANATION_H

#include "cli/explain/document.h"
#include "spiral/spiral.h"

enum { AXIS_LIMIT = 8, NAME_SIZE = 48, VIEW_GRIDS = 4, CLASS_WIDTH = 12 };

/* The features, hidden units or classes that are shown, in ascending order. */
typedef struct Axis {
    size_t total, count;
    bool rest;        /* classes: one more column, with the sum of those that are left out */
    const char *what; /* "features", "units", "classes" */
    size_t index[AXIS_LIMIT];
    Label label[AXIS_LIMIT];
} Axis;

typedef enum RowChoice { ROWS_PICKED, ROWS_GIVEN, ROWS_EXAMPLE } RowChoice;

typedef struct ExplanationView {
    const SpiralExplanation *explanation;
    const SpiralNetwork *network;
    size_t units;                                      /* hidden units shown per layer, 1..AXIS_LIMIT */
    int decimals;                                      /* at most */
    bool exactly;                                      /* decimals were asked for */
    RowChoice choice;                                  /* how the observations were chosen */
    Axis *axis;                                        /* (layers + 1) the inputs of each layer, and the classes */
    Grid *grids;                                       /* (VIEW_GRIDS) scratch space, too large for the stack */
    int checks;                                        /* the number of the section about differences */
    int score, loss, scores_gradient, weight_gradient; /* the numbers of formulas that later sections refer to */
} ExplanationView;

/* A layer: its numbers, the names of its matrices in TeX ("X", "A_1"; "W", "W_2"), and the forms of its numbers. */
typedef struct LayerView {
    size_t number; /* 0..L-1 */
    const SpiralExplainLayer *layer;
    const double *W, *b;
    const Axis *inputs, *outputs;
    char X[NAME_SIZE], Z[NAME_SIZE], W_name[NAME_SIZE], b_name[NAME_SIZE]; /* Z: "F" of the last layer */
    char dX[NAME_SIZE], dZ[NAME_SIZE], dW[NAME_SIZE], db[NAME_SIZE];
    NumberForm X_form, Z_form, W_form, b_form, dZ_form, dW_form, db_form; /* dW_form: also of its terms */
} LayerView;

/* The whole document. Call view_choose_axes first. */
void explanation_write(Document *document, ExplanationView *view);

/* ---- the sections, in order -------------------------------------------------------------------------------------- */

void explanation_write_setting(Document *document, ExplanationView *view);
void explanation_write_scores(Document *document, ExplanationView *view);  /* from the loss to the scores */
void explanation_write_weights(Document *document, ExplanationView *view); /* the missing step */
void explanation_write_sum(Document *document, ExplanationView *view);
void explanation_write_objective(Document *document, ExplanationView *view); /* mean and regularisation */
void explanation_write_way_down(Document *document, ExplanationView *view);
void explanation_write_checks(Document *document, ExplanationView *view);
void explanation_write_exercises(Document *document, ExplanationView *view);
void explanation_write_program(Document *document, ExplanationView *view);

/* ---- parts of them that are used for every layer ----------------------------------------------------------------- */

void write_matrix_product(Document *document, ExplanationView *view, const LayerView *look);   /* A^T dZ = dW */
void write_one_entry(Document *document, const ExplanationView *view, const LayerView *look);  /* of it, in digits */
void write_bias_sum(Document *document, ExplanationView *view, const LayerView *look);         /* 1^T dZ = db */
void write_trained_gradient(Document *document, ExplanationView *view, const LayerView *look); /* for the objective */

/* ---- what they share --------------------------------------------------------------------------------------------- */

/* Chooses what is shown of every axis. */
void view_choose_axes(ExplanationView *view);

LayerView view_layer(const ExplanationView *view, size_t l);

/* The index in the data of observation i. */
size_t view_row(const ExplanationView *view, size_t i);

/* The form of a quantity with these values. */
NumberForm view_form(const ExplanationView *view, size_t count, const double *values);

/* The form of the probabilities, beside which dF stands. */
NumberForm view_probability_form(const ExplanationView *view, const LayerView *last);

/* The weight that is followed through the document: the largest entry of dW among those shown. */
void view_weight(const LayerView *layer, size_t *d, size_t *k);

/* Writes the name with an index: "W_{dk}", "(W_2)_{dk}". */
const char *indexed(const char *name, const char *index, char text[LABEL_SIZE]);
const char *indexed_by(const char *name, size_t index, char text[LABEL_SIZE]);

/* The row of a layer's input that is observation i: "x_{50}", "(A_1)_{50}". */
const char *input_row(const ExplanationView *view, const LayerView *layer, size_t i, char text[LABEL_SIZE]);

/* The name as plain text, for keys: "dW_2" is "dW2". */
void plain_name(const char *name, char text[NAME_SIZE]);

/* ---- grids ------------------------------------------------------------------------------------------------------- */

typedef enum RestOf { REST_SUM, REST_EMPTY } RestOf; /* what stands in the column of the rest */

/* Starts a table with a column for each entry of the axis. */
Grid *grid_start(Grid *grid, const char *key, Label caption, const Axis *columns);

/* Adds a row; values has the length of the whole axis. */
void grid_add(Grid *grid, Label label, const Axis *columns, const double *values, NumberForm form, RestOf rest);

/* Adds the shown rows of a matrix (rows->total, columns->total). */
void grid_add_matrix(Grid *grid, const Axis *rows, const Axis *columns, const double *values, NumberForm form,
                     RestOf rest);

/* Adds a row for each observation: values (N, columns->total); name is that of the matrix. */
void grid_add_observations(Grid *grid, const ExplanationView *view, const char *name, const Axis *columns,
                           const double *values, NumberForm form, RestOf rest);

/* Starts a bare matrix with a column for each observation, whose rows are the shown columns of values. */
void grid_transposed(Grid *grid, const char *key, Label caption, const ExplanationView *view, const Axis *rows,
                     const double *values, NumberForm form);

/* Adds a column of sums of the rows. */
void grid_add_sums(Grid *grid, const char *label);

/* ---- the page of HTML -------------------------------------------------------------------------------------------- */

/* The numbers that are shown, as JSON, for the script of the page. Freed by free(); NULL when out of memory. */
char *explanation_page_data(const ExplanationView *view);

/* ---- calculations ------------------------------------------------------------------------------------------------ */

/* A formula in digits, put together piece by piece. */
typedef struct Calculation {
    size_t length;
    char text[PARAGRAPH_SIZE / 2];
} Calculation;

void calculate(Calculation *calculation, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a number; a negative one in brackets, unless it is the first. */
void calculate_number(Calculation *calculation, double value, NumberForm form);

/* Adds sum_i a_i b_i with at most four terms, and the rest as one number; both have count numbers, strides apart. */
void calculate_products(Calculation *calculation, size_t count, const double *a, size_t a_stride, NumberForm a_form,
                        const double *b, size_t b_stride, NumberForm b_form);

#endif
