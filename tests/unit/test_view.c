/* The command line's view in a terminal: what it sends, and what it makes of the terminal, a pseudo-terminal here. */
#define _GNU_SOURCE /* posix_openpt, TIOCSWINSZ */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/process/progress.h"
#include "cli/process/terminal.h"

static char sent[4096];
static int ends[2]; /* of the pipe that stands for the terminal */

static int set_up(void **state)
{
    if (pipe(ends) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        return -1;
    *state = fdopen(ends[1], "w");
    return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    close(ends[0]);
    return fclose(*state);
}

/* What has been sent since the last call. */
static const char *take(FILE *stream)
{
    fflush(stream);
    ssize_t size = read(ends[0], sent, sizeof sent - 1);
    sent[size > 0 ? size : 0] = '\0';
    return sent;
}

static void a_picture_is_drawn_over_the_one_before(void **state)
{
    FILE *stream = *state;
    TerminalView view = {.stream = stream};
    terminal_view_draw(&view, "a\nb\n");
    assert_string_equal(take(stream), "\033[2Ka\n\033[2Kb\n");
    terminal_view_draw(&view, "c\nd\n");
    assert_string_equal(take(stream), "\r\033[2A\033[2Kc\n\033[2Kd\n");
    terminal_view_draw(&view, "e\n"); /* shorter: what is left below goes */
    assert_string_equal(take(stream), "\r\033[2A\033[2Ke\n\033[J");
}

static void a_cleared_picture_makes_room_for_a_line(void **state)
{
    FILE *stream = *state;
    TerminalView view = {.stream = stream};
    terminal_view_clear(&view);
    assert_string_equal(take(stream), "");
    terminal_view_draw(&view, "a\nb\n");
    take(stream);
    terminal_view_clear(&view);
    assert_string_equal(take(stream), "\r\033[2A\033[2K\n\033[2K\n\033[2A");
    terminal_view_clear(&view);
    assert_string_equal(take(stream), "");
    terminal_view_draw(&view, "c\n");
    assert_string_equal(take(stream), "\033[2Kc\n");
}

/* Opens a pseudo-terminal and sets *terminal to its other end, or skips the test: containers may have no /dev/pts. */
static int open_terminal(int *terminal)
{
    int controller = posix_openpt(O_RDWR | O_NOCTTY);
    if (controller < 0) {
        print_message("skipped: no pseudo-terminal (/dev/pts): %s\n", strerror(errno));
        skip();
    }
    assert_true(grantpt(controller) == 0 && unlockpt(controller) == 0);
    *terminal = open(ptsname(controller), O_RDWR | O_NOCTTY);
    assert_true(*terminal >= 0);
    return controller;
}

static void the_size_is_the_terminals_less_a_row_for_the_cursor(void **state)
{
    (void)state;
    int terminal, controller = open_terminal(&terminal);
    static const unsigned short sizes[][4] = {{200, 50, 200, 49}, {10, 3, 20, 4}, {0, 0, 80, 23}};
    for (size_t i = 0; i < 3; i++) {
        struct winsize size = {.ws_col = sizes[i][0], .ws_row = sizes[i][1]};
        assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
        SpiralTerminalOptions options = spiral_terminal_defaults();
        assert_true(terminal_fit(terminal, &options));
        assert_int_equal(options.columns, sizes[i][2]);
        assert_int_equal(options.rows, sizes[i][3]);
    }
    close(terminal);
    close(controller);
}

static void what_is_no_terminal_gets_80x24_without_colours(void **state)
{
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    SpiralTerminalOptions options = {.columns = 1, .rows = 1, .colours = SPIRAL_TERMINAL_24_BIT};
    assert_false(terminal_fit(fileno(*state), &options));
    assert_int_equal(options.columns, 80);
    assert_int_equal(options.rows, 24);
    assert_int_equal(options.colours, SPIRAL_TERMINAL_PLAIN);
}

static void colours_are_found_by_the_environment(void **state)
{
    (void)state;
    static const struct {
        const char *term, *colorterm, *no_color, *lc_all, *lang;
        SpiralTerminalColours expected;
    } cases[] = {
        {"xterm-256color", "truecolor", "", "", "C.UTF-8", SPIRAL_TERMINAL_24_BIT},
        {"xterm-256color", "24bit", "", "", "en_US.utf8", SPIRAL_TERMINAL_24_BIT},
        {"xterm-direct", "", "", "", "C.UTF-8", SPIRAL_TERMINAL_24_BIT},
        {"xterm-256color", "", "", "", "C.UTF-8", SPIRAL_TERMINAL_256},
        {"screen", "", "", "", "C.UTF-8", SPIRAL_TERMINAL_256},
        {"linux", "", "", "", "C.UTF-8", SPIRAL_TERMINAL_256},
        {"vt100", "", "", "", "C.UTF-8", SPIRAL_TERMINAL_PLAIN},
        {"dumb", "truecolor", "", "", "C.UTF-8", SPIRAL_TERMINAL_PLAIN},
        {"", "truecolor", "", "", "C.UTF-8", SPIRAL_TERMINAL_PLAIN},
        {"xterm-256color", "truecolor", "1", "", "C.UTF-8", SPIRAL_TERMINAL_PLAIN},
        {"xterm-256color", "truecolor", "", "C", "C.UTF-8", SPIRAL_TERMINAL_PLAIN},
        {"xterm-256color", "truecolor", "", "", "de_DE", SPIRAL_TERMINAL_PLAIN},
        {"xterm-256color", "truecolor", "", "", "", SPIRAL_TERMINAL_PLAIN},
    };
    unsetenv("LC_CTYPE");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv("TERM", cases[i].term, 1);
        setenv("COLORTERM", cases[i].colorterm, 1);
        setenv("NO_COLOR", cases[i].no_color, 1);
        setenv("LC_ALL", cases[i].lc_all, 1);
        setenv("LANG", cases[i].lang, 1);
        assert_int_equal(terminal_colours(), cases[i].expected);
    }
}

