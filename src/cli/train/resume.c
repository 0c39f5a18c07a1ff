/* resume.c: writes checkpoints and resumes from them, with the log as it was at the checkpoint. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/regular.h"
#include "base/text.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/train/internal.h"

/* Options that may have another value when the training resumes. Files may have other paths, and data be written in
 * another way: the checkpoint has checksums of the data, of the validation data and of the file of --init-from, which
 * also gives the activation, the mean and the scale. Stop rules apply from the checkpoint on. */
static const char *const changing_options[] = {"data",       "header",    "delimiter", "decimal",   "missing",
                                               "validation", "init-from", "patience",  "tolerance", "target-loss"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* May the option change when a training is resumed? */
static bool is_free(const TrainRun *run, const Option *option)
{
    bool length = strcmp(option->name, "iterations") == 0 || strcmp(option->name, "epochs") == 0;
    /* The learning rates of a cosine schedule depend on the number of iterations. */
    bool bound = run->options.schedule.kind == SPIRAL_SCHEDULE_COSINE;
    if (strcmp(option->name, "frames-every") == 0) /* the frames before the checkpoint are kept */
        return false;
    return option->aside || (length && !bound) || strcmp(option->name, "folds") == 0;
}

/* Returns the value as one line of UTF-8: control characters, backslashes and invalid UTF-8 are escaped. Frees the
 * value. */
static char *spell(char *value)
{
    char *text = value != NULL ? cli_copy_string("") : NULL;
    for (size_t i = 0, size, length = value != NULL ? strlen(value) : 0; text != NULL && i < length; i += size) {
        uint32_t code = spiral_text_decode(value + i, length - i, &size);
        bool plain = size > 0 && code >= ' ' && code != 0x7f && code != '\\';
        size = plain ? size : 1;
        text =
            plain ? cli_grow(text, "%.*s", (int)size, value + i) : cli_grow(text, "\\x%02x", (unsigned char)value[i]);
    }
    free(value);
    return text;
}

/* "name=value", or the name alone when the value may change. Freed by free(); NULL when out of memory. */
static char *setting_line(const Option *option, const void *settings)
{
    char *value = spell(option_value(option, settings)), *line = cli_copy_string(option->name);
    bool may_change =
        is_one_of(option->name, changing_options, COUNT(changing_options)) && value != NULL && value[0] != '\0';
    if (!may_change)
        line = cli_join_texts(cli_grow(line, "="), value);
    else
        free(value);
    return cli_grow(line, "\n");
}

/* Which options a text of settings has. */
typedef enum Part { PART_ALL, PART_GIVEN, PART_OTHERS, PART_IMPLIED } Part;

/* GIVEN: those on the command line; IMPLIED: those that another option may have set, and iterations, which --epochs
 * replaces. */
static Part part_of(const TrainRun *run, const char *name)
{
    static const char *const implied[] = {"classes", "noise", "hidden", "init-scale", "log-every"};
    if (strcmp(name, "iterations") == 0)
        return PART_IMPLIED;
    if (options_given(run->table, name))
        return PART_GIVEN;
    return is_one_of(name, implied, COUNT(implied)) ? PART_IMPLIED : PART_OTHERS;
}

/* Appends one line name=value for each option of the part that must stay the same on resume. */
static char *grow_settings(char *text, const TrainRun *run, const OptionGroup *groups, size_t group_count, Part part)
{
    for (size_t g = 0; g < group_count; g++) {
        const OptionGroup *group = &groups[g];
        for (size_t i = 0; i < group->count; i++) {
            const Option *option = &group->options[i];
            if (!is_free(run, option) && (part == PART_ALL || part_of(run, option->name) == part))
                text = cli_join_texts(text, setting_line(option, group->settings));
        }
    }
    return text;
}

/* All lines. Freed by free(); NULL when out of memory. */
static char *settings_text(const TrainRun *run, const OptionGroup *groups, size_t group_count)
{
    return grow_settings(cli_copy_string(""), run, groups, group_count, PART_ALL);
}

/* All lines, for a comparison that names the first which differs: what was given comes before what it implies. */
static char *ordered_settings(const TrainRun *run)
{
    char *text = cli_copy_string("");
    for (Part part = PART_GIVEN; part <= PART_IMPLIED; part++)
        text = grow_settings(text, run, run->table->groups, run->table->group_count, part);
    return text;
}

/* ---- what a checkpoint records besides its settings -------------------------------------------------------------- */

/* The version and build that wrote the checkpoint, and the checksums of the log's rows and of the first model. */
static char *notes_text(const TrainRun *run)
{
    BuildPart parts[BUILD_PARTS];
    build_parts(parts);
    char *text = cli_copy_string("");
    text = cli_grow(text, "version=%s\n", spiral_version());
    for (size_t i = 0; i < BUILD_PARTS; i++)
        text = cli_grow(text, "%s=%s\n", parts[i].key, parts[i].value);
    text = cli_grow(text, "log_crc32=%" PRIu32 "\n", log_mark_crc(&run->mark));
    if (run->settings->init_from != NULL)
        text = cli_grow(text, "init_from_crc32=%08" PRIx32 "\n", run->first_model_crc);
    text = cli_join_texts(cli_grow(text, "warnings="), training_warnings_save(&run->warnings));
    return cli_grow(text, "\n");
}

/* Copies the value of a note, truncated to size; false when there is no note of that name. */
static bool find_note(const char *notes, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = notes; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strncmp(line, name, length) == 0 && line[length] == '=') {
            line += length + 1;
            snprintf(value, size, "%.*s", (int)strcspn(line, "\n"), line);
            return true;
        }
    return false;
}

