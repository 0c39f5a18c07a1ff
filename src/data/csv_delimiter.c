#include "data/csv_delimiter.h"

#include <string.h>

#include "base/csv_value.h"
#include "base/number.h"
#include "data/csv_reader.h"

static const char candidates[] = {',', ';', '\t', '|', ' '};

/* How well a delimiter explains the sample. */
typedef struct Score {
    size_t lines;
    size_t split;        /* with at least two fields */
    size_t alike;        /* with at least two fields, and as many as the line before */
    size_t numbers;      /* in lines that are alike */
    size_t more_numbers; /* in all lines */
    size_t unexplained;  /* fields that are no numbers and hold another delimiter */
} Score;

/* A blank counts only behind a number, as in "1 2", since text has blanks. */
static bool holds_other(const SpiralCsvField *field, char delimiter)
{
    double value;
    const char *end = field->text + field->length, *stop = spiral_number_parse(field->text, end, &value);
    if (stop != NULL && stop < end && *stop == ' ')
        return delimiter != ' ';
    for (size_t i = 0; i < field->length; i++)
        if (field->text[i] != ' ' && memchr(candidates, field->text[i], sizeof candidates) != NULL)
            return true;
    return false;
}

static void add_to_score(const SpiralCsvReader *reader, Score *score, size_t *before)
{
    size_t numbers = 0;
    for (size_t i = 0; i < reader->field_count; i++) {
        const SpiralCsvField *field = &reader->fields[i];
        bool number = spiral_csv_is_number(spiral_csv_kind(field->text, field->length));
        number = number || (reader->delimiter != ',' && (spiral_csv_is_decimal_comma(field->text, field->length) ||
                                                         spiral_csv_is_grouped(field->text, field->length)));
        numbers += number;
        score->unexplained += !number && !field->quoted && holds_other(field, reader->delimiter);
    }
    bool first = score->lines++ == 0;
    if (reader->field_count > 1) {
        score->split++;
        score->more_numbers += numbers;
        if (reader->field_count == *before || first) {
            score->alike++;
            score->numbers += numbers;
        }
    }
    *before = reader->field_count;
}

static SpiralStatus score_delimiter(const char *bytes, size_t length, char delimiter, Score *score, SpiralError *error)
{
    *score = (Score){0};
    SpiralCsvReader reader;
    SpiralStatus status = spiral_csv_reader_copy(bytes, length, "", delimiter, &reader, error);
    bool found = true;
    for (size_t before = 0; status == SPIRAL_OK && found;) {
        status = spiral_csv_reader_next_fields(&reader, &found, error);
        if (status == SPIRAL_OK && found)
            add_to_score(&reader, score, &before);
    }
    if (2 * score->alike < score->lines)
        score->numbers = 0;
    spiral_csv_reader_close(&reader);
    return status;
}

static bool is_better(const Score *a, const Score *b)
{
    if (a->numbers != b->numbers)
        return a->numbers > b->numbers;
    if (a->alike != b->alike)
        return a->alike > b->alike;
    if (a->more_numbers != b->more_numbers)
        return a->more_numbers > b->more_numbers;
    return a->unexplained < b->unexplained;
}

SpiralStatus spiral_csv_delimiter_find(const char *bytes, size_t length, SpiralDecimal decimal, char *delimiter,
                                       SpiralError *error)
{
    Score best = {0};
    *delimiter = decimal == SPIRAL_DECIMAL_COMMA ? ';' : ',';
    for (size_t i = 0; i < sizeof candidates; i++) {
        Score score;
        /* Then blanks are text. A header may be one name short. */
        bool tabs_do = *delimiter == '\t' && best.numbers > 0 && best.unexplained == 0 && best.alike + 1 >= best.lines;
        if (candidates[i] == ' ' ? tabs_do : candidates[i] == ',' && decimal == SPIRAL_DECIMAL_COMMA)
            continue;
        SpiralStatus status = score_delimiter(bytes, length, candidates[i], &score, error);
        if (status != SPIRAL_OK)
            return status;
        if (score.split > 0 && (best.split == 0 || is_better(&score, &best))) {
            best = score;
            *delimiter = candidates[i];
        }
    }
    return SPIRAL_OK;
}
