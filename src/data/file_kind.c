#define _GNU_SOURCE /* memmem */
#include "data/file_kind.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

typedef struct Kind {
    const char *bytes; /* that the file begins with */
    size_t length;
    const char *name;
    const char *advice; /* what to do, or "" */
    const char *filter; /* a command that prints the file as CSV, or NULL */
} Kind;

#define BYTES(text) (text), sizeof(text) - 1
#define PANDAS_WITH(call, options)                                                                                     \
    "python3 -c 'import pandas, sys; print(pandas." call "(sys.argv[1]" options ").to_csv(index=False), end=\"\")'"
#define PANDAS(call) PANDAS_WITH(call, "")

static const Kind NPY = {BYTES("\x93NUMPY"), "a .npy array", ": its name must end in .npy", NULL};

/* A .npy has magic bytes of its own, and every zip archive may be an .npz. */
static const Kind kinds[] = {
    {BYTES("\x1f\x8b"), "gzip data", "", "zcat <"},
    {BYTES("\xfd"
           "7zXZ\0"),
     "xz data", "", "xzcat <"},
    {BYTES("\x28\xb5\x2f\xfd"), "zstd data", "", "zstdcat <"},
    {BYTES("\x04\x22\x4d\x18"), "lz4 data", "", "lz4cat <"},
    {BYTES("\x1f\x9d"), "compress (.Z) data", "", "zcat <"},
    {BYTES("7z\xbc\xaf\x27\x1c"), "a 7z archive", ": unpack it with 7z x", NULL},
    {BYTES("\xff\xfe\0\0"), "UTF-32 text", "", "iconv -f UTF-32 -t UTF-8"},
    {BYTES("\xff\xfe"), "UTF-16 (or UTF-32) text", "", "iconv -f UTF-16 -t UTF-8"},
    {BYTES("\xfe\xff"), "UTF-16 text", "", "iconv -f UTF-16 -t UTF-8"},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old Excel workbook (.xls)", ": save its sheet as CSV",
     PANDAS("read_excel")},
    {BYTES("\x09\x08"), "an old Excel workbook (.xls)", ": save its sheet as CSV", PANDAS("read_excel")},
    {BYTES("\x89HDF\r\n\x1a\n"), "an HDF5 file", ": save X and y from Python with numpy.savez", NULL},
    {BYTES("MATLAB 5.0 MAT-file"), "a MATLAB file (.mat)",
     ": open it with scipy.io.loadmat and save X and y with numpy.savez", NULL},
    {BYTES("MATLAB 7.3 MAT-file"), "a MATLAB file (.mat, HDF5)",
     ": open it with h5py and save X and y with numpy.savez", NULL},
    {BYTES("PAR1\x15"), "a Parquet file", "", PANDAS("read_parquet")},
    {BYTES("ARROW1\0\0"), "an Arrow (Feather) file", "", PANDAS("read_feather")},
    {BYTES("SQLite format 3\0"), "an SQLite database", ": write its table as CSV with sqlite3", NULL},
    {BYTES("RDX2\n"), "an R data file", ": write the table from R with write.csv", NULL},
    {BYTES("RDX3\n"), "an R data file", ": write the table from R with write.csv", NULL},
    {BYTES("%PDF-"), "a PDF document", ": tables cannot be read from it", NULL},
    {BYTES("version https://git-lfs.github.com/spec/"), "a git-lfs pointer, not the data",
     ": fetch the data with git lfs pull", NULL},
};