/* A checkpoint of an older version has no warnings: what came before it is then not looked at. */
static SpiralStatus restore_warnings(TrainRun *run, const char *notes, SpiralError *error)
{
    size_t size = strlen(notes) + 1;
    char *text = cli_allocate(size, 1);
    if (text == NULL)
        return cli_no_memory(error);
    SpiralStatus status = SPIRAL_OK;
    if (find_note(notes, "warnings", text, size))
        status = training_warnings_restore(&run->warnings, run->settings->resume, text, error);
    free(text);
    return status;
}

/* Refuses another first model than the one that the training began with. */
static SpiralStatus check_first_model(const TrainRun *run, const char *notes, SpiralError *error)
{
    const char *model = run->settings->init_from, *checkpoint = run->settings->resume;
    char crc[32], found[32];
    if (model == NULL)
        return SPIRAL_OK;
    if (!find_note(notes, "init_from_crc32", crc, sizeof crc)) {
        cli_warn(checkpoint, "was made by an older version and does not say which model it began with: taken to be %s",
                 model);
        return SPIRAL_OK;
    }
    snprintf(found, sizeof found, "%08" PRIx32, run->first_model_crc);
    if (strcmp(crc, found) == 0)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, checkpoint, 0,
                            "made with another first model (--init-from): its CRC-32 is %s, that of %s is %s", crc,
                            model, found);
}

static void compare_builds(const char *path, const char *notes)
{
    BuildPart parts[BUILD_PARTS];
    build_parts(parts);
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        char before[BUILD_TEXT];
        if (find_note(notes, parts[i].key, before, sizeof before))
            build_compare(path, parts[i].key, before, parts[i].value);
    }
}

SpiralStatus train_save_checkpoint(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = run->log != NULL ? spiral_output_sync(run->log, error) : SPIRAL_OK;
    if (status != SPIRAL_OK)
        return status;
    char *path = cli_join(run->settings->out, "checkpoint.npz");
    char *settings = settings_text(run, run->table->groups, run->table->group_count), *notes = notes_text(run);
    status = path == NULL || settings == NULL || notes == NULL
                 ? cli_no_memory(error)
                 : spiral_trainer_save(run->trainer, settings, notes, path, error);
    free(path);
    free(settings);
    free(notes);
    return status;
}

/* ---- the log as it was when a checkpoint was made ---------------------------------------------------------------- */

/* Reads the iteration of a row in either format; false for a line that is not a row (the CSV header). */
static bool row_iteration(const char *line, size_t *iteration)
{
    static const char name[] = "{\"iteration\":";
    char digits[32];
    if (strncmp(line, name, sizeof name - 1) == 0)
        line += sizeof name - 1;
    size_t length = strcspn(line, ",");
    if (line[length] != ',' || length >= sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)length, line);
    return text_to_size(digits, iteration);
}

/* The end of a line's last field; NULL when that field is not the seconds (in the header: the column's name). */
static const char *seconds_end(const char *field, SpiralLossLogFormat format, bool header)
{
    static const char name[] = "seconds", member[] = "\"seconds\":", digits[] = "0123456789";
    if (header)
        return strncmp(field, name, sizeof name - 1) == 0 ? field + sizeof name - 1 : NULL;
    if (format == SPIRAL_LOSS_LOG_JSONL && strncmp(field, member, sizeof member - 1) != 0)
        return NULL;
    field += format == SPIRAL_LOSS_LOG_JSONL ? sizeof member - 1 : 0;
    size_t whole = strspn(field, digits);
    return whole > 0 && field[whole] == '.' ? field + whole + 1 + strspn(field + whole + 1, digits) : NULL;
}

void log_mark_start(LogMark *mark)
{
    mark->bytes = 0;
    mark->crc = 0;
    mark->used = 0;
}

uint32_t log_mark_crc(const LogMark *mark)
{
    return (uint32_t)crc32_z(mark->crc, (const unsigned char *)mark->text, mark->used);
}

