/* A training that is saved and taken up again is the training that never stopped; what doesn't fit is refused. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/names.h"
#include "data/npz.h"
#include "data/npz_writer.h"
#include "data_support.h"
#include "learning_support.h"
#include "net_support.h"

enum { ITERATIONS = 50, SAVED_AT = 20, INTERRUPTED_AT = 33 };
static const char SETTINGS[] = "optimizer=sgd\nlearning-rate=0.05\nseed=9\n";

/* ---- one training ------------------------------------------------------------------------------------------------ */

/* 31 rows in batches of 7: the last of an epoch has 3. */
static SpiralTrainOptions options_for(SpiralOptimizerKind kind)
{
    SpiralTrainOptions options = spiral_train_defaults();
    options.optimizer.kind = kind;
    options.learning_rate = 0.05;
    options.schedule.kind = SPIRAL_SCHEDULE_COSINE;
    options.schedule.warmup = 30;
    options.objective.l1 = 1e-3;
    options.iterations = ITERATIONS;
    options.batch_size = 7;
    options.dropout = 0.3;
    options.max_grad_norm = 0.5;
    options.seed = 9;
    options.record_every = 1;
    options.patience = 1000;
    options.threads = 1;
    return options;
}

typedef struct Training {
    SpiralDataset data, validation;
    SpiralNetwork *network;
    SpiralTrainer *trainer;
    SpiralTrainOptions options;
    SpiralTrainResult result;
    Seen seen;
    const char *path; /* where the checkpoint hook saves; NULL: nowhere */
    size_t save_at;   /* only then; 0: always */
} Training;

static void start_training(Training *training, const SpiralTrainOptions *options)
{
    static const size_t hidden[] = {6, 4};
    *training = (Training){.options = *options};
    training->data = make_data(31, 2, 3, 31);
    training->validation = make_data(20, 2, 3, 32);
    training->network = make_network(2, 2, hidden, 3, 0.8, 33);
    assert_int_equal(spiral_trainer_create(training->network, &training->data, &training->validation, options,
                                           &training->trainer, NULL),
                     SPIRAL_OK);
}

static SpiralStatus save_checkpoint(SpiralTrainer *trainer, void *context, SpiralError *error)
{
    const Training *training = (const Training *)((const char *)context - offsetof(Training, seen));
    if (training->path == NULL || (training->save_at > 0 && spiral_trainer_iteration(trainer) != training->save_at))
        return SPIRAL_OK;
    return spiral_trainer_save(trainer, SETTINGS, NULL, training->path, error);
}

static void run_training(Training *training)
{
    SpiralTrainHooks hooks = {.record = see,
                              .checkpoint = save_checkpoint,
                              .context = &training->seen,
                              .interrupt = &training->seen.interrupt};
    SpiralError error;
    assert_ok(spiral_trainer_run(training->trainer, &hooks, &training->result, &error), error);
}

static void end_training(Training *training)
{
    spiral_trainer_free(training->trainer);
    spiral_network_free(training->network);
    free_data(&training->data);
    free_data(&training->validation);
}

static void assert_same_end(const Training *found, const Training *expected)
{
    assert_memory_equal(found->network->parameters, expected->network->parameters,
                        expected->network->parameter_count * sizeof(double));
    assert_memory_equal(&found->result.loss, &expected->result.loss, sizeof found->result.loss);
    assert_int_equal(found->result.reason, expected->result.reason);
    assert_int_equal(found->result.iterations, expected->result.iterations);
    assert_int_equal(found->result.best_iteration, expected->result.best_iteration);
    assert_true(found->result.validation_loss == expected->result.validation_loss);
}

static void resume(Training *training, const char *path)
{
    SpiralError error;
    assert_ok(spiral_trainer_resume(training->trainer, SETTINGS, NULL, path, NULL, &error), error);
}

/* Trains with a checkpoint before iteration `at`. */
static void train_and_save(Training *training, const SpiralTrainOptions *options, size_t at, const char *path)
{
    SpiralTrainOptions saving = *options;
    saving.checkpoint_every = 1;
    start_training(training, &saving);
    training->path = path;
    training->save_at = at;
    run_training(training);
}

/* From that checkpoint a training comes to the end of the one that never stopped. */
static void assert_goes_on(const SpiralTrainOptions *options, const char *path, size_t at, const Training *straight)
{
    static Training training;
    start_training(&training, options);
    resume(&training, path);
    run_training(&training);
    assert_same_records(&training.seen, &straight->seen, at);
    assert_same_end(&training, straight);
    end_training(&training);
}

