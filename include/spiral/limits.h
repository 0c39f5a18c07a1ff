/* limits.h: what is refused because of its size. The man page lists the same under LIMITS, and a test compares the two.
 *
 * They are macros because some are compared with real numbers, which compilers warn about for an enumerator. What is
 * not here is bounded by memory alone: rows, and values of the data (8 bytes each). */
#ifndef SPIRAL_LIMITS_H
#define SPIRAL_LIMITS_H

/* Files that are read */
#define SPIRAL_CSV_LINE_LIMIT (1 << 24)   /* bytes of a line; what a file without line ends may cost */
#define SPIRAL_NPY_HEADER_LIMIT (1 << 16) /* bytes; longer ones belong to structured types, which are refused */
#define SPIRAL_DIMENSIONS_LIMIT 4         /* of an array of a .npy or .npz */
#define SPIRAL_CLASSES_LIMIT 65536        /* more are taken for a mistake: a column of measurements as the label */
#define SPIRAL_LOG_LINE_LIMIT 4096        /* bytes of a line of a loss log, its end included */
#define SPIRAL_SWEEP_FILE_LIMIT (1 << 20) /* bytes of what defines a sweep */

/* Data that is generated */
#define SPIRAL_BALANCE_LIMIT 32 /* classes whose sizes differ */

/* Networks and trainings */
#define SPIRAL_UNITS_LIMIT 2147483647      /* of a layer, and features, and classes: BLAS counts in int */
#define SPIRAL_PARAMETERS_LIMIT 2147483647 /* of a network: 16 GiB, which a training holds several times */
#define SPIRAL_HIDDEN_LIMIT 32             /* hidden layers, of the command and in a file */
#define SPIRAL_THREADS_LIMIT 1024          /* of the command, and jobs of a sweep */
#define SPIRAL_SKIP_LIMIT 1000000000       /* numbers thrown away before the first */
#define SPIRAL_ENSEMBLE_LIMIT 100          /* models that vote */

/* Sweeps */
#define SPIRAL_SWEEP_LIMIT 1000000     /* runs */
#define SPIRAL_SWEEP_RANGE_LIMIT 10000 /* values of a range or a list */
#define SPIRAL_SWEEP_REFINE_LIMIT 16   /* rounds after the first */

/* Figures */
#define SPIRAL_FIGURE_LEAST_PIXELS 200 /* each way */
#define SPIRAL_FIGURE_PIXELS_LIMIT 8000
#define SPIRAL_FIGURE_POINTS_LIMIT 20000 /* observations drawn; of more, so many evenly */
#define SPIRAL_FIGURE_LOGS_LIMIT 100     /* logs in one chart */
#define SPIRAL_TILES_LIMIT 64            /* pictures on one sheet */
#define SPIRAL_TILE_POINTS_LIMIT 1000    /* observations drawn on each */
#define SPIRAL_TERMINAL_CELLS_LIMIT 1000 /* of a picture as text, each way */

#endif
