"""Mutants of src/: chooses them, runs the tests on each until one is red, and says which survived. Called by scripts/mutants.

    run.py [--seed S] [--count N] [--jobs J] [--list] ROOT BUILD WORK [NUMBER...] [-- CTEST-OPTION...]
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import time

from builds import MARK, Build, Tree
from mutations import Mutation, mutate, mutations_of, rank, shares

PAGE = "tests/MUTANTS.md"
ROW = re.compile(r"^\| `(?P<file>[^`]*)` \| `(?P<function>[^`]*)` \| `` ?(?P<before>.*?) ?`` \| `` ?(?P<after>.*?) ?`` \| (?P<reason>.+) \|$")
# A program of the build writes the pages from these; the tests compare what it wrote, and don't run it.
APART = "cli/reference/"
# What each kind gets of a room, whatever their numbers: there are five pairs of arguments for one break.
WEIGHTS = {"relation": 5, "constant": 4, "arithmetic": 4, "logic": 3, "check": 3, "call": 3, "arguments": 2, "status": 2, "jump": 1}
# Tests that run no code of src/, or only as others do, but for longer.
LEFT_OUT = "^(architecture|format|results|hardening|documents_(pages|ci|install|version)|(scripts|clusters)_.*|pages_(run|explanation)|cli_run)$"


class Mutant:
    def __init__(self, file, mutation, objects=None):
        self.file, self.mutation = file, mutation
        self.key = (file, mutation.function, mutation.before, mutation.after)
        self.objects = objects or {}  # object of the build: the file of the mutant's
        self.found, self.mark = None, None

    def __str__(self):
        return f"{self.file}:{self.mutation.line}: {self.mutation.function}: {self.mutation.kind}\n" \
               f"    - {self.mutation.before}\n    + {self.mutation.after}"

    def row(self):
        cells = [f"`{self.file}`", f"`{self.mutation.function}`",
                 *("`` " + text.replace("|", "\\|") + " ``" for text in (self.mutation.before, self.mutation.after))]
        return f"| {' | '.join(cells)} | REASON |"


def read_page(path):
    rows, wrong = {}, []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else [], 1):
        match = ROW.match(text)
        if match:
            key = (match["file"], match["function"], *(match[name].replace("\\|", "|") for name in ("before", "after")))
            rows[key] = match["reason"]
        elif text.startswith("| `"):
            wrong.append(f"{path.name}:{number}: not a row of five columns, as the others are: {text}")
    return rows, wrong


class Run:
    def __init__(self, options):
        self.options = options
        self.root, self.work = options.root, options.work
        self.build = Build(options.build, self.root)
        self.text = {file: (self.root / "src" / file).read_text(encoding="utf-8") for file in sorted(self.build.objects)
                     if not file.startswith(APART) and self.build.own_objects(file)}
        self.pool = concurrent.futures.ThreadPoolExecutor(options.jobs)

    # ---- choosing --------------------------------------------------------------------------------------------------------

    def ranked(self):
        """{room: its mutants, those that are chosen first at the front}"""
        kinds = collections.defaultdict(list)
        for file, text in self.text.items():
            for mutation in mutations_of(text):
                kinds[file.split("/")[0], mutation.kind].append((rank(self.options.seed, file, mutation), file, mutation))
        rooms = collections.defaultdict(list)
        for (room, kind), found in kinds.items():
            found.sort(key=lambda entry: entry[0])
            rooms[room] += [((i + 0.5) / WEIGHTS[kind], *entry) for i, entry in enumerate(found)]
        return {room: [Mutant(file, mutation) for _, _, file, mutation in sorted(found, key=lambda entry: entry[:2])]
                for room, found in rooms.items()}

    def compile_original(self, file):
        """{object: the object}, of the source as it is, for comparison"""
        made = {}
        for target in self.build.own_objects(file):
            made[target] = self.work / "originals" / target
            if not self.build.compile(target, self.text[file], made[target]):
                raise SystemExit(f"scripts/mutants: src/{file} does not compile as it is")
        return made

    def is_other(self, mutant, original):
        """Compiles it: does it compile, to other code than the source's?"""
        name = hashlib.sha256("\0".join(mutant.key).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        text = mutate(self.text[mutant.file], mutant.mutation)
        for target in original:
            output = self.work / "objects" / name / target
            if not self.build.compile(target, text, output):
                return False
            mutant.objects[target] = str(output)
        return any(pathlib.Path(file).read_bytes() != original[target].read_bytes() for target, file in mutant.objects.items())

    def choose(self):
        """The mutants in the sources' order: as many in each room as it has lines, all that compile to other code."""
        kept = self.work / "chosen.json"
        made_of = [self.options.seed, self.options.count, self.text, [command for _, command, _ in self.build.compiles.values()],
                   [path.read_text() for path in [*self.root.glob("src/**/*.h"), *self.root.glob("include/**/*.h")]],
                   pathlib.Path(__file__).with_name("mutations.py").read_text()]
        state = hashlib.sha256(json.dumps(made_of).encode("utf-8", "surrogateescape")).hexdigest()
        if kept.exists():
            last = json.loads(kept.read_text())
            if last["state"] == state:
                return [Mutant(file, Mutation(*mutation), objects) for file, mutation, objects in last["mutants"]]
        kept.unlink(missing_ok=True)
        chosen = self.choose_anew()
        kept.write_text(json.dumps({"state": state, "mutants": [(m.file, m.mutation, m.objects) for m in chosen]}))
        return chosen

    def choose_anew(self):
        shutil.rmtree(self.work / "objects", ignore_errors=True)
        lines = collections.Counter()
        for file, text in self.text.items():
            lines[file.split("/")[0]] += text.count("\n")
        ranked, wanted = self.ranked(), shares(lines, self.options.count)
        originals, chosen = {}, []
        while any(wanted[room] > 0 and ranked[room] for room in wanted):
            batch = [ranked[room].pop(0) for room in wanted for _ in range(min(wanted[room], len(ranked[room])))]
            files = sorted({mutant.file for mutant in batch} - set(originals))
            originals.update(zip(files, self.pool.map(self.compile_original, files)))
            for mutant, other in zip(batch, self.pool.map(lambda m: self.is_other(m, originals[m.file]), batch)):
                if other:
                    chosen.append(mutant)
                    wanted[mutant.file.split("/")[0]] -= 1
        return sorted(chosen, key=lambda m: (m.file, m.mutation.start, m.mutation.end, m.mutation.after))

    # ---- which tests -----------------------------------------------------------------------------------------------------

    def mark(self, mutants):
        """A tree whose programs record which mutants' blocks they run."""
        tree = Tree(self.build, self.work / "marked")
        blocks, by_file = {}, collections.defaultdict(list)
        for mutant in mutants:
            place = (mutant.file, mutant.mutation.block)
            mutant.mark = blocks.setdefault(place, len(blocks))
        for (file, block), number in blocks.items():
            by_file[file].append((block, number))

        def compile_marked(task):
            file, target = task
            text = self.text[file]
            for block, number in sorted(by_file[file], reverse=True):
                text = f"{text[:block]} mutants_reached[{number}] = 1; {text[block:]}"
            output = self.work / "marks" / target
            if not self.build.compile(target, text, output, ["-include", str(self.work / "mark.h"), "-Wno-error"]):
                raise SystemExit(f"scripts/mutants: src/{file} does not compile with marks")
            return target, output

        (self.work / "mark.h").write_text(MARK)
        runtime = self.work / "marks.o"
        subprocess.run(["cc", "-O1", "-fPIC", "-c", pathlib.Path(__file__).with_name("marks.c"), "-o", runtime], check=True)
        tree.extra = f" '{runtime}'" if "'" not in str(runtime) else f' "{runtime}"'
        tasks = [(file, target) for file in by_file for target in self.build.objects[file] if "spiral_reference.dir" not in target]
        tree.replace(dict(self.pool.map(compile_marked, tasks)))
        return tree

    def measure(self, mutants):
        """The tests that are green, each with its seconds and the marks it reaches."""
        tests = self.build.tests(self.options.ctest or ["-E", LEFT_OUT])
        tree = self.mark(mutants)
        for target in sorted({target for test in tests for target in test.uses(self.build)}):
            tree.link(target)
        trees = queue.SimpleQueue()
        trees.put(tree)
        for number in range(1, self.options.jobs):
            trees.put(Tree(self.build, self.work / f"marked-{number}", tree.folder))

        def run(test):
            here = trees.get()
            marks = here.folder / "marks"
            marks.write_bytes(bytes(65536))
            marks.chmod(0o666)
            green, test.seconds = here.run(test, MUTANTS_REACHED=str(marks))
            test.reached = frozenset(i for i, byte in enumerate(marks.read_bytes()) if byte)
            trees.put(here)
            return test, green

        measured = list(self.pool.map(run, tests))
        plain = self.trees[0]
        red = []
        for test in (test for test, green in measured if not green):
            test.seconds = None
            green, test.seconds = plain.run(test)
            if not green:
                red.append(test)
        if red:
            print(f"red without a mutant, and not used: {' '.join(test.name for test in red)}", flush=True)
        return [test for test in tests if test not in red]

    # ---- running ---------------------------------------------------------------------------------------------------------

    def order(self, mutant, tests):
        """The tests that reach it: those called after its file or its folder first, then the short ones that reach little else."""
        path = pathlib.Path(mutant.file)
        words = "|".join({path.stem, *path.parts[1:-1]} | ({"sweep"} & set(path.parts)))
        named = re.compile(rf"_({words})(_|$)")
        reaching = [test for test in tests if mutant.mark in test.reached]
        return sorted(reaching, key=lambda test: (not named.search(test.name) or test.seconds > 5,
                                                  test.seconds * (3 + len(test.reached)), test.name))

    def try_mutant(self, mutant, tests):
        """Sets found to the test that is red, when there is one."""
        tree = self.free_trees.get()
        try:
            text, objects = mutate(self.text[mutant.file], mutant.mutation), dict(mutant.objects)
            for target in self.build.objects[mutant.file]:
                if target not in objects and "spiral_reference.dir" not in target:
                    output = self.work / f"other-{tree.folder.name}" / target
                    if self.build.compile(target, text, output):
                        objects[target] = output
            tree.replace(objects)
            for test in self.order(mutant, tests):
                for target in test.uses(self.build):
                    tree.link(target)
                if not tree.run(test)[0]:
                    mutant.found = test.name
                    break
        finally:
            tree.restore()
            self.free_trees.put(tree)
        return mutant

    def main(self):
        options = self.options
        rows, wrong = read_page(self.root / PAGE)
        chosen = self.choose()
        numbered = list(enumerate(chosen, 1))
        if options.list:
            for number, mutant in numbered:
                print(number, mutant)
            return 0
        if options.numbers:
            if max(options.numbers) > len(chosen):
                raise SystemExit(f"scripts/mutants: there are {len(chosen)} mutants, and no {max(options.numbers)}")
            numbered = [entry for entry in numbered if entry[0] in options.numbers]
        else:
            listed = [mutant for mutant in chosen if mutant.key in rows]
            numbered = [entry for entry in numbered if entry[1].key not in rows]
        number_of = {mutant: number for number, mutant in numbered}
        self.trees = [Tree(self.build, self.work / f"tree-{number}") for number in range(options.jobs)]
        self.free_trees = queue.SimpleQueue()
        for tree in self.trees:
            self.free_trees.put(tree)
        start = time.monotonic()
        tests = self.measure([mutant for _, mutant in numbered])
        print(f"{len(tests)} tests in {time.monotonic() - start:.0f} s; {len(numbered)} mutants to find", flush=True)

        survivors = []
        for mutant in self.pool.map(lambda entry: self.try_mutant(entry[1], tests), numbered):
            if mutant.found is None:
                survivors.append(mutant)
                reached = any(mutant.mark in test.reached for test in tests)
                print(f"SURVIVED{'' if reached else ', not reached by any test'}: {number_of[mutant]} {mutant}\n{mutant.row()}",
                      flush=True)
            else:
                print(f"{number_of[mutant]} {mutant.file}:{mutant.mutation.line}: found by {mutant.found}", flush=True)
        if options.numbers:
            return 1 if survivors else 0
        made = {(file, m.function, m.before, m.after) for file, text in self.text.items() for m in mutations_of(text)}
        wrong += [f"{PAGE}: no mutant of the source is this one: {' | '.join(key)}" for key in rows if key not in made]
        for text in wrong:
            print(text)
        print(f"{len(chosen)} mutants, {len(chosen) - len(listed) - len(survivors)} found, {len(listed) + len(survivors)} survived "
              + (f"({len(survivors)} of them not in {PAGE})" if survivors else f"(each in {PAGE})"))
        return 1 if survivors or wrong else 0


def main():
    arguments, ctest = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, ctest = arguments[:at], arguments[at + 1:]
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true")
    for name in ("root", "build", "work"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("numbers", type=int, nargs="*")
    options = parser.parse_args(arguments)
    options.ctest = ctest
    return Run(options).main()


if __name__ == "__main__":
    sys.exit(main())
