#define _POSIX_C_SOURCE 200809L
#include "cli/options/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/cli.h"

bool text_to_real(const char *text, double *value)
{
    return spiral_number_read_strictly(text, strlen(text), value);
}

bool text_to_size(const char *text, size_t *value)
{
    return spiral_number_read_whole(text, strlen(text), value);
}

void option_describe_argument(const Option *option, char *text, size_t size)
{
    snprintf(text, size, "%s", option->argument != NULL ? option->argument : "");
    for (size_t i = 0; option->argument == NULL && option->choices != NULL && option->choices[i] != NULL; i++)
        cli_append(text, size, "%s%s", i > 0 ? "|" : "", option->choices[i]);
}

/* ---- expected values --------------------------------------------------------------------------------------------- */

static void describe_choices(const Option *option, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        const char *before = i == 0 ? "" : option->choices[i + 1] == NULL ? " or " : ", ";
        cli_append(text, size, "%s%s", before, option->choices[i]);
    }
}

static void describe_range(const Option *option, const char *what, char *text, size_t size)
{
    const char *from = option->above ? " above " : option->maximum != 0 ? " from " : " of at least ";
    const char *to = option->above ? " and at most " : " to ";
    if (option->maximum != 0)
        snprintf(text, size, "%s%s%.10g%s%.10g", what, from, option->minimum, to, option->maximum);
    else
        snprintf(text, size, "%s%s%.10g", what, from, option->minimum);
}

static void describe_expected(const Option *option, char *text, size_t size)
{
    switch (option->kind) {
    case OPTION_FLAG:
        snprintf(text, size, "true or false");
        break;
    case OPTION_REAL:
        describe_range(option, "a number", text, size);
        break;
    case OPTION_SIZE:
        describe_range(option, "a whole number", text, size);
        break;
    case OPTION_SEED:
        snprintf(text, size, "a whole number from 0 to 4294967295");
        break;
    case OPTION_TEXT:
        snprintf(text, size, "a text that is not empty");
        break;
    case OPTION_CHOICE:
        describe_choices(option, text, size);
        break;
    case OPTION_SIZES:
        snprintf(text, size, "up to %d whole numbers of at least %d with commas between, like 100 or 100,50",
                 OPTION_LIST_LIMIT, option->from_zero ? 0 : 1);
        break;
    case OPTION_PIXELS:
        snprintf(text, size, "a width and a height in pixels from %.0f to %.0f, like 800x600", option->minimum,
                 option->maximum);
        break;
    case OPTION_FILES:
        snprintf(text, size, "up to %d files, none with an empty name", OPTION_FILES_LIMIT);
        break;
    case OPTION_CHARACTER:
        snprintf(text, size,
                 "one ASCII character that is no letter, digit, quote, point or sign, or one of the words "
                 "tab, space and auto");
        break;
    }
}

/* ---- text to value ----------------------------------------------------------------------------------------------- */

static bool in_range(const Option *option, double value)
{
    bool enough = option->above ? value > option->minimum : value >= option->minimum;
    return enough && (option->maximum == 0 || value <= option->maximum);
}

static bool set_choice(const Option *option, void *target, const char *text)
{
    for (int i = 0; option->choices[i] != NULL; i++)
        if (strcasecmp(option->choices[i], text) == 0) {
            memcpy(target, &i, sizeof i);
            return true;
        }
    return false;
}

static bool set_sizes(const Option *option, OptionSizes *sizes, const char *text)
{
    OptionSizes list = {0};
    for (const char *piece = text;; piece++) {
        size_t length = strcspn(piece, ",");
        if (list.count == OPTION_LIST_LIMIT || !spiral_number_read_whole(piece, length, &list.values[list.count]) ||
            (list.values[list.count] == 0 && !option->from_zero))
            return false;
        list.count++;
        piece += length;
        if (*piece == '\0')
            break;
    }
    *sizes = list;
    return true;
}

/* Two whole numbers with the separator between them. */
static bool split_pair(const char *text, char separator, size_t pair[2])
{
    const char *middle = strchr(text, separator);
    size_t first, second;
    if (middle == NULL || !spiral_number_read_whole(text, (size_t)(middle - text), &first) ||
        !text_to_size(middle + 1, &second))
        return false;
    pair[0] = first;
    pair[1] = second;
    return true;
}

