/* The trainer's mini-batches, dropout, clipping, units that are dead, and reasons to stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "learning_support.h"
#include "net_support.h"

/* ---- against NumPy ----------------------------------------------------------------------------------------------- */

typedef struct Training {
    const char *name; /* of its arrays in the fixture */
    size_t hidden_count, hidden[2];
    SpiralActivation activation;
    SpiralTrainOptions options;
} Training;

static SpiralTrainOptions options_of(SpiralOptimizerKind kind, double rate, uint32_t seed, size_t iterations)
{
    SpiralTrainOptions options = spiral_train_defaults();
    options.optimizer = (SpiralOptimizer){
        .kind = kind, .momentum = 0.85, .beta1 = 0.8, .beta2 = 0.95, .decay_rate = 0.9, .epsilon = 1e-6};
    options.learning_rate = rate;
    options.seed = seed;
    options.iterations = iterations;
    options.record_every = 1;
    options.threads = 1;
    return options;
}

static void assert_follows_numpy(const Training *training)
{
    double X[MOST_VALUES], labels[MOST_VALUES], losses[MOST_RECORDS], norms[MOST_RECORDS];
    int64_t y[11];
    char name[64];
    read_learning("X", X);
    assert_int_equal(read_learning("y", labels), 11);
    for (size_t i = 0; i < 11; i++)
        y[i] = (int64_t)labels[i];
    const SpiralDataset data = {.rows = 11, .features = 2, .classes = 3, .X = X, .y = y};
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(2, training->hidden_count, training->hidden, 3, &network, NULL), SPIRAL_OK);
    network->activation = training->activation;
    double start[MOST_VALUES];
    snprintf(name, sizeof name, "%s_start", training->name);
    assert_int_equal(read_learning(name, start), network->parameter_count);
    memcpy(network->parameters, start, network->parameter_count * sizeof *start);
    static Seen seen;
    seen = (Seen){0};
    SpiralTrainResult result;
    assert_int_equal(spiral_train(network, &data, &training->options,
                                  &(SpiralTrainHooks){.record = see, .context = &seen}, &result, NULL),
                     SPIRAL_OK);
    for (size_t i = 0; i < seen.count; i++) {
        losses[i] = seen.record[i].loss;
        norms[i] = seen.record[i].grad_norm;
    }
    snprintf(name, sizeof name, "%s_loss", training->name);
    assert_learning(name, seen.count, losses, 1e-12);
    snprintf(name, sizeof name, "%s_norm", training->name);
    assert_learning(name, seen.count, norms, 1e-12);
    snprintf(name, sizeof name, "%s_end", training->name);
    assert_learning(name, network->parameter_count, network->parameters, 1e-12);
    spiral_network_free(network);
}

/* Permutations of RandomState(seed + 1), cut into slices of 4, 4 and 3. */
static void mini_batches_are_the_slices_of_numpy_s_permutations(void **state)
{
    (void)state;
    Training training = {"batches", 1, {5}, SPIRAL_ACTIVATION_RELU, options_of(SPIRAL_OPTIMIZER_SGD, 0.3, 5, 13)};
    training.options.batch_size = 4;
    assert_follows_numpy(&training);
}

static void dropout_draws_numpy_s_masks(void **state)
{
    (void)state;
    Training training = {"dropout", 1, {5}, SPIRAL_ACTIVATION_RELU, options_of(SPIRAL_OPTIMIZER_SGD, 0.3, 4, 3)};
    training.options.dropout = 0.4;
    assert_follows_numpy(&training);
    Training deep = {"deep", 2, {5, 4}, SPIRAL_ACTIVATION_TANH, options_of(SPIRAL_OPTIMIZER_SGD, 0.3, 6, 30)};
    deep.options.batch_size = 3;
    deep.options.dropout = 0.25;
    assert_follows_numpy(&deep);
    Training leaky = {"leaky", 1, {6}, SPIRAL_ACTIVATION_LEAKY_RELU, options_of(SPIRAL_OPTIMIZER_SGD, 0.3, 7, 30)};
    leaky.options.batch_size = 5;
    leaky.options.dropout = 0.5;
    assert_follows_numpy(&leaky);
    Training sigmoid = {
        "sigmoid", 1, {6}, SPIRAL_ACTIVATION_SIGMOID, options_of(SPIRAL_OPTIMIZER_RMSPROP, 0.01, 8, 30)};
    sigmoid.options.dropout = 0.5;
    assert_follows_numpy(&sigmoid);
}

