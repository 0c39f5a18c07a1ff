/* kernel_table.c: the table of one level's kernels; see kernels.h. */
#include "net/vector.h"

#if defined(__AVX512F__)
#define LEVEL_NAME "AVX-512"
#elif defined(__AVX2__)
#define LEVEL_NAME "AVX2"
#elif defined(__x86_64__)
#define LEVEL_NAME "SSE2"
#elif defined(__aarch64__)
#define LEVEL_NAME "NEON"
#else
#define LEVEL_NAME "plain C"
#endif

const SpiralKernels KERNEL(table) = {
    .level = LEVEL_NAME,
    .pack = KERNEL(pack),
    .unpack = KERNEL(unpack),
    .layer_forward = KERNEL(layer_forward),
    .layer_backward = KERNEL(layer_backward),
    .pair_forward = KERNEL(pair_forward),
    .pair_backward = KERNEL(pair_backward),
    .row_sums = KERNEL(row_sums),
    .add_bias = KERNEL(add_bias),
    .activate = KERNEL(activate),
    .activate_backward = KERNEL(activate_backward),
    .scale_mask = KERNEL(scale_mask),
    .multiply = KERNEL(multiply),
    .softmax = KERNEL(softmax),
    .probabilities = KERNEL(probabilities),
    .argmax = KERNEL(argmax),
    .add = KERNEL(add),
    .dot = KERNEL(dot),
    .descend = KERNEL(descend),
    .largest = KERNEL(largest),
    .any_positive = KERNEL(any_positive),
    .all_finite = KERNEL(all_finite),
    .exp = KERNEL(exp),
    .log = KERNEL(log),
};
