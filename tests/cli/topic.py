"""The form of the command line's tests, which tests/cli/run describes."""

import re

STREAMS = {">": "stdout", "2>": "stderr"}
EXPECTED = re.compile(r"(2?>)(~ | |\.\.\.$|\\$|$)(.*)")


class Malformed(Exception):
    pass


class Case:
    def __init__(self, name):
        self.name = name
        self.lines = []  # as they are in the file, from the one behind its name on
        self.command = []
        self.check = []
        self.exit = 0
        self.changes = None
        self.expected = {"stdout": [], "stderr": []}  # ["", text] a line, ["~", pattern], ["...", ""], ["\\", ""]

    def take(self, line):
        self.lines.append(line)
        expected = EXPECTED.fullmatch(line)
        if line.startswith("$ ") or line == "$":
            self.command.append(line[2:])
        elif expected:
            stream, kind, text = expected.groups()
            self.expected[STREAMS[stream]].append([kind.strip(), text])
        elif line.startswith("? ") or line == "?":
            self.check.append(line[2:])
        elif re.fullmatch(r"exit \d+", line):
            self.exit = int(line[5:])
        elif line.startswith("changes "):
            self.changes = line[8:]
        elif line and not line.startswith("#"):
            raise Malformed(f"{self.name}: is {line!r}, expected a line that begins with $, >, 2>, ?, exit, changes or #")


def read_topic(path):
    """The lines before the first case, and the cases."""
    head, cases = [], []
    for line in path.read_text("utf-8").split("\n"):
        if line.startswith("== "):
            cases.append(Case(line[3:]))
        elif cases:
            cases[-1].take(line)
        elif line and not line.startswith("#"):
            raise Malformed(f"{path.name}: is {line!r} before the first case")
        else:
            head.append(line)
    names = [case.name for case in cases]
    for name in names:
        if not re.fullmatch(r"[a-z0-9_]+", name) or names.count(name) > 1:
            raise Malformed(f"{path.name}: a case is called {name!r}, expected a name of its own of small letters, digits and _")
    return head, cases
