"""shellcheck finds nothing in any shell script of the project."""

import re
import shutil
import subprocess
import sys
import pathlib
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT  # noqa: E402

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
                     "sweep-learning-rate", "packages.sh", "root.sh", "valgrind", "statements", "refusal", "slurm-loopback"):
            self.assertIn(name, names)
        self.check("--external-sources", *found)

    def test_the_cases_of_the_command_line_have_no_errors(self):
        cases = sorted(path for name in ("command", "check") for path in (ROOT / "tests" / "cli" / "cases").glob(f"*/{name}"))
        self.assertGreater(len(cases), 300)
        self.check("--shell=bash", "--severity=error", *cases)


if __name__ == "__main__":
    unittest.main()
