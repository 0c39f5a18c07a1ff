/* sanity.h: the single checks of spiral/sanity.h. Each fills in its results' outcome, what was found and the advice;
 * the data and the network fit each other. */
#ifndef SPIRAL_CHECK_SANITY_H
#define SPIRAL_CHECK_SANITY_H

#include "spiral/sanity.h"

/* The outcome of classes that have count (K) rows each. */
SpiralStatus spiral_sanity_balance(const SpiralDataset *dataset, SpiralSanityResult *result, SpiralError *error);

/* Constant columns, and the scales and means of the network's inputs. */
void spiral_sanity_features(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralSanityResult *constants,
                            SpiralSanityResult *scales, SpiralSanityResult *means);

SpiralStatus spiral_sanity_rows(const SpiralDataset *dataset, SpiralSanityResult *duplicates,
                                SpiralSanityResult *contradictions, SpiralError *error);

/* Classes that coincide, by the distances between all rows of the data. */
SpiralStatus spiral_sanity_overlap(const SpiralDataset *dataset, SpiralSanityResult *result, SpiralError *error);

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

/* Fills in the check's result, and what was measured of each layer. */
SpiralStatus spiral_sanity_layers(const SpiralNetwork *network, const SpiralDataset *dataset,
                                  const SpiralSanityOptions *options, SpiralSanity *sanity, SpiralError *error);

/* A network with the same parameters, but not standardised. */
SpiralStatus spiral_sanity_copy(const SpiralNetwork *network, SpiralNetwork **copy, SpiralError *error);

SpiralStatus spiral_sanity_learning(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    SpiralSanityResult *result, SpiralError *error);

#endif
