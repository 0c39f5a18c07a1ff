/* man.c: the man pages, in mdoc. */
#include <ctype.h>
#include <string.h>

#include "cli/reference/reference.h"
#include "spiral/status.h"

/* The number of columns that write_word prints. */
static size_t word_columns(const char *word, size_t length)
{
    size_t columns = length;
    for (size_t i = 0; i < length; i++)
        columns += word[i] == '\\' || word[i] == '-' ? 1 : word[i] == '^' || word[i] == '~' ? 3 : 0;
    return columns;
}

/* Writes a word escaped for roff. A word that roff would take as a request at the start of a line is protected. */
static void write_word(FILE *file, const char *word, size_t length, bool first)
{
    if (first && (word[0] == '.' || word[0] == '\''))
        fputs("\\&", file);
    for (size_t i = 0; i < length; i++)
        switch (word[i]) {
        case '\\':
            fputs("\\e", file);
            break;
        case '-':
            fputs("\\-", file);
            break;
        case '^':
            fputs("\\(ha", file);
            break;
        case '~':
            fputs("\\(ti", file);
            break;
        default:
            fputc(word[i], file);
        }
}

static bool ends_sentence(const char *word, size_t length)
{
    while (length > 0 && strchr(")]\"", word[length - 1]) != NULL)
        length--;
    return length > 0 && strchr(".!?", word[length - 1]) != NULL;
}

/* Writes text in lines of up to 80 columns, each sentence on a new line. \n\n starts a paragraph. */
static void write_text(FILE *file, const char *text)
{
    enum { WIDTH = 80 };
    size_t column = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        size_t columns = word_columns(text, length);
        if (column > 0 && column + 1 + columns > WIDTH) {
            fputc('\n', file);
            column = 0;
        } else if (column > 0) {
            fputc(' ', file);
            column++;
        }
        write_word(file, text, length, column == 0);
        column += columns;
        bool sentence = ends_sentence(text, length);
        text += length;
        bool paragraph = strncmp(text, "\n\n", 2) == 0;
        text += strspn(text, " \n");
        if (paragraph || (sentence && *text != '\0')) {
            fputs(paragraph ? "\n.Pp\n" : "\n", file);
            column = 0;
        }
    }
    fputc('\n', file);
}

/* Writes "--data FILE [options]" with the macros of a synopsis. */
static void write_synopsis_line(FILE *file, const char *command, const char *line, size_t length)
{
    fprintf(file, ".Nm spiral %s\n", command);
    for (size_t i = 0, word; i < length; i += word + 1) {
        word = strcspn(line + i, " \n");
        const char *text = line + i;
        int size = (int)word;
        if (strncmp(text, "[options]", 9) == 0)
            fputs(".Op Ar options\n", file);
        else if (text[0] == '-')
            fprintf(file, ".Fl %.*s\n", size - 1, text + 1);
        else
            fprintf(file, ".Ar %.*s\n", size, text);
    }
}

static void write_option(FILE *file, const Option *option, const void *settings)
{
    char argument[256], value[256];
    fputs(".It", file);
    if (option->letter != 0)
        fprintf(file, " Fl %c ,", option->letter);
    fprintf(file, " Fl -%s", option->name);
    if (option->alias != NULL)
        fprintf(file, " , Fl -%s", option->alias);
    option_describe_argument(option, argument, sizeof argument);
    if (argument[0] != '\0')
        fprintf(file, " Ar %s", argument);
    fputc('\n', file);
    write_text(file, option->help);
    option_describe_default(option, settings, value, sizeof value);
    if (value[0] == '\0')
        return;
    char sentence[300];
    snprintf(sentence, sizeof sentence, "The default is %s.", value);
    write_text(file, sentence);
}

