#include "cli/options/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/suggestions.h"
#include "cli/options/values.h"

/* What getopt_long returns for a long option: LONG_HELP, LONG_VERSION, or FIRST_LONG + the option's position in the
 * tables. */
enum { LONG_HELP = 256, LONG_VERSION, FIRST_LONG };

/* ---- the tables as one list -------------------------------------------------------------------------------------- */

/* The option at a position in the tables, and its group. NULL past the last. */
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

/* Compares a name as typed, of the given length, with an option's name. Underscores and dashes are equivalent. */
static bool same_name(const char *typed, size_t length, const char *name)
{
    if (name == NULL || strlen(name) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (typed[i] != name[i] && !(typed[i] == '_' && name[i] == '-'))
            return false;
    return true;
}

/* Finds the position of the option with this long name. False when there is none. */
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

const char *options_text(const OptionTable *table, const char *name)
{
    size_t place;
    OptionGroup *group;
    const char *text = NULL;
    if (!find_option(table, name, strlen(name), &place))
        return NULL;
    const Option *option = option_at(table, place, &group);
    if (option->kind == OPTION_TEXT)
        memcpy(&text, (const char *)group->settings + option->offset, sizeof text);
    return text;
}

const char *options_first_given(const OptionTable *table, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (options_given(table, names[i]))
            return names[i];
    return NULL;
}

static SpiralStatus unknown_option(const OptionTable *table, const char *dashes, const char *typed, size_t length,
                                   SpiralError *error)
{
    char word[128], meant[128];
    snprintf(word, sizeof word, "%.*s", spiral_text_cut(typed, length, sizeof word - 1), typed);
    suggest_option(table, word, meant, sizeof meant);
    bool same = strcmp(dashes, "--") == 0 && strcmp(word, meant + strspn(meant, "-")) == 0; /* help, in a file */
    bool other = meant[0] != '\0' && !same;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option %s%s%s%s%s", dashes, word,
                            other ? ", did you mean " : "", other ? meant : "", other ? "?" : "");
}

static SpiralStatus unexpected_argument(const OptionTable *table, const char *argument, SpiralError *error)
{
    const char *meant = suggest_for_operand(table, argument);
    if (meant == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unexpected argument \"%s\"", argument);
    char *option = shell_option(meant, argument);
    if (option == NULL)
        return cli_no_memory(error);
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                           "unexpected argument \"%s\", did you mean %s?", argument, option);
    free(option);
    return status;
}

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

/* getopt_long's own lists, built from the tables. */
typedef struct GetoptLists {
    struct option *longs;
    char *letters;
} GetoptLists;

static void add_long(GetoptLists *lists, size_t *count, const char *name, int argument, int code)
{
    lists->longs[(*count)++] = (struct option){.name = name, .has_arg = argument, .val = code};
}

/* The lists must be freed even after an error. Errors: LIMIT. */
static SpiralStatus make_lists(const OptionTable *table, GetoptLists *lists, SpiralError *error)
{
    /* An option has up to two names, and a letter with a colon. Add help, version and the terminator of each list. */
    size_t count = option_count(table);
    lists->longs = cli_allocate(2 * count + 3, sizeof *lists->longs);
    lists->letters = cli_allocate(2 * count + 5, 1);
    if (lists->longs == NULL || lists->letters == NULL)
        return cli_no_memory(error);
    size_t longs = 0, letters = 0;
    lists->letters[letters++] = '-'; /* operands are returned as 1, in order */
    lists->letters[letters++] = ':'; /* a missing value is returned as ':' */
    lists->letters[letters++] = 'h';
    lists->letters[letters++] = 'V';
    add_long(lists, &longs, "help", no_argument, LONG_HELP);
    add_long(lists, &longs, "version", no_argument, LONG_VERSION);
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

/* getopt_long accepts any unique prefix of a long name, so a new option could change what an old script means. The
 * whole name is therefore looked up here first, and its underscores are made dashes for getopt_long. */
static SpiralStatus check_long_name(const OptionTable *table, char *argument, SpiralError *error)
{
    char *name = argument + 2;
    size_t length = strcspn(name, "=");
    size_t place;
    bool of_all = same_name(name, length, "help") || same_name(name, length, "version");
    if (!of_all && !find_option(table, name, length, &place))
        return unknown_option(table, "--", name, length, error);
    for (size_t i = 0; i < length; i++)
        if (name[i] == '_')
            name[i] = '-';
    return SPIRAL_OK;
}

/* A long name after a single dash is refused: -lr would mean -l with the value r, and -out a folder called ut. */
static SpiralStatus check_letters(const OptionTable *table, const char *argument, SpiralError *error)
{
    const char *name = argument + 1;
    size_t length = strcspn(name, "="), place;
    if (length < 2 || (!find_option(table, name, length, &place) && !same_name(name, length, "help") &&
                       !same_name(name, length, "version")))
        return SPIRAL_OK;
    return unknown_option(table, "-", name, length, error);
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

/* Was the word meant as an option of its own, rather than as the value of the option before it? */
static bool looks_like_option(const OptionTable *table, const char *word)
{
    if (word[0] != '-' || word[1] == '\0') /* "-" is standard input or output */
        return false;
    size_t place;
    bool of_all = word[1] == '-' || word[1] == 'h' || word[1] == 'V';
    return of_all || find_letter(table, word[1], &place) ||
           find_option(table, word + 1, strcspn(word + 1, "="), &place);
}

static SpiralStatus needs_value(const Option *option, const char *found, SpiralError *error)
{
    char expected[128];
    option_describe_argument(option, expected, sizeof expected);
    if (found == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s needs a value: %s", option->name, expected);
    char *attached = shell_quoted(found);
    if (attached == NULL)
        return cli_no_memory(error);
    SpiralStatus status =
        spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                         "--%s needs a value: %s; found the option %.*s instead (if that is the value, write --%s=%s)",
                         option->name, expected, SPIRAL_TEXT_CUT(found, 100), option->name, attached);
    free(attached);
    return status;
}

/* separate: the value is an argument of its own. getopt_long takes any word as the value, also another option. */
static SpiralStatus take_option(OptionTable *table, size_t place, const char *text, bool separate, SpiralError *error)
{
    OptionGroup *group;
    const Option *option = option_at(table, place, &group);
    if (is_given(group, option) && option->kind != OPTION_FILES)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s is given twice", option->name);
    if (separate && looks_like_option(table, text))
        return needs_value(option, text, error);
    return set_at(table, place, option->kind == OPTION_FLAG && text == NULL ? "true" : text, error);
}

/* getopt_long would take -o=x for -o with the value "=x". */
static SpiralStatus refuse_equals(const OptionTable *table, size_t place, const char *text, SpiralError *error)
{
    OptionGroup *group;
    const Option *option = option_at(table, place, &group);
    char expected[128];
    option_describe_argument(option, expected, sizeof expected);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "-%c%.*s: found an equals sign after a letter, expected -%c %s or --%s=%s", option->letter,
                            SPIRAL_TEXT_CUT(text, 100), option->letter, expected, option->name, expected);
}

/* Reports what getopt_long refused. code is ':' or '?', argument the command-line argument it was in. */
static SpiralStatus refuse(const OptionTable *table, int code, const char *argument, SpiralError *error)
{
    bool is_long = strncmp(argument, "--", 2) == 0 && optopt >= LONG_HELP;
    size_t place;
    int letter = !is_long && optopt == '=' ? argument[strcspn(argument, "=") - 1] : optopt; /* -q=true */
    if (!is_long && !find_letter(table, letter, &place)) {
        if (argument[1] == optopt && argument[2] != '\0') /* the first letter: this may be a long name */
            return unknown_option(table, "-", argument + 1, strcspn(argument + 1, "="), error);
        return isprint(optopt) ? spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option -%c", optopt)
                               : spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown option %s", argument);
    }
    if (is_long && optopt < FIRST_LONG)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s takes no value, found \"%s\"",
                                optopt == LONG_HELP ? "help" : "version", argument);
    OptionGroup *group;
    const Option *option = option_at(table, is_long ? (size_t)(optopt - FIRST_LONG) : place, &group);
    if (code == ':')
        return needs_value(option, NULL, error);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s takes no value, found \"%s\"", option->name,
                            argument);
}

