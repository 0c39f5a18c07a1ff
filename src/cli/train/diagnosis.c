/* diagnosis.c: why a training has not learnt, and what to try. The problems are looked for in an order in which the
 * earlier ones bring the later ones about: the first that is seen is named. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/train/warnings.h"

/* Flat activations: of a hidden layer with more of them hardly any gradient passes. */
static const double DEAD = 0.9, SATURATED = 0.8;

/* First weights whose loss is so many times that of a guess are large: small ones begin as a guess. */
static const double LARGE = 3.0;

/* Above the lowest loss, or that of a guess, by this part of the latter: the loss does not fall, it jumps. */
static const double JUMPED = 0.1;

/* Activations of the last hidden layer that deviate by less than this part of the features have faded. */
static const double FADED = 0.01;

/* The notes' reg: where the data pulls no harder than this, more than the penalty is wrong. */
static const double USUAL_REG = 1e-3;

/* More than this is too much against overfitting, too. */
static const double STRONG_REG = 1e-2;

/* Below this part of a guess's loss the weights of an early stop are worth having. */
static const double LEARNT_AT_ALL = 0.9;

/* A schedule that has lowered the rate to less than this part of its base has ended the training. */
static const double SPENT = 0.01;

/* The rules that divide by the size of the gradient move a weight by at most the rate, or about it, in each update. In
 * all, it should move by more than this. */
static const double SHORT_WAY = 0.3;

/* Updates by fewer rows than this are so noisy that they need a lower rate. */
static const size_t FEW_ROWS = 32;

/* Features of other sizes than this are worth a --standardize. */
static const double SMALL_FEATURES = 0.1, LARGE_FEATURES = 10.0;

/* What is looked at. */
typedef struct Case {
    const TrainingWarnings *warnings;
    const SpiralTrainOptions *options;
    const SpiralNetwork *network;
    const SpiralLayerStatistics *first, *now; /* (layers) */
    size_t hidden, iterations;
    bool ended;                           /* or is it in the middle of its iterations? */
    double begin, loss, chance, features; /* features: their deviation as the network gets them */
} Case;

/* What one problem suggests: options with their values, the better one first. */
typedef struct Advice {
    size_t count;
    char text[2][sizeof((TrainingWarning *)0)->remedy[0]];
} Advice;

