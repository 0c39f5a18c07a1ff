/* spiral.h: the whole public API. */
#ifndef SPIRAL_SPIRAL_H
#define SPIRAL_SPIRAL_H

#include "spiral/dataset.h"
#include "spiral/explain.h"
#include "spiral/figure.h"
#include "spiral/generate.h"
#include "spiral/gradient.h"
#include "spiral/gradient_check.h"
#include "spiral/layer_statistics.h"
#include "spiral/limits.h"
#include "spiral/loss_log.h"
#include "spiral/network.h"
#include "spiral/optimizer.h"
#include "spiral/output.h"
#include "spiral/ranks.h"
#include "spiral/rng.h"
#include "spiral/sanity.h"
#include "spiral/split.h"
#include "spiral/status.h"
#include "spiral/sweep.h"
#include "spiral/trainer.h"
#include "spiral/version.h"

#endif
