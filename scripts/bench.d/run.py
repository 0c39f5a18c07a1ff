"""Runs the parts of the bench, prints their tables, and after a whole run writes them into docs/speed.md. Called by
scripts/bench, which says what the options are. A part is a module part_NAME.py with a function measure(bench) that
gives back Markdown."""

import argparse
import importlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import table
import tools

PARTS = ("train", "files", "figures", "memory", "sweep")


class Bench:
    """What the parts need to know."""

    def __init__(self, options, folder):
        self.quick = options.quick
        self.rounds = options.rounds or (2 if options.quick else 5)
        self.seconds = 0.01 if options.quick else 0.5  # that one measurement should take
        self.spiral, self.folder = pathlib.Path(options.spiral).resolve(), folder
        self.iris = pathlib.Path(options.page).resolve().parents[1] / "data" / "iris.csv"
        self.levels = [pathlib.Path(program).resolve() for program in options.level]
        self.started = time.monotonic()

    def say(self, text):
        print(f"[{time.monotonic() - self.started:4.0f} s] {text}", file=sys.stderr, flush=True)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        text = file.read()
    name = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.*)$", text, re.MULTILINE)
    vectors = [flag for flag in ("avx512f", "avx2") if flags and flag in flags.group(1).split()]
    return f"{name.group(1).strip() if name else 'unknown processor'}{' with ' + vectors[0] if vectors else ''}"


def machine(spiral, load):
    """One line of what was measured, and on what: no names of hosts, no paths."""
    from importlib.metadata import version
    built = subprocess.run([spiral, "--version"], capture_output=True, text=True, check=True).stdout
    core = os.environ.get("OPENBLAS_CORETYPE")
    libraries = ", ".join(f"{name} {version(package)}" for name, package in (
        ("NumPy", "numpy"), ("PyTorch", "torch"), ("scikit-learn", "scikit-learn"), ("pandas", "pandas"),
        ("matplotlib", "matplotlib")))
    return (f"On {len(os.sched_getaffinity(0))} cores of {processor()}; {' '.join(built.split())}"
            f"{f', OPENBLAS_CORETYPE={core} set for everyone' if core else ''}; {libraries}; "
            f"load {load:.1f} at the start.")


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--spiral", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--page", required=True)
    parser.add_argument("--level", action="append", default=[], help="a program of one level of the kernels")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=options.scratch))
    try:
        bench = Bench(options, folder)
        pieces = [machine(bench.spiral, load)]
        for name in options.parts or PARTS:
            pieces.append(importlib.import_module(f"part_{name}").measure(bench))
            print(pieces[-1] + "\n", flush=True)
    except (table.SameNumbersError, table.SlowError, tools.ToolError, ModuleNotFoundError) as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(pieces[0])
    begin = {(): table.BEGIN, ("levels",): table.BEGIN_COPIES}.get(tuple(options.parts))
    if not options.quick and begin is not None:
        page = pathlib.Path(options.page)
        text = table.replace_between(page.read_text(encoding="utf-8"), "\n\n".join(pieces), begin)
        page.write_text(text, encoding="utf-8")
        print("These tables are in docs/speed.md now.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
