#include "cli/page/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/page/sha256.h"

/* ---- the files of assets ----------------------------------------------------------------------------------------- */

typedef struct Asset {
    const char *start, *end;
} Asset;

/* page_bytes.S has them between two symbols each. */
#define ASSET_LIST(X)                                                                                                  \
    X(theme_css)                                                                                                       \
    X(run_css)                                                                                                         \
    X(explanation_css)                                                                                                 \
    X(run_html)                                                                                                        \
    X(common_js)                                                                                                       \
    X(network_js)                                                                                                      \
    X(charts_js)                                                                                                       \
    X(plane_js)                                                                                                        \
    X(matrices_js)                                                                                                     \
    X(run_js)                                                                                                          \
    X(explanation_js)
#define DECLARE(name) extern const char page_##name[], page_##name##_end[];
#define DEFINE(name) static const Asset name = {page_##name, page_##name##_end};
ASSET_LIST(DECLARE)
ASSET_LIST(DEFINE)

/* What a kind of page is made of; each list ends with NULL. */
typedef struct PageAssets {
    const Asset *styles[3], *markup[2], *scripts[8];
} PageAssets;

static const PageAssets kinds[] = {
    [PAGE_RUN] = {.styles = {&theme_css, &run_css},
                  .markup = {&run_html},
                  .scripts = {&common_js, &network_js, &charts_js, &plane_js, &matrices_js, &run_js}},
    [PAGE_EXPLANATION] = {.styles = {&theme_css, &explanation_css}, .scripts = {&common_js, &explanation_js}},
};

/* ---- base64 ------------------------------------------------------------------------------------------------------ */

enum { DIGEST_TEXT = (SHA256_BYTES + 2) / 3 * 4 + 1 };

/* The bytes in base64, in a text of (size + 2) / 3 * 4 + 1 bytes. */
static void encode(const unsigned char *bytes, size_t size, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < size ? bytes[i + 2] : 0);
        *text++ = digits[three >> 18];
        *text++ = digits[three >> 12 & 63];
        *text++ = i + 1 < size ? digits[three >> 6 & 63] : '=';
        *text++ = i + 2 < size ? digits[three & 63] : '=';
    }
    *text = '\0';
}

/* Frees the bytes. */
static bool add_bytes(cJSON *object, const char *key, unsigned char *bytes, size_t size)
{
    char *text = bytes != NULL ? cli_allocate((size + 2) / 3 * 4 + 1, 1) : NULL;
    bool added = false;
    if (text != NULL) {
        encode(bytes, size, text);
        added = json_add_text(object, key, text);
    }
    free(text);
    free(bytes);
    return added;
}

static void write_low_first(uint64_t number, size_t size, unsigned char *bytes)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
}

bool page_add_doubles(cJSON *object, const char *key, const double *values, size_t count)
{
    unsigned char *bytes = cli_allocate(count, 8);
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        uint64_t number;
        memcpy(&number, &values[i], sizeof number);
        write_low_first(number, 8, bytes + 8 * i);
    }
    return add_bytes(object, key, bytes, 8 * count);
}

bool page_add_floats(cJSON *object, const char *key, const float *values, size_t count)
{
    unsigned char *bytes = cli_allocate(count, 4);
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        uint32_t number;
        memcpy(&number, &values[i], sizeof number);
        write_low_first(number, 4, bytes + 4 * i);
    }
    return add_bytes(object, key, bytes, 4 * count);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* The output keeps its first failure, which its commit reports: the functions below write on. */
static void write_text(SpiralOutput *output, const char *text)
{
    SpiralError ignored;
    (void)spiral_output_write(output, text, strlen(text), &ignored);
}

static void write_assets(SpiralOutput *output, const Asset *const *assets)
{
    SpiralError ignored;
    for (; *assets != NULL; assets++)
        (void)spiral_output_write(output, (*assets)->start, (size_t)((*assets)->end - (*assets)->start), &ignored);
}

/* Writes 'sha256-...' of the assets as one text. */
static void write_source(SpiralOutput *output, const Asset *const *assets)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    char text[DIGEST_TEXT];
    sha256_start(&hash);
    for (; *assets != NULL; assets++)
        sha256_add(&hash, (*assets)->start, (size_t)((*assets)->end - (*assets)->start));
    sha256_end(&hash, digest);
    encode(digest, sizeof digest, text);
    write_text(output, "'sha256-");
    write_text(output, text);
    write_text(output, "'");
}

/* Writes text with all characters replaced that mean something in HTML. */
static void write_escaped(SpiralOutput *output, const char *text)
{
    for (char character[2] = ""; *text != '\0'; text++) {
        character[0] = *text;
        write_text(output, *text == '<' ? "&lt;" : *text == '&' ? "&amp;" : character);
    }
}

/* Inside a script element, only "<" can begin something that isn't the script's. In JSON it stands in strings alone. */
static void write_json(SpiralOutput *output, const char *json)
{
    SpiralError ignored;
    for (size_t length; *json != '\0'; json += length) {
        length = *json == '<' ? 1 : strcspn(json, "<");
        if (*json == '<')
            write_text(output, "\\u003c");
        else
            (void)spiral_output_write(output, json, length, &ignored);
    }
}

void page_begin(PageKind kind, const char *title, SpiralOutput *output)
{
    const PageAssets *assets = &kinds[kind];
    write_text(output, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ");
    write_source(output, assets->scripts);
    write_text(output, "; style-src ");
    write_source(output, assets->styles);
    write_text(output, "; base-uri 'none'; form-action 'none'\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    write_escaped(output, title);
    write_text(output, "</title>\n<style>");
    write_assets(output, assets->styles);
    write_text(output, "</style>\n</head>\n<body>\n");
    write_assets(output, assets->markup);
}

void page_end(PageKind kind, const char *json, SpiralOutput *output)
{
    write_text(output, "<script type=\"application/json\" id=\"data\">");
    write_json(output, json);
    write_text(output, "</script>\n<script>");
    write_assets(output, kinds[kind].scripts);
    write_text(output, "</script>\n</body>\n</html>\n");
}
