/* The loss log: a training's records written by the library, and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net_support.h"
#include "spiral/loss_log.h"
#include "spiral/output.h"

static const char *const names[] = {"iteration", "loss", "validation_loss", "nothing", NULL};

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static SpiralNetwork *with_hidden(size_t hidden_count)
{
    size_t hidden[600];
    for (size_t l = 0; l < 600; l++)
        hidden[l] = 2;
    return make_network(2, hidden_count, hidden, 3, 0.01, 0);
}

static const SpiralTrainRecord linear_record = {.iteration = 20,
                                                .loss = 0.5,
                                                .data_loss = 0.25,
                                                .reg_loss = 0.25,
                                                .accuracy = 0.75,
                                                .grad_norm = 2,
                                                .update_ratio = 0.125,
                                                .learning_rate = 1,
                                                .validation_loss = NAN,
                                                .validation_accuracy = INFINITY};

static void expect_line(const SpiralLossLogLayout *layout, const SpiralTrainRecord *record, const char *expected)
{
    char text[SPIRAL_LOG_LINE_LIMIT];
    size_t length;
    SpiralError error;
    assert_int_equal(SPIRAL_OK, spiral_loss_log_line(layout, record, 1.5, text, &length, &error));
    assert_string_equal(expected, text);
    assert_int_equal(strlen(expected), length);
}

static void a_linear_record_is_a_row_of_csv(void **state)
{
    (void)state;
    SpiralLossLogLayout layout = {.format = SPIRAL_LOSS_LOG_CSV, .validation = false, .network = with_hidden(0)};
    expect_line(&layout, NULL,
                "iteration,loss,data_loss,reg_loss,accuracy,grad_norm,update_ratio,learning_rate,seconds\n");
    expect_line(&layout, &linear_record, "20,0.5,0.25,0.25,0.75,2,0.125,1,1.500000\n");
    spiral_network_free((SpiralNetwork *)layout.network);
}

/* Three batches are an epoch: iteration 20 is after 20 thirds. */
static void with_mini_batches_the_epochs_are_a_column(void **state)
{
    (void)state;
    SpiralLossLogLayout layout = {.format = SPIRAL_LOSS_LOG_CSV, .network = with_hidden(0), .epoch = 3};
    expect_line(&layout, NULL,
                "iteration,loss,data_loss,reg_loss,accuracy,grad_norm,update_ratio,learning_rate,epoch,seconds\n");
    expect_line(&layout, &linear_record, "20,0.5,0.25,0.25,0.75,2,0.125,1,6.666666666666667,1.500000\n");
    spiral_network_free((SpiralNetwork *)layout.network);
}

static void json_has_null_for_what_is_not_finite(void **state)
{
    (void)state;
    SpiralLossLogLayout layout = {.format = SPIRAL_LOSS_LOG_JSONL, .validation = true, .network = with_hidden(0)};
    expect_line(&layout, NULL, "");
    expect_line(&layout, &linear_record,
                "{\"iteration\":20,\"loss\":0.5,\"data_loss\":0.25,\"reg_loss\":0.25,\"accuracy\":0.75,"
                "\"validation_loss\":null,\"validation_accuracy\":null,\"grad_norm\":2,\"update_ratio\":0.125,"
                "\"learning_rate\":1,\"seconds\":1.500000}\n");
    spiral_network_free((SpiralNetwork *)layout.network);
}

static void layers_add_their_ratios_and_dead_units(void **state)
{
    (void)state;
    SpiralLossLogLayout layout = {.format = SPIRAL_LOSS_LOG_CSV, .validation = true, .network = with_hidden(1)};
    const SpiralTrainLayer layers[] = {{0.5, 2}, {0.25, 0}};
    SpiralTrainRecord record = linear_record;
    record.layer_count = 2;
    record.layers = layers;
    expect_line(&layout, NULL,
                "iteration,loss,data_loss,reg_loss,accuracy,validation_loss,validation_accuracy,grad_norm,"
                "update_ratio,update_ratio_W1,update_ratio_W2,dead_units,learning_rate,seconds\n");
    expect_line(&layout, &record, "20,0.5,0.25,0.25,0.75,nan,inf,2,0.125,0.5,0.25,2,1,1.500000\n");
    record.update_ratio = -INFINITY;
    expect_line(&layout, &record, "20,0.5,0.25,0.25,0.75,nan,inf,2,-inf,0.5,0.25,2,1,1.500000\n");
    spiral_network_free((SpiralNetwork *)layout.network);
}

