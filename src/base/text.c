#define _POSIX_C_SOURCE 200809L
#include "base/text.h"

#include <string.h>

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------- */

static bool is_code_point(uint32_t code)
{
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

uint32_t spiral_text_decode(const char *bytes, size_t length, size_t *size)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *c = (const unsigned char *)bytes;
    size_t wanted = c[0] < 0x80 ? 1 : c[0] < 0xc0 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf8 ? 4 : 0;
    *size = 0;
    if (wanted == 0 || wanted > length)
        return 0;
    uint32_t code = wanted == 1 ? c[0] : c[0] & (0x7fu >> wanted);
    for (size_t i = 1; i < wanted; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (c[i] & 0x3fu);
    }
    if (code < smallest[wanted] || !is_code_point(code))
        return 0;
    *size = wanted;
    return code;
}

size_t spiral_text_encode(uint32_t code, char bytes[4])
{
    if (!is_code_point(code))
        return 0;
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    bytes[0] = (char)(lead[size] | code);
    return size;
}

bool spiral_text_check(const char *bytes, size_t length, size_t *position)
{
    for (size_t i = 0; i < length;) {
        size_t size;
        spiral_text_decode(bytes + i, length - i, &size);
        if (size == 0) {
            *position = i;
            return false;
        }
        i += size;
    }
    return true;
}

/* Digits, punctuation, currencies, symbols of mathematics. Of the rest beyond ASCII, what is no letter is rare. */
static bool is_letter(uint32_t code)
{
    static const uint32_t others[][2] = {
        {0x0080, 0x00a9}, {0x00ab, 0x00b4}, {0x00b6, 0x00b9}, {0x00bb, 0x00bf}, {0x00d7, 0x00d7},
        {0x00f7, 0x00f7}, {0x0660, 0x066c}, {0x06f0, 0x06f9}, {0x0966, 0x096f}, {0x2000, 0x2070},
        {0x2072, 0x207e}, {0x2080, 0x208e}, {0x20a0, 0x20ff}, {0x2150, 0x2bff}, {0x3000, 0x3004},
        {0x3008, 0x3020}, {0xfe50, 0xfe6f}, {0xff00, 0xff20}, {0xffe0, 0xffee},
    };
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (code >= others[i][0] && code <= others[i][1])
            return false;
    return true;
}

bool spiral_text_has_letter(const char *text, size_t length)
{
    size_t size = 1;
    for (size_t i = 0; i < length; i += size) {
        uint32_t code = spiral_text_decode(text + i, length - i, &size);
        if (size == 0 || is_letter(code))
            return true;
    }
    return false;
}

bool spiral_text_ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), ending_length = strlen(ending);
    return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

int spiral_text_cut(const char *text, size_t length, size_t limit)
{
    size_t cut = 0;
    while (cut < length) {
        size_t size;
        spiral_text_decode(text + cut, length - cut, &size);
        size += size == 0;
        if (cut + size > limit)
            break;
        cut += size;
    }
    return (int)cut;
}

/* ---- display ----------------------------------------------------------------------------------------------------- */

typedef struct Range {
    uint32_t first, last;
} Range;

static bool is_in(uint32_t code, const Range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

bool spiral_text_is_control(uint32_t code)
{
    static const Range controls[] = {{0, 0x1f},          {0x7f, 0x9f},       {0xad, 0xad},       {0x600, 0x605},
                                     {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
                                     {0x8e2, 0x8e2},     {0x180e, 0x180e},   {0x200b, 0x200b},   {0x200e, 0x200f},
                                     {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
                                     {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
                                     {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe007f}};
    return is_in(code, controls, sizeof controls / sizeof controls[0]);
}

/* Scripts and pictographs whose characters take two columns. */
static bool is_wide(uint32_t code)
{
    static const Range wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xa960, 0xa97f},
                                 {0xac00, 0xd7a3}, {0xf900, 0xfaff},   {0xfe30, 0xfe6f},  {0xff00, 0xff60},
                                 {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    return is_in(code, wide, sizeof wide / sizeof wide[0]);
}

/* Accents, vowel signs, joiners and selectors that take no column of their own. */
static bool is_combining(uint32_t code)
{
    static const Range combining[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},    {0x610, 0x61a},   {0x64b, 0x65f},   {0x6d6, 0x6dc},
        {0x900, 0x902},   {0x941, 0x948},   {0x94d, 0x94d},    {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},
        {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200c, 0x200d},  {0x20d0, 0x20f0}, {0x302a, 0x302d}, {0x3099, 0x309a},
        {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}};
    return is_in(code, combining, sizeof combining / sizeof combining[0]);
}

/* A backslash, the letter and the code in the given number of hexadecimal digits. */
static SpiralShown spell(char letter, uint32_t code, size_t digits)
{
    SpiralShown shown = {.bytes = {'\\', letter}, .size = 2 + digits, .columns = 2 + digits};
    for (size_t i = 0; i < digits; i++)
        shown.bytes[2 + i] = "0123456789abcdef"[code >> 4 * (digits - 1 - i) & 15];
    return shown;
}

SpiralShown spiral_text_shown(const char *bytes, size_t length, size_t *used)
{
    uint32_t code = spiral_text_decode(bytes, length, used);
    if (*used == 0) {
        *used = 1;
        return spell('x', (unsigned char)bytes[0], 2);
    }
    if (spiral_text_is_control(code))
        return code < 0x80 ? spell('x', code, 2) : code < 0x10000 ? spell('u', code, 4) : spell('U', code, 8);
    SpiralShown shown = {.size = *used, .columns = is_combining(code) ? 0 : is_wide(code) ? 2 : 1};
    memcpy(shown.bytes, bytes, *used);
    return shown;
}

size_t spiral_text_show(const char *string, char *shown, size_t size)
{
    size_t length = 0;
    while (*string != '\0') {
        size_t used;
        SpiralShown next = spiral_text_shown(string, strnlen(string, 4), &used);
        if (length + next.size >= size)
            break;
        memcpy(shown + length, next.bytes, next.size);
        length += next.size;
        string += used;
    }
    shown[length] = '\0';
    return length;
}

size_t spiral_text_columns(const char *text, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0, used; i < length; i += used)
        columns += spiral_text_shown(text + i, length - i, &used).columns;
    return columns;
}

size_t spiral_text_fit(const char *string, size_t columns)
{
    size_t length = 0;
    while (string[length] != '\0') {
        size_t used;
        SpiralShown shown = spiral_text_shown(string + length, strnlen(string + length, 4), &used);
        if (shown.columns > columns)
            break;
        columns -= shown.columns;
        length += used;
    }
    return length;
}
