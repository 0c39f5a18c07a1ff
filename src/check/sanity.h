/* sanity.h: the single checks of spiral/sanity.h. Each fills in its results' outcome, found and advice; the data and
 * the network fit each other. */
#ifndef SPIRAL_NET_SANITY_H
#define SPIRAL_NET_SANITY_H

#include "spiral/sanity.h"

/* The outcome of a value that is the worse the larger it is, and worst as no number. */
SpiralSanityOutcome spiral_sanity_judge(double value, double warning, double failed);

/* At most this many bytes of a name, and the final NUL. */
enum { SPIRAL_SANITY_NAME = 32 };

/* The name at index as it is shown, shortened; the index itself when names is NULL. */
void spiral_sanity_copy_name(const char *const *names, size_t index, char *name /* (SPIRAL_SANITY_NAME + 1) */);

/* The outcome of classes that have count (K) rows each. */
SpiralStatus spiral_sanity_balance(const SpiralDataset *dataset, SpiralSanityResult *result, SpiralError *error);

/* Constant columns, and the scales and means of the network's inputs. */
void spiral_sanity_features(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralSanityResult *constants,
                            SpiralSanityResult *scales, SpiralSanityResult *means);

SpiralStatus spiral_sanity_rows(const SpiralDataset *dataset, SpiralSanityResult *duplicates,
                                SpiralSanityResult *contradictions, SpiralError *error);

/* loss: of the first weights. */
void spiral_sanity_loss(const SpiralDataset *dataset, const SpiralNetwork *network, const SpiralObjective *objective,
                        const SpiralLoss *loss, SpiralSanityResult *result);

SpiralStatus spiral_sanity_regularization(const SpiralNetwork *network, const SpiralDataset *dataset,
                                          const SpiralSanityOptions *options, const SpiralLoss *loss,
                                          SpiralSanityResult *result, SpiralError *error);

/* analytic: the gradient that is checked; a test passes a wrong one in. */
SpiralStatus spiral_sanity_gradient(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralSanityOptions *options, const double *analytic, SpiralRng *rng,
                                    SpiralSanityResult *result, SpiralError *error);

SpiralStatus spiral_sanity_learning(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    SpiralSanityResult *result, SpiralError *error);

#endif
