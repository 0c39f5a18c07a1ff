"""The mutants of C sources: small changes that a test ought to notice, found by tokens, chosen by a hash."""

import collections
import hashlib
import re

TOKEN = re.compile(r"""
    (?P<space>\s+ | /\*.*?\*/ | //[^\n]*)
  | (?P<directive>(?<![^\n])[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<text>(?:u8|[uUL])?"(?:\\.|[^"\\])*" | [uUL]?'(?:\\.|[^'\\])*')
  | (?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<sign>\.\.\. | <<= | >>= | -> | \+\+ | -- | << | >> | [-+*/%&|^<>=!]= | && | \|\| | [][(){}.,;:?~!<>=+*/%&|^-])
""", re.X | re.S)

OPERATORS = {
    "<": ("relation", "<="), "<=": ("relation", "<"), ">": ("relation", ">="), ">=": ("relation", ">"),
    "==": ("relation", "!="), "!=": ("relation", "=="), "&&": ("logic", "||"), "||": ("logic", "&&"),
    "+": ("arithmetic", "-"), "-": ("arithmetic", "+"), "*": ("arithmetic", "/"), "/": ("arithmetic", "*"),
    "+=": ("arithmetic", "-="), "-=": ("arithmetic", "+="), "*=": ("arithmetic", "/="), "/=": ("arithmetic", "*="),
}
SPACED = {"+", "-", "*", "/", "<", ">"}  # with spaces around them (clang-format) they have two operands
STATEMENTS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "case", "goto"}
LEAVES = {"return", "goto", "break", "continue"}
# Calls that can't be missed but by what counts memory, as AddressSanitizer does.
FREES = re.compile(r"free|\w+_free|va_end")

Token = collections.namedtuple("Token", "kind text start end")
# text[start:end] becomes replacement. block: where the block begins that is run before the place is. before, after: its lines.
Mutation = collections.namedtuple("Mutation", "kind function line start end replacement block before after")


def tokenise(text):
    """All but space and comments. What is no C is an error."""
    tokens, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: no token of C: {text[at:at + 20]!r}")
        if match.lastgroup not in ("space", "directive"):
            tokens.append(Token(match.lastgroup, match.group(), match.start(), match.end()))
        at = match.end()
    return tokens


def partners(tokens):
    """{index of a bracket: index of the one that belongs to it}"""
    found, opened = {}, []
    for i, token in enumerate(tokens):
        if token.kind == "sign" and token.text in "([{":
            opened.append(i)
        elif token.kind == "sign" and token.text in ")]}":
            j = opened.pop()
            found[i], found[j] = j, i
    return found


