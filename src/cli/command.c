#define _POSIX_C_SOURCE 200809L
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/options/values.h"
#include "cli/process/interrupt.h"
#include "spiral/ranks.h"

static CommandReader *table_reader; /* NULL in spiral itself */

void command_read_tables(CommandReader *reader)
{
    table_reader = reader;
}

/* ---- a command that reads the data through another program ------------------------------------------------------- */

/* The options of a table. */
static const char *const table_names[] = {"data", "validation"};

/* The file that was refused: the error has its name as it is shown. NULL when it is not known. */
static const char *refused_file(const OptionTable *table, const SpiralError *error)
{
    for (size_t i = 0; i < COUNT(table_names); i++) {
        char shown[sizeof error->path];
        const char *path = options_text(table, table_names[i]);
        spiral_text_show(path != NULL ? cli_shown_path(path) : "", shown, sizeof shown);
        if (path != NULL && strcmp(shown, error->path) == 0)
            return path;
    }
    return strchr(error->path, '\\') == NULL && access(error->path, F_OK) == 0 ? error->path : NULL;
}

/* Does the command read a table on standard input? */
static bool reads_standard_input(const OptionTable *table)
{
    for (size_t i = 0; i < COUNT(table_names); i++) {
        const char *path = options_text(table, table_names[i]);
        if (path != NULL && strcmp(path, "-") == 0)
            return true;
    }
    return false;
}

/* The word of the command line that ends with the path; count when there is none. */
static int find_word(int count, char *const *words, const char *path)
{
    for (int i = 1; i < count; i++)
        if (strlen(words[i]) >= strlen(path) && words[i] + strlen(words[i]) - strlen(path) == path)
            return i;
    return count;
}

/* The first of table.csv, table-2.csv, table-3.csv ... that does not exist: the printed command overwrites nothing, and
 * not the file that it reads. */
static void choose_free_name(char *name, size_t size)
{
    struct stat found;
    snprintf(name, size, "table.csv");
    for (size_t i = 2; lstat(name, &found) == 0; i++)
        snprintf(name, size, "table-%zu.csv", i);
}

/* "zcat < x.csv.gz | spiral train --data -": the command as it was given, with - for the file. When it reads its data
 * more than once, or another table on standard input, or was not given the file: "zcat < x.csv.gz >table.csv". Freed by
 * free(); NULL when the error has no such remedy. */
static char *make_filtered(const OptionTable *table, int count, char *const *words, const SpiralError *error)
{
    const char *file = error->remedy.kind == SPIRAL_REMEDY_FILTER ? refused_file(table, error) : NULL;
    if (file == NULL)
        return NULL;
    bool input = strcmp(file, "-") == 0, once = strcmp(table->command, "sweep") != 0 && spiral_ranks_count() == 1;
    once = once && (input || !reads_standard_input(table));
    int place = find_word(count, words, file);
    char *text = cli_join_texts(cli_grow(cli_copy_string(error->remedy.value), " "),
                                input ? cli_copy_string("/dev/stdin") : shell_path(file));
    if (!once || place == count) {
        char name[64];
        choose_free_name(name, sizeof name);
        return cli_grow(text, " >%s", name);
    }
    text = cli_grow(text, " | spiral");
    for (int i = 0; i < count; i++)
        text = i == place ? cli_grow(text, " %.*s-", (int)(file - words[i]), words[i])
                          : cli_join_texts(cli_grow(text, " "), shell_quoted(words[i]));
    return text;
}

/* ------------------------------------------------------------------------------------------------------------------ */

int command_run(OptionTable *table, int argc, char **argv, CommandWork *work, void *settings)
{
    SpiralError error;
    bool help = false;
    if (table_reader != NULL) {
        table_reader(table);
        return SPIRAL_OK;
    }
    SpiralStatus status = options_parse(table, argc, argv, &help, &error);
    if (status == SPIRAL_OK && !help)
        status = work(settings, table, &error);
    if (status != SPIRAL_OK) {
        char *advice = make_filtered(table, argc, argv, &error);
        int code = cli_fail(table->command, advice, &error);
        free(advice);
        return code;
    }
    return interrupt_signal() != 0 ? 128 + interrupt_signal() : SPIRAL_OK;
}
