#define _POSIX_C_SOURCE 200809L
#include "cli/options/suggestions.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/cli.h"

/* ---- the nearest name -------------------------------------------------------------------------------------------- */

/* The edit distance (insertions, deletions and substitutions) of two words of at most 63 characters. Returns limit for
 * longer words, and when the lengths alone show that the distance is at least limit. */
static size_t edit_distance(const char *a, const char *b, size_t limit)
{
    enum { WORD_LIMIT = 64 };
    size_t m = strlen(a), n = strlen(b);
    size_t row[WORD_LIMIT];
    if (m >= WORD_LIMIT || n >= WORD_LIMIT || m + limit <= n || n + limit <= m)
        return limit;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

typedef struct Nearest {
    const char *word;
    const char *name; /* the nearest name so far, or NULL */
    size_t distance;  /* the distance of name; initially, the distance at which a word counts as different */
} Nearest;

static Nearest nearest_to(const char *word)
{
    return (Nearest){.word = word, .distance = strlen(word) / 3 + 2};
}

static void consider(Nearest *nearest, const char *name)
{
    size_t length = strlen(nearest->word);
    bool begins = length >= 2 && strncmp(nearest->word, name, length) == 0;
    size_t distance = begins ? 0 : edit_distance(nearest->word, name, nearest->distance);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = name;
    }
}

const char *nearest_name(const char *word, const char *const *names, size_t count)
{
    Nearest nearest = nearest_to(word);
    for (size_t i = 0; i < count; i++)
        consider(&nearest, names[i]);
    return nearest.name;
}

/* ---- names used by other programs -------------------------------------------------------------------------------- */

/* The names in meant are separated by spaces. If a name has several rows, the first row with an option of the command
 * is used. */
static const struct {
    const char *typed, *meant;
} other_names[] = {
    {"act", "activation"},
    {"activation-function", "activation"},
    {"alpha", "learning-rate reg"},
    {"arch", "hidden"},
    {"architecture", "hidden"},
    {"batch", "batch-size"},
    {"batchsize", "batch-size"},
    {"bs", "batch-size"},
    {"checkpoint", "resume"},
    {"class-column", "label"},
    {"clip-grad", "max-grad-norm"},
    {"clip-norm", "max-grad-norm"},
    {"clipnorm", "max-grad-norm"},
    {"color", "colours"},
    {"colour", "colours"},
    {"continue", "resume"},
    {"cpus", "threads"},
    {"cross-validation", "folds"},
    {"csv", "data"},
    {"cuda", "threads"},
    {"cv", "folds"},
    {"dataset", "data"},
    {"device", "threads"},
    {"dims", "dimensions"},
    {"dir", "out"},
    {"drop", "dropout"},
    {"drop-columns", "ignore"},
    {"early-stop", "patience"},
    {"early-stopping", "patience"},
    {"epoch", "epochs"},
    {"epoch", "iterations"},
    {"eta", "learning-rate"},
    {"eta0", "learning-rate"},
    {"exclude", "ignore"},
    {"figsize", "size"},
    {"file", "data"},
    {"file", "output"},
    {"folder", "out"},
    {"gpu", "threads"},
    {"grad-clip", "max-grad-norm"},
    {"gradient-clipping", "max-grad-norm"},
    {"hidden-layer", "hidden"},
    {"hidden-layer-sizes", "hidden"},
    {"hidden-layers", "hidden"},
    {"hidden-size", "hidden"},
    {"hidden-sizes", "hidden"},
    {"hidden-units", "hidden"},
    {"ignore-columns", "ignore"},
    {"init-model", "init-from"},
    {"input", "data"},
    {"iters", "iterations"},
    {"k-fold", "folds"},
    {"kfold", "folds"},
    {"lambda", "reg"},
    {"layer", "hidden"},
    {"layer-sizes", "hidden"},
    {"layers", "hidden"},
    {"learning", "learning-rate"},
    {"learningrate", "learning-rate"},
    {"log-freq", "log-every"},
    {"log-interval", "log-every"},
    {"logs", "log"},
    {"lr-scheduler", "schedule"},
    {"l2", "reg"},
    {"manual-seed", "seed"},
    {"max-epochs", "epochs"},
    {"max-iter", "iterations"},
    {"max-iterations", "iterations"},
    {"max-norm", "max-grad-norm"},
    {"max-steps", "iterations"},
    {"mini-batch", "batch-size"},
    {"mini-batch-size", "batch-size"},
    {"minibatch", "batch-size"},
    {"model-type", "model"},
    {"n-classes", "classes"},
    {"n-epochs", "epochs"},
    {"n-features", "dimensions"},
    {"n-hidden", "hidden"},
    {"n-iter", "iterations"},
    {"n-iter-no-change", "patience"},
    {"n-iterations", "iterations"},
    {"n-jobs", "jobs"},
    {"n-jobs", "threads"},
    {"n-points", "points-per-class"},
    {"n-samples", "points-per-class"},
    {"neurons", "hidden"},
    {"no-figure", "no-figures"},
    {"no-images", "no-figures"},
    {"no-plot", "no-figures"},
    {"no-plots", "no-figures"},
    {"nonlinearity", "activation"},
    {"noplot", "no-figures"},
    {"noplots", "no-figures"},
    {"normalise", "standardize"},
    {"normalization", "standardize"},
    {"normalize", "standardize"},
    {"nthreads", "threads"},
    {"num-classes", "classes"},
    {"num-epochs", "epochs"},
    {"num-features", "dimensions"},
    {"num-hidden", "hidden"},
    {"num-iterations", "iterations"},
    {"num-points", "points-per-class"},
    {"num-samples", "points-per-class"},
    {"num-steps", "iterations"},
    {"num-threads", "threads"},
    {"num-workers", "jobs"},
    {"num-workers", "threads"},
    {"optim", "optimizer"},
    {"out", "output"},
    {"out-dir", "out"},
    {"outdir", "out"},
    {"outfile", "output"},
    {"output", "out"},
    {"output-dir", "out"},
    {"penalty", "reg"},
    {"plot", "figure"},
    {"points", "points-per-class"},
    {"pretrained", "init-from"},
    {"pretrained", "load"},
    {"print-freq", "print-every"},
    {"print-interval", "print-every"},
    {"random-seed", "seed"},
    {"random-state", "seed"},
    {"regularisation", "reg"},
    {"regularization", "reg"},
    {"regularizer", "reg"},
    {"rng", "seed"},
    {"samples", "points-per-class"},
    {"save", "out"},
    {"save", "output"},
    {"save-dir", "out"},
    {"scale", "standardize"},
    {"scheduler", "schedule"},
    {"sep", "delimiter"},
    {"separator", "delimiter"},
    {"silent", "quiet"},
    {"solver", "optimizer"},
    {"standardise", "standardize"},
    {"standardization", "standardize"},
    {"std", "noise"},
    {"step-size", "learning-rate"},
    {"steps", "iterations"},
    {"stepsize", "learning-rate"},
    {"target", "label"},
    {"test-size", "validation"},
    {"train-data", "data"},
    {"training-data", "data"},
    {"val", "validation"},
    {"val-data", "validation"},
    {"val-split", "validation"},
    {"valid", "validation"},
    {"validation-data", "validation"},
    {"validation-split", "validation"},
    {"verbose", "print-every"},
    {"wd", "reg"},
    {"weight-decay", "reg"},
    {"weights", "init-from"},
    {"weights", "load"},
    {"weights", "model"},
    {"width", "hidden"},
    {"workers", "jobs"},
    {"workers", "threads"},
    {"z-score", "standardize"},
    {"zscore", "standardize"},
};