static void adamw_takes_reg_off_the_weights_by_itself(void **state)
{
    (void)state;
    Training training = {"adamw", 1, {5}, SPIRAL_ACTIVATION_RELU, options_of(SPIRAL_OPTIMIZER_ADAMW, 0.02, 9, 30)};
    training.options.objective.reg = 0.2;
    assert_follows_numpy(&training);
}

static void l1_adds_its_part_to_loss_and_gradient(void **state)
{
    (void)state;
    Training training = {"l1", 1, {5}, SPIRAL_ACTIVATION_RELU, options_of(SPIRAL_OPTIMIZER_NESTEROV, 0.1, 10, 30)};
    training.options.objective.l1 = 0.02;
    assert_follows_numpy(&training);
}

/* Nine of the first ten gradients are longer than 0.15, and none of the later ones. */
static void a_long_gradient_is_clipped_to_the_norm(void **state)
{
    (void)state;
    Training training = {"clipped", 1, {5}, SPIRAL_ACTIVATION_RELU, options_of(SPIRAL_OPTIMIZER_MOMENTUM, 0.1, 11, 30)};
    training.options.max_grad_norm = 0.15;
    assert_follows_numpy(&training);
}

/* ---- the same bits ----------------------------------------------------------------------------------------------- */

/* The parameters after 12 iterations of 1700 rows. */
static SpiralNetwork *train_large(size_t batch_size, double dropout, size_t threads)
{
    static const size_t hidden[] = {20, 9};
    SpiralDataset data = make_data(1700, 3, 4, 5);
    SpiralNetwork *network = make_network(3, 2, hidden, 4, 0.4, 6);
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_ADAM, 0.01, 3, 12);
    options.batch_size = batch_size;
    options.dropout = dropout;
    options.threads = threads;
    SpiralTrainResult result;
    assert_int_equal(spiral_train(network, &data, &options, NULL, &result, NULL), SPIRAL_OK);
    free_data(&data);
    return network;
}

static bool same_parameters(SpiralNetwork *one, SpiralNetwork *other)
{
    bool same = memcmp(one->parameters, other->parameters, one->parameter_count * sizeof(double)) == 0;
    spiral_network_free(one);
    spiral_network_free(other);
    return same;
}

/* Batches of 1100 and 600 rows are several blocks each, so that threads have something to share. */
static void the_threads_make_no_difference_with_batches_and_dropout(void **state)
{
    (void)state;
    assert_true(same_parameters(train_large(1100, 0.3, 1), train_large(1100, 0.3, 2)));
    assert_true(same_parameters(train_large(1100, 0.3, 1), train_large(1100, 0.3, 5)));
    assert_false(same_parameters(train_large(1100, 0.3, 1), train_large(1100, 0.0, 1)));
}

static void a_batch_of_all_rows_or_more_is_the_whole_data(void **state)
{
    (void)state;
    assert_true(same_parameters(train_large(0, 0.0, 1), train_large(1700, 0.0, 2)));
    assert_true(same_parameters(train_large(0, 0.2, 1), train_large(SIZE_MAX, 0.2, 1)));
    assert_false(same_parameters(train_large(0, 0.0, 1), train_large(1699, 0.0, 1)));
}

/* ---- dead units -------------------------------------------------------------------------------------------------- */

/* Five rows 1..5 through units 1 - 6 (never positive), x - 4.5 (for the last row alone), x (for all); a batch is one
 * row. */
