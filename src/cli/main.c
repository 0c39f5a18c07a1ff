#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/commands.h"
#include "cli/options/suggestions.h"
#include "cli/process/interrupt.h"
#include "cli/process/truncated_input.h"
#include "cli/train/train.h"
#include "spiral/spiral.h"

static void print_help(void)
{
    printf("Usage: spiral COMMAND [options]\n"
           "\n"
           "The CS231n notes' case study from the shell: a softmax linear classifier and a\n"
           "network, trained on a spiral or on your own data, drawn, checked and explained.\n"
           "\n"
           "Commands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s  %s\n", commands[i].name, commands[i].summary);
    printf("\n"
           "  spiral help COMMAND       the options of a command, with their defaults\n"
           "  spiral version            the version, commit, BLAS, kernels and MPI\n"
           "\n"
           "Exit codes:\n");
#define PRINT_CODE(code, number, name, sentence) printf("  %-5d  %s\n", number, sentence);
    SPIRAL_STATUS_LIST(PRINT_CODE)
#undef PRINT_CODE
    printf("  128+n  ended by signal n\n"
           "\n"
           "Example: the notes' two networks, their logs, models and figures\n"
           "  spiral train --model linear --skip-draws 18 --out linear\n"
           "  spiral train --skip-draws 24 --out mlp\n");
}

static int unknown_command(const char *word)
{
    const char *names[COMMAND_COUNT + 4] = {"--help", "--version", "help", "version"};
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i + 4] = commands[i].name;
    const char *nearest = nearest_name(word, names, COUNT(names));
    const char *what = word[0] == '-' ? "option" : "command";
    SpiralError error;
    if (nearest != NULL)
        (void)spiral_error_set(&error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown %s \"%s\", did you mean %s?", what, word,
                               nearest);
    else
        (void)spiral_error_set(&error, SPIRAL_ERROR_USAGE, NULL, 0, "unknown %s \"%s\", expected a command", what,
                               word);
    return cli_fail(NULL, NULL, &error);
}

/* Only train supports several ranks. With any other command, all ranks would write the same files. */
static int run_command(const Command *command, int argc, char **argv)
{
    if (spiral_ranks_count() == 1 || command->run == cmd_train)
        return command->run(argc, argv);
    SpiralError error;
    (void)spiral_error_set(&error, SPIRAL_ERROR_USAGE, NULL, 0,
                           "%s is one process's work, and %zu were started together", command->name,
                           spiral_ranks_count());
    return cli_fail(command->name, NULL, &error);
}

static bool is_one_of(const char *word, const char *one, const char *two, const char *three)
{
    return strcmp(word, one) == 0 || strcmp(word, two) == 0 || strcmp(word, three) == 0;
}

static int refuse_argument(const char *argument, const char *after)
{
    SpiralError error;
    (void)spiral_error_set(&error, SPIRAL_ERROR_USAGE, NULL, 0, "unexpected argument \"%s\" after %s", argument, after);
    return cli_fail(NULL, NULL, &error);
}

/* "spiral help train" means "spiral train --help". */
static int help_with(int argc, char **argv)
{
    const Command *command = command_find(argv[0]);
    bool general = is_one_of(argv[0], "help", "--help", "-h") || is_one_of(argv[0], "version", "--version", "-V");
    if (command == NULL && !general)
        return unknown_command(argv[0]);
    if (argc > 1)
        return refuse_argument(argv[1], argv[0]);
    if (command == NULL) {
        print_help();
        return SPIRAL_OK;
    }
    return command->run(2, (char *[]){argv[0], (char[]){"--help"}, NULL});
}

static int dispatch(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "help";
    const Command *command = command_find(word);
    if (command != NULL)
        return run_command(command, argc - 1, argv + 1);
    bool help = is_one_of(word, "help", "--help", "-h");
    if (!help && !is_one_of(word, "version", "--version", "-V"))
        return unknown_command(word);
    if (strcmp(word, "help") == 0 && argc > 2)
        return help_with(argc - 2, argv + 2);
    if (argc > 2)
        return refuse_argument(argv[2], word);
    if (help)
        print_help();
    else
        cli_print_version();
    return SPIRAL_OK;
}

/* A standard stream that is closed at the start would let a data file be opened in its place. It is taken up the wrong
 * way round, standard input for writing and the others for reading, so that its use fails as that of a closed one. */
static void open_standard_streams(void)
{
    int descriptor;
    do
        descriptor = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO)
        close(descriptor);
}

static int die_of(int signal_number)
{
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    return 128 + signal_number; /* reached when the signal is blocked */
}

/* Only rank 0 prints. */
static void silence_others(void)
{
    int nowhere = cli_is_first_rank() ? -1 : open("/dev/null", O_WRONLY);
    if (nowhere < 0)
        return;
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
}

static int fail_to_print(int failure)
{
    SpiralError error;
    (void)spiral_error_set(&error, SPIRAL_ERROR_OUTPUT, "standard output", 0, "could not be written: %s",
                           strerror(failure));
    return cli_fail(NULL, NULL, &error);
}

/* Returns the exit code, taking into account whether standard output could be written. Output that is lost goes before
 * any other failure, but not before a signal. A reader who has closed the pipe has lost nothing. */
static int finish_output(int code)
{
    int failure = cli_flush_output();
    bool failed_to_write = code == SPIRAL_ERROR_OUTPUT; /* that was reported */
    if (cli_output_is_closed())
        return failed_to_write || (failure != 0 && code == SPIRAL_OK) ? 128 + SIGPIPE : code;
    if (failure == 0 || failed_to_write)
        return code;
    int lost = fail_to_print(failure);
    return code > 128 ? code : lost;
}

int main(int argc, char **argv)
{
    open_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an ordinary write error: training continues, files are finished */
    signal(SIGXFSZ, SIG_IGN); /* so is a file that reaches the limit of ulimit -f */
    truncated_input_watch();
    interrupt_start();
    spiral_ranks_start();
    silence_others();
    int code = spiral_ranks_finish(finish_output(dispatch(argc, argv)));
    return code > 128 ? die_of(code - 128) : code;
}
