/* linalg.h: the only interface to BLAS. All matrices are row-major. */
#ifndef SPIRAL_BASE_LINALG_H
#define SPIRAL_BASE_LINALG_H

#include <stdbool.h>
#include <stddef.h>

/* The largest dimension or leading dimension that BLAS's ints can carry. */
size_t spiral_linalg_limit(void);

/* C (m,n) = op(A) (m,k) op(B) (k,n) + beta C, where op transposes when its flag is set; lda, ldb, ldc are the lengths
 * of the rows as stored. One cblas_dgemm or, where that is faster, one for each run of columns of C, or a cblas_dgemv
 * for each of at most 4 rows or columns of C. Every dimension is at most spiral_linalg_limit(); the caller has checked.
 * BLAS is kept to one thread. */
void spiral_linalg_multiply(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const double *A,
                            size_t lda, const double *B, size_t ldb, double beta, double *C, size_t ldc);

/* Keeps BLAS to one thread, and has it make its first buffer. Called before the first product of a pass; cheap, and
 * safe to call again. */
void spiral_linalg_start(void);

/* How many threads, at most `wanted` and at least 1, may call BLAS at the same time. Each of these calls holds a buffer
 * of OpenBLAS's, and where there are no addresses for one (ulimit -v), OpenBLAS retries for ever. Called after
 * spiral_linalg_start, and once what the threads work on is allocated. */
size_t spiral_linalg_callers(size_t wanted);

/* What BLAS reports about itself: its build ("OpenBLAS 0.3.21 DYNAMIC_ARCH ..."), the core its kernels are for
 * ("Haswell"), and the number of threads it may use. The strings are static. */
const char *spiral_linalg_config(void);
const char *spiral_linalg_core(void);
size_t spiral_linalg_threads(void);

#endif