/* ---- as if it had never stopped ---------------------------------------------------------------------------------- */

/* Straight; and saved before iteration 20, taken up in a new trainer, interrupted after iteration 33, taken up again.
 */
static void assert_resumes(void **state, const SpiralTrainOptions *options)
{
    static Training straight, first, second, third;
    char saved[512], interrupted[512];
    scratch_path(state, "saved.npz", saved);
    scratch_path(state, "interrupted.npz", interrupted);
    start_training(&straight, options);
    run_training(&straight);

    train_and_save(&first, options, SAVED_AT, saved);
    assert_same_records(&first.seen, &straight.seen, 0); /* saving changes nothing */
    assert_same_end(&first, &straight);

    start_training(&second, options);
    resume(&second, saved);
    assert_int_equal(spiral_trainer_iteration(second.trainer), SAVED_AT);
    second.seen.interrupt_after = INTERRUPTED_AT;
    run_training(&second);
    assert_int_equal(second.result.reason, SPIRAL_STOP_INTERRUPTED);
    assert_int_equal(second.seen.count, INTERRUPTED_AT - SAVED_AT + 1);
    assert_same_records(&second.seen, &straight.seen, SAVED_AT);
    SpiralError error;
    assert_ok(spiral_trainer_save(second.trainer, SETTINGS, NULL, interrupted, &error), error);

    start_training(&third, options);
    resume(&third, interrupted);
    run_training(&third);
    assert_int_equal(third.seen.count, ITERATIONS - INTERRUPTED_AT - 1);
    assert_same_records(&third.seen, &straight.seen, INTERRUPTED_AT + 1);
    assert_same_end(&third, &straight);
    end_training(&straight);
    end_training(&first);
    end_training(&second);
    end_training(&third);
}

static void every_optimizer_goes_on_with_the_same_bits(void **state)
{
    for (int kind = 0; kind <= SPIRAL_OPTIMIZER_ADAMW; kind++) {
        SpiralTrainOptions options = options_for((SpiralOptimizerKind)kind);
        assert_resumes(state, &options);
    }
}

static void without_batches_dropout_and_patience_it_goes_on_too(void **state)
{
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_ADAM);
    options.batch_size = 0;
    options.dropout = 0.0;
    options.patience = 0;
    assert_resumes(state, &options);
    options.batch_size = 31; /* all rows */
    assert_resumes(state, &options);
    options.batch_size = 10; /* 4 updates an epoch: iteration 20 starts one */
    assert_resumes(state, &options);
}

/* The best weights come from before the checkpoint, or after it; the records without a better one are counted across
 * it. */
static void patience_and_tolerance_stop_where_they_would_have(void **state)
{
    static Training straight, first;
    char path[512];
    scratch_path(state, "stops.npz", path);
    for (size_t n = 0; n < 2; n++)
        for (size_t at = 1; at < 40; at++) {
            SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_MOMENTUM);
            options.batch_size = 0;
            options.dropout = 0.0;
            options.iterations = 120;
            options.record_every = 2;
            options.patience = n == 0 ? 6 : 0;
            options.tolerance = n == 0 ? 0.0 : 2e-3;
            start_training(&straight, &options);
            run_training(&straight);
            assert_int_equal(straight.result.reason, n == 0 ? SPIRAL_STOP_PATIENCE : SPIRAL_STOP_TOLERANCE);
            size_t last = straight.seen.record[straight.seen.count - 1].iteration;
            if (at <= last) {
                train_and_save(&first, &options, at, path);
                assert_goes_on(&options, path, at, &straight);
                end_training(&first);
            }
            end_training(&straight);
        }
}

/* What ends the training by itself, with a checkpoint of the end. */
typedef struct End {
    SpiralOptimizerKind kind;
    size_t batch_size, iterations, every, patience;
    double dropout, tolerance, target_loss;
    SpiralStopReason reason;
} End;

static SpiralTrainOptions options_of_end(const End *end)
{
    SpiralTrainOptions options = options_for(end->kind);
    options.schedule = spiral_schedule_defaults(); /* cosine's rates depend on the iterations */
    options.learning_rate = 0.02;
    options.objective.l1 = 0.0;
    options.batch_size = end->batch_size;
    options.dropout = end->dropout;
    options.iterations = end->iterations;
    options.record_every = end->every;
    options.patience = end->patience;
    options.tolerance = end->tolerance;
    options.target_loss = end->target_loss;
    return options;
}

