#include "base/csv_value.h"

#include <string.h>
#include <strings.h>

#include "base/number.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && is_digit(text[count]))
        count++;
    return count;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static size_t skip_sign(const char *text, size_t length)
{
    return length > 0 && (*text == '-' || *text == '+');
}

bool spiral_csv_is_missing(const char *text, size_t length)
{
    static const char *const words[] = {"?", "na", "n/a", "null", "none"};
    if (length > 4) /* most fields */
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(text, length, words[i]))
            return true;
    size_t sign = skip_sign(text, length);
    return length == 0 || is_word(text + sign, length - sign, "nan");
}

bool spiral_csv_is_missing_label(const char *text, size_t length)
{
    static const char *const words[] = {"?", "NA", "N/A", "null", "NULL", "None"};
    if (length > 4 || (length > 0 && is_digit(*text)))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (length == strlen(words[i]) && memcmp(text, words[i], length) == 0)
            return true;
    size_t sign = skip_sign(text, length);
    return length == 0 || is_word(text + sign, length - sign, "nan");
}

bool spiral_csv_read_boolean(const char *text, size_t length, double *value)
{
    bool yes = is_word(text, length, "true");
    if (!yes && !is_word(text, length, "false"))
        return false;
    *value = yes;
    return true;
}

bool spiral_csv_is_decimal_comma(const char *text, size_t length)
{
    double value;
    const char *end = text + length;
    return memchr(text, ',', length) != NULL && spiral_number_parse_point(text, end, ',', &value) == end;
}

bool spiral_csv_is_number(SpiralCsvKind kind)
{
    return kind == SPIRAL_CSV_WHOLE || kind == SPIRAL_CSV_DECIMAL;
}

SpiralCsvKind spiral_csv_kind(const char *text, size_t length)
{
    double value;
    size_t sign = skip_sign(text, length);
    if (length > sign && (is_digit(text[sign]) || text[sign] == '.')) {
        if (spiral_number_parse(text, text + length, &value) == text + length)
            return count_digits(text + sign, length - sign) == length - sign ? SPIRAL_CSV_WHOLE : SPIRAL_CSV_DECIMAL;
        if (is_digit(text[sign]) || (length > sign + 1 && is_digit(text[sign + 1])))
            return SPIRAL_CSV_LIKE_NUMBER;
    }
    if (spiral_csv_is_missing(text, length))
        return SPIRAL_CSV_MISSING;
    if (spiral_number_is_not_finite(text, length))
        return SPIRAL_CSV_INFINITE;
    return spiral_csv_read_boolean(text, length, &value) ? SPIRAL_CSV_BOOLEAN : SPIRAL_CSV_TEXT;
}

/* ---- what is wrong with a number --------------------------------------------------------------------------------- */

/* "1,000" or "1,234,567.8": commas between groups of three digits; group is ',', or '.' where commas are points. */
static bool has_groups(const char *text, size_t length, char group, char point)
{
    size_t place = skip_sign(text, length), digits = count_digits(text + place, length - place), groups = 0;
    place += digits;
    if (digits == 0 || digits > 3)
        return false;
    while (place + 4 <= length && text[place] == group && count_digits(text + place + 1, length - place - 1) == 3) {
        place += 4;
        groups++;
    }
    if (place < length && text[place] == point)
        place += 1 + count_digits(text + place + 1, length - place - 1);
    return groups > 0 && place == length;
}

bool spiral_csv_is_grouped(const char *text, size_t length)
{
    return has_groups(text, length, ',', '.') || has_groups(text, length, '.', ',') ||
           has_groups(text, length, ' ', '.') || has_groups(text, length, '\'', '.');
}

/* "1.0D+07", or "3.14-114", of which Fortran leaves out the letter. */
static bool has_fortran_exponent(const char *text, size_t length, char point)
{
    double value;
    const char *end = text + length, *stop = spiral_number_parse_point(text, end, point, &value);
    if (stop == NULL || stop == end)
        return false;
    bool letter = strchr("dDqQ", *stop) != NULL;
    stop += letter;
    bool sign = stop < end && (*stop == '-' || *stop == '+');
    if (!letter && !sign)
        return false;
    stop += sign;
    size_t digits = count_digits(stop, (size_t)(end - stop));
    return digits > 0 && digits <= 4 && stop + digits == end;
}

const char *spiral_csv_explain(const char *text, size_t length, char point)
{
    double value;
    const char *end = text + length, *stop = spiral_number_parse_point(text, end, point, &value);
    if (stop != NULL && stop < end && *stop == '%' && stop + 1 == end)
        return "without a percent sign";
    if (spiral_csv_is_grouped(text, length))
        return "without separators between thousands";
    if (has_fortran_exponent(text, length, point))
        return "with e in its exponent, not as Fortran writes it";
    char other = point == '.' ? ',' : '.';
    if (memchr(text, other, length) != NULL && spiral_number_parse_point(text, end, other, &value) == end)
        return point == '.' ? "with a decimal point" : "with a decimal comma";
    if (length > 1 && *text == '$')
        return "without a currency sign";
    return NULL;
}
