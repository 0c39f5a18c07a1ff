#include "spiral/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *spiral_status_name(SpiralStatus status)
{
    switch (status) {
#define STATUS_CASE(code, number, name, sentence)                                                                      \
    case code:                                                                                                         \
        return name;
        SPIRAL_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
    }
    return "unknown";
}

const char *spiral_status_sentence(SpiralStatus status)
{
    switch (status) {
#define STATUS_CASE(code, number, name, sentence)                                                                      \
    case code:                                                                                                         \
        return sentence;
        SPIRAL_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
    }
    return "unknown status";
}

SpiralStatus spiral_error_set(SpiralError *error, SpiralStatus status, const char *path, size_t line,
                              const char *format, ...)
{
    if (error == NULL)
        return status;
    char text[sizeof error->reason + 4]; /* longer, so that a character cut off at the end is beyond what is shown */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error->status = status;
    error->line = line;
    error->remedy = (SpiralRemedy){.kind = SPIRAL_REMEDY_NONE};
    spiral_text_show(path != NULL ? path : "", error->path, sizeof error->path);
    spiral_text_show(text, error->reason, sizeof error->reason);
    return status;
}

SpiralStatus spiral_error_suggest(SpiralError *error, SpiralStatus status, SpiralRemedyKind kind, const char *value)
{
    if (error == NULL || strlen(value) >= sizeof error->remedy.value)
        return status;
    error->remedy.kind = kind;
    strcpy(error->remedy.value, value);
    return status;
}
