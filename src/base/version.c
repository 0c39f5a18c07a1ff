#include "spiral/version.h"

#include <stdio.h>
#include <string.h>

#include "base/commit.h" /* made by commit.cmake */
#include "base/linalg.h"

const char *spiral_version(void)
{
    return SPIRAL_VERSION;
}

const char *spiral_commit(void)
{
    return SPIRAL_COMMIT;
}

const char *spiral_compiler(void)
{
#ifdef __clang__
    return __VERSION__; /* includes the compiler's name */
#else
    return "GCC " __VERSION__;
#endif
}

void spiral_blas_version(char *text, size_t size)
{
    const char *config = spiral_linalg_config();
    size_t name = strcspn(config, " ");
    size_t number = config[name] == ' ' ? 1 + strcspn(config + name + 1, " ") : 0;
    snprintf(text, size, "%.*s", (int)(name + number), config);
}

const char *spiral_blas_core(void)
{
    return spiral_linalg_core();
}

size_t spiral_blas_threads(void)
{
    spiral_linalg_start();
    return spiral_linalg_threads();
}