/* An argument that is no option and no option's value. */
static SpiralStatus take_operand(OptionTable *table, const char *argument, SpiralError *error)
{
    size_t place;
    if (table->operand == NULL || !find_option(table, table->operand, strlen(table->operand), &place))
        return unexpected_argument(table, argument, error);
    if (options_given(table, table->operand))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "unexpected argument \"%s\" after another one",
                                argument);
    return set_at(table, place, argument, error);
}

/* What follows "--" are operands, whatever they begin with. */
static SpiralStatus take_operands(OptionTable *table, int count, char *const *arguments, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (int i = 0; status == SPIRAL_OK && i < count; i++)
        status = take_operand(table, arguments[i], error);
    return status;
}

/* -h=1, -V=1 */
static bool has_value(const char *argument, int letter)
{
    const char *place = argument[1] != '-' ? strchr(argument, letter) : NULL;
    return place != NULL && place[1] == '=';
}

static SpiralStatus parse(OptionTable *table, const GetoptLists *lists, int argc, char **argv, bool *help,
                          SpiralError *error)
{
    opterr = 0;
    optind = 0; /* glibc: reset the scan */
    int next = 1;
    while (next < argc) {
        char *argument = argv[next];
        SpiralStatus status = SPIRAL_OK;
        if (strcmp(argument, "--") == 0)
            return take_operands(table, argc - next - 1, argv + next + 1, error);
        if (strncmp(argument, "--", 2) == 0)
            status = check_long_name(table, argument, error);
        else if (argument[0] == '-')
            status = check_letters(table, argument, error);
        if (status != SPIRAL_OK)
            return status;
        int code = getopt_long(argc, argv, lists->letters, lists->longs, NULL);
        size_t place;
        if ((code == 'h' || code == 'V') && has_value(argument, code))
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s takes no value, found \"%s\"",
                                    code == 'h' ? "help" : "version", argument);
        if (code == 'h' || code == LONG_HELP) {
            *help = true;
            options_print_help(table);
            return SPIRAL_OK;
        }
        if (code == 'V' || code == LONG_VERSION) {
            *help = true;
            cli_print_version();
            return SPIRAL_OK;
        }
        if (code == ':' || code == '?')
            return refuse(table, code, argument, error);
        bool separate = optarg != NULL && optarg == argv[optind - 1];
        if (code == 1)
            status = take_operand(table, argument, error);
        else if (code >= FIRST_LONG)
            status = take_option(table, (size_t)(code - FIRST_LONG), optarg, separate, error);
        else if (find_letter(table, code, &place) && optarg != NULL && !separate && optarg[0] == '=')
            status = refuse_equals(table, place, optarg, error);
        else if (find_letter(table, code, &place))
            status = take_option(table, place, optarg, separate, error);
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
        return unknown_option(table, "--", name, strlen(name), error);
    return set_at(table, place, text, error);
}
