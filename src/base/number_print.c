/* number_print.c: doubles as 17 significant digits, which are enough to read the same double back. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/powers.h"

enum { DIGITS = 17 };

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 Wide;

static const uint64_t LEAST = UINT64_C(10000000000000000), MOST = UINT64_C(99999999999999999); /* of 17 digits */

/* value * 10^power as a whole number, rounded to even at ties, for a normal value > 0 when the result is below 2^60.
 * false when it is so near to halfway between two that the bits after the 128 of the power's decide. */
static bool scale_up(double value, int power, uint64_t *whole)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = (bits | UINT64_C(1) << 52) << 11;
    int exponent = (int)(bits >> 52) - 1023; /* of the mantissa's highest bit */
    const uint64_t *five = spiral_powers_of_five[power + SPIRAL_POWERS_LIMIT];
    Wide low = (Wide)mantissa * five[1], high = (Wide)mantissa * five[0] + (uint64_t)(low >> 64);
    uint64_t top = (uint64_t)(high >> 64), middle = (uint64_t)high, bottom = (uint64_t)low;
    int shift = 62 - exponent - power - spiral_powers_exponent(power); /* the product is top * 2^-shift */
    if (shift < 2 || shift > 63)
        return false;
    uint64_t half = UINT64_C(1) << (shift - 1), dropped = top & (2 * half - 1), kept = top >> shift;
    if (power >= 0)
        kept += dropped > half || (dropped == half && ((middle | bottom) != 0 || (kept & 1) != 0));
    else if ((dropped == half && middle == 0) || (dropped == half - 1 && middle >= UINT64_MAX - 4))
        return false;
    else
        kept += dropped >= half;
    *whole = kept;
    return true;
}

/* value = digits (17 of them) * 10^(exponent - 16), nearly; false when this way does not lead there. */
static bool find_digits(double value, uint64_t *digits, int *exponent)
{
    int binary = ilogb(value);
    int decimal = (int)floor(binary * 0.30102999566398120); /* log10 of 2; at most one too small */
    int power = DIGITS - 1 - decimal;
    if (binary < -1022 || power - 1 < -SPIRAL_POWERS_LIMIT || power > SPIRAL_POWERS_LIMIT)
        return false;
    if (!scale_up(value, power, digits))
        return false;
    if (*digits > MOST) { /* one digit more, or rounded up to it */
        decimal++;
        if (!scale_up(value, power - 1, digits))
            return false;
    }
    *exponent = decimal;
    return *digits >= LEAST && *digits <= MOST;
}

static char *put_zeros(char *next, int count)
{
    for (int i = 0; i < count; i++)
        *next++ = '0';
    return next;
}

/* As %g writes digits (count of them, without zeros at the end) * 10^(exponent - count + 1): a point within them or
 * zeros before them, or a power of ten. */
static char *put_number(char *next, const char *digits, int count, int exponent)
{
    if (exponent < -4 || exponent >= DIGITS) {
        *next++ = digits[0];
        if (count > 1) {
            *next++ = '.';
            memcpy(next, digits + 1, (size_t)count - 1);
            next += count - 1;
        }
        return next + sprintf(next, "e%+03d", exponent);
    }
    if (exponent < 0) {
        *next++ = '0';
        *next++ = '.';
        next = put_zeros(next, -exponent - 1);
        memcpy(next, digits, (size_t)count);
        return next + count;
    }
    int before = exponent + 1 < count ? exponent + 1 : count;
    memcpy(next, digits, (size_t)before);
    next = put_zeros(next + before, exponent + 1 - before);
    if (count > before) {
        *next++ = '.';
        memcpy(next, digits + before, (size_t)(count - before));
        next += count - before;
    }
    return next;
}

static bool print_quickly(double value, char *text, size_t *length)
{
    uint64_t number;
    int exponent, count = DIGITS;
    if (!find_digits(fabs(value), &number, &exponent))
        return false;
    char digits[DIGITS];
    uint32_t high = (uint32_t)(number / 100000000), low = (uint32_t)(number % 100000000);
    for (int i = 8; i > 0; i--, high /= 10, low /= 10) {
        digits[i] = (char)('0' + high % 10);
        digits[i + 8] = (char)('0' + low % 10);
    }
    digits[0] = (char)('0' + high);
    while (digits[count - 1] == '0')
        count--;
    char *next = text;
    if (signbit(value))
        *next++ = '-';
    next = put_number(next, digits, count, exponent);
    *next = '\0';
    *length = (size_t)(next - text);
    return true;
}
#endif

size_t spiral_number_print(double value, char text[SPIRAL_NUMBER_TEXT])
{
#ifdef __SIZEOF_INT128__
    size_t length;
    if (value != 0.0 && print_quickly(value, text, &length))
        return length;
#endif
    return (size_t)snprintf(text, SPIRAL_NUMBER_TEXT, "%.*g", DIGITS, value);
}