static void dead_units_are_those_positive_for_no_row_of_the_batch(void **state)
{
    (void)state;
    const double X[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    const int64_t y[] = {0, 1, 0, 1, 0};
    const SpiralDataset data = {.rows = 5, .features = 1, .classes = 2, .X = X, .y = y};
    const double start[] = {0.0, 1.0, 1.0, -6.0, -4.5, 0.0};
    const size_t hidden[] = {3};
    for (int activation = 0; activation <= SPIRAL_ACTIVATION_SIGMOID; activation++)
        for (size_t batch = 0; batch < 2; batch++) {
            SpiralNetwork *network;
            assert_int_equal(spiral_network_create(1, 1, hidden, 2, &network, NULL), SPIRAL_OK);
            network->activation = (SpiralActivation)activation;
            memcpy(network->parameters, start, sizeof start);
            SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 1e-300, 17, 5);
            options.batch_size = batch;
            options.dropout = 0.5; /* a unit that is left out is not dead */
            SpiralRng order_stream;
            size_t order[5];
            spiral_rng_seed(&order_stream, 18);
            spiral_rng_permutation(&order_stream, 5, order);
            static Seen seen;
            seen = (Seen){0};
            SpiralTrainResult result;
            assert_int_equal(spiral_train(network, &data, &options,
                                          &(SpiralTrainHooks){.record = see, .context = &seen}, &result, NULL),
                             SPIRAL_OK);
            assert_int_equal(seen.count, 5);
            bool rectified = activation == SPIRAL_ACTIVATION_RELU || activation == SPIRAL_ACTIVATION_LEAKY_RELU;
            for (size_t i = 0; i < 5; i++) {
                size_t expected = batch == 0 || order[i] == 4 ? 1 : 2;
                assert_int_equal(seen.layer[i][0].dead, rectified ? expected : 0);
                assert_int_equal(seen.layer[i][1].dead, 0);
            }
            spiral_network_free(network);
        }
}

/* ---- reasons to stop --------------------------------------------------------------------------------------------- */

typedef struct Stopped {
    SpiralTrainResult result;
    SpiralNetwork *network;
    Seen seen;
} Stopped;

/* Labels that have nothing to do with the data: what is learnt of them is of no use on other data, so the validation
 * loss falls from too large first weights, and then rises. */
static void train_from(double scale, SpiralTrainOptions options, Stopped *stopped)
{
    static const size_t hidden[] = {20};
    SpiralDataset data = make_data(40, 2, 3, 21), validation = make_data(30, 2, 3, 22);
    stopped->network = make_network(2, 1, hidden, 3, scale, 23);
    stopped->seen = (Seen){.interrupt_after = stopped->seen.interrupt_after};
    SpiralTrainer *trainer;
    assert_int_equal(spiral_trainer_create(stopped->network, &data, &validation, &options, &trainer, NULL), SPIRAL_OK);
    const SpiralTrainHooks hooks = {.record = see, .context = &stopped->seen, .time_out = &stopped->seen.interrupt};
    assert_int_equal(spiral_trainer_run(trainer, &hooks, &stopped->result, NULL), SPIRAL_OK);
    spiral_trainer_free(trainer);
    free_data(&data);
    free_data(&validation);
}

static void train_until(SpiralTrainOptions options, Stopped *stopped)
{
    train_from(0.8, options, stopped);
}

/* The result of so many updates, without a reason to stop. */
static SpiralTrainResult train_for(size_t iterations, SpiralTrainOptions options)
{
    static Stopped plain;
    options.patience = 0;
    options.target_loss = options.tolerance = 0.0;
    options.iterations = iterations;
    train_until(options, &plain);
    spiral_network_free(plain.network);
    assert_int_equal(plain.result.reason, SPIRAL_STOP_ITERATIONS);
    return plain.result;
}

