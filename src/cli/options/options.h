/* options.h: the command line as tables. A command is a list of groups of options; an option says what it is called,
 * what it accepts, where its value is stored and what the help prints. Parsing, strict checking and --help all come
 * from the table. command.h says how a command uses it. */
#ifndef SPIRAL_CLI_OPTIONS_H
#define SPIRAL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/limits.h"
#include "spiral/status.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { OPTION_LIST_LIMIT = SPIRAL_HIDDEN_LIMIT };

typedef enum OptionKind {                   /* and the type it is stored as */
                          OPTION_FLAG,      /* bool, set to true */
                          OPTION_REAL,      /* double */
                          OPTION_SIZE,      /* size_t */
                          OPTION_SEED,      /* uint32_t */
                          OPTION_TEXT,      /* const char *, not empty; points into the arguments */
                          OPTION_CHOICE,    /* an enum or int: the index into choices */
                          OPTION_SIZES,     /* OptionSizes: 100,50 */
                          OPTION_PIXELS,    /* size_t [2]: 800x600 */
                          OPTION_CHARACTER, /* char: one ASCII character, or the word tab */
} OptionKind;

typedef struct OptionSizes {
    size_t count;
    size_t values[OPTION_LIST_LIMIT];
} OptionSizes;

/* A table has a line an option: its name, one of the macros below, the placeholder of its value (a flag and a choice
 * have none), what the help says, and what else there is to say about it. */
typedef struct Option {
    const char *name; /* long, without its dashes */
    OptionKind kind;
    size_t offset;                                  /* of the value within the group's settings */
    const char *const *choices;                     /* ends with NULL */
    const char *argument;                           /* the value's placeholder in the help */
    const char *help;                               /* sentences; the default is added in brackets */
    const char *alias;                              /* a second long name, or NULL */
    char letter;                                    /* or 0 */
    double minimum, maximum;                        /* of a number; maximum 0: none */
    bool above;                                     /* the minimum itself is refused */
    bool no_default;                                /* nothing in brackets: left out, it does nothing */
    void (*print_default)(char *text, size_t size); /* when the stored default doesn't tell */
    const char *files; /* of a text that is a file's name: its usual endings, "csv npz"; "/" of a folder; or NULL */
} Option;

/* Versions of clang-format differ here. */
/* clang-format off */
/* Where a member is in T. Does not compile when the member is of another type than the option stores. */
#define OPTION_OFFSET(T, member, type) _Generic(&((T *)0)->member, type *: offsetof(T, member))
/* An enum is an int or an unsigned to C. */
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
/* Two neighbours, the width before the height. */
#define PIXELS(T, width, height)                                                                                       \
    .kind = OPTION_PIXELS,                                                                                             \
    .offset = OPTION_OFFSET(T, width, size_t) +                                                                        \
              0 * sizeof(char[OPTION_OFFSET(T, height, size_t) == offsetof(T, width) + sizeof(size_t) ? 1 : -1]),      \
    .choices = NULL
#define CHARACTER(T, member) .kind = OPTION_CHARACTER, .offset = OPTION_OFFSET(T, member, char), .choices = NULL

typedef struct OptionGroup {
    const char *heading;
    const Option *options;
    size_t count;
    void *settings; /* what the options' offsets count from */
    uint64_t given; /* a bit 1 << place an option, set by options_parse and options_set */
} OptionGroup;

/* Versions of clang-format differ here. */
/* clang-format off */
/* The fields of a group whose options are an array. No group has more options than given has bits. */
#define OPTION_GROUP(title, array, values)                                                                             \
    {.heading = (title), .options = (array), .settings = (values),                                                     \
     .count = COUNT(array) + 0 * sizeof(struct { _Static_assert(COUNT(array) <= 64, "split the group"); char unused; })}
/* clang-format on */

typedef struct OptionTable OptionTable;

struct OptionTable {
    const char *command;  /* "train" */
    const char *synopsis; /* after "Usage: spiral train "; a line a way to call it */
    const char *purpose;  /* a paragraph */
    const char *notes;    /* paragraphs (split by \n\n) below the options, or NULL */
    const char *examples; /* whole lines, printed as they are, or NULL */
    OptionGroup *groups;
    size_t group_count;
    /* Is offered each value before it is set, and may take it (*taken) for itself. A flag may then have a value,
     * --flag=false. NULL: all values are set. */
    SpiralStatus (*take_value)(const Option *option, const OptionGroup *group, const char *text, void *context,
                               bool *taken, SpiralError *error);
    void *context;
    /* The option that a file without one was probably meant for, or NULL; see suggest_for_operand. */
    const char *(*option_of_operand)(const OptionTable *table, const char *operand);
};

/* Reads the arguments after the command's name (argv[0]). --help (-h) prints the help on standard output, --version
 * (-V) the version, and both set *help. Errors: USAGE, naming the flag, what was found and what was expected. */
SpiralStatus options_parse(OptionTable *table, int argc, char **argv, bool *help, SpiralError *error);

/* Sets one option by its long name ("learning-rate", "learning_rate") from a text; "true" or "false" for a flag. May be
 * repeated. A text option keeps the pointer. */
SpiralStatus options_set(OptionTable *table, const char *name, const char *text, SpiralError *error);

/* Was it on the command line? name is the long name. */
bool options_given(const OptionTable *table, const char *name);

/* Names the first given option of names (count), or NULL. */
const char *options_first_given(const OptionTable *table, const char *const *names, size_t count);

/* The placeholder of its value: of a choice the choices, "linear|mlp"; "" for a flag. */
void option_describe_argument(const Option *option, char *text, size_t size);

/* What the help has in brackets; "" when there is nothing to say. */
void option_describe_default(const Option *option, const void *settings, char *text, size_t size);

/* The value that an option now has, as the text that would set it; "" for a text that is not set. Freed by free(), NULL
 * when there is no memory. */
char *option_value(const Option *option, const void *settings);

void options_print_help(const OptionTable *table);

/* Prints words from column on, wrapped to 80 columns and continued at indent; \n\n starts a paragraph. */
void options_print_wrapped(const char *text, int column, int indent);

#endif
