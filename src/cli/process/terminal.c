#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include "cli/process/terminal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS = 80, ROWS = 24 };

/* ---- capabilities ------------------------------------------------------------------------------------------------ */

static bool find_size(int descriptor, size_t *columns, size_t *rows)
{
    struct winsize size;
    *columns = COLUMNS;
    *rows = ROWS;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0)
        return false;
    if (size.ws_col > 0 && size.ws_row > 0) { /* a serial line reports 0 */
        *columns = size.ws_col;
        *rows = size.ws_row;
    }
    return true;
}

static size_t within(size_t value, size_t least, size_t most)
{
    return value < least ? least : value > most ? most : value;
}

bool terminal_fit(int descriptor, SpiralTerminalOptions *options)
{
    size_t columns, rows;
    bool terminal = find_size(descriptor, &columns, &rows);
    options->columns = within(columns, 20, 1000);
    options->rows = within(terminal ? rows - 1 : rows, 4, 1000);
    options->colours = terminal ? terminal_colours() : SPIRAL_TERMINAL_PLAIN;
    return terminal;
}

size_t terminal_columns(int descriptor)
{
    size_t columns, rows;
    find_size(descriptor, &columns, &rows);
    return columns;
}

bool terminal_has_room(int descriptor, const SpiralTerminalOptions *options)
{
    size_t columns, rows;
    find_size(descriptor, &columns, &rows);
    return options->columns <= columns && options->rows < rows;
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? value : "";
}

static bool is_dumb(void)
{
    const char *term = environment("TERM");
    return term[0] == '\0' || strcmp(term, "dumb") == 0;
}

bool terminal_can_redraw(int descriptor)
{
    return isatty(descriptor) == 1 && !is_dumb();
}

/* Does the name of the character locale say UTF-8? */
static bool locale_is_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *name = environment(variables[i]);
        if (name[0] == '\0')
            continue;
        char folded[64] = "";
        for (size_t j = 0, used = 0; name[j] != '\0' && used + 1 < sizeof folded; j++)
            if (isalnum((unsigned char)name[j]))
                folded[used++] = (char)tolower((unsigned char)name[j]);
        return strstr(folded, "utf8") != NULL;
    }
    return false;
}

SpiralTerminalColours terminal_colours(void)
{
    static const char *const coloured[] = {"xterm", "screen", "tmux", "linux", "rxvt", "konsole", "vte"};
    const char *term = environment("TERM"), *colorterm = environment("COLORTERM");
    if (environment("NO_COLOR")[0] != '\0' || is_dumb() || !locale_is_utf8())
        return SPIRAL_TERMINAL_PLAIN;
    if (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0 || strstr(term, "-direct") != NULL)
        return SPIRAL_TERMINAL_24_BIT;
    if (strstr(term, "256color") != NULL)
        return SPIRAL_TERMINAL_256;
    for (size_t i = 0; i < sizeof coloured / sizeof coloured[0]; i++)
        if (strncmp(term, coloured[i], strlen(coloured[i])) == 0)
            return SPIRAL_TERMINAL_256;
    return SPIRAL_TERMINAL_PLAIN;
}

/* ---- a picture redrawn in place ---------------------------------------------------------------------------------- */

/* Moves to the first line of the picture. If the terminal has been resized, its lines may wrap differently now, so all
 * of it is cleared. */
static void go_back(TerminalView *view)
{
    size_t columns, rows;
    find_size(fileno(view->stream), &columns, &rows);
    if (view->lines > 0 && (columns != view->columns || rows != view->rows))
        fputs("\033[2J\033[H", view->stream);
    else if (view->lines > 0)
        fprintf(view->stream, "\r\033[%zuA", view->lines);
    view->columns = columns;
    view->rows = rows;
}

void terminal_view_draw(TerminalView *view, const char *text)
{
    size_t lines = 0;
    go_back(view);
    for (const char *line = text; *line != '\0'; lines++) {
        size_t length = strcspn(line, "\n");
        fputs("\033[2K", view->stream); /* before, not after: a full line leaves the cursor on its last cell */
        fwrite(line, 1, length, view->stream);
        fputc('\n', view->stream);
        line += length + (line[length] == '\n');
    }
    if (lines < view->lines)
        fputs("\033[J", view->stream);
    view->lines = lines;
    fflush(view->stream);
}

void terminal_view_clear(TerminalView *view)
{
    if (view->lines == 0)
        return;
    go_back(view);
    /* Line by line: some terminals move what is cleared at once into the scrollback. */
    for (size_t i = 0; i < view->lines; i++)
        fputs("\033[2K\n", view->stream);
    fprintf(view->stream, "\033[%zuA", view->lines);
    fflush(view->stream);
    view->lines = 0;
}
