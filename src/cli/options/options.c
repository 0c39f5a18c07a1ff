#include "cli/options/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/values.h"

/* What getopt_long returns for a long option: LONG_HELP, or FIRST_LONG + the option's place in the tables. */
enum { LONG_HELP = 256, FIRST_LONG };

/* ---- the tables as one list -------------------------------------------------------------------------------------- */

/* The option at a place of the tables, and the group it is in; NULL behind the last. */
static const Option *option_at(const OptionTable *table, size_t place, OptionGroup **group)
{
    for (size_t g = 0; g < table->group_count; g++) {
        if (place < table->groups[g].count) {
            *group = &table->groups[g];
            return &table->groups[g].options[place];
        }
        place -= table->groups[g].count;
    }
    *group = NULL;
    return NULL;
}

static size_t option_count(const OptionTable *table)
{
    size_t count = 0;
    for (size_t g = 0; g < table->group_count; g++)
        count += table->groups[g].count;
    return count;
}

static bool is_given(const OptionGroup *group, const Option *option)
{
    return (group->given >> (option - group->options) & 1) != 0;
}

/* Compares a name as typed, length characters of it, with an option's; an underscore is as good as a dash. */
static bool same_name(const char *typed, size_t length, const char *name)
{
    if (name == NULL || strlen(name) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (typed[i] != name[i] && !(typed[i] == '_' && name[i] == '-'))
            return false;
    return true;
}

/* The place of the option with this long name; false when there is none. */
static bool find_option(const OptionTable *table, const char *typed, size_t length, size_t *place)
{
    OptionGroup *group;
    const Option *option;
    for (size_t i = 0; (option = option_at(table, i, &group)) != NULL; i++)
        if (same_name(typed, length, option->name) || same_name(typed, length, option->alias)) {
            *place = i;
            return true;
        }
    return false;
}

bool options_given(const OptionTable *table, const char *name)
{
    size_t place;
    OptionGroup *group;
    if (!find_option(table, name, strlen(name), &place))
        return false;
    const Option *option = option_at(table, place, &group);
    return is_given(group, option);
}

const char *options_first_given(const OptionTable *table, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (options_given(table, names[i]))
            return names[i];
    return NULL;
}

/* ---- names that were meant --------------------------------------------------------------------------------------- */

/* Insertions, deletions and changes between two words of at most 63 characters; limit, when it is seen at once that
 * they are not fewer, and for longer words. */
static size_t edit_distance(const char *a, const char *b, size_t limit)
{
    enum { WORD_LIMIT = 64 };
    size_t m = strlen(a), n = strlen(b);
    size_t row[WORD_LIMIT];
    if (m >= WORD_LIMIT || n >= WORD_LIMIT || m + limit <= n || n + limit <= m)
        return limit;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

typedef struct Nearest {
    const char *word;
    const char *name; /* the nearest so far, or NULL */
    size_t distance;  /* its own; at first, what is another word */
} Nearest;

static Nearest nearest_to(const char *word)
{
    return (Nearest){.word = word, .distance = strlen(word) / 3 + 2};
}

static void consider(Nearest *nearest, const char *name)
{
    size_t length = strlen(nearest->word);
    bool begins = length >= 2 && strncmp(nearest->word, name, length) == 0;
    size_t distance = begins ? 0 : edit_distance(nearest->word, name, nearest->distance);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = name;
    }
}

const char *nearest_name(const char *word, const char *const *names, size_t count)
{
    Nearest nearest = nearest_to(word);
    for (size_t i = 0; i < count; i++)
        consider(&nearest, names[i]);
    return nearest.name;
}

static SpiralStatus unknown_option(const OptionTable *table, const char *typed, size_t length, SpiralError *error)
{
    char word[128];
    snprintf(word, sizeof word, "%.*s", spiral_text_cut(typed, length, sizeof word - 1), typed);
    for (char *c = word; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    Nearest nearest = nearest_to(word);
    OptionGroup *group;
    const Option *option;
    for (size_t i = 0; (option = option_at(table, i, &group)) != NULL; i++) {
        consider(&nearest, option->name);
        if (option->alias != NULL)
            consider(&nearest, option->alias);
    }
    consider(&nearest, "help");
    if (nearest.name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option --%s, did you mean --%s?", word,
                                nearest.name);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option --%s", word);
}

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

/* getopt_long's own lists, made from the tables. */
typedef struct GetoptLists {
    struct option *longs;
    char *letters;
} GetoptLists;

static void add_long(GetoptLists *lists, size_t *count, const char *name, int argument, int code)
{
    lists->longs[(*count)++] = (struct option){.name = name, .has_arg = argument, .val = code};
}

/* Errors: LIMIT. To be freed in either case. */
static SpiralStatus make_lists(const OptionTable *table, GetoptLists *lists, SpiralError *error)
{
    /* An option has up to two names, and a letter with a colon; then there are help and what ends each list. */
    size_t count = option_count(table);
    lists->longs = cli_allocate(2 * count + 2, sizeof *lists->longs);
    lists->letters = cli_allocate(2 * count + 4, 1);
    if (lists->longs == NULL || lists->letters == NULL)
        return cli_no_memory(error);
    size_t longs = 0, letters = 0;
    lists->letters[letters++] = '-'; /* operands are returned as 1, in their place */
    lists->letters[letters++] = ':'; /* a missing value is returned as ':' */
    lists->letters[letters++] = 'h';
    add_long(lists, &longs, "help", no_argument, LONG_HELP);
    OptionGroup *group;
    const Option *option;
    for (size_t place = 0; (option = option_at(table, place, &group)) != NULL; place++) {
        bool takes_value = option->kind != OPTION_FLAG;
        int argument = takes_value ? required_argument : table->take_value != NULL ? optional_argument : no_argument;
        add_long(lists, &longs, option->name, argument, FIRST_LONG + (int)place);
        if (option->alias != NULL)
            add_long(lists, &longs, option->alias, argument, FIRST_LONG + (int)place);
        if (option->letter != 0) {
            lists->letters[letters++] = option->letter;
            if (takes_value)
                lists->letters[letters++] = ':';
        }
    }
    return SPIRAL_OK;
}

/* getopt_long takes any beginning of a long name, so that a new option could change what an old script means: the
 * name is looked up here first, whole, and its underscores are made dashes for getopt_long. */
static SpiralStatus check_long_name(const OptionTable *table, char *argument, SpiralError *error)
{
    char *name = argument + 2;
    size_t length = strcspn(name, "=");
    size_t place;
    if (!same_name(name, length, "help") && !find_option(table, name, length, &place))
        return unknown_option(table, name, length, error);
    for (size_t i = 0; i < length; i++)
        if (name[i] == '_')
            name[i] = '-';
    return SPIRAL_OK;
}

static bool find_letter(const OptionTable *table, int letter, size_t *place)
{
    OptionGroup *group;
    const Option *option;
    for (size_t i = 0; (option = option_at(table, i, &group)) != NULL; i++)
        if (option->letter != 0 && option->letter == letter) {
            *place = i;
            return true;
        }
    return false;
}

static SpiralStatus set_at(OptionTable *table, size_t place, const char *text, SpiralError *error)
{
    OptionGroup *group;
    const Option *option = option_at(table, place, &group);
    bool taken = false;
    SpiralStatus status =
        table->take_value != NULL ? table->take_value(option, group, text, table->context, &taken, error) : SPIRAL_OK;
    if (status == SPIRAL_OK && !taken)
        status = value_set(option, group->settings, text, error);
    if (status == SPIRAL_OK)
        group->given |= UINT64_C(1) << (option - group->options);
    return status;
}

static SpiralStatus take_option(OptionTable *table, size_t place, const char *text, SpiralError *error)
{
    OptionGroup *group;
    const Option *option = option_at(table, place, &group);
    if (is_given(group, option))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s is given twice", option->name);
    return set_at(table, place, option->kind == OPTION_FLAG && text == NULL ? "true" : text, error);
}

/* What getopt_long could not use: code is ':' or '?', argument the element it was in. */
static SpiralStatus refuse(const OptionTable *table, int code, const char *argument, SpiralError *error)
{
    bool is_long = strncmp(argument, "--", 2) == 0 && optopt >= LONG_HELP;
    size_t place;
    if (!is_long && !find_letter(table, optopt, &place))
        return isprint(optopt) ? spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option -%c", optopt)
                               : spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option %s", argument);
    if (is_long && optopt == LONG_HELP)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--help takes no value, found \"%s\"", argument);
    OptionGroup *group;
    const Option *option = option_at(table, is_long ? (size_t)(optopt - FIRST_LONG) : place, &group);
    if (code == ':') {
        char expected[128];
        option_describe_argument(option, expected, sizeof expected);
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s needs a value: %s", option->name, expected);
    }
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s takes no value, found \"%s\"", option->name,
                            argument);
}