static void patience_runs_out_and_the_best_weights_are_restored(void **state)
{
    (void)state;
    static Stopped stopped, best;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_MOMENTUM, 0.05, 0, 100);
    options.patience = 6;
    train_until(options, &stopped);
    const SpiralTrainRecord *record = stopped.seen.record;
    size_t lowest = 0;
    for (size_t i = 1; i < stopped.seen.count; i++)
        lowest = record[i].validation_loss < record[lowest].validation_loss ? i : lowest;
    assert_in_range(lowest, 1, 90);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_PATIENCE);
    assert_int_equal(stopped.seen.count, lowest + 6 + 1);
    assert_int_equal(stopped.result.best_iteration, lowest);
    assert_int_equal(stopped.result.iterations, lowest);
    assert_true(stopped.result.validation_loss == record[lowest].validation_loss);
    assert_true(stopped.result.loss.loss == record[lowest].loss);
    options.patience = 0;
    options.iterations = lowest; /* as many updates, and no more */
    train_until(options, &best);
    assert_true(same_parameters(stopped.network, best.network));
}

static void with_patience_the_best_weights_are_kept_at_the_last_iteration_too(void **state)
{
    (void)state;
    static Stopped stopped, best;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_MOMENTUM, 0.05, 0, 100);
    options.patience = 1000;
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_ITERATIONS);
    assert_in_range(stopped.result.best_iteration, 1, 90);
    options.iterations = stopped.result.best_iteration;
    options.patience = 0;
    train_until(options, &best);
    assert_true(same_parameters(stopped.network, best.network));
}

/* The record that ends the training may be the best one. */
static void the_record_that_reaches_the_target_counts_as_the_best(void **state)
{
    (void)state;
    static Stopped stopped;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.01, 0, 100);
    options.patience = 50;
    options.target_loss = 100.0;
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TARGET);
    assert_true(stopped.result.validation_loss == stopped.seen.record[0].validation_loss);
    spiral_network_free(stopped.network);
    options.target_loss = stopped.seen.record[0].loss - 0.01; /* after a few iterations, in which both losses fall */
    train_until(options, &stopped);
    size_t last = stopped.seen.count - 1;
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TARGET);
    assert_in_range(last, 1, 90);
    assert_true(stopped.seen.record[last].validation_loss < stopped.seen.record[last - 1].validation_loss);
    assert_int_equal(stopped.result.iterations, last);
    spiral_network_free(stopped.network);
}

static void the_loss_that_no_longer_changes_ends_the_training(void **state)
{
    (void)state;
    static Stopped stopped;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.2, 0, 128);
    options.tolerance = 2e-3;
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TOLERANCE);
    assert_in_range(stopped.seen.count, 3, 127);
    for (size_t i = 1; i < stopped.seen.count; i++)
        assert_int_equal(fabs(stopped.seen.record[i].loss - stopped.seen.record[i - 1].loss) < 2e-3,
                         i + 1 == stopped.seen.count);
    assert_int_equal(stopped.result.iterations, stopped.seen.count - 1);
    assert_true(stopped.result.loss.loss == stopped.seen.record[stopped.seen.count - 1].loss);
    spiral_network_free(stopped.network);
}

static void the_loss_that_is_low_enough_ends_the_training(void **state)
{
    (void)state;
    static Stopped stopped;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.2, 0, 128);
    options.target_loss = 1.1;
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TARGET);
    assert_in_range(stopped.seen.count, 2, 127);
    for (size_t i = 0; i < stopped.seen.count; i++)
        assert_int_equal(stopped.seen.record[i].loss <= 1.1, i + 1 == stopped.seen.count);
    spiral_network_free(stopped.network);
}