/* From the checkpoint of the end the same training comes to the same end; and a training with laxer rules, or more
 * iterations, goes on from there as if it had never stopped. */
static void the_checkpoint_of_every_end_goes_on(void **state)
{
    static const End ends[] = {
        {SPIRAL_OPTIMIZER_ADAM, 0, 60, 3, 0, 0.0, 0.0, 1.1, SPIRAL_STOP_TARGET},
        {SPIRAL_OPTIMIZER_ADAM, 5, 60, 7, 0, 0.3, 0.0, 1.1, SPIRAL_STOP_TARGET}, /* 7 updates an epoch */
        {SPIRAL_OPTIMIZER_MOMENTUM, 4, 60, 4, 9, 0.0, 0.0, 1.1, SPIRAL_STOP_TARGET},
        {SPIRAL_OPTIMIZER_RMSPROP, 0, 60, 2, 0, 0.2, 0.01, 0.0, SPIRAL_STOP_TOLERANCE},
        {SPIRAL_OPTIMIZER_SGD, 7, 60, 5, 0, 0.0, 0.04, 0.0, SPIRAL_STOP_TOLERANCE}, /* 5 updates an epoch */
        {SPIRAL_OPTIMIZER_ADAM, 0, 100, 2, 3, 0.0, 0.0, 0.0, SPIRAL_STOP_PATIENCE},
        {SPIRAL_OPTIMIZER_ADAM, 8, 100, 4, 3, 0.1, 0.0, 0.0, SPIRAL_STOP_PATIENCE}, /* 4 updates an epoch */
        {SPIRAL_OPTIMIZER_ADAM, 7, 23, 5, 4, 0.3, 1e-9, 1e-9, SPIRAL_STOP_ITERATIONS},
        {SPIRAL_OPTIMIZER_NESTEROV, 0, 20, 5, 4, 0.0, 1e-9, 1e-9, SPIRAL_STOP_ITERATIONS},
        {SPIRAL_OPTIMIZER_SGD, 6, 23, 100, 1, 0.0, 0.0, 0.0, SPIRAL_STOP_ITERATIONS}, /* no record but the first */
    };
    static Training first, again, straight, more;
    char path[512];
    scratch_path(state, "end.npz", path);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        SpiralTrainOptions options = options_of_end(&ends[i]);
        options.checkpoint_every = 1000;
        start_training(&first, &options);
        first.path = path;
        run_training(&first);
        assert_int_equal(first.result.reason, ends[i].reason);

        start_training(&again, &options);
        resume(&again, path);
        size_t saved_at = spiral_trainer_iteration(again.trainer);
        run_training(&again);
        assert_same_end(&again, &first);
        assert_int_equal(again.seen.count > 0, ends[i].reason != SPIRAL_STOP_ITERATIONS);
        if (again.seen.count > 0)
            assert_int_equal(again.seen.record[0].iteration, saved_at);

        options.iterations = 110;
        options.patience += options.patience > 0 ? 2 : 0;
        options.tolerance *= 0.5;
        options.target_loss *= 0.9;
        start_training(&straight, &options);
        run_training(&straight);
        start_training(&more, &options);
        resume(&more, path);
        run_training(&more);
        if (more.seen.count > 0)
            assert_same_records(&more.seen, &straight.seen, saved_at);
        assert_same_end(&more, &straight);
        end_training(&first);
        end_training(&again);
        end_training(&straight);
        end_training(&more);
    }
}

static void the_same_state_is_saved_as_the_same_bytes(void **state)
{
    static Training training, other;
    char paths[2][512];
    unsigned char *bytes[2];
    size_t sizes[2];
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_ADAM);
    start_training(&training, &options);
    training.seen.interrupt_after = 11;
    run_training(&training);
    SpiralError error;
    assert_ok(spiral_trainer_save(training.trainer, SETTINGS, NULL, scratch_path(state, "a.npz", paths[0]), &error),
              error);
    start_training(&other, &options);
    resume(&other, paths[0]);
    assert_ok(spiral_trainer_save(other.trainer, SETTINGS, NULL, scratch_path(state, "b.npz", paths[1]), &error),
              error);
    for (size_t i = 0; i < 2; i++)
        bytes[i] = read_file(paths[i], &sizes[i]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
    end_training(&training);
    end_training(&other);
}

