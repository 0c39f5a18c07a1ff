#define _POSIX_C_SOURCE 200809L
#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/powers_of_five.h"

enum {
    EXACT_DIGITS = 19,          /* this many decimal digits always fit in 64 bits */
    EXPONENT_LIMIT = 100000000, /* a larger exponent only means zero or overflow */
    KEPT_DIGITS = 780,          /* the midpoint between two doubles has at most 767 significant digits */
    PRINTED_DIGITS = 17         /* enough to read the same double back */
};

/* ---- 128 bits ---------------------------------------------------------------------------------------------------- */

typedef struct Wide {
    uint64_t high, low;
} Wide;

static inline Wide multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 Product;
    Product product = (Product)a * b;
    return (Wide){(uint64_t)(product >> 64), (uint64_t)product};
#else /* processors of 32 bits: by halves */
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX), cross = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    uint64_t middle = (a & UINT32_MAX) * (b >> 32) + (cross & UINT32_MAX);
    return (Wide){(a >> 32) * (b >> 32) + (cross >> 32) + (middle >> 32), middle << 32 | (low & UINT32_MAX)};
#endif
}

static inline Wide add(Wide a, uint64_t b)
{
    uint64_t low = a.low + b;
    return (Wide){a.high + (low < b), low};
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Any number of digits, by strtod. What it reads has no decimal point, the only part that depends on the locale. */
static double read_long(const char *digits, const char *end, long exponent)
{
    char text[KEPT_DIGITS + 32];
    size_t used = 0;
    bool rest = false;
    for (const char *c = digits; c < end; c++) {
        if (!is_digit(*c) || (used == 0 && *c == '0'))
            continue;
        if (used < KEPT_DIGITS) {
            text[used++] = *c;
        } else {
            exponent++;
            rest = rest || *c != '0';
        }
    }
    if (rest) { /* one digit stands for all that were dropped: enough to tell on which side of the midpoint they are */
        text[used++] = '1';
        exponent--;
    }
    snprintf(text + used, sizeof text - used, "e%ld", exponent);
    return strtod(text, NULL);
}

/* Sets *value to mantissa * 10^power, for mantissa > 0 and |power| <= SPIRAL_POWERS_LIMIT. 10^power = 5^power 2^power,
 * and the product with the leading 128 bits of 5^power is rounded. Returns false when it is so close to the midpoint
 * between two doubles that the bits after those 128 decide. */
static bool read_product(uint64_t mantissa, int power, double *value)
{
    const uint64_t *five = spiral_powers_of_five[power + SPIRAL_POWERS_LIMIT], half = UINT64_C(1) << 10;
    int shift = __builtin_clzll(mantissa);
    Wide low = multiply(mantissa << shift, five[1]), high = add(multiply(mantissa << shift, five[0]), low.high);
    uint64_t top = high.high, middle = high.low, bottom = low.low;
    unsigned up = (unsigned)(top >> 63 ^ 1); /* 1 if the highest bit is not set: shifted by it, without a branch */
    top = top << up | (middle >> 63 & up);
    uint64_t kept = top >> 11, dropped = top & (2 * half - 1);
    if (dropped - (half - 1) <= 1) { /* the bits below decide, as rarely as that */
        middle = middle << up | (bottom >> 63 & up);
        bottom <<= up;
        bool above = (middle | bottom) != 0;
        if (power >= 0) /* the power is exact, and so is the product */
            kept += dropped == half && (above || (kept & 1) != 0);
        else if (dropped == half ? middle == 0 : middle >= UINT64_MAX - 4) /* too small, by less than 4 of middle */
            return false;
        else
            kept += dropped == half;
    } else {
        kept += dropped > half;
    }
    int exponent = spiral_powers_exponent(power) + power + 64 - shift - (int)up; /* of the highest bit of top */
    uint64_t bits = ((uint64_t)(exponent + 1022) << 52) + kept; /* the highest bit of kept adds 1 to the exponent */
    memcpy(value, &bits, sizeof bits);
    return true;
}

static double read_short(uint64_t mantissa, long exponent, const char *digits, const char *end)
{
    if (mantissa == 0)
        return 0.0;
    double value;
    if (exponent >= -SPIRAL_POWERS_LIMIT && exponent <= SPIRAL_POWERS_LIMIT &&
        read_product(mantissa, (int)exponent, &value))
        return value;
    return read_long(digits, end, exponent);
}

/* The number formed by eight bytes from 0 to 9, the first the lowest. Neighbours are joined to pairs, pairs to fours,
 * and fours to all eight. */
static uint64_t join_digits(uint64_t digits)
{
    uint64_t pairs = (digits * (10 * 256 + 1)) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    uint64_t fours = (pairs * (100 * 65536 + 1)) >> 16 & UINT64_C(0x0000ffff0000ffff);
    return (fours * (10000 * UINT64_C(4294967296) + 1)) >> 32;
}

/* Sets the highest bit of every byte above 9. No bit is set below the first such byte. */
static uint64_t find_others(uint64_t bytes)
{
    return ((bytes + UINT64_C(0x7676767676767676)) | bytes) & UINT64_C(0x8080808080808080);
}

/* Appends the digits at text to *mantissa, which may wrap around, and returns where they end. */
static inline const char *read_digits(const char *text, const char *end, uint64_t *mantissa)
{
    static const uint64_t power_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t read = *mantissa;
    const char *c = text;
    while (end - c >= 8) {
        uint64_t bytes = 0;
        for (size_t i = 0; i < 8; i++)
            bytes |= (uint64_t)(unsigned char)c[i] << (8 * i);
        bytes ^= UINT64_C(0x3030303030303030); /* a digit becomes its value */
        uint64_t others = find_others(bytes);
        if (others != 0) {
            unsigned count = (unsigned)__builtin_ctzll(others) / 8; /* 0 to 7 digits, moved up behind zeros */
            *mantissa = read * power_of_ten[count] + join_digits(bytes << 8 << (8 * (7 - count)));
            return c + count;
        }
        read = read * 100000000 + join_digits(bytes);
        c += 8;
    }
    for (; c < end && is_digit(*c); c++)
        read = read * 10 + (uint64_t)(*c - '0');
    *mantissa = read;
    return c;
}

/* At an 'e': adds the digits after it to *exponent and returns their end. Returns text when there are none. */
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

/* The number of leading zeros of digits .. end. A point among them is skipped. */
static size_t count_leading(const char *digits, const char *end)
{
    size_t zeros = 0;
    for (const char *c = digits; c < end && (*c == '0' || !is_digit(*c)); c++)
        zeros += *c == '0';
    return zeros;
}

/* As spiral_number_parse_point. Inlined for the point, the commonest. */
static inline const char *parse(const char *text, const char *end, char point, double *value)
{
    if (text == end)
        return NULL;
    const char *c = text;
    bool negative = *c == '-';
    c += negative | (*c == '+');
    const char *digits = c;
    uint64_t mantissa = 0; /* only used when there are few digits */
    long exponent = 0;
    if (end - c >= 2 && is_digit(c[0]) && c[1] == point) /* as in most data */
        mantissa = (uint64_t)(*c++ - '0');
    else
        c = read_digits(c, end, &mantissa);
    size_t count = (size_t)(c - digits);
    if (c < end && *c == point) {
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
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= (uint64_t)negative << 63; /* no branch: both signs are equally likely */
    memcpy(value, &bits, sizeof bits);
    return c;
}

const char *spiral_number_parse(const char *text, const char *end, double *value)
{
    return parse(text, end, '.', value);
}

const char *spiral_number_parse_point(const char *text, const char *end, char point, double *value)
{
    return point == '.' ? parse(text, end, '.', value) : parse(text, end, point, value);
}

bool spiral_number_read(const char *text, size_t length, double *value)
{
    return spiral_number_read_point(text, length, '.', value);
}

bool spiral_number_read_point(const char *text, size_t length, char point, double *value)
{
    const char *end = text + length;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    double read;
    const char *stop = spiral_number_parse_point(text, end, point, &read);
    if (stop == NULL || !isfinite(read))
        return false;
    while (stop < end && (*stop == ' ' || *stop == '\t'))
        stop++;
    if (stop != end)
        return false;
    *value = read;
    return true;
}

/* Is there a digit other than 0 before the exponent? */
static bool is_nonzero(const char *text, const char *end)
{
    for (; text < end && *text != 'e' && *text != 'E'; text++)
        if (*text >= '1' && *text <= '9')
            return true;
    return false;
}

bool spiral_number_read_strictly(const char *text, size_t length, double *value)
{
    double read;
    const char *end = text + length;
    if (length == 0 || *text == '+' || spiral_number_parse(text, end, &read) != end || !isfinite(read) ||
        (read == 0.0 && is_nonzero(text, end)))
        return false;
    *value = read;
    return true;
}

bool spiral_number_read_whole(const char *text, size_t length, size_t *value)
{
    size_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        size_t digit = (size_t)(text[i] - '0');
        if (number > (SIZE_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return length > 0;
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

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static const uint64_t LEAST = UINT64_C(10000000000000000), MOST = UINT64_C(99999999999999999); /* of 17 digits */

/* FINE: binary places behind the point of what is scaled. SLACK: of their units, more than it may be wrong by. */
enum { FINE = 59, SLACK = 4 };

/* The leading 128 bits of 5^power, as in spiral_powers_of_five; beyond that table from products of its entries, up to
 * some units of the last bit too small. */
static void find_power(int power, uint64_t five[2])
{
    int step = power > 0 ? SPIRAL_POWERS_LIMIT : -SPIRAL_POWERS_LIMIT, rest = power % SPIRAL_POWERS_LIMIT;
    memcpy(five, spiral_powers_of_five[rest + SPIRAL_POWERS_LIMIT], 2 * sizeof *five);
    for (; rest != power; rest += step) {
        const uint64_t *other = spiral_powers_of_five[step + SPIRAL_POWERS_LIMIT];
        uint64_t cross = multiply(five[0], other[1]).high, across = multiply(five[1], other[0]).high;
        Wide product = add(add(multiply(five[0], other[0]), cross), across);
        unsigned up = product.high >> 63 == 0;
        five[0] = product.high << up | (product.low >> 63 & up);
        five[1] = product.low << up;
    }
}

/* A normal value > 0 in units of its 17th digit, whole + rest / 2^FINE, and half its distance to the next double on
 * either side, which is at most 12 units. What lies nearer than that reads back as the value. */
typedef struct Scaled {
    uint64_t whole, rest, half_above, half_below; /* all but the first times 2^FINE */
    bool exact, even;                             /* even: the last bit of the double is 0 */
} Scaled;

/* Returns false when the bits do not decide on which side of a whole number or of a half the value is. */
static bool scale_up(uint64_t bits, int power, Scaled *scaled)
{
    uint64_t computed[2];
    const uint64_t *five = computed;
    if (power >= -SPIRAL_POWERS_LIMIT && power <= SPIRAL_POWERS_LIMIT)
        five = spiral_powers_of_five[power + SPIRAL_POWERS_LIMIT];
    else
        find_power(power, computed);
    uint64_t mantissa = (bits | UINT64_C(1) << 52) << 11;
    int exponent = (int)(bits >> 52) - 1023; /* of the highest bit of the mantissa */
    Wide low = multiply(mantissa, five[1]), product = add(multiply(mantissa, five[0]), low.high);
    uint64_t top = product.high, middle = product.low;
    int shift = 62 - exponent - power - spiral_powers_exponent(power); /* the value is top.middle / 2^shift */
    if (shift < 2 || shift > 40)
        return false;
    int left = FINE - shift, right = 64 - left; /* from top and from middle to the fine places */
    uint64_t below = (five[0] << 10) | (five[1] >> 54);
    scaled->whole = top >> shift;
    scaled->rest = (top & ((UINT64_C(1) << shift) - 1)) << left | middle >> right;
    scaled->half_above = five[0] >> 54 << left | below >> right;
    scaled->half_below = bits << 12 == 0 ? scaled->half_above / 2 : scaled->half_above;
    scaled->even = (bits & 1) == 0;
    scaled->exact = power >= 0 && power <= SPIRAL_POWERS_LIMIT && low.low == 0 && middle << left == 0 &&
                    five[1] << 10 == 0 && below << left == 0;
    const uint64_t half = UINT64_C(1) << (FINE - 1);
    return scaled->exact || ((scaled->rest + SLACK) & (half - 1)) >= 2 * SLACK;
}

/* Is whole = quotient * unit + remainder, with the rest, rounded up to a multiple of unit? Ties go to even. Both
 * answers are equally likely, so there is no branch. */
static bool rounds_up(const Scaled *scaled, uint64_t quotient, uint64_t remainder, uint64_t unit)
{
    const uint64_t half = UINT64_C(1) << (FINE - 1);
    bool odd = (quotient & 1) != 0;
    if (unit == 1)
        return (scaled->rest > half) | ((scaled->rest == half) & odd);
    return (2 * remainder > unit) | ((2 * remainder == unit) & ((scaled->rest > 0) | odd));
}

/* TOO_MANY: more units than from a double to the next, few enough for 64 bits. */
enum { TOO_MANY = 14 };
enum { TOO_FAR, UNDECIDED, NEAR_ENOUGH };

/* Does the number that many units above whole (below, when negative) read back as the value? */
static int reads_back(const Scaled *scaled, int64_t units)
{
    units = units > TOO_MANY ? TOO_MANY : units < -TOO_MANY ? -TOO_MANY : units;
    int64_t distance = units * (INT64_C(1) << FINE) - (int64_t)scaled->rest;
    uint64_t limit = distance < 0 ? scaled->half_below : scaled->half_above;
    uint64_t magnitude = distance < 0 ? (uint64_t)-distance : (uint64_t)distance;
    if (scaled->exact && magnitude == limit)
        return scaled->even ? NEAR_ENOUGH : TOO_FAR;
    return (magnitude <= limit + SLACK) + (magnitude + SLACK < limit);
}

/* Rounds to a multiple of unit, a constant where this is inlined. *digits is set, and the result says whether they read
 * back. */
static inline int try_unit(const Scaled *scaled, uint64_t unit, uint64_t *digits)
{
    uint64_t quotient = scaled->whole / unit, remainder = scaled->whole % unit;
    bool up = rounds_up(scaled, quotient, remainder, unit);
    int reads = reads_back(scaled, (up ? (int64_t)unit : 0) - (int64_t)remainder);
    if (scaled->half_above != scaled->half_below && reads == TOO_FAR && !up) {
        up = true; /* above a power of two, doubles are farther apart than below it */
        reads = reads_back(scaled, (int64_t)unit - (int64_t)remainder);
    }
    *digits = (quotient + up) * unit;
    return reads;
}

/* The fewest digits that read back as the scaled value, filled up with zeros to 17. 15 suffice for every number that
 * has no more, and 17 for all. */
static bool choose_digits(const Scaled *scaled, uint64_t *digits)
{
    int reads = try_unit(scaled, 100, digits);
    if (reads != TOO_FAR)
        return reads == NEAR_ENOUGH;
    uint64_t sixteen, seventeen = scaled->whole + rounds_up(scaled, scaled->whole, 0, 1);
    reads = try_unit(scaled, 10, &sixteen);
    uint64_t all = 0 - (uint64_t)(reads == TOO_FAR); /* about every other time: no branch */
    *digits = (seventeen & all) | (sixteen & ~all);
    return reads != UNDECIDED;
}

/* floor(log10(2^binary)): the multiplier is log10(2) * 2^18. That of a double may be larger by one. */
static int decimal_exponent(int binary)
{
    return binary >= 0 ? binary * 78913 / 262144 : -((-binary * 78913 + 262143) / 262144);
}

/* value is about digits (17 of them) * 10^(exponent - 16), and no fewer of them but zeros at the end read back as the
 * same. Returns false when this method does not apply. */
static bool find_digits(double value, uint64_t *digits, int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int binary = (int)(bits >> 52) - 1023;
    int decimal = decimal_exponent(binary) - 1;
    Scaled scaled;
    if (binary < -1022)
        return false;
    do {
        decimal++;
        if (!scale_up(bits, PRINTED_DIGITS - 1 - decimal, &scaled))
            return false;
    } while (scaled.whole > MOST); /* one digit too many */
    if (!choose_digits(&scaled, digits))
        return false;
    if (*digits > MOST) { /* rounded up to that */
        *digits /= 10;
        decimal++;
    }
    *exponent = decimal;
    return *digits >= LEAST;
}

/* The eight digits of number, each in a byte, the first in the lowest. The reverse of join_digits. */
static uint64_t split_digits(uint32_t number)
{
    uint64_t fours = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007f0000007f); /* fours / 100 */
    uint64_t pairs = hundreds | (fours - 100 * hundreds) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000f000f000f000f); /* pairs / 10 */
    return tens | (pairs - 10 * tens) << 8;
}

/* The 17 digits of a number as text: the first, and the others, each in a byte from the lowest on. */
typedef struct Digits {
    char first;
    Wide others;
    int count; /* without trailing zeros */
} Digits;

static Digits digits_of(uint64_t number)
{
    uint64_t rest = number % LEAST, zeros = UINT64_C(0x3030303030303030);
    uint64_t high = split_digits((uint32_t)(rest / 100000000)), low = split_digits((uint32_t)(rest % 100000000));
    int trailing = low != 0 ? __builtin_clzll(low) / 8 : 8 + (high != 0 ? __builtin_clzll(high) / 8 : 8);
    return (Digits){(char)('0' + number / LEAST), {low | zeros, high | zeros}, PRINTED_DIGITS - trailing};
}

/* Writes 16 bytes, the lowest first. */
static void put_bytes(char *text, Wide bytes)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = (Wide){__builtin_bswap64(bytes.high), __builtin_bswap64(bytes.low)};
#endif
    memcpy(text, &bytes.low, sizeof bytes.low);
    memcpy(text + sizeof bytes.low, &bytes.high, sizeof bytes.high);
}

/* Without the lowest bytes, up to 15. */
static Wide drop_bytes(Wide bytes, int count)
{
    unsigned shift = 8 * ((unsigned)count & 7);
    bool word = count >= 8; /* no branch: numbers have their point anywhere */
    uint64_t low = bytes.low >> shift | bytes.high << 1 << (63 - shift), high = bytes.high >> shift;
    return (Wide){word ? 0 : high, word ? high : low};
}

/* As printf's "e%+03d". */
static char *put_exponent(char *next, int exponent)
{
    int size = exponent < 0 ? -exponent : exponent;
    *next++ = 'e';
    *next++ = exponent < 0 ? '-' : '+';
    if (size >= 100)
        *next++ = (char)('0' + size / 100);
    *next++ = (char)('0' + size / 10 % 10);
    *next++ = (char)('0' + size % 10);
    return next;
}

/* Like %g, writes digits * 10^exponent, with a point after the first digit: with the point among or before the digits,
 * or with a power of ten. All digits are written each time, up to 33 bytes, whatever the number's length. */
static char *put_number(char *next, const Digits *digits, int exponent)
{
    bool scientific = exponent < -4 || exponent >= PRINTED_DIGITS;
    if (exponent < 0 && !scientific) {
        memcpy(next, "0.000", 5);
        next += 1 - exponent;
    }
    next[0] = digits->first;
    put_bytes(next + 1, digits->others);
    if (exponent < 0 && !scientific)
        return next + digits->count;
    int before = scientific ? 1 : exponent + 1; /* digits before the point */
    if (digits->count > before) {
        next[before] = '.';
        put_bytes(next + before + 1, drop_bytes(digits->others, before - 1));
        next += digits->count + 1;
    } else {
        next += before;
    }
    return scientific ? put_exponent(next, exponent) : next;
}

static bool print_quickly(double value, char *text, size_t *length)
{
    uint64_t number;
    int exponent;
    if (!find_digits(fabs(value), &number, &exponent))
        return false;
    Digits digits = digits_of(number);
    char *next = text;
    if (signbit(value))
        *next++ = '-';
    next = put_number(next, &digits, exponent);
    *next = '\0';
    *length = (size_t)(next - text);
    return true;
}

/* The fewest digits that read back as the value. 15 are never too many for a normal number, of which one as short as
 * that is the nearest of its length. */
static size_t print_by_trial(double value, char *text)
{
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15;; digits++) {
        double read;
        size_t length = (size_t)snprintf(text, SPIRAL_NUMBER_TEXT, "%.*g", digits, value);
        if (digits >= PRINTED_DIGITS || (spiral_number_parse(text, text + length, &read) != NULL && read == value))
            return length;
    }
}

size_t spiral_number_print(double value, char text[SPIRAL_NUMBER_TEXT])
{
    size_t length;
    if (value != 0.0 && print_quickly(value, text, &length))
        return length;
    return print_by_trial(value, text);
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

const char *spiral_accuracy_print(double accuracy, int decimals, char text[SPIRAL_NUMBER_TEXT])
{
    snprintf(text, SPIRAL_NUMBER_TEXT, "%.*f", decimals, accuracy);
    if (accuracy < 1.0 && text[0] == '1')
        snprintf(text, SPIRAL_NUMBER_TEXT, "%.*f", decimals, 1.0 - pow(10.0, -decimals));
    return text;
}