static void write_options(FILE *file, const OptionTable *table)
{
    fputs(".Sh OPTIONS\n", file);
    for (size_t g = 0; g < table->group_count; g++) {
        const OptionGroup *group = &table->groups[g];
        fprintf(file, ".Ss %s\n.Bl -tag -width Ds\n", group->heading);
        for (size_t i = 0; i < group->count; i++)
            write_option(file, &group->options[i], group->settings);
        fputs(".El\n", file);
    }
    fputs(".Ss Help\n.Bl -tag -width Ds\n.It Fl h , Fl -help\nPrint the options with their defaults.\n"
          ".It Fl V , Fl -version\nPrint the version.\n.El\n",
          file);
}

static void write_examples(FILE *file, const char *examples)
{
    fputs(".Sh EXAMPLES\n.Bd -literal -offset indent\n", file);
    for (const char *line = examples; *line != '\0';) {
        line += strspn(line, " ");
        size_t length = strcspn(line, "\n");
        write_word(file, line, length, true);
        fputc('\n', file);
        line += length + (line[length] == '\n');
    }
    fputs(".Ed\n", file);
}

static void write_page(FILE *file, const Command *command, const OptionTable *table)
{
    fputs(".Dd January 10, 2026\n.Dt SPIRAL-", file);
    for (const char *c = command->name; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), file);
    fprintf(file, " 1\n.Os\n.Sh NAME\n.Nm spiral-%s\n.Nd ", command->name);
    write_word(file, command->summary, strlen(command->summary), true);
    fputs("\n.Sh SYNOPSIS\n", file);
    for (const char *line = table->synopsis; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        write_synopsis_line(file, command->name, line, length);
        line += length + (line[length] == '\n');
    }
    fputs(".Sh DESCRIPTION\n", file);
    write_text(file, table->purpose);
    if (table->notes != NULL) {
        fputs(".Pp\n", file);
        write_text(file, table->notes);
    }
    write_options(file, table);
    fputs(".Sh EXIT STATUS\nSee\n.Xr spiral 1 .\n", file);
    if (table->examples != NULL)
        write_examples(file, table->examples);
    fputs(".Sh SEE ALSO\n.Xr spiral 1\n", file);
}

const ReferenceForm reference_man = {.command = write_page};

/* ---- spiral(1) --------------------------------------------------------------------------------------------------- */

static void write_commands(FILE *file)
{
    fputs(".Bl -tag -width Ds\n", file);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(file, ".It Xr spiral-%s 1\n", commands[i].name);
        write_word(file, commands[i].summary, strlen(commands[i].summary), true);
        fputc('\n', file);
    }
    fputs(".El\n", file);
}

static void write_exit_status(FILE *file)
{
    static const char *const sentences[] = {
#define LIST_SENTENCE(code, number, name, sentence) [number] = (sentence),
        SPIRAL_STATUS_LIST(LIST_SENTENCE)
#undef LIST_SENTENCE
    };
    for (size_t code = 0; code < COUNT(sentences); code++) {
        fprintf(file, ".It %zu\n%c", code, toupper((unsigned char)sentences[code][0]));
        write_word(file, sentences[code] + 1, strlen(sentences[code] + 1), false);
        fputc('\n', file);
    }
}

/* The first name in alphabetical order behind the one before. */
static const char *next_name(const char *before)
{
    const char *next = NULL;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, before) > 0 && (next == NULL || strcmp(commands[i].name, next) < 0))
            next = commands[i].name;
    return next;
}

/* In alphabetical order, as mandoc requires. */
static void write_see_also(FILE *file)
{
    const char *name = next_name("");
    for (size_t i = 0; i < COMMAND_COUNT; i++, name = next_name(name))
        fprintf(file, ".Xr spiral-%s 1%s\n", name, i + 1 < COMMAND_COUNT ? " ," : "");
    fputs(".Pp\n", file);
}

void reference_man_main(FILE *file, FILE *template_file)
{
    char line[1024];
    while (fgets(line, sizeof line, template_file) != NULL)
        if (strcmp(line, "@COMMANDS@\n") == 0)
            write_commands(file);
        else if (strcmp(line, "@EXIT_STATUS@\n") == 0)
            write_exit_status(file);
        else if (strcmp(line, "@SEE_ALSO@\n") == 0)
            write_see_also(file);
        else
            fputs(line, file);
}