/* They are the caller's, any text, and are not compared. */
static void notes_come_back_as_they_were(void **state)
{
    static Training first, second;
    char path[512], *notes = NULL;
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    SpiralError error;
    start_training(&first, &options);
    assert_ok(spiral_trainer_save(first.trainer, SETTINGS, "a=1\n\nb=\xc3\xa4 = 2\n",
                                  scratch_path(state, "notes.npz", path), &error),
              error);
    start_training(&second, &options);
    assert_ok(spiral_trainer_resume(second.trainer, SETTINGS, NULL, path, &notes, &error), error);
    assert_string_equal(notes, "a=1\n\nb=\xc3\xa4 = 2\n");
    free(notes);
    assert_ok(spiral_trainer_save(first.trainer, SETTINGS, NULL, path, &error), error);
    assert_ok(spiral_trainer_resume(second.trainer, SETTINGS, NULL, path, &notes, &error), error);
    assert_string_equal(notes, "");
    free(notes);
    end_training(&first);
    end_training(&second);
}

static void more_iterations_may_be_asked_for(void **state)
{
    static Training straight, first;
    char path[512];
    scratch_path(state, "more.npz", path);
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    options.schedule = spiral_schedule_defaults(); /* cosine's rates would be others */
    train_and_save(&first, &options, SAVED_AT, path);
    options.iterations = 70;
    start_training(&straight, &options);
    run_training(&straight);
    assert_goes_on(&options, path, SAVED_AT, &straight);
    end_training(&straight);
    end_training(&first);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

/* A checkpoint before iteration 20; *straight is the training to its end. */
static void make_checkpoint(const char *path, Training *straight)
{
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    train_and_save(straight, &options, SAVED_AT, path);
}

/* Refused in these words, and the trainer then runs from its start as if nothing had been tried. */
static void assert_refused(Training *training, const char *settings, const char *path, const char *words,
                           const Training *straight)
{
    SpiralError error = {0};
    assert_int_equal(spiral_trainer_resume(training->trainer, settings, NULL, path, NULL, &error), SPIRAL_ERROR_INPUT);
    if (words != NULL)
        assert_reason(error, words);
    assert_string_equal(error.path, path);
    assert_int_equal(spiral_trainer_iteration(training->trainer), 0);
    if (straight != NULL) {
        run_training(training);
        assert_same_records(&training->seen, &straight->seen, 0);
        assert_same_end(training, straight);
    }
}

static void other_data_settings_and_lengths_are_refused_by_name(void **state)
{
    static Training straight, training;
    char path[512];
    make_checkpoint(scratch_path(state, "checkpoint.npz", path), &straight);
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);

    start_training(&training, &options);
    ((double *)(uintptr_t)training.data.X)[61] += 1e-15;
    assert_refused(&training, SETTINGS, path, "made with other data", NULL);
    end_training(&training);

    start_training(&training, &options);
    ((int64_t *)(uintptr_t)training.validation.y)[0] = 2;
    assert_refused(&training, SETTINGS, path, "made with other validation data", NULL);
    end_training(&training);

    static const struct {
        const char *settings, *words;
    } lines[] = {
        {"optimizer=sgd\nlearning-rate=0.5\nseed=9\n",
         "made with learning-rate=0.05, this training has learning-rate=0.5"},
        {"seed=9\noptimizer=sgdm", "made with optimizer=sgd, this training has optimizer=sgdm"},
        {"seed=9\nreg=1", "this training has reg=1"},
        {"see=9", "this training has see=9"},
        {"new=1\nseed=8", "made with seed=9, this training has seed=8"}, /* the value before the name */
        {"seed=9\noptimizer=sgd", "made with learning-rate=0.05, this training has no such setting"},
        {"seed=\noptimizer\nlearning-rate=0.05", "made with seed, and this training is without"},
        {"seed\noptimizer\nlearning-rate=0.5", "made with learning-rate=0.05, this training has learning-rate=0.5"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        start_training(&training, &options);
        assert_refused(&training, lines[i].settings, path, lines[i].words, &straight);
        end_training(&training);
    }
    start_training(&training, &options); /* in any order */
    assert_int_equal(
        spiral_trainer_resume(training.trainer, "seed=9\noptimizer=sgd\nlearning-rate=0.05", NULL, path, NULL, NULL),
        SPIRAL_OK);
    end_training(&training);
    start_training(&training, &options); /* a name alone stands for any value */
    assert_int_equal(
        spiral_trainer_resume(training.trainer, "seed\noptimizer=sgd\nlearning-rate", NULL, path, NULL, NULL),
        SPIRAL_OK);
    end_training(&training);

    /* Settings that there were none of: as they are by default, or not. */
    char settings[sizeof SETTINGS + 20];
    snprintf(settings, sizeof settings, "%snew=1\n", SETTINGS);
    start_training(&training, &options);
    SpiralError error;
    assert_int_equal(spiral_trainer_resume(training.trainer, settings, "seed=0\nnew=2\n", path, NULL, &error),
                     SPIRAL_ERROR_INPUT);
    assert_reason(error, "was made without such a setting, this training has new=1");
    assert_int_equal(spiral_trainer_resume(training.trainer, settings, "seed=0\nnew=1\n", path, NULL, NULL), SPIRAL_OK);
    end_training(&training);

    options.iterations = SAVED_AT - 1;
    start_training(&training, &options);
    assert_refused(&training, SETTINGS, path, "made after 20 iterations, and this training ends after 19", NULL);
    end_training(&training);

    options = options_for(SPIRAL_OPTIMIZER_MOMENTUM);
    start_training(&training, &options);
    assert_refused(&training, SETTINGS, path, "slot1 is missing", NULL);
    end_training(&training);
    end_training(&straight);
}

static void another_shape_is_refused(void **state)
{
    static Training straight, training;
    char path[512];
    make_checkpoint(scratch_path(state, "checkpoint.npz", path), &straight);
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    start_training(&training, &options);
    spiral_trainer_free(training.trainer);
    spiral_network_free(training.network);
    size_t hidden = 6;
    training.network = make_network(2, 1, &hidden, 3, 0.8, 33);
    assert_int_equal(spiral_trainer_create(training.network, &training.data, &training.validation, &options,
                                           &training.trainer, NULL),
                     SPIRAL_OK);
    assert_refused(&training, SETTINGS, path, "array parameters holds 61 values, 39 are expected", NULL);
    end_training(&training);
    end_training(&straight);
}

static void no_file_and_every_shortened_file_are_refused(void **state)
{
    static Training straight, training;
    char path[512], cut[512];
    make_checkpoint(scratch_path(state, "checkpoint.npz", path), &straight);
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    start_training(&training, &options);
    assert_refused(&training, SETTINGS, scratch_path(state, "none.npz", cut), NULL, NULL);
    size_t size;
    unsigned char *bytes = read_file(path, &size);
    scratch_path(state, "cut.npz", cut);
    for (size_t length = 0; length < size; length += 97) {
        write_file(cut, bytes, length);
        assert_refused(&training, SETTINGS, cut, NULL, NULL);
    }
    free(bytes);
    assert_refused(&training, SETTINGS, cut, NULL, &straight); /* after all of them */
    end_training(&training);
    end_training(&straight);
}

enum { MANY_LINES = 1001 }; /* of settings, more than are read */

/* One value of one array of a checkpoint is another, or the array is longer by a value: settings has MANY_LINES. */
typedef struct Change {
    const char *array;
    size_t index;
    double value;
    bool longer;
    const char *words;
} Change;

/* Copies the checkpoint, with the change. */
static void rewrite(const char *from, const char *to, const Change *change)
{
    static const char *const names[] = {"counters", "parameters", "previous",     "slot1",   "slot2",         "best",
                                        "losses",   "order",      "order_normal", "dropout", "dropout_normal"};
    SpiralNpz *npz;
    SpiralNpzWriter *writer;
    SpiralExtents shape;
    SpiralError error;
    assert_ok(spiral_npz_open(from, &npz, &error), error);
    assert_ok(spiral_npz_writer_create(&writer, &error), error);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool changed = strcmp(names[i], change->array) == 0;
        char kind;
        if (!spiral_npz_has(npz, names[i]))
            continue;
        assert_ok(spiral_npz_look(npz, names[i], &shape, &kind, &error), error);
        double *doubles = NULL;
        int64_t *integers = NULL;
        if (kind == 'f')
            assert_ok(spiral_npz_read_doubles(npz, names[i], &shape, &doubles, &error), error);
        else
            assert_ok(spiral_npz_read_integers(npz, names[i], &shape, &integers, &error), error);
        size_t count = shape.count;
        if (changed && change->longer)
            shape.extent[0] = ++shape.count;
        if (kind == 'f') {
            doubles = realloc(doubles, (count + 1) * sizeof *doubles);
            doubles[count] = 0.0;
            if (changed && !change->longer)
                doubles[change->index] = change->value;
            assert_ok(spiral_npz_add_doubles(writer, names[i], &shape, doubles, &error), error);
        } else {
            integers = realloc(integers, (count + 1) * sizeof *integers);
            integers[count] = 0;
            if (changed && !change->longer)
                integers[change->index] = (int64_t)change->value;
            assert_ok(spiral_npz_add_integers(writer, names[i], &shape, integers, &error), error);
        }
        free(doubles);
        free(integers);
    }
    char **settings;
    const char *lines[MANY_LINES];
    assert_ok(spiral_npz_read_strings(npz, "settings", &shape, &settings, &error), error);
    size_t count = shape.count;
    for (size_t i = 0; i < MANY_LINES; i++)
        lines[i] = settings[i % count];
    if (strcmp(change->array, "settings") == 0)
        shape.extent[0] = shape.count = MANY_LINES;
    assert_ok(spiral_npz_add_strings(writer, "settings", &shape, lines, &error), error);
    spiral_names_free(settings, count);
    assert_ok(spiral_npz_save(writer, to, &error), error);
    spiral_npz_writer_free(writer);
    spiral_npz_close(npz);
}

