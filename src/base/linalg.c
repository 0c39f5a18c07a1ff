#include "base/linalg.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

#include "spiral/limits.h"
#include "spiral/version.h"

size_t spiral_linalg_limit(void)
{
    return SPIRAL_UNITS_LIMIT;
}

void spiral_linalg_start(void)
{
    openblas_set_num_threads(1);
}

void spiral_linalg_multiply(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const double *A,
                            size_t lda, const double *B, size_t ldb, double beta, double *C, size_t ldc)
{
    cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
                (blasint)m, (blasint)n, (blasint)k, 1.0, A, (blasint)lda, B, (blasint)ldb, beta, C, (blasint)ldc);
}

const char *spiral_version(void)
{
    return SPIRAL_VERSION;
}

void spiral_blas_version(char *text, size_t size)
{
    const char *config = openblas_get_config(); /* "OpenBLAS 0.3.21 DYNAMIC_ARCH ..." */
    size_t name = strcspn(config, " ");
    size_t number = config[name] == ' ' ? 1 + strcspn(config + name + 1, " ") : 0;
    snprintf(text, size, "%.*s", (int)(name + number), config);
}

const char *spiral_blas_core(void)
{
    return openblas_get_corename();
}

size_t spiral_blas_threads(void)
{
    spiral_linalg_start();
    return (size_t)openblas_get_num_threads();
}
