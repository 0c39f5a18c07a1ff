/* version.h: the versions of this build and of what it uses. */
#ifndef SPIRAL_VERSION_H
#define SPIRAL_VERSION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0": the last release, CMakeLists.txt's version. */
const char *spiral_version(void);

/* The commit that this was built from, as `git describe --always --tags --dirty` names it: "v0.1.0-12-g3a04cc2", or
 * "3a04cc2" where there is no tag, with "-dirty" when files were changed since. "" when not built from a checkout. */
const char *spiral_commit(void);

/* The compiler that made this build, with its version: "GCC 12.2.0", "Debian Clang 14.0.6". */
const char *spiral_compiler(void);

/* The BLAS in use: its version as loaded, "OpenBLAS 0.3.21", written into text (at most size bytes with the final NUL);
 * the kernels it chose ("Haswell", a static string); and the threads it may use, which the library keeps at one, since
 * it divides the rows among threads itself. */
void spiral_blas_version(char *text, size_t size);
const char *spiral_blas_core(void);
size_t spiral_blas_threads(void);

/* The level of the library's own vector kernels used on this processor: "SSE2", "AVX2", "AVX-512" or "NEON"; a static
 * string. */
const char *spiral_kernels_level(void);

#ifdef __cplusplus
}
#endif

#endif
