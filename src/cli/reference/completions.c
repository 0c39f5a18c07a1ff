/* completions.c: completions for bash, zsh and fish: commands, options, choices, and files by extension. */
#include <string.h>

#include "cli/reference/reference.h"

/* The first sentence of a text, without its full stop. */
static void first_sentence(const char *text, char *sentence, size_t size)
{
    size_t length = strlen(text);
    for (const char *point = strchr(text, '.'); point != NULL; point = strchr(point + 1, '.'))
        if (point[1] == '\0' || (point[1] == ' ' && point[2] != '.')) {
            length = (size_t)(point - text);
            break;
        }
    snprintf(sentence, size, "%.*s", (int)length, text);
}

typedef void OptionWriter(FILE *file, const OptionTable *table, const Option *option);

static void each_option(FILE *file, const OptionTable *table, OptionWriter *print_option)
{
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; i < table->groups[g].count; i++)
            print_option(file, table, &table->groups[g].options[i]);
}

static bool is_folder(const Option *option)
{
    return option->files != NULL && strcmp(option->files, "/") == 0;
}

static void write_joined(FILE *file, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        fprintf(file, "%s%s", i > 0 ? " " : "", words[i]);
}

/* Writes the extensions as a pattern: csv|npz. */
static void write_endings(FILE *file, const char *endings)
{
    for (; *endings != '\0'; endings++)
        fputc(*endings == ' ' ? '|' : *endings, file);
}

static void write_command_names(FILE *file)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "%s%s", i > 0 ? " " : "", commands[i].name);
}

/* ---- bash -------------------------------------------------------------------------------------------------------- */

static void begin_bash(FILE *file)
{
    fputs("# bash completion of spiral. Made from the program's tables of options.\n"
          "\n"
          "# Folders, and the files with one of the endings; behind a comma the next file of a list.\n"
          "_spiral_files() {\n"
          "    local ending list=() before='' name\n"
          "    name=$current\n"
          "    case $name in *,*) before=${name%,*},; name=${name##*,} ;; esac\n"
          "    mapfile -t list < <(compgen -d -- \"$name\"\n"
          "        for ending; do compgen -f -X \"!*.$ending\" -- \"$name\"; done)\n"
          "    COMPREPLY=()\n"
          "    for name in \"${list[@]}\"; do COMPREPLY+=(\"$before$name\"); done\n"
          "    compopt -o filenames 2>/dev/null\n"
          "}\n"
          "\n"
          "_spiral() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} "
          "options=''\n"
          "    COMPREPLY=()\n"
          "    # --option=value is three words to bash.\n"
          "    if [[ $current == '=' ]]; then\n"
          "        current=''\n"
          "    elif [[ $previous == '=' ]]; then\n"
          "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    if ((COMP_CWORD == 1)) || [[ $command == help ]]; then\n"
          "        ((COMP_CWORD <= 2)) || return\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          file);
    write_command_names(file);
    fputs(" help version --help --version' -- \"$current\")\n"
          "        return\n"
          "    fi\n"
          "    case $command:$previous in\n",
          file);
}

/* Writes the pattern of an option: train:-o | train:--out */
static void write_bash_pattern(FILE *file, const char *command, const Option *option)
{
    fputs("        ", file);
    if (option->letter != 0)
        fprintf(file, "%s:-%c | ", command, option->letter);
    fprintf(file, "%s:--%s", command, option->name);
    if (option->alias != NULL)
        fprintf(file, " | %s:--%s", command, option->alias);
    fputs(") ", file);
}

static void write_bash_value(FILE *file, const OptionTable *table, const Option *option)
{
    if (option->kind == OPTION_FLAG)
        return;
    write_bash_pattern(file, table->command, option);
    if (option->choices != NULL) {
        fputs("mapfile -t COMPREPLY < <(compgen -W '", file);
        write_joined(file, option->choices);
        fputs("' -- \"$current\"); ", file);
    } else if (is_folder(option)) {
        fputs("_spiral_files; ", file);
    } else if (option->files != NULL) {
        fprintf(file, "_spiral_files %s; ", option->files);
    }
    fputs("return ;;\n", file);
}

static void write_bash_name(FILE *file, const OptionTable *table, const Option *option)
{
    (void)table;
    fprintf(file, "--%s ", option->name);
    if (option->alias != NULL)
        fprintf(file, "--%s ", option->alias);
}

static void write_bash(FILE *file, const Command *command, const OptionTable *table)
{
    each_option(file, table, write_bash_value);
    fprintf(file, "        %s:*) options='", command->name);
    each_option(file, table, write_bash_name);
    fputs("--help --version' ;;\n", file);
}

static void end_bash(FILE *file)
{
    fputs("    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
          "}\n"
          "complete -F _spiral spiral\n",
          file);
}

const ReferenceForm reference_bash = {.begin = begin_bash, .command = write_bash, .end = end_bash};

/* ---- quoted text ------------------------------------------------------------------------------------------------- */

/* Writes text inside '...' for a shell. Special characters get a backslash. */
static void write_quoted(FILE *file, const char *text, const char *quote, const char *special)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs(quote, file);
        else
            fprintf(file, "%s%c", strchr(special, *text) != NULL ? "\\" : "", *text);
}

