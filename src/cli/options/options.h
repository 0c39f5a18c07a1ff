/* options.h: the command line as tables. A command is a list of groups of options. An option says what it is called,
 * what it accepts, where its value is stored and what the help prints. Parsing, strict checking and --help all use the
 * table. command.h describes how a command uses it. */
#ifndef SPIRAL_CLI_OPTIONS_H
#define SPIRAL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/limits.h"
#include "spiral/status.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { OPTION_LIST_LIMIT = SPIRAL_HIDDEN_LIMIT, OPTION_FILES_LIMIT = 100 };

typedef enum OptionKind {                   /* with the C type of the stored value */
                          OPTION_FLAG,      /* bool, set to true */
                          OPTION_REAL,      /* double */
                          OPTION_SIZE,      /* size_t */
                          OPTION_SEED,      /* uint32_t */
                          OPTION_TEXT,      /* const char *, not empty, points into the arguments */
                          OPTION_CHOICE,    /* an enum or int: an index into choices */
                          OPTION_SIZES,     /* OptionSizes: 100,50 */
                          OPTION_PIXELS,    /* size_t [2]: 800x600 */
                          OPTION_CHARACTER, /* char: one ASCII character, "tab", "space"; 0: "auto" */
                          OPTION_FILES      /* OptionFiles: may be given several times; see files_list */
} OptionKind;

typedef struct OptionSizes {
    size_t count;
    size_t values[OPTION_LIST_LIMIT];
} OptionSizes;

/* The arguments of an option that names files, one for each time it was given. Each is a file or a list of files. */
typedef struct OptionFiles {
    size_t count;
    const char *arguments[OPTION_FILES_LIMIT]; /* (count) not empty, point into the command line */
} OptionFiles;

/* A table has one line per option: its name, one of the macros below, the placeholder of its value (flags and choices
 * have none), its help text, and any further fields. */
typedef struct Option {
    const char *name; /* the long name, without dashes */
    OptionKind kind;
    size_t offset;                                  /* of the value within the group's settings */
    const char *const *choices;                     /* ends with NULL */
    const char *argument;                           /* the placeholder in the help; NULL: the choices */
    const char *help;                               /* sentences; the default is added in brackets */
    const char *alias;                              /* a second long name or NULL */
    char letter;                                    /* or 0 */
    double minimum, maximum;                        /* of a number; maximum 0 means no maximum */
    bool above;                                     /* the minimum itself is refused */
    bool from_zero;                                 /* of sizes: 0 is one, too */
    bool aside;                                     /* of a training: no effect on the log's rows and the model */
    bool no_default;                                /* nothing in brackets: without the option, nothing happens */
    void (*print_default)(char *text, size_t size); /* for when the stored default is not enough */
    const char *files; /* of a text that names a file: its usual extensions, "csv npz"; "/" for a folder; or NULL */
} Option;

/* clang-format versions format this differently. */
/* clang-format off */
/* The offset of a member in T. Does not compile when the member has another type than the option stores. */
#define OPTION_OFFSET(T, member, type) _Generic(&((T *)0)->member, type *: offsetof(T, member))
/* The underlying type of an enum in C is int or unsigned. */
#define OPTION_OFFSET_CHOICE(T, member)                                                                                \
    _Generic(&((T *)0)->member, int *: offsetof(T, member), unsigned *: offsetof(T, member))
/* clang-format on */

#define FLAG(T, member) .kind = OPTION_FLAG, .offset = OPTION_OFFSET(T, member, bool), .argument = NULL
#define CHOICE(T, member, names)                                                                                       \
    .kind = OPTION_CHOICE, .offset = OPTION_OFFSET_CHOICE(T, member), .choices = (names), .argument = NULL
