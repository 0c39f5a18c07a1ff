#include "data/text.h"

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

int spiral_text_cut(const char *text, size_t length, size_t limit)
{
    if (length > limit) {
        length = limit;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    return (int)length;
}
