/* checkpoint.c: saves a trainer's state to one .npz file and restores it. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/npz.h"
#include "data/npz_writer.h"
#include "net/trainer.h"

/* Format 1 counted the record of the untrained network among those that patience looks at, and kept the loss of a batch
 * for tolerance. */
enum { FIRST_FORMAT = 1, FORMAT = 2, STREAM_INTEGERS = SPIRAL_RNG_WORDS + 2, MOST_LINES = 1000 };

/* Indices into the array "counters". */
enum { FORMAT_AT, ITERATION_AT, CHECKSUM_AT, VALIDATION_CHECKSUM_AT, BEST_ITERATION_AT, STALE_AT, COUNTERS };

/* The arrays of parameter_count values. */
enum { FIRST_SLOT = 2, BEST_AT = 2 + SPIRAL_OPTIMIZER_SLOTS, ARRAYS };
static const char *const array_names[ARRAYS] = {"parameters", "previous", "slot1", "slot2", "best"};

/* NULL if this training does not keep the array. */
static double *saved_array(const SpiralTrainer *trainer, size_t number)
{
    double *const arrays[ARRAYS] = {trainer->current, trainer->previous, trainer->slot[0], trainer->slot[1],
                                    trainer->best};
    return arrays[number];
}

/* 0 if there is no data. */
static int64_t checksum_of(const SpiralDataset *dataset)
{
    return dataset != NULL ? (int64_t)spiral_dataset_checksum(dataset) : 0;
}

static SpiralExtents vector(size_t count)
{
    return (SpiralExtents){.dimensions = 1, .extent = {count}, .count = count};
}

/* ---- save -------------------------------------------------------------------------------------------------------- */

typedef struct Saver {
    SpiralNpzWriter *writer;
    SpiralStatus status; /* after a failure, nothing more is added */
    SpiralError *error;
} Saver;

static void add_doubles(Saver *saver, const char *name, size_t count, const double *values)
{
    SpiralExtents shape = vector(count);
    if (saver->status == SPIRAL_OK)
        saver->status = spiral_npz_add_doubles(saver->writer, name, &shape, values, saver->error);
}

static void add_integers(Saver *saver, const char *name, size_t count, const int64_t *values)
{
    SpiralExtents shape = vector(count);
    if (saver->status == SPIRAL_OK)
        saver->status = spiral_npz_add_integers(saver->writer, name, &shape, values, saver->error);
}

/* Array `name` holds the state words, the position and whether a normal is cached; `normal_name` holds that normal. */
static void add_stream(Saver *saver, const char *name, const char *normal_name, const SpiralRng *stream)
{
    int64_t integers[STREAM_INTEGERS];
    for (size_t i = 0; i < SPIRAL_RNG_WORDS; i++)
        integers[i] = stream->state[i];
    integers[SPIRAL_RNG_WORDS] = stream->position;
    integers[SPIRAL_RNG_WORDS + 1] = stream->has_normal;
    add_integers(saver, name, STREAM_INTEGERS, integers);
    add_doubles(saver, normal_name, 1, &stream->normal);
}

/* Splits a text into *count lines, each a newly allocated string. NULL if out of memory. */
static char **split_lines(const char *text, size_t *count)
{
    size_t most = 1;
    for (const char *c = text; *c != '\0'; c++)
        most += *c == '\n';
    char **lines = spiral_allocate(most, sizeof *lines);
    *count = 0;
    while (lines != NULL && *text != '\0') {
        size_t length = strcspn(text, "\n");
        lines[*count] = spiral_copy_bytes(text, length);
        if (lines[*count] == NULL) {
            spiral_names_free(lines, *count);
            return NULL;
        }
        *count += 1;
        text += length + (text[length] == '\n');
    }
    return lines;
}

