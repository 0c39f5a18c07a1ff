/* training_summary.h: the summary.json of a training, checked member by member. */
#ifndef SPIRAL_CLI_TRAINING_SUMMARY_H
#define SPIRAL_CLI_TRAINING_SUMMARY_H

#include <stdbool.h>

#include "cli/json.h"
#include "cli/options/train_settings.h"
#include "spiral/status.h"

typedef enum MemberKind {
    KIND_TEXT,
    KIND_NUMBER,
    KIND_FROM_0,   /* null when it is not finite */
    KIND_FRACTION, /* a part of the observations */
    KIND_FLAG,
    KIND_TEXTS,
    KIND_NUMBERS,
    KIND_OBJECT,
    KIND_OBJECTS
} MemberKind;

bool summary_has_kind(const cJSON *value, MemberKind kind);
const char *summary_kind_name(MemberKind kind); /* "a text" */

/* Sets the error "PATH: NAME: found VALUE, expected EXPECTED". within is in front of the name: "", "data." ...; value
 * may be NULL. Returns INPUT or LIMIT. */
SpiralStatus summary_refuse(const char *path, const char *within, const char *name, const cJSON *value,
                            const char *expected, SpiralError *error);

/* Refuses a summary that lacks a member, or has one of another kind or another name. Errors: INPUT, LIMIT. */
SpiralStatus summary_check(const char *path, const cJSON *summary, SpiralError *error);

/* Refuses a member of the summary that is not what it is now. within: "data." ... Errors: INPUT, LIMIT. */
SpiralStatus summary_compare(const char *path, const char *within, const cJSON *then, const cJSON *now,
                             SpiralError *error);

/* Refuses a checked summary whose data or network has other sizes than its settings give, so that this is known before
 * memory is taken for them. Errors: INPUT, LIMIT. */
SpiralStatus summary_check_sizes(const char *path, const cJSON *summary, const TrainSettings *settings,
                                 SpiralError *error);

#endif
