/* mutate_csv.c: cells, rows and columns of a table are replaced, removed, doubled and swapped; delimiters, line ends
 * and quotes are changed everywhere at once. */
#include <string.h>

#include "mutate.h"

enum { MOST_CELLS = 4096 };

typedef struct Cell {
    const uint8_t *bytes; /* with its quotes, when it has any */
    size_t size;
    bool last; /* of its row */
} Cell;

typedef struct Table {
    char delimiter;
    const char *line_end;
    bool ended;  /* has the last row a line end? */
    bool quoted; /* are all cells to be written in quotes? */
    size_t count;
    Cell cells[MOST_CELLS];
} Table;

/* ---- reading and writing ----------------------------------------------------------------------------------------- */

/* The delimiter that is the most frequent one in the first line. */
static char find_delimiter(const uint8_t *bytes, size_t size)
{
    static const char delimiters[] = ",;\t ";
    size_t counts[sizeof delimiters] = {0}, most = 0;
    for (size_t i = 0; i < size && bytes[i] != '\n' && bytes[i] != '\r'; i++)
        for (size_t d = 0; d + 1 < sizeof delimiters; d++)
            counts[d] += bytes[i] == (uint8_t)delimiters[d];
    for (size_t d = 1; d + 1 < sizeof delimiters; d++)
        most = counts[d] > counts[most] ? d : most;
    return delimiters[most];
}

/* The end of the cell that begins at `at`: a delimiter or a line end, outside of quotes, or the end of the text. */
static size_t end_of_cell(const uint8_t *bytes, size_t size, size_t at, char delimiter)
{
    bool quoted = at < size && bytes[at] == '"', within = false;
    for (; at < size; at++) {
        within = within != (quoted && bytes[at] == '"');
        if (!within && (bytes[at] == (uint8_t)delimiter || bytes[at] == '\n' || bytes[at] == '\r'))
            break;
    }
    return at;
}

static bool read_table(const uint8_t *bytes, size_t size, Table *table)
{
    table->delimiter = find_delimiter(bytes, size);
    table->line_end = memchr(bytes, '\r', size) == NULL ? "\n" : memchr(bytes, '\n', size) == NULL ? "\r" : "\r\n";
    table->quoted = false;
    table->count = 0;
    for (size_t at = 0; at < size;) {
        size_t end = end_of_cell(bytes, size, at, table->delimiter);
        if (table->count == MOST_CELLS)
            return false;
        table->ended = end < size && bytes[end] != (uint8_t)table->delimiter;
        table->cells[table->count++] = (Cell){bytes + at, end - at, table->ended || end == size};
        at = end + 1;
        if (end + 1 < size && bytes[end] == '\r' && bytes[end + 1] == '\n')
            at++;
    }
    if (table->count > 0)
        table->cells[table->count - 1].last = true;
    return table->count > 0;
}

/* Writes the table; 0 when it has no room. */
static size_t write_table(const Table *table, uint8_t *bytes, size_t most)
{
    size_t used = 0, line_end = strlen(table->line_end);
    for (size_t i = 0; i < table->count; i++) {
        const Cell *cell = &table->cells[i];
        bool quote = table->quoted && (cell->size == 0 || cell->bytes[0] != '"');
        if (cell->size + line_end + 2 > most - used)
            return 0;
        if (quote)
            bytes[used++] = '"';
        if (cell->size > 0)
            memcpy(bytes + used, cell->bytes, cell->size);
        used += cell->size;
        if (quote)
            bytes[used++] = '"';
        if (!cell->last) {
            bytes[used++] = (uint8_t)table->delimiter;
        } else if (table->ended || i + 1 < table->count) {
            memcpy(bytes + used, table->line_end, line_end);
            used += line_end;
        }
    }
    return used;
}

/* ---- cells, rows and columns ------------------------------------------------------------------------------------- */

static void remove_cells(Table *table, size_t from, size_t count)
{
    memmove(&table->cells[from], &table->cells[from + count], (table->count - from - count) * sizeof(Cell));
    table->count -= count;
}

/* Puts a copy of the cells in front of the place `to`; false when there is no room. */
static bool copy_cells(Table *table, size_t from, size_t count, size_t to)
{
    Cell copied[256];
    if (count > sizeof copied / sizeof *copied || count > MOST_CELLS - table->count)
        return false;
    memcpy(copied, &table->cells[from], count * sizeof(Cell));
    memmove(&table->cells[to + count], &table->cells[to], (table->count - to) * sizeof(Cell));
    memcpy(&table->cells[to], copied, count * sizeof(Cell));
    table->count += count;
    return true;
}

static size_t row_start(const Table *table, size_t cell)
{
    while (cell > 0 && !table->cells[cell - 1].last)
        cell--;
    return cell;
}

static size_t row_end(const Table *table, size_t cell)
{
    while (!table->cells[cell].last)
        cell++;
    return cell + 1;
}

