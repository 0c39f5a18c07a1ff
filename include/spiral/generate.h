/* generate.h: made data: the point sets that classifiers are shown with. */
#ifndef SPIRAL_GENERATE_H
#define SPIRAL_GENERATE_H

#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/limits.h"
#include "spiral/rng.h"
#include "spiral/status.h"

/* A shape's classes lie in a plane. K classes, class j of n_j rows, i = 0.. within it; R is the radius, noise and
 * turns as below; z, z' are randn() and u, v random_sample(), drawn in this order from one RandomState, row by row,
 * the classes in order. Where scikit-learn has the shape, it is named: the numbers are its own, for shuffle=False,
 * random_state=seed.
 *
 *   spiral   r = linspace(0, R, n_j)[i], t = linspace(4j, 4j + 2 pi turns, n_j)[i] + noise z, x = (r sin t, r cos t)
 *            (the CS231n notes; their arms wind 4 radians, turns = 2/pi)
 *   circles  t = linspace(0, 2 pi, n_j, endpoint=False)[i], x = R (K - j) / K (cos t, sin t) + noise (z, z')
 *            (make_circles with factor=0.5 has K = 2)
 *   moons    t = linspace(0, pi, n_j)[i], x = R (cos t, sin t) in class 0, R (1 - cos t, 1 - sin t - 0.5) in class 1,
 *            + noise (z, z'); K = 2 (make_moons)
 *   blobs    before all else the centres c = uniform(-R, R, (K, 2)); x = c_j + noise (z, z')
 *            (make_blobs with center_box=(-R, R), cluster_std=noise)
 *   xor      a = R (2u - 1), b = R v, x = (a, b with the sign of a in class 0, the other sign in class 1)
 *            + noise (z, z'): two opposite quadrants of a square are a class; K = 2
 *   gaussian-quantiles
 *            a normal distribution of standard deviation R, cut into rings, the innermost class 0: with b_j the share
 *            of the rows in class j and those after it, q = b_{j+1} + (b_j - b_{j+1}) (1 - u), r = R sqrt(-2 log q),
 *            x = r (cos 2 pi v, sin 2 pi v) + noise (z, z')
 *            (make_gaussian_quantiles cuts at the sample's own quantiles, which needs all rows at once, so that its
 *            stream and its numbers are others; the distribution is the same, with R^2 its cov)
 *
 * Then, behind the draws of all rows' planes, so that the plane is the same with and without them:
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
    /* standard deviation, at least 0: of the angle in radians (spiral), of each coordinate (others) */
    double noise;
    double turns;  /* spiral: full turns that an arm winds, at least 0 */
    double radius; /* R, positive */
    /* P, 0..1: the chance of a label to be replaced by another, all others being equally likely */
    double label_noise;
    size_t dimensions;    /* D, at least 2 */
    size_t balance_count; /* 0: every class has n rows; else K, at most SPIRAL_BALANCE_LIMIT, and */
    /* b, relative sizes of at least 1: of the K n rows, the classes before j have floor(K n (b_0 + ... + b_{j-1}) /
     * (b_0 + ... + b_{K-1})); no class may be empty */
    size_t balance[SPIRAL_BALANCE_LIMIT];
} SpiralGenerateOptions;

/* the notes': the spiral of 3, 100, 0.2; turns 2/pi, radius 1, D 2 */
SpiralGenerateOptions spiral_generate_defaults(void);

/* The same of another shape: moons and xor have 2 classes; the noise is 0.05 (circles), 0.1 (moons, blobs) or 0 (xor,
 * gaussian-quantiles). */
SpiralGenerateOptions spiral_generate_defaults_of(SpiralGenerateShape shape);
SpiralStatus spiral_generate_validate(const SpiralGenerateOptions *options, SpiralError *error);

/* The rows of the classes in order; features are named x0, x1..; classes 0..K-1. */
SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error);

/* The same data, byte for byte what spiral_dataset_save would write to path, drawn and written some points at a
 * time, in memory that does not grow with them. Only .npz is made in memory. */
SpiralStatus spiral_generate_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                  SpiralError *error);

#endif