static void a_line_without_room_is_refused(void **state)
{
    (void)state;
    SpiralLossLogLayout layout = {.format = SPIRAL_LOSS_LOG_CSV, .validation = false, .network = with_hidden(600)};
    char text[SPIRAL_LOG_LINE_LIMIT];
    size_t length;
    SpiralError error;
    assert_int_equal(SPIRAL_ERROR_LIMIT, spiral_loss_log_line(&layout, NULL, 0, text, &length, &error));
    assert_non_null(strstr(error.reason, "601 layers"));
    spiral_network_free((SpiralNetwork *)layout.network);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static SpiralStatus load(const char *text, SpiralLossLog *log, SpiralError *error)
{
    assert_int_equal(SPIRAL_OK, spiral_output_save("loss_log.tmp", text, strlen(text), error));
    SpiralStatus status = spiral_loss_log_load("loss_log.tmp", names, 2, log, error);
    unlink("loss_log.tmp");
    return status;
}

static void expect_refused(const char *text, size_t line, const char *reason)
{
    SpiralLossLog log = {.count = 7};
    SpiralError error;
    assert_int_equal(SPIRAL_ERROR_INPUT, load(text, &log, &error));
    assert_int_equal(line, error.line);
    assert_string_equal(reason, error.reason);
    assert_int_equal(7, log.count);
}

static void both_formats_are_read_alike(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "iteration,loss,accuracy,validation_loss\n0,1.5,0.25,nan\n10,0.5,0.5,2\n",
        "{\"iteration\":0,\"loss\":1.5,\"accuracy\":0.25,\"validation_loss\":null}\n"
        "{\"iteration\":10,\"loss\":0.5,\"accuracy\":0.5,\"validation_loss\":2}\n",
        /* as others write it */
        "\xef\xbb\xbf\"iteration\", \"loss\" ,\"accuracy\",\"validation_loss\"\r\n0, 1.5,0.25,nan\r\n10,\"0.5\",0.5,2",
        "{\"iteration\": 0, \"loss\": 1.5, \"validation_loss\": null}\r\n"
        "{ \"validation_loss\" : 2 , \"loss\":5e-1,\"iteration\":10 }",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SpiralLossLog log;
        SpiralError error;
        assert_int_equal(SPIRAL_OK, load(texts[i], &log, &error));
        assert_int_equal(2, log.count);
        assert_true(log.columns[0][0] == 0 && log.columns[0][1] == 10);
        assert_true(log.columns[1][0] == 1.5 && log.columns[1][1] == 0.5);
        assert_true(isnan(log.columns[2][0]) && log.columns[2][1] == 2);
        assert_null(log.columns[3]);
        spiral_loss_log_free(&log);
        assert_int_equal(0, log.count);
    }
}