static void what_no_trainer_saves_is_refused_and_leaves_the_trainer_as_it_was(void **state)
{
    static const Change changes[] = {
        {"counters", 0, 3.0, false, "format 3"},
        {"counters", 1, -1.0, false, "negative"},
        {"counters", 1, 51.0, false, "made after 51 iterations"},
        {"counters", 2, 0.0, false, "other data"},
        {"counters", 3, 0.0, false, "other validation data"},
        {"counters", 4, -1.0, false, "negative"},
        {"counters", 5, -1.0, false, "negative"},
        {"counters", 0, 0.0, true, "array counters holds 7 values, 6"},
        {"parameters", 60, (double)NAN, false, "array parameters holds a number that is not finite"},
        {"previous", 0, (double)INFINITY, false, "array previous"},
        {"best", 0, (double)NAN, false, "array best"},
        {"losses", 0, (double)NAN, false, "array losses"},
        {"losses", 1, (double)NAN, false, "array losses"},
        {"parameters", 0, 0.0, true, "array parameters holds 62 values, 61"},
        {"best", 0, 0.0, true, "array best holds 62 values, 61"},
        {"losses", 0, 0.0, true, "array losses holds 3 values, 2"},
        {"order", 0, 0.0, true, "array order holds 627 values, 626"},
        {"dropout_normal", 0, 0.0, true, "array dropout_normal holds 2 values, 1"},
        {"order", SPIRAL_RNG_WORDS, 625.0, false, "array order is not the state of a stream"},
        {"order", SPIRAL_RNG_WORDS, -1.0, false, "array order is not the state of a stream"},
        {"order", 5, 4294967296.0, false, "array order is not the state of a stream"},
        {"dropout", 623, -1.0, false, "array dropout is not the state of a stream"},
        {"dropout", SPIRAL_RNG_WORDS, 4294967296.0, false, "array dropout is not the state of a stream"},
        {"dropout", SPIRAL_RNG_WORDS + 1, 1.0, false, "array dropout is not the state of a stream"},
        {"order_normal", 0, (double)NAN, false, "array order is not the state of a stream"},
        {"losses", 0, -(double)INFINITY, false, "the best loss is -inf"},
        {"losses", 0, -1.0, false, "the best loss is -1, expected a number from 0"},
        {"losses", 1, -1.0, false, "the last loss is -1 after 20 iterations, expected a number from 0"},
        {"losses", 0, (double)INFINITY, false, "and there is no best loss"},
        {"losses", 1, -(double)INFINITY, false, "the last loss is -inf after 20 iterations"},
        {"counters", 4, 20.0, false, "best at iteration 20, expected a multiple of 1 from 1 and below 20"},
        {"counters", 4, 0.0, false, "best at iteration 0, expected a multiple of 1"},
        {"counters", 4, 9e15, false, "best at iteration 9000000000000000"},
        {"counters", 5, 999.0, false, "999 records since the best"},
        {"counters", 1, 40.0, false, "records since the best"},
        {"counters", 1, 0.0, false, "expected a multiple of 1 from 1 and below 0"},
        {"settings", 0, 0.0, true, "array settings holds 1001 values, expected at most 1000"},
    };
    static Training straight, training;
    char path[512], changed[512];
    make_checkpoint(scratch_path(state, "checkpoint.npz", path), &straight);
    scratch_path(state, "changed.npz", changed);
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        rewrite(path, changed, &changes[i]);
        start_training(&training, &options);
        assert_refused(&training, SETTINGS, changed, changes[i].words, &straight);
        end_training(&training);
    }
    rewrite(path, changed, &(Change){.array = ""}); /* unchanged: it is the changes that are refused */
    start_training(&training, &options);
    resume(&training, changed);
    run_training(&training);
    assert_same_end(&training, &straight);
    end_training(&training);
    end_training(&straight);
}

