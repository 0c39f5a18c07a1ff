#include "cli/options/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

enum { LINEAR_ITERATIONS = 200, MLP_ITERATIONS = 10000, MLP_HIDDEN = 100 }; /* also stated in the notes of the help */
static const double NOTES_INIT_SCALE = 0.01;

static void print_iterations(char *text, size_t size)
{
    snprintf(text, size, "linear %d, mlp %d", LINEAR_ITERATIONS, MLP_ITERATIONS);
}

static void print_init_scale(char *text, size_t size)
{
    snprintf(text, size, "gaussian %g, else 1", NOTES_INIT_SCALE);
}

#define LIST_NAME(code, name) name,
static const char *const activation_names[] = {SPIRAL_ACTIVATION_LIST(LIST_NAME) NULL};
static const char *const init_names[] = {SPIRAL_INIT_LIST(LIST_NAME) NULL};
static const char *const products_names[] = {SPIRAL_PRODUCTS_LIST(LIST_NAME) NULL};
static const char *const optimizer_names[] = {SPIRAL_OPTIMIZER_LIST(LIST_NAME) NULL};
static const char *const schedule_names[] = {SPIRAL_SCHEDULE_LIST(LIST_NAME) NULL};
#undef LIST_NAME
static const char *const model_names[] = {"linear", "mlp", NULL};
static const char *const missing_names[] = {"refuse", "drop", NULL};
static const char *const decimal_names[] = {".", ",", NULL};
static const char *const header_names[] = {"auto", "yes", "no", NULL};
static const char *const reduction_names[] = {"mean", "sum", NULL};

/* clang-format versions format this differently. */
/* clang-format off */
#define LOAD_OPTIONS(label_default)                                                                                    \
    {"data", TEXT(DataSettings, path), "FILE",                                                                         \
     "The data: FILE.csv, FILE.npz with arrays X and y, X.npy,y.npy, or - for CSV on standard input.",                 \
     .files = "csv npz npy"},                                                                                          \
    {"header", CHOICE(DataSettings, load.header, header_names),                                                        \
     "CSV: is the first line a header? auto decides by comparing it with the lines after it."},                        \
    {"label", TEXT(DataSettings, load.label), "COLUMN",                                                                \
     "CSV, a single .npy: the column with the classes, by its number from 0 (negative: from the end) or else by its "  \
     "name; none: the data has no classes. [" label_default "]"},                                                      \
    {"ignore", TEXT(DataSettings, load.ignore), "COLUMN[,COLUMN...]",                                                  \
     "Columns that are left out, such as row numbers, by their numbers from 0 (negative: from the end) or else by "    \
     "their names; of a NumPy file, columns of X."},                                                                   \
    {"delimiter", CHARACTER(DataSettings, load.delimiter), "C",                                                        \
     "CSV: the character between fields; tab for a tab, space for any run of blanks and tabs; auto finds it out from " \
     "the first lines."},                                                                                              \
    {.name = "decimal", .kind = OPTION_CHOICE, .offset = OPTION_OFFSET_CHOICE(DataSettings, load.decimal),             \
     .choices = decimal_names, .argument = "C", .help = "CSV: the decimal point of its numbers, . or a comma."},       \
    {"missing", CHOICE(DataSettings, load.missing, missing_names),                                                     \
     "CSV: rows that lack a value (empty, NA, ?, nan, null): refuse the file, or drop these rows."}
/* clang-format on */

static const Option load_options[] = {
    LOAD_OPTIONS("the last column"),
    {"standardize", FLAG(DataSettings, standardize),
     "Give every feature mean 0 and standard deviation 1; the model keeps both and applies them itself."},
};
static const Option load_for_model_options[] = {
    LOAD_OPTIONS("the column that was the label in training, if it is there")};