static void mark_text(LogMark *mark, const char *text, size_t length)
{
    while (length > 0) {
        size_t room = sizeof mark->text - mark->used, piece = length < room ? length : room;
        memcpy(mark->text + mark->used, text, piece);
        mark->used += piece;
        text += piece;
        length -= piece;
        if (mark->used == sizeof mark->text) {
            mark->crc = log_mark_crc(mark);
            mark->used = 0;
        }
    }
}

bool log_mark_add(LogMark *mark, const char *line, SpiralLossLogFormat format, bool header)
{
    const char *comma = strrchr(line, ',');
    const char *end = comma != NULL ? seconds_end(comma + 1, format, header) : NULL;
    if (end == NULL || strcmp(end, format == SPIRAL_LOSS_LOG_JSONL ? "}\n" : "\n") != 0)
        return false;
    mark->bytes += strlen(line);
    mark_text(mark, line, (size_t)(comma - line));
    mark_text(mark, end, strlen(end));
    return true;
}

static SpiralStatus refuse_line(const TrainRun *run, const char *path, size_t number, const char *line,
                                const char *expected, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, number,
                            "found \"%.*s\", expected %s: it is not the log that %s was made with",
                            (int)strcspn(line, "\n"), line, expected, run->settings->resume);
}

/* Adds the rows before the iteration to the mark. They must be at the start of the log without gaps: the first row is
 * iteration 0, and each following row is log_every iterations later. */
static SpiralStatus measure_rows(const TrainRun *run, FILE *file, const char *path, LogMark *mark, SpiralError *error)
{
    char line[SPIRAL_LOG_LINE_LIMIT + 1], expected[64] = "the names of the columns";
    size_t next = 0, iteration = spiral_trainer_iteration(run->trainer), number = 1, found = 0;
    bool header = run->settings->log_format == SPIRAL_LOSS_LOG_CSV;
    for (; next < iteration || header; number++) {
        if (fgets(line, sizeof line, file) == NULL)
            return spiral_error_set(
                error, SPIRAL_ERROR_INPUT, path, 0,
                "%s after %zu lines, expected the rows of the %zu iterations after which %s was made",
                ferror(file) != 0 ? "could not be read" : "ends", number - 1, iteration, run->settings->resume);
        bool row = row_iteration(line, &found);
        if (!header)
            snprintf(expected, sizeof expected, "the row of iteration %zu", next);
        if (row == header || (row && found != next) || !log_mark_add(mark, line, run->settings->log_format, header))
            return refuse_line(run, path, number, line, expected, error);
        if (!header)
            next += run->settings->log_every;
        header = false;
    }
    return SPIRAL_OK;
}

/* Checks that the rows are those the checkpoint was made with: the log may have been overwritten since. */
static SpiralStatus check_mark(const TrainRun *run, const char *path, const char *notes, SpiralError *error)
{
    char crc[32], found[32];
    if (!find_note(notes, "log_crc32", crc, sizeof crc)) {
        cli_warn(run->settings->resume,
                 "was made by an older version and does not say which log is its own: taken to be %s", path);
        return SPIRAL_OK;
    }
    snprintf(found, sizeof found, "%" PRIu32, log_mark_crc(&run->mark));
    if (strcmp(crc, found) == 0)
        return SPIRAL_OK;
    return spiral_error_set(
        error, SPIRAL_ERROR_INPUT, path, 0,
        "is not the log that %s was made with: its rows before iteration %zu are others (another run's?)",
        run->settings->resume, spiral_trainer_iteration(run->trainer));
}

static SpiralStatus measure_log(TrainRun *run, const char *path, const char *notes, SpiralError *error)
{
    FILE *file;
    SpiralStatus status = spiral_regular_read(NULL, path, &file, error);
    if (status != SPIRAL_OK && errno == ENOENT)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                "could not be opened: %s; --resume continues the log in the folder of --out",
                                strerror(errno));
    if (status != SPIRAL_OK)
        return status;
    status = measure_rows(run, file, path, &run->mark, error);
    fclose(file);
    return status == SPIRAL_OK ? check_mark(run, path, notes, error) : status;
}

SpiralStatus train_resume(TrainRun *run, SpiralError *error)
{
    TrainSettings before = train_settings_defaults();
    OptionGroup groups[TRAIN_GROUPS];
    train_groups(&before, groups);
    char *settings = ordered_settings(run), *notes = NULL;
    char *defaults = settings_text(run, groups, TRAIN_GROUPS);
    char *log = cli_join(run->settings->out, train_log_name(run->settings));
    SpiralStatus status =
        settings == NULL || defaults == NULL || log == NULL
            ? cli_no_memory(error)
            : spiral_trainer_resume(run->trainer, settings, defaults, run->settings->resume, &notes, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = check_first_model(run, notes, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = measure_log(run, log, notes, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = restore_warnings(run, notes, error);
    if (status == SPIRAL_OK)
        compare_builds(run->settings->resume, notes);
    free(settings);
    free(defaults);
    free(notes);
    free(log);
    return status;
}
