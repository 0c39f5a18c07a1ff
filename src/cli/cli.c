#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "spiral/spiral.h"

int cli_flush_output(void)
{
    static int failure; /* stdio keeps only that there was one */
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (!written && failure == 0)
        failure = errno != 0 ? errno : EIO; /* the reason of an earlier failure is lost */
    return failure;
}

bool cli_output_is_closed(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 0) != 1 || (output.revents & POLLERR) == 0)
        return false;
    struct stat file; /* a terminal that has hung up has an error, too, and what was written is lost */
    return fstat(STDOUT_FILENO, &file) == 0 && (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode));
}

bool cli_is_first_rank(void)
{
    return spiral_ranks_index() == 0;
}

const char *cli_shown_path(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0 ? "standard input" : path;
}

static void print_line(const char *kind, const char *path, const char *format, va_list arguments)
{
    char reason[sizeof((SpiralError *)NULL)->reason];
    SpiralError shown; /* on one line, like errors */
    vsnprintf(reason, sizeof reason, format, arguments);
    (void)spiral_error_set(&shown, SPIRAL_OK, cli_shown_path(path), 0, "%s", reason);
    if (cli_is_first_rank())
        fprintf(stderr, "spiral: %s%s%s%s\n", kind, shown.path, path != NULL ? ": " : "", shown.reason);
}

void cli_warn(const char *path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line("warning: ", path, format, arguments);
    va_end(arguments);
}

void cli_note(const char *path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line("", path, format, arguments);
    va_end(arguments);
}

void cli_print_version(void)
{
    char blas[128], mpi[128];
    spiral_blas_version(blas, sizeof blas);
    spiral_ranks_version(mpi, sizeof mpi);
    const char *commit = spiral_commit();
    printf("spiral %s%s%s\n", spiral_version(), commit[0] != '\0' ? ", commit " : "", commit);
    printf("%s, core %s, threads %zu\nkernels: %s\nMPI: %s\n", blas, spiral_blas_core(), spiral_blas_threads(),
           spiral_kernels_level(), mpi);
}

SpiralStatus cli_error_in(SpiralError *error, const char *path)
{
    SpiralError found = *error;
    SpiralStatus status = spiral_error_set(error, found.status, path, found.line, "%s", found.reason);
    return spiral_error_suggest(error, status, found.remedy.kind, found.remedy.value);
}

const char *cli_remedy_option(SpiralRemedyKind kind)
{
    static const char *const names[] = {
#define REMEDY_NAME(code, name) [code] = (name),
        SPIRAL_REMEDY_LIST(REMEDY_NAME)
#undef REMEDY_NAME
    };
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : NULL;
}

const char *cli_ending(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strrchr(slash != NULL ? slash : path, '.');
}

SpiralStatus cli_check_format(const char *path, const char *format, SpiralError *error)
{
    static const char *const formats[] = {"csv", "npz", "npy",  "json", "jsonl", "png",
                                          "svg", "pdf", "html", "md",   "tex"};
    const char *ending = cli_ending(path);
    for (size_t i = 0; ending != NULL && i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(ending + 1, formats[i]) == 0 && strcmp(formats[i], format) != 0)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, path, 0, "expected a name ending in .%s", format);
    return SPIRAL_OK;
}

const char *const figure_formats[] = {[FIGURE_PNG] = "png", [FIGURE_SVG] = "svg", [FIGURE_FORMATS] = NULL};

SpiralStatus cli_check_figure_name(const char *path, SpiralError *error)
{
    const char *ending = cli_ending(path);
    for (size_t i = 0; i < FIGURE_FORMATS; i++)
        if (ending == NULL || strcasecmp(ending + 1, figure_formats[i]) == 0)
            return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, path, 0, "expected a name ending in .png or .svg");
}

SpiralStatus cli_figure_done(SpiralStatus status, const char *figure, const SpiralError *error)
{
    if (status != SPIRAL_ERROR_INPUT || error->path[0] != '\0')
        return status;
    cli_warn(NULL, "%.300s was not drawn: %s", figure, error->reason);
    return SPIRAL_OK;
}

SpiralStatus cli_find_folder(const char *path, bool *there, SpiralError *error)
{
    struct stat file;
    bool found = lstat(path, &file) == 0;
    *there = found && S_ISDIR(file.st_mode);
    if (found || errno == ENOENT || errno == ENOTDIR)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "could not be looked for: %s", strerror(errno));
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

void *cli_allocate(size_t count, size_t size)
{
    return spiral_allocate(count, size);
}

SpiralStatus cli_no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "out of memory");
}

char *cli_copy_string(const char *string)
{
    char *copy = cli_allocate(strlen(string) + 1, 1);
    return copy != NULL ? strcpy(copy, string) : NULL;
}

void cli_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

char *cli_grow(char *text, const char *format, ...)
{
    if (text == NULL)
        return NULL;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t used = strlen(text);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *grown = length > 0 ? realloc(text, used + (size_t)length + 1) : length == 0 ? text : NULL;
    if (grown != NULL)
        vsnprintf(grown + used, (size_t)length + 1, format, again);
    else
        free(text);
    va_end(again);
    va_end(arguments);
    return grown;
}

char *cli_join_texts(char *text, char *more)
{
    char *joined = NULL;
    if (more != NULL)
        joined = cli_grow(text, "%s", more);
    else
        free(text);
    free(more);
    return joined;
}

char *cli_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    size_t size = length + strlen(name) + 2;
    char *path = cli_allocate(size, 1);
    if (path != NULL)
        snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
    return path;
}

char *cli_join_figure(const char *folder, const char *name, FigureFormat format)
{
    return cli_grow(cli_join(folder, name), ".%s", figure_formats[format]);
}
