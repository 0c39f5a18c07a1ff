/* cli.h: what main and the commands share. */
#ifndef SPIRAL_CLI_CLI_H
#define SPIRAL_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/status.h"

/* A command: argv[0] is its name. Returns the exit code: a SpiralStatus, or 128 + n when signal n ended it. */
typedef int CommandMain(int argc, char **argv);

/* The short commands; train, sweep and explain have a header in their rooms. */
CommandMain cmd_generate, cmd_predict, cmd_plot, cmd_gradcheck, cmd_check;

/* Of several ranks, the first alone writes files and prints. Also true of a single process. */
bool cli_is_first_rank(void);

/* Prints "spiral: error: FILE:LINE: reason" on standard error, for a usage error with a hint at the command's help, and
 * returns the exit code. Of several ranks, the first alone prints. */
int cli_fail(const char *command, const SpiralError *error);

/* What spiral --version prints, on standard output. */
void cli_print_version(void);

/* The error is about that file; returns its status. */
SpiralStatus cli_error_in(SpiralError *error, const char *path);

/* Turns an INPUT error of a figure whose numbers can't be drawn into a warning and SPIRAL_OK, so that the rest
 * continues. Other errors are returned. */
SpiralStatus cli_figure_done(SpiralStatus status, const char *figure, const SpiralError *error);

/* Has the reader of standard output, a pipe or a socket, gone? */
bool cli_output_is_closed(void);

/* Is a folder there? A symbolic link to one is none: what it leads to is another's. */
bool cli_is_folder(const char *path);

/* folder/name, or a copy, in a new string, freed by free(); NULL when there is no memory. */
char *cli_join(const char *folder, const char *name);

char *cli_copy_string(const char *string);

/* Cuts the next item off "a,b,c" and returns it; *rest is set to what follows, NULL after the last. */
char *cli_next_item(char **rest);

/* Appends to the text, which has size bytes; what finds no room is left out. */
void cli_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Each appends to text, which was allocated, and returns it, moved; NULL when there is no memory, or was none for text
 * or more: then what there is of both is freed. cli_join_texts frees more in any case. */
char *cli_grow(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *cli_join_texts(char *text, char *more);

/* Prints "spiral: warning: PATH: reason" on standard error; path may be NULL. Of several ranks, the first alone prints.
 * */
void cli_warn(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed; NULL when there is no memory or the product overflows. Freed by free(). */
void *cli_allocate(size_t count, size_t size);

/* Fills in LIMIT "out of memory". */
SpiralStatus cli_no_memory(SpiralError *error);

#endif
