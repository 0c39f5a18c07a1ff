"""The man pages, the completions and the pages name the options that the program has, and no others."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL  # noqa: E402

COMMANDS = ("generate", "train", "sweep", "predict", "plot", "report", "check", "gradcheck", "explain")
MADE = pathlib.Path(os.environ.get("SPIRAL_BUILD", str(ROOT / "build"))) / "reference"
MAN = MADE / "spiral.1"
MANUAL = [MAN, *(MADE / f"spiral-{command}.1" for command in COMMANDS)]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
OPTIONS = ROOT / "docs" / "options.md"
# A long option, not inside a word or a longer run of dashes (a table's ruler).
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*)")
# Options of other programs and of the scripts that the pages use, and of spiral itself.
OF_OTHERS = {"build", "install", "prefix", "cflags", "libs", "preset", "quick", "argjson", "arg", "out", "parallel",
             "help", "version", "test-dir", "deep", "parts", "array", "cpus-per-task", "time", "signal", "hosts", "shards",
             "copies", "update", "target", "on", "as-user", "without-sys", "without-pts", "vision", "wrap",
             "minutes", "list"}


@functools.lru_cache(maxsize=None)
def program_help(*command):
    return subprocess.run([SPIRAL, *command, "--help"], check=True, capture_output=True, text=True,
                          encoding="utf-8").stdout


def options_of(command):
    """The options that lead a line of the command's help: '  -o, --output FILE', '      --learning-rate, --lr R'."""
    lines = re.findall(r"^ {2,8}(?:-\w, )?(--[a-z].*)$", program_help(command), re.MULTILINE)
    names = set()
    for line in lines:
        names.update(OPTION.findall(re.split(r"\s{2,}", line)[0]))
    return names


def man_page_options(command):
    """The long options that items of the command's own page are about."""
    text = (MADE / f"spiral-{command}.1").read_text(encoding="utf-8")
    return set(re.findall(r"\bFl -([a-z][a-z0-9-]*)", "\n".join(re.findall(r"^\.It .*$", text, re.MULTILINE))))


class Options(unittest.TestCase):
    def test_the_commands_are_those_of_the_help(self):
        listed = program_help().split("\nCommands:\n")[1].split("\n\n")[0]
        self.assertEqual(tuple(re.findall(r"^  (\w+)", listed, re.MULTILINE)), COMMANDS)

    def test_every_command_has_options(self):
        for command in COMMANDS:
            self.assertIn("help", options_of(command), command)
            self.assertGreater(len(options_of(command)), 3, command)

    def test_a_command_s_man_page_has_its_options_and_no_other(self):
        for command in COMMANDS:
            self.assertEqual(man_page_options(command), options_of(command), command)

    def test_the_page_of_the_options_is_what_the_program_has(self):
        self.assertEqual(OPTIONS.read_text(encoding="utf-8"), (MADE / "options.md").read_text(encoding="utf-8"),
                         "docs/options.md differs: cmake --build build --target spiral_options_page")

    def test_the_pages_name_every_option_in_the_tables_and_no_other(self):
        everything = set.union(*map(options_of, COMMANDS))
        lines = OPTIONS.read_text(encoding="utf-8").splitlines()
        tabled = set(OPTION.findall("\n".join(line for line in lines if line.startswith("|"))))
        self.assertEqual(everything - tabled - {"help", "version"}, set(), "not in a table of docs/options.md")
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            self.assertEqual(set(OPTION.findall(text)) - everything - OF_OTHERS, set(), f"in {page.name} alone")

    def test_the_exit_codes_are_the_same_in_the_help_the_man_page_and_the_pages(self):
        codes = re.findall(r"^  (\d)      ?(\S.*)$", program_help(), re.MULTILINE)
        self.assertEqual([int(code) for code, _ in codes], list(range(7)))
        man = " ".join(MAN.read_text(encoding="utf-8").replace("\\-", "-").split())
        page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
        for code, sentence in codes:
            self.assertIn(f".It {code} {sentence[0].upper()}{sentence[1:]}", man)
            self.assertIn(f"| {code} | {sentence}", page.replace("`", ""))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_the_man_pages_are_clean_to_mandoc(self):
        for page in MANUAL:
            done = subprocess.run(["mandoc", "-T", "lint", str(page)], capture_output=True, text=True, check=False)
            # What pages are installed is not the page's matter.
            lines = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
            self.assertEqual(lines, [], page.name)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_man_pages_are_clean_to_groff(self):
        for page in MANUAL:
            done = subprocess.run(["groff", "-man", "-mdoc", "-ww", "-b", "-z", "-T", "utf8", str(page)],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)


if __name__ == "__main__":
    unittest.main()
