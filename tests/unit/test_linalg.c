/* The product of matrices, beside the sums written out in long double. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/linalg.h"
#include "spiral/rng.h"

enum { MOST = 9, MARGIN = 3 };

/* A core whose dgemm packs its operands whatever their sizes, and one whose dgemm leaves small ones as they are, for
 * OpenBLAS's name of the core that the test runs on: the products have to be right either way. */
static char *const cores[] = {"Haswell", "SkylakeX"};
static char *core = "Haswell";

char *__wrap_openblas_get_corename(void);
char *__wrap_openblas_get_corename(void)
{
    return core;
}

static double *draw(SpiralRng *rng, size_t count)
{
    double *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = spiral_rng_normal(rng);
    return values;
}

/* Element (i, j) of op(A), whose rows as stored are lda apart. */
static double element(bool transpose, const double *A, size_t lda, size_t i, size_t j)
{
    return transpose ? A[j * lda + i] : A[i * lda + j];
}

static void check_product(SpiralRng *rng, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, double beta)
{
    size_t margin = m % (MARGIN + 1), ldc = n + margin, count = (m + 1) * ldc;
    size_t lda = (transpose_a ? m : k) + margin, ldb = (transpose_b ? k : n) + margin;
    double *A = draw(rng, (transpose_a ? k : m) * lda), *B = draw(rng, (transpose_b ? n : k) * ldb);
    double *C = draw(rng, count), *before = malloc(count * sizeof *before);
    assert_non_null(before);
    for (size_t i = 0; i < count; i++)
        if (beta == 0.0 && i % ldc < n && i / ldc < m)
            C[i] = NAN; /* what was there has no part in the result */
    memcpy(before, C, count * sizeof *C);
    spiral_linalg_multiply(transpose_a, transpose_b, m, n, k, A, lda, B, ldb, beta, C, ldc);
    for (size_t i = 0; i < count; i++) {
        if (i % ldc >= n || i / ldc >= m) { /* outside C */
            assert_memory_equal(&C[i], &before[i], sizeof C[i]);
            continue;
        }
        long double sum = beta != 0.0 ? beta * before[i] : 0.0L, size = fabsl(sum);
        for (size_t l = 0; l < k; l++) {
            long double term =
                (long double)element(transpose_a, A, lda, i / ldc, l) * element(transpose_b, B, ldb, l, i % ldc);
            sum += term;
            size += fabsl(term);
        }
        if (!(fabsl(C[i] - sum) <= (long double)(k + 2) * DBL_EPSILON * size))
            fail_msg("(%zu, %zu, %zu), %d %d, beta %g: element %zu is %.17g, %.17Lg expected", m, n, k, transpose_a,
                     transpose_b, beta, i, C[i], sum);
    }
    free(A);
    free(B);
    free(C);
    free(before);
}

static void products_of_all_shapes_and_transposes_are_right(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 1);
    spiral_linalg_start();
    for (size_t m = 1; m <= MOST; m++)
        for (size_t n = 1; n <= MOST; n++)
            for (size_t k = 1; k <= MOST; k++)
                for (int c = 0; c < 16; c++) {
                    core = cores[c / 8];
                    check_product(&rng, c % 2 != 0, c / 2 % 2 != 0, m, n, k, (double)(c / 4 % 2));
                }
}

/* More than OpenBLAS takes for small; some are computed in several calls. */
static void larger_products_are_right(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{9, 1203, 100}, {100, 304, 40}, {37, 520, 53}, {200, 131, 200}, {300, 20, 300}};
    SpiralRng rng;
    spiral_rng_seed(&rng, 2);
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int transposes = 0; transposes < 8; transposes++) {
            core = cores[transposes / 4];
            check_product(&rng, transposes % 2 != 0, transposes / 2 % 2 != 0, shapes[s][0], shapes[s][1], shapes[s][2],
                          (double)(transposes % 2));
        }
}

enum { NO_LIMIT = 253 };

/* What the function returns in a process that may have so many bytes of addresses more; NO_LIMIT where the limit is not
 * kept, as under qemu. */
static int within(size_t bytes, int (*function)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        size_t pages = 0;
        FILE *statm = fopen("/proc/self/statm", "r");
        if (statm == NULL || fscanf(statm, "%zu", &pages) != 1)
            _exit(255);
        struct rlimit limit = {0};
        limit.rlim_cur = limit.rlim_max = pages * (size_t)sysconf(_SC_PAGESIZE) + bytes;
        if (setrlimit(RLIMIT_AS, &limit) != 0)
            _exit(254);
        if (mmap(NULL, bytes + ((size_t)1 << 20), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
            MAP_FAILED)
            _exit(NO_LIMIT);
        alarm(60); /* OpenBLAS retries for ever */
        _exit(function());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int callers(void)
{
    return (int)spiral_linalg_callers(8);
}

enum { LARGE = 300 };

/* 0 when the product is right: of matrices of ones. */
static int multiply_large(void)
{
    static double A[LARGE * LARGE], C[LARGE * LARGE];
    for (size_t i = 0; i < LARGE * LARGE; i++)
        A[i] = 1.0;
    spiral_linalg_multiply(false, false, LARGE, LARGE, LARGE, A, LARGE, A, LARGE, 0.0, C, LARGE);
    return C[0] == LARGE && C[LARGE * LARGE - 1] == LARGE ? 0 : 1;
}

/* A buffer of OpenBLAS's has 128 MB; a thread has a stack, and a heap of 64 MB. */
static void no_more_threads_multiply_than_can_have_buffers(void **state)
{
    (void)state;
    assert_int_equal(spiral_linalg_callers(1), 1);
    assert_int_equal(spiral_linalg_callers(0), 1);
    assert_int_equal(spiral_linalg_callers(8), 8);
    if (strcmp(spiral_linalg_core(), "unknown") == 0)
        return; /* not OpenBLAS */
    if (within(0, callers) == NO_LIMIT)
        skip();
    assert_int_equal(within((size_t)190 << 20, callers), 1);
    assert_int_equal(within((size_t)300 << 20, callers), 2);
    assert_in_range(within((size_t)900 << 20, callers), 3, 5);
}

/* The program reads its data in between. */
static void the_first_thread_has_its_buffer_before_memory_runs_out(void **state)
{
    (void)state;
    spiral_linalg_start();
    int found = within((size_t)8 << 20, multiply_large);
    if (found == NO_LIMIT)
        skip();
    assert_int_equal(found, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_thread_has_its_buffer_before_memory_runs_out), /* before any product */
        cmocka_unit_test(products_of_all_shapes_and_transposes_are_right),
        cmocka_unit_test(larger_products_are_right),
        cmocka_unit_test(no_more_threads_multiply_than_can_have_buffers),
    };
    return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}