static bool has_option(const OptionTable *table, const char *name, size_t length)
{
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; i < table->groups[g].count; i++) {
            const char *own = table->groups[g].options[i].name;
            if (strlen(own) == length && strncmp(own, name, length) == 0)
                return true;
        }
    return false;
}

/* The names in meant that are options of the command: "--learning-rate or --reg". */
static void describe_meant(const OptionTable *table, const char *meant, char *text, size_t size)
{
    for (const char *next = meant; *next != '\0'; next += strspn(next, " ")) {
        size_t length = strcspn(next, " ");
        if (has_option(table, next, length))
            cli_append(text, size, "%s--%.*s", text[0] != '\0' ? " or " : "", (int)length, next);
        next += length;
    }
}

void suggest_option(const OptionTable *table, const char *typed, char *text, size_t size)
{
    char word[128];
    snprintf(word, sizeof word, "%s", typed);
    for (char *c = word; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    text[0] = '\0';
    Nearest nearest = nearest_to(word);
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; i < table->groups[g].count; i++) {
            const Option *option = &table->groups[g].options[i];
            consider(&nearest, option->name);
            if (option->alias != NULL)
                consider(&nearest, option->alias);
        }
    consider(&nearest, "help");
    consider(&nearest, "version");
    for (size_t i = 0; nearest.distance > 0 && text[0] == '\0' && i < COUNT(other_names); i++)
        if (strcasecmp(word, other_names[i].typed) == 0)
            describe_meant(table, other_names[i].meant, text, size);
    if (text[0] == '\0' && nearest.name != NULL)
        snprintf(text, size, "--%s", nearest.name);
}

/* ---- a file without its option ----------------------------------------------------------------------------------- */

/* Is the name's extension in the list of extensions, "csv npz"? */
static bool has_ending(const char *path, const char *endings)
{
    const char *point = strrchr(path, '.');
    size_t length = point != NULL ? strlen(point + 1) : 0;
    for (const char *next = endings; length > 0 && *next != '\0'; next += strspn(next, " ")) {
        size_t here = strcspn(next, " ");
        if (here == length && strncasecmp(next, point + 1, length) == 0)
            return true;
        next += here;
    }
    return false;
}

const char *suggest_for_operand(const OptionTable *table, const char *operand)
{
    const char *any = NULL;
    if (table->option_of_operand != NULL)
        any = table->option_of_operand(table, operand);
    if (any != NULL)
        return any;
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; i < table->groups[g].count; i++) {
            const Option *option = &table->groups[g].options[i];
            bool file = option->files != NULL && strcmp(option->files, "/") != 0;
            if (!file || (table->groups[g].given >> i & 1) != 0)
                continue;
            if (has_ending(operand, option->files))
                return option->name;
            if (any == NULL)
                any = option->name;
        }
    return access(operand, F_OK) == 0 || strcmp(operand, "-") == 0 ? any : NULL;
}