class Source:
    """A file's tokens, and what is told from them."""

    def __init__(self, text):
        self.text = text
        self.tokens = tokenise(text)
        self.partner = partners(self.tokens)
        self.found = []
        self.taken = set()

    def word(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def mutations(self):
        depth_0 = 0
        while depth_0 < len(self.tokens):
            if self.word(depth_0) in ("(", "["):
                depth_0 = self.partner[depth_0] + 1
            elif self.word(depth_0) == "{":
                if self.word(depth_0 - 1) == ")":
                    self.function(depth_0)
                depth_0 = self.partner[depth_0] + 1
            else:
                depth_0 += 1
        return self.found

    def function(self, body):
        head = self.partner[body - 1]
        self.name = self.word(head - 1)
        self.gives_status = self.word(head - 2) == "SpiralStatus"
        blocks = []  # the braces that are open: (index, may a statement stand behind it?)
        for i in range(body, self.partner[body]):
            token = self.tokens[i]
            if token.text == "{":
                blocks.append((i, self.is_block(i, blocks)))
            elif token.text == "}":
                blocks.pop()
            self.block = next(j for j, statements in reversed(blocks) if statements)
            self.in_statements = blocks[-1][1] or self.is_switch(blocks[-1][0])
            self.token(i, token)

    def is_switch(self, brace):
        return self.word(brace - 1) == ")" and self.word(self.partner[brace - 1] - 1) == "switch"

    def is_block(self, brace, blocks):
        """Is it a block, and not a list of values, nor that of a switch, in which what stands before the first case isn't run?"""
        before = self.word(brace - 1)
        if not blocks:
            return True
        if before == ")":
            owner = self.tokens[self.partner[brace - 1] - 1]
            return owner.kind == "name" and owner.text not in ("switch", "return", "sizeof")
        parent, statements = blocks[-1]
        return before in ("else", "do", ";", ":") or (before in "{}" and (statements or self.is_switch(parent)))

    def add(self, kind, first, last, replacement):
        """A mutation of the tokens from first to last."""
        start, end = self.tokens[first].start, self.tokens[last].end
        left = self.text.rfind("\n", 0, start) + 1
        right = self.text.find("\n", end)
        before = " ".join(self.text[left:right].split())
        after = " ".join((self.text[left:start] + replacement + self.text[end:right]).split())
        if (self.name, before, after) not in self.taken:  # of several that look alike, the first
            self.taken.add((self.name, before, after))
            line = self.text.count("\n", 0, start) + 1
            self.found.append(Mutation(kind, self.name, line, start, end, replacement, self.tokens[self.block].end, before, after))

    # ---- the kinds -------------------------------------------------------------------------------------------------------

    def token(self, i, token):
        if token.kind == "sign":
            self.operator(i, token)
        elif token.kind == "number":
            self.constant(i, token)
        elif token.kind == "name":
            if token.text == "if":
                self.check(i)
            elif token.text == "return" and self.gives_status:
                self.status(i)
            elif token.text in ("break", "continue") and self.word(i + 1) == ";":
                self.add("jump", i, i, "")
            elif self.word(i + 1) == "(" and token.text not in STATEMENTS:
                self.call(i)

    def operator(self, i, token):
        if token.text in OPERATORS:
            around = self.text[token.start - 1] + self.text[token.end]
            two_operands = token.text not in SPACED or (around[0].isspace() and around[1].isspace())
            if two_operands and self.word(i - 1) not in ("(", ",", "=", "return", "?", ":"):
                kind, replacement = OPERATORS[token.text]
                self.add(kind, i, i, replacement)
                return
        before = self.tokens[i - 1]
        if token.text == "!":
            self.add("logic", i, i, "")
        elif token.text == "-" and (before.text == "return" or before.kind == "sign" and before.text not in (")", "]")):
            self.add("arithmetic", i, i, "")

    def constant(self, i, token):
        if self.word(i - 1) == "[" and self.word(i + 1) == "]" and self.is_declaration(i - 2):
            return  # the size of an array, which only reserves room
        if re.fullmatch(r"(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*", token.text):
            digits = re.sub(r"[uUlL]*$", "", token.text)
            base = 16 if digits[:2].lower() == "0x" else 8 if re.fullmatch("0[0-7]+", digits) else 10
            value = int(digits, base) + 1
            shown = {16: f"{value:#x}", 8: f"0{value:o}", 10: str(value)}[base]
            self.add("constant", i, i, shown + token.text[len(digits):])
        elif re.fullmatch(r"[0-9.]+([eE][+-]?[0-9]+)?", token.text):
            value = float(token.text)
            self.add("constant", i, i, repr(value + 1.0 if value + 1.0 != value and value > 1e-3 or value == 0.0 else value * 2.0))

    def is_declaration(self, name):
        """Does the name of an array stand behind a type?"""
        before = self.tokens[name - 1]
        return before.kind == "name" and before.text not in STATEMENTS or before.text in ("*", ",")

    def check(self, i):
        """if (...) return: never."""
        closed = self.partner[i + 1]
        first = self.word(closed + 1)
        if first == "{":
            end = self.partner[closed + 1]
            last = self.statement_before(end - 1)
            leaves = self.word(last) in LEAVES
        else:
            end = self.end_of_statement(closed + 1)
            leaves = first in LEAVES
        if leaves and self.word(end + 1) != "else":
            inner = self.text[self.tokens[i + 1].start:self.tokens[closed].end]
            self.add("check", i + 1, closed, f"({inner} && 0)")

    def end_of_statement(self, i):
        while self.word(i) != ";":
            i = self.partner[i] + 1 if self.word(i) in ("(", "[", "{") else i + 1
        return i

    def statement_before(self, semicolon):
        """Where the statement begins that ends there."""
        i = semicolon - 1
        while self.word(i) not in (";", "{", "}", ":"):
            i = self.partner[i] - 1 if self.word(i) in (")", "]", "}") and self.partner[i] < i else i - 1
        return i + 1

    def status(self, i):
        end = self.end_of_statement(i)
        if self.word(i + 1) != "SPIRAL_OK":
            value = self.text[self.tokens[i + 1].start:self.tokens[end - 1].end]
            self.add("status", i + 1, end - 1, f"(({value}), SPIRAL_OK)")

    def call(self, i):
        closed = self.partner[i + 1]
        first = i - 3 if [self.word(j) for j in (i - 3, i - 2, i - 1)] == ["(", "void", ")"] else i
        if (self.word(closed + 1) == ";" and self.in_statements and not FREES.fullmatch(self.word(i))
                and self.begins_statement(first)):
            self.add("call", first, closed, "")
        starts = [i + 2]
        j = i + 2
        while j < closed:
            if self.word(j) in ("(", "[", "{"):
                j = self.partner[j]
            elif self.word(j) == ",":
                starts.append(j + 1)
            j += 1
        for one, two, behind in zip(starts, starts[1:], starts[2:] + [closed + 1]):
            a = self.text[self.tokens[one].start:self.tokens[two - 2].end]
            b = self.text[self.tokens[two].start:self.tokens[behind - 2].end]
            if a != b:
                between = self.text[self.tokens[two - 2].end:self.tokens[two].start]
                self.add("arguments", one, behind - 2, b + between + a)

    def begins_statement(self, i):
        before = self.word(i - 1)
        if before == ")":
            return self.word(self.partner[i - 1] - 1) in ("if", "for", "while")
        return before in (";", "{", "}", "else", "do") or (before == ":" and self.in_statements and self.word(i - 2) != "?"
                                                           and self.is_label(i - 1))

    def is_label(self, colon):
        i = self.statement_before(colon)
        return self.word(i) in ("case", "default") or colon == i + 1


def mutations_of(text):
    return Source(text).mutations()


def mutate(text, mutation):
    return text[:mutation.start] + mutation.replacement + text[mutation.end:]


def rank(seed, file, mutation):
    key = "\0".join((str(seed), file, mutation.function, mutation.before, mutation.after))
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def shares(weights, total):
    """total cut in proportion to the weights, by largest remainders."""
    everything = sum(weights.values())
    exact = {name: total * weight / everything for name, weight in weights.items()}
    parts = {name: int(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda n: (parts[n] - exact[n], n))[:total - sum(parts.values())]:
        parts[name] += 1
    return parts