static void csv_that_is_no_log_is_refused(void **state)
{
    (void)state;
    expect_refused("", 1, "found an empty file, expected a loss log as spiral train writes it");
    expect_refused("\niteration,loss\n", 1,
                   "found a header without the column iteration, expected a loss log as spiral train writes it");
    expect_refused("iteration,loss\n", 2, "found no rows, expected at least one");
    expect_refused("iteration,x\n0,1\n", 1,
                   "found a header without the column loss, expected a loss log as spiral train writes it");
    expect_refused("iteration,loss,loss\n0,1,2\n", 1, "found loss twice, expected it once");
    expect_refused("iteration,loss\n0,1\n1\n", 3, "found 1 fields, expected 2 as in the header");
    expect_refused("iteration,loss\n-1,1\n", 2, "found iteration -1, expected a whole number from 0 on");
    expect_refused("iteration,loss\n0,1\n-10,1\n", 3, "found iteration -10, expected a whole number from 0 on");
    expect_refused("iteration,loss\n0,1\n1.5,1\n", 3, "found iteration 1.5, expected a whole number from 0 on");
    expect_refused("{\"iteration\":0.5,\"loss\":1}\n", 1, "found iteration 0.5, expected a whole number from 0 on");
    expect_refused("iteration,loss\n0,1\n10,1\n10,1\n", 4, "found iteration 10 after 10, expected a larger one");
    expect_refused("{\"iteration\":10,\"loss\":1}\n{\"iteration\":0,\"loss\":1}\n", 2,
                   "found iteration 0 after 10, expected a larger one");
    expect_refused("iteration,loss\ninf,1\n", 2, "column 0 (from 0): found \"inf\", expected a number");
    expect_refused("iteration,loss\n0,1\n1,a\n", 3, "column 1 (from 0): found \"a\", expected a number");
    expect_refused("iteration,loss\n0,1 1\n", 2, "column 1 (from 0): found \"1 1\", expected a number");
}

static void json_that_is_no_log_is_refused(void **state)
{
    (void)state;
    expect_refused("{\"iteration\":0}\n", 1,
                   "found a header without the column loss, expected a loss log as spiral train writes it");
    expect_refused("{\"iteration\":0,\"loss\":1}\n{\"iteration\":1}\n", 2,
                   "found no \"loss\", expected the names of the first line");
    expect_refused("{\"iteration\":null,\"loss\":1}\n", 1, "column 0 (from 0): found \"null\", expected a number");
    expect_refused("{\"iteration\":0,\"loss\":\"1\"}\n", 1, "column 1 (from 0): found \"\"1\"\", expected a number");
    expect_refused("{\"iteration\":0,\"loss\":nan}\n", 1, "column 1 (from 0): found \"nan\", expected a number");
    expect_refused("{\"iteration\":0,\"loss\":1}\n{\"iteration\":1,\"lo\n", 2,
                   "column 1 (from 0): found \"\"lo\", expected \"name\":number");
    expect_refused("{\"iteration\":0,\"loss\":1,\"iteration\":1}\n", 1, "found iteration twice, expected it once");
    expect_refused("{\"iteration\":0,\"loss\":1} 2\n", 1,
                   "found text after the closing }, expected the row of a loss log");
    expect_refused("{\"iteration\":0,\"loss\":1,}\n", 1, "column 2 (from 0): found \"}\", expected \"name\":number");
    expect_refused("{\"iteration\":0,\"loss\":1}\n\n", 2,
                   "found a line that does not begin with {, expected the row of a loss log");
}

/* Unlike a line that is cut off, a line that ends too early is no row. */
static void a_line_of_json_that_ends_anywhere_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {"{\"iteration\":10,\"loss\":0.5}",
                                        "{ \"iteration\" : 10 , \t\"loss\"\t:\t0.5\t}"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t length = 0; length <= strlen(lines[i]); length++) {
            char text[128];
            SpiralLossLog log = {0};
            SpiralError error;
            snprintf(text, sizeof text, "{\"iteration\":0,\"loss\":1.5}\n%.*s\n", (int)length, lines[i]);
            bool whole = length == strlen(lines[i]);
            assert_int_equal(whole ? SPIRAL_OK : SPIRAL_ERROR_INPUT, load(text, &log, &error));
            assert_int_equal(whole ? 2 : 0, log.count);
            if (!whole)
                assert_int_equal(2, error.line);
            else
                assert_true(log.columns[0][1] == 10 && log.columns[1][1] == 0.5);
            spiral_loss_log_free(&log);
        }
}

