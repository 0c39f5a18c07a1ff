/* cli.h: functions that main and the commands share. */
#ifndef SPIRAL_CLI_CLI_H
#define SPIRAL_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/status.h"

/* A command: argv[0] is its name. Returns the exit code: a SpiralStatus, or 128 + n when signal n ended it. */
typedef int CommandMain(int argc, char **argv);

/* The short commands. train, sweep and explain have headers in their own folders. */
CommandMain cmd_generate, cmd_predict, cmd_plot, cmd_report, cmd_gradcheck, cmd_check;

/* Is this the rank that writes files and prints? Also true for a single process. */
bool cli_is_first_rank(void);

/* Prints the text of spiral --version on standard output. */
void cli_print_version(void);

/* The name of the option that the remedy is a value of; NULL when it is none. */
const char *cli_remedy_option(SpiralRemedyKind kind);

/* The path as messages show it: "-" is standard input. (An output there is called standard output from the start.) */
const char *cli_shown_path(const char *path);

/* Sets the error's path and returns its status. */
SpiralStatus cli_error_in(SpiralError *error, const char *path);

/* How the name of a file ends, ".png"; NULL when there is no point in it. */
const char *cli_ending(const char *path);

/* Refuses a name that ends as another format than that ("csv"), of those that the commands write, and as PDF. Errors:
 * USAGE. */
SpiralStatus cli_check_format(const char *path, const char *format, SpiralError *error);

/* The formats of figures, and the endings of their names: "png", "svg", NULL. */
typedef enum FigureFormat { FIGURE_PNG, FIGURE_SVG, FIGURE_FORMATS } FigureFormat;
extern const char *const figure_formats[];

/* A figure is a PNG or an SVG file: refuses another ending, such as .jpg. A name without one (a pipe, a device) is
 * taken. Errors: USAGE. */
SpiralStatus cli_check_figure_name(const char *path, SpiralError *error);

/* Turns an INPUT error from a figure whose numbers can't be drawn into a warning and SPIRAL_OK, so that the command
 * continues. Other errors are returned. */
SpiralStatus cli_figure_done(SpiralStatus status, const char *figure, const SpiralError *error);

/* Writes out what has been printed. Returns 0, or the errno of the first failure: main reports it at the end. */
int cli_flush_output(void);

/* Has the reader of standard output, a pipe or a socket, closed it? */
bool cli_output_is_closed(void);

/* Sets *there to whether path is a folder, which a symbolic link to one is not: its target may belong to someone else.
 * Errors: OUTPUT (it can't be told). */
SpiralStatus cli_find_folder(const char *path, bool *there, SpiralError *error);

/* Returns folder/name, or a copy, as a new string, freed by free(). NULL when out of memory. */
char *cli_join(const char *folder, const char *name);

/* The same for the figure of that name without the ending. */
char *cli_join_figure(const char *folder, const char *name, FigureFormat format);

char *cli_copy_string(const char *string);

/* Appends to the text, a buffer of size bytes. What does not fit is cut off. */
void cli_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Each appends to text, which was allocated, and returns the reallocated text. When out of memory, or when text or more
 * is NULL, both are freed and NULL is returned. cli_join_texts always frees more. */
char *cli_grow(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *cli_join_texts(char *text, char *more);

/* Prints "spiral: warning: PATH: reason" on standard error. path may be NULL. Only the first rank prints. */
void cli_warn(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for what is not doubtful: "spiral: PATH: text". */
void cli_note(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed memory, freed by free(). NULL when out of memory or when the product overflows. */
void *cli_allocate(size_t count, size_t size);

/* Sets the error LIMIT "out of memory". */
SpiralStatus cli_no_memory(SpiralError *error);

#endif