/* ---- text -------------------------------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - text) >= length && strncasecmp(text, word, length) == 0;
}

/* The first line that is not empty and does not begin with the comment character. */
static const char *skip_comments(const char *text, const char *end, char comment)
{
    while (text < end) {
        while (text < end && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n'))
            text++;
        if (text == end || *text != comment)
            break;
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        text = line_end != NULL ? line_end : end;
    }
    return text;
}

static bool is_html(const char *text, const char *end)
{
    text = skip_comments(text, end, '\0');
    return begins(text, end, "<!doctype") || begins(text, end, "<html") || begins(text, end, "<?xml") ||
           begins(text, end, "<head") || begins(text, end, "<table");
}

static bool is_json(const char *text, const char *end)
{
    text = skip_comments(text, end, '\0');
    if (text == end || (*text != '{' && *text != '['))
        return false;
    text = skip_comments(text + 1, end, '\0');
    return text < end && strchr("\"{[", *text) != NULL && memchr(text, ':', (size_t)(end - text)) != NULL;
}

/* Is the first member of the object a text, a number, true, false or null? */
static bool begins_with_scalar(const char *text, const char *end)
{
    text = skip_comments(text + 1, end, '\0');
    if (text == end || *text != '"')
        return false;
    for (text++; text < end && *text != '"'; text++)
        text += *text == '\\' && text + 1 < end;
    text = skip_comments(text + (text < end), end, '\0');
    if (text == end || *text != ':')
        return false;
    text = skip_comments(text + 1, end, '\0');
    return text < end && strchr("{[", *text) == NULL;
}

/* One object a line, a row of the table, rather than one value with all of it: so the file is named, or another object
 * begins in the second line, or the first is a row, whose values are no lists. */
static bool is_json_lines(const char *text, const char *end, const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot != NULL && (strcasecmp(dot, ".jsonl") == 0 || strcasecmp(dot, ".ndjson") == 0))
        return true;
    text = skip_comments(text, end, '\0');
    if (*text != '{')
        return false;
    const char *line_end = memchr(text, '\n', (size_t)(end - text));
    const char *second = line_end != NULL ? skip_comments(line_end, end, '\0') : end;
    bool another = second < end && *second == '{' && memchr(text, '}', (size_t)(line_end - text)) != NULL;
    return another || begins_with_scalar(text, end);
}

/* The end of "3:2.5", an index and a value; NULL when that is not what stands at text. */
static const char *skip_pair(const char *text, const char *end)
{
    double number;
    const char *digits = text;
    while (text < end && *text >= '0' && *text <= '9')
        text++;
    return text > digits && text < end && *text == ':' ? spiral_number_parse(text + 1, end, &number) : NULL;
}

static const char *skip_blanks(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    return text;
}

/* "1 1:0.5 3:2": a label, then indices and values to the line's end, as far as the line is there. */
static bool is_svmlight(const char *text, const char *end)
{
    double number;
    size_t pairs = 0;
    text = spiral_number_parse(skip_comments(text, end, '#'), end, &number);
    if (text == NULL)
        return false;
    text = skip_blanks(text, end);
    const char *query = begins(text, end, "qid:") ? spiral_number_parse(text + 4, end, &number) : text;
    text = query != NULL ? skip_blanks(query, end) : text;
    for (; text < end && strchr("\r\n#", *text) == NULL; pairs++) {
        const char *next = skip_pair(text, end);
        if (next == NULL)
            return pairs > 2 && memchr(text, '\n', (size_t)(end - text)) == NULL;
        text = skip_blanks(next, end);
    }
    return pairs > 0;
}

/* UTF-16 without a mark: every second byte of ASCII text is a NUL. */
static bool is_utf16(const char *bytes, size_t length, size_t nul)
{
    size_t pairs = length / 2;
    for (size_t i = 0; i < pairs; i++)
        if (bytes[2 * i + nul] != '\0' || bytes[2 * i + 1 - nul] == '\0')
            return false;
    return pairs >= 2;
}

/* A Python pickle: protocols 2 to 5, or what is common in the older ones, which are text. */
static bool is_pickle(const char *bytes, size_t length)
{
    static const char *const old[] = {"(dp0\n", "(lp0\n", "ccopy_reg\n", "cnumpy.core", "cpandas.core"};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (length >= strlen(old[i]) && memcmp(bytes, old[i], strlen(old[i])) == 0)
            return true;
    return length > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5;
}

static bool holds(const char *bytes, size_t length, const char *word)
{
    return memmem(bytes, length, word, strlen(word)) != NULL;
}

/* ---- all kinds --------------------------------------------------------------------------------------------------- */