/* A kill ends a log anywhere: its whole lines are read. */
static void a_last_line_that_is_cut_off_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *whole, *last;
        size_t needed; /* the bytes that make the last line whole */
    } logs[] = {
        {"iteration,loss,seconds\n0,1.5,0.000001\n", "10,0.5,0.000012\n", 16},
        {"{\"iteration\":0,\"loss\":1.5}\n", "{\"iteration\":10,\"loss\":0.5}\n", 27},
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
        for (size_t length = 0; length <= strlen(logs[i].last); length++) {
            char text[128];
            SpiralLossLog log;
            SpiralError error;
            snprintf(text, sizeof text, "%s%.*s", logs[i].whole, (int)length, logs[i].last);
            assert_int_equal(SPIRAL_OK, load(text, &log, &error));
            assert_int_equal(length >= logs[i].needed ? 2 : 1, log.count);
            assert_int_equal(length > 0 && length < logs[i].needed, log.cut);
            assert_true(log.columns[1][log.count - 1] == (log.count == 2 ? 0.5 : 1.5));
            spiral_loss_log_free(&log);
        }
}

static void a_line_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[SPIRAL_LOG_LINE_LIMIT + 64] = "iteration,loss\n0,1";
    size_t start = strlen(text);
    memset(text + start, '0', SPIRAL_LOG_LINE_LIMIT);
    expect_refused(text, 2, "found a line that is too long, expected the row of a loss log");
}

/* ---- a training's ------------------------------------------------------------------------------------------------ */

typedef struct Written {
    SpiralLossLogLayout layout;
    SpiralOutput *output;
    size_t count;
    double losses[16];
} Written;

static SpiralStatus write_record(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    Written *written = context;
    char text[SPIRAL_LOG_LINE_LIMIT];
    size_t length;
    SpiralStatus status = spiral_loss_log_line(&written->layout, record, 0.0, text, &length, error);
    written->losses[written->count++] = record->loss;
    return status == SPIRAL_OK ? spiral_output_write(written->output, text, length, error) : status;
}

static void the_losses_of_a_training_come_back_to_the_bit(void **state)
{
    (void)state;
    for (int format = SPIRAL_LOSS_LOG_CSV; format <= SPIRAL_LOSS_LOG_JSONL; format++) {
        SpiralDataset data = make_data(30, 2, 3, 1);
        SpiralTrainOptions options = spiral_train_defaults();
        SpiralTrainResult result;
        SpiralError error;
        Written written = {.layout = {.format = (SpiralLossLogFormat)format, .network = with_hidden(1)}};
        SpiralTrainHooks hooks = {.record = write_record, .context = &written};
        char text[SPIRAL_LOG_LINE_LIMIT];
        size_t length;
        options.iterations = 100;
        assert_int_equal(SPIRAL_OK, spiral_output_create("loss_log.tmp", &written.output, &error));
        assert_int_equal(SPIRAL_OK, spiral_loss_log_line(&written.layout, NULL, 0, text, &length, &error));
        assert_int_equal(SPIRAL_OK, spiral_output_write(written.output, text, length, &error));
        assert_int_equal(
            SPIRAL_OK, spiral_train((SpiralNetwork *)written.layout.network, &data, &options, &hooks, &result, &error));
        assert_int_equal(SPIRAL_OK, spiral_output_commit(written.output, &error));
        SpiralLossLog log;
        assert_int_equal(SPIRAL_OK, spiral_loss_log_load("loss_log.tmp", names, 2, &log, &error));
        unlink("loss_log.tmp");
        assert_int_equal(10, log.count);
        for (size_t i = 0; i < log.count; i++)
            assert_true(log.columns[0][i] == 10.0 * (double)i && log.columns[1][i] == written.losses[i]);
        spiral_loss_log_free(&log);
        spiral_network_free((SpiralNetwork *)written.layout.network);
        free_data(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_record_is_a_row_of_csv),
        cmocka_unit_test(with_mini_batches_the_epochs_are_a_column),
        cmocka_unit_test(json_has_null_for_what_is_not_finite),
        cmocka_unit_test(layers_add_their_ratios_and_dead_units),
        cmocka_unit_test(a_line_without_room_is_refused),
        cmocka_unit_test(both_formats_are_read_alike),
        cmocka_unit_test(csv_that_is_no_log_is_refused),
        cmocka_unit_test(json_that_is_no_log_is_refused),
        cmocka_unit_test(a_line_of_json_that_ends_anywhere_is_refused),
        cmocka_unit_test(a_last_line_that_is_cut_off_is_left_out),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(the_losses_of_a_training_come_back_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
