"""Calls in src/ whose result is not looked at: statements that are nothing but a call, of a function that gives something back."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENT_OR_TEXT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
TOKEN = re.compile(r"\w+|\S")
MACRO = re.compile(r"^#define (\w+)\(", re.M)
# The project's own functions, where they are declared or defined, and a parameter that is one.
DECLARED = re.compile(r"^(?:\w+ )+\**(\w+)\((?=[^;{]*[;{])|\bSpiralTask (\w+)", re.M)


def bare(path):
    """The text without comments, directives and what is in quotes, its lines where they were."""
    def blank(match):
        text = "".join(c for c in match.group() if c == "\n")
        return '""' + text if match.group()[0] in "\"'" else " " + text
    return DIRECTIVE.sub(blank, COMMENT_OR_TEXT.sub(blank, path.read_text(encoding="utf-8")))


def statements(text):
    """(line, function) of each statement that is a call."""
    tokens = [(match.group(), match.start()) for match in TOKEN.finditer(text)]
    for i in range(1, len(tokens) - 1):
        before, (name, place), after = tokens[i - 1][0], tokens[i], tokens[i + 1][0]
        if after != "(" or not re.match(r"[A-Za-z_]", name) or name in ("if", "for", "while", "switch", "return", "sizeof"):
            continue
        start = i - 1
        if [token for token, _ in tokens[i - 3:i]] == ["(", "void", ")"]:
            start = i - 4
        before = tokens[start][0]
        if before == ")" and not ends_condition(tokens, start):
            continue
        if before == ":" and not ends_label(tokens, start):
            continue
        if before not in (";", "{", "}", ")", "else", "do", ":"):
            continue
        end = matching(tokens, i + 1)
        if end + 1 < len(tokens) and tokens[end + 1][0] == ";":
            yield text.count("\n", 0, place) + 1, name


def matching(tokens, i):
    depth = 0
    while i < len(tokens):
        depth += {"(": 1, ")": -1}.get(tokens[i][0], 0)
        if depth == 0:
            return i
        i += 1
    return i


def ends_condition(tokens, i):
    """Is the parenthesis at i the end of an if, for or while?"""
    depth = 0
    while i >= 0:
        depth += {")": 1, "(": -1}.get(tokens[i][0], 0)
        if depth == 0:
            return tokens[i - 1][0] in ("if", "for", "while")
        i -= 1
    return False


def ends_label(tokens, i):
    """Is the colon at i behind a case, a default or a label, and not within an expression?"""
    start = i
    while tokens[start - 1][0] not in (";", "{", "}"):
        start -= 1
    return tokens[start][0] in ("case", "default") or start == i - 1


# Of the language and of libraries: they give nothing back.
NOTHING = set("""CPU_ZERO MPI_Abort _Static_assert __atomic_store_n __builtin_ia32_pause _exit atomic_store cJSON_Delete cJSON_InitHooks
cJSON_free cblas_dgemm cblas_dgemv cblas_dspmv free openblas_set_num_threads qsort va_copy va_end va_start zip_discard zip_error_fini
zip_error_init zip_error_init_with_code zip_error_set zip_source_free zip_source_keep stbtt_GetFontBoundingBox
stbtt_GetGlyphBitmapBoxSubpixel stbtt_GetGlyphHMetrics stbtt_MakeGlyphBitmapSubpixel""".split())


def unlooked():
    """{function: {file: [line, ...]}} in src/, without the project's own functions."""
    texts = {path: bare(path) for path in sorted((ROOT / "src").rglob("*.[ch]")) + sorted((ROOT / "include").rglob("*.h"))}
    own = {name for text in texts.values() for pair in DECLARED.findall(text) for name in pair}
    own |= {name for path in texts for name in MACRO.findall(path.read_text(encoding="utf-8"))}
    found = {}
    for path, text in texts.items():
        for line, name in statements(text):
            if name not in own and name not in NOTHING:
                found.setdefault(name, {}).setdefault(str(path.relative_to(ROOT)).removeprefix("src/"), []).append(line)
    return found
