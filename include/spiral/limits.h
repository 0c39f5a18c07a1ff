/* limits.h: what is refused because of its size. The man page lists the same under LIMITS, and a test compares the two.
 *
 * What is not here is bounded by memory alone: rows, and values of the data (8 bytes each). */
#ifndef SPIRAL_LIMITS_H
#define SPIRAL_LIMITS_H

enum {
    /* Files that are read */
    SPIRAL_CSV_LINE_LIMIT = 1 << 24,   /* bytes of a line; what a file without line ends may cost */
    SPIRAL_NPY_HEADER_LIMIT = 1 << 16, /* bytes; longer ones belong to structured types, which are refused anyway */
    SPIRAL_DIMENSIONS_LIMIT = 4,       /* of an array of a .npy or .npz */
    SPIRAL_CLASSES_LIMIT = 65536,      /* more are taken for a mistake, such as a column of measurements as the label */
    SPIRAL_LOG_LINE_LIMIT = 4096,      /* bytes of a line of a loss log, its end included */
    SPIRAL_SWEEP_FILE_LIMIT = 1 << 20, /* bytes of what defines a sweep */

    /* Data that is generated */
    SPIRAL_BALANCE_LIMIT = 32, /* classes whose sizes differ */

    /* Networks and trainings */
    SPIRAL_UNITS_LIMIT = 2147483647,      /* of a layer, and features, and classes: BLAS counts in int */
    SPIRAL_PARAMETERS_LIMIT = 2147483647, /* of a network: 16 GiB, which a training holds several times */
    SPIRAL_HIDDEN_LIMIT = 32,             /* hidden layers that --hidden takes */
    SPIRAL_THREADS_LIMIT = 1024,          /* that --threads takes, and --jobs */
    SPIRAL_SKIP_LIMIT = 1000000000,       /* numbers that --skip-draws throws away */
    SPIRAL_ENSEMBLE_LIMIT = 100,          /* models that vote */

    /* Sweeps */
    SPIRAL_SWEEP_LIMIT = 1000000,     /* runs */
    SPIRAL_SWEEP_RANGE_LIMIT = 10000, /* values of a range */
    SPIRAL_SWEEP_REFINE_LIMIT = 16,   /* rounds after the first */

    /* Figures */
    SPIRAL_FIGURE_LEAST_PIXELS = 200, /* each way */
    SPIRAL_FIGURE_PIXELS_LIMIT = 8000,
    SPIRAL_FIGURE_POINTS_LIMIT = 20000, /* observations drawn; of more, so many evenly */
    SPIRAL_FIGURE_LOGS_LIMIT = 100,     /* logs in one chart */
    SPIRAL_TILES_LIMIT = 64,            /* pictures on one sheet */
    SPIRAL_TILE_POINTS_LIMIT = 1000,    /* observations drawn on each */
    SPIRAL_TERMINAL_CELLS_LIMIT = 1000  /* of a picture as text, each way */
};

#endif