static const Option model_options[] = {
    {"model", CHOICE(ModelSettings, kind, model_names), "The softmax of XW + b, or a network with hidden layers."},
    {"hidden", SIZES(ModelSettings, hidden), "H[,H...]", "Units of the mlp's hidden layers, starting at the input."},
    {"activation", CHOICE(ModelSettings, activation, activation_names),
     "Of the hidden units; leaky-relu is 0.01 z below 0."},
    {"init", CHOICE(ModelSettings, init, init_names),
     "Standard deviation of the initial weights of a layer with n inputs and m outputs: 1, sqrt(2 / (n + m)), "
     "sqrt(2 / n) or 1 / sqrt(n), times --init-scale. Biases start at 0."},
    {"init-scale", REAL(ModelSettings, init_scale), "S", "Factor of the initial weights.",
     .print_default = print_init_scale},
    {"skip-draws", SIZE(ModelSettings, skip_draws), "N",
     "Normal random numbers discarded between the data's and the weights'.", .maximum = SPIRAL_SKIP_LIMIT},
    {"products", CHOICE(ModelSettings, products, products_names),
     "How the matrix products are computed. auto: those of a layer with at most 8 inputs or outputs by kernels of this "
     "program, which are faster there, all others by BLAS; blas: all by BLAS. The results differ by rounding."},
};

/* clang-format versions format this differently. */
/* clang-format off */
#define OBJECTIVE_OPTIONS                                                                                              \
    {"reg", REAL(SpiralTrainOptions, objective.reg), "R",                                                              \
     "Regularisation: 1/2 R sum W^2 is added to the loss (biases aside)."},                                            \
    {"l1", REAL(SpiralTrainOptions, objective.l1), "R",                                                                \
     "Regularisation: R sum |W| is added to the loss (biases aside)."},                                                \
    {"reduction", CHOICE(SpiralTrainOptions, objective.reduction, reduction_names),                                    \
     "Whether the data loss is the mean or the sum over the observations."}
#define THREADS_OPTION                                                                                                 \
    {"threads", SIZE(SpiralTrainOptions, threads), "T",                                                                \
     "Threads; 0: chosen from the amount of work. The results do not depend on it.", .maximum = SPIRAL_THREADS_LIMIT,  \
     .aside = true}
/* clang-format on */

static const Option training_options[] = {
    {"learning-rate", REAL(SpiralTrainOptions, learning_rate), "R", "Step size: W -= R dW.", .alias = "lr",
     .above = true},
    {"iterations", SIZE(SpiralTrainOptions, iterations), "N", "Number of updates.", .minimum = 1,
     .print_default = print_iterations},
    {"batch-size", SIZE(SpiralTrainOptions, batch_size), "B",
     "Observations per update, in an order shuffled again for each epoch; 0: all."},
    {"optimizer", CHOICE(SpiralTrainOptions, optimizer.kind, optimizer_names),
     "The update rule, as in the notes. adamw applies --reg as weight decay, apart from the gradient."},
    {"momentum", REAL(SpiralTrainOptions, optimizer.momentum), "M",
     "momentum, nesterov: the decay rate of the velocity.", .maximum = 1},
    {"beta1", REAL(SpiralTrainOptions, optimizer.beta1), "B", "adam, adamw: the decay rate of the mean gradient.",
     .maximum = 1},
    {"beta2", REAL(SpiralTrainOptions, optimizer.beta2), "B",
     "adam, adamw: the decay rate of the mean squared gradient.", .maximum = 1},
    {"decay-rate", REAL(SpiralTrainOptions, optimizer.decay_rate), "D",
     "rmsprop: the decay rate of the mean squared gradient.", .maximum = 1},
    {"epsilon", REAL(SpiralTrainOptions, optimizer.epsilon), "E",
     "Of adagrad, rmsprop, adam and adamw: added to the denominator.", .above = true},
    {"schedule", CHOICE(SpiralTrainOptions, schedule.kind, schedule_names),
     "The learning rate at iteration t of T: R; R F^floor(t / N); R exp(-K t); R / (1 + K t); R (1 + cos(pi t / T)) / "
     "2."},
    {"decay", REAL(SpiralTrainOptions, schedule.decay), "K",
     "K of the exponential and inverse schedules, per iteration."},
    {"decay-every", SIZE(SpiralTrainOptions, schedule.every), "N", "N of the step schedule.", .minimum = 1},
    {"decay-factor", REAL(SpiralTrainOptions, schedule.factor), "F", "F of the step schedule.", .maximum = 1,
     .above = true},
    {"warmup", SIZE(SpiralTrainOptions, schedule.warmup), "N",
     "Iterations over which the learning rate rises from 0 to its schedule."},
    {"dropout", REAL(SpiralTrainOptions, dropout), "P",
     "Part of the hidden units left out of each update; those that stay are divided by 1 - P.", .maximum = 1},
    {"max-grad-norm", REAL(SpiralTrainOptions, max_grad_norm), "G",
     "A gradient with a larger 2-norm is scaled down to this norm; 0: no limit."},
    OBJECTIVE_OPTIONS,
};
static const Option objective_options[] = {OBJECTIVE_OPTIONS, THREADS_OPTION};
static const Option threads_options[] = {THREADS_OPTION};

