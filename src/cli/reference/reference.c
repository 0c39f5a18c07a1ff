/* reference.c: spiral_reference FOLDER TEMPLATE, a program used by the build. It is linked with the commands, asks each
 * for its table of options, and writes the man pages, the completions for three shells, and options.md to FOLDER. */
#include "cli/reference/reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "spiral/spiral.h"

static struct {
    const ReferenceForm *form;
    const Command *command;
    FILE *file;
} current; /* what write_table writes */

static void write_table(const OptionTable *table)
{
    current.form->command(current.file, current.command, table);
}

static void write_command(FILE *file, const ReferenceForm *form, const Command *command)
{
    char name[32];
    snprintf(name, sizeof name, "%s", command->name);
    current.form = form;
    current.command = command;
    current.file = file;
    command->run(1, (char *[]){name, NULL});
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "spiral_reference: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return file;
}

static void close_or_fail(FILE *file)
{
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        fprintf(stderr, "spiral_reference: a file could not be written\n");
        exit(1);
    }
}

static void write_form(const char *folder, const char *name, const ReferenceForm *form)
{
    FILE *file = open_in(folder, name);
    if (form->begin != NULL)
        form->begin(file);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        write_command(file, form, &commands[i]);
    if (form->end != NULL)
        form->end(file);
    close_or_fail(file);
}

static void write_man_pages(const char *folder, const char *template_path)
{
    FILE *template_file = fopen(template_path, "r");
    if (template_file == NULL) {
        fprintf(stderr, "spiral_reference: %s: %s\n", template_path, strerror(errno));
        exit(1);
    }
    FILE *page = open_in(folder, "spiral.1");
    reference_man_main(page, template_file);
    fclose(template_file);
    close_or_fail(page);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "spiral-%s.1", commands[i].name);
        page = open_in(folder, name);
        write_command(page, &reference_man, &commands[i]);
        close_or_fail(page);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: spiral_reference FOLDER TEMPLATE\n");
        return 2;
    }
    command_read_tables(write_table);
    write_man_pages(argv[1], argv[2]);
    write_form(argv[1], "spiral.bash", &reference_bash);
    write_form(argv[1], "_spiral", &reference_zsh);
    write_form(argv[1], "spiral.fish", &reference_fish);
    write_form(argv[1], "options.md", &reference_markdown);
    return 0;
}
