#include "cli/explain/maths.h"

#include <ctype.h>
#include <string.h>

typedef struct Source {
    const char *at, *end;
} Source;

/* A command, and what it becomes. A command with a NULL element is an identifier. */
typedef struct Command {
    const char *name, *plain, *mathml;
} Command;

static const Command commands[] = {
    {"sum", "sum", "<mo>\u2211</mo>"},
    {"partial", "d", "<mi>\u2202</mi>"},
    {"log", "log", "<mi>log</mi><mspace width=\"0.17em\"/>"},
    {"exp", "exp", "<mi>exp</mi><mspace width=\"0.17em\"/>"},
    {"max", "max", "<mi>max</mi><mspace width=\"0.17em\"/>"},
    {"tanh", "tanh", "<mi>tanh</mi><mspace width=\"0.17em\"/>"},
    {"cdot", "*", "<mo>\u22c5</mo>"},
    {"times", "x", "<mo>\u00d7</mo>"},
    {"odot", "*", "<mo>\u2299</mo>"},
    {"left", "", ""},
    {"right", "", ""},
    {"ne", "!=", "<mo>\u2260</mo>"},
    {"le", "<=", "<mo>\u2264</mo>"},
    {"lt", "<", "<mo>&lt;</mo>"},
    {"gt", ">", "<mo>&gt;</mo>"},
    {"to", "->", "<mo>\u2192</mo>"},
    {"ldots", "...", "<mo>\u2026</mo>"},
    {"approx", "~", "<mo>\u2248</mo>"},
    {"T", "T", "<mi mathvariant=\"normal\">T</mi>"},
    {",", " ", "<mspace width=\"0.17em\"/>"},
    {";", " ", "<mspace width=\"0.28em\"/>"},
    {"quad", "  ", "<mspace width=\"1em\"/>"},
    {"qquad", "   ", "<mspace width=\"2em\"/>"},
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The name of the command at the backslash: letters, or one other character. */
static Source take_name(Source *source)
{
    Source name = {source->at + 1, source->at + 1};
    while (name.end < source->end && isalpha((unsigned char)*name.end))
        name.end++;
    if (name.end == name.at && name.end < source->end)
        name.end++;
    source->at = name.end;
    return name;
}

static bool is_called(Source name, const char *string)
{
    size_t length = (size_t)(name.end - name.at);
    return strlen(string) == length && memcmp(name.at, string, length) == 0;
}

static const Command *find_command(Source name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (is_called(name, commands[i].name))
            return &commands[i];
    return NULL;
}

static bool next_is(const Source *source, char c)
{
    return source->at < source->end && *source->at == c;
}

/* The inside of the group in braces, or the one character or command. */
static Source take_argument(Source *source)
{
    Source argument = {source->at, source->at};
    if (next_is(source, '\\')) {
        take_name(source);
    } else if (!next_is(source, '{')) {
        source->at += source->at < source->end;
    } else {
        int depth = 0;
        do {
            depth += (*source->at == '{') - (*source->at == '}');
            source->at++;
        } while (depth > 0 && source->at < source->end);
        return (Source){argument.at + 1, source->at - 1};
    }
    argument.end = source->at;
    return argument;
}

static bool has_words(Source name)
{
    return is_called(name, "text") || is_called(name, "mathrm") || is_called(name, "mathbf");
}

/* Puts a string before what stands in the text from start on. */
static void insert(DocumentText *text, size_t start, const char *string)
{
    size_t length = strlen(string), end = text->length;
    document_add_string(text, string); /* makes room */
    if (text->length != end + length)
        return;
    memmove(text->bytes + start + length, text->bytes + start, end - start);
    memcpy(text->bytes + start, string, length);
}

/* ---- plain text -------------------------------------------------------------------------------------------------- */

static void plain_row(DocumentText *text, Source source);

/* Puts brackets around what was written since start when it has one of the characters. */
static void bracket(DocumentText *text, size_t start, const char *characters)
{
    for (size_t i = start; i < text->length; i++)
        if (strchr(characters, text->bytes[i]) != NULL) {
            insert(text, start, "(");
            document_add_string(text, ")");
            return;
        }
}

static void plain_fraction(DocumentText *text, Source *source)
{
    size_t start = text->length;
    plain_row(text, take_argument(source));
    bracket(text, start, " ");
    bool wide = memchr(text->bytes + start, '(', text->length - start) != NULL;
    size_t sign = text->length;
    document_add_string(text, "/");
    size_t below = text->length;
    plain_row(text, take_argument(source));
    bracket(text, below, " /*");
    if (wide || text->bytes[below] == '(') {
        insert(text, below, " ");
        insert(text, sign, " ");
    }
}

static void plain_command(DocumentText *text, Source *source)
{
    Source name = take_name(source);
    const Command *command = find_command(name);
    if (is_called(name, "frac")) {
        plain_fraction(text, source);
    } else if (has_words(name)) {
        Source words = take_argument(source);
        document_add(text, words.at, (size_t)(words.end - words.at));
    } else if (is_called(name, ";")) { /* a space, beside which those of the source count nothing */
        if (text->length == 0 || text->bytes[text->length - 1] != ' ')
            document_add_string(text, " ");
        while (next_is(source, ' '))
            source->at++;
    } else if (command != NULL) {
        document_add_string(text, command->plain);
        if (strcmp(command->name, "partial") == 0 && next_is(source, ' '))
            source->at++;
    }
}

static void plain_scripts(DocumentText *text, Source *source, size_t base)
{
    while (next_is(source, '_') || next_is(source, '^')) {
        char kind = *source->at++;
        bool braced = next_is(source, '{');
        Source script = take_argument(source);
        if (kind == '^' && text->length == base + 1 && text->bytes[base] == 'e') {
            document_add_string(text, "xp(");
            plain_row(text, script);
            document_add_string(text, ")");
            continue;
        }
        if (kind == '^' || braced || !isdigit((unsigned char)*script.at))
            document_add(text, &kind, 1);
        size_t start = text->length;
        plain_row(text, script);
        bracket(text, start, " +*/=,(_");
    }
}

static void plain_row(DocumentText *text, Source source)
{
    while (source.at < source.end) {
        size_t base = text->length;
        if (*source.at == '\\') {
            plain_command(text, &source);
        } else if (*source.at == '{') {
            plain_row(text, take_argument(&source));
        } else {
            document_add(text, source.at++, 1);
        }
        plain_scripts(text, &source, base);
    }
}

void maths_add_plain(DocumentText *text, const char *tex, size_t length)
{
    plain_row(text, (Source){tex, tex + length});
}

/* ---- LaTeX ------------------------------------------------------------------------------------------------------- */

void maths_add_latex(DocumentText *text, const char *tex, size_t length)
{
    Source source = {tex, tex + length};
    while (source.at < source.end) {
        const char *start = source.at;
        if (*start != '\\') {
            document_add(text, source.at++, 1);
            continue;
        }
        if (is_called(take_name(&source), "T"))
            document_add_string(text, "{\\mathsf{T}}");
        else
            document_add(text, start, (size_t)(source.at - start));
    }
}

/* ---- MathML ------------------------------------------------------------------------------------------------------ */

static void mathml_row(DocumentText *text, Source source);

static void mathml_group(DocumentText *text, Source source)
{
    document_add_string(text, "<mrow>");
    mathml_row(text, source);
    document_add_string(text, "</mrow>");
}

static void mathml_command(DocumentText *text, Source *source)
{
    Source name = take_name(source);
    const Command *command = find_command(name);
    if (is_called(name, "frac")) {
        document_add_string(text, "<mfrac>");
        mathml_group(text, take_argument(source));
        mathml_group(text, take_argument(source));
        document_add_string(text, "</mfrac>");
    } else if (has_words(name)) {
        bool words = is_called(name, "text"), bold = is_called(name, "mathbf");
        document_add_string(text, words ? "<mtext>" : bold ? "<mn class=\"bold\">" : "<mi>");
        Source argument = take_argument(source);
        bool space = argument.end > argument.at && argument.end[-1] == ' '; /* a plain one is dropped at the end */
        document_add(text, argument.at, (size_t)(argument.end - argument.at) - space);
        document_add_string(text, space ? "\u00a0" : "");
        document_add_string(text, words ? "</mtext>" : bold ? "</mn>" : "</mi>");
    } else if (command != NULL) {
        document_add_string(text, command->mathml);
    }
}

/* sign: a - is the sign of a number, and not a subtraction. */
static void mathml_character(DocumentText *text, Source *source, bool sign)
{
    char c = *source->at;
    if (isdigit((unsigned char)c)) {
        document_add_string(text, "<mn>");
        while (source->at < source->end && (isdigit((unsigned char)*source->at) || *source->at == '.'))
            document_add(text, source->at++, 1);
        document_add_string(text, "</mn>");
        return;
    }
    source->at++;
    if (c == ' ')
        return;
    if (isalpha((unsigned char)c)) {
        document_add_string(text, "<mi>");
        document_add(text, &c, 1);
        document_add_string(text, "</mi>");
        return;
    }
    bool bracket = strchr("()[]|", c) != NULL;
    document_add_string(text, bracket    ? "<mo stretchy=\"false\">"
                              : c == '/' ? "<mo lspace=\"0\" rspace=\"0\">"
                              : sign     ? "<mo form=\"prefix\" lspace=\"0\" rspace=\"0\">"
                                         : "<mo>");
    if (c == '-')
        document_add_string(text, "\u2212");
    else
        document_add(text, &c, 1);
    document_add_string(text, "</mo>");
}

/* Of a sum, scripts stand below and above it. */
static void mathml_scripts(DocumentText *text, Source *source, size_t base, bool sum)
{
    Source below = {NULL, NULL}, above = {NULL, NULL};
    while (next_is(source, '_') || next_is(source, '^')) {
        Source *script = *source->at++ == '_' ? &below : &above;
        *script = take_argument(source);
    }
    if (below.at == NULL && above.at == NULL)
        return;
    const char *element = below.at != NULL && above.at != NULL ? (sum ? "munderover>" : "msubsup>")
                          : below.at != NULL                   ? (sum ? "munder>" : "msub>")
                                                               : (sum ? "mover>" : "msup>");
    insert(text, base, element);
    insert(text, base, "<");
    if (below.at != NULL)
        mathml_group(text, below);
    if (above.at != NULL)
        mathml_group(text, above);
    document_add_string(text, "</");
    document_add_string(text, element);
}

static void mathml_row(DocumentText *text, Source source)
{
    char before = '('; /* the character before, spaces aside */
    while (source.at < source.end) {
        size_t base = text->length;
        bool sign = *source.at == '-' && strchr("(=,", before) != NULL;
        before = *source.at != ' ' ? *source.at : before;
        bool sum = source.end - source.at > 4 && memcmp(source.at, "\\sum", 4) == 0;
        if (*source.at == '\\')
            mathml_command(text, &source);
        else if (*source.at == '{')
            mathml_group(text, take_argument(&source));
        else
            mathml_character(text, &source, sign);
        mathml_scripts(text, &source, base, sum);
    }
}

void maths_add_mathml(DocumentText *text, const char *tex, size_t length)
{
    mathml_row(text, (Source){tex, tex + length});
}