OptionGroup options_group_load(DataSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Data from a file", load_options, settings);
}

OptionGroup options_group_load_for_model(DataSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Data", load_for_model_options, settings);
}

OptionGroup options_group_model(ModelSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Model", model_options, settings);
}

OptionGroup options_group_training(SpiralTrainOptions *settings)
{
    return (OptionGroup)OPTION_GROUP("Training", training_options, settings);
}

OptionGroup options_group_threads(SpiralTrainOptions *settings)
{
    return (OptionGroup)OPTION_GROUP("Machine", threads_options, settings);
}

OptionGroup options_group_objective(SpiralTrainOptions *settings)
{
    return (OptionGroup)OPTION_GROUP("Loss", objective_options, settings);
}

RunSettings run_settings_defaults(void)
{
    RunSettings settings = {
        .data = {.generate = spiral_generate_defaults(), .load = spiral_load_defaults()},
        .model = {.kind = MODEL_MLP, .hidden = {.count = 1, .values = {MLP_HIDDEN}}, .init_scale = NAN},
        .training = spiral_train_defaults(),
    };
    settings.training.iterations = 0;
    return settings;
}

SpiralStatus load_settings_check(const DataSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const csv_names[] = {"header", "delimiter", "decimal", "missing", "label"};
    const char *name = options_first_given(table, csv_names, COUNT(csv_names));
    if (name == NULL && settings->load.ignore != NULL)
        name = "ignore";
    if (name == NULL)
        return SPIRAL_OK;
    if (settings->path == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s is about a file, and no --data is given",
                                name);
    bool none = settings->load.label != NULL && strcmp(settings->load.label, "none") == 0;
    if (strcmp(name, "ignore") == 0 || (strcmp(name, "label") == 0 && none)) /* apply to every file format */
        return SPIRAL_OK;
    bool array = spiral_text_ends_with(settings->path, ".npy") && strstr(settings->path, ".npy,") == NULL;
    if (strcmp(name, "label") == 0 && array) /* one of its columns */
        return SPIRAL_OK;
    if (spiral_text_ends_with(settings->path, ".npz") || spiral_text_ends_with(settings->path, ".npy"))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about CSV files, and --data is a NumPy file", name);
    if (settings->load.delimiter == ',' && settings->load.decimal == SPIRAL_DECIMAL_COMMA)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--decimal is a comma, and so is --delimiter: expected two characters");
    return SPIRAL_OK;
}

static SpiralStatus check_data(const DataSettings *data, const OptionTable *table, SpiralError *error)
{
    const char *name = generate_settings_first_given(table);
    if (data->path != NULL && name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about generated data, and --data is given: leave one out", name);
    if (data->load.label != NULL && strcmp(data->load.label, "none") == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--label: found \"none\", expected a column: the classes are needed here");
    return load_settings_check(data, table, error);
}

/* Names the optimizers or the schedules that the option is for, as bit sets: those of the training may not be given. */
static SpiralStatus refuse_unused(const char *option, unsigned optimizers, unsigned schedules, SpiralError *error)
{
    const char *const *names = optimizers != 0 ? optimizer_names : schedule_names;
    unsigned set = optimizers != 0 ? optimizers : schedules;
    char fitting[128] = "";
    for (size_t i = 0; names[i] != NULL; i++)
        if ((set >> i & 1) != 0)
            cli_append(fitting, sizeof fitting, "%s%s",
                       fitting[0] == '\0'    ? ""
                       : set >> (i + 1) == 0 ? " or "
                                             : ", ",
                       names[i]);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s is about --%s %s: add that, or leave --%s out",
                            option, optimizers != 0 ? "optimizer" : "schedule", fitting, option);
}