/* Both losses still fall: no record is as good as what the last update leaves. */
static void the_state_after_the_last_update_may_be_the_best(void **state)
{
    (void)state;
    static Stopped stopped;
    static const size_t every[] = {1, 2, 7, 1000};
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.01, 0, 13);
    SpiralTrainResult plain = train_for(13, options);
    options.patience = 5;
    for (size_t i = 0; i < sizeof every / sizeof every[0]; i++) {
        options.record_every = every[i];
        train_until(options, &stopped);
        assert_int_equal(stopped.result.reason, SPIRAL_STOP_ITERATIONS);
        assert_int_equal(stopped.result.iterations, 13);
        assert_int_equal(stopped.result.best_iteration, 13);
        assert_true(stopped.result.validation_loss == plain.validation_loss);
        assert_true(stopped.result.loss.loss == plain.loss.loss);
        spiral_network_free(stopped.network);
    }
}

/* From weights near 0, whose validation loss is about that of guessing, it rises at once. */
static void patience_never_keeps_the_untrained_network(void **state)
{
    (void)state;
    static Stopped stopped;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_ADAM, 0.5, 0, 100);
    options.patience = 3;
    for (size_t every = 1; every < 200; every += 99) { /* 1: every state; 100: the last alone */
        options.record_every = every;
        train_from(1e-4, options, &stopped);
        const SpiralTrainRecord *record = stopped.seen.record;
        size_t lowest = 1;
        for (size_t i = 1; i < stopped.seen.count; i++) {
            assert_true(record[i].validation_loss > record[0].validation_loss);
            lowest = record[i].validation_loss < record[lowest].validation_loss ? i : lowest;
        }
        assert_int_equal(stopped.result.reason, every == 1 ? SPIRAL_STOP_PATIENCE : SPIRAL_STOP_ITERATIONS);
        assert_int_equal(stopped.result.iterations, every == 1 ? lowest : 100);
        assert_int_equal(stopped.seen.count, every == 1 ? lowest + 3 + 1 : 1);
        spiral_network_free(stopped.network);
    }
}

/* A batch of one row or a network without half of its units may have any loss; the records go on showing it. */
static void the_stop_rules_look_at_all_the_data_and_all_the_units(void **state)
{
    (void)state;
    static Stopped stopped, plain;
    for (size_t rule = 0; rule < 4; rule++) {
        SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.02, 0, 100);
        options.batch_size = rule % 2 == 0 ? 1 : 0;
        options.dropout = rule % 2 == 0 ? 0.0 : 0.5;
        options.judge_every = 4;
        train_until(options, &plain);
        options.target_loss = rule < 2 ? train_for(30, options).loss.loss : 0.0;
        options.tolerance = rule < 2 ? 0.0 : 2e-2;
        train_until(options, &stopped);
        assert_same_records(&stopped.seen, &plain.seen, 0);
        assert_int_equal(stopped.result.reason, rule < 2 ? SPIRAL_STOP_TARGET : SPIRAL_STOP_TOLERANCE);
        assert_int_equal(stopped.result.iterations, stopped.seen.count - 1);
        double before = INFINITY;
        bool batch_would_err = false;
        for (size_t i = 0; i < stopped.seen.count; i += 4) {
            double loss = i > 0 ? train_for(i, options).loss.loss : INFINITY, batch = stopped.seen.record[i].loss;
            bool stops = rule < 2 ? loss <= options.target_loss : fabs(loss - before) < options.tolerance;
            assert_int_equal(stops, i + 1 == stopped.seen.count);
            double batch_before = i > 0 ? stopped.seen.record[i - 4].loss : INFINITY;
            batch_would_err |=
                stops != (rule < 2 ? batch <= options.target_loss : fabs(batch - batch_before) < options.tolerance);
            before = loss;
        }
        assert_true(batch_would_err);
        spiral_network_free(stopped.network);
        spiral_network_free(plain.network);
    }
}

