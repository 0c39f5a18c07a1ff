#include "spiral/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

/* Copies text with control characters as \xNN, cut to size - 1 bytes and never within a UTF-8 sequence. */
static void copy_printable(char *target, size_t size, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        bool control = *c < 0x20 || *c == 0x7f;
        if (used + (control ? 4 : 1) >= size) {
            while (used > 0 && (*c & 0xc0) == 0x80 && ((unsigned char)target[used - 1] & 0xc0) == 0x80)
                used--;
            if (used > 0 && (*c & 0xc0) == 0x80)
                used--;
            break;
        }
        if (control) {
            target[used++] = '\\';
            target[used++] = 'x';
            target[used++] = digits[*c >> 4];
            target[used++] = digits[*c & 15];
        } else {
            target[used++] = (char)*c;
        }
    }
    target[used] = '\0';
}

SpiralStatus spiral_error_set(SpiralError *error, SpiralStatus status, const char *path, size_t line,
                              const char *format, ...)
{
    if (error == NULL)
        return status;
    char text[sizeof error->reason];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error->status = status;
    error->line = line;
    copy_printable(error->path, sizeof error->path, path != NULL ? path : "");
    copy_printable(error->reason, sizeof error->reason, text);
    return status;
}
