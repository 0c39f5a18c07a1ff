/* generate.h: made data: the point sets that classifiers are shown with. */
#ifndef SPIRAL_GENERATE_H
#define SPIRAL_GENERATE_H

#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/limits.h"
#include "spiral/rng.h"
#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every shape lies in a plane. There are K classes; class j has n_j rows, numbered i = 0, 1, ...; R is the radius, and
 * noise, turns and arm_offset are the options below. z, z' are randn() and u, v are random_sample(), drawn in this
 * order from one RandomState, row by row and class by class. Where scikit-learn has the same shape, its function is
 * named: the numbers are identical for shuffle=False, random_state=seed.
 *
 *   spiral   r = linspace(0, R, n_j)[i], a = j arm_offset, t = linspace(a, a + 2 pi turns, n_j)[i] + noise z,
 *            x = (r sin t, r cos t)
 *            (the CS231n notes, where the arms wind through 4 radians, turns = 2/pi, and begin 4 radians apart)
 *   circles  t = linspace(0, 2 pi, n_j, endpoint=False)[i], x = R (K - j) / K (cos t, sin t) + noise (z, z')
 *            (make_circles with factor=0.5 has K = 2)
 *   moons    t = linspace(0, pi, n_j)[i], x = R (cos t, sin t) in class 0, R (1 - cos t, 1 - sin t - 0.5) in class 1,
 *            + noise (z, z'); K = 2 (make_moons)
 *   blobs    first the centres c = uniform(-R, R, (K, 2)); then x = c_j + noise (z, z')
 *            (make_blobs with center_box=(-R, R), cluster_std=noise)
 *   xor      a = R (2u - 1), b = R v, x = (a, b with the sign of a in class 0, the other sign in class 1)
 *            + noise (z, z'): opposite quadrants of a square share a class; K = 2
 *   gaussian-quantiles
 *            a normal distribution of standard deviation R, cut into rings, the innermost being class 0. With b_j the
 *            share of the rows in class j and the later ones: q = b_{j+1} + (b_j - b_{j+1}) (1 - u),
 *            r = R sqrt(-2 log q), x = r (cos 2 pi v, sin 2 pi v) + noise (z, z')
 *            (make_gaussian_quantiles cuts at the quantiles of the sample, which needs all rows at once, so its numbers
 *            differ; the distribution is the same, with cov = R^2)
 *
 * The following are drawn after the plane of all rows, so that they do not change it:
 *
 *   dimensions   features x2.. are standard normals: randn(N, dimensions - 2)
 *   label_noise  P > 0: (u, v) = random_sample((N, 2)), a row each; when u < P, y = (y + 1 + floor(v (K - 1))) mod K */
#define SPIRAL_SHAPE_LIST(X)                                                                                           \
    X(SPIRAL_SHAPE_SPIRAL, "spiral")                                                                                   \
    X(SPIRAL_SHAPE_CIRCLES, "circles")                                                                                 \
    X(SPIRAL_SHAPE_MOONS, "moons")                                                                                     \
    X(SPIRAL_SHAPE_BLOBS, "blobs")                                                                                     \
    X(SPIRAL_SHAPE_XOR, "xor")                                                                                         \
    X(SPIRAL_SHAPE_GAUSSIAN_QUANTILES, "gaussian-quantiles")

typedef enum SpiralGenerateShape {
#define SPIRAL_SHAPE_ENUM(code, name) code,
    SPIRAL_SHAPE_LIST(SPIRAL_SHAPE_ENUM)
#undef SPIRAL_SHAPE_ENUM
} SpiralGenerateShape;

const char *spiral_generate_shape_name(SpiralGenerateShape shape); /* "spiral", "circles", ...; a static string */

typedef struct SpiralGenerateOptions {
    SpiralGenerateShape shape;
    size_t classes;          /* K, at least 2; moons and xor have 2 */
    size_t points_per_class; /* n, at least 1 */
    /* standard deviation, at least 0: of the angle in radians (spiral) or of each coordinate (all others) */
    double noise;
    double turns;      /* spiral: full turns of an arm, at least 0 */
    double arm_offset; /* spiral: radians from the start of an arm to that of the next, at least 0; 2 pi / K: even */
    double radius;     /* R, positive */
    /* P, 0..1: the probability that a label is replaced by one of the others, all equally likely */
    double label_noise;
    size_t dimensions;    /* D, at least 2 */
    size_t balance_count; /* 0: every class has n rows; else K, at most SPIRAL_BALANCE_LIMIT */
    /* b, the relative class sizes, each at least 1: of the K n rows, the classes before j get
     * floor(K n (b_0 + ... + b_{j-1}) / (b_0 + ... + b_{K-1})); no class may be empty */
    size_t balance[SPIRAL_BALANCE_LIMIT];
} SpiralGenerateOptions;

/* The notes' spiral: 3 classes of 100 points, noise 0.2, turns 2/pi, arms 4 radians apart, radius 1, D = 2. */
SpiralGenerateOptions spiral_generate_defaults(void);

/* The defaults of another shape, where they differ: 2 classes (moons, xor); noise 0.05 (circles), 0.1 (moons, blobs) or
 * 0 (xor, gaussian-quantiles). */
SpiralGenerateOptions spiral_generate_defaults_of(SpiralGenerateShape shape);
SpiralStatus spiral_generate_validate(const SpiralGenerateOptions *options, SpiralError *error);

/* Rows are ordered by class. Features are named x0, x1, ... and classes 0..K-1. */
SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error);

/* Writes to path, byte for byte, what spiral_dataset_save would write of the same data, but generates it in pieces, so
 * that memory use does not grow with the number of points. Only .npz is built in memory. */
SpiralStatus spiral_generate_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                  SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