static void write_first_sentence(FILE *file, const char *text, const char *quote, const char *special)
{
    char sentence[512];
    first_sentence(text, sentence, sizeof sentence);
    write_quoted(file, sentence, quote, special);
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

static const char zsh_quote[] = "'\\''", zsh_special[] = "[]:\\";

static void begin_zsh(FILE *file)
{
    fputs("#compdef spiral\n"
          "# zsh completion of spiral. Made from the program's tables of options.\n"
          "\n"
          "_spiral() {\n"
          "    local curcontext=$curcontext state line\n"
          "    local -a commands=(\n",
          file);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(file, "        '%s:", commands[i].name);
        write_quoted(file, commands[i].summary, zsh_quote, ":\\");
        fputs("'\n", file);
    }
    fputs("        'help:print the help, of a command or of all'\n"
          "        'version:print the version'\n"
          "    )\n"
          "    _arguments -C '(- *)'{-h,--help}'[print the help]' '(- *)'{-V,--version}'[print the version]' \\\n"
          "        '1:command:->command' '*::argument:->argument' && return\n"
          "    case $state in\n"
          "        command) _describe command commands; return ;;\n"
          "    esac\n"
          "    case $words[1] in\n"
          "        help) _describe command commands ;;\n",
          file);
}

static void write_zsh_names(FILE *file, const Option *option)
{
    const char *equals = option->kind == OPTION_FLAG ? "" : "=";
    const char *again = option->kind == OPTION_FILES ? "*" : "";
    if (option->letter == 0 && option->alias == NULL) {
        fprintf(file, " \\\n            '%s--%s%s[", again, option->name, equals);
        return;
    }
    if (again[0] != '\0' && option->letter != 0) {
        fprintf(file, " \\\n            '*'{-%c+,--%s=}'[", option->letter, option->name);
        return;
    }
    char other[128];
    if (option->letter != 0)
        snprintf(other, sizeof other, "-%c", option->letter);
    else
        snprintf(other, sizeof other, "--%s", option->alias);
    fprintf(file, " \\\n            '(%s --%s)'{%s%s,--%s%s}'[", other, option->name, other,
            option->letter != 0 && equals[0] != '\0' ? "+" : equals, option->name, equals);
}

static void write_zsh_option(FILE *file, const OptionTable *table, const Option *option)
{
    char argument[256];
    (void)table;
    write_zsh_names(file, option);
    write_first_sentence(file, option->help, zsh_quote, zsh_special);
    fputc(']', file);
    if (option->kind != OPTION_FLAG) {
        option_describe_argument(option, argument, sizeof argument);
        fputc(':', file);
        write_quoted(file, option->choices != NULL ? option->name : argument, zsh_quote, zsh_special);
        fputc(':', file);
    }
    if (option->choices != NULL) {
        fputc('(', file);
        write_joined(file, option->choices);
        fputc(')', file);
    } else if (is_folder(option)) {
        fputs("_files -/", file);
    } else if (option->files != NULL) {
        fputs("_files -g \"*.(", file);
        write_endings(file, option->files);
        fputs(")(-.)\"", file);
    }
    fputc('\'', file);
}

