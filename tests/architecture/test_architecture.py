"""The rooms of src/ hold to the table of docs/architecture.md: what they include, and what their object files call.

Needs the environment variable BUILD, the build folder; nm tells which object defines a name and which uses it.
"""

import collections
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in (ROOT / "src").rglob("*.[ch]"))
PAGE = ROOT / "docs" / "architecture.md"

# Files that alone may include a header of another project.
ALONE = {
    "cblas.h": ["base/linalg.c"],
    "pthread.h": ["base/parallel.c"],
    "mpi.h": ["base/ranks_mpi.c"],
    "zip.h": ["data/npz.c", "data/npz_writer.c"],
}

# What library code doesn't call: it prints nothing, ends nothing, and asks neither the environment nor the clock.
FORBIDDEN = {"printf", "puts", "putchar", "perror", "exit", "_exit", "abort", "getenv", "setlocale", "time", "clock", "gettimeofday"}


def room_of(path):
    """"net" of src/net/pass.c, "cli/train" of src/cli/train/run.c, "cli" of src/cli/main.c."""
    return str(pathlib.PurePath(path).relative_to(ROOT / "src").parent) if ROOT in path.parents else str(pathlib.PurePath(path).parent)


def table():
    """Room -> the rooms that it may include, from the page's table: | `net` | base, data |."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = re.fullmatch(r"\| `([a-z/]+)` \|([^|]*)\|.*", line)
        if cells:
            found[cells.group(1)] = set(re.findall(r"`([a-z/]+)`", cells.group(2)))
    return found


def public_headers():
    """Public header -> room, from the page: | `spiral/network.h` | `net` | ... |."""
    return dict(re.findall(r"^\| `(spiral/[a-z_]+\.h)` \| `([a-z]+)` \|", PAGE.read_text("utf-8"), re.M))


def includes(path, form='"'):
    end = {'"': '"', "<": ">"}[form]
    return re.findall(rf"^\s*#\s*include\s*{form}([^{end}]+){end}", path.read_text("utf-8"), re.M)


def objects():
    """(source below src/, object file) of all that is compiled; a source may be compiled several times."""
    source_root, found = ROOT / "src", []
    top = pathlib.Path(os.environ["BUILD"]) / "src"
    for path in top.rglob("*.c.o"):
        room, _, rest = str(path.relative_to(top)).partition("CMakeFiles/")
        source = room + rest.partition("/")[2][:-2]
        if (source_root / source).exists():  # else it is what an earlier build has left
            found.append((source, path))
    return found


def symbols():
    """Source -> (names it defines, names it uses)."""
    found = {}
    for source, path in objects():
        lines = subprocess.run(["nm", "-P", path], check=True, capture_output=True, text=True).stdout.splitlines()
        defined, used = found.setdefault(source, (set(), set()))
        for name, kind in (line.split()[:2] for line in lines):
            if kind in "TDRBVW":
                defined.add(name)
            elif kind in "Uw":
                used.add(name)
    return found


def calls():
    """Source -> source -> the names that the first takes from the second."""
    found = symbols()
    home = {name: source for source, (defined, _) in found.items() for name in defined}
    edges = collections.defaultdict(lambda: collections.defaultdict(set))
    for source, (_, used) in found.items():
        for name in used:
            if name in home and home[name] != source:
                edges[source][home[name]].add(name)
    return edges


def circles(edges):
    """The groups of sources that reach each other: Tarjan's strongly connected components of more than one."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for after in edges.get(node, ()):
            if after not in index:
                visit(after)
                low[node] = min(low[node], low[after])
            elif after in on_stack:
                low[node] = min(low[node], index[after])
        if low[node] == index[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
                on_stack.discard(group[-1])
            if len(group) > 1:
                found.append(sorted(group))

    for node in list(edges):
        if node not in index:
            visit(node)
    return found


class Architecture(unittest.TestCase):
    def test_every_room_is_in_the_table(self):
        rooms = {room_of(path) for path in SOURCES}
        self.assertEqual(rooms, set(table()))
        self.assertEqual(set(public_headers()), {f"spiral/{path.name}" for path in (ROOT / "include/spiral").glob("*.h")} - {"spiral/spiral.h"})

    def test_no_room_includes_what_the_table_forbids(self):
        allowed, public = table(), public_headers()
        for path in SOURCES:
            room = room_of(path)
            for header in includes(path):
                if header.startswith("spiral/"):
                    if not room.startswith("cli"):
                        self.assertNotEqual(header, "spiral/spiral.h", f"{path}: the library includes the headers that it needs")
                        self.assertIn(public[header], allowed[room] | {room}, f"{path} includes {header}")
                else:
                    self.assertIn(str(pathlib.PurePath(header).parent), allowed[room] | {room}, f"{path} includes {header}")

    def test_public_headers_go_the_same_way(self):
        allowed, public = table(), public_headers()
        for header, room in public.items():
            for other in includes(ROOT / "include" / header):
                self.assertIn(public[other], allowed[room] | {room}, f"{header} includes {other}")

    def test_no_object_calls_what_the_table_forbids(self):
        allowed = table()
        edges = calls()
        self.assertGreater(sum(len(targets) for targets in edges.values()), 200)
        for source, targets in edges.items():
            room = str(pathlib.PurePath(source).parent)
            for target, names in targets.items():
                other = str(pathlib.PurePath(target).parent)
                if not (room.startswith("cli") and not other.startswith("cli")):  # the program calls the library's public functions
                    self.assertIn(other, allowed[room] | {room}, f"{source} uses {sorted(names)} of {target}")

    def test_there_are_no_circles(self):
        edges = calls()
        self.assertEqual(circles(edges), [], "files that call each other")
        rooms = collections.defaultdict(set)
        for source, targets in edges.items():
            for target in targets:
                a, b = (pathlib.PurePath(path).parts[0] for path in (source, target))
                if a != b:
                    rooms[a].add(b)
        self.assertEqual(circles(rooms), [], "rooms that call each other")

    def test_a_large_command_has_one_entry(self):
        """What stands directly in src/cli knows of cli/train, cli/sweep and cli/explain the header of that name alone."""
        for path in (ROOT / "src/cli").glob("*.[ch]"):
            for header in includes(path):
                command = re.match(r"cli/(train|sweep|explain)/(.*)", header)
                if command:
                    self.assertEqual(f"{command.group(1)}.h", command.group(2), f"{path} includes {header}")

    def test_other_projects_are_behind_one_file_each(self):
        for path in SOURCES:
            name = str(path.relative_to(ROOT / "src"))
            for header in includes(path, "<"):
                self.assertIn(name, ALONE.get(header, [name]), f"{path} includes {header}")
                self.assertTrue(not header.startswith("stb/") or name.startswith("figure/"), f"{path} includes {header}")
                self.assertTrue(not header.startswith("cjson/") or name.startswith("cli/"), f"{path} includes {header}")

    def test_the_library_prints_and_ends_nothing(self):
        for source, (_, used) in symbols().items():
            if not source.startswith("cli/"):
                self.assertEqual({re.sub(r"^__|_chk$", "", name) for name in used} & FORBIDDEN, set(), source)

    def test_the_library_names_no_option(self):
        for path in SOURCES:
            if room_of(path).startswith("cli"):
                continue
            for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', path.read_text("utf-8")):
                self.assertNotRegex(text, r"(?<![\w-])--?[a-z][a-z-]+(?![\w>])", f"{path}: a message names an option")

    def test_every_file_of_src_is_in_the_map(self):
        text = PAGE.read_text("utf-8")
        for path in SOURCES:
            if path.suffix == ".c" or not path.with_suffix(".c").exists():
                self.assertIn(f"`{path.relative_to(ROOT / 'src')}`", text, "docs/architecture.md has a line for each file")

    def test_every_file_that_the_page_names_is_there(self):
        there = {str(path.relative_to(ROOT)) for folder in ("src", "include") for path in (ROOT / folder).rglob("*.*")}
        for name in re.findall(r"`([a-z0-9_/]+\.(?:c|h|js|in))`", PAGE.read_text("utf-8")):
            self.assertTrue(name in ALONE or any(f"/{path}".endswith(f"/{name}") for path in there), f"docs/architecture.md: {name}")


if __name__ == "__main__":
    unittest.main()
