#define _POSIX_C_SOURCE 200809L
#include "data/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    EXACT_DIGITS = 19,          /* so many decimal digits always fit in 64 bits */
    EXACT_POWER = 22,           /* 10^22 is the largest power of ten that is a double */
    LONG_POWER = 27,            /* 5^27 is the largest power of five in 64 bits */
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
    if (used == 0)
        return 0.0;
    if (rest) { /* one digit stands for all that were dropped: enough to tell which side of halfway they are */
        text[used++] = '1';
        exponent--;
    }
    snprintf(text + used, sizeof text - used, "e%ld", exponent);
    return strtod(text, NULL);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 Wide;

static const uint64_t power_of_five[LONG_POWER + 1] = {
    UINT64_C(1),
    UINT64_C(5),
    UINT64_C(25),
    UINT64_C(125),
    UINT64_C(625),
    UINT64_C(3125),
    UINT64_C(15625),
    UINT64_C(78125),
    UINT64_C(390625),
    UINT64_C(1953125),
    UINT64_C(9765625),
    UINT64_C(48828125),
    UINT64_C(244140625),
    UINT64_C(1220703125),
    UINT64_C(6103515625),
    UINT64_C(30517578125),
    UINT64_C(152587890625),
    UINT64_C(762939453125),
    UINT64_C(3814697265625),
    UINT64_C(19073486328125),
    UINT64_C(95367431640625),
    UINT64_C(476837158203125),
    UINT64_C(2384185791015625),
    UINT64_C(11920928955078125),
    UINT64_C(59604644775390625),
    UINT64_C(298023223876953125),
    UINT64_C(1490116119384765625),
    UINT64_C(7450580596923828125),
};

static int leading_zeros(uint64_t word) /* word is not 0 */
{
    return __builtin_clzll(word);
}

/* (top + part) * 2^exponent, where top's highest bit is set and 0 <= part < 1, not 0 only when there is a rest; the
 * result is far from the ends of the range. */
static double round_to_double(uint64_t top, bool rest, int exponent)
{
    const uint64_t half = UINT64_C(1) << 10;
    uint64_t kept = top >> 11, dropped = top & (2 * half - 1);
    if (dropped > half || (dropped == half && (rest || (kept & 1) != 0)))
        kept++;
    uint64_t scale_bits = (uint64_t)(exponent + 11 + 1023) << 52;
    double scale;
    memcpy(&scale, &scale_bits, sizeof scale);
    return (double)kept * scale;
}

/* mantissa * 10^exponent for mantissa > 0 and |exponent| <= LONG_POWER, by exact integers: 10^e = 5^e 2^e. */
static double read_exact(uint64_t mantissa, int exponent)
{
    int shift = leading_zeros(mantissa);
    if (exponent >= 0) {
        Wide product = (Wide)mantissa * power_of_five[exponent];
        uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
        if (high == 0) {
            shift = leading_zeros(low);
            return round_to_double(low << shift, false, exponent - shift);
        }
        shift = leading_zeros(high);
        product <<= shift;
        return round_to_double((uint64_t)(product >> 64), (uint64_t)product != 0, exponent + 64 - shift);
    }
    uint64_t divisor = power_of_five[-exponent];
    int divisor_shift = leading_zeros(divisor);
    divisor <<= divisor_shift;
    Wide numerator = (Wide)(mantissa << shift) << 63; /* its upper half is below divisor, so the quotient has 64 bits */
    uint64_t quotient = (uint64_t)(numerator / divisor);
    bool rest = (uint64_t)(numerator % divisor) != 0;
    int quotient_shift = leading_zeros(quotient);
    return round_to_double(quotient << quotient_shift, rest, exponent - 63 + divisor_shift - shift - quotient_shift);
}
#endif

static double read_short(uint64_t mantissa, long exponent, const char *digits, const char *end)
{
    static const double power_of_ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa == 0)
        return 0.0;
    /* Both factors are doubles, so that one operation rounds once. */
    if (mantissa <= UINT64_C(1) << 53 && exponent >= -EXACT_POWER && exponent <= EXACT_POWER)
        return exponent >= 0 ? (double)mantissa * power_of_ten[exponent] : (double)mantissa / power_of_ten[-exponent];
#ifdef __SIZEOF_INT128__
    if (exponent >= -LONG_POWER && exponent <= LONG_POWER)
        return read_exact(mantissa, (int)exponent);
#endif
    return read_long(digits, end, exponent);
}

/* Are the eight bytes digits? Then *number is theirs: neighbours are joined to pairs, pairs to fours, fours to all
 * eight. */
static bool read_eight(const char *text, uint64_t *number)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < 8; i++)
        bytes |= (uint64_t)(unsigned char)text[i] << (8 * i);
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030);
    /* Of a digit the upper half is 3, also when 6 is added: '9' + 6 is '?', what follows '9' goes to 4. */
    if ((bytes & high) != zeros || ((bytes + UINT64_C(0x0606060606060606)) & high) != zeros)
        return false;
    uint64_t digits = bytes - zeros;
    uint64_t pairs = (digits * 10 + (digits >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    uint64_t fours = (pairs * 100 + (pairs >> 16)) & UINT64_C(0x0000ffff0000ffff);
    *number = (fours * 10000 + (fours >> 32)) & UINT64_C(0xffffffff);
    return true;
}

/* Appends the digits at text to *mantissa, which may wrap round, and returns where they end. */
static const char *read_digits(const char *text, const char *end, uint64_t *mantissa)
{
    uint64_t read = *mantissa, eight;
    const char *c = text;
    for (; end - c >= 8 && read_eight(c, &eight); c += 8)
        read = read * 100000000 + eight;
    for (; c < end && is_digit(*c); c++)
        read = read * 10 + (uint64_t)(*c - '0');
    *mantissa = read;
    return c;
}

/* At an 'e' with digits behind it: adds them to *exponent and returns their end; otherwise returns text. */
static const char *read_exponent(const char *text, const char *end, long *exponent)
{
    const char *c = text;
    if (c == end || (*c != 'e' && *c != 'E'))
        return text;
    c++;
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

const char *spiral_number_parse(const char *text, const char *end, double *value)
{
    const char *c = text;
    bool negative = c < end && *c == '-';
    if (c < end && (*c == '-' || *c == '+'))
        c++;
    const char *digits = c;
    uint64_t mantissa = 0; /* it is used for few digits only */
    long exponent = 0;
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
    c = read_exponent(c, end, &exponent);
    for (const char *first = digits; count > EXACT_DIGITS && first < digits_end && (*first == '0' || *first == '.');
         first++)
        if (*first == '0')
            count--;
    double magnitude = count <= EXACT_DIGITS ? read_short(mantissa, exponent, digits, digits_end)
                                             : read_long(digits, digits_end, exponent);
    *value = negative ? -magnitude : magnitude;
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