static Cell text_cell(const char *text, bool last)
{
    return (Cell){(const uint8_t *)text, strlen(text), last};
}

static void change_cell(Table *table, size_t at, Random *random)
{
    static const char *const words[] = {
        "",     "nan",   "inf",       "-inf", "NA", "?",  "null",     "\"\"",     "\"a\"\"b\"", "\"a\nb\"",
        "True", "label", "iteration", "loss", "x0", "ok", "diverged", "failed",   "pruned",     "stopped",
        "run",  "seed",  "1,5",       "0x10", " 1", "1 ", "+1",       "\xc3\xa9", "1_000"};
    static uint8_t blind[512];
    Cell *cell = &table->cells[at];
    size_t kind = random_below(random, 8);
    if (kind < 3) {
        *cell = text_cell(random_number(random), cell->last);
    } else if (kind == 3) {
        *cell = text_cell(RANDOM_OF(random, words), cell->last);
    } else if (kind < 6) {
        const Cell *other = &table->cells[random_below(random, table->count)];
        cell->bytes = other->bytes;
        cell->size = other->size;
    } else if (cell->size <= sizeof blind / 2) {
        if (cell->size > 0)
            memcpy(blind, cell->bytes, cell->size);
        cell->size = LLVMFuzzerMutate(blind, cell->size, sizeof blind / 2);
        cell->bytes = blind;
    }
}

/* Removes, adds, doubles or swaps one cell, so that its row has another length. */
static void change_row_length(Table *table, size_t at, Random *random)
{
    Cell *cell = &table->cells[at];
    if (one_in(random, 2)) {
        if (copy_cells(table, at, 1, at))
            table->cells[at].last = false;
    } else if (!cell->last) {
        remove_cells(table, at, 1);
    } else if (at > 0 && !cell[-1].last) {
        cell[-1].last = true;
        remove_cells(table, at, 1);
    }
}

static void change_rows(Table *table, size_t at, Random *random)
{
    size_t from = row_start(table, at), count = row_end(table, at) - from;
    size_t to = row_start(table, random_below(random, table->count));
    size_t kind = random_below(random, 4);
    bool copied = kind > 0 && copy_cells(table, from, count, to);
    if (kind == 0 && count < table->count)
        remove_cells(table, from, count);
    else if (kind == 1 && copied) /* moved */
        remove_cells(table, to <= from ? from + count : from, count);
}

enum { REMOVE, DOUBLE, SWAP, FILL, COLUMN_CHANGES };

/* Changes the column in every row that has it and one more. */
static void change_column(Table *table, size_t at, Random *random)
{
    size_t column = at - row_start(table, at), kind = random_below(random, COLUMN_CHANGES);
    size_t width = row_end(table, at) - row_start(table, at), other = random_below(random, width);
    const char *filled = random_number(random);
    for (size_t row = 0; row < table->count;) {
        size_t end = row_end(table, row);
        Cell *cell = &table->cells[row + column];
        if (column + 1 < end - row || (kind == FILL && row > 0 && column < end - row)) {
            if (kind == REMOVE) {
                remove_cells(table, row + column, 1);
            } else if (kind == DOUBLE) {
                (void)copy_cells(table, row + column, 1, row + column);
            } else if (kind == FILL) {
                *cell = text_cell(filled, cell->last);
            } else if (row + other < end) {
                Cell *swapped = &table->cells[row + other], kept = *cell;
                *cell = (Cell){swapped->bytes, swapped->size, cell->last};
                *swapped = (Cell){kept.bytes, kept.size, swapped->last};
            }
        }
        row = row_end(table, row);
    }
}

static void change_form(Table *table, Random *random)
{
    static const char delimiters[] = {',', ';', '\t', ' ', '|'};
    static const char *const line_ends[] = {"\n", "\r\n", "\r", "\n\n"};
    size_t kind = random_below(random, 4);
    if (kind == 0)
        table->delimiter = RANDOM_OF(random, delimiters);
    else if (kind == 1)
        table->line_end = RANDOM_OF(random, line_ends);
    else if (kind == 2)
        table->quoted = true;
    else
        table->ended = !table->ended;
}

static void change(Table *table, Random *random)
{
    size_t kind = random_below(random, 16), at = random_below(random, table->count);
    if (kind < 8)
        change_cell(table, at, random);
    else if (kind == 8)
        change_row_length(table, at, random);
    else if (kind < 12)
        change_rows(table, at, random);
    else if (kind < 14)
        change_column(table, at, random);
    else
        change_form(table, random);
}

size_t mutate_csv(uint8_t *bytes, size_t size, size_t most, Random *random)
{
    static Table table; /* large, and no execution needs two */
    static uint8_t made[MUTATE_MOST];
    if (!read_table(bytes, size, &table))
        return 0;
    change(&table, random);
    size_t written = write_table(&table, made, most < sizeof made ? most : sizeof made);
    if (written > 0)
        memcpy(bytes, made, written);
    return written;
}
