#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/options/options.h"

enum { WIDTH = 80, HELP_COLUMN = 28, TEXT_LIMIT = 1024 };

/* The length of the word at text. Text in [brackets] counts as one word, so that a default is not broken across
 * lines. */
static size_t word_length(const char *text)
{
    size_t length = strcspn(text, " \n");
    const char *end = strchr(text, ']');
    if (text[0] == '[' && end != NULL && end - text < WIDTH - HELP_COLUMN)
        length = (size_t)(end - text) + 1 + strcspn(end + 1, " \n");
    return length;
}

void options_print_wrapped(const char *text, int column, int indent)
{
    while (*text != '\0') {
        size_t length = word_length(text);
        int columns = (int)spiral_text_columns(text, length);
        if (column > indent && column + 1 + columns > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += columns;
        text += length;
        if (strncmp(text, "\n\n", 2) == 0) {
            printf("\n\n%*s", indent, "");
            column = indent;
        }
        text += strspn(text, " \n");
    }
    putchar('\n');
}

void option_describe_default(const Option *option, const void *settings, char *text, size_t size)
{
    text[0] = '\0';
    if (option->no_default || option->kind == OPTION_FLAG)
        return;
    if (option->print_default != NULL)
        option->print_default(text, size);
    else {
        char *value = option_value(option, settings);
        snprintf(text, size, "%s", value != NULL ? value : "");
        free(value);
    }
}

static void print_option(const Option *option, const void *settings)
{
    char names[256], argument[128], value[128], text[TEXT_LIMIT];
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    option_describe_argument(option, argument, sizeof argument);
    int used =
        snprintf(names, sizeof names, "  %s--%s%s%s%s%s", letter, option->name, option->alias != NULL ? ", --" : "",
                 option->alias != NULL ? option->alias : "", argument[0] != '\0' ? " " : "", argument);
    option_describe_default(option, settings, value, sizeof value);
    if (value[0] != '\0')
        snprintf(text, sizeof text, "%s [%s]", option->help, value);
    else
        snprintf(text, sizeof text, "%s", option->help);
    if (used + 2 > HELP_COLUMN)
        printf("%s\n%*s", names, HELP_COLUMN, "");
    else
        printf("%-*s", HELP_COLUMN, names);
    options_print_wrapped(text, HELP_COLUMN, HELP_COLUMN);
}

/* Prints one usage line for each line of the synopsis. */
static void print_synopsis(const OptionTable *table)
{
    const char *before = "Usage:";
    for (const char *line = table->synopsis; *line != '\0'; before = "      ") {
        size_t length = strcspn(line, "\n");
        printf("%s spiral %s %.*s\n", before, table->command, (int)length, line);
        line += length;
        line += *line == '\n';
    }
    putchar('\n');
}

void options_print_help(const OptionTable *table)
{
    print_synopsis(table);
    options_print_wrapped(table->purpose, 0, 0);
    for (size_t g = 0; g < table->group_count; g++) {
        const OptionGroup *group = &table->groups[g];
        printf("\n%s:\n", group->heading);
        for (size_t i = 0; i < group->count; i++)
            print_option(&group->options[i], group->settings);
    }
    printf("\nHelp:\n%-*s%s\n", HELP_COLUMN, "  -h, --help", "Print this text. [Defaults] are in brackets.");
    printf("%-*s%s\n", HELP_COLUMN, "  -V, --version", "Print the version.");
    if (table->notes != NULL) {
        putchar('\n');
        options_print_wrapped(table->notes, 0, 0);
    }
    if (table->examples != NULL)
        printf("\nExamples:\n%s", table->examples);
}
