/* dataset_check.h: loads a data set, and does with it what the commands do. */
#ifndef SPIRAL_TESTS_FUZZ_DATASET_CHECK_H
#define SPIRAL_TESTS_FUZZ_DATASET_CHECK_H

#include <string.h>

#include "memory_files.h"
#include "spiral/dataset.h"

/* Loads, checks, splits, trains, saves and loads again, frees. A refusal must say what it refuses, and leave no data
 * set. */
void check_load(const char *path, const SpiralLoadOptions *options);

#endif
