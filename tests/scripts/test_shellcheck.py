"""shellcheck finds nothing in any shell script of the project."""

import re
import shutil
import subprocess
import sys
import pathlib
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT  # noqa: E402
sys.path.insert(0, str(ROOT / "tests" / "cli"))
from topic import read_topic  # noqa: E402

FOLDERS = (".ci", "data", "scripts", "src", "tests")  # not what is built
SHELL = re.compile(rb"#!.*\b(ba|da)?sh\b|# shellcheck shell=")


def scripts():
    """The files whose first line says that they are shell."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if "corpus" not in path.parts and path.is_file():
                with open(path, "rb") as file:
                    if SHELL.match(file.readline()):
                        found.append(path)
    return found


@unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
class Shellcheck(unittest.TestCase):
    def check(self, *arguments):
        done = subprocess.run(["shellcheck", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=200)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_scripts(self):
        found = scripts()
        names = {path.name for path in found}
        for name in ("run", "demo", "test", "bench", "fuzz", "coverage", "animate", "sweep-parallel", "sweep.sbatch",
                     "sweep-learning-rate", "packages.sh", "root.sh", "valgrind", "statements", "slurm-loopback"):
            self.assertIn(name, names)
        self.check("--external-sources", *found)

    def test_the_cases_of_the_command_line_have_no_errors(self):
        texts = [text for path in (ROOT / "tests" / "cli").glob("*.test") for case in read_topic(path)[1]
                 for text in (case.command, case.check) if text]
        self.assertGreater(len(texts), 300)
        with tempfile.TemporaryDirectory() as folder:
            for number, text in enumerate(texts):
                pathlib.Path(folder, str(number)).write_text("\n".join(text) + "\n", "utf-8", "surrogateescape")
            self.check("--shell=bash", "--severity=error", *sorted(pathlib.Path(folder).iterdir()))


if __name__ == "__main__":
    unittest.main()
