/* markdown.c: docs/options.md, the reference of all options. */
#include <string.h>

#include "cli/reference/reference.h"

/* Writes text in a table cell. A bar, which would end the cell, and markup characters are escaped. */
static void write_cell(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("|*_<>[]\\^", *text) != NULL)
            fputc('\\', file);
        fputc(*text == '\n' ? ' ' : *text, file);
    }
}

static void write_code(FILE *file, const char *text)
{
    fputc('`', file);
    for (; *text != '\0'; text++)
        fputs(*text == '|' ? "\\|" : (const char[]){*text, '\0'}, file);
    fputc('`', file);
}

static void write_option(FILE *file, const Option *option, const void *settings)
{
    char names[512], argument[256], value[256];
    option_describe_argument(option, argument, sizeof argument);
    option_describe_default(option, settings, value, sizeof value);
    const char letter[] = {'-', option->letter, ',', ' ', '\0'};
    snprintf(names, sizeof names, "%s--%s%s%s%s%s", option->letter != 0 ? letter : "", option->name,
             option->alias != NULL ? ", --" : "", option->alias != NULL ? option->alias : "",
             argument[0] != '\0' ? " " : "", argument);
    fputs("| ", file);
    write_code(file, names);
    fputs(" | ", file);
    write_cell(file, option->help);
    fputs(" | ", file);
    write_cell(file, value);
    fputs(value[0] != '\0' ? " |\n" : "|\n", file);
}

static void begin(FILE *file)
{
    fputs("# Options\n\n"
          "All commands with their options, as `spiral help COMMAND` prints them. This page is made from the program's "
          "own\n"
          "tables: `cmake --build build --target spiral_options_page` writes it anew, and a test fails when it "
          "differs.\n\n"
          "An option's value follows it or, after a long name, an equals sign. Underscores may stand for dashes in a "
          "name; choices\nignore case.\n",
          file);
    fputs("\n| command | |\n|---|---|\n", file);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(file, "| [`spiral %s`](#spiral-%s) | ", commands[i].name, commands[i].name);
        write_cell(file, commands[i].summary);
        fputs(" |\n", file);
    }
}

static void write_command(FILE *file, const Command *command, const OptionTable *table)
{
    fprintf(file, "\n## spiral %s\n\n", command->name);
    write_cell(file, table->purpose);
    fputs("\n\n```text\n", file);
    for (const char *line = table->synopsis; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(file, "spiral %s %.*s\n", command->name, (int)length, line);
        line += length + (line[length] == '\n');
    }
    fputs("```\n", file);
    for (size_t g = 0; g < table->group_count; g++) {
        const OptionGroup *group = &table->groups[g];
        fprintf(file, "\n| %s | | default |\n|---|---|---|\n", group->heading);
        for (size_t i = 0; i < group->count; i++)
            write_option(file, &group->options[i], group->settings);
    }
}

const ReferenceForm reference_markdown = {.begin = begin, .command = write_command};