/* Refuses settings of an optimizer or a schedule that is not selected, since they would have no effect. */
static SpiralStatus check_optimizer(const SpiralTrainOptions *training, const OptionTable *table, SpiralError *error)
{
    static const struct {
        const char *option;
        unsigned optimizers, schedules; /* bit sets of those the option applies to */
    } settings[] = {
#define OF(kind) (1u << SPIRAL_OPTIMIZER_##kind)
#define AT(kind) (1u << SPIRAL_SCHEDULE_##kind)
        {"momentum", OF(MOMENTUM) | OF(NESTEROV), 0},
        {"beta1", OF(ADAM) | OF(ADAMW), 0},
        {"beta2", OF(ADAM) | OF(ADAMW), 0},
        {"decay-rate", OF(RMSPROP), 0},
        {"epsilon", OF(ADAGRAD) | OF(RMSPROP) | OF(ADAM) | OF(ADAMW), 0},
        {"decay", 0, AT(EXPONENTIAL) | AT(INVERSE)},
        {"decay-every", 0, AT(STEP)},
        {"decay-factor", 0, AT(STEP)},
#undef OF
#undef AT
    };
    unsigned optimizer = 1u << training->optimizer.kind, schedule = 1u << training->schedule.kind;
    for (size_t i = 0; i < COUNT(settings); i++) {
        bool used = (settings[i].optimizers & optimizer) != 0 || (settings[i].schedules & schedule) != 0;
        if (!used && options_given(table, settings[i].option))
            return refuse_unused(settings[i].option, settings[i].optimizers, settings[i].schedules, error);
    }
    return SPIRAL_OK;
}

SpiralStatus run_settings_check(RunSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = check_data(&settings->data, table, error);
    if (status != SPIRAL_OK)
        return status;
    static const char *const hidden_names[] = {"hidden", "activation", "dropout"};
    const char *hidden = options_first_given(table, hidden_names, COUNT(hidden_names));
    if (settings->model.kind == MODEL_LINEAR && hidden != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about --model mlp, and --model linear is given: leave one out", hidden);
    settings->model.activation_given = options_given(table, "activation");
    status = check_optimizer(&settings->training, table, error);
    if (status != SPIRAL_OK)
        return status;
    if (isnan(settings->model.init_scale))
        settings->model.init_scale = settings->model.init == SPIRAL_INIT_GAUSSIAN ? NOTES_INIT_SCALE : 1.0;
    if (settings->model.kind == MODEL_LINEAR)
        settings->model.hidden.count = 0;
    if (settings->training.iterations == 0)
        settings->training.iterations = settings->model.kind == MODEL_LINEAR ? LINEAR_ITERATIONS : MLP_ITERATIONS;
    status = spiral_train_validate(&settings->training, error);
    if (status == SPIRAL_OK && settings->data.path == NULL)
        status = generate_settings_check(&settings->data, table, error);
    return status;
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

const char *const summary_names[] = {"text", "json", NULL};

SpiralStatus accuracy_require(const OptionTable *table, double required, const char *name, double accuracy,
                              SpiralError *error)
{
    char found[32] = "", expected[32] = "";
    if (!options_given(table, "require-accuracy") || accuracy >= required)
        return SPIRAL_OK;
    for (int digits = 6; digits <= 17 && strcmp(found, expected) == 0; digits++) {
        snprintf(found, sizeof found, "%.*g", digits, accuracy);
        snprintf(expected, sizeof expected, "%.*g", digits, required);
    }
    return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0, "the %s is %s, --require-accuracy expected at least %s",
                            name, found, expected);
}