static SpiralStatus parse(OptionTable *table, const GetoptLists *lists, int argc, char **argv, bool *help,
                          SpiralError *error)
{
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    int next = 1;
    while (next < argc) {
        char *argument = argv[next];
        SpiralStatus status = SPIRAL_OK;
        if (strcmp(argument, "--") == 0) {
            if (next + 1 == argc)
                return SPIRAL_OK;
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unexpected argument \"%s\"", argv[next + 1]);
        }
        if (strncmp(argument, "--", 2) == 0)
            status = check_long_name(table, argument, error);
        if (status != SPIRAL_OK)
            return status;
        int code = getopt_long(argc, argv, lists->letters, lists->longs, NULL);
        size_t place;
        if (code == 'h' || code == LONG_HELP) {
            *help = true;
            options_print_help(table);
            return SPIRAL_OK;
        }
        if (code == 1)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unexpected argument \"%s\"", argument);
        if (code == ':' || code == '?')
            return refuse(table, code, argument, error);
        if (code >= FIRST_LONG)
            status = take_option(table, (size_t)(code - FIRST_LONG), optarg, error);
        else if (find_letter(table, code, &place))
            status = take_option(table, place, optarg, error);
        if (status != SPIRAL_OK)
            return status;
        next = optind;
    }
    return SPIRAL_OK;
}

SpiralStatus options_parse(OptionTable *table, int argc, char **argv, bool *help, SpiralError *error)
{
    GetoptLists lists = {.longs = NULL, .letters = NULL};
    SpiralStatus status = make_lists(table, &lists, error);
    if (status == SPIRAL_OK)
        status = parse(table, &lists, argc, argv, help, error);
    free(lists.longs);
    free(lists.letters);
    return status;
}

SpiralStatus options_set(OptionTable *table, const char *name, const char *text, SpiralError *error)
{
    size_t place;
    if (!find_option(table, name, strlen(name), &place))
        return unknown_option(table, name, strlen(name), error);
    return set_at(table, place, text, error);
}
