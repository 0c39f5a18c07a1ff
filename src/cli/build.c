#include "cli/build.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "spiral/version.h"

void build_parts(BuildPart parts[BUILD_PARTS])
{
    parts[0].key = "commit";
    snprintf(parts[0].value, BUILD_TEXT, "%s", spiral_commit());
    parts[1].key = "compiler";
    snprintf(parts[1].value, BUILD_TEXT, "%s", spiral_compiler());
    parts[2].key = "blas";
    spiral_blas_version(parts[2].value, BUILD_TEXT);
    parts[3].key = "blas_core";
    snprintf(parts[3].value, BUILD_TEXT, "%s", spiral_blas_core());
    parts[4].key = "kernels";
    snprintf(parts[4].value, BUILD_TEXT, "%s", spiral_kernels_level());
}

bool build_add(cJSON *root)
{
    BuildPart parts[BUILD_PARTS];
    build_parts(parts);
    bool added = json_add_text(root, "version", spiral_version());
    for (size_t i = 0; added && i < BUILD_PARTS; i++)
        added = json_add_text(root, parts[i].key, parts[i].value);
    return added;
}

/* The AVX2 and AVX-512 kernels give bit-identical results. */
static bool same_bits(const char *before, const char *now)
{
    static const char avx[] = "AVX";
    return strcmp(before, now) == 0 || (strncmp(before, avx, strlen(avx)) == 0 && strncmp(now, avx, strlen(avx)) == 0);
}

void build_compare(const char *path, const char *key, const char *before, const char *now)
{
    bool known = before != NULL && before[0] != '\0' && now != NULL && now[0] != '\0';
    if (known && !same_bits(before, now))
        cli_warn(path, "one part is made with %s %.100s and another with %.100s: their last digits may differ", key,
                 before, now);
}