/* unzip reads files alone. */
static const Kind *find_zip(const char *bytes, size_t length, const char *path)
{
    static const Kind workbook = {.name = "an Excel workbook (.xlsx)",
                                  .advice = ": save its sheet as CSV",
                                  .filter = PANDAS("read_excel")},
                      calc = {.name = "an OpenDocument spreadsheet",
                              .advice = ": save its sheet as CSV",
                              .filter = PANDAS("read_excel")},
                      npz = {.name = "an .npz archive", .advice = ": its name must end in .npz"},
                      zip = {.name = "a zip archive", .advice = "", .filter = "unzip -p"},
                      piped_zip = {.name = "a zip archive", .advice = "", .filter = "funzip <"};
    if (length < 4 || memcmp(bytes, "PK\x03\x04", 4) != 0)
        return NULL;
    if (holds(bytes, length, "[Content_Types].xml") || holds(bytes, length, "xl/") || holds(bytes, length, "docProps/"))
        return &workbook;
    if (holds(bytes, length, "opendocument.spreadsheet"))
        return &calc;
    if (holds(bytes, length, ".npy"))
        return &npz;
    return strcmp(path, "standard input") == 0 ? &piped_zip : &zip;
}

/* "BZh", the size of the blocks, and the first block. */
static bool is_bzip2(const char *bytes, size_t length)
{
    return length >= 10 && memcmp(bytes, "BZh", 3) == 0 && memcmp(bytes + 4, "1AY&SY", 6) == 0;
}

static const Kind *find_other(const char *bytes, size_t length, const char *path)
{
    static const Kind html = {.name = "a web page (HTML or XML), not the data", .advice = ": was it downloaded whole?"},
                      json = {.name = "JSON", .advice = "", .filter = PANDAS("read_json")},
                      json_lines = {.name = "JSON", .advice = "", .filter = PANDAS_WITH("read_json", ", lines=True")},
                      arff = {.name = "an ARFF file (Weka)", .advice = "", .filter = "grep -Ev '^ *$|^[@%]'"},
                      svmlight = {.name = "svmlight (libsvm) text, index:value",
                                  .advice = ": read it with sklearn.datasets.load_svmlight_file and save X.toarray() "
                                            "and y with numpy.savez"},
                      pickle = {.name = "a Python pickle, which is never loaded",
                                .advice = ": save X and y from Python with numpy.savez"},
                      bzip2 = {.name = "bzip2 data", .advice = "", .filter = "bzcat <"},
                      utf16le = {.name = "UTF-16 text", .advice = "", .filter = "iconv -f UTF-16LE -t UTF-8"},
                      utf16be = {.name = "UTF-16 text", .advice = "", .filter = "iconv -f UTF-16BE -t UTF-8"};
    const char *end = bytes + length;
    if (is_html(bytes, end))
        return &html;
    if (is_json(bytes, end))
        return is_json_lines(bytes, end, path) ? &json_lines : &json;
    if (begins(skip_comments(bytes, end, '%'), end, "@relation"))
        return &arff;
    if (is_svmlight(bytes, end))
        return &svmlight;
    if (is_bzip2(bytes, length))
        return &bzip2;
    if (is_pickle(bytes, length))
        return &pickle;
    if (is_utf16(bytes, length, 1))
        return &utf16le;
    return is_utf16(bytes, length, 0) ? &utf16be : NULL;
}

SpiralStatus spiral_file_kind_refuse(const char *bytes, size_t length, SpiralFileExpected expected, const char *path,
                                     SpiralError *error)
{
    static const char *const wanted[] = {"CSV text in UTF-8", "a .npy array", "an .npz archive"};
    if (length > SPIRAL_FILE_KIND_BYTES)
        length = SPIRAL_FILE_KIND_BYTES;
    const Kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && kind == NULL; i++)
        if (length >= kinds[i].length && memcmp(bytes, kinds[i].bytes, kinds[i].length) == 0)
            kind = &kinds[i];
    if (kind == NULL && expected != SPIRAL_FILE_NPY && length >= NPY.length &&
        memcmp(bytes, NPY.bytes, NPY.length) == 0)
        kind = &NPY;
    if (kind == NULL && expected != SPIRAL_FILE_NPZ)
        kind = find_zip(bytes, length, path);
    if (kind == NULL)
        kind = find_other(bytes, length, path);
    if (kind == NULL)
        return SPIRAL_OK;
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is %s, expected %s%s", kind->name,
                                           wanted[expected], kind->advice);
    if (expected == SPIRAL_FILE_CSV && kind->filter != NULL)
        return spiral_error_suggest(error, status, SPIRAL_REMEDY_FILTER, kind->filter);
    return status;
}