static bool set_pixels(const Option *option, size_t pixels[2], const char *text)
{
    size_t pair[2];
    if (!split_pair(text, 'x', pair) || !in_range(option, (double)pair[0]) || !in_range(option, (double)pair[1]))
        return false;
    memcpy(pixels, pair, sizeof pair);
    return true;
}

static bool set_character(char *target, const char *text)
{
    static const char refused[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.\"\r\n";
    if (strcmp(text, "auto") == 0) {
        *target = '\0';
        return true;
    }
    const char *character = strcmp(text, "tab") == 0 ? "\t" : strcmp(text, "space") == 0 ? " " : text;
    if (strlen(character) != 1 || (unsigned char)*character >= 0x7f || strchr(refused, *character) != NULL)
        return false;
    *target = *character;
    return true;
}

static bool set_number(const Option *option, void *target, const char *text)
{
    double real;
    size_t size;
    switch (option->kind) {
    case OPTION_REAL:
        if (!text_to_real(text, &real) || !in_range(option, real))
            return false;
        *(double *)target = real;
        return true;
    case OPTION_SIZE:
        if (!text_to_size(text, &size) || !in_range(option, (double)size))
            return false;
        *(size_t *)target = size;
        return true;
    default: /* OPTION_SEED */
        if (!text_to_size(text, &size) || size > UINT32_MAX)
            return false;
        *(uint32_t *)target = (uint32_t)size;
        return true;
    }
}

static bool set_flag(bool *target, const char *text)
{
    bool yes = strcasecmp(text, "true") == 0;
    if (!yes && strcasecmp(text, "false") != 0)
        return false;
    *target = yes;
    return true;
}

static bool set_text(const char **target, const char *text)
{
    if (text[0] == '\0')
        return false;
    *target = text;
    return true;
}

static bool add_files(OptionFiles *files, const char *text)
{
    if (text[0] == '\0' || files->count == OPTION_FILES_LIMIT)
        return false;
    files->arguments[files->count++] = text;
    return true;
}

static bool set_value(const Option *option, void *target, const char *text)
{
    switch (option->kind) {
    case OPTION_FLAG:
        return set_flag(target, text);
    case OPTION_REAL:
    case OPTION_SIZE:
    case OPTION_SEED:
        return set_number(option, target, text);
    case OPTION_TEXT:
        return set_text(target, text);
    case OPTION_CHOICE:
        return set_choice(option, target, text);
    case OPTION_SIZES:
        return set_sizes(option, target, text);
    case OPTION_PIXELS:
        return set_pixels(option, target, text);
    case OPTION_FILES:
        return add_files(target, text);
    case OPTION_CHARACTER:
        break;
    }
    return set_character(target, text);
}

SpiralStatus value_set(const Option *option, void *settings, const char *text, SpiralError *error)
{
    if (set_value(option, (char *)settings + option->offset, text))
        return SPIRAL_OK;
    char expected[256];
    describe_expected(option, expected, sizeof expected);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s: found \"%.*s\", expected %s", option->name,
                            SPIRAL_TEXT_CUT(text, 200), expected);
}

/* ---- value to text ----------------------------------------------------------------------------------------------- */

static char *list_sizes(const OptionSizes *sizes)
{
    char *text = cli_copy_string("");
    for (size_t i = 0; i < sizes->count; i++)
        text = cli_grow(text, "%s%zu", i > 0 ? "," : "", sizes->values[i]);
    return text;
}

/* The shortest text that reads back as the same number, written as 30, not 3e+01. */
static void print_real(double value, char *text, size_t size)
{
    bool plain = fabs(value) >= 1e-4 && fabs(value) < 1e15;
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value && !(plain && strchr(text, 'e') != NULL))
            break;
    }
}

