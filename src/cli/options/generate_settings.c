#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/settings.h"
#include "cli/options/values.h"

#define SHAPE_NAME(code, name) name,
static const char *const shape_names[] = {SPIRAL_SHAPE_LIST(SHAPE_NAME) NULL};
#undef SHAPE_NAME

/* The defaults that the options print depend on the shape. */
static void print_noise(char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; shape_names[i] != NULL; i++)
        cli_append(text, size, "%s%s %g", i > 0 ? ", " : "", shape_names[i],
                   spiral_generate_defaults_of((SpiralGenerateShape)i).noise);
}

static void print_turns(char *text, size_t size)
{
    snprintf(text, size, "2/pi, the notes' 4 radians");
}

static void print_arm_offset(char *text, size_t size)
{
    snprintf(text, size, "%g, as in the notes", spiral_generate_defaults().arm_offset);
}

static const Option generate_options[] = {
    {"shape", CHOICE(DataSettings, generate.shape, shape_names),
     "The arrangement of the classes: spiral (an arm each), circles (about one middle), moons (two half circles), "
     "blobs (normal "
     "clouds), xor (opposite quadrants) or gaussian-quantiles (rings of one normal cloud)."},
    {"classes", SIZE(DataSettings, generate.classes), "K", "Classes; moons and xor have 2.", .minimum = 2},
    {"points-per-class", SIZE(DataSettings, generate.points_per_class), "N", "Observations of each class.",
     .minimum = 1},
    {"balance", SIZES(DataSettings, balance), "B,B[,B...]",
     "Relative sizes of the classes: with 3,1,1 the first has three fifths of the K N observations.",
     .no_default = true},
    {"noise", REAL(DataSettings, generate.noise), "S",
     "Standard deviation of the noise: of the angle, in radians (spiral), or of each coordinate (all others).",
     .print_default = print_noise},
    {"turns", REAL(DataSettings, generate.turns), "T", "spiral: full turns of each arm.", .print_default = print_turns},
    {"arm-offset", TEXT(DataSettings, arm_offset), "RADIANS|even",
     "spiral: the angle between the starts of two arms; even: 2 pi / K. With 4 radians, as in the notes, arms of a "
     "spiral of 4 or more come close to each other: of 12 the first and the last coincide.",
     .print_default = print_arm_offset},
    {"radius", REAL(DataSettings, generate.radius), "R", "Size of the shape, in the units of the data.", .above = true},
    {"dimensions", SIZE(DataSettings, generate.dimensions), "D",
     "Features; those after the first two are standard normal noise.", .minimum = 2},
    {"label-noise", REAL(DataSettings, generate.label_noise), "P",
     "Probability that a label is replaced by another class.", .maximum = 1},
    {"seed", SEED(DataSettings, seed), "S", "Seed of the random numbers, NumPy's RandomState(S)."},
};

OptionGroup options_group_generate(DataSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Generated data", generate_options, settings);
}

const char *generate_settings_first_given(const OptionTable *table)
{
    for (size_t i = 0; i < COUNT(generate_options); i++)
        if (strcmp(generate_options[i].name, "seed") != 0 && options_given(table, generate_options[i].name))
            return generate_options[i].name;
    return NULL;
}

/* Of as many classes as there are. */
static SpiralStatus read_arm_offset(const char *text, SpiralGenerateOptions *generate, SpiralError *error)
{
    const double TURN = 6.28318530717958647693;
    if (text == NULL)
        return SPIRAL_OK;
    if (strcasecmp(text, "even") == 0)
        generate->arm_offset = TURN / (double)generate->classes;
    else if (!text_to_real(text, &generate->arm_offset))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--arm-offset: found \"%.*s\", expected radians or \"even\"",
                                SPIRAL_TEXT_CUT(text, 200));
    return SPIRAL_OK;
}

SpiralStatus generate_settings_check(DataSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralGenerateOptions *generate = &settings->generate;
    const SpiralGenerateOptions defaults = spiral_generate_defaults_of(generate->shape);
    static const char *const arm_names[] = {"turns", "arm-offset"};
    const char *of_arms = options_first_given(table, arm_names, COUNT(arm_names));
    if (of_arms != NULL && generate->shape != SPIRAL_SHAPE_SPIRAL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about --shape spiral, and --shape %s is given: leave one out", of_arms,
                                spiral_generate_shape_name(generate->shape));
    if (options_given(table, "balance")) {
        generate->balance_count = settings->balance.count;
        memcpy(generate->balance, settings->balance.values, sizeof generate->balance);
    }
    if (!options_given(table, "classes"))
        generate->classes = generate->balance_count > 0 ? generate->balance_count : defaults.classes;
    if (!options_given(table, "noise"))
        generate->noise = defaults.noise;
    SpiralStatus status = read_arm_offset(settings->arm_offset, generate, error);
    return status == SPIRAL_OK ? spiral_generate_validate(generate, error) : status;
}

_Static_assert((int)OPTION_LIST_LIMIT == (int)SPIRAL_BALANCE_LIMIT,
               "a list on the command line is as long as a balance");