static void write_zsh(FILE *file, const Command *command, const OptionTable *table)
{
    fprintf(file, "        %s) _arguments -s", command->name);
    each_option(file, table, write_zsh_option);
    fputs(" \\\n            '(- *)'{-h,--help}'[print the help]' '(- *)'{-V,--version}'[print the version]' ;;\n",
          file);
}

static void end_zsh(FILE *file)
{
    fputs("    esac\n"
          "}\n"
          "\n"
          "_spiral \"$@\"\n",
          file);
}

const ReferenceForm reference_zsh = {.begin = begin_zsh, .command = write_zsh, .end = end_zsh};

/* ---- fish -------------------------------------------------------------------------------------------------------- */

static const char fish_quote[] = "\\'", fish_special[] = "\\";

static void begin_fish(FILE *file)
{
    fputs("# fish completion of spiral. Made from the program's tables of options.\n"
          "\n"
          "# Folders, and the files with one of the endings.\n"
          "function __spiral_files\n"
          "    for offered in (__fish_complete_path (commandline -ct | string replace -r '^--[^=]*=' ''))\n"
          "        set -l path (string split -m 1 \\t -- $offered)[1]\n"
          "        string match -qr \"(/|\\.($argv[1]))\\$\" -- $path; and echo $path\n"
          "    end\n"
          "end\n"
          "\n"
          "complete -c spiral -f\n"
          "complete -c spiral -n __fish_use_subcommand -s h -l help -d 'print the help'\n"
          "complete -c spiral -n __fish_use_subcommand -s V -l version -d 'print the version'\n"
          "complete -c spiral -n __fish_use_subcommand -a help -d 'print the help, of a command or of all'\n"
          "complete -c spiral -n __fish_use_subcommand -a version -d 'print the version'\n"
          "complete -c spiral -n '__fish_seen_subcommand_from help' -a '",
          file);
    write_command_names(file);
    fputs("'\n", file);
}

static void write_fish_option(FILE *file, const OptionTable *table, const Option *option)
{
    fprintf(file, "complete -c spiral -n 'test (count (commandline -opc)) -gt 1; and test (commandline -opc)[2] = %s'",
            table->command);
    if (option->letter != 0)
        fprintf(file, " -s %c", option->letter);
    fprintf(file, " -l %s", option->name);
    if (option->alias != NULL)
        fprintf(file, " -l %s", option->alias);
    if (option->choices != NULL) {
        fputs(" -x -a '", file);
        write_joined(file, option->choices);
        fputc('\'', file);
    } else if (is_folder(option)) {
        fputs(" -x -a '(__fish_complete_directories (commandline -ct))'", file);
    } else if (option->files != NULL) {
        fputs(" -x -a '(__spiral_files \"", file);
        write_endings(file, option->files);
        fputs("\")'", file);
    } else if (option->kind != OPTION_FLAG) {
        fputs(" -x", file);
    }
    fputs(" -d '", file);
    write_first_sentence(file, option->help, fish_quote, fish_special);
    fputs("'\n", file);
}

static void write_fish(FILE *file, const Command *command, const OptionTable *table)
{
    fprintf(file, "complete -c spiral -n __fish_use_subcommand -a %s -d '", command->name);
    write_quoted(file, command->summary, fish_quote, fish_special);
    fputs("'\n", file);
    each_option(file, table, write_fish_option);
    fprintf(file,
            "complete -c spiral -n '__fish_seen_subcommand_from %s' -s h -l help -d 'print the help'\n"
            "complete -c spiral -n '__fish_seen_subcommand_from %s' -s V -l version -d 'print the version'\n",
            command->name, command->name);
}

const ReferenceForm reference_fish = {.begin = begin_fish, .command = write_fish};