static void a_terminal_of_another_size_is_cleared(void **state)
{
    (void)state;
    int terminal, controller = open_terminal(&terminal);
    FILE *stream = fdopen(terminal, "w");
    assert_non_null(stream);
    struct winsize size = {.ws_col = 100, .ws_row = 40};
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    TerminalView view = {.stream = stream};
    terminal_view_draw(&view, "a\n");
    size.ws_col = 50;
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    terminal_view_draw(&view, "b\n");
    static const char expected[] = "\033[2Ka\r\n\033[2J\033[H\033[2Kb\r\n";
    char text[256] = "";
    for (size_t used = 0; used < sizeof expected - 1;) { /* a terminal hands over what it has */
        ssize_t length = read(controller, text + used, sizeof text - 1 - used);
        assert_true(length > 0);
        used += (size_t)length;
    }
    assert_string_equal(text, expected);
    fclose(stream);
    close(controller);
}

static void assert_time(double seconds, const char *expected)
{
    char text[64];
    progress_describe_time(seconds, text, sizeof text);
    assert_string_equal(text, expected);
}

static void time_is_told_in_two_units(void **state)
{
    (void)state;
    assert_time(0.4, "0 s");
    assert_time(59.4, "59 s");
    assert_time(59.6, "1 min 00 s");
    assert_time(3599.0, "59 min 59 s");
    assert_time(3600.0, "1 h 00 min");
    assert_time(90061.0, "25 h 01 min");
    assert_time(1e300, "277777 h 46 min"); /* 1e9 s is the most */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_picture_is_drawn_over_the_one_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cleared_picture_makes_room_for_a_line, set_up, tear_down),
        cmocka_unit_test(the_size_is_the_terminals_less_a_row_for_the_cursor),
        cmocka_unit_test_setup_teardown(what_is_no_terminal_gets_80x24_without_colours, set_up, tear_down),
        cmocka_unit_test(colours_are_found_by_the_environment),
        cmocka_unit_test(a_terminal_of_another_size_is_cleared),
        cmocka_unit_test(time_is_told_in_two_units),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