#define REAL(T, member) .kind = OPTION_REAL, .offset = OPTION_OFFSET(T, member, double), .choices = NULL
#define SIZE(T, member) .kind = OPTION_SIZE, .offset = OPTION_OFFSET(T, member, size_t), .choices = NULL
#define SEED(T, member) .kind = OPTION_SEED, .offset = OPTION_OFFSET(T, member, uint32_t), .choices = NULL
#define TEXT(T, member) .kind = OPTION_TEXT, .offset = OPTION_OFFSET(T, member, const char *), .choices = NULL
#define SIZES(T, member) .kind = OPTION_SIZES, .offset = OPTION_OFFSET(T, member, OptionSizes), .choices = NULL
/* Two adjacent members, the width before the height. */
#define PIXELS(T, width, height)                                                                                       \
    .kind = OPTION_PIXELS,                                                                                             \
    .offset = OPTION_OFFSET(T, width, size_t) +                                                                        \
              0 * sizeof(char[OPTION_OFFSET(T, height, size_t) == offsetof(T, width) + sizeof(size_t) ? 1 : -1]),      \
    .choices = NULL
#define FILES(T, member) .kind = OPTION_FILES, .offset = OPTION_OFFSET(T, member, OptionFiles), .choices = NULL
#define CHARACTER(T, member) .kind = OPTION_CHARACTER, .offset = OPTION_OFFSET(T, member, char), .choices = NULL

typedef struct OptionGroup {
    const char *heading;
    const Option *options;
    size_t count;
    void *settings; /* the base of the options' offsets */
    uint64_t given; /* one bit per option, 1 << its position in the group; set by options_parse and options_set */
} OptionGroup;

/* clang-format versions format this differently. */
/* clang-format off */
/* The fields of a group whose options are an array. No group has more options than given has bits. */
#define OPTION_GROUP(title, array, values)                                                                             \
    {.heading = (title), .options = (array), .settings = (values),                                                     \
     .count = COUNT(array) + 0 * sizeof(struct { _Static_assert(COUNT(array) <= 64, "split the group"); char unused; })}
/* clang-format on */

typedef struct OptionTable OptionTable;

struct OptionTable {
    const char *command;  /* "train" */
    const char *synopsis; /* after "Usage: spiral train "; one line per form */
    const char *purpose;  /* one paragraph */
    const char *notes;    /* paragraphs (separated by \n\n) below the options, or NULL */
    const char *examples; /* whole lines, printed verbatim, or NULL */
    OptionGroup *groups;
    size_t group_count;
    /* Called with each value before it is set. It may set *taken to handle the value itself. A flag may then have a
     * value, as in --flag=false. NULL: all values are set. */
    SpiralStatus (*take_value)(const Option *option, const OptionGroup *group, const char *text, void *context,
                               bool *taken, SpiralError *error);
    void *context;
    const char *operand; /* the name of the option that an argument without one is the value of, or NULL */
    /* The option that an operand was probably meant for, or NULL. See suggest_for_operand. */
    const char *(*option_of_operand)(const OptionTable *table, const char *operand);
};

/* Reads the arguments after the command's name (argv[0]). --help (-h) prints the help on standard output, --version
 * (-V) the version; both set *help. Errors: USAGE, with the flag, what was found and what was expected. */
SpiralStatus options_parse(OptionTable *table, int argc, char **argv, bool *help, SpiralError *error);

/* Sets one option by its long name ("learning-rate" or "learning_rate") from a text; for a flag the text is "true" or
 * "false". May be called repeatedly. A text option keeps the pointer. */
SpiralStatus options_set(OptionTable *table, const char *name, const char *text, SpiralError *error);

/* Was the option on the command line? name is the long name. */
bool options_given(const OptionTable *table, const char *name);

/* The value of the option of that long name; NULL when there is none, or it is no text. */
const char *options_text(const OptionTable *table, const char *name);

/* Returns the first of the names (count) whose option was given, or NULL. */
const char *options_first_given(const OptionTable *table, const char *const *names, size_t count);

/* The placeholder of the option's value. For a choice, the choices: "linear|mlp". For a flag, "". */
void option_describe_argument(const Option *option, char *text, size_t size);

/* The text in brackets in the help, or "" when there is none. */
void option_describe_default(const Option *option, const void *settings, char *text, size_t size);

/* The option's current value, as the text that would set it; "" for files and for a text that is not set. Freed by
 * free(). NULL when out of memory. */
char *option_value(const Option *option, const void *settings);

void options_print_help(const OptionTable *table);

/* Prints words starting at column, wrapped to 80 columns, with continuation lines at indent. \n\n starts a
 * paragraph. */
void options_print_wrapped(const char *text, int column, int indent);

#endif