static void advise(Advice *advice, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void advise(Advice *advice, const char *format, ...)
{
    if (advice->count == COUNT(advice->text))
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(advice->text[advice->count++], sizeof advice->text[0], format, arguments);
    va_end(arguments);
}

static void say(TrainingWarning *warning, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(TrainingWarning *warning, const char *format, ...)
{
    size_t length = strlen(warning->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(warning->text + length, sizeof warning->text - length, format, arguments);
    va_end(arguments);
}

/* ---- remedies that several problems share; each only where it applies -------------------------------------------- */

static void advise_rate(const Case *c, double factor, Advice *advice)
{
    advise(advice, "--learning-rate %.2g", factor * c->options->learning_rate);
}

static void advise_features(const Case *c, Advice *advice)
{
    if (c->network->mean == NULL && !(c->features > SMALL_FEATURES && c->features < LARGE_FEATURES))
        advise(advice, "--standardize");
}

/* First weights that keep the deviation of the activations, unless the training has them. */
static void advise_init(const Case *c, Advice *advice)
{
    const ModelSettings *model = &c->warnings->settings->run.model;
    if (c->warnings->settings->init_from != NULL)
        return;
    bool rectified =
        c->network->activation == SPIRAL_ACTIVATION_RELU || c->network->activation == SPIRAL_ACTIVATION_LEAKY_RELU;
    const char *name = rectified ? "he" : "xavier";
    if (model->init != SPIRAL_INIT_GAUSSIAN && model->init_scale != 1.0)
        advise(advice, "--init-scale 1");
    else if (model->init == SPIRAL_INIT_GAUSSIAN && c->hidden == 0)
        advise(advice, "--init-scale 0.01");
    else if (model->init == SPIRAL_INIT_GAUSSIAN)
        advise(advice, model->init_scale == 0.01 ? "--init %s" : "--init %s --init-scale 1", name);
}

/* ---- the problems ------------------------------------------------------------------------------------------------ */

static bool starts_at_zero(const Case *c)
{
    for (size_t l = 0; l < c->network->layers; l++)
        if (c->hidden > 0 && c->first[l].weights == 0.0)
            return true;
    return false;
}

static void say_zero(const Case *c, TrainingWarning *warning)
{
    (void)c;
    say(warning, "the weights of a layer began at 0, so that its units get the same gradient and stay alike");
}

static bool starts_large(const Case *c)
{
    return c->begin > LARGE * c->chance;
}

static void say_large(const Case *c, TrainingWarning *warning)
{
    say(warning, "the first weights or the features are large, and the loss began at %.3g", c->begin);
}

static void advise_large(const Case *c, Advice *advice)
{
    advise_features(c, advice);
    advise_init(c, advice);
}

static bool has_faded(const Case *c)
{
    return c->hidden > 1 && c->first[c->hidden - 1].deviation < FADED * c->features;
}

/* The hidden layer (1, 2, ...) with the most flat activations or, of ReLUs, dead units; 0: none has enough. */
static size_t flat_layer(const Case *c, double share)
{
    bool relu = c->network->activation == SPIRAL_ACTIVATION_RELU;
    size_t worst = 0;
    for (size_t l = 0; l < c->hidden; l++) {
        double flat = relu ? c->now[l].dead : c->now[l].saturated;
        if (flat >= share) {
            worst = l + 1;
            share = flat;
        }
    }
    return worst;
}

static bool has_dead_layer(const Case *c)
{
    return c->network->activation == SPIRAL_ACTIVATION_RELU && flat_layer(c, DEAD) > 0;
}

static void say_dead(const Case *c, TrainingWarning *warning)
{
    size_t layer = flat_layer(c, DEAD);
    say(warning,
        "%.0f %% of the %zu units of hidden layer %zu are dead: positive for no row, so that they pass no "
        "gradient",
        100.0 * c->now[layer - 1].dead, c->network->sizes[layer], layer);
}

/* Where hardly anything arrives, the biases alone decide which units are dead; and what began dead was not killed. */
static void advise_dead(const Case *c, Advice *advice)
{
    if (has_faded(c) || c->first[flat_layer(c, DEAD) - 1].dead >= DEAD)
        advise_init(c, advice);
    else
        advise_rate(c, 0.1, advice);
    advise_features(c, advice);
}

static bool has_saturated_layer(const Case *c)
{
    return c->network->activation != SPIRAL_ACTIVATION_RELU && flat_layer(c, SATURATED) > 0;
}

static void say_saturated(const Case *c, TrainingWarning *warning)
{
    size_t layer = flat_layer(c, SATURATED);
    say(warning, "%.0f %% of the activations of hidden layer %zu are saturated, where the slope is next to 0%s",
        100.0 * c->now[layer - 1].saturated, layer,
        c->first[layer - 1].saturated >= SATURATED ? ", as from the start" : "");
}

static void advise_saturated(const Case *c, Advice *advice)
{
    if (c->first[flat_layer(c, SATURATED) - 1].saturated >= SATURATED) {
        advise_features(c, advice);
        advise_init(c, advice);
    }
    advise_rate(c, 0.1, advice);
}

static bool has_jumped(const Case *c)
{
    double best = c->warnings->best.loss;
    return c->loss > best + JUMPED * c->chance || c->loss > (1.0 + JUMPED) * c->chance;
}

static void say_jumped(const Case *c, TrainingWarning *warning)
{
    say(warning, "the learning rate (%g) is too high, and the loss jumps", c->options->learning_rate);
}

static void advise_lower_rate(const Case *c, Advice *advice)
{
    advise_rate(c, 0.1, advice);
    advise_features(c, advice);
}

static void say_faded(const Case *c, TrainingWarning *warning)
{
    say(warning,
        "the activations fade from layer to layer: at the start those of hidden layer %zu deviate by %.2g, the "
        "features "
        "by %.2g",
        c->hidden, c->first[c->hidden - 1].deviation, c->features);
}

static void advise_faded(const Case *c, Advice *advice)
{
    if (c->network->activation == SPIRAL_ACTIVATION_SIGMOID) /* its slope of at most 1/4 fades with any weights */
        advise(advice, "--activation tanh --init xavier");
    else
        advise_init(c, advice);
    advise_features(c, advice);
    advise(advice, "fewer hidden layers");
}

/* Do the penalties pull at least as hard at the weights of every layer as the data does? */
static bool outweighs(const Case *c, const SpiralLayerStatistics *layers)
{
    const SpiralObjective *objective = &c->options->objective;
    double rows = objective->reduction == SPIRAL_REDUCTION_SUM ? (double)c->warnings->dataset->rows : 1.0;
    for (size_t l = 0; l < c->network->layers; l++) {
        double count = (double)c->network->sizes[l] * (double)c->network->sizes[l + 1];
        if (objective->reg * layers[l].weights + objective->l1 * sqrt(count) < 0.5 * rows * layers[l].gradient)
            return false;
    }
    return true;
}

static bool is_penalised(const Case *c)
{
    const SpiralObjective *objective = &c->options->objective;
    return (objective->reg > USUAL_REG || objective->l1 > 0.1 * USUAL_REG) &&
           (outweighs(c, c->first) || outweighs(c, c->now));
}

static void say_penalised(const Case *c, TrainingWarning *warning)
{
    say(warning, "the penalties (reg %g, l1 %g) pull the weights to 0 as hard as the data pulls them away",
        c->options->objective.reg, c->options->objective.l1);
}

static void advise_penalised(const Case *c, Advice *advice)
{
    if (c->options->objective.l1 > 0.1 * USUAL_REG)
        advise(advice, "--l1 0");
    if (c->options->objective.reg > USUAL_REG)
        advise(advice, "--reg %g", USUAL_REG);
}

static bool drops_most(const Case *c)
{
    return c->options->dropout > 0.5;
}

static void say_dropout(const Case *c, TrainingWarning *warning)
{
    say(warning, "dropout leaves out %.0f %% of the units", 100.0 * c->options->dropout);
}

static void advise_dropout(const Case *c, Advice *advice)
{
    (void)c;
    advise(advice, "--dropout 0.2");
}

static double last_rate(const Case *c)
{
    return spiral_schedule_rate(&c->options->schedule, c->options->learning_rate, c->iterations - 1,
                                c->options->iterations);
}

static bool is_spent(const Case *c)
{
    return c->options->schedule.kind != SPIRAL_SCHEDULE_COSINE && c->iterations > c->options->schedule.warmup &&
           last_rate(c) < SPENT * c->options->learning_rate;
}

static void say_spent(const Case *c, TrainingWarning *warning)
{
    say(warning, "the schedule has lowered the learning rate from %g to %.2g", c->options->learning_rate, last_rate(c));
}

static void advise_spent(const Case *c, Advice *advice)
{
    (void)c;
    advise(advice, "a slower --schedule");
}

/* Has the loss fallen from every recent look to the next, and in the end as fast as before? */
static bool falls_steadily(const Case *c)
{
    const TrainingWarnings *warnings = c->warnings;
    const Look *recent = warnings->recent;
    for (size_t i = 1; i < warnings->recent_count; i++)
        if (recent[i].loss >= recent[i - 1].loss)
            return false;
    size_t since = warnings->recent_count > 0 ? recent[0].iteration : 0;
    if (since >= c->iterations)
        return false;
    double before = since > 0 ? recent[0].loss : c->begin;
    double late = (before - c->loss) / (double)(c->iterations - since);
    return late > 0.0 && late > 0.5 * (c->begin - c->loss) / (double)c->iterations;
}

/* A rate that most trainings can begin with: the notes' 1, of the mean gradient of all rows; of few rows less. */
static double usual_rate(const Case *c)
{
    const SpiralTrainOptions *options = c->options;
    double rate = 1.0;
    switch (options->optimizer.kind) {
    case SPIRAL_OPTIMIZER_MOMENTUM:
    case SPIRAL_OPTIMIZER_NESTEROV: /* the velocity adds up to so many gradients */
        rate = 1.0 - options->optimizer.momentum;
        break;
    case SPIRAL_OPTIMIZER_SGD:
        break;
    case SPIRAL_OPTIMIZER_ADAGRAD:
        return 0.1;
    case SPIRAL_OPTIMIZER_ADAM:
    case SPIRAL_OPTIMIZER_ADAMW:
    case SPIRAL_OPTIMIZER_RMSPROP:
        return 0.01;
    }
    if (options->batch_size > 0 && options->batch_size < FEW_ROWS)
        rate /= 10.0;
    if (options->objective.reduction == SPIRAL_REDUCTION_SUM)
        rate /= (double)c->warnings->dataset->rows;
    return rate;
}

/* How far the update rule can move a weight in all; infinite when it follows the gradient's size. */
static double longest_way(const Case *c)
{
    double updates = (double)c->iterations, rate = c->options->learning_rate;
    switch (c->options->optimizer.kind) {
    case SPIRAL_OPTIMIZER_ADAM:
    case SPIRAL_OPTIMIZER_ADAMW:
    case SPIRAL_OPTIMIZER_RMSPROP:
        return rate * updates;
    case SPIRAL_OPTIMIZER_ADAGRAD: /* the sum of 1 / sqrt(t) */
        return rate * 2.0 * sqrt(updates);
    case SPIRAL_OPTIMIZER_SGD:
    case SPIRAL_OPTIMIZER_MOMENTUM:
    case SPIRAL_OPTIMIZER_NESTEROV:
        break;
    }
    return INFINITY;
}

/* In the middle of a training, the way so far says nothing. */
static bool is_slow(const Case *c)
{
    bool crawls = falls_steadily(c) && !has_faded(c) && c->options->learning_rate < 0.3 * usual_rate(c);
    return c->ended && (crawls || longest_way(c) < SHORT_WAY);
}

static void say_slow(const Case *c, TrainingWarning *warning)
{
    double way = longest_way(c), rate = c->options->learning_rate;
    if (way < SHORT_WAY)
        say(warning, "the learning rate (%g) is too low: in %zu updates %s moves a weight by some %.2g at most", rate,
            c->iterations, spiral_optimizer_name(c->options->optimizer.kind), way);
    else
        say(warning, "the learning rate (%g) is too low, and the loss still falls as at the beginning", rate);
}

static void advise_slow(const Case *c, Advice *advice)
{
    advise(advice, "--learning-rate %.2g", fmin(100.0 * c->options->learning_rate, usual_rate(c)));
    advise_features(c, advice);
    advise(advice, "more --iterations");
}

static bool is_linear(const Case *c)
{
    return c->hidden == 0;
}

static void say_linear(const Case *c, TrainingWarning *warning)
{
    (void)c;
    say(warning, "straight lines hardly separate these classes");
}

static void advise_linear(const Case *c, Advice *advice)
{
    (void)c;
    advise(advice, "--model mlp");
}

static bool is_any(const Case *c)
{
    (void)c;
    return true;
}

static void say_stuck(const Case *c, TrainingWarning *warning)
{
    (void)c;
    say(warning, "the loss has not begun to fall, or has stopped");
}

static void advise_stuck(const Case *c, Advice *advice)
{
    if (c->network->activation == SPIRAL_ACTIVATION_SIGMOID)
        advise(advice, "--activation tanh --init xavier");
    advise_init(c, advice);
    advise(advice, "more --iterations");
}

static const struct {
    TrainingCause cause;
    bool (*is_seen)(const Case *c);
    void (*say)(const Case *c, TrainingWarning *warning);
    void (*advise)(const Case *c, Advice *advice);
} problems[] = {
    {CAUSE_ZERO_WEIGHTS, starts_at_zero, say_zero, advise_init},
    {CAUSE_LARGE_WEIGHTS, starts_large, say_large, advise_large},
    {CAUSE_DEAD_UNITS, has_dead_layer, say_dead, advise_dead},
    {CAUSE_SATURATION, has_saturated_layer, say_saturated, advise_saturated},
    {CAUSE_RATE_HIGH, has_jumped, say_jumped, advise_lower_rate},
    {CAUSE_FADING, has_faded, say_faded, advise_faded},
    {CAUSE_PENALTY, is_penalised, say_penalised, advise_penalised},
    {CAUSE_DROPOUT, drops_most, say_dropout, advise_dropout},
    {CAUSE_SCHEDULE, is_spent, say_spent, advise_spent},
    {CAUSE_RATE_LOW, is_slow, say_slow, advise_slow},
    {CAUSE_LINEAR, is_linear, say_linear, advise_linear},
    {CAUSE_STUCK, is_any, say_stuck, advise_stuck},
};

/* Of the features as the network gets them: the root mean square of their deviations. */
static double features_deviation(const TrainingWarnings *warnings)
{
    const SpiralDataset *dataset = warnings->dataset;
    double total = 0.0, rows = (double)dataset->rows;
    if (warnings->network->mean != NULL)
        return 1.0;
    for (size_t d = 0; d < dataset->features; d++) {
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < dataset->rows; i++) {
            double difference = dataset->X[i * dataset->features + d] - dataset->X[d];
            sum += difference;
            squares += difference * difference;
        }
        total += fmax(0.0, squares / rows - sum / rows * (sum / rows));
    }
    return sqrt(total / (double)dataset->features);
}

static bool same_option(const char *a, const char *b)
{
    size_t length = strcspn(a, " ");
    return length == strcspn(b, " ") && strncmp(a, b, length) == 0;
}

/* The remedy of the named problem and that of the next one seen, which has to be mended, too; without one, the other
 * remedy of the named problem. */
static void choose_remedies(TrainingWarning *warning, const Advice *advice, const Advice *next)
{
    if (advice->count > 0)
        snprintf(warning->remedy[0], sizeof warning->remedy[0], "%s", advice->text[0]);
    warning->together = next->count > 0 && advice->count > 0;
    const char *second = next->count > 0 ? next->text[0] : advice->count > 1 ? advice->text[1] : "";
    snprintf(warning->remedy[advice->count > 0], sizeof warning->remedy[0], "%s", second);
}

void training_diagnose(const TrainingWarnings *warnings, size_t iterations, bool ended, double loss,
                       TrainingWarning *warning)
{
    const Case c = {.warnings = warnings,
                    .options = &warnings->settings->run.training,
                    .network = warnings->network,
                    .first = warnings->first,
                    .now = spiral_layer_meter_layers(warnings->meter),
                    .hidden = warnings->network->layers - 1,
                    .iterations = iterations,
                    .ended = ended,
                    .begin = warnings->begin.loss,
                    .loss = loss,
                    .chance = warnings->chance,
                    .features = features_deviation(warnings)};
    Advice advice = {0}, next = {0};
    size_t i = 0;
    while (!problems[i].is_seen(&c))
        i++;
    warning->cause = problems[i].cause;
    problems[i].say(&c, warning);
    problems[i].advise(&c, &advice);
    for (i++; next.count == 0 && i < COUNT(problems) && problems[i].cause != CAUSE_STUCK; i++) {
        if (!problems[i].is_seen(&c))
            continue;
        problems[i].advise(&c, &next);
        if (advice.count > 0 && next.count > 0 && same_option(advice.text[0], next.text[0]))
            next.count = 0;
    }
    choose_remedies(warning, &advice, &next);
}

void training_diagnose_overfitting(const TrainingWarnings *warnings, double loss, TrainingWarning *warning)
{
    const SpiralTrainOptions *options = &warnings->settings->run.training;
    double reg = options->objective.reg;
    Advice advice = {0};
    const Advice none = {0};
    warning->cause = CAUSE_OVERFITTING;
    say(warning,
        "the network overfits: the validation loss was %.3g at iteration %zu and is %.3g, while the training "
        "loss has fallen",
        warnings->lowest.loss, warnings->lowest.iteration, loss);
    if (options->patience == 0 && warnings->lowest.loss < LEARNT_AT_ALL * warnings->chance)
        advise(&advice, "--patience 20");
    if (reg < STRONG_REG)
        advise(&advice, "--reg %.2g", fmax(10.0 * reg, USUAL_REG));
    if (warnings->network->layers > 1)
        advise(&advice, "fewer --hidden units");
    advise(&advice, "more data");
    choose_remedies(warning, &advice, &none);
}
