"""Every test that tests/FAULTS.md names is there: the last column of a row says `FILE: NAME`. And every case of tests/cli that ends
with an error has a row, with its exit code and its message."""

import pathlib
import re
import sys
import unittest

from page import rows

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "cli"))
from topic import read_topic  # noqa: E402


class Page(unittest.TestCase):
    def test_every_test_named_exists(self):
        self.assertGreater(len(rows()), 100)
        for cells in rows():
            with self.subTest(cells):
                self.assertEqual(len(cells), 6)
                names = re.findall(r"`([^`]+)`", cells[-1])
                self.assertTrue(names)
                for name in names:
                    self.check(name)

    def test_every_case_that_fails_has_its_row(self):
        named = {}
        for row in rows():
            for name in re.findall(r"`cli/([^`]+)`", row[-1]):
                named.setdefault(name, []).append(row)
        failing = [(path.name, case) for path in (TESTS / "cli").glob("*.test") for case in read_topic(path)[1] if case.exit]
        self.assertGreater(len(failing), 200)
        for file, case in failing:
            name = f"{file}: {case.name}"
            with self.subTest(name):
                self.assertIn(name, named)
                for row in named[name]:
                    self.assertEqual(row[2], str(case.exit))
                    self.check_message(case, row[3])

    def check_message(self, case, message):
        """The page has the case's own text, without what every message begins with, or what that matches."""
        errors = [(kind, text.partition("spiral: error: ")[2]) for kind, text in case.expected["stderr"] if "spiral: error: " in text]
        self.assertTrue(any(error == message or kind == "~" and re.fullmatch(error, message) for kind, error in errors or [("", "")]),
                        errors)

    def check(self, name):
        file, found, test = name.partition(": ")
        self.assertTrue(found, name)
        text = (TESTS / file).read_text(encoding="utf-8")
        if file.endswith(".py"):
            self.assertTrue(f'"{test}": ' in text or f"def {test}(" in text, name)
        elif file.endswith(".test"):
            self.assertIn(f"\n== {test}\n", text)
        else:
            self.assertRegex(text, rf"(?<![\w]){re.escape(test)}(?![\w])")


if __name__ == "__main__":
    unittest.main()
