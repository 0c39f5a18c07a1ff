/* limits.h: the largest sizes accepted. The man page lists the same under LIMITS, and a test compares the two.
 *
 * These are macros because some are compared with doubles, and compilers warn about that for enumerators. The rows and
 * values of the data (8 bytes each) are limited by memory alone. */
#ifndef SPIRAL_LIMITS_H
#define SPIRAL_LIMITS_H

/* Files that are read */
#define SPIRAL_CSV_LINE_LIMIT (1 << 24)    /* bytes of a line; bounds the memory for a file without line ends */
#define SPIRAL_CSV_COLUMNS_LIMIT (1 << 20) /* of a table; a column takes some 100 bytes besides its text */
#define SPIRAL_NPY_HEADER_LIMIT (1 << 16)  /* bytes; longer ones belong to structured types, which are refused */
#define SPIRAL_DIMENSIONS_LIMIT 4          /* of an array of a .npy or .npz */
#define SPIRAL_CLASSES_LIMIT 65536 /* more are taken for a mistake, such as a column of measurements as the label */
#define SPIRAL_LOG_LINE_LIMIT 8192 /* bytes of a line of a loss log, its end included */
#define SPIRAL_SWEEP_FILE_LIMIT (1 << 20) /* bytes of a sweep's definition */

/* Data that is generated */
#define SPIRAL_BALANCE_LIMIT 32 /* classes of different sizes */

/* Networks and trainings */
#define SPIRAL_UNITS_LIMIT 2147483647      /* of a layer, also features and classes: BLAS counts in int */
#define SPIRAL_PARAMETERS_LIMIT 2147483647 /* of a network: 16 GiB, of which a training needs several copies */
#define SPIRAL_HIDDEN_LIMIT 32             /* hidden layers, of the command and in a file */
#define SPIRAL_THREADS_LIMIT 1024          /* of the command, and jobs of a sweep */
#define SPIRAL_SKIP_LIMIT 1000000000       /* numbers thrown away before the first */
#define SPIRAL_ENSEMBLE_LIMIT 100          /* models that vote */

/* Sweeps */
#define SPIRAL_SWEEP_LIMIT 1000000     /* runs */
#define SPIRAL_SWEEP_RANGE_LIMIT 10000 /* values of a range or a list */
#define SPIRAL_SWEEP_REFINE_LIMIT 16   /* rounds after the first */

/* Figures */
#define SPIRAL_FIGURE_LEAST_PIXELS 200 /* width and height */
#define SPIRAL_FIGURE_PIXELS_LIMIT 8000
#define SPIRAL_FIGURE_POINTS_LIMIT 20000 /* observations drawn; of more, an even selection */
#define SPIRAL_FIGURE_LOGS_LIMIT 100     /* logs in one chart */
#define SPIRAL_TILES_LIMIT 64            /* pictures on one sheet */
#define SPIRAL_CONFUSION_LIMIT 1000      /* classes of a confusion matrix, drawn or in a summary */
#define SPIRAL_TILE_POINTS_LIMIT 1000    /* observations drawn on each */
#define SPIRAL_TERMINAL_CELLS_LIMIT 1000 /* columns, and rows, of a picture as text */

#endif
