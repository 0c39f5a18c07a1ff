#define _POSIX_C_SOURCE 200809L
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/powers.h"

enum {
    EXACT_DIGITS = 19,          /* so many decimal digits always fit in 64 bits */
    EXACT_POWER = 22,           /* 10^22 is the largest power of ten that is a double */
    EXPONENT_LIMIT = 100000000, /* beyond it an exponent only says "zero" or "too large" */
    KEPT_DIGITS = 780           /* halfway between two doubles never has more than 767 significant digits */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Any number of digits: strtod's way, on text without a decimal point, which alone depends on the locale. */
static double read_long(const char *digits, const char *end, long exponent)
{
    char text[KEPT_DIGITS + 32];
    size_t used = 0;
    bool rest = false;
    for (const char *c = digits; c < end; c++) {
        if (*c == '.' || (used == 0 && *c == '0'))
            continue;
        if (used < KEPT_DIGITS) {
            text[used++] = *c;
        } else {
            exponent++;
            rest = rest || *c != '0';
        }
    }
    if (rest) { /* one digit stands for all that were dropped: enough to tell which side of halfway they are */
        text[used++] = '1';
        exponent--;
    }
    snprintf(text + used, sizeof text - used, "e%ld", exponent);
    return strtod(text, NULL);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 Wide;

/* mantissa * 10^power into *value, for mantissa > 0 and |power| <= SPIRAL_POWERS_LIMIT: 10^power = 5^power 2^power, and
 * the product with the 128 leading bits of 5^power is rounded. false when it is so near to halfway between two doubles
 * that the bits after those 128 decide. */
static bool read_product(uint64_t mantissa, int power, double *value)
{
    const uint64_t *five = spiral_powers_of_five[power + SPIRAL_POWERS_LIMIT], half = UINT64_C(1) << 10;
    int shift = __builtin_clzll(mantissa);
    Wide low = (Wide)(mantissa << shift) * five[1], high = (Wide)(mantissa << shift) * five[0] + (uint64_t)(low >> 64);
    uint64_t top = (uint64_t)(high >> 64), middle = (uint64_t)high, bottom = (uint64_t)low;
    /* how far its highest bit is from being set: 0 and 1 are as likely, so there is no branch on it */
    unsigned up = (unsigned)(top >> 63 ^ 1);
    top = top << up | (middle >> 1 >> (63 - up));
    middle = middle << up | (bottom >> 1 >> (63 - up));
    bottom <<= up;
    int exponent = spiral_powers_exponent(power) + power + 64 - shift - (int)up; /* of top's highest bit */
    uint64_t kept = top >> 11, dropped = top & (2 * half - 1);
    if (power >= 0) { /* the power is exact, and so is the product */
        bool rest = (middle | bottom) != 0;
        kept += dropped > half || (dropped == half && (rest || (kept & 1) != 0));
    } else { /* the product is too small, by less than 4 of middle */
        if ((dropped == half && middle == 0) || (dropped == half - 1 && middle >= UINT64_MAX - 4))
            return false;
        kept += dropped >= half;
    }
    uint64_t scale_bits = (uint64_t)(exponent - 52 + 1023) << 52;
    double scale;
    memcpy(&scale, &scale_bits, sizeof scale);
    *value = (double)kept * scale;
    return true;
}
#endif

static double read_short(uint64_t mantissa, long exponent, const char *digits, const char *end)
{
    if (mantissa == 0)
        return 0.0;
#ifdef __SIZEOF_INT128__
    double value;
    if (exponent >= -SPIRAL_POWERS_LIMIT && exponent <= SPIRAL_POWERS_LIMIT &&
        read_product(mantissa, (int)exponent, &value))
        return value;
#else
    static const double power_of_ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    /* Both factors are doubles, so that one operation rounds once. */
    if (mantissa <= UINT64_C(1) << 53 && exponent >= -EXACT_POWER && exponent <= EXACT_POWER)
        return exponent >= 0 ? (double)mantissa * power_of_ten[exponent] : (double)mantissa / power_of_ten[-exponent];
#endif
    return read_long(digits, end, exponent);
}

/* The number that the first `count` (1 to 8) of eight digits make: neighbours are joined to pairs, pairs to fours,
 * fours to all eight. */
static uint64_t join_digits(uint64_t bytes, unsigned count)
{
    uint64_t digits = (bytes & UINT64_C(0x0f0f0f0f0f0f0f0f)) << (8 * (8 - count)); /* zeros come before them */
    uint64_t pairs = (digits * 10 + (digits >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    uint64_t fours = (pairs * 100 + (pairs >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (fours * 10000 + (fours >> 32)) & UINT64_C(0xffffffff);
}

/* A bit in every byte that is no digit, and below the first such byte none. */
static uint64_t find_others(uint64_t bytes)
{
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030);
    /* Of a digit the upper half is 3, also when 6 is added: '9' + 6 is '?', what follows '9' goes to 4. */
    return ((bytes & high) ^ zeros) | (((bytes + UINT64_C(0x0606060606060606)) & high) ^ zeros);
}

/* Appends the digits at text to *mantissa, which may wrap round, and returns where they end. */
static inline const char *read_digits(const char *text, const char *end, uint64_t *mantissa)
{
    static const uint64_t power_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t read = *mantissa;
    const char *c = text;
    while (end - c >= 8) {
        uint64_t bytes = 0;
        for (size_t i = 0; i < 8; i++)
            bytes |= (uint64_t)(unsigned char)c[i] << (8 * i);
        uint64_t others = find_others(bytes);
        if (others != 0) {
            unsigned count = (unsigned)__builtin_ctzll(others) / 8;
            if (count > 0)
                read = read * power_of_ten[count] + join_digits(bytes, count);
            *mantissa = read;
            return c + count;
        }
        read = read * 100000000 + join_digits(bytes, 8);
        c += 8;
    }
    for (; c < end && is_digit(*c); c++)
        read = read * 10 + (uint64_t)(*c - '0');
    *mantissa = read;
    return c;
}

/* At an 'e': adds the digits behind it to *exponent and returns their end; returns text when there are none. */
static const char *read_exponent(const char *text, const char *end, long *exponent)
{
    const char *c = text + 1;
    bool negative = c < end && *c == '-';
    if (c < end && (*c == '-' || *c == '+'))
        c++;
    if (c == end || !is_digit(*c))
        return text;
    long value = 0;
    for (; c < end && is_digit(*c); c++)
        if (value < EXPONENT_LIMIT)
            value = value * 10 + (*c - '0');
    *exponent += negative ? -value : value;
    return c;
}

/* Leading zeros and the point of digits .. end, which count for nothing. */
static size_t count_leading(const char *digits, const char *end)
{
    size_t zeros = 0;
    for (const char *c = digits; c < end && (*c == '0' || *c == '.'); c++)
        zeros += *c == '0';
    return zeros;
}

const char *spiral_number_parse(const char *text, const char *end, double *value)
{
    if (text == end)
        return NULL;
    const char *c = text;
    bool negative = *c == '-';
    c += negative | (*c == '+');
    const char *digits = c;
    uint64_t mantissa = 0; /* it is used for few digits only */
    long exponent = 0;
    if (end - c >= 2 && is_digit(c[0]) && c[1] == '.') /* as in most data */
        mantissa = (uint64_t)(*c++ - '0');
    else
        c = read_digits(c, end, &mantissa);
    size_t count = (size_t)(c - digits);
    if (c < end && *c == '.') {
        const char *fraction = c + 1;
        c = read_digits(fraction, end, &mantissa);
        exponent = -(c - fraction);
        count += (size_t)(c - fraction);
    }
    if (count == 0)
        return NULL;
    const char *digits_end = c;
    if (c < end && (*c == 'e' || *c == 'E'))
        c = read_exponent(c, end, &exponent);
    if (count > EXACT_DIGITS)
        count -= count_leading(digits, digits_end);
    double magnitude = count <= EXACT_DIGITS ? read_short(mantissa, exponent, digits, digits_end)
                                             : read_long(digits, digits_end, exponent);
    *value = copysign(magnitude, 1.0 - 2.0 * negative);
    return c;
}

bool spiral_number_read(const char *text, size_t length, double *value)
{
    const char *end = text + length;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    double read;
    const char *stop = spiral_number_parse(text, end, &read);
    if (stop == NULL || !isfinite(read))
        return false;
    while (stop < end && (*stop == ' ' || *stop == '\t'))
        stop++;
    if (stop != end)
        return false;
    *value = read;
    return true;
}

bool spiral_number_is_not_finite(const char *text, size_t length)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    size_t sign = length > 0 && (*text == '-' || *text == '+');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (length - sign == strlen(words[i]) && strncasecmp(text + sign, words[i], length - sign) == 0)
            return true;
    return false;
}

void spiral_number_format(double value, char text[SPIRAL_NUMBER_TEXT])
{
    if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(text, SPIRAL_NUMBER_TEXT, "%.0f", value + 0.0); /* + 0.0 turns -0 into 0 */
        return;
    }
    double read = 0.0;
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, SPIRAL_NUMBER_TEXT, "%.*g", digits, value);
        if (spiral_number_parse(text, text + strlen(text), &read) != NULL && read == value)
            return;
    }
}