/* A checkpoint of a training of these options, changed, is refused by the same training in these words. */
static void assert_change_refused(void **state, const SpiralTrainOptions *options, size_t saved_at,
                                  const Change *change)
{
    static Training saved, training;
    char path[512], changed[512];
    train_and_save(&saved, options, saved_at, scratch_path(state, "plain.npz", path));
    rewrite(path, scratch_path(state, "changed.npz", changed), change);
    start_training(&training, options);
    assert_refused(&training, SETTINGS, changed, change->words, &saved);
    end_training(&training);
    end_training(&saved);
}

/* The best weights are those of patience: without it there is no array to copy them from. */
static void a_best_loss_without_patience_is_refused(void **state)
{
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    options.patience = 0;
    static const Change changes[] = {
        {"losses", 0, 1.0, false, "array losses: a best loss of 1"},
        {"losses", 0, -1e300, false, "array losses: the best loss is -1e+300"},
        {"counters", 4, 1.0, false, "best at iteration 1, and there is no best loss"},
        {"counters", 5, 1.0, false, "1 records since the best, expected 0"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_change_refused(state, &options, SAVED_AT, &changes[i]);
}

/* Patience counts the records that it looks at, here those of 0, 4, 8, ... */
static void what_patience_counted_is_counted_again(void **state)
{
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    options.record_every = 2;
    options.judge_every = 4;
    static const Change changes[] = {
        {"counters", 4, 2.0, false, "best at iteration 2, expected a multiple of 4 from 4 and below 20"},
        {"counters", 5, 5.0, false, "5 records since the best"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_change_refused(state, &options, SAVED_AT, &changes[i]);
}

/* The best was at iteration 8, and then came the records of 12 and 16. */
static void a_training_that_patience_has_ended_does_not_go_on(void **state)
{
    char path[512];
    static Training saved, training;
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    options.judge_every = 4;
    train_and_save(&saved, &options, SAVED_AT, scratch_path(state, "plain.npz", path));
    char best[512], changed[512];
    rewrite(path, scratch_path(state, "best.npz", best), &(Change){"counters", 4, 8.0, false, NULL});
    rewrite(best, scratch_path(state, "changed.npz", changed), &(Change){"counters", 5, 2.0, false, NULL});
    start_training(&training, &options);
    resume(&training, changed); /* patience has not ended */
    end_training(&training);
    options.patience = 2;
    start_training(&training, &options);
    assert_refused(&training, SETTINGS, changed, "2 records since the best, and this training stops after 2", NULL);
    end_training(&training);
    end_training(&saved);
}

/* Format 1, of version 0.1.0, judged the untrained network as well. Then it may be the best so far, which must not be
 * kept: the training goes on as if it had not been judged. */
static void the_first_format_is_still_read(void **state)
{
    static Training straight, first, second;
    char path[512], old[512], kept[512];
    scratch_path(state, "new.npz", path);
    scratch_path(state, "old.npz", old);
    scratch_path(state, "kept.npz", kept);
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    options.record_every = 8;
    for (size_t at = 4; at < 40; at += 16) { /* no record but the first; more */
        train_and_save(&first, &options, at, path);
        rewrite(path, old, &(Change){.array = "counters", .index = 0, .value = 1.0});
        if (at == 4) {
            rewrite(old, kept, &(Change){.array = "losses", .index = 0, .value = 1.25});
            rename(kept, old);
        }
        start_training(&straight, &options);
        run_training(&straight);
        assert_goes_on(&options, old, at, &straight);
        end_training(&first);
        end_training(&straight);
    }
    /* four records since the untrained network, which was the best */
    rewrite(path, old, &(Change){.array = "counters", .index = 0, .value = 1.0});
    rewrite(old, kept, &(Change){.array = "counters", .index = 4, .value = 0.0});
    rewrite(kept, old, &(Change){.array = "counters", .index = 5, .value = 4.0});
    rewrite(old, kept, &(Change){.array = "losses", .index = 0, .value = 1e-3});
    start_training(&second, &options);
    resume(&second, kept);
    run_training(&second);
    assert_in_range(second.result.best_iteration, 40, ITERATIONS);
    end_training(&second);
}

/* Before the first draw a stream is the seed's, whatever the file says. */
static void a_stream_that_nothing_was_drawn_from_is_the_seeds(void **state)
{
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    assert_change_refused(state, &options, 5, &(Change){"order", 7, 1.0, false, "array order is not the stream"});
    options.dropout = 0.0;
    options.batch_size = 0;
    static const Change changes[] = {
        {"order", 7, 1.0, false, "array order is not the stream of this training's seed"},
        {"dropout", SPIRAL_RNG_WORDS, 1.0, false, "array dropout is not the stream of this training's seed"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_change_refused(state, &options, SAVED_AT, &changes[i]);
}

static void sums_of_squares_are_finite_and_not_negative(void **state)
{
    static const struct {
        SpiralOptimizerKind kind;
        const char *array;
    } slots[] = {{SPIRAL_OPTIMIZER_ADAGRAD, "slot1"},
                 {SPIRAL_OPTIMIZER_RMSPROP, "slot1"},
                 {SPIRAL_OPTIMIZER_ADAM, "slot2"},
                 {SPIRAL_OPTIMIZER_ADAMW, "slot2"}};
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        SpiralTrainOptions options = options_for(slots[i].kind);
        assert_change_refused(state, &options, SAVED_AT,
                              &(Change){slots[i].array, 3, -1e-9, false, "holds -1e-09, expected sums of squares"});
        assert_change_refused(state, &options, SAVED_AT,
                              &(Change){slots[i].array, 3, INFINITY, false, "holds a number that is not finite"});
        assert_change_refused(state, &options, SAVED_AT,
                              &(Change){slots[i].array, 3, NAN, false, "holds a number that is not finite"});
    }
}

/* Momentum's velocity in a training that has none, the best weights in one without patience. */
static void arrays_that_this_training_does_not_keep_are_refused(void **state)
{
    static Training saved, training;
    char path[512];
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_MOMENTUM);
    train_and_save(&saved, &options, SAVED_AT, scratch_path(state, "velocity.npz", path));
    options.optimizer.kind = SPIRAL_OPTIMIZER_SGD;
    start_training(&training, &options);
    assert_refused(&training, SETTINGS, path, "array slot1 is there, and this training keeps none", NULL);
    end_training(&training);
    options.optimizer.kind = SPIRAL_OPTIMIZER_MOMENTUM;
    options.patience = 0;
    start_training(&training, &options);
    assert_refused(&training, SETTINGS, path, "was made with patience, and this training is without it", NULL);
    end_training(&training);
    end_training(&saved);
}

static void a_checkpoint_that_cannot_be_written_is_an_error(void **state)
{
    static Training training;
    char path[512];
    SpiralTrainOptions options = options_for(SPIRAL_OPTIMIZER_SGD);
    start_training(&training, &options);
    SpiralError error = {0};
    assert_int_equal(
        spiral_trainer_save(training.trainer, SETTINGS, NULL, scratch_path(state, "none/c.npz", path), &error),
        SPIRAL_ERROR_OUTPUT);
    end_training(&training);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_optimizer_goes_on_with_the_same_bits),
        cmocka_unit_test(without_batches_dropout_and_patience_it_goes_on_too),
        cmocka_unit_test(patience_and_tolerance_stop_where_they_would_have),
        cmocka_unit_test(the_checkpoint_of_every_end_goes_on),
        cmocka_unit_test(the_same_state_is_saved_as_the_same_bytes),
        cmocka_unit_test(notes_come_back_as_they_were),
        cmocka_unit_test(more_iterations_may_be_asked_for),
        cmocka_unit_test(other_data_settings_and_lengths_are_refused_by_name),
        cmocka_unit_test(another_shape_is_refused),
        cmocka_unit_test(no_file_and_every_shortened_file_are_refused),
        cmocka_unit_test(what_no_trainer_saves_is_refused_and_leaves_the_trainer_as_it_was),
        cmocka_unit_test(a_best_loss_without_patience_is_refused),
        cmocka_unit_test(what_patience_counted_is_counted_again),
        cmocka_unit_test(a_training_that_patience_has_ended_does_not_go_on),
        cmocka_unit_test(the_first_format_is_still_read),
        cmocka_unit_test(a_stream_that_nothing_was_drawn_from_is_the_seeds),
        cmocka_unit_test(sums_of_squares_are_finite_and_not_negative),
        cmocka_unit_test(arrays_that_this_training_does_not_keep_are_refused),
        cmocka_unit_test(a_checkpoint_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, make_scratch, remove_scratch);
}
