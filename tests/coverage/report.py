"""Lines and branches of src/ that the tests have run, from what gcov (gcc's) has counted in build folders.

    report.py [--by-file] [--lines WHERE] [--branches WHERE] ROOT BUILD...

Prints a table by room, and holds the lines that have not run against tests/UNCOVERED.md, in which every one of them stands with its
reason. Exits 1 when a line is in one of both alone, or when less is covered than is to be.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

APART = "figure"  # a room whose figures are shown, and not held against what is to be reached
LEAST_BRANCHES = 95.0
ROW = re.compile(r"^\| `(?P<file>[^`]*)` \| `(?P<function>[^`]*)` \| `` ?(?P<line>.*?) ?`` \| (?P<reason>.+) \|$")
NOT_COMPILED = "(not compiled)"
INEXACT = "net/layer_fused.c"  # its threads disturb each other's counts (src/net/CMakeLists.txt): a line may seem to have run


class Line:
    """What was counted for one line, added up over all programs it is compiled into."""

    def __init__(self):
        self.count = 0
        self.branches = []
        self.function = ""

    def add(self, found):
        self.count += found["count"]
        self.function = self.function or found.get("function_name", "")
        counts = [branch["count"] for branch in found["branches"]]
        self.branches += [0] * (len(counts) - len(self.branches))
        for i, count in enumerate(counts):
            self.branches[i] += count


def gcov(build):
    """The JSON documents for every object of a build folder; those no program has run count 0 throughout."""
    notes = sorted(build.rglob("*.gcno"))
    for start in range(0, len(notes), 50):
        command = ["gcov", "--json-format", "--branch-probabilities", "--stdout",
                   *(str(note.relative_to(build)) for note in notes[start:start + 50])]
        run = subprocess.run(command, cwd=build, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"scripts/coverage: gcov ended with {run.returncode}: {run.stderr[-2000:]}")
        for document in run.stdout.splitlines():
            if document.startswith("{"):
                yield json.loads(document)


def count(source, builds):
    """{path below source: {line number: Line}}, and the names of the compiled files without lines, which are tables."""
    files, tables = collections.defaultdict(lambda: collections.defaultdict(Line)), set()
    for build in builds:
        for document in gcov(build):
            if not document["files"]:
                tables.add(pathlib.Path(document["data_file"]).name[:-len(".gcno")])
            folder = pathlib.Path(document["current_working_directory"])
            for found in document["files"]:
                path = (folder / found["file"]).resolve()
                if source in path.parents:
                    lines = files[path.relative_to(source).as_posix()]
                    for line in found["lines"]:
                        lines[line["line_number"]].add(line)
    return files, tables


def read_page(page):
    """{(file, function, line's text): reason}"""
    rows, wrong = {}, []
    for number, text in enumerate(page.read_text().splitlines(), 1):
        match = ROW.match(text)
        if match:
            rows[match["file"], match["function"], match["line"].replace("\\|", "|")] = match["reason"]
        elif text.startswith("| `"):
            wrong.append(f"{page.name}:{number}: not a row of four columns, as the others are: {text}")
    return rows, wrong


class Texts:
    """Lines of the sources, as they stand there."""

    def __init__(self, source):
        self.source = source
        self.files = {}

    def __call__(self, file, number):
        if file not in self.files:
            self.files[file] = self.source.joinpath(file).read_text().splitlines()
        return self.files[file][number - 1].strip()


def not_run(source, files, tables):
    """[(file, number, function, text)]: lines, and whole files that no build has compiled."""
    texts = Texts(source)
    lines = [(file, number, line.function, texts(file, number))
             for file in sorted(files) for number, line in sorted(files[file].items()) if line.count == 0]
    compiled = set(files)
    lines += [(path.relative_to(source).as_posix(), 0, "", NOT_COMPILED) for path in sorted(source.rglob("*.c"))
              if path.relative_to(source).as_posix() not in compiled and path.name not in tables
              and path.read_text().strip()]
    return [line for line in lines if room_of(line[0]) != APART]


def compare(source, files, tables, page):
    """What is wrong with the page, or with the tests."""
    rows, wrong = read_page(page)
    missing = not_run(source, files, tables)
    places = {(file, function, text) for file, _, function, text in missing}
    for file, number, function, text in missing:
        if (file, function, text) not in rows:
            wrong.append(f"src/{file}:{number}: {function}: has not run, and is not in tests/{page.name}: {text}")
    for row in rows:
        if row not in places and row[0] != INEXACT:
            wrong.append(f"tests/{page.name}: {row[0]}: {row[1]}: has run, or is not there: {row[2]}")
    return wrong, len(missing)


def room_of(file):
    return file.split("/")[0]


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


class Sums:
    def __init__(self):
        self.lines = self.lines_run = self.branches = self.branches_run = 0

    def add(self, line):
        self.lines += 1
        self.lines_run += line.count > 0
        self.branches += len(line.branches)
        self.branches_run += sum(count > 0 for count in line.branches)

    def row(self, name):
        def share(part, whole):
            return f"{part:6} of {whole:6} {int(100 * percent(part, whole)) / 100:7.2f} %"  # 99.996 is not 100
        return (f"{name:24} {share(self.lines_run, self.lines)}   "
                f"{share(self.branches_run, self.branches)}")


def print_table(files, by_file):
    rooms, total = collections.defaultdict(Sums), Sums()
    for file in sorted(files):
        for line in files[file].values():
            rooms[room_of(file)].add(line)
            if by_file:
                rooms[file].add(line)
            if room_of(file) != APART:
                total.add(line)
    print(f"{'':24} {'lines':^25}   {'branches':^25}")
    for name in sorted(rooms, key=lambda name: (room_of(name) == APART, name)):
        if room_of(name) != APART:
            print(rooms[name].row(name))
    print(total.row("in all"))
    print(rooms[APART].row(f"{APART} (apart)"))
    return total


def print_places(source, files, where, wanted):
    """The lines of which wanted(line) is not the empty text, with it."""
    texts = Texts(source)
    for file in sorted(files):
        if file.startswith(where):
            for number, line in sorted(files[file].items()):
                if wanted(line):
                    print(f"{file}:{number}: {line.function}: {wanted(line)}: {texts(file, number)}")


def untaken(line):
    missing = [str(i) for i, count in enumerate(line.branches) if count == 0]
    return f"of {len(line.branches)} branches not {','.join(missing)}" if line.count > 0 and missing else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("builds", type=pathlib.Path, nargs="+")
    parser.add_argument("--branches")
    parser.add_argument("--lines")
    parser.add_argument("--by-file", action="store_true")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    source, page = root / "src", root / "tests" / "UNCOVERED.md"
    files, tables = count(source, [build.resolve() for build in arguments.builds])
    if not any(line.count for lines in files.values() for line in lines.values()):
        sys.exit("scripts/coverage: nothing was counted: run it without --report")
    if arguments.lines is not None:
        print_places(source, files, arguments.lines, lambda line: "has not run" if line.count == 0 else "")
    if arguments.branches is not None:
        print_places(source, files, arguments.branches, untaken)
    total = print_table(files, arguments.by_file)
    wrong, missing = compare(source, files, tables, page)
    if percent(total.branches_run, total.branches) < LEAST_BRANCHES:
        wrong.append(f"fewer than {LEAST_BRANCHES:g} % of the branches were taken")
    for line in wrong:
        print(f"WRONG: {line}")
    print(f"{missing} lines and files have not run; tests/{page.name} says why")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
