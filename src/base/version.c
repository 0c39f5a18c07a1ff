#include "spiral/version.h"

#include "commit.h" /* made by commit.cmake */

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
    return __VERSION__; /* with its name */
#else
    return "GCC " __VERSION__;
#endif
}
