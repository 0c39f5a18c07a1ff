#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "base/linalg.h"

#include <cblas.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "spiral/limits.h"

size_t spiral_linalg_limit(void)
{
    return SPIRAL_UNITS_LIMIT;
}

#ifdef SPIRAL_CBLAS_FILE /* another BLAS, of which nothing is known but the C interface */

typedef int blasint;

void spiral_linalg_start(void)
{
}

const char *spiral_linalg_config(void)
{
    return SPIRAL_CBLAS_FILE;
}

const char *spiral_linalg_core(void)
{
    return "unknown";
}

size_t spiral_linalg_threads(void)
{
    return 1;
}

size_t spiral_linalg_callers(size_t wanted)
{
    return wanted > 0 ? wanted : 1;
}

#else

/* A product of this kind takes a buffer whatever its size, and leaves it to those that follow; it needs hardly any
 * stack. */
void spiral_linalg_start(void)
{
    const double one = 1.0;
    double product = 0.0;
    openblas_set_num_threads(1);
    cblas_dspmv(CblasRowMajor, CblasUpper, 1, 1.0, &one, &one, 1, 0.0, &product, 1);
}

const char *spiral_linalg_config(void)
{
    return openblas_get_config();
}

const char *spiral_linalg_core(void)
{
    return openblas_get_corename();
}

size_t spiral_linalg_threads(void)
{
    return (size_t)openblas_get_num_threads();
}

/* spiral_linalg_start has made the first buffer. A buffer has 128 MB; the rest is for the thread itself: its stack, the
 * 64 MB that malloc reserves for it, and some of what it allocates. */
size_t spiral_linalg_callers(size_t wanted)
{
    const size_t bytes = (size_t)208 << 20;
    size_t callers = 1;
    void *block = MAP_FAILED;
    for (size_t more = wanted > 1 ? wanted - 1 : 0; more > 0 && block == MAP_FAILED; more /= 2) {
        if (more <= SIZE_MAX / bytes)
            block =
                mmap(NULL, more * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (block != MAP_FAILED) {
            munmap(block, more * bytes);
            callers += more;
        }
    }
    return callers;
}

#endif

/* ---- products ---------------------------------------------------------------------------------------------------- */

/* Rows or columns of a result up to which matrix-vector products are faster than dgemm, where dgemm packs its operands
 * whatever their sizes. */
enum { FEW = 4 };

/* The cores for which OpenBLAS (as of 0.3.21) has a dgemm that leaves small operands unpacked. */
static bool has_small_dgemm(void)
{
    static const char *const cores[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    const char *core = spiral_linalg_core();
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++)
        if (strcmp(core, cores[i]) == 0)
            return true;
    return false;
}

/* y (rows) = op(A) x + beta y, where op(A) is (rows, columns). The steps are the distances between elements. */
static void multiply_vector(bool transpose, size_t rows, size_t columns, const double *A, size_t lda, const double *x,
                            size_t x_step, double beta, double *y, size_t y_step)
{
    blasint m = (blasint)(transpose ? columns : rows), n = (blasint)(transpose ? rows : columns); /* of A as stored */
    cblas_dgemv(CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, m, n, 1.0, A, (blasint)lda, x, (blasint)x_step,
                beta, y, (blasint)y_step);
}

/* Of that dgemm: the most multiply-adds of a product that it takes for small, the columns that its kernels compute at
 * once, and the terms of a sum that it adds up in one go if it packs the operands. */
enum { SMALL = 1000000, COLUMNS = 24, TERMS = 384 };

/* The columns of C that one call of dgemm computes. A product that is a little too large is cut into small ones, but
 * only where each number of C remains the same sum: in widths of whole kernels, if no sum is cut, and B is not
 * transposed. */
static size_t columns_a_call(bool transpose_b, size_t m, size_t n, size_t k)
{
    size_t fit = SMALL / k / m;
    if (transpose_b || k > TERMS || fit >= n || fit < COLUMNS || !has_small_dgemm())
        return n;
    return fit / COLUMNS * COLUMNS;
}

void spiral_linalg_multiply(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const double *A,
                            size_t lda, const double *B, size_t ldb, double beta, double *C, size_t ldc)
{
    bool vectors = (m <= FEW || n <= FEW) && !has_small_dgemm();
    if (vectors && m <= n) { /* row i of C = op(B)^T times row i of op(A) */
        for (size_t i = 0; i < m; i++)
            multiply_vector(!transpose_b, n, k, B, ldb, A + i * (transpose_a ? 1 : lda), transpose_a ? lda : 1, beta,
                            C + i * ldc, 1);
    } else if (vectors) { /* column j of C = op(A) times column j of op(B) */
        for (size_t j = 0; j < n; j++)
            multiply_vector(transpose_a, m, k, A, lda, B + j * (transpose_b ? ldb : 1), transpose_b ? 1 : ldb, beta,
                            C + j, ldc);
    } else {
        size_t columns = columns_a_call(transpose_b, m, n, k);
        for (size_t j = 0; j < n; j += columns)
            cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
                        (blasint)m, (blasint)(columns < n - j ? columns : n - j), (blasint)k, 1.0, A, (blasint)lda,
                        B + j, (blasint)ldb, beta, C + j, (blasint)ldc);
    }
}
