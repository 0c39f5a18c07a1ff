/* levels.c: lists the levels of the kernels and chooses the one to run; see kernels.h. */
#include "net/kernels.h"
#include "spiral/version.h"

extern const SpiralKernels spiral_kernel_table_base;
extern const SpiralKernels spiral_kernel_table_avx2;
extern const SpiralKernels spiral_kernel_table_avx512;

/* True if the processor has the instructions and the operating system saves their registers. */
#ifdef SPIRAL_LEVEL_AVX2
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#ifdef SPIRAL_LEVEL_AVX512
static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

const SpiralKernels *spiral_kernels_of(size_t index)
{
    if (index == 0)
        return &spiral_kernel_table_base;
#ifdef SPIRAL_LEVEL_AVX2
    if (index == 1 && has_avx2())
        return &spiral_kernel_table_avx2;
#endif
#ifdef SPIRAL_LEVEL_AVX512
    if (index == 2 && has_avx512())
        return &spiral_kernel_table_avx512;
#endif
    return NULL;
}

const SpiralKernels *spiral_kernels(void)
{
    const SpiralKernels *highest = NULL, *next;
    for (size_t i = 0; (next = spiral_kernels_of(i)) != NULL; i++)
        highest = next;
    return highest;
}

const char *spiral_kernels_level(void)
{
    return spiral_kernels()->level;
}
