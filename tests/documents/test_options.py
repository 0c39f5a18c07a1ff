"""The man page and the pages name the options that the program has, and no others."""

import functools
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SPIRAL  # noqa: E402

COMMANDS = ("generate", "train", "sweep", "predict", "plot", "check", "gradcheck", "explain")
MAN = ROOT / "src" / "cli" / "spiral.1"
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
OPTIONS = ROOT / "docs" / "options.md"
# A long option, not inside a word or a longer run of dashes (a table's ruler).
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*)")
# Options of other programs and of the scripts that the pages use, and of spiral itself.
OF_OTHERS = {"build", "install", "prefix", "cflags", "libs", "preset", "quick", "argjson", "arg", "out", "parallel",
             "help", "version", "test-dir", "deep", "array", "cpus-per-task", "time", "hosts", "shards",
             "copies", "update", "on", "as-user", "without-sys", "without-pts"}


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


def man_section(command):
    """The part of the man page on one command, and the part on options that several share."""
    text = MAN.read_text(encoding="utf-8")
    text = text.replace("\\-", "-").replace("Fl -", "--")
    own = re.search(rf"^\.Ss spiral {command}\b.*?(?=^\.S[sh] )", text, re.MULTILINE | re.DOTALL)
    shared = re.search(r"^\.Ss Data and model options.*?(?=^\.S[sh] )", text, re.MULTILINE | re.DOTALL)
    together = shared.group(0)
    if command == "sweep":  # it has train's as well
        together += re.search(r"^\.Ss spiral train\b.*?(?=^\.S[sh] )", text, re.MULTILINE | re.DOTALL).group(0)
    return own.group(0), together


class Options(unittest.TestCase):
    def test_every_command_has_options(self):
        for command in COMMANDS:
            self.assertIn("help", options_of(command), command)
            self.assertGreater(len(options_of(command)), 4, command)

    def test_the_man_page_names_every_option_of_every_command(self):
        for command in COMMANDS:
            own, shared = man_section(command)
            named = set(OPTION.findall(own)) | set(OPTION.findall(shared)) | {"help", "version"}
            self.assertEqual(options_of(command) - named, set(), f"not in the man page, under {command}")

    def test_the_man_page_names_no_option_that_is_not_there(self):
        everything = set.union(*map(options_of, COMMANDS)) | {"version"}
        for command in COMMANDS:
            own, shared = man_section(command)
            self.assertEqual(set(OPTION.findall(own)) - options_of(command) - {"help"}, set(), command)
            self.assertEqual(set(OPTION.findall(shared)) - everything, set(), "shared options")

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
        man = " ".join(MAN.read_text(encoding="utf-8").split())
        page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
        for code, sentence in codes:
            self.assertIn(f".It {code} {sentence[0].upper()}{sentence[1:]}".replace("--", "\\-\\-"), man)
            self.assertIn(f"| {code} | {sentence}", page.replace("`", ""))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_the_man_page_is_clean_to_mandoc(self):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(MAN)], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_man_page_is_clean_to_groff(self):
        done = subprocess.run(["groff", "-man", "-mdoc", "-ww", "-b", "-z", "-T", "utf8", str(MAN)],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
