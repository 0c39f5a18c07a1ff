"""What the Python tests share: running the program in a scratch folder and reading what it wrote.

ctest sets SPIRAL, the program's path; by hand: SPIRAL=build/spiral python3 tests/reference/test_twin.py
"""

import csv
import json
import os
import pathlib
import pty
import resource
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("SPIRAL_TEST_SECONDS", "200"))  # for each call, more under an emulator
SPIRAL = os.path.abspath(os.environ.get("SPIRAL", ROOT / "build" / "spiral"))

# Data and networks of all kinds, on numbers of rows that nothing divides.
SHAPES = {
    "wide": ["--shape", "blobs", "--dimensions", 784, "--points-per-class", 233, "--hidden", 256, "--lr", 0.01],
    "thin": ["--points-per-class", 601, "--hidden", 9],
    "deep": ["--points-per-class", 301, "--hidden", "30,20,10,5"],
    "many classes": ["--shape", "blobs", "--classes", 100, "--points-per-class", 13, "--hidden", 100],
    "many units": ["--points-per-class", 401, "--hidden", 1000],
    "linear and wide": ["--shape", "blobs", "--dimensions", 100, "--classes", 10, "--points-per-class", 61, "--model", "linear"],
}


def read_log(path):
    """loss.csv as {iteration: {column: number}}."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return {int(row["iteration"]): row for row in rows}


def published_table():
    """{(model, iteration or "accuracy"): the text printed in the notes}."""
    with open(ROOT / "data" / "published-table.csv", newline="", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {(row["model"], row["iteration"] if row["iteration"] == "accuracy" else int(row["iteration"])):
                row["published"] for row in rows}


def limit_memory(kilobytes):
    """For a program about to start: these addresses and no more; None: as many as there are. A sanitizer takes terabytes, and is
    left alone."""
    if kilobytes is not None and "SPIRAL_SANITIZED" not in os.environ:
        resource.setrlimit(resource.RLIMIT_AS, (kilobytes * 1024, kilobytes * 1024))


# What bash reads before the script $SIGNAL_TO when BASH_ENV names it: SIGTERM comes before the $SIGNAL_BEFORE'th command of the
# script's own shell, its first trap being the first. The commands are written into the file commands.
SIGNAL_BEFORE_A_COMMAND = """
if [ "$0" = "$SIGNAL_TO" ]; then
    set -T
    trap 'if [ $BASHPID = $$ ] && { [ -e commands ] || [[ $BASH_COMMAND = trap* ]]; }; then
              echo "$BASH_COMMAND" >>commands
              [ $(wc -l <commands) != $SIGNAL_BEFORE ] || kill -TERM $$
          fi' DEBUG
fi
"""


def skip_without_terminals():
    """Raises SkipTest where no pseudo-terminal can be made: containers may have no /dev/pts."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        raise unittest.SkipTest(f"no pseudo-terminal (/dev/pts): {error}") from None


# What a run took is measured, not computed; and the number of threads is a setting like others.
MEASURED = ("seconds", "threads", "wall")


def without_measured(value):
    """A summary without what is measured."""
    if isinstance(value, dict):
        return {name: without_measured(part) for name, part in value.items()
                if not any(word in name for word in MEASURED)}
    return [without_measured(part) for part in value] if isinstance(value, list) else value


def comparable(path: pathlib.Path):
    """A file's content, the measured columns and fields left out."""
    if path.name == "loss.csv":
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        assert header.endswith(",seconds")
        return [line.rpartition(",")[0] for line in lines]
    if path.name == "loss.jsonl":
        return [without_measured(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.name == "summary.json":
        return without_measured(json.loads(path.read_text(encoding="utf-8")))
    return path.read_bytes()


class SpiralTest(unittest.TestCase):
    """Each test starts in an empty folder of its own, self.folder."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spiral-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def spiral(self, *arguments, text=None, code=0, folder=None):
        """Runs the program in self.folder, checks its exit code, and gives back what it printed on stdout; what it
        printed on stderr is left in self.messages."""
        command = [SPIRAL, *map(str, arguments)]
        done = subprocess.run(command, cwd=folder or self.folder, input=text, capture_output=True, text=True,
                              encoding="utf-8", check=False, timeout=SECONDS)
        self.messages = done.stderr
        self.assertEqual(done.returncode, code, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout
