#include "cli/page/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/options/options.h"
#include "cli/page/sha256.h"
#include "spiral/output.h"

/* ---- the files of assets ----------------------------------------------------------------------------------------- */

extern const char page_style_css[], page_run_html[], page_common_js[], page_network_js[], page_charts_js[],
    page_plane_js[], page_matrices_js[], page_run_js[], page_assets_end[]; /* page_bytes.S */

typedef struct Asset {
    const char *start, *end;
} Asset;

static const Asset style = {page_style_css, page_run_html};

static const Asset run_markup = {page_run_html, page_common_js};
static const Asset run_script[] = {{page_common_js, page_assets_end}};

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

static void write_asset(SpiralOutput *output, const Asset *asset)
{
    SpiralError ignored;
    (void)spiral_output_write(output, asset->start, (size_t)(asset->end - asset->start), &ignored);
}

/* Writes 'sha256-...' for the assets (count) as one text. */
static void write_source(SpiralOutput *output, const Asset *assets, size_t count)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    char text[DIGEST_TEXT];
    sha256_start(&hash);
    for (size_t i = 0; i < count; i++)
        sha256_add(&hash, assets[i].start, (size_t)(assets[i].end - assets[i].start));
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

static void write_head(SpiralOutput *output, const char *title, const Asset *script, size_t count)
{
    write_text(output, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ");
    write_source(output, script, count);
    write_text(output, "; style-src ");
    write_source(output, &style, 1);
    write_text(output, "; base-uri 'none'; form-action 'none'\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    write_escaped(output, title);
    write_text(output, "</title>\n<style>");
    write_asset(output, &style);
    write_text(output, "</style>\n</head>\n<body>\n");
}

static SpiralStatus write_page(const char *path, const char *title, const Asset *markup, const Asset *script,
                               size_t count, const char *json, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    write_head(output, title, script, count);
    write_asset(output, markup);
    write_text(output, "<script type=\"application/json\" id=\"data\">");
    write_json(output, json);
    write_text(output, "</script>\n<script>");
    for (size_t i = 0; i < count; i++)
        write_asset(output, &script[i]);
    write_text(output, "</script>\n</body>\n</html>\n");
    return spiral_output_commit(output, error);
}

SpiralStatus page_write_run(const char *path, const char *title, const cJSON *data, SpiralError *error)
{
    char *json = json_text(data);
    if (json == NULL)
        return cli_no_memory(error);
    SpiralStatus status = write_page(path, title, &run_markup, run_script, COUNT(run_script), json, error);
    free(json);
    return status;
}