char *option_value(const Option *option, const void *settings)
{
    const void *value = (const char *)settings + option->offset;
    const size_t *pair = value;
    const char *words = NULL;
    int choice;
    char text[64] = "";
    switch (option->kind) {
    case OPTION_FLAG:
        words = *(const bool *)value ? "true" : "false";
        break;
    case OPTION_REAL:
        print_real(*(const double *)value, text, sizeof text);
        break;
    case OPTION_SIZE:
        snprintf(text, sizeof text, "%zu", *pair);
        break;
    case OPTION_SEED:
        snprintf(text, sizeof text, "%lu", (unsigned long)*(const uint32_t *)value);
        break;
    case OPTION_TEXT:
        words = *(const char *const *)value;
        break;
    case OPTION_CHOICE:
        memcpy(&choice, value, sizeof choice);
        words = option->choices[choice];
        break;
    case OPTION_SIZES:
        return list_sizes(value);
    case OPTION_FILES: /* no single text sets them all */
        break;
    case OPTION_PIXELS:
        snprintf(text, sizeof text, "%zux%zu", pair[0], pair[1]);
        break;
    case OPTION_CHARACTER:
        if (*(const char *)value == '\t')
            words = "tab";
        else if (*(const char *)value == ' ')
            words = "space";
        else if (*(const char *)value == '\0')
            words = "auto";
        else
            snprintf(text, sizeof text, "%c", *(const char *)value);
        break;
    }
    return cli_copy_string(words != NULL ? words : text);
}

/* ---- shell quoting ----------------------------------------------------------------------------------------------- */

/* Would a terminal interpret part of the word as a control sequence? */
static bool has_control(const char *word)
{
    for (size_t used; *word != '\0'; word += used) {
        SpiralShown shown = spiral_text_shown(word, strnlen(word, 4), &used);
        if (shown.size != used)
            return true;
    }
    return false;
}

/* Writes "$'...'". Characters that are shown escaped are written as octal bytes of three digits, which every shell with
 * this form understands. */
static char *quote_control(char *next, const char *word)
{
    next = stpcpy(next, "$'");
    for (size_t used; *word != '\0'; word += used) {
        SpiralShown shown = spiral_text_shown(word, strnlen(word, 4), &used);
        bool spelled = shown.size != used;
        if (*word == '\'' || *word == '\\')
            *next++ = '\\';
        for (size_t i = 0; i < used; i++)
            if (spelled)
                next += snprintf(next, 5, "\\%03o", (unsigned)(unsigned char)word[i]);
            else
                *next++ = word[i];
    }
    return stpcpy(next, "'");
}

char *shell_quoted(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.,:/_=@%";
    bool quote = word[0] == '\0' || word[strspn(word, plain)] != '\0';
    char *text = cli_allocate(4 * strlen(word) + 4, 1), *next = text; /* ' becomes '\'' */
    if (text == NULL)
        return NULL;
    if (has_control(word)) {
        quote_control(next, word);
        return text;
    }
    if (quote)
        *next++ = '\'';
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'') {
            memcpy(next, "'\\'", 3);
            next += 3;
        }
        *next++ = *c;
    }
    if (quote)
        *next = '\'';
    return text;
}

char *shell_path(const char *path)
{
    return path[0] == '-' ? cli_join_texts(cli_copy_string("./"), shell_quoted(path)) : shell_quoted(path);
}

/* What follows a blank may be another option, unless it is "-" or a negative number. */
char *shell_option(const char *name, const char *value)
{
    bool attached = value[0] == '-' && strchr("0123456789.", value[1]) == NULL;
    return cli_join_texts(cli_grow(cli_copy_string("--"), "%s%c", name, attached ? '=' : ' '), shell_quoted(value));
}

void option_key(const Option *option, char *key, size_t size)
{
    snprintf(key, size, "%s", option->name);
    for (char *c = key; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
}

char *option_append(char *text, const Option *option, const char *value)
{
    if (option->kind == OPTION_FLAG)
        return strcmp(value, "true") == 0 ? cli_grow(text, " --%s", option->name) : text;
    return cli_join_texts(cli_grow(text, " "), shell_option(option->name, value));
}

char *option_append_current(char *text, const Option *option, const void *settings)
{
    char *value = option_value(option, settings);
    text = value != NULL ? option_append(text, option, value) : cli_join_texts(text, NULL);
    free(value);
    return text;
}