static void add_lines(Saver *saver, const char *name, const char *text)
{
    if (saver->status != SPIRAL_OK)
        return;
    size_t count;
    char **lines = split_lines(text, &count);
    if (lines == NULL) {
        saver->status = spiral_error_set(saver->error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a checkpoint");
        return;
    }
    SpiralExtents shape = vector(count);
    saver->status = spiral_npz_add_strings(saver->writer, name, &shape, (const char *const *)lines, saver->error);
    spiral_names_free(lines, count);
}

static void add_state(Saver *saver, const SpiralTrainer *trainer)
{
    const int64_t counters[COUNTERS] = {[FORMAT_AT] = FORMAT,
                                        [ITERATION_AT] = (int64_t)trainer->iteration,
                                        [CHECKSUM_AT] = checksum_of(trainer->dataset),
                                        [VALIDATION_CHECKSUM_AT] = checksum_of(trainer->validation),
                                        [BEST_ITERATION_AT] = (int64_t)trainer->best_iteration,
                                        [STALE_AT] = (int64_t)trainer->stale};
    const double losses[] = {trainer->best_loss, trainer->last_loss};
    add_integers(saver, "counters", COUNTERS, counters);
    for (size_t i = 0; i < ARRAYS; i++) {
        const double *array = saved_array(trainer, i);
        if (array != NULL)
            add_doubles(saver, array_names[i], trainer->network->parameter_count, array);
    }
    add_doubles(saver, "losses", 2, losses);
    add_stream(saver, "order", "order_normal", &trainer->order_stream);
    add_stream(saver, "dropout", "dropout_normal", &trainer->dropout_stream);
}

SpiralStatus spiral_trainer_save(const SpiralTrainer *trainer, const char *settings, const char *notes,
                                 const char *path, SpiralError *error)
{
    Saver saver = {.error = error};
    saver.status = spiral_npz_writer_create(&saver.writer, error);
    if (saver.status != SPIRAL_OK)
        return saver.status;
    add_state(&saver, trainer);
    add_lines(&saver, "settings", settings);
    if (notes != NULL)
        add_lines(&saver, "notes", notes);
    if (saver.status == SPIRAL_OK)
        saver.status = spiral_npz_save(saver.writer, path, error);
    spiral_npz_writer_free(saver.writer);
    return saver.status;
}

/* ---- resume ------------------------------------------------------------------------------------------------------ */

typedef struct Loader {
    SpiralNpz *npz;
    const char *path;
    SpiralStatus status; /* after a failure, nothing more is read */
    SpiralError *error;
} Loader;

/* Only the first refusal is kept. */
static void refuse(Loader *loader, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void refuse(Loader *loader, const char *format, ...)
{
    char reason[512];
    va_list arguments;
    if (loader->status != SPIRAL_OK)
        return;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    loader->status = spiral_error_set(loader->error, SPIRAL_ERROR_INPUT, loader->path, 0, "%s", reason);
}

static void refuse_count(Loader *loader, const char *name, size_t found, size_t expected)
{
    refuse(loader, "array %s holds %zu values, %zu are expected of a checkpoint of this training", name, found,
           expected);
}

static bool has_array(Loader *loader, const char *name)
{
    if (loader->status == SPIRAL_OK && !spiral_npz_has(loader->npz, name))
        refuse(loader, "array %s is missing, it is expected in a checkpoint of this training", name);
    return loader->status == SPIRAL_OK;
}

/* Checks that the array exists and has `count` values. An array of any other size is never read. */
static bool has_count(Loader *loader, const char *name, size_t count)
{
    SpiralExtents shape;
    char kind;
    if (!has_array(loader, name))
        return false;
    loader->status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
    if (loader->status == SPIRAL_OK && shape.count != count)
        refuse_count(loader, name, shape.count, count);
    return loader->status == SPIRAL_OK;
}

static void read_doubles(Loader *loader, const char *name, size_t count, double *target)
{
    SpiralExtents shape;
    double *values;
    if (!has_count(loader, name, count))
        return;
    loader->status = spiral_npz_read_doubles(loader->npz, name, &shape, &values, loader->error);
    if (loader->status != SPIRAL_OK)
        return;
    memcpy(target, values, count * sizeof *target);
    free(values);
}

static void read_integers(Loader *loader, const char *name, size_t count, int64_t *target)
{
    SpiralExtents shape;
    int64_t *values;
    if (!has_count(loader, name, count))
        return;
    loader->status = spiral_npz_read_integers(loader->npz, name, &shape, &values, loader->error);
    if (loader->status != SPIRAL_OK)
        return;
    memcpy(target, values, count * sizeof *target);
    free(values);
}

static void read_stream(Loader *loader, const char *name, const char *normal_name, SpiralRng *stream)
{
    int64_t integers[STREAM_INTEGERS];
    read_integers(loader, name, STREAM_INTEGERS, integers);
    read_doubles(loader, normal_name, 1, &stream->normal);
    if (loader->status != SPIRAL_OK)
        return;
    /* Neither stream ever draws a normal, so none may be cached. */
    bool valid = integers[SPIRAL_RNG_WORDS] >= 0 && integers[SPIRAL_RNG_WORDS] <= SPIRAL_RNG_WORDS &&
                 integers[SPIRAL_RNG_WORDS + 1] == 0 && stream->normal == 0.0;
    for (size_t i = 0; i < SPIRAL_RNG_WORDS; i++) {
        valid = valid && integers[i] >= 0 && integers[i] <= UINT32_MAX;
        stream->state[i] = (uint32_t)integers[i];
    }
    stream->position = (uint32_t)integers[SPIRAL_RNG_WORDS];
    stream->has_normal = false;
    if (!valid)
        refuse(loader, "array %s is not the state of a stream of random numbers", name);
}

/* The values must be finite, and sums of squares not negative: a training in which they overflow has diverged, and
 * saves no checkpoint. */
static void read_array(Loader *loader, const char *name, size_t count, bool squares, double *target)
{
    read_doubles(loader, name, count, target);
    for (size_t i = 0; loader->status == SPIRAL_OK && i < count; i++)
        if (!isfinite(target[i]))
            refuse(loader, "array %s holds a number that is not finite", name);
        else if (squares && target[i] < 0.0)
            refuse(loader, "array %s holds %g, expected sums of squares", name, target[i]);
}

/* Reads the arrays that this training keeps; refuses any of the others. */
static void read_arrays(Loader *loader, const SpiralTrainer *trainer, double *target)
{
    size_t count = trainer->network->parameter_count;
    bool patient = trainer->options.patience > 0;
    if (loader->status == SPIRAL_OK && patient != spiral_npz_has(loader->npz, array_names[BEST_AT]))
        refuse(loader, "was made %s patience, and this training is %s it: the best weights so far are %s",
               patient ? "without" : "with", patient ? "with" : "without", patient ? "not known" : "kept in it");
    for (size_t i = 0; loader->status == SPIRAL_OK && i < ARRAYS; i++) {
        bool squares =
            i >= FIRST_SLOT && spiral_optimizer_slot_is_squares(trainer->options.optimizer.kind, i - FIRST_SLOT);
        if (saved_array(trainer, i) != NULL)
            read_array(loader, array_names[i], count, squares, target + i * count);
        else if (spiral_npz_has(loader->npz, array_names[i]))
            refuse(loader, "array %s is there, and this training keeps none", array_names[i]);
    }
}

/* The contents of the file, kept apart from the trainer until all of it has been checked. */
typedef struct SavedState {
    int format;
    uint64_t iteration, best_iteration, stale; /* as in the file: a size_t may be shorter */
    double *arrays;                            /* (ARRAYS, parameter_count) */
    double losses[2];                          /* best, last */
    SpiralRng order_stream, dropout_stream;
    char *notes;
} SavedState;

static void read_counters(Loader *loader, const SpiralTrainer *trainer, SavedState *saved)
{
    int64_t counters[COUNTERS];
    read_integers(loader, "counters", COUNTERS, counters);
    if (loader->status != SPIRAL_OK)
        return;
    int64_t checksum = checksum_of(trainer->dataset), validation = checksum_of(trainer->validation);
    if (counters[FORMAT_AT] != FORMAT && counters[FORMAT_AT] != FIRST_FORMAT)
        refuse(loader, "a checkpoint of format %" PRId64 ", this program reads format %d", counters[FORMAT_AT], FORMAT);
    else if (counters[CHECKSUM_AT] != checksum)
        refuse(loader, "made with other data: their CRC-32 is %08" PRIx64 ", this data's %08" PRIx64,
               (uint64_t)counters[CHECKSUM_AT], (uint64_t)checksum);
    else if (counters[VALIDATION_CHECKSUM_AT] != validation)
        refuse(loader,
               "made with other validation data: their CRC-32 is %08" PRIx64 ", this validation data's %08" PRIx64,
               (uint64_t)counters[VALIDATION_CHECKSUM_AT], (uint64_t)validation);
    else if (counters[ITERATION_AT] < 0 || counters[BEST_ITERATION_AT] < 0 || counters[STALE_AT] < 0)
        refuse(loader, "counts a negative number of iterations");
    else if ((uint64_t)counters[ITERATION_AT] > trainer->options.iterations)
        refuse(loader, "was made after %" PRId64 " iterations, and this training ends after %zu",
               counters[ITERATION_AT], trainer->options.iterations);
    if (loader->status != SPIRAL_OK)
        return;
    saved->format = (int)counters[FORMAT_AT];
    saved->iteration = (uint64_t)counters[ITERATION_AT];
    saved->best_iteration = (uint64_t)counters[BEST_ITERATION_AT];
    saved->stale = (uint64_t)counters[STALE_AT];
}

/* NULL for a name alone, which stands for any value but an empty one. */
static const char *value_of(const char *line)
{
    const char *equals = strchr(line, '=');
    return equals != NULL ? equals + 1 : NULL;
}

/* Both lines have the same name. */
static bool agree(const char *then, const char *now)
{
    const char *a = value_of(then), *b = value_of(now);
    if (a != NULL && b != NULL)
        return strcmp(a, b) == 0;
    return (a == NULL || *a != '\0') == (b == NULL || *b != '\0');
}

/* If both values begin with the same long text, most of it is left out of the message. */
static void refuse_value(Loader *loader, const char *then, const char *now)
{
    const char *before = value_of(then), *value = value_of(now);
    if (before == NULL || *before == '\0' || value == NULL || *value == '\0') {
        bool was = before == NULL || *before != '\0';
        refuse(loader, "was made %s %.*s, and this training is %s", was ? "with" : "without", (int)strcspn(now, "="),
               now, was ? "without" : "with");
        return;
    }
    size_t name = strcspn(now, "="), same = 0;
    while (then[same] == now[same] && now[same] != '\0')
        same++;
    bool is_long = same > name + 100;
    size_t from = is_long ? same - 40 : name + 1;
    refuse(loader, "was made with %.*s=%s%.150s, this training has %.*s=%s%.150s", (int)name, now, is_long ? "..." : "",
           then + from, (int)name, now, is_long ? "..." : "", now + from);
}

typedef struct Lines {
    char **line; /* (count) */
    size_t count;
} Lines;

/* Returns the line of `lines` with the same name as `line`, or NULL. */
static const char *same_name(const char *line, const Lines *lines)
{
    size_t length = strcspn(line, "=");
    for (size_t i = 0; i < lines->count; i++)
        if (strncmp(lines->line[i], line, length) == 0 && strcspn(lines->line[i], "=") == length)
            return lines->line[i];
    return NULL;
}

/* Settings with different values are reported before settings that only one side has. */
static void compare_lines(Loader *loader, const Lines *then, const Lines *now, const Lines *defaults)
{
    for (size_t i = 0; i < now->count; i++) {
        const char *before = same_name(now->line[i], then);
        if (before != NULL && !agree(before, now->line[i]))
            refuse_value(loader, before, now->line[i]);
    }
    for (size_t i = 0; i < now->count; i++) {
        const char *before = same_name(now->line[i], defaults);
        bool is_default = before != NULL && agree(before, now->line[i]);
        if (!is_default && same_name(now->line[i], then) == NULL)
            refuse(loader, "was made without such a setting, this training has %.400s", now->line[i]);
    }
    for (size_t i = 0; i < then->count; i++)
        if (same_name(then->line[i], now) == NULL)
            refuse(loader, "was made with %.400s, this training has no such setting", then->line[i]);
}

static void read_lines(Loader *loader, const char *name, Lines *lines)
{
    SpiralExtents shape;
    char kind;
    *lines = (Lines){0};
    if (!has_array(loader, name))
        return;
    loader->status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
    if (loader->status == SPIRAL_OK && shape.count > MOST_LINES)
        refuse(loader, "array %s holds %zu values, expected at most %d", name, shape.count, MOST_LINES);
    if (loader->status == SPIRAL_OK)
        loader->status = spiral_npz_read_strings(loader->npz, name, &shape, &lines->line, loader->error);
    if (loader->status == SPIRAL_OK)
        lines->count = shape.count;
}

static void refuse_for_memory(Loader *loader)
{
    if (loader->status == SPIRAL_OK)
        loader->status = spiral_error_set(loader->error, SPIRAL_ERROR_LIMIT, loader->path, 0, "no memory to read it");
}

static void compare_settings(Loader *loader, const char *settings, const char *defaults)
{
    Lines then, now = {0}, old = {0};
    read_lines(loader, "settings", &then);
    if (loader->status != SPIRAL_OK)
        return;
    now.line = split_lines(settings, &now.count);
    old.line = split_lines(defaults != NULL ? defaults : "", &old.count);
    if (now.line != NULL && old.line != NULL)
        compare_lines(loader, &then, &now, &old);
    else
        refuse_for_memory(loader);
    spiral_names_free(old.line, old.count);
    spiral_names_free(now.line, now.count);
    spiral_names_free(then.line, then.count);
}

/* Joins the lines into one text, each line ended by a newline. NULL if out of memory. */
static char *join_lines(const Lines *lines)
{
    size_t size = 1, used = 0;
    for (size_t i = 0; i < lines->count; i++)
        size += strlen(lines->line[i]) + 1;
    char *text = spiral_allocate(size, 1);
    for (size_t i = 0; text != NULL && i < lines->count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\n", lines->line[i]);
    return text;
}

/* Checkpoints of version 0.1.0 have no notes. */
static void read_notes(Loader *loader, char **notes)
{
    Lines lines = {0};
    if (loader->status == SPIRAL_OK && spiral_npz_has(loader->npz, "notes"))
        read_lines(loader, "notes", &lines);
    if (loader->status == SPIRAL_OK && (*notes = join_lines(&lines)) == NULL)
        refuse_for_memory(loader);
    spiral_names_free(lines.line, lines.count);
}

/* ---- consistency of the saved state ------------------------------------------------------------------------------ */

/* Returns n, where the stop rules are applied at iterations 0, n, 2n, ... */
static size_t judged_every(const SpiralTrainer *trainer)
{
    return trainer->options.judge_every > 0 ? trainer->options.judge_every : trainer->options.record_every;
}

/* A cross-entropy is never negative, and neither are the penalties. Infinity stands for none so far. */
static void check_losses(Loader *loader, const SavedState *saved)
{
    double best = saved->losses[0], last = saved->losses[1];
    if (!(best >= 0.0))
        refuse(loader, "array losses: the best loss is %g, expected a number from 0", best);
    if (last != INFINITY && (saved->iteration == 0 || !(last >= 0.0)))
        refuse(loader, "array losses: the last loss is %g after %" PRIu64 " iterations, expected %s", last,
               saved->iteration, saved->iteration == 0 ? "none" : "a number from 0");
}

/* The untrained network must not be kept: the next record is the best. The records since are counted as they were. */
static void convert_first_format(const SpiralTrainer *trainer, SavedState *saved)
{
    if (trainer->order != NULL || trainer->dropout != NULL)
        saved->losses[1] = INFINITY;
    if (trainer->options.patience > 0 && saved->best_iteration == 0)
        saved->losses[0] = INFINITY;
}

/* The best loss must belong to a record after the first and before the saved iteration, and stale must count the
 * records since. */
static void check_best(Loader *loader, const SpiralTrainer *trainer, const SavedState *saved)
{
    size_t every = judged_every(trainer), patience = trainer->options.patience;
    uint64_t judged = saved->iteration > 0 ? (saved->iteration - 1) / every : 0, best = 0;
    if (isfinite(saved->losses[0])) {
        if (patience == 0)
            refuse(loader, "array losses: a best loss of %g, and a training without patience keeps none",
                   saved->losses[0]);
        else if (saved->best_iteration == 0 || saved->best_iteration >= saved->iteration ||
                 saved->best_iteration % every != 0)
            refuse(loader,
                   "array counters: best at iteration %" PRIu64
                   ", expected a multiple of %zu from %zu and below %" PRIu64,
                   saved->best_iteration, every, every, saved->iteration);
        best = saved->best_iteration / every;
    } else if (saved->best_iteration != 0) {
        refuse(loader, "array counters: best at iteration %" PRIu64 ", and there is no best loss",
               saved->best_iteration);
    }
    uint64_t stale = patience > 0 ? judged - best : 0;
    if (saved->stale != stale)
        refuse(loader, "array counters: %" PRIu64 " records since the best, expected %" PRIu64, saved->stale, stale);
    else if (patience > 0 && stale >= patience)
        refuse(loader, "array counters: %" PRIu64 " records since the best, and this training stops after %zu", stale,
               patience);
}

/* A stream from which nothing has been drawn must still be in its seeded state. */
static void check_stream(Loader *loader, const char *name, const SpiralRng *stream, const SpiralRng *seeded, bool drawn)
{
    if (!drawn &&
        (stream->position != seeded->position || memcmp(stream->state, seeded->state, sizeof stream->state) != 0))
        refuse(loader, "array %s is not the stream of this training's seed, as it was at its start", name);
}

static void check_saved(Loader *loader, const SpiralTrainer *trainer, SavedState *saved)
{
    check_losses(loader, saved);
    if (saved->format == FIRST_FORMAT)
        convert_first_format(trainer, saved);
    check_best(loader, trainer, saved);
    /* The order stream is saved as it was before the epoch of the last update was drawn. */
    check_stream(loader, "order", &saved->order_stream, &trainer->order_stream,
                 trainer->order != NULL && saved->iteration > trainer->epoch);
    check_stream(loader, "dropout", &saved->dropout_stream, &trainer->dropout_stream,
                 trainer->dropout != NULL && saved->iteration > 0);
}

static void read_all(Loader *loader, const SpiralTrainer *trainer, const char *settings, const char *defaults,
                     SavedState *saved)
{
    compare_settings(loader, settings, defaults);
    read_counters(loader, trainer, saved);
    read_arrays(loader, trainer, saved->arrays);
    read_doubles(loader, "losses", 2, saved->losses);
    read_stream(loader, "order", "order_normal", &saved->order_stream);
    read_stream(loader, "dropout", "dropout_normal", &saved->dropout_stream);
    read_notes(loader, &saved->notes);
    if (loader->status == SPIRAL_OK)
        check_saved(loader, trainer, saved);
}

static void restore(SpiralTrainer *trainer, const SavedState *saved)
{
    size_t count = trainer->network->parameter_count;
    for (size_t i = 0; i < ARRAYS; i++)
        if (saved_array(trainer, i) != NULL)
            memcpy(saved_array(trainer, i), saved->arrays + i * count, count * sizeof(double));
    trainer->iteration = (size_t)saved->iteration;
    trainer->best_iteration = (size_t)saved->best_iteration;
    trainer->stale = (size_t)saved->stale;
    trainer->best_loss = saved->losses[0];
    trainer->last_loss = saved->losses[1];
    trainer->order_stream = saved->order_stream;
    trainer->dropout_stream = saved->dropout_stream;
    if (trainer->order != NULL && trainer->iteration > 0)
        spiral_trainer_draw_order(trainer);
}

SpiralStatus spiral_trainer_resume(SpiralTrainer *trainer, const char *settings, const char *defaults, const char *path,
                                   char **notes, SpiralError *error)
{
    Loader loader = {.path = path, .error = error};
    SavedState saved = {0};
    saved.arrays = spiral_allocate_matrix(ARRAYS, trainer->network->parameter_count);
    if (saved.arrays == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to read it");
    loader.status = spiral_npz_open(path, &loader.npz, error);
    if (loader.status == SPIRAL_OK) {
        read_all(&loader, trainer, settings, defaults, &saved);
        spiral_npz_close(loader.npz);
    }
    if (loader.status == SPIRAL_OK)
        restore(trainer, &saved);
    if (loader.status == SPIRAL_OK && notes != NULL) {
        *notes = saved.notes;
        saved.notes = NULL;
    }
    free(saved.notes);
    free(saved.arrays);
    return loader.status;
}