static void the_stop_rules_are_applied_after_the_last_update_too(void **state)
{
    (void)state;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.02, 0, 25);
    options.batch_size = 9;
    options.record_every = 10;
    double last = train_for(25, options).loss.loss, row = train_for(20, options).loss.loss;
    assert_true(last < row);
    static Stopped stopped;
    options.target_loss = 0.5 * (last + row);
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TARGET);
    assert_int_equal(stopped.result.iterations, 25);
    spiral_network_free(stopped.network);
    options.target_loss = 0.0;
    options.tolerance = 1.001 * (row - last); /* ten updates before the row changed it by more */
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TOLERANCE);
    assert_int_equal(stopped.result.iterations, 25);
    spiral_network_free(stopped.network);
    options.tolerance = 0.999 * (row - last);
    train_until(options, &stopped);
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_ITERATIONS);
    spiral_network_free(stopped.network);
}

/* As if all iterations had been made: the best weights are kept, which may be those of the last update. */
static void a_training_out_of_time_keeps_the_best_weights(void **state)
{
    (void)state;
    static Stopped stopped, whole;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_MOMENTUM, 0.05, 0, 100);
    options.patience = 1000;
    options.judge_every = 5;
    train_until(options, &whole);
    for (size_t after = 3; after < 99; after += 12) {
        stopped.seen.interrupt_after = after;
        train_until(options, &stopped);
        size_t lowest = after + 1; /* the state after the last update, as a record of the whole training shows it */
        for (size_t i = 5; i <= after; i += 5)
            if (whole.seen.record[i].validation_loss < whole.seen.record[lowest].validation_loss)
                lowest = i;
        assert_int_equal(stopped.result.reason, SPIRAL_STOP_TIME);
        assert_int_equal(stopped.result.iterations, lowest);
        assert_true(stopped.result.validation_loss == whole.seen.record[lowest].validation_loss);
        spiral_network_free(stopped.network);
    }
    spiral_network_free(whole.network);
}

static void only_every_so_many_records_are_judged(void **state)
{
    (void)state;
    static Stopped stopped;
    SpiralTrainOptions options = options_of(SPIRAL_OPTIMIZER_SGD, 0.2, 0, 128);
    options.target_loss = 1.1;
    options.judge_every = 10;
    train_until(options, &stopped);
    size_t last = stopped.seen.count - 1;
    assert_int_equal(stopped.result.reason, SPIRAL_STOP_TARGET);
    assert_int_equal(last % 10, 0);
    assert_true(stopped.seen.record[last - 1].loss <= 1.1 && stopped.seen.record[last - 10].loss > 1.1);
    spiral_network_free(stopped.network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mini_batches_are_the_slices_of_numpy_s_permutations),
        cmocka_unit_test(dropout_draws_numpy_s_masks),
        cmocka_unit_test(adamw_takes_reg_off_the_weights_by_itself),
        cmocka_unit_test(l1_adds_its_part_to_loss_and_gradient),
        cmocka_unit_test(a_long_gradient_is_clipped_to_the_norm),
        cmocka_unit_test(the_threads_make_no_difference_with_batches_and_dropout),
        cmocka_unit_test(a_batch_of_all_rows_or_more_is_the_whole_data),
        cmocka_unit_test(dead_units_are_those_positive_for_no_row_of_the_batch),
        cmocka_unit_test(patience_runs_out_and_the_best_weights_are_restored),
        cmocka_unit_test(with_patience_the_best_weights_are_kept_at_the_last_iteration_too),
        cmocka_unit_test(the_record_that_reaches_the_target_counts_as_the_best),
        cmocka_unit_test(the_loss_that_no_longer_changes_ends_the_training),
        cmocka_unit_test(the_loss_that_is_low_enough_ends_the_training),
        cmocka_unit_test(the_state_after_the_last_update_may_be_the_best),
        cmocka_unit_test(patience_never_keeps_the_untrained_network),
        cmocka_unit_test(the_stop_rules_look_at_all_the_data_and_all_the_units),
        cmocka_unit_test(the_stop_rules_are_applied_after_the_last_update_too),
        cmocka_unit_test(a_training_out_of_time_keeps_the_best_weights),
        cmocka_unit_test(only_every_so_many_records_are_judged),
    };
    return cmocka_run_group_tests_name("learning", tests, NULL, NULL);
}
